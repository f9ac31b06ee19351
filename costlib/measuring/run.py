"""Measure: every job of every model on the device at hand, a row for each as soon as it is done."""

import torch
import transformers

from costlib.compute import memory
from costlib.compute.models import shape
from costlib.measuring import clock, flops, machine, models, stages
from costlib.measuring.jobs import jobs, readings
from costlib.measuring.record import OUT_OF_MEMORY, StepRecord
from costlib.validation.readers.steps import DONE

MODELS = {
    "cuda": ("gpt2", "llama-3.2-1b", "llama-3.2-3b"),
    "cpu": ("llama-3.2-1b:layers=2,hidden_size=256,heads=8,kv_heads=2,ffn_size=1024,vocabulary_size=8192",
            "gpt2:layers=4,hidden_size=256,heads=4,vocabulary_size=8192"),
}  # fmt: skip
READING = 100  # of the time of a model, which one reading of the device takes
MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory")


def measure(path, chosen, names=(), seconds=120, longest=None, device=None, precision=None, seed=0, resume=False,
            notify=lambda event, row: None):  # fmt: skip
    """Measure the steps of some stages on some models and append a row for each to a file.

    Parameters
    ----------
    path : of the CSV file
    chosen : stages, of :data:`costlib.measuring.jobs.STAGES`
    names : of models, as :func:`costlib.compute.models.shape` takes them; none takes two or three that suit the device
    seconds : for each model, shared equally among its rows; a row takes at least 5 repetitions [s]
    longest : tokens of the longest sequence; None takes 2048 on a GPU, 128 on a CPU [tokens]
    device, precision : as :func:`costlib.measuring.machine.at_hand` takes them
    seed : of weights and data
    resume : go on with a file that is there, without its finished rows
    notify : called with ("plan", number of rows), then ("kept" | "done", row)

    Returns
    -------
    rows that this call measured

    Raises
    ------
    ValueError : for unknown models, devices and files that are in the way, before anything is measured
    """
    here = machine.at_hand(device, precision)
    names = names or MODELS[here.kind]
    for name in names:
        models.configured(name)
    transformers.logging.set_verbosity_error()
    plan = [(job, seconds / READING) for job in readings(here.kind)]
    for name in names:
        own = jobs(name, chosen, here.kind, longest)
        plan += [(job, seconds / len(own)) for job in own]
    record = StepRecord(path, resume)
    notify("plan", len(plan))
    peaks, found = here.peaks(), []
    for job, share in plan:
        row = {"id": named(job), "seed": seed} | _described(job) | here.origin()
        if record.has(row):
            notify("kept", row)
            continue
        row |= _measured(job, here, share, seed, peaks)
        record.append(row)
        found.append(row)
        notify("done", row)
    return found


def named(job):
    """Return what a row is called, the same for the same job.

    >>> from costlib.measuring.jobs import StepJob
    >>> named(StepJob("dpo", "gpt2", 2, 128, reference="cached"))
    'dpo gpt2 2x128 cached'
    """
    size = f"{job.sequences}x{job.tokens}" + (f"+{job.response_tokens}" if job.response_tokens else "")
    adapters = f"lora{job.lora_rank}" if job.lora_rank else ""
    again = "recompute" if job.recompute == "full" else ""
    return " ".join(filter(None, (job.step, job.model, size, adapters, again, job.reference)))


def _described(job):
    return {name: value or None for name, value in job._asdict().items()}


def _measured(job, here, seconds, seed, peaks):
    """The results of a job as cells; running out of memory is one, and no failure stops the other rows."""
    try:
        found = {"status": DONE} | _results(job, here, seconds, seed, peaks)
    except Exception as error:
        found = {"status": _why(error)}
    models.freed(here.device)  # here, where no traceback holds the tensors of what failed
    return found


def _why(error):
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(w in str(error).lower() for w in MEMORY_WORDS):
        return OUT_OF_MEMORY
    return f"failed: {type(error).__name__}: {str(error)[:200]}"


def _results(job, here, seconds, seed, peaks):
    if job.step == "context":
        return {"allocated_bytes": machine.context_bytes(here.device)}
    step = stages.prepared(job, here.device, here.dtype, seed=seed)
    phases, repeats = clock.measured(step.phases, here.device, seconds)
    found = {"repeats": repeats, "flops": flops.counted(job) or None}
    found |= dict(zip(("weights_bytes", "gradients_bytes", "optimizer_bytes"), step.held(), strict=True))
    found = {name: value or None for name, value in found.items()}
    main = {name: phase for name, phase in phases.items() if name != "update"}
    for column in ("seconds", "low", "high"):
        prefix = "" if column == "seconds" else "seconds_"
        found[prefix + column] = sum(getattr(phase, column) for phase in main.values())
    for counter in ("allocated", "reserved"):
        readings = [getattr(phase, counter) for phase in phases.values()]
        found[f"{counter}_bytes"] = max(readings) if None not in readings else None
    if "update" in phases:
        found["update_seconds"] = phases["update"].seconds
    if job.step == "ppo":
        for name, phase in phases.items():
            found |= {f"{name}_seconds": phase.seconds, f"{name}_allocated_bytes": phase.allocated,
                      f"{name}_reserved_bytes": phase.reserved}  # fmt: skip
    return found | _rates(job, found, peaks)


def _rates(job, found, peaks):
    """Speeds that follow: tokens a second, FLOP/s, shares of the catalogue's peak and bandwidth."""
    peak, bandwidth = peaks
    rates = {}
    if found["flops"]:
        rates["tflops"] = found["flops"] / found["seconds"] / 1e12
        rates["mfu"] = found["flops"] / found["seconds"] / peak if peak and job.model else None
    if job.model:
        rates["tokens_per_s"] = _tokens(job) / found["seconds"]
    moved = _moved(job)
    if moved and bandwidth:
        rates["bandwidth_share"] = moved / found["seconds"] / bandwidth
    return rates


def _tokens(job):
    """Tokens that a step works on: those that it writes in decoding, both sequences of a pair."""
    if job.step == "decode":
        return job.sequences
    return job.sequences * (2 if job.step in ("dpo", "rm") else 1) * (job.tokens + job.response_tokens)


def _moved(job):
    """Bytes that must move: both ways of a copy, weights and cache of a decoding step; 16 bits."""
    if job.step == "copy":
        return 2 * 2 * job.tokens
    if job.step == "decode":
        model = shape(job.model)
        return memory.weights(model) + memory.kv_cache(model, job.sequences * job.tokens, length=job.tokens)
    return None
