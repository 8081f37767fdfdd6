"""Which leads suit the moment, when each has its own chance of answering.

Off unless `PacingSettings.lead_level` is set: patents may cover pacing by single leads in some countries
(docs/pacing.md). Only leads near the head of the campaign's list are looked at, so that value is traded
for timing by at most WINDOW places.

With one agent free, or none, the likeliest lead of these is rung first: it fills the agent's time with the
least doubt and leaves no room for a second. With many free, the least likely come first: several of them
fit side by side before the price is reached. In between, middling ones. Whatever is passed over fills the
window and becomes most of it, so nobody is passed over for good, and over a list each lead is rung once,
whatever the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.estimators import Array
from dialer.core.pacing.lookahead import ExactTail, SmoothTail, worst_from

WINDOW = 45  # leads at the head of the list that may be chosen among
MANY = 3  # free agents from which on long shots are rung; found by search in the lab
FEW_AGENTS = 3
MANY_OF_FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Leads to ring, by their place in the list, and the risk each was let through with."""

    indices: tuple[int, ...]
    risks: tuple[float, ...]
    next_risk: float


def choose_leads(
    tail: ExactTail | SmoothTail,
    shares: Array,
    levels: Sequence[float],
    *,
    free: int,
    agents: int,
    price: float,
    limit: int,
) -> Choice:
    """As many leads as the price allows, those that suit so many free agents first.

    `levels` are the candidates' chances in the list's order, `shares` those of an answer by each moment
    if there is one. Calls are added to `tail`.
    """
    window = np.array(levels[: max(WINDOW, 4 * free)])
    many = MANY_OF_FEW if agents <= FEW_AGENTS else MANY
    ordered = np.sort(window)
    least, most = np.searchsorted(ordered, window, "left"), np.searchsorted(ordered, window, "right") - 1
    ranks = (least + most) / max(1.0, 2.0 * len(window) - 2.0)  # 0..1, the same for equally likely leads
    likely = min(1.0, max(0.0, (many - free) / (many - 1)))  # 1: the likeliest first, 0: long shots first
    order = np.argsort(np.round(np.abs(ranks - likely), 9), kind="stable")
    indices: list[int] = []
    risks: list[float] = []
    risk = worst_from(tail.chances())
    for index in order.tolist():
        if risk > price or len(indices) >= limit:
            break
        indices.append(index)
        risks.append(risk)
        tail.add(window[index] * shares)
        risk = worst_from(tail.chances())
    return Choice(indices=tuple(indices), risks=tuple(risks), next_risk=risk)
