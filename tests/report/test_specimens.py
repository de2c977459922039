import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import tone

from featkit import audio
from featkit.comparison.overview import compare
from featkit.datasets import get_dataset
from featkit.errors import AudioError
from featkit.report.specimen import Specimen, drawing, palette, player, png
from featkit.report.specimens import from_stores, specimen
from featkit.store import Store


@pytest.fixture
def wave(tmp_path):
    def write(samples, name="clip.wav", sr=8000):
        audio.write(tmp_path / name, samples.astype(np.float32), sr)
        return str(tmp_path / name)

    return write


def test_a_tone_is_brightest_in_its_band_and_lasts_as_long_as_it_lasts(wave):
    actual = specimen(wave(np.concatenate([tone(1000.0, 1.0, 8000), np.zeros(8000)])))
    assert actual.seconds == 2.0 and actual.levels.dtype == np.uint8 and actual.levels.max() == 255
    band = int(np.argmax(actual.levels[:, 60]))
    assert actual.edges[band - 1] < 1000 < actual.edges[band + 2]
    assert actual.edges[0] == 0 and actual.edges[-1] == 4000 and np.all(np.diff(actual.edges) > 0)
    assert actual.levels[:, 180].max() == 0 and 238 <= actual.levels.shape[1] <= 242


def test_silence_and_very_short_clips_have_a_picture(wave):
    assert specimen(wave(np.zeros(4000))).levels.max() == 0
    short = specimen(wave(np.array([0.1, -0.2, 0.3])))
    assert short.levels.shape[0] == 64 and "Log-mel" in drawing(short, "short")


def test_excerpts_are_cut_out(wave):
    path = wave(np.concatenate([np.zeros(8000), tone(500.0, 1.0, 8000)]))
    assert specimen(path, 0.0, 0.5).levels.max() == 0
    assert specimen(path, 1.2, 0.5).levels.max() == 255 and specimen(path, 1.2, 0.5).seconds == 0.5


def test_png_is_read_back_as_it_was(rng):
    image = pytest.importorskip("PIL.Image")
    levels = rng.integers(0, 256, (7, 11)).astype(np.uint8)
    read = np.asarray(image.open(io.BytesIO(png(levels))).convert("RGB"))
    assert np.array_equal(read, palette()[levels])


def test_the_palette_grows_lighter_all_the_way():
    luminance = palette() @ np.array([0.2126, 0.7152, 0.0722])
    assert np.all(np.diff(luminance) > -0.5) and luminance[-1] - luminance[0] > 200


def test_embedding_keeps_the_bytes_and_refuses_what_is_large_or_an_excerpt(wave, monkeypatch):
    path = wave(tone(500.0, 0.5, 8000))
    whole = Path(path).read_bytes()
    actual = specimen(path, embed=True)
    assert (actual.audio, actual.mime, actual.note) == (whole, "audio/wav", "")
    source = re.search(r'<audio src="data:audio/wav;base64,([^"]+)" controls', player(actual, "a"))
    assert base64.b64decode(source[1]) == whole
    assert specimen(path).audio == b"" and player(specimen(path), "a") == ""
    assert "excerpt" in specimen(path, 0.1, 0.2, embed=True).note
    monkeypatch.setattr("featkit.report.specimens.MOST_BYTES", 100)
    assert (
        "the limit is" in player(specimen(path, embed=True), "a")
        and specimen(path, embed=True).audio == b""
    )


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"gone\.wav"):
        specimen(str(tmp_path / "gone.wav"))


def test_axes_are_in_hertz_and_seconds():
    edges = np.linspace(0, 22050, 65)
    text = drawing(Specimen(np.zeros((64, 10), np.uint8), edges, 5.0), "<clip>")
    assert ">16 kHz<" in text and ">1 kHz<" in text and ">5 s<" in text and "<clip>" not in text
    assert 'role="img"' in text and "0 to 22.05 kHz" in text


@pytest.fixture
def filled(audio_folder, tmp_path):
    from featkit.extraction import extract

    folder = audio_folder(6)
    extract(get_dataset(str(folder)), ["mfcc_stats"], tmp_path / "s.zarr")
    return folder, Store(tmp_path / "s.zarr")


def test_the_store_leads_from_an_id_to_its_recording(filled):
    folder, store = filled
    look = from_stores([store], embed=True)
    index = store.index()
    name = str(index["id"][2])
    assert look(store.dataset, name).audio == Path(index.location(2)).read_bytes()
    assert (
        look(store.dataset, "nobody") == look("other", name) == "none of the stores lists this clip"
    )
    for path in folder.rglob("*.wav"):
        path.unlink()
    assert look(store.dataset, name).startswith("the recording cannot be read")


def test_the_page_pictures_the_worst_clips_and_says_where_it_cannot(filled, make_scores):
    _, store = filled
    ids = (*(str(name) for name in store.index()["id"]), "nobody")
    scores = make_scores(np.zeros((1, 7)), dataset=store.dataset, ids=ids, groups=ids)
    bare, actual = compare(scores).to_html(), compare(scores)
    page = actual.to_html(specimens=from_stores([store]))
    assert (
        bare.count("<svg") + 6 == page.count("<svg")
        and "<figure" not in bare
        and "no pictures" in bare
    )
    assert (
        page.count("<figure") == 7 and "No spectrogram: none of the stores lists this clip" in page
    )
    assert (
        "<audio" not in page
        and actual.to_html(specimens=from_stores([store], True)).count("<audio") == 6
    )
    assert "media-src data:" in page


def test_the_command_line_takes_stores_and_audio(filled, make_scores, tmp_path, featkit):
    from featkit.results import append

    _, store = filled
    ids = tuple(str(name) for name in store.index()["id"])
    append(
        tmp_path / "r.jsonl",
        make_scores(np.zeros((1, 6)), dataset=store.dataset, ids=ids, groups=ids),
    )
    base = ["compare", str(tmp_path / "r.jsonl")]
    html = ["--html", str(tmp_path / "p.html"), "--store", store.path]
    assert featkit(*base, *html).status == 0
    assert "<audio" not in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert featkit(*base, *html, "--audio").status == 0
    assert (tmp_path / "p.html").read_text(encoding="utf-8").count("<audio") == 6
    for wrong in (["--store", store.path], [*html[:2], "--audio"]):
        done = featkit(*base, *wrong)
        assert done.status == 2 and "--store is for a page" in done.err
