"""Measure what several campaigns on the same customers are each said to have changed.

    PYTHONPATH=. python tests/bench/effect/shared_customers.py --runs 40

Every call, of whichever campaign, keeps 2.5 points of customers of whom a quarter would leave: a tenth of
those. All campaigns list everybody and hold out the same tenth. Beside the figures of the product stand those
that come of comparing each campaign's called with its uncalled, as if it were alone.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from churnmodel.effect import Outcomes, join, measure
from churnmodel.holdout import Entered, Experiment, assign
from churnmodel.save_rate_measurement import measure_save_rate
from churnmodel.value import Price
from dialer.db.queries.assignments import Assigned
from dialer.services.analytics.effect import by_any_campaign, outcomes_of
from dialer.services.analytics.overlapping_campaigns import Placed, Together, home_of

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
BASE = 0.25
POINTS = 0.025


def year(
    seed: int, customers: int, campaigns: int, *, overlap: float = 1.0
) -> tuple[list[Outcomes], list[Outcomes]]:
    """Give each campaign's outcomes as the product reads them, and as if each were alone.

    `overlap` is the share of customers whom every campaign lists; the others are on the first list alone.
    """
    rng = np.random.default_rng(seed)
    ids = [f"c{place}" for place in range(customers)]
    on_all = rng.random(customers) < overlap
    listed = [np.ones(customers, dtype=np.bool_), *([on_all] * (campaigns - 1))]
    drawn = [
        assign(ids, list(each), Experiment(name=f"list {number}", salt=f"{seed}"))
        for number, each in enumerate(listed)
    ]
    calls = sum(np.array([one.call for one in each], dtype=float) for each in drawn)
    left = (rng.random(customers) < BASE - POINTS * calls).astype(float)
    placed = [
        [
            Placed(BEGAN, one.call, Entered(f"{seed}", 0.1, one.propensity)) if one.listed else None
            for one in each
        ]
        for each in drawn
    ]
    product, alone = [], []
    for mine, each in enumerate(drawn):
        others = {
            home_of(None, place): found
            for place in range(customers)
            if (found := [at for number, one in enumerate(placed) if number != mine and (at := one[place])])
        }
        together = Together(
            control=0.1, salt=f"{seed}", shared_since=dict.fromkeys(others, BEGAN), others=others
        )
        people = [
            Assigned(
                campaign=mine, customer=place, lead=place, household=None, arm=one.arm, listed=True,
                call=one.call, propensity=one.propensity, risk=BASE, value=400.0, language="en",
                attributes={},
            )
            for place, one in enumerate(each)
            if one.listed
        ]  # fmt: skip
        fates = [left[one.customer] for one in people]
        product.append(outcomes_of(people, fates, Price(), together=together))
        apart = replace(together, shared_since={}, others={})
        alone.append(outcomes_of(people, fates, Price(), together=apart))
    return product, alone


def main(words: Sequence[str] | None = None) -> None:
    """Print one row for each number of campaigns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--overlap", type=float, default=1.0)
    given = parser.parse_args(words)
    for campaigns in (1, 2, 3, 4):
        beyond: list[float] = []
        by_all: list[float] = []
        before: list[float] = []
        rates: list[float] = []
        old_rates: list[float] = []
        covered = 0
        for seed in range(given.runs):
            product, alone = year(seed, given.customers, campaigns, overlap=given.overlap)
            kept = measure(product[0]).kept
            beyond.append(kept.estimate)
            covered += kept.low <= POINTS <= kept.high
            by_all.append(measure(by_any_campaign(product[0])).kept.estimate)
            before.append(measure(alone[0]).kept.estimate)
            people = product[0].household
            for lists, found in ((product, rates), (alone, old_rates)):
                homes = np.concatenate([one.household for one in lists]) if people is not None else None
                measured = measure_save_rate(replace(join(lists), household=homes))
                found.append(measured.rate if measured else np.nan)
        print(  # noqa: T201 - a table on standard output
            f"{campaigns} campaigns: beyond {np.mean(beyond):+.2%} (sd {np.std(beyond):.2%}, interval covers "
            f"{covered / given.runs:.0%}), all calling {np.mean(by_all):+.2%}, as if alone "
            f"{np.mean(before):+.2%}; save rate {np.mean(rates):.3f} (sd {np.std(rates):.3f}), "
            f"as if alone {np.mean(old_rates):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
