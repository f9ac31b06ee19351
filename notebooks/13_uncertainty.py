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
# (sec-uncertainty)=
# # Uncertainty and sensitivity
#
# **Question.** How sure is any of these numbers, and what drives the spread?
#
# **Answer.** With every line on both sides, DPO on human labels costs {glue:text}`central` what RLAIF costs at the
# inputs of this run, and between {glue:text}`usable_low` and {glue:text}`usable_high` in 90 % of the draws from their
# ranges, with a median of {glue:text}`usable`. If a label counts by how often it is right, the median is
# {glue:text}`effective`, and 90 % lie between {glue:text}`effective_low` and {glue:text}`effective_high`. RLAIF is
# cheaper in {glue:text}`cheaper` per usable pair and in {glue:text}`cheaper_effective` per effective pair, and ten times
# cheaper in {glue:text}`ten` and in {glue:text}`ten_effective`.
#
# In the article's own terms the 90 % interval is from {glue:text}`article_low` to {glue:text}`article_high`. Its
# {glue:text}`printed` is above {glue:text}`below_article` there; with every line it is above {glue:text}`below` per
# usable pair and above {glue:text}`below_effective` per effective pair.
#
# The input that drives the spread most is {glue:text}`leading_usable` per usable pair and {glue:text}`leading_effective`
# per effective pair, with its share of the variance.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
human_agreement: float = 0.81  # agreement of a human label with the label of another person [fraction]
judge_agreement: float = 0.849  # agreement of a judge's label with the label of a person [fraction]
judge_usd_per_million_input: float = 2.0  # list price of a hosted judge for tokens that it reads [USD/million tokens]
judge_output_price_ratio: float = 6.0  # price of written over read tokens of a hosted judge [-]
batch_discount: float = 0.5  # discount of a hosted judge for calls that may wait [fraction]
unusable_share: float = 0.18  # judged pairs without a usable label [fraction]
gpu_time_factor: float = 1.0  # GPU time of training over what the model predicts [-]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math
import textwrap

import numpy as np

from costlib.base import fmt, sampling
from costlib.economics import break_even, comparison, methods, ratios, uncertainty
from costlib.facts import claims, regimes
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
values = page.inputs(globals(), "tab-unc-inputs")

# %% [markdown]
# Each of the {glue:text}`ranges` inputs of Part III that has a range is drawn from it. An input that a run changes is
# known to its reader and held; in this run: {glue:text}`held`. The ranges are in the folded table.

# %% tags=["hide-cell", "nbval-check-output"]
known = uncertainty.uncertain()
held = uncertainty.held(values)
df = page.table(
    "tab-unc-ranges",
    ["input", "low", "middle", "published", "high", "shape", "range from"],
    [
        [f"{name} [{each.unit}]", fmt.short(each.low), fmt.short(sampling.quantile_of(each, 0.5), 3),
         fmt.short(each.default), fmt.short(each.high),
         f"held at {fmt.short(values[name])}" if name in held else each.shape, fmt.source(each.range_source)]
        for name, each in known.items()
    ],
)  # fmt: skip

# %% [markdown]
# ## Model
#
# *Draws.* An input $x_i$ with the range $[l_i, h_i]$ and the published value $d_i$ is drawn by putting a uniform number
# $u$, from a stream of its own with a fixed seed, into the quantiles of its shape {cite:p}`jcgm2008`: uniform,
# log-uniform, or triangular with the published value as its mode,
#
# $$ x_i = l_i + u\,(h_i - l_i), \qquad x_i = l_i \left( \frac{h_i}{l_i} \right)^u, $$ (eq-unc-draw)
#
# $$ x_i = \begin{cases} l_i + \sqrt{u\,(h_i - l_i)(d_i - l_i)} & u\,(h_i - l_i) < d_i - l_i \\
# h_i - \sqrt{(1 - u)(h_i - l_i)(h_i - d_i)} & \text{otherwise} \end{cases} $$
#
# Inputs are independent of each other, and all methods share their draws. Given are the median and the 5 % and 95 %
# quantiles of the results. With $D$ draws, a mean and the share $P$ of the draws in which something holds have the
# standard errors
#
# $$ \frac{s}{\sqrt{D}} \quad \text{and} \quad \sqrt{\frac{P\,(1 - P)}{D}} $$ (eq-unc-error)
#
# where $s$ is the standard deviation. They say how far the number of draws leaves a result open, and nothing of whether
# the ranges are right. Where all draws agree, the second is zero and no guide: what was never drawn has a probability
# below $3/D$ with 95 % confidence {cite:p}`hanley1983`, here {glue:text}`rule`.
#
# *The ratio.* With the lines of {ref}`sec-equal-footing`, let $W_H$ and $W_J$ be what DPO on human labels and RLAIF pay
# for everything but people, and $c_H$ what one comparison by people costs with fees and rework. For $n$ usable pairs,
# $n_E$ comparisons of evaluation and $n_V$ that certify the judge,
#
# $$ R = \frac{W_H + c_H\,(n + n_E)}{W_J + c_H\,(n_E + n_V)} \le \max\left( 1,\ \frac{n + n_E}{n_E + n_V} \right) $$ (eq-unc-ratio)
#
# since $W_J \ge W_H$: RLAIF does the same training, generates at least as many candidates, and pays a judge. The bound
# is a quotient of counts. No price, however high or low, lifts the ratio above it. Per effective pair, with the
# agreements $A_H$ and $A_J$,
#
# $$ R_\text{effective} = R\,\frac{2 A_J - 1}{2 A_H - 1} $$ (eq-unc-effective)
#
# The ratio in the article's terms sets labels by people, without fees, against its whole pipeline. Of the inputs with a
# range it contains two, the price of a label and that of a GPU-hour.
#
# *What drives it.* A tornado moves one input at a time to the ends of its range. Sobol indices {cite:p}`sobol2001` share
# out the variance of $\ln R$: what $x_i$ explains alone, and what remains open when all others are known,
#
# $$ S_i = \frac{\operatorname{Var}\left( \mathbb{E}[\ln R \mid x_i] \right)}{\operatorname{Var}(\ln R)}, \quad
# T_i = \frac{\mathbb{E}\left[ \operatorname{Var}(\ln R \mid x_{j \ne i}) \right]}{\operatorname{Var}(\ln R)} $$ (eq-unc-sobol)
#
# estimated {cite:p}`saltelli2010,herman2017salib` from {glue:text}`base` base samples. $T_i - S_i$ acts only together
# with other inputs.

# %%
drawn_inputs = uncertainty.around(values)
central, drawn = methods.compare(values), methods.compare(drawn_inputs)
terms = {name: sampling.sample(found) for name, found in ratios.in_terms(drawn_inputs, drawn).items()}

# %% tags=["remove-cell"]
DRAWS, BASE, TEN = uncertainty.DRAWS, 1024, 10
printed = claims.find("B071").published
# A coin's label says nothing, and has no price for what it says.
informative = min(human_agreement, judge_agreement) > 0.5
basis = "per effective pair" if informative else "per usable pair"
terms = {name: found for name, found in terms.items() if informative or "effective" not in name}
article, usable, ours = (terms[name] for name in ("article's terms", "RLAIF, per usable pair", f"RLAIF, {basis}"))
totals = {name: sampling.sample(method.usd) for name, method in drawn.items()}

# The whole interval of each total, and the shares of inputs and of predicted GPU time in it.
causes = {
    name: found for name, found in comparison.interval_by_cause(values, fixed=held).items() if name != "published"
}
spreads = {key: [found[cause][1] / found[cause][0] for found in causes.values()]
           for key, cause in {"drawn": "inputs", "model": "prediction"}.items()}  # fmt: skip

# What drives the spread; and the index of the human price in the article's ratio, which is known without draws.
free = [name for name in known if name not in held] or None
bars = [
    bar
    for bar in uncertainty.tornado(lambda v: ratios.whole(v, effective=informative), values, free)
    if bar[1] != bar[2]
][:8]
indices = {kind: uncertainty.sobol(lambda v, kind=kind: ratios.whole(v, effective="effective" in kind), free, samples=BASE, values=values)
           for kind in dict.fromkeys(["per usable pair", basis])}  # fmt: skip
order = {kind: sorted(rows, key=lambda name, rows=rows: -rows[name][2]) for kind, rows in indices.items()}
prices = ["human_usd_per_pair", "price_usd_per_gpu_hour"]
exact = uncertainty.sobol_of_factor(prices[0], prices)
of_article = uncertainty.sobol(lambda v: v[prices[0]] / methods.published(v).usd, prices, samples=BASE, values=values)

# The most that counts of comparisons allow, in this run and with the fewest that certify a judge.
certify = known["num_validation_pairs"]
fewest = values["num_validation_pairs"] if "num_validation_pairs" in held else certify.low
ceiling, highest = (max(1, break_even.ratio_limit(values | {"num_validation_pairs": count}))
                    for count in (values["num_validation_pairs"], fewest))  # fmt: skip

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert usable.ordered[-1] <= highest * (1 + 1e-9), "no price lifts the ratio above the quotient of counts"
for found in (*terms.values(), *totals.values()):
    assert found.interval[0] <= found.median <= found.interval[1], "quantiles must be in order"
assert abs(of_article[prices[0]][0] - exact) <= 0.05, "the estimator must find the index that is known"


# %% tags=["remove-cell", "nbval-check-output"]
def times(value):
    return fmt.ratio(value, 0 if value >= 100 else 1 if value >= 1 else 2)


def index(kind, name):
    row = indices[kind].get(name)
    return fmt.plus_minus(row[2], row[3], 0, 1 if row[3] < 0.01 else 0) if row else "none"


effective = terms.get("RLAIF, per effective pair", sampling.sample(math.nan))
for key, found in {"usable": usable, "article": article, "effective": effective}.items():
    page.publish_found(
        "ratio", times, **dict(zip((key, f"{key}_low", f"{key}_high"), (found.median, *found.interval), strict=True))
    )
for key, found in {"": usable, "_effective": effective}.items():
    there = [found.share_above(threshold)[0] if found.median > 0 else math.nan for threshold in (1, TEN, printed)]
    page.publish_found(
        "fraction", fmt.of_draws, **{f"cheaper{key}": there[0], f"ten{key}": there[1], f"below{key}": 1 - there[2]}
    )
in_article = {threshold: article.share_above(threshold)[0] for threshold in (TEN, 11, printed, 58)}
page.publish_all("fraction", fmt.of_draws, below_article=1 - in_article[printed], ten_article=in_article[TEN],
                 inside_article=round(in_article[11] - in_article[58], 9))  # fmt: skip
for key, kind in {"leading_usable": "per usable pair", "leading_effective": basis}.items():
    page.phrase(key, f"'{known[order[kind][0]].meaning}' ({index(kind, order[kind][0])})")
page.phrase("leading_basis", ", ".join(f"{name} {index(basis, name)}" for name in order[basis][:3]))
page.phrase("held", ", ".join(held) or "none")
page.phrase("basis", basis)
page.phrase("human_index", index("per usable pair", prices[0]))
medians = [found.median for found in terms.values()]
page.publish_all("ratio", times, printed=printed, central=ratios.whole(values), lowest=usable.ordered[0],
                 largest=usable.ordered[-1], smallest_median=min(medians), largest_median=max(medians))  # fmt: skip
page.publish_found("ratio", fmt.ratio_2, "any value", ceiling=ceiling, highest=highest)
human = known["human_usd_per_pair"]
page.publish_all("USD/pair", fmt.usd, price_published=human.default, price_low=human.low, price_high=human.high,
                 price_middle=sampling.quantile_of(human, 0.5))  # fmt: skip
assumed = sum(each.range_source == "costofalignment" for each in known.values())
page.publish_all("-", fmt.number, draws=DRAWS, base=BASE, pairs=central["human-dpo"].pairs, certify_low=certify.low,
                 ranges=len(known), certify_high=certify.high, assumed=assumed)  # fmt: skip
for key, found in spreads.items():
    ends = {f"{key}_spread_low": min(found), f"{key}_spread_high": max(found)}
    page.publish_all("ratio", fmt.ratio_2, **ends)
page.publish_all(
    "ratio", fmt.ratio_2, **dict(zip(("error_low", "error_high"), regimes.interval("alignment", 1.0), strict=True))
)
page.publish("rule", 3 / DRAWS, "fraction", fmt.percent(3 / DRAWS, 2))
page.publish_all("fraction", fmt.tenths, exact=exact, estimated=of_article[prices[0]][0],
                 estimated_error=of_article[prices[0]][1])  # fmt: skip
first_order = sum(row[0] for row in indices[basis].values())
page.publish("first_order", first_order, "fraction", fmt.percent(first_order))
margins = [1.96 * math.sqrt(judge_agreement * (1 - judge_agreement) / count) for count in (certify.low, certify.high)]
page.publish_all("fraction", lambda margin: fmt.number(100 * margin, 1), margin_low=margins[0], margin_high=margins[1])
agreed = known["judge_agreement"]
page.publish_all("fraction", fmt.tenths, agreement_low=agreed.low, agreement_high=agreed.high)

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# An interval here holds both: the ranges of the inputs, and the error of the model. GPU time is the one part of a total
# that is predicted; it is drawn around the prediction so that four in five draws lie between {glue:text}`error_low` and
# {glue:text}`error_high` times it, as four in five published runs do whose source the fit had not seen
# ({ref}`sec-validation`). With the inputs alone the ends of a total lie a factor of
# {glue:text}`drawn_spread_low` to {glue:text}`drawn_spread_high` apart, with GPU time alone
# {glue:text}`model_spread_low` to {glue:text}`model_spread_high`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-unc-trust",
    ["method", "this run", "90 %, both", "90 %, inputs alone", "90 %, GPU time alone"],
    [[central[name].label, fmt.usd(central[name].usd, 0),
      *(" to ".join(fmt.usd(end, 0) for end in found[cause]) for cause in ("both", "inputs", "prediction"))]
     for name, found in causes.items()],
)  # fmt: skip

# %% [markdown]
# ### The totals
#
# For {glue:text}`pairs` usable pairs and {glue:text}`draws` draws, in US dollars:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-unc-totals",
    ["method", "this run", "median", "5 %", "95 %", "mean"],
    [
        [method.label, *(fmt.usd(x, 0) for x in (method.usd, found.median, *found.interval)),
         f"{fmt.usd(found.mean, 0)} ± {fmt.short(round(found.standard_error, 1), 2)}"]
        for method, found in ((central[name], totals[name]) for name in central)
    ],
)  # fmt: skip

# %% [markdown]
# The column of this run has every input at its value and is not a median: a published value need not lie in the middle
# of its range. That of a human comparison is {glue:text}`price_published`, and the middle of its range, from
# {glue:text}`price_low` to {glue:text}`price_high`, is {glue:text}`price_middle`. Nor is a median a mean, since several
# ranges are skewed. The error beside the mean is that of the draws alone. The article's total contains one input with a
# range, the price of a GPU; its counts, lengths and speed are choices, which {ref}`sec-caveats` changes one by one.
#
# ### The ratios
#
# People's cost over the cost of what replaces them, with the shares of the draws in which AI feedback is cheaper and in
# which {glue:text}`printed` is not reached:


# %% tags=["hide-input", "nbval-check-output"]
def chances(found):
    return [fmt.draws(*found.share_above(threshold)) for threshold in (1, TEN)]


df = page.table(
    "tab-unc-ratios",
    ["ratio", "median", "5 %", "95 %", "AI cheaper", "ten times cheaper", f"below {fmt.ratio(printed)}"],
    [
        [name, *(times(x) for x in (found.median, *found.interval)), *chances(found),
         fmt.draws(1 - found.share_above(printed)[0])]
        for name, found in terms.items()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "One question in several terms. Each curve is the density of a ratio over {glue:text}`draws` draws, scaled to one height; dot and bar are its median and 90 % interval. The article's {glue:text}`printed`, dashed, is above {glue:text}`below_article` in the article's own terms and, for RLAIF with every line, above {glue:text}`below` per usable pair and {glue:text}`below_effective` per effective pair. At the grey line both sides cost the same.", "name": "fig-unc-ratios"}, "image": {"alt": "A stack of density curves on one logarithmic axis of the ratio of people's cost to the cost of AI feedback: in the article's terms, for labelled pairs alone, and for whole methods per usable and per effective pair. Vertical lines mark equal cost and the article's ratio."}}
curves = {name: figures.log_density(found) for name, found in terms.items() if found.ordered[0] > 0}
fig, ax = figures.canvas(7, 5)
hues = {"article's": figures.ORANGE, "labelled": figures.GREY, "RLAIF,": figures.BLUE, "self-rewarding,": figures.GREEN}
for row, (name, (centres, heights)) in enumerate(curves.items()):
    hue = hues[name.split()[0]]
    ax.fill_between(centres, -row, 0.75 * heights - row, color=hue, alpha=0.45, lw=0)
    ax.plot(terms[name].interval, [-row, -row], color=hue, lw=3.5, solid_capstyle="butt")
    ax.plot(terms[name].median, -row, "o", color=hue, ms=8, mec="white")
span = [pick([printed, 1, *(x for centres, _ in curves.values() for x in centres)]) for pick in (min, max)]
ax.axvline(1, color=figures.GREY, lw=1, zorder=0)
ax.axvline(printed, color="black", lw=1.2, ls="--", zorder=0)
figures.say(ax, printed, 1.05, fmt.ratio(printed))
ax.set(xscale="log", xlim=(span[0] / 1.3, span[1] * 1.3), ylim=(0.3 - len(curves), 1.3))
ax.set_yticks([0.25 - row for row in range(len(curves))], [name.replace(", ", ",\n") for name in curves])
ax.tick_params(axis="y", length=0)
ax.spines["left"].set_visible(False)
ax.set_xlabel("people's cost / cost of AI feedback")
figures.plain_log(
    ax.xaxis, figures.ticks(*span, (1, 2, 3, 5, 7) if span[1] < 6 * span[0] else (1, 3)), figures.times_tick
)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-unc-ratios",
    ["curve", "ratio [-]", "density over its highest [-]"],
    [[name, *map(float, point)] for name, curve in curves.items() for point in zip(*curve, strict=True)],
)

# %% [markdown]
# *Whether* AI feedback is cheaper and *by how much* are two questions. Per usable pair the lowest draw is
# {glue:text}`lowest` and the highest {glue:text}`largest`. By equation {eq}`eq-unc-ratio` the ratio can reach
# {glue:text}`ceiling` with the counts of this run, and {glue:text}`highest` with the fewest labels that certify the
# judge; the article's {glue:text}`printed` can be reached only below these. Where both sides pay people for the same
# evaluation, and one of them for certifying its judge, these comparisons bound the ratio. Per effective pair the bound
# moves with the two agreements, whose ranges overlap.
#
# In its own terms the article sets a human price against GPU time, and its ratio is as wide as these two prices.
# *Labelled pairs alone* has candidates and labels on both sides and nothing else. From one set of terms to another the
# median goes from {glue:text}`smallest_median` to {glue:text}`largest_median`, and no input has changed. So
# {glue:text}`printed` is one draw, and it has to be said what it is a draw of.
#
# ### What drives the spread

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The ratio of DPO on human labels to RLAIF, {glue:text}`basis`, with one input at a time at the ends of its range, which stand beside the bars: blue the low end, orange the high end. The line is this run. Largest shares of its variance: {glue:text}`leading_basis`.", "name": "fig-unc-tornado"}, "image": {"alt": "A tornado chart on a logarithmic axis: horizontal bars for up to eight inputs, the widest on top, to both sides of a line at the ratio of this run, with the low and the high end of each input's range written at the ends of its bar."}}
fig, ax = figures.canvas(7, 4.6)
centre = ratios.whole(values, effective=informative)
for row, (name, *ends) in enumerate(bars):
    for end, value, colour in zip(("low", "high"), ends, (figures.BLUE, figures.ORANGE), strict=True):
        ax.barh(-row, value - centre, left=centre, color=colour, height=0.6)
        side = {"ha": "left", "xytext": (4, 0)} if value == max(ends) else {"ha": "right", "xytext": (-4, 0)}
        figures.say(ax, value, -row, fmt.short(getattr(known[name], end)), fontsize=11, **side)
span = [pick([centre, *(x for bar in bars for x in bar[1:])]) * wider for pick, wider in ((min, 0.8), (max, 1.25))]
ax.axvline(centre, color="black", lw=1)
ax.set(xscale="log", xlim=span, ylim=(0.5 - max(1, len(bars)), 0.5))
ax.set_yticks([-row for row in range(len(bars))], [textwrap.fill(bar[0].replace("_", " "), 19) for bar in bars])
ax.tick_params(axis="y", length=0)
ax.set_xlabel(f"people's cost / cost of RLAIF, {basis}")
figures.plain_log(
    ax.xaxis, figures.ticks(*span, (1, 2, 3, 5, 7) if span[1] < 6 * span[0] else (1, 3)), figures.times_tick
)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-unc-tornado", ["input", "ratio at its low end [-]", "ratio at its high end [-]"], bars)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Sobol indices of the logarithm of the same ratio: the share of its variance that an input explains alone (filled) and with all its interactions (open), with 95 % intervals. Per usable pair the largest is that of {glue:text}`leading_usable`.", "name": "fig-unc-sobol"}, "image": {"alt": "Panels with one row for each of up to six inputs. In each row a filled dot for the first-order and an open dot for the total Sobol index, with short whiskers: a panel for the ratio per usable pair and, where it has a value, one per effective pair."}}
fig, [panels] = figures.canvas(7, 3.7, ncols=len(indices), sharey=True, squeeze=False)
rows = order[basis][:6]
for ax, kind in zip(panels, indices, strict=True):
    for column, face, shift in ((0, figures.BLUE, 0.14), (2, "white", -0.14)):
        middles, errors = zip(
            *([100 * x for x in indices[kind][name][column : column + 2]] for name in rows), strict=True
        )
        at = [shift - row for row in range(len(rows))]
        ax.errorbar(middles, at, xerr=errors, fmt="o", ms=6.5, color=figures.BLUE, mfc=face, elinewidth=1.4)
    ax.set(xlabel=f"% of variance,\n{kind}", xlim=(-8, 112), xticks=[0, 50, 100])
    ax.grid(axis="x")
panels[0].set_yticks([-row for row in range(len(rows))], [textwrap.fill(x.replace("_", " "), 19) for x in rows])
panels[0].tick_params(axis="y", length=0)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-unc-sobol",
    [
        "ratio",
        "input",
        "first order [fraction]",
        "95 % half-width of first order [fraction]",
        "total [fraction]",
        "95 % half-width of total [fraction]",
    ],
    [[kind, name, *(round(x, 4) for x in indices[kind][name])] for kind in indices for name in order[kind][:8]],
)

# %% [markdown]
# The first-order indices {glue:text}`basis` add up to {glue:text}`first_order` of the variance; the nearer to all of it,
# the more the inputs act one by one. What an input explains depends on the terms. In the article's ratio the prices of people and of a GPU are
# factors. Where both are drawn, their shares are known without drawing: {glue:text}`exact` is that of people. The
# estimate is {glue:text}`estimated` ± {glue:text}`estimated_error`, which checks the estimator. Of the ratio of whole
# methods per usable pair, where people are paid on both sides, the same price explains {glue:text}`human_index`.
#
# The number of comparisons that certify a judge is not found out but decided, and whoever decides it removes its part of
# the spread. Between {glue:text}`certify_low` and {glue:text}`certify_high` of them tell the judge's agreement to within
# {glue:text}`margin_low` and {glue:text}`margin_high` points, at the agreement of this run. They buy a narrower range of
# another input in the same figure. The draws charge for them and do not reward them.
#
# ### What would have to be true


# %% tags=["hide-input", "nbval-check-output"]
def usd_ratio(v):
    return 1 / ratios.whole(v)


middle = values | {name: sampling.quantile_of(known[name], 0.5) for name in free or []}
agreed, checks = fmt.tenths(judge_agreement), fmt.number(values["num_validation_pairs"])
paid, pairs = fmt.price(human_usd_per_pair), fmt.number(central["human-dpo"].pairs)
needed = [
    ("people cheaper per usable pair", "human price below", paid, fmt.price, lambda v: break_even.human_price_for(1, v)),
    ("people cheaper per effective pair", "judge agreement below", agreed, fmt.tenths,
     lambda v: break_even.agreement(v["human_agreement"], usd_ratio(v))),
    ("AI ten times cheaper per effective pair", "judge agreement above", agreed, fmt.tenths,
     lambda v: break_even.agreement(v["human_agreement"], TEN * usd_ratio(v))),
    ("AI ten times cheaper per usable pair", "labels that certify the judge, at most", checks, fmt.number,
     lambda v: break_even.validation_pairs_for(TEN, v)),
    ("AI ten times cheaper per usable pair", "usable pairs, more than", pairs, fmt.number, lambda v: break_even.pairs_for(TEN, v)),
    (f"AI {fmt.ratio(printed)} cheaper per usable pair", "usable pairs, more than", pairs, fmt.number,
     lambda v: break_even.pairs_for(printed, v)),
]  # fmt: skip
df = page.table(
    "tab-unc-thresholds",
    ["for", "must be", "this run", "others as in this run", "others in the middle"],
    [
        [who, what, now, *(fmt.found(solve(v), text) for v in (values, middle))]
        for who, what, now, text, solve in needed
    ],
)

# %% [markdown]
# Each row solves equation {eq}`eq-unc-ratio` or {eq}`eq-unc-effective` for one input, with the others as in this run, or
# with all of them in the middle of their ranges. The ranges say which values are within reach: in them a comparison costs
# {glue:text}`price_low` to {glue:text}`price_high`, and a judge agrees in {glue:text}`agreement_low` to
# {glue:text}`agreement_high` of the cases. In the last three rows counts decide, as far as prices leave it open at all:
# how many labels certify the judge, and over how many pairs they are spread.
# {ref}`sec-break-even` draws the crossings.
#
# ### Statements examined here
#
# No statement of the article is first examined here; three appear in another light. The saving of 11.7
# ([B071](#claim-b071)) is above {glue:text}`below_article` in its own terms. That it exceeds ten even in the most cautious
# case ([B073](#claim-b073)) is true of {glue:text}`ten_article` in those terms, and with every line of {glue:text}`ten`
# per usable pair and of {glue:text}`ten_effective` per effective pair. Between 11 and 58 ([B103](#claim-b103)) the
# article's ratio lies in {glue:text}`inside_article`.
#
# ## Sensitivity
#
# ### Other ways to draw and to count
#
# The ratio of DPO on human labels to RLAIF, {glue:text}`basis`, with one change at a time. Rows that weigh labels by
# agreement are shown if both agreements are above one half.


# %% tags=["hide-input", "nbval-check-output"]
def tied(name, other):
    """The draws of one input, put into the order of another's."""
    ours, theirs = (np.broadcast_to(drawn_inputs[each], DRAWS) for each in (name, other))
    return np.sort(ours)[np.argsort(np.argsort(theirs, kind="stable"))]


people, judge = drawn["human-dpo"], drawn["rlaif"]
a_h, a_j = drawn_inputs["human_agreement"], drawn_inputs["judge_agreement"]
worth = ratios.worth(a_j, a_h) if informative else 1
variants = {"this run": ours}
if informative:
    dear_judge, dear_people = (
        tied(*each)
        for each in (("judge_agreement", "judge_usd_per_million_input"), ("human_agreement", "human_usd_per_pair"))
    )
    variants["every label worth the same"] = usable
    for name, weight in {
        "a label worth (2A - 1)²": ratios.worth(a_j, a_h, 2),
        "the dearest judge agrees most": ratios.worth(dear_judge, a_h),
        "the dearest people agree most": ratios.worth(a_j, dear_people),
    }.items():
        variants[name] = sampling.sample(people.usd / judge.usd * weight)
halves = drawn_inputs | {name: sampling.halfway(known[name], drawn_inputs[name]) for name in free or []}
as_in_run = methods.rlaif(drawn_inputs | {"num_validation_pairs": values["num_validation_pairs"]}).usd
unchecked = [method.usd - method.line("evaluation").usd for method in (people, judge)]
variants |= {
    f"{fmt.number(values['num_validation_pairs'])} labels certify the judge": sampling.sample(
        people.usd / as_in_run * worth
    ),
    "each input halfway to its published value": sampling.sample(ratios.whole(halves, effective=informative)),
}
if np.all(unchecked[1] > 0):
    variants["no checks by people on either side"] = sampling.sample(unchecked[0] / unchecked[1] * worth)
df = page.table(
    "tab-unc-variants",
    ["change", "median", "5 %", "95 %", "AI cheaper", "ten times cheaper"],
    [[name, *map(times, (found.median, *found.interval)), *chances(found)] for name, found in variants.items()],
)

# %% [markdown]
# *A label worth $(2A - 1)^2$.* If labels of one pair are averaged until they are as sure as wanted, the number needed
# grows with the inverse of this square {cite:p}`karger2014`. Which of the two is right depends on what training makes of
# wrong labels, and is not known here. In logarithms the square counts agreement twice.
#
# *The dearest.* Draws are independent, so a cheap judge is as often a good one as a dear one. In these two rows the same
# draws of agreement are put into the order of the price.
#
# *Halfway.* Each input is moved halfway from its draw to its published value, on a logarithmic scale where its shape is
# log-uniform: ranges of half the width. The interval is as much an assumption as they are.
#
# *No checks.* Without evaluation and validation on either side nobody knows whether either method worked. The row shows
# how much of the ratio is decided by the comparisons for which both sides pay people.
#
# ### Enough draws
#
# The same ratio from the first draws of the same streams. The interval of the median covers its true value in 95 % of
# repetitions, by the ranks of the draws:

# %% tags=["hide-input", "nbval-check-output"]
MOST = 100_000
more = {name: found for name, found in uncertainty.draw(draws=MOST).items() if name not in held}
stream = np.broadcast_to(ratios.whole(values | more, effective=informative), MOST)
first = {count: sampling.sample(stream[:count]) for count in sorted({100, DRAWS, 10_000, MOST})}
df = page.table(
    "tab-unc-draws",
    ["draws", "median", "its interval", "5 %", "95 %", "mean", "ten times cheaper"],
    [
        [fmt.number(count), fmt.ratio(found.median, 2), " to ".join(fmt.ratio(end, 2) for end in found.median_interval),
         *(fmt.ratio(end, 2) for end in found.interval), f"{fmt.ratio(found.mean, 2)} ± {found.standard_error:.3f}",
         chances(found)[1]]
        for count, found in first.items()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The median (line), its 95 % interval (band) and the ends of the 90 % interval (dashed) of the same ratio, against the number of draws. The band closes on the line; the dashed lines stay where the ranges put them.", "name": "fig-unc-draws"}, "image": {"alt": "Lines on a logarithmic axis of the number of draws: the median of the ratio with a band around it that narrows to nothing, and dashed lines for the 5 % and 95 % quantiles that settle to constant heights above and below."}}
counts = [int(10**power) for power in np.linspace(2, np.log10(MOST), 16)]
parts = [sampling.sample(stream[:count]) for count in counts]
fig, ax = figures.canvas(7, 3.2)
ax.fill_between(
    counts, *zip(*(part.median_interval for part in parts), strict=True), color=figures.SKY, alpha=0.5, lw=0
)
ax.plot(counts, [part.median for part in parts], color=figures.BLUE, lw=2)
for end in (0, 1):
    ax.plot(counts, [part.interval[end] for part in parts], "--", color=figures.GREY, lw=1.6)
    figures.say(ax, counts[-1], parts[-1].interval[end], ("5 %", "95 %")[end], color=figures.GREY)
figures.say(ax, counts[-1], parts[-1].median, "median", color=figures.BLUE)
ax.set(xscale="log", xlabel="draws", ylabel="ratio")
figures.plain_log(ax.xaxis, [100, 1_000, 10_000, MOST])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-unc-draws", ["draws [-]", "median [-]", "its low end [-]", "its high end [-]", "5 % [-]", "95 % [-]"], [
    [count, part.median, *part.median_interval, *part.interval] for count, part in zip(counts, parts, strict=True)
])  # fmt: skip

# %% [markdown]
# The standard error falls with the root of the number of draws. What it leaves open at {glue:text}`draws` is far less
# than what the ranges do: more draws would make these numbers more repeatable and no truer.
#
# ## Limits
#
# *Ranges are assumptions about assumptions.* {glue:text}`assumed` of the {glue:text}`ranges` ranges are ours alone, the
# others span a few published values, and all shapes are ours. A 90 % interval holds for these ranges and for nothing
# else. Inputs without a range count as known. The numbers of pairs, epochs and evaluation comparisons, the model and the
# GPU are choices; the chapters around this one change them.
#
# *Independence.* Inputs that go together in truth are drawn apart: judge price and quality, of which two rows above show
# the extreme, long answers and dear comparisons, hard tasks and low agreement of people and judges alike.
#
# *Errors of the model.* The error of GPU time, `gpu_time_factor`, is one factor for all stages of a method and for all
# methods of a draw, log-normal around the prediction. How far computed and measured times lie apart is in
# {ref}`sec-validation`. Whether a model fits the GPUs is not asked here.
#
# *Correlated errors.* Errors of labels are taken as independent. A judge that errs on the same kind of pair again gives
# less than its agreement says, and no draw knows it. Nor does any draw contain the model that comes out: a price per
# effective pair is not a price of quality.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 13 -p human_usd_per_pair=1.5 -p judge_agreement=0.78
# papermill notebooks/13_uncertainty.ipynb out.ipynb -p human_usd_per_pair 1.5 -y 'scenario: {num_validation_pairs: 300}'
# ```
#
# ## References
#
# Draws {cite:p}`jcgm2008` and what was never drawn {cite:p}`hanley1983`; indices
# {cite:p}`sobol2001,saltelli2010,herman2017salib`; the worth of a label {cite:p}`karger2014`; the article
# {cite:p}`mamath2025economics`. The sources of the ranges are in the folded table and in {ref}`sec-data`. Full entries:
# {doc}`/book/bibliography`.
