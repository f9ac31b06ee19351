"""Count what real model classes build from small configurations, independently of the formulas of costlib.

`make counts` runs this file too. For each family of families.csv that the library has a class for, a small
configuration of its text model is built on PyTorch's meta device, as it is and with each of its switches turned, and
tests/data/configurations/classes.csv.xz keeps the parameters, the FLOPs of 128 tokens (a multiply and an add are two,
the full square) and the inputs and outputs of all linear layers but the output layer and routers.
"""

import csv
import importlib
import json
import lzma
from importlib.metadata import version
from pathlib import Path

import torch
import transformers as hf
from torch.utils.flop_counter import FlopCounterMode

from costlib.facts import catalog

OUTPUT = Path(__file__).parent / "data" / "configurations" / "classes.csv.xz"
COLUMNS = ["family", "configuration", "parameters", "flops", "linear_widths", "torch", "transformers"]
TOKENS = 128
SIZES = {
    "vocab_size": 1000, "hidden_size": 128, "num_hidden_layers": 6, "num_attention_heads": 8, "num_key_value_heads": 2,
    "intermediate_size": 160, "head_dim": 24, "max_position_embeddings": 512, "rotary_dim": 8,
    "num_experts": 8, "num_local_experts": 8, "n_routed_experts": 8, "moe_num_experts": 8, "num_experts_per_tok": 3,
    "moe_k": 3, "moe_topk": 3, "moe_intermediate_size": 48, "shared_expert_intermediate_size": 80,
    "shared_intermediate_size": 80, "n_shared_experts": 2, "num_shared_experts": 2, "moe_num_shared_experts": 2,
    "q_lora_rank": 40, "kv_lora_rank": 24, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8, "v_head_dim": 20,
    "index_n_heads": 4, "index_head_dim": 16, "n_embd": 128, "n_layer": 6, "n_head": 8, "n_positions": 512,
    "n_inner": 200, "d_model": 128, "n_layers": 6, "n_heads": 8, "max_seq_len": 512, "ffn_dim": 160, "num_layers": 6,
    "num_heads": 8, "word_embed_proj_dim": 64, "num_kv_heads": 2, "ffn_hidden_size": 200, "sliding_window": 32,
    "window_size": 32, "first_k_dense_replace": 2, "moe_layer_start_index": 2, "moe_layer_end_index": 5,
    "intermediate_size_mlp": 176, "interleave_moe_layer_step": 2, "attention_chunk_size": 32, "n_group": 1,
    "topk_group": 1, "attention_types": [[["global", "local"], 3]], "max_window_layers": 4, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
SWITCHES = (
    "attention_bias", "mlp_bias", "qkv_bias", "use_bias", "bias", "use_qkv_bias", "qk_layernorm",
    "use_parallel_residual", "use_qk_norm", "attention_out_bias", "lm_head_bias", "multi_query",
    "new_decoder_architecture", "parallel_attn", "tie_word_embeddings", "use_sliding_window", "enable_bias",
    "do_layer_norm_before", "layer_norm_elementwise_affine", "use_post_norm",
)  # fmt: skip
# FLOPs of these classes are not the model's: all experts run, or routers are batched with them.
UNCOUNTED = ("llama4", "llama4_text", "phimoe")


class TextModel(torch.nn.Module):
    """The text part of a vision model with an output layer, which the library builds only inside the whole."""

    def __init__(self, config):
        super().__init__()
        module = importlib.import_module(type(config).__module__.replace("configuration", "modeling"))
        part = next(getattr(module, name) for name in dir(module) if name.endswith("TextModel"))
        self.model = part._from_config(config, attn_implementation="eager", **experts(config))
        self.lm_head = torch.nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if getattr(config, "tie_word_embeddings", False):
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, **inputs):
        return self.lm_head(self.model(**inputs).last_hidden_state)


def experts(config):
    return {"experts_implementation": "batched_mm"} if "expert" in str(config.to_dict()) else {}


def built(config):
    """Return the model of a configuration on the meta device."""
    with torch.device("meta"):
        if type(config) in hf.AutoModelForCausalLM._model_mapping:
            return hf.AutoModelForCausalLM.from_config(config, attn_implementation="eager", **experts(config)).eval()
        return TextModel(config).eval()


def configurations(family):
    """Yield the configuration class and the keys of small models of a family."""
    text = hf.CONFIG_MAPPING[family]().get_text_config()
    known = text.to_dict()
    mapped = {"num_key_value_heads", "head_dim", "num_local_experts"} & set(type(text).attribute_map)
    keys = {key: value for key, value in SIZES.items() if key in known or key in mapped}
    if "kv_lora_rank" in known:
        keys = {key: value for key, value in keys.items() if key != "head_dim"} | {"num_key_value_heads": 8}
    yield type(text), keys
    for switch in SWITCHES:
        if isinstance(known.get(switch), bool):
            yield type(text), keys | {switch: not known[switch]}


def counted(model):
    """Return parameters, FLOPs (empty where the small model does not run) and widths of linear layers."""
    inputs = {"input_ids": torch.zeros(1, TOKENS, dtype=torch.long, device="meta"),
              "attention_mask": torch.ones(1, TOKENS, device="meta"), "use_cache": False}  # fmt: skip
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(**inputs)
        flops = counter.get_total_flops()
    except RuntimeError:
        flops = ""
    linear = [sum(each.weight.shape) for name, each in model.named_modules()
              if (isinstance(each, torch.nn.Linear) or type(each).__name__ == "Conv1D")
              and name.rpartition(".")[2] not in ("lm_head", "router", "wg", "shared_expert_gate")]  # fmt: skip
    return sum(parameter.numel() for parameter in model.parameters()), flops, sum(linear)


def main():
    hf.logging.set_verbosity_error()
    rows, firsts = [], {}
    for family, row in catalog.table("families").items():
        if row.refused or family not in hf.CONFIG_MAPPING or (row.text and not row.text.startswith(family)):
            continue
        for config, keys in configurations(family):
            try:
                parameters, flops, linear = counted(built(config(**keys)))
            except Exception as error:  # switches that the class does not allow together
                print(family, type(error).__name__, str(error)[:100].replace("\n", " "))
                continue
            flops = "" if family in UNCOUNTED else flops
            keys = {"model_type": config.model_type, **keys}
            first = firsts.setdefault(family, keys)
            differs = {key: value for key, value in keys.items() if first.get(key) != value}
            text = json.dumps(differs if keys is not first else keys, separators=(",", ":"))
            rows.append([family, text, parameters, flops, linear, version("torch"), version("transformers")])
    with lzma.open(OUTPUT, "wt", preset=9, encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows)


if __name__ == "__main__":
    main()
