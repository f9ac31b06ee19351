"""What archives and registries read of the book is what its citation file says."""

import deposits
import yaml
from conftest import ROOT

CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
FILLED = CFF | {"doi": "10.5281/zenodo.1", "repository-code": "https://example.org/a"}
PERSON = {"authors": [{"given-names": "Ada", "family-names": "Lovelace"}]}


def test_the_files_are_those_of_the_citation_file():
    for name, text in deposits.texts(CFF).items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, "CITATION.cff has changed: make deposits"


def test_addresses_appear_where_they_are_filled_and_only_there():
    bare = {name: value for name, value in CFF.items() if name not in ("doi", "repository-code")}
    assert not {"codeRepository", "identifier"} & deposits.codemeta(bare).keys()
    assert all(each["relation"] == "reviews" for each in deposits.zenodo(bare)["related_identifiers"])
    made = deposits.codemeta(FILLED)
    assert (made["codeRepository"], made["identifier"]) == ("https://example.org/a", "https://doi.org/10.5281/zenodo.1")
    first = deposits.zenodo(FILLED)["related_identifiers"][0]
    assert first == {"identifier": "https://example.org/a", "relation": "isSupplementTo"}


def test_a_person_has_two_names():
    assert deposits.zenodo(CFF | PERSON)["creators"] == [{"name": "Lovelace, Ada"}]
    assert deposits.codemeta(CFF | PERSON)["author"] == [
        {"@type": "Person", "givenName": "Ada", "familyName": "Lovelace"}
    ]
