"""A reader's own hardware: checked as strictly as a scenario, and used by estimate, validate and the re-run book."""

import json
import math
import os
import re
import subprocess
import sys

import nbformat
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT

from costlib import validation
from costlib.cli.main import main
from costlib.compute import coefficients, timing
from costlib.compute.job import estimate
from costlib.economics import scenarios
from costlib.facts import catalog, hardware, parameters
from costlib.report import rerun
from costlib.validation.predictions import predict
from costlib.validation.tables import read

OURS = {
    "gpu": {"name": "our-gpu", "label": "Our <GPU>", "device": "Our GPU", "bf16_dense_tflops": 400, "hbm_gb": 96,
            "hbm_bandwidth_gb_per_s": 3000},
    "coefficients": {"matmul-fraction": {"value": 0.5, "low": 0.4, "high": 0.6}},
}  # fmt: skip
STAGE = ("sft", "--model", "llama-2-7b", "--examples", "1000", "--prompt-tokens", "0", "--response-tokens", "512")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ours.yml"
    path.write_text(yaml.safe_dump(OURS), encoding="utf-8")
    return path


def costlib(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def changed(path, value):
    """OURS with one entry changed, or removed where the value is None."""
    copy = json.loads(json.dumps(OURS))
    *parts, last = path
    place = copy
    for part in parts:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


@pytest.mark.parametrize(("path", "value", "words"), [
    (["gpus"], {}, "unknown part 'gpus'; did you mean gpu?"),
    (["gpu"], "h100", "gpu of a hardware file must be lines of 'name: value', got 'h100'"),
    (["gpu", "hbm_gb"], None, "gpu.hbm_gb [GB] is missing"),
    (["gpu", "hbm_gib"], 90, "unknown line gpu.hbm_gib; did you mean hbm_gb"),
    (["gpu", "hbm_gb"], -1, "gpu.hbm_gb [GB] must be a finite number above 0, got -1"),
    (["gpu", "hbm_gb"], "96", "gpu.hbm_gb [GB] must be a finite number above 0, got '96'"),
    (["gpu", "hbm_gb"], True, "gpu.hbm_gb [GB] must be a finite number above 0, got True"),
    (["gpu", "bf16_dense_tflops"], math.inf, "gpu.bf16_dense_tflops [TFLOP/s] must be a finite number above 0"),
    (["gpu", "label"], None, "gpu.label is missing"),
    (["gpu", "name"], "h100-sxm-80gb", "gpu.name must not be one of the catalogue"),
    (["gpu", "precision"], "fp8", "gpu.precision must be bf16 or fp32, got 'fp8'"),
    (["coefficients", "matmul"], {}, "unknown coefficient 'matmul'; did you mean"),
    (["coefficients", "matmul-fraction"], 0.5, "matmul-fraction must have value, low and high, got 0.5"),
    (["coefficients", "matmul-fraction", "low"], 0.7, "must have low <= value <= high"),
    (["coefficients", "matmul-fraction", "low"], math.nan, "must have finite numbers above 0"),
    (["coefficients", "memory-bandwidth-fraction"], {"value": 1, "low": 1, "high": 1.2}, "must be at most 1"),
    (["coefficients"], ["matmul-fraction"], "coefficients of a hardware file must be lines of"),
])  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(path, value, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        hardware.checked(changed(path, value))


def test_all_problems_are_named_at_once():
    bad = changed(["gpu", "hbm_gb"], 0)
    bad["coefficients"]["launch"] = {}
    with pytest.raises(ValueError, match=r"(?s)hbm_gb.*launch"):
        hardware.checked(bad)


def test_it_stands_in_the_catalogue_of_those_who_are_given_it_and_nowhere_else():
    own = hardware.checked(OURS)
    known = coefficients.of(own)
    assert catalog.find("gpus", "our-gpu", own).hbm_gb == 96
    assert "our-gpu" in parameters.vocabulary(own)["cluster_gpu"].choices
    assert scenarios.complete({"cluster_gpu": "our-gpu"}, own)["cluster_gpu"] == "our-gpu"
    assert known["matmul-fraction"] == 0.5
    # 50 % of 400 TFLOP/s; the bandwidth's share stays the book's 90 %.
    rates = timing.roofline("our-gpu", coefficients=known)
    assert (rates.matmul, rates.bandwidth) == (pytest.approx(200e12), pytest.approx(2700e9))
    drawn = coefficients.draws(1000, hardware=own)
    assert 0.4 <= min(drawn["matmul-fraction"]) < 0.41 and 0.59 < max(drawn["matmul-fraction"]) <= 0.6
    assert estimate("sft", "gpt2", "our-gpu", 1, 10, 0, 128, hardware=own).cost.gpu_hours > 0
    assert "our-gpu" not in catalog.table("gpus") and coefficients.published()["matmul-fraction"] == 0.8
    with pytest.raises(ValueError, match="unknown gpu 'our-gpu'"):
        catalog.find("gpus", "our-gpu")


def test_estimate_takes_the_file_and_a_speed_that_halves_doubles_the_time(file):
    once = json.loads(costlib("estimate", *STAGE, "--hardware", file, "--json").output)
    assert once["gpu_hours"] > 0
    slow = json.loads(json.dumps(OURS))
    for part in ("bf16_dense_tflops", "hbm_bandwidth_gb_per_s"):
        slow["gpu"][part] /= 2
    slow["coefficients"]["training-launch"] = dict.fromkeys(("value", "low", "high"), 1e-3)
    file.write_text(yaml.safe_dump(slow), encoding="utf-8")
    half = json.loads(costlib("estimate", *STAGE, "--hardware", file, "--json").output)
    fast = slow | {"gpu": OURS["gpu"]}
    file.write_text(yaml.safe_dump(fast), encoding="utf-8")
    whole = json.loads(costlib("estimate", *STAGE, "--hardware", file, "--json").output)
    assert half["gpu_hours"] == pytest.approx(2 * whole["gpu_hours"], rel=1e-9)
    assert half["flops"] == whole["flops"] == once["flops"]


def test_commands_say_what_is_wrong_with_a_file(file):
    assert (
        "give a GPU of the catalogue (gpu), or a file of costlib calibrate (hardware)"
        in costlib("estimate", *STAGE).output
    )
    assert "hardware goes with a file" in costlib("validate", "--hardware", file).output
    file.write_text("gpu: [1", encoding="utf-8")
    for command in (("estimate", *STAGE), ("rerun", "-o", file.parent / "out", "--book", ROOT), ("validate", file)):
        result = costlib(*command, "--hardware", file)
        assert result.exit_code == 1 and "cannot be read as YAML" in result.output
    missing = costlib("estimate", *STAGE, "--hardware", file.parent / "no.yml")
    assert missing.exit_code == 1 and "no.yml cannot be read" in missing.output
    assert not (file.parent / "out").exists()


def test_published_measurements_are_predicted_with_the_coefficients_of_the_book():
    group, row = "inference", "model,gpu,metric,value,unit,weights\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16\n"
    slow = changed(["coefficients", "memory-bandwidth-fraction"], dict.fromkeys(("value", "low", "high"), 0.45))
    before = predict(read(row), draws=0).predicted[0].value
    known = coefficients.of(hardware.checked(slow))
    assert predict(read(row), 0, known).predicted[0].value > 1.5 * before
    assert predict(read(row), 0, coefficients.published()).predicted[0].value == before
    # The book's own tables come from other people's machines, also in a book run again with this file.
    code = f"from costlib import validation; print([p.value for p in validation.own(0).of({group!r})])"
    assert started_with(slow, code) == str([p.value for p in validation.own(0).of(group)])


def started_with(values, code):
    """What a process prints that was started with some hardware."""
    environment = os.environ | {hardware.VARIABLE: json.dumps(values)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_process_started_with_the_variable_uses_it():
    code = (
        "from costlib.compute import coefficients, timing; from costlib.facts import catalog, parameters;"
        "own = 'our-gpu' in parameters.vocabulary()['cluster_gpu'].choices;"
        "print(own, catalog.find('gpus', 'our-gpu').hbm_gb, timing.roofline('our-gpu').matmul,"
        " coefficients.published()['matmul-fraction'], 'our-gpu' in catalog.table('gpus', None))"
    )
    assert started_with(OURS, code) == "True 96.0 200000000000000.0 0.8 False"


def test_chapters_receive_it_and_the_bar_says_so(file, tmp_path, monkeypatch):
    book, out = tmp_path / "book", tmp_path / "out"
    (book / "notebooks").mkdir(parents=True)
    (book / "_toc.yml").touch()
    (book / "_config.yml").write_text("title: x\n", encoding="utf-8")
    body = (
        "from costlib.facts import catalog\nfrom costlib.report import page\n"
        "page.publish('hbm', catalog.find('gpus', cluster_gpu).hbm_gb, 'GB', 'x')"
    )
    cells = [
        nbformat.v4.new_code_cell('cluster_gpu: str = "a100-sxm-80gb"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(body),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), book / "notebooks" / "01_one.ipynb")
    rendered = []
    monkeypatch.setattr(rerun, "render", lambda *arguments: rendered.append(arguments))
    result = costlib("rerun", "-o", out, "--hardware", file, "--book", book)
    assert result.exit_code == 0, result.output
    assert "hbm,96.0,GB" in (out / "results.csv").read_text(encoding="utf-8")
    root, _, values, executed, _, own = rendered[0]
    rerun._announce(root, values, set(executed), ["01_one"], own)
    bar = yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8"))["html"]["announcement"]
    assert "cluster_gpu</b> = our-gpu (published a100-sxm-80gb)" in bar
    assert "They use the hardware <b>Our &lt;GPU&gt;</b>, with 1 coefficient calibrated on it" in bar
    # The calculator in the page knows the book's GPUs alone.
    assert rerun._for_pages(values, own) == {}
    # Another file is another run: nothing is kept.
    file.write_text(yaml.safe_dump(changed(["gpu", "hbm_gb"], 97)), encoding="utf-8")
    costlib("rerun", "-o", out, "--hardware", file, "--book", book, "--resume")
    assert "hbm,97.0,GB" in (out / "results.csv").read_text(encoding="utf-8")
