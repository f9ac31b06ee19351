"""Which function of the package computes which numbered equation of the chapters: written once, linked both ways."""

import re
from functools import cache

from costlib.report import notebooks

# Label of an equation -> functions, each with its module beneath costlib.
FUNCTIONS = {
    "eq-pairs": ["economics.scenarios.num_pairs"],
    "eq-human-cost": ["economics.labels.human_label"],
    "eq-sustained": ["economics.article.calculate_sustained_performance_tflops"],
    "eq-synthetic-cost": ["economics.article.calculate_synthetic_cost"],
    "eq-calls": ["economics.article.count_inference_calls"],
    "eq-ratio": ["economics.article.calculate_cost_ratio"],
    "eq-stage-forward": ["compute.architecture.forward"],
    "eq-stage-ppo": ["compute.stages.ppo"],
    "eq-stage-time": ["compute.timing.pass_seconds"],
    "eq-memory-states": ["compute.memory.states", "compute.memory.shard"],
    "eq-memory-activations": ["compute.memory.activations"],
    "eq-memory-work": ["compute.memory.training"],
    "eq-memory-cache": ["compute.memory.kv_cache"],
    "eq-memory-ppo": ["compute.memory.ppo"],
    "eq-memory-fewest": ["compute.memory.min_gpus"],
    "eq-scaling-flops": ["compute.architecture.training"],
    "eq-scaling-length": ["validation.counts.tokens_that_double"],
    "eq-scaling-activations": ["compute.memory.activations"],
    "eq-scaling-batch": ["compute.timing.pass_seconds", "compute.inference.decode_step"],
    "eq-opt-lora": ["compute.architecture.lora_parameters", "compute.architecture.training"],
    "eq-opt-states": ["compute.memory.ppo"],
    "eq-opt-batch": ["compute.memory.Setup"],
    "eq-inf-step": ["compute.inference.decode_step"],
    "eq-inf-answer": ["compute.inference.Generation.usd_per_answer"],
    "eq-inf-month": ["compute.inference.serve"],
    "eq-footing-total": ["economics.methods.Method", "economics.methods.compare"],
    "eq-footing-people": ["economics.labels.human_label"],
    "eq-footing-hosted": ["economics.labels.hosted_label"],
    "eq-footing-own": ["compute.stages.judge"],
    "eq-footing-effective": ["economics.labels.effective_share"],
    "eq-footing-ratio": ["economics.methods.compare"],
    "eq-unc-draw": ["sampling.quantile_of"],
    "eq-unc-error": ["sampling.Sample.standard_error"],
    "eq-unc-ratio": ["economics.comparison.compared"],
    "eq-unc-effective": ["economics.methods.Method.usd_per_effective_pair"],
    "eq-unc-sobol": ["economics.uncertainty.sobol"],
    "eq-even-article": ["economics.article.calculate_cost_ratio"],
    "eq-even-footing": ["economics.comparison.break_even"],
    "eq-even-pairs": ["economics.comparison.break_even"],
    "eq-even-agreement": ["economics.labels.effective_share"],
    "eq-full-days": ["economics.labels.annotation_days"],
    "eq-full-hidden": ["economics.labels.human_label"],
    "eq-guide-cost": ["economics.methods.Method.usd_per_effective_pair"],
    "eq-guide-flip": ["economics.comparison.break_even"],
    "eq-trust-error": ["validation.predictions.Predicted", "validation.errors.summary"],
    "eq-measure-rule": ["validation.counts.Counted.over_rule"],
    "eq-measure-ratio": ["validation.counts.flat_ratio"],
    "eq-measure-fit": ["measuring.calibrate.calibrate"],
    "eq-land-win": ["economics.methods.compare"],
}
# Laws and definitions that a chapter evaluates in its own visible cells.
IN_THE_CHAPTER = (
    "eq-scaling-exponent", "eq-scaling-square", "eq-opt-breakeven", "eq-inf-crossover", "eq-inf-context",
    "eq-even-rounds", "eq-full-team", "eq-full-experts", "eq-guide-choice", "eq-guide-validation", "eq-trust-noise",
    "eq-trust-longest", "eq-land-error",
)  # fmt: skip


def computed_by(label):
    """Return the full names of the functions that compute an equation.

    >>> computed_by("eq-memory-cache")
    ['costlib.compute.memory.kv_cache']
    """
    return [f"costlib.{name}" for name in FUNCTIONS.get(label, ())]


def of(function):
    """Return the labels of the equations that a function computes.

    >>> of("costlib.compute.memory.activations")
    ['eq-memory-activations', 'eq-scaling-activations']
    """
    return [label for label in FUNCTIONS if function in computed_by(label)]


@cache
def chapters(root):
    """Return the chapter of each numbered equation of the book in `root`, by label."""
    found = ((path.stem, cell["source"]) for path in notebooks.paths(root) for cell in notebooks.read(path)["cells"])
    return {label: chapter for chapter, text in found for label in re.findall(r"\$\$ \((eq-[a-z0-9-]+)\)", text)}
