"""The page of many systems in a browser: on a narrow and a wide screen, in the dark, on paper."""

import itertools
import re

import pytest

from featkit.comparison.overview import compare

# Of A4 with Chromium's margins, in CSS pixels.
PAPER = 718
PROBE = """
<script>
addEventListener("load", () => {
  const say = (key, value) => document.body.setAttribute("data-probe-" + key, value);
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const view = frame.contentWindow, width = frame.clientWidth;
  say("width", page.documentElement.scrollWidth);
  const scrolls = (node) => /auto|scroll/.test(view.getComputedStyle(node).overflowX);
  const cut = (node) => view.getComputedStyle(node).overflowX === "hidden"
    && !node.classList.contains("hidden") && node.scrollWidth > node.clientWidth + 1;
  const inside = (node) => node && (scrolls(node) || inside(node.parentElement));
  const nodes = [...page.querySelectorAll("main *")].filter((node) => node.getClientRects().length);
  const wide = nodes.filter((node) => node.getBoundingClientRect().right > width + 1);
  say("beyond", wide.filter((node) => !inside(node)).map((node) => node.outerHTML.slice(0, 80)));
  say("cut", nodes.filter(cut).map((node) => node.outerHTML.slice(0, 80)));
  const longer = (node) => scrolls(node) && node.scrollWidth > node.clientWidth + 1;
  say("unreachable", nodes.filter(longer).filter((node) => node.tabIndex !== 0
    || !node.getAttribute("aria-label")).length);
  say("systems", page.querySelectorAll(".cross tbody tr").length);
  const images = [...page.querySelectorAll("svg:not([aria-hidden])")];
  say("nameless", images.filter((image) => !image.getAttribute("aria-label")).length);
});
</script>
"""


@pytest.fixture
def page(make_scores, rng):
    """``page(features, classifiers, datasets)``: the report of systems with long names."""

    def make(features, classifiers, datasets):
        scores = []
        archs = ("vgg", "timbral_temporal", "frame_level_many", "sample_level", "7x96")
        texts = [f"random_cnn:arch={arch},filters={n}" for n in (8, 16, 32, 64) for arch in archs]
        kinds = ("svm", "knn", "random_forest", "net:arch=(timm:name=resnet18)", "ridge", "elm")
        for place in itertools.product(texts[:features], kinds[:classifiers], datasets):
            names = dict(zip(("feature", "classifier", "dataset"), place, strict=True))
            scores += make_scores(rng.random((5, 12)) < 0.7, params={"C": 2.0, "k": 3}, **names)
        return compare(scores).to_html(command="featkit compare results.jsonl")

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("systems", "datasets"), [((4, 3), ("esc10", "urbansound8k", "gtzan")), ((20, 6), ("esc10",))]
)
def test_nothing_is_cut_or_beyond_the_edge(page, browse, tmp_path, systems, datasets):
    text = page(*systems, datasets)
    on_paper = re.sub(r"@media print", "@media all", text)
    (tmp_path / "screen.html").write_text(text, encoding="utf-8")
    (tmp_path / "paper.html").write_text(on_paper, encoding="utf-8")
    assert text != on_paper
    for name, width, options in (
        ("screen", 500, ()),
        ("screen", 1400, ("--force-dark-mode",)),
        ("paper", PAPER, ()),
    ):
        frame = f'<iframe src="{name}.html" width="{width}" height="900" style="border:0"></iframe>'
        (tmp_path / "frame.html").write_text(frame + PROBE)
        dom, console = browse("frame.html", "--window-size=1600,1000", *options)
        probe = dict(re.findall(r'data-probe-(\w+)="([^"]*)"', dom))
        assert console == []
        assert int(probe["width"]) <= width, (name, width)
        assert (probe["beyond"], probe["cut"]) == ("", ""), (name, width)
        assert (probe["unreachable"], probe["nameless"]) == ("0", "0")
        assert int(probe["systems"]) == systems[0] * systems[1]
