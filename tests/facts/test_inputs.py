"""Values of parameters and options: of one type, within one set of limits, whoever gives them."""

import datetime
import inspect
import json
import os
import subprocess
import sys
from collections.abc import MutableMapping, MutableSequence, MutableSet
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from command import costlib as command
from command import refused
from own_hardware import OURS, changed

import costlib
from costlib.compute import coefficients, memory, plan
from costlib.compute.architecture import find
from costlib.compute.job import estimate, job
from costlib.facts import catalog, claims, hardware, options, outputs, parameters, schema
from costlib.facts.inputs import SMALLEST
from costlib.sweeping import expressions
from costlib.sweeping import plan as plans
from costlib.validation import importer

WORK = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "gpus": 8, "examples": 100, "prompt_tokens": 256,
        "response_tokens": 256}  # fmt: skip
NO_NUMBERS = [
    "8 GPUs", "80 GB", "1_0", "٨", "8" * 10**5, b"8", [8], (8,), {8}, {"a": 8}, object(), 8j, np.complex128(8),
    True, np.True_, datetime.date(2026, 11, 1), np.datetime64("2026-11-01"), float("nan"), np.float32("inf"),
    Decimal("NaN"), Decimal("sNaN"), 10**400, np.array([]), np.array(["8"]), np.array([8j]), np.array([True]),
    np.array([8, None], dtype=object), np.array(["2026-11-01"], dtype="datetime64[D]"), np.array([8, np.nan]),
    pd.Series(["8"]), pd.DataFrame({"a": ["8"]}), pd.Timestamp("2026-11-01"), lambda: 8, int,
]  # fmt: skip


def in_a_line(error):
    return len(str(error.value)) < 250 and str(error.value).isprintable()


@pytest.mark.parametrize("place", range(len(NO_NUMBERS)))
@pytest.mark.parametrize("name", ["gpus", "examples"])
def test_what_is_no_number_is_refused_in_a_line(name, place):
    with pytest.raises(ValueError, match=rf"^{name} \[") as error:
        estimate("sft", **WORK | {name: NO_NUMBERS[place]})
    assert in_a_line(error)


@pytest.mark.parametrize("value", [8.0, np.int8(8), np.float32(8), np.array(8), Decimal("8.0"), Fraction(8), "8", " 8 ",
                                   "8e0"])  # fmt: skip
def test_what_is_a_number_is_taken(value):
    assert estimate("sft", **WORK | {"gpus": value}).hours == estimate("sft", **WORK).hours


@pytest.mark.parametrize("many", [np.array([8, 16]), np.array([[8, 16], [16, 8]]), pd.Series([8, 16], index=[5, 7]),
                                  np.array([8, 16], dtype=np.int8)])  # fmt: skip
def test_arrays_of_numbers_are_taken_in_any_shape(many):
    found = estimate("ppo", **WORK | {"gpus": many}).hours
    one = {gpus: estimate("ppo", **WORK | {"gpus": gpus}).hours for gpus in (8, 16)}
    assert found.shape == many.shape and found.flat[1] == pytest.approx(one[16])


def test_arrays_that_do_not_go_together_are_named():
    refused(r"^gpus has 2 values and examples 3", estimate, "sft",
            **WORK | {"gpus": np.array([8, 16]), "examples": np.array([1, 2, 3])})  # fmt: skip


@pytest.mark.parametrize("value", [SMALLEST / 2, 1e-300, 5e-324, np.array([1, 1e-300])])
def test_a_number_so_small_that_products_of_it_vanish_is_refused(value):
    # 1e-300 responses of 1e-300 USD are no number above 0 any more, and what is divided by them is infinite.
    refused(r"^epochs \[-\] must be", estimate, "sft", **WORK | {"epochs": value})


@pytest.mark.parametrize("stage", [["sft"], None, 5, True, np.array(["sft", "dpo"]), "sft\n", {"sft": 1}, "x" * 10**6])
def test_a_stage_is_one_of_the_names(stage):
    with pytest.raises(ValueError, match="^stage must be one of sft, rm, dpo") as error:
        estimate(stage, **WORK)
    assert in_a_line(error)


@pytest.mark.parametrize("name", ["model", "gpu", "recompute", "recipe"])
@pytest.mark.parametrize("value", [5, ["llama-2-7b"], {"a": 1}, True, np.array(["a"]), b"full", "x" * 10**6, "\x1b[2J"])
def test_a_name_is_one_of_the_known(name, value):
    with pytest.raises(ValueError) as error:
        estimate("sft", **WORK | {name: value})
    assert in_a_line(error) and (name in str(error.value))


def test_an_unknown_name_lists_the_nearest_and_never_all():
    for kind in ("models", "gpus", "measured_runs"):
        with pytest.raises(ValueError) as error:
            catalog.find(kind, "zzz")
        assert len(str(error.value)) < 100


@pytest.mark.parametrize("own", [5, True, ["a"], {"gpu": {}}, b"file"])
def test_hardware_is_a_file(own):
    refused("^hardware must be", costlib.estimate, "sft", **WORK, hardware=own)
    refused("^hardware must be", estimate, "sft", **WORK, hardware=own)


@pytest.mark.parametrize("draws", [1.5, True, 0, -1, "many", float("nan"), 10**9, int])
def test_draws_are_a_whole_number(draws):
    refused(r"^draws \[-\] must be a whole number from 1 to 1e7, got", costlib.compare, draws=draws)


# --- options that mean something --------------------------------------------------------------------------------------


def values(option):
    """A value that is allowed: the one that holds without it where there is one."""
    if option.default is not None:
        return option.default
    if option.type in (bool, str):
        return option.type is bool or {"provider": "AWS"}.get(option.name, "llama-2-7b")
    return option.choices[0] if option.choices else option.maximum


ELSEWHERE = [(stage, each.name) for each in options.options().values() for stage in options.STAGES
             if stage not in each.stages]  # fmt: skip


@pytest.mark.parametrize(("stage", "name"), ELSEWHERE)
def test_an_option_of_other_stages_is_refused_whatever_its_value(stage, name):
    option = options.options()[name]
    for value in (values(option), -1, float("nan"), "nonsense"):
        with pytest.raises(ValueError, match=rf"^{name} is no option of {stage}; it is one of ") as error:
            estimate(stage, **WORK, **{name: value})
        assert all(other in str(error.value) for other in option.stages)


def test_the_command_refuses_them_too():
    flags = ["sft --samples -1", "sft --longest-tokens nan", "dpo --ppo-epochs 1", "generate --base-bits 4",
             "sft --no-shared-prompt", "grpo --no-shared-critic"]  # fmt: skip
    asked = [part for name, value in WORK.items() for part in (f"--{name.replace('_', '-')}", value)]
    for stage, *more in map(str.split, flags):
        found = command("estimate", stage, *asked, *more)
        assert found.exit_code == 2 and f"is no option of {stage}" in found.output
    assert "weight_bits" in command("estimate", "generate", *asked, "--base-bits", 4).output


NEEDS = [(option.name, need) for option in options.options().values() for need in option.needs]


def test_what_is_needed_is_an_option_of_the_same_stages():
    known = options.options()
    for name, need in NEEDS:
        other = known[need.removeprefix("no ")]
        assert set(other.stages) & set(known[name].stages), name
        assert not set(known[name].stages) & set(other.stages) - set(known[name].stages)
    assert {option.instead for option in known.values()} - {""} <= known.keys()


@pytest.mark.parametrize(("name", "need"), NEEDS)
def test_an_option_that_would_change_nothing_is_refused(name, need):
    known = options.options()
    option, other = known[name], known[need.removeprefix("no ")]
    stage = next(stage for stage in option.stages if stage in other.stages)
    beside = {bool: True, int: 4, float: 100.0, str: "llama-2-7b"}[other.type]
    beside = "gpt-4-1-mini-rewardbench" if other.name == "judge" else beside
    work = {given: value for given, value in WORK.items() if f"no {given}" not in option.needs}
    work |= {each: 4 for each in option.needs if not each.startswith("no ") and each != need}
    with_it, without = {other.name: beside}, {}
    good, bad = (without, with_it) if need.startswith("no ") else (with_it, without)
    job(stage, **work, **good, **{name: values(option)})
    refused(f"^{name} means nothing with", job, stage, **work, **bad, **{name: values(option)})


def test_an_option_under_two_names_is_refused():
    refused("price_usd_per_gpu_hour", costlib.estimate, "sft", **WORK, price=1, price_usd_per_gpu_hour=2)
    refused("price_usd_per_gpu_hour", costlib.estimate, "sft", **WORK, price_usd_per_gpu_hour=2, price=1)
    assert costlib.estimate("sft", **WORK, price=None, price_usd_per_gpu_hour=2).usd > 0


# --- hardware ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", hardware.NUMBERS)
@pytest.mark.parametrize("value", [0, -1, 1e308, 10**400, "80", True, [1], {"a": 1}, float("nan")])
def test_every_line_of_a_gpu_has_physical_limits(name, value):
    with pytest.raises(ValueError, match=rf"^gpu\.{name} \[.+\] must be a number from ") as error:
        hardware.checked(changed(["gpu", name], value))
    assert in_a_line(error)


@pytest.mark.parametrize("name", schema.rows("coefficients"), ids=lambda row: row["name"])
def test_every_coefficient_has_limits_that_hold_its_range(name):
    span, row = hardware.allowed(name["name"]), name
    assert span.low <= float(row["low"]) <= float(row["high"]) <= span.high
    share = any(row["unit"].startswith(f"share of {what}") for what in ("dense peak", "peak", "memory", "the time"))
    assert not share or span.high <= (30 if "square" in row["unit"] else 1)
    for value in (0, 1e30, -1, "1", None):
        part = {"value": value, "low": value, "high": value}
        refused(rf"^{row['name']} \[.+\] must be a number from ", hardware.checked,
                changed(["coefficients", row["name"]], part))  # fmt: skip


@pytest.mark.parametrize(("path", "value"), [
    (["gpu", "name"], [1]), (["gpu", "name"], {}), (["gpu", "name"], "a\nb"), (["gpu", "label"], "\x1b[2J"),
    (["gpu", "label"], "x" * 1000), (["gpu", "precision"], [1]), (["coefficients"], 0), (["coefficients"], "none"),
    (["coefficients", "matmul-fraction", "lo"], 1), (["gpu"], []), (["gpu"], 5), (["gpu", "x" * 10**5], 1),
])  # fmt: skip
def test_any_other_shape_of_a_file_is_refused_in_lines(path, value):
    with pytest.raises(ValueError) as error:
        hardware.checked(changed(path, value))
    assert all(len(line) < 250 and line.isprintable() for line in str(error.value).splitlines())


@pytest.mark.parametrize("content", [None, [], "a", 5, {}, {"gpu": None}, {"coefficients": {}}])
def test_so_is_any_other_content(content):
    with pytest.raises(ValueError, match=r"hardware file"):
        hardware.checked(content)


BROKEN = ["{", "[1]", "5", '{"gpu": 5}', '{"gpu": {}}', "[" * 10**5, json.dumps(changed(["gpu", "hbm_gb"], 0))]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_variable_stops_only_those_who_use_it_and_names_itself(text):
    environment = os.environ | {hardware.VARIABLE: text}

    def run(*arguments):
        asked = [sys.executable, "-c", "from costlib.cli.main import main; main()", *arguments]
        return subprocess.run(asked, capture_output=True, text=True, env=environment)

    assert run("--version").returncode == 0 and run("models", "gpt2").returncode == 0
    failed = run("gpus")
    assert failed.returncode == 2 and f"the variable {hardware.VARIABLE}" in failed.stderr
    assert "Traceback" not in failed.stderr and max(map(len, failed.stderr.splitlines())) < 260


# --- caches -----------------------------------------------------------------------------------------------------------


def test_the_same_file_read_often_is_one_hardware_and_caches_do_not_grow(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_text(json.dumps(OURS), encoding="utf-8")
    work = WORK | {"gpu": "our-gpu"}
    costlib.estimate("generate", **work, hardware=path).to_dict()
    caches = [catalog._table, coefficients.of, plan._order, parameters._vocabulary, hardware._made]
    before = [cache.cache_info().currsize for cache in caches]
    for _ in range(5):
        costlib.estimate("generate", **work, hardware=path).to_dict()
    assert [cache.cache_info().currsize for cache in caches] == before
    assert all(cache.cache_info().maxsize for cache in caches)


KEPT = {
    "parameters": parameters.vocabulary, "options": options.options, "claims": claims.ledger,
    "outputs": outputs.outputs, "tables": schema.tables, "columns": lambda: schema.columns("gpus"),
    "catalog": lambda: catalog.table("gpus"), "models of chapters": catalog.in_chapters,
    "sweep outputs": expressions.catalogue,
    "older columns": lambda: importer.older("runs"), "words": lambda: importer.rules("runs"),
    "splits": lambda: plan._order(find("gpt2"), 80, 16, coefficients.published()),
    "plan": lambda: plans.from_json(plans.read({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd"]}).as_json()).vary,
    "hardware": lambda: hardware.checked(OURS).gpu, "coefficients": lambda: hardware.checked(OURS).coefficients,
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_cannot_be_changed(name):
    found = KEPT[name]()
    assert KEPT[name]() == found
    assert not isinstance(found, MutableMapping | MutableSequence | MutableSet | dict | list | set)


def test_every_public_cache_is_among_them():
    modules = (parameters, options, claims, outputs, schema, catalog, expressions, importer, plan, plans, hardware)
    public = [(module, name, each) for module in modules for name, each in vars(module).items() if name[0] != "_"]
    kept = {f"{module.__name__}.{name}" for module, name, each in public
            if hasattr(each, "cache_info") and inspect.getmodule(each) is module}  # fmt: skip
    assert kept == {f"costlib.{name}" for name in (
        "facts.options.options", "facts.claims.ledger", "facts.outputs.outputs", "facts.schema.tables",
        "facts.schema.columns", "facts.catalog.assumption", "facts.catalog.in_chapters",
        "sweeping.expressions.catalogue",
        "validation.importer.rules", "validation.importer.older",
        "sweeping.plan.from_json", "sweeping.plan.science")}  # fmt: skip


def test_the_layout_refuses_what_the_options_refuse():
    with pytest.raises(ValueError, match="base_bits below 16 needs adapters"):
        memory.Setup(base_bits=4).checked(find("gpt2"))
