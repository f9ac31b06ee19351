"""The catalogue of models: rows are what their configurations say, and what independent counts and names say."""

import json
import re

import catalogue
import pytest

from costlib.base.files import read_rows
from costlib.compute import models
from costlib.compute.architecture import find, forward, lora_parameters, nearest_in_size
from costlib.compute.models import student_of
from costlib.compute.recognition import count, model
from costlib.facts import catalog, names

MODELS = catalog.table("models")
INDEX = {row["name"]: row for row in read_rows(catalogue.INDEX)}
COUNTED = {row["name"]: int(row["parameters"]) for row in read_rows(catalogue.CONFIGURATIONS / "counted.csv")}
STANDING = {row["name"]: row for row in catalogue.schema.rows("models")}
# Sizes in names that are no count of parameters: experts times a part, or the size with what is left out.
PARTS = {"mixtral-8x7b", "mixtral-8x22b", "llama-4-scout", "llama-4-maverick", "olmoe-1b-7b"}


@pytest.mark.parametrize("name", INDEX)
def test_a_row_is_what_its_configuration_says(name):
    made = catalogue.row(INDEX[name])
    kept = {} if MODELS[name].in_chapters is False else catalogue.KEPT
    assert {key: value for key, value in made.items() if key not in kept} == {
        key: value for key, value in STANDING[name].items() if key in made and key not in kept
    }


def test_the_table_is_what_make_catalogue_writes(tmp_path):
    catalogue.write(tmp_path / "models.csv")
    assert (tmp_path / "models.csv").read_bytes() == (catalogue.FOLDER / "models.csv").read_bytes()


@pytest.mark.parametrize("name", INDEX)
def test_a_model_is_known_by_the_name_of_its_repository(name):
    assert names.model(INDEX[name]["hf_id"]) == name


@pytest.mark.parametrize("name", COUNTED)
def test_a_size_is_what_pytorch_counts_in_the_class_of_transformers(name):
    assert find(name).parameters == MODELS[name].parameters == COUNTED[name]


def test_few_models_are_without_an_independent_count_and_none_without_a_file():
    assert len(INDEX.keys() - COUNTED.keys()) < 0.1 * len(INDEX)
    assert INDEX.keys() <= STANDING.keys()
    for name, entry in INDEX.items():
        keys = json.loads((catalogue.CONFIGURATIONS / f"{entry['file']}.json").read_text(encoding="utf-8"))
        assert keys["model_type"] and name in MODELS and entry["hf_id"].count("/") == 1, name
    assert sum(path.stat().st_size for path in catalogue.CONFIGURATIONS.iterdir()) < 350_000


def test_the_catalogue_has_the_models_that_people_ask_for():
    assert len(MODELS) >= 110
    wanted = """
        qwen3-0.6b qwen3-1.7b qwen3-4b qwen3-8b qwen3-14b qwen3-32b qwen3-30b-a3b qwen3-235b-a22b gemma-3-27b
        gpt-oss-20b gpt-oss-120b llama-3.3-70b llama-4-scout llama-4-maverick deepseek-v3 deepseek-r1 deepseek-v3.2
        kimi-k2 glm-4.5 glm-4.5-air glm-4.6 mistral-small-3.2-24b mistral-nemo-12b phi-4 olmo-2-32b olmo-3-7b
        olmoe-1b-7b smollm3-3b nemotron-4-340b granite-3.2-8b command-r-plus seed-oss-36b minimax-m2.5
        ernie-4.5-21b-a3b"""
    assert set(wanted.split()) <= set(MODELS)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in PARTS and count(MODELS[name].label)])
def test_a_size_is_about_the_one_in_the_name(name):
    # Names round, cut digits (MiniCPM 2B has 2.72B) and leave out embeddings (ERNIE 0.3B has 361M).
    said = count(MODELS[name].label)
    last = 10 ** (len(f"{said:.0f}") - len(f"{said:.0f}".rstrip("0")))
    assert abs(MODELS[name].parameters - said) < max(0.22 * said, 0.75 * last)


@pytest.mark.parametrize("name", [name for name in MODELS if re.search(r"-a\d", name)])
def test_active_parameters_are_about_those_in_the_name(name):
    active = float(re.search(r"-a([\d.]+)b", name)[1]) * 1e9
    assert 0.8 < MODELS[name].parameters_active / active < 1.3


def test_a_mixture_whose_maker_prints_both_sizes():
    # DeepSeek-V2: 236B and 21B active; Kimi K2: 1T and 32B; GLM-4.5: 355B and 32B with a layer that predicts more than
    # one token, which is left out; gpt-oss counts 117B and 5.1B without the input embedding (their model cards).
    for name, total, active in (("deepseek-v2", 236, 21), ("kimi-k2", 1000, 32), ("glm-4.5", 355, 32)):
        assert find(name).parameters == pytest.approx(total * 1e9, rel=0.03)
        assert find(name).parameters_active == pytest.approx(active * 1e9, rel=0.06)
    assert find("gpt-oss-120b").parameters_active_without_embedding == pytest.approx(5.1e9, rel=0.01)


def test_every_model_passes_a_sequence_and_holds_its_cache():
    for name in MODELS:
        assert 0 < forward(find(name), 1, 4096, attention="causal").total < 1e19
        assert 0 < find(name).kv_values_at(4096) <= find(name).kv_values


# --- answers that do not hang on how many models are known ---------------------------------------------------------


def test_the_book_s_own_rows_mean_models_of_the_chapters_and_a_reader_s_row_any():
    assert model("OLMo-2-13B-DPO", 13.7e9)[1] == "name"
    assert model("OLMo-2-13B-DPO", 13.7e9, among=catalog.in_chapters())[1] == "size"
    assert model("Llama-2-70b", among=catalog.in_chapters())[0] == find("llama-2-70b")
    assert 60 < len(catalog.in_chapters()) < len(MODELS)


def test_the_chapters_list_what_they_listed():
    # 73 models stood in 0.7.0; ties go to the first.
    assert len(catalog.in_chapters()) == 73
    assert nearest_in_size(6.9e9, catalog.in_chapters()) == "falcon-7b"
    assert nearest_in_size(6.91e9) == "deepseek-llm-7b"


def test_a_dense_model_teaches_no_mixture():
    # A tenth of GPT-3 is 17B; gpt-oss 20B begins with the same word and is a mixture.
    assert student_of("gpt-3-175b") == "gpt-j-6b"
    assert student_of("qwen3-235b-a22b") == "qwen3-30b-a3b"
    assert find(student_of("llama-3.3-70b")).experts == 1


@pytest.mark.parametrize(("cut", "other"), [
    ("gpt2:hidden_size=1024,layers=24,heads=16", "gpt2-medium"), ("pythia-1b:layers=24,heads=16", "pythia-1.4b"),
])  # fmt: skip
def test_a_model_with_the_dimensions_of_a_relative_is_the_relative(cut, other):
    # Both project queries, keys and values at once: their adapters are of that width.
    ours, theirs = models.find(cut).architecture, find(other)
    assert ours.parameters == theirs.parameters
    assert [lora_parameters(ours, 16, targets) for targets in ("all", "attention", "qv")] == [
        lora_parameters(theirs, 16, targets) for targets in ("all", "attention", "qv")
    ]
