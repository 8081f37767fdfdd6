"""A counter like Cisco UCCX's: lines per agent corrected after every hundred live answers.

Published: 1 to 3 lines per agent, re-evaluated each `predictiveCorrection` (100) answers, step scaled by
`predictiveGain` (1), against callAbandonLimit. Not published: the step itself; assumed here: gain x
(limit - measured) / limit x 0.25 lines, at most half a line.
"""

from dialer.lab.dialing_policy import Deaf, VisibleFloor

CORRECTION = 100
GAIN = 1.0
STEP_LINES = 0.25
MOST_STEP = 0.5
MOST_LINES = 3.0


class Uccx(Deaf):
    """`target` is callAbandonLimit, as a share."""

    name = "uccx_like"
    tick_s = 1.0

    def __init__(self, target: float) -> None:
        self._target = target
        self._lines = 1.0
        self._answers = self._drops = 0

    def dial(self, floor: VisibleFloor) -> int:
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        return max(0, round(self._lines * len(floor.idle)) - lines)

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        del now, ring_s, level
        self._answers += 1
        if self._answers >= CORRECTION:
            gap = (self._target - self._drops / self._answers) / self._target
            step = max(-MOST_STEP, min(MOST_STEP, GAIN * STEP_LINES * gap))
            self._lines = min(MOST_LINES, max(1.0, self._lines + step))
            self._answers = self._drops = 0

    def abandoned(self, now: float) -> None:
        del now
        self._drops += 1
