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
# # What does a label by people cost?
#
# Published prices of a paid comparison run from {glue:text}`evidence_low` to {glue:text}`evidence_high`, and no vendor's contract is
# public. At the two prices used here, labels by people for as many pairs as the model made cost {glue:text}`human_low_usd` to
# {glue:text}`human_high_usd`. The article's multiplication is right; its prices are assumptions, and its author has since cut the
# upper one by more than half.
#
# The bill for labels is proportional to this one price, so one quote of your own is worth more than every price on this page. Ask
# for it at the length and the difficulty of your comparisons, with the platform's fee, and ask who pays for labels that you reject.

# %% tags=["parameters", "remove-cell"]
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

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
pairs = num_pairs_m1 + num_pairs_m2
prices = np.array([price_usd_per_pair_low, price_usd_per_pair_high])
million = article.calculate_human_cost(num_human_pairs, prices)
human = article.calculate_human_cost(pairs, prices)
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

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "What a published source says one comparison costs. The grey band is the range used here, {glue:text}`price_low` to {glue:text}`price_high`. Filled circles: the source measured the price or shows its arithmetic; open circles: stated by somebody in a position to know; crosses: no derivation, or another task, and left out of the range in the title. Arrows: the source gives a bound and no end. The axis is logarithmic, and a price of zero is beyond it.", "name": "fig-label-prices"}, "image": {"alt": "Three panels that share a logarithmic axis of US dollars per comparison. The first shows prices reported for human comparisons, the second prices of AI judges, the third the prices in the audited article. Each price is a circle, a cross or a range, and its marker shows the quality of the evidence. A grey band marks the price range used here."}}
panels = {"people": ["human-crowd", "human-vendor", "human-expert"], "AI judges": ["ai-judge"], "article": ["document"]}
shown = {
    panel: [x for x in known.values() if x.kind in own and (x.usd_per_label_high or x.usd_per_label_low)]
    for panel, own in panels.items()
}
told = {
    "alpacafarm-crowd": "AlpacaFarm, crowd", "gilardi-crowd": "text classification", "lee-human": "Lee et al.",
    "llama-2-reported": "Llama 2, reported", "lmsys-timed": "careful, timed", "lambert-human": "RLHF Book",
    "claru-expert": "vendor's experts", "lambert-ai": "judge, RLHF Book",
}  # fmt: skip
rows = {panel: [told.get(x.name, "judges" if x.kind == "ai-judge" else x.label.removeprefix("Article, ")) for x in own]
        for panel, own in shown.items()}  # fmt: skip
places = {panel: list(dict.fromkeys(names)) for panel, names in rows.items()}
colours = {"article": figures.GREY, "people": figures.RED, "AI judges": figures.BLUE}
marker = {"high": "o", "medium": "o", "low": "X"}
fig, axes = figures.canvas(5.2, 5.4, nrows=3, sharex=True, height_ratios=[len(names) for names in places.values()])
for ax, (panel, own) in zip(axes, shown.items(), strict=True):
    ax.axvspan(*(max(usd, 1e-9) for usd in prices), color=figures.GREY, alpha=0.25, lw=1, zorder=0)
    for x, name in zip(own, rows[panel], strict=True):
        row = places[panel].index(name)
        low, high = x.usd_per_label_low or x.usd_per_label_high, x.usd_per_label_high or x.usd_per_label_low
        face = "none" if x.quality == "medium" else colours[panel]
        ax.plot([low, high], [row, row], marker[x.quality] + "-", color=colours[panel], mfc=face, ms=7, mew=1.7, lw=2)
        if None in (x.usd_per_label_low, x.usd_per_label_high):
            ax.annotate("", (low * (3 if x.usd_per_label_low else 1 / 3), row), (low, row),
                        arrowprops={"arrowstyle": "->", "color": colours[panel], "lw": 2})  # fmt: skip
    ax.set(ylim=(len(places[panel]) - 0.4, -0.6))
    ax.set_yticks(range(len(places[panel])), places[panel])
    ax.grid(axis="y")
axes[0].set_ylabel("people")
ax.set_ylabel("article")
fig.align_ylabels(axes)
spread = f"{fmt.price(evidence_low)} to {fmt.price(evidence_high)}, a factor of {evidence_high / evidence_low:.0f}"
figures.title(axes[0], f"Paid comparisons cost {spread}", 27)
ax.set(xscale="log", xlim=(2e-4, 1000), xlabel="price of one comparison [USD]")
figures.plain_log(ax.xaxis, [0.001, 0.1, 10], lambda usd: "$" + fmt.short(usd))  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-label-prices",
    ["label", "panel", "low [USD/comparison]", "high [USD/comparison]", "evidence"],
    [["grey band, range used here", "all", *map(float, prices), ""]]
    + [
        [x.label, panel, x.usd_per_label_low, x.usd_per_label_high, x.quality]
        for panel, own in shown.items()
        for x in own
    ],
)

# %% [markdown]
# ## The article's multiplication is right, for a round million
#
# A *label* is the result of one comparison: somebody reads two answers and says which is better. The article prints $300,000 to
# $1,500,000 and $3,272 to $16,359: for a million labels, and for as many as the model made pairs ({ref}`sec-case-studies`). Both are
# a count times a price and nothing else. Here the set that people labelled for Llama 2 has {glue:text}`human_pairs` pairs, which cost
# {glue:text}`million_low_usd` to {glue:text}`million_high_usd`.

# %% tags=["hide-input", "nbval-check-output"]
sets = {"people's pairs": num_human_pairs, "Meta's own count": meta_pairs, "as many as the model's": pairs}
at = {"low price": prices[0], "high price": prices[1], "Lee et al.": lee_usd, "reported for Llama 2": reported_usd}
df = page.table(
    "tab-label-direct-cost",
    ["set", "pairs", *(f"{name}, {fmt.price(price)} [USD]" for name, price in at.items())],
    [
        [name, fmt.number(n), *(fmt.dollars(article.calculate_human_cost(n, usd)) for usd in at.values())]
        for name, n in sets.items()
    ],
    caption="Three sets of pairs at four prices. The two prices on the right come from a source: the one that Lee et al. derive, and the one reported for the labels of Llama 2.",
)

# %% [markdown]
# ## Neither end of the article's range is in the paper that it names
#
# *The lower price.* The article gives no derivation of $0.30. An independent source supports it, for short comparisons by a crowd:
# {cite:t}`dubois2023alpacafarm` report $300 for a thousand, and the time per label in the AlpacaEval tables
# {cite:p}`li2023alpacaeval` fits that. If your comparisons are short and anybody can make them, it is a price you may hope for.
#
# *The upper price.* The article first calls $1.50 the bound for complex work by experts, and later the realistic case. It cannot be
# both a ceiling and the typical value. It says that its prices are based on {cite:t}`lee2024rlaif`. That paper derives $0.6688 for a
# label by people, 304 words at $0.11 for 50 words, and about $0.06 for one by a model. Neither $0.30 nor $1.50 appears in it.
#
# *The revision.* We audit commit e37ac54 of an article dated 13 November 2025 {cite:p}`mamath2025economics`. On 24 November, eleven
# days after that date and five after the audited commit, a new version set the upper price to $0.67, dropped the vendor
# prices, and lowered the upper ratio from 58x to 26x {cite:p}`mamath2025revision`. If you quote the article, say which version.
#
# ## The one price reported for Llama 2's own labels is above the article's
#
# An author of Llama 2 is reported to have put them at $3.50 each {cite:p}`huyen2025aiengineering`. It is a remark passed on by a
# book, so medium evidence at best, and yet no other price concerns the very labels that the article sets out to price. With it,
# Meta's own {glue:text}`meta_pairs` pairs would have cost {glue:text}`meta_reported_usd`.
#
# At the prices used here the same pairs cost {glue:text}`meta_low_usd` to {glue:text}`meta_high_usd`. A long conversation whose
# prompts the annotator wrote is another task than a short comparison by a crowd, so look for the price of your own kind of task.
#
# ## Of all hidden costs only the platform's fee has a price list
#
# The article leaves coordination, quality control, delays and the platform out of its bill, and says so. Later it puts platform
# fees at 20 to 30 % and all hidden costs together at a factor of two to three. The fee is the only item with a number: here the
# bill with it is {glue:text}`fee_factor_low` to {glue:text}`fee_factor_high` the direct price, and with everything
# {glue:text}`hidden_factor_low` to {glue:text}`hidden_factor_high`. The article does not say what the rest is for;
# {ref}`sec-full-picture` adds it up from its parts.

# %% tags=["hide-input", "nbval-check-output"]
variants = {
    "direct": human,
    "with the platform's fee": with_fee,
    "with all hidden costs": with_hidden,
    "at the lowest and highest paid price in the evidence": (pairs * evidence_low, pairs * evidence_high),
}
df = page.table(
    "tab-label-fees-and-hidden-costs",
    ["labels for as many pairs as the model's", "low [USD]", "high [USD]"],
    [[name, fmt.dollars(low), fmt.dollars(high)] for name, (low, high) in variants.items()],
    caption="The last row has no fee and no hidden costs: it moves the price alone, from end to end of the published ones.",
)

# %% [markdown]
# The fee table of Mechanical Turk, as quoted, has 20 %, and 40 % for tasks with ten or more assignments
# {cite:p}`aws2015mturk`. So the article's range is too narrow for the one platform that could be checked: read the fee
# table of yours.
#
# ## For experts and vendors there is no price that you could check
#
# *Experts.* The article prints $5 to $50 for domain experts and $100 or more for rare specialists, without a source. A vendor's page
# names $100 for an expert's annotation {cite:p}`claru2026expert`; a practitioner's book gives $1 to $10 for a comparison and says
# that higher prices occur {cite:p}`lambert2026rlhfbook`. Neither settles it.
#
# *A judge instead of experts.* The article adds that a capable model judges every subject at an expert's level. Published tests say
# otherwise: agreement with people ran from 62.7 % to 78.0 % with the size of the judge {cite:p}`lee2024rlaif`, and the share of
# verdicts that survived swapping the two answers differed from subject to subject {cite:p}`zheng2023judging`. In a field of
# experts, test the judge on that field before you drop the experts.
#
# *Vendors.* $0.20 to $0.50 for a simple annotation and over $2.00 for a careful one are attributed to a vendor without a reference.
# We found no public price list; the card of one data set made by that vendor discloses no price {cite:p}`nvidia2024helpsteer2`.
#
# ::::{dropdown} How this was computed
# :name: label-model
#
# People label $n$ pairs at a price $q$ each, and a platform may add a fee $f$, a fraction of that price:
#
# $$ H = n\,q\,(1 + f) $$ (eq-human-cost)
#
# The article sets $f = 0$. Its later factor $h$ for all hidden costs makes
#
# $$ H_h = h\,n\,q $$ (eq-hidden-cost)
#
# So the cost is proportional to the pairs, to the price and to the factor, and a fee of a tenth adds a tenth. Both equations hold
# while the price does not depend on the number of pairs. Setting up a task, writing its guidelines and training annotators cost
# the same for a hundred pairs as for a million, and are in neither.
#
# The range of published prices is that of paid comparisons by a crowd or a vendor with medium or high evidence. *High* means that
# the source measured the price or shows the arithmetic, *medium* that it is stated by somebody in a position to know, *low* that
# it comes without a derivation or concerns a different task. The grades are our judgment.
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-label-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every price of a label that we found", "code_prompt_hide": "Every price of a label that we found"}
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
    caption="The price is in US dollars of the year given. Volunteers were paid nothing, but their time and the infrastructure were not free.",
)  # fmt: skip

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the article examined here", "code_prompt_hide": "Statements of the article examined here"}
page.ledger(
    "02_human_label_cost",
    check("B011", price_usd_per_pair_low), check("B012", price_usd_per_pair_high),
    check("B016", million[0]), check("B017", million[1]),
    check("B081", price_usd_per_pair_low, price_usd_per_pair_high),
    check("B086", platform_fee_low, platform_fee_high),
    check("B087", hidden_cost_factor_low, hidden_cost_factor_high),
)  # fmt: skip

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: label-trust
#
# *The evidence is thin.* Vendors' contracts are not public, and the prices come from years in which the tasks changed. "Agrees as
# printed" beside an assumption says that the article's value is used here, not that the value is right.
#
# *Left out.* Fixed costs of a labelling campaign; discounts for volume; several annotators for one pair; pairs rejected in review;
# the time until the labels arrive; and the writing of prompts, which Meta's annotators did and the crowd prices do not contain.
# The volunteers of OpenAssistant {cite:p}`kopf2023openassistant` got no wage; time and infrastructure were not free.
#
# *Quality has no price here.* Published agreement between people runs from 63 % {cite:p}`bai2022hh` to 81 %
# {cite:p}`zheng2023judging`, and cheap labels may need several votes.
#
# *A coincidence.* The prices in {cite:t}`lee2024rlaif` for people and for a judge stand to each other as {glue:text}`lee_ratio`, and
# the article's lower ratio is 11.7x. The two share no number.
#
# *A quotation.* The article quotes the InstructGPT authors on collecting feedback as an obstacle. We did not find the words in the
# copies of {cite:t}`ouyang2022instructgpt` that we could read, so they are not repeated here. Section 5.1 of that paper describes
# the cost of collecting data as small beside that of pre-training.
# ::::
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
