"""Who is put back after a restart of the PBX: those who were there minutes ago, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.agents.floor import WRAPPING_UP
from dialer.core.agents.state import AgentState
from dialer.engine.roster import came_back_empty, pause_after_restart
from telephony.calls.events import LinkUp

BOOTED = datetime(2026, 3, 3, 6, tzinfo=UTC)
LOST = datetime(2026, 3, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("before", "booted", "away", "empty"),
    [
        (BOOTED, LOST + MINUTE, 2 * MINUTE, True),
        (BOOTED, BOOTED, 2 * MINUTE, False),  # the link was lost, and nothing else
        (BOOTED, LOST + MINUTE, 11 * MINUTE, False),  # they may have gone home
        (None, LOST + MINUTE, 2 * MINUTE, False),  # this engine knows nobody yet
        (BOOTED, None, 2 * MINUTE, False),  # the PBX would not say when it began
        (BOOTED, LOST + MINUTE, 10 * MINUTE, True),
        (BOOTED, LOST + MINUTE, 18 * 60 * MINUTE, False),  # stopped in the evening, started in the morning
        (BOOTED, LOST + MINUTE, -60 * MINUTE, False),  # the clock went back: nobody knows how long it took
    ],
)
def test_only_a_restart_that_is_minutes_old_puts_agents_back(
    before: datetime | None, booted: datetime | None, away: timedelta, *, empty: bool
) -> None:
    up = LinkUp(at=LOST + away, booted_at=booted)
    assert came_back_empty(up, booted_before=before, lost_at=LOST) is empty


def test_the_first_link_of_the_first_engine_puts_nobody_back() -> None:
    assert not came_back_empty(LinkUp(at=LOST, booted_at=BOOTED), booted_before=None, lost_at=None)


@pytest.mark.parametrize(
    ("state", "reason", "pause"),
    [
        (AgentState.READY, "", None),
        (AgentState.RESERVED, "reserved", None),  # the call it was kept for is gone
        (AgentState.RINGING, "", None),
        (AgentState.TALKING, "", WRAPPING_UP),
        (AgentState.WRAPPING_UP, WRAPPING_UP, WRAPPING_UP),
        (AgentState.PAUSED, "lunch", "lunch"),
    ],
)
def test_a_phone_is_put_back_with_the_pause_that_its_agent_would_be_in(
    state: AgentState, reason: str, pause: str | None
) -> None:
    assert pause_after_restart(state, reason) == pause
