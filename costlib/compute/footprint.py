"""What a model asks of GPUs before a job is planned: states for each parameter, who holds what, one GPU alone.

The parts of a job on some GPUs are in :mod:`costlib.compute.memory`; this module sums them up.
"""

from costlib.base._arrays import Numeric
from costlib.compute import memory
from costlib.compute.architecture import Architecture

OWNERS = ("actor", "critic", "reference", "reward", "generation", "activations", "gathered", "framework")


def state_bytes(recipe: str, adapters: Numeric = 0.0) -> dict[str, Numeric]:
    """Return the bytes of states for each parameter of a model, by what is done with it.

    Frozen weights are in 16 bits, and all models have one size. PPO trains actor and critic and holds reference and
    reward model; with a value head the actor is the critic; with adapters the actor without them is the reference.

    Parameters
    ----------
    recipe : name of the bytes per trained parameter, see :data:`costlib.compute.memory.RECIPES`
    adapters : parameters of adapters for each parameter of their model, at least 0 [fraction]

    Returns
    -------
    dict of what is done to bytes per parameter [bytes]

    Raises
    ------
    KeyError : for an unknown recipe

    Examples
    --------
    >>> each = state_bytes("mixed-16", adapters=0.01)
    >>> each["SFT"], each["DPO"], each["PPO"], round(each["PPO, adapters"], 2)
    (16, 18, 36, 6.32)
    """
    trained, frozen = memory.RECIPES[recipe].total, 2
    return {
        "inference": frozen,
        "LoRA": frozen + trained * adapters,
        "SFT": trained,
        "DPO": trained + frozen,
        "PPO": 2 * trained + 2 * frozen,
        "PPO, value head": trained + 2 * frozen,
        "PPO, adapters": 3 * frozen + 2 * trained * adapters,
        "PPO, value head and adapters": 2 * frozen + trained * adapters,
    }


def by_owner(parts: memory.Parts) -> dict[str, Numeric]:
    """Return the bytes of a phase of PPO by who holds them: a model, generation, activations with logits, framework.

    Parameters
    ----------
    parts : costlib.compute.memory.Parts of a phase, whose names begin with their owner

    Returns
    -------
    dict of each of :data:`OWNERS` to its bytes, which add up to the phase [bytes]

    Examples
    --------
    >>> parts = memory.Parts({"actor weights": 2, "actor optimizer": 12, "activations": 3, "logits": 1})
    >>> {owner: size for owner, size in by_owner(parts).items() if size}
    {'actor': 14, 'activations': 4}
    """
    owner = {name: "activations" if name == "logits" else name.split()[0] for name in parts}
    return {each: sum(size for name, size in parts.items() if owner[name] == each) for each in OWNERS}


def by_kind(parts: memory.Parts) -> dict[str, Numeric]:
    """Return the bytes of a phase by what they are, the largest first: states of what trains, frozen weights, cache.

    Examples
    --------
    >>> names = ("actor weights", "actor gradients", "actor optimizer", "reference weights", "generation KV cache")
    >>> by_kind(memory.Parts(dict(zip(names, (2, 2, 12, 3, 1), strict=True))))
    {'training states': 16, 'frozen weights': 3, 'KV cache': 1}
    """
    roles = {name.removesuffix("gradients") for name in parts if name.endswith("gradients")}
    trained = {f"{role}weights" for role in roles if f"{role}adapters" not in parts}
    found: dict[str, Numeric] = {}
    for name, size in parts.items():
        if name in trained or name.endswith(("gradients", "optimizer", "adapters")):
            kind = "training states"
        elif name == "generation weights":
            kind = "weights that generate"
        elif name.endswith("weights"):
            kind = "frozen weights" if roles else "weights"
        else:
            kind = "KV cache" if name.endswith("KV cache") else "gathered layer" if name == "gathered" else name
        found[kind] = found.get(kind, 0) + size
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def on_one_gpu(model: Architecture, prompt_tokens: Numeric, response_tokens: Numeric, recipe: str,
               lora_rank: Numeric) -> dict[str, Numeric]:  # fmt: skip
    """Return the bytes on one GPU alone that does one sequence or pair at a time and computes all activations again.

    Parameters
    ----------
    model : Architecture; PPO takes critic and reward model of its size
    prompt_tokens, response_tokens : of one sequence [tokens]
    recipe : as for :func:`state_bytes`
    lora_rank : of the adapters of "LoRA" [-]

    Returns
    -------
    dict of "inference", "LoRA", "SFT", "DPO" and "PPO" to the bytes of the fullest phase [bytes]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> needs = on_one_gpu(find("llama-2-7b"), 256, 256, "mixed-16", 16)
    >>> {way: round(size / 1e9) for way, size in needs.items()}
    {'inference': 14, 'LoRA': 15, 'SFT': 109, 'DPO': 123, 'PPO': 241}
    """
    alone = memory.Setup(recipe=recipe, recompute="full")
    plans = alone._replace(lora_rank=lora_rank), alone, alone._replace(micro_batch=2)
    length, other = prompt_tokens + response_tokens, model.with_scalar_head()
    lora, sft, pair = (memory.training(model, length, plan).total for plan in plans)
    step = memory.ppo(model, other, other, prompt_tokens, response_tokens, memory.PpoSetup(alone))
    return {
        "inference": memory.generating(model, length, 1).total,
        "LoRA": lora,
        "SFT": sft,
        "DPO": pair + memory.weights(model),
        "PPO": memory.peak(step),
    }
