"""What a page says of a form that was sent, carried over the redirect to the page.

Whoever reloads or goes back sends nothing again, and still sees what they need: a one-time link, a token,
how many lines of a file were bad. It is kept in this browser for `KEPT_S`, in a cookie that no script reads,
and shown where the address has its number, which says nothing of it; so neither address nor log has a secret
or a customer in it. What belongs to another session, or was changed on its way, is not shown.
"""

import hashlib
import hmac
import json
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from dialer.web.access.asked import shown_to
from dialer.web.access.visitors import COOKIE as SESSION
from dialer.web.errors import RequestError
from dialer.web.languages import translate_plain

Facts = Mapping[str, Any]  # strings, numbers, lists and objects of JSON, by name

KEPT_S: Final = 600  # long enough to put a link into a mail and be called away in between
ASKED: Final = "told"  # the field of the address that has the number
COOKIE: Final = "winback_told_"  # goes on with the number
NUMBER_BYTES: Final = 4  # tells apart what one browser is told within `KEPT_S`
MOST_BYTES: Final = 3_800  # RFC 6265 asks browsers for 4,096, with the cookie's name and attributes


def tell(request: Request, path: str, facts: Facts, *, shown: Callable[[Facts], Response]) -> Response:
    """Lead to the page at `path`, which is told `facts`; what a cookie has no room for is `shown` at once."""
    kept = _sealed(request, facts)
    if len(kept) > MOST_BYTES:
        return shown(facts)
    number = secrets.token_hex(NUMBER_BYTES)
    response = RedirectResponse(f"{path}{'&' if '?' in path else '?'}{ASKED}={number}", 303)
    room = f"/{urlsplit(path).path.split('/')[1]}"
    others = [name for name in request.cookies if name.startswith(COOKIE)]
    if sum(len(request.cookies[name]) for name in others) + len(kept) > MOST_BYTES:
        for name in others:  # a browser that sent them all would be refused for its headers
            response.delete_cookie(name, path=room)
    response.set_cookie(
        COOKIE + number,
        kept,
        max_age=KEPT_S,
        path=room,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="strict",
    )
    return response


def go_back(request: Request, path: str, facts: Facts) -> Response:
    """Lead back to the page at `path`, with the days or state that were chosen there, and tell it `facts`."""
    left = urlsplit(request.headers.get("referer", ""))
    chosen = [pair for pair in parse_qsl(left.query) if pair[0] != ASKED] if left.path == path else []
    back = f"{path}?{urlencode(chosen)}" if chosen else path
    return tell(request, back, facts, shown=lambda _: RedirectResponse(back, 303))


def told(request: Request) -> Facts:
    """What this address is told; nothing where it is over, or another session's."""
    kept = request.cookies.get(COOKIE + request.query_params.get(ASKED, ""), "")
    proof, _, packed = kept.partition(".")
    if not hmac.compare_digest(proof.encode(), _proof(request, packed).encode()):
        return {}
    facts: Facts = json.loads(zlib.decompress(urlsafe_b64decode(packed)))
    return facts


def refusal(fault: RequestError) -> Facts:
    """A refusal as a page is told it: its rule and its sentence in the language spoken."""
    return {"fault": {"code": fault.code, "message": translate_plain(fault.message)}}


def _sealed(request: Request, facts: Facts) -> str:
    packed = urlsafe_b64encode(zlib.compress(json.dumps(facts).encode())).decode()
    return f"{_proof(request, packed)}.{packed}"


def _proof(request: Request, packed: str) -> str:
    """Shows that this session was told it: a site beside ours can set a cookie, and knows no session."""
    session = f"{request.cookies.get(SESSION, '')} {shown_to(request).name}"
    return hmac.new(session.encode(), packed.encode(), hashlib.sha256).hexdigest()
