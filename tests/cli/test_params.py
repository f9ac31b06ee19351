"""costlib params."""

import yaml
from command import costlib

from costlib.facts import parameters


def test_params_prints_every_parameter_and_a_template_that_is_a_scenario():
    printed = costlib("params").output
    assert all(name in printed for name in parameters.vocabulary())
    template = costlib("params", "--template").output
    assert yaml.safe_load(template) is None, "as printed, the template changes nothing"
    uncommented = "\n".join(line[2:] for line in template.splitlines() if line.startswith("# ") and ": " in line
                            and line[2:].split(":")[0] in parameters.vocabulary())  # fmt: skip
    assert parameters.check(yaml.safe_load(uncommented)) == parameters.defaults()
