"""The pages as a reader builds them, once for all workers of a run: the README's first command in a fresh folder."""

import os
import shutil
import subprocess
import tempfile
import threading
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import serve

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """An empty folder with the files of this commit and the edits since, and nothing that was built here."""
    return copy_files(tmp_path_factory.mktemp("clone") / "book")


def listed(root=ROOT):
    """Return the names of the files of this commit and the edits since; in a release archive, of all but what is built.

    An archive has no .git, or lies in another repository, and git refuses a clone of another user.
    """
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists() and shutil.which("git"):
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode == 0:
            return sorted(name for name in filter(None, done.stdout.split("\0")) if (root / name).is_file())
    return sorted(_walked(root, root))


def _walked(folder, root):
    """Yield the names of the files below a folder, without what .gitignore names, which are names of whole parts."""
    ignored = [line.strip("/") for line in (root / ".gitignore").read_text(encoding="utf-8").split()]
    for path in folder.iterdir():
        if path.name == ".git" or any(fnmatchcase(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walked(path, root)
        elif path.is_file():
            yield path.relative_to(root).as_posix()


def copy_files(target):
    """Copy the files of this commit and the edits since into a new folder."""
    for name in listed():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id, testrun_uid):
    """Follow the README's first command in a folder like a fresh clone, once for all workers; return its pages."""
    folder = tmp_path_factory.mktemp("site") if worker_id == "master" else _shared(testrun_uid)
    return _built_once(folder)


@pytest.fixture(scope="session")
def address(site):
    """Serve the pages on this machine, as `make serve` does; return their address."""
    with serve.server(site) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()


def pytest_collection_finish(session):
    """Let the first worker begin with the pages at once: until a test wants them there is other work to do."""
    worker = getattr(session.config, "workerinput", {})
    wanted = any("site" in getattr(item, "fixturenames", ()) for item in session.items)
    if worker.get("workerid") == "gw0" and wanted:
        threading.Thread(target=_built_once, args=[_shared(worker["testrunuid"])], daemon=True).start()


def pytest_sessionfinish(session):
    """Remove the pages when all workers are done."""
    if uid := getattr(session.config, "_costlib_run", ""):
        shutil.rmtree(_shared(uid), ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Note, in the process that starts the workers, the name of the run."""
    node.config._costlib_run = node.workerinput["testrunuid"]


def _shared(run):
    return Path(tempfile.gettempdir(), f"costlib-site-{run}")


def _built_once(folder):
    from filelock import FileLock

    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        return folder / "book" / "_build" if (folder / "done").exists() else _built(folder)


def _built(folder):
    shutil.rmtree(folder / "book", ignore_errors=True)  # of an attempt that failed
    target = copy_files(folder / "book")
    readme = (target / "README.md").read_text(encoding="utf-8")
    assert "make book" in readme and "make test" in readme
    # The environment is made before any test, by the same command; once is enough. Where the files here are newer than
    # it, make would begin it anew, and through the link empty the one that these tests run in: -o forbids that.
    (target / ".venv").symlink_to(ROOT / ".venv")
    before = {path.name for path in target.iterdir()}
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    command = ["make", "-o", ".venv/ready", "-o", ".venv/npm/ready", "book"]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert "_build/index.html" in done.stdout
    assert {path.name for path in target.iterdir()} - before == {"_build"}
    (folder / "done").touch()
    return target / "_build"
