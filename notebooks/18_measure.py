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
# (sec-measure)=
# # How far off is the book on your own machine?
#
# Measure it: `costlib measure` times the steps of alignment on your GPU, and `costlib calibrate` turns the times into coefficients that
# every other command takes. Operations can be counted without a GPU: of the plain steps that PyTorch counted on real models,
# {glue:text}`formula_share` are within 1 % of our formulas. A rule of thumb, so many operations for each parameter and token,
# is within 10 % in {glue:text}`rule_share` of the short steps, while the count of a long one is up to {glue:text}`worst_rule` the rule.
#
# So take the rule of thumb (the *flat rule* below) for a short prompt and the formula for a long one, and measure one step of your own
# job before you trust its hours. No GPU was at hand when this was written, so no measured speed or memory stands here.

# %% tags=["parameters", "remove-cell"]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]

# %% tags=["remove-cell"]
import math
import textwrap

from costlib.base import fmt
from costlib.compute.models import find
from costlib.facts import catalog
from costlib.report import figures, page
from costlib.validation import counts
from costlib.validation.readers.steps import STEPS

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
steps = counts.steps()
plain = [each for each in steps if each.variant == "plain" and each.formula]
flat = [each for each in steps if each.rule]
own = find(aligned_model).architecture
own_ratio = counts.flat_ratio(own, prompt_tokens + response_tokens)

SHORT = 2048
counted = catalog.table("counted_steps")
labels = {name: find(name).label for name in dict.fromkeys(each.model for each in steps)}
rules = [each for each in flat if each.step in ("forward", "train", "dpo")]
brief, long = ([each for each in rules if (each.length <= SHORT) == side] for side in (True, False))

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert all(each.flops > 0 for each in steps), "every step computes something"
assert all(0.4 < each.over_formula < 1.2 for each in steps if each.formula), "a formula is near its count"
of = {(each.model, each.length, each.step): each.flops for each in plain}
assert all(
    6 * flops == 8 * 2 * of[name, length, "train"] for (name, length, step), flops in of.items() if step == "dpo"
)
assert own_ratio > 0 and counts.tokens_that_double(own) > 0
assert {(each.step, each.variant) for each in steps if each.formula} == counts.DIFFERENCES.keys(), (
    "every kind of step is explained"
)

# %% tags=["remove-cell", "nbval-check-output"]
near = sum(abs(each.over_formula - 1) <= 0.01 for each in plain) / len(plain)
by_grpo = [each for each in flat if each.step == "grpo"]
few = min(rules, key=lambda each: each.over_rule)
page.publish_all("steps", fmt.number, counted_steps=len(counted), long_steps=len(long),
                 long_near=round(counts.share_within(long, 0.1) * len(long)))  # fmt: skip
page.publish("counted_models", len(labels), "models", fmt.number(len(labels)))
page.publish_all("fraction", fmt.percent, formula_share=near, rule_share=counts.share_within(brief, 0.1),
                 grpo_share=counts.share_within(by_grpo, 0.1))  # fmt: skip
page.publish_all("tokens", fmt.number, short_tokens=SHORT, own_length=prompt_tokens + response_tokens)
page.publish_all("tokens", fmt.rounded, own_double=counts.tokens_that_double(own))
page.publish_all("ratio", fmt.ratio, worst_rule=max(each.over_rule for each in rules))
page.publish("own_ratio", own_ratio, "ratio", fmt.number(own_ratio, 3))
page.publish("least_rule", few.over_rule, "ratio", fmt.number(few.over_rule, 2))
page.publish("step_kinds", len(STEPS), "kinds", fmt.number(len(STEPS)))
page.phrase("own_label", find(aligned_model).label)
page.phrase("least_model", labels[few.model])

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Attention makes long sequences cost more than a flat rule says. Counted FLOPs over the rule for each model. Solid: 2N forward, 6N to train and 8N for DPO, whose ratios are equal; dashed: 10N for GRPO whose reward is a rule. Dotted: within 10 %.", "name": "fig-measure-rules"}, "image": {"alt": "Curves of the ratio of counted FLOPs to the rule against the length of a sequence, from 128 to 131,072 tokens on a logarithmic axis. All lie near one up to about two thousand tokens and then rise, the smallest models first and steepest; dashed curves of GRPO rise less."}}
fig, ax = figures.canvas(5.2, 4.2)
ends = {name: max(each.length for each in flat if each.model == name) for name in labels}
hues = {name: figures.GREY if length <= SHORT else None for name, length in ends.items()}
hues |= dict(zip((name for name in hues if not hues[name]), figures.CYCLE, strict=False))
for step, style in {"train": "o-", "grpo": "o--"}.items():
    for name, label in labels.items():
        points = [(each.length, each.over_rule) for each in flat if (each.model, each.step) == (name, step)]
        ax.plot(*zip(*points, strict=True), style, ms=4, color=hues[name])
        if step == "train" and SHORT < ends[name] < max(ends.values()):
            figures.say(ax, *points[-1], label, xytext=(-8, 0), ha="right")
for edge in (0.9, 1.1):
    ax.axhline(edge, color="black", lw=1, ls=":")
ax.set(xscale="log", yscale="log", xlabel="tokens of a sequence", ylabel="counted / flat rule", ylim=(0.55, 10))
figures.plain_log(ax.xaxis, [128, 1024, 8192, 65536])
figures.plain_log(ax.yaxis, [1, 2, 5, 10])
grey = ", ".join(label for name, label in labels.items() if ends[name] <= SHORT)
ax.text(0.02, 0.02, textwrap.fill(f"grey: {grey}", 42), transform=ax.transAxes)
last = {label: name for name, label in labels.items() if ends[name] == max(ends.values())}
heights = {label: next(each.over_rule for each in flat if (each.model, each.step, each.length) == (name, "train", ends[name]))
           for label, name in last.items()}  # fmt: skip
figures.names_at_right(ax, heights, ["black"] * len(heights))
fewer = "count too little" if not any(each.over_rule <= 1.1 for each in long) else "often count too little"
figures.title(ax, f"Beyond {fmt.number(SHORT)} tokens flat rules {fewer}")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-measure-rules",
    ["model", "step", "tokens of a sequence", "counted FLOPs", "rule", "counted over rule [-]"],
    [[each.model, each.step, each.length, each.flops, each.rule, each.over_rule]
     for each in flat if each.step in ("train", "grpo")],
)  # fmt: skip

# %% [markdown]
# ## Flat rules hold for short sequences and count too little for long ones
#
# Whoever estimates a training run on the back of an envelope multiplies the parameters $N$ by the tokens and by a factor: 2 to read
# them (*forward*), 6 to train. That leaves out *attention*, in which every token looks back at all tokens before it, so that its work
# grows with the length. Up to {glue:text}`short_tokens` tokens that hardly shows. Beyond, the rule was within a tenth in
# {glue:text}`long_near` of the {glue:text}`long_steps` steps that were counted.
#
# Below 1 a rule counts too much. A model looks its words up in a table, the embedding, which is a large part of a small model and
# multiplies nothing: {glue:text}`least_model` comes to {glue:text}`least_rule`. Above 1 it counts too little, and the sooner the
# narrower a model is. GRPO stays lower, since each written token attends to what stands before it alone.


# %% tags=["hide-input", "nbval-check-output"]
def extremes(rows, ratio):
    return [fmt.number(end(map(ratio, rows)), 3) for end in (min, max)]


KINDS = {"forward": "forward", "train": "training", "rm": "reward model", "dpo": "DPO", "grpo": "GRPO", "ppo": "PPO"}
df = page.table(
    "tab-measure-rules",
    ["rule", "step", "steps counted", "lowest ratio", "highest ratio", "within 10 %", f"within 10 %, to {fmt.number(SHORT)} tokens"],
    [
        [f"{factor}N", KINDS[step], fmt.number(len(rows)), *extremes(rows, lambda each: each.over_rule),
         *(fmt.percent(counts.share_within([each for each in rows if each.length <= most], 0.1)) for most in (math.inf, SHORT))]
        for step, factor in counts.RULES.items() if (rows := [each for each in flat if each.step == step])
    ],
    caption="Counted FLOPs over the flat rule, by kind of step.",
)  # fmt: skip

# %% [markdown]
# A reward model, and the critic and the reward model of PPO, return one number in place of a distribution over words. Their output
# layer costs nothing, which small models with large vocabularies feel most.
#
# What does that mean for your lengths? For {glue:text}`own_label` and sequences of {glue:text}`own_length` tokens the ratio is
# {glue:text}`own_ratio`; attention alone costs as much as the rule at {glue:text}`own_double` tokens. Other models, by the formula:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-measure-lengths",
    ["model", "parameters [10⁹]", "multiplied", "ratio at 512 tokens", "ratio at 8,192", "ratio at 131,072", "attention costs as much at [tokens]"],
    [
        [label, fmt.number(model.parameters / 1e9, 2), fmt.percent(model.matmul_parameters / model.parameters_active),
         *(fmt.number(counts.flat_ratio(model, length), 2) for length in (512, 8192, 131072)),
         fmt.rounded(counts.tokens_that_double(model))]
        for model, label in ((find(name).architecture, label) for name, label in labels.items())
    ],
    caption="The count over 2N at three lengths. Multiplied is the share of the parameters that is not looked up alone.",
)  # fmt: skip

# %% [markdown]
# ## The formulas count what PyTorch counts, and we know what is left
#
# The formulas of Part II count each matrix and each pair of tokens. PyTorch counted {glue:text}`counted_steps` steps of
# {glue:text}`counted_models` real models. What is left between the two has a reason in every row:

# %% tags=["hide-input", "nbval-check-output"]
VARIANTS = {"plain": "", "recompute": " with recomputation", "lora16": " of adapters"}
df = page.table(
    "tab-measure-formulas",
    ["step", "steps counted", "lowest ratio", "highest ratio", "what differs"],
    [
        [KINDS[step] + VARIANTS[variant], fmt.number(len(rows)),
         *extremes(rows, lambda each: each.over_formula), why]
        for (step, variant), why in counts.DIFFERENCES.items()
        if (rows := [each for each in steps if (each.step, each.variant) == (step, variant)])
    ],
    caption="Counted FLOPs over the formula.",
)  # fmt: skip

# %% [markdown]
# A DPO step costs 8/6 of a training step on the same tokens in every class, to the last FLOP. Recomputation costs less than the fourth
# forward pass that we count for it.
#
# ## Measure, calibrate, and the whole book follows your GPU
#
# ```bash
# .venv/bin/uv pip install -e '.[measure]'   # adds PyTorch and transformers in a clone
# costlib measure -o measured.csv   # on the GPU, else on the CPU
# costlib calibrate measured.csv -o my-gpu.yml
# costlib validate measured.csv --hardware my-gpu.yml
# costlib estimate sft --hardware my-gpu.yml --model llama-3.2-1b \
#   --examples 10000 --prompt-tokens 0 --response-tokens 512
# costlib rerun --hardware my-gpu.yml -o mine
# ```
#
# Models have random weights and the shape of a name in {ref}`sec-data`, or of one cut down, as in
# `--model llama-3.1-8b:layers=4`. Values are in bf16 where the GPU has it. Each step runs twice to warm up and then at least
# three times, with the device waited for; a row has the median of its seconds and their 10 % and 90 % quantiles. What a row
# says of each of the {glue:text}`step_kinds` kinds of steps is in {doc}`/book/measure`.
#
# Rows are written one at a time and kept when the process dies; `--resume` goes on. A step for which memory does not
# suffice is a row that says so.

# %% [markdown]
# ## A calibration is judged by the rows it has not seen
#
# Coefficients that were fitted to some rows will meet these rows. So half of them is kept out of the fit, and `costlib calibrate` prints
# the errors of both halves, beside the errors with the book's values. Believe the half that was kept out. That the procedure works is
# tested: from rows that the model itself made with other coefficients, and noise, the calibration finds these again, and its ranges
# hold them.
#
# No table of a measured GPU stands here yet. A table measured on real hardware will be a file of facts like the others, with
# device, driver, versions, date and seed in each row, reported apart from the published measurements of
# {ref}`sec-validation`. Nothing is extrapolated into it.
#
# ::::{dropdown} How this was computed
# :name: measure-model
#
# *Rules.* A flat rule says that a step computes $k N$ FLOPs for each of its $T$ tokens, with $N$ the parameters that a
# token uses: $k = 2$ forward, 6 to train, 8 for each token of a DPO pair (6 for the policy, 2 for the reference), 10 for
# GRPO whose reward is a rule (2 to write, 2 for the reference, 6 to train), and 20 for PPO with four models. The count $C$
# of a step over its rule is
#
# $$ \kappa = \frac{C}{k N T} $$ (eq-measure-rule)
#
# For a forward pass over sequences of $s$ tokens, of a model with $L$ layers, $a$ heads of width $d$ and $N_\text{mul}$
# parameters that a token is multiplied with, the formulas of Part II say
#
# $$ \kappa = \frac{N_\text{mul}}{N} + \frac{s}{s_2}, \quad s_2 = \frac{N}{2 L a d} $$ (eq-measure-ratio)
#
# The first term lacks the embedding, which is looked up and not multiplied, unless the output layer is the same matrix. In
# the second the whole square of attention is counted, and $s_2$ is the length at which it alone costs as much as the rule.
# Training and DPO repeat the same products three and four times, so their $\kappa$ is the same.
#
# *Counts.* Each model class of the transformers library is built from its configuration on PyTorch's meta device, where
# tensors have a shape and no values; the step runs, and PyTorch's counter adds up its matrix products
# {cite:p}`wolf2020transformers`. No weights are downloaded and nothing is computed, so the count is exact, and the same on
# every machine. Attention is written out and over the full square.
#
# *Calibration.* Row $i$ was measured at $y_i$ and predicted at $\hat y_i$, which depends on the coefficients $c$. With the
# rows of the calibration half,
#
# $$ \hat c = \arg\min_c \sum_i \left( \ln \frac{\hat y_i(c)}{y_i} \right)^2 $$ (eq-measure-fit)
#
# jointly for all coefficients of time, and for those of memory. A row calibrates if the SHA-256 of its name, device,
# precision and seed begins with a hexadecimal digit below 8; the other half only reports errors. A coefficient keeps the
# book's value and range unless at least three rows answer to it and its standard error is at most a quarter. Its range is
# that of the smallest joint changes that meet single rows, 80 % of them.
#
# The length moves the rules most, then the width: $s_2$ is about six times the hidden size of a model whose heads span its width.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-measure-inputs")

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: measure-trust
#
# *Of the counts.* Dense models only; mixtures of experts are counted in a forward pass alone. The counter takes matrix
# products: norms, activations and the optimizer are time and not FLOPs. Fused attention computes the causal half and repeats
# part of it in the backward pass; the count is that of the written-out square, as published utilisations have it.
#
# *Of the measurements.* One device, one process, plain PyTorch code with fused attention. No compiled kernels, no engine for
# generation, no links between GPUs: the coefficients of these stay the book's, and a hardware file lists them. The update of
# the optimizer is timed in a column of its own, which the model does not predict. On a CPU there is no counter of memory in
# use, and small models that fit its caches are faster than the model says.
#
# *Of the calibration.* It finds the coefficients that suit the rows; it does not show that the form of the model is right.
# Only the half of the rows that it has not seen does.
#
# *Statements.* No statement of the two documents is examined here. The article's flat factors 2, 6 and 16 are those rules
# ({ref}`sec-infrastructure-efficiency`).
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 18 -p aligned_model=llama-3.1-8b -p response_tokens=8192
# papermill notebooks/18_measure.ipynb out.ipynb -p response_tokens 8192
# ```
#
# ## References
#
# The model classes {cite:p}`wolf2020transformers`, adapters {cite:p}`hu2022lora`, recomputation {cite:p}`korthikanti2022`, the
# terms of a pass {cite:p}`kaplan2020,narayanan2021`. Full entries: {doc}`/book/bibliography`.
