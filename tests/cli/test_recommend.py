"""`costlib recommend` says what Python says, as words and as data."""

import json
import re

import pytest
from command import answer, costlib, told

import costlib as package

ANSWERS = ["--model", "8b", "--pairs", "20000", "--task", "verifiable", "--budget", "30000", "--draws", "100"]


def test_the_command_is_the_answer_of_python():
    found = package.recommend(model="8b", pairs=20_000, task="verifiable", budget=30_000, draws=100)
    assert answer("recommend", *ANSWERS) == json.loads(json.dumps(found.to_dict()))
    assert told("recommend", *ANSWERS) == f"{found!r}\n"


def test_the_words_hold_budget_runner_up_flip_and_what_is_forbidden():
    printed = told("recommend", *ANSWERS, columns=400)
    plain = answer("recommend", *ANSWERS)
    assert printed.startswith(f"recommended: {plain['label']}: ${plain['usd']:,.0f} (90 % interval $")
    assert f"next: {plain['next']['label']}: " in printed
    assert f"flips first: {plain['flips'][0]['says']}" in printed
    for name, reasons in plain["forbidden"].items():
        assert f": {'; '.join(reasons)}\n" in printed, name
    assert "known: Studies disagree on which labels give the better model." in printed


def test_the_same_scenario_compares_to_the_same_dollars():
    plain = answer("recommend", *ANSWERS)
    pairs = [text for name, value in plain["scenario"].items() for text in ("-p", f"{name}={value}")]
    compared = {each["method"]: each for each in answer("compare", *pairs, "--draws", "100")}
    allowed = {name: each["usd"] for name, each in compared.items() if each["allowed"]}
    assert {each["method"]: each["usd"] for each in plain["methods"] if not each["forbidden"]} == pytest.approx(allowed)
    assert min(allowed, key=allowed.get) == plain["method"]


def test_the_price_of_a_check_by_a_program_is_an_input_and_decides():
    free, dear = (answer("recommend", *ANSWERS, "-p", f"verifier_usd_per_call={usd}") for usd in (0, 0.01))
    assert free["method"] == "verifiable" != dear["method"]
    # One call for each of the 256,000 answers that GRPO learns from.
    price = next(each["usd"] for each in dear["methods"] if each["method"] == "verifiable")
    assert price - free["usd"] == pytest.approx(2560)
    flip = next(each for each in answer("recommend", *ANSWERS)["flips"] if each["name"] == "verifier_usd_per_call")
    assert flip["value"] == pytest.approx((free["next"]["usd"] - free["usd"]) / 256_000, rel=1e-6)
    said = "give yours: -p verifier_usd_per_call="
    assert said in told("recommend", *ANSWERS, columns=400)
    assert said not in told("recommend", *ANSWERS, "-p", "verifier_usd_per_call=0.0001", columns=400)


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_methods_are_rows_with_what_forbids_them(form):
    printed, methods = told("recommend", *ANSWERS, "--format", form), answer("recommend", *ANSWERS)["methods"]
    assert {bool(each["forbidden"]) for each in methods} == {True, False}
    for each in methods:
        assert each["label"] in printed and each["forbidden"] in printed


def test_the_dollars_are_itemised_and_their_interval_before_counts_stands_beside_them():
    given = ("recommend", "--model", "llama-3.1-8b", "--pairs", "20000")
    printed, found = " ".join(costlib(*given).output.split()), json.loads(costlib(*given, "--json").output)
    items = re.search(r"of it: (.*?); at no cost here: (.*?) if pairs", printed)
    usd = [float(each.replace(",", "")) for each in re.findall(r"\$([\d,.]+)", items[1])]
    # Items are said to the dollar, or to the cent below a hundred.
    assert sum(usd) == pytest.approx(found["usd"], abs=0.5 * len(usd)) and usd == sorted(usd, reverse=True)
    assert items[2] == "seed data", "volunteers wrote it at the published inputs"
    assert found["usd_before_high"] > found["usd_high"], "seed data and evaluation are open as well"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--judges", "judge", "--people-only"], "contradict each other"),
        (["--budget", "-1"], "must be a number from 0"),
        (["--pairs", "many"], "num_pairs_m1 [pairs] must be"),
        (["-p", "bogus=1"], "unknown parameter 'bogus'"),
        (["--model", "8x"], "must be a model of costlib models"),
        (["-p", "model=8b"], "model is the option --model"),
    ],
)
def test_wrong_answers_end_with_2_and_one_line(words, said):
    result = costlib("recommend", *words)
    assert result.exit_code == 2 and said in result.output and result.output.count("\n") == 1, result.output
