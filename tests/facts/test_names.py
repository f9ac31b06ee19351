"""Names of models and GPUs as people write them: the one recogniser, and what it refuses."""

import pytest
from command import refused

from costlib.facts import catalog, names

# Written by hand: as hubs, drivers, clouds and people name them.
MODELS = [
    ("Llama-3.1-8B", "llama-3.1-8b"), ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"),
    ("llama3.1-8b", "llama-3.1-8b"), ("LLAMA 3.1 8B", "llama-3.1-8b"), ("Meta-Llama-3.1-8B", "llama-3.1-8b"),
    ("unsloth/Meta-Llama-3.1-8B-bnb-4bit", "llama-3.1-8b"), ("meta-llama/Meta-Llama-3-8B", "llama-3-8b"),
    ("Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "llama-3.1-8b"), ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b"),
    ("Qwen/Qwen2.5-Coder-7B-Instruct-GPTQ-Int4", "qwen2.5-7b"), ("Qwen/Qwen2-72B", "qwen2-72b"),
    ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-30b-a3b"), ("Qwen/Qwen3-8B-FP8", "qwen3-8b"),
    ("meta-llama/Llama-2-70b-chat-hf", "llama-2-70b"), ("google/gemma-2-9b-it", "gemma-2-9b"),
    ("mistralai/Mistral-7B-Instruct-v0.3", "mistral-7b-v0.3"), ("mistralai/Mistral-7B-v0.1", "mistral-7b"),
    ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"), ("EleutherAI/pythia-1.4b-deduped", "pythia-1.4b"),
    ("openai-community/gpt2-xl", "gpt2-xl"), ("GPT-2", "gpt2"), ("EleutherAI/gpt-j-6b", "gpt-j-6b"),
    ("deepseek-ai/DeepSeek-V3-0324", "deepseek-v3"), ("deepseek-ai/DeepSeek-R1-0528", "deepseek-r1"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "llama-3.1-8b"), ("microsoft/phi-1_5", "phi-1.5"),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen2.5-7b"), ("facebook/opt-1.3b", "opt-1.3b"),
    # Another size, family, or a tuned model by another name; a word that says nothing known; a path; nothing.
    ("Llama-3.1-9B", None), ("llama-8b", None), ("llama", None), ("Vicuna-7B", None), ("zephyr-7b-beta", None),
    ("nvidia/Llama-3.1-Nemotron-51B", None), ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", None), ("13b", None),
    ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", None), ("qwen2.5-7b-vl", None), ("./llama-3.1-8b", None),
    ("models/meta/llama-3.1-8b", None), ("/llama-3.1-8b", None), ("llama-3.1-8b:layers=2", None), ("", None),
    ("llama-3.1-8\u0431", None), ("llama-3.1-8b" * 200, None), ("instruct", None), ("2507", None),
]  # fmt: skip
COLONS = [  # as Ollama names them
    ("qwen2.5:7b", "qwen2.5-7b"), ("llama3.1:8b", "llama-3.1-8b"), ("gpt-oss:20b", "gpt-oss-20b"),
    ("llama3.2:3b-instruct-q4_K_M", "llama-3.2-3b"), ("deepseek-r1:7b", None), ("qwen3:7b", None), ("qwen3-8b:", None),
    ("qwen3-8b:layers=2", None), ("c:llama-3-8b", None),
]  # fmt: skip
GPUS = [
    ("h100", "h100-sxm-80gb"), ("A100", "a100-sxm-80gb"), ("A800-80GB", "a100-sxm-80gb"),
    ("a100-40", "a100-sxm-40gb"), ("a100_80g", "a100-sxm-80gb"), ("A100 SXM 80GB", "a100-sxm-80gb"),
    ("A100 PCIe 40GB", "a100-pcie-40gb"), ("NVIDIA A100-SXM4-80GB", "a100-sxm-80gb"), ("4090", "rtx-4090-24gb"),
    ("NVIDIA A100 80GB PCIe", "a100-pcie-80gb"), ("NVIDIA H100 80GB HBM3", "h100-sxm-80gb"),
    ("H100 SXM5 80 GB", "h100-sxm-80gb"), ("NVIDIA H100 PCIe", "h100-pcie-80gb"), ("H100 NVL", "h100-nvl-94gb"),
    ("NVIDIA H200", "h200-sxm-141gb"), ("h20", "h20-96gb"), ("GB200 NVL72", "gb200-186gb"), ("T4", "t4-16gb"),
    ("L20", "l20-48gb"), ("NVIDIA L20", "l20-48gb"), ("RTX 6000 Ada", "rtx-6000-ada-48gb"),
    ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada-48gb"), ("RTX6000-Ada", "rtx-6000-ada-48gb"),
    ("GH200", "gh200-96gb"), ("NVIDIA GH200 480GB", "gh200-96gb"), ("NVIDIA GH200 144G HBM3e", "gh200-144gb"),
    ("RTX 4090", "rtx-4090-24gb"), ("NVIDIA GeForce RTX 4090", "rtx-4090-24gb"), ("rtx4090", "rtx-4090-24gb"),
    ("A6000", "rtx-a6000-48gb"), ("NVIDIA RTX A6000", "rtx-a6000-48gb"), ("NVIDIA L40S", "l40s-48gb"),
    ("Tesla V100-SXM2-16GB", "v100-sxm-16gb"), ("V100", "v100-sxm-32gb"), ("NVIDIA A10G", "a10g-24gb"),
    ("AMD Instinct MI300X OAM", "mi300x-192gb"), ("MI325X", "mi325x-256gb"), ("B200 192GB", "b200-sxm-180gb"),
    ("NVIDIA A30", "a30-24gb"), ("L40", "l40-48gb"), ("l40s", "l40s-48gb"), ("Intel Gaudi 3", "gaudi-3-128gb"),
    ("gaudi3", "gaudi-3-128gb"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), MODELS + COLONS)
def test_a_model_is_known_in_any_usual_spelling_and_none_is_guessed(text, name):
    assert names.model(text) == name


@pytest.mark.parametrize("name", catalog.table("models"))
def test_every_model_is_known_by_its_name_and_its_label(name):
    assert names.model(name) == name and names.model(name.upper()) == name


@pytest.mark.parametrize(("text", "name"), GPUS)
def test_a_gpu_is_known_in_any_usual_spelling(text, name):
    assert names.gpu(text) == name


@pytest.mark.parametrize("name", catalog.table("gpus"))
def test_every_gpu_is_known_by_its_name_and_its_label(name):
    assert names.gpu(name.upper()) == name
    label = catalog.find("gpus", name).label
    assert names.gpu(label.removesuffix(", one die").removesuffix(", one GPU")) == name, label


@pytest.mark.parametrize(
    ("text", "known"),
    [("a100 64gb", "known: a100-sxm-80gb, a100-sxm-40gb, a100-pcie-80gb, a100-pcie-40gb$"),
     ("V100 PCIe 16GB", "known: v100-sxm-16gb, v100-sxm-32gb, v100-pcie-32gb$"),
     ("A100 or H100", "known: .*a100-sxm-80gb.*h100"),
     ("8x H100", "known: h100-sxm-80gb"), ("h1000", "known: h100-sxm-80gb"),
     ("abacus", "see costlib gpus; costlib calibrate describes another$"), ("80gb", ""), ("", ""),
     ("RTX 6000", "did you mean"), ("H100 MIG 1g.10gb", ""), ("h100 80gb 94gb", "known: h100"), ("sxm", ""),
     ("h100\u00b2", ""), ("h100 " * 1000, "")],
)  # fmt: skip
def test_what_names_no_gpu_is_refused_with_the_nearest(text, known):
    refused(f"^unknown gpu .*{known}", names.gpu, text)


def test_a_row_of_aliases_is_used_and_means_a_name_of_the_catalogue():
    for row in catalog.table("aliases").values():
        assert row.name == names.compact(row.name)
        if row.kind in ("model", "gpu"):
            read = names.model if row.kind == "model" else names.gpu
            assert row.meant in catalog.table(f"{row.kind}s") and read(row.name) == row.meant
        if row.kind == "family" and row.doors:
            # Some name of the catalogue begins so, and is reached through the row.
            ends = [key.removeprefix(row.meant) for key in map(names.compact, catalog.table("models"))
                    if key.startswith(row.meant)]  # fmt: skip
            assert ends and all(names.model(row.name + end) for end in ends), row.name


def test_how_a_name_was_read_is_said_where_it_does_not_say_so_itself():
    assert names.said("a100_sxm_80gb", "a100-sxm-80gb") == ""
    assert names.said("DeepSeek-V3.1", "deepseek-v3") == "DeepSeek-V3.1 read as deepseek-v3 (the same dimensions)"
    assert names.said("A800", "a100-sxm-80gb").startswith("A800 read as a100-sxm-80gb (sold in China")
