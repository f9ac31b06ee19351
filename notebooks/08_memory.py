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
# (sec-memory)=
# # Four models in memory
#
# **Question.** What must each GPU hold in each stage of alignment, how many GPUs does a stage need, and where does one
# GPU end?
#
# **Answer.** PPO with four models of the size of {glue:text}`model_label` puts up to {glue:text}`peak` GB,
# with {glue:text}`at_a_time` sequences at a time, on each of {glue:text}`gpus` {glue:text}`gpu_label`, which have {glue:text}`hbm` GB. The fewest such GPUs are
# {glue:text}`ppo_fewest` for PPO and {glue:text}`sft_fewest` for supervised fine-tuning, where “none” means that no number is
# enough. Before anything is computed, four equal models take {glue:text}`ppo_bytes` bytes for each parameter, so one such GPU ends at {glue:text}`ppo_end` parameters for PPO, where it ends at {glue:text}`sft_end` for
# fine-tuning and at {glue:text}`inference_end` for a model that only answers.

# %% tags=["parameters"]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]
rollout_batch: int = 512  # episodes generated before each update [episodes]
zero_stage: int = 3  # ZeRO sharding over GPUs (0 none, 1 optimizer, 2 and gradients, 3 and weights) [-]
precision_recipe: str = "mixed-16"  # bytes per trained parameter [-]
recompute: str = "full"  # activations computed again in the backward pass [-]
micro_batch: int = 0  # sequences that pass at a time on each GPU; 0 takes the most that fit [sequences]

# %% tags=["remove-cell"]
import math
import statistics

import numpy as np

from costlib.base import fmt
from costlib.compute import footprint, memory
from costlib.compute.architecture import lora_parameters
from costlib.compute.job import estimate
from costlib.compute.models import find
from costlib.economics import anatomy, scenarios
from costlib.facts import catalog, options, parameters
from costlib.facts.claims import check, observe
from costlib.report import figures, page
from costlib.validation import published

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-memory-inputs")

# %% [markdown]
# ## Model
#
# *States.* A model of $N$ parameters in training keeps $w$ bytes of weights, $g$ of gradients and $o$ of optimizer for
# each of them. ZeRO shares them out over $G$ GPUs, the optimizer from stage 1, the gradients from stage 2, the weights
# from stage 3 {cite:p}`rajbhandari2020zero`. With $G_i = G$ from stage $i$ on and $G_i = 1$ before it, a GPU holds
#
# $$ B_\text{states} = \left( \frac{w}{G_3} + \frac{g}{G_2} + \frac{o}{G_1} \right) N
# + 6\,N_\text{layer} $$ (eq-memory-states)
#
# bytes. The last term is there at stage 3 only: two layers are gathered at a time, one at work and the next, and the one at
# work has its gradient; models that take turns gather one after the other. A frozen model holds $2N / G_3$, and gathers
# $4\,N_\text{layer}$. The bytes are a choice, the *recipe*:

# %% tags=["hide-input", "nbval-check-output"]
KEPT = ["32-bit weights, two moments", "the same; 32-bit gradients", "the same; gradients twice", "two 32-bit moments",
        "two 16-bit moments", "two 32-bit moments", "32-bit weights, two 8-bit moments", "two 8-bit moments",
        "two 16-bit moments", "two 8-bit moments", "moments on the host"]  # fmt: skip
df = page.table(
    "tab-memory-recipes",
    ["recipe", "weights", "gradients", "optimizer", "bytes", "the optimizer keeps"],
    [
        [name, each.weights, each.gradients + each.working_gradients, each.optimizer, each.total, kept]
        for (name, each), kept in zip(memory.RECIPES.items(), KEPT, strict=True)
    ],
)

# %% [markdown]
# The first three are usual in mixed precision {cite:p}`micikevicius2018mixed`. In mixed-20 the 16-bit gradients of the
# backward pass exist beside the 32-bit ones that are kept, whole below stage 3, as DeepSpeed counts it
# {cite:p}`deepspeed2023memory`.
#
# *Activations.* For the backward pass, a layer of width $d$ with $a$ query heads, $a_\text{kv}$ key-value heads of width $e$, and
# an MLP of inner width $f$ keeps for each token
#
# $$ A = \nu\,d + 4 d + 4\,(a + a_\text{kv})\,e + \mu\,f $$ (eq-memory-activations)
#
# bytes: its norms, the inputs of its matrix products, queries, keys, values and the result of attention, and the MLP (of a
# mixture, each expert that a token uses). For GPT $\nu = 4$ and $\mu = 4$, and with dropout masks 34 bytes for each unit of
# width {cite:p}`korthikanti2022`. Counted alike, a gated MLP with RMS norms has $\mu = 8$ and $\nu = 12$, since such a norm
# written out keeps 32-bit copies. For {glue:text}`model_label` $A / d$ is {glue:text}`activation_factor`. Flash attention
# keeps no square of the sequence; selective recomputation, which was there to leave that square out, then keeps the result of
# attention and every second product, as torchtitan does. A micro-batch of $m$ sequences of $s$ tokens, on a vocabulary $V$
# and $\ell$ layers, takes
#
# $$ B_\text{work} = m\,s \begin{cases} \ell A + \max(A, 14\,V) & \text{without recomputation} \\
# 2\,\ell d + \max(2 A, 14\,V) & \text{with full recomputation} \end{cases} $$ (eq-memory-work)
#
# bytes: with full recomputation each layer keeps its input alone. The logits are gone before the last layer is
# differentiated, which has its gradients beside it and, where it was computed again, its activations. The 14 are 16-bit
# logits, their 32-bit copy, its logarithms of shares and their gradient; scoring needs one layer's $A$ or $6\,V$. A model
# that returns one number (reward model, critic) has no logits.
#
# *Cache.* A model that generates keeps the keys and values of all tokens so far,
#
# $$ B_\text{cache} = 4\,\ell\,a_\text{kv}\,e\,s $$ (eq-memory-cache)
#
# bytes for each sequence; of a model that caches something smaller, as DeepSeek-V3 does {cite:p}`deepseekai2024v3`, that is
# counted. *Framework.* {glue:text}`framework` GB before the first weight, an assumption within the 0.5 to 1.4 GB that are
# reported {cite:p}`wolf2020transformers`, and 1 GB of buffers where several GPUs work together.
#
# *Four models.* PPO trains an actor and a critic; a frozen reference and a frozen reward model score
# {cite:p}`schulman2017ppo,ouyang2022instructgpt`. At equal sizes that is
#
# $$ b_\text{PPO} = 2\,(w + g + o) + 2 \cdot 2 $$ (eq-memory-ppo)
#
# bytes for each parameter. At stage 3 a whole copy of the actor is put together to generate; a group of GPUs may share
# it, head by head, so that there is room for the cache. What GPUs share, $B_\text{shared}$, becomes less on each as they
# become more; the rest $B_\text{rest}$ does not: activations, logits, the gathered layer, framework, the copy that
# generates and one answer in its cache. On GPUs with $B_\text{GPU}$ bytes
#
# $$ G^* = \left\lceil \frac{B_\text{shared}}{B_\text{GPU} - B_\text{rest}} \right\rceil $$ (eq-memory-fewest)
#
# are needed, at the best size of a group, and no number is enough if $B_\text{rest} \geq B_\text{GPU}$.
#
# *Valid* for data parallelism with ZeRO or FSDP, and for models whose layers are alike. *Computed* are bytes from the
# matrices of each model; *assumed* are the framework, 16-bit frozen weights and a GB of 10⁹ bytes. Nothing was fitted, and
# what was *measured* elsewhere stands beside it below.

# %%
actor, gpu = find(aligned_model).architecture, catalog.find("gpus", cluster_gpu)
all_inputs = scenarios.complete(inputs)
sft, ppo = (anatomy.estimated(stage, all_inputs) for stage in ("sft", "ppo"))
ppo_bytes = footprint.state_bytes(precision_recipe)["PPO"]

# %% tags=["remove-cell"]
gpus = catalog.table("gpus")
length = prompt_tokens + response_tokens
rank, room = parameters.defaults()["lora_rank"], ppo.job.room
hbm = round(room / memory.GB, 1)
held = {phase: footprint.by_owner(parts) for phase, parts in ppo.phases.items()}
phase, fullest = ppo.fullest
largest = max(held[phase], key=held[phase].get)
# States alone, in bytes for each parameter, and one GPU with its work.
WAYS = ("inference", "LoRA", "SFT", "DPO", "PPO")
each = footprint.state_bytes(precision_recipe, lora_parameters(actor, rank) / actor.parameters)
ends = {way: room / each[way] for way in WAYS}
one_gpu = (prompt_tokens, response_tokens, precision_recipe, rank)
listed = dict.fromkeys([*catalog.in_chapters(), aligned_model])
models = {name: find(name) for name in listed}
needs = {name: footprint.on_one_gpu(model.architecture, *one_gpu) for name, model in models.items()}


# What was published, computed again; QLoRA's rows are from memory, and enter no median.
rows = published.rows()
off = {name: published.difference(row) for name, row in rows.items() if row.what != "largest actor"}
rules = [name for name in off if rows[name].what != "training"]
measured = [name for name in off if rows[name].what == "training" and rows[name].status == "primary"]
actors = [row for row in rows.values() if row.what == "largest actor"]
opts = [name for name in listed if name.startswith("opt-")]
shares = [published.actor_shares(row, opts) for row in actors]
most = [[name for name in opts if filled[name] <= 1][-1] for filled in shares]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert all(math.isclose(sum(held[name].values()), ppo.phases[name].total) for name in held), "every byte has an owner"
assert ends["PPO"] <= ends["DPO"] <= ends["SFT"] <= ends["inference"], "who holds more must end earlier"
assert all(need["SFT"] <= need["PPO"] for need in needs.values()), "four models cannot take less than one"
alike = {"micro_batch": ppo.setup.micro_batch}  # more GPUs would let more pass at a time
if parameters.allowed({"num_gpus": 2 * num_gpus}):
    twice = anatomy.estimated("ppo", all_inputs, gpus=2 * num_gpus, **alike)
    assert twice.phases["train"].total <= ppo.phases["train"].total * (1 + 1e-9), "more GPUs cannot hold more each"
if not math.isinf(ppo.min_gpus):
    tight = anatomy.estimated("ppo", all_inputs, gpus=ppo.min_gpus)
    assert tight.fullest[1].total <= room * (1 + 1e-9), "the fewest GPUs must be enough"


# %% tags=["remove-cell", "nbval-check-output"]
def largest_model(way):
    inside = [models[name] for name in listed if needs[name][way] <= room]
    return max(inside, key=lambda model: model.parameters).label if inside else "none"


def billions(value):
    return fmt.rounded(value / 1e9, 2) + "B"


def signed(fraction):
    return f"{100 * fraction:+.1f} %"


OWNERS = dict(zip(footprint.OWNERS, ["the actor that trains", "the critic that trains", "the frozen reference",
    "the frozen reward model", "what generation adds", "the activations and logits", "the layer at work", "the framework"],
    strict=True))  # fmt: skip
for key, words in {
    "model_label": models[aligned_model].label, "gpu_label": gpu.label.removeprefix("NVIDIA "),
    "phase": {"generate": "generates", "score": "scores", "train": "trains"}[phase], "largest": OWNERS[largest],
    "ppo_model": largest_model("PPO"), "sft_model": largest_model("SFT"), "inference_model": largest_model("inference"),
}.items():  # fmt: skip
    page.phrase(key, words)
page.publish_all("GPUs", fmt.number, gpus=num_gpus, group=ppo.generation_parallel)
page.publish("at_a_time", ppo.setup.micro_batch, "sequences", fmt.number(ppo.setup.micro_batch))
page.publish_found("GPUs", fmt.number, ppo_fewest=ppo.min_gpus, sft_fewest=sft.min_gpus)
for key, size in {
    "peak": fullest.total, "largest_size": held[phase][largest], "framework": memory.framework().total,
    "waiting": held["train"]["reference"] + held["train"]["reward"],
    "qlora": published.size(rows["qlora-fig6-4"]) * memory.GB + memory.framework().total,
}.items():  # fmt: skip
    page.publish(key, size / memory.GB, "GB", fmt.gigabytes(size))
page.publish_all("GB", fmt.number, hbm=hbm, seven=7 * ppo_bytes)
page.publish_all("parameters", billions, ppo_end=ends["PPO"], sft_end=ends["SFT"], inference_end=ends["inference"])
page.publish("ppo_bytes", ppo_bytes, "bytes/parameter", fmt.number(ppo_bytes))
factor, share = memory.activations(actor, length) / actor.hidden_size, held[phase][largest] / fullest.total
page.publish("activation_factor", factor, "bytes", fmt.number(factor, 1))
cache = memory.generating(actor, length, 1, ppo.generation_parallel)["KV cache"]
answers = ppo.phases["generate"]["generation KV cache"] / cache
page.publish("answers", answers, "answers", fmt.number(answers, 0 if math.isclose(answers, round(answers)) else 1))
page.publish("cache_token", memory.kv_cache(actor, 1) / 1e3, "kB", fmt.number(memory.kv_cache(actor, 1) / 1e3))
page.publish("largest_share", share, "fraction", fmt.percent(share))
page.publish("models", len(listed), "models", fmt.number(len(listed)))
page.publish("rows_measured", len(measured), "runs", fmt.number(len(measured)))
wrong_heads = "hf-llama31-kv-9"
page.publish_all("fraction", lambda part: fmt.percent(part, 1),
                 median_off=statistics.median(abs(off[name]) for name in measured),
                 worst_rule=max(abs(off[name]) for name in rules if name != wrong_heads))  # fmt: skip
four_bit = {name for name in measured if rows[name].base_bits == 4}
page.publish_all("fraction", signed, median_4=statistics.median(off[name] for name in four_bit),
                 median_16=statistics.median(off[name] for name in measured if name not in four_bit))  # fmt: skip
page.publish("cache_ours", published.size(rows[wrong_heads]), "GiB", fmt.number(published.size(rows[wrong_heads]), 2))
same = sum(name == f"opt-{row.value:g}b" for name, row in zip(most, actors, strict=True))
page.publish_all("sizes", fmt.number, actors=len(actors), actors_same=same)

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# Four in five published measurements of memory lie between the two factors in the last column times what is computed here
# ({ref}`sec-validation`). Where the upper end is more than the {glue:text}`hbm` GB of a GPU of this run, a fit is not sure.

# %% tags=["hide-input", "nbval-check-output"]
held_in = {f"PPO, {name}": parts.total for name, parts in ppo.phases.items()} | {"fine-tuning": sft.fullest[1].total}
page.trust(
    "tab-memory-trust",
    [(f"{what}: GB on each GPU", "measured memory", size / memory.GB, lambda gb: fmt.gigabytes(gb * memory.GB))
     for what, size in held_in.items()],
)  # fmt: skip

# %% [markdown]
# ### Who holds what
#
# A GPU of this run has {glue:text}`hbm` GB. The fullest phase of a PPO step is the one in which it {glue:text}`phase`,
# with {glue:text}`peak` GB, and the largest part of it is {glue:text}`largest`, {glue:text}`largest_size` GB or
# {glue:text}`largest_share`. The four models are there all the time. Generation adds a cache, {glue:text}`cache_token`
# kB for each token of the answers that are written at a time ({glue:text}`answers` on each copy; GPUs that share one:
# {glue:text}`group`), and at stage 3 a copy of the actor; scoring and training add activations and logits.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What one GPU holds in the three phases of a PPO step of this run. The fullest, in which it {glue:text}`phase`, takes {glue:text}`peak` GB; the dashed line is the memory of the {glue:text}`gpu_label`, {glue:text}`hbm` GB. Actor and critic include their gradients and optimizer.", "name": "fig-memory-phases"}, "image": {"alt": "Three horizontal stacked bars, one for each phase of a PPO step (generate, score, train), divided by what one GPU holds: actor, critic, reference, reward model, generation, activations and logits, framework. A dashed vertical line marks the memory of the GPU."}}
fig, ax = figures.canvas(7, 3.5)
COLOURS = [figures.BLUE, figures.SKY, figures.GREEN, figures.YELLOW, figures.RED, figures.ORANGE, figures.PINK,
           figures.GREY]  # fmt: skip
start = np.zeros(len(held))
for name, colour in zip(OWNERS, COLOURS, strict=True):
    widths = np.array([parts[name] for parts in held.values()]) / memory.GB
    ax.barh(list(held), widths, left=start, color=colour, label=name, height=0.62)
    start += widths
for name, total in zip(held, start, strict=True):
    figures.say(ax, total, name, f"{fmt.gigabytes(total * memory.GB)} GB", bbox={"color": "white", "pad": 1})
ax.axvline(hbm, color="black", ls="--", lw=1.2)
top = {"xycoords": ax.get_xaxis_transform(), "xytext": (0, 2), "ha": "center", "va": "bottom"}
figures.say(ax, hbm, 1, f"{hbm:g} GB", **top)
ax.set(xlabel="memory on one GPU [GB]", xlim=(0, 1.04 * max(hbm, 1.18 * start.max())))
ax.invert_yaxis()
fig.legend(loc="outside upper center", ncols=4, fontsize=11.5, handlelength=1.2, columnspacing=1.4)
ax.tick_params(axis="y", length=0)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-memory-phases",
    ["phase", *(f"{role} [GB]" for role in OWNERS), "memory of the GPU [GB]"],
    [[name, *(parts[role] / memory.GB for role in OWNERS), hbm] for name, parts in held.items()],
)

# %% [markdown]
# Every stage on the same GPUs, with the settings of this run:

# %% tags=["hide-input", "nbval-check-output"]
STAGES = {
    "SFT": ("sft", {}), f"SFT, adapters of rank {rank}": ("sft", {"lora_rank": rank}), "reward model": ("rm", {}),
    "DPO": ("dpo", {}), "PPO": ("ppo", {}), "generation alone": ("generate", {}),
}  # fmt: skip


def of_stage(stage, more):
    answer = anatomy.estimated(stage, all_inputs, **more)
    phase, parts = answer.fullest
    return [fmt.number(answer.setup.micro_batch), phase, fmt.gigabytes(parts.total), "yes" if answer.fits else "no",
            fmt.least(answer.min_gpus)]  # fmt: skip


df = page.table(
    "tab-memory-stages",
    ["stage", "sequences at a time", "fullest phase", "GB on each", "fits", "fewest GPUs"],
    [[name, *of_stage(*stage)] for name, stage in STAGES.items()],
)

# %% [markdown]
# “none” means that no number of such GPUs is enough. A stage on pairs holds two sequences at least. On the fewest GPUs one
# answer may have to be generated at a time.
#
# ### What more GPUs share
#
# The states of the actor alone, by the stage of ZeRO, in GB on each of this run's GPUs:

# %% tags=["hide-input", "nbval-check-output"]
by_stage = {zero: memory.states(actor, ppo.setup._replace(zero=zero)) for zero in (0, 1, 2, 3)}
df = page.table(
    "tab-memory-zero",
    ["ZeRO", "weights", "gradients", "optimizer", "gathered", "sum"],
    [
        [
            zero,
            *[fmt.gigabytes(parts.get(part, 0)) for part in ("weights", "gradients", "optimizer", "gathered")],
            fmt.gigabytes(parts.total),
        ]
        for zero, parts in by_stage.items()
    ],
)

# %% [markdown]
# Frozen models are shared at stage 3 only. Activations, logits, gathered layers, the cache of an answer and the framework
# are shared by no stage: they stay as they are however many GPUs join, and decide whether a job fits at all.
#
# ### Where one GPU ends
#
# The course page says that four models together exceed one GPU from about 7B parameters. In this recipe four equal models
# of 7B take {glue:text}`seven` GB before activations; the {glue:text}`gpu_label` is full at {glue:text}`ppo_end`. The
# largest model whose states alone fill one GPU, with their bytes for each parameter in brackets:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-memory-one-gpu",
    ["GPU", *[f"{way} ({fmt.number(each[way], 0 if each[way] % 1 == 0 else 2)})" for way in WAYS]],
    [
        [f"{size:g} GB", *[billions(size * memory.GB / each[way]) for way in WAYS]]
        for size in sorted({24, 40, 48, 80, 141, 180, hbm})
    ],
)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Memory on one GPU alone, with its activations, against the size of the model. With {glue:text}`hbm` GB (dashed) the largest of {glue:text}`models` models that answers is {glue:text}`inference_model`, that fine-tunes {glue:text}`sft_model`, that PPO trains with three others of its size {glue:text}`ppo_model`. The dotted line is the model of this run.", "name": "fig-memory-one-gpu"}, "image": {"alt": "Points on logarithmic axes: the memory that one GPU would need against the parameters of models from about one to several hundred billion, in rising bands for inference and LoRA, fine-tuning and DPO, and PPO, with horizontal lines at the memory of GPUs."}}
fig, ax = figures.canvas(7, 4.2)
shown = sorted(needs, key=lambda name: models[name].parameters)
shown = [name for name in shown if models[name].parameters > 0.9e9 or name == aligned_model]
x = np.array([models[name].parameters / 1e9 for name in shown])
y = {way: np.array([needs[name][way] for name in shown]) / memory.GB for way in WAYS}
WAY_COLOURS = dict(zip(WAYS, [figures.GREY, figures.GREEN, figures.BLUE, figures.SKY, figures.RED], strict=True))
for way in reversed(WAYS):
    ax.plot(x, y[way], "o", ms=3.6, color=WAY_COLOURS[way])
lines = [size for size in (24, 80, 180) if not 0.5 < size / hbm < 2] + [hbm]
low, high = min(*y["inference"], *lines) / 2, 2 * max(*y["DPO"], *y["PPO"], *lines)
place = low
for way, text in {"LoRA": "inference,\nLoRA", "SFT": "SFT, DPO", "PPO": "PPO"}.items():
    place = max(y[way][-1], place * (high / low) ** 0.08)
    figures.say(ax, x[-1], place, text, color=WAY_COLOURS[way], xytext=(7, 0))
for size in lines:
    style = {"color": "black", "ls": "--"} if size == hbm else {"color": figures.GREY, "ls": "-"}
    ax.axhline(size, lw=1, zorder=0, **style)
    figures.say(ax, 0.01, size, f"{size:g} GB", xycoords=ax.get_yaxis_transform(), xytext=(0, 8), color=style["color"])
ax.axvline(actor.parameters / 1e9, color=figures.GREY, ls=":", lw=1.2, zorder=0)
ax.set(xscale="log", yscale="log", xlim=(x[0] / 3, x[-1] * 5), ylim=(low, high))
ax.set(xlabel="parameters [billions]", ylabel="memory [GB]")
figures.plain_log(ax.xaxis, [0.1, 0.3, 1, 3, 10, 30, 100, 300])
figures.plain_log(ax.yaxis, 10.0 ** np.arange(-1, math.ceil(math.log10(high))), fmt.number)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-memory-one-gpu",
    ["model", "parameters [10^9]", *(f"{way} [GB]" for way in WAYS)],
    [
        [models[name].label, models[name].parameters / 1e9, *(needs[name][way] / memory.GB for way in WAYS)]
        for name in shown
    ]
    + [[f"line, a GPU of {size:g} GB", "", *[size] * len(WAYS)] for size in lines],
)

# %% [markdown]
# ### GPUs needed
#
# The fewest GPUs where all that can be shared is shared: stage 3, full recomputation, one sequence or pair at a time on
# each, lengths and recipe of this run. Before the slash supervised fine-tuning, behind it PPO with four equal models, by
# the memory of one GPU:

# %% tags=["hide-input", "nbval-check-output"]
CHIPS = ["rtx-4090-24gb", "a100-sxm-40gb", "l40s-48gb", "h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb"]
SIZES = dict.fromkeys(["llama-3.2-1b", "llama-2-7b", "llama-2-13b", "mixtral-8x7b", "llama-2-70b", "llama-3.1-405b",
                       aligned_model])  # fmt: skip


def at_best(name, stage, chip=cluster_gpu, **more):
    least = 2 if stage in ("rm", "dpo") else 1
    how = {"zero": 3, "recompute": "full", "recipe": precision_recipe, "micro_batch": least} | more
    return fmt.least(
        estimate(stage, name, chip, 1, 1, prompt_tokens, response_tokens, **options.of(stage, how)).min_gpus
    )


df = page.table(
    "tab-memory-fewest-gpus",
    ["model", *[f"{gpus[chip].hbm_gb:g} GB" for chip in CHIPS]],
    [
        [models[name].label, *[f"{at_best(name, 'sft', chip)} / {at_best(name, 'ppo', chip)}" for chip in CHIPS]]
        for name in SIZES
    ],
)

# %% [markdown]
# And by stage, on the {glue:text}`gpu_label`:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-memory-fewest-gpus-by-stage",
    ["model", "inference", "LoRA", "SFT", "RM", "DPO", "PPO"],
    [
        [models[name].label, at_best(name, "generate"), at_best(name, "sft", lora_rank=rank)]
        + [at_best(name, stage) for stage in ("sft", "rm", "dpo", "ppo")]
        for name in SIZES
    ],
)

# %% [markdown]
# A mixture of experts is held with all its experts and computes with few: its GPUs are those of a much larger model.
#
# ### Published beside computed
#
# *Rules.* Published figures that follow from a formula agree within {glue:text}`worst_rule`, all but one. The exception is
# the cache of Llama 3.1 405B in the announcement of its release {cite:p}`huggingface2024llama31`, printed as 123.05 GB.
# The figures of that table are GiB, and this one counts 16 key-value heads where the model has 8
# {cite:p}`grattafiori2024llama3`: the cache is {glue:text}`cache_ours` GiB, half of it.


# %% tags=["hide-input", "nbval-check-output"]
def beside(name):
    row, ours = rows[name], published.size(rows[name])
    printed, computed = f"{fmt.short(row.value)} {row.unit}", fmt.number(ours, 1 if ours >= 100 else 2)
    return [row.label, fmt.source(row.source), printed, computed, signed(off[name])]


df = page.table(
    "tab-memory-published-rules",
    ["quantity", "source", "published", "computed", "difference"],
    list(map(beside, rules)),
)

# %% [markdown]
# *Measurements.* The programs print a counter of PyTorch's allocator, so the framework is left out on our side too. Over
# {glue:text}`rows_measured` runs on one GPU the median of the difference, whatever its sign, is {glue:text}`median_off`.
# With its sign it is {glue:text}`median_16` for weights in 16 bits and {glue:text}`median_4` for a base in 4 bits: there
# the measured saving is smaller than the bytes of the weights, and what takes the rest is not in the model. LitGPT computes
# its loss in chunks, of which 16 bits are kept. The rows of QLoRA are from memory and enter no median; the paper's
# abstract says that 65B parameters fit into 48 GB, and with the framework we find {glue:text}`qlora` GB.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-memory-published-runs",
    ["run", "source", "published", "computed", "difference"],
    [beside(name) for name in measured + [name for name in off if rows[name].status == "from-memory"]],
)

# %% [markdown]
# *PPO.* Published measurements of its memory are rare. DeepSpeed-Chat prints the largest OPT model that it trains on one
# GPU, with a critic and a reward model of 350M {cite:p}`yao2023dschat`. Its scripts for one GPU train adapters of rank 128
# in the actor; we assume that for all sizes, with one sequence at a time, and find the same size in
# {glue:text}`actors_same` of {glue:text}`actors` cases. This is not the PPO of equation {eq}`eq-memory-ppo`: the actor
# has next to no optimizer, and the critic is small.


# %% tags=["hide-input", "nbval-check-output"]
def largest_actor(row, filled, name):
    taken = [filled[opt] * published.hbm_gb(row) * memory.GB for opt in opts[opts.index(name) :][:2]]
    return [row.label.split("one ")[1], f"OPT {row.value:g}B", models[name].label, *map(fmt.gigabytes, taken)]


df = page.table(
    "tab-memory-largest-actor",
    ["one GPU", "published", "computed", "it takes [GB]", "next size [GB]"],
    list(map(largest_actor, actors, shares, most)),
)

# %% [markdown]
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
text = f"7B takes {fmt.number(7 * ppo_bytes)} GB; {hbm:g} GB end at {billions(ends['PPO'])}"
kept = [part for part in ppo.phases["score"] if part.endswith(" weights")]
page.ledger("08_memory", check("A09", len(kept)), observe("A10", 7e9 * ppo_bytes > room, text))

# %% [markdown]
# ## Sensitivity
#
# One change at a time, in GB on each GPU; the sequences at a time, {glue:text}`at_a_time`, stay unless the row says
# otherwise, and the fewest GPUs are those for as many. Where the rest leaves room for some answers, those that do not fit
# wait. The fullest phase is smallest in the row “{glue:text}`cut`”: {glue:text}`cut_gb` GB.

# %% tags=["hide-input", "nbval-check-output"]
CHANGES = {
    "this run": {}, "nothing sharded (ZeRO 0)": {"zero": 0}, "weights whole (ZeRO 2)": {"zero": 2},
    "all sharded (ZeRO 3)": {"zero": 3}, "nothing recomputed": {"recompute": "none"},
    "one sequence at a time in training": {"micro_batch": 1}, "one answer at a time in generation": {"generation_batch": 1},
    "everything in 16 bits": {"recipe": "bf16-8"},
    "critic and reward model of 350M": {"critic_model": "opt-350m", "reward_model": "opt-350m"},
    f"adapters of rank {rank}, off as reference": {"lora_rank": rank},
}  # fmt: skip
changed = {name: anatomy.estimated("ppo", all_inputs, **alike | change) for name, change in CHANGES.items()}
df = page.table(
    "tab-memory-sensitivity",
    ["change", "generate", "score", "train", "fewest GPUs"],
    [
        [name, *[fmt.gigabytes(parts.total) for parts in answer.phases.values()], fmt.least(answer.min_gpus)]
        for name, answer in changed.items()
    ],
)

# %% tags=["remove-cell", "nbval-check-output"]
cut = min(changed, key=lambda name: changed[name].fullest[1].total)
page.phrase("cut", cut)
page.publish("cut_gb", changed[cut].peak_gb, "GB", fmt.gigabytes(changed[cut].peak_gb * memory.GB))

# %% [markdown]
# Below stage 3 no copy of the actor is needed to generate, since each GPU has one. Frozen models that wait on the host
# until they score take {glue:text}`waiting` GB from the other two phases.
#
# ## Limits
#
# *Counted too high.* Gradients of earlier micro-batches are counted whole beside all activations, also where there is but
# one micro-batch.
#
# *Counted too low.* Fragmentation, and the temporary buffers of communication and of loading. Lengths are means, and a
# batch must hold its longest answers.
#
# *Not shown here.* Layers, experts and sequences shared out over GPUs, activations on the host, and pools of GPUs that
# write or learn alone: {ref}`costlib estimate <sec-estimate>` computes them. The critic and the reward model have the actor's size unless stated. What
# would change the conclusions: a measured step of PPO with full parameters, of which we found none with its memory.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 08 \
#   -p aligned_model=llama-2-13b -p cluster_gpu=h100-sxm-80gb -p num_gpus=16
# papermill notebooks/08_memory.ipynb out.ipynb -p zero_stage 2 -p recompute none
# ```
#
# ## References
#
# States and sharding {cite:p}`rajbhandari2020zero,deepspeed2023memory`; mixed precision {cite:p}`micikevicius2018mixed`;
# activations {cite:p}`korthikanti2022`; the cache {cite:p}`kwon2023vllm,huggingface2024llama31`; adapters and 4-bit
# weights {cite:p}`hu2022lora,dettmers2023qlora`; measurements {cite:p}`torchtune2024,litgpt2023,yao2023dschat`; the
# algorithm {cite:p}`schulman2017ppo,ouyang2022instructgpt`. Full entries: {doc}`/book/bibliography`.
