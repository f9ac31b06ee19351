"""What an answer rests on is passed: other coefficients or hardware beside, inside or before it change nothing."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from command import python

from costlib import validation
from costlib.compute import engines, memory, parallelism, stages, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import draws, of, published
from costlib.compute.inference import decode_step, largest_batch
from costlib.compute.job import estimate
from costlib.facts import catalog, hardware, names

SLOW = {"memory-bandwidth-fraction": 0.1}
OWN = {"gpu": {"name": "h100-ours", "label": "Ours", "device": "x", "bf16_dense_tflops": 300, "hbm_gb": 80,
               "hbm_bandwidth_gb_per_s": 2000}}  # fmt: skip


def own(**coefficients):
    ranges = {name.replace("_", "-"): dict.fromkeys(("value", "low", "high"), x) for name, x in coefficients.items()}
    return hardware.checked(OWN | {"coefficients": ranges})


def test_what_one_evaluation_found_is_not_remembered_by_the_next():
    def middle(result):
        return statistics.median(p.factor for p in result.of("inference"))

    slow, after = middle(validation.evaluated(published().replaced(SLOW))), middle(validation.own())
    code = "import statistics; from costlib import validation; rows = validation.own().of('inference')"
    assert slow > 2 * after
    assert after == float(python(f"{code}; print(repr(statistics.median(p.factor for p in rows)))"))


def test_draws_leave_nothing_behind():
    table = validation.own_table("measured_inference")
    before = validation.predict(table, False).predicted
    drawn = draws(50)
    assert before[0].case.predict(drawn).shape == (50,)
    assert [p.value for p in validation.predict(table, False).predicted] == [p.value for p in before]
    assert [len(each) for each in (drawn.split(), drawn.split()[0])] == [50, len(published())]
    assert drawn.split()[7]["link-fraction"] == drawn["link-fraction"][7]


def test_threads_have_each_their_own():
    alone = {share: reading_ms(published().replaced({"memory-bandwidth-fraction": share})) for share in (0.1, 0.9)}
    together = Barrier(2)

    def many(share):
        known = published().replaced({"memory-bandwidth-fraction": share})
        together.wait(10)
        return [reading_ms(known) for _ in range(50)]

    with ThreadPoolExecutor(2) as pool:
        for share, found in zip(alone, pool.map(many, alone), strict=True):
            assert set(found) == {alone[share]}
    assert alone[0.1] == pytest.approx(9 * alone[0.9])


def reading_ms(known):
    """What reading the weights of Llama 2 7B for one token takes, bound by the bandwidth [ms]."""
    rates = timing.roofline("a100-sxm-80gb", coefficients=known)
    return 1000 * decode_step(find("llama-2-7b"), rates, 1, 0).products


def test_an_estimate_inside_another_has_its_own_hardware(monkeypatch):
    asked = ("sft", "gpt2", "h100-ours", 1, 1000, 0, 512)
    fast, slow = own(matmul_fraction=0.8), own(matmul_fraction=0.2, framework_memory=3)
    alone = {each: estimate(*asked, hardware=each).to_dict() for each in (fast, slow)}
    inner, sft = [], stages.sft

    def nested(*arguments):
        monkeypatch.setattr(stages, "sft", sft)
        inner.append(estimate(*asked, hardware=slow).to_dict())
        return sft(*arguments)

    monkeypatch.setattr(stages, "sft", nested)
    assert estimate(*asked, hardware=fast).to_dict() == alone[fast]
    assert inner == [alone[slow]] and alone[slow]["gpu_hours"] > 1.5 * alone[fast]["gpu_hours"]
    # 3 GB of context where the book has 0.65.
    assert alone[slow]["memory_parts"]["framework"] - alone[fast]["memory_parts"]["framework"] == pytest.approx(2.35)
    with pytest.raises(ValueError, match="gpu .*got 'h100-ours'; known: h100-sxm-80gb"):
        estimate(*asked)


def test_all_rooms_of_a_job_follow_the_coefficients_that_it_is_given():
    known = published().replaced({"framework-memory": 5, "activation-count": 2, "communication-memory": 7,
                                  "usable-memory": 0.5, "pipeline-chunks": 8})  # fmt: skip
    model, setup = find("llama-2-7b"), memory.Setup(gpus=8, zero=3)
    one, other = (memory.training(model, 2048, setup, each) for each in (published(), known))
    assert other["framework"] == 5e9 + 7e9 and other["activations"] == 2 * one["activations"]
    assert parallelism.held(model, setup, 2048, known) == other.total
    # The weights take 13.5 GB and the context 5 of the half of 80 GB.
    rest = 40e9 - 5e9 - memory.weights(model)
    assert largest_batch(model, 80, 2048, coefficients=known) == rest // memory.kv_cache(model, 2048)
    long = setup._replace(zero=1, pipeline_parallel=4, batch=8)
    speeds = [parallelism.token_gpu_seconds(model, long._replace(pipeline_chunks=chunks),
                                            timing.roofline("a100-sxm-80gb", coefficients=known), 2048)
              for chunks in (0, 8)]  # fmt: skip
    assert speeds[0] == speeds[1]


def everything(known):
    """Times and sizes in which each coefficient of a job has its part."""
    model, data = find("llama-2-7b"), stages.Data(64, 256, 256)
    rates, other = (timing.roofline(gpu, coefficients=known) for gpu in ("a100-sxm-80gb", "t4-16gb"))
    setup = memory.Setup(gpus=16, tensor_parallel=2, zero=3)
    place = setup._replace(zero=1, attention_kernel="eager", pipeline_parallel=2, batch=64)
    run = stages.Run(rates, setup, generation_parallel=2)
    yield stages.ppo(model, data, run).gpu_hours
    yield stages.ppo(model, data, run._replace(engine="deepspeed-hybrid")).gpu_hours
    yield stages.sft(model, data, run._replace(speed=other)).gpu_hours
    yield stages.sft(find("gpt2"), stages.Data(1, 0, 8), stages.Run(rates)).gpu_hours  # waits for launches alone
    for more in ({}, {"fused": True}, {"attention_kernel": "flash-1"}, {"offload": "optimizer"},
                 {"attention_kernel": "flash", "lora_rank": 8, "base_bits": 4}):  # fmt: skip
        yield parallelism.token_gpu_seconds(model, place._replace(**more), rates, 2048)
    yield parallelism.token_gpu_seconds(find("mixtral-8x7b"), setup, rates, 2048)
    yield timing.roofline("h100-sxm-80gb", "fp8-rowwise", known).matmul
    yield parallelism.held(model, place, 2048, known)
    yield largest_batch(model, 80, 2048, coefficients=known)
    yield decode_step(find("mixtral-8x7b"), rates, 512, 500).seconds
    for gpu, form in (("b200-sxm-180gb", "fp4"), ("h20-96gb", "bf16"), ("h20-96gb", "int4")):
        yield decode_step(model, engines.roofline(gpu, form, known), 4096 if form == "fp4" else 1, 0).seconds
    for name, sequences, length in (("llama-2-7b", 64, 4096), ("mixtral-8x7b", 1, 0)):
        yield decode_step(find(name), engines.rates(rates, "hf-generate"), sequences, length).seconds


OF_REPORTS = {"eager-bandwidth-fraction", "eager-launch", "mean-length-fraction", "run-goodput", "uncounted-memory",
              "allocator-waste", "report-noise"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(published().keys() - OF_REPORTS))
def test_every_coefficient_that_is_given_counts(name):
    assert list(everything(published())) != list(everything(published().replaced({name: 0.8 * published()[name]})))


def test_layouts_are_remembered_for_their_own_coefficients():
    asked = find("llama-2-7b"), "a100-sxm-80gb", 8, 4096
    usual = parallelism.chosen(*asked)
    crowded = parallelism.chosen(*asked, coefficients=published().replaced({"framework-memory": 60}))
    assert crowded != usual and parallelism.chosen(*asked) == usual


def test_a_readers_gpu_is_no_candidate_for_the_gpus_of_others():
    ours = own()
    assert names.gpu_in_report("h100", ours) in catalog.table("gpus", ours)
    assert names.gpu_in_report("h100-ours", ours) == "h100-ours"
    assert names.gpu_in_report("H100", None) == "h100-sxm-80gb"
    assert of(ours) is of(ours) is of(own())  # the same content, however often it is read


def test_an_unknown_coefficient_is_refused_and_nothing_can_be_set():
    with pytest.raises(ValueError, match="unknown coefficient 'link'; did you mean link-fraction"):
        published().replaced({"link": 1})
    with pytest.raises(TypeError):
        published()["link-fraction"] = 1
    with pytest.raises(AttributeError):
        published().more = 1
