"""Inputs of the book: files, options -p, and links to the calculator."""

import json
from urllib.parse import quote, urlencode

from fuzz_case import Case, Fault
from fuzz_files import DRAWS, FORMS, NUMERIC, PLAIN, as_call, no_file, scrambled, spoiled
from fuzz_texts import INPUTS, NO_NUMBERS_OF_YAML, good, no_numbers, outside, quoted, said, unknown
from hypothesis import strategies as st


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
        kind, content = spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        content, known, faults = scrambled(text, draw), None, []
    elif whole == "marked":
        content = draw(
            st.sampled_from([b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"), content + b"...\n"])
        )
    elif whole == "no file":
        kind, name = no_file(draw)
        faults = [Fault(kind)]
    files = (("mine.yml", content),)
    if name != "mine.yml":
        known = None
    if faults and draw(st.integers(0, 5)) == 0:
        return Case("scenario", ("rerun", name, "-o", "out"), files, faults=tuple(faults))
    if draw(st.integers(0, 4)) == 0:
        return Case("scenario", call=("compare", (name,), {"draws": DRAWS}), files=files, faults=tuple(faults))
    form = draw(FORMS)
    same = as_call("compare", known, draws=DRAWS) if known is not None and form == ("--json",) else None
    return Case("scenario", ("compare", name, "--draws", str(DRAWS), *form), files, faults=tuple(faults), same=same)


@st.composite
def mild_scenarios(draw):
    """One input a little changed: never refused."""
    word = draw(st.sampled_from(PLAIN))
    value = draw(good(word, mild=True))
    return Case("scenario", ("compare", "mine.yml", "--draws", str(DRAWS), "--json"),
                (("mine.yml", f"{word.name}: {said(value, draw)}\n".encode()),), good=True,
                same=as_call("compare", {word.name: value}, draws=DRAWS))  # fmt: skip


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
    same = None if faults else as_call("compare", values, draws=DRAWS)
    return Case("scenario", ("compare", *arguments, "--draws", str(DRAWS), "--json"), faults=tuple(faults), same=same)


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
    same = None if faults else as_call("compare", values, draws=DRAWS)
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
