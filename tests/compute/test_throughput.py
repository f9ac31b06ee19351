"""What one GPU does at some sequences at a time, against the stages and the steps that it sums up."""

import pytest

from costlib.compute import inference, memory, stages, throughput
from costlib.compute.architecture import find
from costlib.compute.timing import roofline

LLAMA, A100 = find("llama-2-7b"), roofline("a100-sxm-80gb")
DATA = stages.Data(1000, 256, 256)


def test_training_is_the_stage_by_the_hour():
    run = stages.Run(A100, memory.Setup(gpus=8, zero=3, micro_batch=4, recompute="full"))
    found, cost = throughput.training(LLAMA, DATA, run), stages.sft(LLAMA, DATA, run)
    assert found.tokens_per_s == pytest.approx(1000 * 512 / (cost.gpu_hours * 3600))
    # Four passes are computed and three counted.
    assert found.share_of_peak == pytest.approx(cost.flops * 3 / 4 / (cost.gpu_hours * 3600) / 312e12, rel=1e-6)
    assert found.gb == pytest.approx(memory.training(LLAMA, 512, run.setup).total / 1e9)


def test_decoding_is_a_step_in_the_middle_of_the_answers():
    found = throughput.decoding(LLAMA, A100, 256, 256, 16)
    step = inference.decode_step(LLAMA, A100, 16, 256 + 128).seconds
    assert found.tokens_per_s == pytest.approx(16 / step)
    # Two FLOPs for each matrix parameter and token, and four for each layer, unit of width and token of context.
    flops = 16 * (2 * LLAMA.matmul_parameters + 4 * 32 * 4096 * 384)
    assert found.share_of_peak == pytest.approx(flops / step / 312e12, rel=2e-3)
    assert found.gb == pytest.approx(memory.generating(LLAMA, 512, 16).total / 1e9)


def test_each_gpu_of_a_group_has_its_part():
    step = inference.decode_step(LLAMA, A100, 16, 384, 2).seconds
    assert throughput.decoding(LLAMA, A100, 256, 256, 16, 2).tokens_per_s == pytest.approx(16 / step / 2)


def test_more_at_a_time_uses_a_gpu_better_and_takes_more_memory():
    few, many = (throughput.decoding(LLAMA, A100, 256, 256, n) for n in (1, 64))
    assert all(more > less for more, less in zip(many, few, strict=True))
