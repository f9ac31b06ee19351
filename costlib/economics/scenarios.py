"""A scenario: some parameters given, the others published, and the one that follows from others."""

from costlib.economics.article import (
    calculate_sustained_performance_tflops,
    calculate_synthetic_cost,
    calculate_total_flops,
    count_inference_calls,
)
from costlib.facts import hardware, parameters


def complete(given, own=hardware.OF_PROCESS):
    """Return a value for every parameter of the vocabulary.

    The sustained speed is back-solved from the pre-training run, so it follows when that run is changed and the
    speed itself is not given.

    Parameters
    ----------
    given : dict of parameter name to value; any subset of the vocabulary
    own : costlib.facts.hardware.Hardware of the reader, whose GPU may be named; None for none

    Raises
    ------
    ValueError : as :func:`costlib.facts.parameters.check`

    Examples
    --------
    >>> complete({})["sustained_tflops"] == parameters.defaults()["sustained_tflops"]
    True
    >>> round(complete({"pretraining_gpu_hours": 860160})["sustained_tflops"], 4)
    271.2674
    """
    checked = parameters.check(given, own)
    values = parameters.defaults() | checked
    if "sustained_tflops" not in checked:
        values["sustained_tflops"] = back_solved_tflops(values)
        parameters.check({"sustained_tflops": values["sustained_tflops"]})
    return values


def back_solved_tflops(values):
    """Return the speed that the pre-training run of a scenario implies [TFLOP/s per GPU].

    >>> round(back_solved_tflops(parameters.defaults()), 6)
    135.633681
    """
    flops = calculate_total_flops(
        values["pretraining_tokens"], values["pretraining_parameters"], values["training_flops_factor"]
    )
    return calculate_sustained_performance_tflops(flops, values["pretraining_gpu_hours"])


def synthetic_cost(values):
    """Return what the synthetic pairs of a scenario cost, by the article's model.

    Parameters
    ----------
    values : dict that holds at least the parameters of chapter 4; numbers or NumPy arrays

    Returns
    -------
    costlib.economics.article.SyntheticCost [USD]

    Examples
    --------
    >>> round(synthetic_cost(parameters.defaults()).total_usd, 2)
    279.74
    >>> round(synthetic_cost(parameters.defaults() | {"dpo_rounds": 2}).total_usd, 2)
    442.79
    """
    rounds = ("responses_per_prompt", "pairs_per_prompt", "judgments_per_response")
    calls = count_inference_calls(num_pairs(values), **{name: values[name] for name in rounds})
    return calculate_synthetic_cost(
        num_sft_examples=values["num_sft_examples"],
        num_inference_calls=calls.total,
        num_dpo_pairs=values["num_pairs_m1"] + (values["dpo_rounds"] - 1) * values["num_pairs_m2"],
        sequence_length=values["sequence_length"],
        epochs=values["epochs"],
        model_parameters=values["model_parameters"],
        sustained_performance_tflops=values["sustained_tflops"],
        price_per_hour=values["price_usd_per_gpu_hour"],
    )


def num_pairs(values):
    """Return the synthetic pairs of both rounds [pairs].

    >>> num_pairs(parameters.defaults())
    10906
    """
    return values["num_pairs_m1"] + values["num_pairs_m2"]
