"""Speed, as ratios. `make benchmark` measures; `make test` only sees that these run."""

import subprocess
import sys

import numpy as np
import pytest

from costlib.formulas import calculate_synthetic_cost

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
@pytest.mark.parametrize("code", ["pass", "import costlib", "import costlib.scenarios"])
def test_start(benchmark, code):
    benchmark(subprocess.run, [sys.executable, "-c", code], check=True)
