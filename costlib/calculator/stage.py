"""One job on GPUs for the calculator page: texts of a form in, what `costlib estimate` answers out."""

import html
import shlex
from pathlib import Path

from costlib.base import fmt
from costlib.base.citation import forms
from costlib.calculator import panel
from costlib.calculator.door import FILE, given_query
from costlib.compute import job, models
from costlib.facts import catalog, names, options

# What the form starts from: a job that many teams run.
STARTING = {"stage": "dpo", "model": "llama-3.1-8b", "gpu": "h100-sxm-80gb", "gpus": "8", "examples": "20000",
            "prompt_tokens": "512", "response_tokens": "512", "price_usd_per_gpu_hour": ""}  # fmt: skip
SHOWN = (
    "micro_batch",
    "zero",
    "recompute",
    "recipe",
    "generation_batch",
    "engine",
)  # settings that move an answer most
REMEDIES = 3  # that are told of a job that does not fit
PREFIX = "job."  # of its inputs in an address, beside those of the methods


def estimated(inputs):
    """Return what a job takes, or what is wrong with its inputs.

    Parameters
    ----------
    inputs : dict of the names of :data:`STARTING` to text; an empty text, or none, is not given

    Returns
    -------
    dict : `errors` by name; and, if there are none, `numbers` as of :meth:`costlib.compute.job.Estimate.to_dict`, their
        `html`, what was `said` of a model that is not of the catalogue, the `given` inputs as they were read, and
        `query`, `command` and `python` that give them again, and the `citation`

    Examples
    --------
    >>> found = estimated(STARTING)
    >>> found["numbers"]["fits"], found["command"].split()[:4]
    (True, ['costlib', 'estimate', 'dpo', '--model'])
    >>> estimated(STARTING | {"gpus": "0"})["errors"]
    {'gpus': "gpus [GPUs] must be a whole number from 1 to 1,000,000, got '0'"}
    """
    given = {name: text.strip() for name, text in inputs.items() if name in STARTING and text.strip()}
    try:
        found = job.estimate(given.get("stage", ""), **{name: given[name] for name in given if name != "stage"})
        numbers, content = found.to_dict(), results(found)
    except (ValueError, ArithmeticError) as error:
        return {"errors": _errors(str(error), given)}
    known, model = options.options(), models.find(found.settings["model"])
    given = {name: panel.typed(known[name].parse(text)) if name in known else text for name, text in given.items()}
    own = given["model"] not in catalog.table("models")
    file = names.is_path(names.DIMENSIONS.sub("", given["model"]))
    away = given | ({"model": FILE} if file else {})
    link = {name: text for name, text in given.items() if name != "model" or not file}
    return {
        "errors": {},
        "given": given,
        "numbers": numbers,
        "html": content,
        "said": panel.model_read(model) if own else "",
        "query": given_query({f"{PREFIX}{name}": text for name, text in link.items()}),
        "command": command(away),
        "python": python(away),
        "citation": citation(given | ({"model": model.label} if file else {})),
    }


def _errors(message, given):
    """One sentence for each input that is wrong, by its name; what is about none of them, or several, without one."""
    path, found = names.DIMENSIONS.sub("", given.get("model", "")), {}
    file = names.is_path(path)
    for line in message.replace(path, Path(path).name).splitlines() if file else message.splitlines():
        name = next((each for each in STARTING if line.startswith(f"{each} ")), "model" if file else "")
        found.setdefault(name, line)
    return found


def command(given):
    """Return the command that prints these results."""
    known = options.options()
    flags = " ".join(f"{known[name].flag} {shlex.quote(text)}" for name, text in given.items() if name != "stage")
    return f"costlib estimate {given['stage']} {flags}"


def citation(given):
    """Return how to cite these results: the book, its version, and the inputs."""
    inputs = ", ".join(f"{name} = {text}" for name, text in given.items())
    return f"{forms()['text'].removesuffix('.')}, estimate with {inputs}."


def python(given):
    """Return the Python lines that compute these results."""
    known = options.options()
    words = [f"{name}={text if known[name].type in (int, float) else repr(text)}" for name, text in given.items()
             if name != "stage"]  # fmt: skip
    inner = ", ".join([repr(given["stage"]), *words])
    return f"import costlib\n\nanswer = costlib.estimate({inner})\nprint(answer.fits, answer.hours, answer.usd)\n"


def results(found):
    """Return the answer as HTML: whether it fits, hours and dollars, bars of what fills a GPU and of the bill.

    Parameters
    ----------
    found : costlib.compute.job.Estimate
    """
    return fmt.unbroken("\n".join((_fits(found), _takes(found), _held(found), _bill(found), _rests_on(found))))


def _fits(found):
    phase, held = found.fullest
    size, room = fmt.gigabytes(held.total), fmt.gigabytes(found.job.room)
    if found.fits:
        return (f'<p class="answer"><b>It fits</b>: {size} of {room} GB on each GPU while {job.DOING[phase]}, '
                f"{found.at_a_time:,g} sequences at a time. The fewest GPUs are {found.min_gpus:,g}.</p>")  # fmt: skip
    enough = [each for each in found.remedies if each.fits][:REMEDIES]
    mended = f" What makes it fit: {'; '.join(f'{each.does} ({each.options})' for each in enough)}." if enough else ""
    fewest = "on no number of GPUs" if found.min_gpus == float("inf") else f"on {found.min_gpus:,g} GPUs or more"
    return (f'<p class="answer"><b>It does not fit</b>: {html.escape(found.reason)}. With nothing else changed it fits '
            f"{fewest}.{html.escape(mended)}</p>")  # fmt: skip


def _takes(found):
    hours, usd = found.interval(found.hours), found.usd_interval
    would = "It takes" if found.fits else "If it did fit, it would take"
    said = (f"{would} <b>{_hours(found.hours)} hours</b> on {found.gpus:,g} {html.escape(found.gpu.label)} "
            f"(80 %: {_hours(hours[0])} to {_hours(hours[1])})")  # fmt: skip
    price = found.job.price_usd_per_gpu_hour
    if price is None:
        return f'<p class="answer">{said}. No dollars: {html.escape(found.no_usd)}; give a price.</p>'
    whence = found.job.quote.said if found.job.quote else "as given"
    return (f'<p class="answer">{said} and <b>{panel.money(found.usd)}</b> (80 %: {panel.money(usd[0])} to '
            f"{panel.money(usd[1])}), at {fmt.price(price, 3)} a GPU-hour: {html.escape(whence)}.</p>")  # fmt: skip


def _hours(value):
    return f"{fmt.number(value, 0 if value >= 100 else 1)}" if value >= 10 else f"{value:.2g}"


def _held(found):
    """Bars of what fills each GPU, with a mark where it is full."""
    (phase, held), room = found.fullest, found.job.room
    parts = {name: size for name, size in held.items() if size} | {"all": held.total}
    longest = max(room, held.total)
    full = panel.mark("full", "", left=100 * room / longest)
    rows = [_row(name, size / longest, f"{fmt.gigabytes(size)} GB", full) for name, size in parts.items()]
    words = ", ".join(f"{name} {fmt.gigabytes(size)}" for name, size in parts.items())
    caption = f"What fills the {fmt.gigabytes(room)} GB (line) of each GPU while {job.DOING[phase]}"
    return panel.chart(caption, f"{caption}, in GB: {words}.", rows, "job")


def _bill(found):
    """Bars of the hours of each part of a job, with its dollars where there is a price."""
    bill = [line for line in found.bill if line.hours or line.usd]
    longest, priced = max((line.hours for line in bill), default=0) or 1, found.job.price_usd_per_gpu_hour is not None
    said = [(line, f"{_hours(line.hours)} h" + f", {panel.money(line.usd)}" * priced) for line in bill]
    rows = [_row(line.name, line.hours / longest, text) for line, text in said]
    words = "; ".join(f"{line.name} {text}" for line, text in said)
    caption = f"Where the hours{' and dollars' * priced} go"
    return panel.chart(caption, f"{caption}: {words}.", rows, "job")


def _row(name, share, text, also=""):
    bar = panel.mark("bar", panel.COLOURS["training"], width=100 * share)
    return html.escape(name), f'<span class="full-scale">{bar}{also}</span><span class="amount">{text}</span>'


def _rests_on(found):
    chosen = [f"{name} {fmt.short(found.settings[name])}" for name in SHOWN if found.settings.get(name) is not None]
    model = models.find(found.settings["model"])
    return (f'<p class="note">{html.escape(model.label)}, {html.escape(", ".join(chosen))}: chosen by the answer, and '
            "<code>costlib estimate</code> takes others. The 80 % intervals are those of published measurements."
            "</p>")  # fmt: skip
