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
# (sec-synthetic-cost)=
# # Synthetic cost
#
# **Question.** What does it cost to make preference pairs with a model instead of people, and to train on them?
#
# **Answer.** Fine-tuning, {glue:text}`calls` model calls and DPO take {glue:text}`gpu_hours` GPU-hours and cost
# {glue:text}`total_usd`, or {glue:text}`usd_per_pair` for each of {glue:text}`pairs` pairs. The article prints
# $279.74. It trains on the 3,964 pairs of the first round alone, and charges every step at the speed of pre-training.

# %% tags=["parameters"]
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

# %% tags=["remove-cell"]
from costlib.base import fmt
from costlib.economics import article, scenarios
from costlib.facts import catalog
from costlib.facts.claims import check, observe
from costlib.report import figures, page

# %% [markdown]
# ## Inputs

# %% tags=["hide-input", "nbval-check-output"]
inputs = page.inputs(globals(), "tab-synthetic-cost-inputs")

# %% [markdown]
# ## Model
#
# The article charges every example, call and answer the full sequence of $L$ tokens, and counts FLOPs per parameter
# and token: 6 to train (2 forward, 4 backward), 2 for a forward pass, and 16 for DPO, where each position holds two
# answers and each answer needs a forward pass of the reference (2), and a forward (2) and backward pass (4) of the
# policy. With $N$ parameters, a sustained speed $S$ and a price $p$ per GPU-hour,
#
# $$ C = \left( 6\,E\,n_\text{SFT} + 2\,n_\text{calls} + 16\,E\,n_\text{DPO} \right) \frac{L\,N}{3600\,S}\, p $$ (eq-synthetic-cost)
#
# for $n_\text{SFT}$ examples, $n_\text{calls}$ calls, $n_\text{DPO}$ pairs and $E$ epochs. A round that keeps $k$ pairs
# of each prompt, samples $r$ responses to it and $j$ judgments of each response needs
#
# $$ n_\text{calls} = \frac{n_\text{pairs}}{k} \left( 1 + r + r j \right) $$ (eq-calls)
#
# calls. Equation {eq}`eq-synthetic-cost` holds while attention is small against the matrix products, nothing is
# recomputed, and every stage runs at the speed $S$. The last condition fails for generation: decoding reads all
# weights for every token and is bound by memory bandwidth, which is the subject of Part II.

# %%
pairs = num_pairs_m1 + num_pairs_m2
calls = article.count_inference_calls(pairs, responses_per_prompt, pairs_per_prompt, judgments_per_response)
dpo_pairs = pairs if dpo_rounds == 2 else num_pairs_m1
cost = article.calculate_synthetic_cost(num_sft_examples, calls.total, dpo_pairs, sequence_length, epochs,
                                        model_parameters, sustained_tflops, price_usd_per_gpu_hour)  # fmt: skip

# %% tags=["remove-cell"]
stages = scenarios.synthetic_stages(inputs)
sft, inference, dpo = stages.values()
gpu_hours = sum(stage.gpu_hours for stage in stages.values())
m1, m2 = (
    article.count_inference_calls(n, responses_per_prompt, pairs_per_prompt, judgments_per_response)
    for n in (num_pairs_m1, num_pairs_m2)
)

# %% tags=["remove-cell"]
# The same judgments, and all tokens, from hosted models; a judge call has the length that a paper measured.
HOSTED = ("GPT-6 Luna", "Claude Haiku 5.5", "GPT-4o", "Claude Sonnet 5.5", "Claude Opus 5.5", "GPT-6 Astra")
of_label = {row.label: row for row in catalog.table("judge_prices").values() if row.usd_per_million_output}
lists = {name: (of_label[name].usd_per_million_input, of_label[name].usd_per_million_output) for name in HOSTED}
own = 1e6 * inference.usd / inference.tokens
read, written = (catalog.find("token_lengths", f"lee-judge-{part}").tokens_low for part in ("prompt", "answer"))
judging = {name: (read * prices[0] + written * prices[1]) / 1e6 for name, prices in lists.items()}
judgments = m1.judgments + m2.judgments
agreed = {"claude": catalog.find("judge_prices", "claude-ranking-alpacaeval").value,
          "plain_claude": catalog.find("annotators", "claude").agreement / 100,
          "person": catalog.find("agreement", "alpacaeval-human").value_low}  # fmt: skip

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
parts = cost.sft_usd + cost.inference_usd + cost.dpo_usd
assert abs(parts / cost.total_usd - 1) < 1e-12, "the parts must sum to the total"
assert abs(gpu_hours * price_usd_per_gpu_hour / cost.total_usd - 1) < 1e-12, "hours times price must be the total"
assert abs((m1.total + m2.total) / calls.total - 1) < 1e-12, "the rounds must sum to all calls"

# %% tags=["remove-cell", "nbval-check-output"]
typed = scenarios.synthetic_cost(inputs | {"sustained_tflops": 135.6})
page.publish_all("USD", fmt.usd, **cost._asdict(), **{f"typed_{part}": usd for part, usd in typed._asdict().items()})
page.publish("usd_per_pair", cost.total_usd / pairs, "USD/pair", fmt.usd(cost.total_usd / pairs, 4))
page.publish("gpu_hours", gpu_hours, "GPU-h", fmt.number(gpu_hours, 1))
page.publish_all("pairs", fmt.number, pairs=pairs, dpo_pairs=dpo_pairs)
page.publish("calls", calls.total, "calls", fmt.number(calls.total))
page.publish_all("USD", fmt.price, own_million=own, own_thousand=own * (read + written) / 1000,
                 haiku_thousand=1000 * judging["Claude Haiku 5.5"], opus_thousand=1000 * judging["Claude Opus 5.5"])  # fmt: skip
page.publish_all("tokens", fmt.number, judge_reads=read, judge_writes=written)
page.publish_all(
    "fraction", lambda part: fmt.percent(part, 1), **{f"{who}_agrees": part for who, part in agreed.items()}
)
page.publish("inference_share", cost.inference_usd / cost.total_usd, "fraction",
             fmt.percent(cost.inference_usd / cost.total_usd))  # fmt: skip

# %% [markdown]
# ## Result
#
# Line by line, from tokens to dollars:

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-synthetic-cost-stages",
    ["stage", "examples, calls or pairs", "tokens", "FLOPs", "GPU-hours", "cost"],
    [
        [name, fmt.number(stage.count), fmt.number(stage.tokens / 1e6, 1) + " M", fmt.power_of_ten(stage.flops),
         fmt.number(stage.gpu_hours, 3), fmt.usd(stage.usd)]
        for name, stage in stages.items()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Generation is {glue:text}`inference_share` of the bill of {glue:text}`total_usd`. All three parts are proportional to the tokens charged, so a shorter sequence shrinks them alike.", "name": "fig-synthetic-cost"}, "image": {"alt": "One horizontal bar for each stage of the synthetic pipeline: supervised fine-tuning, inference and DPO, with its cost in US dollars."}}
fig, ax = figures.canvas(7, 2.4)
amounts = {name: stage.usd for name, stage in stages.items()}
figures.bars(ax, amounts, fmt.usd, [figures.ORANGE, figures.BLUE, figures.GREEN])
ax.set(xlabel="cost [USD]", xlim=(0, max(amounts.values()) * 1.15))
figures.dollars(ax.xaxis)

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-synthetic-cost", ["stage", "cost [USD]"], list(amounts.items()))

# %% [markdown]
# ### What the source printed, and what follows
#
# The article's three amounts come out as printed only if nothing is rounded on the way. Its text carries all digits of
# the speed although its listings type 135.6 TFLOP/s, with which the same functions return {glue:text}`typed_sft_usd`,
# {glue:text}`typed_inference_usd` and {glue:text}`typed_dpo_usd` for this run's counts, together
# {glue:text}`typed_total_usd`. For the article that is a difference of seven cents, which does not matter; that it
# cannot be seen from the text does.
#
# Two choices do matter. The pairs are counted in two ways: the cost is spread over all of them, while DPO is
# charged for those of the first round alone. The cited paper {cite:p}`yuan2024selfrewarding` trains on both. And the
# calls assume two pairs of each prompt and one judgment of each response, where the paper keeps one pair and averages
# three judgments. Both are switches of this chapter: `dpo_rounds`, `pairs_per_prompt` and `judgments_per_response`.
# {ref}`sec-caveats` takes them one by one.
#
# The listings themselves do not run as printed: all three cost functions call `calculate_final_cost`, which is defined
# nowhere, and the helpers stand after their first use. With `from costlib.formulas import *` before them, they run.
#
# ### Bought from a hosted model
#
# The article prices its own model alone: {glue:text}`own_million` for a million tokens, read or written. Hosted models have a
# price for each. In the table a judgment reads {glue:text}`judge_reads` tokens and writes {glue:text}`judge_writes`
# {cite:p}`lee2024rlaif`. Hidden reasoning would come on top.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-synthetic-cost-hosted",
    ["model", "USD/M tokens read", "USD/M written", "1,000 judgments", "all of this run"],
    [
        [name, *map(fmt.price, prices), fmt.price(1000 * each), fmt.price(judgments * each)]
        for name, prices, each in [("the article's model", (own, own), own * (read + written) / 1e6),
                                   *((name, lists[name], judging[name]) for name in HOSTED)]
    ],
)  # fmt: skip

# %% [markdown]
# The article names GPT-4 and Claude as judges. A Claude of today takes {glue:text}`haiku_thousand` to {glue:text}`opus_thousand`
# for a thousand judgments, the article's own model {glue:text}`own_thousand`: a hosted judge can be the cheaper one. Prices are of
# November 2026 {cite:p}`berriai2026litellm`.
#
# On AlpacaEval a Claude of 2023 agreed with people in {glue:text}`claude_agrees` of the comparisons with the prompt
# `claude_ranking` and in {glue:text}`plain_claude_agrees` with the prompt `claude`, where one person agreed in
# {glue:text}`person_agrees` {cite:p}`li2023alpacaeval`. How often those of 2026 agree with people was not found; they are
# measured on right and wrong answers.
#
# ### Statements examined here

# %% tags=["hide-input", "nbval-check-output"]
dearest = max(written for _, written in lists.values())
page.ledger(
    "04_synthetic_cost",
    observe("B124", agreed["claude"] >= agreed["person"],
            f"1,000 judgments for {fmt.price(1000 * judging['Claude Haiku 5.5'])} to {fmt.price(1000 * judging['Claude Opus 5.5'])}; "
            f"Claude agrees with people in {fmt.percent(agreed['claude'], 1)}, a person in {fmt.percent(agreed['person'], 1)}"),
    observe("B126", dearest > own, f"{fmt.price(own)} for a million tokens here, up to {fmt.price(dearest)} hosted"),
    check("B027", num_sft_examples),
    check("B033", sft.tokens), check("B034", sft.flops), check("B035", sft.gpu_hours), check("B036", cost.sft_usd),
    check("B042", m1.prompts), check("B043", m1.responses), check("B044", m1.judgments), check("B045", m1.total),
    check("B047", m2.prompts), check("B048", m2.responses), check("B049", m2.judgments), check("B050", m2.total),
    check("B051", calls.total), check("B055", inference.tokens), check("B056", inference.flops), check("B057", inference.gpu_hours),
    check("B058", cost.inference_usd), check("B059", dpo.flops / dpo.tokens / model_parameters),
    check("B061", dpo_pairs), check("B062", dpo.tokens), check("B063", dpo.flops), check("B064", dpo.gpu_hours),
    check("B065", cost.dpo_usd), check("B066", cost.total_usd), check("B067", cost.total_usd),
)  # fmt: skip

# %% [markdown]
# ## Sensitivity
#
# By equation {eq}`eq-synthetic-cost` the total is proportional to the price, the parameters and the sequence length: 10 %
# more of one of them is 10 % more on the bill. It is inversely proportional to the speed. The counts act through their
# share.

# %% tags=["hide-input", "nbval-check-output"]
switches = {
    "one pair of each prompt": {"pairs_per_prompt": 1.0},
    "two judgments of each response": {"judgments_per_response": 2},
    "three judgments of each response": {"judgments_per_response": 3},
    "eight responses to each prompt": {"responses_per_prompt": 8},
}
variants = {name: inputs | change for name, change in switches.items()}
totals = {name: scenarios.synthetic_cost(values).total_usd for name, values in variants.items()}
df = page.table(
    "tab-synthetic-cost-sampling",
    ["change", "calls", "total", "against this run"],
    [
        [name, fmt.number(scenarios.inference_calls(variants[name]).total), fmt.usd(total),
         fmt.ratio(total / cost.total_usd, 2)]
        for name, total in totals.items()
    ],
)  # fmt: skip

# %% [markdown]
# ## Limits
#
# Not modelled here: decoding at memory bandwidth, prompts filtered out and pairs lost to ties, padding against real
# lengths, reference log-probabilities cached over epochs, activation recomputation, evaluation, failed runs, and the
# human data that the pipeline inherits (the seed examples, and the preference-trained model that writes the prompts).
# The first would raise the cost of generation many times at small batches; the third would lower everything.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 04 \
#   -p price_usd_per_gpu_hour=1.5 -p dpo_rounds=2
# papermill notebooks/04_synthetic_cost.ipynb out.ipynb \
#   -p price_usd_per_gpu_hour 1.5
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, the paper whose pipeline it prices {cite:p}`yuan2024selfrewarding`, the run
# that fixes the speed {cite:p}`touvron2023llama2`, the factor 6 {cite:p}`kaplan2020`, and the DPO loss
# {cite:p}`rafailov2023dpo`. Judge calls {cite:p}`lee2024rlaif`, hosted models {cite:p}`berriai2026litellm,li2023alpacaeval`.
# Full entries: {doc}`/book/bibliography`.
