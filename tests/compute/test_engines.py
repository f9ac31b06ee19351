"""Engines: what each sets, in what it multiplies weights of a format, and that doors offer those of the table."""

import pytest
from command import refused

from costlib.compute import engines, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.compute.inference import decode_step
from costlib.facts import catalog, options

A100 = timing.roofline("a100-sxm-80gb")


def test_the_option_offers_the_engines_of_the_table():
    assert options.options()["engine"].choices == tuple(catalog.table("engines", None))


def test_an_engine_sets_the_rates_that_its_row_names():
    assert engines.rates(A100, "deepspeed-hybrid").bandwidth == pytest.approx(0.34 * 2039e9)  # data sheet: 2,039 GB/s
    # The host needs 600 microseconds for each of 32 layers; the GPU reads 13.2e9 bytes in 7.2 ms meanwhile.
    known = published()
    step = decode_step(find("llama-2-7b"), engines.rates(A100, "hf-generate"), 1, 0)
    assert step.seconds == pytest.approx(32 * known["eager-launch"] * 1e-6 + known["engine-step"] * 1e-3)
    # 64 sequences of 2,000 tokens: 67 GB of cache are written out a dozen times, and nobody waits for launches.
    busy = decode_step(find("llama-2-7b"), engines.rates(A100, "hf-generate"), 64, 2000)
    assert busy.cache == pytest.approx((1 + known["repeated-cache"]) * 64 * 2000 * 32 * 2 * 4096 * 2 / (0.9 * 2039e9))
    assert busy.launch == pytest.approx(32 * known["decode-launch"] * 1e-6 + known["engine-step"] * 1e-3)


def test_the_default_engine_is_that_of_the_coefficients():
    assert engines.rates(A100, engines.DEFAULT) == A100


def test_reports_name_engines_in_their_words():
    names = {"vLLM 0.19.1": "vllm", "SGLang 0.4.6": "sglang", "TRT-LLM PyTorch backend": "tensorrt-llm",
             "HF Accelerate": "hf-generate", "DeepSpeed inference": "deepspeed-hybrid", "other": "vllm"}  # fmt: skip
    assert {words: engines.called(words) for words in names} == names


def test_weights_are_multiplied_in_their_format_where_the_gpu_has_it():
    def products(gpu, form):
        return engines.roofline(gpu, form).matmul

    for form in ("fp8", "fp4", "int8", "int4", "nf4"):
        assert products("a100-sxm-80gb", form) == A100.matmul
    assert products("h100-sxm-80gb", "fp8") == timing.roofline("h100-sxm-80gb", "fp8").matmul
    assert products("h100-sxm-80gb", "fp4") == products("h100-sxm-80gb", "int4") == products("h100-sxm-80gb", "bf16")
    eight = products("b200-sxm-180gb", "fp8")
    assert products("b200-sxm-180gb", "fp4") == pytest.approx(2 * published()["four-bit-fraction"] * eight)
    refused("unknown weight format 'int3'", engines.roofline, "a100-sxm-80gb", "int3")
