"""Live callers are in the book: how long they waited, for whom, and how it went on."""

from datetime import timedelta

import pytest
from databases.centre import PBX, Centre, number
from sqlalchemy import select

from callbacks.lifecycle import AFTER_HANG_UP
from dialer.db.models import InboundCall
from dialer.services.agents.contacts import contacts_with
from dialer.services.calls.inbound_calls import ended_unseen, is_recorded, open_calls, record_caller
from dialer.services.calls.leadership import release_lease
from dialer.services.calls.look_ahead import look_ahead
from dialer.services.calls.next_calls import look_around
from dialer.services.promises.promises import PromiseRequest, make_promise
from telephony.calls.events import (
    CallerConnected,
    CallerFact,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    PbxSnapshot,
)

CALLER, QUEUE = "1700000000.1", "support"


class Book:
    """One caller's call as facts tell of it, second by second."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.began = centre.now

    def tell(self, kind: type[CallerFact], seconds: float, **more: object) -> bool:
        at = self.began + timedelta(seconds=seconds)
        fact = kind(at=at, caller=CALLER, **more)  # type: ignore[arg-type]
        return record_caller(self.centre.database, PBX, "GB", fact, at)

    def joins(self, seconds: float = 0, shown: str = number(0)) -> bool:
        return self.tell(CallerJoined, seconds, queue=QUEUE, number=shown, position=1)

    def leaves(self, seconds: float, *, abandoned: bool) -> bool:
        return self.tell(CallerLeft, seconds, queue=QUEUE, abandoned=abandoned)

    def settle(self, snapshot: PbxSnapshot) -> None:
        """The PBX is looked at, and has the call no more."""
        database, at = self.centre.database, snapshot.taken_at
        (open_call,) = open_calls(database, PBX, at)
        for fact in ended_unseen(open_call, snapshot, at):
            record_caller(database, PBX, "GB", fact, at)

    @property
    def call(self) -> InboundCall:
        with self.centre.database.read() as tx:
            return tx.scalars(select(InboundCall).where(InboundCall.caller == CALLER)).one()

    def told(self) -> list[str]:
        with self.centre.database.read() as tx:
            return [each.rang_in for each in contacts_with(tx, self.call.customer_id, number(0), but=None)]


@pytest.fixture
def book(centre: Centre) -> Book:
    centre.customers(1, numbers=(number(0),))
    return Book(centre)


def test_a_served_caller_is_kept_with_wait_agent_talk_and_customer(book: Book) -> None:
    book.joins(shown=number(0).replace("+44", "0"))
    book.leaves(60, abandoned=False)
    book.tell(CallerConnected, 60, queue=QUEUE, agent="anna")
    book.tell(CallerFinished, 180, agent="anna", talk_s=120.0)
    assert book.tell(CallerGone, 181)

    call = book.call
    assert (call.e164, call.agent, call.talk_s, call.abandoned) == (number(0), "anna", 120.0, False)
    assert call.customer_id is not None
    assert (call.connected_at, call.ended_at) == (
        book.began + timedelta(seconds=60),
        book.began + timedelta(seconds=181),
    )
    assert book.told() == ["rang in, waited 1 min and talked"]
    assert not book.joins(200), "nobody comes back from the dead"


def test_who_was_served_left_the_queue_then_however_late_a_busy_pbx_told_of_it(book: Book) -> None:
    book.joins()
    book.leaves(9, abandoned=False)
    book.tell(CallerConnected, 4, queue=QUEUE, agent="amira")

    waits = [
        (each - book.call.joined_at).total_seconds()
        for each in (book.call.left_at, book.call.connected_at)
        if each
    ]
    assert waits == [4, 4]


def test_a_talk_of_which_only_the_end_was_heard_began_as_long_before_it_as_it_lasted(book: Book) -> None:
    book.joins()
    book.tell(CallerFinished, 180, agent="anna", talk_s=120.0)
    assert book.tell(CallerGone, 181)

    call, connected = book.call, book.began + timedelta(seconds=60)
    assert (call.connected_at, call.left_at, call.agent, call.abandoned) == (
        connected,
        connected,
        "anna",
        False,
    )
    assert book.told() == ["rang in, waited 1 min and talked"]


def test_a_caller_who_hung_up_waiting_abandoned(book: Book) -> None:
    book.joins()
    book.leaves(120, abandoned=True)
    book.tell(CallerGone, 120)

    assert book.call.abandoned
    assert book.told() == ["rang in, waited 2 min and hung up"]


def test_a_transferred_caller_is_kept_with_where_it_went(book: Book) -> None:
    book.joins()
    book.tell(CallerConnected, 5, queue=QUEUE, agent="anna")
    book.tell(CallerFinished, 65, agent="anna", talk_s=60.0, handed_to="sales")
    book.tell(CallerFinished, 600, agent="anna", talk_s=595.0)

    call = book.call
    assert (call.talk_s, call.handed_over_to) == (60.0, "sales")
    assert book.told() == ["rang in, waited 0 min, talked and was transferred to sales"]


def test_a_caller_promised_a_call_is_rung_once_the_book_knows_that_they_hung_up(book: Book) -> None:
    book.joins()
    wanted = PromiseRequest(
        e164=number(0), queue=QUEUE, source_call=CALLER, virtual_join=book.began, on_the_line=True
    )
    make_promise(book.centre.database, wanted, book.began)
    assert book.tell(CallerGone, 20)
    book.centre.now = book.began + timedelta(seconds=20) + AFTER_HANG_UP
    assert len(book.centre.work()[0]) == 1


def test_a_talk_that_ended_while_nobody_looked_is_as_long_as_the_pbx_has_it(book: Book) -> None:
    book.joins()
    book.leaves(5, abandoned=False)
    book.tell(CallerConnected, 5, queue=QUEUE, agent="anna")
    now = book.began + timedelta(seconds=600)
    snapshot = PbxSnapshot(
        taken_at=now, booted_at=None, last_calls={"anna": book.began + timedelta(seconds=65)}
    )

    book.settle(snapshot)

    call = book.call
    assert (call.talk_s, call.agent, call.abandoned) == (60.0, "anna", False)
    assert call.ended_at == book.began + timedelta(seconds=65)
    assert open_calls(book.centre.database, PBX, now) == ()


def test_a_caller_who_left_while_nobody_looked_gave_up_waiting(book: Book) -> None:
    book.joins()
    book.settle(PbxSnapshot(taken_at=book.began + timedelta(seconds=600), booted_at=None))

    assert (book.call.abandoned, book.call.talk_s) == (True, None)
    assert book.call.ended_at == book.began + timedelta(seconds=600)


def seen_by(book: Book, pbx: str) -> list[str]:
    """The numbers on other PBXs' lines, as an engine of this one looks them up."""
    database, now = book.centre.database, book.centre.now
    return list(look_ahead(database, look_around(database, now, pbx), now, limit=1).elsewhere.values())


def test_who_is_on_the_line_is_seen_by_other_pbxs_engines_until_they_hang_up(book: Book) -> None:
    book.joins()
    assert (seen_by(book, "south"), seen_by(book, PBX)) == ([number(0)], [])
    book.leaves(9, abandoned=False)
    assert seen_by(book, "south") == [number(0)]
    book.tell(CallerGone, 12)
    assert seen_by(book, "south") == []


def test_who_shows_no_number_is_not_taken_for_somebody_on_the_line(book: Book) -> None:
    book.joins(shown="anonymous")
    assert seen_by(book, "south") == []


def test_a_call_whose_end_nobody_wrote_holds_nobody_up_for_ever(book: Book) -> None:
    book.joins()
    book.centre.later(hours=5)
    assert seen_by(book, "south") == []


def test_where_nobody_leads_a_pbx_any_more_nobody_is_on_its_line(book: Book) -> None:
    book.joins()
    release_lease(book.centre.database, book.centre.leadership_of_pbx)
    assert seen_by(book, "south") == []


def test_callers_of_the_sites_own_queues_are_not_in_our_book(book: Book) -> None:
    at = book.began
    theirs = CallerJoined(at=at, caller=CALLER, queue="sites-own", number=None, position=1)
    assert not is_recorded(theirs, QUEUE)
    assert not book.tell(CallerFinished, 9, agent="anna", talk_s=4.0), "a caller the book never saw"
