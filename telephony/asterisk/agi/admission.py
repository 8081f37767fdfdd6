"""Who is heard at the FastAGI port, and how many at once.

A connection first has to say what it asks, which a PBX does at once; then it is a talk, for as long as the
caller listens. The two are counted apart. Connections that say nothing cannot crowd out calls: beyond their
bound the one that has been silent for longest gives way to the newest, which may be a call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class RefusedBy(StrEnum):
    """The rule by which a connection was not heard."""

    ADDRESS = "fastagi.address"  # the dialplan does not ask from there
    PROOF = "fastagi.proof"  # whoever asks does not know the dialplan's secret
    CROWD = "fastagi.crowd"  # too many at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many at once, in all and of one address; together well below the 1,024 descriptors of a process."""

    talks: int = 400
    talks_each: int = 300
    silent: int = 256
    silent_each: int = 200


class Admission:
    """The connections of one server, from accept to end."""

    def __init__(self, networks: tuple[Network, ...], bounds: Bounds) -> None:
        self._networks = networks
        self._bounds = bounds
        self._silent: dict[int, tuple[str, Callable[[], None]]] = {}  # the longest silent first
        self._talks: dict[int, str] = {}
        self._serial = 0

    def allows(self, address: str) -> bool:
        """Whether anything is heard from there."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)

    def begin(self, address: str, drop: Callable[[], None]) -> tuple[int, bool]:
        """A connection that has said nothing yet: its key, and whether another one was dropped for it."""
        same = [key for key, (other, _) in self._silent.items() if other == address]
        oldest: int | None = None
        if len(same) >= self._bounds.silent_each:
            oldest = same[0]
        elif len(self._silent) >= self._bounds.silent:
            oldest = next(iter(self._silent))
        if oldest is not None:
            _, drop_oldest = self._silent.pop(oldest)
            drop_oldest()
        self._serial += 1
        self._silent[self._serial] = (address, drop)
        return self._serial, oldest is not None

    def begin_talk(self, key: int) -> bool:
        """It has asked; False where there are too many talks, or it was dropped meanwhile."""
        address, _ = self._silent.pop(key, ("", None))
        same = sum(other == address for other in self._talks.values())
        if not address or len(self._talks) >= self._bounds.talks or same >= self._bounds.talks_each:
            return False
        self._talks[key] = address
        return True

    def end(self, key: int) -> None:
        """It is closed."""
        self._silent.pop(key, None)
        self._talks.pop(key, None)
