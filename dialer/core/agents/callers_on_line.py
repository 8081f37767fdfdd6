"""Live callers of the inbound queue as the PBX tells of them: who waits, and who keeps a place meanwhile.

A caller who asks to be called back leaves the queue for the dialogue and keeps the moment they joined: they
may come back to their place. Only the PBX says that a channel ever waited, and which number it shows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from telephony.calls.events import CallerConnected, CallerJoined, CallerLeft, Fact, WaitingCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerOnFloor:
    """A live caller who waits in the inbound queue, or did until the callback dialogue."""

    caller: str
    number: str | None
    joined_at: datetime
    queue: str = ""


class CallersOnLine:
    """Everybody on the line who has no agent yet. No I/O."""

    def __init__(self) -> None:
        self.waiting: dict[str, CallerOnFloor] = {}
        self.joined: dict[str, datetime] = {}  # of those in the callback dialogue too
        self._asking: dict[str, CallerOnFloor] = {}  # those, as they were seen waiting
        self._led: dict[str, str] = {}  # who is led to one agent first, to the queue that they rang

    def ring_in(self, seat: CallerOnFloor) -> None:
        """Somebody is spoken to before they wait, and keeps the place of this moment until `let_go`."""
        if self.seat(seat.caller) is None:
            self.joined.setdefault(seat.caller, seat.joined_at)
            self._asking[seat.caller] = seat

    def join(self, fact: CallerJoined) -> None:
        """Somebody waits, for the first time or again."""
        joined = self.joined.setdefault(fact.caller, fact.at)
        seat = CallerOnFloor(caller=fact.caller, number=fact.number, joined_at=joined, queue=fact.queue)
        self.waiting.setdefault(fact.caller, seat)
        self._asking.pop(fact.caller, None)

    def leave(self, fact: CallerLeft) -> None:
        """Somebody waits no more: hung up, or is in the callback dialogue."""
        if fact.abandoned:
            self.let_go(fact.caller)
        elif fact.caller in self.waiting:
            self._asking[fact.caller] = self.waiting.pop(fact.caller)

    def let_go(self, caller: str) -> None:
        """The caller keeps no place on the line: served, or gone."""
        for kept in (self.waiting, self._asking, self.joined, self._led):
            kept.pop(caller, None)

    def lead(self, caller: str, queue: str) -> None:
        """Somebody who rang this queue waits in one agent's own queue first."""
        self._led[caller] = queue

    def in_queue_rung(self, fact: Fact) -> Fact:
        """A fact of somebody who is led to one agent first, as one of the queue that they rang."""
        if isinstance(fact, CallerJoined | CallerConnected | CallerLeft) and fact.caller in self._led:
            return replace(fact, queue=self._led[fact.caller])
        return fact

    def seat(self, caller: str) -> CallerOnFloor | None:
        """The caller, where the PBX was seen to have them wait; in the callback dialogue too."""
        return self.waiting.get(caller) or self._asking.get(caller)

    def seats(self) -> tuple[CallerOnFloor, ...]:
        """Everybody on the line who has no agent yet, in the callback dialogue too."""
        return (*self.waiting.values(), *self._asking.values())

    def in_dialogue(self) -> frozenset[str]:
        """Those who left the queue to ask for a call: back in a moment, or promised one."""
        return frozenset(self._asking)

    def take_place(self, caller: str, joined: datetime) -> None:
        """A caller stands where their promise does: since they first joined."""
        for seats in (self.waiting, self._asking):
            if caller in seats:
                seats[caller] = replace(seats[caller], joined_at=joined)
                self.joined[caller] = joined

    def others(self, caller: str, queue: str) -> list[CallerOnFloor]:
        """Everybody else on the line of this queue who has no agent yet, in the callback dialogue too."""
        return [seat for seat in self.seats() if seat.caller != caller and seat.queue == queue]

    def position(self, caller: str, joined: datetime, queue: str) -> int:
        """1 and how many of this queue's waiting callers joined earlier: where one belongs who comes back."""
        waiting = (seat for seat in self.waiting.values() if seat.caller != caller and seat.queue == queue)
        return 1 + sum(seat.joined_at < joined for seat in waiting)

    def take_snapshot(
        self, entries: Mapping[str, WaitingCaller], live: Collection[str], taken_at: datetime
    ) -> None:
        """Replace what is believed by what the PBX says: who waits, and which channels live."""
        for gone in self.waiting.keys() - entries.keys():
            self._asking[gone] = self.waiting.pop(gone)
        for caller, joined in list(self.joined.items()):
            # hung up unseen, or was promised a call in a dialogue that another engine held
            if caller not in entries and caller not in live and joined <= taken_at:
                self.let_go(caller)
        for caller, entry in entries.items():
            joined = self.joined.setdefault(caller, taken_at - timedelta(seconds=entry.waited_s))
            seat = CallerOnFloor(caller=caller, number=entry.number, joined_at=joined, queue=entry.queue)
            self.waiting.setdefault(caller, seat)
            self._asking.pop(caller, None)
