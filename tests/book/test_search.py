"""The search page: what readers ask leads to the section that answers, and a result quotes prose."""

import re

import pytest
from conftest import ROOT, until

SCRIPT = (ROOT / "book" / "_ext" / "search_scorer.js").read_text(encoding="utf-8")
ROWS = re.findall(r'^  \[/.*"((?:book|notebooks)/\w+)", "([\w-]+)", "([^"]+)"\],$', SCRIPT, re.M)
QUESTIONS = {
    "GRPO cost": "book/estimate#sec-loops",
    "how long does PPO take": "book/estimate#sec-loops",
    "what does PPO cost in dollars": "book/estimate#sec-loops",
    "LoRA memory": "notebooks/08_memory#tab-memory-one-gpu",
    "does qlora fit on 24 gb": "notebooks/08_memory#tab-memory-one-gpu",
    "how many GPUs for 70B PPO": "notebooks/08_memory#tab-memory-fewest-gpus",
    "DPO price": "book/estimate#sec-estimate",
    "cuda out of memory": "book/estimate#sec-does-not-fit",
    "H100 price per hour": "book/estimate#sec-prices",
    "cost of a human label": "notebooks/02_human_label_cost#sec-human-label-cost",
    "judge price": "book/compare#sec-judge",
    "are AI labels better": "notebooks/20_quality#sec-quality",
    "break-even": "notebooks/14_break_even#sec-break-even",
    "CO2": "book/estimate#sec-energy-of-a-stage",
    "axolotl yaml": "book/recipes#sec-recipes",
    "bibtex": "book/cite#sec-cite",
    "how much vram to train a 7b model": "notebooks/08_memory#tab-memory-one-gpu",
    "can i train 70b on one h100": "notebooks/08_memory#tab-memory-one-gpu",
    "does ppo need a reference model": "notebooks/08_memory#sec-memory",
    "how much does it cost to fine-tune llama 70b": "book/estimate#sec-estimate",
    "fine-tuning as a service price": "book/estimate#sec-elsewhere",
    "which gpu should I rent": "book/estimate#sec-prices",
    "cost to serve a 7b model": "notebooks/11_inference#sec-inference",
    "cost per preference pair": "notebooks/02_human_label_cost#sec-human-label-cost",
    "how long does annotation take": "notebooks/15_full_picture#sec-full-picture",
    "is a gpt judge as good as humans": "notebooks/20_quality#sec-quality",
    "rlhf vs rlaif": "notebooks/12_equal_footing#sec-equal-footing",
    "cheapest way to align llama 3 8b": "book/decide#sec-decide",
    "how many preference pairs do i need": "book/decide#sec-decide",
    "how accurate are these estimates": "notebooks/17_validation#sec-validation",
    "mcp server": "book/cite#sec-mcp",
    "zebra": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def asks(browser):
    """A function that says where the rows of the search lead a question first, without a book."""
    tab = browser.new_page()
    pages = sorted({page for page, _, _ in ROWS})
    tab.add_script_tag(content=f"var stopwords = [], Search = {{}};\n{SCRIPT}\nwindow.first = (query) => "
                               f"asked(query.toLowerCase(), {{docnames: {pages}, titles: {pages}}})[0]")  # fmt: skip
    tab.evaluate("Search._index = {filenames: []}")
    yield lambda question: tab.evaluate("query => window.first(query)", question)
    tab.close()


def test_every_row_leads_to_a_place_that_exists():
    assert len(ROWS) == SCRIPT.count("\n  [/") > 10
    for page, place, _ in ROWS:
        path = next(each for each in (ROOT / f"{page}.md", ROOT / f"{page}.py") if each.is_file())
        text = path.read_text(encoding="utf-8")
        assert re.search(rf'^(?:# )?\({place}\)=$|"{place}"', text, re.M), f"{page}#{place}"


def test_pages_that_come_later_exist():
    later = re.findall(r'"(book/\w+)": \d+', SCRIPT)
    assert later and all((ROOT / f"{page}.md").is_file() or (ROOT / page).is_dir() for page in later)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_leads_to_the_section_that_answers(asks, question):
    found = asks(question)
    assert QUESTIONS[question] == (found and found[0] + found[2])


def test_results_begin_with_the_section_and_quote_prose(browser, address):
    tab = browser.new_page()
    for question in ("GRPO cost", "LoRA memory", "how many GPUs for 70B PPO"):
        tab.goto(f"{address}/search.html?q={question.replace(' ', '+')}")
        until(tab, "/found [0-9]+ page/.test(document.getElementById('search-results').innerText)")
        first = tab.locator("#search-results li > a").first
        page, place = QUESTIONS[question].split("#")
        assert first.get_attribute("href").endswith(f"{page}.html#{place}")
        until(tab, "document.querySelectorAll('#search-results li p.context').length > 5")
        for quoted in tab.locator("#search-results li p.context").all_inner_texts():
            assert not re.search(
                r"code cell source|costlib estimate \w+ --|\bimport \w+(?! offers)\b|─|published this run", quoted
            )
    tab.close()
