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
# # How fast does a GPU really work?
#
# In the training run that the article takes its speed from, one GPU did {glue:text}`speed` TFLOP/s on average, {glue:text}`utilisation`
# of what its data sheet promises. The article prints 135.6 TFLOP/s, divides correctly, and prices everything with it. But published
# training runs reach {glue:text}`lowest_utilisation` to {glue:text}`highest_utilisation` of the data sheet, and writing text token by
# token is work of another kind, with a limit of its own.
#
# A *TFLOP/s* is a trillion additions and multiplications a second. To plan a training run, start from the median of what others
# reached, {glue:text}`median_utilisation`, and take their whole spread as your uncertainty; once a step of yours runs, measure it
# ({ref}`sec-measure`).

# %% tags=["parameters", "remove-cell"]
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

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
flops = article.calculate_total_flops(pretraining_tokens, pretraining_parameters, training_flops_factor)
sustained = article.calculate_sustained_performance_tflops(flops, pretraining_gpu_hours)
peak = catalog.find("gpus", gpu).bf16_dense_tflops
utilisation = sustained / peak
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
page.phrase("speed", fmt.short(sustained, 4))
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

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What share of its data sheet's speed a GPU reached, on average over a whole training run. Each mark is a published run, grouped by GPU. Filled: the GPU-hours are stated; open: derived from GPUs and days; the cross trained in 8-bit arithmetic, which the 16-bit peak does not measure, and is left out of the title. The dashed line is the speed used here, {glue:text}`utilisation` of the peak of the {glue:text}`gpu_label`.", "name": "fig-utilisation"}, "image": {"alt": "Marks for sixteen pre-training runs on an axis of the share of the GPU's dense bf16 peak, grouped by GPU: A100 with 80 GB, A100 with 40 GB, H100 and H800. A dashed vertical line marks the speed used in this chapter."}}
order = sorted(runs, key=lambda name: (list(gpus).index(runs[name].gpu), -shares[name]))
used = list(dict.fromkeys(runs[name].gpu for name in order))
colours = dict(zip(used, [figures.BLUE, figures.GREY, figures.RED, figures.GREEN], strict=False))
fig, ax = figures.canvas(5.2, 5.2)
end = 112 * max(utilisation, *shares.values())
places = [row + used.index(runs[name].gpu) * 1.1 for row, name in enumerate(order)]
for place, name in zip(places, order, strict=True):
    colour = colours[runs[name].gpu]
    face = "none" if runs[name].gpu_hours_kind == "derived" else colour
    marker = "o" if name in comparable else "X"
    ax.plot(100 * shares[name], place, marker, ms=8, color=colour, mfc=face, mew=1.8)
# Where the dashed line does not cross them.
side, to = (0.99, "right") if 200 * utilisation < end else (0.01, "left")
for name in used:
    first = min(place for place, run in zip(places, order, strict=True) if runs[run].gpu == name)
    ax.text(
        side,
        first - 1,
        gpus[name].label.removeprefix("NVIDIA "),
        va="center",
        ha=to,
        transform=ax.get_yaxis_transform(),
    )
ax.axvline(100 * utilisation, color="black", ls="--", lw=1.2, zorder=0)
beside = {"ha": "right", "xytext": (-5, 0)} if 200 * utilisation > end else {}
figures.say(ax, 100 * utilisation, max(places) + 1.1, f"used here, {fmt.percent(utilisation, 1)}", **beside)
ax.set_yticks(places, [runs[name].label for name in order])
ax.set(xlim=(0, end), ylim=(max(places) + 1.7, -1.6), xlabel="share of the data sheet's speed [%]")
ax.grid(axis="y")
ends = " to ".join(fmt.percent(pick(comparable.values()), 1) for pick in (min, max))
figures.title(ax, f"Training reaches {ends} of the data sheet's speed")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-utilisation",
    ["run", "GPU", "share of dense bf16 peak [%]", "GPU-hours are"],
    [["used here", gpu, 100 * utilisation, "input"]]
    + [[runs[name].label, runs[name].gpu, 100 * shares[name], runs[name].gpu_hours_kind] for name in order],
)

# %% [markdown]
# ## The article divides correctly, by the size of a rounded model
#
# Take one *parameter*, a number of the model, and one *token*, a piece of a word that it reads. On the way forward a value of the token
# is multiplied by the parameter and added to a sum: two operations. The way back does as much twice, once to find how the parameter
# should change and once to pass the error on to the layer before. That makes six {cite:p}`kaplan2020`. Multiply by all parameters and
# tokens, divide by the *GPU-hours* (GPUs times hours), and you have the speed of one GPU. Here {glue:text}`flops` operations, or FLOPs,
# in {glue:text}`gpu_hours` GPU-hours make {glue:text}`speed` TFLOP/s.
#
# The article's inputs are those of the Llama 2 paper and its model card {cite:p}`touvron2023llama2,meta2023llama2card`, and 135.6
# TFLOP/s is the right quotient. It does not name the GPU. It was the A100 with 80 GB {cite:p}`nvidia2021a100`, whose dense bf16
# peak is 312 TFLOP/s: *bf16* numbers have 16 bits, and *dense* means that no zeros are skipped. The cloud machine that the article
# prices has the same compute with half the memory.
#
# Llama 2 70B has {glue:text}`exact_parameters` parameters, not a round 70 billion. With these its GPUs did {glue:text}`exact_tflops`
# TFLOP/s, or {glue:text}`exact_utilisation` of the peak. So the rounding is harmless. What the speed is then used for is not.
#
# ## The same division gives other teams another speed
#
# One run is one observation. Divide in the same way for every training run whose hours, tokens and GPU we found: half of them stay below
# {glue:text}`median_utilisation`, and {numref}`fig-utilisation` shows the spread. The runs differ by model, by GPU and by team. A newer
# GPU has a higher peak and need not reach the same share of it, so do not scale an old speed with the data sheet.
#
# ## A speed of pre-training stands for full batches, and for nothing else
#
# *Pre-training*, the first and longest training of a model, fills every sequence with text, and hundreds or thousands of GPUs share
# its large batches. Its speed may stand for training of the same kind, and not for three other things.
#
# *Small batches.* Fine-tuning on a few thousand examples, in batches of 16 as in the self-rewarding paper
# {cite:p}`yuan2024selfrewarding`, leaves less work to share between GPUs, and sequences that are not packed full waste part of it.
#
# *Long texts.* The six operations leave out *attention*, in which each token is compared with the others. For Llama 2 70B at its
# longest text, {glue:text}`context` tokens, that adds {glue:text}`attention_share` to training if every token is compared with every
# other one, and half of that if only with those before it. The share grows with the length.
#
# *Writing.* To write one token of each answer, a GPU reads all weights of the model from its memory. With few answers at a time that
# takes far longer than the arithmetic. The article prices {ref}`generation <sec-synthetic-cost>` at the speed of training; {ref}`sec-inference`
# does not.
#
# ## A whole run is slower than its steady rate
#
# The hours that a paper reports may contain restarts and idle time. For the 405B model of Llama 3, 38 to 43 % of the peak were measured
# in steady state {cite:p}`grattafiori2024llama3`; its total hours give less. If you time a few steps and multiply, add the time in which
# nothing trains.
#
# ## What you count as work moves every price that follows
#
# Count more tokens or operations in the same hours, and the GPU looks faster; what you price with its speed then looks cheaper by the
# same factor:

# %% tags=["hide-input", "nbval-check-output"]
changes = {
    "as used here": (flops, pretraining_gpu_hours),
    "10 % more GPU-hours": (flops, 1.1 * pretraining_gpu_hours),
    "10 % more tokens": (1.1 * flops, pretraining_gpu_hours),
    "what is computed twice to save memory, counted (+1/3)": (4 / 3 * flops, pretraining_gpu_hours),
}
results = {name: article.calculate_sustained_performance_tflops(*change) for name, change in changes.items()}
df = page.table(
    "tab-utilisation-sensitivity",
    ["change", "TFLOP/s", "share of peak [%]", "cost priced with it, times that here"],
    [
        [name, fmt.short(tflops, 4), fmt.number(100 * tflops / peak, 1), fmt.short(sustained / tflops, 3)]
        for name, tflops in results.items()
    ],
    caption="Counting arithmetic that was done twice, as some papers do, makes the same GPU look a third faster.",
)

# %% [markdown]
# ::::{dropdown} How this was computed
# :name: utilisation-model
#
# A run that trains $N$ parameters on $T$ tokens needs $\phi N T$ FLOPs, with $\phi = 6$. The article calls this six FLOPs per token,
# which drops the parameters from the unit. If the run took $t$ GPU-hours, one GPU sustained
#
# $$ S = \frac{\phi\,N\,T}{3600\,t} $$ (eq-sustained)
#
# on average, in FLOP/s. Divided by the peak $P$ of the GPU this is the *model FLOP utilisation*,
#
# $$ U = \frac{S}{P} $$ (eq-utilisation)
#
# which is {glue:text}`sustained_tflops` over {glue:text}`peak` TFLOP/s here. Above 100 % an input would be wrong, or would not fit the
# GPU, which can do no more in 16-bit arithmetic.
#
# Equation {eq}`eq-sustained` counts useful arithmetic only. Attention is left out, and so is anything that is computed twice to save
# memory. The hours are those that a paper reports, whatever it includes: some count restarts and evaluation, some multiply a plan
# by a number of GPUs. Other runs are counted with their exact parameters and the factor used here.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-utilisation-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every training run, with what was counted", "code_prompt_hide": "Every training run"}
mine = [
    "used here", gpus[gpu].label.removeprefix("NVIDIA "), fmt.short(pretraining_parameters), fmt.short(pretraining_tokens),
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

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the article examined here", "code_prompt_hide": "Statements of the article examined here"}
page.ledger(
    "03_infrastructure_efficiency",
    check("B021", pretraining_gpu_hours), check("B022", pretraining_tokens), check("B023", training_flops_factor),
    check("B025", sustained), check("B026", sustained), check("B111", sustained),
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: utilisation-trust
#
# *Not explained.* Why one run is faster than another is not modelled here: the split over GPUs, the links between them, the batch,
# the power limit (these A100s ran at 350 to 400 W). {ref}`sec-stages` computes times from such things.
#
# *Hours as reported.* Some of them are visibly planned or rounded, and some runs leave restarts and idle time out.
#
# *Peaks.* They are those of data sheets. The best matrix product measured on an A100 reaches 271 TFLOP/s
# {cite:p}`bekman2024mlengineering`, so the full peak is out of reach even where nothing is lost.
# ::::
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
