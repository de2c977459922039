"""The page under axe-core: names for screen readers, headings, contrast, keyboard."""

import itertools
import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from featkit.analysis.explanation.parts import Explanation
from featkit.analysis.explanation.ranking import Judged
from featkit.analysis.inspection.artefacts import Artefact
from featkit.analysis.inspection.inspecting import Inspection
from featkit.analysis.maps import Map
from featkit.analysis.projection import Projection
from featkit.bundle import Prediction
from featkit.comparison.overview import compare
from featkit.report.gallery import Set
from featkit.report.gallery import page as gallery_page
from featkit.report.inspection import page as inspection_page
from featkit.report.scatter import page as map_page
from featkit.report.specimen import Specimen

RUN = """
<script>
addEventListener("load", async () => {
  document.querySelectorAll("details").forEach((box, at) => { box.open = at < 2; });
  await new Promise((done) => setTimeout(done, 100));
  const result = await axe.run();
  const found = result.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]);
  const report = document.createElement("pre");
  report.id = "axe";
  report.textContent = JSON.stringify({violations: found, passes: result.passes.length});
  document.body.append(report);
});
</script>
"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    if shutil.which("npm") is None:
        pytest.skip("no npm here, which brings axe-core")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not source.exists():
        pytest.skip(f"npm cannot install axe-core: {done.stderr.strip()[-200:]}")
    return source.read_text(encoding="utf-8")


LEVELS = np.zeros((64, 240), np.uint8)
SHOWN = Specimen(LEVELS, np.linspace(0, 22050, 65), 5.0, b"RIFF", "audio/wav")


def report(make_scores, rng):
    """A comparison of two systems, with an intervention."""
    scores = []
    for dataset, name, seed in itertools.product("xyz", range(4), range(2)):
        for protocol in ("nested", "paper"):
            right = rng.random((5, 20)) < 0.5 + 0.1 * name
            feature = f"cnn:arch=a{name},size=2,seed={seed}"
            names = {"feature": feature, "dataset": dataset, "protocol": protocol}
            scores += make_scores(right, params={"C": 2.0**name, "kernel": "rbf"}, **names)
    changed = [replace(score, intervention="reverse") for score in scores]
    comparison = compare(scores + [score for score in changed if not score.optimistic])
    return comparison.to_html(command="featkit", specimens=lambda dataset, name: SHOWN)


def scatter(make_scores, rng):
    """A map of forty clips of three classes."""
    labels = tuple("abc"[at % 3] for at in range(40))
    ids = tuple(map(str, range(40)))
    shown = Projection(rng.normal(size=(40, 2)), ("x", "y"))
    drawn = Map("toy", "mfcc", shown, ids, labels, labels, ("a", "b", "c"))
    return map_page(drawn, lambda dataset, name: SHOWN, "featkit map")


def gallery(make_scores, rng):
    """Explanations of two recordings, one of them wrong, and a failure."""
    top = (("cat", 0.9), ("dog", 0.1))
    cut = np.ones((4, 3), np.float32)
    sounds = np.zeros(4000, np.float32)
    parts = ("occlusion", None, cut, np.arange(4.0), np.arange(3.0), "Hz", sounds, 1000)
    pairs = [
        (Judged(Prediction(name, "cat", dict(top)), "dog"), Explanation(name, "cat", top, *parts))
        for name in ("a.wav", "b.wav")
    ]
    return gallery_page(Set("mfcc + svm", 2, 2, 2, [("c.wav", "damaged")]), pairs, "featkit")


def inspection(make_scores, rng):
    """An inspection with one finding of each kind."""
    finding = Inspection(
        dataset="toy",
        feature="mfcc",
        systems=("mfcc + svm",),
        accuracy=0.8,
        clips=({"id": "a.wav", "label": "x"},),
        label_errors=(
            {"id": "a.wav", "label": "x", "suggested": "y", "score": 0.9, "confident": True},
        ),
        duplicates=(
            {"a": "a.wav", "b": "b.wav", "similarity": 0.9, "shift": 0.1, "seconds": 2.0}
            | {"labels": ["x", "y"], "folds": [1, 2]},
        ),
        outliers=({"id": "a.wav", "label": "x", "score": 4.0},),
        classes=({"label": "x", "clips": 2, "groups": 2, "rms_db": -20.0},),
        artefacts=(Artefact("rms_db", "x", 0.99, -20.0, -30.0),),
    )
    return inspection_page(finding, lambda dataset, name: SHOWN, "featkit inspect")


@pytest.fixture(params=[report, scatter, gallery, inspection], ids=lambda make: make.__name__)
def page(request, make_scores, rng):
    return request.param(make_scores, rng)


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--window-size=1400,900",), ("--window-size=500,900",)])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(axe, page, browse, tmp_path, options, dark):
    script = f"<script>{axe}</script>{RUN}"
    (tmp_path / "page.html").write_text(page.replace("</body>", f"{script}</body>"))
    dom, _ = browse("page.html", *options, *["--force-dark-mode"] * dark)
    text = re.search(r'<pre id="axe">(.*?)</pre>', dom, re.S)[1]
    report = json.loads(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert report["violations"] == [] and report["passes"] > 20
