"""A model by whatever names it: the catalogue, a configuration on disk or of a hub, or one of these cut down."""

import io
import json
import os

import pytest
from command import costlib as command
from command import refused

import costlib
from costlib.compute import models
from costlib.compute.models import find
from costlib.economics.scenarios import complete
from costlib.sweeping import plan

# Two layers of Llama: q and output 64 x 64, k and v 64 x 32, three matrices 64 x 96; two embeddings; five norms.
TINY = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": 1000, "max_position_embeddings": 512,
        "tie_word_embeddings": False}  # fmt: skip
PARAMETERS = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96) + 2 * 1000 * 64 + 5 * 64
WORK = ("--gpu", "h100", "--examples", "10", "--prompt-tokens", "5", "--response-tokens", "5")


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """A machine without models of a hub."""
    for name in ("HF_HUB_CACHE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def saved(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_text(json.dumps(TINY | changes), encoding="utf-8")
    return path


def test_a_configuration_is_a_model_by_its_file_and_by_its_folder(tmp_path, monkeypatch):
    path = saved(tmp_path / "mine")
    found = find(path)
    assert (found.parameters, found.parameters_active, found.context_length) == (PARAMETERS, PARAMETERS, 512)
    assert found.name == found.source == str(path) and find(tmp_path / "mine").parameters == PARAMETERS
    monkeypatch.chdir(tmp_path)
    assert find("./mine").name == find("mine").name == str(tmp_path / "mine")
    # Read again where it is another.
    saved(tmp_path / "mine", vocab_size=2000)
    os.utime(path, ns=(1, 1))
    assert find(path).parameters == PARAMETERS + 2 * 1000 * 64


def test_what_a_hub_keeps_on_this_machine_is_found_its_main_revision_first(tmp_path):
    held = tmp_path / "hub-home" / "hub" / "models--org--tiny"
    saved(held / "snapshots" / "aaa", vocab_size=2000)
    assert find("org/tiny").architecture.vocabulary_size == 2000
    saved(held / "snapshots" / "bbb")
    (held / "refs").mkdir()
    (held / "refs" / "main").write_text("bbb\n", encoding="utf-8")
    assert (find("org/tiny").parameters, find("org/tiny").name) == (PARAMETERS, "org/tiny")
    layer = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96 + 2 * 64
    assert find("org/tiny:layers=1").parameters == PARAMETERS - layer


def test_the_hub_is_asked_only_on_demand_and_its_answer_is_kept(monkeypatch):
    asked = []

    def opened(url):
        asked.append(url)
        return io.BytesIO(json.dumps(TINY).encode())

    monkeypatch.setattr(models, "_open", opened)
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    refused("^model org/tiny is not in the catalogue, nor on this machine: .*--fetch", find, "org/tiny")
    assert not asked and find("org/tiny", fetch=True).parameters == PARAMETERS
    assert asked == ["https://mirror.example/org/tiny/resolve/main/config.json"]
    assert find("org/tiny").parameters == find("org/tiny", fetch=True).parameters and len(asked) == 1


@pytest.mark.parametrize(
    ("hub", "answer", "words"),
    [("https://h.example", OSError("no route"), "^model org/tiny could not be had from .*no route"),
     ("file:///etc", b"{}", "^the variable HF_ENDPOINT must be the address of a hub"),
     ("https://h.example", b"{" * 2_000_000, "more than 1,000,000 bytes"),
     ("https://h.example", b"<html>", "config|JSON")],
)  # fmt: skip
def test_a_hub_that_does_not_answer_well_is_a_line(monkeypatch, hub, answer, words):
    def opened(_):
        if isinstance(answer, OSError):
            raise answer
        return io.BytesIO(answer)

    monkeypatch.setattr(models, "_open", opened)
    monkeypatch.setenv("HF_ENDPOINT", hub)
    refused(words, find, "org/tiny", fetch=True)


@pytest.mark.parametrize("text", ["/no/such/config.json", "./nothing", "~nobody/model", "", "a" * 5000, "llama-2-7b\0",
                                  "org/model/three", "\x1b[2J", "llama-2-7b:layers=0", "org/../x:layers=2", "/:",
                                  "/", ":layers=2", "deepseek-v3:hidden_size=64", 7, None])  # fmt: skip
def test_what_is_no_model_is_one_line(text):
    with pytest.raises(ValueError) as error:
        find(text)
    assert len(str(error.value)) < 400 and str(error.value).isprintable()


@pytest.mark.parametrize("name", ["qwen2.5-7b", "qwen3-8b", "gemma-2-9b", "pythia-1.4b", "opt-1.3b", "falcon-40b",
                                  "mpt-7b", "qwen3-30b-a3b", "phi-1.5", "gpt-j-6b"])  # fmt: skip
def test_a_model_cut_to_all_of_its_layers_is_whole(name):
    whole = find(name)
    same = find(f"{name}:layers={int(whole.architecture.layers)}")
    assert (same.parameters, same.parameters_active) == (whole.parameters, whole.parameters_active)


def test_every_door_takes_a_configuration(tmp_path, monkeypatch):
    path = saved(tmp_path / "mine")
    printed = command("estimate", "sft", "--model", str(path), *WORK)
    assert printed.exit_code == 0 and "h100 read as h100-sxm-80gb" in printed.output
    assert costlib.model(path).to_dict()["parameters"] == PARAMETERS
    assert json.loads(command("models", str(path), "--json").output)["kv_bytes_per_token"] == 2 * 2 * 2 * 2 * 16
    values = {"policy_model": str(path), "policy_gpus": 1}
    assert complete(values)["policy_model"] == str(path)
    assert len(costlib.compare(values, draws=20)) > 3
    monkeypatch.chdir(tmp_path)
    assert complete({"policy_model": "mine"})["policy_model"] == str(tmp_path / "mine")
    spread = plan.read({"vary": {"policy_model": ["mine", "Llama-2-7B"]}, "outputs": ["rlaif.usd"]})
    assert spread.vary["policy_model"].levels == (str(tmp_path / "mine"), "llama-2-7b")


@pytest.mark.parametrize("changes", [{"model_type": "falcon_mamba"}, {"hidden_size": "64"}, {"num_attention_heads": 3}])
def test_a_configuration_that_cannot_be_read_is_wrong_input_at_every_door(tmp_path, changes):
    path = str(saved(tmp_path, **changes))
    for arguments in (("estimate", "sft", "--model", path, *WORK), ("models", path),
                      ("compare", "-p", f"policy_model={path}")):  # fmt: skip
        printed = command(*arguments)
        assert printed.exit_code == 2 and printed.output.startswith("costlib: ") and printed.output.count("\n") == 1


def test_other_spellings_give_the_same_answer():
    work = {"gpus": 8, "examples": 100, "prompt_tokens": 9, "response_tokens": 9}
    one, other = (costlib.estimate("sft", model=model, gpu=gpu, **work)
                  for model, gpu in (("llama-3.1-8b", "h100-sxm-80gb"),
                                     ("meta-llama/Meta-Llama-3.1-8B", "NVIDIA H100 80GB HBM3")))  # fmt: skip
    assert one.usd == other.usd and one.settings == other.settings and one.read_as == []
    assert other.read_as == ["NVIDIA H100 80GB HBM3 read as h100-sxm-80gb"] or len(other.read_as) == 2
