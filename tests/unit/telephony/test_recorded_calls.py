"""What real Asterisks said, folded by the tracker into what really happened."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from telephony.asterisk.ami.events import decode
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls.events import (
    Abandoned,
    AgentDidNotAnswer,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerJoined,
    CallerLeft,
    Connected,
    Fact,
    Finished,
    Outcome,
    Ringing,
)
from telephony.simulator.recording import from_text, to_text

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ami"
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LONG_AFTER = timedelta(minutes=1)
OUTCOMES = {
    "connected": Outcome.CONNECTED,
    "we_hang_up": Outcome.CONNECTED,
    "agent_leaves": Outcome.CONNECTED,
    "transfer": Outcome.CONNECTED,
    "duplicate": Outcome.CONNECTED,
    "busy": Outcome.REJECTED,
    "busy_by_cause": Outcome.BUSY,
    "no_answer": Outcome.NO_ANSWER,
    "congestion": Outcome.BROKEN_OFF,
    "unallocated": Outcome.BAD_NUMBER,
    "rejected": Outcome.REJECTED,
    "abandoned": Outcome.ABANDONED,
    "leaves_waiting": Outcome.HUNG_UP_WAITING,
    "refused": Outcome.REFUSED,
}
CALLS = [
    pytest.param(version, scene, id=f"{scene}-{version}") for version in ("16", "22") for scene in OUTCOMES
]
CALLERS = [
    pytest.param(version, scene, id=f"{scene}-{version}")
    for version in ("16", "22")
    for scene in ("caller_connected", "caller_abandons", "caller_books", "phone_answers", "phone_deaf")
]


def recording(version: str, scene: str) -> list[tuple[float, Frame]]:
    return list(from_text((FIXTURES / version / f"{scene}.txt").read_text()))


def fold(frames: list[tuple[float, Frame]]) -> list[Fact]:
    tracker = Tracker()
    facts: list[Fact] = []
    last = 0.0
    for at, frame in frames:
        event = decode(frame)
        if event is not None:
            facts += tracker.fold(event, BEGAN + timedelta(seconds=at))
        last = max(last, at)
    return facts + tracker.tick(BEGAN + timedelta(seconds=last) + LONG_AFTER)


def ends(facts: list[Fact]) -> Iterator[Finished]:
    return (fact for fact in facts if isinstance(fact, Finished))


@pytest.mark.parametrize(("version", "scene"), CALLS)
def test_a_recorded_call_ends_once_with_what_happened(version: str, scene: str) -> None:
    facts = fold(recording(version, scene))
    assert [end.outcome for end in ends(facts)] == [OUTCOMES[scene]]


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_connected_call_tells_its_whole_story_in_order(version: str) -> None:
    facts = fold(recording(version, "connected"))
    calls = [
        fact for fact in facts if isinstance(fact, Ringing | Answered | Connected | Abandoned | Finished)
    ]
    assert [type(fact) for fact in calls] == [Ringing, Answered, Connected, Finished]
    end = next(ends(facts))
    assert end.agent in {"a1", "a2"}
    assert 0.5 < end.talk_s < 2.0


@pytest.mark.parametrize(("version", "scene"), CALLS)
def test_hearing_everything_twice_changes_nothing(version: str, scene: str) -> None:
    frames = recording(version, scene)
    twice = [pair for pair in frames for _ in range(2)]
    assert [end.outcome for end in ends(fold(twice))] == [OUTCOMES[scene]]


@pytest.mark.parametrize(("version", "scene"), CALLS)
@pytest.mark.parametrize("seed", range(5))
def test_losing_a_tenth_of_the_events_never_ends_a_call_twice(version: str, scene: str, seed: int) -> None:
    chance = Random(f"{seed}/{version}/{scene}")  # noqa: S311 - a test
    kept = [pair for pair in recording(version, scene) if chance.random() > 0.1]
    assert len(list(ends(fold(kept)))) <= 1


@pytest.mark.parametrize(("version", "scene"), CALLERS)
def test_a_recorded_caller_joins_and_leaves(version: str, scene: str) -> None:
    facts = fold(recording(version, scene))
    assert sum(isinstance(fact, CallerJoined) for fact in facts) == 1
    served = [fact for fact in facts if isinstance(fact, CallerConnected)]
    left = [fact for fact in facts if isinstance(fact, CallerLeft)]
    assert len(left) == 1
    assert bool(served) is (scene in {"caller_connected", "phone_answers"})
    assert left[0].abandoned is (scene in {"caller_abandons", "phone_deaf"})
    assert sum(isinstance(fact, CallerFinished) for fact in facts) == len(served)
    missed = [fact for fact in facts if isinstance(fact, AgentDidNotAnswer)]
    assert bool(missed) is (scene == "phone_deaf")


@pytest.mark.parametrize(("version", "scene"), CALLS)
def test_a_recording_survives_being_written_and_read(version: str, scene: str) -> None:
    frames = recording(version, scene)
    assert list(from_text(to_text(frames))) == frames
