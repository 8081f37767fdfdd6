"""Who is to be put back after a gap: kept until the PBX itself shows them, however often it goes meanwhile.

A PBX that is started again may be gone again before it has said that those who were logged in anew are there.
Whoever took the request for the deed would then remember an empty floor. So each of them is awaited until
they were seen; a further loss adds whoever was seen by then, and starts over with all of them.

A PBX tells when it began in whole seconds. One that is killed in its first second and started again at once
began, by its own word, when the one before it began; so a PBX that is lost so young is taken for a new one.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from dialer.core.agents.state import AgentState
from dialer.engine.roster import BACK_WITHIN, came_back_empty
from dialer.services.agents.last_roster import RosterSeen
from telephony.calls.events import LinkUp

AtWork = Mapping[str, tuple[AgentState, str]]

#: how long after being put back an agent may be unseen: a headset is rung for half a minute
SEEN_WITHIN: Final = timedelta(seconds=40)
#: a PBX lost no older than this may be back with the same second of beginning; its uptime is cut to seconds
YOUNG: Final = timedelta(seconds=2)


class Comeback:
    """From a lost link until everybody who was at work is there again."""

    def __init__(self, before: RosterSeen | None) -> None:
        """`before`: who was at work when an engine last saw this PBX."""
        self.booted_at: datetime | None = None  # as the link that is up says it
        self.awaited: dict[str, tuple[AgentState, str]] = dict(before.at_work) if before else {}
        self._booted_before = before.booted_at if before else None  # as of those who were at work
        self._lost_at = before.seen_at if before else None  # the first loss since everybody was there
        self._empty = False  # the PBX that is up, and nobody was put back yet
        self._began_at: datetime | None = None  # the PBX that is up, or was, by our clock
        self._lost_young = False
        self._asked_at: datetime | None = None
        self.refused: frozenset[str] = frozenset()  # the PBX did not do it, or not say that it did

    def lose(self, there: AtWork, at: datetime) -> None:
        """The link is lost, while `there` were at work beside those who are awaited still."""
        if self._lost_at is None:
            self._lost_at = at
        self.awaited.update(there)
        self._lost_young = self._began_at is not None and abs(at - self._began_at) <= YOUNG
        self._asked_at, self.refused = None, frozenset()

    def link(self, up: LinkUp) -> None:
        """The link is up again: a PBX that began anew has forgotten who was there."""
        self.booted_at, self._began_at = up.booted_at, up.began_at
        self._empty = came_back_empty(
            up, booted_before=self._booted_before, lost_at=self._lost_at, lost_young=self._lost_young
        )
        self._asked_at = None

    @property
    def due(self) -> bool:
        """Whether a look at the PBX is to be followed by putting people back, or by knowing that none is."""
        return bool(self.awaited) and (self._asked_at is None or bool(self.refused))

    def to_put_back(self) -> AtWork:
        """Whom the PBX has to be told of: everybody, and once it was told those whom it refused."""
        if not self._empty:
            return {}
        again = self.refused if self._asked_at is not None else self.awaited.keys()
        return {who: how for who, how in self.awaited.items() if who in again}

    def asked(self, at: datetime, refused: Collection[str] = ()) -> None:
        """The PBX was told of all of them; where it only was out of reach, they are there as they were.

        A PBX that has only just begun, or is slow, may have `refused` some, or not said in time whether it
        did it. They are told of again, for as long as they may still be put back.
        """
        if not self._empty:
            self.awaited.clear()
        self._asked_at = at
        late = self._lost_at is None or abs(at - self._lost_at) > BACK_WITHIN
        self.refused = frozenset() if late else frozenset(refused)
        self._settle()

    def see(self, there: Collection[str], at: datetime) -> None:
        """These agents are seen to be at work; after `SEEN_WITHIN` nobody else is waited for."""
        if self._asked_at is None:
            return
        late = abs(at - self._asked_at) >= SEEN_WITHIN
        over = {who for who in self.awaited if late or who in there} - self.refused
        self.awaited = {who: how for who, how in self.awaited.items() if who not in over}
        self._settle()

    def let_go(self, gone: Collection[str]) -> None:
        """These were logged out meanwhile, by themselves or a supervisor: no restart puts them back."""
        self.refused -= frozenset(gone)
        for agent in gone:
            self.awaited.pop(agent, None)
        if gone and self._asked_at is not None:
            self._settle()

    def _settle(self) -> None:
        if not self.awaited:
            self._lost_at, self._booted_before, self._empty = None, self.booted_at, False
