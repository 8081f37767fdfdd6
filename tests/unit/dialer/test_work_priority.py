"""The order of work."""

from datetime import UTC, datetime, timedelta

from dialer.core.calling.work_priority import DueLead, DuePromise, by_rank, in_turn

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_promises_come_by_the_moment_their_callers_joined() -> None:
    late = DuePromise(promise=1, virtual_join=NOON)
    early = DuePromise(promise=9, virtual_join=NOON - timedelta(seconds=1))
    same = DuePromise(promise=2, virtual_join=NOON)

    assert (early, late, same) == in_turn([same, late, early])


def test_leads_come_by_rank_and_lists_in_turn() -> None:
    first = [DueLead(lead=index, campaign=1, rank=index) for index in (1, 2)]
    second = [DueLead(lead=10 + index, campaign=2, rank=index) for index in (1, 2)]

    assert [1, 11, 2, 12] == [due.lead for due in by_rank([*second, *first])]


def test_a_call_agreed_on_comes_before_every_rank() -> None:
    agreed = DueLead(lead=5, campaign=1, rank=500, asked_again=True)
    best = DueLead(lead=1, campaign=1, rank=1, value=900.0)

    assert (agreed, best) == by_rank([best, agreed])
