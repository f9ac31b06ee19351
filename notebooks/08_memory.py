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
# # What fills the GPU?
#
# Fine-tuning {glue:text}`model_label` {glue:text}`sft_said` {glue:text}`sft_fewest` {glue:text}`gpu_label`; PPO on the same model
# {glue:text}`ppo_said` {glue:text}`ppo_fewest`. PPO keeps four models: the one that learns (the *actor*), one that guesses how well
# it is doing (the *critic*), a frozen original to stay close to (the *reference*) and a frozen one that scores answers (the *reward
# model*).
#
# Count memory before you count hours: a job that does not fit does not start. For each of its
# parameters a model that learns weighs more than a frozen one, and two of the four learn. Below stands what each part weighs, what more GPUs can share, and what to change first if your job does not fit.

# %% tags=["parameters", "remove-cell"]
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

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
actor, card = find(aligned_model).architecture, catalog.find("gpus", cluster_gpu)
all_inputs = scenarios.complete(inputs)
sft, ppo = (anatomy.estimated(stage, all_inputs) for stage in ("sft", "ppo"))
ppo_bytes = footprint.state_bytes(precision_recipe)["PPO"]
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

# One change at a time, with as many sequences at a time as before.
alike = {"micro_batch": ppo.setup.micro_batch}
CHANGES = {
    "nothing shared out (ZeRO 0)": {"zero": 0}, "weights whole (ZeRO 2)": {"zero": 2}, "all shared out (ZeRO 3)": {"zero": 3},
    "nothing computed again": {"recompute": "none"}, "one sequence learned from at a time": {"micro_batch": 1},
    "one answer written at a time": {"generation_batch": 1}, "everything in 16 bits": {"recipe": "bf16-8"},
    "critic and reward model of 350M": {"critic_model": "opt-350m", "reward_model": "opt-350m"},
    f"adapters of rank {rank}, off as reference": {"lora_rank": rank},
}  # fmt: skip
planned = anatomy.estimated("ppo", all_inputs, **alike)
changed = {name: anatomy.estimated("ppo", all_inputs, **alike | change) for name, change in CHANGES.items()}
changed = dict(sorted(changed.items(), key=lambda item: item[1].peak_gb))

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert all(math.isclose(sum(held[name].values()), ppo.phases[name].total) for name in held), "every byte has an owner"
assert ends["PPO"] <= ends["DPO"] <= ends["SFT"] <= ends["inference"], "who holds more must end earlier"
assert all(need["SFT"] <= need["PPO"] for need in needs.values()), "four models cannot take less than one"
assert memory.RECIPES[precision_recipe].total > 2, "a weight that learns takes more than a frozen one"
if num_gpus > 1 and parameters.allowed({"num_gpus": 2 * num_gpus}):  # one GPU alone gathers and buffers nothing
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


DOES = {"generate": "writes answers", "score": "scores them", "train": "learns"}
OWNERS = dict(zip(footprint.OWNERS, ["the actor", "the critic", "the frozen reference", "the frozen reward model",
    "what writing adds: cache and a copy of the actor", "activations and logits", "the layer at work", "the software"],
    strict=True))  # fmt: skip
for key, words in {
    "model_label": models[aligned_model].label, "gpu_label": card.label.removeprefix("NVIDIA "),
    "phase": DOES[phase], "largest": OWNERS[largest],
    "ppo_model": largest_model("PPO"), "sft_model": largest_model("SFT"), "inference_model": largest_model("inference"),
}.items():  # fmt: skip
    page.phrase(key, words)
page.publish_all("GPUs", fmt.number, gpus=num_gpus, group=ppo.generation_parallel)
page.publish("at_a_time", ppo.setup.micro_batch, "sequences", fmt.number(ppo.setup.micro_batch))
page.publish_found("GPUs", fmt.number, "no number of them", ppo_fewest=ppo.min_gpus, sft_fewest=sft.min_gpus)
for key, answer in {"sft": sft, "ppo": ppo}.items():
    page.phrase(f"{key}_said", "fits on" if math.isinf(answer.min_gpus) else "takes at least")
for key, size in {
    "peak": fullest.total, "largest_size": held[phase][largest], "framework": memory.framework().total,
    "waiting": held["train"]["reference"] + held["train"]["reward"],
    "qlora": published.size(rows["qlora-fig6-4"]) * memory.GB + memory.framework().total,
}.items():  # fmt: skip
    page.publish(key, size / memory.GB, "GB", fmt.gigabytes(size))
page.publish_all("GB", fmt.number, hbm=hbm, seven=7 * ppo_bytes)
page.publish_all("parameters", billions, ppo_end=ends["PPO"], sft_end=ends["SFT"], inference_end=ends["inference"])
page.publish_all(
    "bytes/parameter", fmt.number, ppo_bytes=ppo_bytes, learning_bytes=memory.RECIPES[precision_recipe].total
)
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
cut = next(iter(changed))
less = changed[cut].peak_gb < planned.peak_gb * (1 - 1e-9)
page.phrase("cut", cut)
page.publish("cut_gb", changed[cut].peak_gb, "GB", fmt.gigabytes(changed[cut].peak_gb * memory.GB))
page.phrase(
    "cut_said", f"“{cut}” helps most: it leaves" if less else "None of these lowers the peak; the best one leaves"
)


# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Each phase adds its own memory to four models that stay. One bar for each phase of a step of PPO, on each of {glue:text}`gpus` GPUs: actor and critic with all that learning keeps, the two frozen models, software and the layer at work (its weights were just fetched from the other GPUs), and on top what the phase adds. The dashed line is the memory of the {glue:text}`gpu_label`, {glue:text}`hbm` GB; the name of a GPU often counts in GiB, which are 7 % larger.", "name": "fig-memory-phases"}, "image": {"alt": "Three stacked bars for the phases of a PPO step: write answers, score them, learn from them. Actor, critic, two frozen models and software take the same in each; on top stand the cache and a copy of the actor, or activations. A dashed line marks the memory of the GPU."}}
FINDING = {"generate": "Writing the answers fills the GPU most", "score": "Scoring the answers fills the GPU most",
           "train": "Learning from the answers fills the GPU most"}  # fmt: skip
PHASES = {"generate": "write\nanswers", "score": "score\nthem", "train": "learn\nfrom them"}
STACK = {"actor": ("actor",), "critic": ("critic",), "two frozen": ("reference", "reward"),
         "software": ("gathered", "framework"), "copy, cache": ("generation",), "activations": ("activations",)}  # fmt: skip
drawn = {
    part: [sum(held[name][role] for role in roles) / memory.GB for name in PHASES] for part, roles in STACK.items()
}
fig, ax = figures.canvas(5.2, 4.6)
COLOURS = [figures.BLUE, figures.SKY, figures.GREEN, figures.GREY, figures.ORANGE, figures.YELLOW]
top, start, lowest = 1.2 * max(hbm, *(parts.total / memory.GB for parts in ppo.phases.values())), np.zeros(3), 0
for (part, sizes), colour in zip(drawn.items(), COLOURS, strict=True):
    ax.bar(list(PHASES.values()), sizes, bottom=start, color=colour, width=0.92)
    if part in list(STACK)[:4]:  # the same in all three
        lowest = max(start[0] + sizes[0] / 2, lowest + 0.052 * top)
        ax.text(-0.03, lowest / top, part, transform=ax.transAxes, ha="right", va="center")
    start += sizes
for place, total in enumerate(start):
    added = [f"+ {part}" for part in list(STACK)[4:] if drawn[part][place] > 0.02 * top]
    text = "\n".join([*added, f"= {fmt.gigabytes(total * memory.GB)} GB"])
    figures.say(ax, place, total, text, xytext=(0, 3), ha="center", va="bottom")
ax.axhline(hbm, color="black", ls="--", lw=1.2)
ax.text(1.01, hbm / top, f"GPU:\n{fmt.number(hbm)} GB", transform=ax.transAxes, va="center")
ax.set(ylim=(0, top), xlim=(-0.5, 2.5), yticks=[])
ax.spines["left"].set_visible(False)
ax.tick_params(axis="x", length=0)
figures.title(ax, FINDING[phase])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-memory-phases",
    ["phase", *(f"{part} [GB]" for part in STACK), "memory of the GPU [GB]"],
    [
        [PHASES[name].replace("\n", " "), *(sizes[place] for sizes in drawn.values()), hbm]
        for place, name in enumerate(PHASES)
    ],
)

# %% [markdown]
# ## A model that learns weighs more than a frozen one
#
# Take one weight of a model. Frozen it is a 16-bit number, two bytes. If it learns, the GPU may also keep its *gradient*, the
# direction in which the last examples push it, and what the *optimizer* remembers of earlier pushes. How many bytes that makes
# is a choice of number formats, the *recipe*. With ours (`precision_recipe`) a weight that
# learns takes {glue:text}`learning_bytes` bytes.
#
# PPO has two models that learn and two that do not. At equal sizes they take {glue:text}`ppo_bytes` bytes for each parameter of
# one of them. For four models of 7B that is {glue:text}`seven` GB before they have read a single token.
#
# So a single GPU is soon full. One {glue:text}`gpu_label` can hold the weights, gradients and optimizer of a model with
# {glue:text}`sft_end` parameters. Give it PPO's four models and it stops at {glue:text}`ppo_end`. If all it does is answer, it
# holds {glue:text}`inference_end`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-memory-one-gpu",
    ["GPU [GB]", *[f"{way}, {fmt.number(each[way], 0 if each[way] % 1 == 0 else 2)} bytes" for way in WAYS]],
    [
        [f"{size:g}", *[billions(size * memory.GB / each[way]) for way in WAYS]]
        for size in sorted({24, 40, 48, 80, 141, 180, hbm})
    ],
    caption="The largest model whose weights, gradients and optimizer alone fill one GPU, with their bytes for each parameter. "
    "Plan for less: this leaves no room to work. SFT is fine-tuning; DPO learns from pairs and keeps a frozen reference; "
    "LoRA trains small matrices, adapters, beside frozen weights.",
)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Which models one GPU can hold, with room to work on one sequence at a time. Each dot is one of {glue:text}`models` models, or the one of this chapter (dotted). In the {glue:text}`hbm` GB of the dashed line the largest that answers is {glue:text}`inference_model`, the largest that is fine-tuned {glue:text}`sft_model`; PPO with three others of its size reaches {glue:text}`ppo_model`.", "name": "fig-memory-one-gpu"}, "image": {"alt": "Points on logarithmic axes: the memory that one GPU would need against the parameters of models from about one to several hundred billion, in rising bands for answering, fine-tuning and PPO, with horizontal lines at the memory of GPUs."}}
fig, ax = figures.canvas(5.2, 3.9)
BANDS = {"inference": ("answer", figures.GREY), "SFT": ("fine-tune", figures.BLUE), "PPO": ("PPO", figures.RED)}
shown = sorted(needs, key=lambda name: models[name].parameters)
shown = [name for name in shown if models[name].parameters > 0.9e9 or name == aligned_model]
x = np.array([models[name].parameters / 1e9 for name in shown])
y = {way: np.array([needs[name][way] for name in shown]) / memory.GB for way in BANDS}
lines = [size for size in (24, 80, 180) if not 0.5 < size / hbm < 2] + [hbm]
low, high = min(*y["inference"], *lines) / 2, 2 * max(*y["PPO"], *lines)
place = low
for way, (text, colour) in BANDS.items():
    ax.plot(x, y[way], "o", ms=3.6, color=colour)
    place = max(y[way][-1], place * (high / low) ** 0.08)
    figures.say(ax, x[-1], place, text, xytext=(7, 0))
for size in lines:
    style = {"color": "black", "ls": "--"} if size == hbm else {"color": figures.GREY, "ls": "-"}
    ax.axhline(size, lw=1, zorder=0, **style)
    figures.say(ax, 0.01, size, f"{size:g} GB", xycoords=ax.get_yaxis_transform(), xytext=(0, 8))
ax.axvline(actor.parameters / 1e9, color=figures.GREY, ls=":", lw=1.2, zorder=0)
ax.set(xscale="log", yscale="log", xlim=(x[0] / 6, x[-1] * 15), ylim=(low, high))
ax.set(xlabel="parameters [billions]", ylabel="memory [GB]")
figures.plain_log(ax.xaxis, [0.1, 1, 10, 100])
figures.plain_log(ax.yaxis, 10.0 ** np.arange(-1, math.ceil(math.log10(high))), fmt.number)
figures.title(ax, "On one GPU, PPO is for small models")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-memory-one-gpu",
    ["model", "parameters [10^9]", *(f"{text} [GB]" for text, _ in BANDS.values())],
    [
        [models[name].label, models[name].parameters / 1e9, *(each[place] for each in y.values())]
        for place, name in enumerate(shown)
    ]
    + [[f"line, a GPU of {size:g} GB", "", *[size] * len(BANDS)] for size in lines],
)

# %% [markdown]
# ## Writing, scoring and learning each add their own
#
# The four models stay on the GPU through a whole step of PPO, and three phases take turns on top of them.
#
# **Writing.** For every new token the model looks back at all earlier ones. So that it need not read them again, it keeps two
# vectors a layer for each, the *KV cache*: {glue:text}`cache_token` kB a token for {glue:text}`model_label`. With
# {glue:text}`answers` answers written at a time on each copy, that adds up. If the weights are shared out over the GPUs (next
# section), a whole copy is put together first.
#
# **Scoring.** The models read the finished answers once, forwards, and keep little of what they compute.
#
# **Learning.** The actor and the critic read each answer forwards, then go backwards to find the gradients. The way back needs
# what the way forward computed, the *activations*, and the actor's *logits*, a score for every word of the vocabulary at every
# position. Both grow with the sequences that pass together, the *micro-batch*: here {glue:text}`at_a_time` on each GPU, each as long as
# the longest answer ({ref}`sec-optimisation` counts the mean, and so less). Most activations can be dropped and computed again on the
# way back (*recomputation*), which costs time.
#
# Together that makes {glue:text}`peak` GB in the fullest phase, in which the job {glue:text}`phase`, and
# {glue:text}`largest_share` of it is {glue:text}`largest`. That is no waste: unless you set `micro_batch`, we let as many sequences
# pass as there is room for, because that is faster.

# %% tags=["hide-input", "nbval-check-output"]
STAGES = {
    "SFT": ("sft", {}), f"SFT, adapters of rank {rank}": ("sft", {"lora_rank": rank}), "reward model": ("rm", {}),
    "DPO": ("dpo", {}), "PPO": ("ppo", {}), "answers alone": ("generate", {}),
}  # fmt: skip


def of_stage(stage, more):
    answer = anatomy.estimated(stage, all_inputs, **more)
    phase, parts = answer.fullest
    return [fmt.number(answer.setup.micro_batch), DOES[phase], fmt.gigabytes(parts.total), "yes" if answer.fits else "no",
            fmt.least(answer.min_gpus)]  # fmt: skip


df = page.table(
    "tab-memory-stages",
    ["stage", "sequences at a time", "fullest phase", "on each GPU [GB]", "fits", "fewest GPUs"],
    [[name, *of_stage(*stage)] for name, stage in STAGES.items()],
    caption="What each stage puts on a GPU, with as many sequences at a time as fit, and the fewest GPUs it could live on, with "
    "one sequence or pair at a time. “none”: no number is enough.",
)

# %% [markdown]
# ## More GPUs share the models, not the work in progress
#
# The simplest cluster keeps everything on every GPU. *ZeRO* deals it out instead: from stage 1 on each GPU keeps its own part of
# what the optimizer remembers, from stage 2 of the gradients, from stage 3 of the weights as well. Each GPU then fetches a layer's
# weights from the others when that layer's turn comes (the *layer at work*), and drops them afterwards. For the actor alone on
# {glue:text}`gpus` GPUs:

# %% tags=["hide-input", "nbval-check-output"]
by_stage = {zero: memory.states(actor, ppo.setup._replace(zero=zero)) for zero in (0, 1, 2, 3)}
PARTS = {"weights": "weights", "gradients": "gradients", "optimizer": "optimizer", "layer at work": "gathered"}
df = page.table(
    "tab-memory-zero",
    ["ZeRO stage", *(f"{part} [GB]" for part in PARTS), "sum [GB]"],
    [
        [zero, *[fmt.gigabytes(parts.get(part, 0)) for part in PARTS.values()], fmt.gigabytes(parts.total)]
        for zero, parts in by_stage.items()
    ],
    caption="Memory of the actor on each GPU: every stage of ZeRO shares one more part over all of them.",
)

# %% [markdown]
# Frozen models are shared at stage 3 only. No stage shares activations, logits, the layer at work, the cache of an answer and the
# software. They stay as they are however many GPUs you add, and so decide whether a job can fit at all:

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
    caption="The fewest GPUs for fine-tuning / for PPO, by the memory of one GPU: all shared out, activations computed again, one "
    "sequence at a time.",
)

# %% [markdown]
# A mixture of experts computes each token with a few of its parts and must hold them all. Plan its GPUs by its full size.
#
# ## If it does not fit, shrink the fullest phase first
#
# As planned, PPO takes {glue:text}`peak` GB at its fullest. We changed one thing at a time and left the rest, the sequences that pass
# together included. {glue:text}`cut_said` {glue:text}`cut_gb` GB.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-memory-sensitivity",
    ["change", "write [GB]", "score [GB]", "learn [GB]", "saved at the fullest [GB]", "fewest GPUs"],
    [
        [name, *[fmt.gigabytes(parts.total) for parts in answer.phases.values()],
         fmt.number(planned.peak_gb - answer.peak_gb, 1), fmt.least(answer.min_gpus)]
        for name, answer in {**changed, "as planned": planned}.items()
    ],
    caption="What each change saves in the fullest phase, the largest saving first; below zero it takes more. Adapters that are switched off leave the frozen original, which needs no copy of its own. The fewest GPUs are "
    "those for as many sequences at a time.",
)  # fmt: skip

# %% [markdown]
# Each has its price. One sequence at a time and computing again cost time, 16 bits and adapters change what is learned, and a small
# critic or reward model judges as small models do. Frozen models can also wait in the host's memory until they score: that takes
# {glue:text}`waiting` GB off the other phases. {ref}`sec-optimisation` has hours and dollars of each change, and
# {ref}`costlib estimate <sec-estimate>` looks for a combination that fits your job.
#
# ## Where others measured memory, we come out close
#
# Training programs print the memory that they took. In half of {glue:text}`rows_measured` published runs on one GPU our count is within
# {glue:text}`median_off` of it. With weights in 16 bits we tend to say too much, {glue:text}`median_16` in the median; if you fit
# by our count, you have something left.
#
# PPO itself is the gap. We found no measured step with full parameters that reports its memory. DeepSpeed-Chat prints the largest
# OPT model that it trains on one GPU {cite:p}`yao2023dschat`, with adapters in the actor and a small critic, and in
# {glue:text}`actors_same` of {glue:text}`actors` cases we find the same size. A measured step would change this chapter most.
#
# ::::{dropdown} How this was computed
# :name: memory-model
#
# *States.* A model of $N$ parameters in training keeps $w$ bytes of weights, $g$ of gradients and $o$ of optimizer for
# each of them. ZeRO shares them out over $G$ GPUs {cite:p}`rajbhandari2020zero`. With $G_i = G$ from stage $i$ on and $G_i = 1$ before
# it, a GPU holds
#
# $$ B_\text{states} = \left( \frac{w}{G_3} + \frac{g}{G_2} + \frac{o}{G_1} \right) N
# + 6\,N_\text{layer} $$ (eq-memory-states)
#
# bytes. The last term is there at stage 3 only: two layers are gathered at a time, one at work and the next, and the one at
# work has its gradient; models that take turns gather one after the other. A frozen model holds $2N / G_3$, and gathers
# $4\,N_\text{layer}$. The bytes of each recipe stand in a table below. The first three recipes are usual in mixed precision
# {cite:p}`micikevicius2018mixed`. In mixed-20 the 16-bit gradients of the backward pass exist beside the 32-bit ones that are
# kept, whole below stage 3, as DeepSpeed counts it {cite:p}`deepspeed2023memory`.
#
# *Activations.* For the backward pass, a layer of width $d$ with $a$ query heads, $a_\text{kv}$ key-value heads of width $e$
# (the parts in which attention compares tokens), and an MLP of inner width $f$ keeps for each token
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
# counted. *Software.* {glue:text}`framework` GB before the first weight, an assumption within the 0.5 to 1.4 GB that are
# reported {cite:p}`wolf2020transformers`, and 1 GB of buffers where several GPUs work together.
#
# *Four models* of one size {cite:p}`schulman2017ppo,ouyang2022instructgpt` take
#
# $$ b_\text{PPO} = 2\,(w + g + o) + 2 \cdot 2 $$ (eq-memory-ppo)
#
# bytes for each parameter. At stage 3 a whole copy of the actor is put together to generate; a group of GPUs may share
# it, head by head, so that there is room for the cache (here the group has {glue:text}`group`). What GPUs share,
# $B_\text{shared}$, becomes less on each as they become more; the rest $B_\text{rest}$ does not. On GPUs with $B_\text{GPU}$ bytes
#
# $$ G^* = \left\lceil \frac{B_\text{shared}}{B_\text{GPU} - B_\text{rest}} \right\rceil $$ (eq-memory-fewest)
#
# are needed, at the best size of a group, and no number is enough if $B_\text{rest} \geq B_\text{GPU}$. Below stage 3 no copy of
# the actor is needed to generate, since each GPU has one.
#
# *Valid* for data parallelism with ZeRO or FSDP, and for models whose layers are alike. *Computed* are bytes from the
# matrices of each model; *assumed* are the software, 16-bit frozen weights and a GB of 10⁹ bytes. Nothing was fitted. Memory is sold in GiB, of 2³⁰ bytes,
# so that a GPU holds more GB than its name says.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Hide"}
_ = page.inputs(globals(), "tab-memory-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Bytes of each recipe", "code_prompt_hide": "Hide"}
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

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The fewest GPUs of each stage", "code_prompt_hide": "Hide"}
df = page.table(
    "tab-memory-fewest-gpus-by-stage",
    ["model", "inference", "LoRA", "SFT", "RM", "DPO", "PPO"],
    [
        [models[name].label, at_best(name, "generate"), at_best(name, "sft", lora_rank=rank)]
        + [at_best(name, stage) for stage in ("sft", "rm", "dpo", "ppo")]
        for name in SIZES
    ],
    caption="By stage, on the GPU of this chapter; a stage on pairs holds two sequences at least.",
)


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Published sizes that follow from a formula, beside ours", "code_prompt_hide": "Hide"}
def beside(name):
    row, ours = rows[name], published.size(rows[name])
    printed, computed = f"{fmt.short(row.value)} {row.unit}", fmt.number(ours, 1 if ours >= 100 else 2)
    return [row.label, fmt.source(row.source), printed, computed, signed(off[name])]


df = page.table(
    "tab-memory-published-rules",
    ["quantity", "source", "published", "computed", "difference"],
    list(map(beside, rules)),
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Measured runs, beside ours", "code_prompt_hide": "Hide"}
df = page.table(
    "tab-memory-published-runs",
    ["run", "source", "published", "computed", "difference"],
    [beside(name) for name in measured + [name for name in off if rows[name].status == "from-memory"]],
)


# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The largest actor on one GPU, beside ours", "code_prompt_hide": "Hide"}
def largest_actor(row, filled, name):
    taken = [filled[opt] * published.hbm_gb(row) * memory.GB for opt in opts[opts.index(name) :][:2]]
    return [row.label.split("one ")[1], f"OPT {row.value:g}B", models[name].label, *map(fmt.gigabytes, taken)]


df = page.table(
    "tab-memory-largest-actor",
    ["one GPU", "published", "computed", "it takes [GB]", "next size [GB]"],
    list(map(largest_actor, actors, shares, most)),
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the documents examined here", "code_prompt_hide": "Hide"}
text = f"7B takes {fmt.number(7 * ppo_bytes)} GB; {hbm:g} GB end at {billions(ends['PPO'])}"
kept = [part for part in ppo.phases["score"] if part.endswith(" weights")]
page.ledger("08_memory", check("A09", len(kept)), observe("A10", 7e9 * ppo_bytes > room, text))

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals of the computed memory", "code_prompt_hide": "Hide"}
held_in = {f"PPO, {name}": parts.total for name, parts in ppo.phases.items()} | {"fine-tuning": sft.fullest[1].total}
page.trust(
    "tab-memory-trust",
    [(f"{what}: GB on each GPU", "measured memory", size / memory.GB, lambda gb: fmt.gigabytes(gb * memory.GB))
     for what, size in held_in.items()],
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: memory-trust
#
# *Interval.* Of the published measurements of memory, four in five lie inside the intervals in the table above, taken relative to
# what we compute for them ({ref}`sec-validation`). Where the upper end is more than the {glue:text}`hbm` GB of the GPU, a fit is not
# sure.
#
# *Formulas.* Published sizes that follow from a formula agree within {glue:text}`worst_rule`, all but one: the cache of
# Llama 3.1 405B in the announcement of its release {cite:p}`huggingface2024llama31`, printed as 123.05 GB. The figures of that table
# are GiB, and this one counts 16 key-value heads where the model has 8 {cite:p}`grattafiori2024llama3`: the cache is
# {glue:text}`cache_ours` GiB, half of it.
#
# *Measurements.* The programs print a counter of PyTorch's allocator, so the software is left out on our side too. With a base in
# 4 bits the median difference is {glue:text}`median_4`: there the measured saving is smaller than the bytes of the weights, and what
# takes the rest is not in the model. LitGPT computes its loss in chunks, of which 16 bits are kept. The rows of QLoRA are from memory
# and enter no median; the paper's abstract says that 65B parameters fit into 48 GB, and with the software we find
# {glue:text}`qlora` GB. DeepSpeed-Chat's scripts for one GPU train adapters of rank 128 in the actor; we assume that for all sizes,
# with one sequence at a time. This is not the PPO of equation {eq}`eq-memory-ppo`.
#
# *Counted too high.* Gradients of earlier micro-batches are counted whole beside all activations, also where there is but one
# micro-batch. *Counted too low.* Fragmentation, and the temporary buffers of communication and of loading. Outside PPO lengths are
# means, and a batch must hold its longest texts. On the fewest GPUs one answer may have to be written at a time.
#
# *Not shown here.* Layers, experts and sequences shared out over GPUs, activations on the host, and pools of GPUs that write or learn
# alone: {ref}`costlib estimate <sec-estimate>` computes them. Critic and reward model have the actor's size unless stated.
#
# *Statements of the course page.* Four models together exceed one GPU from about 7B parameters, it says
# ([A10](#claim-a10)). With our recipe the {glue:text}`gpu_label` is full at {glue:text}`ppo_end`, before any of them works.
# ::::

# %% [markdown]
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
