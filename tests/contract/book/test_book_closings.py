"""An agent's word that a talk, or its wrap-up, is about to end: kept with the call, learned from later."""

from datetime import timedelta

from books.world import World, attempt_of

from dialer.core.compliance.verdict import Verdict
from dialer.core.disposition import Disposition
from dialer.core.pacing.facts import TalkEnded, WrapUpEnded
from dialer.services.closings import SaidClosing, closings_said, say_closing
from dialer.services.dispositions import record_disposition
from dialer.services.experience import recall
from telephony.calls.events import Outcome

NO_ORDER = "wb-none00000"


def test_the_first_word_of_talk_and_wrap_up_holds_and_the_next_leader_learns_from_both(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    world.connect(order)
    said = world.now
    first = say_closing(world.book, "anna", order.attempt, said)
    again = say_closing(world.book, "anna", order.attempt, world.later(seconds=4))
    assert isinstance(first, SaidClosing)
    assert first == again
    assert (first.closing_at, first.wrap_closing_at) == (said, None)
    world.later(seconds=8)
    world.finish(order, Outcome.CONNECTED, talk_s=60)
    ended = attempt_of(world, order).ended_at
    assert ended is not None

    nearly = world.later(seconds=20)
    done = say_closing(world.book, "anna", order.attempt, nearly)
    assert isinstance(done, SaidClosing)
    assert (done.closing_at, done.wrap_closing_at) == (said, nearly)
    assert {order.attempt: (said, nearly)} == closings_said(world.book, [order.attempt, NO_ORDER])
    free = world.later(seconds=6)
    record_disposition(world.book, "anna", order.attempt, Disposition.SAVED, "", None, free)

    now = world.later(seconds=60)
    lessons = recall(world.book, 1, now, zero=now, wrap_up_limit_s=600.0).lessons
    (talk,) = [lesson for lesson in lessons if isinstance(lesson, TalkEnded)]
    (wrap_up,) = [lesson for lesson in lessons if isinstance(lesson, WrapUpEnded)]
    assert talk.closing_s == (ended - said).total_seconds()
    assert wrap_up.closing_s == 6.0


def test_a_word_that_came_after_the_end_teaches_nothing(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    world.talk(order)
    world.later(seconds=30)
    say_closing(world.book, "anna", order.attempt, world.now)

    now = world.later(seconds=60)  # the house ended the wrap-up before that
    lessons = recall(world.book, 1, now, zero=now, wrap_up_limit_s=10.0).lessons
    (wrap_up,) = [lesson for lesson in lessons if isinstance(lesson, WrapUpEnded)]
    assert wrap_up.closing_s is None


def test_only_the_agent_of_a_call_that_is_not_over_can_say_so(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    early = say_closing(world.book, "anna", order.attempt, world.now)
    world.talk(order)
    other = say_closing(world.book, "bo", order.attempt, world.now)
    record_disposition(world.book, "anna", order.attempt, Disposition.SAVED, "", None, world.now)
    late = say_closing(world.book, "anna", order.attempt, world.now + timedelta(seconds=1))
    nobody = say_closing(world.book, "anna", NO_ORDER, world.now)

    assert Verdict(allowed=False, rule="attempt.not-connected") == early
    assert Verdict(allowed=False, rule="attempt.other-agent") == other
    assert Verdict(allowed=False, rule="attempt.over") == late
    assert Verdict(allowed=False, rule="attempt.unknown") == nobody
    assert {} == closings_said(world.book, [order.attempt])
