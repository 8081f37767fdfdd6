"""What the inner door found of a request, for the functions that answer it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from dialer.core.access.visitor import EVERYBODY, NOBODY, Visitor
from dialer.web.access.route_needs import GuardedRoute
from dialer.web.errors import RequestError

ASKED: Final = "winback.asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRequest:
    """What was found of one request; `again` judges it anew, for answers that take hours."""

    visitor: Visitor
    route: GuardedRoute | None
    again: Callable[[], Awaitable[bool]]


def visitor_of(request: Request) -> Visitor:
    """Who asks for this page or act."""
    asked: JudgedRequest = request.scope[ASKED]
    # the table was asked about this very function, or nobody may
    if asked.visitor is not EVERYBODY and (
        asked.route is None or asked.route.endpoint is not request.scope.get("endpoint")
    ):
        raise RequestError("role.not-enough", "Your role does not include this.", status=403)
    return asked.visitor


def shown_to(request: Request) -> Visitor:
    """For whom a page is drawn, also one that says why not."""
    asked: JudgedRequest | None = request.scope.get(ASKED)
    return NOBODY if asked is None else asked.visitor


async def may_still(request: Request) -> bool:
    """Whether whoever asked may still have the answer, which takes hours."""
    asked: JudgedRequest = request.scope[ASKED]
    return await asked.again()


Asking = Annotated[Visitor, Depends(visitor_of)]
