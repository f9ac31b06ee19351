"""Whatever a public function of the front door or of the economics is given, it answers in words or with a number."""

import importlib
import inspect
import math
import pkgutil
import re
from types import GeneratorType

import numpy as np
import pytest

import costlib
from costlib import economics, face
from costlib.compute import job
from costlib.compute.stages import Data
from costlib.economics import admissible, methods, scenarios

VALUES = scenarios.complete({})
COMPARED = methods.compare(VALUES)
JOB = job.estimate("sft", "llama-3.1-8b", "h100-sxm-80gb", 8, 1000, 0, 1000)
# What costlib itself made and hands on, and functions: these are no reader's words or numbers.
MADE = {
    "values": VALUES, "compared": COMPARED, "central": COMPARED, "found": None, "by": admissible.rule(), "job": JOB.job,
    "cost": JOB.cost, "case": admissible.Asked(VALUES, COMPARED["rlaif"], admissible.fits(VALUES), admissible.rule()),
    "method": methods.rlaif, "work": methods._Work(VALUES), "own": None, "table": None, "data": Data(1, 200, 450),
    "gap": lambda value: 3 - value, "winner": lambda value: "a" if value < 7 else "b", "objections":
    dict.fromkeys(COMPARED, ()), "function": lambda values: values["epochs"], "drawn": {}, "changes": [{"epochs": 2}],
}  # fmt: skip
# What a reader may type, by the name of the argument; where functions differ, by both names.
GOOD = {
    "names": ("human-dpo", "rlaif"), "stages": ("sft", "dpo"), "pairs": 1_000, "draws": 20, "fixed": (),
    "name": "rlaif", "stage": "sft", "given": {}, "text": "rlaif.labels.usd", "texts": ["rlaif.usd"],
    "start": 0, "stop": 2, "labels": 10_000, "than": 10_000, "labels_by_people": 10_000, "labels_by_ai": 10_000,
    "error": 0.2, "random_error": 0.2,
    "votes": 3, "best_of": 16, "reward_bench": 60.0, "gain": 2.0, "other_gain": (2.0, 0.5),
    "seed": 1, "samples": 4, "share": 0.2, "unusable_share": 0.2,
    "what": "pairs", "low": 0.1, "high": 100.0, "here": 2.0, "now": "a",
    "model": "llama-3.1-8b", "quantity": "kept gain",
    "adapters": "full", "annotator": "gpt-4-turbo", "path": "x.yml",
}  # fmt: skip
SPECIAL = {
    "anatomy.estimated.stage": "dpo", "further_methods.loop.stage": "grpo", "further_methods.service.stage": "dpo",
    "methods.on_gpus.stage": "generate", "scenarios.written.name": "epochs", "reward_models.fit.name": "slope",
    "reward_models.enough.name": "labels", "reward_models.curve.name": "ppo-on-policy",
    "uncertainty.sobol_of_factor.name": "price_usd_per_gpu_hour",
    "uncertainty.sobol_of_factor.names": ["price_usd_per_gpu_hour"],
    "uncertainty.label.name": "epochs", "unread.said.names": ["epochs"], "uncertainty.uncertain.names": None,
    "uncertainty.draw.names": None, "uncertainty.monte_carlo.names": None,
    "uncertainty.tornado.names": ["platform_fee"], "uncertainty.sobol.names": ["run_overhead"],
    "reward_models.kept_measured.labels": "gpt4", "curve.band.pairs": [1_000, 5_000],
    "comparison.with_intervals.drawn": {name: [1.0] * 20 for name in COMPARED},
    "uncertainty.sobol.function": lambda values: values["run_overhead"], "hosted.shown.found": [],
    **{f"shares.{name}.method": COMPARED["rlaif"] for name in ("usd_of", "of_lines", "gpu_usd", "paid_usd", "of_gpus")},
    **{f"admissible.{name}.found": admissible.fits(VALUES) for name in ("needed_gpus", "stages_that_do_not_fit")},
    "uncertainty.sobol.samples": 8, "costlib.estimate.stage": "sft", "costlib.estimate.gpu": "h100",
    "costlib.estimate.gpus": 8, "costlib.estimate.examples": 100, "costlib.estimate.prompt_tokens": 10,
    "costlib.estimate.response_tokens": 10, "costlib.model.name_or_path": "gpt2",
    "costlib.sweep.content": {"vary": {"epochs": [1]}, "outputs": ["rlaif.usd"]},
    **dict.fromkeys(("costlib.estimate.pairs", "costlib.recommend.pairs"), None),
    **{f"costlib.{name}.text": "" for name in ("models", "gpus", "claims", "judges", "prices")},
    "quality.relative_usd_per_point.gain": (2.0, 0.5),
}  # fmt: skip
NOTHING = (None, object(), [], {}, b"x", 1j)
NUMBERS = (*NOTHING, "x", "", math.nan, math.inf, -1, -0.5, 10**400, [1, None], np.array(["x"]), np.array([math.nan]))
NAMES = (*NOTHING, "nosuch", "", 1, math.nan, ["nosuch"])
OWN = (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)


def functions():
    """Every public function: of the front door, and of each module of the economics."""
    yield from ((f"costlib.{name}", getattr(face, name)) for name in costlib.__all__ if hasattr(face, name))
    for module in pkgutil.iter_modules(economics.__path__):
        held = importlib.import_module(f"costlib.economics.{module.name}")
        yield from ((f"{module.name}.{name}", each) for name, each in vars(held).items()
                    if inspect.isfunction(each) and each.__module__ == held.__name__ and name[0] != "_")  # fmt: skip


def arguments(name, function):
    """Good arguments of a function by name, and the kind of those that a reader types."""
    good, typed = {}, {}
    for word, known in inspect.signature(function).parameters.items():
        if known.kind in (known.VAR_KEYWORD, known.VAR_POSITIONAL):
            continue
        special = f"{name}.{word}"
        said = "" if word in MADE else str(known.annotation)
        if special in SPECIAL or word in GOOD:
            good[word] = SPECIAL.get(special, GOOD.get(word))
        elif word in MADE and known.default is known.empty:
            good[word] = MADE[word]
            continue
        elif known.default is known.empty:
            good[word] = 1.0
        if "str" in said and "Callable" not in said:
            typed[word] = NAMES
        elif "float" in said or "int" in said:
            typed[word] = NUMBERS
    return good, typed


EVERY = dict(functions())


@pytest.mark.parametrize("name", EVERY)
def test_a_function_answers_what_it_can(name):
    good, _ = arguments(name, EVERY[name])
    done(EVERY[name], good)


def done(function, given):
    found = function(**given)
    return list(found) if isinstance(found, GeneratorType) else found


CASES = [(name, word, value) for name, function in EVERY.items()
         for word, values in arguments(name, function)[1].items() for value in values]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yml").write_text("base_model: Qwen/Qwen2.5-7B\nmicro_batch_size: 2\nsequence_len: 4096\n")


@pytest.mark.parametrize(("name", "word"), dict.fromkeys(case[:2] for case in CASES))
def test_what_a_function_does_not_take_is_refused_in_words(name, word):
    good, typed = arguments(name, EVERY[name])
    for value in typed[word]:
        try:
            found = done(EVERY[name], good | {word: value})
        except OWN as error:
            pytest.fail(f"{word}={value!r}: {type(error).__name__}: {error}")
        except ValueError as error:
            # A number is refused by its name, an answer as the input that it sets, a file by its path.
            said = rf"\b{word}\b" if typed[word] is NUMBERS else rf"must|unknown|cannot|\b{word}\b"
            assert re.search(rf"{said}|^\w+ \[.+\] must be ", str(error)), f"{word}={value!r}: {error}"
        else:
            assert found is None or value == value or typed[word] is NAMES, f"{word}=nan passes"
