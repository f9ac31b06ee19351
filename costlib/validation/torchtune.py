"""The table of memory and speed in torchtune's README, computed again :cite:`torchtune2024`.

Llama 3.2 3B on one A100, two sequences of 4,096 tokens at a time, everything in 16 bits, compiled. The loss is computed
in parts, so whole logits are left out; gradients are made as activations are freed; with adapters the inputs of the
layers wait on the host. No coefficient was fitted to these rows.
"""

from costlib.base.units import SECONDS_PER_HOUR
from costlib.compute import memory, stages, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.facts import catalog

MODEL, GPU, TOKENS, CHUNKS, GIB = "llama-3.2-3b", "a100-sxm-80gb", 4096, 8, 2**30
COMPILED = memory.Setup(micro_batch=2, recipe="bf16-8", fused=True, logits="fused", accumulates=False)
ADAPTERS = {"recompute": "full", "lora_rank": 64, "offload": "activations"}
# The row of each step, and how it changes the setup.
STEPS = {
    "nothing recomputed": ("torchtune-3b-flags-3", {}),
    "recomputed": ("torchtune-3b-flags-4", {"recompute": "full"}),
    "adapters of rank 64": ("torchtune-3b-flags-8", ADAPTERS),
    "adapters, 4-bit base": ("torchtune-3b-flags-9", ADAPTERS | {"base_bits": 4}),
}


def measured(step):
    """Return the peak memory and the speed that were printed for a step [GiB, tokens/s].

    >>> measured("recomputed")
    (24.9, 7210.0)
    """
    row = catalog.find("measured_memory", STEPS[step][0])
    return row.value, row.tokens_per_s


def computed(step):
    """Return the memory and the speed that the model gives for a step [GiB, tokens/s].

    >>> gib, tokens_per_s = computed("recomputed")
    >>> round(gib, 1), round(tokens_per_s)
    (23.9, 7090)
    """
    model, setup = find(MODEL), COMPILED._replace(**STEPS[step][1])
    held = memory.training(model, TOKENS, setup, published()).total - memory.framework(published()).total
    rates = timing.roofline(GPU, coefficients=published())
    cost = stages.sft(model, stages.Data(1, 0, TOKENS), stages.Run(rates, setup))
    speed = cost.tokens / cost.gpu_hours / SECONDS_PER_HOUR
    return held / GIB, speed


def chunk_of_logits():
    """Return the memory of one chunk of logits, which is left out of :func:`computed` [GiB].

    >>> round(chunk_of_logits(), 2)
    1.71
    """
    return COMPILED.micro_batch * TOKENS * find(MODEL).vocabulary_size * memory.LOGIT_BYTES / CHUNKS / GIB
