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
# (sec-decision-guide)=
# # A decision guide
#
# **Question.** Which method should a frontier lab, an enterprise team, a startup or a university group choose, and what
# would flip the choice?
#
# **Answer.** By cost per pair's worth of information the choice is {glue:text}`frontier_lab_choice` for the frontier lab,
# {glue:text}`enterprise_choice` for the enterprise team, {glue:text}`startup_choice` for the startup and
# {glue:text}`university_choice` for the university. The cheapest method with labels by people alone costs
# {glue:text}`people_low` to {glue:text}`people_high` as much. The choice changes sides at {glue:text}`price_flip_low` to
# {glue:text}`price_flip_high` for a comparison, at {glue:text}`pair_flip_low` to {glue:text}`pair_flip_high` pairs, and
# where the judge agrees in {glue:text}`judge_flip_low` to {glue:text}`judge_flip_high` of the cases, depending on the
# audience. The rule compares costs and does not say which method gives the better model.

# %% tags=["parameters"]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
policy_model: str = "llama-2-70b"  # model that Part III aligns [-]
policy_gpus: int = 64  # GPUs that Part III uses together [GPUs]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
human_agreement: float = 0.81  # agreement of a human label with the label of another person [fraction]
judge_agreement: float = 0.849  # agreement of a judge's label with the label of a person [fraction]
hard_share: float = 0.2  # share of the pairs that a hybrid method gives to people [fraction]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math

import numpy as np

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import break_even, choice, comparison, human_work, methods, scenarios, shares, uncertainty
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# The inputs of *this run*, the fifth case:

# %% tags=["hide-input", "nbval-check-output"]
values = page.inputs(globals(), "tab-guide-inputs")

# %% [markdown]
# The four audiences are examples. Each sets a few parameters, with a reason for every one in its file in
# `notebooks/scenarios/` and a source where there is one, and keeps the published value of all others. They do not move
# when this chapter is re-run with other inputs.

# %% tags=["remove-cell"]
THIS, DRAWS, ROUNDS = "this run", uncertainty.DRAWS, 10
audiences = choice.audiences()
# What is set on purpose is not drawn.
set_here = {name: value for name, value in values.items() if value != parameters.defaults()[name]}
given = audiences | {THIS: set_here}
cases = {name: scenarios.complete(rows) for name, rows in audiences.items()} | {THIS: values}

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-cases",
    ["case", "model", "GPUs", "USD/GPU-h", "pairs", "USD/label", "agreement"],
    [
        [
            name,
            find(v["policy_model"]).label,
            f"{fmt.number(v['policy_gpus'])} {catalog.find('gpus', v['cluster_gpu']).label.removeprefix('NVIDIA ')}",
            fmt.short(v["price_usd_per_gpu_hour"], 3),
            fmt.number(scenarios.num_pairs(v)),
            fmt.short(v["human_usd_per_pair"], 3),
            fmt.percent(v["human_agreement"], 1),
        ]
        for name, v in cases.items()
    ],
)

# %% [markdown]
# The frontier lab pays {glue:text}`frontier_lab_seed` and the enterprise team {glue:text}`enterprise_seed` for each
# demonstration of their seed data; the startup and the university take published ones at no price. No audience sets the
# agreement of the judge: nobody knows it for their own data before it is measured, so it has the published value and
# its whole range in the draws.
#
# ## Model
#
# A method $m$ costs $C_m$, with all lines of {ref}`sec-equal-footing`. Its $n$ labels agree with the preference that is
# meant in a share $A_m$ of the cases. For each pair's worth of information it costs
#
# $$ c_m = \frac{C_m}{n\,(2A_m - 1)^\gamma} $$ (eq-guide-cost)
#
# with $\gamma = 1$ unless said otherwise. The choice is the cheapest of those that are allowed:
#
# $$ m^* = \arg\min_{m\ \text{allowed}} c_m $$ (eq-guide-choice)
#
# Methods that cost up to a tenth more than the cheapest are chosen with it: no input here is known that well. Three
# things make a method allowed. *It fits*: each of its stages fits the memory of the GPUs, sharded and with all
# activations computed again ({ref}`sec-memory`). *Its labels agree often enough*: $A_m$ is at least {glue:text}`floor`.
# That is about how often researchers agreed with the crowd whose comparisons trained an assistant {cite:p}`bai2022hh`,
# the lowest agreement of people that we found in a pipeline that worked. *A model judges itself only where that was
# tested*: from the size of Llama 2 70B up, whose own judgments agreed with people's rankings in 65.1 to 81.7 % of the
# cases {cite:p}`yuan2024selfrewarding`. Smaller judges agree less {cite:p}`lee2024rlaif`.
#
# The choice changes sides, from people alone to a method with a judge or back, where
#
# $$ \min_{m\,\in\,\text{people}} c_m = \min_{m\,\in\,\text{judges}} c_m $$ (eq-guide-flip)
#
# or where one side has no allowed method left. One input at a time is moved, the others stay. A judge's validation that
# costs $V$ and serves $k$ rounds of $n$ pairs adds
#
# $$ v = \frac{V}{k\,n} $$ (eq-guide-validation)
#
# to each pair. A new check in every round is $k = 1$.
#
# Equation {eq}`eq-guide-cost` takes errors as independent. This favours judges, because a judge is wrong on the same
# pairs again, and alone it would accept a judge barely better than a coin if its labels were cheap enough. The second
# condition is there for that. The self-rewarding method as the article counts it leaves lines out and is no choice.

# %%
choices = {case: choice.choose(v) for case, v in cases.items()}
chosen = {case: methods.METHODS[each.best](cases[case]) for case, each in choices.items() if each.best}

# %% tags=["remove-cell"]
NAMES = {"human-ppo": "people (PPO)", "human-dpo": "people (DPO)", "hybrid": "hybrid", "self-rewarding": "own judge",
         "rlaif": "hosted judge"}  # fmt: skip
LONG = {"human-ppo": "PPO on labels by people", "human-dpo": "DPO on labels by people", "hybrid": "the hybrid",
        "self-rewarding": "a model that judges itself", "rlaif": "a hosted judge"}  # fmt: skip
GRIDS = {"human_usd_per_pair": np.geomspace(1e-4, 1e3, 4001), "judge_agreement": np.linspace(0.5, 1, 4001),
         "num_pairs_m1": np.geomspace(10, 1e9, 4001)}  # fmt: skip
book, no_floor = choice.rule(), choice.rule(least_agreement=0)
drawn = {case: uncertainty.around(v, given[case], DRAWS) for case, v in cases.items()}
causes = {case: comparison.interval_by_cause(cases[case], DRAWS, given[case])[m.name] for case, m in chosen.items()}
intervals = {case: found["both"] for case, found in causes.items()}
wins = {case: float(np.mean(choice.wins(choice.costs(drawn[case]), choices[case]))) for case in chosen}

# What changes the choice, one input at a time, with all pairs in one batch.
now = {case: v | {"num_pairs_m1": scenarios.num_pairs(v), "num_pairs_m2": 0} for case, v in cases.items()}
flips = {
    case: {name: choice.flip(now[case], choices[case], name, grid) for name, grid in GRIDS.items()} for case in cases
}

# What people are paid for, and what a judge costs before its first label.
paid = {case: human_work.paid(m.name, cases[case]) for case, m in chosen.items()}
people_share = {case: paid[case].total / m.usd for case, m in chosen.items()}
checks = {case: human_work.label_usd(v) * v["num_validation_pairs"] for case, v in cases.items()}
repaid = {case: break_even.pairs_for(1, v) for case, v in cases.items()}
ours = [case for case in audiences if case in chosen]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for case, m in chosen.items():
    found = choices[case]
    assert found.costs[found.best] == min(found.costs.values()), f"{case}: the choice must be the cheapest allowed"
    assert m.agreement >= book.least_agreement - 1e-9, f"{case}: the labels of the choice must agree often enough"
    assert people_share[case] + shares.of_gpus(m, cases[case]) <= 1 + 1e-9, f"{case}: parts cannot exceed the total"
    assert intervals[case][0] <= intervals[case][1] and 0 <= wins[case] <= 1, f"{case}: a share or an interval is wrong"


# %% tags=["remove-cell", "nbval-check-output"]
def two_digits(value):
    return fmt.rounded(value, 2)


def dollars(value):
    return "$" + two_digits(value)


def share(value):
    return fmt.part(value, 0, whole="100 %")


def either(names, words):
    return (
        " or ".join(words[m] for m in names).replace("own judge or hosted", "own or hosted")
        or "no method that is allowed"
    )


stems = {row.audience: row.name.split("-")[0] for row in catalog.table("audiences").values()} | {THIS: "this_run"}
for case, key in stems.items():
    page.phrase(f"{key}_choice", either(choices[case].chosen, LONG))
    page.publish_found("USD", fmt.price, **{f"{key}_usd": chosen[case].usd if case in chosen else math.nan})
    page.publish_found("fraction", share, **{f"{key}_wins": wins.get(case, math.nan)})
for case in audiences:
    page.publish_all(
        "USD/example", lambda usd: fmt.usd(usd, 0), **{f"{stems[case]}_seed": cases[case]["seed_usd_per_example"]}
    )
page.publish_found("GPUs", fmt.number, dpo_gpus=choice.fewest_gpus(values))
page.publish_found("ratio", fmt.ratio, this_run_people_ratio=choices[THIS].people_ratio)
page.publish("floor", book.least_agreement, "fraction", fmt.percent(book.least_agreement))
page.publish("draws", DRAWS, "draws", fmt.number(DRAWS))
page.publish("rounds", ROUNDS, "rounds", fmt.number(ROUNDS))
page.publish_ends("ratio", fmt.ratio, people=[choices[case].people_ratio for case in ours])
page.publish_found(
    "fraction", lambda share: fmt.part(share, 2), wins_low=min((wins[case] for case in ours), default=math.nan)
)
page.publish_ends(
    "fraction", share, staff=[people_share[case] for case in ours],
    gpu_share=[shares.of_gpus(chosen[case], cases[case]) for case in ours],
    label_share=[max(0.0, chosen[case].line("labels").usd - paid[case].labels) / chosen[case].usd
                 for case in ours],
)  # fmt: skip
page.publish_ends("ratio", fmt.ratio_2,
                  ppo=[methods.human_ppo(cases[case]).usd / methods.human_dpo(cases[case]).usd for case in audiences])  # fmt: skip
page.publish_ends("USD", dollars, validation=[checks[case] for case in audiences])
page.publish_ends("days", two_digits, days=[chosen[case].days for case in ours],
                  gpu_days=[sum(line.days for line in chosen[case].lines if line.gpu_hours > 0) for case in ours])  # fmt: skip
page.publish_ends("USD/pair", dollars, price_grid=GRIDS["human_usd_per_pair"])
page.publish_ends("pairs", fmt.number, pair_grid=GRIDS["num_pairs_m1"])
moves = {name: [flips[case][name] for case in audiences if flips[case][name] is not None] for name in GRIDS}
page.publish_ends("USD/pair", dollars, price_flip=moves["human_usd_per_pair"])
page.publish_ends("pairs", two_digits, pair_flip=moves["num_pairs_m1"])
page.publish_ends("fraction", fmt.tenths, judge_flip=moves["judge_agreement"])
page.publish_all("fraction", fmt.tenths, judge_low=parameters.vocabulary()["judge_agreement"].low)

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# An interval holds the ranges of the inputs and the error of predicted GPU time together. Seed data, people and the calls
# of a hosted judge are paid at the prices given; only GPU time is predicted.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-trust",
    ["case", "total [USD]", "90 %, both [USD]", "90 %, inputs alone [USD]", "90 %, GPU time alone [USD]"],
    [[f"{case}: {either(choices[case].chosen, NAMES)}", fmt.number(m.usd),
      *(" to ".join(map(fmt.number, causes[case][cause])) for cause in ("both", "inputs", "prediction"))]
     for case, m in chosen.items()],
)  # fmt: skip

# %% [markdown]
# ### The choice
#
# Money is in US dollars, for the whole method with all its lines; methods within a tenth of each other stand together,
# with the total of the cheapest. The interval holds 90 % of {glue:text}`draws` draws of all inputs that the case does
# not set. All methods share the draws; *wins* is the share of the draws in which the choice is also the cheapest
# allowed. *Next* is the cheapest method that is not chosen, and its cost over that of the choice, by equation
# {eq}`eq-guide-cost`.


# %% tags=["hide-input", "nbval-check-output"]
def in_figures(case):
    total = chosen[case]
    return [fmt.number(total.usd), fmt.between(*intervals[case], fmt.number), fmt.number(total.days), share(wins[case])]


def next_best(found):
    return f"{NAMES[found.next]}, {fmt.ratio(found.costs[found.next] / found.costs[found.best])}" if found.next else "-"


df = page.table(
    "tab-guide-choice",
    ["case", "choice", "total [USD]", "90 % [USD]", "days", "wins", "next"],
    [[case, either(found.chosen, NAMES), *(in_figures(case) if found.best else ["-"] * 4), next_best(found)]
     for case, found in choices.items()],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Cost for each pair's worth of information, by case. Blue: the choice; grey: allowed; open: not allowed, because it does not fit, was not tested or agrees too rarely; without a mark: no better than a coin. Lines hold 90 % of the draws; marks are the values at the case's inputs and not medians. Labels by people alone cost {glue:text}`people_low` to {glue:text}`people_high` what the choice of an audience costs.", "name": "fig-guide-choice"}, "image": {"alt": "Five panels, one for each case, on a shared logarithmic axis of dollars for each effective pair. In each, marks with horizontal lines for the methods: people with PPO, people with DPO, hybrid, the model's own judge and a hosted judge."}}
fig, panels = figures.canvas(7, 8.6, nrows=len(cases), sharex=True)
marks = []
for ax, case in zip(panels, cases, strict=True):
    at, over_draws = (choice.costs(v, by=no_floor) for v in (cases[case], drawn[case]))
    ax.set(xscale="log", yticks=range(len(NAMES)), yticklabels=NAMES.values(), ylim=(len(NAMES) - 0.4, -1.5))
    ax.tick_params(axis="y", length=0)
    ax.annotate(case, (0.99, 1), xycoords="axes fraction", ha="right", va="top", weight="bold")
    for place, name in enumerate(NAMES):
        low, high = sampling.sample(over_draws[name]).interval if at[name] < math.inf else (math.nan, math.nan)
        colour = figures.BLUE if name in choices[case].chosen else figures.GREY
        allowed = choices[case].costs.get(name, math.inf) < math.inf
        ax.plot([low, high], [place] * 2, color=colour, lw=2, alpha=0.7)
        ax.plot(at[name], place, "o", color=colour, mfc=colour if allowed else "white", ms=8, mew=1.6)
        marks.append([case, name, float(at[name]), low, high, "yes" if allowed else "no"])
panels[-1].set(xlabel="cost for each effective pair [USD]")
shown = [value for row in marks for value in row[2:5] if np.isfinite(value)]
ticks = figures.ticks(min(shown) / 3, max(shown) * 3, (1, 3), within=math.inf)
figures.plain_log(panels[-1].xaxis, ticks[:: -(-len(ticks) // 7)], dollars)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-guide-choice",
    [
        "case",
        "method",
        "cost [USD/effective pair]",
        "5 % of draws [USD/effective pair]",
        "95 % of draws [USD/effective pair]",
        "allowed",
    ],
    marks,
)

# %% [markdown]
# The choice of this run is {glue:text}`this_run_choice`. Its total is {glue:text}`this_run_usd`, and what people alone cost
# over it {glue:text}`this_run_people_ratio`. DPO fits from {glue:text}`dpo_gpus` of its GPUs on.
#
# Three things stand out.
#
# *It is a choice between people and judges.* Which judge matters less: the labels of the choice that people do not make
# are {glue:text}`label_share_low` to {glue:text}`label_share_high` of an audience's total. The choice is the cheapest
# in at least {glue:text}`wins_low` of the draws of every audience. That says what the ranges of the inputs can change,
# not that the rule is right.
#
# *The ratios lie far apart.* People alone cost {glue:text}`people_low` what the choice costs for one audience and
# {glue:text}`people_high` for another. The article's 11.7 ([B071](#claim-b071)) compares other lines.
#
# *PPO gets no credit.* It costs {glue:text}`ppo_low` to {glue:text}`ppo_high` what DPO costs on the same labels. If
# it makes the better policy, the rule does not know.
#
# ### What would flip it
#
# *People alone* is the cheapest method with labels by people alone, over the choice. The other columns give the value
# of one input in the case and where the choice changes sides, as in equation {eq}`eq-guide-flip`. Searched were prices
# of a comparison from {glue:text}`price_grid_low` to {glue:text}`price_grid_high`, agreements of a judge from one half
# to one, and {glue:text}`pair_grid_low` to {glue:text}`pair_grid_high` pairs, in steps of less than half a per cent;
# *no change* means none of them. The price of a comparison is also that of evaluation and validation.

# %% tags=["hide-input", "nbval-check-output"]
TEXTS = {"human_usd_per_pair": (fmt.price, dollars), "judge_agreement": (fmt.tenths, fmt.tenths),
         "num_pairs_m1": (fmt.number, two_digits)}  # fmt: skip


def moved(case, name):
    value, end, (exact, rough) = now[case][name], flips[case][name], TEXTS[name]
    way = "no change" if end is None else f"{'below' if end < value else 'above'} {rough(end)}"
    return f"{exact(value)}; {way}"


df = page.table(
    "tab-guide-switching-points",
    ["case", "people alone", "price of a comparison", "judge's agreement", "pairs"],
    [[case, fmt.found(found.people_ratio, fmt.ratio, "not allowed"), *(moved(case, name) for name in GRIDS)]
     for case, found in choices.items()],
)  # fmt: skip

# %% [markdown]
# The range from which the judge's agreement is drawn starts at {glue:text}`judge_low`. A judge below {glue:text}`floor`
# may not label alone, but the hybrid is allowed as long as the labels by people lift the mean to it. Few pairs favour
# people, because the validation of a judge costs the same for few pairs as for many. As long as people agree no more
# often than the judge, only a low price or few pairs can bring them back. Where they agree more often, dear seed data,
# candidates and training speak for them too, since these cost the same whatever a label is worth.
#
# ### A judge as an investment
#
# Validation is what a judge costs before its first label. *Saved* is what each pair then saves against people, unusable
# labels and their candidates included; the quality of the labels is not weighed here ({ref}`sec-break-even` does). A
# check costs what a label by people costs, so fewer pairs than validate a judge never repay it. The last columns spread
# the validation over the pairs of one round and of {glue:text}`rounds` rounds of the same size, by equation
# {eq}`eq-guide-validation`. Except for the check itself, dollars are for each pair.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-validation",
    ["case", "check [USD]", "saved [USD]", "repaid [pairs]", "1 round", f"{ROUNDS} rounds"],
    [
        [case, fmt.number(checks[case]), fmt.number(break_even.saved_per_pair(cases[case]), 3), fmt.found(repaid[case], fmt.number, "never"),
         *(fmt.number(checks[case] / scenarios.num_pairs(cases[case]) / count, 4) for count in (1, ROUNDS))]
        for case in cases
    ],
)  # fmt: skip

# %% [markdown]
# The last column holds only if the judge stays valid for {glue:text}`rounds` rounds. After each round the policy writes
# other answers than those on which the judge was checked. If it is checked again in every round, the column before is
# the cost of every round, and the investment pays off within a round or not at all.
#
# ### What stays with people
#
# The lines of the choice that are people's work, in US dollars:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-human-work",
    ["case", "seed data", "labels", "evaluation and validation", "share of the total"],
    [
        [case, *map(fmt.number, work), share(people_share[case])]
        for case, work in paid.items()
    ],
)  # fmt: skip

# %% tags=["remove-cell", "nbval-check-output"]
prices = catalog.table("label_prices")
demonstration, comparison = (
    prices[name].usd_per_label_low for name in ("instructgpt-demonstration", "alpacafarm-crowd")
)
comparisons = catalog.find("preference_sets", "meta").comparisons
# Demonstrations that this run pays for are not inherited.
free = values["num_sft_examples"] * (not values["seed_usd_per_example"])
inherited, small = comparison * comparisons + demonstration * free, cases["startup"]["num_validation_pairs"]
page.publish("demonstration", demonstration, "USD/example", fmt.usd(demonstration, 0))
page.publish("comparison", comparison, "USD/pair", fmt.usd(comparison))
page.publish_all("comparisons", fmt.number, comparisons=comparisons, small_check=small)
page.publish("inherited", inherited, "USD", fmt.price(inherited))
page.publish_all("demonstrations", fmt.number, inherited_demonstrations=free)
margin = 1.96 * math.sqrt(judge_agreement * (1 - judge_agreement) / max(1, small))
page.publish("margin", margin, "fraction", fmt.number(100 * margin, 1))

# %% [markdown]
# For the audiences people are {glue:text}`staff_low` to {glue:text}`staff_high` of what the choice costs. In dollars
# that can be little, but only because others have paid before. What a team can take over:
#
# * *Seed data*: the published demonstrations of OpenAssistant, written by 13,500 volunteers and freely licensed
#   {cite:p}`kopf2023openassistant`. They fit general chat, not a field of one's own.
# * *Prompts for an evaluation*: published too {cite:p}`dubois2023alpacafarm`. The comparisons of one's own model on
#   them are not.
# * *An open chat model that writes prompts or judges*: its weights, but not the comparisons behind it. For Llama 2
#   these were {glue:text}`comparisons` {cite:p}`touvron2023llama2`.
# * *A hosted judge*: neither its data nor their number is published. Its price contains them.
#
# What nobody else can make is the check on one's own data: validation of the judge, and evaluation of the result. In
# this run the article's pipeline inherits {glue:text}`inherited_demonstrations` demonstrations, and the comparisons behind
# the model that writes its prompts. At
# {glue:text}`demonstration` for a demonstration {cite:p}`huyen2025aiengineering` and {glue:text}`comparison` for a
# comparison {cite:p}`li2023alpacaeval`, both low prices, they would cost {glue:text}`inherited`.
#
# ### In which order to decide
#
# 1. *Labels.* Measure the judge first, on pairs of your own. For the four audiences this costs
#    {glue:text}`validation_low` to {glue:text}`validation_high`; {glue:text}`small_check` comparisons leave
#    {glue:text}`margin` points of doubt to each side. Below {glue:text}`floor` its labels alone are out.
# 2. *Method.* Then decide who labels: people alone cost {glue:text}`people_low` to {glue:text}`people_high` what the
#    choice costs. PPO adds to the bill of DPO by a factor of {glue:text}`ppo_low` to {glue:text}`ppo_high` and must
#    earn that by quality.
# 3. *Model size.* GPUs take {glue:text}`gpu_share_low` to {glue:text}`gpu_share_high` of the total of the choice, so
#    the size hardly moves the bill of alignment. Choose it by what it can do and by what it costs to serve
#    ({ref}`sec-inference`). One thing depends on it: small models were not tested as their own judges.
# 4. *GPUs.* Last, see that the method fits. The GPUs are at work for {glue:text}`gpu_days_low` to
#    {glue:text}`gpu_days_high` of the {glue:text}`days_low` to {glue:text}`days_high` days; people and the calls of the
#    judge take the rest, so more GPUs than the method needs shorten little.
#
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
own, people_now = chosen[THIS].usd if THIS in chosen else math.inf, people_share.get(THIS, 1.0)
pairs = scenarios.num_pairs(values)
page.ledger(
    "16_decision_guide",
    observe("B090", repaid[THIS] < pairs, f"validation {fmt.price(checks[THIS])}, repaid after "
            f"{fmt.found(repaid[THIS], fmt.number, 'no number')} of {fmt.number(pairs)} pairs, if the judge stays valid"),
    observe("B091", people_now < 0.5 and inherited < own, f"people {share(people_now)} of {fmt.found(own, fmt.price)}; human "
            f"work inherited at no price {fmt.price(inherited)}"),
)  # fmt: skip

# %% [markdown]
# *Without a large budget* is taken to mean two things: people are less than half of what the choice costs, and the work
# of people that is taken over at no price would cost less than the choice.
#
# ## Sensitivity
#
# The choice under other rules and other people, with the cheapest method of the other side over it:

# %% tags=["hide-input", "nbval-check-output"]
CHANGES = {
    "as above": ({}, {}),
    "errors ignored, cost per pair": ({}, {"power": 0}),
    "errors count by the square": ({}, {"power": 2}),
    "a model of any size may judge itself": ({}, {"tested_parameters": 0}),
    "judge at the low end of its range": ({"judge_agreement": "low"}, {}),
    "the same without a floor": ({"judge_agreement": "low"}, {"least_agreement": 0}),
    "judge at the high end": ({"judge_agreement": "high"}, {}),
    "judge and people agree equally": ({"judge_agreement": "human_agreement"}, {}),
    "people at the low end of their price": ({"human_usd_per_pair": "low"}, {}),
    "people at the high end": ({"human_usd_per_pair": "high"}, {}),
}


def under(v, moved, rules):
    ends = {name: v[end] if end in v else getattr(parameters.vocabulary()[name], end) for name, end in moved.items()}
    found = choice.choose(v | ends, choice.rule(**rules))
    ratio = found.other_side_ratio
    return ", ".join([either(found.chosen, NAMES), *([fmt.ratio(ratio)] if ratio < math.inf else [])])


df = page.table(
    "tab-guide-other-rules",
    ["change", *cases],
    [[words, *(under(v, *change) for v in cases.values())] for words, change in CHANGES.items()],
)

# %% [markdown]
# Under the square an uncertain label is worth less {cite:p}`angluin1988`, and the side with the better labels gains.
# The ends of the ranges are those of {ref}`sec-parameters`. The low end of the judge's range lies below the floor. For
# the audiences what changes in that row is the work of the floor, as the next row shows, and the floor is our
# judgement. So the first thing to know is the agreement of the judge on the data at hand, and no price list gives it.
#
# ## Limits
#
# The rule sees cost and agreement. It does not see whether PPO, DPO or either source of labels gives the better policy,
# whether a judge's errors lie where they hurt, or what a contract, a law or privacy asks for. Agreement on one data set
# says little about another: the judge's value here was measured on open chat {cite:p}`li2023alpacaeval`, and in one
# test GPT-4 was consistent in 36 % of the pairs on humanities and 86 % on mathematics {cite:p}`zheng2023judging`. One
# value stands for every judge, hosted or not.
#
# The audiences are examples, and no survey stands behind them. What an example sets is held fixed in its draws, so the
# intervals say how far the rest of the inputs moves the total, not how far teams of one kind differ. Evaluation is the
# same for all: a frontier lab evaluates more, and a university perhaps less. Staff is nowhere counted.
#
# ## Re-run this chapter
#
# Each audience is a scenario file. Both commands take it; the second prints every method by line.
#
# ```bash
# costlib rerun notebooks/scenarios/startup.yml -o out
# costlib compare notebooks/scenarios/startup.yml
# costlib rerun -o mine --chapters 16 -p human_usd_per_pair=2 -p judge_agreement=0.65
# papermill notebooks/16_decision_guide.ipynb out.ipynb -p policy_model llama-3.1-8b -p policy_gpus 8
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`; agreement and prices
# {cite:p}`bai2022hh,yuan2024selfrewarding,lee2024rlaif,li2023alpacaeval,zheng2023judging,dubois2023alpacafarm`; data
# that others paid for {cite:p}`kopf2023openassistant,touvron2023llama2`; learning from noisy labels
# {cite:p}`angluin1988`. The sources of the audiences are in `costlib/facts/audiences.csv`. Full entries:
# {doc}`/book/bibliography`.
