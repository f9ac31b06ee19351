"""What holds the repository together: one list of packages, one version, no traces of a machine."""

import ast
import json
import lzma
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import built
import jsonschema
import pytest
import yaml
from built import listed
from command import python
from conftest import ROOT
from packaging.requirements import Requirement

import costlib
from costlib.economics import scenarios
from costlib.facts import catalog, parameters

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pinned():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return {name.lower().replace("_", "-"): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.M)}


def test_every_dependency_is_pinned_within_its_bounds():
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["test"], *extras["sweep"]]
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace("_", "-")
        assert name in pinned(), name
        assert pinned()[name] in requirement.specifier, name


def test_every_pin_has_hashes():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert len(blocks) > 80
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_conda_environment_takes_the_same_pinned_list():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    lines = re.findall(r"^([a-z0-9][^\\\n]*?) *\\?$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    assert pip == [*lines, "-e ."]
    others = [item for item in environment["dependencies"] if isinstance(item, str)]
    assert {item.split("=")[0] for item in others} == {"python", "pip"}
    python = next(item for item in others if item.startswith("python"))
    assert tuple(map(int, re.findall(r"\d+", python)[:2])) >= (3, 11)


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROJECT["version"] == costlib.__version__ == str(citation["version"])
    assert re.search(rf"^## \[?{re.escape(costlib.__version__)}", changelog, re.M)


def test_citation_file_is_valid():
    # The schema of the Citation File Format 1.2.0, without its descriptions. Dates are texts there.
    schema = json.loads(lzma.decompress((ROOT / "tests" / "data" / "citation-file-format-1.2.0.json.xz").read_bytes()))
    citation = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), yaml.BaseLoader)
    jsonschema.validate(citation, schema)
    with pytest.raises(jsonschema.ValidationError, match="authors"):
        jsonschema.validate({key: value for key, value in citation.items() if key != "authors"}, schema)


def test_the_headline_of_the_readme_is_the_computed_one():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    published = parameters.defaults()
    rounds = published | {"dpo_rounds": 2}
    paper = rounds | {"pairs_per_prompt": 1.0, "judgments_per_response": 3}
    listed = paper | {"price_usd_per_gpu_hour": published["list_price_usd_per_gpu_hour"]}
    for values in (published, rounds, paper, listed):
        usd = scenarios.synthetic_cost(values).total_usd
        assert f"${usd:,.2f}" in readme
        for price in ("price_usd_per_pair_low", "price_usd_per_pair_high"):
            assert f"{scenarios.num_pairs(values) * values[price] / usd:.1f}x" in readme


def test_counts_in_the_readme_are_those_of_the_tables():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(catalog.table('models'))} models and {len(catalog.table('gpus'))} GPUs" in readme


def test_examples_on_the_rerun_page_are_what_the_command_says():
    page = (ROOT / "book" / "rerun.md").read_text(encoding="utf-8")
    cost = scenarios.synthetic_cost(scenarios.complete({"price_usd_per_gpu_hour": 1.5}))
    shown = re.findall(r"^(\w+_usd),([\d.]+),USD,([\d.]+),04_synthetic_cost$", page, re.M)
    assert len(shown) == 4
    published = scenarios.synthetic_cost(parameters.defaults())
    for key, value, was in shown:
        assert (f"{getattr(cost, key):.12g}", f"{getattr(published, key):.12g}") == (value, was)
    wrong = yaml.safe_load(re.search(r"four mistakes:\n\n```yaml\n(.*?)```", page, re.S)[1])
    with pytest.raises(ValueError, match="unknown parameter") as error:
        parameters.check(wrong)
    assert f"```text\ncostlib: {error.value}\n```" in page


def test_commands_and_files_that_pages_name_exist():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "book").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    targets = set(re.findall(r"(?:^|`)make ([a-z]+(?:-[a-z]+)*)", text, re.M))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"book", "test", "test-all", "pdf", "history", "quick", "serve"} <= targets
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, re.M))
    files = set(re.findall(r"\b(?:notebooks|tests|costlib|book)/[\w/-]+\.(?:ipynb|yml|py|csv|md|bib)\b", text))
    files -= {"notebooks/NN_topic.py", "notebooks/NN_topic.ipynb"}
    assert len(files) > 20
    assert [name for name in sorted(files) if not (ROOT / name).is_file()] == []


def test_the_map_for_newcomers_leads_to_what_is_there():
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Where is what")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| `([^`]+)` \| `([^`]+)` \|$", section, re.M)
    assert 10 <= len(rows) <= 14 and section.count("\n| ") == len(rows) + 1
    for question, path, name in rows:
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.endswith(".csv"):
            assert name in text.split("\n")[0].split(","), question
        else:
            assert name in {getattr(node, "name", "") for node in ast.parse(text).body}, question


def names_a_machine(data):
    """What a file names of the folder that the book is in, or of anybody's home; not of a folder below another one."""
    return re.search(rb"(?<![\w./-])(?:/root|/home/\w+|/Users/\w+|" + re.escape(os.fsencode(ROOT)) + rb")/", data)


def test_no_file_names_a_registry_or_this_machine():
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian", "conda." + "anaconda"]
    files = listed()
    assert len(files) > 300
    for name in files:
        data = (ROOT / name).read_bytes()
        for host in hosts:
            assert host.encode() not in data, f"{name} names {host}"
        assert not names_a_machine(data), f"{name} names {names_a_machine(data)[0]!r}"


def test_a_path_of_a_machine_is_found_and_a_part_of_another_is_not():
    for path in (f"{ROOT}/costlib", "/home/" + "me/x", "/root" + "/.cache"):
        assert names_a_machine(f'"{path}"'.encode())
    assert not names_a_machine(f"..{ROOT}/x, a{ROOT}/x".encode())


BENCHMARKS = sorted((ROOT / "tests" / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_a_benchmark_asserts_no_time(path):
    assert not re.search(r"assert .*(stats|elapsed|seconds|_s\b)", path.read_text(encoding="utf-8"))


def test_ruff_keeps_clocks_out_of_tests():
    # Every call that pyproject.toml bans, tried in a test that does not exist; `make lint` runs the rule.
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    banned = settings["flake8-tidy-imports"]["banned-api"]
    assert len(banned) > 10 and settings["per-file-ignores"]["!tests/**"] == ["TID251"]
    code = "".join(f"import {name.split('.')[0]}\n{name}\n" for name in banned)
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--select=TID251",
               "--stdin-filename", ROOT / "tests" / "test_new.py", "-"]  # fmt: skip
    found = subprocess.run(command, input=code, capture_output=True, text=True, cwd=ROOT).stdout
    assert [name for name in banned if f"`{name}` is banned" not in found] == []
    assert not [path.name for path in (ROOT / "tests").rglob("*.mjs")
                if re.search(r"performance\.now|Date\.now|new Date", path.read_text(encoding="utf-8"))]  # fmt: skip


def test_no_file_of_tests_has_the_name_of_another():
    # Tests are no packages: the second of two files of one name would not be imported.
    names = [name.rpartition("/")[2] for name in listed() if re.fullmatch(r"tests/.*\.py", name)]
    assert len(names) > 60 and sorted(set(names)) == sorted(names)


def test_a_release_archive_has_the_same_files():
    # Without .git the files are those that .gitignore does not name; what else lies in a clone may be among them.
    assert set(listed()) <= set(built._walked(ROOT, ROOT))


def test_the_repository_stays_small():
    sizes = {name: (ROOT / name).stat().st_size for name in listed()}
    assert max(sizes.values()) < 500_000, max(sizes, key=sizes.get)
    assert sum(sizes.values()) < 8_000_000


def test_the_wheel_holds_the_facts_and_is_reproducible(tmp_path):
    code = "from flit_core import buildapi; print(buildapi.build_wheel({!r}))"
    built = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        name = python(code.format(str(folder)), cwd=ROOT, env=os.environ | {"SOURCE_DATE_EPOCH": "1767225600"}).strip()
        built.append(folder / name)
    assert built[0].read_bytes() == built[1].read_bytes()
    with zipfile.ZipFile(built[0]) as archive:
        held = {"costlib/facts/claims.csv", "costlib/facts/parameters.csv", "costlib/formulas.py"}
        assert held <= set(archive.namelist())


def test_published_values_and_scenario_template_share_the_vocabulary():
    text = (ROOT / "notebooks" / "scenarios" / "published.yml").read_text(encoding="utf-8")
    assert list(yaml.safe_load(text)) == list(parameters.vocabulary())
