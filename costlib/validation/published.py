"""Sizes of memory that were published, computed again: rows of `facts/published_memory.csv` beside the model.

The programs that printed measured sizes read a counter of their allocator, so what a framework takes is left out here.
All with the book's own coefficients: the machines were other people's.
"""

from costlib.compute import memory
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.units import GB

UNITS = {"GB": GB, "GiB": 2**30, "KiB": 2**10}
SMALL = "opt-350m"  # critic and reward model of DeepSpeed-Chat's largest actors
PPO_TOKENS = (256, 256)  # of a prompt and a response there


def setting(row):
    """Return the settings of a row by name: arguments of :class:`costlib.compute.memory.Setup` and of the case.

    >>> from costlib.facts import catalog
    >>> setting(catalog.find("published_memory", "zero-7.5b-stage-3"))
    {'parameters': 7500000000, 'gpus': 64, 'zero': 3}
    """
    return {name: _value(text) for name, text in (part.split(": ") for part in row.setting.split(", "))}


def size(row):
    """Return what the model computes for a row of states, weights, cache or training, in the row's unit.

    Raises
    ------
    KeyError : for a row of another kind

    Examples
    --------
    >>> from costlib.facts import catalog
    >>> row = catalog.find("published_memory", "vllm-opt-13b-cache")
    >>> row.value, size(row), row.unit
    (800.0, 800.0, 'KiB')
    """
    computed = {"states": _states, "weights": _weights, "cache": _cache, "training": _training}[row.what]
    return computed(row.model, **setting(row)) / UNITS[row.unit]


def difference(row):
    """Return by how much the computed size is above the published one [fraction].

    >>> from costlib.facts import catalog
    >>> round(difference(catalog.find("published_memory", "lora-gpt-3-weights")), 3)
    -0.002
    """
    return size(row) / row.value - 1


def actor_shares(row, actors):
    """Return the share of a GPU's memory that PPO takes for each actor, in a row of the largest actor.

    The actor trains adapters, the critic of 350M all its parameters; one sequence at a time.

    Parameters
    ----------
    row : of `published_memory.csv`, which says how large the GPU is and what rank the adapters have
    actors : names of models

    Returns
    -------
    dict of name to the fullest phase as a share of the memory [fraction]

    Examples
    --------
    >>> from costlib.facts import catalog
    >>> row = catalog.find("published_memory", "dschat-largest-actor-a100-80gb")
    >>> {name: share <= 1 for name, share in actor_shares(row, ["opt-13b", "opt-30b"]).items()}
    {'opt-13b': True, 'opt-30b': False}
    """
    settings = setting(row)
    room, critic = settings.pop("hbm_gb") * GB, find(SMALL).with_scalar_head()
    plan = memory.Setup(**settings)
    whole = memory.states(critic, plan._replace(lora_rank=None)).named("critic")
    phases = {
        name: memory.ppo(find(name), critic, critic, *PPO_TOKENS, memory.PpoSetup(plan), published()) for name in actors
    }
    return {name: max((parts | whole).total for parts in each.values()) / room for name, each in phases.items()}


def _value(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


def _states(_, parameters, largest_layer=0, **setup):
    return memory.shard(parameters, memory.Setup(**setup), largest_layer).total


def _weights(model, bits):
    return memory.weights(find(model), bits)


def _cache(model, tokens):
    return memory.kv_cache(find(model), tokens)


def _training(model, length, **setup):
    held = memory.training(find(model), length, memory.Setup(**setup), published())
    return held.total - memory.framework(published()).total
