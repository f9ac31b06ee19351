"""Tables of measurements of every kind, with a cell, a column or the whole file gone wrong."""

import csv
import io

from fuzz_case import Case, Fault
from fuzz_files import FORMS, no_file, scrambled
from fuzz_texts import table
from hypothesis import strategies as st

KINDS = {"memory": ("quantity", "value", "unit", "model"), "inference": ("metric", "value", "unit", "model"),
         "runs": ("stage", "reported_quantity", "model"),
         "throughput": ("tokens_per_s_per_gpu", "model", "gpu", "sequence_length"),
         "rl_updates": ("seconds_per_micro_batch", "model", "gpu", "gpus", "sequence_length"),
         "phases": ("step_s", "gen_s", "model", "gpu")}  # fmt: skip
WORDED = {"placement", "attention_kernel"}  # columns of these two whose cells may hold words
SEVERAL = ("rl_updates", "phases")  # kinds whose rows measure several things
OWN_COLUMNS = ("name", "label", "shown_in", "left_out", "as_reported", "locator", "status", "note", "source")
ROWS = {kind: [{name: cell for name,
    cell in row.items() if name not in OWN_COLUMNS} for row in table(f"measured_{kind}")
               if not row.get("left_out")] for kind in KINDS}  # fmt: skip
STEP = {"id": "a", "step": "train", "model": "gpt2", "gpu": "A100-SXM4-80GB", "precision": "bf16", "sequences": "4",
    "tokens": "512",
        "response_tokens": "", "lora_rank": "", "recompute": "none", "seed": "0", "status": "measured",
        "seconds": "0.2",
        "allocated_bytes": "5e9", "reserved_bytes": "6e9"}  # fmt: skip
NEEDED = {
    "memory": "value",
    "inference": "value",
    "runs": "value_norm",
    "throughput": "tokens_per_s_per_gpu",
    "rl_updates": "seconds_per_micro_batch",
    "phases": "step_s",
    "steps": "seconds",
}
LIMITED = {row["column"]: tuple(row["allowed"].split("|")) for row in table("columns")
           if row["table"] == "*" and "|" in row["allowed"] and row["column"] != "status"}  # fmt: skip
NUMBERS = {row["column"] for row in table("columns") if row["type"] == "number" and row["table"] in ("*", "steps")}
RANGES = {row["column"]: float(row["allowed"].partition("..")[2]) for row in table("columns")
          if row["table"] == "*" and ".." in row["allowed"]}  # fmt: skip
CELLS = ("=1+1", "@SUM(A1:A9)", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "\x1b[2J\x1b[31m", "\u202e", "x" * 100_000,
    "a" * 3000 + "1b",
         "<img src=x onerror=alert(1)>", "\x00", "1" * 5000, "٣", "1e999", "nan", '"', "a\nb", "7B" * 20_000,
         "r=" * 5000, "(" * 5000,
         "tp8 zero-3 " * 3000, "no recompute", "-", "0", "1/0", "full", "yes", "%s{}", "A100 H100 V100", "1,5", "--",
         "　")  # fmt: skip


@st.composite
def tables(draw):
    """Tables of measurements, for validate and calibrate."""
    kind = draw(st.sampled_from([*KINDS, "steps"]))
    rows = [dict(draw(st.sampled_from(ROWS[kind])) if kind in ROWS else STEP) for _ in range(draw(st.integers(1, 3)))]
    for place, row in enumerate(rows):
        row["id"] = f"row-{place}"
    if draw(st.booleans()):  # columns of which no row has a cell are left away
        used = {name for row in rows for name, cell in row.items() if cell} | set(KINDS.get(kind, STEP))
        rows = [{name: cell for name, cell in row.items() if name in used} for row in rows]
    refused = []
    for place, row in enumerate(rows):
        how = draw(st.sampled_from(["good", "good", "needed", "number", "word", "range", "any", "any", "model"]))
        if how == "needed" and row.get(NEEDED[kind]):
            sort, row[NEEDED[kind]] = draw(st.sampled_from([("negative", "-1"), ("0", "0"), ("nan", "nan"),
                ("infinite", "inf"),
                                                            ("1e999", "1e999"), ("text", "many"), ("comma", "1,5"),
                                                            ("arabic digits", "١٢"), ("formula", "=1+1"), ("grouped",
                                                            "1_0"),
                                                            ("hexadecimal", "0x10"), ("empty", "")]))  # fmt: skip
            if sort != "empty" or kind not in SEVERAL:
                refused.append((place + 2, f"{kind} {NEEDED[kind]}: {sort}"))
        elif how == "number" and (
            names := sorted(name for name in row if name in NUMBERS and row[name] and name != NEEDED[kind])
        ):
            name = draw(st.sampled_from(names))
            sort, row[name] = draw(st.sampled_from([("nan", "nan"), ("infinite", "inf"), ("negative", "-3"), ("text",
                "many"),
                                                    ("arabic digits", "١٢"), ("grouped", "1_0"), ("1e300",
                                                    "1e300")]))  # fmt: skip
            if kind != "steps" and sort != "1e300":
                refused.append((place + 2, f"{kind} {name}: {sort}"))
        elif how == "word" and (names := sorted(name for name in row if name in LIMITED and row[name])):
            name = draw(st.sampled_from(names))
            row[name] = draw(st.sampled_from(["sometimes", "ful", "3.5", "-1", "yes and no"]))
            if kind not in SEVERAL or name not in WORDED:
                refused.append((place + 2, f"{kind} {name}: {row[name]}"))
        elif how == "range" and (names := sorted(name for name in row if name in RANGES and row[name])):
            name = draw(st.sampled_from(names))
            row[name] = repr(draw(st.sampled_from([RANGES[name] * 1.01, RANGES[name] * 1e6])))
            refused.append((place + 2, f"{kind} {name}: {row[name]}"))
        elif how == "any":
            row[draw(st.sampled_from(sorted(row)))] = draw(st.sampled_from(CELLS))
        elif how == "model" and kind in ("memory", "runs") and "model" in row:
            # In a table of throughputs the count is a measurement that is predicted, in one of inference it is unread.
            row["model"] = "Llama-2-7B"
            row["parameters"] = draw(st.sampled_from(["6740", "6.74e6", "70e9", "1", "1e300"]))
            refused.append((place + 2, f"{kind} parameters: {row['parameters']} of Llama-2-7B"))
    names = list(dict.fromkeys(name for row in rows for name in row))
    names = draw(st.permutations(names))
    text = io.StringIO()
    delimiter, end = draw(st.sampled_from([(",", "\n"), (",", "\n"), (",", "\r\n"), (";", "\n"), ("\t", "\n")]))
    written = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=draw(st.sampled_from([0, 0, 1])), escapechar="\\"
    )
    header = list(names)
    spoil = draw(st.sampled_from([""] * 8 + ["twice", "ragged", "lost", "empty name", "no rows"]))
    faults = []
    if spoil == "twice":
        header[draw(st.integers(0, len(header) - 1))] = header[0]
        faults += [Fault("a column twice")] if len(set(header)) < len(header) else []
    elif spoil == "lost":
        lost = draw(st.sampled_from(KINDS.get(kind, ("step", "seconds"))))
        header = [f"my {name}" if name == lost else name for name in header]
        refused = []
    written.writerow(header)
    for row in rows if spoil != "no rows" else ():
        cells = [row.get(name, "") for name in names]
        written.writerow([*cells, "more"] if spoil == "ragged" else cells)
    refused = (
        []
        if spoil in ("lost", "no rows", "twice") or any("\n" in cell for row in rows for cell in row.values())
        else refused
    )
    if spoil == "ragged":
        refused = [(place + 2, f"{kind}: more cells than columns") for place in range(len(rows))]
        refused = [] if any("\n" in cell for row in rows for cell in row.values()) else refused
    raw, name = text.getvalue().encode(), "m.csv"
    whole = draw(st.sampled_from(["as it is"] * 9 + ["bytes", "spoiled", "no file", "marked"]))
    if delimiter != ",":
        faults, refused = [Fault("another delimiter")], []
    if whole == "bytes":
        raw, faults, refused = scrambled(text.getvalue(), draw), [], []
    elif whole == "spoiled":
        sort, raw = draw(st.sampled_from([("not UTF-8", raw + b"\xff\xfe"), ("UTF-16",
            text.getvalue().encode("utf-16")), ("empty", b""),
                                          ("NUL", b"\x00" + raw), ("a text", b"just some words\n"),
                                          ("only a header", b"model,value\n"), ("binary",
                                          bytes(range(256)))]))  # fmt: skip
        faults, refused = [Fault(sort)], []
    elif whole == "marked":
        raw = b"\xef\xbb\xbf" + raw
    elif whole == "no file":
        sort, name = no_file(draw)
        faults, refused = [Fault(sort)], []
    files = (("m.csv", raw),)
    if draw(st.integers(0, 5)) == 0:
        return Case("measurements", ("calibrate", name, "-o", "hw.yml", "--name", "ours"), files, written="hw.yml",
                    faults=tuple(faults))  # fmt: skip
    if draw(st.integers(0, 4)) == 0:
        return Case("measurements", ("validate", name, "-o", "p.csv"), files, written="p.csv", faults=tuple(faults))
    form = draw(FORMS)
    same = None
    if (
        form == ("--json",)
        and not faults
        and whole == "as it is"
        and not spoil
        and not any("\n" in cell for row in rows for cell in row.values())
    ):
        # The same table as a spreadsheet might save it.
        other = io.StringIO()
        names = sorted(names)
        csv.writer(other, quoting=csv.QUOTE_ALL).writerows(
            [names, *([row.get(each, "") for each in names] for row in rows)]
        )
        same = Case(
            "measurements", ("validate", name, "--json"), ((name, b"\xef\xbb\xbf" + other.getvalue().encode()),)
        )
    return Case("measurements", ("validate", name, *form), files, faults=tuple(faults), same=same,
                refused_rows=tuple(refused))  # fmt: skip
