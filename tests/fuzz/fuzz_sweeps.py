"""Files of sweeps: designs, ranges and outputs, with a mistake in most."""

import json

from fuzz_case import Case, Fault
from fuzz_files import INF, NUMERIC, PLAIN, Raw, as_call, flow, no_file, scrambled, spoiled
from fuzz_texts import INPUTS, good, no_numbers, outside, unknown
from hypothesis import strategies as st

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
    text = "".join(f"{name}: {flow(value)}\n" for name, value in content.items())
    raw = text.encode()
    whole = draw(st.sampled_from(["as it is"] * 8 + ["spoiled", "scrambled", "twice", "no file"]))
    name = "s.yml"
    if whole == "spoiled":
        kind, raw = spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        raw, faults = scrambled(text, draw), []
    elif whole == "twice":
        raw, faults = raw + b"bins: 9\nbins: 10\n", [*faults, Fault("a name twice")]
    elif whole == "no file":
        kind, name = no_file(draw)
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
    return Case("sweep", call=("sweep", (content,), {}), same=as_call("compare", values, draws=20))


def _set(key, *values, kind=None):
    def spoil(draw, content, grid):
        value = draw(st.sampled_from(values))
        return content | {key: value}, Fault(kind or f"{key}: {flow(value)[:40]}")

    return spoil


def _bad_output(draw, content, grid):
    text = draw(st.sampled_from(BAD_OUTPUTS))
    fault = None if text.startswith(MAY_BE_RIGHT) else Fault(f"output {text[:40]}")
    outputs = {"a": text} if draw(st.booleans()) else [text]
    return content | {"outputs": outputs}, fault


def _bad_name(draw, content, grid):
    name = draw(st.sampled_from(["point", *list(INPUTS)[:3], "", "../x", "/etc/x", "~/x"]))
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
    return content | {"design": "grid"} if "points" not in content else content, Fault(f"vary: {flow(how)[:50]}")


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
    return content | {"maps": bad}, Fault(f"maps: {flow(bad)[:60]}")


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
    return content | {"outputs": ["rlaif.usd", more]}, Fault(f"outputs: [rlaif.usd, {flow(more)}]")


def _valued_output(draw, content, grid):
    more = draw(st.sampled_from([5, None, [], {}, True, 1.5, ["rlaif.usd"]]))
    return content | {"outputs": {"a": more}}, Fault(f"outputs: a: {flow(more)}")


def _twice_listed(draw, content, grid):
    return content | {"outputs": ["rlaif.usd", "rlaif.usd"]}, Fault("an output twice")


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
