# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,mystnb,-all
#     notebook_metadata_filter: kernelspec,jupytext,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (sec-landscape)=
# # When does a judge save real money?
#
# In {glue:text}`saved_10k` of all scenarios that this book calls plausible, a hosted judge saves at least ten thousand dollars on the
# whole project. What moves that share most is the {glue:text}`first_driver`: at the low end of its range the share is
# {glue:text}`saved_lowest`, at the high end {glue:text}`saved_highest`.
#
# So ask what a comparison by people will cost you, and count your pairs, before you compare GPUs. Each scenario picks every input from
# a range, and most ranges are our assumptions: the share is not the probability that *your* project saves. It counts dollars alone;
# whether the labels are worth as much is the question of {ref}`sec-quality`.

# %% tags=["parameters", "remove-cell"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
policy_model: str = "llama-2-70b"  # model that Part III aligns [-]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
judge_prompt_tokens: int = 0  # tokens that a judge reads in one call; 0 follows the pair [tokens]
judge_answer_tokens: int = 34  # tokens that a judge writes in one call [tokens]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math

from costlib.base import fmt
from costlib.compute.models import find
from costlib.economics import curve, human_work, methods, scenarios, uncertainty
from costlib.facts import catalog, parameters
from costlib.report import figures, page
from costlib.sweeping import landscape

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
whole, pairs = catalog.find("landscape", "all"), scenarios.num_pairs(values)
saved_here = curve.saved(values, pairs)
WAYS, TIMES, SAVED = landscape.WAYS, landscape.TIMES, landscape.SAVED
cells = {kind: landscape.cells(kind) for kind in landscape.MAPS}
savings_by_pairs = [landscape.savings(row) for row in cells["pairs"]]
sizes = list(dict.fromkeys(row.model for row in cells["sizes"]))
ends, drivers = landscape.ends(), landscape.drivers(["saved"], "10k")
# The cheapest and the dearest GPU, the shortest and the longest call: the outer columns of the two maps.
outer = {kind: [[row for row in rows if row.x_low == x] for x in (min(r.x_low for r in rows), max(r.x_low for r in rows))]
         for kind, rows in cells.items() if kind != "pairs"}  # fmt: skip

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for row in catalog.table("landscape").values():
    for way, steps in (*((way, TIMES) for way in WAYS), ("saved", SAVED)):
        held = [getattr(row, f"{way}_{step}") for step in steps]
        assert row.points >= held[0] >= held[1] >= held[2] >= 0, "what holds for more holds for less"
for rows in cells.values():
    assert sum(row.points for row in rows) == whole.points, "the cells of a map hold every point once"
    assert sum(row.judge_10 for row in rows) == whole.judge_10, "and every win"
both = methods.compare(values, ("human-dpo", "rlaif"))
difference = both["human-dpo"].usd - both["rlaif"].usd
assert math.isclose(saved_here, difference, rel_tol=1e-9, abs_tol=1e-6), "what is saved is the difference of both costs"


# %% tags=["remove-cell", "nbval-check-output"]
def tenfold(way, rows):
    return [landscape.share(row, way, 10) for row in rows]


for way in WAYS:
    won = {f"{way}_{times}": landscape.share(whole, way, times) for times in TIMES}
    page.publish_all("fraction", lambda share: fmt.part(share, whole="every one"), **won)
page.publish("points", whole.points, "points", f"{whole.points / 1e6:g} million")
page.publish_all("fraction", lambda share: fmt.part(share, whole="every one"),
                 **{f"saved_{amount}": landscape.share(whole, "saved", amount) for amount in landscape.SAVED})  # fmt: skip
page.publish_all("fraction", fmt.percent, saved_lowest=landscape.share(ends[drivers[0]][0], "saved", "10k"),
                 saved_highest=landscape.share(ends[drivers[0]][1], "saved", "10k"))  # fmt: skip
first, last = (cells["pairs"][place] for place in (0, -1))
page.publish_all("fraction", fmt.percent, saved_fewest=landscape.share(first, "saved", "10k"),
                 saved_most=landscape.share(last, "saved", "10k"))  # fmt: skip
page.publish_all("pairs", fmt.number, fewest=first.x_low, most=last.x_high, pairs=pairs)
varied = [known for name, known in parameters.vocabulary().items() if known.shape and name in ends]
own_ranges = [known for known in varied if ends[known.name][0].x_low == float(f"{known.low:.6g}")]
assumed = [known for known in own_ranges if "costofalignment" in known.range_source]
page.publish_all("inputs", str, ranges=len(own_ranges), assumed=len(assumed))
inputs = {"gpu": ("price_usd_per_gpu_hour", fmt.price), "label": ("human_usd_per_pair", fmt.price),
          "read": ("judge_prompt_tokens", fmt.number)}  # fmt: skip
for key, (name, text) in inputs.items():
    page.publish_ends(parameters.vocabulary()[name].unit, text, **{key: [ends[name][0].x_low, ends[name][1].x_high]})
page.publish("models", len(sizes), "models", str(len(sizes)))
page.phrase("smallest", find(sizes[0]).label)
page.phrase("largest", find(sizes[-1]).label)
error = max(landscape.standard_error(row, way, times)
            for rows in cells.values() for row in rows for way in WAYS for times in TIMES)  # fmt: skip
page.publish("error", error, "fraction", fmt.percent(error, 1))
page.publish("saved_here", saved_here, "USD", fmt.usd(saved_here, 0))
small, large = ([row for row in cells["sizes"] if row.model == name] for name in (sizes[0], sizes[-1]))
page.publish_ends("fraction", fmt.percent, prices=tenfold("own", cells["prices"]), large=tenfold("own", large))
page.publish_all(
    "fraction", fmt.percent, label_prices_low=min(tenfold("own_label", cells["prices"])),
    small_share=min(tenfold("own", small)),
)  # fmt: skip
for place, name in enumerate(("first", "second", "third")):
    page.phrase(f"{name}_driver", uncertainty.label(drivers[place]))
page.phrase("saved_here_said", f"{fmt.price(abs(saved_here), 0)} {'less' if saved_here >= 0 else 'more'}")
page.publish_all("-", fmt.number, inputs=len(drivers), gpu_place=1 + drivers.index("price_usd_per_gpu_hour"),
                 judge_place=1 + drivers.index("judge_usd_per_million_input"))  # fmt: skip
page.phrase("model_here", find(policy_model).label)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "With few pairs it is open whether a judge saves much, with many it is not. Each curve is the share of scenarios in which a hosted judge saves at least so many dollars on the whole project; everything but the number of pairs varies. A dotted line stands at {glue:text}`pairs` pairs where the axis reaches them.", "name": "fig-land-saved"}, "image": {"alt": "Three rising curves over a logarithmic axis of pairs from a thousand to a million, one for each amount that a hosted judge saves; the curve of a larger amount lies below that of a smaller one."}}
x = [landscape.middle(row) for row in cells["pairs"]]
fig, ax = figures.canvas()
for usd, shares, colour in zip(
    SAVED.values(), zip(*savings_by_pairs, strict=True), (figures.GREEN, figures.ORANGE, figures.BLUE), strict=True
):
    ax.plot(x, shares, color=colour, lw=2.4)
    figures.say(ax, x[0], shares[0], fmt.usd(usd, 0), xytext=(14, 0), va="top")
if x[0] / 2 < pairs < x[-1] * 2:
    ax.axvline(pairs, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 104), xlabel="usable pairs", ylabel="share that saves so much [%]")
figures.title(ax, "The more pairs, the more often a judge saves money" if all(list(curve) == sorted(curve) for curve in zip(*savings_by_pairs, strict=True))
              else "How often a judge saves so much, by the pairs")  # fmt: skip
figures.plain_log(ax.xaxis, (1e3, 1e4, 1e5, 1e6))
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-saved",
    ["pairs from [-]", "pairs to [-]", *(f"{usd:,} USD or more saved [%]" for usd in SAVED.values())],
    [[row.x_low, row.x_high, *found] for row, found in zip(cells["pairs"], savings_by_pairs, strict=True)],
)

# %% [markdown]
# ## Few pairs leave it open, many do not
#
# Near {glue:text}`fewest` pairs, the fewest drawn, a judge saves ten thousand dollars or more in {glue:text}`saved_fewest` of the
# scenarios; with the most pairs it does so in {glue:text}`saved_most`.
#
# At the inputs of this book, {glue:text}`pairs` pairs for {glue:text}`model_here`, the judge's project costs
# {glue:text}`saved_here_said` than people's.
#
# That the judge's project costs less at all, in {glue:text}`judge_1` of the scenarios, is mostly counting ({ref}`sec-equal-footing`) and
# tells you little. How much less is what pays for the change.
#
# ## The price of a comparison decides, the price of a GPU does not
#
# Published prices of both span a wide range. Follow the solid and the dashed lines: from the cheapest GPU-hour, {glue:text}`gpu_low`,
# to the most expensive, {glue:text}`gpu_high`, the share hardly moves, because both projects train the same model on the same GPUs. From
# the cheapest comparison by people to the most expensive it moves across most of the axis.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Two GPU prices, one curve. Share of scenarios in which a hosted judge saves at least so many dollars, or costs at most a tenth, against the price of a comparison by people; solid with GPUs from the lowest bin of prices, dashed from the highest. A dotted line stands at the price of this book where the axis reaches it.", "name": "fig-land-prices"}, "image": {"alt": "Three pairs of rising curves over a logarithmic axis of the price of a comparison, each a solid and a dashed line close to each other: for two amounts that a judge saves, and below them for people costing ten times as much."}}
fig, ax = figures.canvas()
told = {("saved", "10k"): ("saves $10,000", figures.ORANGE, (4, -5, 9)), ("saved", "100k"): ("saves $100,000", figures.BLUE, (7, 8, -9)),
        ("judge", 10): ("costs a tenth", figures.GREEN, (7, 8, -18))}  # fmt: skip
heights = [math.sqrt(row.y_low * row.y_high) for row in outer["prices"][0]]
for what, (words, colour, (at, *aside)) in told.items():
    side = "right" if aside[0] < 0 else "left"
    figures.say(ax, heights[at], 100 * landscape.share(outer["prices"][0][at], *what), words, ha=side, xytext=aside)
    for rows, style in zip(outer["prices"], ("-", "--"), strict=True):
        ax.plot(heights, [100 * landscape.share(row, *what) for row in rows], style, color=colour, lw=2.2)
if heights[0] / 2 < human_work.usd_per_comparison(values) < heights[-1] * 2:
    ax.axvline(human_work.usd_per_comparison(values), color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 104), xlabel="price of a comparison by people [USD]", ylabel="share of scenarios [%]")
curves = [[[landscape.share(row, *what) for row in rows] for what in told] for rows in outer["prices"]]
by_people = max(curve[-1] - curve[0] for each in curves for curve in each)
by_gpu = max(abs(x - y) for pair in zip(*curves, strict=True) for x, y in zip(*pair, strict=True))
figures.title(ax, "People's price decides, the price of a GPU does not" if by_gpu < by_people / 4 else
              "What people's price and that of a GPU decide")  # fmt: skip
figures.plain_log(ax.xaxis, (0.1, 1, 10, 100), figures.usd_tick)
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-prices",
    ["GPU from [USD/GPU-h]", "GPU to [USD/GPU-h]", "comparison from [USD]", "comparison to [USD]", "comparison [USD]",
     *(f"{words} [%]" for words, *_ in told.values())],
    [[row.x_low, row.x_high, row.y_low, row.y_high, height, *(100 * landscape.share(row, *what) for what in told)]
     for rows in outer["prices"] for height, row in zip(heights, rows, strict=True)],
)  # fmt: skip

# %% [markdown]
# Which other inputs matter, and how much? First comes the {glue:text}`first_driver`, then the {glue:text}`second_driver`, then the
# {glue:text}`third_driver`. A judge's price for reading stands in place {glue:text}`judge_place` of {glue:text}`inputs`, that of a
# GPU-hour in place {glue:text}`gpu_place`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-land-drivers",
    ["input", "lowest bin", "highest bin", *(f"{share}, {end}" for share in ("$10,000 saved", "10x cheaper")
                                             for end in ("lowest", "highest"))],
    [
        [f"{uncertainty.label(name)} [{parameters.vocabulary()[name].unit}]",
         *(row.model or f"{fmt.short(row.x_low, 3)} to {fmt.short(row.x_high, 3)}" for row in ends[name]),
         *(fmt.percent(landscape.share(row, *what), 1) for what in (("saved", "10k"), ("judge", 10)) for row in ends[name])]
        for name in drivers[:8]
    ],
    "Shares of scenarios with an input in the lowest and in the highest bin of its range, all other inputs drawn",
)  # fmt: skip

# %% [markdown]
# ## The size of the model matters for labels, not for projects
#
# Let the model label its own answers instead, which is what the article prices. The larger it is, the more GPU time its judgments
# take, and for {glue:text}`largest` with long calls they stop being cheap. A whole project hardly notices: people who check and
# your own staff cost the same for a small model and a large one.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "A large model's own labels are not always cheap; its project hardly notices. Share of scenarios in which people cost at least ten times as much as the model that judges itself, by its size; solid with the shortest calls, dashed with the longest. A dotted line stands at the model of this book where the axis reaches it.", "name": "fig-land-sizes"}, "image": {"alt": "Two pairs of curves over a logarithmic axis of the model's parameters, each a solid and a dashed line. The upper pair, labels alone, is flat and falls for the largest models, further for long calls; the lower pair, whole projects, stays nearly level."}}
billions = [find(name).parameters / 1e9 for name in sizes]
fig, ax = figures.canvas()
for way, colour in (("own_label", figures.ORANGE), ("own", figures.BLUE)):
    for rows, style in zip(outer["sizes"], ("-", "--"), strict=True):
        by_model = {row.model: 100 * landscape.share(row, way, 10) for row in rows}
        ax.plot(billions, [by_model[name] for name in sizes], style, color=colour, lw=2.2)
    figures.say(
        ax,
        billions[0],
        by_model[sizes[0]],
        {"own_label": "labels alone", "own": "whole projects"}[way],
        xytext=(0, -12),
        va="top",
    )
if billions[0] <= find(policy_model).parameters / 1e9 <= billions[-1]:
    ax.axvline(find(policy_model).parameters / 1e9, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 104), xlabel="parameters of the model [billions]", ylabel="share of scenarios [%]")
labels_alone, projects = (
    [share for rows in outer["sizes"] for share in tenfold(way, rows)] for way in ("own_label", "own")
)
figures.title(ax, "Ten times cheaper: often for labels, seldom for whole projects" if min(labels_alone) > 0.5 > max(projects) else
              "How often the model is ten times cheaper")  # fmt: skip
figures.plain_log(ax.xaxis, (1, 10, 100))
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-sizes",
    ["model", "parameters [10^9]", "call from [tokens]", "call to [tokens]", "labels alone [%]", "whole projects [%]"],
    [[row.model, find(row.model).parameters / 1e9, row.x_low, row.x_high, *(100 * landscape.share(row, way, 10) for way in ("own_label", "own"))]
     for rows in outer["sizes"] for row in rows],
)  # fmt: skip

# %% [markdown]
# For {glue:text}`smallest` the whole project is ten times cheaper in {glue:text}`small_share` of the scenarios or more, at any length of
# a call. For {glue:text}`largest` it is so in {glue:text}`large_low` to {glue:text}`large_high`.
#
# ## "Ten times cheaper" is a statement about labels
#
# The article says that savings exceed ten even in the most cautious case ([B073](#claim-b073)), and at any price of a GPU
# ([B095](#claim-b095)). Set labels against labels and that holds in {glue:text}`own_label_10` of the scenarios. Set project against
# project and it holds in {glue:text}`own_10`. Ask which of the two a headline means.

# %% tags=["hide-input", "nbval-check-output"]
said = {"own_label": "the model itself, label for label", "judge_label": "hosted judge, label for label",
        "own": "the model itself, project for project", "judge": "hosted judge, project for project"}  # fmt: skip
df = page.table(
    "tab-land-shares",
    ["what replaces people", "cheaper", "3 times cheaper", "10 times cheaper"],
    [[text, *(fmt.part(landscape.share(whole, way, times), 2, "100.00 %") for times in TIMES)] for way, text in said.items()],
    "Over the whole box, in shares of all points: labels alone are nearly always far cheaper, projects less often",
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How this was computed
# :name: land-model
#
# *Scenarios.* {glue:text}`points` points were drawn at random. The prices of a GPU and of a human label go from the lowest to the highest
# in the tables of facts ({ref}`sec-data`), {glue:text}`gpu_low` to {glue:text}`gpu_high` for the A100 and H100 of the article's year and
# {glue:text}`label_low` to {glue:text}`label_high`, and the tokens that a judge reads from a short dialogue to the article's call,
# {glue:text}`read_low` to {glue:text}`read_high`, all on logarithmic scales. Each of the other {glue:text}`ranges` inputs with a range
# ({ref}`sec-parameters`) has its own range and shape, as in {ref}`sec-uncertainty`, rounded where it is a count. Two choices vary as
# well, evenly: the model, one of {glue:text}`models` dense models from {glue:text}`smallest` to {glue:text}`largest`, and on a
# logarithmic scale the pairs, from {glue:text}`fewest` to {glue:text}`most`. Everything else keeps its published value. *Plausible*
# means no more than inside these ranges: the ends of {glue:text}`assumed` of them are assumptions of this book, and inputs that go
# together in truth are drawn apart. Pairs, evaluation and seed data are drawn too, so these are shares *before you know them*.
#
# *Saving.* With people's cost $C_H$ and the cost $C$ of what replaces them, a judge saves $C_H - C$ dollars, and synthetic labels are
# $k$ times cheaper where
#
# $$ \frac{C_H}{C} \ge k, \qquad k = 1, 3, 10 $$ (eq-land-win)
#
# *Project for project* these are all items of {ref}`sec-equal-footing`: seed data, staff, fine-tuning, candidates, labels, training,
# failed runs, and the comparisons by people that check either side. *Label for label* they are candidates and labels alone. What
# replaces people is *the model itself*, which judges its own answers three times each, or a *hosted judge*. Project for project the
# share with ten times is {glue:text}`prices_low` in the cell of prices where it is least and {glue:text}`prices_high` where it is
# largest; label for label it is {glue:text}`label_prices_low` where it is least.
#
# *Shares.* Of $m$ points in a cell, something holds in $w$; the share $w / m$ has the standard error
#
# $$ \sqrt{\frac{w\,(m - w)}{m^3}} $$ (eq-land-error)
#
# which is {glue:text}`error` at most in any cell here.
#
# *Made with* `costlib sweep`, in chunks of points that any number of workers compute alike ({doc}`/book/sweep`). The box is a file:
# change `notebooks/sweeps/landscape.yml`, run these two commands, then this chapter.
#
# ```bash
# costlib sweep notebooks/sweeps/landscape.yml -o landscape --summary
# python book/_tools/landscape.py landscape   # the table of facts behind this chapter
# ```
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-land-inputs")

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: land-trust
#
# *Shares of what.* A share says how much of a box of ranges lies above a line, and another box gives another share. The curves show what
# stays when everything else varies. They do not depend on the inputs above, which set the dotted lines.
#
# *Ranges.* Most are those of {ref}`sec-uncertainty` with its limits: partly assumptions, drawn independently.
#
# *Prices and GPUs.* The price of a GPU varies while the GPU stays that of this book's cluster, so that a low price is not that of a slow
# GPU, nor a high one that of a fast GPU.
#
# *The model.* All models run on the published cluster, where {glue:text}`largest` would not fit for every method; it is given the time
# of its work all the same. Small models pay for idle GPUs of the same cluster. How far computed times are from measured ones is in
# {ref}`sec-validation`. Whether a small model can judge at all is not asked.
#
# *What would change the shares most* is a published figure for staff, whose range is an assumption of this book, and inputs that go
# together in truth and are drawn apart here.
#
# *Statements.* No statement of the article has its place in this chapter; the two named above are examined elsewhere.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 19 -p human_usd_per_pair=2 -p num_pairs_m1=200000 -p policy_model=llama-3.1-8b
# papermill notebooks/19_landscape.ipynb out.ipynb -p price_usd_per_gpu_hour 4.1
# ```
#
# ## References
#
# Ranges and their sources: {ref}`sec-parameters`, {ref}`sec-data`. The methods {cite:p}`mamath2025economics` and
# {cite:p}`yuan2024selfrewarding,lee2024rlaif`; random numbers by a counter {cite:p}`salmon2011`. Full entries:
# {doc}`/book/bibliography`.
