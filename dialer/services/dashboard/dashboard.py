"""The dashboard in one plain value: who does what, what is next, how today went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from churnmodel.reasons.phrases import in_words
from dialer.core.calling.attempt import ATTEMPT, AttemptState
from dialer.core.calling.campaign import LeadState
from dialer.db.models import Agent
from dialer.db.queries import agents, attempts, campaigns, leads, previews, promises
from dialer.db.session import Database, Transaction
from dialer.services.promises.promises import cards, ledger_of
from dialer.services.schedule.business_day import day_began

NEXT: Final = 10  # leads and promises shown as next; more does not fit a screen


def save_dashboard(database: Database, pbx: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep what the engine has in mind; `body` must be plain JSON."""
    with database.write() as tx:
        agents.save_view(tx, pbx, now, body)


def read_dashboard(database: Database, now: datetime, *, language: str = "en") -> dict[str, Any]:
    """Everything the dashboard shows, as plain JSON; times are ISO 8601 in UTC, numbers are masked."""
    with database.read() as tx:
        people = agents.all_of(tx)
        calls = [agent.attempt_id for agent in people if agent.attempt_id]
        hinted, closings = attempts.machines_suspected(tx, calls), attempts.closings(tx, calls)
        shown = previews.shown(tx)
        return {
            "now": now.isoformat(),
            "agents": [
                {
                    "id": agent.id,
                    "name": agent.name,
                    "state": agent.state.value,
                    "reason": agent.reason,
                    "since": agent.since.isoformat(),
                    "attempt": agent.attempt_id,
                    "machine_suspected": agent.attempt_id in hinted,
                    "missed": agent.missed,
                    "mark": mark_of(
                        agent,
                        shown.get(agent.id),
                        hinted=agent.attempt_id in hinted,
                        closing=closings.get(agent.attempt_id or ""),
                    ),
                }
                for agent in people
            ],
            "agents_by_state": {state.value: count for state, count in agents.counts(people).items()},
            "calls": _calls(tx),
            "list": _list(tx, language),
            "today": _today(tx, day_began(database.policy, now)),
            "promises": _promises(tx),
            "engines": [
                {
                    "pbx": view.pbx,
                    "taken_at": view.taken_at.isoformat(),
                    "age_s": (now - view.taken_at).total_seconds(),
                    "body": view.body,
                }
                for view in agents.views(tx)
            ],
        }


def mark_of(
    agent: Agent,
    shown: tuple[int, bool] | None,
    *,
    hinted: bool,
    closing: tuple[datetime | None, datetime | None] | None,
) -> str:
    """What a page compares to see whether what it shows of an agent is out of date."""
    facts = (
        agent.state.value,
        agent.reason,
        agent.since.isoformat(),
        agent.until.isoformat() if agent.until else "",
        agent.attempt_id,
        agent.missed,
        agent.wish,
        agent.leave_at.isoformat() if agent.leave_at else "",
        agent.leave_kind,
        agent.leave_reason,
        agent.told,
        shown,
        "machine" if hinted else None,
        *(at is not None for at in closing or (None, None)),
    )
    return "|".join("" if fact is None else str(fact) for fact in facts)


def _calls(tx: Transaction) -> dict[str, int]:
    counted = attempts.open_by_state(tx)
    return {state.value: counted.get(state, 0) for state in AttemptState if state not in ATTEMPT.ends}


def _list(tx: Transaction, language: str) -> dict[str, Any]:
    counted = leads.counts_by_state(tx)
    return {
        **{state.value: counted.get(state, 0) for state in LeadState},
        "next": [
            {
                "lead": lead.id,
                "campaign": campaign.name,
                "name": customer.name or customer.external_id,
                "risk": lead.risk,
                "gain": lead.gain,
                "reasons": list(in_words(lead.reasons, language)),
                "next_at": lead.next_at.isoformat(),
                "attempts_made": lead.attempts_made,
            }
            for lead, campaign, customer in leads.next_of(tx, NEXT)
        ],
    }


def _today(tx: Transaction, since: datetime) -> dict[str, Any]:
    """Today's calls; abandonment is of the calls that a person answered, machines left out."""
    counted = campaigns.call_counts(tx, since=since)
    answered = counted["answered"]
    return {
        **counted,
        "denominator": answered,
        "abandonment": counted["abandoned"] / answered if answered else None,
    }


def _promises(tx: Transaction) -> dict[str, Any]:
    ledger = ledger_of(tx)
    return {
        "made": ledger.made,
        "kept": ledger.kept,
        "settled": ledger.settled,
        "cancelled": ledger.cancelled,
        "closed": ledger.closed,
        "open": ledger.open,
        "error": ledger.error,
        "next": [
            {
                "id": card.id,
                "reference": card.reference,
                "state": card.state.value,
                "queue_position": card.queue_position,
                "virtual_join": card.virtual_join.isoformat(),
                "next_action_at": card.next_action_at.isoformat() if card.next_action_at else None,
                "number": card.number,
            }
            for card in cards(tx, promises.open_ones(tx, NEXT))
        ],
    }
