"""costlib mcp: a program talks to the process, line by line, and gets what the commands answer."""

import json
import subprocess
import sys

import jsonschema
import pytest
from command import answer

from costlib.economics import methods
from costlib.version import __version__

JOB = {"stage": "sft", "model": "llama-2-7b", "gpu": "h100", "gpus": 8, "examples": 1000, "prompt_tokens": 100,
       "response_tokens": 200}  # fmt: skip


def asked(method, **params):
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def call(name, **arguments):
    return asked("tools/call", name=name, arguments=arguments)


def replies(*requests):
    """What the process answers to requests, or to lines as they are; it ends without an error when its input ends."""
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in requests]
    code = "import sys; from costlib.cli.main import main; sys.argv = ['costlib', 'mcp']; main()"
    done = subprocess.run([sys.executable, "-c", code], input=b"\n".join(lines), capture_output=True, check=True)
    assert done.stderr == b""
    return [json.loads(line, parse_constant=pytest.fail) for line in done.stdout.decode("ascii").splitlines()]


def test_a_program_opens_lists_the_tools_and_calls_each():
    started, tools, *called = replies(
        asked("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "a", "version": "1"}),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        asked("tools/list"),
        call("estimate", **JOB),
        call("compare", inputs={"human_usd_per_pair": 2, "policy_model": "llama-3.1-8b", "policy_gpus": 8}),
        call("recommend", model="8b", pairs=20_000, people_only=True, inputs={"epochs": 2}),
        call("cite", id="rlaif_usd", inputs={"human_usd_per_pair": 2, "policy_model": "llama-3.1-8b",
                                             "policy_gpus": 8}),
    )  # fmt: skip
    assert started["result"] == {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                                 "serverInfo": {"name": "costlib", "version": __version__}}  # fmt: skip
    schemas = {each["name"]: each["inputSchema"] for each in tools["result"]["tools"]}
    assert list(schemas) == ["estimate", "compare", "recommend", "cite"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(JOB | {"lora_rank": 16, "overlap": True, "rollout_gpus": "auto"}, schemas["estimate"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(JOB | {"config": "/etc/passwd"}, schemas["estimate"])
    results = [each["result"] for each in called]
    assert not any(each["isError"] for each in results)
    assert all(json.loads(each["content"][0]["text"]) == each["structuredContent"] for each in results)
    estimate, compare, recommend, cite = (each["structuredContent"] for each in results)
    options = [text for name, value in list(JOB.items())[1:] for text in (f"--{name.replace('_', '-')}", value)]
    assert estimate["answer"] == answer("estimate", "sft", *options)
    assert estimate["numbers"]["hours"]["unit"] == "h" and "80 %" in estimate["numbers"]["hours"]["interval"]
    inputs = ("-p", "human_usd_per_pair=2", "-p", "policy_model=llama-3.1-8b", "-p", "policy_gpus=8")
    assert compare["answer"] == answer("compare", *inputs)
    assert {each["method"] for each in compare["answer"]} <= methods.METHODS.keys()
    assert recommend["answer"] == answer("recommend", "--model", "8b", "--pairs", 20_000, "--people-only",
                                         "-p", "epochs=2")  # fmt: skip
    same = next(each for each in compare["answer"] if each["method"] == "rlaif")
    assert [cite["answer"][end] for end in ("value", "low", "high")] == pytest.approx(
        [same[name] for name in ("usd", "usd_low", "usd_high")]
    )
    for each in (estimate, compare, recommend, cite):
        assert f"costlib {__version__}" in each["source"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (call("estimate", stage="sft", model="no-such-model"), "model [-] must be a model"),
        (call("estimate", stage="sft"), "estimate needs model"),
        (call("estimate", **JOB | {"gpus": -1}), "gpus [GPUs] must be"),
        (call("estimate", **JOB, fetch=True), "estimate takes no 'fetch'; it takes stage, model"),
        (call("compare", inputs={"human_usd": 1}), "did you mean human_usd_per_word or human_usd_per_pair"),
        (call("compare", inputs={"prices": "/etc/passwd"}), "inputs have no 'prices'"),
        (call("compare", inputs={"draws": 10**7}), "inputs have no 'draws'"),
        (call("compare", inputs=[1]), "must be objects"),
        (call("recommend", judges="nobody"), "judges must be one of"),
        (call("recommend", pairs=5, inputs={"pairs": 5}), "give it once"),
        (call("cite", id="fig-lader"), "unknown id 'fig-lader'"),
        (call("cite", id=5), "unknown id '5'"),
        (call("cite", id="B066", inputs={"epochs": 2}), "one scenario does not give 'B066'"),
        (call("cite", inputs={"epochs": 2}), "inputs need the id of a number"),
        (asked("tools/call", name="cite", arguments=7), "must be objects"),
    ],
)
def test_wrong_input_is_a_result_that_says_so(request_, said):
    from costlib.cli.mcp import answered

    found = answered(json.dumps(request_).encode())["result"]
    assert found["isError"] and said in found["content"][0]["text"]
    assert "a fault of costlib" not in found["content"][0]["text"]


def test_what_is_no_request_is_answered_by_its_code_and_the_process_goes_on():
    found = replies(b"no json", b"\xff\xfe", b"[" * 100_000, b"[]", b'{"id": NaN, "method": "ping"}', b"",
                    asked("server/discover"), asked("tools/call"),
                    asked("tools/call", name=["cite"]), {"id": 2, "method": None}, {"id": 2, "params": []},
                    asked("ping"))  # fmt: skip
    codes = [each.get("error", {}).get("code") for each in found]
    assert codes == [-32700, -32700, -32700, -32600, -32600, -32601, -32602, -32602, -32600, -32600, None]
    assert found[-2]["id"] == 2
    assert found[-1] == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert all("\n" not in each["error"]["message"] for each in found[:-1])
