"""What a customer is worth and what a call costs, in money."""

from dataclasses import dataclass


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
