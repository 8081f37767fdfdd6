"""A made-up telecom company: customers, who left, and the truth that no real company knows.

For the demo, tests and benchmarks. Everything comes from one seed; names are invented from word lists. The
truth (chance of leaving without and with a call) is kept apart in `customer_truth`.
"""

from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, sigmoid

FIRST_NAMES: Final = (
    "Ada", "Bruno", "Carla", "Daan", "Elif", "Farid", "Greta", "Hugo", "Iris", "Jonas", "Kaya", "Lena",
    "Milan", "Nora", "Otis", "Petra", "Quinn", "Rosa", "Sami", "Tilda", "Uma", "Viktor", "Wanda",
    "Xenia", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Ahlers", "Brandt", "Castell", "Dorn", "Engel", "Fontane", "Gruber", "Halloway", "Ibsen", "Jansen",
    "Kowal", "Lindqvist", "Marlow", "Nagel", "Orlando", "Pruitt", "Quast", "Rivers", "Sandoval",
    "Thorne", "Unger", "Vance", "Winter", "Yardley", "Zimmer",
)  # fmt: skip

CONTRACTS: Final = ("month to month", "one year", "two years")
PLANS: Final = ("S", "M", "L", "XL")
REGIONS: Final = ("north", "east", "south", "west", "coast")
CHANNELS: Final = ("shop", "web", "phone", "partner")

CHURN_INTERCEPT: Final = -2.15
"""Puts the share of leavers near 18 %, in the range of published telecom files (14 to 27 %)."""


def _world(n: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng([seed, 0x5EED])
    contract = rng.choice(3, n, p=(0.5, 0.3, 0.2))
    tenure = np.minimum(120, np.floor(rng.gamma(1.3, 18.0, n) + 6 * contract)).astype(np.int64)
    plan = rng.choice(4, n, p=(0.25, 0.4, 0.25, 0.1))
    charge = np.round(19 + 13 * plan + rng.normal(0, 4.5, n) - 3.0 * contract, 2)
    trend = np.round(rng.normal(-1, 18, n), 1)
    complaints = rng.poisson(0.25 + 0.35 * rng.binomial(1, 0.12, n), n)
    outages = rng.poisson(0.4, n)
    support = rng.poisson(0.6 + 0.8 * complaints, n)
    late = rng.poisson(0.3, n)
    left_days = np.where(contract == 0, np.nan, np.floor(rng.random(n) * np.where(contract == 1, 365, 730)))
    age = np.clip(rng.normal(47, 16, n), 18, 95).round()
    satisfaction = np.clip(np.round(8.2 - 1.5 * complaints - 0.6 * outages + rng.normal(0, 1.3, n)), 0, 10)
    ending = np.where(np.isnan(left_days), 0.0, np.exp(-np.nan_to_num(left_days) / 30.0))
    leaning = (
        CHURN_INTERCEPT
        + 0.85 * (contract == 0)
        - 0.45 * (contract == 2)  # noqa: PLR2004 - two years
        - 0.022 * np.minimum(tenure, 72)
        + 0.55 * complaints
        + 0.22 * outages
        + 2.1 * ending
        - 0.022 * trend
        + 0.014 * (charge - 35)
        + 0.25 * late
        + 0.5 * ((complaints > 0) & (contract == 0))
        + rng.normal(0, 0.35, n)  # what no column tells
    )
    effect = _effect_of_a_call(
        complaints=complaints, ending=ending, trend=trend, contract=contract, leaning=leaning
    )
    stays_away = sigmoid(leaning)
    with_call = sigmoid(leaning - effect)
    churned = rng.random(n) < stays_away
    first, last = rng.choice(len(FIRST_NAMES), n), rng.choice(len(LAST_NAMES), n)
    customers = pl.DataFrame(
        {
            "id": [f"C{number:06d}" for number in range(1, n + 1)],
            "name": [f"{FIRST_NAMES[a]} {LAST_NAMES[b]}" for a, b in zip(first, last, strict=True)],
            "tenure_months": tenure,
            "contract": [CONTRACTS[index] for index in contract],
            "days_to_contract_end": pl.Series(left_days).fill_nan(None).cast(pl.Int64),
            "plan": [PLANS[index] for index in plan],
            "monthly_charge": charge,
            "usage_trend": _with_gaps(trend, 0.03, rng),
            "complaints_60d": complaints,
            "outages_30d": outages,
            "support_calls_90d": support,
            "late_payments_12m": late,
            "auto_pay": rng.random(n) < 0.6,  # noqa: PLR2004 - share
            "age": _with_gaps(age, 0.08, rng).cast(pl.Int64),
            "satisfaction": _with_gaps(satisfaction, 0.4, rng).cast(pl.Int64),
            "region": [REGIONS[index] for index in rng.choice(len(REGIONS), n)],
            "joined_through": [CHANNELS[index] for index in rng.choice(len(CHANNELS), n)],
            "churned": churned.astype(np.int64),
        }
    )
    truth = pl.DataFrame(
        {
            "id": customers.get_column("id"),
            "leaves": stays_away,
            "leaves_if_called": with_call,
            "effect": stays_away - with_call,
        }
    )
    return customers, truth


def _effect_of_a_call(
    *,
    complaints: np.ndarray[tuple[int], np.dtype[np.int64]],
    ending: Floats,
    trend: Floats,
    contract: np.ndarray[tuple[int], np.dtype[np.int64]],
    leaning: Floats,
) -> Floats:
    """How far a call moves the log-odds towards staying; below zero it wakes a sleeping dog."""
    helps = 0.25 + 0.55 * np.minimum(complaints, 2) + 0.9 * ending
    asleep = (contract == 0) & (complaints == 0) & (trend < -10)  # noqa: PLR2004 - hardly uses it, pays on
    lost = leaning > 0.8  # noqa: PLR2004 - has decided
    return np.where(asleep, -0.6, np.where(lost, 0.1, helps))


def _with_gaps(values: Floats, share: float, rng: np.random.Generator) -> pl.Series:
    return pl.Series(np.where(rng.random(len(values)) < share, np.nan, values)).fill_nan(None)


def make_customers(n: int, seed: int) -> pl.DataFrame:
    """Give `n` customers: features, some missing, and the outcome `churned` (0/1); the seed fixes all."""
    return _world(n, seed)[0]


def customer_truth(n: int, seed: int) -> pl.DataFrame:
    """Give the truth about the same customers: `id`, `leaves`, `leaves_if_called`, `effect` (probabilities).

    `effect` above zero: a call keeps some; below: a call drives some away.
    """
    return _world(n, seed)[1]
