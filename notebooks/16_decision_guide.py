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
# # Which method should you choose?
#
# By the dollars of the whole project, choose {glue:text}`choices_said` (DPO trains on which of two answers was preferred). Budgets go from
# {glue:text}`budget_low` to {glue:text}`budget_high`. {glue:text}`tied_said`
#
# People are {glue:text}`all_people_low` to {glue:text}`all_people_high` of these budgets: those who write, check and
# evaluate, and your own staff. So plan your people first, and where two methods tie, let something other than dollars decide. The rule does
# not know which method gives the better model; published results do not point one way ({ref}`sec-quality`).

# %% tags=["parameters", "remove-cell"]
# fmt: off
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
# fmt: on

# %% tags=["remove-cell"]
import math

from matplotlib.lines import Line2D

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
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
THIS, DRAWS, ROUNDS = "these inputs", uncertainty.DRAWS, 10
audiences = scenarios.audiences()
# What is set on purpose is not drawn.
set_here = {name: value for name, value in values.items() if value != parameters.defaults()[name]}
given = audiences | {THIS: set_here}
cases = {name: scenarios.complete(rows) for name, rows in given.items()}
CASE = {case: case.removesuffix(" team") for case in cases}  # as it is shown

found = {case: recommendation.recommend(rows) for case, rows in given.items()}
chosen = {case: each.best.method for case, each in found.items() if each.best}
NAMES = {name: named.short for name, named in methods.NAMES.items() if name != "published"}
compared = {case: {each.method.name: each for each in its.compared if each.method.name in NAMES} for case, its in found.items()}  # fmt: skip
before = {case: comparison.before_counts(cases[case], DRAWS, scenarios.held(rows)) for case, rows in given.items()}

# What people are paid for, and what a judge costs before its first label.
paid = {case: human_work.paid(m.name, cases[case]) for case, m in chosen.items()}
people_share = {case: paid[case].total / m.usd for case, m in chosen.items()}
checks = {case: human_work.label_usd(v) * v["num_validation_pairs"] for case, v in cases.items()}
saved_each = {case: even.saved_per_pair(v) for case, v in cases.items()}
repaid = {case: checks[case] / each if each > 0 else math.inf for case, each in saved_each.items()}
ours = [case for case in audiences if case in chosen]

# The same cases with other answers and other people.
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
    return (name, methods.METHODS[name](there).usd) if name else (None, math.nan)


CHANGES = {"as above" if not change else words: change for words, change in CHANGES.items()}
other = {words: {case: under(v, change) for case, v in cases.items()} for words, change in CHANGES.items()}

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
    page.phrase(
        f"{key}_choice", methods.NAMES[chosen[case].name].plain if case in chosen else "no method that is allowed"
    )
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
                  ppo=[compared[case]["human-ppo"].usd / compared[case]["human-dpo"].usd for case in audiences])  # fmt: skip
page.publish_ends("USD", fmt.price, budget=[chosen[case].usd for case in ours])
page.publish_ends("USD", dollars, validation=[checks[case] for case in audiences])
page.publish_ends("days", two_digits, days=[chosen[case].days for case in ours],
                  gpu_days=[sum(line.days for line in chosen[case].lines if line.gpu_hours > 0) for case in ours])  # fmt: skip
for case in ours:
    key, best = stems[case], found[case].best
    page.phrase(
        f"{key}_said",
        f"{find(cases[case]['policy_model']).label}, {fmt.number(scenarios.num_pairs(cases[case]))} pairs",
    )
    page.publish_all("USD", lambda usd: fmt.usd(usd, 0), **{f"{key}_usd_low": best.usd_low, f"{key}_usd_high": best.usd_high})  # fmt: skip
WHO = {"frontier lab": "a frontier lab", "enterprise team": "an enterprise team", "startup": "a startup", "university": "a university group"}  # fmt: skip
groups = {}
for case in ours:
    groups.setdefault(methods.NAMES[chosen[case].name].plain, []).append(WHO.get(case, case))
listed = [f"{name} for {' and '.join(filter(None, (', '.join(who[:-1]), who[-1])))}" for name, who in groups.items()]
page.phrase("choices_said", ", and ".join(listed) or "none, since none is allowed")
page.publish_ends(
    "fraction", share, all_people=[people_share[case] + shares.of_lines(chosen[case], "staff") for case in ours]
)
ROWS = [words for words, change in CHANGES.items() if change.keys() & set(FACTORS)]
kept = all(other[words][case][0] == other["as above"][case][0] for words in ROWS for case in cases)
page.phrase("moved_said", "Neither four times nor a quarter of people's price changes any of them, and neither do ten times or a tenth of the pairs."
            if kept else "People's price and the number of pairs change some of them.")  # fmt: skip
page.phrase("this_run_told", f"the recommendation is {methods.NAMES[chosen[THIS].name].plain}, at {fmt.price(chosen[THIS].usd)}" if THIS in chosen else "no method is allowed")  # fmt: skip
tied = [case for case in ours if found[case].ties]
page.phrase(
    "tied_said",
    f"In {'each' if len(tied) == len(ours) else len(tied) or 'none'} of these {fmt.number(len(ours))} cases another method is cheaper often enough to count as a tie.",
)
over = [compared[case]["human-dpo"].usd / chosen[case].usd for case in chosen]

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What the whole project costs, by case. Blue: the recommended method, with 90 % of the draws at the case's counts; orange: DPO on labels by people for all pairs, also with its draws; grey: every other method, a ring where a rule forbids it. Marks are values at the inputs of a case and not medians; *these inputs* are those of this chapter.", "name": "fig-guide-totals"}, "image": {"alt": "One row for each of five cases on a logarithmic axis of dollars. In each a blue mark with a horizontal line for the recommended method, an orange mark for labels by people, and grey marks for the other methods, rings where they are not allowed."}}
fig, ax = figures.canvas(5.2, 4.2)
marks = []
for place, case in enumerate(cases):
    best = chosen[case].name if case in chosen else None
    for name, each in sorted(
        compared[case].items(), key=lambda row: row[0] in (best, "human-dpo") or 0.5 * (not row[1].allowed)
    ):
        colour, shift = {"human-dpo": (figures.ORANGE, 0.2), best: (figures.BLUE, -0.2)}.get(name, (figures.GREY, 0))
        low, high = sorted((each.usd_low, each.usd_high))
        if name in (best, "human-dpo"):
            ax.plot([low, high], [place + shift] * 2, color=colour, lw=3, alpha=0.6)
        ax.plot(
            each.usd,
            place + shift,
            "o",
            color=colour,
            mfc=colour if each.allowed else "none",
            ms=10 if name == best else 7 if each.allowed else 12,
            mew=1.6,
        )
        marks.append([case, NAMES[name], each.usd, each.usd_low, each.usd_high, "yes" if each.allowed else "no"])
ax.set(xscale="log", ylim=(len(cases) - 0.5, -0.5), xlabel="cost of the whole project [USD]")
ax.set_yticks(range(len(cases)), list(CASE.values()))
ax.tick_params(axis="y", length=0)
ax.grid(axis="x")
ends = [value for row in marks for value in row[2:5]]
figures.plain_log(
    ax.xaxis,
    figures.ticks(min(ends), max(ends), (1,)),
    lambda usd: f"${fmt.short(usd / 1e3)}k" if usd < 1e6 else f"${fmt.short(usd / 1e6)}M",
)
handles = [
    Line2D([], [], marker="o", ls="", color=colour, label=label)
    for label, colour in (("recommended", figures.BLUE), ("people label", figures.ORANGE), ("others", figures.GREY))
]
fig.legend(handles=handles, loc="outside lower center", ncols=3, handletextpad=0.1, columnspacing=1)
figures.title(ax, f"People's labels for all pairs cost {fmt.between(*map(fmt.ratio, (min(over), max(over))), str)} the recommended method"
              if over else "No method is allowed")  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-guide-totals",
    ["case", "method", "cost [USD]", "5 % of draws [USD]", "95 % of draws [USD]", "allowed"],
    marks,
)

# %% [markdown]
# ::::{admonition} If you are …, do …, with a budget of …
# *A frontier lab* ({glue:text}`frontier_lab_said`): {glue:text}`frontier_lab_choice`. Plan {glue:text}`frontier_lab_usd`, or
# {glue:text}`frontier_lab_usd_low` to {glue:text}`frontier_lab_usd_high` in 90 % of the draws at these counts; so below.
#
# *An enterprise team* ({glue:text}`enterprise_said`): {glue:text}`enterprise_choice`. Plan {glue:text}`enterprise_usd`, or
# {glue:text}`enterprise_usd_low` to {glue:text}`enterprise_usd_high`.
#
# *A startup* ({glue:text}`startup_said`): {glue:text}`startup_choice`. Plan {glue:text}`startup_usd`, or
# {glue:text}`startup_usd_low` to {glue:text}`startup_usd_high`.
#
# *A university group* ({glue:text}`university_said`): {glue:text}`university_choice`. Plan {glue:text}`university_usd`, or
# {glue:text}`university_usd_low` to {glue:text}`university_usd_high`.
#
# *Somebody else*: answer the questions of {ref}`sec-decide`, or run `costlib recommend`.
# ::::
#
# ## First ask what forbids, then what costs less
#
# 1. *Rules.* Whose labels does a rule demand? May prompts and answers leave your machines? Can a program check an answer? Each
#    answer can remove methods before you look at a price. {ref}`sec-decide` has a table for each answer, and
#    `costlib recommend` takes several together.
#
# 2. *The judge.* Measure it on pairs of your own. For the four cases this costs {glue:text}`validation_low` to
#    {glue:text}`validation_high`; {glue:text}`small_check` comparisons leave {glue:text}`margin` points of doubt to each side. Look at
#    the pairs on which it differs from people, because more of its labels do not mend errors of one kind.
#
# 3. *Pairs, checks and the price of a comparison.* They make the bill of people's labels ({ref}`sec-break-even`).
#
# 4. *The size of the model.* GPUs take {glue:text}`gpu_share_low` to {glue:text}`gpu_share_high` of the recommended budgets. Choose the
#    size by what the model can do and by what it costs to serve ({ref}`sec-inference`). Small models were not tested as their own judges.
#
# 5. *GPUs last.* See that the method fits ({ref}`sec-memory`). Of the {glue:text}`days_low` to {glue:text}`days_high` days that these projects last, GPUs work
#    {glue:text}`gpu_days_low` to {glue:text}`gpu_days_high` days. More of them than the method needs shorten
#    little.
#
# (sec-guide-choice)=
# ## One method and one budget for each case
#
# The four cases are examples, each a file in `notebooks/scenarios/` with a reason for every input, and they stay as they are when you
# re-run this chapter. The fifth row has the inputs of this chapter. All dollars are of the whole project. Both intervals hold 90 % of
# {glue:text}`draws` draws: *at your counts*, with pairs, evaluation and seed data as they are, and *before you know them*, with these
# drawn where a case leaves them open. Published seed data are free, the low end of their price, so the second may lie above the total.


# %% tags=["hide-input", "nbval-check-output"]
def interval(each):
    return fmt.between(each.usd_low, each.usd_high, fmt.number)


def case_row(case):
    each = found[case]
    if not each.best:
        return [CASE[case], "none is allowed", "-", "-"]
    return [
        CASE[case],
        NAMES[chosen[case].name],
        fmt.number(each.best.usd),
        share(each.cheapest_share).removesuffix(" %"),
    ]


df = page.table(
    "tab-guide-choice",
    ["case", "recommended", "total [USD]", "first [% of draws]"],
    list(map(case_row, cases)),
    caption="The method whose whole project costs least among those that are allowed, and how often it is first in the draws.",
)  # fmt: skip

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-intervals",
    ["case", "90 %, at your counts [USD]", "90 %, before you know them [USD]"],
    [[CASE[case], interval(found[case].best), fmt.between(*before[case][method.name], fmt.number)] for case, method in chosen.items()],
    caption="What the recommended method may cost.",
)  # fmt: skip


# %% tags=["hide-input", "nbval-check-output"]
def next_row(case):
    each = found[case]
    if not each.next:
        return [CASE[case], "-", "-", "-"]
    equal = ", ".join(NAMES[name] for name in each.ties) or "none"
    return [CASE[case], NAMES[each.next.method.name], fmt.number(each.next.usd), equal]


df = page.table(
    "tab-guide-runner-up",
    ["case", "runner-up", "total [USD]", "tied with the first"],
    list(map(next_row, cases)),
    caption="The next method, and all that tie with the recommended one: each costs less than it in more than "
    f"{fmt.percent(1 - recommendation.CERTAIN)} of the draws at your counts.",
)

# %% [markdown]
# With the inputs of this chapter {glue:text}`this_run_told`; DPO fits from {glue:text}`dpo_gpus` of its GPUs on. PPO costs the four teams
# {glue:text}`ppo_low` to {glue:text}`ppo_high` what DPO costs on the same labels. It learns from answers that it writes meanwhile;
# whether that makes the better model, the rule does not know.
#
# ## What would change the answer
#
# Take one input and leave all others alone. How far can it go until another method is the cheapest that is allowed? For each case these
# are the two nearest changes. One is no price but a rule of this book: a judge that agrees with people less often than whoever takes the
# longer answer, which is free, may not label.


# %% tags=["hide-input", "nbval-check-output"]
def flipped(flip):
    side = "above" if flip.value > flip.here else "below"
    unit = "" if flip.unit in ("-", "fraction", flip.name) else f" [{flip.unit}]"
    words = (
        f"{uncertainty.label(flip.name)}{unit} {side} {fmt.rounded(flip.value, 3)} (here {fmt.rounded(flip.here, 3)})"
    )
    return f"{words}: {NAMES.get(flip.method, 'none')}"


df = page.table(
    "tab-guide-switching-points",
    ["case", "the nearest change", "the next"],
    [[CASE[case], *[*map(flipped, each.flips[:2]), "-", "-"][:2]] for case, each in found.items()],
    caption="The nearest values of single inputs at which another method is recommended.",
)

# %% [markdown]
# {glue:text}`moved_said` Your own answers to the questions above are inputs too. Below, only the
# cases that change are named.


# %% tags=["hide-input", "nbval-check-output"]
def changed(words):
    moved = {}
    for case, (name, _) in other[words].items():
        if words == "as above" or name != other["as above"][case][0]:
            moved.setdefault(NAMES.get(name, "none"), []).append(CASE[case])
    return "; ".join(f"{name}: {', '.join(where)}" for name, where in moved.items()) or "nothing"


df = page.table(
    "tab-guide-other-answers",
    ["your answer, or people", "recommended then"],
    [[words, changed(words)] for words in other],
    caption="What is recommended with other answers and other people, all else as in the case. Nothing means that no case changes.",
)  # fmt: skip

# %% [markdown]
# A method that is cheaper still may be missing because something forbids it. `costlib compare`, `costlib recommend` and the calculator go
# by the same rules ({ref}`sec-rules`):

# %% tags=["hide-input", "nbval-check-output"]
why = {}
for case in cases:
    for name, reasons in found[case].forbidden.items():
        for reason in reasons if name in NAMES else ():
            why.setdefault((NAMES[name], reason), []).append(case)
df = page.table(
    "tab-guide-forbidden",
    ["method", "why it is not allowed", "in"],
    [[name, reason, "all cases" if len(where) == len(cases) else ", ".join(map(CASE.get, where))] for (name, reason), where in why.items()],
    caption="What is not allowed, and why.",
)  # fmt: skip

# %% [markdown]
# ## Dollars are half of a choice, and this is known of the other half
#
# These are the sentences that the evidence supports for the recommended methods. Each holds under its conditions and not beyond;
# {ref}`sec-quality` has the measurements behind those on labels.

# %% tags=["hide-input", "nbval-check-output"]
told = {row.name: row for each in found.values() for row in each.known}
df = page.table(
    "tab-guide-known",
    ["what is known", "for what it holds, and from where"],
    [[row.says, f"{row.get('conditions') or row.evidence} ({fmt.source(row.source)})"] for row in told.values()],
)

# %% [markdown]
# ## The check is the part that nobody can take over for you
#
# You pay for a judge's check before its first label. Then each pair saves what people would have cost. Divide one by the other and you
# have the pairs after which the check is repaid. Spread over {glue:text}`rounds` rounds it adds that many times less to a pair, but only
# if the judge stays valid: after each round the model writes other answers than those on which it was checked. If you check it again
# each time, the last column is the cost of every round.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-validation",
    ["case", "check [USD]", "saved by a pair [USD]", "repaid after [pairs]", "check of a pair [USD]"],
    [
        [CASE[case], fmt.number(checks[case]), fmt.number(saved_each[case], 3), fmt.found(repaid[case], fmt.number, "never"),
         fmt.number(checks[case] / scenarios.num_pairs(cases[case]), 4)]
        for case in cases
    ],
    caption="What a judge's check costs, what each pair then saves against people, and what the check adds to each pair of one round.",
)  # fmt: skip

# %% [markdown]
# People stay in every budget. For the four cases those who write and compare are {glue:text}`staff_low` to {glue:text}`staff_high` of
# what the recommended method costs, and your own staff, by our assumption, {glue:text}`own_staff_low` to {glue:text}`own_staff_high`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-guide-human-work",
    ["case", "seed data [USD]", "labels [USD]", "checks [USD]", "staff [USD]"],
    [[CASE[case], *map(fmt.number, (*work, chosen[case].line("staff").usd))] for case, work in paid.items()],
    caption="People's work in the recommended method; checks are the evaluation and the audits.",
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
# The bill is small where others have paid before. Published demonstrations, such as those of OpenAssistant, written by 13,500 volunteers
# and freely licensed {cite:p}`kopf2023openassistant`, fit general chat and not a field of your own. Published prompts for an evaluation
# {cite:p}`dubois2023alpacafarm` come without the comparisons of your model on them. An open chat model comes with its weights and not
# with the {glue:text}`comparisons` comparisons behind it, as for Llama 2 {cite:p}`touvron2023llama2`. Of a hosted judge neither the data
# nor their number is published; its price contains them.
#
# The article's pipeline, with the inputs of this chapter, takes over {glue:text}`inherited_demonstrations` demonstrations, and the
# comparisons behind the model that writes its prompts. At {glue:text}`demonstration` for a demonstration
# {cite:p}`huyen2025aiengineering` and a crowd's price for a comparison {cite:p}`li2023alpacaeval`, both low, somebody paid
# {glue:text}`inherited` for them.
#
# ::::{dropdown} How this was computed
# :name: guide-model
#
# A method $m$ costs $C_m(n)$ for $n$ usable pairs, with all items of {ref}`sec-equal-footing`. The recommendation is the cheapest of those
# that are allowed. What makes a method not allowed is a row of one table of rules, each with its evidence: it does not fit the GPUs; its
# labels agree no more often than taking the longer answer, which is free; a model judges itself at a size at which that was not tested;
# or your own answers forbid it, as where prompts may not leave.
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
#
# *First* is the share of the draws in which the recommended method costs least of those allowed. It does not say that the rule is
# right. The frontier lab pays {glue:text}`frontier_lab_seed` and the enterprise team {glue:text}`enterprise_seed` for each demonstration
# of their seed data; the startup and the university take published ones at no price. No case sets the agreement of the judge: nobody
# knows it for their own data before it is measured. A comparison by a crowd is taken at {glue:text}`comparison`.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter, with sources"}
_ = page.inputs(globals(), "tab-guide-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The five cases", "code_prompt_hide": "The five cases"}
df = page.table(
    "tab-guide-cases",
    ["case", "model", "GPUs", "USD/GPU-h", "pairs", "USD/comparison", "days of the recommended"],
    [
        [
            CASE[name],
            find(v["policy_model"]).label,
            f"{fmt.number(v['policy_gpus'])} {catalog.find('gpus', v['cluster_gpu']).label.removeprefix('NVIDIA ')}",
            fmt.short(v["price_usd_per_gpu_hour"], 3),
            fmt.number(scenarios.num_pairs(v)),
            fmt.short(human_work.usd_per_comparison(v), 3),
            fmt.number(chosen[name].days) if name in chosen else "-",
        ]
        for name, v in cases.items()
    ],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "What the recommended method costs with other answers", "code_prompt_hide": "What the recommended method costs with other answers"}
df = page.table(
    "tab-guide-other-totals",
    ["change", *(f"{name} [USD]" for name in CASE.values())],
    [[words, *(fmt.found(usd, fmt.number, "-") for _, usd in row.values())] for words, row in other.items()],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the article that this chapter examines", "code_prompt_hide": "Statements of the article that this chapter examines"}
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
# ::::{dropdown} How far to trust it
# :name: guide-trust
#
# The rule sees dollars, and agreement only as far as a rule forbids. It does not see which method or whose labels give the better policy,
# whether a judge's errors lie where they hurt, or what a contract or a law asks for unless you say so. Agreement on one data set says
# little about another: in one test GPT-4 was consistent in 36 % of the pairs on humanities and 86 % on mathematics
# {cite:p}`zheng2023judging`.
#
# The four cases are examples, and no survey stands behind them. What an example sets is held fixed in its draws, so the intervals say how
# far the rest of the inputs moves the total, not how far teams of one kind differ. Evaluation and staff are the same for all: a frontier
# lab spends more on both, and a university perhaps less. Only GPU time is predicted ({ref}`sec-validation`), and its error is drawn.
#
# *Statements.* "Without a large budget" is taken to mean two things: people who write and compare are less than half of what the
# recommended method costs, and the work of people that is taken over at no price would cost less than that method.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# Each case is a scenario file. The commands take it, or your own answers.
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
