"""The device at hand: what it is called, what it can do, and with which software it was measured."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import torch

from costlib.base.errors import UnreadableError
from costlib.base.text import shown
from costlib.base.units import GB
from costlib.facts import catalog
from costlib.facts.names import gpu_in_report
from costlib.version import __version__


class Machine(NamedTuple):
    """A device: the name that PyTorch takes, its kind (cuda or cpu), its own name, precision, and memory in GB."""

    device: str
    kind: str
    name: str
    precision: str
    memory_gb: float

    @property
    def dtype(self):
        """The type of weights in PyTorch."""
        return {"bf16": torch.bfloat16, "fp32": torch.float32}[self.precision]

    def peaks(self):
        """Return dense peak and bandwidth as the catalogue has them, None twice where it does not [FLOP/s, bytes/s]."""
        try:
            facts = catalog.find("gpus", gpu_in_report(self.name)) if self.kind == "cuda" else None
        except UnreadableError:
            facts = None
        if facts is None or self.precision != "bf16":
            return None, None
        return facts.bf16_dense_tflops * 1e12, facts.hbm_bandwidth_gb_per_s * GB

    def origin(self):
        """Return what stands beside each row: device, driver, versions and date."""
        return {"gpu": self.name, "precision": self.precision, "device_memory_gb": self.memory_gb,
                "driver": _driver(self.kind), "python": platform.python_version(), "torch": torch.__version__,
                "transformers": version("transformers"), "costlib": __version__,
                "date": datetime.now(UTC).date().isoformat()}  # fmt: skip


def at_hand(device=None, precision=None):
    """Return the Machine to measure on.

    Parameters
    ----------
    device : as PyTorch names it, such as cuda:0 or cpu; None takes the GPU where there is one
    precision : bf16 or fp32; None takes bf16 on a GPU that has it, else fp32

    Raises
    ------
    ValueError : for a device that is not there, or a precision that it does not have
    """
    try:
        asked = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    except RuntimeError as error:
        raise ValueError(f"device must be one that PyTorch knows, got {shown(device)}") from error
    if asked.type not in ("cuda", "cpu") or (asked.type == "cuda" and not torch.cuda.is_available()):
        raise ValueError(f"device must be cpu, or cuda where PyTorch finds a GPU, got {shown(device)}")
    if asked.type == "cpu":
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
        return Machine("cpu", "cpu", _processor(), precision or "fp32", size)
    asked = torch.device("cuda", asked.index or 0)
    if asked.index >= torch.cuda.device_count():
        raise ValueError(f"device must be below cuda:{torch.cuda.device_count()}, got {shown(device)}")
    torch.cuda.set_device(asked)
    if precision == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise ValueError(f"precision must be fp32 on {torch.cuda.get_device_name(asked)}, which has no bf16")
    known = torch.cuda.get_device_properties(asked)
    found = precision or ("bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32")
    return Machine(str(asked), "cuda", known.name, found, known.total_memory / GB)


def context_bytes(device):
    """Return the bytes in use on a GPU beside what PyTorch reserves: contexts, its own and that of others."""
    free, total = torch.cuda.mem_get_info(device)
    return total - free - torch.cuda.memory_reserved(device)


def _processor():
    """The name of the processor and how many threads PyTorch uses."""
    name = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.is_file() and (found := re.search(r"model name\s*: (.*)", facts.read_text(encoding="utf-8"))):
        name = found.group(1)
    return f"CPU {name.strip()}, {torch.get_num_threads()} threads"


def _driver(kind):
    if kind != "cuda":
        return platform.release()
    try:
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return f"CUDA {torch.version.cuda}"
