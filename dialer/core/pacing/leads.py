"""Which leads suit the moment, when each has its own chance of answering.

Off unless `PacingSettings.lead_level` is set: patents may cover pacing by single leads in some countries
(docs/pacing.md). Only leads near the head of the campaign's list are looked at, and among leads equally
likely to answer the list's order holds, so that value is traded for timing by at most WINDOW places.

For each third of those leads, by likelihood, the look-ahead says how many the price allows and how many
answers they would bring. The third whose answers are furthest above its own average is rung: likely
leads when there is room for one answer, long shots when there is room for many. A third that is rarely
suitable fills the window and becomes most of it, so nobody is passed over for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.laws import Array
from dialer.core.pacing.lookahead import ExactTail, SmoothTail, worst_from

WINDOW = 45  # leads at the head of the list that may be chosen among
THIRDS = 3
MEMORY = 400.0  # choices that the averages are taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Leads to ring, by their place in the list, and the risk each was let through with."""

    places: tuple[int, ...]
    risks: tuple[float, ...]
    next_risk: float
    answers: float  # expected


class LeadChooser:
    """Keeps what each third of the leads brings on average."""

    __slots__ = ("_usual",)

    def __init__(self) -> None:
        self._usual = [1.0] * THIRDS

    def choose(
        self,
        tail: ExactTail | SmoothTail,
        shares: Array,
        levels: Sequence[float],
        *,
        price: float,
        least: int,
        limit: int,
    ) -> Choice:
        """The leads to ring now, `least` or more if there are as many.

        `levels` are the candidates' chances in the list's order, `shares` those of an answer by each
        moment if there is one.
        """
        window = np.array(levels[: max(WINDOW, 2 * THIRDS * least)])
        parts = np.array_split(np.argsort(-window, kind="stable"), THIRDS)
        trials = [
            fill(tail.copy(), shares, window, sorted(part.tolist()), price=price, limit=limit)
            for part in parts
        ]
        if min(len(trial.places) for trial in trials) < min(least, limit):  # the list is nearly at its end
            return fill(tail, shares, window, range(len(window)), price=price, limit=limit)
        best = max(range(THIRDS), key=lambda third: trials[third].answers / self._usual[third])
        if trials[best].places:
            for third, trial in enumerate(trials):
                self._usual[third] += (trial.answers - self._usual[third]) / MEMORY
        return trials[best]


def fill(
    tail: ExactTail | SmoothTail,
    shares: Array,
    window: Array,
    places: Sequence[int],
    *,
    price: float,
    limit: int,
) -> Choice:
    """As many of these leads as the price allows."""
    rung: list[int] = []
    risks: list[float] = []
    answers = 0.0
    risk = worst_from(tail.chances())
    for place in places:
        if risk > price or len(rung) >= limit:
            break
        rung.append(place)
        risks.append(risk)
        answers += float(window[place])
        tail.add(window[place] * shares)
        risk = worst_from(tail.chances())
    return Choice(places=tuple(rung), risks=tuple(risks), next_risk=risk, answers=answers)
