"""Run the unit tests of the science on a sample of mutants: `make mutants SEED=1 COUNT=500`.

The tests run in a copy of the package without executed chapters: those that fail there without any mutant compare
stored outputs, and are left out. What changes a function is tested as `swap` says. What changes more than functions,
and what passed, is written into the copy and tested in a process that has loaded no part of costlib: the examples and
tests of the module, then all unit tests of the science. There a mutated module carries a mark, and the run stops if
tests passed without loading it.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis  # noqa: F401  what follows is loaded once, before the processes part
import mutants
import nbval.plugin  # noqa: F401
import numpy  # noqa: F401
import pandas  # noqa: F401
import pytest
import swap

NEEDED = ("costlib", "tests", "book", "notebooks", "pyproject.toml", "Makefile", "README.md", "CITATION.cff")
LIMIT_SECONDS = 300
NOT_LOADED = 90
MARK = "\n__mutant__ = {!r}\n"
SURVIVORS = Path(__file__).with_name("survivors.csv")
COLUMNS = ("module", "function", "code", "mutation")


class Witness:
    """A plugin that leaves out some tests, puts some first, and says whether the mutant was loaded."""

    def __init__(self, module, mark, left_out):
        self.module, self.mark, self.left_out = module, mark, set(left_out)

    def pytest_collection_modifyitems(self, items):
        """Leave out the tests that rest on what is stored."""
        items[:] = [item for item in items if item.nodeid not in self.left_out]

    def loaded(self):
        """Say whether the module that the tests loaded bears the mark."""
        return getattr(sys.modules.get(swap.name_of(self.module)), "__mutant__", None) == self.mark


def own_tests(module):
    """Return the examples of a module and the tests that bear its name."""
    floor, name = Path(module).parent.name, Path(module).stem
    tests = [path for path in (mutants.ROOT / "tests").rglob(f"test_{name}.py") if path.parent.name == floor]
    return [module, *(path.relative_to(mutants.ROOT).as_posix() for path in tests)]


def all_tests():
    """Return the unit tests of the science and all its examples."""
    return [*(f"tests/{floor}" for floor in mutants.FLOORS), *mutants.modules()]


def tested(copy, arguments, plugin):
    """Run pytest on a copy of the package, in this process, and return its exit code."""
    os.chdir(copy)
    with (copy / "output.txt").open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.path[:0] = [str(copy)]
    os.environ["PYTHONPATH"] = str(copy)
    # Random examples are the same each time, or a mutant would be killed on one day and not on the next.
    return int(pytest.main(["-q", "--hypothesis-seed=0", "--benchmark-disable", f"--rootdir={copy}", "-n0", *arguments],
                           plugins=[plugin]))  # fmt: skip


def swapped(copy, chosen, workers):
    """Return how each mutant ended that `swap` tests, by its number, and the tests that rest on stored outputs."""
    output = os.fdopen(os.dup(1), "w")

    def job():
        plugin = swap.Forked(chosen, copy, workers, LIMIT_SECONDS, output)
        return tested(copy, all_tests(), plugin) not in (0, 5)

    os.waitpid(swap.fork(job, 3600 * 12), 0)
    if not (copy / "swapped.json").is_file():
        sys.exit(f"the tests do not run: {(copy / 'output.txt').read_text()[-2000:]}")
    found = json.loads((copy / "swapped.json").read_text())
    return {int(number): how for number, how in found["how"].items()}, found["failed"]


class Bench:
    """A copy of the package, in which one mutant at a time is tested."""

    def __init__(self, folder, like=None):
        ignored = shutil.ignore_patterns("*.ipynb", "__pycache__", ".hypothesis") if like is None else None
        folder.mkdir()
        for name in NEEDED:
            source = (like.folder if like else mutants.ROOT) / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copy2(source, folder / name)
        self.folder, self.busy = folder, False

    def start(self, mutant, mark, arguments, left_out):
        """Write a mutant with its mark, and test it in a process of its own."""
        path = self.folder / mutant["module"]
        self.before = path, path.read_bytes()
        path.write_text(mutant["source"] + MARK.format(mark), encoding="utf-8")
        for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
            stale.unlink()

        def job():
            sys.dont_write_bytecode = True
            witness = Witness(mutant["module"], mark, left_out)
            code = tested(self.folder, ["-x", *arguments], witness)
            return NOT_LOADED if code == 0 and not witness.loaded() else code

        self.busy = True
        return swap.fork(job, LIMIT_SECONDS)

    def clean(self):
        """Write the module as it was; the sources may have changed since the copy was made."""
        path, content = self.before
        path.write_bytes(content)
        self.busy = False


def loaded_anew(benches, chosen, numbers, tests, left_out):
    """Yield the number of each mutant and the exit code of the tests on it, which load it from its file."""
    places = {}

    def start(number):
        bench = places[number] = next(bench for bench in benches if not bench.busy)
        return bench.start(chosen[number], number, tests(chosen[number]["module"]), left_out)

    for number, code in swap.in_turn(numbers, start, len(benches)):
        places[number].clean()
        yield number, code


def canary(benches, left_out):
    """Stop if the tests of a module do not notice that it cannot be loaded: mutants would not be loaded either."""
    planted = [{"module": name, "source": "raise RuntimeError('a canary')\n"} for name in mutants.modules()[::9]]
    for number, code in loaded_anew(benches, planted, range(len(planted)), own_tests, left_out):
        if code in (0, 5, NOT_LOADED):
            sys.exit(f"the tests of {planted[number]['module']} do not load its mutants")


def ended(chosen, folder, workers, listed, quick):
    """Return how each mutant ended: killed by "swap", "own" or "wider" tests, else "too long" or "alive"."""
    benches = [Bench(folder / "0")]
    how, left_out = swapped(benches[0].folder, chosen, workers)
    print(f"{len(left_out)} tests rest on stored outputs and are left out: {', '.join(left_out)}", flush=True)
    benches += [Bench(folder / str(number), benches[0]) for number in range(1, workers)]
    canary(benches, left_out)
    outside = [number for number, word in how.items() if word == "outside"]
    print(f"{len(outside)} change more than functions", flush=True)
    for number, code in loaded_anew(benches, chosen, outside, own_tests, left_out):
        how[number] = "alive" if code in (0, 5, NOT_LOADED) else "too long" if code == swap.TOO_LONG else "own"
    if quick:
        return how
    again = [number for number, word in how.items() if word == "alive" and key(chosen[number]) not in listed]
    print(f"{len(again)} are alive and not listed: all tests", flush=True)
    for number, code in loaded_anew(benches, chosen, again, lambda _: all_tests(), left_out):
        if code in (NOT_LOADED, 70):
            sys.exit(f"a mutant was not loaded: {key(chosen[number])}")
        how[number] = {0: "alive", swap.TOO_LONG: "too long"}.get(code, "wider")
    return how


def key(mutant):
    """Return what tells a mutant from all others."""
    return tuple(mutant[name] for name in COLUMNS)


def known():
    """Return the survivors that are listed."""
    with SURVIVORS.open(encoding="utf-8", newline="") as file:
        return {key(row): row for row in csv.DictReader(file)}


def report(chosen, how, listed, text):
    """Print the rate, the counts by module and the survivors; return the part that was killed."""
    alive = [chosen[number] for number, word in how.items() if word == "alive"]
    counts, left = Counter(mutant["module"] for mutant in chosen), Counter(mutant["module"] for mutant in alive)
    print("\nmodule, mutants, alive")
    for module in sorted(counts):
        print(f"{module}, {counts[module]}, {left[module]}")
    for mutant in sorted(alive, key=lambda mutant: (mutant["module"], mutant["line"])):
        row = listed.get(key(mutant))
        print(f"\n{mutant['module']}:{mutant['line']} in {mutant['function'] or 'the module'}, {mutant['operator']}")
        print(f"  - {mutant['code']}\n  + {mutant['mutation']}")
        print(f"  {'equivalent: ' if row['equivalent'] == 'yes' else ''}{row['reason']}" if row else "  not listed")
    same = sum(listed.get(key(mutant), {}).get("equivalent") == "yes" for mutant in alive)
    part = 1 - len(alive) / len(chosen)
    print(
        f"\n{text}: {len(chosen) - len(alive)} of {len(chosen)} killed ({part:.1%}), {len(alive)} alive, {same} of them"
        f" equivalent; {dict(Counter(how.values()))}"
    )
    return part


def main():
    """Draw a sample, test it and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.95, help="the part to kill")
    parser.add_argument("--save", type=Path, help="write the survivors that are not listed into this file")
    parser.add_argument("--only", type=Path, help="test again the mutants of such a file")
    parser.add_argument("--quick", action="store_true", help="without all tests for what is alive")
    given = parser.parse_args()
    if any(name.startswith("costlib") for name in sys.modules):
        sys.exit("costlib is loaded before the processes part: no mutant would be")
    chosen, total = mutants.sample(given.count, given.seed)
    if given.only:
        wanted = {tuple(each) for each in json.loads(given.only.read_text())}
        chosen = [mutant for mutant in chosen if key(mutant) in wanted]
    listed = known()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        how = ended(chosen, Path(folder), given.workers, listed, given.quick)
    part = report(chosen, how, listed, f"seed {given.seed}, of {total} changes")
    if given.save:
        left = [key(chosen[n]) for n, word in how.items() if word == "alive" and key(chosen[n]) not in listed]
        given.save.write_text(json.dumps(left, indent=1))
    sys.exit(part < given.least)


if __name__ == "__main__":
    main()
