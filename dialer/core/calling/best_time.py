"""When today a lead is best rung: now, later, or at an hour drawn by chance so that learning stays true.

A lead whose chance of an answer is clearly better at a later hour of its day waits behind those for whom now
is as good as later. It still comes before an idle agent: waiting is an order, not a refusal. What is given up
for it is a little of the list's own order, by as many places as are looked at (`LOOK_AHEAD`).

A small share of leads is rung at an hour drawn from all allowed hours of the day instead. Only these tell
what an hour is worth: everybody else is rung when the model says so, and would prove it right whatever it
says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from churnmodel.holdout import draw

CLEARLY: Final = 1.3  # times the chance: hours differ by about so much where they differ at all
BY_POINTS: Final = 0.05  # and by so much: below, a wait gains less than one answer in twenty calls
LOOK_AHEAD: Final = 4  # times as many leads are looked at as are asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What this hour is for one lead."""

    offered: bool = True  # False: it waits for the hour that chance drew
    drawn: bool = False  # this is that hour
    waits: bool = False  # a later hour today is clearly better
    propensity: float | None = None  # chance with which the hour was drawn, where it was


ANY_MOMENT: Final = Moment()


def moment_of(chances: Sequence[float], hour: int, allowed: Sequence[int], *, drawn: int | None) -> Moment:
    """What `hour` is for a lead with these chances of an answer (24, by hour of its day).

    `allowed` are the day's hours in which it may be rung, `drawn` the one that chance gave it, if it did. A
    drawn hour that is over counts for nothing.
    """
    if drawn is not None and drawn >= hour:
        here = drawn == hour
        return Moment(offered=here, drawn=here, propensity=1 / len(allowed) if here else None)
    later = max((chances[each] for each in allowed if each > hour), default=0.0)
    now = chances[hour]
    return Moment(waits=later >= CLEARLY * now and later - now >= BY_POINTS)


def draw_hour(lead: int, attempts: int, day: date, allowed: Sequence[int], share: float) -> int | None:
    """The hour that chance gives a lead's next attempt on a day, or None for all but a share of them.

    The same lead, attempt and day always give the same answer: a restart draws nothing anew. Each allowed
    hour is equally likely.
    """
    if not allowed:
        return None
    chance = draw(f"{lead}", f"hour of {day}", f"attempt {attempts}")
    return allowed[int(chance / share * len(allowed))] if chance < share else None
