"""A transformer in numbers: its parameters, and the FLOPs of passing tokens through it.

Counted from the matrices, not from a headline size. Every dimension may be a number or a NumPy array, so one call
counts one model or a million. FLOPs are counts; a multiply and an add are two.

Sources: the terms of a pass are those of :cite:`kaplan2020`, section 2.1, with attention as in :cite:`narayanan2021`;
recomputation as in :cite:`korthikanti2022`; adapters as in :cite:`hu2022lora`.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import NamedTuple

from costlib._arrays import Numeric, checked, choice, require, where, whole
from costlib.facts import catalog

ATTENTION = ("full", "causal")
RECOMPUTE = ("none", "selective", "full")
LORA_TARGETS = ("all", "attention", "qv")
POSITIVE = ("layers", "hidden_size", "heads", "kv_heads", "head_size", "ffn_size", "vocabulary_size", "experts")
NOT_NEGATIVE = ("experts_active", "shared_experts", "dense_layers", "dense_ffn_size", "position_embeddings")


@dataclass(frozen=True, eq=False)
class Architecture:
    """The dimensions of a decoder-only transformer; numbers or arrays of one shape.

    Parameters
    ----------
    layers, hidden_size, vocabulary_size : depth, width of the residual stream, rows of the embedding [-]
    heads, kv_heads, head_size : query heads, key-value heads (fewer with grouped queries), width of one head [-]
    ffn_size, mlp_matrices : inner width of the MLP (of one expert), and its matrices: 2, or 3 where gated [-]
    tied_embeddings : 1 if input and output embedding are one matrix, else 0
    position_embeddings : rows of learned position embeddings [-]
    experts, experts_active, shared_experts : of a mixture of experts, in all, chosen for a token, and always on [-]
    dense_layers, dense_ffn_size : first layers of a mixture that have one ordinary MLP, and its inner width [-]
    attention_parameters : matrix parameters of one attention block, where they are not those of q, k, v and output
    kv_values_per_layer : values cached for a token and layer, where they are not 2 x kv_heads x head_size
    other_parameters : norms, biases and whatever else the counted total has beyond these matrices
    scalar_head : True for a model that returns one number instead of a distribution (reward model, critic)

    Raises
    ------
    ValueError : for dimensions that are not positive, heads that key-value heads do not divide, or more active experts
        than experts

    Examples
    --------
    >>> Architecture(80, 8192, 64, 7, 128, 28672, 3, 32000)
    Traceback (most recent call last):
        ...
    ValueError: heads must be a multiple of kv_heads [-], got 64 heads and 7 kv_heads
    """

    layers: Numeric
    hidden_size: Numeric
    heads: Numeric
    kv_heads: Numeric
    head_size: Numeric
    ffn_size: Numeric
    mlp_matrices: Numeric
    vocabulary_size: Numeric
    tied_embeddings: Numeric = 0
    position_embeddings: Numeric = 0
    experts: Numeric = 1
    experts_active: Numeric = 1
    shared_experts: Numeric = 0
    dense_layers: Numeric = 0
    dense_ffn_size: Numeric = 0
    attention_parameters: Numeric | None = None
    kv_values_per_layer: Numeric | None = None
    other_parameters: Numeric = 0
    scalar_head: bool = False

    def __post_init__(self) -> None:
        for name in POSITIVE:
            object.__setattr__(self, name, checked(name, getattr(self, name), "-", low_is_allowed=False))
        for name in NOT_NEGATIVE:
            object.__setattr__(self, name, checked(name, getattr(self, name), "-"))
        heads, groups = self.heads, self.kv_heads
        require(heads % groups == 0,
                "heads must be a multiple of kv_heads [-], got {} heads and {} kv_heads", heads, groups)  # fmt: skip
        require(self.experts_active <= self.experts, "experts_active must be at most experts [-], got {} of {}",
                self.experts_active, self.experts)  # fmt: skip
        require((self.mlp_matrices == 2) | (self.mlp_matrices == 3),
                "mlp_matrices must be 2, or 3 for a gated MLP [-], got {}", self.mlp_matrices)  # fmt: skip
        require(self.dense_layers <= self.layers,
                "dense_layers must be at most layers [-], got {} of {}", self.dense_layers, self.layers)  # fmt: skip

    @cached_property
    def attention_matrices(self) -> Numeric:
        """Matrix parameters of one attention block [parameters]."""
        if self.attention_parameters is not None:
            return self.attention_parameters
        return self.hidden_size * self.head_size * (2 * self.heads + 2 * self.kv_heads)

    @cached_property
    def layer_matrices(self) -> Numeric:
        """Matrix parameters of all layers [parameters]."""
        return self._layers(self.experts)

    @cached_property
    def layer_matrices_active(self) -> Numeric:
        """Matrix parameters of all layers that one token passes through [parameters]."""
        return self._layers(self.experts_active)

    @cached_property
    def cache_heads(self) -> Numeric:
        """GPUs over which the cache of a token can be spread; beyond them it is copied [-]."""
        return self.kv_heads if self.kv_values_per_layer is None else 1

    @cached_property
    def largest_layer(self) -> Numeric:
        """Parameters of the largest block that is gathered at once: a layer, or the embedding [parameters]."""
        layer, embedding = self.layer_matrices / self.layers, self.vocabulary_size * self.hidden_size
        return where(layer > embedding, layer, embedding)

    @cached_property
    def embeddings(self) -> Numeric:
        """Parameters of the embeddings, and of the head where it is a matrix of its own [parameters]."""
        rows = self.vocabulary_size * (1 if self.scalar_head else 2 - self.tied_embeddings)
        return (rows + self.position_embeddings + (1 if self.scalar_head else 0)) * self.hidden_size

    @cached_property
    def parameters(self) -> Numeric:
        """All parameters [parameters]."""
        return self.layer_matrices + self.embeddings + self.other_parameters

    @cached_property
    def parameters_active(self) -> Numeric:
        """Parameters that one token uses [parameters]."""
        return self.layer_matrices_active + self.embeddings + self.other_parameters

    @cached_property
    def matmul_parameters(self) -> Numeric:
        """Parameters that each token is multiplied with: active layers and head, but no table look-ups [parameters]."""
        return self.layer_matrices_active + self.hidden_size * (1 if self.scalar_head else self.vocabulary_size)

    @cached_property
    def kv_values(self) -> Numeric:
        """Values cached for each token of context, over all layers [-]."""
        if self.kv_values_per_layer is not None:
            return self.layers * self.kv_values_per_layer
        return 2 * self.layers * self.kv_heads * self.head_size

    def with_scalar_head(self) -> "Architecture":
        """Return the same trunk as a reward model or critic: one output instead of a vocabulary."""
        return replace(self, scalar_head=True)

    def _layers(self, experts: Numeric) -> Numeric:
        block = self.mlp_matrices * self.hidden_size
        router = where(self.experts > 1, self.experts * self.hidden_size, 0)
        mlp = (experts + self.shared_experts) * block * self.ffn_size + router
        sparse_layers = self.layers - self.dense_layers
        dense = self.dense_layers * block * self.dense_ffn_size
        return self.layers * self.attention_matrices + sparse_layers * mlp + dense


@cache
def find(name: str) -> Architecture:
    """Return the architecture of a model of the catalogue.

    Raises
    ------
    ValueError : for an unknown name, with the nearest ones

    Examples
    --------
    >>> find("llama-2-70b").parameters
    68976648192
    """
    model = catalog.find("models", name)
    known = [field.name for field in fields(Architecture) if hasattr(model, field.name)]
    bare = Architecture(**{name: whole(getattr(model, name)) for name in known})
    return replace(bare, other_parameters=whole(model.parameters) - bare.parameters)


def nearest_in_size(parameters: Numeric, among: Iterable[str] | None = None) -> str:
    """Return the name of the model of the catalogue whose size is nearest, as a ratio.

    Parameters
    ----------
    parameters : size that is wanted, above 0 [parameters]
    among : names of models; None takes all of the catalogue

    Examples
    --------
    >>> nearest_in_size(65e9, ["llama-2-7b", "llama-2-13b", "llama-2-70b"])
    'llama-2-70b'
    """
    models = catalog.table("models")
    return min(models if among is None else among, key=lambda name: abs(math.log(parameters / models[name].parameters)))


def student_of(teacher: str) -> str:
    """Return the name of a model that could be distilled from another: the nearest to a tenth of its size.

    Among smaller models whose names begin with the same word, if one is within a factor of three of that tenth; else
    among all smaller ones, and the teacher itself where there is none.

    Examples
    --------
    >>> student_of("llama-2-70b"), student_of("gpt-3-175b")
    ('llama-7b', 'gpt-j-6b')
    """
    models, family = catalog.table("models"), re.split("[^a-z]", teacher)[0]
    size = models[teacher].parameters
    smaller = [name for name in models if models[name].parameters < size]
    kin = [
        name for name in smaller
        if re.split("[^a-z]", name)[0] == family and 1 / 3 <= 10 * models[name].parameters / size <= 3
    ]  # fmt: skip
    return nearest_in_size(size / 10, kin or smaller or [teacher])


class Flops(NamedTuple):
    """FLOPs of a piece of work: products with weight matrices, and attention between tokens. Adds and scales."""

    matmul: Numeric
    attention: Numeric

    @property
    def total(self) -> Numeric:
        """All FLOPs [FLOPs]."""
        return self.matmul + self.attention

    def __add__(self, other: "Flops") -> "Flops":  # type: ignore[override]  # a sum, not a longer tuple
        return Flops(self.matmul + other.matmul, self.attention + other.attention)

    def __mul__(self, factor: Numeric) -> "Flops":
        return Flops(self.matmul * factor, self.attention * factor)


def forward(model: Architecture, sequences: Numeric, length: Numeric, cached: Numeric = 0,
            attention: str = "full") -> Flops:  # fmt: skip
    """Return the FLOPs of passing sequences through a model once.

    Norms, activations and softmax are left out: they are under 1 % of the arithmetic, though not of the time.

    Parameters
    ----------
    model : Architecture
    sequences : how many, at least 0 [-]
    length : tokens of each that pass now, at least 0 [tokens]
    cached : tokens of each that passed before and are attended to, at least 0 [tokens]
    attention : "full" counts the whole square of a sequence, as published utilisations do; "causal" the half that is
        needed

    Returns
    -------
    Flops : 2 x matrices x tokens, and 4 x layers x heads x head_size x (token, attended token) pairs [FLOPs]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument, or an unknown way of counting attention

    Examples
    --------
    >>> f"{forward(find('llama-2-70b'), 64000, 4096).total:.4e}"
    '3.8840e+19'
    """
    sequences, length = checked("sequences", sequences, "-"), checked("length", length, "tokens")
    cached = checked("cached", cached, "tokens")
    seen = cached + length * (1 if choice("attention", attention, ATTENTION) == "full" else 0.5)
    tokens = sequences * length
    return Flops(2 * model.matmul_parameters * tokens, 4 * model.layers * model.heads * model.head_size * tokens * seen)


def training(model: Architecture, sequences: Numeric, length: Numeric, attention: str = "full", recompute: str = "none",
             lora_rank: Numeric | None = None, lora_targets: str = "all", cached: Numeric = 0) -> Flops:  # fmt: skip
    """Return the FLOPs of one forward and backward pass over sequences.

    The backward pass repeats each product twice, once for the gradient of the inputs and once for that of the weights;
    frozen weights need the first only. Recomputation adds the forward pass again: all of it, or attention alone.

    Parameters
    ----------
    model, sequences, length, attention, cached : as for :func:`forward`
    recompute : "none", "selective" (attention) or "full"
    lora_rank : rank of the adapters that train beside frozen weights; None trains everything, 0 nothing [-]
    lora_targets : "all" matrices of a layer, "attention", or "qv" as in the LoRA paper

    Returns
    -------
    Flops [FLOPs]

    Raises
    ------
    ValueError : as :func:`forward`, or for an unknown option

    Examples
    --------
    >>> llama = find("llama-2-70b")
    >>> ways = {"attention": "causal"}, {}, {"recompute": "full"}
    >>> [f"{training(llama, 64000, 4096, **way).total:.4e}" for way in ways]
    ['1.1230e+20', '1.1652e+20', '1.5536e+20']
    """
    once = forward(model, sequences, length, cached, attention)
    again = {"none": 0, "selective": 0, "full": 1}[choice("recompute", recompute, RECOMPUTE)]
    repeats = {"none": 0, "selective": 1, "full": 1}[recompute]
    if lora_rank is None:
        return Flops(once.matmul * (3 + again), once.attention * (3 + repeats))
    used = replace(model, experts=model.experts_active)
    adapters = 2 * lora_parameters(used, lora_rank, lora_targets) * sequences * length
    trains = where(lora_rank == 0, 0, 1)
    matmul = once.matmul * (1 + (1 + again) * trains) + adapters * (3 + again)
    return Flops(matmul, once.attention * (1 + (2 + repeats) * trains))


def lora_parameters(model: Architecture, rank: Numeric, targets: str = "all") -> Numeric:
    """Return the parameters of low-rank adapters.

    Parameters
    ----------
    model : Architecture; for a mixture of experts, adapters on "all" count every expert
    rank : rank of each adapter, at least 0 [-]
    targets : "all" matrices of a layer, "attention", or "qv"

    Returns
    -------
    rank x (inputs + outputs), summed over the matrices that have an adapter [parameters]

    Raises
    ------
    ValueError : for a negative rank or unknown targets

    Examples
    --------
    Rank 4 on query and value of GPT-3: 2 x 2 x 4 x 12,288 x 96 parameters (:cite:`hu2022lora`, section 4.2):

    >>> lora_parameters(find("gpt-3-175b"), 4, "qv")
    18874368
    """
    rank = checked("lora_rank", rank, "-")
    hidden, query, key = model.hidden_size, model.heads * model.head_size, model.kv_heads * model.head_size
    widths = hidden + query + hidden + key
    if choice("lora_targets", targets, LORA_TARGETS) != "qv":
        widths = 2 * widths
    if targets == "all":
        blocks = model.experts + model.shared_experts
        widths = widths + model.mlp_matrices * blocks * (hidden + model.ffn_size)
    return rank * widths * model.layers
