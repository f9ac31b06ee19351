"""The front door: `import costlib`, its functions, and what they return."""

import ast
import html
import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from command import answer, python, told
from command import costlib as ran
from conftest import ROOT

import costlib
from costlib.base import extras
from costlib.base.files import read_scenario
from costlib.cli.main import main
from costlib.compute import job
from costlib.economics import scenarios
from costlib.economics.comparison import compared
from costlib.facts import catalog, options
from costlib.facts import claims as ledger

WORK = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "gpus": 8, "prompt_tokens": 256, "response_tokens": 256}
STARTUP = ROOT / "notebooks" / "scenarios" / "startup.yml"


def ppo(**changes):
    return costlib.estimate("ppo", **WORK | {"prompts": 1000, "recompute": "full"} | changes)


# --- loading --------------------------------------------------------------------------------------------------------


def loaded(code):
    code += "; import sys; print('\\n'.join(sys.modules))"
    return set(python(code).split())


def test_importing_the_package_loads_nothing_else():
    assert loaded("import costlib") - loaded("pass") == {"costlib", "costlib.version"}


def test_asking_for_one_answer_loads_no_array_and_no_report():
    found = loaded("import costlib; costlib.gpus(); costlib.estimate('sft', model='gpt2', gpu='t4-16gb', examples=1, "
                   "prompt_tokens=1, response_tokens=1)")  # fmt: skip
    assert "costlib.compute.job" in found
    assert not {"numpy", "pandas", "yaml", "click", "rich", "costlib.economics.comparison", "costlib.report"} & found


def test_every_name_of_the_front_door_is_there_and_listed():
    for name in costlib.__all__:
        assert getattr(costlib, name) is not None and name in dir(costlib)
    assert callable(costlib.estimate) and costlib.formulas.calculate_synthetic_cost
    with pytest.raises(AttributeError, match="no attribute 'estimat'; it has claims, compare, estimate"):
        costlib.estimat  # noqa: B018


def test_every_name_of_the_front_door_is_declared_for_type_checkers():
    tree = ast.parse((ROOT / "costlib" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    assert {alias.name for node in block.body for alias in node.names} == set(costlib.__all__)
    assert (ROOT / "costlib" / "py.typed").is_file()


# --- one answer by every door ---------------------------------------------------------------------------------------


def test_estimate_is_the_answer_of_the_science_and_of_the_command():
    found = ppo()
    of_science = job.estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 256, 256, recompute="full").to_dict()
    assert {key: found.to_dict()[key] for key in of_science} == of_science
    assert found.to_dict().keys() - of_science.keys() == {"hosted", "hosted_reason", "left_out", "others", "read_as"}
    options = [f"--{name.replace('_', '-')}={value}" for name, value in (WORK | {"examples": 1000}).items()]
    assert answer("estimate", "ppo", *options, "--recompute", "full") == found.to_dict()
    assert told("estimate", "ppo", *options, "--recompute", "full") == f"{found!r}\n"


def test_compare_is_the_answer_of_the_science_and_of_the_command():
    values = {"human_usd_per_pair": 1.5, "dpo_rounds": 2}
    found = costlib.compare(draws=200, **values)
    complete = scenarios.complete(values)
    known = compared(complete, 200, scenarios.held({name: complete[name] for name in values}))
    for ours, of_science in zip(found.to_dict(), (each.to_dict() for each in known), strict=True):
        more = {"energy_kwh", "estimate_options", "training_hosted", "unread", "usd_before_low", "usd_before_high"}
        assert ours.keys() - of_science.keys() == more
        lines = [{key: value for key, value in line.items() if key != "energy_kwh"} for line in ours["lines"]]
        assert {key: ours[key] for key in of_science} | {"lines": lines} == of_science
    pairs = [text for name, value in values.items() for text in ("-p", f"{name}={value}")]
    assert answer("compare", *pairs, "--draws", 200) == found.to_dict()
    assert told("compare", *pairs, "--draws", 200) == f"{found!r}\n"


def test_inputs_stand_over_those_of_a_file_or_a_mapping():
    from_file = costlib.compare(STARTUP, draws=20, human_usd_per_pair=2.0)
    given = read_scenario(STARTUP) | {"human_usd_per_pair": 2.0}
    assert costlib.compare(given, draws=20).to_dict() == from_file.to_dict()
    assert from_file.to_dict() != costlib.compare(STARTUP, draws=20).to_dict()


def test_every_option_of_the_command_is_a_keyword():
    named = {option.name for option in main.get_command(None, "estimate").params} - {"stage", "as_json", "form"}
    assert named == set(options.options()) | {
        "hardware",
        "prices",
        "config",
        "framework",
        "write_config",
        "out",
        "fetch",
    }
    assert set(inspect.signature(costlib.estimate).parameters) - {"stage", "pairs", "prompts", "options"} <= named
    for name, option in options.options().items():
        assert option.flag in told("estimate", "--help") and f"\n{name} : " in inspect.getdoc(job.estimate)


def test_an_option_goes_by_its_name_at_the_command_too():
    assert ppo(price=1.25).to_dict() == ppo(price_usd_per_gpu_hour=1.25).to_dict()
    assert ppo(price=1.25).cost.usd == pytest.approx(1.25 * ppo().cost.gpu_hours, rel=1e-12)


@pytest.mark.parametrize(("stage", "name"), [("sft", "examples"), ("rm", "pairs"), ("dpo", "pairs"), ("ppo", "prompts"),
                                             ("grpo", "prompts"), ("generate", "prompts")])  # fmt: skip
def test_the_examples_of_a_stage_go_by_their_own_name_too(stage, name):
    own, general = (costlib.estimate(stage, **WORK, **{each: 100}) for each in (name, "examples"))
    assert own.to_dict() == general.to_dict()


@pytest.mark.parametrize(
    ("call", "message"),
    [(lambda: ppo(prompts=None), r"examples \[examples\] must be given"),
     (lambda: ppo(examples=3), "give examples or prompts, not both"),
     (lambda: costlib.estimate("dpo", **WORK, prompts=3), "the examples of dpo are pairs, got prompts"),
     (lambda: ppo(prise=3), "unknown option 'prise'"),
     (lambda: ppo(model="llama-2-7"), "model .* got 'llama-2-7'; did you mean llama-2-7b"),
     (lambda: ppo(gpu=None), r"gpu \[-\] must be given"),
     (lambda: ppo(recompute="ful"), r"must be one of none, selective, full, got 'ful'; did you mean full\?"),
     (lambda: costlib.compare(human_usd=1), "unknown parameter 'human_usd'; did you mean"),
     (lambda: costlib.compare("no-such.yml"), "no-such.yml cannot be read: No such file"),
     (lambda: costlib.validate("no-such.csv"), "no-such.csv cannot be read: No such file"),
     (lambda: costlib.validate(hardware="mine.yml"), "hardware goes with a file of measurements"),
     (lambda: costlib.sweep({"vary": {"epochs": [1]}, "outputs": ["rlaif.us"]}), "rlaif.us"),
     (lambda: costlib.sweep({"points": 10**7, "vary": {"dpo_rounds": [1]}, "outputs": ["rlaif.usd"]}),
      "10,000,000 points need a folder: give out"),
     (lambda: costlib.facts.frame("gpu"), "unknown table 'gpu'; did you mean gpus")],
)  # fmt: skip
def test_a_mistake_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- what is returned ---------------------------------------------------------------------------------------------


def test_an_estimate_prints_in_a_terminal_and_in_a_notebook():
    found = ppo()
    text = repr(found)
    lines = text.split("\n")
    assert [line.split()[0] for line in lines if line[:1].strip()][:3] == ["fits", "the", "cost"], "the verdict first"
    assert "step model tokens FLOPs FLOPs by 2N, 6N GPU-hours USD" in [" ".join(line.split()) for line in lines]
    assert "8 x NVIDIA A100 SXM 80 GB" in text and "fewest GPUs" in text
    page = found._repr_html_()
    assert page.count("<table>") == 3 and "fewest GPUs" in html.unescape(page)


def test_a_frame_of_an_estimate_adds_up_to_the_answer():
    found = ppo()
    steps = found.to_frame()
    assert steps["usd"].sum() == pytest.approx(found.to_dict()["usd"], rel=1e-12)
    assert steps["gpu_hours"].sum() == pytest.approx(found.to_dict()["gpu_hours"], rel=1e-12)
    assert steps.attrs["units"]["gpu_hours"] == "GPU-h"


def test_a_frame_of_a_comparison_has_a_column_for_each_line_and_they_add_up():
    found = costlib.compare(draws=20)
    frame = found.to_frame()
    lines = [name for name in frame if name.endswith(" usd")]
    assert len(lines) == 8
    pd.testing.assert_series_equal(frame[lines].sum(axis=1), frame["usd"], check_names=False)
    assert frame.attrs["units"]["usd_low"] == "USD" and frame.attrs["units"]["days"] == "days"


def test_models_and_gpus_are_the_catalogue():
    for kind, listed in (("models", costlib.models), ("gpus", costlib.gpus)):
        assert [each.name for each in listed()] == list(catalog.table(kind))
        frame = listed().to_frame()
        pd.testing.assert_frame_equal(frame, costlib.facts.frame(kind))
        assert len(frame) == len(catalog.table(kind))
    assert costlib.gpus("h100").to_frame().attrs["units"]["hbm_gb"].startswith("GB")
    assert "H100" in costlib.gpus("h100")._repr_html_()


def test_claims_are_the_ledger():
    assert [claim.id for claim in costlib.claims()] == list(ledger.ledger())
    assert costlib.claims("b066")[0].published == 279.74
    assert len(costlib.claims().to_frame()) == len(ledger.ledger())


def test_a_table_of_measurements_is_predicted(tmp_path):
    # The table of the documentation's first example, one row that can be predicted and one that cannot.
    table = tmp_path / "mine.csv"
    table.write_text("id,model,method,n_gpus,batch_per_gpu,seq_len,precision_optimizer,recompute,other_inputs,quantity,"
                     "value,unit\na,Llama-2-7B,full fine-tuning FSDP,8,1,4096,bf16 AdamW,grad ckpt,,peak memory,20,GB\n"
                     "b,no-such-model,full fine-tuning,8,1,4096,bf16 AdamW,,,peak memory,20,GB\n")  # fmt: skip
    found = costlib.validate(table)
    assert [each.case.id for each in found] == ["a"] and [row.id for row in found.missing] == ["b"]
    last = repr(found).partition("\n1 predictions, 1 rows not predicted\n")[2]
    assert last.startswith("not predicted: line 3 (b): ") and last.count("not predicted") == 1
    assert list(found.to_frame()["predicted"]) == [found[0].value]
    assert found.to_dict() == found.report()["predictions"]


SWEEP = {"design": "grid", "vary": {"policy_model": ["llama-2-7b", "llama-2-13b"], "human_usd_per_pair": [0.5, 1, 2]},
         "outputs": {"people": "human-dpo.usd", "cheaper": "rlaif.usd < human-dpo.usd"}}  # fmt: skip


def test_a_sweep_without_a_folder_is_the_model_at_each_point():
    found = costlib.sweep(SWEEP)
    frame = found.to_frame()
    assert len(frame) == 6 and list(frame) == ["point", "policy_model", "human_usd_per_pair", "people", "cheaper"]
    for row in frame.itertuples():
        methods = {each.method.name: each.method for each in costlib.compare(
            draws=20, policy_model=row.policy_model, human_usd_per_pair=row.human_usd_per_pair)}  # fmt: skip
        assert row.people == pytest.approx(methods["human-dpo"].usd, rel=1e-12)
        assert row.cheaper == (methods["rlaif"].usd < methods["human-dpo"].usd)
    assert frame.attrs["units"] == {"policy_model": "-", "human_usd_per_pair": "USD/pair", "people": "USD",
                                    "cheaper": "0 or 1"}  # fmt: skip
    assert found.to_dict()[0]["mean"] == pytest.approx(frame["people"].mean(), rel=1e-12)
    assert "6 points" in repr(found)


@pytest.mark.heavy
def test_a_sweep_in_a_folder_has_the_same_rows(tmp_path):
    found = costlib.sweep(SWEEP, tmp_path / "out", workers=1)
    pd.testing.assert_frame_equal(found.to_frame(), costlib.sweep(SWEEP).to_frame())
    assert found.to_dict() == costlib.sweep(SWEEP).to_dict()
    alone = costlib.sweep(SWEEP, tmp_path / "summary", workers=1, rows=False)
    pd.testing.assert_frame_equal(alone.to_frame(), found.to_frame())


# --- what is missing ------------------------------------------------------------------------------------------------


def test_the_modules_of_the_extras_are_those_that_the_project_lists():
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for name, modules in extras.EXTRAS.items():
        assert len(modules) == len(listed[name]), name


def test_without_pandas_a_frame_says_what_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(extras.MissingExtraError, match=r"needs pandas, of the extra book: .*\.whl\[book\]'"):
        costlib.gpus().to_frame()


@pytest.mark.parametrize(("extra", "module", "arguments"), [
    ("sweep", "dask", ["sweep", "s.yml", "-o", "o"]),
    ("book", "papermill", ["rerun", "-o", "o"]),
    ("sweep", "distributed", ["rerun", "a.yml", "b.yml", "-o", "o"]),
    ("measure", "torch", ["measure", "-o", "o.csv"]),
    ("measure", "numpy", ["calibrate", "m.csv", "-o", "o.yml"]),
])  # fmt: skip
def test_a_command_without_its_extra_says_so_before_any_work(extra, module, arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    result = ran(*arguments)
    assert result.exit_code == 2
    assert result.output.startswith("costlib: costlib ") and result.output.count("\n") == 1
    assert f"of the extra {extra}: in a clone, .venv/bin/uv pip install -e '.[{extra}]'" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("page", ["README.md", "book/estimate.md", "book/compare.md", "book/recipes.md",
                                  "book/decide.md"])  # fmt: skip
def test_the_example_of_a_page_runs(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    assert "import costlib\n" in example
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("given", [{"draws": 0}, {"draws": "many"}, {"draws": [5]}, {"draws": np.array([5, 6])},
                                   {"epochs": np.array([1, 2])}, {"human_usd_per_pair": np.array([1.0])},
                                   {"epochs": [1]}, {"x": np.array([1])}, {"epochs": None}], ids=str)  # fmt: skip
def test_what_compare_does_not_take_is_said_in_our_words(given):
    (name,) = given
    with pytest.raises(ValueError, match=rf"^(unknown parameter '{name}'|{name} (\[.*\] )?must be )") as found:
        costlib.compare(**given)
    assert "\n" not in str(found.value) and len(str(found.value)) < 240
    assert costlib.compare(draws="50")[0].usd_low == costlib.compare(draws=50)[0].usd_low


def test_compare_says_how_names_were_read_and_what_of_a_model_is_not_counted(tmp_path):
    (tmp_path / "config.json").write_bytes((ROOT / "tests/data/configurations/qwen2.5-vl-7b.json").read_bytes())
    found = costlib.compare(policy_model=str(tmp_path), cluster_gpu="h100", draws=20)
    assert found.read_as == ["h100 read as h100-sxm-80gb", f"{tmp_path.name} from {tmp_path / 'config.json'}"]
    assert found.left_out == ["vision tower"]
    text = " ".join(str(found).split())
    assert "read: h100 read as h100-sxm-80gb" in text and "left out: vision tower of the model" in text
    plain = costlib.compare(policy_model="llama-2-7b", draws=20)
    assert plain.read_as == plain.left_out == [] and "read:" not in str(plain)
