"""Methods beside those of the chapters, by hand at the inputs of 0.5.0: 10,906 pairs, 200 + 450 tokens, 70B."""

import math

import pytest
from earlier import EARLIER

from costlib.compute.job import estimate
from costlib.economics import further_methods, human_work, methods, scenarios

VALUES = scenarios.complete(EARLIER | {"policy_model": "llama-2-70b"})
WORK = ("llama-2-70b", "a100-sxm-80gb", 64)
LABEL = 0.67 * 1.2 * 1.1  # one comparison by people
JUDGED = 2 * (830 * 2.5 + 61 * 10) / 1e6 / 2  # one pair in two orders, half off


def of(name, **changes):
    return methods.METHODS[name](VALUES | changes)


def stage(name, examples, prompt=200, response=450, **more):
    """What a stage costs at another door, the estimate of one job."""
    more = {"recompute": "full", "fill": 0.9} | more if name in ("sft", "dpo", "rm") else more
    return estimate(name, *WORK, examples, prompt, response, price_usd_per_gpu_hour=2.5, **more).cost.usd


def test_constitutional_ai_by_hand():
    # 135,296 of 318,127 comparisons are about help, and people's; the judge's lose 18 %.
    people = 10_906 * 135_296 / (135_296 + 182_831)
    judged = (10_906 - people) / 0.82
    found = of("constitutional")
    assert found.line("labels").usd == pytest.approx(people * LABEL + judged * JUDGED, rel=1e-4)
    # Four revisions of each answer join the seed data.
    assert found.line("fine-tuning").usd == pytest.approx(stage("sft", 4830) + stage("sft", 4 * judged), rel=1e-3)
    # An answer; a critique of 100 tokens on prompt, answer and 50 tokens of principle; the revision reads both.
    written = (stage("generate", judged) + stage("generate", 4 * judged, 700, 100)
               + stage("generate", 4 * judged, 800, 450) + stage("generate", judged + people, samples=2))  # fmt: skip
    assert found.line("candidates").usd == pytest.approx(written, rel=1e-3)
    assert found.line("training").usd == methods.rlaif(VALUES).line("training").usd
    assert found.agreement == pytest.approx(0.42529 * 0.73 + 0.57471 * 0.69, rel=1e-6)


def test_targeted_labels_by_hand():
    found = of("targeted")
    # The judge labels all, and people 6.5 % once more.
    assert found.line("labels").usd == pytest.approx(0.065 * 10_906 * LABEL + 10_906 / 0.82 * JUDGED)
    assert found.line("training").usd == pytest.approx(stage("dpo", 10_906) + 5 * stage("rm", 10_906), rel=1e-6)
    assert found.line("candidates").usd == methods.rlaif(VALUES).line("candidates").usd
    few, many = (of("targeted", targeted_share=share).line("labels").usd for share in (0.06, 0.07))
    assert many - few == pytest.approx(0.01 * 10_906 * LABEL)


def test_verifiable_rewards_by_hand():
    found = of("verifiable")
    # $0.0001 for an answer that a program checks is an assumption of the book, a few seconds of one rented core.
    assert found.line("labels").usd == pytest.approx(256_000 * 0.0001)
    assert found.line("candidates").usd == 0 and found.line("candidates").note == further_methods.MEANWHILE
    # Per parameter and token 2 for the old log-probabilities, 2 for the reference, 6 for the update; 2 to write, where
    # the 200 tokens of a prompt are read once for its 8 answers.
    cost = further_methods.loop("grpo", VALUES).cost()
    assert cost.tokens == 256_000 * 650
    assert cost.flat_flops / cost.tokens / 68_976_648_192 == pytest.approx(10 + 2 * (450 + 200 / 8) / 650, rel=1e-3)
    assert found.line("training").usd == pytest.approx(cost.usd)
    # Nobody certifies a judge and nobody audits labels.
    assert human_work.of("verifiable", VALUES).total == 805


def test_on_policy_distillation_by_hand():
    # A student of 7B and a teacher of 70B: 6 for the update, 2 of the teacher, no reference; 2 to write, 4 to a prompt.
    values = VALUES | {"policy_model": "llama-2-7b"}
    cost = further_methods.loop("distil", values).cost()
    teacher = 68_976_648_192 / 6_738_415_616
    assert cost.flat_flops / cost.tokens / 6_738_415_616 == pytest.approx(
        6 + 2 * (450 + 200 / 4) / 650 + 2 * teacher, rel=1e-3
    )
    found = methods.METHODS["distilled"](values)
    assert found.line("training").usd == pytest.approx(cost.usd)
    assert found.line("labels").usd == 0 and found.line("evaluation").usd == pytest.approx(805 * LABEL)


def test_hosted_training_by_hand():
    # Fireworks trains all weights of 16 to 80B for $6 a million tokens, and for $12 by DPO, both answers of a pair.
    found = of("hosted")
    assert found.line("fine-tuning").usd == pytest.approx(4830 * 650 * 6 / 1e6)
    assert found.line("training").usd == pytest.approx(2 * 10_906 * 650 * 12 / 1e6)
    assert found.line("training").gpu_hours == 0
    own = methods.rlaif(VALUES)
    for same in ("candidates", "labels", "evaluation"):
        assert found.line(same).usd == own.line(same).usd
    assert found.days == own.days
    # Its list of 7 October 2026: SFT with adapters is $0.50 up to 16B and $10 above 300B, all weights cost twice that,
    # and DPO twice as much again.
    assert [further_methods.service("dpo", model).usd for model in ("llama-3.1-8b", "llama-3.1-405b")] == [2, 40]


@pytest.mark.parametrize("name", further_methods.METHODS)
def test_arrays_give_what_single_numbers_give(name):
    np = pytest.importorskip("numpy")
    pairs = np.array([1000.0, 20_000.0])
    both = of(name, num_pairs_m1=pairs, num_pairs_m2=0).usd * np.ones(2)
    alone = [of(name, num_pairs_m1=float(each), num_pairs_m2=0).usd for each in pairs]
    assert list(both) == pytest.approx(alone, rel=1e-12) and all(0 < each < math.inf for each in alone)


def test_further_methods_count_staff_by_who_labels():
    # $1,000 and $1,500 a day; one engineer's day for people, two of a lead for a judge.
    values = VALUES | {"people_engineer_days": 1.0, "judge_lead_days": 2.0}
    staff = {name: methods.METHODS[name](values).line("staff").usd for name in further_methods.METHODS}
    assert staff == {"constitutional": 4000, "targeted": 4000, "verifiable": 3000, "distilled": 3000, "hosted": 3000}


def test_methods_of_another_kind_of_task_are_not_offered():
    changed = {"task_kind": "verifiable", "teacher_terms": "allowed"}
    assert methods.METHODS.keys() - set(methods.offered(VALUES)) == {"verifiable", "distilled"}
    assert methods.offered(VALUES | changed) == tuple(methods.METHODS)
    assert tuple(methods.compare(VALUES)) == methods.CHAPTERS
