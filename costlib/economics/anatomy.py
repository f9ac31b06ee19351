"""The stages of Part II for one scenario: its parameters as options of a job, the same at every door."""

from typing import Any

from costlib.base._arrays import choice, maximum, where
from costlib.compute.job import Estimate, estimate
from costlib.compute.plan import PAIRED, TAKES_TURNS
from costlib.facts import options
from costlib.facts.parameters import Values

# The parameter that counts a stage's examples, and the one of its passes, with its option.
WORK = {
    "sft": ("num_demonstrations", "epochs", "epochs"), "rm": ("num_preference_pairs", "epochs", "epochs"),
    "dpo": ("num_preference_pairs", "epochs", "epochs"), "ppo": ("num_episodes", "ppo_epochs", "ppo_epochs"),
    "grpo": ("num_episodes", "ppo_epochs", "ppo_epochs"), "generate": ("num_episodes", None, None),
}  # fmt: skip
SETTINGS = {
    "model": "aligned_model", "gpu": "cluster_gpu", "gpus": "num_gpus", "prompt_tokens": "prompt_tokens",
    "response_tokens": "response_tokens", "price_usd_per_gpu_hour": "price_usd_per_gpu_hour",
    "micro_batch": "micro_batch", "zero": "zero_stage", "recompute": "recompute", "recipe": "precision_recipe",
}  # fmt: skip


def estimated(stage: str, values: Values, **changes: Any) -> Estimate:
    """Return a stage with the inputs of a scenario, all weights trained.

    Parameters
    ----------
    stage : one of :data:`costlib.compute.job.STAGES`
    values : dict of every parameter, as of :func:`costlib.economics.scenarios.complete`; numbers may be arrays
    changes : options of the stage in place of those that follow from the scenario

    Returns
    -------
    costlib.compute.job.Estimate

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> ppo = estimated("ppo", complete({}))
    >>> ppo.setup.micro_batch, round(ppo.cost.usd, 2)
    (64, 169.89)
    """
    count, passes, option = WORK[choice("stage", stage, WORK)]
    given = {name: values[parameter] for name, parameter in SETTINGS.items()} | {"examples": values[count]}
    if passes and option:
        given[option] = values[passes]
    if stage in TAKES_TURNS:  # what is generated without training waits for no update
        given["generation_batch"] = values["rollout_batch"]
    if stage == "grpo":
        given |= {"examples": values[count] / values["group_size"], "samples": values["group_size"]}
    if stage in PAIRED:  # both responses of a pair at least
        given["micro_batch"] = where(given["micro_batch"] > 0, maximum(2, given["micro_batch"]), 0)
    return estimate(stage, **options.of(stage, given) | changes)
