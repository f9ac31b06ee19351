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
# # What makes PPO fit, and what makes it faster?
#
# On one {glue:text}`gpu_label` PPO of {glue:text}`model_label`, the reinforcement step of RLHF, needs {glue:text}`first_gb` GB if you
# change nothing, and {glue:text}`alone_gb` GB with the savings of the figure added up. {glue:text}`fit_said`. On {glue:text}`cluster` the same job
# {glue:text}`takes_said` {glue:text}`base_hours` GPU-hours, and {glue:text}`time_said`.
#
# Memory and time ask for different changes. Training adapters shrinks what is kept for each parameter, but every answer is
# still written and scored by whole models; leaving one of PPO's four models out saves both. And where you have labelled pairs,
# ask first whether you need PPO at all: DPO on {glue:text}`pairs` pairs does {glue:text}`dpo_share` of the arithmetic of a
# reward model and PPO.

# %% tags=["parameters", "remove-cell"]
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
micro_batch: int = 0  # sequences that pass at a time on each GPU; 0 takes the most that fit [sequences]
lora_rank: int = 16  # rank of the adapters where adapters are trained [-]

# %% tags=["remove-cell"]
import itertools
import math

import numpy as np

from costlib.base import fmt
from costlib.compute import energy, footprint, inference, memory, strategies, timing
from costlib.compute.architecture import forward, lora_parameters, nearest_in_size, training
from costlib.compute.models import find, student_of
from costlib.economics import anatomy, scenarios
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page
from costlib.validation import torchtune

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
actor, card = find(aligned_model).architecture, catalog.find("gpus", cluster_gpu)
rates = timing.roofline(cluster_gpu)
hbm, room = round(rates.hbm_gb, 1), rates.hbm_gb * memory.GB


all_inputs = scenarios.complete(inputs)


def job(stage, examples, model=aligned_model, v=all_inputs, **more):
    return anatomy.estimated(stage, v, examples=examples, model=model, **more)


def case_of(v):
    four = job("ppo", v["num_episodes"], v=v)
    work = v["prompt_tokens"], v["response_tokens"], v["num_episodes"], v["rollout_batch"], v["price_usd_per_gpu_hour"]
    return strategies.StrategyCase(actor, rates, four.setup, four.generation_parallel, *work)


case = case_of(all_inputs)
tenth = nearest_in_size(actor.parameters / 10, catalog.in_chapters())
single = strategies.singles(case.setup, lora_rank, find(tenth).architecture.with_scalar_head(), find(tenth).label)
phases = {name: strategies.phases(case, strategy) for name, strategy in single.items()}
costs = {name: strategies.cost(case, strategy) for name, strategy in single.items()}

# %% tags=["remove-cell"]
FOUR = "four equal models"
peaks = {name: memory.peak(parts) for name, parts in phases.items()}
hours = {name: cost.gpu_hours for name, cost in costs.items()}
recipe, trained = memory.RECIPES[precision_recipe], lora_parameters(actor, lora_rank)


def best(values, allowed):
    name = min(allowed, key=values.get, default=FOUR)
    return name if FOUR not in allowed or values[name] < values[FOUR] * (1 - 1e-9) else "none"


in_16 = strategies.phases(case, strategies.only(recipe="mixed-16"))
in_32 = strategies.in_32_bits(in_16)
# One step after the other on one GPU; the last on all of them.
at_a_time = case.setup.micro_batch
alone = case._replace(setup=memory.Setup(recipe=precision_recipe, micro_batch=at_a_time), generation_parallel=1)
shared = {"gpus": num_gpus, "zero": 3} if num_gpus > 1 else {}
steps = {
    "four models": strategies.NOTHING, "+ recompute": strategies.only(recompute="full"),
    "+ micro-batch of 1": strategies.only(micro_batch=1), "+ value head": strategies.value_head(),
    "+ adapters": strategies.adapters(lora_rank), "+ 4-bit base": strategies.only(base_bits=4),
    f"+ ZeRO-3, {fmt.number(num_gpus)} GPU{'s' * (num_gpus > 1)}":
        strategies.Strategy(shared, {"generation_parallel": case.generation_parallel}),
}  # fmt: skip
rungs = strategies.ladder(alone, steps)
ladder = {name: memory.peak(parts) for name, parts in rungs.items()}
*on_one, last = ladder
# By the number of GPUs: shared out, or copied to each.
COUNTS = [2**k for k in range(max(7, math.ceil(math.log2(num_gpus)) + 1))]
ways = {
    "full, sharded": strategies.only(zero=3), "adapters, sharded": strategies.adapters(lora_rank, zero=3),
    "adapters, copied": strategies.adapters(lora_rank, zero=0),
    "4-bit, copied": strategies.adapters(lora_rank, zero=0, base_bits=4),
}  # fmt: skip
lines = {
    name: np.array([memory.peak(strategies.on_gpus(case, count, way)) for count in COUNTS])
    for name, way in ways.items()
}
# Layers that actor and reference share, the reference itself, logits of a whole distribution, answers at a time.
below = actor.layers // 2
lower = below / actor.layers * actor.layer_matrices + actor.vocabulary_size * actor.embedding_width
spared = memory.shard(lower, case.setup).total
length = prompt_tokens + response_tokens
passes = {way: work(actor, 1, length).total for way, work in (("forward", forward), ("training", training))}
backward = passes["training"] - passes["forward"] * (case.setup.recompute != "full")
unlearned = num_episodes * backward * below / actor.layers * actor.layer_matrices / actor.parameters
reference = sum(size for part, size in phases[FOUR]["score"].items() if part.startswith("reference"))
logits = 2 * at_a_time * length * actor.vocabulary_size
batches = {n: case._replace(rollout_batch=n * case.groups) for n in (1, 8)}
writing = {n: (few := strategies.cost(smaller)).gpu_hours * few.share("generate") for n, smaller in batches.items()}
usual = hours[FOUR] * costs[FOUR].share("generate")
batched = {n: hours[FOUR] - usual + each for n, each in writing.items()}
# One update of a power of two of sequences on each GPU.
per_gpu = 2 ** math.floor(math.log2(max(1, rollout_batch / num_gpus)))
SIZES = [2**k for k in range(7) if 2**k <= per_gpu]

updates = {size: strategies.update(case, size, per_gpu) for size in SIZES}
one, whole = updates[1], updates[SIZES[-1]]
# PPO and DPO, each with the pairs that it learns from; a student.
reward, dpo, many = (
    job(stage, n) for stage, n in (("rm", num_preference_pairs), ("dpo", num_preference_pairs), ("dpo", num_episodes))
)
rlhf = {part: getattr(reward.cost, part) + getattr(costs[FOUR], part) for part in ("flops", "gpu_hours", "usd")}
student = student_of(aligned_model)
serving = rates, prompt_tokens, response_tokens, 1, price_usd_per_gpu_hour
served = {name: inference.serve(find(name).architecture, *serving) for name in (aligned_model, student)}
usd_teacher, usd_student = (served[name].usd_per_million_tokens for name in (aligned_model, student))
teaching, tuned = job("generate", num_episodes), job("sft", num_episodes, student)
# Electricity and CO2, in the grid of the answer and in the cleanest and the dirtiest of the table. PPO is that of the
# strategies, whose answers have one length; chapter 7 waits for the longest of a batch.
waiting = job("ppo", num_episodes)
steps_of_ppo = [(step.name, step.gpu_hours) for step in costs[FOUR].steps]
drawn = card.tdp_w and energy.used(
    steps_of_ppo, card.tdp_w, waiting.job.grid, waiting.job.pue, waiting.interval(1.0) or (1, 1)
)
powered = {
    "reward model": (reward.cost.gpu_hours, reward.energy),
    "PPO": (hours[FOUR], drawn),
    "DPO, the same pairs": (dpo.cost.gpu_hours, dpo.energy),
    "the teacher answers": (teaching.cost.gpu_hours, teaching.energy),
}
ppo_kwh = (drawn or energy.UNKNOWN).kwh.value
usd_per_kwh = catalog.find("energy", "commercial-2026-usa").value
grids = sorted(catalog.table("grids").values(), key=lambda grid: grid.g_co2e_per_kwh)

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
slack = 1 + 1e-9
assert peaks["value head on the actor"] <= slack * peaks[FOUR], "a head on the actor cannot take more than a critic"
assert hours["value head on the actor"] <= slack * hours[FOUR], "nor more time"
frozen = [phases[name]["train"]["actor weights"] for name in ("adapters, 4-bit base", "adapters")]
assert frozen[0] < frozen[1], "four bits are less than 16"
assert ladder["+ recompute"] <= slack * ladder["four models"], "recomputation cannot need more"
assert math.isclose(whole.flops, one.flops), "accumulation cannot change the FLOPs"
assert all(peaks[name] <= slack * peaks[FOUR] for name in peaks if name.endswith("host")), "what has left is not there"
assert dpo.cost.tokens == reward.cost.tokens, "both learn from the same pairs"
assert 0 <= unlearned < costs[FOUR].flops, "frozen layers cannot save more than there is"
assert writing[1] >= usual * (1 - 1e-9), "fewer answers at a time cannot be written faster"


# %% tags=["remove-cell", "nbval-check-output"]
def first(places, found):
    return next((place for place, good in zip(places, found, strict=True) if good), math.inf)


def said(name):
    plain = {"recompute: none": "nothing recomputed", "recompute: full": "everything recomputed"}.get(name, name)
    return plain.replace("critic and reward:", "critic and reward model as small as").replace("ZeRO ", "ZeRO stage ")


deepest, quickest = best(peaks, peaks), best(hours, [name for name in peaks if peaks[name] <= room])
remains = max(rungs[last].values(), key=lambda parts: parts.total)
largest = max(remains, key=remains.get)
NAMED = {"generation weights": "a copy of the actor to generate with", "gathered": "a gathered layer",
         "framework": "the framework", "reward weights": "the reward model", "actor weights": "the frozen actor"}  # fmt: skip
unfit = {f"an answer of this length by {find(name).label}": served[name].sequences for name in served}
unfit |= {"generating on these GPUs": teaching.fits, "fine-tuning on these GPUs": tuned.fits}
for key, words in {
    "model_label": find(aligned_model).label, "gpu_label": card.label.removeprefix("NVIDIA "),
    "cluster": f"{fmt.number(num_gpus)} x {card.label.removeprefix('NVIDIA ')}",
    "largest": NAMED.get(largest, f"“{largest}”"), "student": find(student).label,
    "unfit": ", ".join(name for name, fits in unfit.items() if not fits) or "none",
}.items():  # fmt: skip
    page.phrase(key, words)
first_fit = next((name.removeprefix("+ ") for name, size in ladder.items() if size <= room), "")
page.phrase("fit_said", f"The step at which it first fits is “{first_fit}”" if ladder["four models"] > room and first_fit else
            "It fits from the start" if first_fit else "No step makes it fit")  # fmt: skip
page.phrase("takes_said", "takes" if peaks[FOUR] <= room else "would take")
page.phrase("time_said", "no single change that fits saves any of them" if quickest in ("none", FOUR) else
            f"the change that saves most of them is “{said(quickest)}”")  # fmt: skip
enough = first(COUNTS, lines["full, sharded"] <= room)
page.phrase("enough_said", f"does not fit on {fmt.number(COUNTS[-1])} GPUs" if enough == math.inf else
            f"fits from {fmt.number(enough)} GPU{'s' * (enough > 1)} on")  # fmt: skip
fitting = [name.partition(",")[0] for name, line in lines.items() if name.endswith("copied") and line[0] <= room]
page.phrase("alone_said", f"On a single GPU these fit: {' and '.join(fitting)}" if fitting else
            "Neither kind fits on a single GPU")  # fmt: skip
kl_part = next(step for step in costs[FOUR].steps if step.name == "reference")
longer = strategies.cost(case._replace(response_tokens=4 * response_tokens))
page.publish_all("fraction", fmt.share, kl_flops=kl_part.flops / max(1, costs[FOUR].flops),
                 kl_hours=costs[FOUR].share("reference"), alone_share=writing[1] / batched[1],
                 batch_share=costs[FOUR].share("generate"), long_share=longer.share("generate"))  # fmt: skip
page.publish_all(
    "GB", lambda gb: fmt.gigabytes(gb * memory.GB), kl_logits=logits / memory.GB, spared_gb=spared / memory.GB
)
page.publish("shared_layers", below, "layers", fmt.number(below))
either = {way: strategies.phases(case, strategies.only(recompute=way)) for way in ("none", "full")}
at_most = max((size for size in SIZES if updates[size].size <= room), default=SIZES[-1])
for key, size in {
    "base_gb": peaks[FOUR], "first_gb": ladder["four models"], "alone_gb": ladder[on_one[-1]], "last_gb": ladder[last],
    "in_16": memory.peak(in_16), "in_32": memory.peak(in_32), "deepest_gb": peaks.get(deepest, peaks[FOUR]),
    "train_gb": phases[FOUR]["train"].total, "adapters_gb": phases["adapters"]["train"].total,
    "four_bit_gb": phases["adapters, 4-bit base"]["train"].total, "largest_gb": remains[largest],
    "copy_gb": phases[FOUR]["generate"].get("generation weights", 0), "pieces_gb": updates[at_most].size, "piece_gb": one.size,
    "none_train": either["none"]["train"].total, "full_train": either["full"]["train"].total,
    "none_gb": memory.peak(either["none"]), "full_gb": memory.peak(either["full"]),
}.items():  # fmt: skip
    page.publish(key, size / memory.GB, "GB", fmt.gigabytes(size))
once = case._replace(episodes=1)
again = {way: strategies.cost(once, strategies.only(recompute=way)).flops for way in ("full", "none")}
step = [training(actor, 1, prompt_tokens + response_tokens, recompute=recompute, lora_rank=rank).total
        for rank in (lora_rank, None)]  # fmt: skip
square = 1 + 5 * actor.heads * (prompt_tokens + response_tokens) / memory.activations(actor, 0, memory.Setup())
page.publish_all("ratio", fmt.ratio_3, adapters_step=step[0] / step[1],
                 adapters_stage=strategies.cost(once, single["adapters"]).flops / strategies.cost(once).flops,
                 recompute_stage=again["full"] / again["none"], pieces_time=one.seconds / updates[at_most].seconds, square=square,
                 one_pair=job("dpo", 1).cost.flops / job("ppo", 1).cost.flops)  # fmt: skip
each = footprint.state_bytes(precision_recipe, trained / actor.parameters)
page.publish_all("bytes/parameter", lambda size: fmt.number(size, 0 if size % 1 == 0 else 2), bytes_four=each["PPO"],
                 bytes_head=each["PPO, value head"], bytes_adapters=each["PPO, adapters"],
                 bytes_both=each["PPO, value head and adapters"], bytes_dpo=each["DPO"])  # fmt: skip
prices = [parameters.defaults()[f"price_usd_per_pair_{end}"] for end in ("low", "high")]
lessons, tuning = teaching.cost.usd, tuned.cost.usd
page.publish_all("USD", fmt.price, label_low=prices[0], label_high=prices[1], lessons=lessons, tuning=tuning)
longest = catalog.assumption("longest-over-mean")
page.publish("stage_longest", longest, "ratio", f"{fmt.number(longest, 1)} times")
page.publish_all("GPU-h", fmt.significant, stage_hours=waiting.cost.gpu_hours, base_hours=hours[FOUR],
                 quickest_hours=hours.get(quickest, hours[FOUR]))  # fmt: skip
reach = rates.coefficients["rl-update-fraction"]
page.publish("reach", reach, "fraction", fmt.percent(reach))
page.publish_all("fraction", lambda part: f"{fmt.significant(100 * part)} %", trained_share=trained / actor.parameters,
                 dpo_share=dpo.cost.flops / max(1, rlhf["flops"]))  # fmt: skip
page.publish("hbm", hbm, "GB", fmt.short(hbm))
page.publish_all("sequences", fmt.number, effective=per_gpu * num_gpus, pieces=at_most, at_a_time=at_a_time)
page.publish("episodes", num_episodes, "episodes", fmt.number(num_episodes))
page.publish("pairs", num_preference_pairs, "pairs", fmt.number(num_preference_pairs))
full, copied = lines["full, sharded"], lines["adapters, copied"]
page.publish_found("GPUs", fmt.number, enough=first(COUNTS, full <= room), overtakes=first(COUNTS, full < copied))
pays = (lessons + tuning) / (usd_teacher - usd_student) if usd_teacher > usd_student else math.inf
page.publish_found("M tokens", fmt.significant, pays_tokens=pays)
page.publish_found("answers", fmt.number, pays_answers=1e6 * pays / response_tokens)
found = fmt.significant, lambda tokens: fmt.number(1e6 * tokens / response_tokens)
page.phrase(
    "pays_said",
    "pays for itself after {} million tokens, or {} answers".format(*(text(pays) for text in found))
    if pays < math.inf
    else "never pays for itself, since serving it costs no less",
)
page.publish_all(
    "-",
    lambda part: fmt.number(part, 2),
    pue=energy.pue_used().value,
    **{name.replace("-", "_"): catalog.find("energy", name).value for name in ("power-train", "power-generate")},
)
page.publish("usd_per_kwh", usd_per_kwh, "USD/kWh", fmt.price(usd_per_kwh))
page.publish_found("kWh", fmt.rounded, "unknown", ppo_kwh=ppo_kwh)
page.publish_found("kg CO2e", fmt.rounded, "unknown", ppo_least_kg=ppo_kwh * grids[0].g_co2e_per_kwh / 1000,
                   ppo_most_kg=ppo_kwh * grids[-1].g_co2e_per_kwh / 1000)  # fmt: skip
page.publish_found("fraction", fmt.tenths, "unknown",
                   electricity_share=ppo_kwh * usd_per_kwh / max(costs[FOUR].usd, 1e-9))  # fmt: skip
page.phrase("cleanest", grids[0].label)
page.phrase("dirtiest", grids[-1].label)
page.publish("chunk", torchtune.chunk_of_logits(), "GiB", fmt.number(torchtune.chunk_of_logits(), 1))
for kind, of in {"measured": torchtune.measured, "computed": torchtune.computed}.items():
    speeds = itertools.pairwise(of(name)[1] for name in torchtune.STEPS)
    page.phrase(f"speeds_{kind}", ", ".join(fmt.signed(after / before - 1) for before, after in speeds))

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Each bar keeps the savings of those above it. Memory that PPO of {glue:text}`model_label` needs on one {glue:text}`gpu_label`; only the last bar shares it over all GPUs. Blue bars fit the {glue:text}`hbm` GB of the dashed line.", "name": "fig-opt-waterfall"}, "image": {"alt": "Horizontal bars of the memory that PPO needs on each GPU: four full models on one GPU, then recomputation, a micro-batch of one, a value head, adapters and a 4-bit base added one after the other, and at last sharding over all GPUs. A dashed vertical line marks the memory of the GPU; bars that fit are blue, the others grey."}}
fig, ax = figures.canvas(5.2, 4)
sizes = [size / memory.GB for size in ladder.values()]
ax.barh(list(ladder), sizes, color=[figures.BLUE if s <= hbm else figures.GREY for s in sizes], height=0.62)
for name, size in zip(ladder, sizes, strict=True):
    figures.say(ax, max(size, hbm if size <= hbm else 0), name, f"{fmt.gigabytes(size * memory.GB)} GB")
ax.axvline(hbm, color="black", ls="--", lw=1.2)
ax.set(xlabel="memory on each GPU [GB]", xlim=(0, 1.35 * max(hbm, *sizes)))
ax.locator_params(axis="x", nbins=4)
ax.xaxis.set_major_formatter(lambda value, _: fmt.short(value))
ax.invert_yaxis()
ax.tick_params(axis="y", length=0)
figures.title(ax, f"PPO first fits with “{first_fit}”" if ladder["four models"] > room and first_fit else
              "PPO fits from the start" if first_fit else "No saving makes PPO fit")  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-opt-waterfall",
    ["step", "memory on each GPU [GB]", "memory of the GPU [GB]"],
    [[name, size, hbm] for name, size in zip(ladder, sizes, strict=True)],
)

# %% [markdown]
# ## Adapters save memory, one model less saves both
#
# PPO keeps four models ({ref}`sec-stages`). The *actor* learns to answer, the *critic* to guess how good an answer will turn out. The
# *reference* is a frozen first actor, which the new one must stay near. The *reward model* scores. The first row of the table has
# all four in the size of {glue:text}`model_label` on {glue:text}`cluster`; every other row changes one thing:
#
# * *Adapters* (LoRA) freeze a model and train two thin matrices beside each of its own, here {glue:text}`trained_share` of its
#   parameters. On a *4-bit base* (QLoRA) the frozen part is stored in fewer bits.
# * A *value head* makes the critic one more output of the actor. A small critic and a small reward model are the milder form.
# * *ZeRO* shares between the GPUs what the optimizer remembers (stage 1), the gradients too (2) and the weights too (3).
# * *Recomputation* throws away the intermediate results of a pass, its *activations*, and computes them again when they are needed.
# * A *micro-batch* is what passes through a model at a time. A smaller one has fewer activations.
# * What the optimizer remembers can be rounded, or wait in the memory of the *host*, the computer around the GPUs.


# %% tags=["hide-input", "nbval-check-output"]
def against(part, whole):
    return fmt.signed(part / whole - 1) if whole and abs(part / whole - 1) >= 0.005 else "same"


def flagged(size):
    return fmt.gigabytes(size) + ("" if size <= room else ", too much")


def number(value):
    return fmt.number(value, 0 if value % 1 == 0 else 1)


def cells(name):
    size, time = fmt.gigabytes(peaks[name]), fmt.significant(hours[name])
    slower = against(hours[name], hours[FOUR]) if peaks[FOUR] <= room else "-"
    work = [time, slower, fmt.number(costs[name].usd, 2)] if peaks[name] <= room else ["does not fit", "-", "-"]
    return [said(name), size, against(peaks[name], peaks[FOUR]), *work]


exchange = ["-", "what adapters cannot learn", "time to unpack the weights", "one model serves two aims", "coarser values and scores"]  # fmt: skip
exchange += ["traffic" if int(name[-1]) > zero_stage else "memory" for name in single if name.startswith("ZeRO")]
exchange += ["memory" if name.endswith("none") else "FLOPs" for name in single if name.startswith("recompute")]
exchange += ["many small launches", "rounded moments", "small updates get lost", "transfers, not timed", "transfers"]
wide = memory.peak(in_32)
in_full = fmt.gigabytes(wide), against(wide, peaks[FOUR]), "not timed" if wide <= room else "does not fit", "-", "-"
df = page.table(
    "tab-opt-strategies",
    ["change", "memory on each GPU [GB]", "memory against four models", "GPU-hours", "hours against four models", "cost [USD]",
     "what you give up"],
    [[*cells(name), given] for name, given in zip(single, exchange, strict=True)]
    + [["everything in 32 bits", *in_full, "slow products"]],
    caption="One change at a time. Memory is that of the fullest phase. A job that does not fit gets no hours.",
)  # fmt: skip

# %% [markdown]
# Adapters lower the training phase from {glue:text}`train_gb` to {glue:text}`adapters_gb` GB. The hours need not follow: a
# training step does {glue:text}`adapters_step` the arithmetic (FLOPs), but whole models write and score the answers as before. A value
# head or a small critic removes passes through a whole model, and with them memory and hours alike.
#
# Recomputation changes the fullest phase from {glue:text}`none_gb` to {glue:text}`full_gb` GB, for {glue:text}`recompute_stage` the
# arithmetic. Where writing is the fullest phase, it lowers nothing that counts.
#
# Half precision does not halve the memory. Weights, gradients and optimizer of what is trained take 16 bytes per parameter in 32 bits,
# and as many in the usual mix, which keeps a 32-bit copy for the update. Everything in 32 bits would need {glue:text}`in_32` GB instead of
# {glue:text}`in_16`: what is saved is frozen models, activations and the cache of what was written.
#
# The first row is the job of {ref}`sec-stages`, which counts {glue:text}`stage_hours` GPU-hours for it and not
# {glue:text}`base_hours`. There the longest answer of a batch has {glue:text}`stage_longest` the mean length, and all others wait
# until it is written. Here all answers have one length, so that a row shows its own change and nothing else. {ref}`sec-memory`
# makes room for the longest too, and so counts more memory.
#
# ## More GPUs share the memory, adapters shrink it
#
# To make a job fit, rent more GPUs and share out what one would have to hold, or have less to hold. PPO that trains all weights, shared
# at ZeRO stage 3, {glue:text}`enough_said`, with as many sequences at a time as in the table above; {ref}`sec-memory` counts the
# fewest with one. Adapters that every GPU holds in full take about the same memory on any number of them. {glue:text}`alone_said`. So
# count your GPUs before you give up weights: with enough of them adapters are a choice, below that a necessity.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "More GPUs help what is shared and not what is copied. Memory on each GPU against their number, with the recomputation and the micro-batch of the first table; both axes in doublings or tens. Solid lines are shared at stage 3, dashed ones copied to each GPU. Dotted: the {glue:text}`hbm` GB of the {glue:text}`gpu_label`.", "name": "fig-opt-gpus"}, "image": {"alt": "Four lines on logarithmic axes: memory on each GPU against the number of GPUs. Full parameters and adapters that are sharded fall with more GPUs; adapters and 4-bit adapters that are copied to each GPU are flat. A dotted horizontal line marks the memory of the GPU."}}
fig, ax = figures.canvas(5.2, 3.8)
looks = zip(("-", "-", "--", "--"), hues := (figures.RED, figures.BLUE, figures.GREY, figures.GREEN), strict=True)
for (name, line), (style, colour) in zip(lines.items(), looks, strict=True):
    ax.plot(COUNTS, line / memory.GB, ls=style, color=colour, lw=2, label=name)
ax.axhline(hbm, color="black", ls=":", lw=1.4)
every = [hbm, *(size / memory.GB for line in lines.values() for size in line)]
low, high = min(every) / 1.5, max(every) * 1.5
ax.set(xscale="log", yscale="log", ylim=(low, high), xlabel="GPUs", ylabel="memory on each GPU [GB]")
figures.plain_log(ax.yaxis, figures.ticks(low, high, within=200))
figures.plain_log(ax.xaxis, COUNTS[:: 1 + len(COUNTS) // 8])
figures.names_at_right(ax, {name: line[-1] / memory.GB for name, line in lines.items()}, hues)
ax.annotate(f"{hbm:g} GB", (COUNTS[-1], hbm), xytext=(0, 4), textcoords="offset points", ha="right")
all_fit = (
    "All weights fit on none"
    if enough == math.inf
    else f"All weights fit from {fmt.number(enough)} GPU{'s' * (enough > 1)} on"
)
figures.title(ax, f"{all_fit}, adapters {'on one' if fitting else 'not on one'}")
ax.grid()

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-opt-gpus",
    ["GPUs [-]", *(f"{name} [GB]" for name in lines), "memory of the GPU [GB]"],
    [[count, *(line[at] / memory.GB for line in lines.values()), hbm] for at, count in enumerate(COUNTS)],
)

# %% [markdown]
# The steps of {numref}`fig-opt-waterfall` end at {glue:text}`alone_gb` GB on one GPU. Shared over {glue:text}`cluster` that becomes
# {glue:text}`last_gb` GB. The largest part of it, {glue:text}`largest_gb` GB, is {glue:text}`largest`. Where that part stands
# in full on every GPU, sharing cannot lower it, and the next GPU buys speed and no room.
#
# ## Small batches save memory and cost time
#
# *Learning* can be cut into pieces. The gradients of several micro-batches are added up before one update (*accumulation*), so the
# update stays the same. With {glue:text}`pieces` sequences at a time on each GPU, training needs {glue:text}`pieces_gb` GB; with
# one it needs {glue:text}`piece_gb` GB.
#
# The arithmetic does not change, and one at a time takes {glue:text}`pieces_time` the time: every piece launches its *kernels*, the
# GPU's small programs, and gathers shared weights anew. So use the largest micro-batch that fits, and accumulate only up to the
# batch that you want.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-opt-accumulation",
    ["micro-batch", "steps added up", "sequences of the update", "memory in training [GB]", "FLOPs", "time [s]"],
    [
        [size, per_gpu // size, fmt.number(per_gpu * num_gpus), fmt.gigabytes(needs), fmt.power_of_ten(flops, 2),
         fmt.significant(seconds) if needs <= room else "does not fit"]
        for size, (needs, flops, seconds) in updates.items()
    ],
    caption="One update of actor and critic, cut into smaller and smaller pieces.",
)  # fmt: skip

# %% [markdown]
# *Writing* needs batches as well. A GPU reads the actor's weights once for every token it adds, whether it adds it to one answer
# or to a hundred. One answer at a time, writing would take {glue:text}`alone_share` of PPO's GPU-hours; with as many as fit it
# takes {glue:text}`batch_share`, and if answers are four times as long {glue:text}`long_share`. Random and greedy choice of words
# take the same time; a search with several beams, or the best of several answers, takes that of as many answers.
#
# The table has that beside two other savings that a course page {cite:p}`coursepage` finds in the TRL library {cite:p}`vonwerra2020trl`: layers that
# actor and reference share, and a *KL term* that costs little. This term measures how far the actor has moved from the reference.
# It needs one pass of the reference over each answer, {glue:text}`kl_flops` of the arithmetic and {glue:text}`kl_hours` of the
# GPU-hours, and keeps one number for each word. Keeping the whole distribution over all words would take {glue:text}`kl_logits` GB
# more on each GPU.


# %% tags=["hide-input", "nbval-check-output"]
def shared_or_not(name, less=0, flops=None, time="-"):
    train = phases[FOUR]["train"].total - less
    return [
        name,
        *map(fmt.gigabytes, (max(peaks[FOUR] - max(0, less), train), train)),
        fmt.power_of_ten(costs[FOUR].flops if flops is None else flops, 2),
        time,
    ]


kl_off = costs[FOUR].share("reference")
left = [fmt.significant(hours[FOUR] * share) if peaks[FOUR] <= room else "-" for share in (1, 1 - kl_off)]
df = page.table(
    "tab-opt-shared",
    ["change", "memory on each GPU [GB]", "in training [GB]", "FLOPs", "GPU-hours"],
    [
        shared_or_not(FOUR, time=left[0]),
        shared_or_not(f"{below} of {actor.layers} layers shared with the reference", spared, costs[FOUR].flops - unlearned),
        shared_or_not("no reference, no KL term", reference, costs[FOUR].flops - kl_part.flops, left[1]),
        shared_or_not("KL over all words", -logits),
    ]
    + [[f"{n} answer{'s' * (n > 1)} at a time", fmt.gigabytes(memory.peak(strategies.phases(smaller, sequences=n))),
        fmt.gigabytes(phases[FOUR]["train"].total), fmt.power_of_ten(costs[FOUR].flops, 2),
        fmt.significant(batched[n]) if peaks[FOUR] <= room else "-"]
       for n, smaller in batches.items()],
    caption="What an implementation of PPO shares and batches. Rows without hours are not timed.",
)  # fmt: skip

# %% [markdown]
# ## DPO and a student lead to other models by other routes
#
# DPO learns from labelled pairs directly {cite:p}`rafailov2023dpo`. It keeps two models, needs no reward model and writes nothing:
# {glue:text}`bytes_dpo` bytes of states for each parameter instead of {glue:text}`bytes_four`. A pair needs {glue:text}`one_pair`
# the arithmetic of an *episode* of PPO, one answer written, scored and learned from. The rest of the difference is counts.
#
# PPO learns from {glue:text}`episodes` answers that nobody has labelled. DPO learns from labels only, so as many pairs as episodes
# are as many labels, at {glue:text}`label_low` to {glue:text}`label_high` each ({ref}`sec-human-label-cost`). Look at the last
# column before you choose by GPU-hours.


# %% tags=["hide-input", "nbval-check-output"]
def route(name, needs, cost, made, count):
    labels = " to ".join(fmt.number(price * count) for price in prices)
    flops = fmt.power_of_ten(cost["flops"], 2) if cost["flops"] else "0"
    time = [fmt.significant(cost["gpu_hours"]), fmt.number(cost["usd"], 2)] if needs <= room else ["does not fit", "-"]
    return [name, fmt.gigabytes(needs), flops, *time, fmt.number(made, 2), labels]


def spending(answer):
    return {part: getattr(answer.cost, part) for part in rlhf}


made, more_made = (job("generate", count, samples=2).cost.usd for count in (num_preference_pairs, num_episodes))
df = page.table(
    "tab-opt-dpo-or-ppo",
    [
        "route",
        "memory on each GPU [GB]",
        "FLOPs",
        "GPU-hours",
        "GPU time [USD]",
        "writing the pairs [USD]",
        "labels by people [USD]",
    ],
    [
        route("reward model and PPO", max(peaks[FOUR], reward.fullest[1].total), rlhf, made, num_preference_pairs),
        route("DPO, the same pairs", dpo.fullest[1].total, spending(dpo), made, num_preference_pairs),
        route("DPO, a pair for each episode", many.fullest[1].total, spending(many), more_made, num_episodes),
    ],
    caption="Three routes. Writing the pairs is two answers to each prompt by the model itself.",
)

# %% [markdown]
# The routes do not end at the same model: PPO explores with its own answers and trusts a reward model, DPO stays with the pairs that
# it is given. A third route ends at a smaller one: *distillation* trains a student on a large model's answers
# {cite:p}`kim2016sequence`. Here the student is {glue:text}`student`. Answers to {glue:text}`episodes` prompts cost
# {glue:text}`lessons`, training on them {glue:text}`tuning`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-opt-student",
    ["model", "parameters [10⁹]", "GPUs", "answers at a time", "tokens/s on each GPU", "a million tokens [USD]"],
    [
        [find(name).label, fmt.number(find(name).parameters / 1e9, 2), fmt.number(s.tensor_parallel),
         number(s.sequences), fmt.significant(s.tokens_per_second / s.tensor_parallel),
         fmt.price(s.usd_per_million_tokens, 3).removeprefix("$")]
        for name, s in served.items()
    ],
    caption="Teacher and student in service, each with a full batch.",
)  # fmt: skip

# %% [markdown]
# The student {glue:text}`pays_said`. Compare that with what you will serve. A student that answers worse saves nothing, and how well
# it answers is not computed.
#
# ## Where the computer stands moves its CO2 more than any strategy
#
# GPU-hours are electricity, and the grid turns electricity into CO2. PPO on this cluster uses {glue:text}`ppo_kwh` kWh. In the grid
# of “{glue:text}`cleanest`” that is {glue:text}`ppo_least_kg` kg of CO2, in that of “{glue:text}`dirtiest`” {glue:text}`ppo_most_kg`
# kg. If that matters to you, choose the region first.


# %% tags=["hide-input", "nbval-check-output"]
def told(value):
    return fmt.found(value, fmt.rounded, "unknown")


df = page.table(
    "tab-opt-energy",
    ["stage", "GPU-hours", "electricity [kWh]", "electricity, low to high [kWh]", "CO2 in the United States [kg]",
     "CO2, low to high [kg]"],
    [
        [label, fmt.significant(taken), *itertools.chain.from_iterable(
            (told(found.value), fmt.between(found.low, found.high, told)) for found in used or energy.UNKNOWN)]
        for label, (taken, used) in powered.items()
    ],
    caption="Electricity and CO2 of the stages, with the ranges of hours, power and grid.",
)  # fmt: skip

# %% [markdown]
# At {glue:text}`usd_per_kwh` a kWh the electricity would be {glue:text}`electricity_share` of what the GPUs cost to rent. The CO2 of
# making the hardware is not counted.
#
# ::::{dropdown} How this was computed
# :name: opt-model
#
# The compute and the time are those of {ref}`sec-stages`, the bytes those of {ref}`sec-memory`. Each strategy changes
# one thing in them. The fullest phase is that of writing, scoring or learning that needs most on each GPU; writing counts with one
# micro-batch of answers, and rows keep the {glue:text}`at_a_time` sequences at a time of the first one, for which recomputation
# makes room. Hours are those with as many answers at a time as the rest of the memory holds, up to the GPU's part of the batch.
#
# *Adapters.* LoRA freezes a matrix with $d_\text{in}$ inputs and $d_\text{out}$ outputs and trains two thin ones beside it
# {cite:p}`hu2022lora`. At rank $r$ on all matrices of the layers a model of $N$ parameters trains
#
# $$ N_r = r \sum \left( d_\text{in} + d_\text{out} \right), \qquad F_\text{train} = \left( 4 N + 6 N_r \right) T $$ (eq-opt-lora)
#
# parameters, in FLOPs for $T$ tokens. Full training takes $6NT$. The forward pass and the gradients that travel down to
# the adapters of lower layers stay; only the gradients of the frozen weights go. Activations do not shrink. In PPO the
# actor with its adapters switched off is the reference, which saves one model. To write, each GPU needs a whole actor; at stage 3 it
# is put together, which takes {glue:text}`copy_gb` GB here, whatever the base. The whole stage takes {glue:text}`adapters_stage` the
# FLOPs. QLoRA keeps the frozen weights of the layers in 4.127 bits and turns them back into 16 for each product
# {cite:p}`dettmers2023qlora`; the FLOPs stay as they are, and training takes {glue:text}`four_bit_gb` GB.
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
# *Shared lower layers.* TRL can freeze the first layers of the actor and let the reference use them too
# {cite:p}`vonwerra2020trl`; older releases put a value head on the actor, later ones take a separate value model. Of the $N_s$
# parameters that are shared, the gradients, the optimizer and the reference's copy go. On each GPU that saves
#
# $$ B_\text{shared} = \left( \frac{g}{G_2} + \frac{o}{G_1} + \frac{2}{G_3} \right) N_s $$ (eq-opt-shared)
#
# bytes, with $G_i$ as in equation {eq}`eq-memory-states`, and the backward pass of these layers. The layers shared here are
# the first {glue:text}`shared_layers` and the embedding below them. Activations that frozen layers need not keep are not taken off.
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
# {cite:p}`ren2021zerooffload`, which then takes the step of the optimizer and sends the weights back.
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
# Memory follows $m$, the result of the update $B$, and the FLOPs neither of them. Here $B$ is {glue:text}`effective`: for each GPU the
# largest power of two within its part of the batch, and at least one.
#
# *Distillation.* A student trained on the teacher's answers costs $C_\text{teach}$ once and serves
# a token for $c_S$ instead of $c_T$. It pays after
#
# $$ D^* = \frac{C_\text{teach}}{c_T - c_S} $$ (eq-opt-breakeven)
#
# served tokens, or never if $c_S \geq c_T$. The student is the nearest to a tenth of the size among smaller models of the family, or
# of the whole catalogue where the family has none near it. Serving is priced for a full batch, as in {ref}`sec-inference`. Too much
# for the memory, and priced by its work alone: {glue:text}`unfit`.
#
# *Electricity.* A server in training draws {glue:text}`power_train` times the rated power of its GPUs, as
# measured on eight H100 {cite:p}`newkirk2025h100,latif2024power`, and {glue:text}`power_generate` times while it generates
# {cite:p}`mlenergy2026leaderboard`; the data centre multiplies that by a PUE of {glue:text}`pue`:
#
# $$ \text{kWh} = \text{PUE} \sum_\text{steps} \text{GPU-hours} \cdot \text{rated kW} \cdot \text{share}, \qquad
# \text{kg CO}_2 = \text{kWh} \cdot \text{kg per kWh} $$ (eq-opt-energy)
#
# The ends put together the interval of the hours and the ranges of power, PUE and grid, as independent errors.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-opt-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The same question with other ranks, lengths and GPUs", "code_prompt_hide": "The same question with other ranks, lengths and GPUs"}
CASES = {
    "as above": {}, "rank of the adapters x 16": {"lora_rank": 16 * lora_rank},
    "responses 8 times as long": {"response_tokens": 8 * response_tokens}, "nothing recomputed": {"recompute": "none"},
    "one GPU": {"num_gpus": 1}, "8 times the GPUs": {"num_gpus": 8 * num_gpus},
}  # fmt: skip
CASES = {name: all_inputs | change for name, change in CASES.items()}


def of_rank(strategy, rank):
    return strategy | strategies.only(lora_rank=rank) if "lora_rank" in strategy.setup else strategy


def row(v):
    changed, tried = case_of(v), {name: of_rank(way, v["lora_rank"]) for name, way in single.items()}
    sizes = {name: memory.peak(strategies.phases(changed, way)) for name, way in tried.items()}
    times = {name: strategies.cost(changed, way).gpu_hours for name, way in tried.items() if sizes[name] <= room}
    least = best(sizes, sizes), best(times, times) if times else "none fits"
    return [flagged(sizes[FOUR]), flagged(sizes["adapters"]), *map(said, least)]


df = page.table(
    "tab-opt-sensitivity",
    ["case", "four models [GB]", "adapters [GB]", "saves most memory", "saves most time"],
    [[name, *row(v)] for name, v in CASES.items() if parameters.allowed(v) and v["lora_rank"] <= actor.hidden_size],
    caption="Each case takes the most sequences at a time that fit with four models, unless the input micro_batch is set.",
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Published steps of fine-tuning beside computed ones", "code_prompt_hide": "Published steps of fine-tuning beside computed ones"}
beside = {name: (*torchtune.measured(name), *torchtune.computed(name)) for name in torchtune.STEPS}
df = page.table(
    "tab-opt-published-runs",
    ["step", "measured [GiB]", "computed [GiB]", "measured [tokens/s]", "computed [tokens/s]"],
    [[name, gib, fmt.number(our_gib, 1), fmt.number(speed), fmt.number(our_speed)]
     for name, (gib, speed, our_gib, our_speed) in beside.items()],
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the course page and the article about strategies", "code_prompt_hide": "Statements of the course page and the article about strategies"}
bases = [memory.weights(actor, bits) for bits in (16, 4)]
by_stage = [memory.states(actor, case.setup._replace(zero=stage)).total for stage in range(4)]
two = {"policy", *(part.split()[0] for part in dpo.phases["train"] if part.startswith("reference"))}
four = {part.split()[0] for part in phases[FOUR]["score"] if part.endswith(" weights")}
head = peaks["value head on the actor"], hours["value head on the actor"]
page.ledger(
    "10_optimisation",
    observe("A18", trained < 0.1 * actor.parameters and min(bases) > 0,
            f"rank {lora_rank} trains {fmt.significant(100 * trained / actor.parameters)} %; the base keeps {fmt.gigabytes(bases[0])} GB, "
            f"in 4 bits {fmt.gigabytes(bases[1])}"),
    observe("A19", head[0] < peaks[FOUR] and head[1] <= slack * hours[FOUR],
            f"a head for a critic: {fmt.gigabytes(peaks[FOUR])} to {fmt.gigabytes(head[0])} GB, {fmt.significant(costs[FOUR].flops / 1e18)} to "
            f"{fmt.significant(costs['value head on the actor'].flops / 1e18)} exaFLOPs; layers shared with the reference save "
            f"{fmt.gigabytes(spared)} GB; batches of answers take {fmt.significant(hours[FOUR])} for {fmt.significant(batched[1])} GPU-hours"),
    observe("A20", memory.peak(in_16) < wide,
            f"{fmt.gigabytes(wide)} to {fmt.gigabytes(memory.peak(in_16))} GB; trained states 16 bytes per parameter in both"),
    observe("A21", one.size < whole.size,
            f"training with {fmt.number(SIZES[-1])} sequences at a time takes {fmt.gigabytes(whole.size)} GB, with one {fmt.gigabytes(one.size)}"),
    observe("A22", by_stage[3] < by_stage[0],
            f"states of the actor at stages 0 to 3: {', '.join(map(fmt.gigabytes, by_stage))} GB on each of {fmt.number(num_gpus)}"),
    observe("A23", len(two) < len(four) and recipe.total + 2 < each["PPO"],
            f"{len(two)} models for {len(four)}, {recipe.total + 2} bytes per parameter for {each['PPO']}"),
    observe("A27", False, f"no pass of the reference enters it; scoring again for the policy that sampled: "
            f"{fmt.share(kl_part.flops / max(1, costs[FOUR].flops))} of the FLOPs"),
    observe("A28", kl_part.flops > 0, f"the reference's pass: {fmt.share(kl_part.flops / max(1, costs[FOUR].flops))} of the FLOPs, "
            f"{fmt.share(costs[FOUR].share('reference'))} of the GPU-hours; all words: {fmt.gigabytes(logits)} GB more"),
    observe("A29", longer.share("generate") > costs[FOUR].share("generate"),
            f"generating {fmt.share(costs[FOUR].share('generate'))} of the GPU-hours, {fmt.share(longer.share('generate'))} at four times "
            f"the length, {fmt.share(writing[1] / batched[1])} one answer at a time"),
    observe("A33", memory.peak(phases["adapters"]) < peaks[FOUR],
            f"on one GPU: {fmt.gigabytes(lines['full, sharded'][0])} GB with full parameters, {fmt.gigabytes(lines['adapters, copied'][0])} with adapters"),
    observe("A34", usd_student < usd_teacher and math.isfinite(pays),
            f"a million tokens for {fmt.price(usd_student, 3)} instead of {fmt.price(usd_teacher, 3)}, repaid after "
            f"{fmt.found(pays, fmt.significant)} million"),
    observe("B125", ppo_kwh * usd_per_kwh < costs[FOUR].usd,
            f"electricity is {fmt.found(ppo_kwh * usd_per_kwh / max(costs[FOUR].usd, 1e-9), fmt.share)} of the rent"),
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals of the results", "code_prompt_hide": "Intervals of the results"}
trusted = [
    ("PPO with four equal models: GB on each GPU", peaks[FOUR]),
    ("the strategies together: GB on one GPU", ladder[on_one[-1]]),
]
trusted = [
    (what, "measured memory", size / memory.GB, lambda gb: fmt.gigabytes(gb * memory.GB)) for what, size in trusted
]
if peaks[FOUR] <= room:
    trusted += [("PPO with four equal models: GPU-hours", "ppo one pool", hours[FOUR], fmt.significant),
                ("the same in dollars", "ppo one pool", costs[FOUR].usd, fmt.price)]  # fmt: skip
if dpo.fits:
    trusted += [("DPO on the same pairs", "alignment", dpo.cost.usd, fmt.price)]
if served[aligned_model].sequences:
    trusted += [("a million served tokens", "inference", usd_teacher, lambda usd: fmt.price(usd, 3))]
page.trust("tab-opt-trust", trusted)

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: opt-trust
#
# *Computed* are bytes and FLOPs. *Measured or fitted* are the rates behind the hours; PPO is given {glue:text}`reach` of the
# roofline's speed in its updates, as fitted to published steps, and the other stages all of it. *Not computed* is what a strategy does
# to the quality of the model: adapters and full fine-tuning, PPO and DPO, a large critic and a small one, a teacher and its student
# give different models. A strategy that saves half and needs a second attempt saves nothing.
#
# *Intervals.* Four in five published measurements lie between the two ends of a row of that table ({ref}`sec-validation`). Rows of one
# table share most of their error, so that their differences are known better.
#
# *Published steps.* torchtune prints memory and speed of the same steps for fine-tuning Llama 3.2 3B on one A100, two sequences of 4,096
# tokens at a time, everything in 16 bits {cite:p}`torchtune2024`. No coefficient was fitted to these rows, though others of the project
# take part in the fit. Logits are left out, since the loss is computed in chunks; with adapters, the inputs of the layers wait on
# the host. Without adapters the sizes are computed too low; with them they are off by less than the {glue:text}`chunk` GiB of one chunk
# of logits in eight. The changes of speed from row to row have the same signs:
# {glue:text}`speeds_measured` measured, {glue:text}`speeds_computed` computed. The last is the unpacking of four bits. It is
# a cost of each pass rather than of each token, and small with 8,192 tokens in a pass. In LitGPT's table, with one
# example of Alpaca in a pass, 1,000 iterations take 3.68 instead of 2.36 minutes for Llama 2 7B in 4 bits, and 6.38 instead
# of 3.19 for 13B {cite:p}`litgpt2023`.
#
# *Statements.* *Sharply* is taken as to less than a tenth.
#
# *Other inputs.* Adapters save states. Longer answers and larger micro-batches fill the memory with activations, logits and cache,
# which adapters leave as they are.
#
# *Not timed* are transfers of frozen models that wait on the host, and products in 32 bits. Rows that say so show too few
# hours. Gradients travel between the GPUs after each micro-batch here, though below stage 3 once for each update would do, and no
# traffic hides behind computation. In the rows with fewer answers at a time the updates keep their batches.
#
# *Not modelled* is one base shared by actor, critic and reward model with adapters of their own. *Not shown here*, though
# {ref}`costlib estimate <sec-estimate>` computes them, are tensor and pipeline parallelism in training, a 4-bit copy to
# generate with, activations on the host, and packing. In torchtune's table packing is worth more than all other steps, 7,075 instead
# of 2,091 tokens/s. The shares of the speed that PPO reaches are the same in all rows here; published runs spread widely
# ({ref}`sec-stages`).
# ::::

# %% [markdown]
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
