"""Tables as text and HTML, and records that print as tables."""

import csv
import io

import pytest

from costlib.base.display import Records, Shown, Table, folded, frame, wide
from costlib.base.files import csv_text
from costlib.facts.schema import Record

LONG = "a text of many words that says what the row is about and goes on for a while"
ROWS = [["first", LONG, "1,234", "12"], ["second-name", "short", "-", "3"]]
TABLE = Table(["name", "meaning", "value", "more"], ROWS, keys=("name", "value"))


def test_numbers_stand_to_the_right_and_texts_to_the_left():
    head, _, first, second = Table(["name", "GB"], [["a", "80"], ["bb", "1,141"]]).text().splitlines()
    assert (head, first, second) == ("name     GB", "a        80", "bb    1,141")


@pytest.mark.parametrize("width", [30, 60, 80, 100, 200])
def test_a_narrow_table_fits_and_breaks_no_name_and_no_number(width):
    text = TABLE.text(width)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines if not line.startswith("("))
    for whole in ("second-name", "1,234", "value"):
        assert whole in text


def test_where_there_is_no_room_the_other_columns_go_from_the_right_and_are_told():
    # Names 11, folded texts 24, values 5, more 4, and three gaps of 2: 50 characters.
    missing = {width: " ".join(TABLE.text(width).partition("(")[2].split()) for width in (49, 30)}
    assert missing[49] == "no room for: more; --format csv or to_dict() has all)"
    assert missing[30] == "no room for 2 columns, such as more; --format csv or to_dict() has all)"
    assert "no room" not in TABLE.text(50), "texts are folded first"


def test_a_table_fits_where_no_column_is_left_out():
    assert TABLE.fits(50) and not TABLE.fits(49)


def test_a_folded_text_keeps_every_word():
    words = [word for line in Table(["text"], [[LONG]]).text(40).splitlines()[2:] for word in line.split()]
    assert words == LONG.split()


def test_html_holds_what_it_is_given_as_text():
    assert Table(["<b>"], [["a & b"]]).html().count("&lt;b&gt;") == 1
    assert Table(["x"], [["a & b"]]).html().count("a &amp; b") == 1


def test_tables_and_lines_stand_beneath_each_other():
    class Both(Shown):
        def parts(self):
            return ["1 < 2", Table(["x"], [["1"]])]

    assert repr(Both()) == "1 < 2\nx\n─\n1"
    assert Both()._repr_html_().startswith("<p>1 &lt; 2</p><table>")


def records():
    items = [
        Record(dict(name="a100", label="NVIDIA A100", gb=80.0)),
        Record(dict(name="t4", label="T4", gb=16.0)),
    ]
    return Records(items, {"gpu": lambda g: g.name, "GB": lambda g: f"{g.gb:g}"}, units={"gb": "GB"})


def test_records_are_a_sequence_that_prints_as_a_table():
    found = records()
    assert len(found) == 2 and found[0].name == "a100" and [each.name for each in found[1:]] == ["t4"]
    assert repr(found) == "gpu   GB\n────  ──\na100  80\nt4    16"
    assert found._repr_html_().count("<tr>") == 3


def test_records_are_found_by_text_in_any_case():
    assert [each.name for each in records().filter("nvidia")] == ["a100"]
    assert len(records().filter("")) == 2 and len(records().filter("h100")) == 0


def test_records_become_dicts_and_frames_with_units():
    assert records().to_dict()[1] == {"name": "t4", "label": "T4", "gb": 16.0}
    found = records().to_frame()
    assert list(found["gb"]) == [80.0, 16.0] and found.attrs["units"] == {"gb": "GB"}


def test_a_frame_of_nothing_is_empty():
    assert frame([]).empty


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [("GPU", 3), ("費用", 4), ("ｗ", 2), ("e\u0301", 1), ("a\u200bb", 2), ("─×", 2), ("", 0)],
)
def test_a_terminal_gives_wide_characters_two_columns_and_marks_none(text, columns):
    assert wide(text) == columns


def test_columns_stand_beneath_each_other_behind_wide_characters():
    lines = Table(["gpu", "GB"], [["費用", "80"], ["a", "7"]]).text().splitlines()
    assert {wide(line) for line in lines} == {8} and lines[2] == "費用  80"


@pytest.mark.parametrize("unit", ["%", "GB", "h", "x"])
def test_no_line_ends_between_a_number_and_its_unit(unit):
    text = f"word 12 {unit} and 1,234 {unit} more"
    for width in range(len(text) + 1):
        assert not any(line.endswith(("12", "1,234")) for line in folded(text, width))


def test_what_stands_behind_a_word_goes_on_beneath_itself():
    assert folded("the run   one two three", 20) == ["the run   one two", "          three"]
    assert folded("  far   one two", 9) == ["  far", "one two"], "no indent beyond half of the width"


def test_control_characters_and_line_ends_of_a_cell_break_no_table():
    lines = Table(["name", "GB"], [["a\x1b[2Jb\tc", "80"], ["two\nlines", "7"]]).text().splitlines()
    assert lines[2:] == ["a\\x1b[2Jb c  80", "two           7", "lines"]


# --- CSV for spreadsheets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "-cmd|x", "@SUM(A1)", "\t=1", "\r=1",
                                  "\n=1", "＝1+1", "-A1", "--model", "+packed", '=HYPERLINK("http://x")'])  # fmt: skip
def test_no_text_of_a_csv_file_starts_a_formula(cell):
    (read,) = next(csv.reader(io.StringIO(csv_text([[cell]]), newline="")))
    assert read == f"'{cell}".replace("\r", "\n"), "a line end alone would start a row"


@pytest.mark.parametrize("cell", ["-3", "+3.5", "-1,234.50", "-5.1 %", "+27 %", "-$1,234", "-1.5e-3", "-", "+", "a=b",
                                  "", "1-2", "-3.2 GB", -3, -1.5, None])  # fmt: skip
def test_numbers_and_texts_of_a_csv_file_stay_as_they_are(cell):
    (read,) = next(csv.reader(io.StringIO(csv_text([[cell]]), newline="")), [""])
    assert read == ("" if cell is None else str(cell))
