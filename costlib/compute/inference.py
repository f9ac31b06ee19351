"""Prefill and decoding: latency, tokens per second, batches that fit, and what a served answer costs.

Reading a prompt is bound by arithmetic, writing an answer by bandwidth until enough sequences share each reading of the
weights. The rates are those of :mod:`costlib.compute.timing`.

Sources: decoding bound by bandwidth :cite:`pope2023inference`; continuous batching :cite:`yu2022orca,kwon2023vllm`.
"""

import math
from typing import NamedTuple

from costlib.base._arrays import Numeric, ceil, checked, choice, maximum, minimum, require, where
from costlib.base.units import GB, MICROSECOND, MILLISECOND, SECONDS_PER_HOUR
from costlib.compute import memory
from costlib.compute.architecture import Architecture, forward
from costlib.compute.coefficients import Coefficients, given
from costlib.compute.timing import Roofline, link_rate
from costlib.facts import catalog

SECONDS_PER_DAY = 86400
HOURS_PER_MONTH = 365.25 * 24 / 12


class Decoding(NamedTuple):
    """Seconds of one decoding step by what bounds them."""

    products: Numeric
    cache: Numeric
    traffic: Numeric
    link: Numeric
    launch: Numeric

    @property
    def seconds(self) -> Numeric:
        """One step: a token for each sequence [s]."""
        return sum(self)

    @property
    def slowest(self) -> str:
        """Name of the bound that takes the most time; numbers only."""
        return max(self._fields, key=self._asdict().__getitem__)


def decode_step(model: Architecture, rates: Roofline, sequences: Numeric, context: Numeric,
                tensor_parallel: Numeric = 1, bits: int = 16, kv_bits: Numeric = 16,
                attention_parallel: Numeric = 1) -> Decoding:  # fmt: skip
    """Return the time in which each sequence of a batch gains one token.

    The weights are read once for all sequences, the cache for each: with few sequences bandwidth is the limit, with
    many arithmetic. A mixture of experts reads the experts that some sequence chose.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    sequences : in the batch, above 0 [-]
    context : mean tokens of each so far, at least 0 [tokens]
    tensor_parallel : GPUs that share each layer [GPUs]
    bits, kv_bits : of weights and of cached values [bits]
    attention_parallel : groups of these GPUs, each of which attends for sequences of its own with weights of its own;
        experts are shared by all [-]

    Returns
    -------
    Decoding : seconds by bound, `launch` what launches and the step itself add to them [s]

    Raises
    ------
    ValueError : for values out of range, or tensor parallelism that does not divide the heads

    Examples
    --------
    Llama 3.1 8B in bf16 on an H100 was measured at 6.44 ms without context (:cite:`vllm2026fp8kv`);
    engines of one class share their coefficients:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> step = decode_step(find("llama-3.1-8b"), roofline("h100-sxm-80gb"), 1, 0)
    >>> round(step.seconds * 1000, 1)
    7.8
    """
    sequences = checked("sequences", sequences, "-", low_is_allowed=False)
    context = checked("context", context, "tokens")
    ranks = memory.shared_by(model, tensor_parallel)
    alone = _attending(ranks, attention_parallel)
    known, mine = rates.coefficients, sequences / attention_parallel
    tile = known["product-tile"]
    # The queries of a key-value head are multiplied with its cache in one tile.
    group = model.heads / model.cache_heads
    width = model.head_size if model.kv_values_per_layer is None else model.kv_values_per_layer
    pairs = mine * model.attended(1, context, "causal") * model.layers * model.cache_heads * maximum(group, tile)
    copies = maximum(1, alone / model.cache_heads) * (1 + rates.repeats * group)
    cache = memory.kv_cache(model, mine * context, kv_bits, context) / rates.bandwidth * copies
    gpu = Decoding(
        products=_products(model, rates, sequences, ranks, alone, bits),
        cache=maximum(cache, 4 * width * pairs / known["inference-attention-fraction"] / rates.peak) / alone,
        traffic=_traffic(model, rates, mine, alone),
        link=_link_seconds(model, rates, sequences, ranks, alone),
        launch=known["decode-launch"] * MICROSECOND * (model.layers + (known["expert-launch"] - 1) * _sparse(model)),
    )
    host = _host_seconds(model, rates) - (gpu.products + gpu.cache + gpu.traffic + gpu.link)
    return gpu._replace(launch=maximum(gpu.launch, host) + known["engine-step"] * MILLISECOND)


def _attending(ranks: Numeric, attention_parallel: Numeric) -> Numeric:
    """GPUs that share the attention of a sequence."""
    groups = checked("attention_parallel", attention_parallel, "-", low_is_allowed=False)
    require(ranks % groups == 0, "attention_parallel must divide tensor_parallel [GPUs], got {} for {}", groups, ranks)
    return ranks / groups


def _products(model: Architecture, rates: Roofline, tokens: Numeric, ranks: Numeric, alone: Numeric,
              bits: int) -> Numeric:  # fmt: skip
    """Seconds of the matrix products of some tokens: weights that are read, or rows that are computed.

    A product of a few rows takes as long as one of a tile. Experts of a mixture that some token chose are read, and
    each computes the rows of its own tokens.
    """
    known, share = rates.coefficients, model.experts_active / model.experts
    tile, of_a_weight = known["product-tile"], memory.bytes_per_value(bits) / rates.bandwidth
    experts = routed_parameters(model)
    rest, head = model.layer_matrices - experts, model.matmul_parameters - model.layer_matrices_active
    reads = rest * of_a_weight + head * 2 / rates.bandwidth
    rows = maximum(tokens * alone / ranks, tile)
    seconds = maximum(reads, 2 * (rest + head) * rows / rates.matmul) / alone
    chosen = 1 - (1 - share) ** tokens
    rows = maximum(tokens * share / chosen, tile)
    each = maximum(of_a_weight, 2 * rows / rates.matmul)
    return seconds + experts * chosen * each / ranks


def _sparse(model: Architecture) -> Numeric:
    """Layers with experts."""
    return where(model.experts > 1, model.layers - model.dense_layers, 0)


def _host_seconds(model: Architecture, rates: Roofline) -> Numeric:
    """Seconds in which the host launches what one pass needs, expert by expert."""
    loops = rates.coefficients["eager-expert-launch"] * model.experts * _sparse(model)
    return rates.layer_launch * (model.layers + loops)


def routed_parameters(model: Architecture) -> Numeric:
    """Return the parameters of all experts among which a router chooses, 0 without one [parameters]."""
    share = model.experts_active / model.experts
    return (model.layer_matrices - model.layer_matrices_active) / where(share < 1, 1 - share, 1)


def _traffic(model: Architecture, rates: Roofline, tokens: Numeric, alone: Numeric) -> Numeric:
    """Seconds in which norms, activations and residuals are moved; each GPU does those of the residual stream."""
    again = 1 + catalog.assumption("activations-not-split") * (alone - 1)
    copies = 1 + rates.coefficients["expert-copy"] * (model.experts_active - 1)
    each = rates.coefficients["inference-elementwise-bytes"] * model.layers * model.hidden_size * copies
    return each * tokens / rates.bandwidth * again / alone


def _link_seconds(model: Architecture, rates: Roofline, tokens: Numeric, ranks: Numeric, alone: Numeric) -> Numeric:
    """Seconds of two all-reduces a layer, or of sending tokens to experts and back where attention is not shared."""
    waits = where(ranks > 1, rates.coefficients["all-reduce-latency"] * MICROSECOND, 0)
    reduced = 2 * alone * (1 - 1 / alone)
    sent = where(alone < ranks, minimum(model.experts_active, ranks - 1), 0)
    each = 2 * model.hidden_size * tokens / ranks * (reduced + sent)
    return 2 * model.layers * (waits + each / link_rate(rates, ranks))


def _weights_read(model: Architecture, sequences: Numeric, bits: int) -> Numeric:
    """Bytes of weights that one decoding step touches: no input embedding, and no expert that nobody chose."""
    share = model.experts_active / model.experts
    idle = routed_parameters(model) * (1 - share) ** sequences
    head = model.matmul_parameters - model.layer_matrices_active
    return (model.layer_matrices - idle) * memory.bytes_per_value(bits) + head * 2


def crossover_batch(model: Architecture, rates: Roofline, bits: int = 16) -> Numeric:
    """Return the batch at which the arithmetic of a step takes as long as reading all weights.

    With fewer sequences the weights bound a step, with more the matrix products. Of a mixture of experts all are read.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    bits : of the weights [bits]

    Returns
    -------
    weight bytes / bandwidth / (2 x parameters of a token / rate of products) [sequences]

    Examples
    --------
    An A100 does 271.2e12 FLOP/s and reads 1.835e12 bytes/s: two bytes for two FLOPs cross at the ratio of the rates.

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> round(crossover_batch(find("llama-2-7b"), roofline("a100-sxm-80gb")))
    148
    """
    return _weights_read(model, math.inf, bits) / rates.bandwidth / (forward(model, 1, 1).matmul / rates.matmul)


def crossover_context(model: Architecture, rates: Roofline, tensor_parallel: Numeric = 1,
                      kv_bits: Numeric = 16) -> Numeric:  # fmt: skip
    """Return the mean context at which reading the cache takes as long as arithmetic, whatever the batch.

    Parameters
    ----------
    model, rates, tensor_parallel, kv_bits : as for :func:`decode_step`

    Returns
    -------
    2 x parameters of a token / rate of products / (bytes cached for a token / bandwidth); beyond the window more, as
    layers with one read no further, and infinite where all have one [tokens]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> round(crossover_context(find("llama-2-7b"), roofline("a100-sxm-80gb")))
    171
    """
    copies = maximum(1, tensor_parallel / model.cache_heads)
    cached = memory.kv_cache(model, 1, kv_bits) * copies / rates.bandwidth
    alone, near = forward(model, 1, 1).matmul / rates.matmul / cached, model.windowed_layers / model.layers
    far = where(near < 1, (alone - near * model.window) / where(near < 1, 1 - near, 1), math.inf)
    return where((near > 0) & (alone > model.window), far, alone)


def prefill_seconds(model: Architecture, rates: Roofline, sequences: Numeric, length: Numeric,
                    tensor_parallel: Numeric = 1, bits: int = 16,
                    attention_parallel: Numeric = 1) -> Numeric:  # fmt: skip
    """Return the time to read prompts into the cache, before the first token of an answer.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    sequences, length : prompts and the tokens of each, at least 0 [-, tokens]
    tensor_parallel, bits, attention_parallel : as for :func:`decode_step`

    Returns
    -------
    seconds on the group of GPUs [s]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> round(prefill_seconds(find("llama-3.1-8b"), roofline("h100-sxm-80gb"), 1, 20000), 2)
    0.64
    """
    ranks = checked("tensor_parallel", tensor_parallel, "GPUs", low_is_allowed=False)
    alone = _attending(ranks, attention_parallel)
    tokens, mine = sequences * length, sequences / attention_parallel
    flops = forward(model, mine, length, attention="band")
    attention = flops.attention / (rates.coefficients["inference-attention-fraction"] * rates.peak) / alone
    busy = _products(model, rates, maximum(tokens, 1), ranks, alone, bits) + attention
    busy = busy + _traffic(model, rates, mine * length, alone) + _link_seconds(model, rates, tokens, ranks, alone)
    return where(tokens > 0, maximum(busy, _host_seconds(model, rates)), 0)


def largest_batch(model: Architecture, hbm_gb: Numeric, length: Numeric, tensor_parallel: Numeric = 1, bits: int = 16,
                  kv_bits: Numeric = 16, coefficients: Coefficients | None = None,
                  attention_parallel: Numeric = 1) -> Numeric:  # fmt: skip
    """Return the most sequences whose cache fits beside the weights; 0 where not even the weights fit.

    Parameters
    ----------
    model : Architecture
    hbm_gb : memory of one GPU, above 0 [GB]
    length : tokens of context kept for each sequence, above 0 [tokens]
    tensor_parallel, bits, kv_bits, attention_parallel : as for :func:`decode_step`
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> largest_batch(find("llama-3.1-8b"), 80, 2048), largest_batch(find("llama-3.1-405b"), 80, 2048)
    (205, 0)
    """
    checked("length", length, "tokens", low_is_allowed=False)
    share = given(coefficients)["usable-memory"]

    alone = _attending(tensor_parallel, attention_parallel)
    # Each GPU has experts of its own, whoever attends.
    spread = routed_parameters(model) * memory.bytes_per_value(bits) * (1 / alone - 1 / tensor_parallel)

    def held(sequences: Numeric) -> Numeric:
        mine = sequences / attention_parallel
        return memory.generating(model, length, mine, alone, bits, kv_bits, coefficients).total - spread

    return memory.largest_micro_batch(held, hbm_gb * share)


def splits(model: Architecture) -> list[int]:
    """Return the numbers of GPUs over which the heads of a model can be spread, the fewest first.

    >>> from costlib.compute.architecture import find
    >>> splits(find("gpt2"))
    [1, 2, 3, 4, 6, 12]
    """
    heads = int(model.heads)
    small = [ranks for ranks in range(1, math.isqrt(heads) + 1) if heads % ranks == 0]
    return sorted({*small, *(heads // ranks for ranks in small)})


def ranks_for(model: Architecture, hbm_gb: Numeric, bits: int = 16, share: float = 0.5,
              coefficients: Coefficients | None = None) -> int:  # fmt: skip
    """Return the fewest tensor-parallel GPUs on which the weights take at most a share of the memory.

    Parameters
    ----------
    model : Architecture; single numbers only
    hbm_gb : memory of one GPU, above 0 [GB]
    bits : of the weights [bits]
    share : of the memory that the weights may take [fraction]
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Returns
    -------
    the smallest number that divides the heads and is enough; half of it or less if that holds the weights, where the
    divisors lie far apart; all heads where none is enough, and then memory says so [GPUs]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> [ranks_for(find(name), 80) for name in ("llama-2-7b", "llama-2-70b", "llama-3.1-405b")]
    [1, 4, 32]
    """
    hbm = checked("hbm_gb", hbm_gb, "GB", low_is_allowed=False) * GB
    usable = given(coefficients)["usable-memory"] * hbm
    divisors = splits(model)
    sizes = {ranks: memory.weights(model, bits) / ranks for ranks in divisors}
    roomy = next((ranks for ranks in divisors if sizes[ranks] <= hbm * share), divisors[-1])
    tight = next((ranks for ranks in divisors if sizes[ranks] <= usable), roomy)
    return roomy if roomy <= 2 * tight else tight


class Generation(NamedTuple):
    """A batch of answers generated: seconds by phase on one group of GPUs, and what they give."""

    prefill_seconds: Numeric
    decode_seconds: Numeric
    answers: Numeric
    tokens: Numeric
    tensor_parallel: Numeric

    @property
    def seconds(self) -> Numeric:
        """Both phases [s]."""
        return self.prefill_seconds + self.decode_seconds

    @property
    def tokens_per_second(self) -> Numeric:
        """Generated tokens a second on the group of GPUs [tokens/s]."""
        return self.tokens / self.seconds

    def usd_per_million_tokens(self, price_usd_per_gpu_hour: Numeric) -> Numeric:
        """What a million generated tokens cost, prompts included [USD]."""
        return self._usd(price_usd_per_gpu_hour) / self.tokens * 1e6

    def usd_per_answer(self, price_usd_per_gpu_hour: Numeric) -> Numeric:
        """What one answer costs, its prompt included [USD]."""
        return self._usd(price_usd_per_gpu_hour) / self.answers

    def _usd(self, price: Numeric) -> Numeric:
        price = checked("price_usd_per_gpu_hour", price, "USD per GPU-hour")
        return self.seconds * self.tensor_parallel / SECONDS_PER_HOUR * price


def generate(model: Architecture, rates: Roofline, prompt_tokens: Numeric, response_tokens: Numeric, sequences: Numeric,
             longest_tokens: Numeric | None = None, batching: str = "continuous", tensor_parallel: Numeric = 1,
             bits: int = 16, kv_bits: Numeric = 16, samples: Numeric = 1,
             attention_parallel: Numeric = 1) -> Generation:  # fmt: skip
    """Return the time in which a group of GPUs generates one answer for each sequence of a batch.

    With continuous batching a finished answer makes room for the next, so the batch is always full. A static batch
    runs until its longest answer ends, in which time the number of sequences falls.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    prompt_tokens, response_tokens : of one answer, mean [tokens]
    sequences : at a time, above 0 [-]
    longest_tokens : of the longest answer of a static batch; None if all are equal [tokens]
    batching : "continuous" or "static"
    tensor_parallel, bits, kv_bits : as for :func:`decode_step`
    samples : answers to each prompt, which is read once for all of them [-]
    attention_parallel : as for :func:`decode_step`

    Returns
    -------
    Generation

    Raises
    ------
    ValueError : for values out of range, or a longest answer shorter than the mean

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> llama, h100 = find("llama-3.1-8b"), roofline("h100-sxm-80gb", "fp8")
    >>> served = generate(llama, h100, 2048, 2048, 300, bits=8, kv_bits=8)
    >>> 8000 < served.tokens_per_second < 11000
    True
    """
    response = checked("response_tokens", response_tokens, "tokens")
    prompt = checked("prompt_tokens", prompt_tokens, "tokens")
    longest = response if longest_tokens is None else checked("longest_tokens", longest_tokens, "tokens")
    require(longest >= response,
            "longest_tokens must be at least response_tokens [tokens], got {} and {}", longest, response)  # fmt: skip
    samples = checked("samples", samples, "answers per prompt", low_is_allowed=False)
    steps = longest if choice("batching", batching, ("continuous", "static")) == "static" else response
    active = maximum(1e-9, sequences * response / where(steps > 0, steps, 1))
    step = decode_step(model, rates, active, prompt + response / 2, tensor_parallel, bits, kv_bits,
                       attention_parallel).seconds  # fmt: skip
    prefill = prefill_seconds(model, rates, sequences / samples, prompt, tensor_parallel, bits, attention_parallel)
    return Generation(prefill, steps * step, sequences, sequences * response, tensor_parallel)


class Serving(NamedTuple):
    """A deployed model under a load: groups of tensor-parallel GPUs, what they cost, and what one answer takes.

    `sequences` is the batch of each group, `answer_seconds` the time of one answer in it, `groups` infinite where the
    model does not fit.
    """

    groups: Numeric
    tensor_parallel: Numeric
    sequences: Numeric
    answer_seconds: Numeric
    tokens_per_second: Numeric
    usd_per_million_tokens: Numeric
    usd_per_answer: Numeric
    usd_per_month: Numeric

    @property
    def gpus(self) -> Numeric:
        """GPUs in all groups [GPUs]."""
        return self.groups * self.tensor_parallel


def full_load(model: Architecture, rates: Roofline, prompt_tokens: Numeric, response_tokens: Numeric, kept: float = 0.5,
              most_sequences: Numeric = 2048, tensor_parallel: Numeric = 1, bits: int = 16,
              kv_bits: Numeric = 16) -> Generation:  # fmt: skip
    """Return the batch of an engine under full load: as many sequences as fit, with continuous batching.

    Parameters
    ----------
    model, rates, prompt_tokens, response_tokens, tensor_parallel, bits, kv_bits : as for :func:`generate`
    kept : share of an answer for which each sequence keeps room: 0.5 its mean context, 1 the whole answer [fraction]
    most_sequences : limit of the engine on the batch [-]

    Returns
    -------
    Generation

    Examples
    --------
    Room for whole answers is room for fewer, which lowers the speed:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> llama, h100 = find("llama-3.1-8b"), roofline("h100-sxm-80gb")
    >>> [full_load(llama, h100, 128, 2048, kept).answers for kept in (0.5, 1)]
    [395, 209]
    """
    length = prompt_tokens + kept * response_tokens
    room = largest_batch(model, rates.hbm_gb, length, tensor_parallel, bits, kv_bits, rates.coefficients)
    sequences = where(room < most_sequences, room, most_sequences)
    return generate(model, rates, prompt_tokens, response_tokens, sequences, None, "continuous", tensor_parallel, bits,
                    kv_bits)  # fmt: skip


def serve(model: Architecture, rates: Roofline, prompt_tokens: Numeric, response_tokens: Numeric,
          answers_per_day: Numeric, price_usd_per_gpu_hour: Numeric, tensor_parallel: Numeric | None = None,
          bits: int = 16, kv_bits: Numeric = 16, most_sequences: Numeric = 256, longest_tokens: Numeric | None = None,
          batching: str = "continuous") -> Serving:  # fmt: skip
    """Return what serving a load takes, on GPUs rented around the clock.

    Valid for a load that is spread evenly; whole groups are rented, so a small load pays for idle GPUs.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    prompt_tokens, response_tokens : of one answer, mean [tokens]
    answers_per_day : load, above 0 [answers/day]
    price_usd_per_gpu_hour : [USD per GPU-hour]
    tensor_parallel : GPUs that share each layer; None takes :func:`ranks_for` [GPUs]
    bits, kv_bits : as for :func:`decode_step`
    most_sequences : limit of the engine on the batch of a group [-]
    longest_tokens, batching : as for :func:`generate`; there is room for the longest answer of each sequence

    Returns
    -------
    Serving : dollars per token and answer are those of a busy group, dollars per month those of whole groups

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> load = serve(find("llama-2-7b"), roofline("a100-sxm-80gb"), 256, 256, 1e6, 2.5)
    >>> load.gpus, round(load.usd_per_month)
    (1, 1826)
    """
    per_day = checked("answers_per_day", answers_per_day, "answers/day", low_is_allowed=False)
    if tensor_parallel is None:
        tensor_parallel = ranks_for(model, rates.hbm_gb, bits, coefficients=rates.coefficients)
    length = prompt_tokens + (response_tokens if longest_tokens is None else longest_tokens)
    room = largest_batch(model, rates.hbm_gb, length, tensor_parallel, bits, kv_bits, rates.coefficients)
    full = where(room < most_sequences, room, most_sequences)
    sequences = maximum(1, full)
    batch = generate(model, rates, prompt_tokens, response_tokens, sequences, longest_tokens, batching, tensor_parallel,
                     bits, kv_bits)  # fmt: skip
    needed = ceil(per_day / SECONDS_PER_DAY * batch.seconds / sequences)
    groups = where(full >= 1, maximum(1, needed), math.inf)
    month = groups * tensor_parallel * HOURS_PER_MONTH * price_usd_per_gpu_hour
    costs = batch.usd_per_million_tokens(price_usd_per_gpu_hour), batch.usd_per_answer(price_usd_per_gpu_hour)
    return Serving(groups, tensor_parallel, full, batch.seconds, batch.tokens_per_second, *costs, month)
