"""make fuzz: thousands of inputs, each with a clock of the processor; what is wrong is shrunk and said as a command.

python tests/fuzz/fuzz_run.py [--inputs 10000] [--jobs 2] [--seed 2026] [--kinds scenario,sweep]
"""

import argparse
import contextlib
import faulthandler
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from fuzz_case import SECONDS, apart, judged, reproduced
from fuzz_kinds import SHARES_OF
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

STUCK = 120  # seconds of the wall after which an input that burns no time of the processor is given up
PART = 250  # inputs of one process at a time
SORTS = {"traceback": ("traceback",), "hang": ("hang",), "wrongly accepted": ("accepted", "differs", "files", "code",
    "refused"),
         "not finite": ("not finite",), "unclear message": ("message",)}  # fmt: skip
APART = 2  # commands of each part that are also run in a process of their own


class Wrong(Exception):  # noqa: N818
    """A finding of a new key, which hypothesis then makes smaller."""


def part(kind, wanted, number, folder):
    """Try some inputs of a kind; return how many by what became of them, and the smallest case found for each key."""
    tried, found, known, commands = Counter(), {}, set(), []
    now = Path(folder) / f"{kind}-{number}"
    for attempt in range(40):
        if tried.total() < wanted:
            known |= _until_one(kind, wanted, 1000 * number + attempt, tried, found, known, commands, now)
    return kind, tried, found | _apart(kind, commands)


def _until_one(kind, wanted, number, tried, found, known, commands, now):
    """Try inputs until one has a finding whose key is not known, and make it smaller; return its key in a set."""
    smaller = set()

    @seed(number)
    @settings(max_examples=wanted - tried.total(), database=None, deadline=None, report_multiple_bugs=False,
              phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(SHARES_OF[kind][0])
    def once(case):
        now.write_text(reproduced(case), encoding="utf-8")
        faulthandler.dump_traceback_later(STUCK, exit=True)
        findings = judged(case, SECONDS, None if smaller else tried)
        faulthandler.cancel_dump_traceback_later()
        if case.command and not smaller and len(commands) < APART:
            commands.append(case)
        for each in findings:
            key = (each.sort, each.key)
            if key not in known and smaller <= {key}:
                smaller.add(key)
                found[key] = (each.words, reproduced(case))
                raise Wrong(each.key)

    with contextlib.suppress(Wrong, FlakyFailure):
        once()
    return smaller


def _apart(kind, commands):
    """What some commands do in a process of their own, as a reader starts them."""
    found = {}
    for case in commands:
        code, said = apart(case)
        if "Traceback" in said or "a fault of costlib" in said or code not in (0, 2, 3):
            found["traceback", f"{kind}: in a process of its own"] = (f"code {code}: {said[-400:]}", reproduced(case))
    return found


def main(arguments=None):
    """Try the inputs and print what was found; exit with 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--kinds", default=",".join(SHARES_OF))
    given_ = parser.parse_args(arguments)
    chosen = given_.kinds.split(",")
    whole = sum(SHARES_OF[kind][1] for kind in chosen)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    started, tried, found = time.monotonic(), {kind: Counter() for kind in chosen}, {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        parts = [(kind, min(PART, wanted - at), given_.seed + place * 1000 + at // PART, folder)
                 for place, kind in enumerate(chosen)
                 for wanted in [round(given_.inputs * SHARES_OF[kind][1] / whole)]
                 for at in range(0, wanted, PART)]  # fmt: skip
        with ProcessPoolExecutor(given_.jobs) as pool:
            going = {pool.submit(part, *each): each for each in parts}
            try:
                for done in as_completed(going):
                    kind, count, more = done.result()
                    tried[kind] += count
                    for key, (words, command) in more.items():
                        if len(command) <= len(found.get((kind, *key), ("", command))[1]):
                            found[kind, *key] = (words, command)
            except BrokenProcessPool:
                stuck = max(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime)
                kind = stuck.name.rpartition("-")[0]
                found[kind, "hang", "stuck"] = ("the process did not come back", stuck.read_text(encoding="utf-8"))
    _print(chosen, tried, found, time.monotonic() - started)
    return 1 if found else 0


def _print(chosen, tried, found, seconds):
    for (kind, sort, key), (words, command) in sorted(found.items()):
        print(f"\n{sort} | {kind} | {key}\n  {' / '.join(words.splitlines())[:600]}\n  {command}")
    header = ["kind", "inputs", "accepted", *SORTS]
    rows = [[kind, tried[kind].total(), tried[kind]["accepted"],
             *(sum(k == kind and sort in sorts for k, sort, _ in found) for sorts in SORTS.values())]
            for kind in chosen]  # fmt: skip
    rows.append(["all", *map(sum, list(zip(*rows, strict=True))[1:])])
    print()
    for row in (header, *rows):
        print(
            row[0].ljust(14)
            + "".join(f"{cell:,}".rjust(18) if isinstance(cell, int) else cell.rjust(18) for cell in row[1:])
        )
    print(f"Findings are counted by cause, not by input. {seconds:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
