"""One job of the calculator is what the package estimates, and what is wrong stands at its input."""

import re

import pytest
from conftest import ROOT

import costlib
from costlib.base import fmt
from costlib.calculator import STARTING, estimated, panel
from costlib.facts import options

CONFIGURATIONS = ROOT / "tests" / "data" / "configurations"


@pytest.mark.parametrize("stage", options.STAGES)
def test_a_job_is_what_the_package_estimates(stage):
    found = estimated(STARTING | {"stage": stage, "price_usd_per_gpu_hour": "2.5"})
    known = costlib.estimate(stage, model="llama-3.1-8b", gpu="h100-sxm-80gb", gpus=8, examples=20_000,
                             prompt_tokens=512, response_tokens=512, price=2.5)  # fmt: skip
    for key in ("fits", "hours", "hours_80_low", "usd", "usd_80_high", "memory_gb_per_gpu", "min_gpus"):
        assert found["numbers"][key] == pytest.approx(known.to_dict()[key], rel=1e-12), key
    printed = {}
    exec(found["python"].replace("print(", "printed.update(usd=answer.usd) or print("), {"printed": printed})
    assert printed["usd"] == pytest.approx(known.usd)


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [({"gpus": "8,5"}, "gpus", "decimals take a point"), ({"examples": ""}, "examples", "must be given"),
     ({"model": "llama-3.1-8"}, "model", "did you mean"), ({"gpu": "h1000"}, "gpu", "known: h100-sxm-80gb"),
     ({"stage": "sftx"}, "stage", "did you mean sft"), ({"response_tokens": "many"}, "response_tokens", "a number"),
     ({"price_usd_per_gpu_hour": "-1"}, "price_usd_per_gpu_hour", "from 0")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_input_in_a_line(given, name, said):
    errors = estimated(STARTING | given)["errors"]
    assert errors.keys() == {name} and said in errors[name] and "\n" not in errors[name]


def test_what_does_not_fit_is_said_first_with_what_would_make_it_fit():
    found = estimated(STARTING | {"gpus": "1"})
    assert found["html"].startswith('<p class="answer"><b>It does not fit</b>')
    assert "on 3 GPUs or more" in found["html"] and "--lora-rank 16" in found["html"]
    assert "If it did fit, it would take" in found["html"]


def test_without_a_price_there_are_hours_and_the_reason():
    found = estimated(STARTING | {"gpu": "h20-96gb"})
    assert found["numbers"]["usd"] is None and "No dollars: no price of h20-96gb is known" in found["html"]


def test_a_file_of_a_model_stays_in_the_page(tmp_path):
    path = tmp_path / "your model" / "config.json"
    path.parent.mkdir()
    path.write_bytes((CONFIGURATIONS / "llama-3.1-8b.json").read_bytes())
    found = estimated(STARTING | {"model": str(path)})
    assert found["numbers"]["usd"] == pytest.approx(estimated(STARTING)["numbers"]["usd"])
    assert found["said"].startswith("your model: 8,030,261,248 parameters") and "job.model" not in found["query"]
    assert "--model ./config.json" in found["command"]
    assert str(tmp_path) not in "".join(
        found[key] for key in ("html", "query", "command", "python", "said", "citation")
    )
    path.write_text("{", encoding="utf-8")
    errors = estimated(STARTING | {"model": str(path)})["errors"]
    assert errors.keys() == {"model"} and str(tmp_path) not in errors["model"]


def test_bars_hold_the_memory_and_the_bill_of_the_answer():
    found = estimated(STARTING | {"stage": "ppo", "price_usd_per_gpu_hour": "2"})
    numbers, page = found["numbers"], found["html"].replace("\u00a0", " ")
    memory, bill = (part.partition("</figure>")[0] for part in page.split('<figure class="calculator-chart job">')[1:])
    assert f"all {fmt.number(numbers['memory_gb_per_gpu'], 1)}" in memory
    hours = {line["name"]: line["hours"] for line in numbers["bill"] if line["hours"]}
    longest = max(hours.values())
    for line in numbers["bill"]:
        if line["hours"]:
            assert f"{line['name']} " in bill and f"width:{100 * line['hours'] / longest:.2f}%" in bill
            assert panel.money(line["usd"]) in bill
    assert sum(hours.values()) == pytest.approx(numbers["hours"])
    page = estimated(STARTING | {"model": "llama-3.1-405b"})["html"]
    place = float(re.search(r'class="full" style="left:([\d.]+)%', page)[1])
    assert 0 < place < 100 and "width:100.00%" in page, "what is too large passes the line of the GPU"
