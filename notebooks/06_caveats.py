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
# # Does the ratio survive its caveats?
#
# Not as the article says: the ratio falls as the price of a GPU rises, and at the low price of a pair ten times cheaper is lost
# above {glue:text}`ten_times_price` for an hour of one. Price the model's side as the cited paper describes it, and people cost
# {glue:text}`paper_ratio_low` to {glue:text}`paper_ratio_high` as much. Add a list price and a measured length of texts, and they cost
# {glue:text}`real_length_ratio_low` to {glue:text}`real_length_ratio_high`.
#
# Which one may you quote? To correct the article, {glue:text}`paper_ratio_low` to {glue:text}`paper_ratio_high`: its price and lengths
# stay, and the work becomes what its source did. The last pair rests on one judge's prompt and a list price that is past. Of any ratio,
# ask the price of a GPU-hour, the calls for each pair and the length of a text; for a project, quote none of this page
# ({ref}`sec-equal-footing`).

# %% tags=["parameters", "remove-cell"]
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

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
pairs = scenarios.num_pairs(inputs)
human = np.array([price_usd_per_pair_low, price_usd_per_pair_high]) * pairs
start = scenarios.synthetic_cost(inputs)
ten_times_price = price_usd_per_gpu_hour * human / start.total_usd / 10
steps = {
    "the pipeline\nof chapter 4": {},
    "DPO on\nboth rounds": {"dpo_rounds": 2},
    "one pair a prompt,\nthree judgments": {"pairs_per_prompt": 1.0, "judgments_per_response": 3},
    "list price\nat launch": {"price_usd_per_gpu_hour": list_price_usd_per_gpu_hour},
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
of_one = histories["H100"]["RunPod"]
one = [*of_one.values()]

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
for key, day in {"first": min(of_one), "least": min(of_one, key=of_one.get), "last": max(of_one)}.items():
    page.phrase(f"h100_{key}_when", f"{day:%B %Y}")
page.publish("h100_providers", today["H100"].providers, "providers", fmt.number(today["H100"].providers))
page.publish("length", measured_sequence_length, "tokens", fmt.number(measured_sequence_length))

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "One pipeline, five prices. Each step keeps those before it and changes one thing: orange raises the bill, blue lowers it, and each bar starts where the one above ends. Beside it stand the bill so far and how many times as much people's labels cost, at the low and at the high price of a pair.", "name": "fig-ladder"}, "image": {"alt": "A waterfall of horizontal bars: the pipeline as the article prices it, then training on both rounds, the paper's calls, the list price and the measured token length, each bar from the bill before to the bill after it, and the bill that remains. The dollars so far and two ratios stand beside each bar."}}
fig, ax = figures.canvas(5.0, 4.3)
before = np.concatenate([[0], totals[:-1]])
hues = [figures.GREY, *np.where(np.diff(totals) >= 0, figures.ORANGE, figures.BLUE), figures.GREY]
ax.barh([*steps, "all four\nsteps"], [*(totals - before), totals[-1]], left=[*before, 0], color=hues, height=0.6)
for place, (usd, (low, high)) in enumerate(zip(totals, ratios, strict=True)):
    last = place == len(totals) - 1  # it stands with all steps, one row below
    place_x = usd if last else max(before[place], usd)
    figures.say(ax, place_x, place + last, f"{fmt.usd(usd, 0)}\n{fmt.ratio(low)} to {fmt.ratio(high)}")
    ax.plot([usd, usd], [place - 0.3, place + 1.3], color="black", lw=0.7)
ax.invert_yaxis()
ax.set(xlabel="cost of the synthetic pipeline [USD]", xlim=(0, totals.max() * 1.62))
ax.tick_params(axis="y", length=0)
ax.locator_params(axis="x", nbins=3)
figures.dollars(ax.xaxis, 0 if totals.max() >= 10 else 2)
first, peak, end = (fmt.usd(usd, 0) for usd in (totals[0], totals.max(), totals[-1]))
way = f"up to {peak}, then down to {end}" if totals.max() > 1.01 * max(totals[0], totals[-1]) else f"to {end}"
figures.title(ax, f"Four corrections take the bill from {first} {way}", 28)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-ladder",
    ["step", "total [USD]", "ratio at the low label price [-]", "ratio at the high label price [-]"],
    [[name.replace("\n", " "), usd, *row] for name, usd, row in zip(steps, totals, ratios, strict=True)],
)

# %% [markdown]
# ## The cited paper does more than the article charges for
#
# *Both rounds, and the calls.* The paper {cite:p}`yuan2024selfrewarding` trains on the pairs of both rounds, keeps one pair of each
# prompt and asks three times about each answer ({ref}`sec-synthetic-cost` has what each of the three does alone). Together they make
# the pipeline cost {glue:text}`paper_usd` instead of {glue:text}`start_usd`, or more: prompts that are filtered out and ties would come
# on top.
#
# *The price.* Until May 2025 the machine that the article names had another list price, {glue:text}`list_price` a GPU-hour.
#
# *The length.* The article counts each text as a full sequence. Another paper measured a judge's call {cite:p}`lee2024rlaif`:
# {glue:text}`length` tokens, pieces of words. Taken for every text, it brings the paper's pipeline to
# {glue:text}`real_length_only_usd` before its price is corrected.
#
# So the corrections need not pull the same way, and how far they cancel depends on which of them you believe. The last two alone:

# %% tags=["hide-input", "nbval-check-output"]
single = {
    "list price at launch": {"price_usd_per_gpu_hour": list_price_usd_per_gpu_hour},
    "measured length of a judge call": {"sequence_length": measured_sequence_length},
}
alone = {name: scenarios.synthetic_cost(inputs | change).total_usd for name, change in single.items()}
df = page.table(
    "tab-caveats-single-changes",
    ["change", "total [USD]", "times the bill before", "low ratio", "high ratio"],
    [
        [name, fmt.number(usd, 2), fmt.ratio(usd / start.total_usd, 2), *map(fmt.ratio, human / usd)]
        for name, usd in alone.items()
    ],
    "What a correction does alone to the bill and to the ratio: a bill twice as high halves the ratio.",
)

# %% [markdown]
# ## Only one side rents GPUs, so the ratio moves against their price
#
# The article says that its ratio holds whatever a GPU costs, reserved, spot or by list price. It does not follow. Double the price of
# a GPU-hour, and the synthetic bill doubles while people's stays: the ratio halves. At the low price of a pair ten times
# cheaper is lost above {glue:text}`ten_times_price`, and above {glue:text}`break_even_price` people are the cheaper side.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The ratio against the price of a GPU-hour. Both lines fall in proportion to the price; dots stand at {glue:text}`gpu_price`. Above the dotted line people cost ten times as much, below the grey one less than the model. Blue ticks at the foot are prices of A100 GPUs found in price lists.", "name": "fig-price-law"}, "image": {"alt": "Two falling straight lines on logarithmic axes: the ratio of human to synthetic cost against the GPU price, for the low and the high price of a pair, with a dotted line at ten, a grey line at one and small marks for published prices."}}
fig, ax = figures.canvas(height=3.4)
grid = np.geomspace(min(0.25, price_usd_per_gpu_hour / 2), max(40, 2 * price_usd_per_gpu_hour), 12)
each = zip((price_usd_per_pair_low, price_usd_per_pair_high), ratio_at_one_dollar, strict=True)
for (q, at_one), colour in zip(each, (figures.ORANGE, figures.RED), strict=True):
    if at_one > 0:
        ax.plot(grid, at_one / grid, color=colour, lw=2)
        ax.plot(price_usd_per_gpu_hour, at_one / price_usd_per_gpu_hour, "o", color=colour)
        high = colour == figures.RED  # its name stands above its line, the other one's below
        figures.say(ax, grid[int(high)], at_one / grid[int(high)], f"at {fmt.price(q)}" + " a pair" * high,
                    xytext=(10, 4) if high else (2, -30))  # fmt: skip
foot = np.array([p.usd_per_gpu_hour for p in prices])
at_foot = {"ms": 10, "mew": 1.5, "transform": ax.get_xaxis_transform()}
ax.plot(foot, np.full_like(foot, 0.03), "|", color=figures.BLUE, **at_foot)
ax.axhline(10, color=figures.GREY, lw=1, ls=":")
ax.axhline(1, color=figures.GREY, lw=1, ls="-")
ax.set(xscale="log", yscale="log", xlabel="price of a GPU [USD per GPU-hour]", ylabel="people's cost / synthetic cost")
figures.plain_log(ax.xaxis, figures.ticks(*ax.get_xlim(), (1, 3)), figures.usd_tick)
figures.plain_log(ax.yaxis, figures.ticks(*ax.get_ylim(), (1, 3)), figures.times_tick)
figures.title(ax, f"At the low price of a pair, ten times is lost above {fmt.usd(ten_times_price[0])} an hour")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-price-law",
    ["mark", "price of a GPU [USD/GPU-h]", "ratio at the low label price [-]", "ratio at the high label price [-]"],
    [[name, price, *(ratio_at_one_dollar / price)]
     for name, price in [("dot", price_usd_per_gpu_hour), *(("line", price) for price in grid),
                         *((f"tick, {p.name}", p.usd_per_gpu_hour) for p in prices)]],
)  # fmt: skip

# %% [markdown]
# The article gives $2.50 per GPU-hour as the on-demand price of an AWS p4d.24xlarge. We found no date at which it was. That machine
# has been listed at {glue:text}`named_price` since June 2025, and at more before. It also holds the A100 with 40 GB of memory, while the
# speed that the article uses was measured on the part with 80 GB ({ref}`sec-infrastructure-efficiency`). So take price and speed from
# the same machine.
#
# ## A ratio has a date: smaller clouds raised their prices in 2026
#
# One provider asked {glue:text}`h100_first` for an hour of an H100 in {glue:text}`h100_first_when`, {glue:text}`h100_least` in
# {glue:text}`h100_least_when` and {glue:text}`h100_last` in {glue:text}`h100_last_when`. Other smaller clouds moved the same way, for newer
# GPUs as well; the list prices of the large clouds have stood since the cut of June 2025. A list that ends in 2025 shows you only the fall,
# so put a date beside every price.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What providers asked for a GPU-hour on demand, from 2022 to November 2026. A line follows one provider from list to list, a grey dot is a list of another provider. At the end the median is {glue:text}`h100_today` for the H100, of {glue:text}`h100_providers` providers, {glue:text}`a100_today` for the A100 and {glue:text}`b200_today` for the B200.", "name": "fig-price-time"}, "image": {"alt": "Four panels of prices on a logarithmic axis against the years 2022 to 2026, for the A100, H100, H200 and B200. Lines of single providers for the A100 lie between one and five dollars; those for the H100 fall to 2025, and those of smaller clouds rise in 2026; for the H200 and B200 those of smaller clouds rise as well."}}
fig, axes = figures.canvas(height=5.2, nrows=2, ncols=2, sharex=True, sharey=True)
lists = [(name, provider, day.year + day.timetuple().tm_yday / 366, usd)
         for name, found in histories.items() for provider, by_day in found.items() for day, usd in by_day.items()]  # fmt: skip
drawn = dict(zip(("AWS", "Lambda", "RunPod", "OCI", "Nebius", "Verda"), figures.CYCLE, strict=False))
for ax, name in zip(axes.flat, histories, strict=True):
    points = [(provider, at, usd) for gpu, provider, at, usd in lists if gpu == name]
    ax.plot(
        *zip(*((at, usd) for provider, at, usd in points if provider not in drawn), strict=True), ".", color="#999999"
    )
    for provider, colour in drawn.items():
        ax.plot(*np.array([(at, usd) for who, at, usd in points if who == provider]).reshape(-1, 2).T, "o-", ms=3.5, lw=1.6,
                color=colour, label=provider)  # fmt: skip
    ax.set(yscale="log", ylim=(1, 20), xlim=(2022, 2027), xticks=(2023, 2025))
    ax.set_title(name, fontsize=12.5)
for ax in axes.flat:
    figures.plain_log(ax.yaxis, [1, 2, 5, 10, 20], figures.usd_tick)
for ax in axes[1]:
    ax.set_xlabel("list read [year]")
fig.supylabel("price of a GPU [USD per GPU-hour]", fontsize=12.5)
fig.suptitle("Smaller clouds raised their prices in 2026", x=0.01, ha="left", fontsize=13, fontweight="bold")
_ = fig.legend(*axes[0, 1].get_legend_handles_labels(), loc="outside lower center", ncols=3)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-price-time", ["GPU", "provider", "list read [year]", "price [USD/GPU-h]"], lists)

# %% [markdown]
# ## Twice the size doubles the bill, twice the pairs do not quite
#
# *Size.* At the same speed a model of twice the parameters costs twice as much. Measured against the bill here, one of 7B is
# {glue:text}`smaller_7b` cheaper and one of 13B {glue:text}`smaller_13b`, where the article gives about ten for both. One of 175B costs
# {glue:text}`larger_175b` as much, where it gives about three.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-caveats-model-size",
    ["model", "total [USD]", "times the bill here", "low ratio", "high ratio"],
    [
        [name, fmt.number(usd, 2), fmt.ratio(usd / start.total_usd, 2), *map(fmt.ratio, human / usd)]
        for name, usd in size_usd.items()
    ],
    "The smaller the model, the higher the ratio, if a smaller one judged as well.",
)

# %% [markdown]
# A smaller one does not judge as well. In one test 56 % of a small judge's verdicts stayed with the position when the two answers were
# swapped, and 18 % of a large one's {cite:p}`lee2024rlaif`. So a saving at a small size can buy labels that follow the order.
#
# *Pairs.* Fine-tuning before the first round is paid once, however many pairs follow. From 10,000 to 100,000 pairs the cost grows by
# {glue:text}`scale_growth`, and by {glue:text}`scale_growth_dpo_fixed` if DPO is paid once too. The article says roughly ten times.
# That is the limit for many pairs, and people's labels grow by exactly ten in the same model. So beyond the fixed part, scale favours
# neither side of this comparison.

# %% tags=["hide-input", "nbval-check-output"]
scale_usd = {n: scenarios.synthetic_usd_at(inputs, n) for n in (10_000, 30_000, 100_000)}
df = page.table(
    "tab-caveats-scale",
    ["pairs", "total [USD]", "for each pair [USD]", "low ratio", "high ratio"],
    [
        [fmt.number(n), fmt.number(usd, 2), fmt.number(usd / n, 4), *map(fmt.ratio, n * human / pairs / usd)]
        for n, usd in scale_usd.items()
    ],
    "With more pairs each of them costs less, down to a limit.",
)

# %% [markdown]
# ## No ratio says whether the labels are as good
#
# The article asks whether synthetic preferences align a model as well, and whether judges err in other ways than people. On the
# first, published results do not point one way. Where people rated models, AlpacaFarm's model from human labels was ahead of the one from
# labels of GPT-4; where GPT-4 or Claude rated, it was behind {cite:p}`dubois2023alpacafarm,li2023alpacaeval`. Decide first whose
# rating counts for you ({ref}`sec-quality`).
#
# On the second the answer is yes: ask GPT-4 again, and on AlpacaEval it mostly disagrees with people about the same pairs
# {cite:p}`li2023alpacaeval`. More labels average out the errors that people make at random, and never those that a judge repeats.
#
# ::::{dropdown} How this was computed
# :name: caveats-model
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
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-caveats-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "The four corrections, one on top of the other", "code_prompt_hide": "The four corrections"}
df = page.table(
    "tab-caveats-ladder",
    ["step", "total [USD]", "for each pair [USD]", "low ratio", "high ratio"],
    [
        [name.replace("\n", " "), fmt.number(usd, 2), fmt.number(usd / pairs, 4), fmt.ratio(low), fmt.ratio(high)]
        for name, usd, (low, high) in zip(steps, totals, ratios, strict=True)
    ],
)

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Prices of A100 GPUs found in price lists, with the ratio at each", "code_prompt_hide": "Prices of A100 GPUs"}
df = page.table(
    "tab-caveats-gpu-prices",
    ["provider and instance", "kind", "from", "to", "GPU-hour [USD]", "total [USD]", "low ratio", "high ratio"],
    [
        [f"{p.provider} {p.instance}", p.kind, p.valid_from, p.valid_to, fmt.number(p.usd_per_gpu_hour, 4),
         fmt.number(start.total_usd * p.usd_per_gpu_hour / price_usd_per_gpu_hour, 2),
         *map(fmt.ratio, ratio_at_one_dollar / p.usd_per_gpu_hour)]
        for p in sorted(prices, key=lambda p: p.usd_per_gpu_hour)
    ],
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every statement of the article examined here, with its verdict", "code_prompt_hide": "Statements of the article"}
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
# ::::{dropdown} How far to trust it
# :name: caveats-trust
#
# *Every step keeps two assumptions of the article*: that a model writes at the speed at which it was pre-trained, which is far too fast,
# and that people's prices do not move. The measured length is that of one judge prompt on one data set, and is used for answers and
# training examples too.
#
# *What would change the conclusion:* token counts of the pipeline itself, and a measured speed of its generation. {ref}`Chapter 11 <sec-inference>`
# computes the second, {ref}`chapter 13 <sec-uncertainty>` puts ranges on all of them.
#
# *Own hardware, hosted models.* The article adds that own hardware may cost less for each hour, and hosted models more. Electricity is
# a small part of the rent of a GPU ({ref}`sec-optimisation`); purchase and idle hours decide the rest, and are not modelled. A premium
# hosted model costs more for each token than the article's own, and a small one less ({ref}`sec-synthetic-cost`).
# ::::
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
# calls and judge sizes {cite:p}`lee2024rlaif`, and the price lists in {ref}`sec-data`. Outcomes and judges
# {cite:p}`dubois2023alpacafarm,li2023alpacaeval`. Full entries: {doc}`/book/bibliography`.
