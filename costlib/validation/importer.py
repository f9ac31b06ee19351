"""Free text of a table of measurements into structured columns, once, with every word that was not used.

What words mean is a table, `words.csv`, read from its top: in the cells that a rule names (all texts of the row where
it names none) its pattern is looked for, and where it is found the column gets the value, unless a cell or an earlier
rule gave one. In a pattern `{n}` is a number with k or M behind it, in a value `{1}` the number that the first group
found. `when` asks for what is known so far: `column=value`, with `*` for any and nothing for none. Denials come first
and are struck out (cells `!`), so that "no activation checkpointing" is never read as its opposite. Columns whose names
begin with _ are steps on the way. Rules for cells `=column` come before all others, also in a table without words:
where the pattern is the whole of that cell, the value replaces what was in the column.

The tables of the book went through it once and are kept as what it made of them.
"""

import re
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from costlib.base.errors import UnreadableError
from costlib.base.files import read_rows
from costlib.base.text import number as plain_number
from costlib.base.text import shown
from costlib.compute.architecture import RECOMPUTE
from costlib.compute.recognition import number
from costlib.facts import catalog, schema
from costlib.facts.catalog import assumption
from costlib.facts.names import gpu_in_report

# Cells that hold free text, by kind of table; a name of a model may hold words of its method.
TEXTS = {
    "memory": ("method", "precision_optimizer", "parallelism", "recompute", "other_inputs"),
    "inference": ("weights", "kv_dtype", "batch_or_concurrency", "input_len"),
    "runs": ("unit", "other_inputs", "per"),
    "throughput": ("sharding", "activation_ckpt"),
    "phases": ("placement", "layout", "engine", "software", "date"),
    "rl_updates": ("stage", "trained", "activations", "attention_kernel"),
}
NAMED = ("runs", "phases")  # kinds whose names of models hold settings as well
# Where only a text says how long examples are: the longest of the Alpaca data (litgpt tables), and a short question.
LENGTHS = {"alpaca": "1304", "short": "100"}
# It begins where a run of digits does: from each of them on, a long run would take the square of its length.
NUMBER = r"~?(?<!\d)(?<!\d,)(\d[\d,]*(?:\.\d*)?)\s?([km](?![a-z]))?"
WORD = r"[^\s;:()|=+]*\w[^\s;:()|=+]*"
SCALES = {"k": 1e3, "m": 1e6, "b": 1e9}
SCALED = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?([kmb])", re.IGNORECASE | re.ASCII)
FEW_BILLIONS = 2000  # no model has as few parameters, and none as many billions
BYTES = {"gib": "GiB", "gb": "GB", "kib": "KiB", "kb": "KB", "mib": "MiB", "mb": "MB", "tib": "TiB", "tb": "TB",
         "bytes": "bytes", "byte": "bytes"}  # fmt: skip


class Imported(NamedTuple):
    """A row in structured columns: its kind, its cells as texts, and the words of it that no rule used."""

    kind: str
    cells: dict
    unread: tuple


class ImportRule(NamedTuple):
    """One line of words.csv."""

    kinds: tuple
    when: tuple
    cells: str
    pattern: object
    column: str
    value: str


@cache
def rules(kind):
    """Return the rules of one kind of table, in order."""
    found = map(_rule, read_rows(Path(__file__).with_name("words.csv")))
    return tuple(rule for rule in found if kind in rule.kinds)


def _rule(row):
    pattern = row["pattern"].replace("{n}", NUMBER)
    flags = 0 if row["cells"].startswith("~") else re.IGNORECASE
    when = tuple(tuple(part.split("=")) for part in filter(None, row["when"].split(";")))
    compiled = re.compile(pattern, flags) if pattern else None
    return ImportRule(tuple(row["kinds"].split()), when, row["cells"], compiled, row["column"], row["value"])


def imported(kind, row):
    """Return a row of texts as :class:`Imported`: older names of columns renamed, words read.

    Parameters
    ----------
    kind : memory, inference, runs or throughput
    row : texts by column, of the present or an older format

    Examples
    --------
    >>> found = imported("memory", {"model": "Llama-2 7B", "quantity": "peak memory", "value": "40", "unit": "GB",
    ...                             "method": "QLoRA r=64, grad ckpt, tp8 zero-3, sprinkled"})
    >>> [found.cells[name] for name in ("lora_rank", "base_bits", "recompute", "tensor_parallel", "zero")]
    ['64', '4', 'full', '8', '3']
    >>> found.unread
    ('sprinkled',)
    """
    cells = _replaced(kind, _renamed(kind, row))
    words = [name for name in TEXTS[kind] if _is_text(kind, name, cells.get(name))]
    if kind == "runs" and not words:
        cells = _scaled(cells)
    if not words and kind not in DERIVED and (kind not in ASKED or cells.get("what")):
        return Imported(kind, cells, ())
    text = _Text(kind, cells, words)
    kept = {name: value for name, value in cells.items() if name not in words}
    kept |= {"_adapters": "yes"} if cells.get("lora_rank") else {}
    for rule in rules(kind):
        if not rule.cells.startswith("=") and all(_holds(kept.get(name, ""), wanted) for name, wanted in rule.when):
            found = text.found(rule)
            if found is not None and rule.column and not (kept.get(rule.column) and rule.column not in REPLACED):
                kept[rule.column] = found
    finished = FINISH[kind](kept, row)
    return Imported(finished.pop("", kind), finished, text.unread())


def _replaced(kind, cells):
    """The same cells with other spellings of units, quantities and stages replaced."""
    for rule in rules(kind):
        told = cells.get(rule.cells[1:]) if rule.cells.startswith("=") else None
        if told is not None and all(_holds(cells.get(name, ""), wanted) for name, wanted in rule.when):
            cells |= {rule.column: rule.value} if rule.pattern.fullmatch(told.strip()) else {}
    return cells


def _is_text(kind, name, cell):
    """Whether a cell holds words, and not the value of a column of that name."""
    column = schema.columns(f"measured_{kind}").get(name)
    if not cell or column is None or name == "software":
        return bool(cell) and not (name == "software" and PLAIN.fullmatch(cell))
    return cell not in (catalog.table(column.refers_to) if column.refers_to else column.allowed)


def recomputed(cell):
    """Return none, selective or full for a cell of a column of recomputation in any words, or the cell as it is.

    >>> [recomputed(cell) for cell in ("Full", "gradient checkpointing", "checkpointing: off", "true", "whatever")]
    ['full', 'full', 'none', 'full', 'whatever']
    """
    words = cell.strip().lower()
    if words in RECOMPUTE or words in SWITCHED:
        return SWITCHED.get(words, words)
    for rule in rules("memory"):
        if rule.column == "recompute" and rule.cells in ("", "!") and (match := rule.pattern.fullmatch(words)):
            return _value(rule.value, match)
    return cell


# Kinds whose rows must say what was measured, which the words of `quantity` or `metric` do.
ASKED = ("memory", "inference")
DERIVED = ("phases",)  # kinds whose cells say more together than alone
PLAIN = re.compile(r"[a-z0-9-]+")  # names of software as columns have them
SWITCHED = {"yes": "full", "true": "full", "on": "full", "no": "none", "false": "none", "off": "none"}
ROUNDED = 0.15  # of a count, between 6.74e9 and 7 billions
REPLACED = ("unit",)  # cells of which words make the present form


def _holds(value, wanted):
    return bool(value) if wanted == "*" else value in wanted.split("|")


class _Text:
    """The free text of a row, and which of its letters were used."""

    def __init__(self, kind, cells, words):
        self.cells = cells
        self.parts = {name: cells[name] for name in words}
        self.written = dict(self.parts)
        if kind in NAMED:
            self.parts["model"] = cells.get("model", "")
        self.used = {name: [False] * len(text) for name, text in self.parts.items()}

    def found(self, rule):
        """The value of a rule, None where its pattern is not there; what it matched is marked as used."""
        if rule.pattern is None:
            return rule.value
        first = None
        for name, text in self._looked_in(rule.cells):
            for match in rule.pattern.finditer(text):
                first = first or match
                if name in self.used:
                    start, end = match.span()
                    self.used[name][start:end] = [True] * (end - start)
                    if rule.cells == "!":
                        self.parts[name] = self.parts[name][:start] + " " * (end - start) + self.parts[name][end:]
        return None if first is None else _value(rule.value, first)

    def _looked_in(self, where):
        named = {"": self.parts, "!": self.parts}.get(where)
        if where == "software":
            names = ("source", "other_inputs", "unit", "id", "name")
        elif where.endswith("program"):
            names = ("software", "source", "other_inputs", "method", "unit", "id", "name", "model")
        elif where == "named":
            names = ("model", "id", "name")
        else:
            names = (where.lstrip("~"),)
        return named.items() if named is not None else [(name, self.cells.get(name, "")) for name in names]

    def unread(self):
        """Words of which no rule used a letter, numbers among them; the name of a model is read elsewhere."""
        words = ((name, match) for name, text in self.written.items() for match in re.finditer(WORD, text))
        return tuple(match[0].strip(",.") for name, match in words if not any(self.used[name][slice(*match.span())]))


def _value(value, match):
    groups = match.groups()
    if value == "{unit}":
        return [group for group in groups if group][-1]
    if value == "{text}":
        return "".join(next(filter(None, groups)).split()).lower()
    if not value.startswith("{"):
        return value
    if value == "{0}":
        return match[0]
    at = next(place for place in range(int(value.strip("{}")) - 1, len(groups)) if groups[place])
    scale = groups[at + 1].lower() if len(groups) > at + 1 and groups[at + 1] else ""
    return _text(float(groups[at].replace(",", "")) * SCALES.get(scale, 1))


def _text(value):
    return repr(value).removesuffix(".0")


def _renamed(kind, row):
    """The same cells under their present names; counts that were in billions as counts."""
    found = dict(row)
    for old, (new, scale) in older(kind).items():
        text = found.pop(old, "")
        if text and found.get(new) and not _agree(found[new], text, scale):
            raise UnreadableError(f"columns {new} and {old}: both are given, {shown(found[new])} and {shown(text)}")
        if text and not found.get(new):
            found[new] = _text(number(row, old) * scale) if scale != 1 else text
    found |= {name: text for name, cell in found.items() if (text := _counted(kind, name, cell))}
    found |= {"recompute": recomputed(found["recompute"])} if found.get("recompute") else {}
    length = found.get("sequence_length", "").lower()
    found |= {"sequence_length": LENGTHS[length]} if length in LENGTHS else {}
    try:
        return found | {"gpu": gpu_in_report(found.get("gpu", "").replace("_", "-"))}
    except UnreadableError:  # the reader says so, where it needs one
        return found


def _counted(kind, name, cell):
    """A count with k, M or B behind it as a number, and parameters below a few thousand as billions; else nothing."""
    if match := SCALED.fullmatch(cell):
        column = schema.columns(f"measured_{kind}").get(name)
        known = column is not None and column.type == "number" and column.unit in ("count", "tokens")
        return _text(float(match[1]) * SCALES[match[2].lower()]) if known else ""
    value = plain_number(cell) if name in ("parameters", "parameters_active") else None
    return _text(value * 1e9) if value and 0.01 <= value < FEW_BILLIONS else ""


def _agree(present, older, scale):
    """Whether the cells of two columns of one meaning say the same, counts to rounding."""
    one, other = plain_number(present), plain_number(older)
    if one is None or other is None:
        return present == older
    return abs(one - other * scale) <= ROUNDED * abs(one)


@cache
def older(kind):
    """Return the older names of columns, each with its present name and what one of the old unit is in its unit.

    >>> older("runs")["params_b"]
    ('parameters', 1000000000.0)
    """
    found = {}
    for column in schema.columns(f"measured_{kind}").values():
        for each in column.also.split():
            name, _, scale = each.partition(":")
            found[name] = (column.name, float(scale or 1))
    return MappingProxyType(found)


# --- what a column says only together with others ---------------------------------------------------------------------


def _memory(kept, row):
    steps = {name: kept.pop(name) for name in list(kept) if name.startswith("_")}
    unit = kept.get("unit", "").lower()
    kept["unit"] = BYTES.get(unit, kept.get("unit", ""))
    kept["kind"] = kept.get("kind", "").split(" (")[0]
    if kept["what"] == "cache" and not kept.get("sequence_length"):
        kept["sequence_length"] = "1"
    if kept["what"] in ("utilisation", "wall time"):
        return _run_in_a_memory_table(kept, row)
    if steps.get("_micro_batch") and not kept.get("micro_batch"):
        kept["micro_batch"] = steps["_micro_batch"]
    return kept


def _run_in_a_memory_table(kept, row):
    """A utilisation or a wall time printed in a memory table, as the row of a table of runs."""
    words = ", ".join(filter(None, (row.get(name) for name in TEXTS["memory"])))
    run = {name: row.get(name, "") for name in ("id", "name", "source", "model", "seq_len", "gpu")}
    run |= {"num_gpus": kept.get("gpus", ""), "other_inputs": words, "grade": "A"}
    if kept["what"] == "utilisation":
        run |= {"stage": "pretrain", "reported_quantity": "mfu", "value_norm": row["value"], "unit_norm": "%",
                "unit": f"{row['quantity'][:3].upper()} %"}  # fmt: skip
    else:
        words = ", ".join(filter(None, (row.get(name) for name in ("source", "method", "other_inputs"))))
        tokens = re.search(f"{NUMBER} ?tokens", words.lower())
        if not tokens or not kept.get("sequence_length"):
            raise UnreadableError("missing tokens of the run")
        examples = float(_value("{1}", tokens)) / float(kept["sequence_length"])
        critic = re.search(r"critic\D*(\d+m)", words.lower())
        run |= {"stage": "ppo", "examples": _text(examples), "epochs": "1", "reported_quantity": "wall_hours",
                "value_norm": _text(3600 * number(row, "value")), "unit_norm": "s", "per": "run",
                "other_inputs": "", "critic": f"opt-{critic[1]}" if critic else ""}  # fmt: skip
    found = imported("runs", run)
    return found.cells | {"": "runs"}


def _inference(kept, _):
    known = {name: kept.pop(name, "") for name in ("_batch", "_prompt", "_stated_mean", "_tuned", "_slope")}
    kept["batch"] = kept.get("batch") or known["_batch"]
    kept["weight_bits"] = kept.get("weight_bits") or "16"
    # Engines that compute in 8 bits keep the cache in 8 bits unless told otherwise.
    kept["kv_bits"] = kept.get("kv_bits") or ("16" if kept["weight_bits"] == "16" else "8")
    stated = kept.get("prompt_tokens") or known["_prompt"]
    kept["prompt_tokens"] = stated or known["_stated_mean"]
    if not stated and (kept["prompt_tokens"] or kept.get("longest_prompt_tokens")):
        kept["assumed"] = "prompt_tokens"
    if known["_slope"]:
        kept["what"] = f"step {known['_slope']}"
    return kept


def _throughput(kept, row):
    kept["precision"] = "fp8" if "fp8" in kept.get("precision", "").lower() else "bf16"
    source = row.get("source_status", "") + row.get("source", "")
    if re.fullmatch(r"\d+(\.\d+)?[mb]", kept["model"].lower()) and "foundry" in source:
        # The benchmark names its models by size, and learns one position for each place of a sequence.
        kept |= {"model": f"mpt-{kept['model']}", "position_embeddings": kept.get("sequence_length", "")}
    return {name: value for name, value in kept.items() if not name.startswith("_")}


def _scaled(cells):
    """Answers that are judged alone as half as many pairs, thousands of tokens as tokens."""
    found = {name: text for name, text in cells.items() if name not in ("_halved", "_thousand")}
    for name, flag, scale in (("examples", "_halved", 0.5), ("value_norm", "_thousand", 1000)):
        value = plain_number(found.get(name, "")) if cells.get(flag) else None
        found |= {name: _text(value * scale)} if value else {}
    return found


def _runs(kept, row):
    known = {name: kept.pop(name) for name in list(kept) if name.startswith("_")}
    unit = kept.get("unit_norm", "")
    if not unit and kept.get("reported_quantity") in ("mfu", "tokens_per_s"):
        unit = row.get("unit", "")
    kept = _replaced("runs", kept | {"unit_norm": unit})
    kept = _scaled(kept | {name: known.pop(name) for name in ("_halved", "_thousand") if name in known})
    kept["micro_batch"] = kept.get("micro_batch") or known.get("_micro_batch", "")
    length = number(kept, "sequence_length", required=False)
    if kept["stage"] in ("ppo", "grpo"):
        return _rollouts(kept, known, row, length)
    if known.get("_batch_tokens"):
        known["_batch"] = _text(float(known["_batch_tokens"]) / length) if length else ""
    kept["batch"] = kept.get("batch") or known.get("_batch", "")
    per, count = _per(row)
    if kept["stage"] == "pretrain":
        if per == "tokens":
            kept["tokens"], per = _text(count), "run"
        counted = _text(count or 1) if per == "step" else ""
        return kept | {"per": per or "run", "steps": kept.get("steps") or counted}
    if known.get("_packed") and length:
        kept["mean_tokens"] = _text(length)
    if known.get("_steps") and known.get("_step_size"):
        kept |= {"examples": _text(float(known["_steps"]) * float(known["_step_size"])), "epochs": "1"}
    elif per == "step" and known.get("_batch"):
        kept["examples"] = _text(float(known["_batch"]) * (count or 1))
    elif per == "step":
        each = number(kept, "micro_batch", required=False) or 1
        kept["examples"] = _text((count or number(kept, "examples")) * each)
    return kept | {"per": per or "run"}


def _per(row):
    """What a value is of, run, step, tokens or prompts, and how many of them."""
    text = row.get("per", "").lower()
    found = re.search(r"(\d[\d,]*(?:\.\d+)?)", text)
    count = found and float(found[1].replace(",", ""))
    if "step" in text or "iteration" in text:
        return "step", count
    if "tokens" in text:
        scale = re.search(r"\d\s?([tb])", text)
        if not scale:
            raise UnreadableError(f"column per: must say how many tokens, as in 1T tokens, got {shown(text)}")
        return "tokens", (count or 1) * {"t": 1e12, "b": 1e9}[scale[1]]
    return ("prompts" if "prompt" in text else ""), count


def _rollouts(kept, known, row, length):
    """Prompts in all, answers to each, lengths, and how many are written at a time."""
    per, count = _per(row)
    samples = float(kept.get("samples") or 1)
    prompts = number(kept, "examples", required=False) or float(known.get("_prompts") or 0)
    if known.get("_episodes"):
        prompts = prompts / samples
    each = float(known.get("_step_prompts") or 0)
    if per:
        prompts = each or prompts
        known["_batch"] = known.get("_batch") or (_text(prompts * samples) if prompts else "")
        prompts = prompts * count if per == "step" and count else prompts
    elif each or known.get("_questions"):
        if not known.get("_steps"):
            raise UnreadableError("missing steps of the run")
        prompts = (each or prompts) * float(known["_steps"])
    kept |= {"examples": _text(prompts) if prompts else "", "batch": kept.get("batch") or known.get("_batch", ""),
             "per": "step" if per else "run"}  # fmt: skip
    kept |= _lengths(kept, known, length)
    whole, part = known.get("_whole"), known.get("_generating")
    measured = number(kept, "value_norm", required=False)
    if measured and not kept.get("generation_share"):
        if known.get("_share"):
            kept["generation_share"] = known["_share"]
        elif whole:
            kept["generation_share"] = _text(100 * measured / float(whole))
        elif part and float(part) < measured:
            kept["generation_share"] = _text(100 * float(part) / measured)
    return kept


def _lengths(kept, known, length):
    """Mean prompt, mean and longest answer, as far as the words have them [tokens]."""
    prompt, response, mean, most = (known.get(f"_{name}") for name in ("prompt", "response", "mean", "longest"))
    if not mean and known.get("_mean_is_length") and length:
        mean = _text(length)
    if response:
        found = {"prompt_tokens": prompt or "", "response_tokens": response, "longest_tokens": response}
        if prompt and not length:
            found["sequence_length"] = _text(float(prompt) + float(response))
    else:
        longest = max(float(most or length or 0), float(mean or 0))
        found = {"prompt_tokens": prompt or "", "response_tokens": mean or "",
                 "longest_tokens": (_text(longest) if mean or most else "") if longest else ""}  # fmt: skip
    return {name: text for name, text in found.items() if text and not kept.get(name)}


def _updates(kept, _):
    return {name: value for name, value in kept.items() if not name.startswith("_")}


def _phases(kept, row):
    """Pools that add up to all GPUs, and answers of a step as prompts and samples."""
    kept = _updates(kept, row) | {"algorithm": kept.get("algorithm", "").lower()}
    kept["software"] = kept.get("software") or row.get("software", "").lower()
    pools = {name: number(kept, name, required=False) for name in ("gpus", "train_gpus", "rollout_gpus")}
    if kept.get("placement") in ("split", "asynchronous") and pools["gpus"]:
        for one, other in (("train_gpus", "rollout_gpus"), ("rollout_gpus", "train_gpus")):
            if not pools[one] and pools[other] and pools[other] < pools["gpus"]:
                kept[one] = _text(pools["gpus"] - pools[other])
    answers, samples = (number(kept, name, required=False) for name in ("rollouts", "samples"))
    if answers and samples and not kept.get("prompts"):
        kept["prompts"] = _text(answers / samples)
    prompts = number(kept, "prompts", required=False)
    step, speed = (number(kept, name, required=False) for name in ("step_s", "tok_s_gpu"))
    answers = answers or (prompts or 0) * (samples or 1)
    if answers and step and speed and pools["gpus"] and not kept.get("response_tokens"):
        # A speed over the whole step says how many tokens there were.
        prompt = number(kept, "prompt_tokens", required=False) or assumption("prompt-tokens")
        each = speed * step * pools["gpus"] / answers - prompt
        most = number(kept, "longest_tokens", required=False) or each
        kept["response_tokens"] = _text(round(min(each, most), 1)) if each > 1 else ""
    return kept


FINISH = {"memory": _memory, "inference": _inference, "throughput": _throughput, "runs": _runs, "phases": _phases,
          "rl_updates": _updates}  # fmt: skip
