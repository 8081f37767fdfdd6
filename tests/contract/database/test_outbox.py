"""What leaves the house is written with its cause and handed over at least once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from databases.centre import Centre, number
from sqlalchemy import func, select

from dialer.bootstrap import App
from dialer.core.outbox.cloud_event import signature
from dialer.core.outbox.message import Delivered, Delivery, MessageState, NotDelivered
from dialer.db.models import OutboxMessage
from dialer.db.queries import promises
from dialer.jobs.couriers import Courier
from dialer.services.outbox.delivery import OutgoingText, take_message
from dialer.services.outbox.events import OutgoingEvent
from dialer.services.outbox.outbox import latest_messages, message_counts, try_again
from dialer.services.promises.callback_blocks import block_number
from dialer.services.promises.promises import PromiseRequest, cancel_promise, make_promise
from dialer.settings import Settings
from telephony.calls.events import Outcome

SECRET = "a secret of more than 24 characters"  # noqa: S105 - nobody's
MOBILE = "+447700900123"  # fictional


@dataclass
class Post:
    """Keeps what it is given; answers in order, and then that it took it."""

    answers: list[Delivery] = field(default_factory=list)
    texts: list[OutgoingText] = field(default_factory=list)
    events: list[OutgoingEvent] = field(default_factory=list)

    def _answer(self) -> Delivery:
        return self.answers.pop(0) if self.answers else Delivered()

    def send(self, text: OutgoingText) -> Delivery:
        self.texts.append(text)
        return self._answer()

    def post(self, event: OutgoingEvent) -> Delivery:
        self.events.append(event)
        return self._answer()


def settings(tmp_path: Any, hooks: Sequence[str] = ("crm",), **texts: Any) -> Settings:
    return Settings(
        data_dir=tmp_path,
        webhooks=[{"name": name, "url": f"https://{name}.example/hook", "secret": SECRET} for name in hooks],
        texts={"way": "file", "name": "Acme", **texts},
        public={"address": "https://call.example", "key": SECRET},
    )


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def courier(centre: Centre, post: Post, tmp_path: Any) -> Courier:
    return courier_of(centre, post, settings(tmp_path))


def courier_of(centre: Centre, post: Post, given: Settings) -> Courier:
    app = App(settings=given, database=centre.database, clock=lambda: centre.now)
    return Courier(app, post, post)


def promised(centre: Centre, e164: str = MOBILE, language: str = "") -> int:
    request = PromiseRequest(
        e164=e164, queue="support", source_call=f"call-{e164}", virtual_join=centre.now, language=language
    )
    return make_promise(centre.database, request, centre.now).id  # type: ignore[union-attr]


def rows(centre: Centre) -> int:
    with centre.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(OutboxMessage)) or 0


def test_a_promise_is_told_to_the_customer_and_to_the_program_once(
    centre: Centre, courier: Courier, post: Post
) -> None:
    promised(centre, language="sv")
    courier.round()
    courier.round()

    (text,), (event,) = post.texts, post.events
    assert text.to == MOBILE
    assert text.words.startswith("Acme: vi ringer upp dig. Referens ")
    assert "https://call.example/c/" in text.words
    told = json.loads(event.body)
    assert (told["specversion"], told["type"], told["data"]["queue"]) == (
        "1.0",
        "winback.promise.made",
        "support",
    )
    assert event.headers["webhook-signature"] == "v1," + signature(
        event.body, key=told["id"], moment=event.headers["webhook-timestamp"], secret=SECRET.encode()
    )
    assert MOBILE.encode() not in event.body


def test_a_transaction_that_is_undone_tells_nobody(centre: Centre, courier: Courier, post: Post) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone), centre.database.write() as tx:  # noqa: PT012 - one transaction
        promises.make(
            tx,
            e164=MOBILE,
            queue="support",
            source_call="x",
            virtual_join=centre.now,
            made_at=centre.now,
            next_action_at=centre.now,
        )
        raise Undone
    courier.round()

    assert ([], []) == (post.texts, post.events)


def test_what_nobody_wants_to_hear_of_leaves_no_row(centre: Centre, post: Post, tmp_path: Any) -> None:
    promised(centre)
    courier_of(centre, post, settings(tmp_path, hooks=(), way="none")).round()

    assert rows(centre) == 0


def test_one_that_is_not_taken_comes_again_with_the_same_key_and_later_each_time(
    centre: Centre, courier: Courier, post: Post
) -> None:
    promised(centre, number(1))  # a landline: nothing but the event
    post.answers = [NotDelivered(why="it answered 503")] * 3
    due = []
    for _ in range(3):
        courier.round()
        (card,) = [card for card in latest_messages(centre.database) if card.channel == "webhook"]
        assert card.due_at is not None
        due.append((card.due_at - centre.now).total_seconds())
        centre.now = card.due_at
    courier.round()

    assert due == [10, 30, 90]
    assert len({event.headers["webhook-id"] for event in post.events}) == 1
    assert len({event.body for event in post.events}) == 1
    (card,) = [card for card in latest_messages(centre.database) if card.channel == "webhook"]
    assert (card.state, card.tries) == (MessageState.SENT, 4)


def test_what_a_courier_that_died_had_taken_is_tried_by_the_next_within_a_minute(
    centre: Centre, courier: Courier, post: Post, tmp_path: Any
) -> None:
    promised(centre, number(1))
    given = settings(tmp_path)
    courier_of(centre, Post([NotDelivered(why="x")] * 9), given).round()
    centre.later(seconds=11)
    assert take_message(centre.database, given, centre.now) is not None  # and then it is killed

    courier.round()
    assert post.events == []
    centre.later(seconds=61)
    courier.round()
    assert len(post.events) == 1


def test_it_is_given_up_after_a_day_and_a_person_may_have_it_tried_again(
    centre: Centre, courier: Courier, post: Post
) -> None:
    promised(centre, number(1))
    post.answers = [NotDelivered(why="it answered 503")] * 99
    while message_counts(centre.database)[MessageState.FAILED] == 0:
        courier.round()
        centre.later(minutes=61)
    assert 20 < len(post.events) < 40

    post.answers = []
    (failed,) = latest_messages(centre.database, state=MessageState.FAILED)
    assert failed.fault == "it answered 503"
    assert try_again(centre.database, failed.id, "boss", centre.now)
    assert not try_again(centre.database, failed.id, "boss", centre.now)
    courier.round()
    assert message_counts(centre.database)[MessageState.FAILED] == 0


def test_an_endpoint_that_is_silent_holds_up_no_other(centre: Centre, post: Post, tmp_path: Any) -> None:
    class Half(Post):
        def post(self, event: OutgoingEvent) -> Delivery:
            self.events.append(event)
            return NotDelivered(why="no answer") if "dead" in event.url else Delivered()

    half = Half()
    for index in range(3):
        promised(centre, number(index))
    courier_of(centre, half, settings(tmp_path, hooks=("dead", "alive"))).round()

    assert [sum(name in event.url for event in half.events) for name in ("dead", "alive")] == [1, 3]


def test_a_blocked_number_and_a_landline_get_no_text(centre: Centre, courier: Courier, post: Post) -> None:
    promised(centre, number(1))
    promised(centre)
    block_number(centre.database, MOBILE, "did not ask", "boss", centre.now)  # cancels it, too
    courier.round()

    assert post.texts == []
    faults = {card.kind: card.fault for card in latest_messages(centre.database) if card.channel == "text"}
    assert faults["promise.cancelled"]


def test_a_text_that_comes_too_late_is_not_sent(centre: Centre, courier: Courier, post: Post) -> None:
    made = promised(centre)
    courier_of(centre, Post([NotDelivered(why="x")] * 9), courier._app.settings).round()
    cancel_promise(centre.database, made, "asked", centre.now)
    centre.later(seconds=15)
    courier.round()

    (text,) = post.texts
    assert "has been cancelled" in text.words


def test_an_apology_is_texted_where_a_promise_could_not_be_kept(
    centre: Centre, courier: Courier, post: Post
) -> None:
    promised(centre)
    centre.finish(centre.dial(), Outcome.BAD_NUMBER)
    courier.round()

    assert "We are sorry" in post.texts[-1].words


def test_two_couriers_never_take_the_same_message(centre: Centre, tmp_path: Any) -> None:
    promised(centre, number(1))
    one = settings(tmp_path, hooks=("crm",))
    courier_of(centre, Post([NotDelivered(why="x")]), one).round()
    centre.later(seconds=11)

    assert take_message(centre.database, one, centre.now) is not None
    assert take_message(centre.database, one, centre.now + timedelta(seconds=1)) is None
