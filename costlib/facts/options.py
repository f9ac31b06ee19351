"""The one description of the options of a job: what `costlib estimate` takes, in Python and as a command."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from types import MappingProxyType
from typing import Any

from costlib.base._arrays import is_array
from costlib.base.text import nearest, shown, unknown
from costlib.facts import hardware, schema
from costlib.facts.inputs import Input, columns, named_table

STAGES = ("sft", "rm", "dpo", "ppo", "grpo", "generate")
# What the examples of a stage are.
COUNTED = {"sft": "examples", "rm": "pairs", "dpo": "pairs", "ppo": "prompts", "grpo": "prompts", "generate": "prompts"}


@dataclass(frozen=True)
class Option(Input):
    """One option of a job.

    `flag` is its name at the command, `stages` are those that use it, and `otherwise` says what happens without it
    where that is no single value; its default is None then. `needs` names options that must be set for it to mean
    anything, or with "no " before them, that must not; `instead` is what a stage has that does not use it. Of an `auto`
    option the word stands for 0, which leaves the choice to the answer.
    """

    flag: str
    stages: tuple[str, ...]
    otherwise: str = ""
    needs: tuple[str, ...] = ()
    instead: str = ""
    auto: bool = False

    def parse(self, value: Any, also: Iterable[str] = ()) -> Any:
        """Return `value` in this option's type, the word auto as 0 where one is to be chosen."""
        return super().parse(0 if self.auto and isinstance(value, str) and value == "auto" else value, also)

    @property
    def without(self) -> str:
        """Say in words what holds if the option is not given; nothing for one that must be.

        >>> known = options()
        >>> known["gpus"].without, known["samples"].without, known["fused"].without, known["model"].without
        ('1', 'that of the variant: 8 for grpo, 1 for ppo', 'no', '')
        """
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        return (
            self.otherwise if self.default is None else f"{self.default:g}" if self.type is float else str(self.default)
        )

    @property
    def used(self) -> str:
        """Say in words which stages use it; nothing where all do.

        >>> known = options()
        >>> known["epochs"].used, known["zero"].used, known["ppo_epochs"].used
        ('', 'all but generate', 'ppo, grpo')
        """
        without = [stage for stage in STAGES if stage not in self.stages]
        return f"all but {without[0]}" if len(without) == 1 else ", ".join(self.stages) if without else ""

    @property
    def beside(self) -> str:
        """Say in words with or without which other options it means something; nothing where that does not matter.

        >>> options()["lora_targets"].beside, options()["critic_model"].beside
        ('with lora_rank', 'without shared_critic')
        """
        return " and ".join(f"with {each}".replace("with no ", "without ") for each in self.needs)

    @property
    def required(self) -> bool:
        """Whether a job cannot do without it."""
        return not self.without

    def _parsed_array(self, value: Any) -> Any:
        if self.choices:
            raise ValueError(f"{self._named} must be {self.allowed}, the same for all, got an array")
        return super()._parsed_array(value)

    def is_set(self, value: Any) -> bool:
        """Return whether a value is another than the one that holds without it."""
        return is_array(value) or value != self.default


@cache
def options() -> Mapping[str, Option]:
    """Return every option by its name, in the order of the help text.

    >>> options()["tensor_parallel"].flag
    '--tensor-parallel'
    """
    return MappingProxyType({row["name"]: _option(row) for row in schema.rows("options")})


def typed(given: Mapping[str, Any]) -> str:
    """Return options as the command takes them.

    >>> typed({"lora_rank": 16, "reach": 0.6, "fused": True})
    '--lora-rank 16 --reach 0.6 --fused'
    """
    flags = {name: options()[name].flag for name in given}
    return " ".join(flags[name] + ("" if value is True else f" {value}") for name, value in given.items())


def named(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options under their own names, where some go by that of the command; None is not given.

    >>> named({"price": 2.5, "fill": None})
    {'price_usd_per_gpu_hour': 2.5}
    """
    names = {each.flag[2:].replace("-", "_"): name for name, each in options().items()}
    found: dict[str, Any] = {}
    for name, value in given.items():
        own = names.get(name, name)
        if value is not None and own in found:
            raise ValueError(f"{name} is given twice, also as {own}; give one of them")
        found |= {} if value is None else {own: value}
    return found


def check(stage: str, given: Mapping[str, Any], own: hardware.Hardware | None = hardware.OF_PROCESS) -> dict[str, Any]:
    """Return a value for every option that a stage uses: those given, in their types, and the defaults of the others.

    Parameters
    ----------
    stage : one of :data:`STAGES`
    given : dict of name to value, numbers or NumPy arrays of them; None is not given
    own : costlib.facts.hardware.Hardware of the reader, whose GPU may be named; None for none

    Returns
    -------
    dict of name to value; None where neither is there

    Raises
    ------
    ValueError : that lists everything wrong: an unknown stage or name (with the nearest), what is missing, a value out
        of range, and an option that this stage does not use

    Examples
    --------
    >>> work = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "examples": 9, "prompt_tokens": 0, "response_tokens": 9}
    >>> check("dpo", work)["recompute"]
    'none'
    >>> check("sft", work | {"samples": 4})
    Traceback (most recent call last):
        ...
    ValueError: samples is no option of sft; it is one of ppo, grpo, generate
    """
    if not (isinstance(stage, str) and stage in STAGES):
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, got {shown(stage)}{nearest(stage, STAGES)}")
    known, given = options(), {name: value for name, value in given.items() if value is not None}
    own = hardware.expected(own)
    names = (own.gpu["name"],) if own else ()
    problems = unknown("option", given, known)
    parsed = {}
    for name, option in known.items():
        try:
            if stage in option.stages:
                parsed[name] = option.parse(given[name], names) if name in given else option.default
            elif name in given:
                problems.append(_elsewhere(option, stage))
        except ValueError as error:
            problems.append(str(error))
        if option.required and name not in given:
            problems.append(f"{name} [{option.unit}] must be given: {option.meaning}")
    problems += [each for name in given if name in parsed for each in _without_meaning(known[name], parsed)]
    problems += _apart({name: value for name, value in parsed.items() if is_array(value)})
    if problems:
        raise ValueError("\n".join(problems))
    return parsed


def _elsewhere(option: Option, stage: str) -> str:
    """What is wrong with an option that a stage does not use, set by hand."""
    other = options().get(option.instead)
    hint = f"; {stage} has {other.name}: {other.meaning}" if other and stage in other.stages else ""
    return f"{option.name} is no option of {stage}; it is one of {', '.join(option.stages)}{hint}"


def _apart(arrays: Mapping[str, Any]) -> Iterator[str]:
    """Say which arrays have shapes that do not go together."""
    sizes = [(name, array.shape) for name, array in arrays.items()]
    for (first, one), (name, other) in combinations(sizes, 2):
        if not all(a == b or 1 in (a, b) for a, b in zip(reversed(one), reversed(other), strict=False)):
            yield f"{first} has {_size(one)} values and {name} {_size(other)}; arrays must go together"


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _without_meaning(option: Option, parsed: Mapping[str, Any]) -> Iterator[str]:
    """What an option lacks, or what stands beside it, so that it would change nothing."""
    for each in option.needs:
        name = each.removeprefix("no ")
        if name not in parsed:
            continue  # wrong itself
        other, unwanted = options()[name], each != name
        if other.is_set(parsed[name]) == unwanted:
            why = f"with {name}, which takes its place; give one of them" if unwanted else (
                f"without {name} [{other.unit}]: {other.meaning}")  # fmt: skip
            yield f"{option.name} means nothing {why}"


def of(stage: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of some options that a stage uses, to give one set of them to several stages.

    >>> of("sft", {"epochs": 2, "samples": 8})
    {'epochs': 2}
    """
    known = options()
    return {name: value for name, value in given.items() if stage in known[name].stages}


def described(indent: str) -> str:
    """Return every option as a line of a docstring: its name, meaning, unit, what is allowed, and what it is without.

    >>> described("").splitlines()[2]
    'gpus : GPUs that work together; a whole number from 1 to 1,000,000 [GPUs], 1 if not given'
    """
    lines = []
    for option in options().values():
        allowed = "" if option.type is str and not option.choices else f"; {option.allowed}"
        without = "" if option.required else f", {option.without} if not given"
        used = ", ".join(filter(None, (option.used, option.beside)))
        used = f" ({used})" if used else ""
        lines.append(f"{option.name} : {option.meaning}{allowed} [{option.unit}]{without}{used}")
    return f"\n{indent}".join(lines)


def _option(row: dict[str, Any]) -> Option:
    stages = tuple(row.pop("stages").split("|")) if row["stages"] else STAGES
    needs = tuple(filter(None, row["needs"].split("|")))
    kind = named_table(row["choices"])
    auto = row["choices"] == "auto"
    named = row["choices"].endswith(".csv") and not kind
    listed = [each["name"] for each in schema.rows(row["choices"][:-4])] if named else row["choices"].split("|")
    choices = listed if row["choices"] and not kind and not auto else None
    return Option(**row | {"stages": stages, "needs": needs, "auto": auto} | columns(row, choices), kind=kind)
