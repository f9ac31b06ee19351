"""costlib params."""

import yaml
from command import costlib, told

from costlib.facts import parameters


def test_limits_are_told_at_eighty_columns():
    lines = told("params", columns=80).splitlines()
    assert max(map(len, lines)) <= 80
    epochs = next(place for place, line in enumerate(lines) if line.startswith("epochs "))
    assert "a whole number from 1 to" in lines[epochs] and lines[epochs + 1].split() == ["1,000"]
    assert any(line.startswith("num_pairs_m1") and " 3,964 pairs " in line for line in lines), "with their units"


def test_params_prints_every_parameter_and_a_template_that_is_a_scenario():
    printed = costlib("params").output
    assert all(name in printed for name in parameters.vocabulary())
    template = costlib("params", "--template").output
    assert yaml.safe_load(template) is None, "as printed, the template changes nothing"
    uncommented = "\n".join(line[2:] for line in template.splitlines() if line.startswith("# ") and ": " in line
                            and line[2:].split(":")[0] in parameters.vocabulary())  # fmt: skip
    assert parameters.check(yaml.safe_load(uncommented)) == parameters.defaults()
