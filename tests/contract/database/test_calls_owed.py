"""Who picked up and was left alone is owed one call, at the same number, with an agent of its own."""

from databases.centre import Centre, lead_of, number

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import LeadState
from dialer.services.calls.attempts import AttemptOrder
from dialer.services.calls.call_events import record_fact
from dialer.services.calls.explanations import explain_person
from dialer.services.calls.next_calls import LeadWork
from dialer.services.campaigns.held_leads import judge_list
from telephony.calls.events import Abandoned, Outcome

SPACING = {"hours": 4}


def leave_alone(centre: Centre, order: AttemptOrder) -> None:
    record_fact(centre.database, Abandoned(attempt=order.attempt, at=centre.now, waited_s=2.0), centre.now)
    centre.finish(order, Outcome.ABANDONED)


def owed_work(centre: Centre, **campaign: object) -> LeadWork:
    """One customer with two numbers, left alone at the first, and the work there is after the spacing."""
    centre.customers(1, numbers=(number(0), number(1)))
    centre.campaign(**campaign)
    leave_alone(centre, centre.dial())
    centre.later(**SPACING)
    (work,) = centre.work()[1]
    return work


def test_the_same_number_comes_up_again_and_only_with_an_agent_of_its_own(centre: Centre) -> None:
    work = owed_work(centre, mode="predictive")
    assert work.owed
    assert lead_of(centre, work).e164 == number(0)

    refused = centre.try_open(work, None)
    assert isinstance(refused, Refusal)
    assert refused.rule is Rule.ABANDONED_AGENT_ONLY


def test_the_call_with_an_agent_may_be_made_within_the_three_days(centre: Centre) -> None:
    work = owed_work(centre, mode="predictive")
    assert isinstance(centre.try_open(work, "anna"), AttemptOrder)


def test_the_normal_spacing_holds_for_it_too(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign(mode="predictive")
    leave_alone(centre, centre.dial())
    centre.later(hours=3)
    assert centre.work()[1] == ()


def test_it_is_owed_even_where_every_attempt_was_made_and_once_alone(centre: Centre) -> None:
    work = owed_work(centre, mode="predictive", max_attempts=1)
    leave_alone(centre, centre.dial(work))
    lead = lead_of(centre, work)
    assert lead.state is LeadState.EXHAUSTED
    assert not lead.owed


def test_nobody_is_owed_another_once_the_call_was_made(centre: Centre) -> None:
    work = owed_work(centre, mode="predictive")
    centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    lead = lead_of(centre, work)
    assert (lead.state, lead.owed, lead.e164) == (LeadState.LISTED, False, number(1))


def test_a_failure_of_ours_leaves_the_call_owed(centre: Centre) -> None:
    work = owed_work(centre, mode="predictive")
    centre.finish(centre.dial(work), Outcome.CONGESTION)
    assert lead_of(centre, work).owed


def test_the_list_and_the_explanation_count_it_as_one_that_may_be_made(centre: Centre) -> None:
    owed_work(centre, mode="predictive")
    assert judge_list(centre.database, 1, centre.now).callable == 1
    (person,) = explain_person(centre.database, "c0", centre.now)
    assert [call.next_at for call in person.calls] == [centre.now]
