"""The known corpora on miniature trees in their official layouts, and one contract for all."""

import collections
import importlib

import pytest
from conftest import outside

from featkit.datasets import counts, get_dataset, gtzan, registry
from featkit.datasets.gtzan import FILTERED, GENRES, filtered
from featkit.datasets.validation import misfolded, validate
from featkit.errors import DatasetError, ParameterError

ROOTLESS = {"folder", "table", "synthetic"}


def esc50(root, write):
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for fold in range(1, 6):
        for target, (category, easy) in enumerate([("dog", True), ("rain", True), ("cat", False)]):
            for take in "AB":
                name = f"{fold}-{fold}{target}0-{take}-{target}"
                write(root / "audio" / f"{name}.{('wav', 'ogg', 'flac')[target]}")
                rows.append(f"{name}.wav,{fold},{target},{category},{easy},{fold}{target}0,{take}")
    (root / "meta").mkdir()
    (root / "meta" / "esc50.csv").write_text("\n".join(rows))


def urbansound8k(root, write):
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for fold in range(1, 11):
        for source in (fold * 100, fold * 100 + 1):
            for part in range(2):
                name = f"{source}-{source % 2}-0-{part}.wav"
                write(root / "audio" / f"fold{fold}" / name)
                rows.append(
                    f"{name},{source},0.0,0.1,1,{fold},{source % 2},"
                    + ("siren", "drilling")[source % 2]
                )
    (root / "metadata").mkdir()
    (root / "metadata" / "UrbanSound8K.csv").write_text("\n".join(rows))


def gtzan_tree(root, write):
    for name, _ in filtered()[::7]:
        genre = name.partition(".")[0]
        write(root / "genres" / genre / f"{name}.{'au' if genre == 'pop' else 'wav'}")


def extended_ballroom(root, write):
    songs = {"Chacha": range(100, 123), "Waltz": range(200, 214)}
    xml = ["<root>"]
    for dance, numbers in songs.items():
        xml.append(f"<{dance}>")
        for number in numbers:
            write(root / dance / f"{number}.wav")
            repeated = {
                101: 'exact="100"',
                102: 'version="101"',
                201: 'karaoke="100"',
                205: 'time="204"',
            }.get(number, "")
            xml.append(f'<song id="{number}" title="t" {repeated}/>')
        xml.append(f"</{dance}>")
    (root / "extendedballroom_v1.1.xml").write_text("".join([*xml, "</root>"]))


def tau(root, write, labels=("airport", "bus")):
    lists = {
        "fold1_train": ["filename\tscene_label"],
        "fold1_evaluate": ["filename\tscene_label"],
        "fold1_test": ["filename"],
    }
    for label, scene in zip(labels, ("airport", "street_traffic"), strict=True):
        for part, city in (("fold1_train", "lisbon-1000"), ("fold1_evaluate", "paris-12")):
            for device in ("a", "s1"):
                name = f"audio/{scene}-{city}-4000-{device}.wav"
                write(root / name)
                lists[part].append(f"{name}\t{label}")
    write(root / "audio" / "airport-paris-1-1-s4.wav")
    (root / "evaluation_setup").mkdir()
    for name, rows in lists.items():
        (root / "evaluation_setup" / f"{name}.csv").write_text("\n".join(rows))


def instruments(root, write):
    for part, names in {"Train": ("guitar 1", "drum.v2", "x"), "Test": ("guitar-t", "x_t")}.items():
        rows = ["FileName,Class"]
        for name, label in zip(names, ("Sound_Guitar", "Sound_Drum", "Sound_Piano"), strict=False):
            write(root / f"{part}_submission" / f"{part}_submission" / f"{name}.wav")
            rows.append(f"{name}.wav,{label}")
        (root / f"Metadata_{part}.csv").write_text("\n".join(rows))


def fsdd(root, write):
    for digit in range(3):
        for speaker in ("theo", "jackson"):
            for take in (0, 4, 5, 49):
                write(root / "recordings" / f"{digit}_{speaker}_{take}.wav")


TREES = {
    "esc50": esc50,
    "esc10": esc50,
    "urbansound8k": urbansound8k,
    "gtzan": gtzan_tree,
    "gtzan_80_20": gtzan_tree,
    "extended_ballroom": extended_ballroom,
    "tau2020_mobile": tau,
    "tau2020_3class": lambda root, write: tau(root, write, ("indoor", "outdoor")),
    "instruments": instruments,
    "fsdd": fsdd,
    "fsdd_speakers": fsdd,
}
# A corpus outside featkit brings its tree: package.module:Corpus=package.module:function.
for corpus, tree in (text.split("=") for text in outside()):
    module, _, function = tree.partition(":")
    TREES[corpus] = getattr(importlib.import_module(module), function)


@pytest.fixture
def load(tmp_path, write_wav):
    """``load(name)``: the corpus on its miniature tree, which is made once at ``tmp_path``."""

    def make(name):
        if not any(tmp_path.iterdir()):
            TREES[name](tmp_path, write_wav)
        return registry.get(name)(str(tmp_path))

    return make


def test_every_tree_is_that_of_a_corpus():
    assert {name for name in TREES if ":" not in name} <= set(registry.names()) - ROOTLESS


@pytest.mark.parametrize("name", sorted(TREES))
def test_contract(name, load, tmp_path):
    dataset = load(name)
    assert ":" in name or dataset.name == name
    assert dataset.about == registry.get(name).about
    assert all(dataset.about[key] for key in ("description", "licence", "citation", "homepage"))
    assert dataset.about["homepage"].startswith("http")
    assert misfolded(dataset) == ()
    assert len(dataset.classes) > 1
    report = validate(dataset)
    assert report.ok, report
    assert set(dataset.expected) <= {"clips", "classes", "train", "valid", "test"} | {
        f"fold {k}" for k in range(1, 11)
    }
    parts = sum(size for what, size in dataset.expected.items() if what not in ("clips", "classes"))
    assert parts in (0, dataset.expected.get("clips", 0))
    found = counts(dataset)
    assert sum(size for what, size in found.items() if what not in ("clips", "classes")) == len(
        dataset
    )
    assert {"folds": "fold 1", "split": "train"}[dataset.protocol] in found
    assert not any(str(tmp_path) in clip.id for clip in dataset.clips)


@pytest.mark.parametrize("name", sorted(TREES))
def test_an_empty_root_says_what_is_missing(name, tmp_path):
    start = "" if ":" in name else f"{name}: "
    with pytest.raises(DatasetError, match=rf"{start}.*(missing|no file|no recording)"):
        registry.get(name)(str(tmp_path))
    with pytest.raises(ParameterError, match="Its authors publish it at http"):
        get_dataset(name)


def test_esc50_folds_groups_and_suffixes(load):
    dataset = load("esc50")
    first = dataset.clips[0]
    assert (first.id, first.label, first.fold, first.group) == ("1-100-A-0", "dog", 1, "100")
    assert {clip.path.rpartition(".")[2] for clip in dataset.clips} == {"wav", "ogg", "flac"}
    assert counts(dataset) == {"clips": 30, "classes": 3} | {
        f"fold {fold}": 6 for fold in range(1, 6)
    }


def test_esc10_keeps_its_rows(load, tmp_path):
    assert load("esc10").classes == ("dog", "rain")
    listing = tmp_path / "meta" / "esc50.csv"
    listing.write_text(listing.read_text().replace("esc10", "other"))
    with pytest.raises(DatasetError, match="'esc10' is missing"):
        load("esc10")


def test_a_lost_file_stays_listed_and_is_named(load, tmp_path):
    load("esc50")
    (tmp_path / "audio" / "3-300-B-0.wav").unlink()
    dataset = load("esc50")
    assert len(dataset) == 30
    assert validate(dataset).missing == (("3-300-B-0", str(tmp_path / "audio" / "3-300-B-0.wav")),)
    assert "1 of 30 listed files" in dataset.remarks[0]


def test_a_class_or_fold_without_files_is_another_part_of_the_corpus(load, tmp_path):
    load("esc50")
    for path in [*(tmp_path / "audio").glob("*.flac"), *(tmp_path / "audio").glob("5-*")]:
        path.unlink(missing_ok=True)
    dataset = load("esc50")
    assert counts(dataset) == {"clips": 16, "classes": 2} | {
        f"fold {fold}": 4 for fold in range(1, 5)
    }
    assert validate(dataset).missing == ()
    assert "14 listed clips" in dataset.remarks[0]


def test_a_sample_keeps_what_is_here(load, tmp_path):
    load("esc50")
    for path in (tmp_path / "audio").iterdir():
        if not path.name.startswith("2-") and path.name[4:9] != "0-A-0" and "-A-0" not in path.name:
            path.unlink()
    (tmp_path / "audio" / "2-220-B-2.flac").unlink()
    (tmp_path / "audio" / "2-220-A-2.flac").unlink()
    dataset = load("esc50")
    assert len(dataset) == len(list((tmp_path / "audio").iterdir())) == 8
    assert any("a sample of the corpus" in remark for remark in dataset.remarks)


def test_no_listed_file_at_all_is_an_error(load, tmp_path):
    load("esc50")
    for path in (tmp_path / "audio").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match="none of the 30 recordings"):
        load("esc50")


def test_real_esc10(esc10):
    dataset = registry.get("esc50")(str(esc10))
    assert counts(dataset) == {"clips": 400, "classes": 10} | {
        f"fold {fold}": 80 for fold in range(1, 6)
    }
    assert registry.get("esc10")(str(esc10)).clips == dataset.clips
    assert dataset.remarks == ()
    assert misfolded(dataset) == ()
    small = registry.get("esc10")(str(esc10))
    assert all(counts(small)[what] == number for what, number in small.expected.items())


def test_urbansound8k_ids_hold_the_fold(load):
    clip = load("urbansound8k").clips[-1]
    assert (clip.id, clip.label, clip.fold, clip.group) == (
        "fold10/1001-1-0-1",
        "drilling",
        10,
        "1001",
    )


def test_gtzan_filtered_lists_have_the_published_sizes():
    listed = filtered()
    assert collections.Counter(split for _, split in listed) == {
        "train": 443,
        "valid": 197,
        "test": 290,
    }
    assert len({name for name, _ in listed}) == 930
    sizes = [
        [
            sum(name.startswith(genre) and split == part for name, split in listed)
            for genre in GENRES
        ]
        for part in gtzan.SPLITS
    ]
    assert sizes == [
        [46, 48, 45, 42, 47, 43, 44, 41, 43, 44],
        [23, 20, 23, 22, 18, 17, 20, 13, 17, 24],
        [31, 31, 30, 29, 27, 27, 27, 30, 26, 32],
    ]
    assert ("jazz.00054", "train") in listed
    assert set(FILTERED) == set(GENRES)


def test_gtzan_reads_au_other_places_and_lists_of_its_own(load, tmp_path):
    assert {clip.path[-3:] for clip in load("gtzan").clips if clip.label == "pop"} == {".au"}
    before = load("gtzan").clips
    (tmp_path / "Data").mkdir()
    (tmp_path / "genres").rename(tmp_path / "Data" / "genres_original")
    assert [clip.id for clip in load("gtzan").clips] == [clip.id for clip in before]
    names = [clip.id for clip in before]
    for split, part in (("train", names[:20]), ("valid", names[20:30]), ("test", names[30:60])):
        (tmp_path / f"{split}_filtered.txt").write_text("".join(f"{name}.wav\n" for name in part))
    assert counts(load("gtzan")) == {
        "clips": 60,
        "classes": 5,
        "train": 20,
        "valid": 10,
        "test": 30,
    }
    (tmp_path / "test_filtered.txt").write_text("blues/blues.00001.wav\nwhat\n")
    with pytest.raises(DatasetError, match=r"test_filtered\.txt, line 2: 'what'"):
        load("gtzan")


def test_gtzan_80_20_is_balanced_and_fixed(tmp_path):
    for genre in GENRES:
        (tmp_path / genre).mkdir()
        for number in range(100):
            (tmp_path / genre / f"{genre}.{number:05d}.wav").touch()
    whole = registry.get("gtzan_80_20")(str(tmp_path))
    assert counts(whole) == whole.expected
    assert collections.Counter(c.label for c in whole.clips if c.split == "test") == dict.fromkeys(
        GENRES, 20
    )
    (tmp_path / "jazz" / "jazz.00054.wav").unlink()
    assert {c.id: c.split for c in registry.get("gtzan_80_20")(str(tmp_path)).clips} == {
        c.id: c.split for c in whole.clips
    }


def test_extended_ballroom_is_stratified_and_keeps_repetitions_together(load, tmp_path):
    dataset = load("extended_ballroom")
    fold = {clip.id.rpartition("/")[2]: clip.fold for clip in dataset.clips}
    assert fold["100"] == fold["101"] == fold["102"] == fold["201"]
    assert fold["204"] == fold["205"]
    assert len({clip.group for clip in dataset.clips if clip.group}) == 2
    (tmp_path / "extendedballroom_v1.1.xml").unlink()
    plain = load("extended_ballroom")
    sizes = collections.Counter((clip.label, clip.fold) for clip in plain.clips)
    assert {sizes["Chacha", k] for k in range(1, 11)} == {2, 3}
    assert {sizes["Waltz", k] for k in range(1, 11)} == {1, 2}
    totals = collections.Counter(clip.fold for clip in plain.clips)
    assert set(totals.values()) == {3, 4}
    assert "repetitions" in plain.remarks[-1]
    assert [clip.fold for clip in plain.clips] != sorted(clip.fold for clip in plain.clips)


def test_tau_reads_both_parts_of_fold_1(load, tmp_path):
    dataset = load("tau2020_3class")
    assert counts(dataset) == {"clips": 8, "classes": 2, "train": 4, "test": 4}
    assert {(clip.group, clip.split) for clip in dataset.clips} == {
        ("lisbon-1000", "train"),
        ("paris-12", "test"),
    }
    assert dataset.clips[1].id == "airport-lisbon-1000-4000-s1"
    (tmp_path / "evaluation_setup" / "fold1_evaluate.csv").write_text(
        "filename\tscene_label\naudio/odd.wav\tbus\n"
    )
    with pytest.raises(DatasetError, match=r"odd\.wav'; expected SCENE-CITY"):
        load("tau2020_3class")


def test_instruments_reports_odd_labels_and_corrects_none(load, tmp_path):
    assert load("instruments").remarks == ()
    with open(tmp_path / "Metadata_Train.csv", "a") as file:
        file.write("\nx.wav,Sound_Piano\nx.wav,Sound_Drum\nguitar 1.wav,Sound_Violin\n")
    dataset = load("instruments")
    assert dataset.remarks == (
        "Metadata_Train.csv: x.wav is listed twice as Sound_Piano",
        "Metadata_Train.csv: x.wav is listed as Sound_Piano and as Sound_Drum",
        "Metadata_Train.csv: guitar 1.wav is listed as Sound_Guitar and as Sound_Violin",
        "Metadata_Train.csv: guitar 1.wav is labelled Sound_Violin",
    )
    labels = {clip.id: clip.label for clip in dataset.clips}
    assert labels["train/x"] == "Sound_Piano"
    assert labels["train/x#Sound_Drum"] == "Sound_Drum"
    assert {duplicate.labels for duplicate in validate(dataset).duplicates} == {
        ("Sound_Drum", "Sound_Piano"),
        ("Sound_Guitar", "Sound_Violin"),
    }


def test_fsdd_tests_takes_0_to_4(load, tmp_path):
    dataset = load("fsdd")
    assert {clip.id.rpartition("_")[2] for clip in dataset.clips if clip.split == "test"} == {
        "0",
        "4",
    }
    assert registry.get("fsdd")(str(tmp_path / "recordings")).clips == dataset.clips
    for path in (tmp_path / "recordings").glob("*_[04].wav"):
        path.unlink()
    with pytest.raises(DatasetError, match="no take of the test part"):
        load("fsdd")


def test_fsdd_speakers_are_folds_and_groups(load, tmp_path):
    assert {(clip.group, clip.fold) for clip in load("fsdd_speakers").clips} == {
        ("jackson", 1),
        ("theo", 2),
    }
    for path in (tmp_path / "recordings").glob("*_theo_*"):
        path.unlink()
    with pytest.raises(DatasetError, match="one speaker, jackson"):
        load("fsdd_speakers")


@pytest.mark.parametrize("fold", [99, -3, 0])
def test_urban_sounds_in_a_fold_that_does_not_exist_are_refused(fold, tmp_path, write_wav):
    (tmp_path / "metadata").mkdir()
    line = f"1-0-0-0.wav,1,0,1,1,{fold},0,siren"
    (tmp_path / "metadata" / "UrbanSound8K.csv").write_text(
        f"slice_file_name,fsID,start,end,salience,fold,classID,class\n{line}\n"
    )
    write_wav(tmp_path / "audio" / f"fold{fold}" / "1-0-0-0.wav")
    with pytest.raises(DatasetError, match=r"expected 1 to 10|fold="):
        get_dataset(f"urbansound8k:{tmp_path}")
