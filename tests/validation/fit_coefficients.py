"""Fit the coefficients of speed to the calibration half, and print what fits beside what the facts have.

`make fit` runs this file. The rule is one for all: the value of a coefficient is where the mean distance between
predicted and measured, on the scale of the logarithm, is least over the calibration rows of the sources that its row
names. Reported rows are not read. Coefficients of one line of :data:`TOGETHER` are fitted in turn until none moves.
"""

import math
from statistics import fmean, median

from costlib import validation
from costlib.compute.coefficients import published
from costlib.facts import catalog

TIMES = ("s", "GPU-h", "USD")
STEP = 1.02
TOGETHER = {
    ("elementwise-bytes", "training-attention-fraction", "link-fraction"): (
        "mosaicml2023llmfoundry",
        "training throughput",
    ),
    ("all-reduce-fraction",): ("narayanan2021 korthikanti2022", "training throughput"),
    ("rl-update-fraction", "rollout-fraction", "static-rollout-fraction"): ("yao2023dschat nemorl2025", "alignment"),
}


def cases(sources, group):
    """The calibration rows of some sources in a group."""
    found = [p.case for p in validation.own(0).of(group, "calibration")]
    found = [case for case in found if any(source in case.source for source in sources.split())]
    return [case for case in found if case.unit != "USD"]  # a price is a time again


def distance(found, values):
    """Mean and median of log(predicted / measured), as a speed, with some coefficients in place."""
    known = published().replaced(values)
    logs = [math.log(case.predict(known) / case.measured) * (-1 if case.unit in TIMES else 1) for case in found]
    return fmean(map(abs, logs)), median(logs)


def fitted(names, found):
    """Values of some coefficients at which the mean distance is least, each within its range."""
    known = {name: catalog.find("coefficients", name) for name in names}
    values = {name: known[name].value for name in names}
    best, moved = distance(found, values)[0], True
    while moved:
        moved = False
        for name in names:
            for factor in (STEP, 1 / STEP):
                tried = values | {name: values[name] * factor}
                while known[name].low <= tried[name] <= known[name].high and distance(found, tried)[0] < best - 1e-6:
                    values, best, moved = tried, distance(found, tried)[0], True
                    tried = values | {name: values[name] * factor}
    return values


def main():
    for names, (sources, group) in TOGETHER.items():
        found = cases(sources, group)
        values = fitted(names, found)
        print(f"{group}, {len(found)} calibration rows of {sources.replace(' ', ', ')}")
        stated = {name: catalog.find("coefficients", name).value for name in names}
        for name in names:
            print(f"  {name:30} stated {stated[name]:<8g} fitted {values[name]:.4g}")
        for word, each in (("stated", stated), ("fitted", values)):
            mean, middle = distance(found, each)
            print(f"  {word}: off by {math.expm1(mean):.1%} in the mean, {math.expm1(middle):+.1%} in the median")


if __name__ == "__main__":
    main()
