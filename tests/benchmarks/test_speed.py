"""Speed, as ratios. `make benchmark` measures; `make test` only sees that these run."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from costlib import validation
from costlib.compute import memory, stages
from costlib.compute.architecture import Architecture
from costlib.compute.coefficients import published
from costlib.compute.job import estimate
from costlib.compute.timing import roofline
from costlib.economics import methods, scenarios, uncertainty
from costlib.economics.article import calculate_synthetic_cost

SCENARIOS = 1_000_000


@pytest.fixture(scope="module")
def arrays():
    """Eight inputs of a million scenarios each."""
    draw = np.random.default_rng(1).uniform
    low = np.array([1e3, 1e4, 1e3, 1e2, 1, 1e9, 50, 0.5])
    return [draw(start, 10 * start, SCENARIOS) for start in low]


def bare(sft, calls, pairs, length, epochs, parameters, speed, price):
    """The article's chain of formulas as one bare expression, unchecked."""
    return (
        sft * length * epochs * parameters * 6 / (speed * 1e12) / 3600 * price
        + calls * length * parameters * 2 / (speed * 1e12) / 3600 * price
        + pairs * length * epochs * parameters * 16 / (speed * 1e12) / 3600 * price
    )


def factored(sft, calls, pairs, length, epochs, parameters, speed, price):
    """The same with everything common taken out: the least that arrays allow."""
    return (sft * epochs * 6 + calls * 2 + pairs * epochs * 16) * length * parameters / (speed * 1e12) / 3600 * price


@pytest.mark.benchmark(group="a million totals")
@pytest.mark.parametrize("how", [bare, factored, lambda *a: calculate_synthetic_cost(*a).total_usd],
                         ids=["bare", "factored", "costlib"])  # fmt: skip
def test_a_million_totals(benchmark, arrays, how):
    total = benchmark(how, *arrays)
    np.testing.assert_allclose(total, bare(*arrays), rtol=1e-12)


@pytest.mark.benchmark(group="start")
@pytest.mark.parametrize("code", ["pass", "import costlib", "import costlib.economics.scenarios"])
def test_start(benchmark, code):
    benchmark(subprocess.run, [sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def stage():
    """A million fine-tuning runs: models, data, GPUs and prices all differ."""
    draw = np.random.default_rng(1)
    layers, heads = draw.integers(16, 97, SCENARIOS).astype(float), draw.integers(8, 129, SCENARIOS).astype(float)
    model = Architecture(layers, 128 * heads, heads, heads, 128, 512 * heads, 2, 50_000)
    setup = memory.Setup(gpus=draw.integers(1, 65, SCENARIOS).astype(float), zero=3, micro_batch=2, recompute="full")
    data = stages.Data(*draw.uniform([[1e3], [10], [10], [1]], [[1e6], [500], [500], [3]], (4, SCENARIOS)))
    return model, data, stages.Run(roofline("a100-sxm-80gb"), setup, draw.uniform(1, 4, SCENARIOS))


def whole_stage(model, data, run):
    """Memory, FLOPs, time and dollars of supervised fine-tuning."""
    model = replace(model)  # properties are kept once computed, so each round starts from the dimensions
    cost = stages.sft(model, data, run)
    return memory.training(model, data.length, run.setup).total, cost.flops, cost.gpu_hours, cost.usd


@pytest.mark.benchmark(group="a million stages")
def test_a_million_stages(benchmark, stage):
    held, flops, hours, usd = benchmark(whole_stage, *stage)
    assert held.shape == flops.shape == hours.shape == usd.shape == (SCENARIOS,)
    np.testing.assert_allclose(usd, hours * stage[2].price_usd_per_gpu_hour)


@pytest.mark.benchmark(group="one answer")
def test_one_estimate(benchmark):
    answer = benchmark(estimate, "ppo", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 256, 256, recompute="full")
    assert answer.fits


@pytest.mark.benchmark(group="uncertainty")
@pytest.mark.parametrize("name", ["human-ppo", "rlaif"])
def test_a_hundred_thousand_draws_of_a_method(benchmark, name):
    values = scenarios.complete({})
    drawn = benchmark(uncertainty.monte_carlo, methods.METHODS[name], values)
    assert drawn.usd.shape == (uncertainty.DRAWS,)


@pytest.mark.benchmark(group="validation")
def test_the_whole_validation(benchmark):
    # Nothing is known of coefficients that nobody had before; half of it is the search for layouts that reports omit.
    found = benchmark.pedantic(lambda: validation.evaluated(published().replaced({}), validation.DRAWS), rounds=1)
    assert len(found.predicted) > 600
    if benchmark.enabled:
        assert benchmark.stats.stats.min < 2
