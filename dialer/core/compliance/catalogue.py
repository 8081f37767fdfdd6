"""Every rule that can refuse something, in a sentence for the person who reads it."""

from collections.abc import Mapping
from typing import Final

from callbacks.refusals import Rule

SENTENCES: Final[Mapping[Rule, str]] = {
    # the person's clock and ours
    Rule.HOURS_CLOSED: "Outside the calling hours at the customer's place.",
    Rule.HOURS_HOLIDAY: "A public holiday at the customer's place.",
    Rule.HOURS_NO_ZONE: "Nobody knows what time it is at the customer's place.",
    Rule.HOURS_NO_CALENDAR: "There is no holiday calendar for that day at the customer's place.",
    Rule.QUEUE_CLOSED: "No agent is there at that time.",
    # the person's wish
    Rule.DNC_LISTED: "The number is on the do-not-call list.",
    Rule.CONSENT_MISSING: "The law at the customer's place asks for consent, and there is none on record.",
    Rule.REFUSED_QUIET: "The customer turned an offer down not long ago.",
    Rule.PROMISE_OPEN: "A call was promised to this number, and comes first.",
    Rule.ABANDONED_AGENT_ONLY: "After an abandoned call only a call with an agent of its own may follow.",
    # how often
    Rule.CAP_DAY: "The number was rung as often as one day allows.",
    Rule.CAP_MONTH: "The number was rung as often as thirty days allow.",
    Rule.CAP_RINGS: "The number was rung as often as one day allows, callbacks included.",
    Rule.SPACING: "Too soon after the last attempt.",
    # the number
    Rule.NUMBER_BUSY: "Another call to this number is on its way.",
    Rule.NUMBER_OWN: "This is the centre's own number.",
    Rule.NUMBER_BLOCKED: "This number asked never to be called back.",
    Rule.NUMBER_REGION: "Numbers of that country are not called.",
    Rule.NUMBER_CLASS_FIXED: "Landlines are not called.",
    Rule.NUMBER_CLASS_MOBILE: "Mobile lines are not called.",
    Rule.NUMBER_CLASS_FIXED_OR_MOBILE: "Lines of this kind (landline or mobile) are not called.",
    Rule.NUMBER_CLASS_TOLL_FREE: "Toll-free lines are not called.",
    Rule.NUMBER_CLASS_PREMIUM: "Premium-rate lines are not called.",
    Rule.NUMBER_CLASS_SHARED_COST: "Shared-cost lines are not called.",
    Rule.NUMBER_CLASS_VOIP: "Internet telephony lines are not called.",
    Rule.NUMBER_CLASS_PERSONAL: "Personal numbers are not called.",
    Rule.NUMBER_CLASS_PAGER: "Pagers are not called.",
    Rule.NUMBER_CLASS_COMPANY: "Company numbers are not called.",
    Rule.NUMBER_CLASS_VOICEMAIL: "Voicemail boxes are not called.",
    Rule.NUMBER_CLASS_UNKNOWN: "Lines of an unknown kind are not called.",
    Rule.NUMBER_IMPOSSIBLE: "This cannot be a telephone number.",
    Rule.NUMBER_INVALID: "No line can have this number.",
    Rule.NUMBER_UNREADABLE: "This could not be read as a telephone number.",
    Rule.NUMBER_NO_REGION: "The number has no country code.",
    Rule.NUMBER_TOO_SHORT: "The number is too short.",
    Rule.NUMBER_TOO_LONG: "The number is too long.",
    Rule.NUMBER_UNKNOWN_COUNTRY: "No country has this code.",
    Rule.NUMBER_NO_AREA_CODE: "The number lacks its area code.",
    Rule.NUMBER_EXTENSION: "A number with an extension cannot be dialled.",
    # a caller who asks to be called back
    Rule.OFFER_CLOSED: "The centre is closed at this hour.",
    Rule.OFFER_NO_AGENTS: "No agent is logged in who could call back.",
    Rule.OFFER_FULL: "As many calls are promised as the agents can make before closing.",
    Rule.OFFER_CLOSING: "The centre may close before it is this caller's turn.",
    # the work itself
    Rule.CALLER_UNKNOWN: "The PBX has no such caller waiting.",
    Rule.ATTEMPT_UNKNOWN: "There is no such call.",
    Rule.ATTEMPT_CONSUMED: "The attempt was already used.",
    Rule.ATTEMPT_STALE: "The call was asked for too long after it was planned.",
    Rule.ATTEMPT_NOT_CONNECTED: "This call never reached an agent, so there is nothing to write down.",
    Rule.ATTEMPT_OTHER_AGENT: "Another agent had this call.",
    Rule.ATTEMPT_OVER: "This call is over, and what came of it is written down.",
    Rule.CAMPAIGN_NOT_RUNNING: "The campaign is not running.",
    Rule.LEAD_UNKNOWN: "There is no such lead.",
    Rule.LEAD_NOT_LISTED: "The lead is being called, done, or off the list.",
    Rule.LEAD_NOT_DUE: "The lead's next call is later.",
    Rule.PROMISE_UNKNOWN: "There is no such promise.",
    Rule.PROMISE_NOT_OPEN: "The promise is being kept, or has already ended.",
    Rule.PROMISE_NOT_DUE: "The promise's next call is later.",
    Rule.PROMISE_ALREADY_OPEN: "This number already has an open promise.",
    Rule.PROMISE_TOO_MANY: "This number was promised as many calls as one day allows.",
    Rule.CALL_AGAIN_NO_TIME: "Another call needs a moment: say when.",
    Rule.CALL_AGAIN_PAST: "That moment is over.",
    Rule.DISPOSITION_RECORDED: "What came of this call was already written down.",
    Rule.LEADER_STALE: "Another engine leads this PBX.",
}
