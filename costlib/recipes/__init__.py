"""Training configurations that people have, read as jobs: which keys are used, assumed, ignored, and what is missing.

One engine reads all of them by `facts/recipe_keys.csv`, a row for each key of a framework with its standard term,
default and values; :mod:`costlib.recipes.frameworks` has what a table cannot say. Nothing is executed.
"""
