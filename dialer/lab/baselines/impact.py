"""Impact Dialing: lines per free agent found by simulating the last half hour's calls.

Formulas: predictive.rb, simulated_values.rb and dialer_loop.rb (placed every 3 s; simulated about every
150 s over 240 one-second steps, all agents idle at first, wrap-up 5 s, ring 10 s if answered and 15 s if
not; six candidate ratios up to attempts / answered; a quarter less while the campaign is over its limit).
"""

from collections import deque

from dialer.lab.dialing_policy import Deaf, VisibleFloor

PLACE_EVERY_S = 3.0
SIMULATE_EVERY_S = 150.0
STEPS_S = 240
CANDIDATES = 6
LEAST_AGENTS = 5
LEAST_CALLS = 50
REMEMBERED = 100
WINDOW_S = 1800.0
RING_ANSWERED_S, RING_FAILED_S, WRAP_S = 10, 15, 5
OVER_LIMIT = 0.75


class Impact(Deaf):
    """`target` is the acceptable share of abandoned calls over the campaign's life."""

    name = "impact"
    tick_s = PLACE_EVERY_S

    def __init__(self, target: float) -> None:
        self._target = target
        self._best = 1.0
        self._next_s = 0.0
        self._calls: deque[tuple[float, bool]] = deque(maxlen=REMEMBERED)
        self._talks: deque[float] = deque(maxlen=REMEMBERED)
        self._answers = self._drops = 0

    def dial(self, floor: VisibleFloor) -> int:
        if floor.now >= self._next_s:
            self._next_s = floor.now + SIMULATE_EVERY_S
            self._best = self._simulate(floor)
        within = self._drops <= self._target * self._answers
        factor = self._best if within else max(1.0, OVER_LIMIT * self._best)
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        return max(0, int(factor * len(floor.idle) - lines))

    def _simulate(self, floor: VisibleFloor) -> float:
        recent = [answered for at, answered in self._calls if at >= floor.now - WINDOW_S]
        answers = sum(recent)
        if len(floor.talking) < LEAST_AGENTS or len(recent) < LEAST_CALLS or not answers or not self._talks:
            return 1.0
        most = len(recent) / answers
        best, best_share = 1.0, -1.0
        for candidate in range(1, CANDIDATES + 1):
            ratio = max(1.0, most * candidate / CANDIDATES)
            share, drops = play(ratio, floor.agents, recent, list(self._talks))
            if drops < self._target and share > best_share:
                best, best_share = ratio, share
        return best

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        del ring_s, level
        self._answers += 1
        self._calls.append((now, True))

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        del ring_s, level
        self._calls.append((now, False))

    def abandoned(self, now: float) -> None:
        del now
        self._drops += 1

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        del now, agent
        self._talks.append(talk_s)


def play(ratio: float, agents: int, outcomes: list[bool], talks: list[float]) -> tuple[float, float]:
    """Utilisation and abandonment of 240 s with recorded calls re-used in order."""
    idle = agents
    ringing = 0
    rings: list[list[int]] = [[0, 0] for _ in range(STEPS_S + RING_FAILED_S + 1)]  # failures, answers
    freed = [0] * (STEPS_S + 1)
    talk_s = idle_s = 0.0
    call = talk = answers = drops = 0
    for second in range(STEPS_S):
        idle += freed[second]
        failures, answered = rings[second]
        ringing -= failures + answered
        for _ in range(answered):
            answers += 1
            if not idle:
                drops += 1
                continue
            idle -= 1
            length = int(talks[talk % len(talks)])
            talk += 1
            talk_s += min(length, STEPS_S - second)
            if second + length + WRAP_S <= STEPS_S:
                freed[second + length + WRAP_S] += 1
        for _ in range(max(0, int(idle * ratio - ringing))):
            hit = outcomes[call % len(outcomes)]
            call += 1
            ringing += 1
            rings[second + (RING_ANSWERED_S if hit else RING_FAILED_S)][int(hit)] += 1
        idle_s += idle
    return talk_s / max(1.0, talk_s + idle_s), drops / max(1, answers)
