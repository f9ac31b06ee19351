"""Strategies that make PPO smaller or faster: each alone, one on top of the other, and on more GPUs.

A strategy changes how PPO with four equal models lies on its GPUs. What it does to the answers is not computed.

Sources: sharding :cite:`rajbhandari2020zero`; adapters and 4-bit weights :cite:`hu2022lora,dettmers2023qlora`; a value
head on the actor :cite:`vonwerra2020trl`; states on the host :cite:`ren2021zerooffload`.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric
from costlib.base.units import SECONDS_PER_HOUR
from costlib.compute import inference, memory, stages
from costlib.compute.architecture import Architecture
from costlib.compute.timing import Roofline

# What each part takes of 4 + 4 + 8 bytes and logits of 8, where mixed-16 has 2 + 2 + 12 and 10; all else is doubled.
IN_32_BITS = {"optimizer": 8 / 12, "framework": 1, "logits": 8 / 10}


class StrategyCase(NamedTuple):
    """PPO as it is before any strategy.

    Parameters
    ----------
    actor : Architecture of actor, reference and, with a scalar head, critic and reward model
    rates : Roofline of the GPU
    setup : costlib.compute.memory.Setup of actor and critic
    generation_parallel : GPUs that share one copy of the actor while it generates [GPUs]
    prompt_tokens, response_tokens : of one sequence [tokens]
    episodes, rollout_batch : in all, and generated before each update [-]
    price_usd_per_gpu_hour : [USD per GPU-hour]
    """

    actor: Architecture
    rates: Roofline
    setup: memory.Setup
    generation_parallel: Numeric
    prompt_tokens: Numeric
    response_tokens: Numeric
    episodes: Numeric
    rollout_batch: Numeric
    price_usd_per_gpu_hour: Numeric

    @property
    def groups(self) -> Numeric:
        """Groups of GPUs that generate side by side [-]."""
        return max(1, self.setup.gpus // self.generation_parallel)


class Strategy(NamedTuple):
    """What changes: settings of :class:`memory.Setup` and of :class:`memory.PpoSetup` by name, and a smaller scorer.

    `scorer` is the Architecture of critic and reward model, None that of the actor.
    """

    setup: dict[str, Any]
    roles: dict[str, Any]
    scorer: Architecture | None = None

    def __or__(self, other: "Strategy") -> "Strategy":
        """Return both at once."""
        return Strategy(self.setup | other.setup, self.roles | other.roles, other.scorer or self.scorer)


NOTHING = Strategy({}, {})
ADAPTERS_OFF = {"reference": "adapters-off"}


def only(**setup: Any) -> Strategy:
    """Return the Strategy that changes some settings of :class:`memory.Setup` alone.

    >>> only(zero=3).setup
    {'zero': 3}
    """
    return Strategy(setup, {})


def adapters(rank: int, **setup: Any) -> Strategy:
    """Return adapters of a rank in actor and critic; the actor without its adapters is the reference.

    >>> adapters(16, base_bits=4)
    Strategy(setup={'lora_rank': 16, 'base_bits': 4}, roles={'reference': 'adapters-off'}, scorer=None)
    """
    return Strategy({"lora_rank": rank} | setup, ADAPTERS_OFF)


def value_head() -> Strategy:
    """Return a critic that is a head on the actor's trunk.

    >>> value_head().roles
    {'critic': 'shared'}
    """
    return Strategy({}, {"critic": "shared"})


def singles(setup: memory.Setup, rank: int, scorer: Architecture | None, scorer_label: str) -> dict[str, Strategy]:
    """Return every strategy that can be tried alone on a setup, by name, the first being none.

    Parameters
    ----------
    setup : costlib.compute.memory.Setup before any strategy; what it has already is left out
    rank : of the adapters [-]
    scorer, scorer_label : Architecture of a smaller critic and reward model, and its name for readers

    Examples
    --------
    >>> names = list(singles(memory.Setup(gpus=8, zero=3, recompute="full"), 16, None, "125M"))
    >>> names[0], [name for name in names if name.startswith(("ZeRO", "recompute"))]
    ('four equal models', ['ZeRO 0', 'ZeRO 1', 'ZeRO 2', 'recompute: none'])
    """
    stages_of_zero = [stage for stage in range(4) if stage != setup.zero and setup.gpus > 1]
    return {
        "four equal models": NOTHING,
        "adapters": adapters(rank),
        "adapters, 4-bit base": adapters(rank, base_bits=4),
        "value head on the actor": value_head(),
        f"critic and reward: {scorer_label}": Strategy({}, {}, scorer),
        **{f"ZeRO {stage}": only(zero=stage) for stage in stages_of_zero},
        **{f"recompute: {part}": only(recompute=part) for part in ("none", "full") if part != setup.recompute},
        "micro-batch of 1": only(micro_batch=1),
        "8-bit moments": only(recipe="adam8bit-10"),
        "everything in 16 bits": only(recipe="bf16-8"),
        "frozen models on the host": Strategy({}, {"offload_frozen": True}),
        "optimizer on the host": only(offload="optimizer"),
    }


def phases(
    case: StrategyCase, strategy: Strategy = NOTHING, sequences: Numeric | None = None
) -> dict[str, memory.Parts]:
    """Return the bytes on each GPU in the phases of PPO.

    Parameters
    ----------
    case : StrategyCase
    strategy : Strategy
    sequences : generated at a time on each group of GPUs; None takes one micro-batch of the case [-]

    Returns
    -------
    dict of phase to costlib.compute.memory.Parts [bytes]

    Examples
    --------
    A value head saves the critic, 16 bytes for each of its parameters:

    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> actor = find("opt-1.3b")
    >>> case = StrategyCase(actor, roofline("a100-sxm-80gb"), memory.Setup(), 1, 256, 256, 1000, 512, 2.5)
    >>> saved = phases(case)["generate"].total - phases(case, value_head())["generate"].total
    >>> round(saved / actor.with_scalar_head().parameters)
    16
    """
    scorer = strategy.scorer or case.actor.with_scalar_head()
    at_a_time = sequences or case.setup.micro_batch
    generating: dict[str, Any] = {"generation_parallel": case.generation_parallel, "sequences": at_a_time}
    setup = memory.PpoSetup(case.setup._replace(**strategy.setup), **generating | strategy.roles)
    tokens = case.prompt_tokens, case.response_tokens
    return memory.ppo(case.actor, scorer, scorer, *tokens, setup, case.rates.coefficients)


def answers_at_a_time(case: StrategyCase, strategy: Strategy = NOTHING) -> Numeric:
    """Return the responses that each group generates at a time: its part of the rollout batch, or the most that fit.

    At least a micro-batch, for which :func:`phases` keeps room [-].

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> eight = memory.Setup(gpus=8, zero=3)
    >>> case = StrategyCase(find("opt-1.3b"), roofline("a100-sxm-80gb"), eight, 1, 256, 256, 1000, 512, 2.5)
    >>> answers_at_a_time(case)
    64.0
    """
    share = max(1, case.rollout_batch / case.groups)
    most = memory.largest_micro_batch(lambda n: phases(case, strategy, n)["generate"].total, case.rates.hbm_gb)
    return min(share, max(case.setup.micro_batch, most))


def cost(case: StrategyCase, strategy: Strategy = NOTHING) -> stages.StageCost:
    """Return what PPO takes with a strategy, as :class:`costlib.compute.stages.StageCost`, whether it fits or not.

    Transfers of frozen models that wait on the host take no time here.

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> eight = memory.Setup(gpus=8, zero=3)
    >>> case = StrategyCase(find("opt-1.3b"), roofline("a100-sxm-80gb"), eight, 1, 256, 256, 1000, 512, 2.5)
    >>> cost(case, value_head()).flops < cost(case, adapters(16)).flops < cost(case).flops
    True
    """
    ranks, batch = case.generation_parallel, answers_at_a_time(case, strategy) * case.groups
    setup = case.setup._replace(**strategy.setup)
    data = stages.Data(case.episodes, case.prompt_tokens, case.response_tokens)
    run = stages.Run(case.rates, setup, case.price_usd_per_gpu_hour, "full", ranks, batch)
    shared = strategy.roles.get("critic") == "shared"
    return stages.ppo(case.actor, data, run, strategy.scorer, strategy.scorer, shared_critic=shared)


class Update(NamedTuple):
    """One update of actor and critic: bytes on each GPU in training, FLOPs in all, seconds."""

    size: Numeric
    flops: Numeric
    seconds: Numeric


def update(case: StrategyCase, micro_batch: Numeric, sequences: Numeric) -> Update:
    """Return what one update takes in micro-batches of a size, whether it fits or not.

    Parameters
    ----------
    case : StrategyCase
    micro_batch : sequences that pass at a time on each GPU, above 0 [-]
    sequences : of the update on each GPU [-]

    Returns
    -------
    Update [bytes, FLOPs, s]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> eight = memory.Setup(gpus=8, zero=3)
    >>> case = StrategyCase(find("opt-1.3b"), roofline("a100-sxm-80gb"), eight, 1, 256, 256, 1000, 512, 2.5)
    >>> one, many = (update(case, size, 64) for size in (1, 64))
    >>> one.flops == many.flops, one.size < many.size, one.seconds > many.seconds
    (True, True, True)
    """
    pieces, gpus = only(micro_batch=micro_batch), case.setup.gpus
    steps = cost(case._replace(episodes=sequences * gpus), pieces).steps
    parts = [step for step in steps if step.name.startswith("update")]
    seconds = SECONDS_PER_HOUR * sum(step.gpu_hours for step in parts) / gpus
    return Update(phases(case, pieces)["train"].total, sum(step.flops for step in parts), seconds)


def ladder(case: StrategyCase, steps: Mapping[str, Strategy]) -> dict[str, dict[str, memory.Parts]]:
    """Return the phases of PPO after each of several strategies, every one on top of those before it.

    Parameters
    ----------
    case : StrategyCase; one micro-batch of answers, as each step leaves it, is generated at a time
    steps : dict of name to Strategy

    Returns
    -------
    dict of name to what :func:`phases` returns
    """
    together = accumulate(steps.values(), Strategy.__or__)
    return {
        name: phases(case, strategy, strategy.setup.get("micro_batch"))
        for name, strategy in zip(steps, together, strict=True)
    }


def on_gpus(case: StrategyCase, gpus: int, strategy: Strategy = NOTHING) -> dict[str, memory.Parts]:
    """Return the phases of PPO on another number of GPUs; one alone shards nothing.

    As many GPUs share a copy of the actor as its weights and heads ask for, if there are as many.

    Parameters
    ----------
    case, strategy : as for :func:`phases`
    gpus : how many, at least 1 [GPUs]
    """
    roomy = inference.ranks_for(case.actor, case.rates.hbm_gb, coefficients=case.rates.coefficients)
    ranks = max(n for n in range(1, min(gpus, roomy) + 1) if case.actor.heads % n == 0)
    alone = only(zero=0) if gpus == 1 else NOTHING
    return phases(case._replace(generation_parallel=ranks), strategy | only(gpus=gpus) | alone)


def in_32_bits(held: Mapping[str, memory.Parts]) -> dict[str, memory.Parts]:
    """Return the phases of PPO with every value in 32 bits, from those of the recipe mixed-16.

    Trained states take 16 bytes for each parameter in both; frozen weights, activations and the cache are doubled.

    Examples
    --------
    >>> parts = memory.Parts({"actor weights": 2, "actor gradients": 2, "actor optimizer": 12, "activations": 5})
    >>> in_32_bits({"train": parts})["train"]
    {'actor weights': 4, 'actor gradients': 4, 'actor optimizer': 8.0, 'activations': 10}
    """
    return {
        phase: memory.Parts({part: size * IN_32_BITS.get(part.split()[-1], 2) for part, size in parts.items()})
        for phase, parts in held.items()
    }
