"""Reinforcement learning as it is run: how long a pool of GPUs writes answers, and who waits for whom.

An engine with continuous batches fills the place of each finished answer, so that only the last answers of a round are
alone; a static batch runs until its longest answer ends. Pools that take turns add their times, asynchronous ones take
the time of the slower.

Sources: continuous batches over pages of cache :cite:`yu2022orca,kwon2023vllm`; pools of their own, and answers of
older weights :cite:`noukhovitch2024async`.
"""

import math
from typing import NamedTuple, Self

from costlib.base._arrays import Condition, Numeric, checked, is_array, maximum, minimum, require, where
from costlib.base.units import GB
from costlib.compute import inference, memory
from costlib.compute.architecture import Architecture
from costlib.compute.timing import Roofline


class Loop(NamedTuple):
    """How the parts of reinforcement learning lie in place and time.

    Parameters
    ----------
    rollout_gpus : GPUs of a pool of their own that write answers; None where one pool does all in turn [GPUs]
    staleness : steps that the weights which write may lie behind those that learn; 0 waits for each other [steps]
    partial_rollouts : True where an answer that is not finished is carried on in the next step
    speculative_tokens : tokens that a sequence gains in a decoding step, in the mean [tokens]
    rollout_tokens_per_second : of answers, measured by the reader on each GPU that writes; None predicts it [tokens/s]
    reward_seconds, reward_concurrency, reward_price : of one call of a rule, verifier or judge; calls side by side
        [s, -, USD]
    turns, tool_seconds, tool_concurrency, tool_price : calls of tools by an answer, seconds of each, calls side by
        side, price of each [-, s, -, USD]
    """

    rollout_gpus: Numeric | None = None
    staleness: Numeric = 0
    partial_rollouts: bool = False
    speculative_tokens: Numeric = 1
    rollout_tokens_per_second: Numeric | None = None
    reward_seconds: Numeric = 0
    reward_concurrency: Numeric = 64
    reward_price: Numeric = 0
    turns: Numeric = 0
    tool_seconds: Numeric = 0
    tool_concurrency: Numeric = 64
    tool_price: Numeric = 0

    def checked(self) -> Self:
        """Return the same, or raise a ValueError that names what is out of range."""
        for name, unit in (("staleness", "steps"), ("reward_seconds", "s"), ("turns", "calls"), ("tool_seconds", "s"),
                           ("reward_price", "USD per call"), ("tool_price", "USD per call")):  # fmt: skip
            checked(name, getattr(self, name), unit)
        for name in ("reward_concurrency", "tool_concurrency"):
            checked(name, getattr(self, name), "calls", low_is_allowed=False)
        require(checked("speculative_tokens", self.speculative_tokens, "tokens") >= 1,
                "speculative_tokens must be at least 1 [tokens], got {}", self.speculative_tokens)  # fmt: skip
        if self.rollout_tokens_per_second is not None:
            checked("rollout_tokens_per_second", self.rollout_tokens_per_second, "tokens/s", low_is_allowed=False)
        return self

    def calls(self, answers: Numeric) -> tuple[Numeric, Numeric]:
        """Return the seconds in which the answers of a step call their tools, and those of their rewards [s].

        One answer calls its tools in turn; of all answers as many calls go on as are allowed side by side.

        Parameters
        ----------
        answers : of a step [-]

        Examples
        --------
        1,000 answers of 3 calls of 2 s, 100 side by side: 60 s; a reward of 0.5 s each, 10 side by side: 50 s.

        >>> Loop(turns=3, tool_seconds=2, tool_concurrency=100, reward_seconds=0.5, reward_concurrency=10).calls(1000)
        (60.0, 50.0)
        """
        tools = self.turns * self.tool_seconds * maximum(1, answers / self.tool_concurrency)
        return tools, self.reward_seconds * maximum(1, answers / self.reward_concurrency)


OUTSIDE = "outside"  # the pool of what takes no GPU
# The line of a bill of each step; every other step is one of updates.
BILL = {
    "prefill": "rollouts", "decode": "rollouts", "tool calls": "tools", "tool prices": "tools",
    "reward calls": "rewards", "reward prices": "rewards", "reward": "rewards", "reference": "log-probabilities",
    "mismatched pairs": "log-probabilities", "old log-probabilities": "log-probabilities",
    "teacher log-probabilities": "log-probabilities", "value": "values", "weight sync": "weight sync",
    "waits": "waits", "labels": "labels",
}  # fmt: skip


class BillLine(NamedTuple):
    """A line of the bill of a run: `hours` of the wall on a pool; `kwh` is None without the power of the GPU.

    Calls and labels that are paid one by one are on the pool "outside".
    """

    name: str
    pool: str
    hours: Numeric
    gpu_hours: Numeric
    usd: Numeric
    kwh: Numeric | None
    calls: Numeric = 0


class Lengths(NamedTuple):
    """Tokens of prompts and answers: means, and the longest answer; `samples` answers share a prompt [tokens, -]."""

    prompt: Numeric
    mean: Numeric
    longest: Numeric
    samples: Numeric = 1


class Group(NamedTuple):
    """GPUs that share a copy of the model, and how an engine writes on them: bits of weights and of cached values.

    `paged` engines fill the place of a finished answer, `kept` is the share of an answer for which they keep room.
    """

    rates: Roofline
    paged: bool = True
    kept: Numeric = 0.5
    ranks: Numeric = 1
    bits: int = 16
    kv_bits: Numeric = 16
    speculative_tokens: Numeric = 1


class Writing(NamedTuple):
    """Seconds in which one group writes its answers: prompts read, tokens written with full batches, the last alone."""

    prefill: Numeric
    full: Numeric
    tail: Numeric

    @property
    def seconds(self) -> Numeric:
        """All of it [s]."""
        return self.prefill + self.full + self.tail


def kept(lengths: Lengths, share: Numeric, sequences: Numeric = 1) -> Numeric:
    """Return the tokens of cache that each of some sequences takes: of pages those written, in the mean over its time.

    An engine that keeps room for whole answers keeps it for the longest; there is room for one such answer anyhow.

    Parameters
    ----------
    lengths : Lengths
    share : of an answer for which there is room, 0.5 where pages are taken as it grows, 1 the whole [fraction]
    sequences : at a time [-]

    Examples
    --------
    >>> lengths = Lengths(100, 400, 1000)
    >>> kept(lengths, 0.5, 8), kept(lengths, 0.5), kept(lengths, 1)
    (300.0, 1100.0, 1100)
    """
    whole = lengths.prompt + lengths.longest
    if share >= 1:
        return whole
    return minimum(whole, maximum(lengths.prompt + share * lengths.mean, whole / maximum(1, sequences)))


def room(model: Architecture, lengths: Lengths, group: Group) -> Numeric:
    """Return the most answers that a group writes at a time with the memory to itself [-].

    Infinite where not one fits: what is short is memory, which says so, and time is then as if any number did.
    """
    length = kept(lengths, group.kept, 1e9)
    found = inference.largest_batch(
        model, group.rates.hbm_gb, length, group.ranks, group.bits, group.kv_bits, group.rates.coefficients
    )
    return where(found < 1, math.inf, found)


def writing(model: Architecture, lengths: Lengths, group: Group, answers: Numeric, at_a_time: Numeric) -> Writing:
    """Return the time in which a group of GPUs writes some answers.

    With pages the batch is full while there are answers to begin; then the longest goes on alone. That is exact for a
    step whose time is a straight line in its batch: such a line's slope counts all tokens, its start the longest.
    Without pages each batch waits for its longest answer, while the number of sequences in it falls.

    Parameters
    ----------
    model : Architecture
    lengths : Lengths
    group : Group
    answers : that this group has to write, at least 1 [-]
    at_a_time : most of them that it writes at a time, at least 1 [-]

    Returns
    -------
    Writing [s]

    Examples
    --------
    The longest answer adds its own time, not that of a batch:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> llama, group = find("llama-3.1-8b"), Group(roofline("h100-sxm-80gb"))
    >>> equal, mixed = (writing(llama, Lengths(100, 500, top), group, 256, 128).seconds for top in (500, 2000))
    >>> alone = writing(llama, Lengths(100, 2000, 2000), group, 1, 1).seconds
    >>> equal < mixed < equal + alone
    True
    """
    batch = minimum(answers, at_a_time)
    rounds = answers / batch
    bits = group.ranks, group.bits, group.kv_bits
    prompts = batch / lengths.samples
    prefill = inference.prefill_seconds(model, group.rates, prompts, lengths.prompt, group.ranks) * rounds
    steps = lengths.mean if group.paged else lengths.longest
    active = batch * lengths.mean / where(steps > 0, steps, 1)
    active = maximum(active, 1 if group.paged else 1e-9)
    step = inference.decode_step(model, group.rates, active, lengths.prompt + lengths.mean / 2, *bits).seconds
    gained = group.speculative_tokens
    tail: Numeric = 0 * steps
    if group.paged and _any(lengths.longest > lengths.mean):
        context = lengths.prompt + (lengths.mean + lengths.longest) / 2
        alone = inference.decode_step(model, group.rates, 1, context, *bits).seconds
        tail = (lengths.longest - lengths.mean) * alone / gained
    return Writing(prefill, rounds * steps * step / gained, tail)


class Pools(NamedTuple):
    """Seconds in a run: work of the pool that writes and of the one that learns, and what holds both up."""

    rollout: Numeric
    train: Numeric
    both: Numeric = 0

    def wall(self, steps: Numeric, staleness: Numeric) -> Numeric:
        """Return the wall time of split pools [s].

        Parameters
        ----------
        steps : of the run [-]
        staleness : 0 where each pool waits for the other; else the slower pool governs, and only the first answers
            and the last update are alone [steps]

        Examples
        --------
        100 steps of 30 s of writing and 20 s of learning:

        >>> Pools(3000, 2000).wall(100, 0), Pools(3000, 2000).wall(100, 1)
        (5000, 3020.0)
        """
        quick = minimum(self.rollout, self.train)
        alone = where(staleness >= 1, quick / maximum(1, steps), quick)
        return maximum(self.rollout, self.train) + alone + self.both


def behind(writing: Writing, staleness: Numeric, partial: bool) -> Numeric:
    """Return the seconds of a step's answers where pools run apart: tails of one step lie under answers of the next.

    With k steps of staleness an answer may take k steps, so that a step takes at least that part of it.

    >>> behind(Writing(1, 9, 20), 1, False), behind(Writing(1, 9, 20), 2, False), behind(Writing(1, 9, 20), 4, False)
    (30.0, 15.0, 10)
    """
    body = writing.prefill + writing.full
    if partial:
        return body
    return where(staleness >= 1, maximum(body, writing.seconds / maximum(1, staleness)), writing.seconds)


def sync_seconds(model: Architecture, rates: Roofline, engine_apart: bool, trained: Numeric | None = None) -> Numeric:
    """Return the seconds in which the weights of an update reach the engine that writes with them.

    Parameters
    ----------
    model : Architecture
    rates : Roofline
    engine_apart : False where the training program itself writes, with its own weights
    trained : parameters of adapters, where these alone travel [parameters]
    """
    if not engine_apart:
        return 0
    size = memory.weights(model) if trained is None else 2 * trained
    return size / (rates.coefficients["weight-sync"] * GB)


def _any(condition: Condition) -> bool:
    return bool(condition.any()) if is_array(condition) else bool(condition)
