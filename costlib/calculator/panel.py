"""The results of the calculator page as HTML; standard library only, the same in the build and in a browser."""

import html
import math

from costlib.base import fmt
from costlib.compute import models
from costlib.economics.methods import NAMES, NOT_COUNTED
from costlib.economics.uncertainty import DRAWS
from costlib.facts import catalog

# Okabe and Ito's colours, as in the figures of the chapters.
COLOURS = {"labels": "#E69F00", "evaluation": "#D55E00", "candidates": "#56B4E9", "training": "#0072B2",
           "staff": "#CC79A7", "failed runs": "#8A8A8A", "seed data": "#F0E442"}  # fmt: skip
PARTS = {"seed data": ("seed data",), "candidates": ("candidates",), "labels": ("labels",),
         "training": ("fine-tuning", "training"), "evaluation": ("evaluation",),
         "staff": ("staff",), "failed runs": ("failed runs and sweeps",)}  # fmt: skip
CURVES = {"human-dpo": "#D55E00", "rlaif": "#0072B2"}
WAITING = "computing"


def typed(value):
    """Return a value as a reader would type it into the form.

    >>> typed(2.0), typed(70e9), typed(0.67), typed("llama-2-7b"), typed(135.63368055555557)
    ('2', '70000000000', '0.67', 'llama-2-7b', '135.63368055555557')
    """
    if isinstance(value, float) and value % 1 == 0 and abs(value) < 1e16:
        return str(int(value))
    return str(value)


def money(usd):
    """Return dollars in the digits that a planner reads.

    >>> money(10443.2), money(0.67), money(0), money(1234567.0), money(2.3456e9), money(-10443.2)
    ('$10,443', '$0.67', '$0', '$1,234,567', '$2,346 M', '-$10,443')
    """
    if usd < 0:
        return f"-{money(-usd)}"
    if usd >= 1e9:
        return f"${usd / 1e6:,.0f} M"
    return fmt.usd(usd, 0) if usd >= 100 or not usd else fmt.usd(usd, 2)


def model_read(model):
    """Return in words what a model that is not of the catalogue was read as.

    Parameters
    ----------
    model : costlib.compute.models.Model

    Examples
    --------
    >>> model_read(models.find("gpt2:layers=2"))
    'GPT-2 (layers 2): 53,561,088 parameters in 2 layers of width 768. All parts are counted.'
    """
    shape = model.architecture
    some = shape.parameters_active < shape.parameters
    active = f", {shape.parameters_active:,.0f} of them for a token," * some
    stored = f" Its files hold {model.stored_bits:g} bits a weight; 16 are priced." if model.stored_bits else ""
    parts = f"Not counted: {', '.join(model.left_out)}." if model.left_out else "All parts are counted."
    return (f"{model.label}: {shape.parameters:,.0f} parameters{active} in {shape.layers:,} layers of width "
            f"{shape.hidden_size:,}. {parts}{stored}")  # fmt: skip


def results(numbers):
    """Return the answer with its two charts, which stand beside the inputs.

    Parameters
    ----------
    numbers : dict as of :meth:`costlib.calculator.Calculator.numbers`
    """
    return fmt.unbroken("\n".join((summary(numbers), _curve(numbers), _stacked(numbers))))


def lines(numbers):
    """Return what stands beneath it: the table of every method by line, intervals, break-even, what all rests on.

    Parameters
    ----------
    numbers : as for :func:`results`
    """
    parts = (_table(numbers), _intervals(numbers), _break_even(numbers), _rests_on(numbers))
    return fmt.unbroken("\n".join(parts))


def summary(numbers):
    """Return the answer: dollars of both sides at the reader's pairs, where they cost the same, the recommendation."""
    found = {each["method"]: each for each in numbers["methods"]}
    people, judge = found["human-dpo"], found["rlaif"]
    where, pairs = numbers["where"], numbers["curve"]["here"]
    saved = judge["saved"]
    cheaper = f"the judge saves {money(saved)}" if saved >= 0 else f"people save {money(-saved)}"
    price = html.escape(f" {where['price'][0].upper()}{where['price'][1:]}.") if where["price"] else ""
    model, gpu = models.find(where["policy_model"]).label, catalog.find("gpus", where["cluster_gpu"]).label
    return (
        f'<p class="answer">For {pairs:,.0f} usable pairs the whole of DPO costs <b>{money(people["usd"])}</b> on '
        f"labels by people{_within(people)} and <b>{money(judge['usd'])}</b> on labels of a hosted "
        f"judge{_within(judge)}: {cheaper}. {_flip_said(numbers['curve']['flip'])} {html.escape(model)} on "
        f"{where['policy_gpus']:,} {html.escape(gpu)}.{price}</p>\n{_recommended(numbers)}"
    )


def _short(method):
    return html.escape(NAMES[method].short)


def _within(each):
    if each["usd_low"] is None:
        return ""
    return f" (90 % at these counts: {_span(each['usd_low'], each['usd_high'], money)})"


def _recommended(numbers):
    """What to take, with the reason, and the runner-up."""
    found = {each["method"]: each for each in numbers["methods"]}
    best, following = (found.get(numbers["recommended"][which]) for which in ("method", "next"))
    if best is None:
        return '<p class="answer">Recommended here: none, for no method is allowed; the table says why.</p>'
    runner = f" Next: {_named(following)}, {money(following['usd'])}." if following else ""
    return (
        f'<p class="answer">Recommended here: <b>{_named(best)}, {money(best["usd"])}</b>. Its whole costs least of '
        f"the methods that are allowed; which labels give the better model, cost does not say.{runner}</p>"
    )


def _flip_said(flip):
    if flip is None:
        return "No number of pairs makes both sides cost the same."
    return f"Both sides cost the same at {flip:,.0f} pairs."


def _rests_on(numbers):
    """Return what the judge is and which defaults are old, a paragraph each."""
    return "\n".join(f"<p>{html.escape(said[0].upper() + said[1:])}.</p>" for said in numbers["where"]["rests_on"])


def _table(numbers):
    listed = numbers["methods"]
    names = [line["name"] for line in listed[0]["lines"]]
    rows = [("line", name, [_line_cell(each["lines"][place]) for each in listed]) for place, name in enumerate(names)]
    rows += [
        ("total", "total", [money(each["usd"]) for each in listed]),
        ("", "90 % of totals", [_span(each["usd_low"], each["usd_high"], money) for each in listed]),
        ("", f"saved against {_short('human-dpo')}", [_saved(each, money(each["saved"])) for each in listed]),
        (
            "",
            "90 % of what is saved",
            [_saved(each, _span(each["saved_low"], each["saved_high"], money)) for each in listed],
        ),
        ("", "GPU-hours", [_hours(each["gpu_hours"]) for each in listed]),
        ("", "days, one line after another", [_hours(each["days"]) for each in listed]),
        ("", "fewest GPUs", [_gpus(each) for each in listed]),
        ("", "allowed", [_allowed(each) for each in listed]),
    ]
    head = "".join(f'<th scope="col">{_short(each["method"])}</th>' for each in listed)
    body = "\n".join(
        f'<tr class="{css}"><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for css, name, cells in rows
    )
    all_draws = f" of {DRAWS:,}" if 0 < numbers["draws"] < DRAWS else ""
    draws = f"the first {numbers['draws']:,}{all_draws} draws" if all_draws else f"{numbers['draws']:,} draws"
    draws = draws if numbers["draws"] else WAITING
    return (
        '<div class="costlib-table calculator-table" tabindex="0" role="region" aria-label="cost by line">'
        f'<table class="table"><caption>US dollars of each method by line; intervals from {draws}</caption>'
        f'<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )  # fmt: skip


def _line_cell(line):
    return "not counted" if line["note"] == NOT_COUNTED else money(line["usd"])


def _gpus(each):
    if each["method"] == "published":
        return "not modelled"
    if each["min_gpus"] is None:
        return "fits on no number"
    return f"{each['min_gpus']:,.0f}" + (", more than these" if each["does_not_fit"] else "")


def _allowed(each):
    return "yes" if each["allowed"] else f"no: {html.escape('; '.join(each['objections']))}"


def _span(low, high, text):
    return WAITING if low is None else f"{text(low)} to {text(high)}".replace(" M", "\u00a0M")


def _saved(each, text):
    return "reference" if each["method"] == "human-dpo" else text


def _hours(value):
    return fmt.number(value, 0 if value >= 100 or not value else 1)


def _named(each):
    return html.escape(each["label"])


def _curve(numbers):
    """Cost of both sides against the pairs, with the reader's number and the one at which both cost the same."""
    curve = numbers["curve"]
    pairs, sides = curve["pairs"], {name: curve[name] for name in CURVES}
    lowest, highest = (end(usd for side in sides.values() for usd in side if usd > 0) for end in (min, max))
    x = scale(pairs[0], pairs[-1])
    low, high = 10.0 ** math.floor(math.log10(lowest)), 10.0 ** math.ceil(math.log10(highest) - 1e-9)
    y = scale(low, high)
    lines = "".join(
        f'<polyline points="{" ".join(f"{x(n):.2f},{100 - y(usd):.2f}" for n, usd in zip(pairs, side, strict=True))}" '
        f'stroke="{CURVES[name]}"/>'
        for name, side in sides.items()
    )
    here, flip = curve["here"], curve["flip"]
    marks = _upright("here", x(here), f"yours, {_count(here)}") if pairs[0] <= here <= pairs[-1] else ""
    if flip is not None and pairs[0] < flip < pairs[-1]:
        marks += _upright("flip", x(flip), f"equal at {_count(flip)}")
    ticks = "".join(f'<span class="x" style="left:{x(n):.2f}%">{_count(n)}</span>' for n in powers(pairs[0], pairs[-1]))
    ticks += "".join(f'<span class="y" style="bottom:{y(usd):.2f}%">{_power(round(math.log10(usd)))}</span>'
                     for usd in powers(low, high))  # fmt: skip
    key = "".join(f"<li>{mark('key', colour)}{_short(name)}</li>" for name, colour in CURVES.items())
    words = "; ".join(f"{_short(name)} {money(side[0])} to {money(side[-1])}" for name, side in sides.items())
    equal = f"; equal at {_count(flip)} pairs" if flip is not None else ""
    said = html.escape(f"Cost from {_count(pairs[0])} to {_count(pairs[-1])} usable pairs: {words}{equal}.")
    return (
        '<figure class="calculator-chart curve"><figcaption>Cost of the whole method against the usable pairs, both on '
        f'logarithmic axes</figcaption><div class="plot" role="img" aria-label="{said}">'
        '<svg class="curve" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f"{lines}</svg>{marks}{ticks}</div>"
        f'<ul class="keys">{key}</ul></figure>'
    )


def scale(low, high):
    """Return the place of a value between two others on the logarithm, in per cent."""
    return lambda value: 100 * math.log(value / low) / math.log(high / low)


def powers(low, high):
    """Return the powers of ten from one value to another.

    >>> powers(30, 2000)
    [100.0, 1000.0]
    """
    return [10.0**power for power in range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]


def _upright(css, place, text):
    """A line across the plot with its words, on the side that has room."""
    side = "before" if place > 70 else "after"
    return f'<span class="upright {css} {side}" style="left:{place:.2f}%"><span>{text}</span></span>'


def _count(number):
    return f"{number:,.0f}"


def _stacked(numbers):
    """Bars of the lines of each method."""
    listed = numbers["methods"]
    longest = max(each["usd"] for each in listed)
    rows = []
    for each in listed:
        lines = {line["name"]: line["usd"] for line in each["lines"]}
        sizes = {part: 100 * sum(lines[name] for name in names) / longest for part, names in PARTS.items()}
        bars = "".join(mark("bar", COLOURS[part], width=size) for part, size in sizes.items() if size > 0.01)
        rows.append((_short(each["method"]), f'{bars}<span class="amount">{money(each["usd"])}</span>'))
    key = "".join(f"<li>{mark('key', colour)}{part}</li>" for part, colour in COLOURS.items())
    words = "; ".join(f"{_short(each['method'])} {money(each['usd'])}" for each in listed)
    found = chart("Cost by line", f"Bars of cost by line for each method: {words}.", rows, "stacked")
    return found.replace("</figure>", f'<ul class="keys">{key}</ul></figure>')


def _intervals(numbers):
    """A mark for each method on a logarithmic axis, with its interval once it is drawn."""
    listed = numbers["methods"]
    ends = [each[key] for each in listed for key in ("usd", "usd_low", "usd_high") if each[key]]
    low, high = math.floor(math.log10(min(ends))), math.ceil(math.log10(max(ends)) + 1e-9)

    def place(usd):
        return 100 * (math.log10(usd) - low) / (high - low)

    powers = range(low, high + 1)
    grid = "".join(mark("grid", "", left=place(10.0**power)) for power in powers)
    rows = []
    for each in listed:
        marks = grid
        if each["usd_low"]:
            start = place(each["usd_low"])
            marks += mark("span", "", left=start, width=place(each["usd_high"]) - start)
        rows.append((_short(each["method"]), marks + mark("dot", "", left=place(each["usd"]))))
    every = math.ceil(len(powers) / 6)  # more labels than that run into each other on a phone
    ticks = "".join(
        f'<span class="tick" style="left:{place(10.0**power):.2f}%">{_power(power)}</span>' for power in powers[::every]
    )
    words = "; ".join(
        f"{_short(each['method'])} {money(each['usd'])}, {_span(each['usd_low'], each['usd_high'], money)}"
        for each in listed
    )
    return chart("Total (dot) and 90 % interval (bar), on a logarithmic axis",
                  f"Cost of each method with its 90 % interval: {words}.", [*rows, ("", ticks)], "spans")  # fmt: skip


def _power(power):
    if power >= 9:
        return f"${10 ** (power - 9)} B"
    if power >= 6:
        return f"${10 ** (power - 6)} M"
    return f"${10**power:,}" if power >= 0 else f"${10.0**power:g}"


def chart(caption, words, rows, css):
    """Return rows of a name and marks beside it, whose words a screen reader hears instead."""
    body = "".join(f'<span class="name">{name}</span><span class="track">{marks}</span>' for name, marks in rows)
    return (
        f'<figure class="calculator-chart {css}"><figcaption>{caption}</figcaption>'
        f'<div class="rows" role="img" aria-label="{html.escape(words)}">{body}</div></figure>'
    )


def mark(css, colour, **places):
    """Return a mark of a chart; its places and its width are per cent."""
    style = [f"{name}:{value:.2f}%" for name, value in places.items()] + [f"background:{colour}"] * bool(colour)
    return f'<span class="{css}" style="{";".join(style)}"></span>'


def _break_even(numbers):
    even, by_price = numbers["break_even"], numbers["people_cheaper_by_price"]
    # With labels in hand people may buy fewer comparisons than a judge's project: dearer ones then favour people.
    more = "less" if by_price["side"] == "above" else "more"
    rows = [
        (f"A hosted judge is cheaper than people if a human comparison costs {more} than",
         by_price["value"] if by_price["side"] in ("above", "below") else None,
         lambda usd: fmt.price(float(f"{usd:.3g}")) if usd >= 0.01 else "less than a cent",
         "any price will do" if by_price["side"] == "never" else "no price is high enough"),
        ("and if there are more pairs than", even["pairs"], lambda pairs: f"{math.ceil(pairs):,}",
         "no number is large enough"),
        ("A model that judges itself is cheaper than people below a GPU-hour of", even["usd_per_gpu_hour"],
         money, "no price is low enough"),
    ]  # fmt: skip
    items = "".join(
        f"<li>{text}: <b>{never if value is None else shown(value)}</b></li>" for text, value, shown, never in rows
    )
    return f'<div class="break-even"><p class="chart-title">Break-even, one input at a time</p><ul>{items}</ul></div>'
