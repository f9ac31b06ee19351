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
# (sec-optimisation)=
# # What the optimisation strategies save
#
# **Question.** What does each strategy of the course page save in memory, time and dollars, and what does it cost in
# exchange?
#
# **Answer.** PPO of {glue:text}`model_label` with four equal models needs {glue:text}`base_gb` GB on each of
# {glue:text}`cluster`, {glue:text}`base_words`. Of single changes, {glue:text}`single_words`. On one GPU the strategies
# together take the memory from {glue:text}`first_gb` to {glue:text}`alone_gb` GB, and PPO {glue:text}`fits_words`.
# {glue:text}`dpo_words`

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
num_preference_pairs: int = 33207  # pairs that the reward model or DPO trains on [pairs]
num_episodes: int = 256000  # responses that PPO or GRPO generates and learns from [episodes]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]
rollout_batch: int = 512  # episodes generated before each update [episodes]
zero_stage: int = 3  # ZeRO sharding over GPUs (0 none, 1 optimizer, 2 and gradients, 3 and weights) [-]
precision_recipe: str = "mixed-16"  # bytes per trained parameter [-]
recompute: str = "full"  # activations computed again in the backward pass [-]
micro_batch: int = 4  # sequences that pass at a time on each GPU [sequences]
lora_rank: int = 16  # rank of the adapters where adapters are trained [-]

# %% tags=["remove-cell"]
import itertools
import math
import re

import numpy as np

from costlib import fmt
from costlib.compute import inference, memory, stages, timing
from costlib.compute.architecture import find, lora_parameters, training
from costlib.compute.job import estimate
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input"]
inputs = page.inputs(globals(), "tab-opt-inputs")

# %% [markdown]
# ## Model
#
# The compute and the time are those of {ref}`sec-stages`, the bytes those of {ref}`sec-memory`. Each strategy changes
# one thing in them.
#
# *Adapters.* LoRA freezes a matrix with $d_\text{in}$ inputs and $d_\text{out}$ outputs and trains two thin ones beside it
# {cite:p}`hu2022lora`. At rank $r$ on all matrices of the layers a model of $N$ parameters trains
#
# $$ N_r = r \sum \left( d_\text{in} + d_\text{out} \right), \qquad F_\text{train} = \left( 4 N + 6 N_r \right) T $$ (eq-opt-lora)
#
# parameters, in FLOPs for $T$ tokens. Full training takes $6NT$. The forward pass and the gradients that travel down to
# the adapters of lower layers stay; only the gradients of the frozen weights go. Activations do not shrink. In PPO the
# actor with its adapters switched off is the reference, which saves one model. QLoRA keeps the frozen weights of the
# layers in 4.127 bits and turns them back into 16 for each product {cite:p}`dettmers2023qlora`; the FLOPs stay as they are.
#
# *One trunk.* A value head on the actor saves a whole critic: its states, its scoring pass and its update. A small critic
# and reward model save most of the same. With $w$, $g$ and $o$ bytes of weights, gradients and optimizer for each trained
# parameter, the states of PPO take, in bytes for each parameter of the actor,
#
# $$ b = \begin{cases} 2\,(w + g + o) + 2 + 2 & \text{four equal models} \\
# (w + g + o) + 2 + 2 & \text{value head on the actor} \\
# 2 + 2 + 2 + 2\,\varepsilon & \text{adapters in actor and critic} \\
# 2 + 2 + \varepsilon & \text{adapters and value head} \end{cases} $$ (eq-opt-states)
#
# with $\varepsilon = (w + g + o)\,N_r / N$. That is {glue:text}`bytes_four`, {glue:text}`bytes_head`,
# {glue:text}`bytes_adapters` and {glue:text}`bytes_both` here. A 4-bit base turns a 2 into about 0.52.
#
# *Precision.* In 32 bits a trained parameter takes 4 bytes of weights, 4 of gradients and 8 of optimizer: 16. Mixed
# precision takes 2, 2 and 12, because the 32-bit weights are kept for the update {cite:p}`micikevicius2018mixed`: also 16.
# What halves is the rest: frozen models, activations, cache, and what travels. Products are faster: the data sheet of the
# A100 has 312 TFLOP/s in 16 bits, 156 in TF32 and 19.5 in 32 bits {cite:p}`nvidia2021a100`. Moments of the optimizer in 8
# bits save six bytes {cite:p}`dettmers2022eightbit`.
#
# *Sharding.* ZeRO shares $o$ from stage 1, $g$ from stage 2 and $w$ from stage 3 {cite:p}`rajbhandari2020zero`. In a
# backward pass the gradients travel, $4N$ bytes up to stage 2. At stage 3 it is $2N$ for the gradients and $2N$ for each
# pass through the weights, $6N$ in all and $8N$ with recomputation. States can also wait on the host
# {cite:p}`ren2021zerooffload`; that traffic is not timed here.
#
# *Recomputation* keeps only the inputs of the layers and computes the rest again, for one more forward pass
# {cite:p}`korthikanti2022`. Flash attention keeps no square of the sequence {cite:p}`dao2024flashattention2`; it is assumed
# throughout. Without it each layer would keep {glue:text}`square` as much at this length.
#
# *Accumulation.* Gradients of $a$ micro-batches of $m$ sequences on each of $G$ GPUs are summed before one update, so the
# effective batch is
#
# $$ B = m\,a\,G $$ (eq-opt-batch)
#
# Memory follows $m$, the result of the update $B$, and the FLOPs neither of them.
#
# *Distillation.* A student trained on the teacher's answers {cite:p}`kim2016sequence` costs $C_\text{teach}$ once and serves
# a token for $c_S$ instead of $c_T$. It pays after
#
# $$ D^* = \frac{C_\text{teach}}{c_T - c_S} $$ (eq-opt-breakeven)
#
# served tokens, or never if $c_S \geq c_T$.
#
# *Valid* for the limits of both chapters. *Computed*: bytes and FLOPs. *Measured or fitted*: the rates behind the hours; PPO
# is charged {glue:text}`reach` of the roofline's speed, a median of published runs. *Not computed*: what a strategy does to
# the quality of the model.

# %% tags=["hide-input"]
actor, gpu, models = find(aligned_model), catalog.find("gpus", cluster_gpu), catalog.table("models")
rates, equal, room = timing.roofline(cluster_gpu), actor.with_scalar_head(), gpu.hbm_gb * memory.GB


def job(stage, examples, model=aligned_model, least=1, v=inputs, **more):
    plan = {
        "zero": v["zero_stage"] if v["num_gpus"] > 1 else 0,
        "recipe": v["precision_recipe"],
        "recompute": v["recompute"],
    }
    plan |= {"micro_batch": max(least, v["micro_batch"]), "generation_batch": v["rollout_batch"]} | more
    work = v["num_gpus"], examples, v["prompt_tokens"], v["response_tokens"]
    return estimate(stage, model, cluster_gpu, *work, price_usd_per_gpu_hour=v["price_usd_per_gpu_hour"], **plan)


def held(strategy, case, answers=None):
    (plan, roles, other, _), (v, four) = strategy, case
    generating = {"generation_parallel": four.generation_parallel, "sequences": answers or v["micro_batch"]}
    setup = memory.PpoSetup(four.setup._replace(**plan), **generating, **roles)
    return memory.ppo(actor, other, other, v["prompt_tokens"], v["response_tokens"], setup)


def at_a_time(strategy, case):
    v, four = case
    share = max(1, v["rollout_batch"] / max(1, v["num_gpus"] // four.generation_parallel))
    most = memory.largest_micro_batch(lambda n: held(strategy, case, n)["generate"].total, gpu.hbm_gb)
    return min(share, max(v["micro_batch"], most))


def spent(strategy, case):
    (plan, roles, other, _), (v, four) = strategy, case
    ranks, data = four.generation_parallel, stages.Data(v["num_episodes"], v["prompt_tokens"], v["response_tokens"])
    batch = at_a_time(strategy, case) * max(1, v["num_gpus"] // ranks)
    run = stages.Run(rates, four.setup._replace(**plan), v["price_usd_per_gpu_hour"], "full", ranks, batch)
    return stages.ppo(actor, data, run, other, other, shared_critic="critic" in roles)


def only(in_exchange="", **plan):
    return plan, {}, equal, in_exchange


near = {name: abs(math.log(10 * models[name].parameters / actor.parameters)) for name in models}
tenth = min(models, key=near.get)
small, adapters, off = find(tenth).with_scalar_head(), {"lora_rank": lora_rank}, {"reference": "adapters-off"}
FOUR, HOST = "four equal models", "transfers, not timed"
STRATEGIES = {
    FOUR: only("-"),
    "adapters": (adapters, off, equal, "what adapters cannot learn"),
    "adapters, 4-bit base": (adapters | {"base_bits": 4}, off, equal, "unpacking, not timed"),
    "value head on the actor": ({}, {"critic": "shared"}, equal, "two losses in one trunk"),
    f"critic and reward: {models[tenth].label}": ({}, {}, small, "coarser values and scores"),
    **{f"ZeRO {stage}": only("traffic" if stage > zero_stage else "memory", zero=stage)
       for stage in range(4) if stage != zero_stage and num_gpus > 1},
    **{f"recompute: {part}": only("memory" if part == "none" else "FLOPs", recompute=part)
       for part in ("none", "full") if part != recompute},
    "micro-batch of 1": only("launches and traffic", micro_batch=1),
    "8-bit moments": only("rounded moments", recipe="adam8bit-10"),
    "everything in 16 bits": only("small updates get lost", recipe="bf16-8"),
    "frozen models on the host": ({}, {"offload_frozen": True}, equal, HOST),
    "optimizer on the host": only(HOST, offload="optimizer"),
}  # fmt: skip

# %%
here = inputs, job("ppo", num_episodes)
phases = {name: held(strategy, here) for name, strategy in STRATEGIES.items()}
peaks = {name: memory.peak(parts) for name, parts in phases.items()}
costs = {name: spent(strategy, here) for name, strategy in STRATEGIES.items()}
hours = {name: cost.gpu_hours for name, cost in costs.items()}

# %% tags=["remove-cell"]
recipe, length = memory.RECIPES[precision_recipe], prompt_tokens + response_tokens
label, card = models[aligned_model].label, gpu.label.removeprefix("NVIDIA ")
trained = lora_parameters(actor, lora_rank)
least = recipe.total * trained / actor.parameters
state_bytes = {"four": 2 * recipe.total + 4, "head": recipe.total + 4, "adapters": 6 + 2 * least, "both": 4 + least}


def gb(size):
    value = size / memory.GB
    return fmt.number(value, 0 if value >= 100 else 1 if value >= 10 else 2)


def three(value):
    return fmt.number(value) if value >= 100 or not value else f"{value:#.3g}"


def number(value):
    return fmt.number(value, 0 if value % 1 == 0 else 1)


def share(part, whole):
    return part / whole if whole else 0.0


def against(part, whole):
    return f" ({100 * (part / whole - 1):+,.0f} %)" if whole and abs(part / whole - 1) >= 0.005 else ""


def flagged(size):
    return gb(size) + ("" if size <= room else ", too much")


def best(values, allowed):
    name = min(allowed, key=values.get, default=FOUR)
    return name if FOUR not in allowed or values[name] < values[FOUR] * (1 - 1e-9) else "none"


fitting = [name for name in peaks if peaks[name] <= room]
deepest, quickest = best(peaks, peaks), best(hours, fitting) if fitting else "none"

# The same four models with every value in 32 bits: 4 + 4 + 8 bytes instead of 2 + 2 + 12, logits 8 instead of 10.
WIDER = {"optimizer": 8 / 12, "framework": 1, "logits": 8 / 10}
in_16 = held(only(recipe="mixed-16"), here)
in_32 = {
    phase: sum(size * WIDER.get(part.split()[-1], 2) for part, size in parts.items()) for phase, parts in in_16.items()
}
wide = max(in_32.values())

# %% tags=["remove-cell"]
# One step after the other on one GPU; the last on all of them.
LADDER = {
    "four models": ({}, {}), "+ recompute": ({"recompute": "full"}, {}), "+ micro-batch of 1": ({"micro_batch": 1}, {}),
    "+ value head": ({}, {"critic": "shared"}), "+ adapters": (adapters, off), "+ 4-bit base": ({"base_bits": 4}, {}),
    f"+ ZeRO-3, {fmt.number(num_gpus)} GPU{'s' if num_gpus > 1 else ''}": (
        {"gpus": num_gpus, "zero": 3} if num_gpus > 1 else {}, {"generation_parallel": here[1].generation_parallel}),
}  # fmt: skip
plan, roles, ladder = memory.Setup(recipe=precision_recipe, micro_batch=micro_batch), {}, {}
for name, (more, who) in LADDER.items():
    plan, roles = plan._replace(**more), roles | who
    setup = memory.PpoSetup(plan, sequences=plan.micro_batch, **roles)
    steps = memory.ppo(actor, equal, equal, prompt_tokens, response_tokens, setup)
    ladder[name] = memory.peak(steps)
remains = max(steps.values(), key=lambda parts: parts.total)
largest = max(remains, key=remains.get)
*on_one, last = ladder
alone = ladder[on_one[-1]]
first_fit = next((name for name, size in ladder.items() if size <= room), None)

# By the number of GPUs: shared out, or copied to each.
roomy = inference.ranks_for(actor, gpu.hbm_gb)
COUNTS = [2**k for k in range(max(7, math.ceil(math.log2(num_gpus)) + 1))]
LINES = {
    "full, sharded": ({"zero": 3}, {}), "adapters, sharded": ({"zero": 3} | adapters, off),
    "adapters, copied": ({"zero": 0} | adapters, off), "4-bit, copied": ({"zero": 0, "base_bits": 4} | adapters, off),
}  # fmt: skip


def on_gpus(count, plan, roles):
    ranks = max(n for n in range(1, min(count, roomy) + 1) if actor.heads % n == 0)
    layout = here[1].setup._replace(gpus=count, **plan | ({"zero": 0} if count == 1 else {}))
    setup = memory.PpoSetup(layout, generation_parallel=ranks, sequences=micro_batch, **roles)
    return memory.peak(memory.ppo(actor, equal, equal, prompt_tokens, response_tokens, setup))


lines = {name: np.array([on_gpus(count, *way) for count in COUNTS]) for name, way in LINES.items()}
full, copied = lines["full, sharded"], lines["adapters, copied"]
enough = next((count for count, size in zip(COUNTS, full, strict=True) if size <= room), None)
overtakes = next((count for count, less in zip(COUNTS, full < copied, strict=True) if less), None)
alone_fit = [name for name in ("adapters, copied", "4-bit, copied") if lines[name][0] <= room]

# %% tags=["remove-cell"]
# Accumulation: one update of a power of two of sequences on each GPU.
per_gpu = 2 ** math.floor(math.log2(max(1, rollout_batch / num_gpus)))
SIZES = [2**k for k in range(7) if 2**k <= per_gpu]


def update(size):
    done = spent(only(micro_batch=size), (inputs | {"num_episodes": per_gpu * num_gpus}, here[1])).steps
    parts = [step for step in done if step.name.startswith("update")]
    seconds = 3600 * sum(step.gpu_hours for step in parts) / num_gpus
    return held(only(micro_batch=size), here)["train"].total, sum(step.flops for step in parts), seconds


updates = {size: update(size) for size in SIZES}
one, whole = updates[1], updates[SIZES[-1]]
at_most = max((size for size in SIZES if updates[size][0] <= room), default=SIZES[-1])
most = updates[at_most]

# %% tags=["remove-cell"]
# PPO and DPO, each with the pairs that it learns from.
reward, dpo, many = (
    job(stage, n, least=2)
    for stage, n in (("rm", num_preference_pairs), ("dpo", num_preference_pairs), ("dpo", num_episodes))
)
made, more_made = (job("generate", count, samples=2).cost.usd for count in (num_preference_pairs, num_episodes))
rlhf = {part: getattr(reward.cost, part) + getattr(costs[FOUR], part) for part in ("flops", "gpu_hours", "usd")}
one_pair = job("dpo", 1, least=2).cost.flops / job("ppo", 1).cost.flops
prices = [parameters.defaults()[f"price_usd_per_pair_{end}"] for end in ("low", "high")]

# A student.
family = re.match("[a-z]+", aligned_model)[0]
smaller = [name for name in models if models[name].parameters < actor.parameters]
kin = [name for name in smaller if re.match("[a-z]+", name)[0] == family and near[name] <= math.log(3)]
student = min(kin or smaller or [aligned_model], key=near.get)


def serving(name):
    model, lengths = find(name), (prompt_tokens, response_tokens)
    ranks = inference.ranks_for(model, gpu.hbm_gb)
    return inference.serve(model, rates, *lengths, 1, price_usd_per_gpu_hour, ranks)


served = {name: serving(name) for name in (aligned_model, student)}
usd_teacher, usd_student = (served[name].usd_per_million_tokens for name in (aligned_model, student))
teaching, tuned = job("generate", num_episodes), job("sft", num_episodes, student)
lessons, tuning = teaching.cost.usd, tuned.cost.usd
pays = (lessons + tuning) / (usd_teacher - usd_student) if usd_teacher > usd_student else math.inf
not_fitting = [f"an answer of this length by {models[name].label}" for name in served if not served[name].sequences]
not_fitting += [
    f"{name} on the GPUs of this run"
    for name, fits in (("generating", teaching.fits), ("fine-tuning", tuned.fits))
    if not fits
]

# %% tags=["remove-cell"]
# README of torchtune 0.6.1: Llama 3.2 3B on one A100, 2 x 4,096 tokens, all in 16 bits, compiled, loss in chunks.
SMALL, COMPILED = find("llama-3.2-3b"), memory.Setup(micro_batch=2, recipe="bf16-8", fused=True)
MEASURED = {
    "nothing recomputed": (42.9, 9174, {}), "recomputed": (24.9, 7210, {"recompute": "full"}),
    "adapters of rank 64": (8.5, 8210, {"recompute": "full", "lora_rank": 64}),
    "adapters, 4-bit base": (4.6, 8035, {"recompute": "full", "lora_rank": 64, "base_bits": 4}),
}  # fmt: skip


def computed(change):
    setup, kept = COMPILED._replace(**change), 0 if "lora_rank" in change else SMALL.layers
    parts = memory.working(SMALL, 4096, setup, memory.LOGIT_BYTES, kept)
    cost = stages.sft(SMALL, stages.Data(1, 0, 4096), stages.Run(timing.roofline("a100-sxm-80gb"), setup))
    return (memory.states(SMALL, setup).total + parts["activations"]) / 2**30, cost.tokens / cost.gpu_hours / 3600


ours = {name: computed(change) for name, (*_, change) in MEASURED.items()}
chunk = memory.working(SMALL, 4096, COMPILED, memory.LOGIT_BYTES, 0)["logits"] / 8 / 2**30


def speedups(speeds):
    return [
        f"{round(100 * (after / before - 1)):+d} %".replace("+0", "0") for before, after in itertools.pairwise(speeds)
    ]


# %% tags=["remove-cell"]
# What the sensitivity asks.
CASES = {
    "this run": {}, "rank of the adapters x 16": {"lora_rank": 16 * lora_rank},
    "responses 8 times as long": {"response_tokens": 8 * response_tokens}, "nothing recomputed": {"recompute": "none"},
    "one GPU": {"num_gpus": 1}, "8 times the GPUs": {"num_gpus": 8 * num_gpus},
}  # fmt: skip


def ranked(strategy, rank):
    plan, *others = strategy
    return (plan | {"lora_rank": rank} if "lora_rank" in plan else plan, *others)


def row(change):
    case = inputs | change, job("ppo", num_episodes, v=inputs | change)
    ways = {name: ranked(strategy, case[0]["lora_rank"]) for name, strategy in STRATEGIES.items()}
    sizes = {name: memory.peak(held(way, case)) for name, way in ways.items()}
    times = {name: spent(way, case).gpu_hours for name, way in ways.items() if sizes[name] <= room}
    winners = best(sizes, sizes), best(times, times) if times else "none fits"
    return [flagged(sizes[FOUR]), flagged(sizes["adapters"]), *winners]


# %% tags=["remove-cell"]
# Invariants: true for every valid input.
slack = 1 + 1e-9
assert peaks["value head on the actor"] <= slack * peaks[FOUR], "a head on the actor cannot take more than a critic"
assert hours["value head on the actor"] <= slack * hours[FOUR], "nor more time"
assert phases["adapters, 4-bit base"]["train"].total < phases["adapters"]["train"].total, "four bits are less than 16"
assert ladder["+ recompute"] <= slack * ladder["four models"], "recomputation cannot need more"
assert whole[1] <= slack * one[1] and one[1] <= slack * whole[1], "accumulation cannot change the FLOPs"
assert all(peaks[name] <= slack * peaks[FOUR] for name in peaks if name.endswith("host")), "what has left is not there"
assert dpo.cost.tokens == reward.cost.tokens, "both learn from the same pairs"

# %% tags=["remove-cell", "nbval-check-output"]
parts, pairs = phases[FOUR], fmt.number(num_preference_pairs)
base_fits = peaks[FOUR] <= room
page.phrase("model_label", label)
page.phrase("gpu_label", card)
page.phrase("cluster", f"{fmt.number(num_gpus)} x {card}")
page.phrase("base_fits", "which fits" if base_fits else "which does not fit")
page.phrase("base_words", f"and takes {three(hours[FOUR])} GPU-hours" if base_fits else "which does not fit")
page.phrase("single_words", "; ".join([
    f"“{deepest}” lowers the memory most, to {gb(peaks[deepest])} GB" if deepest in peaks else "none lowers the memory",
    f"“{quickest}” takes the least time, {three(hours[quickest])} GPU-hours" if quickest in hours else
    "none takes less time" if base_fits else "none fits"]))  # fmt: skip
page.phrase("fits_words", "fits from the start" if first_fit == on_one[0] else
            f"first fits at the step “{first_fit.removeprefix('+ ')}”" if first_fit else "fits at no step")  # fmt: skip
page.phrase("dpo_words", f"DPO on {pairs} pairs takes {three(100 * share(dpo.cost.flops, rlhf['flops']))} % of the FLOPs of "
            "PPO and a reward model trained on the same pairs.")  # fmt: skip
NAMED = {"generation weights": "a copy of the actor to generate with", "gathered": "a gathered layer",
         "framework": "the framework", "reward weights": "the reward model", "actor weights": "the frozen actor"}  # fmt: skip
copies = parts["generate"].get("generation weights", 0)
page.phrase("copy_words", f"At stage 3 a copy of the actor in 16 bits is put together to generate, {gb(copies)} GB on each GPU "
            "whatever the base." if copies else "Each GPU has a whole actor to generate with.")  # fmt: skip
page.phrase("last_words", "stays as it is" if math.isclose(ladder[last], alone) else
            f"{'falls' if ladder[last] < alone else 'rises'} to {gb(ladder[last])} GB")  # fmt: skip
page.phrase("largest", NAMED.get(largest, f"“{largest}”"))
page.phrase("enough", f"fit on {fmt.number(enough)} and more" if enough else "fit on none of these numbers")
page.phrase("overtakes", f"from {fmt.number(overtakes)} on" if overtakes else "on none of them")
page.phrase("alone_fit", "fit, on 16 bits or on 4" if len(alone_fit) == 2 else
            "fit on a 4-bit base only" if alone_fit else "do not fit, on 16 bits or on 4")  # fmt: skip
page.phrase("pieces_words", f"From {fmt.number(at_most)} sequences at a time to one, training goes from {gb(most[0])} to "
            f"{gb(one[0])} GB, at the same FLOPs and {fmt.ratio(one[2] / most[2], 2)} the time"
            if at_most > 1 else "One sequence at a time is all that there is, or all that fits, here")  # fmt: skip
page.phrase("student", models[student].label if smaller else f"{label} itself")
page.phrase("student_words", "the nearest to a tenth of its size among the models of its family" if kin else
            "the nearest to a tenth of its size in the catalogue, which has none of its family near it" if smaller else
            "since the catalogue has no smaller model")  # fmt: skip
page.phrase("serve_words", f"Too much for the memory: {', '.join(not_fitting)}. The prices are those of the work alone."
            if not_fitting else "Both models fit, the student in training too.")  # fmt: skip
page.phrase("pays_words", f"The student pays after {three(pays)} million served tokens, or "
            f"{fmt.number(1e6 * pays / response_tokens)} answers." if math.isfinite(pays) else
            "The student never pays: its tokens are not cheaper.")  # fmt: skip
either = {way: held(only(recompute=way), here) for way in ("none", "full")}
for key, size in {
    "base_gb": peaks[FOUR], "first_gb": ladder["four models"], "alone_gb": alone, "in_16": memory.peak(in_16), "in_32": wide,
    "train_gb": parts["train"].total, "adapters_gb": phases["adapters"]["train"].total,
    "four_bit_gb": phases["adapters, 4-bit base"]["train"].total, "largest_gb": remains[largest],
    "none_train": either["none"]["train"].total, "full_train": either["full"]["train"].total,
    "none_gb": memory.peak(either["none"]), "full_gb": memory.peak(either["full"]),
}.items():  # fmt: skip
    page.publish(key, size / memory.GB, "GB", gb(size))
fullest = [gb(memory.peak(either[way])) for way in ("none", "full")]
page.phrase("peak_words", f"leaves the fullest phase at {fullest[0]} GB" if len(set(fullest)) == 1 else
            f"takes the fullest phase from {fullest[0]} to {fullest[1]} GB")  # fmt: skip
single = inputs | {"num_episodes": 1}, here[1]
flops = {name: spent(way, single).flops for name, way in STRATEGIES.items() if name in (FOUR, "adapters")}
again = [spent(only(recompute=way), single).flops for way in ("full", "none")]
step = [training(actor, 1, length, recompute=recompute, lora_rank=rank).total for rank in (lora_rank, None)]
square = 1 + 5 * actor.heads * length / memory.activations(actor, length, memory.Setup())
for key, value in {
    "adapters_step": step[0] / step[1], "adapters_stage": flops["adapters"] / flops[FOUR],
    "recompute_stage": again[0] / again[1], "one_pair": one_pair, "square": square,
}.items():  # fmt: skip
    page.publish(key, value, "ratio", fmt.ratio(value, 2 if value < 10 else 0))
for key, value in (state_bytes | {"dpo": recipe.total + 2}).items():
    page.publish(f"bytes_{key}", value, "bytes/parameter", fmt.number(value, 0 if value % 1 == 0 else 2))
for key, value in {"label_low": prices[0], "label_high": prices[1], "lessons": lessons, "tuning": tuning}.items():
    page.publish(key, value, "USD", fmt.price(value))
reach = rates.coefficients["alternating-fraction"]
page.publish("reach", reach, "fraction", fmt.percent(reach))
page.publish("trained_share", trained / actor.parameters, "fraction", f"{three(100 * trained / actor.parameters)} %")
page.publish("hbm", gpu.hbm_gb, "GB", fmt.short(gpu.hbm_gb))
page.publish("effective", per_gpu * num_gpus, "sequences", fmt.number(per_gpu * num_gpus))
page.publish("episodes", num_episodes, "episodes", fmt.number(num_episodes))
page.publish("chunk", chunk, "GiB", fmt.number(chunk, 1))
page.phrase("speeds_measured", ", ".join(speedups([speed for _, speed, _ in MEASURED.values()])))
page.phrase("speeds_computed", ", ".join(speedups([speed for _, speed in ours.values()])))

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# Four in five published measurements lie within the factor in the last column of what the model says
# ({ref}`sec-validation`). Rows of one table share most of their error, so that their differences are known better.


# %% tags=["hide-input", "nbval-check-output"]
def per_million(usd):
    return fmt.usd(usd, max(2, 2 - math.floor(math.log10(usd))))


trusted = [
    ("PPO with four equal models: GB on each GPU", "measured memory", peaks[FOUR] / memory.GB),
    ("the strategies together: GB on one GPU", "measured memory", alone / memory.GB),
]
trusted = [(*row, lambda size: gb(size * memory.GB)) for row in trusted]
if base_fits:
    trusted += [("PPO with four equal models: GPU-hours", "alignment", hours[FOUR], three),
                ("the same in dollars", "alignment", costs[FOUR].usd, fmt.price)]  # fmt: skip
if dpo.fits:
    trusted += [("DPO on the same pairs", "alignment", dpo.cost.usd, fmt.price)]
if served[aligned_model].sequences:
    trusted += [("a million served tokens", "inference", usd_teacher, per_million)]
page.trust("tab-opt-trust", trusted)

# %% [markdown]
# ### One change at a time
#
# The first row is PPO of this run with four equal models and all parameters in training, {glue:text}`base_fits` on
# {glue:text}`cluster` with {glue:text}`hbm` GB each. Every other row changes one thing in it. Memory, in
# GB, is what each GPU needs in the fullest phase, and in training alone; generating counts with one micro-batch of
# answers. Hours are those with as many answers at a time as the rest of the memory holds, up to the GPU's share of the
# rollout batch. What is too much for the memory takes no hours. In brackets, the change against the first row.


# %% tags=["hide-input", "nbval-check-output"]
def cells(name):
    sizes = flagged(peaks[name]) + against(peaks[name], peaks[FOUR]), gb(phases[name]["train"].total)
    time = three(hours[name]) + (against(hours[name], hours[FOUR]) if base_fits else ""), fmt.price(costs[name].usd)
    work = [number(at_a_time(STRATEGIES[name], here)), *time] if peaks[name] <= room else ["-"] * 3
    return [name, *sizes, *work, STRATEGIES[name][-1]]


in_full = flagged(wide) + against(wide, peaks[FOUR])
page.table(
    "tab-opt-strategies",
    ["change", "fullest [GB]", "train [GB]", "answers", "GPU-hours", "USD", "in exchange"],
    [*map(cells, STRATEGIES), ["everything in 32 bits", in_full, gb(in_32["train"]), "-", "-", "-", "slow, not timed"]],
)

# %% [markdown]
# *Adapters* of this rank have {glue:text}`trained_share` of the parameters of the model and take the training phase
# from {glue:text}`train_gb` to {glue:text}`adapters_gb` GB, on a 4-bit base to {glue:text}`four_bit_gb` GB.
# {glue:text}`copy_words` A training step takes {glue:text}`adapters_step` the FLOPs, the whole stage
# {glue:text}`adapters_stage`: adapters make neither generating nor scoring cheaper. The hours follow where arithmetic
# sets the time, and not where launches do.
#
# *Mixed precision* does not halve the memory. Trained states take 16 bytes per parameter in 32 bits and in the recipe
# mixed-16 alike. With everything in 32 bits this run would hold {glue:text}`in_32` GB, with that recipe it holds
# {glue:text}`in_16`.
#
# *Recomputation* takes the training phase from {glue:text}`none_train` to {glue:text}`full_train` GB and
# {glue:text}`peak_words`, for {glue:text}`recompute_stage` the FLOPs of the stage. Where generating is the fullest phase,
# it lowers nothing that counts.
#
# *One trunk.* Older releases of TRL put a value head on the actor and could share the lower layers of actor and
# reference; later ones take a separate value model {cite:p}`vonwerra2020trl`. The row of the value head is the first of
# these; layers shared with the reference are not computed.
#
# ### All of them together
#
# The same steps one after the other, on one GPU. Sharding comes last, because it alone needs more of them. The order
# matters for the size of each step, but not for the end.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "PPO of {glue:text}`model_label` on one {glue:text}`gpu_label`, each bar with the steps above it, and the last one shared out. It starts at {glue:text}`first_gb` GB, with {glue:text}`bytes_four` bytes of states for each parameter, and {glue:text}`fits_words`. Blue bars fit; the dashed line is the memory of the GPU, {glue:text}`hbm` GB.", "name": "fig-opt-waterfall"}, "image": {"alt": "Horizontal bars of the memory that PPO needs on each GPU: four full models on one GPU, then recomputation, a micro-batch of one, a value head, adapters and a 4-bit base added one after the other, and at last sharding over all GPUs. A dashed vertical line marks the memory of the GPU; bars that fit are blue, the others grey."}}
fig, ax = figures.canvas(7, 3.9)
sizes = [size / memory.GB for size in ladder.values()]
ax.barh(list(ladder), sizes, color=[figures.BLUE if s <= gpu.hbm_gb else figures.GREY for s in sizes], height=0.62)
for name, size in zip(ladder, sizes, strict=True):
    figures.say(ax, size, name, f"{gb(size * memory.GB)} GB", bbox={"color": "white", "pad": 1})
ax.axvline(gpu.hbm_gb, color="black", ls="--", lw=1.2)
ax.set(xlabel="memory on each GPU, fullest phase [GB]", xlim=(0, 1.25 * max(gpu.hbm_gb, *sizes)))
ax.locator_params(axis="x", nbins=5)
ax.xaxis.set_major_formatter(lambda value, _: fmt.short(value))
ax.invert_yaxis()
ax.tick_params(axis="y", length=0)

# %% tags=["remove-input", "nbval-check-output"]
page.data(
    "fig-opt-waterfall",
    ["step", "memory on each GPU [GB]", "memory of the GPU [GB]"],
    [[name, size, gpu.hbm_gb] for name, size in zip(ladder, sizes, strict=True)],
)

# %% [markdown]
# On one GPU the steps end at {glue:text}`alone_gb` GB. Shared over {glue:text}`cluster`, that
# {glue:text}`last_words`; the largest part of what is left is {glue:text}`largest`, {glue:text}`largest_gb` GB.
#
# {numref}`fig-opt-gpus` sets the two ways side by side, more GPUs and fewer bytes, with the recomputation and the
# micro-batch of this run.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Memory on each GPU against their number, in doublings. Full parameters, sharded at stage 3, {glue:text}`enough`, and need less than adapters copied to each GPU {glue:text}`overtakes`. Adapters on one GPU {glue:text}`alone_fit`. Dotted: the {glue:text}`hbm` GB of the {glue:text}`gpu_label`.", "name": "fig-opt-gpus"}, "image": {"alt": "Four lines on logarithmic axes: memory on each GPU against the number of GPUs. Full parameters and adapters that are sharded fall with more GPUs; adapters and 4-bit adapters that are copied to each GPU are flat. A dotted horizontal line marks the memory of the GPU."}}
fig, ax = figures.canvas(7, 3.9)
looks = zip(("-", "-", "--", "--"), (figures.RED, figures.BLUE, figures.BLUE, figures.GREEN), strict=True)
for (name, line), (style, colour) in zip(lines.items(), looks, strict=True):
    ax.plot(COUNTS, line / memory.GB, ls=style, color=colour, lw=2, label=name)
ax.axhline(gpu.hbm_gb, color="black", ls=":", lw=1.4, label=f"{gpu.hbm_gb:g} GB")
every = [gpu.hbm_gb, *(size / memory.GB for line in lines.values() for size in line)]
low, high = min(every) / 1.5, max(every) * 1.5
ax.set(xscale="log", yscale="log", ylim=(low, high), xlabel="GPUs", ylabel="memory on each GPU [GB]")
marks = [n * 10.0**k for k in range(-2, 7) for n in ((1, 2, 5) if high < 200 * low else (1,))]
figures.plain_log(ax.yaxis, [mark for mark in marks if low <= mark <= high])
figures.plain_log(ax.xaxis, COUNTS[:: 1 + len(COUNTS) // 8])
fig.legend(loc="outside upper center", ncols=3, fontsize=11.5, handlelength=1.8, columnspacing=1.4)
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
page.data(
    "fig-opt-gpus",
    ["GPUs [-]", *(f"{name} [GB]" for name in lines), "memory of the GPU [GB]"],
    [[count, *(line[at] / memory.GB for line in lines.values()), gpu.hbm_gb] for at, count in enumerate(COUNTS)],
)

# %% [markdown]
# ### The same update in smaller pieces
#
# One update of actor and critic on {glue:text}`effective` sequences, for each GPU the largest power of two within its part
# of the rollout batch, and at least one. {glue:text}`pieces_words`. Every micro-batch launches its kernels and, where
# weights are sharded, gathers them anew.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-opt-accumulation",
    ["micro-batch", "steps accumulated", "effective batch", "training [GB]", "FLOPs", "seconds"],
    [
        [
            size,
            per_gpu // size,
            fmt.number(per_gpu * num_gpus),
            flagged(needs),
            fmt.power_of_ten(flops, 2),
            three(seconds) if needs <= room else "-",
        ]
        for size, (needs, flops, seconds) in updates.items()
    ],
)

# %% [markdown]
# ### DPO in place of PPO
#
# DPO holds a policy and a frozen reference, {glue:text}`bytes_dpo` bytes of states for each parameter instead of
# {glue:text}`bytes_four`, needs no reward model and generates nothing {cite:p}`rafailov2023dpo`. A pair of DPO takes
# {glue:text}`one_pair` the FLOPs of an episode of PPO; the rest of the difference is counts. PPO learns from
# {glue:text}`episodes` answers that nobody has labelled. DPO learns from labelled pairs only, so as many pairs as episodes
# are as many labels, at {glue:text}`label_low` to {glue:text}`label_high` in {ref}`Part I <sec-human-label-cost>`. “Making
# pairs” is the price of two answers to each prompt from the model itself.


# %% tags=["hide-input", "nbval-check-output"]
def route(name, needs, cost, made, count):
    labels = " to ".join(fmt.usd(price * count, 0) for price in prices)
    flops = fmt.power_of_ten(cost["flops"], 2) if cost["flops"] else "0"
    time = [three(cost["gpu_hours"]), fmt.price(cost["usd"])] if needs <= room else ["-", "-"]
    return [name, flagged(needs), flops, *time, fmt.price(made), labels]


def spending(answer):
    return {part: getattr(answer.cost, part) for part in rlhf}


page.table(
    "tab-opt-dpo-or-ppo",
    ["route", "GB each", "FLOPs", "GPU-hours", "USD", "making pairs", "labels"],
    [
        route("reward model and PPO", max(peaks[FOUR], reward.fullest[1].total), rlhf, made, num_preference_pairs),
        route("DPO, the same pairs", dpo.fullest[1].total, spending(dpo), made, num_preference_pairs),
        route("DPO, a pair for each episode", many.fullest[1].total, spending(many), more_made, num_episodes),
    ],
)

# %% [markdown]
# The hours of PPO include its slowdown to {glue:text}`reach` of the roofline, those of the others do not. The routes do
# not lead to the same model: PPO explores with its own answers and trusts a reward model, DPO stays with the pairs that
# it is given.
#
# ### A student for serving
#
# The student is {glue:text}`student`, {glue:text}`student_words`. The teacher answers {glue:text}`episodes` prompts, as many
# as PPO has episodes, for {glue:text}`lessons`; fine-tuning the student on these answers takes {glue:text}`tuning`.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-opt-student",
    ["model", "size [10⁹]", "GPUs", "at a time", "tokens/s on each", "USD/M tokens"],
    [
        [models[name].label, fmt.number(models[name].parameters / 1e9, 2), fmt.number(s.tensor_parallel),
         number(s.sequences), three(s.tokens_per_second / s.tensor_parallel), per_million(s.usd_per_million_tokens)]
        for name, s in served.items()
    ],
)  # fmt: skip

# %% [markdown]
# {glue:text}`serve_words` {glue:text}`pays_words` Serving is priced for a full batch, as in {ref}`sec-inference`. A student
# that answers worse saves nothing, and how well it answers is not computed.
#
# ### Published beside computed
#
# torchtune prints memory and speed of the same steps for fine-tuning Llama 3.2 3B on one A100, two sequences of 4,096
# tokens at a time, everything in 16 bits {cite:p}`torchtune2024`. No coefficient was fitted to these rows. Logits are left
# out, since the loss is computed in chunks; with adapters, the inputs of the layers wait on the host.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-opt-published-runs",
    ["step", "measured GiB", "computed GiB", "measured tokens/s", "computed tokens/s"],
    [
        [name, gib, fmt.number(ours[name][0], 1), fmt.number(speed), fmt.number(ours[name][1])]
        for name, (gib, speed, _) in MEASURED.items()
    ],
)

# %% [markdown]
# The two smallest sizes are computed too low, by about the {glue:text}`chunk` GiB of one chunk of logits in eight. All
# speeds are computed too low, the kernels being compiled, but the changes from row to row agree:
# {glue:text}`speeds_measured` measured, {glue:text}`speeds_computed` computed. The last is the unpacking of four bits. It is
# a cost of each pass rather than of each token, and small with 8,192 tokens in a pass. In LitGPT's table, with one
# example of Alpaca in a pass, 1,000 iterations take 3.68 instead of 2.36 minutes for Llama 2 7B in 4 bits, and 6.38 instead
# of 3.19 for 13B {cite:p}`litgpt2023`.
#
# ### Statements examined here
#
# *Sharply* is taken as to less than a tenth; a statement about TRL as one about its value head.

# %% tags=["hide-input", "nbval-check-output"]
bases = [memory.weights(actor, bits) for bits in (16, 4)]
by_stage = [memory.states(actor, here[1].setup._replace(zero=stage)).total for stage in range(4)]
two = {"policy", *(part.split()[0] for part in dpo.phases["train"] if part.startswith("reference"))}
four = {part.split()[0] for part in parts["score"] if part.endswith(" weights")}
head = peaks["value head on the actor"], hours["value head on the actor"]
page.ledger(
    "10_optimisation",
    observe("A18", trained < 0.1 * actor.parameters and min(bases) > 0,
            f"rank {lora_rank} trains {three(100 * trained / actor.parameters)} %; the base keeps {gb(bases[0])} GB, "
            f"in 4 bits {gb(bases[1])}"),
    observe("A19", head[0] < peaks[FOUR] and head[1] <= slack * hours[FOUR],
            f"a head for a critic: {gb(peaks[FOUR])} to {gb(head[0])} GB, {three(costs[FOUR].flops / 1e18)} to "
            f"{three(costs['value head on the actor'].flops / 1e18)} exaFLOPs"),
    observe("A20", memory.peak(in_16) < wide,
            f"{gb(wide)} to {gb(memory.peak(in_16))} GB; trained states 16 bytes per parameter in both"),
    observe("A21", one[0] < whole[0],
            f"training with {fmt.number(SIZES[-1])} sequences at a time takes {gb(whole[0])} GB, with one {gb(one[0])}"),
    observe("A22", by_stage[3] < by_stage[0],
            f"states of the actor at stages 0 to 3: {', '.join(map(gb, by_stage))} GB on each of {fmt.number(num_gpus)}"),
    observe("A23", len(two) < len(four) and recipe.total + 2 < state_bytes["four"],
            f"{len(two)} models for {len(four)}, {recipe.total + 2} bytes per parameter for {state_bytes['four']}"),
)  # fmt: skip

# %% [markdown]
# ## Sensitivity
#
# The two columns on the right name the one change of the first table that saves most, for the time among those that
# fit.

# %% tags=["hide-input", "nbval-check-output"]
page.table(
    "tab-opt-sensitivity",
    ["case", "four models [GB]", "adapters [GB]", "saves most memory", "saves most time"],
    [[name, *row(change)] for name, change in CASES.items()],
)

# %% [markdown]
# Adapters save states. The longer the responses and the larger the micro-batch, the more of the memory is activations,
# logits and cache, which they leave as they are; and the more GPUs share the states, the less is left to save.
#
# ## Limits
#
# *Quality is not priced.* Adapters and full fine-tuning, PPO and DPO, a large critic and a small one, a teacher and its
# student give different models. A strategy that saves half and needs a second attempt saves nothing.
#
# *Not timed* are the unpacking of 4-bit weights, transfers to and from the host, the step of the optimizer, and products in
# 32 bits. Rows that say so show too few hours. Gradients are charged a journey for each micro-batch, though below stage 3
# one for each update would do. Traffic is not hidden behind computation.
#
# *Not modelled* are one base shared by actor, critic and reward model with adapters of their own, tensor and pipeline
# parallelism in training, a 4-bit copy to generate with, activations on the host, and packing. In torchtune's table
# packing is worth more than all other steps, 7,075 instead of 2,091 tokens/s. The slowdown of PPO is the same in all rows
# here; published runs spread widely ({ref}`sec-stages`).
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 10 -p aligned_model=llama-3.1-70b -p cluster_gpu=h100-sxm-80gb -p num_gpus=64
# papermill notebooks/10_optimisation.ipynb out.ipynb -p num_gpus 1 -p lora_rank 64
# ```
#
# ## References
#
# Adapters {cite:p}`hu2022lora,dettmers2023qlora`; precision
# {cite:p}`micikevicius2018mixed,dettmers2022eightbit,nvidia2021a100`; sharding and the host
# {cite:p}`rajbhandari2020zero,ren2021zerooffload`; activations {cite:p}`korthikanti2022,dao2024flashattention2`; shared
# layers {cite:p}`vonwerra2020trl`; DPO {cite:p}`rafailov2023dpo`; distillation {cite:p}`kim2016sequence`; measurements
# {cite:p}`torchtune2024,litgpt2023`. Full entries: {doc}`/book/bibliography`.
