"""The calculator gives what the book gives: in Python, and the same to 12 digits in the browser's Python."""

import html
import json
import math
import random
import shutil
import subprocess

import calculator_form
import pytest
import yaml
from command import answer
from conftest import ROOT, need
from earlier import EARLIER

from costlib.base.files import read_scenario
from costlib.calculator import Calculator, panel
from costlib.calculator import door as calculator
from costlib.economics import admissible, break_even, methods, recommendation, scenarios
from costlib.facts import catalog, parameters
from costlib.report import rerun


def texts(given):
    return {name: panel.typed(value) for name, value in given.items()}


def same(one, other, path=""):
    """Compare two answers to 12 digits."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one:
            same(one[key], other[key], f"{path}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), path
        for place, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{path}[{place}]")
    elif isinstance(one, float) or isinstance(other, float):
        # What is saved is a difference of thousands of dollars, of which the last digits are nobody's.
        assert one == pytest.approx(other, rel=1e-12, abs=1e-9 if "saved" in path else 1e-12), path
    else:
        assert one == other, path


# --- against the formulas of the book ---------------------------------------------------------------------------------


def test_draws_can_come_in_pieces():
    whole, pieces = Calculator(), Calculator()
    for stop in (3, 10, 60):
        pieces.grow(stop)
    same(pieces.result()["numbers"], whole.draw(60)["numbers"])


def test_presets_of_audiences_are_their_scenario_files():
    for name in calculator.AUDIENCES:
        text = (ROOT / "notebooks" / "scenarios" / f"{name}.yml").read_text(encoding="utf-8")
        assert calculator.presets()[name][1] == parameters.check(yaml.safe_load(text))


@pytest.mark.parametrize("wanted", ["usd_per_comparison", "pairs", "usd_per_gpu_hour"])
def test_both_sides_cost_the_same_at_break_even(wanted):
    values = scenarios.complete(EARLIER)  # without staff and audit, both sides meet in every input
    found = getattr(break_even.sides_meet(values), wanted)
    at = {"usd_per_comparison": {"human_usd_per_pair": found}, "pairs": {"num_pairs_m1": found, "num_pairs_m2": 0},
          "usd_per_gpu_hour": {"price_usd_per_gpu_hour": found}}[wanted]  # fmt: skip
    other = methods.self_rewarding if wanted == "usd_per_gpu_hour" else methods.rlaif
    people, judge = methods.human_dpo(values | at), other(values | at)
    assert people.usd == pytest.approx(judge.usd, rel=1e-9)


def test_no_break_even_is_said_as_such():
    # A judge dearer than people for every pair is cheaper at no number of pairs.
    dear = scenarios.complete({"judge_usd_per_million_input": 1e5})
    assert break_even.sides_meet(dear).pairs is None
    # People who cost nothing are undercut at no count, and any price makes them dearer than a free judge.
    assert "no number is large enough" in panel.lines(Calculator().result()["numbers"] | {
        "break_even": break_even.sides_meet(dear)._asdict()})  # fmt: skip


ONE_ROUND = {"num_pairs_m1": "20000", "num_pairs_m2": "0"}


@pytest.mark.parametrize(
    ("given", "said"),
    [({"pairs_in_hand": "10906"}, "costs more than: <b>any price will do"),
     ({"pairs_in_hand": "20000", "audit_share": "0", **ONE_ROUND}, "costs less than: <b>$"),
     ({"judge_engineer_days": "60"}, "costs more than: <b>$"), ({}, "costs more than: <b>any price will do")],
)  # fmt: skip
def test_the_price_at_which_sides_change_is_told_by_its_side(given, said):
    found = Calculator().answer(given)
    assert said in (found["html"] + found["lines"]).replace("\u00a0", " ")
    # At a cent and at a thousand dollars a comparison the judge's project is dearer at one end at most.
    prices = [
        Calculator().answer(given | {"human_usd_per_pair": usd})["numbers"]["methods"] for usd in ("0.01", "1000")
    ]
    usd = [{each["method"]: each["usd"] for each in found} for found in prices]
    judge = [each["rlaif"] < each["human-dpo"] for each in usd]
    assert judge == [said[-1] != "$" or "less" in said, "less" not in said]


def test_gpus_needed_are_those_of_the_largest_training():
    fits = admissible.fits(scenarios.complete({}))
    assert admissible.needed_gpus("rlaif", fits) == max(fits["sft"].min_gpus, fits["dpo"].min_gpus)
    assert admissible.needed_gpus("human-ppo", fits) == fits["ppo"].min_gpus
    few = admissible.fits(scenarios.complete({"policy_gpus": 8}))
    assert set(admissible.stages_that_do_not_fit("human-ppo", few)) >= {"ppo"}


@pytest.mark.parametrize("given", [{}, {"judge_engineer_days": "100"}, {"num_pairs_m1": "1", "num_pairs_m2": "0"}])
def test_the_chart_is_what_both_sides_cost_and_the_sentence_what_is_saved(given):
    numbers = Calculator().answer(given)["numbers"]
    values = scenarios.complete(parameters.check(numbers_of(given)))
    found, costs = {each["method"]: each for each in numbers["methods"]}, numbers["curve"]
    for place in (0, 7, 24):
        at = values | {"num_pairs_m1": costs["pairs"][place], "num_pairs_m2": 0}
        for name in panel.CURVES:
            assert costs[name][place] == pytest.approx(methods.METHODS[name](at).usd, rel=1e-9)
    if costs["flip"] is not None:
        at = values | {"num_pairs_m1": costs["flip"], "num_pairs_m2": 0}
        assert methods.human_dpo(at).usd == pytest.approx(methods.rlaif(at).usd, rel=1e-9)
        assert f"the same at {costs['flip']:,.0f} pairs" in panel.summary(numbers)
    saved = found["human-dpo"]["usd"] - found["rlaif"]["usd"]
    assert found["rlaif"]["saved"] == pytest.approx(saved)
    side = "the judge saves" if saved > 0 else "people save"
    assert f"{side} {panel.money(abs(saved))}" in panel.summary(numbers)


def numbers_of(given):
    return {name: int(text) for name, text in given.items()}


@pytest.mark.parametrize("name", ["published", *calculator.AUDIENCES])
def test_the_recommendation_is_that_of_the_package(name):
    given = calculator.presets()[name][1]
    numbers = Calculator().answer(texts(given))["numbers"]
    best = recommendation.cheapest(scenarios.complete(given))
    assert numbers["recommended"]["method"] == best
    label = methods.METHODS[best](scenarios.complete(given)).label
    assert f"Recommended here: <b>{label}" in panel.summary(numbers)


def test_a_line_for_staff_stands_in_the_table_and_in_the_bars():
    numbers = Calculator().result()["numbers"]
    page = panel.lines(numbers) + panel.results(numbers)
    assert '<th scope="row">staff</th>' in page and "</span>staff</li>" in page


# --- what is typed ----------------------------------------------------------------------------------------------------


def test_errors_are_those_of_costlib_beside_their_field():
    typed = {"epochs": "1.5", "policy_model": "llama-2-7", "epoch": "2", "human_usd_per_pair": "0,67"}
    errors = Calculator().answer(typed)["errors"]
    for name, value in typed.items():
        with pytest.raises(ValueError) as known:
            parameters.check({name: value})
        assert errors[name if name != "epoch" else ""] == str(known.value)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("0,67", "decimals take a point: 0.67"), ("1,500", "write 1500 or 1.500"),
     ("1,000,000", "without commas: 1000000"), ("12,345.6", "without commas: 12345.6")],
)  # fmt: skip
def test_a_comma_is_never_guessed(typed, hint):
    with pytest.raises(ValueError, match=hint):
        parameters.check({"human_usd_per_pair": typed})


NO_NUMBERS = ["1_0", "٢", "２", "0x2", "nan", "inf", "1e400", "2 USD", "9" * 400, "1e-300", "x" * 10**5, "\x1b[2J",
              "<img src=x onerror=alert(1)>", "2\n3", "2;3", "[2]", "2 and 3", "--2", None, 5j, ["2"]]  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_value_of_a_link_is_a_number_in_plain_digits_or_named(text):
    given, errors = calculator.read({"human_usd_per_pair": text, "epochs": "2"})
    assert given == {"epochs": 2} and errors.keys() == {"human_usd_per_pair"}
    (message,) = errors.values()
    assert message.startswith("human_usd_per_pair [USD/pair] must be ") and len(message) < 200 and message.isprintable()


def test_names_of_a_link_that_are_no_inputs_are_all_told():
    _, errors = calculator.read({"epoch": "2", "<b>": "1", "epochs": "x", "judg": ""})
    assert errors.keys() == {"", "epochs"} and errors[""].count("unknown parameter") == 3
    _, errors = calculator.read({f"name{n}": "1" for n in range(1000)} | {"x" * 10**6: "1"})
    assert "'name2' and 998 more" in errors[""] and len(errors[""]) < 240


def test_a_range_given_at_both_ends_is_checked_as_one():
    given, errors = calculator.read({"price_usd_per_pair_low": "2", "price_usd_per_pair_high": "3"})
    assert errors == {} and given == {"price_usd_per_pair_low": 2.0, "price_usd_per_pair_high": 3.0}
    _, errors = calculator.read({"price_usd_per_pair_low": "2"})
    assert errors == {"price_usd_per_pair_low": "price_usd_per_pair_low must be at most price_usd_per_pair_high, "
                      "got 2.0 and 1.5"}  # fmt: skip


def test_the_last_good_answer_stays():
    one = Calculator()
    good = one.answer({"human_usd_per_pair": "2"})["numbers"]
    assert "numbers" not in one.answer({"human_usd_per_pair": "-2"})
    same(one.result()["numbers"], good)


def test_empty_and_published_texts_are_no_change():
    known = parameters.vocabulary()
    assert calculator.read({name: panel.typed(p.default) for name, p in known.items()}) == ({}, {})
    assert calculator.read(dict.fromkeys(known, " ")) == ({}, {})


def test_the_speed_follows_the_pretraining_run():
    one = Calculator().answer({"pretraining_gpu_hours": "860160"})["numbers"]["methods"]
    article = next(each for each in one if each["method"] == "published")
    assert article["usd"] == pytest.approx(279.74036357 / 2)


# --- a model of the reader's own --------------------------------------------------------------------------------------

CONFIGURATIONS = ROOT / "tests" / "data" / "configurations"


def put(folder, content):
    """A file where the page keeps what it is given."""
    path = folder / "your model" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return str(path)


def test_a_file_of_a_model_gives_the_numbers_of_the_catalogue(tmp_path):
    path = put(tmp_path, (CONFIGURATIONS / "llama-3.1-8b.json").read_bytes())
    known = Calculator().answer({"policy_model": "llama-3.1-8b", "epochs": "2"})
    found = Calculator().answer({"policy_model": path, "epochs": "2"})
    same(found["numbers"] | {"where": None}, known["numbers"] | {"where": None})
    assert found["own"]["policy_model"]["said"] == (
        "your model: 8,030,261,248 parameters in 32 layers of width 4,096. All parts are counted."
    )
    assert known["own"] == {} and known["left_out"] == ""


def test_the_link_leaves_a_file_out_and_all_else_calls_it_config_json(tmp_path, monkeypatch):
    content = (CONFIGURATIONS / "llama-3.1-8b.json").read_bytes()
    path = put(tmp_path, content)
    found = Calculator().answer({"policy_model": path, "epochs": "2"})
    assert found["query"] == "epochs=2" and "the link leaves its model out" in found["left_out"]
    assert found["command"] == "costlib compare -p policy_model=./config.json -p epochs=2"
    assert "policy_model = your model, epochs = 2" in found["citation"]
    shown = [found[key] for key in ("query", "scenario", "command", "python", "citation", "left_out", "html", "lines")]
    assert str(tmp_path) not in "".join(shown)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_bytes(content)
    (tmp_path / "scenario.yml").write_text(found["scenario"], encoding="utf-8")
    again = Calculator().answer(texts(read_scenario(tmp_path / "scenario.yml")))
    same(again["numbers"]["methods"], found["numbers"]["methods"])


def test_dimensions_behind_a_file_stay_with_it(tmp_path):
    path = put(tmp_path, (CONFIGURATIONS / "qwen3-8b.json").read_bytes())
    found = Calculator().answer({"policy_model": f"{path}:layers=24"})
    assert found["query"] == "" and found["command"].endswith("policy_model=./config.json:layers=24")
    known = Calculator().answer({"policy_model": "qwen3-8b:layers=24"})
    assert known["query"] == "policy_model=qwen3-8b%3Alayers%3D24" and known["left_out"] == ""
    same(found["numbers"]["methods"], known["numbers"]["methods"])


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{", "is no JSON"), (b"[]", "must be an object"), (b"{}", "model_type is missing"), (b"\xff\xfe", "UTF-8"),
     (b" " * 1_000_001, "more than 1,000,000 bytes"), (b'{"model_type": "lama"}', "did you mean llama"),
     ((CONFIGURATIONS / "falcon-mamba-7b.json").read_bytes(), "state-space (Mamba) layers"),
     ((CONFIGURATIONS / "bad-foreign-keys-opt-13b.json").read_bytes(), "no key of model_type opt")],
)  # fmt: skip
def test_a_file_that_is_no_model_is_refused_in_a_line_beside_its_field(tmp_path, content, said):
    one = Calculator()
    found = one.answer({"policy_model": put(tmp_path, content), "epochs": "2"})
    assert found.keys() == {"errors"} and found["errors"].keys() == {"policy_model"}
    message = found["errors"]["policy_model"]
    assert said in message and message.isprintable() and len(message) < 240 and str(tmp_path) not in message
    assert one.given == {}


# --- taking results away ----------------------------------------------------------------------------------------------


def everything():
    """Every input at a value that is not the published one."""
    found = {}
    for name, p in parameters.vocabulary().items():
        if p.choices:
            found[name] = next(choice for choice in p.choices if choice != p.default)
        else:
            # The low end of a range goes down, all else up where it may: no range is crossed.
            candidates = (p.default * 1.25 + 1, p.default * 0.75, p.default + 0.001)[name.endswith("_low") :]
            whole = [p.type(math.ceil(x)) if p.type is int else float(x) for x in candidates]
            found[name] = next(x for x in whole if p.minimum <= x <= p.maximum and x != p.default)
    return found


def test_a_scenario_file_says_what_the_form_says(tmp_path):
    given = everything()
    file = tmp_path / "scenario.yml"
    file.write_text(calculator.scenario_file(given), encoding="utf-8")
    assert parameters.check(read_scenario(file)) == given
    big = {"pretraining_tokens": 1e17, "num_pairs_m1": 10**12, "sustained_tflops": 1.25e-3}
    file.write_text(calculator.scenario_file(big), encoding="utf-8")
    assert read_scenario(file) == big


def test_an_address_says_what_the_form_says():
    from urllib.parse import parse_qsl

    given = everything()
    assert calculator.read(dict(parse_qsl(calculator.query(given)))) == (given, {})


def test_a_scenario_file_gives_the_same_numbers_in_the_book(tmp_path, clone, monkeypatch):
    monkeypatch.setattr(rerun, "render", lambda *_: None)
    one = Calculator().answer({"human_usd_per_pair": "2", "policy_model": "llama-3.1-8b", "num_pairs_m2": "0"})
    file = tmp_path / "scenario.yml"
    file.write_text(one["scenario"], encoding="utf-8")
    rerun.run(clone, read_scenario(file), tmp_path / "out", ["12"])
    rows = (tmp_path / "out" / "results.csv").read_text(encoding="utf-8").splitlines()
    book = {row.split(",")[0]: float(row.split(",")[1]) for row in rows[1:]}
    found = {each["method"]: each for each in one["numbers"]["methods"]}
    for key, name in {"human": "human-dpo", "rlaif": "rlaif", "own": "self-rewarding", "ppo": "human-ppo"}.items():
        assert book[f"{key}_usd"] == pytest.approx(found[name]["usd"], rel=1e-11)


def test_command_and_python_reproduce_the_result():
    one = Calculator()
    away = one.answer({"human_usd_per_pair": "2", "cluster_gpu": "h100-sxm-80gb"})
    found = one.draw()["numbers"]["methods"]
    for each, known in zip(found, answer(*away["command"].split()[1:]), strict=True):
        # Only the command says what electricity a method takes, what its training costs elsewhere, with which options
        # an estimate does, what was not read, and what it may cost before the counts are known.
        for name in ("energy_kwh", "estimate_options", "training_hosted", "unread", "usd_before_low",
                     "usd_before_high"):  # fmt: skip
            del known[name]
        for line in known["lines"]:
            del line["energy_kwh"]
        same({key: each[key] for key in known}, known)
    lines = []
    exec(away["python"], {"print": lambda *words: lines.append(words)})
    assert [line[1] for line in lines] == [each["usd"] for each in found]
    assert lines[1][2] == pytest.approx(found[1]["usd_low"], rel=1e-12)


def test_the_citation_names_version_and_inputs():
    away = Calculator().answer({"human_usd_per_pair": "2"})
    assert "costlib 0." in away["citation"] and "human_usd_per_pair = 2" in away["citation"]


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_has_every_input_once():
    known = parameters.vocabulary()
    page = "".join(calculator_form.field(known[name], True) for name in calculator_form.MAIN) + calculator_form.groups(
        {}
    )
    for name in known:
        assert page.count(f' name="{name}"') == 1


def test_plain_labels_are_of_inputs_that_move_the_results_and_say_them_apart():
    labels = calculator_form.labels()
    assert labels.keys() == calculator_form.used_inputs()
    assert len({each.label for each in labels.values()}) == len(labels)
    for name, each in labels.items():
        assert each.label and len(each.label) < 60 and name not in each.label, name
        assert each.unit in ("", "-", "USD", "FLOPs"), name
        # What it means exactly stands beneath it.
        meaning = html.escape(parameters.vocabulary()[name].meaning)
        assert meaning in calculator_form.field(parameters.vocabulary()[name], True), name


def test_models_come_by_use_and_each_once():
    found = calculator_form.models_by_use()
    assert sorted(found) == sorted(catalog.table("models"))
    assert found[:2] == ["llama-3.1-8b", "llama-3.1-70b"]
    rest = [catalog.find("models", name).label for name in found[len(calculator_form.COMMON) :]]
    assert [each for each in rest if each.startswith("Llama 2 ")] == [f"Llama 2 {size}B" for size in (7, 13, 34, 70)]


def test_inputs_said_to_move_nothing_move_nothing():
    used, given = calculator_form.used_inputs(), everything()
    published = Calculator().result()["numbers"]
    for name in parameters.vocabulary():
        moved = Calculator()
        found = moved.answer({name: panel.typed(given[name])})
        assert not found["errors"], name
        if name not in used:
            same(found["numbers"], published)


# --- in the browser's Python ------------------------------------------------------------------------------------------


def random_scenarios(count):
    """Valid sets of a few changed inputs, from one seed."""
    stream, known, found = random.Random(2026), list(parameters.vocabulary().values()), []
    while len(found) < count:
        given = {}
        for p in stream.sample(known, stream.randint(1, 10)):
            if p.choices:
                given[p.name] = str(stream.choice(p.choices))
                continue
            value = (p.default or 1) * 10 ** stream.uniform(-0.6, 0.6)
            value = min(p.maximum, max(p.minimum, value))
            given[p.name] = str(round(value)) if p.type is int else repr(value)
        if not Calculator().answer(given)["errors"]:
            found.append(given)
    return found


@pytest.fixture(
    scope="module", params=[(30, 20), pytest.param((200, 200), marks=pytest.mark.slow)], ids=["some", "many"]
)
def in_pyodide(site, tmp_path_factory, request):
    """Answers of the site's own wheel in the site's own Pyodide, with the questions."""
    count, draws = request.param
    node = shutil.which("node")
    need(node, "nodejs")
    need((site / "_static" / "pyodide" / "pyodide.mjs").is_file(), "npm")
    questions = [(texts(given), draws) for _, given in calculator.presets().values()]
    questions += [(given, 10) for given in random_scenarios(count)]
    questions += [({"human_usd_per_pair": "0,67", "epoch": "1"}, 0)]
    folder, files = tmp_path_factory.mktemp("own"), {}
    for name in ("llama-3.1-8b", "deepseek-v3", "qwen2.5-vl-7b", "falcon-mamba-7b"):
        content = (CONFIGURATIONS / f"{name}.json").read_bytes()
        files[put(folder / name, content)] = content.decode()
    questions += [({"policy_model": path}, 10) for path in files]
    floors = ("facts", "compute", "economics", "validation", "calculator")
    paths = [path for floor in floors for path in sorted((ROOT / "costlib" / floor).rglob("*.py"))]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    asked = {"modules": modules, "questions": questions, "files": files}
    file = tmp_path_factory.mktemp("node") / "questions.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    wheel = json.loads((site / "_downloads" / "wheel.json").read_text(encoding="utf-8"))["file"]
    command = [node, ROOT / "tests" / "calculator" / "calculator_in_node.mjs", site / "_static" / "pyodide",
               site / "_downloads" / wheel, file]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return questions, json.loads(done.stdout)


def test_the_browser_computes_the_same_to_12_digits(in_pyodide):
    questions, found = in_pyodide
    assert len(questions) == len(found["replies"]) > 30
    for (inputs, draws), reply in zip(questions, found["replies"], strict=True):
        native = Calculator()
        known = native.answer(inputs)
        assert reply["errors"] == known["errors"]
        if not known["errors"]:
            same(reply["numbers"], json.loads(json.dumps(native.draw(draws)["numbers"])))


def test_the_science_needs_no_package_in_the_browser(in_pyodide):
    # The lock of the site names no package, so NumPy anywhere in facts, science or calculator fails the import above.
    _, found = in_pyodide
    assert {"numpy", "pandas", "yaml", "docutils", "click"}.isdisjoint(found["loaded"])
