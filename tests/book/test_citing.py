"""What a reader cites can be found again: by id, in four forms, and with what earlier versions said."""

import json
import re

import export
import onepage
import pytest
import yaml
from conftest import ROOT, until
from pybtex.database import parse_string

from costlib.base import citation
from costlib.economics import anatomy, comparison, scenarios
from costlib.facts import catalog, claims, outputs
from costlib.report import citable
from costlib.report.notebooks import records

CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PIECES = citable.pieces(ROOT)
PLAIN = {"version": "1.2.3", "commit": "", "site": ""}
FULL = {"version": "1.2.3", "commit": "abc123", "site": "https://example.org/book"}
FILLED = FULL | {"doi": "10.5281/zenodo.1", "repository": "https://example.org/a"}


# --- the forms ------------------------------------------------------------------------------------------------


def test_title_and_author_are_those_of_the_citation_file():
    assert (CFF["title"], [author["name"] for author in CFF["authors"]]) == (citation.TITLE, [citation.AUTHOR])
    assert str(citation.YEAR) == CFF["date-released"][:4]
    entry = parse_string(citation.forms()["bibtex"], "bibtex").entries["costofalignment"]
    assert entry.fields["version"] == str(CFF["version"]) and entry.fields["title"] == "{" + CFF["title"] + "}"
    assert [str(person) for person in entry.persons["author"]] == ["{" + CFF["authors"][0]["name"] + "}"]


def test_the_text_of_a_claim_written_out():
    assert citation.forms(PIECES["B066"], PLAIN)["text"] == (
        "The Cost of Alignment founders (2026). The Cost of Alignment, costlib 1.2.3, claim B066: $279.74, reproduced. "
        "The synthetic pipeline costs $279.74 in total. In book/claims.html#claim-b066."
    )
    assert citation.forms(PIECES["B066"], FULL)["text"].endswith(
        "costlib 1.2.3, commit abc123, claim B066: $279.74, reproduced. The synthetic pipeline costs $279.74 in total. "
        "https://example.org/book/book/claims.html#claim-b066"
    )


@pytest.mark.parametrize("state", [PLAIN, FULL], ids=["plain", "full"])
def test_every_bibtex_entry_parses_and_nothing_in_it_is_special(state):
    database = parse_string("\n".join(citation.forms(piece, state)["bibtex"] for piece in PIECES.values()), "bibtex")
    assert len(database.entries) == len(PIECES) > 180
    for name, piece in PIECES.items():
        entry = database.entries[f"costofalignment-{name}"]
        for field in ("title", "howpublished", "note"):
            assert not re.search(r"(?<!\\)[$%&_#~^]", entry.fields[field]), (name, field)
        note = entry.fields["note"].replace(r"\textasciitilde{}", "~")
        assert re.sub(r"\\([$%&_#])", r"\1", note) == piece["body"]
        assert ("url" in entry.fields) == (state is FULL)


def test_what_would_end_a_field_of_bibtex_is_escaped():
    assert citation.escape("50 % A&B_1 #2 $3") == r"50 \% A\&B\_1 \#2 \$3"
    assert citation.escape("{of}") == r"\textbraceleft{}of\textbraceright{}"
    assert citation.escape("\\ ~ ^") == r"\textbackslash{} \textasciitilde{} \textasciicircum{}"


@pytest.mark.parametrize("state", [PLAIN, FULL], ids=["plain", "full"])
def test_every_ris_record_has_its_tags(state):
    for piece in [None, *PIECES.values()]:
        lines = citation.forms(piece, state)["ris"].split("\n")
        tags = [re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups() for line in lines]
        assert tags[0][0] == "TY" and tags[-1] == ("ER", "")
        given = dict(tags)
        assert (given["AU"], given["PY"], given["ET"]) == (CFF["authors"][0]["name"], "2026", "1.2.3")
        assert given["TI"].startswith(CFF["title"])
        assert ("UR" in given) == (state is FULL)
        assert piece is None or given["UR" if state is FULL else "N1"].endswith(piece["page"])


@pytest.mark.parametrize("state", [PLAIN, FULL, FILLED], ids=["plain", "full", "filled"])
def test_every_item_of_csl_is_what_a_reference_manager_reads(state):
    for name, piece in [("", None), *PIECES.items()]:
        (item,) = json.loads(citation.forms(piece, state)["csl"])
        assert item["id"] == "costofalignment" + (f"-{name}" if name else "")
        assert (item["type"], item["version"]) == ("chapter" if piece else "book", "1.2.3")
        assert item["author"] == [{"literal": CFF["authors"][0]["name"]}]
        assert item["issued"] == {"date-parts": [[2026]]} and item["title"].startswith(CFF["title"])
        assert not piece or (item["abstract"], item["container-title"]) == (piece["body"], CFF["title"])
        assert ("URL" in item) == (state is not PLAIN) and ("DOI" in item) == (state is FILLED)


def test_doi_and_repository_enter_every_form_where_they_are_filled():
    code = "https://example.org/a/blob/abc123/notebooks/06_caveats.py"
    found = citation.forms(PIECES["fig-ladder"], FILLED)
    assert found["text"].endswith(f"#fig-ladder https://doi.org/10.5281/zenodo.1 Code: {code}")
    assert all("10.5281/zenodo.1" in text and code in text for text in found.values())
    entry = parse_string(found["bibtex"], "bibtex").entries["costofalignment-fig-ladder"].fields
    assert (entry["doi"], entry["repository"], entry["commit"]) == ("10.5281/zenodo.1", code, "abc123")
    assert "\nDO  - 10.5281/zenodo.1\n" in found["ris"] and f"\nLK  - {code}\n" in found["ris"]
    book = citation.forms(state=FILLED | {"site": "", "commit": ""})
    assert "url          = {https://example.org/a/tree/v1.2.3}" in book["bibtex"]
    for text in citation.forms(PIECES["fig-ladder"], PLAIN).values():
        assert "doi" not in text.lower() and "Code:" not in text and "repository" not in text


def test_doi_and_repository_are_those_of_the_citation_file(monkeypatch, tmp_path):
    here = citation.edition()
    assert (here["doi"], here["repository"]) == (CFF.get("doi", ""), CFF.get("repository-code", "").rstrip("/"))
    file = tmp_path / "CITATION.cff"
    file.write_text('doi: "10.5281/zenodo.1"\nrepository-code: https://example.org/a/\nreferences:\n  - doi: 10.1/no\n')
    monkeypatch.setattr(citation, "FILE", file)
    here = citation.edition()
    assert (here["doi"], here["repository"]) == ("10.5281/zenodo.1", "https://example.org/a")
    file.unlink()
    here = citation.edition()
    assert (here["doi"], here["repository"]) == ("", "")


# --- what can be cited ----------------------------------------------------------------------------------------------


def test_every_claim_figure_and_table_of_facts_can_be_cited():
    names = set(
        re.findall(r'"name": "(fig-[\w-]+)"', "".join(p.read_text("utf-8") for p in ROOT.glob("notebooks/*.py")))
    )
    assert len(names) > 30
    drawn = {"tab-verdicts", "tab-parameters", *(f"tab-{kind}" for kind in catalog.kinds())}
    assert names | drawn | claims.ledger().keys() <= PIECES.keys()
    for piece in PIECES.values():
        assert piece["body"] and not re.search(r"\{\w+|`|\n", piece["label"] + piece["body"]), piece


def test_tables_of_a_chapter_are_found_by_their_id(tmp_path):
    shown = '<div class="costlib-table" id="tab-a" tabindex="0"><table><thead><tr><th scope="col">price &amp; unit</th>'
    shown += "<th>total</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></div>"
    code = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [{"data": {"text/html": [shown]}}]}
    heading = {"cell_type": "markdown", "metadata": {}, "source": ["(sec-x)=\n", "# A title\n"]}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "03_x.ipynb").write_text(json.dumps({"cells": [heading, code]}), encoding="utf-8")
    assert citable.find("TAB-A", tmp_path) == {"id": "tab-a", "label": "table tab-a of chapter 3, A title",
                                               "body": "Columns: price & unit, total.",
                                               "page": "notebooks/03_x.html#tab-a"}  # fmt: skip


@pytest.mark.parametrize("name", [each.id for each in outputs.outputs().values() if each.chapter])
def test_a_published_number_is_cited_with_its_value_interval_and_what_it_is_of(name):
    output, body = outputs.find(name), PIECES[name]["body"]
    row = next(
        row for row in records(ROOT / "notebooks" / f"{output.chapter}.ipynb", "key") if row["key"] == output.key
    )
    assert body.startswith(f"{row['text']} [{output.unit}]")
    within = rf"\], \S+ to \S+ \({re.escape(output.interval or '-')}\)\. "
    assert bool(output.interval) == bool(re.search(within, body))
    assert re.search(r"For: (Llama 2 70B on 64 NVIDIA A100 SXM 80 GB, (10,906 usable pairs|whatever its usable pairs)|"
                     r"Llama 2 7B on 8 NVIDIA A100 SXM 80 GB|10,906 pairs by the article's model of 70B parameters)\.$",
                     body)  # fmt: skip
    assert ", costlib 1.2.3, " in citation.forms(PIECES[name], PLAIN)["text"]


def ends_of(name):
    low, high = re.search(r"\], (\S+) to (\S+) \(", PIECES[name]["body"]).groups()
    return [float(end.strip("$x").replace(",", "")) for end in (low, high)]


def test_the_ends_of_a_citation_are_those_of_the_chapters_and_of_every_door():
    assert ends_of("saved") == [float(PIECES[f"saved_{end}"]["body"].split()[0].strip("$").replace(",", ""))
                                for end in ("low", "high")]  # fmt: skip
    known = {each.method.name: each for each in comparison.compared(scenarios.complete({}))}
    for name, method in (("rlaif_usd", "rlaif"), ("ppo_usd", "human-ppo"), ("hybrid_usd", "hybrid")):
        assert ends_of(name) == pytest.approx([known[method].usd_low, known[method].usd_high], rel=1e-3), name
    assert ends_of("rlaif_ratio") == pytest.approx([known["rlaif"].ratio_low, known["rlaif"].ratio_high], abs=0.005)
    assert ends_of("usable") == ends_of("rlaif_ratio")
    for stage in ("rm", "ppo"):
        job = anatomy.estimated(stage, scenarios.complete({}))
        assert ends_of(f"{stage}_hours") == pytest.approx(job.interval(job.cost.gpu_hours), abs=0.5), stage


def test_what_ran_with_other_inputs_is_not_said_to_be_of_the_published_ones(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("1[23]_*.ipynb"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / "notebooks" / path.name).write_text(re.sub(r'("value": )8754\.9\d+', r"\g<1>9000.5", text), "utf-8")
    body = citable.find("rlaif_usd", tmp_path)["body"]
    assert "For: " not in body and "Interval: 90 % of draws" in body and " to $" not in body


def test_every_number_of_an_answer_can_be_cited_and_says_of_what_it_is():
    ids = citable.led_by_ids(ROOT)
    assert [page for page, led in ids.items() if not led] == ["book/decide"] and len(ids) == 22
    assert {"saved", "label_ratio", "saved_low"} <= ids["book/index"]
    assert set().union(*ids.values()) <= PIECES.keys()
    # An end of an interval is cited with its number, a number of the registry by its id there.
    assert {"human_usd", "rlaif_usd", "footing_pairs", "saved"} <= ids["notebooks/12_equal_footing"]
    assert not [each for each in ids["notebooks/12_equal_footing"] if each.endswith("_usd_low")]
    for piece in citable.led_by(ROOT):
        chapter, key = piece["id"].split("/")
        row = next(each for each in records(ROOT / "notebooks" / f"{chapter}.ipynb", "key") if each["key"] == key)
        says = re.fullmatch(r"(.+) \[(.+)\]\. In: “(.+)”", piece["body"])
        assert says.group(1, 2) == (row["text"], row["unit"]) and row["text"] in says[3], piece
        assert (piece["value"], piece["page"]) == (row["value"], f"notebooks/{chapter}.html")


def test_any_number_of_a_chapter_can_be_cited_by_its_key():
    row = next(r for r in records(ROOT / "notebooks" / "04_synthetic_cost.ipynb", "key") if r["key"] == "calls")
    found = citable.find("04_synthetic_cost/calls", ROOT)
    assert found["body"] == f"{row['text']} [{row['unit']}]." and found["page"] == "notebooks/04_synthetic_cost.html"
    with pytest.raises(ValueError, match="unknown id '04_synthetic_cost/call'"):
        citable.find("04_synthetic_cost/call", ROOT)


# --- the pages ------------------------------------------------------------------------------------------------------


def test_the_ledger_shows_earlier_values_and_links_each_claim_to_its_citation(site):
    page = (site / "book" / "claims.html").read_text(encoding="utf-8")
    assert page.count("Until 0.2.0: unverified.") == 4
    for name in claims.ledger():
        assert f'href="cite.html#{name}"' in page


def test_drawn_tables_have_their_id_and_a_line_beneath(site):
    names = [name for name, piece in PIECES.items() if piece["page"].startswith("book/") and name[:4] == "tab-"]
    assert len(names) > 15
    for name in names:
        page = (site / PIECES[name]["page"].split("#")[0]).read_text(encoding="utf-8")
        assert len(re.findall(f'<div class="costlib-(?:table|file)[^"]*" id="{name}"', page)) == 1, name
        link = f'<a class="costlib-data" aria-label="{name} as CSV" download="{name}.csv" href="'
        assert f'<p class="costlib-links"><a href="#{name}">{name}</a> · {link}' in page


def test_the_form_gives_the_citations_that_python_writes(browser, address, site):
    book = re.search(
        r"costlib \d+\.\d+\.\d+, commit ([\w+]+)", (site / "book" / "cite.html").read_text(encoding="utf-8")
    )
    state = citation.edition() | {"commit": book[1] if book else "", "site": ""}
    tab = browser.new_page()
    tab.goto(f"{address}/book/cite.html#B075")
    tab.wait_for_selector("#cite-forms pre")
    assert tab.input_value("#cite-input") == "B075"
    assert "until 0.2.0: unverified" in tab.inner_text("#cite-forms")
    # Python's forms of all pieces are tested above; of the browser's, every third stands for its neighbours.
    for name, piece in list(PIECES.items())[::3]:
        tab.fill("#cite-input", name.lower())
        shown = tab.evaluate("Object.fromEntries([...document.querySelectorAll('[data-form]')].map("
                             "p => [p.dataset.form, p.textContent]))")  # fmt: skip
        assert shown == citation.forms(piece, state), name
    assert tab.evaluate("location.hash") == f"#{name}"
    tab.fill("#cite-input", "fig-ladde")
    assert "fig-ladder" in tab.inner_text("#cite-hint") and not tab.locator("[data-form]").count()
    tab.evaluate("location.hash = '#B066'")
    until(tab, "document.querySelector('#cite-forms')?.textContent.includes('claim B066')")
    tab.close()


def test_a_number_that_a_page_leads_with_is_one_quiet_link_to_its_citation(browser, address, site):
    for page, ids in citable.led_by_ids(ROOT).items():
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        links = re.findall(r'<a class="costlib-cite[^"]*" href="\.\./book/cite\.html#([^"]+)" title="cite this number: '
                           r'([^"]+)"><span class="pasted-text">[^<]*\d[^<]*</span></a>', text)  # fmt: skip
        assert {name for name, _ in links} == ids and len(links) == len(ids), page
        assert all(name == title for name, title in links)
    tab = browser.new_page()
    tab.goto(f"{address}/book/index.html")
    tab.click("a.costlib-cite[title$=' saved']")
    tab.wait_for_selector("#cite-forms pre")
    assert f"number saved of chapter 12: {PIECES['saved']['body']}" in tab.inner_text("[data-form=text]")
    assert tab.locator("[data-form]").count() == 4
    until(tab, "document.readyState === 'complete'")
    assert 0 <= tab.locator("#cite-input").bounding_box()["y"] < tab.viewport_size["height"]
    tab.goto(f"{address}/notebooks/04_synthetic_cost.html")
    tab.click("a.costlib-cite[title$='usd_per_pair']")
    tab.wait_for_selector("a[download='costofalignment-04_synthetic_cost-usd_per_pair.bib']")
    tab.close()
    # Without scripts the address is that of the number's row.
    silent = browser.new_context(java_script_enabled=False).new_page()
    for name in ("saved", "04_synthetic_cost/usd_per_pair"):
        silent.goto(f"{address}/book/cite.html#{name}")
        assert silent.locator("tr:target").count() == 1 and name in silent.inner_text("tr:target")
    silent.context.close()


def test_print_and_markdown_have_the_numbers_without_links(site):
    article = onepage.article_of(site / "book" / "index.html")
    assert not article.select(".costlib-cite") and "$26,198" in article.get_text()
    assert "cite.md#saved" not in export.markdown(article, "book/index", {"book/index", "book/cite"})


def test_without_the_form_the_page_says_how(browser, site, address):
    # A browser blocks modules of pages that are opened as files, and some readers allow no scripts at all.
    opened = browser.new_page()
    opened.goto((site / "book" / "cite.html").as_uri())
    silent = browser.new_context(java_script_enabled=False).new_page()
    silent.goto(f"{address}/book/cite.html")
    for tab in (opened, silent):
        assert "costlib cite B066" in tab.inner_text("#cite-one")
        assert "@book{costofalignment," in tab.inner_text("article")
    opened.close()
    silent.context.close()


def test_saved_files_are_the_forms(browser, address, tmp_path):
    tab = browser.new_page()
    tab.goto(f"{address}/book/cite.html#B066")
    tab.wait_for_selector("#cite-forms a[download]")
    links = tab.locator("a[download^=costofalignment]")
    assert links.count() == 8
    for place in range(8):
        with tab.expect_download() as saved:
            links.nth(place).click()
        saved.value.save_as(tmp_path / saved.value.suggested_filename)
    entries = parse_string((tmp_path / "costofalignment-B066.bib").read_text("utf-8"), "bibtex").entries
    assert list(entries) == ["costofalignment-B066"]
    assert (tmp_path / "costofalignment.ris").read_text("utf-8").startswith("TY  - BOOK\n")
    assert json.loads((tmp_path / "costofalignment-B066.json").read_text("utf-8"))[0]["id"] == "costofalignment-B066"
    tab.close()
