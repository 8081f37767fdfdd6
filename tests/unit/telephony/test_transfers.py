"""A call whose agent left the talk while the customer stayed: told once, with where it went."""

from datetime import UTC, datetime, timedelta

import pytest

from telephony.asterisk.ami import events as ami
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls.events import Fact, Finished, HandedOver, Outcome, PbxSnapshot

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
A, LEG, CUSTOMER = "wb-" + "a" * 10, "7.1", "9.1"


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def fold(tracker: Tracker, *events: tuple[float, ami.AmiEvent]) -> list[Fact]:
    return [fact for seconds, event in events for fact in tracker.fold(event, at(seconds))]


def gone(unique_id: str, *, cause: int = 16, exten: str = "") -> tuple[float, ami.AmiEvent]:
    return (300.0, ami.HangupEvent(unique_id=unique_id, linked_id=A, cause=cause, exten=exten))


@pytest.fixture
def talking() -> Tracker:
    """A customer and an agent talk since the fifth second."""
    tracker = Tracker()
    fold(
        tracker,
        (0.0, ami.Newchannel(unique_id=A, linked_id=A, channel=f"Local/{A}@winback-permit-1;1")),
        (0.0, ami.Newchannel(unique_id=CUSTOMER, linked_id=A, channel="PJSIP/trunk-1")),
        (4.0, ami.Newstate(unique_id=A, linked_id=A, state="Up")),
        (4.1, ami.QueueCallerJoin(unique_id=A, linked_id=A, queue="outbound")),
        (4.9, ami.Newchannel(unique_id=LEG, linked_id=A, channel="PJSIP/7-1")),
        (5.0, ami.AgentConnect(unique_id=A, linked_id=A, queue="outbound", agent="7", leg=LEG)),
    )
    return tracker


LEFT = (65.0, ami.HangupEvent(unique_id=LEG, linked_id=A, cause=16))


@pytest.mark.parametrize(
    ("told", "to"),
    [
        (ami.BlindTransfer(transferer=LEG, exten="900"), "900"),
        (ami.AttendedTransfer(transferer=LEG, exten="07700900123"), "07700900123"),
        (ami.BlindTransfer(transferer="another's", exten="900"), ""),
    ],
)
def test_the_agent_is_done_when_the_transfer_is(talking: Tracker, told: ami.AmiEvent, to: str) -> None:
    assert fold(talking, (65.0, told), LEFT) == []
    assert talking.tick(at(66.5)) == [HandedOver(at=at(65), attempt=A, agent="7", talk_s=60.0, to=to)]
    assert talking.tick(at(70)) == []

    (end,) = [fact for fact in fold(talking, gone(CUSTOMER), gone(A)) if isinstance(fact, Finished)]
    assert (end.outcome, end.agent, end.talk_s, end.handed_to) == (Outcome.CONNECTED, "7", 60.0, to)


def test_a_redirected_call_tells_at_its_end_where_it_was(talking: Tracker) -> None:
    fold(talking, LEFT)
    talking.tick(at(67))
    (end,) = [f for f in fold(talking, gone(CUSTOMER), gone(A, exten="voicemail")) if isinstance(f, Finished)]
    assert end.handed_to == "voicemail"


def test_a_transfer_to_a_queue_names_the_queue(talking: Tracker) -> None:
    fold(talking, LEFT, (65.5, ami.QueueCallerJoin(unique_id=A, linked_id=A, queue="support")))
    (over,) = talking.tick(at(67))
    assert isinstance(over, HandedOver)
    assert over.to == "support"


def test_a_queue_told_of_before_its_transfer_is_where_they_went(talking: Tracker) -> None:
    joined = ami.QueueCallerJoin(unique_id=A, linked_id=A, queue="support")
    fold(talking, (65.0, joined), (65.0, ami.BlindTransfer(transferer=LEG, exten="900")), LEFT)
    (over,) = talking.tick(at(67))
    assert isinstance(over, HandedOver)
    assert over.to == "support"


def test_a_line_that_fails_after_the_transfer_cuts_no_agent_off(talking: Tracker) -> None:
    fold(talking, LEFT)
    talking.tick(at(67))
    found = fold(talking, gone(CUSTOMER, cause=38), gone(A, cause=38))
    assert [fact.cut_off for fact in found if isinstance(fact, Finished)] == [False]


def test_where_anybody_hung_up_nothing_was_handed_over(talking: Tracker) -> None:
    found = fold(talking, LEFT)
    found += talking.fold(ami.HangupEvent(unique_id=CUSTOMER, linked_id=A, cause=16), at(65.1))
    found += talking.fold(ami.HangupEvent(unique_id=A, linked_id=A, cause=16, exten="outbound"), at(65.1))
    assert [type(fact) for fact in found] == [Finished]
    assert [fact.handed_to for fact in found if isinstance(fact, Finished)] == [""]


def test_a_talk_that_ended_in_a_gap_is_as_long_as_the_pbx_has_it_of_the_agent(talking: Tracker) -> None:
    snapshot = PbxSnapshot(taken_at=at(600), booted_at=None, last_calls={"7": at(65)})
    (end,) = [fact for fact in talking.settle(snapshot, at(601)) if isinstance(fact, Finished)]
    assert (end.outcome, end.talk_s) == (Outcome.CONNECTED, 60.0)
