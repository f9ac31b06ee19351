"""The calculator in a real browser: typed in by keyboard, shared by its address, without a network, and as a file."""

import json
import shlex
from urllib.parse import urlencode

import calculator_form
import pytest
from command import ends_by_hand
from conftest import PATIENCE_MS as PATIENCE
from conftest import ROOT, need, until
from hostile import TEXTS, skeleton

from costlib.base.files import read_scenario
from costlib.calculator import STARTING, Calculator, estimated, panel
from costlib.economics import methods, scenarios
from costlib.facts import parameters

NOTE = """window.seen = []; document.getElementById("calculator")
.addEventListener("answer", (event) => window.seen.push(event.detail.numbers))"""


SHOWN = ("#calculator-results", "#calculator-lines")


@pytest.fixture(scope="module")
def runtime(site):
    """Skip where the environment could not fetch Pyodide: the page would ask its public host."""
    need((site / "_static" / "pyodide" / "pyodide.mjs").is_file(), "npm")


@pytest.fixture
def tab(browser, address, runtime):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.complaints = []
    opened.on("console", lambda m: opened.complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on(
        "request", lambda r: None if r.url.startswith((address, "blob:", "data:")) else opened.complaints.append(r.url)
    )
    yield opened
    assert opened.complaints == []
    context.close()


def usd(name):
    return panel.money(methods.compare(scenarios.complete({}))[name].usd)


def wait(tab, *states):
    selector = ", ".join(f"#calculator[data-state={state}]" for state in (*states, "failed"))
    tab.wait_for_selector(selector, timeout=PATIENCE)
    assert tab.get_attribute("#calculator", "data-state") != "failed", tab.inner_text("#calculator-status")


def retype(tab, name, text):
    tab.focus(f"#in-{name}")
    tab.keyboard.press("Control+A")
    tab.keyboard.type(text)


def same_methods(found, known):
    for one, other in zip(found["methods"], known["methods"], strict=True):
        for key in ("usd", "usd_low", "usd_high", "days", "gpu_hours", "ratio", "ratio_low", "ratio_high"):
            assert one[key] == pytest.approx(other[key], rel=1e-12), (one["method"], key)


def test_the_published_numbers_typed_in(tab, address):
    tab.goto(f"{address}/book/calculator.html")
    before = [tab.inner_text(part) for part in SHOWN]
    assert all(usd("human-dpo") in part and usd("rlaif") in part for part in before)
    tab.evaluate(NOTE)
    retype(tab, "price_usd_per_gpu_hour", "3")
    wait(tab, "answered", "drawn")
    for name in ("price_usd_per_gpu_hour", "human_usd_per_pair", "num_pairs_m1", "num_validation_pairs"):
        retype(tab, name, panel.typed(parameters.defaults()[name]))
    until(tab, "document.getElementById('calculator').dataset.state === 'drawn'", PATIENCE)
    found = json.loads(tab.evaluate("JSON.stringify(window.seen.at(-1))"))
    known = Calculator().draw()["numbers"]
    assert found["draws"] == known["draws"] == 2000
    same_methods(found, known)
    assert [tab.inner_text(part) for part in SHOWN] == before
    assert tab.url == f"{address}/book/calculator.html"


def test_a_bad_value_is_explained_and_the_last_good_result_stays(tab, address):
    tab.goto(f"{address}/book/calculator.html")
    retype(tab, "human_usd_per_pair", "2")
    wait(tab, "answered", "drawn")
    good = tab.inner_text("#calculator-results .answer b")
    # At once: key by key, a slow machine has time to answer "0", which is a good value.
    tab.fill("#in-human_usd_per_pair", "0,67")
    wait(tab, "wrong")
    assert tab.inner_text("#error-human_usd_per_pair") == Calculator().answer({"human_usd_per_pair": "0,67"})["errors"][
        "human_usd_per_pair"]  # fmt: skip
    assert tab.get_attribute("#in-human_usd_per_pair", "aria-invalid") == "true"
    assert tab.inner_text("#calculator-results .answer b") == good
    tab.keyboard.press("ArrowUp")  # steps from a number only: the text stays as it was typed
    assert tab.input_value("#in-human_usd_per_pair") == "0,67"
    retype(tab, "human_usd_per_pair", "2")
    tab.keyboard.press("ArrowUp")
    assert tab.input_value("#in-human_usd_per_pair") == "2.01"
    tab.wait_for_selector("#error-human_usd_per_pair", state="hidden")


def test_form_to_link_to_form_and_to_a_scenario_file(tab, address, tmp_path):
    tab.goto(f"{address}/book/calculator.html")
    retype(tab, "num_pairs_m1", "20000")
    tab.fill("#in-policy_model", "llama-3.1-8b")
    tab.click("summary:has-text('The judge')")
    retype(tab, "judge_usd_per_million_input", "1.25")
    until(tab, "location.search.split('&').length === 3", PATIENCE)
    answer = tab.inner_text("#calculator-results .answer b")
    with tab.expect_download() as saved:
        tab.click("#calculator-download")
    saved.value.save_as(tmp_path / "scenario.yml")
    given = {"num_pairs_m1": 20000, "policy_model": "llama-3.1-8b", "judge_usd_per_million_input": 1.25}
    assert read_scenario(tmp_path / "scenario.yml") == given
    tab.goto(tab.url)
    wait(tab, "answered", "drawn")
    for name, value in given.items():
        assert tab.input_value(f"#in-{name}") == str(value)
    assert tab.inner_text("#calculator-results .answer b") == answer


def test_a_link_with_an_unknown_name_is_answered_in_words(tab, address):
    tab.goto(f"{address}/book/calculator.html?epoch=2&policy_model=llama-2-7")
    wait(tab, "wrong")
    assert "did you mean epochs" in tab.inner_text("#error-")
    assert "llama-2-7b" in tab.inner_text("#error-policy_model")


def test_a_chapter_leads_to_its_inputs(tab, address):
    tab.goto(f"{address}/notebooks/12_equal_footing.html")
    tab.click("#re-run-this-chapter >> text=the calculator with the inputs of this chapter")
    tab.wait_for_selector("#in-answer_tokens", state="visible")
    assert tab.locator(".of-chapter").count() == len(
        calculator_form.taken(ROOT / "notebooks" / "12_equal_footing.ipynb")
    )
    assert "12_equal_footing" in tab.inner_text("#calculator-status")


# --- a model of the reader's own --------------------------------------------------------------------------------------

CONFIGURATIONS = ROOT / "tests" / "data" / "configurations"
OWN = "document.getElementById('calculator-own').textContent"
DROPPED = """([name, content]) => { const given = new DataTransfer(); given.items.add(new File([content], name));
for (const kind of ["dragenter", "dragover", "drop"]) document.querySelector("#calculator-results").dispatchEvent(
new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true})); }"""


def chosen(tab, content, name="config.json"):
    tab.set_input_files("#calculator-file", {"name": name, "mimeType": "application/json", "buffer": content})


def test_a_config_json_becomes_the_model_and_stays_in_the_page(tab, address):
    known = Calculator()
    known.answer({"policy_model": "llama-3.1-8b", "human_usd_per_pair": "2"})
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2")
    wait(tab, "answered", "drawn")
    tab.evaluate(NOTE)
    chosen(tab, (CONFIGURATIONS / "llama-3.1-8b.json").read_bytes())
    until(tab, f"{OWN}.includes('8,030,261,248 parameters')", PATIENCE)
    until(tab, "document.getElementById('calculator').dataset.state === 'drawn'", PATIENCE)
    same_methods(json.loads(tab.evaluate("JSON.stringify(window.seen.at(-1))")), known.draw()["numbers"])
    assert tab.input_value("#in-policy_model") == "your model"
    assert "your model on" in tab.inner_text("#calculator-results .answer")
    assert tab.url.endswith("?human_usd_per_pair=2")
    assert "the link leaves its model out" in tab.inner_text("#calculator-left-out")
    assert "policy_model=./config.json" in tab.inner_text("[data-take=command]")
    # What is typed next keeps the model; another choice lets it go, and the list still has it.
    retype(tab, "num_pairs_m1", "20000")
    until(tab, "location.search.includes('num_pairs_m1=20000')", PATIENCE)
    assert "8,030,261,248" in tab.inner_text("#calculator-own")
    tab.click("button[type=reset]")
    until(tab, "location.search === ''", PATIENCE)
    assert tab.inner_text("#calculator-own") == "" and tab.is_hidden("#calculator-left-out")
    tab.fill("#in-policy_model", "your model")
    until(tab, f"{OWN}.includes('8,030,261,248 parameters')", PATIENCE)


def test_a_config_json_is_dropped_before_python_is_there(tab, address):
    tab.goto(f"{address}/book/calculator.html")
    tab.evaluate(DROPPED, ["<img src=x>.json", (CONFIGURATIONS / "pythia-1b.json").read_text(encoding="utf-8")])
    tab.evaluate(DROPPED, ["my-model.json", (CONFIGURATIONS / "qwen2.5-vl-7b.json").read_text(encoding="utf-8")])
    until(tab, f"{OWN}.includes('Not counted: vision tower')", PATIENCE)
    assert tab.input_value("#in-policy_model") == "my-model.json"
    tab.evaluate(DROPPED, ["<img src=x>.json", (CONFIGURATIONS / "pythia-1b.json").read_text(encoding="utf-8")])
    until(tab, f"{OWN}.includes('1,011,781,632 parameters')", PATIENCE)
    assert "_img_src_x_" in tab.inner_text("#calculator-results .answer")
    assert tab.locator("#calculator img").count() == 0


def test_what_is_no_configuration_is_refused_in_a_line(tab, address):
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2")
    wait(tab, "answered", "drawn")
    good = tab.inner_text("#calculator-results .answer b")
    for content, said in {b"{": "is no JSON", b" " * 1_200_000: "more than 1,000,000 bytes", b"\xff": "UTF-8",
                          (CONFIGURATIONS / "falcon-mamba-7b.json").read_bytes(): "Mamba"}.items():  # fmt: skip
        chosen(tab, content)
        until(tab, f"document.getElementById('error-policy_model').textContent.includes({json.dumps(said)})", PATIENCE)
        assert "\n" not in tab.inner_text("#error-policy_model")
        assert tab.get_attribute("#in-policy_model", "aria-invalid") == "true"
        assert tab.inner_text("#calculator-results .answer b") == good
    tab.fill("#in-policy_model", "llama-2-7b")
    tab.wait_for_selector("#error-policy_model", state="hidden")
    until(tab, "location.search.includes('policy_model=llama-2-7b')", PATIENCE)


def test_the_file_is_given_by_keyboard_and_named_to_a_screen_reader(tab, address):
    asked = []
    tab.on("filechooser", lambda chooser: asked.append(chooser))
    tab.goto(f"{address}/book/calculator.html")
    tab.focus("button[type=reset]")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "calculator-file"
    for _ in range(20):  # on a busy machine Chromium may drop the dialog of a key that it took too late
        tab.keyboard.press("Enter")
        tab.wait_for_timeout(1000)
        if asked:
            break
    assert asked, "no dialog"
    asked[0].set_files(CONFIGURATIONS / "gpt2.json")
    until(tab, f"{OWN}.startsWith('gpt2: 124,439,808 parameters')", PATIENCE)
    found = tab.get_by_label("Align a model of your own")
    assert found.get_attribute("id") == "calculator-file"
    assert "sent nowhere" in tab.inner_text(f"#{found.get_attribute('aria-describedby')}")
    assert tab.get_attribute("#calculator-own", "role") == "status"


@pytest.mark.parametrize(
    ("written", "value"),
    [("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"), ("qwen3-8b:layers=24", "qwen3-8b:layers=24")],
)
def test_a_link_takes_any_spelling_and_the_input_shows_what_it_means(tab, address, written, value):
    tab.goto(f"{address}/book/calculator.html?{urlencode({'policy_model': written})}")
    wait(tab, "answered", "drawn")
    assert tab.input_value("#in-policy_model") == value
    retype(tab, "human_usd_per_pair", "2")
    until(tab, "location.search.includes('human_usd_per_pair=2')", PATIENCE)
    assert urlencode({"policy_model": value}) in tab.url


def test_presets_and_the_way_back(tab, address):
    tab.goto(f"{address}/book/calculator.html")
    tab.click("[data-preset=startup]")
    wait(tab, "answered", "drawn")
    assert tab.input_value("#in-policy_model") == "llama-3.1-8b" and "policy_gpus=8" in tab.url
    tab.click("[data-preset=published]")
    until(tab, "location.search === ''", PATIENCE)
    tab.click("[data-preset=startup]")
    until(tab, "location.search.includes('policy_gpus=8')", PATIENCE)
    tab.click("button[type=reset]")
    until(tab, "location.search === ''", PATIENCE)
    assert tab.input_value("#in-policy_model") == "llama-2-70b"


def test_the_page_reads_without_scripts_and_explains_itself_as_a_file(browser, site):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((site / "book" / "calculator.html").as_uri())
    assert usd("human-dpo") in plain.inner_text("#calculator-results")
    trust = plain.inner_text("#calculator-trust")
    for group in ("alignment", "inference"):
        assert "{:.2f} to {:.2f}".format(*ends_by_hand(group)) in trust
    assert (site / "book" / plain.get_attribute("#calculator-trust a", "href")).is_file()
    assert "needs JavaScript" in plain.inner_text("main")
    context.close()
    opened = browser.new_page()
    opened.goto((site / "book" / "calculator.html").as_uri() + "?human_usd_per_pair=2")
    assert "make serve" in opened.inner_text("#calculator .local-file")
    assert opened.locator("#calculator :is(input, select, button):enabled").count() == 0
    assert opened.is_hidden("#calculator-status") and opened.is_hidden("#calculator .presets")
    assert usd("human-dpo") in opened.inner_text("#calculator-results")
    opened.close()


def test_an_answered_page_has_no_accessibility_violation(tab, address, axe):
    tab.goto(f"{address}/book/calculator.html?policy_gpus=4&human_usd_per_pair=0,67")
    wait(tab, "wrong")
    tab.focus("#in-human_usd_per_pair")
    retype(tab, "human_usd_per_pair", "2")
    wait(tab, "answered", "drawn")
    chosen(tab, (CONFIGURATIONS / "qwen2.5-vl-7b.json").read_bytes())
    until(tab, f"{OWN}.includes('vision tower')", PATIENCE)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    tab.evaluate(axe)
    for colours in ("light", "dark"):
        tab.evaluate("colours => document.documentElement.dataset.theme = colours", colours)
        tab.wait_for_timeout(400)  # colours that fade over would be measured half-way
        found = tab.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
            ".then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' '))))"
        )
        assert found == [], colours


# --- where things stand -----------------------------------------------------------------------------------------------

PLACES = """() => Object.fromEntries(["#in-policy_model", "fieldset.main", "#calculator .answer", ".further"].map(
(name) => [name, document.querySelector(name).getBoundingClientRect()]))"""


def test_inputs_and_answer_share_a_screen_and_a_phone_has_the_answer_below_the_inputs(tab, address):
    for width, height in ((1280, 800), (390, 844)):
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(f"{address}/book/calculator.html")
        at = tab.evaluate(PLACES)
        inputs, answer = at["fieldset.main"], at["#calculator .answer"]
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        if width == 1280:
            assert inputs["bottom"] < height and answer["bottom"] < height and answer["left"] > inputs["right"]
        else:
            assert 0 < answer["top"] - inputs["bottom"] < 90 and at[".further"]["top"] > answer["bottom"]


def test_until_python_is_there_the_numbers_are_said_to_be_of_other_inputs(tab, address):
    held = []
    tab.route("**/pyodide.asm.wasm", lambda route: held.append(route))
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2")
    note = "#calculator-stale"
    tab.wait_for_selector(note)
    assert "for the published inputs; yours are being computed" in tab.inner_text(note)
    until(tab, "getComputedStyle(document.getElementById('calculator-results')).opacity < 0.5")
    until(tab, "document.getElementById('calculator').dataset.state === 'loading'")
    for _ in range(600):
        if held:
            break
        tab.wait_for_timeout(50)
    assert held, "Python is fetched"
    held[0].continue_()
    wait(tab, "answered", "drawn")
    assert tab.is_hidden(note)
    until(tab, "getComputedStyle(document.getElementById('calculator-results')).opacity === '1'")


def test_half_a_name_of_a_model_is_no_mistake_and_a_wrong_one_is_explained(tab, address):
    tab.goto(f"{address}/book/calculator.html")
    tab.click("#in-policy_model")  # the whole list, from no words
    assert tab.input_value("#in-policy_model") == "" and tab.get_attribute("#in-policy_model", "placeholder")
    tab.keyboard.press("Tab")
    assert tab.input_value("#in-policy_model") == "llama-2-70b"
    retype(tab, "policy_model", "qwen3-8")
    assert tab.get_attribute("#calculator", "data-state") in ("loading", "ready")
    tab.keyboard.press("Enter")
    wait(tab, "wrong")
    assert "qwen3-8b" in tab.inner_text("#error-policy_model")
    tab.keyboard.type("b")
    wait(tab, "answered", "drawn")
    assert tab.url.endswith("?policy_model=qwen3-8b")


def test_within_another_page_the_calculator_stands_alone(tab, address):
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2&embed=1")
    wait(tab, "answered", "drawn")
    for part in (".bd-sidebar-primary", ".bd-header-article", "h2", ".bd-footer-content", ".prev-next-area"):
        assert tab.locator(f"{part}:visible").count() == 0, part
    assert tab.url.endswith("?human_usd_per_pair=2&embed=1")
    assert tab.inner_text("[data-take=link]") == f"{address}/book/calculator.html?human_usd_per_pair=2"
    retype(tab, "human_usd_per_pair", "0")
    until(tab, "location.search === '?embed=1'", PATIENCE)


# --- one job ----------------------------------------------------------------------------------------------------------

JOB_NOTE = """window.jobs = []; document.getElementById("calculator-job")
.addEventListener("answer", (event) => window.jobs.push(event.detail.numbers))"""
PASTED = """text => { const given = new DataTransfer(); given.setData("text", text);
document.querySelector("#job-model").dispatchEvent(
new ClipboardEvent("paste", {clipboardData: given, bubbles: true, cancelable: true})); }"""


def job_is(tab, state):
    tab.wait_for_selector(f"#calculator-job[data-state={state}]")


TAKEN = ("command", "link", "python", "citation")


def test_without_python_what_is_taken_away_follows_the_form(browser, address):
    tab = browser.new_page()
    tab.route("**/pyodide.mjs", lambda route: route.abort())
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2")
    tab.wait_for_selector("#calculator[data-state=failed]", timeout=PATIENCE)
    retype(tab, "policy_gpus", "16")
    known = Calculator().answer({"human_usd_per_pair": "2", "policy_gpus": "16"})
    shown = tab.evaluate("key => document.querySelector(`[data-take=${key}]`).textContent", "command")
    assert sorted(shown.split(" -p ")) == sorted(known["command"].split(" -p "))
    assert [tab.locator(f"[data-take={each}]").is_visible() for each in TAKEN] == [True, False, False, False]
    assert "not checked here" in tab.inner_text("#calculator-stale") and tab.is_hidden("#calculator-download")
    tab.click("#tab-job")
    tab.select_option("#job-stage", "ppo")
    tab.fill("#job-model", "it's; mine")
    tab.locator("#job-model").blur()
    command = tab.locator("[data-take=job-command]").text_content()
    assert shlex.split(command)[:5] == ["costlib", "estimate", "ppo", "--model", "it's; mine"]
    tab.fill("#job-model", STARTING["model"])
    tab.fill("#job-price_usd_per_gpu_hour", "2")
    known = estimated(STARTING | {"stage": "ppo", "price_usd_per_gpu_hour": "2"})
    given = [shlex.split(text) for text in (tab.locator("[data-take=job-command]").text_content(), known["command"])]
    assert sorted(given[0]) == sorted(given[1])
    tab.close()


def test_a_job_is_estimated_as_by_the_package_and_shared_by_its_address(tab, address, axe):
    tab.goto(f"{address}/book/calculator.html")
    tab.focus("#tab-compare")
    tab.keyboard.press("ArrowRight")
    assert tab.is_hidden("#calculator-compare") and tab.get_attribute("#tab-job", "aria-selected") == "true"
    tab.evaluate(JOB_NOTE)
    tab.select_option("#job-stage", "ppo")
    tab.fill("#job-gpus", "16")
    tab.fill("#job-price_usd_per_gpu_hour", "2")
    until(tab, "location.search.includes('job.price_usd_per_gpu_hour=2')", PATIENCE)
    given = STARTING | {"stage": "ppo", "gpus": "16", "price_usd_per_gpu_hour": "2"}
    known = estimated(given)
    found = json.loads(tab.evaluate("JSON.stringify(window.jobs.at(-1))"))
    for key in ("hours", "hours_80_low", "hours_80_high", "usd", "memory_gb_per_gpu", "min_gpus"):
        assert found[key] == pytest.approx(known["numbers"][key], rel=1e-12), key
    assert tab.inner_text("[data-take=job-command]") == known["command"]
    tab.fill("#job-gpus", "0")
    job_is(tab, "wrong")
    assert tab.inner_text("#error-job-gpus") == estimated(given | {"gpus": "0"})["errors"]["gpus"]
    tab.evaluate(axe)
    found = tab.evaluate("axe.run('#calculator').then(r => r.violations.map(v => v.id))")
    assert found == []
    tab.goto(tab.url)
    job_is(tab, "answered")
    assert tab.input_value("#job-gpus") == "16" and tab.is_visible("#calculator-job")
    tab.goto(f"{address}/book/calculator.html?job.stage=sftx&job.model=%3Cimg%20src=x%3E")
    job_is(tab, "wrong")
    assert "did you mean sft" in tab.inner_text("#error-job-stage") and tab.locator("#calculator img").count() == 0


def test_a_config_json_pasted_or_dropped_is_the_model_of_the_job(tab, address):
    tab.goto(f"{address}/book/calculator.html?job.stage=sft")
    tab.evaluate(PASTED, (CONFIGURATIONS / "pythia-1b.json").read_text(encoding="utf-8"))
    until(tab, "document.getElementById('job-own').textContent.includes('1,011,781,632 parameters')", PATIENCE)
    assert "job.model" not in tab.url and "./config.json" in tab.inner_text("[data-take=job-command]")
    tab.evaluate(DROPPED, ["config.json", (CONFIGURATIONS / "falcon-mamba-7b.json").read_text(encoding="utf-8")])
    job_is(tab, "wrong")
    assert "Mamba" in tab.inner_text("#error-job-model")


def test_nothing_is_loaded_before_it_is_wanted(tab, address):
    loaded = []
    tab.on("request", lambda request: loaded.append(request.url))
    tab.goto(f"{address}/book/calculator.html", wait_until="networkidle")
    assert not [url for url in loaded if "pyodide" in url or url.endswith(".whl")]


# --- hostile links, with Python there -------------------------------------------------------------------------------

NUMBERS = ("human_usd_per_pair", "num_pairs_m1", "judge_agreement", "price_usd_per_gpu_hour")
LISTS = ("policy_model", "cluster_gpu")
OF_OBJECTS = ("__proto__", "constructor", "toString", "length", "item", "elements", "submit", "hasOwnProperty")


def hostile_links():
    """Links with what each must be told: a text as a number, as a choice of a list, as a name; names of objects."""
    numbers = [(((NUMBERS[place % 4], text),), NUMBERS[place % 4]) for place, text in enumerate(TEXTS)]
    lists = [(((LISTS[place % 2], text),), LISTS[place % 2]) for place, text in enumerate(TEXTS)]
    names = [(((text, "1"),), "unknown parameter") for text in TEXTS]
    objects = [(((name, "1"),), name) for name in OF_OBJECTS]
    twice = [((("epochs", "2"), ("epochs", "3")), "epochs"), ((("preset", TEXTS[0]),), "preset")]
    return [*numbers, *lists, *names, *objects, *twice]


FOLLOWED = """query => { document.getElementById("calculator").dataset.state = "asked";
const link = document.querySelector("[data-preset=startup]"); link.search = query; link.click(); }"""


def test_hostile_links_are_refused_by_name_and_nothing_runs(tab, address):
    """Links within the page, all in one life of its Python; then some to the page itself, each of which starts anew."""
    links = hostile_links()
    assert len(links) > 60
    tab.add_init_script("window.ran = []; window.alert = (words) => window.ran.push(words);")
    tab.goto(f"{address}/book/calculator.html?human_usd_per_pair=2")
    wait(tab, "drawn")
    good = skeleton(tab.inner_html("#calculator-results"))
    # The curve of the results is an SVG of our own.
    foreign = "#calculator :is(img, svg:not(.curve), iframe, script:not([type]), a[href^='javascript'])"
    assert tab.locator(foreign).count() == 0 and tab.locator("#calculator svg.curve").count() == 1
    for place, (given, said) in enumerate([*links, *links[:: len(links) // 4]]):
        if place < len(links):
            tab.evaluate(FOLLOWED, urlencode(given))
        else:
            tab.goto(f"{address}/book/calculator.html?{urlencode(given)}")
        wait(tab, "wrong")
        errors = tab.locator("#calculator .error:visible").all_inner_texts()
        assert any(said in error for error in errors) and all(len(error) < 400 for error in errors), (given, errors)
        assert tab.evaluate("window.ran") == [] and tab.complaints == [], given
        assert tab.locator(foreign).count() == 0 and tab.locator("#calculator svg.curve").count() <= 1, given
    tab.click("#calculator button[type=reset]")
    wait(tab, "answered", "drawn")
    retype(tab, "human_usd_per_pair", "2")
    until(tab, "location.search === '?human_usd_per_pair=2'", PATIENCE)
    wait(tab, "drawn")
    assert skeleton(tab.inner_html("#calculator-results")) == good


@pytest.mark.parametrize("chapter", [*OF_OBJECTS, TEXTS[0]])
def test_a_chapter_that_does_not_exist_is_said_to_be_none(tab, address, chapter):
    tab.goto(f"{address}/book/calculator.html?{urlencode({'chapter': chapter})}")
    assert f"There is no chapter {chapter}." in tab.inner_text("#calculator-status")
    assert tab.locator(".of-chapter").count() == 0
