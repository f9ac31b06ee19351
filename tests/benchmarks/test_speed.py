"""Speed, as ratios: `make benchmark` measures, `make test` only sees that these run.

Each group has a bare member, the least that the same work could take: Python's own start, a vectorised expression
without checks, a method whose inputs are drawn already. In brackets behind a time stands its ratio to the fastest.
"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from costlib import validation
from costlib.calculator import Calculator
from costlib.compute import architecture, memory, stages
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


ONE_STAGE = ("estimate sft --model llama-2-7b --gpu a100-sxm-80gb --gpus 8 --examples 1000 --prompt-tokens 0 "
             "--response-tokens 512 --json")  # fmt: skip
COMMAND = "import sys; sys.argv = ['costlib', *{!r}.split()]; from costlib.cli.main import main; main()"
STARTS = {
    "python": "pass", "costlib": "import costlib", "scenarios": "import costlib.economics.scenarios",
    "click rich yaml": "import click, rich, yaml", "with numpy": "import click, rich, yaml, numpy",
    "estimate": COMMAND.format(ONE_STAGE),
    "compare": COMMAND.format("compare --json"),
}  # fmt: skip


@pytest.mark.benchmark(group="start")
@pytest.mark.parametrize("code", STARTS.values(), ids=STARTS)
def test_start(benchmark, code):
    benchmark(subprocess.run, [sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


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


def six_for_each_parameter_and_token(model, data, run):
    """The rule of thumb of the same stages in one bare expression: 6 FLOPs, at the speed of the products alone."""
    parameters = model.layers * (4 * model.hidden_size**2 + 2 * model.hidden_size * model.ffn_size)
    flops = 6 * parameters * data.examples * (data.prompt_tokens + data.response_tokens) * data.epochs
    hours = flops / run.speed.matmul / 3600
    return 16 * parameters / run.setup.gpus, flops, hours, hours * run.price_usd_per_gpu_hour


@pytest.mark.benchmark(group="a million stages")
@pytest.mark.parametrize("how", [six_for_each_parameter_and_token, whole_stage], ids=["bare", "costlib"])
def test_a_million_stages(benchmark, stage, how):
    held, flops, hours, usd = benchmark(how, *stage)
    assert held.shape == flops.shape == hours.shape == usd.shape == (SCENARIOS,)
    np.testing.assert_allclose(usd, hours * stage[2].price_usd_per_gpu_hour)


@pytest.mark.benchmark(group="one answer")
@pytest.mark.parametrize("how", ["bare", "costlib"])
def test_one_estimate(benchmark, how):
    asked = ("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 256, 256)
    found = estimate(*asked, recompute="full")
    if how == "costlib":
        again = benchmark(estimate, *asked, recompute="full").cost
    else:
        run = stages.Run(roofline("a100-sxm-80gb"), found.setup, attention="causal",
                         generation_parallel=found.generation_parallel)  # fmt: skip
        again = benchmark(stages.ppo, architecture.find("llama-2-7b"), stages.Data(1000, 256, 256), run)
    assert again.flops == found.cost.flops


@pytest.mark.parametrize("how", ["bare", "costlib"])
@pytest.mark.parametrize("name", ["human-ppo", "rlaif"])
def test_a_hundred_thousand_draws(benchmark, name, how):
    benchmark.group = f"a hundred thousand draws of {name}"
    values, method = scenarios.complete({}), methods.METHODS[name]
    if how == "costlib":
        found = benchmark(uncertainty.monte_carlo, method, values)
    else:
        found = benchmark(method, values | uncertainty.draw())
    assert found.usd.shape == (uncertainty.DRAWS,)


@pytest.mark.benchmark(group="an answer of the calculator")
@pytest.mark.parametrize("how", ["bare", "costlib"])
def test_a_change_in_the_calculator(benchmark, how):
    if how == "costlib":
        assert benchmark(Calculator().answer, {"human_usd_per_pair": "2"})["numbers"]
    else:
        assert benchmark(methods.compare, scenarios.complete({"human_usd_per_pair": 2}))


@pytest.mark.benchmark(group="validation")
def test_the_whole_validation(benchmark):
    # Nothing is known of coefficients that nobody had before; half of it is the search for layouts that reports omit.
    found = benchmark.pedantic(lambda: validation.evaluated(published().replaced({})), rounds=1)
    assert len(found.predicted) > 600
