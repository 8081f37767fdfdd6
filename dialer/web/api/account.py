"""Who asks, as JSON: for a program that wants to know what its token may do."""

from pydantic import BaseModel

from dialer.core.access.rights import Right
from dialer.web.access.asked import Asking
from dialer.web.routers import api_router

router = api_router(tag="account")


class MeAnswer(BaseModel):
    """Who the audit says this is, and what they may do; `teams` null: all of them."""

    name: str
    rights: tuple[Right, ...]
    agent: str | None
    teams: tuple[str, ...] | None


@router.get("/me")
def show_me(visitor: Asking) -> MeAnswer:
    """Who asks, and what they may do."""
    return MeAnswer(
        name=visitor.name,
        rights=tuple(right for right in Right if visitor.may(right)),
        agent=visitor.agent,
        teams=None if visitor.teams is None else tuple(sorted(visitor.teams)),
    )
