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
# **Answer.** {glue:text}`held_out` published measurements of {glue:text}`sources` sources are each predicted with
# coefficients that were fitted without their source. Half of them lie within {glue:text}`memory_factor` for memory,
# {glue:text}`training_factor` for the speed of training, {glue:text}`inference_factor` for generation by a known engine
# and {glue:text}`alignment_factor` for whole jobs of alignment. The 80 % intervals, each made of the errors of other
# sources, hold {glue:text}`memory_coverage`, {glue:text}`training_coverage`, {glue:text}`inference_coverage` and
# {glue:text}`alignment_coverage` of these rows; {glue:text}`targets_met` of {glue:text}`targets_all` targets are met.
# So multiply a price of GPU time by {glue:text}`alignment_low` and {glue:text}`alignment_high` before you promise it.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
aligned_model: str = "llama-2-7b"  # model that Part II aligns [-]
cluster_gpu: str = "a100-sxm-80gb"  # GPU that the stages of Part II run on [-]
num_gpus: int = 8  # GPUs that work together [GPUs]
prompt_tokens: int = 256  # mean tokens of a prompt [tokens]
response_tokens: int = 256  # mean tokens of a response [tokens]

# %% tags=["remove-cell"]
import statistics

from costlib import validation
from costlib.base import fmt
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
# and a group is described by the medians of $r_i$ and $f_i$ and by the shares with $f_i$ up to 1.25, 1.4 and 2.
#
# *Fitted by one rule.* {glue:text}`coefficients` coefficients turn FLOPs and bytes into seconds and gigabytes;
# {glue:text}`fitted` are fitted, each once, to the rows of the groups that its row in the facts names, within bounds. Rows
# of a source have a mean distance, and the mean over sources is least, so that a source of two hundred rows does not
# drown one of three. `make fit` repeats it, and a test fails when a stated value is not the one that fits.
#
# *One source left out.* For each source the coefficients are fitted again without it, and these predict its rows. A
# reader's run is of a source that the fit has not seen, so this is the error that it will have. What the source shares
# with others, its framework or its authors' habits, stays in the fit: the errors are, if anything, too small.
# The rule that makes an interval of these errors was chosen among seven because it covers nearest to 80 % of them, so
# that the coverage below flatters; only rows that nobody here has seen can judge it.
#
# *Intervals.* Errors are taken together by *regime*: memory by method, training by kind, generation by engine, PPO and
# GRPO by placement, and so on. Each of $m$ sources weighs the same, and the ends are the quantiles
#
# $$ q = \frac{1}{m} \left( \frac{m + 1/2}{10} - \frac{1}{4} \right) \quad\text{and}\quad 1 - q $$ (eq-trust-ends)
#
# of $\ln y / \hat y$, speeds taken as times: the levels of a tenth, moved out as if a quarter of a source lay beyond either end, since a new source is one more. They are skewed
# where errors are. A regime of fewer than three sources takes the errors of the regime above it, and an interval always
# holds the prediction itself. Beyond the longest sequence, the most GPUs and the largest model that were measured, each end
# moves out by the fourth root of the excess, and the answer says so.
#
# *Coverage* is checked without the source: the interval of a row here is made of the errors of all other sources. Its
# width is high over low, and its score the logarithm of that, plus ten times the distance, on the same scale, of a
# measured value that lies outside. A wide interval covers easily; the score tells.
#
# *Silent reports.* A layout that a report omits is the fastest that fits. A pipeline of $p$ stages with $m$ micro-batches
# and $v$ chunks on each GPU idles for $(p - 1) / (v m)$ of its working time {cite:p}`narayanan2021`. Attention that is
# written out moves its squares to memory and back. In unpacked training each step waits for its longest sequence: of $n$
# lengths below $L$ with the mean $s_\text{mean}$, spread by a power law,
#
# $$ \mathbb{E}[\max] = L\,\frac{n a}{n a + 1}, \quad a = \frac{s_\text{mean}}{L - s_\text{mean}} $$ (eq-trust-longest)

# %%
result = validation.own()
summary = {row.group: row for row in validation.summary(result)}
level, rival = validation.constant_utilisation(result)
example = estimate("ppo", aligned_model, cluster_gpu, num_gpus, 10_000, prompt_tokens, response_tokens,
                   price_usd_per_gpu_hour=price_usd_per_gpu_hour)  # fmt: skip

# %% tags=["remove-cell"]
DRAWN = ("measured memory", "inference", "training throughput", "alignment")
tables = {name: catalog.table(name) for name in ("coefficients", "fits", "regimes", "targets", "measured_ratios")}
table_of, ratios = tables["coefficients"], tables["measured_ratios"].values()
judged = {name: summary[name] for name in tables["targets"] if name in summary}
missed = {name: validation.target(name).missed(result.of(name)) for name in judged}
scored = validation.scored(result)
by_source = validation.by_source(result)
counted = validation.counted()
counts, sizes = ([validation.target(group).holds(p) for p in result.of(group)] for group in validation.EXACT)

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert all(row.reason for row in result.missing), "every row is predicted, or refused with the missing input"
assert all(p.low <= p.value <= p.high for p in result.predicted if p.low is not None), "a prediction is in its interval"
assert all(p.half == validation.LEFT_OUT for p in result.predicted), "every row must be predicted without its source"
assert level > 0 and example.cost.usd >= 0


# %% tags=["remove-cell", "nbval-check-output"]
def share(value):
    return "-" if value is None else fmt.percent(value)


loose = summary["alignment, one input assumed"]
page.publish_all(
    "rows", fmt.number, rows=len(result.predicted), held_out=len(scored), exact_rows=len(counts) + len(sizes),
    counts_met=sum(counts), counts_all=len(counts), sizes_met=sum(sizes), sizes_all=len(sizes),
    alignment_reported=summary["alignment"].count, loose_rows=loose.count,
    from_memory=sum(row.left_out for row in counted),
)  # fmt: skip
exact = [*counts, *sizes]
page.publish_all("fraction", fmt.percent, exact_share=sum(exact) / len(exact), level=level)
page.publish("rival_factor", rival, "ratio", fmt.ratio_2(rival))
for key, group in zip(("memory", "inference", "training", "alignment"), DRAWN, strict=True):
    row, known = summary[group], tables["regimes"][group]
    page.publish_all("ratio", fmt.ratio_2, **{f"{key}_factor": row.median_factor, f"{key}_low": known.low,
                                              f"{key}_high": known.high, f"{key}_width": row.width})  # fmt: skip
    page.publish(f"{key}_error", row.median_error, "fraction", fmt.percent(row.median_error))
    page.publish(f"{key}_coverage", row.coverage, "fraction", share(row.coverage))
page.publish("loose_median", loose.median_factor, "ratio", fmt.ratio_2(loose.median_factor))
page.publish_all("targets", fmt.number, targets_met=sum(not each for each in missed.values()), targets_all=len(missed))
page.publish_all("coefficients", fmt.number, coefficients=len(table_of), fitted=len(tables["fits"]))
page.publish("sources", len({row.source for row in by_source}), "sources",
             fmt.number(len({row.source for row in by_source})))  # fmt: skip
low, high = example.interval(example.cost.usd)
page.publish("example_hours", example.hours, "h", fmt.number(example.hours, 1))
page.publish_all("USD", lambda usd: fmt.usd(usd, 0), example_usd=example.cost.usd, example_low=low, example_high=high)
page.phrase("example_label", f"{example.gpus} x {example.gpu.label}")
page.phrase("example_model", find(aligned_model).label)
page.phrase("example_regime", example.regime)

# %% [markdown]
# ## Result
#
# ### What holds where, source by source
#
# One line is one source, one dot one measurement; the band is the 80 % interval of its group. A source of which all dots
# lie on one side differs in its software, not by chance: rows of one source are one test, however many they are.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Predicted over measured time or size, speeds turned over, by source, each predicted without that source. Band: the 80 % interval of the group; line: equal.", "name": "fig-trust-ratios"}, "image": {"alt": "Four panels with a logarithmic axis of predicted over measured and a row of dots for each source. Most dots of memory and generation lie in a narrow band around one. Sources of training lie on either side of one, and single sources of alignment beyond a factor of two."}}
sizes_of = [len({validation.source(p.case) for p in result.of(group)}) for group in DRAWN]
fig, axes = figures.canvas(8.6, 3 + 0.24 * sum(sizes_of), nrows=4, height_ratios=sizes_of)
for ax, group in zip(axes, DRAWN, strict=True):
    rows = [row for row in by_source if row.group == group][::-1]
    known = tables["regimes"][group]
    ax.axvspan(1 / known.high, 1 / known.low, color=figures.GREY, alpha=0.25, lw=0)
    ax.axvline(1, color="black", lw=1)
    for place, row in enumerate(rows):
        ax.plot(row.ratios, [place] * len(row.ratios), "o", ms=4.5, alpha=0.6, mec="white", color=figures.BLUE)
    ax.set(yticks=range(len(rows)), yticklabels=[row.source for row in rows], xscale="log",
           xlabel=f"predicted over measured: {group}", xlim=(0.1, 10))  # fmt: skip
    figures.plain_log(ax.xaxis, [0.1, 0.2, 0.5, 1, 2, 5, 10])

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-trust-ratios",
    ["group", "source", "predicted over measured [-]"],
    [[row.group, row.source, ratio] for row in by_source if row.group in DRAWN for ratio in row.ratios],
)  # fmt: skip

# %% [markdown]
# ### Errors, and what they should be
#
# All rows are left out of the fit by source. *Noise* is how far two reports of one job lie apart: no model comes nearer.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-errors",
    ["group", "half", "rows", "sources", "median ratio", "median factor", "in 1.25x", "in 1.4x", "in 2x",
     "80 % interval covers", "width", "score"],
    [
        [s.group, s.half, fmt.number(s.count), fmt.number(s.sources), fmt.number(s.median_ratio, 2),
         fmt.ratio_2(s.median_factor), *map(share, s.within), share(s.coverage),
         *("-" if each is None else fmt.number(each, 2) for each in (s.width, s.score))]
        for s in summary.values()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-targets",
    ["group", "target", "met", "missed by", "noise"],
    [[tables["targets"][group].label, str(validation.target(group)), "no" if found else "yes", ", ".join(found) or "-",
      fmt.ratio_2(tables["targets"][group].noise) if tables["targets"][group].noise else "-"]
     for group, found in missed.items()],
)  # fmt: skip

# %% [markdown]
# The {glue:text}`loose_rows` runs of alignment of which one input must be assumed, nearly always the mean length, say what a
# reader of a blog post can know: the median is off by {glue:text}`loose_median`, too short in most cases.
#
# ### What was counted
#
# Measurements are one thing; counts of FLOPs, and sizes that follow from a printed formula, are another: they check that we
# count as others do, and agree to rounding in {glue:text}`exact_share` of the rows. Counts are within 0.5 % in
# {glue:text}`counts_met` of {glue:text}`counts_all`, the others being petaflop/s-days of two digits or by a rule of their
# own. Sizes are exact to their printed digits in {glue:text}`sizes_met` of {glue:text}`sizes_all`: the rest take 70 for
# 70.6 billion parameters, count 1,024 tokens for a thousand, or heads that the model does not have.
# {glue:text}`from_memory` rows of the tables are left out, each with its reason; those that were once written from memory
# and could not be read again are among them, and no number of this chapter rests on one.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-counted",
    [
        "table",
        "rows collected",
        "left out",
        "refused",
        "predictions",
        "of measurements",
        "of counts and formulas",
        "sources",
    ],
    [[row.table, *map(fmt.number, row[1:])] for row in counted],
)

# %% [markdown]
# ### Coverage by source
#
# Of the rows of each source, how many lie in an interval made of the errors of all others.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-sources",
    ["group", "source", "rows", "median ratio", "covered", "width"],
    [[row.group, fmt.source(row.source), fmt.number(len(row.ratios)), fmt.number(row.median, 2), share(row.covered),
      fmt.number(row.width, 2)] for row in by_source if row.group in DRAWN],
)  # fmt: skip

# %% [markdown]
# ### The ten worst rows
#
# Of groups with a target.

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
# ### The interval of each regime
#
# A predicted time or size of a regime, times *low* and *high*, holds four in five measurements; speeds are times turned over. *Errors of* names the regime whose errors
# these are, where its own sources are too few. Beyond what was measured, answers are wider.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-earned",
    ["regime", "low", "high", "errors of", "rows", "sources", "longest sequence", "most GPUs", "until"],
    [[each.name, fmt.number(each.low, 2), fmt.number(each.high, 2), each.of, fmt.number(each.rows),
      fmt.number(each.sources), *("-" if size is None else fmt.number(size) for size in (each.tokens, each.gpus)),
      "-" if each.year is None else str(int(each.year))] for each in tables["regimes"].values()],
)  # fmt: skip

# %% [markdown]
# An example with the inputs of this run: PPO of {glue:text}`example_model` on 10,000 prompts takes
# {glue:text}`example_hours` hours on {glue:text}`example_label` and costs {glue:text}`example_usd`. Its regime is
# {glue:text}`example_regime`, so four in five such runs cost between {glue:text}`example_low` and
# {glue:text}`example_high`.
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
# The simplest peer is one number. Sources trained at a median of {glue:text}`level` of the dense peak; that median, of other
# sources, predicts the speed of a row with a median factor of {glue:text}`rival_factor`, and the model with
# {glue:text}`training_factor`. Large pre-training runs reach similar shares of the peak, so a constant does well on them. It
# says nothing of generation, memory, or stages whose models take turns.
#
# ### Another estimator on the same rows
#
# Each was run once, in the version shown, on the rows that it can take, with the inputs of the rows; ours are left out of the
# fit by source.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-peers",
    ["estimator", "version", "group", "rows", "sources", "its median factor", "ours", "its share within", "ours within",
     "factor"],
    [[each.label, each.version, each.group, fmt.number(each.rows), fmt.number(each.sources), fmt.ratio_2(each.median),
      fmt.ratio_2(each.ours_median), share(each.share), share(each.ours_share), fmt.ratio_2(each.factor)]
     for each in catalog.table("peers").values()],
)  # fmt: skip

# %% [markdown]
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
# All of them, with the groups of rows to which each is fitted, if any.

# %% tags=["hide-cell", "nbval-check-output"]
df = page.table(
    "tab-trust-coefficients",
    ["coefficient", "value", "low", "high", "unit", "fitted to", "source"],
    [[c.label, fmt.short(c.value), fmt.short(c.low), fmt.short(c.high), c.unit,
      tables["fits"][c.name].fitted_to.replace("|", ", ") if c.name in tables["fits"] else "-", fmt.source(c.source)]
     for c in table_of.values()],
)  # fmt: skip

# %% [markdown]
# ### Registered before it was predicted
#
# A test that was chosen after its result is none. The tables of measurements of this version, by their hashes, and the
# rule by which a source that joins them later will be judged:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-trust-registered",
    ["table", "version", "rows", "SHA-256", "rule"],
    [[each.name, each.version, fmt.number(each.rows), each.sha256[:16], each.rule]
     for each in catalog.table("registrations").values()],
)  # fmt: skip

# %% [markdown]
# ## Limits
#
# *Out of scope.* Weights on the host, on disk or spread over a network while answers are written; TPUs; latency under a live
# load; training of diffusion models; dollars without a price of a GPU-hour; shares of compute whose count is not stated.
# In a table of yours such rows are listed as not predicted, with the reason.
#
# *What these measurements are.* Vendors report what went well. Rows of one table share an author, and
# {glue:text}`held_out` rows are {glue:text}`sources` sources, which is the number that counts: an interval of three or four
# sources is little more than their extremes. Some values were read in copies or off plots, as their status says
# ({ref}`sec-data`).
#
# *Choice.* Which effects deserved a term was decided with the misses in view; leaving a source out of the fit does not
# undo that. The next table of measurements, one that nobody has seen, is the better judge: `costlib validate` takes it
# ({doc}`/book/validate`).
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
# {cite:p}`grattafiori2024llama3`, a job measured again {cite:p}`openrlhf2024issue327`, another estimator
# {cite:p}`ftuneai2026`. The sources of the measurements are
# in {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
