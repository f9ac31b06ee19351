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
# (sec-case-studies)=
# # What does the article compare?
#
# The article that this book recomputes {cite:p}`mamath2025economics` sets {glue:text}`human_pairs` pairs of answers that people compared
# for Llama 2 against {glue:text}`pairs` that a model wrote and scored itself: {glue:text}`scale` as many. Both printed counts, one million
# and 10,906, agree with the papers behind them. But a count of pairs is no count of work, and the model's pairs rest on people's work
# that the article's bill leaves out.
#
# So before you ask which side is cheaper, ask what you would start from. With a released chat model and open data you inherit
# the labels that went into them and pay for none, which is the article's case. If you have to make them yourself, you pay people
# before the model makes its first pair.

# %% tags=["parameters", "remove-cell"]
num_human_pairs: int = 1000000  # human preference pairs of the first case study [pairs]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
num_sft_examples: int = 4830  # seed examples of supervised fine-tuning [examples]

# %% tags=["remove-cell"]
from costlib.base import fmt
from costlib.facts import catalog, claims
from costlib.facts.claims import check
from costlib.report import figures, page

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
pairs = num_pairs_m1 + num_pairs_m2
scale = num_human_pairs / pairs
sets = catalog.table("preference_sets")
meta_pairs, all_pairs = (int(sets[name].comparisons) for name in ("meta", "llama-2-total"))
parts = [part for name, part in sets.items() if name != "llama-2-total"]
seed_share = num_sft_examples / (num_sft_examples + pairs)

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert pairs >= num_pairs_m1, "the second round must not take pairs away"
assert abs(scale * pairs / num_human_pairs - 1) < 1e-12, "scale times pairs must be the human pairs"
assert 0 <= seed_share < 1, "the seed examples must be a part of the whole"

# %% tags=["remove-cell", "nbval-check-output"]
rows_add_to = int(sum(part.comparisons for part in parts))
page.publish_all("pairs", fmt.number, human_pairs=num_human_pairs, pairs=pairs, pairs_m1=num_pairs_m1,
                 pairs_m2=num_pairs_m2, meta_pairs=meta_pairs, rows_add_to=rows_add_to,
                 rows_over_total=rows_add_to - all_pairs)  # fmt: skip
page.publish("seed_examples", num_sft_examples, "examples", fmt.number(num_sft_examples))
page.publish("seed_share", seed_share, "fraction", fmt.short(100 * seed_share, 3) + " %")
page.publish_all("ratio", fmt.times, scale=scale, scale_meta=meta_pairs / pairs, scale_all=all_pairs / pairs,
                 meta_over_human=meta_pairs / num_human_pairs)  # fmt: skip
tokens = catalog.find("token_lengths", "llama-2-meta-example").tokens_low
page.publish("tokens_per_example", tokens, "tokens", fmt.number(tokens, 1))

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "How many pairs stand on each side. People's pairs (orange), as used here, are {glue:text}`scale` the model's (blue); the seed examples (green) are what the model's side begins with. Filled circles are the counts used here, open ones are printed in the Llama 2 paper. The axis is logarithmic: equal distances are equal factors. A count of zero has no circle.", "name": "fig-case-studies"}, "image": {"alt": "Seven circles on a logarithmic axis of counts: three for pairs of people (all sets in the Llama 2 paper, those collected by Meta, and the pairs used here), three for the model's pairs (both rounds, second round, first round), and one for the seed examples."}}
marks = {
    "all sets listed\nfor Llama 2": (all_pairs, figures.RED, "none"),
    "collected by Meta": (meta_pairs, figures.RED, "none"),
    "people's pairs here": (num_human_pairs, figures.RED, figures.RED),
    "model's pairs here": (pairs, figures.BLUE, figures.BLUE),
    "second round": (num_pairs_m2, figures.BLUE, figures.BLUE),
    "first round": (num_pairs_m1, figures.BLUE, figures.BLUE),
    "seed examples": (num_sft_examples, figures.GREEN, figures.GREEN),
}
present = [count for count, _, _ in marks.values() if count]
fig, ax = figures.canvas(5.2, 3.7)
for row, (count, edge, face) in enumerate(marks.values()):
    ax.plot(count or float("nan"), row, "o", ms=10, mec=edge, mfc=face, mew=2)
    figures.say(ax, count or min(present), row, fmt.number(count) if count else "none", xytext=(10, 0))
figures.title(ax, f"People's pairs are {fmt.times(scale)} the model's")
ax.set(
    xscale="log",
    xlim=(min(present) / 3, max(present) * (max(present) / min(present)) ** 0.55),
    xlabel="pairs or examples",
)
figures.plain_log(
    ax.xaxis,
    figures.ticks(min(present) / 3, 30 * max(present), (1,)),
    lambda n: fmt.power_of_ten(n, 0).removeprefix("1×"),
)
ax.set_ylim(6.6, -0.6)
ax.set_yticks(range(7), marks)
ax.grid(axis="y")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-case-studies",
    ["set", "count [pairs or examples]"],
    [[name.replace("\n", " "), count] for name, (count, *_) in marks.items()],
)

# %% [markdown]
# ## The printed counts hold, and a round million hides a larger one
#
# A *preference pair* is a question with two answers, of which somebody preferred one. For Llama 2 {cite:p}`touvron2023llama2` Meta
# had annotators compare answers of its own models, batch by batch, and trained *reward models* on the result: models that score
# an answer the way these people would. The paper's text says over one million comparisons. Its Table 6 counts them:
# {glue:text}`meta_pairs`. What people cost is a price times this count, so which count you take is the first decision of any
# comparison.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-case-studies-preference-sets",
    ["preference set, as listed for Llama 2", "comparisons", "times the model's pairs"],
    [[part.label, fmt.number(part.comparisons), fmt.short(part.comparisons / pairs, 3)] for part in parts]
    + [["total as printed", fmt.number(all_pairs), fmt.short(all_pairs / pairs, 3)]],
    caption="Meta made the first set for Llama 2. The others existed before, and its reward models were trained on them as well.",
)

# %% [markdown]
# Only the first row was made for this model. The others are older research collections, forum votes, and one set of synthetic
# origin. So the total is not a number of labels that somebody paid for, and we never price it.
#
# ## The model's pairs come from two rounds, and each round trains a model
#
# In the self-rewarding pipeline {cite:p}`yuan2024selfrewarding` a model answers prompts, scores its own answers, and is trained on
# the pairs of a better and a worse one. It starts as M1, a base model *fine-tuned* on examples, which means trained to imitate
# them. M1 makes {glue:text}`pairs_m1` pairs. Training on them by *direct preference optimisation* (DPO), which learns from pairs
# without a reward model, gives M2. M2 makes {glue:text}`pairs_m2` more, and training on those gives M3.

# %% tags=["hide-input", "nbval-check-output"]
seeds = fmt.number(num_sft_examples) + " in all"
rounds = [fmt.number(count) for count in (num_pairs_m1, num_pairs_m2)]
df = page.table(
    "tab-case-studies-self-rewarding",
    ["what", "made by", "pairs or examples", "people's work behind it"],
    [
        [f"seed instructions ({fmt.number(claims.find('B028').published)} in the paper)", "OpenAssistant volunteers", seeds, "text written and ranked"],
        [f"seed judgments ({fmt.number(claims.find('B029').published)} in the paper)", "a fine-tuned model", seeds, "rankings that they agree with"],
        ["new prompts", "a fixed Llama 2-Chat 70B", "not counted", "the comparisons for Llama 2; seed prompts"],
        ["first answers, scores, pairs", "M1: base model fine-tuned on the seed", rounds[0], "none new"],
        ["second answers, scores, pairs", "M2: M1 after DPO on the first pairs", rounds[1], "none new"],
        ["third model", "M3: M2 after DPO on the second pairs", "none", "none new"],
    ],
    caption="No step of the two rounds asks a person; what the rounds start from is people's work.",
)  # fmt: skip

# %% [markdown]
# The article says that three iterations produced the pairs. Two of the three models did; the third was only trained. That matters
# for the bill. The article counts the pairs of both rounds and the training on one, and this is not what the paper's pipeline
# costs: {ref}`sec-synthetic-cost` shows what that does to the total.
#
# ## A pair is not a unit of work
#
# An example of Meta's set holds 3.9 turns of a conversation and {glue:text}`tokens_per_example` *tokens* (the pieces of words that a
# model reads) on average, more than in any other set of the table. Annotators wrote the prompts themselves, marked how much better the chosen answer was,
# and in the safety part whether it was safe. One of the model's pairs is one instruction with two of the model's own answers. The
# count is the same for both: one.
#
# So do not carry a price over from one kind of pair to another. {ref}`sec-human-label-cost` lists published prices with the task
# that they were paid for.
#
# ## The model's pairs stand on people's work
#
# Their prompts come from Llama 2-Chat, which was trained on the very comparisons that stand on people's side. Their *seed*, the
# examples that M1 was fine-tuned on, comes from OpenAssistant {cite:p}`kopf2023openassistant`, where volunteers worked without pay;
# it is {glue:text}`seed_share` of all examples and pairs on the model's side. The article's bill shows none of this work, and without it the first round would have had no prompts, and
# no fine-tuned model to answer them. {ref}`sec-equal-footing` puts a price on it.
#
# ## What you count decides how far the two sets are apart

# %% tags=["hide-input", "nbval-check-output"]
sides = {"as used here": num_human_pairs, "collected by Meta": meta_pairs, "all sets in the paper": all_pairs}
df = page.table(
    "tab-case-studies-scale",
    ["people's pairs", "count", "times the pairs of both rounds", "times the pairs of the first round"],
    [
        [name, fmt.number(count), fmt.short(count / pairs, 3), fmt.short(count / num_pairs_m1, 3)]
        for name, count in sides.items()
    ],
    caption="The same two sets, counted in six ways.",
)

# %% [markdown]
# With Meta's own count people's set is {glue:text}`scale_meta` the model's, with every set of the paper {glue:text}`scale_all`. None of
# these factors says anything about cost. The next chapters therefore price the same number of pairs on both sides.
#
# ::::{dropdown} How this was computed
# :name: case-studies-model
#
# The model's pairs come from two rounds,
#
# $$ n_\text{syn} = n_\text{M1} + n_\text{M2} $$ (eq-pairs)
#
# and the two sets differ in scale by
#
# $$ \sigma = \frac{n_\text{human}}{n_\text{syn}} $$ (eq-scale)
#
# Both equations count pairs and nothing else. The counts of the Llama 2 paper are facts of the book and no inputs
# ({ref}`sec-data`).
# ::::

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-case-studies-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Statements of the article examined here", "code_prompt_hide": "Statements of the article examined here"}
page.ledger("01_case_studies", check("B004", num_human_pairs), check("B008", pairs), check("B010", pairs))

# %% [markdown]
# ::::{dropdown} How far to trust it
# :name: case-studies-trust
#
# *What a pair is worth.* A count says nothing about what a pair does for the model trained on it. The two sets served different
# ends: helpfulness and safety of a product on one side, following instructions in English on the other.
#
# *Not counted.* The {glue:text}`seed_examples` seed examples on the model's side and the 27,540 written answers on people's, on
# which either model was fine-tuned first; prompts whose answers all scored alike and gave no pair; and the judgments, of people
# and of models, that evaluated the results.
#
# *A sum that does not add up.* The rows of the paper's table come to {glue:text}`rows_add_to`, which is {glue:text}`rows_over_total`
# more than the total that it prints. We found no explanation, and nothing in this book rests on the difference.
#
# *The year.* The article dates the self-rewarding paper to 2025. It appeared on arXiv in January 2024 and at ICML 2024; only its
# third arXiv version is of March 2025. We cite it as a work of 2024. The arXiv numbers of the article's seven references are
# otherwise right.
# ::::
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 01 \
#   -p num_human_pairs=50000 -p num_pairs_m2=20000
# papermill notebooks/01_case_studies.ipynb out.ipynb -p num_human_pairs 50000
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, the two papers it compares
# {cite:p}`touvron2023llama2,yuan2024selfrewarding`, and the origin of the seed data
# {cite:p}`kopf2023openassistant`. Full entries: {doc}`/book/bibliography`.
