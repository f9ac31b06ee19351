"""Prices of GPUs: quotes, their dates, a reader's own, and what a door says of them."""

import math
from datetime import date
from statistics import median

import pytest
from command import refused
from conftest import ROOT

import costlib
from costlib.compute.job import estimate
from costlib.economics import scenarios
from costlib.facts import catalog, prices
from costlib.files import read_rows

WORK = {"gpus": 8, "examples": 1000, "prompt_tokens": 0, "response_tokens": 512}
WITNESS = {row["gpu"]: row for row in read_rows(ROOT / "tests" / "data" / "gpu_price_medians.csv")}
# The witness left out the a2-ultragpu of GCP, $5.07 in September 2026, which our table had before it: nine providers,
# 1.29 1.6 1.79 2.3 [2.7] 2.79 3.430881 4 5.068798.
OTHERS = {"a100-sxm-80gb": (9, 2.7, 1.29, 5.068798)}
ELSEWHERE = {"v100-sxm-32gb", "v100-pcie-32gb", "t4-16gb", "rtx-3090-24gb", "rtx-5090-32gb"}  # old or of marketplaces
NEVER = {"h800-sxm-80gb", "h20-96gb", "gh200-144gb", "mi250x-gcd-64gb"}


@pytest.mark.parametrize("gpu", WITNESS)
def test_a_median_is_that_of_another_reading(gpu):
    row, found = WITNESS[gpu], prices.quote(gpu)
    names = ("providers", "median_on_demand_usd_per_gpu_hour", "low", "high")
    expected = OTHERS.get(gpu, [float(row[name]) for name in names])
    # It was printed to four digits after the point.
    assert [found.providers, found.usd, found.low, found.high] == pytest.approx(expected, abs=6e-5)
    assert found.kind == "on-demand" and found.providers == len(found.names)


def test_every_gpu_has_a_price_of_today_or_says_what_it_has_instead():
    quotes = {name: prices.quote(name) for name in catalog.table("gpus", None)}
    assert {name for name, quote in quotes.items() if quote is None} == NEVER
    assert quotes.keys() - NEVER - WITNESS.keys() == ELSEWHERE
    for name in ELSEWHERE:
        assert quotes[name].old or quotes[name].kind == "marketplace"
        assert ("days old" in quotes[name].said) == quotes[name].old


def test_prices_older_than_180_days_at_the_edition_are_these():
    # The edition's date less 180 days is 2026-05-31; a month alone is its first day.
    assert date(2026, 5, 31).toordinal() + 180 == prices.EDITION.toordinal()
    old = {name for name in catalog.table("gpus", None) if (quote := prices.quote(name)) and quote.old}
    assert old == {"t4-16gb", "v100-sxm-32gb", "rtx-3090-24gb", "mi325x-256gb"}


def test_a_provider_counts_once_with_the_cheapest_shape_of_its_latest_list():
    rows = [("a", "2026-10", 9.0), ("a", "2026-11-01", 4.0), ("a", "2026-11-01", 3.0), ("b", "2026-10", 5.0)]
    table = own(*(("on-demand", *row) for row in rows), ("spot", "a", "2026-11", 1.0))
    assert [table.quote("h100-sxm-80gb").usd, table.quote("h100-sxm-80gb").low] == [median([3.0, 5.0]), 3.0]
    assert table.quote("h100-sxm-80gb", "A").usd == 3 and table.quote("h100-sxm-80gb", kind="spot").usd == 1
    assert table.quote("h100-sxm-80gb", at=date(2026, 10, 15)).usd == median([9.0, 5.0])
    assert table.quote("h100-sxm-80gb", at=date(2020, 1, 1)) is None
    refused(r"provider \[-\] must be one of 2 in mine, got 'c'", table.quote, "h100-sxm-80gb", "c")


def own(*rows):
    """A table of kind, provider, first day and price of one GPU."""
    names = ("kind", "provider", "valid_from", "usd_per_gpu_hour")
    cells = [dict(zip(names, map(str, row), strict=True)) | {"gpu": "h100-sxm-80gb"} for row in rows]
    return prices.Prices([prices._row(each, "a line") for each in cells], "mine")


def test_a_price_that_has_ended_or_stands_for_no_machine_is_in_no_quote():
    # Nebius: $3.85 until the end of September, $4.50 from then on.
    assert prices.quote("h100-sxm-80gb", "nebius").usd == 4.5
    assert prices.quote("h100-sxm-80gb", "nebius", at=date(2026, 9, 28)).usd == 3.85
    assert prices.quote("gb300-288gb").names == ("OCI",) and prices.quote("gb300-288gb", "Fireworks") is None
    assert not {"Market", "SemiAnalysis", "Silicon Data"} & set(prices.quote("h100-sxm-80gb").names)


# --- doors ------------------------------------------------------------------------------------------------------------


def test_an_estimate_takes_the_quote_of_its_gpu_and_says_from_where():
    found = estimate("sft", "llama-2-7b", "h100-sxm-80gb", **WORK)
    said = found.to_dict()
    assert found.usd == pytest.approx(3.99 * found.cost.gpu_hours)
    assert [said[f"price_{name}"] for name in ("low", "high", "providers", "date", "kind")] == [
        2.9572, 12.29, 18, "2026-11-09", "on-demand"]  # fmt: skip
    text = repr(costlib.estimate("sft", model="llama-2-7b", gpu="h100-sxm-80gb", **WORK))
    assert "median on-demand of 18 providers, $2.96 to $12.29, November 2026" in " ".join(text.split())
    for option, usd in (({"provider": "aws"}, 6.88), ({"price_kind": "reserved"}, 2.72), ({"price": 2}, 2)):
        assert costlib.estimate("sft", model="llama-2-7b", gpu="h100-sxm-80gb", **WORK,
                                **option).job.price_usd_per_gpu_hour == usd  # fmt: skip


@pytest.mark.parametrize("stage", ["sft", "ppo", "generate"])
def test_a_gpu_without_a_price_takes_hours_and_no_dollars(stage):
    found = estimate(stage, "llama-2-7b", "h20-96gb", **WORK)
    said = found.to_dict()
    assert said["hours"] > 0 and said["usd"] is None and said["usd_80_low"] is None
    assert said["usd_reason"] == "no price of h20-96gb is known" and math.isnan(found.usd)
    assert all(step["usd"] is None and step["gpu_hours"] >= 0 for step in said["steps"])
    assert estimate(stage, "llama-2-7b", "h20-96gb", **WORK, price_usd_per_gpu_hour=2).usd > 0
    assert "no price of h20-96gb is known" in repr(costlib.estimate(stage, model="llama-2-7b", gpu="h20-96gb", **WORK))


def test_another_gpu_brings_its_price_to_a_scenario_and_nothing_else_does():
    published = scenarios.complete({})
    assert published["price_usd_per_gpu_hour"] == scenarios.complete({"cluster_gpu": "a100-sxm-80gb"})[
        "price_usd_per_gpu_hour"] == 2.5  # fmt: skip
    given = {"cluster_gpu": "b200-sxm-180gb"}
    assert scenarios.complete(given)["price_usd_per_gpu_hour"] == 6.79
    assert scenarios.held(given) == ("cluster_gpu", "price_usd_per_gpu_hour")
    assert scenarios.complete(given | {"price_usd_per_gpu_hour": 2.5})["price_usd_per_gpu_hour"] == 2.5
    refused(r"price_usd_per_gpu_hour \[USD/GPU-h\] must be given: no price of h20-96gb is known", scenarios.complete,
            {"cluster_gpu": "h20-96gb"})  # fmt: skip
    assert scenarios.complete({"cluster_gpu": "h20-96gb", "price_usd_per_gpu_hour": 1})["price_usd_per_gpu_hour"] == 1


def test_every_door_of_a_scenario_says_the_price_that_its_gpu_brought():
    from costlib.calculator.door import Calculator

    said = "price of b200-sxm-180gb: $6.79 a GPU-hour (median on-demand of 7 providers"
    assert said in " ".join(repr(costlib.compare(cluster_gpu="b200-sxm-180gb", draws=10)).split())
    page = Calculator().answer({"cluster_gpu": "b200-sxm-180gb"})
    assert said[1:] in page["html"].replace("\u00a0", " ")
    swept = costlib.sweep({"vary": {"cluster_gpu": ["h100-sxm-80gb", "b200-sxm-180gb"]}, "outputs": ["rlaif.usd"]})
    assert said in " ".join(repr(swept).split())
    by_hand = [costlib.compare(cluster_gpu=gpu, draws=1)[4].usd for gpu in ("h100-sxm-80gb", "b200-sxm-180gb")]
    assert [*swept.to_frame()["rlaif.usd"]] == pytest.approx(by_hand)
    refused("must be given: no price of h20", costlib.sweep, {"vary": {"cluster_gpu": ["h20-96gb"]},
                                                              "outputs": ["rlaif.usd"]})  # fmt: skip
    priced = {"vary": {"cluster_gpu": ["h20-96gb"], "price_usd_per_gpu_hour": [1, 2]}, "outputs": ["rlaif.usd"]}
    assert len(set(costlib.sweep(priced).to_frame()["rlaif.usd"])) == 2


def test_the_list_shows_a_quote_for_each_gpu_and_the_prices_behind_one():
    assert {quote.gpu for quote in costlib.prices().quotes} == WITNESS.keys() | ELSEWHERE
    assert set(costlib.prices().without) == NEVER
    one = costlib.prices("h100-sxm-80gb", provider="lambda")
    assert {row.provider for row in one.rows} == {"Lambda"} and one.quotes[0].usd == 3.99
    assert {row.kind for row in costlib.prices("h100-sxm-80gb", kind="reserved").rows} == {"reserved-1y", "reserved-3y"}
    refused("unknown gpu .h100-sxm.; did you mean h100-sxm-80gb", costlib.prices, "h100-sxm")
    refused("kind must be one of on-demand, .*, got 'spott'; did you mean spot", costlib.prices, kind="spott")
    refused(r"provider \[-\] must be one of .*, got 'lamda'; did you mean lambda", costlib.prices, provider="lamda")
