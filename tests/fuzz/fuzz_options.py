"""Options of estimate: those needed, some others, and a mistake in most."""

from fuzz_case import Case, Fault
from fuzz_files import FORMS, as_call
from fuzz_texts import GPUS, MODELS, OPTIONS, STAGES, good, no_numbers, outside
from hypothesis import strategies as st

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
    same = as_call("estimate", stage, **values) if not faults and form == ("--json",) else None
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
