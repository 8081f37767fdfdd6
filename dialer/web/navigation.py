"""The pages in the bar at the top: who sees which, and what stands beside what."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dialer.core.access.rights import Right


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page that people open by its name; shown to those who have the right to it."""

    path: str
    name: str
    right: Right


#: today's work, what is planned and how it goes, whom it is about, the house; a gap stands between two groups
NAVIGATION: Final = (
    (
        PageLink("/", "Dashboard", Right.SEE_FLOOR),
        PageLink("/agents", "Floor", Right.SEE_FLOOR),
        PageLink("/promises", "Promises", Right.SEE_PROMISES),
    ),
    (
        PageLink("/campaigns", "Campaigns", Right.SEE_CAMPAIGNS),
        PageLink("/offers", "Offers", Right.SEE_CAMPAIGNS),
        PageLink("/plan", "Plan", Right.PLAN),
        PageLink("/reasons", "Reasons", Right.SEE_CAMPAIGNS),
        PageLink("/reports", "Reports", Right.SEE_REPORTS),
    ),
    (
        PageLink("/customers", "Customers", Right.SEE_CUSTOMERS),
        PageLink("/imports", "Imports", Right.CHANGE_CUSTOMERS),
        PageLink("/do-not-call", "Do not call", Right.SEE_DO_NOT_CALL),
        PageLink("/recordings", "Recordings", Right.HEAR_RECORDINGS),
    ),
    (
        PageLink("/schedule", "Schedule", Right.SEE_SCHEDULE),
        PageLink("/outbox", "Outbox", Right.SEE_OUTBOX),
        PageLink("/audit", "Audit", Right.AUDIT),
        PageLink("/setup", "Setup", Right.SETUP),
        PageLink("/users", "Users", Right.USERS),
    ),
)


def pages_for(rights: Collection[Right], *, known: bool) -> tuple[tuple[PageLink, ...], ...]:
    """What somebody with these rights is shown, group by group; where nobody logs in there are no users."""
    groups = (
        tuple(entry for entry in group if entry.right in rights and (known or entry.path != "/users"))
        for group in NAVIGATION
    )
    return tuple(group for group in groups if group)
