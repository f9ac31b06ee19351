"""Whatever door is asked, the answer is the same: Python, command, calculator, sweep, chapters, citation."""

import math
import re

import numpy as np
import pytest
import yaml
from command import answer
from conftest import ROOT

import costlib as package
from costlib.calculator import Calculator, panel
from costlib.cli.main import main
from costlib.economics import (
    admissible,
    anatomy,
    comparison,
    curve,
    methods,
    ratios,
    recommendation,
    scenarios,
    uncertainty,
)
from costlib.facts import outputs, parameters, regimes
from costlib.report import several
from costlib.report.rerun import records
from costlib.sweeping import outputs as sweeping

FILES = sorted((ROOT / "notebooks" / "scenarios").glob("*.yml"))
ENDS = ("usd", "usd_low", "usd_high", "ratio", "ratio_low", "ratio_high", "days", "usd_per_effective_pair", "allowed")


def given(path):
    return parameters.check(yaml.safe_load(path.read_text(encoding="utf-8")) or {})


def by_name(rows):
    return {row["method"]: {name: row[name] for name in ENDS} for row in rows}


def python(path):
    values = given(path)
    found = comparison.compared(scenarios.complete(values), fixed=scenarios.held(values))
    return by_name(each.to_dict() for each in found)


def compare(path):
    return by_name(answer("compare", path))


def calculator(path):
    one = Calculator()
    # Every field of the form that the scenario sets, also where it sets the published value.
    one.answer({name: panel.typed(value) for name, value in given(path).items()})
    return by_name(one.draw()["numbers"]["methods"])


def page_of_several(path):
    return by_name(each.to_dict() for each in several._compared(given(path)))


@pytest.mark.parametrize("door", [compare, calculator, page_of_several])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_door_compares_methods_alike(path, door):
    known, found = python(path), door(path)
    assert found.keys() == known.keys() == set(methods.offered(scenarios.complete(given(path))))
    for name, numbers in known.items():
        assert found[name] == pytest.approx(numbers, rel=1e-12), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sweep_of_one_point_is_that_scenario(path):
    values = scenarios.complete(given(path))
    names = [f"{name}.{part}" for name in methods.METHODS for part in ("usd", "days", "labels.usd", "min_gpus")]
    found, compared = sweeping.amounts(names, values), methods.compare(values, methods.METHODS)
    fits = admissible.fits(values)
    for name in names:
        method, _, part = name.partition(".")
        known = admissible.needed_gpus(method, fits) if part == "min_gpus" else compared[method].amount(part)
        assert found[name] == pytest.approx(known, rel=1e-12), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("stage", list(anatomy.WORK))
def test_command_sweep_and_part_two_price_one_stage_alike(path, stage):
    values = scenarios.complete(given(path))
    count, passes, option = anatomy.WORK[stage]
    grouped = stage == "grpo"
    options = {
        "model": values["aligned_model"], "gpu": values["cluster_gpu"], "gpus": values["num_gpus"],
        "examples": values[count] / (values["group_size"] if grouped else 1),
        "prompt-tokens": values["prompt_tokens"], "response-tokens": values["response_tokens"],
        "price": values["price_usd_per_gpu_hour"],
    }  # fmt: skip
    options |= {option.replace("_", "-"): values[passes]} if passes else {}
    options |= {"samples": values["group_size"]} if grouped else {}
    options |= {} if stage == "generate" else {"recompute": values["recompute"]}
    found = answer("estimate", stage, *(part for name, value in options.items() for part in (f"--{name}", value)))
    known = anatomy.estimated(stage, values)
    swept = sweeping.amounts([f"{stage}.{part}" for part in ("usd", "hours", "memory_gb", "min_gpus")], values)
    assert found["usd"] == pytest.approx(known.cost.usd, rel=1e-12) == swept[f"{stage}.usd"]
    assert found["hours"] == pytest.approx(known.hours, rel=1e-12) == swept[f"{stage}.hours"]
    assert found["memory_gb_per_gpu"] == pytest.approx(known.peak_gb) == swept[f"{stage}.memory_gb"]
    assert (found["min_gpus"] or np.inf) == known.min_gpus == swept[f"{stage}.min_gpus"]
    assert found["micro_batch"] == known.setup.micro_batch


# --- draws -----------------------------------------------------------------------------------------------------------


def test_one_number_of_draws_for_all_doors():
    from costlib.calculator import SHOWN

    default = next(o for o in main.get_command(None, "compare").params if o.name == "draws").default
    assert default == uncertainty.DRAWS == SHOWN[-1]


def test_a_smaller_number_of_draws_is_a_prefix():
    few, many = (uncertainty.draw(draws=draws) for draws in (20, 300))
    for name in few:
        np.testing.assert_array_equal(few[name], many[name][:20])


def test_an_interval_holds_inputs_and_prediction_error():
    values = scenarios.complete({})
    for name, ends in comparison.interval_by_cause(values).items():
        if name == "published":  # its speed is given
            assert ends["prediction"][0] == pytest.approx(ends["prediction"][1])
            continue
        width = {cause: high / low for cause, (low, high) in ends.items()}
        assert width["both"] > 1 and width["prediction"] > 1, name
        # The same draws of inputs on both sides; of what people are paid the prediction moves little.
        assert width["both"] >= 0.99 * max(width["inputs"], width["prediction"]), name


def test_four_fifths_of_the_drawn_error_lie_within_the_interval_of_predictions():
    drawn = uncertainty.draw(["gpu_time_factor"], draws=20_000)["gpu_time_factor"]
    low, high = regimes.interval("alignment", 1.0)
    assert np.mean((drawn > low) & (drawn < high)) == pytest.approx(0.8, abs=0.01)
    assert np.median(drawn) == pytest.approx(1, rel=0.02)


# --- what is allowed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_door_calls_cheapest_what_another_forbids(path):
    values = scenarios.complete(given(path))
    why = admissible.objections(values)
    one = Calculator()
    one.answer({name: panel.typed(value) for name, value in given(path).items()})
    summary = panel.summary(one.numbers())
    named = re.search(r"Recommended here: <b>(.*?), \$", summary)
    best = recommendation.cheapest(values)
    assert (named and named[1]) == (methods.METHODS[best](values).label if best else None)
    allowed = {methods.METHODS[name](values).label for name in why if not why[name]}
    assert named[1] in allowed if named else not allowed
    for name, row in compare(path).items():
        assert row["allowed"] == (not why[name])


def test_a_small_model_and_a_coin_are_no_judges():
    small = admissible.objections(scenarios.complete({"policy_model": "llama-3.1-8b"}))
    assert "only where that was tested" in small["self-rewarding"][0] and not small["rlaif"]
    coin = admissible.objections(scenarios.complete({"judge_agreement": 0.5}))
    assert coin["rlaif"] == ("labels of the judge are no better than a coin",)
    rare = admissible.objections(scenarios.complete({"judge_agreement": 0.6}))
    assert "taking the longer answer, which is free, in 62.2 %" in rare["rlaif"][0]
    few = admissible.objections(scenarios.complete({"policy_gpus": 8}))
    assert few["human-ppo"][0].startswith("does not fit the memory of the GPUs") and "ppo" in few["human-ppo"][0]
    assert admissible.objections(scenarios.complete({}))["published"] == ("the article's count leaves lines out",)


def test_a_coin_has_no_price_for_information_at_any_door():
    values = scenarios.complete({"judge_agreement": 0.5, "human_agreement": 0.5})
    assert all(method.usd_per_effective_pair == math.inf for method in methods.compare(values).values())
    assert ratios.in_terms(values | {"human_agreement": 0.73})["RLAIF, per effective pair"] == 0
    one = Calculator()
    numbers = one.answer({"judge_agreement": "0.5"})["numbers"]
    priced = {each["method"]: each["usd_per_effective_pair"] for each in numbers["methods"]}
    assert priced["rlaif"] is None and priced["human-dpo"] > 0
    # Of all whose labels are a coin's, and of none else.
    assert {name for name, each in priced.items() if each is None} == {"published", "self-rewarding", "rlaif", "hosted"}
    swept = sweeping.amounts(["rlaif.usd_per_effective_pair"], scenarios.complete({"judge_agreement": 0.5}))
    assert swept["rlaif.usd_per_effective_pair"] == np.inf
    found = {each["method"]: each for each in package.compare(judge_agreement=0.5, draws=5).to_dict()}
    assert found["rlaif"]["usd_per_effective_pair"] is None and "no information" in str(found["rlaif"])
    # Nor does a door print it: a count of information that takes errors as random decides nothing.
    assert "effective" not in panel.results(numbers) + panel.lines(numbers) + str(package.compare(draws=5).table.header)


@pytest.mark.parametrize("agreement", [0.5, 0.63, 0.9, 1.0])
def test_a_mixture_of_labels_is_never_beyond_its_parts(agreement):
    # Rounding made 0.1 x 0.63 + 0.9 x 0.63 another number than 0.63, and of two coins something less than a coin.
    for share in np.linspace(0, 1, 101).tolist():
        values = {"hard_share": share, "judge_agreement": agreement, "human_agreement": agreement}
        assert methods.hybrid(scenarios.complete(values)).agreement == agreement


# --- the registry ----------------------------------------------------------------------------------------------------


def published(output):
    found = [row for row in records(next((ROOT / "notebooks").glob(f"{output.chapter}.ipynb")), "key")
             if row["key"] == output.key]  # fmt: skip
    return found[0] if found else None


@pytest.mark.parametrize("output", outputs.outputs().values(), ids=lambda output: output.id)
def test_a_registered_number_is_the_one_of_its_chapter(output):
    assert output.definition and output.unit
    assert bool(output.ratio_of) == (output.unit == "ratio")
    if output.chapter:
        row = published(output)
        assert row and row["unit"] == output.unit
        if output.amount:
            ours = comparison.amount(methods.compare(scenarios.complete({})), output.amount)
            assert row["value"] == pytest.approx(ours, rel=1e-9)


def test_the_readme_says_what_the_package_computes():
    text, values = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split()), scenarios.complete({})
    few, most = (curve.ratio(values, pairs) for pairs in (1_000, 1_000_000))
    assert f"costs {few:.2f}x what it costs on a hosted judge's at 1,000 usable pairs" in text
    assert f"usable pairs and {most:.1f}x at 1,000,000" in text
    assert f"At the article's 10,906 pairs the judge's project saves ${curve.saved(values, 10_906):,.0f}." in text
    ends = []
    for known in (True, False):
        drawn = comparison.drawn_usd(values, known=known)
        ends += np.quantile(drawn["human-dpo"] - drawn["rlaif"], [0.05, 0.95]).tolist()
    said = re.search(r"between \$(.*?) and \$(.*?)\. Before they are known the ends are \$(.*?) and \$(.*?)\.", text)
    assert [float(end.replace(",", "")) for end in said.groups()] == pytest.approx(ends, rel=1e-3)


def test_the_landing_page_takes_its_numbers_from_the_registry():
    page = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    known = {(output.chapter, output.key) for output in outputs.outputs().values()}
    glued = re.findall(r"\{glue:text\}`\.\./notebooks/(\w+)\.ipynb::(\w+):s`", page)
    assert glued and set(glued) <= known
