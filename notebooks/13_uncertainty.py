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
# # How sure are these dollars?
#
# It depends on what you know already. Once you know your counts (pairs, size of the evaluation, what seed data cost), 90 % of the draws
# put the project with people's labels at {glue:text}`human_low` to {glue:text}`human_high` and the one with a hosted judge at
# {glue:text}`judge_low` to {glue:text}`judge_high`. A *draw* is the whole bill computed once, with every uncertain input picked at random
# from its range.
#
# **Before you know them** the same two projects cost {glue:text}`human_open_low` to {glue:text}`human_open_high` and
# {glue:text}`judge_open_low` to {glue:text}`judge_open_high`. Their ratio then varies most with {glue:text}`leading_open_said`, in
# brackets the share of the variance, and once you have a plan with {glue:text}`leading_known_said`. {glue:text}`settle_said`

# %% tags=["parameters", "remove-cell"]
# fmt: off
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
human_usd_per_word: float = 0.0022  # price of one human comparison for each word of its question and two answers [USD/word]
judge_usd_per_million_input: float = 2.0  # list price of a hosted judge for tokens that it reads [USD/million tokens]
judge_output_price_ratio: float = 6.0  # price of written over read tokens of a hosted judge [-]
batch_discount: float = 0.5  # discount of a hosted judge for calls that may wait [fraction]
unusable_share: float = 0.18  # judged pairs without a usable label [fraction]
gpu_time_factor: float = 1.0  # GPU time of training over what the model predicts [-]
generation_time_factor: float = 1.0  # GPU time of generation over what the model predicts [-]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]
# fmt: on

# %% tags=["remove-cell"]
import textwrap

import numpy as np

from costlib.base import fmt, sampling
from costlib.economics import comparison, curve, methods, ratios, uncertainty
from costlib.facts import claims, parameters, regimes
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
held = uncertainty.held(values)
KINDS = {"at your counts": True, "before you know them": False}
DRAWS, BASE, TEN = uncertainty.DRAWS, 1024, 10
printed = claims.find("B071").published

central = methods.compare(values)
inputs = {kind: uncertainty.around(values, held, known=known) for kind, known in KINDS.items()}
drawn = {kind: methods.compare(drawn) for kind, drawn in inputs.items()}
totals = {kind: {name: sampling.sample(np.broadcast_to(method.usd, DRAWS)) for name, method in found.items()}
          for kind, found in drawn.items()}  # fmt: skip
apart = {kind: found["human-dpo"].usd - found["rlaif"].usd for kind, found in drawn.items()}
over = {kind: found["human-dpo"].usd / found["rlaif"].usd for kind, found in drawn.items()}
saved, ratio = ({kind: sampling.sample(results) for kind, results in each.items()} for each in (apart, over))
TERMS = {
    "article's terms": "article's terms",
    "labelled pairs alone": "labelled pairs alone",
    "RLAIF, per usable pair": "whole projects, hosted judge",
    "self-rewarding, per usable pair": "whole projects, self-rewarding",
}
in_terms = ratios.in_terms(inputs["at your counts"], drawn["at your counts"])
terms = {word: sampling.sample(in_terms[name]) for name, word in TERMS.items()}
article, usable = terms["article's terms"], terms["whole projects, hosted judge"]

# The shares of inputs and of predicted GPU time in each interval.
causes = {
    name: found for name, found in comparison.interval_by_cause(values, fixed=held).items() if name != "published"
}

# What drives the spread; and the index of the human price in the article's ratio, which is known without draws.
names = {
    kind: [name for name in uncertainty.uncertain(known=known) if name not in held] or None
    for kind, known in KINDS.items()
}
indices = {kind: uncertainty.sobol(ratios.whole, names[kind], samples=BASE, values=values, known=known)
           for kind, known in KINDS.items()}  # fmt: skip
order = {kind: sorted(rows, key=lambda name, rows=rows: -rows[name][2]) for kind, rows in indices.items()}
bars = [bar for bar in uncertainty.tornado(lambda v: curve.saved(v, central["human-dpo"].pairs), values, names["at your counts"])
        if bar[1] != bar[2]][:8]  # fmt: skip
prices = ["human_usd_per_word", "price_usd_per_gpu_hour"]
exact = uncertainty.sobol_of_factor(prices[0], prices)
of_article = uncertainty.sobol(lambda v: v[prices[0]] / methods.published(v).usd, prices, samples=BASE, values=values)

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for found in (*terms.values(), *(each for kind in KINDS for each in totals[kind].values())):
    assert found.interval[0] <= found.median <= found.interval[1], "quantiles must be in order"
assert abs(of_article[prices[0]][0] - exact) <= 0.05, "the estimator must find the index that is known"


# %% tags=["remove-cell", "nbval-check-output"]


def index(kind, name):
    row = indices[kind][name]
    return fmt.plus_minus(row[2], row[3], 0, 1 if row[3] < 0.01 else 0)


whole_usd = {"human": "human-dpo", "judge": "rlaif"}
for suffix, kind in {"": "at your counts", "_open": "before you know them"}.items():
    for key, name in whole_usd.items():
        found = totals[kind][name]
        ends = {f"{key}{suffix}_low": found.interval[0], f"{key}{suffix}_high": found.interval[1]}
        page.publish_all("USD", lambda usd: fmt.usd(usd, 0), **ends)
    ends = dict(zip((f"saved{suffix}_low", f"saved{suffix}_high"), saved[kind].interval, strict=True))
    page.publish_all("USD", lambda usd: fmt.usd(usd, 0), **ends)
page.publish_all("ratio", fmt.ratio_3, usable=usable.median, usable_low=usable.interval[0], usable_high=usable.interval[1],
                 open_ratio=ratio["before you know them"].median, open_ratio_low=ratio["before you know them"].interval[0],
                 open_ratio_high=ratio["before you know them"].interval[1], article=article.median,
                 article_low=article.interval[0], article_high=article.interval[1], printed=printed,
                 central=ratios.whole(values))  # fmt: skip
in_article = {threshold: article.share_above(threshold)[0] for threshold in (TEN, 11, printed, 58)}
page.publish_all("fraction", fmt.of_draws, below_article=1 - in_article[printed], ten_article=in_article[TEN],
                 inside_article=round(in_article[11] - in_article[58], 9), below=1 - usable.share_above(printed)[0],
                 ten=usable.share_above(TEN)[0])  # fmt: skip
for key, kind in {"known": "at your counts", "open": "before you know them"}.items():
    # Where the 95 % intervals of total shares overlap that of the largest, the order is open: all of these lead.
    first, rows = order[kind][0], indices[kind]
    lead = [name for name in order[kind] if rows[name][2] + rows[name][3] >= rows[first][2] - rows[first][3]]
    told = [f"the {uncertainty.label(name)} ({index(kind, name)})" for name in order[kind]]
    page.phrase(f"leading_{key}_said", " and ".join(told[: len(lead)]))
    page.phrase(f"next_{key}", ", ".join(told[len(lead) : len(lead) + 3]) or "none")
page.phrase("settle_said", "Settle the former before you spend time on the latter." if order["at your counts"][0] !=
            order["before you know them"][0] else "Settle that first.")  # fmt: skip
page.phrase("held", ", ".join(held) or "none")
medians = [found.median for found in terms.values()]
page.publish_all("ratio", fmt.ratio_3, smallest_median=min(medians), largest_median=max(medians))
ranged = uncertainty.uncertain(known=False)
assumed = sum(each.range_source == "costofalignment" for each in ranged.values())
page.publish_all("-", fmt.number, draws=DRAWS, base=BASE, ranges=len(ranged), assumed=assumed)
lead = parameters.vocabulary()["judge_lead_days"]
page.phrase("skewed_said", f"The lead's days for the judge, {fmt.short(lead.default)} at the point, may fall to {fmt.short(lead.low)} and rise to {fmt.short(lead.high)}."
            if lead.name not in held else "Most ranges reach further up than down.")  # fmt: skip
above = {name: totals["at your counts"][name].share_above(central[name].usd)[0] for name in whole_usd.values()}
page.publish_all("fraction", fmt.of_draws, above_people=above["human-dpo"], above_judge=above["rlaif"])
seed = np.median(drawn["before you know them"]["rlaif"].line("seed data").usd)
page.phrase("seed_open_said", f"Before you know your counts seed data weigh more: free at the point, since volunteers gave them, they cost {fmt.usd(float(seed), 0)} in the median of the draws."
            if seed and not values["seed_usd_per_example"] else "Before you know your counts those vary too.")  # fmt: skip
by_people, by_judge = (central[name].line("labels").usd for name in ("human-dpo", "rlaif"))
page.publish_found("ratio", fmt.ratio_3, "no finite ratio", central_pairs=ratios.in_terms(values, central)["labelled pairs alone"],
                   central_labels=by_people / by_judge if by_judge else np.inf)  # fmt: skip
for key, cause in {"drawn": "inputs", "model": "prediction"}.items():
    found = [each[cause][1] / each[cause][0] for each in causes.values()]
    page.publish_all("ratio", fmt.ratio_2, **{f"{key}_spread_low": min(found), f"{key}_spread_high": max(found)})
page.publish_all(
    "ratio", fmt.ratio_2, **dict(zip(("error_low", "error_high"), regimes.interval("alignment", 1.0), strict=True))
)
page.publish_all("fraction", fmt.tenths, exact=exact, estimated=of_article[prices[0]][0],
                 estimated_error=of_article[prices[0]][1])  # fmt: skip
for key, kind in {"known": "at your counts", "open": "before you know them"}.items():
    sum_of = sum(row[0] for row in indices[kind].values())
    page.publish(f"first_order_{key}", sum_of, "fraction", fmt.percent(sum_of))
here = curve.identity(values)
page.publish_found(
    "ratio",
    fmt.ratio_2,
    "any value",
    ceiling=curve.ceiling(values),
)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "How far each bill is open, with a plan and without. The thick bar holds 90 % of the draws at your counts; the thin one 90 % of the draws before you know how many pairs, how large an evaluation and what seed data will cost. Dots are medians; the cross is the bill at the inputs of this book.", "name": "fig-unc-dollars"}, "image": {"alt": "One row for each method on a logarithmic axis of dollars: a thin line from the low to the high end of the wide interval, a short thick line for the narrow one on top of it, dots at both medians, and a cross at the published inputs."}}
drawable = [name for name in central if name != "published"]
fig, ax = figures.canvas(5.2, 0.68 * len(drawable) + 1.3)
for row, name in enumerate(drawable):
    wide, narrow = totals["before you know them"][name], totals["at your counts"][name]
    ax.plot(wide.interval, [-row - 0.17] * 2, color=figures.SKY, lw=2.5, solid_capstyle="butt")
    ax.plot(narrow.interval, [-row + 0.12] * 2, color=figures.BLUE, lw=7, solid_capstyle="butt")
    ax.plot(wide.median, -row - 0.17, "o", color=figures.SKY, ms=7, mec="white")
    ax.plot(narrow.median, -row + 0.12, "o", color=figures.BLUE, ms=9, mec="white")
    ax.plot(central[name].usd, -row + 0.12, "x", color="black", ms=7, mew=1.8)
low, high = (
    pick(end for kind in KINDS for name in drawable for end in totals[kind][name].interval) for pick in (min, max)
)
ax.set(xscale="log", xlim=(low / 1.3, high * 1.3), xlabel="whole project [USD]")
figures.plain_log(ax.xaxis, figures.ticks(low / 1.3, high * 1.3, (1,)), figures.usd_tick)
ax.set_yticks([-row for row in range(len(drawable))], [textwrap.fill(central[name].label, 20) for name in drawable])
ax.tick_params(axis="y", length=0)
ax.spines["left"].set_visible(False)
ax.grid(axis="x")
wider = [np.ptp(np.log(totals[open_kind][name].interval)) > np.ptp(np.log(totals[plan][name].interval))
         for plan, open_kind in [KINDS] for name in drawable]  # fmt: skip
figures.title(ax, "Knowing your counts narrows every bill" if all(wider) else "What is still open in each bill", 32)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-unc-dollars",
    ["method", "point [USD]", *(f"{kind}, {what} [USD]" for kind in KINDS for what in ("5 %", "median", "95 %"))],
    [[central[name].label, central[name].usd,
      *(x for kind in KINDS for found in [totals[kind][name]] for x in (found.interval[0], found.median, found.interval[1]))]
     for name in drawable],
)  # fmt: skip

# %% [markdown]
# ## Two intervals answer two questions
#
# *What will our plan cost?* You know your counts. Prices, lengths, failed runs, the days of your staff and the error of our predicted
# GPU time still vary. *Is this worth planning at all?* The counts vary as well, over the ranges in the folded table. Both intervals hold
# 90 % of {glue:text}`draws` draws, the same for every method, so that you may compare rows.


# %% tags=["hide-input", "nbval-check-output"]
def spread(found, text):
    return [text(found.median), " to ".join(map(text, found.interval))]


def signed(usd):
    return fmt.usd(usd, 0)


rows = [[method.label, signed(method.usd), *(cell for kind in KINDS for cell in spread(totals[kind][name], signed))]
        for name, method in central.items() if name != "published"]  # fmt: skip
rows += [["saved where a judge labels, not people", signed(central["human-dpo"].usd - central["rlaif"].usd),
          *(cell for kind in KINDS for cell in spread(saved[kind], signed))],
         ["people / judge, whole projects", fmt.ratio_3(ratios.whole(values)),
          *(cell for kind in KINDS for cell in spread(ratio[kind], fmt.ratio_3))]]  # fmt: skip
df = page.table(
    "tab-unc-intervals",
    ["whole project", "point", "median at your counts", "90 % at your counts", "median before you know them",
     "90 % before you know them"],
    rows,
    "The point is the bill at these inputs; the medians are better budgets, and the upper ends are what to be ready for",
)  # fmt: skip

# %% [markdown]
# Why is a median not the point? {glue:text}`skewed_said` Hence {glue:text}`above_people` lie above the point where people label, and
# {glue:text}`above_judge` where a judge does. {glue:text}`seed_open_said` So budget by the median, and be ready for the upper end.
#
# ## What drives the spread changes once you have a plan
#
# In how much of the spread does one input take part? A *Sobol index* answers that: it is the share of the variance that an
# input explains, alone or together with others (so the shares may add up to more than all of it), here of the logarithm of the ratio of both bills. After the leaders named on top come,
# before you plan, {glue:text}`next_open` and, once you know your counts, {glue:text}`next_known`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What to find out first, without a plan (above) and with one (below). Filled dots: the share of the variance of the ratio's logarithm that an input explains alone; open ones: with all its interactions. Whiskers are 95 % intervals; what you know with a plan has no row below.", "name": "fig-unc-drivers"}, "image": {"alt": "Two panels with one row for each of up to seven inputs. In each row a filled dot for the first-order and an open dot for the total Sobol index, with short whiskers: one panel before the counts are known and one at known counts."}}
leading = list(
    dict.fromkeys(name for pair in zip(*(order[kind][:5] for kind in KINDS), strict=False) for name in pair)
)[:7]
leading.sort(key=lambda name: -indices["before you know them"].get(name, (0, 0, 0))[2])
told = {kind: [name for name in leading if name in indices[kind]] for kind in reversed(KINDS)}
fig, panels = figures.canvas(5.0, 7, nrows=2, sharex=True, height_ratios=list(map(len, told.values())))
panels[1].set_xlabel("share of the variance [%]")
for ax, (kind, listed), plan in zip(panels, told.items(), ("Without a plan", "With a plan"), strict=True):
    for column, face, shift in ((0, figures.BLUE, 0.14), (2, "none", -0.14)):
        rows = [indices[kind][name] for name in listed]
        ax.errorbar([100 * row[column] for row in rows], [shift - place for place in range(len(rows))],
                    xerr=[100 * row[column + 1] for row in rows], fmt="o", ms=6.5, color=figures.BLUE, mfc=face, elinewidth=1.4)  # fmt: skip
    ax.set(xlim=(-8, 112), xticks=[0, 50, 100], ylim=(0.5 - len(listed), 0.5))
    ax.set_yticks([-row for row in range(len(listed))], [textwrap.fill(uncertainty.label(name), 24) for name in listed])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    figures.title(ax, f"{plan}, the {uncertainty.label(order[kind][0])} leads", 24)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-unc-drivers",
    [
        "interval",
        "input",
        "first order [fraction]",
        "95 % half-width of first order [fraction]",
        "total [fraction]",
        "95 % half-width of total [fraction]",
    ],
    [[kind, uncertainty.label(name), *(round(x, 4) for x in indices[kind][name])] for kind in reversed(KINDS) for name in leading if name in indices[kind]],
)  # fmt: skip

# %% [markdown]
# A count leaves the interval when you decide it, and a price when you get a quote. What stays is what nobody can tell you before you
# start: how many days your people need, how many runs fail, how much longer than predicted the GPUs take. The dollars that a judge saves
# need not follow the ratio. Here each input alone goes from one end of its range to the other:

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What moves the dollars that a judge saves. One input at a time stands at the low end of its range (blue) and at the high end (orange), all others at the inputs of this book, which make the line. The ends stand beside the bars, in the units of the folded table.", "name": "fig-unc-saved"}, "image": {"alt": "A tornado chart: horizontal bars for up to eight inputs, the widest on top, to both sides of a line at the dollars saved at published inputs, with the low and the high end of each input's range written at the ends of its bar."}}
fig, ax = figures.canvas(5.2, 5.6)
centre = central["human-dpo"].usd - central["rlaif"].usd
for row, (name, *ends) in enumerate(bars):
    for end, value, colour in zip(("low", "high"), ends, (figures.BLUE, figures.ORANGE), strict=True):
        ax.barh(-row, value - centre, left=centre, color=colour, height=0.6)
        side = {"ha": "left", "xytext": (4, 0)} if value == max(ends) else {"ha": "right", "xytext": (-4, 0)}
        figures.say(ax, value, -row, fmt.short(getattr(parameters.vocabulary()[name], end), 3), **side)
reach = [pick([centre, *(x for bar in bars for x in bar[1:])]) for pick in (min, max)]
ax.axvline(centre, color="black", lw=1)
ax.set(
    xlim=(reach[0] - 0.5 * (reach[1] - reach[0]), reach[1] + 0.35 * (reach[1] - reach[0])),
    ylim=(0.5 - max(1, len(bars)), 0.5),
)
ax.set_yticks([-row for row in range(len(bars))], [textwrap.fill(uncertainty.label(bar[0]), 18) for bar in bars])
ax.tick_params(axis="y", length=0)
figures.title(
    ax, f"The {uncertainty.label(bars[0][0])} moves the saving most" if bars else "No input is left to move", 30
)
ax.set_xlabel("saved where a judge labels [USD]")
ax.locator_params(axis="x", nbins=3)
figures.dollars(ax.xaxis)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-unc-saved", ["input", "saved at its low end [USD]", "saved at its high end [USD]"],
               [[uncertainty.label(name), *map(float, ends)] for name, *ends in bars])  # fmt: skip

# %% [markdown]
# ## Two things no draw can change
#
# With many pairs the judge's project is the cheaper one, as long as a comparison by people costs more than what a judge adds to a pair
# (equation {eq}`eq-footing-saved`). And no price of a comparison lifts the ratio above the larger of two quotients, since both sides pay
# people for checks:
#
# $$ R(n) \le \max\left( \frac{W_H}{W_J},\ \frac{n + n_E + n_A}{n_E + n_V} \right) $$ (eq-unc-ratio)
#
# Here $W_H$ and $W_J$ are what both sides spend on all else, $n$ the pairs that are still to be labelled, and the other counts those of
# evaluation and audits. At these inputs the bound is {glue:text}`ceiling`.
#
# ## The article's ratio is one draw, of something else
#
# A ratio depends on what you put on either side. The article puts a price of human labels over GPU time; with its inputs drawn as ours
# are, that is {glue:text}`article_low` to {glue:text}`article_high`. *Labelled pairs alone* has the two answers and the label on both
# sides. Whole projects, which is what you will pay, give {glue:text}`usable_low` to {glue:text}`usable_high`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "One question in several terms. Each curve is the density of a ratio over {glue:text}`draws` draws at your counts, scaled to one height; dot and bar are its median and 90 % interval. The article's {glue:text}`printed`, dashed, is above {glue:text}`below_article` in the article's own terms and above {glue:text}`below` for whole projects. At the grey line both sides cost the same.", "name": "fig-unc-ratios"}, "image": {"alt": "A stack of density curves on one logarithmic axis of the ratio of people's cost to the cost of AI feedback: in the article's terms, for labelled pairs alone, and for whole projects. Vertical lines mark equal cost and the article's ratio, which is dashed."}}
curves = {name: figures.log_density(found) for name, found in terms.items() if found.ordered[0] > 0}
fig, ax = figures.canvas(5.2, 4.2)
hues = dict(zip(terms, (figures.ORANGE, figures.GREY, figures.BLUE, figures.GREEN), strict=True))
for row, (name, (centres, heights)) in enumerate(curves.items()):
    hue = hues[name]
    ax.fill_between(centres, -row, 0.75 * heights - row, color=hue, alpha=0.45, lw=0)
    ax.plot(terms[name].interval, [-row, -row], color=hue, lw=3.5, solid_capstyle="butt")
    ax.plot(terms[name].median, -row, "o", color=hue, ms=8, mec="white")
span = [pick([printed, 1, *(x for centres, _ in curves.values() for x in centres)]) for pick in (min, max)]
ax.axvline(1, color=figures.GREY, lw=1, zorder=0)
ax.axvline(printed, color="black", lw=1.2, ls="--", zorder=0)
figures.say(ax, printed, 1.05, fmt.ratio(printed))
ax.set(xscale="log", xlim=(span[0] / 1.3, span[1] * 1.3), ylim=(0.3 - len(curves), 1.3))
ax.set_yticks([0.25 - row for row in range(len(curves))], [textwrap.fill(name, 15) for name in curves])
ax.tick_params(axis="y", length=0)
ax.spines["left"].set_visible(False)
ax.set_xlabel("people's cost / cost of AI feedback")
figures.title(ax, "What you divide decides the ratio")
figures.plain_log(
    ax.xaxis, figures.ticks(*span, (1, 2, 3, 5, 7) if span[1] < 6 * span[0] else (1, 3)), figures.times_tick
)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-unc-ratios",
    ["curve", "ratio [-]", "density over its highest [-]"],
    [[name, *map(float, point)] for name, each in curves.items() for point in zip(*each, strict=True)],
)

# %% [markdown]
# The median goes from {glue:text}`smallest_median` to {glue:text}`largest_median`, and no input has changed: only what is divided by
# what. So when somebody quotes a ratio, ask of what. The article's {glue:text}`printed` is one draw of the first row.
#
# Ask also whether it is a point or a median. At these inputs labelled pairs alone come to {glue:text}`central_pairs`, and to
# {glue:text}`central_labels` without the answers ({ref}`sec-equal-footing`); the draws vary around other middles.
#
# ::::{dropdown} How this was computed
# :name: unc-model
#
# *Draws.* An input $x_i$ with the range $[l_i, h_i]$ and the published value $d_i$ is drawn by putting a uniform number $u$, from a
# stream of its own with a fixed seed, into the quantiles of its shape {cite:p}`jcgm2008`: uniform, log-uniform, or triangular with
# the published value as its mode,
#
# $$ x_i = l_i + u\,(h_i - l_i), \qquad x_i = l_i \left( \frac{h_i}{l_i} \right)^u, $$ (eq-unc-draw)
#
# $$ x_i = \begin{cases} l_i + \sqrt{u\,(h_i - l_i)(d_i - l_i)} & u\,(h_i - l_i) < d_i - l_i \\
# h_i - \sqrt{(1 - u)(h_i - l_i)(h_i - d_i)} & \text{otherwise} \end{cases} $$
#
# Given are the median and the 5 % and 95 % quantiles. With $D$ draws, a mean and the share $P$ of the draws in which something holds
# have the standard errors
#
# $$ \frac{s}{\sqrt{D}} \quad \text{and} \quad \sqrt{\frac{P\,(1 - P)}{D}} $$ (eq-unc-error)
#
# where $s$ is the standard deviation. They say how far the number of draws leaves a result open, and nothing of whether the ranges
# are right. Where all draws agree, the second is zero and no guide: what was never drawn has a probability below $3/D$ with 95 %
# confidence {cite:p}`hanley1983`. An input that you change in a re-run is known to you and stays as you set it; here: {glue:text}`held`.
#
# *What drives it.* Sobol indices {cite:p}`sobol2001` share out the variance of $\ln R$: what $x_i$ explains alone, and what remains
# open when all others are known,
#
# $$ S_i = \frac{\operatorname{Var}\left( \mathbb{E}[\ln R \mid x_i] \right)}{\operatorname{Var}(\ln R)}, \quad
# T_i = \frac{\mathbb{E}\left[ \operatorname{Var}(\ln R \mid x_{j \ne i}) \right]}{\operatorname{Var}(\ln R)} $$ (eq-unc-sobol)
#
# estimated {cite:p}`saltelli2010,herman2017salib` from {glue:text}`base` base samples. $T_i - S_i$ acts only together with other
# inputs; the first-order indices add up to {glue:text}`first_order_known` at your counts and to {glue:text}`first_order_open` before
# you know them. The estimator is checked where the answer is known: in the article's ratio the prices of people and of a GPU are
# factors, the share of people is {glue:text}`exact`, and the estimate {glue:text}`estimated` ± {glue:text}`estimated_error`.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-unc-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The range of every input that is drawn", "code_prompt_hide": "The range of every input that is drawn"}
df = page.table(
    "tab-unc-ranges",
    ["input", "low", "middle", "published", "high", "shape", "drawn", "range from"],
    [
        [f"{name} [{each.unit}]", fmt.short(each.low), fmt.short(sampling.quantile_of(each, 0.5), 3),
         fmt.short(each.default), fmt.short(each.high),
         f"held at {fmt.short(values[name])}" if name in held else each.shape,
         "always" if name in uncertainty.uncertain() else "before you know it", fmt.source(each.range_source)]
        for name, each in ranged.items()
    ],
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Other ways to draw", "code_prompt_hide": "Other ways to draw"}
halves = {
    kind: drawn | {name: sampling.halfway(ranged[name], drawn[name]) for name in names[kind] or []}
    for kind, drawn in inputs.items()
}
unchecked = {
    kind: [found[name].usd - found[name].line("evaluation").usd for name in ("human-dpo", "rlaif")]
    for kind, found in drawn.items()
}
rows = [["as above", kind, *spread(saved[kind], signed), *spread(ratio[kind], fmt.ratio_3)] for kind in KINDS]
rows += [["each input halfway to its published value", kind, *spread(sampling.sample(people - judged), signed),
          *spread(sampling.sample(people / judged), fmt.ratio_3)]
         for kind in KINDS
         for people, judged in [[each.usd for each in methods.compare(halves[kind], ("human-dpo", "rlaif")).values()]]]  # fmt: skip
rows += [["no checks by people on either side", kind, *spread(sampling.sample(people - judged), signed),
          *spread(sampling.sample(people / judged), fmt.ratio_3)]
         for kind, (people, judged) in unchecked.items() if np.all(judged > 0)]  # fmt: skip
df = page.table(
    "tab-unc-designs",
    ["draws", "interval", "saved, median", "saved, 90 %", "people / judge, median", "people / judge, 90 %"],
    rows,
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Is the number of draws enough?", "code_prompt_hide": "Is the number of draws enough?"}
MOST = 100_000
more = np.broadcast_to(ratios.whole(uncertainty.around(values, held, draws=MOST)), MOST)
first = {count: sampling.sample(more[:count]) for count in sorted({100, DRAWS, 10_000, MOST})}
df = page.table(
    "tab-unc-draws",
    ["draws", "median", "its 95 % interval", "5 %", "95 %", "mean"],
    [
        [fmt.number(count), fmt.ratio(found.median, 2), " to ".join(fmt.ratio(end, 2) for end in found.median_interval),
         *(fmt.ratio(end, 2) for end in found.interval), f"{fmt.ratio(found.mean, 2)} ± {found.standard_error:.3f}"]
        for count, found in first.items()
    ],
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: unc-trust
#
# *Ranges are assumptions about assumptions.* {glue:text}`assumed` of the {glue:text}`ranges` ranges are ours alone, the others span a
# few published values, and all shapes are ours. A 90 % interval holds for these ranges and for nothing else. The interval before you
# know your counts rests on how far we let them go: a reader with other limits in mind has another one. Inputs without a range count
# as known: the model, the GPU and the epochs are choices, and the chapters around this one change them.
#
# *Independence.* Inputs that go together in truth are mostly drawn apart: long answers and costly comparisons, hard tasks and
# expensive annotators. Ranges of half the width are among the other ways to draw.
#
# *The error of the model* is one factor for training and one for generation, the same for all methods of a draw, log-normal around the
# prediction: for training four in five draws lie between {glue:text}`error_low` and {glue:text}`error_high` times it, as four in
# five published runs do whose source the fit had not seen ({ref}`sec-validation`). With the inputs alone the ends of a total lie a factor of
# {glue:text}`drawn_spread_low` to {glue:text}`drawn_spread_high` apart, with GPU time alone {glue:text}`model_spread_low` to
# {glue:text}`model_spread_high`. Whether a model fits the GPUs is not asked here.
#
# *Quality* is no part of any interval. No draw contains the model that comes out; {ref}`sec-quality` has what was published.
#
# *Statements of the article.* Three appear in another light. The saving of 11.7 ([B071](#claim-b071)) is above
# {glue:text}`below_article` in its own terms. That it exceeds ten even in the most cautious case ([B073](#claim-b073)) is true of
# {glue:text}`ten_article` in those terms, and for whole projects at your counts of {glue:text}`ten`. Between 11 and 58
# ([B103](#claim-b103)) the article's ratio lies in {glue:text}`inside_article`.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals by cause: inputs, and predicted GPU time", "code_prompt_hide": "Intervals by cause"}
df = page.table(
    "tab-unc-trust",
    ["method", "point", "90 %, both", "90 %, inputs alone", "90 %, GPU time alone"],
    [[central[name].label, fmt.usd(central[name].usd, 0),
      *(" to ".join(fmt.usd(end, 0) for end in found[cause]) for cause in ("both", "inputs", "prediction"))]
     for name, found in causes.items()],
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The ratio in each of the terms", "code_prompt_hide": "The ratio in each of the terms"}
df = page.table(
    "tab-unc-ratios",
    ["ratio", "median", "5 %", "95 %", f"below {fmt.ratio(printed)}"],
    [
        [name, *(fmt.ratio_3(x) for x in (found.median, *found.interval)), fmt.draws(1 - found.share_above(printed)[0])]
        for name, found in terms.items()
    ],
)  # fmt: skip

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 13 -p human_usd_per_word=0.004 -p unusable_share=0.1
# papermill notebooks/13_uncertainty.ipynb out.ipynb -p human_usd_per_word 0.004 -y 'scenario: {num_validation_pairs: 300}'
# ```
#
# ## References
#
# Draws {cite:p}`jcgm2008`; indices {cite:p}`sobol2001,saltelli2010,herman2017salib`; the article {cite:p}`mamath2025economics`. The
# sources of the ranges are in the folded table and in {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
