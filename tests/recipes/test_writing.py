"""Configurations that are written: read back, they are the same job."""

import pytest
from command import answer, costlib, refused, told

from costlib.compute import job
from costlib.recipes.recipe import TrainingConfiguration
from costlib.recipes.writing import PROFILES, written

WORK = {"gpu": "h100-sxm-80gb", "examples": 5000, "prompt_tokens": 200, "response_tokens": 300}
JOBS = {
    "sft": {"gpus": 8, "recompute": "full", "epochs": 3},
    "sft on one GPU": {"gpus": 1, "lora_rank": 16, "lora_targets": "qv", "recompute": "full"},
    "sft in 4 bits": {"gpus": 2, "lora_rank": 64, "base_bits": 4, "zero": 0, "micro_batch": 2},
    "dpo": {"gpus": 8, "recompute": "full", "zero": 2, "micro_batch": 8},
    "dpo with 8-bit moments": {"gpus": 4, "recipe": "adam8bit-10", "recompute": "full", "zero": 3},
    "dpo with adapters": {"gpus": 2, "lora_rank": 8, "lora_targets": "attention", "cached_reference": True},
    "grpo": {"gpus": 8, "recompute": "full", "samples": 16, "generation_batch": 1024, "micro_batch": 8},
    "grpo without sharding": {"gpus": 4, "recompute": "full", "zero": 0, "recipe": "bf16-8", "ppo_epochs": 2},
    "grpo with the host": {"gpus": 8, "recompute": "full", "offload": "all", "generation_batch": 100},
    "grpo by another engine": {"gpus": 8, "recompute": "full", "engine": "hf-generate", "reference": False},
    "grpo in a layout that was searched": {"gpus": 8, "layout": "auto", "generation_batch": 512},
    "sft of long rows": {"gpus": 8, "recompute": "full", "offload": "activations", "logits": "fused"},
    "ppo": {"gpus": 8, "recompute": "full", "generation_batch": 512, "micro_batch": 4, "epochs": 2},
    "rm": {"gpus": 8, "recompute": "full", "micro_batch": 4},
}
HAS = {"trl": {"sft", "rm", "dpo", "ppo", "grpo"}, "axolotl": {"sft", "rm", "dpo", "grpo"},
       "llamafactory": {"sft", "rm", "dpo", "ppo"}}  # fmt: skip


@pytest.mark.parametrize("framework", PROFILES)
@pytest.mark.parametrize("name", JOBS)
def test_what_is_written_reads_back_as_the_same_job(tmp_path, framework, name):
    stage, chosen = name.split()[0], JOBS[name]
    found = job.estimate(stage, "qwen2.5-1.5b", **WORK, **chosen)
    if stage not in HAS[framework]:
        refused(f"{framework} has no {stage}", written, found, framework)
        return
    text = written(found, framework, "Qwen/Qwen2.5-1.5B")
    path = tmp_path / "written.yaml"
    path.write_text(text, encoding="utf-8")
    said = [line for line in text.splitlines() if "does not say" in line]
    words = [line.split("--")[1].split() for line in said if "--" in line]
    unsaid = {word[0].replace("-", "_"): word[1] if word[1:] else True for word in words}
    back = TrainingConfiguration([path], framework, stage if stage == "rm" and framework == "trl" else None,
                                 WORK | {"gpus": chosen["gpus"]} | unsaid).estimate()  # fmt: skip
    assert back.settings | {"layout": None} == found.settings | {"layout": None}  # searched, and then given
    assert back.hours == found.hours and back.peak_gb == found.peak_gb
    # What it does not say is no more than what such files have no key for.
    assert unsaid.keys() <= {"offload", "generation_batch", "zero", "recipe", "ppo_epochs", "cached_reference",
                             *(("engine",) if stage == "ppo" else ())}, said  # fmt: skip


def test_what_trains_nothing_has_no_configuration():
    found = job.estimate("generate", "qwen2.5-1.5b", **WORK, gpus=1)
    for framework in PROFILES:
        refused(f"generate trains nothing: a configuration of {framework} is", written, found, framework)


def test_the_command_prints_a_configuration_or_writes_it(tmp_path):
    asked = ["dpo", "--model", "Qwen/Qwen2.5-7B", "--gpu", "h100-sxm-80gb", "--gpus", "8", "--examples", "100",
             "--prompt-tokens", "100", "--response-tokens", "100", "--write-config", "trl"]  # fmt: skip
    printed = told("estimate", *asked)
    assert "model_name_or_path: Qwen/Qwen2.5-7B\n" in printed and "accelerate_config: zero3" in printed
    path = tmp_path / "dpo.yaml"
    assert "the run" in told("estimate", *asked, "-o", path)
    assert path.read_text(encoding="utf-8") == printed
    again = answer("estimate", "--config", path, "--gpu", "h100-sxm-80gb", "--examples", "100", "--prompt-tokens",
                   "100", "--response-tokens", "100")  # fmt: skip
    assert again["hours"] == answer("estimate", *asked[:-2])["hours"]


def test_nothing_is_written_for_what_does_not_fit_or_is_not_known(tmp_path):
    asked = ["sft", "--gpu", "t4-16gb", "--examples", "9", "--prompt-tokens", "9", "--response-tokens", "9"]
    path = tmp_path / "x.yaml"
    result = costlib("estimate", *asked, "--model", "llama-3.1-70b", "--write-config", "trl", "-o", path)
    assert result.exit_code == 3 and not path.exists() and "no configuration is written" in result.output
    result = costlib("estimate", *asked, "--model", "qwen2.5-0.5b", "--write-config", "tlr", "--lora-rank", "8")
    assert result.exit_code == 2 and "did you mean trl" in result.output
    assert costlib("estimate", *asked, "--model", "qwen2.5-0.5b", "-o", path).exit_code == 2
