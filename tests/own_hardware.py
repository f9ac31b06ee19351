"""A reader's own hardware, as several tests use it: the content of a file, changed, and given to a process."""

import json
import os

from command import python

from costlib.facts import hardware

OURS = {
    "gpu": {"name": "our-gpu", "label": "Our <GPU>", "device": "Our GPU", "bf16_dense_tflops": 400, "hbm_gb": 96,
            "hbm_bandwidth_gb_per_s": 3000},
    "coefficients": {"matmul-fraction": {"value": 0.5, "low": 0.4, "high": 0.6}},
}  # fmt: skip


def changed(path, value):
    """OURS with one entry changed, or removed where the value is None."""
    copy = json.loads(json.dumps(OURS))
    *parts, last = path
    place = copy
    for part in parts:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def started_with(values, code):
    """What a process prints that was started with some hardware."""
    environment = os.environ | {hardware.VARIABLE: json.dumps(values)}
    return python(code, env=environment).strip()
