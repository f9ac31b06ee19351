"""The page on training configurations says what the command says."""

import re

import pytest
from command import costlib, told
from conftest import ROOT

PAGE = (ROOT / "book" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\ncostlib (.+?)```\n(?:[^`]*?\n)?```text\n(.+?)```", PAGE, re.S)


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=["asks", "reads", "writes"])
def test_what_the_page_shows_is_what_the_command_prints(tmp_path, monkeypatch, command, shown):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qwen-grpo.yaml").write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.S)[1], encoding="utf-8")
    words = command.replace("\\\n", " ").split()
    printed = costlib(*words).output if shown.startswith("costlib: ") else told(*words)
    assert shown.rstrip() in printed


def test_the_page_has_the_frameworks_that_are_read():
    from costlib.facts import catalog

    for name, row in catalog.table("recipe_frameworks").items():
        assert name == "launcher" or re.search(rf"^\| .*{re.escape(row.label)}.* \|", PAGE, re.M), name
