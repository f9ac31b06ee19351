"""Engines: what each sets, and that doors offer those of the table."""

import pytest

from costlib.compute import engines, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.compute.inference import decode_step
from costlib.facts import catalog, options


def test_the_option_offers_the_engines_of_the_table():
    assert options.options()["engine"].choices == tuple(catalog.table("engines", None))


def test_an_engine_sets_the_rates_that_its_row_names():
    rates = engines.rates(timing.roofline("a100-sxm-80gb"), "hf-generate")
    assert rates.bandwidth == pytest.approx(0.34 * 2039e9)  # data sheet: 2,039 GB/s
    # 32 layers at 400 microseconds, and 6.6 billion weights of 2 bytes over 693 GB/s
    assert decode_step(find("llama-2-7b"), rates, 1, 0).launch == pytest.approx(32 * 400e-6)


def test_the_default_engine_is_that_of_the_coefficients():
    assert dict(engines.at(published(), "vllm")) == dict(published())
