"""Every chapter with inputs that are all far from the published ones: guards hold, every sentence has its numbers."""

import hashlib
import re

import pytest
from conftest import ROOT

from costlib.facts import parameters
from costlib.report import notebooks, rerun

FACTOR = 12
NO_NUMBER = re.compile(r"(?<![\w.-])(nan|inf|None|NaN|Infinity|Traceback)(?![\w-])")


def far(parameter):
    """Another choice, or a number that is far above or below the published one, as the hash of its name has it."""
    up = hashlib.sha256(parameter.name.encode()).digest()[0] % 2
    if parameter.choices:
        others = [each for each in parameter.choices if each != parameter.default]
        return others[-up]
    known = parameter.default
    if not known:  # 0 stands for what is chosen, or for what nobody pays
        return parameter.type(min(FACTOR, parameter.maximum))
    above = min(known * FACTOR, known + 0.8 * (parameter.maximum - known))
    below = max(known / FACTOR, known - 0.8 * (known - parameter.minimum))
    ends = [round(end) if parameter.type is int else float(f"{end:.3g}") for end in (below, above)]
    far_enough = not 0.8 < ends[up] / known < 1.2  # an agreement of 0.85 has no room above
    return parameter.type(ends[up] if far_enough else ends[1 - up])


def scenario():
    values = {name: far(parameter) for name, parameter in parameters.vocabulary().items()}
    for low in [name for name in values if name.endswith("_low")]:
        high = f"{low.removesuffix('_low')}_high"
        values[low], values[high] = sorted((values[low], values[high]))
    return values


def test_every_parameter_is_far_from_its_published_value():
    known = parameters.vocabulary()
    for name, value in scenario().items():
        assert value != known[name].default, name
        if not known[name].choices and known[name].default:
            ratio = value / known[name].default
            assert not 0.8 < ratio < 1.2, f"{name} = {value} is near {known[name].default}"
    assert len(scenario()) > 70 and parameters.check(scenario())


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The folder with every chapter executed."""
    out = tmp_path_factory.mktemp("far") / "out"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rerun, "render", lambda *_: None)
        outcome = rerun.run(ROOT, scenario(), out)
    assert outcome.failed == {}
    return out / "executed"


def glued(path):
    """The texts of a chapter's sentences by their key."""
    found = {}
    for output in notebooks.outputs(path):
        if "scrapbook" in output["metadata"]:
            found[output["metadata"]["scrapbook"]["name"]] = next(iter(output["data"].values()))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", notebooks.paths(ROOT), ids=lambda path: path.stem)
def test_a_chapter_holds_far_from_the_published_scenario(executed, path):
    target = executed / path.name
    published, here = glued(path), glued(target)
    assert here.keys() == published.keys()
    assert not [key for key, text in here.items() if NO_NUMBER.search(text) or not text.strip("'\" ")]
    shown = [output["data"].get("text/html", "") for output in notebooks.outputs(target)]
    assert not [html[:200] for html in shown if NO_NUMBER.search(re.sub(r"<[^>]*>", " ", html))]
    warned = [output["text"] for cell in notebooks.code_cells(target) for output in cell["outputs"] if "text" in output]
    assert warned == []
    assert notebooks.figures(target).keys() == notebooks.figures(path).keys()
    taken = set(rerun.takes(path))
    before, after = ({r["key"]: r["value"] for r in notebooks.records(each, "key")} for each in (path, target))
    moved = [key for key, value in before.items() if after.get(key) != value]
    assert moved or not taken, "a chapter that takes inputs follows them"
