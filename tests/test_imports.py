"""The floors hold: each uses only those beneath it, and the science imports the standard library alone."""

import ast
import graphlib
import sys
from collections import Counter

import pytest
from command import python
from conftest import ROOT

PACKAGE = ROOT / "costlib"
FLOORS = ("base", "facts", "compute", "economics", "validation", "recipes", "sweeping", "measuring", "calculator",
          "report", "face", "cli")  # fmt: skip
SCIENCE_FLOORS = (*FLOORS[:6], "calculator")
# In these NumPy comes with the caller's array or where it is installed, and others in the functions that need them.
LATER = ("base/_arrays.py", "base/sampling.py", "economics/uncertainty.py", "base/files.py", "base/folders.py",
         "base/strict_yaml.py", "base/display.py", "facts/__init__.py")  # fmt: skip
FLAT = {"formulas.py": "economics", "face.py": "face", "__init__.py": "face"}
MODULES = sorted(PACKAGE.rglob("*.py"))
COMMANDS = ", ".join(f"costlib.cli.{path.stem}" for path in sorted((PACKAGE / "cli").glob("[!_]*.py")))


def floor(path):
    """The folder of a module; flat in the package lie its version and what hands on from a floor."""
    first, *rest = path.relative_to(PACKAGE).parts
    return first if rest else FLAT.get(first, "base")


def imports(path, whole=True):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if whole else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_import_against_the_order(path):
    for name in imports(path):
        target = PACKAGE.joinpath(*name.split(".")[1:]) if name.startswith("costlib.") else None
        if target and (target.with_suffix(".py").is_file() or target.is_dir()):
            target = target.with_suffix(".py") if target.with_suffix(".py").is_file() else target / "__init__.py"
            assert FLOORS.index(floor(target)) <= FLOORS.index(floor(path)), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if floor(p) in SCIENCE_FLOORS], ids=lambda p: p.name)
def test_the_science_imports_the_standard_library_only(path):
    for name in imports(path, whole=str(path.relative_to(PACKAGE)) not in LATER):
        top = name.split(".")[0]
        assert top == "costlib" or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_no_circle_of_imports():
    rooms = {".".join(("costlib", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in MODULES}
    rooms = {name.removesuffix(".__init__"): path for name, path in rooms.items()}
    uses = {name: {each for each in imports(path) if each in rooms and each != name} for name, path in rooms.items()}
    # Of `from costlib.facts import catalog` the arrow is to the room, not to the door of its floor.
    for name, path in rooms.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and all(f"{node.module}.{a.name}" in rooms for a in node.names):
                uses[name].discard(node.module)
    tuple(graphlib.TopologicalSorter(uses).static_order())  # raises CycleError


def test_no_class_has_the_name_of_another():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    names = [node.name for tree in trees.values() for node in tree.body if isinstance(node, ast.ClassDef)]
    public = Counter(name for name in names if not name.startswith("_"))
    assert [name for name, count in public.items() if count > 1] == []


# Files and folders are opened and closed; formulas are not.
SCIENCE_ROOMS = [
    p for p in MODULES if floor(p) in FLOORS[:6] and p.name not in ("__init__.py", "files.py", "folders.py")
]


@pytest.mark.parametrize("path", SCIENCE_ROOMS, ids=lambda p: p.name)
def test_the_science_finds_no_state_and_hides_no_arrow(path):
    # What an answer rests on is passed: no context, no global, and no import of the package inside a function.
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        node for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.Lambda) for node in ast.walk(each)
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)]
    assert not {"contextvars", "contextlib"} & set(imports(path))
    for node in inside:
        names = [alias.name for alias in getattr(node, "names", ()) if isinstance(alias, ast.alias)]
        lazy = [getattr(node, "module", None) or "", *names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        assert not [name for name in lazy if name.split(".")[0] == "costlib"], f"{path.name}, line {node.lineno}"


@pytest.mark.parametrize("path", [p for p in MODULES if floor(p) != "measuring"], ids=lambda p: p.name)
def test_pytorch_is_imported_for_measuring_only(path):
    assert not {name.split(".")[0] for name in imports(path) if name} & {"torch", "transformers"}


def test_commands_that_do_not_measure_do_without_pytorch():
    # What calibrates reads a table; it must work where nothing can be measured.
    code = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None;"
        f"import {COMMANDS}, costlib.measuring.calibrate, costlib.measuring.jobs, costlib.measuring.record"
    )
    python(code)


SCIENCE = (
    "import costlib.facts.catalog, costlib.facts.claims, costlib.economics.comparison;"
    "from costlib.compute import job; from costlib.economics import methods, scenarios;"
    "scenarios.synthetic_cost(scenarios.complete({})); methods.compare(scenarios.complete({}));"
    "job.estimate('ppo', 'llama-2-7b', 'a100-sxm-80gb', 8, 100, 256, 256)"
)
ASKED = ["sft", "--model", "gpt2", "--gpu", "a100-sxm-80gb", "--examples", "9", "--prompt-tokens", "0"]
ESTIMATE = (
    f"from costlib.cli.main import main; main(['estimate', *{ASKED}, '--response-tokens', '9'], standalone_mode=False)"
)
COMPARE = "from costlib.cli.main import main; main(['compare', '--draws', '20'], standalone_mode=False)"
CHECKED_SWEEP = "from costlib.sweeping import plan; plan.read({'vary': {'epochs': [1, 2]}, 'outputs': ['rlaif.usd']})"
ENGINE = ("numpy", "scipy", "dask", "distributed", "pyarrow")


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [(SCIENCE, ("numpy", "pandas", "matplotlib", "IPython", "yaml")),
     (f"import {COMMANDS}", (*ENGINE, "rich", "yaml", "pandas")), (CHECKED_SWEEP, ENGINE),
     (ESTIMATE, ("costlib.validation",)), (COMPARE, ("costlib.validation",))],
    ids=["science", "command", "checking a sweep", "estimate", "compare"],
)  # fmt: skip
def test_nothing_is_loaded_that_is_not_needed(code, unwanted):
    code += f"; import sys; print(sorted(set(sys.modules) & set({unwanted!r})))"
    assert python(code).splitlines()[-1] == "[]"
