"""Training configurations of ten frameworks, re-typed small, against options that were read off them by hand."""

import json

import pytest
from command import answer, costlib, refused, told
from conftest import ROOT

import costlib as package
from costlib.compute import job
from costlib.facts import catalog, options
from costlib.recipes import files, keys
from costlib.recipes.recipe import TrainingConfiguration

DATA = ROOT / "tests" / "recipes" / "data"
WORK = {"gpu": "h100-sxm-80gb", "examples": 1000, "prompt_tokens": 100, "response_tokens": 40}
ASKED = ("--gpu", "h100-sxm-80gb", "--examples", "1000", "--prompt-tokens", "100", "--response-tokens", "40")

# What each file says, by hand: its stage, its options, and what no file holds (beside GPU and mean lengths).
BY_HAND = {
    # DDP on 7 processes; weights and moments in bf16; a round has 16 x 16 x 7 completions.
    "trl/grpo.yaml": ("grpo", {
        "model": "qwen2.5-1.5b", "gpus": 7, "micro_batch": 16, "samples": 7, "ppo_epochs": 1, "epochs": 1,
        "recompute": "full", "zero": 0, "recipe": "bf16-8", "attention_kernel": "flash", "generation_batch": 1792,
        "engine": "vllm", "reference": False,
    }, {"examples"}),
    # Four pairs are eight sequences.
    "trl/qlora_dpo.yaml": ("dpo", {
        "model": "mistral-7b", "micro_batch": 8, "epochs": 1, "recompute": "full", "zero": 0, "recipe": "mixed-16",
        "lora_rank": 128, "lora_targets": "all", "base_bits": 4,
    }, {"gpus", "examples"}),
    "trl/sft.sh": ("sft", {
        "model": "qwen2.5-32b", "gpus": 8, "micro_batch": 1, "epochs": 5, "recompute": "full", "zero": 3,
        "recipe": "mixed-16",
    }, {"examples"}),
    "axolotl/qlora-fsdp.yaml": ("sft", {
        "model": "llama-3-70b", "micro_batch": 1, "epochs": 4, "recompute": "full", "zero": 3, "offload": "all",
        "recipe": "mixed-16", "lora_rank": 8, "lora_targets": "all", "base_bits": 4, "attention_kernel": "flash",
    }, {"gpus", "examples"}),
    "axolotl/dpo.yml": ("dpo", {
        "model": "qwen2.5-7b", "micro_batch": 4, "epochs": 1, "recompute": "full", "zero": 2, "recipe": "adam8bit-10",
    }, {"gpus", "examples"}),
    # Recomputation is on by default; a cap of rows is no count.
    "llama-factory/lora_dpo.yaml": ("dpo", {
        "model": "qwen3-8b", "micro_batch": 2, "epochs": 3, "recompute": "full", "zero": 0, "recipe": "mixed-16",
        "lora_rank": 8, "lora_targets": "all",
    }, {"gpus", "examples"}),
    # The name of a DeepSpeed file that is not there says ZeRO 3 with offload; steps count once GPUs are known.
    "llama-factory/full_sft.yaml": ("sft", {
        "model": "llama-3.1-8b", "micro_batch": 2, "epochs": 3, "recompute": "full", "zero": 3, "offload": "all",
        "recipe": "mixed-16", "logits": "fused",
    }, {"gpus"}),
    "torchtune/lora_dpo.yaml": ("dpo", {
        "model": "llama-3.1-8b", "micro_batch": 8, "epochs": 1, "recompute": "full", "zero": 3, "recipe": "mixed-16",
        "lora_rank": 8, "lora_targets": "all",
    }, {"gpus"}),
    "torchtune/ppo_low_memory.yaml": ("ppo", {
        "model": "mistral-7b", "ppo_epochs": 2, "recompute": "full", "zero": 3, "recipe": "in-backward-6",
        "examples": 10000,
    }, {"gpus"}),
    # All roles share eight GPUs.
    "openrlhf/ppo_hybrid.sh": ("ppo", {
        "gpus": 8, "samples": 1, "ppo_epochs": 1, "epochs": 1, "recompute": "full", "zero": 3, "recipe": "mixed-16",
        "generation_batch": 1024, "rollout_tensor_parallel": 2, "score_again": True,
    }, {"model", "examples"}),
    # Actor with reference on 2, critic with reward on 2, two engines of 2.
    "openrlhf/ppo_split.sh": ("ppo", {
        "gpus": 8, "samples": 1, "ppo_epochs": 1, "epochs": 1, "micro_batch": 8, "recompute": "full", "zero": 3,
        "recipe": "mixed-16", "generation_batch": 1024, "offload": "optimizer", "attention_kernel": "flash",
        "rollout_gpus": 4, "rollout_tensor_parallel": 2, "score_again": True,
    }, {"model", "examples"}),
    "openrlhf/dpo.sh": ("dpo", {
        "gpus": 8, "micro_batch": 2, "epochs": 1, "recompute": "full", "zero": 2, "recipe": "mixed-16",
    }, {"model", "examples"}),
    # 1,024 prompts of 5 answers; 128 sequences on 8 GPUs; a loss on the reference; no reward model is enabled.
    "verl/grpo.sh": ("grpo", {
        "model": "qwen2.5-7b", "gpus": 8, "samples": 5, "ppo_epochs": 1, "epochs": 15, "micro_batch": 16,
        "recompute": "full", "zero": 3, "recipe": "mixed-16", "generation_batch": 5120, "offload_frozen": True,
        "engine": "vllm", "rollout_tensor_parallel": 2, "reference": True, "reward": "rule",
    }, {"examples"}),
    "verl/ppo.yaml": ("ppo", {
        "model": "llama-3.1-8b", "critic_model": "llama-3.2-1b", "gpus": 16, "samples": 1, "ppo_epochs": 1, "epochs": 1,
        "zero": 1, "tensor_parallel": 4, "recipe": "mixed-16", "generation_batch": 512, "offload": "all",
        "engine": "vllm", "rollout_tensor_parallel": 2, "reference": False, "reward": "rule", "pipeline_parallel": 2,
        "score_again": True,
    }, {"examples"}),
    "nemo-rl/grpo_deepscaler.yaml": ("grpo", {
        "model": "qwen2.5-1.5b", "gpus": 8, "samples": 8, "epochs": 1, "micro_batch": 1, "recompute": "none",
        "zero": 3, "recipe": "mixed-16", "generation_batch": 1024, "engine": "vllm",
        "rollout_tensor_parallel": 1, "reference": False,
    }, {"examples"}),
    # The parent has 128 prompts of 8 answers; 500 steps of them.
    "nemo-rl/grpo_8b_megatron.yaml": ("grpo", {
        "model": "llama-3.1-8b", "gpus": 32, "samples": 8, "micro_batch": 2, "recompute": "full", "zero": 1,
        "tensor_parallel": 2, "recipe": "mixed-16", "generation_batch": 1024, "examples": 64000, "engine": "vllm",
        "rollout_tensor_parallel": 1, "reference": False,
    }, set()),
    # Two million responses of 16 to a prompt; ten engines of one GPU among sixteen, eight steps ahead by default.
    "open-instruct/grpo_fast.sh": ("grpo", {
        "model": "llama-3.1-8b", "gpus": 16, "samples": 16, "ppo_epochs": 1, "micro_batch": 1, "recompute": "full",
        "zero": 2, "recipe": "mixed-16", "generation_batch": 768, "examples": 125000,
        "rollout_gpus": 10, "rollout_tensor_parallel": 1, "staleness": 8,
    }, set()),
    # The launcher multiplies its processes by eight nodes.
    "open-instruct/finetune.sh": ("sft", {
        "model": "llama-3.1-8b", "gpus": 64, "micro_batch": 1, "epochs": 2, "recompute": "full", "zero": 3,
        "recipe": "mixed-16", "attention_kernel": "flash",
    }, {"examples"}),
    "open-instruct/dpo_debug.sh": ("dpo", {
        "model": "llama-3.2-1b", "gpus": 1, "micro_batch": 8, "epochs": 3, "recompute": "none", "zero": 0,
        "recipe": "mixed-16", "cached_reference": True, "examples": 100,
    }, set()),
    # A batch counts rollouts: 16 prompts a step, 5,000 steps. By default the optimizer is on the host, the head in
    # chunks, and writing eight steps ahead.
    "prime-rl/rl.toml": ("grpo", {
        "model": "qwen2.5-1.5b", "gpus": 2, "samples": 8, "recompute": "full", "zero": 3, "recipe": "mixed-16",
        "offload": "optimizer", "generation_batch": 128, "examples": 80000, "logits": "chunked", "rollout_gpus": 1,
        "staleness": 8, "reference": False,
    }, set()),
    "prime-rl/sft.toml": ("sft", {
        "model": "qwen2.5-0.5b", "gpus": 1, "micro_batch": 1, "recompute": "full", "zero": 3, "recipe": "mixed-16",
        "offload": "optimizer", "examples": 3200, "logits": "chunked",
    }, set()),
    # 3,000 rounds of 8 prompts; gradients of 32 bits.
    "slime/qwen3-30b-a3b.sh": ("grpo", {
        "model": "qwen3-30b-a3b", "gpus": 8, "samples": 4, "recompute": "full", "zero": 1, "tensor_parallel": 4,
        "recipe": "mixed-18", "offload": "optimizer", "generation_batch": 32, "examples": 24000,
        "expert_parallel": 8, "engine": "sglang", "rollout_tensor_parallel": 1, "reference": True, "reward": "rule",
    }, set()),
    "slime/split.sh": ("grpo", {
        "model": "qwen3-8b", "gpus": 8, "samples": 8, "micro_batch": 2, "recompute": "none", "zero": 1,
        "tensor_parallel": 2, "recipe": "mixed-16", "generation_batch": 256, "examples": 6400,
        "variant": "gspo", "engine": "sglang", "rollout_gpus": 4, "rollout_tensor_parallel": 1, "staleness": 1,
        "reference": False,
    }, set()),
}  # fmt: skip
ALWAYS = {"gpu", "prompt_tokens", "response_tokens"}


@pytest.fixture(autouse=True)
def no_models_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "none"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "none"))


@pytest.mark.parametrize("name", BY_HAND)
def test_a_recipe_is_read_as_by_hand(name):
    stage, wanted, missing = BY_HAND[name]
    found = TrainingConfiguration([DATA / name])
    assert (found.stage, found.options, set(found.missing)) == (stage, wanted, missing | ALWAYS)
    assert found.framework == name.split("/")[0].replace("llama-factory", "llamafactory")


def test_every_recipe_in_the_folder_is_read_by_hand():
    files = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*.*")}
    assert files == set(BY_HAND) | {"trl/zero3.yaml"}
    assert {name.split("/")[0] for name in BY_HAND} == {path.name for path in DATA.iterdir()}


@pytest.mark.parametrize("name", BY_HAND)
def test_every_key_is_used_ignored_or_a_default(name):
    found = TrainingConfiguration([DATA / name])
    listed = [each.key for each in (*found.used, *found.ignored)]
    assert {key for key in files.read(DATA / name).keys if key[0] != "("} <= set(listed)
    assert len(set(listed)) == len(listed)
    assert all(each.why for each in found.ignored)
    settled = {option for each in (*found.used, *found.assumed) for option in each.sets}
    assert settled - {"stage"} == set(found.options)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_recipe_is_estimated_once_what_no_file_holds_is_given(name):
    given = {"model": "llama-3-8b", "gpus": 8} | WORK
    missing = set(TrainingConfiguration([DATA / name]).missing)
    found = TrainingConfiguration([DATA / name], given={key: value for key, value in given.items() if key in missing})
    wanted = BY_HAND[name][1]
    settings = found.estimate().settings
    assert found.missing == ()
    same = (
        {"zero", "samples", "recipe", "offload", "lora_rank"} & wanted.keys()
        if (settings.get("train_gpus") or settings["gpus"]) > 1
        else set()
    )
    if not any("pack" in each.key for each in (*found.used, *found.assumed)):
        same |= {"micro_batch"} & wanted.keys()
    assert {option: settings[option] for option in same} == {option: wanted[option] for option in same}


# --- keys and files -------------------------------------------------------------------------------------------------


def read(tmp_path, text, name="recipe.yaml", **given):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return TrainingConfiguration([path], given=given)


def test_the_accelerate_file_beside_a_recipe_says_processes_and_sharding():
    found = TrainingConfiguration([DATA / "trl" / "qlora_dpo.yaml", DATA / "trl" / "zero3.yaml"])
    assert (found.options["gpus"], found.options["zero"], found.framework) == (8, 3, "trl")
    # Sharded by DeepSpeed, the moments are in 32 bits.
    full = TrainingConfiguration([DATA / "trl" / "grpo.yaml", DATA / "trl" / "zero3.yaml"])
    assert full.options["recipe"] == "mixed-16" and full.options["zero"] == 3


# Recipes whose sharding stands in a file of accelerate or DeepSpeed, and of what they are known by.
ALONE = {
    "trl": "model_name_or_path: Qwen/Qwen2.5-7B\nper_device_train_batch_size: 1\nloss_type: sigmoid\n",
    "axolotl": "base_model: Qwen/Qwen2.5-7B\nmicro_batch_size: 1\nsequence_len: 512\n",
    "llamafactory": "model_name_or_path: Qwen/Qwen2.5-7B\nstage: sft\nfinetuning_type: full\n",
    "open-instruct": "model_name_or_path: Qwen/Qwen2.5-7B\nnum_train_epochs: 2\nmax_seq_length: 512\n",
}


@pytest.mark.parametrize("framework", ALONE)
def test_sharding_that_no_file_says_is_an_assumption_in_words(framework, tmp_path):
    asked = {"stage": "sft", "framework": framework}
    work = {"gpu": "a100-sxm-40gb", "gpus": 8, "examples": 9, "prompt_tokens": 99, "response_tokens": 99}
    path, other = tmp_path / "recipe.yaml", tmp_path / "ds.json"
    path.write_text(ALONE[framework], encoding="utf-8")
    other.write_text('{"zero_optimization": {"stage": 3}}', encoding="utf-8")
    found = package.job_from(path, **asked, **work)
    assert found.options["zero"] == 0
    said = "no file of accelerate or DeepSpeed is given: every GPU holds all weights, gradients and the optimizer"
    assert found.lacks.startswith(said) and "--config" in found.lacks
    assert f"assumed   {found.lacks}" in list(found.parts())
    made = found.estimate()
    # 7.6e9 parameters of 16 bytes are 122 GB: what is missing is asked for right beneath the verdict.
    first, second, *_ = [part for part in made.parts() if isinstance(part, str)]
    assert not made.fits and first.startswith("does not fit: ") and second == found.lacks
    assert made.to_dict()["config"]["lacks"] == found.lacks
    for known in ({"zero": 0}, {"zero": 3}, {"gpus": 1}):
        assert package.job_from(path, **asked, **work | known).lacks is None
    assert package.job_from([path, other], **asked, **work).lacks is None


def test_a_framework_that_shards_by_itself_lacks_no_file(tmp_path):
    assert read(tmp_path, "model:\n  _component_: torchtune.models.llama3_1.llama3_1_8b\nbatch_size: 2\n").lacks is None


def test_a_deepspeed_file_that_a_recipe_names_is_read(tmp_path):
    text = "base_model: Qwen/Qwen2.5-7B\nmicro_batch_size: 1\nsequence_len: 512\ndeepspeed: ds.json\n"
    (tmp_path / "ds.json").write_text('{"zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu"}}}')
    found = read(tmp_path, text)
    assert (found.options["zero"], found.options["offload"]) == (3, "optimizer")
    (tmp_path / "ds.json").unlink()
    assert read(tmp_path, text).options["zero"] == 0
    assert any("no file that is found" in each.why for each in read(tmp_path, text).ignored)


def test_what_is_given_counts_before_the_file():
    found = TrainingConfiguration([DATA / "trl" / "grpo.yaml"], given={"samples": 4, "gpus": 14})
    # The group is given, and a round has the completions of 14 processes.
    assert found.options["samples"] == 4 and found.options["gpus"] == 14
    assert found.options["generation_batch"] == 16 * 16 * 14
    assert not any("samples" in each.sets for each in found.used)


def test_a_group_that_is_given_makes_the_round_of_prompts_another():
    # 1,024 prompts of 8 answers in place of 5.
    found = TrainingConfiguration([DATA / "verl" / "grpo.sh"], given={"samples": "8"})
    assert found.options["generation_batch"] == 8192


def test_steps_that_are_switched_off_leave_the_rows_to_be_asked_for(tmp_path):
    text = "model_name_or_path: Qwen/Qwen2.5-7B\nper_device_train_batch_size: 4\npacking: false\nmax_steps: -1\n"
    assert "examples" in read(tmp_path, text).missing
    assert "examples" not in read(tmp_path, text.replace("-1", "100")).missing


def test_trl_counts_steps_before_epochs(tmp_path):
    base = "model_name_or_path: Qwen/Qwen2.5-7B\nper_device_train_batch_size: 4\ngradient_accumulation_steps: 2\n"
    found = read(tmp_path, base + "packing: false\nmax_steps: 100\nnum_processes: 8\nnum_train_epochs: 3\n")
    assert found.options["examples"] == 4 * 2 * 8 * 100 and "epochs" not in found.options
    assert ("num_train_epochs", "the steps beat it") in {(each.key, each.why) for each in found.ignored}


def test_packed_rows_hold_as_many_sequences_as_fit(tmp_path):
    text = "base_model: Qwen/Qwen2.5-7B\nmicro_batch_size: 2\nsequence_len: 4096\nsample_packing: true\n"
    found = read(tmp_path, text, prompt_tokens=200, response_tokens=312)
    assert found.options["micro_batch"] == 2 * 4096 // 512
    assert read(tmp_path, text).options["micro_batch"] == 2


def test_a_budget_of_tokens_holds_as_many_sequences_as_fit():
    found = TrainingConfiguration([DATA / "verl" / "ppo.yaml"], given={"prompt_tokens": 512, "response_tokens": 1024})
    # Answers are at most 2,048 tokens long, less than 2.2 times the mean.
    assert found.options["micro_batch"] == 24576 // (512 + 2048) and found.options["longest_tokens"] == 2048
    short = TrainingConfiguration([DATA / "verl" / "ppo.yaml"], given={"prompt_tokens": 512, "response_tokens": 500})
    assert short.options["micro_batch"] == 24576 // (512 + 1100) and "longest_tokens" not in short.options


def test_a_limit_is_no_mean_and_a_mean_may_not_be_above_it():
    found = TrainingConfiguration([DATA / "trl" / "grpo.yaml"], given=WORK | {"response_tokens": 1025})
    refused(r"response_tokens \[tokens\] must be at most 1,024, by max_completion_length of grpo.yaml, got 1025",
            found.estimate)  # fmt: skip
    assert "longest_tokens" not in TrainingConfiguration([DATA / "trl" / "grpo.yaml"], given=WORK).options


def test_prompts_and_answers_together_are_held_to_the_longest_sequence():
    found = TrainingConfiguration(
        [DATA / "prime-rl" / "sft.toml"], given=WORK | {"prompt_tokens": 4000, "response_tokens": 97}
    )
    refused("prompt_tokens and response_tokens .* at most 4,096, by data.seq_len", found.estimate)


# Small files of split pools, engines, long sequences and variants, with what they say by hand.
TODAY = {
    # Six GPUs learn, two write one step ahead in fp8; a sequence lies over two GPUs, whose budgets add up: 2 x 8,192
    # tokens hold four of the longest, 500 + 2.2 x 1,500. Groups without a difference, half of them, are thrown away.
    "verl": ("run.sh", """
python3 -m recipe.one_step_off_policy.main_ppo algorithm.adv_estimator=grpo data.train_batch_size=64 \\
    actor_rollout_ref.model.path=Qwen/Qwen2.5-7B actor_rollout_ref.rollout.name=sglang \\
    actor_rollout_ref.rollout.tensor_model_parallel_size=2 actor_rollout_ref.rollout.quantization=fp8 \\
    actor_rollout_ref.rollout.n=16 actor_rollout_ref.rollout.multi_turn.max_assistant_turns=5 \\
    actor_rollout_ref.actor.use_dynamic_bsz=True actor_rollout_ref.actor.ppo_max_token_len_per_gpu=8192 \\
    actor_rollout_ref.actor.ulysses_sequence_parallel_size=2 actor_rollout_ref.actor.use_kl_loss=True \\
    actor_rollout_ref.model.enable_activation_offload=True actor_rollout_ref.model.use_fused_kernels=True \\
    algorithm.filter_groups.enable=True trainer.nnodes=1 trainer.n_gpus_per_node=6 \\
    rollout.nnodes=1 rollout.n_gpus_per_node=2
""", {"engine": "sglang", "rollout_tensor_parallel": 2, "weight_bits": 8, "context_parallel": 2, "micro_batch": 4,
      "reference": True, "offload": "activations", "logits": "fused", "variant": "dapo", "gpus": 8, "rollout_gpus": 2,
      "staleness": 1, "generation_batch": 2 * 64 * 16}),
    # Eight processes, each sequence over two: 4 x 2 x 8 / 2 completions, which are four groups of eight.
    "trl": ("own.yaml", """
model_name_or_path: Qwen/Qwen2.5-7B
num_processes: 8
num_generations: 8
max_completion_length: 4096
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
use_vllm: true
vllm_mode: colocate
vllm_tensor_parallel_size: 2
use_liger_kernel: true
activation_offloading: true
max_steps: 10
parallelism_config:
  parallelism_config_cp_size: 2
""", {"engine": "vllm", "rollout_tensor_parallel": 2, "logits": "fused", "offload": "activations", "reference": False,
      "context_parallel": 2, "generation_batch": 32, "examples": 40, "gpus": 8}),
    # Sixteen GPUs, of which one node of eight writes in fp8, up to two steps ahead.
    "nemo-rl": ("own.yaml", """
grpo: {num_prompts_per_step: 32, num_generations_per_prompt: 16, max_num_steps: 10,
       async_grpo: {enabled: true, max_trajectory_age_steps: 2}}
loss_fn: {reference_policy_kl_penalty: 0.01}
policy:
  model_name: Qwen/Qwen3-30B-A3B
  dtensor_cfg: {enabled: false}
  megatron_cfg: {enabled: true, tensor_model_parallel_size: 2, pipeline_model_parallel_size: 2,
                 expert_model_parallel_size: 4, context_parallel_size: 1}
  generation:
    backend: vllm
    vllm_cfg: {tensor_parallel_size: 4, precision: fp8, kv_cache_dtype: fp8}
    colocated: {enabled: false, resources: {num_nodes: 1, gpus_per_node: 8}}
cluster: {num_nodes: 2, gpus_per_node: 8}
""", {"gpus": 16, "rollout_gpus": 8, "staleness": 2, "pipeline_parallel": 2, "expert_parallel": 4,
      "tensor_parallel": 2, "weight_bits": 8, "kv_bits": 8, "rollout_tensor_parallel": 4, "reference": True,
      "engine": "vllm", "examples": 320, "generation_batch": 512}),
}  # fmt: skip


@pytest.mark.parametrize("framework", TODAY)
def test_split_pools_engines_and_long_sequences_are_options(tmp_path, framework):
    name, text, wanted = TODAY[framework]
    found = read(tmp_path, text, name, gpu="h100", prompt_tokens=500, response_tokens=1500)
    assert found.framework == framework
    assert {option: found.options.get(option) for option in wanted} == wanted
    assert ("context_parallel" in found.options) == ("context_parallel" in wanted)  # one is none
    assert not any("not modelled" in each.why for each in found.ignored)
    given = WORK | {"prompt_tokens": 500, "response_tokens": 1500}
    settings = read(tmp_path, text, name, **given).estimate().settings
    assert {option: settings[option] for option in wanted.keys() - {"examples"}} == {
        option: value for option, value in wanted.items() if option != "examples"}  # fmt: skip


def test_methods_of_pairs_and_of_single_examples_are_variants(tmp_path):
    base = "base_model: Qwen/Qwen2.5-7B\nmicro_batch_size: 3\n"
    for rl, variant, sequences in (("kto", "kto", 3), ("orpo", "orpo", 6), ("simpo", "simpo", 6), ("dpo", None, 6)):
        found = read(tmp_path, f"{base}rl: {rl}\n").options
        assert (found.get("variant"), found["micro_batch"]) == (variant, sequences), rl


def test_a_step_ahead_means_nothing_in_one_pool(tmp_path):
    text = "python -m openrlhf.cli.train_ppo_ray --micro_train_batch_size 1 --pretrain gpt2 --async_train\n"
    found = read(tmp_path, text, "run.sh")
    assert "staleness" not in found.options
    assert {each.key: each.why for each in found.ignored}["async_train"] == "means nothing in one pool of GPUs"
    apart = read(tmp_path, text, "run.sh", rollout_gpus=2)
    assert apart.options["staleness"] == 1


def test_what_no_option_says_yet_is_said():
    found = {each.key: each.why for each in TrainingConfiguration([DATA / "prime-rl" / "rl.toml"]).ignored}
    assert "later" not in found.values() and not any("not modelled" in why for why in found.values())


def test_a_framework_without_its_key_of_the_stage_does_what_it_does_by_default(tmp_path):
    file = tmp_path / "run.sh"
    file.write_text("python -m verl.trainer.main_ppo data.train_batch_size=8 actor_rollout_ref.model.path=gpt2\n")
    assert TrainingConfiguration([file]).stage == "ppo"  # gae


def test_the_stage_of_others_than_ours_is_asked_for(tmp_path):
    found = read(tmp_path, "base_model: Qwen/Qwen2.5-7B\nrl: ebft\nmicro_batch_size: 1\n")
    assert found.stage is None and found.missing[0] == "stage"
    refused("STAGE: one of sft, rm, dpo, ppo, grpo", found.estimate)


# A value that nothing here understands, by file, and the options that hang on it: no default takes their place.
UNREAD = {
    "stage": ("stage: mpo\nfinetuning_type: lora\n", ()),
    "what trains": ("stage: sft\nfinetuning_type: freeze\n", ("lora_rank",)),
    "bits": ("stage: sft\nfinetuning_type: lora\nquantization_bit: 2\n", ("base_bits",)),
    "optimizer": ("stage: sft\nfinetuning_type: full\noptim: adafactor\n", ("recipe",)),
    "epochs": ("stage: sft\nfinetuning_type: full\nnum_train_epochs: three\n", ("epochs",)),
    "no batch": ("stage: sft\nfinetuning_type: full\nper_device_train_batch_size: 0\n", ("micro_batch",)),
    "half a batch": ("stage: dpo\nfinetuning_type: full\nper_device_train_batch_size: 2.5\n", ("micro_batch",)),
    "a variable": ("stage: sft\nfinetuning_type: full\nper_device_train_batch_size: ${BATCH}\n", ("micro_batch",)),
    "a pattern": ("stage: sft\nfinetuning_type: lora\nlora_target: .*(q|v)_proj\n", ("lora_targets",)),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_understood_is_asked_for_and_no_default_takes_its_place(tmp_path, name):
    content, asked = UNREAD[name]
    file = tmp_path / "own.yaml"
    file.write_text(f"model_name_or_path: Qwen/Qwen2.5-7B\ncutoff_len: 512\n{content}")
    read = TrainingConfiguration([file], given=WORK | {"gpus": 8})
    assert read.missing == (asked or ("stage",)) and not set(asked) & read.options.keys()
    assert any("of own.yaml: " in line for line in read.asks())
    assert all(each.why != "another key says the stage" for each in read.ignored)
    answers = {
        "lora_rank": 8,
        "base_bits": 4,
        "recipe": "mixed-16",
        "epochs": 2,
        "micro_batch": 4,
        "lora_targets": "qv",
    }
    given = WORK | {"gpus": 8} | {each: answers[each] for each in asked}
    again = TrainingConfiguration([file], stage=read.stage or "sft", given=given)
    assert again.missing == () and again.estimate().hours > 0


def test_lists_of_gpus_count_and_a_shared_length_is_that_of_both(tmp_path):
    file = tmp_path / "rl.toml"
    file.write_text("max_steps = 500\nseq_len = 4096\ninference_gpu_ids = [0, 1, 2]\ntrainer_gpu_ids = [3, 4]\n"
                    "[orchestrator]\nbatch_size = 512\nrollouts_per_example = 16\n")  # fmt: skip
    lengths = {"prompt_tokens": 100, "response_tokens": 924}
    read = TrainingConfiguration([file], given={"gpu": "h100-sxm-80gb", **lengths})
    # 3 + 2 GPUs; a packed row of 4,096 tokens holds four of 1,024; 500 steps of 512 / 16 prompts.
    assert {name: read.options[name] for name in ("gpus", "micro_batch", "examples")} == {
        "gpus": 5, "micro_batch": 4, "examples": 16_000}  # fmt: skip


def test_a_key_that_nothing_knows_names_the_nearest_that_sets_something(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("model_name_or_path: gpt2\npacking: false\nmax_seq_length: 9\nper_device_batch_size: 4\n")
    why = {each.key: each.why for each in TrainingConfiguration([file], "trl").ignored}["per_device_batch_size"]
    assert why.startswith("not among the keys that are known; did you mean per_device_train_batch_size")


def test_sharding_that_offloads_says_so(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("model_name_or_path: gpt2\npacking: false\nfsdp: full_shard auto_wrap offload\n")
    read = TrainingConfiguration([file], "trl")
    assert (read.options["zero"], read.options["offload"]) == (3, "all")


def test_an_engine_that_nobody_knows_is_asked_for(tmp_path):
    file = tmp_path / "run.sh"
    file.write_text("python -m verl.trainer.main_ppo data.train_batch_size=8 actor_rollout_ref.rollout.name=nosuch\n")
    [said] = [line for line in TrainingConfiguration([file]).asks() if line.startswith("--engine ")]
    assert "'nosuch' is none of vllm, sglang, hf, trtllm" in said


def test_an_unknown_framework_and_a_file_of_none_are_refused(tmp_path):
    refused(
        "framework must be one of .*, got 'axolot'; did you mean axolotl",
        TrainingConfiguration,
        [DATA / "axolotl/dpo.yml"],
        "axolot",
    )
    (tmp_path / "x.yaml").write_text("alpha: 1\nbeta_2: 3\n")
    refused(r"x.yaml is a configuration of none of the frameworks .* its keys are alpha, beta_2", TrainingConfiguration,
            [tmp_path / "x.yaml"])  # fmt: skip
    refused("of none", TrainingConfiguration, [DATA / "trl" / "zero3.yaml"])


# --- scripts --------------------------------------------------------------------------------------------------------


def test_variables_of_a_script_are_followed_and_commands_are_not_run(tmp_path):
    text = """
    MODEL=Qwen/Qwen2.5-7B; N=${N:-4}
    A=$((N * 2)) # eight
    BATCH=$(touch "$HOME/never" && echo 4)
    ARGS="--num_generations 8 --beta 0.04"
    accelerate launch --num_processes $A src/open_r1/grpo.py --model_name_or_path "$MODEL" \\
        --per_device_train_batch_size $BATCH $ARGS --report_to 'wandb' ; echo done
    """
    found = read(tmp_path, text, "run.sh")
    assert (found.stage, found.options["gpus"], found.options["samples"]) == ("grpo", 8, 8)
    assert found.options["model"] == "qwen2.5-7b"
    assert {each.key: each.why for each in found.ignored}["per_device_train_batch_size"] == (
        "computed when it runs, and not followed"
    )


def test_a_script_that_launches_a_file_reads_it_and_the_file_of_the_launcher(tmp_path):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "grpo.yaml").write_text((DATA / "trl" / "grpo.yaml").read_text(encoding="utf-8"))
    (tmp_path / "recipes" / "ds.yaml").write_text((DATA / "trl" / "zero3.yaml").read_text(encoding="utf-8"))
    text = (
        "accelerate launch --config_file recipes/ds.yaml src/grpo.py --config recipes/grpo.yaml --num_generations 16\n"
    )
    (tmp_path / "scripts").mkdir()
    found = read(tmp_path, text, "scripts/run.sh")
    # The script wins over the file that it launches, the recipe's processes over those of the launcher's file.
    assert (found.options["samples"], found.options["zero"], found.options["gpus"]) == (16, 3, 7)
    assert found.options["micro_batch"] == 16 and found.framework == "trl"


def test_a_command_in_quotes_is_read_and_defaults_name_other_variables(tmp_path):
    text = """
    OFFLOAD=${OFFLOAD:-True}; ADAM=${ADAM:-$OFFLOAD}
    srun --nodes 2 bash -c "pip install openrlhf && python3 -m openrlhf.cli.train_dpo \\
        --actor.model_name_or_path Qwen/Qwen2.5-7B --train.micro_batch_size 2 --ds.adam_offload $ADAM" >> log 2>&1
    """
    found = read(tmp_path, text, "job.slurm")
    assert (found.framework, found.stage, found.options["micro_batch"]) == ("openrlhf", "dpo", 4)
    assert found.options["offload"] == "optimizer" and found.options["model"] == "qwen2.5-7b"


def test_moments_of_verl_follow_the_type_of_its_weights(tmp_path):
    text = (DATA / "verl" / "grpo.sh").read_text(encoding="utf-8")
    more = "actor_rollout_ref.actor.fsdp_config.model_dtype=bfloat16 actor_rollout_ref.model.lora.rank=16 $@"
    assert read(tmp_path, text.replace("$@", more.split()[0]), "a.sh").options["recipe"] == "bf16-8"
    assert read(tmp_path, text.replace("$@", more), "b.sh").options["lora_rank"] == 16


def test_a_script_without_its_file_is_asked_for_it(tmp_path):
    refused("none of the frameworks", read, tmp_path, "python train.py --config other.yaml\n", "run.sh")
    found = read(tmp_path, "llamafactory-cli train examples/x.yaml\n", "run.sh")
    assert {each.key: each.why for each in found.ignored}["config"].startswith("no file that is found")


def test_a_file_behind_a_program_is_no_value_of_the_option_before_it(tmp_path):
    text = "accelerate launch --num_processes 4 scripts/run_dpo.py recipes/dpo.yaml --load_in_4bit=false\n"
    refused(
        "none of the frameworks that are read, and runs 'recipes/dpo.yaml': give that as one more --config",
        read,
        tmp_path,
        text,
        "run.sh",
    )
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "dpo.yaml").write_text(
        "model_name_or_path: gpt2\nbeta: 0.1\nper_device_train_batch_size: 2\nuse_peft: true\n"
    )
    found = read(tmp_path, text, "run.sh")
    assert (found.framework, found.stage, found.options["gpus"]) == ("trl", "dpo", 4)


def test_files_of_two_frameworks_are_refused_unless_one_is_named():
    both = [DATA / "axolotl" / "dpo.yml", DATA / "llama-factory" / "lora_dpo.yaml"]
    refused(
        "dpo.yml, lora_dpo.yaml are of (axolotl and llamafactory|llamafactory and axolotl)", TrainingConfiguration, both
    )
    assert TrainingConfiguration(both, "axolotl").framework == "axolotl"


@pytest.mark.parametrize(("framework", "text"), [
    ("torchtune", "optimizer:\n  _component_: torch.optim.SGD\nbatch_size: 1\n"),
    ("prime-rl", "[data]\nbatch_size = 8\n[optim]\ntype = 'muon'\n"),
    ("slime", "python3 train.py --rollout-batch-size 8 --optimizer sgd\n"),
    ("nemo-rl", "sft:\n  max_num_steps: 9\npolicy:\n  optimizer:\n    name: torch.optim.SGD\n"),
])  # fmt: skip
def test_an_optimizer_with_other_states_than_adam_is_asked_for(tmp_path, framework, text):
    name = {"prime-rl": "a.toml", "slime": "a.sh"}.get(framework, "a.yaml")
    (tmp_path / name).write_text(text)
    assert "recipe" in TrainingConfiguration([tmp_path / name], framework, "sft").missing


def test_micro_batches_of_packed_sequences_of_nemo_hold_as_many_tokens_as_whole_ones(tmp_path):
    (tmp_path / "a.yaml").write_text("grpo:\n  num_prompts_per_step: 8\npolicy:\n  max_total_sequence_length: 4096\n"
                                     "  train_micro_batch_size: 2\n  sequence_packing: {enabled: true}\n")  # fmt: skip
    given = {"prompt_tokens": 512, "response_tokens": 512}
    assert TrainingConfiguration([tmp_path / "a.yaml"], given=given).options["micro_batch"] == 8  # 2 x 4096 / 1024


def test_arrays_defaults_and_sums_of_a_script(tmp_path):
    text = """
    MODEL=${MODEL_PATH:-"Qwen/Qwen2.5-7B"}
    max_len=$((1024 * 2))
    ARGS=(
       --colocate  # on the same GPUs
       --rollout-num-gpus 8
    )
    python3 train.py --hf-checkpoint ${MODEL} --actor-num-gpus-per-node 8 --rollout-max-response-len ${max_len} \
       --num-rollout 10 --rollout-batch-size 4 --use-dynamic-batch-size ${ARGS[@]} "$@"
    """
    found = read(tmp_path, text, "run.sh", prompt_tokens=10, response_tokens=3000)
    assert (found.options["gpus"], found.options["model"], found.framework) == (8, "qwen2.5-7b", "slime")
    assert [entry.value for entry in found.ignored if entry.key == "rollout_max_response_len"] == ["2048"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", b"base_model: [1, 2\n", "line 2"),
        ("a.yaml", b"base_model: &a x\nmicro: *a\nother: !!python/object:os.system x\n", "tag"),
        ("a.yaml", b"- 1\n", "must hold names and values"),
        ("a.yaml", b"", "must hold names and values"),
        ("a.toml", b"[model\nname = 1", "is no TOML"),
        ("a.toml", b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deep"),
        ("a.json", b'{"a": 1, "a": 2}', "is no JSON: a name is given twice"),
        ("a.json", b"[" * 100_000, "nested too deep"),
        ("a.sh", b"python train.py --a 'never closed\n", "line 1: a quote or a bracket is opened and never closed"),
        ("a.sh", b"\x00\x01--a", "NUL"),
        ("a.sh", b"\xff\xfe--a", "UTF-8"),
        ("a.sh", b"--a 1\n" * 200_000, "more than 1,000,000 bytes"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    result = costlib("estimate", "--config", tmp_path / name, *ASKED)
    assert result.exit_code == 2 and words in result.output and result.output.count("\n") == 1, result.output


def test_a_file_that_names_itself_ends(tmp_path):
    found = read(tmp_path, "defaults: recipe.yaml\npolicy:\n  model_name: Qwen/Qwen2.5-7B\ngrpo:\n"
                 "  num_prompts_per_step: ${grpo.num_prompts_per_step}\n")  # fmt: skip
    assert found.framework == "nemo-rl" and found.options["model"] == "qwen2.5-7b"


# --- the table ------------------------------------------------------------------------------------------------------


def test_rows_of_keys_are_of_known_frameworks_stages_and_terms():
    frameworks, known = catalog.table("recipe_frameworks"), options.options()
    terms = {each.term for each in catalog.table("recipe_keys").values()}
    for row in catalog.table("recipe_keys").values():
        assert row.framework in {*frameworks, "any"}, row.name
        assert set(filter(None, row.stages.split("|"))) <= set(job.STAGES), row.name
        assert row.needs.removeprefix("no ") in {"", *terms}, row.name
        if row.default:
            keys.meaning(row, row.default)
        if row.default and row.term == "stage":  # as the stage is named here, not as the framework names it
            assert row.default in job.STAGES, row.name
        if row.term in known and row.values and not row.values.startswith("@"):
            for said in {each.partition("=")[2] for each in row.values.split("|")} - {"", "*", "yes", "no"}:
                known[row.term].parse(said)
    for name in frameworks:
        assert name == "launcher" or {"model", "stage"} <= {each.term for each in keys.records(name)}, name


# --- the doors ------------------------------------------------------------------------------------------------------


def test_the_command_asks_for_what_no_file_holds():
    result = costlib("estimate", "--config", DATA / "trl" / "qlora_dpo.yaml")
    assert result.exit_code == 2
    for flag in ("--gpu [", "--gpus [", "--examples [", "--prompt-tokens [", "--response-tokens ["):
        assert flag in result.output
    assert "at most 512 by max_prompt_length" in result.output and "pairs" in result.output


def test_the_command_answers_as_the_options_that_it_reads_off():
    found = answer("estimate", "--config", DATA / "trl" / "grpo.yaml", *ASKED)
    stage, by_hand, _ = BY_HAND["trl/grpo.yaml"]
    words = [(options.options()[name].flag, value) for name, value in by_hand.items()]
    flags = [word for flag, value in words
             for word in ((flag.replace("--", "--no-"),) if value is False else (flag, str(value)))]  # fmt: skip
    same = answer("estimate", stage, *flags, *ASKED)
    config = found.pop("config")
    # What a file says is given, also where a default is the same: a layout that is searched leaves it as it is.
    assert {**found, "others": []} == {**same, "others": []}
    assert config["framework"] == "trl" and config["missing"] == []
    assert {"key": "num_generations", "value": "7", "sets": {"stage": "grpo", "samples": 7, "generation_batch": 1792},
            "why": "keys of GRPOConfig"} in config["used"]  # fmt: skip


def test_steps_count_once_the_command_says_the_gpus():
    file = DATA / "llama-factory" / "full_sft.yaml"
    asked = ("--gpu", "h100-sxm-80gb", "--gpus", "8", "--prompt-tokens", "1000", "--response-tokens", "1048")
    found = answer("estimate", "--config", file, *asked)
    # 500 steps of 2 x 2 x 8 rows, each packed with two sequences of 2,048 tokens.
    assert found["settings"]["examples"] == 500 * 2 * 2 * 8 * 2 and found["settings"]["micro_batch"] == 4
    assert found["settings"]["epochs"] == 1


def test_python_reads_what_the_command_reads():
    read = package.job_from(DATA / "trl" / "grpo.yaml", gpu="h100-sxm-80gb", prompts=1000, prompt_tokens=100,
                            response_tokens=40)  # fmt: skip
    found = answer("estimate", "--config", DATA / "trl" / "grpo.yaml", *ASKED)
    assert json.loads(json.dumps(read.estimate().to_dict())) == found
    assert "ignored, since" in repr(read)


def test_files_beside_a_recipe_are_given_one_by_one():
    files_of = ("--config", DATA / "trl" / "qlora_dpo.yaml", "--config", DATA / "trl" / "zero3.yaml")
    settings = answer("estimate", *files_of, *ASKED)["settings"]
    assert (settings["gpus"], settings["zero"], settings["lora_rank"]) == (8, 3, 128)


def test_each_key_is_printed():
    printed = told("estimate", "--config", DATA / "verl" / "grpo.sh", *ASKED, columns=100)
    for words in ("used", "assumed", "ignored, since", "data.train_batch_size: 1024", "--generation-batch 5,120",
                  "trainer.logger"):  # fmt: skip
        assert words in printed, words


def test_a_stage_is_needed_without_a_file_and_a_framework_with_one():
    assert "Missing argument 'STAGE'" in costlib("estimate", *ASKED).output
    assert costlib("estimate", "sft", "--framework", "trl", *ASKED).exit_code == 2


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("file", ["verl/ppo.yaml", "trl/grpo.yaml"])
def test_what_was_read_names_every_key_and_why_whatever_the_window(file, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    read = package.job_from(ROOT / "tests" / "recipes" / "data" / file)
    printed = "".join(repr(read).split())
    for entries in (read.used, read.assumed, read.ignored):
        assert all(each.key in printed for each in entries)
    # Words of two columns stand between each other where a table is folded.
    assert all(word in printed for each in read.ignored for word in each.why.split())
    assert "noroom" not in printed
