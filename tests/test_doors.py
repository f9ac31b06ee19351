"""Whatever door is asked, the answer is the same: Python, command, calculator, sweep, chapters, citation."""

import ast
import math
import re

import calculator_form
import numpy as np
import pytest
import yaml
from command import answer, refused, told
from conftest import ROOT

import costlib as package
from costlib.base import sampling
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
from costlib.facts import judges, outputs, parameters, regimes
from costlib.report import notebooks, several
from costlib.report.rerun import records
from costlib.sweeping import outputs as sweeping

FILES = sorted((ROOT / "notebooks" / "scenarios").glob("*.yml"))
FEW = 100  # draws
ENDS = ("usd", "usd_low", "usd_high", "ratio", "ratio_low", "ratio_high", "days", "usd_per_effective_pair", "allowed")


def given(path):
    return parameters.check(yaml.safe_load(path.read_text(encoding="utf-8")) or {})


def by_name(rows):
    return {row["method"]: {name: row[name] for name in ENDS} for row in rows}


def python(path, draws=uncertainty.DRAWS):
    values = given(path)
    found = comparison.compared(scenarios.complete(values), draws, fixed=scenarios.held(values))
    return by_name(each.to_dict() for each in found)


def compare(path):
    return by_name(answer("compare", path))


def calculator(path, draws=uncertainty.DRAWS):
    one = Calculator()
    # Every field of the form that the scenario sets, also where it sets the published value.
    one.answer({name: panel.typed(value) for name, value in given(path).items()})
    return by_name(one.draw(draws)["numbers"]["methods"])


def page_of_several(path):
    return by_name(each.to_dict() for each in several._compared(given(path)))


@pytest.mark.parametrize("door", [compare, calculator, page_of_several])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_door_compares_methods_alike(path, door):
    # The calculator draws one by one, without arrays: all of them in one scenario, two hundred in the others.
    few = (200,) if door is calculator and path.stem != "published" else ()
    known, found = python(path, *few), door(path, *few)
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


LEAST_WORDS = r"^draws \[-\] must be at least 20, got 19: of fewer not one lies beyond each end of a 90 % interval$"


@pytest.mark.parametrize("door", [
    lambda: package.compare(draws=19), lambda: package.recommend(draws=19),
    lambda: comparison.compared(scenarios.complete({}), 19),
    lambda: comparison.before_counts(scenarios.complete({}), 19),
    lambda: comparison.interval_by_cause(scenarios.complete({}), 19),
    lambda: curve.band(scenarios.complete({}), [1000], draws=19),
    lambda: recommendation.recommend({}, 19), lambda: recommendation.ranking({}, 19),
])  # fmt: skip
def test_no_door_makes_an_interval_of_too_few_draws(door):
    refused(LEAST_WORDS, door)


@pytest.mark.parametrize("command", ["compare", "recommend"])
def test_no_command_makes_an_interval_of_one_draw(command):
    assert told(command, "--draws", 1, code=2).startswith("costlib: draws [-] must be at least 20, got 1: ")


def test_the_least_draws_leave_one_beyond_each_end_and_say_how_far_it_is_open():
    few = sampling.sample([float(each) for each in range(uncertainty.LEAST)])
    low, high = few.interval
    assert sum(each < low for each in few.ordered) == sum(each > high for each in few.ordered) == 1
    # One standard error of the share beyond an end is no more than that share from 19 draws on: 0.05 = sqrt(0.0475/19).
    assert pytest.approx(0.05) == (0.05 * 0.95 / (uncertainty.LEAST - 1)) ** 0.5


def named_at_the_published_value(name, tmp_path):
    """The inputs that each door holds where a reader names one at its published value, as the draws have them."""
    value = parameters.defaults()[name]
    file = tmp_path / "mine.yml"
    file.write_text(f"{name}: {value!r}\n", encoding="utf-8")
    drawn = {
        "keyword": package.compare(draws=FEW, **{name: value}),
        "mapping": package.compare({name: value}, draws=FEW),
        "file": package.compare(file, draws=FEW),
    }
    found = {door: [each.usd_high for each in several] for door, several in drawn.items()}
    found["option"] = [each["usd_high"] for each in answer("compare", "-p", f"{name}={value}", "--draws", FEW)]
    of_recommend = package.recommend(draws=FEW, **{name: value}).found.compared
    return found | {"recommend": [each.usd_high for each in of_recommend]}


@pytest.mark.parametrize("name", ["gpu_time_factor", "human_usd_per_word", "price_usd_per_gpu_hour"])
def test_who_names_a_value_knows_it_also_the_published_one(name, tmp_path):
    values = scenarios.complete({})
    known = [each.usd_high for each in comparison.compared(values, FEW, [name])]
    assert known != [each.usd_high for each in comparison.compared(values, FEW)]
    for door, found in named_at_the_published_value(name, tmp_path).items():
        assert found == pytest.approx(known, rel=1e-12), door


@pytest.mark.parametrize("name", uncertainty.uncertain(known=False))
def test_every_input_with_a_range_is_held_where_it_is_named(name):
    assert name in scenarios.held({name: parameters.defaults()[name]})


def test_who_names_everything_names_none_in_particular():
    published = given(ROOT / "notebooks" / "scenarios" / "published.yml")
    assert scenarios.held(published) == ()
    assert {*scenarios.held(published | {"epochs": 2, "rework_share": 0.2})} == {"rework_share", "epochs"}
    # A form holds every value, so that the calculator knows only what differs.
    one, usual = Calculator(), panel.typed(parameters.defaults()["rework_share"])
    assert one.answer({"rework_share": usual})["given"] == {}


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


# --- what a reader has already ----------------------------------------------------------------------------------------


def test_pairs_in_hand_are_the_same_at_every_door():
    inputs = {"pairs_in_hand": 4_000, "num_pairs_m1": 5_000, "num_pairs_m2": 1_000}
    found = methods.compare(scenarios.complete(inputs), ["human-dpo", "hybrid"])
    usd = {name: method.usd for name, method in found.items()}
    assert usd["human-dpo"] < methods.human_dpo(scenarios.complete(inputs | {"pairs_in_hand": 0})).usd
    options = [part for name, value in inputs.items() for part in ("-p", f"{name}={value}")]
    form = Calculator().answer({name: str(value) for name, value in inputs.items()})["numbers"]["methods"]
    doors = {
        "python": {each.method.name: each.usd for each in package.compare(inputs, draws=FEW)},
        "command": {row["method"]: row["usd"] for row in answer("compare", *options, "--draws", FEW)},
        "calculator": {row["method"]: row["usd"] for row in form},
        "recommend": {each.method.name: each.usd for each in package.recommend(draws=FEW, **inputs).found.compared},
        "sweep": sweeping.amounts([f"{name}.usd" for name in usd], scenarios.complete(inputs)),
    }
    doors["sweep"] = {name.removesuffix(".usd"): each for name, each in doors["sweep"].items()}
    for door, all_found in doors.items():
        assert {name: all_found[name] for name in usd} == pytest.approx(usd, rel=1e-12), door
    several_counts = {"design": "grid", "vary": {"pairs_in_hand": [0, 4_000, 50_000]}, "outputs": ["human-dpo.usd"],
                      "fixed": {"num_pairs_m1": 5_000, "num_pairs_m2": 1_000}}  # fmt: skip
    swept = package.sweep(several_counts).to_frame()["human-dpo.usd"]
    assert swept[1] == pytest.approx(usd["human-dpo"], rel=1e-12) and swept[0] > swept[1] > swept[2]


@pytest.mark.parametrize(("inputs", "said"), [
    ({"pairs_in_hand": 4_000}, "of the 4,000 pairs in hand 4,000 are used and 6,906 are still to be labelled: "),
    ({"pairs_in_hand": 20_000}, "of the 20,000 pairs in hand 10,906 are used and 0 are still to be labelled: "),
    ({"num_pairs_m1": 5_000}, "kept at the published value, beside num_pairs_m1: num_pairs_m2 6,942"),
    ({"num_pairs_m2": 0}, "kept at the published value, beside num_pairs_m2: num_pairs_m1 3,964"),
    ({"lead_usd_per_day": 900}, "kept at the published value, beside lead_usd_per_day: staff_usd_per_day 1,000"),
    ({"pretraining_tokens": 1e12}, "kept at the published value, beside pretraining_tokens: "
     "pretraining_gpu_hours 1,720,320, pretraining_parameters 7e10"),
])  # fmt: skip
def test_every_answer_says_what_it_keeps_beside_what_is_given(inputs, said):
    compared = package.compare(inputs, draws=20)
    assert [line for line in compared.rests_on if line.startswith(said)]
    assert set(compared.rests_on) <= {part for part in compared.parts() if isinstance(part, str)}
    assert [line for line in package.recommend(draws=20, **inputs).rests_on if line.startswith(said)]
    form = Calculator().answer({name: panel.typed(value) for name, value in inputs.items()})
    assert [line for line in form["numbers"]["where"]["rests_on"] if line.startswith(said)]


@pytest.mark.parametrize("inputs", [
    {}, {"num_pairs_m1": 5_000, "num_pairs_m2": 0}, parameters.defaults(),
    {"judge": "gpt-5-4-rewardbench", "judge_usd_per_million_input": 1.0},
], ids=["none", "both", "all", "judge"])  # fmt: skip
def test_nothing_is_said_to_be_kept_where_all_of_it_is_given_or_none(inputs):
    lines = scenarios.rests_on(inputs, scenarios.complete(inputs))
    assert not [line for line in lines if line.startswith(("kept", "of the"))]


# --- one name for each method and judge ------------------------------------------------------------------------------


def test_one_table_names_every_method_and_no_two_alike():
    assert list(methods.NAMES) == list(methods.METHODS)
    for which in ("long", "short", "plain"):
        assert len({getattr(each, which) for each in methods.NAMES.values()}) == len(methods.METHODS)
    found = methods.compare(scenarios.complete({}), methods.METHODS)
    assert {name: each.label for name, each in found.items()} == {n: each.long for n, each in methods.NAMES.items()}


def test_every_input_that_is_drawn_or_flips_an_answer_has_one_label():
    known = parameters.vocabulary()
    labels = [each.label for each in known.values() if each.label]
    assert len({*labels}) == len(labels)
    drawn = uncertainty.uncertain(known=False).keys() | (set(recommendation.FLIPS) - {"pairs"})
    assert all(known[name].label for name in drawn)
    # A form has them with a capital letter, a chapter as they are.
    form = calculator_form.labels()
    assert {name: each.label.lower() for name, each in form.items()} == {n: known[n].label.lower() for n in form}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.py")), ids=lambda path: path.stem)
def test_no_chapter_has_labels_of_its_own(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            pairs = [(key.value, value.value) for key, value in zip(node.keys, node.values, strict=True)
                     if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)]  # fmt: skip
            named = [key for key, value in pairs if isinstance(value, str) and " " in value
                     and key in parameters.vocabulary().keys() | methods.METHODS.keys()]  # fmt: skip
            assert len(named) < 4, (path.name, named)


def test_every_door_names_methods_as_the_table_does():
    import decisions

    given = {"task_kind": "verifiable", "teacher_terms": "allowed"}
    offered = [methods.NAMES[name] for name in methods.offered(scenarios.complete(given))]
    assert len(offered) == len(methods.METHODS)
    compared = package.compare(given, draws=20)
    assert [row[0] for row in compared.table.rows] == [each.long for each in offered]
    assert [row["label"] for row in compared.to_dict()] == [each.long for each in offered]
    said = repr(package.recommend(task="verifiable", draws=20))
    assert all(each.long in " ".join(said.split()) for each in methods.NAMES.values())
    page = Calculator().answer(given)["lines"].replace("\u00a0", " ")
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == [each.short for each in offered]
    (shown, inputs), *_ = decisions.answers().values()
    cell = re.sub(r"<.*?>", "", decisions._cell(shown, inputs))
    named = [each.partition(":")[0] for each in cell.split(" or ")]
    assert named == [methods.NAMES[each.method.name].short for each in shown]
    row = several._row(several.ScenarioResult("ours", several._compared(given)))
    assert {each.long for each in offered} <= row.keys()


@pytest.mark.parametrize("folder", ["costlib", "book/_ext"])
def test_no_other_table_names_methods(folder):
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and path.name != "methods.py":
                pairs = [(key.value, value) for key, value in zip(node.keys, node.values, strict=True)
                         if isinstance(key, ast.Constant) and key.value in methods.METHODS]  # fmt: skip
                texts = [name for name, value in pairs
                         if isinstance(value, ast.Constant) and isinstance(value.value, str)
                         and not value.value.startswith("#")]  # fmt: skip
                assert not texts, (path, texts)


@pytest.mark.parametrize("name", judges.judges())
def test_a_judge_goes_by_its_name_wherever_people_read(name):
    judge = judges.judges()[name]
    assert [each for each, other in judges.judges().items() if other.title == judge.title] == [name]
    assert judge.label in judge.title and name not in judges.said(name)


def test_no_sentence_of_an_answer_holds_the_id_of_a_judge():
    for found in (package.compare(draws=20), package.recommend(draws=20)):
        told_of = [part for part in found.parts() if isinstance(part, str) and "costlib compare" not in part]
        assert any("judge Gemini 3.1 Pro (MT-Bench)" in part for part in told_of)
        assert not any(name in part for part in told_of for name in judges.judges())
    found = Calculator().answer({})
    assert not any(name in found["html"] + found["lines"] for name in judges.judges())


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
    found = {each["method"]: each for each in package.compare(judge_agreement=0.5, draws=20).to_dict()}
    assert found["rlaif"]["usd_per_effective_pair"] is None and "no information" in str(found["rlaif"])
    # Nor does a door print it: a count of information that takes errors as random decides nothing.
    assert "effective" not in panel.results(numbers) + panel.lines(numbers) + str(
        package.compare(draws=20).table.header
    )


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
    said = re.search(r"lie between \$(\S+) and \$(\S+?)[,.:;]? .*? between \$(\S+) and \$(\S+?)\. ", text)
    assert [float(end.replace(",", "")) for end in said.groups()] == pytest.approx(ends, rel=1e-3)


def test_the_landing_page_takes_its_numbers_from_the_registry():
    page = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    known = {(output.chapter, output.key) for output in outputs.outputs().values()}
    glued = re.findall(r"\{glue:text\}`\.\./notebooks/(\w+)\.ipynb::(\w+):s`", page)
    numbers = {(path.stem, row["key"]) for path in notebooks.paths(ROOT) for row in notebooks.records(path, "key")}
    assert len(numbers & set(glued)) > 10 and numbers & set(glued) <= known, "words may come from elsewhere"


# --- one job at two doors ---

ON_EIGHT = {"policy_model": "qwen2.5-14b", "cluster_gpu": "h100-sxm-80gb", "policy_gpus": 8, "task_kind": "verifiable",
            "ppo_epochs": 2, "framework_reach": 0.5, "packing_fill": 0.8, "epochs": 2}  # fmt: skip


def test_an_estimate_with_the_options_that_compare_names_is_the_line_of_compare():
    found = {row["method"]: row for row in package.compare(ON_EIGHT, draws=20).to_dict()}
    options = found["human-ppo"]["estimate_options"]
    values = scenarios.complete(ON_EIGHT)
    work = {"model": "qwen2.5-14b", "gpu": "h100-sxm-80gb", "gpus": 8, "prompt_tokens": values["question_tokens"],
            "response_tokens": values["answer_tokens"]}  # fmt: skip
    pairs, episodes = scenarios.num_pairs(values), values["num_episodes"]

    def asked(stage, examples, **more):
        return package.estimate(stage, **work, examples=examples, **options[stage], **more)

    def line(method, name):
        return next(each["usd"] for each in found[method]["lines"] if each["name"] == name)

    sft, dpo, rm = (asked(stage, count, epochs=2).usd for stage, count in
                    (("sft", values["num_sft_examples"]), ("dpo", pairs), ("rm", pairs)))  # fmt: skip
    assert line("human-ppo", "fine-tuning") == pytest.approx(sft, rel=1e-9)
    assert line("human-dpo", "training") == pytest.approx(dpo, rel=1e-9)
    assert line("human-ppo", "training") == pytest.approx(rm + asked("ppo", episodes).usd, rel=1e-9)
    # Of the episodes eight answer each prompt.
    assert line("verifiable", "training") == pytest.approx(asked("grpo", episodes / 8).usd, rel=1e-9)
    assert set(options["ppo"]) >= {"recompute", "reach", "generation_batch", "ppo_epochs", "price_usd_per_gpu_hour"}


def test_both_doors_say_what_the_other_would_answer():
    asked = ("estimate", "ppo", "--model", "qwen2.5-14b", "--gpu", "h100", "--gpus", 8, "--examples", 256_000,
             "--prompt-tokens", 200, "--response-tokens", 450)  # fmt: skip
    others = {each["does"]: each for each in answer(*asked)["others"]}
    assert {name: each["options"] for name, each in others.items()} == {
        "the settings of costlib compare": "--recompute full --reach 0.6",
        "the fastest layout that is found": "--layout auto",
    }
    for each in others.values():
        again = answer(*asked, *each["options"].split())
        assert again["usd"] == pytest.approx(each["usd"], rel=1e-9)
        assert f"or        ${each['usd']:.2f} with {each['options']}, {each['does']}\n" in told(*asked, columns=200)
    # Who has the layout searched is told what compare has, which searches none, and the other way round.
    back = answer(*asked, "--layout", "auto")["others"]
    assert [each["usd"] for each in back] == pytest.approx([others["the settings of costlib compare"]["usd"]], rel=1e-9)
    same = answer(*asked, "--recompute", "full", "--reach", 0.6)
    assert [each["options"] for each in same["others"]] == ["--layout auto"]
    pairs = ("-p", "policy_model=qwen2.5-14b", "-p", "cluster_gpu=h100", "-p", "policy_gpus=8")
    said = told("compare", *pairs, "--draws", 20, columns=300)
    assert "of ppo and grpo with --price 3.99 --recompute full --reach 0.6 --generation-batch 512" in said
