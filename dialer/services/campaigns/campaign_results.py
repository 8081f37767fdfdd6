"""What came of a campaign by hour, agent, offer and reason, and what was done to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from dialer.core.compliance.windows import zone_of
from dialer.db.queries import agents, audit, campaign_results
from dialer.db.queries.campaign_results import CallSums
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.campaigns import find_campaign

REPORTED: Final = timedelta(days=30)
ACTS_SHOWN: Final = 50  # newest lines of the audit
NOT_SAID: Final = "not said"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One line of a table: what it is of, and its calls; a share of nobody is None."""

    of: str
    calls: int
    answered: int
    connected: int
    abandoned: int
    saved: int
    lost: int

    @property
    def answer_rate(self) -> float | None:
        """Answered by a person, of those rung."""
        return self.answered / self.calls if self.calls else None

    @property
    def save_rate(self) -> float | None:
        """Saved, of those who talked with an agent."""
        return self.saved / self.connected if self.connected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """One offer in this campaign: given, taken, turned down, and what those taken cost."""

    offer: str
    given: int
    taken: int
    turned_down: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAct:
    """One line of the audit about a campaign."""

    at: datetime
    actor: str
    action: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTables:
    """The last thirty days of a campaign."""

    by_hour: tuple[ResultLine, ...]  # of the day, on the centre's clock
    by_agent: tuple[ResultLine, ...]
    by_reason: tuple[ResultLine, ...]
    by_offer: tuple[OfferLine, ...]


def result_tables(database: Database, campaign: int, now: datetime) -> ResultTables:
    """What came of it; raises `UnknownCampaign`."""
    since, zone = now - REPORTED, zone_of(database.policy.rulebook.queue.zone)
    with database.read() as tx:
        find_campaign(tx, campaign)
        hours: dict[int, CallSums] = {}
        for at, counted in campaign_results.by_hour(tx, campaign, since):
            hour = at.astimezone(zone).hour
            hours[hour] = _both(hours[hour], counted) if hour in hours else counted
        names = {agent.id: agent.name or agent.id for agent in agents.all_of(tx)}
        by_agent = campaign_results.by_agent(tx, campaign, since)
        by_reason = campaign_results.by_reason(tx, campaign, since)
        return ResultTables(
            by_hour=tuple(_line(f"{hour:02}:00", hours[hour]) for hour in sorted(hours)),
            by_agent=tuple(
                _line(names.get(agent, agent), counted)
                for agent, counted in sorted(by_agent, key=lambda each: -each[1].connected)
            ),
            by_reason=tuple(
                _line(reason.value.replace("_", " ") if reason is not None else NOT_SAID, counted)
                for reason, counted in sorted(
                    by_reason, key=lambda each: (each[0] is None, -each[1].connected)
                )
            ),
            by_offer=tuple(
                OfferLine(offer=name, given=given, taken=taken, turned_down=turned_down, cost=cost)
                for name, given, taken, turned_down, cost in campaign_results.by_offer(tx, campaign, since)
            ),
        )


def campaign_acts(database: Database, campaign: int) -> tuple[CampaignAct, ...]:
    """Who did what to this campaign, newest first; raises `UnknownCampaign`."""
    with database.read() as tx:
        row = find_campaign(tx, campaign)
        return _acts(tx, row.name, row.created_at)


def _acts(tx: Transaction, name: str, since: datetime) -> tuple[CampaignAct, ...]:
    return tuple(
        CampaignAct(at=act.at, actor=act.actor, action=act.action, details=act.details)
        for act in audit.of_subject(tx, "campaign.", name, since, ACTS_SHOWN)
    )


def _both(one: CallSums, other: CallSums) -> CallSums:
    return CallSums(*(first + second for first, second in zip(one, other, strict=True)))


def _line(of: str, counted: CallSums) -> ResultLine:
    return ResultLine(of=of, **counted._asdict())
