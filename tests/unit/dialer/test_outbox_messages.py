"""Messages that leave the house: tried again for a while, and signed so that nothing can be changed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.outbox.cloud_event import event_body, signed_headers
from dialer.core.outbox.message import (
    LONGEST_PAUSE,
    MOST_FAULT,
    TRIED_FOR,
    Delivered,
    Impossible,
    MessageEvent,
    NextTry,
    NotDelivered,
    pause_after,
    plan_next_try,
)

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def after(
    result: Delivered | NotDelivered | Impossible,
    *,
    tries: int = 1,
    created_at: datetime = NOW,
    expires_at: datetime | None = None,
) -> NextTry:
    return plan_next_try(result, tries=tries, created_at=created_at, expires_at=expires_at, now=NOW)


def test_what_was_taken_is_over() -> None:
    assert NextTry(event=MessageEvent.DELIVER) == after(Delivered())


def test_what_nobody_can_take_is_withdrawn_with_the_reason() -> None:
    found = after(Impossible(why="no mobile number" + "!" * MOST_FAULT))

    assert (MessageEvent.WITHDRAW, None, MOST_FAULT) == (found.event, found.due_at, len(found.fault))


@pytest.mark.parametrize(("tries", "seconds"), [(1, 10), (2, 30), (3, 90), (4, 270), (9, 3600), (99, 3600)])
def test_each_pause_is_three_times_the_one_before_and_an_hour_at_most(tries: int, seconds: int) -> None:
    assert timedelta(seconds=seconds) == pause_after(tries)
    assert NOW + timedelta(seconds=seconds) == after(NotDelivered(why="busy"), tries=tries).due_at


def test_whoever_asks_to_be_left_alone_is_up_to_an_hour() -> None:
    assert NOW + timedelta(minutes=5) == after(NotDelivered(why="", after=timedelta(minutes=5))).due_at
    assert NOW + LONGEST_PAUSE == after(NotDelivered(why="", after=timedelta(days=5))).due_at


@pytest.mark.parametrize(
    ("result", "created_at", "expires_at"),
    [
        (NotDelivered(why="refused", lasting=True), NOW, None),
        (NotDelivered(why="busy"), NOW - TRIED_FOR, None),
        (NotDelivered(why="busy"), NOW, NOW + timedelta(seconds=10)),
    ],
    ids=["refused for good", "a day old", "too late at the next try"],
)
def test_what_would_be_refused_or_late_again_is_given_up(
    result: NotDelivered, created_at: datetime, expires_at: datetime | None
) -> None:
    assert NextTry(event=MessageEvent.GIVE_UP, fault=result.why) == after(
        result, created_at=created_at, expires_at=expires_at
    )


def test_an_event_is_the_same_bytes_at_every_try_and_signed_over_id_time_and_body() -> None:
    def body() -> bytes:
        return event_body(
            key="promise-7-3", kind="promise.moved", source="/winback", subject="7", at=NOW, data={"b": 1}
        )

    headers = signed_headers(body(), key="promise-7-3", secret=b"shared", now=NOW)

    assert body() == body()
    read = json.loads(body())
    assert ("1.0", "promise-7-3", "winback.promise.moved", "2026-06-10T12:00:00Z") == (
        read["specversion"],
        read["id"],
        read["type"],
        read["time"],
    )
    signed = b"promise-7-3." + str(int(NOW.timestamp())).encode() + b"." + body()
    own = base64.b64encode(hmac.new(b"shared", signed, hashlib.sha256).digest()).decode()
    assert ("promise-7-3", f"v1,{own}") == (headers["webhook-id"], headers["webhook-signature"])
