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
# (sec-equal-footing)=
# # What does the whole project cost?
#
# {glue:text}`human_usd` if people choose between the answers, {glue:text}`rlaif_usd` if a hosted judge does. That is the
# bill for aligning {glue:text}`model_label` on {glue:text}`pairs` usable pairs, with everything that both projects need: the
# judge's costs {glue:text}`saved_said`. Draw every uncertain input but your counts from its range, and 90 % of the draws lie between
# {glue:text}`human_usd_low` and {glue:text}`human_usd_high` for people, and between {glue:text}`rlaif_usd_low` and
# {glue:text}`rlaif_usd_high` for the judge.
#
# So count your pairs before you argue about prices. At {glue:text}`few` pairs the judge's project costs
# {glue:text}`saved_few_said`, at {glue:text}`many` pairs {glue:text}`saved_many_said`. {glue:text}`few_many_said` Which labels make the
# better model is another question, and dollars do not answer it ({ref}`sec-quality`).

# %% tags=["parameters", "remove-cell"]
# fmt: off
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
policy_model: str = "llama-2-70b"  # model that Part III aligns [-]
policy_gpus: int = 64  # GPUs that Part III uses together [GPUs]
question_tokens: int = 200  # tokens of a prompt for which answers are compared [tokens]
answer_tokens: int = 450  # tokens of an answer that is compared [tokens]
packing_fill: float = 0.9  # share of training positions that hold a token [fraction]
framework_reach: float = 0.6  # share of the roofline that PPO software reaches [fraction]
run_overhead: float = 1.5  # training done over that of the runs that count [-]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
human_usd_per_word: float = 0.0022  # price of one human comparison for each word of its question and two answers [USD/word]
reading_words_per_minute: float = 238.0  # words of a comparison that a person reads and judges in a minute [words/minute]
platform_fee: float = 0.0  # annotation platform's fee on top of the price of a comparison [fraction]
rework_share: float = 0.1  # comparisons made again after a check of quality [fraction]
num_evaluation_comparisons: int = 805  # human comparisons that tell whether it worked [comparisons]
num_validation_pairs: int = 500  # human comparisons that certify a judge [pairs]
audit_share: float = 1.0  # human comparisons that audit people's labels over those that certify a judge [-]
evaluation_points: float = 0.0  # difference in win rate that the evaluation must see, instead of a number of comparisons; 0 leaves that number [points]
evaluation_by: str = "people"  # who compares for the evaluation [-]
staff_usd_per_day: float = 1000.0  # an engineer's day with all that an employer pays [USD/day]
lead_usd_per_day: float = 1500.0  # a lead's day with all that an employer pays [USD/day]
people_engineer_days: float = 3.0  # days of an engineer for labels by people: data out and in and checks of quality [days]
people_lead_days: float = 5.0  # days of a lead for labels by people: recruiting, guidelines and training [days]
judge_engineer_days: float = 3.0  # days of an engineer for labels by a judge: its prompt and calls and the comparison with people [days]
judge_lead_days: float = 2.0  # days of a lead for labels by a judge: rubric, guidelines of those who certify it, sign-off [days]
judge: str = "gemini-3-1-pro-mt-bench"  # judge whose price, discount, agreement, tokens and unusable share are taken together, where these are not given themselves [-]
judge_instruction_tokens: int = 300  # tokens of a judge's instructions beside question and answers [tokens]
judge_reasoning_tokens: int = 200  # hidden tokens that a hosted judge reasons in one call and bills as written [tokens]
judge_cached_share: float = 0.0  # share of the tokens that a judge reads at the price of cached ones [fraction]
judge_cached_price_ratio: float = 0.1  # price of cached over other tokens that a hosted judge reads [-]
judge_calls_per_pair: float = 0.0  # calls of a hosted judge for each pair, which may be a fraction; 0 makes one for each order [calls/pair]
candidates: str = "own"  # who writes the two answers of a pair where others than the model itself judge them: the model on own GPUs, or a hosted one at its price [-]
targeted_share: float = 0.065  # share of the pairs that people label where a judge's labels look wrong [fraction]
seed_usd_per_example: float = 0.0  # price of one demonstration of the seed data [USD/example]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]
# fmt: on

# %% tags=["remove-cell"]
import math

import numpy as np

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import (
    admissible,
    break_even,
    comparison,
    curve,
    human_work,
    labels,
    ladder,
    methods,
    ratios,
    scenarios,
    shares,
    uncertainty,
)
from costlib.facts import catalog, claims, parameters, regimes
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
known, held = parameters.vocabulary(), scenarios.held(values)
found = methods.compare(values)
human, own, rlaif, ppo, article = (
    found[name] for name in ("human-dpo", "self-rewarding", "rlaif", "human-ppo", "published")
)
pairs, label_usd = human.pairs, human_work.label_usd(values)
FEW, MANY, MOST = 1_000, 100_000, 1_000_000
CURVES, SIDES = ("human-dpo", "targeted", "rlaif"), curve.SIDES

# The pairs from which a judge is the cheaper one, in each draw.
flips = break_even.pairs_for(1, uncertainty.around(values, held))
flips = sampling.sample(np.broadcast_to(flips, uncertainty.DRAWS))

# The methods in question for this run, with their intervals.
compared = {each.method.name: each for each in comparison.compared(values, fixed=held)}
every = {name: each.method for name, each in compared.items() if each.usd < math.inf}
grid = [FEW * step * 10**power for power in range(3) for step in (1, 1.5, 2, 3, 5, 7)] + [MOST]
central = {n: curve.curve(values, n, CURVES) for n in [*grid, pairs]}
# Two kinds of draws: for a team that has its plan, and for one that has none yet.
DRAWN = {"at your counts": True, "before you know them": False}
bands = {kind: curve.band(values, list(central), SIDES, fixed=held, known=known) for kind, known in DRAWN.items()}
ends = {(n, kind): {name: (found[place][0], found[place][2]) for name, found in bands[kind].items()}
        for kind in DRAWN for place, n in enumerate(central)}  # fmt: skip
flip, here = curve.flip(values), curve.identity(values)
bills = {name: break_even.pair_cost(methods.METHODS[name], values) for name in SIDES}
# What no person compares: before the first pair, and with each.
once = {"human-dpo": here.evaluation + here.audit, "rlaif": here.evaluation + here.validation}
rest = {name: (bills[name].fixed - label_usd * once[name], bills[name].each - label_usd * here.pairs / pairs * (name == "human-dpo"))
        for name in bills}  # fmt: skip
extra = rest["rlaif"][1] - rest["human-dpo"][1]

prices = [values["price_usd_per_pair_low"], values["price_usd_per_pair_high"]]
at_price = [values | {"human_usd_per_pair": price} for price in prices]
rungs = list(zip(ladder.rungs(values), *map(ladder.rungs, at_price), strict=True))
boundaries = list(zip(*map(ratios.boundaries, at_price), strict=True))
rung_usd = np.array([rung.usd for rung, *_ in rungs])
free, limit = ratios.whole(values | human_work.UNPAID), break_even.ratio_limit(values)
asked = catalog.table("label_prices")
JUDGE_TESTS = int(catalog.find("agreement", "self-rewarding-judge").n)
behind = catalog.find("preference_sets", "meta").comparisons
demonstration = {name: asked[f"{name}-demonstration"].usd_per_label_low for name in ("instructgpt", "llama-2")}
gpu_label = catalog.find("gpus", values["cluster_gpu"]).label.removeprefix("NVIDIA ")
unstaffed = {name: method.usd - method.line("staff").usd for name, method in found.items()}

# The ratio to RLAIF if GPU time is off by what chapter 17 earns, on both sides alike or in opposite directions.
off = [regimes.interval("alignment", method.usd, shares.paid_usd(method, values)) for method in (human, rlaif)]
alike = sorted(x / y for x, y in zip(*off, strict=True))
opposite = [off[0][0] / off[1][1], off[0][1] / off[1][0]]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for method in every.values():
    assert math.isclose(sum(line.usd for line in method.lines), method.usd), "lines add up to the total"
    assert method.usd > 0, "no method is free"
for n, at in central.items():
    for name, usd in at.items():
        if name in rest:
            paid = once[name] + (n * here.pairs / pairs if name == "human-dpo" else 0)
            in_hand = bills[name].spared * min(n, bills[name].in_hand)
            assert math.isclose(rest[name][0] + rest[name][1] * n + label_usd * paid - in_hand, usd, rel_tol=1e-6), (
                "the identity holds"
            )
assert math.isclose(here.ratio, human.usd / rlaif.usd, rel_tol=1e-9), "at the pairs of this run as well"
assert rungs[0][0].usd == article.usd, "the ladder starts at the article's total"
assert min(free, limit) * (1 - 1e-9) <= human.usd / rlaif.usd <= max(free, limit) * (1 + 1e-9), "the bounds hold"
assert all(low.ratio <= high.ratio for low, high in boundaries[:4]), "the dearer label must give the larger ratio"


# %% tags=["remove-cell", "nbval-check-output"]


def more_or_less(usd):
    return f"{fmt.price(abs(usd))} {'less' if usd >= 0 else 'more'}"


def brief(number):
    return f"{number / 1e6:g}M" if number >= 1e6 else f"{number / 1e3:g}k" if number >= 1e3 else f"{number:g}"


def interval(low, high):
    return f"{fmt.number(low)} to {fmt.number(high)}"


priced = {"human": human, "own": own, "rlaif": rlaif, "ppo": ppo, "hybrid": found["hybrid"]}
page.publish_all("USD", fmt.price, **{f"{key}_usd": method.usd for key, method in priced.items()})
page.publish_all(
    "ratio", fmt.ratio_3, **{f"{key}_ratio": human.usd / method.usd for key, method in priced.items() if key != "human"}
)
for key, name in {"human": "human-dpo", "rlaif": "rlaif"}.items():
    page.publish_all("USD", lambda usd: fmt.usd(usd, 0), **{
        f"{key}_usd_low": compared[name].usd_low, f"{key}_usd_high": compared[name].usd_high})  # fmt: skip
    page.publish(f"{key}_work_each", rest[name][1], "USD/pair", fmt.price(rest[name][1], 3))
page.publish_all("pairs", fmt.number, pairs=pairs, few=FEW, many=MANY, most=MOST)
for key, n in {"": pairs, "_few": FEW, "_many": MANY}.items():
    saving = central[n]["human-dpo"] - central[n]["rlaif"]
    page.publish(f"saved{key}", saving, "USD", fmt.price(abs(saving)))
    page.phrase(f"saved{key}_said", more_or_less(saving))
ratios_at = {key: float(curve.ratio(values, n)) for key, n in {"at_few": FEW, "most": MOST}.items()}
page.publish_all("ratio", fmt.ratio_3, **{f"{key}_ratio": ratio for key, ratio in ratios_at.items()})
cheaper_first, cheaper_last = (curve.saved(values, n) >= 0 for n in (1, 1e9))
page.phrase("flip_said",
    f"At these inputs both cost the same at {fmt.number(math.ceil(flip))} pairs; {'beyond' if cheaper_last else 'below'} that the judge's project is cheaper." if flip else
    f"At these inputs the two bills never meet: the judge's project is {'cheaper' if cheaper_first else 'more expensive'} at any number of pairs.")  # fmt: skip
page.publish_found(
    "pairs",
    lambda n: fmt.rounded(n, 2),
    "no number of",
    flip_high=flips.interval[1],
    twice_pairs=break_even.pairs_for(2, values),
    ten_pairs=break_even.pairs_for(10, values),
)
both_check = all(found[name].line("staff").usd + label_usd * once[name] > central[FEW][name] / 2 for name in once)
page.phrase("few_many_said", "With few pairs both bills are your own staff and the people who check the result; with many, people's bill is the labels."
            if both_check and label_usd * MANY > central[MANY]["human-dpo"] / 2 else "What each bill is made of stands in the table of methods below.")  # fmt: skip
small = max(rest[name][1] for name in rest) < label_usd / 10
page.phrase("beside_said", f"Beside {fmt.price(label_usd)} for a comparison both are small, and that is the whole story of the curve."
            if small else f"Set that against {fmt.price(label_usd)} for a comparison: here both count.")  # fmt: skip
page.publish("extra", extra, "USD/pair", fmt.price(extra, 3))
page.publish("comparison_usd", label_usd, "USD/comparison", fmt.price(label_usd))
page.publish_all("comparisons", fmt.number, human_count=float(here.pairs + once["human-dpo"]), rlaif_count=float(once["rlaif"]),
                 evaluation_count=float(here.evaluation), human_audit=float(here.audit), judge_audit=float(here.validation))  # fmt: skip
page.publish_all("USD/pair", fmt.usd, low_price=prices[0], high_price=prices[1])
page.publish_all("ratio", fmt.ratio_3, free_ratio=free)
page.publish_found("ratio", fmt.ratio_3, "none", count_ratio=limit)
for key, both in {"alike": alike, "apart": opposite}.items():
    page.phrase(f"ratio_{key}", " to ".join(map(fmt.ratio_3, both)))
page.publish_all(
    "fraction", fmt.share, human_labels=shares.of_lines(human, "labels"), rlaif_labels=shares.of_lines(rlaif, "labels"),
    rlaif_checks=shares.of_lines(rlaif, "evaluation"),
)  # fmt: skip
# Labels alone, for as many usable pairs: not to be taken for whole methods.
label_ratio = human.line("labels").usd / max(rlaif.line("labels").usd, 1e-9)
page.publish_all("USD", fmt.price, human_labels_usd=human.line("labels").usd, rlaif_labels_usd=rlaif.line("labels").usd,
                 human_staff_usd=human.line("staff").usd, rlaif_staff_usd=rlaif.line("staff").usd,
                 human_unstaffed_usd=unstaffed["human-dpo"], rlaif_unstaffed_usd=unstaffed["rlaif"])  # fmt: skip
page.publish("label_ratio", label_ratio, "ratio", fmt.ratio(label_ratio, 0))
worked = next(rung.usd for rung, *_ in rungs if rung.label == "failed runs")
page.publish_all(
    "USD", fmt.usd, rung_first=float(rung_usd[0]), rung_worked=float(worked), rung_last=float(rung_usd[-1])
)
page.publish_all("USD/example", lambda usd: fmt.usd(usd, 0), instructgpt_price=demonstration["instructgpt"],
                 llama_2_price=demonstration["llama-2"])  # fmt: skip
seeded = {name: ratios.whole(values | {"seed_usd_per_example": usd}) for name, usd in demonstration.items()}
page.publish_all("examples", fmt.number, judge_tests=JUDGE_TESTS, seed_judgments=claims.find("B029").published)
page.publish("behind", behind, "comparisons", fmt.number(behind))
page.publish_all("ratio", fmt.ratio_3, instructgpt_ratio=seeded["instructgpt"], llama_2_ratio=seeded["llama-2"])
page.phrase("cluster", f"{fmt.number(policy_gpus)} x {gpu_label}")
page.phrase("model_label", find(policy_model).label)
fits = admissible.fits(values)
page.publish_found(
    "GPUs", fmt.number, "no number", **{f"{stage}_gpus": fits[stage].min_gpus for stage in ("sft", "dpo", "ppo")}
)
page.publish_all("parameters", fmt.short, article_parameters=values["model_parameters"])
page.publish(
    "aligned_parameters",
    find(policy_model).parameters,
    "parameters",
    f"{fmt.short(find(policy_model).parameters / 1e9, 3)}B",
)
SEEN = (1, 2, 3, 5, 10)
sized = {points: labels.evaluation_comparisons(points) for points in SEEN}
page.publish_all("comparisons", fmt.number, one_point=sized[1], five_points=sized[5])
page.publish_found(
    "points",
    lambda points: fmt.number(points, 1),
    "any",
    seen=labels.visible_points(here.evaluation) if here.evaluation else math.inf,
)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The whole project against the number of usable pairs: people label (orange), a judge labels and people label again what looks wrong (green, *both*), a hosted judge labels alone (blue). Bands hold 90 % of the draws at your counts. Dashed: the same before you know what evaluation and seed data will cost. There seed data have a price, in the line they are free unless you set one, so a dashed end can lie above its own line. The dotted line stands at the {glue:text}`pairs` pairs of the text.", "name": "fig-footing-curve"}, "image": {"alt": "Curves on two logarithmic axes, dollars of a whole project against the number of usable pairs. Of three lines the one for people's labels rises steepest, the one for a hosted judge stays nearly flat, and one for a mix ends between them. Shaded bands with wider dashed ends lie around the highest and the lowest line, and a dotted line marks the pairs of the text."}}
fig, ax = figures.canvas(5.2, 4.4)
hues = dict(zip(CURVES, (figures.ORANGE, figures.GREEN, figures.BLUE), strict=True))
told = {
    "human-dpo": "people label",
    "targeted": "a judge labels, people where it looks wrong",
    "rlaif": "a judge labels",
}
beside = {"human-dpo": "people", "targeted": "both", "rlaif": "a judge"}
for name in ("human-dpo", "rlaif"):
    known_ends, open_ends = (np.array([ends[n, kind][name] for n in grid]).T for kind in DRAWN)
    ax.fill_between(grid, *known_ends, color=hues[name], alpha=0.25, lw=0)
    for end in open_ends:
        ax.plot(grid, end, "--", color=hues[name], lw=1)
for name in CURVES:
    ax.plot(grid, [central[n][name] for n in grid], color=hues[name], lw=2.4)
ax.axvline(pairs, color="black", ls=":", lw=1.2)
ax.set(xscale="log", yscale="log", xlim=(FEW, MOST), xlabel="usable pairs", ylabel="whole project [USD]")
figures.plain_log(ax.xaxis, [10.0**power for power in range(3, 7)], brief)
figures.plain_log(ax.yaxis, [10.0**power for power in range(2, 9)], lambda usd: f"${brief(usd)}")
ax.grid()
figures.names_at_right(ax, {beside[name]: central[MOST][name] for name in CURVES}, ["black"] * 3)
steep = bills["human-dpo"].each / max(bills["rlaif"].each, 1e-9)
figures.title(ax, "People's bill grows with every pair, the judge's hardly does" if steep > curve.STEEP else
              "People's bill grows faster with every pair" if steep > 1 else "The judge's bill grows faster with every pair")  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
shown = {"human-dpo": "people label", "rlaif": "a judge labels"}
df = page.data(
    "fig-footing-curve",
    ["usable pairs [-]", *(f"{told[name]} [USD]" for name in CURVES),
     *(f"{word}, {kind}, {end} [USD]" for word in shown.values() for kind in DRAWN for end in ("5 %", "95 %"))],
    [[n, *(central[n][name] for name in CURVES), *(end for name in shown for kind in DRAWN for end in ends[n, kind][name])]
     for n in grid],
)  # fmt: skip

# %% [markdown]
# ## People check both sides; what remains is counting
#
# Whoever labels, people compare answers at the end to tell whether the model became better: {glue:text}`evaluation_count`
# comparisons. People also look over a sample of the labels, {glue:text}`human_audit` of them where people made them and
# {glue:text}`judge_audit` where a judge did. Both projects pay for that. Only one pays people to compare each of the $n$ pairs as
# well.
#
# A comparison costs {glue:text}`comparison_usd` with fees and rework. Write $c$ for that and $W$ for everything else: GPU time, seed
# data, your own staff, calls to the judge. Then the two bills stand to each other as
#
# $$ R(n) = \frac{W_H(n) + c\,(n + n_E + n_A)}{W_J(n) + c\,(n_E + n_V)} $$ (eq-footing-identity)
#
# with $n_E$ comparisons of evaluation, $n_A$ that audit people's labels and $n_V$ that certify the judge. Every pair needs two answers
# and training, so $W$ grows on both sides: by {glue:text}`human_work_each` a pair where people label, by {glue:text}`rlaif_work_each`
# where a judge does. {glue:text}`beside_said`

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-footing-curve",
    ["usable pairs", "people label [USD]", "90 % at your counts [USD]", "a judge labels [USD]", "90 % at your counts, judge [USD]",
     "saved by the judge [USD]", "people / judge"],
    [[fmt.number(n),
      *(cell for name in shown for cell in (fmt.number(at[name]), interval(*ends[n, "at your counts"][name]))),
      fmt.number(at["human-dpo"] - at["rlaif"]), fmt.ratio_3(at["human-dpo"] / at["rlaif"])]
     for n, at in sorted(central.items()) if n in (FEW, 10_000, MANY, MOST, pairs)],
    "The saving in dollars and the ratio at a few numbers of pairs",
)  # fmt: skip

# %% [markdown]
# No price makes the ratio grow without limit. If comparisons became free, it would be {glue:text}`free_ratio` at {glue:text}`pairs` pairs.
# The more they cost, the nearer it comes to {glue:text}`count_ratio`: people's project buys so many times the comparisons of the judge's.
#
# ## If a comparison costs more than a judge adds, many pairs favour the judge
#
# Subtract one bill from the other:
#
# $$ C_H - C_J = c\,(n + n_A - n_V) - \left( W_J(n) - W_H(n) \right) $$ (eq-footing-saved)
#
# The judge's $W$ grows by {glue:text}`extra` a pair more than people's: its calls, and answers whose labels turn out unusable.
# {glue:text}`flip_said`
#
# *Theorem.* If both sides audit the same number of labels, employ the same staff and start without labelled pairs, the judge's
# project is the cheaper one at every number of pairs, as long as a comparison by people costs more than what a judge adds to a pair. The proof is the
# equation above with $n_A = n_V$.
#
# So only staff, unequal audits and pairs that people labelled before can make people's project the cheaper one, and only with few
# pairs that are still to be labelled. If the judge needs more of your
# people's days than the annotators do, it pays beyond some number of pairs: with all days drawn over their ranges, below
# {glue:text}`flip_high` in 95 % of the draws. It takes more pairs to matter: people's project costs twice the judge's from about
# {glue:text}`twice_pairs` pairs on, ten times from {glue:text}`ten_pairs`.
#
# ## Every method carries the same cost items
#
# The article sets the price of labels against a whole pipeline. Here each method has all items, and one that it does not need is a zero
# that you can see. All end with {glue:text}`pairs` usable pairs and train {glue:text}`model_label` on {glue:text}`cluster`. Two methods
# need no pairs and stand here only if you allow them: rewards of a program, where one can check the answers, and copying a larger
# model, where its terms permit that.


# %% tags=["hide-input", "nbval-check-output"]
def part(usd):
    return "" if usd < 0.5 else fmt.number(usd)


def divided(name, method):
    people = 0.0 if name == "published" else human_work.paid(name, values).total
    staff = method.line("staff").usd
    return people, staff, method.usd - people - staff


df = page.table(
    "tab-footing-totals",
    ["method", "total [USD]", "90 % at your counts [USD]", "people [USD]", "your staff [USD]",
     "GPUs and services [USD]", "DPO on human labels / this"],
    [[method.label, fmt.number(method.usd), interval(compared[name].usd_low, compared[name].usd_high),
      *map(part, divided(name, method)), fmt.ratio_3(human.usd / method.usd)]
     for name, method in every.items()],
    "Every method with the same items, by who is paid; the last column is how many times as much the second row costs",
)  # fmt: skip

# %% [markdown]
# Labels alone are another matter: people's cost {glue:text}`human_labels_usd`, the judge's {glue:text}`rlaif_labels_usd`, which makes
# {glue:text}`label_ratio` without the answers that are labelled ({ref}`sec-uncertainty` adds these). A headline that quotes it says
# nothing of what you will pay.
#
# The article's row, self-rewarding as published, is not on equal footing: it leaves items out, has one length and one speed for all
# work, and prices {glue:text}`article_parameters` parameters where {glue:text}`model_label` has {glue:text}`aligned_parameters`.

# %% [markdown]
# ## Your own people's days are a cost item of their own
#
# Somebody recruits the annotators and writes their guidelines, or writes the judge's prompt and certifies it. Here that is
# {glue:text}`human_staff_usd` for people's project and {glue:text}`rlaif_staff_usd` for the judge's.
#
# We found no published count of these days. They are our assumption, so they stand apart: without them the projects cost
# {glue:text}`human_unstaffed_usd` and {glue:text}`rlaif_unstaffed_usd`. Put your own days in their place.

# %% tags=["hide-input", "nbval-check-output"]
with_staff = {"none": (0, 0), "$5,000 on each side": (5_000, 5_000), "$20,000 on each side": (20_000, 20_000),
              "as assumed here": tuple(found[name].line("staff").usd for name in bills)}  # fmt: skip
df = page.table(
    "tab-footing-staff",
    ["your own staff", "people label [USD]", "a judge labels [USD]", "saved by the judge [USD]", "people / judge"],
    [[who, fmt.number(people), fmt.number(judged), fmt.number(people - judged), fmt.ratio_3(people / judged)]
     for who, added in with_staff.items()
     for people, judged in [[unstaffed[name] + usd for name, usd in zip(bills, added, strict=True)]]],
    "Equal staff on both sides moves the ratio and leaves the saving alone",
)  # fmt: skip

# %% [markdown]
# That is a reason to plan in dollars and not in ratios.
#
# ## The size of an evaluation follows from the difference you must see
#
# An evaluation lets people choose between the new model's answer and another one; the share of choices that it gets is its *win rate*.
# Say the old version won 48 % and the new one 52 %: is it better, or was it luck? With $n_E$ choices for each version, split about
# evenly, luck alone makes their win rates differ by more than
#
# $$ d = z\,\sqrt{\frac{1}{2\,n_E}}, \qquad n_E = \frac{1}{2}\left( \frac{z}{d} \right)^2 $$ (eq-footing-evaluation)
#
# in one case of twenty, with the normal quantile $z$ that leaves those cases outside. To see one point takes {glue:text}`one_point`
# choices for each. The {glue:text}`evaluation_count` of our project see {glue:text}`seen` points, and to see half of that takes four
# times as many. Methods that are compared in papers often differ by less. Our bills pay for the new version alone, as if the old one's
# choices had been paid before: if you have to judge both, pay twice.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-footing-evaluation",
    ["difference to be seen [points]", "choices for each version", "paid to people [USD]", "share of the judge's project"],
    [[fmt.number(points), fmt.number(count), fmt.number(usd := count * label_usd),
      fmt.share(usd / (rlaif.usd + usd - here.evaluation * label_usd))]
     for points, count in sized.items()],
    "The smaller the difference that you must see, the more of the judge's project is its evaluation",
)  # fmt: skip

# %% [markdown]
# ## From the article's ratio to a whole project
#
# The article's pipeline costs {glue:text}`rung_first`. Each step keeps the ones before it. The first five stay in the article's own
# model ({ref}`sec-caveats`). Then its one speed gives way to what a GPU's arithmetic and memory allow for each kind of work, its
# *roofline*, and its one length to those of questions, answers and judgments. At last come the runs that fail, the people who check,
# and your own staff.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "From {glue:text}`rung_first`, as published, to {glue:text}`rung_last` with every cost item; the work of the GPUs, failed runs included, comes to {glue:text}`rung_worked`, and the rest is the people who check and your own staff. The list price stays in all bars below its own. A bar starts where the one above ends; beside it stands the running total, and below that the ratio at {glue:text}`low_price` and at {glue:text}`high_price` a comparison.", "name": "fig-footing-ladder"}, "image": {"alt": "A waterfall of horizontal bars: the published total of the self-rewarding pipeline, then steps that raise it in orange or lower it in blue, and the final total with all items, with the running total in dollars and two ratios beside each bar."}}
fig, ax = figures.canvas(5.2, 6.4)
before = np.concatenate([[0], rung_usd[:-1]])
step_colours = [figures.GREY, *np.where(np.diff(rung_usd) >= 0, figures.ORANGE, figures.BLUE)]
changes, colours = [*(rung_usd - before), rung_usd[-1]], [*step_colours, figures.GREY]
ax.barh([*(rung.label for rung, *_ in rungs), "all items"], changes, left=[*before, 0], color=colours, height=0.66)
for place, (start, (rung, low, high)) in enumerate(zip(before, rungs, strict=True)):
    what = f"{fmt.usd(rung.usd, 0)}\n{fmt.ratio(low.ratio)} to {fmt.ratio(high.ratio)}"
    # The last rung stands with all items, one row below.
    last = place == len(rungs) - 1
    figures.say(ax, max(start, rung.usd), place + last, what)
for place, usd in enumerate(rung_usd):
    ax.plot([usd, usd], [place - 0.33, place + 1.33], color="black", lw=0.7)
ax.invert_yaxis()
ax.set(xlabel="total of self-rewarding [USD]", xlim=(0, rung_usd.max() * 1.6))
ax.locator_params(axis="x", nbins=3)
figures.dollars(ax.xaxis)
figures.title(ax, f"From {fmt.usd(rung_usd[0], 0)} to {fmt.usd(rung_usd[-1], 0)}, one step at a time", 30)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-footing-ladder", ["step", "total [USD]", *(f"ratio at {fmt.usd(q)} [-]" for q in prices)],
          [[rung.label, rung.usd, *(at.ratio for at in ends)] for rung, *ends in rungs])  # fmt: skip

# %% [markdown]
# Until people's work is counted, a ratio is the price of the labels alone over the total, as in the article; then both sides are
# whole. Which items you put on which side decides the ratio:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-footing-boundaries",
    ["human side", "AI side", *(f"ratio at {fmt.usd(q)}" for q in prices)],
    [[low.people, low.ai, fmt.ratio(low.ratio, 2), fmt.ratio(high.ratio, 2)] for low, high in boundaries],
    "The same dollars, divided in six ways",
)  # fmt: skip

# %% [markdown]
# ## A low bill can rest on work that others paid for
#
# Seed data, the examples that a model is first fine-tuned on, stand on both sides at a price of zero, since volunteers wrote them
# {cite:p}`kopf2023openassistant`. Pay {glue:text}`instructgpt_price` for each, and the saving stays as it is while the ratio becomes
# {glue:text}`instructgpt_ratio`. The more you pay, the nearer it comes to 1.
#
# Self-rewarding inherits more: {glue:text}`judge_tests` examples to test its judge, and prompts from a chat model that was trained on
# {glue:text}`behind` comparisons by people {cite:p}`yuan2024selfrewarding,touvron2023llama2`. Here they are at a book's estimates for a
# written demonstration {cite:p}`huyen2025aiengineering` and at our price of a comparison:

# %% tags=["hide-input", "nbval-check-output"]
inherited = [(what, count, usd) for what, count in (("seed examples", values["num_sft_examples"]), ("judge's tests", JUDGE_TESTS))
             for usd in demonstration.values()] + [("comparisons behind the prompts", behind, label_usd)]  # fmt: skip
df = page.table(
    "tab-footing-inherited",
    ["inherited", "count", "each", "all", "against self-rewarding"],
    [[what, fmt.number(count), fmt.price(usd), fmt.price(count * usd), fmt.ratio(count * usd / own.usd, 0 if count * usd >= 10 * own.usd else 1)]
     for what, count, usd in inherited],
    "What others paid for, at prices of today; the last column is over the whole bill of self-rewarding",
)  # fmt: skip

# %% [markdown]
# Of the seed examples {glue:text}`seed_judgments` are judgments derived from people's rankings, for which the price of a demonstration
# stands in. The comparisons behind the prompt model served many purposes, and no method should carry all of their cost. But a method
# that needs them is not free for somebody who has none.
#
# ::::{dropdown} How this was computed
# :name: footing-model
#
# *Total.* A method is a list of cost items, the same for all:
#
# $$ \begin{array}{l} C = C_\text{seed} + C_\text{SFT} + C_\text{candidates} + C_\text{labels} + C_\text{training}
# + C_\text{evaluation} + C_\text{staff} \\ \qquad + (g - 1) \left( C_\text{SFT} + C_\text{training} \right)
# \end{array} $$ (eq-footing-total)
#
# where $g$ is `run_overhead`, so that the last term is failed runs and sweeps. Every method ends with $n$ usable pairs and the
# same model. All but one train it by DPO {cite:p}`rafailov2023dpo`; RLHF trains a reward model and then runs PPO
# {cite:p}`ouyang2022instructgpt`. RLAIF's paper trains by reinforcement learning {cite:p}`lee2024rlaif`; here DPO stands on both
# sides so that only the labels differ. GPU time is that of the roofline in {ref}`sec-stages`, with weights sharded over all GPUs,
# and PPO reaches `framework_reach` of it. Constitutional AI writes, criticises and revises answers and takes people's labels for what
# is helpful {cite:p}`bai2022constitutional`; targeted labels let people label again the few that look wrong
# {cite:p}`rlthf2025`; GRPO with verifiable rewards and on-policy distillation learn from answers that the model writes meanwhile
# {cite:p}`lambert2024tulu3,lu2025onpolicy`; a service trains at its price for each token. On such GPUs fine-tuning fits from {glue:text}`sft_gpus` on, DPO from
# {glue:text}`dpo_gpus` and PPO from {glue:text}`ppo_gpus`; what does not fit is priced by its work all the same.
#
# *People.* With the price $q$ of a comparison, the platform's fee $f$, the share $\rho$ that is made again, and $m$ raters, a
# comparison costs
#
# $$ c = q\,(1 + f)\,(1 + \rho)\,m $$ (eq-footing-people)
#
# whatever it is for. *A hosted judge* sees the answers in $o$ orders, reads $t_r$ tokens at a price $\pi_r$ per million, and
# writes $t_w$ at $\pi_w$, with a discount $d$ for calls that may wait {cite:p}`lee2024rlaif`:
#
# $$ c_J = \frac{o\,(t_r\,\pi_r + t_w\,\pi_w)}{10^6}\,(1 - d) $$ (eq-footing-hosted)
#
# A share $\eta$ of judged pairs gives no usable label, so $n / (1 - \eta)$ are generated and judged. *A model that judges itself*
# scores four answers three times each {cite:p}`yuan2024selfrewarding`. If it takes $\tau_r$ GPU-seconds to read an answer, once for
# its three judgments, and $\tau_w$ to write one of them, at the price $p$ of a GPU-hour,
#
# $$ C_\text{labels} = \frac{4\,n}{1 - \eta}\,\frac{p\,(\tau_r + 3\,\tau_w)}{3600} $$ (eq-footing-own)
#
# *Limits of the ratio.* For the comparisons $N_H = n + n_E + n_A$ and $N_J = n_E + n_V$ of equation
# {eq}`eq-footing-identity`, $R$ lies between $W_H / W_J$, reached if comparisons are free, and $N_H / N_J$, which it approaches as
# their price rises. At {glue:text}`pairs` pairs $N_H$ is {glue:text}`human_count` and $N_J$ {glue:text}`rlaif_count`. In the
# article's model $N_J$ is zero, so its ratio grows with the price of people without limit.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-footing-inputs")


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every cost item of every method", "code_prompt_hide": "Every cost item of every method"}
def cell(line):
    if line.note:
        return "not counted" if line.note == methods.NOT_COUNTED else "0"
    return fmt.number(line.usd, 0 if line.usd >= 100 or not line.usd else 2)


df = page.table(
    "tab-footing-methods",
    ["method", *(f"{name} [USD]" for name in methods.LINES), "days, one item after another"],
    [[method.label, *(cell(method.line(name)) for name in methods.LINES), fmt.number(method.days, 1)]
     for method in every.values()],
)  # fmt: skip


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The steps from the article's pipeline, with the parameter of each", "code_prompt_hide": "The steps from the article's pipeline"}
def switches(changes):
    return ", ".join(name if to is None else f"{name} = {fmt.short(to)}" for name, to in changes.items()) or "none"


df = page.table(
    "tab-footing-ladder",
    ["step", "parameter", "total [USD]", *(f"ratio at {fmt.usd(q)}" for q in prices)],
    [[rung.label, switches(rung.changes), fmt.number(rung.usd, 2), *(fmt.ratio(at.ratio, 2) for at in ends)]
     for rung, *ends in rungs],
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: footing-trust
#
# *Intervals.* "At your counts" holds 90 % of the draws of every uncertain input, the error of predicted GPU time among them, for a
# team that knows its pairs, its evaluation and its seed data. {ref}`sec-uncertainty` draws these as well, says what the draws of GPU
# time alone do, and moves one input at a time. If only GPU time is off,
# the ratio at {glue:text}`pairs` pairs is {glue:text}`ratio_alike` for an error alike on both sides and {glue:text}`ratio_apart` for
# opposite ones. Nothing in the article's own row is predicted.
#
# *A pair is counted as a pair.* Whether pairs by people and by a judge lead to equally good models is no question of dollars, and
# published results do not point one way ({ref}`sec-quality`). We divide no bill by agreement.
#
# *Left out.* One model size is aligned, and a smaller model would judge itself worse {cite:p}`lee2024rlaif`. People are taken to
# decide every pair, while a judge leaves some undecided. Questions cost nothing, except in self-rewarding, where the model writes
# them. A judgment there has the length and the unusable share of a hosted judge's.
#
# *Statements of the article.* The chapter puts earlier ones into another light: the two totals set against each other as if they
# covered the same work ([B074](#claim-b074)), and the ratios ([B071](#claim-b071), [B072](#claim-b072)) with the saving concluded
# from them ([B103](#claim-b103)), which are one draw from the low end of a wide range.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 12 -p human_usd_per_pair=3.5 -p seed_usd_per_example=10 -p num_validation_pairs=2000
# papermill notebooks/12_equal_footing.ipynb out.ipynb -p policy_model llama-3.1-8b -p policy_gpus 8
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`; the methods
# {cite:p}`ouyang2022instructgpt,rafailov2023dpo,yuan2024selfrewarding,lee2024rlaif`; prices of people and of judges
# {cite:p}`lee2024rlaif,aws2015mturk,huyen2025aiengineering,litellm2024prices`; inherited data
# {cite:p}`touvron2023llama2,kopf2023openassistant`; evaluation {cite:p}`dubois2023alpacafarm`. Full entries:
# {doc}`/book/bibliography`.
