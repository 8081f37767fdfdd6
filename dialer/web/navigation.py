"""The pages in the bar at the top: who sees which, and what stands beside what."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dialer.core.access.rights import Right
from dialer.web.languages import to_say


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page that people open by its name; shown to those who have the right to it."""

    path: str
    name: str
    right: Right


#: today's work, what is planned and how it goes, whom it is about, the house; a gap stands between two groups
NAVIGATION: Final = (
    (
        PageLink("/", to_say("Dashboard"), Right.SEE_FLOOR),
        PageLink("/agents", to_say("Floor"), Right.SEE_FLOOR),
        PageLink("/promises", to_say("Promises"), Right.SEE_PROMISES),
    ),
    (
        PageLink("/campaigns", to_say("Campaigns"), Right.SEE_CAMPAIGNS),
        PageLink("/offers", to_say("Offers"), Right.SEE_CAMPAIGNS),
        PageLink("/plan", to_say("Plan"), Right.PLAN),
        PageLink("/reasons", to_say("Reasons"), Right.SEE_CAMPAIGNS),
        PageLink("/reports", to_say("Reports"), Right.SEE_REPORTS),
    ),
    (
        PageLink("/customers", to_say("Customers"), Right.SEE_CUSTOMERS),
        PageLink("/imports", to_say("Imports"), Right.CHANGE_CUSTOMERS),
        PageLink("/do-not-call", to_say("Do not call"), Right.SEE_DO_NOT_CALL),
        PageLink("/recordings", to_say("Recordings"), Right.HEAR_RECORDINGS),
    ),
    (
        PageLink("/schedule", to_say("Schedule"), Right.SEE_SCHEDULE),
        PageLink("/outbox", to_say("Outbox"), Right.SEE_OUTBOX),
        PageLink("/audit", to_say("Audit"), Right.AUDIT),
        PageLink("/setup", to_say("Setup"), Right.SETUP),
        PageLink("/users", to_say("Users"), Right.USERS),
    ),
)


def pages_for(rights: Collection[Right], *, known: bool) -> tuple[tuple[PageLink, ...], ...]:
    """What somebody with these rights is shown, group by group; where nobody logs in there are no users."""
    groups = (
        tuple(entry for entry in group if entry.right in rights and (known or entry.path != "/users"))
        for group in NAVIGATION
    )
    return tuple(group for group in groups if group)
