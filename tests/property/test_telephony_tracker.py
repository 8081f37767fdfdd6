"""Recorded sessions, shuffled, thinned and repeated: never a second ending, never a crash, no leak."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.ami import events as ami
from telephony.asterisk.ami.events import KNOWN, decode
from telephony.asterisk.tracking.tracker import LONGEST, REMEMBERED, Tracker
from telephony.calls.events import (
    Answered,
    CallFact,
    Connected,
    Fact,
    Finished,
    LiveChannel,
    MemberSeen,
    Outcome,
    PbxSnapshot,
    Ringing,
)
from telephony.simulator.recording import from_text

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
Story = list[ami.AmiEvent]


def load() -> list[Story]:
    stories = []
    for path in sorted((Path(__file__).parents[1] / "fixtures" / "ami").glob("*/*.txt")):
        events = [decode(frame) for _, frame in from_text(path.read_text())]
        stories.append([event for event in events if event is not None])
    return stories


STORIES = load()
STORY = st.sampled_from(STORIES)


def fold(story: Story) -> list[Fact]:
    """Every fact, with time going on until nothing more can follow."""
    tracker = Tracker()
    found: list[Fact] = []
    now = BEGIN
    for event in story:
        now += timedelta(milliseconds=20)
        found.extend(tracker.fold(event, now))
    for later in (timedelta(seconds=10), LONGEST + timedelta(minutes=1), LONGEST + 2 * REMEMBERED):
        found.extend(tracker.tick(now + later))
    assert tracker.size == 0
    return found


def check(found: list[Fact]) -> None:
    """One ending a call and nothing after it; nothing said twice."""
    ended: set[str] = set()
    said: set[tuple[type[Fact], str]] = set()
    for fact in found:
        if isinstance(fact, CallFact):
            assert fact.attempt not in ended
            if isinstance(fact, Finished):
                ended.add(fact.attempt)
            if isinstance(fact, (Ringing, Answered, Connected)):
                assert (type(fact), fact.attempt) not in said
                said.add((type(fact), fact.attempt))


def endings(found: list[Fact]) -> dict[str, Any]:
    return {fact.attempt: (fact.outcome, fact.agent) for fact in found if isinstance(fact, Finished)}


def attempts(story: Story) -> set[str]:
    ids = {event.linked_id for event in story if isinstance(event, ami.Newchannel)}
    return {each for each in ids if each.startswith("wb-")}


@given(STORY, st.data())
def test_repeated_events_change_no_ending(story: Story, data: st.DataObject) -> None:
    repeated = list(story)
    for _ in range(data.draw(st.integers(1, 15))):
        source = data.draw(st.integers(0, len(story) - 1))
        index = data.draw(st.integers(repeated.index(story[source]) + 1, len(repeated)))
        repeated.insert(index, story[source])
    found = fold(repeated)

    check(found)
    assert endings(found) == endings(fold(story))


@given(STORY, st.data())
def test_missing_events_leave_at_most_one_ending(story: Story, data: st.DataObject) -> None:
    missing = data.draw(st.sets(st.integers(0, len(story) - 1), max_size=len(story)))
    found = fold([event for index, event in enumerate(story) if index not in missing])

    check(found)
    assert set(endings(found)) <= attempts(story)


@given(STORY, st.data())
def test_shuffled_events_leave_exactly_one_ending(story: Story, data: st.DataObject) -> None:
    found = fold(data.draw(st.permutations(story)))

    check(found)
    assert set(endings(found)) == attempts(story)


@given(STORY, st.data())
def test_neighbours_may_swap_without_a_second_ending(story: Story, data: st.DataObject) -> None:
    swapped = list(story)
    for index in data.draw(st.lists(st.integers(0, len(story) - 2), max_size=20)):
        swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
    found = fold(swapped)

    check(found)
    assert set(endings(found)) == attempts(story)


def living(story: Story) -> tuple[LiveChannel, ...]:
    """What a PBX that has said this much would list."""
    gone = {event.unique_id for event in story if isinstance(event, ami.HangupEvent)}
    return tuple(
        LiveChannel(
            unique_id=event.unique_id,
            linked_id=event.linked_id,
            name=event.channel,
            state="Up",
            bridged=False,
            duration_s=1.0,
        )
        for event in story
        if isinstance(event, ami.Newchannel) and event.unique_id not in gone
    )


def uncounted(event: ami.AmiEvent) -> ami.AmiEvent:
    """Without the queue's own count, which is not on the clock of a story that is told event by event."""
    match event:
        case ami.AgentConnect() | ami.QueueCallerAbandon():
            return replace(event, hold_s=None)
        case ami.AgentComplete():
            return replace(event, talk_s=None)
        case _:
            return event


@given(STORY, st.data())
def test_a_link_lost_anywhere_ends_every_call_once_and_makes_no_talk_shorter(
    story: Story, data: st.DataObject
) -> None:
    story = list(map(uncounted, story))
    lost = data.draw(st.integers(0, len(story) - 1))
    back = data.draw(st.integers(lost, len(story)))
    tracker, now, found = Tracker(), BEGIN, list[Fact]()
    for index, event in enumerate(story):
        now += timedelta(milliseconds=20)
        if index == back:
            found.extend(
                tracker.settle(PbxSnapshot(taken_at=now, booted_at=None, channels=living(story[:back])), now)
            )
        if not lost <= index < back:
            found.extend(tracker.fold(event, now))
    if back == len(story):
        found.extend(tracker.settle(PbxSnapshot(taken_at=now, booted_at=None), now))
    connected = {fact.attempt: fact for fact in found if isinstance(fact, Connected)}
    lost_at = BEGIN + timedelta(milliseconds=20) * (lost + 1)
    found.extend(tracker.tick(now + timedelta(seconds=10)))
    found.extend(tracker.tick(now + LONGEST + timedelta(minutes=1)))
    truth = {fact.attempt: fact for fact in fold(story) if isinstance(fact, Finished)}

    check(found)
    assert attempts(story[:lost]) <= set(endings(found)) <= attempts(story)
    for end in (fact for fact in found if isinstance(fact, Finished)):
        real = truth[end.attempt]
        assert end.outcome is not Outcome.CONNECTED or real.outcome is Outcome.CONNECTED
        if end.attempt in connected:
            assert (end.outcome, end.agent) == (Outcome.CONNECTED, real.agent)
            assert connected[end.attempt].at >= lost_at or end.talk_s >= real.talk_s - 0.001


@given(st.lists(STORY, min_size=2, max_size=3), st.data())
def test_overlapping_calls_do_not_mix(stories: list[Story], data: st.DataObject) -> None:
    """Each story under its own ids, interleaved: the same endings as one after the other."""
    renamed = [[rename(event, index) for event in story] for index, story in enumerate(stories)]
    queues = [list(story) for story in renamed]
    mixed: Story = []
    while any(queues):
        queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
        mixed.append(queue.pop(0))
    apart: dict[str, Any] = {}
    for story in renamed:
        apart.update(endings(fold(story)))

    assert endings(fold(mixed)) == apart


def rename(event: ami.AmiEvent, index: int) -> ami.AmiEvent:
    changed = {
        name: f"{value}x{index}" if not value.endswith(";2") else f"{value[:-2]}x{index};2"
        for name in ("unique_id", "linked_id", "dest_unique_id", "dest_linked_id", "action_id")
        if (value := getattr(event, name, ""))
    }
    channel = getattr(event, "channel", "")
    if channel.startswith("Local/wb-"):
        head, _, tail = channel.partition("@")
        changed["channel"] = f"{head}x{index}@{tail}"
    return replace(event, **changed)


IDS = st.sampled_from(["", "wb-aaaaaaaa", "wb-aaaaaaaa;2", "wb-bbbbbbbb", "1.1", "1.2"])
WORDS = st.sampled_from(
    ["", "Up", "Ringing", "ANSWER", "BUSY", "Success", "Failure", "WinbackAbandoned", "7"]
)


@st.composite
def anything(draw: st.DrawFn) -> ami.AmiEvent:
    kind = draw(st.sampled_from(KNOWN))
    values: dict[str, Any] = {}
    for each in fields(kind):
        name = each.name
        if name.endswith("_id") or name == "attempt":
            values[name] = draw(IDS)
        elif isinstance(each.default, bool):
            values[name] = draw(st.booleans())
        elif isinstance(each.default, int):
            values[name] = draw(st.integers(-2, 40))
        elif each.default is None:  # a count that may be missing
            values[name] = draw(st.none() | st.integers(-2, 40))
        else:
            values[name] = draw(WORDS)
    return kind(**values)


@given(st.lists(anything(), max_size=40))
def test_no_sequence_of_events_breaks_the_tracker(story: Story) -> None:
    check(fold(story))


def test_there_are_recordings_of_both_versions() -> None:
    assert len(STORIES) >= 30
    assert any(isinstance(fact, MemberSeen) for story in STORIES for fact in fold(story))
