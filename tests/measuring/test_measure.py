"""The command: rows that are read again, kills, memory that runs out, devices that are not there."""

import csv
import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from costlib.cli.main import main
from costlib.measuring import clock, machine, run, stages
from costlib.measuring.record import COLUMNS, StepRecord
from costlib.validation.predictions import predict
from costlib.validation.readers.steps import STEPS
from costlib.validation.tables import read

ROOT = Path(__file__).resolve().parents[2]
TINY = "gpt2:layers=1,hidden_size=32,heads=2,vocabulary_size=100"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measured(path, *options):
    usual = {"--device": "cpu", "--seconds": "0", "--tokens": "32"}
    left = [part for name, value in usual.items() if name not in options for part in (name, value)]
    return CliRunner().invoke(main, ["measure", "-o", str(path), *left, "--model", TINY, *options])


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("measured") / "measured.csv"
    result = measured(path)
    assert result.exit_code == 0, result.output
    return path


def test_every_stage_leaves_a_row_with_time_and_origin(table):
    found = rows(table)
    assert tuple(found[0]) == COLUMNS
    assert {row["step"] for row in found} == {"matmul", "copy", *STEPS}
    assert {row["status"] for row in found} == {"measured"}
    for row in found:
        assert 0 < float(row["seconds_low"]) <= float(row["seconds_high"])
        assert float(row["seconds"]) > 0 and int(row["repeats"]) >= 3
        assert row["torch"] == torch.__version__ and row["transformers"] and row["date"] and row["driver"]
    pairs = [row for row in found if row["step"] == "dpo" and row["sequences"] == "1"]
    tokens = [float(row["tokens_per_s"]) * float(row["seconds"]) for row in pairs]
    assert tokens == pytest.approx([16, 16], rel=1e-6)  # a pair of eight tokens each


def test_validate_predicts_counts_and_bytes_and_says_what_speeds_need(table):
    result = predict(read(table.read_text(encoding="utf-8")), False)
    exact = {p.case.quantity: p.ratio for p in result.of("analytical memory")}
    assert exact and set(exact.values()) == {1.0}
    reasons = {missing.reason for missing in result.missing}
    for words in ("costlib calibrate", "reading of the device"):
        assert any(words in reason for reason in reasons)


def test_calibrated_on_its_own_rows_every_step_has_a_time(table, tmp_path):
    # Tiny steps on a shared machine tell little; that a file comes out which predicts each row is what is held here.
    mine = tmp_path / "mine.yml"
    done = CliRunner().invoke(main, ["calibrate", str(table), "-o", str(mine)])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(main, ["validate", str(table), "--hardware", str(mine), "--json"])
    assert shown.exit_code == 0 and "own training" in shown.output
    assert "not predictable" not in shown.output


def test_a_finished_file_is_not_overwritten_and_resume_measures_nothing_twice(table):
    before = table.read_bytes()
    refused = measured(table)
    assert refused.exit_code == 2 and "--resume" in refused.output
    again = measured(table, "--resume")
    assert again.exit_code == 0 and "0 rows measured" in again.output
    assert table.read_bytes() == before


def test_nothing_finished_is_lost_when_the_process_is_killed(tmp_path):
    path = tmp_path / "measured.csv"
    command = [sys.executable, "-c", "from costlib.cli.main import main; main()", "measure", "-o", str(path),
               "--device", "cpu", "--stages", "rm,generate", "--seconds", "1", "--tokens", "32",
               "--model", TINY]  # fmt: skip
    started = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    while started.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < 7):
        time.sleep(0.005)
    started.send_signal(signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL
    kept = path.read_bytes()
    finished = rows(path)
    assert 6 <= len(finished) < 13  # 4 readings of the device, 2 of rm, 7 of generation
    # The kill may also have come in the middle of a line.
    path.write_bytes(kept + b'decode gpt2 1x7,decode,"gpt2:lay')
    done = subprocess.run([*command, "--resume"], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0
    assert path.read_bytes().startswith(kept)
    ids = [row["id"] for row in rows(path)]
    assert len(ids) == len(set(ids)) == 13 and ids[: len(finished)] == [row["id"] for row in finished]


def test_running_out_of_memory_is_a_row_and_the_others_go_on(tmp_path, monkeypatch):
    prepared = stages.prepared

    def scarce(job, *arguments, **more):
        if job.step == "rm" and job.sequences > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        if job.step == "forward":
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 1 TB")
        if job.step == "prefill":
            raise RuntimeError("something else\nwent wrong")
        return prepared(job, *arguments, **more)

    monkeypatch.setattr(stages, "prepared", scarce)
    path = tmp_path / "measured.csv"
    result = measured(path, "--stages", "rm,generate,sft")
    assert result.exit_code == 0
    said = {row["id"].replace(TINY, "x"): row["status"] for row in rows(path)}
    assert said["rm x 2x32"] == "out of memory" == said["forward x 1x8"] and said["rm x 1x8"] == "measured"
    assert said["prefill x 1x32"] == "failed: RuntimeError: something else went wrong"
    assert "out of memory: rm" in result.output
    # Memory is a result, and kept; another failure is tried again.
    monkeypatch.undo()
    assert measured(path, "--stages", "rm,generate,sft", "--resume").exit_code == 0
    again = [row["id"].replace(TINY, "x") for row in rows(path)]
    assert again.count("prefill x 1x32") == 2 and again.count("rm x 2x32") == 1
    missing = {m.id: m.reason for m in predict(read(path.read_text(encoding="utf-8")), False).missing}
    assert missing[f"rm {TINY} 2x32"] == "not measured: out of memory"


def test_memory_that_really_runs_out_is_recognised():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert run._why(caught.value) == "out of memory"
    assert run._why(RuntimeError("shape mismatch")) == "failed: RuntimeError: shape mismatch"


def test_bad_input_stops_before_anything_is_measured(tmp_path):
    path = tmp_path / "measured.csv"
    for options, words in (
        (["--model", "lama-2-7"], "unknown model 'lama-2-7'; did you mean"),
        (["--model", "gpt2:layer=2"], "unknown dimension 'layer'; did you mean layers?"),
        (["--model", "mixtral-8x7b"], "must be a dense one"),
        (["--stages", "sft,grpo"], "--stages must be some of"),
        (["--device", "cuda:0"] if not torch.cuda.is_available() else ["--device", "mps"], "device must be"),
        (["--device", "gpu"], "device must be one that PyTorch knows"),
    ):
        result = measured(path, *options)
        assert result.exit_code == 2 and words in result.output, (options, result.output)
    assert not path.exists()
    path.write_text("id,step\n", encoding="utf-8")
    assert "other columns" in measured(path, "--resume").output


def test_a_step_is_timed_by_the_seconds_that_pass_while_it_runs(monkeypatch):
    calls, hand = [], [0.0]
    monkeypatch.setattr(clock, "now", lambda: hand[0])

    def slow():
        calls.append(1)
        hand[0] += 2 if len(calls) != 4 else 20

    found, repeats = clock.measured({"pass": slow, "update": lambda: None}, "cpu", 0.0)
    # Two to warm up, then three, of which one is slow: the median is not moved, the spread is.
    assert repeats == 3 and len(calls) == 5
    assert (found["pass"].seconds, found["pass"].high, found["update"].seconds) == (2, 20, 0)
    assert found["pass"].allocated is None
    # In ten seconds five steps of two begin.
    calls[:] = [1] * 4
    assert clock.measured({"pass": slow}, "cpu", 10.0)[1] == 5


def test_advantages_by_hand():
    # Values 1, 2, rewards 0.5, 3: the last error is 3 - 2 = 1, the first 0.5 + 2 - 1 = 1.5; with 0.95 of the later one.
    advantages, returns = stages._advantages(torch.tensor([[0.5, 3.0]]), torch.tensor([[1.0, 2.0]]))
    assert advantages[0].tolist() == pytest.approx([1.5 + 0.95, 1.0])
    assert returns[0].tolist() == pytest.approx([3.45, 3.0])


def test_log_probabilities_are_those_of_the_next_tokens():
    logits = torch.log(torch.tensor([[[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]]))
    found = stages._log_probabilities(logits, torch.tensor([[0, 1, 2]]))
    assert found.exp()[0].tolist() == pytest.approx([0.25, 0.7])


def test_the_record_keeps_cells_on_one_line(tmp_path):
    path = tmp_path / "rows.csv"
    record = StepRecord(path)
    record.append({"id": "a", "gpu": "x", "status": "measured", "seconds": 1 / 3, "step": "two\nlines"})
    assert path.read_text(encoding="utf-8").count("\n") == 2
    assert rows(path)[0]["seconds"] == "0.333333333" and rows(path)[0]["step"] == "two lines"
    record.close()
    resumed = StepRecord(path, resume=True)
    assert resumed.has({"id": "a", "gpu": "x"}) and not resumed.has({"id": "b"})


def test_the_machine_says_what_it_is():
    here = machine.at_hand("cpu", "bf16")
    assert here.kind == "cpu" and here.name.startswith("CPU ") and here.dtype is torch.bfloat16
    assert here.memory_gb > 1 and here.peaks() == (None, None)


def test_a_gpu_is_found_in_the_catalogue_by_its_own_name(monkeypatch):
    # What PyTorch would say of an H100, without one.
    known = types.SimpleNamespace(name="NVIDIA H100 80GB HBM3", total_memory=85_000_000_000)
    fakes = {"is_available": lambda: True, "device_count": lambda: 1, "set_device": lambda device: None,
             "is_bf16_supported": lambda including_emulation: True,
             "get_device_properties": lambda device: known}  # fmt: skip
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    here = machine.at_hand()
    assert here == ("cuda:0", "cuda", "NVIDIA H100 80GB HBM3", "bf16", 85.0)
    # The data sheet: 989.4 TFLOP/s dense in bf16, 3.35 TB/s.
    assert here.peaks() == (pytest.approx(989.4e12, rel=1e-3), pytest.approx(3350e9, rel=1e-3))
    assert here._replace(precision="fp32").peaks() == (None, None)
    with pytest.raises(ValueError, match="below cuda:1"):
        machine.at_hand("cuda:1")
