"""After a gap: what becomes of every call in the ledger, given what the PBX says it has.

The truth is read, never guessed. What lives is adopted, what nobody was rung for is released, what
ended unseen keeps the best that was known of it, and the rest is UNKNOWN, which counts as an attempt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.calls.events import Outcome, PbxSnapshot
from telephony.calls.lifecycle import CallState

#: an Originate may be on its way this long before its channel shows up in a list
ON_ITS_WAY: Final = timedelta(seconds=10)
#: two boot times worked out from the uptime agree this closely: it is in whole seconds, and comes late
SAME_BOOT: Final = timedelta(seconds=2)


class Ruling(StrEnum):
    """What to do with one call of the ledger."""

    ADOPT = "adopt"  # it lives: go on as before
    WAIT = "wait"  # too young to be missed: look again
    RELEASE = "release"  # nobody was rung: it may be tried anew
    CLOSE = "close"  # it is over, with this outcome


class LinkGap(StrEnum):
    """Why there was a gap."""

    LINK_LOST = "link_lost"  # the PBX ran on; calls may have lived through it
    RESTARTED = "restarted"  # no call can have survived
    UNKNOWN = "unknown"  # the PBX does not tell its boot time


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAttempt:
    """One call that the ledger holds for unfinished."""

    attempt: str
    state: CallState | None  # the last fact heard; None when no fact was
    sent_at: datetime | None  # when Originate went out; None when it never did
    consumed: bool | None = None  # whether the dial permit gave the number away; None when not known
    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of one call; `outcome` for CLOSE only, `why` in a stable word."""

    attempt: str
    ruling: Ruling
    why: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What becomes of the whole ledger, and calls on the PBX that the ledger does not know."""

    gap: LinkGap
    settlements: tuple[Settlement, ...]
    strangers: tuple[str, ...]


def gap_between(before: datetime | None, after: datetime | None) -> LinkGap:
    """Tell a restarted PBX from a lost link, by its boot time before and after.

    In whole seconds it is as the PBX itself tells it, and exact: an Asterisk that is killed and started
    again is there a second later. With a fraction it was worked out from the uptime.
    """
    if before is None or after is None:
        return LinkGap.UNKNOWN
    exact = before.microsecond == after.microsecond == 0
    within = timedelta() if exact else SAME_BOOT
    return LinkGap.LINK_LOST if abs(after - before) <= within else LinkGap.RESTARTED


def talk_ended_at(
    agent: str | None, connected_at: datetime | None, snapshot: PbxSnapshot, now: datetime
) -> datetime:
    """When a talk that ended unseen was over, by the PBX's own record of its agent; else now."""
    ended = snapshot.last_calls.get(agent or "")
    if ended is None or connected_at is None or not connected_at < ended < now:
        return now
    return ended


def reconcile(
    ledger: Iterable[KnownAttempt], snapshot: PbxSnapshot, *, booted_before: datetime | None = None
) -> Reconciliation:
    """Compare the ledger with the snapshot. `booted_before`: the boot time known before the gap."""
    entries = tuple(ledger)
    gap = gap_between(booted_before, snapshot.booted_at)
    living = snapshot.living
    known = {entry.attempt for entry in entries}
    return Reconciliation(
        gap=gap,
        settlements=tuple(_settle(entry, living, snapshot, gap) for entry in entries),
        strangers=tuple(sorted(each for each in living - known if ATTEMPT_ID.fullmatch(each))),
    )


def _settle(entry: KnownAttempt, living: frozenset[str], snapshot: PbxSnapshot, gap: LinkGap) -> Settlement:
    if entry.attempt in living:
        return Settlement(attempt=entry.attempt, ruling=Ruling.ADOPT, why="lives")
    if entry.state is CallState.TALKING:
        return _closed(entry, Outcome.CONNECTED, "ended-unseen")
    if entry.abandoned:
        return _closed(entry, Outcome.ABANDONED, "ended-unseen")
    if entry.sent_at is None and entry.state is None:
        return Settlement(attempt=entry.attempt, ruling=Ruling.RELEASE, why="never-sent")
    if _may_be_on_its_way(entry, snapshot, gap):
        return Settlement(attempt=entry.attempt, ruling=Ruling.WAIT, why="on-its-way")
    if entry.consumed is False and entry.state in (None, CallState.PLACED):
        return Settlement(attempt=entry.attempt, ruling=Ruling.RELEASE, why="permit-not-asked")
    return _closed(entry, Outcome.UNKNOWN, "pbx-restarted" if gap is LinkGap.RESTARTED else "gone")


def _may_be_on_its_way(entry: KnownAttempt, snapshot: PbxSnapshot, gap: LinkGap) -> bool:
    if entry.sent_at is None or entry.sent_at < snapshot.taken_at - ON_ITS_WAY:
        return False
    before_boot = snapshot.booted_at is not None and entry.sent_at < snapshot.booted_at
    return not (gap is LinkGap.RESTARTED and before_boot)


def _closed(entry: KnownAttempt, outcome: Outcome, why: str) -> Settlement:
    return Settlement(attempt=entry.attempt, ruling=Ruling.CLOSE, why=why, outcome=outcome)
