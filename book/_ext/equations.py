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
    "eq-scaling-exponent": ["compute.scaling.exponent", "compute.scaling.elasticity"],
    "eq-scaling-length": ["compute.scaling.crossing_length", "compute.scaling.length_exponent"],
    "eq-scaling-activations": ["compute.memory.activations"],
    "eq-scaling-batch": ["compute.timing.pass_seconds", "compute.inference.decode_step"],
    "eq-opt-lora": ["compute.architecture.lora_parameters", "compute.architecture.training"],
    "eq-opt-states": ["compute.footprint.state_bytes"],
    "eq-opt-shared": ["compute.memory.shard"],
    "eq-opt-batch": ["compute.memory.Setup"],
    "eq-opt-energy": ["compute.energy.kwh", "compute.energy.co2_kg"],
    "eq-inf-step": ["compute.inference.decode_step"],
    "eq-inf-crossover": ["compute.inference.crossover_batch"],
    "eq-inf-context": ["compute.inference.crossover_context"],
    "eq-inf-answer": ["compute.inference.Generation.usd_per_answer"],
    "eq-inf-month": ["compute.inference.serve"],
    "eq-footing-total": ["economics.methods.Method", "economics.methods.compare"],
    "eq-footing-people": ["economics.labels.human_label"],
    "eq-footing-hosted": ["economics.labels.hosted_label"],
    "eq-footing-own": ["compute.stages.judge"],
    "eq-footing-identity": ["economics.curve.identity", "economics.curve.ratio"],
    "eq-footing-saved": ["economics.curve.saved"],
    "eq-footing-evaluation": ["economics.labels.evaluation_comparisons", "economics.labels.visible_points"],
    "eq-unc-draw": ["base.sampling.quantile_of"],
    "eq-unc-error": ["base.sampling.Sample.standard_error"],
    "eq-unc-ratio": ["economics.curve.Identity.counts", "economics.break_even.ratio_limit"],
    "eq-unc-sobol": ["economics.uncertainty.sobol"],
    "eq-even-article": ["economics.article.calculate_cost_ratio"],
    "eq-even-pairs": ["economics.break_even.pairs_for", "economics.curve.flip"],
    "eq-even-rounds": ["economics.break_even.rounds"],
    "eq-full-days": ["economics.labels.annotation_days", "economics.calendar_time.by_resource"],
    "eq-full-team": ["economics.calendar_time.team_hours"],
    "eq-full-experts": ["economics.experts.affordable_share"],
    "eq-full-hidden": ["economics.human_work.cost_factor"],
    "eq-guide-choice": ["economics.recommendation.cheapest"],
    "eq-guide-flip": ["economics.recommendation.nearest_change"],
    "eq-quality-effective": ["economics.reward_models.effective_labels"],
    "eq-quality-accuracy": ["economics.reward_models.accuracy_gain", "economics.reward_models.accuracy_gap"],
    "eq-quality-outcome": ["economics.reward_models.benchmark_score"],
    "eq-quality-kept": ["economics.reward_models.kept_gain"],
    "eq-quality-price": ["economics.quality.usd_per_point"],
    "eq-trust-ends": ["validation.left_out.ends"],
    "eq-trust-error": ["validation.predictions.Predicted", "validation.errors.summary"],
    "eq-measure-rule": ["validation.counts.Counted.over_rule"],
    "eq-measure-ratio": ["validation.counts.flat_ratio"],
    "eq-measure-fit": ["measuring.calibrate.calibrate"],
    "eq-land-win": ["economics.methods.compare", "sweeping.landscape.share"],
    "eq-land-error": ["sweeping.landscape.standard_error"],
}
# Laws and definitions that a chapter evaluates in its own visible cells.
IN_THE_CHAPTER = (
    "eq-scaling-square", "eq-opt-breakeven", "eq-guide-validation", "eq-trust-longest",
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
