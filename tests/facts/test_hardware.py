"""A reader's own hardware: checked as strictly as a scenario, and found by those who are given it."""

import math
import re

import pytest
from command import refused
from own_hardware import OURS, changed, started_with

from costlib.compute import coefficients, timing
from costlib.compute.job import estimate
from costlib.economics import scenarios
from costlib.facts import catalog, hardware, parameters


@pytest.mark.parametrize(("path", "value", "words"), [
    (["gpus"], {}, "unknown part 'gpus'; did you mean gpu?"),
    (["gpu"], "h100", "gpu of a hardware file must be lines of 'name: value', got 'h100'"),
    (["gpu", "hbm_gb"], None, "gpu.hbm_gb [GB] is missing"),
    (["gpu", "hbm_gib"], 90, "unknown line gpu.hbm_gib; did you mean hbm_gb"),
    (["gpu", "hbm_gb"], -1, "gpu.hbm_gb [GB] must be a number from 0.01 to 100,000, got -1"),
    (["gpu", "hbm_gb"], "96", "gpu.hbm_gb [GB] must be a number from 0.01 to 100,000, got '96'"),
    (["gpu", "hbm_gb"], True, "gpu.hbm_gb [GB] must be a number from 0.01 to 100,000, got True"),
    (["gpu", "bf16_dense_tflops"], math.inf, "gpu.bf16_dense_tflops [TFLOP/s] must be a number from 0.0001 to 1"),
    (["gpu", "label"], None, "gpu.label is missing"),
    (["gpu", "name"], "h100-sxm-80gb", "gpu.name must not be one of the catalogue"),
    (["gpu", "precision"], "fp8", "gpu.precision must be bf16 or fp32, got 'fp8'"),
    (["coefficients", "matmul"], {}, "unknown coefficient 'matmul'; did you mean"),
    (["coefficients", "matmul-fraction"], 0.5, "matmul-fraction must have value, low and high, got 0.5"),
    (["coefficients", "matmul-fraction", "low"], 0.7, "must have low <= value <= high"),
    (["coefficients", "matmul-fraction", "low"], math.nan, "[share of dense peak] must be a number from 0.001 to 1 in"),
    (["coefficients", "memory-bandwidth-fraction"], {"value": 1, "low": 1, "high": 1.2},
     "[share of peak bandwidth] must be a number"),
    (["coefficients"], ["matmul-fraction"], "coefficients of a hardware file must be lines of"),
])  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(path, value, words):
    refused(re.escape(words), lambda: hardware.checked(changed(path, value)))


def test_the_content_of_a_file_can_be_had_again():
    found = hardware.checked(OURS)
    assert found.given == OURS and hardware.checked(found.given) is found


def test_all_problems_are_named_at_once():
    bad = changed(["gpu", "hbm_gb"], 0)
    bad["coefficients"]["launch"] = {}
    refused(r"(?s)hbm_gb.*launch", hardware.checked, bad)


def test_it_stands_in_the_catalogue_of_those_who_are_given_it_and_nowhere_else():
    own = hardware.checked(OURS)
    known = coefficients.of(own)
    assert catalog.find("gpus", "our-gpu", own).hbm_gb == 96
    assert "our-gpu" in parameters.vocabulary(own)["cluster_gpu"].choices
    assert scenarios.complete({"cluster_gpu": "our-gpu"}, own)["cluster_gpu"] == "our-gpu"
    assert known["matmul-fraction"] == 0.5
    # 50 % of 400 TFLOP/s; the bandwidth's share stays the book's 90 %.
    rates = timing.roofline("our-gpu", coefficients=known)
    assert (rates.matmul, rates.bandwidth) == (pytest.approx(200e12), pytest.approx(2700e9))
    drawn = coefficients.draws(1000, hardware=own)
    assert 0.4 <= min(drawn["matmul-fraction"]) < 0.41 and 0.59 < max(drawn["matmul-fraction"]) <= 0.6
    assert estimate("sft", "gpt2", "our-gpu", 1, 10, 0, 128, hardware=own).cost.gpu_hours > 0
    assert "our-gpu" not in catalog.table("gpus") and coefficients.published()["matmul-fraction"] == 0.8
    refused("unknown gpu 'our-gpu'", catalog.find, "gpus", "our-gpu")


def test_a_process_started_with_the_variable_uses_it():
    code = (
        "from costlib.compute import coefficients, timing; from costlib.facts import catalog, parameters;"
        "own = 'our-gpu' in parameters.vocabulary()['cluster_gpu'].choices;"
        "print(own, catalog.find('gpus', 'our-gpu').hbm_gb, timing.roofline('our-gpu').matmul,"
        " coefficients.published()['matmul-fraction'], 'our-gpu' in catalog.table('gpus', None))"
    )
    assert started_with(OURS, code) == "True 96.0 200000000000000.0 0.8 False"
