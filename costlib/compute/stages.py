"""The stages of alignment, each as tokens, FLOPs, GPU-hours and dollars by sub-step.

Supervised fine-tuning, reward-model training, DPO, PPO and its variant without a critic (GRPO), generation and judging.
FLOPs come from the architecture; time from one flat speed or from the roofline of a GPU. Every number may be an array.

Sources: the steps of PPO :cite:`ouyang2022instructgpt,schulman2017ppo`, of DPO :cite:`rafailov2023dpo`, of GRPO
:cite:`shao2024grpo`; the FLOPs of a pass as in :mod:`costlib.compute.architecture`, its time as in
:mod:`costlib.compute.timing`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, Self, TypeAlias

from costlib.base._arrays import Numeric, checked, floor, maximum, minimum, require, where
from costlib.base.units import FLOPS_INFERENCE, FLOPS_TRAINING, SECONDS_PER_HOUR
from costlib.compute import engines, memory, rollouts, timing
from costlib.compute.architecture import Architecture, Flops, forward, lora_parameters

WRITING = ("prefill", "decode")  # steps of generation
GAE_FLOPS = 10  # per token: one residual, one discounted sum, one clipped ratio; negligible, and counted to show it


class Data(NamedTuple):
    """What a stage works on.

    Parameters
    ----------
    examples : examples, pairs or prompts [-]
    prompt_tokens, response_tokens : of one sequence, mean [tokens]
    epochs : passes over the data [-]
    fill : share of the computed positions that hold a token: 1 packed, less with padding [fraction]
    longest_tokens : of the longest response of a step that generates; None if all are equal [tokens]
    document_tokens : of the documents that are packed into a sequence and do not see each other; None for one [tokens]
    """

    examples: Numeric
    prompt_tokens: Numeric
    response_tokens: Numeric
    epochs: Numeric = 1
    fill: Numeric = 1
    longest_tokens: Numeric | None = None
    document_tokens: Numeric | None = None

    def checked(self) -> Self:
        """Return the same, or raise a ValueError that names what is out of range."""
        for name, unit in zip(self._fields[:4], ("examples", "tokens", "tokens", "passes"), strict=True):
            checked(name, getattr(self, name), unit)
        require(checked("fill", self.fill, "fraction", low_is_allowed=False) <= 1,
                "fill must be above 0 and at most 1 [fraction], got {}", self.fill)  # fmt: skip
        require(
            self.length >= 1, "prompt_tokens and response_tokens must come to at least 1 [tokens], got {}", self.length
        )
        if self.longest_tokens is not None:
            longest = checked("longest_tokens", self.longest_tokens, "tokens")
            require(longest >= self.response_tokens, "longest_tokens must be at least response_tokens [tokens], got {} "
                    "and {}", longest, self.response_tokens)  # fmt: skip
        return self

    @property
    def length(self) -> Numeric:
        """Prompt and response [tokens]."""
        return self.prompt_tokens + self.response_tokens

    @property
    def document(self) -> Numeric:
        """Tokens that attend to each other [tokens]."""
        return self.length if self.document_tokens is None else minimum(self.length, self.document_tokens)

    @property
    def longest(self) -> Numeric:
        """Prompt and the longest response [tokens]."""
        return self.prompt_tokens + (self.response_tokens if self.longest_tokens is None else self.longest_tokens)


class Run(NamedTuple):
    """Where and how a stage runs.

    Parameters
    ----------
    speed : costlib.compute.timing.FlatSpeed or Roofline
    setup : costlib.compute.memory.Setup: GPUs, sharding, recomputation, adapters, sequences at a time
    price_usd_per_gpu_hour : [USD per GPU-hour]; with None all dollars are NaN
    attention : "full" counts the whole square of a sequence, of layers with a window what a flash kernel does not skip;
        "causal" the half that is needed
    generation_parallel : GPUs that share one copy of a model that generates [GPUs]
    generation_batch : sequences generated at a time on all GPUs together [-]
    reach : share of the roofline's speed that the software reaches; None takes 1 for stages of one model at a time,
        and for PPO and GRPO the coefficients rl-update-fraction and, while writing, that of the engine [fraction]
    weight_bits, kv_bits : of the weights of a model that generates, and of each cached key and value [bits]
    engine : that writes answers, a row of engines.csv
    loop : costlib.compute.rollouts.Loop, where PPO and GRPO write, and who waits for what
    step_answers : responses of one step of PPO or GRPO; None takes generation_batch [-]
    rollout_reach : share of the roofline's speed that an engine reaches; None takes `reach` [fraction]
    """

    speed: timing.FlatSpeed | timing.Roofline
    setup: memory.Setup = memory.Setup()
    price_usd_per_gpu_hour: Numeric | None = 0.0
    attention: str = "full"
    generation_parallel: Numeric = 1
    generation_batch: Numeric = 512
    reach: Numeric | None = None
    weight_bits: int = 16
    kv_bits: Numeric = 16
    engine: str = "vllm"
    loop: rollouts.Loop = rollouts.Loop()
    step_answers: Numeric | None = None
    rollout_reach: Numeric | None = None

    def looped(self) -> Self:
        """Return the same for a stage that writes answers and learns from them, step by step."""
        run = self if self.step_answers is not None else self._replace(step_answers=self.generation_batch)
        run.loop.checked()
        if self.reach is not None or isinstance(self.speed, timing.FlatSpeed):
            return run
        known = self.speed.coefficients
        reached = known[engines.find(self.engine).rollout] if self.rollout_reach is None else self.rollout_reach
        return run._replace(reach=known["rl-update-fraction"], rollout_reach=reached)

    @property
    def writers(self) -> Numeric:
        """GPUs of the pool that writes answers [GPUs]."""
        return self.setup.gpus if self.loop.rollout_gpus is None else self.loop.rollout_gpus


class Step(NamedTuple):
    """A sub-step: `tokens` pass, `flops` are computed, `flat_flops` is the count by 2N, 6N or 16N.

    `pool` is "all" where one pool of GPUs does all in turn, else "rollout" or "train", and "outside" for `calls` and
    labels that are paid one by one.
    """

    name: str
    model: str
    tokens: Numeric
    flops: Numeric
    flat_flops: Numeric
    gpu_hours: Numeric
    usd: Numeric
    pool: str = "all"
    calls: Numeric = 0


Steps: TypeAlias = tuple[Step, ...]


class StageCost(NamedTuple):
    """What a stage takes: its data's tokens, and its steps, which add up."""

    tokens: Numeric
    steps: Steps

    @property
    def flops(self) -> Numeric:
        """All FLOPs [FLOPs]."""
        return sum(step.flops for step in self.steps)

    @property
    def flat_flops(self) -> Numeric:
        """FLOPs by the flat factors per parameter and token [FLOPs]."""
        return sum(step.flat_flops for step in self.steps)

    @property
    def gpu_hours(self) -> Numeric:
        """All GPU-hours [GPU-h]."""
        return sum(step.gpu_hours for step in self.steps)

    @property
    def usd(self) -> Numeric:
        """All dollars, of GPU-hours, calls and labels [USD]."""
        return sum(step.usd for step in self.steps)

    @property
    def gpu_usd(self) -> Numeric:
        """Dollars of the GPU-hours alone, without calls and labels [USD]."""
        return sum(step.usd for step in self.steps if step.pool != rollouts.OUTSIDE)

    def share(self, *names: str) -> Numeric:
        """Return the share of the GPU-hours that the steps with these names take [fraction].

        `generate` names both phases of generation.
        """
        wanted = set(WRITING) if names == ("generate",) else set(names)
        chosen = sum(step.gpu_hours for step in self.steps if step.name in wanted)
        return chosen / where(self.gpu_hours > 0, self.gpu_hours, 1)


def sft(model: Architecture, data: Data, run: Run) -> StageCost:
    """Return what supervised fine-tuning takes.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    data : Data; `examples` are prompts with one response
    run : Run

    Returns
    -------
    StageCost : forward and backward passes over examples x length x epochs tokens

    Raises
    ------
    ValueError : for values out of range or settings that the model does not allow

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import FlatSpeed
    >>> cost = sft(find("llama-2-70b"), Data(64000, 0, 4096), Run(FlatSpeed(135.6), price_usd_per_gpu_hour=2.5))
    >>> f"{cost.flops:.4e} FLOPs, {cost.gpu_hours:.1f} GPU-hours, ${cost.usd:.0f}"
    '1.1652e+20 FLOPs, 238.7 GPU-hours, $597'
    """
    sequences = data.checked().examples * data.epochs
    return StageCost(sequences * data.length, (_train("train", "policy", model, data, run, sequences),))


def reward_model(model: Architecture, data: Data, run: Run, shared_prompt: bool = False) -> StageCost:
    """Return what training a reward model on pairs takes.

    Parameters
    ----------
    model : Architecture with a scalar head
    data : Data; `examples` are pairs
    run : Run
    shared_prompt : True where both responses of a pair are packed behind one prompt

    Returns
    -------
    StageCost : both responses of each pair pass forward and backward
    """
    pairs = data.checked().examples * data.epochs
    if shared_prompt:
        return StageCost(
            pairs * (data.prompt_tokens + 2 * data.response_tokens), (_train_packed(model, data, run, pairs),)
        )
    return StageCost(2 * pairs * data.length, (_train("train", "reward", model, data, run, 2 * pairs),))


def dpo(model: Architecture, data: Data, run: Run, cached_reference: bool = False, reference: bool = True,
        paired: bool = True, more_forwards: Numeric = 0) -> StageCost:  # fmt: skip
    """Return what direct preference optimisation takes.

    Parameters
    ----------
    model : Architecture
    data : Data; `examples` are pairs
    run : Run
    cached_reference : True where the reference scores each pair once instead of in each epoch
    reference : False for losses without one
    paired : False where each example is one response
    more_forwards : passes besides, of policy and reference together, for each sequence [-]

    Returns
    -------
    StageCost : the policy trains on both responses of each pair, the frozen reference scores them

    Examples
    --------
    8 FLOPs per parameter and token instead of 6, 16 instead of 6 per position of a pair:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import FlatSpeed
    >>> data, run = Data(1000, 0, 2048), Run(FlatSpeed(100))
    >>> ratio = dpo(find("llama-2-7b"), data, run).flops / sft(find("llama-2-7b"), data, run).flops
    >>> round(ratio, 3), round(ratio / 2, 3)
    (2.667, 1.333)
    """
    sequences = (2 if paired else 1) * data.checked().examples
    scored = sequences * (1 if cached_reference else data.epochs)
    steps: Steps = (_score("reference", "reference", model, data, run, scored),) if reference else ()
    if more_forwards:
        steps += (_score("mismatched pairs", "policy", model, data, run, sequences * data.epochs * more_forwards),)
    steps += (_train("train", "policy", model, data, run, sequences * data.epochs),)
    return StageCost(sequences * data.epochs * data.length, steps)


def generate(model: Architecture, data: Data, run: Run, samples: Numeric = 1,
             reward: Architecture | None = None) -> StageCost:  # fmt: skip
    """Return what generating responses takes: reading the prompts, then a token at a time, and rewarding them.

    Parameters
    ----------
    model : Architecture
    data : Data; `examples` are prompts
    run : Run; a flat speed charges decoding like any other FLOPs, as the article does
    samples : responses to each prompt, which is read once for all of them [-]
    reward : Architecture of a model that picks among them; None where none does
    """
    samples = checked("samples", samples, "responses per prompt", low_is_allowed=False)
    answers = data.checked().examples * data.epochs * samples
    steps = _generate("policy", model, data, run, answers, samples) + _rewarded(reward, data, run, answers, answers)
    return StageCost(answers * data.length, steps + _called(run, answers, "all"))


def judge(model: Architecture, data: Data, run: Run, judgments: Numeric = 1) -> StageCost:
    """Return what judging responses takes: `examples` calls with a prompt and a written judgment of each length.

    Parameters
    ----------
    model : Architecture
    data : Data; `examples` are responses to be judged, with the tokens that the judge reads and those that it writes
    run : Run
    judgments : sampled for each response [-]
    """
    judgments = checked("judgments", judgments, "judgments per response", low_is_allowed=False)
    calls = data.checked().examples * data.epochs * judgments
    return StageCost(calls * data.length, _generate("judge", model, data, run, calls, judgments))


def ppo(actor: Architecture, data: Data, run: Run, critic: Architecture | None = None,
        reward: Architecture | None = None, samples: Numeric = 1, ppo_epochs: Numeric = 1, score_again: bool = False,
        ptx_tokens: Numeric = 0, shared_critic: bool = False, reference: bool = True,
        kept_share: Numeric = 1, rule: bool = False) -> StageCost:  # fmt: skip
    """Return what proximal policy optimisation takes, by sub-step.

    Parameters
    ----------
    actor : Architecture of policy and reference
    data : Data; `examples` are prompts, `epochs` passes over them
    run : Run
    critic, reward : Architecture of each; None takes the actor's trunk with a scalar head
    samples : responses to each prompt [-]
    ppo_epochs : passes of the updates over each batch of responses [-]
    score_again : True where the actor scores its responses once more for the old log-probabilities
    ptx_tokens : pre-training tokens trained on for each token of an episode, as in PPO-ptx [-]
    shared_critic : True where the critic is a value head on the actor's trunk
    reference : False where none is held
    kept_share : of the responses that are written, those that are learned from [fraction]
    rule : True where a rule or a call gives the reward, and no model

    Returns
    -------
    StageCost : prefill and decode, reward, reference, value, advantages, updates of actor and critic, pre-training mix

    Examples
    --------
    Per parameter and token 2 to generate, 2 each for reward, reference and value, 6 each for the updates:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import FlatSpeed
    >>> cost = ppo(find("llama-2-7b"), Data(100, 256, 256), Run(FlatSpeed(100)))
    >>> round(cost.flat_flops / cost.tokens / find("llama-2-7b").parameters, 1)
    19.8
    """
    run = run.looped()
    critic = actor.with_scalar_head() if critic is None else critic
    rewarded = None if rule else reward or actor.with_scalar_head()
    episodes, kept, steps = _rollout(actor, data, run, samples, score_again, rewarded, reference, kept_share)
    updates = kept * checked("ppo_epochs", ppo_epochs, "passes")
    if not shared_critic:
        steps += (_score("value", "critic", critic, data, run, kept),)
    steps += (_advantages(data, run, kept), _train("update actor", "actor", actor, data, run, updates))
    if not shared_critic:
        steps += (_train("update critic", "critic", critic, data, run, updates),)
    mixed = checked("ptx_tokens", ptx_tokens, "tokens per token")
    if not isinstance(mixed, (int, float)) or mixed:
        steps += (_train("pre-training mix", "actor", actor, data, run, updates * mixed),)
    return StageCost(episodes * data.length, _laid_out(actor, run, steps, episodes))


def grpo(actor: Architecture, data: Data, run: Run, reward: Architecture | None = None, samples: Numeric = 8,
         ppo_epochs: Numeric = 1, score_again: bool = True, reference: bool = True,
         kept_share: Numeric = 1) -> StageCost:  # fmt: skip
    """Return what group relative policy optimisation takes: PPO without a critic.

    Parameters
    ----------
    actor, data, run, ppo_epochs, score_again, reference, kept_share : as for :func:`ppo`
    reward : Architecture of the model that scores responses: a reward model, or the teacher of a distillation; None
        where a rule or a call gives the reward
    samples : responses to each prompt, the group [-]
    """
    run = run.looped()
    episodes, kept, steps = _rollout(actor, data, run, samples, score_again, reward, reference, kept_share)
    updates = kept * checked("ppo_epochs", ppo_epochs, "passes")
    steps += (_advantages(data, run, kept), _train("update actor", "actor", actor, data, run, updates))
    return StageCost(episodes * data.length, _laid_out(actor, run, steps, episodes))


def _laid_out(actor: Architecture, run: Run, steps: Steps, episodes: Numeric) -> Steps:
    """The steps of a loop with their pools, and with calls, what holds up both pools, and what each waits."""
    loop, updates = run.loop, episodes / _step_answers(run, episodes)
    one, learners, writers = loop.rollout_gpus is None, run.setup.gpus, run.writers
    pools = ("all", "all") if one else ("train", "rollout")
    steps = tuple(step._replace(pool=pools[step.name in WRITING]) for step in steps)
    steps += _called(run, episodes, pools[1])
    both: Numeric = 0 * episodes
    if not isinstance(run.speed, timing.FlatSpeed):
        adapters = run.setup.lora_rank
        trained = None if adapters is None else lora_parameters(actor, adapters, run.setup.lora_targets)
        apart = not one or engines.find(run.engine).batching == "continuous"
        sync = rollouts.sync_seconds(actor, run.speed, apart, trained)
        both = updates * (sync + (run.speed.coefficients["step-overhead"] if apart else 0))
        steps += (_held("weight sync", run, both, learners if one else learners + writers, "all"),)
    if one:
        return steps
    busy = [sum(step.gpu_hours for step in steps if step.pool == pool) * SECONDS_PER_HOUR for pool in pools]
    spent = rollouts.Pools(busy[1] / writers, busy[0] / learners, both)
    wall = spent.wall(updates, loop.staleness)
    idle = zip((spent.train, spent.rollout), (learners, writers), pools, strict=True)
    return (*steps, *(_held("waits", run, wall - both - each, gpus, pool) for each, gpus, pool in idle))


def _held(name: str, run: Run, seconds: Numeric, gpus: Numeric, pool: str) -> Step:
    """Seconds of the clock in which GPUs wait, as a step."""
    none = 0 * seconds
    return Step(name, "-", none, none, none, *_price(seconds * gpus, run._replace(reach=None)), pool)


def _called(run: Run, answers: Numeric, pool: str) -> Steps:
    """Calls of tools and of what rewards answers: GPUs that write wait for those of each step, and each has a price."""
    loop, each = run.loop, _step_answers(run, answers)
    steps: Steps = ()
    often = {"tool": (loop.turns, loop.tool_seconds, loop.tool_price),
             "reward": (1, loop.reward_seconds, loop.reward_price)}  # fmt: skip
    for (what, (times, seconds, price)), waits in zip(often.items(), loop.calls(each), strict=True):
        if _some(times * seconds):
            steps += (_held(f"{what} calls", run, waits * (answers / each), run.writers, pool),)
        if _some(times * price):
            steps += (paid(f"{what} prices", times * answers, price),)
    return steps


def paid(name: str, calls: Numeric, price: Numeric) -> Step:
    """Return calls or labels that are paid one by one, as a step that takes no GPU.

    >>> paid("labels", 1000, 0.5).usd
    500.0
    """
    none = 0 * calls * price
    return Step(name, "-", none, none, none, none, calls * price, rollouts.OUTSIDE, calls)


def _step_answers(run: Run, answers: Numeric) -> Numeric:
    """Answers of a step, no more than there are; all where nothing learns from them."""
    least = where(answers > 0, answers, 1)
    if run.step_answers is None:
        return least
    return minimum(checked("generation_batch", run.step_answers, "sequences", low_is_allowed=False), least)


def _some(value: Numeric) -> bool:
    return not isinstance(value, (int, float)) or value > 0


def _rollout(actor: Architecture, data: Data, run: Run, samples: Numeric, score_again: bool,
             reward: Architecture | None, reference: bool,
             kept_share: Numeric) -> tuple[Numeric, Numeric, Steps]:  # fmt: skip
    """Responses, those learned from, and the steps before an update: all are rewarded, the others are not scored."""
    samples = checked("samples", samples, "responses per prompt", low_is_allowed=False)
    episodes = data.checked().examples * data.epochs * samples
    kept = episodes * checked("kept_share", kept_share, "fraction", low_is_allowed=False)
    steps = _generate("actor", actor, data, run, episodes, samples)
    if reference:
        steps += (_score("reference", "reference", actor, data, run, kept),)
    if score_again:
        steps += (_score("old log-probabilities", "actor", actor, data, run, kept),)
    return episodes, kept, steps + _rewarded(reward, data, run, episodes, kept)


def _rewarded(model: Architecture | None, data: Data, run: Run, answers: Numeric, kept: Numeric) -> Steps:
    """A pass of a reward model over answers, or of a teacher, whose log-probabilities reward, over those kept."""
    if model is None:
        return ()
    if model.scalar_head:
        return (_score("reward", "reward", model, data, run, answers),)
    return (_score("teacher log-probabilities", "teacher", model, data, run, kept),)


def _counted(run: Run) -> str:
    return "band" if run.attention == "full" and run.setup.attention_kernel != "eager" else run.attention


def _train(name: str, role: str, model: Architecture, data: Data, run: Run, sequences: Numeric) -> Step:
    """A forward and backward pass over sequences, as one sub-step."""
    run.setup.checked(model)
    passes, length = sequences / data.fill * data.length / data.document, data.document
    return _passed(
        name, role, model, data, run, sequences, lambda how: timing.work(model, run.setup, passes, length, how)
    )


def _train_packed(model: Architecture, data: Data, run: Run, pairs: Numeric) -> Step:
    """Training on pairs whose answers stand behind one prompt and do not see each other."""
    run.setup.checked(model)
    passes = pairs / data.fill

    def flops(how: str) -> Flops:
        prompt = timing.work(model, run.setup, passes, data.prompt_tokens, how)
        return prompt + timing.work(model, run.setup, 2 * passes, data.response_tokens, how, data.prompt_tokens)

    packed = data._replace(response_tokens=2 * data.response_tokens)
    return _passed("train", "reward", model, packed, run, pairs, flops)


def _score(name: str, role: str, model: Architecture, data: Data, run: Run, sequences: Numeric) -> Step:
    """A forward pass over sequences, as one sub-step."""
    run.setup.checked(model)
    passes, length = sequences / data.fill * data.length / data.document, data.document
    return _passed(name, role, model, data, run, sequences, lambda how: forward(model, passes, length, attention=how),
                   FLOPS_INFERENCE)  # fmt: skip


def _passed(name: str, role: str, model: Architecture, data: Data, run: Run, sequences: Numeric,
            flops: Callable[[str], Flops], factor: Numeric = FLOPS_TRAINING) -> Step:  # fmt: skip
    """Sequences that pass in micro-batches, as one sub-step: FLOPs as they are counted, time as the kernel has them."""
    told, setup = flops(_counted(run)), run.setup
    if isinstance(run.speed, timing.FlatSpeed):
        seconds = run.speed.seconds(told.total)
    else:
        batches = sequences / data.fill / setup.micro_batch
        done = told if _counted(run) == timing.counted(setup) else flops(timing.counted(setup))
        one = done * (1 / where(batches > 0, batches, 1))
        passed = timing.trained if factor == FLOPS_TRAINING else timing.scored
        seconds = passed(model, setup, run.speed, one, data.length) * batches
    return _step(name, role, sequences * data.length, told, factor, model, seconds, run)


def _generate(role: str, model: Architecture, data: Data, run: Run, answers: Numeric, samples: Numeric) -> Steps:
    """Prefill and decode, as two sub-steps."""
    prompts = answers / samples
    read = forward(model, prompts, data.prompt_tokens, attention=_counted(run))
    written = forward(model, answers, data.response_tokens, cached=data.prompt_tokens, attention="causal")
    if isinstance(run.speed, timing.FlatSpeed):
        seconds = run.speed.seconds(read.total), run.speed.seconds(written.total)
    else:
        seconds = _generation_seconds(model, data, run, run.speed, answers, samples)
    run = run if run.rollout_reach is None else run._replace(reach=run.rollout_reach)
    return (
        _step("prefill", role, prompts * data.prompt_tokens, read, FLOPS_INFERENCE, model, seconds[0], run),
        _step("decode", role, answers * data.response_tokens, written, FLOPS_INFERENCE, model, seconds[1], run),
    )


def _generation_seconds(model: Architecture, data: Data, run: Run, rates: timing.Roofline, answers: Numeric,
                        samples: Numeric) -> tuple[Numeric, Numeric]:  # fmt: skip
    """GPU-seconds of both phases: the answers of each step, or in full batches where nothing learns from them."""
    ranks = checked("generation_parallel", run.generation_parallel, "GPUs", low_is_allowed=False)
    loop, step = run.loop, _step_answers(run, answers)
    wanted = checked("generation_batch", run.generation_batch, "sequences", low_is_allowed=False)
    # GPUs that make up no whole group, or whose group has nothing to write, stand idle and are paid.
    groups = minimum(maximum(1, floor(run.writers / ranks)), maximum(1, wanted))
    rounds = answers / step
    if loop.rollout_tokens_per_second is not None:
        # GPU-seconds of the reader's own, whatever the software reaches otherwise.
        reach = 1 if run.rollout_reach is None else run.rollout_reach
        return 0 * answers, answers * data.response_tokens / loop.rollout_tokens_per_second * reach
    lengths = rollouts.Lengths(data.prompt_tokens, data.response_tokens, data.longest - data.prompt_tokens, samples)
    engine = engines.find(run.engine)
    group = rollouts.Group(engines.rates(rates, run.engine), engine.batching == "continuous", engine.kept, ranks,
                           run.weight_bits, run.kv_bits, loop.speculative_tokens)  # fmt: skip
    at_a_time = maximum(1, minimum(wanted / groups, rollouts.room(model, lengths, group)))
    each = maximum(1 if run.step_answers is not None else at_a_time, step / groups)
    spent = rollouts.writing(model, lengths, group, each, at_a_time)
    whole = spent.seconds if run.step_answers is None else rollouts.behind(spent, loop.staleness, loop.partial_rollouts)
    paid = run.writers * (rounds if run.step_answers is not None else answers / groups / each)
    return spent.prefill * paid, (whole - spent.prefill) * paid


def _advantages(data: Data, run: Run, episodes: Numeric) -> Step:
    tokens = episodes * data.response_tokens
    flops = GAE_FLOPS * tokens
    # On a roofline this is a few bytes for each token: nothing beside the passes.
    seconds = run.speed.seconds(flops) if isinstance(run.speed, timing.FlatSpeed) else flops / run.speed.peak
    return Step("advantages", "-", tokens, flops, 0 * tokens, *_price(seconds, run))


def _step(name: str, role: str, tokens: Numeric, flops: Flops, factor: Numeric, model: Architecture, seconds: Numeric,
          run: Run) -> Step:  # fmt: skip
    flat = factor * model.parameters_active * tokens
    return Step(name, role, tokens, flops.total, flat, *_price(seconds, run))


def _price(seconds: Numeric, run: Run) -> tuple[Numeric, Numeric]:
    reach = 1 if run.reach is None else checked("reach", run.reach, "fraction", low_is_allowed=False)
    hours = seconds / reach / SECONDS_PER_HOUR
    if run.price_usd_per_gpu_hour is None:
        return hours, hours * math.nan
    return hours, hours * checked("price_usd_per_gpu_hour", run.price_usd_per_gpu_hour, "USD per GPU-hour")
