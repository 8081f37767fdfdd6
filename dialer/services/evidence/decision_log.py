"""The decision log: what was decided is sealed, and any change to it afterwards is found."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dialer.core.evidence.chain import Breach, Entry, EntryKind, breaks, matches, told_gone
from dialer.db.evidence_log import AT_ONCE, seal_decisions
from dialer.db.queries import evidence
from dialer.db.session import Database, Transaction

MOST_BREACHES: Final = 20  # what is counted and shown; the first one is what matters


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """What came of looking the whole log over."""

    entries: int
    erased: int  # entries that keep no person any more
    head: str  # number and digest of the last entry, to be kept elsewhere
    unproven: int  # acts from before the log began
    breaches: tuple[Breach, ...]


def seal(database: Database, now: datetime) -> int:
    """Take the permits and refusals of the last moments up into the log; how many there were."""
    sealed = 0
    while True:
        with database.write() as tx:
            found = seal_decisions(tx, now)
        sealed += found
        if found < AT_ONCE:
            return sealed


def verify(database: Database, *, expected: str | None = None) -> ChainCheck:
    """Look the whole log over: against itself, and against the rows that it tells of.

    `expected` is a `head` that somebody kept: an entry with that number must have that digest still. Without
    one, nobody could tell a log from another one that was written anew from its beginning to its end.
    """
    with database.read() as tx:
        return _look_over(tx, expected)


def _look_over(tx: Transaction, expected: str | None) -> ChainCheck:
    end = evidence.head(tx)
    gone = told_gone(evidence.told(tx))
    counted = _Count(expected)
    found: list[Breach] = []
    for breach in breaks(counted.each(tx), gone):
        found.append(breach)
        if len(found) == MOST_BREACHES:
            break
    else:
        found += counted.mismatches
        found += _ends(tx, end, counted, gone.digest)
        if not counted.met and expected is not None:
            found.append(
                Breach(number=_number(expected), what="the log does not have the entry that was kept")
            )
    found.sort(key=lambda breach: breach.number)
    return ChainCheck(
        entries=counted.entries,
        erased=counted.erased,
        head=f"{counted.number}:{counted.digest or gone.digest}",
        unproven=0 if end is None else end.acts_before,
        breaches=tuple(found[:MOST_BREACHES]),
    )


class _Count:
    """Passes the entries on, and notes on the way which rows no longer say what was sealed."""

    def __init__(self, expected: str | None) -> None:
        self.expected = expected
        self.met = expected is None
        self.entries = self.erased = self.number = 0
        self.digest = ""
        self.mismatches: list[Breach] = []

    def each(self, tx: Transaction) -> Iterator[Entry]:
        for page in evidence.in_order(tx):
            for shown in page:
                entry = shown.entry
                self.entries += 1
                self.erased += entry.salt is None
                self.number, self.digest = entry.number, entry.digest
                self.met = self.met or f"{entry.number}:{entry.digest}" == self.expected
                fault = _fault(shown)
                if fault is not None and len(self.mismatches) < MOST_BREACHES:
                    self.mismatches.append(Breach(number=entry.number, what=fault))
                yield entry


def _fault(shown: evidence.Shown) -> str | None:
    """How the row that an entry tells of differs from what was sealed."""
    entry, row = shown.entry, shown.row
    if json.loads(entry.open_part).get("campaign") != shown.campaign:
        return "the entry's campaign was changed"
    if entry.salt is None:
        return None
    name = f"{entry.kind.value} {entry.source}"
    if row is None:
        return f"{name} is gone"
    if row.at != entry.at or not matches(entry, row.open_part, row.private_part):
        return f"{name} was changed"
    return None


def _ends(tx: Transaction, end: evidence.Head | None, counted: _Count, start: str) -> list[Breach]:
    """What is wrong at the log's end and beside it."""
    found = []
    if end is None:
        end = evidence.Head(0, start, 0, None, None)
    if counted.entries and (end.number, end.digest) != (counted.number, counted.digest):
        what = "the log ends here, and it is written down that it ended elsewhere"
        found.append(Breach(number=counted.number, what=what))
    elif not counted.entries and end.digest != start:
        found.append(
            Breach(number=end.number, what="the log is empty, and it is written down that it was not")
        )
    beside = evidence.acts_beside(tx, end.acts_before)
    if beside:
        what = f"act {beside[0]} was written past the log"
        found.append(Breach(number=counted.number + 1, what=what))
    if end.began_at is not None and end.sealed_at is not None:
        passed = evidence.decisions_beside(tx, end.began_at, end.sealed_at)
        if passed:
            what = f"{passed} permits or refusals were written in later under an earlier time"
            found.append(Breach(number=counted.number + 1, what=what))
    return found


def _number(kept: str) -> int:
    return int(kept.partition(":")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """One entry of the log for people: what is known of it still."""

    number: int
    at: datetime
    kind: EntryKind
    what: str  # the act's name, or the rule that refused; empty for a permit
    who: str  # whoever acted
    whom: str  # the number or the act's subject; "" where it was erased
    said: str  # an act's further words, as JSON
    until: str
    attempt: str
    lead: str
    promise: str
    digest: str


def read_log(
    database: Database, campaign: int | None, since: datetime | None, until: datetime | None
) -> Iterator[LoggedDecision]:
    """The entries of one campaign (or all), from a moment on and before another one, in order."""
    with database.read() as tx:
        for page in evidence.in_order(tx, campaign=campaign, since=since, until=until):
            yield from [_for_people(shown) for shown in page]


def _for_people(shown: evidence.Shown) -> LoggedDecision:
    entry = shown.entry
    known: dict[str, Any] = json.loads(entry.open_part)
    private: dict[str, Any] = {}
    if entry.salt is not None and shown.row is not None:
        private = json.loads(shown.row.private_part)
    details = private.get("details")
    return LoggedDecision(
        number=entry.number,
        at=entry.at,
        kind=entry.kind,
        what=known.get("action") or known.get("rule") or "",
        who=known.get("actor") or "",
        whom=private.get("e164") or private.get("subject") or "",
        said=json.dumps(details, ensure_ascii=False, sort_keys=True) if details else "",
        until=known.get("until") or "",
        attempt=entry.source if entry.kind is EntryKind.PERMIT else known.get("attempt") or "",
        lead=str(known.get("lead") or ""),
        promise=str(known.get("promise") or ""),
        digest=entry.digest,
    )
