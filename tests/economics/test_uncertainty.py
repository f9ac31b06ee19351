"""Draws, intervals and indices against distributions and functions whose answers are known."""

import itertools
import math
import random
import statistics
from dataclasses import replace

import numpy as np
import pytest
from earlier import EARLIER

from costlib.base import sampling
from costlib.economics import methods, scenarios, uncertainty
from costlib.facts import parameters

PUBLISHED = scenarios.complete(EARLIER)
PRICE = replace(parameters.vocabulary()["human_usd_per_pair"], default=0.67, low=0.3, high=3.5, shape="loguniform")


def test_every_range_lies_within_the_limits_and_has_a_source():
    for name, known in uncertainty.uncertain().items():
        assert known.shape in ("uniform", "loguniform", "triangular", "lognormal"), name
        assert known.minimum <= known.low <= known.default <= known.high <= known.maximum, name
        assert known.low < known.high and known.range_source, name
        assert not known.shape.startswith("log") or known.low > 0, name
    for known in parameters.vocabulary().values():
        assert not known.known or known.shape, known.name
        assert bool(known.shape) == (known.low is not None) == (known.high is not None) == bool(known.range_source)


@pytest.mark.parametrize(
    ("shape", "mean"),
    # Means from the textbook: (a + b) / 2, (b - a) / ln(b / a), (a + mode + b) / 3.
    [("uniform", 1.9), ("loguniform", 3.2 / math.log(3.5 / 0.3)), ("triangular", (0.3 + 0.67 + 3.5) / 3)],
)
def test_shapes_have_their_mean_and_ends(shape, mean):
    known = replace(PRICE, shape=shape)
    uniform = (np.arange(100_000) + 0.5) / 100_000
    drawn = sampling.quantile_of(known, uniform)
    assert drawn.mean() == pytest.approx(mean, rel=1e-4)
    assert [sampling.quantile_of(known, end) for end in (0.0, 1.0)] == pytest.approx([0.3, 3.5])
    assert (np.diff(drawn) > 0).all()


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others():
    first, again, other = (uncertainty.draw(draws=1000, seed=seed) for seed in (1, 1, 2))
    for name in first:
        assert first[name].tobytes() == again[name].tobytes()
        assert first[name].tobytes() != other[name].tobytes()


def test_an_input_keeps_its_draws_when_others_join():
    alone = uncertainty.draw(["rework_share"], 50)["rework_share"]
    np.testing.assert_array_equal(alone, uncertainty.draw(["answer_tokens", "rework_share"], 50)["rework_share"])


def test_zero_width_ranges_give_the_point_estimate(monkeypatch):
    narrow = {
        name: replace(known, low=known.default, high=known.default)
        for name, known in parameters.vocabulary().items()
        if known.shape and not known.known
    }
    monkeypatch.setattr(uncertainty, "uncertain", lambda names=None, known=True: narrow)
    for name, method in methods.METHODS.items():
        values = scenarios.complete({})
        drawn = uncertainty.monte_carlo(method, values, draws=10).usd
        np.testing.assert_allclose(drawn, method(values).usd, rtol=1e-12, err_msg=name)


def test_twice_the_draws_shrink_the_standard_error_by_the_square_root():
    errors = [
        sampling.sample(uncertainty.monte_carlo(methods.human_dpo, PUBLISHED, draws=draws).usd).standard_error
        for draws in (20_000, 40_000, 80_000)
    ]
    for more, fewer in itertools.pairwise(reversed(errors)):
        assert fewer / more == pytest.approx(math.sqrt(2), rel=0.03)


def test_a_sample_agrees_with_an_independent_implementation():
    numbers = np.random.default_rng(5).lognormal(size=2001)
    ours = sampling.sample(numbers)
    assert ours.median == pytest.approx(statistics.median(numbers))
    assert ours.interval == pytest.approx(tuple(np.quantile(numbers, [0.05, 0.95])))
    assert ours.mean == pytest.approx(numbers.mean())
    assert ours.standard_error == pytest.approx(numbers.std(ddof=1) / math.sqrt(2001))
    share, error = ours.share_above(1.0)
    assert share == pytest.approx((numbers > 1).mean()) and error == pytest.approx((share * (1 - share) / 2001) ** 0.5)


def test_a_result_that_no_draw_reaches_has_no_width():
    alone = sampling.sample(3.0)
    assert alone.median == 3.0 and alone.interval == (3.0, 3.0) and alone.standard_error == 0


def test_infinite_draws_are_quantiles_like_others():
    assert sampling.sample([1.0, math.inf, math.inf]).quantile(0.9) == math.inf


def by_the_standard_library(seed, count):
    generator = random.Random(seed)
    return [generator.random() for _ in range(count)]


def test_a_stream_is_that_of_the_standard_library():
    for seed in ("2025 answer_tokens", "another"):
        assert sampling.stream(seed, 700).tolist() == by_the_standard_library(seed, 700)


def test_a_lognormal_error_has_its_quantiles():
    # ln 1.5 is 1.2816 standard deviations of a normal, a tenth of which lies above: quantiles 0.1, 0.5, 0.9, 0.975.
    known = replace(PRICE, shape="lognormal", low=1 / 1.5, high=1.5, default=1.0)
    found = sampling.quantile_of(known, np.array([0.1, 0.5, 0.9, 0.975]))
    assert found == pytest.approx([1 / 1.5, 1, 1.5, math.exp(math.log(1.5) * 1.959964 / 1.281552)], rel=1e-6)
    # A skewed one has half on either side of the default, and a tenth beyond each end.
    skewed = sampling.quantile_of(replace(known, low=0.5, high=3.0), np.array([0.1, 0.5, 0.9]))
    assert skewed == pytest.approx([0.5, 1, 3], rel=1e-6)
    assert math.isfinite(sampling.quantile_of(known, 0.0)) and sampling.quantile_of(known, 1.0) < 100


def test_draws_leave_the_ends_open_by_their_number():
    # The 95 % quantile q of 2,000 uniform draws has the standard error sqrt(0.05 x 0.95 / 2,000) = 0.00487, and the 5 %
    # quantile the same: of itself 0.00487 / 0.05 = 9.7 %.
    assert sampling.sample((np.arange(2000) + 0.5) / 2000).ends_error == pytest.approx(0.0975, rel=0.01)


def test_lists_give_what_arrays_give(monkeypatch):
    arrays = uncertainty.monte_carlo(lambda v: methods.rlaif(v).usd, PUBLISHED, draws=20)
    monkeypatch.setattr(sampling, "stream", by_the_standard_library)
    lists = uncertainty.monte_carlo(lambda v: methods.rlaif(v).usd, PUBLISHED, draws=20)
    assert isinstance(lists, list)
    np.testing.assert_allclose(arrays, lists, rtol=1e-12)


def test_draws_of_different_numbers_are_never_paired(monkeypatch):
    monkeypatch.setattr(uncertainty, "draw", lambda *_: {"platform_fee": [0.1, 0.2, 0.3], "hard_share": [0.1, 0.2]})
    with pytest.raises(ValueError, match="argument 2 is shorter than argument 1"):
        uncertainty.monte_carlo(lambda values: values["platform_fee"], PUBLISHED)


def test_tornado_is_sorted_and_turns_one_input_at_a_time():
    bars = uncertainty.tornado(lambda v: v["rework_share"] + 100 * v["hard_share"] + 1, PUBLISHED)
    assert bars[0] == ("hard_share", pytest.approx(0.1 + 11), pytest.approx(0.1 + 41))
    assert bars[1] == ("rework_share", pytest.approx(21), pytest.approx(21.3))
    assert all(low == high for _, low, high in bars[2:])


def test_an_input_that_moves_nothing_is_narrow_also_where_the_result_is_infinite():
    usual = PUBLISHED["hard_share"]
    bars = uncertainty.tornado(lambda v: math.inf if v["hard_share"] == usual else v["hard_share"], PUBLISHED)
    assert bars[0][0] == "hard_share" and math.isfinite(bars[0][1]) and math.isfinite(bars[0][2])
    assert len(bars) > 2 and all(low == high == math.inf for _, low, high in bars[1:])


def test_sobol_indices_of_the_ishigami_function(monkeypatch):
    # Known answers for a = 7, b = 0.1: first order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437.
    ranged = {f"x{n}": replace(PRICE, name=f"x{n}", low=-math.pi, high=math.pi, shape="uniform") for n in (1, 2, 3)}
    monkeypatch.setattr(uncertainty, "uncertain", lambda names=None, known=True: ranged)

    def ishigami(v):
        return np.sin(v["x1"]) + 7 * np.sin(v["x2"]) ** 2 + 0.1 * v["x3"] ** 4 * np.sin(v["x1"])

    found = uncertainty.sobol(ishigami, log=False, samples=4096)
    known = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
    for name, (first, total) in known.items():
        assert found[name][0] == pytest.approx(first, abs=found[name][1] + 0.005), name
        assert found[name][2] == pytest.approx(total, abs=found[name][3] + 0.005), name


def test_the_share_of_a_factor_is_that_of_its_squared_span():
    # Log-uniform over a factor of 16, and from 1.08 to 5.12: the variance of a logarithm is its squared span over 12.
    spans = [math.log(16) ** 2, math.log(5.12 / 1.08) ** 2]
    found = uncertainty.sobol_of_factor("human_usd_per_word", ["human_usd_per_word", "price_usd_per_gpu_hour"])
    assert found == pytest.approx(spans[0] / sum(spans), rel=1e-12)


def test_impossible_draws_are_refused():
    with pytest.raises(ValueError, match=r"draws \[-\] must be a whole number from 1 to 1e7"):
        uncertainty.draw(draws=0)
