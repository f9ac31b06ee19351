"""Mutants of what stands in functions, tested without loading anything again.

As in mutmut, the tests are collected once, and each mutant is put into a process forked from there: here by giving the
functions concerned the code compiled from the changed module, and by emptying what is remembered (functools.cache).
Only the tests that run the changed function are run, those of its module first, then those that run few lines.
"""

import functools
import gc
import importlib
import inspect
import json
import os
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

import coverage
import pytest


def functions(code):
    """Return the code of each function that a module or a class in it defines, in order; inner ones are theirs."""
    found = []
    for constant in code.co_consts:
        if inspect.iscode(constant):
            found += [constant] if constant.co_flags & inspect.CO_OPTIMIZED else functions(constant)
    return found


def outside(code):
    """Return what a module and its classes run when they are loaded, without what is in functions."""
    inner = [outside(c) if inspect.iscode(c) and not c.co_flags & inspect.CO_OPTIMIZED else c for c in code.co_consts]
    return code.co_code, code.co_names, [repr(c) if not inspect.iscode(c) else c.co_name for c in code.co_consts], [
        c for c in inner if isinstance(c, tuple) and c and isinstance(c[0], bytes)
    ]  # fmt: skip


def name_of(path):
    """Return the name under which a file of the package is loaded."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Swap:
    """The functions that are loaded, and what they remember."""

    def __init__(self):
        gc.collect()
        self.live, self.remembered = defaultdict(list), []
        for each in gc.get_objects():
            if inspect.isfunction(each):
                self.live[each.__code__.co_filename, each.__code__.co_qualname, each.__code__.co_firstlineno].append(
                    each
                )
            elif isinstance(each, functools._lru_cache_wrapper) and (each.__module__ or "").startswith("costlib"):
                self.remembered.append(each)

    def changes(self, mutant):
        """Return pairs of a function and its changed code; None where the change is not in functions alone."""
        file = importlib.import_module(name_of(mutant["module"])).__file__
        before, after = (compile(text, file, "exec") for text in (Path(file).read_text("utf-8"), mutant["source"]))
        old, new = functions(before), functions(after)
        if outside(before) != outside(after) or [c.co_qualname for c in old] != [c.co_qualname for c in new]:
            return None
        pairs = []
        for was, becomes in zip(old, new, strict=True):
            if was != becomes:
                found = self.live[file, was.co_qualname, was.co_firstlineno]
                if not found or any(f.__code__.co_freevars != becomes.co_freevars for f in found):
                    return None
                pairs += [(each, becomes) for each in found]
        return pairs or None

    def forget(self):
        """Empty what is remembered."""
        for each in self.remembered:
            each.cache_clear()


class Forked:
    """A plugin of pytest that takes the place of its loop: all tests once, then some for each mutant."""

    def __init__(self, chosen, folder, workers, limit_seconds, output):
        self.chosen, self.folder, self.workers, self.limit, self.output = chosen, folder, workers, limit_seconds, output
        self.failed = []

    def pytest_runtest_logreport(self, report):
        """Remember what failed."""
        if report.failed:
            self.failed.append(report.nodeid)

    def run(self, item, following):
        """Run one test."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def measure(self, items):
        """Run all tests, and note which lines of the package each ran."""
        swap, file = Swap(), None
        tracer = coverage.Coverage(data_file=None, config_file=False, include=[f"{self.folder}/costlib/*"])
        tracer.start()
        for item, following in zip(items, [*items[1:], None], strict=True):
            if item.path != file:
                swap.forget()
                file = item.path
            tracer.switch_context(item.nodeid)
            self.run(item, following)
        tracer.stop()
        data = tracer.get_data()
        ran = {str(Path(f).relative_to(self.folder)): data.contexts_by_lineno(f) for f in data.measured_files()}
        (self.folder / "measured.json").write_text(json.dumps({"failed": self.failed, "ran": ran}))

    def killed(self, changes, items):
        """Put a mutant in and run tests until one fails."""
        for function, code in changes:
            function.__code__ = code
        self.swap.forget()
        for item, following in zip(items, [*items[1:], None], strict=True):
            self.run(item, following)
            if self.failed:
                return True
        return False

    def covering(self, mutant, items, measured):
        """Return the tests that run the function of a mutant: those of its own module first, then the short."""
        lines, (first, last) = measured["ran"].get(mutant["module"], {}), mutant["lines"]
        names = {name for line, found in lines.items() if first <= int(line) <= last for name in found}
        stem = Path(mutant["module"]).stem
        chosen = [i for i in items if i.nodeid in names and i.nodeid not in measured["failed"]]
        return sorted(chosen, key=lambda i: (i.path.stem.removeprefix("test_") != stem, self.lines[i.nodeid]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Measure in one process, then test each mutant in another."""
        os.waitpid(fork(lambda: self.measure(session.items), 10 * self.limit), 0)
        measured = json.loads((self.folder / "measured.json").read_text())
        self.lines = Counter(name for file in measured["ran"].values() for names in file.values() for name in names)
        self.swap, how = Swap(), {}
        gc.freeze()  # what is never collected is never copied

        def start(number):
            mutant = self.chosen[number]
            changes = self.swap.changes(mutant)
            tests = self.covering(mutant, session.items, measured) if changes else []
            return fork(lambda: self.killed(changes, tests), self.limit) if tests else None

        for number, code in in_turn(range(len(self.chosen)), start, self.workers):
            how[number] = {0: "alive", 1: "swap", TOO_LONG: "too long"}.get(code, "outside")
            if len(how) % 50 == 0:
                print(f"{len(how)} of {len(self.chosen)}", file=self.output, flush=True)
        (self.folder / "swapped.json").write_text(json.dumps({"how": how, "failed": measured["failed"]}))
        return True


TOO_LONG = -signal.SIGALRM


def fork(job, limit_seconds):
    """Start a job in a process of its own, which ends with 1 where the job returns something true."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            signal.alarm(limit_seconds)
            code = int(job() or 0)
        finally:
            os._exit(code)
    return child


def in_turn(numbers, start, workers):
    """Start jobs, some at a time; yield each number with its exit code, None where no process was started."""
    waiting, running = list(numbers), {}
    while waiting or running:
        while waiting and len(running) < workers:
            number = waiting.pop(0)
            child = start(number)
            if child is None:
                yield number, None
            else:
                running[child] = number
        for child, number in list(running.items()):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                del running[child]
                yield number, os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
