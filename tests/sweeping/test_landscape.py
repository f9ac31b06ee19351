"""The table behind the chapter on the landscape: made by the command on the page, and true of a smaller sample."""

import math
import re
from types import SimpleNamespace

import landscape
import numpy as np
import pytest
import yaml
from conftest import ROOT

from costlib.facts import catalog, parameters
from costlib.sweeping import landscape as reading
from costlib.sweeping import outputs, plan

ROWS = catalog.table("landscape")
CONTENT = yaml.safe_load((ROOT / landscape.SWEEP).read_text(encoding="utf-8"))
POINTS = 2**17


@pytest.fixture(scope="module")
def sample():
    """Points of the same box with other random numbers, and in which of them people cost how many times as much."""
    box = plan.read(CONTENT | {"points": POINTS, "seed": 99})
    inputs, found, _ = outputs.evaluated(box, 0, POINTS)
    inputs["policy_model"] = np.array(box.vary["policy_model"].levels)[inputs["policy_model"]]
    return inputs, found


def inside(row, inputs):
    x = {"prices": lambda v: v["price_usd_per_gpu_hour"], "pairs": lambda v: v["num_pairs_m1"],
         "sizes": lambda v: v["judge_prompt_tokens"] + v["judge_answer_tokens"],
         "ends": lambda v: v[row.parameter]}  # fmt: skip
    chosen = np.ones(POINTS, dtype=bool)
    if row.x_low is not None:
        at = x[row.map](inputs)
        known = parameters.vocabulary().get(row.parameter)
        if known and known.shape == "lognormal":  # what lies beyond its ends is counted in the last bins
            at = np.clip(at, known.low, known.high * (1 - 1e-9))
        chosen &= (at >= row.x_low * (1 - 1e-6)) & (at < row.x_high)
    if row.y_low is not None:
        chosen &= (inputs["human_usd_per_pair"] >= row.y_low) & (inputs["human_usd_per_pair"] < row.y_high)
    return chosen & (inputs["policy_model"] == row.model) if row.model else chosen


@pytest.mark.parametrize("kind", ["all", "prices", "sizes", "pairs", "ends"])
def test_shares_are_those_of_another_sample_within_its_error(kind, sample):
    inputs, found = sample
    rows = [row for row in ROWS.values() if row.map == kind]
    distances = []
    for row in rows:
        chosen = inside(row, inputs)
        count = chosen.sum()
        assert abs(count / POINTS - row.points / 1e7) < 6 * math.sqrt(row.points / 1e7 / POINTS) + 2e-4, row.name
        for name in landscape.COUNTS:
            share = getattr(row, name) / row.points
            error = math.sqrt(max(share * (1 - share), 1 / count) / count)
            distances.append((found[name][chosen].mean() - share) / error)
    assert max(map(abs, distances)) < 6, "no cell is six standard errors off"
    assert np.mean(np.square(distances)) < 1.6, "and all together scatter as samples do"


def test_the_maps_hold_every_point_once():
    for kind in ("prices", "sizes", "pairs"):
        assert sum(row.points for row in ROWS.values() if row.map == kind) == 10_000_000 == CONTENT["points"]


def test_the_command_in_the_file_is_the_one_on_the_page_and_in_the_sweep():
    note = ROWS["all"].note
    made = rf"\(costlib \d+\.\d+\.\d+, seed {CONTENT['seed']}, {CONTENT['points']:,} points\)"
    assert re.fullmatch(f"{re.escape(landscape.COMMAND)} {made}", note)
    for file in (landscape.SWEEP, "notebooks/19_landscape.py"):
        assert landscape.COMMAND in (ROOT / file).read_text(encoding="utf-8"), file
    assert landscape.COMMAND.replace("-o landscape", "-o _build/landscape") in (ROOT / "Makefile").read_text()


def test_every_input_with_a_range_varies_and_the_rest_goes_from_end_to_end_of_the_tables():
    own = {name for name, how in CONTENT["vary"].items() if how == "own"}
    ranged = {name for name, known in parameters.vocabulary().items() if known.shape}
    given = {"price_usd_per_gpu_hour", "human_usd_per_pair", "judge_prompt_tokens"}
    # A price and tokens that are given go before what follows the words; targeted labels are no part of the maps.
    idle = {"human_usd_per_word", "judge_instruction_tokens", "targeted_share"}
    asked = {"policy_model", "platform_fee"}  # a price that is given may have a fee on top
    assert own == ranged - given - idle and set(CONTENT["vary"]) == own | given | asked
    prices = [row.usd_per_gpu_hour for row in catalog.table("gpu_prices").values() if row.shown_in]
    labels = [row.usd_per_label_low for row in catalog.table("label_prices").values() if row.kind.startswith("human-")
              and row.kind != "human-demonstration" and row.usd_per_label_low]  # fmt: skip
    lengths = catalog.table("token_lengths")
    for name, low, high, digits in (
        ("price_usd_per_gpu_hour", min(prices), max(prices), 2), ("human_usd_per_pair", min(labels), max(labels), 2),
        ("judge_prompt_tokens", lengths["hh-helpful-example"].tokens_low, lengths["article-sequence"].tokens_low, 0),
    ):  # fmt: skip
        span = CONTENT["vary"][name]
        assert (span["from"], span["to"]) == (round(low + 1e-9, digits), round(high, digits)), name


def test_the_table_is_small():
    assert (ROOT / "costlib" / "facts" / "landscape.csv").stat().st_size < 72_000


# --- what the table says --------------------------------------------------------------------------------------------


def bins(*wins, points=100):
    """Rows of a map of pairs from 1, 10, 100 ... with wins of the judge at ten times."""
    places = ((10.0**place, 10.0 ** (place + 1)) for place in range(len(wins)))
    return [SimpleNamespace(x_low=low, x_high=high, points=points, judge_10=won)
            for (low, high), won in zip(places, wins, strict=True)]  # fmt: skip


def test_half_of_the_wins_lies_between_the_middles_of_two_bins():
    # From 20 % at the root of 1 x 10 to 80 % at that of 10 x 100: one half is in the middle of the logarithm, at 10.
    assert reading.pairs_at("judge", 10, rows=bins(20, 80, 90)) == pytest.approx(10)
    # A quarter of the way from 40 % to 80 % is 50 %.
    assert reading.pairs_at("judge", 10, rows=bins(40, 80)) == pytest.approx(10**0.5 * 10**0.25)


def test_half_of_the_wins_that_is_never_or_always_reached():
    assert reading.pairs_at("judge", 10, rows=bins(0, 20, 40)) == math.inf
    assert reading.pairs_at("judge", 10, rows=bins(60, 70, 80)) == 1.0


def test_a_share_and_its_error_by_hand():
    row = bins(20)[0]
    assert reading.share(row, "judge", 10) == 0.2
    assert reading.standard_error(row, "judge", 10) == pytest.approx(math.sqrt(20 * 80 / 100**3))


def test_inputs_by_how_far_they_move_the_share_of_wins():
    low, high = reading.ends()["num_pairs_m1"]
    # Staff, which both sides pay, keeps part of the largest projects below ten times; what bounds the difference is one
    # half, which is passed between the lowest and the highest bin of pairs, from next to nothing.
    assert low.x_high < reading.pairs_at("judge", 10) < high.x_low and reading.share(low, "judge", 10) < 1e-4
    assert reading.share(high, "judge", 10) > 0.5
    # Dollars have no such bound: the largest projects nearly always save $100,000.
    assert reading.share(high, "saved", "100k") - reading.share(low, "saved", "100k") > 0.8
    assert all(reading.share(high, "saved", amount) > reading.share(low, "saved", amount) for amount in reading.SAVED)
    assert sorted(reading.drivers()) == sorted(reading.ends())
