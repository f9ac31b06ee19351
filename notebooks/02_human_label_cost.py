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
# (sec-human-label-cost)=
# # Human label cost
#
# **Question.** What do preference pairs cost when people label them, and how well is the price known?
#
# **Answer.** At {glue:text}`price_low` to {glue:text}`price_high` for a pair, {glue:text}`human_pairs` pairs
# cost {glue:text}`million_low_usd` to {glue:text}`million_high_usd`, and as many pairs as the synthetic set
# holds, {glue:text}`pairs`, cost {glue:text}`human_low_usd` to {glue:text}`human_high_usd`. The article
# prints $300,000 to $1,500,000 and $3,272 to $16,359. The products are right; the prices are assumptions.
# Reported prices of comparable labels run from {glue:text}`evidence_low` to {glue:text}`evidence_high`.

# %% tags=["parameters"]
num_human_pairs: int = 1000000  # human preference pairs of the first case study [pairs]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
price_usd_per_pair_low: float = 0.3  # price of one human comparison at the low end [USD/pair]
price_usd_per_pair_high: float = 1.5  # price of one human comparison at the high end [USD/pair]
platform_fee_low: float = 0.2  # annotation platform's fee at the low end [fraction]
platform_fee_high: float = 0.3  # annotation platform's fee at the high end [fraction]
hidden_cost_factor_low: float = 2.0  # all human costs over the direct price at the low end [-]
hidden_cost_factor_high: float = 3.0  # all human costs over the direct price at the high end [-]

# %% tags=["remove-cell"]
import numpy as np

from costlib.base import fmt
from costlib.economics import article, labels
from costlib.facts import catalog
from costlib.facts.claims import check
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-label-inputs")

# %% [markdown]
# ## Model
#
# People label $n$ pairs at a price $q$ each, and a platform may add a fee $f$, a fraction of that price:
#
# $$ H = n\,q\,(1 + f) $$ (eq-human-cost)
#
# The article sets $f = 0$, and says so: its costs leave out coordination, quality control, delays and the
# platform. It later adds that such hidden costs can double or triple the direct cost, which makes a factor
# $h$:
#
# $$ H_h = h\,n\,q $$ (eq-hidden-cost)
#
# Both hold while the price does not depend on the number of pairs. Setting up a task, writing its guidelines
# and training annotators cost the same for a hundred pairs as for a million, and are in neither equation.

# %%
pairs = num_pairs_m1 + num_pairs_m2
prices = np.array([price_usd_per_pair_low, price_usd_per_pair_high])
million = article.calculate_human_cost(num_human_pairs, prices)
human = article.calculate_human_cost(pairs, prices)

# %% tags=["remove-cell"]
meta_pairs = catalog.find("preference_sets", "meta").comparisons
known = {name: label for name, label in catalog.table("label_prices").items() if label.kind != "fee"}
lee_usd, reported_usd = (known[name].usd_per_label_low for name in ("lee-human", "llama-2-reported"))
with_fee = article.calculate_human_cost(pairs, prices, np.array([platform_fee_low, platform_fee_high]))
with_hidden = human * [hidden_cost_factor_low, hidden_cost_factor_high]
evidence_low, evidence_high = labels.paid_range()

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert human[0] <= human[1] and million[0] <= million[1], "the higher price must give the higher cost"
assert (human <= with_fee).all(), "a fee must not lower the cost"
assert (human <= with_hidden).all(), "hidden costs must not lower the cost"
assert np.allclose(human * num_human_pairs, million * pairs), "the cost must scale with the pairs"

# %% tags=["remove-cell", "nbval-check-output"]
page.publish_all("pairs", fmt.number, human_pairs=num_human_pairs, pairs=pairs, meta_pairs=meta_pairs)
page.publish_all("USD/pair", fmt.price, price_low=prices[0], price_high=prices[1], evidence_low=evidence_low,
                 evidence_high=evidence_high)  # fmt: skip
meta_low, meta_high, meta_reported = article.calculate_human_cost(meta_pairs, np.array([*prices, reported_usd]))
page.publish_all("USD", fmt.price, million_low_usd=million[0], million_high_usd=million[1], human_low_usd=human[0],
                 human_high_usd=human[1], meta_low_usd=meta_low, meta_high_usd=meta_high, meta_reported_usd=meta_reported,
                 hidden_low_usd=with_hidden[0], hidden_high_usd=with_hidden[1])  # fmt: skip
lee_ratio = article.calculate_cost_ratio(lee_usd, known["lee-ai"].usd_per_label_low)
page.publish("lee_ratio", lee_ratio, "ratio", fmt.ratio(lee_ratio))
page.publish_all("ratio", "{:g}x".format, fee_factor_low=1 + platform_fee_low, fee_factor_high=1 + platform_fee_high,
                 hidden_factor_low=hidden_cost_factor_low, hidden_factor_high=hidden_cost_factor_high)  # fmt: skip

# %% [markdown]
# ## Result
#
# The direct cost, $f = 0$, of three sets of pairs at four prices: the two of this run, the one that
# {cite:t}`lee2024rlaif` derive, and the one reported for Llama 2 itself {cite:p}`huyen2025aiengineering`.

# %% tags=["hide-input", "nbval-check-output"]
sets = {"first case": num_human_pairs, "Meta's own count": meta_pairs, "as many as the second case": pairs}
at = {"low price": prices[0], "high price": prices[1], "Lee et al.": lee_usd, "reported for Llama 2": reported_usd}
df = page.table(
    "tab-label-direct-cost",
    ["set", "pairs", *(f"{name}, {fmt.price(price)}" for name, price in at.items())],
    [
        [name, fmt.number(n), *(fmt.price(article.calculate_human_cost(n, usd)) for usd in at.values())]
        for name, n in sets.items()
    ],
)

# %% [markdown]
# ### What is known about the price
#
# Every price of a label that we found, with our judgment of the evidence. *High* means that the source
# measured it or shows the arithmetic, *medium* that it is stated by somebody in a position to know, *low*
# that it comes without a derivation or concerns a different task.

# %% tags=["hide-input", "nbval-check-output"]
kinds = {
    "document": "audited article", "human-crowd": "people, crowd", "human-vendor": "people, vendor",
    "human-expert": "people, experts", "human-demonstration": "people, written answer",
    "ai-judge": "AI judge",
}  # fmt: skip
df = page.table(
    "tab-label-prices",
    ["label", "by", "price", "year", "evidence", "source"],
    [
        [x.label, kinds[x.kind], fmt.between(x.usd_per_label_low, x.usd_per_label_high, fmt.price), x.year, x.quality,
         f"{fmt.source(x.source)}, {x.locator}"]
        for x in known.values()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Published prices of one comparison, on a logarithmic axis. Paid human comparisons of medium or high evidence run from {glue:text}`evidence_low` to {glue:text}`evidence_high`. Filled circles: high evidence; open circles: medium; crosses: low. Arrows mark bounds that are open on one side. The grey band is the range of this run, {glue:text}`price_low` to {glue:text}`price_high`; what lies beyond the axis, such as a price of zero, is not shown.", "name": "fig-label-prices"}, "image": {"alt": "Three panels that share a logarithmic axis of US dollars per comparison. The first shows the prices in the audited article, the second prices reported for human comparisons, the third prices of AI judges. Each price is a point or a range, and its marker shows the quality of the evidence. A grey band marks the price range of this run."}}
panels = {
    "article": ["document"], "people": ["human-crowd", "human-vendor", "human-expert"],
    "AI judges": ["ai-judge"],
}  # fmt: skip
shown = {
    panel: [x for x in known.values() if x.kind in own and (x.usd_per_label_high or x.usd_per_label_low)]
    for panel, own in panels.items()
}
colours = {"article": figures.GREY, "people": figures.RED, "AI judges": figures.BLUE}
marker = {"high": "o", "medium": "o", "low": "X"}
fig, axes = figures.canvas(7, 6.4, nrows=3, sharex=True, height_ratios=[len(rows) for rows in shown.values()])
for ax, (panel, rows) in zip(axes, shown.items(), strict=True):
    ax.axvspan(*(max(usd, 1e-9) for usd in prices), color="0.88", lw=1, zorder=0)
    for row, x in enumerate(rows):
        low, high = x.usd_per_label_low or x.usd_per_label_high, x.usd_per_label_high or x.usd_per_label_low
        face = "white" if x.quality == "medium" else colours[panel]
        ax.plot([low, high], [row, row], marker[x.quality] + "-", color=colours[panel], mfc=face, ms=7, lw=2)
        if None in (x.usd_per_label_low, x.usd_per_label_high):
            ax.annotate("", (low * (3 if x.usd_per_label_low else 1 / 3), row), (low, row),
                        arrowprops={"arrowstyle": "->", "color": colours[panel], "lw": 2})  # fmt: skip
    ax.set(ylim=(len(rows) - 0.4, -0.6), ylabel=panel)
    ax.set_yticks(range(len(rows)), [x.label.removeprefix("Article, ").replace(" judge,", ",") for x in rows])
    ax.grid(axis="y")
for quality, face in {"high": "black", "medium": "white", "low": "black"}.items():
    ax.plot([], [], marker[quality], color="black", mfc=face, ms=7, label=f"{quality} evidence")
fig.legend(handles=ax.get_legend_handles_labels()[0], loc="outside lower center", ncols=3)
fig.align_ylabels(axes)
ax.set(xscale="log", xlim=(2e-4, 1000), xlabel="price of one comparison [USD]")
figures.plain_log(ax.xaxis, [0.001, 0.1, 10], lambda usd: "$" + fmt.short(usd))  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-label-prices",
    ["label", "panel", "low [USD/comparison]", "high [USD/comparison]", "evidence"],
    [["grey band, this run", "all", *map(float, prices), ""]]
    + [
        [x.label, panel, x.usd_per_label_low, x.usd_per_label_high, x.quality]
        for panel, rows in shown.items()
        for x in rows
    ],
)

# %% [markdown]
# The volunteers of OpenAssistant {cite:p}`kopf2023openassistant` stand in the table at a price of zero and
# have no mark in {numref}`fig-label-prices`. No wage was paid; time and infrastructure were.
#
# ### What the source printed, and what follows
#
# *The lower price.* The article gives no derivation of $0.30. An independent source supports it for short
# comparisons by a crowd: {cite:t}`dubois2023alpacafarm` report $300 for a thousand, and the time per label in
# the AlpacaEval tables {cite:p}`li2023alpacaeval` fits that.
#
# *The upper price.* The article first calls $1.50 the bound for complex work by experts, and later the
# realistic case. It cannot be both a ceiling and the typical value. It says that its prices are based on
# {cite:t}`lee2024rlaif`. That paper derives, for labelling alone, 304 words at $0.11 for 50 words, which is
# $0.6688, and about $0.06 for an AI label. Neither $0.30 nor $1.50 appears in it. That its ratio of the two
# is {glue:text}`lee_ratio`, as the article's lower ratio is 11.7x, is a coincidence: the two share no number.
#
# The author has since revised the price. The version audited here is commit e37ac54 of an article dated 13
# November 2025 {cite:p}`mamath2025economics`. On 24 November, eleven days after that date and five days after
# the audited commit, a new version set the upper price to $0.67, dropped the vendor prices, and lowered the
# upper ratio from 58x to 26x {cite:p}`mamath2025revision`. We audit the first and show both.
#
# *The price of Llama 2 itself.* One number concerns the very labels being priced: an author of Llama 2 is
# reported to have put them at $3.50 each {cite:p}`huyen2025aiengineering`. It is a remark passed on by a
# book, so medium evidence at best, and it lies above the article's upper bound. With it and Meta's own count
# of {glue:text}`meta_pairs` pairs the first case would have cost {glue:text}`meta_reported_usd`; at the prices of this run,
# {glue:text}`meta_low_usd` to {glue:text}`meta_high_usd`.
#
# *Experts.* The article prints $5 to $50 for domain experts and $100 or more for rare specialists, without a
# source. A vendor's page names $100 for an expert's annotation {cite:p}`claru2026expert`; a practitioner's
# book gives $1 to $10 for a comparison and says that dearer ones occur {cite:p}`lambert2026rlhfbook`. Neither
# settles it. The article adds that a capable model judges every subject at an expert's level. Published tests
# say otherwise: agreement with people ran from 62.7 % to 78.0 % with the size of the judge
# {cite:p}`lee2024rlaif`, and the share of verdicts that survived swapping the two answers differed from
# subject to subject {cite:p}`zheng2023judging`.
#
# *Vendor prices.* $0.20 to $0.50 for a simple annotation and over $2.00 for a careful one are attributed to a
# vendor without a reference. No public price list was found; the card of one data set made by that vendor
# discloses no price {cite:p}`nvidia2024helpsteer2`.
#
# *Fees and hidden costs.* The article puts platform fees at 20 to 30 % and all hidden costs together at a
# factor of two to three. The fee is the only item with a number: in this run it makes
# {glue:text}`fee_factor_low` to {glue:text}`fee_factor_high` of the direct price, against
# {glue:text}`hidden_factor_low` to {glue:text}`hidden_factor_high` for everything. What the rest consists of
# is not said. The fee table of Mechanical Turk, as quoted, has 20 %, and 40 % for tasks with ten or more
# assignments {cite:p}`aws2015mturk`, so the article's range is too narrow for the one platform that could
# be checked.
#
# *A quotation.* The article quotes the InstructGPT authors on collecting feedback as an obstacle. The words
# were not found in the copies of {cite:t}`ouyang2022instructgpt` we could read, so they are not repeated
# here. Section 5.1 of that paper describes the cost of collecting data as small beside that of pre-training.
#
# ### Statements examined here
#
# "Agrees as printed" beside an assumption says that this run uses the article's value, not that the value is
# right.

# %% tags=["hide-input", "nbval-check-output"]
page.ledger(
    "02_human_label_cost",
    check("B011", price_usd_per_pair_low), check("B012", price_usd_per_pair_high),
    check("B016", million[0]), check("B017", million[1]),
    check("B081", price_usd_per_pair_low, price_usd_per_pair_high),
    check("B086", platform_fee_low, platform_fee_high),
    check("B087", hidden_cost_factor_low, hidden_cost_factor_high),
)  # fmt: skip

# %% [markdown]
# ## Sensitivity
#
# By equations {eq}`eq-human-cost` and {eq}`eq-hidden-cost` the cost is proportional to the pairs, to the
# price and to the factor. The fee counts through $1 + f$, so a fee of a tenth adds a tenth. The price is the
# least certain of them. For as many pairs as the second case holds:

# %% tags=["hide-input", "nbval-check-output"]
variants = {
    "direct": human,
    "with the platform's fee": with_fee,
    "with all hidden costs": with_hidden,
    "at the lowest and highest paid price in the evidence": (pairs * evidence_low, pairs * evidence_high),
}
df = page.table(
    "tab-label-fees-and-hidden-costs",
    ["cost", "low", "high"],
    [[name, fmt.price(low), fmt.price(high)] for name, (low, high) in variants.items()],
)

# %% [markdown]
# ## Limits
#
# Not modelled here: fixed costs of a labelling campaign; discounts for volume; several annotators for one
# pair; pairs rejected in review; the time until the labels arrive; and the writing of prompts, which Meta's
# annotators did and the crowd prices do not contain. Nor is a label's quality priced: published agreement
# between people runs from 63 % {cite:p}`bai2022hh` to 81 % {cite:p}`zheng2023judging`, and cheap labels may
# need several votes. The evidence is thin. Vendors' contracts are not public, and the prices above come from
# years in which the tasks changed. All are US dollars of the year given.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 02 \
#   -p price_usd_per_pair_low=0.67 -p price_usd_per_pair_high=3.5
# papermill notebooks/02_human_label_cost.ipynb out.ipynb \
#   -p price_usd_per_pair_high 3.5
# ```
#
# ## References
#
# The article and its revision {cite:p}`mamath2025economics,mamath2025revision`; the sources of prices
# {cite:p}`lee2024rlaif,dubois2023alpacafarm,li2023alpacaeval,gilardi2023,kopf2023openassistant,huyen2025aiengineering,lambert2026rlhfbook,claru2026expert,aws2015mturk,nvidia2024helpsteer2`;
# and of the counts and agreement
# {cite:p}`touvron2023llama2,zheng2023judging,bai2022hh,ouyang2022instructgpt`. Full entries:
# {doc}`/book/bibliography`.
