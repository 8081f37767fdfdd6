"""Facts about calls that cannot be written: kept whole beside the ledger, audited and counted."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.db.database_faults import blames_content
from dialer.db.models import SetAsideFact
from dialer.db.queries import audit, set_aside
from dialer.db.session import Database, Transaction
from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.calls.events import CallerFact, CallFact

LOOKED_BACK: Final = timedelta(days=1)  # as far as faults of promises: yesterday's was seen
MOST_REPR: Final = 2_000  # characters of a fact that cannot be kept whole
MOST_WORD: Final = 40  # characters of a name of ours: the width of `kind`
MOST_ERROR: Final = 80  # the width of `error`


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSetAside:
    """How many facts were set aside in the last day, and the newest of all."""

    lately: int = 0
    newest_at: datetime | None = None
    newest_attempt: str | None = None
    newest_kind: str = ""
    newest_error: str = ""


def call_of(fact: CallFact | CallerFact) -> str:
    """The call a fact is about: an attempt's id, or a live caller's channel."""
    return fact.attempt if isinstance(fact, CallFact) else fact.caller


def set_aside_fact(
    database: Database, pbx: str, fact: CallFact | CallerFact, error: BaseException, now: datetime
) -> None:
    """Keep a fact that cannot be written, with an entry in the audit, so that those behind it go on.

    It is kept whole as JSON; where even that cannot be written, as much of its repr as surely can.
    """
    try:
        _keep(database, pbx, fact, error, now, json.dumps(asdict(fact), default=str))
    except Exception as again:
        if not blames_content(again):
            raise
        _keep(database, pbx, fact, error, now, ascii(fact)[:MOST_REPR])


def facts_set_aside(database: Database, now: datetime) -> FactsSetAside:
    """What was set aside lately, and the newest whenever it was."""
    with database.read() as tx:
        newest = set_aside.newest(tx)
        if newest is None:
            return FactsSetAside()
        return FactsSetAside(
            lately=count_lately(tx, now),
            newest_at=newest.at,
            newest_attempt=newest.attempt_id,
            newest_kind=newest.kind,
            newest_error=newest.error,
        )


def count_lately(tx: Transaction, now: datetime) -> int:
    """How many facts were set aside in the last day."""
    return set_aside.count_since(tx, now - LOOKED_BACK)


def _keep(  # noqa: PLR0917 - what is kept, in the order of the row
    database: Database,
    pbx: str,
    fact: CallFact | CallerFact,
    error: BaseException,
    now: datetime,
    text: str,
) -> None:
    call = call_of(fact)
    attempt = call if ATTEMPT_ID.fullmatch(call) else None
    kind, failed = type(fact).__name__[:MOST_WORD], _kind_of(error)
    with database.write() as tx:
        row = SetAsideFact(at=now, pbx=pbx, attempt_id=attempt, kind=kind, error=failed, fact=text)
        set_aside.add(tx, row)
        audit.add(tx, now, "engine", "fact.set-aside", attempt or "", {"fact": kind, "error": failed})


def _kind_of(error: BaseException) -> str:
    """The kind of error, and of the one behind it, which says more: `StatementError: ValueError`."""
    orig = getattr(error, "orig", None)
    names = [type(each).__name__ for each in (error, orig) if each is not None]
    return ": ".join(dict.fromkeys(names))[:MOST_ERROR]
