#!/usr/bin/env python3
"""Feed damaged files to featkit's parsers: ``run.py [PARSER …] --cases 10000 --out figures.json``.

Allowed are a value and an error of featkit. A loss (fewer samples than the file holds, without an
error), a traceback, a hang of 5 s, memory beyond 2 GiB and a crash are not: exit 1. A case is
written to a file by ``run.py PARSER --show CASE``.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from parsers import PARSERS
from pool import case_of, parser_of, run


def main() -> int:
    """Run the parsers that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    choices = f"{', '.join(PARSERS)}, or module:NAME"
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=choices)
    parser.add_argument("--cases", type=int, default=1000, help="for each parser")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="figures as JSON")
    parser.add_argument("--show", type=int, metavar="CASE", help="write one case to stdout")
    chosen = parser.parse_args()
    unknown = {name for name in chosen.parsers if ":" not in name} - PARSERS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARSERS)}")
    names = chosen.parsers or [name for name, one in PARSERS.items() if one.seeds()]
    if chosen.show is not None:
        sys.stdout.buffer.write(case_of(parser_of(names[0]), chosen.seed, chosen.show)[1])
        return 0
    figures = {}
    for name in names:
        tally = run(name, chosen.cases, chosen.seed)
        figures[name] = {
            "cases": chosen.cases,
            "seed": chosen.seed,
            **{kind: tally.outcomes[kind] for kind in sorted(tally.outcomes)},
            "seconds": round(tally.seconds, 1),
            "bad": tally.bad[:50],
        }
        counts = ", ".join(f"{kind} {n}" for kind, n in tally.outcomes.most_common())
        print(f"{name}: {counts}; {tally.seconds:.0f} s", flush=True)
        for case in tally.bad[:5]:
            print(f"  case {case['case']}: {case['outcome']} {case['detail']}", flush=True)
        if chosen.out:
            chosen.out.write_text(json.dumps(figures, indent=1) + "\n")
    return int(any(one["bad"] for one in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
