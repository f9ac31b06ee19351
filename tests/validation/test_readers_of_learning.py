"""Steps of reinforcement learning, updates of a trainer, and jobs that did not fit, beside the science."""

import pytest
from command import refused

from costlib import validation
from costlib.compute import memory, rollouts, stages, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.facts import catalog, hardware
from costlib.validation import predictions, tables
from costlib.validation.errors import own_table
from costlib.validation.readers import fits, phases, runs, updates
from costlib.validation.tables import record

BOOK, LLAMA, A100 = published(), find("llama-2-7b"), "a100-sxm-80gb"
STEP = {"id": "x", "model": "Llama-2-7B", "stage": "grpo", "gpu": "A100-80GB", "gpus": "8", "prompts": "64",
        "samples": "4", "prompt_tokens": "200", "response_tokens": "500", "longest_tokens": "900", "step_s": "100",
        "engine": "vllm"}  # fmt: skip


def cases(**cells):
    _, row, _ = record("phases", STEP | cells)
    return {each.quantity: each for each in phases.phase_cases(2, row, BOOK)}


def value(case):
    return float(case.predict(BOOK))


def step(stage=stages.grpo, gpus=8, more=(), **loop):
    """One step by hand: 64 prompts of 4 answers, all written at a time."""
    setup = memory.Setup(gpus, zero=3, micro_batch=8, recompute="full")
    run = stages.Run(timing.roofline(A100, coefficients=BOOK), setup, generation_batch=256, loop=rollouts.Loop(**loop))
    return stage(LLAMA, stages.Data(64, 200, 500, longest_tokens=900), run, *more, samples=4)


def seconds(cost, gpus, *names):
    return 3600 / gpus * sum(each.gpu_hours for each in cost.steps if not names or each.name in names)


def test_a_step_and_its_phases_in_one_pool():
    cost = step()
    found = cases(gen_s="40", old_logprob_s="9", ref_s="8", update_actor_s="25", values_s="7", sync_s="2")
    assert value(found["grpo step"]) == pytest.approx(seconds(cost, 8))
    assert value(found["generating"]) == pytest.approx(seconds(cost, 8, "prefill", "decode"))
    assert value(found["log-probabilities"]) == pytest.approx(seconds(cost, 8, "old log-probabilities"))
    assert value(found["reference"]) == pytest.approx(seconds(cost, 8, "reference"))
    assert value(found["update of the actor"]) == pytest.approx(seconds(cost, 8, "update actor"))
    # GRPO has no critic, so that nothing is said of its values; 40 of 100 s generate.
    assert "values" not in found and found["grpo generation share"].measured == 40
    assert found["grpo step"].regime == "grpo one pool" and found["generating"].regime == "phase generating"
    assert found["generating"].assumed == ()
    head = LLAMA.with_scalar_head()
    critic = cases(stage="ppo", values_s="7", update_critic_s="20", train_s="45")
    by_hand = step(stages.ppo, more=(head, head))
    assert value(critic["values"]) == pytest.approx(seconds(by_hand, 8, "value"))
    assert value(critic["updates"]) == pytest.approx(seconds(by_hand, 8, "update actor", "update critic"))


@pytest.mark.parametrize("placement", ["split", "asynchronous"])
def test_pools_of_their_own_take_their_gpus(placement):
    found = cases(
        placement=placement, gpus="12", train_gpus="8", rollout_gpus="4", gen_s="40", train_s="20", wait_s="9"
    )
    cost = step(rollout_gpus=4, staleness=int(placement == "asynchronous"))
    assert value(found["generating"]) == pytest.approx(seconds(cost, 4, "prefill", "decode"))
    assert value(found["updates"]) == pytest.approx(seconds(cost, 8, "update actor"))
    assert value(found["grpo step"]) == pytest.approx(seconds(cost, 12))
    assert found["grpo step"].regime == f"grpo {placement}"


def test_what_waits_elsewhere_is_no_generating():
    # An asynchronous trainer's wait says nothing of the time in which answers are written.
    found = cases(placement="asynchronous", gpus="12", train_gpus="8", rollout_gpus="4", gen_s="4", gen_is_wait="yes",
                  old_logprob_s="9")  # fmt: skip
    assert set(found) == {"grpo step", "log-probabilities"}
    # Of a step with tools only what passes afterwards is known.
    assert set(cases(tools="SWE agent", gen_s="40", train_s="20")) == {"updates"}
    refused("missing tools: their turns and seconds", cases, tools="SWE agent", gen_s="40")
    refused("missing response_tokens: what an answer with tools comes to", cases, tools="yes", response_tokens="")


def test_tools_with_turns_and_seconds_take_their_time():
    plain, called = cases(gen_s="40", train_s="20"), cases(
        tools="search", turns="3", tool_seconds="2", tool_concurrency="32", gen_s="40", train_s="20")  # fmt: skip
    # 64 prompts of 4 answers: 256 answers of 3 calls of 2 s, 32 side by side, are 48 s of the step.
    for name in ("grpo step", "generating"):
        assert value(called[name]) - value(plain[name]) == pytest.approx(48)
    assert value(called["updates"]) == pytest.approx(value(plain["updates"]))
    # Words may say the turns; a limit of turns is no number of them.
    assert record("phases", STEP | {"tools": "SWE, ~10 turns"})[1].turns == 10
    assert record("phases", STEP | {"tools": "ALFWorld <=50 turns"})[1].turns is None


@pytest.mark.parametrize(("cells", "reason"), [
    ({"step_s": ""}, "missing seconds of a step or phase"), ({"gpus": ""}, "missing gpus"),
    ({"prompts": ""}, "missing prompts"), ({"gpu": "abacus"}, "missing gpu: abacus is not in the catalogue"),
    ({"response_tokens": "", "longest_tokens": ""}, "missing response_tokens: neither the mean nor the longest answer"),
    ({"placement": "split"}, "missing train_gpus and rollout_gpus"), ({"model": "unheard-of"}, "missing model"),
    ({"stage": "sft"}, "outside the model: sft without its examples and lengths"),
    ({"stage": "update", "step_s": "", "train_s": "9"}, "missing rollouts and train_s, or train_tok_s_gpu"),
])  # fmt: skip
def test_a_row_of_phases_is_refused_with_the_missing_input(cells, reason):
    refused(reason, cases, **cells)


def test_a_length_that_is_assumed_is_said_and_kept_apart():
    found = cases(response_tokens="")
    assert found["grpo step"].assumed == ("mean length",)
    assert (found["grpo step"].group, cases()["grpo step"].group) == ("alignment, one input assumed", "alignment")


def test_a_speed_over_the_step_says_how_long_answers_are():
    # 300 tokens/s on each of 8 GPUs in 100 s are 240,000 tokens, of 256 answers 937.5 each, 200 of them the prompt.
    _, row, _ = record("phases", STEP | {"response_tokens": "", "tok_s_gpu": "300"})
    assert row.response_tokens == 737.5
    # Never above the longest.
    _, row, _ = record("phases", STEP | {"response_tokens": "", "tok_s_gpu": "900"})
    assert row.response_tokens == 900


PLACEMENTS = [
    ("one-step-off 4 gen+12 train", "asynchronous", 12, 4, 1), ("async 4 roll/12 train", "asynchronous", 12, 4, None),
    ("async 12 train/4 roll", "asynchronous", 12, 4, None), ("split 12+4", "split", 12, 4, None),
    ("colocated", "colocated", None, None, None), ("colocated sync", "colocated", None, None, None),
    ("disaggregated sync", "split", None, None, None), ("separate async", "asynchronous", None, None, None),
    ("sync", "colocated", None, None, None), ("", "", None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "placement", "train", "rollout", "staleness"), PLACEMENTS)
def test_words_of_a_placement(text, placement, train, rollout, staleness):
    _, row, unread = record("phases", STEP | {"gpus": "16", "placement": text, "engine": "vLLM 0.10.2"})
    assert (row.placement, row.train_gpus, row.rollout_gpus, row.staleness) == (placement, train, rollout, staleness)
    assert row.engine == "vllm" and unread == ()


@pytest.mark.parametrize(("text", "engine", "placement", "rollout"), [
    ("DeepSpeed-Chat without hybrid engine", "hf-generate", "", None),
    ("DeepSpeed-Chat hybrid engine", "deepspeed-hybrid", "colocated", None),
    ("OpenRLHF HF generate", "hf-generate", "", None), ("verl colocate sync", "vllm", "colocated", None),
    # Reference, reward model, actor, critic and engines: the last has GPUs of its own; without, the actor writes.
    ("OpenRLHF ray+vllm 1:1:2:2:2", "vllm", "split", 2), ("OpenRLHF ray 1:1:4:2", "hf-generate", "split", 4),
    ("slime on SGLang", "sglang", "", None), ("TRL", "hf-generate", "", None), ("somebody's own", "", "", None),
])  # fmt: skip
def test_software_says_the_engine_and_where_it_runs(text, engine, placement, rollout):
    _, row, _ = record("phases", STEP | {"engine": "", "software": text})
    assert (row.engine, row.placement, row.rollout_gpus) == (engine, placement, rollout)
    _, row, _ = record("runs", {"model": "Llama-2-7B", "stage": "ppo", "other_inputs": text, "gpu": "A100", "gpus": "8",
                                "reported_quantity": "wall_hours"})  # fmt: skip
    assert (row.engine, row.placement, row.rollout_gpus) == (engine, placement, rollout)


def test_the_headers_of_published_tables_are_kinds():
    older = ("id,stage,model,gpu,num_gpus,software,prompts,seconds_total,seconds_generating,share_generating,note",
             "id,software,version_date,algorithm,model,gpu,n_gpus,layout,engine,placement,prompts,samples_per_prompt,"
             "prompt_mean,resp_mean,resp_max,step_s,gen_s,gen_is_wait,old_logprob_s,ref_s,update_actor_s,sync_s,tools",
             "id,software,date,algo,model,gpu,num_gpus,train_gpus,rollout_gpus,placement,prompts_per_step,"
             "samples_per_prompt,prompt_len_mean,resp_len_mean,resp_len_max,step_s,gen_s,train_s,logprob_s",
             )  # fmt: skip
    rows = ('a,ppo,Llama-2-7B,A100-80GB,8,x,64,100,40,0.4,"1,024 + 1,024 tokens"',
            "b,verl,2025-06,GRPO,Llama-2-7B,A100-80GB,8,FSDP2; vLLM TP2x4,vLLM,colocated,64,4,200,500,900,100,40,no,9,"
            "8,25,2,no",
            "c,slime,2025-07,GRPO,Llama-2-7B,A100-80GB,12,8,4,split,64,4,200,500,900,100,40,25,17")  # fmt: skip
    counts = []
    for header, row in zip(older, rows, strict=True):
        table = tables.read(f"{header}\n{row}\n")
        found = validation.predict(table, 0)
        assert table.kind == "phases" and not found.missing and not found.unread
        counts.append(len(found.predicted))
    assert counts == [3, 7, 5]


def test_the_speed_of_a_whole_stage_is_its_tokens_over_its_hours():
    row = {"id": "s", "stage": "grpo", "model": "Llama-2-7B", "gpu": "A100-80GB", "gpus": "8", "examples": "64",
           "samples": "4", "batch": "256", "prompt_tokens": "200", "response_tokens": "500", "longest_tokens": "900",
           "reported_quantity": "tokens_per_s", "value_norm": "900", "unit_norm": "tokens/s/GPU"}  # fmt: skip

    def speed(**cells):
        _, typed, _ = record("runs", row | cells)
        [case] = runs.run_case(2, typed, BOOK)
        assert case.regime == "grpo one pool"
        return value(case)

    # 64 prompts of 4 answers are 256 sequences of 700 tokens.
    expected = 256 * 700 / seconds(step(), 1)
    assert speed() == pytest.approx(expected)
    assert speed(unit_norm="tokens/s (job)") == pytest.approx(8 * expected)
    assert speed(reported_quantity="samples_per_s") == pytest.approx(8 * 64 / seconds(step(), 1))


# --- updates ----------------------------------------------------------------------------------------------------------

UPDATE = {"id": "u", "model": "Qwen3-8B", "stage": "grpo-update", "trained": "lora-r16", "seq_len": "16384",
          "activations": "recompute", "attention_kernel": "FA2", "gpu": "H200", "num_gpus": "8",
          "seconds_per_micro_batch": "4", "tokens_per_second": "32768", "peak_memory_gib": "60"}  # fmt: skip


def updated(**cells):
    _, row, unread = record("rl_updates", UPDATE | cells)
    assert unread == ()
    return row, {each.quantity: each for each in updates.update_case(2, row, BOOK)}


def test_a_micro_batch_is_one_sequence_for_each_group():
    row, found = updated()
    assert (row.stage, row.lora_rank, row.recompute, row.offload, row.attention_kernel) == (
        "grpo", 16, "full", "", "flash")  # fmt: skip
    # 8 sequences of 16,384 tokens at the speed of all GPUs.
    speed = value(found["tokens per second"])
    assert value(found["seconds per micro-batch"]) == pytest.approx(8 * 16384 / speed)
    assert found["peak memory of an update"].group == "RL update memory"
    # Two GPUs that share a sequence work on half as many.
    _, shared = updated(context_parallel="2")
    speed = value(shared["tokens per second"])
    assert value(shared["seconds per micro-batch"]) == pytest.approx(4 * 16384 / speed)


def test_words_of_an_update():
    assert updated(activations="offload")[0].offload == "activations"
    assert updated(trained="full", attention_kernel="FA3")[0].to_dict().items() >= {
        "lora_rank": None, "attention_kernel": "flash-3"}.items()  # fmt: skip
    refused("missing sequence_length", updated, seq_len="")
    refused("missing seconds_per_micro_batch", updated, seconds_per_micro_batch="", tokens_per_second="",
            peak_memory_gib="")  # fmt: skip


# --- what fits --------------------------------------------------------------------------------------------------------

SIZE = {"id": "m", "model": "Llama-2-7B", "method": "full", "gpu": "A100-80GB", "n_gpus": "1", "batch_per_gpu": "1",
        "seq_len": "4096", "precision_optimizer": "bf16", "quantity": "peak memory", "value": "OOM",
        "unit": "GiB"}  # fmt: skip


def sized(**cells):
    _, row, _ = record("memory", SIZE | cells)
    [case] = fits.fitting_case(2, row, BOOK)
    return case


def test_a_job_that_did_not_fit_is_held_against_its_gpu():
    case = sized()
    assert (case.group, case.unit, case.most) == ("does not fit", "GB", None)
    assert case.measured == pytest.approx(hardware.room_gb(catalog.find("gpus", A100)))
    # 6.74e9 parameters of 16 bytes are 108 GB: more than the GPU has.
    assert value(case) > 108 > case.measured
    refused("missing gpu: what did not fit is not known without it", sized, gpu="")


def test_a_prediction_beyond_the_gpu_is_seen():
    case = sized(value="70")
    assert case.most == pytest.approx(hardware.room_gb(catalog.find("gpus", A100)) * 1e9 / 2**30)
    found = predictions.Predicted(case, 90.0, None, None, "reported")
    assert found.beyond and not found._replace(value=70.0).beyond
    # A report of more than the GPU has is of another one.
    assert not found._replace(case=case._replace(measured=100.0)).beyond
    assert sized(value="70", gpu="").most is None


def test_every_row_of_the_book_is_predicted_or_left_out_by_name():
    for name in ("measured_phases", "measured_rl_updates"):
        table = own_table(name)
        found = predictions.predict(table, 0, BOOK)
        assert len({each.case.line for each in found.predicted}) == len(table.rows) and not found.missing, name
    for row in catalog.table("collected").values():
        gone = sum(getattr(row, each) or 0 for each in ("repeated", "without_address", "incomplete"))
        assert row.collected == row.kept + gone, row.name
        assert all(catalog.table(name) for name in row.tables.split())
