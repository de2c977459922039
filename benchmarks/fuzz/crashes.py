"""Kill every command that writes, at every change of a file that it makes.

    python benchmarks/fuzz/crashes.py [SCENARIO …] [--seed 0] [--most 20] [--out figures.json]

For each point: right after the kill, every row that can be read is what it was before or what the
command makes of it, and no row that the command keeps is lost; outputs are absent, as before, or
whole. Then the same command runs again, and everything is as after an undisturbed run. With one
seed, every other point is the harsher kind of kill (`ending.arm`), with the next seed the others.
Prints one JSON object; exit status 1 if a point fails.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import ending
from scenarios import SCENARIOS, Scenario, preload


def in_fork(do: Callable[[], Any]) -> Any:
    """Return what ``do`` returns in a fork of this process, or the status that it ended with."""
    reply, answer = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(reply)
            text = json.dumps({"value": do()}).encode()
            with os.fdopen(answer, "wb") as file:
                file.write(text)
            status = 0
        finally:
            os._exit(status)
    os.close(answer)
    with os.fdopen(reply, "rb") as file:
        text = file.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.loads(text)["value"] if text else {"status": status}


def command(arguments: list[str]) -> tuple[int, str]:
    """Return the exit status of a command of featkit, and what it printed."""
    from featkit_cli.main import main

    sys.argv[1:] = arguments
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


class Bench:
    """One scenario: a folder as it is before the command, and what the command makes of it."""

    def __init__(self, scenario: Scenario, place: Path) -> None:
        self.scenario, self.place = scenario, place
        self.base, self.here = place / "base" / "x", place / "here" / "x"
        self.base.mkdir(parents=True)
        made = in_fork(lambda: scenario.prepare(place, self.base))
        if made is not None:
            raise RuntimeError(f"{scenario.name} could not be prepared: {made}")
        self.before = self.state_of(self.base)
        self.total = self.killed(None)
        self.mended = self.rerun()
        self.after = self.state_of(self.here)

    def fresh(self) -> None:
        """Make the folder as it was before the command."""
        shutil.rmtree(self.here.parent, ignore_errors=True)
        shutil.copytree(self.base, self.here)

    def words(self, arguments: tuple[str, ...]) -> list[str]:
        """Return the words of a command, the places in them filled in."""
        return [word.format(here=self.here, place=self.place) for word in arguments]

    def killed(self, fatal: int | None, harsh: bool = False) -> Any:
        """Run the command on a fresh folder and return how many changes it made, or its status."""
        self.fresh()

        def run() -> Any:
            changes = ending.arm(str(self.here.parent), fatal, harsh)
            status, text = command(self.words(self.scenario.command))
            return changes() if status in self.scenario.allowed else f"status {status}: {text}"

        return in_fork(run)

    def rerun(self) -> Any:
        """Run what mends everything; return what went wrong, and the names of all files."""

        def run() -> Any:
            problems = []
            for arguments, allowed in self.scenario.mending:
                status, text = command(self.words(arguments))
                if status not in allowed:
                    problems.append(f"{arguments[0]} again: status {status}: {text}")
            top = self.here.parent
            names = sorted(str(path.relative_to(top)) for path in top.rglob("*"))
            return {"problems": problems, "names": names}

        return in_fork(run)

    def state_of(self, folder: Path) -> Any:
        """Return what the scenario sees of a folder."""
        state = in_fork(lambda: self.scenario.state(folder, self.place))
        if "status" in state:
            raise RuntimeError(f"{self.scenario.name}: what is left cannot be read")
        return state

    def problems(self, change: int, harsh: bool) -> list[str]:
        """Return what is wrong after a kill."""
        ended = self.killed(change, harsh)
        if ended != {"status": ending.STATUS}:
            return [f"the command was not killed, but ended with {ended}"]
        problems = list(self.scenario.check(self.before, self.state_of(self.here), self.after))
        mended = self.rerun()
        problems += mended.get("problems", [f"the mending died: {mended}"])
        state = self.state_of(self.here)
        if state != self.after:
            other = [key for key in self.after if state.get(key) != self.after[key]]
            problems.append(f"mended, but not as after an undisturbed run: {other} {state.keys()}")
        if self.scenario.tidy and mended.get("names") != self.mended["names"]:
            difference = set(mended.get("names", [])) ^ set(self.mended["names"])
            problems.append(f"other files than after an undisturbed run: {sorted(difference)}")
        return problems


def run(name: str, place: Path, seed: int, most: int | None = None) -> dict[str, Any]:
    """Return ``{"changes", "points", "seconds", "failed": [{"change", "harsh", "problem"}]}``.

    ``most`` limits the points, which are spread evenly.
    """
    begun = time.perf_counter()
    bench = Bench(SCENARIOS[name], place)
    if not isinstance(bench.total, int) or bench.mended.get("problems"):
        raise RuntimeError(f"{name}: the undisturbed run failed: {bench.total} {bench.mended}")
    changes = range(1, bench.total + 1)
    step = 1 if most is None else max(1, -(-bench.total // most))
    failed, points = [], 0
    for change in changes[seed % step :: step]:
        points += 1
        harsh = bool((change // step + seed) % 2)
        try:
            problems = bench.problems(change, harsh)
        except RuntimeError as error:
            problems = [str(error)]
        failed += [{"change": change, "harsh": harsh, "problem": problem} for problem in problems]
    seconds = round(time.perf_counter() - begun, 1)
    return {"changes": bench.total, "points": points, "seconds": seconds, "failed": failed}


def main() -> int:
    """Run the scenarios that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, help="points of each scenario")
    parser.add_argument("--out", type=Path, help="figures as JSON")
    options = parser.parse_args()
    preload()
    figures: dict[str, Any] = {}
    for name in options.scenarios or SCENARIOS:
        with tempfile.TemporaryDirectory() as place:
            figures[name] = run(name, Path(place), options.seed, options.most)
        print(name, json.dumps(figures[name]), flush=True)
        if options.out:
            options.out.write_text(json.dumps(figures, indent=1) + "\n")
    failed = sum(len(one["failed"]) for one in figures.values())
    points = sum(one["points"] for one in figures.values())
    print(f"{points} points, seed {options.seed}, {failed} problems")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
