"""Links and codes that nobody can make up: HMAC-SHA256 under the key of the settings.

A link names one row, says what it is for and until when, and is worth nothing without its signature. What was
signed for one purpose is refused for another.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

SIGNED_BYTES: Final = 12  # 96 bits: guessed never, and a link stays short enough for a text
CODE_DIGITS: Final = 6
_HEAD: Final = struct.Struct(">II")  # the row, and the second since 1970 after which it is void
MOST_TOKEN: Final = 40  # characters; ours have 27


class LinkPurpose(StrEnum):
    """What something was signed for."""

    PROMISE = "promise"  # to look at, move or cancel one promise
    REQUEST = "request"  # a wish whose number is yet to be proven
    FORM = "form"  # a form that was shown a moment ago
    CODE = "code"
    SURVEY = "survey"  # to answer one question


def sign_link(purpose: LinkPurpose, row: int, expires_at: datetime, key: bytes) -> str:
    """The token for one row, in letters that every phone makes a link of."""
    head = _HEAD.pack(row, int(expires_at.timestamp()))
    return base64.urlsafe_b64encode(head + _mac(purpose, head, key)).decode().rstrip("=")


def read_link(purpose: LinkPurpose, token: str, key: bytes, now: datetime) -> int | None:
    """The row that a token names; None for one that was not signed for this, was changed, or is over."""
    if len(token) > MOST_TOKEN or not token.isascii():
        return None
    try:
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(signed) != _HEAD.size + SIGNED_BYTES:
        return None
    head, mac = signed[: _HEAD.size], signed[_HEAD.size :]
    if not hmac.compare_digest(mac, _mac(purpose, head, key)):
        return None
    row, expires = _HEAD.unpack(head)
    return int(row) if datetime.fromtimestamp(expires, UTC) > now else None


def proof_code(request: int, e164: str, key: bytes) -> str:
    """The digits that prove a number: always the same for one request, so they are stored nowhere."""
    digest = _mac(LinkPurpose.CODE, f"{request} {e164}".encode(), key)
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_code(typed: str, request: int, e164: str, key: bytes) -> bool:
    """Whether these are the digits."""
    return hmac.compare_digest(typed.encode(), proof_code(request, e164, key).encode())


def _mac(purpose: LinkPurpose, signed: bytes, key: bytes) -> bytes:
    digest = hmac.new(key, purpose.value.encode() + b"\0" + signed, hashlib.sha256).digest()
    return digest[:SIGNED_BYTES]
