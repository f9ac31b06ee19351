"""costlib cite."""

import json
import subprocess

from command import costlib
from conftest import ROOT


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
