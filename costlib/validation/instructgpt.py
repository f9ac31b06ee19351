"""InstructGPT of 175B, step by step, to stand beside the compute that its paper printed :cite:`ouyang2022instructgpt`.

The critic and the reward model of 6B are taken as GPT-J with a scalar head.
"""

from costlib.compute import stages
from costlib.compute.architecture import find
from costlib.compute.timing import FlatSpeed

PETAFLOP_DAY = 1e15 * 86400  # FLOPs
CONTEXT = 2048  # tokens of a full sequence, section 4
PRETRAINING_EXAMPLES = 8  # full sequences for each episode, appendix C.4
MOST_RANKED = 9  # responses to a prompt, section 3.5
ANY_SPEED = stages.Run(FlatSpeed(1))  # FLOPs do not depend on it


def small_model():
    """Return the Architecture that stands for the critic and the reward model of 6B."""
    return find("gpt-j-6b").with_scalar_head()


def petaflop_days(sft, ppo, count="flat_flops"):
    """Return the compute of fine-tuning and of PPO with its pre-training mix, by step.

    Parameters
    ----------
    sft, ppo : costlib.compute.stages.Data of the demonstrations and of the episodes
    count : "flat_flops" for 2 and 6 FLOPs per parameter and token, "flops" for those of the matrices and attention

    Returns
    -------
    dict of the steps of PPO, "train" for fine-tuning, "ppo" for PPO with the mix and "loop" for PPO without it
    [petaflop/s-days]

    Examples
    --------
    Every example charged its full context, as the printed 4.9 and 60 suggest:

    >>> half = CONTEXT // 2
    >>> days = petaflop_days(stages.Data(12725, half, half, epochs=16), stages.Data(256000, half, half))
    >>> round(days["train"], 1), round(days["ppo"])
    (5.1, 62)
    """
    gpt3, six = find("gpt-3-175b"), small_model()
    mix = PRETRAINING_EXAMPLES * CONTEXT / ppo.length  # tokens for each token of an episode
    steps = stages.ppo(gpt3, ppo, ANY_SPEED, six, six, ptx_tokens=mix).steps
    days = {step.name: getattr(step, count) / PETAFLOP_DAY for step in steps}
    total = sum(days.values())
    tuning = getattr(stages.sft(gpt3, sft, ANY_SPEED), count) / PETAFLOP_DAY
    return days | {"train": tuning, "ppo": total, "loop": total - days["pre-training mix"]}


def reward_days(prompts):
    """Return the compute of a reward model of 6B on the most responses that were ranked [petaflop/s-days].

    Parameters
    ----------
    prompts : whose responses were ranked, each charged its full context [-]

    Examples
    --------
    >>> round(reward_days(33207), 2)
    0.25
    """
    data = stages.Data(prompts, CONTEXT // 2, CONTEXT // 2)
    return MOST_RANKED * stages.sft(small_model(), data, ANY_SPEED).flat_flops / PETAFLOP_DAY
