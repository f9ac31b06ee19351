"""Models of the reader's own, and names of models and GPUs as people write them: right, mistaken and hostile ones."""

import csv
import json
import math
from copy import deepcopy
from pathlib import Path

from fuzz_case import Case, Fault
from fuzz_files import DRAWS, as_call, scrambled, spoiled
from fuzz_texts import GPUS, MODELS
from hypothesis import strategies as st

DATA = Path(__file__).resolve().parents[1] / "data" / "configurations"
FILES = sorted(DATA.glob("*.json"))
with (DATA / "counted.csv").open(encoding="utf-8", newline="") as _file:
    COUNTED = {row["name"] for row in csv.DictReader(_file)}  # what PyTorch counts in their classes
DIMENSIONS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
NONE_OF_ANY = (0, -1, 0.5, 1e300, 10**400, 10**18, math.nan, math.inf, "4096", "many", "x" * 5000, True, [], [1, 2],
               [[1]], {}, {"a": 1}, "<img src=x>", "\x1b[2J")  # fmt: skip
STRANGE = (*NONE_OF_ANY, None, False, 1, 2, 3, 7, 4096, 10**9, 1e9, 2.0, "", "none", ["full_attention"] * 3, [4096] * 8,
           {"model_type": "llama"}, [None], [{}], "llama", 1e-300, -0.0)  # fmt: skip
FOREIGN = ("n_embd", "num_layers", "ffn_dim", "kv_lora_rank", "num_experts", "mamba_d_state", "layer_types",
           "text_config", "vision_config", "quantization_config", "sliding_window", "num_nextn_predict_layers",
           "x" * 3000, "", "\x1b[2J", "<b>", "__class__", "head_dim", "architectures", "id2label", "num_labels",
           "tie_word_embeddings")  # fmt: skip
CUTS = ("layers=2", "layers=2,hidden_size=64", "layers=0", "layers=", "layers=2,layers=3", "heads=7", "=", ",",
        "layers", "wings=2", "layers=1e3", "layers=-1", "layers=" + "9" * 30, "vocabulary_size=1", "layers=２",
        "kv_heads=3", "hidden_size=1000000000,layers=1000000000", "layers=2" * 40, "\x1b[2J=1",
        "head_size=1")  # fmt: skip
WORK = ("--gpu", "h100", "--price", "2", "--examples", "100", "--prompt-tokens", "20", "--response-tokens", "20")


def _asked(draw, model):
    """One of the doors at which a model may be given."""
    stage = draw(st.sampled_from(["sft", "dpo", "ppo", "grpo", "generate"]))
    return draw(st.sampled_from([
        ("models", model), ("models", model, "--json"), ("estimate", stage, "--model", model, *WORK),
        ("estimate", stage, "--model", model, *WORK, "--lora-rank", "8")[: None if stage != "generate" else -2],
        ("estimate", stage, "--model", model, *WORK, "--json"),
        ("compare", "-p", f"policy_model={model}", "--draws", str(DRAWS), "--json"),
    ]))  # fmt: skip


def _changed(draw, found):
    """Put a strange value somewhere into what a file holds, also into what is nested."""
    inner = [found, *(each for each in found.values() if isinstance(each, dict) and each)]
    place = draw(st.sampled_from(inner))
    place[draw(st.sampled_from(sorted(place)))] = deepcopy(draw(st.sampled_from(STRANGE)))


@st.composite
def configurations(draw):
    """A config.json of the tests, as it is or with a mistake, at any door that takes a model."""
    path = draw(st.sampled_from(FILES))
    text = path.read_text(encoding="utf-8")
    found, faults, good, model = json.loads(text), [], False, "./config.json"
    how = draw(st.sampled_from(["as it is", "values", "values", "values", "dimension", "dimension", "foreign",
                                "left out", "merged", "twice", "scrambled", "spoiled", "nested", "cut",
                                "type"]))  # fmt: skip
    if how == "as it is":
        good = path.stem in COUNTED
    elif how == "values":
        for _ in range(draw(st.integers(1, 3))):
            _changed(draw, found)
    elif how == "dimension" and (known := [key for key in DIMENSIONS if isinstance(found.get(key), int)]):
        found.pop("text_config", None)  # or it would be that one's dimensions that count
        key = draw(st.sampled_from(known))
        found[key] = draw(st.sampled_from(NONE_OF_ANY))
        faults = [Fault("a dimension", (key, "config.json", "model_type"))]
    elif how == "foreign":
        found |= {draw(st.sampled_from(FOREIGN)): draw(st.sampled_from(STRANGE)) for _ in range(3)}
    elif how == "left out":
        keys = draw(st.lists(st.sampled_from(sorted(found)), max_size=len(found), unique=True))
        found = {key: value for key, value in found.items() if key not in keys}
    elif how == "merged":
        found |= json.loads(draw(st.sampled_from(FILES)).read_text(encoding="utf-8"))
    elif how == "type":
        found["model_type"] = draw(
            st.sampled_from(["lama", "", None, 3, [], {}, "any", "x" * 3000, "\x1b[2J", "Llama"])
        )
        faults = [Fault("model_type", ("model_type",))]
    raw = json.dumps(found).encode()
    if how == "twice":
        raw = raw[:-1] + b', "model_type": "llama"}'
        faults = [Fault("a key twice", ("config.json",))]
    elif how == "scrambled":
        raw = scrambled(text, draw)
    elif how == "spoiled":
        kind, raw = spoiled(text, draw)
        faults = [Fault(kind, ("config.json", "configuration of"))]
    elif how == "nested":
        depth = draw(st.sampled_from([10, 900, 3000, 100_000]))
        raw = raw[:-1] + b', "rope_scaling": ' + b"[" * depth + b"]" * depth + b"}"
    elif how == "cut":
        model += f":{draw(st.sampled_from(CUTS))}"
    return Case("configuration", _asked(draw, model), (("config.json", raw),), faults=tuple(faults), good=good)


PREFIXES = ("org/", "meta-llama/", "")
SPELLED = (str.upper, str.title, lambda name: name.replace("-", "_"), lambda name: name.replace("-", " "),
           lambda name: f" {name} ", lambda name: name.replace("-", ""))  # fmt: skip
PARTS = ("", "-", "_", ".", " ", "/", ":", "//", "9", "70b", "b", "gb", "x" * 2000, "\x1b[2J", "\0", "\u202e", "é",
         "２", "<b>", "~", "../", "{}", "%s", ".json", "GGUF", "-Q4_K_M", "sxm", "80", "NVIDIA ", ":layers=2",
         "\n")  # fmt: skip
NO_NAMES = ("", " ", ".", "..", "/", "~", "~nobody", "./config.json", "x/y", "x/y/z", "/etc/passwd", "config.json",
            "gpt5", "70b", "\ud800", "a" * 100_000, "://", "-", "C:\\x", "none", "=1+1", "llama", "h", "a100 a100",
            "*")  # fmt: skip


@st.composite
def names(draw):
    """A name of the catalogue in another spelling, which means the same, or one that may mean nothing."""
    kind = draw(st.sampled_from(["policy_model", "policy_model", "cluster_gpu"]))
    name = written = draw(st.sampled_from(MODELS if kind == "policy_model" else GPUS))
    price = {"price_usd_per_gpu_hour": 2.0}
    if draw(st.booleans()):
        written = draw(st.sampled_from(SPELLED))(name)
        written = draw(st.sampled_from(PREFIXES)) + written.strip() if kind == "policy_model" else written
        case = (
            "compare",
            "-p",
            f"{kind}='{written}'",
            "-p",
            "price_usd_per_gpu_hour=2",
            "--draws",
            str(DRAWS),
            "--json",
        )
        return Case("name", case, good=True, same=as_call("compare", price | {kind: name}, draws=DRAWS))
    how = draw(st.sampled_from(["parts", "parts", "none", "cut"]))
    if how == "parts":
        for _ in range(draw(st.integers(1, 3))):
            at = draw(st.integers(0, len(written)))
            written = written[:at] + draw(st.sampled_from(PARTS)) + written[at + draw(st.integers(0, 2)) :]
    else:
        written = draw(st.sampled_from(NO_NAMES)) if how == "none" else f"{name}:{draw(st.sampled_from(CUTS))}"
    if kind == "policy_model":
        return Case("name", _asked(draw, written))
    gpu = ("--gpu", written, *WORK[2:])
    return Case("name", draw(st.sampled_from([("gpus", written), ("estimate", "sft", "--model", "llama-2-7b", *gpu),
                                              ("prices", "--gpu", written)])))  # fmt: skip
