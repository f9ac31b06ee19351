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
# **Answer.** By cost per pair's worth of information the choice is {glue:text}`answer_choices`. The cheapest method
# with labels by people alone costs {glue:text}`people_low` to {glue:text}`people_high` as much.
# {glue:text}`answer_flip` The rule compares costs and does not say which method gives the better model.

# %% tags=["parameters"]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
policy_model: str = "llama-2-70b"  # model that Part III aligns [-]
policy_gpus: int = 64  # GPUs that Part III uses together [GPUs]
human_usd_per_pair: float = 0.67  # price of one human comparison before fees [USD/pair]
human_agreement: float = 0.73  # agreement of a human label with the preference that is meant [fraction]
judge_agreement: float = 0.69  # agreement of a judge's label with the preference that is meant [fraction]
hard_share: float = 0.2  # share of the pairs that a hybrid method gives to people [fraction]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
from functools import reduce

import numpy as np

from costlib import fmt, sampling
from costlib.compute.job import estimate
from costlib.economics import labels, methods, scenarios, uncertainty
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# The inputs of *this run*, the fifth case:

# %% tags=["hide-input"]
values = page.inputs(globals(), "tab-guide-inputs")

# %% [markdown]
# The four audiences are examples. Each sets a few parameters, with a reason for every one in its file in
# `notebooks/scenarios/` and a source where there is one, and keeps the published value of all others. They do not move
# when this chapter is re-run with other inputs.

# %% tags=["remove-cell"]
THIS, DRAWS = "this run", 5000
given = {}
for row in catalog.table("audiences").values():
    given.setdefault(row.audience, {})[row.parameter] = row.value
given = {name: parameters.check(rows) for name, rows in given.items()}
audiences = list(given)
# What is set on purpose is not drawn.
given[THIS] = {name: value for name, value in values.items() if value != parameters.defaults()[name]}
cases = {name: scenarios.complete(rows) for name, rows in given.items()} | {THIS: values}

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-guide-cases",
    ["case", "model", "GPUs", "USD/GPU-h", "pairs", "USD/label", "agreement"],
    [
        [
            name,
            catalog.find("models", v["policy_model"]).label,
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

# %% tags=["hide-input"]
NAMES = {
    "human-ppo": "people (PPO)",
    "human-dpo": "people (DPO)",
    "hybrid": "hybrid",
    "self-rewarding": "own judge",
    "rlaif": "hosted judge",
}
PEOPLE = ("human-ppo", "human-dpo")
FLOOR = catalog.find("agreement", "bai-researcher-crowd").value_low
TIE = 1.1  # closer than one in ten is no difference
TESTED = catalog.find("models", "llama-2-70b").parameters


def planned(v, stage):
    work = v["policy_model"], v["cluster_gpu"], v["policy_gpus"], 1000, v["question_tokens"], v["answer_tokens"]
    return estimate(stage, *work, recompute="full")


def fits(v, *stages):
    return all(planned(v, stage).fits for stage in ("sft", "generate", *stages))


def allowed(v, tested=TESTED):
    judges_itself = catalog.find("models", v["policy_model"]).parameters >= tested
    dpo = [name for name in NAMES if name != "human-ppo" and (judges_itself or name != "self-rewarding")]
    return (["human-ppo"] if fits(v, "rm", "ppo") else []) + (dpo if fits(v, "dpo") else [])


def costs(v, names, power=1, floor=FLOOR):
    found = {name: methods.METHODS[name](v) for name in names}
    share = {name: np.maximum(labels.effective_share(m.agreement), 1e-9) for name, m in found.items()}
    enough = {name: (m.agreement > 0.5) & (m.agreement >= floor - 1e-9) for name, m in found.items()}
    return {
        name: np.where(enough[name], m.usd / (m.pairs * share[name] ** power), np.inf)[()] for name, m in found.items()
    }


def sides(found):
    ends = [[cost for name, cost in found.items() if (name in PEOPLE) == people] for people in (True, False)]
    return [reduce(np.minimum, end, np.inf) for end in ends]


def priced(v):
    return costs(v, NAMES, floor=0), costs(v, NAMES), {name: methods.METHODS[name](v).usd for name in NAMES}


def draws_of(case):
    parts = uncertainty.monte_carlo(priced, cases[case], draws=DRAWS, fixed=tuple(given[case]))
    return [{name: np.broadcast_to(part[name], DRAWS) for name in NAMES} for part in parts]


# %%
found = {case: costs(v, allowed(v)) for case, v in cases.items()}
ranked = {case: sorted((m for m in each if each[m] < np.inf), key=each.get) for case, each in found.items()}
best = {case: names[0] for case, names in ranked.items() if names}
choice = {
    case: [m for m in NAMES if found[case].get(m, np.inf) <= TIE * found[case][best[case]]] if case in best else []
    for case in cases
}

# %% tags=["remove-cell"]
chosen = {case: methods.METHODS[m](cases[case]) for case, m in best.items()}
runner = {case: next((m for m in ranked[case] if m not in choice[case]), None) for case in best}
draws = {case: draws_of(case) for case in cases}
interval = {case: sampling.sample(draws[case][2][m]).interval for case, m in best.items()}


def won(case):
    every, ours = ([draws[case][1][name] for name in names] for names in (found[case], choice[case]))
    lowest = reduce(np.minimum, every)
    return float(np.mean((reduce(np.minimum, ours) <= lowest) & (lowest < np.inf)))


wins = {case: won(case) for case in best}

# What changes the choice, one input at a time.
GRIDS = {
    "human_usd_per_pair": np.geomspace(1e-4, 1e3, 4001),
    "judge_agreement": np.linspace(0.5, 1, 4001),
    "num_pairs_m1": np.geomspace(10, 1e9, 4001),
}
now = {case: v | {"num_pairs_m1": scenarios.num_pairs(v), "num_pairs_m2": 0} for case, v in cases.items()}


def flip(case, name):
    people, judges = sides(costs(now[case] | {name: GRIDS[name]}, list(found[case])))
    other = GRIDS[name][judges < people if best[case] in PEOPLE else people < judges]
    return min(other, key=lambda x: abs(np.log(x / max(now[case][name], 1e-9))), default=None)


flips = {case: {name: flip(case, name) if case in best else None for name in GRIDS} for case in cases}
over_people = {case: sides(found[case])[0] / found[case][m] for case, m in best.items()}

# The lines that are people's work, and the judge's validation.
ROUNDS = 10
PRICED = ("human_usd_per_pair", "platform_fee", "rework_share", "raters_per_pair")


def paid_to_people(case, m):
    share = {"human-ppo": 1, "human-dpo": 1, "hybrid": cases[case]["hard_share"]}.get(m.name, 0)
    return m.line("seed data").usd, share * m.pairs * person[case], m.line("evaluation").usd


def saved_per_pair(v, check):
    return (methods.human_dpo(v).usd - methods.rlaif(v).usd + check) / scenarios.num_pairs(v)


person = {case: labels.human_label(*(v[name] for name in PRICED)) for case, v in cases.items()}
by_people = {case: paid_to_people(case, m) for case, m in chosen.items()}
people_share = {case: sum(by_people[case]) / m.usd for case, m in chosen.items()}
gpu_usd = {case: m.gpu_hours * cases[case]["price_usd_per_gpu_hour"] for case, m in chosen.items()}
gpu_days = {case: sum(line.days for line in m.lines if line.gpu_hours > 0) for case, m in chosen.items()}
validation = {case: person[case] * v["num_validation_pairs"] for case, v in cases.items()}
saved = {case: saved_per_pair(v, validation[case]) for case, v in cases.items()}
repaid = {case: validation[case] / each if each > 0 else np.inf for case, each in saved.items()}
ppo_over_dpo = {case: methods.human_ppo(v).usd / methods.human_dpo(v).usd for case, v in cases.items()}

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for case, m in chosen.items():
    costs_here, cheapest = found[case], found[case][best[case]]
    assert cheapest == min(costs_here.values()), f"{case}: the choice must be the cheapest allowed"
    assert m.agreement >= FLOOR - 1e-9, f"{case}: the labels of the choice must agree often enough"
    assert sum(by_people[case]) + gpu_usd[case] <= m.usd * (1 + 1e-9), f"{case}: parts cannot exceed the total"
    assert interval[case][0] <= interval[case][1] and 0 <= wins[case] <= 1, f"{case}: a share or an interval is wrong"
    assert runner[case] is None or costs_here[runner[case]] > TIE * cheapest, f"{case}: the runner-up must be dearer"

# %% tags=["remove-cell", "nbval-check-output"]
LONG = {
    "human-ppo": "PPO on labels by people",
    "human-dpo": "DPO on labels by people",
    "hybrid": "the hybrid",
    "self-rewarding": "a model that judges itself",
    "rlaif": "a hosted judge",
}


def two(value):
    return fmt.short(float(f"{value:.2g}"))


def dollars(value):
    return "$" + two(value)


def share(value):
    return "under 1 %" if 0 < value < 0.005 else "over 99 %" if 0.995 < value < 1 else fmt.percent(value)


def ends(numbers, text):
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low} to {high}"


def span(key, unit, numbers, text):
    for end, value in zip(("low", "high"), (min(numbers), max(numbers)), strict=True):
        page.publish(f"{key}_{end}", value, unit, text(value))


def together(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def either(names, words):
    text = " or ".join(words[m] for m in names) if names else "no method that is allowed"
    return text.replace("own judge or hosted", "own or hosted")


def of(part):
    return [part[case] for case in audiences if case in best]


stems = {row.audience: row.name.split("-")[0] for row in catalog.table("audiences").values()} | {THIS: "this_run"}
groups = {}
for case in audiences:
    groups.setdefault(either(choice[case], LONG), []).append(f"the {case}")
page.phrase("answer_choices", "; ".join(f"{words} for {together(who)}" for words, who in groups.items()))
moves = {name: [flips[case][name] for case in audiences] for name in GRIDS}
usual = all(best.get(case) not in (None, *PEOPLE) for case in audiences) and all(
    each is not None and each < now[case][name]
    for name in GRIDS
    for case, each in zip(audiences, moves[name], strict=True)
)
page.phrase(
    "answer_flip",
    f"People alone become cheaper below {ends(moves['human_usd_per_pair'], dollars)} for a comparison, below "
    f"{ends(moves['num_pairs_m1'], two)} pairs, or where the judge agrees in less than "
    f"{ends(moves['judge_agreement'], lambda x: fmt.percent(x, 1))} of the cases, depending on the audience."
    if usual
    else "What would change each choice stands in the second table of the result.",
)
for case, key in stems.items():
    page.phrase(f"{key}_choice", either(choice[case], LONG))
    if case in best:
        page.publish(f"{key}_usd", chosen[case].usd, "USD", fmt.price(chosen[case].usd))
        page.publish(f"{key}_wins", wins[case], "fraction", share(wins[case]))
    if case != THIS:
        seed = cases[case]["seed_usd_per_example"]
        page.publish(f"{key}_seed", seed, "USD/example", fmt.usd(seed, 0))
fewest = max(planned(values, stage).min_gpus for stage in ("sft", "generate", "dpo"))
enough = f"on fewer than {fmt.number(fewest)} of its GPUs" if fewest < np.inf else "on any number of its GPUs"
unfit = "" if fits(values, "dpo") else f": DPO does not fit {enough}"
page.phrase(
    "this_run_words",
    f"This run chooses {either(choice[THIS], LONG)}, for {fmt.price(chosen[THIS].usd)}."
    if THIS in best
    else f"This run has {either([], LONG)}{unfit}.",
)
page.phrase(
    "this_run_people",
    "People alone are its choice."
    if best.get(THIS) in PEOPLE
    else "No method with labels by people alone is allowed in it."
    if over_people.get(THIS, np.inf) == np.inf
    else f"People alone cost {fmt.ratio(over_people[THIS])} as much.",
)
page.publish("floor", FLOOR, "fraction", fmt.percent(FLOOR))
page.publish("draws", DRAWS, "draws", fmt.number(DRAWS))
page.publish("rounds", ROUNDS, "rounds", fmt.number(ROUNDS))
span("people", "ratio", of(over_people), fmt.ratio)
page.publish("wins_low", min(of(wins)), "fraction", share(min(of(wins))))
span("staff", "fraction", of(people_share), share)
span("gpu_share", "fraction", [gpu_usd[case] / m.usd for case, m in chosen.items() if case != THIS], share)
span("ppo", "ratio", [ppo_over_dpo[case] for case in audiences], lambda x: fmt.ratio(x, 2))
span("validation", "USD", [validation[case] for case in audiences], dollars)
span("gpu_days", "days", of(gpu_days), two)
span("days", "days", [m.days for case, m in chosen.items() if case != THIS], two)
span("price_grid", "USD/pair", GRIDS["human_usd_per_pair"], dollars)
span("pair_grid", "pairs", GRIDS["num_pairs_m1"], fmt.number)
label_share = [(m.line("labels").usd - by_people[case][1]) / m.usd for case, m in chosen.items() if case != THIS]
span("label_share", "fraction", [max(0.0, part) for part in label_share], share)
judge_low = parameters.vocabulary()["judge_agreement"].low
page.publish("judge_low", judge_low, "fraction", fmt.percent(judge_low, 1))
page.phrase(
    "article_place",
    "lies between them" if min(of(over_people)) < 11.7 < max(of(over_people)) else "lies outside them",
)

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# Only the GPU time in a total is predicted: four in five published runs lie within the factor in the last column of the
# model ({ref}`sec-validation`). Seed data, people and the calls of a hosted judge are paid at the prices given.

# %% tags=["hide-input", "nbval-check-output"]
page.trust(
    "tab-guide-trust",
    [
        (f"{case}: {either(choice[case], NAMES)}", "alignment", float(m.usd), fmt.price, float(m.usd - gpu_usd[case]))
        for case, m in chosen.items()
    ],
)

# %% [markdown]
# ### The choice
#
# Money is in US dollars, for the whole method with all its lines; methods within a tenth of each other stand together,
# with the total of the cheapest. The interval holds 90 % of {glue:text}`draws` draws of all inputs that the case does
# not set. All methods share the draws; *wins* is the share of the draws in which the choice is also the cheapest
# allowed. *Next* is the cheapest method that is not chosen, and its cost over that of the choice, by equation
# {eq}`eq-guide-cost`.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-guide-choice",
    ["case", "choice", "total [USD]", "90 % [USD]", "days", "wins", "next"],
    [
        [
            case, either(choice[case], NAMES),
            *(
                [fmt.number(chosen[case].usd), ends(interval[case], fmt.number), fmt.number(chosen[case].days), share(wins[case])]
                if case in best else ["-"] * 4
            ),
            f"{NAMES[runner[case]]}, {fmt.ratio(found[case][runner[case]] / found[case][best[case]])}" if runner.get(case) else "-",
        ]
        for case in cases
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Cost for each pair's worth of information, by case. Blue: the choice; grey: allowed; open: not allowed, because it does not fit, was not tested or agrees too rarely; without a mark: no better than a coin. Lines hold 90 % of the draws; marks are the values at the case's inputs and not medians. Labels by people alone cost {glue:text}`people_low` to {glue:text}`people_high` what the choice of an audience costs.", "name": "fig-guide-choice"}, "image": {"alt": "Five panels, one for each case, on a shared logarithmic axis of dollars for each effective pair. In each, marks with horizontal lines for the methods: people with PPO, people with DPO, hybrid, the model's own judge and a hosted judge."}}
fig, panels = figures.canvas(7, 8.6, nrows=len(cases), sharex=True)
marks = []
for ax, case in zip(panels, cases, strict=True):
    at = {name: float(cost) for name, cost in costs(cases[case], NAMES, floor=0).items()}
    ax.set(xscale="log", yticks=range(len(NAMES)), yticklabels=NAMES.values(), ylim=(len(NAMES) - 0.4, -1.5))
    ax.tick_params(axis="y", length=0)
    ax.annotate(case, (0.99, 1), xycoords="axes fraction", ha="right", va="top", weight="bold")
    for place, name in enumerate(NAMES):
        low, high = sampling.sample(draws[case][0][name]).interval if at[name] < np.inf else (np.nan, np.nan)
        colour = figures.BLUE if name in choice[case] else figures.GREY
        face = colour if found[case].get(name, np.inf) < np.inf else "white"
        ax.plot([low, high], [place] * 2, color=colour, lw=2, alpha=0.7)
        ax.plot(at[name], place, "o", color=colour, mfc=face, ms=8, mew=1.6)
        marks.append([case, name, at[name], low, high, "yes" if face == colour else "no"])
panels[-1].set(xlabel="cost for each effective pair [USD]")
shown = [value for row in marks for value in row[2:5] if np.isfinite(value)]
ticks = [n * 10.0**k for k in range(-9, 16) for n in (1, 3) if min(shown) / 3 < n * 10.0**k < max(shown) * 3]
figures.plain_log(panels[-1].xaxis, ticks[:: -(-len(ticks) // 7)], dollars)

# %% tags=["remove-input", "nbval-check-output"]
page.data(
    "fig-guide-choice",
    [
        "case",
        "method",
        "cost [USD/effective pair]",
        "5 % of draws [USD/effective pair]",
        "95 % of draws [USD/effective pair]",
        "allowed",
    ],
    [[cell if isinstance(cell, str) else float(cell) for cell in row] for row in marks],
)

# %% [markdown]
# {glue:text}`this_run_words` {glue:text}`this_run_people`
#
# Three things stand out.
#
# *It is a choice between people and judges.* Which judge matters less: the labels of the choice that people do not make
# are {glue:text}`label_share_low` to {glue:text}`label_share_high` of an audience's total. The choice is the cheapest
# in at least {glue:text}`wins_low` of the draws of every audience. That says what the ranges of the inputs can change,
# not that the rule is right.
#
# *The ratios lie far apart.* People alone cost {glue:text}`people_low` what the choice costs for one audience and
# {glue:text}`people_high` for another. The article's 11.7 ([B071](#claim-b071)) {glue:text}`article_place`, and it
# compares other lines.
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
TEXTS = {"human_usd_per_pair": fmt.price, "judge_agreement": lambda x: fmt.percent(x, 1), "num_pairs_m1": fmt.number}
ROUGH = TEXTS | {"human_usd_per_pair": dollars, "num_pairs_m1": two}


def moved(case, name):
    value, end = now[case][name], flips[case][name]
    way = "no change" if end is None else f"{'below' if end < value else 'above'} {ROUGH[name](end)}"
    return f"{TEXTS[name](value)}; {way}"


page.table(
    "tab-guide-switching-points",
    ["case", "people alone", "price of a comparison", "judge's agreement", "pairs"],
    [
        [case, fmt.ratio(over_people[case]) if over_people.get(case, np.inf) < np.inf else "not allowed",
         *(moved(case, name) for name in GRIDS)]
        for case in cases
    ],
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
page.table(
    "tab-guide-validation",
    ["case", "check [USD]", "saved [USD]", "repaid [pairs]", "1 round", f"{ROUNDS} rounds"],
    [
        [case, fmt.number(validation[case]), fmt.number(saved[case], 3),
         fmt.number(repaid[case]) if repaid[case] < np.inf else "never",
         *(fmt.number(validation[case] / scenarios.num_pairs(cases[case]) / k, 4) for k in (1, ROUNDS))]
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
page.table(
    "tab-guide-human-work",
    ["case", "seed data", "labels", "evaluation and validation", "share of the total"],
    [
        [case, *(map(fmt.number, by_people[case]) if case in best else ["-"] * 3),
         share(people_share[case]) if case in best else "-"]
        for case in cases
    ],
)  # fmt: skip

# %% tags=["remove-cell", "nbval-check-output"]
price_of = {row.name: row.usd_per_label_low for row in catalog.table("label_prices").values()}
demonstration, comparison = price_of["instructgpt-demonstration"], price_of["alpacafarm-crowd"]
comparisons = catalog.find("preference_sets", "meta").comparisons
paid = values["seed_usd_per_example"] > 0 or not values["num_sft_examples"]
inherited = comparison * comparisons + (0 if paid else demonstration * values["num_sft_examples"])
page.publish("demonstration", demonstration, "USD/example", fmt.usd(demonstration, 0))
page.publish("comparison", comparison, "USD/pair", fmt.usd(comparison))
page.publish("comparisons", comparisons, "comparisons", fmt.number(comparisons))
page.publish("inherited", inherited, "USD", fmt.price(inherited))
page.phrase("inherited_of", "the comparisons" if paid else f"the {fmt.number(values['num_sft_examples'])} demonstrations and the comparisons")  # fmt: skip
small = cases["startup"]["num_validation_pairs"]
margin = 1.96 * np.sqrt(judge_agreement * (1 - judge_agreement) / max(1, small))
page.publish("small_check", small, "comparisons", fmt.number(small))
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
# this run the article's pipeline inherits {glue:text}`inherited_of` behind the model that writes its prompts. At
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
own = chosen[THIS].usd if THIS in best else np.inf
people_now = people_share.get(THIS, 1.0)
page.ledger(
    "16_decision_guide",
    observe(
        "B090", repaid[THIS] < scenarios.num_pairs(values),
        f"validation {fmt.price(validation[THIS])}, "
        + (f"repaid after {fmt.number(repaid[THIS])} of {fmt.number(scenarios.num_pairs(values))} pairs, if the judge stays valid"
           if repaid[THIS] < np.inf else "never repaid"),
    ),
    observe(
        "B091", people_now < 0.5 and inherited < own,
        (f"people {share(people_now)} of {fmt.price(own)}; " if THIS in best else "no method is allowed; ")
        + f"human work inherited at no price {fmt.price(inherited)}",
    ),
)  # fmt: skip

# %% [markdown]
# *Without a large budget* is taken to mean two things: people are less than half of what the choice costs, and the work
# of people that is taken over at no price would cost less than the choice.
#
# ## Sensitivity
#
# The choice under other rules and other people, with the cheapest method of the other side over it:

# %% tags=["hide-input", "nbval-check-output"]
RULES = {
    "as above": ({}, {}, {}),
    "errors ignored, cost per pair": ({}, {"power": 0}, {}),
    "errors count by the square": ({}, {"power": 2}, {}),
    "a model of any size may judge itself": ({}, {}, {"tested": 0}),
    "judge at the low end of its range": ({"judge_agreement": "low"}, {}, {}),
    "the same without a floor": ({"judge_agreement": "low"}, {"floor": 0}, {}),
    "judge at the high end": ({"judge_agreement": "high"}, {}, {}),
    "judge and people agree equally": ({"judge_agreement": "human_agreement"}, {}, {}),
    "people at the low end of their price": ({"human_usd_per_pair": "low"}, {}, {}),
    "people at the high end": ({"human_usd_per_pair": "high"}, {}, {}),
}


def at_end(v, name, end):
    return v[end] if end in v else getattr(parameters.vocabulary()[name], end)


def under(case, change, rule, who):
    v = cases[case] | {name: at_end(cases[case], name, end) for name, end in change.items()}
    each = costs(v, allowed(v, **who), **rule)
    (people, judges), low = sides(each), min(each.values(), default=np.inf)
    names = [m for m in NAMES if m in each and each[m] <= TIE * low < np.inf]
    return (
        f"{either(names, NAMES)}{f', {fmt.ratio(max(people, judges) / low)}' if max(people, judges) < np.inf else ''}"
    )


page.table(
    "tab-guide-other-rules",
    ["change", *cases],
    [[words, *(under(case, *change) for case in cases)] for words, change in RULES.items()],
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
