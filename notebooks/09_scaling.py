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
# (sec-scaling)=
# # What does the cost grow with?
#
# {glue:text}`size_said` the model's size, as far as arithmetic goes: twice the parameters take {glue:text}`twice_size` the arithmetic on the same data. The square
# that a course page on RLHF states {cite:p}`coursepage` belongs to data that grow with the model, which then takes
# {glue:text}`twice_growing`. Twice the data or twice the steps of PPO cost twice, twice the length of a sequence
# {glue:text}`longer_flops`.
#
# So do not plan a larger model by the square, unless you also give it more data. Two things bend the line: very long sequences, which
# cost more than in proportion, and few sequences at a time, which leave a GPU waiting.

# %% tags=["parameters", "remove-cell"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
epochs: int = 1  # passes over the training data [-]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
num_demonstrations: int = 12725  # demonstrations of supervised fine-tuning [examples]
num_episodes: int = 256000  # responses that PPO or GRPO generates and learns from [episodes]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]
ppo_epochs: int = 1  # passes of the updates over each batch of episodes [-]
rollout_batch: int = 512  # episodes generated before each update [episodes]
recompute: str = "full"  # activations computed again in the backward pass [-]
micro_batch: int = 0  # sequences that pass at a time on each GPU; 0 takes the most that fit [sequences]

# %% tags=["remove-cell"]
import math
from dataclasses import replace

import numpy as np

from costlib.base import fmt
from costlib.compute import inference, memory, scaling, stages, throughput, timing
from costlib.compute.architecture import training
from costlib.compute.models import find
from costlib.economics import anatomy, scenarios
from costlib.facts import catalog
from costlib.facts.claims import check, observe
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())


def job(model, v):
    plan = memory.Setup(gpus=v["num_gpus"], zero=3, micro_batch=v["micro_batch"], recompute=v["recompute"])
    copy_gpus = inference.ranks_for(model, rates.hbm_gb)
    return stages.Run(rates, plan, v["price_usd_per_gpu_hour"], "full", copy_gpus, v["rollout_batch"])


def sft(model, **changes):
    v = at_least_one | changes
    data = stages.Data(v["num_demonstrations"], v["prompt_tokens"], v["response_tokens"], v["epochs"])
    return stages.sft(model, data, job(model, v))


def ppo(model, samples=1, **changes):
    v = at_least_one | changes
    data = stages.Data(v["num_episodes"] / samples, v["prompt_tokens"], v["response_tokens"])
    return stages.ppo(model, data, job(model, v), samples=samples, ppo_epochs=v["ppo_epochs"])


# Nothing grows by a factor from 0.
at_least_one = inputs | {name: max(1, inputs[name]) for name in ("num_demonstrations", "num_episodes")}
# As many sequences at a time as PPO of this run has room for, whatever else changes.
at_a_time = anatomy.estimated("ppo", scenarios.complete(inputs)).setup.micro_batch
at_least_one |= {"micro_batch": at_a_time}
pythia = [f"pythia-{size}" for size in ("70m", "160m", "410m", "1b", "1.4b", "2.8b", "6.9b", "12b")]
rungs = [*pythia, "llama-33b", "llama-2-70b", "llama-3.1-405b"]
ladder = [find(name).architecture for name in rungs]
model, rates = find(aligned_model).architecture, timing.roofline(cluster_gpu)
length = prompt_tokens + response_tokens
size = np.array([each.parameters for each in ladder], float)
flops = np.array([training(each, 1, length, recompute=recompute).total for each in ladder], float)
flops_exponent, growing_exponent = scaling.exponent(flops, size), scaling.exponent(flops * 20 * size, size)
crossing = scaling.crossing_length(model)


# %% tags=["remove-cell"]
# Size.
alone = memory.Setup(micro_batch=at_a_time, recompute=recompute)
by_size = {
    "FLOPs, data fixed": flops,
    "FLOPs of matrix products alone": [each.matmul_parameters for each in ladder],
    "FLOPs of attention alone": [training(each, 1, length).attention for each in ladder],
    "bytes of weights, gradients, optimizer": [memory.states(each, alone).total for each in ladder],
    "bytes in all, one GPU": [memory.training(each, length, alone).total for each in ladder],
    "USD of SFT, data fixed": [sft(each).usd for each in ladder],
    "USD of PPO, data fixed": [ppo(each).usd for each in ladder],
    "FLOPs, 20 tokens per parameter": flops * 20 * size,
}
large = size >= 1e9
exponents = {
    name: (scaling.exponent(y, size), scaling.exponent(np.array(y)[large], size[large])) for name, y in by_size.items()
}
# Length.
attention_part = length / (length + crossing)
eager_crossing = scaling.eager_crossing_length(model)


def activations(sequence, kernel):
    return sequence * model.layers * memory.activations(model, sequence, memory.Setup(attention_kernel=kernel))


# Batch, of one GPU.
here, data = (
    job(model, at_least_one),
    stages.Data(at_least_one["num_demonstrations"], prompt_tokens, response_tokens, epochs),
)
ranks = here.generation_parallel


def trained(sequences):
    return throughput.training(model, data, here._replace(setup=here.setup._replace(micro_batch=sequences)))


def decoded(sequences):
    return throughput.decoding(model, rates, prompt_tokens, response_tokens, sequences, ranks)


(train_few, train_many), (decode_few, decode_many) = ((of(1), of(16)) for of in (trained, decoded))
train_gain, decode_gain = (many.tokens_per_s / few.tokens_per_s
                           for few, many in ((train_few, train_many), (decode_few, decode_many)))  # fmt: skip
train_room = memory.largest_micro_batch(lambda n: trained(n).gb * memory.GB, rates.hbm_gb)
decode_room = inference.largest_batch(model, rates.hbm_gb, length, ranks)
# Data, rollouts, samples and the longest response.
sft_ratio = sft(model, num_demonstrations=2 * at_least_one["num_demonstrations"]).usd / sft(model).usd
ppo_ratio = ppo(model, num_episodes=2 * at_least_one["num_episodes"]).usd / ppo(model).usd
single, grouped = (ppo(model, samples, num_episodes=rollout_batch) for samples in (1, 8))
saving = (single.flops - grouped.flops) / single.flops
rollouts = sorted({max(1, math.ceil(rollout_batch * factor)) for factor in (1 / 16, 1 / 4, 1, 4, 16)})
rolled = {batch: ppo(model, rollout_batch=batch) for batch in rollouts}


def generation_hours(prompts, samples, stretch):
    prompts = prompts * max(1, num_gpus / ranks)
    work = stages.Data(prompts, prompt_tokens, response_tokens, longest_tokens=stretch * response_tokens)
    return stages.generate(model, work, here._replace(generation_batch=prompts * samples), samples).gpu_hours


copies, stretches = (1, 4, 16, 64), (1, 2, 4, 8)
five = np.array([[generation_hours(n, 5, k) / generation_hours(n, 1, k) for k in stretches] for n in copies])


# What 10 % more of an input does to the dollars, and twice the GPUs.
def dollars(values, which=model):
    usd = sft(which, **values).usd, ppo(which, **values).usd
    return np.array([*usd, sum(usd)])


def more(name, factor=1.1):
    return scaling.elasticity(dollars, at_least_one, name, factor)


deeper = replace(model, layers=1.1 * model.layers)
by_layers = np.log(dollars({}, deeper) / dollars({})) / math.log(deeper.parameters / model.parameters)
elasticities = {
    "parameters, as layers": by_layers, "demonstrations": more("num_demonstrations"), "passes of SFT": more("epochs"),
    "episodes": more("num_episodes"), "passes of PPO": more("ppo_epochs"), "prompt length": more("prompt_tokens"),
    "response length": more("response_tokens"), "episodes before each update": more("rollout_batch"),
    "sequences learned from at a time": more("micro_batch"), "price": more("price_usd_per_gpu_hour"), "GPUs": more("num_gpus", 2),
}  # fmt: skip

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert math.isclose(growing_exponent, flops_exponent + 1), "data in proportion to the size must add one to the exponent"
assert 0.5 < flops_exponent < 1.5, (
    "at fixed data attention grows more slowly than the size, matrix products nearly with it"
)
assert math.isclose(exponents["bytes of weights, gradients, optimizer"][0], 1), "states are bytes per parameter"
at = training(model, 1, crossing)
assert math.isclose(at.matmul, at.attention), "both terms must be equal at the crossing"
near = [training(model, 1, length * factor).total for factor in (0.999, 1.001)]
local = scaling.exponent(near, [0.999, 1.001])
assert abs(local - 1 - attention_part) < 1e-6, "the local exponent must follow from the crossing"
assert math.isclose(sft_ratio, 2) and math.isclose(ppo_ratio, 2), "dollars must be proportional to the data"
assert all(math.isclose(cost.flops, ppo(model).flops) for cost in rolled.values()), "a rollout batch changes no FLOPs"
assert min(train_gain, decode_gain) >= 1 - 1e-9, "more sequences at a time must not slow a GPU down"
assert five.min() >= 1 - 1e-9 and five.max() <= 5 + 1e-9, "five samples take one to five times the time of one"


# %% tags=["remove-cell", "nbval-check-output"]
def power(exponent):
    return fmt.number(round(exponent, 2) + 0.0, 2)


def percent(share):
    return fmt.rounded(100 * share, 2) + " %"


longer_flops = training(model, 1, 2 * length).total / training(model, 1, length).total
longer_flash, longer_eager = (activations(2 * length, way) / activations(length, way) for way in ("flash", "eager"))
assert 1 - 1e-9 <= longer_flops / 2 <= 2 and math.isclose(longer_flash, 2), "length: between proportion and square"
reach = catalog.find("coefficients", "rl-update-fraction")
page.phrase("model_label", find(aligned_model).label)
page.phrase("gpu_label", catalog.find("gpus", cluster_gpu).label)
page.publish("length", length, "tokens", fmt.number(length))
page.publish("at_a_time", at_a_time, "sequences", fmt.number(at_a_time))
page.publish(
    "updates", math.ceil(num_episodes / rollout_batch), "updates", fmt.number(math.ceil(num_episodes / rollout_batch))
)
page.publish("copy_gpus", ranks, "GPUs", fmt.number(ranks))
page.publish_all("sequences", fmt.number, train_room=train_room, decode_room=decode_room)
keys = {"states": "bytes of weights, gradients, optimizer", "matrices": "FLOPs of matrix products alone",
        "attention": "FLOPs of attention alone", "sft": "USD of SFT, data fixed", "ppo": "USD of PPO, data fixed"}  # fmt: skip
page.publish_all("-", power, flops_exponent=flops_exponent, growing_exponent=growing_exponent,
                 **{f"{key}_exponent": exponents[name][0] for key, name in keys.items()}, local_exponent=1 + attention_part,
                 sft_exponent_large=exponents[keys["sft"]][1], ppo_exponent_large=exponents[keys["ppo"]][1])  # fmt: skip
small, large = ladder[3], ladder[-1]
page.publish_all("fraction", fmt.share, handed_over_small=ppo(small).share("weight sync"),
                 handed_over_large=ppo(large).share("weight sync"))  # fmt: skip
page.phrase("small_label", find(rungs[3]).label)
page.phrase("large_label", find(rungs[-1]).label)
page.phrase("twice_said", "less than" if max(exponents[keys[each]][1] for each in ("sft", "ppo")) < 1 else "about")
# In time attention is slower than a matrix product, so it catches up earlier.
slower = rates.coefficients["training-attention-fraction"] * rates.attention / rates.matmul
page.publish_all("tokens", fmt.number, crossing=crossing, crossing_causal=2 * crossing, crossing_in_time=crossing * slower,
                 eager_crossing=eager_crossing)  # fmt: skip
page.publish_all("fraction", percent, alternating=reach.value, alternating_low=reach.low, alternating_high=reach.high,
                 attention_part=attention_part, prefill_saving=saving, train_share_few=train_few.share_of_peak,
                 train_share_many=train_many.share_of_peak, decode_share_few=decode_few.share_of_peak,
                 decode_share_many=decode_many.share_of_peak)  # fmt: skip
usd = [cost.usd for cost in rolled.values()]
page.publish_all("ratio", lambda ratio: fmt.ratio(ratio, 2), longer_flops=longer_flops, longer_flash=longer_flash,
                 longer_eager=longer_eager, rollout_spread=max(usd) / min(usd), decode_gain=decode_gain,
                 five_low=five.min(), five_high=five.max(), tail=generation_hours(16, 1, 8) / generation_hours(16, 1, 1))  # fmt: skip
page.publish_all("GB", fmt.rounded, train_gb_few=train_few.gb, train_gb_many=train_many.gb)
assert np.allclose(elasticities["price"], 1), "dollars must be proportional to the price"
page.publish("twice_gpus", 2 ** elasticities["GPUs"][2], "ratio", fmt.ratio(2 ** elasticities["GPUs"][2], 2))
near_one = abs(flops_exponent - 1) < 0.1
page.phrase(
    "size_said", "Nearly in proportion to" if near_one else "Faster than" if flops_exponent > 1 else "More slowly than"
)
page.publish_all("ratio", fmt.ratio_2, twice_size=2**flops_exponent, twice_growing=2**growing_exponent)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The slope is the answer. Arithmetic of training against the parameters of eleven models. On the same data, here the demonstrations of this chapter (blue), twice the size takes {glue:text}`twice_size`; with 20 tokens for each parameter (red), {glue:text}`twice_growing`.", "name": "fig-scaling-size"}, "image": {"alt": "Two rising straight lines of points on logarithmic axes, training FLOPs against parameters. The line for fixed data is half as steep as the line for data that grow with the model."}}
fig, ax = figures.canvas(5.2, 4)
tokens = at_least_one["num_demonstrations"] * epochs * length
for name, counts, exponent, colour in (
    ("same data", tokens, flops_exponent, figures.BLUE),
    ("more data", 20 * size, growing_exponent, figures.RED),
):
    ax.plot(size, flops / length * counts, "o-", color=colour, lw=1.5, ms=6)
    text = f"{name}:\n{fmt.ratio(2**exponent, 2)} for\ntwice the size"
    figures.say(ax, size[-1], (flops / length * counts)[-1], text, xytext=(9, 8), va="top")
ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel="training [FLOPs]", xlim=(size[0] / 1.6, size[-1] * 120))
figures.plain_log(ax.xaxis, [1e8, 1e9, 1e10, 1e11], lambda v: f"{v / 1e9:g}B")
figures.powers(ax.yaxis)
ax.grid(axis="y")
growth = "in proportion" if near_one else f"with the power {power(flops_exponent)}"
figures.title(ax, f"On the same data, compute grows {growth}")

# %% tags=["remove-input", "nbval-check-output"]
by_data = np.transpose([size, flops / length * tokens, flops * 20 / length * size])
df = page.data(
    "fig-scaling-size",
    ["model", "parameters [-]", "training, data fixed [FLOPs]", "training, 20 tokens per parameter [FLOPs]"],
    [[name, *row] for name, row in zip(rungs, by_data, strict=True)],
)

# %% [markdown]
# ## A square needs data that grow with the model
#
# Growth is told by a *power*, the slope in the figure. Power 1 means that twice the size costs twice as much, power 2 that it costs four
# times as much. We took eleven models, from 70 million to 405 billion parameters, and measured the power of each part of the cost.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-scaling-size",
    ["part of the cost", "power, all sizes", "power, from 1B up"],
    [[name, *map(power, two)] for name, two in exponents.items()],
    caption="The power with which each part grows with the parameters. Only in the last row do the data grow as well.",
)

# %% [markdown]
# Two parts of the arithmetic pull apart. Products with the model's matrices grow with the power {glue:text}`matrices_exponent`: in a small
# model more of the parameters are a table in which tokens are looked up, without arithmetic. *Attention*, in which each token is compared
# with the others of its sequence, grows with {glue:text}`attention_exponent`: a layer twice as wide has four times the parameters and
# twice the attention. Memory for weights, gradients and optimizer grows in proportion, with 16 bytes for each parameter
# {cite:p}`rajbhandari2020zero` ({ref}`sec-memory`).
#
# Dollars also pay for a GPU that waits, and some waits hardly grow with the model. Handing the actor's new weights over takes
# {glue:text}`handed_over_small` of PPO's time with {glue:text}`small_label` and {glue:text}`handed_over_large` with
# {glue:text}`large_label`.
#
# So twice the model is {glue:text}`twice_said` twice the bill: from 1B up, the dollars of fine-tuning grow with the power
# {glue:text}`sft_exponent_large` and those of PPO with {glue:text}`ppo_exponent_large`.
#
# The square is right for pre-training ever larger models, each on data in proportion to its size, as the 70B model of
# {cite:t}`hoffmann2022` on 1.4 trillion tokens. In alignment your demonstrations, pairs and episodes are as many as somebody wrote or you
# can pay for, whatever the model. A cluster makes no square either: a model twice as large needs twice the GPUs, each for the same time.
#
# ## Length counts in proportion until attention takes over
#
# Attention compares each token with each other one, so its work grows with the square of the length. In a short sequence that is too
# little to notice. For {glue:text}`model_label` it equals the work of the matrices at {glue:text}`crossing` tokens; at the
# {glue:text}`length` of this chapter it is {glue:text}`attention_part` of the arithmetic.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What twice the length costs, for one sequence of {glue:text}`model_label`: twice while sequences are short, four times when attention rules. Activations are what learning must keep in memory; if the square of attention is stored (eager), they turn far earlier than the arithmetic, and with flash attention never. The dashed line is the length of this chapter.", "name": "fig-scaling-length"}, "image": {"alt": "Curves of the factor for twice the length against sequence length on a logarithmic axis. Two of them rise from two to four, eager activations at much shorter lengths than FLOPs; a third, activations with flash attention, is flat at two."}}
fig, ax = figures.canvas(5.2, 3.7)
grid = np.geomspace(min(64, length), max(4e5, 2 * length, 8 * crossing), 45)


def for_twice(length, at):
    return 2 * (at + 2 * length) / (at + length)


for name, at, colour in (("FLOPs", crossing, figures.BLUE), ("activations,\neager", eager_crossing, figures.RED)):
    ax.plot(grid, for_twice(grid, at), color=colour, lw=2)
    ax.plot(at, 3, "o", color=colour, ms=7)
    figures.say(ax, at, 3, name, xytext=(12, -8))
ax.plot(grid, np.full_like(grid, 2), color=figures.GREEN, lw=2)
figures.say(ax, grid[-1], 2, "activations, flash", ha="right", xytext=(0, 10))
ax.axvline(length, color="black", ls="--", lw=1.2, zorder=0)
ax.set(xscale="log", ylim=(1.9, 4.1), xlim=(grid[0], grid[-1]))
ax.set(xlabel="tokens of a sequence", ylabel="twice the length costs")
ax.set_yticks([2, 3, 4], ["2x", "3x", "4x"])
figures.plain_log(ax.xaxis, [4**k for k in range(3, 14, 2) if grid[0] <= 4**k <= grid[-1]], fmt.number)
ax.grid(axis="y")
figures.title(ax, "Only long sequences cost more than in proportion")

# %% tags=["remove-input", "nbval-check-output"]
lengths = sorted(map(float, {*grid, crossing, eager_crossing, length}))
df = page.data(
    "fig-scaling-length",
    [
        "sequence [tokens]",
        "FLOPs for twice [-]",
        "activations for twice, eager [-]",
        "activations for twice, flash [-]",
    ],
    [[s, for_twice(s, crossing), for_twice(s, eager_crossing), 2] for s in lengths],
)

# %% [markdown]
# The memory of longer answers grows faster than they do only if the program stores the square. Twice the length of this chapter
# takes {glue:text}`longer_flash` the activations with flash attention, which never stores it {cite:p}`dao2024flashattention2`, and
# {glue:text}`longer_eager` without.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-scaling-length",
    ["tokens", "FLOPs", "attention", "power", "activations, flash [GB]", "activations, eager [GB]"],
    [
        [
            fmt.number(s), fmt.power_of_ten(training(model, 1, s).total), percent(s / (s + crossing)),
            power(scaling.length_exponent(s, crossing)), *(fmt.rounded(activations(s, way) / memory.GB) for way in ("flash", "eager")),
        ]
        for s in sorted({length, 256, 1024, 4096, 16384, 65536, 131072})
    ],
    caption="One training sequence, nothing computed twice: attention's share of its arithmetic, the power with which it grows there, and what it keeps in memory.",
)  # fmt: skip

# %% [markdown]
# ## More sequences at a time buy speed with memory
#
# A GPU multiplies faster than it fetches numbers from its memory. Each pass fetches all weights once, however many sequences use them. A
# sequence in training brings {glue:text}`length` tokens to the fetched weights, one that is being written (*decoding*) a single token. So
# writing gains most from company: sixteen sequences at a time give {glue:text}`decode_gain` the tokens of one.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "How well one {glue:text}`gpu_label` is used, against the sequences that pass at a time: arithmetic done over the most that it could do. From one to sixteen, training goes from {glue:text}`train_share_few` to {glue:text}`train_share_many` and writing from {glue:text}`decode_share_few` to {glue:text}`decode_share_many`. Dotted: more than its memory holds.", "name": "fig-scaling-batch"}, "image": {"alt": "Two curves of the share of peak on logarithmic axes, for training and for decoding, against the number of sequences at a time. Both rise with the batch and flatten; they turn from solid to dotted where memory ends."}}
fig, ax = figures.canvas(5.2, 3.7)
counts = np.array([2.0**k for k in range(11)])
for name, of, room, colour in (
    ("training", trained, train_room, figures.BLUE),
    ("writing", decoded, decode_room, figures.RED),
):
    used = np.array([100 * of(n).share_of_peak for n in counts])
    ax.plot(counts, used, ":", color=colour, lw=2)
    ax.plot(counts[counts <= room], used[counts <= room], "o-", color=colour, lw=2, ms=6)
    figures.say(ax, counts[-1], used[-1], name, xytext=(8, 0))
ax.set(xscale="log", yscale="log", xlabel="sequences at a time", ylabel="share of the peak [%]", xlim=(0.8, 12000))
figures.plain_log(ax.xaxis, [1, 4, 16, 64, 256, 1024])
figures.plain_log(ax.yaxis, figures.ticks(*ax.get_ylim(), steps=(1, 3)), lambda v: f"{v:g}")
ax.grid(axis="y")
figures.title(ax, "Writing one answer at a time leaves a GPU idle")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-scaling-batch",
    ["at a time [sequences]", "training [% of peak]", "training fits", "writing [% of peak]", "writing fits"],
    [[int(n), *(cell for of, room in ((trained, train_room), (decoded, decode_room))
                for cell in (100 * of(n).share_of_peak, "yes" if n <= room else "no"))] for n in counts],
)  # fmt: skip

# %% [markdown]
# The price is memory. From one to sixteen sequences training goes from {glue:text}`train_gb_few` to {glue:text}`train_gb_many` GB, for
# what learning keeps of each; up to {glue:text}`train_room` fit.
#
# Writing keeps a cache of all earlier tokens of each answer; up to {glue:text}`decode_room` fit on one copy of the model. Fill the memory
# you have paid for.
#
# ## Data and steps cost in proportion, and one long answer makes all wait
#
# Twice the demonstrations, twice the passes over them or twice the episodes (prompts with their answers) cost twice. Further passes of PPO
# over the same answers repeat the learning alone. As many answers to fewer prompts save reading alone: with eight
# answers to each, an eighth of the prompts is read, which saves {glue:text}`prefill_saving` of all arithmetic.
#
# The episodes that PPO writes before it learns change no arithmetic either. They set how many answers are written at a time:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-scaling-rollout-batch",
    ["episodes before each update", "updates", "writing", "time of an episode [GPU-s]", "total [USD]"],
    [
        [
            fmt.number(batch), fmt.number(math.ceil(at_least_one["num_episodes"] / batch)), percent(cost.share("generate")),
            fmt.short(3600 * cost.gpu_hours / at_least_one["num_episodes"], 3), fmt.number(cost.usd, 2),
        ]
        for batch, cost in rolled.items()
    ],
    caption="What PPO costs by the answers that are written before each update; “writing” is its share of the time. All rows do the "
    "same arithmetic. All answers have one length here, where chapter 7 has each step wait for a longer one, and so a larger bill.",
)  # fmt: skip

# %% [markdown]
# The most expensive row costs {glue:text}`rollout_spread` the cheapest. How well a model learns from fewer and larger updates is not in the
# table.
#
# A batch is finished with its longest answer. If that one is eight times as long as the mean, sixteen prompts on one copy of the model take
# {glue:text}`tail` the time for the same tokens, because the last answer goes on alone. More answers to each prompt fill the steps before
# it:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-scaling-longest-response",
    ["prompts on a copy", *(f"longest {k}x the mean" if k > 1 else "all of one length" for k in stretches)],
    [[fmt.number(n), *(fmt.ratio(x, 2) for x in row)] for n, row in zip(copies, five, strict=True)],
    caption="What five answers to each prompt take, over the time of one: less than five times, and least where a GPU would wait anyway.",
)

# %% [markdown]
# Five times the answers take {glue:text}`five_low` to {glue:text}`five_high` the time. So if you write few prompts at a time, ask for more
# answers to each.
#
# ## What ten per cent more of each input does to the bill
#
# Last, the dollars. A power of 1 means that ten per cent more of an input costs ten per cent more; 0, that it makes no difference; below 0,
# that it is cheaper.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-scaling-sensitivity",
    ["input", "fine-tuning", "PPO", "both"],
    [[name, *map(power, row)] for name, row in elasticities.items()],
    caption="The power of the dollars in each input, at the inputs of this chapter; of GPUs, from twice as many.",
)

# %% [markdown]
# Twice the GPUs cost {glue:text}`twice_gpus` the dollars. At exactly 1 the wait would halve at the same bill; what exceeds 1 is traffic
# between GPUs and fewer sequences on each. Where the powers of prompt and response add up to less than 1, longer sequences fill a GPU
# that was partly waiting.
#
# ::::{dropdown} How this was computed
# :name: scaling-model
#
# In training, a token is multiplied with the $M$ matrix parameters of the model and attends to the $s$ tokens of its
# sequence. With $\ell$ layers of $a$ heads of width $e$ (a head compares tokens in its own way), training on $D$ tokens takes
#
# $$ F = \left( 6 M + 12\,\ell\,a\,e\,s \right) D $$ (eq-scaling-flops)
#
# FLOPs {cite:p}`kaplan2020,narayanan2021`, and a third more where all activations are computed twice. $M$ is not $N$: the
# table that turns tokens into vectors is looked up, not multiplied with, and in a mixture of experts a token passes
# only a few of them. The second term counts the full square of a sequence, as published utilisations do; a causal
# kernel needs half.
#
# *Size.* The exponent of a cost $C$ in the parameters is
#
# $$ \alpha = \frac{\mathrm{d} \ln C}{\mathrm{d} \ln N} $$ (eq-scaling-exponent)
#
# It is measured here as the slope of a straight line through the logarithms of eleven real models, each on the lengths, GPUs and settings of this chapter, with {glue:text}`at_a_time` sequences at a time. What is held
# fixed decides it: where the tokens grow with the model, as in compute-optimal pre-training at about 20 tokens for each parameter
# {cite:p}`hoffmann2022`,
#
# $$ D = 20\,N \quad\text{gives}\quad F \approx 6\,N \cdot 20\,N = 120\,N^2 $$ (eq-scaling-square)
#
# The powers are {glue:text}`flops_exponent` on the same data, {glue:text}`growing_exponent` on growing data and
# {glue:text}`states_exponent` for weights, gradients and optimizer. Over all sizes the dollars of fine-tuning have
# {glue:text}`sft_exponent` and those of PPO {glue:text}`ppo_exponent`.
#
# *Length.* For one sequence $D = s$, so equation {eq}`eq-scaling-flops` has a term in $s$ and one in $s^2$. They are
# equal at a length $s^*$, and the exponent in the length goes from 1 far below it to 2 far above:
#
# $$ s^* = \frac{2 M}{4\,\ell\,a\,e}, \qquad \frac{\mathrm{d} \ln F}{\mathrm{d} \ln s} = 1 + \frac{s}{s + s^*} $$ (eq-scaling-length)
#
# For the causal half $s^*$ is twice as long, {glue:text}`crossing_causal` tokens. In time attention catches up at
# {glue:text}`crossing_in_time` tokens of the full square, since its training kernels reach a smaller share of the peak than matrix products
# do. At {glue:text}`length` tokens the exponent is {glue:text}`local_exponent`. Of activations a sequence keeps
#
# $$ A\,\ell\,s + 5\,a\,\ell\,s^2 $$ (eq-scaling-activations)
#
# bytes, where $A$ is what one layer keeps of one token {cite:p}`korthikanti2022`; both terms are equal at {glue:text}`eager_crossing` tokens.
# Flash attention never stores the square and is left with the first term. Full recomputation stores the input of each layer alone; what the
# rest of $A$ and the square take, they take for one layer at a time.
#
# *Batch.* A pass over $m$ sequences with $\tau$ tokens of each reads all $W$ bytes of weights once. At a bandwidth $\beta$ and
# an arithmetic speed $v$ its matrix products take
#
# $$ t = \max\left( \frac{W}{\beta},\; \frac{2 M m \tau}{v} \right) $$ (eq-scaling-batch)
#
# seconds, the same for any $m$ while the first term is the larger {cite:p}`williams2009roofline,pope2023inference`. In
# training $\tau = s$, in generation $\tau = 1$. Attention, the cache, launches and traffic between GPUs are added to it. The share of the peak
# counts each product once, whatever is recomputed. In generation the sequences are those of one copy of the model; GPUs that share a copy, if
# need be more than there are: {glue:text}`copy_gpus`. What has no room in the cache waits until another answer has ended.
#
# *Data and steps.* $n$ episodes, $q$ before each update, make $n / q$ updates, {glue:text}`updates` here.
#
# FLOPs and bytes are counted from the matrices. Seconds and dollars come from the roofline of the GPU, whose coefficients
# are fitted to measurements or assumed ({ref}`sec-data`). PPO's updates reach {glue:text}`alternating` of the roofline's speed, as fitted to
# published steps, which spread from {glue:text}`alternating_low` to {glue:text}`alternating_high`. Such a constant moves dollars and leaves
# exponents as they are.
#
# *Bill.* The powers of the last table come from 10 % more of each input, and from twice the GPUs. Parameters are added as layers: embeddings
# do not grow with them, and a jump in that row means that a copy of the deeper model no longer generates on the same number of GPUs.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Hide"}
_ = page.inputs(globals(), "tab-scaling-inputs")


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Speed and memory by sequences at a time", "code_prompt_hide": "Hide"}
def batch_cells(at, fits):
    return [fmt.rounded(at.tokens_per_s), percent(at.share_of_peak), fmt.rounded(at.gb) if fits else "does not fit"]


df = page.table(
    "tab-scaling-batch",
    ["phase", "sequences at a time", "tokens/s", "share of peak", "memory [GB]"],
    [
        [phase, fmt.number(n), *batch_cells(of(n), n <= room)]
        for phase, of, room in (("training", trained, train_room), ("decoding", decoded, decode_room))
        for n in sorted({at_a_time, 1, 4, 16, 64, 256})
    ],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the documents examined here", "code_prompt_hide": "Hide"}
prefill_saved = single.flops - grouped.flops - 7 / 8 * single.steps[0].flops
steps = [math.ceil(k * at_least_one["num_demonstrations"] * epochs / (at_a_time * num_gpus)) for k in (1, 2)]
page.ledger(
    "09_scaling",
    check("A12", flops_exponent),
    observe("A13", longer_flops > 1 and longer_flash > 1, f"twice the length: FLOPs {fmt.ratio(longer_flops, 2)}, "
            f"activations {fmt.ratio(longer_flash, 2)} (eager {fmt.ratio(longer_eager, 2)})"),
    observe("A14", min(train_gain, decode_gain) > 1.001 and train_many.gb > train_few.gb and decode_many.gb > decode_few.gb,
            f"16 sequences for 1: {fmt.ratio(train_gain)} the speed in training, {fmt.ratio(decode_gain)} in decoding; "
            f"{fmt.rounded(train_many.gb - train_few.gb)} and {fmt.rounded(decode_many.gb - decode_few.gb)} GB more"),
    observe("A15", single.tokens == grouped.tokens and abs(prefill_saved) < 1e-9 * single.flops,
            f"1 or 8 answers to a prompt: same episodes, FLOPs differ by the prefill saved, {percent(saving)}"),
    observe("A16", math.isclose(sft_ratio, 2) and steps[1] > steps[0],
            f"twice the examples: {fmt.ratio(sft_ratio, 3)} the cost, {fmt.number(steps[0])} to {fmt.number(steps[1])} steps"),
    observe("A17", math.isclose(ppo_ratio, 2), f"twice the episodes and updates: {fmt.ratio(ppo_ratio, 3)} the cost"),
    observe("A32", math.isclose(ppo_ratio, 2), f"{fmt.ratio(ppo_ratio, 3)} the cost for twice the prompts, if each is answered as often"),
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals of rates, sizes and dollars", "code_prompt_hide": "Hide"}
page.trust(
    "tab-scaling-trust",
    [
        (
            "training, one sequence at a time: tokens/s of a GPU",
            "training throughput",
            train_few.tokens_per_s,
            fmt.rounded,
        ),
        ("training, sixteen: tokens/s of a GPU", "training throughput", train_many.tokens_per_s, fmt.rounded),
        ("training, sixteen: GB on a GPU", "measured memory", train_many.gb, fmt.rounded),
        ("decoding, sixteen: tokens/s of a GPU", "inference", decode_many.tokens_per_s, fmt.rounded),
        ("PPO, all answers of one length", "ppo one pool", ppo(model).usd, fmt.price),
    ],
)

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: scaling-trust
#
# *Interval.* Powers and other ratios of one job to another keep their values where the model is off by one factor. Rates, sizes and
# dollars do not: four in five published measurements lie inside the intervals of the table above, taken relative to what is computed for
# them ({ref}`sec-validation`).
#
# *Sizes.* Exponents are those of this catalogue: models of other proportions of depth, width and vocabulary give others, in the
# second digit. All sizes are priced on the GPUs of this chapter, whether they fit or not; {ref}`sec-memory` says what fits. A
# share of the roofline that itself depends on the size, as frameworks may have, would change the exponents of dollars.
#
# *Lengths* are means. A mix of lengths has more attention than its mean, and padding counts as tokens. *Steps to convergence* are no output of
# a formula: that more data or larger models need more or fewer of them is left to those who train. A rollout of fewer episodes than there are
# copies leaves GPUs idle, which are paid. A count of 0 demonstrations or episodes is computed as 1, since nothing grows by a factor from 0.
#
# *Statements of the course page.* That memory and compute grow at least with the square of the size ([A12](#claim-a12)) does not hold on the
# data of alignment.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 09 -p aligned_model=llama-3.1-70b -p cluster_gpu=h100-sxm-80gb \
#   -p num_gpus=64 -p response_tokens=4096
# papermill notebooks/09_scaling.ipynb out.ipynb -p aligned_model llama-3.1-70b -p response_tokens 4096
# ```
#
# ## References
#
# The course page {cite:p}`coursepage`; FLOPs of a transformer {cite:p}`kaplan2020,narayanan2021`; data that grow with the
# model {cite:p}`hoffmann2022`; activations and attention {cite:p}`korthikanti2022,dao2024flashattention2`; states
# {cite:p}`rajbhandari2020zero`; the roofline and decoding {cite:p}`williams2009roofline,pope2023inference`; the models of
# the ladder {cite:p}`biderman2023pythia,touvron2023llama,touvron2023llama2,grattafiori2024llama3`. Full entries:
# {doc}`/book/bibliography`.
