"""What a caller hears before they wait is decided by the policy of their queue alone."""

import pytest

from callbacks.offer_policy import OfferBy, OfferPolicy, WayIn, rules_of, way_in
from callbacks.offers import Offer, OfferRules
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from telephony.numbers import E164

CALLABLE = E164.parse("+442079460123")
KEY = OfferPolicy()
DEFAULT = OfferPolicy(by=OfferBy.DEFAULT)


def wait(middle_min: float, to_min: int, *, nearly: bool = False) -> Offer:
    window = WaitWindow(from_min=0, to_min=to_min)
    return Offer(queue_position=4, window=window, nearly=nearly, middle_s=60 * middle_min)


@pytest.mark.parametrize(
    ("policy", "decided", "shown", "hears"),
    [
        # by key: the wait is told where it may be long
        (KEY, wait(3, 5), CALLABLE, WayIn.TELL),
        (KEY, wait(2, 4), CALLABLE, WayIn.SILENT),
        (KEY, wait(3, 5, nearly=True), CALLABLE, WayIn.SILENT),
        (KEY, wait(60, 90), CALLABLE, WayIn.TELL),
        (OfferPolicy(tell_from_s=0), wait(60, 90), CALLABLE, WayIn.SILENT),
        (OfferPolicy(tell_from_s=1200), wait(10, 19), CALLABLE, WayIn.SILENT),
        # at overload a call is the default: by the median, and only to a number that can be called
        (DEFAULT, wait(10, 20), CALLABLE, WayIn.BOOK),
        (DEFAULT, wait(9.9, 20), CALLABLE, WayIn.TELL),
        (DEFAULT, wait(10, 20), None, WayIn.TELL),
        (OfferPolicy(by=OfferBy.DEFAULT, default_from_s=120), wait(2, 4), CALLABLE, WayIn.BOOK),
        (OfferPolicy(by=OfferBy.DEFAULT, tell_from_s=0), wait(5, 9), CALLABLE, WayIn.SILENT),
        # what could not be kept, or of which no time can be said, is not offered
        (DEFAULT, Refusal(rule=Rule.OFFER_FULL), CALLABLE, WayIn.SILENT),
        (DEFAULT, Refusal(rule=Rule.OFFER_CLOSING), CALLABLE, WayIn.SILENT),
        (DEFAULT, None, CALLABLE, WayIn.SILENT),
        (DEFAULT, Offer(queue_position=4, window=None), CALLABLE, WayIn.SILENT),
        (OfferPolicy(by=OfferBy.NEVER), wait(60, 90), CALLABLE, WayIn.SILENT),
    ],
)
def test_the_way_in(policy: OfferPolicy, decided: Offer | Refusal | None, shown: E164, hears: WayIn) -> None:
    assert way_in(policy, decided, shown) is hears


def test_who_is_served_at_once_hears_nothing_of_a_wait() -> None:
    assert way_in(DEFAULT, wait(10, 20), CALLABLE, agent_free=True) is WayIn.SILENT


def test_a_queue_says_itself_from_when_on_a_wait_is_worth_a_call_and_the_rest_is_everybodys() -> None:
    rules = rules_of(OfferPolicy(short_wait_s=20.0), OfferRules(short_wait_s=60.0, call_s=300.0))

    assert rules == OfferRules(short_wait_s=20.0, call_s=300.0)
