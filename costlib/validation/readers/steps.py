"""Rows of `costlib measure` as cases: one step of a stage on one device, counted, timed and weighed.

A row is one step, so what it says needs no reading of words: FLOPs by PyTorch's counter, bytes of weights, gradients
and moments, seconds, and peaks of memory. Each that is there becomes a case.
"""

import hashlib

from costlib.base._arrays import choice
from costlib.base.errors import UnreadableError
from costlib.base.text import shown
from costlib.base.units import SECONDS_PER_HOUR
from costlib.compute import engines, inference, memory, stages, timing
from costlib.compute.architecture import RECOMPUTE, forward, lora_parameters, training
from costlib.compute.models import shape
from costlib.compute.recognition import number
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import case, outside
from costlib.validation.importer import recomputed

READINGS = ("matmul", "copy", "context")
STEPS = ("forward", "train", "dpo", "rm", "ppo", "prefill", "decode")
DONE = "measured"
PLAIN = "hf-generate"  # the engine of plain code
VALUE_BYTES = {"bf16": 2, "fp32": 4}
CALIBRATED = "calibration half of own rows"
# Classes that keep query, key and value as one matrix have one adapter for the three.
JOINT = ("gpt2", "pythia", "falcon", "bloom", "mpt")
GROUPS = {"forward": "own training", "train": "own training", "dpo": "own training", "rm": "own training",
          "ppo": "own alignment", "prefill": "own inference", "decode": "own inference"}  # fmt: skip
PHASES = {"generate": ("prefill", "decode"), "score": ("reference", "reward", "value", "advantages"),
          "train": ("update actor", "update critic")}  # fmt: skip


def calibrates(row):
    """Return whether a row is of the half from which coefficients are calculated.

    The rule: the SHA-256 of its id, gpu, precision and seed, joined by spaces, begins with a hexadecimal digit below 8.

    >>> calibrates({"id": "train gpt2 1x32", "gpu": "cpu", "precision": "fp32", "seed": "0"})
    True
    """
    key = " ".join(str(row.get(column, "")) for column in ("id", "gpu", "precision", "seed"))
    return int(hashlib.sha256(key.encode()).hexdigest()[0], 16) < 8


def step_case(line, row, coefficients):
    """Return the cases of a row of steps, or raise UnreadableError with the reason why there are none."""
    step = row["step"].lower()
    if row.get("status") not in ("", DONE, None):
        raise UnreadableError(f"not measured: {row['status']}")
    if step in READINGS:
        raise outside("a reading of the device, not of a model")
    if step not in STEPS:
        raise outside(f"step {step or '(empty)'}")
    job = StepWork(row, step)
    kept = row | {"source": CALIBRATED if coefficients.hardware and calibrates(row) else "costlib measure"}
    cases = [*_counts(line, kept, job), *_tensors(line, kept, job)]
    cases += [*_times(line, kept, job, coefficients), *_peaks(line, kept, job)]
    if not cases:
        raise UnreadableError("no value: neither flops, bytes nor seconds")
    return cases


class StepWork:
    """The numbers of a row: a step, its model, and how much passes."""

    def __init__(self, row, step):
        self.step, self.model = step, shape(row["model"])
        self.n = number(row, "sequences")
        self.length = number(row, "tokens")
        self.response = number(row, "response_tokens", required=step == "ppo") or 0
        self.rank = number(row, "lora_rank", required=False)
        self.recompute = choice("recompute", recomputed(row.get("recompute") or "none"), RECOMPUTE)
        self.cached = row.get("reference") == "cached"
        self.precision = row.get("precision") or "bf16"
        if self.precision not in VALUE_BYTES:
            raise UnreadableError(f"column precision: must be bf16 or fp32, got {shown(self.precision)}")
        self.joint = row["model"].startswith(JOINT)
        self.trained = self.model.with_scalar_head() if step == "rm" else self.model

    @property
    def sequences(self):
        """Sequences that pass at a time: two for each pair."""
        return self.n * (2 if self.step in ("dpo", "rm") else 1)

    @property
    def setup(self):
        """Weights, gradients and moments in 16 bits on one GPU."""
        return memory.Setup(zero=0, micro_batch=self.sequences, recompute=self.recompute, recipe="bf16-8",
                            lora_rank=self.rank)  # fmt: skip


# --- counts ---------------------------------------------------------------------------------------------------------


def step_flops(job):
    """Return the FLOPs of a step by the formulas of the book [FLOPs]."""
    model, n, length = job.trained, job.sequences, job.length
    if job.step == "forward":
        return forward(model, n, length).total
    if job.step == "prefill":
        # An engine computes the logits of the last tokens alone.
        return forward(model, n, length).total - 2 * model.hidden_size * model.vocabulary_size * n * (length - 1)
    if job.step == "decode":
        return forward(model, n, 1, cached=length).total
    if job.step == "ppo":
        cost = _stage(job, stages.Run(timing.FlatSpeed(1), job.setup))
        return cost.flops
    own = training(model, n, length, recompute=job.recompute, lora_rank=job.rank).total
    scored = forward(model, n, length).total if job.step == "dpo" and not job.cached else 0
    return own + scored


def _counts(line, row, job):
    if measured := number(row, "flops", required=False):
        yield case(line, row, "parameters and FLOPs", f"{job.step} FLOPs", "FLOP", measured, lambda _: step_flops(job))


def _tensors(line, row, job):
    """Weights, gradients and moments of what trains, as tensors."""
    if job.rank and job.joint:
        return
    models = [job.model, job.model.with_scalar_head()] if job.step == "ppo" else [job.trained]
    adapters = lora_parameters(job.model, job.rank) if job.rank else 0
    scale = VALUE_BYTES[job.precision] / 2

    def part(name):
        if not job.rank:
            return scale * sum(memory.shard(model.parameters, job.setup)[name] for model in models)
        frozen = 2 * job.model.parameters if name == "weights" else 0
        return scale * (frozen + memory.shard(adapters, job.setup)[name])

    for name in ("weights", "gradients", "optimizer"):
        if measured := number(row, f"{name}_bytes", required=False):
            yield case(line, row, "analytical memory", f"{job.step} {name}", "bytes", measured,
                       lambda _, name=name: part(name))  # fmt: skip


# --- times ----------------------------------------------------------------------------------------------------------


def _device(row, job, own):
    """The name of the GPU in the catalogue: the reader's own where its file was made on this device."""
    if own and (own.device, own.precision) == (row["gpu"], job.precision):
        return own.gpu["name"]
    if job.precision != "bf16":
        raise UnreadableError(f"missing hardware: speeds in {job.precision} need a file of costlib calibrate")
    return gpu_in_report(row["gpu"], own)


def _is_known(row, job, own):
    try:
        return bool(_device(row, job, own))
    except UnreadableError:
        return False


def _times(line, row, job, coefficients):
    group, own = GROUPS[job.step], coefficients.hardware
    if measured := number(row, "seconds", required=False):
        yield case(line, row, group, job.step, "s", measured,
                   lambda values: step_seconds(job, _device(row, job, own), values))  # fmt: skip
    for phase, names in PHASES.items() if job.step == "ppo" and _is_known(row, job, own) else ():
        if measured := number(row, f"{phase}_seconds", required=False):
            yield case(line, row, "own phases of alignment", f"ppo {phase}", "s", measured, lambda values, names=names:
                       step_seconds(job, _device(row, job, own), values, names))  # fmt: skip


def step_seconds(job, name, coefficients, steps=None):
    """Return the seconds of a step on a GPU of the catalogue; of some sub-steps of PPO where they are named [s]."""
    rates, model = timing.roofline(name, coefficients=coefficients), job.trained
    if job.step == "prefill":
        return inference.prefill_seconds(model, rates, job.n, job.length)
    if job.step == "decode":
        # Plain code launches each kernel alone.
        rates = engines.rates(rates, PLAIN)
        return inference.decode_step(model, rates, job.n, job.length).seconds
    reach = coefficients["software-speed"]
    if job.step == "forward":
        passes = timing.Passes(forward(model, job.n, job.length), 1, 1, 0)
        return timing.pass_seconds(model, job.setup, rates, passes, job.n * job.length, 0) / reach
    run = stages.Run(rates, job.setup, generation_batch=job.n, engine=PLAIN, reach=None if job.step == "ppo" else reach)
    cost = _stage(job, run)
    hours = cost.gpu_hours if steps is None else sum(step.gpu_hours for step in cost.steps if step.name in steps)
    return hours * SECONDS_PER_HOUR


def _stage(job, run):
    """The StageCost of a step that trains."""
    if job.step == "ppo":
        return stages.ppo(job.model, stages.Data(job.n, job.length, job.response), run)
    data = stages.Data(job.n, 0, job.length)
    if job.step == "rm":
        return stages.reward_model(job.trained, data, run)
    if job.step == "dpo" and not job.cached:
        return stages.dpo(job.model, data, run)
    return stages.sft(job.model, data._replace(examples=job.sequences), run)


# --- peaks ----------------------------------------------------------------------------------------------------------


def _peaks(line, row, job):
    """Peaks of the allocator, which does not see the context; values of 16 bits alone."""
    if job.precision != "bf16":
        return
    peaks = {"": lambda values: memory.peak(_phases(job, values))}
    if job.step == "ppo":
        peaks |= {f"{phase}_": lambda values, phase=phase: _phases(job, values)[phase].total for phase in PHASES}
    for prefix, predict in peaks.items():
        for counter, waste in (("allocated", lambda _: 1), ("reserved", lambda values: values["allocator-waste"])):
            if measured := number(row, f"{prefix}{counter}_bytes", required=False):
                what = " ".join(filter(None, (job.step, prefix.rstrip("_"), counter)))
                yield case(line, row, "own memory", what, "bytes", measured,
                           lambda values, predict=predict, waste=waste:
                           (predict(values) - memory.framework(values).total) * waste(values))  # fmt: skip


def _phases(job, coefficients):
    """Bytes by phase and part."""
    model, setup = job.trained, job.setup
    if job.step == "ppo":
        scored = job.model.with_scalar_head()
        plan = memory.PpoSetup(setup, sequences=job.n)
        return memory.ppo(job.model, scored, scored, job.length, job.response, plan, coefficients)
    if job.step in ("prefill", "decode"):
        return {"": memory.generating(model, job.length + (job.step == "decode"), job.n, coefficients=coefficients)}
    if job.step == "forward":
        scoring = memory.scoring(model, job.length, setup, coefficients)
        return {"": memory.frozen_weights(model, setup) | scoring | memory.framework(coefficients)}
    parts = memory.training(model, job.length, setup, coefficients)
    if job.step == "dpo" and not job.cached:
        parts = parts | memory.frozen_weights(model, setup).named("reference")
    return {"": parts}
