"""Whose coefficients predict: those given, and for the book's own tables the published ones."""

from own_hardware import changed, started_with

from costlib import validation
from costlib.compute import coefficients
from costlib.facts import hardware
from costlib.validation.predictions import predict
from costlib.validation.tables import read


def test_published_measurements_are_predicted_with_the_coefficients_of_the_book():
    group, row = "inference", "model,gpu,metric,value,unit,weights,batch\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16,1\n"
    slow = changed(["coefficients", "memory-bandwidth-fraction"], dict.fromkeys(("value", "low", "high"), 0.45))
    before = predict(read(row), 0).predicted[0].value
    known = coefficients.of(hardware.checked(slow))
    assert predict(read(row), 0, known).predicted[0].value > 1.5 * before
    assert predict(read(row), 0, coefficients.published()).predicted[0].value == before
    # The book's own tables come from other people's machines, also in a book run again with this file.
    code = f"from costlib import validation; print([p.value for p in validation.own(0).of({group!r})])"
    assert started_with(slow, code) == str([p.value for p in validation.own(0).of(group)])
