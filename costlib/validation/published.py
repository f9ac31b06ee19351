"""Sizes of memory that were published, computed again: rows of `facts/measured_memory.csv` beside the model.

The programs that printed measured sizes read a counter of their allocator, so what a framework takes is left out here.
All with the book's own coefficients: the machines were other people's.
"""

from costlib.base.units import GB
from costlib.compute import memory
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.facts import catalog
from costlib.facts.hardware import room_gb
from costlib.validation.readers.memory import UNITS

SETTINGS = ("gpus", "zero", "offload", "micro_batch", "recompute", "recipe", "lora_rank", "lora_targets", "base_bits",
            "fused")  # fmt: skip
SMALL = "opt-350m"  # critic and reward model of DeepSpeed-Chat's largest actors
PPO_TOKENS = (256, 256)  # of a prompt and a response there


def rows():
    """Return the rows of `measured_memory.csv` that chapter 8 computes again, by name.

    >>> rows()["zero-fig1-4"].label
    '7.5B on 64 GPUs, ZeRO 3'
    """
    return {name: row for name, row in catalog.table("measured_memory").items() if row.shown_in == "08_memory"}


def setup(row):
    """Return the :class:`costlib.compute.memory.Setup` of a row; what it does not say is as where nothing is said.

    >>> setup(rows()["zero-fig1-4"]).zero
    3.0
    """
    given = {name: getattr(row, name) for name in SETTINGS}
    return memory.Setup(**{name: value for name, value in given.items() if value not in (None, "")})


def size(row):
    """Return what the model computes for a row of states, weights, cache or training, in the row's unit.

    Raises
    ------
    KeyError : for a row of another kind

    Examples
    --------
    >>> row = rows()["vllm-kv-1"]
    >>> row.value, size(row), row.unit
    (800.0, 800.0, 'KiB')
    """
    computed = {"states": _states, "weights": _weights, "cache": _cache, "training": _training}[row.what]
    return computed(row) / UNITS[row.unit]


def difference(row):
    """Return by how much the computed size is above the published one [fraction].

    >>> round(difference(rows()["lora-gpt-3-weights"]), 3)
    -0.002
    """
    return size(row) / row.value - 1


def hbm_gb(row):
    """Return what a program can have of the memory of the GPU of a row [GB].

    >>> round(hbm_gb(rows()["dschat-largest-actor-a100-80gb"]), 1)
    85.1
    """
    return room_gb(catalog.find("gpus", row.gpu))


def actor_shares(row, actors):
    """Return the share of a GPU's memory that PPO takes for each actor, in a row of the largest actor.

    The actor trains adapters, the critic of 350M all its parameters; one sequence at a time.

    Parameters
    ----------
    row : of `measured_memory.csv`, which says what the GPU is and what rank the adapters have
    actors : names of models

    Returns
    -------
    dict of name to the fullest phase as a share of the memory [fraction]

    Examples
    --------
    >>> row = rows()["dschat-largest-actor-a100-80gb"]
    >>> {name: share <= 1 for name, share in actor_shares(row, ["opt-13b", "opt-30b"]).items()}
    {'opt-13b': True, 'opt-30b': False}
    """
    room, critic, plan = hbm_gb(row) * GB, find(SMALL).with_scalar_head(), setup(row)
    whole = memory.states(critic, plan._replace(lora_rank=None)).named("critic")
    phases = {
        name: memory.ppo(find(name), critic, critic, *PPO_TOKENS, memory.PpoSetup(plan), published()) for name in actors
    }
    return {name: max((parts | whole).total for parts in each.values()) / room for name, each in phases.items()}


def _states(row):
    return memory.shard(row.parameters, setup(row), row.largest_layer or 0).total


def _weights(row):
    return memory.weights(find(row.model), row.weight_bits)


def _cache(row):
    return memory.kv_cache(find(row.model), row.sequence_length, length=row.sequence_length)


def _training(row):
    held = memory.training(find(row.model), row.sequence_length, setup(row), published())
    return held.total - memory.framework(published()).total
