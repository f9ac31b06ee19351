"""A training configuration as a job: what its keys mean for an estimate, what was assumed, and what no file holds."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from costlib.base.text import brief, nearest, plain, shown
from costlib.compute import job
from costlib.facts import names, options
from costlib.facts.hardware import OF_PROCESS, Hardware
from costlib.facts.prices import Prices
from costlib.facts.schema import Record
from costlib.recipes import files, frameworks, keys
from costlib.recipes.settling import Found, Settling

ASKED = ("model", "gpu", "gpus", "examples", "prompt_tokens", "response_tokens")  # without which there is no answer
LIMITS = {"longest_prompt": ("prompt_tokens",), "longest_response": ("response_tokens",),
          "longest": ("prompt_tokens", "response_tokens"), "rows_at_most": ("examples",)}  # fmt: skip
UNUSED = {
    **dict.fromkeys(LIMITS, "a limit, not a mean"), "rows_at_most": "a cap, not a count of rows",
    **dict.fromkeys(("critic_model", "reward_model"), "no model that is known by name; the policy's is taken"),
    **dict.fromkeys(("lora_rank", "lora_targets", "base_bits", "lora_mlp"), "means nothing without LoRA"),
    "staleness": "means nothing in one pool of GPUs", "offload_activations": "the states are on the host",
    "async": "its steps say how far", "rollout_of_all": "no GPUs of their own",
    "micro_batch": "a budget of tokens counts instead", "megatron": "says which keys of the engine count",
    "epochs": "the steps beat it", "model": "no model that is known by name",
}  # fmt: skip
ALONE = "(sharding)"  # the default of frameworks that leave it to a second file
MOST_HINTS = 100  # keys of a file for which the nearest known ones are sought, which takes a while
NO_TIME = "the time of a run does not hang on it"


class Entry(NamedTuple):
    """A key: `sets` are the options that it sets, alone or with others; `why` what it is, or why it sets nothing."""

    key: str
    value: str
    sets: Mapping[str, Any] = MappingProxyType({})
    why: str = ""


class TrainingConfiguration:
    """A job as a training configuration describes it.

    Parameters
    ----------
    paths : the file, and others that belong to it: of accelerate, DeepSpeed, or parts of which later ones win
    framework, stage : where the files do not say them
    given : options of :func:`costlib.compute.job.estimate`, over what the files say

    `stage` is None where nothing says it. `options` are those of the job; `used`, `assumed` (defaults of the framework)
    and `ignored` have an :class:`Entry` for each key; `missing` are the options without which there is no answer.

    Raises
    ------
    ValueError : for files that cannot be read, and where no framework or several fit
    """

    def __init__(self, paths: Sequence[str | Path | files.Content], framework: str | None = None,
                 stage: str | None = None, given: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        if not paths:
            raise ValueError("config must name a file")
        self.given = options.named(given or {})
        contents = [each if isinstance(each, files.Content) else files.read(each) for each in paths]
        self.files = tuple(content.name for content in contents)
        own = [each.keys for each in contents if len(contents) == 1 or not frameworks.launches(each.keys)]
        found = {key: value for content in (*(each.keys for each in contents), *own) for key, value in content.items()}
        first = Path() if isinstance(paths[0], files.Content) else Path(paths[0])
        runs = files.beside(first, keys.written(found["config"])) if "config" in found else None
        seen = {**files.read(runs).keys, **found} if runs else found
        self.framework = frameworks.recognised(seen, framework, brief(", ".join(self.files)))
        for content in contents if framework is None and len(own) > 1 else ():
            other = frameworks.alone(content.keys) or self.framework
            if other != self.framework:
                both = f"{brief(', '.join(self.files))} are of {self.framework} and {other}"
                raise ValueError(f"{both}; --framework names the one to read them as, or give the files of one")
        self._ignored: dict[str, Entry] = {}
        self._unread: dict[str, Entry] = {}  # by term: a key that says it, and whose value nothing here understands
        self._by_name: dict[str, tuple[str, str]] = {}
        found = self._with_files(found, first)
        found |= frameworks.derived(self.framework, found)
        self.stage, self._said = self._staged(found, stage)
        self._terms: dict[str, Found] = {}
        self._read(found)
        known, settling = options.options(), Settling(self.stage, self._terms, self.given)
        self._unsure = {name: entry for term, entry in self._unread.items() for name in settling.hang_on(term)
                        if name not in self.given and self.stage in known[name].stages}  # fmt: skip
        self._sets = {name: each for name, each in settling.options().items() if name not in self._unsure
                      and name not in self.given and self.stage in (None, *known[name].stages)}  # fmt: skip
        self.options = {name: each.value for name, each in self._sets.items()} | self.given

    # --- reading ------------------------------------------------------------------------------------------------------

    def _with_files(self, found: dict[str, Any], path: Path) -> dict[str, Any]:
        """The keys with those of the files that they name; of one that is not found, what its name says."""
        for key, value in list(found.items()):
            rows = keys.named(self.framework, key)
            if not rows or rows[0].term != "file" or not keys.is_given(value):
                continue
            text = keys.written(value)
            where = files.beside(path, text)
            other = files.read(where).keys if where else frameworks.profile(text)
            lost = "its name says the sharding" if other else "give it as one more --config"
            self._ignore(key, value, "read with this file" if where else f"no file that is found; {lost}")
            if not where:  # what the name says stands under the key that has it
                self._by_name |= dict.fromkeys(other, (key, text))
            found = {name: each for name, each in other.items() if name != "(path)"} | found
        return found

    def _staged(self, found: Mapping[str, Any], given: str | None) -> tuple[str | None, Entry | None]:
        """The stage, from the first row that says one, and the key that does."""
        rows = [record for record in keys.records(self.framework) if record.term == "stage"]
        if given is not None:
            if given not in job.STAGES:
                options.check(given, {})
            return given, None
        for row in rows:
            for key in (each for each in row.key.split("|") if keys.is_given(found.get(each))):
                try:
                    said = keys.meaning(row, found[key])
                except ValueError as error:
                    if not key.startswith("("):
                        self._unread["stage"] = Entry(key, keys.written(found[key]), why=str(error))
                    continue
                return said, Entry(key, keys.written(found[key]), {"stage": said}, row.note)
        defaults = (row.default for row in rows if row.default and "stage" not in self._unread)
        return next(defaults, None), None

    def _read(self, found: Mapping[str, Any]) -> None:
        """What keys and defaults say of terms: first those that need no other term."""
        said: list[tuple[Record, str, Any]] = []
        for key, value in found.items():
            rows = keys.named(self.framework, key)
            fitting = [each for each in rows if each.term not in ("stage", "file") and self._here(each)]
            said += [(record, key, value) for record in fitting]
            if not fitting and not (self._said and key == self._said.key):
                why = "another key says the stage" if {each.term for each in rows} == {"stage"} else (
                    f"no key of {self.stage or 'a stage that is not known'}")  # fmt: skip
                unread = self._unread.get("stage")
                why = unread.why if unread and unread.key == key else why
                self._ignore(key, value, why if rows else f"not among the keys that are known{self._near(key)}")
        place = {record.name: number for number, record in enumerate(keys.records(self.framework))}
        said.sort(key=lambda each: place.get(each[0].name, len(place)))
        for needs in (False, True):
            for record, key, value in said:
                if bool(record.needs) == needs:
                    self._say(record, key, value)
            for record in keys.records(self.framework):
                if record.default and bool(record.needs) == needs and self._here(record) and self._holds(record):
                    self._assume(record, found)

    def _near(self, key: str) -> str:
        """The nearest keys that set something, for one of the first that nothing knows."""
        if len(self._ignored) > MOST_HINTS:
            return ""
        known = {name for record in keys.records(self.framework) if record.term not in (keys.NONE, keys.LATER, "stage")
                 for name in record.key.split("|") if not set("*(") & set(name)}  # fmt: skip
        return nearest(brief(key), sorted(known))

    def _here(self, record: Record) -> bool:
        """Whether a row is of the stage."""
        return not record.stages or self.stage in record.stages.split("|")

    def _holds(self, record: Record) -> bool:
        """Whether the term holds that a row needs."""
        name = record.needs.removeprefix("no ")
        there = name in self._terms and self._terms[name].value not in (None, "no")
        return not record.needs or there == (name == record.needs)

    def _say(self, record: Record, key: str, value: Any) -> None:
        """What one key says, by one of its rows."""
        text = keys.written(value)
        if record.term == keys.NONE:
            self._ignore(key, value, record.note)
        elif not keys.is_given(value):
            self._ignore(key, value, "left to the framework")
        elif "$" in text and self._holds(record):
            self._not_read(record, key, value, "computed when it runs, and not followed")
        elif not self._holds(record):
            self._ignore(key, value, f"means nothing with{'out' * (record.needs[:3] != 'no ')} "
                         f"{record.needs.removeprefix('no ')}")  # fmt: skip
        else:
            try:
                meaning = keys.meaning(record, value)
            except ValueError as error:
                return self._not_read(record, key, value, str(error))
            if record.term == keys.LATER:
                self._ignore(key, value, f"not modelled yet: {meaning}" if meaning else "as in every estimate")
            elif record.term not in self._terms or self._terms[record.term].value is None:
                self._terms[record.term] = Found(meaning, *self._by_name.get(key, (key, text)), record.note)
            else:
                self._ignore(key, value, f"{self._terms[record.term].key} says it")
        return None

    def _not_read(self, record: Record, key: str, value: Any, why: str) -> None:
        """A value that nothing here understands: the options that hang on it are asked for."""
        self._ignore(key, value, why)
        if record.term not in (keys.LATER, "file", "model", *LIMITS) and record.term not in self._terms:
            self._unread.setdefault(record.term, Entry(key, keys.written(value), why=why))

    def _assume(self, record: Record, found: Mapping[str, Any]) -> None:
        """What the framework does without a key."""
        if record.term == "stage":
            return
        known, value = record.key.split("|"), keys.meaning(record, record.default)
        if record.term != keys.LATER:
            self._terms.setdefault(record.term, Found(value, known[0], record.default, record.note, True))
        elif value and not any(name in found for name in known):
            self._ignored[known[0]] = Entry(known[0], f"{record.default} (default)", why=f"not modelled yet: {value}")

    def _ignore(self, key: str, value: Any, why: str) -> None:
        if not key.startswith("(") and key not in self._by_name:
            self._ignored.setdefault(key, Entry(key, keys.written(value), why=why))

    # --- the answer ---------------------------------------------------------------------------------------------------

    def _entries(self, default: bool) -> tuple[Entry, ...]:
        said = self._said if not default else None
        found = {said.key: said} if said else {}
        for option, setting in self._sets.items():
            for each in (self._terms[term] for term in setting.terms):
                if each.default == default:
                    old = found.get(each.key, Entry(each.key, each.written, why=each.why))
                    found[each.key] = old._replace(sets={**old.sets, option: setting.value})
        return tuple(found.values())

    @property
    def used(self) -> tuple[Entry, ...]:
        """Keys of the files that set an option."""
        return self._entries(False)

    @property
    def assumed(self) -> tuple[Entry, ...]:
        """Defaults of the framework, for keys that are in no file, that set an option."""
        return self._entries(True)

    @property
    def ignored(self) -> tuple[Entry, ...]:
        """Keys of the files that set nothing, with the reason, and defaults that no option says yet."""
        used = {term for setting in self._sets.values() for term in setting.terms}
        found = {}
        for term, each in self._terms.items():
            if term not in used and not each.default and not each.key.startswith("("):
                why = UNUSED.get(term) or each.why or NO_TIME
                why = "off, as without it" if each.value in (None, "no") else why
                why = f"{options.options()[term].flag} is given" if term in self.given else why
                found[each.key] = Entry(each.key, each.written, why=why)
        used_keys = {each.key for each in self.used}
        return tuple(each for key, each in (found | self._ignored | found).items() if key not in used_keys)

    @property
    def lacks(self) -> str | None:
        """What is assumed since no file of accelerate or DeepSpeed says how states lie on GPUs; None where one does.

        A reader who gives --zero has said it, and one GPU shares nothing.
        """
        said = self._terms.get("zero")
        own = said is not None and said.default and said.key == ALONE and not said.value and "zero" in self._sets
        if not own or self.options.get("gpus") in (1, "1"):
            return None
        host = "" if self.options.get("offload") else ", nothing lies on the host (--offload none)"
        return ("no file of accelerate or DeepSpeed is given: every GPU holds all weights, gradients and the optimizer "
                f"(--zero 0){host}; give that file as one more --config, or --zero")  # fmt: skip

    @property
    def model(self) -> str | None:
        """Name of the model as it is given, or as the file writes it."""
        said = self._terms.get("model")
        return self.given.get("model") or (said.written if said else None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Options without which there is no answer and that no file holds; "stage" where none is said."""
        counted = [each for each in (self._terms.get("steps"), self._terms.get("steps_an_epoch")) if each]
        steps = "gpus" not in self.options and any(each.value is not None for each in counted)
        asked = [name for name in ASKED if name not in self.options and not (name == "examples" and steps)]
        return (*(("stage",) if self.stage is None else ()), *asked, *(each for each in self._unsure
                                                                       if each not in ASKED))  # fmt: skip

    def asks(self) -> Iterator[str]:
        """Say what is missing, a line each: the option to give, and what the files say of it."""
        known = options.options()
        for name in self.missing:
            entry = self._unread.get("stage") if name == "stage" else self._unsure.get(name)
            unread = f"{brief(entry.key)} of {brief(self.files[0])}: {entry.why}" if entry else ""
            if name == "stage":
                yield f"STAGE: one of {', '.join(job.STAGES[:-1])}{f' ({unread})' if unread else ''}"
                continue
            most = [f"at most {each.written} by {'the default of ' * each.default}{each.key}"
                    for term, each in self._terms.items() if name in LIMITS.get(term, ()) and each.value]  # fmt: skip
            if name == "model" and (said := self._terms.get("model")):
                near = names.mentioned(said.written)
                most = [f"{brief(said.written)} is none of costlib models{f', though it names {near}' if near else ''}"]
            most += [unread] if unread else []
            what = options.COUNTED.get(self.stage or "", "rows") if name == "examples" else known[name].meaning
            limits = f" ({', '.join(most)})" if most else ""
            yield f"{known[name].flag} [{known[name].unit}]: {what}{limits}"

    def _above(self) -> Iterator[str]:
        """What is given above a limit that a file states."""
        for term, limited in LIMITS.items():
            said, values = self._terms.get(term), [self.options[name] for name in limited]
            if said is None or said.default or not said.value or not all(isinstance(x, (int, float)) for x in values):
                continue
            if sum(values) > said.value:
                unit = options.options()[limited[0]].unit
                yield (f"{' and '.join(limited)} [{unit}] must be at most {plain(said.value)}, by {said.key} of "
                       f"{brief(self.files[0])}, got {shown(sum(values))}")  # fmt: skip

    def job_options(self, hardware: Hardware | None = OF_PROCESS) -> dict[str, Any]:
        """Return the options of the job.

        Raises
        ------
        ValueError : that lists what no file holds, or what is above a limit of the file
        """
        if self.missing:
            name = f"{brief(', '.join(self.files))} ({self.framework}{f', {self.stage}' if self.stage else ''})"
            raise ValueError("\n".join([f"{name} does not say all; give:", *self.asks()]))
        checked = {name: value for name, value in options.check(self.stage or "", self.options, hardware).items()
                   if name in self.options}  # fmt: skip
        self.options = checked
        if above := [*self._above()]:
            raise ValueError("\n".join(above))
        return dict(checked)

    def estimate(self, hardware: Hardware | None = OF_PROCESS, prices: Prices | None = None) -> job.Estimate:
        """Return what the job takes; raises as :meth:`job_options`."""
        chosen = self.job_options(hardware)
        return job.Estimate(job.job(self.stage or "", **chosen, hardware=hardware, prices=prices))
