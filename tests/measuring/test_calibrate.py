"""Calibration: coefficients that rows were made with are found again, and only those that the rows tell."""

import csv
import hashlib
import io
import random

import pytest
import yaml

from costlib.compute import coefficients
from costlib.facts import catalog, hardware
from costlib.measuring import calibrate as calibration
from costlib.validation.predictions import predict
from costlib.validation.readers.steps import calibrates, step_case
from costlib.validation.tables import STEPS, read

TRUE = {"matmul-fraction": 0.62, "training-attention-fraction": 0.4, "elementwise-bytes": 120, "training-launch": 500,
        "eager-launch": 250, "rl-update-fraction": 0.55,
        "inference-attention-fraction": 0.8, "activation-count": 0.9, "allocator-waste": 1.2}  # fmt: skip
GPU = {"name": "truth", "label": "A device", "device": "A device", "bf16_dense_tflops": 100, "hbm_gb": 40,
       "hbm_bandwidth_gb_per_s": 1000}  # fmt: skip
ORIGIN = {"gpu": "A device", "precision": "bf16", "seed": "0", "status": "measured", "device_memory_gb": "40",
          "driver": "1", "torch": "2", "transformers": "5", "date": "2026-01-01"}  # fmt: skip


def steps():
    """A grid as `costlib measure` has it, on models of several sizes."""
    for model in ("gpt2", "llama-3.2-1b", "llama-3.2-3b", "llama-2-7b"):
        for n, tokens in ((1, 128), (1, 512), (4, 2048), (16, 512)):
            yield dict(step="forward", model=model, sequences=n, tokens=tokens)
            for recompute in ("none", "full"):
                yield dict(step="train", model=model, sequences=n, tokens=tokens, recompute=recompute)
                yield dict(step="train", model=model, sequences=n, tokens=tokens, recompute=recompute, lora_rank=16)
            yield dict(step="decode", model=model, sequences=n, tokens=tokens)
            yield dict(step="prefill", model=model, sequences=1, tokens=n * tokens)
        for n in (1, 4, 16):
            yield dict(step="ppo", model=model, sequences=n, tokens=256, response_tokens=128)
    # Steps of small models wait for launches, those of large ones for the weights.
    for model in ("gpt2", "llama-3.2-1b"):
        for n, tokens in ((1, 64), (2, 64), (4, 128), (8, 256)):
            yield dict(step="decode", model=model, sequences=n, tokens=tokens)
            yield dict(step="train", model=model, sequences=n, tokens=8 * tokens, recompute="none")


def truth():
    return coefficients.of(hardware.checked({"gpu": GPU})).replaced(TRUE | {"memory-bandwidth-fraction": 0.9})


def generated(noise=0.0, kinds=("train", "forward", "decode", "prefill", "ppo")):
    """The text of a table whose rows the model made with TRUE, each off by a factor of a normal logarithm."""
    stream = random.Random(7)
    columns = [*STEPS, "device_memory_gb", "driver", "torch", "transformers", "date"]
    text = io.StringIO()
    table = csv.DictWriter(text, columns)
    table.writeheader()
    readings = [dict(step="matmul", sequences=1, tokens=4096, flops=2 * 4096**3, seconds=2 * 4096**3 / 80e12),
                dict(step="copy", sequences=1, tokens=2**28, seconds=4 * 2**28 / 900e9)]  # fmt: skip
    for i, row in enumerate([*readings, *steps()]):
        blank = dict.fromkeys(columns, "") | ORIGIN | {key: str(value) for key, value in row.items()}
        blank["id"] = f"{row['step']} {i}"
        if row["step"] in kinds:
            given = blank | {"seconds": "1", "allocated_bytes": "1", "reserved_bytes": "1"}
            for each in step_case(i, given, truth()):
                cell = {"allocated": "allocated_bytes", "reserved": "reserved_bytes"}.get(each.quantity.split()[-1])
                blank[cell or "seconds"] = repr(float(each.predict(truth())) * stream.lognormvariate(0, noise))
        elif row["step"] not in ("matmul", "copy"):
            continue
        table.writerow(blank)
    return text.getvalue()


@pytest.fixture(scope="module")
def exact():
    return generated()


@pytest.fixture(scope="module")
def noisy():
    return generated(noise=0.05)


def test_coefficients_are_found_again(exact):
    # The device is unknown: its peak is the best product, 80 TFLOP/s, and its bandwidth the copy, 900 GB/s. Rows were
    # made with 62 % of 100 TFLOP/s, attention at 40 and 80 % of it.
    found = {name: part["value"] for name, part in calibration.calibrate(read(exact), "mine").coefficients.items()}
    expected = TRUE | {
        "matmul-fraction": 0.62 * 100 / 80, "training-attention-fraction": 0.4 * 100 / 80,
        "inference-attention-fraction": 0.8 * 100 / 80,
        "memory-bandwidth-fraction": 1.0, "software-speed": 1.0,
    }  # fmt: skip
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=0.02), name


def test_noise_moves_them_little_and_ranges_hold_the_truth(noisy):
    found = calibration.calibrate(read(noisy), "mine")
    truth = {"matmul-fraction": 0.775, "elementwise-bytes": 120,
             "eager-launch": 250, "rl-update-fraction": 0.55, "activation-count": 0.9,
             "allocator-waste": 1.2}  # fmt: skip
    for name, value in truth.items():
        part = found.coefficients[name]
        assert part["value"] == pytest.approx(value, rel=0.15), name
        # A range is of the rows' own scatter; noise of 5 % that they share may move it as far.
        assert part["low"] / 1.05 <= value <= part["high"] * 1.05, name
        assert part["low"] <= part["value"] <= part["high"], name
        assert part["rows"] >= 3
    # The half that was not used is met as well as the other, within what 5 % of noise leaves, and better than before.
    for score in found.scores:
        assert score.after < 0.06 and score.after < score.before, score


def test_what_no_row_tells_stays_as_in_the_book(exact):
    # Without prefill, PPO and decoding nothing is said of their coefficients, nor ever of links between GPUs.
    found = calibration.calibrate(read(only(exact, "train", "forward")), "mine")
    assert {"rl-update-fraction", "eager-launch", "inference-attention-fraction", "link-fraction"} <= set(found.kept)
    assert {*found.kept, *found.coefficients} == set(catalog.table("coefficients"))
    assert {"matmul-fraction", "elementwise-bytes"} <= found.coefficients.keys()


def only(text, *steps):
    """The readings of the device, and rows of these steps."""
    header, *rows = text.splitlines()
    return "\n".join([header, *(row for row in rows if row.startswith(("matmul", "copy", *steps)))])


def test_a_launch_that_nothing_waits_for_is_put_at_a_bound(exact):
    # Llama 2 7B alone: 2,500 microseconds would be seen in its shortest steps, which wait for arithmetic at 500.
    header, *rows = only(exact, "train").splitlines()
    long = [row for row in rows if "llama-2-7b" in row or row.startswith(("matmul", "copy"))]
    table = [(line, dict.fromkeys(STEPS, "") | row)
             for line, row in read("\n".join([header, *long])).rows]  # fmt: skip
    facts = calibration._facts(table, "mine", "A device", "bf16")
    known = coefficients.of(hardware.checked({"gpu": facts})).replaced({"training-launch": 20_000})
    cases = [case for calibrating, case in calibration._cases(table, known)
             if calibrating and case.group == "own training"]  # fmt: skip
    found = calibration._fitted(calibration.TIME, cases, known)["training-launch"]
    assert found["rows"] == 0 and 500 < found["value"] < 20_000


def test_half_of_the_rows_calibrate_by_their_hash(exact):
    rows = [row for _, row in read(exact).rows]
    chosen = [row for row in rows if calibrates(row)]
    assert 0.35 < len(chosen) / len(rows) < 0.65
    key = f"{rows[0]['id']} A device bf16 0"
    assert calibrates(rows[0]) == (hashlib.sha256(key.encode()).hexdigest()[0] in "01234567")
    halves = {(s.group, s.half): s.rows for s in calibration.calibrate(read(exact), "mine").scores}
    assert halves["own training", "calibration"] == sum(row["step"] in ("train", "forward") for row in chosen)


def test_the_file_is_read_again_and_checked(exact):
    found = calibration.calibrate(read(exact), "mine")
    own = hardware.checked(yaml.safe_load(calibration.as_yaml(found)))
    assert own.gpu["name"] == "mine" and own.device == "A device" and own.gpu["hbm_gb"] == 40
    assert own.coefficients["training-launch"]["value"] == found.coefficients["training-launch"]["value"]
    result = predict(read(exact), 0, coefficients.of(own))
    assert not [missing for missing in result.missing if "reading of the device" not in missing.reason]
    assert {p.half for p in result.of("own training")} == {"calibration", "reported"}
    assert max(p.factor for p in result.predicted) < 1.05  # the rows were made by the same functions


def test_tables_that_cannot_calibrate_are_refused(exact):
    for text, words in (
        ("model,metric,value,unit\nx,ITL,1,ms\n", "costlib measure wrote"),
        (exact.replace("A device", "Other", 1), "column gpu: must be the same in all rows"),
        (exact.replace(",measured,", ",out of memory,"), "no row was measured"),
        ("\n".join(row for row in exact.splitlines() if "matmul" not in row), "no row has a reading of matmul"),
    ):
        with pytest.raises(ValueError, match=words):
            calibration.calibrate(read(text), "mine")
    with pytest.raises(ValueError, match="must not be one of the catalogue"):
        calibration.calibrate(read(exact), "h100-sxm-80gb")
