"""One pacer for each running campaign, told what happens in seconds on one axis."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from callbacks.retries import BLAMES, Blame
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor, Return
from dialer.core.agents.state import AgentState
from dialer.core.agents.team_allocation import TeamId, TeamMembers
from dialer.core.calling.arrivals import Arrivals
from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import (
    OVER_DIALLED,
    AgentFacts,
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallConnected,
    CallFailed,
    CallInAir,
    Candidate,
    Decision,
    Dialed,
    Mode,
    Pacer,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    SharedWith,
    Standing,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.facts import AgentState as PacingState
from dialer.core.pacing.settings import PacerSettings
from dialer.core.pacing.sharing import Claim, Sharing, Turn
from dialer.core.pacing.trace import record_event, record_start
from dialer.engine.trace_files import Traces
from dialer.services.calls.next_calls import LeadWork
from dialer.services.calls.pacing_warm_start import WarmStart
from dialer.services.campaigns.campaigns import RunningCampaign
from telephony.calls.events import (
    Answered,
    CallerFinished,
    CallerJoined,
    CallFact,
    Connected,
    Fact,
    Finished,
    Outcome,
)

PACING_STATES: dict[AgentState, PacingState] = {
    AgentState.READY: "ready",
    AgentState.RESERVED: "reserved",
    AgentState.RINGING: "ringing",
    AgentState.TALKING: "talking",
    AgentState.WRAPPING_UP: "wrapping_up",
    AgentState.PAUSED: "paused",
}

OF_AGENTS = (TalkEnded, WrapUpEnded, PauseEnded)

QUIET_S = 1.0  # of the decisions to wait, one a second is kept in a trace

LOST_CUSTOMERS = frozenset({Outcome.ABANDONED, Outcome.HUNG_UP_WAITING})
# ends that say nothing of when people answer: nobody was rung, or nobody knows
NO_LESSON = frozenset(outcome for outcome, blame in BLAMES.items() if blame is Blame.OURS) | {Outcome.UNKNOWN}


class PacerRegistry:
    """The pacers of all running campaigns; keeps one for a campaign's whole run."""

    def __init__(
        self,
        *,
        zero: datetime,
        zone: tzinfo = UTC,
        speed: float = 1.0,
        lead_level: bool = False,
        traces: Traces | None = None,
        shares: Mapping[str, float] | None = None,
    ) -> None:
        """`speed`: seconds on the pacers' axis in one of the clock's; above 1 in a demo.

        `shares`: of the customers reached, by the name of the campaign; 1 where none is named.
        """
        self.zero = zero
        self.speed = speed
        self._lead_level = lead_level
        self._traces = traces or Traces(None, began=zero)
        self._kept_s: dict[int, float] = {}
        self.arrivals = Arrivals(zero, zone=zone)
        self._pacers: dict[int, Pacer] = {}
        self._asked: dict[int, tuple[Mode, PacerSettings]] = {}  # what each pacer was made for
        self.decisions: dict[int, Decision] = {}
        self._stated = shares or {}
        self._shares: dict[int, float] = {}  # of the campaigns that ring, or have calls on their way
        self._sharing = Sharing()
        self.members = TeamMembers()
        self._teams: dict[int, TeamId] = {}  # by campaign

    def seconds(self, at: datetime) -> float:
        """Seconds on the pacers' axis."""
        return self.span(at - self.zero)

    def span(self, length: timedelta) -> float:
        """A length in the pacers' seconds."""
        return length.total_seconds() * self.speed

    def knows(self, campaign: RunningCampaign) -> bool:
        """Whether there is a pacer for this campaign as it is set now."""
        return self._asked.get(campaign.id) == self._wanted(campaign)

    def begin(self, campaign: RunningCampaign, experience: WarmStart) -> None:
        """Make the campaign's pacer, and let it learn what the day has taught already."""
        asked = self._asked[campaign.id] = self._wanted(campaign)
        self._teams[campaign.id] = campaign.team
        pacer = self._pacers[campaign.id] = pacer_for(*asked, experience.prior)
        self._traces.keep(campaign.id, record_start(*asked, experience.prior))
        for lesson in experience.lessons:
            pacer.observe(lesson)
            self._traces.keep(campaign.id, record_event(lesson))

    def in_turn(
        self, running: Sequence[RunningCampaign], with_leads: Collection[int], floor: FloorState
    ) -> tuple[Turn, ...]:
        """Whose turn it is among the campaigns that have somebody to ring, team by team."""
        ringing = Counter(
            call.campaign for call in floor.on_the_way() if call.campaign is not None and call.promise is None
        )
        self._shares = {
            campaign.id: campaign.share or self._stated.get(campaign.name, 1.0)
            for campaign in running
            if campaign.mode != "preview" and (campaign.id in with_leads or campaign.id in ringing)
        }
        self._teams |= {campaign.id: campaign.team for campaign in running}
        claims: dict[TeamId, list[Claim]] = {}
        for key, share in self._shares.items():
            if key in with_leads:
                claim = Claim(
                    campaign=key, share=share, ringing=ringing[key], standing=self._standing_of(key)
                )
                claims.setdefault(self._teams[key], []).append(claim)
        return tuple(turn for of_team in claims.values() for turn in self._sharing.in_turn(of_team))

    def _standing_of(self, campaign: int) -> Standing | None:
        """What others have to know of this campaign; None where each of its calls has an agent of its own."""
        pacer = self._pacers.get(campaign)
        return None if pacer is None else pacer.standing

    def _shared_with(self, campaign: RunningCampaign) -> tuple[SharedWith, ...]:
        """The other campaigns that look ahead with the same agents at this moment."""
        others = [
            (share, self._standing_of(key))
            for key, share in self._shares.items()
            if key != campaign.id and self._teams.get(key) == campaign.team
        ]
        return tuple(
            SharedWith(share=share, price=standing.price)
            for share, standing in others
            if standing is not None
        )

    def _is_kept(self, call: CallOnFloor, campaign: RunningCampaign) -> bool:
        """Whether an agent is kept for this call, whoever answers: a promise's, or another campaign's.

        Campaigns share the agents; one that over-dials must leave the others those that they count on. A call
        that reaches one agent alone has that agent, whichever campaign's it is.
        """
        if call.kept_for is not None:
            return True
        if call.campaign is None or call.campaign == campaign.id:
            return call.promise is not None
        other = self._asked.get(call.campaign)
        return other is not None and other[0] not in OVER_DIALLED

    def _wanted(self, campaign: RunningCampaign) -> tuple[Mode, PacerSettings]:
        return campaign.mode, PacerSettings(
            target=campaign.abandon_target, ring_s=float(campaign.ring_s), lead_level=self._lead_level
        )

    def decide(
        self,
        campaign: RunningCampaign,
        floor: FloorState,
        leads: tuple[LeadWork, ...],
        *,
        due_promises: int,
        lines_free: int,
        now: datetime,
        seated: Mapping[str, TeamId] | None = None,
        callers: int | None = None,
    ) -> Decision:
        """How many of these leads to ring at this moment, and why. Raises KeyError before `begin()`.

        `seated`: with which team each agent sits; the campaign counts on those who sit with its own. None:
        on everybody. `callers`: those on the line who come before it; None: all of them.
        """
        pacer = self._pacers[campaign.id]
        facts = PacingFacts(
            now_s=self.seconds(now),
            agents=tuple(
                AgentFacts(
                    agent=agent.id,
                    state=PACING_STATES[agent.state],
                    since_s=self.seconds(agent.since),
                    leaves_s=self.seconds(agent.leave.at) if agent.leave is not None else None,
                    reason=agent.reason if agent.state is AgentState.PAUSED else None,
                    closing_s=self._said_s(agent, now),
                )
                for agent in floor.agents.values()
                if agent.state in PACING_STATES and (seated is None or seated.get(agent.id) == campaign.team)
            ),
            calls=tuple(
                self._in_air(call, campaign, now) for call in floor.on_the_way() if call.team == campaign.team
            ),
            waiting_callers=len(floor.callers) if callers is None else callers,
            due_promises=due_promises,
            candidates=tuple(
                Candidate(lead=str(lead.lead), answer_probability=lead.answer_probability, value=lead.value)
                for lead in leads
            ),
            lines_free=lines_free,
            budget=BudgetFacts(
                answered=campaign.answered,
                abandoned=campaign.abandoned,
                answered_today=campaign.answered_today,
                abandoned_today=campaign.abandoned_today,
            ),
            mode=campaign.mode,
            inbound_per_s=self.arrivals.per_second(now) / self.speed,
            share=self._shares.get(campaign.id, 1.0),
            shared_with=self._shared_with(campaign),
        )
        decision = self.decisions[campaign.id] = pacer.decide(facts)
        quiet_s = facts.now_s - self._kept_s.get(campaign.id, -QUIET_S)
        if decision.dial or decision.fresh or quiet_s >= QUIET_S:
            # asking changes nothing but for when estimates are set afresh: other waits may be left out
            self._kept_s[campaign.id] = facts.now_s
            self._traces.keep_decision(campaign.id, facts, decision)
        return decision

    def placed(self, call: CallOnFloor) -> None:
        """A call was placed."""
        self._tell(
            call.campaign,
            Dialed(
                at_s=self.seconds(call.placed_at),
                attempt=call.attempt,
                answer_probability=call.answer_probability,
                for_promise=call.promise is not None,
            ),
        )

    def wrapped_up(self, agent: AgentOnFloor, now: datetime) -> None:
        """An agent's wrap-up is over; to be called before the floor knows."""
        self._tell(
            None,
            WrapUpEnded(
                at_s=self.seconds(now),
                agent=agent.id,
                wrap_s=self.span(now - agent.since),
                closing_s=self._said_s(agent, now),
            ),
        )

    def came_back(self, back: Return) -> None:
        """An agent's pause is over, and they work on."""
        pause_s = self.span(back.at - back.since)
        self._tell(
            None,
            PauseEnded(at_s=self.seconds(back.at), agent=back.agent, reason=back.reason, pause_s=pause_s),
        )

    def observe(self, fact: Fact, floor: FloorState) -> None:
        """Let the pacers learn from a fact; to be called before the floor folds it in."""
        if isinstance(fact, CallFact):
            call = floor.calls.get(fact.attempt)
            if call is not None:
                self._observe_call(fact, call, floor)
        elif isinstance(fact, CallerJoined):
            self.arrivals.see(fact)
        elif isinstance(fact, CallerFinished):
            self._tell(None, self._talk_ended(fact, fact.agent))

    def _observe_call(self, fact: CallFact, call: CallOnFloor, floor: FloorState) -> None:
        at_s, attempt = self.seconds(fact.at), fact.attempt
        ring_s = self.span(fact.at - call.placed_at)
        promised = call.promise is not None
        match fact:
            case Answered() if call.answered_at is None:
                if call.campaign is not None and not promised:
                    self._sharing.answered(call.campaign, self._shares.get(call.campaign, 1.0))
                self._tell(
                    call.campaign,
                    CallAnswered(
                        at_s=at_s,
                        attempt=attempt,
                        ring_s=ring_s,
                        for_promise=promised,
                        answer_probability=call.answer_probability,
                    ),
                )
            case Connected():
                self._tell(
                    call.campaign,
                    CallConnected(
                        at_s=at_s,
                        attempt=attempt,
                        agent=fact.agent,
                        waited_s=fact.waited_s * self.speed,
                        for_promise=promised,
                    ),
                )
            case Finished() if fact.agent is not None:
                agent = floor.agents.get(fact.agent)
                said = (
                    self._said_s(agent, fact.at) if agent is not None and agent.attempt == attempt else None
                )
                self._tell(None, self._talk_ended(fact, fact.agent, said))
            case Finished() if fact.outcome in LOST_CUSTOMERS:
                self._tell(call.campaign, CallAbandoned(at_s=at_s, attempt=attempt))
            case Finished() if call.answered_at is None and fact.outcome not in NO_LESSON:
                self._tell(
                    call.campaign,
                    CallFailed(
                        at_s=at_s,
                        attempt=attempt,
                        ring_s=ring_s,
                        for_promise=promised,
                        answer_probability=call.answer_probability,
                    ),
                )

    def _talk_ended(
        self, fact: Finished | CallerFinished, agent: str, closing_s: float | None = None
    ) -> TalkEnded:
        return TalkEnded(
            at_s=self.seconds(fact.at), agent=agent, talk_s=fact.talk_s * self.speed, closing_s=closing_s
        )

    def _in_air(self, call: CallOnFloor, campaign: RunningCampaign, now: datetime) -> CallInAir:
        """A call as this campaign's pacer sees it; one that has an agent of its own is like a promise's."""
        kept = self._is_kept(call, campaign)
        another = call.campaign is not None and call.campaign != campaign.id and not kept
        theirs = self._standing_of(call.campaign) if another and call.campaign is not None else None
        return CallInAir(
            attempt=call.attempt,
            age_s=self.span(now - call.placed_at),
            answer_probability=call.answer_probability,
            for_promise=kept,
            answered=call.answered_at is not None,
            others_rate=None if theirs is None else theirs.answer_rate,
        )

    def _tell(self, campaign: int | None, event: PacingEvent) -> None:
        """A campaign's own event goes to its pacer; what concerns agents to all whom they serve."""
        for key, pacer in self._pacers.items():
            if (
                self.members.serves(event.agent, self._teams.get(key))
                if campaign is None and isinstance(event, OF_AGENTS)
                else campaign is None or key == campaign
            ):
                pacer.observe(event)
                self._traces.keep(key, record_event(event))

    def _said_s(self, agent: AgentOnFloor, now: datetime) -> float | None:
        """For how long this agent has said that the talk, or the wrap-up, is about to end."""
        return None if agent.closing is None else max(0.0, self.span(now - agent.closing))
