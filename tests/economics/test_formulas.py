"""The formulas as functions: names, limits, bad input, and the same result for numbers and arrays."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlib.economics import article

SPEED = 135.633681
# Every public function with arguments that make sense.
CALLS = {
    "calculate_total_tokens": dict(num_annotations=4830, sequence_length=4096, epochs=1),
    "calculate_total_flops": dict(total_tokens=2e12, model_parameters=70e9, flops_per_token_factor=6),
    "calculate_sustained_performance_tflops": dict(total_flops=8.4e23, gpu_hours=1720320),
    "calculate_gpu_hours": dict(total_flops=8.4e23, sustained_performance_tflops=SPEED),
    "calculate_cost": dict(gpu_hours=17, price_per_hour=2.5),
    "calculate_sft_cost": dict(
        num_examples=4830, sequence_length=4096, epochs=1, model_parameters=70e9,
        sustained_performance_tflops=SPEED, price_per_hour=2.5,
    ),
    "calculate_forward_pass_cost": dict(
        num_examples=49077, sequence_length=4096, model_parameters=70e9, sustained_performance_tflops=SPEED,
        price_per_hour=2.5,
    ),
    "calculate_dpo_cost": dict(
        num_examples=3964, sequence_length=4096, epochs=1, model_parameters=70e9,
        sustained_performance_tflops=SPEED, price_per_hour=2.5, num_rounds=1,
    ),
    "count_inference_calls": dict(
        num_pairs=3964, responses_per_prompt=4, pairs_per_prompt=2, judgments_per_response=1
    ),
    "calculate_synthetic_cost": dict(
        num_sft_examples=4830, num_inference_calls=49077, num_dpo_pairs=3964, sequence_length=4096, epochs=1,
        model_parameters=70e9, sustained_performance_tflops=SPEED, price_per_hour=2.5,
    ),
    "calculate_human_cost": dict(num_pairs=10906, price_per_pair=0.3, fee_fraction=0.2),
    "calculate_cost_ratio": dict(human_usd=3271.8, synthetic_usd=279.74),
}  # fmt: skip
ARGUMENTS = [(name, argument) for name, arguments in CALLS.items() for argument in arguments]
positive = st.floats(1e-3, 1e6)


def call(name, **changes):
    result = getattr(article, name)(**CALLS[name] | changes)
    return tuple(result) if isinstance(result, tuple) else (result,)


def test_every_public_function_is_tested_here():
    public = {n for n, f in vars(article).items() if inspect.isfunction(f) and f.__module__ == article.__name__}
    assert public - CALLS.keys() == {"calculate_final_cost"}  # the other name of calculate_cost


def test_published_names_and_argument_order():
    published = {
        "calculate_total_tokens": "num_annotations sequence_length epochs",
        "calculate_total_flops": "total_tokens model_parameters flops_per_token_factor",
        "calculate_sustained_performance_tflops": "total_flops gpu_hours",
        "calculate_gpu_hours": "total_flops sustained_performance_tflops",
        "calculate_cost": "gpu_hours price_per_hour",
        "calculate_final_cost": "gpu_hours price_per_hour",
        "calculate_sft_cost": "num_examples sequence_length epochs model_parameters sustained_performance_tflops "
        "price_per_hour",
        "calculate_forward_pass_cost": "num_examples sequence_length model_parameters "
        "sustained_performance_tflops price_per_hour",
        "calculate_dpo_cost": "num_examples sequence_length epochs model_parameters "
        "sustained_performance_tflops price_per_hour num_rounds",
    }
    for name, arguments in published.items():
        assert list(inspect.signature(getattr(article, name)).parameters) == arguments.split(), name


UNITS = {
    "num_annotations": "examples", "sequence_length": "tokens", "epochs": "passes", "total_tokens": "tokens",
    "model_parameters": "parameters", "flops_per_token_factor": "FLOPs per parameter and token",
    "total_flops": "FLOPs", "gpu_hours": "GPU-hours", "sustained_performance_tflops": "TFLOP/s",
    "price_per_hour": "USD per GPU-hour", "num_rounds": "rounds", "responses_per_prompt": "responses per prompt",
    "pairs_per_prompt": "pairs per prompt", "judgments_per_response": "judgments per response",
    "num_sft_examples": "examples", "num_inference_calls": "calls", "num_dpo_pairs": "pairs", "num_pairs": "pairs",
    "price_per_pair": "USD per pair", "fee_fraction": "fraction of the price", "human_usd": "USD",
    "synthetic_usd": "USD",
}  # fmt: skip
OF_A_FUNCTION = {
    "calculate_sft_cost": "examples",
    "calculate_forward_pass_cost": "calls",
    "calculate_dpo_cost": "pairs",
}


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_bad_input_names_the_unit(name, argument):
    unit = OF_A_FUNCTION[name] if argument == "num_examples" else UNITS[argument]
    with pytest.raises(ValueError, match=rf"^{argument} must be a finite number .* \[{unit}\], got -1$"):
        call(name, **{argument: -1})


@pytest.mark.parametrize(
    ("name", "argument"),
    [(n, a) for n, a in ARGUMENTS if a in ("sustained_performance_tflops", "pairs_per_prompt", "synthetic_usd")],
)
def test_a_divisor_of_zero_is_refused(name, argument):
    with pytest.raises(ValueError, match=f"{argument} must be a finite number above 0"):
        call(name, **{argument: 0})


def test_zero_gpu_hours_are_an_infinite_speed_as_published():
    assert article.calculate_sustained_performance_tflops(1e18, 0) == math.inf
    both = article.calculate_sustained_performance_tflops(1e18, np.array([0.0, 1.0]))
    assert both[0] == math.inf
    assert both[1] == pytest.approx(1e18 / 3600 / 1e12, rel=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_arrays_give_what_numbers_give(name):
    for argument, value in CALLS[name].items():
        values = np.array([value * factor for factor in (1, 2, 3)])
        together = call(name, **{argument: values})
        alone = [call(name, **{argument: single.item()}) for single in values]
        for part, singles in zip(together, zip(*alone, strict=True), strict=True):
            np.testing.assert_allclose(np.broadcast_to(part, (3,)), singles, rtol=1e-14)


@pytest.mark.parametrize("name", CALLS)
def test_whole_number_arrays_do_not_overflow(name):
    whole = {key: min(int(value) or 1, 10**18) for key, value in CALLS[name].items()}
    arguments = {key: np.array([value] * 2, dtype=np.int64) for key, value in whole.items()}
    exact = call(name, **whole)
    for part, expected in zip(call(name, **arguments), exact, strict=True):
        np.testing.assert_allclose(part, [float(expected)] * 2, rtol=1e-14)


def test_arguments_broadcast_against_each_other():
    prices, parameters = np.array([[1.0], [2.0]]), np.array([7e9, 13e9, 70e9])
    total = article.calculate_synthetic_cost(
        **CALLS["calculate_synthetic_cost"] | dict(price_per_hour=prices, model_parameters=parameters)
    ).total_usd
    assert total.shape == (2, 3)
    np.testing.assert_allclose(total[1], 2 * total[0], rtol=1e-14)


SCALES = {"sequence_length": 1, "model_parameters": 1, "price_per_hour": 1, "sustained_performance_tflops": -1,
          "epochs": 1}  # fmt: skip
# Calls are not repeated by epochs; see the next test.
SCALED = [
    (name, argument, power)
    for name in ("calculate_sft_cost", "calculate_dpo_cost", "calculate_synthetic_cost")
    for argument, power in SCALES.items()
    if (name, argument) != ("calculate_synthetic_cost", "epochs")
]


@pytest.mark.parametrize(("name", "argument", "power"), SCALED)
@given(factor=positive)
def test_cost_scales_as_the_equation_says(name, argument, power, factor):
    base = call(name)[-1]
    assert call(name, **{argument: CALLS[name][argument] * factor})[-1] == pytest.approx(base * factor**power, rel=1e-9)


@given(passes=st.integers(1, 50))
def test_epochs_repeat_training_and_not_generation(passes):
    one, many = (
        article.calculate_synthetic_cost(**CALLS["calculate_synthetic_cost"] | dict(epochs=e)) for e in (1, passes)
    )
    assert many.sft_usd == pytest.approx(passes * one.sft_usd)
    assert many.dpo_usd == pytest.approx(passes * one.dpo_usd)
    assert many.inference_usd == one.inference_usd


@given(pairs=st.integers(1, 10**7), more=st.integers(0, 10**7))
def test_more_pairs_never_cost_less(pairs, more):
    few, many = (article.count_inference_calls(n).total for n in (pairs, pairs + more))
    assert few <= many


@given(pairs=positive, responses=st.integers(1, 64), kept=positive, judgments=st.integers(0, 64))
def test_calls_sum_to_their_total(pairs, responses, kept, judgments):
    calls = article.count_inference_calls(pairs, responses, kept, judgments)
    assert calls.total == pytest.approx(pairs / kept * (1 + responses + responses * judgments))


@given(flops=st.floats(1, 1e30), hours=st.floats(1e-3, 1e12))
def test_gpu_hours_undo_the_back_solve(flops, hours):
    speed = article.calculate_sustained_performance_tflops(flops, hours)
    assert article.calculate_gpu_hours(flops, speed) == pytest.approx(hours, rel=1e-12)


def test_whole_numbers_stay_exact():
    assert article.calculate_total_tokens(10**12, 10**9, 7) == 7 * 10**21


def test_small_float_arrays_are_widened():
    result = article.calculate_total_flops(np.float32(2e12), np.array([70e9], dtype=np.float32), np.float16(6))
    assert result.dtype == np.float64
    assert result[0] == pytest.approx(8.4e23, rel=1e-6)
