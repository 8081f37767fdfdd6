"""The decision log: sealed on both engines, and any change to it is found and named."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from databases.centre import Centre, number
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from callbacks.refusals import Refusal
from dialer.core.evidence.chain import EntryKind
from dialer.db.queries import audit
from dialer.services.calls.attempts import consume_attempt
from dialer.services.customers.suppression import add_do_not_call, remove_do_not_call
from dialer.services.evidence.decision_log import ChainCheck, LoggedDecision, read_log, seal, verify
from telephony.calls.events import Outcome

ZEROS: Final = "0" * 64


@pytest.fixture
def logged(ready: Centre) -> Centre:
    """A centre whose log has acts, a permit and a refusal."""
    ready.finish(ready.dial(), Outcome.NO_ANSWER)
    order = ready.open()
    add_do_not_call(ready.database, number(1), "asked on the phone", "anna", ready.now)
    add_do_not_call(ready.database, number(50), "wrote a letter", "bo", ready.now)
    assert isinstance(consume_attempt(ready.database, order.attempt, ready.now), Refusal)
    remove_do_not_call(ready.database, number(50), "bo", ready.now)
    seal(ready.database, ready.now)
    return ready


def looked_over(centre: Centre) -> ChainCheck:
    return verify(centre.database)


def log_of(centre: Centre) -> list[LoggedDecision]:
    return list(read_log(centre.database, None, None, None))


def meddle(centre: Centre, *statements: str) -> None:
    """Change the tables behind Winback's back."""
    with centre.database.write() as tx:
        for statement in statements:
            tx.execute(text(statement))


def test_acts_permits_and_refusals_are_in_the_log_with_what_they_say(logged: Centre) -> None:
    entries = log_of(logged)

    assert [1, 2, 3, 4, 5, 6, 7] == [entry.number for entry in entries]
    assert {"campaign.created", "campaign.start", "do-not-call.added", "do-not-call.removed"} == {
        entry.what for entry in entries if entry.kind is EntryKind.ACT
    }
    (permit,) = [entry for entry in entries if entry.kind is EntryKind.PERMIT]
    (refusal,) = [entry for entry in entries if entry.kind is EntryKind.REFUSAL]
    assert (number(0), "dnc.listed", number(1)) == (permit.whom, refusal.what, refusal.whom)
    assert () == looked_over(logged).breaches


def rewrite(table: str, where: str, change: str) -> tuple[str, ...]:
    """Statements that change rows of a table which takes no change: away with them, and back in, changed."""
    return (
        f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {table} WHERE {where}",
        f"DELETE FROM {table} WHERE {where}",
        f"UPDATE kept SET {change}",
        f"INSERT INTO {table} SELECT * FROM kept",
        "DROP TABLE kept",
    )


def copy_of_an_act() -> str:
    return (
        "INSERT INTO audit (id, at, actor, action, subject, details) "
        "SELECT 99, at, 'eve', action, subject, details FROM audit WHERE action = 'campaign.start'"
    )


ADDED: Final = "action = 'do-not-call.added' AND actor = 'anna'"


@pytest.mark.parametrize(
    "statements",
    [
        rewrite("audit", ADDED, "actor = 'somebody else'"),
        rewrite("audit", ADDED, f"subject = '{number(88)}'"),
        rewrite("audit", ADDED, 'details = \'{"reason": "none"}\''),
        (f"DELETE FROM audit WHERE {ADDED}",),
        ("DELETE FROM audit WHERE action = 'do-not-call.removed'",),
        (copy_of_an_act(),),
        ("UPDATE refusal SET rule = 'hours.closed'",),
        (f"UPDATE refusal SET e164 = '{number(88)}'",),
        ("DELETE FROM refusal",),
        (f"UPDATE attempt SET e164 = '{number(88)}' WHERE outcome = 'no_answer'",),
        rewrite("evidence", "number = 3", "open_part = replace(open_part, 'anna', 'bert')"),
        rewrite("evidence", "number = 1", "campaign_id = NULL"),
        (*rewrite("evidence", "number IN (3, 4)", "number = 7 - number"),),
        ("UPDATE evidence SET salt = NULL WHERE number = 4",),
        ("DELETE FROM evidence WHERE number = 3",),
        ("DELETE FROM evidence WHERE number = 7",),
        ("DELETE FROM evidence",),
    ],
)
def test_whatever_is_changed_taken_out_put_in_or_reordered_is_found(
    logged: Centre, statements: tuple[str, ...]
) -> None:
    meddle(logged, *statements)

    assert looked_over(logged).breaches


def test_the_first_entry_that_is_broken_is_named(logged: Centre) -> None:
    meddle(logged, f"DELETE FROM audit WHERE {ADDED}", "DELETE FROM evidence WHERE number = 6")

    assert [3, 6] == [breach.number for breach in looked_over(logged).breaches[:2]]


def test_the_log_itself_takes_no_change(logged: Centre) -> None:
    with pytest.raises(DBAPIError, match="only added to"), logged.database.write() as tx:
        tx.execute(text("UPDATE evidence SET digest = commitment"))


def test_a_refusal_written_in_later_under_an_earlier_time_is_found(logged: Centre) -> None:
    began = logged.now
    logged.later(hours=1)
    seal(logged.database, logged.now)
    with logged.database.write() as tx:
        tx.execute(
            text("INSERT INTO refusal (id, at, rule, e164) SELECT 77, at, 'hours.closed', e164 FROM refusal"),
        )

    assert began < logged.now
    assert "written in later" in looked_over(logged).breaches[-1].what


def test_a_log_that_was_written_anew_as_a_whole_is_told_by_a_head_that_was_kept(logged: Centre) -> None:
    kept = looked_over(logged).head
    meddle(
        logged,
        "DELETE FROM evidence",
        "UPDATE evidence_head SET number = 0, digest = '" + ZEROS + "', acts_before = 99, began_at = NULL",
    )

    assert () == looked_over(logged).breaches
    assert verify(logged.database, expected=kept).breaches


def test_a_head_that_was_kept_is_still_in_a_log_that_has_grown(logged: Centre) -> None:
    kept = looked_over(logged).head
    add_do_not_call(logged.database, number(60), "wrote a letter", "bo", logged.now)

    assert () == verify(logged.database, expected=kept).breaches


def test_many_who_act_at_once_make_one_chain(ready: Centre) -> None:
    def act(index: int) -> None:
        add_do_not_call(ready.database, number(100 + index), "asked", "anna", ready.now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(24)))

    assert () == looked_over(ready).breaches
    assert 26 == looked_over(ready).entries


def test_what_is_rolled_back_leaves_no_entry(ready: Centre) -> None:
    before = looked_over(ready).entries
    with pytest.raises(ZeroDivisionError), ready.database.write() as tx:
        audit.add(tx, ready.now, "anna", "do-not-call.added", number(5), {"at": 1 / 0})

    assert before == looked_over(ready).entries


def test_sealing_twice_seals_nothing_twice(logged: Centre) -> None:
    logged.later(minutes=2)

    assert (0, 0) == (seal(logged.database, logged.now), seal(logged.database, logged.now))
    assert 7 == looked_over(logged).entries


def test_in_a_new_house_no_act_is_older_than_the_log(logged: Centre) -> None:
    assert 0 == looked_over(logged).unproven


def test_acts_from_before_the_log_are_said_to_be_unproven(ready: Centre) -> None:
    meddle(
        ready,
        "DELETE FROM evidence",
        "UPDATE evidence_head SET number = 0, digest = '" + ZEROS + "', acts_before = 2, began_at = NULL",
    )

    assert (2, 0, ()) == (
        looked_over(ready).unproven,
        looked_over(ready).entries,
        looked_over(ready).breaches,
    )


def test_a_campaigns_log_has_what_is_about_it_alone(logged: Centre) -> None:
    logged.campaign("summer", started=False)
    with logged.database.read() as tx:
        first = tx.execute(text("SELECT id FROM campaign WHERE name = 'winter'")).scalar_one()
    whats = sorted(entry.what for entry in read_log(logged.database, first, None, None))

    assert ["", "campaign.created", "campaign.start", "dnc.listed"] == whats
