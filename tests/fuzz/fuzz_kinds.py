"""The kinds of inputs, and the share of each.

Most are good files with a mistake or two in them, of which the case knows; others have bytes changed at random, of
which nothing is known but that the answer must be one.
"""

from fuzz_calls import calls, words
from fuzz_hardware import machines
from fuzz_models import configurations, names
from fuzz_options import options
from fuzz_recipes import recipes
from fuzz_scenarios import links, mild_scenarios, pairs, scenarios
from fuzz_sweeps import points, sweeps
from fuzz_tables import tables
from hypothesis import strategies as st

# Which kinds there are, and the share of each in the inputs of `make fuzz`.
SHARES_OF = {
    "scenario": (st.one_of(scenarios(), scenarios(), pairs(), mild_scenarios()), 0.16),
    "sweep": (st.one_of(sweeps(), sweeps(), sweeps(), points()), 0.14), "hardware": (machines(), 0.08),
    "measurements": (tables(), 0.12), "options": (options(), 0.14), "link": (links(), 0.06), "call": (calls(), 0.06),
    "words": (words(), 0.04), "recipe": (recipes(), 0.08), "configuration": (configurations(), 0.07),
    "name": (names(), 0.05),
}  # fmt: skip
