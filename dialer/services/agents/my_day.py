"""An agent's own day: what is to come, how it goes against their own past, and what the coach wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.core.agents.my_day import (
    LOOKED_BACK,
    PAST,
    RESOLVED_AFTER,
    AgentTalk,
    DayFigures,
    Resolved,
    day_of,
    resolved_at_first,
    usual_day,
)
from dialer.core.calling.disposition import Disposition
from dialer.core.compliance.windows import zone_of
from dialer.db.queries import agent_days, agents, arrivals, audit, dispositions
from dialer.db.session import Database
from dialer.services.agents.contacts import DUE_FOR
from dialer.services.agents.dispositions import again_of
from dialer.services.customers.dialing_regions import mask

AGREED_SHOWN: Final = 8  # calls; the next hours' worth
NOTES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCall:
    """A call that the agent agreed on with a customer."""

    at: datetime
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFromCoach:
    """What a supervisor wrote to the agent."""

    id: int
    words: str
    author: str
    written_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyDay:
    """One agent's day. `usual`: their mean day of the last four weeks, never a colleague's; None: none yet.

    `resolved` is of the week that ended a week ago, `resolved_before` of the four weeks before it.
    """

    today: DayFigures
    usual: DayFigures | None
    resolved: Resolved
    resolved_before: Resolved
    agreed: tuple[OwnCall, ...]
    words_due: int
    notes: tuple[NoteFromCoach, ...]


def my_day(database: Database, agent: str, now: datetime) -> MyDay:
    """How the agent's day goes, and what is still to come."""
    zone = database.policy.rulebook.queue.zone
    today = now.astimezone(zone_of(zone)).date()
    with database.read() as tx:
        rows = agent_days.talks_of(tx, agent, now - LOOKED_BACK)
        known = sorted({row.customer for row in rows if row.customer is not None})
        numbers = sorted({row.e164 for row in rows if row.customer is None and row.e164.startswith("+")})
        by_customer, by_number = agent_days.contacts_of(tx, known, numbers, now - LOOKED_BACK)
        agreed = agent_days.agreed_by(tx, agent, again_of(""), AGREED_SHOWN)
        notes = agent_days.notes_for(tx, agent, NOTES_SHOWN)
        waiting = [table.due_counts(tx, [agent], now - DUE_FOR) for table in (dispositions, arrivals)]
        due = sum(counts[agent][0] for counts in waiting if agent in counts)
        written = tuple(
            NoteFromCoach(
                id=each.id,
                words=each.words,
                author=each.author,
                written_at=each.written_at,
                read_at=each.read_at,
            )
            for each in notes
        )
    talks = [
        AgentTalk(
            at=row.at,
            person=_person(row.customer, row.e164),
            saved=row.word is Disposition.SAVED,
            kept=row.kept,
        )
        for row in rows
    ]
    contacts = {_person(customer, ""): at for customer, at in by_customer.items()}
    contacts |= {_person(None, number): at for number, at in by_number.items()}
    a_week_ago = now - RESOLVED_AFTER
    return MyDay(
        today=day_of(talks, today, zone),
        usual=usual_day(talks, today, zone),
        resolved=resolved_at_first(talks, contacts, a_week_ago - RESOLVED_AFTER, a_week_ago),
        resolved_before=resolved_at_first(
            talks, contacts, a_week_ago - RESOLVED_AFTER - PAST, a_week_ago - RESOLVED_AFTER
        ),
        agreed=tuple(
            OwnCall(at=each.at, name=each.name or each.external_id or mask(each.e164)) for each in agreed
        ),
        words_due=due,
        notes=written,
    )


def write_note(database: Database, agent: str, words: str, author: str, now: datetime) -> bool:
    """A supervisor writes to an agent; audited. False where there is no such agent."""
    with database.write() as tx:
        if agents.find(tx, agent) is None:
            return False
        agent_days.add_note(tx, agent=agent, words=words, author=author, written_at=now)
        audit.add(tx, now, author, "note.written", agent, {})
        return True


def read_note(database: Database, agent: str, note: int, now: datetime) -> bool:
    """The agent has read a note; False where it is not theirs."""
    with database.write() as tx:
        row = agent_days.note(tx, note)
        if row is None or row.agent != agent:
            return False
        row.read_at = row.read_at or now
        return True


def _person(customer: int | None, e164: str) -> str:
    """One key for a person, whichever way they are known; empty where they are not."""
    if customer is not None:
        return f"customer {customer}"
    return e164 if e164.startswith("+") else ""
