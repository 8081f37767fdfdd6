"""A call that speaks a code: judged like every other, with no agent, for a wish from the web.

Whoever typed the number has not proven that it is theirs. So the call is one that nobody is woken by, however
fresh the wish is, and it counts against what a number may be rung in a day.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.limits import refuse_number
from callbacks.refusals import Refusal, Rule
from callbacks.spoken_code import MOST_RINGS, RING_AGAIN, SPOKEN_LIFE
from dialer.core.compliance.check import judge
from dialer.core.compliance.rulebook import Purpose
from dialer.db.models import Attempt, CallbackWish
from dialer.db.queries import attempts, callback_wishes, customers
from dialer.services.calls.callback_limits import limits_for
from dialer.services.calls.compliance_facts import facts_of
from dialer.services.calls.transitions import TransitionContext
from telephony.calls.events import Outcome
from telephony.numbers import E164

#: as if it had been asked for the day before: nobody at this number is known to have asked
LONG_AGO: Final = timedelta(days=1)
#: after these somebody may still pick up; after any other the code was heard, or nobody wants it
WORTH_ANOTHER: Final = frozenset(
    {Outcome.BUSY, Outcome.CONGESTION, Outcome.FAILED, Outcome.BROKEN_OFF, Outcome.NO_ANSWER}
)


def judge_wish(entry: TransitionContext, wish: CallbackWish, *, attempt: str | None = None) -> Refusal | None:
    """Why the compliance check refuses to ring this number with a code; None: it may be rung."""
    customer = customers.by_number(entry.tx, wish.e164)
    facts = facts_of(entry, wish.e164, customer, Purpose.REQUESTED, attempt=attempt)
    if facts.number_rule is None:
        refused = refuse_number(E164.parse(wish.e164), limits_for(entry.tx, entry.policy, wish.e164))
        facts = replace(facts, number_rule=refused.rule if refused is not None else None)
    facts = replace(facts, agent_reserved=True, asked_at=wish.made_at - LONG_AGO)
    return judge(facts, entry.policy.rulebook, entry.now)


def judge_code_call(entry: TransitionContext, attempt: str, wish: int) -> Refusal | None:
    """The same of a call that is open already; `attempt.stale` where its code is of no use any more."""
    row = callback_wishes.find(entry.tx, wish)
    if row is None or not is_wanted(row, entry.now):
        return Refusal(rule=Rule.ATTEMPT_STALE)
    return judge_wish(entry, row, attempt=attempt)


def is_wanted(wish: CallbackWish, now: datetime) -> bool:
    """Whether its code is still of use, and was not heard."""
    return wish.promise_id is None and wish.spoken_at is None and now < wish.made_at + SPOKEN_LIFE


def put_off_wish(entry: TransitionContext, wish: CallbackWish, refusal: Refusal) -> None:
    """Write the refusal down; the code is spoken later where it is still of use then, and else never."""
    attempts.add_refusal(entry.tx, refusal, at=entry.now, e164=wish.e164)
    again_at = refusal.again_at(entry.now)
    _ring_at(wish, again_at)


def follow_wish(entry: TransitionContext, attempt: Attempt, outcome: Outcome) -> None:
    """After a call that came to nothing by chance the number is rung once more, and then no more."""
    wish = callback_wishes.lock_wish(entry.tx, attempt.wish_id) if attempt.wish_id is not None else None
    if wish is None:
        return
    made = attempts.count_of_wish(entry.tx, wish.id)
    again = outcome in WORTH_ANOTHER and made < MOST_RINGS
    _ring_at(wish, entry.now + RING_AGAIN if again else None)


def _ring_at(wish: CallbackWish, at: datetime | None) -> None:
    wish.rung_from = at if at is not None and is_wanted(wish, at) else None
