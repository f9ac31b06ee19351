"""costlib models and costlib gpus."""

import itertools

import pytest
from command import answer, told

from costlib.facts import catalog


@pytest.mark.parametrize("kind", ["models", "gpus"])
def test_all_that_is_known_is_listed(kind):
    lines = told(kind, columns=200).split("\n\n")[0].splitlines()
    assert {line.split()[0] for line in lines[2:]} == set(catalog.table(kind))
    assert len(lines) - 2 == len(catalog.table(kind))


def test_models_of_a_family_stand_together_from_the_smallest_and_a_hint_says_how_to_list_fewer():
    printed = told("models", columns=200)
    names = [line.split()[0] for line in printed.split("\n\n")[0].splitlines()[2:]]
    families = [name.partition("-")[0] for name in names]
    assert len(set(families)) == 1 + sum(a != b for a, b in itertools.pairwise(families))
    sizes = [name for name in names if name.startswith("pythia-")]
    assert sizes == sorted(sizes, key=lambda name: catalog.find("models", name).parameters)
    assert f"{len(names)} models; " in printed and " models; " not in told("models", "pythia")


@pytest.mark.parametrize("kind", ["models", "gpus"])
def test_json_has_every_column(kind):
    found = answer(kind)
    assert {each["name"] for each in found} == set(catalog.table(kind)) and len(found) == len(catalog.table(kind))
    assert all(each == vars(catalog.find(kind, each["name"])) for each in found)


def test_a_text_is_looked_for_in_names_and_labels_in_any_case():
    # "NVIDIA A100 SXM 80 GB" holds the second only as a label, "a100-sxm-80gb" the first only as a name.
    for text in ("A100-SXM-80", "a100 sxm 80"):
        assert [each["name"] for each in answer("gpus", text)] == ["a100-sxm-80gb"]


@pytest.mark.parametrize(("asked", "near"), [
    (("models", "llama-2-7x"), "did you mean llama-2-7b or"), (("models", "zzz"), "costlib models lists all"),
    (("gpus", "a100-sxm-80g_"), "did you mean a100-sxm-80gb or"),
    (("gpus", "A100-SXM-80G_"), "did you mean a100-sxm-80gb or"),
    (("gpus", "zzz", "--json"), "costlib gpus lists all"),
    (("claims", "--chapter", "B999"), "costlib claims lists all"),
    (("claims", "--chapter", "07_stage_"), "did you mean 07_stages?"),
])  # fmt: skip
def test_a_text_that_finds_nothing_is_refused_in_one_line_with_the_nearest_names(asked, near):
    printed = told(*asked, code=2)
    assert near in printed and printed.count("\n") == 1 and printed.startswith(f"costlib: {asked[0]}: nothing has ")


def test_the_card_of_an_a100_says_what_its_maker_says():
    # NVIDIA A100 80 GB SXM data sheet: 80 GB, 2,039 GB/s, 312 TFLOPS in bf16, 400 W.
    row = told("gpus", "a100-sxm-80gb", columns=200).splitlines()[2]
    for value in ("80 ", "2,039", "312", "400"):
        assert value in row
