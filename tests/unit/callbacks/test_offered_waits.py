"""When it was somebody's turn, or would have been, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from callbacks.offered_waits import RangIn, turns_of

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def served(call: str, joined: float, taken: float, line: str = "pbx") -> RangIn:
    return RangIn(call=call, line=line, joined_at=at(joined), left_at=at(taken), served_at=at(taken))


def lost(joined: float, left: float) -> RangIn:
    return RangIn(call="lost", line="pbx", joined_at=at(joined), left_at=at(left), gave_up=True)


@pytest.mark.parametrize(
    ("case", "others", "turn"),
    [
        ("nobody was served after them", [], None),
        ("the next in line was", [served("b", 1, 9)], 9),
        ("one who joined before them says nothing", [served("a", -1, 7), served("b", 2, 12)], 12),
        ("nor one served before they left", [served("b", 1, 3), served("c", 2, 8)], 8),
        ("nor one in another line", [served("b", 1, 7, "north"), served("c", 2, 8)], 8),
        ("nor tomorrow", [served("b", 1, 9 + 24 * 60)], None),
    ],
)
def test_who_gave_up_would_have_been_served_with_the_first_who_joined_later(
    case: str, others: list[RangIn], turn: float | None
) -> None:
    found = turns_of([lost(0, 5), *others]).get("lost")

    assert found == (at(turn) if turn is not None else None), case


def test_who_was_served_was_served_then_and_who_waits_still_is_not_known() -> None:
    waits = RangIn(call="waits", line="pbx", joined_at=at(0))

    assert {"a": at(4)} == turns_of([served("a", 0, 4), waits])
