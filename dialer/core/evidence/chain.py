"""A chain of digests over what was decided: whoever changes, drops, adds or reorders an entry breaks it.

An entry has an open part, which may be kept for ever (rule, time, campaign, who acted), and a private one
(numbers, names, notes), which is not in the chain. Of that the chain holds a commitment: a digest with a salt
of its own. Without its salt a commitment says nothing, not even to somebody who tries every telephone
number there is, and the chain still verifies: that is how a person is erased and the proof kept.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

START: Final = "0" * 64  # what the first entry is chained to


class EntryKind(StrEnum):
    """What an entry of the decision log is about."""

    ACT = "act"  # somebody did something: a row of the audit
    PERMIT = "permit"  # the compliance check let an attempt ring
    REFUSAL = "refusal"  # it did not


#: acts that say what the log itself no longer holds
ERASED: Final = "evidence.erased"  # `entries`: the private parts that went with a person
EXPIRED: Final = "evidence.expired"  # `kind` and `before`: private parts whose time was over
CUT: Final = "evidence.cut"  # `through` and `digest`: the log begins after this entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One decision as the log keeps it."""

    number: int  # 1, 2, 3 … without a gap
    kind: EntryKind
    source: str  # which row it tells of: an act's or a refusal's number, an attempt's id
    at: datetime
    open_part: str  # canonical JSON
    commitment: str
    salt: str | None  # None: the private part was erased
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The first entry at which the log is not what it was, and how so."""

    number: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What the log itself says was taken out of it, in the open parts of its own entries."""

    entries: frozenset[int] = frozenset()
    expired: Mapping[str, datetime] | None = None  # kind to the moment before which
    through: int = 0  # the last entry that was cut off
    digest: str = START  # and its digest

    def covers(self, entry: Entry) -> bool:
        """Whether this entry's private part may be missing."""
        before = (self.expired or {}).get(entry.kind.value)
        return entry.number in self.entries or (before is not None and entry.at < before)


def canonical(value: Any) -> str:
    """The value as JSON in one form only, the same before it is stored and after it is read back."""
    plain = json.loads(json.dumps(value, default=_as_text))
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return moment(value)
    raise TypeError(f"no JSON: {type(value).__name__}")


def moment(at: datetime) -> str:
    """A moment in one form only."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def commit(salt: str, private_part: str) -> str:
    """What the chain holds of a private part."""
    return hashlib.sha256(f"{salt}\n{private_part}".encode()).hexdigest()


def link(  # noqa: PLR0917 - what is digested, in its order
    before: str, number: int, kind: EntryKind, source: str, at: datetime, open_part: str, commitment: str
) -> str:
    """An entry's digest: over all of it and over the digest of the entry before it."""
    parts = (before, str(number), kind.value, source, moment(at), open_part, commitment)
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def told_gone(open_parts: Iterable[str]) -> Gone:
    """What these acts of the log say was taken out of it."""
    entries: set[int] = set()
    expired: dict[str, datetime] = {}
    through, digest = 0, START
    for text in open_parts:
        said = json.loads(text)
        facts = said.get("facts", {})
        if said["action"] == ERASED:
            entries |= set(facts["entries"])
        elif said["action"] == EXPIRED:
            before = datetime.fromisoformat(facts["before"])
            expired[facts["kind"]] = max(before, expired.get(facts["kind"], before))
        elif said["action"] == CUT and facts["through"] > through:
            through, digest = facts["through"], facts["digest"]
    return Gone(entries=frozenset(entries), expired=expired, through=through, digest=digest)


def breaks(entries: Iterable[Entry], gone: Gone) -> Iterator[Breach]:
    """Every entry at which the chain does not hold, in order."""
    number, before = gone.through, gone.digest
    for entry in entries:
        if entry.number != number + 1:
            missing = number + 1
            which = f"{missing}" if entry.number == missing + 1 else f"{missing} to {entry.number - 1}"
            yield Breach(number=missing, what=f"entry {which} is missing")
        digest = link(
            before, entry.number, entry.kind, entry.source, entry.at, entry.open_part, entry.commitment
        )
        if digest != entry.digest:
            yield Breach(number=entry.number, what="the entry was changed, or stands in another's place")
        elif entry.salt is None and not gone.covers(entry):
            yield Breach(number=entry.number, what="its private part was taken out, and no entry says so")
        number, before = entry.number, entry.digest


def matches(entry: Entry, open_part: str, private_part: str) -> bool:
    """Whether a row still says what was sealed of it."""
    return (
        entry.salt is not None
        and entry.open_part == open_part
        and commit(entry.salt, private_part) == entry.commitment
    )
