"""The engine's own pacers as policies of the lab: the same objects, told the same events."""

import math

import numpy as np

from dialer.core.pacing.facts import (
    CallAbandoned,
    CallAnswered,
    CallFailed,
    Dialed,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.predictive import PredictivePacer, Situation
from dialer.core.pacing.settings import PacingPrior, PacingSettings
from dialer.lab.simulation import Deaf, Floor

NO_LIMIT = 1_000_000


class Winback:
    """Predictive pacing, as the engine runs it, knowing nothing of the world it is in."""

    tick_s = 0.0

    def __init__(
        self,
        target: float,
        *,
        legal_limit: float | None = None,
        lead_level: bool = False,
        name: str = "winback",
    ) -> None:
        self.name = name
        self.places: tuple[int, ...] | None = None
        self._lead_level = lead_level
        self.look_again_s = 0.0
        self.pacer = PredictivePacer(
            PacingSettings(target=target, legal_limit=legal_limit, lead_level=lead_level), PacingPrior()
        )

    def dial(self, floor: Floor) -> int:
        now = floor.now
        levels = None
        if self._lead_level:
            levels = np.fromiter(
                (floor.levels[call] for call in floor.ringing), np.float64, len(floor.ringing)
            )
        verdict = self.pacer.weigh(
            Situation(
                free=len(floor.idle) - len(floor.waiting) - len(floor.inbound),
                ringing_s=now - np.fromiter(floor.ringing.values(), np.float64, len(floor.ringing)),
                talking_s=now - np.fromiter(floor.talking.values(), np.float64, len(floor.talking)),
                wrapping_s=now - np.fromiter(floor.wrapping.values(), np.float64, len(floor.wrapping)),
                limit=NO_LIMIT,
                inbound_per_s=floor.inbound_per_s,
                probabilities=levels,
                candidates=tuple(floor.candidates) if self._lead_level else (),
            )
        )
        self.places = verdict.places
        self.look_again_s = verdict.look_again_s
        return verdict.place

    def dialed(self, now: float, level: float | None) -> None:
        self.pacer.observe(Dialed(at_s=now, attempt="", answer_probability=level))

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        self.pacer.observe(CallAnswered(at_s=now, attempt="", ring_s=ring_s, answer_probability=level))

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        self.pacer.observe(CallFailed(at_s=now, attempt="", ring_s=ring_s, answer_probability=level))

    def abandoned(self, now: float) -> None:
        self.pacer.observe(CallAbandoned(at_s=now, attempt=""))

    def talk_ended(self, now: float, talk_s: float) -> None:
        self.pacer.observe(TalkEnded(at_s=now, agent="", talk_s=talk_s))

    def wrap_ended(self, now: float, wrap_s: float) -> None:
        self.pacer.observe(WrapUpEnded(at_s=now, agent="", wrap_s=wrap_s))


class Progressive(Deaf):
    """One call per free agent."""

    name = "progressive"
    look_again_s = math.inf

    def dial(self, floor: Floor) -> int:
        return max(0, len(floor.idle) - len(floor.waiting) - len(floor.inbound) - len(floor.ringing))
