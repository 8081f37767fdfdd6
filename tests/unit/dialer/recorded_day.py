"""A day of the lab as the engine would have traced it: a policy that decides from facts and keeps them."""

from typing import Any

from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import (
    AgentFacts,
    AgentState,
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallConnected,
    CallFailed,
    CallInAir,
    Candidate,
    Dialed,
    Mode,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.trace import record_event, record_start
from dialer.engine.trace_files import Traces
from dialer.lab.dialing_policy import NO_LIMIT, VisibleFloor
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Simulation

LEADS_SEEN = 40  # of the list, as the engine reads them
QUIET_S = 1.0  # as in the engine: of the decisions to wait, one a second is kept
CAMPAIGN = 1


class Recorder:
    """Decides as the engine does and writes the engine's trace."""

    name = "recorder"
    tick_s = 0.0
    places: tuple[int, ...] | None = None
    simulation: Simulation

    def __init__(
        self,
        traces: Traces,
        settings: PacerSettings,
        *,
        mode: Mode = "predictive",
        lines: int = NO_LIMIT,
        inbound_per_s: float = 0.0,
        zero_s: float = 0.0,
    ) -> None:
        self.look_again_s = 0.0
        self._traces, self._mode, self._lines = traces, mode, lines
        self._inbound_per_s, self._zero_s = inbound_per_s, zero_s
        self._pacer = pacer_for(mode, settings, PacingPrior())
        self._kept_s = -QUIET_S
        self._leads = self._counted = 0
        self._promised: set[int] = set()  # agents kept for a promise
        self.answers = self.lost = 0
        traces.keep(CAMPAIGN, record_start(mode, settings, PacingPrior()))

    def _tell(self, event: PacingEvent) -> None:
        self._pacer.observe(event)
        self._traces.keep(CAMPAIGN, record_event(event))

    def dial(self, floor: VisibleFloor) -> int:
        self._look_around(floor)
        facts = self.facts(floor)
        decision = self._pacer.decide(facts)
        if decision.dial or decision.fresh or facts.now_s - self._kept_s >= QUIET_S:
            self._kept_s = facts.now_s
            self._traces.keep_decision(CAMPAIGN, facts, decision)
        self.look_again_s = decision.look_again_s
        return len(decision.dial)

    def facts(self, floor: VisibleFloor) -> PacingFacts:
        """What the engine would tell its pacer."""
        states: dict[int, tuple[AgentState, float]] = dict.fromkeys(floor.idle, ("ready", 0.0))
        states |= {agent: ("talking", since) for agent, since in floor.talking.items()}
        states |= {agent: ("wrapping_up", since) for agent, since in floor.wrapping.items()}
        states |= {agent: ("reserved", since) for agent, since in floor.reserved.items()}
        states |= {agent: ("paused", since) for agent, since in floor.paused.items()}
        now = floor.now
        busy = len(floor.talking) + len(floor.ringing) + len(floor.waiting) + len(floor.reserved)
        leads = LEADS_SEEN if floor.room or self._lines < NO_LIMIT else 0  # no hour to ring anybody
        return PacingFacts(
            now_s=self._at(now),
            mode=self._mode,
            agents=tuple(
                AgentFacts(
                    agent=f"agent-{agent}",
                    state=state,
                    since_s=self._at(since),
                    leaves_s=self._at(floor.leaves[agent]) if agent in floor.leaves else None,
                    reason="break" if state == "paused" else None,
                )
                for agent, (state, since) in sorted(states.items())
            ),
            calls=(
                *(
                    CallInAir(attempt=f"wb-1-{call}", age_s=round(now - since, 6))
                    for call, since in floor.ringing.items()
                ),
                *(CallInAir(attempt=f"wb-1-{call}", age_s=9.0, answered=True) for call in floor.waiting),
                *(
                    CallInAir(attempt=f"p-{agent}-{since}", age_s=round(now - since, 6), for_promise=True)
                    for agent, since in floor.reserved.items()
                ),
            ),
            waiting_callers=len(floor.inbound),
            due_promises=floor.due,
            candidates=tuple(Candidate(lead=str(self._leads + n)) for n in range(leads)),
            lines_free=max(0, self._lines - busy),
            budget=BudgetFacts(answered_today=self.answers, abandoned_today=self.lost),
            inbound_per_s=self._inbound_per_s,
        )

    def _at(self, moment_s: float) -> float:
        return round(self._zero_s + moment_s, 6)

    def _look_around(self, floor: VisibleFloor) -> None:
        """Tell what a policy of the lab is not told: who was connected, and what came of promises."""
        now = self._at(floor.now)
        for _ in range(self._counted, self.simulation.tally.connected):
            self._tell(CallConnected(at_s=now, attempt="", agent=""))
        self._counted = self.simulation.tally.connected
        for agent in self._promised - set(floor.reserved):
            ended: dict[str, Any] = {"at_s": now, "attempt": "", "ring_s": 9.0, "for_promise": True}
            self._tell(CallAnswered(**ended) if agent in floor.talking else CallFailed(**ended))
            if agent in floor.talking:
                self._tell(CallConnected(at_s=now, attempt="", agent="", for_promise=True))
        for agent in set(floor.reserved) - self._promised:
            self._tell(Dialed(at_s=self._at(floor.reserved[agent]), attempt="", for_promise=True))
        self._promised = set(floor.reserved)

    def dialed(self, now: float, level: float | None) -> None:
        self._leads += 1
        self._tell(Dialed(at_s=self._at(now), attempt="", answer_probability=level))

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        self.answers += 1
        self._tell(CallAnswered(at_s=self._at(now), attempt="", ring_s=ring_s, answer_probability=level))

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        self._tell(CallFailed(at_s=self._at(now), attempt="", ring_s=ring_s, answer_probability=level))

    def abandoned(self, now: float) -> None:
        self.lost += 1
        self._tell(CallAbandoned(at_s=self._at(now), attempt=""))

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        self._tell(TalkEnded(at_s=self._at(now), agent=f"agent-{agent}", talk_s=talk_s))

    def wrap_ended(self, now: float, agent: int, wrap_s: float) -> None:
        self._tell(WrapUpEnded(at_s=self._at(now), agent=f"agent-{agent}", wrap_s=wrap_s))

    def pause_ended(self, now: float, agent: int, pause_s: float) -> None:
        ended = PauseEnded(at_s=self._at(now), agent=f"agent-{agent}", reason="break", pause_s=pause_s)
        self._tell(ended)

    def said_closing(self, now: float, agent: int) -> None:
        """Agents of these days say nothing."""

    def caller_joined(self, now: float) -> None:
        """The engine counts callers; its trace holds what it expects."""


def record_day(
    world: Scenario, recorder: Recorder, *, hours: float, seed: int, gap_s: float = 0.0
) -> Simulation:
    """Live a day of this world and keep its trace."""
    recorder.simulation = Simulation(world, recorder, seed=seed, gap_s=gap_s)
    recorder.simulation.run(until_s=3600.0 * hours)
    return recorder.simulation
