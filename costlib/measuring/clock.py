"""Time and memory of a step: warmed up, with the device waited for, medians with their spread, peaks by phase."""

from statistics import median
from time import perf_counter as now
from typing import NamedTuple

import torch

WARM_UP = 2
FEWEST, MOST = 3, 50


class Phase(NamedTuple):
    """What one phase of a step took: median seconds, 10 % and 90 % quantile, peaks of memory (None without CUDA)."""

    seconds: float
    low: float
    high: float
    allocated: int | None
    reserved: int | None


def measured(phases, device, seconds):
    """Return a Phase for each phase of a step, and how often the step was repeated.

    Parameters
    ----------
    phases : dict of name to a function without arguments; a step calls them in this order
    device : of PyTorch
    seconds : after which no repetition starts; at least 3 are made, at most 50 [s]

    Examples
    --------
    >>> import time
    >>> found, repeats = measured({"sleep": lambda: time.sleep(0.01)}, "cpu", 0.1)
    >>> 0.01 <= found["sleep"].low <= found["sleep"].seconds, 3 <= repeats <= 10
    (True, True)
    """
    for _ in range(WARM_UP):
        for run in phases.values():
            run()
    laps, peaks = {name: [] for name in phases}, {}
    wait(device)
    end = now() + seconds
    while len(next(iter(laps.values()))) < FEWEST or (now() < end and len(next(iter(laps.values()))) < MOST):
        for name, run in phases.items():
            reset_peak(device)
            start = now()
            run()
            wait(device)
            laps[name].append(now() - start)
            peaks[name] = [_larger(*pair) for pair in zip(peaks.get(name, (None, None)), peak(device), strict=True)]
    return {name: _phase(laps[name], *peaks[name]) for name in phases}, len(next(iter(laps.values())))


def _phase(laps, allocated, reserved):
    ordered = sorted(laps)
    last = len(ordered) - 1
    return Phase(median(ordered), ordered[round(0.1 * last)], ordered[round(0.9 * last)], allocated, reserved)


def _larger(first, second):
    return second if first is None else max(first, second)


def _on_cuda(device):
    return torch.device(device).type == "cuda"


def wait(device):
    """Wait until the device has done what was asked of it."""
    if _on_cuda(device):
        torch.cuda.synchronize(device)


def reset_peak(device):
    """Begin a new peak of memory."""
    if _on_cuda(device):
        torch.cuda.reset_peak_memory_stats(device)


def peak(device):
    """Return the peak of allocated and of reserved memory; None twice where no allocator counts [bytes]."""
    if not _on_cuda(device):
        return None, None
    return torch.cuda.max_memory_allocated(device), torch.cuda.max_memory_reserved(device)
