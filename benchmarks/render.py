"""Make RESULTS.md of the stored results: python benchmarks/render.py."""

import json
from pathlib import Path

import orderings

HERE = Path(__file__).parent


def speed() -> list[str]:
    """Return the table of speed ratios."""
    stored = json.loads((HERE / "speed" / "results.json").read_text())
    lines = ["| what: theirs / ours | ratio (min–max) | runs | must | machine |", "| --- | --- | --- | --- | --- |"]
    for found in stored.values():
        for row in found["rows"]:
            note = f"; {row['note']}" if row.get("note") else ""
            spread = f"**{row['ratio']:.2f}** ({row['ratio_min']:.2f}–{row['ratio_max']:.2f})"
            lines.append(f"| {row['name']}{note} | {spread} | {row['runs']} | {row['must']:.2f} | {found['machine']} |")
    return lines


def accuracy() -> list[str]:
    """Return the tables of accuracy studies, one for each results file under papers/."""
    from featkit.comparison import compare
    from featkit.scores import read

    lines: list[str] = []
    for path in sorted((HERE / "papers").glob("*.jsonl")):
        lines += ["", f"## {path.stem}", "", compare(read(path)).to_markdown()]
        if path.stem == "random_cnn_small":
            lines += ["", "### The paper's orderings", "", *orderings.table(path)]
    return lines


if __name__ == "__main__":
    head = [
        "# Results",
        "",
        "Made by `benchmarks/render.py` from the stored results. Ratios are medians of interleaved runs on one",
        "machine; above 1 means that featkit is faster.",
        "",
        "## Speed",
        "",
    ]
    (HERE / "RESULTS.md").write_text("\n".join([*head, *speed(), *accuracy()]).rstrip() + "\n", encoding="utf-8")
