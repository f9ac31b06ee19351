"""Which framework a file is of, and what its table of keys cannot say: names of builders, groups of GPUs, profiles."""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from math import prod
from typing import Any

from costlib.base.text import nearest, number, shown
from costlib.facts import catalog
from costlib.recipes import keys

Keys = dict[str, Any]
ROLES = ("actor", "ref", "critic", "reward")


def recognised(found: Mapping[str, Any], wanted: str | None, where: str) -> str:
    """Return the framework of some keys: the one that is wanted, else the one whose marks and keys they have most of.

    Raises
    ------
    ValueError : for a name that is not known, and where no framework or several fit

    Examples
    --------
    >>> recognised({"base_model": "x", "sequence_len": 1, "micro_batch_size": 2}, None, "a.yml")
    'axolotl'
    """
    known = catalog.table("recipe_frameworks")
    names = [name for name in known if name not in keys.SHARED]
    if wanted is not None:
        if wanted not in names:
            raise ValueError(
                f"framework must be one of {', '.join(names)}, got {shown(wanted)}{nearest(wanted, names)}"
            )
        return wanted
    scores = {}
    for name in names:
        marks = sum(_has(found, mark) for mark in known[name].marks.split("|"))
        rows = {key for record in keys.records(name) if record.term != keys.NONE for key in record.key.split("|")}
        scores[name] = (marks, len(rows & found.keys())) if marks else (0, 0)
    best = max(scores.values())
    first = [name for name in names if scores[name] == best]
    if best == (0, 0) or len(first) > 1:
        seen = ", ".join(shown(name)[1:-1] for name in list(found)[:4] if name[0] != "(") or "none"
        kind = "none" if best == (0, 0) else " or ".join(first)
        if "config" in found:
            runs = f"and runs {shown(found['config'])}: give that as one more --config"
            raise ValueError(f"{where} is of {kind} of the frameworks that are read, {runs}")
        raise ValueError(
            f"{where} is a configuration of {kind} of the frameworks that are read ({', '.join(names)}): its keys are "
            f"{seen} ...; --framework names it"
        )
    return first[0]


def alone(found: Mapping[str, Any]) -> str | None:
    """Return the framework that keys are of, None where they do not say one."""
    try:
        return None if launches(found) else recognised(found, None, "")
    except ValueError:
        return None


def _has(found: Mapping[str, Any], mark: str) -> bool:
    """Whether keys, or the words that say what runs, have a mark; of several joined by +, all."""
    program = str(found.get("(program)", ""))
    return all(each in found or (("*" in each or " " in each) and (fnmatchcase(program, each)
               or any(fnmatchcase(key, each) for key in found))) for each in mark.split("+"))  # fmt: skip


def launches(found: Mapping[str, Any]) -> bool:
    """Return whether keys are those of a launcher's file, beside the framework's own."""
    marks = catalog.table("recipe_frameworks")["launcher"].marks.split("|")
    return any(_has(found, mark) for mark in marks)


def profile(name: str) -> Keys:
    """Return the keys of a file of accelerate or DeepSpeed as far as its name says them.

    >>> profile("examples/ds_z3_offload_config.json")["zero_optimization.stage"], profile("mine.json")
    (3, {})
    """
    name = name.lower().replace("\\", "/").rpartition("/")[2]
    if stage := re.search(r"(?:z|zero|stage)[_-]?([0-3])(?!\d)", name):
        keys_of: Keys = {"zero_optimization.stage": int(stage[1])}
        if "offload" in name and not re.search("no[_-]?offload", name):
            keys_of["zero_optimization.offload_optimizer.device"] = "cpu"
            if stage[1] == "3":
                keys_of["zero_optimization.offload_param.device"] = "cpu"
        return keys_of
    if "fsdp" in name:
        return {"distributed_type": "FSDP", "fsdp_config.fsdp_sharding_strategy": "FULL_SHARD"}
    single: Keys = {"num_processes": 1} if "single_gpu" in name else {}
    return single | {"distributed_type": "MULTI_GPU"} if single or "multi_gpu" in name else {}


def derived(framework: str, found: Keys) -> Keys:
    """Return keys that follow from others of a framework, under names in parentheses."""
    return OWN[framework](found) if framework in OWN else {}


def _torchtune(found: Keys) -> Keys:
    """The builder's name says the model, adapters and 4-bit weights."""
    name = next((str(found[key]) for key in ("model._component_", "policy_model._component_") if key in found), "")
    builder = re.fullmatch(r"(lora_|qlora_)?(\w+)", name.rpartition(".")[2])
    if not builder:
        return {}
    own: Keys = {"(model)": re.sub(r"(\d)_(\d)(?=_)", r"\1.\2", builder[2]).replace("_", "-")}
    own["(lora)"] = "yes" if builder[1] else "no"
    return own | ({"(quantised)": "yes"} if builder[1] == "qlora_" else {})


def _openrlhf(found: Keys) -> Keys:
    """Every role has GPUs of its own, unless roles share them."""

    def given(name: str, otherwise: float) -> float:
        value = next((found[key] for key in (name, name.replace(".", "_")) if key in found), None)
        parsed = None if value is None else number(str(value))
        return otherwise if parsed is None else parsed

    def shares(name: str) -> bool:
        return any(str(found.get(key, "false")).lower() == "true" for key in (f"train.{name}", name))

    if not any(key.replace(".", "_") == "actor_num_gpus_per_node" for key in found):
        return {}
    gpus = {role: given(f"{role}.num_nodes", 1) * given(f"{role}.num_gpus_per_node", 8) for role in ROLES}
    if shares("colocate_all") or shares("colocate_all_models"):
        return {"(gpus)": gpus["actor"]}
    if str(found.get("algo.advantage.estimator", found.get("advantage_estimator", "gae"))) != "gae":
        gpus["critic"] = 0
    if not any(key in found for key in ("reward.model_name_or_path", "reward_pretrain")):
        gpus["reward"] = 0
    if shares("colocate_actor_ref"):
        gpus["ref"] = 0
    if shares("colocate_critic_reward"):
        gpus["reward"] = min(gpus["reward"], 0) if gpus["critic"] else gpus["reward"]
    engines = given("vllm.num_engines", 0) * given("vllm.tensor_parallel_size", 1)
    return {"(gpus)": sum(gpus.values()) + engines, "(rollout gpus)": engines or None}


def _open_instruct(found: Keys) -> Keys:
    """Counts beside the names of data sets are rows; shares are none."""
    mixer = next((found[key] for key in ("dataset_mixer_list", "mixer_list") if key in found), None)
    counts = [number(each) for each in mixer[1::2]] if isinstance(mixer, list) else []
    rows = sum(each or 0 for each in counts)
    own: Keys = {"(rows)": rows} if counts and all(each and each > 1 and each % 1 == 0 for each in counts) else {}
    if {"gpus", "num_nodes"} <= found.keys():  # the launcher multiplies processes by nodes
        own |= dict.fromkeys(found.keys() & {"num_processes", "nproc_per_node", "nnodes", "num_machines"})
    return own | _product("(rollout gpus)", found.get("vllm_num_engines"), found.get("vllm_tensor_parallel_size", 1))


def _product(name: str, *counts: Any) -> Keys:
    """A key with the product of some counts, nothing where one is not given as a number."""
    parsed = [number(str(each)) for each in counts]
    return {} if None in parsed else {name: prod(each or 0 for each in parsed)}


def _verl(found: Keys) -> Keys:
    """A pool of nodes of its own that writes, where there is one."""
    return _product("(rollout gpus)", found.get("rollout.nnodes"), found.get("rollout.n_gpus_per_node"))


def _nemo_rl(found: Keys) -> Keys:
    """GPUs of the cluster that write alone: those of some nodes, or of its one node some."""
    place = "policy.generation.colocated"
    if str(found.get(f"{place}.enabled", "true")).lower() != "false":
        return {}
    nodes, each = (found.get(f"{place}.resources.{name}") for name in ("num_nodes", "gpus_per_node"))
    return _product("(rollout gpus)", nodes or 1, each or found.get("cluster.gpus_per_node"))


def _prime(found: Keys) -> Keys:
    """The trainer's micro-batch is one packed row; without a loss on the reference there is none."""
    row = found.get("trainer.model.seq_len", found.get("orchestrator.seq_len", found.get("seq_len", 2048)))
    return {"(trainer)": row} if any(key.startswith("orchestrator.") for key in found) else {}


OWN: dict[str, Callable[[Keys], Keys]] = {
    "torchtune": _torchtune, "openrlhf": _openrlhf, "open-instruct": _open_instruct, "prime-rl": _prime,
    "verl": _verl, "nemo-rl": _nemo_rl,
}  # fmt: skip
