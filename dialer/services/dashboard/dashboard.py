"""The dashboard as one value: who does what, what is next, how today went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from churnmodel.reasons.phrases import in_words
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.campaign import LeadState
from dialer.core.dashboard.engine_state import SILENT_AFTER_S, EngineHeard, judge_engines
from dialer.core.dashboard.standing import judge, judge_promise
from dialer.core.dashboard.view import (
    AgentOnDashboard,
    CallsOnDashboard,
    Dashboard,
    EngineOnDashboard,
    LeadOnDashboard,
    ListOnDashboard,
    OfferRequestOnDashboard,
    PromiseOnDashboard,
    PromisesOnDashboard,
    TeamOnDashboard,
    TodayOnDashboard,
)
from dialer.core.organisation.entries import StaffTeam
from dialer.core.reporting.abandonment import DAY_WINDOW
from dialer.db.models import Agent
from dialer.db.queries import agents, attempts, campaigns, given_offers, leads, previews, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.set_aside_facts import count_lately
from dialer.services.dashboard.list_counts import ListCounts
from dialer.services.promises.promise_faults import PromiseFaults, PromiseWatch
from dialer.services.promises.promises import cards, ledger_of
from dialer.services.retention.allowances import requests_in
from dialer.services.schedule.business_day import day_began

Word = TypeVar("Word")
NEXT: Final = 10  # leads and promises shown as next; more does not fit a screen


def save_dashboard(database: Database, pbx: str, said: EngineOnDashboard, now: datetime) -> None:
    """Keep what the engine of a PBX has in mind."""
    with database.write() as tx:
        agents.save_engine(tx, pbx, now, said)


def say_if_nobody_does(database: Database, pbx: str, said: EngineOnDashboard, now: datetime) -> bool:
    """Keep what an engine says that does not lead, unless another engine of the PBX spoke a moment ago."""
    with database.write() as tx:
        for other in agents.engines(tx):
            heard = other.pbx == pbx and abs((now - other.taken_at).total_seconds()) <= SILENT_AFTER_S
            if heard and other.body.engine != said.engine:
                return False
        agents.save_engine(tx, pbx, now, said)
        return True


@dataclass(frozen=True, slots=True)
class DashboardWatch:
    """What whoever reads every second keeps between two looks: answers that cost more than a look may."""

    promises: PromiseWatch = field(default_factory=PromiseWatch)
    lists: ListCounts = field(default_factory=ListCounts)


def read_dashboard(
    database: Database,
    now: datetime,
    *,
    language: str = "en",
    watch: DashboardWatch | None = None,
    teams: Sequence[StaffTeam] = (),
) -> Dashboard:
    """Everything the dashboard shows, reasons in the words of `language`, of one moment of the database.

    Whoever reads every second hands in a `watch`, which looks for faulty promises, and counts long lists,
    more rarely. `teams` have figures of their own beside everybody's.
    """
    watch = watch or DashboardWatch()
    with database.read() as tx:
        people = agents.all_of(tx)
        on_way = attempts.open_by_team(tx)
        calls = _calls(on_way.values())
        today = campaigns.call_counts_by_team(tx, day_began(database.policy, now))
        heard = [
            EngineHeard(pbx=engine.pbx, age_s=(now - engine.taken_at).total_seconds(), said=engine.body)
            for engine in agents.engines(tx)
        ]
        return Dashboard(
            now=now,
            engine=judge_engines(heard, calls),
            agents=_agents(tx, people, given_offers.marks(tx)),
            agents_by_state=agents.counts(people),
            calls=calls,
            list=_list(tx, watch.lists, language),
            today=_today(today.values()),
            teams=tuple(
                TeamOnDashboard(
                    id=team.id,
                    name=team.name or team.id,
                    agents=team.agents,
                    calls=_calls([on_way.get(team.id, {})]),
                    today=_today([today.get(team.id, {})]),
                )
                for team in teams
            ),
            promises=_promises(tx, watch.promises.faults(tx, now), now),
            offer_requests=tuple(OfferRequestOnDashboard(**asdict(each)) for each in requests_in(tx, now)),
            facts_set_aside=count_lately(tx, now),
        )


def mark_of(
    agent: Agent,
    shown: tuple[int, bool] | None,
    *,
    hinted: bool,
    said: attempts.SaidOfCall | None,
    offers: str,
) -> str:
    """What a page compares to see whether what it shows of an agent is out of date."""
    facts = (
        agent.state.value,
        agent.reason,
        agent.since.isoformat(),
        agent.until.isoformat() if agent.until else "",
        agent.attempt_id,
        agent.caller,
        agent.missed,
        agent.wish,
        agent.leave_at.isoformat() if agent.leave_at else "",
        agent.leave_kind,
        agent.leave_reason,
        agent.told,
        shown,
        "machine" if hinted else None,
        offers,
        *(at is not None for at in (said.closing if said is not None else (None, None))),
        said is not None and said.disposed,  # said, or taken back, in another tab
    )
    return "|".join("" if fact is None else str(fact) for fact in facts)


def _agents(
    tx: Transaction, people: Sequence[Agent], offers: Mapping[str, str]
) -> tuple[AgentOnDashboard, ...]:
    calls = [agent.attempt_id for agent in people if agent.attempt_id]
    hinted, said = attempts.machines_suspected(tx, calls), attempts.said_of(tx, calls)
    shown = previews.shown(tx)
    return tuple(
        AgentOnDashboard(
            id=agent.id,
            name=agent.name,
            state=agent.state,
            reason=agent.reason,
            since=agent.since,
            attempt=agent.attempt_id,
            machine_suspected=agent.attempt_id in hinted,
            missed=agent.missed,
            mark=mark_of(
                agent,
                shown.get(agent.id),
                hinted=agent.attempt_id in hinted,
                said=said.get(agent.attempt_id or ""),
                offers=offers.get(agent.id, ""),
            ),
        )
        for agent in people
    )


def _calls(by_team: Iterable[Mapping[AttemptState, int]]) -> CallsOnDashboard:
    counted = _summed(by_team)
    return CallsOnDashboard(
        placed=counted.get(AttemptState.INTENT, 0) + counted.get(AttemptState.SENT, 0),
        ringing=counted.get(AttemptState.DIALLING, 0),
        answered=counted.get(AttemptState.ANSWERED, 0),
        connected=counted.get(AttemptState.CONNECTED, 0),
    )


def _list(tx: Transaction, counts: ListCounts, language: str) -> ListOnDashboard:
    counted = counts.of(tx)
    return ListOnDashboard(
        counts={state: counted.get(state, 0) for state in LeadState},
        next=tuple(
            LeadOnDashboard(
                lead=lead.id,
                campaign=campaign.name,
                name=customer.name or customer.external_id,
                risk=lead.risk,
                gain=lead.gain,
                reasons=tuple(in_words(lead.reasons, language)),
                because=tuple(lead.reasons),
                next_at=lead.next_at,
                attempts_made=lead.attempts_made,
                team=campaign.team_id,
            )
            for lead, campaign, customer in leads.next_of(tx, NEXT)
        ),
    )


def _summed(counts: Iterable[Mapping[Word, int]]) -> Counter[Word]:
    return sum((Counter(each) for each in counts), Counter())


def _today(by_team: Iterable[Mapping[str, int]]) -> TodayOnDashboard:
    counted = _summed(by_team)
    answered = counted["answered"]
    share = counted["abandoned"] / answered if answered else None
    return TodayOnDashboard(
        attempts=counted["attempts"],
        rung=counted["rung"],
        answered=answered,
        connected=counted["connected"],
        abandoned=counted["abandoned"],
        denominator=answered,
        abandonment=share,
        standing=judge(share, DAY_WINDOW.limit),
    )


def _promises(tx: Transaction, faults: PromiseFaults, now: datetime) -> PromisesOnDashboard:
    ledger = ledger_of(tx)
    return PromisesOnDashboard(
        made=ledger.made,
        kept=ledger.kept,
        settled=ledger.settled,
        cancelled=ledger.cancelled,
        closed=ledger.closed,
        open=ledger.open,
        error=ledger.error,
        stuck=len(faults.stuck),
        overtaken=len(faults.overtaken),
        next=tuple(
            PromiseOnDashboard(
                id=card.id,
                reference=card.reference,
                state=card.state,
                queue_position=card.queue_position,
                virtual_join=card.virtual_join,
                next_action_at=card.next_action_at,
                number=card.number,
                standing=judge_promise(card.said_until, card.called_at, now),
            )
            for card in cards(tx, promises.open_ones(tx, NEXT), now)
        ),
    )
