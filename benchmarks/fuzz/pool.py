"""Cases run in a child process with limits of time and memory, whose end is an outcome too."""

import importlib
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from mutations import mutated
from parsers import PARSERS, Parser

SECONDS = 5.0
# Beyond what the process has when it starts; a decoded clip may take a tenth of it.
MEMORY = 2 << 30
CLIP_GIB = 0.2
GOOD = ("value", "error")


@dataclass
class Tally:
    """Outcomes of one parser's cases, and the numbers of those that are not good."""

    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, case: int, outcome: str, detail: str = "") -> None:
        """Note what became of one case."""
        self.outcomes[outcome] += 1
        if outcome not in GOOD:
            self.bad.append({"case": case, "outcome": outcome, "detail": detail})


def parser_of(name: str) -> Parser:
    """Return the parser called ``name``, or the one that ``module:NAME`` points to."""
    module, _, attribute = name.partition(":")
    if not attribute:
        return PARSERS[name]
    outside: Parser = getattr(importlib.import_module(module), attribute)
    return outside


def case_of(parser: Parser, seed: int, case: int) -> tuple[int, bytes]:
    """Return the number of the undamaged file of a case, and the damaged one."""
    rng = np.random.default_rng([seed, case])
    seeds = parser.seeds()
    chosen = int(rng.integers(len(seeds)))
    return chosen, mutated(seeds[chosen], parser.mutations, rng)


def outcome(parser: Parser, data: bytes, folder: Path, least: int = 0) -> tuple[str, str]:
    """Return ``value``, ``error``, ``loss``, ``memory`` or ``traceback``, and what was raised."""
    from featkit.errors import FeatkitError

    try:
        size = parser.read(data, folder)
    except FeatkitError as error:
        return "error", str(error)
    except MemoryError as error:
        return "memory", repr(error)
    except Exception as error:
        return "traceback", f"{type(error).__name__}: {error}"[:300]
    if parser.keeps_size and size < least:
        return "loss", f"{size} of {least}"
    return "value", ""


def _work(name: str, seed: int, first: int, stop: int, out: Connection) -> None:
    """Send (case, "start", "") and (case, outcome, detail) of each case."""
    os.environ["FEATKIT_MAX_CLIP_GIB"] = str(CLIP_GIB)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)  # Decoders write warnings.
    parser = parser_of(name)
    with tempfile.TemporaryDirectory() as folder:
        # Loads libraries, before memory is limited.
        sizes = [parser.read(data, Path(folder)) for data in parser.seeds()]
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        for case in range(first, stop):
            chosen, data = case_of(parser, seed, case)
            out.send((case, "start", ""))
            out.send((case, *outcome(parser, data, Path(folder), sizes[chosen])))


def run(name: str, cases: int, seed: int = 0) -> Tally:
    """Return the outcomes of ``cases`` cases of one parser; a process that hangs or dies is
    replaced.
    """
    tally, begun, first = Tally(), time.perf_counter(), 0
    context = multiprocessing.get_context("spawn")
    while first < cases:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(name, seed, first, cases, theirs), daemon=True)
        child.start()
        theirs.close()
        first = _follow(ours, tally, first, cases)
        child.kill()
        child.join()
    tally.seconds = time.perf_counter() - begun
    return tally


def _follow(messages: Connection, tally: Tally, first: int, cases: int) -> int:
    """Note outcomes until a process ends, hangs or dies; return the first case that is left."""
    case, started = first, False
    while case < cases:
        # A process needs a while to start.
        if not messages.poll(SECONDS if started else 120.0):
            if not started:
                raise RuntimeError("the process did not start")
            tally.add(case, "hang", f"{SECONDS:g} s")
            return case + 1
        try:
            case, kind, detail = messages.recv()
        except EOFError:
            if not started:
                raise RuntimeError(f"the process died before case {case}") from None
            tally.add(case, "crash")
            return case + 1
        if kind == "start":
            started = True
        else:
            tally.add(case, kind, detail)
            case += 1
    return case
