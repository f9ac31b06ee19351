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
# # Equal footing
#
# **Question.** What do human and AI feedback cost when every method carries the same lines?
#
# **Answer.** With every line on both sides, DPO on human labels costs {glue:text}`rlaif_ratio` what RLAIF with a hosted
# judge costs, {glue:text}`human_usd` against {glue:text}`rlaif_usd`, and {glue:text}`own_ratio` what self-rewarding
# costs if it is done as in its paper.
#
# At the article's prices of a comparison, {glue:text}`low_price` and {glue:text}`high_price`, its own boundary gives
# {glue:text}`article_low` and {glue:text}`article_high` in this run; equal lines give {glue:text}`equal_low` and
# {glue:text}`equal_high`. People still make {glue:text}`human_count` comparisons for DPO on human labels and
# {glue:text}`rlaif_count` for RLAIF: the ratio is {glue:text}`free_ratio` if one of them costs nothing, and as it becomes
# dear the limit is {glue:text}`count_ratio`.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
policy_model: str = "llama-2-70b"  # model that Part III aligns [-]
policy_gpus: int = 64  # GPUs that Part III uses together [GPUs]
question_tokens: int = 200  # tokens of a prompt for which answers are compared [tokens]
answer_tokens: int = 450  # tokens of an answer that is compared [tokens]
packing_fill: float = 0.9  # share of training positions that hold a token [fraction]
framework_reach: float = 0.6  # share of the roofline that PPO software reaches [fraction]
run_overhead: float = 1.5  # training done over that of the runs that count [-]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
platform_fee: float = 0.0  # annotation platform's fee on top of the price of a comparison [fraction]
rework_share: float = 0.1  # comparisons made again after a check of quality [fraction]
num_evaluation_comparisons: int = 805  # human comparisons that tell whether it worked [comparisons]
num_validation_pairs: int = 500  # human comparisons that certify a judge [pairs]
judge: str = "gemini-3-1-pro-mt-bench"  # judge whose price, discount, agreement, tokens and unusable share are taken together, where these are not given themselves [-]
seed_usd_per_example: float = 0.0  # price of one demonstration of the seed data [USD/example]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math

import numpy as np

from costlib.base import fmt
from costlib.compute.models import find
from costlib.economics import (
    admissible,
    break_even,
    comparison,
    human_work,
    labels,
    ladder,
    methods,
    ratios,
    scenarios,
    shares,
)
from costlib.facts import catalog, parameters, regimes
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# Everything else that Part III uses has its published value from {ref}`sec-parameters`, or the one that `scenario`
# gives it. Each from one publication: the price of a comparison, the length of a judge's call, the share of labels that
# cannot be used, both agreements, the count of evaluation. Assumed: failed runs, rework, the count of validation, the
# number of GPUs, packing. All dollars are computed from these.

# %% tags=["hide-input", "nbval-check-output"]
values = page.inputs(globals(), "tab-footing-inputs")

# %% [markdown]
# ## Model
#
# The article sets the price of labels on one side against a whole pipeline on the other. Here a method is a list of
# lines, the same for all, and an empty line is a zero that can be seen:
#
# $$ \begin{array}{l} C = C_\text{seed} + C_\text{SFT} + C_\text{candidates} + C_\text{labels} + C_\text{training}
# + C_\text{evaluation} \\ \qquad + (g - 1) \left( C_\text{SFT} + C_\text{training} \right) \end{array} $$ (eq-footing-total)
#
# where $g$ is `run_overhead`, so that the last term is failed runs and sweeps. Every method ends with $n$ usable pairs
# and the same model, and all but one train it by DPO {cite:p}`rafailov2023dpo`; RLHF trains a reward model and then
# runs PPO {cite:p}`ouyang2022instructgpt`. GPU time is that of the roofline in {ref}`sec-stages`, with weights sharded
# over all GPUs, and PPO reaches `framework_reach` of it. Three label lines differ in nature.
#
# *People.* With the price $q$ of a comparison, the platform's fee $f$, the share $\rho$ that is made again, and $m$
# raters, a label costs
#
# $$ c_H = q\,(1 + f)\,(1 + \rho)\,m $$ (eq-footing-people)
#
# The comparisons of evaluation, and of validation where a judge labels, are made by people at the same $c_H$.
#
# *A hosted judge* sees the answers in $o$ orders, reads $t_r$ tokens at a price $\pi_r$ per million, and writes $t_w$
# at $\pi_w$, with a discount $d$ for calls that may wait {cite:p}`lee2024rlaif`:
#
# $$ c_J = \frac{o\,(t_r\,\pi_r + t_w\,\pi_w)}{10^6}\,(1 - d) $$ (eq-footing-hosted)
#
# A share $\eta$ of judged pairs gives no usable label, so $n / (1 - \eta)$ are generated and judged.
#
# *A model that judges itself* scores four answers three times each {cite:p}`yuan2024selfrewarding`. If it takes
# $\tau_r$ GPU-seconds to read an answer, once for its three judgments, and $\tau_w$ to write one of them, at the price
# $p$ of a GPU-hour,
#
# $$ C_\text{labels} = \frac{4\,n}{1 - \eta}\,\frac{p\,(\tau_r + 3\,\tau_w)}{3600} $$ (eq-footing-own)
#
# *Worth.* A label that agrees with the preference that is meant in a share $A$ of cases moves the average by
# $2A - 1$ of a perfect one, so that
#
# $$ n_\text{effective} = n\,(2A - 1) $$ (eq-footing-effective)
#
# This holds if errors are independent. A judge errs on the same kind of pair again and again, and more of its labels
# do not mend that: for judges, equation {eq}`eq-footing-effective` flatters.

# %%
found = methods.compare(values)
prices = [values["price_usd_per_pair_low"], values["price_usd_per_pair_high"]]
at_price = [values | {"human_usd_per_pair": price} for price in prices]
rungs = list(zip(ladder.rungs(values), *map(ladder.rungs, at_price), strict=True))
boundaries = list(zip(*map(ratios.boundaries, at_price), strict=True))

# %% tags=["remove-cell"]
human, own, rlaif, ppo, article = (
    found[name] for name in ("human-dpo", "self-rewarding", "rlaif", "human-ppo", "published")
)
pairs, label_usd = human.pairs, human_work.label_usd(values)
gpu_label = catalog.find("gpus", values["cluster_gpu"]).label.removeprefix("NVIDIA ")
totals = np.array([rung.usd for rung, *_ in rungs])
free, limit = ratios.whole(values | human_work.UNPAID), break_even.ratio_limit(values)
known = parameters.vocabulary()
asked = catalog.table("label_prices")
demonstration = {name: asked[f"{name}-demonstration"].usd_per_label_low for name in ("instructgpt", "llama-2")}
largest = max(rlaif.lines, key=lambda line: line.usd)

# The ratio to RLAIF if GPU time is off by what chapter 17 earns, on both sides alike or in opposite directions.
off = [regimes.interval("alignment", method.usd, shares.paid_usd(method, values)) for method in (human, rlaif)]
alike = sorted(x / y for x, y in zip(*off, strict=True))
apart = [off[0][0] / off[1][1], off[0][1] / off[1][0]]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for name, method in found.items():
    assert math.isclose(sum(line.usd for line in method.lines), method.usd), "lines add up to the total"
    assert method.pairs == pairs and method.usd > 0, "every method ends with the same pairs"
    people = method.usd - methods.METHODS[name](values | human_work.UNPAID).usd
    counted = human_work.of(name, values).total * label_usd
    assert math.isclose(people, counted, rel_tol=1e-6, abs_tol=1e-6 + 1e-9 * method.usd), (
        "people are paid by the comparison"
    )
assert rungs[0][0].usd == article.usd, "the ladder starts at the article's total"
assert min(free, limit) * (1 - 1e-9) <= human.usd / rlaif.usd <= max(free, limit) * (1 + 1e-9), "the bounds hold"
assert all(low.ratio <= high.ratio for low, high in boundaries[:4]), "the dearer label must give the larger ratio"


# %% tags=["remove-cell", "nbval-check-output"]
def times(ratio):
    return fmt.ratio(ratio, 2 if ratio < 10 else 1 if ratio < 1000 else 0)


def each(usd):
    return fmt.number(usd) if usd >= 100 else fmt.short(usd, 3)


priced = {"human": human, "own": own, "rlaif": rlaif, "ppo": ppo, "hybrid": found["hybrid"]}
page.publish_all("USD", fmt.price, **{f"{key}_usd": method.usd for key, method in priced.items()})
page.publish_all("ratio", times, **{f"{key}_ratio": human.usd / method.usd for key, method in priced.items()})
names = ("labels", "article", "trained", "both", "equal", "equal_rlaif")
page.publish_ends(
    "ratio", times, **{name: [low.ratio, high.ratio] for name, (low, high) in zip(names, boundaries, strict=True)}
)
page.publish_all("USD/pair", fmt.usd, low_price=prices[0], high_price=prices[1])
page.publish_all("ratio", times, free_ratio=free,
                 bare=ratios.whole(values | {"num_evaluation_comparisons": 0, "num_validation_pairs": 0}))  # fmt: skip
page.publish_found("ratio", times, "none", count_ratio=limit)
page.publish_all("comparisons", fmt.number, human_count=human_work.of("human-dpo", values).total,
                 rlaif_count=human_work.of("rlaif", values).total)  # fmt: skip
for key, ends in {"alike": alike, "apart": apart}.items():
    page.phrase(f"ratio_{key}", " to ".join(map(times, ends)))
page.publish_all(
    "fraction", fmt.share, human_labels=shares.of_lines(human, "labels"), ppo_labels=shares.of_lines(ppo, "labels"),
    ppo_training=shares.of_lines(ppo, "training"), rlaif_labels=shares.of_lines(rlaif, "labels"),
    rlaif_checks=shares.of_lines(rlaif, "evaluation"), own_labels=shares.of_lines(own, "labels"),
    own_checks=shares.of_lines(own, "evaluation"), human_agreement=human.agreement, rlaif_agreement=rlaif.agreement,
)  # fmt: skip
page.publish("pairs", pairs, "pairs", fmt.number(pairs))
# Labels alone, for as many usable pairs: not to be taken for whole methods.
label_ratio = human.line("labels").usd / max(rlaif.line("labels").usd, 1e-9)
page.publish_all("USD", fmt.price, human_labels_usd=human.line("labels").usd, rlaif_labels_usd=rlaif.line("labels").usd)
page.publish("label_ratio", label_ratio, "ratio", fmt.ratio(label_ratio, 0))
page.phrase("largest", f"{largest.name}, at {fmt.share(largest.usd / rlaif.usd)}")
page.publish_all("USD", fmt.usd, rung_first=float(totals[0]), rung_worked=float(totals[5]), rung_last=float(totals[7]))
page.publish("saved", human.usd - rlaif.usd, "USD", fmt.price(abs(human.usd - rlaif.usd)))
page.publish_all("USD/example", lambda usd: fmt.usd(usd, 0), instructgpt_price=demonstration["instructgpt"],
                 llama_2_price=demonstration["llama-2"])  # fmt: skip
seeded = {name: ratios.whole(values | {"seed_usd_per_example": usd}) for name, usd in demonstration.items()}
page.publish_all("ratio", times, instructgpt_ratio=seeded["instructgpt"], llama_2_ratio=seeded["llama-2"])
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
effective = [labels.usd_per_effective_pair(method.usd, pairs, method.agreement) for method in (human, rlaif)]
page.publish_found("USD", lambda usd: f"${each(usd)}", human_effective=effective[0], rlaif_effective=effective[1])
page.publish_found(
    "ratio", times, effective_ratio=effective[0] / effective[1] if max(effective) < math.inf else math.inf
)

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# An interval holds the ranges of the inputs and the error of predicted GPU time together; what people and a hosted judge
# are paid is given, and nothing in the article's own column is predicted. The ratio of DPO on human labels to RLAIF is
# {glue:text}`ratio_alike` if only GPU time is off, of both alike, and {glue:text}`ratio_apart` if in opposite directions.

# %% tags=["hide-input", "nbval-check-output"]
causes = comparison.interval_by_cause(values, fixed=scenarios.held(values))
df = page.table(
    "tab-footing-trust",
    ["method", "this run [USD]", "90 %, both [USD]", "90 %, inputs alone [USD]", "90 %, GPU time alone [USD]"],
    [[method.label, fmt.number(method.usd),
      *(" to ".join(map(fmt.number, causes[name][cause])) for cause in ("both", "inputs", "prediction"))]
     for name, method in found.items() if name != "published"],
)  # fmt: skip

# %% [markdown]
# ### Six methods, one list
#
# Two methods take all labels from people and differ in training: RLHF with PPO, and DPO. Two have the model judge
# itself: the article's pipeline as published, and the same as its paper did it. RLAIF has a hosted judge; its paper
# trains by reinforcement learning {cite:p}`lee2024rlaif`, here DPO is used on both sides so that only the labels
# differ. The hybrid gives the hard share of the pairs to people. All end with {glue:text}`pairs` usable pairs and train
# {glue:text}`model_label` on {glue:text}`cluster`. Fine-tuning fits in memory from {glue:text}`sft_gpus` such GPUs on, DPO
# from {glue:text}`dpo_gpus` and PPO from {glue:text}`ppo_gpus`; what does not fit is priced by its work all the same.
# Dollars:


# %% tags=["hide-input", "nbval-check-output"]
def dollars(usd):
    return fmt.number(usd, 0 if usd >= 100 or not usd else 2)


def cell(line):
    return "not counted" if line.note else dollars(line.usd)


df = page.table(
    "tab-footing-methods",
    ["line", "RLHF", "DPO", "as published", "self-rewarding", "RLAIF", "hybrid"],
    [
        *([name, *(cell(method.line(name)) for method in found.values())] for name in methods.LINES),
        ["total", *(dollars(method.usd) for method in found.values())],
        ["days, one line after another", *(fmt.number(method.days, 1) for method in found.values())],
        ["USD per usable pair", *(each(method.usd / pairs) for method in found.values())],
        ["USD per effective pair", *(fmt.found(labels.usd_per_effective_pair(method.usd, pairs, method.agreement), each, "no information") for method in found.values())],
        ["DPO on human labels / this", *(times(human.usd / method.usd) for method in found.values())],
    ],
)  # fmt: skip

# %% [markdown]
# The column as published is not on equal footing: three of its lines were not counted, it has one length and one
# speed for all work, and it is priced for {glue:text}`article_parameters` parameters (`model_parameters`), where
# {glue:text}`model_label` has {glue:text}`aligned_parameters`.
#
# Labels are {glue:text}`human_labels` of DPO on human labels, and {glue:text}`ppo_labels` of RLHF with PPO, whose
# training is {glue:text}`ppo_training`. They are {glue:text}`rlaif_labels` of RLAIF and {glue:text}`own_labels` of
# self-rewarding. The largest line of RLAIF is {glue:text}`largest`. Per effective pair DPO on human labels costs
# {glue:text}`human_effective` and RLAIF {glue:text}`rlaif_effective`, a ratio of {glue:text}`effective_ratio`: the judge
# agrees in {glue:text}`rlaif_agreement` of cases and people in {glue:text}`human_agreement`. At one half a label is a
# coin, and carries no information at any price.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the money goes, as shares of each method's total, which stands beside its bar. Evaluation holds the comparisons by which people tell whether it worked and, where a judge labels, whether it can be trusted: {glue:text}`rlaif_checks` of RLAIF and {glue:text}`own_checks` of self-rewarding. Labels are {glue:text}`human_labels` of DPO on human labels.", "name": "fig-footing-shares"}, "image": {"alt": "Six horizontal bars of equal length, one for each method, divided into seed data, labels, evaluation, candidates, training and failed runs, with the total in dollars written at the end of each bar."}}
parts = {"labels": ("labels",), "evaluation": ("evaluation",), "candidates": ("candidates",),
         "training": ("fine-tuning", "training"), "failed runs": ("failed runs and sweeps",), "seed data": ("seed data",)}  # fmt: skip
colours = [figures.ORANGE, figures.RED, figures.SKY, figures.BLUE, figures.GREY, figures.YELLOW]
ticks = ["RLHF with PPO,\nhuman labels", "DPO,\nhuman labels", "self-rewarding,\nas published",
         "self-rewarding,\nas in the paper", "RLAIF,\nhosted judge", "hybrid"]  # fmt: skip
fig, ax = figures.canvas(7, 4.6)
left = np.zeros(len(found))
for (part, names), colour in zip(parts.items(), colours, strict=True):
    widths = np.array([100 * shares.of_lines(method, *names) for method in found.values()])
    if widths.any():
        ax.barh(ticks, widths, left=left, color=colour, label=part, height=0.66, edgecolor="white", lw=0.6)
    left += widths
for place, method in enumerate(found.values()):
    figures.say(ax, 100, place, fmt.usd(method.usd, 0))
ax.invert_yaxis()
ax.set(xlabel="share of the total [%]", xlim=(0, 122), xticks=range(0, 101, 25))
ax.legend(loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=3, fontsize=11.5, handlelength=1.1, columnspacing=1.2)
ax.spines["left"].set_visible(False)
ax.spines["bottom"].set_bounds(0, 100)
ax.tick_params(axis="y", length=0)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-footing-shares", ["method", *(f"{name} [USD]" for name in methods.LINES)],
          [[method.name, *(line.usd for line in (method.line(name) for name in methods.LINES))] for method in found.values()])  # fmt: skip

# %% [markdown]
# ### From the headline to equal lines
#
# Each rung keeps the ones before it. The first five stay in the article's model, as in {ref}`sec-caveats`. Then its
# flat speed gives way to the roofline, and its one length to those of questions, answers and judgments; pairs that turn
# out unusable are made as well. Last come the runs that fail and, on both sides, what people do besides the labels. A
# reader can take back each step by the parameter beside it. All from the fourth on are at the list price of a GPU.


# %% tags=["hide-input", "nbval-check-output"]
def switches(changes):
    return ", ".join(name if to is None else f"{name} = {fmt.short(to)}" for name, to in changes.items()) or "none"


df = page.table(
    "tab-footing-ladder",
    ["step", "parameter", "total [USD]", *(f"ratio at {fmt.usd(q)}" for q in prices)],
    [[rung.label, switches(rung.changes), fmt.number(rung.usd, 2), *(fmt.ratio(at.ratio, 2) for at in ends)]
     for rung, *ends in rungs],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "From {glue:text}`rung_first`, as published, to {glue:text}`rung_last` with every line. Bars start where the one above ends; beside each stand the running total and the ratio at {glue:text}`low_price` and at {glue:text}`high_price`. The work of the GPUs, priced by roofline with lengths of their own, comes to {glue:text}`rung_worked`; what people do besides labelling is the last step.", "name": "fig-footing-ladder"}, "image": {"alt": "A waterfall of horizontal bars: the published total of the self-rewarding pipeline, then steps that raise it in orange or lower it in blue, and the final total with all lines, with the running total in dollars and two ratios beside each bar."}}
fig, ax = figures.canvas(7, 4.4)
before = np.concatenate([[0], totals[:-1]])
step_colours = [figures.GREY, *np.where(np.diff(totals) >= 0, figures.ORANGE, figures.BLUE)]
changes, colours = [*(totals - before), totals[-1]], [*step_colours, figures.GREY]
ax.barh([*(rung.label for rung, *_ in rungs), "all lines"], changes, left=[*before, 0], color=colours, height=0.66)
for place, (start, (rung, low, high)) in enumerate(zip(before, rungs, strict=True)):
    what = f"{fmt.usd(rung.usd, 0)}   {fmt.ratio(low.ratio)} to {fmt.ratio(high.ratio)}"
    # The last rung stands with all lines, one row below.
    last = place == len(rungs) - 1
    figures.say(ax, max(start, rung.usd), place + last, what)
for place, usd in enumerate(totals):
    ax.plot([usd, usd], [place - 0.33, place + 1.33], color="black", lw=0.7)
ax.invert_yaxis()
ax.set(xlabel="total of the self-rewarding pipeline [USD]", xlim=(0, totals.max() * 1.65))
ax.locator_params(axis="x", nbins=3)
figures.dollars(ax.xaxis)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-footing-ladder", ["step", "total [USD]", *(f"ratio at {fmt.usd(q)} [-]" for q in prices)],
          [[rung.label, rung.usd, *(at.ratio for at in ends)] for rung, *ends in rungs])  # fmt: skip

# %% [markdown]
# The ratios of the first seven rungs divide the price of the labels alone by the total, as the article does. The last
# has all lines on both sides, and people's checks at the price that the labels have. What a boundary does by itself,
# at the GPU price of this run:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-footing-boundaries",
    ["human side", "AI side", *(f"ratio at {fmt.usd(q)}" for q in prices)],
    [[low.people, low.ai, fmt.ratio(low.ratio, 2), fmt.ratio(high.ratio, 2)] for low, high in boundaries],
)  # fmt: skip

# %% [markdown]
# The second row is the article's own. Training on both sides is on its printed counts, then on the pairs of both
# rounds. The first four rows move in proportion to the price of a comparison, but for the training on the human side. In
# the last two rows the price stands on both sides as far as people check the judge and the result, so that the ratio
# need not follow it.
#
# ### What people still do
#
# Write $N$ for the comparisons that people make in a method and $G$ for all its other dollars. The index $h$ stands for
# DPO on human labels, $a$ for RLAIF, and
#
# $$ R = \frac{N_h\,c_H + G_h}{N_a\,c_H + G_a} $$ (eq-footing-ratio)
#
# lies between $G_h / G_a$, reached if comparisons are free, and $N_h / N_a$, which it approaches as they become dear.
# $N_h$ is $n$ and the comparisons of evaluation, {glue:text}`human_count` in this run; $N_a$ those of evaluation and
# validation, {glue:text}`rlaif_count`. So the ratio lies between {glue:text}`free_ratio` and {glue:text}`count_ratio`. In
# the article's model $N_a$ is zero, so its ratio grows with the price of people without limit.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The ratio of human to AI feedback against the price of a comparison. With the article's boundary it is proportional to the price, {glue:text}`article_low` and {glue:text}`article_high` at its two prices (open circles). With all lines on both sides it is {glue:text}`rlaif_ratio` for RLAIF and {glue:text}`own_ratio` for self-rewarding at the price of this run (filled), and the limit as people become dearer is {glue:text}`count_ratio` (dotted).", "name": "fig-footing-price"}, "image": {"alt": "Curves on logarithmic axes of the ratio of human to AI cost against the price of one human comparison: a straight rising line for the article's boundary, and two curves with all lines on both sides, for RLAIF and for self-rewarding."}}
shown = [q for q in (*prices, human_usd_per_pair) if q > 0]
grid = np.geomspace(min([0.01, *shown]) / 2, max([20, *shown]) * 2, 50)
drawn = methods.compare(values | {"human_usd_per_pair": grid})
curves = {"article's boundary": pairs * grid / article.usd,
          "all lines, RLAIF": drawn["human-dpo"].usd / drawn["rlaif"].usd,
          "all lines, self-rewarding": drawn["human-dpo"].usd / drawn["self-rewarding"].usd}  # fmt: skip
fig, ax = figures.canvas(7, 4)
styles = [(figures.GREY, "-"), (figures.BLUE, "-"), (figures.RED, "--")]
for (name, curve), (colour, dash) in zip(curves.items(), styles, strict=True):
    ax.plot(grid, curve, dash, color=colour, lw=2.2, label=name)
ax.plot(prices, [q * pairs / article.usd for q in prices], "o", ms=8, mfc="white", mec=figures.GREY, mew=2)
for method, colour in ((rlaif, figures.BLUE), (own, figures.RED)):
    ax.plot(human_usd_per_pair, human.usd / method.usd, "o", ms=7, color=colour)
if limit < math.inf:
    ax.axhline(limit, color="black", ls=":", lw=1.1)
ends = [f(np.concatenate(list(curves.values()))) for f in (np.min, np.max)]
ax.set(xscale="log", yscale="log", xlabel="price of a human comparison [USD]", ylabel="human cost / AI cost")
ax.set(xlim=(grid[0], grid[-1]), ylim=(ends[0] / 1.5, ends[1] * 1.5))
figures.plain_log(ax.xaxis, [10.0**k for k in range(-9, 10) if grid[0] <= 10.0**k <= grid[-1]], fmt.price)
figures.plain_log(ax.yaxis, [10.0**k for k in range(-9, 10)], lambda v: fmt.short(v) + "x")
ax.legend(loc="best")
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
drawn_rows = [list(map(float, row)) for row in zip(grid, *curves.values(), strict=True)]
columns = ["price [USD/comparison]", "article [-]", "RLAIF all lines [-]", "self-rewarding all lines [-]"]
df = page.data("fig-footing-price", columns, drawn_rows)

# %% [markdown]
# Without any check by people, neither evaluation nor validation, the ratio to RLAIF would be {glue:text}`bare`, between
# two models of which nobody knows whether they became better.
#
# *What others paid for.* Every method here starts from human data that is priced at `seed_usd_per_example`, zero as
# published, since volunteers wrote it {cite:p}`kopf2023openassistant`. Self-rewarding also has 541 examples to test its
# judge, and its prompts come from a chat model trained on 1,418,091 comparisons
# {cite:p}`yuan2024selfrewarding,touvron2023llama2`. Prices of a written demonstration are estimates passed on by a book
# {cite:p}`huyen2025aiengineering`; a comparison has the price of this run, with fee and rework. At these prices:

# %% tags=["hide-input", "nbval-check-output"]
behind = catalog.find("preference_sets", "meta").comparisons
inherited = [(what, count, usd) for what, count in (("seed examples", values["num_sft_examples"]), ("judge's tests", 541))
             for usd in demonstration.values()] + [("comparisons behind the prompts", behind, label_usd)]  # fmt: skip
df = page.table(
    "tab-footing-inherited",
    ["inherited", "count", "each", "all", "against self-rewarding"],
    [[what, fmt.number(count), fmt.price(usd), fmt.price(count * usd), fmt.ratio(count * usd / own.usd, 0)]
     for what, count, usd in inherited],
)  # fmt: skip

# %% [markdown]
# Of the seed examples 1,630 are judgments derived from people's rankings, not written answers, so that the price of a
# demonstration is a stand-in for them. The seed data stand on both sides. Priced at {glue:text}`instructgpt_price` each
# they leave a ratio of {glue:text}`instructgpt_ratio` between DPO on human labels and RLAIF, at
# {glue:text}`llama_2_price` one of {glue:text}`llama_2_ratio`; the difference in dollars, {glue:text}`saved`, stays as
# it is. The comparisons behind the prompt model served many purposes, and no method should carry all of their cost. They
# show that a low total can rest on work that somebody else paid for before.
#
# ### Statements examined here
#
# This chapter has no statements of its own. It puts earlier ones into another light: the two totals set against each
# other as if they covered the same work ([B074](#claim-b074)), where the boundaries above show what that does; and the
# ratios ([B071](#claim-b071), [B072](#claim-b072)) with the saving concluded from them ([B103](#claim-b103)), which are
# one draw from a wide range, neither safe nor refuted.
#
# ## Sensitivity
#
# The ratio of DPO on human labels to RLAIF, with one input at a time at the ends of its range, widest first. Where
# {ref}`sec-parameters` gives no range, the low end is none, and the high end twice the published count or the dearer
# price of a demonstration.

# %% tags=["hide-input", "nbval-check-output"]
names = ["price_usd_per_gpu_hour", "answer_tokens", "packing_fill", "run_overhead", "human_usd_per_pair",
         "num_validation_pairs", "judge_usd_per_million_input", "unusable_share"]  # fmt: skip
ranges = {name: (known[name].low, known[name].high) for name in names}
ranges |= {"num_evaluation_comparisons": (0, 2 * known["num_evaluation_comparisons"].default)}
ranges |= {"seed_usd_per_example": (0.0, max(demonstration.values()))}


moved = {name: [ratios.whole(values | {name: end}) for end in ends] for name, ends in ranges.items()}
df = page.table(
    "tab-footing-sensitivity",
    ["input", "low end", "ratio at low end", "high end", "ratio at high end"],
    [[name, fmt.short(ranges[name][0]), times(low), fmt.short(ranges[name][1]), times(high)]
     for name, (low, high) in sorted(moved.items(), key=lambda item: -abs(math.log(item[1][1] / item[1][0])))],
)  # fmt: skip

# %% [markdown]
# Ranges are not centred on the published values, and the values of this run are not medians: drawn together in
# {ref}`sec-uncertainty`, the inputs give a median that need not be {glue:text}`rlaif_ratio`. Agreement is not in the
# table: it moves the ratio for each effective pair, and no dollars.
#
# ## Limits
#
# A pair is counted as a pair. Whether pairs by people and by a judge lead to equally good models is not modelled;
# equation {eq}`eq-footing-effective` discounts by agreement alone, as if errors were independent, and with the same
# agreement for a hosted judge and for the model itself. One model size is aligned, and a smaller model would judge
# itself worse {cite:p}`lee2024rlaif`. Nobody is paid to run the GPUs, to write the judge's instructions or to lead the annotators. People are
# taken to decide every pair, while a judge leaves some undecided. Questions cost nothing, except in self-rewarding,
# where the model writes them. A judgment there has the length and the unusable share of a hosted judge's.
#
# What would change the conclusion is how many checks by people a method needs to be trusted. The counts here are one
# published evaluation {cite:p}`dubois2023alpacafarm` and an assumption.
#
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
# {cite:p}`lee2024rlaif,aws2015mturk,huyen2025aiengineering,litellm2024prices`; agreements
# {cite:p}`stiennon2020,li2023alpacaeval`; inherited data {cite:p}`touvron2023llama2,kopf2023openassistant`; evaluation
# {cite:p}`dubois2023alpacafarm`. Full entries: {doc}`/book/bibliography`.
