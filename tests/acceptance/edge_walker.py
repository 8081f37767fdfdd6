"""A process that takes one promise along its table by the product's own use cases, to be killed at an edge.

What it does is what engine, dial permit and pages do, in their transactions; only nobody is rung.
"""

import multiprocessing
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from databases.centre import Centre, number
from sqlalchemy import text

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.db.queries import callback_blocks
from dialer.db.session import Database
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import cancel_promise, settle_promise
from dialer.services.promises.slots import open_slots
from telephony.calls.events import Outcome

Edge = tuple[PromiseState, PromiseEvent]
S, E = PromiseState, PromiseEvent

#: begins processes from one that has no threads and has loaded everything; a child is there at once
PROCESSES: Final = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["acceptance.edge_walker"])


class Walk:
    """One promise on its way; `order` is the attempt under way."""

    def __init__(self, centre: Centre, index: int) -> None:
        self.centre, self.index = centre, index
        self.promise = centre.promise(index).id
        self.order: AttemptOrder | None = None

    @property
    def attempt(self) -> AttemptOrder:
        """The attempt under way."""
        assert self.order is not None
        return self.order

    def claim(self) -> None:
        """An agent is kept, and the attempt written."""
        work = next(each for each in self.centre.work()[0] if each.promise == self.promise)
        self.order = self.centre.open(work)

    def allow(self) -> None:
        """The dial permit lets it through."""
        consume_attempt(self.centre.database, self.attempt.attempt, self.centre.now)

    def connect(self) -> None:
        """The customer has the agent."""
        self.centre.connect(self.attempt)

    def cancel(self) -> None:
        """Staff take it off the list."""
        cancel_promise(self.centre.database, self.promise, "no longer wanted", self.centre.now)

    def move(self) -> None:
        """Staff give it another hour."""
        database, now = self.centre.database, self.centre.now
        move_promise(
            database, self.promise, open_slots(database, "support", None, now)[0].start, "staff", now
        )

    def settle(self) -> None:
        """The customer was served otherwise."""
        settle_promise(self.centre.database, self.promise, "rang in, and was served", self.centre.now)

    def refuse_for_good(self) -> None:
        """The compliance check finds a number that is never called."""
        work = next(each for each in self.centre.work()[0] if each.promise == self.promise)
        with self.centre.database.write() as tx:
            callback_blocks.add(tx, number(self.index), "did not ask", "staff", self.centre.now)
        self.centre.try_open(work)

    def ends(self, outcome: Outcome, *, cut_off: bool = False) -> None:
        """The call is over."""
        self.centre.finish(self.attempt, outcome, 60.0, cut_off=cut_off)


TO: Final[Mapping[PromiseState, tuple[Callable[[Walk], None], ...]]] = {
    S.WAITING: (),
    S.CLAIMED: (Walk.claim,),
    S.DIALLING: (Walk.claim, Walk.allow),
    S.CONNECTED: (Walk.claim, Walk.allow, Walk.connect),
}
#: what takes a promise over each edge of its table; an edge without an entry fails its test
OVER: Final[Mapping[Edge, Callable[[Walk], None]]] = {
    (S.WAITING, E.CLAIM): Walk.claim,
    (S.WAITING, E.MOVE): Walk.move,
    (S.WAITING, E.SETTLE): Walk.settle,
    (S.WAITING, E.CANCEL): Walk.cancel,
    (S.WAITING, E.GIVE_UP): Walk.refuse_for_good,
    (S.CLAIMED, E.RELEASE): lambda walk: walk.ends(Outcome.CONGESTION),
    (S.CLAIMED, E.ALLOW): Walk.allow,
    (S.CLAIMED, E.CANCEL): Walk.cancel,
    (S.CLAIMED, E.SETTLE): Walk.settle,
    (S.DIALLING, E.CONNECT): Walk.connect,
    (S.DIALLING, E.MISS): lambda walk: walk.ends(Outcome.NO_ANSWER),
    (S.DIALLING, E.GIVE_UP): lambda walk: walk.ends(Outcome.BAD_NUMBER),
    (S.DIALLING, E.CANCEL): Walk.cancel,
    (S.DIALLING, E.SETTLE): Walk.settle,
    (S.CONNECTED, E.TALKED): lambda walk: walk.ends(Outcome.CONNECTED),
    (S.CONNECTED, E.CUT_OFF): lambda walk: walk.ends(Outcome.CONNECTED, cut_off=True),
}

#: stops whoever commits the named step of the named promise, until the lock is given back
FREEZE: Final = (
    "CREATE TABLE frozen (promise_id integer, event varchar)",
    """CREATE FUNCTION stop_at() RETURNS trigger AS $$ BEGIN
         IF EXISTS (SELECT 1 FROM frozen f WHERE f.promise_id = NEW.promise_id AND f.event = NEW.event) THEN
           PERFORM pg_advisory_xact_lock(1);
         END IF; RETURN NULL; END $$ LANGUAGE plpgsql""",
    """CREATE CONSTRAINT TRIGGER stop_at AFTER INSERT ON promise_step DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION stop_at()""",
)


def walk_over(url: str, edge: Edge, index: int, now: datetime) -> None:
    """Make a promise, bring it to the edge, and go over it: the process's whole life."""
    database = Database(url)
    with database.write() as tx:
        tx.execute(text("DELETE FROM lease"))  # of the engine killed before this one: it has run out
    centre = Centre(database, now)
    walk = Walk(centre, index)
    for step in TO[edge[0]]:
        step(walk)
    with database.write() as tx:
        tx.execute(
            text("INSERT INTO frozen VALUES (:promise, :event)"),
            {"promise": walk.promise, "event": edge[1].value},
        )
    OVER[edge](walk)
    database.close()
