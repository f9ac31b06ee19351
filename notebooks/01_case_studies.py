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
# # The two case studies
#
# **Question.** Which two sets of preference pairs does the article set side by side, and what does each of
# them rest on?
#
# **Answer.** {glue:text}`human_pairs` pairs labelled by people stand against {glue:text}`pairs` made by a
# model: {glue:text}`scale` as many. The article prints one million and 10,906. The paper behind the first
# number counts {glue:text}`meta_pairs` pairs, which is {glue:text}`scale_meta` the synthetic set. The second set is not
# free of human work: it starts from examples that volunteers wrote, and a model trained on human comparisons
# writes its prompts.

# %% tags=["parameters"]
num_human_pairs: int = 1000000  # human preference pairs of the first case study [pairs]
num_pairs_m1: int = 3964  # synthetic pairs made by the first model (M1) [pairs]
num_pairs_m2: int = 6942  # synthetic pairs made by the second model (M2) [pairs]
num_sft_examples: int = 4830  # seed examples of supervised fine-tuning [examples]

# %% tags=["remove-cell"]
from costlib.base import fmt
from costlib.facts import catalog
from costlib.facts.claims import check
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-case-studies-inputs")

# %% [markdown]
# ## Model
#
# There is little to compute. The synthetic pairs of the second case study come from two rounds,
#
# $$ n_\text{syn} = n_\text{M1} + n_\text{M2} $$ (eq-pairs)
#
# and the two cases differ in scale by
#
# $$ \sigma = \frac{n_\text{human}}{n_\text{syn}} $$ (eq-scale)
#
# Both equations count pairs and nothing else. A pair may be one short answer against another or the end of a
# long conversation, and labelled by a paid worker, a volunteer or a program: the count is the same.

# %%
pairs = num_pairs_m1 + num_pairs_m2
scale = num_human_pairs / pairs

# %% tags=["remove-cell"]
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

# %% [markdown]
# ## Result
#
# ### Case 1: pairs labelled by people
#
# Llama 2 {cite:p}`touvron2023llama2` was aligned with comparisons that Meta had annotators make, batch by
# batch, between answers of its own models. The paper's text says over one million. Its Table 6 gives the
# counts, and beside them those of the open sets that went into the reward models as well:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-case-studies-preference-sets",
    ["preference set, as listed for Llama 2", "comparisons", "times the synthetic pairs of this run"],
    [[part.label, fmt.number(part.comparisons), fmt.short(part.comparisons / pairs, 3)] for part in parts]
    + [["total as printed", fmt.number(all_pairs), fmt.short(all_pairs / pairs, 3)]],
)

# %% [markdown]
# Only the first row was made for this model. The open sets are older research collections, forum votes and
# one set of synthetic origin, so the total is not a count of paid human labels. The rows add to
# {glue:text}`rows_add_to`, which is {glue:text}`rows_over_total` above the printed total; we found no
# explanation, and nothing in this book rests on the difference.
#
# A round million hides two things. The first is its size: Meta's own count is {glue:text}`meta_over_human`
# the {glue:text}`human_pairs` pairs of this run. The second is the work in one pair. An example of Meta's set
# holds 3.9 turns and {glue:text}`tokens_per_example` tokens on average, the longest of the sets in the table.
# Annotators wrote the prompts themselves, marked how much better the chosen answer was, and in the safety
# part whether it was safe.
#
# ### Case 2: pairs made by a model
#
# In the self-rewarding pipeline {cite:p}`yuan2024selfrewarding` a model answers prompts, scores its own
# answers, and is trained on the pairs that result. One fine-tuning and two rounds of direct
# preference optimisation (DPO) give three models,
# M1 to M3:

# %% tags=["hide-input", "nbval-check-output"]
seeds = fmt.number(num_sft_examples) + " in all"
rounds = [fmt.number(count) + " pairs" for count in (num_pairs_m1, num_pairs_m2)]
df = page.table(
    "tab-case-studies-self-rewarding",
    ["what", "made by", "this run", "human work behind it"],
    [
        ["seed instructions (3,200 in the paper)", "OpenAssistant volunteers", seeds, "text written and ranked"],
        ["seed judgments (1,630 in the paper)", "a fine-tuned model", seeds, "rankings that they agree with"],
        ["new prompts", "a fixed Llama 2-Chat 70B", "not counted", "the comparisons of case 1; seed prompts"],
        ["first answers, scores, pairs", "M1: base model fine-tuned on the seed", rounds[0], "none new"],
        ["second answers, scores, pairs", "M2: M1 after DPO on the first pairs", rounds[1], "none new"],
        ["third model", "M3: M2 after DPO on the second pairs", "no pairs", "none new"],
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "The two case studies by count, on a logarithmic axis. The human pairs of this run are {glue:text}`scale` the synthetic pairs; Meta's own count is {glue:text}`scale_meta` them and the total of its table {glue:text}`scale_all`. Open circles are counts of the Llama 2 paper and do not change with the inputs; a count of zero has no circle.", "name": "fig-case-studies"}, "image": {"alt": "Seven circles on a logarithmic axis of counts: three for pairs of case 1 (all sets in the Llama 2 paper, those collected by Meta, and the human pairs of this run), three for synthetic pairs (both rounds, second round, first round), and one for the seed examples."}}
fig, ax = figures.canvas(7, 3.4)
marks = {
    "all sets in the paper": (all_pairs, figures.RED, "white"),
    "collected by Meta": (meta_pairs, figures.RED, "white"),
    "human pairs, this run": (num_human_pairs, figures.RED, figures.RED),
    "synthetic pairs, this run": (pairs, figures.BLUE, figures.BLUE),
    "second round (M2)": (num_pairs_m2, figures.BLUE, figures.BLUE),
    "first round (M1)": (num_pairs_m1, figures.BLUE, figures.BLUE),
    "seed examples": (num_sft_examples, figures.GREEN, figures.GREEN),
}
present = [count for count, _, _ in marks.values() if count]
for row, (count, edge, face) in enumerate(marks.values()):
    ax.plot(count or float("nan"), row, "o", ms=10, mec=edge, mfc=face, mew=2)
    figures.say(ax, count or min(present), row, fmt.number(count) if count else "none", xytext=(11, 0))
ax.set(xscale="log", xlim=(min(present) / 3, max(present) * 12), xlabel="pairs or examples [-]")
figures.powers(ax.xaxis)
ax.set_ylim(6.6, -0.6)
ax.set_yticks(range(7), marks)
ax.grid(axis="y")
ax.minorticks_off()  # fmt: skip

# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-case-studies", ["set", "count [pairs or examples]"], [[name, count] for name, (count, *_) in marks.items()]
)

# %% [markdown]
# ### What the source printed, and what follows
#
# *The counts.* The article prints a million and 10,906 and calls the second about eleven thousand. Both hold.
# It says that three iterations produced the pairs; two of the three models did, and the third was only
# trained.
#
# *The rounds.* The pairs of the first round train M2, those of the second train M3. A cost that covers both
# sets of pairs and the training on one of them is therefore not the cost of the paper's pipeline.
# {ref}`sec-synthetic-cost` shows what that does to the total.
#
# *The year.* The article dates the self-rewarding paper to 2025. It appeared on arXiv in January 2024 and at
# ICML 2024; only its third arXiv version is of March 2025. This book cites it as a work of 2024. The arXiv
# numbers of the article's seven references are otherwise right.
#
# *What is inherited.* The comparison is drawn between human and synthetic pairs, but the second case stands
# on the first. Its prompts come from Llama 2-Chat, which was trained on the comparisons of case 1. Its seed
# comes from OpenAssistant {cite:p}`kopf2023openassistant`, where volunteers worked without pay; the seed is
# {glue:text}`seed_share` of all examples and pairs in this run. A team that starts from released models and
# open data pays for none of this, which is the article's case. A team that has to make them does.
#
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
page.ledger("01_case_studies", check("B004", num_human_pairs), check("B008", pairs), check("B010", pairs))

# %% [markdown]
# ## Sensitivity
#
# The factor between the cases depends on what is counted on each side.

# %% tags=["hide-input", "nbval-check-output"]
sides = {"this run": num_human_pairs, "collected by Meta": meta_pairs, "all sets in the paper": all_pairs}
df = page.table(
    "tab-case-studies-scale",
    ["human pairs", "count", "against the pairs of both rounds", "against the pairs of the first round"],
    [
        [name, fmt.number(count), fmt.times(count / pairs), fmt.times(count / num_pairs_m1)]
        for name, count in sides.items()
    ],
)

# %% [markdown]
# None of these factors is a cost. The later chapters therefore price the same number of pairs on both sides.
#
# ## Limits
#
# Counting pairs says nothing about what a pair is worth to the model trained on it. The two sets served
# different ends: the first covered helpfulness and safety for a product, the second the following of
# instructions in English. Not counted here: the {glue:text}`seed_examples` seed examples on the synthetic
# side and the 27,540 written answers on the human side, on which either model was fine-tuned first; prompts
# whose answers all scored alike and gave no pair; and the human and model judgments that evaluated the
# results.
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
