"""FLOPs of a step by PyTorch's own counter, on a device without values: nothing is computed, nothing left out."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from costlib.measuring.stages import prepared


def counted(job):
    """Return the FLOPs of a job's step: every matrix product, attention over the full square [FLOPs].

    The counter takes matrix products alone, a multiply and an add being two FLOPs. The step runs on PyTorch's meta
    device with attention written out, so that the count is that of the same class on any device and kernel.

    Examples
    --------
    A layer of width 8 and a vocabulary of 32, forward over 8 tokens:

    >>> from costlib.measuring.jobs import StepJob
    >>> job = StepJob("forward", "gpt2:layers=1,hidden_size=8,heads=2,vocabulary_size=32", 1, 8)
    >>> counted(job) == 2 * 8 * (12 * 8 * 8 + 32 * 8) + 2 * 2 * 8 * 8 * 8
    True
    """
    if job.step == "copy":
        return 0
    if job.step == "matmul":
        return 2 * job.tokens**3
    return _counted(job) + (written(job) if job.step == "ppo" else 0)


def _counted(job):
    step = prepared(job, "meta", torch.bfloat16, attention="eager")
    with FlopCounterMode(display=False) as counter:
        for run in step.phases.values():
            run()
    return counter.get_total_flops()


def written(job):
    """Return the FLOPs of writing the responses of a job of PPO [FLOPs].

    A prefill, which gives the first token of a response, then steps whose FLOPs grow evenly with the context, so that
    the first and the last of them give the mean.
    """
    read = job._replace(step="prefill", response_tokens=0)
    ends = [_counted(read._replace(step="decode", tokens=job.tokens + at)) for at in (0, job.response_tokens - 2)]
    return _counted(read) + (job.response_tokens - 1) * sum(ends) // 2
