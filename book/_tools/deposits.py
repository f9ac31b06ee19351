"""Write what archives and registries read, .zenodo.json and codemeta.json, from CITATION.cff: make deposits."""

import json
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FILES = (".zenodo.json", "codemeta.json")


def zenodo(cff):
    """Return the record of a deposit at Zenodo, which gives the DOI itself."""
    documents = [{"identifier": each["url"], "relation": "reviews"} for each in cff["references"]]
    code = [{"identifier": cff["repository-code"], "relation": "isSupplementTo"}] if "repository-code" in cff else []
    return {
        "title": cff["title"],
        "upload_type": cff["type"],
        "description": _text(cff),
        "creators": [{"name": name} for name in _names(cff)],
        "version": str(cff["version"]),
        "publication_date": str(cff["date-released"]),
        "access_right": "open",
        "license": cff["license"].lower(),
        "language": "eng",
        "keywords": cff["keywords"],
        "related_identifiers": code + documents,
    }


def codemeta(cff):
    """Return the description of the software in the terms of CodeMeta 3.0."""
    more = {
        "codeRepository": cff.get("repository-code"),
        "identifier": f"https://doi.org/{cff['doi']}" if "doi" in cff else None,
    }
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": cff["title"],
        "description": _text(cff),
        "author": [_author(each) for each in cff["authors"]],
        "version": str(cff["version"]),
        "datePublished": str(cff["date-released"]),
        "license": f"https://spdx.org/licenses/{cff['license']}",
        "keywords": cff["keywords"],
        "programmingLanguage": "Python",
    } | {name: value for name, value in more.items() if value}


def texts(cff):
    """Return the text of each file by its name."""
    return {
        name: json.dumps(made(cff), indent=2, ensure_ascii=False) + "\n"
        for name, made in zip(FILES, (zenodo, codemeta), strict=True)
    }


def _text(cff):
    return " ".join(cff["abstract"].split())


def _names(cff):
    return [each.get("name") or f"{each['family-names']}, {each['given-names']}" for each in cff["authors"]]


def _author(each):
    if "name" in each:
        return {"@type": "Organization", "name": each["name"]}
    return {"@type": "Person", "givenName": each["given-names"], "familyName": each["family-names"]}


if __name__ == "__main__":
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for name, text in texts(found).items():
        (ROOT / name).write_text(text, encoding="utf-8")
