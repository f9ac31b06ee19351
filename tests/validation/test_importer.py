"""Free text of tables of measurements, by hand: what the words of a row come to."""

import pytest
from command import refused

from costlib.validation import importer
from costlib.validation.importer import imported


def cells(table, **row):
    """What is in the cells of an imported row, without empty ones."""
    return {name: text for name, text in imported(table, row).cells.items() if text}


def rollouts(text="", **row):
    return cells("runs", stage="ppo", model="Llama-2-7B", other_inputs=text, **row)


def tuning(text="", **row):
    return cells("runs", stage="sft", model="Llama-2-7B", other_inputs=text, **row)


def memory(quantity="peak memory", **row):
    return cells("memory", model="Llama-2 7B", quantity=quantity, **row)


def inference(**row):
    return cells("inference", model="Llama-3.1 8B", **{"metric": "ITL", "unit": "ms"} | row)


def has(found, **expected):
    assert {name: found.get(name, "") for name in expected} == expected


# --- rollouts -------------------------------------------------------------------------------------------------------


def test_prompts_of_a_run_are_those_of_a_step_times_steps():
    has(rollouts("batch 64 prompts, 100 steps"), examples="6400", per="run", batch="")
    has(rollouts("questions x, 50 steps", examples="20"), examples="1000", per="run")
    refused("missing steps of the run", rollouts, "batch 64 prompts")
    refused("missing steps of the run", rollouts, "questions x", examples="20")


def test_prompts_of_a_step_count_as_often_as_the_value_is_of_steps():
    # Two steps of 64 prompts, four answers each: 128 prompts, 256 answers at a time.
    has(rollouts("batch 64 prompts, n=4", per="2 steps"), examples="128", batch="256", per="step", samples="4")
    has(rollouts("batch 64 prompts, n=4", per="step"), examples="64", batch="256", per="step")
    has(rollouts("n=4", per="iteration", examples="10"), examples="10", batch="40", per="step")
    # A value of so many prompts is not multiplied by them.
    has(rollouts("n=2", per="512 prompts", examples="512"), examples="512", batch="1024", per="step")
    # A batch that is stated stays; without prompts there is none.
    has(rollouts("global batch 96", per="step", examples="10"), batch="96")
    has(rollouts("n=4", per="step", batch="7", examples="10"), batch="7")
    has(rollouts("n=4", per="step"), batch="", examples="")


def test_episodes_are_answers_and_not_prompts():
    has(rollouts("8,000 episodes, n=8", examples="8000"), examples="1000", per="run")
    has(rollouts("8,000 episodes", examples="8000"), examples="8000")
    has(rollouts("n=8", examples="8000"), examples="8000")


@pytest.mark.parametrize(
    ("text", "row", "share"),
    [("generation 40 %", {}, "40"), ("", {"unit": "s of 120 s"}, "50"), ("(gen 15", {}, "25"),
     ("rollout 45, update 15", {}, "75"), ("(gen 60", {}, ""), ("(gen 90", {}, ""),
     ("generation 40 %", {"generation_share": "30"}, "30"), ("", {}, ""),
     # What is said of the share itself goes before what follows from seconds, the whole before a part.
     ("generation 40 %, (gen 15", {"unit": "s of 120 s"}, "40"), ("(gen 15", {"unit": "s of 120 s"}, "50")],
)  # fmt: skip
def test_the_share_of_generation_in_a_step_of_60_seconds(text, row, share):
    has(rollouts(text, value_norm="60", unit_norm="s", **row), generation_share=share)


def test_without_a_value_no_share_follows():
    has(rollouts("generation 40 %"), generation_share="")


def test_lengths_of_answers():
    # Both written: the answer is as long as the longest, and the sequence as both.
    has(rollouts("256+300"), prompt_tokens="256", response_tokens="300", longest_tokens="300", sequence_length="556")
    has(rollouts("256+300", seq_len="1024"), sequence_length="1024")
    has(rollouts("generation exactly 128"), prompt_tokens="", response_tokens="128", sequence_length="")
    # A mean alone is its own longest; a length or a maximum is the longest where it is longer.
    has(rollouts("mean response 370"), response_tokens="370", longest_tokens="370")
    has(rollouts("mean response 370", seq_len="2048"), response_tokens="370", longest_tokens="2048")
    has(rollouts("mean response 370, max response 1k", seq_len="2048"), longest_tokens="1000")
    has(rollouts("mean response 370, max response 100"), longest_tokens="370")
    has(rollouts("max response 1k"), response_tokens="", longest_tokens="1000")
    # A sequence length alone says nothing of answers, unless the words do.
    has(rollouts("n=2", seq_len="2048"), response_tokens="", longest_tokens="")
    has(rollouts("generated tokens", seq_len="512"), response_tokens="512", longest_tokens="512")
    has(rollouts("generated tokens"), response_tokens="")
    has(rollouts("mean prompt 90, mean response 370", prompt_tokens="80"), prompt_tokens="80", response_tokens="370")


# --- training -------------------------------------------------------------------------------------------------------


def test_values_per_tokens_steps_and_iterations_of_pretraining():
    def of(per, **row):
        return cells("runs", stage="pretrain", model="Llama-2-7B", other_inputs="bf16", per=per, **row)

    has(of("1T tokens"), tokens="1000000000000", per="run", steps="")
    has(of("250B tokens"), tokens="250000000000", per="run")
    has(of("step"), steps="1", per="step", tokens="")
    has(of("100 iterations"), steps="100", per="step")
    has(of("run", tokens="5e9"), tokens="5e9", per="run", steps="")


def test_examples_of_a_step_are_its_sequences():
    # A value of one step of 8 micro-batches of 4; of 16, as the words count them; and without a micro-batch.
    has(tuning("micro-batch 4", per="step", examples="8"), examples="32", per="step")
    has(tuning("micro-batch 4", per="16 steps"), examples="64", per="step")
    has(tuning("bf16", per="16 steps"), examples="16", per="step")
    refused("column examples: empty", tuning, "bf16", per="step")


def test_steps_times_a_batch_are_examples_of_one_epoch():
    has(tuning("500 steps x bs 64"), examples="32000", epochs="1", per="run")
    has(tuning("500 steps"), examples="", epochs="")


def test_packed_sequences_are_full():
    has(tuning("packed", seq_len="2048"), mean_tokens="2048")
    has(tuning("packed"), mean_tokens="")
    has(tuning("unpacked", seq_len="2048"), mean_tokens="")
    has(tuning("packed, mean 300 tokens", seq_len="2048"), mean_tokens="2048")


def test_a_batch_in_tokens_is_in_sequences():
    has(tuning("global batch 4M tokens", seq_len="2000"), batch="2000")
    has(tuning("global batch 4M tokens"), batch="")
    has(tuning("global batch 64", seq_len="2000"), batch="64")
    has(tuning("global batch 64", batch="32"), batch="32")


@pytest.mark.parametrize(
    ("row", "unit"),
    [({"unit_norm": "hours"}, "h"), ({"unit_norm": "Secs"}, "s"), ({"unit_norm": "minutes"}, "min"),
     ({"unit_norm": "day"}, "d"), ({"unit_norm": "GPU-h"}, "GPU-h"), ({"unit": "%", "reported_quantity": "mfu"}, "%"),
     ({"unit": "tokens/s", "reported_quantity": "tokens_per_s"}, "tokens/s"),
     ({"unit": "%", "reported_quantity": "mfu", "unit_norm": "TFLOP/s"}, "TFLOP/s"),
     ({"unit": "%", "reported_quantity": "wall_hours"}, "")],
)  # fmt: skip
def test_units_of_runs(row, unit):
    has(tuning("bf16", **row), unit_norm=unit)


def test_a_micro_batch_that_is_stated_goes_before_words():
    has(tuning("micro-batch 4", micro_batch="2"), micro_batch="2")
    has(tuning("micro-batch 4"), micro_batch="4")


# --- memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("gib", "GiB"),
        ("GB", "GB"),
        ("KIB", "KiB"),
        ("kb", "KB"),
        ("mib", "MiB"),
        ("MB", "MB"),
        ("tib", "TiB"),
        ("tb", "TB"),
        ("byte", "bytes"),
        ("Bytes", "bytes"),
        ("gb (GiB)", "GiB"),
        ("GB (1e9)", "GB"),
    ],
)
def test_units_of_memory(written, unit):
    has(memory(unit=written, value="40"), unit=unit)


def test_a_cache_without_a_length_is_of_one_token_and_a_kind_loses_its_note():
    has(
        memory("KV cache", unit="GB", kind="analytical (table 2)"), sequence_length="1", kind="analytical", what="cache"
    )
    has(memory("KV cache", unit="GB", seq_len="2048"), sequence_length="2048")
    has(memory("peak memory", unit="GB"), sequence_length="")


def test_a_micro_batch_of_words_is_taken_where_no_cell_has_one():
    has(memory(unit="GB", method="micro-batch 4"), micro_batch="4")
    has(memory(unit="GB", method="micro-batch 4", micro_batch="2"), micro_batch="2")


def test_a_utilisation_in_a_memory_table_is_a_run():
    row = {
        "model": "Llama-2 7B",
        "quantity": "MFU %",
        "value": "45",
        "unit": "%",
        "num_gpus": "8",
        "seq_len": "4096",
        "gpu": "A100",
        "source": "a source",
        "id": "x-1",
        "method": "full recompute, tp4",
        "n_gpus": "8",
    }
    found = imported("memory", row)
    assert found.kind == "runs"
    has(found.cells, stage="pretrain", reported_quantity="mfu", value_norm="45", unit_norm="%", sequence_length="4096",
        grade="A", recompute="full", tensor_parallel="4", gpus="8", id="x-1", source="a source",
        gpu="a100-sxm-80gb")  # fmt: skip


def test_a_wall_time_in_a_memory_table_is_a_run_of_ppo():
    row = {
        "model": "OPT-13B",
        "quantity": "wall time",
        "value": "9",
        "unit": "hours",
        "seq_len": "512",
        "gpu": "A100",
        "n_gpus": "8",
        "method": "PPO, critic 350m",
        "other_inputs": "135M tokens",
        "source": "a source",
    }
    found = imported("memory", row)
    assert found.kind == "runs"
    # 9 hours in seconds; 135 million tokens in sequences of 512.
    has(found.cells, stage="ppo", value_norm="32400", unit_norm="s", examples="263671.875", epochs="1", per="run",
        reported_quantity="wall_hours", critic="opt-350m", gpus="8")  # fmt: skip
    for column in ("other_inputs", "seq_len"):
        refused("missing tokens of the run", imported, "memory", row | {column: ""})
    without = imported("memory", row | {"method": "PPO"})
    has(without.cells, critic="", examples="263671.875")


# --- inference and throughput ---------------------------------------------------------------------------------------


def test_bits_of_the_cache_follow_those_of_the_weights():
    has(inference(weights="bf16"), weight_bits="16", kv_bits="16")
    has(inference(weights="fp8"), weight_bits="8", kv_bits="8")
    has(inference(weights="int4"), weight_bits="4", kv_bits="8")
    has(inference(weights="fp8", kv_dtype="fp16"), weight_bits="8", kv_bits="16")
    has(inference(weights="fp8", weight_bits="16"), weight_bits="16", kv_bits="16")


def test_a_prompt_is_stated_or_assumed():
    has(inference(weights="bf16", input_len="2,000"), prompt_tokens="2,000", assumed="")
    has(inference(weights="bf16", input_len="mean 300"), prompt_tokens="300", assumed="prompt_tokens")
    has(inference(weights="bf16", input_len="max input 900"), prompt_tokens="", longest_prompt_tokens="900",
        assumed="prompt_tokens")  # fmt: skip
    has(inference(weights="bf16"), prompt_tokens="", assumed="")
    has(inference(weights="bf16", input_len="mean 300", prompt_tokens="80"), prompt_tokens="80", assumed="")


def test_batches_and_slopes_of_engines():
    has(inference(weights="bf16", batch_or_concurrency="64"), batch="64", what="step")
    has(inference(weights="bf16", batch_or_concurrency="64", batch="8"), batch="8")
    has(inference(weights="bf16", metric="ITL slope"), what="step slope")
    has(inference(weights="bf16", metric="ITL intercept"), what="step intercept")


def test_throughput_has_two_precisions_and_names_models_by_size():
    def throughput(**row):
        return cells("throughput", **{"model": "7b", "gpu": "H100", "sharding": "zero-3"} | row)

    has(throughput(precision="amp_FP8", source="llm-foundry", seq_len="2048"), precision="fp8", model="mpt-7b",
        position_embeddings="2048", zero="3")  # fmt: skip
    has(throughput(precision="amp_bf16", source="another", seq_len="2048"), precision="bf16", model="7b")
    has(throughput(model="Llama-2 7B", source="llm-foundry"), model="Llama-2 7B", position_embeddings="")
    has(throughput(model="1.3b", source_status="llm-foundry"), model="mpt-1.3b", position_embeddings="")


# --- words ----------------------------------------------------------------------------------------------------------


def test_numbers_have_thousands_and_letters_for_them():
    has(tuning("batch 2k tokens", seq_len="1000"), batch="2")
    has(tuning("global batch 1,024"), batch="1024")
    has(rollouts("mean response 1.5k"), response_tokens="1500")


def test_words_that_no_rule_used_are_listed_without_their_marks():
    row = {"stage": "sft", "model": "Llama-2-7B", "other_inputs": "micro-batch 4, purple. zero-2 elephants (3 of them)"}
    assert imported("runs", row).unread == ("purple", "elephants", "3", "of", "them")
    assert imported("runs", {"stage": "sft", "model": "Llama-2-7B"}).unread == ()


def test_what_is_denied_is_not_read_as_said():
    row = {"stage": "sft", "model": "m", "other_inputs": "no activation checkpointing, micro-batch 4, zero-2, purple"}
    found = imported("runs", row)
    assert found.unread == ("purple",)
    has(found.cells, recompute="none", micro_batch="4", zero="2")
    has(tuning("no activation checkpointing"), recompute="none")
    has(tuning("no LoRA, r=8"), lora_rank="")
    assert imported("runs", {"stage": "sft", "model": "m", "other_inputs": "without LoRA"}).unread == ()


def test_a_cell_goes_before_words_except_for_a_unit():
    has(tuning("zero-2", zero="3"), zero="3")
    has(memory(unit="gib"), unit="GiB")
    # Adapters of a cell are adapters: their targets are read.
    has(tuning("q,v", lora_rank="8"), lora_rank="8", lora_targets="qv")
    has(tuning("q,v"), lora_targets="")


def test_older_columns_keep_their_meaning():
    has(tuning("bf16", params_b="6.74", num_gpus="8", seq_len="alpaca"), parameters="6740000000", gpus="8",
        sequence_length="1304")  # fmt: skip
    # A count may be rounded: 6.74 billions are 4 % below 7, and 16 % below 8.
    has(tuning(parameters="7e9", params_b="6.74"), parameters="7e9")
    refused(
        "^columns parameters and params_b: both are given, '8e9' and '6.74'$", tuning, params_b="6.74", parameters="8e9"
    )
    has(tuning("bf16", gpu="A100_40GB"), gpu="a100-sxm-40gb")
    has(tuning("bf16", gpu="abacus"), gpu="abacus")
    assert importer.older("runs")["num_gpus"] == ("gpus", 1)


def test_rows_in_structured_columns_are_left_as_they_are():
    row = {"model": "Llama-2 7B", "what": "cache", "unit": "GiB"}
    assert imported("memory", row) == ("memory", row, ())


# --- other spellings, replaced before any word is read ----------------------------------------------------------------

TIME = {"reported_quantity": "wall_hours", "value_norm": "3"}


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [("memory", {"unit": "gigabytes"}, {"unit": "GB"}), ("memory", {"unit": "G"}, {"unit": "GB"}),
     ("memory", {"unit": "gib"}, {"unit": "GiB"}), ("memory", {"unit": "GB/GPU"}, {"unit": "GB"}),
     ("memory", {"unit": "MiB per GPU"}, {"unit": "MiB"}), ("memory", {"unit": "gallons"}, {"unit": "gallons"}),
     ("memory", {"unit": "GB", "value": "OOM"}, {"value": "", "fits": "no"}),
     ("memory", {"unit": "", "value": "CUDA out of memory"}, {"value": "", "fits": "no", "unit": "GB"}),
     ("runs", TIME | {"unit_norm": "hrs"}, {"unit_norm": "h", "reported_quantity": "wall_hours"}),
     ("runs", TIME | {"unit_norm": "A100 hours"}, {"unit_norm": "GPU-h", "reported_quantity": "gpu_hours"}),
     ("runs", TIME | {"unit_norm": "GPU hours"}, {"unit_norm": "GPU-h", "reported_quantity": "gpu_hours"}),
     ("runs", TIME | {"reported_quantity": "seconds per step"}, {"reported_quantity": "wall_hours", "per": "step"}),
     ("runs", {"reported_quantity": "HFU", "unit_norm": "percent"},
      {"reported_quantity": "mfu", "counts_recompute": "yes", "unit_norm": "%"}),
     ("runs", {"reported_quantity": "throughput", "unit_norm": "tok/sec/GPU"},
      {"reported_quantity": "tokens_per_s", "unit_norm": "tokens/s/GPU"}),
     ("runs", {"reported_quantity": "tokens_per_s", "value_norm": "3.5", "unit_norm": "k tokens/s (job)"},
      {"value_norm": "3500", "unit_norm": "tokens/s (job)"}),
     ("runs", {"stage": "LoRA"}, {"stage": "sft"}), ("runs", {"stage": "RLHF"}, {"stage": "ppo"}),
     ("runs", {"stage": "dapo"}, {"stage": "grpo"}), ("runs", {"stage": "reward model"}, {"stage": "rm"}),
     ("runs", {"stage": "SimPO", "examples": "60"}, {"stage": "dpo", "reference": "none", "examples": "60"}),
     # Answers judged one by one are half as many pairs.
     ("runs", {"stage": "kto", "examples": "60k"}, {"stage": "dpo", "examples": "30000"}),
     ("runs", {"stage": "poetry"}, {"stage": "poetry"}),
     ("inference", {"what": "tokens", "unit": "tokens per second"}, {"unit": "tok/s"}),
     ("inference", {"what": "tokens", "unit": "requests/second"}, {"unit": "requests/s"}),
     ("inference", {"what": "step", "unit": "milliseconds", "output_len": "1k"},
      {"unit": "ms", "response_tokens": "1000"}),
     # So few parameters can only be billions; a count stays one.
     ("memory", {"params": "6.74"}, {"parameters": "6740000000"}),
     ("memory", {"params": "7B"}, {"parameters": "7000000000"}),
     ("memory", {"params": "124439808"}, {"parameters": "124439808"}),
     ("memory", {"params": "6740"}, {"parameters": "6740"})],
)  # fmt: skip
def test_other_spellings_mean_the_same(kind, row, expected):
    found = imported(kind, {"model": "m"} | row).cells
    assert {name: found.get(name) for name in expected} == expected
