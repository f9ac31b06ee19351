"""Rows of measurements: which kind a table is, and what the free text of a row says about the run.

Five kinds of table are read, recognised by their header: memory, inference, runs, throughput, and the steps that
`costlib measure` writes. Columns may stand in any order, more may stand beside them, and every cell may be empty. What
a row means is read here; what the model makes of it is in `memory_rows`, `speed_rows`, `runs`, `alignment_rows` and
`readers.steps`.
"""

import csv
import io
import re
from typing import NamedTuple

# The columns by which a kind is recognised, and all that are read. The page "Validate your own measurements" has both.
KINDS = {
    "memory": ("quantity", "value", "unit", "model"),
    "inference": ("metric", "value", "unit", "model"),
    "runs": ("stage", "reported_quantity", "model"),
    "throughput": ("tokens_per_s_per_gpu", "model", "gpu", "seq_len"),
    "steps": ("step", "model", "gpu", "sequences", "tokens", "seconds"),
}
READ = {
    "memory": "id source model params method gpu n_gpus batch_per_gpu seq_len precision_optimizer parallelism recompute"
              " other_inputs quantity value unit kind note",
    "inference": "id source model gpu n_gpus tp pp weights kv_dtype batch_or_concurrency input_len output_len engine"
                 " metric value unit note",
    "runs": "id stage model params_b active_params_b tokens_b examples seq_len epochs gpu num_gpus reported_quantity"
            " value_norm unit_norm per reported_value unit other_inputs source grade",
    "throughput": "model seq_len n_gpus gpu mfu_pct tokens_per_s_per_gpu microbatch grad_accum global_batch_seqs"
                  " precision sharding activation_ckpt num_params source_status",
    "steps": "id step model gpu precision sequences tokens response_tokens lora_rank recompute reference seed status"
             " seconds generate_seconds score_seconds train_seconds flops weights_bytes gradients_bytes optimizer_bytes"
             " allocated_bytes reserved_bytes generate_allocated_bytes generate_reserved_bytes score_allocated_bytes"
             " score_reserved_bytes train_allocated_bytes train_reserved_bytes",
}  # fmt: skip
# Where only a text says how long examples are: the longest of the Alpaca data (litgpt tables), and a short question.
LENGTHS = {"alpaca": 1304, "short": 100}


class Table(NamedTuple):
    """A table of measurements: its kind, and its rows with their line numbers."""

    kind: str
    rows: tuple


def recognised(header):
    """Return the kind of a table, or raise a ValueError that lists what a kind needs.

    >>> recognised(["id", "model", "metric", "value", "unit"])
    'inference'
    """
    columns = {str(name).strip() for name in header or ()}
    for kind, needed in KINDS.items():
        if columns >= set(needed):
            return kind
    wanted = "; ".join(f"{kind}: {', '.join(needed)}" for kind, needed in KINDS.items())
    raise ValueError(f"the header fits no kind of table; each needs at least these columns: {wanted}")


def read(text):
    """Return the Table of a CSV text.

    Raises
    ------
    ValueError : for a header that fits no kind

    Examples
    --------
    >>> read("model,metric,value,unit\\nLlama-2 7B,ITL,13,ms\\n").rows[0][0]
    2
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    kind = recognised(reader.fieldnames)
    reader.fieldnames = [name.strip() for name in reader.fieldnames]
    rows = []
    for row in reader:
        cells = {key: (value or "").strip() for key, value in row.items() if key}
        if any(cells.values()):
            # A row with more cells than columns has lost its place; it is kept and said to be malformed.
            rows.append((reader.line_num, cells | ({"": "more cells than columns"} if row.get(None) else {})))
    return Table(kind, tuple(_cumulative(rows) if kind == "memory" else rows))


def _cumulative(rows):
    """Rows whose options are marked as cumulative have those of the rows above that share their identifier."""
    before = {}
    for line, row in rows:
        if "cumulative" in row.get("recompute", ""):
            method = row.get("method", "")
            if not method.startswith("baseline"):
                before[row.get("id")] = before.get(row.get("id"), "") + " " + method
                row = row | {"method": before[row.get("id")], "recompute": ""}
            else:
                row = row | {"recompute": ""}
        yield line, row


def said(row, *columns):
    """Return the texts of some columns as one, in small letters."""
    return " | ".join(row.get(column) or "" for column in columns).lower()


def amount(text, pattern):
    """Return the number that a pattern finds in a text, with k or M behind it; None where it finds none.

    >>> amount("global batch 4M tokens", r"batch {n} tokens"), amount("GBS 128", r"gbs {n}")
    (4000000.0, None)
    >>> amount("gbs 128", r"gbs {n}")
    128.0
    """
    found = re.search(
        pattern.replace("{n}", r"~?(\d[\d,]*\.?\d*)\s?([km](?![a-z]))?").replace(" ", r"\s*"),
        text,
        re.I if "batch" in pattern else 0,
    )
    if not found:
        return None
    scale = {"k": 1e3, "m": 1e6, None: 1}[found.group(2) and found.group(2).lower()]
    return float(found.group(1).replace(",", "")) * scale


def first(text, *patterns):
    """Return what the first pattern that fits finds."""
    return next((found for pattern in patterns if (found := amount(text, pattern)) is not None), None)


def settings(text):
    """Return the settings of :class:`costlib.compute.memory.Setup` that a text names.

    >>> settings("qlora r=64, grad ckpt, tp8 zero-3")
    {'tensor_parallel': 8, 'zero': 3, 'recompute': 'full', 'lora_rank': 64, 'base_bits': 4}
    """
    found = {}
    if ranks := amount(text, r"\btp {n}"):
        found["tensor_parallel"] = int(ranks)
    if stage := re.search(r"zero[- ]?([0-3])", text):
        found["zero"] = int(stage.group(1))
    elif re.search(r"shard_grad_op", text):
        found["zero"] = 2
    elif re.search(r"fsdp|full_shard", text):
        found["zero"] = 3
    if each := first(
        text, r"micro-?b(?:atch|s)? {n}", r"\bmbs {n}", r"per-dev(?:ice)?(?: bs)? {n}", r"\bbs {n} ?/ ?(?:gpu|device)"
    ):
        found["micro_batch"] = int(each)
    if recompute := _recompute(text):
        found["recompute"] = recompute
    return found | _adapters(text)


def _recompute(text):
    if re.search(r"selective", text):
        return "selective"
    if re.search(r"act_ckpt=false|no activation ckpt|ckpt: none", text):
        return "none"
    return "full" if re.search(r"act_ckpt=true|ckpt|checkpointing|recompute|hfu", text) else None


def _adapters(text):
    if not re.search(r"lora", text):
        return {}
    rank = first(text, r"\br ?=? {n}", r"lora dim {n}", r"rank {n}")
    found = {"lora_rank": int(rank or 16)}
    if re.search(r"q,? ?v\b|wq,? ?wv", text):
        found["lora_targets"] = "qv"
    if re.search(r"qlora|nf4|4-bit|int4", text):
        found["base_bits"] = 4
    elif re.search(r"8-bit base|int8", text):
        found["base_bits"] = 8
    return found


def sequences_of_update(text, length):
    """Return the sequences of one update over all GPUs that a text gives, as sequences or as tokens; None if none."""
    if product := re.search(r"gbs (\d+)x(\d+)", text):
        return float(product.group(1))
    tokens = first(text, r"(?:gbs|global batch(?: size)?|batch) {n} tokens")
    tokens = tokens or first(text, r"{n} tokens ?/ ?iter")
    if tokens and length:
        return tokens / length
    return first(text, r"\bt-gbs {n}", r"\bgbs {n}", r"global batch(?: size)? {n}", r"(?:^|[ ,;(])bs {n}(?![\d.x/]|->)")


def bits(text):
    """Return the bits of a value that a text names, 16 where it names none.

    >>> bits("nf4"), bits("fp8"), bits("bf16")
    (4, 8, 16)
    """
    return next(
        (bits for bits, names in ((4, r"4-bit|int4|nf4|fp4"), (8, r"int8|fp8|8-bit")) if re.search(names, text)), 16
    )
