"""Wrong, hostile and ordinary inputs at random, always the same ones: a slice of `make fuzz`; and those once wrong."""

import os

import pytest
from fuzz_case import judged, reproduced
from fuzz_kinds import SHARES_OF
from fuzz_seeds import ANSWERED, MISTAKES
from hypothesis import HealthCheck, given, settings

SLICE = 300
SEEDS = MISTAKES | ANSWERED
# No clock, but for whoever looks for what never ends: FUZZ_SECONDS=5 pytest tests/fuzz
SECONDS = float(os.environ.get("FUZZ_SECONDS", 0))


def fails(case):
    return "\n".join(f"{each.sort}: {each.words}\n{reproduced(case)}" for each in judged(case, SECONDS))


def quick(case):
    """Whether a case does without scipy.stats, to import which takes longer than all cases together."""
    return case.command or not any(b"sobol" in content for _, content in case.files)


@pytest.mark.parametrize("kind", SHARES_OF)
def test_inputs_at_random(kind):
    strategy, share = SHARES_OF[kind]

    @settings(max_examples=max(20, round(SLICE * share)), derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy.filter(quick))
    def tried(case):
        assert not (said := fails(case)), said

    tried()


@pytest.mark.parametrize("name", SEEDS)
def test_inputs_that_were_once_answered_wrongly(name):
    assert not (said := fails(SEEDS[name])), said
