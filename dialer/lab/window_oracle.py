"""How wide the windows would have to be for somebody who knew how every day turns out.

The oracle tells by the same guess as the product, but in hindsight: it has seen all the waits that followed
guesses like this one, and says the narrowest window, in the same steps of five minutes, that holds so many of
them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from callbacks.wait_estimate import STEP_MIN
from callbacks.wait_history import ALIKE

LATEST: Final = 48  # steps, four hours; what lies later is held by none but the widest window


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedWait:
    """One method's guess, and the wait that followed; seconds."""

    guess_s: float
    wait_s: float


def oracle_width_min(waits: Iterable[GuessedWait], coverage: float) -> float:
    """The mean width, in minutes, of its windows, each holding `coverage` of its waits; 0 without any.

    As many waits to a window as the product looks at.
    """
    known = sorted(waits, key=lambda each: each.guess_s)
    steps = 0
    for at in range(0, len(known), ALIKE):
        alike = known[at : at + ALIKE]
        steps += _narrowest(alike, coverage * len(alike)) * len(alike)
    return STEP_MIN * steps / len(known) if known else 0.0


def _narrowest(alike: Sequence[GuessedWait], held: float) -> int:
    """How many steps wide the narrowest window is that holds so many of these waits."""
    counts = [0] * (LATEST + 1)
    for each in alike:
        counts[min(LATEST, int(each.wait_s // (60.0 * STEP_MIN)))] += 1
    before = list(accumulate(counts, initial=0))
    return next(
        width
        for width in range(1, len(before))
        if any(before[at + width] - before[at] >= held for at in range(len(before) - width))
    )
