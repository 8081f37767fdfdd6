"""What chance makes of a few runs: every interval that the lab shows, by Student's t.

Runs are few (two to some dozens) and their spread is itself only guessed from them. The normal law takes
that guess for the truth: with three runs its interval is 2.2 times too narrow, with twenty 1.07 times.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import stdtrit

SURE: Final = 0.95  # of an interval, unless said otherwise


def half_width(values: Sequence[float], *, sure: float = SURE) -> float:
    """Half of the interval of the runs' mean; 0 of a single run, of which nothing can be said."""
    count = len(values)
    return _factor(count, sure) * statistics.stdev(values) / count**0.5 if count > 1 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanInterval:
    """Where one more run like these falls, 19 times of 20 or as often as asked for."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float], *, sure: float = SURE, most: float = 1.0) -> "MeanInterval":
        """The prediction interval of runs that came to these shares, or counts; everything, of one run."""
        mean, count = statistics.fmean(values), len(values)
        if count == 1:
            return cls(mean=mean, low=0.0, high=most)
        spread = _factor(count, sure) * statistics.stdev(values) * (1.0 + 1.0 / count) ** 0.5
        return cls(mean=mean, low=max(0.0, mean - spread), high=min(most, mean + spread))

    def holds(self, value: float) -> bool:
        """The value is one that the runs would not be surprised by."""
        return self.low <= value <= self.high


def _factor(count: int, sure: float) -> float:
    """Standard errors in half of the interval of so many runs' mean."""
    return float(stdtrit(count - 1, (1.0 + sure) / 2.0))
