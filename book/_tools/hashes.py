"""Keep in a requirements file the hashes of what CPython 3.11 and newer install on Linux, macOS and Windows.

`make lock` runs it: of a package with a hundred wheels it drops those for other interpreters and processors, whose
users build the source archive, which stays.
"""

import re
import sys
import tomllib
from pathlib import Path

# Tags of a wheel: of interpreters, and of systems.
PYTHON, STABLE = re.compile(r"cp31[1-9]"), re.compile(r"(cp|py)3\d*")
SYSTEM = re.compile(r"any|(many)?linux.*_(x86_64|aarch64)|macosx.*|win_amd64")


def installed(filename):
    """Return whether a file is a source archive, or a wheel for these interpreters and systems.

    >>> [installed(f"a-{tags}.whl") for tags in ("cp312-cp312-win_amd64", "cp39-abi3-macosx_11_0_x86", "py3-none-any")]
    [True, True, True]
    >>> [installed(f"a-{tags}.whl") for tags in ("cp310-cp310-win_amd64", "cp314-cp314t-win_amd64", "py3-none-win32")]
    [False, False, False]
    """
    if not filename.endswith(".whl"):
        return True
    python, abi, system = filename.removesuffix(".whl").split("-")[-3:]
    wanted = PYTHON if abi == python else STABLE if abi in ("abi3", "none") else None
    tried = any(map(wanted.fullmatch, python.split("."))) if wanted else False
    return tried and any(map(SYSTEM.fullmatch, system.split(".")))


def kept(requirements, lock):
    """Return the lines of a requirements file without the hashes that a lock knows to be of other files."""
    files = [file for package in tomllib.loads(lock)["packages"]
             for file in [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]]  # fmt: skip
    others = {file["hashes"]["sha256"] for file in files if not installed(file["url"].rsplit("/", 1)[-1])}
    text = re.sub(r"    --hash=sha256:(\w+)( \\)?\n", lambda line: "" if line[1] in others else line[0], requirements)
    # The last hash of a package ends its line.
    return re.sub(r" \\\n(?!    --hash)", "\n", text)


if __name__ == "__main__":
    path, locked = map(Path, sys.argv[1:])
    path.write_text(kept(path.read_text(encoding="utf-8"), locked.read_text(encoding="utf-8")), encoding="utf-8")
