import dataclasses
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from featkit.comparison.overview import compare
from featkit.report.specimen import Specimen

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
VOID = {"meta", "br"}
HOSTILE = "<img src=x onerror=alert(1)>"


class Structure(HTMLParser):
    """Checks that every element is closed and collects what a reader meets."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.text.append(data)


@pytest.fixture
def comparison(make_scores, rng):
    scores = []
    for seed in range(3):
        scores += make_scores(
            rng.random((5, 30)) < 0.8,
            feature=f"cnn:arch=vgg,size=small,seed={seed}",
            classifier="svm",
        )
    for name, share in (("knn", 0.55), ("forest", 0.7), (HOSTILE, 0.6)):
        scores += make_scores(
            rng.random((5, 30)) < share, classifier=name, notes=(f"a note {HOSTILE}",)
        )
    scores += make_scores(rng.random((5, 30)) < 0.9, classifier="svm", protocol="paper")
    nothing = {"accuracy": None, "ids": (), "groups": (), "y_true": (), "y_pred": ()}
    return compare(
        [
            *scores,
            dataclasses.replace(
                scores[0], feature="broken", error=f"ValueError: {HOSTILE}", **nothing
            ),
        ]
    )


@pytest.fixture
def page(comparison):
    return comparison.to_html(command=f"featkit compare r.jsonl --html {HOSTILE}")


def test_every_element_is_closed(page):
    assert Structure(page).open == []


def test_all_parts_are_there(page):
    text = " ".join(Structure(page).text)
    for part in (
        "Best on toy: ",
        "Accuracy in % by fold and by seed",
        "Recall of each class",
        "Confusion matrices",
        "Most confused clips",
        "Differences",
        "Mean ranks: folds of toy, nested",
        "How to read this",
        "Where it comes from",
        "featkit compare r.jsonl",
        "1 cell failed",
        "incomplete: 0 of 5 folds",
        "numpy",
    ):
        assert part in text, part


def test_nothing_comes_from_outside(page):
    found = Structure(page)
    assert not {"link", "img", "iframe", "object", "base"} & set(found.tags)
    assert not [
        value
        for key, value in found.attributes
        if key in ("src", "href", "srcset", "action") or key.startswith("on")
    ]
    assert not re.findall(r"https?:|//[a-z]|url\(|@import", page)
    assert any("default-src 'none'" in (value or "") for _, value in found.attributes)


def test_texts_from_results_are_escaped(page):
    assert HOSTILE not in page
    assert Structure(page).text and HOSTILE in " ".join(Structure(page).text)


def test_optimistic_results_are_marked_wherever_they_stand(page, comparison):
    rows = [
        row
        for row in re.findall(
            r"<tr.*?</tr>|<summary.*?</summary>|<div class=\"row\".*?</div>", page
        )
        if ">optimistic<" in row
    ]
    assert len(rows) == 3
    assert "paper, optimistic" in page and "not comparable with nested ones" in page


def test_allowed_leakage_is_marked_wherever_its_system_stands(make_scores):
    page = compare(
        make_scores(np.eye(3), notes=("leakage allowed: 2 test clips hold the same audio: x, y",))
    ).to_html()
    assert page.count(">leakage allowed<") == 3  # leaderboard, dots, confusion matrix
    assert "not an honest number" in page and "2 test clips hold the same audio: x, y" in page


def test_the_page_is_the_same_every_time(page, comparison):
    assert page == comparison.to_html(command=f"featkit compare r.jsonl --html {HOSTILE}")


def test_one_system_alone_makes_a_page(make_scores):
    assert Structure(compare(make_scores(np.eye(3))).to_html()).open == []
    bare = compare(make_scores(np.eye(3), ids=(), groups=(), y_true=(), y_pred=(), classes=()))
    assert Structure(bare.to_html()).open == []


PROBE = """
<script>
addEventListener("load", () => {
  const say = (key, value) => document.body.setAttribute("data-probe-" + key, value);
  const frame = document.querySelector("iframe"), view = frame.contentWindow, page = view.document;
  say("width", page.documentElement.scrollWidth);
  const boxes = [...page.querySelectorAll(".scroll")];
  say("scrolled", boxes.every((box) => box.getBoundingClientRect().right <= 361));
  const table = page.querySelector("table.sortable");
  const names = () => [...table.tBodies[0].rows].map((row) => row.cells[2].dataset.value).join(" ");
  const button = table.tHead.rows[0].cells[2].querySelector("button");
  button.focus();
  say("focus", page.activeElement === button);
  button.click(); say("down", names());
  say("sorted", table.tHead.rows[0].cells[2].getAttribute("aria-sort"));
  button.click(); say("up", names());
  say("hostile", page.querySelectorAll("img").length);
});
</script>
"""


@pytest.fixture
def browse(tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium here")

    def browse(name):
        command = [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
        ]
        command += [
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            "--v=0",
            "--virtual-time-budget=3000",
        ]
        command += [
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            (tmp_path / name).as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return browse


def test_in_a_browser_on_a_phone(comparison, tmp_path, browse):
    shown = Specimen(
        np.zeros((64, 240), np.uint8), np.linspace(0, 22050, 65), 5.0, b"RIFF", "audio/wav"
    )
    page = comparison.to_html(
        command="featkit compare r.jsonl", specimens=lambda dataset, name: shown
    )
    assert page.count("<audio") == 12
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "phone.html").write_text(
        f'<iframe src="page.html" width="360" height="640" style="border:0"></iframe>{PROBE}'
    )
    dom, console = browse("phone.html")
    probe = dict(re.findall(r'data-probe-(\w+)="([^"]*)"', dom))
    assert console == []
    assert int(probe["width"]) <= 360 and probe["scrolled"] == "true"
    down, up = ([float(value) for value in probe[key].split()] for key in ("down", "up"))
    assert down == sorted(down, reverse=True) and up == down[::-1] and len(up) == 6
    assert (probe["sorted"], probe["focus"], probe["hostile"]) == ("descending", "true", "0")
