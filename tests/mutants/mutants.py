"""Small wrong changes of the science, one at a time: mutmut's operators, on everything that a module holds.

mutmut itself leaves out what stands outside functions and every decorated function (properties, what is remembered), which
is much of this package, and takes all changes or none. So its operators are taken, and the rest is here.
"""

import ast
import itertools
import math
import os
import random
from collections import defaultdict
from pathlib import Path

import libcst
from libcst import matchers
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).parent.parent.parent
FLOORS = ("facts", "compute", "economics", "validation")
# Annotations are not executed, lengths and kinds only guard; as in mutmut.
LEFT_ALONE = matchers.Annotation() | matchers.Import() | matchers.ImportFrom() | matchers.Call(
    func=matchers.Name("len") | matchers.Name("isinstance")
) | matchers.If(test=matchers.Name("TYPE_CHECKING"))  # fmt: skip


def modules():
    """Return the modules of the science, as paths from the root."""
    folders = [ROOT / "costlib" / floor for floor in FLOORS]
    alone = [ROOT / "costlib" / f"{name}.py" for name in ("_arrays", "sampling", "units")]
    return [path.relative_to(ROOT).as_posix() for path in alone + sorted(p for f in folders for p in f.rglob("*.py"))]


def _forced(node):
    """Take a branch never, or always: checks are mostly branches, which mutmut leaves alone."""
    test = node.test.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()])
    for operator, constant in ((libcst.And(), "False"), (libcst.Or(), "True")):
        yield node.with_changes(test=libcst.BooleanOperation(test, operator, libcst.Name(constant)))


def _dropped(node):
    """Leave out a statement that only calls: what checks its argument and returns nothing."""
    if isinstance(node.value, libcst.Call):
        yield libcst.Pass()


OPERATORS = [*mutation_operators, (libcst.If, _forced), (libcst.Expr, _dropped)]


class _Visitor(libcst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self):
        super().__init__()
        self.found = []

    def on_visit(self, node):
        if matchers.matches(node, LEFT_ALONE):
            return False
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                self.found += [(operator.__name__, node, changed) for changed in operator(node)]
        return True


def _functions(tree):
    """Return (first line, last line, qualified name) of every function and class, the outer before the inner."""
    found = []

    def walk(node, names):
        for child in ast.iter_child_nodes(node):
            inner = names
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = (*names, child.name)
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                found.append((first, child.end_lineno, ".".join(inner)))
            walk(child, inner)

    walk(tree, ())
    return found


def _difference(before, after):
    """Return the index of the first changed line, what stood in the changed lines and what stands there now."""
    old, new = before.splitlines(), after.splitlines()
    first = len(os.path.commonprefix([old, new]))
    last = len(os.path.commonprefix([old[:first:-1], new[:first:-1]]))
    return first, *(" ".join(line.strip() for line in lines[first : len(lines) - last]) for lines in (old, new))


class Module:
    """A module and all its changes, of which those asked for are written out."""

    def __init__(self, name):
        self.name = name
        self.text = (ROOT / name).read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        wrapper, visitor = MetadataWrapper(libcst.parse_module(self.text), unsafe_skip_copy=True), _Visitor()
        wrapper.visit(visitor)
        self.parsed, self.changes = wrapper.module, visitor.found

    def written(self, change):
        """Return a change as a dictionary, with the text of the whole module; None where nothing changes or compiles."""
        operator, node, changed = change
        source = self.parsed.deep_replace(node, changed).code
        try:
            if ast.dump(ast.parse(source)) == ast.dump(self.tree):
                return None
        except SyntaxError:
            return None
        first, code, mutation = _difference(self.text, source)
        start, end, where = next((f for f in reversed(_functions(self.tree)) if f[0] <= first + 1 <= f[1]), (0, 0, ""))
        return {"module": self.name, "function": where, "line": first + 1, "lines": (start, end), "code": code,
                "mutation": mutation, "operator": operator, "source": source}  # fmt: skip


def _turns(changes, generator):
    """Order the changes of a module so that each operator has its turn: the many of one kind do not crowd out the few."""
    kinds = defaultdict(list)
    for change in changes:
        kinds[change[0]].append(change)
    for kind in kinds.values():
        generator.shuffle(kind)
    order = sorted(kinds)
    generator.shuffle(order)
    while any(kinds.values()):
        yield from (kinds[name].pop() for name in order if kinds[name])


def sample(size, seed):
    """Return a sample, of each module in proportion to its changes and at least three, and the number of all changes."""
    generator = random.Random(seed)
    every = [module for module in map(Module, modules()) if module.changes]
    total = sum(len(module.changes) for module in every)
    spare, chosen = max(0, size - 3 * len(every)), []
    for module in every:
        count = 3 + math.ceil(spare * len(module.changes) / total)
        written = map(module.written, _turns(module.changes, generator))
        unique = {each["source"]: each for each in itertools.islice(filter(None, written), count)}
        chosen += unique.values()
    generator.shuffle(chosen)
    return chosen[:size], total
