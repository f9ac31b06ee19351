"""Prices and other values that people copied stand twice: in the facts, and in another reading of their sources."""

import csv
import io
import lzma
import math
import re

import pytest
from conftest import ROOT

from costlib.facts import catalog, parameters

_PACKED = (ROOT / "tests" / "data" / "second_witness.csv.xz").read_bytes()
WITNESS = list(csv.DictReader(io.StringIO(lzma.decompress(_PACKED).decode(), newline="")))
# Prices of GPUs that chapters show; the others are witnessed by their medians, in test_prices.py.
PRICES = {"gpu_prices": ("usd_per_instance_hour",), "label_prices": ("usd_per_label_low", "usd_per_label_high"),
          "agreement": ("value_low", "value_high"),
          "gpus": ("bf16_dense_tflops", "hbm_gb", "hbm_bandwidth_gb_per_s", "tdp_w")}  # fmt: skip
# Read in one place alone, each with a source that the other reading does not have.
# Of the L20 and the RTX 6000 Ada the peaks stand once; their memory and power twice.
# The tables of MT-Bench with ties, of the judges of 2026 and the figure of AlpacaFarm were read in one text each.
# The server part has slower memory than the workstation part that texts describe.
ONCE = {
    "claru-expert",
    "rtx-pro-6000-96gb",
    "h800-sxm-80gb",
    "gh200-96gb",
    "mi250x-gcd-64gb",
    "l20-48gb",
    "rtx-6000-ada-48gb",
    "h100-96gb",
    "mt-bench-human-ties",
    "mt-bench-gpt4-ties",
    "mt-bench-gemini-3-1-pro",
    "alpacafarm-human",
    "alpacafarm-gpt4",
}


def witnessed(arithmetic):
    """Return the value of digits as read, with the sum that leads to the unit of the fact written out."""
    assert re.fullmatch(r"(round|[\d.,+\-*/() ])+", arithmetic), arithmetic
    return eval(arithmetic)


@pytest.mark.parametrize("row", WITNESS, ids=lambda row: f"{row['name']}-{row['column']}")
def test_a_value_is_what_the_other_reading_gives(row):
    if row["table"] == "parameters":
        value = parameters.vocabulary()[row["name"]].default
    else:
        value = getattr(catalog.table(row["table"])[row["name"]], row["column"])
    assert math.isclose(value, witnessed(row["value"]), rel_tol=1e-9), row


def test_every_price_has_a_second_witness():
    seen = {(row["table"], row["name"], row["column"]) for row in WITNESS}
    assert len(seen) == len(WITNESS)
    for table, columns in PRICES.items():
        for record in catalog.table(table).values():
            for column in columns:
                shown = table != "gpu_prices" or record.shown_in
                if shown and getattr(record, column) is not None and record.name not in ONCE:
                    assert (table, record.name, column) in seen, f"{table}: {record.name} needs a second reading"
    assert all(row["read_in"] and row["date"] for row in WITNESS)


def test_prices_of_one_instance_fall_in_the_order_in_which_a_provider_sells():
    # Nobody sells a reservation or spare capacity dearer than the same instance on demand, nor three years above one.
    prices = catalog.table("gpu_prices")
    shapes = {(price.provider, price.instance, price.gpu) for price in prices.values()}
    for shape in shapes:
        of = [price for price in prices.values() if (price.provider, price.instance, price.gpu) == shape]
        demand = [price.usd_per_gpu_hour for price in of if price.kind == "on-demand"]
        assert all(price.usd_per_gpu_hour <= max(demand, default=math.inf) for price in of), shape
    assert prices["aws-p4d-reserved-3y-2026"].usd_per_gpu_hour < prices["aws-p4d-reserved-1y-2026"].usd_per_gpu_hour
    spot = [prices[f"aws-p4d-spot-{end}"].usd_per_gpu_hour for end in ("low", "median", "high")]
    assert spot == sorted(spot)
