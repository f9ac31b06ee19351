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
# (sec-stages)=
# # Where does the money go in RLHF?
#
# To fine-tune {glue:text}`model_label`, train a reward model and run PPO costs {glue:text}`total_usd` of GPU time on
# {glue:text}`cluster`. Going by measured jobs, four in five such bills lie between {glue:text}`total_usd_low` and
# {glue:text}`total_usd_high`. {glue:text}`dear_stage` alone is {glue:text}`dear_share` of it.
#
# Do not budget by arithmetic alone. Within PPO, reading prompts and writing answers is {glue:text}`gen_flops_share` of the arithmetic and
# {glue:text}`gen_share` of the time; one speed for all work cannot tell such parts apart. Ask how long your answers are, how many are
# written at a time, and whether you need PPO at all: the last table shows what each choice does to the bill.

# %% tags=["parameters", "remove-cell"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
epochs: int = 1  # passes over the training data [-]
sustained_tflops: float = 135.63368055555557  # sustained speed of one GPU as back-solved in chapter 3 [TFLOP/s]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
num_demonstrations: int = 12725  # demonstrations of supervised fine-tuning [examples]
num_preference_pairs: int = 33207  # pairs that the reward model or DPO trains on [pairs]
num_episodes: int = 256000  # responses that PPO or GRPO generates and learns from [episodes]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]
ppo_epochs: int = 1  # passes of the updates over each batch of episodes [-]
group_size: int = 8  # responses to each prompt in GRPO [-]
rollout_batch: int = 512  # episodes generated before each update [episodes]
recompute: str = "full"  # activations computed again in the backward pass [-]
micro_batch: int = 0  # sequences that pass at a time on each GPU; 0 takes the most that fit [sequences]

# %% tags=["remove-cell"]
import math

from costlib import validation
from costlib.base import fmt
from costlib.compute import inference, memory, stages, timing
from costlib.compute.architecture import forward, nearest_in_size, training
from costlib.compute.job import estimate
from costlib.compute.models import find
from costlib.economics import anatomy, scenarios
from costlib.facts import catalog, options, parameters, regimes
from costlib.facts.claims import check, observe
from costlib.report import figures, page
from costlib.validation import instructgpt

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
all_inputs = scenarios.complete(inputs)


def job(stage, **change):
    return anatomy.estimated(stage, all_inputs, **change)


answers = {stage: job(stage) for stage in ("sft", "rm", "ppo", "grpo", "dpo")}
cost = {stage: answer.cost for stage, answer in answers.items()}
article_speed = timing.FlatSpeed(sustained_tflops)
article_hours = {stage: article_speed.seconds(each.flat_flops) / 3600 for stage, each in cost.items()}

# %% tags=["remove-cell"]
names = {"sft": "SFT", "rm": "reward model", "ppo": "PPO", "grpo": "GRPO", "dpo": "DPO"}
pipeline = ("sft", "rm", "ppo")
model, card = find(aligned_model).architecture, catalog.find("gpus", cluster_gpu)
scored, length = model.with_scalar_head(), prompt_tokens + response_tokens
ppo, steps = cost["ppo"], {step.name: step for step in cost["ppo"].steps}
total_flops, total_hours, total_usd = (
    sum(getattr(cost[stage], part) for stage in pipeline) for part in ("flops", "gpu_hours", "usd")
)


def share(part, whole):
    return part / whole if whole else 0.0


limit = options.options()["longest_tokens"].maximum
longest, smaller = (
    {"longest_tokens": min(4 * response_tokens, int(limit))},
    {"generation_batch": max(1, rollout_batch // 8)},
)
changes = {"share": {}, "longest": longest, "smaller": smaller, "both": longest | smaller}
generating = {name: job("ppo", **change).cost for name, change in changes.items()}
gen_share = {name: each.share("generate") for name, each in generating.items()}
gen_hours = {name: each.share("generate") * each.gpu_hours for name, each in generating.items()}
# One sequence, whatever the counts of the run, for the statements about a data point.
one, single = (
    stages.Run(article_speed, memory.Setup(recompute=recompute)),
    stages.Data(1, prompt_tokens, response_tokens),
)
sft_one = stages.sft(model, single, one).flops
equal = {n: stages.ppo(model, single, one, critic=model, reward=model, ppo_epochs=n) for n in (1, 3)}
per_token = {n: each.flat_flops / each.tokens / model.parameters_active for n, each in equal.items()}

# %% tags=["remove-cell"]
# InstructGPT 175B, each example charged its full context, or mean lengths; responses of 100 tokens are an assumption.
printed = {stage: catalog.find("measured_runs", f"instructgpt-{stage}-175b") for stage in ("sft", "ppo")}
sft_run, ppo_run = printed.values()
full = (stages.Data(sft_run.examples, 1024, 1024, sft_run.epochs), stages.Data(ppo_run.examples, 1024, 1024))
mean = (stages.Data(sft_run.examples, sft_run.prompt_tokens, sft_run.response_tokens, sft_run.epochs),
        stages.Data(ppo_run.examples, ppo_run.prompt_tokens, 100))  # fmt: skip
flat_days, mean_days = instructgpt.petaflop_days(*full), instructgpt.petaflop_days(*mean)
attention_days = instructgpt.petaflop_days(*full, "flops")

# %% tags=["remove-cell"]
# Fine-tuning, reward model and PPO together, with one change at a time.
tenth = nearest_in_size(model.parameters / 10, catalog.in_chapters())
other = "none" if recompute == "full" else "full"
thrice, ppo_only = {"epochs": 3 * epochs}, lambda **change: {"ppo": change}
changes = {
    "as planned": {},
    "three times the passes of fine-tuning and reward model": {"sft": thrice, "rm": thrice},
    "four times the passes of PPO": ppo_only(ppo_epochs=4 * ppo_epochs),
    "answers twice as long": {stage: {"response_tokens": 2 * response_tokens} for stage in pipeline},
    f"activations computed again: {other}": {stage: {"recompute": other} for stage in pipeline},
    f"critic and reward model: {find(tenth).label}":
        {"rm": {"model": tenth}} | ppo_only(critic_model=tenth, reward_model=tenth),
    "longest answer four times the mean": ppo_only(**longest),
    "an eighth of the answers at a time": ppo_only(**smaller),
}  # fmt: skip
known = parameters.vocabulary()
beyond = {name for name, change in changes.items() for each in change.values()
          if not parameters.allowed({option: value for option, value in each.items() if option in known})}  # fmt: skip
changes = {name: change for name, change in changes.items() if name not in beyond}
totals = {name: [job(stage, **change.get(stage, {})).cost for stage in pipeline] for name, change in changes.items()}
totals |= {"GRPO in place of reward model and PPO": [cost["sft"], cost["grpo"]],
           "DPO in place of reward model and PPO": [cost["sft"], cost["dpo"]]}  # fmt: skip

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
for stage, each in cost.items():
    assert math.isclose(each.usd, each.gpu_hours * price_usd_per_gpu_hour), "dollars are GPU-hours at the price"
    for step in each.steps:
        peak_hours = step.flops / (card.bf16_dense_tflops * 1e12) / 3600
        assert step.gpu_hours >= peak_hours * (1 - 1e-9), f"{stage}: {step.name} is faster than the dense peak"
assert cost["dpo"].flops >= stages.sft(model, single, one).flops * 2 * num_preference_pairs * epochs * (1 - 1e-9)
assert math.isclose(per_token[1], 20) and math.isclose(per_token[3], 44), "equal models: 8 + 12 for each epoch"
assert sft_one >= 3 * forward(model, 1, length).total * (1 - 1e-9), "a training step is at least three passes"
assert gen_hours["both"] >= gen_hours["longest"] * (1 - 1e-9), "a smaller batch cannot generate in less time"


# %% tags=["remove-cell", "nbval-check-output"]
def three(value):
    return fmt.number(value) if value >= 100 else f"{value:.3g}"


def power(value):
    return fmt.power_of_ten(value, 2) if value else "0"


STEPS = {"prefill": "prompts", "decode": "writing", "reference": "reference", "reward": "reward model", "value": "critic",
         "update actor": "actor learns", "update critic": "critic learns", "weight sync": "hand-over"}  # fmt: skip
largest = max(ppo.steps, key=lambda step: step.gpu_hours).name
page.phrase("model_label", find(aligned_model).label)
page.phrase("cluster", f"{fmt.number(num_gpus)} x {card.label.removeprefix('NVIDIA ')}")
page.phrase("largest", STEPS.get(largest, largest))
page.phrase("unfit", ", ".join(names[stage] for stage, answer in answers.items() if not answer.fits) or "none")
ranks = inference.ranks_for(model, card.hbm_gb)
page.publish("ranks", ranks, "GPUs", fmt.number(ranks))
page.publish("total_usd", total_usd, "USD", fmt.price(total_usd))
software, writes, hybrid = (
    catalog.find("coefficients", f"{name}-fraction") for name in ("rl-update", "rollout", "static-rollout")
)
at_once = answers["ppo"].job._replace(reach=1.0).cost(answers["ppo"].plan)
page.publish_all("GPU-h", three, **{f"{stage}_hours": each.gpu_hours for stage, each in cost.items()},
                 ppo_article=article_hours["ppo"], ppo_full_speed=at_once.gpu_hours,
                 decode_hours=steps["decode"].gpu_hours,
                 decode_article=article_speed.seconds(steps["decode"].flat_flops) / 3600)  # fmt: skip
page.publish_all("fraction", fmt.share, **{f"gen_{name}": part for name, part in gen_share.items()},
                 largest_share=ppo.share(largest), ppo_share=share(ppo.flops, total_flops),
                 update_share=ppo.share("update actor", "update critic"),
                 gen_flops_share=share(steps["prefill"].flops + steps["decode"].flops, ppo.flops),
                 reach=software.value, rollout_reach=writes.value, hybrid_reach=hybrid.value, reach_low=software.low, reach_high=software.high,
                 mix_share=flat_days["pre-training mix"] / flat_days["ppo"])  # fmt: skip
page.publish("advantages", share(steps["advantages"].flops, ppo.flops), "fraction",
             power(share(steps["advantages"].flops, ppo.flops)))  # fmt: skip
page.publish_all("petaflop/s-days", lambda days: fmt.number(days, 2), instruct_sft=flat_days["train"],
                 instruct_ppo=flat_days["ppo"], instruct_loop=flat_days["loop"], instruct_sft_mean=mean_days["train"],
                 instruct_loop_mean=mean_days["loop"])  # fmt: skip
six = instructgpt.small_model().parameters
page.publish("critic_parameters", six, "parameters", fmt.number(six / 1e9, 2) + "B")
page.publish_all("FLOPs/parameter/token", lambda n: fmt.short(round(n, 6)), one_epoch=per_token[1],
                 three_epochs=per_token[3])  # fmt: skip
page.publish_all("ratio", lambda ratio: fmt.short(ratio, 2), faster=software.value / software.high,
                 slower=software.value / software.low)  # fmt: skip
runs = catalog.table("measured_runs").values()
timed = sum((run.shown_in, run.reported_quantity) == ("07_stages", "wall_hours") for run in runs)
page.publish("timed_runs", timed, "runs", fmt.number(timed))
groups = {(row.group, row.half): row for row in validation.summary(validation.own())}
fit, served = (groups[name, validation.LEFT_OUT] for name in ("training throughput", "inference"))
page.publish_all("rows", fmt.number, fit_rows=fit.count, served_rows=served.count)
page.publish_all("ratio", fmt.ratio_2, fit_factor=fit.median_factor, served_factor=served.median_factor)

hours = {name: sum(each.gpu_hours for each in costs) for name, costs in list(totals.items())[1:]}
dearest, cheapest = (pick(hours, key=hours.get) for pick in (max, min))
page.phrase("dearest", dearest)
page.phrase("cheapest", cheapest)
page.publish_all("ratio", lambda ratio: fmt.ratio(ratio, 2), dearest_ratio=share(hours[dearest], total_hours),
                 cheapest_ratio=share(hours[cheapest], total_hours))  # fmt: skip

dear = max(pipeline, key=lambda stage: cost[stage].usd)
page.phrase("dear_stage", {"sft": "Fine-tuning", "rm": "The reward model", "ppo": "PPO"}[dear])
over_mean = catalog.assumption("longest-over-mean")
page.publish("longest_mean", over_mean, "ratio", f"{fmt.short(over_mean)} times")
page.publish_all(
    "USD",
    fmt.price,
    **dict(zip(("total_usd_low", "total_usd_high"), regimes.interval("alignment", total_usd), strict=True)),
)
page.publish("dear_share", share(cost[dear].usd, total_usd), "fraction", fmt.share(share(cost[dear].usd, total_usd)))
small = {"critic_model": "opt-350m", "reward_model": "opt-350m"}
how, a100 = {"recompute": "full", "micro_batch": 4}, "a100-sxm-80gb"
HYBRID = "deepspeed-hybrid"
llama = estimate("ppo", "llama-2-7b", a100, 16, 1024, 1024, 1024, engine=HYBRID, generation_batch=1024, **how)
opt_1b = estimate(
    "ppo", "opt-1.3b", "v100-sxm-32gb", 16, 30464, 256, 256, zero=2, engine=HYBRID, generation_batch=64, **how, **small
)
opt_30b = estimate("ppo", "opt-30b", a100, 32, 264292, 256, 256, engine=HYBRID, generation_batch=1024, **how, **small)
measured_ratios = catalog.table("measured_ratios")
reports = {
    "OPT-1.3B on 16 V100, training log": (measured_ratios["share-dschat-log"].value, opt_1b),
    # A fifth of the FLOPs at 48.2 TFLOP/s, the rest at 103.6.
    "OPT-30B on 32 A100, from two printed speeds": (0.2 / 48.2 / (0.2 / 48.2 + 0.8 / 103.6), opt_30b),
    "Llama 2 7B on 16 A800, 590 s of 855 s": (measured_ratios["share-openrlhf-327"].value, llama),
    "the same, measured again, 328 s of 538 s": (measured_ratios["share-openrlhf-again"].value, llama),
}

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where arithmetic and time go. For each part of the three stages, blue is its share of all FLOPs and orange its share of all GPU-hours. Where orange is longer the GPU waits, for its memory or for other GPUs. Three models score and two learn. The hand-over copies new weights to where answers are written: time without arithmetic. Computing the advantages, reward less what was expected, is {glue:text}`advantages` of PPO's FLOPs and too little to draw.", "name": "fig-stage-breakdown"}, "image": {"alt": "Pairs of horizontal bars for fine-tuning, the reward model and the parts of PPO: reading prompts, writing, scoring by three models, learning of two, handing over weights. The blue bar is the share of all FLOPs, the orange bar the share of all GPU-hours."}}
STEPPED = {"reading": ("prefill",), "writing": ("decode",), "scoring": ("reference", "reward", "value"),
           "learning": ("update actor", "update critic"), "hand-over": ("weight sync",)}  # fmt: skip
taken = {"fine-tuning": [cost["sft"]], "reward model": [cost["rm"]]}
taken |= {f"PPO: {part}": [steps[name] for name in each if name in steps] for part, each in STEPPED.items()}
parts = list(taken)
shares = {
    "arithmetic": [100 * share(sum(each.flops for each in part), total_flops) for part in taken.values()],
    "time": [100 * share(sum(each.gpu_hours for each in part), total_hours) for part in taken.values()],
}
limit = 1.5 * max(1, *shares["arithmetic"], *shares["time"])
top = max(range(len(parts)), key=lambda row: shares["arithmetic"][row] + shares["time"][row])
fig, ax = figures.canvas(5.2, 4.6)
for offset, (what, values), colour in zip((-0.2, 0.2), shares.items(), (figures.BLUE, figures.ORANGE), strict=True):
    ax.barh([row + offset for row in range(len(parts))], values, height=0.38, color=colour)
    for row, each in enumerate(values):
        figures.say(ax, each, row + offset, fmt.share(each / 100) + f" of {what}" * (row == top))
ax.set_yticks(range(len(parts)), parts)
ax.set_xticks([])
ax.set(xlim=(0, limit), ylim=(len(parts) - 0.5, -0.5), xlabel="share of the three stages [%]")
ax.tick_params(axis="y", length=0)
writing = parts.index("PPO: writing")
slow = shares["time"][writing] > shares["arithmetic"][writing]
figures.title(ax, f"Writing takes {'more' if slow else 'no more'} of the time than of the arithmetic")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-stage-breakdown",
    ["part", "share of FLOPs [%]", "share of GPU-hours [%]"],
    [list(row) for row in zip(parts, *shares.values(), strict=True)],
)

# %% [markdown]
# ## In PPO every answer passes through four models
#
# RLHF, reinforcement learning from human feedback, has three stages. *Supervised fine-tuning* (SFT) shows the model good answers.
# The *reward model* learns from pairs which answer people prefer. *PPO* (proximal policy optimisation) lets the model write and rewards
# what the reward model likes {cite:p}`ouyang2022instructgpt,schulman2017ppo`.
#
# Follow one prompt through a step of PPO. The model that learns, the *actor*, reads the prompt (*prefill*) and writes an answer token
# by token (*decode*). The reward model scores the answer. The *critic* says how much reward it expected at each token. A frozen
# original, the *reference*, says how likely it would have been to write the same, so that the actor does not stray. Actor and critic
# learn from the difference between the reward and what was expected, the *advantage*. Last, the actor's new weights are copied to the
# program that writes the next answers, the *hand-over*.
#
# A model reads or writes a token with 2 floating-point operations (FLOPs) for each of its parameters and learns from it with 6. Four models
# read or write it and two of them learn, so a token of PPO costs {glue:text}`one_epoch` FLOPs for each parameter of equal models, or
# {glue:text}`three_epochs` if actor and critic learn from it three times.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-stage-flops",
    ["stage", "tokens [millions]", "FLOPs", "FLOPs by 2 and 6", "counted / by 2 and 6", "FLOPs per parameter and token"],
    [
        [names[stage], three(each.tokens / 1e6), power(each.flops), power(each.flat_flops),
         fmt.ratio(share(each.flops, each.flat_flops), 2),
         three(share(each.flops, each.tokens * model.parameters_active))]
        for stage, each in cost.items()
    ],
    caption="What each stage computes, counted from the model's matrices and by the flat factors 2 and 6. GRPO drops the critic; DPO "
    "learns from pairs without writing anything.",
)  # fmt: skip

# %% [markdown]
# The flat factors leave two things out: attention, in which each token is compared with the others, and activations that are
# computed again to save memory ({ref}`sec-memory`). If all are computed again, learning takes eight FLOPs and not six.
#
# ## Time is another matter: a GPU that writes waits for its memory
#
# To write one more token, a GPU must fetch all weights of the model from its memory, whatever it does with them. A model that learns
# uses them on thousands of tokens, one that writes on one token of each answer. At one flat speed, as the article counts, writing
# would take {glue:text}`decode_article` GPU-hours. By our count it takes {glue:text}`decode_hours`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-stage-ppo-steps",
    ["step", "model", "FLOPs", "GPU-hours", "share of time", "TFLOP/s"],
    [
        [STEPS.get(step.name, step.name), step.model, power(step.flops), three(step.gpu_hours), fmt.share(ppo.share(step.name)),
         three(share(step.flops, step.gpu_hours * 3600) / 1e12)]
        for step in ppo.steps
        if step.name != "advantages"
    ],
    caption="The steps of PPO and the speed that each reaches on one GPU. A TFLOP/s is 10¹² FLOPs a second.",
)  # fmt: skip

# %% [markdown]
# The longest step of PPO, at {glue:text}`largest_share` of its time, is “{glue:text}`largest`”; actor and critic together learn for
# {glue:text}`update_share` of it.
#
# On top of that, programs for PPO are slower than the hardware allows. Going by published steps, they learn at {glue:text}`reach` of
# that speed and write at {glue:text}`rollout_reach`. Without these losses PPO would take {glue:text}`ppo_full_speed` GPU-hours; the table
# includes them. Published steps differ widely, and yours will too.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-stage-hours",
    ["stage", "GPU-hours", "GPU-hours at the flat speed", f"hours on {fmt.number(num_gpus)} GPU{'s' * (num_gpus > 1)}", "cost [USD]", "fits"],
    [
        [names[stage], three(each.gpu_hours), three(article_hours[stage]), three(answers[stage].hours),
         fmt.number(each.usd, 2), "yes" if answers[stage].fits else "no"]
        for stage, each in cost.items()
    ],
    caption="Hours and dollars of each stage. Only PPO and GRPO write answers.",
)  # fmt: skip

# %% [markdown]
# Stages that do not fit into the memory of these GPUs: {glue:text}`unfit`. For such a stage the table shows the hours of its work, as if it fitted.
#
# ## Writing takes longer with few answers at a time and one long one
#
# The share of writing is no input; it follows from lengths and batches. A step ends with its longest answer, for which all others wait;
# we assume that it is {glue:text}`longest_mean` as long as the mean. Then writing, with the reading of prompts, is {glue:text}`gen_share`
# of PPO's time. With an eighth of the answers at a time, for which the same weights are fetched, it is {glue:text}`gen_smaller`.
#
# If the longest answer is four times the mean, the share is {glue:text}`gen_longest`; with both changes it is {glue:text}`gen_both`.
#
# So write many answers at once, and cap the longest. Here are published shares and ours for the same jobs, with activations computed
# again, micro-batches of 4 and, where a report gives no lengths, prompts and answers of 1,024 tokens:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-stage-generating-share",
    ["published run", "writing, published", "writing, by the model"],
    [[name, fmt.share(known), fmt.share(run.cost.share("generate"))] for name, (known, run) in reports.items()],
    caption="The share of writing in PPO's time, published and computed.",
)

# %% [markdown]
# The first two are runs of DeepSpeed-Chat with a small critic {cite:p}`yao2023dschat`; the others are of a fork of it with four models of
# 7B {cite:p}`openrlhf2024issue327`, computed here for the A100. NVIDIA gives up to 90 % where generation is not optimised
# {cite:p}`nvidia2024nemoaligner`. The misses in the table say how far to trust a computed share.
#
# ## What made InstructGPT's PPO expensive was mostly not PPO
#
# InstructGPT's authors printed their compute at 175B: 4.9 petaflop/s-days for fine-tuning and 60 for PPO
# {cite:p}`ouyang2022instructgpt`, one petaflop/s-day being 8.64e19 FLOPs. Can it be recomputed? The paper gives 12,725 demonstrations,
# 16 epochs, 256,000 episodes (prompts with their answers), a context of 2,048 tokens, and a critic and reward model of 6B.
#
# It can, if every example counts as a full context of 2,048 tokens at the flat factors: {glue:text}`instruct_sft` for 4.9 and
# {glue:text}`instruct_ppo` for 60. We chose this rule after seeing the answer; the paper does not state it. By mean lengths the same loop
# of PPO would take {glue:text}`instruct_loop_mean`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "InstructGPT 175B by part, every example counted as 2,048 tokens. The paper mixes eight pre-training examples into each episode of PPO: that mix (orange) is {glue:text}`mix_share` of PPO. The loop itself (blue) takes {glue:text}`instruct_loop` petaflop/s-days. For the reward model we assume nine answers to each prompt, the most that were ranked.", "name": "fig-stage-instructgpt"}, "image": {"alt": "Horizontal bars of petaflop/s-days for fine-tuning, the reward model and the steps of PPO of InstructGPT 175B. The bar of the pre-training mix is about eight times as long as the next longest."}}
bars = {
    "fine-tuning": flat_days["train"],
    "reward model": instructgpt.reward_days(parameters.defaults()["num_preference_pairs"]),
    "PPO: write": flat_days["prefill"] + flat_days["decode"],
    "PPO: reference": flat_days["reference"],
    "PPO: actor learns": flat_days["update actor"],
    "PPO: critic, reward": sum(flat_days[name] for name in ("reward", "value", "update critic")),
    "PPO: pre-training": flat_days["pre-training mix"],
}
fig, ax = figures.canvas(5.2, 3.6)
figures.bars(ax, bars, three, [figures.GREY, figures.GREY, *[figures.BLUE] * 4, figures.ORANGE])
ax.set(xlabel="compute [petaflop/s-days]", xticks=[], xlim=(0, 1.2 * max(bars.values())))
ax.tick_params(axis="y", length=0)
figures.title(ax, "InstructGPT's PPO was mostly pre-training")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-stage-instructgpt", ["step", "compute [petaflop/s-days]"], list(bars.items()))

# %% [markdown]
# So do not take the factor of twelve between the two printed numbers for a PPO that mixes nothing in.
#
# ## Method, batch and passes move the bill
#
# Change one thing at a time in all three stages. Most expensive is “{glue:text}`dearest`”, at {glue:text}`dearest_ratio` the hours
# planned; cheapest is “{glue:text}`cheapest`”, at {glue:text}`cheapest_ratio`.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-stage-sensitivity",
    ["change", "GPU-hours", "over the plan", "cost [USD]", "writing"],
    [
        [name, three(hours := sum(each.gpu_hours for each in costs)), fmt.ratio(share(hours, total_hours), 2),
         fmt.number(sum(each.usd for each in costs), 2), fmt.share(costs[-1].share("generate"))]
        for name, costs in totals.items()
    ],
    caption="One change at a time to the three stages. The last column is the share of writing in the time of the last stage.",
)  # fmt: skip

# %% [markdown]
# GRPO (group relative policy optimisation) compares several answers to a prompt with each other and needs no critic
# {cite:p}`shao2024grpo`; here a rule gives its reward. DPO (direct preference optimisation) learns from pairs that somebody else made
# {cite:p}`rafailov2023dpo` and writes nothing; what the pairs cost is missing from its row: {ref}`sec-equal-footing` adds them. The rows compare
# work. Which model comes out better is another question ({ref}`sec-quality`).
#
# ::::{dropdown} How this was computed
# :name: stages-model
#
# *Inputs.* The defaults are the counts of InstructGPT {cite:p}`ouyang2022instructgpt`, though not its 16 epochs of fine-tuning,
# with a model of {cite:p}`touvron2023llama2` and the lengths of a published benchmark {cite:p}`yao2023dschat`.
# `epochs` holds for fine-tuning, the reward model and DPO. GRPO gets as many responses as PPO:
# `num_episodes / group_size` prompts with `group_size` responses each. The price and the flat speed are those of Part I.
#
# *Compute.* A pass of $m$ sequences of $s$ tokens through a model multiplies each token with $M$ matrix parameters
# and compares it with the other tokens:
#
# $$ F_\text{forward} = 2\,M\,m\,s + 4\,\ell\,a\,e\,m\,s^2 $$ (eq-stage-forward)
#
# $M$ counts the matrices of the layers (of a mixture of experts those that a token uses) and the output layer, but no
# look-up in a table; attention has $\ell$ layers of $a$ heads of width $e$
# {cite:p}`kaplan2020,narayanan2021`. The square is counted in full, as published utilisations do. A training step is
# three such passes, four if all activations are computed again in the backward pass {cite:p}`korthikanti2022`.
#
# *The stages.* Fine-tuning trains on each example, prompt and response, once in an epoch; the reward model on both responses of each
# pair; DPO also passes them through a frozen reference. In PPO the advantages follow from rewards and values {cite:p}`schulman2016gae`; actor and critic are updated $u$ times on the batch. With actor $N_a$, critic $N_c$ and
# reward model $N_r$, and $T$ tokens of prompts and responses, the flat count is
#
# $$ F_\text{PPO} = T \left[ (2 + 2 + 6u)\,N_a + (2 + 6u)\,N_c + 2\,N_r \right] $$ (eq-stage-ppo)
#
# Critic and reward model have the actor's size unless said otherwise. GRPO has no critic and scores the old policy once more.
#
# *Time.* Four times are added up: of the matrix products, of attention, of everything else that passes through the GPU's memory
# ($\epsilon$ bytes), and of what travels between GPUs ($x$ bytes). Each is work over the best rate that was measured for it; a product
# also waits for its weights {cite:p}`williams2009roofline`:
#
# $$ t = \max\left( \frac{F_\text{matrices}}{v_\text{matrices}}, \frac{W}{\beta} \right) +
# \frac{F_\text{attention}}{v_\text{attention}} + \frac{\epsilon}{\beta} + \frac{x}{v_\text{link}} $$ (eq-stage-time)
#
# where $\beta$ is the bandwidth of the memory and $W$ the bytes of the weights. The first three terms take no less than the launch of
# their kernels (programs on the GPU). When a model writes, each sequence gains one token in a step: the weights are read once for all
# sequences, their caches once for each {cite:p}`pope2023inference`. `rollout_batch` sequences are written at a time, or as many as there
# is room for, on copies of the model; the GPUs that share one copy number {glue:text}`ranks`.
#
# PPO and GRPO are slowed further, by factors fitted to published steps, which are no law: learning and scoring reach
# {glue:text}`reach` of this speed, an engine that writes between updates {glue:text}`rollout_reach`, one inside the training program
# {glue:text}`hybrid_reach`. Each step also takes a fixed time in which weights are handed over. The article's method stands beside it:
# the flat count over one speed, $F_\text{flat} / S$ with $S$ = `sustained_tflops`.
#
# *Share of writing.* The published runs of the table are computed with the hybrid engine of DeepSpeed, in static batches.
#
# *InstructGPT.* GPT-J ({glue:text}`critic_parameters` without its output layer) stands for the models of 6B. Mean lengths are prompts of
# 408 tokens and demonstrations of about 43, the latter from memory; prompts of 166 for PPO, and responses of 100 as an assumption.
# Fine-tuning then takes {glue:text}`instruct_sft_mean`. Pre-training examples are full contexts in all columns.
#
# Valid for full fine-tuning in 16-bit with sharded weights, without padding. Lengths are means. Adapters are in {ref}`sec-optimisation`.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Hide"}
_ = page.inputs(globals(), "tab-stage-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "InstructGPT's compute by three rules", "code_prompt_hide": "Hide"}
rows = {"SFT": "train", "PPO's loop": "loop", "its pre-training mix": "pre-training mix", "PPO with the mix": "ppo"}
known = {"train": fmt.short(sft_run.value_norm), "ppo": fmt.short(ppo_run.value_norm)}
df = page.table(
    "tab-stage-instructgpt",
    ["175B", "printed", "2,048 tokens each, flat", "with attention", "mean lengths, flat"],
    [
        [row, known.get(key, ""), *(fmt.number(days[key], 2) for days in (flat_days, attention_days, mean_days))]
        for row, key in rows.items()
    ],
    caption="In petaflop/s-days.",
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the documents examined here", "code_prompt_hide": "Hide"}
pair, packed = (stages.reward_model(scored, single, one, shared).flops for shared in (False, True))
ppo_one = {step.name: step for step in stages.ppo(model, single, one).steps}
extra = {name: ppo_one[name].flops / forward(scored, 1, length).total for name in ("reward", "value")}
rlhf = share(cost["rm"].flops + ppo.flops, cost["sft"].flops)
states = memory.shard(70e9, memory.Setup())
gpus_80 = math.ceil(states.total / 80e9)
ledger_steps = {"prefill", "decode", "reward", "reference", "value", "advantages", "update actor", "update critic"}
page.ledger(
    "07_stages",
    observe("A01", rlhf > 2, f"reward model and PPO {fmt.ratio(rlhf)} the FLOPs of SFT"),
    observe("A02", min(states.values()) > 0 and sft_one > forward(model, 1, length).total,
            f"{fmt.short(states.total / 70e9)} bytes per parameter: 70B takes {fmt.number(states.total / 1e9)} GB, "
            f"{gpus_80} GPUs of 80 GB"),
    check("A03", pair / training(scored, 1, length, recompute=recompute).total),
    observe("A04", pair / sft_one <= 1.25,
            f"a pair {fmt.ratio(pair / sft_one, 2)} an example of SFT, "
            f"{fmt.ratio(packed / sft_one, 2)} with one prompt"),
    observe("A05", ppo.flops > max(cost["sft"].flops, cost["rm"].flops),
            f"PPO {fmt.share(share(ppo.flops, total_flops))} of the FLOPs; "
            f"InstructGPT {fmt.ratio(ppo_run.value_norm / sft_run.value_norm)}"),
    observe("A06", ledger_steps <= set(steps),
            f"{fmt.short(round(per_token[1], 6))} FLOPs per parameter and token at one epoch, "
            f"{fmt.short(round(per_token[3], 6))} at three"),
    observe("A07", ppo_one["value"].tokens <= prompt_tokens,
            f"the critic reads {fmt.number(ppo_one['value'].tokens)} tokens of an episode, {fmt.number(prompt_tokens)} of them prompt"),
    observe("A08", all(math.isclose(each, 1) for each in extra.values()),
            f"reward {fmt.ratio(extra['reward'], 0)} and value {fmt.ratio(extra['value'], 0)} a forward pass"),
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals of hours and dollars", "code_prompt_hide": "Hide"}
page.trust(
    "tab-stage-trust",
    [
        ("fine-tuning, GPU-hours", "training throughput", cost["sft"].gpu_hours, three),
        ("PPO, GPU-hours", answers["ppo"].regime, ppo.gpu_hours, three),
        ("SFT, reward model and PPO together", "alignment", total_usd, fmt.price),
    ],
)

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: stages-trust
#
# *Interval.* Four in five published runs lie inside the intervals of the table above, taken relative to what we predict for them without
# having seen their source ({ref}`sec-validation`). That is the error of the model; inputs that are wrong come on top.
#
# *What is measured.* The rates and overheads of equation {eq}`eq-stage-time` come from published measurements. With
# them the training throughput of {glue:text}`fit_rows` published rows is off by {glue:text}`fit_factor` in the median, and
# the generation throughput of {glue:text}`served_rows` rows by {glue:text}`served_factor`, each predicted without its
# own source. PPO and GRPO are not that well known. The factor {glue:text}`reach` of learning is fitted to seconds of published steps
# {cite:p}`yao2023dschat,openrlhf2024benchmark,openrlhf2024issue327,nemorl2025`, which
# spread from {glue:text}`reach_low` to {glue:text}`reach_high`, so that updates may take {glue:text}`faster` to
# {glue:text}`slower` times the hours given here. The factors hide padding, uneven work and eager code, and they would hide an
# error of the model too.
#
# *What is assumed.* Every position holds a token. Sequences that are padded instead of packed multiply the training
# time by the padding; in `costlib.compute.stages` that is `fill`. As many sequences pass at a time as fit, up to a limit, unless
# `micro_batch` is given.
#
# *What is left out.* Loading data, evaluation, checkpoints, failed and repeated runs, choosing hyperparameters, and
# people. InstructGPT names neither its GPU nor its hours, so only its compute can be compared.
#
# *Statements of the course page.* *Substantially more* is taken as more than twice, *about as much* as within a quarter; those about one
# data point are computed for one sequence of the lengths above. It announces a chart of the three stages, of which only the caption is
# known (A11); {numref}`fig-stage-breakdown` is no reconstruction of it.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 07 \
#   -p aligned_model=llama-3.1-8b -p cluster_gpu=h100-sxm-80gb \
#   -p response_tokens=1024 -p ppo_epochs=4
# papermill notebooks/07_stages.ipynb out.ipynb \
#   -p aligned_model mistral-7b -p num_gpus 16
# ```
#
# ## References
#
# The course page {cite:p}`coursepage`; the pipeline and its compute {cite:p}`ouyang2022instructgpt`; the algorithms
# {cite:p}`schulman2017ppo,schulman2016gae,rafailov2023dpo,shao2024grpo`; counting
# {cite:p}`kaplan2020,narayanan2021,korthikanti2022`; time {cite:p}`williams2009roofline,pope2023inference`; measured
# PPO {cite:p}`yao2023dschat,nemorl2025,openrlhf2024issue327,nvidia2024nemoaligner`. Full entries:
# {doc}`/book/bibliography`.
