"""Names of models and GPUs as people write them, read as those of the catalogue: the one recogniser of every door.

A job or scenario may be given by a name in any usual spelling: with an organisation before it, with words behind it
that change no dimension (Instruct, bnb-4bit, a date), a GPU as its driver prints it. Another size, another family or a
tuned model by another name is refused. A table of reports may mean more: there a name may stand among other words. What
no rule gives is a row of `aliases.csv`.
"""

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from costlib.base.errors import UnreadableError
from costlib.base.text import brief, nearest, shown
from costlib.facts import catalog
from costlib.facts.hardware import OF_PROCESS, Hardware
from costlib.facts.schema import Record

LONGEST = 1000  # letters of a name
# Words of a model's name that leave its dimensions as they are: how it was tuned, and how its weights are stored.
NEUTRAL = re.compile(
    r"instruct|chat|hf|base|it|pt|thinking|deduped|unsloth|bnb|\d+bit|gptq|awq|gguf|mlx|exl2|dynamic|quantized|"
    r"(nv|mx)?fp\d+|bf16|int[48]|w\d+a\d+"
)
DATE = re.compile(r"\d{4}|\d{6}|\d{8}")
STORED = re.compile(r"[-_.]i?q\d(_[0-9ksmlx]+)*(?=$|[-_.])|\.gguf$")  # as llama.cpp names its files
FORM = re.compile(r"(sxm|pcie|nvl)\d?")
# Words of a GPU's name that say no more than its chip, form and memory do.
NOISE = re.compile(
    r"nvidia|amd|intel|tesla|geforce|instinct|gpu|tensor|core|hbm\d?e?|g|gb|gib|oam|gcd|blackwell|hopper|ampere|ada|lovelace|"
    r"superchip|server|workstation|edition|generation|nvl\d\d"
)
DIMENSIONS = re.compile(r":(?!.*\.json$)[^:/\\]*$")  # behind a model: how it is cut down
HUB_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
SAME_MEMORY = 0.1  # a vendor's memory and a driver's differ by no more


def compact(text: str) -> str:
    """Return a name without the marks that people put into it, small.

    >>> compact("meta-llama/Llama-3.1_8B")
    'metallamallama3.18b'
    """
    return re.sub(r"[^a-z0-9.]", "", text.lower())


@cache
def _known() -> dict[str, str]:
    """Names of models by what they are without marks, the longest first."""
    names = {compact(name): name for name in catalog.table("models")}
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


@cache
def _bare() -> dict[str, str]:
    """The same, without words that change no dimension."""
    return {_joined(_words(name)): name for name in [*catalog.table("models")][::-1]} | _known()


@cache
def _aliases(kind: str, doors: bool = True) -> dict[str, Record]:
    """Rows of aliases.csv of one kind, by what is written; those that a job may be given by, or all."""
    return {row.name: row for row in catalog.table("aliases").values() if row.kind == kind and (row.doors or not doors)}


def model(text: str) -> str | None:
    """Return the name in the catalogue of the model that a name in any usual spelling means, None where it is no such.

    >>> model("qwen2.5:7b"), model("llama3.1:8b-instruct-q4_K_M"), model("deepseek-r1:7b")
    ('qwen2.5-7b', 'llama-3.1-8b', None)
    >>> [model(text) for text in ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1 8b", "unsloth/Qwen2.5-7B-bnb-4bit")]
    ['llama-3.1-8b', 'llama-3.1-8b', 'qwen2.5-7b']
    >>> model("Llama-3.3-70B"), model("Vicuna-7B"), model("Llama-3.1-9B"), model("./llama-3.1-8b")
    ('llama-3.3-70b', None, None, None)
    """
    found = _model(text)
    return found[0] if found else None


def _model(text: str) -> tuple[str, str] | None:
    """The name that is meant, and the note of the row of aliases.csv that says so."""
    if text in catalog.table("models"):
        return text, ""
    written = (
        re.fullmatch(r"\s*(?:[\w.-]+/)?(\w[\w.\s-]*(?::\w[\w.-]*)?)", text, re.ASCII) if len(text) <= LONGEST else None
    )
    if not written or text.lstrip().startswith("."):
        return None
    plain = STORED.sub("", written[1].lower())
    for spelled in (plain, re.sub(r"(?<=\d)_(?=\d)", ".", plain)):
        every = re.split(r"[-_\s:]+", spelled)
        neutral = _words(spelled)
        for words in (every, neutral, [word for word in neutral if not DATE.fullmatch(word)]):
            if found := _meant(_joined(words)):
                return found
    return None


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[-_\s:]+", name.lower()) if not NEUTRAL.fullmatch(word)]


def _joined(words: Iterable[str]) -> str:
    return compact("".join(words))


def _meant(key: str) -> tuple[str, str] | None:
    """A name without marks, itself, by a row for the whole of it, or by one for its beginning."""
    if key in _bare():
        return _bare()[key], ""
    if row := _aliases("model").get(key):
        return row.meant, row.note
    for written, row in _aliases("family").items():
        if key.startswith(written) and (found := _bare().get(row.meant + key.removeprefix(written))):
            return found, row.note
    return None


def mentioned(text: str, among: Iterable[str] | None = None) -> str | None:
    """Return the name in the catalogue of a model that a report writes, among other words too, or None.

    `among` are the names that it may mean; None takes all.

    >>> [mentioned(text) for text in ("meta-llama/Llama-2-70b-chat-hf", "Llama2 70B", "OPT-13B PPO", "GPT3-5B")]
    ['llama-2-70b', 'llama-2-70b', 'opt-13b', None]
    """
    wanted = compact(text.split("/")[-1])
    for written, row in _aliases("family", doors=False).items():
        if wanted.startswith(written) and not wanted.startswith(row.meant):
            wanted = row.meant + wanted.removeprefix(written)
            break
    for key, name in _known().items():
        if among is not None and name not in among:
            continue
        at = wanted.find(key)
        # 3b is not 13b, and 8b not 8bit.
        follows = r"[.\d]|it" if key.endswith(("b", "m")) else r"[.]"
        if at >= 0 and not (at and wanted[at - 1].isdigit()) and not re.match(follows, wanted[at + len(key) :]):
            return name
    return None


def own_model(text: object) -> str | None:
    """Return what a reader's own model goes by: an absolute path, ORGANISATION/NAME, or a model cut down; or None.

    Whether there is such a model is not asked: see :func:`costlib.compute.models.find`.

    >>> own_model("org/model"), own_model("Llama-3.1-8B: layers=2"), own_model("/a/config.json"), own_model("llama")
    ('org/model', 'llama-3.1-8b:layers=2', '/a/config.json', None)
    """
    text = str(text).strip() if isinstance(text, str | os.PathLike) else ""
    if not text.isprintable() or len(text) > LONGEST:
        return None
    if DIMENSIONS.search(text):
        whole, _, changes = text.rpartition(":")
        known = model(whole) or own_model(whole)
        return known and f"{known}:{changes.strip()}"
    path = Path(text)
    if text.startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError:  # nobody's home
            return None
    if path.is_absolute() or is_path(text) or (text and (path / "config.json").is_file()):
        return str(path.absolute())
    return text if HUB_NAME.fullmatch(text) else None


def is_path(name: str) -> bool:
    """Whether a model is given by a file or folder, and not by a name."""
    return name.startswith((".", "/")) or name.endswith(".json") or Path(name).is_absolute()


@cache
def _chips() -> dict[str, str]:
    """What the names of GPUs begin with, before form and memory, by the same without marks."""
    found = {re.split(r"-(?:sxm|pcie|nvl|gcd|\d+gb)", name)[0] for name in catalog.table("gpus", None)}
    return {compact(chip): chip for chip in found}


def gpu(text: str, own: Hardware | None = OF_PROCESS) -> str:
    """Return the name in the catalogue of the GPU that a name in any usual spelling means.

    Without a form it is the SXM module where there is one, without a size the largest memory, unless `aliases.csv` says
    which is the usual one.

    Parameters
    ----------
    text : name
    own : as for :func:`costlib.facts.catalog.table`

    Raises
    ------
    ValueError : for what is no name of one GPU, with the nearest names

    Examples
    --------
    >>> [gpu(text) for text in ("h100", "NVIDIA A100-SXM4-40GB", "H100 NVL", "RTX 4090", "a100pcie80gb")]
    ['h100-sxm-80gb', 'a100-sxm-40gb', 'h100-nvl-94gb', 'rtx-4090-24gb', 'a100-pcie-80gb']
    >>> gpu("a100 64gb")
    Traceback (most recent call last):
        ...
    ValueError: unknown gpu 'a100 64gb'; known: a100-sxm-80gb, a100-sxm-40gb, a100-pcie-80gb, a100-pcie-40gb
    """
    catalogue = catalog.table("gpus", own)
    found = [text] if text in catalogue else _gpus(text, catalogue)
    if not found:
        raise ValueError(f"unknown gpu {shown(text)}{gpu_hint(text, own)}")
    return found[0]


def _gpus(text: str, catalogue: Mapping[str, Record]) -> list[str]:
    """The GPUs that a name may mean, the usual one first."""
    plain = compact(text) if len(text) <= LONGEST and re.fullmatch(r"[\w.\s-]+", text, re.ASCII) else ""
    if same := [name for name in catalogue if compact(name) == plain]:
        return same
    kin, form, sizes = _described(text, catalogue)
    whole = "".join(word for word in _gpu_words(text) if not re.fullmatch("nvidia|amd|intel", word))
    if row := _aliases("gpu").get(whole):
        return [row.meant]
    if len(sizes) > 1:
        return []
    formed = [each for each in kin if re.search("-(sxm|pcie|nvl)", each.name)]
    if form and formed:
        kin = [each for each in kin if f"-{form}" in each.name]
    if sizes:
        kin = [each for each in kin if abs(each.hbm_gb / min(sizes) - 1) <= SAME_MEMORY]
    least = min(sizes, default=0)
    near = sorted(kin, key=lambda each: abs(each.hbm_gb - least) if least else -each.hbm_gb)
    return [each.name for each in sorted(near, key=lambda each: "-sxm" not in each.name)]


def _gpu_words(text: str) -> list[str]:
    if len(text) > LONGEST or not text.isascii():
        return []
    apart = re.sub(r"(sxm\d?|pcie|nvl(?!\d))", r" \1 ", text.lower())
    return re.findall(r"[a-z0-9.]+", apart)


def _described(text: str, catalogue: Mapping[str, Record]) -> tuple[list[Record], str, set[float]]:
    """The GPUs of a chip, the form and the sizes of memory that a name says; none where it says what is not known."""
    rest, form, sizes = "", "", set()
    whole = ""  # with the Ada of an RTX 6000, which other names may leave out
    for word in _gpu_words(text):
        if size := re.fullmatch(r"(\d{2,3})(g|gb|gib)?", word):
            sizes.add(float(size[1]))
        elif found := FORM.fullmatch(word):
            form = found[1]
        else:
            plain = not NOISE.fullmatch(word)
            rest, whole = rest + word * plain, whole + word * (plain or word == "ada")
    rows = _aliases("chip")
    chip = next((_chips()[key] for key in (whole, rows[rest].meant if rest in rows else rest) if key in _chips()), None)
    return [each for each in catalogue.values() if chip and each.name.startswith(f"{chip}-")], form, sizes


def gpu_in_report(text: str, own: Hardware | None = OF_PROCESS) -> str:
    """Return the name in the catalogue of a GPU that a report writes, among other words too.

    Raises
    ------
    UnreadableError : where it names none, or several

    Examples
    --------
    >>> [gpu_in_report(text) for text in ("A100-80GB", "8x H100 80GB", "H100-NVL-94", "V100-32GB (log)")]
    ['a100-sxm-80gb', 'h100-sxm-80gb', 'h100-nvl-94gb', 'v100-sxm-32gb']
    """
    catalogue = catalog.table("gpus", own)
    if text in catalogue:
        return text
    if len(text) > LONGEST:
        raise UnreadableError(f"missing gpu: {shown(text)} has {len(text):,} letters")
    joined = re.sub(r"(rtx)[\s_-]*(pro)?[\s_-]*(6000)?[\s_-]*(ada\b)?", r"\1\2\3\4", text.lower())
    words = re.findall(r"[a-z]+\d+[a-z]*(?=$|[^a-z0-9])|\b\d{4}\b", joined)
    twins = {name: row.meant for name, row in _aliases("chip", doors=False).items()}
    chips = list(dict.fromkeys(chip for word in words if (chip := _chips().get(twins.get(word, word)))))
    if not chips:
        raise UnreadableError(f"missing gpu: {brief(text) or '(empty)'}{' is not in the catalogue' if text else ''}")
    sizes = [
        float(size) for size in re.findall(r"\b(\d{2,3})\s?(?:gb\b|g\b|(?=[)/]|$|\s))", text.lower().replace("-", " "))
    ]
    if len(set(chips)) > 1 or ("/" in text and len(sizes) > 1):
        raise UnreadableError(f"missing gpu: {brief(text)} names several")
    known = [each for each in catalogue.values() if each.name.startswith(chips[0] + "-")]
    form = next((form for form in ("pcie", "nvl", "sxm") if form in text.lower().split("nvl72")[0]), "sxm")
    usual = _aliases("gpu").get(f"{chips[0]}{f'{sizes[0]:g}gb' if sizes else ''}".replace("-", ""))
    if usual:
        return usual.meant
    size = sizes[0] if sizes else max(each.hbm_gb for each in known)
    return min(known, key=lambda each: (bool(sizes) and abs(each.hbm_gb / size - 1) > SAME_MEMORY,
                                        f"-{form}" not in each.name, abs(each.hbm_gb - size))).name  # fmt: skip


def gpu_hint(text: str, own: Hardware | None = OF_PROCESS) -> str:
    """Return what a message adds on a name that is no GPU's: those of its chip, or the nearest."""
    catalogue = catalog.table("gpus", own)
    inside = [chip for key, chip in _chips().items() if key in compact(text[:LONGEST])]
    chips = [chip for chip in inside if not any(chip != other and chip in other for other in inside)]
    kin = [name for name in catalogue if any(name.startswith(f"{chip}-") for chip in chips)]
    near = f"; known: {', '.join(kin)}" if kin else nearest(text.lower(), catalogue)
    return near or "; see costlib gpus; costlib calibrate describes another"


def model_hint(text: str) -> str:
    """Return what a message adds on a name that is no model's: what it may be made from, or the nearest names.

    >>> model_hint("lmsys/vicuna-13b-v1.5"), model_hint("llama-8b")
    ('; did you mean llama-13b?', '; did you mean llama-3-8b or llama-7b or llama-65b?')
    """
    if len(text) <= LONGEST and (found := mentioned(text)):
        return f"; did you mean {found}?"
    return nearest(text.split("/")[-1].lower(), catalog.table("models")) or "; see costlib models"


def said(text: str, name: str) -> str:
    """Return in words how a name was read, nothing where it says so itself.

    >>> said("h100", "h100-sxm-80gb"), said("Llama-2-7B", "llama-2-7b")
    ('h100 read as h100-sxm-80gb', '')
    >>> said("DeepSeek-V3.1", "deepseek-v3")
    'DeepSeek-V3.1 read as deepseek-v3 (the same dimensions)'
    """
    if compact(text) == compact(name) or own_model(text) == name:
        return ""
    found = _model(text) if name in catalog.table("models") else None
    chips = [row for word in _gpu_words(text) if (row := _aliases("chip").get(word))]
    note = found[1] if found else next((row.note for row in chips), "")
    return f"{brief(text)} read as {name}{f' ({note})' if note else ''}"
