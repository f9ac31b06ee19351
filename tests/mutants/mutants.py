"""Small wrong changes of the science, one at a time: mutmut's operators, on everything that a module holds.

mutmut itself leaves out what stands outside functions and every decorated function (properties, what is remembered),
which is much of this package, and takes all changes or none. So its operators are taken, and the rest is here.
"""

import ast
import itertools
import math
import random
from collections import defaultdict
from pathlib import Path

import libcst
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).parent.parent.parent
FLOORS = ("facts", "compute", "economics", "validation")
# What has an operator to swap; asked of every node, mutmut's own pattern takes most of the time.
SWAPPED = (libcst.BinaryOperation, libcst.UnaryOperation, libcst.BooleanOperation, libcst.ComparisonTarget,
           libcst.AugAssign)  # fmt: skip


def _left_alone(node):
    """Types are not executed, lengths and kinds only guard; as in mutmut."""
    if isinstance(node, libcst.Call):
        return isinstance(node.func, libcst.Name) and node.func.value in ("len", "isinstance")
    if isinstance(node, libcst.If):
        return isinstance(node.test, libcst.Name) and node.test.value == "TYPE_CHECKING"
    if isinstance(node, libcst.AnnAssign):
        kind = node.annotation.annotation
        return isinstance(kind, libcst.Name) and kind.value == "TypeAlias"
    return isinstance(node, (libcst.Annotation, libcst.Import, libcst.ImportFrom))


def modules():
    """Return the modules of the science, as paths from the root."""
    folders = [ROOT / "costlib" / floor for floor in FLOORS]
    alone = [ROOT / "costlib" / "base" / f"{name}.py" for name in ("_arrays", "sampling", "units")]
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


OPERATORS = [(SWAPPED if operator.__name__ == "operator_swap_op" else kind, operator) for kind, operator in (
    *mutation_operators, (libcst.If, _forced), (libcst.Expr, _dropped))]  # fmt: skip


class _Visitor(libcst.CSTVisitor):
    def __init__(self):
        super().__init__()
        self.found = []

    def on_visit(self, node):
        if _left_alone(node):
            return False
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                self.found += [(operator.__name__, node, changed) for changed in operator(node)]
        return True


def functions(tree):
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
    first = next(n for n, (was, becomes) in enumerate(itertools.zip_longest(old, new)) if was != becomes)
    last = 0
    while last < min(len(old), len(new)) - first - 1 and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, *(" ".join(line.strip() for line in lines[first : len(lines) - last]) for lines in (old, new))


class Module:
    """A module and all its changes, of which those asked for are written out."""

    def __init__(self, name):
        self.name = name
        self.text = (ROOT / name).read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.same = ast.dump(self.tree)
        self.parsed, visitor = libcst.parse_module(self.text), _Visitor()
        self.parsed.visit(visitor)
        self.changes = visitor.found

    def written(self, change):
        """Return a change as a dictionary with the text of the module; None where nothing changes or compiles."""
        operator, node, changed = change
        source = self.parsed.deep_replace(node, changed).code
        try:
            if ast.dump(ast.parse(source)) == self.same:
                return None
        except SyntaxError:
            return None
        first, code, mutation = _difference(self.text, source)
        start, end, where = next((f for f in reversed(functions(self.tree)) if f[0] <= first + 1 <= f[1]), (0, 0, ""))
        return {"module": self.name, "function": where, "line": first + 1, "lines": (start, end), "code": code,
                "mutation": mutation, "operator": operator, "source": source}  # fmt: skip


def _turns(changes, generator):
    """Order the changes of a module so that each operator has its turn: many of one kind do not crowd out the few."""
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
    """Return a sample, of each module in proportion to its changes and at least three, and the number of all."""
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
