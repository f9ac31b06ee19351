"""Training configurations: those of the tests, most with a mistake, in YAML, TOML and shell."""

import re
from pathlib import Path

from fuzz_case import Case, Fault
from fuzz_files import FORMS, no_file, scrambled, spoiled
from hypothesis import strategies as st

DATA = Path(__file__).resolve().parents[1] / "recipes" / "data"
FILES = sorted(path for path in DATA.rglob("*.*") if path.name not in ("zero3.yaml", "grpo_8b_megatron.yaml"))
GIVEN = {"--model": "qwen2.5-1.5b", "--gpu": "h100-sxm-80gb", "--gpus": "8", "--examples": "100",
         "--prompt-tokens": "20", "--response-tokens": "20"}  # fmt: skip
NEVER = ("--gpu", "--prompt-tokens", "--response-tokens")  # said by no file
STRANGE = ("0", "-1", "1e308", ".nan", "many", "9" * 400, "${x}", "$(reboot)", "[1, 2]", "010", "''", "1e-300",
           "null", "true",
           "{a: 1}", "<img src=x onerror=alert(1)>", "=cmd|x", "x" * 2000, "1e17", "0.5", "\\x1b[31m")  # fmt: skip
PARTS = ("'", '"', "$(", "`", "${", "((", "))", "\\", "<<EOF", "(", ")", "&&", "--", "---", "=", "$((1/0))",
         "$((9**9**9))", "--=1", "--a.b.c=", "+x=", "~x", "{{", "[[[")  # fmt: skip


@st.composite
def recipes(draw):
    """A configuration, as it is or with a mistake, and the options that no file holds."""
    path = draw(st.sampled_from(FILES))
    text, name, given = path.read_text(encoding="utf-8"), path.name, dict(GIVEN)
    raw, faults, good, more = text.encode(), [], False, ()
    how = draw(st.sampled_from(["as it is", "values", "values", "parts", "scrambled", "spoiled", "lines", "missing",
                                "limit", "no file", "framework", "write"]))  # fmt: skip
    if how == "as it is":
        good = True
    elif how == "values":
        for _ in range(draw(st.integers(1, 3))):
            found = draw(st.sampled_from(list(re.finditer(r"(?<=[:= ])[\w./-]+(?=\s)", text))))
            text = text[: found.start()] + draw(st.sampled_from(STRANGE)) + text[found.end() :]
        raw = text.encode()
    elif how == "parts":
        at = draw(st.integers(0, len(text)))
        raw = (text[:at] + draw(st.sampled_from(PARTS)) + text[at:]).encode()
    elif how == "scrambled":
        raw = scrambled(text, draw)
    elif how == "spoiled" and path.suffix in (".yaml", ".yml"):
        kind, raw = spoiled(text, draw)
        faults = [Fault(kind)]
    elif how == "lines":
        lines = text.splitlines(keepends=True)
        raw = "".join(draw(st.permutations(lines))[: draw(st.integers(0, len(lines)))]).encode()
    elif how == "missing":
        flag = draw(st.sampled_from(NEVER))
        del given[flag]
        faults = [Fault("missing", (flag,))]
    elif how == "limit" and path.name in ("grpo.yaml", "grpo.sh", "lora_dpo.yaml", "qlora-fsdp.yaml"):
        if path.parent.name != "torchtune":
            given["--response-tokens"] = draw(st.sampled_from(["1e6", "65537"]))
            faults = [Fault("above a limit", ("at most",))]
    elif how == "no file":
        kind, name = no_file(draw)
        faults = [Fault(kind)]
    elif how == "framework":
        more = ("--framework", draw(st.sampled_from(["tlr", "", "launcher", "any", "x" * 3000, "TRL", "\x1b[2J"])))
        faults = [Fault("framework", ("framework",))]
    elif how == "write":
        more = ("--write-config", draw(st.sampled_from(["verl", "", "x" * 3000, "\x1b[2J"])))
    line = [word for pair in given.items() for word in pair]
    form = () if more else draw(FORMS)
    return Case("recipe", ("estimate", "--config", name, *line, *more, *form), ((path.name, raw),),
                faults=tuple(faults), good=good)  # fmt: skip
