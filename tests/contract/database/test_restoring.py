"""A database from an older copy: what was dialled since is seen, and taken in before anybody is called."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases.centre import MONDAY, PBX, Centre, attempt_of, lead_of
from sqlalchemy import delete, update

from callbacks.lifecycle import PromiseState
from dialer.core.calling.campaign import LeadState
from dialer.db.models import Attempt, Lead, Promise
from dialer.services.calls.attempt_journal import Journal, newest_dialled, read_dialled
from dialer.services.calls.call_records import read_cdr
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.calls.restore_gap import see_gap, take_in, unseen_gap
from telephony.calls.events import Connected, Finished, Outcome

SPACING = timedelta(hours=4)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """What an engine notes of its calls."""
    opened = Journal(tmp_path, PBX)
    yield opened
    opened.close()


def dialled(centre: Centre, journal: Journal, *, talk_s: float | None, ends: bool = True) -> AttemptOrder:
    """One call as the engine places and hears it."""
    order = centre.dial()
    journal.placed(order, centre.now)
    if talk_s is not None:
        centre.connect(order)
        journal.heard(Connected(attempt=order.attempt, at=centre.now, agent="anna", waited_s=0.4))
        centre.later(seconds=talk_s)
    if ends:
        outcome = Outcome.NO_ANSWER if talk_s is None else Outcome.CONNECTED
        fact = Finished(
            attempt=order.attempt, at=centre.now, outcome=outcome, talk_s=talk_s or 0.0, agent="anna"
        )
        centre.finish(order, outcome, talk_s or 0.0)
        journal.heard(fact)
    return order


def restore_to(centre: Centre) -> None:
    """The database as it was before anything was dialled."""
    with centre.database.write() as tx:
        tx.execute(delete(Attempt))
        tx.execute(update(Lead).values(state=LeadState.LISTED, attempts_made=0, next_at=MONDAY))
        tx.execute(update(Promise).values(state=PromiseState.WAITING, ended_at=None, end_reason=None))
        tx.execute(update(Promise).values(next_action_at=MONDAY, attempts_made=0))


def test_calls_that_the_database_does_not_know_are_a_gap_until_a_person_saw_it(
    ready: Centre, journal: Journal, tmp_path: Path
) -> None:
    orders = [dialled(ready, journal, talk_s=None) for _ in range(3)]
    assert frozenset() == unseen_gap(ready.database, newest_dialled(tmp_path))
    restore_to(ready)

    missing = unseen_gap(ready.database, newest_dialled(tmp_path))
    see_gap(ready.database, missing, ready.now, "test")

    assert {order.attempt for order in orders} == missing
    assert frozenset() == unseen_gap(ready.database, newest_dialled(tmp_path))


def test_what_was_dialled_since_the_copy_is_taken_in_with_what_came_of_it(
    ready: Centre, journal: Journal, tmp_path: Path
) -> None:
    talk = dialled(ready, journal, talk_s=90.0)
    rung = dialled(ready, journal, talk_s=None)
    cut = dialled(ready, journal, talk_s=None, ends=False)
    rung_at = ready.now
    restore_to(ready)

    done = take_in(ready.database, read_dialled(tmp_path), ready.now, "test")
    again = take_in(ready.database, read_dialled(tmp_path), ready.now, "test")

    assert (3, 0) == (len(done.taken_in), len(done.without_reason))
    assert ((), ()) == (again.taken_in, again.without_reason)
    assert (Outcome.CONNECTED, 90.0) == (attempt_of(ready, talk).outcome, attempt_of(ready, talk).talk_s)
    assert LeadState.DONE is lead_of(ready, talk).state
    assert Outcome.NO_ANSWER is attempt_of(ready, rung).outcome
    assert Outcome.UNKNOWN is attempt_of(ready, cut).outcome
    for order in (rung, cut):
        assert lead_of(ready, order).next_at >= rung_at + SPACING
        assert 1 == lead_of(ready, order).attempts_made
    called = {order.lead for order in (talk, rung, cut)}
    assert called.isdisjoint(work.lead for work in ready.work()[1])
    assert frozenset() == unseen_gap(ready.database, newest_dialled(tmp_path))


def test_a_promise_that_was_kept_since_the_copy_is_kept(
    centre: Centre, journal: Journal, tmp_path: Path
) -> None:
    centre.promise()
    order = dialled(centre, journal, talk_s=60.0)
    restore_to(centre)

    take_in(centre.database, read_dialled(tmp_path), centre.now, "test")

    with centre.database.read() as tx:
        assert PromiseState.KEPT is tx.get_one(Promise, order.promise).state
    assert ((), ()) == centre.work()


def test_a_call_for_a_list_that_the_database_does_not_know_is_told(
    ready: Centre, journal: Journal, tmp_path: Path
) -> None:
    order = dialled(ready, journal, talk_s=None)
    with ready.database.write() as tx:
        tx.execute(delete(Attempt))
        tx.execute(delete(Lead))

    done = take_in(ready.database, read_dialled(tmp_path), ready.now, "test")

    assert [order.attempt] == [call.attempt for call in done.without_reason]
    assert {order.attempt} == unseen_gap(ready.database, newest_dialled(tmp_path))


def test_asterisks_records_tell_what_no_note_has(ready: Centre, tmp_path: Path) -> None:
    orders = [ready.dial() for _ in range(2)]
    for order in orders:
        ready.finish(order, Outcome.NO_ANSWER)
    restore_to(ready)
    file = tmp_path / "Master.csv"
    file.write_text("".join(record(order, ready, s) for order, s in zip(orders, (75, 0), strict=True)))

    done = take_in(ready.database, read_cdr(file, PBX), ready.now, "test")

    assert 2 == len(done.taken_in)
    assert [LeadState.DONE, LeadState.LISTED] == [lead_of(ready, order).state for order in orders]
    assert {order.lead for order in orders}.isdisjoint(work.lead for work in ready.work()[1])


def test_a_promise_whose_call_is_on_asterisks_record_alone_is_not_rung_again(
    centre: Centre, tmp_path: Path
) -> None:
    centre.promise()
    order = centre.dial()
    centre.connect(order)
    centre.later(seconds=75)
    centre.finish(order, Outcome.CONNECTED, 75.0)
    restore_to(centre)
    file = tmp_path / "Master.csv"
    file.write_text(record(order, centre, 75))

    done = take_in(centre.database, read_cdr(file, PBX), centre.now, "test")

    assert [order.attempt] == [call.attempt for call in done.taken_in]
    with centre.database.read() as tx:
        assert PromiseState.KEPT is tx.get_one(Promise, order.promise).state
    assert ((), ()) == centre.work()


def test_a_call_on_record_from_before_a_promise_was_made_is_none_of_its_calls(
    centre: Centre, tmp_path: Path
) -> None:
    centre.promise()
    order = centre.dial()
    centre.finish(order, Outcome.NO_ANSWER)
    restore_to(centre)
    file = tmp_path / "Master.csv"
    centre.later(hours=-1)
    file.write_text(record(order, centre, 75))

    done = take_in(centre.database, read_cdr(file, PBX), centre.now, "test")

    assert [order.attempt] == [call.attempt for call in done.without_reason]
    with centre.database.read() as tx:
        assert PromiseState.WAITING is tx.get_one(Promise, order.promise).state


def test_a_line_that_a_crash_cut_off_hides_no_other(ready: Centre, journal: Journal, tmp_path: Path) -> None:
    dialled(ready, journal, talk_s=None)
    journal.close()
    (file,) = (tmp_path / "dialled").iterdir()
    file.write_text(file.read_text() + '{"at": "2026-11-23T11:0')

    assert 1 == len(read_dialled(tmp_path)) == len(newest_dialled(tmp_path))


def record(order: AttemptOrder, centre: Centre, billed_s: int) -> str:
    """A record of the leg to the trunk, as cdr_csv writes it."""
    at = f"{centre.now:%Y-%m-%d %H:%M:%S}"
    digits = order.e164.removeprefix("+")
    cells = [
        "", "", order.attempt, "winback-out", "", f"Local/{order.attempt}@winback-out-00000001;2",
        "PJSIP/main-00000001", "Dial", f"PJSIP/{digits}@main,30,g", at, at if billed_s else "", at,
        str(billed_s), str(billed_s), "ANSWERED" if billed_s else "NO ANSWER", "DOCUMENTATION",
        order.attempt, "",
    ]  # fmt: skip
    return ",".join(f'"{cell}"' for cell in cells) + "\n"
