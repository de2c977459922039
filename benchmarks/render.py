"""Make RESULTS.md from the stored results: ``python benchmarks/render.py``."""

import json
import re
import statistics
from pathlib import Path
from typing import Any

import orderings
import scenes

HERE = Path(__file__).parent


def speed() -> list[str]:
    """Return the table of speed ratios."""
    stored = json.loads((HERE / "speed" / "results.json").read_text())
    lines = [
        "| what: theirs / ours | ratio (min–max) | runs | must | machine |",
        "| --- | --- | --- | --- | --- |",
    ]
    for measured in stored.values():
        for row in measured["rows"]:
            note = f"; {row['note']}" if row.get("note") else ""
            spread = f"**{row['ratio']:.2f}** ({row['ratio_min']:.2f}–{row['ratio_max']:.2f})"
            lines.append(
                f"| {row['name']}{note} | {spread} | {row['runs']} | {row['must']:.2f} "
                f"| {measured['machine']} |"
            )
    return lines


def accuracy() -> list[str]:
    """Return the tables of accuracy studies, one for each results file under papers/ but those of
    scenes, which have a page of their own.
    """
    from featkit.comparison.overview import compare
    from featkit.results import read

    lines: list[str] = []
    for path in sorted((HERE / "papers").glob("*.jsonl")):
        if path.stem in scenes.STUDIES:
            continue
        tables = re.sub(r"(?m)^(?=##+ )", "#", compare(read(path)).to_markdown())
        lines += ["", f"## {path.stem}", "", tables]
        if path.stem == "random_cnn_small":
            lines += ["", "### The paper's orderings", "", *orderings.table(path)]
    return lines


def batch_norm_leak() -> list[str]:
    """Return the table of accuracies with batch statistics, by batch size and order of files."""
    study = json.loads((HERE / "papers" / "x1_batch_norm_leak.json").read_text())
    runs, plain = _by_setting(study["cells"]), _by_setting(study["without"])
    test = study["dependence"]
    lines = [
        "",
        "## x1_batch_norm_leak",
        "",
        "How batch statistics leak labels: small random VGG with batch normalisation at extraction",
        "on ESC-10, files sorted by class or shuffled, unscaled features, and the best of the",
        "paper's 32 machines, chosen on the ten test folds as in the paper; mean ± standard",
        "deviation over three draws of the weights. Sorted minus shuffled, one class per batch:",
        f"**{100 * study['leak']:.1f} points**. Without normalisation, features of different",
        f"batches differ by {study['largest_difference']:.0e} of the largest at most, and",
        "accuracies of nets with weights of their own differ by chance",
        f"({test['test']}: p = {test['p']:.2f}; the paper has 0.491). The paper's accuracies, on",
        "GTZAN, cannot be read.",
        "",
        "| clips in a batch | sorted by class, % | shuffled, % | without normalisation, % |",
        "| --- | --- | --- | --- |",
    ]
    for size in dict.fromkeys(size for size, _ in runs):
        lines.append(
            f"| {size} | {_spread(runs[size, 'sorted'])} | {_spread(runs[size, 'shuffled'])} "
            f"| {_spread(plain[size, 'sorted'])} |"
        )
    return lines


def _by_setting(cells: list[dict[str, Any]]) -> dict[tuple[str, str], list[float]]:
    """Return the accuracies of all seeds for each batch size and order."""
    runs: dict[tuple[str, str], list[float]] = {}
    for cell in cells:
        runs.setdefault((str(cell["batch_size"]), cell["order"]), []).append(cell["accuracy"])
    return runs


def by_hand(folder: str) -> list[str]:
    """Return a section that is written by hand: ``section.md`` in a folder of the benchmarks."""
    text = (HERE / folder / "section.md").read_text(encoding="utf-8")
    return ["", *text.rstrip().splitlines()]


def _spread(values: list[float]) -> str:
    return f"{100 * statistics.mean(values):.1f} ± {100 * statistics.stdev(values):.1f}"


if __name__ == "__main__":
    head = [
        "# Results",
        "",
        "Made by `benchmarks/render.py` from the stored results. Ratios are medians of interleaved",
        "runs on one machine; above 1 means that featkit is faster. Predictions of single clips",
        "are not committed: where they were not at hand, intervals count every clip by itself",
        "instead of clips of one recording together, and are narrower by a seventh or so.",
        "",
        "## Speed",
        "",
    ]
    (HERE / "RESULTS.md").write_text(
        "\n".join(
            [
                *head,
                *speed(),
                *accuracy(),
                *by_hand("headline"),
                *batch_norm_leak(),
                *scenes.page(),
                *by_hand("papers/transfer"),
                *by_hand("papers/wide"),
                *by_hand("papers/waveforms"),
                *by_hand("speed"),
                *by_hand("inspection"),
                *by_hand("fuzz"),
            ]
        ).rstrip()
        + "\n",
        encoding="utf-8",
    )
