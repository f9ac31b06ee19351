"""What a page shows as the output of a command is what the command prints."""

import re

import pytest
from command import costlib
from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "book").glob("*.md"))]
SHOWN = re.compile(
    r"```bash\n(?P<command>[^`]*?)\n```\n\n\*(?P<part>From|How) its output[^\n]*\*\n\n```text\n(?P<output>.*?)```", re.S
)
EXAMPLES = {
    f"{path.name}-{number}": each
    for path in PAGES
    for number, each in enumerate(SHOWN.finditer(path.read_text(encoding="utf-8")))
}


def test_every_output_that_is_shown_is_read_here():
    marks = sum(len(re.findall(r"\*(?:From|How) its output", path.read_text(encoding="utf-8"))) for path in PAGES)
    assert marks == len(EXAMPLES) >= 3


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=list(EXAMPLES))
def test_a_page_shows_what_its_command_prints(example):
    words = example["command"].replace("\\\n", " ").split()
    assert words.pop(0) == "costlib" and "costlib" not in words, "one command for one output"
    printed = costlib(*words, columns=80).output
    assert example["output"] in printed if example["part"] == "From" else printed.startswith(example["output"])
