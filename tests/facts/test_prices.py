"""Prices of GPUs: quotes, their dates, a reader's own, and what a door says of them."""

import csv
import io
import json
import math
import re
from datetime import date
from statistics import median

import pytest
from command import refused, told
from conftest import ROOT

import costlib
from costlib.base.files import read_rows
from costlib.compute.job import estimate
from costlib.economics import scenarios
from costlib.facts import catalog, price_files, prices

WORK = {"gpus": 8, "examples": 1000, "prompt_tokens": 0, "response_tokens": 512}
WITNESS = {row["gpu"]: row for row in read_rows(ROOT / "tests" / "data" / "gpu_price_medians.csv")}
# The witness left out the a2-ultragpu of GCP, $5.07 in September 2026, which our table had before it: nine providers,
# 1.29 1.6 1.79 2.3 [2.7] 2.79 3.430881 4 5.068798.
OTHERS = {"a100-sxm-80gb": (9, 2.7, 1.29, 5.068798)}
ELSEWHERE = {"v100-sxm-32gb", "v100-pcie-32gb", "t4-16gb", "rtx-3090-24gb", "rtx-5090-32gb"}  # old or of marketplaces
NEVER = {
    "h800-sxm-80gb",
    "h20-96gb",
    "gh200-144gb",
    "mi250x-gcd-64gb",
    "h100-96gb",
    "l20-48gb",
    "rtx-6000-ada-48gb",
    "a30-24gb",
    "l40-48gb",
    "gaudi-3-128gb",
}


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


def test_a_comparison_takes_the_prices_of_a_reader(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("provider,gpu,usd_per_gpu_hour,kind,valid_from\nOurs,H100 SXM,2,on-demand,2026-11\n"
                    "Ours,a100-sxm-80gb,1,on-demand,2026-11\n")  # fmt: skip
    for gpu, usd in ((None, 1), ("h100-sxm-80gb", 2)):  # the published GPU follows them too
        given = {"cluster_gpu": gpu} if gpu else {}
        found = costlib.compare(prices=file, draws=20, **given)
        same = costlib.compare(draws=20, price_usd_per_gpu_hour=usd, **given)
        assert [each.usd for each in found] == [each.usd for each in same]
        assert [each.usd_high for each in found] == [each.usd_high for each in same]  # and is not drawn
        assert f"${usd}.00 a GPU-hour (on-demand at Ours, November 2026)" in " ".join(repr(found).split())
    text = told("compare", "--prices", str(file), "-p", "cluster_gpu=h100", "--draws", "20")
    assert "on-demand at Ours" in " ".join(text.split())
    refused("must be given: no price of b200-sxm-180gb is known", costlib.compare, prices=file,
            cluster_gpu="b200-sxm-180gb")  # fmt: skip
    refused("prices mean nothing with price_usd_per_gpu_hour", costlib.compare, prices=file, price_usd_per_gpu_hour=2)


def test_every_door_of_a_scenario_says_the_price_that_its_gpu_brought():
    from costlib.calculator.door import Calculator

    said = "price of b200-sxm-180gb: $6.79 a GPU-hour (median on-demand of 7 providers"
    printed = " ".join(repr(costlib.compare(cluster_gpu="b200-sxm-180gb", draws=20)).split())
    assert said in printed and "; the intervals hold it" in printed
    assert said in " ".join(repr(costlib.compare(cluster_gpu="NVIDIA B200", draws=20)).split())  # in any spelling
    page = Calculator().answer({"cluster_gpu": "b200-sxm-180gb"})
    assert said[1:] in page["html"].replace("\u00a0", " ")
    swept = costlib.sweep({"vary": {"cluster_gpu": ["h100-sxm-80gb", "b200-sxm-180gb"]}, "outputs": ["rlaif.usd"]})
    assert said in " ".join(repr(swept).split())
    by_hand = [costlib.compare(cluster_gpu=gpu, draws=20)[4].usd for gpu in ("h100-sxm-80gb", "b200-sxm-180gb")]
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
    refused("unknown gpu .h1000.; known: h100-sxm-80gb", costlib.prices, "h1000")
    refused("kind must be one of on-demand, .*, got 'spott'; did you mean spot", costlib.prices, kind="spott")
    refused(r"provider \[-\] must be one of .*, got 'lamda'; did you mean lambda", costlib.prices, provider="lamda")


def test_judges_are_listed_beside():
    assert '"agreement": 0.69' in told("prices", "--judges", "--json")
    assert "which have no --gpu" in told("prices", "--judges", "--gpu", "h100", code=2)
    assert told("prices", "--judges", "--format", "csv").splitlines()[0].startswith("name,label,provider")


# --- files of others --------------------------------------------------------------------------------------------------

HEAD = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice"
MEMORY = "{'Gpus': [{'Name': 'x', 'MemoryInfo': {'SizeInMiB': 81920}}]}"
MACHINES = f"""{HEAD}
cpu_4x,,,4.0,16.0,0.2,us-east-1,,
gpu_8x_a100,A100-80GB,8.0,124.0,1800.0,22.32,us-east-1,"{MEMORY}",
gpu_8x_a100,A100-80GB,8.0,124.0,1800.0,22.32,us-west-1,"{MEMORY}",
gpu_1x_h100,H100-80G-PCIe,1.0,26.0,200.0,3.29,us-west-1,"{MEMORY}",0.99
p4d,A100,8.0,96.0,1152.0,16.0,us-east-1,,4.0
trn1,Trainium,16.0,128.0,512.0,21.5,us-east-1,,
"""
MODEL = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 4e-07, "output_cost_per_token": 1.6e-06,
         "cache_read_input_token_cost": 1e-07, "input_cost_per_token_batches": 2e-07, "max_input_tokens": 1047576,
         "deprecation_date": "2027-01-14"}  # fmt: skip
FREE = {"mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
MODELS = {"sample_spec": {"mode": "one of: chat"}, "gpt-4.1-mini": MODEL, "free": FREE, "dall-e": {"mode": "image"}}


@pytest.fixture
def written(tmp_path):
    def write(text, name="vms.csv"):
        path = tmp_path / "lambda" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_of_skypilot_becomes_a_table_whose_prices_an_estimate_takes(written):
    found = price_files.imported(written(MACHINES), "2026-12-01")
    assert (found.kind, found.rows, found.left_out) == ("GPUs", 5, "GPUs that we do not know: Trainium")
    mine = prices.read(written(found.text, "mine.csv"))
    told = {(row.gpu, row.kind): (row.usd_per_gpu_hour, row.region, row.provider) for row in mine.rows}
    # 22.32 / 8 in both regions; A100 alone is the one of 40 GB there.
    assert told == {("a100-sxm-80gb", "on-demand"): (2.79, "2 regions", "Lambda"),
                    ("h100-pcie-80gb", "on-demand"): (3.29, "us-west-1", "Lambda"),
                    ("h100-pcie-80gb", "spot"): (0.99, "us-west-1", "Lambda"),
                    ("a100-sxm-40gb", "on-demand"): (2.0, "us-east-1", "Lambda"),
                    ("a100-sxm-40gb", "spot"): (0.5, "us-east-1", "Lambda")}  # fmt: skip
    assert mine.at == date(2026, 12, 1)
    work = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", **WORK, "prices": written(found.text, "mine.csv")}
    answer = costlib.estimate("sft", **work)
    assert answer.usd == pytest.approx(2.79 * answer.cost.gpu_hours) and "mine.csv: " in answer.price["price_source"]
    other = costlib.estimate("sft", **(work | {"gpu": "b200-sxm-180gb"})).to_dict()
    assert other["usd"] is None and other["usd_reason"] == "no price of b200-sxm-180gb is known"


def test_whoever_only_deals_has_prices_of_a_marketplace(written):
    found = price_files.imported(written(MACHINES, "x.csv"), "2026-12", "vast.ai")
    rows = prices.read(written(found.text, "mine.csv")).rows
    assert {(row.provider, row.kind) for row in rows} == {("Vast.ai", "marketplace"), ("Vast.ai", "spot")}


def test_a_file_of_litellm_becomes_prices_of_judges(written):
    found = price_files.imported(written(json.dumps(MODELS), "prices.json"), "2026-12-01", source="read by us")
    assert (found.kind, found.rows, found.left_out) == ("judges", 1, "3 entries without a price of text")
    (row,) = csv.DictReader(io.StringIO(found.text))
    assert [float(row[f"usd_per_million_{name}"]) for name in ("input", "cached_input", "output")] == [0.4, 0.1, 1.6]
    assert float(row["batch_discount"]) == 0.5 and row["retires"] == "2027-01-14" and row["source"] == "read by us"
    assert (row["name"], row["provider"], row["price_date"]) == ("gpt-4.1-mini", "openai", "2026-12-01")
    assert row["note"] == "At most 1,047,576 tokens in."


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n", "it is no price file of SkyPilot (no column InstanceType) nor of LiteLLM"),
     ("", "it is no price file"), (MACHINES.replace("22.32", "nan"), "line 3, Price [USD per hour] must be a number"),
     (MACHINES.replace("22.32", "-1"), "must be a number above 0"),
     (MACHINES.replace(",8.0,", ",0,"), "AcceleratorCount"),
     (MACHINES + "x,H100\n", "line 8 has not as many cells"), (MACHINES + "x" * 200_000 + "\n", "field larger"),
     (MACHINES.replace("p4d,", "p\x1b[2J,"), "InstanceType must be a line"),
     ("{" * 100_000, "no JSON"), ('{"a": ' * 50_000, ""), ("[1]", "it is no price file"), ("{}", "no model in it"),
     ('{"a": NaN}', "NaN is no number"), ('{"a": 1, "a": 2}', "'a' is given twice"),
     (json.dumps({"m": MODEL | {"input_cost_per_token": "cheap"}}), "m, input_cost_per_token [USD per token]"),
     (json.dumps({"m": MODEL | {"deprecation_date": "soon"}}), "m, deprecation_date: must be a date"),
     (json.dumps({"m\x1b": MODEL}), "a model must be a line")],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_one_line(written, text, message):
    with pytest.raises(ValueError, match=r"vms\.csv: .*" + re.escape(message)) as error:
        price_files.imported(written(text), "2026-12-01")
    assert "\n" not in str(error.value) and str(error.value).isprintable() and len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("change", "message"),
    [({"gpu": "h1000"}, "line 2: unknown gpu"), ({"kind": "cheap"}, "column kind: must be one of on-demand"),
     ({"usd_per_gpu_hour": "inf"}, "usd_per_gpu_hour"), ({"usd_per_gpu_hour": "0"}, "must be a number above 0"),
     ({"usd_per_gpu_hour": ""}, "must be a number above 0"),
     ({"valid_from": "yesterday"}, "valid_from: must be a date"),
     ({"valid_from": "2026-13"}, "must be a date"), ({"valid_from": ""}, "must be a date"),
     ({"provider": ""}, "provider"),
     ({"valid_to": "\u0662\u0660\u0662\u0666"}, "must be a date")],
)  # fmt: skip
def test_a_readers_table_is_read_strictly(written, change, message):
    row = {"provider": "a", "gpu": "h100-sxm-80gb", "usd_per_gpu_hour": "2", "kind": "spot", "valid_from": "2026",
           "valid_to": ""}  # fmt: skip
    assert prices.read(written(",".join(row) + "\n" + ",".join(row.values()) + "\n")).quote(
        "h100-sxm-80gb", kind="spot"
    )
    row |= change
    refused(r"vms\.csv, line 2: .*" + re.escape(message.removeprefix("line 2: ")), prices.read,
            written(",".join(row) + "\n" + ",".join(row.values()) + "\n"))  # fmt: skip
    refused("vms.csv is no table of prices: it has no column provider", prices.read, written("a,b\n"))


def test_the_command_writes_over_nothing_that_it_did_not_write(written, tmp_path):
    file, out = written(MACHINES), tmp_path / "mine.csv"
    asked = ("prices", "--import", file, "--date", "2026-12-01", "-o")
    assert "5 of GPUs" in told(*asked, out)
    assert "is an input" in told(*asked, file, code=2) and file.read_text(encoding="utf-8") == MACHINES
    out.write_text("mine", encoding="utf-8")
    told(*asked, out, code=2)
    assert out.read_text(encoding="utf-8") == "mine"
    assert "--date must be given" in told("prices", "--import", file, "-o", tmp_path / "x.csv", code=2)
    assert "goes with --import" in told("prices", "--date", "2026-12-01", code=2)
    assert "does not say who rents" in told("prices", "--import", written(MACHINES, "x.csv"), "--date", "2026", "-o",
                                            tmp_path / "x.csv", code=2)  # fmt: skip
