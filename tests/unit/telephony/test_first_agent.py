"""A call whose agent is rung first: when its talk began, and whose end it was if nobody rang the customer."""

from datetime import UTC, datetime, timedelta

import pytest

from telephony.asterisk.ami import events as ami
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls.attempts import Call, conclude
from telephony.calls.events import Answered, Connected, Finished, LiveChannel, Outcome, PbxSnapshot, Ringing

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ATTEMPT, LEG, CUSTOMER = "wb-" + "a" * 10, "1795316303.63", "1795316309.70"
FAR_HALF = f"{ATTEMPT};2"
REJECTED, NORMAL = 21, 16

CHANNEL = {"linked_id": ATTEMPT}
BORN = [
    ami.Newchannel(unique_id=each, channel=f"Local/{ATTEMPT}@winback-desk-1;{half}", **CHANNEL)
    for each, half in ((ATTEMPT, 1), (FAR_HALF, 2))
]
AGENT_IS_FIRST = ami.UserEvent(
    unique_id=FAR_HALF, word="WinbackDesk", attempt=ATTEMPT, agent="anna", **CHANNEL
)
AGENT_RUNG = ami.DialBegin(unique_id=FAR_HALF, dest_unique_id=LEG, **CHANNEL)
AGENT_THERE = ami.Newstate(unique_id=ATTEMPT, state="Up", **CHANNEL)
RESPONSE = ami.OriginateResponse(action_id=ATTEMPT, response="Success", exten=ATTEMPT)
CUSTOMER_RUNG = [
    ami.DialBegin(unique_id=ATTEMPT, dest_unique_id=CUSTOMER, **CHANNEL),
    ami.Newstate(unique_id=CUSTOMER, state="Ringing", **CHANNEL),
]
CUSTOMER_THERE = ami.DialEnd(
    unique_id=ATTEMPT, dest_unique_id=CUSTOMER, dest_linked_id=ATTEMPT, status="ANSWER", **CHANNEL
)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def fold(tracker: Tracker, *events: ami.AmiEvent) -> list[object]:
    return [fact for second, event in enumerate(events) for fact in tracker.fold(event, at(second))]


@pytest.mark.parametrize("early", range(5))
def test_the_word_that_the_order_was_carried_out_may_overtake_any_other(early: int) -> None:
    story = [*BORN, AGENT_IS_FIRST, AGENT_RUNG, AGENT_THERE]
    story.insert(early, RESPONSE)

    found = fold(Tracker(), *story, *CUSTOMER_RUNG, CUSTOMER_THERE)

    assert [type(fact) for fact in found] == [Ringing, Answered, Connected]
    assert found[-1].agent == "anna"  # type: ignore[attr-defined] # the last one is Connected


@pytest.mark.parametrize(
    ("bridged", "told"),
    [((FAR_HALF, LEG), []), ((FAR_HALF, LEG, ATTEMPT, CUSTOMER), [Answered, Connected])],
    ids=["it still rings", "they talk"],
)
def test_who_answered_in_a_gap_is_seen_by_the_bridge_of_the_half_that_rang_them(
    bridged: tuple[str, ...], told: list[type]
) -> None:
    tracker = Tracker()
    fold(tracker, *BORN, AGENT_IS_FIRST, AGENT_RUNG, AGENT_THERE, *CUSTOMER_RUNG)
    channels = tuple(
        LiveChannel(
            unique_id=each, linked_id=ATTEMPT, name=each, state="Up", bridged=each in bridged, duration_s=9.0
        )
        for each in (ATTEMPT, FAR_HALF, LEG, CUSTOMER)
    )

    found = tracker.settle(PbxSnapshot(taken_at=at(20), booted_at=None, channels=channels), at(21))

    assert [type(fact) for fact in found] == told
    heard_late = [type(fact) for fact in tracker.fold(CUSTOMER_THERE, at(22))]
    assert sorted(kind.__name__ for kind in (*told, *heard_late)) == ["Answered", "Connected"]


@pytest.mark.parametrize(
    ("state", "cause", "dialled", "outcome"),
    [
        ("Up", REJECTED, 0, Outcome.REFUSED),  # the permit said no, and the agent's leg ended with it
        ("Up", NORMAL, 0, Outcome.FAILED),  # the agent put the phone down while the permit was asked
        ("Ringing", REJECTED, 0, Outcome.FAILED),  # the agent declined
        ("Up", REJECTED, 1, Outcome.FAILED),  # the agent left while the customer's phone rang
    ],
)
def test_an_agents_leg_that_ends_first_is_the_permits_refusal_only_where_they_were_there_and_nobody_was_rung(
    state: str, cause: int, dialled: int, outcome: Outcome
) -> None:
    call = Call(ATTEMPT, NOW)
    call.birth_seen, call.first_agent, call.first_agent_leg, call.dialled = True, "anna", LEG, bool(dialled)
    call.other_states[LEG] = state

    call.ended.add(LEG)
    call.see_first_agent_end(LEG, NORMAL)
    call.ended.add(ATTEMPT)
    call.hear_cause(cause)

    (end,) = conclude(call, NOW, patience_s=2.0)
    assert isinstance(end, Finished)
    assert end.outcome is outcome
