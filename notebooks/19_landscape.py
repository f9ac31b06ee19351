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
# # The landscape
#
# **Question.** Over all scenarios that this book calls plausible, how many dollars does a judge save, and what decides it?
#
# **Answer.** A hosted judge saves at least ten thousand dollars on the whole project in {glue:text}`saved_10k` of
# {glue:text}`points` scenarios drawn from the ranges of this book. That it costs less at all, in {glue:text}`judge_1` of them, is
# mostly counting ({ref}`sec-equal-footing`). The input that moves the first share most is the {glue:text}`first_driver`: it goes from
# {glue:text}`saved_lowest` at the lowest end of its range to {glue:text}`saved_highest` at the highest.
#
# The box is ours: a share of it is no probability in the world. And it counts dollars alone, whatever labels are worth.

# %% tags=["parameters"]
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
from costlib.economics import curve, human_work, methods, scenarios
from costlib.facts import catalog, parameters
from costlib.report import figures, maps, page
from costlib.sweeping import landscape

# %% [markdown]
# ## Inputs
#
# The maps do not depend on these inputs. A cross in them marks where this run lies.

# %% tags=["hide-cell", "nbval-check-output"]
values = page.inputs(globals(), "tab-land-inputs")

# %% [markdown]
# ## Model
#
# *Scenarios.* {glue:text}`points` points were drawn at random. The prices of a GPU and of a human label go from the lowest
# to the highest in the tables of facts ({ref}`sec-data`), {glue:text}`gpu_low` to {glue:text}`gpu_high` for the A100 and
# H100 of the article's year and {glue:text}`label_low` to {glue:text}`label_high`, and the tokens that a judge reads from a short dialogue to the article's
# call, {glue:text}`read_low` to {glue:text}`read_high`, all on logarithmic scales. Each of the other {glue:text}`ranges`
# inputs with a range ({ref}`sec-parameters`) has its own range and shape, as in {ref}`sec-uncertainty`, rounded where it is
# a count. Two choices vary as well, evenly: the model, one of {glue:text}`models` dense models from {glue:text}`smallest` to
# {glue:text}`largest`, and on a logarithmic scale the pairs, from {glue:text}`fewest` to {glue:text}`most`. Everything else
# keeps its published value. *Plausible* means no more than inside these ranges: the ends of {glue:text}`assumed` of them
# are assumptions of this book, and inputs that go together in truth are drawn apart. Pairs, evaluation and seed data are
# drawn too, so these are shares *before you know them*.
#
# *Saving.* With people's cost $C_H$ and the cost $C$ of what replaces them, a judge saves $C_H - C$ dollars, and synthetic
# labels are $k$ times cheaper where
#
# $$ \frac{C_H}{C} \ge k, \qquad k = 1, 3, 10 $$ (eq-land-win)
#
# *Project for project* these are all items of {ref}`sec-equal-footing`: seed data, staff, fine-tuning, candidates, labels,
# training, failed runs, and the comparisons by people that check either side. *Label for label* they are candidates and
# labels alone. What replaces people is *the model itself*, which judges its own answers three times each,
# or a *hosted judge*.
#
# *Shares.* Of $m$ points in a cell of a map, something holds in $w$; the share $w / m$ has the standard error
#
# $$ \sqrt{\frac{w\,(m - w)}{m^3}} $$ (eq-land-error)
#
# which is {glue:text}`error` at most in any cell here.
#
# *Made with* `costlib sweep`, in chunks of points that any number of workers compute alike ({doc}`/book/sweep`):
#
# ```bash
# costlib sweep notebooks/sweeps/landscape.yml -o landscape --summary
# python book/_tools/landscape.py landscape   # the table of facts behind this chapter
# ```

# %%
whole = catalog.find("landscape", "all")
savings_by_pairs = [landscape.savings(row) for row in landscape.cells("pairs")]
saved_here = curve.saved(values, scenarios.num_pairs(values))

# %% tags=["remove-cell"]
WAYS, TIMES = landscape.WAYS, landscape.TIMES
cells = {kind: landscape.cells(kind) for kind in landscape.MAPS}
sizes = list(dict.fromkeys(row.model for row in cells["sizes"]))
ends, drivers = landscape.ends(), landscape.drivers(["saved"], "10k")
MEANINGS = {name: known.meaning.partition(";")[0] for name, known in parameters.vocabulary().items()}
MEANINGS["num_pairs_m1"] = "number of pairs"
pairs = scenarios.num_pairs(values)
call = methods.judge_prompt(values) + judge_answer_tokens

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for row in catalog.table("landscape").values():
    for way, steps in (*((way, TIMES) for way in WAYS), ("saved", landscape.SAVED)):
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
    page.phrase(f"{name}_driver", MEANINGS[drivers[place]])

# %% [markdown]
# ## Result
#
# ### What a judge saves, by the number of pairs
#
# With the fewest pairs of the box, from {glue:text}`fewest` on, a judge saves ten thousand dollars or more in
# {glue:text}`saved_fewest` of the scenarios; with the most, up to {glue:text}`most`, in {glue:text}`saved_most`. In this
# run, with {glue:text}`pairs` pairs, it saves {glue:text}`saved_here`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Share of scenarios in which a hosted judge saves at least so many dollars on the whole project, against the number of pairs. Everything else varies. The dotted line is this run.", "name": "fig-land-saved"}, "image": {"alt": "Three rising curves over a logarithmic axis of pairs from a thousand to a million, one for each amount that a hosted judge saves; the curve of a larger amount lies below that of a smaller one."}}
x = [landscape.middle(row) for row in cells["pairs"]]
fig, ax = figures.canvas(7, 4)
colours = figures.GREEN, figures.ORANGE, figures.BLUE
amounts = zip(landscape.SAVED.values(), zip(*savings_by_pairs, strict=True), colours, strict=True)
for usd, shares, colour in amounts:
    ax.plot(x, shares, color=colour, lw=2.4)
    figures.say(ax, x[0], shares[0], fmt.usd(usd, 0), color=colour, fontweight="bold", xytext=(2, 12))
if x[0] / 2 < pairs < x[-1] * 2:
    ax.axvline(pairs, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 104), xlabel="usable pairs", ylabel="share of scenarios [%]")
ax.set_title("What a judge saves on the whole project", fontsize=12.5)
figures.plain_log(ax.xaxis, (1e3, 1e4, 1e5, 1e6))
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-saved",
    ["pairs from [-]", "pairs to [-]", *(f"{usd:,} USD or more saved [%]" for usd in landscape.SAVED.values())],
    [[row.x_low, row.x_high, *found] for row, found in zip(cells["pairs"], savings_by_pairs, strict=True)],
)

# %% [markdown]
# ### Prices of a GPU and of a label
#
# The maps show how often people cost once, three and ten times as much as the model that labels for itself. Label for
# label, the share of scenarios with ten times is {glue:text}`label_prices_low` in the cell where it is least. Project for
# project it is {glue:text}`prices_low` in its lowest cell and {glue:text}`prices_high` in its highest: both sides pay for
# training and for people who check, so that a price moves both.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the model's own labels win, by the price of a GPU and of a human label: the share of scenarios in which people cost at least once, three and ten times as much. Left: candidates and labels alone. Right: the whole project. The number in a map is its share over all; contours name shares in per cent; the cross is this run.", "name": "fig-land-prices"}, "image": {"alt": "Six heat maps in three rows for one, three and ten times and two columns, label for label at the left and project for project at the right; across is the price of a GPU, upwards the price of a human label. Each map is darkest in the lower right corner, where GPUs cost much and labels little, and darker the larger the multiple."}}
fig, axes = maps.draw("prices", (price_usd_per_gpu_hour, human_work.usd_per_comparison(values)), whole)
fig.supxlabel("price of a GPU-hour", fontsize=12.5)
fig.supylabel("price of a human label before fees", fontsize=12.5)
for ax in axes[-1]:
    figures.plain_log(ax.xaxis, (0.5, 1, 2, 5, 10), lambda value: f"${value:g}")
for ax in axes[:, 0]:
    figures.plain_log(ax.yaxis, (0.1, 1, 10, 100), lambda value: f"${value:g}")

# %% tags=["remove-input", "nbval-check-output"]
head = [f"{way} {times}x [%]" for way in WAYS for times in TIMES]
df = page.data(
    "fig-land-prices",
    ["GPU from [USD/GPU-h]", "GPU to [USD/GPU-h]", "label from [USD]", "label to [USD]", "points [-]", *head],
    [[row.x_low, row.x_high, row.y_low, row.y_high, int(row.points),
      *landscape.percents(row)] for row in cells["prices"]],
)  # fmt: skip

# %% [markdown]
# ### Model size and tokens per call
#
# The larger the model, the more of a project is GPU time. For {glue:text}`smallest` the share of scenarios in which the
# whole project is ten times cheaper is {glue:text}`small_share` or more at any length of a call. For {glue:text}`largest`
# it lies between {glue:text}`large_low` and {glue:text}`large_high`.


# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the model's own labels win, by the tokens of a judge's call, read and written, and by the model. Left: candidates and labels alone. Right: the whole project. The colours and contours are those of {numref}`fig-land-prices`; the cross is this run.", "name": "fig-land-sizes"}, "image": {"alt": "Six heat maps in three rows for one, three and ten times and two columns; across are the tokens of a judge's call, upwards the parameters of the model. Each map is darker for large models with long calls, and darker the larger the multiple."}}
heights = [find(name).parameters for name in sizes]
fig, axes = maps.draw("sizes", (call, find(policy_model).parameters), whole, heights)
fig.supxlabel("tokens of a judge's call, read and written", fontsize=12.5)
fig.supylabel("parameters of the model that is aligned", fontsize=12.5)
for ax in axes[-1]:
    figures.plain_log(ax.xaxis, (300, 600, 1200, 2400), lambda value: f"{value:,.0f}")
for ax in axes[:, 0]:
    figures.plain_log(ax.yaxis, (1e9, 3e9, 1e10, 3e10, 1e11, 3e11), lambda value: f"{value / 1e9:g}B")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-sizes",
    ["model", "call from [tokens]", "call to [tokens]", "points [-]", *head],
    [[row.model, row.x_low, row.x_high, int(row.points), *landscape.percents(row)] for row in cells["sizes"]],
)

# %% [markdown]
# Over the whole box, in shares of all points:

# %% tags=["hide-input", "nbval-check-output"]
said = {"own_label": "the model itself, label for label", "judge_label": "hosted judge, label for label",
        "own": "the model itself, project for project", "judge": "hosted judge, project for project"}  # fmt: skip
df = page.table(
    "tab-land-shares",
    ["what replaces people", "cheaper", "3 times cheaper", "10 times cheaper"],
    [
        [text, *(fmt.part(landscape.share(whole, way, times), 2, "100.00 %") for times in TIMES)]
        for way, text in said.items()
    ],
)

# %% [markdown]
# ### Statements examined here
#
# No statement of the article has its place in this chapter. [B073](#claim-b073), savings above ten in the most cautious
# case, and [B095](#claim-b095), that a saving above ten holds at any GPU price, are about labels: label for label ten
# times holds in {glue:text}`own_label_10` of the scenarios, project for project in {glue:text}`own_10`.
#
# ## Sensitivity
#
# Which input moves the share with ten thousand dollars saved most when it goes from the lowest to the highest bin of its
# range, all other inputs drawn: first the {glue:text}`first_driver`, then the {glue:text}`second_driver`, then the
# {glue:text}`third_driver`. Beside it, the share in which people cost ten times as much as a hosted judge.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-land-drivers",
    ["input", "lowest bin", "highest bin", *(f"{share}, {end}" for share in ("$10,000 saved", "10x cheaper")
                                             for end in ("lowest", "highest"))],
    [
        [name, *(row.model or f"{fmt.short(row.x_low, 3)} to {fmt.short(row.x_high, 3)}" for row in ends[name]),
         *(fmt.percent(landscape.share(row, *what), 1) for what in (("saved", "10k"), ("judge", 10)) for row in ends[name])]
        for name in drivers[:8]
    ],
)  # fmt: skip

# %% [markdown]
# ## Limits
#
# *Shares of what.* A share says how much of a box of ranges lies above a line, and another box gives another share. The
# maps show what stays when everything else varies.
#
# *Ranges.* Most are those of {ref}`sec-uncertainty` with its limits: partly assumptions, drawn independently. What
# labels are worth is no part of these shares.
#
# *Prices and GPUs.* The price of a GPU varies while the GPU stays that of this book's cluster, so that a low price is not
# that of a slow GPU, nor a high one that of a fast GPU.
#
# *The model.* All models run on the published cluster, where {glue:text}`largest` would not fit for every method; it is
# given the time of its work all the same. Small models pay for idle GPUs of the same cluster. How far computed times are
# from measured ones is in {ref}`sec-validation`. Whether a small model can judge at all is not asked.
#
# What would change the maps most is a published figure for staff, whose range is an assumption of this book, and inputs
# that go together in truth and are drawn apart here.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 19 -p human_usd_per_pair=2 -p num_pairs_m1=200000 -p policy_model=llama-3.1-8b
# papermill notebooks/19_landscape.ipynb out.ipynb -p price_usd_per_gpu_hour 4.1
# ```
#
# The box itself is a file: change `notebooks/sweeps/landscape.yml`, run the two commands under *Model*, then this chapter.
#
# ## References
#
# Ranges and their sources: {ref}`sec-parameters`, {ref}`sec-data`. The methods {cite:p}`mamath2025economics` and
# {cite:p}`yuan2024selfrewarding,lee2024rlaif`; random numbers by a counter {cite:p}`salmon2011`. Full entries:
# {doc}`/book/bibliography`.
