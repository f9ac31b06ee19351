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
# **Question.** Which method should a frontier lab, an enterprise team, a startup or a university group choose, with what
# budget, and what would flip the choice?
#
# **Answer.** By the dollars of the whole project, and among the methods that are allowed, the recommendation is
# {glue:text}`frontier_lab_choice` for the frontier lab, {glue:text}`enterprise_choice` for the enterprise team,
# {glue:text}`startup_choice` for the startup and {glue:text}`university_choice` for the university. Their budgets go
# from {glue:text}`budget_low` to {glue:text}`budget_high`; {ref}`sec-guide-choice` has each with its intervals.
#
# The rule counts dollars, and some of these are ties with a runner-up. It does not say which method gives the better
# model: what was published on that has no common sign, and a method that costs nearly as much is worth a trial.

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
task_kind: str = "open"  # open, or verifiable: a program can tell whether an answer is right [-]
verifier_usd_per_call: float = 0.0001  # price of one answer checked by a program [USD/call]
data_policy: str = "may-leave"  # whether prompts and answers may leave your machines (may-leave) or not (stays) [-]
labels_by: str = "any"  # who may label: anybody, people alone, or a judge or program alone [-]
teacher_terms: str = "none"  # whether the owner of a larger model lets you train on its outputs [-]
teacher_model: str = "llama-2-70b"  # larger model whose log-probabilities on-policy distillation copies [-]
budget_usd: float = 0.0  # what the whole project may cost; 0 for no limit [USD]
deadline_days: float = 0.0  # calendar days that the project may take; 0 for no limit [days]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math

from costlib.base import fmt
from costlib.compute.models import find
from costlib.economics import (
    admissible,
    comparison,
    human_work,
    methods,
    recommendation,
    scenarios,
    shares,
    uncertainty,
)
from costlib.economics import break_even as even
from costlib.face import recommended as said
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# The inputs of *this run*, the fifth case:

# %% tags=["hide-cell", "nbval-check-output"]
values = page.inputs(globals(), "tab-guide-inputs")

# %% [markdown]
# The four audiences are examples. Each sets a few parameters, with a reason for every one in its file in
# `notebooks/scenarios/` and a source where there is one, and keeps the published value of all others. They do not move
# when this chapter is re-run with other inputs.

# %% tags=["remove-cell"]
THIS, DRAWS, ROUNDS = "this run", uncertainty.DRAWS, 10
audiences = scenarios.audiences()
# What is set on purpose is not drawn.
set_here = {name: value for name, value in values.items() if value != parameters.defaults()[name]}
given = audiences | {THIS: set_here}
cases = {name: scenarios.complete(rows) for name, rows in given.items()}

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-cases",
    ["case", "model", "GPUs", "USD/GPU-h", "pairs", "USD/comparison"],
    [
        [
            name,
            find(v["policy_model"]).label,
            f"{fmt.number(v['policy_gpus'])} {catalog.find('gpus', v['cluster_gpu']).label.removeprefix('NVIDIA ')}",
            fmt.short(v["price_usd_per_gpu_hour"], 3),
            fmt.number(scenarios.num_pairs(v)),
            fmt.short(human_work.usd_per_comparison(v), 3),
        ]
        for name, v in cases.items()
    ],
)

# %% [markdown]
# The frontier lab pays {glue:text}`frontier_lab_seed` and the enterprise team {glue:text}`enterprise_seed` for each
# demonstration of their seed data; the startup and the university take published ones at no price. No audience sets the
# agreement of the judge: nobody knows it for their own data before it is measured.
#
# ## Model
#
# A method $m$ costs $C_m(n)$ for $n$ usable pairs, with all items of {ref}`sec-equal-footing`. The recommendation is the
# cheapest of those that are allowed. What makes a method not allowed is a row of one table of rules, each with its
# evidence, and the same for this chapter, `costlib compare`, `costlib recommend` and the calculator: it does not fit the
# GPUs; its labels agree no more often than taking the longer answer, which is free; a model judges itself at a size at
# which that was not tested; or the reader's own answers forbid it, as where prompts may not leave.
#
# ::::{admonition} Equations
# :class: dropdown
#
# $$ m^*(n) = \arg\min_{m\ \text{allowed}} C_m(n) $$ (eq-guide-choice)
#
# One input $x$ at a time is moved from its value $x_0$, the others stay. It flips the choice at the nearest value, by its
# ratio to $x_0$, at which another method is the cheapest that is allowed:
#
# $$ x^* = \arg\min_{x\,:\,m^*(x)\,\ne\,m^*(x_0)} \left|\,\ln \frac{x}{x_0}\,\right| $$ (eq-guide-flip)
#
# A judge's validation that costs $V$ and serves $k$ rounds of $n$ pairs adds to each pair
#
# $$ v = \frac{V}{k\,n} $$ (eq-guide-validation)
# ::::

# %%
found = {case: recommendation.recommend(rows) for case, rows in given.items()}
chosen = {case: each.best.method for case, each in found.items() if each.best}

# %% tags=["remove-cell"]
NAMES = {
    "human-ppo": "people (PPO)", "human-dpo": "people (DPO)", "rlaif": "hosted judge", "self-rewarding": "own judge",
    "hybrid": "hard pairs to people", "targeted": "targeted to people", "constitutional": "constitution",
    "verifiable": "verifiable rewards", "distilled": "distillation", "hosted": "judge and service",
}  # fmt: skip
LONG = {
    "human-ppo": "PPO on labels by people", "human-dpo": "DPO on labels by people", "rlaif": "DPO on a hosted judge's labels",
    "self-rewarding": "a model that judges itself", "hybrid": "DPO with the hard pairs to people",
    "targeted": "DPO with targeted labels by people", "constitutional": "Constitutional AI",
    "verifiable": "verifiable rewards", "distilled": "on-policy distillation",
    "hosted": "a judge's labels and a training service",
}  # fmt: skip
compared = {case: {each.method.name: each for each in its.compared if each.method.name in NAMES} for case, its in found.items()}  # fmt: skip
before = {case: comparison.before_counts(cases[case], DRAWS, scenarios.held(rows)) for case, rows in given.items()}

# What people are paid for, and what a judge costs before its first label.
paid = {case: human_work.paid(m.name, cases[case]) for case, m in chosen.items()}
people_share = {case: paid[case].total / m.usd for case, m in chosen.items()}
checks = {case: human_work.label_usd(v) * v["num_validation_pairs"] for case, v in cases.items()}
saved_each = {case: even.saved_per_pair(v) for case, v in cases.items()}
repaid = {case: checks[case] / each if each > 0 else math.inf for case, each in saved_each.items()}
ours = [case for case in audiences if case in chosen]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for case, m in chosen.items():
    allowed = {name: each.usd for name, each in compared[case].items() if each.allowed}
    assert allowed[m.name] == min(allowed.values()), f"{case}: the choice must be the cheapest allowed"
    assert not found[case].next or found[case].next.usd >= m.usd, f"{case}: the runner-up cannot be cheaper"
    assert people_share[case] + shares.of_gpus(m, cases[case]) <= 1 + 1e-9, f"{case}: parts cannot exceed the total"


# %% tags=["remove-cell", "nbval-check-output"]
def two_digits(value):
    return fmt.rounded(value, 2)


def dollars(value):
    return "$" + two_digits(value)


def share(value):
    return fmt.part(value, 0, whole="100 %")


stems = {row.audience: row.name.split("-")[0] for row in catalog.table("audiences").values()} | {THIS: "this_run"}
for case, key in stems.items():
    page.phrase(f"{key}_choice", LONG[chosen[case].name] if case in chosen else "no method that is allowed")
    page.publish_found("USD", fmt.price, **{f"{key}_usd": chosen[case].usd if case in chosen else math.nan})
for case in audiences:
    page.publish_all(
        "USD/example", lambda usd: fmt.usd(usd, 0), **{f"{stems[case]}_seed": cases[case]["seed_usd_per_example"]}
    )
page.publish_found("GPUs", fmt.number, dpo_gpus=admissible.fewest_gpus(values))
page.publish("draws", DRAWS, "draws", fmt.number(DRAWS))
page.publish("rounds", ROUNDS, "rounds", fmt.number(ROUNDS))
page.publish_ends(
    "fraction", share, staff=[people_share[case] for case in ours],
    gpu_share=[shares.of_gpus(chosen[case], cases[case]) for case in ours],
    own_staff=[shares.of_lines(chosen[case], "staff") for case in ours],
)  # fmt: skip
page.publish_ends("ratio", fmt.ratio_2,
                  ppo=[methods.human_ppo(cases[case]).usd / methods.human_dpo(cases[case]).usd for case in audiences])  # fmt: skip
page.publish_ends("USD", fmt.price, budget=[chosen[case].usd for case in ours])
page.publish_ends("USD", dollars, validation=[checks[case] for case in audiences])
page.publish_ends("days", two_digits, days=[chosen[case].days for case in ours],
                  gpu_days=[sum(line.days for line in chosen[case].lines if line.gpu_hours > 0) for case in ours])  # fmt: skip

# %% [markdown]
# ## Result
#
# (sec-guide-choice)=
# ### One method for each case, and a budget
#
# Money is in US dollars, for the whole project. Both intervals hold 90 % of {glue:text}`draws` draws of what the case does
# not set: *at your counts*, with the pairs, the evaluation and the price of seed data as they are, and *before you know
# them*, with these drawn where the case leaves them open. Published seed data are free, the low end of their price, so
# that the second may lie above the total. *Cheapest* is the share of the draws in which the recommended method costs
# least of those allowed; a runner-up that the draws do not tell from it is called *tied*. Neither says that the rule is
# right.


# %% tags=["hide-input", "nbval-check-output"]
def interval(each):
    return fmt.between(each.usd_low, each.usd_high, fmt.number)


def case_row(case):
    each = found[case]
    if not each.best:
        return [case, "none is allowed", *["-"] * 6]
    tied = ", tied" if each.next and each.next.method.name in each.ties else ""
    runner = f"{NAMES[each.next.method.name]}, {fmt.number(each.next.usd)}{tied}" if each.next else "-"
    return [case, NAMES[chosen[case].name], fmt.number(each.best.usd), interval(each.best),
            fmt.between(*before[case][chosen[case].name], fmt.number), fmt.number(chosen[case].days), share(each.cheapest_share), runner]  # fmt: skip


df = page.table(
    "tab-guide-choice",
    ["case", "recommended", "total", "90 %, at your counts", "90 %, before you know them", "days", "cheapest", "runner-up"],
    list(map(case_row, cases)),
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What the whole project costs, by case and method. Blue: recommended; grey: allowed; open: not allowed, for a reason of the table below. Lines hold 90 % of the draws at the case's counts; marks are the values at its inputs and not medians.", "name": "fig-guide-totals"}, "image": {"alt": "Five panels, one for each case, on a shared logarithmic axis of dollars. In each, marks with horizontal lines for the methods that were compared, the recommended one in blue, the others grey, open where they are not allowed."}}
rows = {name: text for name, text in NAMES.items() if any(name in each for each in compared.values())}
fig, panels = figures.canvas(7, 9.4, nrows=len(cases), sharex=True)
marks = []
for ax, case in zip(panels, cases, strict=True):
    ax.set(xscale="log", yticks=range(len(rows)), yticklabels=rows.values(), ylim=(len(rows) - 0.4, -1.5))
    ax.tick_params(axis="y", length=0, labelsize=11)
    ax.annotate(case, (0.99, 1), xycoords="axes fraction", ha="right", va="top", weight="bold")
    for place, name in enumerate(rows):
        if name not in compared[case]:
            continue
        each, best = compared[case][name], case in chosen and chosen[case].name == name
        colour = figures.BLUE if best else figures.GREY
        ax.plot([each.usd_low, each.usd_high], [place] * 2, color=colour, lw=2, alpha=0.7)
        ax.plot(each.usd, place, "o", color=colour, mfc=colour if each.allowed else "white", ms=7, mew=1.6)
        marks.append([case, name, each.usd, each.usd_low, each.usd_high, "yes" if each.allowed else "no"])
panels[-1].set(xlabel="cost of the whole project [USD]")
ends = [value for row in marks for value in row[2:5]]
figures.plain_log(panels[-1].xaxis, figures.ticks(min(ends), max(ends), (1,)), figures.usd_tick)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-guide-totals",
    ["case", "method", "cost [USD]", "5 % of draws [USD]", "95 % of draws [USD]", "allowed"],
    marks,
)

# %% [markdown]
# The recommendation of this run is {glue:text}`this_run_choice`, for {glue:text}`this_run_usd`. DPO fits from
# {glue:text}`dpo_gpus` of its GPUs on.
#
# *PPO gets no credit.* For the four teams it costs {glue:text}`ppo_low` to {glue:text}`ppo_high` what DPO costs on the same labels. If it
# makes the better policy, the rule does not know.
#
# ### What would flip it
#
# For each case, the nearest values of single inputs at which another method is the cheapest that is allowed, the nearest
# first; *from* is the value of the case.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-switching-points",
    ["case", "the nearest change of one input", "the next"],
    [[case, *([said.flipped(flip) for flip in each.flips[:2]] + ["-", "-"])[:2]] for case, each in found.items()],
)

# %% [markdown]
# ### What is not allowed, and why
#
# The reasons are those that `costlib compare` and the calculator give, by the same rules ({ref}`sec-data` has them, each
# with its evidence):

# %% tags=["hide-input", "nbval-check-output"]
why = {}
for case in cases:
    for name, reasons in found[case].forbidden.items():
        for reason in reasons if name in NAMES else ():
            why.setdefault((NAMES[name], reason), []).append(case)
df = page.table(
    "tab-guide-forbidden",
    ["method", "why it is not allowed", "in"],
    [[name, reason, "all cases" if len(where) == len(cases) else ", ".join(where)] for (name, reason), where in why.items()],
)  # fmt: skip

# %% [markdown]
# ### What is known of the models
#
# Cost is half of a choice. For the recommended methods these are the sentences that evidence supports, and for what they
# hold; {ref}`sec-quality` names the rows of evidence of those on labels:

# %% tags=["hide-input", "nbval-check-output"]
known = {row.name: row for each in found.values() for row in each.known}
df = page.table(
    "tab-guide-known",
    ["what is known", "holds for, or rests on", "source"],
    [[row.says, row.get("conditions") or row.evidence, fmt.source(row.source)] for row in known.values()],
)

# %% [markdown]
# ### A judge as an investment
#
# Validation is what a judge costs before its first label. *Saved* is what each pair then saves against people, unusable
# labels and their candidates included, and *repaid* the pairs that make up for the check alone. The last columns spread
# it over the pairs of one round and of {glue:text}`rounds` rounds of the same size, by equation
# {eq}`eq-guide-validation`. Except for the check itself, dollars are for each pair.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-validation",
    ["case", "check [USD]", "saved [USD]", "repaid [pairs]", "1 round", f"{ROUNDS} rounds"],
    [
        [case, fmt.number(checks[case]), fmt.number(saved_each[case], 3), fmt.found(repaid[case], fmt.number, "never"),
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
# The parts of the recommended method that are people's work, in US dollars:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-human-work",
    ["case", "seed data", "labels", "evaluation and checks", "staff", "share without staff"],
    [
        [case, *map(fmt.number, (*work, chosen[case].line("staff").usd)), share(people_share[case])]
        for case, work in paid.items()
    ],
)  # fmt: skip

# %% tags=["remove-cell", "nbval-check-output"]
prices = catalog.table("label_prices")
demonstration, crowd = (prices[name].usd_per_label_low for name in ("instructgpt-demonstration", "alpacafarm-crowd"))
comparisons = catalog.find("preference_sets", "meta").comparisons
# Demonstrations that this run pays for are not inherited.
free = values["num_sft_examples"] * (not values["seed_usd_per_example"])
inherited, small = crowd * comparisons + demonstration * free, cases["startup"]["num_validation_pairs"]
page.publish("demonstration", demonstration, "USD/example", fmt.usd(demonstration, 0))
page.publish("comparison", crowd, "USD/pair", fmt.usd(crowd))
page.publish_all("comparisons", fmt.number, comparisons=comparisons, small_check=small)
page.publish("inherited", inherited, "USD", fmt.price(inherited))
page.publish_all("demonstrations", fmt.number, inherited_demonstrations=free)
agreed = values["judge_agreement"]
margin = 1.96 * math.sqrt(agreed * (1 - agreed) / max(1, small))
page.publish("margin", margin, "fraction", fmt.number(100 * margin, 1))

# %% [markdown]
# For the audiences those who write and compare are {glue:text}`staff_low` to {glue:text}`staff_high` of what the
# recommended method costs, and staff, by our assumption, {glue:text}`own_staff_low` to {glue:text}`own_staff_high`. The
# bill is small where others have paid before. What a team can take over:
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
# 1. *Limits.* Say first what forbids: whose labels a rule demands, whether prompts may leave, whether a program can check
#    an answer. `costlib recommend` asks for it.
# 2. *Judge.* Measure it on pairs of your own. For the four audiences this costs {glue:text}`validation_low` to
#    {glue:text}`validation_high`; {glue:text}`small_check` comparisons leave {glue:text}`margin` points of doubt to each
#    side. Look at the pairs on which it differs: errors of one kind are not mended by more of its labels.
# 3. *Pairs, checks and the price of a comparison.* They make the bill of people's labels ({ref}`sec-break-even`).
# 4. *Model size.* GPUs take {glue:text}`gpu_share_low` to {glue:text}`gpu_share_high` of the total of the recommended
#    method. Choose the size by what it can do and by what it costs to serve ({ref}`sec-inference`). Small models were not
#    tested as their own judges.
# 5. *GPUs.* Last, see that the method fits. The GPUs are at work for {glue:text}`gpu_days_low` to
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
# *Without a large budget* is taken to mean two things: people who write and compare are less than half of what the
# recommended method costs, and the work of people that is taken over at no price would cost less than that method.
#
# ## Sensitivity
#
# The recommendation and its total with other answers and other people, all else as in the case:

# %% tags=["hide-input", "nbval-check-output"]
per_word = parameters.vocabulary()["human_usd_per_word"]
CHANGES = {
    "as above": {},
    "labels must come from people": {"labels_by": "people"},
    "prompts and answers may not leave": {"data_policy": "stays"},
    "a program can tell whether an answer is right": {"task_kind": "verifiable"},
    "staff not counted": {"staff_usd_per_day": 0.0, "lead_usd_per_day": 0.0},
    "a judge evaluates the result": {"evaluation_by": "judge"},
    "people at a quarter of their price": {"human_usd_per_pair": 0.25},
    "people at four times their price": {"human_usd_per_pair": 4.0},
    "a tenth of the pairs": {"num_pairs_m1": 0.1},
    "ten times the pairs": {"num_pairs_m1": 10.0},
}
FACTORS = ("human_usd_per_pair", "num_pairs_m1")


def under(v, change):
    base = v | {"human_usd_per_pair": human_work.usd_per_comparison(v), "num_pairs_m1": scenarios.num_pairs(v)}
    moved = {name: base[name] * by if name in FACTORS else by for name, by in change.items()}
    there = v | moved | ({"num_pairs_m2": 0} if "num_pairs_m1" in moved else {})
    name = recommendation.cheapest(there)
    return f"{NAMES[name]}, {fmt.number(methods.METHODS[name](there).usd)}" if name else "none is allowed"


df = page.table(
    "tab-guide-other-answers",
    ["change", *cases],
    [[words, *(under(v, change) for v in cases.values())] for words, change in CHANGES.items()],
)

# %% [markdown]
# ## Limits
#
# The rule sees dollars, and agreement only as far as a rule forbids. It does not see which method or whose labels give
# the better policy, whether a judge's errors lie where they hurt, or what a contract or a law asks for unless you say so.
# Agreement on one data set says little about another: in one test GPT-4 was consistent in 36 % of the pairs on humanities
# and 86 % on mathematics {cite:p}`zheng2023judging`.
#
# The audiences are examples, and no survey stands behind them. What an example sets is held fixed in its draws, so the
# intervals say how far the rest of the inputs moves the total, not how far teams of one kind differ. Evaluation and staff
# are the same for all: a frontier lab spends more on both, and a university perhaps less.
#
# ## Re-run this chapter
#
# Each audience is a scenario file. The commands take it, or your own answers.
#
# ```bash
# costlib rerun notebooks/scenarios/startup.yml -o out
# costlib compare notebooks/scenarios/startup.yml
# costlib recommend --model 8b --pairs 20000
# costlib rerun -o mine --chapters 16 -p human_usd_per_pair=2 -p judge_agreement=0.65
# papermill notebooks/16_decision_guide.ipynb out.ipynb -p policy_model llama-3.1-8b -p policy_gpus 8
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`; agreement and prices
# {cite:p}`li2023alpacaeval,zheng2023judging,dubois2023alpacafarm,huyen2025aiengineering`; data that others paid for
# {cite:p}`kopf2023openassistant,touvron2023llama2`. The sources of the audiences are in `costlib/facts/audiences.csv`,
# those of the rules in `costlib/facts/rules.csv`. Full entries: {doc}`/book/bibliography`.
