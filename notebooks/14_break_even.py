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
# (sec-break-even)=
# # Break-even: where the choice flips
#
# **Question.** From how many pairs on is a judge cheaper than people, and what would flip that?
#
# **Answer.** For the {glue:text}`pairs` pairs of this run, DPO on labels by people costs {glue:text}`people_total` and
# on labels of a hosted judge {glue:text}`judge_total`, everything included. The cheaper side, by the number of pairs:
# {glue:text}`cheaper_side`. That rests on staff, which is an assumption: in 95 % of the draws the judge is cheaper from
# {glue:text}`flip_high` pairs on.
#
# For a budget this means: count your pairs and your checks first, then ask for the price of a comparison. A price moves
# the dollars; it cannot lift the ratio of both sides above {glue:text}`limit`, because people check both. Whose labels
# give the better model is another question, and no price answers it.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
raters_per_pair: float = 1.0  # people who compare each pair; a fraction where not every pair is compared [people]
num_validation_pairs: int = 500  # human comparisons that certify a judge [pairs]
judge_agreement: float = 0.849  # agreement of a judge's label with the label of a person [fraction]
judge_prompt_tokens: int = 0  # tokens that a judge reads in one call; 0 follows the pair [tokens]
judge_answer_tokens: int = 34  # tokens that a judge writes in one call [tokens]
judge_orders: int = 2  # orders of two answers that a judge sees [-]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math
from functools import cache

import numpy as np

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import break_even, curve, designs, human_work, labels, methods, shares, uncertainty
from costlib.economics.admissible import fits as fitting
from costlib.facts import catalog
from costlib.facts.regimes import interval
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# Everything else, such as the model, its lengths, staff, the fees and the judge's price, has its published value unless
# `scenario` changes it ({ref}`sec-parameters`).

# %% tags=["hide-cell", "nbval-check-output"]
values = page.inputs(globals(), "tab-even-inputs")

# %% [markdown]
# ## Model
#
# *People* stands for DPO on pairs that people label, *the judge* for the same with a hosted model as the judge, and
# *the model itself* for self-rewarding, with the cost items of {ref}`sec-equal-footing`. Terms are those of its equation
# {eq}`eq-footing-identity`: $n$ usable pairs, $n_E$ comparisons of evaluation, $n_A$ that audit labels by people, $n_V$ that
# certify a judge, at $c$ each, and $W_H(n)$ and $W_J(n)$ for all else. Each $W$ starts at what a project costs without a
# pair, and grows in proportion to the pairs.
#
# ::::{admonition} Equations
# :class: dropdown
#
# *Pairs.* What a judge saves, equation {eq}`eq-footing-saved`, is a straight line in the pairs, and both sides cost the
# same where it crosses zero. Where people take $c$ for the label of a pair, the judge takes $c_+$ more than people for
# the rest of it: its calls, and the candidates of labels that cannot be used. Then
#
# $$ n^* = \frac{W_J(0) - W_H(0) + c\,(n_V - n_A)}{c - c_+} $$ (eq-even-pairs)
#
# At or below zero the judge is cheaper from the first pair on; with $c \le c_+$ it never is for many pairs.
#
# *Counts.* The ratio of both sides stays below the larger of two quotients, equation {eq}`eq-unc-ratio`: a quotient of
# sums lies between the quotients of their parts. As a comparison becomes dearer it goes towards that of the counts.
#
# *The article's sum* sets $n$ labels at the price $q$ against $t$ GPU-hours at the price $p$, so that only $q / p$
# matters:
#
# $$ R = \frac{q\,n}{p\,t}, \qquad p^* = \frac{q\,n}{R^*\,t} $$ (eq-even-article)
#
# *Rounds.* If each of $i$ rounds makes, labels, trains on and evaluates $n$ new pairs of one model,
#
# $$ C(i) = C_\text{once} + i\,C_\text{round} + C_\text{check} \quad\text{or}\quad
# C(i) = C_\text{once} + i\,(C_\text{round} + C_\text{check}) $$ (eq-even-rounds)
#
# where the check is $c\,n_V$ with a judge and $c\,n_A$ with people, made once or in every round.
#
# Valid for many batches, since a batch that is not full is charged in part, and for prices that do not fall with
# volume.
# ::::

# %%
people, judge, own = (methods.METHODS[name](values) for name in ("human-dpo", "rlaif", "self-rewarding"))
evens, cheaper_side = break_even.break_evens(values), break_even.people_cheaper("pairs", values)
limit, rounds = break_even.ratio_limit(values), break_even.rounds(values)
counts = np.array([1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6])
costs, saved = curve.curve(values, counts), curve.saved(values, counts)

# %% tags=["remove-cell"]
MOST_PAIRS, DRAWS = 1e12, uncertainty.DRAWS  # the most that the vocabulary allows
article, pairs = methods.published(values), people.pairs
labels_per_hour, label_usd = article.pairs / article.gpu_hours, human_work.label_usd(values)
usd_each = human_work.usd_per_comparison(values)
low, high = values["price_usd_per_pair_low"], values["price_usd_per_pair_high"]
by_people, by_judge = (break_even.pair_cost(method, values) for method in (methods.human_dpo, methods.rlaif))
staff = [each.line("staff").usd for each in (people, judge)]

# Drawn at these counts, and before the counts are known.
drawn = {known: uncertainty.around(values, known=known) for known in (True, False)}
evens_drawn = {known: break_even.break_evens(found) for known, found in drawn.items()}
saved_at = [sampling.sample(np.broadcast_to(curve.saved(drawn[True], n), DRAWS)).interval for n in counts]


def ends(known, name):
    column = np.broadcast_to(getattr(evens_drawn[known], name), DRAWS)
    return sampling.sample(np.minimum(column, MOST_PAIRS)).interval


def some_pairs(count):
    return fmt.found(count, lambda found: fmt.rounded(found, 2))


ladder = ("llama-3.2-1b", "llama-2-7b", "llama-2-13b", "llama-2-70b", "llama-3.1-405b")
here = values["policy_model"]
models = {name: find(name) for name in (*ladder, here)}
short = {
    "human-ppo": "people (PPO)", "human-dpo": "people (DPO)", "self-rewarding": "the model itself",
    "rlaif": "hosted judge",
}  # fmt: skip
of_size = {name: methods.compare(values | {"policy_model": name}, short) for name in models}
gpu_shares = {name: {size: shares.of_gpus(of_size[size][name], values) for size in models} for name in short}

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert own.gpu_hours > people.gpu_hours, "a model that also judges works longer"
assert np.allclose(costs["human-dpo"] - costs["rlaif"], saved), "what is saved is the difference of both costs"
at_zero = np.isclose(saved, 0, atol=1e-6 * max(map(np.max, costs.values())))
assert evens.pairs == math.inf or np.all(((saved > 0) == (counts > evens.pairs)) | at_zero), "they cross at one count"


# %% tags=["remove-cell", "nbval-check-output"]
def cheaper(found):
    always = {"never": "the judge, at every number", "always": "people, at every number"}
    return always.get(found.side) or f"people {found.side} {fmt.number(found.value)}"


fits = {size: fitting(values | {"policy_model": size}, ["dpo"])["dpo"].fits for size in of_size}
page.phrase("cheaper_side", cheaper(cheaper_side))
page.phrase("unfit", ", ".join(models[size].label for size in of_size if not fits[size]) or "none")
page.phrase("cluster", f"{fmt.number(values['policy_gpus'])} x {catalog.find('gpus', values['cluster_gpu']).label}")
page.phrase("halves", ", ".join(short[name] for name in short if gpu_shares[name][ladder[-1]] > 0.5) or "none")
page.phrase("model_label", models[here].label)
page.publish_all(
    "USD", fmt.price, article_price=low, article_even=low * labels_per_hour,
    human_price=usd_each, human_even=usd_each * labels_per_hour,
    gpu_price=price_usd_per_gpu_hour, people_fixed=by_people.fixed, judge_fixed=by_judge.fixed,
    people_each=by_people.each, judge_each=by_judge.each, least_label=evens.human_price, once=rounds.once,
    own_even=evens.gpu_price, people_total=people.usd, judge_total=judge.usd, people_staff=staff[0], judge_staff=staff[1],
)  # fmt: skip
checks = {
    name: shares.of_lines(method, "evaluation") for name, method in (("judge", judge), ("own", own), ("people", people))
}
page.publish_all(
    "fraction", fmt.tenths, own_judge=values["judge_agreement"], judge_checks=checks["judge"], own_checks=checks["own"],
    people_checks=checks["people"],
)  # fmt: skip
page.publish_found("ratio", fmt.ratio_2, "no limit", limit=limit)
page.publish_all("GPU-h", lambda hours: fmt.number(hours, 1), article_hours=article.gpu_hours,
                 own_hours=own.gpu_hours - people.gpu_hours)  # fmt: skip
page.publish("labels_per_hour", labels_per_hour, "pairs/GPU-h", fmt.number(labels_per_hour, 1))
page.publish_all("pairs", fmt.number, pairs=pairs)
flip_high = ends(True, "pairs")[1]
page.publish_found("pairs", some_pairs, "no number of", flip_high=flip_high if flip_high < MOST_PAIRS else math.inf)

# %% [markdown]
# ## Result
#
# ### The more pairs, the more the price of a label counts
#
# Without a single pair, people cost {glue:text}`people_fixed` and a judge {glue:text}`judge_fixed`: seed data, staff,
# fine-tuning, and the comparisons that check the labels and the result. From there every pair adds
# {glue:text}`people_each` with people and {glue:text}`judge_each` with a judge: the curve of {ref}`sec-equal-footing`.
# What a judge saves, in US dollars, with 90 % of the draws; evaluation and seed data stand on both sides and cancel:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-even-saved",
    ["usable pairs", "saved [USD]", "90 % of the draws [USD]"],
    [[fmt.number(n), fmt.number(usd), " to ".join(map(fmt.number, found))] for n, usd, found in zip(counts, saved, saved_at, strict=True)],
)  # fmt: skip

# %% [markdown]
# ### What flips the choice is what one side pays and the other does not
#
# By equation {eq}`eq-even-pairs` both sides meet where the judge's extra cost before the first pair is made up by what
# each pair saves. With as many audited as certifying comparisons these drop out, and staff is left. If the judge's staff
# costs no more than people's either, the judge is the cheaper side from the first pair on, whatever a comparison costs
# above {glue:text}`least_label`: a theorem, which needs no draws. In this run the cheaper side, by the number of pairs,
# is: {glue:text}`cheaper_side`.
#
# Staff is an assumption of this book, without a published figure: {glue:text}`people_staff` with people,
# {glue:text}`judge_staff` with a judge. Each row below changes the design of the comparison and not only an input of it:


# %% tags=["hide-input", "nbval-check-output"]
def design_row(words, change):
    v = values | change
    found = methods.compare(v, ("human-dpo", "rlaif"))
    usd = [each.usd for each in found.values()]
    return [words, *map(fmt.number, (*usd, usd[0] - usd[1])), cheaper(break_even.people_cheaper("pairs", v))]


df = page.table(
    "tab-even-designs",
    ["design", "people [USD]", "hosted judge [USD]", "saved [USD]", "cheaper, by the pairs"],
    [design_row(words, change) for words, change in designs.changes(values).items()],
)

# %% [markdown]
# ### People check both sides, so no price makes the ratio large
#
# By equation {eq}`eq-unc-ratio` people cost at most {glue:text}`limit` as much as a model that labels for itself or a
# hosted judge, for the {glue:text}`pairs` pairs of this run and however dear a comparison is, as long as what is not
# comparisons costs people no more than that. This is arithmetic and no finding about judges. It needs no draw.
#
# A ratio turns on how closely the labels are checked. The comparisons that certify an agreement of
# {glue:text}`own_judge` within a margin, with 95 % confidence, where labels by people are audited as closely:


# %% tags=["hide-input", "nbval-check-output"]
def margin_row(points):
    count = math.ceil(labels.validation_pairs(values["judge_agreement"], points / 100))
    v = values | {"num_validation_pairs": count}
    amounts = count, count * label_usd, methods.human_dpo(v).usd, methods.rlaif(v).usd
    return [f"± {points}", *map(fmt.number, amounts), fmt.found(break_even.ratio_limit(v), fmt.ratio, "no limit")]


df = page.table(
    "tab-even-validation-margin",
    ["margin [points]", "comparisons", "cost [USD]", "people, in all [USD]", "judge, in all [USD]", "ratio at most"],
    [margin_row(points) for points in (5, 4, 3, 2, 1)],
)

# %% [markdown]
# ### Prices of a GPU and of a label
#
# The article's pipeline makes {glue:text}`labels_per_hour` pairs in a GPU-hour. That is its whole price law, equation
# {eq}`eq-even-article`: at {glue:text}`article_price` a label the two sides are equal at {glue:text}`article_even` per
# GPU-hour, and at {glue:text}`human_price` at {glue:text}`human_even`. It charges all its {glue:text}`article_hours`
# GPU-hours to the synthetic side. With every item on both sides {glue:text}`own_hours` GPU-hours separate them, and the
# model itself stays cheaper than people up to {glue:text}`own_even` per GPU-hour.
#
# In the article's sum dearer people raise the ratio without end. With every item on both sides they raise the dollars.
# Whole projects of {glue:text}`pairs` pairs, at {glue:text}`gpu_price` per GPU-hour:

# %% tags=["hide-input", "nbval-check-output"]
known = {name: row.usd_per_label_low for name, row in catalog.table("label_prices").items()}
paid = {
    "this run": usd_each, "the article, low": low, "the article, high": high,
    "Llama 2, reported": known["llama-2-reported"], "expert, a vendor's page": known["claru-expert"],
}  # fmt: skip


def priced(usd):
    found = methods.compare(values | {"human_usd_per_pair": usd}, ("human-dpo", "self-rewarding", "rlaif")).values()
    totals = [each.usd for each in found]
    return [usd * labels_per_hour / price_usd_per_gpu_hour, *totals, totals[0] - totals[-1]]


df = page.table(
    "tab-even-human-prices",
    ["human price", "USD per label", "article's sum", "people [USD]", "the model itself [USD]", "hosted judge [USD]",
     "saved [USD]"],
    [[name, fmt.price(usd), fmt.ratio(ratio, 0 if ratio >= 100 else 2), *map(fmt.number, dollars)]
     for name, usd in sorted(paid.items(), key=lambda row: row[1]) for ratio, *dollars in [priced(usd)]],
)  # fmt: skip

# %% [markdown]
# ### Retraining buys every label again, and the saving with it
#
# An aligned model gives other answers, so its labels are bought again. Paid once are {glue:text}`once` for seed data and
# fine-tuning, and the staff of either side. Each round makes, labels, trains on and evaluates {glue:text}`pairs` new pairs. Labels are
# checked once, or in every round; *saved* is what the judge costs less.


# %% tags=["hide-input", "nbval-check-output"]
def round_row(count):
    both = [rounds.usd(count, again) for again in (False, True)]
    return [str(count), *(fmt.number(usd) for theirs, ours in both for usd in (theirs, ours, theirs - ours))]


df = page.table(
    "tab-even-rounds",
    ["rounds", *(f"{side}, {how} [USD]" for how in ("checked once", "each round") for side in ("people", "judge", "saved"))],
    [round_row(count) for count in (1, 2, 3, 5, 10, 20)],
)  # fmt: skip

# %% [markdown]
# Whether a judge keeps its agreement on the answers of a changed model is not known here: a check that is not repeated
# is an assumption.
#
# ### GPU time grows with the model, labels do not
#
# The first four numbers are for {glue:text}`model_label`; the last two columns name the first of five Llama models, from
# 1B to 405B, at which GPU time other than that of labels exceeds the labels, and at which all GPU time exceeds half of
# the cost.


# %% tags=["hide-input", "nbval-check-output"]
def first_size(name, holds):
    return next((models[size].label for size in ladder if holds(of_size[size][name])), "none of the five")


df = page.table(
    "tab-even-gpu-share",
    ["method", "labels", "GPU time", "checks by people", "staff", "GPU above labels", "GPU above half"],
    [
        [text, *(fmt.tenths(share) for share in (shares.of_lines(of_size[here][name], "labels"), gpu_shares[name][here],
                 *(shares.of_lines(of_size[here][name], line) for line in ("evaluation", "staff")))),
         first_size(name, lambda m: shares.of_gpus(m, values, ["labels"]) > shares.of_lines(m, "labels")),
         first_size(name, lambda m: shares.of_gpus(m, values) > 0.5)]
        for name, text in short.items()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Share of GPU time in the cost, against the size of the model that is aligned. At the largest of the five models it is above half for: {glue:text}`halves`. Crosses: {glue:text}`model_label`.", "name": "fig-even-sizes"}, "image": {"alt": "Four rising curves of the share of GPU time in per cent against the parameters of the model on a logarithmic axis: people with PPO, the model itself, the hosted judge, and people with DPO. A dotted line marks one half."}}
sizes = [models[size].parameters / 1e9 for size in ladder]
curves = {short[name]: [100 * gpu_shares[name][size] for size in ladder] for name in short}
crosses = [100 * gpu_shares[name][here] for name in short]
colours = figures.ORANGE, figures.RED, figures.PINK, figures.BLUE
fig, ax = figures.canvas(7, 4)
for part, cross, colour in zip(curves.values(), crosses, colours, strict=True):
    ax.plot(sizes, part, "o-", color=colour, lw=2, ms=5)
    ax.plot(models[here].parameters / 1e9, cross, "x", color="black", ms=7, mew=1.8, zorder=4)
ax.axhline(50, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 100), xlabel="parameters [10⁹]", ylabel="share of GPU time [%]")
figures.names_at_right(ax, {name: part[-1] for name, part in curves.items()}, colours)
figures.plain_log(ax.xaxis, figures.ticks(*ax.get_xlim(), (1, 3), within=math.inf))
# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-sizes",
    ["parameters [10^9]", *(f"{name} [%]" for name in curves)],
    [list(row) for row in zip(sizes, *curves.values(), strict=True)],
)

# %% [markdown]
# Checks by people are {glue:text}`judge_checks` with the hosted judge, {glue:text}`own_checks` with the model itself and
# {glue:text}`people_checks` with people. Whether a small model judges as well as a large one is another question. Models
# of which {glue:text}`cluster` do not hold DPO in memory: {glue:text}`unfit`. What does not fit is given the time of its
# work all the same.
#
# ### More labels mend random errors, and not systematic ones
#
# So far a pair is a pair, whoever labelled it. Errors of a habit are not mended by more labels, and a rule that takes the
# longer answer agrees with people often, costs nothing and knows nothing ({ref}`sec-quality`), so no break-even in
# agreement stands in this chapter.
#
# ### How far to trust it
#
# Four in five published measurements lie between the two factors in the last column times the model's GPU time
# ({ref}`sec-validation`). Only GPU time is predicted, and it is a small part of these dollars: the intervals above hold
# its error together with the ranges of the inputs. The last table of this chapter has the break-evens with GPU time off by such a factor.

# %% tags=["hide-input", "nbval-check-output"]
page.trust(
    "tab-even-trust",
    [
        ("GPU-hours between the model itself and people", "inference", own.gpu_hours - people.gpu_hours,
         lambda spent: fmt.number(spent, 1)),
        ("GPU price up to which the model itself is cheaper", "inference", evens.gpu_price, fmt.price),
        *((f"{short[method.name]}, GPU time", "alignment", shares.gpu_usd(method, values), fmt.price)
          for method in (people, own, judge)),
    ],
)  # fmt: skip

# %% [markdown]
# ### Statements examined here
#
# No statement of the article has its place in this chapter, but several appear in another light.
# [B071](#claim-b071) and [B072](#claim-b072) are the article's two prices in the table of human prices. By
# [B073](#claim-b073) the saving exceeds ten in the most cautious case and by [B095](#claim-b095) at any GPU price; here
# ten is a line between two prices and, with every item on both sides, first of all a number of pairs.
# [B079](#claim-b079) is about scale: with fixed costs on both sides, scale favours the side that pays less for a pair. [B090](#claim-b090), that a
# good judge pays off over later data, is a matter of how long its validation holds.
#
# ## Sensitivity
#
# Two intervals of each break-even: *at your counts*, with the pairs, the evaluation and the price of seed data as in this
# run, and *before you know them*, with these drawn too. Every other uncertain input is drawn in both
# ({ref}`sec-parameters`); what this run changes keeps its value. The last column names the input that moves a break-even
# most when it alone goes from end to end of its range.

# %% tags=["hide-input", "nbval-check-output"]
texts = {
    "GPU price up to which the model itself is cheaper [USD/GPU-h]": ("gpu_price", fmt.price),
    "human price from which the judge can be cheaper [USD]": ("human_price", fmt.price),
    "pairs from which the judge is cheaper": ("pairs", some_pairs),
}
free = [name for name in uncertainty.uncertain() if name not in uncertainty.held(values)]


@cache
def evens_at(changed):
    return break_even.break_evens(dict(changed))


def strongest(name):
    bars = uncertainty.tornado(lambda v: min(getattr(evens_at(tuple(v.items())), name), MOST_PAIRS), values, free)
    return next((name for name, *both in bars if both[0] != both[1]), "-")


df = page.table(
    "tab-even-spread",
    ["break-even", "this run", "90 %, at your counts", "90 %, before you know them", "moved most by"],
    [[words, text(getattr(evens, name)), *(" to ".join(map(text, ends(known, name))) for known in drawn), strongest(name)]
     for words, (name, text) in texts.items()],
)  # fmt: skip

# %% [markdown]
# The values of this run need not be medians of the draws: most ranges are skewed. The draws hold the error of the model
# too (`gpu_time_factor`). What it does alone, with all GPU time, of every side, shorter or longer by the factor that
# {ref}`sec-validation` gives for alignment:

# %% tags=["hide-input", "nbval-check-output"]
# A factor in all GPU time acts like the same factor in its price.
gpu_prices = interval("alignment", price_usd_per_gpu_hour)
off = [break_even.break_evens(values | {"price_usd_per_gpu_hour": usd})._asdict() for usd in gpu_prices]
for found, usd in zip(off, interval("alignment", evens.gpu_price)[::-1], strict=True):
    found["gpu_price"] = usd
df = page.table(
    "tab-even-gpu-time",
    ["break-even", "this run", "GPU time shorter", "longer"],
    [
        [words, *map(text, (getattr(evens, name), *(found[name] for found in off)))]
        for words, (name, text) in texts.items()
    ],
)

# %% [markdown]
# ## Limits
#
# *Measured* are prices of labels and GPUs, agreements, and the lengths of a judge call. *Assumed* are staff, the shares
# of rework and failed runs, and that audits, evaluation and validation are bought from the same people at the same price.
# *Computed* is the rest.
#
# A pair is worth the same whether it is the first or the last, and whoever labelled it: nothing here says which labels
# give the better model. Human labels bought to certify a judge could train the model too, which is not counted. The price
# of a hosted judge does not follow that of GPUs, and a judge's agreement does not depend on the model that is aligned.
# Staff is the same for a thousand pairs and for a million. People who disagree do not always err: where tastes differ,
# a majority approaches no truth.
#
# What would change the conclusions most is a published figure for the staff of either side, and a measurement of how a
# judge's errors pass into the model that is trained on its labels.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 14 -p human_usd_per_pair=3.5 -p num_validation_pairs=2000 -p policy_model=llama-2-7b
# papermill notebooks/14_break_even.ipynb out.ipynb -p price_usd_per_gpu_hour 4.1 -p judge_agreement 0.6
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, the pipeline that it prices {cite:p}`yuan2024selfrewarding`, prices and
# agreements {cite:p}`lee2024rlaif,li2023alpacaeval,zheng2023judging,huyen2025aiengineering,claru2026expert`.
# Tables of facts: {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
