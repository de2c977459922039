"""Make RESULTS.md from the stored results: ``python benchmarks/render.py``."""

import json
import re
import statistics
from pathlib import Path

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
    """Return the tables of accuracy studies, one for each results file under papers/."""
    from featkit.comparison.overview import compare
    from featkit.results import read

    lines: list[str] = []
    for path in sorted((HERE / "papers").glob("*.jsonl")):
        tables = re.sub(r"(?m)^(?=##+ )", "#", compare(read(path)).to_markdown())
        lines += ["", f"## {path.stem}", "", tables]
        if path.stem == "random_cnn_small":
            lines += ["", "### The paper's orderings", "", *orderings.table(path)]
    return lines


def batch_norm_leak() -> list[str]:
    """Return the table of accuracies with batch statistics, by batch size and order of files."""
    study = json.loads((HERE / "papers" / "x1_batch_norm_leak.json").read_text())
    runs: dict[tuple[str, str], list[float]] = {}
    for cell in study["cells"]:
        runs.setdefault((str(cell["batch_size"]), cell["order"]), []).append(cell["accuracy"])
    lines = [
        "",
        "## x1_batch_norm_leak",
        "",
        "How batch statistics leak labels: small random VGG with batch normalisation at extraction",
        "and an SVM, on ESC-10, with files sorted by class or shuffled; mean ± standard deviation",
        "over seeds. Measured before the study followed the paper in everything: features were",
        "standardised, and the machine had an RBF kernel and C = 8 instead of 32 candidates.",
        f"Without batch statistics: {_spread(study['without'])} %. "
        "Sorted minus shuffled, one class per batch:",
        f"{100 * study['leak']:.1f} points.",
        "",
        "| clips in a batch | sorted by class, % | shuffled, % |",
        "| --- | --- | --- |",
    ]
    for size in dict.fromkeys(size for size, _ in runs):
        lines.append(
            f"| {size} | {_spread(runs[size, 'sorted'])} | {_spread(runs[size, 'shuffled'])} |"
        )
    return lines


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
        "runs on one machine; above 1 means that featkit is faster.",
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
                *batch_norm_leak(),
                *scenes.page(),
                *by_hand("papers/wide"),
                *by_hand("papers/waveforms"),
                *by_hand("fuzz"),
            ]
        ).rstrip()
        + "\n",
        encoding="utf-8",
    )
