"""Timings of steps of reinforcement learning as cases: the step, each phase of it, and the share that generates.

A row names what was measured by its columns; a phase is what the sub-steps of the same names take on the GPUs of their
pool. Tools take their turns and seconds, where the row has both; what waits for others, or for answers that another
pool writes, has no time of its own here.
"""

from costlib.base.units import SECONDS_PER_HOUR
from costlib.compute import rollouts, timing
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import architecture, case, missing, outside
from costlib.validation.readers.alignment import rollout_cost, stage_regime
from costlib.validation.readers.updates import trainer

# What a column times: the name of the quantity, the sub-steps that make it up, and the end of its regime.
GENERATE, OLD, REFERENCE = ("prefill", "decode", "tool calls"), ("old log-probabilities",), ("reference",)
UPDATES = ("update actor", "update critic")
PHASES = {
    "gen_s": ("generating", GENERATE, "generating"),
    "old_logprob_s": ("log-probabilities", OLD, "log-probabilities"),
    "ref_s": ("reference", REFERENCE, "log-probabilities"),
    "logprob_s": ("log-probabilities and reference", OLD + REFERENCE, "log-probabilities"),
    "values_s": ("values", ("value",), "log-probabilities"),
    "update_actor_s": ("update of the actor", UPDATES[:1], "update"),
    "update_critic_s": ("update of the critic", UPDATES[1:], "update"),
    "train_s": ("updates", UPDATES, "update"),
    "sync_s": ("weight sync", ("weight sync",), "sync"),
    "wait_s": ("waits", ("waits",), "waits"),
}
WRITTEN = ("step_s", "gen_s", "gen_share", "wait_s", "tok_s_gpu")  # what tools and environments are part of
POOLS = {"train": "train_gpus", "rollout": "rollout_gpus"}
ASSUMED = ", one input assumed"  # behind groups of rows that leave lengths or dimensions open


def phase_cases(line, row, coefficients):
    """Return the cases of a row of phases, or raise UnreadableError with the missing input."""
    named = [name for name in ("step_s", *PHASES, "gen_share", "train_tok_s_gpu") if row.get(name)]
    if not named:
        raise missing("seconds of a step or phase")
    if row.stage not in ("ppo", "grpo"):
        return _alone(line, row, coefficients)
    arch, how = architecture(row)
    gpus = row.gpus or (row.train_gpus or 0) + (row.rollout_gpus or 0)
    for name, value in (("gpus", gpus), ("prompts", row.prompts or row.rollouts)):
        if not value:
            raise missing(name)
    if not (row.response_tokens or row.longest_tokens):
        raise missing("response_tokens: neither the mean nor the longest answer")
    if _calls(row) and not row.response_tokens:  # a limit may be that of one turn of many
        raise missing("response_tokens: what an answer with tools comes to")
    if row.placement in ("split", "asynchronous") and not (row.train_gpus and row.rollout_gpus):
        raise missing("train_gpus and rollout_gpus")
    cost, assumed = rollout_cost(row, arch, gpu_in_report(row.gpu, coefficients.hardware), gpus, coefficients)
    assumed = (*(("architecture",) if how == "size" else ()), *assumed)
    found = [each for name in named for each in _case(line, row, name, cost, gpus, assumed, coefficients)]
    if not found:
        raise missing("tools: their turns and seconds" if _waits(row) else "time of a phase: what is given are waits")
    return found


def _case(line, row, name, cost, gpus, assumed, coefficients):
    """The case of one column, none where the row says that something else took the time."""
    if (name in WRITTEN and _waits(row)) or (row.gen_is_wait and name in ("gen_s", "gen_share")):
        return
    more = _open(row, assumed)
    if name == "step_s":
        yield case(line, row, "alignment" + more, f"{row.stage} step", "s", row.step_s,
                   lambda values: cost(values).gpu_hours / gpus * SECONDS_PER_HOUR, assumed,
                   regime=stage_regime(row))  # fmt: skip
        if row.gen_s and not row.gen_is_wait:
            yield _share(line, row, 100 * row.gen_s / row.step_s, cost, gpus, assumed)
        return
    if name == "gen_share":
        if row.step_s and row.gen_s:  # said once already
            return
        yield _share(line, row, 100 * row.gen_share, cost, gpus, assumed)
        return
    quantity, steps, ending = PHASES.get(name, ("", (), ""))
    if not any(step.name in steps for step in cost(coefficients).steps):
        return
    yield case(line, row, "phases" + more, quantity, "s", row.get(name),
               lambda values: seconds(cost(values), steps, row, gpus), assumed,
               regime=f"phase {ending}")  # fmt: skip


def _share(line, row, percent, cost, gpus, assumed):
    return case(line, row, "generation share" + _open(row, assumed), f"{row.stage} generation share", "%", percent,
                lambda values: 100 * generating(cost(values), row, gpus), assumed,
                regime="share of generating")  # fmt: skip


def generating(cost, row, gpus):
    """Return the part of the wall time in which answers are written [fraction]; parameters as for :func:`seconds`."""
    return seconds(cost, GENERATE, row, gpus) / (cost.gpu_hours / gpus * SECONDS_PER_HOUR)


def _open(row, assumed):
    """What the name of a group ends in where a row leaves lengths or dimensions open, or is an order of magnitude."""
    return ASSUMED if row.grade == "C" or {"mean length", "architecture"} & set(assumed) else ""


def _waits(row):
    """Whether something of which the row says no time makes up part of what is written: tools, or drafts of tokens."""
    return bool(row.speculative) or (_calls(row) and not (row.turns and row.tool_seconds))


def _calls(row):
    return row.tools.strip().lower() not in ("", "no", "none")


def seconds(cost, names, row, gpus):
    """Return the seconds that sub-steps take on the GPUs of their pool [s].

    Parameters
    ----------
    cost : costlib.compute.stages.StageCost of one step
    names : of sub-steps
    row : with the columns train_gpus and rollout_gpus, where pools are apart
    gpus : of all pools
    """
    return sum(step.gpu_hours / (row.get(POOLS.get(getattr(step, "pool", "all"), "")) or gpus)
               for step in cost.steps if step.name in names) * SECONDS_PER_HOUR  # fmt: skip


def _alone(line, row, coefficients):
    """A trainer alone, whose micro-batches are full sequences, or weights that reach an engine."""
    if row.stage not in ("update", "sync"):
        raise outside(f"{row.stage or row.algorithm or 'a step'} without its examples and lengths")
    if row.stage == "sync":
        arch, how = architecture(row)
        name, share = gpu_in_report(row.gpu, coefficients.hardware), (row.weight_bits or 16) / 16
        return [case(line, row, "phases", "weight sync", "s", row.sync_s, lambda values: share
                     * rollouts.sync_seconds(arch, timing.roofline(name, coefficients=values), True),
                     ("architecture",) if how == "size" else (), regime="phase sync")]  # fmt: skip
    if not (row.response_tokens and row.gpus):
        raise missing("response_tokens and gpus of the update")
    _, assumed, speed = trainer(row, row.response_tokens, coefficients)
    found = []
    if row.train_tok_s_gpu:
        found.append(case(line, row, "RL update", "tokens per second", "tokens/s/GPU", row.train_tok_s_gpu, speed,
                          assumed, regime="training long"))  # fmt: skip
    if row.train_s and row.rollouts:
        found.append(case(line, row, "RL update", "updates", "s", row.train_s,
                          lambda values: row.rollouts * row.response_tokens / (speed(values) * row.gpus), assumed,
                          regime="training long"))  # fmt: skip
    if not found:
        raise missing("rollouts and train_s, or train_tok_s_gpu, of the update")
    return found
