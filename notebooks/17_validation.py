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
# (sec-validation)=
# # How far to trust these numbers
#
# **Question.** What does the model of this book say of runs that others measured, and how far off is it?
#
# **Answer.** Of {glue:text}`rows` published values it predicts, {glue:text}`held_out` were measured, in runs of sources to
# which no coefficient of their kind was fitted; {glue:text}`fitted_rows` belong to the fit, and {glue:text}`exact_rows` are
# counts and tables that need none, which agree to rounding in {glue:text}`exact_share` of the rows. The median error is {glue:text}`memory_error` for measured memory,
# {glue:text}`inference_error` for generation by tuned engines and {glue:text}`training_error` for training throughput;
# four fifths of the rows lie within {glue:text}`memory_earned`, {glue:text}`inference_earned` and
# {glue:text}`training_earned` of the measured value. Wall times of alignment are known worse: with all inputs stated, four
# fifths of the {glue:text}`alignment_reported` reported runs lie within {glue:text}`alignment_earned`; with one input
# assumed the median is off by {glue:text}`loose_median`. Targets met: {glue:text}`targets_met` of
# {glue:text}`targets_all`.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]

# %% tags=["remove-cell"]
import statistics

from costlib import fmt, validation
from costlib.compute.job import estimate
from costlib.compute.models import find
from costlib.facts import catalog
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-trust-inputs")

# %% [markdown]
# The measurements do not depend on these inputs. They make the example at the end of the result.
#
# ## Model
#
# A row $i$ of a table of measurements holds a measured value $y_i$ and the inputs of its run. The same functions that
# answer everywhere in this book make of the inputs a prediction $\hat y_i$. With the ratio $r_i = \hat y_i / y_i$, its
# error and its factor are
#
# $$ e_i = \left| r_i - 1 \right|, \quad f_i = \max\left( r_i, \frac{1}{r_i} \right) $$ (eq-trust-error)
#
# and a group is described by the medians of $r_i$ and $e_i$ and by the shares with $f_i$ up to 1.25, 1.4 and 2.
#
# *Two halves.* {glue:text}`coefficients` coefficients turn FLOPs and bytes into seconds and gigabytes. The values or
# ranges of {glue:text}`fitted` were fitted to measured rows of {glue:text}`sources` sources. All rows of these sources are
# the *calibration* half, for time or for memory as the coefficient is; all others are *reported*. Whole sources stay
# together, since rows of one source share its software and its errors, and no row decides for itself. Only for alignment,
# where two sources have most of the runs with every input stated, a hash of the name of a run puts every second one into
# the reported half. Where no coefficient enters, in counts and in analytical tables, every row is reported. `make fit`
# finds the values again where several were fitted at once: each stands within 5 % of where the mean distance of the
# calibration rows, on the scale of the logarithm, is least.
#
# The reported half is not blind: those who wrote the model had seen it, and which effects were worth modelling (attention
# written out, pipelines, adapters that tensor-parallel GPUs do not share) was learned from misses. Their sizes come from
# papers and counts.
#
# *Intervals.* All coefficients are drawn together, {glue:text}`draws` times, each from its range, triangular on a
# logarithmic scale with its value as mode, with quantiles as in {eq}`eq-unc-draw`. The ends of the 80 % interval are the
# 10 % and 90 % quantiles of the predictions. For wall times of alignment a factor $e^{\sigma z}$ with a standard normal $z$
# stands for what reports leave out. If two reports of one job differ by the ratio $\rho$ in the median, then
#
# $$ \sigma = \frac{\ln \rho}{z_{3/4}\,\sqrt{2}} $$ (eq-trust-noise)
#
# with $z_{3/4}$ the upper quartile of $z$.
#
# *Silent reports.* A layout that a report omits is the fastest that fits. A pipeline of $p$ stages with $m$ micro-batches
# and $v$ chunks on each GPU idles for $(p - 1) / (v m)$ of its working time {cite:p}`narayanan2021`. Attention that is
# written out moves its squares to memory and back. In unpacked training each step waits for its longest sequence: of $n$
# lengths below $L$ with the mean $s_\text{mean}$, spread by a power law,
#
# $$ \mathbb{E}[\max] = L\,\frac{n a}{n a + 1}, \quad a = \frac{s_\text{mean}}{L - s_\text{mean}} $$ (eq-trust-longest)
#
# *Constant utilisation.* The rival is one number: the median share of the dense peak that the calibration half reached.

# %%
result = validation.own()
summary = {(row.group, row.half): row for row in validation.summary(result)}
level, rival, _ = validation.constant_utilisation(result)
example = estimate("ppo", aligned_model, cluster_gpu, num_gpus, 10_000, prompt_tokens, response_tokens,
                   price_usd_per_gpu_hour=price_usd_per_gpu_hour)  # fmt: skip

# %% tags=["remove-cell"]
REPORTED, TARGETS = "reported", validation.TARGETS
DRAWN = ("measured memory", "inference", "training throughput", "alignment")
table_of, ratios = catalog.table("coefficients"), catalog.table("measured_ratios").values()
met = [group for group in TARGETS if validation.met(group, result)]
earned = {group: validation.computed_factor(group, result) for group in DRAWN}
counts, sizes = ([TARGETS[group].holds(p) for p in result.of(group)] for group in validation.EXACT)

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert not result.missing, "every row of the book's own tables must be read"
assert len(result.of(half=REPORTED)) + len(result.of(half="calibration")) == len(result.predicted)
assert all(p.low <= p.high for p in result.predicted if p.low is not None), "intervals must have their ends in order"
assert level > 0 and example.cost.usd >= 0


# %% tags=["remove-cell", "nbval-check-output"]
def share(value):
    return "-" if value is None else fmt.percent(value)


reported = {group: summary[group, REPORTED] for group in DRAWN}
loose = summary["alignment, one input assumed", REPORTED]
loose_factors = [p.factor for p in result.of(loose.group, REPORTED)]
page.publish_all(
    "rows", fmt.number, rows=len(result.predicted), reported_rows=len(result.of(half=REPORTED)), counts_met=sum(counts),
    held_out=len(result.of(half=REPORTED)) - len(counts) - len(sizes), exact_rows=len(counts) + len(sizes),
    fitted_rows=len(result.of(half="calibration")),
    counts_all=len(counts), sizes_met=sum(sizes), sizes_all=len(sizes), alignment_reported=reported["alignment"].count,
    loose_rows=loose.count,
)  # fmt: skip
exact = [*counts, *sizes]
page.publish_all("fraction", fmt.percent, exact_share=sum(exact) / len(exact), level=level, rival=rival)
for key, group in zip(("memory", "inference", "training", "alignment"), DRAWN, strict=True):
    page.publish(f"{key}_earned", earned[group], "ratio", fmt.ratio_2(earned[group]))
    page.publish(f"{key}_coverage", reported[group].coverage, "fraction", share(reported[group].coverage))
    if group != "alignment":
        page.publish(
            f"{key}_error", reported[group].median_error, "fraction", fmt.percent(reported[group].median_error)
        )
page.publish("loose_median", statistics.median(loose_factors), "ratio", fmt.ratio_2(statistics.median(loose_factors)))
page.publish_all("targets", fmt.number, targets_met=len(met), targets_all=len(TARGETS))
page.publish_all("coefficients", fmt.number, coefficients=len(table_of), fitted=len(validation.FITTED))
page.publish("sources", len(validation.CALIBRATION), "sources", fmt.number(len(validation.CALIBRATION)))
page.publish("draws", validation.DRAWS, "draws", fmt.number(validation.DRAWS))
page.publish("example_hours", example.hours, "h", fmt.number(example.hours, 1))
page.publish_all("USD", lambda usd: fmt.usd(usd, 0), example_usd=example.cost.usd,
                 example_low=example.cost.usd / earned["alignment"], example_high=example.cost.usd * earned["alignment"])  # fmt: skip
page.phrase("example_label", f"{example.gpus} x {example.gpu.label}")
page.phrase("example_model", find(aligned_model).label)

# %% [markdown]
# ## Result
#
# ### Errors beside their targets

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-errors",
    ["group", "half", "rows", "median ratio", "median error", "in 1.25x", "in 1.4x", "in 2x", "80 % interval covers"],
    [
        [s.group, s.half, fmt.number(s.count), fmt.number(s.median_ratio, 2), fmt.tenths(s.median_error),
         *map(share, s.within), share(s.coverage)]
        for s in summary.values()
    ],
)  # fmt: skip

# %% [markdown]
# The targets are those of the reported half:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-targets",
    ["group", "target", "met"],
    [[group, str(target), "yes" if group in met else "no"] for group, target in TARGETS.items()],
)

# %% [markdown]
# The target for alignment is judged on {glue:text}`alignment_reported` rows, most of them of the two sources whose other
# runs gave the coefficient for models that take turns. The {glue:text}`loose_rows` reported runs of which one input must be
# assumed, nearly always the mean length, are the better measure of what a reader of a blog post can know: the median is off
# by {glue:text}`loose_median`, too short in most cases.
#
# The first two targets are missed by a few rows each. Within 0.5 % are {glue:text}`counts_met` of {glue:text}`counts_all`
# counts; the others are petaflop/s-days that their sources print with two digits or count by a rule of their own. Analytical
# memory is exact to its printed digits in {glue:text}`sizes_met` of {glue:text}`sizes_all` rows: the rest take 70 for 70.6
# billion parameters, count 1,024 tokens for a thousand, or count heads that the model does not have.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Predicted against measured, in the unit of each row, for the four measured groups. Black: identity; grey band: within 1.4x. Blue: reported half; orange: calibration half.", "name": "fig-trust-measured"}, "image": {"alt": "Four panels with logarithmic axes of measured and predicted values. Points of both halves lie along the diagonal. Memory and generation stay within a narrow grey band; training throughput and alignment times scatter to its edges and beyond."}}
fig, axes = figures.canvas(8.6, 7.6, nrows=2, ncols=2)
colours = {"calibration": figures.ORANGE, REPORTED: figures.BLUE}
for ax, group in zip(axes.flat, DRAWN, strict=True):
    rows = result.of(group)
    ends = [f(p.case.measured for p in rows) for f in (min, max)]
    ends = [ends[0] / 2, ends[1] * 2]
    ax.fill_between(ends, [x / 1.4 for x in ends], [x * 1.4 for x in ends], color=figures.GREY, alpha=0.25, lw=0)
    ax.plot(ends, ends, color="black", lw=1)
    for side, colour in colours.items():
        points = result.of(group, side)
        ax.plot([p.case.measured for p in points], [p.value for p in points], "o", ms=4.5, alpha=0.6, mec="white",
                color=colour, label=side)  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel=f"measured: {group}", ylabel="predicted", xlim=ends, ylim=ends)
    figures.powers(ax.xaxis, ax.yaxis)
    if group == DRAWN[0]:
        ax.legend(loc="upper left")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-trust-measured",
    ["group", "half", "row", "quantity", "unit", "measured [unit]", "predicted [unit]", "low [unit]", "high [unit]"],
    [[p.case.group, p.half, p.case.id, p.case.quantity, p.case.unit, p.case.measured, p.value, p.low, p.high]
     for group in DRAWN for p in result.of(group)],
)  # fmt: skip

# %% [markdown]
# ### The ten worst rows
#
# Of the reported half, groups with a target.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-worst",
    ["row", "what", "predicted", "measured", "ratio", "reason, if known"],
    [
        [p.case.id, f"{p.case.quantity} [{p.case.unit}]".replace("_", " "),
         fmt.number(float(f"{p.value:.3g}"), 0 if p.value >= 100 else 2), fmt.short(p.case.measured),
         fmt.number(p.ratio, 2), validation.reason(p.case.id)]
        for p in validation.worst(result)
    ],
)  # fmt: skip

# %% [markdown]
# ### Intervals, and what each prediction earns
#
# The interval that a prediction of a kind earns is the factor within which four fifths of its reported rows lie. It says
# more than the drawn intervals, which know the ranges of coefficients and nothing of what the model leaves out:
# they cover {glue:text}`inference_coverage` of the reported rows of generation and {glue:text}`alignment_coverage` of
# alignment, {glue:text}`training_coverage` of training and {glue:text}`memory_coverage` of memory, whose sizes differ
# by buffers and fragments that no report describes.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-earned",
    ["kind of number", "where it appears", "80 % of rows within", "drawn intervals cover"],
    [
        [kind, places, fmt.ratio_2(earned[group]), share(reported[group].coverage)]
        for kind, group, places in (
            ("GB on a GPU", "measured memory", "chapters 8 to 10"),
            ("tokens/s and USD of generation", "inference", "chapters 9 to 11, 14; estimate generate, compare"),
            ("GPU-hours of pre-training and packed fine-tuning", "training throughput", "chapters 7, 9"),
            ("GPU-hours, hours and USD of alignment", "alignment",
             "chapters 7, 9, 10, 12 to 16; estimate, compare, the calculator"),
        )
    ],
)  # fmt: skip

# %% [markdown]
# An example with the inputs of this run: PPO of {glue:text}`example_model` on 10,000 prompts takes
# {glue:text}`example_hours` hours on {glue:text}`example_label` and costs {glue:text}`example_usd`; with what was earned
# here, between {glue:text}`example_low` and {glue:text}`example_high`.
#
# ### Shares and ratios of stages
#
# No constant ratio between stages, and no constant share of generation, exists in the literature: both follow from
# lengths, batches, GPUs and software.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Published share of a PPO step that generates (above), and cost of a later stage over that of supervised fine-tuning (below), beside ours where the inputs are known.", "name": "fig-trust-shares"}, "image": {"alt": "Two panels of horizontal rows, one for each published run, with a dot for the published value and a diamond for ours. Shares of generation lie between a quarter and seven tenths. Ratios of stages lie between a sixth and twelve on a logarithmic axis."}}
kinds = {"generation share": "share of the step that generates", "stage over SFT": "cost over that of SFT"}
fig, axes = figures.canvas(7.6, 6.0, nrows=2, height_ratios=[4, 8])
for ax, (what, text) in zip(axes, kinds.items(), strict=True):
    rows = [r for r in ratios if r.what == what][::-1]
    ax.plot([r.value for r in rows], range(len(rows)), "o", color=figures.BLUE, ms=8, label="published")
    known = [(validation.predicted_ratio(r.ours, result), n) for n, r in enumerate(rows) if r.ours]
    ax.plot(*zip(*known, strict=True), "D", color=figures.RED, ms=7, mfc="none", mew=1.8, label="ours")
    ax.set(yticks=range(len(rows)), yticklabels=[r.label for r in rows], xlabel=text)
    ax.grid(axis="x")
axes[0].set(xlim=(0, 1))
axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
axes[1].set(xscale="log")
figures.plain_log(axes[1].xaxis, [0.1, 0.2, 0.5, 1, 2, 5, 10])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-trust-shares",
    ["run", "what", "published [-]", "ours [-]"],
    [[r.label, r.what, r.value, validation.predicted_ratio(r.ours, result) if r.ours else ""]
     for r in ratios if r.what in ("generation share", "stage over SFT")],
)  # fmt: skip

# %% [markdown]
# ### The noise floor
#
# The same job, reported twice. No model of a job can be closer to both reports than half of their distance.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-noise",
    ["job", "larger over smaller", "what was reported", "source"],
    [[r.label, fmt.ratio_2(r.value), r.note, fmt.source(r.source)] for r in ratios if r.what == "same job twice"],
)

# %% [markdown]
# ### Statements examined here
#
# No statement of the two documents is examined here. The article takes its one speed from one of these rows, the
# pre-training of Llama 2 70B ({ref}`sec-infrastructure-efficiency`), and applies it to fine-tuning, generation and DPO alike. The table
# of errors shows how far apart these kinds of work lie.
#
# ## Sensitivity
#
# ### One constant instead
#
# The calibration half trained at a median of {glue:text}`level` of the dense peak. That one number predicts the reported
# half of training throughput with a median error of {glue:text}`rival`; the model has {glue:text}`training_error`. Large
# pre-training runs reach similar shares of the peak, so a constant does nearly as well on them. It says nothing of
# generation, memory, or stages whose models take turns.
#
# ### A check that can fail
#
# The median factor of each group, as it is and with the measured values shuffled among its rows:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-shuffled",
    ["group", "median factor", "with measurements shuffled"],
    [
        [
            group,
            fmt.ratio_2(statistics.median(p.factor for p in result.of(group))),
            fmt.ratio_2(validation.shuffled(group, result)),
        ]
        for group in DRAWN
    ],
)

# %% [markdown]
# ### The coefficients
#
# All of them, with what each was fitted to, if anything.

# %% tags=["hide-cell", "nbval-check-output"]
df = page.table(
    "tab-trust-coefficients",
    ["coefficient", "value", "low", "high", "unit", "fitted", "source"],
    [[c.label, fmt.short(c.value), fmt.short(c.low), fmt.short(c.high), c.unit,
      "to rows" if c.name in validation.FITTED else "no", fmt.source(c.source)] for c in table_of.values()],
)  # fmt: skip

# %% [markdown]
# ## Limits
#
# *Out of scope.* Weights on the host, on disk or spread over a network; TPUs; latency under a live load; training of
# diffusion models; dollars without a price of a GPU-hour; shares of compute whose count is not stated; memory of a step of
# PPO whose layout and batch are not stated. Rows of these kinds are not among the tables of this book, which hold what can
# be predicted; in a table of yours they are listed as not predicted, with the reason.
#
# *What is known to be missing.* Mixtures with small experts train more slowly than their FLOPs say. Layouts that people
# tuned by hand keep more in memory than ours and compute less again. Memory of pipelines is larger than predicted. Runs
# with adapters on consumer cards were measured faster than their peaks allow. Hosts that cannot feed a GPU are modelled by
# one launch time. Quantised models are not charged for their buffers.
#
# *What these measurements are.* Vendors report what went well. Rows of one table share an author, and
# {glue:text}`held_out` rows are far fewer independent tests. Some values were read in copies or off plots, as
# their status says ({ref}`sec-data`).
#
# *Choice.* Which effects deserved a term was decided with the misses in view. The next table of measurements, one that
# nobody has seen, is the better judge: `costlib validate` takes it ({doc}`/book/validate`). It happened once: the tables
# of A100 runs were read after the model had been fitted to those of H100 by the same authors. They showed that attention
# does not scale with the peak, which is now a property of a GPU's generation; since then they belong to the calibration
# half.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 17 -p aligned_model=llama-3.1-8b -p cluster_gpu=h100-sxm-80gb
# papermill notebooks/17_validation.ipynb out.ipynb -p num_gpus 64
# costlib validate mine.csv
# ```
#
# ## References
#
# Pipelines {cite:p}`narayanan2021`, attention and recomputation {cite:p}`korthikanti2022`, kernels
# {cite:p}`dao2024flashattention2,shah2024flashattention3`, fragments {cite:p}`rajbhandari2020zero`, long runs
# {cite:p}`grattafiori2024llama3`, a job measured again {cite:p}`openrlhf2024issue327`. The sources of the measurements are
# in {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
