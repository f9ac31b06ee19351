"""Records of measurements: rows of reports, kept as the texts that :mod:`costlib.validation.tables` reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MeasuredMemory:
    """A published size of memory, in the columns of a table that the command validate reads; cells are texts."""

    name: str
    model: str
    params: str
    method: str
    gpu: str
    n_gpus: str
    batch_per_gpu: str
    seq_len: str
    precision_optimizer: str
    parallelism: str
    recompute: str
    other_inputs: str
    quantity: str
    value: str
    unit: str
    kind: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class MeasuredInference:
    """A published speed or latency of generation, in the columns of a table that the command validate reads."""

    name: str
    model: str
    gpu: str
    n_gpus: str
    tp: str
    pp: str
    weights: str
    kv_dtype: str
    batch_or_concurrency: str
    input_len: str
    output_len: str
    engine: str
    metric: str
    value: str
    unit: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class MeasuredRun:
    """A published run of training or alignment, in the columns of a table that the command validate reads."""

    name: str
    stage: str
    model: str
    params_b: str
    active_params_b: str
    tokens_b: str
    examples: str
    seq_len: str
    epochs: str
    gpu: str
    num_gpus: str
    reported_quantity: str
    value_norm: str
    unit_norm: str
    per: str
    reported_value: str
    unit: str
    other_inputs: str
    grade: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class MeasuredThroughput:
    """A published speed of training, in the columns of a table that the command validate reads."""

    name: str
    model: str
    seq_len: str
    n_gpus: str
    gpu: str
    mfu_pct: str
    tokens_per_s_per_gpu: str
    microbatch: str
    grad_accum: str
    global_batch_seqs: str
    precision: str
    sharding: str
    activation_ckpt: str
    num_params: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class MeasuredRatio:
    """A ratio of two published measurements: a share of a step, one stage over another, or one job reported twice.

    `ours` names the rows of measured_runs, one or two, from which the model's own ratio follows.
    """

    name: str
    label: str
    what: str
    value: float
    ours: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class MeasuredMiss:
    """Why a prediction lies far from the measured value: `rows` is how the names of such rows begin."""

    name: str
    rows: str
    reason: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class CountedStep:
    """FLOPs of a step of a real model class as PyTorch's counter has them; `tokens` are those of each sequence.

    `step` is forward, train, dpo, rm, generate or ppo; a dpo and rm step works on `sequences` pairs, and generate and
    ppo write `response_tokens` to a prompt of `tokens`. `variant` is plain, recompute or lora16.
    """

    name: str
    model: str
    model_class: str
    step: str
    variant: str
    sequences: float
    tokens: float
    response_tokens: float
    flops: float
    source: str
    locator: str
    status: str
    note: str


TABLES = {
    "measured_memory": MeasuredMemory,
    "measured_inference": MeasuredInference,
    "measured_runs": MeasuredRun,
    "measured_throughput": MeasuredThroughput,
    "measured_ratios": MeasuredRatio,
    "measured_misses": MeasuredMiss,
    "counted_steps": CountedStep,
}
