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
# **Question.** Over all plausible scenarios, in what share do synthetic labels win, and where?
#
# **Answer.** *Label for label* nearly everywhere: in {glue:text}`points` scenarios drawn from the ranges of this book, a
# pair that people label costs at least ten times one that the model labels itself in {glue:text}`own_label_10`, and one
# from a hosted judge in {glue:text}`judge_label_10`. *Project for project*, with training and checks by people on both
# sides, people cost more in {glue:text}`judge_1`, three times as much in {glue:text}`judge_3` and ten times as much in
# {glue:text}`judge_10` of the scenarios. What decides there is the number of pairs, more than the price of a GPU or of a
# label: a hosted judge is ten times cheaper in half of the scenarios from about {glue:text}`half_judge` pairs on, in
# {glue:text}`ten_most` of those with the most pairs, and in {glue:text}`ten_fewest` of those with the fewest.
#
# These are shares of a box of assumptions, not probabilities in the world.

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

from costlib.base import fmt
from costlib.compute.models import find
from costlib.economics import break_even, methods, ratios, scenarios
from costlib.facts import catalog, parameters
from costlib.report import figures, maps, page
from costlib.sweeping import landscape

# %% [markdown]
# ## Inputs
#
# The maps do not depend on these inputs. A cross in them marks where this run lies.

# %% tags=["hide-input", "nbval-check-output"]
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
# are assumptions of this book, and inputs that go together in truth are drawn apart.
#
# *Winning.* With people's cost $C_H$ and the cost $C$ of what replaces them, synthetic labels win $k$ times where
#
# $$ \frac{C_H}{C} \ge k, \qquad k = 1, 3, 10 $$ (eq-land-win)
#
# *Project for project* these are all lines of {ref}`sec-equal-footing`: seed data, fine-tuning, candidates, labels,
# training, failed runs, and evaluation, with people's time on both sides. *Label for label* they are candidates and labels
# alone. What replaces people is *the model itself*, which judges its own answers three times each,
# or a *hosted judge*.
#
# *Shares.* Of $m$ points in a cell of a map, $w$ are wins; the share $w / m$ has the standard error
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
half = {way: landscape.pairs_at(way, 10) for way in ("own", "judge")}
here = {
    way: ratios.whole(values, methods.METHODS[name]) for way, name in (("own", "self-rewarding"), ("judge", "rlaif"))
}

# %% tags=["remove-cell"]
WAYS, TIMES = landscape.WAYS, landscape.TIMES
cells = {kind: landscape.cells(kind) for kind in landscape.MAPS}
sizes = list(dict.fromkeys(row.model for row in cells["sizes"]))
ends, drivers = landscape.ends(), landscape.drivers()
pairs, call = scenarios.num_pairs(values), judge_prompt_tokens + judge_answer_tokens

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for row in catalog.table("landscape").values():
    for way in WAYS:
        wins = [getattr(row, f"{way}_{times}") for times in TIMES]
        assert row.points >= wins[0] >= wins[1] >= wins[2] >= 0, "ten times includes three times and once"
for rows in cells.values():
    assert sum(row.points for row in rows) == whole.points, "the cells of a map hold every point once"
    assert sum(row.judge_10 for row in rows) == whole.judge_10, "and every win"
limit = max(1, break_even.ratio_limit(values))
assert here["judge"] <= limit * (1 + 1e-9), "no price lifts the ratio above the quotient of the comparisons"


# %% tags=["remove-cell", "nbval-check-output"]
def tenfold(way, rows):
    return [landscape.share(row, way, 10) for row in rows]


for way in WAYS:
    won = {f"{way}_{times}": landscape.share(whole, way, times) for times in TIMES}
    page.publish_all("fraction", lambda share: fmt.part(share, whole="every one"), **won)
page.publish("points", whole.points, "points", f"{whole.points / 1e6:g} million")
page.publish_found(
    "pairs", fmt.number, "no number of", **{f"half_{way}": float(f"{at:.2g}") for way, at in half.items()}
)
first, last = (cells["pairs"][place] for place in (0, -1))
page.publish_all("fraction", fmt.percent, ten_most=landscape.share(last, "judge", 10),
                 ten_fewest=landscape.share(first, "judge", 10))  # fmt: skip
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
page.publish_all("comparisons", fmt.number, evaluated=values["num_evaluation_comparisons"])
page.publish_all("ratio", fmt.ratio, ratio_own=here["own"], ratio_judge=here["judge"])
small, large = ([row for row in cells["sizes"] if row.model == name] for name in (sizes[0], sizes[-1]))
page.publish_ends("fraction", fmt.percent, prices=tenfold("own", cells["prices"]), large=tenfold("own", large))
page.publish_all(
    "fraction", fmt.percent, label_prices_low=min(tenfold("own_label", cells["prices"])),
    small_share=min(tenfold("own", small)), large_label=min(tenfold("own_label", large)),
)  # fmt: skip
for place, name in enumerate(("first", "second", "third")):
    page.phrase(f"{name}_driver", drivers[place])

# %% [markdown]
# ## Result
#
# ### Prices
#
# Label for label, tenfold wins are rarer in one corner alone, where GPUs are dear and people cheap; there their share falls
# to {glue:text}`label_prices_low`. Project for project it goes from {glue:text}`prices_low` in that
# corner to {glue:text}`prices_high` in the opposite one and no further, however dear people are: both sides pay for
# training and for the time of people who check, so that their price moves both.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the model's own labels win, by the price of a GPU and of a human label: the share of scenarios in which people cost at least once, three and ten times as much. Left: candidates and labels alone. Right: the whole project. The number in a map is its share over all; contours name shares in per cent; the cross is this run.", "name": "fig-land-prices"}, "image": {"alt": "Six heat maps in three rows for one, three and ten times and two columns. The left column, label for label, is bright nearly everywhere and darkens in the lower right corner, where GPUs are dear and labels cheap, most at ten times. The right column, project for project, is bright at once, darker at three times and darkest at ten times, each darkest in the same corner."}}
fig, axes = maps.draw("prices", (price_usd_per_gpu_hour, human_usd_per_pair), whole)
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
# The larger the model, the more of a project is GPU time. For {glue:text}`smallest` the share of tenfold wins of the whole
# project is {glue:text}`small_share` or more at any length of a call. For {glue:text}`largest` it falls from
# {glue:text}`large_high` to {glue:text}`large_low` as calls grow longer, and label for label to {glue:text}`large_label`.


# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the model's own labels win, by the tokens of a judge's call, read and written, and by the model. Left: candidates and labels alone. Right: the whole project. The colours and contours are those of {numref}`fig-land-prices`; the cross is this run.", "name": "fig-land-sizes"}, "image": {"alt": "Six heat maps in three rows for one, three and ten times and two columns; across are the tokens of a judge's call, upwards the parameters of the model. Label for label all are bright but the largest models with long calls. Project for project the shares are even for small models and fall for large ones, most at ten times and with long calls."}}
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
# ### The number of pairs
#
# What decides a project is its scale. With few pairs, the people who evaluate and who certify a judge are most of the
# cost on both sides; with many, the labels are. Ten times cheaper in half of the scenarios is reached at about
# {glue:text}`half_judge` pairs by a hosted judge and at {glue:text}`half_own` by the model itself. This run has
# {glue:text}`pairs` pairs; its ratios are {glue:text}`ratio_own` and {glue:text}`ratio_judge`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Share of scenarios in which people cost at least once, three and ten times as much, project for project, against the number of pairs. Solid: the model itself; dashed: a hosted judge. Ten times is reached in half of the scenarios at about {glue:text}`half_judge` pairs by the judge. The dotted line is this run.", "name": "fig-land-pairs"}, "image": {"alt": "Three pairs of rising curves over a logarithmic axis of pairs from a thousand to a million. The pair for once starts high and soon reaches the top; that for three times rises from none to nearly all at a few thousand pairs, that for ten times later, and stays a little below the top. Solid and dashed lie close together."}}
x = [landscape.middle(row) for row in cells["pairs"]]
fig, ax = figures.canvas(7, 4)
for times, colour in zip(TIMES, (figures.GREEN, figures.ORANGE, figures.BLUE), strict=True):
    curves = {way: [100 * landscape.share(row, way, times) for row in cells["pairs"]] for way in ("own", "judge")}
    for way, style in (("own", "-"), ("judge", "--")):
        ax.plot(x, curves[way], color=colour, ls=style, lw=2.2)
    at = next((place for place, part in enumerate(curves["own"]) if part > 45), len(x) - 1)
    figures.say(ax, x[at], curves["own"][at], f"  {fmt.ratio(times, 0)}", color=colour, fontsize=14, fontweight="bold",
                xytext=(4, -9))  # fmt: skip
if x[0] / 2 < pairs < x[-1] * 2:
    ax.axvline(pairs, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 102), xlabel="usable pairs", ylabel="share of scenarios [%]")
figures.plain_log(ax.xaxis, (1e3, 1e4, 1e5, 1e6))
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-land-pairs",
    ["pairs from [-]", "pairs to [-]", "points [-]", *head],
    [[row.x_low, row.x_high, int(row.points), *landscape.percents(row)] for row in cells["pairs"]],
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
# case, holds label for label nearly everywhere in the box; project for project it is a matter of scale.
# [B095](#claim-b095), that a saving above ten holds at any GPU price, is in the same position: label for label a
# GPU price alone hardly undoes it, and project for project ten is missed at every GPU price where pairs are few.
#
# ## Sensitivity
#
# Which input moves the share of tenfold wins most when it goes from the lowest to the highest bin of its range, all other
# inputs drawn: first {glue:text}`first_driver`, then {glue:text}`second_driver` and {glue:text}`third_driver`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-land-drivers",
    ["input", "lowest bin", "highest bin", "itself, lowest", "itself, highest", "judge, lowest", "judge, highest"],
    [
        [name, *(row.model or f"{fmt.short(row.x_low, 3)} to {fmt.short(row.x_high, 3)}" for row in ends[name]),
         *(fmt.percent(landscape.share(row, way, 10), 1) for way in half for row in ends[name])]
        for name in drivers[:8]
    ],
)  # fmt: skip

# %% [markdown]
# ## Limits
#
# *Shares of what.* A share says how much of a box of ranges lies above a line. Another box gives another share: with pairs
# from ten thousand on, tenfold wins would be more frequent. The maps show what stays when everything else varies.
#
# *Ranges.* Most are those of {ref}`sec-uncertainty` with its limits: partly assumptions, drawn independently. Agreement is
# no part of these ratios; {ref}`sec-break-even` has the cost of an effective pair.
#
# *Prices and GPUs.* The price of a GPU varies while the GPU stays that of this book's cluster, so that a low price is not
# that of a slow GPU, nor a high one that of a fast GPU.
#
# *The model.* All models run on the published cluster, where {glue:text}`largest` would not fit for every method; it is
# given the time of its work all the same. Small models pay for idle GPUs of the same cluster. How far computed times are
# from measured ones is in {ref}`sec-validation`. Whether a small model can judge at all is not asked.
#
# What would change the maps most is a wider range of evaluation: its {glue:text}`evaluated` comparisons by people are held,
# and with the validation they set how many pairs a saving of ten needs.
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
