"""The other way round: a starting configuration for the layout of a job, which reads back as the same job."""

from collections.abc import Iterator
from typing import Any

from costlib.base.text import nearest, shown
from costlib.compute import job, plan
from costlib.facts import options
from costlib.facts.schema import Record
from costlib.recipes import files, keys
from costlib.recipes.recipe import TrainingConfiguration

# Terms in the order of a file; profiles of DeepSpeed by ZeRO stage, without and with all states on the host.
TERMS = ("model", "stage", "epochs", "micro_batch", "accumulation", "step_sequences", "samples", "ppo_epochs",
         "recompute", "optimizer", "weights", "lora", "lora_rank", "lora_targets", "base_bits", "cached_reference",
         "tensor_parallel", "context_parallel", "logits", "offload_activations", "engine", "reference",
         "rollout_tensor_parallel", "gpus")  # fmt: skip
PROFILES = {
    "trl": ("accelerate_config", "zero{}", "zero{}"),
    "axolotl": ("deepspeed", "deepspeed_configs/zero{}.json", "deepspeed_configs/zero{}_bf16_cpuoffload_all.json"),
    "llamafactory": ("deepspeed", "examples/deepspeed/ds_z{}_config.json",
                     "examples/deepspeed/ds_z{}_offload_config.json"),
}  # fmt: skip
MARKS = {"trl": {"sft": ("packing", "false"), "dpo": ("precompute_ref_log_probs", "false")}}  # keys that say the stage
TYPES = {"mixed-16": (32, 32), "bf16-8": (16, 32), "adam8bit-10": (32, 8)}  # bits of weights and moments, by recipe
TARGETS = {"qv": "[q_proj, v_proj]", "attention": "[q_proj, k_proj, v_proj, o_proj]", "all": "all-linear"}
# What a configuration holds no word of, or what stands in its head.
ELSEWHERE = {"model", "gpu", "gpus", "examples", "prompt_tokens", "response_tokens", "price_usd_per_gpu_hour",
             "provider", "price_kind", "grid", "pue", "flat_tflops", "attention", "reach",
             "micro_batch_limit", "layout"}  # fmt: skip


def check(framework: str) -> None:
    """Refuse a framework that no configuration is written for."""
    if framework not in PROFILES:
        known = ", ".join(PROFILES)
        raise ValueError(f"a configuration is written for one of {known}, got {shown(framework)}"
                         f"{nearest(framework, PROFILES)}")  # fmt: skip


def written(found: job.Estimate, framework: str, model: str | None = None) -> str:
    """Return a starting configuration for the job of an estimate, as YAML of a framework.

    Parameters
    ----------
    found : the estimate
    framework : one of :data:`PROFILES`
    model : its name as the framework takes it; None for what the estimate was given

    Raises
    ------
    ValueError : for another framework, and for a stage that it does not have
    """
    check(framework)
    settings, stage = found.settings, found.stage
    if stage == "generate":
        raise ValueError(f"generate trains nothing: a configuration of {framework} is of another stage")
    said = dict(_lines(framework, stage, _terms(found) | {"model": model or found.job.options["model"]}))
    said |= {"adapter": "qlora"} if said.get("adapter") and said.get("load_in_4bit") == "true" else {}
    said = said | dict([MARKS.get(framework, {}).get(stage, ("", ""))]) | said
    key, profile, offloaded = PROFILES[framework]
    if settings.get("gpus", 1) > 1 and settings["zero"]:
        said[key] = (offloaded if settings["offload"] in ("optimizer", "all") else profile).format(settings["zero"])
    text = "".join(f"{name}: {value}\n" for name, value in said.items() if name and "." not in name)
    for outer in dict.fromkeys(name.partition(".")[0] for name in said if "." in name):
        inner = [
            f"  {name.partition('.')[2]}: {value}\n" for name, value in said.items() if name.startswith(f"{outer}.")
        ]
        text += f"{outer}:\n" + "".join(inner)
    unsaid = list(_unsaid(found, framework, text))
    if any(each.startswith("stage") for each in unsaid) and framework != "trl":
        raise ValueError(f"{framework} has no {stage}")
    counted = f"{settings['examples']:,.10g} {options.COUNTED[stage]} of {settings['prompt_tokens']:g} + " + (
        f"{settings['response_tokens']:g} tokens")  # fmt: skip
    head = [f"{stage}, {counted}, on {settings['gpus']:g} x {settings['gpu']}: a starting point, without the data,",
            "the longest lengths and the learning rate"]  # fmt: skip
    head += [f"this file does not say: {each}" for each in unsaid]
    return "".join(f"# {line}\n" for line in head) + text


def _terms(found: job.Estimate) -> dict[str, Any]:
    """What the settings of an estimate are in standard terms."""
    settings = found.settings
    each = 2 if found.stage in plan.PAIRED else 1
    micro = max(1, int(settings["micro_batch"]) // each)
    weights, moments = TYPES.get(settings["recipe"], (None, None))
    adapters = settings["lora_rank"] is not None
    terms = {name: settings.get(name) for name in ("epochs", "samples", "ppo_epochs", "recompute", "gpus")}
    terms |= {"stage": found.stage, "micro_batch": micro, "accumulation": 1, "weights": weights, "optimizer": moments,
              "lora": "yes" if adapters else "no"}  # fmt: skip
    if adapters:
        terms |= {name: settings[name] for name in ("lora_rank", "lora_targets", "base_bits")}
    if settings.get("cached_reference"):
        terms["cached_reference"] = "yes"
    terms |= {name: settings[name] for name in ("tensor_parallel", "context_parallel") if settings[name] > 1}
    terms |= {"logits": settings["logits"]} if settings.get("logits", "whole") != "whole" else {}
    terms |= {"offload_activations": "yes"} if settings["offload"] == "activations" else {}
    if found.stage in plan.TAKES_TURNS:
        terms |= {"engine": settings["engine"], "reference": "yes" if settings["reference"] else "no"}
        terms |= {name: settings[name] for name in ("rollout_tensor_parallel",) if settings[name] > 1}
    if batch := settings.get("generation_batch"):
        rounds = batch / (micro * settings["gpus"] / settings["tensor_parallel"])
        terms |= {"accumulation": int(rounds)} if rounds >= 1 and rounds % 1 == 0 else {"step_sequences": int(batch)}
    return terms


def _lines(framework: str, stage: str, terms: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The key of each term that the framework has one for, and the value that means it."""
    places = (framework, "launcher") if framework == "trl" else (framework,)
    rows = [row for place in places for row in keys.records(place) if not row.stages or stage in row.stages.split("|")]
    for term in TERMS:
        for row in rows if terms.get(term) is not None else ():
            name = row.key.split("|")[0]
            text = _text(row, terms[term]) if row.term == term and not set("(*") & set(name) else None
            if text is not None:
                yield name, text
                break


def _text(row: Record, value: Any) -> str | None:
    """The text by which a key means a value; None where it has none."""
    if row.values == "@targets":
        return "all" if value == "all" and row.default == "all" else TARGETS[value]
    plainly = f"{value:g}" if isinstance(value, float) else str(value)
    pairs = [each.partition("=")[::2] for each in row.values.split("|")] if row.values else [("*", "*")]
    exact = next((pattern for pattern, said in pairs if said == plainly and "*" not in pattern), None)
    if exact is not None or row.term == "stage":
        return exact
    if row.default and str(keys.meaning(row, row.default)) == plainly:
        return str(row.default)
    return plainly if pairs[-1] == ("*", "*") else None


def _unsaid(found: job.Estimate, framework: str, text: str) -> Iterator[str]:
    """Options of the job that do not come back when the text is read."""
    content = files.content(text, "written.yaml")
    given = {"gpus": found.settings["gpus"]}
    back = TrainingConfiguration([content], framework, None, given)
    if back.stage != found.stage:
        yield f"stage {found.stage}"
    read = TrainingConfiguration([content], framework, found.stage, given).options
    for name, value in found.settings.items():
        option = options.options()[name]
        if name in ELSEWHERE or (name == "zero" and found.settings["gpus"] == 1):
            continue
        if name in {**read, **found.job.options} and read.get(name, option.default) != value:
            yield f"{option.flag} {value}" if value is not True else option.flag
