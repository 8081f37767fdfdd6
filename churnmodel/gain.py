"""What a call to each customer is expected to bring, in money."""

from dataclasses import dataclass

import numpy as np

from churnmodel.array_types import Floats
from churnmodel.save_rate import SaveRate
from churnmodel.value import Price


def expected_gain(saved: Floats, value: Floats, price: Price) -> Floats:
    """Give the money a call is expected to bring: P(kept by the call) x value - call - expected offer."""
    return np.asarray(
        saved * value - price.call_cost - price.offer_acceptance * price.offer_cost, dtype=np.float64
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Expected money of a call to each customer, and the bounds of what it may be."""

    estimate: Floats
    low: Floats
    high: Floats


def gain_within(saved: Floats, low: Floats, high: Floats, value: Floats, price: Price) -> Gain:
    """Give the expected gain and its bounds, from the share a call keeps and the bounds of that."""
    return Gain(
        estimate=expected_gain(saved, value, price),
        low=expected_gain(low, value, price),
        high=expected_gain(high, value, price),
    )


def gain_by_risk(risk: Floats, value: Floats, price: Price, rate: SaveRate) -> Gain:
    """Give the expected gain by risk and the save rate, within what that rate may be."""
    high = min(max(rate.high, rate.used), 1.0)
    return gain_within(rate.used * risk, rate.low * risk, high * risk, value, price)
