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
# (sec-caveats)=
# # What the caveats really do
#
# **Question.** The article names what its ratio depends on (the price of a GPU, the size of the model, the number of
# pairs) and says that the ratio holds. Does it, and what happens if the pipeline is priced as its paper describes it?
#
# **Answer.** The ratio is inversely proportional to the GPU price: ten times cheaper is lost above
# {glue:text}`ten_times_price` per GPU-hour. The pipeline costs {glue:text}`start_usd` in this run. Priced as the paper
# describes it, it costs {glue:text}`paper_usd`, and the ratio is {glue:text}`paper_ratio_low` to
# {glue:text}`paper_ratio_high`; at the list price of the instance when it was launched, {glue:text}`list_ratio_low` to
# {glue:text}`list_ratio_high`; with a token length that was measured, {glue:text}`real_length_ratio_low` to
# {glue:text}`real_length_ratio_high`.

# %% tags=["parameters"]
price_usd_per_pair_low: float = 0.3  # price of one human comparison at the low end [USD/pair]
price_usd_per_pair_high: float = 1.5  # price of one human comparison at the high end [USD/pair]
model_parameters: float = 70e9  # parameters of the model that is aligned [parameters]
sustained_tflops: float = 135.63368055555557  # sustained speed of one GPU as back-solved in chapter 3 [TFLOP/s]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
sequence_length: int = 4096  # tokens charged for each example, call and answer [tokens]
epochs: int = 1  # passes over the training data [-]
num_sft_examples: int = 4830  # seed examples of supervised fine-tuning [examples]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
responses_per_prompt: int = 4  # candidate responses sampled for each prompt [-]
pairs_per_prompt: float = 2.0  # preference pairs kept of each prompt [-]
judgments_per_response: int = 1  # judgments sampled for each response [-]
dpo_rounds: int = 1  # rounds whose pairs DPO trains on (1: M1, 2: M1 and M2) [-]
list_price_usd_per_gpu_hour: float = 4.096575  # list price of the named instance when it was launched [USD/GPU-h]
measured_sequence_length: int = 891  # tokens of one judge call as published [tokens]

# %% tags=["remove-cell"]
import numpy as np

from costlib.base import fmt
from costlib.economics import scenarios
from costlib.facts import catalog
from costlib.facts import prices as listed
from costlib.facts.claims import check
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-caveats-inputs")

# %% [markdown]
# ## Model
#
# Equations {eq}`eq-synthetic-cost` to {eq}`eq-ratio` stay; one input at a time is changed in them. The human side has no
# GPU in it, so for fixed counts the ratio is
#
# $$ R(p) = R(p_0)\,\frac{p_0}{p} $$ (eq-price-law)
#
# and it falls below a threshold $R^*$ at the price $p^* = p_0\, R(p_0) / R^*$. A scenario of $n$ pairs keeps the cost of
# fine-tuning and scales the rest, with the split between the rounds unchanged:
#
# $$ C(n) = C_\text{SFT} + \frac{n}{n_0} \left( C_\text{inference} + C_\text{DPO} \right) $$ (eq-cost-of-pairs)

# %%
pairs = scenarios.num_pairs(inputs)
human = np.array([price_usd_per_pair_low, price_usd_per_pair_high]) * pairs
start = scenarios.synthetic_cost(inputs)
ten_times_price = price_usd_per_gpu_hour * human / start.total_usd / 10

# %% tags=["remove-cell"]
steps = {
    "this run": {},
    "DPO on both rounds": {"dpo_rounds": 2},
    "one pair of each prompt,\nthree judgments": {"pairs_per_prompt": 1.0, "judgments_per_response": 3},
    "list price at launch": {"price_usd_per_gpu_hour": list_price_usd_per_gpu_hour},
    "measured length\nof a judge call": {"sequence_length": measured_sequence_length},
}
ladder = scenarios.ladder(inputs, steps.values())
totals = np.array([scenarios.synthetic_cost(values).total_usd for values in ladder])
ratios = np.outer(1 / totals, human)
sizes = {"7B": 7e9, "13B": 13e9, "70B": 70e9, "175B": 175e9}
size_usd = {name: scenarios.synthetic_cost(inputs | {"model_parameters": n}).total_usd for name, n in sizes.items()}
smaller_13b, larger_175b = start.total_usd / size_usd["13B"], size_usd["175B"] / start.total_usd
scale = scenarios.synthetic_usd_at(inputs, np.array([10_000, 100_000]))
growth = scale[1] / scale[0]
prices = [price for price in catalog.table("gpu_prices").values() if price.shown_in == "06_caveats"]
named = catalog.find("gpu_prices", "aws-p4d-on-demand-2025").usd_per_gpu_hour
ratio_at_one_dollar = human * price_usd_per_gpu_hour / start.total_usd
followed = {"A100 80 GB": "a100-sxm-80gb", "H100": "h100-sxm-80gb", "H200": "h200-sxm-141gb", "B200": "b200-sxm-180gb"}
histories = {name: listed.published().history(gpu) for name, gpu in followed.items()}
today = {name: listed.quote(gpu) for name, gpu in followed.items()}
one = [*histories["H100"]["RunPod"].values()]

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert totals[1] >= totals[0] * (1 - 1e-12), "training on more pairs cannot cost less"
law = [scenarios.synthetic_cost(inputs | {"price_usd_per_gpu_hour": p}).total_usd / p for p in (0.5, 5.0)]
assert abs(law[0] / law[1] - 1) < 1e-12, "the cost must be proportional to the GPU price"
assert 1 <= growth <= 10 + 1e-9, "with a fixed part, cost grows by at most the pairs"
assert (ratios[:, 0] <= ratios[:, 1]).all(), "the dearer label must give the larger ratio"

# %% tags=["remove-cell", "nbval-check-output"]
real_length_only = scenarios.synthetic_cost(ladder[2] | {"sequence_length": measured_sequence_length}).total_usd
fixed = scenarios.synthetic_usd_at(inputs, np.array([10_000, 100_000]), fixed_dpo=True)
names = ("start", "both_rounds", "paper", "list_price", "real_length")
page.publish_all("USD", fmt.usd, **{f"{name}_usd": usd for name, usd in zip(names, totals, strict=True)},
                 real_length_only_usd=real_length_only)  # fmt: skip
for name, (low, high) in zip(names, ratios, strict=True):
    key = name.removesuffix("_price")
    page.publish_all("ratio", fmt.ratio, **{f"{key}_ratio_low": low, f"{key}_ratio_high": high})
page.publish("ten_times_price", ten_times_price[0], "USD/GPU-h", fmt.usd(ten_times_price[0], 3))
page.publish_all("USD/GPU-h", fmt.usd, break_even_price=10 * ten_times_price[0], gpu_price=price_usd_per_gpu_hour)
page.publish_all("USD/GPU-h", lambda usd: fmt.usd(usd, 4), named_price=named, list_price=list_price_usd_per_gpu_hour)
page.publish_all("ratio", lambda ratio: fmt.ratio(ratio, 2), smaller_7b=start.total_usd / size_usd["7B"],
                 smaller_13b=smaller_13b, larger_175b=larger_175b, scale_growth=growth,
                 scale_growth_dpo_fixed=fixed[1] / fixed[0])  # fmt: skip
page.publish_all("USD/GPU-h", fmt.usd, h100_first=one[0], h100_least=min(one), h100_last=one[-1],
                 h100_today=today["H100"].usd, a100_today=today["A100 80 GB"].usd, b200_today=today["B200"].usd)  # fmt: skip
page.publish("h100_providers", today["H100"].providers, "providers", fmt.number(today["H100"].providers))
page.publish("length", measured_sequence_length, "tokens", fmt.number(measured_sequence_length))

# %% [markdown]
# ## Result
#
# ### The ladder of corrections
#
# Each rung keeps the ones before it and changes one thing. The second and third follow the cited paper
# {cite:p}`yuan2024selfrewarding`: it trains on the pairs of both rounds, keeps one pair of each prompt, and averages three
# judgments of each response. These counts are lower bounds, since ties and filtered prompts are left out. The fourth
# takes the list price of the instance that the article names, as it was until May 2025. The last takes the length of a
# judge call that another paper measured {cite:p}`lee2024rlaif`, {glue:text}`length` tokens, for every example, call
# and answer.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-caveats-ladder",
    ["step", "total", "cost per pair", "low ratio", "high ratio"],
    [
        [name.replace("\n", " "), fmt.usd(usd), fmt.usd(usd / pairs, 4), fmt.ratio(low), fmt.ratio(high)]
        for name, usd, (low, high) in zip(steps, totals, ratios, strict=True)
    ],
)

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "One pipeline, five prices. Each step changes one input and keeps the earlier ones; the ratio to human labels, written beside the bars, goes from {glue:text}`start_ratio_low` and {glue:text}`start_ratio_high` to {glue:text}`list_ratio_low` and {glue:text}`list_ratio_high` at the list price, and to {glue:text}`real_length_ratio_low` and {glue:text}`real_length_ratio_high` with the measured length.", "name": "fig-ladder"}, "image": {"alt": "Horizontal bars of the total synthetic cost after each correction, from this run's total through both rounds of DPO, the paper's calls and the list price to the measured token length, with the low and high ratio beside each bar."}}
fig, ax = figures.canvas(7, 3.4)
colours = [figures.GREY, figures.ORANGE, figures.ORANGE, figures.ORANGE, figures.BLUE]
ax.barh(list(steps)[::-1], totals[::-1], color=colours[::-1], height=0.62)
for name, usd, (low, high) in zip(steps, totals, ratios, strict=True):
    figures.say(ax, usd, name, f"{fmt.usd(usd, 0)}   {fmt.ratio(low)} to {fmt.ratio(high)}")
ax.set(xlabel="total synthetic cost [USD]", xlim=(0, totals.max() * 1.46))
figures.dollars(ax.xaxis)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-ladder",
    ["step", "total [USD]", "ratio at the low label price [-]", "ratio at the high label price [-]"],
    [[name.replace("\n", " "), usd, *row] for name, usd, row in zip(steps, totals, ratios, strict=True)],
)

# %% [markdown]
# At this run's GPU price and with the paper's procedure, the measured length alone brings the total to
# {glue:text}`real_length_only_usd`: the corrections pull in both directions and roughly cancel or not, depending on
# which are believed. None of the totals is the right one. The spread is the result.
#
# ### Price
#
# The article gives $2.50 per GPU-hour as the on-demand price of an AWS p4d.24xlarge. No date was found at which it
# was: the list price of that instance was {glue:text}`list_price` until May 2025 and is {glue:text}`named_price` since.
# That instance also holds the 40 GB A100, while the speed of {ref}`sec-infrastructure-efficiency` was measured on the
# 80 GB part.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-caveats-gpu-prices",
    ["provider and instance", "kind", "from", "to", "price per GPU-hour", "total", "low ratio", "high ratio"],
    [
        [f"{p.provider} {p.instance}", p.kind, p.valid_from, p.valid_to, fmt.usd(p.usd_per_gpu_hour, 4),
         fmt.usd(start.total_usd * p.usd_per_gpu_hour / price_usd_per_gpu_hour),
         *map(fmt.ratio, ratio_at_one_dollar / p.usd_per_gpu_hour)]
        for p in sorted(prices, key=lambda p: p.usd_per_gpu_hour)
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The ratio against the price of a GPU. Both lines fall in proportion to the price; the lower one crosses ten at {glue:text}`ten_times_price` and one at {glue:text}`break_even_price` per GPU-hour. Ticks along the foot are prices of A100 GPUs found in price lists.", "name": "fig-price-law"}, "image": {"alt": "Two falling straight lines on logarithmic axes: the ratio of human to synthetic cost against the GPU price, for the low and the high label price, with a dotted line at ten and small marks for published prices."}}
fig, ax = figures.canvas(7, 3.4)
grid = np.geomspace(0.25, 40, 50)
for q, usd, colour in zip(("low", "high"), human, (figures.ORANGE, figures.RED), strict=True):
    ax.plot(grid, usd / start.total_usd * price_usd_per_gpu_hour / grid, color=colour, lw=2, label=f"{q} label price")
    ax.plot(price_usd_per_gpu_hour, usd / start.total_usd, "o", color=colour)
foot = np.array([p.usd_per_gpu_hour for p in prices])
at_foot = {"ms": 10, "mew": 1.5, "transform": ax.get_xaxis_transform()}
ax.plot(foot, np.full_like(foot, 0.03), "|", color=figures.BLUE, **at_foot)
ax.axhline(10, color=figures.GREY, lw=1, ls=":")
ax.axhline(1, color=figures.GREY, lw=1, ls="-")
ax.set(xscale="log", yscale="log", xlabel="price of a GPU [USD per GPU-hour]", ylabel="human cost / synthetic cost")
ax.legend()
figures.plain_log(ax.xaxis, [0.25, 0.5, 1, 2, 4, 8, 16, 32], lambda v: fmt.usd(v, 2 if v < 1 else 0))
figures.plain_log(ax.yaxis, [1, 3, 10, 30, 100, 300], lambda v: fmt.ratio(v, 0))

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-price-law",
    ["mark", "price of a GPU [USD/GPU-h]", "ratio at the low label price [-]", "ratio at the high label price [-]"],
    [[name, price, *(ratio_at_one_dollar / price)]
     for name, price in [("dot, this run", price_usd_per_gpu_hour), *(("line", price) for price in grid),
                         *((f"tick, {p.name}", p.usd_per_gpu_hour) for p in prices)]],
)  # fmt: skip

# %% [markdown]
# So the statement that the ratio holds across reserved, spot and list prices does not follow. The synthetic cost moves
# with the price, the human cost does not, and the ratio moves with the inverse of the price.
#
# ### Price over time
#
# Prices are of a day. One provider asked {glue:text}`h100_first` for an hour of an H100 in July 2024, {glue:text}`h100_least`
# in March 2025 and {glue:text}`h100_last` in November 2026. Smaller clouds moved the same way, down to 2025 and up again in
# 2026, and asked more for the newer parts as well; the list prices of the large ones have stood since the cut of June 2025.
# A list that ends in 2025 has only the fall.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What providers asked for a GPU-hour on demand, from 2022 to November 2026. A line follows one provider from list to list, a grey dot is a list of another provider. At the end of the time the median is {glue:text}`h100_today` for the H100, of {glue:text}`h100_providers` providers, {glue:text}`a100_today` for the A100 and {glue:text}`b200_today` for the B200.", "name": "fig-price-time"}, "image": {"alt": "Four panels of prices on a logarithmic axis against the years 2022 to 2026, for the A100, H100, H200 and B200. Lines of single providers for the A100 lie between one and five dollars; those for the H100 fall to 2025, and those of smaller clouds rise in 2026; for the H200 and B200 those of smaller clouds rise as well."}}
fig, axes = figures.canvas(7.4, 5.6, nrows=2, ncols=2, sharex=True, sharey=True)
lists = [(name, provider, day.year + day.timetuple().tm_yday / 366, usd)
         for name, found in histories.items() for provider, by_day in found.items() for day, usd in by_day.items()]  # fmt: skip
fig.supxlabel("list read [year]", fontsize=12.5)
fig.supylabel("price of a GPU [USD per GPU-hour]", fontsize=12.5)
drawn = dict(zip(("AWS", "Lambda", "RunPod", "OCI", "Nebius", "Verda"), figures.CYCLE, strict=False))
for ax, name in zip(axes.flat, histories, strict=True):
    points = [(provider, at, usd) for gpu, provider, at, usd in lists if gpu == name]
    ax.plot(
        *zip(*((at, usd) for provider, at, usd in points if provider not in drawn), strict=True), ".", color="#999999"
    )
    for provider, colour in drawn.items():
        ax.plot(*np.array([(at, usd) for who, at, usd in points if who == provider]).reshape(-1, 2).T, "o-", ms=3.5, lw=1.6,
                color=colour, label=provider)  # fmt: skip
    ax.set(yscale="log", title=name, ylim=(1, 20), xlim=(2022, 2027), xticks=(2022, 2024, 2026))
axes[1, 1].legend(loc="upper left")
for ax in axes.flat:
    figures.plain_log(ax.yaxis, [1, 2, 5, 10, 20], figures.usd_tick)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-price-time", ["GPU", "provider", "list read [year]", "price [USD/GPU-h]"], lists)

# %% [markdown]
# ### Model size
#
# At the same speed the cost is proportional to the parameters:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-caveats-model-size",
    ["model", "total", "against this run", "low ratio", "high ratio"],
    [
        [name, fmt.usd(usd), fmt.ratio(usd / start.total_usd, 2), *map(fmt.ratio, human / usd)]
        for name, usd in size_usd.items()
    ],
)

# %% [markdown]
# Against this run, a model of 7B is
# {glue:text}`smaller_7b` cheaper and one of 13B {glue:text}`smaller_13b`, where the article gives about ten for both; a
# model of 175B costs {glue:text}`larger_175b` as much, where it gives about three. That smaller models favour synthetic
# labels holds for the arithmetic alone: smaller models also judge worse. In one test 56 % of the verdicts of a small
# judge stayed with the position when the two candidates were swapped, and 18 % of a large one's
# {cite:p}`lee2024rlaif`.
#
# ### Scale
#
# Fine-tuning is paid once, whatever the number of pairs:

# %% tags=["hide-input", "nbval-check-output"]
scale_usd = {n: scenarios.synthetic_usd_at(inputs, n) for n in (10_000, 30_000, 100_000)}
df = page.table(
    "tab-caveats-scale",
    ["pairs", "total", "cost per pair", "low ratio", "high ratio"],
    [
        [fmt.number(n), fmt.usd(usd), fmt.usd(usd / n, 4), *map(fmt.ratio, n * human / pairs / usd)]
        for n, usd in scale_usd.items()
    ],
)

# %% [markdown]
# From 10,000 to 100,000 pairs the cost grows by {glue:text}`scale_growth`, and by {glue:text}`scale_growth_dpo_fixed` if
# DPO is paid once too. The article says roughly ten times. That is the limit for many pairs, and human labels grow by
# exactly ten in the same model: beyond the fixed part, scale favours neither side.
#
# ### Own hardware, hosted models
#
# The article adds that own hardware may cost less for each hour, and hosted models more. Electricity is a small part of the rent
# of a GPU ({ref}`sec-optimisation`); purchase and idle hours decide the rest, and are not modelled. A premium hosted model costs
# more for each token than the article's own, and a small one less ({ref}`sec-synthetic-cost`).
#
# ### Quality
#
# The article asks whether synthetic preferences align as well, and whether judges err in other ways than people. The outcomes have
# no common sign. Where people rated models, AlpacaFarm's model from human labels was ahead of the one from labels of GPT-4; where
# GPT-4 or Claude rated, it was behind {cite:p}`dubois2023alpacafarm,li2023alpacaeval`. On the second question the answer is yes:
# most of GPT-4's disagreement with people on AlpacaEval is one that it repeats {cite:p}`li2023alpacaeval`. More labels average
# out the errors that people make at random, and leave those.
#
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
spread = [ratio for price in prices for ratio in ratio_at_one_dollar / price.usd_per_gpu_hour]
reserved, spot = (
    catalog.find("gpu_prices", f"aws-p4d-{kind}").usd_per_gpu_hour for kind in ("reserved-1y-2026", "spot-median")
)
page.ledger(
    "06_caveats",
    check("B079", growth),
    check("B092", named), check("B093", reserved), check("B094", spot),
    check("B095", min(spread), max(spread)),
    check("B097", smaller_13b), check("B098", larger_175b),
    check("B103", *ratios[2]),
)  # fmt: skip

# %% [markdown]
# ## Sensitivity
#
# What each correction does alone, from this run's total:

# %% tags=["hide-input", "nbval-check-output"]
single = {
    "DPO on both rounds": {"dpo_rounds": 2},
    "one pair of each prompt": {"pairs_per_prompt": 1.0},
    "three judgments of each response": {"judgments_per_response": 3},
    "list price at launch": {"price_usd_per_gpu_hour": list_price_usd_per_gpu_hour},
    "measured length of a judge call": {"sequence_length": measured_sequence_length},
}
alone = {name: scenarios.synthetic_cost(inputs | change).total_usd for name, change in single.items()}
df = page.table(
    "tab-caveats-single-changes",
    ["change", "total", "against this run", "low ratio", "high ratio"],
    [
        [name, fmt.usd(usd), fmt.ratio(usd / start.total_usd, 2), *map(fmt.ratio, human / usd)]
        for name, usd in alone.items()
    ],
)

# %% [markdown]
# ## Limits
#
# Every rung keeps the assumption that generation runs at the speed of pre-training, which is far too fast for it, and
# that human prices do not move. The measured length is that of one judge prompt on one data set, and is used for
# answers and training examples too. What would change the conclusion: token counts of the pipeline itself, and a
# measured speed of its generation. Part II computes the second, Part III puts ranges on all of them.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 06 \
#   -p price_usd_per_gpu_hour=1.9 -p price_usd_per_pair_low=0.67
# papermill notebooks/06_caveats.ipynb out.ipynb -p price_usd_per_gpu_hour 1.9
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, the paper whose pipeline it prices {cite:p}`yuan2024selfrewarding`, the judge
# calls and judge sizes {cite:p}`lee2024rlaif`, and the price lists in {ref}`sec-data`. Outcomes and judges {cite:p}`dubois2023alpacafarm,li2023alpacaeval`. Full entries:
# {doc}`/book/bibliography`.
