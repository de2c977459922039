import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from featkit.comparison.confusion import confused_clips, errors
from featkit.comparison.overview import compare
from featkit.report.specimen import Specimen
from featkit.results import Note

VOID = {"meta", "br", "wbr"}
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
            rng.random((5, 30)) < share,
            classifier=name,
            notes=(Note("warning", f"a note {HOSTILE}"),),
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
        "Systems by dataset",
        "toy, nested",
        "toy, paper",
        "Accuracy in % by fold and by seed",
        "Recall of each class",
        "Errors of each system",
        "Names in full",
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
    actual = Structure(page)
    assert not {"link", "img", "iframe", "object", "base"} & set(actual.tags)
    assert not [
        value
        for key, value in actual.attributes
        if key in ("src", "srcset", "action")
        or key.startswith("on")
        or (key == "href" and not value.startswith("#"))
    ]
    assert not re.findall(r"https?:|//[a-z]|url\(|@import", page)
    assert any("default-src 'none'" in (value or "") for _, value in actual.attributes)


def test_texts_from_results_are_escaped(page):
    assert HOSTILE not in page
    assert Structure(page).text and HOSTILE in " ".join(Structure(page).text)


def test_every_heading_over_optimistic_numbers_says_so(page):
    headings = re.findall(r"<h([23])>(.*?)</h", page)
    start = next(at for at, (_, text) in enumerate(headings) if text.startswith("toy, paper"))
    optimistic = ">optimistic</span>"
    section = [text for _, text in headings[start:] if text.endswith(optimistic)]
    assert len(section) == 5  # the league and its four parts; one system has no differences
    assert not any(optimistic in text for _, text in headings[:start])
    assert "†" in page and "not comparable with nested ones" in page


def test_allowed_leakage_is_marked_wherever_its_system_stands(make_scores):
    page = compare(
        make_scores(
            np.eye(3),
            notes=(Note("leakage", "leakage allowed: 2 test clips hold the same audio: x, y"),),
        )
    ).to_html()
    # Systems by dataset, leaderboard, folds, recall, errors.
    assert page.count(">leakage allowed<") == 5
    assert "not an honest number" in page and "2 test clips hold the same audio: x, y" in page


def test_contents_lead_to_every_section(page):
    links = re.findall(r'<a href="#([^"]+)">', page)
    assert links == re.findall(r'<section id="([^"]+)">', page)
    assert links[:3] == ["systems", "league0", "league1"]


def test_the_page_is_the_same_every_time(page, comparison):
    assert page == comparison.to_html(command=f"featkit compare r.jsonl --html {HOSTILE}")


def test_one_system_alone_makes_a_page(make_scores):
    assert Structure(compare(make_scores(np.eye(3))).to_html()).open == []
    bare = compare(make_scores(np.eye(3), ids=(), groups=(), y_true=(), y_pred=(), classes=()))
    assert Structure(bare.to_html()).open == []


PROBE = """
<script>
addEventListener("load", async () => {
  const say = (key, value) => document.body.setAttribute("data-probe-" + key, value);
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const names = [...page.querySelectorAll(".strips .name, .board .name")];
  say("lines", names.every((name) => name.getClientRects().length === 1));
  const dots = [...page.querySelectorAll("tbody circle, tbody .bar")];
  const within = (box) => box.left >= 0 && box.right <= frame.clientWidth;
  say("dots", dots.length > 20 && dots.every((dot) => within(dot.getBoundingClientRect())));
  say("width", page.documentElement.scrollWidth);
  const boxes = [...page.querySelectorAll(".scroll")];
  say("scrolled", boxes.every((box) => box.getBoundingClientRect().right <= frame.clientWidth + 1));
  const table = page.querySelector("table.sortable");
  const values = () => [...table.tBodies[0].rows].map((row) => row.cells[2].dataset.value);
  const button = table.tHead.rows[0].cells[2].querySelector("button");
  button.focus();
  say("focus", page.activeElement === button);
  button.click(); say("down", values().join(" "));
  say("sorted", table.tHead.rows[0].cells[2].getAttribute("aria-sort"));
  button.click(); say("up", values().join(" "));
  say("hostile", page.querySelectorAll("img").length);
  const errors = page.querySelector(".errors");
  errors.closest("details").open = true;
  await new Promise((done) => setTimeout(done, 200));
  const rows = [...errors.querySelectorAll("tbody tr")];
  say("errors", rows.length);
  say("head", [...errors.querySelectorAll("thead th")].map((cell) => cell.textContent).join(" "));
  say("play", errors.querySelectorAll("td button").length);
  const link = errors.querySelector("a[download]");
  const lines = (await (await fetch(link.href)).text()).trim().split("\\n");
  say("csv", lines.length); say("first", lines[0]);
});
</script>
"""


@pytest.mark.parametrize("width", [500, 1400])
def test_in_a_browser(comparison, tmp_path, browse, width):
    shown = Specimen(
        np.zeros((64, 240), np.uint8), np.linspace(0, 22050, 65), 5.0, b"RIFF", "audio/wav"
    )
    page = comparison.to_html(specimens=lambda dataset, name: shown)
    assert page.count("<audio") > 12
    page = re.sub(r"<meta http-equiv[^>]*>", "", page)  # The probe reads a blob, which it forbids.
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        f'<iframe src="page.html" width="{width}" height="900" style="border:0"></iframe>{PROBE}'
    )
    dom, console = browse("frame.html", "--window-size=1600,1000")
    probe = dict(re.findall(r'data-probe-(\w+)="([^"]*)"', dom))
    assert console == []
    assert int(probe["width"]) <= width and probe["scrolled"] == "true"
    assert (probe["lines"], probe["dots"]) == ("true", "true")
    down, up = ([float(value) for value in probe[key].split()] for key in ("down", "up"))
    assert down == sorted(down, reverse=True) and up == down[::-1] and len(up) == 5
    assert (probe["sorted"], probe["focus"], probe["hostile"]) == ("descending", "true", "0")
    wrong = errors(comparison.members[0])
    assert int(probe["errors"]) == len(wrong) and int(probe["csv"]) == len(wrong) + 1
    assert probe["head"] == "Clip True Predicted Runs Listen"
    assert probe["first"].replace("&quot;", "") == "Clip,True,Predicted,Runs"
    pictured = {
        clip["id"]
        for clip in confused_clips(
            [system for system in comparison.members if system.protocol == "nested"], 12
        )
    }
    assert int(probe["play"]) == sum(row["id"] in pictured for row in wrong)


def test_a_path_is_written_to(make_scores, tmp_path):
    comparison = compare(make_scores(np.eye(3)))
    page = comparison.to_html(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == page == comparison.to_html()
