"""Every value has a source, every name one meaning, and the ledger says what the chapters compute."""

import ast
import csv
import functools
import html
import itertools
import json
import re

import numpy as np
import pytest
from command import refused
from conftest import ROOT

from costlib.economics import scenarios
from costlib.facts import catalog, claims, parameters, schema
from costlib.report.notebooks import outputs, records

FACTS = ROOT / "costlib" / "facts"
BIB_KEYS = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M))
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py"))
SCENARIO = "scenario: dict = {}  # other parameters of the vocabulary that are changed, by name [-]"
# Columns that only a reader's table has: free text, and the steps that costlib measure writes.
NOT_IN_A_FILE = ("memory", "inference", "runs", "throughput", "phases", "rl_updates", "steps")
STATUS = {"primary", "secondary", "derived", "assumption", "from-memory"}


def rows(name):
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", catalog.kinds())
def test_every_fact_has_a_source_a_place_in_it_and_a_status(kind):
    for record in catalog.table(kind).values():
        assert record.source, record.name
        assert set(record.source.split(";")) <= BIB_KEYS, record.name
        assert record.locator, record.name
        assert record.status in STATUS, record.name
        assert record.status not in ("derived", "assumption", "from-memory") or record.note, record.name


def test_every_facts_file_is_read_by_the_package():
    known = {f"{kind}.csv" for kind in schema.tables()} | {"columns.csv", "tables.csv"}
    assert {path.name for path in FACTS.glob("*.csv")} == known


# --- one description for each column --------------------------------------------------------------------------------


def headers():
    return {kind: list(rows(f"{kind}.csv")[0]) for kind in schema.tables()}


def test_every_column_has_one_description_and_every_description_a_column():
    described = {(row["table"], row["column"]) for row in rows("columns.csv")}
    assert len(described) == len(rows("columns.csv"))
    found = {(kind, name) for kind, header in headers().items() for name in header}
    assert all(schema.column(kind, name) for kind, name in found)
    shared = {("*", name) for kind, name in found if (kind, name) not in described}
    assert {(kind, name) for kind, name in described - found - shared if kind not in NOT_IN_A_FILE} == set()


def test_a_column_without_a_description_is_refused(tmp_path, monkeypatch):
    for path in FACTS.glob("*.csv"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    agreement = tmp_path / "agreement.csv"
    first, *rest = agreement.read_text(encoding="utf-8").splitlines()
    agreement.write_text("\n".join([f"{first},raters", *(f"{line},2" for line in rest)]), encoding="utf-8")
    monkeypatch.setattr(schema, "FOLDER", tmp_path)
    schema.columns.cache_clear()
    refused(r"column raters of agreement\.csv has no row in columns\.csv", schema.columns, "agreement")
    schema.columns.cache_clear()


@pytest.mark.parametrize("kind", schema.tables())
def test_every_cell_is_of_the_type_of_its_column_and_allowed(kind):
    for name, column in schema.columns(kind).items():
        assert column.type in schema.TYPES and len(column.meaning) > 3
        for row in rows(f"{kind}.csv") if kind != "parameters" else ():
            column.parse(row[name])
            assert not column.required or row[name], (name, row)
            assert not column.allowed or row[name] in ("", *column.allowed), (name, row)


def test_flags_are_yes_or_no():
    fused = schema.Column("t", "fused", "flag", "", "whether kernels are fused", (), False, "", "")
    assert (fused.parse("yes"), fused.parse("no"), fused.parse("")) == (True, False, None)
    refused("column fused: must be yes or no, got 'maybe'", fused.parse, "maybe")


def test_prices_of_an_instance_are_divided_by_its_gpus():
    for price in catalog.table("gpu_prices").values():
        assert price.usd_per_gpu_hour * price.gpus_per_instance == pytest.approx(price.usd_per_instance_hour, rel=1e-9)
        assert price.valid_from or price.valid_to, price.name
        catalog.find("gpus", price.gpu)


def test_runs_name_known_gpus_and_models():
    for run in catalog.table("pretraining_runs").values():
        catalog.find("gpus", run.gpu)
        if run.model:
            catalog.find("models", run.model)


def test_every_source_is_used_and_every_citation_exists():
    prose = [p.read_text(encoding="utf-8") for p in (ROOT / "book").glob("*.md")]
    prose += [p.read_text(encoding="utf-8") for p in (ROOT / "notebooks").glob("*.py")]
    prose += [p.read_text(encoding="utf-8") for p in (ROOT / "costlib").rglob("*.py")]
    cited = {key for text in prose for keys in re.findall(r"cite[:a-z]*\}?`([\w,]+)`", text) for key in keys.split(",")}
    sources = [row.get("source", "").split(";") for kind in schema.tables() for row in rows(f"{kind}.csv")]
    used = {key for keys in sources for key in keys if key}
    assert cited - BIB_KEYS == set()
    assert used - BIB_KEYS == set()
    assert BIB_KEYS - cited - used == set()


def test_unknown_names_offer_the_nearest():
    refused("unknown model 'llama2-70b'; did you mean llama-2-70b", catalog.find, "models", "llama2-70b")
    refused("unknown gpu 'xyz'; known: those of costlib gpus$", catalog.find, "gpus", "xyz")
    refused("did you mean gpus", catalog.table, "gpu")
    refused("unknown claim 'B999'", claims.find, "B999")


# --- parameters -----------------------------------------------------------------------------------------------------


def test_published_defaults_are_allowed_by_their_own_limits():
    assert parameters.check(parameters.defaults()) == parameters.defaults()
    assert scenarios.complete({}) == parameters.defaults()


def test_published_defaults_that_restate_a_fact_equal_its_row():
    published, run = parameters.defaults(), catalog.find("pretraining_runs", "llama-2-70b")
    assert published["pretraining_gpu_hours"] == run.gpu_hours
    assert published["pretraining_tokens"] == run.tokens
    assert published["gpu"] == run.gpu
    launch = catalog.find("gpu_prices", "aws-p4d-on-demand-2020")
    assert published["list_price_usd_per_gpu_hour"] == launch.usd_per_gpu_hour
    lengths = catalog.table("token_lengths")
    assert published["measured_sequence_length"] == lengths["lee-judge-call"].tokens_low
    assert published["sequence_length"] == lengths["article-sequence"].tokens_low
    parts = [lengths[name].tokens_low for name in ("lee-judge-prompt", "lee-judge-answer")]
    assert lengths["lee-judge-call"].tokens_low == sum(parts)
    labels = catalog.table("label_prices")
    assert published["price_usd_per_pair_low"] == labels["article-lower"].usd_per_label_low
    assert published["price_usd_per_pair_high"] == labels["article-upper"].usd_per_label_high


def test_every_parameter_has_a_source():
    for p in parameters.vocabulary().values():
        assert set(p.source.split(";")) <= BIB_KEYS, p.name
        assert p.locator and p.meaning and p.unit and p.group, p.name


@pytest.mark.parametrize("name", parameters.vocabulary())
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None, [], True, "", "many"])
def test_bad_values_are_refused_by_name(name, bad):
    refused(rf"{name} \[.+\] must be .+, got", parameters.check, {name: bad})


def test_an_array_of_choices_is_checked_one_by_one():
    known = parameters.vocabulary()["dpo_rounds"]
    assert known.parse(np.array([1, 2, 1])).tolist() == [1, 2, 1]
    with pytest.raises(ValueError, match="one of 1, 2, got 3"):
        known.parse(np.array([1, 3]))


@pytest.mark.parametrize("name", [n for n, p in parameters.vocabulary().items() if p.minimum is not None])
def test_limits_are_kept(name):
    p = parameters.vocabulary()[name]
    for outside in (p.minimum - 1, p.maximum * 10):
        refused(rf"{name} .* must be", parameters.check, {name: outside})


def test_a_rank_above_the_hidden_size_of_its_model_is_refused():
    # Pythia 70M has a hidden size of 512 (Biderman et al. 2023, table 1).
    at_most = {"aligned_model": "pythia-70m", "lora_rank": 512}
    assert parameters.check(at_most) == at_most and parameters.allowed(at_most)
    with pytest.raises(
        ValueError, match=r"lora_rank \[-\] must be at most the hidden size of pythia-70m, 512, got 513"
    ):
        parameters.check(at_most | {"lora_rank": 513})
    assert not parameters.allowed(at_most | {"lora_rank": 513}) and parameters.allowed({"lora_rank": 513})


def test_all_problems_are_reported_at_once():
    refused("(?s)epoch.*did you mean epochs.*dpo_rounds .* one of 1, 2, got 3.*gpu .*a100", parameters.check,
            {"epoch": 2, "dpo_rounds": 3, "gpu": "a1000"})  # fmt: skip


def test_low_end_above_high_end_is_refused_even_against_a_default():
    with pytest.raises(ValueError, match="price_usd_per_pair_low must be at most price_usd_per_pair_high"):
        parameters.check({"price_usd_per_pair_low": 2.0})
    parameters.check({"price_usd_per_pair_low": 2.0, "price_usd_per_pair_high": 3.0})


def test_numbers_written_as_text_mean_numbers():
    # YAML 1.1 reads 2e12 as text; a form sends text.
    assert parameters.check({"pretraining_tokens": "2e12", "epochs": "3"}) == {"pretraining_tokens": 2e12, "epochs": 3}


def test_sustained_speed_follows_the_run_unless_given():
    assert scenarios.complete({"pretraining_tokens": 4e12})["sustained_tflops"] == pytest.approx(2 * 135.633680556)
    given = {"pretraining_tokens": 4e12, "sustained_tflops": 100}
    assert scenarios.complete(given)["sustained_tflops"] == 100


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_parameters_cells_use_the_vocabulary_word_for_word(chapter):
    source = (ROOT / "notebooks" / f"{chapter}.py").read_text(encoding="utf-8")
    tags, cell = re.search(r'# %% tags=\["parameters"(.*?)\]\n(.*?)\n# %%', source, re.S).groups()
    lines = [line for line in cell.strip().splitlines() if not line.startswith("# fmt:")]
    assert 1 <= len(lines) <= (45 if "remove-cell" in tags else 16)  # a cell that no page shows may be longer
    for line in lines:
        if line == SCENARIO:
            continue
        name, kind, value, comment = re.fullmatch(r"(\w+): (\w+) = (.+?)  # (.+)", line).groups()
        known = parameters.vocabulary()[name]
        assert kind == known.type.__name__
        assert ast.literal_eval(value) == known.default
        assert comment == f"{known.meaning} [{known.unit}]"


# --- claims ---------------------------------------------------------------------------------------------------------


def test_the_ledger_has_all_statements_of_both_documents():
    ids = [*(f"A{n:02d}" for n in range(1, 39)), *(f"B{n:03d}" for n in range(1, 129))]
    assert list(claims.ledger()) == ids


@pytest.mark.parametrize("claim", claims.ledger().values(), ids=lambda c: c.id)
def test_a_claim_is_complete(claim):
    assert claim.verdict in claims.VERDICTS
    assert claim.document == ("course" if claim.id[0] == "A" else "article")
    assert claim.statement.endswith(".") and claim.reason.endswith(".")
    assert (claim.published is None) == (claim.precision is None)
    assert claim.published is None or claim.printed
    assert set(filter(None, claim.source.split(";"))) <= BIB_KEYS
    assert claim.chapter in CHAPTERS
    # Where no arithmetic settles a statement, a source must.
    assert claim.source or claim.verdict in ("reproduced", "reproduced-from-unrounded", "reproduced-by-rounding",
                                             "definition", "assumption", "not-reproduced", "unverified")  # fmt: skip
    # A statement without a number cannot agree by what it rounds.
    assert claim.published is not None or claim.verdict not in ("reproduced-from-unrounded", "reproduced-by-rounding")


def last_digit(printed):
    """The unit of the last digit of a number as it is printed: 19.8M is printed to 100,000."""
    found = re.findall(r"\d[\d,]*(?:\.(\d+))?(?:e(\d+))?( million| trillion|[KM%](?![a-zA-Z]))?", printed)
    decimals, power, unit = found[-1] if found else ("", "", "")
    large = {"": 1, "K": 1e3, "M": 1e6, "%": 1e-2, " million": 1e6, " trillion": 1e12}[unit]
    return 10.0 ** (int(power or 0) - len(decimals)) * large


PRINTED = [claim for claim in claims.ledger().values() if claim.published is not None]


@pytest.mark.parametrize("claim", PRINTED, ids=lambda claim: claim.id)
def test_one_rule_of_tolerance_holds_for_every_number(claim):
    # Half a unit of the last digit that is printed, at most a tenth of the number: written out here once more.
    assert claim.precision == pytest.approx(last_digit(claim.printed)), claim.printed
    ends = [end for end in (claim.published, claim.published_high) if end is not None]
    allowed = [min(claim.precision / 2, end / 10) for end in ends]
    assert [claims.slack(end, claim.precision) for end in ends] == pytest.approx(allowed)
    for place, agrees in itertools.product(range(len(ends)), (True, False)):
        for part in (0.999, -0.999) if agrees else (1.001, -1.001):  # one end off, and the other as printed
            ours = [end + part * (at == place) * allowed[at] for at, end in enumerate(ends)]
            assert claims.check(claim.id, *ours).agrees is agrees, ours
    if claim.published_high is None:
        (allowed,) = allowed
        if claim.id in checks():
            _, record = checks()[claim.id]
            distance = abs(record["value"] - claim.published)
            assert record["agrees"] == (distance <= allowed * (1 + 1e-9)), (claim.id, record["value"])


def test_the_last_digit_of_a_printed_number():
    printed = {
        "$279.74": 0.01,
        "19.8M": 1e5,
        "2 trillion": 1e12,
        "1M against ~11K": 1e3,
        "8.3e18 FLOPs": 1e17,
        "two": 1,
    }
    assert {text: last_digit(text) for text in printed} == pytest.approx(printed)


def test_numbers_that_are_off_alike_are_judged_alike():
    # 175B costs 2.5 times as much as 70B and is printed as about 3 (17 % off); ten times the pairs cost 8.5 times as
    # much and are printed as about 10 (15 % off).
    assert not claims.check("B098", 2.5).agrees and not claims.check("B079", 8.53).agrees
    assert {claims.find(name).verdict for name in ("B079", "B097", "B098")} == {"not-reproduced"}


@functools.cache
def checks():
    return {
        record["id"]: (chapter, record)
        for chapter in CHAPTERS
        for output in records(ROOT / "notebooks" / f"{chapter}.ipynb", "claims")
        for record in output["claims"]
    }


def test_verdicts_agree_with_what_the_chapters_compute():
    for claim_id, (chapter, record) in checks().items():
        claim = claims.find(claim_id)
        assert claim.chapter == chapter, claim_id
        if claim.verdict in ("reproduced", "reproduced-from-unrounded") or (claim.document, claim.verdict) == (
            "course",
            "source-confirms",
        ):
            assert record["agrees"], claim_id
        if claim.verdict in ("not-reproduced", "reproduced-by-rounding"):
            assert not record["agrees"], claim_id


def test_every_number_with_a_computed_verdict_is_computed_in_its_chapter():
    computed = ("reproduced", "reproduced-from-unrounded", "reproduced-by-rounding", "not-reproduced")
    due = {c.id for c in claims.ledger().values() if c.published is not None and c.verdict in computed}
    # B073 says "more than ten": a bound that holds for its own inputs and for few others, so no number equals it.
    assert due - checks().keys() == {"B073"}


def test_every_statement_of_the_course_page_meets_a_computation():
    # A11 is a chart of which only the caption is known; where a model starts (A30, A31) is what papers say.
    due = {c.id for c in claims.ledger().values() if c.document == "course"}
    assert due - checks().keys() == {"A11", "A30", "A31"}


def this_run():
    """What the chapters show for each statement, as text."""
    found = {}
    for chapter in CHAPTERS:
        for output in outputs(ROOT / "notebooks" / f"{chapter}.ipynb"):
            if "claims" in output["metadata"].get("costlib", {}):
                for row in re.findall(r"<tr.*?</tr>", "".join(output["data"]["text/html"]), re.S):
                    parts = re.findall(r"<t[dh].*?</t[dh]>", row, re.S)
                    name, *_, text, _ = (html.unescape(re.sub(r"<[^>]*>", "", part)).strip() for part in parts)
                    if re.fullmatch(r"[AB]\d+", name) and text:
                        found[name] = text
    return found


def numbers(text):
    """Each number of a text with half a unit of its last digit."""
    found = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)
    return [(float(each.replace(",", "")), 0.5 * 10.0 ** -len(each.partition(".")[2])) for each in found]


def test_the_ledger_gives_the_numbers_that_the_chapters_compute():
    # To the digits that are shown: 0.593 % is the 0.59 % of the ledger. What the article prints is no number of ours.
    own = {name: text for name, text in this_run().items()
           if name[0] == "A" or claims.find(name).published is None}  # fmt: skip
    lacking = {}
    for name, text in own.items():
        known = numbers(claims.find(name).recomputed)
        lacking[name] = [each for each, half in numbers(text)
                         if all(abs(each - value) > 1.001 * max(half, other) for value, other in known)]  # fmt: skip
    assert len(lacking) > 35 and not {name: left for name, left in lacking.items() if left}


def test_an_observation_says_whether_a_statement_holds():
    assert claims.observe("A13", True, "x").outcome == "holds"
    assert claims.observe("A13", False, "x").outcome == "does not hold"
    refused("A03 has a published number", claims.observe, "A03", True, "2")


def test_a_check_tells_agreement_from_difference_and_never_fails():
    assert claims.check("B071", 11.74999).agrees
    assert not claims.check("B071", 11.751).agrees
    assert claims.check("B068", 300_000, 1_500_000).agrees
    assert not claims.check("B068", 300_000, 1_400_000).agrees
    assert not claims.check("B066", float("inf")).agrees
    # Two digits more than printed: $279.74 and 11.7x.
    assert [claims.check(*each).value_text for each in (("B066", 279.74036357), ("B071", 11.69584524))] == [
        "279.7404", "11.696"]  # fmt: skip


def test_a_check_refuses_what_cannot_be_compared():
    refused("B003 has no published number", claims.check, "B003", 1)
    refused("B068 is a range", claims.check, "B068", 300_000)
    refused("B066 is one number", claims.check, "B066", 279, 280)


def test_unverifiable_quotations_are_nowhere_printed():
    # Three sentences that the article quotes were found in none of the papers named.
    words = ["major bottleneck for our", "expensive and time-consuming, which", "difficult for humans to supervise"]
    files = [*(ROOT / "book").glob("*"), *(ROOT / "notebooks").glob("*"), *FACTS.glob("*.csv")]
    text = " ".join(json.dumps(p.read_text(encoding="utf-8")) for p in files if p.is_file())
    assert not [phrase for phrase in words if phrase in text.lower()]
