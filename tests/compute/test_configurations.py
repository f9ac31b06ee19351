"""Configurations of real models against counts of PyTorch, by hand where no class exists, and what must be refused."""

import csv
import io
import json
import lzma

import pytest
from command import refused
from conftest import ROOT

from costlib.compute import configurations, memory
from costlib.compute.architecture import Architecture, forward, lora_parameters, training
from costlib.compute.configurations import of, read
from costlib.facts import catalog, schema

DATA = ROOT / "tests" / "data" / "configurations"


def rows(name):
    text = (DATA / name).read_bytes()
    text = (lzma.decompress(text) if name.endswith(".xz") else text).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


TRUTH, CLASSES = rows("truth.csv.xz"), rows("classes.csv.xz")
# The first row of a family has all keys, the others what differs.
BASES = {row["family"]: json.loads(row["configuration"]) for row in reversed(CLASSES)}
READ = [row for row in TRUTH if row["expected"] == "read"]
REFUSED = [row for row in TRUTH if row["expected"] == "refused"]
LLAMA = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
         "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256}  # fmt: skip
# Whether their output layer is the embedding, the configuration around them says.
INNER = ("qwen3_vl_moe_text", "qwen3_vl_moe")
OFF = (("deepseek_v2", "mlp_bias"), ("deepseek_v32", "mlp_bias"), ("ernie4_5_moe", "use_bias"))


def named(row):
    return row["name"]


@pytest.mark.parametrize("row", READ, ids=named)
def test_a_configuration_has_the_parameters_that_pytorch_counts(row):
    model = read(DATA / f"{row['name']}.json").architecture
    ours = model.parameters, model.parameters_active, model.parameters_active_without_embedding
    counts = [row[name] for name in ("parameters", "parameters_active", "active_without_input_embedding")]
    assert all(int(count or each) == each for each, count in zip(ours, counts, strict=True))


@pytest.mark.parametrize("row", [row for row in READ if row["flops_forward_512"]], ids=named)
def test_a_configuration_has_the_flops_that_pytorch_counts(row):
    model = read(DATA / f"{row['name']}.json").architecture
    assert forward(model, 1, 512).total == pytest.approx(int(row["flops_forward_512"]), rel=1e-3)


@pytest.mark.parametrize("row", READ, ids=named)
def test_what_is_left_out_is_said(row):
    said = read(DATA / f"{row['name']}.json").left_out
    wanted = list(filter(None, row["left_out"].split(";")))
    assert len(said) == len(wanted) and all(each in part for each, part in zip(wanted, said, strict=True))


@pytest.mark.parametrize("row", REFUSED, ids=named)
def test_layers_that_are_not_modelled_and_foreign_keys_are_refused_by_name(row):
    refused(f"{row['refused']}.*", read, DATA / f"{row['name']}.json")


def test_there_are_as_many_as_were_gathered():
    assert len(READ) == 58 and len(REFUSED) == 13
    assert {row["name"] for row in TRUTH} <= {path.stem for path in DATA.glob("*.json")}


@pytest.mark.parametrize("row", CLASSES, ids=[f"{row['family']}-{i}" for i, row in enumerate(CLASSES)])
def test_every_family_and_switch_agrees_with_its_class(row):
    keys = BASES[row["family"]] | json.loads(row["configuration"])
    if row["family"] in INNER and "tie_word_embeddings" not in keys:
        keys["tie_word_embeddings"] = True
    if any(keys.get(switch) for family, switch in OFF if family == row["family"]):
        refused(".* is not modelled, got True", of, keys)
        return
    model = of(keys).architecture
    assert (model.parameters, lora_parameters(model, 1)) == (int(row["parameters"]), int(row["linear_widths"]))
    if row["flops"]:
        assert forward(model, 1, 128).total == pytest.approx(int(row["flops"]), rel=3e-3)


# Counts of weights in the owners' files, of classes that the library does not have.
OWN = {
    "internlm2-7b": 7_737_708_544, "baichuan2-7b": 7_505_973_248,
    "chatglm3-6b": 6_243_584_000, "minicpm-2b": 2_724_880_896, "ling-lite": 16_801_974_272,
}  # fmt: skip
GIVEN = {
    "chatglm3-6b": dict(model_type="chatglm", add_bias_linear=False, add_qkv_bias=True, ffn_hidden_size=13696,
                        hidden_size=4096, kv_channels=128, multi_query_attention=True, multi_query_group_num=2,
                        num_attention_heads=32, num_layers=28, padded_vocab_size=65024, rmsnorm=True, seq_length=8192,
                        post_layer_norm=True),
    "minicpm-2b": dict(model_type="minicpm", hidden_size=2304, intermediate_size=5760, num_hidden_layers=40,
                       num_attention_heads=36, num_key_value_heads=36, vocab_size=122753, max_position_embeddings=4096),
    "ling-lite": dict(model_type="bailing_moe", hidden_size=2048, intermediate_size=5632, moe_intermediate_size=1408,
                      num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=4, head_dim=128, num_experts=64,
                      num_experts_per_tok=6, num_shared_experts=2, vocab_size=126464, first_k_dense_replace=0),
}  # fmt: skip


# Configurations as their owners publish them, with the parameters of the weights beside them or, of Persimmon, by hand:
# 36 (4 h^2 + 2 h f + 3 h + h + f + h + 4 h + 4 d) + 2 v h + 2 h.
PUBLISHED = {
    "dbrx": ({"attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "model_type": "", "rope_theta": 500000}, "d_model": 6144,
              "ffn_config": {"ffn_hidden_size": 10752, "model_type": "", "moe_jitter_eps": 0.01, "moe_num_experts": 16,
                             "moe_top_k": 4}, "max_seq_len": 32768, "n_heads": 48, "n_layers": 40,
              "vocab_size": 100352, "tie_word_embeddings": False}, 131_596_523_520),
    "deepseek": ({"hidden_size": 2048, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 16,
                  "intermediate_size": 10944, "moe_intermediate_size": 1408, "first_k_dense_replace": 1,
                  "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6, "moe_layer_freq": 1,
                  "vocab_size": 102400}, 16_375_728_128),
    "RefinedWebModel": ({"hidden_size": 4544, "multi_query": True, "n_head": 71, "n_layer": 32, "parallel_attn": True,
                         "vocab_size": 65024, "bias": False}, 6_921_720_704),
    "RefinedWeb": ({"hidden_size": 8192, "n_head": 128, "n_head_kv": 8, "n_layer": 60, "parallel_attn": True,
                    "vocab_size": 65024, "bias": False}, 41_303_293_952),
    "xglm": ({"d_model": 1024, "ffn_dim": 4096, "attention_heads": 16, "num_layers": 24, "vocab_size": 256008},
             564_463_616),
    "persimmon": ({"hidden_size": 4096, "intermediate_size": 16384, "num_attention_heads": 64, "num_hidden_layers": 36,
                   "vocab_size": 262144, "qk_layernorm": True},
                  36 * (4 * 4096**2 + 2 * 4096 * 16384 + 9 * 4096 + 16384 + 4 * 64) + 2 * 262144 * 4096 + 2 * 4096),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_configuration_has_the_parameters_of_its_weights(name):
    keys, parameters = PUBLISHED[name]
    assert of({"model_type": name} | keys).architecture.parameters == parameters


def test_a_dimension_inside_a_nested_part_is_checked_as_any_other():
    keys, _ = PUBLISHED["dbrx"]
    for part, key, value in (("attn_config", "kv_n_heads", 7), ("ffn_config", "moe_num_experts", "16"),
                             ("ffn_config", "num_shared_experts", 2)):  # fmt: skip
        with pytest.raises(ValueError, match="heads must be a multiple|whole number|no key of model_type dbrx"):
            of({"model_type": "dbrx"} | keys | {part: keys[part] | {key: value}})


@pytest.mark.parametrize("name", OWN)
def test_a_class_of_the_owner_has_the_parameters_of_its_weights(name):
    found = of(GIVEN[name]) if name in GIVEN else read(DATA / f"{name}.json")
    assert found.architecture.parameters == OWN[name]


def test_windows_shorten_the_cache_and_the_attention_of_long_sequences():
    # Gemma 3 1B: 26 layers, 4 of them global, a window of 512, 1 head of keys and values of 256.
    gemma = read(DATA / "gemma-3-1b.json").architecture
    held = 2 * 2 * 256 * (4 * 65536 + 22 * 512)
    assert memory.kv_cache(gemma, 65536, length=65536) == pytest.approx(held, rel=1e-14)
    assert memory.kv_cache(gemma, 300, length=300) == 2 * 2 * 256 * 26 * 300
    pairs = 4 * 65536**2 / 2 + 22 * (512**2 / 2 + (65536 - 512) * 512)
    assert forward(gemma, 1, 65536, attention="causal").attention == pytest.approx(4 * 4 * 256 * pairs)
    assert forward(gemma, 1, 65536, attention="band").attention == pytest.approx(2 * 4 * 4 * 256 * pairs)
    assert forward(gemma, 1, 65536).attention == 4 * 4 * 256 * 26 * 65536**2
    step = forward(gemma, 1, 1, cached=65536, attention="causal").attention
    assert step == pytest.approx(4 * 4 * 256 * (4 * 65536.5 + 22 * 512))


def test_a_chunk_begins_anew_at_each_multiple():
    # Llama 4: 36 of 48 layers in chunks of 8,192; three chunks and a half.
    llama = read(DATA / "llama-4-maverick-17b-128e-instruct.json").architecture
    length = 3 * 8192 + 4096
    pairs = 12 * length**2 / 2 + 36 * (3 * 8192**2 / 2 + 4096**2 / 2)
    assert forward(llama, 1, length, attention="causal").attention == pytest.approx(4 * 40 * 128 * pairs)


def test_a_latent_cache_keeps_one_vector_of_each_token():
    # DeepSeek: 512 values and 64 of position in each of 61 layers.
    assert memory.kv_cache(read(DATA / "deepseek-r1.json").architecture, 1) == 2 * 61 * 576


@pytest.mark.parametrize(
    ("name", "targets", "widths"),
    [("phi-4", "qv", 40 * (5120 + 40 * 128 + 2 * 10 * 128)),
     ("phi-4", "all", 40 * (5120 + 7680 + 5120 + 5120 + 5120 + 2 * 17920 + 17920 + 5120)),
     ("llama-2-13b", "all", 40 * (4 * 2 * 5120 + 3 * (5120 + 13824))),
     ("mixtral-8x7b-v0.1", "all", 32 * (2 * (4096 + 4096) + 2 * (4096 + 1024))),
     ("mixtral-8x7b-v0.1", "experts", 32 * (2 * 8192 + 2 * 5120 + 8 * 3 * (4096 + 14336)))],
)  # fmt: skip
def test_adapters_stand_beside_the_linear_layers_that_there_are(name, targets, widths):
    assert lora_parameters(read(DATA / f"{name}.json").architecture, 16, targets) == 16 * widths


def test_a_token_passes_the_adapters_of_its_experts_alone():
    mixtral = read(DATA / "mixtral-8x7b-v0.1.json").architecture
    extra = [training(mixtral, 1, 1, lora_rank=1, lora_targets=each).matmul for each in ("all", "experts")]
    assert extra[1] - extra[0] == 3 * 2 * 32 * 2 * 3 * (4096 + 14336)


def test_a_head_of_scores_replaces_the_vocabulary():
    scores = of(LLAMA | {"architectures": ["LlamaForSequenceClassification"], "id2label": {"0": "LABEL_0"}})
    assert scores.architecture.scalar_head
    assert scores.architecture.parameters == of(LLAMA).architecture.parameters - 128256 * 4096 + 4096
    three = of(LLAMA | {"architectures": ["LlamaForSequenceClassification"], "num_labels": 3}).architecture
    assert three.parameters == scores.architecture.parameters + 2 * 4096


def test_the_outer_word_on_tied_embeddings_beats_the_inner():
    inner = LLAMA | {"tie_word_embeddings": True}
    around = {"model_type": "llava", "text_config": inner}
    assert of(around).architecture.tied_embeddings == 1
    assert of(around | {"tie_word_embeddings": False}).architecture.tied_embeddings == 0


def test_windows_that_are_switched_off_are_none():
    qwen = {"model_type": "qwen2", "hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4,
            "sliding_window": 4096, "max_window_layers": 24, "num_hidden_layers": 28}  # fmt: skip
    assert of(qwen | {"use_sliding_window": False}).architecture.windowed_layers == 0
    assert of(qwen | {"use_sliding_window": True}).architecture.windowed_layers == 4


@pytest.mark.parametrize(
    ("quantised", "bits"),
    [({"quant_method": "gptq", "bits": 4}, 4), ({"quant_method": "awq", "w_bit": 4}, 4), ({"quant_method": "fp8"}, 8),
     ({"quant_method": "bitsandbytes", "load_in_4bit": True}, 4), ({"quant_method": "mxfp4"}, 4), ({}, None),
     ({"quant_method": "bitsandbytes", "load_in_8bit": True, "load_in_4bit": False}, 8),
     ({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": {"num_bits": 8}}}}, 8)],
)  # fmt: skip
def test_stored_bits_are_those_of_the_files(quantised, bits):
    assert of(LLAMA | {"quantization_config": quantised}).stored_bits == bits


def test_a_row_of_the_catalogue_rebuilds_the_model():
    for row in READ:
        found = read(DATA / f"{row['name']}.json")
        cells = {name: str(value) for name, value in found.row().items() if value is not None}
        assert set(cells) <= set(schema.columns("models"))
        again = schema.parse("models", cells)
        assert again.parameters == found.architecture.parameters
        fields = {name: int(float(cells[name])) for name in cells
                  if cells[name] and hasattr(Architecture, "__dataclass_fields__")
                  and name in Architecture.__dataclass_fields__}  # fmt: skip
        bare = Architecture(**fields)
        assert bare.layer_matrices == found.architecture.layer_matrices
        assert bare.kv_values_at(10**5) == found.architecture.kv_values_at(10**5)
        assert lora_parameters(bare, 4) == lora_parameters(found.architecture, 4)


@pytest.mark.parametrize(
    ("keys", "message"),
    [([], "configuration of 'model' must be an object of keys and values, got"),
     ({}, "configuration of model: model_type is missing"),
     ({"model_type": "lama"}, "configuration of model: unknown model_type 'lama'; did you mean llama"),
     ({"model_type": ["llama"]}, "configuration of model: unknown model_type"),
     ({"model_type": "any"}, "configuration of model: unknown model_type 'any'"),
     ({"model_type": "llama"}, "configuration of model: no dimension is given"),
     ({"model_type": "llava"}, "configuration of model: a llava keeps its text model under text_config"),
     (LLAMA | {"hidden_size": "4096"}, "configuration of model: hidden_size must be a whole number .*, got '4096'"),
     (LLAMA | {"hidden_size": True}, "configuration of model: hidden_size must be a whole number"),
     (LLAMA | {"hidden_size": 4096.5}, "configuration of model: hidden_size must be a whole number"),
     (LLAMA | {"hidden_size": float("nan")}, "configuration of model: hidden_size must be a whole number"),
     (LLAMA | {"hidden_size": {"a": 1}}, "configuration of model: hidden_size must be a whole number"),
     (LLAMA | {"hidden_size": 0}, "configuration of model: hidden_size must be a whole number above 0"),
     (LLAMA | {"num_hidden_layers": 10**30}, "configuration of model: num_hidden_layers must be a whole number from 0"),
     (LLAMA | {"num_hidden_layers": -1}, "configuration of model: num_hidden_layers must be a whole number from 0"),
     (LLAMA | {"num_attention_heads": 30}, "configuration of model: hidden_size must be a multiple of num_attention"),
     (LLAMA | {"num_key_value_heads": 0}, "configuration of model: num_key_value_heads must be a whole number from 1"),
     (LLAMA | {"num_key_value_heads": 5}, "heads must be a multiple of kv_heads"),
     (LLAMA | {"intermediate_size": [1, 2]}, "configuration of model: intermediate_size differs from layer to layer"),
     (LLAMA | {"tie_word_embeddings": "yes"}, "configuration of model: tie_word_embeddings must be true or false"),
     (LLAMA | {"attention_bias": "no"}, "configuration of model: attention_bias must be true or false"),
     (LLAMA | {"num_experts": 8}, "configuration of model: 'num_experts' is no key of model_type llama"),
     (LLAMA | {"d_model": 1024}, "configuration of model: 'd_model' is no key of model_type llama"),
     (LLAMA | {"layer_types": ["mamba"] * 32}, "configuration of model: layers of kind 'mamba'"),
     (LLAMA | {"layer_types": ["full_attention"]}, "configuration of model: layer_types must be a list of 32 layers"),
     (LLAMA | {"quantization_config": 4}, "configuration of model: quantization_config must be an object"),
     ({"model_type": "gpt2", "n_layer": 12, "num_hidden_layers": 13}, "configuration of model: num_hidden_layers and"),
     ({"model_type": "minicpm", "hidden_size": 64, "num_experts": 8}, "configuration of model: num_experts of model_")],
)  # fmt: skip
def test_what_no_model_can_have_is_refused_by_name(keys, message):
    refused(f"{message}.*", of, keys)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", ".*is no JSON that can be read: Expecting property name.* in line 1"), ("[" * 10**5, ".*nested too deep"),
     ('{"model_type": "llama", "model_type": "opt"}', ".*a key is given twice"), ("[1]", "configuration of .*object"),
     ('{"model_type": "llama", "hidden_size": ' + "9" * 5000 + "}", ".*a number has too many digits"),
     ('{"model_type": "llama", "hidden_size": NaN}', "configuration of .*hidden_size must be a whole number"),
     ('{"model_type": "a\\u001b[2J"}', r"configuration of .*unknown model_type 'a\\x1b\[2J'"),
     (" " * (configurations.MOST_BYTES + 1), ".*which is too much to be read")],
)  # fmt: skip
def test_files_that_hold_no_configuration_are_refused(tmp_path, text, message):
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    refused(message, read, tmp_path)


def test_a_folder_gives_its_name(tmp_path):
    (tmp_path / "my-model").mkdir()
    (tmp_path / "my-model" / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    assert read(tmp_path / "my-model").label == "my-model"
    assert read(tmp_path / "my-model" / "config.json").architecture.parameters == 8_030_261_248


def test_rules_of_families_name_what_is_known():
    for name in catalog.table("families"):
        row = catalog.find("families", name)
        assert not row.like or row.like in catalog.table("families")
        assert not row.text or row.text in catalog.table("families")
