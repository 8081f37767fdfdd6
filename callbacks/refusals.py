"""A refusal as a value: which rule said no, whether waiting helps, and from when on.

Caller, agent, manager and auditor meet the same rule by the same id: the ids are part of the API, of the
logs, of the recorded refusals and of the dialplan's `WB_RULE`. What a program does about a refusal is
written beside the rule, and nowhere is it read out of the letters of an id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from telephony.numbers import NumberFault, NumberKind

#: waits where the rule cannot say until when: another call to this person is over in a minute or so, and a
#: promise to them, or another lead's, within the hour; the rest is changed by people, and not by the minute
BUSY_AGAIN: Final = timedelta(seconds=60)
PROMISED_AGAIN: Final = timedelta(hours=1)
DAILY: Final = timedelta(days=1)


class Fatal(StrEnum):
    """What is over for good once a rule has refused; asking the same again changes nothing."""

    MATTER = "matter"  # the matter is settled: nobody is called about it any more
    NUMBER = "number"  # nobody will ever be reached at it: the next number is tried, or none
    LEADER = "leader"  # this engine may not place calls any more: it stands down at once
    REQUEST = "request"  # the thing asked for: whoever asked may ask for something else


class Rule(StrEnum):
    """Every rule that can refuse something: its id, and what it is fatal to or how soon to ask again.

    A rule that is fatal to nothing may be asked again at the refusal's `until`, else after `retry_after`.
    """

    fatal: Fatal | None
    retry_after: timedelta | None  # None where the rule is fatal

    def __new__(cls, rule_id: str, remedy: Fatal | timedelta = DAILY) -> Self:
        """A member from its line below: the id, then the remedy where it is not a daily look."""
        rule = str.__new__(cls, rule_id)
        rule._value_ = str(rule_id)
        rule.fatal = remedy if isinstance(remedy, Fatal) else None
        rule.retry_after = None if isinstance(remedy, Fatal) else remedy
        return rule

    # the person's clock and ours
    HOURS_CLOSED = "hours.closed"
    HOURS_HOLIDAY = "hours.holiday"
    HOURS_NO_ZONE = "hours.no-zone"
    HOURS_NO_CALENDAR = "hours.no-calendar"
    HOURS_NIGHT = "hours.night"
    QUEUE_CLOSED = "queue.closed"
    # the person's wish
    DNC_LISTED = "dnc.listed"
    DNC_REGISTER = "dnc.register"
    DNC_REGISTER_STALE = "dnc.register-stale"
    DNC_PERSON = "dnc.person"
    CONSENT_MISSING = "consent.missing"
    CONSENT_REFUSED = "consent.refused"
    REFUSED_QUIET = "refused.quiet"
    PERSON_RESTRICTED = "person.restricted"
    PROMISE_OPEN = "promise.open", PROMISED_AGAIN
    ABANDONED_AGENT_ONLY = "abandoned.agent-only"
    # how often
    CAP_DAY = "cap.day"
    CAP_MONTH = "cap.month"
    CAP_RINGS = "cap.rings"
    CAP_CAMPAIGN = "cap.campaign", Fatal.NUMBER
    SPACING = "spacing"
    # the number
    NUMBER_BUSY = "number.busy", BUSY_AGAIN
    NUMBER_REACHED = "number.reached", Fatal.MATTER
    NUMBER_WRONG = "number.wrong", Fatal.NUMBER
    NUMBER_OWN = "number.own", Fatal.NUMBER
    NUMBER_BLOCKED = "number.blocked", Fatal.NUMBER
    NUMBER_REGION = "number.region", Fatal.NUMBER
    NUMBER_CLASS_FIXED = "number.class.fixed", Fatal.NUMBER
    NUMBER_CLASS_MOBILE = "number.class.mobile", Fatal.NUMBER
    NUMBER_CLASS_FIXED_OR_MOBILE = "number.class.fixed_or_mobile", Fatal.NUMBER
    NUMBER_CLASS_TOLL_FREE = "number.class.toll_free", Fatal.NUMBER
    NUMBER_CLASS_PREMIUM = "number.class.premium", Fatal.NUMBER
    NUMBER_CLASS_SHARED_COST = "number.class.shared_cost", Fatal.NUMBER
    NUMBER_CLASS_VOIP = "number.class.voip", Fatal.NUMBER
    NUMBER_CLASS_PERSONAL = "number.class.personal", Fatal.NUMBER
    NUMBER_CLASS_PAGER = "number.class.pager", Fatal.NUMBER
    NUMBER_CLASS_COMPANY = "number.class.company", Fatal.NUMBER
    NUMBER_CLASS_VOICEMAIL = "number.class.voicemail", Fatal.NUMBER
    NUMBER_CLASS_GLOBAL = "number.class.global", Fatal.NUMBER
    NUMBER_CLASS_UNKNOWN = "number.class.unknown", Fatal.NUMBER
    NUMBER_IMPOSSIBLE = NumberFault.IMPOSSIBLE, Fatal.NUMBER
    NUMBER_INVALID = NumberFault.INVALID, Fatal.NUMBER
    NUMBER_UNREADABLE = NumberFault.UNREADABLE, Fatal.NUMBER
    NUMBER_NO_REGION = NumberFault.NO_REGION, Fatal.NUMBER
    NUMBER_TOO_SHORT = NumberFault.TOO_SHORT, Fatal.NUMBER
    NUMBER_TOO_LONG = NumberFault.TOO_LONG, Fatal.NUMBER
    NUMBER_UNKNOWN_COUNTRY = NumberFault.UNKNOWN_COUNTRY, Fatal.NUMBER
    NUMBER_NO_AREA_CODE = NumberFault.NO_AREA_CODE, Fatal.NUMBER
    NUMBER_EXTENSION = NumberFault.EXTENSION, Fatal.NUMBER
    # a caller who asks to be called back, and keeps the queue position
    OFFER_CLOSED = "offer.closed", Fatal.REQUEST
    OFFER_NO_AGENTS = "offer.no-agents", Fatal.REQUEST
    OFFER_FULL = "offer.full", Fatal.REQUEST
    OFFER_CLOSING = "offer.closing", Fatal.REQUEST
    CALLER_UNKNOWN = "caller.unknown", Fatal.REQUEST
    # the work itself
    ATTEMPT_UNKNOWN = "attempt.unknown", Fatal.REQUEST
    ATTEMPT_CONSUMED = "attempt.consumed", Fatal.REQUEST
    ATTEMPT_STALE = "attempt.stale", Fatal.REQUEST
    ATTEMPT_NOT_CONNECTED = "attempt.not-connected", Fatal.REQUEST
    ATTEMPT_OTHER_AGENT = "attempt.other-agent", Fatal.REQUEST
    ATTEMPT_OVER = "attempt.over", Fatal.REQUEST
    CAMPAIGN_NOT_RUNNING = "campaign.not-running"
    CAMPAIGN_OUTSIDE_HOURS = "campaign.outside-hours"
    LEAD_UNKNOWN = "lead.unknown", Fatal.REQUEST
    LEAD_NOT_LISTED = "lead.not-listed", Fatal.REQUEST
    LEAD_NOT_DUE = "lead.not-due"
    LEAD_OTHER_FIRST = "lead.other-first", PROMISED_AGAIN
    PROMISE_UNKNOWN = "promise.unknown", Fatal.REQUEST
    PROMISE_NOT_OPEN = "promise.not-open", Fatal.REQUEST
    PROMISE_NOT_DUE = "promise.not-due"
    PROMISE_ALREADY_OPEN = "promise.already-open", Fatal.REQUEST
    PROMISE_TOO_MANY = "promise.too-many"
    PROMISE_SOURCE_HOUR = "promise.source-hour"
    PROMISE_SOURCE_DAY = "promise.source-day"
    PROMISE_ALL_HOUR = "promise.all-hour"
    PROMISE_ALL_DAY = "promise.all-day"
    SLOT_TAKEN = "slot.taken", Fatal.REQUEST
    CALL_AGAIN_NO_TIME = "call-again.no-time", Fatal.REQUEST
    CALL_AGAIN_PAST = "call-again.past", Fatal.REQUEST
    CALL_AGAIN_BEGUN = "call-again.begun", Fatal.REQUEST
    DISPOSITION_RECORDED = "disposition.recorded", Fatal.REQUEST
    DISPOSITION_MISSING = "disposition.missing", Fatal.REQUEST
    DISPOSITION_CLOSED = "disposition.closed", Fatal.REQUEST
    LEADER_STALE = "leader.stale", Fatal.LEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is not done, and why; the same rule id is shown to caller, agent and auditor.

    `until` is the first moment the rule would no longer stand in the way, or None where that is not known
    or waiting does not help.
    """

    rule: Rule
    until: datetime | None = None

    def again_at(self, now: datetime) -> datetime | None:
        """When to ask again: at `until`, else after the rule's own wait; None where the rule is fatal."""
        if self.rule.retry_after is None:
            return None
        return max(self.until, now) if self.until is not None else now + self.rule.retry_after


def refuse_kind(kind: NumberKind) -> Refusal:
    """The refusal of a line because of its kind: premium, toll-free and the like."""
    return Refusal(rule=Rule(f"number.class.{kind}"))
