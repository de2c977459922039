"""The page of a map: every clip, names escaped, points by mouse and by keyboard."""

import re

import numpy as np
import pytest

from featkit.analysis.maps import Map
from featkit.analysis.projection import Projection
from featkit.report import scatter
from featkit.report.scatter import page
from featkit.report.specimen import Specimen

HOSTILE = "<img src=x onerror=alert(1)>"
LEVELS = np.zeros((64, 240), np.uint8)
SHOWN = Specimen(LEVELS, np.linspace(0, 22050, 65), 5.0, b"RIFF", "audio/wav")


@pytest.fixture
def cross():
    """Five points: one in the middle and one on each side."""
    points = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], dtype=float)
    ids = ("middle", "right", "left", "top", HOSTILE)
    kinds = ("a", "b", "b", "c", "c")
    return Map("toy", "mfcc", Projection(points, ("x", "y")), ids, kinds, kinds, ("a", "b", "c"))


def test_every_clip_is_there_and_escaped(cross):
    text = page(cross, command="featkit map")
    assert text.count("data-at=") == 5 and HOSTILE not in text
    assert "&lt;img src=x" in text and not re.findall(r"https?:|url\(", text)
    assert "<audio" not in text


def test_recordings_are_bounded_and_the_rest_is_stated(cross, monkeypatch):
    assert page(cross, lambda dataset, name: SHOWN).count("<audio") == 5
    monkeypatch.setattr(scatter, "MOST_CARDS", 3)
    text = page(cross, lambda dataset, name: SHOWN)
    assert text.count("<audio") == 3 and "the recordings of 3 are in the page" in text
    monkeypatch.setattr(scatter, "MOST_BYTES", 5)
    assert page(cross, lambda dataset, name: SHOWN).count("<audio") == 1


def test_points_are_bounded_and_the_rest_is_stated(cross, monkeypatch):
    monkeypatch.setattr(scatter, "MOST_POINTS", 3)
    text = page(cross)
    assert text.count("data-at=") == 3 and "5 clips, of which 3" in text


PROBE = """
<script>
addEventListener("load", () => {
  const say = (key, value) => document.body.setAttribute("data-probe-" + key, value);
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const points = [...page.querySelectorAll("[data-at]")];
  const press = (key) => page.activeElement.dispatchEvent(
    new frame.contentWindow.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const at = () => page.activeElement.dataset.at;
  say("width", page.documentElement.scrollWidth);
  say("stops", points.filter((point) => point.getAttribute("tabindex") === "0").length);
  points[0].focus();
  const way = [];
  for (const key of ["ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowUp",
    "ArrowDown", "ArrowDown"]) { press(key); way.push(at()); }
  say("way", way.join(" "));
  press("Enter");
  say("open", [...page.querySelectorAll("[data-card]")].filter((box) => !box.hidden)
    .map((box) => box.dataset.card).join(" "));
  say("said", page.querySelector(".pointed").textContent);
  say("absent", page.querySelector(".cards > .note").hidden);
  const [a] = page.querySelectorAll(".kinds button");
  a.click();
  say("faint", page.querySelectorAll("path.faint").length);
  say("pressed", a.getAttribute("aria-pressed"));
  a.click();
  say("bright", page.querySelectorAll("path.faint").length);
  points[2].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  say("clicked", [...page.querySelectorAll("[data-card]")].filter((box) => !box.hidden)
    .map((box) => box.dataset.card).join(" "));
});
</script>
"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1400])
@pytest.mark.parametrize("dark", [False, True])
def test_in_a_browser(cross, tmp_path, browse, width, dark, monkeypatch):
    monkeypatch.setattr(scatter, "MOST_CARDS", 4)
    assert cross.odd_ones() == [0, 1, 3, 2, 4]  # The last has no card.
    text = page(cross, lambda dataset, name: SHOWN)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    frame = f'<iframe src="page.html" width="{width}" height="900" style="border:0"></iframe>'
    (tmp_path / "frame.html").write_text(frame + PROBE)
    options = ["--window-size=1600,1000", *["--force-dark-mode"] * dark]
    dom, console = browse("frame.html", *options)
    probe = dict(re.findall(r'data-probe-(\w+)="([^"]*)"', dom))
    assert console == []
    assert int(probe["width"]) <= width and probe["stops"] == "1"
    # Right, back, left, back, up, no further, down to the middle and to the bottom.
    assert probe["way"] == "1 0 2 0 3 3 0 4"
    assert (probe["open"], probe["faint"], probe["bright"]) == ("", "4", "0")
    assert probe["said"].startswith("&lt;img") and probe["pressed"] == "true"
    assert (probe["clicked"], probe["absent"]) == ("2", "false")
