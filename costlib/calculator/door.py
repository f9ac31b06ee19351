"""The door of the calculator page: texts of a form in, results out. Standard library only: it runs in a browser.

Nothing is computed here that the science does not compute, and nothing is computed in the page's JavaScript.
"""

import json
from pathlib import Path
from urllib.parse import quote

from costlib.base.citation import forms
from costlib.base.text import unknown
from costlib.calculator import panel
from costlib.compute import models
from costlib.economics import admissible, break_even, comparison, curve, methods, scenarios, uncertainty
from costlib.facts import names, parameters

DRAWS = uncertainty.DRAWS
SHOWN = (200, 1000, DRAWS)  # draws after which a page shows the intervals so far
AUDIENCES = ("frontier_lab", "enterprise", "startup", "university")
CURVE, CURVE_STEPS = (1e3, 1e6), 24  # pairs from and to which the chart of costs goes
FILE = "./config.json"  # what a reader's file is called in all that is taken away
LEFT_OUT = f"Your file stays in this page: the link leaves its model out, and all else reads it from {FILE}."
CORRECTED = {"dpo_rounds": 2, "pairs_per_prompt": 1.0, "judgments_per_response": 3}


def presets():
    """Return named sets of inputs: the article's, the same as its own source has the pipeline, and four audiences.

    Returns
    -------
    dict of name to (label, dict of inputs that differ from the published ones)

    Examples
    --------
    >>> list(presets())
    ['published', 'corrected', 'frontier_lab', 'enterprise', 'startup', 'university']
    """
    found = {"published": ("The published article", {}), "corrected": ("The article, corrected", dict(CORRECTED))}
    named = zip(AUDIENCES, scenarios.audiences().items(), strict=True)
    return found | {name: (audience.capitalize(), given) for name, (audience, given) in named}


def read(inputs):
    """Return what a form holds: inputs that differ from the published ones, and an error for each that is wrong.

    Parameters
    ----------
    inputs : dict of parameter name to text; an empty text is the published value

    Returns
    -------
    (dict of name to value, dict of name to message); messages about several inputs stand under an empty name

    Examples
    --------
    >>> read({"human_usd_per_pair": "2", "policy_gpus": "64"})
    ({'human_usd_per_pair': 2.0}, {})
    >>> read({"human_usd_per_pair": "0,67"})[1]["human_usd_per_pair"]
    "human_usd_per_pair [USD/pair] must be a number from 0 to 1,000,000, got '0,67'; decimals take a point: 0.67"
    """
    known, given, errors = parameters.vocabulary(), {}, {}
    if strange := unknown("parameter", inputs, known, "; see costlib params"):
        errors[""] = "\n".join(strange)
    for name, value in inputs.items():
        text = value.strip() if isinstance(value, str) else value
        if text == "" or name not in known:
            continue
        try:
            parsed = known[name].parse(text)
        except ValueError as error:
            errors[name] = str(error)
            continue
        if parsed != known[name].default:
            given[name] = parsed
    for name in own_models(given):
        try:
            models.find(given[name])
        except ValueError as error:
            path = names.DIMENSIONS.sub("", given[name])
            errors[name] = str(error).replace(path, Path(path).name if _of_file(path) else path)
    if not errors:
        try:
            scenarios.complete(given)
        except ValueError as error:
            named = next((name for name in given if str(error).startswith(name)), "")
            errors[named] = str(error)
    return given, errors


def own_models(given):
    """Return which inputs are a model that is not of the catalogue.

    >>> own_models({"policy_model": "gpt2:layers=2", "aligned_model": "llama-2-7b", "epochs": 2})
    ['policy_model']
    """
    known = parameters.vocabulary()
    return [name for name, value in given.items() if name in scenarios.OWN_MODELS and value not in known[name].choices]


def _of_file(model):
    return names.is_path(names.DIMENSIONS.sub("", model))


def _taken(model):
    """A model of a file as it is called elsewhere, with the dimensions behind it."""
    cut = names.DIMENSIONS.search(model)
    return FILE + (cut[0] if cut else "")


class Calculator:
    """One reader's calculation: :meth:`answer` gives the central result, :meth:`draw` its intervals bit by bit.

    Examples
    --------
    >>> calculator = Calculator()
    >>> found = calculator.answer({"human_usd_per_pair": "2"})
    >>> found["given"], found["query"], found["numbers"]["methods"][1]["method"]
    ({'human_usd_per_pair': 2.0}, 'human_usd_per_pair=2', 'human-dpo')
    """

    def __init__(self):
        self.given, self.values, self.rows = {}, scenarios.complete({}), []
        self._compute()

    def answer(self, inputs):
        """Return the result for the texts of a form, or what is wrong with them; then the last good result stays.

        Parameters
        ----------
        inputs : dict of parameter name to text

        Returns
        -------
        dict : `errors` by name; and, if there are none, `given`, `numbers` (see :meth:`numbers`), `html` of the
            results and of the `lines` beneath them, and what takes them away: `query` of the address, `scenario` file,
            `command`, `python`, `citation`; `own` has for each model that is not of the catalogue what was read, and
            `left_out` what no address holds
        """
        given, errors = read(inputs)
        if not errors:
            try:
                values = scenarios.complete(given)
                if (given, values) != (self.given, self.values) or not self.rows:  # what is named is not drawn
                    self.given, self.values, self.rows = given, values, []
                    self._compute()
            except (ValueError, ArithmeticError) as error:
                errors[""] = str(error)
        if errors:
            return {"errors": errors}
        own = {name: models.find(given[name]) for name in own_models(given)}
        files = [name for name in own if _of_file(given[name])]
        away = given | {name: _taken(given[name]) for name in files}
        return {
            "errors": {},
            "given": given,
            "own": {name: {"label": model.label, "said": panel.model_read(model)} for name, model in own.items()},
            "left_out": LEFT_OUT if files else "",
            "query": query({name: value for name, value in given.items() if name not in files}),
            "scenario": scenario_file(away),
            "command": command(away),
            "python": python(away),
            "citation": citation(given | {name: own[name].label for name in files}),
            **self.result(),
        }

    def draw(self, stop=DRAWS):
        """Draw the uncertain inputs until there are `stop` draws, and return the result with its intervals."""
        self.grow(stop)
        return self.result()

    def grow(self, stop):
        """Draw the uncertain inputs until there are `stop` draws."""
        self.rows += comparison.draws_one_by_one(self.values, len(self.rows), stop, scenarios.held(self.given))

    def result(self):
        """Return the numbers and their HTML as far as they are computed."""
        numbers = self.numbers()
        return {"numbers": numbers, "html": panel.results(numbers), "lines": panel.lines(numbers)}

    def numbers(self):
        """Return all results in plain numbers: methods by line, what fits, break-even; intervals once there are draws.

        `draws` is how many; ends of intervals are None before the first.
        """
        listed = [self._with_interval(each) for each in self.central.values()]
        fits = {name: found._asdict() | {"min_gpus": _finite(found.min_gpus)} for name, found in self.fits.items()}
        where = {name: self.values[name] for name in ("policy_model", "cluster_gpu", "policy_gpus")}
        where |= {
            "price": scenarios.price_held(self.given),
            "rests_on": scenarios.rests_on(self.given, self.values),
        }
        return {
            "draws": len(self.rows),
            "methods": listed,
            "fits": fits,
            "break_even": self.even._asdict(),
            "people_cheaper_by_price": self.by_price._asdict(),
            "curve": self.curve,
            "recommended": self.recommended,
            "where": where,
        }

    def _compute(self):
        self.central = methods.compare(self.values, methods.offered(self.values))
        self.fits = admissible.fits(self.values)
        self.objections = admissible.objections(self.values, self.central, self.fits)
        self.even = break_even.sides_meet(self.values)
        self.by_price = break_even.people_cheaper("human_usd_per_pair", self.values)
        self.curve = costs_of_sides(self.values)
        allowed = [name for name in self.central if not self.objections[name]]
        ranked = sorted(allowed, key=lambda name: self.central[name].usd)
        self.recommended = dict(zip(("method", "next"), [*ranked, None, None], strict=False))

    def _with_interval(self, method):
        name = method.name
        drawn = {each: [row[each] for row in self.rows] for each in (comparison.REFERENCE, name)}
        central = {each: self.central[each] for each in drawn}
        if self.rows:
            found = comparison.with_intervals(central, drawn, self.objections)[-1].to_dict()
        else:
            people, none = central[comparison.REFERENCE].usd, (None, None)
            found = comparison.Compared(
                method, *none, people / method.usd, *none, self.objections[name], None, people - method.usd, *none
            ).to_dict()
        needed = _finite(admissible.needed_gpus(name, self.fits))
        return found | {"min_gpus": needed, "does_not_fit": admissible.stages_that_do_not_fit(name, self.fits)}


def costs_of_sides(values):
    """Return what both sides cost against the usable pairs, for the chart of the page.

    Returns
    -------
    dict of `pairs`, `here` (those of the scenario), `flip` (where both cost the same, or None), and for each side of
    :data:`costlib.calculator.panel.CURVES` its dollars at each of `pairs`

    Examples
    --------
    >>> found = costs_of_sides(scenarios.complete({}))
    >>> found["here"], round(found["pairs"][-1]), found["rlaif"][-1] < found["human-dpo"][-1]
    (10906, 1000000, True)
    """
    here, (low, high) = scenarios.num_pairs(values), CURVE
    values = values if here else values | {"num_pairs_m1": 1}
    grid = [low * (high / low) ** (place / CURVE_STEPS) for place in range(CURVE_STEPS + 1)]
    sides = {name: break_even.pair_cost(methods.METHODS[name], values) for name in panel.CURVES}
    return {"pairs": grid, "here": here, "flip": curve.flip(values),
            **{name: [side.usd(n) for n in grid] for name, side in sides.items()}}  # fmt: skip


def query(given):
    """Return the inputs as the query of an address.

    >>> query({"human_usd_per_pair": 2.0, "policy_model": "llama-2-7b"})
    'human_usd_per_pair=2&policy_model=llama-2-7b'
    """
    return given_query({name: panel.typed(value) for name, value in given.items()})


def given_query(texts):
    """Return texts by name as the query of an address.

    >>> given_query({"model": "qwen3-8b:layers=24"})
    'model=qwen3-8b%3Alayers%3D24'
    """
    return "&".join(f"{name}={quote(text, safe='')}" for name, text in texts.items())


def scenario_file(given):
    """Return a scenario file that `costlib rerun` takes as it is."""
    known = parameters.vocabulary()
    lines = [
        "# Inputs from the calculator page. What is left out keeps its published value.",
        "#",
        "#   costlib rerun scenario.yml -o mine",
        "#   costlib compare scenario.yml",
        "",
        *(f"{name}: {_yaml(value)}  # {known[name].meaning} [{known[name].unit}]" for name, value in given.items()),
    ]
    return "\n".join(lines) + "\n"


def command(given):
    """Return the command that prints these results.

    >>> command({"human_usd_per_pair": 2.0})
    'costlib compare -p human_usd_per_pair=2'
    """
    return " ".join(["costlib compare", *(f"-p {n}={panel.typed(v)}" for n, v in given.items())])


def python(given):
    """Return the Python lines that compute these results."""
    return (
        "from costlib.economics.comparison import compared\nfrom costlib.economics.scenarios import complete, held\n\n"
        f"inputs = {given!r}\n"
        f"for each in compared(complete(inputs), fixed=held(inputs)):\n"
        "    print(each.method.label, each.method.usd, each.usd_low, each.usd_high)\n"
    )


def citation(given):
    """Return how to cite these results: the book, its version, and the inputs."""
    inputs = ", ".join(f"{name} = {panel.typed(value)}" for name, value in given.items()) or "published inputs"
    return f"{forms()['text'].removesuffix('.')}, calculator with {inputs}."


def _yaml(value):
    if isinstance(value, (str, bool)):
        return json.dumps(value)
    text = repr(value)
    # YAML 1.1 reads 1e+16 as text: a power of ten needs a point.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _finite(number):
    return number if number < float("inf") else None
