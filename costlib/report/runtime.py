"""Python for the reader's browser: the files of Pyodide that the calculator page needs, put beside the pages."""

import json
import shutil
from pathlib import Path

VERSION = "314.0.6"
PUBLIC = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "README.md")
PACKAGES = "pyodide-lock.json"
LICENCE = (
    f"Pyodide {VERSION}, unchanged but for an emptied list of packages.\n"
    "Licensed under the Mozilla Public License 2.0, https://www.mozilla.org/MPL/2.0/\n"
    "Its source is at https://github.com/pyodide/pyodide\n"
)


def installed(root):
    """Return the folder into which the environment has put Pyodide, or None; pages then use its public host."""
    folder = Path(root) / ".venv" / "npm" / "node_modules" / "pyodide"
    if not all((folder / name).is_file() for name in (*FILES, PACKAGES)):
        return None
    try:
        found = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, TypeError, KeyError):
        return None  # half installed
    return folder if found == VERSION else None


def put(root, pages):
    """Copy Pyodide beside the pages, with a list of packages that names none, since costlib needs none."""
    folder = installed(root)
    if folder is None:
        return
    target = Path(pages) / "_static" / "pyodide"
    target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(folder / name, target / name)
    lock = json.loads((folder / PACKAGES).read_text(encoding="utf-8")) | {"packages": {}}
    (target / PACKAGES).write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    (target / "LICENSE.txt").write_text(LICENCE, encoding="utf-8")
