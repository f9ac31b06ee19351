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
# (sec-full-picture)=
# # What do dollars leave out?
#
# Time, and work that only people can do. A project with people's labels takes {glue:text}`people_span` from the contract to an
# evaluated model, and one with a hosted judge {glue:text}`judge_span`, of which {glue:text}`people_share` are people who are set up,
# certify the judge and evaluate the result.
#
# {glue:text}`calendar_said` In a second round, with people at work and labels checked, the two take {glue:text}`people_next` and
# {glue:text}`judge_next`. And in three cases no price decides: a harm that nobody has written principles for, a rule that demands
# people, and the check of the judge itself.

# %% tags=["parameters", "remove-cell"]
# fmt: off
hidden_cost_factor_low: float = 2.0  # all human costs over the direct price at the low end [-]
hidden_cost_factor_high: float = 3.0  # all human costs over the direct price at the high end [-]
policy_gpus: int = 64  # GPUs that Part III uses together [GPUs]
run_overhead: float = 1.5  # training done over that of the runs that count [-]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
rework_share: float = 0.1  # comparisons made again after a check of quality [fraction]
minutes_per_comparison: float = 0.0  # time that a person takes for one comparison; 0 follows its words [minutes]
annotators: int = 10  # people who compare at the same time [people]
annotation_hours_per_day: float = 6.0  # hours of comparing on a working day [hours]
human_setup_days: float = 10.0  # calendar days before the first human comparison [days]
hard_share: float = 0.2  # share of the pairs that a hybrid method gives to people [fraction]
judge_calls_per_hour: float = 4167.0  # calls that a hosted judge answers in an hour [calls/hour]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]
# fmt: on

# %% tags=["remove-cell"]
import math
import textwrap

import numpy as np
from matplotlib.patches import Patch

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import admissible, break_even, calendar_time, experts, human_work, methods, shares, uncertainty
from costlib.facts import catalog, parameters
from costlib.facts.claims import check, observe
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
values = page.inputs(globals())
found = methods.compare(values)
split = calendar_time.by_resource(values)
next_round = methods.compare(values | {"human_setup_days": 0, "num_validation_pairs": 0, "audit_share": 0.0})
needed = {name: human_work.of(name, values) for name in found}
RESOURCES, AI = calendar_time.RESOURCES, {"rlaif": methods.rlaif, "self-rewarding": methods.self_rewarding}
by_resource = {name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in split.items()}
machine_days = {name: days[2] + days[3] for name, days in by_resource.items()}
people, judged, pairs = found["human-dpo"], found["rlaif"], found["human-dpo"].pairs
known, gpus = parameters.vocabulary(), catalog.table("gpus")
minutes_each, usd_each = human_work.minutes(values), human_work.usd_per_comparison(values)
speeds = known["reading_words_per_minute"]
fast, slow = (human_work.words(values) / speed for speed in (speeds.high, speeds.low))
few, many = known["annotators"].low, known["annotators"].high
gpu_label = gpus[values["cluster_gpu"]].label.removeprefix("NVIDIA ")

# The same over the ranges; what this run changes is known and stays.
drawn = uncertainty.around(values)
by_people, by_judge = methods.human_dpo(drawn), methods.rlaif(drawn)
collecting = sampling.sample(by_people.line("labels").days - drawn["human_setup_days"])
people_days, judge_days, day_ratio = map(
    sampling.sample, (by_people.days, by_judge.days, by_people.days / by_judge.days)
)

# A team that compares all pairs, and the fewest GPUs that hold the training stages.
team_hours, best_team = annotators * annotation_hours_per_day, calendar_time.fastest_team(annotation_hours_per_day, 15)
hours_of_work = {
    m: human_work.hours(pairs, values | {"minutes_per_comparison": m}) for m in sorted({fast, minutes_each, slow})
}
collecting_weeks = calendar_time.collecting_days(hours_of_work[minutes_each], team_hours) / 7
dpo_gpus = admissible.fewest_gpus(values, ["sft", "dpo"])
fits = dpo_gpus <= policy_gpus
expert_terms, factor = experts.terms(values), human_work.cost_factor(values)
direct = pairs * values["raters_per_pair"] * usd_each

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for name, method in found.items():
    assert math.isclose(sum(by_resource[name]), method.days, abs_tol=1e-9), "the resources must add up to the time"
    rounding = 1e-9 * max(1, method.days)
    assert min(map(min, split[name])) >= -rounding, "no resource works for a negative time"
    assert next_round[name].days <= method.days + rounding, "people at work cannot need more time"
hybrid_usd = experts.usd(values, usd_each, hard_share)
assert math.isclose(hybrid_usd, found["hybrid"].usd, rel_tol=1e-9, abs_tol=1e-9), (
    "general annotators cost what a hybrid does"
)


# %% tags=["remove-cell", "nbval-check-output"]
def three(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return fmt.number(value, digits) if value else "0"


def span(days):
    return f"{three(days)} days" if days >= 1 else f"{three(24 * days)} hours"


def percent(share):
    return fmt.percent(share, 0 if round(share, 6) * 100 % 1 == 0 else 1)


page.publish_all(
    "days", span, people_span=people.days, judge_span=judged.days, published_span=found["published"].days,
    people_next=next_round["human-dpo"].days, judge_next=next_round["rlaif"].days,
    people_median=people_days.median, people_low=people_days.interval[0], people_high=people_days.interval[1],
    judge_median=judge_days.median, judge_low=judge_days.interval[0], judge_high=judge_days.interval[1],
)  # fmt: skip
weeks_of = {
    key: [days / 7 for days in each.interval]
    for key, each in {"collecting": collecting, "people_weeks": people_days}.items()
}
page.publish("minutes_each", minutes_each, "minutes", three(minutes_each))
page.publish_all("weeks", three, collecting_weeks=collecting_weeks, people_weeks=people.days / 7)
page.publish_ends("weeks", three, **weeks_of)
a_minute = hours_of_work[minutes_each] / minutes_each  # hours of work for each minute of a comparison
page.publish_all(
    "minutes", three, minutes_two=2 * 5 * team_hours / a_minute, minutes_four=4 * 5 * team_hours / a_minute
)
page.publish_all(
    "ratio", fmt.ratio_3, first_ratio=people.days / judged.days,
    next_ratio=next_round["human-dpo"].days / next_round["rlaif"].days, ratio_median=day_ratio.median,
    ratio_low=day_ratio.interval[0], ratio_high=day_ratio.interval[1], factor=factor,
    whole_factor=people.usd / direct,
)  # fmt: skip
page.publish_all(
    "-", lambda factor: fmt.short(factor) + "x", hidden_low=hidden_cost_factor_low, hidden_high=hidden_cost_factor_high
)
page.publish_all(
    "fraction", percent, setup_share=by_resource["rlaif"][0] / judged.days, people_share=sum(by_resource["rlaif"][:2]) / judged.days,
    within=collecting.share_above(14)[0] - collecting.share_above(28)[0], hard=hard_share,
)  # fmt: skip
page.publish_all(
    "USD", fmt.price, people_usd=people.usd, people_gpu_usd=shares.gpu_usd(people, values), seed_usd=values["seed_usd_per_example"],
    expert_usd=experts.usd(values, min(expert_terms).usd, hard_share), people_staff=people.line("staff").usd,
    judge_staff=judged.line("staff").usd,
)  # fmt: skip
page.publish_all("count", fmt.number, pairs=pairs, best_dear=best_team, annotators=annotators, team_low=few,
                 team_high=many)  # fmt: skip
page.publish_found("GPUs", fmt.number, dpo_gpus=dpo_gpus)
page.phrase("cluster", f"{fmt.number(policy_gpus)} x {gpu_label}")
page.phrase("model_label", find(values["policy_model"]).label)
as_fast = calendar_time.annotators_as_fast(values)
page.phrase("minutes_said", "as given" if values["minutes_per_comparison"] else "the time that its words take to read")
page.phrase("as_fast_said", {
    "never": "No number of annotators is done before the judge.",
    "always": "Any number of annotators is done before the judge.",
}.get(as_fast.side, f"People are done before the judge where their number is {as_fast.side} {fmt.number(as_fast.value)}."))  # fmt: skip
by_judges = sum(by_resource["rlaif"][:2]) / judged.days
page.phrase("calendar_said", "So book your people first: they set the calendar whoever labels." if by_judges > 0.5 else
            "So ask for machines first: here they take at least half of a judge's time.")  # fmt: skip
led = [name for name in found if name != "published" and sum(by_resource[name][:2]) > 0.5 * found[name].days]
counted = len(found) - ("published" in found)
calendar_title = "People set the calendar of every complete method" if len(led) == counted else (
    f"People take most of the time in {len(led)} of {counted} complete methods")  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Who is at work, from the first day to the evaluated model. Each bar is one method, cut by who works in the order in which they work; the total stands at its end. People label for DPO, which trains on which of two answers was preferred, or for PPO, which trains on new answers that a reward model scores. *The article* is its own pipeline, self-rewarding as published, which counts nobody's time and takes {glue:text}`published_span`.", "name": "fig-full-calendar"}, "image": {"alt": "Horizontal bars of calendar days for six methods, each cut into the set-up of people, people who compare, a hosted judge and GPUs in the order in which they work, with the total written at the end of each bar."}}
colours = dict(zip(RESOURCES, (figures.GREY, figures.ORANGE, figures.RED, figures.BLUE), strict=True))
fig, ax = figures.canvas(5.2, 4.4)
for place, name in enumerate(found):
    widths = np.ravel(split[name])
    ends = np.cumsum(widths)
    for width, end, resource in zip(widths, ends, RESOURCES * len(split[name]), strict=True):
        ax.barh(place, width, left=end - width, color=colours[resource], height=0.6)
    figures.say(ax, ends[-1], place, span(found[name].days))
ax.set_yticks(range(len(found)), [textwrap.fill(methods.NAMES[name].short, 14) for name in found])
ax.set(xlabel="calendar days", ylim=(len(found) - 0.5, -0.5))
ax.set(xlim=(0, 1.36 * max(each.days for each in found.values())))
handles = [Patch(color=colour, label=resource) for resource, colour in colours.items()]
fig.legend(handles=handles, loc="outside lower center", ncols=2)
ax.grid(axis="x")
figures.title(ax, calendar_title)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-full-calendar",
    ["method", "line", *(f"{resource} [days]" for resource in RESOURCES)],
    [[name, line.name, *row] for name in found for line, row in zip(found[name].lines, split[name], strict=True)],
)

# %% [markdown]
# ## A second round skips the set-up and the certificate
#
# Take {glue:text}`pairs` usable pairs for {glue:text}`model_label` on {glue:text}`cluster`, and a team of {glue:text}`annotators` who
# compare. Before the first comparison somebody signs a contract, writes guidelines and trains the team: that is the set-up. In a
# second round the same people are at work and the judge is certified. The last column leaves out the evaluation as well.

# %% tags=["hide-input", "nbval-check-output"]
unseen = methods.compare(
    values | {"human_setup_days": 0, "num_validation_pairs": 0, "audit_share": 0.0, "num_evaluation_comparisons": 0}
)
df = page.table(
    "tab-full-calendar",
    ["method", "first round [days]", "set-up [days]", "people [days]", "machines [days]", "second round [days]", "and no evaluation [days]"],
    [
        [each.label, three(each.days), *map(three, by_resource[name][:2]), three(machine_days[name]),
         three(next_round[name].days), three(unseen[name].days)]
        for name, each in found.items()
    ],
    caption="The first round is the sum of set-up, people and machines, which are the hosted judge and the GPUs together.",
)  # fmt: skip

# %% [markdown]
# People's labels take {glue:text}`first_ratio` the time of a judge's in the first round and {glue:text}`next_ratio` in a second.
# {glue:text}`as_fast_said` So if you will align again and again, compare the second rounds and not the first.
#
# None of this is exact. With every uncertain input drawn, people's labels take {glue:text}`people_low` to {glue:text}`people_high` in 90 %
# of the draws and a judge's {glue:text}`judge_low` to {glue:text}`judge_high`; the ratio lies between {glue:text}`ratio_low` and
# {glue:text}`ratio_high`. Days of the first round, one change at a time:

# %% tags=["hide-input", "nbval-check-output"]
setup = known["human_setup_days"]
changes = {
    "as computed here": {},
    f"{fmt.short(fast, 2)} minutes for a comparison": {"minutes_per_comparison": fast},
    f"{fmt.short(slow, 2)} minutes for a comparison": {"minutes_per_comparison": slow},
    f"{fmt.short(few)} annotators": {"annotators": few},
    f"{fmt.short(many)} annotators": {"annotators": many},
    "no set-up": {"human_setup_days": 0},
    f"set-up of {fmt.short(setup.high)} days": {"human_setup_days": setup.high},
    "a hosted judge ten times slower": {"judge_calls_per_hour": judge_calls_per_hour / 10},
    "an eighth of the GPUs": {"policy_gpus": max(1, policy_gpus // 8)},
}
moved = {
    name: [method(values | change).days for method in (methods.human_dpo, methods.rlaif)]
    for name, change in changes.items()
}
df = page.table(
    "tab-full-sensitivity",
    ["change", "people label [days]", "a judge labels [days]", "people / judge"],
    [[name, *map(three, days), fmt.ratio(days[0] / days[1], 2)] for name, days in moved.items()],
    caption="What moves the calendar of the first round.",
)

# %% [markdown]
# ## How many weeks the labels take follows from the size of the team
#
# The article prints two to four weeks for the collection, and at least four to six with coordination. Neither is a minimum. A comparison
# takes {glue:text}`minutes_each` minutes here, {glue:text}`minutes_said`, and the team of this chapter collects in
# {glue:text}`collecting_weeks` weeks. In {glue:text}`within` of the draws it is two to four.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Weeks of collecting {glue:text}`pairs` pairs against the number of annotators, for three times of a comparison. Band: the two to four weeks that the article prints. Dashed: each pair of people costs 15 minutes a day, and beyond a team of {glue:text}`best_dear` more people save nothing. The dot is the team of this chapter.", "name": "fig-full-team"}, "image": {"alt": "Falling straight lines on logarithmic axes of the number of annotators and weeks of collecting, one for each time per comparison, with a band at two to four weeks, a dot for the team of this chapter, and a dashed curve that falls, turns and rises where annotators coordinate in pairs."}}
fig, ax = figures.canvas(5.2, 3.8)
sizes = np.geomspace(min(2, annotators), max(100, 2 * annotators), 400)
lines = {
    m: calendar_time.collecting_days(hours, sizes * annotation_hours_per_day) / 7 for m, hours in hours_of_work.items()
}
for weeks, colour in zip(lines.values(), (figures.BLUE, figures.ORANGE, figures.RED), strict=False):
    ax.plot(sizes, weeks, color=colour, lw=2)
paired = calendar_time.team_hours(sizes, annotation_hours_per_day, 15)
paired_weeks = calendar_time.collecting_days(hours_of_work[minutes_each], paired[paired > 0]) / 7
ax.plot(sizes[paired > 0], paired_weeks, "--", color="black", lw=1.6)
ax.plot(annotators, collecting_weeks, "o", color="black", ms=8)
ax.axhspan(2, 4, color=figures.GREY, alpha=0.18, lw=0, zorder=0)
ends = min(lines[fast][-1], collecting_weeks, 1.5) / 1.3, max(lines[slow][0], 5) * 1.3
ax.set(xscale="log", yscale="log", xlabel="annotators", ylabel="weeks of collecting")
figures.plain_log(ax.xaxis, figures.ticks(sizes[0], sizes[-1], within=200))
ax.set(xlim=(sizes[0], sizes[-1]), ylim=ends)
figures.plain_log(ax.yaxis, [10.0**n for n in range(-12, 13)])
named = {f"{fmt.short(m, 2)} minutes": weeks[-1] for m, weeks in lines.items()}
figures.names_at_right(ax, named, ["black"] * len(named))
figures.title(ax, "Twice the team takes half the weeks, unless everybody must agree with everybody")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-full-team",
    ["annotators [people]", "time [minutes/comparison]", "collecting [weeks]", "collecting with 15 minutes for each pair of people [weeks]"],
    [[size, m, *(calendar_time.collecting_days(hours, team) / 7 if team > 0 else "never" for team in
      (size * annotation_hours_per_day, calendar_time.team_hours(size, annotation_hours_per_day, 15)))]
     for size in sorted({few, 10.0, 20.0, many, float(annotators)}) for m, hours in hours_of_work.items()],
)  # fmt: skip

# %% [markdown]
# The same team needs two weeks at {glue:text}`minutes_two` minutes for a comparison and four at {glue:text}`minutes_four`. So before you
# believe a number of weeks, ask how many people and how many minutes are in it. A practitioner describes six weeks of weekly deliveries
# for a contract of about $500,000 {cite:p}`lambert2026rlhfbook`, and InstructGPT employed about 40 people
# {cite:p}`ouyang2022instructgpt`.
#
# The article also says that the overhead of a team grows faster than the team. It does if each annotator has to agree with each other
# one: once that takes half of everybody's day, one more person saves nothing. At 15 minutes for each two that is at
# {glue:text}`best_dear` people. Let them agree with one lead instead, and it never comes.
#
# ## What each method still asks of people
#
# Whoever labels, somebody has to evaluate the result. People who label have to be audited, and a judge has to be certified by people.
# All of that is comparing, and all of it is paid:

# %% tags=["hide-input", "nbval-check-output"]
label_usd = human_work.label_usd(values)
df = page.table(
    "tab-full-human-work",
    ["method", "labels", "validation", "evaluation", "audit", "hours", "paid [USD]"],
    [
        [found[name].label, *(fmt.number(count) if count else "-" for count in work),
         fmt.number(human_work.hours(work.total, values)), fmt.number(work.total * label_usd)]
        for name, work in needed.items()
    ],
    caption="Comparisons by people in each method, the hours that they take, and what people are paid, fees and rework included.",
)  # fmt: skip

# %% [markdown]
# Every method also starts from the same demonstrations, priced here at {glue:text}`seed_usd` each; volunteers wrote those of the
# article's pipeline {cite:p}`kopf2023openassistant`. The principles or the prompt that a judge follows are written by people too, and
# are not counted. Constitutional AI replaces people for harmlessness and keeps their labels for helpfulness
# {cite:p}`bai2022constitutional`.
#
# Whose preferences are these? {cite:t}`santurkar2023` compare the opinions of models with those of 60 US demographic groups in surveys,
# and find large differences that remain when a model is steered towards a group. That annotators are a narrow group may be a reason,
# though it was not measured; and a judge is such a model itself.
#
# ## Hidden costs have names: fees, rework, checks and staff
#
# The article multiplies the price of labels by {glue:text}`hidden_low` to {glue:text}`hidden_high` for costs it does not list. Listed one
# by one, the fee, the rework and the checks make {glue:text}`factor` (equation {eq}`eq-full-hidden`). With staff and training the whole
# project is {glue:text}`whole_factor` the price of its labels.
#
# Staff is our guess: {glue:text}`people_staff` with people and {glue:text}`judge_staff` with a judge. No source says how many days
# that takes, so put your own in first.
#
# ## Where people are the cheaper side
#
# Each row moves one input, leaves all others alone, staff and checks included, and says where people's whole project costs less than the
# column's. “Never” can stand here where {ref}`sec-break-even` prints a price of a comparison: that price is for projects with the same
# staff and checks.

# %% tags=["hide-input", "nbval-check-output"]
inputs = {
    "number of pairs": ("pairs", fmt.number), "price of a comparison": ("human_usd_per_pair", fmt.price),
    "price of a GPU-hour": ("price_usd_per_gpu_hour", fmt.price),
}  # fmt: skip
df = page.table(
    "tab-full-people-cheaper",
    ["people cost less, by the", *(found[ai].label for ai in AI)],
    [[what, *(fmt.crossing(break_even.people_cheaper(name, values, method), text) for method in AI.values())]
     for what, (name, text) in inputs.items()],
    caption="Where people's labels are the cheaper ones, whole project against whole project.",
)  # fmt: skip

# %% [markdown]
# No row says how often a judge must agree. More labels make up for random errors. A judge that errs on the same kind of pair again
# teaches its error, and more of its labels teach it better. Only people who check it on your own task can tell you which of the two
# you have.
#
# *Experts for the hard pairs.* Give {glue:text}`hard` of the pairs to experts at the lowest of the prices below and the rest to a judge:
# {glue:text}`expert_usd`, against {glue:text}`people_usd` for general annotators on all pairs. The prices have no better source than the
# article and a vendor's page ({ref}`sec-human-label-cost`).

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-full-experts",
    ["an expert's comparison [USD]", "share of the pairs [%]", "pairs"],
    [[fmt.price(each.usd).removeprefix("$"), fmt.number(100 * each.share, 1), fmt.number(each.share * pairs)] for each in expert_terms],
    caption="The share that experts may have before the mixture costs as much as general annotators for all pairs.",
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How this was computed
# :name: full-model
#
# The time of a method is that of its steps one after the other: people who set up and compare, a hosted judge, GPUs. Waiting for GPUs,
# for a batch of calls, or for a decision is not in it. DPO (training on which of two answers was preferred) of this model takes at least
# {glue:text}`dpo_gpus` of the GPUs; with fewer, the times are those that it would take if it fitted. Minutes, people, hours and set-up
# are assumptions of this book. One time was measured: 36.8 seconds for a crowd worker {cite:p}`li2023alpacaeval`. Three to five minutes
# are reported for comparisons with a check of facts {cite:p}`huyen2025aiengineering`.
#
# *Calendar.* People, a hosted judge and GPUs are three resources. People need a set-up of $d_0$ calendar days
# (contract, guidelines, training) before their first comparison in a method. Then $w$ annotators, each comparing for
# $\tau$ hours on five days of the week, make $m$ comparisons of $\mu$ minutes, a share $\rho$ of them twice. The judge
# answers $m\,o$ calls in $o$ orders at $v$ an hour, and $g$ GPUs share $t$ GPU-hours, both day and night:
#
# $$ d_\text{people} = d_0 + \frac{7}{5}\,\frac{m\,(1 + \rho)\,\mu}{60\,w\,\tau}, \qquad
# d_\text{judge} = \frac{m\,o}{24\,v}, \qquad d_\text{GPU} = \frac{t}{24\,g} $$ (eq-full-days)
#
# *Coordination.* If every annotator must agree on cases with every other, and each of the $w(w-1)/2$ pairs of people
# {cite:p}`brooks1975` costs $\kappa$ hours of work a day, the hours left for comparing are
#
# $$ W = w\,\tau - \kappa\,\frac{w\,(w - 1)}{2} $$ (eq-full-team)
#
# The next annotator adds $\tau - \kappa w$, nothing from $w = \tau / \kappa$ on. If annotators speak to one lead only,
# the overhead is proportional to $w$, and every further annotator shortens the calendar. Neither law was measured for
# labelling; $\kappa$ is an explicit assumption here.
#
# *Hidden costs.* With the platform's fee $f$ and the comparisons that evaluate the result, $n_E$, and audit the
# labels, $n_A$, $n$ pairs by people cost
#
# $$ h = (1 + f)\,(1 + \rho) \left( 1 + \frac{n_E + n_A}{n} \right) $$ (eq-full-hidden)
#
# times their direct price, whatever that price is, and staff on top. The article gives {glue:text}`hidden_low` to
# {glue:text}`hidden_high` for $h$ without a derivation ([B087](#claim-b087)).
#
# *Thresholds.* The cost of a method is linear in the pairs, in the price of a comparison and in that of a GPU-hour, so
# two methods are equal at one value of each or at none. A hybrid that costs $C_0$ with the judge alone and $C_1$ with
# experts alone may give them the share
#
# $$ s^* = \frac{C_\text{h} - C_0}{C_1 - C_0} $$ (eq-full-experts)
#
# of the pairs before it costs as much as general annotators, $C_\text{h}$.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter, with sources"}
_ = page.inputs(globals(), "tab-full-inputs")


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "What coordination in pairs costs a team", "code_prompt_hide": "What coordination in pairs costs a team"}
def coordination_row(minutes):
    size, hours = calendar_time.fastest_team(annotation_hours_per_day, minutes), hours_of_work[minutes_each]
    there, here = (calendar_time.team_hours(each, annotation_hours_per_day, minutes) for each in (size, annotators))
    weeks = [three(calendar_time.collecting_days(hours, team) / 7) if team > 0 else "never" for team in (there, here)]
    return [
        fmt.number(minutes),
        fmt.number(size),
        fmt.number(100 * (1 - there / size / annotation_hours_per_day)),
        *weeks,
    ]


header = [
    "minutes a day for each pair of people",
    "fastest team",
    "day lost there [%]",
    "its weeks",
    "weeks of the team here",
]
df = page.table("tab-full-coordination", header, [coordination_row(minutes) for minutes in (1, 5, 15)])


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The fewest GPUs that hold each training, by GPU", "code_prompt_hide": "The fewest GPUs that hold each training, by GPU"}
def gpus_row(gpu):
    fewest = [admissible.fewest_gpus(values | {"cluster_gpu": gpu}, [stage]) for stage in ("sft", "dpo", "ppo")]
    there = values | {"cluster_gpu": gpu, "policy_gpus": int(min(max(fewest[:2]), 1e9))}
    days = methods.self_rewarding(there).gpu_hours / max(fewest[:2]) / 24
    cells = [fmt.found(count, fmt.number, "does not fit") for count in fewest]
    return [gpus[gpu].label.removeprefix("NVIDIA "), *cells, three(days) if days else "-"]


cards = dict.fromkeys([values["cluster_gpu"], "a100-sxm-40gb", "a100-sxm-80gb"])
df = page.table(
    "tab-full-gpus", ["GPU", "for SFT", "for DPO", "for PPO", "self-rewarding there [days]"], map(gpus_row, cards)
)


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "What failed runs add", "code_prompt_hide": "What failed runs add"}
tried = sorted({1.0, run_overhead, known["run_overhead"].high})
totals = [methods.compare(values | {"run_overhead": times}) for times in tried]
df = page.table(
    "tab-full-failed-runs",
    ["method", *(f"{fmt.short(times)}x training [USD]" for times in tried), "last / first", "added [days]"],
    [
        [each.label, *(fmt.number(total[name].usd) for total in totals),
         fmt.ratio(totals[-1][name].usd / totals[0][name].usd, 2) if totals[0][name].usd else "-",
         three(round(totals[-1][name].days - totals[0][name].days, 9))]
        for name, each in found.items() if name != "published"
    ],
)  # fmt: skip


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the article that this chapter examines", "code_prompt_hide": "Statements of the article that this chapter examines"}
longest = max(machine_days[name] for name in ("published", "self-rewarding", "rlaif"))
growth = many / few, many * (many - 1) / (few * (few - 1))
page.ledger(
    "15_full_picture",
    check("B075", *weeks_of["collecting"]), check("B076", *weeks_of["people_weeks"]),
    observe("B077", fits and longest <= 7, f"at most {span(longest)} of machines on {fmt.number(policy_gpus)} x {gpu_label}, which "
            f"{'hold' if fits else 'do not hold'} the training"),
    observe("B080", growth[1] > growth[0], f"if each pair of people coordinates: {fmt.ratio(growth[0], 0)} the people, "
            f"{fmt.ratio(growth[1], 0)} the overhead; through a lead, {fmt.ratio(growth[0], 0)}"),
    observe("B105", people.days >= 28 and judged.days <= 7, f"{span(people.days)} to {span(judged.days)} with the same "
            f"evaluation; {span(found['published'].days)} if nobody evaluates"),
)  # fmt: skip


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Predicted GPU time with its error", "code_prompt_hide": "Predicted GPU time with its error"}
page.trust(
    "tab-full-trust",
    [
        ("DPO on human labels, GPUs at work", "alignment", by_resource["human-dpo"][3], span),
        ("RLHF with PPO on human labels, GPUs at work", "alignment", by_resource["human-ppo"][3], span),
        ("RLAIF, machines at work", "alignment", machine_days["rlaif"], span, by_resource["rlaif"][2]),
        *((f"{text}, GPU time", "alignment", shares.gpu_usd(method, values), fmt.price)
          for text, method in (("DPO on human labels", people), ("RLAIF", judged))),
    ],
)  # fmt: skip


# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: full-trust
#
# *Predicted* is the time of GPUs alone, {glue:text}`people_gpu_usd` of the project with people's labels. Four in five published runs lie
# between the two factors of the last table ({ref}`sec-validation`). Hours of people, staff, the speed of a hosted judge and all prices
# are inputs.
#
# *Medians* differ from the values above, because the ranges of set-up, minutes and annotators are skewed: {glue:text}`people_median` for
# people's labels, {glue:text}`judge_median` for a judge's, and {glue:text}`ratio_median` for their ratio. The set-up of people is
# {glue:text}`setup_share` of a judge's first round; a crowd platform may need less. Collecting takes {glue:text}`collecting_low` to
# {glue:text}`collecting_high` weeks in 90 % of the draws, and the whole project {glue:text}`people_weeks_low` to
# {glue:text}`people_weeks_high`, here {glue:text}`people_weeks`. Teams are drawn from {glue:text}`team_low` to {glue:text}`team_high`.
#
# *Left out.* Steps follow each other: set-up beside the other work would take at most the time of that other work off a first round. The
# set-up is that of a vendor's contract, whatever the number of comparisons. Annotators are all at work from the first day, at one speed,
# without holidays. A hosted judge answers at the rate measured for one user; calls at a batch price may wait for up to a day. GPUs are
# there when they are wanted, in any number. Failed runs repeat training and nothing else: a sweep that people judge would repeat its
# evaluation too. Evaluation, audit and validation are priced at the general rate even where experts label. Staff costs dollars and no
# days of its own, and legal work has neither. What would change the conclusion most is a time per comparison and a set-up that somebody
# measured.
#
# *Statements.* "Month-long" is read as four weeks or more, "days" as a week or less. Two quotations, on iteration and on supervising
# capable systems, were not found in the works named and are not used here ([B078](#claim-b078), [B085](#claim-b085)).
# {cite:t}`bowman2022` study the oversight of capable models; {cite:t}`casper2023` survey limits of RLHF, among them that people evaluate
# difficult tasks badly. Hours to days for the generation follow from the GPU-hours, if the GPUs hold the model ({ref}`sec-memory`).
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 15 -p annotators=40 -p minutes_per_comparison=4 -p human_setup_days=21
# papermill notebooks/15_full_picture.ipynb out.ipynb -p annotators 40 -y 'scenario: {num_validation_pairs: 2000}'
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`; times and prices of comparisons
# {cite:p}`li2023alpacaeval,huyen2025aiengineering,lambert2026rlhfbook,claru2026expert`; teams
# {cite:p}`brooks1975,ouyang2022instructgpt`; what people keep doing
# {cite:p}`bai2022constitutional,kopf2023openassistant,zheng2023judging,santurkar2023`; oversight
# {cite:p}`bowman2022,casper2023`; memory {cite:p}`rajbhandari2020zero`. Full entries: {doc}`/book/bibliography`.
