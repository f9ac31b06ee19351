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
# (sec-comparison)=
# # How many times cheaper, and than what?
#
# To have people choose between {glue:text}`pairs` pairs of answers costs {glue:text}`ratio_low` to {glue:text}`ratio_high` what it
# costs to let a model make and judge the pairs and to train it; the article prints 11.7x and 58.4x. The two sides are not alike:
# {glue:text}`training_share` of the model's bill is training, and people's has none.
#
# So the ratio answers a question that no budget asks. If you replace labels and nothing else, compare labels with labels. If you plan
# a project, put everything on both sides, the people who check the result included: {ref}`chapter 12 <sec-equal-footing>` does, and
# there the number of your pairs decides, not one ratio.

# %% tags=["parameters", "remove-cell"]
num_human_pairs: int = 1000000  # human preference pairs of the first case study [pairs]
price_usd_per_pair_low: float = 0.3  # price of one human comparison at the low end [USD/pair]
price_usd_per_pair_high: float = 1.5  # price of one human comparison at the high end [USD/pair]
model_parameters: float = 70e9  # parameters of the model that is aligned [parameters]
sustained_tflops: float = 135.63368055555557  # sustained speed of one GPU as back-solved in chapter 3 [TFLOP/s]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
sequence_length: int = 4096  # tokens charged for each example, call and answer [tokens]
epochs: int = 1  # passes over the training data [-]
num_sft_examples: int = 4830  # seed examples of supervised fine-tuning [examples]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
responses_per_prompt: int = 4  # candidate responses sampled for each prompt [-]
pairs_per_prompt: float = 2.0  # preference pairs kept of each prompt [-]
judgments_per_response: int = 1  # judgments sampled for each response [-]
dpo_rounds: int = 1  # rounds whose pairs DPO trains on (1: M1, 2: M1 and M2) [-]

# %% tags=["remove-cell"]
import numpy as np

from costlib.base import fmt
from costlib.economics import article, scenarios
from costlib.facts import parameters
from costlib.facts.claims import check
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
pairs = scenarios.num_pairs(inputs)
cost = scenarios.synthetic_cost(inputs)
prices = np.array([price_usd_per_pair_low, price_usd_per_pair_high])
human = article.calculate_human_cost(pairs, prices)
million = article.calculate_human_cost(num_human_pairs, prices)
ratio_low, ratio_high = article.calculate_cost_ratio(human, cost.total_usd)
training = cost.sft_usd + cost.dpo_usd
labels_ratio = article.calculate_cost_ratio(human, cost.inference_usd)
trained_ratio = article.calculate_cost_ratio(human + training, cost.total_usd)
break_even = cost.total_usd / pairs

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert ratio_low <= ratio_high, "the dearer label must give the larger ratio"
assert abs(break_even * pairs / cost.total_usd - 1) < 1e-12, "at the break-even price both sides must cost the same"
assert trained_ratio[0] >= training / cost.total_usd, "training alone is a lower bound of the human side"
assert ratio_low <= min(labels_ratio[0], trained_ratio[0]), "training on one side alone makes the ratio the lowest"

# %% tags=["remove-cell", "nbval-check-output"]
page.publish("pairs", pairs, "pairs", fmt.number(pairs))
page.publish_all("USD", lambda usd: fmt.usd(usd, 0), human_low_usd=human[0], human_high_usd=human[1])
page.publish_all("USD", fmt.usd, synthetic_usd=cost.total_usd, training_usd=training)
page.publish("break_even_usd_per_pair", break_even, "USD/pair", fmt.usd(break_even, 4))
page.publish("training_share", training / cost.total_usd, "fraction", fmt.percent(training / cost.total_usd, 1))
page.publish_all("ratio", fmt.ratio, ratio_low=ratio_low, ratio_high=ratio_high, labels_ratio_low=labels_ratio[0],
                 labels_ratio_high=labels_ratio[1], rounded_ratio_high=human[1] / max(1, round(cost.total_usd)))  # fmt: skip
page.publish_all("ratio", lambda ratio: fmt.ratio(ratio, 2), trained_ratio_low=trained_ratio[0],
                 trained_ratio_high=trained_ratio[1])  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "One pipeline, three ratios. Each line runs from people at the low price of a pair to people at the high price; its ends say how many times the synthetic side they cost. On top stands the article's comparison, where only the synthetic side trains. Below, both sides have the labels alone, or both train as well. At the grey line both cost the same.", "name": "fig-comparison"}, "image": {"alt": "Three horizontal lines on a logarithmic axis of people's cost over the synthetic cost, each with a dot at the low and at the high price of a pair and the ratio beside the dot: labels against the whole pipeline, labels against labels, and labels with training on both sides. A thin vertical line marks equal cost."}}
compared = {
    "labels against\nlabels and training\n(the article)": (ratio_low, ratio_high),
    "labels\nagainst labels": tuple(map(float, labels_ratio)),
    "labels and training\non both sides": tuple(map(float, trained_ratio)),
}
fig, ax = figures.canvas(height=3.5)
reach = [ratio for ends in compared.values() for ratio in ends if ratio > 0] or [1.0]
ends_drawn = {"right": figures.ORANGE, "left": figures.RED}
for row, ends in enumerate(compared.values()):
    ax.plot(ends, [row, row], color=figures.GREY, lw=2, zorder=1)
    for ratio, price, (side, colour) in zip(ends, prices, ends_drawn.items(), strict=True):
        if ratio > 0:
            away = -10 if side == "right" else 10
            ax.plot(ratio, row, "o", ms=11, color=colour)
            figures.say(ax, ratio, row, fmt.ratio(ratio), ha=side, xytext=(away, 0))
            if row == 0:
                figures.say(ax, ratio, row, f"{fmt.price(price)} a pair", ha=side, xytext=(-away / 2, 18))
ax.axvline(1, color=figures.GREY, lw=1, zorder=0)
room = max(5, (max(reach) / min(reach)) ** 0.7)  # for the words beside the dots
span = (min(1 / 1.5, min(reach) / room), max(1.5, max(reach) * room))
ax.set(xscale="log", xlim=span, ylim=(2.5, -0.7), xlabel="people's cost / synthetic cost")
ax.set_yticks(range(3), list(compared))
ax.tick_params(axis="y", length=0)
figures.plain_log(ax.xaxis, figures.ticks(*span, (1,)), figures.times_tick)
figures.title(
    ax, "Compare like with like, and the ratio rises" if human[0] > 0 else "Three ratios from one pipeline", 36
)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-comparison",
    ["people's side against the synthetic one", "ratio at the low price [-]", "ratio at the high price [-]"],
    [[name.replace("\n", " "), *ends] for name, ends in compared.items()],
)

# %% [markdown]
# ## The division is right; the printed 58.4x needs a rounded bill
#
# Take as many pairs as the synthetic set holds. People cost {glue:text}`human_low_usd` to {glue:text}`human_high_usd` for them, by the
# two prices of {ref}`chapter 2 <sec-human-label-cost>`, and the pipeline of {ref}`chapter 4 <sec-synthetic-cost>` costs
# {glue:text}`synthetic_usd`. The article's table, recomputed:

# %% tags=["hide-input", "nbval-check-output"]
rows = [
    ("people, first case study", num_human_pairs, *million),
    ("people, as many pairs as the second", pairs, *human),
    ("the model, second case study", pairs, cost.total_usd, cost.total_usd),
]
df = page.table(
    "tab-comparison-costs",
    ["labels by", "pairs", "at the low price [USD]", "at the high price [USD]", "for each pair [USD]"],
    [
        [who, fmt.number(n), fmt.number(low), fmt.number(high),
         fmt.between(low / n, high / n, lambda usd: fmt.number(usd, 3))]
        for who, n, low, high in rows
    ],
    "The second row is the one to hold against the third: the same number of pairs, labelled by people.",
)  # fmt: skip

# %% [markdown]
# Three details of the article's own version. It heads its second row RLAIF, reinforcement learning from AI feedback, although the row
# holds what people would have cost. Its 58.4x comes out if the synthetic cost is first rounded to whole dollars, which here gives
# {glue:text}`rounded_ratio_high`; unrounded it is {glue:text}`ratio_high`. And the title's 11x is 11.7x cut off after the whole
# number; rounded it would be 12x.
#
# ## Training stands on one side only, and that makes the ratio low
#
# The synthetic side carries {glue:text}`training_usd` for training: on examples first (SFT), then on the pairs (DPO, direct
# preference optimisation). People's side carries none, although their labels do not train a model by themselves either.
#
# Set labels against labels, people's price against writing and judging alone, and the ratio is {glue:text}`labels_ratio_low` to
# {glue:text}`labels_ratio_high`. Let both sides train, and it is {glue:text}`trained_ratio_low` to {glue:text}`trained_ratio_high`.
# So in this respect the article is too hard on the method it recommends. In others it is too kind: {ref}`chapter 6 <sec-caveats>` adds them up.
#
# ## The "most conservative" case is cautious in one input of five
#
# The article calls its lower ratio the most conservative scenario. It takes the cheapest human label, and that is cautious. But it also
# takes the cheaper reading of everything on the synthetic side: one round of DPO, two pairs of each prompt, one judgment of each
# answer, and a GPU price below the list price of the machine it names. A saving of more than ten times belongs to these inputs and
# not to the method.
#
# ## Double the price of a GPU, and the ratio halves
#
# No GPU stands on people's side. So the ratio grows in proportion to the price of a label, and falls with everything that makes the
# pipeline cost more: the price of a GPU, the size of the model, the length of its texts. In the article's terms people are the
# cheaper side below {glue:text}`break_even_usd_per_pair` for a pair.
#
# ::::{dropdown} How this was computed
# :name: comparison-model
#
# People cost a price $q$ for each of $n$ pairs. The synthetic cost $C$ is that of equation {eq}`eq-synthetic-cost`, for the same
# number of pairs. The article's figure of merit is
#
# $$ R = \frac{n\,q}{C} $$ (eq-ratio)
#
# The other two ratios of {numref}`fig-comparison` take the training $T$ out of the synthetic side, $n\,q / (C - T)$, or add it to
# people's, $(n\,q + T) / C$. Both are at least $R$. This chapter takes all inputs of {ref}`chapter 4 <sec-synthetic-cost>` and the
# prices of {ref}`chapter 2 <sec-human-label-cost>`, so that a scenario means the same in each.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-comparison-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The low ratio, one input halved or doubled at a time", "code_prompt_hide": "The low ratio, one input halved or doubled"}
names = ["price_usd_per_pair_low", "price_usd_per_gpu_hour", "model_parameters", "sequence_length", "sustained_tflops"]


def low_ratio(name, factor):
    values = inputs | {name: factor * inputs[name]}
    return values["price_usd_per_pair_low"] * pairs / scenarios.synthetic_cost(values).total_usd


df = page.table(
    "tab-comparison-sensitivity",
    ["input", "low ratio if halved", "low ratio if doubled"],
    [
        [parameters.vocabulary()[name].meaning, fmt.ratio(low_ratio(name, 0.5)), fmt.ratio(low_ratio(name, 2))]
        for name in names
    ],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every statement of the article examined here, with its verdict", "code_prompt_hide": "Statements of the article"}
page.ledger(
    "05_comparison",
    check("B001", ratio_low), check("B002", ratio_high),
    check("B068", *million), check("B069", *human),
    check("B070", break_even), check("B071", ratio_low), check("B072", ratio_high),
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: comparison-trust
#
# The ratio compares what a team would pay, not what it would get. Nothing in it says that the two kinds of pairs are worth the same;
# {ref}`chapter 20 <sec-quality>` has what was published. Left out are people's time for writing the judge's instructions and checking its answers,
# the two generated answers that a human comparison needs as well, and failed runs. {ref}`Chapter 12 <sec-equal-footing>` puts every
# method on the same cost items.
# ::::
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 05 \
#   -p price_usd_per_pair_low=0.67 -p dpo_rounds=2
# papermill notebooks/05_comparison.ipynb out.ipynb \
#   -p price_usd_per_pair_low 0.67
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, and the paper whose pipeline it prices {cite:p}`yuan2024selfrewarding`. Full
# entries: {doc}`/book/bibliography`.
