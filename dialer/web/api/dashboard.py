"""The dashboard as JSON."""

from typing import Any

from fastapi import APIRouter

from dialer.web.dashboard import read_dashboard_page
from dialer.web.dependencies import AtFront

router = APIRouter(prefix="/live", tags=["live"])


@router.get("")
def show_live(deps: AtFront) -> dict[str, Any]:
    """What the dashboard shows, read at this moment."""
    return read_dashboard_page(deps.database, deps.now(), language=deps.language())
