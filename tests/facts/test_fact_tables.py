"""Readers of the tables of facts: claims, history, outputs, columns; what they say and what they refuse."""

import math

import numpy as np
import pytest
from command import refused

from costlib.facts import catalog, claims, history, outputs, regimes, schema
from costlib.facts.schema import Column, Record

# --- claims ---------------------------------------------------------------------------------------------------------


def claim(**changes):
    return Record({"id": "X1", "published": 10.0, "published_high": None, "precision": 1.0, "printed": "$10"} | changes)


def test_a_claim_in_small_letters_is_told_its_nearest(ledger):
    refused("^unknown claim 'x11'; did you mean X1", claims.find, "x11")


@pytest.fixture
def ledger(monkeypatch):
    """A ledger of a number, a range, decimals, and a statement without a number."""
    rows = [claim(), claim(id="X2", published_high=20.0, printed="10 to 20"),
            claim(id="X3", published=0.5, precision=0.01, printed="0.50"),
            claim(id="X4", published=None, printed=""), claim(id="X5", published=2e12, precision=1e11)]  # fmt: skip
    monkeypatch.setattr(claims, "ledger", lambda: {row.id: row for row in rows})


@pytest.mark.parametrize(
    ("name", "values", "agrees", "text"),
    [
        # To half of the last printed digit, its end included.
        ("X1", (10.5,), True, "10.50"),
        ("X1", (9.5,), True, "9.50"),
        ("X1", (10.51,), False, "10.51"),
        ("X1", (9.49,), False, "9.49"),
        ("X1", (11,), False, "11"),
        ("X1", (10,), True, "10"),
        ("X2", (10, 20.5), True, "10 to 20.50"),
        ("X2", (10, 21), False, "10 to 21"),
        ("X2", (12, 20), False, "12 to 20"),
        ("X3", (0.5049,), True, "0.5049"),
        ("X3", (0.4951,), True, "0.4951"),
        ("X3", (0.506,), False, "0.5060"),
        ("X5", (2.04e12,), True, "2.040e12"),
        ("X5", (2.06e12,), False, "2.060e12"),
        ("X1", (12345.0,), False, "12,345"),
        ("X1", (math.inf,), False, "inf"),
        ("X1", (-math.inf,), False, "-inf"),
        ("X1", (1e12 - 1,), False, "999,999,999,999"),
        ("x1", (10,), True, "10"),
    ],
)
def test_a_number_agrees_at_the_printed_precision(ledger, name, values, agrees, text):
    found = claims.check(name, *values)
    assert (found.agrees, found.value_text, found.value) == (agrees, text, float(values[0]))
    assert found.outcome == ("agrees as printed" if agrees else "differs")
    assert str(found) == f"{name.upper()}: published {found.claim.printed}, this run {text}: {found.outcome}"


def test_nan_agrees_with_nothing(ledger):
    found = claims.check("X1", math.nan)
    assert not found.agrees and found.value_text == "nan"


def test_a_statement_holds_or_does_not(ledger):
    found = [claims.observe("X4", holds, "3 of 4") for holds in (1, 0)]
    assert [each.outcome for each in found] == ["holds", "does not hold"]
    assert [each.agrees for each in found] == [True, False] and found[0].value is None
    assert str(found[0]) == "X4: this run 3 of 4: holds"


def test_what_cannot_be_compared_is_refused(ledger):
    refused("^claim X4 has no published number to compare with$", claims.check, "X4", 1)
    refused("^claim X1 has a published number to compare with$", claims.observe, "X1", True, "")
    refused("^claim X1 is one number$", claims.check, "X1", 1, 2)
    refused("^claim X2 is a range$", claims.check, "X2", 1)
    refused("^unknown claim 'x9'", claims.find, "x9")


def test_an_unknown_claim_offers_the_nearest_in_any_case():
    for name in ("b0666", "B0666"):
        refused(rf"^unknown claim '{name}'; did you mean B066", claims.find, name)


# --- history and outputs --------------------------------------------------------------------------------------------


def change(**cells):
    usual = {"id": "B1", "until": "0.2.0", "version": "0.3.0", "what": "verdict", "old": "a", "new": "b"}
    return Record(usual | cells)


def test_changes_of_a_piece_are_in_order_of_version(monkeypatch):
    rows = [change(version="0.10.0"), change(version="0.9.0"), change(id="B2"), change(id="04_x/y", what="value"),
            change(id="tab-new", what="name", old="tab-old", new="tab-new")]  # fmt: skip
    monkeypatch.setattr(catalog, "table", lambda kind: dict(enumerate(rows)) if kind == "history" else None)
    monkeypatch.setattr(claims, "find", lambda item: change(id=str(item).upper()))
    assert [each.version for each in history.changes("b1")] == ["0.9.0", "0.10.0"]
    assert [each.what for each in history.changes("04_x/y")] == ["value"]
    assert [each.what for each in history.changes("tab-new")] == ["name"]
    assert history.changes("B3") == ()
    assert history.names() == {"tab-old": "tab-new"}
    assert history.release("0.10.2") == (0, 10, 2)


def test_what_a_change_replaced_in_a_line():
    assert history.said(change()) == "until 0.2.0: a"
    assert history.said(change(what="value", old="")) == "until 0.2.0, value: (nothing)"


def test_outputs_say_what_they_are():
    plain = outputs.Output("x", "a cost", "USD", "80 %", "", "", "", "")
    ratio = outputs.Output("x", "a ratio", "-", "80 %", "a over b", "", "", "")
    assert (plain.said, ratio.said) == ("a cost", "a ratio: a over b")
    bare = {"value": 2.0, "unit": "-", "definition": "a ratio: a over b"}
    assert outputs.Quantity(ratio, 2.0).as_dict() == bare
    assert outputs.Quantity(ratio, 2.0, 0.0, 4.0).as_dict() == bare | {"low": 0.0, "high": 4.0, "interval": "80 %"}
    found = outputs.quantities("stage", {"hours": 2.0, "usd": 3.0}, {"usd": (1.0, 9.0)})
    assert [(q.output.id, q.value, q.low, q.high) for q in found.values()] == [
        ("stage.hours", 2.0, None, None), ("stage.usd", 3.0, 1.0, 9.0)]  # fmt: skip
    refused("^unknown output 'stage.hour'; did you mean stage.hours", outputs.find, "stage.hour")


def test_the_reason_of_a_number_that_does_not_exist_stands_beside_it_at_any_depth():
    lost = {"pairs": math.inf, "usd": math.nan, "days": -math.inf}
    said = {"pairs": None, "pairs_reason": "no price is low enough", "usd": None, "usd_reason": "undefined",
            "days": None, "days_reason": "infinite"}  # fmt: skip
    why = {"pairs": "no price is low enough"}
    assert outputs.plain(lost, why) == said
    assert outputs.plain({"one": lost, "many": [lost, 1], "pair": (lost, "x")}, why) == {
        "one": said, "many": [said, 1], "pair": [said, "x"]}  # fmt: skip


# --- tables, columns, records ---------------------------------------------------------------------------------------


def column(kind="number", **changes):
    usual = {"table": "t", "name": "c", "type": kind, "unit": "GB", "meaning": "memory", "allowed": (),
             "required": False, "refers_to": "", "also": ""}  # fmt: skip
    return Column(**usual | changes)


def test_a_cell_is_read_in_the_type_of_its_column():
    assert column().parse("80") == 80.0 and column().parse("") is None
    assert column("text").parse("") == "" and column("text").parse("80") == "80"
    assert [column("flag").parse(text) for text in ("yes", "NO", "")] == [True, False, None]
    refused("^column c: must be yes or no, got 'maybe'$", column("flag").parse, "maybe")
    assert column().description == "memory (GB)" and column(unit="").description == "memory"


def test_fields_of_the_data_package():
    bare = {"name": "c", "type": "number", "description": "memory (GB)"}
    assert schema._field(column(), False) == bare
    assert schema._field(column(), True) == bare | {"constraints": {"required": True, "unique": True}}
    assert schema._field(column(required=True), False) == bare | {"constraints": {"required": True}}
    assert schema._field(column(allowed=("1", "2")), False) == bare | {"constraints": {"enum": [1.0, 2.0]}}
    assert schema._field(column("flag"), False) == bare | {
        "type": "boolean",
        "trueValues": ["yes"],
        "falseValues": ["no"],
    }
    assert schema._field(column("text"), False)["type"] == "string"


def test_a_descriptor_has_a_key_and_what_it_refers_to(monkeypatch):
    known = {"name": column("text", name="name"), "gpu": column("text", name="gpu", refers_to="gpus")}
    monkeypatch.setattr(schema, "columns", lambda table: known)
    found = schema.descriptor("t")
    assert found["primaryKey"] == "name" and found["missingValues"] == [""]
    assert found["foreignKeys"] == [{"fields": "gpu", "reference": {"resource": "gpus", "fields": "name"}}]
    assert [field["name"] for field in found["fields"]] == ["name", "gpu"]
    assert (
        found["fields"][0]["constraints"] == {"required": True, "unique": True}
        and "constraints" not in found["fields"][1]
    )
    monkeypatch.setattr(schema, "columns", lambda table: {"name": known["name"]})
    assert "foreignKeys" not in schema.descriptor("t")
    assert schema.parse("t", {"name": "a", "more": "b"}) == Record({"name": "a"})


def test_units_are_of_columns_that_have_one():
    units = schema.units("gpus")
    assert units["hbm_gb"] == "GB, 1e9 bytes" and "name" not in units and all(units.values())


def test_a_record_is_its_cells_and_cannot_be_changed():
    row = Record({"a": 1.0, "b": None})
    assert row.a == 1.0 and row.b is None and row.get("a") == 1.0 and row.get("c") is None
    assert row.to_dict() == {"a": 1.0, "b": None} and repr(row) == "Record({'a': 1.0, 'b': None})"
    assert row == Record({"a": 1.0, "b": None}) != Record({"a": 1.0, "b": 2}) and row != {"a": 1.0, "b": None}
    assert len({row, Record({"a": 1.0, "b": None}), Record({"a": 2.0, "b": None})}) == 2
    with pytest.raises(AttributeError, match=r"^no column c; known: a, b$"):
        assert row.c
    with pytest.raises(AttributeError, match=r"^a record cannot be changed: a$"):
        row.a = 2
    row.to_dict()["a"] = 5
    assert row.a == 1.0


def test_unknown_names_of_the_catalogue_offer_what_is_there():
    refused("^unknown table 'gpu'; did you mean gpus", catalog.table, "gpu")
    refused(r"^unknown gpu price 'zzz'; known: \d+ names$", catalog.find, "gpu_prices", "zzz")
    assert not set(catalog.kinds()) & set(catalog.ELSEWHERE) and set(catalog.ELSEWHERE) < set(schema.tables())


@pytest.fixture
def kinds(monkeypatch):
    """A regime of times, measured up to 64 GPUs, and one of shares."""
    usual = {"apart": None, "rows": 12.0, "sources": 4.0, "tokens": None, "gpus": 64.0, "parameters": 1e9}
    rows = {"a": {"parent": "", "scale": "", "low": 0.5, "high": 3.0, "of": "a"},
            "b": {"parent": "a", "scale": "odds", "low": 0.5, "high": 2.0, "of": "a"}}  # fmt: skip
    table = {name: Record(usual | row | {"name": name}) for name, row in rows.items()}
    monkeypatch.setattr(regimes.catalog, "table", lambda kind: table)
    monkeypatch.setattr(regimes.catalog, "assumption", {"beyond-measured": 0.25}.__getitem__)


def test_an_interval_leaves_what_is_given_alone(kinds):
    assert regimes.interval("a", 100) == (50, 300)
    assert regimes.interval("a", 100, given=40) == (40 + 60 / 2, 40 + 60 * 3)
    refused("^regime must be one of facts/regimes.csv, got 'c'", regimes.interval, "c", 1)


def test_an_interval_widens_beyond_what_was_measured(kinds):
    # 16 times as many GPUs as were measured: 16^0.25 = 2. Sizes that nobody measured widen nothing.
    assert regimes.interval("a", 100, gpus=64, tokens=1e9) == (50, 300)
    assert regimes.interval("a", 100, gpus=1024) == pytest.approx((25, 600))
    assert regimes.interval("a", np.array([100.0, 100.0]), gpus=np.array([1.0, 1024.0]))[1].tolist() == [300, 600]
    assert regimes.beyond("a", gpus=64, parameters=1e9) == () == regimes.beyond("a", gpus=64.2)
    assert regimes.beyond("a", gpus=1024) == ("1,024 GPUs, measured up to 64",)


def test_shares_move_by_their_odds_and_stay_shares(kinds):
    # 0.8 is 4 to 1: 2 to 1 and 8 to 1.
    assert regimes.interval("b", 0.8) == pytest.approx((2 / 3, 8 / 9))
    assert regimes.told("b") == "80 % of 12 measurements of a from 4 sources, each left out of the fit, lie within"
