"""A transformer in numbers: its parameters, and the FLOPs of passing tokens through it.

Counted from the matrices, not from a headline size. Every dimension may be a number or a NumPy array, so one call
counts one model or a million. FLOPs are counts; a multiply and an add are two.

Sources: the terms of a pass are those of :cite:`kaplan2020`, section 2.1, with attention as in :cite:`narayanan2021`;
recomputation as in :cite:`korthikanti2022`; adapters as in :cite:`hu2022lora`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, choice, floor, is_array, minimum, require, where, whole
from costlib.facts import catalog

ATTENTION = ("full", "causal")
COUNTED = (*ATTENTION, "band")
RECOMPUTE = ("none", "selective", "full")
LORA_TARGETS = ("all", "attention", "qv", "experts")
POSITIVE = ("layers", "hidden_size", "heads", "kv_heads", "head_size", "ffn_size", "vocabulary_size", "experts")
NOT_NEGATIVE = ("experts_active", "shared_experts", "dense_layers", "dense_ffn_size", "position_embeddings", "window",
                "windowed_layers", "chunked", "index_size")  # fmt: skip


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
    dense_layers, dense_ffn_size : layers of a mixture that have one ordinary MLP, and its inner width [-]
    attention_parameters : matrix parameters of one attention block, where they are not those of q, k, v and output
    kv_values_per_layer : values cached for a token and layer, where they are not 2 x kv_heads x head_size
    window, windowed_layers : tokens that a layer with a window attends to, and how many layers have one [tokens, -]
    chunked : 1 where windows are chunks that begin anew at each multiple, else 0
    index_size : width of the heads that pick the tokens to attend to (sparse attention), 0 where there are none [-]
    embedding_size : width of the embedding, where two matrices lead from it to the residual stream and back [-]
    query_value_widths, attention_widths : inputs + outputs of the linear layers of one attention block that have an
        adapter on "qv" and on "attention", where they are not those of q, k, v and output
    mlp_linears : linear layers of one MLP, where gate and up projection are one [-]
    other_parameters : norms, biases and whatever else the counted total has beyond these matrices
    idle_parameters : of these, what a token does not use: biases of experts that are not chosen [parameters]
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
    window: Numeric = 0
    windowed_layers: Numeric = 0
    chunked: Numeric = 0
    index_size: Numeric = 0
    embedding_size: Numeric | None = None
    query_value_widths: Numeric | None = None
    attention_widths: Numeric | None = None
    mlp_linears: Numeric | None = None
    other_parameters: Numeric = 0
    idle_parameters: Numeric = 0
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
        require(self.windowed_layers <= self.layers,
                "windowed_layers must be at most layers [-], got {} of {}",
                self.windowed_layers, self.layers)  # fmt: skip

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
        layer, embedding = self.layer_matrices / self.layers, self.vocabulary_size * self.embedding_width
        return where(layer > embedding, layer, embedding)

    @cached_property
    def embeddings(self) -> Numeric:
        """Parameters of the embeddings, and of the head where it is a matrix of its own [parameters]."""
        rows = self.vocabulary_size * (1 if self.scalar_head else 2 - self.tied_embeddings)
        head = 1 if self.scalar_head else 0
        return (rows + head) * self.embedding_width + self.position_embeddings * self.hidden_size + self._projections

    @cached_property
    def embedding_width(self) -> Numeric:
        """Width of the embedding [-]."""
        return self.hidden_size if self.embedding_size is None else self.embedding_size

    @cached_property
    def _projections(self) -> Numeric:
        """Parameters of the matrices from a narrow embedding to the residual stream and back."""
        return 0 if self.embedding_size is None else 2 * self.hidden_size * self.embedding_size

    @cached_property
    def parameters(self) -> Numeric:
        """All parameters [parameters]."""
        return self.layer_matrices + self.embeddings + self.other_parameters

    @cached_property
    def parameters_active(self) -> Numeric:
        """Parameters that one token uses [parameters]."""
        return self.layer_matrices_active + self.embeddings + self.other_parameters - self.idle_parameters

    @cached_property
    def parameters_active_without_embedding(self) -> Numeric:
        """Parameters that one token uses, without an input embedding that is no output layer too [parameters]."""
        looked_up = self.vocabulary_size * self.embedding_width * (1 if self.scalar_head else 1 - self.tied_embeddings)
        return self.parameters_active - looked_up

    @cached_property
    def matmul_parameters(self) -> Numeric:
        """Parameters that each token is multiplied with: active layers and head, but no table look-ups [parameters]."""
        head = self.embedding_width * (1 if self.scalar_head else self.vocabulary_size)
        return self.layer_matrices_active + head + self._projections

    @cached_property
    def kv_values(self) -> Numeric:
        """Values cached for each token of a context that fits every window, over all layers [-]."""
        if self.kv_values_per_layer is not None:
            return self.layers * self.kv_values_per_layer
        return 2 * self.layers * self.kv_heads * self.head_size

    def kv_values_at(self, length: Numeric) -> Numeric:
        """Return the values cached for each token of a context of a length: a layer with a window keeps no more.

        >>> round(find("llama-2-7b").kv_values_at(4096))
        262144
        """
        if self._no_windows:
            return self.kv_values
        longer = where(length > self.window, 1, 0)
        beyond = longer * (1 - self.window / where(length > 0, length, 1))
        return self.kv_values * (1 - self.windowed_layers / self.layers * beyond)

    def attended(self, length: Numeric, cached: Numeric = 0, attention: str = "full") -> Numeric:
        """Return how many tokens a token attends to, the mean over tokens and layers; arguments as for `forward`."""
        seen = cached + length * (0.5 if attention == "causal" else 1)
        if self._no_windows:
            return seen
        if attention == "full":
            near = minimum(cached, self.window) + length
        else:
            area = self._area(cached + length) - self._area(cached)
            near = area / where(length > 0, length, 1) * (1 if attention == "causal" else 2)
            near = near if attention == "causal" else near - minimum(cached, self.window)
        return seen - self.windowed_layers / self.layers * (seen - near)

    @cached_property
    def _no_windows(self) -> bool:
        return not is_array(self.windowed_layers) and not self.windowed_layers

    def _area(self, tokens: Numeric) -> Numeric:
        """Pairs of a token and one that it attends to, of the first tokens of a sequence in a layer with a window."""
        window = where(self.window > 0, self.window, 1)
        chunks = where(self.chunked > 0, floor(tokens / window), 0)
        rest = tokens - chunks * window
        inside = minimum(rest, window)
        return chunks * window * window / 2 + inside * inside / 2 + (rest - inside) * window

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
    known = {field.name: whole(model.get(field.name)) for field in fields(Architecture)}
    bare = Architecture(**{name: value for name, value in known.items() if value is not None})
    other = whole(model.parameters) - bare.parameters
    idle = bare.parameters_active + other - whole(model.parameters_active)
    return replace(bare, other_parameters=other, idle_parameters=idle)


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
    attention : "full" counts the whole square of a sequence, windows or not, as PyTorch's counter and published
        utilisations do; "causal" the half that is needed, within the windows; "band" twice that, as "full" without
        windows

    Returns
    -------
    Flops : 2 x matrices x tokens, and 4 x layers x heads x head_size x (token, attended token) pairs, 2 x layers x
        index_size for each token before it where attention is sparse [FLOPs]

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
    seen = model.attended(length, cached, choice("attention", attention, COUNTED))
    tokens = sequences * length
    pair = 4 * model.layers * model.heads * model.head_size + 2 * model.layers * model.index_size
    return Flops(2 * model.matmul_parameters * tokens, pair * tokens * seen)


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
    lora_targets : as for :func:`lora_parameters`

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
    adapters = 2 * _adapters(model, lora_rank, lora_targets, model.experts_active) * sequences * length
    trains = where(lora_rank == 0, 0, 1)
    matmul = once.matmul * (1 + (1 + again) * trains) + adapters * (3 + again)
    return Flops(matmul, once.attention * (1 + (2 + repeats) * trains))


def lora_parameters(model: Architecture, rank: Numeric, targets: str = "all") -> Numeric:
    """Return the parameters of low-rank adapters.

    Parameters
    ----------
    model : Architecture
    rank : rank of each adapter, at least 0 [-]
    targets : "all" linear layers of attention and MLP, as PEFT's "all-linear": of a mixture its shared experts and
        dense layers, not the routed experts, whose weights are one tensor; "experts" adds each of these; "attention";
        or "qv", queries and values as in the LoRA paper, or the projection that holds them

    Returns
    -------
    rank x (inputs + outputs), summed over the linear layers that have an adapter [parameters]

    Raises
    ------
    ValueError : for a negative rank or unknown targets

    Examples
    --------
    Rank 4 on query and value of GPT-3: 2 x 2 x 4 x 12,288 x 96 parameters (:cite:`hu2022lora`, section 4.2):

    >>> lora_parameters(find("gpt-3-175b"), 4, "qv")
    18874368
    """
    return _adapters(model, rank, targets, model.experts)


def _adapters(model: Architecture, rank: Numeric, targets: str, experts: Numeric) -> Numeric:
    """Parameters of adapters, of which a mixture has some experts' on "experts"."""
    rank = checked("lora_rank", rank, "-")
    hidden, query, key = model.hidden_size, model.heads * model.head_size, model.kv_heads * model.head_size
    choice("lora_targets", targets, LORA_TARGETS)
    known = model.query_value_widths if targets == "qv" else model.attention_widths
    widths = (1 if targets == "qv" else 2) * (hidden + query + hidden + key) if known is None else known
    if targets in ("attention", "qv"):
        return rank * widths * model.layers
    linears = model.mlp_matrices if model.mlp_linears is None else model.mlp_linears
    routed = experts if targets == "experts" else where(model.experts > 1, 0, 1)
    shared = where(model.shared_experts > 0, 1, 0)
    blocks = (routed + shared) * linears * hidden
    sparse = blocks + (routed + model.shared_experts) * model.mlp_matrices * model.ffn_size
    dense = linears * hidden + model.mlp_matrices * model.dense_ffn_size
    layers = model.layers - model.dense_layers
    narrow = 0 if model.embedding_size is None else 2 * (hidden + model.embedding_size)
    return rank * (widths * model.layers + sparse * layers + dense * model.dense_layers + narrow)
