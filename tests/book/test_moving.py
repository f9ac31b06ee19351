"""The first page's figure: its eight coefficients give what the package gives, also where the script draws."""

import random

import moving
import pytest

from costlib.economics import human_work, methods, scenarios

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
    tab.get_by_role("button", name="Reset").click()
    published = methods.compare(values, moving.SHOWN)["rlaif"].usd
    assert tab.inner_text("[data-usd=rlaif]") == f"${published:,.0f}"
    assert tab.locator(".moving [name=q]").input_value() == f"{human_work.usd_per_comparison(values):.4g}"
    tab.close()
