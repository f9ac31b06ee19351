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
# (sec-inference)=
# # What does it cost to serve the model?
#
# A million tokens of {glue:text}`model_label` cost {glue:text}`usd_alone` if answers are written one at a time, and
# {glue:text}`usd_full` if {glue:text}`sharing_said`. A token costs the same before and after alignment. An answer does not if
# alignment makes it longer: at the growth that one paper reports it costs {glue:text}`answer_ratio` as much.
#
# So fill the GPU before you look for a cheaper one, and watch how long your answers become. At {glue:text}`price` for each GPU-hour
# {glue:text}`load` answers a day, evenly spread, {glue:text}`month_said`.

# %% tags=["parameters", "remove-cell"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]
answers_per_day: int = 1000000  # answers that a deployed model gives each day [answers/day]
monthly_budget_usd: float = 10000.0  # what may be spent on serving each month [USD/month]
weight_bits: int = 16  # bits of each weight of the deployed model [bits]
kv_bits: int = 16  # bits of each cached key and value [bits]

# %% tags=["remove-cell"]
import itertools
import math
import statistics
from dataclasses import replace

import numpy as np

from costlib.base import fmt
from costlib.base.units import GB
from costlib.compute import inference, memory, timing
from costlib.compute.architecture import forward
from costlib.compute.models import find
from costlib.facts import catalog, parameters
from costlib.facts.claims import observe
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
model, rates = find(aligned_model).architecture, timing.roofline(cluster_gpu)
ranks = inference.ranks_for(model, rates.hbm_gb, weight_bits)
setting = {"tensor_parallel": ranks, "bits": weight_bits, "kv_bits": kv_bits}
load = inference.serve(model, rates, prompt_tokens, response_tokens, answers_per_day, price_usd_per_gpu_hour, **setting)
crossover = inference.crossover_batch(model, rates, weight_bits)
cache_context = inference.crossover_context(model, rates, ranks, kv_bits)

gpus = catalog.table("gpus")
context, full = prompt_tokens + response_tokens / 2, int(max(1, load.sequences))
largest = inference.largest_batch(model, rates.hbm_gb, prompt_tokens + response_tokens, **setting)


def decode(sequences, rates=rates):
    return inference.decode_step(model, rates, sequences, context, **setting)


def generated(sequences):
    return inference.generate(model, rates, prompt_tokens, response_tokens, sequences, **setting)


def served(model=model, rates=rates, prompt=1, response=1, answers=1, **change):
    amounts = prompt * prompt_tokens, response * response_tokens, answers * answers_per_day
    return inference.serve(model, rates, *amounts, price_usd_per_gpu_hour, **setting | change)


alone, busy = generated(1), generated(full)
usd_alone, usd_busy = (batch.usd_per_million_tokens(price_usd_per_gpu_hour) for batch in (alone, busy))
at_work = load.usd_per_answer * answers_per_day * inference.HOURS_PER_MONTH / 24
# Answers that grew, the catalogue under this load, and two sizes that people compared.
lengths = catalog.find("token_lengths", "self-rewarding-answer")
growth = lengths.tokens_high / lengths.tokens_low
grown = served(response=growth)
answer_ratio = grown.usd_per_answer / load.usd_per_answer
models = {name: find(name) for name in [*catalog.in_chapters(), aligned_model]}
catalogue = {name: served(each.architecture, tensor_parallel=None) for name, each in models.items()}
small, big = catalogue["opt-1.3b"], catalogue["gpt-3-175b"]
size_ratio = big.usd_per_answer / small.usd_per_answer

# Llama 2 70B in 16 bits on eight A100 of 80 GB, one sequence without context; the same weights in a server's memory.
large, a100 = find("llama-2-70b").architecture, timing.roofline("a100-sxm-80gb")
peak = gpus["a100-sxm-80gb"].hbm_bandwidth_gb_per_s * GB
ideal = a100._replace(matmul=math.inf, bandwidth=peak)
ceiling = 1 / inference.decode_step(large, ideal, 1, 0, tensor_parallel=8).products
reached = 1 / inference.decode_step(large, a100, 1, 0, tensor_parallel=8).seconds
ceiling_tflops, reached_tflops = (speed * forward(large, 1, 1).matmul / 8 / 1e12 for speed in (ceiling, reached))
article = parameters.defaults()["sustained_tflops"]
server = ceiling * 12 * 8 * 4.8e9 / (8 * peak)  # channels x bytes x transfers/s of DDR5-4800 (amd2023epyc)

# Published rows.
rows = [row for row in catalog.table("measured_inference").values() if row.source == "nvidia2025trtllm"]


def against(row, kept, faster=1):
    how = {"tensor_parallel": int(row.tensor_parallel), "bits": int(row.weight_bits), "kv_bits": int(row.kv_bits)}
    speed = timing.roofline(row.gpu, "fp8")
    work = speed._replace(matmul=faster * speed.matmul), row.prompt_tokens, row.response_tokens, kept
    return inference.full_load(find(row.model).architecture, *work, **how).tokens_per_second / row.value


ratios, whole_ratios = ({row.name: against(row, kept) for row in rows} for kept in (0.5, 1))
error, whole_error = (statistics.median(abs(x - 1) for x in found.values()) for found in (ratios, whole_ratios))
low, high = (pick(rows, key=lambda row: ratios[row.name]) for pick in (min, max))

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
reading = decode(1e9, rates._replace(matmul=math.inf)).products
assert model.experts > 1 or math.isclose(decode(crossover).products, reading), (
    "at the crossover both limits take the same time"
)
if not math.isinf(cache_context):
    many = 10**6  # so that products fill their tiles
    apart = inference.decode_step(model, rates._replace(bandwidth=1e30), many, cache_context, **setting).products / many
    copies = max(1, ranks / model.cache_heads) / ranks
    cache = memory.kv_cache(model, cache_context, kv_bits, cache_context) / rates.bandwidth * copies
    assert math.isclose(cache, apart, rel_tol=1e-6), "at that context the cache takes as long as arithmetic"
assert busy.tokens_per_second >= alone.tokens_per_second * (1 - 1e-9), "a larger batch cannot lower the throughput"
assert answer_ratio > 1, "a longer answer cannot be cheaper"
assert load.usd_per_month >= at_work * (1 - 1e-9), "rented time is at least the time at work"


# %% tags=["remove-cell", "nbval-check-output"]
def rate(value):
    return fmt.number(value, 0 if value >= 100 else 1)


def dollars(usd):
    return fmt.price(usd, 3)


def month(s):
    return fmt.usd(s.usd_per_month, 0) if s.sequences else "-"


BOUNDS = {"products": "reading the weights", "cache": "reading the cache", "traffic": "norms and activations",
          "link": "traffic between GPUs", "launch": "launching kernels"}  # fmt: skip
on = (
    f"{fmt.number(ranks)} x {gpus[cluster_gpu].label.removeprefix('NVIDIA ')}"
    if ranks > 1
    else f"one {gpus[cluster_gpu].label.removeprefix('NVIDIA ')}"
)
page.phrase(
    "sharing_said",
    f"as many as {'fit' if full == largest else 'an engine takes'} share {on}"
    if load.sequences
    else f"one at a time fitted {on}, which it does not",
)
page.phrase("month_said", f"need {fmt.number(load.gpus)} such GPU{'s' * (load.gpus != 1)}, for {month(load)} a month"
            if load.sequences else "do not fit such GPUs at all")  # fmt: skip
page.phrase("largest_said", f"{fmt.number(largest)} answers of this length fit in the memory of a group" if largest else
            "no answer of this length fits in the memory of a group, and all numbers are those that one would have")  # fmt: skip
page.phrase("model_label", models[aligned_model].label)
page.phrase("gpu_label", gpus[cluster_gpu].label.removeprefix("NVIDIA "))
page.phrase("slowest_alone", BOUNDS[decode(1).slowest])
page.phrase("slowest_full", (BOUNDS | {"products": "arithmetic"} if full > crossover else BOUNDS)[decode(full).slowest])
within = [name for name in catalogue if catalogue[name].usd_per_month <= monthly_budget_usd]
best = max(within, key=lambda name: models[name].parameters, default=None)
page.phrase("best_words", f"{models[best].label}, for {month(catalogue[best])}" if best else "none")
page.phrase("month_usd", month(load))
page.phrase("grown_month", month(grown))
page.publish_found("GPUs", fmt.number, month_gpus=load.gpus)
page.publish_all("GPUs", fmt.number, group=ranks)
page.publish_all("answers", fmt.number, full=full, largest=largest)
page.publish_all("USD/month", lambda usd: fmt.usd(usd, 0), budget=monthly_budget_usd,
                 group_usd=inference.HOURS_PER_MONTH * price_usd_per_gpu_hour * ranks)  # fmt: skip
page.publish("price", price_usd_per_gpu_hour, "USD/GPU-h", fmt.usd(price_usd_per_gpu_hour))
page.publish("load", answers_per_day, "answers/day", fmt.number(answers_per_day))
page.publish_all("tokens/s", rate, tokens_alone=alone.tokens_per_second, tokens_full=busy.tokens_per_second,
                 ceiling=ceiling, reached=reached, server=server)  # fmt: skip
page.publish_all("USD/M tokens", dollars, usd_alone=usd_alone, usd_full=usd_busy)
page.publish_all("ms", lambda ms: fmt.number(ms, 1), ms_alone=1000 * alone.decode_seconds / response_tokens,
                 ms_full=1000 * busy.decode_seconds / response_tokens)  # fmt: skip
page.publish("crossover", crossover, "sequences", rate(crossover))
window = models[aligned_model].context_length or math.inf
page.publish("context", context, "tokens", fmt.number(context))
page.publish_found("tokens", fmt.number, "no number of", cache_context=cache_context)
page.publish_found("tokens", fmt.number, "an unknown number of", window=window)
prompt_token = inference.prefill_seconds(model, rates, 1, max(1, prompt_tokens), ranks) / max(1, prompt_tokens)
token_ratio = busy.decode_seconds / busy.tokens / prompt_token
page.publish_all("ratio", fmt.ratio, token_ratio=token_ratio, size_ratio=size_ratio)
page.phrase(
    "shorter_said",
    "shorter answers before shorter prompts" if token_ratio > 1 else "shorter prompts as much as shorter answers",
)
page.publish("article_ratio", article / ceiling_tflops, "ratio", fmt.ratio(article / ceiling_tflops, 0))
page.publish_all("ratio", lambda ratio: fmt.ratio(ratio, 2), growth=growth, answer_ratio=answer_ratio,
                 lowest=ratios[low.name], lowest_fast=against(low, 0.5, 2), highest=ratios[high.name],
                 highest_whole=whole_ratios[high.name])  # fmt: skip
page.publish_all("USD/1,000 answers", dollars, small_usd=1000 * small.usd_per_answer, big_usd=1000 * big.usd_per_answer)
page.publish_all("TFLOP/s", lambda x: fmt.number(x, 1), ceiling_tflops=ceiling_tflops, reached_tflops=reached_tflops)
square = 5 * model.heads * 32768**2 / GB
page.publish("square", square, "GB", fmt.number(square))
page.publish_all("kB", fmt.number, kv_llama2=memory.kv_cache(find("llama-2-7b").architecture, 1, kv_bits) / 1000,
                 kv_llama3=memory.kv_cache(find("llama-3-8b").architecture, 1, kv_bits) / 1000)  # fmt: skip
page.publish("row_count", len(rows), "rows", fmt.number(len(rows)))
page.publish_all("fraction", fmt.percent, error=error, whole_error=whole_error)
llama8, h100 = find("llama-3.1-8b").architecture, timing.roofline("h100-sxm-80gb")
vllm = [1000 * inference.decode_step(llama8, h100, 1, tokens).seconds for tokens in (0, 1)]
page.publish("vllm_ms", vllm[0], "ms", fmt.number(vllm[0], 2))
page.publish("vllm_slope", vllm[1] - vllm[0], "ms/token", fmt.power_of_ten(vllm[1] - vllm[0], 2))
changed = {"as above": load, "one answer at a time": served(most_sequences=1)}
changed |= {f"weights in {n} bits": served(bits=n) for n in (16, 8, 4) if n != weight_bits}
changed |= {f"cache in {n} bits": served(kv_bits=n) for n in (16, 8, 4) if n != kv_bits}
if gpus[cluster_gpu].fp8_dense_tflops:
    fp8 = timing.roofline(cluster_gpu, "fp8")
    changed["weights, cache and products in 8 bits"] = served(rates=fp8, bits=8, kv_bits=8)
if model.kv_heads % 4 == 0 and model.kv_values_per_layer is None:
    changed["a quarter of the key-value heads"] = served(replace(model, kv_heads=model.kv_heads // 4))
wider = next((n for n in range(ranks + 1, int(model.heads) + 1) if model.heads % n == 0), ranks)
if wider > ranks:
    changed[f"{wider} GPUs share each layer"] = served(tensor_parallel=wider)
changed["static batch, longest answer 4x the mean"] = served(longest_tokens=4 * response_tokens, batching="static")
base = load.usd_per_million_tokens
fitting = {name: s.usd_per_million_tokens / base for name, s in changed.items() if s.sequences and load.sequences}
page.phrase("best_change", min(fitting, key=fitting.get) if fitting else "none, as no answer fits")

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Sharing a GPU makes tokens cheap. Above: the wait for each token; below: tokens of one GPU; both against the answers that are written at a time. Beyond {glue:text}`crossover` answers arithmetic takes longer than reading the weights; {glue:text}`largest` fit in memory, and beyond that the lines are dashed.", "name": "fig-inf-batch"}, "image": {"alt": "Two panels over a common logarithmic axis of answers at a time. Milliseconds for each token stay nearly flat at first and then rise; tokens a second of one GPU rise and then flatten. Dotted vertical lines mark the batch where arithmetic takes longer than reading the weights and the largest batch that fits."}}
top = 4 * max(crossover, largest, 64)
sizes = np.geomspace(1, top, 60)
lines = {
    "time per token [ms]": 1000 * decode(sizes).seconds,
    "tokens/s of one GPU": generated(sizes).tokens_per_second / ranks,
}
most = "most that fit" if largest else "none fits"
marks = {"arithmetic passes weights": (max(1, crossover), figures.RED), most: (max(1, largest), figures.GREEN)}
fig, axes = figures.canvas(5.2, 5.2, nrows=2, sharex=True)
for ax, (name, values) in zip(axes, lines.items(), strict=True):
    ax.plot(sizes, values, color=figures.BLUE, lw=2, ls="--", alpha=0.6)
    ax.plot(sizes[sizes <= largest], values[sizes <= largest], color=figures.BLUE, lw=2.6)
    for place, tint in marks.values():
        ax.axvline(place, color=tint, lw=1.4, ls=":")
    ax.set(xscale="log", yscale="log", ylabel=name, xlim=(1, top))
    figures.plain_log(ax.yaxis, figures.ticks(values.min() / 1.3, values.max() * 1.3))
# The two names stand between the panels: the one to the left of its line, the other to the right.
for (mark, (place, _)), to_left in zip(sorted(marks.items(), key=lambda each: each[1]), (True, False), strict=True):
    ha = "right" if to_left and place > top**0.4 else "left"
    ax.text(place, 1.02, mark.replace(" t", "\nt", 1), ha=ha, transform=ax.get_xaxis_transform())
axes[1].set(xlabel="answers at a time")
figures.plain_log(axes[1].xaxis, figures.ticks(1, top, (1,)))
figures.title(axes[0], "Sharing a GPU: cheaper tokens, a longer wait")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-inf-batch",
    ["mark", "at a time [answers]", "time per token [ms]", "speed of one GPU [tokens/s]"],
    [[mark, float(place), "", ""] for mark, (place, _) in marks.items()]
    + [["line" if n <= largest else "dashed line", n, *y] for n, *y in zip(sizes, *lines.values(), strict=True)],
)

# %% [markdown]
# ## Sharing a step makes tokens cheap and the wait longer
#
# A model answers in two phases. It reads the prompt in one pass (*prefill*), and then writes one token with each further pass
# (*decoding*). Every pass fetches all weights from the GPU's memory, whether for one answer or for a hundred. Answers that are
# written side by side share that.
#
# They do not share everything. Each keeps two vectors a layer for every token before it, the *KV cache*, which fills the memory and is
# read again for every token: {glue:text}`largest_said`. One answer alone waits {glue:text}`ms_alone` ms for a token, mostly for
# {glue:text}`slowest_alone`. With {glue:text}`full` at once each waits {glue:text}`ms_full` ms, mostly for
# {glue:text}`slowest_full`.


# %% tags=["hide-input", "nbval-check-output"]
def plain(usd):
    return dollars(usd).removeprefix("$")


table = []
for n in sorted({n for n in (1, 8, 64, full, largest) if 0 < n <= max(1, largest)}):
    step, batch = decode(n).seconds, generated(n)
    speed = forward(model, n, 1, cached=context, attention="causal").total / step / ranks
    table.append([
        fmt.number(n), fmt.number(1000 * step, 1), rate(batch.tokens_per_second / ranks),
        fmt.number(speed / 1e12, 1), fmt.percent(speed / rates.peak, 1),
        plain(batch.usd_per_million_tokens(price_usd_per_gpu_hour)),
        plain(1000 * batch.usd_per_answer(price_usd_per_gpu_hour)),
    ])  # fmt: skip
df = page.table(
    "tab-inf-batch",
    ["answers at a time", "wait for a token [ms]", "tokens/s on each GPU", "TFLOP/s on each GPU", "of the GPU's peak",
     "a million tokens [USD]", "1,000 answers [USD]"],
    table,
    caption="The same GPU with more and more answers at a time.",
)  # fmt: skip

# %% [markdown]
# Is arithmetic or memory the limit? It depends on the *context*, the tokens that an answer looks back at. Beyond a mean of
# {glue:text}`cache_context` reading the cache takes longer than the arithmetic, whatever the batch; here it is {glue:text}`context`. If
# yours is longer, look at a GPU's memory and bandwidth before its TFLOP/s.
#
# For one answer alone bandwidth sets the ceiling. Put Llama 2 70B in 16 bits on eight A100 with 80 GB. Reading the weights at the full
# 2,039 GB/s of each GPU {cite:p}`nvidia2021a100` allows {glue:text}`ceiling` tokens/s; with the bandwidth that is reached, links and
# launches it is {glue:text}`reached`. A server processor with twelve channels of DDR5-4800 {cite:p}`amd2023epyc`, 460.8 GB/s, would
# read the same weights for at most {glue:text}`server` tokens/s. That is why large models are served from GPUs.
#
# At that ceiling each of the eight GPUs does {glue:text}`ceiling_tflops` TFLOP/s. The article prices
# {ref}`generation <sec-synthetic-cost>` at the 135.6 TFLOP/s of {ref}`pre-training <sec-infrastructure-efficiency>`,
# {glue:text}`article_ratio` as much.
#
# ## Alignment leaves the price of a token alone, and can make answers longer
#
# Nothing in the cost of a pass knows how a model was trained. At equal lengths a token and an answer cost the same before and after
# alignment. But lengths need not stay equal. On AlpacaEval, the answers of self-rewarding models grew from 1,092 to 2,552
# characters between the first and the third model {cite:p}`yuan2024selfrewarding`, and longer answers were found to carry much of
# what PPO gains {cite:p}`singhal2023length`.
#
# An answer {glue:text}`growth` as long costs {glue:text}`answer_ratio` as much here. It takes more steps, each of them reads a longer
# cache, and fewer answers share a step where memory is the limit; the prompt is paid once, which lowers the ratio. The month
# costs {glue:text}`grown_month`.
#
# A longer prompt is read once, at the speed of arithmetic, and lengthens the cache of every step after it. With {glue:text}`full`
# answers at once, a token of an answer takes {glue:text}`token_ratio` the GPU time of a token of a prompt. If you want to save, ask
# for {glue:text}`shorter_said`.

# %% tags=["hide-input", "nbval-check-output"]
header = ["at a time", "until it ends [s]", "tokens/s on each GPU", "a million tokens [USD]"]


def cells(s):
    speed, usd = rate(s.tokens_per_second / s.tensor_parallel), plain(s.usd_per_million_tokens)
    fitting = [fmt.number(s.sequences), fmt.number(s.answer_seconds, 1), speed, usd]
    return fitting if s.sequences >= 1 else ["does not fit", "-", "-", "-"]


table = []
for prompt, response in ((1, 1), (4, 1), (1, 4), (4, 4), (16, 16)):
    s, tokens = served(prompt=prompt, response=response), prompt * prompt_tokens + response * response_tokens
    held = fmt.significant(memory.kv_cache(model, tokens, kv_bits) / GB)
    usd = plain(1000 * s.usd_per_answer) if s.sequences else "-"
    name = f"{fmt.number(prompt * prompt_tokens)} + {fmt.number(response * response_tokens)}"
    table.append([name, held, *cells(s), usd])
df = page.table(
    "tab-inf-length",
    ["prompt + answer [tokens]", "cache of one answer [GB]", *header, "1,000 answers [USD]"],
    table,
    caption="Longer prompts and longer answers, at full load.",
)

# %% [markdown]
# {glue:text}`model_label` was made for {glue:text}`window` tokens; longer rows are computed as if it had been extended.
#
# ## What saves money is what a step waits for
#
# Change one thing at a time, and the lowest price is that of “{glue:text}`best_change`”.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-inf-optimisations",
    ["change", *header, "price ratio"],
    [[name, *cells(s), fmt.ratio(fitting[name], 2) if name in fitting else "-"] for name, s in changed.items()],
    caption="What optimisation buys: one change at a time, and the price of a token against the first row.",
)

# %% [markdown]
# * *Fewer bits* act twice: a step reads less, and memory holds more answers. The weights are multiplied in 16 bits unless the row says
#   otherwise, so beyond the mark of {numref}`fig-inf-batch` their bits save memory and no time.
# * *Grouped queries* are a choice of the model: several of its query heads share keys and values. For each token Llama 2 7B caches
#   {glue:text}`kv_llama2` kB with 32 key-value heads, Llama 3 8B {glue:text}`kv_llama3` kB with 8.
# * *More GPUs for each layer* lend an answer their bandwidth and memory, and take time for their links.
# * A *static* batch runs until its longest answer ends, keeps room for it, and grows ever emptier. With *continuous batching* a
#   finished answer makes room for the next {cite:p}`yu2022orca`.
#
# *Kernels* that keep no square of the sequence, such as FlashAttention {cite:p}`dao2024flashattention2`, are assumed throughout: by the
# activation formula {cite:p}`korthikanti2022` the square of 32,768 tokens would take {glue:text}`square` GB in each layer of
# {glue:text}`model_label`.
#
# ## You rent whole groups of GPUs, so a small load pays for idle time
#
# The memory of one GPU is too small for a large model, so a *group* of GPUs shares each layer. Groups are rented whole and around the
# clock, in steps of {glue:text}`group_usd` a month here ({numref}`fig-inf-month`). The largest model that {glue:text}`budget` a month
# serves under this load: {glue:text}`best_words`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The bill rises in steps of whole groups. Price of a month of {glue:text}`load` answers a day on {glue:text}`gpu_label`, for the models compared here that fit; diamonds are mixtures of experts, of whose weights each token uses a part. Dashed: {glue:text}`budget` a month.", "name": "fig-inf-month"}, "image": {"alt": "Points for the models on logarithmic axes of parameters and dollars a month. The points lie on steps, since whole groups of GPUs are rented, and rise to the right. Mixtures of experts are drawn as diamonds. A dashed line marks the budget."}}
fig, ax = figures.canvas(5.2, 4)
monthly = {name: s.usd_per_month for name, s in catalogue.items() if s.groups < math.inf}
styles = {False: ("o", figures.BLUE, "dense"), True: ("D", figures.RED, "mixture of experts")}
for sparse, (marker, colour, text) in styles.items():
    kind = [name for name in monthly if (models[name].architecture.experts > 1) == sparse]
    points = [models[name].parameters / 1e9 for name in kind], [monthly[name] for name in kind]
    ax.plot(*points, marker, color=colour, ms=7.5, alpha=0.75, mec="white", label=text)
ax.axhline(monthly_budget_usd, color="black", lw=1.2, ls="--")
ends = [f([*monthly.values(), monthly_budget_usd]) for f in (min, max)]
spread = [f(models[name].parameters for name in catalogue) / 1e9 for f in (min, max)]
ax.set(xscale="log", yscale="log", xlim=(spread[0] / 1.5, spread[1] * 1.5), ylim=(ends[0] / 1.6, ends[1] * 1.6))
ax.set(xlabel="parameters [billions]", ylabel="price of a month [USD]")
ax.legend(loc="upper left", handletextpad=0.2, borderaxespad=0.2)
figures.plain_log(ax.xaxis, [0.1, 1, 10, 100])
figures.plain_log(ax.yaxis, figures.ticks(ends[0] / 1.6, ends[1] * 1.6), lambda usd: fmt.usd(usd, 0))
said = f"up to {models[best].label}" if best else "none of these models"
figures.title(ax, f"{fmt.usd(monthly_budget_usd, 0)} a month serves {said}")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-inf-month",
    ["model", "kind", "parameters [10^9]", "price [USD/month]"],
    [[models[name].label, styles[models[name].architecture.experts > 1][-1], models[name].parameters / 1e9, usd]
     for name, usd in monthly.items()] + [["budget", "dashed line", "", monthly_budget_usd]],
)  # fmt: skip

# %% [markdown]
# Do you need the largest model? People preferred the answers of InstructGPT with 1.3B parameters to those of GPT-3 with 175B
# {cite:p}`ouyang2022instructgpt`. With OPT 1.3B and GPT-3 for the two sizes, a thousand answers cost {glue:text}`small_usd` and
# {glue:text}`big_usd`, a ratio of {glue:text}`size_ratio`. That compares an aligned model with an unaligned one; among the aligned ones
# the larger were preferred. No price tells how much quality a task needs.
#
# And which GPU? If a card writes twice the tokens a second of {glue:text}`gpu_label`, its hour may cost twice {glue:text}`price` and a
# token still costs the same. The last column is that price. If you are offered the card for less, a token costs you less.

# %% tags=["hide-input", "nbval-check-output"]
cards = ["a100-sxm-80gb", "a100-sxm-40gb", "h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb", "mi300x-192gb",
         "l40s-48gb", "l4-24gb", "t4-16gb"]  # fmt: skip
found = {
    card: served(rates=timing.roofline(card), tensor_parallel=None) for card in dict.fromkeys([cluster_gpu, *cards])
}
table = []
for card, s in sorted(found.items(), key=lambda item: (item[1].sequences < 1, item[1].usd_per_million_tokens)):
    equal = plain(price_usd_per_gpu_hour * base / s.usd_per_million_tokens) if s.sequences and load.sequences else "-"
    table.append([gpus[card].label.removeprefix("NVIDIA "), fmt.number(s.tensor_parallel), *cells(s), equal])
df = page.table(
    "tab-inf-gpus",
    ["GPU", "GPUs in a group", *header, "equal price [USD/GPU-h]"],
    table,
    caption="The same model on other GPUs, all at one price of a GPU-hour.",
)

# %% [markdown]
# ## Computed speed is close to NVIDIA's, on rows that we had seen
#
# NVIDIA publishes {glue:text}`row_count` rows of its engine TensorRT-LLM under full load {cite:p}`nvidia2025trtllm`. The batch is not
# stated. We take the largest that fits with its mean context, at most 2,048, with products in 8 bits.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Each dot is a published row. Tokens a second as computed over those measured, for a model on a number of GPUs; on the line both are equal.", "name": "fig-inf-published"}, "image": {"alt": "Dots in a row for each pair of model and GPU, along an axis of computed over measured throughput, around a vertical line at one."}}
names = [
    f"{find(row.model).label.split()[-1]}, {int(row.tensor_parallel)} x {row.gpu.split('-')[0].upper()}" for row in rows
]
kinds = list(dict.fromkeys(names))
fig, ax = figures.canvas(5.2, 0.6 * len(kinds) + 1.6)
for kind, hue in zip(kinds, itertools.cycle(figures.CYCLE), strict=False):
    group = [ratios[row.name] for row, name in zip(rows, names, strict=True) if name == kind]
    ax.plot(group, [kinds.index(kind)] * len(group), "o", ms=8, alpha=0.6, mec="white", color=hue)
ax.axvline(1, color="black", lw=1, zorder=0)
ax.set_yticks(range(len(kinds)), kinds)
ax.tick_params(axis="y", length=0)
ax.set(xlabel="computed / measured", ylim=(len(kinds) - 0.5, -0.5))
figures.title(ax, f"Computed throughput is off by {fmt.percent(error)} in the median")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-inf-published",
    ["row", "model and GPUs", "measured [tokens/s]", "computed [tokens/s]", "computed over measured [-]"],
    [
        [row.name, name, row.value, row.value * ratios[row.name], ratios[row.name]]
        for row, name in zip(rows, names, strict=True)
    ],
)

# %% [markdown]
# The lowest row, {glue:text}`lowest`, reads long prompts for short answers with 4-bit weights, on a GPU that multiplies in 4 bits at twice
# its 8-bit rate; with that rate it is {glue:text}`lowest_fast`.
#
# The highest, {glue:text}`highest`, writes long answers after short prompts. By default this engine starts an answer only if the cache
# has room for all of it {cite:p}`nvidia2025scheduler`. With such a batch, as we count it in serving, the row is
# {glue:text}`highest_whole` and the median error {glue:text}`whole_error`. We looked at these rows while we chose the coefficients, so
# they do not show how well we predict what we have not seen; that test is in {ref}`sec-validation`.
#
# ::::{dropdown} How this was computed
# :name: inf-model
#
# A decoding step gives each of $m$ sequences one token. A group of $\gamma$ GPUs that share each layer takes
#
# $$ t(m) = \frac{1}{\gamma}\left[\max\left(\frac{2Mm}{v},\ \frac{W}{\beta}\right) + \frac{m\,c\,\kappa}{\beta}
# + \frac{m\,\epsilon}{\beta}\right] + t_\text{links} + t_\text{launch} $$ (eq-inf-step)
#
# where $M$ is the number of parameters that a token is multiplied with, $v$ the best measured rate of matrix
# products, $W$ the bytes of weights that the step reads (all but the input embedding; of a mixture, the experts that
# some sequence chose), $\beta$ the bandwidth of the memory, $c$ the mean context of a sequence, $\kappa$ the bytes of
# keys and values cached for each token of it (copies in a group of more GPUs than key-value heads included), and $\epsilon$ what norms and activations move
# {cite:p}`williams2009roofline,pope2023inference`. The links carry two sums in each layer, and each layer takes a
# launch. The weights are read once for all sequences, the cache of each sequence for itself alone. Arithmetic takes
# over from reading the weights at
#
# $$ m^* = \frac{W\,v}{2M\,\beta} $$ (eq-inf-crossover)
#
# sequences, for a mixture counted with all its experts. Reading the cache outweighs arithmetic, whatever the batch,
# if the mean context is longer than
#
# $$ c^* = \frac{2M\,\beta}{v\,\kappa} $$ (eq-inf-context)
#
# where no layer has a window; layers that have one read no further, so $c^*$ lies further out. With prompts of $s_p$ and answers of $s_r$ tokens, $c = s_p + s_r / 2$. A batch that is read in $t_p$
# seconds gives $m$ answers in $t_p + s_r\,t(m)$, so an answer costs
#
# $$ C_\text{answer} = \frac{p\,\gamma}{3600}\cdot\frac{t_p + s_r\,t(m)}{m} $$ (eq-inf-answer)
#
# dollars at a price of $p$ for each GPU-hour. The batch is as large as the memory allows, with room kept for whole answers, and in serving never above 256, an assumed limit of
# the engine. A load of $n_\text{day}$ answers a day, evenly spread, needs whole groups around the clock:
#
# $$ C_\text{month} = 730.5\,p\,\gamma \left\lceil \frac{n_\text{day}}{86400}\cdot\frac{t_p + s_r\,t(m)}{m} \right\rceil $$ (eq-inf-month)
#
# Milliseconds and TFLOP/s are those of a step in the middle of an answer; tokens/s and prices include reading the prompts. Seconds run
# from a prompt to the end of its answer under full load, and the cache is that of one finished answer. By equation
# {eq}`eq-inf-answer` the price of an answer is proportional to that of a GPU-hour. A model that no group of a GPU holds is priced in
# the comparison of two sizes as if one answer fitted.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-inf-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "A month of serving, for models of several sizes", "code_prompt_hide": "A month of serving, for models of several sizes"}
sized = dict.fromkeys(
    ["opt-1.3b", "llama-3.1-8b", "qwen2.5-32b", "llama-3.1-70b", "gpt-3-175b", "llama-3.1-405b", aligned_model]
)
table = []
for name in sorted(sized, key=lambda name: models[name].parameters):
    s = catalogue[name]
    needed = fmt.number(s.gpus) if s.sequences else "-"
    table.append([models[name].label, *cells(s), needed, month(s).removeprefix("$")])
df = page.table("tab-inf-month", ["model", *header, "GPUs", "month [USD]"], table)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The same at other loads, lengths and speeds", "code_prompt_hide": "The same at other loads, lengths and speeds"}
slow = catalog.find("coefficients", "memory-bandwidth-fraction")
less = rates._replace(bandwidth=rates.bandwidth * slow.low / slow.value)
others = {
    "as above": load,
    "half as many at a time": served(most_sequences=max(1, full // 2)),
    "prompts twice as long": served(prompt=2),
    "answers twice as long": served(response=2),
    "twice the answers a day": served(answers=2),
    f"bandwidth at {fmt.percent(slow.low)} of its peak": served(rates=less),
    "products at half the rate": served(rates=rates._replace(matmul=rates.matmul / 2)),
}
df = page.table(
    "tab-inf-sensitivity",
    ["change", *header, "month [USD]"],
    [[name, *cells(s), month(s).removeprefix("$")] for name, s in others.items()],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the course page about serving", "code_prompt_hide": "Statements of the course page about serving"}
longer = f"unchanged per token; {fmt.ratio(answer_ratio, 2)} per answer if {fmt.ratio(growth, 2)} as long"
speeds = f"70B alone: at most {rate(ceiling)} tokens/s on eight A100, {rate(server)} on a server processor"
lone = inference.generate(
    model, rates, prompt_tokens, response_tokens, 1, tensor_parallel=ranks, bits=4, kv_bits=kv_bits
)
static = changed["static batch, longest answer 4x the mean"]
smaller = {f"weights in {bits} bits": served(bits=bits) for bits in (8, 4)}
smaller |= {f"cache in {bits} bits": served(kv_bits=bits) for bits in (8, 4)}
prices = {name: s.usd_per_million_tokens / base for name, s in smaller.items() if s.sequences and load.sequences}
page.ledger(
    "11_inference",
    observe("A24", answer_ratio <= 1, longer),
    observe("A25", server < ceiling and ceiling_tflops < article, speeds),
    observe("A26", size_ratio <= 1, f"a preferred 1.3B costs {fmt.percent(1 / size_ratio, 1)} of 175B per answer"),
    observe(
        "A35",
        load.gpus > 1,
        f"{fmt.number(answers_per_day)} answers a day, evenly spread: {fmt.found(load.gpus, fmt.number)} GPUs, "
        f"{fmt.found(catalogue['llama-3.1-405b'].gpus, fmt.number)} for 405B",
    ),
    observe(
        "A36",
        min(prices.values(), default=1) < 1,
        f"price of a token at full load: {', '.join(f'{name} {fmt.ratio(each, 2)}' for name, each in prices.items())}; "
        f"one answer alone is {fmt.ratio(lone.tokens_per_second / alone.tokens_per_second)} as fast with weights in 4 bits",
    ),
    observe("A37", square > 1, f"the square of 32,768 tokens would take {fmt.number(square)} GB in each layer"),
    observe(
        "A38",
        static.usd_per_million_tokens > base,
        f"a static batch, longest answer 4 times the mean: {fmt.ratio(static.usd_per_million_tokens / base, 2)} the price of a token",
    ),
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Intervals of the results", "code_prompt_hide": "Intervals of the results"}
trusted = [
    ("one answer alone: tokens/s", alone.tokens_per_second, rate),
    ("one answer alone: USD/M tokens", usd_alone, dollars),
]
if load.sequences:
    trusted += [(f"{fmt.number(full)} at once: tokens/s", busy.tokens_per_second, rate),
                (f"{fmt.number(full)} at once: USD/M tokens", usd_busy, dollars),
                ("a month of answers: USD of GPUs at work", at_work, dollars)]  # fmt: skip
page.trust("tab-inf-trust", [(what, "inference", *row) for what, *row in trusted])

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: inf-trust
#
# *Measured* are matrix products of common GPUs, and the bandwidth that decoding reaches, 90 % of the peak
# {cite:p}`bekman2024mlengineering,vllm2026fp8kv`. *Assumed*: 80 % of the peak for the matrix products of other GPUs,
# 90 % of the memory for weights and cache, arithmetic in 16 bits whatever the bits of the weights unless stated, and
# as many GPUs in a group as let the weights take at most half of its memory.
#
# *Intervals.* Four in five published throughputs and latencies of generation lie between the two ends of a row of that table
# ({ref}`sec-validation`); a price falls as the speed rises, by the same factor.
#
# *One answer alone.* vLLM reports 6.44 ms for a token of Llama 3.1 8B alone on an H100, and 4.37×10⁻⁵ ms more for
# each token of context {cite:p}`vllm2026fp8kv`. Computed are {glue:text}`vllm_ms` and {glue:text}`vllm_slope` ms. The
# bandwidth of the model was read from the second and its launches were fitted to the first, among others, so this too is a
# check of consistency.
#
# *Left out.* The load is even and nobody queues; a real load has peaks, and GPUs that wait for them are paid too. Lengths vary
# around their means, which only the static batch feels here. Speculative decoding and the reuse of common prefixes,
# which lower prices, are left out here, as are scheduling, detokenising, staff and storage, which raise them. Arithmetic
# in 8 bits is counted only where stated, and what fewer bits do to quality not at all. Engines differ: eager code was
# measured at 27 to 41 % of the bandwidth ({ref}`sec-data`). A group is the smallest number that divides the heads and
# leaves half of its memory free; where heads have few divisors, one that leaves less. Groups that split a model by
# layers (pipeline parallelism) could be smaller and are not modelled.
# ::::

# %% [markdown]
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 11 -p aligned_model=llama-3.1-70b -p cluster_gpu=h100-sxm-80gb -p weight_bits=8
# papermill notebooks/11_inference.ipynb out.ipynb -p answers_per_day 50000 -p response_tokens 1000
# ```
#
# ## References
#
# Decoding and its bounds {cite:p}`williams2009roofline,pope2023inference`; batching and the cache
# {cite:p}`yu2022orca,kwon2023vllm`; kernels {cite:p}`dao2024flashattention2,korthikanti2022`; measurements
# {cite:p}`nvidia2025trtllm,nvidia2025scheduler,vllm2026fp8kv,bekman2024mlengineering`; lengths and preferences
# {cite:p}`yuan2024selfrewarding,singhal2023length,ouyang2022instructgpt`; data sheets
# {cite:p}`nvidia2021a100,amd2023epyc`. Full entries: {doc}`/book/bibliography`.
