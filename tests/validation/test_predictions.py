"""Predictions, errors and tables of measurements by hand: small made-up results, not those of the book."""

import math

import pytest
from command import ends_by_hand, refused

from costlib import validation
from costlib.base.errors import UnreadableError
from costlib.compute import coefficients
from costlib.compute.architecture import find
from costlib.facts import catalog
from costlib.facts.schema import Column, Record
from costlib.validation import counts, errors, importer, left_out, predictions, published, tables, torchtune
from costlib.validation.cases import Case, case, missing, outside, token_flops
from costlib.validation.errors import Target
from costlib.validation.predictions import Missing, Predicted, Result, Unread

GROUP = "inference"


def predicted(value, measured=1.0, low=None, high=None, half="reported", **cells):
    usual = {"line": 2, "id": "a", "source": "s", "group": GROUP, "quantity": "q", "unit": "s", "predict": None}
    return Predicted(Case(**usual | {"measured": measured} | cells), value, low, high, half)


def result(*rows):
    return Result(tuple(rows), ())


# --- one prediction -------------------------------------------------------------------------------------------------


def test_ratio_factor_and_error():
    high, low = predicted(3.0, 2.0), predicted(2.0, 4.0)
    assert (high.ratio, high.factor, high.error) == (1.5, 1.5, 0.5)
    assert (low.ratio, low.factor, low.error) == (0.5, 2.0, 0.5)


@pytest.mark.parametrize(
    ("measured", "value", "rounds"),
    [(31.4, 31.449, True), (31.4, 31.351, True), (31.4, 31.349, False), (31.4, 31.499, True), (31.4, 31.5001, False),
     (120.0, 120.4, True), (120.0, 119.5, True), (120.0, 119.4, False), (120.0, 120.99, True), (120.0, 121.0, False),
     (0.12, 0.125, True), (0.12, 0.1149, False)],
)  # fmt: skip
def test_a_prediction_rounds_or_is_cut_to_the_printed_digits(measured, value, rounds):
    assert predicted(value, measured).rounds is rounds


@pytest.mark.parametrize(("low", "high", "covered"), [(0.5, 2, True), (1, 2, True), (0.5, 1, True), (1.1, 2, False),
                                                      (0.1, 0.9, False), (None, None, None)])  # fmt: skip
def test_an_interval_covers_with_its_ends(low, high, covered):
    assert predicted(1.5, 1.0, low, high).covered is covered


def test_a_row_as_plain_values():
    found = predicted(3.0, 2.0, 1.0, 4.0, assumed=("x", "y")).to_dict()
    assert found == {"line": 2, "id": "a", "group": GROUP, "half": "reported", "quantity": "q", "unit": "s",
                     "predicted": 3.0, "low": 1.0, "high": 4.0, "measured": 2.0, "ratio": 1.5, "covered": True,
                     "assumed": "x, y", "reason": ""}  # fmt: skip
    # More than the GPU has, of a job that ran on it.
    case = predicted(90.0, 70.0).case._replace(most=80.0)
    rows = [predicted(value, 70.0)._replace(case=case).to_dict()["reason"] for value in (90.0, 79.0)]
    assert rows == ["predicted not to fit the GPU, though it ran", ""]


def test_results_add_up_and_are_picked_by_group_and_half():
    a, b, c = predicted(1), predicted(1, half="calibration"), predicted(1, group="alignment")
    lost, words = Missing(3, "x", "why"), Unread(4, "y", ("z",))
    both = Result((a, b), (lost,)) + Result((c,), (), (words,))
    assert both == ((a, b, c), (lost,), (words,))
    assert both.of() == (a, b, c) and both.of(GROUP) == (a, b) and both.of(half="reported") == (a, c)
    assert both.of(GROUP, "reported") == (a,) and both.of("none") == ()


# --- targets and errors ---------------------------------------------------------------------------------------------


def test_targets_in_words():
    assert str(Target(largest=0.005)) == "within 0.5 %" and str(Target(printed=True)) == "exact to printed rounding"
    assert str(Target(median=1.1, factor=1.25, share=0.9, low=0.7, high=0.9)) == (
        "median within 1.1x, 90 % within 1.25x, intervals cover 70 to 90 %")  # fmt: skip
    assert str(Target(points=0.12)) == "median within 12 points" and str(Target()) == ""


@pytest.mark.parametrize(
    ("target", "ratios", "met"),
    [(Target(largest=0.25), (1.25, 0.75), True), (Target(largest=0.25), (1.0, 1.26), False),
     (Target(median=1.25), (1.0, 1.25, 9.0), True), (Target(median=1.25), (1.0, 1.5, 9.0), False),
     (Target(factor=1.25, share=0.8), (1.0, 0.8, 1.0, 1.0, 9.0), True),
     (Target(factor=1.25, share=0.9), (1.0, 0.8, 1.0, 1.0, 9.0), False),
     (Target(points=0.3), (1.2, 1.4, 0.8), True), (Target(points=0.1), (1.2, 1.4, 0.8), False),
     (Target(), (9.0,), True),
     # All that is asked for must hold.
     (Target(median=1.25, factor=1.1, share=0.5), (1.2, 1.2), False),
     (Target(largest=0.1, factor=2, share=1), (1.2,), False)],
)  # fmt: skip
def test_targets_are_met_or_not(target, ratios, met):
    assert target.met([predicted(ratio) for ratio in ratios]) is met


def test_what_a_target_misses_is_said_with_what_was_reached():
    # Factors 1, 1.25 and 2; intervals of the first two hold 1, of all with an interval: too many.
    rows = [predicted(1.0, low=0.5, high=2), predicted(0.8, low=0.5, high=1.0), predicted(2.0)]
    asked = Target(median=1.2, factor=1.3, share=0.7, low=0.7, high=0.9)
    assert asked.missed(rows) == ["median 1.25x", "67% within 1.3x", "intervals cover 100%"]
    assert Target(largest=0.1).missed(rows) == ["2 of 3 rows"]
    assert errors.target("no group") is None and errors.target("analytical memory").printed


def test_a_target_of_printed_digits_asks_every_row():
    right, wrong = predicted(31.44, 31.4), predicted(31.6, 31.4)
    assert Target(printed=True).met([right, right]) and not Target(printed=True).met([right, wrong])


def test_a_summary_of_each_group_and_half_in_order_of_targets():
    rows = [predicted(2.0, group="other", low=1, high=3), predicted(1.2, source="a; page 1"),
            predicted(1.0, half="calibration"), predicted(1.3, low=1.2, high=1.4, source="a; page 2"),
            predicted(0.5, low=0.4, high=1.0)]  # fmt: skip
    found = errors.summary(result(*rows))
    assert [(each.group, each.half, each.count) for each in found] == [
        (GROUP, "reported", 3), (GROUP, "calibration", 1), ("other", "reported", 1)]  # fmt: skip
    first = found[0]
    # Ratios 1.2, 1.3 and 0.5; factors 1.2, 1.3 and 2; errors 0.2, 0.3 and 0.5. One of two intervals holds 1.
    assert (first.median_ratio, first.median_error, first.median_factor) == (1.2, pytest.approx(0.3), 1.3)
    assert first.within == (1 / 3, 2 / 3, 1.0) and first.coverage == 0.5 and found[1].coverage is None
    # Two sources; widths 1.4/1.2 and 2.5. The first interval misses by ln 1.2, which counts ten times.
    assert first.sources == 2 and first.width == pytest.approx((1.4 / 1.2 + 2.5) / 2)
    missed = math.log(1.4 / 1.2) + 10 * math.log(1.2)
    assert first.score == pytest.approx((missed + math.log(2.5)) / 2)
    assert [each.group for each in errors.summary(result(*rows), ("other",))] == ["other"]
    assert [each.half for each in errors.summary(result(*rows), halves=("calibration",))] == ["calibration"]


def test_sources_of_a_group_stand_by_their_median_ratio():
    rows = [predicted(2.0, low=1.5, high=3.0, source="b; 1"), predicted(1.0, low=0.5, high=2.0, source="b; 2"),
            predicted(0.5, low=0.4, high=0.8, source="a"),
            predicted(1.0, source="a", group="analytical memory")]  # fmt: skip
    first, second = errors.by_source(result(*rows))
    assert first == (GROUP, "a", (0.5,), 0.5, 0.0, pytest.approx(2))
    # Of the two intervals of b, 1.5 to 3 and 0.5 to 2, the second holds 1; widths 2 and 4.
    assert second == (GROUP, "b", (2.0, 1.0), 1.5, 0.5, pytest.approx(3))


def test_the_worst_come_first_and_only_of_groups_with_targets():
    rows = [predicted(1.5), predicted(0.25), predicted(9.0, group="other"), predicted(3.0)]
    assert [each.value for each in errors.worst(result(*rows), 2)] == [0.25, 3.0]
    assert len(errors.worst(result(*[predicted(float(n)) for n in range(1, 13)]))) == 10


def test_measured_values_dealt_at_random_miss_by_their_spread():
    rows = result(*[predicted(10.0**n, 10.0**n) for n in range(9)])
    factors_by_seed = [errors.shuffled(GROUP, rows, seed) for seed in (1, 2, 3)]
    assert all(math.log10(each) == pytest.approx(round(math.log10(each))) and each >= 10 for each in factors_by_seed)
    assert errors.shuffled(GROUP, rows, 1) == errors.shuffled(GROUP, rows)


def test_one_constant_in_place_of_the_model():
    def row(utilisation, source):
        return predicted(1.0, group="training throughput", utilisation=utilisation, source=source)

    rows = [row(0.2, "a"), row(0.4, "a"), row(0.4, "b"), row(0.6, "c"), row(None, "c"),
            predicted(1.0, utilisation=0.9)]  # fmt: skip
    # Sources have 0.3, 0.4 and 0.6, all together 0.4. Without its own source each row has 0.5, 0.5, 0.45 and 0.35:
    # factors 2.5, 1.25, 1.125 and 1.714.
    assert errors.constant_utilisation(result(*rows)) == (0.4, pytest.approx((1.25 + 0.6 / 0.35) / 2))
    assert errors.constant_utilisation(result(*rows[:2])) is None


def test_the_longest_name_that_fits_gives_the_reason():
    misses = catalog.table("measured_misses").values()
    for miss in misses:
        assert errors.reason(miss.rows) == miss.reason
    assert errors.reason("no such run") == "not known"


def test_a_ratio_of_two_runs_counts_their_gpus(monkeypatch):
    runs = [(2, {"name": "a", "gpus": "4"}), (3, {"name": "b", "gpus": "8"}), (4, {"name": "c", "gpus": ""})]
    monkeypatch.setattr(errors, "own_table", lambda name: tables.MeasurementTable("runs", tuple(runs)))
    rows = result(predicted(60.0, id="a"), predicted(10.0, id="b"), predicted(40.0, id="c"),
                  predicted(1.0, id="a", unit="%"),
                  predicted(5.0, id="d", share=lambda values: values["product-wave"]))  # fmt: skip
    # 60 s on 4 GPUs over 10 s on 8; 40 s on one over the same.
    assert errors.predicted_ratio("a/b", rows) == 60 * 4 / (10 * 8) and errors.predicted_ratio("c/b", rows) == 0.5
    assert errors.predicted_ratio("d", rows) == coefficients.published()["product-wave"]


# --- intervals ------------------------------------------------------------------------------------------------------


def of_case(predict, **cells):
    return predicted(1.0, predict=predict, **cells).case


def test_each_source_counts_alike_and_the_ends_move_out():
    # Ten sources of one row each, at 0 to 9: levels (0.1 x 10.5 - 0.25) / 10 = 8 % and 92 %; middles 5, 15 ...
    apart = [(str(n), float(n)) for n in range(10)]
    assert left_out.ends(apart) == pytest.approx((0.3, 8.7))
    # A hundred rows of one source are that source: a tenth of all, at its place.
    assert left_out.ends(apart + [("0", 0.0)] * 99) == pytest.approx((0.0, 8.7))
    # Of few sources nothing is cut off.
    assert left_out.ends(apart[:3]) == (0.0, 2.0)


def rows_of(*errors, regime="memory full", **cells):
    """Predictions of 1 of values whose logarithms are given with their sources."""
    return [predicted(1.0, math.exp(value), source=key, group="measured memory", regime=regime, **cells)
            for key, value in errors]  # fmt: skip


def test_few_sources_take_the_errors_of_the_regime_above():
    rows = rows_of(("a", 0.1), ("b", 0.2), ("c", 0.3)) + rows_of(("d", -0.5), ("e", 0.7), regime="memory lora")
    pools = left_out.pools(rows)
    assert [len(pools[name]) for name in ("memory full", "memory lora", "measured memory")] == [3, 2, 5]
    # Its own three sources lie above; the prediction itself is in the interval.
    full = left_out.interval("memory full", pools)
    assert full == (1.0, pytest.approx(math.exp(0.3)), 3, 3, "memory full")
    lora = left_out.interval("memory lora", pools)
    assert lora[2:] == (5, 5, "measured memory") and lora.low < 0.7 < 1.8 < lora.high
    # Without one of its sources the first has too few of its own.
    assert left_out.interval("memory full", pools, "a")[2:] == (4, 4, "measured memory")
    assert left_out.interval("memory full", {}) is None


def test_rows_that_stand_apart_do_not_widen_what_is_above():
    assumed = rows_of(("a", 2.0), regime="sft")
    assumed = [p._replace(case=p.case._replace(group="alignment, one input assumed")) for p in assumed]
    assert [*left_out.pools(assumed)] == ["alignment, one input assumed"]
    assert result(*assumed).of("alignment") == () and result(*assumed).of("alignment, one input assumed") != ()


def test_a_speed_is_a_time_turned_over():
    # Twice as fast as predicted is half the time; times from half to three times are speeds from a third to twice.
    [row] = rows_of(("a", math.log(2)), regime="training dense", unit="tokens/s/GPU")
    assert left_out.error(row.case, row.value) == pytest.approx(-math.log(2))
    held = row.within(left_out.Interval(0.5, 3.0, 9, 3, "training dense"))
    assert (held.low, held.high) == (pytest.approx(1 / 3), pytest.approx(2))


def test_errors_of_shares_are_those_of_their_odds():
    # 50 % predicted and 80 % measured: odds of 1 and 4. The interval of 1/4 to 4 goes from 20 to 80 %.
    [row] = rows_of(("a", 0.0), regime="share of generating", unit="%")
    row = row._replace(value=50.0, case=row.case._replace(measured=80.0, unit="%"))
    assert left_out.error(row.case, row.value) == pytest.approx(math.log(4))
    held = row.within(left_out.Interval(0.25, 4.0, 9, 3, "share of generating"), "left out")
    assert (held.low, held.high, held.half) == (pytest.approx(20), pytest.approx(80), "left out")
    assert held.points == pytest.approx(-0.3)


def test_a_prediction_is_a_finite_number_above_0_with_an_interval_unless_exact():
    known = coefficients.published()
    exact = predictions._predicted(of_case(lambda v: 5.0, group="analytical memory"), known, True)
    assert (exact.value, exact.low, exact.high) == (5.0, None, None)
    assert predictions._predicted(of_case(lambda v: 5.0), known, False).low is None
    held = predictions._predicted(of_case(lambda v: 5.0), known, True)
    assert (held.low, held.high) == pytest.approx([5 * end for end in ends_by_hand(GROUP)])
    for wrong in (0.0, -1.0, math.inf, math.nan):
        refused(f"^the prediction is {wrong}$", predictions._predicted, of_case(lambda v, w=wrong: w), known, False)


def test_rows_that_cannot_be_predicted_are_named_and_stop_nothing(monkeypatch):
    def reader(line, row, known):
        if row["step"] == "unreadable":
            raise UnreadableError("because")
        if row["step"] == "broken":
            raise KeyError("key")
        value = math.inf if row["step"] == "endless" else 2.0
        return [case(line, row, GROUP, "q", "s", 1.0, lambda _: value)]

    monkeypatch.setitem(predictions.READERS, "steps", reader)
    rows = [(2, {"step": "fine", "id": "a"}), (3, {"step": "unreadable", "model": "m"}), (4, {"step": "broken"}),
            (5, {"step": "fine", "": "more cells than columns", "name": "n", "id": "b"}),
            (6, {"step": "endless", "id": "e"}), (7, {"step": "fine", "id": "z"})]  # fmt: skip
    found = validation.predict(tables.MeasurementTable("steps", tuple(rows)), 0, coefficients.published())
    assert [(p.case.line, p.case.id, p.value) for p in found.predicted] == [(2, "a", 2.0), (7, "z", 2.0)]
    assert found.missing == (
        Missing(3, "m", "because"),
        Missing(4, "-", "not predictable: 'key'"),
        Missing(5, "n", "malformed: more cells than columns"),
        Missing(6, "e", "not predictable: the prediction is inf"),
    )


def test_no_row_of_a_readers_table_is_called_calibration():
    for name in ("litgpt table", "torchtune README", "nemo-rl docs", "a blog", ""):
        assert validation.half(name) == "reported"
    # But for rows of the reader's machine from which its own coefficients were calculated.
    assert validation.half("calibration half of own rows") == "calibration"


# --- cases and tables -----------------------------------------------------------------------------------------------


def test_a_case_is_named_by_the_first_of_its_names():
    row = Record({"id": "", "name": "n", "model": "m", "source": ""})
    found = case(4, row, GROUP, "q", "s", 1.0, None, ["x"], 0.5, 0.25)
    assert (found.line, found.id, found.source, found.assumed, found.utilisation, found.share) == (
        4,
        "n",
        "",
        ("x",),
        0.5,
        0.25,
    )
    assert case(4, Record({"id": "i", "name": "n"}), GROUP, "q", "s", 1.0, None).id == "i"
    assert case(4, Record({"model": "m", "source": "s"}), GROUP, "q", "s", 1.0, None)[1:3] == ("m", "s")
    assert case(4, Record({}), GROUP, "q", "s", 1.0, None).id == "line 4"
    assert (str(missing("gpu")), str(outside("x"))) == ("missing gpu", "outside the model: x")


def test_flops_of_a_token_as_published_utilisations_count_them():
    # Six for each parameter, and 3 x 4 x layers x width for each token that it sees.
    model = find("llama-2-7b")
    assert token_flops(model, 2048) == pytest.approx(6 * model.parameters + 12 * 32 * 4096 * 2048)


@pytest.mark.parametrize(("kind", "header"), tables.KINDS.items())
def test_a_kind_of_table_is_known_by_its_columns_in_any_order(kind, header):
    assert tables.recognised([f" {name} " for name in reversed(header)] + ["more"]) == kind
    if kind not in ("memory", "inference"):
        refused(
            rf"^the header fits no kind of table \(.*\); for {kind} it lacks {header[0]}$",
            tables.recognised,
            header[1:],
        )


def test_older_names_of_columns_make_a_kind_too():
    assert tables.recognised(["seq_len", "model", "gpu", "tokens_per_s_per_gpu"]) == "throughput"
    refused("fits no kind", tables.recognised, None)


def test_rows_are_read_with_their_lines_and_empty_ones_left_out():
    text = '\ufeffmodel , metric,value,unit\n a ,ITL,1,ms\n,,,\n"b\nc",ITL,2,ms\nd,ITL,3,ms,more\ne,ITL\n'
    found = tables.read(text)
    assert found.kind == "inference"
    full = {"model": "a", "metric": "ITL", "value": "1", "unit": "ms"}
    assert found.rows == (
        (2, full), (5, full | {"model": "b\nc", "value": "2"}),
        (6, full | {"model": "d", "value": "3", "": "more cells than columns"}),
        (7, full | {"model": "e", "value": "", "unit": ""}),
    )  # fmt: skip


def test_options_marked_as_cumulative_add_up_for_each_identifier():
    rows = [
        (2, {"id": "a", "recompute": "cumulative", "method": "baseline, bf16"}),
        (3, {"id": "a", "recompute": "cumulative", "method": "ckpt"}),
        (4, {"id": "b", "recompute": "cumulative flags", "method": "lora"}),
        (5, {"id": "a", "recompute": "cumulative", "method": "tp2"}),
        (6, {"id": "a", "recompute": "full"}),
    ]
    assert list(tables._cumulative(rows)) == [
        (2, {"id": "a", "recompute": "", "method": "baseline, bf16"}),
        (3, {"id": "a", "recompute": "", "method": " ckpt"}), (4, {"id": "b", "recompute": "", "method": " lora"}),
        (5, {"id": "a", "recompute": "", "method": " ckpt tp2"}), (6, {"id": "a", "recompute": "full"})]  # fmt: skip


def test_cells_are_read_in_the_type_of_their_column():
    def column(kind, *allowed):
        return Column("t", "c", kind, "", "", allowed, False, "", "")

    assert tables._parsed(column("number"), "1,024") == 1024 and tables._parsed(column("number"), "") is None
    assert (
        tables._parsed(column("number", "8", "16"), "8.0") == 8.0 and tables._parsed(column("number", "8"), "") is None
    )
    assert (
        tables._parsed(column("text", "full", "None"), "NONE") == "None"
        and tables._parsed(column("text", "a"), "") == ""
    )
    assert tables._parsed(column("text"), "Any") == "Any" and tables._parsed(column("flag"), "Yes") is True
    for kind, allowed, text, words in [
        ("number", ("8", "16"), "7", "must be one of 8, 16, got '7'"),
        ("flag", (), "maybe", "must be yes or no"),
        ("number", (), "x", "must be a number"),
    ]:
        with pytest.raises(UnreadableError, match=f"^column c: {words}"):
            tables._parsed(column(kind, *allowed), text)


def test_columns_that_are_the_books_own_are_not_read():
    known = tables.columns("runs")
    assert not set(tables.OURS) & set(known) and "stage" in known and set(importer.older("runs")) - set(known)
    assert list(tables.columns("steps")) == list(tables.STEPS)
    kind, row, words = tables.record("runs", {"stage": "sft", "model": "m", "label": "x", "id": "i", "gpus": "8"})
    assert (kind, row.id, row.gpus, row.label, words) == ("runs", "i", 8.0, "x", ())


# --- counts and published sizes -------------------------------------------------------------------------------------


def test_a_rule_is_off_by_at_most_a_reach_or_not():
    rows = [counts.Counted("-", "train", "plain", 1, 1, counted, 50.0, 100.0) for counted in (75, 125, 126, 74)]
    assert counts.share_within(rows, 0.25) == 0.5
    assert (rows[0].over_rule, rows[0].over_formula) == (0.75, 1.5)


def test_a_forward_pass_over_its_flat_rule_by_hand():
    model = find("llama-3.1-8b")
    looked_up = 128256 * 4096  # an embedding that multiplies nothing
    bare = 1 - (looked_up + 65 * 4096) / model.parameters
    assert counts.flat_ratio(model, 0) == pytest.approx(bare)
    assert counts.tokens_that_double(model) == pytest.approx(model.parameters / (2 * 32 * 4096))
    assert counts.flat_ratio(model, counts.tokens_that_double(model)) == pytest.approx(bare + 1)


def test_grpo_is_the_sum_of_writing_reading_and_training():
    found = {(each.model, each.length, each.step): each for each in counts.steps() if each.variant == "plain"}
    sums = [key for key in found if key[2] == "grpo"]
    assert sums
    for model, length, _ in sums:
        total = sum(found[model, length, step].flops for step in ("generate", "forward", "train"))
        whole = found[model, length, "grpo"]
        assert (whole.flops, whole.tokens, whole.formula) == (total, length, None)
        assert whole.rule == 10 * find(model).parameters_active * length
        assert found[model, length, "generate"].formula is None


def test_pairs_count_both_answers():
    found = [each for each in counts.steps() if each.variant == "plain"]
    tokens = {(each.model, each.step): each.tokens / each.length for each in found}
    for (model, step), sequences in tokens.items():
        if step in ("dpo", "rm") and (model, "train") in tokens:
            assert sequences == 2 * tokens[model, "train"]


def test_published_sizes_beside_the_model_by_hand():
    rows = published.rows()
    assert all(row.shown_in == "08_memory" for row in rows.values())
    # 16 bytes of states of 7.5e9 parameters in GB; weights of 16 bits; OPT-13B's cache for a token.
    states = [
        row for row in rows.values() if row.what == "states" and row.parameters == 7.5e9 and row.zero in (None, 0.0)
    ]
    assert states and all(published.size(row) == pytest.approx(120) for row in states)
    cache = rows["vllm-kv-1"]
    assert published.size(cache) == 800.0 and published.difference(cache) == 0.0
    half = Record(cache.to_dict() | {"value": 400.0})
    assert published.difference(half) == 1.0 and published.hbm_gb(rows["dschat-largest-actor-a100-80gb"]) == (
        79.25 * 2**30 / 1e9
    )
    given = published.setup(Record(dict.fromkeys(published.SETTINGS) | {"gpus": 8.0, "zero": 3.0, "recompute": ""}))
    assert (given.gpus, given.zero, given.recompute, given.micro_batch, given.lora_rank) == (8, 3, "none", 1, None)


def test_torchtunes_steps_are_rows_of_the_facts():
    for step, (name, _) in torchtune.STEPS.items():
        row = catalog.find("measured_memory", name)
        assert torchtune.measured(step) == (row.value, row.tokens_per_s) and row.unit == "GiB"
    # 14 bytes for each of 2 x 4,096 x 128,256 logits, an eighth at a time.
    assert torchtune.chunk_of_logits() == pytest.approx(14 * 2 * 4096 * 128256 / 8 / 2**30)
    # Adapters keep less than all gradients and moments, and 4 bits less than 16.
    gib = [torchtune.computed(step)[0] for step in torchtune.STEPS]
    assert gib == sorted(gib, reverse=True)
    whole, bits = (
        find(torchtune.MODEL),
        torchtune.computed("adapters of rank 64")[0] - torchtune.computed("adapters, 4-bit base")[0],
    )
    # The embedding has 32 bits then, and one matrix of 3,072 x 8,192 is there in 16.
    rest = 2 * (whole.parameters - whole.layer_matrices) + 2 * 3072 * 8192
    assert bits == pytest.approx((whole.layer_matrices * (16 - 4.127) / 8 - rest) / 2**30)
