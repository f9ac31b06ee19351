"""Inputs that once were answered wrongly: with a fault that nobody had caught, in silence, with wild text, or never.

Each is a case as the fuzz makes them, so that what is tried at random holds for these for certain.
"""

import json
import math

import numpy as np
from fuzz_case import Case, Fault
from fuzz_files import BOMB, DEEP

WORK = (
    "--model",
    "llama-2-7b",
    "--gpu",
    "a100-sxm-80gb",
    "--examples",
    "1000",
    "--prompt-tokens",
    "100",
    "--response-tokens",
    "100",
)
NAMED = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "examples": 9, "prompt_tokens": 9, "response_tokens": 9}
HARDWARE = {
    "gpu": {
        "name": "our-gpu",
        "label": "Our GPU",
        "device": "Our GPU",
        "bf16_dense_tflops": 400,
        "hbm_gb": 96,
        "hbm_bandwidth_gb_per_s": 3000,
    }
}
MEMORY = "id,model,method,n_gpus,batch_per_gpu,seq_len,precision_optimizer,recompute,other_inputs,quantity,value,unit"


def _scenario(text, kind, *named, name="mine.yml", command="compare"):
    content = text if isinstance(text, bytes) else text.encode()
    more = ("-o", "out") if command == "rerun" else ("--draws", "20")
    return Case("scenario", (command, name, *more), (("mine.yml", content),), faults=(Fault(kind, named),))


def _pair(text, kind, *named, command="compare"):
    more = ("-o", "out") if command == "rerun" else ("--draws", "20")
    return Case("scenario", (command, "-p", text, *more), faults=(Fault(kind, named),))


def _sweep(kind, call=False, **changes):
    content = {"vary": {"epochs": [1, 2]}, "outputs": ["rlaif.usd"]} | changes
    if call:
        return Case("sweep", call=("sweep", (content,), {}), faults=(Fault(kind),))
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in content.items())
    return Case(
        "sweep", ("sweep", "s.yml", "-o", "out", "--dry-run"), (("s.yml", text.encode()),), faults=(Fault(kind),)
    )


def _machine(kind, *named, coefficients=None, **changes):
    content = {"gpu": HARDWARE["gpu"] | changes} | ({"coefficients": coefficients} if coefficients else {})
    given = tuple(each for each in WORK if each not in ("--gpu", "a100-sxm-80gb"))
    return Case(
        "hardware",
        ("estimate", "sft", *given, "--hardware", "hw.yml"),
        (("hw.yml", json.dumps(content).encode()),),
        faults=(Fault(kind, named),),
    )


def _option(stage, *more, named=None):
    name = more[0].removeprefix("--").removeprefix("no-")
    return Case(
        "options",
        ("estimate", stage, *WORK, *more),
        faults=(Fault(" ".join(more)[:40], named or (name, name.replace("-", "_"))),),
    )


def _table(text, kind="", refused=(), name="m.csv", json_too=True):
    content = text if isinstance(text, bytes) else text.encode()
    return Case(
        "measurements",
        ("validate", name, *(("--json",) if json_too else ())),
        (("m.csv", content),),
        faults=(Fault(kind),) if kind else (),
        refused_rows=tuple((line, kind or "seed") for line in refused),
    )


def _call(name, *arguments, **named):
    return Case("call", call=(name, arguments, named))


def _model(named, *more, command=("compare", "--draws", "20", "-p", "policy_model=./config.json"), **keys):
    content = json.dumps({"model_type": "llama"} | keys).encode()
    return Case("configuration", (*command, *more), (("config.json", content),),
                faults=(Fault("a dimension", (named,)),) if named else ())  # fmt: skip


GRPO = ("estimate", "grpo", "--model", "./config.json", *WORK[2:])
CUT = "policy_model=llama-2-70b:hidden_size=1000000000,layers=1000000000"
MISTAKES = {
    # tracebacks on ordinary mistakes
    "a missing file": _scenario("", "missing", "nosuch.yml", name="nosuch.yml"),
    "a folder": _scenario("", "a folder", name="."),
    "no YAML": _scenario("epochs: [", "no YAML", "mine.yml"),
    "a list": _scenario("- 1\n- 2\n", "a list", "mine.yml"),
    "an open bracket": _pair("epochs=[", "no YAML", "epochs"),
    "an open bracket, rerun": _pair("epochs=[", "no YAML", "epochs", command="rerun"),
    "a tag": _pair("epochs=!!python/object:os.system", "tag", "epochs"),
    "a tag, rerun": _pair("epochs=!!python/object:os.system", "tag", "epochs", command="rerun"),
    "400 digits": _scenario("epochs: " + "9" * 400, "400 digits", "epochs", "line 1"),
    "400 digits, rerun": _scenario("epochs: " + "9" * 400, "400 digits", "epochs", "line 1", command="rerun"),
    "400 digits of an option": _option("sft", "--gpus", "9" * 400),
    "400 digits of hardware": _machine("400 digits", "hbm_gb", "line 1", hbm_gb=10**400),
    "400 digits of a sweep": _sweep("400 digits", vary={"epochs": [10**400]}),
    "400 digits in an expression": _sweep("400 digits", outputs=[f"rlaif.usd * {'9' * 400}"]),
    "deep": _scenario(DEEP, "deep"),
    "a list as scale": _sweep("scale", vary={"epochs": {"from": 1, "to": 3, "steps": 3, "scale": ["log"]}}),
    "a list as an output": _sweep("output", outputs={"x": [1]}),
    "a list as an axis": _sweep(
        "axis", maps=[[{"of": [1], "from": 1, "to": 2}, {"of": "rlaif.usd", "from": 1, "to": 2}]]
    ),
    "zero by zero": _sweep("0/0", outputs=["0/0 + rlaif.usd"]),
    "zero by zero, computed": _sweep("0/0", call=True, outputs=["0/0 + rlaif.usd"]),
    "a name that is a list": _machine("name", "gpu.name", name=[1]),
    "a rank of twenty digits": _option("ppo", "--lora-rank", "9" * 20),
    "1e30 of a coefficient": _machine(
        "1e30", "framework-memory", coefficients={"framework-memory": dict.fromkeys(("value", "low", "high"), 1e30)}
    ),
    # accepted in silence
    "a low above its high": _machine(
        "low above high", "matmul-fraction", coefficients={"matmul-fraction": {"value": 0.5, "low": 0.9, "high": 0.6}}
    ),
    "a longest response of sft": _option("sft", "--longest-tokens", "nan"),
    "a longest response of sft, negative": _option("sft", "--longest-tokens", "-1"),
    "samples of sft": _option("sft", "--samples", "-1"),
    "passes of PPO of sft": _option("sft", "--ppo-epochs", "-5"),
    "generation of sft": _option("sft", "--generation-batch", "-1"),
    "a critic of sft": _option("sft", "--critic-model", "llama-2-70b"),
    "samples of dpo": _option("dpo", "--samples", "16"),
    "passes of PPO of dpo": _option("dpo", "--ppo-epochs", "4"),
    "quantised generation": _option("generate", "--base-bits", "4"),
    "adapters of generation": _option("generate", "--lora-rank", "16"),
    "the default of another stage": _option("sft", "--ppo-epochs", "1"),
    "no adapters": _option("sft", "--lora-rank", "0", named=("lora_rank", "rank")),
    "too many adapters": _option("sft", "--lora-rank", "1000000", named=("lora_rank", "rank")),
    "more adapters than width": _option("sft", "--lora-rank", "4097", named=("lora_rank", "rank")),
    "half a sequence": _option("sft", "--micro-batch", "0.5"),
    "a decimal comma": _option("sft", "--price", "2,5"),
    "an octal number": _scenario("num_human_pairs: 010\n", "octal", "line 1"),
    "a sexagesimal number": _scenario("num_human_pairs: 1:30\n", "sexagesimal", "line 1"),
    "a binary number": _scenario("num_human_pairs: 0b11\n", "binary", "line 1"),
    "a name twice": _scenario("epochs: 1\nepochs: 2\n", "twice", "epochs"),
    "Arabic digits": _scenario("epochs: ٣\n", "arabic digits", "epochs"),
    "fullwidth digits": _pair("epochs=３", "fullwidth digits", "epochs"),
    "digits in groups": _scenario("epochs: 1_0\n", "grouped", "line 1"),
    "digits in groups, as text": _scenario('epochs: "1_0"\n', "grouped", "epochs"),
    "a fraction of 1e30": _machine("1e30", "flash_attention_share", flash_attention_share=1e30),
    "a fraction above 1": _machine("a share above 1", "flash_attention_share", flash_attention_share=1.5),
    "a peak of 1e308": _machine("1e308", "bf16_dense_tflops", bf16_dense_tflops=1e308),
    "a number among outputs": _sweep("[rlaif.usd, 5]", outputs=["rlaif.usd", 5]),
    "nothing fixed": _sweep("fixed: 0", fixed=0),
    "no maps": _sweep("maps: 0", maps=0),
    "a division by zero": _sweep("/ 0", outputs=["rlaif.usd / 0"]),
    "an output called point": _sweep("point", outputs={"point": "rlaif.usd"}),
    "an unknown chapter": Case("words", ("claims", "--chapter", "B999"), faults=(Fault("unknown chapter"),)),
    "billions for a count": _table(
        f"{MEMORY},params\na,Llama-2-7B,QLoRA,1,1,4096,bf16 nf4,full,LoRA rank 8,peak memory,9,GiB,6740\n", refused=(2,)
    ),
    # what never ended
    "an alias bomb": _scenario(BOMB, "alias bomb"),
    "an alias bomb of hardware": Case(
        "hardware",
        ("estimate", "sft", *WORK, "--hardware", "hw.yml"),
        (("hw.yml", BOMB.encode()),),
        faults=(Fault("alias bomb"),),
    ),
    "an alias bomb of a sweep": Case(
        "sweep",
        ("sweep", "s.yml", "-o", "out", "--dry-run"),
        (("s.yml", BOMB.encode()),),
        faults=(Fault("alias bomb"),),
    ),
    "heads by the billion": _model("parameters", command=GRPO, hidden_size=10**9, num_attention_heads=10**9),
    "parameters beyond what NumPy counts": Case(
        "name", ("compare", "--draws", "20", "-p", CUT), faults=(Fault("parameters", ("parameters",)),)
    ),
    "a megabyte of text": _scenario("recompute: " + "x" * 1_200_000, "1 MB"),
    "half a megabyte of text": _scenario("recompute: " + "x" * 500_000, "0.5 MB", "recompute"),
    "a long cell": _table(
        "model,gpu,metric,value,unit,weights\nLlama-3.1 8B," + "H100" * 25_000 + ",ITL,6.8,ms,bf16\n", refused=(2,)
    ),
    "a long cell of throughput": _table(
        "model,gpu,sequence_length,tokens_per_s_per_gpu\nLlama-2 7B," + "a" * 100_000 + ",2048,3000\n", refused=(2,)
    ),
    "a long cell of a run": _table(
        "stage,model,gpu,reported_quantity\npretrain,Llama-2 7B," + "A1" * 50_000 + ",gpu_hours\n", refused=(2,)
    ),
}

ANSWERED = {
    "heads with 1,344 divisors": _model(
        "", command=GRPO, hidden_size=8, num_attention_heads=735_134_400, num_key_value_heads=1, head_dim=1
    ),
    "a GPU in one word": Case("name", ("estimate", "sft", *WORK[:2], "--gpu", "a100sxm80gb", *WORK[4:]), good=True),
    # JSON is JSON
    "1e6 passes": Case("options", ("estimate", "sft", *WORK, "--epochs", "1e6", "--json")),
    "the least fill": Case("options", ("estimate", "sft", *WORK, "--fill", "0.001", "--json")),
    "the most of all": Case(
        "options",
        (
            "estimate",
            "grpo",
            "--model",
            "llama-2-70b",
            "--gpu",
            "t4-16gb",
            "--examples",
            "1e15",
            "--prompt-tokens",
            "1e7",
            "--response-tokens",
            "1e7",
            "--epochs",
            "1e6",
            "--samples",
            "100000",
            "--json",
        ),
    ),
    "nothing at all": Case(
        "options",
        (
            "estimate",
            "ppo",
            "--model",
            "llama-2-7b",
            "--gpu",
            "t4-16gb",
            "--examples",
            "0",
            "--prompt-tokens",
            "0",
            "--response-tokens",
            "0",
            "--json",
        ),
    ),
    "nothing is generated": Case(
        "options",
        (
            "estimate",
            "generate",
            "--model",
            "llama-2-7b",
            "--gpu",
            "t4-16gb",
            "--examples",
            "9",
            "--prompt-tokens",
            "9",
            "--response-tokens",
            "0",
            "--json",
        ),
    ),
    "on no number of GPUs": Case(
        "options", ("estimate", "sft", *WORK[:2], "--gpu", "t4-16gb", *WORK[4:], "--zero", "0", "--json")
    ),
    "3,000 terms": Case(
        "sweep", call=("sweep", ({"vary": {"epochs": [1]}, "outputs": {"a": " + ".join(["rlaif.usd"] * 3000)}},), {})
    ),
    # names that are written out where they could do something
    "a GPU called by markup": Case(
        "hardware",
        ("estimate", "sft", *WORK[:2], *WORK[4:], "--hardware", "hw.yml"),
        (("hw.yml", json.dumps({"gpu": HARDWARE["gpu"] | {"name": "<img src=x onerror=alert(1)>"}}).encode()),),
    ),
    "control characters of a cell": _table(
        "id,model,metric,value,unit\n\x1b[2J\x1b[31mred,Llama-2 7B,ITL,13,ms\n", json_too=False
    ),
    "control characters of a cell, as JSON": _table(
        "id,model,metric,value,unit\n\x1b[2J\x9b\u202ered,Llama-2 7B,ITL,13,ms\n"
    ),
    "control characters of a missing row": _table(
        "id,model,metric,value,unit\n\x1b[2Jx,\x1b[31mnosuch,ITL,13,ms\n", json_too=False
    ),
    "control characters of a GPU": Case(
        "hardware",
        ("estimate", "sft", *WORK[:2], *WORK[4:], "--hardware", "hw.yml"),
        (("hw.yml", json.dumps({"gpu": HARDWARE["gpu"] | {"label": "\x1b[2J"}}).encode()),),
    ),
    # calls with any values
    "no text to look for": _call("gpus", []),
    "bytes to look for": _call("models", b"x"),
    "nothing to look for": _call("claims", None),
    "a table that is a number": _call("validate", 1j),
    "a scenario that is a list": _call("compare", [1]),
    "a stage that is a dict": _call("estimate", {}),
    "an array of two dimensions": _call(
        "estimate",
        "sft",
        model="llama-2-7b",
        gpu="a100-sxm-80gb",
        examples=9,
        prompt_tokens=9,
        response_tokens=9,
        micro_batch=np.array([[1.0]]),
    ),
    "many bins": _call("sweep", {"vary": {"epochs": [1]}, "outputs": ["rlaif.usd"], "bins": -(10**400)}),
    "no number of draws": _call("compare", draws=math.nan),
    "a text of draws": _call("compare", draws="many"),
    "an array of values that vary": _call(
        "sweep", {"vary": {"epochs": np.array([1.0, 2.0])}, "outputs": ["rlaif.usd"]}
    ),
    "a long name of a book": Case(
        "words", ("rerun", "-o", "out", "--book", "x" * 5000), faults=(Fault("no book", ("--book",)),)
    ),
    "an array of choices": _call("estimate", "generate", **NAMED, weight_bits=np.array([16.0])),
    "an array of layouts": _call("estimate", "sft", **NAMED, gpus=8, tensor_parallel=np.array([2.0, 4.0])),
    "an array of draws": _call("compare", draws=np.array([1.0, 2.0])),
    "no draws": _call("compare", draws=0),
    "fewer than no draws": _call("compare", draws=-1),
    "fused, in words": _call(
        "estimate",
        "sft",
        model="llama-2-7b",
        gpu="a100-sxm-80gb",
        examples=9,
        prompt_tokens=9,
        response_tokens=9,
        fused="no",
    ),
    "one that is equal to itself alone": _call("compare", epochs=float("nan")),
    # a judge that tells nothing
    "a coin as a judge": Case("scenario", ("compare", "-p", "judge_agreement=0.5", "--draws", "20", "--json")),
    "a coin as a judge, in words": Case("scenario", ("compare", "-p", "judge_agreement=0.5", "--draws", "20")),
    "a coin as a judge, by link": Case("link", query="judge_agreement=0.5"),
    "everything at its least": Case("link", query="human_usd_per_pair=0&platform_fee=0&num_pairs_m1=1&num_pairs_m2=0"),
    "markup in a link": Case(
        "link",
        query="policy_model=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        faults=(Fault("markup", ("policy_model",)),),
    ),
}
