"""Long lists are counted more rarely than short ones."""

import pytest

from dialer.core.calling.campaign import LeadState
from dialer.db.queries import leads
from dialer.services.dashboard.list_counts import SHARE, ListCounts


def test_counting_takes_no_more_than_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, counted, takes_s = [0.0], [0], 0.25

    def count(_tx: object) -> dict[LeadState, int]:
        now[0] += takes_s
        counted[0] += 1
        return {LeadState.LISTED: counted[0]}

    monkeypatch.setattr(leads, "counts_by_state", count)
    counts = ListCounts(lambda: now[0])
    told = []
    for _ in range(60):  # a page follows the floor for a minute
        told.append(counts.of(None)[LeadState.LISTED])  # type: ignore[arg-type] # nothing is read
        now[0] += 1.0

    assert now[0] * SHARE >= (counted[0] - 1) * takes_s
    assert told == sorted(told)
    assert told[-1] == counted[0] > 60 * SHARE / takes_s - 2, "and no more rarely than that"


def test_a_short_list_is_counted_whenever_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [0]

    def count(_tx: object) -> dict[LeadState, int]:
        counted[0] += 1
        return {LeadState.LISTED: counted[0]}

    monkeypatch.setattr(leads, "counts_by_state", count)
    counts = ListCounts(lambda: 7.0)  # it takes no time at all

    assert [1, 2] == [counts.of(None)[LeadState.LISTED] for _ in range(2)]  # type: ignore[arg-type] # nothing is read
