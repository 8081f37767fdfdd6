"""What the agent says came of a call."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Disposition(StrEnum):
    """The agent's word for what came of it."""

    SAVED = "saved"
    OFFER_MADE = "offer_made"
    LOST = "lost"
    CALL_AGAIN = "call_again"
    SERVED = "served"  # a callback or a live call dealt with
    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    NOT_ASKED = "not_asked"  # the person there did not ask for this call
    CUT_OFF = "cut_off"  # the line dropped, or nobody could be heard: nothing came of it


#: what may come of a call that the customer made: nobody rang a wrong number, or one who did not ask
LIVE_WORDS: Final = frozenset(Disposition) - {Disposition.WRONG_NUMBER, Disposition.NOT_ASKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a disposition means for the lead and the number."""

    reached: bool
    call_again: bool = False
    withdraw: bool = False
    do_not_call: bool = False
    strike: bool = False  # the number is not the customer's, until a file brings another
    block: bool = False  # never called back again, whoever asks for it
    repeat: bool = False  # owed the call once more, without a time agreed on


CONSEQUENCES: Final[dict[Disposition, Consequence]] = {
    Disposition.SAVED: Consequence(reached=True),
    Disposition.OFFER_MADE: Consequence(reached=True),
    Disposition.LOST: Consequence(reached=True),
    Disposition.CALL_AGAIN: Consequence(reached=True, call_again=True),
    Disposition.SERVED: Consequence(reached=True),
    Disposition.OPT_OUT: Consequence(reached=True, withdraw=True, do_not_call=True),
    Disposition.WRONG_NUMBER: Consequence(reached=False, withdraw=True, strike=True),
    Disposition.NOT_ASKED: Consequence(reached=False, withdraw=True, block=True),
    Disposition.CUT_OFF: Consequence(reached=False, repeat=True),
}
