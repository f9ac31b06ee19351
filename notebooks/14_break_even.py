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
# # When is a judge cheaper than people?
#
# Here {glue:text}`size_said`: the whole project costs {glue:text}`people_total` with people's labels and
# {glue:text}`judge_total` with a hosted judge's. The price of a comparison moves the dollars; {glue:text}`price_said`. No price says whose
# labels make the better model ({ref}`sec-quality`).
#
# So count your pairs, and the comparisons that will check them, before you ask anybody for a price. With your counts as they are and
# every other input drawn over its range, {glue:text}`flip_said`. The days of your own staff are among these inputs, and they are our
# assumption: nobody has published how many either project takes.

# %% tags=["parameters", "remove-cell"]
# fmt: off
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
raters_per_pair: float = 1.0  # people who compare each pair; a fraction where not every pair is compared [people]
num_validation_pairs: int = 500  # human comparisons that certify a judge [pairs]
judge_agreement: float = 0.849  # agreement of a judge's label with the label of a person [fraction]
judge_prompt_tokens: int = 0  # tokens that a judge reads in one call; 0 follows the pair [tokens]
judge_answer_tokens: int = 34  # tokens that a judge writes in one call [tokens]
judge_orders: int = 2  # orders of two answers that a judge sees [-]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]
# fmt: on

# %% tags=["remove-cell"]
import math
from functools import cache

import numpy as np

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import break_even, curve, designs, human_work, labels, methods, scenarios, shares, uncertainty
from costlib.economics.admissible import fits as fitting
from costlib.facts import catalog, parameters
from costlib.facts.regimes import interval
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
MOST_PAIRS, DRAWS = 1e12, uncertainty.DRAWS  # the most that the vocabulary allows
short = {name: methods.NAMES[name].short for name in ("human-ppo", "human-dpo", "self-rewarding", "rlaif")}
ladder = ("llama-3.2-1b", "llama-2-7b", "llama-2-13b", "llama-2-70b", "llama-3.1-405b")
here = values["policy_model"]
models = {name: find(name) for name in (*ladder, here)}
of_size = {name: methods.compare(values | {"policy_model": name}, short) for name in models}
gpu_shares = {name: {size: shares.of_gpus(of_size[size][name], values) for size in models} for name in short}
people, judged, own = (of_size[here][name] for name in ("human-dpo", "rlaif", "self-rewarding"))
pairs = people.pairs

evens, cheaper_side = break_even.break_evens(values), break_even.people_cheaper("pairs", values)
limit, rounds = break_even.ratio_limit(values), break_even.rounds(values)
counts = np.array([1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6])
costs, saved = curve.curve(values, counts), curve.saved(values, counts)
article = methods.published(values)
labels_per_hour, label_usd = article.pairs / article.gpu_hours, human_work.label_usd(values)
usd_each = human_work.usd_per_comparison(values)
low, high = values["price_usd_per_pair_low"], values["price_usd_per_pair_high"]
by_people, by_judge = (break_even.pair_cost(method, values) for method in (methods.human_dpo, methods.rlaif))
staff = [each.line("staff").usd for each in (people, judged)]
ceiling = curve.ceiling(values)

# Drawn at these counts, and before the counts are known.
drawn = {known: uncertainty.around(values, known=known) for known in (True, False)}
evens_drawn = {known: break_even.break_evens(found) for known, found in drawn.items()}
saved_at = [sampling.sample(np.broadcast_to(curve.saved(drawn[True], n), DRAWS)).interval for n in counts]

# The price of a comparison from which a judge is cheaper, in each draw.
CERTAIN, GRID = (0.5, 0.8, 0.95), np.geomspace(100, 1e6, 13)
at_pairs = [drawn[True] | scenarios.of_pairs(values, n) for n in GRID]
prices_drawn = [np.broadcast_to(break_even.human_price_for(1, found), DRAWS) for found in at_pairs]
enough = {share: [float(np.quantile(found, share, method="higher")) for found in prices_drawn] for share in CERTAIN}


def ends(known, name):
    column = np.broadcast_to(getattr(evens_drawn[known], name), DRAWS)
    return sampling.sample(np.minimum(column, MOST_PAIRS)).interval


def some_pairs(count):
    return fmt.found(count, lambda found: fmt.rounded(found, 2))


# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert own.gpu_hours > people.gpu_hours, "a model that also judges works longer"
assert np.allclose(costs["human-dpo"] - costs["rlaif"], saved), "what is saved is the difference of both costs"
at_zero = np.isclose(saved, 0, atol=1e-6 * max(map(np.max, costs.values())))
assert evens.pairs == math.inf or np.all(((saved > 0) == (counts > evens.pairs)) | at_zero), "they cross at one count"
assert people.usd <= ceiling * judged.usd * (1 + 1e-9), "the ceiling holds"


# %% tags=["remove-cell", "nbval-check-output"]
def cheaper(found):
    always = {"never": "the judge, at every number", "always": "people, at every number"}
    return always.get(found.side) or f"people {found.side} {fmt.number(found.value)}"


def beside(found):
    if found.side in ("never", "always"):
        return f"{'the judge is' if found.side == 'never' else 'people are'} the cheaper side at every number of pairs"
    other = "below" if found.side == "above" else "beyond"
    return f"people are the cheaper side {found.side} {fmt.number(found.value)} pairs, the judge {other}"


fits = {size: fitting(values | {"policy_model": size}, ["dpo"])["dpo"].fits for size in of_size}
page.phrase("size_said", beside(cheaper_side))
page.phrase("price_said",
    f"however much a comparison costs, people's project costs less than {fmt.ratio_2(ceiling)} the judge's, since people check both" if ceiling < math.inf else
    "since people check neither side here, nothing limits the ratio")  # fmt: skip
page.phrase("unfit", ", ".join(models[size].label for size in of_size if not fits[size]) or "none")
page.phrase("cluster", f"{fmt.number(values['policy_gpus'])} x {catalog.find('gpus', values['cluster_gpu']).label}")
halves = [short[name] for name in short if gpu_shares[name][ladder[-1]] > 0.5]
page.phrase("halves", ", ".join(halves) or "none")
page.phrase("model_label", models[here].label)
page.publish_all(
    "USD", fmt.price, article_price=low, article_even=low * labels_per_hour,
    human_price=usd_each, human_even=usd_each * labels_per_hour,
    gpu_price=price_usd_per_gpu_hour, people_fixed=by_people.fixed, judge_fixed=by_judge.fixed,
    people_each=by_people.each, judge_each=by_judge.each, least_label=evens.human_price, once=rounds.once,
    own_even=evens.gpu_price, people_total=people.usd, judge_total=judged.usd, people_staff=staff[0], judge_staff=staff[1],
)  # fmt: skip
checks = {
    name: shares.of_lines(method, "evaluation")
    for name, method in (("judge", judged), ("own", own), ("people", people))
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
flip_high = flip_high if flip_high < MOST_PAIRS else math.inf
page.publish_found("pairs", some_pairs, "no number of", flip_high=flip_high)
page.phrase("flip_said",
    f"the judge's project is the cheaper one in 95 of 100 draws from {some_pairs(flip_high)} pairs on" if 0 < flip_high < math.inf else
    f"the judge's project is the cheaper one in 95 of 100 draws at {'every' if not flip_high else 'no'} number of pairs")  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Find your number of pairs and go up to the price of your comparison. Above a line the judge's project is the cheaper one in that share of the draws; where one ends, no price on the axis is the turning point. Dotted: what people have been paid, and {glue:text}`human_price`, the price of this chapter. Everything but pairs, evaluation, seed data and this price is drawn.", "name": "fig-even-pays"}, "image": {"alt": "Lines on two logarithmic axes, the price of a comparison against the number of usable pairs. Each line marks the price above which the judge's project is cheaper in one half, 80 or 95 per cent of the draws; horizontal dotted lines mark prices that people have been paid."}}
table = catalog.table("label_prices")
paid = {"crowd": table["alpacafarm-crowd"].usd_per_label_low, "here": usd_each,
        "Llama 2": table["llama-2-reported"].usd_per_label_low, "expert": table["claru-expert"].usd_per_label_low}  # fmt: skip
LEAST = 0.01
rising = enough[0.95][-1] > enough[0.95][0]
fig, ax = figures.canvas(5.2, 4.2)
for share, colour, dashes in zip(CERTAIN, (figures.SKY, figures.BLUE, figures.BLUE), (":", "--", "-"), strict=True):
    shown = [(n, usd) for n, usd in zip(GRID, enough[share], strict=True) if LEAST < usd < math.inf]
    if shown:
        ax.plot(*zip(*shown, strict=True), dashes, color=colour, lw=2.4)
        last = share == CERTAIN[-1]
        told, shift = f"{fmt.percent(share)}{' of draws' if last else ''}", 9 if last else -6
        figures.say(
            ax,
            *shown[min(2 if last else 4, len(shown) - 1)],
            told,
            xytext=(shift, shift),
            ha="left" if last else "right",
        )
for usd in paid.values():
    if usd > LEAST:
        ax.axhline(usd, color=figures.ORANGE, ls=":", lw=1.4)
top = 3 * max(paid.values())
ax.set(xscale="log", yscale="log", xlim=(GRID[0], GRID[-1]), ylim=(LEAST, top), xlabel="usable pairs",
       ylabel="price of a comparison [USD]")  # fmt: skip
figures.plain_log(
    ax.xaxis,
    [10.0**n for n in range(2, 7)],
    lambda n: fmt.short(n) if n < 1e4 else f"{n / 1e3:,.0f}k" if n < 1e6 else "1M",
)
figures.plain_log(ax.yaxis, figures.ticks(LEAST, top, (1,)), figures.usd_tick)
named = {f"{who}, {fmt.price(usd)}": usd for who, usd in paid.items() if usd > LEAST}
figures.names_at_right(ax, named, ["black"] * len(named))
figures.title(
    ax,
    f"With more pairs a {'higher price is needed' if rising else 'lower price is enough'} for the judge to be cheaper",
    width=42,
)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-pays",
    ["usable pairs [-]", *(f"cheaper in {fmt.percent(share)} of draws above [USD]" for share in CERTAIN)],
    [[n, *(usd if LEAST < usd < math.inf else "" for usd in row)] for n, *row in zip(GRID, *enough.values(), strict=True)],
)  # fmt: skip

# %% [markdown]
# ## What flips the choice is what one side pays and the other does not
#
# Take both projects without a single pair. They still pay for seed data, fine-tuning and staff, and for people who evaluate the
# result and check labels: {glue:text}`people_fixed` where people will label, {glue:text}`judge_fixed` where a judge will. Subtract one
# bill from the other, and what both pay alike cancels. Left are your own staff and the checks of the labels.
#
# From there every pair adds {glue:text}`people_each` where people label it and {glue:text}`judge_each` where a judge does. Both bills
# are straight lines, so they meet at one number of pairs or at none (equation {eq}`eq-even-pairs`).
#
# Suppose both sides check equally many labels, pay the same staff and have no labelled pairs yet. Then the judge is the cheaper side from the first pair on, at any
# price of a comparison above {glue:text}`least_label`, what a judge adds to a pair ({ref}`sec-equal-footing` has the proof). Here staff
# costs {glue:text}`people_staff` with people and {glue:text}`judge_staff` with a judge. Your own project may differ, so find the row that
# is like it. A judge that evaluates has to be set up and certified, and then people's project pays for that as well.


# %% tags=["hide-input", "nbval-check-output"]
def design_row(words, change):
    v = values | change
    usd = [each.usd for each in methods.compare(v, ("human-dpo", "rlaif")).values()]
    told = words if change else "as computed here"
    return [told, *map(fmt.number, (*usd, usd[0] - usd[1])), cheaper(break_even.people_cheaper("pairs", v))]


df = page.table(
    "tab-even-designs",
    ["design", "people [USD]", "a judge [USD]", "saved by the judge [USD]", "cheaper side, by pairs"],
    [design_row(words, change) for words, change in designs.changes(values).items()],
    caption="The whole project under other designs. The last column says at which numbers of pairs a side is the cheaper one.",
)  # fmt: skip

# %% [markdown]
# ## How closely people check decides how large the ratio can get
#
# Let comparisons become so expensive that nothing else counts. Both bills are then numbers of comparisons: labels, evaluation and audit
# on one side, evaluation and certification on the other. At {glue:text}`pairs` pairs this is the limit of their ratio:
# {glue:text}`limit`. Cheaper comparisons bring it towards the ratio of everything else. How good the judge is matters at neither end.
#
# So when somebody quotes a ratio, ask how many labels were checked. Below, a judge that agrees with people in
# {glue:text}`own_judge` of the cases is certified within a margin, with 95 % confidence, and the audit of people's labels grows with it.


# %% tags=["hide-input", "nbval-check-output"]
def margin_row(points):
    count = math.ceil(labels.validation_pairs(values["judge_agreement"], points / 100))
    v = values | {"num_validation_pairs": count}
    amounts = count, count * label_usd, methods.human_dpo(v).usd, methods.rlaif(v).usd
    return [f"± {points}", *map(fmt.number, amounts), fmt.found(curve.ceiling(v), fmt.ratio, "no limit")]


df = page.table(
    "tab-even-validation-margin",
    ["margin [points]", "comparisons", "their cost [USD]", "people, in all [USD]", "judge, in all [USD]", "ratio at most"],
    [margin_row(points) for points in (5, 4, 3, 2, 1)],
    caption="Half the margin takes four times the comparisons. The last column is how large the ratio can get.",
)  # fmt: skip

# %% [markdown]
# ## A break-even price means nothing without its terms
#
# The article sets labels alone against GPU time alone. Its pipeline makes {glue:text}`labels_per_hour` pairs in a GPU-hour, so at
# {glue:text}`article_price` a label the two are equal when a GPU-hour costs {glue:text}`article_even`. That quotient is its whole price
# law, equation {eq}`eq-even-article`.
#
# Count every item on both sides and the question changes. A model that judges its own answers works {glue:text}`own_hours` GPU-hours
# more than one that learns from people's labels, so it stays cheaper up to {glue:text}`own_even` for each. Several break-even prices
# can be right at once, each in its own terms:

# %% tags=["hide-input", "nbval-check-output"]
texts = {
    "GPU price up to which the model itself is cheaper [USD/GPU-h]": ("gpu_price", fmt.price),
    "human price from which the judge can be cheaper [USD]": ("human_price", fmt.price),
    "pairs from which the judge is cheaper": ("pairs", some_pairs),
}
TERMS = dict(zip(texts, ("whole projects", "whole projects, many pairs", "whole projects"), strict=True))
free = [name for name in uncertainty.uncertain() if name not in uncertainty.held(values)]


@cache
def evens_at(changed):
    return break_even.break_evens(dict(changed))


def strongest(name):
    bars = uncertainty.tornado(lambda v: min(getattr(evens_at(tuple(v.items())), name), MOST_PAIRS), values, free)
    moved = next((name for name, *both in bars if both[0] != both[1]), None)
    return parameters.vocabulary()[moved].meaning.partition(":")[0] if moved else "-"


df = page.table(
    "tab-even-spread",
    ["break-even", "terms", "here", "90 %, at your counts", "90 %, before you know them", "moved most by"],
    [[f"GPU price up to which GPU time costs less than labels at {fmt.usd(usd)} [USD/GPU-h]", "the article's: labels and GPU time alone",
      fmt.price(usd * labels_per_hour), "-", "-", "-"] for usd in dict.fromkeys((low, high, usd_each))]
    + [[words, TERMS[words], text(getattr(evens, name)), *(" to ".join(map(text, ends(known, name))) for known in drawn),
        strongest(name)] for words, (name, text) in texts.items()],
    caption="Where the cheaper side changes, with the terms of each. The article's rows are quotients and have no interval.",
)  # fmt: skip

# %% [markdown]
# The terms also decide what a more expensive label does. In the article's sum it raises the ratio without end. With every item on both
# sides it moves the dollars, since people still check the judge at that price.

# %% tags=["hide-input", "nbval-check-output"]
offers = {
    "this chapter": usd_each, "the article, low": low, "the article, high": high,
    "Llama 2, reported": paid["Llama 2"], "expert, a vendor's page": paid["expert"],
}  # fmt: skip


def priced(usd):
    found = methods.compare(values | {"human_usd_per_pair": usd}, ("human-dpo", "self-rewarding", "rlaif")).values()
    totals = [each.usd for each in found]
    return [usd * labels_per_hour / price_usd_per_gpu_hour, *totals, totals[0] - totals[-1]]


df = page.table(
    "tab-even-human-prices",
    ["price of", "one label [USD]", "article's ratio", "people [USD]", "the model itself [USD]", "a judge [USD]", "saved by the judge [USD]"],
    [[name, fmt.price(usd).removeprefix("$"), fmt.ratio_3(ratio), *map(fmt.number, dollars)]
     for name, usd in sorted(offers.items(), key=lambda row: row[1]) for ratio, *dollars in [priced(usd)]],
    caption="The same prices in both terms: the article's ratio, and whole projects.",
)  # fmt: skip

# %% [markdown]
# ## Retraining buys every label again
#
# An aligned model writes other answers, so another round needs new labels. Seed data and fine-tuning, {glue:text}`once`, and your staff
# on either side are paid once. Everything else comes back with each {glue:text}`pairs` new pairs.


# %% tags=["hide-input", "nbval-check-output"]
def round_row(count):
    (theirs, ours), again = (rounds.usd(count, repeated) for repeated in (False, True))
    return [str(count), *map(fmt.number, (theirs, ours, theirs - ours, again[0] - again[1]))]


df = page.table(
    "tab-even-rounds",
    ["rounds", "people [USD]", "a judge [USD]", "saved by the judge [USD]", "saved if both check in each round [USD]"],
    [round_row(count) for count in (1, 2, 3, 5, 10, 20)],
    caption="Cost after so many rounds, with labels checked once, and what a judge saves; last, with checks in every round.",
)

# %% [markdown]
# Whether a judge still agrees with people about the answers of a changed model is not known. If you certify it once and go on, you are
# betting that it does.
#
# ## GPU time grows with the model, and labels do not
#
# A label costs the same for a small model and for a large one. GPU time does not, since every answer is written or read with the whole
# model. The table takes {glue:text}`model_label`, and names the first of five Llama models, from 1B to 405B, at which GPU time costs more
# than the labels, and at which it is more than half of the bill.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Share of GPU time in the whole cost, against the size of the model that is aligned. Above one half at the largest of the five: {glue:text}`halves`. Crosses: {glue:text}`model_label`. {glue:text}`cluster` do not hold DPO of: {glue:text}`unfit`; their shares are those of the work, if it fitted.", "name": "fig-even-sizes"}, "image": {"alt": "Four rising curves of the share of GPU time in per cent against the parameters of the model on a logarithmic axis: people with PPO, the model itself, the hosted judge, and people with DPO. A dotted line marks one half."}}
sizes = [models[size].parameters / 1e9 for size in ladder]
curves = {short[name]: [100 * gpu_shares[name][size] for size in ladder] for name in short}
colours = figures.ORANGE, figures.RED, figures.PINK, figures.BLUE
fig, ax = figures.canvas()
for part, colour in zip(curves.values(), colours, strict=True):
    ax.plot(sizes, part, "o-", color=colour, lw=2, ms=5)
for name in short:
    ax.plot(models[here].parameters / 1e9, 100 * gpu_shares[name][here], "x", color="black", ms=7, mew=1.8, zorder=4)
ax.axhline(50, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 100), xlabel="parameters [10⁹]", ylabel="share of GPU time [%]")
figures.names_at_right(ax, {name: part[-1] for name, part in curves.items()}, ["black"] * len(curves))
figures.plain_log(ax.xaxis, figures.ticks(*ax.get_xlim(), (1, 3), within=math.inf))
figures.title(ax, f"At {models[ladder[-1]].label.split()[-1]} GPUs exceed half of the bill in "
              + (f"{len(halves)} of {len(short)} methods" if halves else "no method"))  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-sizes",
    ["parameters [10^9]", *(f"{name} [%]" for name in curves)],
    [list(row) for row in zip(sizes, *curves.values(), strict=True)],
)


# %% tags=["hide-input", "nbval-check-output"]
def first_size(name, holds):
    return next((models[size].label for size in ladder if holds(of_size[size][name])), "none of the five")


df = page.table(
    "tab-even-gpu-share",
    ["method", "labels [%]", "GPU time [%]", "checks by people [%]", "staff [%]", "GPUs above labels from", "above half from"],
    [
        [text, *(fmt.number(100 * share, 1) for share in (shares.of_lines(of_size[here][name], "labels"), gpu_shares[name][here],
                 *(shares.of_lines(of_size[here][name], line) for line in ("evaluation", "staff")))),
         first_size(name, lambda m: shares.of_gpus(m, values, ["labels"]) > shares.of_lines(m, "labels")),
         first_size(name, lambda m: shares.of_gpus(m, values) > 0.5)]
        for name, text in short.items()
    ],
    caption="Parts of the whole cost, and the model size from which GPU time leads. What is missing to 100 is seed data.",
)  # fmt: skip

# %% [markdown]
# Whether a small model judges as well as a large one is another question ({ref}`sec-quality`).
#
# ::::{dropdown} How this was computed
# :name: even-model
#
# *People* stands for DPO (training on which of two answers was preferred) with pairs that people label, *the judge* for the same with a
# hosted model, and *the model itself* for self-rewarding, with the cost items of {ref}`sec-equal-footing`. Terms are those of its
# equation {eq}`eq-footing-identity`: $n$ usable pairs, $n_E$ comparisons of evaluation, $n_A$ that audit labels by people, $n_V$ that
# certify a judge, at $c$ each, and $W_H(n)$ and $W_J(n)$ for all else. Each $W$ starts at what a project costs without a pair, and
# grows in proportion to the pairs.
#
# *Pairs.* What a judge saves, equation {eq}`eq-footing-saved`, is a straight line in the pairs, and both sides cost the same where it
# crosses zero. Where people take $c$ for the label of a pair, the judge takes $c_+$ more than people for the rest of it: its calls, and
# the candidates of labels that cannot be used. Then
#
# $$ n^* = \frac{W_J(0) - W_H(0) + c\,(n_V - n_A)}{c - c_+} $$ (eq-even-pairs)
#
# At or below zero the judge is cheaper from the first pair on; with $c \le c_+$ it never is for many pairs. The same two lines, solved
# for the price of a comparison instead, give the first figure.
#
# *Counts.* The ratio of both sides stays below the larger of two quotients, equation {eq}`eq-unc-ratio`: a quotient of sums lies
# between the quotients of their parts. As comparisons become more expensive it goes towards that of the counts.
#
# *The article's sum* sets $n$ labels at the price $q$ against $t$ GPU-hours at the price $p$, so that only $q / p$ matters:
#
# $$ R = \frac{q\,n}{p\,t}, \qquad p^* = \frac{q\,n}{R^*\,t} $$ (eq-even-article)
#
# It counts all its {glue:text}`article_hours` GPU-hours on the synthetic side.
#
# *Rounds.* If each of $i$ rounds makes, labels, trains on and evaluates $n$ new pairs of one model,
#
# $$ C(i) = C_\text{once} + i\,C_\text{round} + C_\text{check} \quad\text{or}\quad
# C(i) = C_\text{once} + i\,(C_\text{round} + C_\text{check}) $$ (eq-even-rounds)
#
# where the check is $c\,n_V$ with a judge and $c\,n_A$ with people, made once or in every round.
#
# All this is valid for many batches, since a batch that is not full costs only its part, and for prices that do not fall with volume.
#
# *Two intervals.* "At your counts" keeps the pairs, the evaluation and the price of seed data; "before you know them" draws these too.
# Every other uncertain input is drawn in both ({ref}`sec-parameters`), and what you change keeps its value. The last column of the table
# of break-evens names the input that moves one most when it alone goes from end to end of its range.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-even-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "What a judge saves, by the number of pairs", "code_prompt_hide": "What a judge saves, by the number of pairs"}
df = page.table(
    "tab-even-saved",
    ["usable pairs", "saved [USD]", "90 % of the draws [USD]"],
    [[fmt.number(n), fmt.number(usd), " to ".join(map(fmt.number, found))] for n, usd, found in zip(counts, saved, saved_at, strict=True)],
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The break-evens if GPU time is off", "code_prompt_hide": "The break-evens if GPU time is off"}
# A factor in all GPU time acts like the same factor in its price.
gpu_prices = interval("alignment", price_usd_per_gpu_hour)
off = [break_even.break_evens(values | {"price_usd_per_gpu_hour": usd})._asdict() for usd in gpu_prices]
for found, usd in zip(off, interval("alignment", evens.gpu_price)[::-1], strict=True):
    found["gpu_price"] = usd
df = page.table(
    "tab-even-gpu-time",
    ["break-even", "as predicted", "GPU time shorter", "longer"],
    [
        [words, *map(text, (getattr(evens, name), *(found[name] for found in off)))]
        for words, (name, text) in texts.items()
    ],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Predicted GPU time with its error", "code_prompt_hide": "Predicted GPU time with its error"}
page.trust(
    "tab-even-trust",
    [
        ("GPU-hours between the model itself and people", "inference", own.gpu_hours - people.gpu_hours,
         lambda spent: fmt.number(spent, 1)),
        ("GPU price up to which the model itself is cheaper", "inference", evens.gpu_price, fmt.price),
        *((f"{short[method.name]}, GPU time", "alignment", shares.gpu_usd(method, values), fmt.price)
          for method in (people, own, judged)),
    ],
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: even-trust
#
# *Predicted* is GPU time alone. Four in five published measurements lie between the two factors of the last table
# ({ref}`sec-validation`), and the intervals of this chapter hold that error together with the ranges of the inputs. *Measured* are
# prices of labels and GPUs, agreements, and the lengths of a judge's call. *Assumed* are staff, the shares of rework and failed runs,
# and that audits, evaluation and validation are bought from the same people at the same price. The rest is computed. Values here need
# not be medians of the draws, since most ranges are skewed.
#
# *A pair is counted as a pair*, the first or the last, whoever labelled it. More labels mend random errors and not errors of habit, and
# a rule that takes the longer answer agrees with people often, costs nothing and knows nothing ({ref}`sec-quality`). So no break-even
# in agreement stands here. People who disagree do not always err: where tastes differ, a majority approaches no truth.
#
# *Left out.* Human labels bought to certify a judge could train the model too. The price of a hosted judge does not follow that of
# GPUs, and its agreement does not depend on the model that is aligned. Staff is the same for a thousand pairs and for a million. What
# would change the conclusions most is a published figure for the staff of either side, and a measurement of how a judge's errors pass
# into the model that learns from its labels.
#
# *Statements of the article.* None has its place here, but several appear in another light. [B071](#claim-b071) and
# [B072](#claim-b072) are two of the prices in the tables. By [B073](#claim-b073) the saving exceeds ten in the most cautious case and
# by [B095](#claim-b095) at any GPU price; here ten is a line between two prices and, with every item on both sides, first of all a
# number of pairs. [B079](#claim-b079) is about scale: with fixed costs on both sides, scale favours the side that pays less for a pair.
# [B090](#claim-b090), that a good judge pays off over later data, is a matter of how long its validation holds.
# ::::

# %% [markdown]
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
