"""A database that is older than what was dialled: seen before anything is dialled, and brought up to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.core.calling.campaign import LeadEvent, LeadState
from dialer.db.models import Lead, Promise
from dialer.db.queries import attempts, audit, leads, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.attempt_journal import Dialled
from dialer.services.calls.call_events import replay_attempt
from dialer.services.calls.transitions import TransitionContext, step_lead, step_promise
from telephony.calls.events import Answered, CallFact, Connected, Finished

SEEN: Final = "gap.seen"
TAKEN_IN: Final = "gap.taken-in"
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of the calls that the database did not know."""

    taken_in: tuple[Dialled, ...]
    without_reason: tuple[Dialled, ...]  # lead and promise unknown too


def unseen_gap(database: Database, known: Collection[str]) -> frozenset[str]:
    """Those attempts that were made and are not in the database, unless a person has seen that."""
    with database.read() as tx:
        missing = set(known) - attempts.existing(tx, known)
        for line in audit.of_action(tx, SEEN, EVER) if missing else ():
            missing -= set(line.details.get("missing", ()))
        return frozenset(missing)


def see_gap(database: Database, missing: Collection[str], now: datetime, actor: str) -> None:
    """Write down that a person has seen which calls the database does not know: dialling may go on."""
    with database.write() as tx:
        audit.add(tx, now, actor, SEEN, f"{len(missing)} calls", {"missing": sorted(missing)})


def take_in(database: Database, dialled: Iterable[Dialled], now: datetime, actor: str) -> TakenIn:
    """Give the database the calls that it does not know, each with what was heard of it.

    Each is one transaction and comes in once, so this can be done again. What was heard of no end counts
    as an attempt whose outcome is not known. A call whose lead and promise are unknown too is returned.
    """
    taken: list[Dialled] = []
    left: list[Dialled] = []
    for call in dialled:
        with database.write() as tx:
            if attempts.find_attempt(tx, call.attempt) is not None:
                continue
            known = _take_in(TransitionContext(tx, database.policy, call.ended_at or call.at), call)
            if known:
                details = {"at": call.at.isoformat()}
                audit.add(tx, now, actor, TAKEN_IN, call.attempt, details)
        (taken if known else left).append(call)
    return TakenIn(taken_in=tuple(taken), without_reason=tuple(left))


def _take_in(entry: TransitionContext, call: Dialled) -> bool:
    tx = entry.tx
    promise = _promise_of(tx, call)
    lead = _lead_of(tx, call) if promise is None else None
    if lead is None and promise is None:
        return False
    written = attempts.insert_attempt(
        tx,
        id=call.attempt,
        pbx=call.pbx,
        fencing=0,  # of a leader whose lease the database does not know
        lead_id=lead.id if lead is not None else None,
        promise_id=promise.id if promise is not None else None,
        campaign_id=lead.campaign_id if lead is not None else None,
        customer_id=lead.customer_id if lead is not None else promise.customer_id if promise else None,
        e164=call.e164,
        queue=call.queue,
        trunk=call.trunk,
        caller_id="",
        ring_s=call.ring_s,
        created_at=call.at,
    )
    attempt = attempts.lock_attempt(tx, call.attempt) if written else None
    if attempt is None:
        return False
    if lead is not None and lead.state is LeadState.LISTED:
        step_lead(tx, lead, LeadEvent.CALL)
    if promise is not None and promise.state is PromiseState.WAITING:
        step_promise(tx, promise, PromiseEvent.CLAIM, call.at, attempt=call.attempt, next_action_at=None)
        step_promise(tx, promise, PromiseEvent.ALLOW, call.at, attempt=call.attempt)
    replay_attempt(entry, attempt, _facts(call))
    return True


def _facts(call: Dialled) -> list[CallFact]:
    """What was heard, as the PBX said it."""
    facts: list[CallFact] = []
    if call.connected_at is not None:
        facts.append(Answered(attempt=call.attempt, at=call.connected_at))
        facts.append(
            Connected(attempt=call.attempt, at=call.connected_at, agent=call.agent or "", waited_s=0.0)
        )
    if call.ended_at is not None and call.outcome is not None:
        facts.append(
            Finished(attempt=call.attempt, at=call.ended_at, outcome=call.outcome, talk_s=call.talk_s)
        )
    return facts


def _lead_of(tx: Transaction, call: Dialled) -> Lead | None:
    """The lead that was rung: by its id where that is still this number's, else by the number."""
    if call.promise is not None:
        return None
    lead = leads.lock_lead(tx, call.lead) if call.lead is not None else None
    if lead is not None and call.e164 in {number.e164 for number in leads.numbers_of(tx, lead.customer_id)}:
        return lead
    return leads.waiting_with(tx, call.e164)


def _promise_of(tx: Transaction, call: Dialled) -> Promise | None:
    """The promise that was rung: by its id where that is this number's, else one open before the call.

    A record of Asterisk's names neither lead nor promise, and a promise is called before any list.
    """
    if call.lead is not None:
        return None
    if call.promise is not None:
        promise = promises.lock_promise(tx, call.promise)
        return promise if promise is not None and promise.e164 == call.e164 else None
    still = promises.open_for(tx, call.e164)
    return still if still is not None and still.made_at <= call.at else None
