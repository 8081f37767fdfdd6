"""Whoever comes to an open door: from where, with which link, in which language."""

import ipaddress
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import Request

from dialer.core.outbox.signed_links import LinkPurpose, read_link
from dialer.core.outbox.texts import LANGUAGES, language_of
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found

WORDS: Final = Path(__file__).with_name("words.toml")
NETWORK_BITS: Final = 64  # of an IPv6 address: what one household or one rented machine has for itself
UNKNOWN: Final = "unknown"
MOST_TOKEN: Final = 40


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """What customers read, by name and language."""
    table: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return table


def words_in(language: str) -> dict[str, str]:
    """What customers read in one language, by name."""
    return {name: texts[language] for name, texts in words().items()}


def address_of(request: Request) -> str:
    """Where a request comes from, as limits count it: an IPv4 address, or an IPv6 network.

    X-Forwarded-For has been read already, from own proxies (`web.proxies`) alone.
    """
    try:
        address = ipaddress.ip_address(request.client.host if request.client is not None else "")
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False).network_address)
    return str(address)


def language_for(request: Request, deps: Dependencies) -> str:
    """The language asked for in the address, else the browser's, else that of the lists."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    for part in request.headers.get("accept-language", "").split(","):
        language = language_of(part.partition(";")[0].strip(), "")
        if language:
            return language
    return deps.language()


def signing_key(deps: Dependencies) -> bytes:
    """What links and codes are signed with; raises `RequestError` where these doors are shut."""
    public = deps.settings.public
    if not public.open or public.key is None:
        raise not_found("page")
    return public.key.get_secret_value().encode()


def form_key(deps: Dependencies) -> bytes:
    """The same for the form and its API, which need their own yes and a way to have a code known."""
    public = deps.settings.public
    if not public.form or not public.proves(texts=texts_go_out(deps)):
        raise not_found("page")
    return signing_key(deps)


def texts_go_out(deps: Dependencies) -> bool:
    """Whether a code can be texted at all."""
    return deps.settings.texts.way != "none"


def opened(deps: Dependencies, purpose: LinkPurpose, token: str) -> int:
    """The row that a link names; raises `RequestError` for one that does not work (any more)."""
    row = read_link(purpose, token, signing_key(deps), deps.now())
    if row is None:
        raise RequestError("link.void", "This link does not work any more.", status=404)
    return row
