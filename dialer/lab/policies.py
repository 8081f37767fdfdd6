"""The engine's own pacers as policies of the lab: the same objects, told the same events."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from dialer.core.calling.arrivals import Arrivals
from dialer.core.pacing.estimators import Array
from dialer.core.pacing.facts import (
    CallAbandoned,
    CallAnswered,
    CallFailed,
    Dialed,
    PauseEnded,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.progressive import LEAVES_SOON_S
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.snapshot import Snapshot
from dialer.lab.dialing_policy import Deaf, VisibleFloor
from telephony.calls.events import CallerJoined

ZERO = datetime(2000, 1, 1, tzinfo=UTC)  # where virtual time begins, for what counts in moments
BREAK = "break"  # the reason of every pause in the lab's scenarios


class Winback:
    """Predictive pacing, as the engine runs it, knowing nothing of the scenario it is in."""

    tick_s = 0.0

    def __init__(
        self,
        target: float,
        *,
        legal_limit: float | None = None,
        lead_level: bool = False,
        name: str = "winback",
        knowing: PredictivePacer | None = None,
    ) -> None:
        """`knowing` stands in for the pacer that learns, to compare with one that is told."""
        self.name = name
        self.indices: tuple[int, ...] | None = None
        self._lead_level = lead_level
        self.look_again_s = 0.0
        self._arrivals = Arrivals(ZERO)
        self._callers = 0
        self._closing: dict[int, float] = {}  # since when agents say that their talk is about to end
        self._settings = PacerSettings(target=target, legal_limit=legal_limit, lead_level=lead_level)
        self.pacer = knowing or PredictivePacer(self._settings, PacingPrior())

    def dial(self, floor: VisibleFloor) -> int:
        bound = self.pacer.weigh(self.snapshot(floor))
        self.indices = bound.indices
        self.look_again_s = bound.look_again_s
        return bound.count

    def snapshot(self, floor: VisibleFloor) -> Snapshot:
        """What the engine's pacer would be told at this moment."""
        now = floor.now
        levels = None
        if self._lead_level:
            levels = np.fromiter(
                (floor.levels[call] for call in floor.ringing), np.float64, len(floor.ringing)
            )
        leaving = [floor.leaves[agent] - now for agent in floor.idle if agent in floor.leaves]
        leaving_s = [max(0.0, stay_s) for stay_s in leaving if stay_s <= self._settings.ring_s]
        estimators = self.pacer.estimators
        return Snapshot(
            free=floor.free - len(leaving_s),
            ringing_s=now - np.fromiter(floor.ringing.values(), np.float64, len(floor.ringing)),
            talking_s=now - np.fromiter(floor.talking.values(), np.float64, len(floor.talking)),
            wrapping_s=now - np.fromiter(floor.wrapping.values(), np.float64, len(floor.wrapping)),
            limit=floor.room,
            talkers=[str(agent) for agent in floor.talking]
            if estimators.talk.agent_effects.apart or estimators.talk_closings.known
            else (),
            wrappers=[str(agent) for agent in floor.wrapping]
            if estimators.wrap.agent_effects.apart or estimators.wrap_closings.known
            else (),
            talking_closing_s=self._since_said(now, floor.talking),
            wrapping_closing_s=self._since_said(now, floor.wrapping),
            talking_stay_s=stays(floor, floor.talking),
            wrapping_stay_s=stays(floor, floor.wrapping),
            leaving_s=leaving_s,
            paused=[(BREAK, now - since) for since in floor.paused.values()],
            inbound_per_s=self._arrivals.per_second(moment(now)) if self._callers else 0.0,
            probabilities=levels,
            candidates=tuple(floor.candidates) if self._lead_level else (),
        )

    def dialed(self, now: float, level: float | None) -> None:
        self.pacer.observe(Dialed(at_s=now, attempt="", answer_probability=level))

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        self.pacer.observe(CallAnswered(at_s=now, attempt="", ring_s=ring_s, answer_probability=level))

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        self.pacer.observe(CallFailed(at_s=now, attempt="", ring_s=ring_s, answer_probability=level))

    def abandoned(self, now: float) -> None:
        self.pacer.observe(CallAbandoned(at_s=now, attempt=""))

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        self.pacer.observe(
            TalkEnded(at_s=now, agent=str(agent), talk_s=talk_s, closing_s=self._take_said(now, agent))
        )

    def _take_said(self, now: float, agent: int) -> float | None:
        said = self._closing.pop(agent, None)
        return None if said is None else now - said

    def _since_said(self, now: float, agents: Iterable[int]) -> Array | None:
        """For how long each has said that it is about to end, nan who has not; None where nobody has."""
        said = [self._closing.get(agent, np.nan) for agent in agents]
        return now - np.array(said) if self._closing.keys() & set(agents) else None

    def said_closing(self, now: float, agent: int) -> None:
        self._closing[agent] = now

    def wrap_ended(self, now: float, agent: int, wrap_s: float) -> None:
        self.pacer.observe(
            WrapUpEnded(at_s=now, agent=str(agent), wrap_s=wrap_s, closing_s=self._take_said(now, agent))
        )

    def pause_ended(self, now: float, agent: int, pause_s: float) -> None:
        self.pacer.observe(PauseEnded(at_s=now, agent=str(agent), reason=BREAK, pause_s=pause_s))

    def caller_joined(self, now: float) -> None:
        self._callers += 1
        self._arrivals.see(
            CallerJoined(at=moment(now), caller=str(self._callers), queue="", number=None, position=1)
        )


def stays(floor: VisibleFloor, agents: Iterable[int]) -> Array | None:
    """For how long each of these agents stays at work; None where none of them leaves soon."""
    until = (
        np.array([floor.leaves.get(agent, np.inf) for agent in agents]) - floor.now if floor.leaves else None
    )
    return until if until is not None and (until <= LEAVES_SOON_S).any() else None


def moment(now_s: float) -> datetime:
    """A moment of virtual time, for what counts in moments."""
    return ZERO + timedelta(seconds=now_s)


class Progressive(Deaf):
    """One call per free agent."""

    name = "progressive"
    look_again_s = math.inf

    def dial(self, floor: VisibleFloor) -> int:
        return max(0, floor.free - len(floor.ringing))
