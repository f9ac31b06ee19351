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
# (sec-quality)=
# # What a dollar buys
#
# **Question.** How much better does a model get for a dollar of labels, from people or from a judge?
#
# **Answer.** It depends on who judges the result. Where both were tried on one model, people's labels gained
# {glue:text}`people_gain` points of win rate in the eyes of people, and GPT-4's, at {glue:text}`spend_share` of the
# price, {glue:text}`ai_gain`; in the eyes of GPT-4 and of Claude, GPT-4's came out ahead. So buy the first labels
# from a judge, let people label where the judge is weakest, and decide who will judge before you decide who labels.

# %% tags=["parameters"]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math
from collections import namedtuple

from costlib.base import fmt
from costlib.economics import labels, quality, reward_models, scenarios
from costlib.facts import catalog
from costlib.report import figures, page

rows, fits = catalog.table("quality_evidence"), catalog.table("quality_fits")
start, by_people, by_gpt4 = (rows[f"alpacafarm-{name}"] for name in ("sft", "ppo-human", "ppo-gpt4"))
judges = {
    "people": ("alpacafarm-sft", "alpacafarm-ppo-gpt4", "alpacafarm-ppo-human"),
    "GPT-4": tuple(f"alpacaeval-gpt4-{name}" for name in ("sft-52k", "ppo-gpt4", "ppo-human")),
    "Claude": tuple(f"alpacaeval-claude-{name}" for name in ("sft-52k", "ppo-gpt4", "ppo-human")),
}
paid = {
    "GPT-4": by_gpt4.number_labels * by_gpt4.usd_per_label,
    "people": rows["alpacafarm-label-usd"].value,
}

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Points of win rate gained over the start, against dollars paid for labels, by who judged. All three lines are of the same two policies: the left mark learnt from GPT-4's labels, the right one from people's. The start learnt from 10k demonstrations on the line of people, from 52k on the others. Bars: 90 % intervals.", "name": "fig-quality-points"}, "image": {"alt": "Three lines with two marks each, at about three hundred and at three thousand dollars of a logarithmic axis. The line of people rises from six to eleven points, those of GPT-4 and Claude fall slightly between the same two policies."}}
fig, ax = figures.canvas(6.0, 2.9)
ways = zip(judges.items(), figures.CYCLE, (1, 0.94, 1.07), (-9, 10, -1), strict=False)
for (who_judges, names), colour, shift, lift in ways:
    base, *ends = (rows[name] for name in names)
    heights = [each.value - base.value for each in ends]
    spread = [quality.Z * math.hypot(each.standard_error, base.standard_error) for each in ends]
    places = [paid[who] * shift for who in ("GPT-4", "people")]
    ax.errorbar(places, heights, spread, fmt="o-", color=colour, capsize=3)
    figures.say(ax, 3300, heights[1], f"judged by {who_judges}", color=colour, xytext=(9, lift))
ax.set(xscale="log", xlim=(220, 8000), ylim=(0, 23), ylabel="gain over the start [points]", xlabel="paid for labels [USD]",
       title="People favour people's labels, GPT-4 and Claude those of GPT-4")  # fmt: skip
figures.plain_log(ax.xaxis, [300, 1000, 3000], figures.usd_tick)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-quality-points",
    ["judged by", "labels of", "paid for labels [USD]", "gain over the start [points]", "half of the 90 % interval [points]"],
    [[who_judges, who, paid[who], rows[name].value - rows[names[0]].value,
      quality.Z * math.hypot(rows[name].standard_error, rows[names[0]].standard_error)]
     for who_judges, names in judges.items() for who, name in zip(("GPT-4", "people"), names[1:], strict=True)],
)  # fmt: skip

# %% [markdown]
# ## Inputs
#
# The evidence does not depend on these inputs. They set the number of pairs of the example in the section on errors.

# %% tags=["hide-input", "nbval-check-output"]
values = page.inputs(globals(), "tab-quality-inputs")

# %% [markdown]
# ## Model
#
# Nobody can identify one function from labels and their source to quality: which source wins changes with the
# evaluator, and no study varies both. What can be modelled are three steps, each from its own sources, and they are
# not joined.
#
# *Labels to a reward model.* Of $n$ labels of which a share $e$ is flipped at random, as much is learnt as of
#
# $$ n_\text{eff} = n\,(1 - 2e)^2 $$ (eq-quality-effective)
#
# correct ones. An error that a judge always makes is not random: it moves what is learnt by $b$, and no $n$ removes it.
# Reward models that learn from $n_H$ labels by people and $n_J$ by a judge differ in accuracy on people's labels by
#
# $$ \Delta = s \log_2 \frac{n_H}{n_J\,(1 - 2e)^2} + b $$ (eq-quality-accuracy)
#
# with $s$ of {glue:text}`slope` points for each doubling of the labels {cite:p}`stiennon2020` and $b$ of
# {glue:text}`shift` points, in a further study from {glue:text}`shift_low` to {glue:text}`shift_high`, which five
# reward models of one paper tell {cite:p}`lee2024rlaif`. Valid from about 2,000 labels, below which hardly anything
# is learnt {cite:p}`gao2023overoptimization`.
#
# *A reward model to the outcome.* After PPO the mean of nine benchmarks follows the score $x$ of the reward model on
# RewardBench 2 {cite:p}`malik2025rewardbench2` as
#
# $$ y = P - D\,e^{-x / w} $$ (eq-quality-outcome)
#
# which is flat from {glue:text}`flat_from` on. The best of $k$ answers, picked by a reward model whose labels were
# partly flipped, keeps of the gain the share
#
# $$ 1 - l \left( \log k - \frac{k - 1}{k} \right) \frac{(1 - 2e)^{-2} - 1}{3} $$ (eq-quality-kept)
#
# with a loss $l$ of {glue:text}`loss` for each nat of optimisation {cite:p}`dubois2023alpacafarm`. The last factor is
# one at a quarter of flipped labels, where it was measured; its form below is an assumption.
#
# *The outcome to a number* by who judges: a table, fitted to nothing.
#
# *Dollars.* Of a gain $g$ with the standard error $\sigma$, bought for $C$ dollars, a point cost, and the ends of its
# 90 % interval, with the normal quantile $z$ that leaves one case in ten outside, are
#
# $$ \frac{C}{g}, \qquad \frac{C}{g \pm z\,\sigma} $$ (eq-quality-price)

# %%
every, test = quality.contrasts(), quality.tested()
gains = {"people": by_people.value - start.value, "GPT-4": by_gpt4.value - start.value}
a_point = {who: quality.usd_per_point(paid[who], gains[who], math.hypot(row.standard_error, start.standard_error))
           for who, row in (("people", by_people), ("GPT-4", by_gpt4))}  # fmt: skip

# %% tags=["remove-cell"]
two_checks = 2 * rows["alpacafarm-evaluation-usd"].value


def relative(by_model=by_gpt4.number_labels, checks=0.0, people_usd=paid["people"]):
    return quality.relative_usd_per_point(
        people_usd + checks, (gains["people"], by_people.standard_error), by_model * by_gpt4.usd_per_label + checks,
        (gains["GPT-4"], by_gpt4.standard_error), start.standard_error)  # fmt: skip


checked = {who: quality.usd_per_point(paid[who] + two_checks, gains[who], math.hypot(row.standard_error, start.standard_error))
           for who, row in (("people", by_people), ("GPT-4", by_gpt4))}  # fmt: skip
times, few, times_checked = relative(), relative(by_model=by_people.number_labels), relative(checks=two_checks)
last = quality.usd_per_point(paid["people"] - paid["GPT-4"], by_people.value - by_gpt4.value,
                             math.hypot(by_people.standard_error, by_gpt4.standard_error))  # fmt: skip
pairs = scenarios.num_pairs(values)
annotators = [reward_models.label_information(name) for name in catalog.table("annotators")]
people_errors, gpt4_errors, chatgpt_errors, longest_errors = (
    reward_models.label_information(name) for name in ("people", "gpt-4-alpacaeval", "chatgpt", "longest"))  # fmt: skip
Shown = namedtuple("Shown", "shown_as task kind difference in_fit")
contrasts_shown = [
    Shown(
        f"{each.human.study}, {each.human.evaluator if each.human.study != 'HyPER' else each.human.measure}",
        each.human.task,
        each.human.evaluator,
        each.difference,
        each.in_fit,
    )
    for kind in quality.EVALUATORS
    for each in every
    if each.human.evaluator == kind
]
flat = [point.y for point in reward_models.curve("ppo-on-policy") if point.x >= fits["flat-from"].value]
hits = [each for each in test if each.hit]
signs = {kind: {each.difference > 0 for each in quality.contrasts(kind)} for kind in quality.EVALUATORS}

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert all(len(found) == 2 for found in signs.values()), "no evaluator has one sign"
assert a_point["people"].low <= a_point["people"].value <= a_point["people"].high, "an interval holds its middle"
assert times.low * paid["GPT-4"] <= times.value * paid["GPT-4"] <= times.high * paid["GPT-4"], "so has a quotient"
assert all(0 <= each.random < 0.5 and each.systematic < 0.5 for each in annotators), "nobody is worse than a coin"
assert reward_models.effective_labels(pairs, 0.0) == pairs, "labels without error all count"

# %% tags=["remove-cell", "nbval-check-output"]
page.publish_all("points", lambda points: fmt.number(points, 1), people_gain=gains["people"], ai_gain=gains["GPT-4"],
                 slope=fits["slope"].value, shift=fits["shift"].value, shift_low=fits["shift"].low,
                 shift_high=fits["shift"].high, flat_from=fits["flat-from"].value, plateau=fits["plateau"].value,
                 flat_spread=max(abs(score - fits["plateau"].value) for score in flat),
                 best_score=max(point.x for point in reward_models.curve("ppo-on-policy")),
                 largest=max(each.difference for each in every), smallest=-min(each.difference for each in every),
                 next_low=fits["outcome"].low, next_high=fits["outcome"].high)  # fmt: skip
other = reward_models.curve("ppo-off-policy")
page.publish_ends("points", lambda points: fmt.number(points, 1), other_score=[point.x for point in other],
                  other_policy=[point.y for point in other])  # fmt: skip
page.publish("spend_share", paid["GPT-4"] / paid["people"], "fraction", fmt.percent(paid["GPT-4"] / paid["people"]))
page.publish_all("fraction", fmt.tenths, loss=fits["loss-per-nat"].value, stays=gpt4_errors.systematic_share,
                 one_person=people_errors.random, three_people=reward_models.majority_error(people_errors.random, 3),
                 floor=gpt4_errors.systematic, longest=longest_errors.agreement)  # fmt: skip
page.publish_all("USD", lambda usd: fmt.usd(usd, 0), people_point=a_point["people"].value, ai_point=a_point["GPT-4"].value,
                 last_point=last.value, one_evaluation=rows["alpacafarm-evaluation-usd"].value)  # fmt: skip
page.publish_all("ratio", lambda ratio: fmt.number(ratio, 0), times_low=times.low, times_high=few.high)
page.publish_all(
    "ratio", lambda ratio: fmt.rounded(ratio, 1), checked_low=times_checked.low, checked_high=times_checked.high
)
page.publish_all("count", fmt.number, contrasts=len(every), predictions=len(test), hits=len(hits))
page.publish("pairs", pairs, "pairs", fmt.number(pairs))
page.publish(
    "mean_pairs",
    reward_models.effective_labels(pairs, 0.25),
    "pairs",
    fmt.number(reward_models.effective_labels(pairs, 0.25)),
)
page.publish_all("comparisons", fmt.number, resolve=labels.evaluation_comparisons(1, z=1))
page.publish_all("fraction", fmt.percent, kept_16=reward_models.kept_gain(0.25, 16).value,
                 kept_1024=reward_models.kept_gain(0.25, 1024).value)  # fmt: skip
page.publish_all("%", lambda percent: fmt.number(percent, 1),
                 worse_model=rows["lee-reward-summaries-ai-base"].value, better_policy=rows["lee-reward-summaries-ai"].value)  # fmt: skip

# %% [markdown]
# ## Result
#
# ### Which labels win depends on who judges, and on the task
#
# In {glue:text}`contrasts` published comparisons the same method learnt from people's labels and from a model's.
# People's labels came out ahead by up to {glue:text}`largest` points and behind by up to {glue:text}`smallest`. Among
# those that people judged, among those that models judged and among benchmarks there are both signs, so a mean would
# say nothing. AlpacaFarm shows it on one pair of policies, in the figure above
# {cite:p}`dubois2023alpacafarm,li2023alpacaeval`: people see a lead of two standard errors for people's labels, GPT-4
# and Claude one of about one standard error for GPT-4's.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "People's labels less a model's, in points. Right of the line people's labels did better. Filled: what predictions are made of; hollow: left out of every fit, or AlpacaFarm again with length controlled.", "name": "fig-quality-contrasts"}, "image": {"alt": "Seven rows of dots in three colours: judged by people, by models and by benchmarks. In each colour dots lie on both sides of zero, from thirteen points below to seven above."}}
rows_of = list(dict.fromkeys(each.shown_as for each in contrasts_shown))[::-1]
kinds = dict(zip(quality.EVALUATORS, (figures.BLUE, figures.ORANGE, figures.GREEN), strict=True))
fig, ax = figures.canvas(5.6, 2.3)
for each in contrasts_shown:
    colour = kinds[each.kind]
    ax.plot(
        each.difference, rows_of.index(each.shown_as), "o", color=colour, ms=8, mfc=colour if each.in_fit else "white"
    )
ax.axvline(0, color="black", lw=1)
ax.set(yticks=range(len(rows_of)), yticklabels=rows_of, xticks=[-10, -5, 0, 5], xlabel="people's labels less a model's [points]",
       title="No kind of evaluator sees one sign")  # fmt: skip
ax.tick_params(axis="y", labelsize=10)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-quality-contrasts",
    ["study and evaluator", "task", "people's labels less a model's [points]"],
    [[each.shown_as, each.task, each.difference] for each in contrasts_shown],
)  # fmt: skip

# %% [markdown]
# Each comparison has confounders, and the same policy was rated 71 in one session and 67 in another
# {cite:p}`lee2024rlaif`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-quality-contrasts",
    ["comparison", "judged by", "people's less a model's [points]", "what else differs"],
    [[each.label, each.human.judged_by.split(",")[0], fmt.number(each.difference, 1)
      + ("" if each.standard_error is None else f" ± {fmt.number(each.standard_error, 1)}"), each.confounders]
     for kind in quality.EVALUATORS for each in every if each.human.evaluator == kind],
    "With one standard error where errors are printed",
)  # fmt: skip

# %% [markdown]
# ### The first points are cheap from a judge, the last were bought from people alone
#
# When people judged, a point cost {glue:text}`people_point` in people's labels and {glue:text}`ai_point` in GPT-4's.
# Nobody has shown that more of GPT-4's labels buy the points that are left: those cost {glue:text}`last_point` each.
# Between the two spends, above them, and for other models, nothing is measured. Below a few hundred dollars people's
# labels are fewer than the 2,000 from which reward models begin to learn {cite:p}`gao2023overoptimization`. Judged by
# GPT-4 or Claude, GPT-4's labels are ahead at every spend that was measured.

# %% tags=["hide-input", "nbval-check-output"]
money = lambda found: [fmt.usd(found.value, 0), fmt.between(found.low, found.high, lambda usd: fmt.usd(usd, 0))]  # noqa: E731
df = page.table(
    "tab-quality-dollars",
    ["bought", "labels [USD]", "win rate", "points gained", "USD per point", "90 %", "with two evaluations by people", "90 %, so"],
    [["nothing: the start", "$0", fmt.number(start.value, 1), "-", "-", "-", "-", "-"],
     ["GPT-4's labels", fmt.usd(paid["GPT-4"], 0), fmt.number(by_gpt4.value, 1), fmt.number(gains["GPT-4"], 1),
      *money(a_point["GPT-4"]), *money(checked["GPT-4"])],
     ["people's labels", fmt.usd(paid["people"], 0), fmt.number(by_people.value, 1), fmt.number(gains["people"], 1),
      *money(a_point["people"]), *money(checked["people"])],
     ["people's after GPT-4's", fmt.usd(paid["people"] - paid["GPT-4"], 0), "-", fmt.number(by_people.value - by_gpt4.value, 1),
      *money(last), "-", "-"]],
    "AlpacaFarm, judged by people: the spends that were measured, and what they bought",
)  # fmt: skip

# %% [markdown]
# So people's labels cost {glue:text}`times_low` to {glue:text}`times_high` times as much for a point: this joins the
# intervals for either count of GPT-4's labels, the first two rows of the table under *Sensitivity*. It is
# {glue:text}`checked_low` to {glue:text}`checked_high` times once people evaluate the start and the result, at
# {glue:text}`one_evaluation` each. Evaluation is no detail: a point is one standard error of a difference only with
# {glue:text}`resolve` comparisons of each policy, and {ref}`sec-equal-footing` counts those that see it at 95 %.
#
# ### Random errors average out, errors of a habit do not
#
# People who disagree with each other err at random, by definition: their majority is the reference. A judge mostly
# errs in the same way every time. {glue:text}`stays` of GPT-4's disagreement with people stays however many labels it
# writes {cite:p}`li2023alpacaeval`. One person is wrong in {glue:text}`one_person` of the pairs; the majority of
# three, if they err alike and independently, in {glue:text}`three_people`, which is below the {glue:text}`floor` that
# no number of GPT-4's labels passes.
#
# Agreement alone hides this. A rule that takes the longer answer agrees with people in {glue:text}`longest` of the
# pairs, costs nothing and knows nothing; every price per agreement must be held against it.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-quality-labels",
    ["who labels", "USD per 1,000 labels", "agreement with people", "random error", "systematic error", "of its disagreement, stays"],
    [[each.label, fmt.dollars(1000 * each.usd), *map(fmt.tenths, (each.agreement, each.random, each.systematic, each.systematic_share))] for each in annotators],
    "One data set, 650 instructions with four labels each; people are the reference, and the last row is a rule",
)  # fmt: skip

# %% [markdown]
# With a quarter of them flipped at random, the {glue:text}`pairs` pairs of this run would teach as much as
# {glue:text}`mean_pairs` without an error.
#
# ### A more accurate reward model is not a better model
#
# Reward models of one family that score from {glue:text}`flat_from` to {glue:text}`best_score` on RewardBench 2 make
# policies within {glue:text}`flat_spread` points of {glue:text}`plateau` {cite:p}`malik2025rewardbench2`; below,
# worse ones make worse policies. Five of another family scored {glue:text}`other_score_low` to
# {glue:text}`other_score_high`, and their policies {glue:text}`other_policy_low` to {glue:text}`other_policy_high`.
#
# In another paper the labels of one prompt made a reward model that was right in {glue:text}`worse_model` % of the
# pairs, and those of a second in {glue:text}`better_policy` %. The policy of the first lost 41 to 59
# {cite:p}`lee2024rlaif`.
#
# ### Noise is cheap if you optimise little
#
# With a quarter of the labels flipped at random, the best of 16 answers keeps {glue:text}`kept_16` of the gain and
# the best of 1,024 {glue:text}`kept_1024`. Noise and pressure multiply, which no count of effective labels can say.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The share of the gain of best-of-n that is kept when a quarter of the labels is flipped at random, of two kinds of labels; line: the fit, band: its 90 % interval.", "name": "fig-quality-noise"}, "image": {"alt": "Two rows of dots fall, over a logarithmic axis, from nine tenths at four answers to a half and a quarter at a thousand, around a falling line with a band."}}
noise = {f"{who}'s labels": reward_models.kept_measured(key) for who, key in (("GPT-4", "gpt4"), ("a pool", "pool"))}
answers = [point.best_of for point in noise["GPT-4's labels"]]
fit = [reward_models.kept_gain(0.25, each) for each in answers]
fig, ax = figures.canvas(5.0, 2.2)
ax.fill_between(answers, [each.low for each in fit], [each.high for each in fit], color=figures.GREY, alpha=0.25, lw=0)
ax.plot(answers, [each.value for each in fit], color=figures.GREY)
for (who, points), colour in zip(noise.items(), (figures.ORANGE, figures.GREEN), strict=True):
    ax.plot(answers, [point.kept for point in points], "o", color=colour, label=who)
ax.set(
    xscale="log",
    ylim=(0, 1.05),
    xlabel="best of [answers]",
    ylabel="gain kept [-]",
    title="The harder you optimise, the more noise costs",
)
ax.legend(loc="lower left")
figures.plain_log(ax.xaxis, [4, 16, 64, 256, 1024])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-quality-noise", ["labels", "best of [answers]", "gain kept [-]"],
    [[who, point.best_of, point.kept] for who, points in noise.items() for point in points],
)  # fmt: skip

# %% [markdown]
# ### A few labels by people, placed where the judge is weakest, are the best-supported purchase
#
# In one study that we left out of every fit, people labelled 6 to 7 % of the pairs, those that the scores of a reward
# model marked as mislabelled. The policy did better than with a judge alone, with the same share placed at random,
# and with people's labels throughout {cite:p}`rlthf2025`. Curation by people with tools beside a model gained most in
# another {cite:p}`liu2025skyworkv2`. A mix that a router chose did better than GPT-4 alone on seven of eight measures
# {cite:p}`miranda2025hybrid`, four of which it had been chosen by. Against it: all labels of both sources together
# did no better than people's alone {cite:p}`lee2024rlaif`.
#
# ### Most predictions for two studies hold, because they promise little
#
# RLTHF and HyPER decided no fitted value. What the fits say of them was written down and registered by its hash
# before it was compared. This was not blind: we knew both. {glue:text}`hits` of {glue:text}`predictions` predictions
# hold. In a further study people's labels less a model's are expected from {glue:text}`next_low` to
# {glue:text}`next_high` points, which is so wide that a hit proves little. The misses teach more: correcting a few
# labels lifted accuracy by more than the corrected share, presumably because the reward model passes corrections on.

# %% tags=["hide-input", "nbval-check-output"]
asked = {"accuracy": "accuracy, people less AI", "outcome": "people less AI", "random mix": "people's share at random, less AI",
         "targeted mix": "people's share where it counts, less AI", "targeted accuracy": "accuracy with a corrected share [%]"}  # fmt: skip
groups = list(dict.fromkeys((each.row.study, each.row.quantity) for each in test))
of_group = {key: [each for each in test if (each.row.study, each.row.quantity) == key] for key in groups}
df = page.table(
    "tab-quality-predictions",
    ["study", "what [points]", "predicted, 90 %", "found", "hits"],
    [[study, asked[quantity],
      "above 0" if quantity == "targeted mix" else
      "; ".join(dict.fromkeys(f"{fmt.number(each.row.low, 1)} to {fmt.number(each.row.high, 1)}" for each in of_group[study, quantity])),
      "; ".join(fmt.number(each.found, 1) for each in of_group[study, quantity]),
      f"{sum(each.hit for each in of_group[study, quantity])} of {len(of_group[study, quantity])}"]
     for study, quantity in groups],
    "RLTHF: dialogue, then summaries. HyPER: four data sets, RewardBench and best of N of each",
)  # fmt: skip

# %% [markdown]
# The function that makes these predictions takes any further study, or refuses with the input that is missing:
#
# ```python
# from costlib.economics import quality
# quality.predict("accuracy", labels_by_people=40_000, labels_by_ai=40_000, error=0.25)
# quality.predict("outcome", same_pairs=True, method="dpo", evaluator="people")
# ```
#
# ### What a decision maker can be told
#
# The first sentences rest on evidence; the others do not, and must not be told.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-quality-advice",
    ["may be told", "sentence", "holds for, or why not", "rows of evidence"],
    [["yes" if row.may_be_told else "no", row.sentence, row.conditions, row.evidence.replace("|", ", ")]
     for row in catalog.table("advice").values()],
)  # fmt: skip

# %% [markdown]
# ### Statements examined here
#
# No statement of the two documents is first examined here. That synthetic preferences align models as well as human ones
# ([B101](#claim-b101)), and comparably or better ([B106](#claim-b106)), is what one evaluator saw and another did not.
#
# ## Sensitivity
#
# What a point of people's labels costs, over one of GPT-4's, with one thing changed at a time. The paper does not say
# how many labels GPT-4 gave.

# %% tags=["hide-input", "nbval-check-output"]
dearer = by_people.number_labels * rows["lee-summaries-human"].usd_per_label
cases = {"as above": times, "as many labels by GPT-4 as by people": few, "with two evaluations by people": times_checked,
         "people at the price of another paper": relative(people_usd=dearer)}  # fmt: skip
df = page.table(
    "tab-quality-sensitivity",
    ["changed", "people's over GPT-4's, USD per point", "90 %"],
    [[what, fmt.ratio(found.value), fmt.between(found.low, found.high, fmt.ratio)] for what, found in cases.items()],
)

# %% [markdown]
# ## Limits
#
# *Old and small.* Win rates judged by people, with labels of both kinds and a price, exist for one base model of
# 2023, two spends and general instructions. Judges, prices and base models have moved since.
#
# *Copied.* The numbers of RLTHF, HyPER, Ivison et al., Skywork-Reward-V2 and of two fits of data size were read in
# notes, slides or transcriptions; no dollar of this chapter rests on them.
#
# *Not independent.* Four of the eight comparisons behind the interval of a further study are one pair of policies,
# and five reward models of one paper tell the shift of a judge. The loss by noise was measured at one share of flips,
# and the bend of the outcome rests on three models that learnt from flipped labels.
#
# *Unknown.* A curve of win rate against people's labels; judges' labels beyond 20,000 with new prompts; the bias of
# today's judges against a majority of people; labels of experts; safety other than harmlessness. Nothing here may be
# extrapolated there.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 20 -p num_pairs_m2=20000
# papermill notebooks/20_quality.ipynb out.ipynb -p num_pairs_m1 10000
# ```
#
# ## References
#
# Labels and outcomes
# {cite:p}`dubois2023alpacafarm,li2023alpacaeval,lee2024rlaif,ivison2024unpacking,rlthf2025,miranda2025hybrid,liu2025skyworkv2`;
# reward models {cite:p}`stiennon2020,gao2023overoptimization,malik2025rewardbench2,shen2024datacentric,frick2024ppe`;
# noise and agreement {cite:p}`gao2024noise,wang2024secrets2,norman2026reliability,zheng2023judging`. Tables of facts:
# {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
