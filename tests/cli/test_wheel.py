"""The wheel in an empty environment: what it brings, and what each command does there, away from any clone."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from conftest import ROOT
from packaging.requirements import Requirement

from costlib.cli.main import COMMANDS

UV = Path(sys.executable).with_name("uv")
# Those of rich stand last.
BROUGHT = {"click", "rich", "pyyaml", "markdown-it-py", "mdurl", "pygments"}
MOST_BYTES = 5e6
STAGE = ["--model", "llama-2-7b", "--gpu", "a100-sxm-80gb", "--examples", "1000", "--prompt-tokens", "0",
         "--response-tokens", "512", "--lora-rank", "16"]  # fmt: skip
MEASURED = "model,gpu,metric,value,unit,weights\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16\n"


def brought(name):
    """The names of the packages that one brings without extras, itself among them."""
    found = {name}
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            found |= brought(needed.name.lower())
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of an environment with the wheel and copies of what it brings, and an empty folder to work in."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from flit_core import buildapi; print(buildapi.build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=True)
    wheel = folder / done.stdout.strip()
    environment = folder / "venv"
    alone = ["--quiet", "--offline", "--no-cache", "--python"]
    subprocess.run([UV, "venv", *alone, sys.executable, environment], check=True)
    subprocess.run([UV, "pip", "install", "--no-deps", *alone, environment / "bin" / "python", wheel], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    for name in brought("costlib") - {"costlib"}:
        for file in distribution(name).files:
            if ".." not in file.parts and file.suffix != ".pyc":
                (packages / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), packages / file)
    (folder / "elsewhere").mkdir()
    return environment, folder / "elsewhere"


@pytest.fixture
def costlib(installed):
    """Run a command with the installed wheel alone; return the finished process."""
    environment, elsewhere = installed
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "UV"))}

    def run(*arguments):
        command = [environment / "bin" / "costlib", *map(str, arguments)]
        return subprocess.run(command, cwd=elsewhere, env=variables, capture_output=True, text=True, check=False)

    return run


def test_it_brings_click_rich_and_pyyaml_and_what_rich_needs():
    assert brought("costlib") == BROUGHT | {"costlib"}


def test_it_is_small(installed):
    files = [path for path in installed[0].glob("lib/python*/site-packages/costlib/**/*") if path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files if path.is_file()) < MOST_BYTES


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["estimate", "sft", *STAGE], "hours on 1 x NVIDIA A100 SXM 80 GB"),
     (["compare", "--draws", "20"], "DPO on human labels"),
     (["recommend"], "a hosted judge"),
     (["params"], "price_usd_per_gpu_hour"),
     (["params", "--template"], "# price_usd_per_gpu_hour: 2.5"),
     (["claims", "B066"], "$279.74"),
     (["cite", "B066"], "The Cost of Alignment"),
     (["models", "llama-2-7b"], "Llama 2 7B"),
     (["gpus", "a100"], "NVIDIA A100 SXM 80 GB"),
     (["prices", "--gpu", "h100"], "median on-demand of 18 providers")],
)  # fmt: skip
def test_a_command_that_needs_no_more_answers(costlib, arguments, said):
    done = costlib(*arguments)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout and done.stderr == ""


def test_measurements_are_validated(costlib, installed):
    (installed[1] / "mine.csv").write_text(MEASURED, encoding="utf-8")
    done = costlib("validate", "mine.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["predictions"][0]["predicted"] == pytest.approx(6.8, rel=0.3)


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [("book", ["rerun", "-o", "out"]),
     ("sweep", ["sweep", "s.yml", "-o", "out"]),
     ("measure", ["measure", "-o", "rows.csv"]),
     ("measure", ["calibrate", "rows.csv", "-o", "mine.yml"])],
)  # fmt: skip
def test_a_command_that_needs_more_says_what_in_one_line(costlib, installed, extra, arguments):
    done = costlib(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert re.fullmatch(
        rf"costlib: costlib {arguments[0]} needs .*, of the extra {extra}: in a clone, .*\n", done.stderr
    )
    assert not (installed[1] / "out").exists()


def test_a_figure_is_cited_inside_a_clone_alone(costlib):
    done = costlib("cite", "fig-ladder")
    assert done.returncode != 0 and done.stderr.count("\n") == 1
    assert "figures and tables of chapters are known inside a clone" in done.stderr


def test_python_answers_and_a_frame_says_what_it_needs(installed):
    code = ("import costlib; found = costlib.gpus('a100'); assert 'A100' in found._repr_html_(); print(len(found));"
            "found.to_frame()")  # fmt: skip
    done = subprocess.run([installed[0] / "bin" / "python", "-I", "-c", code], cwd=installed[1], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout == "4\n"
    assert done.stderr.splitlines()[-1].startswith("costlib.base.extras.MissingExtraError: a DataFrame needs pandas")


def test_a_program_is_answered(installed):
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "cite", "arguments": {"id": "B066"}}}
    done = subprocess.run([installed[0] / "bin" / "costlib", "mcp"], cwd=installed[1], input=json.dumps(asked) + "\n",
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert json.loads(done.stdout)["result"]["structuredContent"]["answer"]["page"].endswith("claim-b066")


def test_every_command_was_tried():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f'"{name}"' not in text] == []
