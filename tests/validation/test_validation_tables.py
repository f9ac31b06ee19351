"""Tables of measurements as people write them: bounded, each value understood alike in every kind, or refused."""

import itertools
import re
import subprocess
import sys

import pytest

from costlib import validation
from costlib.base.errors import UnreadableError
from costlib.compute.recognition import model
from costlib.facts import schema
from costlib.validation import importer, tables

BASE = {
    "memory": {"model": "Llama-2-7B", "quantity": "peak memory", "value": "9", "unit": "GiB", "what": "training",
               "gpus": "1", "micro_batch": "1", "sequence_length": "4096", "lora_rank": "8"},
    "inference": {"model": "Llama-2-7B", "metric": "ITL", "value": "13", "unit": "ms", "gpu": "A100-80GB",
                  "what": "step"},
    "runs": {"model": "Llama-2-7B", "stage": "pretrain", "reported_quantity": "mfu", "value_norm": "40",
             "unit_norm": "%", "gpu": "A100-80GB", "gpus": "8", "sequence_length": "2048", "micro_batch": "1"},
    "throughput": {"model": "Llama-2-7B", "gpu": "A100-80GB", "gpus": "8", "sequence_length": "2048",
                   "micro_batch": "1", "tokens_per_s_per_gpu": "3000"},
    "rl_updates": {"model": "Qwen3-8B", "stage": "grpo", "gpu": "H200", "gpus": "8", "sequence_length": "2048",
                   "seconds_per_micro_batch": "4", "peak_memory_gib": "60"},
    "phases": {"model": "Llama-2-7B", "stage": "grpo", "gpu": "A100-80GB", "gpus": "8", "prompts": "128",
               "response_tokens": "500", "train_gpus": "4", "rollout_gpus": "4", "step_s": "60", "gen_s": "30"},
    "steps": {"step": "train", "model": "gpt2", "gpu": "NVIDIA A100-SXM4-80GB", "precision": "bf16", "sequences": "4",
              "tokens": "128", "seconds": "1", "allocated_bytes": "1e9", "status": "measured"},
}  # fmt: skip
RECOMPUTED = {
    "none": ["", "none", "None", "no", "off", "false", "no gradient checkpointing", "gradient checkpointing: off",
             "without activation recomputation"],
    "full": ["full", "Full", "full recompute", "full recomputation", "gradient checkpointing", "yes", "true", "on",
             "activation checkpointing", "gradient_checkpointing", "activation ckpt", "Gradient Checkpointing: true"],
    "selective": ["selective", "selective recompute", "selective activation recomputation", "Selective"],
}  # fmt: skip


def read(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return tables.read("\n".join(",".join(line) for line in lines))


def predicted(kind, **cells):
    found = validation.predict(read([BASE[kind] | cells]), 0)
    assert not found.missing and not found.unread, (found.missing, found.unread)
    return [each.value for each in found.predicted]


RECOMPUTING = [kind for kind in BASE if "recompute" in tables.columns(kind)]


@pytest.mark.parametrize("kind", RECOMPUTING)
@pytest.mark.parametrize("meant", RECOMPUTED)
def test_words_of_recomputation_mean_the_same_in_every_kind_of_table(kind, meant):
    answers = {text: predicted(kind, recompute=text) for text in RECOMPUTED[meant]}
    assert all(answer == answers[meant] for answer in answers.values()), answers


@pytest.mark.parametrize("kind", RECOMPUTING)
def test_recomputation_moves_the_answer(kind):
    assert predicted(kind, recompute="full") != predicted(kind, recompute="none")


@pytest.mark.parametrize("kind", ["runs", "throughput", "steps"])
def test_other_words_in_that_column_are_refused(kind):
    found = validation.predict(read([BASE[kind] | {"recompute": "sometimes"}]), 0)
    assert not found.predicted and "must be one of none, selective, full, got 'sometimes'" in found.missing[0].reason


WRITTEN = [(kind, name, value) for kind in tables.KINDS if kind != "steps" for name, column
           in schema.columns(f"measured_{kind}").items() if name not in tables.OURS
           for value in (column.allowed or (("yes", "no") if column.type == "flag" else ()))]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "value"), WRITTEN)
def test_each_documented_value_is_read_in_any_spelling(kind, name, value):
    numeric = schema.columns(f"measured_{kind}")[name].type == "number"
    spellings = [value.upper(), value.capitalize(), f" {value} ", *([f"{value}.0"] if numeric else [])]

    def known(text):
        (_, row), *_ = read([BASE[kind] | {name: text}]).rows
        return getattr(tables.record(kind, row)[1], name)

    assert {known(text) for text in spellings} == {known(value)}
    assert known(value) == schema.columns(f"measured_{kind}")[name].parse(value)


# --- counts and names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "parameters", "says"), [
    ("Llama-2-7B", 6.74, "must be a count, got 6.74; for billions write 6.74e9"),
    ("Llama-2-7B", 7, "for billions write 7e9"), ("Llama-2-7B", 6740, "must be a count"),
    ("Llama-2-7B", 6.74e6, "6.74e+06 contradicts Llama-2-7B, which says 7e+09"),
    ("meta-llama/Llama-2-70b-hf", 7e9, "contradicts meta-llama/Llama-2-70b-hf"), ("my-1.3B", 13e9, "contradicts my"),
    ("my own", 1e300, "must be a count from 100000 to 1e+15"), ("x" * 10**6, None, "has 1,000,000 letters"),
])  # fmt: skip
def test_a_count_that_contradicts_the_name_is_refused_with_the_unit(name, parameters, says):
    with pytest.raises(UnreadableError) as error:
        model(name, parameters)
    assert says in str(error.value) and len(str(error.value)) < 200


@pytest.mark.parametrize(("name", "parameters"), [("Llama-2-7B", 6.74e9), ("OLMoE-1B-7B", 6.9e9), ("Alpaca-7B", None),
                                                  ("GPT 22B", 22e9), ("Llama-7b", 6.7e9), ("gpt2", 124e6)])  # fmt: skip
def test_a_count_beside_its_name_is_taken(name, parameters):
    found, _ = model(name, parameters)
    assert found.parameters == pytest.approx(parameters or 6.74e9, rel=0.05)


def test_older_and_present_names_of_a_column_may_not_disagree():
    found = validation.predict(read([BASE["runs"] | {"gpus": "8", "num_gpus": "16"}]), 0)
    assert found.missing[0].reason == "columns gpus and num_gpus: both are given, '8' and '16'"
    assert validation.predict(read([BASE["runs"] | {"gpus": "8", "num_gpus": "8"}]), 0).predicted


# --- limits -----------------------------------------------------------------------------------------------------------

COLUMNS = [(kind, name) for kind in tables.KINDS for name in tables.columns(kind)]


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
@pytest.mark.parametrize("letter", ["1", "a", "1a", "-", " 1,", "lora "])
def test_a_long_cell_in_any_column_is_refused_before_it_is_read(kind, name, letter):
    cell = (letter * 100_000)[:100_000].replace(",", ";")
    needed = dict.fromkeys(tables.KINDS[kind], "1")
    with pytest.raises(ValueError, match=rf"^line 2, column {name}: 100,000 letters, more than 1,000") as error:
        read([needed | {name: cell}])
    assert len(str(error.value)) < 200


def test_the_longest_cells_in_all_columns_are_read_in_time():
    # In a process of its own, which is stopped if a pattern takes more than the square of the length.
    code = """
import sys
from costlib import validation
from costlib.validation import tables
for kind in tables.KINDS:
    for letters in ("1", "1;1", "a", "-", " ", "tp", "rank ", "1a", "1 + ", "~", "critic ", "1."):
        names = [*tables.columns(kind), *(tables.importer.older(kind) if kind != "steps" else ())]
        row = {name: (letters * tables.LONGEST)[: tables.LONGEST] for name in names if name not in ("recompute",)}
        table = tables.MeasurementTable(kind, ((2, row),))
        validation.predict(table, 0)
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "done", done.stderr[-500:]


@pytest.mark.parametrize("text", ["1" * 999, "1," * 499, "1.1." * 249])
def test_a_run_of_digits_is_one_number(text):
    found = re.findall(importer.NUMBER, text)
    assert len(found) <= text.count(".") + 1


BAD = {
    "a\0b": "line 2 holds a NUL byte", "a\x1b[2J": "line 2, column id: a control character", "x" * 200_000: "line 2",
}  # fmt: skip


@pytest.mark.parametrize("cell", BAD, ids=range(len(BAD)))
def test_what_no_table_holds_is_refused_with_its_line(cell):
    with pytest.raises(ValueError, match=re.escape(BAD[cell])) as error:
        tables.read(f"id,model,metric,value,unit\n{cell},Llama-2 7B,ITL,13,ms\n")
    assert str(error.value).isprintable() and len(str(error.value)) < 200


@pytest.mark.parametrize(("text", "says"), [
    ("id,id,model,metric,value,unit\n1,2,3,4,5,6", "the header has 'id' twice"), ("", "fits no kind of table"),
    ("\n\n", "fits no kind of table"), ("model,metric,value\n", "for inference it lacks unit"),
    (",".join(["x"] * 501), "more than 100,000 rows or 500 columns"), ("a," * 100_000, "columns"),
    ("model,metric,value,unit\n" + "a,b,1,c\n" * (tables.MOST_ROWS + 1), "more than 100,000 rows"),
])  # fmt: skip
def test_so_is_a_table_of_another_shape(text, says):
    with pytest.raises(ValueError, match=re.escape(says)) as error:
        tables.read(text)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize(("line", "says"), [("a,b,c,d,e", "more cells than columns"),
                                            ("a,b,c,d,,", "more cells than columns")])  # fmt: skip
def test_a_ragged_row_is_listed_and_the_others_go_on(line, says):
    found = validation.predict(tables.read(f"model,metric,value,unit\n{line}\nLlama-2 7B,ITL,13,ms\n"), 0)
    assert found.missing[0].reason == f"malformed: {says}" and len(found.missing) == 2


def test_a_cell_in_a_column_without_a_name_is_listed():
    found = validation.predict(tables.read("model,metric,value,unit,\nLlama-2 7B,ITL,13,ms,what\n"), 0)
    assert found.missing[0].reason == "malformed: a cell in a column without a name"


def test_options_that_add_up_row_by_row_have_a_bound():
    row = f"a,{'m' * 400},cumulative,peak memory,9,GB,Llama-2 7B\n"
    with pytest.raises(ValueError, match="add up to too long a text"):
        tables.read("id,method,recompute,quantity,value,unit,model\n" + row * 3)


LIMITED = [(kind, name, each.limits) for kind in tables.KINDS if kind != "steps"
           for name, each in tables.columns(kind).items() if each.limits]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "span"), LIMITED)
def test_numbers_beyond_the_limits_of_their_column_are_refused(kind, name, span):
    texts = [str(span.high * 10), "1e31", "9" * 400, "١٢", "nan", "0x10", *(["1.5"] if span.whole else [])]
    for text, row in itertools.product(texts, [BASE[kind]]):
        ((_, cells),) = read([row | {name: text}]).rows
        with pytest.raises(UnreadableError, match=rf"^column {name}\b.*: must be a") as error:
            tables.record(kind, cells)
        assert len(str(error.value)) < 200


def test_the_book_s_own_numbers_are_within_them():
    for kind in tables.KINDS:
        for row in schema.rows(f"measured_{kind}") if kind != "steps" else ():
            schema.parse(f"measured_{kind}", row)
