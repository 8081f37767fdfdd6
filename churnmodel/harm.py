"""Whether calling drives customers away: a test of every leaver as told, exact at any look.

If calls change nothing, each next leaver is any of those who are still there, so the chance that it was one
to be called is known from the draws. A bet on "more of them than that" multiplies its stake by what the
leaver shows. Without harm the stake ever grows 25-fold in at most one campaign of 25, however often and
however long one looks, and however few have left (Ville's inequality). It is the safe logrank test of ter
Schure, Pérez-Ortiz, Ly and Grünwald (2020), made exact by the draws: no model of who leaves is needed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from churnmodel.array_types import Floats, Ints

RATIO_SPREAD: Final = 0.3
"""Standard deviation of the log of the ratio bet on: half of the stake on less than a fifth more leavers.

Narrower finds small harm in large campaigns a little sooner, wider finds large harm in small ones; this loses
to neither by much (`tests/bench/effect/harm_table.py`).
"""

RATIOS: Final = np.exp(np.linspace(0.01, 2.5, 64))
"""How many times as likely a call makes leaving, as bet on: from hardly more to twelvefold."""

PROVEN: Final = 25.0
"""The stake at which harm is told: at most 4 % of harmless campaigns ever reach it, over all looks.

A little below the five in a hundred that are allowed, so that no thousand made-up campaigns show more.
"""

OUTSIDE: Final = -1
"""The stratum of those who are compared with nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Those whom chance assigned, a unit of assignment each: household, or customer who has none.

    Within a stratum everybody had the same chance of a call. `moved_at` is when `moved_to` takes the place of
    `stratum`. Moments are in any one unit; infinity is never.
    """

    called: Floats  # 1 assigned to be called
    told_at: Floats  # when its first leaving was told
    stratum: Ints
    moved_at: Floats
    moved_to: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavings:
    """Leavers in the order of the telling: 1 called or 0, and the chance of that if calls change nothing."""

    called: Floats
    chance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What the leavers show so far."""

    leavers: int
    called: int  # of them, assigned to be called
    expected: float  # of them, if calls changed nothing
    evidence: float  # the largest the stake ever was, from 1


def leavings(watched: Watched) -> Leavings:
    """Go through the leavers as they were told, with those who were still there each time."""
    stratum: list[int] = watched.stratum.tolist()
    moved_to: list[int] = watched.moved_to.tolist()
    called: list[float] = watched.called.tolist()
    size = max((*stratum, *moved_to, 0)) + 1
    inside = watched.stratum != OUTSIDE
    there = np.bincount(watched.stratum[inside], minlength=size).tolist()
    called_there = np.bincount(watched.stratum[inside], watched.called[inside], minlength=size).tolist()
    moving = _in_order(watched.moved_at)
    gone = [False] * len(stratum)
    shown: list[tuple[float, float]] = []
    moved = 0
    for unit, told_at in _in_order(watched.told_at):
        while moved < len(moving) and moving[moved][1] <= told_at:
            mover = moving[moved][0]
            moved += 1
            if gone[mover]:
                continue
            for index, step in ((stratum[mover], -1), (moved_to[mover], 1)):
                if index != OUTSIDE:
                    there[index] += step
                    called_there[index] += step * called[mover]
            stratum[mover] = moved_to[mover]
        index = stratum[unit]
        gone[unit] = True
        if index != OUTSIDE:
            shown.append((called[unit], called_there[index] / there[index]))
            there[index] -= 1
            called_there[index] -= called[unit]
    each = np.array(shown, dtype=np.float64).reshape(-1, 2)
    return Leavings(called=each[:, 0], chance=each[:, 1])


def _in_order(moments: Floats) -> list[tuple[int, float]]:
    """The units to whom it happens at all, the first one first."""
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    return list(zip(order.tolist(), moments[order].tolist(), strict=True))


def stakes(found: Leavings, *, helps: bool = False) -> Floats:
    """Give the log of the stake after each leaver, bet on harm; `helps`: on the called leaving less.

    Each alone is an e-process: its mean is at most 1 at any moment if calls change nothing.
    """
    if not len(found.called):
        return np.zeros(1)
    ratios = 1 / RATIOS if helps else RATIOS
    share = np.exp(-(np.log(RATIOS) ** 2) / (2 * RATIO_SPREAD**2))
    chance, called = found.chance[:, None], found.called[:, None]
    gained = np.where(called > 0, np.log(ratios), 0.0) - np.log(1 - chance + ratios * chance)
    total = np.cumsum(gained, axis=0)
    most = total.max(axis=1, keepdims=True)
    mixed = most[:, 0] + np.log(np.exp(total - most) @ (share / share.sum()))
    return np.asarray(mixed, dtype=np.float64)


def judge_harm(watched: Watched) -> Harm:
    """Say what the leavers show of harm, at this look and all before it."""
    found = leavings(watched)
    return Harm(
        leavers=len(found.called),
        called=int(found.called.sum()),
        expected=float(found.chance.sum()),
        evidence=float(np.exp(min(float(stakes(found).max()), LARGEST))),
    )


LARGEST: Final = 700.0
"""Log of the largest stake that is told: a float ends a little above."""


def two_sided(watched: Watched) -> float:
    """Give the evidence against "calls change nothing", for better or worse: its mean is at most 1 if so."""
    found = leavings(watched)
    both = (stakes(found)[-1], stakes(found, helps=True)[-1])
    return float(np.mean(np.exp(np.minimum(both, LARGEST))))
