"""Files of hardware: a GPU and coefficients, with a mistake in most."""

from fuzz_case import Case, Fault
from fuzz_files import FORMS, INF, Raw, flow, no_file, scrambled, spoiled
from fuzz_texts import GPUS, table, unknown
from hypothesis import strategies as st

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
    text = "".join(f"{name}: {flow(value)}\n" for name, value in content.items())
    raw, whole, name = (
        text.encode(),
        draw(st.sampled_from(["as it is"] * 8 + ["spoiled", "scrambled", "no file"])),
        "hw.yml",
    )
    if whole == "spoiled":
        kind, raw = spoiled(text, draw)
        faults = [Fault(kind)]
    elif whole == "scrambled":
        raw, faults = scrambled(text, draw), []
    elif whole == "no file":
        kind, name = no_file(draw)
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
    return content, Fault(f"gpu.{name}: {flow(value)}", (name,))


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
    return content, Fault(f"{name}: {flow(value)}", (name,))


def _unknown_part(draw, content):
    content[draw(unknown(("gpu", "coefficients", "kept", "how")))] = 1
    return content, Fault("unknown part")


def _coefficient(draw, content):
    name = draw(st.sampled_from(sorted(COEFFICIENTS)))
    known = {key: float(COEFFICIENTS[name][key]) for key in ("value", "low", "high")}
    share = COEFFICIENTS[name]["unit"] in SHARES
    kind, value = draw(st.sampled_from([
        *([("low above high", known | {"low": known["high"], "high": known["low"]}),
           ("value above high", known | {"value": known["high"], "high": known["value"]})]
          if known["low"] < known["value"] < known["high"] else []),
        ("no high", {"value": 1, "low": 1}), ("a number", 1),
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
