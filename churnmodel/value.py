"""What a customer is worth and what a call is expected to bring, in money."""

from dataclasses import dataclass

import numpy as np

from churnmodel.array_types import Floats
from churnmodel.save_rate import SaveRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The figures behind an expected gain. Money in one currency of your choice.

    `save_rate` is the share of leavers whom a call keeps: an assumption until hold-outs have measured it
    (`save_rate.settle`). The published trial of retention calls kept about one in nine (Godinho de Matos et
    al. 2018: churn fell from 17.2 % to 15.3 %).
    """

    charge_column: str = ""  # what the customer pays a month; guessed by name if empty
    flat_value: float = 400.0  # worth of a customer whose charge is unknown, over the horizon
    margin: float = 0.4  # share of the charge that is margin
    horizon_months: float = 24.0
    call_cost: float = 3.0  # one call, agent and line
    try_cost: float = 0.25  # one call that reaches nobody: half a minute of an agent, and the line
    call_minutes: float = 6.0  # agent time of one call with wrap-up
    offer_cost: float = 10.0
    offer_acceptance: float = 0.25  # share of called customers who take the offer, leavers or not
    save_rate: float = 0.11


def cost_of(price: Price, *, answered: int, in_vain: int, offered: bool) -> float:
    """Give the money spent on one customer: calls that reached somebody, calls that did not, an offer."""
    return answered * price.call_cost + in_vain * price.try_cost + offered * price.offer_cost


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
