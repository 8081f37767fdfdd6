"""The tracker on what Asterisk 16 and 22 really said, and on what they say on a bad day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.asterisk.ami import events as ami
from telephony.asterisk.ami.events import decode
from telephony.asterisk.tracking.tracker import GRACE, LINGER, LONGEST, ORPHAN, REMEMBERED, Tracker
from telephony.calls.events import (
    Abandoned,
    AgentDidNotAnswer,
    AgentRung,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    Connected,
    Device,
    Fact,
    Finished,
    LiveChannel,
    MachineSuspected,
    MemberGone,
    MemberSeen,
    OriginateFailed,
    Outcome,
    PbxSnapshot,
    Ringing,
)
from telephony.calls.lifecycle import CALL, CallState
from telephony.simulator.recording import from_text

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "ami"
BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
A = "wb-" + "a" * 10
SECOND_HALF = f"{A};2"
CUSTOMER = "1795316303.63"

OUTCOMES = {
    "abandoned": Outcome.ABANDONED,
    "agent_leaves": Outcome.CONNECTED,
    "busy": Outcome.REJECTED,
    "busy_by_cause": Outcome.BUSY,
    "congestion": Outcome.BROKEN_OFF,
    "connected": Outcome.CONNECTED,
    "duplicate": Outcome.CONNECTED,
    "leaves_waiting": Outcome.HUNG_UP_WAITING,
    "no_answer": Outcome.NO_ANSWER,
    "refused": Outcome.REFUSED,
    "rejected": Outcome.REJECTED,
    "transfer": Outcome.CONNECTED,
    "unallocated": Outcome.BAD_NUMBER,
    "we_hang_up": Outcome.CONNECTED,
}


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def recorded(version: str, name: str) -> list[tuple[datetime, ami.AmiEvent]]:
    text = (RECORDINGS / version / f"{name}.txt").read_text()
    decoded = ((at(seconds), decode(frame)) for seconds, frame in from_text(text))
    return [(when, event) for when, event in decoded if event is not None]


def fold(tracker: Tracker, *events: tuple[float, ami.AmiEvent]) -> list[Fact]:
    return [fact for seconds, event in events for fact in tracker.fold(event, at(seconds))]


def calls(found: Iterable[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in found if not isinstance(fact, MemberSeen)]


def born(
    unique_id: str, *, linked_id: str = A, channel: str = f"Local/{A}@winback-permit-1"
) -> ami.Newchannel:
    return ami.Newchannel(channel=channel, unique_id=unique_id, linked_id=linked_id)


def state(unique_id: str, word: str) -> ami.Newstate:
    return ami.Newstate(unique_id=unique_id, linked_id=A, state=word)


def gone(unique_id: str, cause: int = 16, *, linked_id: str = A) -> ami.HangupEvent:
    return ami.HangupEvent(unique_id=unique_id, linked_id=linked_id, cause=cause)


PLACED = [(0.0, born(A)), (0.0, born(SECOND_HALF)), (0.1, born(CUSTOMER, channel="PJSIP/trunk-1"))]
RANG = [*PLACED, (1.0, state(CUSTOMER, "Ringing")), (1.0, state(A, "Ringing"))]
ANSWERED = [*RANG, (4.0, state(CUSTOMER, "Up")), (4.0, state(A, "Up"))]
JOINED = ami.QueueCallerJoin(unique_id=A, linked_id=A, queue="outbound", position=1)
QUEUED = [*ANSWERED, (4.1, JOINED)]
CONNECT = ami.AgentConnect(unique_id=A, linked_id=A, queue="outbound", agent="7", interface="PJSIP/7")
TALKING = [*QUEUED, (4.5, CONNECT)]
ABANDON = ami.QueueCallerAbandon(unique_id=A, linked_id=A, queue="outbound")


def ended(seconds: float, cause: int = 16) -> list[tuple[float, ami.AmiEvent]]:
    return [(seconds, gone(each, cause)) for each in (CUSTOMER, SECOND_HALF, A)]


A_TALK = [CallerJoined, AgentRung, CallerLeft, CallerConnected, CallerFinished, CallerGone]


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_recorded_call_has_one_outcome(version: str, name: str) -> None:
    tracker = Tracker()
    found = [fact for when, event in recorded(version, name) for fact in tracker.fold(event, when)]
    ends = [fact for fact in found if isinstance(fact, Finished)]

    assert [end.outcome for end in ends] == [OUTCOMES[name]]
    assert [fact for fact in found if not isinstance(fact, MemberSeen)][-1] == ends[0]


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("connected", [Ringing, Answered, AgentRung, Connected, Finished]),
        ("abandoned", [Ringing, Answered, Abandoned, Finished]),
        ("leaves_waiting", [Ringing, Answered, Finished]),
        ("refused", [Finished]),
        (
            "caller_connected",
            [CallerJoined, AgentRung, CallerLeft, CallerConnected, CallerFinished, CallerGone],
        ),
        ("phone_answers", [CallerJoined, AgentRung, CallerLeft, CallerConnected, CallerFinished, CallerGone]),
        ("caller_abandons", [CallerJoined, CallerLeft, CallerGone]),
        ("caller_books", [CallerJoined, CallerLeft, CallerGone]),
    ],
)
def test_a_recorded_session_tells_its_story_in_order(
    version: str, name: str, expected: list[type[Fact]]
) -> None:
    tracker = Tracker()
    found = [fact for when, event in recorded(version, name) for fact in tracker.fold(event, when)]

    assert [kind for kind in calls(found) if kind is not AgentDidNotAnswer] == expected


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_booked_caller_did_not_abandon_and_a_lost_one_did(version: str) -> None:
    for name, abandoned in (("caller_books", False), ("caller_abandons", True)):
        tracker = Tracker()
        found = [fact for when, event in recorded(version, name) for fact in tracker.fold(event, when)]

        assert [fact.abandoned for fact in found if isinstance(fact, CallerLeft)] == [abandoned]


@pytest.mark.parametrize(
    ("cause", "cut"), [(16, False), (127, False), (31, False), (38, True), (44, True), (102, True)]
)
def test_a_talk_is_cut_off_where_a_lines_cause_says_so_never_by_its_length(cause: int, *, cut: bool) -> None:
    found = fold(Tracker(), *TALKING, (6.0, gone(CUSTOMER, cause)), *ended(7.0))

    assert [cut] == [fact.cut_off for fact in found if isinstance(fact, Finished)]


def test_a_leg_that_failed_before_the_talk_says_nothing_of_the_talk() -> None:
    found = fold(Tracker(), *QUEUED, (4.1, gone("elsewhere", 44)), (4.5, CONNECT), *ended(64.5))

    assert [False] == [fact.cut_off for fact in found if isinstance(fact, Finished)]


def test_a_connected_call_tells_agent_wait_and_talk() -> None:
    found = fold(Tracker(), *TALKING, *ended(64.5))

    assert calls(found) == [Ringing, Answered, Connected, Finished]
    assert found[2] == Connected(at=at(4.5), attempt=A, agent="7", waited_s=0.5)
    assert found[3] == Finished(
        at=at(64.5), attempt=A, outcome=Outcome.CONNECTED, causes=(16, 16, 16), talk_s=60.0, agent="7"
    )


def test_whoever_leaves_early_hung_up_and_whoever_waited_was_abandoned() -> None:
    early = fold(Tracker(), *QUEUED, (5.0, ABANDON), *ended(5.01))
    late = fold(Tracker(), *QUEUED, (6.1, ABANDON), *ended(6.11))

    assert calls(early) == [Ringing, Answered, Finished]
    assert early[-1].outcome is Outcome.HUNG_UP_WAITING  # type: ignore[attr-defined] # the last one is Finished
    assert calls(late) == [Ringing, Answered, Abandoned, Finished]
    assert late[2] == Abandoned(at=at(6.1), attempt=A, waited_s=pytest.approx(2.1))


def test_a_call_that_outlives_its_queue_heard_the_message() -> None:
    """With events held up on their way the clock says too little; the living channel says enough."""
    found = fold(Tracker(), *QUEUED, (4.9, ABANDON), *ended(8.0))

    assert calls(found) == [Ringing, Answered, Abandoned, Finished]


def test_the_dialplans_own_word_and_the_queues_count_beat_our_clock() -> None:
    said = ami.UserEvent(unique_id=A, linked_id=A, word="WinbackAbandoned", attempt=A)
    counted = ami.QueueCallerAbandon(unique_id=A, linked_id=A, queue="outbound", hold_s=3)

    assert Abandoned in calls(fold(Tracker(), *QUEUED, (4.2, ABANDON), (4.2, said)))
    assert Abandoned in calls(fold(Tracker(), *QUEUED, (4.2, counted)))


def test_an_answer_nobody_ever_took_is_silence() -> None:
    found = fold(Tracker(), *ANSWERED, *ended(10.0))

    assert calls(found) == [Ringing, Answered, Abandoned, Finished]


def test_an_agent_who_comes_at_the_last_moment_still_connects() -> None:
    found = fold(Tracker(), *QUEUED, (5.0, ABANDON), (5.1, CONNECT), *ended(9.0))

    assert found[-1].outcome is Outcome.CONNECTED  # type: ignore[attr-defined] # the last one is Finished


def test_a_machine_is_told_by_the_dialplan() -> None:
    said = ami.UserEvent(unique_id=A, linked_id=A, word="WinbackMachine", attempt=A)
    found = fold(Tracker(), *ANSWERED, (4.5, said), (4.6, said), *ended(5.0))

    assert calls(found) == [Ringing, Answered, MachineSuspected, Finished]
    assert found[-1].outcome is Outcome.MACHINE  # type: ignore[attr-defined] # the last one is Finished


def test_a_hint_at_a_machine_neither_undoes_a_talk_nor_excuses_silence() -> None:
    said = ami.UserEvent(word="WinbackMachine", attempt=A)  # a listener's channel is no leg of the call
    talked = fold(Tracker(), *QUEUED, (4.0, said), (4.5, CONNECT), *ended(9.0))
    silent = fold(Tracker(), *QUEUED, (4.0, said), (5.5, ABANDON), *ended(9.0))

    assert talked[-1].outcome is Outcome.CONNECTED  # type: ignore[attr-defined] # the last one is Finished
    assert Abandoned in calls(silent)
    assert silent[-1].outcome is Outcome.ABANDONED  # type: ignore[attr-defined] # the last one is Finished


ASKED = [*ANSWERED, (4.1, ami.UserEvent(unique_id=A, linked_id=A, word="WinbackAsked", attempt=A))]


def test_whoever_is_asked_for_a_key_is_not_left_alone_however_long_it_takes() -> None:
    found = fold(Tracker(), *ASKED, *ended(30.0))

    assert calls(found) == [Ringing, Answered, Finished]
    assert found[-1].outcome is Outcome.NO_KEY  # type: ignore[attr-defined] # the last one is Finished


def test_the_wait_for_an_agent_begins_with_the_key() -> None:
    found = fold(Tracker(), *ASKED, (14.0, JOINED), (14.5, CONNECT), *ended(60.0))
    late = fold(Tracker(), *ASKED, (14.0, JOINED), (17.0, ABANDON), *ended(18.0))

    (connected,) = [fact for fact in found if isinstance(fact, Connected)]
    assert connected.waited_s == 0.5
    assert Abandoned in calls(late), "whoever pressed the key is owed an agent"


def test_a_machine_that_was_asked_for_a_key_is_a_machine() -> None:
    said = ami.UserEvent(word="WinbackMachine", attempt=A)
    found = fold(Tracker(), *ASKED, (6.0, said), *ended(20.0))

    assert found[-1].outcome is Outcome.MACHINE  # type: ignore[attr-defined] # the last one is Finished


def test_a_talk_and_a_wait_that_the_queue_counted_are_no_longer_for_events_that_came_late() -> None:
    joined, late = QUEUED[-1][0], 6.0
    took = ami.AgentConnect(unique_id=A, linked_id=A, queue="outbound", agent="7", hold_s=1)
    done = ami.AgentComplete(unique_id=A, linked_id=A, queue="outbound", agent="7", talk_s=20)
    found = fold(Tracker(), *QUEUED, (joined + 1 + late, took), (joined + 21 + 2 * late, done), *ended(40.0))

    connected = next(fact for fact in found if isinstance(fact, Connected))
    assert (connected.at, connected.waited_s) == (at(joined + 1), 1.1)  # a tenth of it before the queue
    assert found[-1].talk_s == 20.0  # type: ignore[attr-defined] # the last one is Finished


def test_events_that_imply_an_answer_bring_it_along() -> None:
    assert calls(fold(Tracker(), (1.0, CONNECT))) == [Answered, Connected]
    done = ami.AgentComplete(unique_id=A, linked_id=A, agent="7", talk_s=30)
    found = fold(Tracker(), (0.0, born(A)), (1.0, done), (31.0, gone(A)))

    assert calls(found) == [Answered, Connected, Finished]
    assert (found[-1].talk_s, found[-1].agent) == (30.0, "7")  # type: ignore[attr-defined] # the last one is Finished


def test_no_leg_is_ringing_twice_and_no_late_ring_follows_the_answer() -> None:
    found = fold(Tracker(), *ANSWERED, (4.2, state(CUSTOMER, "Ringing")), (4.3, state(A, "Up")))

    assert calls(found) == [Ringing, Answered]


def test_a_refusal_needs_that_nobody_was_dialled() -> None:
    refused = fold(Tracker(), *PLACED[:2], (0.2, gone(SECOND_HALF, 21)), (0.2, gone(A, 21)))
    rejected = fold(Tracker(), *PLACED, *ended(2.0, 21))
    dial = ami.DialBegin(unique_id=SECOND_HALF, linked_id=A, dest_unique_id=CUSTOMER)
    dialled = fold(Tracker(), *PLACED[:2], (0.1, dial), (0.2, gone(SECOND_HALF, 21)), (0.2, gone(A, 21)))

    assert [found[-1].outcome for found in (refused, rejected, dialled)] == [  # type: ignore[attr-defined] # Finished
        Outcome.REFUSED,
        Outcome.REJECTED,
        Outcome.REJECTED,
    ]


GIVEN_UP = ami.OriginateResponse(action_id=A, response="Failure", reason=3)


@pytest.mark.parametrize("cause", [0, 19], ids=["as 16 says it", "as 22 says it"])
def test_an_order_given_up_before_any_phone_was_dialled_is_our_failure(cause: int) -> None:
    end = [(41.0, gone(A, cause)), (41.0, GIVEN_UP), (42.5, gone(SECOND_HALF, cause))]
    at_the_gate = fold(Tracker(), *PLACED[:2], *end)
    dialled = fold(Tracker(), *PLACED, (41.0, gone(CUSTOMER, cause)), *end)

    assert [calls(found) for found in (at_the_gate, dialled)] == [[Finished], [Finished]]
    assert [found[-1].outcome for found in (at_the_gate, dialled)] == [  # type: ignore[attr-defined] # Finished
        Outcome.FAILED,
        Outcome.NO_ANSWER,
    ]


def test_a_phone_that_was_dialled_in_a_gap_was_dialled() -> None:
    listed = LiveChannel(
        unique_id=CUSTOMER, linked_id=A, name="PJSIP/trunk-1", state="Ring", bridged=False, duration_s=1.0
    )
    snapshot = PbxSnapshot(taken_at=at(20.0), booted_at=None, channels=(listed,))
    seen, heard = Tracker(), Tracker()
    fold(seen, *PLACED[:2])
    fold(heard, *PLACED[:2])
    seen.settle(snapshot, at(20.0))
    fold(heard, (21.0, replace(gone(CUSTOMER, 0), channel="PJSIP/trunk-1")))

    for tracker in (seen, heard):
        found = fold(tracker, (41.0, gone(SECOND_HALF, 19)), (41.0, gone(A, 19)))
        assert [fact.outcome for fact in found if isinstance(fact, Finished)] == [Outcome.NO_ANSWER]


def test_a_refused_duplicate_does_not_touch_the_live_call() -> None:
    failure = ami.OriginateResponse(action_id=A, response="Failure", reason=0)
    found = fold(Tracker(), *TALKING, (5.0, failure), *ended(9.0))

    assert calls(found) == [Ringing, Answered, Connected, Finished]
    assert found[-1].outcome is Outcome.CONNECTED  # type: ignore[attr-defined] # the last one is Finished


def test_an_originate_that_never_had_a_channel_is_told_as_failed() -> None:
    failure = ami.OriginateResponse(action_id=A, response="Failure", reason=8)

    assert fold(Tracker(), (1.0, failure)) == [OriginateFailed(at=at(1.0), attempt=A, reason=8)]
    assert fold(Tracker(), (1.0, ami.OriginateResponse(action_id="other", response="Failure"))) == []


def test_where_nothing_tells_the_outcome_the_response_is_waited_for() -> None:
    silent = [(0.0, born(A)), (0.0, born(SECOND_HALF)), (0.1, gone(SECOND_HALF, 0)), (0.1, gone(A, 0))]
    failure = ami.OriginateResponse(action_id=A, response="Failure", reason=0)
    heard, unheard = Tracker(), Tracker()

    assert [fact.outcome for fact in fold(heard, *silent, (0.5, failure)) if isinstance(fact, Finished)] == [
        Outcome.FAILED
    ]
    assert fold(unheard, *silent) == []
    assert [fact.outcome for fact in unheard.tick(at(0.1) + GRACE) if isinstance(fact, Finished)] == [
        Outcome.UNKNOWN
    ]


def test_a_lost_hang_up_does_not_keep_a_call_for_ever() -> None:
    first_lost, other_lost = Tracker(), Tracker()
    assert Finished not in calls(fold(first_lost, *TALKING, *ended(9.0)[:2]))
    assert Finished not in calls(fold(other_lost, *TALKING, *ended(9.0)[1:]))

    assert calls(first_lost.tick(at(9.0) + ORPHAN)) == [Finished]
    assert calls(other_lost.tick(at(9.0) + LINGER)) == [Finished]


def test_an_agents_own_connection_is_no_leg_even_when_a_bridge_renames_it() -> None:
    tracker = Tracker()
    standing = gone("1795316300.1")
    found = fold(tracker, *TALKING, (5.0, standing))

    assert Finished not in calls(found)
    assert tracker.state_of(A) is CallState.TALKING
    assert calls(fold(tracker, *ended(9.0))) == [Finished]


def test_a_leg_renamed_by_a_bridge_is_still_a_leg() -> None:
    renamed = [(9.0, gone(each, linked_id="1795316300.1")) for each in (CUSTOMER, SECOND_HALF)]

    assert (
        calls(fold(Tracker(), *TALKING, *renamed, (9.0, gone(A, linked_id="1795316300.1"))))[-1] is Finished
    )


def test_a_finished_call_stays_finished() -> None:
    tracker = Tracker()
    story = [*TALKING, *ended(9.0)]
    fold(tracker, *story)

    late = REMEMBERED.total_seconds() - 60
    assert [fact for _, event in story for fact in tracker.fold(event, at(late))] == []
    assert tracker.state_of(A) is CallState.FINISHED


def test_memory_is_given_back() -> None:
    tracker = Tracker()
    fold(tracker, *TALKING, *ended(9.0))
    fold(tracker, (10.0, born("wb-" + "b" * 10, linked_id="wb-" + "b" * 10)))
    assert tracker.size > 0

    assert calls(tracker.tick(at(10.0) + LONGEST + timedelta(seconds=1))) == [Finished]
    tracker.tick(at(10.0) + LONGEST + REMEMBERED + timedelta(minutes=1))
    assert tracker.size == 0


def test_after_a_gap_what_is_gone_is_finished_with_what_was_known() -> None:
    tracker = Tracker()
    talking, ringing, young = ("wb-" + letter * 10 for letter in "bcd")
    fold(tracker, (0.0, born(talking, linked_id=talking)), (0.0, born(ringing, linked_id=ringing)))
    fold(tracker, (1.0, ami.AgentConnect(unique_id=talking, linked_id=talking, agent="7")), *PLACED)
    fold(tracker, (30.0, born(young, linked_id=young)))
    alive = LiveChannel(unique_id=A, linked_id=A, name="x", state="Up", bridged=False, duration_s=1.0)
    snapshot = PbxSnapshot(taken_at=at(20.0), booted_at=None, channels=(alive,))
    found = tracker.settle(snapshot, at(31.0))

    assert {fact.attempt: fact.outcome for fact in found if isinstance(fact, Finished)} == {
        talking: Outcome.CONNECTED,
        ringing: Outcome.UNKNOWN,
    }
    assert tracker.state_of(A) is CallState.PLACED
    assert tracker.state_of(young) is CallState.PLACED


def test_after_a_restart_nothing_lives() -> None:
    tracker = Tracker()
    fold(tracker, *TALKING, (5.0, ami.QueueCallerJoin(unique_id="9.1", linked_id="9.1", queue="support")))

    assert calls(tracker.restarted(at(9.0))) == [Finished, CallerLeft, CallerGone]


@pytest.mark.parametrize("restarted", [True, False])
def test_a_talk_that_ended_in_a_gap_may_have_lasted_until_the_truth_was_read(*, restarted: bool) -> None:
    tracker = Tracker()
    fold(tracker, *TALKING)
    nothing = PbxSnapshot(taken_at=at(34.0), booted_at=None)
    found = tracker.restarted(at(34.5)) if restarted else tracker.settle(nothing, at(34.5))

    assert [(fact.outcome, fact.talk_s) for fact in found if isinstance(fact, Finished)] == [
        (Outcome.CONNECTED, 30.0)
    ]


def test_members_and_missed_rings_are_told() -> None:
    member = ami.QueueMemberPause(
        queue="support", agent="7", interface="PJSIP/7", status=2, paused=True, reason="lunch", in_call=True
    )
    removed = ami.QueueMemberRemoved(queue="support", agent="7", interface="PJSIP/7")
    missed = ami.AgentRingNoAnswer(unique_id="9.1", queue="support", agent="7", ring_ms=15_000)

    assert fold(Tracker(), (0, member), (1, removed), (2, missed)) == [
        MemberSeen(
            at=at(0),
            queue="support",
            agent="7",
            interface="PJSIP/7",
            device=Device.IN_USE,
            paused=True,
            reason="lunch",
            in_call=True,
        ),
        MemberGone(at=at(1), queue="support", agent="7", interface="PJSIP/7"),
        AgentDidNotAnswer(at=at(2), queue="support", agent="7", ring_s=15.0),
    ]


def test_every_call_state_can_be_reached_and_left_but_the_last() -> None:
    reached = {CALL.start, *CALL.table.values()}
    left = {state for state, _ in CALL.table}

    assert reached == set(CallState)
    assert left == set(CallState) - CALL.ends
