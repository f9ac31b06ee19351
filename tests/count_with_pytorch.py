"""Count the parameters and FLOPs of real model classes with PyTorch, independently of the formulas of costlib.

`make counts` sets up `.venv-torch` from tests/data/pytorch_requirements.txt and runs this file, which writes
tests/data/pytorch_counts.csv, a forward pass of each class, costlib/facts/counted_steps.csv, the steps of alignment
on some of them, and tests/data/configurations/counted.csv, the sizes of the configurations behind the catalogue. It
needs neither weights nor a network: every class is built from the sizes below, or from a configuration, on PyTorch's
meta device, where tensors have a shape and no values, and passes one sequence. The counter of PyTorch takes matrix
products alone, a multiply and an add being two FLOPs. Attention runs over the full square and the output layer
over all tokens. Routing picks a fixed number of experts for each token, so the count does not depend on which.
"""

import csv
import json
from importlib.metadata import version
from pathlib import Path

import torch
import transformers as hf
from torch.utils.flop_counter import FlopCounterMode

from costlib.base.files import read_rows
from costlib.facts import catalog, schema
from costlib.measuring import flops
from costlib.measuring.classes import bloom, falcon, gated, gpt2, gptj, mpt, neox, opt
from costlib.measuring.jobs import LORA_RANK, StepJob
from costlib.measuring.models import configured

OUTPUT = Path(__file__).parent / "data" / "pytorch_counts.csv"
CONFIGURATIONS = OUTPUT.parent / "configurations"
STEPS = Path(__file__).parents[1] / "costlib" / "facts" / "counted_steps.csv"
COLUMNS = ["model", "model_class", "tokens", "parameters", "forward_flops", "how", "torch", "transformers"]
VERSIONS = version("torch"), version("transformers")
ROUTED = ", experts gathered for each token"
NOTES = {
    "deepseek-v3": ROUTED,
    "mixtral-8x7b": ROUTED,
    "opt-350m": ", embedding of width 512 projected to 1024 and back",
    "qwen3-30b-a3b": ROUTED,
}


def models():
    """Yield the name in costlib/facts/models.csv, the class and its configuration."""
    yield "gpt2", *gpt2(12, 768, 12)
    yield "gpt2-xl", *gpt2(48, 1600, 25)
    yield "gpt-j-6b", *gptj(28, 4096, 16, 50400)
    yield "opt-350m", *opt(24, 1024, 16, 512)
    yield "opt-1.3b", *opt(24, 2048, 32)
    yield "opt-13b", *opt(40, 5120, 40)
    yield "bloom-176b", *bloom(70, 14336, 112, 250880)
    yield "llama-2-7b", *gated("Llama", 32, 4096, 32, 32, 11008, 32000)
    yield "llama-2-70b", *gated("Llama", 80, 8192, 64, 8, 28672, 32000)
    yield "llama-3-8b", *gated("Llama", 32, 4096, 32, 8, 14336, 128256)
    yield "llama-3.1-405b", *gated("Llama", 126, 16384, 128, 8, 53248, 128256)
    yield "llama-3.2-1b", *gated("Llama", 16, 2048, 32, 8, 8192, 128256, tied=True)
    yield "mistral-7b", *gated("Mistral", 32, 4096, 32, 8, 14336, 32000)
    experts = dict(num_local_experts=8, num_experts_per_tok=2)
    yield "mixtral-8x7b", *gated("Mixtral", 32, 4096, 32, 8, 14336, 32000, **experts)
    yield "qwen2.5-0.5b", *gated("Qwen2", 24, 896, 14, 2, 4864, 151936, tied=True)
    yield "qwen2.5-7b", *gated("Qwen2", 28, 3584, 28, 4, 18944, 152064)
    yield "qwen3-8b", *gated("Qwen3", 36, 4096, 32, 8, 12288, 151936, head_dim=128)
    experts = dict(num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768)
    yield "qwen3-30b-a3b", *gated("Qwen3Moe", 48, 2048, 32, 4, 6144, 151936, head_dim=128, **experts)
    yield "pythia-1.4b", *neox(24, 2048, 16, 50304)
    yield "pythia-6.9b", *neox(32, 4096, 32, 50432)
    yield "gemma-2-9b", *gated("Gemma2", 42, 3584, 16, 8, 14336, 256000, tied=True, head_dim=256)
    yield "falcon-7b", *falcon(32, 4544, 71, 1)
    yield "falcon-40b", *falcon(60, 8192, 128, 8)
    yield "mpt-7b", *mpt(32, 4096, 32, 50432)
    yield "phi-1.5", *gated("Phi", 24, 2048, 32, 32, 8192, 51200)
    experts = dict(n_routed_experts=256, num_experts_per_tok=8, n_shared_experts=1, moe_intermediate_size=2048)
    latent = dict(q_lora_rank=1536, kv_lora_rank=512, qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128)
    dense = dict(first_k_dense_replace=3, **experts, **latent)
    yield "deepseek-v3", *gated("DeepseekV3", 61, 7168, 128, 128, 18432, 129280, **dense)


def count(model_class, config, tokens, device="meta", experts="batched_mm"):
    """Return the parameters, and the FLOPs of one sequence forward."""
    with torch.device(device):
        model = model_class._from_config(config, attn_implementation="eager", experts_implementation=experts).eval()
    # With a mask given, the class does not look for several sequences in the row, which needs values.
    inputs = dict(input_ids=torch.zeros(1, tokens, dtype=torch.long), attention_mask=torch.ones(1, tokens))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(**{name: tensor.to(device) for name, tensor in inputs.items()}, use_cache=False)
    return sum(parameter.numel() for parameter in model.parameters()), counter.get_total_flops()


def check_the_counter():
    """Hold the method to a count by hand, and experts on the meta device to experts that ran."""
    s, h, layers, vocabulary = 16, 64, 2, 100
    by_hand = 2 * s * (layers * 12 * h * h + vocabulary * h) + layers * 2 * (2 * s * s * h)
    config = hf.GPT2Config(n_layer=layers, n_embd=h, n_head=4, vocab_size=vocabulary, bos_token_id=0, eos_token_id=0)
    assert count(hf.GPT2LMHeadModel, config, s)[1] == by_hand
    mixture = gated("Mixtral", 2, 64, 4, 2, 128, 100)
    assert count(*mixture, s) == count(*mixture, s, device="cpu", experts="eager")


STEP_MODELS = ("gpt2", "qwen2.5-0.5b", "llama-3.2-1b", "pythia-1.4b", "llama-2-7b", "llama-3.1-8b", "llama-2-70b")
SOURCE = "wolf2020transformers"
LENGTHS = (128, 512, 2048, 8192, 32768, 131072)


def steps(name, length):
    """Yield step, variant, tokens, response tokens and FLOPs of one sequence, pair or prompt of a length in all."""
    plain = StepJob("train", name, 1, length)
    for variant, job in (("plain", plain), ("recompute", plain._replace(recompute="full")),
                         (f"lora{LORA_RANK}", plain._replace(lora_rank=LORA_RANK))):  # fmt: skip
        yield "train", variant, length, 0, flops.counted(job)
    yield "forward", "plain", length, 0, flops.counted(plain._replace(step="forward"))
    yield "dpo", "plain", length, 0, flops.counted(plain._replace(step="dpo", reference="computed"))
    yield "rm", "plain", length, 0, flops.counted(plain._replace(step="rm"))
    half = StepJob("ppo", name, 1, length // 2, length // 2)
    yield "generate", "plain", length // 2, length // 2, flops.written(half)
    yield "ppo", "plain", length // 2, length // 2, flops.counted(half)


def write_steps():
    """Count the steps of alignment and write them as a table of facts."""
    rows = []
    how = f"torch {VERSIONS[0]}, transformers {VERSIONS[1]}", "derived", "Counted on the meta device, full square."
    for name in STEP_MODELS:
        for length in LENGTHS:
            if length > catalog.find("models", name).context_length:
                continue
            for step, variant, tokens, response, count in steps(name, length):
                label = f"{name}-{length}-{step}" + ("" if variant == "plain" else f"-{variant}")
                model_class = configured(name)[0].__name__
                rows.append([label, name, model_class, step, variant, 1, tokens, response, count, SOURCE, *how])
                print(*rows[-1][:9])
    with STEPS.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(schema.columns("counted_steps"))
        table.writerows(rows)


def configured_size(path):
    """Return the class that a configuration makes, without its vision tower, and the parameters of one."""
    keys = json.loads(path.read_text(encoding="utf-8"))
    keys.pop("quantization_config", None)
    whole = hf.AutoConfig.for_model(keys.pop("model_type"), **keys)
    config = getattr(whole, "text_config", whole)
    if config is not whole and "tie_word_embeddings" in keys:
        config.tie_word_embeddings = keys["tie_word_embeddings"]
    with torch.device("meta"):
        model = hf.AutoModelForCausalLM.from_config(config)
    head = model.get_output_embeddings()
    twice = config.tie_word_embeddings and head.weight is not model.get_input_embeddings().weight
    return type(model).__name__, sum(each.numel() for each in model.parameters()) - twice * head.weight.numel()


def write_configurations():
    """Count the configurations behind the catalogue of which Transformers has a class."""
    entries, rows = read_rows(CONFIGURATIONS / "catalogue.csv"), []
    for entry in entries:
        try:
            counted = configured_size(CONFIGURATIONS / f"{entry['file']}.json")
        except ValueError:  # no class of this type
            continue
        rows.append([entry["name"], *counted, *VERSIONS])
        print(*rows[-1][:3])
    with (CONFIGURATIONS / "counted.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["name", "model_class", "parameters", "torch", "transformers"])
        table.writerows(rows)


def main():
    hf.logging.set_verbosity_error()
    check_the_counter()
    write_configurations()
    write_steps()
    rows = []
    for name, model_class, config in models():
        for tokens in (256, 1024 if "gpt2" in name else 2048):
            how = "whole model on the meta device, full square of attention" + NOTES.get(name, "")
            rows.append([name, model_class.__name__, tokens, *count(model_class, config, tokens), how, *VERSIONS])
            print(*rows[-1][:5])
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(sorted(rows))


if __name__ == "__main__":
    main()
