"""How people on the telephone behave, for whoever plays them: the simulated PBX and the lab.

The reference of docs/pacing.md: an answer comes after `RING_START_S` and a gamma-distributed time, talks are
log-normal with a long tail (sources there), and of the calls that nobody answers a share ends before the ring
limit. One place, so that a demo on the simulated PBX and a scenario of the lab are the same people.
"""

import math
from typing import Final

RING_START_S: Final = 2.0  # nobody picks up before
RING_SHAPE: Final = 3.0
RING_SCALE_S: Final = 3.0
LONGEST_RING_S: Final = 25.0  # an answer comes by then, or not at all
UNANSWERED_RING_S: Final = 27.0  # and by then a call that is not answered is given up
EARLY_END_SHARE: Final = 0.3  # of the unanswered: the network gives up sooner
TALK_MEAN_S: Final = 180.0
TALK_CV: Final = 0.8  # standard deviation over mean


def log_normal(mean: float, cv: float) -> tuple[float, float]:
    """The location and scale of the log-normal with this mean and coefficient of variation.

    With s^2 = ln(1 + cv^2) the mean of exp(N(m, s^2)) is exp(m + s^2 / 2).
    """
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2.0, math.sqrt(variance)
