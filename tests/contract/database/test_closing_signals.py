"""An agent's word that a talk, or its wrap-up, is about to end: kept with the call, learned from later."""

from datetime import timedelta

from databases.centre import PBX, Centre, attempt_of

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.disposition import Disposition
from dialer.core.pacing.facts import TalkEnded, WrapUpEnded
from dialer.services.agents.closing_signals import SaidClosing, say_closing
from dialer.services.agents.dispositions import record_disposition
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.calls.pacing_warm_start import recall
from telephony.calls.events import Outcome

NO_ORDER = "wb-none00000"


def test_the_first_word_of_talk_and_wrap_up_holds_and_the_next_leader_learns_from_both(
    centre: Centre,
) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.connect(order)
    said = centre.now
    first = say_closing(centre.database, "anna", order.attempt, said)
    again = say_closing(centre.database, "anna", order.attempt, centre.later(seconds=4))
    assert isinstance(first, SaidClosing)
    assert first == again
    assert (first.closing_at, first.wrap_closing_at) == (said, None)
    centre.later(seconds=8)
    centre.finish(order, Outcome.CONNECTED, talk_s=60)
    ended = attempt_of(centre, order).ended_at
    assert ended is not None

    nearly = centre.later(seconds=20)
    done = say_closing(centre.database, "anna", order.attempt, nearly)
    assert isinstance(done, SaidClosing)
    assert (done.closing_at, done.wrap_closing_at) == (said, nearly)
    assert {order.attempt: (said, nearly)} == said_by_agents(
        centre.database, PBX, [order.attempt, NO_ORDER]
    ).closings
    free = centre.later(seconds=6)
    record_disposition(centre.database, "anna", order.attempt, Disposition.SAVED, "", None, free)

    now = centre.later(seconds=60)
    lessons = recall(centre.database, 1, now, zero=now, wrap_up_limit_s=600.0).lessons
    (talk,) = [lesson for lesson in lessons if isinstance(lesson, TalkEnded)]
    (wrap_up,) = [lesson for lesson in lessons if isinstance(lesson, WrapUpEnded)]
    assert talk.closing_s == (ended - said).total_seconds()
    assert wrap_up.closing_s == 6.0


def test_a_word_that_came_after_the_end_teaches_nothing(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.talk(order)
    centre.later(seconds=30)
    say_closing(centre.database, "anna", order.attempt, centre.now)

    now = centre.later(seconds=60)  # the centre ended the wrap-up before that
    lessons = recall(centre.database, 1, now, zero=now, wrap_up_limit_s=10.0).lessons
    (wrap_up,) = [lesson for lesson in lessons if isinstance(lesson, WrapUpEnded)]
    assert wrap_up.closing_s is None


def test_only_the_agent_of_a_call_that_is_not_over_can_say_so(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    early = say_closing(centre.database, "anna", order.attempt, centre.now)
    centre.talk(order)
    other = say_closing(centre.database, "bo", order.attempt, centre.now)
    record_disposition(centre.database, "anna", order.attempt, Disposition.SAVED, "", None, centre.now)
    late = say_closing(centre.database, "anna", order.attempt, centre.now + timedelta(seconds=1))
    nobody = say_closing(centre.database, "anna", NO_ORDER, centre.now)

    assert Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED) == early
    assert Refusal(rule=Rule.ATTEMPT_OTHER_AGENT) == other
    assert Refusal(rule=Rule.ATTEMPT_OVER) == late
    assert Refusal(rule=Rule.ATTEMPT_UNKNOWN) == nobody
    assert {} == said_by_agents(centre.database, PBX, [order.attempt]).closings
