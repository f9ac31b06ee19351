"""Whole methods: the article's numbers, equal footing, and lines that add up."""

from fractions import Fraction

import pytest
from command import answer, ends_by_hand, told
from conftest import ROOT
from earlier import EARLIER

from costlib.base import fmt
from costlib.compute.stages import Data
from costlib.economics import (
    admissible,
    break_even,
    curve,
    experts,
    human_work,
    ladder,
    methods,
    recommendation,
    scenarios,
)
from costlib.economics.comparison import PREDICTION, compared
from costlib.economics.further_methods import MEANWHILE
from costlib.economics.methods import CHAPTERS, KINDS, LINES, METHODS, NOT_COUNTED
from costlib.facts import catalog, parameters

PUBLISHED, TODAY = scenarios.complete(EARLIER), scenarios.complete({})
HOURS_PER_FLOP = Fraction(1_720_320, 2 * 10**12 * 70 * 10**9 * 6)  # as in test_published.py


def dollars(sequences, factor, length=4096, price=Fraction(5, 2)):
    """What sequences of a 70B model cost at the article's speed, exactly."""
    return float(sequences * length * 70 * 10**9 * factor * HOURS_PER_FLOP * price)


# --- the article ----------------------------------------------------------------------------------------------------


def test_published_method_line_by_line():
    # 10,906 / 2 = 5,453 prompts, four answers to each, one judgment of each answer.
    method = methods.published(PUBLISHED)
    by_hand = {
        "seed data": 0, "fine-tuning": dollars(4830, 6), "candidates": dollars(5453 + 4 * 5453, 2),
        "labels": dollars(4 * 5453, 2), "training": dollars(3964, 16), "evaluation": 0, "staff": 0,
        "failed runs and sweeps": 0,
    }  # fmt: skip
    for line in method.lines:
        assert line.usd == pytest.approx(by_hand[line.name], rel=1e-12), line.name
    assert method.usd == pytest.approx(279.74036357, abs=1e-8)


def test_rungs_of_the_ladder():
    listed = Fraction(4096575, 1_000_000)
    sft, dpo = dollars(4830, 6), dollars(10_906, 16)
    by_hand = [
        dollars(4830, 6) + dollars(49_077, 2) + dollars(3964, 16),
        sft + dollars(49_077, 2) + dpo,
        sft + dollars(185_402, 2) + dpo,
        dollars(4830, 6, price=listed) + dollars(185_402, 2, price=listed) + dollars(10_906, 16, price=listed),
        sum(dollars(*work, length=891, price=listed) for work in ((4830, 6), (185_402, 2), (10_906, 16))),
    ]
    # One pair of each of 10,906 prompts takes 10,906 x (1 + 4 + 4 x 3) = 185,402 calls.
    # 442.79477046 is the sum of parts that were rounded to eight digits.
    assert by_hand[1] == pytest.approx(442.79477046, abs=5e-8)
    assert [round(usd, 2) for usd in by_hand[:4]] == [279.74, 442.79, 843.05, 1381.44]
    assert [rung.usd for rung in ladder.rungs(PUBLISHED)[:5]] == pytest.approx(by_hand, rel=1e-12)


def test_last_rungs_add_failed_runs_and_the_work_of_people():
    values = PUBLISHED | {"judge_engineer_days": 4.0, "people_lead_days": 6.0}
    *_, worked, swept, whole, staffed = ladder.rungs(values)
    listed = values | {"price_usd_per_gpu_hour": PUBLISHED["list_price_usd_per_gpu_hour"]}
    method = methods.self_rewarding(listed)
    training = method.line("fine-tuning").usd + method.line("training").usd
    assert swept.usd - worked.usd == pytest.approx(0.5 * training)
    # 805 evaluations and 500 validations at 0.67 dollars, a fee of 20 % and a tenth made again.
    assert whole.usd - swept.usd == pytest.approx((805 + 500) * 0.67 * 1.2 * 1.1)
    assert worked.ratio == pytest.approx(10_906 * 0.67 / worked.usd)
    # Staff of the judge for four days at $1,000, of the people for six at $1,500.
    people = methods.human_dpo(listed).usd
    assert whole.ratio == pytest.approx((people - 9_000) / whole.usd)
    assert staffed.usd - whole.usd == pytest.approx(4_000) and staffed.ratio == pytest.approx(people / staffed.usd)


@pytest.mark.parametrize(("price", "ratio"), [(Fraction(3, 10), 22.7), (Fraction(3, 2), 113.5)])
def test_labels_alone_against_generation_and_judging(price, ratio):
    by_hand = float(10_906 * price) / dollars(49_077, 2)
    assert by_hand == pytest.approx(ratio, abs=0.05)
    ours = methods.label_ratio(PUBLISHED | {"human_usd_per_pair": float(price)})
    assert ours == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("price", "rounds", "pairs", "ratio"),
    [(0.30, 1, 3964, 12.18), (1.50, 1, 3964, 58.96), (0.30, 2, 10_906, 8.06), (1.50, 2, 10_906, 37.62)],
)
def test_training_on_both_sides(price, rounds, pairs, ratio):
    sft, dpo = dollars(4830, 6), dollars(pairs, 16)
    by_hand = (10_906 * price + sft + dpo) / (sft + dollars(49_077, 2) + dpo)
    assert by_hand == pytest.approx(ratio, abs=0.005)
    method = methods.published(PUBLISHED | {"dpo_rounds": rounds})
    trained = method.line("fine-tuning").usd + method.line("training").usd
    assert (10_906 * price + trained) / method.usd == pytest.approx(by_hand, rel=1e-12)


def test_the_articles_ratio_is_inverse_to_the_gpu_price():
    def ratio(gpu_price, label_price):
        return 10_906 * label_price / methods.published(PUBLISHED | {"price_usd_per_gpu_hour": gpu_price}).usd

    products = [price * ratio(price, 0.30) for price in (0.5, 2.5, 29.24)]
    assert products == pytest.approx([products[0]] * 3)
    assert products[0] == pytest.approx(29.24, abs=0.005)  # break-even price for $0.30 labels
    assert ratio(2.924, 0.30) == pytest.approx(10, abs=0.001)


# --- equal footing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [PUBLISHED, TODAY], ids=["earlier", "today"])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_the_same_lines_and_they_add_up(name, values):
    method = METHODS[name](values)
    assert [line.name for line in method.lines] == list(LINES)
    assert {line.kind for line in method.lines} == set(KINDS)
    for quantity in ("usd", "gpu_hours", "days"):
        assert getattr(method, quantity) == pytest.approx(sum(getattr(line, quantity) for line in method.lines))
    for line in method.lines:
        assert line.usd >= 0 and line.days >= 0
        # Seed data are free at these inputs, and staff at the earlier ones.
        if not line.usd and line.name not in {"seed data", *(["staff"] if values is PUBLISHED else [])}:
            assert line.note in (NOT_COUNTED, MEANWHILE), line.name
    assert (method.line("staff").usd > 0) == (values is TODAY and name != "published")


@pytest.mark.parametrize("values", [PUBLISHED, TODAY], ids=["earlier", "today"])
def test_all_methods_train_on_the_same_pairs_of_the_same_model(values):
    found = methods.compare(values)
    assert {method.pairs for method in found.values()} == {10_906}
    for line in ("fine-tuning", "seed data"):
        assert len({found[name].line(line).usd for name in CHAPTERS if name != "published"}) == 1
    same_training = ("human-dpo", "rlaif", "hybrid", "self-rewarding")
    assert len({found[name].line("training").usd for name in same_training}) == 1


def test_human_labels_by_hand():
    # 10,906 x $0.67 x 1.2 fee x 1.1 rework
    found = methods.human_dpo(PUBLISHED).line("labels")
    assert found.usd == pytest.approx(10_906 * 0.67 * 1.2 * 1.1)
    # Ten days, then 10,906 x 1.1 x 2 minutes by ten people for 6 hours of each working day.
    assert found.days == pytest.approx(10 + 10_906 * 1.1 * 2 / 60 / 60 * 7 / 5)


def test_three_raters_take_three_times_the_dollars_and_the_days_of_work():
    found = methods.human_dpo(PUBLISHED | {"raters_per_pair": 3})
    # Ten days, then 10,906 x 3 x 1.1 comparisons of 2 minutes by ten people for 6 hours of each working day.
    assert found.line("labels").days == pytest.approx(10 + 10_906 * 3 * 1.1 * 2 / 60 / 60 * 7 / 5)
    assert found.line("labels").usd == pytest.approx(10_906 * 3 * 0.67 * 1.2 * 1.1)


def test_hosted_labels_by_hand():
    # 10,906 / 0.82 pairs in two orders of (830 x $2.50 + 61 x $10) per million, half off
    each = 2 * (830 * 2.5 + 61 * 10) / 1e6 / 2
    assert methods.rlaif(PUBLISHED).line("labels").usd == pytest.approx(10_906 / 0.82 * each)


def test_a_hybrid_lies_between_its_two_sources():
    people, judge = (method(PUBLISHED).line("labels").usd for method in (methods.human_dpo, methods.rlaif))
    shares = [methods.hybrid(PUBLISHED | {"hard_share": share}).line("labels").usd for share in (0, 0.2, 1)]
    assert shares[0] == pytest.approx(judge) and shares[2] == pytest.approx(people)
    assert shares[1] == pytest.approx(0.2 * people + 0.8 * judge)
    # Without hard pairs people are set up for the evaluation alone, as with the judge.
    none = methods.hybrid(PUBLISHED | {"hard_share": 0.0})
    assert none.days == pytest.approx(methods.rlaif(PUBLISHED).days)


def test_a_coin_for_a_judge_has_no_effective_pairs():
    sure, coin = (methods.rlaif(PUBLISHED | {"judge_agreement": a}).usd_per_effective_pair for a in (1.0, 0.5))
    assert sure == pytest.approx(methods.rlaif(PUBLISHED).usd / 10_906)
    assert coin > 1e6 * sure


def test_what_is_generated_is_in_proportion_to_its_prompts():
    # Methods scale what one prompt takes; a run of all of them takes the same.
    for name in ("published", "startup", "university"):
        values = PUBLISHED if name == "published" else scenarios.complete(scenarios.audiences()[name])
        for samples, prompts in ((1, 7), (2, 10_906), (4, 1e6)):
            data = Data(prompts, values["question_tokens"], values["answer_tokens"])
            whole = methods.on_gpus("generate", values, data, samples=samples).cost()
            line = methods._Work(values).generated("candidates", prompts, samples)
            assert (line.usd, line.gpu_hours) == pytest.approx((whole.usd, whole.gpu_hours), rel=1e-12)


def test_overhead_is_a_share_of_the_training():
    for name in ("human-ppo", "rlaif"):
        method = METHODS[name](PUBLISHED | {"run_overhead": 1.5})
        trained = method.line("fine-tuning").usd + method.line("training").usd
        assert method.line("failed runs and sweeps").usd == pytest.approx(0.5 * trained)


# --- the command ----------------------------------------------------------------------------------------------------


def test_compare_prints_every_method_as_data():
    found = answer("compare")
    assert [each["method"] for each in found] == list(methods.offered(PUBLISHED))
    for each in found:
        assert each.keys() >= {"method", "usd", "usd_low", "usd_high", "days", "lines"}
        assert each["usd_low"] <= each["usd_high"]
        assert each["usd"] == pytest.approx(sum(line["usd"] for line in each["lines"]))
        assert each["days"] == pytest.approx(sum(line["days"] for line in each["lines"]))
    published = next(each for each in found if each["method"] == "published")
    assert published["usd"] == pytest.approx(279.74036357, abs=1e-8)


def test_compare_takes_a_scenario_and_does_not_draw_what_it_sets(tmp_path):
    file = tmp_path / "ours.yml"
    file.write_text("human_usd_per_pair: 2.0\nnum_pairs_m1: 1000\n", encoding="utf-8")
    drawn, fixed = (
        {each["method"]: each for each in answer("compare", *arguments)}
        for arguments in ([], [str(file), "-p", "platform_fee=0"])
    )
    labels = next(line for line in fixed["human-dpo"]["lines"] if line["name"] == "labels")
    assert labels["usd"] == pytest.approx((1000 + 6942) * 2.0 * 1.1)

    def width(each):
        return each["usd_high"] / each["usd_low"]

    assert width(fixed["human-dpo"]) < width(drawn["human-dpo"]) / 2


def test_the_table_has_every_method_and_line():
    printed = told("compare", columns=300)
    for name in methods.offered(PUBLISHED):
        assert METHODS[name](PUBLISHED).label in printed
    for line in LINES:
        assert line in printed


def test_compare_says_what_its_intervals_hold_and_what_is_not_allowed():
    printed = told("compare", "--draws", "100", "-p", "policy_model=llama-3.1-8b", columns=300).splitlines()
    line = next(line for line in printed if line.startswith("intervals: 100 draws"))
    low, high = ends_by_hand("alignment")
    assert f"measurements are {low:.2f} to {high:.2f} of what the model says" in line
    assert "not allowed: self-rewarding, as the paper did it: a model judges itself only where" in "\n".join(printed)


def test_the_example_on_its_page_is_what_the_command_computes():
    page = (ROOT / "book" / "compare.md").read_text(encoding="utf-8")
    for each in compared(scenarios.complete({})):
        method = each.method
        cells = [method.label, fmt.usd(method.usd, 0), f"{fmt.usd(each.usd_low, 0)} to {fmt.usd(each.usd_high, 0)}",
                 fmt.number(method.days, 1), fmt.usd((each.ratio - 1) * each.usd, 0),
                 "yes" if each.allowed else "no"]  # fmt: skip
        assert f"| {' | '.join(cells)} |" in page
    assert [key for key in compared(PUBLISHED, draws=20)[0].to_dict() if f"`{key}`" not in page] == []


def test_prices_paid_to_people_and_judges_are_no_prediction():
    # 10,906 labels and 805 comparisons, or 500 and 805 beside a hosted judge, at $0.67 x 1.2 x 1.1; else GPU time.
    people, certified = 11_711 * 0.67 * 1.2 * 1.1, 1_305 * 0.67 * 1.2 * 1.1
    hosted = 10_906 / 0.82 * 2 * (830 * 2.5 + 61 * 10) / 1e6 / 2
    for method, given in ((methods.human_dpo, people), (methods.rlaif, certified + hosted)):
        once, twice = (method(PUBLISHED | dict.fromkeys(PREDICTION, factor)).usd for factor in (1, 2))
        assert twice - once == pytest.approx(once - given)


def test_ppo_of_a_scenario_reaches_what_fits_make_of_published_loops():
    known = catalog.table("coefficients")
    apart = known["rl-update-fraction"].value * known["rollout-fraction"].value
    assert parameters.defaults()["framework_reach"] == pytest.approx(apart**0.5, abs=0.03)


# --- pairs in hand --------------------------------------------------------------------------------------------------


def test_pairs_in_hand_cost_people_no_label_no_answers_and_no_days_of_labelling():
    found, none = (methods.human_dpo(PUBLISHED | {"pairs_in_hand": count}) for count in (4_000, 0))
    # 10,906 - 4,000 = 6,906 pairs at $0.67 x 1.2 fee x 1.1 rework; ten days, then 2 minutes each by ten people.
    assert found.line("labels").usd == pytest.approx(6_906 * 0.67 * 1.2 * 1.1)
    assert found.line("labels").days == pytest.approx(10 + 6_906 * 1.1 * 2 / 60 / 60 * 7 / 5)
    assert found.line("candidates").usd == pytest.approx(none.line("candidates").usd * 6_906 / 10_906)
    for name in ("seed data", "fine-tuning", "training", "evaluation", "staff", "failed runs and sweeps"):
        assert found.line(name) == none.line(name), name
    assert found.pairs == none.pairs


@pytest.mark.parametrize("count", [10_906, 1_000_000])
def test_with_all_pairs_in_hand_people_are_set_up_for_the_checks_alone(count):
    found = methods.human_dpo(PUBLISHED | {"pairs_in_hand": count, "audit_share": 1.0})
    assert found.line("labels")[2:5] == found.line("candidates")[2:5] == (0, 0, 0)
    # 805 comparisons evaluate and 500 audit, at $0.67 x 1.2 x 1.1; the ten days of set-up move to them.
    assert found.line("evaluation").usd == pytest.approx(1_305 * 0.67 * 1.2 * 1.1)
    assert found.line("evaluation").days == pytest.approx(10 + 1_305 * 1.1 * 2 / 60 / 60 * 7 / 5)


@pytest.mark.parametrize(("name", "share"), [("human-ppo", 1), ("hybrid", 0.2), ("targeted", 0.065),
                                             ("constitutional", None), ("rlaif", 0), ("self-rewarding", 0),
                                             ("hosted", 0), ("published", 0)])  # fmt: skip
def test_a_method_is_spared_the_share_of_its_pairs_that_people_label(name, share):
    share = human_work.label_share(name, PUBLISHED) if share is None else share
    found, none = (METHODS[name](PUBLISHED | {"pairs_in_hand": count}) for count in (5_453, 0))
    # Half of 10,906 pairs, each at $0.67 x 1.2 x 1.1.
    spared = none.line("labels").usd - found.line("labels").usd
    assert spared == pytest.approx(5_453 * share * 0.67 * 1.2 * 1.1, abs=1e-9)
    assert human_work.of(name, PUBLISHED | {"pairs_in_hand": 5_453}).labels == pytest.approx(5_453 * share)


SLOW_JUDGE = {"judge_engineer_days": 30.0}


@pytest.mark.parametrize("in_hand", [0, 2_000, 20_000, 10**9])
def test_where_sides_meet_both_cost_the_same_with_pairs_in_hand(in_hand):
    values = scenarios.complete(SLOW_JUDGE | {"pairs_in_hand": in_hand})
    line = break_even.pair_cost(methods.human_dpo, values)
    for pairs in (100, 1_999, 2_001, 15_000, 50_000):
        at = values | {"num_pairs_m1": pairs, "num_pairs_m2": 0}
        assert line.usd(pairs) == pytest.approx(methods.human_dpo(at).usd, rel=1e-9)
    pairs, found = break_even.pairs_for(1, values), break_even.people_cheaper("pairs", values)
    assert curve.flip(values) == (pytest.approx(pairs) if pairs < 1e12 else None)
    if in_hand < 10**9:
        assert curve.ratio(values, pairs) == pytest.approx(1, rel=1e-9)
        assert pairs > in_hand and found == ("below", pytest.approx(pairs))
    else:  # labels and answers in hand cost nothing, and a judge's cost something
        assert found.side == "always" or pairs > in_hand
    assert break_even.rounds(values) == break_even.rounds(scenarios.complete(SLOW_JUDGE))


def test_a_crossing_among_the_pairs_in_hand_is_found():
    # People whose staff take longer than a judge's are dearer for few pairs; in hand, each pair closes the gap.
    values = scenarios.complete({"people_engineer_days": 4.0, "audit_share": 0.5, "pairs_in_hand": 10**9,
                                 "judge_usd_per_million_input": 1_000.0})  # fmt: skip
    found = curve.flip(values)
    assert found < 10**9 and curve.ratio(values, found) == pytest.approx(1)
    crossing = break_even.people_cheaper("pairs", values)
    assert crossing == ("above", pytest.approx(found))


def test_experts_label_no_pairs_in_hand():
    values = PUBLISHED | {"pairs_in_hand": 906}
    at_ten = experts.usd(values, 10.0, 1) - experts.usd(values, 0.67, 1)
    assert at_ten == pytest.approx(10_000 * (10 - 0.67) * 1.2 * 1.1)


# --- another model as judge on own GPUs -------------------------------------------------------------------------------

SMALL = scenarios.complete({"policy_model": "llama-3.1-8b", "policy_gpus": 8})


def test_an_own_judge_judges_at_its_own_size_and_everything_else_stays():
    found, none = (methods.self_rewarding(SMALL | {"own_judge": judge}) for judge in ("llama-3.1-70b", "policy"))
    itself = methods.self_rewarding(SMALL | {"policy_model": "llama-3.1-70b"})
    assert found.line("labels") == itself.line("labels") != none.line("labels")
    for name in set(LINES) - {"labels"}:
        assert found.line(name) == none.line(name), name
    for name in set(METHODS) - {"self-rewarding"}:
        assert METHODS[name](SMALL | {"own_judge": "llama-3.1-70b"}) == METHODS[name](SMALL), name


@pytest.mark.parametrize(("judge", "reasons"), [
    ("policy", ["a model judges itself only where that was tested: from 69.0B parameters up, here 8.0B"]),
    ("llama-3.1-70b", []),
    ("llama-3.1-405b", ["does not fit the memory of the GPUs: judge"]),
])  # fmt: skip
def test_an_own_judge_is_allowed_where_it_is_large_enough_and_fits(judge, reasons):
    values = SMALL | {"own_judge": judge}
    found = admissible.fits(values)
    assert list(admissible.objections(values, found=found)["self-rewarding"]) == reasons
    assert ("judge" in found) == (judge != "policy")
    # 405 billion weights of two bytes take 810 GB: 11 GPUs of 80 GB hold no less. The model itself fits on one.
    if judge == "llama-3.1-405b":
        assert admissible.needed_gpus("self-rewarding", found) >= 11 > admissible.needed_gpus("rlaif", found)
    stays = admissible.objections(values | {"data_policy": "stays"}, found=found)["self-rewarding"]
    assert list(stays) == reasons


def test_gpus_that_nobody_names_hold_the_own_judge_too():
    given = {"policy_model": "llama-3.1-8b", "own_judge": "llama-3.1-405b"}
    assert recommendation.enough_gpus(given) >= 16 > recommendation.enough_gpus({"policy_model": "llama-3.1-8b"})
    said = "own judge: Llama 3.1 405B on own GPUs in the place of the model itself"
    assert [line for line in scenarios.rests_on(given, scenarios.complete(given)) if line.startswith(said)]
