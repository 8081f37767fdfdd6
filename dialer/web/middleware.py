"""The outer door: which hosts, which origins, how large a body, and the headers on every answer.

It keeps out what a browser that is logged in can be talked into: another site's form (Origin,
Sec-Fetch-Site), a name that was re-pointed at loopback (Host), a page that frames ours, and script or style
from anywhere but our own files. Who may do what is the inner door's affair (`dialer.web.access`).
"""

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.core.sentence import Sentence
from dialer.web.errors import error_response
from dialer.web.headers import guarded

BODY_LIMIT_BYTES: Final = 64 * 1024  # the longest form is a script of 4,000 characters
#: how large a register may be that is sent to the page: four million numbers; larger ones go by the CLI
REGISTER_LIMIT_BYTES: Final = 64 * 1024 * 1024
REGISTERS: Final = "/do-not-call/import"
CUSTOMER_FILES: Final = ("/imports", "/api/v1/customer-files")
#: where files may be sent, which takes longer than a form
UPLOADS: Final = frozenset({REGISTERS, *CUSTOMER_FILES})
LISTS: Final = frozenset({"where", "not_on"})  # fields of a query that hold several values
UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def host_allowed(host: str, names: frozenset[str]) -> bool:
    """Whether this Host header may be one of ours.

    An address can always be: only names can be re-pointed by somebody else's name server.
    """
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def origin_allowed(headers: Mapping[str, str], scheme: str) -> bool:
    """Whether a changing request comes from our own pages, or from no browser at all.

    Every current browser sends Sec-Fetch-Site to a trustworthy address and Origin with every POST;
    what sends neither is a program, and a program cannot be led here by a web page.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin.lower() == f"{scheme}://{headers.get('host', '')}".lower()


class HostAndOriginCheck:
    """ASGI middleware that applies the rules above before anything else runs."""

    def __init__(
        self, app: ASGIApp, *, names: frozenset[str], customer_file_bytes: int = REGISTER_LIMIT_BYTES
    ) -> None:
        self.app = app
        self.names = names
        self.limits = {REGISTERS: REGISTER_LIMIT_BYTES, **dict.fromkeys(CUSTOMER_FILES, customer_file_bytes)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = guarded(message["headers"], path=scope["path"])
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            code, status, text = refusal
            await error_response(code, text, status=status)(scope, receive, send_guarded)
            return
        await self.app(scope, _bounded(receive, self._limit(scope)), send_guarded)

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> tuple[str, int, str] | None:
        if not host_allowed(headers.get("host", ""), self.names):
            return ("host.unknown", 421, "This server does not answer to that host name (setting web.hosts).")
        names = [
            name
            for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            if name not in LISTS
        ]
        if len(names) != len(set(names)):
            return ("input.invalid", 422, "A query may name each field once; which one was meant?")
        if scope["method"] not in UNSAFE:
            return None
        if not origin_allowed(headers, scope["scheme"]):
            return ("origin.foreign", 403, "The request comes from another site's page.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limit(scope):
            return ("body.too-large", 413, _too_large(self._limit(scope)))
        return None

    def _limit(self, scope: Scope) -> int:
        return self.limits.get(scope["path"], BODY_LIMIT_BYTES)


def _too_large(limit: int) -> Sentence:
    return Sentence("A request may carry %(limit)s bytes at most.", limit=limit)


def _bounded(receive: Receive, limit: int) -> Receive:
    """The same body, counted: a body without a stated length must not grow for ever."""
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return receive_bounded
