"""The pages in the bar at the top: who sees which, and what stands beside what."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dialer.core.access.rights import Right


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that people open by its name; shown to those who have the right to it."""

    path: str
    name: str
    right: Right


#: today's work, what is planned and how it goes, whom it is about, the house; a gap stands between two groups
NAVIGATION: Final = (
    (
        Entry("/", "Dashboard", Right.SEE_FLOOR),
        Entry("/agents", "Floor", Right.SEE_FLOOR),
        Entry("/promises", "Promises", Right.SEE_PROMISES),
    ),
    (
        Entry("/campaigns", "Campaigns", Right.SEE_CAMPAIGNS),
        Entry("/offers", "Offers", Right.SEE_CAMPAIGNS),
        Entry("/plan", "Plan", Right.PLAN),
        Entry("/reasons", "Reasons", Right.SEE_CAMPAIGNS),
        Entry("/reports", "Reports", Right.SEE_REPORTS),
    ),
    (
        Entry("/customers", "Customers", Right.SEE_CUSTOMERS),
        Entry("/imports", "Imports", Right.CHANGE_CUSTOMERS),
        Entry("/do-not-call", "Do not call", Right.SEE_DO_NOT_CALL),
        Entry("/recordings", "Recordings", Right.HEAR_RECORDINGS),
    ),
    (
        Entry("/schedule", "Schedule", Right.SEE_SCHEDULE),
        Entry("/outbox", "Outbox", Right.SEE_OUTBOX),
        Entry("/audit", "Audit", Right.AUDIT),
        Entry("/setup", "Setup", Right.SETUP),
        Entry("/users", "Users", Right.USERS),
    ),
)


def pages_for(rights: Collection[Right], *, known: bool) -> tuple[tuple[Entry, ...], ...]:
    """What somebody with these rights is shown, group by group; where nobody logs in there are no users."""
    groups = (
        tuple(entry for entry in group if entry.right in rights and (known or entry.path != "/users"))
        for group in NAVIGATION
    )
    return tuple(group for group in groups if group)
