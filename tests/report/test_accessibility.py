"""The page under axe-core: names for screen readers, headings, contrast, keyboard."""

import itertools
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from featkit.comparison.overview import compare
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


@pytest.fixture
def page(make_scores, rng):
    scores = []
    for dataset, name, seed in itertools.product("xyz", range(4), range(2)):
        for protocol in ("nested", "paper"):
            right = rng.random((5, 20)) < 0.5 + 0.1 * name
            feature = f"cnn:arch=a{name},size=2,seed={seed}"
            names = {"feature": feature, "dataset": dataset, "protocol": protocol}
            scores += make_scores(right, params={"C": 2.0**name, "kernel": "rbf"}, **names)
    levels = np.zeros((64, 240), np.uint8)
    shown = Specimen(levels, np.linspace(0, 22050, 65), 5.0, b"RIFF", "audio/wav")
    return compare(scores).to_html(command="featkit", specimens=lambda dataset, name: shown)


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
