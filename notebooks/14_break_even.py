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
# (sec-break-even)=
# # Break-even
#
# **Question.** At what price, size and quality does one side stop being cheaper?
#
# **Answer.** *Size.* With the same training and evaluation on both sides and a judge that is validated, a hosted judge
# is cheaper than people from {glue:text}`even_pairs` pairs on, and never for fewer pairs than certify it. Ten times
# cheaper needs more than {glue:text}`ten_least` pairs, whatever the prices.
#
# *Price.* With these lines a model that labels for itself is cheaper than people up to {glue:text}`own_even` per
# GPU-hour. In the article's own sum, with people at {glue:text}`article_price` a label, the synthetic side stops being
# cheaper above {glue:text}`article_even` per GPU-hour, and ten times cheaper above {glue:text}`article_ten`.
#
# *Quality.* For the information in its labels a hosted judge is cheaper down to an agreement of
# {glue:text}`plain_even` if that grows with their lead over a coin, and of {glue:text}`square_even` if it grows with
# the square of the lead; both only if errors are independent.

# %% tags=["parameters"]
price_usd_per_gpu_hour: float = 2.5  # price of one GPU for one hour [USD/GPU-h]
human_usd_per_pair: float = 0.0  # price of one human comparison before fees; 0 follows its words [USD/pair]
raters_per_pair: float = 1.0  # people who compare each pair; a fraction where not every pair is compared [people]
human_agreement: float = 0.81  # agreement of a human label with the label of another person [fraction]
num_validation_pairs: int = 500  # human comparisons that certify a judge [pairs]
judge_agreement: float = 0.849  # agreement of a judge's label with the label of a person [fraction]
judge_prompt_tokens: int = 0  # tokens that a judge reads in one call; 0 follows the pair [tokens]
judge_answer_tokens: int = 34  # tokens that a judge writes in one call [tokens]
judge_orders: int = 2  # orders of two answers that a judge sees [-]
scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]

# %% tags=["remove-cell"]
import math

import numpy as np

from costlib.base import fmt, sampling
from costlib.compute.models import find
from costlib.economics import admissible, break_even, human_work, labels, methods, shares, uncertainty
from costlib.facts import catalog
from costlib.facts.regimes import interval
from costlib.report import figures, page

# %% [markdown]
# ## Inputs
#
# Everything else, such as the model, its lengths, the fees and the judge's price, has its published value unless
# `scenario` changes it ({ref}`sec-parameters`).

# %% tags=["hide-input", "nbval-check-output"]
values = page.inputs(globals(), "tab-even-inputs")

# %% [markdown]
# ## Model
#
# *People* stands for DPO on pairs that people label, *the judge* for the same with a hosted model as the judge, and
# *the model itself* for self-rewarding, with the lines of {ref}`sec-equal-footing`. All end with $n$ usable pairs and
# pay the same evaluation by people, $n_\text{eval}$ comparisons. The last two also buy $n_\text{val}$ comparisons that
# certify their judge. A comparison by people costs $c_H$, with fees, rework and raters.
#
# *Prices.* The article sets $n$ labels at the price $q$ against $t$ GPU-hours at the price $p$:
#
# $$ R = \frac{q\,n}{p\,t}, \qquad p^* = \frac{q\,n}{R^*\,t} $$ (eq-even-article)
#
# Only $q / p$ matters, and the price of a GPU-hour at break-even is that of the $n / t$ labels made in it. On *equal
# footing*, with the same lines on both sides, people and the model itself take $t_H$ and $t_S$ GPU-hours:
#
# $$ R = \frac{c_H\,(n + n_\text{eval}) + p\,t_H + C_\text{seed}}
# {c_H\,(n_\text{val} + n_\text{eval}) + p\,t_S + C_\text{seed}} <
# \max\left(1, \frac{n + n_\text{eval}}{n_\text{val} + n_\text{eval}}\right) $$ (eq-even-footing)
#
# Both sides now contain both prices, so $R$ bends: however dear people are, it stays below the quotient of the
# comparisons that each side buys. A saving of $R^* > 1$ needs $n > R^* n_\text{val} + (R^* - 1)\,n_\text{eval}$. The
# two sides are equal at $p^* = c_H\,(n - n_\text{val}) / (t_S - t_H)$, at no price if $n \le n_\text{val}$.
#
# *Pairs.* Every cost on equal footing is a fixed part and a part in proportion to the pairs. Where people take $c_H$
# for the label of a pair, the judge takes $c_+ = (c_J + \eta\,c_\text{cand}) / (1 - \eta)$, with $c_J$ the price of its
# label, $c_\text{cand}$ that of two candidates, and $\eta$ the share of its labels that is unusable. It is cheaper
# beyond
#
# $$ n^* = n_\text{val}\,\frac{c_H}{c_H - c_+} \ \ge\ n_\text{val} $$ (eq-even-pairs)
#
# pairs, and nowhere if $c_H \le c_+$. Where a hybrid gives a share $s_H$ to people, $n^*$ is divided by $1 - s_H$.
#
# *Quality.* With labels that agree with the preference that is meant in a share $A$ of the cases, $n$ pairs are taken
# for $n\,(2A - 1)^\alpha$ effective ones. The plain count, $\alpha = 1$, is how far an average preference moves. The
# square, $\alpha = 2$, follows the number of examples that learning needs under random errors {cite:p}`angluin1988`. An
# effective pair of the judge stops being cheaper than one of people at
#
# $$ 2A_J^* - 1 = (2A_H - 1) \left( \frac{C_J}{C_H} \right)^{1/\alpha} $$ (eq-even-agreement)
#
# with the costs $C_J$ and $C_H$ of both for $n$ pairs. The majority of three people who err independently agrees with
# $A_H^3 + 3A_H^2(1 - A_H)$.
#
# *Rounds.* If each of $i$ rounds makes, labels, trains on and evaluates $n$ new pairs of one model,
#
# $$ C(i) = C_\text{once} + i\,C_\text{round} + C_\text{val} \quad\text{or}\quad
# C(i) = C_\text{once} + i\,(C_\text{round} + C_\text{val}) $$ (eq-even-rounds)
#
# with the validation $C_\text{val} = c_H\,n_\text{val}$ paid once or in every round, and zero for people.
#
# Valid for many batches, since a batch that is not full is charged in part, and for prices that do not fall with
# volume.

# %%
people, judge, own = (methods.METHODS[name](values) for name in ("human-dpo", "rlaif", "self-rewarding"))
evens = break_even.break_evens(values)
limit, ten_least = break_even.ratio_limit(values), break_even.least_pairs(10, values)
rounds = break_even.rounds(values)

# %% tags=["remove-cell"]
MOST_PAIRS, DRAWS = 1e12, uncertainty.DRAWS  # the most that the vocabulary allows
article, hybrid, pairs = methods.published(values), methods.hybrid(values), people.pairs
labels_per_hour, label_usd = article.pairs / article.gpu_hours, human_work.label_usd(values)
low, high = values["price_usd_per_pair_low"], values["price_usd_per_pair_high"]
by_people, by_hybrid, by_judge = (
    break_even.pair_cost(method, values) for method in (methods.human_dpo, methods.hybrid, methods.rlaif)
)
hybrid_pairs = break_even.pairs_for(1, values, methods.hybrid)

# A majority of three labels the pairs for training; evaluation stays as it is.
majority = labels.majority_of_three(human_agreement)
majority_usd = people.usd + (3 / raters_per_pair - 1) * people.line("labels").usd
one = people.usd_per_effective_pair
three = labels.usd_per_effective_pair(majority_usd, pairs, majority)

ladder = ("llama-3.2-1b", "llama-2-7b", "llama-2-13b", "llama-2-70b", "llama-3.1-405b")
here = values["policy_model"]
models = {name: find(name) for name in (*ladder, here)}
of_size = {name: methods.compare(values | {"policy_model": name}) for name in models}
short = {
    "human-ppo": "people (PPO)", "human-dpo": "people (DPO)", "self-rewarding": "the model itself",
    "rlaif": "hosted judge", "hybrid": "hybrid",
}  # fmt: skip
gpu_shares = {name: {size: shares.of_gpus(of_size[size][name], values) for size in models} for name in short}

# %% tags=["remove-cell"]
# Invariants: true for every valid input.
assert own.gpu_hours > people.gpu_hours, "a model that also judges works longer"
assert people.usd < max(1, limit) * own.usd * (1 + 1e-9), "the ratio stays below the quotient of the comparisons"
by_hand = max(0, label_usd * (pairs - num_validation_pairs)) / (own.gpu_hours - people.gpu_hours)
assert math.isclose(evens.gpu_price, by_hand, rel_tol=1e-6, abs_tol=1e-6), "the closed form must give the price"
assert evens.pairs >= num_validation_pairs * (1 - 1e-6), "no judge pays for fewer pairs than validate it"
later = hybrid_pairs == math.inf or math.isclose(hybrid_pairs * (1 - values["hard_share"]), evens.pairs, rel_tol=1e-6)
assert later, "a hybrid pays later, by the share of its judge"
assert human_agreement <= majority + 1e-12 <= 1 + 1e-11, "a majority of independent raters is no worse than one"

# %% tags=["remove-cell", "nbval-check-output"]
evidence = [row for row in catalog.table("agreement").values() if row.who == "ai-human"]
worst, best = min(row.value_low for row in evidence), max(row.value_high for row in evidence)
fits = {size: admissible.fits(values | {"policy_model": size}, ["dpo"])["dpo"].fits for size in of_size}
page.phrase("unfit", ", ".join(models[size].label for size in of_size if not fits[size]) or "none")
page.phrase("cluster", f"{fmt.number(values['policy_gpus'])} x {catalog.find('gpus', values['cluster_gpu']).label}")
page.phrase("halves", ", ".join(short[name] for name in short if gpu_shares[name][ladder[-1]] > 0.5) or "none")
page.phrase("model_label", models[here].label)
page.publish_all(
    "USD", fmt.price, article_price=low, article_even=low * labels_per_hour, article_ten=low * labels_per_hour / 10,
    human_price=human_usd_per_pair, human_even=human_usd_per_pair * labels_per_hour, gpu_price=price_usd_per_gpu_hour,
    people_fixed=by_people.fixed, judge_fixed=by_judge.fixed, validation=rounds.validation, people_each=by_people.each,
    judge_each=by_judge.each, least_label=evens.human_price, once=rounds.once, own_even=evens.gpu_price,
)  # fmt: skip
checks = {
    name: shares.of_lines(method, "evaluation") for name, method in (("judge", judge), ("own", own), ("people", people))
}
page.publish_all(
    "fraction", fmt.tenths, majority=majority, own_judge=judge_agreement,
    one_person=human_agreement, worst=worst, best=best, judge_checks=checks["judge"], own_checks=checks["own"],
    people_checks=checks["people"],
)  # fmt: skip
against_three = [break_even.agreement(majority, judge.usd / majority_usd, power) for power in (1, 2)]
page.publish_found(
    "fraction", fmt.tenths, plain_even=evens.plain, square_even=evens.square,
    spread_even=break_even.agreement_of_more_pairs(values), plain_three=against_three[0], square_three=against_three[1],
)  # fmt: skip
smallest, largest = (
    of_size[size]["human-dpo"].usd / of_size[size]["self-rewarding"].usd for size in (ladder[0], ladder[-1])
)
votes_gain = 1 + 2 * human_agreement * (1 - human_agreement)
slope_ratio = by_people.each / by_judge.each if by_judge.each else math.inf
page.publish_found("ratio", fmt.ratio_2, "no limit", slope_ratio=slope_ratio)
page.publish_all(
    "ratio", fmt.ratio_2, judge_ratio=people.usd / judge.usd,
    rounds_limit=rounds.limit(), every_limit=rounds.limit(again=True), votes_cost=majority_usd / people.usd,
    votes_gain=votes_gain, votes_square=votes_gain**2, smallest=smallest, largest=largest,
)  # fmt: skip
page.publish_found("ratio", fmt.ratio_2, limit=max(1, limit))
page.publish_all("GPU-h", lambda hours: fmt.number(hours, 1), article_hours=article.gpu_hours,
                 own_hours=own.gpu_hours - people.gpu_hours)  # fmt: skip
page.publish("labels_per_hour", labels_per_hour, "pairs/GPU-h", fmt.number(labels_per_hour, 1))
page.publish_all("pairs", fmt.number, ten_least=ten_least, pairs=pairs)
page.publish_found(
    "pairs", fmt.least, otherwise="no number of", even_pairs=evens.pairs, ten_pairs=evens.pairs_ten, even_hybrid=hybrid_pairs,
    ten_own=break_even.pairs_for(10, values, methods.self_rewarding),
)  # fmt: skip
page.publish_found("rounds", fmt.number, ten_once=rounds.first(10), ten_every=rounds.first(10, again=True))

# %% [markdown]
# ## Result
#
# ### How far to trust it
#
# Four in five published measurements lie between the two factors in the last column times the model's GPU time
# ({ref}`sec-validation`); prices of people and of a judge are not predicted, and nothing is in the article's own sum. The
# model itself and people differ by GPU time of generation alone. All break-evens with GPU time off by such a factor end the
# section on sensitivity.

# %% tags=["hide-input", "nbval-check-output"]
page.trust(
    "tab-even-trust",
    [
        ("GPU-hours between the model itself and people", "inference", own.gpu_hours - people.gpu_hours,
         lambda spent: fmt.number(spent, 1)),
        ("GPU price up to which the model itself is cheaper", "inference", evens.gpu_price, fmt.price),
        *((f"{short[method.name]}, in all", "alignment", method.usd, fmt.price, shares.paid_usd(method, values))
          for method in (people, own, judge)),
    ],
)  # fmt: skip

# %% [markdown]
# ### Prices of a GPU and of a label
#
# The article's pipeline makes {glue:text}`labels_per_hour` pairs in a GPU-hour. That is its whole price law, equation
# {eq}`eq-even-article`: at {glue:text}`article_price` a label the two sides are equal at {glue:text}`article_even` per
# GPU-hour, and at {glue:text}`human_price` at {glue:text}`human_even`. It charges all its {glue:text}`article_hours`
# GPU-hours to the synthetic side. On equal footing {glue:text}`own_hours` GPU-hours separate the two sides, and at
# {glue:text}`human_price` before fees the model itself is cheaper than people up to {glue:text}`own_even` per GPU-hour.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Who is cheaper, by the price of a GPU and of a label. Below a solid line the article's ratio is less than ten or than one. Below the dashed line the model itself is dearer than people on equal footing, with people's price before fees; a dashed line for ten is drawn where these counts allow it. Dots: the article's two label prices at {glue:text}`gpu_price`, and the low one at the list price at launch. Dotted: prices of human labels in the tables of facts.", "name": "fig-even-prices"}, "image": {"alt": "Logarithmic axes of the GPU price and the price of a human label. Parallel rising lines mark a ratio of ten and of one in the article's sum, and a dashed line the break-even on equal footing. Three dots stand for the article's prices; dotted horizontal lines mark prices of human labels from a crowd to experts."}}
known = catalog.table("label_prices")
marks = {
    "crowd": known["alpacafarm-crowd"].usd_per_label_low, "service": known["lee-human"].usd_per_label_low,
    "Llama 2": known["llama-2-reported"].usd_per_label_low, "expert": known["claru-expert"].usd_per_label_low,
}  # fmt: skip
listed = values["list_price_usd_per_gpu_hour"]
dots = {
    "article, low": (price_usd_per_gpu_hour, low, (-7, 9), "right"),
    "article, high": (price_usd_per_gpu_hour, high, (-7, 9), "right"), "list price": (listed, low, (6, -9), "left"),
}  # fmt: skip
ends = [min(0.25, 0.5 * price_usd_per_gpu_hour), max(100, 2 * price_usd_per_gpu_hour, 2 * listed)]
grid = np.geomspace(*ends, 40)
at_price, lines = values | {"price_usd_per_gpu_hour": grid}, {}
for ratio, colour in ((10, figures.BLUE), (1, figures.RED)):
    lines[f"article, {ratio}x"] = grid * ratio / labels_per_hour, colour, "-"
    if limit > ratio:
        equal = break_even.human_price_for(ratio, at_price, methods.self_rewarding)
        lines[f"equal footing, {ratio}x"] = equal, colour, "--"
fig, ax = figures.canvas(7, 4.4)
for name, (usd_per_label, colour, style) in lines.items():
    ax.plot(grid, usd_per_label, color=colour, ls=style, lw=2, label=name)
for name, usd_per_label in marks.items():
    ax.axhline(usd_per_label, color=figures.GREY, lw=0.9, ls=":", zorder=0)
    text = f"{name} {fmt.usd(usd_per_label, 0 if usd_per_label >= 10 else 2)}"
    ax.text(1.01, usd_per_label, text, fontsize=11, va="center", transform=ax.get_yaxis_transform())
dots = {name: dot for name, dot in dots.items() if dot[1] > 0}
for name, (x, y, aside, side) in dots.items():
    ax.plot(x, y, "o", color="black", ms=7)
    figures.say(ax, x, y, name, fontsize=11, xytext=aside, ha=side)
shown = [
    *marks.values(),
    *(dot[1] for dot in dots.values()),
    *(curve[0][end] for curve in lines.values() for end in (0, -1) if 0 < curve[0][end] < math.inf),
]
span = min(shown) * 0.5, max(shown) * 2
ax.set(xscale="log", yscale="log", xlim=ends, ylim=span)
ax.set(xlabel="price of a GPU [USD per GPU-hour]", ylabel="price of a human label [USD]")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(lines) if len(lines) < 4 else 2, fontsize=11.5,
          columnspacing=1.2, handlelength=1.6)  # fmt: skip
figures.plain_log(ax.xaxis, figures.ticks(*ends, (1, 3), within=3000), figures.usd_tick)
figures.plain_log(ax.yaxis, figures.ticks(*span, (1,)), figures.usd_tick)
# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-prices",
    ["GPU price [USD/GPU-h]", *(f"label price: {name} [USD]" for name in lines)],
    [list(map(float, row)) for row in zip(grid, *(curve[0] for curve in lines.values()), strict=True)],
)

# %% [markdown]
# In the article's sum dearer people raise the ratio without end. On equal footing both sides buy people's time. By
# equation {eq}`eq-even-footing` the limit of the ratio for the {glue:text}`pairs` pairs of this run is
# {glue:text}`limit`, and a saving of ten needs more than {glue:text}`ten_least` pairs at any prices. People's cost over
# that of each alternative, at {glue:text}`gpu_price` per GPU-hour:

# %% tags=["hide-input", "nbval-check-output"]
paid = {
    "this run": human_usd_per_pair, "the article, high": high, "crowd (AlpacaFarm)": marks["crowd"],
    "Llama 2, reported": marks["Llama 2"], "expert, a vendor's page": marks["expert"],
}  # fmt: skip


def ratios_at(usd):
    found = methods.compare(values | {"human_usd_per_pair": usd}, ("human-dpo", "self-rewarding", "rlaif"))
    ratios = [found["human-dpo"].usd / found[name].usd for name in ("self-rewarding", "rlaif")]
    return [usd * labels_per_hour / price_usd_per_gpu_hour, *ratios]


without_end = fmt.ratio(limit, 2) if math.isfinite(limit) else "no limit"
df = page.table(
    "tab-even-human-prices",
    ["human price", "USD per label", "article's sum", "the model itself", "hosted judge"],
    [
        *([name, fmt.price(usd), *(fmt.ratio(ratio, 0 if ratio >= 100 else 2) for ratio in ratios_at(usd))]
          for name, usd in sorted(paid.items(), key=lambda row: row[1])),
        ["dearer without end", "-", "no limit", without_end, without_end],
    ],
)  # fmt: skip

# %% [markdown]
# ### The number of pairs
#
# Without a single pair, people cost {glue:text}`people_fixed`: evaluation, fine-tuning, its failed runs and the seed
# data. A judge costs {glue:text}`judge_fixed`: the same, and {glue:text}`validation` for its validation. From there a
# pair costs people {glue:text}`people_each` and the judge {glue:text}`judge_each`. By equation {eq}`eq-even-pairs` the
# judge is cheaper from {glue:text}`even_pairs` pairs on, the hybrid from {glue:text}`even_hybrid` pairs on.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Cost against the number of pairs. The hosted judge is cheaper than people from {glue:text}`even_pairs` pairs on (filled dot), the hybrid from {glue:text}`even_hybrid` (open dot), and the judge is ten times cheaper from {glue:text}`ten_pairs`. Crosses: the {glue:text}`pairs` pairs of this run.", "name": "fig-even-pairs"}, "image": {"alt": "Three curves on logarithmic axes of pairs and dollars: people, the hybrid and the hosted judge. Each is flat at the left, where evaluation and validation are the cost, and at the right rises in proportion to the pairs. Dots mark where the judge and the hybrid become cheaper than people."}}
curves = {"people": by_people, "hybrid": by_hybrid, "hosted judge": by_judge}
colours = figures.RED, figures.GREEN, figures.BLUE
crossings = {n: face for n, face in ((evens.pairs, "black"), (hybrid_pairs, "white")) if 0 < n < math.inf}
ends = min(100, pairs, *(n / 2 for n in crossings)), max(1e6, pairs, *(2 * n for n in crossings))
grid = np.geomspace(*ends, 60)
fig, ax = figures.canvas(7, 4)
for curve, colour in zip(curves.values(), colours, strict=True):
    ax.plot(grid, curve.usd(grid), color=colour, lw=2)
    ax.plot(pairs, curve.usd(pairs), "x", color=colour, ms=7, mew=1.8)
for number, face in crossings.items():
    ax.plot(number, by_people.usd(number), "o", color="black", mfc=face, ms=8, mew=1.6, zorder=4)
ax.set(xscale="log", yscale="log", xlim=ends, xlabel="usable pairs", ylabel="cost [USD]")
figures.names_at_right(ax, {name: curve.usd(ends[1]) for name, curve in curves.items()}, colours)
figures.plain_log(ax.xaxis, figures.ticks(*ends, (1,)))
figures.plain_log(ax.yaxis, figures.ticks(*ax.get_ylim()), figures.usd_tick)
ax.grid()
# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-pairs",
    ["pairs [-]", *(f"{name} [USD]" for name in curves)],
    [[float(n), *(float(curve.usd(n)) for curve in curves.values())] for n in grid],
)

# %% [markdown]
# As long as the judge's own cost for a pair is small beside people's, $n^*$ is hardly more than $n_\text{val}$,
# whatever people are paid: their price stands on both sides. A project of fewer pairs buys more human labels to trust
# its judge than it needs in all. If people cost less than {glue:text}`least_label` a comparison before fees, the judge
# never becomes cheaper.
#
# For many pairs the ratio approaches that of the two slopes, {glue:text}`slope_ratio`; in this run it is
# {glue:text}`judge_ratio`. A ratio of ten is reached by the judge from {glue:text}`ten_pairs` pairs on, by the model
# itself from {glue:text}`ten_own`. What decides is how closely the judge has to be known. Comparisons that certify an
# agreement of {glue:text}`own_judge` within a margin, with 95 % confidence, and the pairs from which the
# judge is then cheaper:


# %% tags=["hide-input", "nbval-check-output"]
def margin_row(points):
    count = math.ceil(labels.validation_pairs(judge_agreement, points / 100))
    needed = [break_even.pairs_for(ratio, values | {"num_validation_pairs": count}) for ratio in (1, 10)]
    return [f"± {points}", fmt.number(count), fmt.price(count * label_usd), *map(fmt.least, needed)]


df = page.table(
    "tab-even-validation-margin",
    ["margin [points]", "comparisons", "cost", "cheaper from", "ten times cheaper from"],
    [margin_row(points) for points in (5, 4, 3, 2, 1)],
)

# %% [markdown]
# ### The quality of the judge
#
# Labels that agree less say less. By the plain count, an effective pair of the judge is cheaper than one of people down
# to an agreement of {glue:text}`plain_even`; by the square, of {glue:text}`square_even`. The judge of this run agrees
# in {glue:text}`own_judge`.

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Cost of an effective pair, by the plain count, against the judge's agreement. The hosted judge is cheaper than people of {glue:text}`one_person` agreement down to an agreement of {glue:text}`plain_even` (dot). A majority of three agrees with {glue:text}`majority` if their errors are independent. Crosses: a judge of {glue:text}`own_judge`.", "name": "fig-even-agreement"}, "image": {"alt": "Cost of an effective pair on a logarithmic axis against the agreement of the judge from one half to one. The curves of the hosted judge and of the hybrid fall to the right, the judge's steeply near one half; dashed horizontal lines mark people and a majority of three of them. A dot marks where the judge's curve crosses people's line."}}
grid = np.linspace(0.505, 1, 100)
by_agreement = values | {"judge_agreement": grid}
level = np.ones(len(grid))
curves = {
    "majority of three": (three * level, figures.ORANGE, "--"), "people": (one * level, figures.RED, "--"),
    "hybrid": (methods.hybrid(by_agreement).usd_per_effective_pair * level, figures.GREEN, "-"),
    "hosted judge": (methods.rlaif(by_agreement).usd_per_effective_pair * level, figures.BLUE, "-"),
}  # fmt: skip
# A coin's label has no effective pair, and no line.
curves = {name: curve for name, curve in curves.items() if curve[0].max() < 1e6 * judge.usd}
fig, ax = figures.canvas(7, 4)
for usd_per_pair, colour, style in curves.values():
    ax.plot(100 * grid, usd_per_pair, color=colour, lw=2, ls=style)
if grid[0] < evens.plain < 1:
    ax.plot(100 * evens.plain, one, "o", color="black", ms=8, zorder=4)
for method, colour in ((judge, figures.BLUE), (hybrid, figures.GREEN)):
    if judge_agreement > grid[0]:
        ax.plot(100 * judge_agreement, method.usd_per_effective_pair, "x", color=colour, ms=7, mew=1.8)
ax.set(yscale="log", xlim=(50, 100), xlabel="agreement of the judge [%]", ylabel="cost of an effective pair [USD]")
figures.names_at_right(
    ax, {name: curve[0][-1] for name, curve in curves.items()}, [curve[1] for curve in curves.values()]
)
figures.plain_log(ax.yaxis, figures.ticks(*ax.get_ylim(), (1, 3), within=1000), figures.usd_tick)
ax.grid()
# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-agreement",
    ["agreement [fraction]", *(f"{name} [USD]" for name in curves)],
    [list(map(float, row)) for row in zip(grid, *(curve[0] for curve in curves.values()), strict=True)],
)

# %% [markdown]
# With a majority of three for each pair, DPO on human labels costs {glue:text}`votes_cost` as much as in this run, for
# {glue:text}`votes_gain` the information by the plain count and {glue:text}`votes_square` by the square. Against it the
# judge is cheaper down to an agreement of {glue:text}`plain_three` by the plain count and of {glue:text}`square_three`
# by the square. If the judge labels more pairs, until their information by the square equals that of people's, its fixed
# part is spread, and it is cheaper than people down to {glue:text}`spread_even`.
#
# The judges in the table of agreements reach {glue:text}`worst` to {glue:text}`best`
# {cite:p}`lee2024rlaif,zheng2023judging`. ChatGPT in AlpacaEval, which is not in it, agreed in 57.3 % of the cases
# {cite:p}`li2023alpacaeval`. The break-even by the square is {glue:text}`square_even`.
#
# All of this prices independent errors. A judge that is wrong on the same kind of pair every time teaches its error,
# and more of its labels teach it better. Then there is no break-even in dollars.
#
# ### Rounds of retraining
#
# An aligned model gives other answers, so that labels are bought again. Paid once are {glue:text}`once`, for seed data
# and fine-tuning. Each round makes, labels, trains on and evaluates {glue:text}`pairs` new pairs. The judge is validated
# once or in each round; ratios are people's cost over the judge's:


# %% tags=["hide-input", "nbval-check-output"]
def round_row(count):
    (theirs, once), (_, every) = (rounds.usd(count, again) for again in (False, True))
    ours = (cell for usd in (once, every) for cell in (fmt.price(usd), fmt.ratio(theirs / usd, 2)))
    return [str(count), fmt.price(theirs), *ours]


df = page.table(
    "tab-even-rounds",
    ["rounds", "people", "judge, once", "ratio, once", "judge, each round", "ratio, each round"],
    [round_row(count) for count in (1, 2, 3, 5, 10, 20)],
)

# %% [markdown]
# Validated once, the ratio goes towards {glue:text}`rounds_limit`; the first round with a ratio of ten is:
# {glue:text}`ten_once`. Validated in each round it goes towards {glue:text}`every_limit`; the first round with ten is:
# {glue:text}`ten_every`. Whether a judge keeps its agreement on the answers of a changed policy is not known here: a validation that is not repeated is
# an assumption.
#
# ### The size of the model
#
# GPU time grows with the model; labels by people or a hosted judge do not. The first three numbers are for
# {glue:text}`model_label`; the last two columns name the first of five Llama models, from 1B to 405B, at which GPU time
# other than that of labels exceeds the labels, and at which all GPU time exceeds half of the cost.


# %% tags=["hide-input", "nbval-check-output"]
def first_size(name, holds):
    return next((models[size].label for size in ladder if holds(of_size[size][name])), "none of the five")


df = page.table(
    "tab-even-gpu-share",
    ["method", "labels", "GPU time", "checks by people", "GPU above labels", "GPU above half"],
    [
        [text, *(fmt.tenths(share) for share in (shares.of_lines(of_size[here][name], "labels"),
                 gpu_shares[name][here], shares.of_lines(of_size[here][name], "evaluation"))),
         first_size(name, lambda m: shares.of_gpus(m, values, ["labels"]) > shares.of_lines(m, "labels")),
         first_size(name, lambda m: shares.of_gpus(m, values) > 0.5)]
        for name, text in short.items()
    ],
)  # fmt: skip

# %% tags=["hide-input", "nbval-ignore-output"] mystnb={"figure": {"caption": "Share of GPU time in the cost, against the size of the model that is aligned. At the largest of the five models it is above half for: {glue:text}`halves`. Crosses: {glue:text}`model_label`.", "name": "fig-even-sizes"}, "image": {"alt": "Five rising curves of the share of GPU time in per cent against the parameters of the model on a logarithmic axis: people with PPO, the model itself, the hosted judge, the hybrid, and people with DPO. A dotted line marks one half."}}
sizes = [models[size].parameters / 1e9 for size in ladder]
curves = {short[name]: [100 * gpu_shares[name][size] for size in ladder] for name in short}
crosses = [100 * gpu_shares[name][here] for name in short]
colours = figures.ORANGE, figures.RED, figures.PINK, figures.BLUE, figures.GREEN
fig, ax = figures.canvas(7, 4)
for curve, cross, colour in zip(curves.values(), crosses, colours, strict=True):
    ax.plot(sizes, curve, "o-", color=colour, lw=2, ms=5)
    ax.plot(models[here].parameters / 1e9, cross, "x", color="black", ms=7, mew=1.8, zorder=4)
ax.axhline(50, color=figures.GREY, lw=1.2, ls=":")
ax.set(xscale="log", ylim=(0, 100), xlabel="parameters [10⁹]", ylabel="share of GPU time [%]")
figures.names_at_right(ax, {name: curve[-1] for name, curve in curves.items()}, colours)
figures.plain_log(ax.xaxis, figures.ticks(*ax.get_xlim(), (1, 3), within=math.inf))
# %% tags=["remove-input", "nbval-check-output"]
df = page.data(
    "fig-even-sizes",
    ["parameters [10^9]", *(f"{name} [%]" for name in curves)],
    [list(row) for row in zip(sizes, *curves.values(), strict=True)],
)

# %% [markdown]
# Checks by people, evaluation and validation, are the rest beside seed data: {glue:text}`judge_checks` with the hosted
# judge, {glue:text}`own_checks` with the model itself, {glue:text}`people_checks` with people. The labels of the model
# itself are GPU time too, so its ratio to people goes from {glue:text}`smallest` at the smallest of the five to
# {glue:text}`largest` at the largest. Whether a small model judges as well as a large one is another question. Models of
# which {glue:text}`cluster` do not hold DPO in memory: {glue:text}`unfit`. What does not fit is given the time of its
# work all the same.
#
# ### Statements examined here
#
# No statement of the article has its place in this chapter, but several appear in another light.
# [B071](#claim-b071) and [B072](#claim-b072) are the dots named low and high in {numref}`fig-even-prices`. By
# [B073](#claim-b073) the saving exceeds ten in the most cautious case and by [B095](#claim-b095) at any GPU price; here
# ten is a line between two prices and, on equal footing, first of all a number of pairs. [B079](#claim-b079) is about
# scale: with fixed costs on both sides, scale favours the side that pays less for a pair. [B090](#claim-b090), that a
# good judge pays off over later data, is a matter of how long its validation holds.
#
# ## Sensitivity
#
# The break-evens over the ranges of the inputs ({ref}`sec-parameters`), each drawn independently. Inputs that this run
# changes keep their values. The last column names the input that moves a break-even most when it alone goes from end to
# end of its range.

# %% tags=["hide-input", "nbval-check-output"]
inputs = uncertainty.around(values, draws=DRAWS)
drawn = break_even.break_evens(inputs)
free = [name for name in uncertainty.uncertain() if name not in uncertainty.held(values)]
samples = [sampling.sample(np.minimum(np.broadcast_to(column, DRAWS), MOST_PAIRS)) for column in drawn]
texts = {
    "GPU price up to which the model itself is cheaper [USD/GPU-h]": fmt.price,
    "human price from which the judge can be cheaper [USD]": fmt.price,
    "pairs from which the judge is cheaper": fmt.least,
    "pairs from which it is ten times cheaper": fmt.least,
    "agreement of the judge, plain count": fmt.tenths,
    "agreement of the judge, square": fmt.tenths,
}


def strongest(row):
    bars = uncertainty.tornado(lambda v: min(break_even.break_evens(v)[row], MOST_PAIRS), values, free)
    return next((name for name, *ends in bars if ends[0] != ends[1]), "-")


df = page.table(
    "tab-even-spread",
    ["break-even", "this run", "median", "5 %", "95 %", "moved most by"],
    [
        [name, *map(text, (evens[row], samples[row].median, *samples[row].interval)), strongest(row)]
        for row, (name, text) in enumerate(texts.items())
    ],
)

# %% tags=["remove-cell", "nbval-check-output"]
page.publish_all("fraction", lambda share: fmt.part(share, 2),
                 plain_share=float(np.mean(inputs["judge_agreement"] > drawn.plain)),
                 square_share=float(np.mean(inputs["judge_agreement"] > drawn.square)))  # fmt: skip

# %% [markdown]
# The values of this run need not be medians of the draws: most ranges are skewed, people's price upwards. The judge
# that is drawn agrees more than the break-even asks in {glue:text}`plain_share` of the draws by the plain count and in
# {glue:text}`square_share` by the square. These shares say what the stated ranges imply, no more, and errors are
# independent in every draw.
#
# The draws hold the error of the model too (`gpu_time_factor`). What it does alone, with all GPU time, of every side,
# shorter or longer by the factor that {ref}`sec-validation` earns for alignment:

# %% tags=["hide-input", "nbval-check-output"]
# A factor in all GPU time acts like the same factor in its price.
gpu_prices = interval("alignment", price_usd_per_gpu_hour)
off = [*zip(*(break_even.break_evens(values | {"price_usd_per_gpu_hour": usd}) for usd in gpu_prices), strict=True)]
off[0] = interval("alignment", evens.gpu_price)[::-1]
df = page.table(
    "tab-even-gpu-time",
    ["break-even", "this run", "GPU time shorter", "longer"],
    [[name, *map(text, (evens[row], *off[row]))] for row, (name, text) in enumerate(texts.items())],
)

# %% [markdown]
# ## Limits
#
# *Measured* are prices of labels and GPUs, agreements, and the lengths of a judge call. *Assumed* are the fees, the
# shares of rework and failed runs, and that evaluation and validation are bought from the same people at the same
# price. *Computed* is the rest.
#
# The set-up of a labelling project and the design of a judge's prompt cost no dollars here, on either side. Human
# labels bought for validation could train the model too, which would bring $n^*$ down to $n_\text{val}$. A pair is
# worth the same whether it is the first or the last. The price of a hosted judge does not follow that of GPUs, and a
# judge's agreement does not depend on the model that is aligned. The agreement of a human label is an input that more
# raters do not raise by themselves; in the majority of three it is taken as that of one person. People who disagree do
# not always err: where tastes differ, a majority approaches no truth.
#
# What would change the conclusions most is a measurement of how a judge's errors pass into the model that is trained on
# its labels. Prices and counts move the break-evens by factors; errors that are not independent remove the last of
# them.
#
# ## Re-run this chapter
#
# ```bash
# costlib rerun -o mine --chapters 14 -p human_usd_per_pair=3.5 -p num_validation_pairs=2000 -p policy_model=llama-2-7b
# papermill notebooks/14_break_even.ipynb out.ipynb -p price_usd_per_gpu_hour 4.1 -p judge_agreement 0.6
# ```
#
# ## References
#
# The article {cite:p}`mamath2025economics`, the pipeline that it prices {cite:p}`yuan2024selfrewarding`, prices and
# agreements {cite:p}`lee2024rlaif,li2023alpacaeval,zheng2023judging,huyen2025aiengineering,claru2026expert`, learning
# from noisy labels {cite:p}`angluin1988`. Tables of facts: {ref}`sec-data`. Full entries: {doc}`/book/bibliography`.
