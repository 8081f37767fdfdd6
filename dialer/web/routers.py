"""Where routes are registered: once, as they are asked for.

Including a router in another has FastAPI make every route of it again, with all that validates its fields,
and again for the application: a third of what the pages weighed. So each part's router says where its routes
are and what they answer, and the routes themselves are put together.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from fastapi import APIRouter

from dialer.web.errors import API_FAULTS

API: Final = "/api/v1"


class Part(Protocol):
    """A module with routes."""

    router: APIRouter


def api_router(*, tag: str, prefix: str = "") -> APIRouter:
    """A router for routes under /api/v1, which say in the API's description how they refuse."""
    return APIRouter(prefix=API + prefix, tags=[tag], responses=API_FAULTS)


def page_router(prefix: str = "") -> APIRouter:
    """A router for pages, which are no part of the API's description."""
    return APIRouter(prefix=prefix, include_in_schema=False)


def joined(parts: Iterable[Part]) -> APIRouter:
    """The routes of all parts, in their order, the very same ones."""
    whole = APIRouter()
    for part in parts:
        whole.routes.extend(part.router.routes)
    return whole
