"""Who is put back after a restart of the PBX: those who were there minutes ago, and nobody else."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dialer.core.agents.floor import FloorState
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import RESERVED, WRAPPING_UP
from dialer.core.agents.state import AgentState
from dialer.engine.roster import Roster, came_back_empty, pause_after_restart, present, reasons_of
from dialer.services.agents.last_roster import RosterSeen
from dialer.settings import Settings
from telephony.asterisk.config.model import AgentLine
from telephony.calls.events import Device, LinkUp, MemberSeen
from telephony.errors import OutcomeUnknown

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


def test_whoever_went_a_breath_before_the_link_was_at_work_and_whoever_we_logged_out_was_not() -> None:
    floor = FloorState(inbound="support")
    for name in ("hung-up", "logged-out", "went-home"):
        floor.see(seat(name, LOST, Device.FREE))
    floor.see(seat("went-home", LOST + MINUTE, Device.UNAVAILABLE))
    floor.leave(
        floor.agents["logged-out"], Leave(at=LOST, kind=LeaveKind.LOG_OUT, reason=""), LOST + 2 * MINUTE
    )
    for name in ("hung-up", "logged-out"):
        floor.see(seat(name, LOST + 2 * MINUTE, Device.UNAVAILABLE))

    lost_at = LOST + 2 * MINUTE + timedelta(seconds=1.7)
    assert present(floor.agents.values(), lost_at) == {"hung-up": (AgentState.READY, "")}
    assert present(floor.agents.values(), LOST + 3 * MINUTE) == {}


def test_reasons_of_minutes_ago_are_remembered_and_older_ones_are_not() -> None:
    seen = RosterSeen(
        seen_at=LOST,
        booted_at=BOOTED,
        at_work={
            "a": (AgentState.TALKING, ""),
            "b": (AgentState.READY, ""),
            "c": (AgentState.PAUSED, "lunch"),
            "d": (AgentState.RESERVED, RESERVED),
        },
    )
    assert reasons_of(seen, LOST + MINUTE) == {"a": WRAPPING_UP, "c": "lunch", "d": RESERVED}
    assert reasons_of(seen, LOST + 11 * MINUTE) == reasons_of(None, LOST) == {}


def seat(agent: str, at: datetime, device: Device) -> MemberSeen:
    return MemberSeen(
        at=at,
        queue="support",
        agent=agent,
        interface=f"Local/{agent}@winback-agents/n",
        device=device,
        paused=False,
        reason="",
        in_call=False,
    )


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


class SlowPbx:
    """It makes a phone a member, paused, and does not say in time that it noted why."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str | None]] = []
        self.slow = True

    async def add_member(self, queue: str, line: AgentLine, *, reason: str | None = None) -> None:
        assert line.id == "anna"
        self.told.append((queue, reason))
        if self.slow:
            raise OutcomeUnknown("no answer within 5 s")


def test_who_is_there_by_half_after_a_restart_is_put_back_with_the_pause_that_somebody_ends() -> None:
    floor, pbx = FloorState(inbound="support"), SlowPbx()
    line = AgentLine(id="anna", name="Anna", phone="PJSIP/anna")
    app: Any = SimpleNamespace(settings=Settings())
    roster = Roster(app, cast("Any", pbx), floor, cast("Any", None), {"anna": line})
    talked = {"anna": (AgentState.TALKING, "")}
    assert asyncio.run(roster.take_back(talked)) == {"anna"}
    floor.see(replace(seat("anna", LOST, Device.FREE), paused=True))
    pbx.told.clear()
    pbx.slow = False

    assert asyncio.run(roster.take_back(talked, again={"anna"})) == frozenset()

    assert {queue for queue, _ in pbx.told} == {"support", "outbound", line.own_queue}
    assert {reason for _, reason in pbx.told} == {WRAPPING_UP}
