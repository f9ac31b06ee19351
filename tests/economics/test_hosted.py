"""The same job at services: prices by hand, what a price holds for, and from when own GPUs are cheaper."""

import math

import numpy as np
import pytest
from command import answer, told

from costlib import face
from costlib.compute.job import estimate
from costlib.economics import hosted, scenarios
from costlib.facts import catalog, judges

H100 = {"gpu": "h100-sxm-80gb", "gpus": 8, "price_usd_per_gpu_hour": 4.0}


def offers(stage, model, examples=10_000, prompt=500, response=500, **more):
    job = estimate(stage, model, examples=examples, prompt_tokens=prompt, response_tokens=response, **H100 | more)
    return {(each.provider, each.adapters): each for each in hosted.offers(job.job, job.cost)[0]}, job


def test_dpo_by_training_tokens_and_by_what_is_done_with_each():
    found, _ = offers("dpo", "qwen3-8b", lora_rank=16)
    # 10,000 pairs of two answers of 1,000 tokens: 20M training tokens at $1 a million for LoRA, $2 for all weights.
    assert found["Fireworks", "lora"].usd == 20 and found["Fireworks", "full"].usd == 40
    # Tinker, October 2026: 20M trained at $0.44, and 20M that the reference reads at $0.195.
    assert found["Thinking Machines", "lora"].usd == pytest.approx(20 * 0.44 + 20 * 0.195)
    assert found["Thinking Machines", "lora"].date == "2026-10-07" and not found["Thinking Machines", "lora"].old


def test_grpo_by_prefill_samples_and_training():
    found, own = offers("grpo", "qwen3-8b", epochs=2)
    # 2 x 10,000 prompts of 500 tokens are read; 8 answers each of 500 are written: 160,000 sequences of 1,000 tokens,
    # which the reference reads and the model trains on.
    expected = (10 + 160) * 0.195 + 80 * 0.6 + 160 * 0.44
    assert found["Thinking Machines", "lora"].usd == pytest.approx(expected)
    assert found["Thinking Machines", "lora"].left_out == ()
    # Reinforcement fine-tuning by GPU-hours of the same GPU, October 2026.
    assert found["Fireworks", ""].usd == pytest.approx(own.cost.gpu_hours * 8)


def test_ppo_says_which_models_a_service_does_not_run():
    found, _ = offers("ppo", "qwen3-8b")
    assert found["Thinking Machines", "lora"].left_out == ("reward", "critic")
    assert found["Fireworks", ""].left_out == ()


def test_generation_by_tokens_read_and_written():
    found, _ = offers("generate", "qwen3-8b", samples=3)
    assert found["Thinking Machines", "lora"].usd == pytest.approx(5 * 0.195 + 15 * 0.6)


def test_from_when_own_gpus_are_cheaper():
    found, own = offers("sft", "llama-3.1-8b", examples=1000, prompt=0, response=1000)
    service = found["Fireworks", "full"]
    # A million tokens at $1. Eight GPUs at $4 for 730.5 hours are $23,376 a month, which is 23,376 such jobs there.
    assert service.usd == 1
    assert service.busy_share == pytest.approx(own.cost.usd / 1)
    assert service.examples_per_month == pytest.approx(23_376 * 1000)
    assert service.tokens_per_month == pytest.approx(23_376e6)
    # That load keeps own GPUs busy for just that share of the month.
    hours = service.examples_per_month / 1000 * own.hours
    assert hours / 730.5 == pytest.approx(service.busy_share)


def test_own_gpus_that_cost_more_are_never_cheaper():
    found, _ = offers("sft", "llama-3.1-8b", price_usd_per_gpu_hour=4000)
    plain = found["Fireworks", "full"].to_dict()
    assert found["Fireworks", "full"].busy_share > 1 and plain["examples_per_month"] is None
    assert plain["examples_per_month_reason"] == "own GPUs cost more even if they are always busy"


@pytest.mark.parametrize(("model", "label"), [("llama-3.1-8b", "up to 16B"), ("llama-3.1-70b", "16.1B to 80B"),
                                              ("llama-3.1-405b", "over 300B")])  # fmt: skip
def test_a_size_class_holds_for_its_models(model, label):
    found, _ = offers("sft", model, gpus=256)
    assert found["Fireworks", "lora"].label == label


def test_longer_sequences_have_a_price_of_their_own_and_none_is_none(monkeypatch):
    row = catalog.find("managed_training", "thinking-machines-qwen3-8b-train-2026-10-07").to_dict()
    long = type(catalog.find("gpus", "h100-sxm-80gb"))(
        row | {"label": "Qwen3-8B 64K", "usd": 9.0, "up_to_tokens": 65536}
    )
    rows = [*catalog.table("managed_training").values(), long]
    monkeypatch.setattr(hosted, "_rows", lambda: rows)
    own = {length: estimate("sft", "qwen3-8b", examples=1000, prompt_tokens=0, response_tokens=length, **H100)
           for length in (32_000, 40_000, 70_000)}  # fmt: skip
    found = {length: [each.usd for each in hosted.offers(each.job, each.cost)[0] if each.service == "Tinker"]
             for length, each in own.items()}  # fmt: skip
    assert found == {32_000: [pytest.approx(32 * 0.44)], 40_000: [pytest.approx(40 * 9.0)], 70_000: []}


def test_weak_and_undated_prices_are_not_shown_first():
    _, own = offers("sft", "llama-3.1-8b")
    every, _ = hosted.offers(own.job, own.cost)
    assert {"Together", "Ori"} <= {each.provider for each in every}
    shown = hosted.shown(every, "full")
    assert not {"Together", "Ori"} & {each.provider for each in shown}
    assert [each.adapters for each in shown if each.provider == "Fireworks"] == ["full"]
    assert [each.adapters for each in hosted.shown(every, "lora") if each.provider == "Fireworks"] == ["lora"]
    assert [each.usd for each in every] == sorted(each.usd for each in every)
    low = [row for row in catalog.table("managed_training").values() if row.quality == "low"]
    assert {row.provider for row in low} == {"Together", "OpenAI"}


def test_prices_older_than_180_days_are_marked():
    found, _ = offers("sft", "llama-3.1-8b")
    days = {each.date: each.old for each in found.values()}
    # 1 June 2026 is 179 days before 27 November 2026.
    assert days["2026-01-05"] and days["2026-05-08"] and days["2026"] and not days["2026-09-20"]


def test_derived_prices_are_twice_and_four_times_those_of_adapters():
    rows = {(row.label, row.stages, row.adapters): row.usd for row in catalog.table("managed_training").values()
            if row.provider == "Fireworks" and row.per == "training tokens"}  # fmt: skip
    for label in {label for label, *_ in rows}:
        lora = rows[label, "sft", "lora"]
        assert [rows[label, *each] for each in (("dpo", "lora"), ("sft", "full"), ("dpo", "full"))] == [
            2 * lora, 2 * lora, 4 * lora]  # fmt: skip


def test_where_nothing_matches_the_reason_is_given_and_nothing_is_printed():
    asked = ("--model", "llama-2-7b", "--gpu", "a100-sxm-80gb", "--gpus", 8, "--examples", 100, "--prompt-tokens", 256,
             "--response-tokens", 256)  # fmt: skip
    found = answer("estimate", "generate", *asked)
    assert found["hosted"] == []
    assert (
        found["hosted_reason"] == "managed_training.csv has no price for generate of llama-2-7b in its size and length"
    )
    assert "elsewhere" not in told("estimate", "generate", *asked)
    assert answer("estimate", "rm", *asked)["hosted_reason"].endswith("trains reward models")


def test_an_answer_prints_a_few_rows_and_gives_all():
    found = face.estimate("sft", model="llama-3.1-8b", prompts=None, examples=1000, prompt_tokens=0,
                          response_tokens=1000, **H100)  # fmt: skip
    table = next(part for part in found.parts() if getattr(part, "header", [""])[0] == "the same job elsewhere")
    assert len(table.rows) <= hosted.MOST_SHOWN < len(found.to_dict()["hosted"])
    assert found.to_dict()["hosted_reason"] is None


def test_arrays_are_priced_one_by_one():
    counts = np.array([100.0, 1000.0])
    many, _ = offers("dpo", "qwen3-8b", examples=counts)
    for place, count in enumerate(counts):
        one, _ = offers("dpo", "qwen3-8b", examples=count)
        for key, each in one.items():
            assert many[key].usd[place] == pytest.approx(each.usd)
            assert many[key].busy_share[place] == pytest.approx(each.busy_share)


def test_a_job_without_work_has_no_share():
    found, _ = offers("sft", "llama-3.1-8b", examples=0)
    assert all(each.usd == 0 and math.isnan(each.busy_share) for each in found.values())


# --- judges ----------------------------------------------------------------------------------------------------------


def test_a_hosted_judge_generates_at_its_prices():
    rows = [row for row in hosted._rows() if row.service == "hosted generation" and row.label == "gpt-oss-120b"]
    assert {row.per: row.usd for row in rows} == {"prefill tokens": 0.15, "sample tokens": 0.6}
    assert judges.PUBLISHED not in {row.get("name") for row in rows}


# --- methods ---------------------------------------------------------------------------------------------------------


def test_dpo_of_a_scenario_at_a_service_by_hand():
    # 10,906 pairs of two sequences of 200 + 450 tokens are 14.1778M tokens, at $12 a million for all weights of 70B.
    found = hosted.training(scenarios.complete({}))
    price = next(each for each in found["dpo"] if (each.provider, each.adapters) == ("Fireworks", "full"))
    assert price.usd == pytest.approx(10_906 * 2 * 650 / 1e6 * 12)
    # No service of the table runs PPO of Llama 2 70B on A100s; Fireworks rents H100s for it.
    assert found["ppo"] == []
    on_h100 = hosted.training(scenarios.complete({"cluster_gpu": "h100-sxm-80gb"}))["ppo"]
    assert [each.provider for each in on_h100] == ["Fireworks"]


def test_a_comparison_gives_the_electricity_of_its_lines_and_moves_no_total():
    found = face.compare(draws=20)
    rows = {row["method"]: row for row in found.to_dict()}
    for row in rows.values():
        for line in row["lines"]:
            share = 1.215 if line["kind"] in ("generate", "label") else 1.384
            assert line["energy_kwh"] == pytest.approx(line["gpu_hours"] * 0.4 * share * 1.15)
        assert row["energy_kwh"] == pytest.approx(sum(line["energy_kwh"] for line in row["lines"]))
        assert row["usd"] == pytest.approx(sum(line["usd"] for line in row["lines"]))
    assert rows["rlaif"]["training_hosted"][-1]["provider"] == "Fireworks"
    assert "DPO on all pairs elsewhere" in repr(found)
    assert "training_hosted" not in found.to_frame()
