"""make fuzz: thousands of inputs, each with a clock of the processor; what is wrong is shrunk and said as a command.

    python tests/fuzz/fuzz_run.py [--inputs 10000] [--jobs 2] [--seed 2026] [--kinds scenario,sweep]
"""

import argparse
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
SORTS = {"traceback": ("traceback",), "hang": ("hang",), "wrongly accepted": ("accepted", "differs", "files", "code", "refused"),
         "not finite": ("not finite",), "unclear message": ("message",)}  # fmt: skip
APART = 60  # commands that are also run in a process of their own


class Wrong(Exception):  # noqa: N818
    """A finding of a new key, which hypothesis then makes smaller."""


def part(kind, count, number, folder):
    """Try some inputs of a kind; return how many, and the smallest case found for each key."""
    tried, found, known, commands = 0, {}, {}, []
    now = Path(folder) / f"{kind}-{number}"
    for attempt in range(40):
        if tried >= count:
            break
        shrinking = []

        @seed(1000 * number + attempt)
        @settings(max_examples=count - tried, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
                  report_multiple_bugs=False, suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(SHARES_OF[kind][0])
        def once(case, shrinking=shrinking):
            nonlocal tried
            tried += not shrinking
            now.write_text(reproduced(case), encoding="utf-8")
            faulthandler.dump_traceback_later(STUCK, exit=True)
            findings = judged(case, SECONDS)
            faulthandler.cancel_dump_traceback_later()
            if case.command and not shrinking and len(commands) < 2 and not any("\0" in each for each in case.command):
                commands.append((case, findings))
            for each in findings:
                key = (each.sort, each.key)
                if key in known or (shrinking and shrinking[0] != key):
                    continue
                shrinking[:] = [key]
                found[key] = (each.words, reproduced(case))
                raise Wrong(each.key)

        try:
            once()
        except (Wrong, FlakyFailure):
            known[shrinking[0]] = True
    return kind, tried, found, _apart(kind, commands)


def _apart(kind, commands):
    """What some commands do in a process of their own: the same, and no traceback."""
    found = {}
    for case, findings in commands:
        code, said = apart(case)
        if "Traceback" in said or "a fault of costlib" in said or (code not in (0, 1, 2, 3) and not findings):
            found["traceback", f"{kind}: in a process of its own"] = (said[-400:], reproduced(case))
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
    started, tried, found = time.monotonic(), Counter(), {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        parts = [(kind, min(PART, wanted - at), given_.seed + place * 1000 + at // PART, folder)
                 for place, kind in enumerate(chosen)
                 for wanted in [round(given_.inputs * SHARES_OF[kind][1] / whole)]
                 for at in range(0, wanted, PART)]  # fmt: skip
        with ProcessPoolExecutor(given_.jobs, max_tasks_per_child=4) as pool:
            going = {pool.submit(part, *each): each for each in parts}
            try:
                for done in as_completed(going):
                    kind, count, more, others = done.result()
                    tried[kind] += count
                    for key, (words, command) in (more | others).items():
                        said = found.setdefault((kind, *key), (words, command, Counter()))
                        said[2]["parts"] += 1
                        if len(command) < len(said[1]):
                            found[kind, *key] = (words, command, said[2])
            except BrokenProcessPool:
                stuck = max(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime)
                found[stuck.name.rpartition("-")[0], "hang", "stuck"] = ("the process did not come back", stuck.read_text(), Counter())
    _print(chosen, tried, found, time.monotonic() - started)
    return 1 if found else 0


def _print(chosen, tried, found, seconds):
    for (kind, sort, key), (words, command, _) in sorted(found.items()):
        print(f"\n{sort} | {kind} | {key}\n  {' / '.join(words.splitlines())[:400]}\n  {command}")
    header = ["kind", "inputs", *SORTS]
    rows = [[kind, f"{tried[kind]:,}", *(str(sum(k == kind and sort in sorts for k, sort, _ in found)) for sorts in SORTS.values())]
            for kind in chosen]  # fmt: skip
    rows.append(["all", f"{tried.total():,}", *(str(sum(sort in sorts for _, sort, _ in found)) for sorts in SORTS.values())])
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print()
    for row in (header, *rows):
        print("  ".join(cell.rjust(width) if place else cell.ljust(width)
                        for place, (cell, width) in enumerate(zip(row, widths, strict=True))))  # fmt: skip
    print(f"kinds of mistakes, not inputs, are counted; recipe files: none are read yet; {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
