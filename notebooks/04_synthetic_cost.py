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
# # What do synthetic preferences cost?
#
# It costs {glue:text}`total_usd` to let a model make {glue:text}`pairs` preference pairs, each two answers to a prompt and the
# verdict which one is better, and to train the model. That is {glue:text}`usd_per_pair` a pair, and no person chooses. The article
# prints $279.74, and its arithmetic holds.
#
# Such preferences are called *synthetic*, and nothing in their bill is a wage. It is the hire of GPUs, the processors that train and
# run models, so it follows the price of their hour, the size of the model and how often the model is called. If you plan with it,
# look first at what it leaves out: the people who check the result, and the hours of your own team ({ref}`sec-equal-footing`).

# %% tags=["parameters", "remove-cell"]
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

# %% tags=["remove-cell", "nbval-check-output"]
inputs = page.inputs(globals())
pairs, dpo_pairs = scenarios.num_pairs(inputs), scenarios.dpo_pairs(inputs)
cost, calls = scenarios.synthetic_cost(inputs), scenarios.inference_calls(inputs)
stages = scenarios.synthetic_stages(inputs)
sft, inference, dpo = stages.values()
gpu_hours = sum(stage.gpu_hours for stage in stages.values())
m1, m2 = (
    article.count_inference_calls(n, responses_per_prompt, pairs_per_prompt, judgments_per_response)
    for n in (num_pairs_m1, num_pairs_m2)
)

# The calls by what they are for, each at the same length and so at the same price.
call_usd, call_hours = inference.usd / calls.total, inference.gpu_hours / calls.total
steps = {
    "learn from\nexamples (SFT)": sft.usd,
    "write prompts": calls.prompts * call_usd,
    "write answers": calls.responses * call_usd,
    "judge answers": calls.judgments * call_usd,
    "learn from\npairs (DPO)": dpo.usd,
}

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
assert abs(sum(steps.values()) / cost.total_usd - 1) < 1e-12, "the steps must sum to the total"
assert abs(gpu_hours * price_usd_per_gpu_hour / cost.total_usd - 1) < 1e-12, "hours times price must be the total"
assert abs((m1.total + m2.total) / calls.total - 1) < 1e-12, "the rounds must sum to all calls"

# %% tags=["remove-cell", "nbval-check-output"]
typed = scenarios.synthetic_cost(inputs | {"sustained_tflops": 135.6})
page.publish_all("USD", fmt.usd, **cost._asdict(), **{f"typed_{part}": usd for part, usd in typed._asdict().items()})
page.publish("usd_per_pair", cost.total_usd / pairs, "USD/pair", fmt.usd(cost.total_usd / pairs, 4))
page.publish("gpu_hours", gpu_hours, "GPU-h", fmt.number(gpu_hours, 1))
page.publish_all("pairs", fmt.number, pairs=pairs, dpo_pairs=dpo_pairs)
page.publish("calls", calls.total, "calls", fmt.number(calls.total))
page.publish("length", sequence_length, "tokens", fmt.number(sequence_length))
page.publish("call_seconds", 3600 * call_hours, "seconds", fmt.significant(3600 * call_hours, 2))
page.publish("call_usd", call_usd, "USD/call", fmt.price(call_usd))
thousand = {"own": own * (read + written) / 1000} | {
    who: 1000 * judging[name] for who, name in {"haiku": "Claude Haiku 5.5", "opus": "Claude Opus 5.5"}.items()
}
page.publish_all("USD", fmt.price, own_million=own, **{f"{who}_thousand": usd for who, usd in thousand.items()})
page.phrase("hosted_said", "so either of them is the cheaper judge" if thousand["own"] > thousand["opus"] else
            "so a hosted judge can be the cheaper one" if thousand["own"] > thousand["haiku"] else
            "so its own model is the cheaper judge")  # fmt: skip
page.publish_all("tokens", fmt.number, judge_reads=read, judge_writes=written)
page.publish_all(
    "fraction", lambda part: fmt.percent(part, 1), **{f"{who}_agrees": part for who, part in agreed.items()}
)
page.publish("inference_share", cost.inference_usd / cost.total_usd, "fraction",
             fmt.percent(cost.inference_usd / cost.total_usd))  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Where the dollars go, step by step. Each bar starts where the one above it ends and says what its step costs; the grey bar is the sum, {glue:text}`total_usd`. Orange steps train the model, blue ones let it write and judge, which is {glue:text}`inference_share` of the bill.", "name": "fig-synthetic-cost"}, "image": {"alt": "A waterfall of horizontal bars, one for each step: learning from examples, writing prompts, writing answers, judging them and learning from pairs. Each starts where the last one ends, and a grey bar at the foot is their sum; the dollars stand beside each bar."}}
fig, ax = figures.canvas(height=3.6)
rows = [*steps, "the whole bill"]
starts = [sum(list(steps.values())[:place]) for place in range(len(steps))]
hues = [figures.ORANGE if name.startswith("learn") else figures.BLUE for name in steps]
ax.barh(rows, [*steps.values(), cost.total_usd], left=[*starts, 0], color=[*hues, figures.GREY], height=0.66)
for place, (start, usd) in enumerate([*zip(starts, steps.values(), strict=True), (0, cost.total_usd)]):
    figures.say(ax, start + usd, place, fmt.price(usd))
for place, start in enumerate(starts[1:]):
    ax.plot([start, start], [place - 0.33, place + 1.33], color="black", lw=0.7)
ax.invert_yaxis()
ax.set(xlabel="cost [USD]", xlim=(0, cost.total_usd * 1.38))
ax.tick_params(axis="y", length=0)
ax.locator_params(axis="x", nbins=4 if cost.total_usd < 10_000 else 2)
figures.dollars(ax.xaxis, 0 if cost.total_usd >= 10 else 2)
learning = sft.usd + dpo.usd
figures.title(ax, f"Writing and judging cost {'more' if inference.usd > learning else 'less'} than learning")

# %% tags=["remove-input", "nbval-check-output"]
df = page.data("fig-synthetic-cost", ["step", "cost [USD]"],
               [[name.replace("\n", " "), usd] for name, usd in [*steps.items(), ("the whole bill", cost.total_usd)]])  # fmt: skip

# %% [markdown]
# ## A step costs its tokens times the work on each
#
# Take one judgment. It is counted as {glue:text}`length` tokens, the pieces of words that a model reads and writes. Each token costs
# the model two operations for each of its parameters, a multiplication and an addition. The article gives all work one speed, that of
# {ref}`a known training run <sec-infrastructure-efficiency>`. At this speed the judgment keeps one GPU busy for
# {glue:text}`call_seconds` seconds and costs {glue:text}`call_usd`.
#
# To learn from a token is more work than to read it. From a finished answer (*supervised fine-tuning*, SFT) it takes
# {ref}`six operations <sec-infrastructure-efficiency>` for each parameter. From a pair (*direct preference optimisation*, DPO) each answer
# takes eight: six to learn, and two for a frozen copy that reads it too. A pair has two answers and the article counts the tokens of one,
# so it writes sixteen. The rest is {glue:text}`calls` calls for prompts, answers and judgments: {glue:text}`inference_share` of the bill.
# If you want a smaller bill, make fewer calls or learn from fewer examples and pairs.

# %% tags=["hide-input", "nbval-check-output"]
counted = {"SFT": "examples", "inference": "calls", "DPO": "pairs"}
df = page.table(
    "tab-synthetic-cost-stages",
    ["stage", "count", "tokens [million]", "operations [FLOPs]", "GPU-hours", "cost [USD]"],
    [
        [f"{name} ({counted[name]})", fmt.number(stage.count), fmt.number(stage.tokens / 1e6, 1), fmt.power_of_ten(stage.flops),
         fmt.number(stage.gpu_hours, 3), fmt.number(stage.usd, 2)]
        for name, stage in stages.items()
    ],
    "A trained token is three to eight times the work of one that is only read or written.",
)  # fmt: skip

# %% [markdown]
# ## The printed total needs every digit of the speed
#
# With the article's inputs our steps give its amounts to the cent, but only if nothing is rounded on the way. Its text carries all
# digits of the speed, its listings type 135.6 TFLOP/s. With the typed speed the same functions return {glue:text}`typed_total_usd`
# instead of {glue:text}`total_usd`. In the article this makes seven cents, which decide nothing. But you cannot see from its text which
# speed to take, and with the wrong one you do not get its numbers.
#
# Nor do the listings run as printed. All three cost functions call `calculate_final_cost`, which is defined nowhere, and their
# helpers stand after their first use. Write `from costlib.formulas import *` above them, and they run.
#
# ## Two choices keep the article's bill low
#
# *Which pairs it trains on.* The article spreads its cost over the pairs of two rounds and trains on those of the first alone. The
# paper it prices {cite:p}`yuan2024selfrewarding` trains on both. Here DPO sees {glue:text}`dpo_pairs` of {glue:text}`pairs` pairs.
#
# *How often it asks.* The article keeps two pairs of each prompt and judges each answer once. The paper keeps one pair, the best
# answer against the worst, and averages three judgments. For as many pairs, that is twice the prompts and three times the judgments
# of each answer. {ref}`Chapter 6 <sec-caveats>` adds these corrections up; here each stands
# alone.

# %% tags=["hide-input", "nbval-check-output"]
switches = {
    "DPO on the pairs of both rounds": {"dpo_rounds": 2},
    "one pair of each prompt": {"pairs_per_prompt": 1.0},
    "two judgments of each answer": {"judgments_per_response": 2},
    "three judgments of each answer": {"judgments_per_response": 3},
    "eight answers to each prompt": {"responses_per_prompt": 8},
}
variants = {name: inputs | change for name, change in switches.items()}
totals = {name: scenarios.synthetic_cost(values).total_usd for name, values in variants.items()}
df = page.table(
    "tab-synthetic-cost-sampling",
    ["change", "calls", "total [USD]", "times the bill above"],
    [
        [name, fmt.number(scenarios.inference_calls(variants[name]).total), fmt.number(total, 2),
         fmt.ratio(total / cost.total_usd, 2)]
        for name, total in totals.items()
    ],
    "What one change does to the bill, everything else left as it is.",
)  # fmt: skip

# %% [markdown]
# ## If you hire the judge, the choice of model decides the price
#
# The article prices its own model alone. Here a million tokens of it cost {glue:text}`own_million`, read or written. Hosted models
# have a price for each. In the table a judgment reads {glue:text}`judge_reads` tokens and writes {glue:text}`judge_writes`
# {cite:p}`lee2024rlaif`; hidden reasoning would come on top.

# %% tags=["hide-input", "nbval-check-output"]
df = page.table(
    "tab-synthetic-cost-hosted",
    ["judge", "million tokens read [USD]", "million written [USD]", "1,000 judgments [USD]", "all judgments here [USD]"],
    [
        [name, *(fmt.price(usd).lstrip("$") for usd in (*prices, 1000 * each, judgments * each))]
        for name, prices, each in [("the model itself", (own, own), own * (read + written) / 1e6),
                                   *((name, lists[name], judging[name]) for name in sorted(HOSTED, key=judging.get))]
    ],
    f"The most expensive of these hosted judges costs {fmt.ratio(max(judging.values()) / min(judging.values()), 0)} the cheapest.",
)  # fmt: skip

# %% [markdown]
# The article names GPT-4 and Claude as judges. A thousand judgments cost {glue:text}`haiku_thousand` to {glue:text}`opus_thousand`
# with a Claude of today and {glue:text}`own_thousand` with the model itself, {glue:text}`hosted_said`. Prices are of
# November 2026 {cite:p}`berriai2026litellm`.
#
# No price says whether the judge chooses as people would. On AlpacaEval a Claude of 2023 agreed with people in
# {glue:text}`claude_agrees` of the comparisons with one prompt (`claude_ranking`) and in {glue:text}`plain_claude_agrees` with
# another (`claude`); one person agreed with the others in {glue:text}`person_agrees` {cite:p}`li2023alpacaeval`. For those of 2026 we
# found no such number, only how often they tell right answers from wrong ones. So let people choose in a sample of your own task
# before you let a judge choose in the rest.
#
# ::::{dropdown} How this was computed
# :name: synthetic-cost-model
#
# The article counts every example, call and answer as the full sequence of $L$ tokens, and FLOPs per parameter and token: 6 to train (2
# forward, 4 backward), 2 for a forward pass, and 16 for DPO. There a pair counts as $L$ positions and not as $2L$ tokens: position 7 is the
# seventh token of both answers. At each position both need a forward pass of the reference (2), and a forward (2) and backward pass (4) of
# the policy, the model that learns: twice eight. With $N$ parameters, a sustained speed $S$ and a price $p$ per GPU-hour,
#
# $$ C = \left( 6\,E\,n_\text{SFT} + 2\,n_\text{calls} + 16\,E\,n_\text{DPO} \right) \frac{L\,N}{3600\,S}\, p $$ (eq-synthetic-cost)
#
# for $n_\text{SFT}$ examples, $n_\text{calls}$ calls, $n_\text{DPO}$ pairs and $E$ epochs. A round that keeps $k$ pairs
# of each prompt, samples $r$ responses to it and $j$ judgments of each response needs
#
# $$ n_\text{calls} = \frac{n_\text{pairs}}{k} \left( 1 + r + r j \right) $$ (eq-calls)
#
# calls. By equation {eq}`eq-synthetic-cost` the total is proportional to the price, the parameters and the sequence length: 10 %
# more of one of them is 10 % more on the bill. It is inversely proportional to the speed. The counts act through their share.
# In all it is {glue:text}`gpu_hours` GPU-hours.
# ::::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "The same in Python", "code_prompt_hide": "The same in Python"}
counted_calls = article.count_inference_calls(pairs, responses_per_prompt, pairs_per_prompt, judgments_per_response)
again = article.calculate_synthetic_cost(num_sft_examples, counted_calls.total, dpo_pairs, sequence_length, epochs,
                                         model_parameters, sustained_tflops, price_usd_per_gpu_hour)  # fmt: skip
assert again == cost, "the article's functions give the bill of this chapter"

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Inputs of this chapter, with sources", "code_prompt_hide": "Inputs of this chapter"}
_ = page.inputs(globals(), "tab-synthetic-cost-inputs")

# %% tags=["hide-cell", "nbval-check-output"] mystnb={"code_prompt_show": "Every statement of the article examined here, with its verdict", "code_prompt_hide": "Statements of the article"}
dearest = max(written for _, written in lists.values())
page.ledger(
    "04_synthetic_cost",
    observe("B124", agreed["claude"] >= agreed["person"],
            f"1,000 judgments for {fmt.price(thousand['haiku'])} to {fmt.price(thousand['opus'])}; "
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
# ::::{dropdown} How far to trust it
# :name: synthetic-cost-trust
#
# *One speed for all work.* The bill holds while attention is small against the matrix products, nothing is computed twice to save
# memory, and every step runs at the speed of pre-training. The last fails for generation. To write one token a GPU reads all weights
# from its memory, so with few answers at a time it waits for memory and not for arithmetic ({ref}`sec-inference`). That alone would
# raise the cost of writing many times at small batches.
#
# *One length for all texts.* Every text counts as the full sequence. Real ones are shorter, which would lower everything
# ({ref}`sec-caveats`).
#
# *Left out:* prompts filtered out and pairs lost to ties, reference passes kept for later epochs, evaluation, runs that fail, and
# the data that the pipeline inherits from people: the seed examples, and the preference-trained model that writes the prompts.
# ::::
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
