"""A model's config.json as an exact Architecture: what the class of its `model_type` builds from it.

A row of `families.csv` says what a class builds: the values it takes where a file is silent, other names of its keys,
and the parameters beside the matrices, as sums of products of dimensions. Reading is strict: an unknown type, a key
that could be a dimension and that the class does not know, and layers that are not attention and an MLP are refused.

Sources: the model classes of :cite:`wolf2020transformers`; latent attention of :cite:`deepseekai2024v3`.
"""

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from costlib.base.errors import FileError
from costlib.base.files import read_text
from costlib.base.text import brief, nearest, printable, shown
from costlib.compute.architecture import Architecture
from costlib.facts import catalog, schema

MOST_BYTES = 1_000_000
MOST = 10**9
MOST_PARAMETERS = 10**15  # of a model; one with more is a mistake, and no cost of it is a number
MOST_LAYERS = 10_000
NESTED = ("text_config", "llm_config", "language_config")
FIRST = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")
BASE = {*FIRST, "num_key_value_heads", "head_dim", "intermediate_size", "max_position_embeddings"}
AT_LEAST_ONE = {"num_key_value_heads", "head_dim"}  # of those that a file may leave out
LISTS = {"layer_types", "attention_layers", "no_rope_layers", "mlp_layer_types", "mlp_only_layers", "moe_layers"}
RULES = ("mlp_matrices", "fused", "kv_heads", "ffn", "layer", "sparse", "expert", "once", "positions", "windows", "off")
EVERYWHERE = ("full_attention", "indexed_attention", "global")
NEARBY = ("sliding_attention", "chunked_attention", "local")
HARMLESS = re.compile(
    r"_.*|.*(token|dropout|pdrop|rope|rotary|init|eps|epsilon|loss|alpha|beta|scal|multiplier|clip|topk_prob|softcap|"
    r"label|beam|ngram|sequence|length|penalty|version|dtype|quantiz|cache|prefix|auto_map|architectures|logit).*"
    r"|(vision|image|img|video|audio|mm|mtp|num_mtp|projector|multimodal|speech|visual|attn_impl|ep|tp)_.*"
)
DIMENSION = re.compile(
    r"num|n|d|dims?|hidden|size|layers?|heads?|experts?|ffn?|embd|embed|embedding|inner|width|rank|vocab|intermediate|"
    r"blocks?|depth|channels|units|groups?|kv|mlp|window|ratio"
)
STORED = {"fp8": 8, "fbgemm_fp8": 8, "finegrained_fp8": 8, "mxfp4": 4, "nvfp4": 4, "fp4": 4}


class Configuration(NamedTuple):
    """What a configuration says: the model, and what of it is left out.

    `stored_bits` are those of a quantised file's weights, else None; `left_out` are parts that are not counted.
    """

    architecture: Architecture
    label: str
    model_type: str
    context_length: int | None
    stored_bits: float | None
    left_out: tuple[str, ...]

    def row(self) -> dict[str, object]:
        """Return the cells of `models.csv`; empty where the model is the ordinary one."""
        model = self.architecture
        given = {"label": self.label, "context_length": self.context_length, "parameters": model.parameters,
                 "parameters_active": model.parameters_active}  # fmt: skip
        cells = given | {name: getattr(model, name) for name in schema.columns("models") if hasattr(model, name)}
        plain = ("window", "windowed_layers", "chunked", "index_size")
        return {name: "" if value is None or (name in plain and not value) else value for name, value in cells.items()}


def read(path: str | Path) -> Configuration:
    """Return the Configuration of a config.json, or of a folder that holds one.

    Raises
    ------
    ValueError : for a file that cannot be read, and as :func:`of`
    """
    file = Path(path)
    file = file / "config.json" if file.is_dir() else file
    name = file.parent.name if file.stem == "config" else file.stem
    where = printable(str(file))[-150:].replace("\n", " ")

    def refuse(what: str) -> NoReturn:
        raise FileError(f"{where} is no JSON that can be read: {what}")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            refuse("a key is given twice")
        return found

    try:
        found = json.loads(read_text(file, MOST_BYTES), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        refuse(f"{error.msg} in line {error.lineno}")
    except RecursionError:
        refuse("it is nested too deep")
    except ValueError as error:
        raise error if isinstance(error, FileError) else FileError(f"{where}: a number has too many digits") from None
    return of(found, name or "model")


def of(mapping: object, name: str = "model") -> Configuration:
    """Return the Configuration that the keys of a config.json say.

    Parameters
    ----------
    mapping : keys and values, as in the file
    name : of the model, for readers

    Raises
    ------
    ValueError : for an unknown or a refused `model_type`, a key that its class does not know, or values that no model
        can have; the message names the key

    Examples
    --------
    >>> keys = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_key_value_heads": 8,
    ...         "intermediate_size": 14336, "vocab_size": 128256}
    >>> of(keys).architecture.parameters
    8030261248
    >>> of({"model_type": "opt", "num_layers": 40})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: configuration of model: 'num_layers' is no key of model_type opt; its dimensions are hidden_size, ...
    """
    if not isinstance(mapping, Mapping) or not all(isinstance(key, str) for key in mapping):
        raise ValueError(f"configuration of {shown(name)} must be an object of keys and values, got {shown(mapping)}")
    return _Reader(dict(mapping), name).configuration()


def sized(model: Architecture) -> Architecture:
    """Return an Architecture as it is, if it has no more parameters than any model may have.

    Raises
    ------
    ValueError : for more than :data:`MOST_PARAMETERS`

    Examples
    --------
    >>> sized(Architecture(1, 10**9, 1, 1, 10**9, 1, 2, 1, 1))
    Traceback (most recent call last):
        ...
    ValueError: a model must have at most 1e15 parameters, got 4e+18
    """
    if model.parameters > MOST_PARAMETERS:
        raise ValueError(f"a model must have at most 1e15 parameters, got {float(model.parameters):.3g}")
    return model


class _Family(NamedTuple):
    """A row of families.csv with what it takes from the row that it is like."""

    text: str
    defaults: Mapping[str, Any]
    aliases: Mapping[str, str]
    rules: Mapping[str, str]
    known: frozenset[str]
    left_out: str
    refused: str


@cache
def _family(name: str) -> _Family:
    row = catalog.table("families")[name]
    base = _family(row.like) if row.like else _Family("", {}, {}, {}, frozenset(), "", "")
    words = {"true": True, "false": False, "none": None}
    pairs = (each.partition("=") for each in row.defaults.split())
    defaults = {key: words[value] if value in words else int(value) for key, _, value in pairs}
    aliases = dict(each.split("=") for each in row.aliases.split())
    rules = {key: row.get(key).replace("none", "") for key in RULES if row.get(key)}
    known = {*row.known.split(), *(word for rule in rules.values() for word in re.findall("[a-z_]{3,}", rule))}
    return _Family(row.text or base.text, {**base.defaults, **defaults}, {**base.aliases, **aliases},
                   {**base.rules, **rules}, base.known | known, row.left_out, row.refused)  # fmt: skip


def _is_dimension(key: str, value: object) -> bool:
    """Whether a key that no class knows may hold a size: a word of sizes, and a number above 1 or several."""
    if not any(DIMENSION.fullmatch(word) for word in key.lower().split("_")) or HARMLESS.fullmatch(key.lower()):
        return False
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    return any(isinstance(each, int | float | str) and re.match(r"[2-9]|1\d", str(each)) for each in values)


class _Reader:
    """One configuration, from keys to an Architecture."""

    def __init__(self, outer: dict[str, Any], name: str) -> None:
        self.name, self.outer = brief(str(name)), outer
        wrapper = self.family(outer.get("model_type"))
        nested: Any = next((outer[key] for key in NESTED if isinstance(outer.get(key), Mapping)), None)
        if nested is None and wrapper.text and not any(key in outer for key in FIRST):
            self.refuse(f"a {outer['model_type']} keeps its text model under {NESTED[0]}, which is missing")
        given: dict[str, Any] = dict(outer if nested is None else nested)
        self.type = given.get("model_type", wrapper.text) if nested is not None else wrapper.text or given["model_type"]
        self.known = self.family(self.type)
        if "tie_word_embeddings" in outer:
            given["tie_word_embeddings"] = outer["tie_word_embeddings"]
        inside = {name.partition(".")[0] for name in self.known.aliases if "." in name}
        for outer_key in [key for key in given if key in inside and isinstance(given[key], Mapping)]:
            given |= {f"{outer_key}.{key}": value for key, value in given.pop(outer_key).items()}
        self.given = given
        self.v = self.named()

    def refuse(self, what: str) -> NoReturn:
        raise ValueError(f"configuration of {self.name}: {what}")

    def family(self, name: object) -> _Family:
        table = catalog.table("families")
        if not isinstance(name, str) or name not in table or name == "any":
            what = (
                f"unknown model_type {shown(name)}{nearest(name, table.keys() - {'any'})}"
                if name
                else "model_type is missing"
            )
            self.refuse(f"{what}; give a model of the catalogue, also with other dimensions, as NAME:layers=24,...")
        found = _family(name)
        if found.refused:
            self.refuse(f"model_type {name} has {found.refused}; only layers of attention and an MLP are modelled")
        return found

    def named(self) -> dict[str, Any]:
        """The values by the names of the Llama class, with the defaults of the class for keys that are left out."""
        known, found = self.known, dict[str, Any]()
        own = BASE | known.defaults.keys() | known.aliases.keys() | known.known | _family("any").known
        if foreign := [key for key, value in self.given.items() if key not in own and _is_dimension(key, value)]:
            ours = {key for key, name in known.aliases.items() if name in FIRST} or FIRST
            these = f"{', '.join(map(shown, foreign[:5]))} {'is' if len(foreign) == 1 else 'are'} no key"
            self.refuse(f"{these} of model_type {self.type}; its dimensions are {', '.join(sorted(ours))}, ...")
        for key, value in self.given.items():
            name = known.aliases.get(key, key)
            if None not in (value, found.get(name)) and found[name] != value:
                self.refuse(f"{key} and {name} are one dimension and differ: {shown(value)} and {shown(found[name])}")
            found[name] = found.get(name) if value is None else value
        if not any(found.get(key) for key in FIRST):
            self.refuse(f"no dimension is given, such as {', '.join(FIRST)}")
        values = {**known.defaults, **found}
        if re.fullmatch("L+G", str(values.get("sliding_window_pattern"))):  # local layers, then a global one
            values["sliding_window_pattern"] = len(values["sliding_window_pattern"])
        switches = {"tie_word_embeddings"} | {key for key, value in known.defaults.items() if isinstance(value, bool)}
        for key in (BASE | known.defaults.keys()) - switches - LISTS:
            values[key] = self.number(key, values.get(key))
        for key in switches:
            if not isinstance(values.get(key, False), bool | None):
                self.refuse(f"{key} must be true or false, got {shown(values[key])}")
        takes = BASE | LISTS | switches | known.defaults.keys()
        return {key: value for key, value in values.items() if value is not None and key in takes}

    def number(self, key: str, value: object) -> int | None:
        """A whole number of the file, None for null; a list of equal ones is that number."""
        if isinstance(value, list) and value:
            if any(each != value[0] for each in value):
                self.refuse(f"{key} differs from layer to layer, {shown(value)}; only one value for all is modelled")
            value = value[0]
        if value is None or value is False or value == []:
            return None
        least = 1 if key in AT_LEAST_ONE else -int(key.endswith("end_index"))
        most = MOST_LAYERS if key == "num_hidden_layers" else MOST
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most or value % 1:
            self.refuse(f"{key} must be a whole number from {least} to {most:,}, got {shown(value)}")
        return int(value)

    def size(self, key: str) -> int:
        found = int(self.v.get(key) or 0)
        if found < 1:
            self.refuse(f"{key} must be a whole number above 0, got {shown(self.given.get(key))}")
        return found

    def sum(self, rule: str) -> int:
        """The value of a rule: sums of products, perhaps after switches that must be on, or off with !."""
        total, v = 0, self.v
        for part in filter(None, self.known.rules.get(rule, "").replace(" ", "").split(";")):
            switches, _, terms = part.rpartition(":")
            if all(bool(v.get(each.lstrip("!"))) != each.startswith("!") for each in switches.split("&") if each):
                factors = (term.split("*") for term in terms.split("+"))
                total += sum(math.prod(int(x) if x.isdigit() else int(v.get(x, 0)) for x in each) for each in factors)
        return total

    def listed(self, key: str, layers: int) -> list[Any]:
        found = self.v.get(key) or []
        if not isinstance(found, list) or len(found) not in (0, layers):
            self.refuse(f"{key} must be a list of {layers} layers, got {shown(found)}")
        return found

    def sparse_layers(self, layers: int) -> int:
        """How many layers of a mixture have experts."""
        v = self.v
        if kinds := self.listed("mlp_layer_types", layers):
            return kinds.count("sparse")
        if isinstance(v.get("moe_layers"), list) and v["moe_layers"]:
            return len(v["moe_layers"])
        every, freq, end = v.get("decoder_sparse_step") or 1, v.get("moe_layer_freq") or 1, v.get("moe_layer_end_index")
        last = layers - 1 if end in (None, -1) else min(end, layers - 1)
        dense = v["mlp_only_layers"] if isinstance(v.get("mlp_only_layers"), list) else ()
        found = range(v.get("first_k_dense_replace", 0), last + 1)
        return sum((i + 1) % every == 0 and i % freq == 0 and i not in dense for i in found)

    def windowed_layers(self, layers: int) -> int:
        """How many layers have a window or chunk."""
        v, rule = self.v, self.known.rules.get("windows")
        kinds = self.listed("layer_types", layers) or self.listed("attention_layers", layers)
        if strange := [kind for kind in kinds if kind not in EVERYWHERE + NEARBY]:
            self.refuse(f"layers of kind {shown(strange[0])}; only layers of attention and an MLP are modelled")
        if not rule or not v.get("sliding_window") or v.get("use_sliding_window") is False:
            return 0
        if kinds:
            return sum(kind in NEARBY for kind in kinds)
        if turns := self.listed("no_rope_layers", layers):
            return sum(map(bool, turns))
        if rule == "pattern":
            return sum((i + 1) % self.size("sliding_window_pattern") != 0 for i in range(layers))
        return max(0, layers - v.get("max_window_layers", 0)) if rule == "above" else layers

    def attention(self) -> dict[str, int | float | None]:
        """The fields of attention: of heads, of one fused matrix, or latent."""
        v, h, heads = self.v, self.size("hidden_size"), self.size("num_attention_heads")
        if not v.get("kv_lora_rank"):
            if not v.get("head_dim") and h % heads:
                self.refuse(f"hidden_size must be a multiple of num_attention_heads, got {h} and {heads}")
            d = v.get("head_dim") or h // heads
            kv = self.sum("kv_heads") if "kv_heads" in self.known.rules else v.get("num_key_value_heads") or heads
            v |= {"q": heads * d, "k": kv * d, "d": d}
            joined = h + v["q"] + 2 * v["k"] if "qkv" in self.known.rules.get("fused", "") else None
            widths = None if joined is None else joined + v["q"] + h
            return {"heads": heads, "kv_heads": kv, "head_size": d, "query_value_widths": joined,
                    "attention_widths": widths}  # fmt: skip
        rank, rope, values = (self.size(key) for key in ("kv_lora_rank", "qk_rope_head_dim", "v_head_dim"))
        keys = self.size("qk_nope_head_dim") + rope
        query, down = v.get("q_lora_rank") or h, v.get("q_lora_rank")
        picks, pick = v.get("index_n_heads", 0), v.get("index_head_dim", 0)
        linears = [(query, heads * keys), (rank, heads * (keys - rope + values)), (h, rank + rope), (heads * values, h)]
        linears += [(h, down)] if down else []
        linears += [(query, picks * pick), (h, pick), (h, picks)] if picks else []
        # The mean of keys and values counts the FLOPs of both.
        size = (keys + values) / 2
        return {
            "heads": heads, "kv_heads": heads, "head_size": int(size) if size % 1 == 0 else size,
            "attention_parameters": sum(a * b for a, b in linears), "kv_values_per_layer": rank + rope + pick,
            "attention_widths": sum(a + b for a, b in linears), "index_size": picks * pick,
            "query_value_widths": sum(a + b for a, b in linears[:2]),
        }  # fmt: skip

    def configuration(self) -> Configuration:
        v, layers = self.v, self.size("num_hidden_layers")
        v["h"], v["heads"], v["vocab"] = (self.size(key) for key in FIRST if key != "num_hidden_layers")
        if on := [key for key in self.known.rules.get("off", "").split() if v.get(key)]:
            self.refuse(f"{on[0]} of model_type {self.type} is not modelled, got {shown(v[on[0]])}")
        scalar, labels = self.scalar_head()
        v["head"] = not scalar
        fields: dict[str, Any] = self.attention()
        v["intermediate_size"] = v.get("intermediate_size") or self.sum("ffn")
        dense = v.get("dense_intermediate_size") or self.size("intermediate_size")
        experts = v.get("num_experts") or 1
        sparse = self.sparse_layers(layers) if experts > 1 else 0
        v["f"], v["e"] = dense, experts
        if sparse:
            v["f"] = v.get("moe_intermediate_size") or self.size("intermediate_size")
            shared = v.get("n_shared_experts", 0) * v["f"] + v.get("shared_expert_intermediate_size", 0)
            fields |= {"experts": experts, "experts_active": self.size("num_experts_per_tok"),
                       "shared_experts": shared // v["f"] if shared % v["f"] == 0 else shared / v["f"],
                       "dense_layers": layers - sparse, "dense_ffn_size": dense if layers > sparse else 0}  # fmt: skip
        biases = sparse * self.sum("expert")
        other = layers * self.sum("layer") + sparse * self.sum("sparse") + experts * biases + self.sum("once")
        context = v.get("max_position_embeddings")
        windows, window = self.windowed_layers(layers), v.get("sliding_window") or 0
        if windows and not (context and window >= context):
            fields |= {"window": window, "windowed_layers": windows, "chunked": v.get("chunked", 0)}
        width = v.get("word_embed_proj_dim")
        model = Architecture(
            layers, v["h"], ffn_size=v["f"], mlp_matrices=int(self.known.rules["mlp_matrices"]),
            mlp_linears=2 if "mlp" in self.known.rules.get("fused", "") else None, vocabulary_size=v["vocab"],
            tied_embeddings=int(v.get("tie_word_embeddings", False)), position_embeddings=self.sum("positions"),
            embedding_size=None if width == v["h"] else width, scalar_head=scalar,
            other_parameters=other + (labels - 1) * (width or v["h"]) * scalar,
            idle_parameters=biases * (experts - v.get("num_experts_per_tok", experts)), **fields,
        )  # fmt: skip
        try:
            sized(model)
        except ValueError as error:
            self.refuse(str(error))
        return Configuration(model, self.name, self.type, context, self.stored_bits(), self.parts_left_out())

    def scalar_head(self) -> tuple[bool, int]:
        """Whether the output layer returns scores instead of a vocabulary, and how many."""
        names, named = str(self.outer.get("architectures")), self.given.get("id2label")
        labels = self.number("num_labels", self.given.get("num_labels"))
        labels = labels or (len(named) if isinstance(named, Mapping) else 2)
        if re.search("SequenceClassification|TokenClassification", names):
            return True, labels
        return "Reward" in names or (labels == 1 and "CausalLM" not in names), 1

    def stored_bits(self) -> float | None:
        """Bits of the weights of quantised files, None where they are not quantised."""
        found: Any = self.outer.get("quantization_config") or self.given.get("quantization_config") or {}
        if not isinstance(found, Mapping):
            self.refuse(f"quantization_config must be an object of keys and values, got {shown(found)}")
        method = str(found.get("quant_algo") or found.get("quant_method") or "").lower()
        groups = found.get("config_groups")
        bits: Any = found.get("bits") or found.get("w_bit") or STORED.get(method)
        if found.get("load_in_4bit") or found.get("load_in_8bit"):
            bits = 4 if found.get("load_in_4bit") else 8
        if isinstance(groups, Mapping):
            weights = [each.get("weights") or {} for each in groups.values() if isinstance(each, Mapping)]
            bits = next((each.get("num_bits") for each in weights if isinstance(each, Mapping)), bits)
        return bits if isinstance(bits, int | float) and not isinstance(bits, bool) else None

    def parts_left_out(self) -> tuple[str, ...]:
        """What a reader is told is not counted."""
        wrapper = self.family(self.outer["model_type"])
        parts = [wrapper.left_out or self.known.left_out]
        if not parts[0] and any(key.startswith(("vision_config", "visual", "vision_tower")) for key in self.outer):
            parts = ["vision tower"]
        if any(isinstance(self.outer.get(key), Mapping) for key in ("audio_config", "speech_config")):
            parts.append("audio encoder")
        if any(self.given.get(key) for key in ("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_layers")):
            parts.append("MTP layers")
        return tuple(part for part in parts if part)
