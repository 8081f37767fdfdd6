"""Live callers as the tracker tells of them, on good days and bad."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from telephony.asterisk.ami import events as ami
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls.events import (
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    Fact,
    LiveChannel,
    PbxSnapshot,
    WaitingCaller,
)

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def fold(tracker: Tracker, *events: tuple[float, ami.AmiEvent]) -> list[Fact]:
    return [fact for seconds, event in events for fact in tracker.fold(event, at(seconds))]


def calls(found: Iterable[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in found]


def gone(unique_id: str, cause: int = 16, *, linked_id: str) -> ami.HangupEvent:
    return ami.HangupEvent(unique_id=unique_id, linked_id=linked_id, cause=cause)


def live(what: str, **more: int) -> ami.AmiEvent:
    kinds = {
        "join": ami.QueueCallerJoin,
        "leave": ami.QueueCallerLeave,
        "abandon": ami.QueueCallerAbandon,
        "connect": ami.AgentConnect,
        "complete": ami.AgentComplete,
    }
    names = {"agent": "7"} if what in ("connect", "complete") else {"number": "15550100199"}
    return kinds[what](unique_id="9.1", linked_id="9.1", queue="support", **names, **more)  # type: ignore[arg-type] # by table


def test_a_live_caller_is_followed_to_the_end() -> None:
    found = fold(
        Tracker(),
        (0, live("join", position=3)),
        (5, live("leave")),
        (5, live("connect")),
        (65, live("complete")),
    )

    assert found == [
        CallerJoined(at=at(0), queue="support", caller="9.1", number="15550100199", position=3),
        CallerLeft(at=at(5), queue="support", caller="9.1", abandoned=False),
        CallerConnected(at=at(5), queue="support", caller="9.1", agent="7"),
        CallerFinished(at=at(65), caller="9.1", agent="7", talk_s=60.0),
    ]


def test_a_live_callers_wait_and_talk_are_no_longer_for_events_that_came_late() -> None:
    served = fold(
        Tracker(),
        (0, live("join")),
        (9, live("leave")),
        (9, live("connect", hold_s=4)),
        (75, live("complete", talk_s=60)),
    )
    gave_up = fold(Tracker(), (0, live("join")), (9, live("abandon", hold_s=4)))

    assert served[2:] == [
        CallerConnected(at=at(4), queue="support", caller="9.1", agent="7"),
        CallerFinished(at=at(75), caller="9.1", agent="7", talk_s=60.0),
    ]
    assert gave_up[1:] == [CallerLeft(at=at(4), queue="support", caller="9.1", abandoned=True)]


def test_a_live_callers_missing_events_are_made_good() -> None:
    hangup = gone("9.1", linked_id="9.1")

    assert calls(fold(Tracker(), (0, live("join")), (3, hangup))) == [
        CallerJoined,
        CallerLeft,
        CallerGone,
    ]
    assert calls(fold(Tracker(), (0, live("join")), (3, live("connect")))) == [
        CallerJoined,
        CallerLeft,
        CallerConnected,
    ]
    assert calls(fold(Tracker(), (3, live("connect")), (9, hangup))) == [
        CallerConnected,
        CallerFinished,
        CallerGone,
    ]


def test_a_live_caller_may_come_back_to_the_queue_but_not_from_the_dead() -> None:
    tracker = Tracker()
    again = fold(tracker, (0, live("join")), (5, live("leave")), (6, live("join")))
    fold(tracker, (7, gone("9.1", linked_id="9.1")))

    assert calls(again) == [CallerJoined, CallerLeft, CallerJoined]
    assert fold(tracker, (8, live("join")), (8, live("connect"))) == []


def test_live_callers_are_settled_after_a_gap() -> None:
    tracker = Tracker()
    fold(tracker, (0, live("join")))
    channel = LiveChannel(
        unique_id="8.1", linked_id="8.1", name="x", state="Up", bridged=False, duration_s=1.0
    )
    entry = WaitingCaller(queue="support", caller="8.1", number=None, position=1, waited_s=4.0)
    snapshot = PbxSnapshot(taken_at=at(20), booted_at=None, channels=(channel,), callers=(entry,))

    found = tracker.settle(snapshot, at(21))
    assert [(type(fact), fact.caller) for fact in found] == [  # type: ignore[attr-defined] # callers only
        (CallerLeft, "9.1"),
        (CallerGone, "9.1"),
        (CallerJoined, "8.1"),
    ]


def test_a_talk_that_began_before_our_time_is_as_long_as_the_pbx_says() -> None:
    tracker = Tracker()
    found = fold(tracker, (7, live("complete", talk_s=300)), (7, gone("9.1", linked_id="9.1")))

    assert found == [
        CallerFinished(at=at(7), caller="9.1", agent="7", talk_s=300.0),
        CallerGone(at=at(7), caller="9.1"),
    ]
    assert fold(tracker, (8, live("complete", talk_s=300))) == []


def test_a_talk_that_began_in_a_gap_has_its_agent_and_its_length() -> None:
    tracker = Tracker()
    fold(tracker, (0, live("join")))
    channel = LiveChannel(
        unique_id="9.1", linked_id="9.1", name="x", state="Up", bridged=True, duration_s=20.0
    )
    tracker.settle(PbxSnapshot(taken_at=at(20), booted_at=None, channels=(channel,)), at(21))

    assert fold(tracker, (40, live("complete", talk_s=25)), (41, live("complete", talk_s=25))) == [
        CallerFinished(at=at(40), caller="9.1", agent="7", talk_s=25.0)
    ]


LEG = "7.1"
ANSWERS = ami.AgentConnect(unique_id="9.1", linked_id="9.1", queue="support", agent="7", leg=LEG)


def test_a_transferred_caller_is_no_longer_the_agents_though_the_call_goes_on() -> None:
    tracker = Tracker()
    found = fold(
        tracker,
        (0, live("join")),
        (5, ANSWERS),
        (65, ami.BlindTransfer(transferer=LEG, exten="sales")),
        (65, gone(LEG, linked_id="9.1")),
    )
    assert CallerFinished not in calls(found)
    assert tracker.tick(at(67)) == [
        CallerFinished(at=at(65), caller="9.1", agent="7", talk_s=60.0, handed_to="sales")
    ]
    assert calls(fold(tracker, (600, live("complete")), (600, gone("9.1", linked_id="9.1")))) == [CallerGone]


def test_a_caller_whose_agent_hung_up_was_not_transferred() -> None:
    found = fold(
        Tracker(),
        (0, live("join")),
        (5, ANSWERS),
        (65, gone(LEG, linked_id="9.1")),
        (65.1, gone("9.1", linked_id="9.1")),
    )
    ends = [fact for fact in found if isinstance(fact, CallerFinished)]
    assert [end.handed_to for end in ends] == [None]


def test_a_talk_that_ended_in_a_gap_is_as_long_as_the_pbx_has_it_of_the_agent() -> None:
    tracker = Tracker()
    fold(tracker, (0, live("join")), (5, ANSWERS))
    snapshot = PbxSnapshot(taken_at=at(600), booted_at=None, last_calls={"7": at(65)})

    ends = [fact for fact in tracker.settle(snapshot, at(601)) if isinstance(fact, CallerFinished)]
    assert [end.talk_s for end in ends] == [60.0]
