"""What agents asked for and said, as the engine has to know it at every turn: one look for all of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dialer.core.agents.leave import Leave
from dialer.db.queries import agents, arrivals, attempts
from dialer.db.queries.attempts import Closing
from dialer.db.session import Database
from dialer.services.agents.agents import AgentWish
from dialer.services.agents.listening import ListenAsked
from telephony.asterisk.config.chanspy import ListenMode


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidByAgents:
    """Wishes that were taken with this look, leaves that are planned, and words about calls."""

    wishes: tuple[AgentWish, ...]
    leaves: Mapping[str, Leave]  # by agent
    closings: Mapping[str, Closing]  # by attempt: when it was said that talk or wrap-up are about to end
    listening: tuple[ListenAsked, ...]  # taken with this look as wishes are
    disposed: frozenset[str]  # attempts, and live callers, of whom it was said what came of the call


def said_by_agents(
    database: Database, pbx: str, calls: Collection[str] = (), callers: Collection[str] = ()
) -> SaidByAgents:
    """Take the wishes that nobody took yet, and read the leaves that are planned and what was said of calls.

    Costs no write where there are no wishes.
    """
    with database.read() as tx:
        said, asked = attempts.said_and_asked(tx, calls, pbx) if calls else ({}, None)
        asking = agents.with_wish_or_leave(tx, pbx) if asked is not False else ()
        disposed = {attempt for attempt, words in said.items() if words.disposed}
        if callers:
            disposed |= arrivals.with_disposition(tx, pbx, callers)
    found = {row.id: agents.leave_of(row) for row in asking}
    taken: tuple[AgentWish, ...] = ()
    if any(row.wish is not None for row in asking):
        with database.write() as tx:
            pending = agents.pending_wishes(tx, pbx)
            agents.clear_wishes(tx, pending)
            taken = tuple(AgentWish(agent=agent, wish=word) for agent, word in pending)
    listening = tuple(
        ListenAsked(agent=row.id, listener=row.listener, mode=ListenMode(row.listen_mode))
        for row in asking
        if row.listen_mode is not None and row.listener is not None
    )
    if listening:
        with database.write() as tx:
            for each in listening:
                agents.set_listening(tx, each.agent, None, None)
    return SaidByAgents(
        wishes=taken,
        leaves={agent: leave for agent, leave in found.items() if leave is not None},
        closings={
            attempt: words.closing
            for attempt, words in said.items()
            if words.closing != Closing(talk=None, wrap_up=None)
        },
        listening=listening,
        disposed=frozenset(disposed),
    )
