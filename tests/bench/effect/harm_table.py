"""Measure how often harm is seen where there is none, and how often where there is.

    PYTHONPATH=. python tests/bench/effect/harm_table.py --runs 1000            # false alarms, every cell
    PYTHONPATH=. python tests/bench/effect/harm_table.py --power --runs 400     # against intervals below zero

A campaign of `n` customers, of whom a tenth is held out and a tenth of the rest left to a coin, has 60 days;
who leaves does so on a day that chance draws. Harm is looked for every day, or every week.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from churnmodel.array_types import Bools, Floats
from churnmodel.effect import sequence_radius
from churnmodel.harm import PROVEN, Leavings, stakes

CALLED = 0.855  # 90 % not held out, less half of the tenth left to the coin
DAYS = 60
SIZES = (500, 2_000, 5_000, 20_000, 50_000)
BASES = (0.02, 0.05, 0.10, 0.20, 0.40)
WORLDS = (  # customers, share that leaves, points that a call adds
    (10_000, 0.10, 0.016),
    (20_000, 0.10, 0.025),
    (20_000, 0.10, 0.018),
    (50_000, 0.10, 0.020),
    (5_000, 0.10, 0.050),
    (5_000, 0.40, 0.060),
)


def campaign(rng: np.random.Generator, n: int, base: float, harm: float) -> tuple[Bools, Floats]:
    """Draw who is to be called, and the day on which each leaves; infinity: stayed."""
    called = rng.random(n) < CALLED
    left = rng.random(n) < base + harm * called
    return called, np.where(left, rng.random(n) * DAYS, np.inf)


def leavers(called: Bools, day: Floats) -> Leavings:
    """What `harm.leavings` makes of a campaign that shares its customers with no other, in one go."""
    told = np.argsort(day, kind="stable")[: int(np.isfinite(day).sum())]
    gone = called[told].astype(float)
    before = np.concatenate([[0.0], np.cumsum(gone)[:-1]])
    there = len(called) - np.arange(len(told))
    return Leavings(called=gone, chance=(called.sum() - before) / there)


def seen(called: Bools, day: Floats) -> tuple[bool, bool]:
    """Whether harm is seen at any look, daily or weekly."""
    stake = np.maximum.accumulate(stakes(leavers(called, day)))
    days = np.sort(day[np.isfinite(day)])

    def by(last: int) -> bool:
        known = int(np.searchsorted(days, last, side="right"))
        return known > 0 and bool(stake[known - 1] >= np.log(PROVEN))

    return by(DAYS), by(DAYS - DAYS % 7)


def below_zero(called: Bools, day: Floats, every: int) -> bool:
    """Whether an interval for the effect lies below zero at any look: the rule that is replaced."""
    sign = np.where(called, 1 / CALLED, -1 / (1 - CALLED))
    odds = np.where(called, (1 - CALLED) / CALLED, CALLED / (1 - CALLED))
    for look in range(every, DAYS + 1, every):
        stayed = (day > look).astype(float)
        terms = sign * (stayed - np.average(stayed, weights=odds))
        if terms.mean() + sequence_radius(float(terms.std(ddof=1)), len(terms)) < 0:
            return True
    return False


def main(words: Sequence[str] | None = None) -> None:
    """Print one row a cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    given = parser.parse_args(words)
    cells = WORLDS if given.power else [(n, base, 0.0) for n in given.sizes for base in BASES]
    for n, base, harm in cells:
        rng = np.random.default_rng([n, round(1000 * base), round(10_000 * harm)])
        daily = weekly = old = 0
        for _ in range(given.runs):
            rows = campaign(rng, n, base, harm)
            every_day, every_week = seen(*rows)
            daily += every_day
            weekly += every_week
            old += given.power and below_zero(*rows, 1)
        said = [f"{n:6,} {base:4.0%} {harm:+.1%}: daily {daily / given.runs:.3f}"]
        said.append(f"weekly {weekly / given.runs:.3f}")
        said += [f"interval {old / given.runs:.3f}"] if given.power else []
        print(", ".join(said), flush=True)  # noqa: T201 - a table on standard output


if __name__ == "__main__":
    main()
