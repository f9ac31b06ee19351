"""Names of models and GPUs as people write them, read as those of the catalogue.

A GPU is known by its chip, its memory and its form.
"""

import re
from functools import cache

from costlib.errors import UnreadableError
from costlib.facts import catalog
from costlib.facts.hardware import OF_PROCESS, Hardware
from costlib.text import brief, shown

LONGEST = 1000  # letters of a name
RELATIVES = {
    "llama3.3": "llama3.1", "llama3.270b": "llama3.170b", "r1distillqwen": "qwen2.5", "r1distillllama": "llama3.1",
    "deepseekr1": "deepseekv3", "qwen27b": "qwen2.57b", "qwen214b": "qwen2.514b", "qwen232b": "qwen2.532b",
    "qwen272b": "qwen2.572b", "qwen270b": "qwen2.572b", "qwen21.5b": "qwen2.51.5b", "qwen20.5b": "qwen2.50.5b",
    "metallama": "llama", "codellama34b": "codellama34b", "tulu3.1": "llama3.1", "tulu3": "llama3.1",
    "tulu2": "llama2", "alpaca": "llama", "vicuna": "llama", "guanaco": "llama", "zephyr7b": "mistral7b",
    "megatrongpt": "gpt", "stablelm3b": "stablelmalpha3b",
}  # fmt: skip


def compact(text: str) -> str:
    """Return a name without the marks that people put into it, small.

    >>> compact("meta-llama/Llama-3.1_8B")
    'metallamallama3.18b'
    """
    return re.sub(r"[^a-z0-9.]", "", text.lower())


@cache
def _known() -> dict[str, str]:
    names = {compact(name): name for name in catalog.table("models")}
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def named(text: str) -> str | None:
    """Return the name in the catalogue of a model written in any spelling, or None.

    >>> [named(text) for text in ("meta-llama/Llama-2-70b-chat-hf", "Llama2 70B", "LLaMA-65B", "GPT3-5B")]
    ['llama-2-70b', 'llama-2-70b', 'llama-65b', None]
    """
    wanted = compact(text.split("/")[-1])
    for written, meant in RELATIVES.items():
        if wanted.startswith(written) and not wanted.startswith(meant):
            wanted = meant + wanted.removeprefix(written)
            break
    for key, name in _known().items():
        at = wanted.find(key)
        # 3b is not 13b, and 8b not 8bit.
        follows = r"[.\d]|it" if key.endswith(("b", "m")) else r"[.]"
        if at >= 0 and not (at and wanted[at - 1].isdigit()) and not re.match(follows, wanted[at + len(key) :]):
            return name
    return None


CHIPS = ("rtx-a6000", "rtx-3090", "rtx-4090", "a100", "h100", "h800", "h200", "gh200", "gb200", "b200", "b300", "h20",
         "v100", "t4", "a10g", "a10", "l40s", "l4", "a40", "mi250x", "mi300x", "mi325x")  # fmt: skip
TWINS = {"a800": "a100", "a6000": "rtx-a6000", "rtx6000": "rtx-a6000", "4090": "rtx-4090", "rtx4090": "rtx-4090",
         "3090": "rtx-3090", "rtx3090": "rtx-3090", "rtxa6000": "rtx-a6000", "gb300": "b300"}  # fmt: skip


def gpu(text: str, own: Hardware | None = OF_PROCESS) -> str:
    """Return the name in the catalogue of a GPU written in any spelling; `own` as for :func:`catalog.table`.

    >>> [gpu(text) for text in ("A100-80GB", "NVIDIA A100-SXM4-40GB", "H100-NVL-94", "RTX 4090", "V100-32GB (log)")]
    ['a100-sxm-80gb', 'a100-sxm-40gb', 'h100-nvl-94gb', 'rtx-4090-24gb', 'v100-sxm-32gb']
    """
    catalogue = catalog.table("gpus", own)
    if text in catalogue:
        return text
    if len(text) > LONGEST:
        raise UnreadableError(f"missing gpu: {shown(text)} has {len(text):,} letters")
    joined = re.sub(r"(rtx)[\s_-]*", r"\1", text.lower())
    words = re.findall(r"[a-z]+\d+[a-z]*(?=$|[^a-z0-9])|\b\d{4}\b", joined)
    chips = list(dict.fromkeys(TWINS.get(word, word) for word in words if TWINS.get(word, word) in CHIPS))
    if not chips:
        raise UnreadableError(f"missing gpu: {brief(text) or '(empty)'}{' is not in the catalogue' if text else ''}")
    sizes = [
        float(size) for size in re.findall(r"\b(\d{2,3})\s?(?:gb\b|g\b|(?=[)/]|$|\s))", text.lower().replace("-", " "))
    ]
    if len(set(chips)) > 1 or ("/" in text and len(sizes) > 1):
        raise UnreadableError(f"missing gpu: {brief(text)} names several")
    known = [each for each in catalogue.values() if each.name.startswith(chips[0] + "-")]
    form = next((form for form in ("pcie", "nvl", "sxm") if form in text.lower().split("nvl72")[0]), "sxm")
    size = sizes[0] if sizes else max(each.hbm_gb for each in known)
    return min(known, key=lambda each: (f"-{form}" not in each.name, abs(each.hbm_gb - size))).name
