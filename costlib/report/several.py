"""The book with several scenarios side by side: one book each, and a page that compares them."""

import base64
import io
import os
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.parse import quote

from costlib.base import fmt, folders
from costlib.base.errors import FileError
from costlib.base.files import read_scenario
from costlib.base.text import markup, printable, shown
from costlib.economics import methods, scenarios, uncertainty
from costlib.economics.comparison import compared
from costlib.report import figures, rerun, tables
from costlib.sweeping import cluster

COMMAND = "rerun of several scenarios"
FAILED, TOPIC = "failed", "costlib-rerun"
LONGEST = 36  # letters of a name above a picture
TEMPLATE = Path(__file__).with_suffix(".html")


class ScenarioResult(NamedTuple):
    """What became of a scenario: its comparison of methods where it could be made, and the problem if there is one."""

    name: str
    compared: tuple = ()
    problem: str = ""


def named(paths):
    """Return scenario files by the name of their folder, or raise a FileError where a name will not do.

    >>> list(named(["notebooks/scenarios/startup.yml", "ours.yml"]))
    ['startup', 'ours']
    """
    found = {}
    for path in map(Path, paths):
        # Of names that differ in their case alone, many disks make one.
        known = {name.casefold(): name for name in found}
        if path.stem.casefold() in known:
            other = found[known[path.stem.casefold()]]
            raise FileError(f"{other} and {path} would both be called {path.stem}; rename one")
        if path.stem.startswith(".") or path.stem.casefold() == "index.html" or not path.stem:
            raise FileError(f"{path} gives its folder the name {shown(path.stem)}, which will not do; rename it")
        found[path.stem] = path
    return found


def run(root, paths, extra, out, chosen=(), jobs=2, resume=False, strict=False, notify=lambda event, name: None):
    """Run the book with several scenarios on the workers of a sweep, and write a page that compares them.

    Parameters
    ----------
    root, out, chosen, resume, strict : as of :func:`costlib.report.rerun.run`; each scenario has a folder in `out`
    paths : scenario files
    extra : dict of parameters that all of them take, over those of the file
    jobs : scenarios at a time, one chapter of each
    notify : called with ("plan", number of chapters), then the notices of all runs together, with the scenario's name
        before that of a chapter, and ("scenario", what became of it)

    Returns
    -------
    list of ScenarioResult, in the order of the files; one that fails stops no other

    Raises
    ------
    ValueError : bad parameters, names or folders, of all files at once, before anything runs
    RunError, or ClusterError : before anything runs
    """
    files, root = named(paths), Path(root).resolve()
    todo = [path.stem for path in rerun.chapters(root, chosen)]
    values = _read(files, extra)
    out = folders.checked(out, COMMAND, paths, root)
    for name in files:
        folders.checked(out / name, rerun.COMMAND, paths)
    rerun.refuse_if_no_room(out, len(files))
    with folders.opened(out, COMMAND, paths, root, ["index.html"]) as folder:
        notify("plan", len(files) * len(todo))
        found = {}
        with cluster.connected(min(jobs, len(files))) as client:
            _run_all(client, root, values, out, (chosen, 1, resume, strict), found, notify)
        results = [found[name] for name in files]
        folder.write("index.html", page(results))
    return results


def _run_all(client, root, values, out, how, results, notify):
    from dask.distributed import as_completed

    client.subscribe_topic(TOPIC, _Together(notify, len(values)))
    started = {
        client.submit(one, root, name, given, out / name, *how, pure=False): name for name, given in values.items()
    }
    try:
        for future in as_completed(started):
            name = started[future]
            try:
                results[name] = future.result()
            except Exception as error:  # whatever it is, the others go on
                results[name] = ScenarioResult(name, _compared(values[name]), f"{type(error).__name__}: {error}")
            notify("scenario", f"{name} {FAILED if results[name].problem else 'done'}")
    finally:
        client.unsubscribe_topic(TOPIC)


class _Together:
    """The notices of several runs as those of one; what is left is what the slowest says."""

    def __init__(self, notify, runs):
        self.notify, self.runs, self.pages, self.left = notify, runs, {}, {}

    def __call__(self, event):
        name, kind, value = event[1]
        if kind == "pages":
            self.pages[name] = value
            _, _, wanted = value
            missing = self.runs - len(self.pages)
            read, written, every = map(sum, zip(*self.pages.values(), strict=True))
            self.notify(kind, (read, written, every + missing * wanted))
        elif kind == "left":
            self.left[name] = value
            self.notify(kind, None if None in self.left.values() else max(self.left.values()))
        elif kind != "plan":
            self.notify(kind, f"{name} {value}".strip())


def one(root, name, values, out, *how):
    """Run the book with one scenario and return its ScenarioResult: what a worker does."""
    from dask.distributed import get_worker

    worker = get_worker()
    try:
        outcome = rerun.run(root, values, out, *how, lambda event, value: worker.log_event(TOPIC, (name, event, value)))
    except (ValueError, rerun.RunError) as error:
        return ScenarioResult(name, _compared(values), str(error))
    return ScenarioResult(name, _compared(values), "\n".join(outcome.failed.values()))


def _read(files, extra):
    """Return the checked values of scenario files by name, or raise a ValueError with all that is wrong in them."""
    found, problems = {}, []
    for name, path in files.items():
        try:
            found[name] = read_scenario(path) | extra
            scenarios.complete(found[name])
        except ValueError as error:
            said = [line if line.startswith(str(path)) else f"{path}: {line}" for line in str(error).splitlines()]
            problems.extend(said)
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _compared(values):
    return tuple(compared(scenarios.complete(values), fixed=scenarios.held(values)))


def page(results):
    """Return the page that compares results, as HTML.

    >>> good, bad = ScenarioResult("ours", _compared({})), ScenarioResult("theirs", problem="epochs [-] must be <more>")
    >>> text = page([good, bad])
    >>> 'href="ours/index.html"' in text, "epochs [-] must be &lt;more&gt;" in text
    (True, True)
    """
    drawn = [result for result in results if result.compared]
    panels = "\n".join(_panel(result, _ends(drawn)) for result in drawn)
    failed = [f'<p class="failed"><b>{markup(each.name)}</b>: {markup(each.problem)}</p>'
              for each in results if each.problem]  # fmt: skip
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        count=len(results), draws=fmt.number(uncertainty.DRAWS), table=_table(drawn) if drawn else "",
        failed="\n".join(failed), panels=panels)  # fmt: skip


def _table(results):
    import pandas

    frame = pandas.DataFrame([_row(result) for result in results])
    addresses = ["" if result.problem else f"{quote(os.fsencode(result.name))}/index.html" for result in results]
    return tables.html("tab-scenarios", frame, "Key results of every scenario", {"scenario": addresses})


def _row(result):
    """The cells of a scenario by column: a value, and on the line below it its interval."""
    cells = {each.method.label: f"{_usd(each.method.usd)}\n{_usd(each.usd_low)} to {_usd(each.usd_high)}"
             for each in result.compared}  # fmt: skip
    judge = next(each for each in result.compared if each.method.name == "rlaif")
    span = f"{fmt.ratio(judge.ratio_low)} to {fmt.ratio(judge.ratio_high)}"
    days = fmt.number(judge.method.days, 1)
    cells |= {"ratio": f"{fmt.ratio(judge.ratio)}\n{span}", "days, RLAIF": days}
    return {"scenario": printable(result.name)} | cells


def _usd(amount):
    return fmt.usd(amount, 0 if amount >= 100 else 2)


def _ends(results):
    every = [usd for result in results for each in result.compared for usd in (each.usd_low, each.usd_high) if usd > 0]
    return (min(every) / 1.3, max(every) * 1.3) if every else (1, 10)


def _panel(result, ends):
    """A small picture of the methods of one scenario, on the scale of all."""
    from matplotlib import pyplot

    fig, ax = figures.canvas(4.6, 2.6)
    for place, each in enumerate(reversed(result.compared)):
        ax.plot([each.usd_low, each.usd_high], [place, place], color=figures.SKY, lw=7, solid_capstyle="round")
        ax.plot(each.method.usd, place, "o", color=figures.BLUE, ms=6)
    ax.set(xscale="log", xlim=ends, ylim=(-0.6, len(result.compared) - 0.4), xlabel="cost [USD]")
    short = [methods.NAMES[each.method.name].short for each in reversed(result.compared)]
    ax.set_yticks(range(len(short)), short)
    name = printable(result.name)
    ax.set_title(name if len(name) < LONGEST else f"{name[:LONGEST]}…", loc="left", fontweight="bold", fontsize=13)
    ax.grid(axis="x")
    file = io.BytesIO()
    fig.savefig(file, metadata={"Software": None})
    pyplot.close(fig)
    said = ", ".join(f"{each.method.label} {_usd(each.method.usd)}" for each in result.compared)
    encoded = base64.b64encode(file.getvalue()).decode()
    return f'<figure><img alt="{markup(result.name)}: {markup(said)}" src="data:image/png;base64,{encoded}"></figure>'
