"""What labels buy: the evidence, fits made again from its rows, and dollars against draws by NumPy."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from command import refused

from costlib.economics import quality, reward_models
from costlib.facts import catalog

ROWS = catalog.table("quality_evidence")


def fitted(name):
    return catalog.find("quality_fits", name)


def value(name):
    return ROWS[name].value


def least_squares(x, y):
    """P - D exp(-x / w) by a search over w, the rest being linear."""
    found = []
    for width in np.arange(5, 40, 0.01):
        columns = np.c_[np.ones_like(x), -np.exp(-x / width)]
        (plateau, drop), *_ = np.linalg.lstsq(columns, y, rcond=None)
        found.append((((columns @ (plateau, drop) - y) ** 2).sum(), plateau, drop, width))
    return min(found)[1:]


# --- fits, again from the rows ---------------------------------------------------------------------------------------


def test_the_shift_is_what_random_error_leaves_over_in_five_reward_models():
    # Agreement A with people: (2A - 1)^2 of the labels count, so 1.1 x 2 x log2(1 / (2A - 1)) points are lost.
    cases = {"summaries-ai": "summaries", "summaries-ai-base": "summaries", "summaries-ai-own": "summaries",
             "helpful-ai": "helpful", "harmless-ai": "harmless"}  # fmt: skip
    left = []
    for ai, people in cases.items():
        random = 1.1 * 2 * math.log2(1 / (2 * value(f"lee-agreement-{ai}") / 100 - 1))
        left.append(value(f"lee-reward-{people}-human") - value(f"lee-reward-{ai}") - random)
    assert sorted(left) == pytest.approx([-0.66, -0.19, 3.26, 5.15, 8.55], abs=0.006)
    reach = 2.1318 * np.std(left, ddof=1) * math.sqrt(1 + 1 / 5)  # Student, four degrees of freedom
    shift = fitted("shift")
    assert (shift.value, shift.low, shift.high) == pytest.approx(
        (np.mean(left), np.mean(left) - reach, np.mean(left) + reach), rel=1e-3)  # fmt: skip


def test_the_curve_of_reward_models_is_the_nearest_to_its_points_and_its_errors_are_of_points_left_out():
    points = reward_models.curve("ppo-on-policy")
    x, y = (np.array([getattr(point, axis) for point in points]) for axis in "xy")
    assert [fitted(name).value for name in ("plateau", "drop", "width")] == pytest.approx(least_squares(x, y), rel=1e-3)
    errors = []
    for place in range(len(x)):
        others = np.arange(len(x)) != place
        plateau, drop, width = least_squares(x[others], y[others])
        errors.append(abs(plateau - drop * math.exp(-x[place] / width) - y[place]))
    errors = np.array(errors)
    flat = x >= fitted("flat-from").value
    assert fitted("flat-from").value == min(point.x for point in points if "flipped" not in point.note)
    assert fitted("flat-error").value == pytest.approx(errors[flat].max(), rel=1e-3)
    assert fitted("bend-error").value == pytest.approx(errors[~flat].max(), rel=1e-2)
    found = reward_models.benchmark_score(x)
    assert np.all((found.low <= y) & (y <= found.high))
    # Of least squares no residual is larger than the error of its point left out: the fit to all is the nearest to all,
    # and that to the others the nearest to the others.
    assert np.all(np.abs(found.value - y) <= errors + 0.001)


def test_noise_costs_a_tenth_of_the_gain_for_each_nat():
    slopes, over, under, shares = {}, 0, 0, []
    for kind in ("gpt4", "pool"):
        curves = (reward_models.curve(f"noise-{kind}-{way}") for way in ("clean", "flipped"))
        clean, noisy = ({point.x: point.y for point in curve} for curve in curves)
        many = [n for n in clean if n >= 4]
        nats = np.array([math.log(n) - (n - 1) / n for n in many])
        gain, left = (np.array([each[n] - each[1] for n in many]) for each in (clean, noisy))
        slopes[kind] = (gain * nats) @ (gain - left) / ((gain * nats) @ (gain * nats))
        over, under = over + (gain * nats) @ (gain - left), under + (gain * nats) @ (gain * nats)
        shares += list(zip(nats, left / gain, strict=True))
    loss = fitted("loss-per-nat")
    assert (loss.value, loss.low, loss.high) == pytest.approx((over / under, *sorted(slopes.values())), rel=1e-3)
    off = [share - (1 - loss.value * nats) for nats, share in shares]
    assert fitted("kept-error").value == pytest.approx(1.7396 * math.sqrt(sum(x * x for x in off) / 17), rel=1e-3)


def test_outcomes_of_a_further_study_lie_where_those_of_eight_contrasts_do():
    found = [each.difference for each in quality.contrasts(in_fit=True)]
    assert sorted(found) == pytest.approx([-12, -2.86, -1.74, -0.7, 0.65, 1, 2, 5.1])
    reach = 1.8946 * np.std(found, ddof=1) * math.sqrt(1 + 1 / 8)  # Student, seven degrees of freedom
    row = fitted("outcome")
    assert (row.value, row.low, row.high) == pytest.approx(
        (np.mean(found), np.mean(found) - reach, np.mean(found) + reach), rel=1e-3)  # fmt: skip
    assert fitted("evaluation-error").value == pytest.approx(math.hypot(1.7, 100 * math.sqrt(0.25 / 805)), rel=1e-3)
    assert fitted("targeted").value == pytest.approx(value("skywork-mixed") - value("skywork-ai"))
    assert fitted("slope").value == value("stiennon-slope") and fitted("slope").high == value("shen-slope-high")


# --- what was written down before it was compared --------------------------------------------------------------------


@pytest.mark.parametrize("row", catalog.table("quality_predictions").values(), ids=lambda row: row.name)
def test_the_rule_still_says_what_was_registered(row):
    given = {name: row.get(name) for name in ("error", "share", "method", "evaluator") if row.get(name)}
    found = quality.predict(row.quantity, same_pairs=bool(row.same_pairs), **given)
    assert (row.value, row.low, row.high) == pytest.approx(found, rel=1e-3)


def test_nothing_is_fitted_to_a_study_that_is_predicted():
    kept = {row.study for row in catalog.table("quality_predictions").values()}
    assert kept == {"RLTHF", "HyPER"}
    assert not kept & {row.study for each in quality.contrasts(in_fit=True) for row in (each.human, each.ai)}
    for row in catalog.table("quality_fits").values():
        assert not {"rlthf2025", "miranda2025hybrid"} & set(row.source.split(";"))
        for name in row.fitted_to.split("|"):
            assert (
                name == "quality_contrasts"
                or (name in ROWS and ROWS[name].study not in kept)
                or reward_models.curve(name)
            )


def test_hits_and_misses_are_counted_by_hand():
    # RLTHF: 17.1 and 10.8 points of accuracy, 6.5 and 1.0 of win rate, 3.3 and 0.6 at random, 8.9 and 3.1 targeted,
    # 89.6 and 88.0 % corrected. HyPER: people less GPT-4 -6.1, 6.6, -5.9, -12.6 and -1.1, 1.6, -2.7, 0.2; routed less
    # GPT-4 4.1, 13.9, 5.9, 0.6 and 1.1, 1.8, 0.2, -0.9.
    found = {each.row.name: each for each in quality.tested()}
    assert [found[f"hyper-{name}-outcome"].found for name in ("multipref", "helpsteer2", "alpacafarm", "arena")] == [
        -6.1, 6.6, -5.9, -12.6]  # fmt: skip
    assert {name for name, each in found.items() if not each.hit} == {
        "rlthf-dialogue-accuracy", "rlthf-dialogue-corrected", "rlthf-summaries-corrected", "hyper-arena-outcome",
        "hyper-arena-best-targeted"}  # fmt: skip


# --- refusals and ranges ---------------------------------------------------------------------------------------------


def test_a_prediction_names_the_input_that_is_missing():
    refused(r"^error is needed to predict accuracy \[fraction\]$", quality.predict, "accuracy", same_pairs=True)
    refused(r"^labels_by_ai is needed to predict outcome \[labels\]$",
            lambda: quality.predict("outcome", labels_by_people=9000, method="dpo", evaluator="people"))  # fmt: skip
    refused(r"^evaluator is needed to predict outcome \[-\]$",
            lambda: quality.predict("outcome", same_pairs=True, method="dpo"))  # fmt: skip
    refused("^evaluator must be one of people, model, benchmark, got 'crowd'",
            lambda: quality.predict("outcome", same_pairs=True, method="dpo", evaluator="crowd"))  # fmt: skip
    refused(r"^labels_by_people must be from a quarter to four times labels_by_ai \[labels\], .* got 0.1 times$",
            lambda: quality.predict("outcome", labels_by_people=5000, labels_by_ai=50_000, method="dpo",
                                    evaluator="people"))  # fmt: skip
    refused("^quantity must be one of accuracy, outcome", quality.predict, "quality")
    refused(r"^share must be at most 1 \[fraction\], got 6$",
            lambda: quality.predict("targeted accuracy", error=0.2, share=6))  # fmt: skip
    refused(r"^labels_by_ai must be at least 2000 \[labels\], got 0$",
            lambda: quality.predict("accuracy", labels_by_people=5000, labels_by_ai=0, error=0.2))  # fmt: skip


def test_nothing_is_said_outside_of_what_was_measured():
    refused(r"^than must be at least 2000 \[labels\], got 500$", reward_models.accuracy_gain, 4000, 500)
    refused(r"^random_error must be below 0.5 \[fraction\], got 0.5$", reward_models.effective_labels, 100, 0.5)
    refused(r"^reward_bench must be from 6.1 to 68.7 \[points\], got 75$", reward_models.benchmark_score, 75)
    refused(r"^random_error must be from 0 to 0.25 \[fraction\], got 0.3$", reward_models.kept_gain, 0.3, 16)
    refused(r"^best_of must be from 4 to 1024 \[answers\], got 2$", reward_models.kept_gain, 0.2, 2)
    refused("^votes must be an odd number of at least 1", reward_models.majority_error, 0.3, 2)
    refused("^unknown annotator 'gpt-5'", reward_models.label_information, "gpt-5")


# --- labels and layers by hand ---------------------------------------------------------------------------------------


def test_three_votes_of_people_pass_the_floor_of_gpt4_and_no_number_of_gpt4_labels_does():
    people, gpt4, longest = map(reward_models.label_information, ("people", "gpt-4-alpacaeval", "longest"))
    # p = 0.657 right: 3 p^2 q and q^3 wrong; five votes by the binomial sum.
    q = people.random
    assert reward_models.majority_error(q, 3) == pytest.approx(q**3 + 3 * q**2 * (1 - q))
    assert reward_models.majority_error(q, 3) == pytest.approx(0.273, abs=0.0006)
    assert reward_models.majority_error(q, 5) == pytest.approx(0.225, abs=0.0006)
    assert gpt4.systematic == pytest.approx(0.284, abs=0.0006)
    assert reward_models.majority_error(q, 3) < gpt4.systematic < q
    assert gpt4.systematic_share == pytest.approx(28.4 / 30.8, abs=0.003)
    assert (longest.usd, longest.ceiling, longest.random) == (0, 1 - longest.systematic, 0)


def test_majorities_of_votes_against_draws():
    votes = np.random.default_rng(1).random((200_000, 5)) < 0.343
    assert reward_models.majority_error(0.343, 5) == pytest.approx((votes.sum(1) > 2).mean(), abs=0.004)


def test_a_label_with_noise_tells_a_mean_as_much_as_its_share_of_labels_without():
    # n labels of +1 and -1 with a mean of d, flipped with probability e, estimate d after division by 1 - 2e. Where d
    # is small the variance of that estimate is that of n (1 - 2e)^2 clean labels.
    generator, n, e = np.random.default_rng(2), 400, 0.25
    signs = np.where(generator.random((20_000, n)) < 0.5, 1, -1) * np.where(generator.random((20_000, n)) < e, -1, 1)
    assert (signs.mean(1) / (1 - 2 * e)).var() == pytest.approx(1 / reward_models.effective_labels(n, e), rel=0.03)


def test_layers_take_arrays():
    errors = np.array([0.0, 0.1, 0.25])
    for found in (reward_models.kept_gain(errors, 64), reward_models.accuracy_gain(10_000, 10_000, errors),
                  reward_models.accuracy_gap(10_000, 10_000, errors)):  # fmt: skip
        assert all(each.shape == (3,) for each in map(np.asarray, found))
        assert np.all(found.low <= found.value) and np.all(found.value <= found.high)
    one = reward_models.kept_gain(0.25, 64)
    assert [each[2] for each in reward_models.kept_gain(errors, 64)] == pytest.approx(one)
    # 1 - 0.1007 (log 64 - 63/64)
    assert one.value == pytest.approx(1 - 0.1007 * (math.log(64) - 63 / 64), abs=1e-6)


# --- who judges ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evaluator", ["people", "model"])
def test_no_evaluator_has_one_sign(evaluator):
    signs = {each.difference > 0 for each in quality.contrasts(evaluator, in_fit=True)}
    assert signs == {True, False}


def test_errors_of_a_contrast_add_up_in_squares():
    found = next(each for each in quality.contrasts("model") if each.human.judged_by == "GPT-4")
    assert found.difference == pytest.approx(41.24 - 44.10)
    assert found.standard_error == pytest.approx(math.sqrt(1.73**2 + 1.74**2))


# --- dollars, against draws ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn():
    """Win rates of the start and of both policies, drawn from printed errors: 1.7, and a binomial one where none is."""
    generator, n = np.random.default_rng(18), 400_000
    start, people = generator.normal(44.3, 1.7, n), generator.normal(55.1, 1.7, n)
    gpt4 = generator.normal(50, 100 * math.sqrt(0.25 / 805), n) + generator.uniform(-0.5, 0.5, n)  # no decimals printed
    return people - start, gpt4 - start, people - gpt4


def ends(draws):
    return np.quantile(draws, [0.05, 0.5, 0.95])


@pytest.mark.parametrize(
    ("usd", "which"),
    # Labels alone; then with two evaluations by people at $242. GPT-4: 10,000 or 19,465 labels at $0.0156, or $230.
    [(3000, 0), (3484, 0), (156, 1), (304, 1), (230 + 484, 1), (3000 - 230, 2)],
)
def test_dollars_for_a_point_are_those_of_draws(drawn, usd, which):
    costs = np.where(drawn[which] > 0, usd / drawn[which], np.inf)
    error = fitted("evaluation-error").value
    gain, error = ((10.8, 2**0.5 * 1.7), (5.7, error), (5.1, error))[which]
    middle, low, high = quality.usd_per_point(usd, gain, error)
    assert ends(costs) == pytest.approx((low, middle, high), rel=0.05)


@pytest.mark.parametrize(("people", "judge"), [(3000, 156), (3000, 304), (3484, 714)])
def test_the_quotient_of_two_prices_is_that_of_draws(drawn, people, judge):
    quotients = (people / drawn[0]) / (judge / drawn[1])
    middle, low, high = quality.relative_usd_per_point(people, (10.8, 1.7), judge, (5.7, 1.76), 1.7)
    assert ends(quotients) == pytest.approx((low, middle, high), abs=0.12)


def test_purchases_are_those_of_the_paper_by_hand():
    # 10,000 x $0.30; 19,465 x $0.01562 = $304.04; win rates 44.3, 50.0 and 55.1; two evaluations at $242.
    found = quality.purchases()
    assert {who: each.usd for who, each in found.items()} == pytest.approx(
        {"GPT-4": 304.0433, "people": 3000, "people after GPT-4": 2695.9567})  # fmt: skip
    assert [each.gain for each in found.values()] == pytest.approx([5.7, 10.8, 5.1])
    assert [each.per_point.value for each in found.values()] == pytest.approx(
        [304.0433 / 5.7, 3000 / 10.8, 2695.9567 / 5.1]
    )
    assert found["people"].checked.value == pytest.approx(3484 / 10.8) and found["people after GPT-4"].checked is None


def test_a_price_over_another_changes_with_what_is_counted_by_hand():
    gains = 5.7 / 10.8
    by_hand = [3000 / 304.0433, 3000 / 156.2, 3484 / 788.0433, 6700 / 304.0433]
    found = quality.relative_prices()
    assert [each.value for each in found.values()] == pytest.approx([gains * prices for prices in by_hand], rel=1e-4)
    assert all(each.low < each.value < each.high for each in found.values())


def test_a_gain_that_may_be_nothing_has_no_ends():
    assert quality.usd_per_point(100, 1, 1) == (100, pytest.approx(100 / 2.645, rel=1e-3), math.inf)
    assert quality.usd_per_point(100, 0, 0) == (math.inf, math.inf, math.inf)
    refused("^gain must be clearly above nothing", quality.relative_usd_per_point, 1, (1, 2), 1, (1, 1), 1)


def test_people_beat_gpt4_when_people_judge_with_98_of_100(drawn):
    # 55.1 - 50 = 5.1 points, with hypot(1.7, 1.76) = 2.447 of error: the normal distribution at 2.084 is 0.981. That 50
    # has no decimals adds 1 / 12 to the variance of 5.99, which takes 0.0007 off.
    (found,) = [each for each in quality.contrasts("people") if each.human.name == "alpacafarm-ppo-human"]
    assert (found.difference, found.standard_error) == pytest.approx((5.1, 2.447), abs=0.0005)
    share = NormalDist().cdf(found.difference / found.standard_error)
    assert share == pytest.approx(0.9814, abs=0.00005)
    assert np.mean(drawn[2] > 0) == pytest.approx(share - 0.0007, abs=0.001)


# --- advice ----------------------------------------------------------------------------------------------------------


def test_every_sentence_of_advice_has_evidence():
    curves = {row.curve for row in catalog.table("quality_curves").values()}
    rows = catalog.table("advice").values()
    assert sum(row.may_be_told for row in rows) == 4 and sum(not row.may_be_told for row in rows) >= 3
    for row in rows:
        named = row.evidence.split("|")
        assert len(named) >= 2 and set(named) <= {*ROWS, *curves}, row.name
        assert row.sentence.endswith(".") and row.conditions.endswith(".")
        sources = {source for name in named if name in ROWS for source in ROWS[name].source.split(";")}
        assert sources <= set(row.source.split(";")), row.name


def test_numbers_in_the_advice_are_those_of_the_evidence():
    rows = catalog.table("advice")
    people, gpt4, start = (ROWS[f"alpacafarm-{name}"] for name in ("ppo-human", "ppo-gpt4", "sft"))
    gains = [(row.value - start.value, row.standard_error) for row in (people, gpt4)]

    def times(paid_for_people, paid_for_gpt4):
        found = quality.relative_usd_per_point(paid_for_people, gains[0], paid_for_gpt4, gains[1], start.standard_error)
        return [round(found.low) if found.low > 1 else round(found.low, 1), round(found.high)]

    # 10,000 labels at $0.30; GPT-4's were 19,465 or 10,000 at $0.0156; two evaluations at $242.
    assert [times(3000, 304)[0], times(3000, 156)[1], *times(3484, 788)] == [2, 17, 0.8, 4]
    assert (
        "2 to 17 times" in rows["price-of-a-point"].sentence and "0.8 to 4 times" in rows["price-of-a-point"].sentence
    )
    half = quality.relative_usd_per_point(1, gains[0], 1, gains[1], start.standard_error)
    assert half == pytest.approx((0.53, 0.18, 0.88), abs=0.01)  # "about half", "a fifth or nine tenths"
    for judge in ("gpt4", "claude"):  # "slightly more"
        ours, theirs, before = (value(f"alpacaeval-{judge}-{name}") for name in ("ppo-gpt4", "ppo-human", "sft-52k"))
        assert 1.1 < (ours - before) / (theirs - before) < 1.2
    means = [each for each in quality.contrasts("benchmark") if each.human.measure != "RewardBench"]
    assert max(abs(each.difference) for each in means) == pytest.approx(2.7)  # "less than three points"
    scores = [each.difference for each in quality.contrasts("benchmark") if each.human.measure == "RewardBench"]
    assert max(map(abs, scores)) == pytest.approx(12.6)  # "up to thirteen points"
