"""What is older than it has to be kept goes, what somebody still needs stays, and the log holds."""

import pytest
from databases.centre import Centre, number
from pydantic import ValidationError
from sqlalchemy import text

from callbacks.refusals import Refusal
from dialer.db.queries import told_waits
from dialer.retention_settings import RetentionSettings
from dialer.services.calls.attempts import consume_attempt
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.evidence.decision_log import seal, verify
from dialer.services.evidence.retention import let_go

KEPT = RetentionSettings(attempts_d=400, notes_d=100, refusals_d=90, audit_d=800)


@pytest.fixture
def old(ready: Centre) -> Centre:
    """A centre with a talk, a refusal and a kept promise."""
    ready.talk(ready.dial())
    order = ready.open()
    add_do_not_call(ready.database, number(1), "asked", "anna", ready.now)
    assert isinstance(consume_attempt(ready.database, order.attempt, ready.now), Refusal)
    ready.promise(700)
    ready.talk(ready.dial())
    seal(ready.database, ready.now)
    return ready


def count(centre: Centre, table: str) -> int:
    with centre.database.read() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_nothing_goes_before_its_time(old: Centre) -> None:
    old.later(days=89)

    assert {0} == set(let_go(old.database, KEPT, old.now).values())


def test_refusals_go_first_and_the_log_still_holds_and_knows_their_rules(old: Centre) -> None:
    old.later(days=91)
    gone = let_go(old.database, KEPT, old.now)

    assert (1, 0) == (gone["refusals"], gone["attempts"])
    assert 0 == count(old, "refusal")
    assert () == verify(old.database).breaches
    with old.database.read() as tx:
        left = tx.execute(text("SELECT open_part FROM evidence WHERE kind = 'refusal'")).scalar_one()
    assert "dnc.listed" in left


def test_what_was_guessed_of_waits_goes_with_the_calls_it_was_guessed_of(old: Centre) -> None:
    with old.database.write() as tx:
        told_waits.keep(tx, "call-1", "support", asked_at=old.now, hour=11, guesses={})
    let_go(old.database, KEPT, old.later(days=399))
    assert 1 == count(old, "told_wait")

    let_go(old.database, KEPT, old.later(days=2))

    assert 0 == count(old, "told_wait")


def test_calls_and_promises_go_with_all_that_was_said_of_them(old: Centre) -> None:
    old.later(days=401)
    gone = let_go(old.database, KEPT, old.now)

    assert (3, 1) == (gone["attempts"], gone["promises"])
    assert [0, 0, 0, 0] == [
        count(old, table) for table in ("attempt", "disposition", "promise", "promise_step")
    ]
    assert () == verify(old.database).breaches


def test_the_log_is_cut_where_it_says_so_and_holds_from_there_on(old: Centre) -> None:
    kept = verify(old.database).head
    old.later(days=801)
    gone = let_go(old.database, KEPT, old.now)
    verdict = verify(old.database)

    assert gone["audit"] > 0
    assert () == verdict.breaches
    assert int(verdict.head.partition(":")[0]) > int(kept.partition(":")[0])
    assert verdict.entries < 6

    old.later(days=801)
    let_go(old.database, KEPT, old.now)
    assert () == verify(old.database).breaches


def test_more_than_was_said_to_be_cut_is_found(old: Centre) -> None:
    old.later(days=801)
    let_go(old.database, KEPT, old.now)
    with old.database.write() as tx:
        tx.execute(text("DELETE FROM evidence WHERE number = (SELECT min(number) FROM evidence)"))

    assert verify(old.database).breaches


def test_an_open_promise_and_a_call_on_its_way_stay_whatever_their_age(ready: Centre) -> None:
    ready.dial()
    ready.promise(700)
    ready.later(days=5000)
    let_go(ready.database, KEPT, ready.now)

    assert [1, 1] == [count(ready, table) for table in ("attempt", "promise")]


def test_what_is_set_to_nothing_is_kept_for_ever(old: Centre) -> None:
    old.later(days=10_000)
    for_ever = RetentionSettings(attempts_d=0, notes_d=0, refusals_d=0, audit_d=0)

    assert {0} == set(let_go(old.database, for_ever, old.now).values())


@pytest.mark.parametrize("values", [{"refusals_d": 30}, {"attempts_d": 0}, {"attempts_d": 2000}])
def test_a_time_shorter_than_rules_look_back_or_than_what_it_proves_is_refused(
    values: dict[str, int],
) -> None:
    with pytest.raises(ValidationError):
        RetentionSettings(**values)
