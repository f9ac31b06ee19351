"""Inputs by kind: files of scenarios, sweeps, hardware and measurements, options, links, calls and words.

Most are good files with a mistake or two in them, of which the case knows; others have bytes changed at random, of
which nothing is known but that the answer must be one.
"""

import csv
import io
import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
from fuzz_case import Case, Fault
from fuzz_texts import (
    GPUS,
    INPUTS,
    MODELS,
    NO_NUMBERS_OF_YAML,
    OPTIONS,
    STAGES,
    good,
    no_numbers,
    outside,
    quoted,
    said,
    table,
    unknown,
)
from hypothesis import strategies as st

FORMS = st.sampled_from([("--json",), ("--json",), ("--json",), (), ("--format", "csv"), ("--format", "markdown")])
DRAWS = 3  # for intervals: what they are is not asked here
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "epochs: " + "[" * 3000 + "]" * 3000 + "\n"
NUMERIC = [word for word in INPUTS.values() if word.type != "str" and not word.choices]
PLAIN = [word for word in NUMERIC if not word.name.endswith(("_low", "_high"))]


def _as_call(name, *arguments, **named):
    """A question as a call of Python."""
    return Case("call", call=(name, arguments, named))


# --- what may befall any file -----------------------------------------------------------------------------------------


def _spoiled(text, draw):
    """A file that must be refused whatever it said: the kind, and its bytes."""
    content = text.encode()
    at = draw(st.integers(0, len(content)))
    return draw(st.sampled_from([
        ("not UTF-8", content[:at] + b"\xff\xfe\x80" + content[at:]),
        ("UTF-16", ("epochs: 1\n" + text).encode("utf-16")),
        ("NUL", content + b"\n# \x00\n"),
        ("control character", content + b"\n# \x1b[31m\n"),
        ("2 MB", content + b"\n" + b"# what it is for\n" * 130_000),
        ("alias bomb", content + b"\n" + BOMB.encode()),
        ("deep", content + b"\n" + DEEP.encode()),
        ("a second document", content + b"\n---\nepochs: 1\n"),
        ("a list", b"- epochs\n- 3\n"),
        ("a text", b"just some words\n"),
        ("a number", b"3\n"),
        ("binary", bytes(range(256)) * 4),
        ("JSON cut short", b'{"epochs": 1'),
        ("a table", b"name,value\nepochs,2\n"),
    ]))  # fmt: skip


def _scrambled(text, draw):
    """A file with some of its characters changed at random."""
    content = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        new = draw(st.sampled_from([b"", b":", b"\t", b"\n", b"- ", b"*", b"&", b"!", b"{", b"}", b"[", b"'", b'"',
            b"#",
                                    b"%", b"|", b">", b"?", b"@", b"\\", b"0", b"-", b"e9", b"\xc2\x85", b"\r",
                                    "\u2028".encode(), "é".encode(), b","]))  # fmt: skip
        content[at : at + draw(st.integers(0, 3))] = new
    return bytes(content)


def _no_file(draw):
    """A name of what is no file to read."""
    return draw(st.sampled_from([("missing", "missing.yml"), ("a folder", "."), ("empty name", ""), ("long name",
        "x" * 300),
                                  ("control characters", "\x1b[2J.yml"),
                                 ("below a file", "thesis.md/x.yml")]))  # fmt: skip


# --- scenarios --------------------------------------------------------------------------------------------------------


def _scenario_line(draw):
    """A line of a scenario: (text, value or None, Fault or None)."""
    word = draw(st.sampled_from(NUMERIC if draw(st.integers(0, 3)) else list(INPUTS.values())))
    how = draw(st.sampled_from(["good", "good", "good", "outside", "no number", "no number", "yaml"]))
    if how == "good":
        value = draw(good(word))
        return f"{word.name}: {said(value, draw)}", {word.name: value}, None
    if how == "outside" and (word.low is not None or word.choices) and word.type != "str":
        kind, text = draw(outside(word))
    elif how == "yaml":
        kind, text = draw(st.sampled_from(NO_NUMBERS_OF_YAML))
    else:
        kind, text = draw(no_numbers())
        text = text if kind in ("hexadecimal", "sexagesimal", "binary", "octal", "grouped") else _plain_or_quoted(text)
    named = () if how == "yaml" else (word.name, f"line {_LINE}")
    return f"{word.name}: {text}", None, Fault(kind, named)


_LINE = "#"  # put in place where the line is known


def _plain_or_quoted(text):
    return text if text.replace(".", "").replace("-", "").isalnum() and text.isascii() else json.dumps(text)


@st.composite
def scenarios(draw):
    """Files of inputs, for compare, rerun, and a call."""
    lines, values, faults = [], {}, []
    for _ in range(draw(st.integers(1, 3))):
        text, value, fault = _scenario_line(draw)
        name = text.partition(":")[0]
        if name in [each.partition(":")[0] for each in lines]:
            continue
        lines.append(text)
        values |= value or {}
        if fault:
            faults.append(fault._replace(named=tuple(each.replace("#", str(len(lines))) for each in fault.named)))
    more = draw(st.sampled_from(["", "", "", "twice", "unknown", "crossed"]))
    if more == "twice":
        lines.append(lines[0])
        faults.append(Fault("a name twice", (lines[0].partition(":")[0],)))
    elif more == "unknown":
        name = draw(unknown(INPUTS))
        lines.append(f"{quoted(name)}: 1")
        faults.append(Fault("unknown name"))
    elif more == "crossed" and not {"price_usd_per_pair_low", "price_usd_per_pair_high"} & values.keys():
        lines += ["price_usd_per_pair_low: 3", "price_usd_per_pair_high: 2"]
        faults.append(Fault("low above high"))
    text = "\n".join(lines) + "\n"
    return _scenario_case(draw, text, values, faults)


def _scenario_case(draw, text, values, faults):
    content, whole = (
        text.encode(),
        draw(st.sampled_from(["as it is"] * 8 + ["spoiled", "scrambled", "marked", "no file"])),
    )
    name, known = "mine.yml", values if not faults else None
    if whole == "spoiled":
        kind, content = _spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        content, known, faults = _scrambled(text, draw), None, []
    elif whole == "marked":
        content = draw(
            st.sampled_from([b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"), content + b"...\n"])
        )
    elif whole == "no file":
        kind, name = _no_file(draw)
        faults = [Fault(kind)]
    files = (("mine.yml", content),)
    if name != "mine.yml":
        known = None
    if faults and draw(st.integers(0, 5)) == 0:
        return Case("scenario", ("rerun", name, "-o", "out"), files, faults=tuple(faults))
    if draw(st.integers(0, 4)) == 0:
        return Case("scenario", call=("compare", (name,), {"draws": DRAWS}), files=files, faults=tuple(faults))
    form = draw(FORMS)
    same = _as_call("compare", known, draws=DRAWS) if known is not None and form == ("--json",) else None
    return Case("scenario", ("compare", name, "--draws", str(DRAWS), *form), files, faults=tuple(faults), same=same)


@st.composite
def mild_scenarios(draw):
    """One input a little changed: never refused."""
    word = draw(st.sampled_from(PLAIN))
    value = draw(good(word, mild=True))
    return Case("scenario", ("compare", "mine.yml", "--draws", str(DRAWS), "--json"),
                (("mine.yml", f"{word.name}: {said(value, draw)}\n".encode()),), good=True,
                same=_as_call("compare", {word.name: value}, draws=DRAWS))  # fmt: skip


@st.composite
def pairs(draw):
    """Inputs as options -p."""
    arguments, values, faults = [], {}, []
    for _ in range(draw(st.integers(1, 3))):
        word = draw(st.sampled_from(list(INPUTS.values())))
        if word.name in values:
            continue
        how = draw(st.sampled_from(["good", "good", "outside", "no number", "no pair", "unknown", "twice"]))
        if how in ("good", "twice"):
            values[word.name] = value = draw(good(word))
            text = value if isinstance(value, str) else repr(value)
            arguments += ["-p", f"{word.name}={text}"] * (1 + (how == "twice"))
            if how == "twice":
                faults.append(Fault("a name twice", (word.name,)))
        elif how == "no pair":
            text = draw(st.sampled_from(["", "=", "=3", word.name, f"{word.name}:3", " = 3", "\x1b[2J"]))
            faults.append(Fault("no pair"))
            arguments += ["-p", text]
        elif how == "unknown":
            arguments += ["-p", f"{draw(unknown(INPUTS))}=1"]
            faults.append(Fault("unknown name"))
        elif how == "outside" and word.low is not None:
            kind, text = draw(outside(word))
            arguments += ["-p", f"{word.name}={text}"]
            faults.append(Fault(kind, (word.name,)))
        else:
            kind, text = draw(st.one_of(no_numbers(), st.sampled_from(NO_NUMBERS_OF_YAML)))
            arguments += ["-p", f"{word.name}={text}"]
            faults.append(Fault(kind))
    if faults and draw(st.integers(0, 5)) == 0:
        return Case("scenario", ("rerun", "-o", "out", *arguments), faults=tuple(faults))
    same = None if faults else _as_call("compare", values, draws=DRAWS)
    return Case("scenario", ("compare", *arguments, "--draws", str(DRAWS), "--json"), faults=tuple(faults), same=same)


# --- sweeps -----------------------------------------------------------------------------------------------------------

OUTPUTS = ("rlaif.usd", "human-dpo.usd / rlaif.usd", "human-dpo.usd / rlaif.usd >= 3", "ppo.memory_gb", "rlaif.days",
           "max(rlaif.usd, hybrid.usd) - 2 * hybrid.usd", "article.ratio", "sft.hours", "dpo.fits", "grpo.min_gpus",
           "rlaif.labels.usd", "self-rewarding.gpu_hours", "hybrid.usd_per_effective_pair", "rlaif.usd + 1",
           "ppo.generation_share", "human-dpo.min_gpus", "rm.flops", "min(rlaif.usd, hybrid.usd)",
           "generate.tokens")  # fmt: skip
BAD_OUTPUTS = (
    "rlaif.usd / 0", "rlaif.usd / 0.0", "0 / 0 * rlaif.usd", "rlaif.usd / (1 - 1)", "rlaif.usd + rlaif.days", "3", "",
    "nosuch.usd", "rlaif.nosuch", "rlaif", "rlaif.usd.real", "rlaif.usd ** 2", "rlaif.usd // 2", "rlaif.usd % 2",
    "-", "rlaif.usd +", "(rlaif.usd", "rlaif.usd if 1 else 2", "lambda: rlaif.usd", "[rlaif.usd]", "rlaif.usd[0]",
    "__import__('os').system('true')", "rlaif.usd; hybrid.usd", "rlaif.usd := 3", "'text' * rlaif.usd",
    "True + rlaif.usd",
    "sum(rlaif.usd, hybrid.usd)", "max(rlaif.usd)", "max()", "max(*rlaif.usd)", "max(rlaif.usd, key=1)",
    "rlaif.usd > 1 > 0",
    "rlaif.usd > 1 and hybrid.usd > 1", "not rlaif.usd", "rlaif.usd == 3", "1e999 * rlaif.usd", "rlaif.usd * 1j",
    "rlaif.usd\n+ hybrid.usd", "await rlaif.usd", "f'{rlaif.usd}'", "policy_model", "rlaif.usd * policy_model", "\0",
    "１ * rlaif.usd",
    "9" * 5000 + " * rlaif.usd", "(" * 300 + "rlaif.usd" + ")" * 300, "rlaif.usd" + " + rlaif.usd" * 3000,
    "x" * 100_000,
    "- " * 2000 + "rlaif.usd", "rlaif.usd > (hybrid.usd > 1)", "(rlaif.usd > 1) + 1", "name_0", "rlaif.usd name_0",
)  # fmt: skip
MAY_BE_RIGHT = ("(" * 300, "rlaif.usd" + " + rlaif.usd" * 3000, "(rlaif.usd > 1) + 1", "rlaif.usd\n+ hybrid.usd",
    "- - ",
                "rlaif.usd / (1 - 1)", "rlaif.usd > (")  # fmt: skip


def _flow(value):
    """A value of Python as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, Raw):
        return str(value)
    return json.dumps(value, ensure_ascii=True)


class Raw(str):
    """A text that stands in a file as it is."""

    __slots__ = ()


def _spread(draw, word, grid):
    """How an input varies, well."""
    if word.choices or word.type == "bool":
        return draw(st.lists(good(word), min_size=1, max_size=3, unique=True))
    how = draw(st.sampled_from(["list", "steps"] if grid else ["list", "steps", "range", "shape"]))
    if how == "list":
        return draw(st.lists(good(word), min_size=1, max_size=3, unique=True))
    low, high = sorted(draw(st.lists(good(word), min_size=2, max_size=2, unique_by=float)))
    scale = draw(st.sampled_from(["linear", "log"])) if low > 0 else "linear"
    if how == "steps":
        return {"from": low, "to": high, "steps": draw(st.integers(2, 5)), "scale": scale}
    if how == "range":
        return {"from": low, "to": high, "scale": scale}
    return {"shape": "loguniform" if low > 0 else "uniform", "low": low, "high": high}


@st.composite
def sweeps(draw):
    """Files of sweeps, for a dry run and for a call that computes their few points."""
    grid = draw(st.booleans())
    words = draw(st.lists(st.sampled_from(list(INPUTS.values())), min_size=1, max_size=3, unique_by=lambda w: w.name))
    content = {"vary": {word.name: _spread(draw, word, grid) for word in words}}
    content["outputs"] = draw(st.lists(st.sampled_from(OUTPUTS), min_size=1, max_size=3, unique=True))
    if not grid:
        content |= {
            "design": draw(st.sampled_from(["random", "latin-hypercube", "sobol"])),
            "points": draw(st.integers(1, 64)),
        }
    if draw(st.booleans()):
        word = draw(st.sampled_from([each for each in NUMERIC if each.name not in content["vary"]]))
        content["fixed"] = {word.name: draw(good(word))}
    faults = []
    if draw(st.integers(0, 2)):
        content, fault = draw(st.sampled_from(SPOILS))(draw, json.loads(json.dumps(content)), grid)
        faults = [fault] if fault else []
    text = "".join(f"{name}: {_flow(value)}\n" for name, value in content.items())
    raw = text.encode()
    whole = draw(st.sampled_from(["as it is"] * 8 + ["spoiled", "scrambled", "twice", "no file"]))
    name = "s.yml"
    if whole == "spoiled":
        kind, raw = _spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        raw, faults = _scrambled(text, draw), []
    elif whole == "twice":
        raw, faults = raw + b"bins: 9\nbins: 10\n", [*faults, Fault("a name twice")]
    elif whole == "no file":
        kind, name = _no_file(draw)
        faults = [Fault(kind)]
    files = (("s.yml", raw),)
    if draw(st.booleans()) or whole == "scrambled":
        return Case("sweep", ("sweep", name, "-o", "out", "--dry-run"), files, faults=tuple(faults))
    return Case("sweep", call=("sweep", (name,), {}), files=files, faults=tuple(faults))


@st.composite
def points(draw):
    """A sweep of one point, whose outputs are those of a comparison of its inputs."""
    words = draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3, unique_by=lambda word: word.name))
    values = {word.name: draw(st.one_of(good(word), good(word, mild=True))) for word in words}
    outputs = draw(st.lists(st.sampled_from(["rlaif.usd", "human-dpo.usd", "human-ppo.usd", "hybrid.days",
        "self-rewarding.usd"]),
                            min_size=1, max_size=2, unique=True))  # fmt: skip
    first, *others = values
    content = {"vary": {first: [values[first]]}, "fixed": {name: values[name] for name in others}, "outputs": outputs}
    return Case("sweep", call=("sweep", (content,), {}), same=_as_call("compare", values, draws=1))


def _set(key, *values, kind=None):
    def spoil(draw, content, grid):
        value = draw(st.sampled_from(values))
        return content | {key: value}, Fault(kind or f"{key}: {_flow(value)[:40]}")

    return spoil


def _bad_output(draw, content, grid):
    text = draw(st.sampled_from(BAD_OUTPUTS))
    fault = None if text.startswith(MAY_BE_RIGHT) else Fault(f"output {text[:40]}")
    outputs = {"a": text} if draw(st.booleans()) else [text]
    return content | {"outputs": outputs}, fault


def _bad_name(draw, content, grid):
    name = draw(st.sampled_from(["point", *list(INPUTS)[:3], ""]))
    return content | {"outputs": {name: "rlaif.usd"}}, Fault(f"an output called {name}")


def _formula_name(draw, content, grid):
    name = draw(st.sampled_from(["=cmd|' /C calc'!A0", "@SUM(1)", "\x1b[2J", "<img src=x>", "a" * 5000, "a,b", "a\nb"]))
    return content | {"outputs": {name: "rlaif.usd"}}, None


def _bad_levels(draw, content, grid):
    word = draw(st.sampled_from(NUMERIC))
    kind, text = draw(st.one_of(outside(word), no_numbers()))
    plain = Raw(text) if kind in ("nan", "infinite", "400 digits") and len(text) < 500 and text.isascii() else text
    how = draw(
        st.sampled_from([[plain], {"from": plain, "to": 1, "steps": 3}, {"shape": "uniform", "low": 0, "high": plain}])
    )
    content["vary"] = {word.name: how}
    return content, Fault(f"a level: {kind}")


def _bad_spread(draw, content, grid):
    how = draw(st.sampled_from([
        0, None, "", "own_", [], {}, "many", True, [[1]], [{"a": 1}], [1, 1], [None], {"from": 2, "to": 1, "steps": 3},
        {"from": 1, "to": 1, "steps": 3}, {"from": 1, "to": 2, "steps": 1}, {"from": 1, "to": 2, "steps": 10**9},
        {"from": 1, "to": 2, "steps": 2.5}, {"from": 1, "to": 2, "steps": "x"}, {"from": 1, "to": 2, "steps": 3,
        "scale": ["log"]},
        {"from": 1, "to": 2, "steps": 3, "scale": "cubic"}, {"from": 1, "to": 2, "steps": 3, "scale": {}},
        {"from": 1, "steps": 3}, {"shape": "normal", "low": 1, "high": 2}, {"shape": ["uniform"], "low": 1, "high": 2},
        {"shape": "uniform", "low": 1}, {"shape": "triangular", "low": 1, "high": 2, "mode": 9}, {"shape": "uniform",
        "from": 1},
        {"to": 2}, {"from": 1, "to": 2, "low": 1}, {"shape": "loguniform", "low": 0, "high": 1}, {"steps": 3},
        {"from": [1], "to": 2, "steps": 3}, {"from": 1, "to": {"a": 2}, "steps": 3}, {"steps": None, "from": 1,
        "to": 2},
    ]))  # fmt: skip
    content["vary"] = {draw(st.sampled_from(["human_usd_per_pair", "epochs", "policy_gpus"])): how}
    return content | {"design": "grid"} if "points" not in content else content, Fault(f"vary: {_flow(how)[:50]}")


def _bad_map(draw, content, grid):
    axis = {"of": "rlaif.usd", "from": 1, "to": 2}
    bad = draw(st.sampled_from([
        0, 1, "x", {}, [1], [[]], [["epochs"]], [["nosuch", "nosuch"]], [[axis]], [[axis, 3]], [[axis,
            axis | {"of": [1]}]],
        [[axis, axis | {"of": "rlaif.usd / 0"}]], [[axis, axis | {"from": 3}]], [[axis, axis | {"from": "x"}]],
        [[axis, axis | {"scale": "log", "from": 0}]], [[axis, axis | {"scale": ["log"]}]], [[axis, axis | {"more": 1}]],
        [[axis, axis, axis]], [[[1], [2]]], [[axis, {"of": "nosuch", "from": 1, "to": 2}]], [[None, None]],
        [[axis, axis | {"to": Raw(".inf")}]], [[axis, axis | {"from": Raw(".nan")}]],
    ]))  # fmt: skip
    return content | {"maps": bad}, Fault(f"maps: {_flow(bad)[:60]}")


def _both(draw, content, grid):
    name = next(iter(content["vary"]))
    value = draw(good(INPUTS[name]))
    return content | {"fixed": {name: value}}, Fault("fixed and varies", (name,))


def _bad_fixed(draw, content, grid):
    word = draw(st.sampled_from([each for each in NUMERIC if each.name not in content["vary"]]))
    kind, text = draw(st.one_of(outside(word), no_numbers()))
    return content | {"fixed": {word.name: text}}, Fault(f"fixed: {kind}", (word.name,))


def _unknown_key(draw, content, grid):
    name = draw(unknown(("design", "points", "seed", "vary", "fixed", "outputs", "bins", "maps")))
    return content | {name: 1}, Fault("unknown key")


def _unknown_input(draw, content, grid):
    content[draw(st.sampled_from(["vary", "fixed"]))] = {draw(unknown(INPUTS)): [1]}
    return content, Fault("unknown input")


def _missing(draw, content, grid):
    name = draw(st.sampled_from(["vary", "outputs"]))
    return {key: value for key, value in content.items() if key != name}, Fault(f"no {name}", (name,))


def _mixed_outputs(draw, content, grid):
    more = draw(st.sampled_from([5, None, [], {}, True, 1.5, ["rlaif.usd"]]))
    return content | {"outputs": ["rlaif.usd", more]}, Fault(f"outputs: [rlaif.usd, {_flow(more)}]")


def _valued_output(draw, content, grid):
    more = draw(st.sampled_from([5, None, [], {}, True, 1.5, ["rlaif.usd"]]))
    return content | {"outputs": {"a": more}}, Fault(f"outputs: a: {_flow(more)}")


def _twice_listed(draw, content, grid):
    return content | {"outputs": ["rlaif.usd", "rlaif.usd"]}, Fault("an output twice")


INF = Raw(".inf")
SPOILS = (
    _set("fixed", 0, False, "", [], "x", 3, [1]), _set("maps", 0, False, "", "x", 3), _set("vary", 0, None, [], {},
        "x", [1], ["epochs"]),
    _set("outputs", 0, None, [], {}, "rlaif.usd", 3, [5], [[]], [None]), _set("bins", 1, 201, 2.5, "x", None, [], {},
        True, -3, 10**30),
    _set("seed", -1, 2**63, 1.5, "x", [], {}, 10**400, True), _set("design", "gird", 3, [], {}, ["grid"], True,
        "GRID", ""),
    _set("points", 0, -1, 1.5, "x", [], {}, True, 10**13, 10**400, INF), _bad_output, _bad_output, _bad_output,
        _bad_name, _formula_name,
    _bad_levels, _bad_levels, _bad_spread, _bad_spread, _bad_map, _bad_map, _both, _bad_fixed, _unknown_key,
        _unknown_input,
    _missing, _mixed_outputs, _valued_output, _twice_listed,
)  # fmt: skip


# --- hardware ---------------------------------------------------------------------------------------------------------

WORK = ("sft", "--model", "llama-2-7b", "--examples", "9", "--prompt-tokens", "9", "--response-tokens", "9")
SHARES = ("share of dense peak", "share of peak bandwidth", "share of memory", "share of the time")
COEFFICIENTS = {row["name"]: row for row in table("coefficients")}
LIMITS = {"bf16_dense_tflops": True, "hbm_gb": True, "hbm_bandwidth_gb_per_s": True, "fp8_dense_tflops": False,
          "flash_attention_share": False, "link_gb_per_s": False, "network_gb_per_s": False,
          "tdp_w": False}  # fmt: skip


@st.composite
def machines(draw):
    """Files of hardware, for estimate."""
    gpu = {"name": "our-gpu", "label": "Our GPU", "device": "Our GPU", "bf16_dense_tflops": 400, "hbm_gb": 96,
           "hbm_bandwidth_gb_per_s": 3000}  # fmt: skip
    for name, value in (("fp8_dense_tflops", 800), ("flash_attention_share", 0.7), ("link_gb_per_s", 300),
                        ("network_gb_per_s", 25), ("tdp_w", 400)):  # fmt: skip
        if draw(st.booleans()):
            gpu[name] = value * draw(st.floats(0.5, 1.2))
    chosen = draw(st.lists(st.sampled_from(sorted(COEFFICIENTS)), max_size=2, unique=True))
    parts = {name: {key: float(COEFFICIENTS[name][key]) for key in ("value", "low", "high")} for name in chosen}
    content = {"gpu": gpu, "coefficients": parts}
    faults, broken = [], draw(st.integers(0, 4)) > 0
    if broken:
        content, fault = draw(st.sampled_from(BREAKS))(draw, content)
        faults = [fault] if fault else []
    text = "".join(f"{name}: {_flow(value)}\n" for name, value in content.items())
    raw, whole, name = (
        text.encode(),
        draw(st.sampled_from(["as it is"] * 8 + ["spoiled", "scrambled", "no file"])),
        "hw.yml",
    )
    if whole == "spoiled":
        kind, raw = _spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        raw, faults = _scrambled(text, draw), []
    elif whole == "no file":
        kind, name = _no_file(draw)
        faults = [Fault(kind)]
    form = draw(FORMS)
    if faults and draw(st.integers(0, 7)) == 0:
        command = draw(st.sampled_from([("rerun", "-o", "out", "--hardware", name),
                                        ("validate", "m.csv", "--hardware", name)]))  # fmt: skip
        files = (("hw.yml", raw), ("m.csv", b"model,metric,value,unit\nLlama-2 7B,ITL,13,ms\n"))
        return Case("hardware", command, files, faults=tuple(faults))
    return Case("hardware", ("estimate", *WORK, "--hardware", name, *form), (("hw.yml", raw),), faults=tuple(faults),
                good=not broken and whole == "as it is")  # fmt: skip


def _gpu_line(draw, content):
    name = draw(st.sampled_from(sorted(LIMITS)))
    kind, value = draw(st.sampled_from([
        ("0", 0), ("below 0", -1), ("nan", Raw(".nan")), ("infinite", INF), ("text", "many"), ("flag", True),
        ("a list", [1]),
        ("names", {"a": 1}), ("1e308", 1e308), ("1e30", 1e30), ("400 digits", Raw("9" * 400)), ("octal", Raw("010")),
        ("sexagesimal", Raw("1:30")), ("tag", Raw("!!int 3")), ("empty", ""), ("arabic digits", "١٢"),
    ]))  # fmt: skip
    content["gpu"][name] = value
    return content, Fault(f"gpu.{name}: {kind}", () if isinstance(value, Raw) else (name,))


def _share(draw, content):
    content["gpu"]["flash_attention_share"] = draw(st.sampled_from([1.01, 2, 70, 1e6]))
    return content, Fault("a share above 1", ("flash_attention_share",))


def _gpu_text(draw, content):
    name = draw(st.sampled_from(["name", "label", "device"]))
    value = draw(st.sampled_from([0, None, [], {}, True, "", " ", [1], {"a": 1}]))
    content["gpu"][name] = value
    return content, Fault(f"gpu.{name}: {_flow(value)}", (name,))


def _strange_text(draw, content):
    name = draw(st.sampled_from(["name", "label", "device"]))
    content["gpu"][name] = draw(st.sampled_from([
        "<img src=x onerror=alert(1)>", "\x1b[2J", "\u202egpu", "=cmd|x", "a\nb", "x" * 5000, "nan", "../..", "a b",
        "\x00"
    ]))  # fmt: skip
    return content, None


def _precision(draw, content):
    content["gpu"]["precision"] = draw(st.sampled_from(["fp16", 16, None, [], {}, "BF16 ", ""]))
    return content, Fault("precision", ("precision",))


def _catalogued(draw, content):
    content["gpu"]["name"] = draw(st.sampled_from(GPUS))
    return content, Fault("a name of the catalogue", ("gpu.name",))


def _lost(draw, content):
    name = draw(st.sampled_from(["name", "label", "device", "bf16_dense_tflops", "hbm_gb", "hbm_bandwidth_gb_per_s"]))
    del content["gpu"][name]
    return content, Fault(f"no gpu.{name}", (name,))


def _unknown_line(draw, content):
    name = draw(unknown((*LIMITS, "name", "label", "device", "precision")))
    content["gpu"][name] = 1
    return content, Fault("unknown line")


def _part(draw, content):
    name = draw(st.sampled_from(["gpu", "coefficients"]))
    value = draw(st.sampled_from([3, "x", [1], True, ["gpu"], 0, False, "", []]))
    content[name] = value
    return content, Fault(f"{name}: {_flow(value)}", (name,))


def _unknown_part(draw, content):
    content[draw(unknown(("gpu", "coefficients", "kept", "how")))] = 1
    return content, Fault("unknown part")


def _coefficient(draw, content):
    name = draw(st.sampled_from(sorted(COEFFICIENTS)))
    known = {key: float(COEFFICIENTS[name][key]) for key in ("value", "low", "high")}
    share = COEFFICIENTS[name]["unit"] in SHARES
    kind, value = draw(st.sampled_from([
        ("low above high", known | {"low": known["high"] * 2}), ("no high", {"value": 1, "low": 1}), ("a number", 1),
        ("0", dict.fromkeys(known, 0)), ("below 0", dict.fromkeys(known, -1)), ("nan", dict.fromkeys(known,
        Raw(".nan"))),
        ("infinite", known | {"high": INF}), ("text", known | {"value": "x"}), ("flag", dict.fromkeys(known, True)),
        ("1e30", dict.fromkeys(known, 1e30)), ("400 digits", known | {"high": Raw("9" * 400)}), ("a list", [1, 2]),
        ("null", None),
        *([("a share above 1", known | {"high": 1.5, "value": 1.2})] if share else []), ("more", known | {"hihg": 1}),
        ("a list in it", known | {"low": [1]}),
    ]))  # fmt: skip
    content["coefficients"] = {name: value}
    return content, Fault(f"coefficient: {kind}", () if kind == "400 digits" else (name,))


def _unknown_coefficient(draw, content):
    content["coefficients"] = {draw(unknown(COEFFICIENTS)): {"value": 1, "low": 1, "high": 1}}
    return content, Fault("unknown coefficient")


BREAKS = (_gpu_line, _gpu_line, _gpu_line, _share, _gpu_text, _strange_text, _precision, _catalogued, _lost,
    _unknown_line,
          _part, _unknown_part, _coefficient, _coefficient, _unknown_coefficient)  # fmt: skip


# --- tables of measurements -------------------------------------------------------------------------------------------

KINDS = {"memory": ("quantity", "value", "unit", "model"), "inference": ("metric", "value", "unit", "model"),
         "runs": ("stage", "reported_quantity", "model"),
         "throughput": ("tokens_per_s_per_gpu", "model", "gpu", "sequence_length")}  # fmt: skip
OWN_COLUMNS = ("name", "label", "shown_in", "left_out", "as_reported", "locator", "status", "note", "source")
ROWS = {kind: [{name: cell for name,
    cell in row.items() if name not in OWN_COLUMNS} for row in table(f"measured_{kind}")
               if not row.get("left_out")] for kind in KINDS}  # fmt: skip
STEP = {"id": "a", "step": "train", "model": "gpt2", "gpu": "A100-SXM4-80GB", "precision": "bf16", "sequences": "4",
    "tokens": "512",
        "response_tokens": "", "lora_rank": "", "recompute": "none", "seed": "0", "status": "measured",
        "seconds": "0.2",
        "allocated_bytes": "5e9", "reserved_bytes": "6e9"}  # fmt: skip
NEEDED = {
    "memory": "value",
    "inference": "value",
    "runs": "value_norm",
    "throughput": "tokens_per_s_per_gpu",
    "steps": "seconds",
}
LIMITED = {row["column"]: tuple(row["allowed"].split("|")) for row in table("columns")
           if row["table"] == "*" and row["allowed"] and row["column"] != "status"}  # fmt: skip
NUMBERS = {row["column"] for row in table("columns") if row["type"] == "number" and row["table"] in ("*", "steps")}
CELLS = ("=1+1", "@SUM(A1:A9)", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "\x1b[2J\x1b[31m", "\u202e", "x" * 100_000,
    "a" * 3000 + "1b",
         "<img src=x onerror=alert(1)>", "\x00", "1" * 5000, "٣", "1e999", "nan", '"', "a\nb", "7B" * 20_000,
         "r=" * 5000, "(" * 5000,
         "tp8 zero-3 " * 3000, "no recompute", "-", "0", "1/0", "full", "yes", "%s{}", "A100 H100 V100", "1,5", "--",
         "　")  # fmt: skip


@st.composite
def tables(draw):
    """Tables of measurements, for validate and calibrate."""
    kind = draw(st.sampled_from([*KINDS, "steps"]))
    rows = [dict(draw(st.sampled_from(ROWS[kind])) if kind in ROWS else STEP) for _ in range(draw(st.integers(1, 3)))]
    for place, row in enumerate(rows):
        row["id"] = f"row-{place}"
    if draw(st.booleans()):  # columns of which no row has a cell are left away
        used = {name for row in rows for name, cell in row.items() if cell} | set(KINDS.get(kind, STEP))
        rows = [{name: cell for name, cell in row.items() if name in used} for row in rows]
    refused = []
    for place, row in enumerate(rows):
        how = draw(st.sampled_from(["good", "good", "needed", "number", "word", "any", "any", "model"]))
        if how == "needed" and row.get(NEEDED[kind]):
            sort, row[NEEDED[kind]] = draw(st.sampled_from([("negative", "-1"), ("0", "0"), ("nan", "nan"),
                ("infinite", "inf"),
                                                            ("1e999", "1e999"), ("text", "many"), ("comma", "1,5"),
                                                            ("arabic digits", "١٢"), ("formula", "=1+1"), ("grouped",
                                                            "1_0"),
                                                            ("hexadecimal", "0x10"), ("empty", "")]))  # fmt: skip
            refused.append((place + 2, f"{kind} {NEEDED[kind]}: {sort}"))
        elif how == "number" and (
            names := sorted(name for name in row if name in NUMBERS and row[name] and name != NEEDED[kind])
        ):
            name = draw(st.sampled_from(names))
            sort, row[name] = draw(st.sampled_from([("nan", "nan"), ("infinite", "inf"), ("negative", "-3"), ("text",
                "many"),
                                                    ("arabic digits", "١٢"), ("grouped", "1_0"), ("1e300",
                                                    "1e300")]))  # fmt: skip
            if kind != "steps" and sort != "1e300":
                refused.append((place + 2, f"{kind} {name}: {sort}"))
        elif how == "word" and (names := sorted(name for name in row if name in LIMITED and row[name])):
            name = draw(st.sampled_from(names))
            row[name] = draw(st.sampled_from(["sometimes", "ful", "3.5", "-1", "yes and no"]))
            refused.append((place + 2, f"{kind} {name}: {row[name]}"))
        elif how == "any":
            row[draw(st.sampled_from(sorted(row)))] = draw(st.sampled_from(CELLS))
        elif how == "model" and kind in KINDS and "model" in row:
            row["model"], row["parameters"] = "Llama-2-7B", draw(st.sampled_from(["6.74", "7", "70e9", "1", "1e300"]))
            refused.append((place + 2, f"{kind} parameters: {row['parameters']} of Llama-2-7B"))
    names = list(dict.fromkeys(name for row in rows for name in row))
    names = draw(st.permutations(names))
    text = io.StringIO()
    delimiter, end = draw(st.sampled_from([(",", "\n"), (",", "\n"), (",", "\r\n"), (";", "\n"), ("\t", "\n")]))
    written = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=draw(st.sampled_from([0, 0, 1])), escapechar="\\"
    )
    header = list(names)
    spoil = draw(st.sampled_from([""] * 8 + ["twice", "ragged", "lost", "empty name", "no rows"]))
    faults = []
    if spoil == "twice":
        header[draw(st.integers(0, len(header) - 1))] = header[0]
        faults += [Fault("a column twice")] if len(set(header)) < len(header) else []
    elif spoil == "lost":
        lost = draw(st.sampled_from(KINDS.get(kind, ("step", "seconds"))))
        header = [f"my {name}" if name == lost else name for name in header]
        refused = []
    written.writerow(header)
    for row in rows if spoil != "no rows" else ():
        cells = [row.get(name, "") for name in names]
        written.writerow([*cells, "more"] if spoil == "ragged" else cells)
    refused = (
        []
        if spoil in ("lost", "no rows", "twice") or any("\n" in cell for row in rows for cell in row.values())
        else refused
    )
    if spoil == "ragged":
        refused = [(place + 2, f"{kind}: more cells than columns") for place in range(len(rows))]
        refused = [] if any("\n" in cell for row in rows for cell in row.values()) else refused
    raw, name = text.getvalue().encode(), "m.csv"
    whole = draw(st.sampled_from(["as it is"] * 9 + ["bytes", "spoiled", "no file", "marked"]))
    if delimiter != ",":
        faults, refused = [Fault("another delimiter")], []
    if whole == "bytes":
        raw, faults, refused = _scrambled(text.getvalue(), draw), [], []
    elif whole == "spoiled":
        sort, raw = draw(st.sampled_from([("not UTF-8", raw + b"\xff\xfe"), ("UTF-16",
            text.getvalue().encode("utf-16")), ("empty", b""),
                                          ("NUL", b"\x00" + raw), ("a text", b"just some words\n"),
                                          ("only a header", b"model,value\n"), ("binary",
                                          bytes(range(256)))]))  # fmt: skip
        faults, refused = [Fault(sort)], []
    elif whole == "marked":
        raw = b"\xef\xbb\xbf" + raw
    elif whole == "no file":
        sort, name = _no_file(draw)
        faults, refused = [Fault(sort)], []
    files = (("m.csv", raw),)
    if draw(st.integers(0, 5)) == 0:
        return Case("measurements", ("calibrate", name, "-o", "hw.yml", "--name", "ours"), files, written="hw.yml",
                    faults=tuple(faults))  # fmt: skip
    if draw(st.integers(0, 4)) == 0:
        return Case("measurements", ("validate", name, "-o", "p.csv"), files, written="p.csv", faults=tuple(faults))
    form = draw(FORMS)
    same = None
    if (
        form == ("--json",)
        and not faults
        and whole == "as it is"
        and not spoil
        and not any("\n" in cell for row in rows for cell in row.values())
    ):
        # The same table as a spreadsheet might save it.
        other = io.StringIO()
        names = sorted(names)
        csv.writer(other, quoting=csv.QUOTE_ALL).writerows(
            [names, *([row.get(each, "") for each in names] for row in rows)]
        )
        same = Case(
            "measurements", ("validate", name, "--json"), ((name, b"\xef\xbb\xbf" + other.getvalue().encode()),)
        )
    return Case("measurements", ("validate", name, *form), files, faults=tuple(faults), same=same,
                refused_rows=tuple(refused))  # fmt: skip


# --- options ----------------------------------------------------------------------------------------------------------

FIRST = ("model", "gpu", "examples", "prompt_tokens", "response_tokens")


@st.composite
def options(draw):
    """Options of estimate: the needed ones, some others, and a mistake in most."""
    stage = draw(st.sampled_from(STAGES))
    values = {"model": draw(st.sampled_from([*MODELS, "llama-2-7b", "llama-3.1-8b"])),
        "gpu": draw(st.sampled_from(GPUS)),
              "examples": 1000, "prompt_tokens": 100, "response_tokens": 200}  # fmt: skip
    used = [word for word in OPTIONS.values() if stage in word.stages and word.name not in FIRST]
    for word in draw(st.lists(st.sampled_from(used), max_size=4, unique_by=lambda w: w.name)):
        values[word.name] = draw(good(word))
    for name in draw(st.lists(st.sampled_from(FIRST[2:]), max_size=2, unique=True)):
        values[name] = draw(good(OPTIONS[name]))
    arguments, faults = {name: _option(name, value, draw) for name, value in values.items()}, []
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 1, 2]))):
        extra, fault = draw(st.sampled_from(MISTAKES))(draw, stage, arguments)
        arguments |= extra
        faults += [fault] if fault else []
    line = [each for part in draw(st.permutations(list(arguments.values()))) for each in part]
    wrong = any("=" in name for name in arguments)  # names of mistakes that are no option
    if faults and draw(st.integers(0, 7)) == 0 and not wrong:
        named = {name: (part[1] if len(part) == 2 else True) for name, part in arguments.items()}
        return Case("options", call=("estimate", (stage,), named), faults=tuple(faults))
    form = draw(FORMS)
    same = _as_call("estimate", stage, **values) if not faults and form == ("--json",) else None
    return Case("options", ("estimate", stage, *line, *form), faults=tuple(faults), same=same)


def _option(name, value, draw=None):
    word = OPTIONS[name]
    if word.type == "bool":
        return (word.flag if value else f"--no-{word.flag.removeprefix('--')}",)
    text = value if isinstance(value, str) else repr(value)
    if draw and not isinstance(value, str) and value == int(value) and abs(value) < 2**53:
        text = draw(st.sampled_from([text, str(int(value)), f"{int(value)}.0", f" {text}", f"+{text}"]))
    return (word.flag, text)


def _values(stage, used=True):
    return [word for word in OPTIONS.values() if (stage in word.stages) is used and word.type != "bool"]


def _named(word):
    return (word.name, word.flag)


def _bad_number(draw, stage, arguments):
    word = draw(st.sampled_from([each for each in _values(stage) if each.type != "str"]))
    kind, text = draw(st.one_of(no_numbers(), outside(word)))
    return {word.name: (word.flag, text)}, Fault(kind, _named(word))


def _bad_choice(draw, stage, arguments):
    word = draw(st.sampled_from([each for each in _values(stage) if each.type == "str"]))
    text = draw(st.sampled_from(["", "nosuch", "llama", "\x1b[2J", "x" * 100_000, "None", "nan", "ful", "../x",
        "=1+1", "0", "a b",
                                 "llama-2-7b:layers=2" + "x", "<b>", "{}"]))  # fmt: skip
    return {word.name: (word.flag, text)}, Fault(f"{word.name}: {text[:20]}", _named(word))


def _not_used(draw, stage, arguments):
    """An option that the stage does not use, set by hand: also to what it is without."""
    words = [word for word in OPTIONS.values() if stage not in word.stages]
    word = draw(st.sampled_from(words))
    default = word.default and word.type != "str" and draw(st.booleans())
    value = {"true": True, "false": False}.get(word.default) if default and word.type == "bool" else (
        float(word.default) if default else draw(good(word)))  # fmt: skip
    return {word.name: _option(word.name, value)}, Fault(f"{word.name} is no option of {stage}", _named(word))


def _not_used_and_bad(draw, stage, arguments):
    words = [word for word in _values(stage, used=False) if word.type != "str"]
    word = draw(st.sampled_from(words))
    _, text = draw(st.one_of(no_numbers(), outside(word)))
    return {word.name: (word.flag, text)}, Fault(f"{word.name} is no option of {stage}", _named(word))


def _unknown_option(draw, stage, arguments):
    part = draw(st.sampled_from([("--nosuch", "3"), ("--learning-rate", "3"), ("--gpu-s", "3"), ("-z", "3"), ("extra",
        ), ("--no-gpus",),
                                 ("--", "x"), ("---",), ("--fused=no",), ("--gpus",), ("\x1b[2J",), ("--\x1b[2J",
                                 "1")]))  # fmt: skip
    return {f"={part[0]}": part}, Fault(f"unknown option {part[0]!r}")


def _left_out(draw, stage, arguments):
    name = draw(st.sampled_from([each for each in FIRST if each in arguments]))
    return {name: ()}, Fault(f"no {name}", _named(OPTIONS[name]))


def _adapters(draw, stage, arguments):
    if stage == "generate":
        return {}, None
    rank = draw(st.sampled_from(["0", "1000000", "-1", "100001"]))
    return {"lora_rank": ("--lora-rank", rank), "model": ("--model", "llama-2-7b")}, Fault(
        f"--lora-rank {rank}", ("lora_rank", "rank")
    )


def _twice(draw, stage, arguments):
    name = draw(st.sampled_from(["examples", "prompt_tokens"]))
    flag = OPTIONS[name].flag
    return {"=twice": (flag, "1")}, Fault("an option twice", _named(OPTIONS[name]))


MISTAKES = (_bad_number, _bad_number, _bad_number, _bad_choice, _not_used, _not_used, _not_used_and_bad,
    _unknown_option, _left_out, _adapters,
            _twice)  # fmt: skip


# --- links ------------------------------------------------------------------------------------------------------------


@st.composite
def links(draw):
    """Queries of the calculator's address."""
    parts, faults, values = [], [], {}
    names = draw(st.lists(st.sampled_from(sorted(INPUTS)), min_size=1, max_size=4, unique=True))
    for name in names:
        word = INPUTS[name]
        how = draw(st.sampled_from(["good", "good", "good", "outside", "no number", "empty"]))
        if how == "good":
            values[name] = value = draw(good(word))
            text = value if isinstance(value, str) else draw(st.sampled_from([repr(value), f" {value!r} "]))
        elif how == "empty":
            text = draw(st.sampled_from(["", " "]))
        elif how == "outside" and word.low is not None:
            kind, text = draw(outside(word))
            faults.append(Fault(kind, (name,)))
        else:
            kind, text = draw(no_numbers())
            faults.append(Fault(kind, (name,)))
        parts.append((name, text))
    if draw(st.integers(0, 5)) == 0:
        parts.append((draw(unknown(INPUTS).filter(lambda name: name.strip() == name)), "1"))
        faults.append(Fault("unknown name"))
    if draw(st.integers(0, 5)) == 0:
        parts.append(draw(st.sampled_from([("chapter", "04"), ("preset", "published"), ("chapter", "<img src=x>")])))
    query = urlencode(parts, quote_via=quote) if draw(st.booleans()) else "&".join(f"{n}={quote(v)}" for n, v in parts)
    same = None if faults else _as_call("compare", values, draws=1)
    if draw(st.integers(0, 9)) == 0:
        same = None
        query, faults = (
            draw(
                st.sampled_from(
                    [query.replace("=", ""), f"?{query}", query + "&&&", query + "%zz%ff", query + "&=" * 50]
                )
            ),
            [],
        )
    return Case("link", query=query, faults=tuple(faults), same=same)


# --- calls ------------------------------------------------------------------------------------------------------------

THINGS = (None, True, False, 0, -1, 1.5, math.nan, math.inf, -math.inf, 10**400, -(10**400), 1e308, 5e-324, "", "x",
    "7", "x" * 100_000, b"x", (),
          [], [1], [[1]], {}, {"a": 1}, {1: 2}, {None: None}, 1j, Decimal("NaN"), Decimal("3"), Decimal("1e999"),
          Fraction(1, 3), np.array(3.0),
          np.array([1.0, 2.0]), np.array([[1.0]]), np.array([]), np.array(["x"]), np.array([np.nan]),
              np.array([None]), np.float64("nan"),
          np.float32(2), np.int64(2), np.bool_(True), np.datetime64("2026-01-01"), np.array([1 + 2j]), Path("x"),
              Path(), object, len, range(3),
          frozenset([1]), "\x1b[2J", "\0", "nan", "١٢", "llama-2-7b", slice(1), ..., NotImplemented)  # fmt: skip


def _array(word):
    """Values of an option as an array, of numbers alone."""
    if word.type in ("str", "bool"):
        return good(word)
    return st.lists(good(word), min_size=1, max_size=3).map(lambda values: np.array(values, dtype=float))


@st.composite
def calls(draw):
    """Calls of costlib with values of any type."""
    thing = st.sampled_from(THINGS)
    name = draw(
        st.sampled_from(
            [
                "estimate",
                "estimate",
                "estimate",
                "compare",
                "compare",
                "sweep",
                "sweep",
                "validate",
                "models",
                "gpus",
                "claims",
            ]
        )
    )
    if name == "estimate":
        stage = draw(st.one_of(st.sampled_from(STAGES), st.sampled_from(STAGES), thing))
        named = {
            "model": "llama-2-7b",
            "gpu": "a100-sxm-80gb",
            "examples": 100,
            "prompt_tokens": 10,
            "response_tokens": 10,
        }
        words = (
            [word for word in OPTIONS.values() if stage not in STAGES[:1] or stage in word.stages]
            if isinstance(stage, str)
            else list(OPTIONS.values())
        )
        for word in draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique_by=lambda w: w.name)):
            named[word.name] = draw(st.one_of(thing, good(word), _array(word)))
        if draw(st.integers(0, 5)) == 0:
            named[draw(st.sampled_from(["hardware", "pairs", "prompts", "nosuch", "price"]))] = draw(thing)
        return Case("call", call=("estimate", (stage,), named))
    if name == "compare":
        how = draw(st.integers(0, 3))
        named = {"draws": draw(st.one_of(st.just(DRAWS), st.just(DRAWS), thing)) if how else DRAWS}
        for word in draw(st.lists(st.sampled_from(list(INPUTS.values())), max_size=2, unique_by=lambda w: w.name)):
            named[word.name] = draw(st.one_of(thing, good(word), good(word)))
        given = (draw(thing),) if how == 1 else ()
        return Case("call", call=("compare", given, named))
    if name == "sweep":
        content = {"vary": {"epochs": [1, 2]}, "outputs": ["rlaif.usd"]}
        path = draw(
            st.sampled_from(
                [
                    ("vary",),
                    ("vary", "epochs"),
                    ("outputs",),
                    ("points",),
                    ("design",),
                    ("seed",),
                    ("bins",),
                    ("maps",),
                    ("fixed",),
                    (),
                ]
            )
        )
        if not path:
            return Case("call", call=("sweep", (draw(thing),), {}))
        place = content
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = draw(st.one_of(thing, st.lists(thing, max_size=2)))
        return Case("call", call=("sweep", (content,), {}))
    return Case("call", call=(name, (draw(thing),), {}))


# --- words at the command ---------------------------------------------------------------------------------------------

WORDS = ("", "x", "nosuch", "B066", "B999", "b066", "total_usd", "llama", "\x1b[2J", "x" * 100_000, "(", "[",
    ".*", "%s", "{}", "=1+1", "-1",
         "nan", "٣", "a\nb", "../..", "<b>", "fig-x", "tab-x", "--json", "-h", "04", "999", "\u202e")  # fmt: skip


@st.composite
def words(draw):
    """Names and texts of the other commands."""
    word = st.sampled_from(WORDS)
    line = draw(st.sampled_from([
        ("models", "?"), ("models", "?", "--json"), ("gpus", "?"), ("gpus", "?", "--json"), ("claims", "?"),
        ("claims", "?", "--json"),
        ("claims", "--chapter", "?"), ("claims", "--verdict", "?"), ("cite", "?"), ("cite", "?", "--format", "?"),
        ("params", "?"),
        ("?",), ("?", "?"), ("compare", "--draws", "?"), ("rerun", "?"), ("rerun", "-o", "out", "--chapters", "?",
        "--jobs", "0"),
        ("rerun", "-o", "out", "--chapters", "nosuch?"), ("sweep", "?", "-o", "out", "--workers", "?"), ("measure",
        "-o", "?", "--stages", "?"),
        ("measure", "-o", "m.csv", "--model", "?"), ("calibrate", "?", "-o", "hw.yml"), ("validate", "?"),
        ("validate", "?", "--hardware", "?"),
        ("estimate", "?"), ("estimate", "sft", "--hardware", "?"), ("rerun", "-o", "out", "--book", "?", "--chapters",
        "nosuch"),
        ("models", "--format", "?"), ("compare", "--format", "?", "--draws", "3"), ("estimate", "sft", "--json", "?"),
    ]))  # fmt: skip
    filled = tuple(each.replace("?", draw(word)) for each in line)
    bad = {
        ("claims", "--chapter", "B999"): Fault("unknown chapter"),
        ("claims", "--chapter", "nosuch"): Fault("unknown chapter"),
    }
    faults = (bad[filled],) if filled in bad else ()
    return Case("words", filled, faults=faults)


def recipes():
    """Files of recipes: none until costlib reads them. What is missing is a strategy here and its share below."""


# Which kinds there are, and the share of each in the inputs of `make fuzz`.
SHARES_OF = {
    "scenario": (st.one_of(scenarios(), scenarios(), pairs(), mild_scenarios()), 0.22), "sweep": (st.one_of(sweeps(),
    sweeps(), sweeps(), points()), 0.18), "hardware": (machines(), 0.12),
    "measurements": (tables(), 0.16), "options": (options(), 0.16), "link": (links(), 0.06), "call": (calls(), 0.06),
    "words": (words(), 0.04),
}  # fmt: skip
