"""Whole methods of alignment, each as the same lines: seed, SFT, candidates, labels, training, evaluation, staff.

Every method ends with the same number of usable preference pairs and the same aligned model, so that their totals can
be compared. One method is the article's own, with its flat speed and its lengths; what it leaves out stands there as
zero and says so. Values may be arrays: one call prices one scenario or a hundred thousand. `work` is for
:func:`compare` alone, which computes once what several methods share.

Sources: the article's pipeline :cite:`mamath2025economics`, the paper behind it :cite:`yuan2024selfrewarding`, RLHF
:cite:`ouyang2022instructgpt`, AI feedback :cite:`lee2024rlaif`; stages, time and memory as in Part II.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from costlib.base._arrays import Condition, Numeric, checked, choice, choices, is_array, maximum, minimum, where
from costlib.compute.job import STAGES, job
from costlib.compute.plan import TAKES_TURNS, Job
from costlib.compute.stages import Data
from costlib.economics import further_methods, human_work, labels, scenarios
from costlib.facts import catalog, judges
from costlib.facts.parameters import Values

KINDS = ("seed", "generate", "label", "train", "evaluate", "staff", "overhead")
LINES = ("seed data", "fine-tuning", "candidates", "labels", "training", "evaluation", "staff",
         "failed runs and sweeps")  # fmt: skip
HOURS_PER_DAY = 24
AMOUNTS = ("usd", "usd_without_staff", "gpu_hours", "days", "usd_per_effective_pair", "pairs", "agreement")
NOT_COUNTED = "not counted by the article"
# What the methods set of a job that an estimate leaves to its defaults: inputs by option.
OF_LOOPS = {"reach": "framework_reach", "generation_batch": "rollout_batch", "ppo_epochs": "ppo_epochs"}
OF_TRAINING = {"fill": "packing_fill"}


class Named(NamedTuple):
    """What people read for a method: its name in a row, a short one for little room, and a plain one in a sentence."""

    long: str
    short: str
    plain: str


# The one table of the names of methods, which every door and page reads.
NAMES: Mapping[str, Named] = MappingProxyType({
    "human-ppo": Named("RLHF with PPO on human labels", "people (PPO)", "PPO on labels by people"),
    "human-dpo": Named("DPO on human labels", "people (DPO)", "DPO on labels by people"),
    "published": Named("self-rewarding, as published", "the article", "the article's pipeline"),
    "self-rewarding": Named("self-rewarding, as the paper did it", "own judge", "a model that judges itself"),
    "rlaif": Named("RLAIF with a hosted judge", "hosted judge", "DPO on a hosted judge's labels"),
    "hybrid": Named("hard pairs to people, the rest to a judge", "hard pairs to people",
                    "DPO with the hard pairs to people"),
    "constitutional": Named("Constitutional AI", "constitution", "Constitutional AI"),
    "targeted": Named("a judge, and people where it looks wrong", "targeted to people",
                      "DPO with targeted labels by people"),
    "verifiable": Named("GRPO with verifiable rewards", "verifiable rewards", "verifiable rewards"),
    "distilled": Named("on-policy distillation of a larger model", "distillation", "on-policy distillation"),
    "hosted": Named("RLAIF, trained by a service", "judge and service", "a judge's labels and a training service"),
})  # fmt: skip


class Line(NamedTuple):
    """One line of a method: what it is, its kind, GPU-hours, dollars and calendar days; `note` says why it is zero."""

    name: str
    kind: str
    gpu_hours: Numeric
    usd: Numeric
    days: Numeric
    note: str = ""


class Method(NamedTuple):
    """A method as lines that add up.

    `pairs` are usable preference pairs, `agreement` that of their labels with the preference that is meant.
    """

    name: str
    lines: tuple[Line, ...]
    pairs: Numeric
    agreement: Numeric

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return NAMES[self.name].long

    @property
    def usd(self) -> Numeric:
        """All lines [USD]."""
        return sum(line.usd for line in self.lines)

    @property
    def usd_without_staff(self) -> Numeric:
        """All lines but the days of staff: what is billed from outside, and GPU time [USD]."""
        return sum(line.usd for line in self.lines if line.kind != "staff")

    @property
    def gpu_hours(self) -> Numeric:
        """All lines [GPU-h]."""
        return sum(line.gpu_hours for line in self.lines)

    @property
    def days(self) -> Numeric:
        """All lines, one after the other [days]."""
        return sum(line.days for line in self.lines)

    @property
    def usd_per_effective_pair(self) -> Numeric:
        """Dollars for each pair's worth of information, errors taken as independent; infinite for a coin [USD]."""
        return labels.usd_per_effective_pair(self.usd, self.pairs, self.agreement)

    def line(self, name: str) -> Line:
        """Return one line by its name."""
        return next(line for line in self.lines if line.name == name)

    def amount(self, name: str) -> Numeric:
        """Return an amount of the method or of one of its lines, whose name has hyphens for spaces: "labels.usd"."""
        line, _, part = name.rpartition(".")
        if not line:
            return getattr(self, choice("amount", part, AMOUNTS))
        named = {each.name.replace(" ", "-"): each for each in self.lines}
        return getattr(named[choice("line", line, named)], choice("amount", part, ("gpu_hours", "usd", "days")))


Pricing: TypeAlias = Callable[[Values], Method]


def published(values: Values, work: "_Work | None" = None) -> Method:
    """Return self-rewarding as the article prices it: one flat speed, one length, nothing for what others gave.

    Examples
    --------
    >>> from costlib.facts import parameters
    >>> round(published(parameters.defaults()).usd, 8)
    279.74036357
    """
    cost = scenarios.synthetic_cost(values)
    calls = scenarios.inference_calls(values)
    per_call = cost.inference_usd / maximum(calls.total, 1e-9)
    amounts = (0 * per_call, cost.sft_usd, per_call * (calls.prompts + calls.responses), per_call * calls.judgments,
               cost.dpo_usd, 0 * per_call, 0 * per_call, 0 * per_call)  # fmt: skip
    kinds = ("seed", "train", "generate", "label", "train", "evaluate", "staff", "overhead")
    unpaid = {"seed data", "evaluation", "staff", "failed runs and sweeps"}
    lines = tuple(
        _on_gpus(name, kind, usd, values, NOT_COUNTED if name in unpaid else "")
        for name, kind, usd in zip(LINES, kinds, amounts, strict=True)
    )
    return Method("published", lines, scenarios.num_pairs(values), values["judge_agreement"])


def self_rewarding(values: Values, work: "_Work | None" = None) -> Method:
    """Return self-rewarding as the paper did it: the model writes prompts and answers and judges each three times."""
    work = work or _Work(values)
    labelled = labels.needed_for(work.pairs, values["unusable_share"])
    prompts = work.generated("candidates", labelled, 1, prompt=judge_prompt(values, answers=1),
                             written=values["question_tokens"])  # fmt: skip
    answers = work.generated("candidates", labelled, 4)
    judged = work.judged(labelled * 4, 3)
    candidates = prompts._replace(gpu_hours=prompts.gpu_hours + answers.gpu_hours, usd=prompts.usd + answers.usd,
                                  days=prompts.days + answers.days)  # fmt: skip
    lines = (work.seed(), work.sft, candidates, judged, work.dpo, work.evaluation(validated=True),
             work.staff(judge=True))  # fmt: skip
    return work.method("self-rewarding", lines, values["judge_agreement"])


def human_dpo(values: Values, work: "_Work | None" = None) -> Method:
    """Return DPO on pairs that people labelled."""
    work = work or _Work(values)
    lines = (work.seed(), work.sft, work.candidates, work.by_people(work.rated),
             work.dpo, work.evaluation(labelled_by_people=1), work.staff(people=True))  # fmt: skip
    return work.method("human-dpo", lines, values["human_agreement"])


def human_ppo(values: Values, work: "_Work | None" = None) -> Method:
    """Return RLHF: a reward model on pairs that people labelled, then PPO."""
    work = work or _Work(values)
    lines = (work.seed(), work.sft, work.candidates, work.by_people(work.rated),
             work.reward_model_and_ppo(), work.evaluation(labelled_by_people=1), work.staff(people=True))  # fmt: skip
    return work.method("human-ppo", lines, values["human_agreement"])


def rlaif(values: Values, work: "_Work | None" = None) -> Method:
    """Return DPO on pairs that a hosted judge labelled."""
    work = work or _Work(values)
    labelled = labels.needed_for(work.pairs, values["unusable_share"])
    lines = (work.seed(), work.sft, work.judged_candidates, work.by_judge(labelled), work.dpo,
             work.evaluation(validated=True), work.staff(judge=True))  # fmt: skip
    return work.method("rlaif", lines, values["judge_agreement"])


def hybrid(values: Values, work: "_Work | None" = None) -> Method:
    """Return DPO on pairs of which people label the hard share and a hosted judge the others.

    The judge's agreement is that on all pairs; on the easier ones that it keeps it is probably better, which is not
    counted.
    """
    work = work or _Work(values)
    share = values["hard_share"]
    easy = labels.needed_for(work.pairs * (1 - share), values["unusable_share"])
    people, judge = work.by_people(work.rated * share), work.by_judge(easy)
    both = Line("labels", "label", people.gpu_hours, people.usd + judge.usd, people.days + judge.days)
    candidates = work.candidates_of(easy + work.unlabelled * share)
    checks = work.evaluation(validated=True, labelled_by_people=share)
    lines = (work.seed(), work.sft, candidates, both, work.dpo, checks, work.staff(people=share > 0, judge=True))
    ends = values["human_agreement"], values["judge_agreement"]
    mixed = share * ends[0] + (1 - share) * ends[1]
    agreement = minimum(maximum(*ends), maximum(minimum(*ends), mixed))  # rounding leads beyond neither
    return work.method("hybrid", lines, agreement)


def _further(name: str, values: Values, work: "_Work | None" = None) -> Method:
    return further_methods.METHODS[name](values, work or _Work(values))


METHODS: dict[str, Callable[..., Method]] = {
    "human-ppo": human_ppo,
    "human-dpo": human_dpo,
    "published": published,
    "self-rewarding": self_rewarding,
    "rlaif": rlaif,
    "hybrid": hybrid,
    **{name: partial(_further, name) for name in further_methods.METHODS},
}
CHAPTERS = tuple(name for name in METHODS if name not in further_methods.METHODS)  # those that chapters compare


def offered(values: Values) -> tuple[str, ...]:
    """Return the methods that a scenario's own kind of task leaves in question, by name.

    Rewards of a program are out of the question for an open task, and so is copying a model that nobody lets you copy.

    >>> scenario = scenarios.complete({"task_kind": "verifiable"})
    >>> sorted(METHODS.keys() - set(offered(scenario)))
    ['distilled']
    """
    out = {"verifiable": values["task_kind"] == "open", "distilled": values["teacher_terms"] == "none"}
    return tuple(name for name in METHODS if not out.get(name))


def compare(values: Values, names: Iterable[str] | None = None) -> dict[str, Method]:
    """Return methods for one scenario, by name.

    Parameters
    ----------
    values : dict of every parameter, as of :func:`costlib.economics.scenarios.complete`; numbers may be arrays
    names : of :data:`METHODS`; None for :data:`CHAPTERS`, the ones that the chapters compare

    Examples
    --------
    >>> found = compare(scenarios.complete({}))
    >>> found["rlaif"].usd < found["human-dpo"].usd
    True
    """
    work, asked = _Work(values), CHAPTERS if names is None else choices("names", names, METHODS, "methods")
    return {name: METHODS[name](values, work) for name in asked}


def label_ratio(values: Values) -> Numeric:
    """Return people's cost over the cost of what replaces them: candidates and labels of the published method.

    Examples
    --------
    >>> from costlib.facts import parameters
    >>> low = label_ratio(parameters.defaults() | {"human_usd_per_pair": 0.30})
    >>> round(low, 1)
    22.7
    """
    synthetic = published(values)
    people = scenarios.num_pairs(values) * human_work.usd_per_comparison(values)
    return people / (synthetic.line("candidates").usd + synthetic.line("labels").usd)


def judge_prompt(values: Values, answers: Numeric = 2) -> Numeric:
    """Return the tokens that a judge reads in one call: as given, or its instructions, the question and the answers.

    Parameters
    ----------
    values : dict of every parameter
    answers : that it reads: two where it compares, one where it gives a score [-]

    Examples
    --------
    300 of instructions, 200 of the question, 450 of each answer:

    >>> judge_prompt(scenarios.complete({})), judge_prompt(scenarios.complete({"judge_prompt_tokens": 830}))
    (1400, 830)
    """
    given = values["judge_prompt_tokens"]
    pair = values["question_tokens"] + checked("answers", answers, "-") * values["answer_tokens"]
    return where(given > 0, given, values["judge_instruction_tokens"] + pair)


def judge_calls(values: Values) -> Numeric:
    """Return the calls of a hosted judge for each pair: as given, else one for each order of the answers [-].

    >>> judge_calls(scenarios.complete({})), judge_calls(scenarios.complete({"judge_calls_per_pair": 0.75}))
    (2, 0.75)
    """
    given = values["judge_calls_per_pair"]
    return where(given > 0, given, values["judge_orders"])


def _on_gpus(name: str, kind: str, usd: Numeric, values: Values, note: str = "") -> Line:
    """A line that is GPU time alone, from its dollars."""
    hours = usd / values["price_usd_per_gpu_hour"]
    return Line(name, kind, hours, usd, hours / values["policy_gpus"] / HOURS_PER_DAY, note)


def on_gpus(stage: str, values: Values, data: Data, **more: Any) -> Job:
    """Return a stage of a method as a job on the GPUs of a scenario, activations computed again.

    Parameters
    ----------
    stage : one of :data:`costlib.compute.job.STAGES`
    values : dict of every parameter; numbers may be arrays
    data : costlib.compute.stages.Data
    more : what the stage takes besides, such as samples

    Returns
    -------
    costlib.compute.job.Job
    """
    usual = _usual(choice("stage", stage, STAGES), values["policy_model"], values["cluster_gpu"])
    return usual._replace(
        data=data,
        setup=usual.setup._replace(gpus=values["policy_gpus"]),
        price_usd_per_gpu_hour=values["price_usd_per_gpu_hour"],
        more={**usual.more, **more},
    )


def trained(stage: str, values: Values, examples: Numeric = 1, epochs: Numeric = 1) -> Job:
    """Return a stage of training as a job on the GPUs of a scenario, with its lengths; PPO packs no sequences.

    Parameters
    ----------
    stage : "sft", "dpo", "rm" or "ppo"
    values : as for :func:`on_gpus`
    examples, epochs : as in :class:`costlib.compute.stages.Data`
    """
    work = checked("examples", examples, "examples"), values["question_tokens"], values["answer_tokens"]
    data = Data(*work, checked("epochs", epochs, "-"))
    if stage != "ppo":
        return on_gpus(stage, values, data._replace(fill=values["packing_fill"]))
    longest = catalog.assumption("longest-over-mean") * values["answer_tokens"]
    job = on_gpus(stage, values, data._replace(longest_tokens=longest), ppo_epochs=values["ppo_epochs"])
    return job._replace(reach=values["framework_reach"], generation_batch=values["rollout_batch"])


def settings(stage: str, values: Values) -> dict[str, Any]:
    """Return the options with which an estimate of a stage is that of the methods, beside model, GPUs, data and price.

    Parameters
    ----------
    stage : "sft", "dpo", "rm", "ppo" or "grpo"
    values : dict of every parameter

    Examples
    --------
    >>> settings("dpo", scenarios.complete({}))
    {'recompute': 'full', 'fill': 0.9}
    """
    held = OF_LOOPS if choice("stage", stage, STAGES[:-1]) in TAKES_TURNS else OF_TRAINING
    return {"recompute": "full"} | {option: values[name] for option, name in held.items()}


@cache
def _usual(stage: str, model: str, gpu: str) -> Job:
    """A job with the settings of all methods; its data, GPUs and price are to be replaced."""
    recompute: dict[str, Any] = {} if stage == "generate" else {"recompute": "full"}
    return job(stage, model, gpu, 1, 1, 1, 1, **recompute)


class _Work:
    """The lines that methods share, for one scenario."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.pairs = scenarios.num_pairs(values)
        self.unlabelled = human_work.unlabelled(values)
        self.rated = self.unlabelled * human_work.rated_share(values)  # those that people compare where people label
        self._one: dict[tuple[Any, ...], tuple[Line, Any]] = {}

    def cost(self, name: str, kind: str, *jobs: Job) -> Line:
        """A line of GPU time from jobs, which take longer than predicted by the factor of training or of generation."""
        factor = "gpu_time_factor" if kind == "train" else "generation_time_factor"
        costs, late = [each.cost() for each in jobs], self.values[factor]
        hours, usd = (late * sum(amounts) for amounts in zip(*((c.gpu_hours, c.usd) for c in costs), strict=True))
        return Line(name, kind, hours, usd, hours / self.values["policy_gpus"] / HOURS_PER_DAY)

    def seed(self) -> Line:
        """Demonstrations, the same in every method."""
        usd = self.values["num_sft_examples"] * self.values["seed_usd_per_example"]
        return Line("seed data", "seed", 0 * usd, usd, 0 * usd)

    def trained(self, stage: str, examples: Numeric, epochs: Numeric = 1) -> Job:
        """A stage of training as a job."""
        return trained(stage, self.values, examples, epochs)

    @cached_property
    def sft(self) -> Line:
        """Fine-tuning on the seed data."""
        work = self.values["num_sft_examples"], self.values["epochs"]
        return self.cost("fine-tuning", "train", trained("sft", self.values, *work))

    def generated(self, name: str, prompts: Numeric, answers: Numeric, prompt: Numeric | None = None,
                  written: Numeric | None = None) -> Line:  # fmt: skip
        """Answers that the model writes, all in one run: in proportion to the prompts, so that one is computed once."""
        values = self.values
        lengths = (values["question_tokens"] if prompt is None else prompt,
                   values["answer_tokens"] if written is None else written)  # fmt: skip
        key = tuple(id(each) if is_array(each) else each for each in (answers, *lengths))
        if key not in self._one:
            one = self.cost(name, "generate", on_gpus("generate", values, Data(1, *lengths), samples=answers))
            self._one[key] = one, (answers, lengths)  # held, so that no other array gets their id
        one = self._one[key][0]
        amounts = {part: prompts * getattr(one, part) for part in ("gpu_hours", "usd", "days")}
        return one._replace(name=name, **amounts)

    @cached_property
    def candidates(self) -> Line:
        """Two answers for each usable pair that is not in hand."""
        return self.candidates_of(self.unlabelled)

    @cached_property
    def judged_candidates(self) -> Line:
        """Two answers for each pair that a judge labels, unusable ones among them."""
        return self.candidates_of(labels.needed_for(self.pairs, self.values["unusable_share"]))

    def candidates_of(self, prompts: Numeric) -> Line:
        """Two answers to each prompt, by the model itself or by a hosted one, whose answers are not the model's own."""
        values, name = self.values, self.values["candidates"]
        if name == "own":
            return self.generated("candidates", prompts, 2)
        writer = judges.judges()[name]
        read, written = writer.usd_per_million_input, writer.usd_per_million_output
        if read is None or written is None:
            raise ValueError(f"candidates [-] must be a model whose price is known, got {name}")
        each = labels.hosted_label(values["question_tokens"], values["answer_tokens"], read, written,
                                   batch_discount=writer.batch_discount or 0)  # fmt: skip
        days = 2 * prompts / values["judge_calls_per_hour"] / HOURS_PER_DAY
        return Line("candidates", "generate", 0 * days, prompts * each, days)

    def judged(self, answers: Numeric, judgments: Numeric) -> Line:
        """Judgments of each answer by the model itself, or by another on the same GPUs, having read it once."""
        data = Data(answers, judge_prompt(self.values, answers=1), self.values["judge_answer_tokens"])
        judge = self.values | {"policy_model": scenarios.own_judge(self.values)}
        return self.cost("labels", "label", on_gpus("generate", judge, data, samples=judgments))

    def by_people(self, comparisons: Numeric, setup: Numeric = 1) -> Line:
        """Labels by people: dollars, and the days in which they work; `setup` is 0 where they were at work before."""
        values = self.values
        before = values["human_setup_days"] * setup
        made = human_work.judgements(comparisons, values)
        days = labels.annotation_days(made, human_work.minutes(values), values["annotators"],
                                      values["annotation_hours_per_day"], before)  # fmt: skip
        return Line("labels", "label", 0 * days, comparisons * human_work.label_usd(values), days)

    def by_judge(self, comparisons: Numeric) -> Line:
        """Labels by a hosted judge."""
        values = self.values
        price, calls = values["judge_usd_per_million_input"], judge_calls(values)
        read = price * (1 - values["judge_cached_share"] * (1 - values["judge_cached_price_ratio"]))
        written = values["judge_answer_tokens"] + values["judge_reasoning_tokens"]
        each = labels.hosted_label(judge_prompt(values), written, read, price * values["judge_output_price_ratio"],
                                   calls, batch_discount=values["batch_discount"])  # fmt: skip
        days = comparisons * calls / values["judge_calls_per_hour"] / HOURS_PER_DAY
        return Line("labels", "label", 0 * days, comparisons * each, days)

    @cached_property
    def dpo(self) -> Line:
        """DPO on all usable pairs."""
        return self.cost("training", "train", trained("dpo", self.values, self.pairs, self.values["epochs"]))

    def reward_model_and_ppo(self) -> Line:
        """A reward model on all usable pairs, then PPO on episodes of the same lengths."""
        reward = trained("rm", self.values, self.pairs, self.values["epochs"])
        return self.cost("training", "train", reward, trained("ppo", self.values, self.values["num_episodes"]))

    def evaluation(self, validated: bool = False, labelled_by_people: Numeric = 0) -> Line:
        """Comparisons that tell whether it worked, and those by people that tell whether its labels can be trusted.

        People, a judge or both compare for the evaluation. `validated` says that a judge labels, `labelled_by_people`
        is the share of the labels that are people's: they are audited, those in hand too, and who makes new ones needs
        no second set-up.
        """
        labelled = labelled_by_people > 0
        checks = human_work.of_checks(self.values, validated, labelled).checks
        usd, days = self.by_people(checks, setup=where(labelled & (self.unlabelled > 0), 0, 1))[3:5]
        if self.values["evaluation_by"] != "people":
            rated = labels.needed_for(human_work.evaluations(self.values), self.values["unusable_share"])
            judged = self.by_judge(rated)
            usd, days = usd + judged.usd, days + judged.days
        return Line("evaluation", "evaluate", 0 * usd, usd, days)

    def staff(self, people: Condition = False, judge: Condition = False) -> Line:
        """Days of an engineer and of a lead for people who label, a judge, or both; they lie within other lines'.

        A judge that only evaluates takes as many as one that labels.
        """
        usd = human_work.staff_usd(self.values, people, judge or self.values["evaluation_by"] != "people")
        return Line("staff", "staff", 0 * usd, usd, 0 * usd)

    def method(self, name: str, lines: tuple[Line, ...], agreement: Numeric) -> Method:
        """The method, with the runs that failed or tried settings."""
        extra = self.values["run_overhead"] - 1
        trained = [line for line in lines if line.kind == "train"]
        hours, usd, days = (extra * sum(part) for part in zip(*(line[2:5] for line in trained), strict=True))
        overhead = Line("failed runs and sweeps", "overhead", hours, usd, days)
        return Method(name, (*lines, overhead), self.pairs, agreement)
