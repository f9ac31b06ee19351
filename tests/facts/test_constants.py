"""Constants of equations and names that others import, as the documents and the field have them."""

import importlib
import inspect

import pytest

from costlib.base import units
from costlib.compute import memory, parallelism, recognition, stages
from costlib.economics import calendar_time, human_work, labels, methods
from costlib.facts import claims, folder, outputs
from costlib.validation import counts, instructgpt, published, torchtune
from costlib.validation.readers import runs, steps

CONSTANTS = {
    # A day, an hour, a month of 365.25 / 12 days; 2 FLOPs of a product of two numbers, three products to train.
    (units, "SECONDS_PER_HOUR"): 3600,
    (units, "FLOPS_TRAINING"): 6,
    (units, "FLOPS_INFERENCE"): 2,
    (units, "GB"): 1e9,
    (units, "FLOPS_PER_TFLOP"): 1e12,
    (labels, "MINUTES_PER_HOUR"): 60,
    (labels, "TOKENS_PER_PRICE"): 1e6,
    (human_work, "MINUTES_PER_HOUR"): 60,
    (calendar_time, "WORKING_DAYS"): 7 / 5,
    (methods, "HOURS_PER_DAY"): 24,
    (instructgpt, "PETAFLOP_DAY"): 8.64e19,
    (instructgpt, "CONTEXT"): 2048,
    (instructgpt, "PRETRAINING_EXAMPLES"): 8,
    (instructgpt, "MOST_RANKED"): 9,
    (runs, "PF_DAY"): 8.64e19,
    (torchtune, "TOKENS"): 4096,
    (torchtune, "CHUNKS"): 8,
    (torchtune, "GIB"): 1024**3,
    (memory, "LOGIT_BYTES"): 2 + 4 + 4 + 4,
    (memory, "CHUNKED_LOGIT_BYTES"): 2 + 2,
    (memory, "IN_FLIGHT"): 2,
    (memory, "SCORE_LOGIT_BYTES"): 2 + 4,
    (memory, "NF4_BITS"): 4.127,
    (stages, "GAE_FLOPS"): 10,
    (counts, "RULES"): {"forward": 2, "train": 6, "rm": 6, "dpo": 6 + 2, "grpo": 2 + 2 + 6, "ppo": 2 + 3 * 2 + 2 * 6},
    (published, "PPO_TOKENS"): (256, 256),
    (published, "SMALL"): "opt-350m",
    (steps, "VALUE_BYTES"): {"bf16": 2, "fp32": 4},
    (recognition, "UNIT"): {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12},
    (recognition, "VOCABULARY"): 50257,  # of GPT-2
    (recognition, "HEAD_SIZE"): 128,
    (recognition, "WIDTH_PER_LAYER"): 128,
    # Sizes in powers of two, up to the GPUs of a node and the deepest pipelines that were published.
    (parallelism, "MICRO_BATCHES"): (1, 2, 4, 8, 16),
    (parallelism, "TENSOR_PARALLEL"): (1, 2, 4, 8),
    (parallelism, "LONGEST_PIPELINE"): 64,
    (human_work, "VALIDATED"): ("self-rewarding", "rlaif", "hybrid", "constitutional", "targeted", "hosted"),
    (methods, "KINDS"): ("seed", "generate", "label", "train", "evaluate", "staff", "overhead"),
    (methods, "LINES"): (
        "seed data",
        "fine-tuning",
        "candidates",
        "labels",
        "training",
        "evaluation",
        "staff",
        "failed runs and sweeps",
    ),
    (runs, "HOURS"): {"ms": 1 / 3_600_000, "s": 1 / 3600, "min": 1 / 60, "h": 1, "d": 24, "weeks": 168},
    (runs, "ALIGNMENT"): ("sft", "rm", "dpo", "ppo", "grpo"),
    (runs, "TRAINING"): ("pretrain", "sft"),
    (runs, "ROLLOUTS"): ("ppo", "grpo"),
}


@pytest.mark.parametrize(("where", "name"), CONSTANTS, ids=lambda each: getattr(each, "__name__", each))
def test_a_constant_is_what_it_is_called(where, name):
    assert getattr(where, name) == pytest.approx(CONSTANTS[where, name], rel=1e-12) if isinstance(
        CONSTANTS[where, name], (int, float)) else getattr(where, name) == CONSTANTS[where, name]  # fmt: skip


def test_verdicts_are_those_of_the_ledger():
    assert {row.verdict for row in claims.ledger().values()} <= set(claims.VERDICTS) and len(claims.VERDICTS) == 9
    assert {"reproduced", "reproduced-from-unrounded", "reproduced-by-rounding", "assumption", "not-reproduced",
            "source-confirms", "source-contradicts", "unverified", "definition"} == set(claims.VERDICTS)  # fmt: skip


def test_tables_lie_beside_their_readers():
    assert (folder.FOLDER / "gpus.csv").is_file()
    assert outputs.Quantity(None, 1.0)[1:] == (1.0, None, None)


@pytest.mark.parametrize("name", ["validation", "facts", "compute", "economics"])
def test_every_name_that_a_package_hands_on_is_there(name):
    package = importlib.import_module(f"costlib.{name}")
    handed_on = getattr(package, "__all__", [])
    assert all(hasattr(package, each) for each in handed_on) and len(set(handed_on)) == len(handed_on)
    if name == "validation":
        public = {n for n, each in vars(package).items() if not n.startswith("_") and not inspect.ismodule(each)}
        assert set(handed_on) == public
