"""The dashboard as JSON."""

from typing import Final

from fastapi import Response

from dialer.core.dashboard.view import Dashboard
from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router

router = api_router(tag="dashboard")

# RFC 9745: since when the former address is deprecated (28 November 2026), and what stands in its place
FORMER: Final = {"deprecation": "@1795824000", "link": '</api/v1/dashboard>; rel="successor-version"'}


@router.get("/dashboard")
def show_dashboard(deps: AtFront) -> Dashboard:
    """What the dashboard shows, read at this moment."""
    return deps.read_dashboard()


@router.get("/live", deprecated=True)
def show_live(deps: AtFront, response: Response) -> Dashboard:
    """The former address of `/api/v1/dashboard`, for one version."""
    response.headers.update(FORMER)
    return deps.read_dashboard()
