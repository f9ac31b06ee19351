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
# # Which labels make the better model?
#
# It depends on who looks at the result. A study called AlpacaFarm trained one model with either kind: people saw a gain of
# {glue:text}`people_gain` points of win rate from people's labels and of {glue:text}`ai_gain` from GPT-4's, which cost
# {glue:text}`spend_share` as much. GPT-4 and Claude saw it the other way round, by so little that it may be chance.
#
# A *win rate* is the share of comparisons in which somebody prefers the new model's answer. So decide whose preference you want to
# win before you decide whose labels to buy. Then buy the first labels from a judge, and let people label where that judge is
# weakest. If somebody tells you how many of a judge's labels are worth one of people's, ask who judged.

# %% tags=["parameters", "remove-cell"]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math
import textwrap

from costlib.base import fmt
from costlib.economics import labels, quality, reward_models, scenarios
from costlib.facts import catalog
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
pairs = scenarios.num_pairs(page.inputs(globals()))
rows, fits = catalog.table("quality_evidence"), catalog.table("quality_fits")
judges = {"people": ("alpacafarm-sft", "alpacafarm-ppo-gpt4", "alpacafarm-ppo-human")}
judges |= {judge: tuple(f"alpacaeval-{judge.lower().replace('-', '')}-{name}" for name in ("sft-52k", "ppo-gpt4", "ppo-human"))
           for judge in ("GPT-4", "Claude")}  # fmt: skip
bought, relative = quality.purchases(), quality.relative_prices()
times, few, times_checked = (relative[case] for case in ("as paid", "as many of GPT-4's labels", "two evaluations"))
# Of each judge and each kind of labels: the gain over the start, and half of its 90 % interval.
gains = {(who_judges, who): (rows[name].value - rows[base].value, quality.Z * math.hypot(rows[name].standard_error, rows[base].standard_error))
         for who_judges, (base, *ends) in judges.items() for who, name in zip(("GPT-4", "people"), ends, strict=True)}  # fmt: skip
every, test = [each for kind in quality.EVALUATORS for each in quality.contrasts(kind)], quality.tested()
labellers = [reward_models.label_information(name) for name in catalog.table("annotators")]
people_errors, gpt4_errors, longest_errors = map(reward_models.label_information, ("people", "gpt-4-alpacaeval", "longest"))  # fmt: skip
curve, other = map(reward_models.curve, ("ppo-on-policy", "ppo-off-policy"))
of_group = {key: [each for each in test if (each.row.study, each.row.quantity) == key]
            for key in dict.fromkeys((each.row.study, each.row.quantity) for each in test)}  # fmt: skip
routed, placed = of_group["HyPER", "targeted mix"], [each.row.share for each in of_group["RLTHF", "targeted mix"]]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for kind in quality.EVALUATORS:
    assert {each.difference > 0 for each in quality.contrasts(kind)} == {True, False}, "no evaluator has one sign"
for each in (bought["people"].per_point, times):
    assert each.low <= each.value <= each.high, "an interval holds its middle"
assert all(0 <= each.random < 0.5 and each.systematic < 0.5 for each in labellers), "nobody is worse than a coin"
assert reward_models.effective_labels(pairs, 0.0) == pairs, "labels without error all count"


# %% tags=["remove-cell", "nbval-check-output"]
def tenth(number):
    return fmt.number(number, 1)


def around(found):
    return "-" if found is None else f"{fmt.number(found.value)} ({fmt.between(found.low, found.high, fmt.number)})"


# fmt: off
page.publish_all("points", tenth, people_gain=bought["people"].gain, ai_gain=bought["GPT-4"].gain, slope=fits["slope"].value,
    shift=fits["shift"].value, shift_low=fits["shift"].low, shift_high=fits["shift"].high, flat_from=fits["flat-from"].value,
    plateau=fits["plateau"].value, flat_spread=max(abs(point.y - fits["plateau"].value) for point in curve if point.x >= fits["flat-from"].value),
    best_score=max(point.x for point in curve), largest=max(each.difference for each in every),
    smallest=-min(each.difference for each in every), next_low=fits["outcome"].low, next_high=fits["outcome"].high)
page.publish_ends("points", tenth, other_score=[point.x for point in other], other_policy=[point.y for point in other])
page.publish_all("fraction", fmt.percent, spend_share=bought["GPT-4"].usd / bought["people"].usd,
    kept_16=reward_models.kept_gain(0.25, 16).value, kept_1024=reward_models.kept_gain(0.25, 1024).value)
page.publish_ends("fraction", fmt.percent, placed=placed)
page.publish_all("fraction", fmt.tenths, loss=fits["loss-per-nat"].value, stays=gpt4_errors.systematic_share,
    one_person=people_errors.random, three_people=reward_models.majority_error(people_errors.random, 3),
    floor=gpt4_errors.systematic, longest=longest_errors.agreement)
page.publish_all("USD", lambda usd: fmt.usd(usd, 0), people_point=bought["people"].per_point.value, ai_point=bought["GPT-4"].per_point.value,
    last_point=bought["people after GPT-4"].per_point.value, one_evaluation=rows["alpacafarm-evaluation-usd"].value)
page.publish_all("ratio", fmt.number, times_low=times.low, times_high=few.high)
page.publish_all("ratio", lambda ratio: fmt.rounded(ratio, 1), checked_low=times_checked.low, checked_high=times_checked.high)
page.publish_all("count", fmt.number, contrasts=len(every), predictions=len(test), hits=sum(each.hit for each in test),
    routed=len(routed), routed_better=sum(each.found > 0 for each in routed))
page.publish_all("pairs", fmt.number, pairs=pairs, mean_pairs=reward_models.effective_labels(pairs, 0.25))
page.publish_all("comparisons", fmt.number, resolve=labels.evaluation_comparisons(1, z=1))
page.publish_all("%", tenth, worse_model=rows["lee-reward-summaries-ai-base"].value, better_policy=rows["lee-reward-summaries-ai"].value)
page.publish_all("%", fmt.number, session=rows["lee-summaries-ai"].value, session_again=rows["lee-summaries-ai-again"].value)
# fmt: on

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Two results, three verdicts. Each line joins the gain of the model that learned from GPT-4's labels (left) with that of the one that learned from people's (right), by who judged. The start learned from 10k demonstrations on the line of people, from 52k on the others, which may have seen other checkpoints. Bars: 90 % intervals.", "name": "fig-quality-points"}, "image": {"alt": "Three lines with two marks each, at about three hundred and at three thousand dollars of a logarithmic axis. The line of people rises from six to eleven points, those of GPT-4 and Claude fall slightly between the same two policies."}}
fig, ax = figures.canvas(5.2, 3.6)
ways = zip(judges, (figures.ORANGE, figures.BLUE, figures.SKY), (1, 0.93, 1.08), (-4, 9, -5), strict=True)
for who_judges, colour, shift, lift in ways:
    heights, spread = zip(*(gains[who_judges, who] for who in ("GPT-4", "people")), strict=True)
    places = [bought[who].usd * shift for who in ("GPT-4", "people")]
    ax.errorbar(places, heights, spread, fmt="o-", color=colour, capsize=3)
    figures.say(ax, 3400, heights[1], who_judges + ("\njudged" if who_judges == "people" else " judged"), xytext=(7, lift))  # fmt: skip
ax.set(xscale="log", xlim=(230, 14000), ylim=(0, 23), ylabel="gain over the start [points]", xlabel="paid for labels [USD]")  # fmt: skip
figures.title(ax, "People see more in people's labels, GPT-4 and Claude do not")
figures.plain_log(ax.xaxis, [300, 1000, 3000], figures.usd_tick)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-quality-points",
    ["judged by", "labels of", "paid for labels [USD]", "gain over the start [points]", "half of the 90 % interval [points]"],
    [[who_judges, who, bought[who].usd, *found] for (who_judges, who), found in gains.items()])  # fmt: skip

# %% [markdown]
# ## Who judges decides which labels win
#
# In {glue:text}`contrasts` published comparisons the same method learned from people's labels and from a model's. People's came out
# ahead by up to {glue:text}`largest` points and behind by up to {glue:text}`smallest`. Each kind of evaluator saw both signs: people,
# models and benchmarks. An average would hide the one thing that these studies agree on, that the winner depends on the evaluator and
# on the task.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Every kind of evaluator has seen either side win. Each mark is one published comparison: right of the line people's labels did better, left of it a model's. Orange: judged by people; blue: by models; green: by benchmarks. Hollow marks are of studies that we left out of every fit, or AlpacaFarm again with the length of answers controlled.", "name": "fig-quality-contrasts"}, "image": {"alt": "Seven rows of dots in three colours: judged by people, by models and by benchmarks. In each colour dots lie on both sides of zero, from thirteen points below to seven above."}}
shown_as = {each: f"{each.human.study}, {each.human.measure if each.human.study == 'HyPER' else each.human.evaluator}"
            for each in every}  # fmt: skip
rows_of = list(dict.fromkeys(shown_as.values()))[::-1]
kinds = dict(zip(quality.EVALUATORS, (figures.ORANGE, figures.BLUE, figures.GREEN), strict=True))
fig, ax = figures.canvas(5.2, 4.2)
for each, row in shown_as.items():
    face = "full" if each.in_fit else "none"
    ax.plot(each.difference, rows_of.index(row), "o", color=kinds[each.human.evaluator], ms=8, fillstyle=face, mew=1.6)
ax.axvline(0, color="black", lw=1)
ax.set(xticks=[-10, -5, 0, 5], xlabel="people's labels less a model's [points]")
ax.set_yticks(range(len(rows_of)), [textwrap.fill(row, 16) for row in rows_of])
figures.title(ax, "No kind of evaluator sees one sign")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-quality-contrasts", ["study and evaluator", "task", "people's labels less a model's [points]"],
    [[row, each.human.task, each.difference] for each, row in shown_as.items()])  # fmt: skip

# %% [markdown]
# None of them is a clean experiment. The number of labels, the length of answers or the state of the model differs too, as the folded
# list says. Even one model has no single score: people preferred it in {glue:text}`session` % of the comparisons of one session and in
# {glue:text}`session_again` % of another {cite:p}`lee2024rlaif`.
#
# ## The first points are cheap from a judge, the last were bought from people
#
# Where people judged, a point of win rate cost {glue:text}`people_point` in people's labels and {glue:text}`ai_point` in GPT-4's
# {cite:p}`dubois2023alpacafarm`. Yet GPT-4's labels stopped at the lower gain, and nobody has shown that more of them buy the rest.
# People's labels did, at {glue:text}`last_point` a point.

# %% tags=["hide-input", "nbval-check-output"]
won = {"GPT-4": rows["alpacafarm-ppo-gpt4"].value, "people": rows["alpacafarm-ppo-human"].value}
named = {"GPT-4": "GPT-4's labels", "people": "people's labels", "people after GPT-4": "people's labels after GPT-4's"}
df = page.table("tab-quality-dollars",
    ["bought", "labels [USD]", "win rate [%]", "gain [points]", "a point [USD], 90 %", "with two evaluations [USD], 90 %"],
    [["nothing: the start", "0", tenth(rows["alpacafarm-sft"].value), "-", "-", "-"],
     *([named[who], fmt.number(each.usd), tenth(won[who]) if who in won else "-", tenth(each.gain), around(each.per_point), around(each.checked)]
       for who, each in bought.items())],
    "What was paid and what it bought in AlpacaFarm, with people as judges: a judge's points are the cheaper ones, and fewer")  # fmt: skip

# %% [markdown]
# So a point cost {glue:text}`times_low` to {glue:text}`times_high` times as much from people; the range spans both counts of GPT-4's
# labels that the paper allows, the first two rows below. But you will want to know whether your
# model became better, and you pay people who compare answers for that on both sides. With one evaluation before and one after, at
# {glue:text}`one_evaluation` each, the factor shrinks to {glue:text}`checked_low` to {glue:text}`checked_high`. Where labels
# cost little, checks are the larger part of the bill.

# %% tags=["hide-input", "nbval-check-output"]
cases = dict(zip(relative, ("as above", "as many labels by GPT-4 as by people", "with two evaluations by people",
                            "people at the price of another paper"), strict=True))  # fmt: skip
df = page.table("tab-quality-sensitivity", ["changed", "people's over GPT-4's, USD per point", "90 %"],
    [[what, fmt.ratio(relative[case].value), fmt.between(relative[case].low, relative[case].high, fmt.ratio)] for case, what in cases.items()],
    "A point of people's labels over one of GPT-4's: the factor hangs on the labels, the price and the checks that you count")  # fmt: skip

# %% [markdown]
# Do not read between the marks: for other sums and models nothing was measured, and a few hundred dollars buy fewer of
# people's labels than the 2,000 from which reward models begin to learn {cite:p}`gao2023overoptimization`.
#
# ## Random errors average out, habits do not
#
# Ask a person which of two answers is better and {glue:text}`one_person` of the choices differ from what most people say. Ask three
# people and take the majority: if they err alike and independently, {glue:text}`three_people` do. Errors of this kind are random,
# and more labels wash them out.
#
# A judge has habits: asked again, GPT-4 errs on mostly the same pairs. {glue:text}`stays` of its disagreement with people stays,
# however many labels it writes, so that they end at an error of {glue:text}`floor` {cite:p}`li2023alpacaeval`. A high agreement does not
# tell you which kind of error you buy: a rule that takes the longer answer agrees with people in {glue:text}`longest` of the pairs,
# costs nothing and knows nothing.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table("tab-quality-labels",
    ["who labels", "USD per 1,000 labels", "agreement with people", "random error", "systematic error", "of its disagreement, stays"],
    [[each.label, fmt.dollars(1000 * each.usd), *map(fmt.tenths, (each.agreement, each.random, each.systematic, each.systematic_share))] for each in labellers],
    "People err at random, models by habit. One data set, 650 instructions with four labels each; people are the reference, the last row is a rule")  # fmt: skip

# %% [markdown]
# ## Noise costs more the harder you optimise
#
# Labels usually train a *reward model*, which scores answers. Let the model write several answers and keep the best score: the more it
# writes, the harder you *optimise*, and the more the errors of the scores decide. If a quarter of the labels are flipped at random,
# {glue:text}`pairs` pairs teach what {glue:text}`mean_pairs` clean ones would.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Picking the best of few answers forgives noisy labels, picking the best of many does not. The share of the gain that is left when a quarter of the labels is flipped at random: dots are measured, for GPT-4's labels (blue) and for those of a pool of simulated people (pink); line and band are our fit and its 90 % interval.", "name": "fig-quality-noise"}, "image": {"alt": "Two rows of dots fall, over a logarithmic axis, from nine tenths at four answers to a half and a quarter at a thousand, around a falling line with a band."}}
noise = {f"{who}'s labels": reward_models.kept_measured(key) for who, key in (("GPT-4", "gpt4"), ("a pool", "pool"))}
answers = [point.best_of for point in noise["GPT-4's labels"]]
fit = [reward_models.kept_gain(0.25, each) for each in answers]
fig, ax = figures.canvas(5.2, 3.2)
ax.fill_between(answers, [each.low for each in fit], [each.high for each in fit], color=figures.GREY, alpha=0.25, lw=0)
ax.plot(answers, [each.value for each in fit], color=figures.GREY)
for (who, points), colour in zip(noise.items(), (figures.BLUE, figures.PINK), strict=True):
    ax.plot(answers, [point.kept for point in points], "o", color=colour)
    figures.say(ax, points[-1].best_of, points[-1].kept, who, xytext=(8, 0))
ax.set(xscale="log", xlim=(3.4, 9000), ylim=(0, 1.05), xlabel="best of [answers]", ylabel="gain kept [-]")
figures.title(ax, "The harder you optimise, the more noise costs")
figures.plain_log(ax.xaxis, [4, 16, 64, 256, 1024])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-quality-noise", ["labels", "best of [answers]", "gain kept [-]"],
    [[who, point.best_of, point.kept] for who, points in noise.items() for point in points])  # fmt: skip

# %% [markdown]
# The best of 16 answers keeps {glue:text}`kept_16` of the gain, the best of 1,024 keeps {glue:text}`kept_1024`. So spend on clean
# labels if you optimise hard.
#
# Nor does a more accurate reward model have to make the better model. In one paper the labels of a short prompt gave a reward model
# that was right in {glue:text}`worse_model` % of the pairs, those of another prompt one that was right in {glue:text}`better_policy` %.
# People preferred what the second one had trained {cite:p}`lee2024rlaif`. Judge the model, not the reward model.
#
# ## Best supported: a few labels by people, where the judge is weakest
#
# In one study people labelled {glue:text}`placed_low` to {glue:text}`placed_high` of the pairs, those that the scores of a reward model
# marked as mislabelled. The model that came out did better than with a judge alone, with the same share placed at random, and
# with people's labels throughout {cite:p}`rlthf2025`. In another a program chose the pairs for people; its mix beat GPT-4 alone on
# {glue:text}`routed_better` of {glue:text}`routed` measures {cite:p}`miranda2025hybrid`, half of which it had been chosen by. In a third,
# people who checked a model's labels with tools gained most {cite:p}`liu2025skyworkv2`.
#
# So place people's labels with care: all labels of both sources thrown together did no better than people's alone
# {cite:p}`lee2024rlaif`. What you may tell whoever decides, and what you may not:

# %% tags=["hide-input", "nbval-check-output"]
advice = catalog.table("advice").values()
df = page.table("tab-quality-advice", ["may be told", "sentence", "holds for, or why not"],
    [["yes" if row.may_be_told else "no", row.sentence, row.conditions] for row in advice],
    "The first sentences rest on evidence; the others do not, however often they are said")  # fmt: skip

# %% [markdown]
# ::::{dropdown} How this was computed
# :name: quality-model
#
# No function leads from labels and their source to quality: which source wins changes with the evaluator, and no study varies both.
# What can be modelled are three steps, each from its own sources, and they are not joined.
#
# *Labels to a reward model.* Of $n$ labels of which a share $e$ is flipped at random, as much is learned as of $n_\text{eff}$ correct
# ones. An error that a judge always makes is not random: it moves what is learned by $b$, and no $n$ removes it. Reward models that learn
# from $n_H$ labels by people and $n_J$ by a judge differ in accuracy on people's labels by $\Delta$:
#
# $$ n_\text{eff} = n\,(1 - 2e)^2 $$ (eq-quality-effective)
# $$ \Delta = s \log_2 \frac{n_H}{n_J\,(1 - 2e)^2} + b $$ (eq-quality-accuracy)
#
# with $s$ of {glue:text}`slope` points for each doubling of the labels {cite:p}`stiennon2020` and $b$ of {glue:text}`shift` points, in a
# further study from {glue:text}`shift_low` to {glue:text}`shift_high`, which five reward models of one paper tell
# {cite:p}`lee2024rlaif`. Valid from about 2,000 labels {cite:p}`gao2023overoptimization`.
#
# *A reward model to the outcome.* After PPO the mean of nine benchmarks follows the score $x$ of the reward model on RewardBench 2
# {cite:p}`malik2025rewardbench2` as
#
# $$ y = P - D\,e^{-x / w} $$ (eq-quality-outcome)
#
# which is flat: reward models of one family that score from {glue:text}`flat_from` to {glue:text}`best_score` make models within
# {glue:text}`flat_spread` points of {glue:text}`plateau`. Five of another family scored {glue:text}`other_score_low` to
# {glue:text}`other_score_high`, and their models {glue:text}`other_policy_low` to {glue:text}`other_policy_high`. The best of $k$ answers,
# picked by a reward model whose labels were partly flipped, keeps of the gain the share
#
# $$ 1 - l \left( \log k - \frac{k - 1}{k} \right) \frac{(1 - 2e)^{-2} - 1}{3} $$ (eq-quality-kept)
#
# with a loss $l$ of {glue:text}`loss` for each nat of optimisation {cite:p}`dubois2023alpacafarm`. The last factor is one at a quarter
# of flipped labels, where it was measured; its form below is an assumption.
#
# *The outcome to a number* by who judges: a table, fitted to nothing. *Dollars.* Of a gain $g$ with the standard error $\sigma$, bought for $C$ dollars, a point cost, and the ends of its 90 % interval,
# with the normal quantile $z$ that leaves one case in ten outside, are
#
# $$ \frac{C}{g}, \qquad \frac{C}{g \pm z\,\sigma} $$ (eq-quality-price)
#
# The factor from {glue:text}`times_low` to {glue:text}`times_high` joins the intervals for either count of GPT-4's labels, which the
# paper does not state; quotients have the interval of Fieller. `quality.purchases` and `quality.relative_prices` hold these sums. A point
# is one standard error of a difference only with {glue:text}`resolve` comparisons of each model.
#
# The function that makes predictions takes any further study, or refuses with the input that is missing:
# ```python
# from costlib.economics import quality
# quality.predict("accuracy", labels_by_people=40_000, labels_by_ai=40_000, error=0.25)
# quality.predict("outcome", same_pairs=True, method="dpo", evaluator="people")
# ```
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-quality-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every published comparison, and what else differs in it", "code_prompt_hide": "Every published comparison"}
df = page.table("tab-quality-contrasts", ["comparison", "judged by", "people's less a model's [points]", "what else differs"],
    [[each.label, each.human.judged_by.split(",")[0], tenth(each.difference)
      + ("" if each.standard_error is None else f" ± {tenth(each.standard_error)}"), each.confounders] for each in every],
    "With one standard error where errors are printed")  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Predictions for two studies, and what they found", "code_prompt_hide": "Predictions for two studies"}
asked = {"accuracy": "accuracy, people less AI", "outcome": "people less AI", "random mix": "people's share at random, less AI",
         "targeted mix": "people's share where it counts, less AI", "targeted accuracy": "accuracy with a corrected share [%]"}  # fmt: skip
df = page.table("tab-quality-predictions", ["study", "what [points]", "predicted, 90 %", "found", "hits"],
    [[study, asked[quantity], "above 0" if quantity == "targeted mix" else
      "; ".join(dict.fromkeys(f"{tenth(each.row.low)} to {tenth(each.row.high)}" for each in found)),
      "; ".join(tenth(each.found) for each in found), f"{sum(each.hit for each in found)} of {len(found)}"]
     for (study, quantity), found in of_group.items()],
    "RLTHF: dialogue, then summaries. HyPER: four data sets, RewardBench and best of N of each")  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The rows of evidence behind each sentence of advice", "code_prompt_hide": "The rows of evidence"}
df = page.table("tab-quality-evidence", ["sentence", "rows of evidence"],
    [[row.sentence, row.evidence.replace("|", ", ")] for row in advice])  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: quality-trust
#
# *Old and small.* Win rates judged by people, with labels of both kinds and a price, exist for one base model of 2023, two spends and
# general instructions. Judges, prices and base models have moved since. *Copied.* The numbers of RLTHF, HyPER, Ivison et al., Skywork-Reward-V2 and of two fits of data size were read in notes, slides or
# transcriptions; no dollar of this chapter rests on them.
#
# *Most predictions hold, because they promise little.* RLTHF and HyPER decided no fitted value. What the fits say of them was registered by
# its hash before it was compared, though we knew both. {glue:text}`hits` of {glue:text}`predictions` predictions hold. For a further study
# people's labels less a model's are expected from {glue:text}`next_low` to {glue:text}`next_high` points, so wide that a hit proves little.
# The misses teach more: a few corrected labels lifted accuracy by more than their share, presumably because the reward model passes them on.
#
# *Not independent.* Four of the eight comparisons behind that interval are one pair of models, and five reward models of one paper tell the
# shift of a judge. The loss by noise was measured at one share of flips, and the bend of the outcome rests on three models.
#
# *Unknown.* A curve of win rate against people's labels; judges' labels beyond 20,000 with new prompts; the bias of today's judges
# against a majority of people; labels of experts; safety other than harmlessness. Nothing here may be extrapolated there.
#
# *Inputs and statements.* The inputs set the pairs of one example. No statement is first examined here; that synthetic preferences align
# as well as human ones ([B101](#claim-b101)), or better ([B106](#claim-b106)), is what one evaluator saw and another did not.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 20 -p num_pairs_m2=20000
# papermill notebooks/20_quality.ipynb out.ipynb -p num_pairs_m1 10000
# ```
#
# ## References
#
# Labels, outcomes {cite:p}`dubois2023alpacafarm,li2023alpacaeval,lee2024rlaif,ivison2024unpacking,rlthf2025,miranda2025hybrid,liu2025skyworkv2`;
# reward models {cite:p}`stiennon2020,gao2023overoptimization,malik2025rewardbench2,shen2024datacentric,frick2024ppe`; noise and agreement
# {cite:p}`gao2024noise,wang2024secrets2,norman2026reliability,zheng2023judging`. Facts: {ref}`sec-data`. Entries: {doc}`/book/bibliography`.
