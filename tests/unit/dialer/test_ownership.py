"""An agent's own promise when its time has come, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.agents.ownership import LONG_PAUSE, PATIENCE, OwnerSeen, OwnersTurn, answers_first, turn_of
from dialer.core.agents.state import AgentState

DUE = datetime(2026, 3, 3, 16, tzinfo=UTC)
RING = timedelta(seconds=25)
S, T = AgentState, OwnersTurn


def turn(state: AgentState, *, since_s: float = 0, now_s: float = 0, leaves_s: float | None = None) -> T:
    now = DUE + timedelta(seconds=now_s)
    leaves_at = now + timedelta(seconds=leaves_s) if leaves_s is not None else None
    seen = OwnerSeen(state=state, since=now - timedelta(seconds=since_s), leaves_at=leaves_at)
    return turn_of(seen, due_at=DUE, ring=RING, now=now)


@pytest.mark.parametrize(
    ("state", "at_once", "at_the_end"),
    [
        (S.READY, T.RING, T.RING),
        (S.RESERVED, T.WAIT, T.HAND_ON),
        (S.RINGING, T.WAIT, T.HAND_ON),
        (S.TALKING, T.WAIT, T.HAND_ON),
        (S.WRAPPING_UP, T.WAIT, T.HAND_ON),
        (S.PAUSED, T.WAIT, T.HAND_ON),
        (S.OFFLINE, T.HAND_ON, T.HAND_ON),
    ],
)
def test_the_owner_gets_a_moment_and_the_hour_comes_before_the_person(
    state: AgentState, at_once: OwnersTurn, at_the_end: OwnersTurn
) -> None:
    patience_s = PATIENCE.total_seconds()

    assert (at_once, at_the_end) == (turn(state), turn(state, now_s=patience_s))
    assert at_once is turn(state, now_s=patience_s - 1)


def test_a_long_pause_is_away_and_a_short_one_is_not() -> None:
    long_s = LONG_PAUSE.total_seconds()

    assert (T.WAIT, T.HAND_ON) == (turn(S.PAUSED, since_s=long_s - 1), turn(S.PAUSED, since_s=long_s))
    assert turn(S.TALKING, since_s=long_s) is T.WAIT  # a long talk is no pause


def test_who_plans_to_leave_while_the_phone_still_rings_is_away() -> None:
    assert (T.HAND_ON, T.RING) == (turn(S.READY, leaves_s=20), turn(S.READY, leaves_s=60))


def test_an_owner_whom_nobody_sees_is_away() -> None:
    assert turn_of(None, due_at=DUE, ring=RING, now=DUE) is T.HAND_ON


@pytest.mark.parametrize("state", list(AgentState))
def test_a_customer_who_rings_in_gets_the_agent_who_was_to_call_only_where_that_one_is_free(
    state: AgentState,
) -> None:
    def first(*, waiting: int = 0, leaves_s: float | None = None) -> bool:
        leaves_at = DUE + timedelta(seconds=leaves_s) if leaves_s is not None else None
        seen = OwnerSeen(state=state, since=DUE, leaves_at=leaves_at)
        return answers_first(seen, waiting=waiting, ring=RING, now=DUE)

    assert first() is (state is S.READY)
    assert first(leaves_s=26) is (state is S.READY)
    assert not first(leaves_s=25), "who leaves while the phone rings is not waited for"
    assert not first(waiting=1), "nobody who waits is overtaken"


def test_an_agent_whom_nobody_sees_is_not_waited_for() -> None:
    assert not answers_first(None, waiting=0, ring=RING, now=DUE)
