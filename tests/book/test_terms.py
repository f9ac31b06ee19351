"""The glossary: complete, in words that a reader can know, and reached from the pages."""

import re

import pytest
import terms
from conftest import ROOT

KNOWN = terms.read((ROOT / "book" / "glossary.md").read_text(encoding="utf-8"))


def test_every_entry_is_read_and_short():
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    meanings = re.findall(r"^  (\S.*)$", text, re.M)
    assert {meaning for _, meaning in KNOWN.values()} == set(meanings)
    assert len(meanings) > 80 and all(len(meaning.split()) <= 40 and meaning.endswith(".") for meaning in meanings)


def test_no_word_stands_twice():
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    words = [word for entry in terms.ENTRY.finditer(text) for word in entry["words"].splitlines()]
    assert sorted(words) == sorted(set(words))


MISSED = ("gradients", "optimizer states", "activations", "heads", "KV cache", "ZeRO", "gathered", "LoRA", "draw",
          "micro-batch", "usable pair", "effective pair", "certified", "hosted judge", "roofline", "RLHF",
          "PPO", "critic", "KL", "prefill", "decode")  # fmt: skip


@pytest.mark.parametrize("word", MISSED)
def test_the_words_that_readers_missed_are_there(word):
    assert word in KNOWN


@pytest.mark.heavy
def test_pages_mark_each_word_once_and_lead_to_its_entry(site):
    glossary = (site / "book" / "glossary.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'id="(term-[^"]+)"', glossary))
    marked = 0
    for path in sorted((site / "notebooks").glob("*.html")):
        links = re.findall(
            r'<a class="term" [^>]*href="\.\./book/glossary\.html#([^"]+)"', path.read_text(encoding="utf-8")
        )
        assert len(links) == len(set(links)), path.name
        assert set(links) <= ids, path.name
        marked += len(links)
    assert marked > 200
