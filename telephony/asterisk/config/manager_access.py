"""Whom the manager interface would let in, by its files: Asterisk says no in one way, whatever the cause.

A user that there is not, a secret that is another and an address that is not permitted are all answered
`Authentication failed` (Asterisk 16 and 22 alike), so that nobody learns from it. The files say which it is.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

from telephony.asterisk.config.site_files import read_pairs

FILE: Final = "manager.conf"
_RULES: Final = frozenset({"permit", "deny"})

Address = IPv4Address | IPv6Address
Rules = list[tuple[str, str]]  # permit or deny, and the networks it is about


def login_fault(folder: Path, user: str, secret: str, address: str) -> str | None:
    """Why these files would not let this user in from there; None where they would.

    Begins with what is wrong: the user, the ACL or the secret, in the order in which Asterisk asks.
    """
    pairs = read_pairs(folder, FILE).get(user)
    if pairs is None:
        return f"user: {folder / FILE} has no [{user}], by itself or in what it includes"
    if not lets_in(folder, pairs, address):
        return f"ACL: [{user}] of {folder / FILE} does not let in {address}, from where Winback comes"
    if dict(pairs).get("secret") != secret:
        return f"secret: [{user}] of {folder / FILE} has another than pbx.secret"
    return None


def lets_in(folder: Path, user: Rules, address: str) -> bool:
    """Whether a user's own rules and each list it names (`acl = …`) let this address in."""
    named = [name.strip() for key, value in user if key == "acl" for name in value.split(",")]
    lists = read_pairs(folder, "acl.conf") if named else {}
    return all(permits(rules, address) for rules in (user, *(lists.get(name, []) for name in named)))


def permits(rules: Rules, address: str) -> bool:
    """Whether one list lets an address in: the last rule about it decides, and none is a yes."""
    here = _plain(ip_address(address.partition("%")[0]))
    answer = True
    for key, value in rules:
        if key in _RULES:
            for network in value.split(","):
                if _is_in(here, network.strip().removeprefix("!")):
                    answer = (key == "permit") is not network.strip().startswith("!")
    return answer


def _is_in(address: Address, network: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:  # Asterisk skips it too, and says so in its log
        return False


def _plain(address: Address) -> Address:
    """An IPv4 address that came over an IPv6 socket is one."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
