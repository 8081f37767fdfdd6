"""Every rule that can refuse something, in a sentence for the person who reads it.

The ids are part of the API: pages, logs, recorded refusals and the dialplan's `WB_RULE` carry
them. A test holds this catalogue to the code.
"""

from collections.abc import Mapping
from typing import Final

RULES: Final[Mapping[str, str]] = {
    # the person's clock and ours
    "hours.closed": "Outside the calling hours at the customer's place.",
    "hours.holiday": "A public holiday at the customer's place.",
    "hours.no-zone": "Nobody knows what time it is at the customer's place.",
    "hours.no-calendar": "There is no holiday calendar for that day at the customer's place.",
    "queue.closed": "No agent is there at that time.",
    # the person's wish
    "dnc.listed": "The number is on the do-not-call list.",
    "consent.missing": "The law at the customer's place asks for consent, and there is none on record.",
    "refused.quiet": "The customer turned an offer down not long ago.",
    "promise.open": "A call was promised to this number, and comes first.",
    "abandoned.agent-only": "After an abandoned call only a call with an agent of its own may follow.",
    # how often
    "cap.day": "The number was rung as often as one day allows.",
    "cap.month": "The number was rung as often as thirty days allow.",
    "cap.rings": "The number was rung as often as one day allows, callbacks included.",
    "spacing": "Too soon after the last attempt.",
    # the number
    "number.busy": "Another call to this number is on its way.",
    "number.own": "This is the centre's own number.",
    "number.blocked": "This number asked never to be called back.",
    "number.region": "Numbers of that country are not called.",
    "number.class": "A line of this kind is not called.",
    "number.impossible": "This cannot be a telephone number.",
    "number.invalid": "No line can have this number.",
    "number.unreadable": "This could not be read as a telephone number.",
    "number.no-region": "The number has no country code.",
    "number.too-short": "The number is too short.",
    "number.too-long": "The number is too long.",
    "number.unknown-country": "No country has this code.",
    "number.no-area-code": "The number lacks its area code.",
    "number.extension": "A number with an extension cannot be dialled.",
    # a caller who asks to be called back
    "offer.closed": "The centre is closed at this hour.",
    "offer.no-agents": "No agent is logged in who could call back.",
    "offer.full": "As many calls are promised as the agents can make before closing.",
    "offer.closing": "The centre may close before it is this caller's turn.",
    # the work itself
    "attempt.unknown": "There is no such call.",
    "attempt.consumed": "The attempt was already used.",
    "attempt.stale": "The call was asked for too long after it was planned.",
    "attempt.not-connected": "This call never reached an agent, so there is nothing to write down.",
    "attempt.other-agent": "Another agent had this call.",
    "attempt.over": "This call is over, and what came of it is written down.",
    "campaign.not-running": "The campaign is not running.",
    "lead.unknown": "There is no such lead.",
    "lead.not-listed": "The lead is being called, done, or off the list.",
    "lead.not-due": "The lead's next call is later.",
    "promise.unknown": "There is no such promise.",
    "promise.not-open": "The promise is being kept, or has already ended.",
    "promise.not-due": "The promise's next call is later.",
    "promise.already-open": "This number already has an open promise.",
    "promise.too-many": "This number was promised as many calls as one day allows.",
    "call-again.no-time": "Another call needs a moment: say when.",
    "call-again.past": "That moment is over.",
    "disposition.recorded": "What came of this call was already written down.",
    "leader.stale": "Another engine leads this PBX.",
}


def explain(rule: str) -> str:
    """The sentence for a rule id; `number.class.premium` is explained as `number.class`."""
    while rule:
        if rule in RULES:
            return RULES[rule]
        rule = rule.rpartition(".")[0]
    return "Refused by a rule of this centre."
