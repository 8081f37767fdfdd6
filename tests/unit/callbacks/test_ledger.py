"""The ledger adds up by day and queue, and whatever does not is named."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from callbacks.ledger import PromiseRecord, audit_ledger, fault_of
from callbacks.lifecycle import PromiseState

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPEN = PromiseRecord(
    promise=1,
    queue="support",
    made_at=NOON,
    state=PromiseState.WAITING,
    ended_at=None,
    begun=1,
    ends=0,
    last_state=PromiseState.WAITING,
)
KEPT = replace(OPEN, promise=2, state=PromiseState.KEPT, last_state=PromiseState.KEPT, ends=1, ended_at=NOON)


def test_promises_are_summed_by_the_day_they_were_made_on_the_centres_clock_and_by_queue() -> None:
    late = replace(KEPT, promise=3, made_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    sales = replace(OPEN, promise=4, queue="sales")

    audit = audit_ledger([late, OPEN, KEPT, sales], "Europe/Oslo")

    assert audit.adds_up
    assert [(line.day, line.queue, line.made, line.kept, line.open) for line in audit.lines] == [
        (date(2026, 11, 23), "sales", 1, 0, 1),
        (date(2026, 11, 23), "support", 2, 1, 1),
        (date(2026, 11, 24), "support", 1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (replace(OPEN, begun=0, last_state=None), "its history has no beginning"),
        (replace(OPEN, begun=2), "it was begun more than once"),
        (replace(KEPT, ends=2), "it ended more than once"),
        (
            replace(KEPT, ends=0, last_state=PromiseState.CONNECTED),
            "it is kept, and its history says connected",
        ),
        (replace(OPEN, ends=1, last_state=PromiseState.KEPT), "it is waiting, and its history says kept"),
        (replace(KEPT, ended_at=None), "it is over and has no time of its end"),
        (replace(OPEN, ended_at=NOON), "it is open and has a time of its end"),
        (replace(OPEN, state=None), "its history is there and it is not"),
        (replace(OPEN, stuck=True), "nothing would ever move it"),
    ],
)
def test_a_promise_that_does_not_add_up_is_named_with_what_is_wrong(broken: PromiseRecord, what: str) -> None:
    assert fault_of(broken) == what
    audit = audit_ledger([KEPT, broken], "UTC")
    assert [fault.what for fault in audit.faults] == [what]
    assert not audit.adds_up


def test_row_and_history_that_differ_set_the_sums_apart_even_where_two_faults_make_up_for_each_other() -> (
    None
):
    lost = replace(OPEN, state=None)
    unwritten = replace(OPEN, promise=9, begun=0, last_state=None)

    audit = audit_ledger([lost, unwritten], "UTC")

    assert audit.error == 0
    assert [fault.promise for fault in audit.faults] == [1, 9]
    assert not audit.adds_up
