"""Sphinx extension: the calculator page with its form and default results, and the way there from every chapter."""

import ast
import html
import json
import math
import os
from pathlib import Path
from string import Template

from docutils import nodes
from docutils.parsers.rst import Directive
from markup import EXTENSION, environment, json_block, raw, to_top

from costlib.base import fmt
from costlib.calculator import SHOWN, Calculator, panel, presets, query
from costlib.economics import admissible, methods, scenarios
from costlib.facts import catalog, judges, parameters, regimes
from costlib.report import notebooks, runtime

PAGE = "book/calculator"
TEMPLATE = Path(__file__).with_name("calculator.html")
MAIN = (
    "policy_model", "cluster_gpu", "policy_gpus", "price_usd_per_gpu_hour", "num_pairs_m1", "num_pairs_m2",
    "human_usd_per_pair", "judge_usd_per_million_input", "num_validation_pairs", "num_evaluation_comparisons",
    "seed_usd_per_example", "run_overhead",
)  # fmt: skip


def used_inputs():
    """Return the names of the parameters that the results of the calculator depend on.

    >>> "human_usd_per_pair" in used_inputs(), "answers_per_day" in used_inputs()
    (True, False)
    """
    seen = _Seen(scenarios.complete({}))
    methods.compare(seen)
    admissible.objections(seen)
    # The pre-training run moves the results through the speed that follows from it, the judge through what it brings.
    follow = ("pretraining_", "training_")
    return seen.names | {"judge"} | {name for name in parameters.vocabulary() if name.startswith(follow)}


class _Seen(dict):
    """A scenario that notes which of its values were read."""

    def __init__(self, values):
        super().__init__(values)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


def step(parameter):
    """Return by how much an arrow key changes a number: about a tenth of its published value, in a power of ten.

    Of a price that follows from others where it is 0, a cent.

    >>> known = parameters.vocabulary()
    >>> [step(known[name]) for name in ("policy_gpus", "human_usd_per_pair", "num_pairs_m1", "seed_usd_per_example")]
    [1, 0.01, 100, 1]
    """
    if not parameter.default:
        return 0.01 if parameter.unit == "USD/pair" else 1
    power = math.floor(math.log10(abs(parameter.default))) - 1
    return 10 ** max(power, 0) if parameter.type is int or power >= 0 else round(10.0**power, -power)


def field(parameter, moves, value=None):
    """Return the HTML of one input with its label, notes and room for an error.

    Parameters
    ----------
    parameter : costlib.facts.parameters.Parameter
    moves : whether the results of the calculator depend on it
    value : what stands in it at first; the published value if not given
    """
    name, unit = parameter.name, "" if parameter.unit == "-" else f' <span class="unit">{parameter.unit}</span>'
    published = fmt.short(parameter.default)
    more = []
    if not parameter.choices:
        more.append(html.escape(parameter.allowed.removeprefix("a whole number ").removeprefix("a number ")))
    if parameter.shape and moves:
        more.append(f"drawn from {fmt.short(parameter.low)} to {fmt.short(parameter.high)} until you set it")
    if not moves:
        more.append("moves chapters, not these results")
    # What is allowed shows while the field is being edited, and is read out with it.
    rest = f'<span class="more">{"".join(f" · {words}" for words in more)}</span>'
    return (
        f'<div class="field"><label for="in-{name}">{html.escape(parameter.meaning)}{unit}</label>'
        f"{_control(parameter, parameter.default if value is None else value)}"
        f'<p class="note" id="note-{name}"><code>{name}</code> · published {html.escape(published)}{rest}</p>'
        f'<p class="error" id="error-{name}" hidden></p></div>'
    )


def _control(parameter, value):
    name, default, entered = (
        parameter.name,
        html.escape(panel.typed(parameter.default)),
        html.escape(panel.typed(value)),
    )
    common = f'id="in-{name}" name="{name}" data-default="{default}" aria-describedby="note-{name} error-{name}"'
    if not parameter.choices:
        mode = "numeric" if parameter.type is int else "decimal"
        return (
            f'<input type="text" {common} inputmode="{mode}" autocomplete="off" spellcheck="false" '
            f'data-step="{step(parameter)}" value="{entered}">'
        )
    options = "".join(
        f'<option value="{html.escape(str(each))}"{" selected" * (each == value)}>{_label(parameter, each)}</option>'
        for each in parameter.choices
    )
    return f"<select {common}>{options}</select>"


def _label(parameter, choice):
    """The name of a model, GPU or judge as people write it."""
    if choice in judges.judges():
        return html.escape(judges.judges()[choice].title)
    for kind in ("models", "gpus"):
        if choice in catalog.table(kind) and len(parameter.choices) > 8:
            return html.escape(catalog.find(kind, choice).label)
    return html.escape(str(choice))


def groups(given):
    """Return the HTML of the inputs beside the main ones, by group: first those that move the results.

    Parameters
    ----------
    given : dict of name to value for the inputs that do not start at their published value
    """
    used, parts = used_inputs(), []
    rest = [each for each in parameters.vocabulary().values() if each.name not in MAIN]
    for moves in (True, False):
        for group in dict.fromkeys(each.group for each in rest):
            own = [each for each in rest if each.group == group and (each.name in used) == moves]
            if own:
                title = group[0].upper() + group[1:] + ("" if moves else " (other chapters)")
                fields = "".join(field(each, moves, given.get(each.name)) for each in own)
                parts.append(
                    f'<details class="group"><summary>{title}, {len(own)} input{"s" * (len(own) > 1)}</summary>'
                    f'<div class="fields">{fields}</div></details>'
                )
    return "".join(parts)


class CalculatorForm(Directive):
    """The form, the results at published values, and what takes results away."""

    has_content = False

    def run(self):
        """Draw the page; in a format that has no forms, the results at published values stand alone."""
        return [raw(_page(environment(self)))]


def _page(env):
    # A book that was run again with other inputs starts from them.
    given = json.loads(os.environ.get("COSTLIB_INPUTS") or "{}")
    calculator = Calculator()
    answer = calculator.answer({name: panel.typed(value) for name, value in given.items()}) | calculator.draw()
    up, known = to_top(PAGE), parameters.vocabulary()
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        pyodide=f"{up}_static/pyodide/" if os.environ.get("COSTLIB_PYODIDE") else runtime.PUBLIC,
        wheel=f"{up}_downloads/wheel.json",
        script=f"{up}_static/calculator/page.mjs",
        draws=" ".join(map(str, SHOWN)),
        commit=os.environ.get("COSTLIB_COMMIT", ""),
        chapters=json_block("calculator-chapters", _chapters(env)),
        presets="".join(_preset(name, label, given) for name, (label, given) in presets().items()),
        which="the inputs of this book, which differ from the published ones" if given else "the published inputs",
        main="".join(field(known[name], True, given.get(name)) for name in MAIN),
        groups=groups(given),
        results=answer["html"],
        validation=f"{up}notebooks/17_validation.html",
        **{
            group: " to ".join(fmt.number(float(end), 2) for end in regimes.interval(group, 1.0))
            for group in ("alignment", "inference")
        },
        scenario=html.escape(answer["scenario"]),
        takes="".join(_take(name, answer.get(name, "")) for name in ("link", "command", "python", "citation")),
    )


def _preset(name, label, given):
    address = html.escape(query(given) or "preset=published")
    return f'<li><a href="?{address}" data-preset="{name}">{html.escape(label)}</a></li>'


def _take(name, text):
    label = name.capitalize()
    return (
        f'<div class="take"><p class="chart-title" id="take-{name}">{label}</p>'
        f'<pre tabindex="0" aria-labelledby="take-{name}" data-take="{name}">{html.escape(text)}</pre>'
        f'<button type="button" data-copy="{name}">Copy {label if name == "python" else name}</button></div>'
    )


def _chapters(env):
    """The inputs that each chapter takes."""
    known, chapters = parameters.vocabulary(), notebooks.paths(env.srcdir)
    return {path.stem: [name for name in taken(path) if name in known] for path in chapters}


def taken(notebook):
    """Return the inputs of an executed notebook by name: those of its parameters cell, as papermill changed them.

    Parameters
    ----------
    notebook : path of the file

    Returns
    -------
    dict of name to value; what a `scenario` holds stands under its own name
    """
    found = {}
    for cell in notebooks.code_cells(notebook):
        if {"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", [])):
            for line in ast.parse(cell["source"]).body:
                target = line.target if isinstance(line, ast.AnnAssign) else line.targets[0]
                found[target.id] = ast.literal_eval(line.value)
    return {name: value for name, value in found.items() if name != "scenario"} | found.get("scenario", {})


def lead_to_calculator(app, doctree, docname):
    """Add to the re-run section of a chapter a link to the calculator with the chapter's inputs."""
    path = Path(app.srcdir, f"{docname}.ipynb")
    sections = [s for s in doctree.findall(nodes.section) if "re-run-this-chapter" in s["ids"]]
    if not sections or not path.is_file() or PAGE not in app.env.all_docs:
        return
    known = parameters.vocabulary()
    given = {
        n: v for n, v in taken(path).items()
        if n in known and v != known[n].default and (not known[n].choices or v in known[n].choices)
    }  # fmt: skip
    address = app.builder.get_relative_uri(docname, PAGE)
    if "#" not in address:
        address += "?" + "&".join(filter(None, (f"chapter={path.stem}", query(given))))
    link = nodes.reference("", "the calculator with the inputs of this chapter", refuri=address, internal=True)
    sections[0] += nodes.paragraph("", "", nodes.Text("In the browser: "), link, nodes.Text("."))


def style(app, pagename, templatename, context, doctree):
    """Load the style of the calculator on its page alone."""
    if pagename == PAGE:
        app.add_css_file("calculator/calculator.css")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("calculator-form", CalculatorForm)
    app.connect("doctree-resolved", lead_to_calculator)
    app.connect("html-page-context", style)
    return EXTENSION
