"""The report on live callers counts everybody once, by the day they rang in on."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.core.calling.caller_story import CallerStory, report_inbound

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def caller(
    *,
    at: datetime = NOON,
    waited_s: float | None = 10.0,
    served: bool = False,
    gave_up: bool = False,
    promised: bool = False,
    queue: str = "support",
) -> CallerStory:
    over = at + timedelta(seconds=waited_s) if waited_s is not None else None
    return CallerStory(
        queue=queue,
        joined_at=at,
        left_at=over,
        connected_at=over if served else None,
        abandoned=gave_up,
        promised=promised,
        talk_s=120.0 if served else None,
    )


def test_every_caller_is_counted_once_and_the_parts_add_up() -> None:
    (line,) = report_inbound(
        [
            caller(served=True),
            caller(served=True, waited_s=60.0, promised=True),
            caller(gave_up=True, waited_s=45.0),
            caller(promised=True),
            caller(),
            caller(waited_s=None),
        ],
        LONDON,
    )

    assert (line.served, line.gave_up, line.promised, line.left_otherwise, line.waiting) == (2, 1, 1, 1, 1)
    assert line.callers == 6
    assert (line.wait_mean_s, line.talk_mean_s) == (35.0, 120.0)


def test_the_service_level_is_of_those_served_or_gone_but_for_wrong_numbers() -> None:
    calls = [
        *(caller(served=True, waited_s=19.0) for _ in range(3)),
        caller(served=True, waited_s=21.0),
        caller(gave_up=True, waited_s=30.0),
        caller(gave_up=True, waited_s=2.0),
        caller(promised=True),
    ]

    assert report_inbound(calls, LONDON)[0].service_level == 0.6
    assert report_inbound(calls, LONDON, soon_s=30.0)[0].service_level == 0.8


def test_a_call_is_of_the_day_on_which_it_began_on_the_centres_clock() -> None:
    late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # half past midnight in London

    lines = report_inbound([caller(at=late), caller(), caller(queue="sales")], LONDON)

    assert [(line.day, line.queue) for line in lines] == [
        (date(2026, 6, 1), "sales"),
        (date(2026, 6, 1), "support"),
        (date(2026, 6, 2), "support"),
    ]


def test_where_nobody_was_served_or_gave_up_nothing_is_said_of_the_service() -> None:
    (line,) = report_inbound([caller(promised=True)], LONDON)

    assert (line.service_level, line.wait_mean_s, line.wait_p95_s) == (None, None, None)
