"""Electricity and CO2: hand calculations, ranges as independent errors, what is refused, what stands in the tables."""

import math

import numpy as np
import pytest
from command import answer, refused, told

from costlib.compute import energy
from costlib.compute.job import estimate
from costlib.facts import catalog, regimes

WORK = ("llama-3.1-8b", "h100-sxm-80gb", 8, 10_000, 256, 256)


def test_a_hundred_hours_of_an_h100_by_hand():
    # 100 h x 0.7 kW = 70 kWh at rated power; x 1.384 of the server = 96.88; x 1.15 of the data centre = 111.412 kWh.
    assert energy.kwh(100, 700, 1.384, 1.15) == pytest.approx(111.412)
    # 111.412 kWh x 369.473 g = 41.164 kg.
    found = energy.used([("train", 100)], 700, "united-states")
    assert (found.kwh.value, found.co2_kg.value) == pytest.approx((111.412, 41.163726), rel=1e-6)
    assert energy.used([("decode", 60), ("prefill", 40)], 700, "france", 1).kwh.value == pytest.approx(70 * 1.215)


def test_power_shares_follow_from_the_measurements_in_their_notes():
    train, generate, pue = (catalog.find("energy", name) for name in ("power-train", "power-generate", "pue"))
    gpus_kw, rated_kw, most_kw = 8 * 0.7, 10.2, 8.4
    assert train.value == pytest.approx(0.76 * rated_kw / gpus_kw, abs=5e-4)
    assert (train.low, train.high) == pytest.approx((0.73 * rated_kw / gpus_kw, most_kw / gpus_kw), abs=5e-3)
    rest = (most_kw - gpus_kw) / gpus_kw
    chat = catalog.find("energy", "power-h100-arena-chat")
    assert [getattr(generate, end) for end in ("value", "low", "high")] == pytest.approx(
        [getattr(chat, end) + rest for end in ("value", "low", "high")])  # fmt: skip
    others = [row.value for row in catalog.table("energy").values() if row.quantity == "PUE" and row.name != "pue"]
    assert (pue.low, pue.high) == (min(others), max(others)) and pue.value == catalog.find(
        "energy", "pue-aws-2024"
    ).value


def test_energy_of_a_token_is_power_over_speed():
    # As printed beside each other in the source: W per GPU x GPUs / output tokens per second.
    printed = {"llama3.1-8b-h100-b256": (690.5, 1, 9010), "llama3.1-70b-h100-b512": (623.2, 4, 5921),
               "gpt-oss-120b-b200-b512": (893.3, 1, 16161)}  # fmt: skip
    for name, (watts, gpus, speed) in printed.items():
        assert catalog.find("energy", f"energy-{name}").value == pytest.approx(watts * gpus / speed, rel=2e-3)


def test_the_united_states_span_their_regions():
    rows = catalog.table("grids")
    ends = [row.g_co2e_per_kwh for name, row in rows.items() if name.startswith("us-")]
    assert (rows["united-states"].low, rows["united-states"].high) == (min(ends), max(ends))
    assert all(0 < row.g_co2e_per_kwh < 1000 for row in rows.values())


def test_independent_errors_add_as_squares_of_logarithms():
    one, other = energy.Span(10.0, 8.0, 15.0), energy.Span(3.0, 3.0, 6.0)
    found = one.times(other)
    assert found.value == 30
    assert found.low == pytest.approx(30 / math.exp(math.sqrt(math.log(10 / 8) ** 2)))
    assert found.high == pytest.approx(30 * math.exp(math.sqrt(math.log(1.5) ** 2 + math.log(2) ** 2)))


def test_an_estimate_counts_training_and_generation_at_their_own_power():
    found = estimate("grpo", *WORK, pue=1.0, grid="iowa")
    made = sum(step.gpu_hours for step in found.cost.steps if step.name in ("prefill", "decode", "weight sync"))
    rest = found.cost.gpu_hours - made
    assert made > 0 < rest
    assert found.energy.kwh.value == pytest.approx(0.7 * (made * 1.215 + rest * 1.384))
    assert found.energy.co2_kg.value == pytest.approx(found.energy.kwh.value * 0.2876)


def test_the_range_holds_the_interval_of_the_time_and_is_narrower_where_more_is_known():
    found = estimate("sft", *WORK)
    low, high = regimes.interval("sft", 1.0)
    assert found.energy.kwh.high / found.energy.kwh.value > high and found.energy.kwh.low / found.energy.kwh.value < low
    assert found.energy.kwh.low < found.energy.kwh.value < found.energy.kwh.high
    known = estimate("sft", *WORK, pue=1.15, grid="france", flat_tflops=400)
    assert known.energy.kwh.high / known.energy.kwh.value == pytest.approx(1.5 / 1.384, rel=1e-3)
    assert known.energy.co2_kg.high / known.energy.kwh.high == pytest.approx(0.056039)


def test_arrays_give_one_answer_for_each():
    hours = np.array([0.0, 1.0, 50.0])
    found = energy.used([("train", hours), ("decode", hours * 2)], 400, "france", off=(1 / 1.5, 1.5))
    for place, each in enumerate(hours):
        one = energy.used([("train", each), ("decode", each * 2)], 400, "france", off=(1 / 1.5, 1.5))
        for many, single in zip(found, one, strict=True):
            assert [end[place] for end in many] == pytest.approx(list(single))


def test_the_command_prints_it_and_gives_every_end():
    asked = ("estimate", "sft", "--model", "llama-3.1-8b", "--gpu", "h100-sxm-80gb", "--gpus", 8, "--examples", 1000,
             "--prompt-tokens", 0, "--response-tokens", 2048, "--recompute", "full")  # fmt: skip
    found = answer(*asked, "--grid", "us-central1", "--pue", 1.1)
    assert found["energy_kwh_low"] < found["energy_kwh"] < found["energy_kwh_high"]
    assert found["co2_kg"] == pytest.approx(found["energy_kwh"] * 0.41272)
    assert found["settings"]["pue"] == 1.1 and found["settings"]["grid"] == "us-central1"
    assert "grid of Iowa, region of a cloud (2024)" in " ".join(told(*asked, "--grid", "us-central1").split())


def test_what_is_wrong_is_refused_by_name():
    refused("^unknown grid 'franc'; did you mean france", estimate, "sft", *WORK, grid="franc")
    refused(r"^pue \[-\] must be a number from 1 to 10, got 0.9", estimate, "sft", *WORK, pue=0.9)
    refused("^pue must be a finite number of at least 1", energy.kwh, 1, 1, 1, 0.5)
    refused("^gpu_hours must be a finite number of at least 0", energy.kwh, -1, 1, 1, 1)
