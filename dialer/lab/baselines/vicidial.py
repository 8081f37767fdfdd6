"""VICIdial's adaptive modes: a dial level steered by free agents against waiting calls.

Formulas: AST_VDadapt.pl (level every 15 s from the mean of 15 one-second samples, drops every 60 s) and
AST_VDauto_dial.pl (calls placed every 2.5 s). A day has eight hours from nine o'clock; drops count since
its start. A call without an agent is given up after the scenario's patience, not VICIdial's own 5 s.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from dialer.lab.dialing_policy import Deaf, VisibleFloor

DAY_S = 8 * 3600.0
START_HOUR = 9
LATEST_HHMM = 2100  # adaptive_latest_server_time, the taper's end
LEVEL_EVERY = 15  # samples
DROPS_EVERY = 60
FREE_CALLS = 50  # before so many calls of a day there is no limit
SPIKE_CALLS = 20
SPIKE_SHARE = 0.5
DIAL_EVERY_S = 2.5

Mode = Literal["hard", "average", "tapered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """VICIdial's campaign settings, as shipped."""

    drop_share: float = 0.03  # adaptive_dropped_percentage
    maximum_level: float = 3.0  # adaptive_maximum_level
    intensity: float = 0.0  # adaptive_intensity / 100
    difference: int = 0  # adaptive_dl_diff_target
    free_only: bool = False  # available_only_ratio_tally


class Vicidial(Deaf):
    """One of the three adaptive modes with its knobs."""

    tick_s = 0.5

    def __init__(self, mode: Mode, knobs: Knobs, *, name: str = "") -> None:
        self.name = name or f"vicidial_{mode}"
        self._mode = mode
        self._knobs = knobs
        self._level = 1.0
        self._samples: deque[tuple[int, int, int]] = deque(maxlen=LEVEL_EVERY)
        self._looks = 0
        self._day = 0
        self._calls = self._answers = self._drops = 0
        self._drop_share = 0.0
        self._minute_calls: deque[float] = deque()
        self._minute_drops: deque[float] = deque()

    def dial(self, floor: VisibleFloor) -> int:
        self._looks += 1
        if self._looks % 2 == 0:
            self._second(floor)
        if self._looks % round(DIAL_EVERY_S / self.tick_s):
            return 0
        talking = len(floor.talking)
        counted = len(floor.idle) + (0 if self._knobs.free_only else talking)
        goal = round(self._level * max(0, counted + self._knobs.difference))
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        return max(0, goal - lines - (0 if self._knobs.free_only else talking))

    def _second(self, floor: VisibleFloor) -> None:
        second = self._looks // 2
        if int(floor.now / DAY_S) != self._day:
            self._day = int(floor.now / DAY_S)
            self._calls = self._answers = self._drops = 0
            self._drop_share = 0.0
        self._samples.append((len(floor.idle), len(floor.waiting), floor.agents))
        if second % DROPS_EVERY == 0:
            self._drop_share = self._drops / self._answers if self._answers else 0.0
        if second % LEVEL_EVERY == 0:
            self._step(floor.now)

    def _step(self, now: float) -> None:
        knobs, samples = self._knobs, self._samples
        count = len(samples)
        agents = sum(sample[2] for sample in samples) / count
        difference = sum(sample[0] - sample[1] for sample in samples) / count + knobs.difference
        if agents > 0.0 and difference:
            share = difference / agents
            step = share * abs(knobs.intensity - 1.0) if share < 0.0 else share * (1.0 + knobs.intensity)
            self._level *= 1.0 + step
        self._level = max(1.0, min(knobs.maximum_level, round(self._level, 3)))
        for times in (self._minute_calls, self._minute_drops):
            while times and times[0] < now - 60.0:
                times.popleft()
        calls = len(self._minute_calls)
        if calls > SPIKE_CALLS and len(self._minute_drops) / calls > SPIKE_SHARE:
            self._level /= 2.0
        if self._calls > FREE_CALLS and self._drop_share > knobs.drop_share:
            self._level = self._limited(now)
        self._level = max(1.0, self._level)

    def _limited(self, now: float) -> float:
        if self._mode == "hard":
            return 1.0
        if self._mode == "average":
            return self._level / 2.0
        of_day = now % DAY_S
        clock = (START_HOUR + int(of_day // 3600)) * 100 + int(of_day % 3600 // 60)
        left = LATEST_HHMM - clock  # VICIdial subtracts the clock's digits, too
        if left < 0:
            return 1.0
        return self._level * min(1.0, left / 1000.0)

    def dialed(self, now: float, level: float | None) -> None:
        del level
        self._calls += 1
        self._minute_calls.append(now)

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        del now, ring_s, level
        self._answers += 1

    def abandoned(self, now: float) -> None:
        self._drops += 1
        self._minute_drops.append(now)
