"""Which agents the database has yet to hear of: those of whom something changed, and now and then all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from dialer.core.agents.state import AgentState
from dialer.services.agents.agents import AgentSeen

ALL_EVERY: Final = timedelta(seconds=5)  # what somebody else changed of a row is put right so soon


class AgentMirror:
    """What one engine has let the database know of its agents."""

    def __init__(self) -> None:
        self._kept: dict[str, AgentSeen] = {}
        self._all_at: datetime | None = None

    def changed(self, seen: Sequence[AgentSeen], now: datetime) -> Sequence[AgentSeen] | None:
        """Those of whom something changed; None: all of them are to be written, whoever is there."""
        due = self._all_at is None or abs(now - self._all_at) >= ALL_EVERY
        if due or self._kept.keys() != {one.id for one in seen}:
            return None
        return [one for one in seen if _differs(one, self._kept[one.id])]

    def kept(self, seen: Sequence[AgentSeen], now: datetime, *, everybody: bool) -> None:
        """These are written."""
        if everybody:
            self._kept, self._all_at = {}, now
        self._kept |= {one.id: one for one in seen}


def _differs(one: AgentSeen, before: AgentSeen) -> bool:
    """Nobody is more offline because time passed."""
    return one != before and not one.state is before.state is AgentState.OFFLINE
