"""Bytes on each GPU, by part and instant: who holds what while a model is trained, scores, or generates.

Memory is in bytes; a GB is 1e9 bytes. All functions take numbers or NumPy arrays and return parts that add up. What a
framework wastes by fragmentation is not modelled; `framework` is the context that it takes before the first weight,
and the buffers of what travels between GPUs. The peak of a step is that of its fullest instant: logits are gone before
the first layer is computed again, and gradients are made as activations are freed.

Sources: states and their sharding :cite:`rajbhandari2020zero`; activations and pipelines :cite:`korthikanti2022`, with
the tensors that gated MLPs, RMS norms and mixtures keep counted alike; adapters and 4-bit weights
:cite:`hu2022lora,dettmers2023qlora`.
"""

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import NamedTuple, Self

from costlib.base._arrays import Condition, Numeric, ceil, checked, choice, floor, is_array, maximum, require, where
from costlib.base.units import GB
from costlib.compute.architecture import LORA_TARGETS, RECOMPUTE, Architecture, lora_parameters
from costlib.compute.coefficients import Coefficients, given

LOGIT_BYTES = 14  # 16-bit logits, their 32-bit copy, its logarithms of shares, and their gradient
SCORE_LOGIT_BYTES = 6  # 16-bit logits and their 32-bit copy
CHUNKED_LOGIT_BYTES = 4  # 16-bit logits and their gradient; what has 32 bits is there for a few tokens at a time
LOGITS = ("whole", "chunked", "fused")
NF4_BITS = 4 + 0.127  # 4-bit values, block scales quantised twice
OFFLOAD = ("none", "activations", "optimizer", "all")
IN_FLIGHT = 2  # layers that are gathered at a time: one works, the next is on its way
KERNELS = ("flash", "eager", "flash-1", "flash-3")


class Recipe(NamedTuple):
    """Bytes per trained parameter: weights, the gradient while it is made, the gradient that is kept, the optimizer."""

    weights: float
    working_gradients: float
    gradients: float
    optimizer: float

    @property
    def total(self) -> float:
        """All of them [bytes per parameter]."""
        return sum(self)


RECIPES = {
    "mixed-16": Recipe(2, 0, 2, 12),  # 16-bit weights and gradients; 32-bit master copy and two moments of AdamW
    "mixed-18": Recipe(2, 0, 4, 12),  # the same with 32-bit gradients
    "mixed-20": Recipe(2, 2, 4, 12),  # the same where 16-bit and 32-bit gradients exist together
    "no-master-12": Recipe(2, 0, 2, 8),  # no master copy, 32-bit moments
    "bf16-8": Recipe(2, 0, 2, 4),  # everything in 16 bits
    "fp32-16": Recipe(4, 0, 4, 8),  # everything in 32 bits, and 16-bit copies of what works alone
    "adam8bit-10": Recipe(2, 0, 2, 6),  # master copy, 8-bit moments
    "adam8bit-6": Recipe(2, 0, 2, 2),  # no master copy, 8-bit moments
    "in-backward-6": Recipe(2, 0, 0, 4),  # 16-bit moments; each gradient is used and freed in the backward pass
    "in-backward-4": Recipe(2, 0, 0, 2),  # the same with 8-bit moments
    "paged-4": Recipe(2, 0, 2, 0),  # moments that the driver pages to the host
}
SETTINGS = {
    "zero": (0, 1, 2, 3), "recompute": RECOMPUTE, "recipe": RECIPES, "lora_targets": LORA_TARGETS,
    "base_bits": (32, 16, 8, 4), "attention_kernel": KERNELS, "offload": OFFLOAD, "logits": LOGITS,
}  # fmt: skip
SPREAD = ("pipeline_parallel", "expert_parallel", "context_parallel")


class Setup(NamedTuple):
    """How a model is laid over GPUs.

    Parameters
    ----------
    gpus, tensor_parallel : GPUs in all, and GPUs that share each layer [-]
    zero : stage of ZeRO sharding over the others: 0 none, 1 optimizer, 2 and gradients, 3 and weights (as FSDP)
    micro_batch : sequences that pass at a time on each group of tensor-parallel GPUs [-]
    recompute : activations computed again in the backward pass: "none", "selective" (the attention written out; with
        a flash kernel all but attention and every second product) or "full" (all but the inputs of layers)
    recipe : name of the bytes per trained parameter, see :data:`RECIPES`
    lora_rank, lora_targets : adapters beside frozen weights; None trains everything
    base_bits : bits of frozen weights in the layers: 32 (gathered in 16), 16, 8 or 4 (as in QLoRA) [bits]
    attention_kernel : "flash" keeps no square of the sequence, "eager" does
    fused : True where norms and gates keep only their inputs, as compiled or fused kernels do
    dropout, sequence_parallel : True where dropout masks are kept; where tensor-parallel GPUs also share the norms
    offload : to the host: "none", "activations" (the inputs of layers), "optimizer" (with gradients) or "all" states
    pipeline_parallel, context_parallel : GPUs, or groups of tensor-parallel GPUs, that share the layers one after the
        other, and each sequence [-]
    expert_parallel : GPUs that share the experts of each layer, at least as many as share the layer [GPUs]
    logits : "whole", "chunked" (in 32 bits for some tokens at a time) or "fused" with the loss and never there
    accumulates : True where gradients of earlier micro-batches are there while the next one passes
    batch : sequences of one update over all GPUs; 0 where not known, which takes as many as is usual [-]
    pipeline_chunks : chunks of layers on each stage of a pipeline; 0 takes the coefficient pipeline-chunks [-]
    overlap : True where the all-reduces of tensor-parallel GPUs go on beside their products
    """

    gpus: Numeric = 1
    tensor_parallel: Numeric = 1
    zero: int = 0
    micro_batch: Numeric = 1
    recompute: str = "none"
    recipe: str = "mixed-16"
    lora_rank: Numeric | None = None
    lora_targets: str = "all"
    base_bits: int = 16
    attention_kernel: str = "flash"
    fused: bool = False
    dropout: bool = False
    sequence_parallel: bool = True
    offload: str = "none"
    pipeline_parallel: Numeric = 1
    expert_parallel: Numeric = 1
    context_parallel: Numeric = 1
    logits: str = "whole"
    accumulates: bool = True
    batch: Numeric = 0
    pipeline_chunks: Numeric = 0
    overlap: bool = False

    @property
    def replicas(self) -> Numeric:
        """Copies of the model, over which sharding goes [-]."""
        return self.gpus / (self.tensor_parallel * self.pipeline_parallel)

    @property
    def gathers(self) -> Condition:
        """Whether weights are sharded, so that each layer is gathered to work; over one copy nothing is."""
        return self.replicas > 1 if self.zero == 3 else False

    def checked(self, model: Architecture) -> Self:
        """Return the same, or raise a ValueError that says which setting `model` does not allow."""
        gpus = checked("gpus", self.gpus, "GPUs", low_is_allowed=False)
        ranks = shared_by(model, self.tensor_parallel)
        require(gpus % ranks == 0, "gpus must be a multiple of tensor_parallel [GPUs], got {} and {}", gpus, ranks)
        if any(is_array(each := getattr(self, name)) or each != 1 for name in SPREAD):
            self._check_spread(model)
        checked("micro_batch", self.micro_batch, "sequences", low_is_allowed=False)
        for name, allowed in SETTINGS.items():
            choice(name, getattr(self, name), allowed)
        if self.lora_rank is not None:
            rank = checked("lora_rank", self.lora_rank, "-")
            require(rank <= model.hidden_size,
                    "lora_rank must be at most the hidden size, {} [-], got {}", model.hidden_size, rank)  # fmt: skip
        elif self.base_bits < 16:
            raise ValueError(f"base_bits below 16 needs adapters (lora_rank) [bits], got {self.base_bits}")
        return self

    def _check_spread(self, model: Architecture) -> None:
        """Raise a ValueError where the GPUs cannot be shared out as layers, experts and sequences are."""
        stages, experts, sequences = (checked(name, getattr(self, name), "-", low=1) for name in SPREAD)
        groups = self.tensor_parallel * stages * sequences
        require(self.gpus % groups == 0, "gpus must be a multiple of tensor_parallel x pipeline_parallel x "
                "context_parallel [GPUs], got {} and {}", self.gpus, groups)  # fmt: skip
        require(stages <= model.layers, "pipeline_parallel must be at most the layers, {} [-], got {}", model.layers,
                stages)  # fmt: skip
        require((experts <= model.experts) & (experts * stages <= self.gpus), "expert_parallel must be at most the "
                "experts, {}, and the GPUs of each of {} stages [GPUs], got {}", model.experts, stages,
                experts)  # fmt: skip


ONE_GPU = Setup()


def shared_by(model: Architecture, tensor_parallel: Numeric) -> Numeric:
    """Return the number of GPUs that share each layer, or raise a ValueError where they cannot share out its heads."""
    ranks = checked("tensor_parallel", tensor_parallel, "GPUs", low_is_allowed=False)
    require(model.heads % ranks == 0,
            "tensor_parallel must divide the heads of a model [GPUs], got {} for {}", ranks, model.heads)  # fmt: skip
    return ranks


class Parts(dict[str, Numeric]):
    """Bytes by the name of the part. They add up to `total`."""

    @property
    def total(self) -> Numeric:
        """All parts [bytes]."""
        return sum(self.values())

    def __or__(self, other: Mapping[str, Numeric]) -> "Parts":  # type: ignore[override]  # of parts alone
        return Parts({**self, **other})

    def named(self, role: str) -> "Parts":
        """Return the same parts with the role of their model before each name."""
        return Parts({f"{role} {name}": value for name, value in self.items()})


def weights(model: Architecture, bits: int = 16) -> Numeric:
    """Return the bytes of a model's weights; what is not in a layer stays at 16 bits.

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> round(weights(find("gpt-3-175b")) / 1e9, 1)
    349.2
    """
    return model.layer_matrices * bytes_per_value(bits) + (model.parameters - model.layer_matrices) * 2


def bytes_per_value(bits: int) -> float:
    """Return the bytes of one weight of a layer; 4 bits are those of QLoRA, with their scales [bytes]."""
    return {32: 4, 16: 2, 8: 1, 4: NF4_BITS / 8}[choice("base_bits", bits, (32, 16, 8, 4))]


def kv_cache(model: Architecture, tokens: Numeric, bits: Numeric = 16, length: Numeric = 0) -> Numeric:
    """Return the bytes of the keys and values of some tokens of context.

    Parameters
    ----------
    model : Architecture
    tokens : tokens of context over all sequences, at least 0 [tokens]
    bits : of each value [bits]
    length : tokens of each sequence, of which layers with a window keep no more than it [tokens]

    Returns
    -------
    2 x layers x kv_heads x head_size x bytes x tokens [bytes]

    Examples
    --------
    OPT-13B keeps 819,200 bytes for each token (:cite:`kwon2023vllm`, section 3):

    >>> from costlib.compute.architecture import find
    >>> kv_cache(find("opt-13b"), 1)
    819200.0
    """
    values = model.kv_values_at(checked("length", length, "tokens"))
    return values * checked("tokens", tokens, "tokens") * (checked("kv_bits", bits, "bits") / 8)


def activations(model: Architecture, length: Numeric, setup: Setup = ONE_GPU) -> Numeric:
    """Return the bytes that one layer keeps for the backward pass, for each token.

    For a GPT layer with dropout and without flash attention this is the formula of :cite:`korthikanti2022`, Table 2:
    hidden_size x (34 + 5 x heads x length / hidden_size).

    Parameters
    ----------
    model : Architecture
    length : tokens of each sequence, at least 0 [tokens]
    setup : Setup; its kernels, recomputation and tensor parallelism matter here

    Returns
    -------
    bytes per token and layer, on each GPU [bytes]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> gpt3 = find("gpt-3-175b")
    >>> activations(gpt3, 2048, Setup(attention_kernel="eager", dropout=True)) / gpt3.hidden_size
    114.0
    """
    hidden, ranks = model.hidden_size, setup.tensor_parallel
    length = checked("length", length, "tokens")
    split = ranks if setup.sequence_parallel else 1
    if setup.recompute == "full":
        return 2 * hidden / split
    gated = model.mlp_matrices == 3
    queries, keys = model.heads * model.head_size, model.kv_heads * model.head_size
    active = model.experts_active + model.shared_experts
    # A mixture keeps its tokens sorted by expert, before and behind the experts, unless fused also padded for them.
    copies: Numeric = 0
    if is_array(model.experts) or model.experts > 1:
        copies = where(model.experts > 1, (4 if setup.fused else 8) * hidden * model.experts_active, 0)
    if setup.recompute == "selective" and setup.attention_kernel != "eager":
        products = 2 * (queries + 2 * keys + hidden + active * (model.ffn_size * (model.mlp_matrices - 1) + hidden))
        return 2 * hidden / split + (2 * queries + products / 2 + copies / 2) / ranks
    # An RMS norm written out keeps a 32-bit copy of its input and the normalised value; a fused norm its input alone.
    norms = 2 * (2 if setup.fused else where(gated, 6, 2))
    shared = hidden * (norms + 2 * 2 + (2 if setup.dropout else 0))
    square = 5 * model.heads * length if setup.attention_kernel == "eager" and setup.recompute == "none" else 0
    # Gate, value, the activated gate (unless fused) and their product; without a gate, before and after activation.
    mlp = model.ffn_size * (where(gated, 6 if setup.fused else 8, 4) * active)
    return shared / split + (4 * (queries + keys) + mlp + (square + copies)) / ranks


def states(model: Architecture, setup: Setup) -> Parts:
    """Return weights, gradients and optimizer of a model in training, and the layer gathered where weights are sharded.

    Examples
    --------
    7.5B parameters on 64 GPUs (:cite:`rajbhandari2020zero`, Figure 1):

    >>> [round(shard(7.5e9, Setup(gpus=64, zero=stage)).total / 1e9, 1) for stage in (0, 1, 2, 3)]
    [120.0, 31.4, 16.6, 1.9]
    """
    setup.checked(model)
    whole, shared = _local(model, setup)
    if setup.lora_rank is None:
        parts = shard(model.parameters, setup, 0, whole, shared)
        return parts | gathered(model, setup, RECIPES[setup.recipe].gradients)
    trained = lora_parameters(model, setup.lora_rank, setup.lora_targets)
    share = trained / model.parameters
    parts = shard(trained, setup, 0, share * whole, share * shared)
    parts["adapters"] = parts.pop("weights")
    # Adapters are too small to be gathered beside a layer of the base.
    return parts | frozen_weights(model, setup, setup.base_bits)


def _layer(model: Architecture) -> tuple[Numeric, Numeric]:
    """Parameters of the largest layer without its experts, and of its experts [parameters]."""
    if not is_array(model.experts) and model.experts == 1:
        return model.layer_matrices / model.layers, 0
    experts = where(model.experts > 1, model.experts, 0) * model.mlp_matrices * model.hidden_size * model.ffn_size
    if not is_array(model.dense_layers) and not model.dense_layers:
        return model.layer_matrices / model.layers - experts, experts
    dense = model.dense_layers * (model.attention_matrices + model.mlp_matrices * model.hidden_size
                                  * model.dense_ffn_size)  # fmt: skip
    sparse = model.layers - model.dense_layers
    return (model.layer_matrices - dense) / where(sparse > 0, sparse, 1) - experts, experts


def _local(model: Architecture, setup: Setup, each: float = 1, other: float = 1) -> tuple[Numeric, Numeric]:
    """What the fullest GPU has of a model, whole, and where it is shared out over all copies.

    A parameter of a layer counts `each`, one outside of the layers `other`. Experts lie on `expert_parallel` GPUs; the
    fullest stage of a pipeline has the embedding beside its layers, in a mixture with experts in all of them.
    """
    ranks, stages = setup.tensor_parallel, setup.pipeline_parallel
    rest, experts = model.parameters - model.layer_matrices, _layer(model)[1] * (model.layers - model.dense_layers)
    common = model.layer_matrices - experts
    if is_array(stages) or stages > 1:
        layers = ceil(model.layers / stages)
        common, experts = (where(stages > 1, layers * size, all_of_them)
                           for size, all_of_them in zip(_layer(model), (common, experts), strict=True))  # fmt: skip
        rest = where(stages > 1, model.vocabulary_size * model.embedding_width, rest)
    whole = (each * common + other * rest) / ranks + each * experts / _spread(setup)
    return whole, (each * (common + experts) + other * rest) * stages / setup.gpus


def _spread(setup: Setup) -> Numeric:
    """GPUs that share the experts of a layer [GPUs]."""
    return maximum(setup.tensor_parallel, setup.expert_parallel)


def gathered(model: Architecture, setup: Setup, gradients: float = 0, bits: int = 16) -> Parts:
    """Return the bytes of layers that are put together to work: gathered where weights are shared out, or dequantised.

    Two layers are in flight, or the embedding, with the gradient of one in 16 bits and, where `gradients` are kept in
    32 bits, in these. A pipeline gathers its stage once, and shares out its gradients with the last micro-batch. Of
    weights in few bits, the largest matrix is there in 16.
    """
    ranks, made = setup.tensor_parallel, 2 * (gradients > 0) + 4 * (gradients > 2)
    matrix = 2 * model.hidden_size * model.ffn_size / ranks if bits < 16 else 0
    if setup.zero < 3 and setup.offload != "all":
        return Parts(gathered=matrix) if bits < 16 else Parts()
    common, experts = _layer(model)
    layer = common / ranks + experts / _spread(setup)
    embedding = model.vocabulary_size * model.embedding_width / ranks
    value = bytes_per_value(min(bits, 16))
    size = maximum((IN_FLIGHT * value + made) * layer, (2 + made) * embedding)
    if is_array(setup.pipeline_parallel) or setup.pipeline_parallel > 1:
        stage = _local(model, setup, value + gradients, 2 + gradients)[0]
        size = where(setup.pipeline_parallel > 1, stage, size)
    there = setup.gathers if setup.offload != "all" else True
    size = where(there, size, 0)
    return Parts(gathered=size + matrix if bits < 16 else size)


def shard(trained: Numeric, setup: Setup, largest_layer: Numeric = 0, whole: Numeric | None = None,
          shared: Numeric | None = None) -> Parts:  # fmt: skip
    """Return the bytes of trained parameters on one GPU, by part.

    Parameters
    ----------
    trained : parameters that train, at least 0 [parameters]
    setup : Setup
    largest_layer : parameters gathered at once at stage 3, with their gradients [parameters]
    whole, shared : of these on one GPU, where they are not shared out over the copies of the model, and where they
        are; None divides them evenly [parameters]

    Returns
    -------
    Parts : weights, gradients, optimizer, and gathered where sharded [bytes]
    """
    recipe, stage = RECIPES[setup.recipe], setup.zero
    every = checked("trained", trained, "parameters") / (setup.tensor_parallel * setup.pipeline_parallel)
    local = every if whole is None else whole
    part = local / setup.replicas if shared is None else shared

    def over(from_stage: int) -> Numeric:
        return part if stage >= from_stage else local

    parts = Parts(
        weights=recipe.weights * over(3),
        gradients=recipe.gradients * over(2) + recipe.working_gradients * where(setup.gathers, 0, local),
        optimizer=recipe.optimizer * over(1),
    )
    if setup.offload in ("optimizer", "all"):
        parts |= {"gradients": 0 * local, "optimizer": 0 * local}
    if setup.offload == "all":
        parts["weights"] = 0 * local
    if stage == 3:
        parts["gathered"] = where(setup.gathers, 4 * largest_layer / setup.tensor_parallel, 0)
    return parts


def frozen_weights(model: Architecture, setup: Setup, bits: int = 16) -> Parts:
    """Return the bytes of weights that do not train, sharded at stage 3 [bytes by part].

    Under layers of 8 or 4 bits all else is cast to 32 bits for training.
    """
    whole, shared = _local(model, setup, bytes_per_value(bits), 2 if bits == 16 else 4)
    if setup.zero < 3:
        return Parts(weights=whole) | gathered(model, setup, bits=bits)
    return Parts(weights=shared) | gathered(model, setup, bits=bits)


def training(model: Architecture, length: Numeric, setup: Setup = ONE_GPU,
             coefficients: Coefficients | None = None) -> Parts:  # fmt: skip
    """Return the bytes on each GPU while a model trains on sequences of a length, by part, at the fullest instant.

    The first GPUs of a pipeline keep as many micro-batches as there are stages, each of a share of the layers: together
    the activations of all layers, and no logits; the last keep one, and the logits. Where no gradients wait for the
    next micro-batch, they are complete when no activations are left.

    Parameters
    ----------
    model : Architecture
    length : tokens of each sequence, at least 0 [tokens]
    setup : Setup
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Returns
    -------
    Parts : states, activations, logits, framework [bytes]

    Raises
    ------
    ValueError : for a setting that does not fit the model, or an unknown option

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> parts = training(find("llama-2-7b"), 2048, Setup(gpus=8, zero=3, recompute="full"))
    >>> {name: round(parts[name] / 1e9, 1) for name in ("weights", "optimizer", "activations")}
    {'weights': 1.7, 'optimizer': 10.1, 'activations': 0.5}
    """
    held = states(model, setup) | framework(coefficients, setup.gpus)
    bytes_each = logit_bytes(model, setup.logits, LOGIT_BYTES)
    kept = model.layers if not is_array(setup.pipeline_parallel) and setup.pipeline_parallel == 1 else ceil(
        model.layers / setup.pipeline_parallel)  # fmt: skip
    passing = held if setup.accumulates else held | {"gradients": 0 * held["gradients"]}
    instants = [passing | working(model, length, setup, bytes_each, kept, coefficients)]
    if kept is not model.layers:
        instants.append(passing | working(model, length, setup, 0, model.layers, coefficients))
    if not setup.accumulates:
        instants.append(held | {"activations": 0, "logits": 0})
    return reduce(_fuller, instants)


def _fuller(one: Parts, other: Parts) -> Parts:
    """The parts of the larger of two totals, element by element."""
    more = one.total >= other.total
    if not is_array(more):
        return one if more else other
    return Parts({name: where(more, one.get(name, 0), other.get(name, 0)) for name in {**one, **other}})


def logit_bytes(model: Architecture, logits: str, whole: float) -> Numeric:
    """Return the bytes of the logits of one token, for each word: `whole`, or as they are left by a loss in parts.

    A loss that is fused with its product works on so many tokens at a time that their logits are as large as the
    hidden states of all.
    """
    if logits == "whole":
        return whole
    if logits == "chunked":
        return CHUNKED_LOGIT_BYTES if whole == LOGIT_BYTES else CHUNKED_LOGIT_BYTES / 2
    return whole * model.hidden_size / model.vocabulary_size


def working(model: Architecture, length: Numeric, setup: Setup, logit_bytes: Numeric, layers_kept: Numeric,
            coefficients: Coefficients | None = None) -> Parts:  # fmt: skip
    """Return the bytes of activations and logits of one micro-batch, `layers_kept` layers at once [bytes by part].

    Beside what is kept there are the logits or, later, the layer that is differentiated: its gradients and, where it
    was computed again, its activations.
    """
    kept = activations(model, length, setup) * layers_kept if setup.offload != "activations" else 0
    whole = activations(model, length, setup._replace(recompute="none"))
    busy = (1 if setup.recompute == "none" else 2) * whole
    return _instant(model, setup, length, kept, busy, logit_bytes, coefficients)


def scoring(model: Architecture, length: Numeric, setup: Setup, coefficients: Coefficients | None = None) -> Parts:
    """Return the bytes of a pass forward alone: one layer, or the logits [bytes by part]."""
    whole = activations(model, length, setup._replace(recompute="none"))
    return _instant(model, setup, length, 0, whole, logit_bytes(model, setup.logits, SCORE_LOGIT_BYTES), coefficients)


def _instant(model: Architecture, setup: Setup, length: Numeric, kept: Numeric, busy: Numeric, each: Numeric,
             coefficients: Coefficients | None) -> Parts:  # fmt: skip
    """The larger of a busy layer and the logits, beside what is kept of each token [bytes by part]."""
    tokens = setup.micro_batch * length / setup.context_parallel
    count = given(coefficients)["activation-count"]
    logits = each * (0 if model.scalar_head else model.vocabulary_size) / setup.tensor_parallel
    busy = busy * count
    return Parts(activations=tokens * (kept * count + where(busy > logits, busy, 0)),
                 logits=tokens * where(busy > logits, 0, logits))  # fmt: skip


def framework(coefficients: Coefficients | None = None, gpus: Numeric = 1) -> Parts:
    """Return what a framework takes before the first weight, with buffers between several GPUs [bytes by part]."""
    known = given(coefficients)
    return Parts(framework=(known["framework-memory"] + where(gpus > 1, known["communication-memory"], 0)) * GB)


def generating(model: Architecture, length: Numeric, sequences: Numeric, tensor_parallel: Numeric = 1, bits: int = 16,
               kv_bits: Numeric = 16, coefficients: Coefficients | None = None) -> Parts:  # fmt: skip
    """Return the bytes on each GPU while a model generates, by part.

    Parameters
    ----------
    model : Architecture
    length : longest context, prompt and response [tokens]
    sequences : at a time on one group of tensor-parallel GPUs [-]
    tensor_parallel : GPUs that share each layer [-]
    bits, kv_bits : of weights and of cached values [bits]
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Returns
    -------
    Parts : weights, KV cache, framework [bytes]
    """
    ranks = shared_by(model, tensor_parallel)
    tokens = checked("sequences", sequences, "-") * checked("length", length, "tokens")
    cache = kv_cache(model, tokens, kv_bits, length)
    copies = maximum(1, ranks / model.cache_heads)
    held = Parts(weights=weights(model, bits) / ranks, **{"KV cache": cache / ranks * copies})
    return held | framework(coefficients)


class PpoSetup(NamedTuple):
    """Who takes part in a PPO or GRPO step and where.

    Parameters
    ----------
    training : Setup of actor and critic
    critic : "separate" model, "shared" (a value head on the actor's trunk), or "none" (GRPO)
    reference : "separate" model, or "adapters-off" (the actor without its adapters)
    reward : "separate" model, or "none" (rewards from a rule)
    offload_frozen : True where reference and reward model wait on the host while they do not score
    generation_parallel : GPUs that share one copy of the actor while it generates [-]
    sequences : generated at a time on each of these groups [-]
    weight_bits, kv_bits : of weights in the layers of a copy that generates, of each cached key and value [bits]
    """

    training: Setup = Setup()
    critic: str = "separate"
    reference: str = "separate"
    reward: str = "separate"
    offload_frozen: bool = False
    generation_parallel: Numeric = 1
    sequences: Numeric = 1
    kv_bits: Numeric = 16
    weight_bits: int = 16

    def checked(self, actor: Architecture) -> Self:
        """Return the same, or raise a ValueError that says what is not allowed."""
        self.training.checked(actor)
        choice("critic", self.critic, ("separate", "shared", "none"))
        choice("reference", self.reference, ("separate", "adapters-off"))
        choice("reward", self.reward, ("separate", "none"))
        if self.reference == "adapters-off" and self.training.lora_rank is None:
            raise ValueError("reference can be adapters-off only where the actor has adapters (lora_rank), got none")
        return self


FOUR_MODELS = PpoSetup()


def ppo(actor: Architecture, critic: Architecture, reward: Architecture, prompt_tokens: Numeric,
        response_tokens: Numeric, setup: PpoSetup = FOUR_MODELS,
        coefficients: Coefficients | None = None) -> dict[str, Parts]:  # fmt: skip
    """Return the bytes on each GPU in the three phases of a PPO step, by model and part.

    Parameters
    ----------
    actor, critic, reward : Architecture of each; critic and reward model return one number
    prompt_tokens, response_tokens : of one sequence, the longest response [tokens]
    setup : PpoSetup
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Returns
    -------
    dict of phase ("generate", "score", "train") to Parts [bytes]

    Examples
    --------
    Four equal models hold 36 bytes per parameter before anything is computed:

    >>> from costlib.compute.architecture import find
    >>> llama = find("llama-2-7b")
    >>> phases = ppo(llama, llama.with_scalar_head(), llama.with_scalar_head(), 256, 256)
    >>> held = [size for part, size in phases["score"].items() if part.endswith(("weights", "gradients", "optimizer"))]
    >>> round(sum(held) / llama.parameters, 1)
    35.6
    """
    setup.checked(actor)
    plan, length = setup.training, prompt_tokens + response_tokens
    held = states(actor, plan).named("actor")
    if setup.critic == "separate":
        held |= states(critic, plan).named("critic")
    frozen = Parts()
    if setup.reference == "separate":
        frozen |= frozen_weights(actor, plan).named("reference")
    if setup.reward == "separate":
        frozen |= frozen_weights(reward, plan).named("reward")
    idle = Parts() if setup.offload_frozen else frozen
    there = generating(actor, length, setup.sequences, setup.generation_parallel, setup.weight_bits, setup.kv_bits,
                       coefficients)  # fmt: skip
    del there["framework"]
    # The actor's own weights generate where they are whole.
    copied = (plan.gathers | (plan.pipeline_parallel > 1) | (plan.expert_parallel > 1) | (plan.offload == "all")
              | (setup.weight_bits != 16))  # fmt: skip
    there["weights"] = where(copied, there["weights"], 0)
    trainers = [actor] if setup.critic != "separate" else [actor, critic]
    score = reduce(_fuller, [scoring(model, length, plan, coefficients) for model in trainers])
    each = logit_bytes(actor, plan.logits, LOGIT_BYTES)
    train = reduce(_fuller, [working(model, length, plan, each, model.layers, coefficients) for model in trainers])
    phases = {
        "generate": held | idle | there.named("generation"),
        "score": held | frozen | score,
        "train": held | idle | train,
    }
    return {name: one_gathered(parts) | framework(coefficients, plan.gpus) for name, parts in phases.items()}


def one_gathered(parts: Parts) -> Parts:
    """Return the same with one gathered layer, the largest: models that take turns gather one at a time."""
    layers = [size for name, size in parts.items() if name.endswith("gathered")]
    if not layers:
        return parts
    kept = Parts({name: size for name, size in parts.items() if not name.endswith("gathered")})
    return kept | {"gathered": reduce(maximum, layers)}


def peak(phases: Mapping[str, Parts]) -> Numeric:
    """Return the largest total of the phases of a step [bytes]."""
    return reduce(maximum, (parts.total for parts in phases.values()))


def most_sequences(parts: Parts, room: Numeric, sequences: Numeric = 1) -> Numeric:
    """Return the most sequences at a time for which there is room, not rounded; at most 0 where there is none.

    Memory is a straight line in them: activations, logits and the cache grow with sequences, all else stays.

    Parameters
    ----------
    parts : Parts with `sequences` at a time [bytes]
    room : memory of one GPU [bytes]

    Examples
    --------
    >>> most_sequences(Parts(weights=30e9, activations=14e9), 80e9, 2)
    7.142...
    """
    grows = sum(size for name, size in parts.items() if name.endswith(("activations", "logits", "KV cache")))
    return (room - (parts.total - grows)) / grows * sequences


class Fewest(NamedTuple):
    """The fewest GPUs that hold a job; infinite where no number does. `rest` is what sharding cannot lower [bytes]."""

    gpus: Numeric
    rest: Numeric


def min_gpus(bytes_per_gpu: Callable[[Numeric], Numeric], hbm_gb: Numeric, tensor_parallel: Numeric = 1,
             at_least: Numeric = 1) -> Fewest:  # fmt: skip
    """Return the fewest GPUs on which a job fits.

    What a GPU holds is a part that does not shrink and one that is shared out, so a few evaluations give the answer for
    any number.

    Parameters
    ----------
    bytes_per_gpu : function of a number of GPUs to the bytes on each
    hbm_gb : memory of one GPU, above 0 [GB]
    tensor_parallel : GPUs come in multiples of this [GPUs]
    at_least : fewest GPUs for another reason [GPUs]

    Returns
    -------
    Fewest : gpus (infinite where it fits on no number) and rest [GPUs, bytes]

    Examples
    --------
    120 GB of states that are all shared, beside 20 GB that are not, on GPUs of 80 GB:

    >>> min_gpus(lambda gpus: 20e9 + 120e9 / gpus, 80).gpus
    2
    >>> min_gpus(lambda gpus: 90e9 + 120e9 / gpus, 80).gpus
    inf
    """
    room = checked("hbm_gb", hbm_gb, "GB", low_is_allowed=False) * GB
    start = ceil(at_least / tensor_parallel) * tensor_parallel
    # One copy gathers nothing, so that the line begins behind it.
    one, two, four = (bytes_per_gpu(times * start) for times in (1, 2, 4))
    rest = 2 * four - two
    shared = (two - rest) * 2 * start
    fits_always, never = one <= room, rest >= room
    # A hair of slack keeps rounding from asking for one GPU more than an exact fit.
    needed = ceil(shared / where(never, 1, room - rest) / tensor_parallel * (1 - 1e-12)) * tensor_parallel
    return Fewest(where(fits_always, start, where(never, math.inf, maximum(needed, start + tensor_parallel))), rest)


def largest_micro_batch(bytes_for: Callable[[Numeric], Numeric], hbm_gb: Numeric) -> Numeric:
    """Return the most sequences at a time that fit; 0 where not even one does.

    Parameters
    ----------
    bytes_for : function of a number of sequences to the bytes on each GPU
    hbm_gb : memory of one GPU, above 0 [GB]

    Examples
    --------
    >>> largest_micro_batch(lambda sequences: 30e9 + 7e9 * sequences, 80)
    7
    """
    room = checked("hbm_gb", hbm_gb, "GB", low_is_allowed=False) * GB
    one, two = bytes_for(1), bytes_for(2)
    return maximum(0, floor((room - (2 * one - two)) / (two - one)))
