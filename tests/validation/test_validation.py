"""Predictions beside measurements: what is read, what is predicted, how errors count, that they can be large."""

import csv
import hashlib
import io
import itertools
import math
import random
import re
import statistics
from collections import Counter
from types import SimpleNamespace

import fit_coefficients
import numpy as np
import pytest
from command import ends_by_hand
from conftest import ROOT

from costlib import validation
from costlib.compute import coefficients, memory, parallelism, recognition, timing
from costlib.compute.architecture import find
from costlib.compute.job import estimate
from costlib.facts import catalog, names, regimes, schema
from costlib.facts.folder import FOLDER
from costlib.report.notebooks import records
from costlib.validation import counts, errors, importer, tables
from costlib.validation.cases import Case
from costlib.validation.readers import alignment
from costlib.validation.tables import MeasurementTable, read

BOOK = validation.own()
CHAPTER = ROOT / "notebooks" / "17_validation.ipynb"
MEASURED = ("measured memory", "inference", "training throughput")
DRAWN = (*MEASURED, "alignment")


def one(table, /, **cells):
    """The Result of a table of one row."""
    return validation.predict(MeasurementTable(table, ((2, cells),)), 0)


def memory_row(**cells):
    usual = {"model": "7.5B", "params": "7.5e9", "n_gpus": "64", "quantity": "model states per GPU", "unit": "GB (1e9)",
             "kind": "analytical", "value": "1"}  # fmt: skip
    return one("memory", **usual | cells)


# --- sources left out -----------------------------------------------------------------------------------------------


def by_hand(errors):
    """Ends of an interval by another way: rows of a source repeated until all sources have as many."""
    counts = Counter(key for key, _ in errors)
    common = math.lcm(*counts.values())
    values = np.repeat([value for _, value in errors], [common // counts[key] for key, _ in errors])
    steps, first, size = np.unique(np.sort(values), return_index=True, return_counts=True)
    level = max(0, (0.1 * (len(counts) + 0.5) - 0.25) / len(counts))
    # Equal values are one step, whose middle counts.
    return [float(np.interp(at, (first + size / 2) / len(values), steps)) for at in (level, 1 - level)]


def is_rate(case):
    return case.unit.endswith(("tok/s", "tokens/s", "tokens/s/GPU", "TFLOP/s/GPU", "(job)", "%"))


def left_out_errors(group, without="-"):
    """Sources and logarithms of measured over predicted, of times and sizes alone."""
    return [(p.case.source.split(";")[0], math.log(p.case.measured / p.value) * (-1 if is_rate(p.case) else 1))
            for p in BOOK.of(group)
            if p.case.unit != "USD" and not p.case.source.startswith(without)]  # fmt: skip


def test_the_table_of_regimes_equals_a_fresh_computation():
    fresh = {row["name"]: row for row in fit_coefficients.regime_rows()}
    for row in schema.rows("regimes"):
        again = fresh[row["name"]]
        for end in ("low", "high"):
            assert float(row[end]) == pytest.approx(float(again[end]), rel=2e-3), "run make left-out"
        rest = row.keys() - {"low", "high"}
        assert {key: row[key] for key in rest} == {key: str(again[key]) for key in rest}, "run make left-out"


@pytest.mark.parametrize("name", [*DRAWN, "alignment, one input assumed"])
def test_four_fifths_of_the_errors_of_sources_make_an_interval(name):
    errors = left_out_errors(name)
    low, high = map(math.exp, by_hand(errors))
    assert ends_by_hand(name) == (pytest.approx(min(low, 1), rel=0.01), pytest.approx(max(high, 1), rel=0.01))
    known = catalog.table("regimes")[name]
    assert (known.rows, known.sources) == (len(errors), len({key for key, _ in errors}))


def test_a_prediction_lies_inside_its_own_interval():
    held = [p for p in BOOK.predicted if p.low is not None]
    assert len(held) == sum(p.case.group not in validation.EXACT for p in BOOK.predicted)
    assert all(p.low <= p.value <= p.high and p.low < p.high for p in held)
    for row in catalog.table("regimes").values():
        assert row.low <= 1 <= row.high and row.low < row.high


def test_a_row_is_predicted_without_its_source_and_held_to_the_errors_of_others():
    key, group = "yao2023dschat", "alignment"
    values = {row.coefficient: row.value for row in catalog.table("left_out").values() if row.source == key}
    known = coefficients.published().replaced(values)
    low, high = map(math.exp, by_hand(left_out_errors(group, key)))
    rows = [p for p in BOOK.of(group) if p.case.source.startswith(key) and p.case.regime == group]
    for found in rows:
        assert found.value == pytest.approx(float(found.case.predict(known)), rel=1e-9)
        ends = (1 / high, 1 / low) if is_rate(found.case) else (low, high)
        assert (found.low, found.high) == pytest.approx([found.value * end for end in ends], rel=1e-6)
        assert found.half == validation.LEFT_OUT
    assert values


@pytest.mark.parametrize("key", ["nemorl2025", "vllm2026fp8kv", "torchtune2024"])
def test_a_fit_without_a_source_is_as_near_to_the_others_as_the_one_that_is_kept(key):
    known = coefficients.published()
    again = fit_coefficients.without(known, [key])[key]
    kept = {row.coefficient: row.value for row in catalog.table("left_out").values() if row.source == key}
    assert set(again) == set(kept)
    for groups, together in fit_coefficients.blocks().items():
        rows = fit_coefficients.cases(groups, known)
        if together[0] in again:
            both = [fit_coefficients.distance(rows, known.replaced(values), key) for values in (again, kept)]
            assert both[0] == pytest.approx(both[1], abs=0.005), "run make left-out"


def test_every_source_with_rows_in_a_fit_is_left_out_once():
    for groups, together in fit_coefficients.blocks().items():
        keys = set(fit_coefficients.cases(groups, coefficients.published()))
        for name in together:
            found = {row.source for row in catalog.table("left_out").values() if row.coefficient == name}
            assert found == (keys if len(keys) > 1 else set()), "run make left-out"


def test_no_step_of_a_fitted_coefficient_is_nearer_to_the_measurements():
    # What is stated is what fits: a twentieth more or less of any coefficient is farther off, but for rounding.
    known = coefficients.published()
    for groups, together in fit_coefficients.blocks().items():
        found = fit_coefficients.cases(groups, known)
        best = fit_coefficients.distance(found, known)
        for name in together:
            row = catalog.find("fits", name)
            for factor in (0.95, 1.05):
                tried = known.replaced({name: min(max(known[name] * factor, row.low), row.high)})
                assert fit_coefficients.distance(found, tried) > best - 1e-3, f"{name}: run make fit WRITE=1"


def test_moving_a_fitted_coefficient_is_seen():
    known, told = coefficients.published(), {}
    for groups, together in fit_coefficients.blocks().items():
        found = fit_coefficients.cases(groups, known)
        for name in together:
            here, *moved = (fit_coefficients.distances(found, known.replaced({name: known[name] * factor}))
                            for factor in (1, 0.7, 1.4))  # fmt: skip
            told[name] = max(abs(each[key] - here[key]) for each in moved for key in found)
    assert told and not [name for name, change in told.items() if change < 0.004], "no source tells these"


def test_a_coefficient_is_fitted_once_to_rows_that_exist_and_within_its_bounds():
    for row in catalog.table("fits").values():
        known = catalog.find("coefficients", row.name)
        assert row.low <= known.value <= row.high and known.low <= known.value <= known.high
        assert all(name in catalog.table("regimes") for name in row.fitted_to.split("|"))
        assert fit_coefficients.cases(row.fitted_to, coefficients.published()), row.name


def test_registered_tables_are_those_of_the_fit():
    for row in catalog.table("registrations").values():
        content = (FOLDER / f"{row.name}.csv").read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.sha256, "run make register, after make fit and make left-out"
        assert row.rows == len(schema.rows(row.name))
        # A note with a hash is of a file that took up columns without a value since, which it names.
        for before in re.findall("[0-9a-f]{64}", row.note):
            header, *held = csv.reader(content.decode().splitlines(keepends=True))
            joined = {place for place, name in enumerate(header) if re.search(rf"\b{name}\b", row.note)}
            assert joined and not any(cells[place] for cells in held for place in joined)
            text = io.StringIO()
            kept = [[cell for place, cell in enumerate(cells) if place not in joined] for cells in (header, *held)]
            csv.writer(text, lineterminator="\n").writerows(kept)
            assert hashlib.sha256(text.getvalue().encode()).hexdigest() == before, row.name
    assert set(catalog.table("registrations")) == {*validation.OWN, "quality_fits", "quality_predictions"}


def test_a_fit_finds_a_value_that_was_hidden(monkeypatch):
    # Made-up times of 100 / x at x = 0.5, of three sources.
    def made(count, off=1.0):
        return [Case(2, "a", "", "inference", "q", "s", 200 * off, lambda values: 100 / values["link-fraction"])
                for _ in range(count)]  # fmt: skip

    def found(rows):
        return fit_coefficients.fitted(["link-fraction"], rows, coefficients.published())["link-fraction"]

    row = SimpleNamespace(low=0.1, high=1.0)
    monkeypatch.setattr(fit_coefficients.catalog, "find", lambda kind, name: row)
    monkeypatch.setattr(fit_coefficients.left_out, "error", lambda case, value: math.log(case.measured / value))
    assert found({"a": made(1), "b": made(1), "c": made(100)}) == pytest.approx(0.5, rel=0.01)
    # A source of a hundred rows that are twice as slow counts as one of three; twice as many sources would win.
    assert found({"a": made(1), "b": made(1), "c": made(100, 2)}) == pytest.approx(0.5, rel=0.08)
    assert found({"a": made(1), "b": made(1, 2), "c": made(100, 2)}) == pytest.approx(0.25, rel=0.08)


@pytest.mark.parametrize("name", catalog.table("coefficients"))
def test_a_coefficient_is_of_no_model_and_has_a_unit_a_source_and_a_range(name):
    known = catalog.find("coefficients", name)
    assert not set(name.split("-")) & {word for model in catalog.table("models") for word in model.split("-")}
    assert known.unit and known.source and known.locator
    assert 0 < known.low <= known.value <= known.high
    assert coefficients.quantile(known, 0.0) == pytest.approx(known.low)
    assert coefficients.quantile(known, 1.0) == pytest.approx(known.high)


# --- the check can fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", MEASURED)
def test_shuffled_measurements_destroy_the_agreement(group):
    found = BOOK.of(group)
    values = [p.case.measured for p in found]
    random.Random(1).shuffle(values)
    shuffled = [p.value / value for p, value in zip(found, values, strict=True)]
    spoiled = statistics.median(max(ratio, 1 / ratio) for ratio in shuffled)
    assert spoiled > 1.5 and spoiled > 1.3 * statistics.median(p.factor for p in found)


def test_targets_are_those_that_were_set_before_the_first_results():
    words = {name: str(errors.target(name)) for name in catalog.table("targets")}
    covers = ", intervals cover 70 to 90 %"
    assert words == {
        "parameters and FLOPs": "within 0.5 %", "analytical memory": "exact to printed rounding",
        "measured memory": "median within 1.12x, 85 % within 1.3x" + covers,
        "inference": "median within 1.2x, 80 % within 1.5x" + covers,
        "training throughput": "median within 1.18x, 80 % within 1.4x" + covers,
        "RL update": "median within 1.25x, 80 % within 1.5x" + covers,
        "alignment": "median within 1.4x, 70 % within 1.8x" + covers,
        "phases": "median within 1.5x" + covers, "share of generating": "median within 12 points" + covers,
    }  # fmt: skip


def test_flat_rules_by_hand():
    # 2 forward, 6 to train; DPO has a reference beside; GRPO writes, scores and trains; PPO writes, has three models
    # score and trains two.
    rules = {
        each.step: each.rule / find(each.model).parameters_active / each.tokens for each in counts.steps() if each.rule
    }
    by_hand = {"forward": 2, "train": 6, "rm": 6, "dpo": 6 + 2, "grpo": 2 + 2 + 6, "ppo": 2 + 3 * 2 + 2 * 6}
    assert rules == pytest.approx(by_hand)


def test_a_wrong_measurement_is_seen():
    right, wrong = (memory_row(method="ZeRO-1", value=value) for value in ("31.4", "62.8"))
    assert right.predicted[0].error < 0.005 < wrong.predicted[0].error


def test_errors_are_counted_by_hand():
    cases = [memory_row(value=str(120 / ratio)).predicted[0] for ratio in (0.5, 0.8, 1.0, 1.2, 1.5)]
    found = errors.summarised("analytical memory", "reported", cases)
    # Baseline states are 16 bytes x 7.5e9 = 120 GB; factors 2, 1.25, 1, 1.2, 1.5.
    assert (found.count, found.median_ratio, found.median_error) == (5, pytest.approx(1), pytest.approx(0.2))
    assert found.within == (3 / 5, 3 / 5, 1.0)
    assert found.coverage is None


# --- what the model says of published rows --------------------------------------------------------------------------


def test_analytical_tables_are_met_to_their_printed_digits():
    # The misses are known: three rows of a table that counts 16 key-value heads where the model has 8, and rows that
    # cut or round in their own way.
    off = [p.case.id for p in BOOK.of("analytical memory") if p.error > 0.05]
    assert all("hf-llama31-kv" in name for name in off) and len(off) == 3


def test_flops_and_parameters_of_published_runs():
    found = [p for p in BOOK.of("parameters and FLOPs") if "PF-days" not in p.case.quantity]
    # Parameters and FLOPs of each row of the throughput table; other tables have few counts.
    assert len(found) >= 2 * len(catalog.table("measured_throughput"))
    assert max(p.error for p in found) < 0.005


def test_the_book_has_no_row_that_it_cannot_read():
    assert BOOK.missing == ()
    assert len({(p.case.line, p.case.id, p.case.quantity) for p in BOOK.predicted}) == len(BOOK.predicted)


# --- the parts, by hand ---------------------------------------------------------------------------------------------


def test_a_pipeline_idles_while_it_fills():
    # Seven of 8 stages wait for 32 micro-batches; four chunks on each GPU leave a quarter of it.
    plan = memory.Setup(64, pipeline_parallel=8, pipeline_chunks=1, batch=256)
    assert timing.bubble(plan, coefficients.published()) == 7 / 32
    assert timing.bubble(plan._replace(pipeline_chunks=4), coefficients.published()) == 7 / 128


def test_a_job_takes_the_same_time_from_a_call_and_from_a_table():
    given = {"tensor_parallel": 2, "zero": 3, "micro_batch": 4, "recompute": "full", "batch": 128}
    row = {"id": "one", "model": "llama-2-7b", "stage": "sft", "gpu": "a100-sxm-80gb", "gpus": 16,
           "sequence_length": 2048, "pipeline_parallel": 1, "attention_kernel": "flash", "reported_quantity":
           "tokens_per_s", "value_norm": 1000, "unit_norm": "tokens/s/GPU"} | given  # fmt: skip
    table = ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"
    [predicted] = validation.predict(read(table), 0).predicted
    found = estimate("sft", "llama-2-7b", "a100-sxm-80gb", 16, 1024, 0, 2048, **given)
    assert predicted.value == pytest.approx(found.cost.tokens / (found.cost.gpu_hours * 3600), rel=1e-9)


def test_a_step_waits_for_its_longest_sequence():
    # Uniform lengths up to 1,000: the mean of one is 500, the expected longest of three 750 and of nine 900.
    assert [alignment._longest_of(n, 500, 1000) for n in (1, 3, 9)] == pytest.approx([500, 750, 900])
    assert alignment._longest_of(64, 1000, 1000) == 1000


def test_attention_written_out_moves_its_squares():
    model, rates = find("gpt-3-175b"), timing.roofline("a100-sxm-80gb")
    plans = [memory.Setup(8, 8, attention_kernel=kernel) for kernel in ("flash", "eager")]
    flash, eager = (parallelism.token_gpu_seconds(model, plan, rates, 2048) for plan in plans)
    # 13 bytes x 96 layers x 96 heads x 2,048 tokens, three passes, at 90 % of 2,039 GB/s; and products of the whole
    # square, 12 x 96 x 12,288 x 2,048 FLOPs, at a share of the best, where a kernel skips half of it at 85 % of 73 %.
    square = 12 * 96 * 12288 * 2048
    moved = 13 * 96 * 96 * 2048 * 3 / (0.9 * 2039e9)
    products = square / (coefficients.published()["eager-attention-fraction"] * 271.2e12) - square / 2 / (
        0.85 * 0.73 * 312e12
    )
    assert eager - flash == pytest.approx(moved + products, rel=1e-6)


def test_the_layout_that_a_report_omits_fits_and_is_the_fastest():
    model, rates = find("llama-2-70b"), timing.roofline("a100-sxm-80gb")
    plan = parallelism.chosen(model, "a100-sxm-80gb", 512, 4096)
    assert parallelism.held(model, plan, 4096) < 80e9
    # 13B on 8 GPUs, each layout tried: of those that fit, none is faster.
    model, times = find("llama-2-13b"), {}
    for ranks, zero, again, size in itertools.product((1, 2, 4, 8), (1, 3), ("none", "full"), (1, 2, 4, 8, 16)):
        tried = memory.Setup(8, ranks, zero, size, again)
        if parallelism.held(model, tried, 2048) <= catalog.assumption("filled-memory") * 80e9:
            times[tried] = parallelism.token_gpu_seconds(model, tried, rates, 2048)
    assert len(times) > 20 and min(times.values()) < 0.9 * statistics.median(times.values())
    found = parallelism.chosen(model, "a100-sxm-80gb", 8, 2048)
    assert parallelism.token_gpu_seconds(model, found, rates, 2048) == min(times.values())


@pytest.mark.parametrize(
    ("text", "name"),
    [("meta-llama/Llama-2-70b-chat-hf", "llama-2-70b"), ("Llama2 7B", "llama-2-7b"), ("LLaMA-65B", "llama-65b"),
     ("Llama-3.3 70B", "llama-3.1-70b"), ("DeepSeek-R1", "deepseek-v3"), ("Qwen2.5-7B-Instruct", "qwen2.5-7b"),
     ("OPT-13B PPO", "opt-13b"), ("Mixtral-8x7B", "mixtral-8x7b"), ("Vicuna-13B", "llama-13b"), ("GPT3-5B", None)],
)  # fmt: skip
def test_models_are_known_in_many_spellings(text, name):
    assert names.mentioned(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("A100", "a100-sxm-80gb"), ("A100-40", "a100-sxm-40gb"), ("NVIDIA A100-SXM4-40GB", "a100-sxm-40gb"),
     ("H100-PCIe-80", "h100-pcie-80gb"), ("8x H100 80GB", "h100-sxm-80gb"), ("RTX 4090", "rtx-4090-24gb"),
     ("GB200 NVL72", "gb200-186gb"), ("V100-16", "v100-sxm-16gb"), ("MI300X", "mi300x-192gb"),
     ("A800-80GB", "a100-sxm-80gb"),
     # As drivers name them.
     ("NVIDIA A100-SXM4-80GB", "a100-sxm-80gb"), ("NVIDIA A100-PCIE-40GB", "a100-pcie-40gb"),
     ("NVIDIA H200", "h200-sxm-141gb"), ("NVIDIA H100 PCIe", "h100-pcie-80gb"), ("NVIDIA L4", "l4-24gb"),
     ("NVIDIA GeForce RTX 4090", "rtx-4090-24gb"), ("Tesla V100-SXM2-32GB", "v100-sxm-32gb"),
     ("NVIDIA L40S", "l40s-48gb"), ("NVIDIA A10G", "a10g-24gb"), ("NVIDIA B200", "b200-sxm-180gb"),
     ("Tesla T4", "t4-16gb"),
     # The same card as at the doors.
     ("GH200", "gh200-96gb"), ("1x GH200", "gh200-96gb"), ("NVIDIA GH200 480GB", "gh200-96gb"),
     ("GH200 144GB", "gh200-144gb"), ("L20", "l20-48gb"), ("RTX 6000 Ada", "rtx-6000-ada-48gb"),
     ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada-48gb"), ("RTX6000-Ada", "rtx-6000-ada-48gb"),
     ("RTX 6000", "rtx-a6000-48gb"), ("RTX A6000", "rtx-a6000-48gb")],
)  # fmt: skip
def test_gpus_are_known_in_many_spellings(text, name):
    assert names.gpu_in_report(text) == name


def test_a_size_alone_gives_a_model_of_that_size():
    model, how = recognition.model("GPT 530B", 530e9)
    assert how == "size" and model.parameters == pytest.approx(530e9, rel=1e-6)
    mixture, _ = recognition.model("unheard-of 100B", 100e9, 10e9)
    # Its router counts too.
    assert (mixture.parameters, mixture.parameters_active) == pytest.approx((100e9, 10e9), rel=1e-3)


# --- free text ------------------------------------------------------------------------------------------------------

INFERRED = ("per", "sequence_length", "kind", "what", "counter", "recipe", "unit_norm")


def settings(text, kind="runs", **cells):
    """What the importer makes of some words, as texts, without what it was given."""
    given = {"stage": "sft", "model": "Llama-2-7B", "seq_len": "2048", "quantity": "peak memory", "unit": "GB"} | cells
    found = importer.imported(kind, given | {"other_inputs": text})
    return {name: value for name, value in found.cells.items() if value and name not in {*given, *INFERRED}}


@pytest.mark.parametrize("kind", ["memory", "runs"])
@pytest.mark.parametrize(
    ("text", "column", "value"),
    [("full recompute", "recompute", "full"), ("gradient checkpointing", "recompute", "full"),
     ("activation ckpt", "recompute", "full"), ("act_ckpt=true", "recompute", "full"),
     ("full activation recomputation", "recompute", "full"), ("selective recompute", "recompute", "selective"),
     ("selective activation checkpointing", "recompute", "selective"), ("no recompute", "recompute", "none"),
     ("nothing recomputed", "recompute", "none"), ("not recomputed", "recompute", "none"),
     ("without activation checkpointing", "recompute", "none"), ("gradient checkpointing: off", "recompute", "none"),
     ("activation checkpointing disabled", "recompute", "none"), ("act_ckpt=false", "recompute", "none"),
     ("no activation ckpt", "recompute", "none"), ("ckpt: none", "recompute", "none"),
     ("tp8", "tensor_parallel", "8"), ("tp=8", "tensor_parallel", "8"), ("TP: 8", "tensor_parallel", "8"),
     ("tensor parallel 8", "tensor_parallel", "8"), ("pp4", "pipeline_parallel", "4"),
     ("PP=4", "pipeline_parallel", "4"), ("ZeRO-2", "zero", "2"), ("zero2", "zero", "2"), ("ZeRO stage 2", "zero", "2"),
     ("FSDP", "zero", "3"), ("SHARD_GRAD_OP", "zero", "2"), ("LoRA r64", "lora_rank", "64"),
     ("LoRA r=64", "lora_rank", "64"), ("LoRA rank: 64", "lora_rank", "64"), ("LoRA", "lora_rank", "16"),
     ("no LoRA", "lora_rank", None), ("QLoRA", "base_bits", "4"), ("LoRA r8 q,v", "lora_targets", "qv")],
)  # fmt: skip
def test_a_setting_is_read_in_all_its_spellings_and_denials(kind, text, column, value):
    assert settings(text, kind).get(column) == value


def test_words_give_settings():
    assert settings("zero-2, micro-bs 4, act_ckpt=true") == {"zero": "2", "micro_batch": "4", "recompute": "full"}
    found = settings("qlora r=64 all linear nf4")
    assert {name: found[name] for name in ("lora_rank", "base_bits")} == {"lora_rank": "64", "base_bits": "4"}
    assert settings("tp8 pp12 dp4") == {"tensor_parallel": "8", "pipeline_parallel": "12"}
    assert settings("packed, ref log-probs cached", stage="dpo") == {"mean_tokens": "2048", "reference": "cached"}
    assert settings("global batch 4M tokens, compile + float8") == {"batch": "1953.125", "precision": "fp8"}
    answers = {"response_tokens": "136", "longest_tokens": "2048"}
    for text in ("response mean 136", "mean response 136 tok", "answers: average 136"):
        assert settings(text, stage="grpo").items() >= answers.items(), text


MEMORY = {"model": "Llama-2 7B", "gpu": "A100-80GB", "n_gpus": "8", "batch_per_gpu": "1", "seq_len": "4096",
          "parallelism": "FSDP", "precision_optimizer": "fp16 mixed, Adam", "quantity": "peak memory", "value": "20",
          "unit": "GB", "kind": "measured"}  # fmt: skip
RUN = {"stage": "pretrain", "model": "Llama-2-7B", "gpu": "A100-80GB", "num_gpus": "64", "seq_len": "4096",
       "reported_quantity": "mfu", "value_norm": "50", "unit_norm": "%"}  # fmt: skip
INFERENCE = {"model": "Llama-3.1 8B", "gpu": "H100", "metric": "ITL", "unit": "ms", "value": "20", "weights": "bf16"}
SPEED = {"model": "Llama-2 7B", "gpu": "A100", "seq_len": "2048", "tokens_per_s_per_gpu": "9"}
GIVEN = {"memory": MEMORY, "runs": RUN, "inference": INFERENCE, "throughput": SPEED}
ALLOWED = [(kind, name, each) for kind in GIVEN for name, column in tables.columns(kind).items()
           for each in column.allowed]  # fmt: skip


@pytest.mark.parametrize("value", schema.column("measured_memory", "recompute").allowed)
def test_every_documented_value_of_recomputation_counts_in_both_formats(value):
    structured = {"gpus": "8", "micro_batch": "1", "sequence_length": "4096", "zero": "3"}
    row = {name: MEMORY[name] for name in ("model", "gpu", "quantity", "value", "unit", "kind")}
    words, column = one("memory", **MEMORY, recompute=value), one("memory", **row, **structured, recompute=value)
    assert words.predicted[0].value == column.predicted[0].value
    known = coefficients.published()
    setup = memory.Setup(8, zero=3, recompute=value, sequence_parallel=False, accumulates=False)
    # A framework's counter of "peak memory", without the context and buffers of other libraries.
    counted = memory.training(find("llama-2-7b"), 4096, setup).total - memory.framework(known, 8).total
    expected = counted / 1e9 * known["uncounted-memory"]
    assert column.predicted[0].value == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "column", "value"), ALLOWED)
def test_every_allowed_value_of_a_column_is_read(kind, column, value):
    row = tables.record(kind, GIVEN[kind] | {column: value})[1]
    assert getattr(row, column) == schema.column(f"measured_{kind}", column).parse(value)


def test_words_of_every_row_are_listed():
    rows = [(2, MEMORY | {"method": "blue"}), (3, MEMORY), (4, MEMORY | {"method": "green cheese"})]
    found = validation.predict(MeasurementTable("memory", tuple(rows)), 0)
    assert [(row.line, row.words) for row in found.unread] == [(2, ("blue",)), (4, ("green", "cheese"))]


def test_each_word_that_is_not_used_is_listed():
    found = one("memory", **MEMORY | {"method": "LoRA r8, blue cheese"}).unread
    assert [(row.line, row.words) for row in found] == [(2, ("blue", "cheese"))]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [("recompute", "sometimes", "column recompute: must be one of none, selective, full, got 'sometimes'"),
     ("unit", "gibibit", "column unit: must be one of GiB, GB"),
     ("zero", "4", "column zero: must be one of 0, 1, 2, 3, got '4'"),
     ("fused", "maybe", "column fused: must be yes or no, got 'maybe'"),
     ("params", "6740", "column parameters: must be a count, got 6740; for billions write 6740e9")],
)  # fmt: skip
def test_a_cell_that_is_not_of_its_column_is_named(column, cell, reason):
    row = {name: MEMORY[name] for name in MEMORY if name not in ("parallelism", "precision_optimizer")}
    found = one("runs", **RUN | {column: cell}) if column == "recompute" else one("memory", **row | {column: cell})
    assert reason in found.missing[0].reason


def test_a_unit_of_time_and_a_split_that_cannot_be_are_named():
    hours = RUN | {"stage": "dpo", "examples": "1000", "reported_quantity": "wall_hours", "unit_norm": "fortnight"}
    assert "column unit_norm: must be one of ms, s, min, h, d, weeks" in one("runs", **hours).missing[0].reason
    split = one("runs", **RUN, tensor_parallel="7").missing[0].reason
    assert "column tensor_parallel" in split and "divide 64 GPUs and the 32 heads" in split


def test_tokens_of_a_fine_tuning_count():
    tuning = RUN | {"stage": "sft", "reported_quantity": "gpu_hours", "unit_norm": "GPU-h", "other_inputs": "packed"}
    # 1,000 examples of 4,096 tokens, packed.
    examples, tokens = one("runs", **tuning, examples="1000"), one("runs", **tuning, tokens_b="0.004096")
    assert tokens.predicted[0].value == pytest.approx(examples.predicted[0].value)


def test_a_step_of_512_prompts_is_read():
    step = RUN | {"stage": "grpo", "reported_quantity": "wall_hours", "unit_norm": "s", "per": "step", "examples": "1",
                  "other_inputs": "batch 512 prompts, n=8, mean response 370"}  # fmt: skip
    row = tables.record("runs", step)[1]
    assert (row.examples, row.samples, row.batch, row.per) == (512, 8, 4096, "step")
    assert one("runs", **step).predicted


def test_eager_code_is_known_in_every_engine():
    untuned = {"litgpt eager", "transformers", "HF Accelerate"}
    for engine in (*untuned, "vLLM 0.5", "TensorRT-LLM PyTorch backend"):
        group = one("inference", **INFERENCE, engine=engine).predicted[0].case.group
        assert group == ("untuned inference" if engine in untuned else "inference"), engine


def test_the_tables_of_the_book_need_no_words():
    assert BOOK.unread == ()
    for name in validation.OWN:
        assert not set(schema.columns(name)) & set(schema.described(name.removeprefix("measured_"))), name


def test_a_measurement_stands_once():
    words = ("name", "label", "note", "locator", "as_reported", "shown_in", "left_out", "status")
    for name in validation.OWN:
        rows = [vars(row) for row in catalog.table(name).values()]
        keys = {tuple(value for column, value in row.items() if column not in words) for row in rows}
        assert len(keys) == len(rows), name


# --- bad rows and the command ---------------------------------------------------------------------------------------


def test_a_malformed_row_names_its_column_and_the_rest_goes_on():
    text = (
        "model,gpu,metric,value,unit,weights\nLlama-3.1 8B,H100,ITL,fast,ms,bf16\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16\n"
    )
    found = validation.predict(read(text), 0)
    assert [(row.line, row.reason) for row in found.missing] == [(2, "column value: must be a number, got 'fast'")]
    assert [p.case.line for p in found.predicted] == [3]


@pytest.mark.parametrize(
    ("kind", "cells", "reason"),
    [
        ("inference", {"model": "Llama-2 7B", "metric": "output tokens/s", "unit": "tok/s", "value": "9", "gpu": ""},
         "missing gpu"),
        ("inference", {"model": "unheard-of", "metric": "ITL", "unit": "ms", "value": "9", "gpu": "H100"},
         "missing model"),
        ("runs", {"stage": "dpo", "model": "Llama-2-7B", "gpu": "H100", "num_gpus": "8", "seq_len": "2048",
                  "reported_quantity": "wall_hours", "value_norm": "60"}, "missing examples"),
        ("runs", {"stage": "poetry", "model": "Llama-2-7B", "reported_quantity": "mfu", "value_norm": "40"},
         "outside the model"),
        ("memory", {"model": "Llama-2 7B", "quantity": "peak memory", "value": "OOM", "unit": "GB", "kind": "measured"},
         "missing gpu: what did not fit is not known without it"),
        ("memory", {"model": "Llama-2 7B", "quantity": "peak memory", "value": "20", "unit": "GB", "kind": "measured",
                    "method": "LoRA r8"}, "missing sequence_length"),
        ("throughput", {"model": "7b", "seq_len": "-1", "gpu": "H100", "tokens_per_s_per_gpu": "1"},
         "column sequence_length"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(kind, cells, reason):
    found = one(kind, **cells)
    assert not found.predicted and reason in found.missing[0].reason


@pytest.mark.parametrize(
    ("metric", "unit", "value"), [("TTFT", "ms", 763.6), ("TPOT", "ms", 7.31), ("output tokens/s", "tokens/s", 450.3)]
)
def test_other_spellings_of_metrics_are_read(metric, unit, value):
    # vLLM, Llama 3.1 8B in bf16 on an H100: 20,000 tokens read in 763.6 ms; a step of 6.44 ms and 0.87 ms for them.
    cells = {"model": "Llama-3.1-8B", "gpu": "H100", "metric": metric, "unit": unit, "value": str(value),
             "weights": "bf16", "input_len": "20000", "output_len": "2000",
             "batch_or_concurrency": "1" if metric == "TPOT" else "8", "engine": "vLLM"}  # fmt: skip
    found = one("inference", **cells)
    assert not found.missing and found.predicted[0].ratio == pytest.approx(1, abs=0.2)


def test_hours_and_seconds_of_one_run_agree():
    cells = {"stage": "dpo", "model": "Llama-2-7B", "gpu": "H100", "num_gpus": "8", "examples": "1000",
             "seq_len": "2048", "reported_quantity": "wall_hours"}  # fmt: skip
    hours, seconds = (one("runs", **cells, value_norm=value, unit_norm=unit).predicted[0].ratio
                      for value, unit in (("2", "h"), ("7200", "s")))  # fmt: skip
    assert hours == pytest.approx(seconds)


def test_no_cell_whatever_it_holds_stops_the_table():
    junk = ["", "-1", "nan", "1e400", "0", "7B", "TP0", "∞", "GBS 0", "4096x", "Llama", "H100", "%", "x" * 300]
    dice = random.Random(7)
    for name in validation.OWN:
        table = validation.own_table(name)
        rows = []
        for line, row in table.rows[::3]:
            rows.append((line, row | {column: dice.choice(junk) for column in dice.sample(sorted(row), 3)}))
        found = validation.predict(MeasurementTable(table.kind, tuple(rows)), 0)
        lines = {p.case.line for p in found.predicted} | {row.line for row in found.missing}
        assert lines == {line for line, _ in rows}


# --- the chapter ----------------------------------------------------------------------------------------------------


def test_the_chapters_errors_equal_a_fresh_computation():
    shown = {record["key"]: record["value"] for record in records(CHAPTER, "key")}
    assert shown["rows"] == len(BOOK.predicted)
    assert shown["coefficients"] == len(catalog.table("coefficients"))
    for key, group in {"memory": MEASURED[0], "inference": MEASURED[1], "training": MEASURED[2]}.items():
        rows = BOOK.of(group)
        factors = sorted(max(p.value / p.case.measured, p.case.measured / p.value) for p in rows)
        assert shown[f"{key}_factor"] == pytest.approx(statistics.median(factors))
        held = [p.low <= p.case.measured <= p.high for p in rows]
        assert shown[f"{key}_coverage"] == pytest.approx(sum(held) / len(held))


def test_digits_are_compared_as_printed():
    # 120 GB of baseline states; 31.40625 GB with ZeRO-1 on 64 GPUs: 4 x 7.5 + 12 x 7.5 / 64.
    assert memory_row(method="baseline", value="120").predicted[0].rounds
    assert memory_row(method="ZeRO-1", value="31.4").predicted[0].rounds
    assert not memory_row(method="ZeRO-1", value="31.5").predicted[0].rounds


def test_published_ratios_follow_from_their_rows():
    # 2.97 h on 32 GPUs over 8.75 h on 64, and 10.8 over 2.5 hours.
    ratios = catalog.table("measured_ratios")
    assert ratios["stage-tulu3-8b"].value == pytest.approx(2.97 * 32 / (8.75 * 64), abs=0.001)
    assert ratios["stage-dschat-13b"].value == pytest.approx(10.8 / 2.5, abs=0.005)
    assert ratios["twice-openrlhf"].value == pytest.approx(855 / 538, abs=0.005)
    # Ours: what the two runs are predicted to take, on 32 GPUs over 64; shares of a step are in test_predictions.
    dpo, sft = (next(p.value for p in BOOK.predicted if p.case.id == f"tulu3-8b-{stage}") for stage in ("dpo", "sft"))
    assert validation.predicted_ratio("tulu3-8b-dpo/tulu3-8b-sft") == pytest.approx(dpo * 32 / (sft * 64))


# --- what the other chapters show of it -----------------------------------------------------------------------------

PREDICTED = ("USD", "GPU-h", "h", "days", "GB")
# Chapters 12, 13 and 16 draw the error of GPU time with the inputs, and show the interval of both.
PREDICTING = [path for path in sorted((ROOT / "notebooks").glob("[01]*.ipynb")) if path.stem[:2] in
              ("07", "08", "09", "10", "11", "14", "15")]  # fmt: skip


def has_ends(row, low, high):
    """Whether the part of a value that is predicted lies between itself times two factors."""
    value, *ends = (row[key] - row["given"] for key in ("value", "low", "high"))
    return ends == pytest.approx([value * low, value * high], rel=1e-9, abs=1e-9 * row["value"])


@pytest.mark.parametrize("path", PREDICTING, ids=lambda path: path.stem)
def test_a_chapter_that_predicts_shows_the_interval_of_its_numbers(path):
    published = records(path, "key")
    assert {record["unit"].split("/")[0] for record in published} & set(PREDICTED)
    [shown] = records(path, "trust")
    assert shown["table"].endswith("-trust") and len(shown["trust"]) >= 3
    for row in shown["trust"]:
        low, high = ends_by_hand(row["group"])
        low, high = (1 / high, 1 / low) if row["rate"] else (low, high)
        assert 0 <= row["given"] < row["value"] and has_ends(row, low, high)
        assert not has_ends(row, low / 1.001, high) and not has_ends(row, low, high * 1.001)
    # It holds numbers of the chapter, not others.
    numbers = [record["value"] for record in published]
    assert any(row["value"] == pytest.approx(number, rel=1e-9) for row in shown["trust"] for number in numbers)


def test_only_what_is_predicted_has_the_factor():
    # $712.11 of evaluation and labels beside $50 of GPU time, by hand between half and twice, and at that of the group.
    row = {"value": 762.11, "given": 712.11, "low": 737.11, "high": 812.11}
    assert has_ends(row, 0.5, 2) and not has_ends(row | {"given": 0}, 0.5, 2)
    down, up = ends_by_hand("alignment")
    assert regimes.interval("alignment", 762.11, given=712.11) == pytest.approx((712.11 + 50 * down, 712.11 + 50 * up))


def test_a_target_of_every_row_and_the_rows_that_are_furthest_off():
    # Within half a per cent, or exact to the printed digits: 100 against 100.4 and 101.
    close, far = (SimpleNamespace(error=abs(value / 100 - 1), rounds=False) for value in (100.4, 101))
    within, printed = validation.Target(largest=0.005), validation.Target(printed=True)
    assert [within.holds(row) for row in (close, far)] == [True, False]
    assert not printed.holds(close) and printed.holds(SimpleNamespace(error=1, rounds=True))
    scored = {(p.case.id, p.case.quantity): p for group in catalog.table("targets") for p in BOOK.of(group)}
    worst = validation.worst(BOOK, 5)
    assert [p.factor for p in worst] == sorted((p.factor for p in scored.values()), reverse=True)[:5]
