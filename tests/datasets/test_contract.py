"""From what a user writes to a dataset: names, folders, errors, and what the registry lists."""

from pathlib import Path

import pytest
from conftest import python

import featkit
from featkit.datasets import Clip, Corpus, Dataset, catalogue, counts, get_dataset, registry
from featkit.datasets.validation import validate
from featkit.errors import DatasetError, ParameterError


def classes_of(root, write, *paths):
    for path in paths:
        write(root / path)
    return root


def test_catalogue_names_and_describes_every_file_of_the_folder():
    listed = dict(catalogue())
    assert list(listed) == registry.names()
    assert {
        "esc50",
        "esc10",
        "folder",
        "table",
        "synthetic",
        "urbansound8k",
        "gtzan",
        "fsdd",
    } <= set(listed)
    assert "base" not in listed
    assert all(isinstance(registry.get(name), Corpus) for name in listed)
    assert all(text and len(text) < 120 for text in listed.values())
    assert len(set(listed.values())) == len(listed)


def test_listing_names_imports_no_corpus():
    code = (
        "import sys; from featkit.datasets import registry; registry.names(); "
        "print([m for m in sys.modules if 'esc50' in m])"
    )
    assert python(code)[:2] == (0, "[]\n")


def test_folder_labels_ids_and_order(tmp_path, write_wav):
    root = classes_of(
        tmp_path / "pets", write_wav, "dog/b.wav", "dog/a.WAV", "dog/deep/er/c.flac", "cat/x.ogg"
    )
    (root / "dog" / "notes.txt").write_text("no audio")
    (root / "dog" / ".hidden.wav").write_bytes(b"")
    (root / ".git").mkdir()
    (root / "cat" / "empty.wav").write_bytes(b"")
    dataset = get_dataset(root)
    assert [clip.id for clip in dataset.clips] == [
        "cat/empty.wav",
        "cat/x.ogg",
        "dog/a.WAV",
        "dog/b.wav",
        "dog/deep/er/c.flac",
    ]
    assert [clip.label for clip in dataset.clips] == ["cat", "cat", "dog", "dog", "dog"]
    assert (dataset.name, dataset.protocol, dataset.classes) == ("pets", "none", ("cat", "dog"))
    assert counts(dataset) == {"clips": 5, "classes": 2}
    assert featkit.get_dataset(f"folder:{root}") == get_dataset("folder", root=root)


def test_folder_ids_do_not_depend_on_where_it_is_mounted(tmp_path, write_wav):
    ids = [
        [
            c.id
            for c in get_dataset(classes_of(tmp_path / at, write_wav, "a/1.wav", "b/2.wav")).clips
        ]
        for at in ("x", "y")
    ]
    assert ids[0] == ids[1] == ["a/1.wav", "b/2.wav"]


def test_folder_errors(tmp_path, write_wav):
    root = classes_of(tmp_path / "r", write_wav, "a/1.wav")
    (root / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"class folder .*empty.* holds no audio"):
        get_dataset(root)
    classes_of(tmp_path / "flat", write_wav, "1.wav", "2.wav")
    with pytest.raises(DatasetError, match=r"no sub-folder.*2 audio files"):
        get_dataset(tmp_path / "flat")


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        ("meta/esc50.csv", "esc50"),
        ("metadata/UrbanSound8K.csv", "urbansound8k"),
        ("genres/x", "gtzan"),
    ],
)
def test_folder_of_a_known_corpus_suggests_its_name(tmp_path, marker, name):
    (tmp_path / marker).parent.mkdir()
    (tmp_path / marker).write_text("")
    with pytest.raises(DatasetError, match=f"write {name}:{tmp_path}"):
        get_dataset(tmp_path)


def test_a_path_with_a_colon_works_and_a_name_wins_over_a_folder(tmp_path, write_wav, monkeypatch):
    root = classes_of(tmp_path / "a:b", write_wav, "x/1.wav", "y/2.wav")
    assert len(get_dataset(root)) == 2
    classes_of(tmp_path / "esc50", write_wav, "x/1.wav", "y/2.wav")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=r"'esc50' needs the place of its files.*\./esc50"):
        get_dataset("esc50")
    with pytest.raises(ParameterError, match=r"(?!.*\./gtzan)'gtzan' needs"):
        get_dataset("gtzan")
    assert len(get_dataset("./esc50")) == 2


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "esc50",
            ParameterError,
            "https://github.com/karolpiczak/ESC-50.*esc50:ROOT or give root=",
        ),
        ("esc50:/no/such/place", DatasetError, "no file or folder '/no/such/place'"),
        (
            "esc5:/data",
            ParameterError,
            "unknown dataset 'esc5:/data'. Did you mean 'esc50'.*Known: esc10, esc50",
        ),
        ("nonsense", ParameterError, "Known: .*urbansound8k"),
        ("", ParameterError, "Known: "),
        ("/no/such/folder", DatasetError, "no file or folder '/no/such/folder'"),
        ("missing.csv", DatasetError, "no file or folder 'missing.csv'"),
        ("https://example.org/sounds", DatasetError, "neither a table"),
        ("featkit.errors:Nothing", ParameterError, "cannot load dataset"),
    ],
)
def test_errors_say_what_is_allowed(text, error, message):
    with pytest.raises(error, match=message):
        get_dataset(text)


def test_a_file_other_than_a_table_and_two_roots_are_refused(tmp_path, write_wav):
    path = write_wav(tmp_path / "a.wav")
    with pytest.raises(DatasetError, match="neither a table"):
        get_dataset(path)
    with pytest.raises(ParameterError, match="two roots"):
        get_dataset(f"esc50:{tmp_path}", root=tmp_path)


def test_outside_corpus_as_function_or_object(tmp_path, write_wav, monkeypatch):
    classes_of(tmp_path / "d", write_wav, "1.wav")
    (tmp_path / "mybirds.py").write_text(
        "from featkit.datasets import Clip, Corpus, Dataset\n"
        "def load(root):\n    '''My birds.'''\n"
        "    return Dataset('birds', (Clip('1', root + '/1.wav', 'tit'),), root)\n"
        "birds = Corpus(load, {'homepage': 'https://example.org'}, {'clips': 9})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert get_dataset(f"mybirds:load:{tmp_path}/d").name == "birds"
    monkeypatch.chdir(tmp_path)
    assert get_dataset("mybirds:load:d").clips[0].path == str(tmp_path / "d" / "1.wav")
    dataset = get_dataset("mybirds:birds", root=tmp_path / "d")
    assert dataset.about["homepage"] == "https://example.org"
    assert dataset.expected == {"clips": 9}
    with pytest.raises(ParameterError, match=r"https://example\.org"):
        get_dataset("mybirds:birds")


def test_counts_of_folds_and_splits():
    clips = tuple(
        Clip(str(k), "p", "a", fold=k % 2, split="train" if k else "test") for k in range(3)
    )
    assert counts(Dataset("d", clips)) == {
        "clips": 3,
        "classes": 1,
        "fold 0": 2,
        "fold 1": 1,
        "train": 2,
        "test": 1,
    }


def test_dataset_refuses_no_clips_and_equal_ids():
    with pytest.raises(DatasetError, match="no clips"):
        Dataset("d", ())
    with pytest.raises(DatasetError, match="two clips have the id 'x'"):
        Dataset("d", (Clip("x", "p", "a"), Clip("x", "q", "a")))


def test_the_documented_corpus_works_as_written(tmp_path, write_wav, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "adding-a-dataset.md"
    code = page.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]
    (tmp_path / "documented_birds.py").write_text(code)
    root = tmp_path / "data"
    names = ["1.wav", "2.wav", "3.wav", "4.wav"]
    for name in names:
        write_wav(root / name)
    rows = [
        f"{name},{species},{k},r{k}"
        for k, (name, species) in enumerate(zip(names, "abca", strict=True), start=1)
    ]
    (root / "birds.csv").write_text("\n".join(["file,species,fold,recordist", *rows]))
    monkeypatch.syspath_prepend(tmp_path)
    report = validate(get_dataset(f"documented_birds:corpus:{root}"))
    assert report.ok
    assert report.unexpected == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import sys; sys.exit(2)", r"the code called sys.exit\(2\)"),
        ("1 / 0", "ZeroDivisionError"),
        ("return [root]", "gave a list"),
    ],
)
def test_whatever_an_outside_loader_does_is_an_error_of_the_dataset(
    tmp_path, monkeypatch, body, message
):
    name = f"loader_{abs(hash((tmp_path, body))) % 10**8}"
    (tmp_path / f"{name}.py").write_text(f"def load(root):\n    {body}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DatasetError, match=message):
        get_dataset(f"{name}:load:{tmp_path}")
