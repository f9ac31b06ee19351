"""Figures that a reader's numbers move: they give what the package gives, also where the script draws."""

import random
import re
from datetime import date
from statistics import median

import moving
import pytest

from costlib.calculator import estimated
from costlib.economics import break_even, human_work, methods, scenarios
from costlib.facts import prices

OTHER = {
    "policy_model": "llama-3.1-8b",
    "policy_gpus": 8,
    "platform_fee": 0.4,
    "raters_per_pair": 3,
    "audit_share": 0.5,
}


@pytest.mark.parametrize("given", [{}, OTHER, {"evaluation_points": 2.0}, {"evaluation_by": "both"}], ids=str)
def test_the_coefficients_give_the_totals_of_the_methods(given):
    values, rng = scenarios.complete(given), random.Random(2026)
    found = moving.coefficients(values)
    for _ in range(20):
        n, q, e = 10 ** rng.uniform(2, 7), 10 ** rng.uniform(-2, 2), rng.randrange(100_000)
        changed = {"human_usd_per_pair": q, "num_evaluation_comparisons": e, "evaluation_points": 0.0}
        at = methods.compare(values | changed | scenarios.of_pairs(values, n), moving.SHOWN)
        for name, method in at.items():
            assert moving.total(found[name], n, q, e) == pytest.approx(method.usd, rel=1e-9)


def test_the_figure_starts_at_the_totals_of_the_comparison():
    values = scenarios.complete({})
    ends = {name: [(1_000, 5e3, 2e4), (1e6, 1e4, 1e7)] for name in moving.BANDS}
    page = moving.figure(values, ends, dict.fromkeys(moving.SHOWN, "so"))
    for name, method in methods.compare(values, moving.SHOWN).items():
        assert f'data-usd="{name}">${method.usd:,.0f}<' in page.replace("\u00a0", " ")


HEIGHTS = """[...document.querySelectorAll(".moving polyline")].flatMap(line =>
[...line.points].map(point => point.y))"""


def test_months_are_the_quotes_of_the_market():
    # In January 2023 two providers had listed it; of each the latest list counts.
    found = {name: (usd, count) for name, _, usd, count in moving.months()}
    lists = prices.published().history(moving.GPU)
    held = [max((day, usd) for day, usd in each.items() if day <= date(2023, 1, 28))[1]
            for each in lists.values() if min(each) <= date(2023, 1, 28)]  # fmt: skip
    assert len(held) == 2 and found["January 2023"] == (median(held), 2)
    today = prices.quote(moving.GPU)
    assert found["November 2026"] == (today.usd, today.providers)


def test_a_chapter_leads_to_a_job_that_the_calculator_reads():
    query = moving.job_query("ppo", {"aligned_model": "llama-2-7b", "cluster_gpu": "a100-sxm-80gb", "num_gpus": 8,
                                     "num_episodes": 256000, "prompt_tokens": 256, "response_tokens": 256})  # fmt: skip
    given = dict(part.removeprefix("job.").split("=") for part in query.split("&"))
    found = estimated(given)
    assert found["errors"] == {} and found["query"] == query


def said_of(crossing, text, every):
    if crossing.side in ("always", "never"):
        who = "people’s" if crossing.side == "always" else "the judge’s"
        return f"{who} project is the cheaper one at every {every}"
    other = "above" if crossing.side == "below" else "below"
    return f"people’s project is the cheaper one {crossing.side} {text(crossing.value)}, the judge’s {other}"


def test_bills_that_bend_are_drawn_as_they_are_and_do_not_move():
    values = scenarios.complete({"pairs_in_hand": 15_000})
    page = moving.figure(values, {}, dict.fromkeys(moving.SIDES, "so")).replace("\u00a0", " ")
    assert " data-still" in page and " data-still" not in moving.figure(scenarios.complete({}), {}, {"rlaif": "so"})
    for name, method in methods.compare(values, moving.SIDES).items():
        assert f'data-usd="{name}">${method.usd:,.0f}<' in page


def test_a_job_is_led_to_with_what_the_calculator_knows():
    own = {"aligned_model": "own/config.json", "cluster_gpu": "mine", "num_gpus": 8}
    assert moving.job_query("ppo", own) == "job.stage=ppo&job.gpus=8"


@pytest.mark.heavy
def test_break_even_is_said_at_the_numbers_of_the_reader(browser, address):
    tab, values, sides = browser.new_page(), scenarios.complete({}), set()
    tab.goto(f"{address}/notebooks/14_break_even.html")
    figure = tab.locator("#moving-even")
    for n, q, e in ((4.0, 1.8, 805), (5.0, 0.01, 805), (3.0, 0.5, 0), (6.0, 300.0, 100_000)):
        for name, value in {"n": n, "q": q, "e": e}.items():
            figure.locator(f"[name={name}]").fill(str(value))
        at = values | {"human_usd_per_pair": q, "num_evaluation_comparisons": e, "evaluation_points": 0.0}
        at |= scenarios.of_pairs(values, 10**n)
        by_pairs, by_price = (break_even.people_cheaper(what, at) for what in ("pairs", "human_usd_per_pair"))
        sides |= {by_pairs.side, by_price.side}
        said = figure.locator(".moving-said").inner_text()
        assert f"a comparison {said_of(by_pairs, lambda found: f'{found:,.0f} pairs', 'number of pairs')}. " in said
        digits = 3 if by_price.value < 0.1 else 2
        words = said_of(by_price, lambda found, digits=digits: f"${found:.{digits}f} a comparison", "price")
        assert said.endswith(f"With {10**n:,.0f} pairs {words}.")
    assert "never" in sides and sides & {"always", "above", "below"}
    # 9,500 dollars more of staff than the book has: the bills are straight lines, which meet at one number of pairs.
    figure.get_by_role("button", name="Reset").click()
    field = figure.locator("[name=s]")
    field.fill(str(int(field.input_value()) + 9_500))
    at = [methods.compare(values | scenarios.of_pairs(values, n), moving.SIDES) for n in (1_000, 1_000_000)]
    (h0, j0), (h1, j1) = ([method.usd for method in each.values()] for each in at)
    meet = 1_000 + (j0 + 9_500 - h0) / ((h1 - h0) - (j1 - j0)) * 999_000
    said = figure.locator(".moving-said").inner_text()
    assert f"people’s project is the cheaper one below {meet:,.0f} pairs" in said
    tab.close()


@pytest.mark.heavy
def test_a_month_and_a_price_move_the_ratio_of_the_article(browser, address):
    tab, values = browser.new_page(), scenarios.complete({})
    tab.goto(f"{address}/notebooks/06_caveats.html")
    figure, months = tab.locator("#moving-price"), moving.months()
    place = next(at for at, (name, *_) in enumerate(months) if name == "January 2023")
    figure.locator("[name=at]").fill(str(place))
    for usd in (months[place][2], 5.0, 100.0):
        figure.locator("[name=price]").fill(str(usd))
        bill = scenarios.synthetic_cost(values | {"price_usd_per_gpu_hour": usd}).total_usd
        said = figure.locator(".moving-said").inner_text()
        # Two lists, whose middle is 4.525 dollars: either cent is right.
        assert re.search(r"January 2023: the median of 2 providers was \$4\.5[23]\.", said)
        assert f"pipeline costs ${bill:,.0f}," in said
        low, high = (float(found) for found in re.findall(r"([\d.]+) times as much", said))
        for ratio, price in ((low, values["price_usd_per_pair_low"]), (high, values["price_usd_per_pair_high"])):
            assert ratio == pytest.approx(price * scenarios.num_pairs(values) / bill, abs=0.051)
    assert "off the axis" in said
    figure.locator("[name=price]").fill("")
    assert tab.inner_text("#moving-price-price-error") == "Give a number from 0.001 to 1,000,000."
    figure.locator("[name=at]").fill(str(len(months) - 1))
    assert tab.inner_text("#moving-price-price-error") == "", "a month gives a price that is allowed"
    tab.close()


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "figure"), [("14_break_even", "moving-even"), ("06_caveats", "moving-price")])
def test_a_figure_reads_with_an_axe_and_is_away_without_scripts_and_in_print(browser, address, axe, name, figure):
    for scheme in ("light", "dark"):
        tab = browser.new_page(color_scheme=scheme)
        tab.goto(f"{address}/notebooks/{name}.html")
        tab.locator(f"#{figure} input[type=number]").first.fill("-1")
        tab.evaluate(axe)
        assert tab.evaluate(f"axe.run('#{figure}').then(r => r.violations.map(v => v.id))") == []
        tab.emulate_media(media="print")
        assert tab.locator(f"#{figure}").is_hidden()
        tab.close()
    tab = browser.new_page(java_script_enabled=False)
    tab.goto(f"{address}/notebooks/{name}.html")
    assert tab.locator(f"#{figure}").is_hidden()
    tab.close()


@pytest.mark.heavy
def test_the_script_draws_what_the_package_computes(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/book/index.html")
    values = scenarios.complete({})
    for n, q, e in ((5.0, 3.5, 2_000), (3.0, 0.3, 0), (6.0, 120.0, 805)):
        tab.locator(".moving [name=n]").fill(str(n))
        tab.locator(".moving [name=q]").fill(str(q))
        tab.locator(".moving [name=e]").fill(str(e))
        changed = {"human_usd_per_pair": q, "num_evaluation_comparisons": e}
        at = methods.compare(values | changed | scenarios.of_pairs(values, 10**n), moving.SHOWN)
        for name, method in at.items():
            assert tab.inner_text(f"[data-usd={name}]") == f"${method.usd:,.0f}"
        assert tab.locator(".moving.own polygon").first.is_hidden(), "the bands are those of other prices"
    tab.locator(".moving [name=q]").fill("-1")
    assert tab.locator(".moving [name=q]").get_attribute("aria-invalid") == "true"
    assert tab.inner_text("[data-usd=rlaif]") == f"${at['rlaif'].usd:,.0f}", "a wrong price moves nothing"
    error = tab.locator(".moving [name=q]").get_attribute("aria-describedby")
    assert tab.inner_text(f"#{error}") == "Give a number from 0.01 to 1,000."
    tab.locator(".moving [name=e]").fill("1.5")
    assert tab.inner_text("#fig-landing-curve-e-error") == "Give a whole number from 0 to 1,000,000."
    tab.locator(".moving [name=q]").fill("1000")
    places = tab.evaluate(HEIGHTS)
    assert min(places) >= 0 and max(places) <= 100, "no curve leaves the plot"
    assert tab.locator(".moving .y").last.inner_text().replace("\u00a0", " ") == "$10,000 M"  # $1,000 x 1M pairs, fees
    tab.get_by_role("button", name="Reset").click()
    published = methods.compare(values, moving.SHOWN)["rlaif"].usd
    assert tab.inner_text("[data-usd=rlaif]") == f"${published:,.0f}"
    assert tab.locator(".moving [name=q]").input_value() == f"{human_work.usd_per_comparison(values):.4g}"
    tab.close()
