"""What is measured: one job for each row, and the rows that a model and a choice of stages make."""

from typing import NamedTuple

from costlib.compute.models import shape

STAGES = ("sft", "dpo", "rm", "ppo", "generate")
LORA_RANK = 16
LONGEST = {"cuda": 2048, "cpu": 128}
BATCHES = {"cuda": (1, 4, 16, 64), "cpu": (1, 4)}


class StepJob(NamedTuple):
    """One row: a step of a stage on a model, or a reading of the device where there is no model.

    Parameters
    ----------
    step : matmul, copy or context; forward, train, dpo, rm, ppo, prefill or decode
    model : as :func:`costlib.compute.models.shape` takes it
    sequences : at a time; pairs for dpo and rm [-]
    tokens : of each sequence; of the prompt for ppo, of the context for decode; the side of a matrix for matmul; values
        for copy
    response_tokens : written to each prompt, for ppo [tokens]
    lora_rank : of adapters; 0 trains everything [-]
    recompute : none or full
    reference : of dpo: computed or cached
    """

    step: str
    model: str = ""
    sequences: int = 1
    tokens: int = 1
    response_tokens: int = 0
    lora_rank: int = 0
    recompute: str = "none"
    reference: str = ""


def readings(kind):
    """Return the jobs that read what the device can do; `kind` is cuda or cpu."""
    cuda = kind == "cuda"
    sides, copies = ((2048, 4096, 8192), (2**28, 2**29)) if cuda else ((512, 1024), (2**24, 2**25))
    found = [StepJob("matmul", tokens=side) for side in sides] + [StepJob("copy", tokens=values) for values in copies]
    return found + ([StepJob("context")] if cuda else [])


def jobs(name, stages, kind, longest=None):
    """Return the jobs of one model.

    Parameters
    ----------
    name : as :func:`costlib.compute.models.shape` takes it
    stages : of :data:`STAGES`
    kind : of device, cuda or cpu
    longest : tokens of the longest sequence; None takes 2048 on cuda, 128 on cpu [tokens]

    Examples
    --------
    >>> len(jobs("gpt2", ["rm"], "cpu")), sorted({job.step for job in jobs("gpt2", ["generate"], "cuda")})
    (2, ['decode', 'prefill'])
    """
    room = shape(name).position_embeddings or float("inf")
    long = int(min(longest or LONGEST[kind], room // 2 * 2))
    short, batches = max(8, long // 4), BATCHES[kind]
    made = {"sft": _tuning, "dpo": _preference, "rm": _reward, "ppo": _alternating, "generate": _writing}
    return [job for stage in stages for job in made[stage](name, short, long, batches)]


def _tuning(name, short, long, batches):
    shapes = [(1, short), (1, long), (batches[1], short), (batches[1], long)]
    plans = [("none", 0), ("full", 0), ("none", LORA_RANK), ("full", LORA_RANK)]
    passes = [StepJob("forward", name, *size) for size in shapes]
    # Every shape with all weights; the other ways to train where the device has most to do, and least.
    return passes + [
        StepJob("train", name, *size, lora_rank=rank, recompute=recompute)
        for size in shapes for recompute, rank in plans
        if (recompute, rank) == plans[0] or size in (shapes[0], shapes[-1])
    ]  # fmt: skip


def _preference(name, short, long, batches):
    return [StepJob("dpo", name, *size, reference=reference)
            for size in ((1, short), (batches[1] // 2, long)) for reference in ("computed", "cached")]  # fmt: skip


def _reward(name, short, long, batches):
    return [StepJob("rm", name, 1, short), StepJob("rm", name, batches[1] // 2, long)]


def _alternating(name, short, long, batches):
    return [StepJob("ppo", name, sequences, long // 4, long // 4) for sequences in batches[:2]]


def _writing(name, short, long, batches):
    most = shape(name).position_embeddings or 4 * long
    prompts = [StepJob("prefill", name, 1, length) for length in sorted({short, long, int(min(4 * long, most))})]
    # The token that a step adds has its place within the longest sequence.
    return prompts + [StepJob("decode", name, size, context - 1) for size in batches for context in (short, long)]
