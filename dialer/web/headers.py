"""The headers on every answer."""

from collections.abc import Iterable, Mapping
from typing import Final

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not no-referrer: with it a browser sends `Origin: null` even for our own forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# customers' names and numbers stay out of every cache
NO_STORE: Final = "no-store"


def guarded(raw: Iterable[tuple[bytes, bytes]], *, path: str) -> list[tuple[bytes, bytes]]:
    """An answer's headers with those above; one that the answer set itself stays."""
    headers = list(raw)
    present = {name.lower() for name, _ in headers}
    extra = dict(HEADERS)
    if b"content-security-policy" in present:  # it names who may frame the answer; the older header cannot
        del extra["x-frame-options"]
    if not path.startswith("/static/"):
        extra["cache-control"] = NO_STORE
    return [
        *headers,
        *((name.encode(), value.encode()) for name, value in extra.items() if name.encode() not in present),
    ]
