"""costlib validate."""

import csv
import json

import pytest
from command import answer, costlib

from costlib import validation


def test_the_command_prints_writes_and_refuses(tmp_path):
    table, out = tmp_path / "mine.csv", tmp_path / "predictions.csv"
    table.write_text(
        "id,model,gpu,metric,value,unit,weights,batch\n"
        "a,Llama-3.1 8B,H100,ITL,6.8,ms,bf16,1\nb,Llama-3.1 8B,moon,ITL,6.8,ms,bf16,1\n",
        encoding="utf-8",
    )
    done = costlib("validate", table, "--json", "-o", out)
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert [row["id"] for row in said["predictions"]] == ["a"]
    assert said["not_predicted"] == [{"line": 3, "id": "b", "reason": "missing gpu: moon is not in the catalogue"}]
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["predicted"]) == said["predictions"][0]["predicted"]
    assert float(rows[0]["ratio"]) == pytest.approx(float(rows[0]["predicted"]) / 6.8)
    assert "moon" in rows[1]["reason"]
    shown = costlib("validate", table).output
    assert "not predicted: line 3 (b): missing gpu: moon" in shown and "1 predictions, 1 rows not predicted" in shown
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    refused = costlib("validate", table)
    assert refused.exit_code == 2 and "the header fits no kind of table" in refused.output
    assert costlib("validate", tmp_path / "none.csv").exit_code == 2


@pytest.mark.parametrize("value", ["0", "-1", "1e-320", "1e308", "1e400", "inf", "nan", ""])
def test_a_value_that_nothing_can_be_held_to_is_no_prediction_and_the_answer_stays_json(value, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text(
        f"id,model,gpu,metric,value,unit,weights,batch\na,Llama-3.1 8B,H100,ITL,{value},ms,bf16,1\n", "utf-8"
    )
    done = costlib("validate", table, "--json")
    said = json.loads(done.stdout, parse_constant=pytest.fail)
    assert done.exit_code == (0 if said["predictions"] else 2)
    for row in said["predictions"]:
        assert 0 < row["ratio"] < float("inf")
    assert len(said["predictions"]) + len(said["not_predicted"]) == 1
    assert said["predictions"] == [] or value == "1e308", "only this one is a number with a ratio"


HEADER = "id,model,gpu,metric,value,unit,weights,batch\n"
USED = "a,Llama-3.1 8B,H100,ITL,6.8,ms,bf16,1\n"
UNUSED = "a,Llama-3.1 8B,moon,ITL,6.8,ms,bf16,1\n"


@pytest.mark.parametrize(("rows", "said"), [
    ("", "no row is predicted, there is none"), ("\n\n", "no row is predicted, there is none"),
    (UNUSED, "no row is predicted: missing gpu: moon is not in the catalogue (line 2)"), (UNUSED + USED, None),
])  # fmt: skip
def test_a_table_of_which_no_row_is_used_is_wrong_input(rows, said, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text(HEADER + rows)
    for form in ((), ("--json",), ("--format", "csv"), ("--rows",)):
        done = costlib("validate", table, *form)
        assert done.exit_code == (2 if said else 0) and (said or "") in done.stderr
        assert done.stdout or form == ("--format", "csv")


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_columns_that_are_not_divided_by_commas_are_said_to_be_so(mark, name, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text((HEADER + USED).replace(",", mark).replace("6.8", "6,8"))
    done = costlib("validate", table)
    assert done.exit_code == 2 and f"the columns are divided by {name}; save the table with commas" in done.stderr


def test_without_a_file_the_command_validates_the_book():
    said = answer("validate")
    assert len(said["predictions"]) == len(validation.own(0).predicted)
    assert len(said["not_predicted"]) == len(validation.own().missing) and all(
        row["reason"] for row in said["not_predicted"])  # fmt: skip
