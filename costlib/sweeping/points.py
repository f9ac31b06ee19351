"""Point i of a design, from the plan and i alone, so that any chunk can be made anywhere.

Random numbers come from Philox, a counter-based generator :cite:`salmon2011`: its counter is the number of the point,
its key the seed and the name of the input, so an input keeps its numbers when others join. The Sobol sequence has the
scrambled direction numbers of `scipy.stats.qmc`. A Latin hypercube numbers the strata of each input by a keyed
permutation, a Feistel network that is walked until it stays in range, where `scipy.stats.qmc` would hold a permutation
of all points in memory.
"""

import hashlib
from functools import cache

import numpy as np

from costlib.base import sampling

ONE_BELOW = 1 - 2.0**-53
ROUNDS = 6
SOBOL_BITS = 53
MIX = tuple(np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
SHIFTS = tuple(np.uint64(each) for each in (30, 27, 31))


def columns(plan, start, stop):
    """Return the varied inputs of some points.

    Parameters
    ----------
    plan : costlib.sweeping.plan.SweepPlan
    start, stop : first point, and the first after the last

    Returns
    -------
    dict of name to array: values as float64, or the place in `levels` (int64) for names and choices

    Examples
    --------
    >>> from costlib.sweeping.plan import read
    >>> plan = read({"design": "grid", "outputs": ["rlaif.usd"], "vary": {"epochs": [1, 2, 3], "policy_gpus": [8, 16]}})
    >>> found = columns(plan, 1, 5)
    >>> found["epochs"].tolist(), found["policy_gpus"].tolist()
    ([1.0, 2.0, 2.0, 3.0], [16.0, 8.0, 16.0, 8.0])
    """
    if plan.design == "grid":
        places = _grid(plan, start, stop)
    else:
        drawn = uniforms(plan.design, plan.seed, tuple(plan.vary), start, stop, plan.points)
    found = {}
    for name, spread in plan.vary.items():
        if spread.levels is None:
            values = sampling.quantile_of(spread.known, drawn[name])
            found[name] = np.rint(values) if spread.known.type is int else values
            continue
        count = len(spread.levels)
        place = places[name] if plan.design == "grid" else np.minimum((drawn[name] * count).astype(np.int64), count - 1)
        found[name] = place if spread.named else np.array(spread.levels, dtype=np.float64)[place]
    return found


def uniforms(design, seed, names, start, stop, points):
    """Return numbers from 0 to below 1 for each input, of points from `start` to `stop`.

    Parameters
    ----------
    design : "random", "latin-hypercube" or "sobol"
    seed : whole number
    names : of the inputs
    start, stop : first point, and the first after the last
    points : of the whole design

    Returns
    -------
    dict of name to float64 array
    """
    if design == "sobol":
        found = _sobol(seed, len(names), start, stop)
        return dict(zip(names, found, strict=True))
    drawn = {name: _random(seed, name, start, stop) for name in names}
    if design == "random":
        return drawn
    return {
        name: np.minimum((permuted(start, stop, points, _key(seed, f"{name} strata")) + jitter) / points, ONE_BELOW)
        for name, jitter in drawn.items()
    }


def permuted(start, stop, size, key):
    """Return where a permutation of 0 to `size` - 1 takes `start` to `stop` - 1.

    Parameters
    ----------
    key : whole number, which chooses the permutation

    Examples
    --------
    >>> sorted(permuted(0, 10, 10, key=1).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    bits = max(2, (size - 1).bit_length())
    found = _feistel(np.arange(start, stop, dtype=np.uint64), bits, key)
    outside = np.flatnonzero(found >= size)
    while outside.size:
        found[outside] = _feistel(found[outside], bits, key)
        outside = outside[found[outside] >= size]
    return found


def _feistel(numbers, bits, key):
    left, right = bits - bits // 2, bits // 2
    for number in range(ROUNDS):
        kept = numbers & np.uint64((1 << right) - 1)
        mixed = _mixed(kept + np.uint64((key >> 8 * number) % 2**64)) & np.uint64((1 << left) - 1)
        numbers = (kept << np.uint64(left)) | ((numbers >> np.uint64(right)) ^ mixed)
        left, right = right, left
    return numbers


def _mixed(numbers):
    """Scatter bits, by the finaliser of SplitMix64 :cite:`steele2014`."""
    numbers = numbers + MIX[0]
    numbers = (numbers ^ (numbers >> SHIFTS[0])) * MIX[1]
    numbers = (numbers ^ (numbers >> SHIFTS[1])) * MIX[2]
    return numbers ^ (numbers >> SHIFTS[2])


def _key(seed, name):
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:16], "little")


def _random(seed, name, start, stop):
    generator = np.random.Philox(key=_key(seed, name), counter=start // 4)  # four numbers for each count
    raw = generator.random_raw(stop - start // 4 * 4)[start % 4 :]
    return (raw >> np.uint64(11)) * 2.0**-53


@cache
def _directions(seed, dimensions):
    """Scrambled direction numbers and the shift, which scipy computes and keeps without a public name."""
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=True, bits=SOBOL_BITS, rng=seed)
    return engine._sv.astype(np.uint64), engine._shift.astype(np.uint64)


def _sobol(seed, dimensions, start, stop):
    """Point n is the sum, without carries, of the directions at the bits of the Gray code of n.

    Gray codes add up in the same way: a block that starts at a multiple of its length is the first block, moved.
    """
    directions, shift = _directions(seed, dimensions)
    bits = max(1, (stop - start - 1).bit_length())
    first, last = start >> bits, (stop - 1) >> bits
    block = np.zeros((dimensions, 1 << bits), dtype=np.uint64)
    for bit in range(bits):
        step = directions[:, bit] ^ (directions[:, bit - 1] if bit else np.uint64(0))
        block[:, 1 << bit : 2 << bit] = block[:, : 1 << bit] ^ step[:, None]
    blocks = []
    for number in range(first, last + 1):
        code = (number << bits) ^ (number << bits >> 1)
        moved = shift.copy()
        for bit in range(code.bit_length()):
            if code >> bit & 1:
                moved ^= directions[:, bit]
        blocks.append(block ^ moved[:, None])
    whole = np.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]
    return whole[:, start - (first << bits) : stop - (first << bits)] * 2.0**-SOBOL_BITS


def _grid(plan, start, stop):
    """Places in the levels of each input; the last one named turns fastest."""
    rest, places = np.arange(start, stop, dtype=np.int64), {}
    for name, spread in reversed(plan.vary.items()):
        rest, places[name] = np.divmod(rest, len(spread.levels))
    return places
