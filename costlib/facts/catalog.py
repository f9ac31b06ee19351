"""Models, GPUs, prices, label prices and published runs: one CSV file and one record type for each kind.

Every record carries `source` (keys of book/references.bib, separated by ;), `locator` (where in it), and `status`:
primary, secondary, derived, assumption or from-memory.
"""

from dataclasses import dataclass, fields
from functools import cache

from costlib.facts import hardware, measured
from costlib.text import nearest


@dataclass(frozen=True)
class Model:
    """A language model; `parameters_active` are those that one token uses, `context_length` is in tokens.

    `head_size` is the size of one attention head, `ffn_size` the inner width of the MLP (one expert of a mixture) and
    `mlp_matrices` 3 with a gate, 2 without. The first `dense_layers` of a mixture have an ordinary MLP of inner width
    `dense_ffn_size`. `vocabulary_size` and `position_embeddings` are rows of matrices; `tied_embeddings` is 1 if the
    output layer is the embedding. Only where the attention is not the ordinary one of queries, keys, values and output
    are `attention_parameters` (the matrices of one layer) and `kv_values_per_layer` (values kept of one token) given.
    """

    name: str
    label: str
    parameters: float
    parameters_active: float
    layers: float
    hidden_size: float
    heads: float
    kv_heads: float
    head_size: float
    ffn_size: float
    mlp_matrices: float
    experts: float
    experts_active: float
    shared_experts: float
    dense_layers: float
    dense_ffn_size: float
    vocabulary_size: float
    position_embeddings: float
    tied_embeddings: float
    attention_parameters: float
    kv_values_per_layer: float
    context_length: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Gpu:
    """An accelerator; peaks are dense, memory in units of 1e9 bytes.

    `best_matmul_tflops` and `best_fp8_matmul_tflops` are the fastest matrix products measured in bf16 and fp8,
    `flash_attention_share` what part of the bf16 peak the attention kernels of 2023 reach on a GPU of its generation,
    `link_gb_per_s` the bandwidth to the other GPUs of the node, in one direction, and `network_gb_per_s` that of the
    adapters of the vendor's node for each GPU.
    """

    name: str
    label: str
    bf16_dense_tflops: float
    fp8_dense_tflops: float
    best_matmul_tflops: float
    best_fp8_matmul_tflops: float
    flash_attention_share: float
    hbm_gb: float
    hbm_bandwidth_gb_per_s: float
    link_gb_per_s: float
    network_gb_per_s: float
    tdp_w: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class GpuPrice:
    """A price of renting a GPU, US dollars of the dates given; kind is on-demand, reserved, spot or capacity-block."""

    name: str
    provider: str
    instance: str
    gpu: str
    gpus_per_instance: float
    region: str
    usd_per_instance_hour: float
    usd_per_gpu_hour: float
    kind: str
    valid_from: str
    valid_to: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class LabelPrice:
    """What one preference label was said to cost; `quality` says how good the evidence is."""

    name: str
    label: str
    kind: str
    usd_per_label_low: float
    usd_per_label_high: float
    year: str
    population: str
    source: str
    locator: str
    status: str
    quality: str
    note: str
    fraction_low: float
    fraction_high: float


@dataclass(frozen=True)
class PretrainingRun:
    """A pre-training run with its GPU-hours; `parameters` are the active ones."""

    name: str
    label: str
    model: str
    parameters: float
    tokens: float
    gpu: str
    gpu_hours: float
    gpu_hours_kind: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Agreement:
    """How often two raters, or a judge and people, prefer the same answer."""

    name: str
    label: str
    who: str
    value_low: float
    value_high: float
    unit: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class PreferenceSet:
    """How many comparisons a preference data set holds."""

    name: str
    label: str
    comparisons: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class TokenLength:
    """How many tokens an example or a call has."""

    name: str
    label: str
    tokens_low: float
    tokens_high: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Coefficient:
    """A rate or an overhead of hardware and software, the same for every model and run; low and high are its spread."""

    name: str
    label: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class AlignmentRun:
    """A published stage of alignment and what it took; lengths in tokens, `batch` in sequences of one update."""

    name: str
    label: str
    stage: str
    model: str
    critic: str
    gpu: str
    gpus: float
    examples: float
    samples: float
    prompt_tokens: float
    response_tokens: float
    longest_tokens: float
    epochs: float
    batch: float
    quantity: str
    value: float
    unit: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class TrainingThroughput:
    """A measured speed of training on full sequences; `zero` is the stage of sharding, `recompute` none or full."""

    name: str
    label: str
    model: str
    gpu: str
    gpus: float
    sequence_length: float
    micro_batch: float
    zero: float
    recompute: str
    tokens_per_s_per_gpu: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class InferenceThroughput:
    """A measured speed of generation on a group of tensor-parallel GPUs; `sequences` None where not stated."""

    name: str
    label: str
    model: str
    gpu: str
    tensor_parallel: float
    weight_bits: float
    kv_bits: float
    prompt_tokens: float
    response_tokens: float
    sequences: float
    tokens_per_s: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class PublishedMemory:
    """A published size of memory; `what` is states, weights, cache, training, or largest actor.

    `setting` is YAML: arguments of :class:`costlib.compute.memory.Setup`, and the parameters, tokens or memory of the
    case.
    """

    name: str
    label: str
    model: str
    what: str
    value: float
    unit: str
    setting: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class AudienceInput:
    """One parameter that an example of chapter 16 sets: `value` as text, which `parameters.check` reads.

    The rows of an audience are the lines of its file in `notebooks/scenarios/`, whose name begins that of each row.
    """

    name: str
    audience: str
    parameter: str
    value: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Change:
    """What a released version said otherwise; `until` is the last version with `old`, `version` the first with `new`.

    `id` is a claim of the ledger, a number of a chapter (04_synthetic_cost/total_usd) or a value of a table
    (gpus/a100-sxm-80gb/hbm_gb), and `what` is verdict, published or recomputed for a claim, and value for the others.
    """

    name: str
    id: str
    what: str
    until: str
    version: str
    old: str
    new: str
    reason: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Landscape:
    """Points of a sweep in a cell of a map, and in how many people cost at least 1, 3 or 10 times what replaces them.

    That is the model itself (own) or a hosted judge, project for project or label for label. Cells of `prices` lie
    between two prices of a GPU (x) and of a human label (y), of `sizes` between two lengths of a judge's call (x) for
    one `model`, of `pairs` between two numbers of pairs (x); `ends` are the ends of the range of one `parameter`.
    """

    name: str
    map: str
    parameter: str
    model: str
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    points: float
    own_1: float
    own_3: float
    own_10: float
    judge_1: float
    judge_3: float
    judge_10: float
    own_label_1: float
    own_label_3: float
    own_label_10: float
    judge_label_1: float
    judge_label_3: float
    judge_label_10: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Earned:
    """The factor within which a share of the reported measurements of a group, its name, lie of the model."""

    name: str
    factor: float
    share: float
    rows: float
    source: str
    locator: str
    status: str
    note: str


TABLES = {
    "models": Model,
    "gpus": Gpu,
    "gpu_prices": GpuPrice,
    "label_prices": LabelPrice,
    "pretraining_runs": PretrainingRun,
    "agreement": Agreement,
    "preference_sets": PreferenceSet,
    "token_lengths": TokenLength,
    "coefficients": Coefficient,
    "alignment_runs": AlignmentRun,
    "training_throughput": TrainingThroughput,
    "inference_throughput": InferenceThroughput,
    "published_memory": PublishedMemory,
    "audiences": AudienceInput,
    "landscape": Landscape,
    "history": Change,
    "earned": Earned,
    **measured.TABLES,
}


@cache
def table(kind, own=hardware.OF_PROCESS):
    """Return the records of one kind by name.

    Parameters
    ----------
    kind : name of a table
    own : costlib.facts.hardware.Hardware of the reader, whose GPU and coefficients are among them; None for none

    >>> table("gpus")["a100-sxm-80gb"].bf16_dense_tflops
    312.0
    """
    record = TABLES[_known(kind, TABLES, "table")]
    return {name: _record(record, row) for name, row in hardware.rows(kind, own).items()}


def find(kind, name, own=hardware.OF_PROCESS):
    """Return one record, or raise a ValueError that offers the nearest names; `own` as for :func:`table`.

    >>> find("gpus", "a100-80gb")
    Traceback (most recent call last):
        ...
    ValueError: unknown gpu 'a100-80gb'; did you mean a100-sxm-80gb or a100-pcie-80gb or h100-sxm-80gb?
    """
    known = table(kind, own)
    return known[_known(name, known, kind.removesuffix("s").replace("_", " "))]


def _known(name, known, what):
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}{nearest(name, known) or '; known: ' + ', '.join(known)}")
    return name


def _record(record, row):
    numbers = {field.name for field in fields(record) if field.type is float}
    # A value that the source does not give stays None, never 0.
    return record(**{key: (float(text) if text else None) if key in numbers else text for key, text in row.items()})
