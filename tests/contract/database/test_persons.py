"""What a person may ask for: to see everything, to be left alone, to be corrected, to be forgotten."""

import json
from pathlib import Path
from typing import Any

import pytest
from databases.centre import Centre, number
from sqlalchemy import select, text

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.rulebook import Purpose
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.base import Base
from dialer.db.models import Attempt, Audit
from dialer.services.calls.attempts import consume_attempt
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.person_rights import (
    CallOnItsWay,
    UnknownPerson,
    erase_person,
    export_person,
    lift_restriction,
    rectify_person,
    restrict_person,
)
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.evidence.decision_log import read_log, seal, verify
from dialer.services.promises.promises import PromiseRequest, make_promise
from telephony.calls.events import Outcome

NAME = "Marguerite Duras"
RECORDINGS_ERASED = select(Audit).where(Audit.action == "recording.erased")


@pytest.fixture
def known(centre: Centre) -> Centre:
    """A customer who was called, refused once, and was promised a call; and another one."""
    centre.customers(1, name=NAME, household="h1")
    centre.customers(1, start=1)
    centre.campaign()
    order = centre.dial()
    centre.talk(order)
    add_do_not_call(centre.database, number(0), f"{NAME} wrote", "anna", centre.now)
    centre.promise(0)
    seal(centre.database, centre.now)
    return centre


def everything(centre: Centre) -> str:
    """All rows of all tables as one text."""
    with centre.database.read() as tx:
        return json.dumps(
            [
                dict(row)
                for table in Base.metadata.sorted_tables
                for row in tx.execute(select(table)).mappings()
            ],
            default=str,
        )


def test_a_person_sees_every_table_that_knows_them_and_nobody_else(known: Centre) -> None:
    found = export_person(known.database, "c0")

    assert {"attempt", "audit", "customer", "customer_number", "do_not_call", "lead", "promise"} <= set(found)
    assert NAME in json.dumps(found, default=str)
    assert number(1) not in json.dumps(found, default=str)


def test_an_erased_person_is_in_no_table_and_the_log_still_holds(known: Centre, tmp_path: Path) -> None:
    assert number(0) in everything(known)

    done = erase_person(known.database, tmp_path, "c0", "anna", known.now)
    left = everything(known)

    assert number(0).removeprefix("+") not in left
    assert NAME not in left
    assert '"c0"' not in left
    assert done.entries > 0
    verdict = verify(known.database)
    assert () == verdict.breaches
    assert done.entries == verdict.erased


def test_an_erased_persons_recordings_are_deleted_and_nobody_elses(known: Centre, tmp_path: Path) -> None:
    with known.database.read() as tx:
        attempt = tx.scalars(select(Attempt.id)).one()
    folder = tmp_path / "winback"
    folder.mkdir()
    (theirs, others) = (folder / f"{attempt}.wav", folder / "1700000000.1.wav")
    for recording in (theirs, others):
        recording.write_bytes(b"RIFF")

    done = erase_person(known.database, tmp_path, "c0", "anna", known.now, recordings=folder)

    assert [others] == list(folder.iterdir())
    assert (1, ()) == (done.recordings, done.calls_on_the_pbx)
    assert "Recordings deleted: 1." in done.sentences
    with known.database.read() as tx:
        assert ["1 recordings"] == [act.subject for act in tx.scalars(RECORDINGS_ERASED)]


def test_what_was_decided_is_still_shown_after_an_erasure_of_nobody(known: Centre, tmp_path: Path) -> None:
    before = [entry.what for entry in read_log(known.database, None, None, None)]
    erase_person(known.database, tmp_path, "c0", "anna", known.now)
    after = list(read_log(known.database, None, None, None))

    assert before == [entry.what for entry in after][: len(before)]
    assert not [entry for entry in after if number(0) in entry.whom + entry.said]


def test_calls_stay_counted_when_their_person_is_gone(known: Centre, tmp_path: Path) -> None:
    erase_person(known.database, tmp_path, "c0", "anna", known.now)

    with known.database.read() as tx:
        calls = tx.scalars(select(Attempt)).all()
    assert ["erased"] == [call.e164 for call in calls]
    assert calls[0].connected_at is not None


def test_an_objection_binds_the_next_file_that_brings_the_same_number(known: Centre, tmp_path: Path) -> None:
    erase_person(known.database, tmp_path, "c0", "anna", known.now)
    store_customers(known.database, [CustomerRow(external_id="new", numbers=(number(0),))], known.now)
    known.campaign("again")
    known.later(days=1)
    tried = [known.try_open(work) for work in known.work()[1]]

    assert Rule.DNC_LISTED in {no.rule for no in tried if isinstance(no, Refusal)}


def test_an_objection_of_the_person_binds_under_a_new_number_too(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1, prohibition=Prohibited(kind=ProhibitionKind.OBJECTION, column="dnc", said="yes"))
    erase_person(centre.database, tmp_path, "c0", "anna", centre.now)
    store_customers(centre.database, [CustomerRow(external_id="c0", numbers=(number(70),))], centre.now)
    centre.campaign()
    (work,) = centre.work()[1]
    refused = centre.try_open(work)

    assert isinstance(refused, Refusal)
    assert Rule.DNC_LISTED is refused.rule


def test_a_number_that_another_customer_has_too_stays_theirs(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1, name=NAME)
    centre.customers(1, start=1, numbers=(number(0),))
    add_do_not_call(centre.database, number(0), "asked", "anna", centre.now)

    assert 1 == erase_person(centre.database, tmp_path, "c0", "anna", centre.now).shared
    with centre.database.read() as tx:
        assert 1 == tx.execute(text("SELECT count(*) FROM do_not_call")).scalar_one()


def test_nobody_is_erased_during_a_call_with_them(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()

    with pytest.raises(CallOnItsWay):
        erase_person(centre.database, tmp_path, "c0", "anna", centre.now)
    centre.finish(order, Outcome.NO_ANSWER)

    assert 1 == erase_person(centre.database, tmp_path, "c0", "anna", centre.now).calls


def test_the_files_beside_the_database_lose_the_number_byte_by_byte(known: Centre, tmp_path: Path) -> None:
    journal = tmp_path / "dialled" / "2026-11-23.jsonl"
    journal.parent.mkdir()
    journal.write_text(f'{{"e164": "{number(0)}"}}\n{{"e164": "{number(1)}"}}\n')
    size = journal.stat().st_size
    done = erase_person(known.database, tmp_path, "c0", "anna", known.now)

    assert (str(journal),) == done.files
    assert number(0) not in journal.read_text()
    assert number(1) in journal.read_text()
    assert size == journal.stat().st_size


def test_nothing_of_an_erased_person_can_be_read_in_the_files_of_sqlite(
    known: Centre, tmp_path: Path
) -> None:
    if known.database.engine.dialect.name != "sqlite":
        return
    file = Path(known.database.url.removeprefix("sqlite:///"))
    erase_person(known.database, tmp_path, "c0", "anna", known.now)

    assert not [path for path in file.parent.glob(file.name + "*") if NAME.encode() in path.read_bytes()]


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.SERVICE])
def test_a_restricted_person_is_rung_for_no_purpose_until_it_is_lifted(
    centre: Centre, purpose: Purpose
) -> None:
    centre.customers(1)
    centre.campaign(purpose=purpose)
    (work,) = centre.work()[1]
    order = centre.open(work)
    assert restrict_person(centre.database, "c0", "says the data are wrong", "anna", centre.now)
    refused = consume_attempt(centre.database, order.attempt, centre.now)

    assert isinstance(refused, Refusal)
    assert Rule.PERSON_RESTRICTED is refused.rule
    assert not restrict_person(centre.database, "c0", "again", "anna", centre.now)

    assert lift_restriction(centre.database, "c0", "they were right", "anna", centre.now)
    centre.later(days=1)
    centre.dial()


def test_a_restricted_person_is_promised_no_call_and_one_promised_before_is_not_made(
    centre: Centre,
) -> None:
    centre.customers(1)
    centre.promise(0)
    (work,) = centre.work()[0]
    restrict_person(centre.database, "c0", "says the data are wrong", "anna", centre.now)
    refused = centre.try_open(work)
    again = make_promise(
        centre.database,
        PromiseRequest(e164=number(0), queue="support", source_call="x", virtual_join=centre.now),
        centre.now,
    )

    assert isinstance(refused, Refusal)
    assert isinstance(again, Refusal)
    assert (Rule.PERSON_RESTRICTED, Rule.PERSON_RESTRICTED) == (refused.rule, again.rule)


def test_what_is_corrected_is_said_with_what_was_there_before(centre: Centre) -> None:
    centre.customers(1)
    changes: dict[str, Any] = {"name": NAME, "numbers": (number(40),)}

    assert rectify_person(centre.database, "c0", changes, "anna", centre.now)
    assert not rectify_person(centre.database, "c0", changes, "anna", centre.now)
    found = export_person(centre.database, "c0")
    assert [NAME] == [row["name"] for row in found["customer"]]
    assert [number(40)] == [row["e164"] for row in found["customer_number"]]
    assert "Customer 0" in json.dumps(found["audit"], default=str)


def test_nobody_can_be_asked_for_who_is_not_there(centre: Centre) -> None:
    with pytest.raises(UnknownPerson):
        export_person(centre.database, "nobody")


def test_every_table_that_can_hold_a_person_is_taken_care_of_at_an_erasure(centre: Centre) -> None:
    """A new table with such a column belongs into `queries.persons`, and then here."""
    cared_for = {
        *(
            "assignment",
            "attempt",
            "callback_block",
            "callback_wish",
            "churn_label",
            "customer_number",
            "customer_snapshot",
        ),
        *(
            "do_not_call",
            "inbound_call",
            "lead",
            "note_draft",
            "prohibition",
            "promise",
            "refusal",
            "remember_line",
            "restriction",
            "score",
        ),
        *("outbox_message", "set_aside_fact", "source_member", "survey", "wrong_number"),
    }
    holding = {
        table.name
        for table in Base.metadata.sorted_tables
        if {"customer_id", "e164", "note"} & set(table.c.keys())
    }

    assert centre.database
    assert holding - {"disposition"} <= cared_for
