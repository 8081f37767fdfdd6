"""The wallboard as JSON."""

from typing import Any

from fastapi import APIRouter

from dialer.web.front import AtFront
from dialer.web.wallboard import read_wallboard

router = APIRouter(prefix="/live", tags=["live"])


@router.get("")
def show_live(front: AtFront) -> dict[str, Any]:
    """What the live page shows, read at this moment."""
    return read_wallboard(front.book, front.now(), language=front.language())
