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
# (sec-infrastructure-efficiency)=
# # Infrastructure efficiency
#
# **Question.** How fast did one GPU work in a known training run, and for what other work may that speed
# stand?
#
# **Answer.** {glue:text}`flops` FLOPs in {glue:text}`gpu_hours` GPU-hours are {glue:text}`sustained_tflops` TFLOP/s
# for each GPU, or {glue:text}`utilisation` of the dense bf16 peak of the {glue:text}`gpu_label`. The article
# prints 135.6 TFLOP/s and uses it for everything that follows. It is the average speed of pre-training on
# large batches. It may stand for training of the same kind; it says nothing about generating text token by
# token.

# %% tags=["parameters"]
pretraining_gpu_hours: float = 1720320.0  # GPU-hours of the pre-training run that fixes the speed [GPU-h]
pretraining_tokens: float = 2e12  # tokens of that pre-training run [tokens]
pretraining_parameters: float = 70e9  # parameters of the model pre-trained there [parameters]
training_flops_factor: float = 6.0  # training FLOPs, forward and backward [FLOPs/parameter/token]
gpu: str = "a100-sxm-80gb"  # GPU of that pre-training run [-]

# %% tags=["remove-cell"]
import math
import statistics

from costlib.base import fmt
from costlib.economics import article
from costlib.facts import catalog
from costlib.facts.claims import check
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-utilisation-inputs")

# %% [markdown]
# ## Model
#
# A run that trains $N$ parameters on $T$ tokens needs $\phi N T$ FLOPs, with $\phi = 6$: two for each
# parameter and token in the forward pass, four in the backward pass {cite:p}`kaplan2020`. The article calls
# this six FLOPs per token, which drops the parameters from the unit. If the run took $t$ GPU-hours, one GPU
# sustained
#
# $$ S = \frac{\phi\,N\,T}{3600\,t} $$ (eq-sustained)
#
# on average, in FLOP/s. Divided by the peak $P$ of the GPU this is the model FLOP utilisation,
#
# $$ U = \frac{S}{P} $$ (eq-utilisation)
#
# Equation {eq}`eq-sustained` counts useful arithmetic only. Attention is left out, and so is anything that is
# computed twice to save memory. The hours are those that a paper reports, whatever it includes: some count
# restarts and evaluation, some multiply a plan by a number of GPUs.

# %%
flops = article.calculate_total_flops(pretraining_tokens, pretraining_parameters, training_flops_factor)
sustained = article.calculate_sustained_performance_tflops(flops, pretraining_gpu_hours)
peak = catalog.find("gpus", gpu).bf16_dense_tflops
utilisation = sustained / peak

# %% tags=["remove-cell"]
gpus, runs = catalog.table("gpus"), catalog.table("pretraining_runs")
counted = {
    name: article.calculate_total_flops(x.tokens, x.parameters, training_flops_factor) for name, x in runs.items()
}
speeds = {name: article.calculate_sustained_performance_tflops(counted[name], x.gpu_hours) for name, x in runs.items()}
shares = {name: speeds[name] / gpus[run.gpu].bf16_dense_tflops for name, run in runs.items()}
# 8-bit training is not comparable with a 16-bit peak.
comparable = {name: share for name, share in shares.items() if name != "deepseek-v3"}

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert sustained > 0 and utilisation > 0, "a run that took place must have had a speed"
hours_again = article.calculate_gpu_hours(flops, sustained)
assert math.isclose(hours_again, pretraining_gpu_hours), "the speed must give the hours back"
assert math.isclose(utilisation * peak, sustained), "the share of the peak must give the speed back"

# %% tags=["remove-cell", "nbval-check-output"]
llama = catalog.find("models", "llama-2-70b")
# Attention over the full square of a sequence, against the matrix products: 12 L d s against 6 N for each token.
attention_share = 12 * llama.layers * llama.hidden_size * llama.context_length / (6 * llama.parameters)
page.phrase("gpu_label", gpus[gpu].label)
page.publish("flops", flops, "FLOPs", fmt.power_of_ten(flops))
page.publish("attention_share", attention_share, "fraction", fmt.percent(attention_share, 2))
page.publish("gpu_hours", pretraining_gpu_hours, "GPU-h", fmt.short(pretraining_gpu_hours))
page.publish("sustained_tflops", sustained, "TFLOP/s", fmt.short(sustained, 9))
page.publish("exact_tflops", speeds["llama-2-70b"], "TFLOP/s", fmt.short(speeds["llama-2-70b"], 5))
page.publish("peak", peak, "TFLOP/s", fmt.short(peak))
page.publish("exact_parameters", llama.parameters, "parameters", fmt.number(llama.parameters))
page.publish("context", llama.context_length, "tokens", fmt.number(llama.context_length))
page.publish_all("fraction", lambda x: fmt.percent(x, 1), utilisation=utilisation, exact_utilisation=shares["llama-2-70b"],
                 lowest_utilisation=min(comparable.values()),
                 median_utilisation=statistics.median(comparable.values()),
                 highest_utilisation=max(comparable.values()))  # fmt: skip

# %% [markdown]
# ## Result
#
# The run of this chapter sustained {glue:text}`sustained_tflops` TFLOP/s. The peak of the {glue:text}`gpu_label` is
# {glue:text}`peak` TFLOP/s, so the utilisation is {glue:text}`utilisation`. Above 100 % an input would be wrong, or would
# not fit the GPU, which can do no more in 16-bit arithmetic.
#
# One run is one observation. The same division for every pre-training run whose hours, tokens and GPU we
# found, with exact parameter counts and the factor of this run:

# %% tags=["hide-input", "nbval-check-output"]
order = sorted(runs, key=lambda name: (list(gpus).index(runs[name].gpu), -shares[name]))
mine = [
    "this run", gpus[gpu].label.removeprefix("NVIDIA "), fmt.short(pretraining_parameters), fmt.short(pretraining_tokens),
    fmt.short(pretraining_gpu_hours), "input", fmt.short(sustained), fmt.percent(utilisation, 1),
]  # fmt: skip
df = page.table(
    "tab-utilisation-runs",
    ["run", "GPU", "parameters", "tokens", "GPU-hours", "hours are", "TFLOP/s", "share of peak"],
    [
        mine,
        *(
            [x.label, gpus[x.gpu].label.removeprefix("NVIDIA "), fmt.short(x.parameters / 1e9, 3) + "B",
             fmt.short(x.tokens), fmt.number(x.gpu_hours), x.gpu_hours_kind, fmt.short(speeds[x.name], 3),
             fmt.percent(shares[x.name], 1)]
            for x in map(runs.get, order)
        ),
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Model FLOP utilisation of published pre-training runs, by GPU. Leaving out the run in 8-bit arithmetic (cross), they run from {glue:text}`lowest_utilisation` to {glue:text}`highest_utilisation` with a median of {glue:text}`median_utilisation`. Open circles: GPU-hours derived from GPUs and days; filled: hours as stated. The dashed line is the run of this chapter, at {glue:text}`utilisation`.", "name": "fig-utilisation"}, "image": {"alt": "Points for sixteen pre-training runs on an axis of the share of the GPU's dense bf16 peak, grouped by GPU: A100 with 80 GB, A100 with 40 GB, H100 and H800. A dashed vertical line marks the run of this chapter."}}
used = [name for name in gpus if any(run.gpu == name for run in runs.values())]
colours = dict(zip(used, [figures.BLUE, figures.GREY, figures.RED, figures.GREEN], strict=False))
fig, ax = figures.canvas(7, 5)
places = [row + used.index(runs[name].gpu) * 0.7 for row, name in enumerate(order)]
for place, name in zip(places, order, strict=True):
    colour = colours[runs[name].gpu]
    face = "white" if runs[name].gpu_hours_kind == "derived" else colour
    marker = "o" if name in comparable else "X"
    ax.plot(100 * shares[name], place, marker, ms=8, color=colour, mfc=face, mew=1.8)
for name in used:
    last = max(place for place, run in zip(places, order, strict=True) if runs[run].gpu == name)
    ax.text(0.99, last, gpus[name].label.removeprefix("NVIDIA "), color=colours[name], ha="right", va="center",
            transform=ax.get_yaxis_transform(), bbox={"color": "white", "pad": 1})  # fmt: skip
ax.axvline(100 * utilisation, color="black", ls="--", lw=1.2, zorder=0)
ax.set_yticks(places, [runs[name].label for name in order])
figures.say(ax, 100 * utilisation, -0.9, f"this run, {fmt.percent(utilisation, 1)}")
ax.set(xlim=(0, 100 * max(utilisation, *shares.values()) * 1.45), ylim=(max(places) + 0.6, -1.4))
ax.set(xlabel="share of dense bf16 peak [%]")
ax.grid(axis="y")  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-utilisation",
    ["run", "GPU", "share of dense bf16 peak [%]", "GPU-hours are"],
    [["this run", gpu, 100 * utilisation, "input"]]
    + [[runs[name].label, runs[name].gpu, 100 * shares[name], runs[name].gpu_hours_kind] for name in order],
)

# %% [markdown]
# ### What the source printed, and what follows
#
# *The number.* The article's three inputs are those of the Llama 2 paper and its model card
# {cite:p}`touvron2023llama2,meta2023llama2card`, and 135.6 TFLOP/s is the right quotient. The article does
# not name the GPU. It was the A100 with 80 GB {cite:p}`nvidia2021a100`, whose dense bf16 peak is 312 TFLOP/s;
# the cloud instance that the article prices has the same compute with half the memory. Llama 2 70B has
# {glue:text}`exact_parameters` parameters, not a round 70 billion. Counted exactly the speed is
# {glue:text}`exact_tflops` TFLOP/s, or {glue:text}`exact_utilisation` of the peak; both with the factor of
# this run.
#
# *What it can stand for.* Training with large packed batches: every sequence is full, and hundreds or
# thousands of GPUs share the work. The runs in {numref}`fig-utilisation` differ by model, by GPU and by team,
# and a newer GPU does not reach the same share of its higher peak by itself. For a run that is planned and
# not yet measured, the spread of the table is the honest uncertainty, before anything else is uncertain.
#
# It cannot stand for three other things.
#
# *Small batches.* Fine-tuning on a few thousand examples, in batches of 16 as in the self-rewarding paper
# {cite:p}`yuan2024selfrewarding`, leaves less work to share between GPUs, and sequences that are not packed
# waste part of it.
#
# *Attention.* The factor 6 leaves it out. For Llama 2 70B at its context of {glue:text}`context` tokens it adds
# {glue:text}`attention_share` to training if the full square of the sequence is counted, and half of that if
# only the causal half is. The share grows with the length.
#
# *Decoding.* Generating a token reads all weights from memory for one token of each sequence. Memory
# bandwidth, not arithmetic, is then the limit, and with few sequences at a time the speed is far below that
# of training. The article prices {ref}`generation <sec-synthetic-cost>` at the training speed; Part II
# computes both.
#
# Nor is it a steady rate. It is an average over the whole life of a run and contains restarts and idle time
# where the source counted them. For the 405B model of Llama 3, 38 to 43 % were measured in steady state
# {cite:p}`grattafiori2024llama3`; with the factor 6 its total hours give less.
#
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
page.ledger(
    "03_infrastructure_efficiency",
    check("B021", pretraining_gpu_hours), check("B022", pretraining_tokens), check("B023", training_flops_factor),
    check("B025", sustained), check("B026", sustained), check("B111", sustained),
)  # fmt: skip

# %% [markdown]
# ## Sensitivity
#
# By equation {eq}`eq-sustained` the speed is proportional to the parameters, the tokens and the factor, and
# inversely proportional to the hours. The cost of everything priced with it is inversely proportional to the
# speed.

# %% tags=["hide-input", "nbval-check-output"]
changes = {
    "this run": (flops, pretraining_gpu_hours),
    "10 % more GPU-hours": (flops, 1.1 * pretraining_gpu_hours),
    "10 % more tokens": (1.1 * flops, pretraining_gpu_hours),
    "all activations computed twice, counted (+1/3)": (4 / 3 * flops, pretraining_gpu_hours),
}
results = {name: article.calculate_sustained_performance_tflops(*change) for name, change in changes.items()}
df = page.table(
    "tab-utilisation-sensitivity",
    ["change", "TFLOP/s", "share of peak", "cost priced with it"],
    [
        [name, fmt.short(tflops, 4), fmt.percent(tflops / peak, 1), fmt.short(sustained / tflops, 3) + "x"]
        for name, tflops in results.items()
    ],
)

# %% [markdown]
# ## Limits
#
# Not modelled here: why one run is faster than another (the split over GPUs, the links between them, the
# batch, the power limit: these A100s ran at 350 to 400 W). GPU-hours are taken as reported, and some of them
# are visibly planned or rounded. Peaks are those of data sheets; the best matrix product measured on an A100
# reaches 271 TFLOP/s {cite:p}`bekman2024mlengineering`, so a utilisation of the full peak is out of reach
# even where nothing is lost.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 03,04 -p gpu=h100-sxm-80gb \
#   -p pretraining_tokens=15e12 -p pretraining_gpu_hours=6400000
# papermill notebooks/03_infrastructure_efficiency.ipynb out.ipynb \
#   -p pretraining_gpu_hours 1000000
# ```
#
# `costlib rerun` carries a changed run on: the speed found here becomes `sustained_tflops` in chapters 4 to
# 6, unless the scenario sets `sustained_tflops` itself. Papermill alone changes only this chapter.
#
# ## References
#
# The article {cite:p}`mamath2025economics`; the run it takes its speed from
# {cite:p}`touvron2023llama2,meta2023llama2card`; the factor 6 {cite:p}`kaplan2020,hoffmann2022`; the data
# sheets {cite:p}`nvidia2021a100,nvidia2022h100`; the other runs
# {cite:p}`touvron2023llama,meta2024llama3card,meta2024llama31card,grattafiori2024llama3,zhang2022opt,luccioni2022bloom,bigscience2022bloom,mosaicml2023mpt7b,deepseekai2024v3`.
# Full entries: {doc}`/book/bibliography`.
