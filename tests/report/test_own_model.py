"""The book with a reader's own model: numbers follow its configuration, and pages name it by its label."""

import ast
import json
import re
import shutil

import pytest
from command import costlib, refused
from conftest import ROOT
from test_far import NO_NUMBER, glued

from costlib.economics import scenarios
from costlib.facts import parameters
from costlib.report import notebooks, rerun

MODELS = ("aligned_model", "policy_model")
# Two layers of Llama: q and output 64 x 64, k and v 64 x 32, three matrices 64 x 96; two embeddings; five norms.
TINY = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": 1000, "max_position_embeddings": 512,
        "tie_word_embeddings": False}  # fmt: skip
PARAMETERS = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96) + 2 * 1000 * 64 + 5 * 64
NAME = 'Ours <b> "7B" {{x}} $y$'  # of a folder
PATHS = notebooks.paths(ROOT)


def saved(folder, **changes):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TINY | changes), encoding="utf-8")
    return folder


def run(out, given, chosen=(), **how):
    """Execute chapters into a folder, whose pages are left out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rerun, "render", lambda *_: None)
        outcome = rerun.run(ROOT, given, out, chosen, **how)
    assert outcome.failed == {}
    return outcome


def numbers(path):
    return {record["key"]: record["value"] for record in notebooks.records(path, "key")}


def shown(path):
    """What a chapter shows, as one text."""
    return json.dumps(notebooks.outputs(path), ensure_ascii=False)


@pytest.mark.heavy
def test_a_chapter_follows_the_configuration_of_a_reader(tmp_path, monkeypatch):
    path = saved(tmp_path / "secret" / NAME)
    monkeypatch.chdir(tmp_path / "secret")
    given, out = {"policy_model": f"./{NAME}", "policy_gpus": 1}, tmp_path / "out"
    found = out / "executed" / "12_equal_footing.ipynb"
    run(out, given, ["12"])
    assert numbers(found)["aligned_parameters"] == PARAMETERS
    assert ast.literal_eval(glued(found)["model_label"]) == NAME
    assert str(path).replace('"', r"\"") in "".join(cell["source"] for cell in notebooks.code_cells(found))
    assert "secret" not in shown(found)
    # It is kept until its file says something else, wherever that lies.
    monkeypatch.chdir(tmp_path)
    given["policy_model"] = str(path)
    assert run(out, given, ["12"], resume=True).kept == [found.stem]
    path = path.rename(tmp_path / NAME)
    given["policy_model"] = str(path)
    assert run(out, given, ["12"], resume=True).kept == [found.stem]
    (path / "config.json").write_text(json.dumps(TINY | {"vocab_size": 2000}), encoding="utf-8")
    assert run(out, given, ["12"], resume=True).executed == [found.stem]
    assert numbers(found)["aligned_parameters"] == PARAMETERS + 2 * 1000 * 64


def test_pages_name_no_folder_of_the_reader(tmp_path):
    from papermill.translators import translate_parameters

    path = saved(tmp_path / "secret" / NAME)
    values = scenarios.complete({"aligned_model": str(path), "policy_model": "gpt2:layers=2", "epochs": 2})
    cell = {"cell_type": "code", "metadata": {"tags": ["injected-parameters"]}, "outputs": [], "source": ""}
    cell["source"] = translate_parameters("python3", "python", {"aligned_model": str(path), "scenario":
                                          {"aligned_model": str(path)}}, "Parameters")  # fmt: skip
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    rerun._copy_executed(tmp_path / "a.ipynb", tmp_path / "b.ipynb", values)
    (found,) = notebooks.read(tmp_path / "b.ipynb")["cells"]
    assert "remove-cell" in found["metadata"]["tags"], "nothing stands between an answer and its figure"
    copied = found["source"]
    assert str(tmp_path) not in copied and "secret" not in copied
    given = {}
    exec(copied, given)
    assert given["aligned_model"] == given["scenario"]["aligned_model"] == NAME
    # The bar above every page.
    shutil.copy(ROOT / "_config.yml", tmp_path)
    rerun._announce(tmp_path, values, set(), [], None)
    bar = rerun._take_bar(tmp_path / "_config.yml")
    label = "Ours &lt;b&gt; &quot;7B&quot; {{x}} $y$"
    assert f"<b>aligned_model</b> = {label} (published llama-2-7b); <b>" in bar and "secret" not in bar
    assert "<b>policy_model</b> = GPT-2 (layers 2) (published llama-2-70b)" in bar
    # The calculator, which has no such model.
    assert rerun._for_pages(values) == {"epochs": 2}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_cannot_be_read_is_refused_before_anything_runs(name, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "opt", "num_layers": 40}')
    for given, said in ((tmp_path, "'num_layers' is no key of model_type opt"), (tmp_path / "none.json", "No such")):
        result = costlib("rerun", "-o", tmp_path / "out", "--book", ROOT, "-p", f"{name}={given}")
        assert result.exit_code == 2 and said in result.output and not (tmp_path / "out").exists()


def test_a_rank_above_the_hidden_size_of_a_reader_s_model_is_refused(tmp_path):
    given = {"aligned_model": str(saved(tmp_path / "mine")), "lora_rank": 64}
    assert scenarios.complete(given)["lora_rank"] == 64
    refused(r"^lora_rank \[-\] must be at most the hidden size of mine, 64, got 65$", scenarios.complete,
            given | {"lora_rank": 65})  # fmt: skip


@pytest.fixture(scope="module")
def same(tmp_path_factory):
    """The chapters with the published models read from their own configurations."""
    known, data = parameters.defaults(), ROOT / "tests" / "data" / "configurations"
    out = tmp_path_factory.mktemp("same") / "out"
    run(out, {name: str(data / f"{known[name]}.json") for name in MODELS})
    return out / "executed"


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """The chapters with a model below all of the catalogue, and a mixture with windows, experts and no context."""
    secret, data = tmp_path_factory.mktemp("other") / "secret", ROOT / "tests" / "data" / "configurations"
    tiny, mine = saved(secret / "tiny"), secret / "mine.json"
    keys = json.loads((data / "gpt-oss-20b.json").read_text(encoding="utf-8"))
    mine.write_text(json.dumps({key: keys[key] for key in keys if not key.endswith("_position_embeddings")}))
    run(secret.parent / "out", {"aligned_model": str(mine), "policy_model": str(tiny)})
    return secret.parent / "out" / "executed"


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_published_models_from_their_configurations_give_the_published_numbers(same, path):
    before, after = numbers(path), numbers(same / path.name)
    moved = {key for key in before if after[key] != before[key]}
    # A list of models to compare with has one more.
    assert moved == ({"models"} if path.stem == "08_memory" else set()) and after.keys() == before.keys()


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_chapter_holds_with_models_of_a_reader(other, path):
    target = other / path.name
    assert glued(target).keys() == glued(path).keys()
    assert not [key for key, text in glued(target).items() if NO_NUMBER.search(text) or not text.strip("'\" ")]
    html = [output["data"].get("text/html", "") for output in notebooks.outputs(target)]
    assert not [each[:200] for each in html if NO_NUMBER.search(re.sub(r"<[^>]*>", " ", each))]
    assert "secret" not in shown(target)
    assert notebooks.figures(target).keys() == notebooks.figures(path).keys()
    if {*MODELS} & set(rerun.takes(path)):
        assert numbers(target) != numbers(path), "a chapter that takes a model follows it"
