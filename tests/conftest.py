"""What several tests share: the built pages, a browser that looks at them, and marks that say what takes long."""

import os
import shutil
import tempfile

import cells
import nbval.kernel
import nbval.plugin
import pytest
from built import (  # noqa: F401  fixtures and hooks
    ROOT,
    address,
    clone,
    pytest_collection_finish,
    pytest_configure_node,
    pytest_sessionfinish,
    site,
)  # fmt: skip
from jupyter_client.manager import KernelManager

from costlib.report.kernels import file_sockets

# Fixtures that execute chapters, render pages, start workers or install the wheel. What prints the book, looks at each
# page with axe, or renders a whole book again guards what changes rarely and takes minutes.
HEAVY = {"site", "browser", "clone", "executed", "small_book", "hostile_book", "scheduler", "installed"}
SLOW = {"joined", "axe", "rendered", "whole_book"}
LONGEST = ("test_rerun.py", "test_theme.py", "test_calculator.py")
# It needs PyTorch, which the environment does not have: see `make counts`.
collect_ignore = ["count_with_pytorch.py", "count_configurations.py"]
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


PATIENCE_MS = 180_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def need(found, package):
    """Skip a test whose system package is missing, or fail where COSTLIB_NEED_SYSTEM_PACKAGES is set."""
    if not found:
        missing = pytest.fail if os.environ.get("COSTLIB_NEED_SYSTEM_PACKAGES") else pytest.skip
        missing(f"the system package {package} is not installed")


@pytest.fixture(scope="session")
def chromium():
    """The path of a browser to drive headless."""
    need(CHROMIUM, "chromium")
    return CHROMIUM


@pytest.fixture(scope="session")
def axe():
    """The source of the accessibility checker that `make test` installs from book/_npm."""
    source = ROOT / ".venv" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
    need(source.is_file(), "npm (for axe-core)")
    return source.read_text(encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what is heavy or slow, and put what needs the pages last: they are built meanwhile."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & HEAVY or item.path.suffix == ".ipynb":
            item.add_marker("heavy")
        if used & SLOW:
            item.add_marker("slow")
    with_pages = {item.path for item in items if "site" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path in with_pages, not item.path.name.startswith(LONGEST)))


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS, timeout=PATIENCE_MS)
        for name in ("new_context", "new_page"):
            setattr(started, name, _patient(getattr(started, name)))
        yield started
        started.close()


# What a chapter records, draws and pictures is compared too, where nbval skips it.
nbval.plugin.IPyNbCell.runtest = cells.runtest


def _patient(opening):
    """A function that opens a context or a page, on which everything may take its time on a busy machine."""

    def opened(**options):
        found = opening(**options)
        found.set_default_timeout(PATIENCE_MS)
        found.set_default_navigation_timeout(PATIENCE_MS)
        return found

    return opened


def until(tab, expression, patience_ms=PATIENCE_MS):
    """Wait until an expression holds on a page; the driver's own way is code in the page, which no page allows."""
    from playwright.sync_api import Error

    for _ in range(patience_ms // 50):
        try:
            if tab.evaluate(expression):
                return
        except Error:  # between two pages
            pass
        tab.wait_for_timeout(50)
    pytest.fail(f"{expression} does not hold")


# Below make, a make that a test starts would take over its options and say in which folder it is.
for _name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(_name, None)

# What runs leave for the next is not the reader's while tests run.
_cache = tempfile.TemporaryDirectory(prefix="costlib-cache-")
os.environ["COSTLIB_CACHE"] = _cache.name

# nbval starts kernels on TCP ports, and two test workers can pick the same one at the same moment.
_sockets = tempfile.TemporaryDirectory(prefix="costlib-")
if os.name == "posix":
    nbval.kernel.KernelManager = lambda **traits: KernelManager(
        **file_sockets(tempfile.mkdtemp(dir=_sockets.name)) | traits
    )
