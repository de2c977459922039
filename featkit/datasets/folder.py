"""A folder with one sub-folder per class."""

from pathlib import Path

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import audio_files, is_loop
from featkit.datasets.texts import is_utf8
from featkit.errors import DatasetError, listed

# Paths that mark a known corpus, and the names that load it with its folds.
KNOWN = {
    "meta/esc50.csv": ("esc50",),
    "metadata/UrbanSound8K.csv": ("urbansound8k",),
    "evaluation_setup/fold1_train.csv": ("tau2020_mobile", "tau2020_3class"),
    "Metadata_Train.csv": ("instruments",),
    "genres": ("gtzan",),
    "genres_original": ("gtzan",),
    "Data/genres_original": ("gtzan",),
    "recordings/0_jackson_0.wav": ("fsdd",),
}

NAMELESS = "files whose names are not UTF-8"


def load(root: str) -> Dataset:
    """Any folder with one sub-folder of recordings per class.

    The label is the sub-folder's name and the id the file's path relative to ``root``; folders
    inside a class are searched too. Hidden files and files that are not audio are ignored; files of
    any size are listed. What has a name that is not UTF-8 is left out, and a remark says so. There
    are no folds: evaluation draws them.

    Raises
    ------
    DatasetError
        If ``root`` holds no sub-folder, a sub-folder holds no audio, or the layout is that of a
        known corpus.
    """
    top = Path(root)
    if not top.is_dir():
        raise DatasetError(f"folder: {root!r} is not a folder")
    for marker, names in KNOWN.items():
        if (top / marker).exists():
            better = " or ".join(f"{name}:{root}" for name in names)
            raise DatasetError(
                f"{root!r} is a known corpus ({marker} is there); "
                f"write {better} to use its labels and folds"
            )
    folders = sorted(
        entry for entry in top.iterdir() if entry.is_dir() and not entry.name.startswith(".")
    )
    links = [entry.name for entry in folders if is_loop(entry, [top.resolve()])]
    classes = [entry for entry in folders if entry.name not in links]
    if not classes:
        loose = sum(1 for _ in audio_files(top))
        raise DatasetError(
            f"{root!r} has no sub-folder, so no classes; it holds {loose} audio files directly"
        )
    clips: list[Clip] = []
    nameless: list[str] = []
    for folder in classes:
        paths = list(audio_files(folder, True, (top.resolve(),)))
        if not paths:
            raise DatasetError(
                f"the class folder {str(folder)!r} holds no audio file; "
                "remove it, or add recordings"
            )
        for path in paths:
            name = path.relative_to(top).as_posix()
            if is_utf8(name):
                clips.append(Clip(name, str(path), folder.name))
            else:
                nameless.append(ascii(name))
    left_out = {"links to folders of the dataset itself": links, NAMELESS: nameless}
    remarks = [f"{what} are left out: {listed(some)}" for what, some in left_out.items() if some]
    return Dataset(top.resolve().name, tuple(clips), str(top), remarks=tuple(remarks))


corpus = registry.register(
    Corpus(
        load,
        {"description": "Recordings in one sub-folder per class; folds are drawn at evaluation."},
    )
)
