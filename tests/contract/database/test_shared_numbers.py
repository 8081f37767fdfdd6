"""Two records with one number: it is rung for one matter once, whoever of the two it is."""

from datetime import timedelta

import pytest
from databases.centre import Centre, number
from sqlalchemy import select

from churnmodel.holdout import Arm
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.models import AssignmentRow, Customer, Lead
from dialer.services.agents.corrections import correct_disposition
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.explanations import explain_person
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.campaigns.lists import count_list
from dialer.services.customers.customers import CustomerRow, store_customers
from telephony.calls.events import Outcome

HOME, HERS, HIS = number(0), number(1), number(2)


def store(centre: Centre, **numbers: tuple[str, ...]) -> None:
    """Customers by id, each with these numbers."""
    rows = [CustomerRow(external_id=who, name=who, numbers=owned) for who, owned in numbers.items()]
    store_customers(centre.database, rows, centre.now)


def leads(centre: Centre) -> dict[str, Lead]:
    with centre.database.read() as tx:
        chosen = select(Customer.external_id, Lead).join(Lead, Lead.customer_id == Customer.id)
        return {row[0]: row[1] for row in tx.execute(chosen)}


def said(centre: Centre, order: AttemptOrder, word: Disposition) -> None:
    again = centre.now + timedelta(hours=3) if word is Disposition.CALL_AGAIN else None
    record_disposition(centre.database, "anna", order.attempt, word, "", again, centre.now)


def refusing(centre: Centre, who: str) -> list[str]:
    """The rules that stand in the way of somebody's only call."""
    ((call,),) = [person.calls for person in explain_person(centre.database, who, centre.now)]
    return [rule.rule.value for rule in call.rules if rule.refuses]


@pytest.mark.parametrize("word", [Disposition.SAVED, Disposition.LOST, Disposition.CALL_AGAIN])
def test_a_number_that_was_reached_is_not_rung_again_for_a_second_record(
    centre: Centre, word: Disposition
) -> None:
    store(centre, old=(HOME,), new=(HOME,))
    centre.campaign(max_attempts=2)
    order = centre.dial()
    centre.talk(order)
    said(centre, order, word)
    centre.later(hours=2)

    assert ((), ()) == centre.work()
    assert LeadState.DONE is leads(centre)["new"].state
    centre.later(hours=20)
    assert ["old"] * (word is Disposition.CALL_AGAIN) == [
        who for who, lead in leads(centre).items() if lead.state is LeadState.LISTED
    ]


def test_a_second_record_waits_while_the_first_is_still_to_be_called(centre: Centre) -> None:
    store(centre, old=(HOME,), new=(HOME,))
    centre.campaign(max_attempts=2)
    first = centre.dial()
    centre.finish(first, Outcome.NO_ANSWER)
    centre.later(hours=4)

    assert "lead.other-first" in refusing(centre, "new")
    _, (one, two) = centre.work()
    assert "lead.other-first" == getattr(centre.try_open(two), "rule", None)
    again = centre.dial(one)
    centre.finish(again, Outcome.NO_ANSWER)
    centre.later(hours=20)

    assert "cap.campaign" in refusing(centre, "new")  # the number was rung twice, and twice is what there is
    (waiting,) = centre.work()[1]
    assert "cap.campaign" == getattr(centre.try_open(waiting), "rule", None)
    assert {"old": LeadState.EXHAUSTED, "new": LeadState.EXHAUSTED} == {
        who: lead.state for who, lead in leads(centre).items()
    }


@pytest.mark.parametrize("word", [Disposition.WRONG_NUMBER, Disposition.NOT_ASKED])
def test_a_wrong_number_of_one_may_be_the_right_number_of_the_other(
    centre: Centre, word: Disposition
) -> None:
    store(centre, old=(HOME,), new=(HOME,))
    centre.campaign()
    order = centre.dial()
    centre.talk(order)
    assert LeadState.DONE is leads(centre)["new"].state  # nobody has said yet what came of it
    said(centre, order, word)
    centre.later(hours=5)

    assert LeadState.LISTED is leads(centre)["new"].state
    assert [] == refusing(centre, "new")
    assert HOME == centre.dial().e164


def test_a_word_that_is_corrected_lists_the_other_again(centre: Centre) -> None:
    store(centre, old=(HOME,), new=(HOME,))
    centre.campaign()
    order = centre.dial()
    centre.talk(order)
    said(centre, order, Disposition.SAVED)
    assert LeadState.DONE is leads(centre)["new"].state

    correct_disposition(
        centre.database, "anna", order.attempt, Disposition.WRONG_NUMBER, "", None, centre.now
    )

    assert LeadState.LISTED is leads(centre)["new"].state


def test_a_couple_at_one_telephone_is_rung_there_once_and_his_own_line_tells_nothing_of_hers(
    centre: Centre,
) -> None:
    store(centre, her=(HERS, HOME), him=(HIS, HOME))
    centre.campaign()
    _, works = centre.work()
    order = centre.dial(works[0])
    centre.talk(order)
    said(centre, order, Disposition.SAVED)
    assert HERS == order.e164
    assert LeadState.LISTED is leads(centre)["him"].state

    his = centre.dial()
    centre.finish(his, Outcome.NO_ANSWER)
    centre.later(hours=4)
    at_home = centre.dial()
    centre.talk(at_home)
    said(centre, at_home, Disposition.LOST)

    assert [HIS, HOME] == [his.e164, at_home.e164]
    assert {"her": LeadState.DONE, "him": LeadState.DONE} == {
        who: lead.state for who, lead in leads(centre).items()
    }


def test_two_who_have_the_same_two_numbers_in_turn_do_not_wait_for_each_other(centre: Centre) -> None:
    store(centre, her=(HERS, HOME), him=(HOME, HERS))
    centre.campaign(max_attempts=2)
    for work in centre.work()[1]:
        centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    rung = []
    for _ in range(20):
        centre.later(hours=4)
        for work in centre.work()[1]:
            order = centre.try_open(work)
            if isinstance(order, AttemptOrder):
                consume_attempt(centre.database, order.attempt, centre.now)
                centre.finish(order, Outcome.NO_ANSWER)
                rung.append(order.lead)

    assert rung
    assert LeadState.LISTED not in {lead.state for lead in leads(centre).values()}


def test_nobody_waits_for_somebody_who_is_never_called(centre: Centre) -> None:
    """A widow's number is not held up by the record of her husband."""
    store(centre, him=(HOME,), her=(HOME,))
    centre.campaign()
    centre.finish(centre.dial(), Outcome.NO_ANSWER)
    dead = Prohibited(ProhibitionKind.DECEASED, "deceased", "yes")
    row = CustomerRow(external_id="him", name="him", numbers=(HOME,), prohibition=dead)
    store_customers(centre.database, [row], centre.now)
    centre.later(hours=4)

    assert [] == refusing(centre, "her")


def test_a_number_that_a_later_file_gives_to_somebody_else_stays_reached(centre: Centre) -> None:
    store(centre, first=(HOME,), second=(HERS,))
    centre.campaign()
    order = centre.dial()
    centre.talk(order)
    said(centre, order, Disposition.SAVED)
    centre.later(hours=1)

    store(centre, first=(HIS,), second=(HOME,))

    assert "number.reached" in refusing(centre, "second")
    (work,) = centre.work()[1]
    centre.later(hours=4)
    assert "number.reached" == getattr(centre.try_open(work), "rule", None)
    assert LeadState.DONE is leads(centre)["second"].state


def test_another_campaign_is_another_matter(centre: Centre) -> None:
    store(centre, old=(HOME,), new=(HOME,))
    centre.campaign("winter")
    order = centre.dial()
    centre.talk(order)
    said(centre, order, Disposition.SAVED)
    centre.later(hours=5)

    centre.campaign("spring")

    assert 2 == len(centre.work()[1])


def test_the_count_names_customers_and_numbers(centre: Centre) -> None:
    store(centre, a=(HOME,), b=(HOME,), c=(HERS,), d=(HERS,), e=(HIS,))
    count = count_list(centre.database, ListFilter(), centre.now)
    two = count_list(centre.database, ListFilter(), centre.now, top=2)

    assert (5, 3) == (count.listed, count.numbers)
    assert (2, 1) == (two.listed, two.numbers)


def test_who_shares_a_number_is_held_out_together_and_who_shares_none_as_ever(centre: Centre) -> None:
    alone = [CustomerRow(external_id=f"a{index}", numbers=(number(500 + index),)) for index in range(40)]
    pairs = [
        CustomerRow(external_id=f"p{index}", numbers=(number(100 + index // 2), number(300 + index)))
        for index in range(80)
    ]
    store_customers(centre.database, [*alone, *pairs], centre.now)
    centre.campaign(holdout_share=0.5, explore_share=0.5)

    with centre.database.read() as tx:
        chosen = select(Customer.external_id, AssignmentRow).join(
            AssignmentRow, AssignmentRow.customer_id == Customer.id
        )
        log = {row[0]: row[1] for row in tx.execute(chosen)}
    for index in range(0, 80, 2):
        one, other = log[f"p{index}"], log[f"p{index + 1}"]
        assert (one.arm, one.call, one.household) == (other.arm, other.call, other.household)
        assert one.household == f"p{index}"
    assert {None} == {log[row.external_id].household for row in alone}
    assert {Arm.CONTROL, Arm.LIST, Arm.EXPLORE} == {row.arm for row in log.values()}
