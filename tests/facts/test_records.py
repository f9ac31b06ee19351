"""What is shared cannot be changed: every record of the science is frozen."""

import dataclasses
import importlib
import inspect
import pkgutil


def test_every_record_of_the_science_is_frozen():
    found = []
    for floor in ("facts", "compute", "economics", "validation"):
        package = importlib.import_module(f"costlib.{floor}")
        for each in pkgutil.walk_packages(package.__path__, f"costlib.{floor}."):
            module = importlib.import_module(each.name)
            found += [c for _, c in inspect.getmembers(module, dataclasses.is_dataclass) if c.__module__ == each.name]
    assert {c.__name__ for c in found} >= {"Input", "Option", "Output", "Parameter", "Hardware", "Architecture"}
    assert all(c.__dataclass_params__.frozen for c in found), found
    # Hardware and Architecture are equal only to themselves, so that what is remembered of them is found again.
    assert {c.__name__ for c in found if not c.__dataclass_params__.eq} == {"Hardware", "Architecture"}
