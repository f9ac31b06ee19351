"""FLOPs of steps as PyTorch counted them on real model classes, beside the formulas and the flat rules of the book.

A flat rule says k x N FLOPs for each token: 2N forward, 6N to train, 8N for each token of a DPO pair (6N for the
policy, 2N for the reference), 10N for GRPO whose reward is a rule (2N to write, 2N for the reference, 6N to train), and
20N for PPO.
"""

from typing import NamedTuple

from costlib.compute.architecture import find
from costlib.facts import catalog
from costlib.validation.readers.steps import StepWork, step_flops

# What is left between formula and counter, by step and variant.
DIFFERENCES = {
    ("forward", "plain"): "the same products",
    ("train", "plain"): "three passes",
    ("dpo", "plain"): "three passes of the policy, one of the reference",
    ("rm", "plain"): "one number in place of the vocabulary",
    ("ppo", "plain"):
        "engines compute the logits of a prompt's last token alone, and write the first token in the prefill",
    ("train", "recompute"):
        "the formula repeats the whole forward pass; software repeats neither the output layer nor the last product "
        "of each layer",
    ("train", "lora16"): "no gradient for the inputs of the first layer",
}  # fmt: skip
RULES = {"forward": 2, "train": 6, "rm": 6, "dpo": 8, "grpo": 10, "ppo": 20}


class Counted(NamedTuple):
    """A counted step, its tokens over all sequences, and what formula and rule say of it (None where there is none)."""

    model: str
    step: str
    variant: str
    length: float
    tokens: float
    flops: float
    formula: float | None
    rule: float | None

    @property
    def over_formula(self):
        """Counted over the formula [-]."""
        return self.flops / self.formula

    @property
    def over_rule(self):
        """Counted over the flat rule [-]."""
        return self.flops / self.rule


def steps():
    """Return every counted step, and GRPO as the sum of writing, reference and training.

    Examples
    --------
    >>> plain = [each for each in steps() if each.model == "llama-2-7b" and each.variant == "plain"]
    >>> {each.step for each in plain if each.formula and abs(each.over_formula - 1) > 0.01}
    set()
    """
    found = [_counted(record) for record in catalog.table("counted_steps").values()]
    known = {(each.model, each.length, each.step): each for each in found if each.variant == "plain"}
    for (name, length, step), each in list(known.items()):
        if step == "generate":
            flops = each.flops + known[name, length, "forward"].flops + known[name, length, "train"].flops
            rule = RULES["grpo"] * find(name).parameters_active * length
            found.append(Counted(name, "grpo", "plain", length, length, flops, None, rule))
    return found


def share_within(rows, reach):
    """Return the share of counted steps whose flat rule is off by at most `reach` [fraction].

    >>> ratios = ((90, 100), (105, 100), (130, 100), (200, 100))
    >>> rows = [Counted("-", "train", "plain", 1, 1, counted, None, rule) for counted, rule in ratios]
    >>> share_within(rows, 0.1)
    0.5
    """
    return sum(abs(each.over_rule - 1) <= reach for each in rows) / len(rows)


def _counted(record):
    model = find(record.model)
    length = record.tokens + record.response_tokens
    tokens = record.sequences * length * (2 if record.step in ("dpo", "rm") else 1)
    k = RULES.get(record.step)
    rule = k * model.parameters_active * tokens if k and record.variant == "plain" else None
    formula = None if record.step == "generate" else step_flops(_job(record))
    return Counted(record.model, record.step, record.variant, length, tokens, record.flops, formula, rule)


def _job(record):
    """The same step as a row of measurements would describe it."""
    cells = {name: str(getattr(record, name) or "") for name in ("sequences", "tokens", "response_tokens")}
    return StepWork(
        cells | {"model": record.model, "recompute": "full" if record.variant == "recompute" else "none",
                 "lora_rank": record.variant.removeprefix("lora") if record.variant.startswith("lora") else ""},
        record.step,
    )  # fmt: skip


def flat_ratio(model, length):
    """Return what a forward pass computes over 2N for each token.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    length : tokens of each sequence, the whole square of attention counted [tokens]

    Returns
    -------
    multiplied parameters over all, and 2 x layers x heads x head_size x length over all [-]

    Examples
    --------
    Three parameters in ten of a small model with a large vocabulary are looked up and multiplied once, as its head; an
    untied embedding is looked up alone:

    >>> round(flat_ratio(find("qwen2.5-0.5b"), 0), 3), round(flat_ratio(find("llama-3.1-8b"), 0), 3)
    (1.0, 0.935)
    """
    return model.matmul_parameters / model.parameters_active + length / tokens_that_double(model)


def tokens_that_double(model):
    """Return the length at which attention alone costs 2N for each token [tokens].

    >>> round(tokens_that_double(find("llama-3.1-8b")))
    30633
    """
    return model.parameters_active / (2 * model.layers * model.heads * model.head_size)
