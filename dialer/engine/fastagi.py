"""Who may ask this engine over FastAGI, and what is logged of those who may not."""

import asyncio
import time
from collections.abc import Callable
from ipaddress import ip_network
from typing import Final

import structlog

from dialer.settings import SettingError, Settings
from telephony.asterisk.agi.admission import LOOPBACK, Network, RefusedBy

log = structlog.get_logger()

EVERY_S: Final = 60.0  # one line a kind: a flood fills no disk, and a fault that lasts is not forgotten
REMEDIES: Final = {
    RefusedBy.ADDRESS: "If this is the PBX, name its network in agi.allowed.",
    RefusedBy.PROOF: "If this is the PBX, run `winback asterisk render` and reload its dialplan (it needs "
    "func_sha1); all engines of a PBX need the same pbx.secret.",
    RefusedBy.CROWD: "More connections at once than any PBX makes: see what runs at that address.",
}


async def allowed_networks(settings: Settings) -> tuple[Network, ...]:
    """The networks set, else this machine and the PBX. Raises OSError where the PBX's name has no address."""
    if settings.agi.allowed:
        return tuple(settings.agi.allowed)
    if settings.pbx.host is None:
        return LOOPBACK
    found = await asyncio.get_running_loop().getaddrinfo(settings.pbx.host, None)
    return (*LOOPBACK, *{ip_network(str(each[4][0]).partition("%")[0]) for each in found})


class FastAgiLog:
    """What went wrong at the FastAGI port: of each kind one line a minute, with how many were not said."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._quiet_until: dict[tuple[str, str], float] = {}
        self._unsaid: dict[tuple[str, str], int] = {}

    def failed(self, path: str, error: Exception) -> None:
        """A talk with the dialplan failed; the dialplan saw no permission and goes its safe way."""
        kind = type(error).__name__
        self._say("agi_failed", kind, path=path[:80], error=repr(error)[:400])

    def refused(self, rule: RefusedBy, address: str) -> None:
        """Somebody was not heard."""
        self._say("agi_refused", rule, rule=rule.value, address=address, remedy=REMEDIES[rule])

    def not_listening(self, error: OSError) -> None:
        """Nobody can ask this engine."""
        why = SettingError("agi.port", f"cannot be listened on ({error.strerror or error})")
        self._say("agi_not_listening", "", why=str(why))

    def _say(self, event: str, kind: str, **words: str) -> None:
        now, key = self._monotonic(), (event, str(kind))
        if now < self._quiet_until.get(key, now):
            self._unsaid[key] = self._unsaid.get(key, 0) + 1
            return
        self._quiet_until[key] = now + EVERY_S
        log.error(event, **words, not_said=self._unsaid.pop(key, 0))
