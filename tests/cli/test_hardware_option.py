"""--hardware FILE: what estimate, validate and rerun do with it."""

import json

import nbformat
import pytest
import yaml
from command import answer, costlib
from conftest import ROOT
from own_hardware import OURS, changed

from costlib.report import rerun

STAGE = ("sft", "--model", "llama-2-7b", "--examples", "1000", "--prompt-tokens", "0", "--response-tokens", "512")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ours.yml"
    path.write_text(yaml.safe_dump(OURS), encoding="utf-8")
    return path


def test_estimate_takes_the_file_and_a_speed_that_halves_doubles_the_time(file):
    once = answer("estimate", *STAGE, "--hardware", file)
    assert once["gpu_hours"] > 0
    slow = json.loads(json.dumps(OURS))
    for part in ("bf16_dense_tflops", "hbm_bandwidth_gb_per_s"):
        slow["gpu"][part] /= 2
    slow["coefficients"]["training-launch"] = dict.fromkeys(("value", "low", "high"), 1e-3)
    file.write_text(yaml.safe_dump(slow), encoding="utf-8")
    half = answer("estimate", *STAGE, "--hardware", file)
    fast = slow | {"gpu": OURS["gpu"]}
    file.write_text(yaml.safe_dump(fast), encoding="utf-8")
    whole = answer("estimate", *STAGE, "--hardware", file)
    assert half["gpu_hours"] == pytest.approx(2 * whole["gpu_hours"], rel=1e-9)
    assert half["flops"] == whole["flops"] == once["flops"]


def test_commands_say_what_is_wrong_with_a_file(file):
    assert "gpu [-] must be given" in costlib("estimate", *STAGE).output
    assert "hardware goes with a file" in costlib("validate", "--hardware", file).output
    file.write_text("gpu: [1", encoding="utf-8")
    for command in (("estimate", *STAGE), ("rerun", "-o", file.parent / "out", "--book", ROOT), ("validate", file)):
        result = costlib(*command, "--hardware", file)
        assert result.exit_code == 2 and "line 2: " in result.output
    missing = costlib("estimate", *STAGE, "--hardware", file.parent / "no.yml")
    assert missing.exit_code == 2 and "no.yml cannot be read" in missing.output
    assert not (file.parent / "out").exists()


@pytest.mark.heavy
def test_chapters_receive_it_and_the_bar_says_so(file, tmp_path, monkeypatch):
    book, out = tmp_path / "book", tmp_path / "out"
    (book / "notebooks").mkdir(parents=True)
    (book / "_toc.yml").touch()
    (book / "_config.yml").write_text("title: x\n", encoding="utf-8")
    body = (
        "from costlib.facts import catalog\nfrom costlib.report import page\n"
        "page.publish('hbm', catalog.find('gpus', cluster_gpu).hbm_gb, 'GB', 'x')"
    )
    cells = [nbformat.v4.new_code_cell('cluster_gpu: str = "a100-sxm-80gb"', metadata={"tags": ["parameters"]}),
             nbformat.v4.new_code_cell(body)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), book / "notebooks" / "01_one.ipynb")
    rendered = []
    monkeypatch.setattr(rerun, "render", lambda *arguments: rendered.append(arguments))
    result = costlib("rerun", "-o", out, "--hardware", file, "--book", book)
    assert result.exit_code == 0, result.output
    assert "hbm,96.0,GB" in (out / "results.csv").read_text(encoding="utf-8")
    root, _, values, executed, _, own, *_ = rendered[0]
    rerun._announce(root, values, set(executed), ["01_one"], own)
    bar = yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8"))["html"]["announcement"]
    assert "cluster_gpu</b> = our-gpu (published a100-sxm-80gb)" in bar
    assert "They use the hardware <b>Our &lt;GPU&gt;</b>, with 1 coefficient calibrated on it" in bar
    # The calculator in the page knows the book's GPUs alone.
    assert rerun._for_pages(values) == {}
    # Another file is another run: nothing is kept.
    file.write_text(yaml.safe_dump(changed(["gpu", "hbm_gb"], 97)), encoding="utf-8")
    costlib("rerun", "-o", out, "--hardware", file, "--book", book, "--resume")
    assert "hbm,97.0,GB" in (out / "results.csv").read_text(encoding="utf-8")
