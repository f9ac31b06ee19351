"""Tokens to FLOPs to GPU-hours to US dollars: the article's formulas, and the few it uses without naming.

The functions of its technical appendix keep their published names and arguments. Every function takes plain numbers
or NumPy arrays of one shape (or shapes that broadcast) and returns the same; `model_parameters` and token counts may be
given as floats (70e9). FLOPs are counts, TFLOP/s a rate of 1e12 FLOPs a second, prices US dollars, tokens tokens.

Source of the formulas: :cite:`mamath2025economics`, technical appendix, unless a docstring names another.
"""

from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, where
from costlib.base.units import FLOPS_INFERENCE, FLOPS_PER_TFLOP, FLOPS_TRAINING, SECONDS_PER_HOUR

FLOPS_DPO = 16  # per parameter and position of a pair: (2 reference + 2 policy + 4 backward) x 2 answers


def calculate_total_tokens(num_annotations: Numeric, sequence_length: Numeric, epochs: Numeric) -> Numeric:
    """Return the tokens processed, if every example fills the sequence.

    Parameters
    ----------
    num_annotations : examples, pairs or calls, at least 0 [-]
    sequence_length : tokens charged for each of them, at least 0 [tokens]
    epochs : passes over the data, at least 0 [-]

    Returns
    -------
    tokens = num_annotations x sequence_length x epochs [tokens]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Examples
    --------
    >>> calculate_total_tokens(4830, 4096, 1)
    19783680
    """
    return (
        checked("num_annotations", num_annotations, "examples")
        * checked("sequence_length", sequence_length, "tokens")
        * checked("epochs", epochs, "passes")
    )


def calculate_total_flops(total_tokens: Numeric, model_parameters: Numeric,
                          flops_per_token_factor: Numeric = FLOPS_TRAINING) -> Numeric:  # fmt: skip
    """Return the FLOPs to process tokens with a dense transformer.

    Valid while attention is small against the matrix products (sequences short against 6 x hidden size) and nothing is
    recomputed. The factor is per parameter and token, although its published name says per token.

    Parameters
    ----------
    total_tokens : tokens processed, at least 0 [tokens]
    model_parameters : parameters of the model, at least 0 [-]
    flops_per_token_factor : 6 training, 2 forward only, 16 DPO on a pair [FLOPs per parameter and token]

    Returns
    -------
    flops = total_tokens x model_parameters x flops_per_token_factor [FLOPs]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Notes
    -----
    The factor 6 is derived in :cite:`kaplan2020`, section 2.1.

    Examples
    --------
    >>> f"{calculate_total_flops(2e12, 70e9):.3e}"
    '8.400e+23'
    """
    return (
        checked("total_tokens", total_tokens, "tokens")
        * checked("model_parameters", model_parameters, "parameters")
        * checked("flops_per_token_factor", flops_per_token_factor, "FLOPs per parameter and token")
    )


def calculate_sustained_performance_tflops(total_flops: Numeric, gpu_hours: Numeric) -> Numeric:
    """Return the average speed of one GPU over a known run.

    Parameters
    ----------
    total_flops : model FLOPs of the run, at least 0 [FLOPs]
    gpu_hours : GPUs x wall hours, at least 0 [GPU-hours]

    Returns
    -------
    total_flops / (gpu_hours x 3600) / 1e12 [TFLOP/s per GPU]; infinite where gpu_hours is 0, as published

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Examples
    --------
    >>> round(calculate_sustained_performance_tflops(8.4e23, 1720320), 6)
    135.633681
    """
    total_flops = checked("total_flops", total_flops, "FLOPs")
    gpu_hours = checked("gpu_hours", gpu_hours, "GPU-hours")
    is_zero = gpu_hours == 0
    gpu_seconds = where(is_zero, 1, gpu_hours) * SECONDS_PER_HOUR
    return where(is_zero, float("inf"), total_flops / gpu_seconds / FLOPS_PER_TFLOP)


def calculate_gpu_hours(total_flops: Numeric, sustained_performance_tflops: Numeric) -> Numeric:
    """Return the GPU-hours that a number of FLOPs takes at a sustained speed.

    Parameters
    ----------
    total_flops : at least 0 [FLOPs]
    sustained_performance_tflops : average speed of one GPU, above 0 [TFLOP/s]

    Returns
    -------
    total_flops / (sustained_performance_tflops x 1e12) / 3600 [GPU-hours]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a speed of 0

    Examples
    --------
    >>> round(calculate_gpu_hours(8.3091456e18, 135.633681), 4)
    17.0171
    """
    total_flops = checked("total_flops", total_flops, "FLOPs")
    speed = checked("sustained_performance_tflops", sustained_performance_tflops, "TFLOP/s", low_is_allowed=False)
    return total_flops / (speed * FLOPS_PER_TFLOP) / SECONDS_PER_HOUR


def calculate_cost(gpu_hours: Numeric, price_per_hour: Numeric) -> Numeric:
    """Return what GPU-hours cost.

    Parameters
    ----------
    gpu_hours : at least 0 [GPU-hours]
    price_per_hour : price of one GPU for one hour, at least 0 [USD per GPU-hour]

    Returns
    -------
    gpu_hours x price_per_hour [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Examples
    --------
    >>> calculate_cost(17, 2.5)
    42.5
    """
    return checked("gpu_hours", gpu_hours, "GPU-hours") * checked("price_per_hour", price_per_hour, "USD per GPU-hour")


calculate_final_cost = calculate_cost  # the listings call it by this name and never define it


def calculate_sft_cost(num_examples: Numeric, sequence_length: Numeric, epochs: Numeric, model_parameters: Numeric,
                       sustained_performance_tflops: Numeric, price_per_hour: Numeric) -> Numeric:  # fmt: skip
    """Return the cost of supervised fine-tuning.

    Parameters
    ----------
    num_examples : at least 0 [examples]
    sequence_length : at least 0 [tokens per example]
    epochs : at least 0 [passes]
    model_parameters : at least 0 [-]
    sustained_performance_tflops : above 0 [TFLOP/s per GPU]
    price_per_hour : at least 0 [USD per GPU-hour]

    Returns
    -------
    6 FLOPs per parameter and token, priced [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a speed of 0

    Examples
    --------
    >>> round(calculate_sft_cost(4830, 4096, 1, 70e9, 135.6, 2.50), 2)
    42.55
    """
    examples = checked("num_examples", num_examples, "examples")
    tokens = calculate_total_tokens(examples, sequence_length, epochs)
    flops = calculate_total_flops(tokens, model_parameters)
    return calculate_cost(calculate_gpu_hours(flops, sustained_performance_tflops), price_per_hour)


def calculate_forward_pass_cost(num_examples: Numeric, sequence_length: Numeric, model_parameters: Numeric,
                                sustained_performance_tflops: Numeric, price_per_hour: Numeric) -> Numeric:  # fmt: skip
    """Return the cost of forward passes, with generation charged at the same speed as training.

    Valid for scoring and prefill. Decoding token by token is bound by memory bandwidth and runs far slower than the
    training speed; the article does not separate the two.

    Parameters
    ----------
    num_examples : calls, at least 0 [calls]
    sequence_length : at least 0 [tokens per call]
    model_parameters : at least 0 [-]
    sustained_performance_tflops : above 0 [TFLOP/s per GPU]
    price_per_hour : at least 0 [USD per GPU-hour]

    Returns
    -------
    2 FLOPs per parameter and token, priced [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a speed of 0

    Examples
    --------
    >>> round(calculate_forward_pass_cost(49077, 4096, 70e9, 135.6, 2.50), 2)
    144.13
    """
    calls = checked("num_examples", num_examples, "calls")
    tokens = calculate_total_tokens(calls, sequence_length, 1)
    flops = calculate_total_flops(tokens, model_parameters, FLOPS_INFERENCE)
    return calculate_cost(calculate_gpu_hours(flops, sustained_performance_tflops), price_per_hour)


def calculate_dpo_cost(num_examples: Numeric, sequence_length: Numeric, epochs: Numeric, model_parameters: Numeric,
                       sustained_performance_tflops: Numeric, price_per_hour: Numeric,
                       num_rounds: Numeric = 1) -> Numeric:  # fmt: skip
    """Return the cost of direct preference optimisation on pairs.

    Both answers of a pair are charged the full sequence: 2 reference + 2 policy forward + 4 policy backward, twice.
    Without recomputation; the reference log-probabilities are computed in every epoch, not cached.

    Parameters
    ----------
    num_examples : at least 0 [pairs]
    sequence_length : at least 0 [tokens per answer]
    epochs : at least 0 [passes]
    model_parameters : at least 0 [-]
    sustained_performance_tflops : above 0 [TFLOP/s per GPU]
    price_per_hour : at least 0 [USD per GPU-hour]
    num_rounds : equal rounds of training, at least 0 [-]

    Returns
    -------
    16 FLOPs per parameter and pair position, priced [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a speed of 0

    Notes
    -----
    The loss is equation 7 of :cite:`rafailov2023dpo`; the count of 16 is the article's.

    Examples
    --------
    >>> round(calculate_dpo_cost(3964, 4096, 1, 70e9, 135.6, 2.50), 2)
    93.13
    """
    pairs = checked("num_examples", num_examples, "pairs")
    tokens = calculate_total_tokens(pairs, sequence_length, epochs)
    flops = calculate_total_flops(tokens, model_parameters, FLOPS_DPO) * checked("num_rounds", num_rounds, "rounds")
    return calculate_cost(calculate_gpu_hours(flops, sustained_performance_tflops), price_per_hour)


class Calls(NamedTuple):
    """Model calls of one or more rounds of self-rewarding [calls]."""

    prompts: Numeric
    responses: Numeric
    judgments: Numeric
    total: Numeric


def count_inference_calls(num_pairs: Numeric, responses_per_prompt: Numeric = 4, pairs_per_prompt: Numeric = 2,
                          judgments_per_response: Numeric = 1) -> Calls:  # fmt: skip
    """Return the fewest model calls that produce preference pairs by sampling and judging.

    A lower bound: prompts that are filtered out and ties that leave no pair are not counted.

    Parameters
    ----------
    num_pairs : pairs produced, at least 0 [pairs]
    responses_per_prompt : candidates sampled, at least 1 [-]
    pairs_per_prompt : pairs kept of one prompt, above 0 [-]; the article says 2, the paper that it prices 1
    judgments_per_response : scores sampled and averaged, at least 0 [-]; the article says 1, the paper 3

    Returns
    -------
    Calls : prompts = pairs / pairs_per_prompt, responses, judgments and their sum [calls]

    Raises
    ------
    ValueError : for a NaN, infinite, non-numeric or too small argument

    Notes
    -----
    Published count: :cite:`mamath2025economics`, component 2. Procedure: :cite:`yuan2024selfrewarding`, section 2.3.

    Examples
    --------
    >>> count_inference_calls(3964)
    Calls(prompts=1982.0, responses=7928.0, judgments=7928.0, total=17838.0)
    >>> count_inference_calls(3964 + 6942, pairs_per_prompt=1, judgments_per_response=3).total
    185402.0
    """
    per_prompt = checked("pairs_per_prompt", pairs_per_prompt, "pairs per prompt", low_is_allowed=False)
    prompts = checked("num_pairs", num_pairs, "pairs") / per_prompt
    responses = prompts * checked("responses_per_prompt", responses_per_prompt, "responses per prompt", low=1)
    judgments = responses * checked("judgments_per_response", judgments_per_response, "judgments per response")
    return Calls(prompts, responses, judgments, prompts + responses + judgments)


class SyntheticCost(NamedTuple):
    """Cost of making synthetic preference pairs and of training on them [USD]."""

    sft_usd: Numeric
    inference_usd: Numeric
    dpo_usd: Numeric
    total_usd: Numeric


def calculate_synthetic_cost(num_sft_examples: Numeric, num_inference_calls: Numeric, num_dpo_pairs: Numeric,
                             sequence_length: Numeric, epochs: Numeric, model_parameters: Numeric,
                             sustained_performance_tflops: Numeric,
                             price_per_hour: Numeric) -> SyntheticCost:  # fmt: skip
    """Return the article's total: SFT, then inference calls, then DPO, all at one speed and one price.

    Parameters
    ----------
    num_sft_examples : at least 0 [examples]
    num_inference_calls : prompts, responses and judgments, at least 0 [calls]
    num_dpo_pairs : pairs that DPO trains on, at least 0 [pairs]
    sequence_length : at least 0 [tokens per example, call and answer]
    epochs : passes of SFT and of DPO, at least 0 [-]
    model_parameters : at least 0 [-]
    sustained_performance_tflops : above 0 [TFLOP/s per GPU]
    price_per_hour : at least 0 [USD per GPU-hour]

    Returns
    -------
    SyntheticCost : the three parts and their sum [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a speed of 0

    Examples
    --------
    >>> speed = calculate_sustained_performance_tflops(calculate_total_flops(2e12, 70e9), 1720320)
    >>> cost = calculate_synthetic_cost(4830, 49077, 3964, 4096, 1, 70e9, speed, 2.50)
    >>> round(cost.total_usd, 8)
    279.74036357
    """
    length = checked("sequence_length", sequence_length, "tokens")
    parameters = checked("model_parameters", model_parameters, "parameters")
    speed = checked("sustained_performance_tflops", sustained_performance_tflops, "TFLOP/s", low_is_allowed=False)
    price = checked("price_per_hour", price_per_hour, "USD per GPU-hour")
    passes = checked("epochs", epochs, "passes")
    # What one FLOP per parameter costs over one sequence: computed once, it serves all three stages.
    usd = length * parameters / (speed * FLOPS_PER_TFLOP) / SECONDS_PER_HOUR * price
    sft_usd = usd * (checked("num_sft_examples", num_sft_examples, "examples") * passes * FLOPS_TRAINING)
    inference_usd = usd * (checked("num_inference_calls", num_inference_calls, "calls") * FLOPS_INFERENCE)
    dpo_usd = usd * (checked("num_dpo_pairs", num_dpo_pairs, "pairs") * passes * FLOPS_DPO)
    return SyntheticCost(sft_usd, inference_usd, dpo_usd, sft_usd + inference_usd + dpo_usd)


def calculate_human_cost(num_pairs: Numeric, price_per_pair: Numeric, fee_fraction: Numeric = 0.0) -> Numeric:
    """Return what people's labels cost.

    Parameters
    ----------
    num_pairs : at least 0 [pairs]
    price_per_pair : at least 0 [USD per pair]
    fee_fraction : platform fee on top, at least 0 [fraction of the price]

    Returns
    -------
    num_pairs x price_per_pair x (1 + fee_fraction) [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Examples
    --------
    >>> round(calculate_human_cost(10906, 0.30), 2)
    3271.8
    """
    fee = checked("fee_fraction", fee_fraction, "fraction of the price")
    pairs = checked("num_pairs", num_pairs, "pairs")
    return pairs * checked("price_per_pair", price_per_pair, "USD per pair") * (1 + fee)


def calculate_cost_ratio(human_usd: Numeric, synthetic_usd: Numeric) -> Numeric:
    """Return how many times cheaper synthetic labels are.

    Parameters
    ----------
    human_usd : at least 0 [USD]
    synthetic_usd : above 0 [USD]

    Returns
    -------
    human_usd / synthetic_usd [-]; below 1 people are cheaper

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or a synthetic cost of 0

    Examples
    --------
    >>> round(calculate_cost_ratio(3271.8, 279.74036357), 4)
    11.6958
    """
    synthetic = checked("synthetic_usd", synthetic_usd, "USD", low_is_allowed=False)
    return checked("human_usd", human_usd, "USD") / synthetic
