"""Why a promise went on or ended, as people read it: a rule's sentence, or the stored words."""

from typing import Final

from callbacks.ring_in import ON_THE_LINE
from dialer.core.compliance.catalogue import SENTENCES
from dialer.services.promises.asked_again import ANOTHER_NUMBER
from dialer.services.promises.in_the_call import NO_LONGER, STAYS
from dialer.services.promises.outage import OUTAGE
from dialer.web.languages import to_say, translate

#: what closes a promise and is no rule of a call
GIVEN_UP: Final = {
    "attempts.used-up": to_say("Rung as often as a promise is, and not reached."),
    "number.bad": to_say("The number does not exist."),
    OUTAGE: to_say("An outage made it overdue, and somebody closed it."),
}
#: stored words of our own; what staff typed stays as it is
STORED_REASONS: Final = (
    ON_THE_LINE,
    STAYS,
    NO_LONGER,
    ANOTHER_NUMBER,
    "by the customer",
    "cancelled by the customer",
    "taken back",
    "erased",
)


def write_reason(reason: str) -> str:
    """One reason in the language spoken."""
    if reason in GIVEN_UP:
        return translate(GIVEN_UP[reason])
    if reason in _RULES:
        return translate(_RULES[reason])
    return translate(reason.replace("_", " "))


_RULES: Final = {rule.value: sentence for rule, sentence in SENTENCES.items()}
