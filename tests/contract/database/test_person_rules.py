"""What somebody said holds for the person: for every number, every file and every record of theirs."""

from typing import Any

import pytest
from databases.centre import Centre, attempt_of, lead_of, number
from sqlalchemy import select

from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Audit, Customer, CustomerNumber, Lead
from dialer.services.agents.corrections import take_back
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.explanations import explain_person
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.customers import CustomerRow, Stored, store_customers
from dialer.services.customers.persons import find_persons, person_card
from dialer.services.customers.suppression import allow_person, remove_do_not_call

FIRST, SECOND, THIRD, LATER = (number(index) for index in range(4))


def store(centre: Centre, who: str, *numbers: str, **values: Any) -> Stored:
    row = CustomerRow(**{"external_id": who, "name": who, "numbers": numbers, **values})
    return store_customers(centre.database, [row], centre.later(minutes=1))


def talk(centre: Centre, word: Disposition) -> AttemptOrder:
    """Ring whoever comes first, talk, and write down what came of it."""
    order = centre.dial()
    centre.talk(order)
    record_disposition(centre.database, "anna", order.attempt, word, "", None, centre.now)
    return order


def refusing(centre: Centre, who: str) -> set[str]:
    """Every rule that stands in the way of any call to somebody."""
    people = explain_person(centre.database, who, centre.now, region="GB")
    return {rule.rule.value for each in people for call in each.calls for rule in call.rules if rule.refuses}


def numbers_of(centre: Centre, who: str) -> list[str]:
    with centre.database.read() as tx:
        chosen = select(CustomerNumber.e164).join(Customer, Customer.id == CustomerNumber.customer_id)
        return list(tx.scalars(chosen.where(Customer.external_id == who).order_by(CustomerNumber.position)))


def card(centre: Centre, who: str) -> Any:
    (customer,) = find_persons(centre.database, who, "GB")
    return person_card(centre.database, customer)


def test_who_objects_on_one_of_three_numbers_is_rung_on_none_nor_on_a_number_of_a_later_file(
    centre: Centre,
) -> None:
    store(centre, "ann", FIRST, SECOND, THIRD)
    centre.campaign()
    talk(centre, Disposition.OPT_OUT)
    store(centre, "ann", LATER)
    centre.campaign("spring")
    centre.later(days=1)

    assert ((), ()) == centre.work()
    assert "dnc.person" in refusing(centre, LATER)
    put_off = card(centre, "ann").put_off
    assert put_off is not None
    assert ("objection", "agent anna") == (put_off.kind, put_off.source)
    for e164 in (FIRST, SECOND, THIRD):
        assert {"dnc.listed"} <= refusing(centre, e164)


def test_an_objection_is_undone_by_staff_with_a_reason_and_by_no_file(centre: Centre) -> None:
    store(centre, "ann", FIRST)
    centre.campaign()
    talk(centre, Disposition.OPT_OUT)
    store(centre, "ann", LATER, attributes={"consent": "yes"})
    assert "dnc.person" in refusing(centre, "ann")

    assert allow_person(centre.database, "ann", "staff", "asked for an offer", centre.now)
    remove_do_not_call(centre.database, FIRST, "staff", centre.now)

    assert {"dnc.person", "dnc.listed"}.isdisjoint(refusing(centre, "ann"))
    with centre.database.read() as tx:
        (entry,) = tx.scalars(select(Audit).where(Audit.action == "person.allowed"))
    assert {"reason": "asked for an offer"} == entry.details


def test_a_word_taken_back_takes_the_objection_back_and_nothing_that_a_file_said(centre: Centre) -> None:
    store(centre, "ann", FIRST, SECOND)
    centre.campaign()
    order = talk(centre, Disposition.OPT_OUT)

    take_back(centre.database, "anna", order.attempt, centre.now)

    assert card(centre, "ann").put_off is None
    assert "dnc.listed" not in refusing(centre, "ann")


def test_the_same_person_under_two_ids_objects_once(centre: Centre) -> None:
    store(centre, "old", FIRST, name="Ann  Ashe")
    store(centre, "new", FIRST, SECOND, name="ann ashe")
    centre.campaign()
    order = talk(centre, Disposition.OPT_OUT)
    store(centre, "new", LATER, name="Ann Ashe")

    assert "dnc.person" in refusing(centre, "new")
    assert "dnc.listed" in refusing(centre, SECOND)
    take_back(centre.database, "anna", order.attempt, centre.now)


def test_one_of_a_couple_objects_for_the_number_they_share_and_for_nobody_else(centre: Centre) -> None:
    store(centre, "him", FIRST, name="Al Ashe")
    store(centre, "her", FIRST, SECOND, name="Bea Ashe")
    centre.campaign()
    talk(centre, Disposition.OPT_OUT)

    assert {"dnc.person", "dnc.listed"} <= refusing(centre, "him")
    assert card(centre, "her").put_off is None
    assert [True, False] == [each.listed is not None for each in card(centre, "her").numbers]


def test_a_number_that_objected_stays_listed_for_whoever_a_later_file_gives_it_to(centre: Centre) -> None:
    store(centre, "ann", FIRST)
    centre.campaign()
    talk(centre, Disposition.OPT_OUT)
    store(centre, "ann", SECOND)
    store(centre, "bob", FIRST)

    assert "dnc.listed" in refusing(centre, "bob")
    assert card(centre, "bob").put_off is None


def test_a_wrong_number_is_struck_off_and_no_file_brings_the_same_one_back(centre: Centre) -> None:
    store(centre, "ann", FIRST)
    store(centre, "bob", FIRST)
    campaign = centre.campaign()
    order = talk(centre, Disposition.WRONG_NUMBER)
    assert LeadState.WITHDRAWN is lead_of(centre, order).state

    again = store(centre, "ann", FIRST)

    assert (0, 1) == (again.changed, again.unchanged)
    assert [] == numbers_of(centre, "ann")
    assert [FIRST] == numbers_of(centre, "bob")  # theirs it may well be
    (struck,) = card(centre, "ann").struck
    assert "agent anna" == struck.wrong.source
    assert campaign.to_call == 2


def test_a_file_with_another_number_lists_the_customer_again(centre: Centre) -> None:
    store(centre, "ann", FIRST)
    centre.campaign()
    order = talk(centre, Disposition.WRONG_NUMBER)

    store(centre, "ann", FIRST, LATER)

    assert [LATER] == numbers_of(centre, "ann")
    lead = lead_of(centre, order)
    assert (LeadState.LISTED, LATER) == (lead.state, lead.e164)
    assert LATER == centre.dial().e164


def test_who_has_another_number_is_called_there_by_the_next_list_after_a_wrong_one(centre: Centre) -> None:
    store(centre, "ann", FIRST, SECOND, THIRD)
    centre.campaign()
    order = talk(centre, Disposition.WRONG_NUMBER)
    assert LeadState.WITHDRAWN is lead_of(centre, order).state
    centre.campaign("spring")

    assert [SECOND, THIRD] == numbers_of(centre, "ann")
    assert SECOND == centre.dial().e164
    assert FIRST == attempt_of(centre, order).e164


def test_a_wrong_number_stands_in_the_way_on_every_list(centre: Centre) -> None:
    store(centre, "ann", FIRST)
    centre.campaign()
    centre.campaign("spring")
    order = talk(centre, Disposition.WRONG_NUMBER)
    centre.later(hours=4)
    assert "number.wrong" in refusing(centre, "ann")

    (work,) = centre.work()[1]
    assert "number.wrong" == getattr(centre.try_open(work), "rule", None)

    assert {LeadState.WITHDRAWN} == states(centre)
    store(centre, "ann", LATER)
    assert {LeadState.LISTED} == states(centre)
    assert order.e164 == FIRST


def test_a_wrong_number_taken_back_is_the_customers_again_in_its_old_place(centre: Centre) -> None:
    store(centre, "ann", FIRST, SECOND)
    centre.campaign()
    order = talk(centre, Disposition.WRONG_NUMBER)
    assert [SECOND] == numbers_of(centre, "ann")

    take_back(centre.database, "anna", order.attempt, centre.now)

    assert [FIRST, SECOND] == numbers_of(centre, "ann")
    assert () == card(centre, "ann").struck
    assert LeadState.DONE is lead_of(centre, order).state


@pytest.mark.parametrize("word", [Disposition.SAVED, Disposition.LOST])
def test_what_was_talked_about_strikes_nothing_and_puts_nobody_off(centre: Centre, word: Disposition) -> None:
    store(centre, "ann", FIRST)
    centre.campaign()
    talk(centre, word)

    assert [FIRST] == numbers_of(centre, "ann")
    assert card(centre, "ann").put_off is None


def states(centre: Centre) -> set[LeadState]:
    with centre.database.read() as tx:
        return set(tx.scalars(select(Lead.state)))
