"""Coefficients as a value, their ranges and draws, and models cut down: by hand."""

import math

import numpy as np
import pytest
from command import refused

from costlib.compute import coefficients, footprint, memory
from costlib.compute.architecture import find
from costlib.compute.coefficients import Coefficients
from costlib.compute.models import shape
from costlib.facts import catalog
from costlib.facts.schema import Record


def test_coefficients_are_a_mapping_that_never_changes():
    first = Coefficients({"a": 1.0, "b": 2.0})
    other = first.replaced({"a": 3.0})
    assert dict(first) == {"a": 1.0, "b": 2.0} and dict(other) == {"a": 3.0, "b": 2.0}
    assert len(first) == 2 and list(first) == ["a", "b"] and first.hardware is other.hardware is None
    # Each is itself alone, though its numbers may be those of another.
    assert first != Coefficients({"a": 1.0, "b": 2.0}) and len({first, Coefficients({"a": 1.0, "b": 2.0})}) == 2
    assert repr(first) == "<2 coefficients>"
    refused("^unknown coefficient 'ab'", first.replaced, {"ab": 1.0})


def test_draws_are_split_one_by_one():
    found = Coefficients({"a": [1, 2, 3], "b": [4, 5, 6]}).split()
    assert [dict(each) for each in found] == [{"a": 1, "b": 4}, {"a": 2, "b": 5}, {"a": 3, "b": 6}]
    with pytest.raises(ValueError, match="shorter"):
        Coefficients({"a": [1, 2, 3], "b": [4, 5]}).split()


def test_published_coefficients_are_the_facts():
    assert dict(coefficients.published()) == {name: each.value for name, each in catalog.table("coefficients").items()}
    assert coefficients.given(None) is coefficients.of(None) is coefficients.published()
    other = Coefficients({"a": 1.0})
    assert coefficients.given(other) is other


def test_a_quantile_is_triangular_on_the_scale_of_the_logarithm():
    known = Record({"low": 1.0, "high": math.e**2, "value": math.e})
    # A symmetric triangle from 0 to 2: an eighth of it lies below a half, one half below 1.
    found = coefficients.quantile(known, np.array([0.0, 0.125, 0.5, 0.875, 1.0]))
    assert np.log(found).tolist() == pytest.approx([0, 0.5, 1, 1.5, 2])
    fixed = coefficients.quantile(Record({"low": 2.0, "high": 2.0, "value": 2.0}), np.array([0.1, 0.9]))
    assert fixed.tolist() == [2, 2]


def test_draws_are_spread_evenly_and_the_same_everywhere(monkeypatch):
    drawn = coefficients.draws(50)
    known = catalog.find("coefficients", "link-fraction")
    # One draw in each fiftieth of the range.
    ends = coefficients.quantile(known, np.arange(51) / 50)
    found = np.sort(drawn["link-fraction"])
    assert np.all((ends[:-1] <= found) & (found <= ends[1:]))
    assert drawn["link-fraction"].tolist() == coefficients.draws(50, 2025)["link-fraction"].tolist()
    assert drawn["link-fraction"].tolist() != coefficients.draws(50, 7)["link-fraction"].tolist()
    assert drawn.keys() == coefficients.published().keys() and len(drawn["product-wave"]) == 50
    # Streams are shuffled, and each is its own.
    assert drawn["link-fraction"].tolist() != found.tolist()
    order = [np.argsort(drawn[name]).tolist() for name in ("link-fraction", "matmul-fraction")]
    assert order[0] != order[1]
    monkeypatch.setattr(coefficients, "as_array", list)
    assert coefficients.draws(50)["link-fraction"] == pytest.approx(drawn["link-fraction"].tolist())


# --- models cut down ------------------------------------------------------------------------------------------------


def test_a_cut_model_has_the_parameters_of_its_class():
    cut = shape("llama-2-7b:layers=2, hidden_size=64,heads=4,kv_heads=2,ffn_size=100,vocabulary_size=1000")
    # Two layers of q and output 64 x 64, k and v 64 x 32, three matrices 64 x 100; two embeddings; five norms.
    assert cut.parameters == 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 100) + 2 * 1000 * 64 + 5 * 64
    assert (cut.head_size, cut.heads) == (16, 4)
    assert shape("llama-2-7b:heads=64").head_size == 64 and shape("llama-2-7b:heads=64,head_size=32").head_size == 32
    assert shape("llama-2-7b:hidden_size=2048").head_size == 64 and shape("llama-2-7b:layers=2").head_size == 128
    assert shape(" llama-2-7b ") is shape("llama-2-7b") is find("llama-2-7b")


def test_a_cut_gpt_2_keeps_its_proportions():
    cut = shape("gpt2:layers=2,hidden_size=64,heads=4,vocabulary_size=1000")
    # 12 squares of the width in a layer; one embedding and 1,024 positions; norms, biases of 9 widths and the MLP's 4.
    assert cut.parameters == 2 * 12 * 64 * 64 + 1000 * 64 + 1024 * 64 + 2 * 13 * 64 + 2 * 64
    assert (cut.ffn_size, cut.kv_heads) == (256, 4) and shape("gpt2:layers=2").ffn_size == 4 * 768
    assert shape("gpt2:layers=2").kv_heads == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "deepseek-v3:layers=2",
            "^the norms and biases of deepseek-v3 follow no rule that is known here, ",
        ),
        ("gpt2:layers=2,layers=3", "^layers is given twice in 'gpt2:layers=2,layers=3'$"),
        ("gpt2:layers=99999999999", "^layers must be a whole number above 0, at most 1e.09"),
        ("gpt2:layer=2", r"^unknown dimension 'layer'; did you mean layers"),
        (
            "gpt2:zzz=2",
            "^unknown dimension 'zzz'; known: layers, hidden_size, heads, kv_heads, head_size, ",
        ),
        ("gpt2:layers=0", r"^layers must be a whole number above 0, at most 1e.09 \[-\], got '0'$"),
        ("gpt2:layers=2.5", "got '2.5'$"),
        ("gpt2:layers", "^layers must be .*got ''$"),
        ("gpt2:kv_heads=2", "^kv_heads of gpt2 follow from its heads and hidden_size$"),
        ("gpt2:kv_heads=2,ffn_size=9", "^ffn_size, kv_heads of gpt2 follow"),
        ("llama-2-7b:heads=3", r"^hidden_size must be a multiple of heads \[-\], got 4096 and 3$"),
        ("unknown:layers=2", "unknown"),
    ],
)
def test_cuts_that_cannot_be_are_refused(text, words):
    refused(words, shape, text)


# --- footprints -----------------------------------------------------------------------------------------------------


def test_bytes_of_states_for_each_parameter_by_hand():
    # mixed-18 trains with 18 bytes and adapters are a tenth; what is frozen has two.
    assert footprint.state_bytes("mixed-18", 0.1) == pytest.approx({
        "inference": 2, "LoRA": 2 + 1.8, "SFT": 18, "DPO": 20, "PPO": 40, "PPO, value head": 22,
        "PPO, adapters": 6 + 3.6, "PPO, value head and adapters": 4 + 1.8})  # fmt: skip
    assert footprint.state_bytes("mixed-18")["LoRA"] == 2


def test_bytes_by_owner_add_up():
    model = find("gpt2")
    head = model.with_scalar_head()
    plan = memory.PpoSetup(memory.Setup(gpus=2, zero=3))
    for parts in memory.ppo(model, head, head, 16, 16, plan).values():
        found = footprint.by_owner(parts)
        assert tuple(found) == (
            "actor",
            "critic",
            "reference",
            "reward",
            "generation",
            "activations",
            "gathered",
            "framework",
        )
        assert sum(found.values()) == pytest.approx(parts.total) and found["activations"] == parts.get(
            "activations", 0
        ) + parts.get("logits", 0)
        assert found["gathered"] == parts["gathered"] and found["actor"] == sum(
            v for k, v in parts.items() if k.startswith("actor")
        )


def test_one_gpu_alone_by_hand():
    model, alone = find("gpt2"), memory.Setup(recipe="mixed-18", recompute="full")
    head = model.with_scalar_head()
    assert footprint.on_one_gpu(model, 100, 28, "mixed-18", 8) == {
        "inference": memory.generating(model, 128, 1).total,
        "LoRA": memory.training(model, 128, alone._replace(lora_rank=8)).total,
        "SFT": memory.training(model, 128, alone).total,
        "DPO": memory.training(model, 128, alone._replace(micro_batch=2)).total + 2 * model.parameters,
        "PPO": max(parts.total for parts in memory.ppo(model, head, head, 100, 28, memory.PpoSetup(alone)).values()),
    }
