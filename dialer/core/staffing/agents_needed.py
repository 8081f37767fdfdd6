"""How many agents it takes so that people are served in time, some of whom give up: Erlang A.

Callers ring in at random, a call takes an exponential time, and whoever waits gives up after another one
(M/M/n+M, Palm 1957). What somebody with endless patience would wait is the offered wait V; with λ callers and
μ calls of one agent in a second, n agents, patience 1/θ and H(x) = (1 - exp(-θx))/θ,

    P(V > t) = λ J(t) / (E + λ J(0)),   J(t) = the integral of exp(λ H(x) - nμx) from t on,
    E = the sum over j below n of (λ/μ)^j / j!, over (λ/μ)^(n-1) / (n-1)!

(Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue",
2005). People at home with a promise give up nothing, so for them the offered wait is the wait: the agents it
takes to keep a promise in time are those it takes to offer that wait.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

STEPS: Final = 400  # of the integral in each stretch of it; twice as many change P by less than 1e-4
LEAST_WEIGHT: Final = 40.0  # of the exponent below its highest: what is left out is under exp(-40) of it
MOST_AGENTS: Final = 2_000  # more than any queue has


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """People an hour, and what each takes and bears, seconds."""

    per_hour: float
    call_s: float
    patience_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGoal:
    """So large a share is to wait no longer than this."""

    within_s: float
    share: float


def share_beyond(demand: Demand, agents: int, wait_s: float) -> float:
    """The share of people who would wait longer than `wait_s` with so many agents; 1 without any."""
    if demand.per_hour <= 0.0:
        return 0.0
    if agents <= 0:
        return 1.0
    rate, served, leaving = demand.per_hour / 3600.0, 1.0 / demand.call_s, 1.0 / demand.patience_s
    load, term, idle = rate / served, 1.0, 0.0
    for below in range(agents - 1, -1, -1):  # (load^j / j!) over (load^(n-1) / (n-1)!), from j = n - 1 down
        idle += term
        term *= below / load
    whole_log, whole = _integral(rate, agents * served, leaving, 0.0)
    late_log, late = _integral(rate, agents * served, leaving, wait_s)
    # idle + rate * whole * exp(whole_log), all over exp(whole_log): nothing overflows
    under = idle * np.exp(-whole_log) + rate * whole
    return float(min(1.0, rate * late * np.exp(late_log - whole_log) / under))


def agents_needed(demand: Demand, goal: ServiceGoal) -> int:
    """The fewest agents with whom the goal is met; 0 where nobody comes."""
    if demand.per_hour <= 0.0:
        return 0
    low, high = 0, max(1, ceil(demand.per_hour / 3600.0 * demand.call_s))
    while high < MOST_AGENTS and not _meets(demand, high, goal):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _meets(demand, middle, goal) else (middle, high)
    return high


def _meets(demand: Demand, agents: int, goal: ServiceGoal) -> bool:
    return share_beyond(demand, agents, goal.within_s) <= 1.0 - goal.share


def _integral(rate: float, served: float, leaving: float, start_s: float) -> tuple[float, float]:
    """J from `start_s` on, as the logarithm of a factor and the rest, by Simpson's rule."""

    def exponent(x: np.ndarray) -> np.ndarray:
        return rate * -np.expm1(-leaving * x) / leaving - served * x

    highest = max(start_s, float(np.log(rate / served)) / leaving if rate > served else 0.0)
    top = float(exponent(np.array([highest]))[0])
    end = highest + 1.0 / served
    while top - float(exponent(np.array([end]))[0]) < LEAST_WEIGHT:
        end = highest + 2.0 * (end - highest)
    total = 0.0
    for first, last in ((start_s, highest), (highest, end)):
        if last > first:
            x = np.linspace(first, last, 2 * STEPS + 1)
            y = np.exp(exponent(x) - top)
            width = (last - first) / (2 * STEPS)
            total += float(width / 3.0 * (y[0] + y[-1] + 4.0 * y[1:-1:2].sum() + 2.0 * y[2:-1:2].sum()))
    return top, total
