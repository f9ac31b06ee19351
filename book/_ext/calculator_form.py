"""Sphinx extension: the calculator page with its form and default results, and the way there from every chapter."""

import ast
import html
import json
import math
import os
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import NamedTuple

from docutils import nodes
from docutils.parsers.rst import Directive
from markup import EXTENSION, environment, json_block, raw, to_top

from costlib.base import fmt
from costlib.base.files import read_rows
from costlib.calculator import SHOWN, STARTING, Calculator, estimated, panel, presets, query
from costlib.economics import admissible, human_work, methods, scenarios
from costlib.facts import catalog, hardware, judges, options, parameters, regimes
from costlib.report import notebooks, runtime

PAGE = "book/calculator"
TEMPLATE = Path(__file__).with_name("calculator.html")
LABELS = Path(__file__).with_name("calculator_labels.csv")
FIRST = "main"  # the group of the inputs beside the results
WIDE = ("policy_model", "human_usd_per_pair")  # of them, those with a row of their own
# The models that are aligned most today, before all others by their names.
COMMON = ("llama-3.1-8b", "llama-3.1-70b", "qwen2.5-7b", "qwen2.5-14b", "qwen2.5-32b", "qwen3-8b", "qwen3-14b",
          "qwen3-32b")  # fmt: skip
MODELS = "calculator-models"  # the list of them all, which every input of a model offers


@cache
def labels():
    """Return the plain label of each input that moves the results, with its group; its meaning says the rest.

    Returns
    -------
    dict of name to `Label`, in the order of the page; the unit "-" is said by the label, and without one it is that of
    the vocabulary

    Examples
    --------
    >>> labels()["run_overhead"]
    Label(group='GPUs and training', label='Factor for trial and failed runs', unit='')
    """
    known = {name: each.label for name, each in parameters.vocabulary().items()}
    return {(name := row["name"]): Label(row["group"], known[name][0].upper() + known[name][1:], row["unit"])
            for row in read_rows(LABELS)}  # fmt: skip


class Label(NamedTuple):
    """What a reader sees of an input: the group it is in, its label, and the unit behind that."""

    group: str
    label: str
    unit: str


MAIN = tuple(name for name, each in labels().items() if each.group == FIRST)


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
    name, plain = parameter.name, labels().get(parameter.name, Label("", parameter.meaning, ""))
    unit = (plain.unit or parameter.unit).removeprefix("-")
    allowed = parameter.allowed.removeprefix("a whole number ").removeprefix("a number ")
    meaning = [html.escape(parameter.meaning)] if plain.label != parameter.meaning else []
    shown, more = [f"published {html.escape(fmt.short(parameter.default))}"], []
    if name == "human_usd_per_pair":
        known = scenarios.complete({})
        usd, words = fmt.usd(human_work.usd_per_comparison(known), 2), human_work.words(known)
        shown = [f"published 0, which is {usd} for {words:,.0f} words"]
    if not parameter.choices:
        more.append(html.escape(allowed))
    if parameter.shape and moves:
        more.append(f"drawn from {fmt.short(parameter.low)} to {fmt.short(parameter.high)} until you set it")
    if not moves:
        more.append("moves chapters, not these results")
    # Beside the results, what an input means shows while it is being edited; what is allowed does so everywhere.
    code = f"<code>{name}</code>"
    shown, more = (shown, [*meaning, code, *more]) if plain.group == FIRST else ([*meaning, code, *shown], more)
    rest = f' <span class="more">{" · ".join(more)}</span>'
    unit = f' <span class="unit">{unit}</span>' if unit else ""
    return (
        f'<div class="field{" wide" * (name in WIDE)}"><label for="in-{name}">{html.escape(plain.label)}{unit}</label>'
        f"{_control(parameter, parameter.default if value is None else value)}"
        f'<p class="note" id="note-{name}">{" · ".join(shown)}{rest}</p>'
        f'<p class="error" id="error-{name}" hidden></p></div>'
    )


def _control(parameter, value):
    name, default, entered = (
        parameter.name,
        html.escape(panel.typed(parameter.default)),
        html.escape(panel.typed(value)),
    )
    common = f'id="in-{name}" name="{name}" data-default="{default}" aria-describedby="note-{name} error-{name}"'
    if parameter.kind == "models":
        return f'<input type="text" {common} list="{MODELS}" autocomplete="off" spellcheck="false" value="{entered}">'
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
    """The name of a GPU or judge as people write it."""
    if choice in judges.judges():
        return html.escape(judges.judges()[choice].title)
    return html.escape(catalog.find("gpus", choice).label if parameter.kind == "gpus" else str(choice))


def models_by_use():
    """Return the names of all models: those of today's common use, then the others as a reader sorts their labels.

    >>> found = models_by_use()
    >>> found[0], found.index("qwen2.5-0.5b") < found.index("qwen2.5-72b"), len(found) == len(catalog.table("models"))
    ('llama-3.1-8b', True, True)
    """
    known = catalog.table("models")
    rest = sorted(known.keys() - set(COMMON), key=lambda name: _as_read(known[name].label))
    return [*COMMON, *rest]


def _as_read(label):
    """What sorts labels as readers do: 7B before 13B."""
    parts = re.split(r"(\d+(?:\.\d+)?)", label.casefold())
    return [(float(part), "") if place % 2 else (-1.0, part) for place, part in enumerate(parts)]


def model_list():
    """Return the HTML of the list from which inputs of a model offer names."""
    known = catalog.table("models")
    options = "".join(f'<option value="{name}">{html.escape(known[name].label)}</option>' for name in models_by_use())
    return f'<datalist id="{MODELS}">{options}</datalist>'


def groups(given):
    """Return the HTML of the inputs beside the first ones, by group: those of other chapters in a fold of their own.

    Parameters
    ----------
    given : dict of name to value for the inputs that do not start at their published value
    """
    used, known = used_inputs(), parameters.vocabulary()
    here = [name for name in labels() if name not in MAIN]
    others = [name for name in known if name not in labels()]
    own = _folds([(labels()[name].group, known[name]) for name in here], used, given)
    elsewhere = _folds([(known[name].group, known[name]) for name in others], used, given)
    return own + _fold("Inputs of other chapters", len(others), elsewhere, "group others")


def _folds(inputs, used, given):
    """Folds of inputs by group, in the order in which the groups come."""
    parts = []
    for group in dict.fromkeys(group for group, _ in inputs):
        own = [each for its, each in inputs if its == group]
        fields = "".join(field(each, each.name in used, given.get(each.name)) for each in own)
        parts.append(_fold(group, len(own), f'<div class="fields">{fields}</div>'))
    return "".join(parts)


def _fold(title, count, content, css="group"):
    title = html.escape(title[0].upper() + title[1:])
    return f'<details class="{css}"><summary>{title} <span class="unit">{count}</span></summary>{content}</details>'


# Labels of the inputs of a job, and of its stages.
JOB = {"stage": "Stage", "model": "Model", "gpu": "Kind of GPU", "gpus": "Number of GPUs",
       "price_usd_per_gpu_hour": "USD per GPU-hour", "examples": "Examples, pairs or prompts",
       "prompt_tokens": "Tokens of a prompt", "response_tokens": "Tokens of a response"}  # fmt: skip
STAGE_NAMES = {"sft": "Fine-tuning (SFT)", "rm": "Reward model", "dpo": "DPO", "ppo": "PPO", "grpo": "GRPO",
               "generate": "Writing answers"}  # fmt: skip
STAGES = {stage: STAGE_NAMES[stage] for stage in options.STAGES}


def job_field(name):
    """Return the HTML of one input of a job, as :func:`field` does of one of a scenario.

    >>> 'name="gpus"' in job_field("gpus"), 'list="calculator-models"' in job_field("model")
    (True, True)
    """
    known = options.options().get(name)
    meaning = known.meaning if known else "which step of alignment"
    # Beside a price that is not given stands the one that is taken.
    note = {"model": "any usual spelling or a config.json", "price_usd_per_gpu_hour": "empty: median of providers"}
    words = html.escape(note.get(name, meaning))
    entered = html.escape(STARTING[name])
    common = f'id="job-{name}" name="{name}" aria-describedby="job-note-{name} error-job-{name}"'
    plain = f'<input type="text" {common} autocomplete="off" spellcheck="false" value="{entered}"'
    plain += ' placeholder="market price"' * (not entered)
    if name in ("stage", "gpu"):
        labels = (
            STAGES
            if name == "stage"
            else {each: catalog.find("gpus", each).label for each in hardware.published("gpus")}
        )
        listed = "".join(
            f'<option value="{html.escape(each)}"{" selected" * (each == STARTING[name])}>{html.escape(label)}</option>'
            for each, label in labels.items()
        )
        control = f"<select {common}>{listed}</select>"
    else:
        control = f'{plain} list="{MODELS}">' if name == "model" else f'{plain} inputmode="decimal">'
    css = "field wide" if name in ("stage", "model", "gpu", "examples") else "field"
    return (
        f'<div class="{css}"><label for="job-{name}">{JOB[name]}</label>{control}'
        f'<p class="note" id="job-note-{name}"><span class="more">{words}</span></p>'
        f'<p class="error" id="error-job-{name}" hidden></p></div>'
    )


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
    up, known, job = to_top(PAGE), parameters.vocabulary(), estimated(STARTING)
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
        models=model_list(),
        groups=groups(given),
        results=answer["html"],
        lines=answer["lines"],
        validation=f"{up}notebooks/17_validation.html",
        **{
            group: " to ".join(fmt.number(float(end), 2) for end in regimes.interval(group, 1.0))
            for group in ("alignment", "inference")
        },
        job="".join(map(job_field, JOB)),
        job_results=job["html"],
        starting=html.escape(json.dumps(STARTING)),
        job_takes="".join(
            _take(f"job-{name}", job.get(name, ""), name) for name in ("link", "command", "python", "citation")
        ),
        scenario=html.escape(answer["scenario"]),
        takes="".join(_take(name, answer.get(name, ""), name) for name in ("link", "command", "python", "citation")),
    )


def _preset(name, label, given):
    address = html.escape(query(given) or "preset=published")
    return f'<li><a href="?{address}" data-preset="{name}">{html.escape(label)}</a></li>'


def _take(name, text, word):
    label = word.capitalize()
    return (
        f'<div class="take"><p class="chart-title" id="take-{name}">{label}</p>'
        f'<pre tabindex="0" aria-labelledby="take-{name}" data-take="{name}">{html.escape(text)}</pre>'
        f'<button type="button" data-copy="{name}">Copy {label if word == "python" else word}</button></div>'
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
