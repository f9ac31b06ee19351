"""Tables as text and HTML, and records that print as tables."""

import pytest

from costlib.display import Records, Shown, Table, frame
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


def test_where_there_is_no_room_the_other_columns_go_from_the_right_and_are_named():
    # Names 11, folded texts 24, values 5, more 4, and three gaps of 2: 50 characters.
    assert TABLE.text(49).splitlines()[-1] == "(no room for: more)"
    assert TABLE.text(30).splitlines()[-1] == "(no room for: meaning, more)"
    assert "no room" not in TABLE.text(50), "texts are folded first"


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
