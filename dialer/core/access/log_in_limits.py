"""How often a password may be tried: by name and by address, so that guessing takes years."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LOOKED_BACK: Final = timedelta(minutes=15)
#: of one name from one address: more slips than anybody makes who knows the password
MOST_OF_NAME_AND_ADDRESS: Final = 5
#: of one name from wherever: 30 in a quarter of an hour are a million in a year, of some 10^20
MOST_OF_NAME: Final = 30
#: from one address, which may be a whole office's
MOST_OF_ADDRESS: Final = 60
HOME_NETWORK_BITS: Final = 64  # of IPv6: what one household has to choose addresses from


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLogIn:
    """A password that was tried, and was not right."""

    at: datetime
    name: str
    address: str


def locked_until(tried: Sequence[TriedLogIn], name: str, address: str, now: datetime) -> datetime | None:
    """When this name may be tried from this address again; None: now. `tried` is oldest first."""
    recent = [each for each in tried if each.at > now - LOOKED_BACK]
    of_name = [each for each in recent if each.name == name]
    of_address = [each for each in recent if each.address == address]
    of_both = [each for each in of_name if each.address == address]
    ends = [
        found[-most].at + LOOKED_BACK
        for found, most in (
            (of_both, MOST_OF_NAME_AND_ADDRESS),
            (of_name, MOST_OF_NAME),
            (of_address, MOST_OF_ADDRESS),
        )
        if len(found) >= most
    ]
    return max(ends, default=None)


def network_of(address: str) -> str:
    """What tries are counted by: an IPv4 address, or the network an IPv6 address stands in."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if known.version == 4:  # noqa: PLR2004 - IPv4
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, HOME_NETWORK_BITS), strict=False))
