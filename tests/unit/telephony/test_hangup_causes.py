"""The measured table of Asterisk's endings, and the order in which evidence counts."""

import pytest

from telephony.calls.events import Outcome
from telephony.calls.hangup_causes import (
    DIAL_STATUSES,
    ENDINGS,
    LOST_IN_TALK,
    PRECEDENCE,
    RANG,
    REASONS,
    outcome_of,
)


@pytest.mark.parametrize(
    ("causes", "statuses", "reason", "expected"),
    [
        pytest.param([0, 17], ["BUSY"], 5, Outcome.BUSY, id="busy"),
        pytest.param([17], ["BUSY"], 0, Outcome.BUSY, id="busy-in-local-dialplan"),
        pytest.param([34], ["CONGESTION"], 8, Outcome.CONGESTION, id="congestion"),
        pytest.param([19], [], 3, Outcome.NO_ANSWER, id="time-out-without-dial-end"),
        pytest.param([1], ["NOANSWER"], 0, Outcome.BAD_NUMBER, id="unallocated"),
        pytest.param([21], ["NOANSWER"], 0, Outcome.REJECTED, id="rejected"),
        pytest.param([0], [], 0, Outcome.FAILED, id="no-such-extension"),
        pytest.param([16], ["CHANUNAVAIL"], None, Outcome.CONGESTION, id="status-only"),
        pytest.param([16], ["ANSWER"], 4, Outcome.UNKNOWN, id="nothing-tells"),
        pytest.param([], [], None, Outcome.UNKNOWN, id="nothing"),
        pytest.param([34, 17], [], None, Outcome.BUSY, id="second-trunk-reached-the-line"),
        pytest.param([34, 1], [], None, Outcome.BAD_NUMBER, id="second-trunk-knew-better"),
        pytest.param([3], ["CHANUNAVAIL"], 0, Outcome.CONGESTION, id="our-trunk-is-missing"),
    ],
)
def test_the_outcome_is_read_from_causes_then_status_then_reason(
    causes: list[int], statuses: list[str], reason: int | None, expected: Outcome
) -> None:
    assert outcome_of(causes, statuses, reason) == expected
    assert outcome_of(reversed(causes), reversed(statuses), reason) == expected


@pytest.mark.parametrize(
    ("causes", "statuses", "reason", "expected"),
    [
        pytest.param([34], ["CONGESTION"], 8, Outcome.BROKEN_OFF, id="180-then-503"),
        pytest.param([1], ["NOANSWER"], 0, Outcome.BROKEN_OFF, id="180-then-404"),
        pytest.param([0, 17], ["BUSY"], 5, Outcome.REJECTED, id="180-then-486"),
        pytest.param([19], ["NOANSWER"], 3, Outcome.NO_ANSWER, id="180-then-480"),
        pytest.param([34, 19], [], None, Outcome.NO_ANSWER, id="second-trunk-rang"),
        pytest.param([16], ["CHANUNAVAIL"], None, Outcome.BROKEN_OFF, id="status-only"),
        pytest.param([], [], 5, Outcome.REJECTED, id="reason-only"),
    ],
)
def test_a_phone_that_rang_gives_the_same_end_another_meaning(
    causes: list[int], statuses: list[str], reason: int | None, expected: Outcome
) -> None:
    assert outcome_of(causes, statuses, reason, rang=True) == expected


def test_a_talk_is_cut_off_by_failing_lines_only() -> None:
    assert {27, 34, 38, 41, 42, 44, 47, 102} == LOST_IN_TALK


def test_every_outcome_of_the_tables_has_its_place_in_the_precedence() -> None:
    ends = {outcome for ending in ENDINGS.values() for outcome in (ending.before, ending.ringing)}
    assert {*ends, *RANG.values(), *DIAL_STATUSES.values(), *REASONS.values()} <= set(PRECEDENCE)
