"""costlib cite."""

import json
import re
import subprocess

import pytest
from command import answer, costlib, told
from conftest import ROOT
from pybtex.database import parse_string

from costlib.version import __version__


def test_it_prints_one_form_or_all_with_earlier_values(monkeypatch):
    monkeypatch.setenv("COSTLIB_COMMIT", "abc123")
    every = costlib("cite", "b075").output
    assert "commit abc123, claim B075: 2-4 weeks, assumption." in every
    assert "@misc{costofalignment-B075," in every and "\nTY  - CHAP\n" in every
    assert json.loads(costlib("cite", "B075", "--format", "csl").output)[0]["custom"]["commit"] == "abc123"
    lines = every.rstrip().split("\n")
    assert "until 0.2.0: unverified" in lines and lines[-1].startswith("until 0.9.0, recomputed: ")
    assert any(line.startswith("until 0.5.0, recomputed: 1.3 weeks") for line in lines)
    assert costlib("cite", "B075", "--format", "text").output.count("\n") == 1
    assert costlib("cite", "--format", "bibtex").output.startswith("@book{costofalignment,")
    monkeypatch.chdir(ROOT)
    assert "figure fig-ladder of chapter 6" in costlib("cite", "fig-ladder").output


def test_it_refuses_an_unknown_id_with_the_nearest():
    result = costlib("cite", "fig-lader")
    assert result.exit_code == 2
    assert "unknown id 'fig-lader'; did you mean fig-ladder" in result.output


def test_in_a_clone_the_citation_has_the_commit(monkeypatch):
    monkeypatch.delenv("COSTLIB_COMMIT", raising=False)
    monkeypatch.chdir(ROOT)
    git = ["git", "-C", str(ROOT), "rev-parse", "--short=7", "HEAD"]
    asked = subprocess.run(git, capture_output=True, text=True, check=False)
    head, text = asked.stdout.strip() if (ROOT / ".git").exists() else "", costlib("cite", "--format", "text").output
    assert (f"commit {head}" in text) if head else ("commit" not in text)


def test_a_readers_own_number_has_its_interval_and_names_the_inputs_that_make_it(monkeypatch, tmp_path):
    monkeypatch.setenv("COSTLIB_COMMIT", "abc123")
    # By hand: twice the price of a GPU-hour is twice the total of the article's pipeline, $279.74.
    text = told("cite", "total_usd", "-p", "price_usd_per_gpu_hour=5", "--format", "text")
    assert "commit abc123, number total_usd of chapter 4, with other inputs: $559.48 [USD]. " in text
    assert "Published: $279.74. Inputs, the others as published: price_usd_per_gpu_hour 5 USD/GPU-h. In " in text
    file = tmp_path / "ours.yml"
    file.write_text("policy_model: llama-3.1-8b\npolicy_gpus: 8\nhuman_usd_per_pair: 0.5\n", encoding="utf-8")
    found = json.loads(told("cite", "saved", file, "-p", "human_usd_per_pair=2", "--draws", 200, "--format", "json"))
    own = ("-p", "policy_model=llama-3.1-8b", "-p", "policy_gpus=8", "-p", "human_usd_per_pair=2")
    rlaif = next(each for each in answer("compare", *own, "--draws", 200) if each["method"] == "rlaif")
    assert [found[name] for name in ("value", "low", "high")] == pytest.approx(
        [rlaif[name] for name in ("saved", "saved_low", "saved_high")]
    )
    assert found["inputs"] == {"policy_model": "llama-3.1-8b", "policy_gpus": 8, "human_usd_per_pair": 2.0}
    assert (found["version"], found["commit"], found["unit"]) == (__version__, "abc123", "USD")
    assert parse_string(found["citation"]["bibtex"], "bibtex").entries.keys() == {f"costofalignment-{found['id']}"}
    # Other inputs are another entry, the same in another order the same.
    other = json.loads(told("cite", "saved", *own[2:], *own[:2], "--draws", 200, "--format", "json"))
    assert other["id"] == found["id"].replace(".yml", "") != "saved"
    assert json.loads(told("cite", "saved", *own[:4], "--draws", 200, "--format", "json"))["id"] != found["id"]


def test_an_interval_below_nothing_and_inputs_that_move_nothing_are_said():
    assert "-$" in told("cite", "saved", "-p", "human_usd_per_pair=0.4", "--format", "text")
    assert "1.5 USD/pair, none of which moves it." in told(
        "cite", "total_usd", "-p", "human_usd_per_pair=1.5", "--format", "text"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-p", "epochs=2"), "inputs need the id of a number: costlib cite total_usd -p NAME=VALUE"),
        (("B066", "-p", "epochs=2"), "one scenario does not give 'B066'"),
        (("total_us", "-p", "epochs=2"), "did you mean total_usd"),
        (("total_usd", "-p", "epoch=2"), "epochs"),
        (("total_usd", "no.yml"), "no.yml"),
        (("rlaif_ratio", "-p", "judge_agreement=2"), r"judge_agreement \[fraction\] must be"),
    ],
)
def test_it_refuses_inputs_that_make_no_number(arguments, said):
    assert re.search(said, told("cite", *arguments, code=2))
