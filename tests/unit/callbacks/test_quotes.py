"""What callers were told is held against what came of it, and nothing is counted as held too soon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.quotes import Quote, QuoteEnd, QuoteScore, end_of, score_quotes

SAID = datetime(2026, 11, 20, 12, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return SAID + timedelta(minutes=minutes)


TOLD = Quote(said_from=after(20), said_until=after(30))


@pytest.mark.parametrize(
    ("quote", "now", "end"),
    [
        (replace(TOLD, called_at=after(20)), after(40), QuoteEnd.WITHIN),
        (replace(TOLD, called_at=after(30)), after(40), QuoteEnd.WITHIN),
        (replace(TOLD, called_at=after(19)), after(40), QuoteEnd.EARLY),
        (replace(TOLD, called_at=after(31)), after(40), QuoteEnd.LATE),
        (TOLD, after(30), QuoteEnd.WAITING),
        (TOLD, after(31), QuoteEnd.LATE),
        (replace(TOLD, ended_at=after(10)), after(40), QuoteEnd.WITHDRAWN),
        (replace(TOLD, ended_at=after(35)), after(40), QuoteEnd.LATE),
    ],
)
def test_a_quote_holds_only_where_the_first_call_came_inside_it(
    quote: Quote, now: datetime, end: QuoteEnd
) -> None:
    assert end_of(quote, now) is end


def test_kept_within_takes_the_talk_inside_too() -> None:
    at_once = replace(TOLD, called_at=after(21), kept_at=after(21), ended_at=after(25))
    second_try = replace(TOLD, called_at=after(21), kept_at=after(33), ended_at=after(36))
    score = score_quotes(
        [at_once, second_try, replace(TOLD, called_at=after(5), kept_at=after(21))], after(50)
    )

    assert QuoteScore(within=2, early=1, kept=1) == score
    assert score.share == pytest.approx(2 / 3)
    assert score.kept_share == pytest.approx(1 / 3)


def test_what_is_not_known_yet_is_not_in_the_share() -> None:
    score = score_quotes([TOLD, replace(TOLD, ended_at=after(1))], after(2))

    assert (score.known, score.share, score.kept_share) == (0, None, None)
