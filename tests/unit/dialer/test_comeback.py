"""Whoever was at work is put back after a restart, also where the PBX goes again before they are seen."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.agents.state import AgentState
from dialer.engine.comeback import SEEN_WITHIN, Comeback
from dialer.engine.roster import BACK_WITHIN
from dialer.services.agents.last_roster import RosterSeen
from telephony.calls.events import LinkUp

READY = (AgentState.READY, "")
LUNCH = (AgentState.PAUSED, "lunch")
START = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FLOOR = {"anna": READY, "ben": LUNCH}


def on_a_working_floor() -> Comeback:
    """A link that was up with both at work."""
    comeback = Comeback(None)
    comeback.link(LinkUp(at=START, booted_at=START))
    comeback.asked(START)
    comeback.see(FLOOR, START)
    return comeback


def restart(comeback: Comeback, at: datetime) -> None:
    comeback.link(LinkUp(at=at, booted_at=at - SECOND))


def test_a_restart_puts_back_whoever_was_there_and_asks_once() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    assert (True, FLOOR) == (comeback.due, comeback.to_put_back())

    comeback.asked(START + 4 * SECOND)

    assert (False, {}) == (comeback.due, comeback.to_put_back())
    assert FLOOR == comeback.awaited
    comeback.see({"anna"}, START + 5 * SECOND)
    comeback.see({"anna", "ben"}, START + 6 * SECOND)
    assert {} == comeback.awaited


def test_a_lost_link_alone_puts_nobody_back() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    comeback.link(LinkUp(at=START + 3 * SECOND, booted_at=START))
    assert {} == comeback.to_put_back()
    comeback.asked(START + 3 * SECOND)
    assert {} == comeback.awaited


@pytest.mark.parametrize(("lived", "put_back"), [(SECOND, FLOOR), (3 * SECOND, {})])
def test_a_pbx_lost_in_its_first_seconds_is_taken_for_a_new_one_by_the_same_second(
    lived: timedelta, put_back: dict[str, tuple[AgentState, str]]
) -> None:
    comeback = Comeback(None)
    comeback.link(LinkUp(at=START, booted_at=START, began_at=START))
    comeback.asked(START)
    comeback.lose(FLOOR, START + lived)

    comeback.link(LinkUp(at=START + 30 * SECOND, booted_at=START, began_at=START + lived))

    assert put_back == comeback.to_put_back()


def test_a_second_restart_before_anybody_was_seen_puts_all_of_them_back() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + 3 * SECOND)

    comeback.lose({}, START + 4 * SECOND)
    restart(comeback, START + 6 * SECOND)

    assert FLOOR == comeback.to_put_back()


def test_a_link_that_goes_after_the_restart_leaves_the_rest_to_be_put_back() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + 3 * SECOND)
    comeback.see({"anna"}, START + 4 * SECOND)

    comeback.lose({"anna": READY}, START + 5 * SECOND)
    comeback.link(LinkUp(at=START + 6 * SECOND, booted_at=START + 2 * SECOND))

    assert FLOOR == comeback.to_put_back()


def test_who_was_logged_out_while_awaited_is_not_put_back_by_a_second_restart() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + 3 * SECOND)

    comeback.let_go({"anna"})
    comeback.lose({}, START + 4 * SECOND)
    restart(comeback, START + 6 * SECOND)

    assert {"ben": LUNCH} == comeback.to_put_back()


def test_who_was_logged_out_before_the_pbx_was_back_is_not_put_back_and_the_others_are() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    comeback.let_go({"anna"})
    restart(comeback, START + 3 * SECOND)
    assert {"ben": LUNCH} == comeback.to_put_back()


def test_who_does_not_come_is_waited_for_no_longer_than_a_headset_rings() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + 3 * SECOND)
    comeback.see({"anna"}, START + 3 * SECOND + SEEN_WITHIN)
    assert {} == comeback.awaited

    comeback.lose({"anna": READY}, START + timedelta(hours=1))
    restart(comeback, START + timedelta(hours=1, minutes=1))
    assert {"anna": READY} == comeback.to_put_back()


def test_whom_a_slow_pbx_refused_is_told_of_again_until_it_did_it() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + 3 * SECOND, {"ben"})

    comeback.see(FLOOR, START + 5 * SECOND)  # by half, it may be: paused for no reason
    assert (True, {"ben": LUNCH}) == (comeback.due, comeback.to_put_back())
    comeback.see((), START + 3 * SECOND + SEEN_WITHIN)
    assert {"ben": LUNCH} == comeback.to_put_back()

    comeback.asked(START + 60 * SECOND)
    comeback.see(FLOOR, START + 61 * SECOND)
    assert (False, {}) == (comeback.due, comeback.awaited)


def test_whom_a_pbx_goes_on_refusing_is_told_of_no_longer_than_they_may_be_at_their_desks() -> None:
    comeback = on_a_working_floor()
    comeback.lose(FLOOR, START + SECOND)
    restart(comeback, START + 3 * SECOND)
    comeback.asked(START + SECOND + BACK_WITHIN, {"ben"})
    assert comeback.due

    comeback.asked(START + 2 * SECOND + BACK_WITHIN, {"ben"})
    assert not comeback.due


def test_an_engine_started_after_a_reboot_of_the_host_puts_back_whom_the_last_one_saw() -> None:
    comeback = Comeback(RosterSeen(seen_at=START, booted_at=START - timedelta(days=1), at_work=FLOOR))
    restart(comeback, START + timedelta(minutes=2))
    assert FLOOR == comeback.to_put_back()
