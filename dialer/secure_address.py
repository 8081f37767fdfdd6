"""Addresses that settings name: where nobody on the way can read what is sent."""

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def secure_address(url: str, *, schemes: tuple[str, str] = ("https", "http")) -> str:
    """The address, where nobody on the way can read it; `schemes`: the sealed one and the open one."""
    sealed, plain = schemes
    parts = urlsplit(url)
    safe = parts.scheme == sealed or (parts.scheme == plain and (parts.hostname or "") in LOOPBACK)
    if safe and parts.hostname and not (parts.username or parts.query or parts.fragment):
        return url
    raise ValueError(
        f"{url!r} is no address for this: write {sealed}://host/path, {plain}:// on this machine only"
    )
