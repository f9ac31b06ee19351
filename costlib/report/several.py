"""The book with several scenarios side by side: one book each, and a page that compares them."""

import base64
import io
import os
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.parse import quote

from costlib import fmt
from costlib.economics import scenarios, uncertainty
from costlib.economics.comparison import compared
from costlib.files import read_scenario, write_whole
from costlib.report import figures, rerun, tables
from costlib.sweeping import cluster
from costlib.text import markup, printable

FAILED = "failed"
TEMPLATE = Path(__file__).with_suffix(".html")


class ScenarioResult(NamedTuple):
    """What became of a scenario: its comparison of methods where it could be made, and the problem if there is one."""

    name: str
    compared: tuple = ()
    problem: str = ""


def named(paths):
    """Return scenario files by the name of their folder, or raise a RunError where two would share one.

    >>> list(named(["notebooks/scenarios/startup.yml", "ours.yml"]))
    ['startup', 'ours']
    """
    found = {}
    for path in map(Path, paths):
        if path.stem in found:
            raise rerun.RunError(f"{found[path.stem]} and {path} would both be called {path.stem}; rename one")
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
    notify : called with ("plan", names), then ("done" | "failed", name)

    Returns
    -------
    list of ScenarioResult, in the order of the files; one that fails stops no other

    Raises
    ------
    RunError, or ClusterError : before anything runs
    """
    files, out = named(paths), Path(out).resolve()
    if out == root or root.is_relative_to(out):
        raise rerun.RunError(f"{out} holds the book itself; name another folder")
    rerun.chapters(root, chosen)
    out.mkdir(parents=True, exist_ok=True)
    notify("plan", list(files))
    results = {name: _read(name, path, extra) for name, path in files.items()}
    for result in results.values():
        if isinstance(result, ScenarioResult):
            notify(FAILED, result.name)
    good = {name: values for name, values in results.items() if not isinstance(values, ScenarioResult)}
    if good:
        with cluster.connected(min(jobs, len(good))) as client:
            _run_all(client, root, good, out, (chosen, 1, resume, strict), results, notify)
    found = list(results.values())
    write_whole(out / "index.html", page(found))
    return found


def _run_all(client, root, good, out, how, results, notify):
    from dask.distributed import as_completed

    started = {
        client.submit(one, root, name, values, out / name, *how, pure=False): name for name, values in good.items()
    }
    for future in as_completed(started):
        name = started[future]
        try:
            results[name] = future.result()
        except Exception as error:  # whatever it is, the others go on
            results[name] = ScenarioResult(name, _compared(good[name]), f"{type(error).__name__}: {error}")
        notify(FAILED if results[name].problem else "done", name)


def one(root, name, values, out, *how):
    """Run the book with one scenario and return its ScenarioResult: what a worker does."""
    try:
        outcome = rerun.run(root, values, out, *how)
    except (ValueError, rerun.RunError) as error:
        return ScenarioResult(name, _compared(values), str(error))
    return ScenarioResult(name, _compared(values), "\n".join(outcome.failed.values()))


def _read(name, path, extra):
    """The checked values of a scenario file, or a Result that says why there are none."""
    try:
        values = read_scenario(path) | extra
        scenarios.complete(values)
    except ValueError as error:
        return ScenarioResult(name, problem=str(error))
    return values


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
    return {"scenario": printable(result.name)} | cells | {"ratio": f"{fmt.ratio(judge.ratio)}\n{span}", "days, RLAIF": days}


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
    ax.set_yticks(range(len(result.compared)), [each.method.name for each in reversed(result.compared)])
    ax.set_title(printable(result.name), loc="left", fontweight="bold", fontsize=13)
    ax.grid(axis="x")
    file = io.BytesIO()
    fig.savefig(file, metadata={"Software": None})
    pyplot.close(fig)
    said = ", ".join(f"{each.method.name} {_usd(each.method.usd)}" for each in result.compared)
    encoded = base64.b64encode(file.getvalue()).decode()
    return f'<figure><img alt="{markup(result.name)}: {markup(said)}" src="data:image/png;base64,{encoded}"></figure>'
