"""Files that readers take away: pictures in vector formats, and the package as a wheel."""

import base64
import hashlib
import json
import os
import subprocess
import sys

from costlib.report import figures, notebooks

# What is written twice from the same source must be the same file: the first of January 2026 stands for every time.
FIXED_TIME = {"SOURCE_DATE_EPOCH": "1767225600"}
VARIABLES = FIXED_TIME | {figures.FORMATS: "png,svg,pdf"}
ENDINGS = {"image/png": "png", "image/svg+xml": "svg", "application/pdf": "pdf"}
PICTURES = "_figures"  # where the source of the pages has them


def take_pictures(source):
    """Write every named figure of the executed chapters in `source` to files, and leave the chapters their PNG alone.

    Where and when a chapter was executed goes too, but for its run time: readers download these notebooks.
    """
    folder = source / PICTURES
    folder.mkdir(exist_ok=True)
    for path in notebooks.paths(source):
        notebook = notebooks.read(path)
        for cell in notebook["cells"]:
            for when in ("papermill", "execution"):
                cell["metadata"].pop(when, None)
            name = cell["metadata"].get("mystnb", {}).get("figure", {}).get("name")
            for output in cell.get("outputs", []):
                _take(output.get("data", {}), folder, name)
        if ran := notebook["metadata"].pop("papermill", None):
            notebook["metadata"]["papermill"] = {"duration": ran["duration"]}
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def _take(data, folder, name):
    if "image/png" not in data:
        return
    for mime, ending in ENDINGS.items():
        if mime not in data:
            continue
        content = data[mime] if mime == "image/png" else data.pop(mime)
        if name:
            file = content.encode() if mime.endswith("+xml") else base64.b64decode(content)
            (folder / f"{name}.{ending}").write_bytes(file)


def add_wheel(root, folder):
    """Build the package of the book in `root` into `folder`, and write its name and SHA-256 to wheel.json beside it.

    Raises
    ------
    subprocess.CalledProcessError : if the package cannot be built
    """
    folder.mkdir(parents=True, exist_ok=True)
    build = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", build, str(folder)]
    environment = os.environ | FIXED_TIME
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    name = done.stdout.split()[-1]
    wheel = {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
    (folder / "wheel.json").write_text(json.dumps(wheel) + "\n", encoding="utf-8")
