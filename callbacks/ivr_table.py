"""Where a conversation about a call back can stand, and what leads from there to where: the table alone.

There are no cycles in it, so every conversation ends.
"""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class DialogueState(StrEnum):
    """Where the conversation stands. `AGAIN`: one silence or slip is used up, the next one ends it."""

    NEARLY = "nearly"  # "it is nearly your turn": the caller stays, or is called back all the same
    READ_BACK = "read_back"  # "we will call you on …": the number the caller shows
    READ_BACK_AGAIN = "read_back_again"
    ENTER = "enter"  # "type the number"
    ENTER_AGAIN = "enter_again"
    CHECK = "check"  # the typed number read back
    CHECK_AGAIN = "check_again"
    WHEN = "when"  # "to keep your place, press 1; to choose a time, press 2"
    FINDING_TIMES = "finding_times"
    PICK = "pick"  # free hours are read out
    PICK_AGAIN = "pick_again"
    COMMITTING_TIME = "committing_time"  # to a chosen hour
    BOOKING = "booking"  # the default: committed before it is said
    BOOKED = "booked"  # "we will call you back; to stay on the line, press 2"
    WITHDRAWING = "withdrawing"  # the caller stays
    STANDING = "standing"  # a call is promised to the number they show: to change it, press 2; to cancel, 3
    CANCELLING = "cancelling"
    FINDING_OTHER_TIMES = "finding_other_times"
    PICK_OTHER = "pick_other"
    MOVING = "moving"  # the promise that stands, to a chosen hour
    COMMITTING = "committing"
    COMMITTING_UNHEARD = "committing_unheard"  # hung up after saying yes: a yes is a yes
    PROMISED = "promised"
    BACK_IN_QUEUE = "back_in_queue"
    GONE = "gone"


class DialogueEvent(StrEnum):
    """What can happen in it."""

    RIGHT = "right"
    OTHER = "other"
    SLIP = "slip"  # silence, or a key that means nothing here
    NUMBER = "number"
    BAD_NUMBER = "bad_number"
    RIGHT_AND_WHEN = "right_and_when"  # right, and in this queue a time can be chosen
    TIMES = "times"
    NO_TIMES = "no_times"
    PICKED = "picked"
    TIME_TAKEN = "time_taken"
    WITHDRAWN = "withdrawn"
    NOT_WITHDRAWN = "not_withdrawn"
    HANG_UP = "hang_up"
    COMMITTED = "committed"
    ALREADY_OPEN = "already_open"
    OWN_OPEN = "own_open"  # the same, to the number that the caller shows
    CANCEL = "cancel"
    REFUSED = "refused"
    COMMIT_FAILED = "commit_failed"


_S, _E = DialogueState, DialogueEvent

DIALOGUE: Final[StateMachine[DialogueState, DialogueEvent]] = StateMachine(
    name="callback dialogue",
    # or READ_BACK, where the wait is long; ENTER, without a number that can be called; BOOKING, where a call
    # is the default; BACK_IN_QUEUE at once
    start=_S.NEARLY,
    ends=frozenset({_S.PROMISED, _S.BACK_IN_QUEUE, _S.GONE}),
    table={
        (_S.NEARLY, _E.RIGHT): _S.READ_BACK,
        (_S.NEARLY, _E.OTHER): _S.ENTER,
        (_S.NEARLY, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.NEARLY, _E.HANG_UP): _S.GONE,
        (_S.READ_BACK, _E.RIGHT): _S.COMMITTING,
        (_S.READ_BACK, _E.RIGHT_AND_WHEN): _S.WHEN,
        (_S.READ_BACK, _E.OTHER): _S.ENTER,
        (_S.READ_BACK, _E.SLIP): _S.READ_BACK_AGAIN,
        (_S.READ_BACK, _E.HANG_UP): _S.GONE,
        (_S.READ_BACK_AGAIN, _E.RIGHT): _S.COMMITTING,
        (_S.READ_BACK_AGAIN, _E.RIGHT_AND_WHEN): _S.WHEN,
        (_S.READ_BACK_AGAIN, _E.OTHER): _S.ENTER,
        (_S.READ_BACK_AGAIN, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.READ_BACK_AGAIN, _E.HANG_UP): _S.GONE,
        (_S.ENTER, _E.NUMBER): _S.CHECK,
        (_S.ENTER, _E.BAD_NUMBER): _S.ENTER_AGAIN,
        (_S.ENTER, _E.SLIP): _S.ENTER_AGAIN,
        (_S.ENTER, _E.HANG_UP): _S.GONE,
        (_S.ENTER_AGAIN, _E.NUMBER): _S.CHECK_AGAIN,
        (_S.ENTER_AGAIN, _E.BAD_NUMBER): _S.BACK_IN_QUEUE,
        (_S.ENTER_AGAIN, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.ENTER_AGAIN, _E.HANG_UP): _S.GONE,
        (_S.CHECK, _E.RIGHT): _S.COMMITTING,
        (_S.CHECK, _E.RIGHT_AND_WHEN): _S.WHEN,
        (_S.CHECK, _E.OTHER): _S.ENTER_AGAIN,
        (_S.CHECK, _E.SLIP): _S.CHECK_AGAIN,
        (_S.CHECK, _E.HANG_UP): _S.GONE,
        (_S.CHECK_AGAIN, _E.RIGHT): _S.COMMITTING,
        (_S.CHECK_AGAIN, _E.RIGHT_AND_WHEN): _S.WHEN,
        (_S.CHECK_AGAIN, _E.OTHER): _S.BACK_IN_QUEUE,
        (_S.CHECK_AGAIN, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.CHECK_AGAIN, _E.HANG_UP): _S.GONE,
        # whoever said yes to the number is called, in turn at the least, whatever they do from here on
        (_S.WHEN, _E.RIGHT): _S.COMMITTING,
        (_S.WHEN, _E.OTHER): _S.FINDING_TIMES,
        (_S.WHEN, _E.SLIP): _S.COMMITTING,
        (_S.WHEN, _E.HANG_UP): _S.COMMITTING_UNHEARD,
        (_S.FINDING_TIMES, _E.TIMES): _S.PICK,
        (_S.FINDING_TIMES, _E.NO_TIMES): _S.COMMITTING,
        (_S.FINDING_TIMES, _E.HANG_UP): _S.COMMITTING_UNHEARD,
        (_S.PICK, _E.PICKED): _S.COMMITTING_TIME,
        (_S.PICK, _E.SLIP): _S.PICK_AGAIN,
        (_S.PICK, _E.HANG_UP): _S.COMMITTING_UNHEARD,
        (_S.PICK_AGAIN, _E.PICKED): _S.COMMITTING_TIME,
        (_S.PICK_AGAIN, _E.SLIP): _S.COMMITTING,
        (_S.PICK_AGAIN, _E.HANG_UP): _S.COMMITTING_UNHEARD,
        (_S.COMMITTING_TIME, _E.COMMITTED): _S.PROMISED,
        (_S.COMMITTING_TIME, _E.TIME_TAKEN): _S.COMMITTING,
        (_S.COMMITTING_TIME, _E.ALREADY_OPEN): _S.BACK_IN_QUEUE,
        (_S.COMMITTING_TIME, _E.REFUSED): _S.BACK_IN_QUEUE,
        (_S.COMMITTING_TIME, _E.COMMIT_FAILED): _S.BACK_IN_QUEUE,
        (_S.BOOKING, _E.COMMITTED): _S.BOOKED,
        (_S.BOOKING, _E.ALREADY_OPEN): _S.BACK_IN_QUEUE,
        (_S.BOOKING, _E.REFUSED): _S.BACK_IN_QUEUE,
        (_S.BOOKING, _E.COMMIT_FAILED): _S.BACK_IN_QUEUE,
        (_S.BOOKING, _E.HANG_UP): _S.GONE,
        (_S.BOOKED, _E.RIGHT): _S.PROMISED,
        (_S.BOOKED, _E.SLIP): _S.PROMISED,
        (_S.BOOKED, _E.HANG_UP): _S.PROMISED,
        (_S.BOOKED, _E.OTHER): _S.WITHDRAWING,
        (_S.WITHDRAWING, _E.WITHDRAWN): _S.BACK_IN_QUEUE,
        (_S.WITHDRAWING, _E.NOT_WITHDRAWN): _S.BACK_IN_QUEUE,
        # whoever hangs up here is called as promised, whoever stays is served
        (_S.COMMITTING_TIME, _E.OWN_OPEN): _S.STANDING,
        (_S.BOOKING, _E.OWN_OPEN): _S.STANDING,
        (_S.COMMITTING, _E.OWN_OPEN): _S.STANDING,
        (_S.STANDING, _E.OTHER): _S.FINDING_OTHER_TIMES,
        (_S.STANDING, _E.CANCEL): _S.CANCELLING,
        (_S.STANDING, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.STANDING, _E.HANG_UP): _S.GONE,
        (_S.CANCELLING, _E.WITHDRAWN): _S.BACK_IN_QUEUE,
        (_S.CANCELLING, _E.NOT_WITHDRAWN): _S.BACK_IN_QUEUE,
        (_S.FINDING_OTHER_TIMES, _E.TIMES): _S.PICK_OTHER,
        (_S.FINDING_OTHER_TIMES, _E.NO_TIMES): _S.BACK_IN_QUEUE,
        (_S.FINDING_OTHER_TIMES, _E.HANG_UP): _S.GONE,
        (_S.PICK_OTHER, _E.PICKED): _S.MOVING,
        (_S.PICK_OTHER, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.PICK_OTHER, _E.HANG_UP): _S.GONE,
        (_S.MOVING, _E.COMMITTED): _S.PROMISED,
        (_S.MOVING, _E.TIME_TAKEN): _S.BACK_IN_QUEUE,
        (_S.MOVING, _E.REFUSED): _S.BACK_IN_QUEUE,
        (_S.MOVING, _E.COMMIT_FAILED): _S.BACK_IN_QUEUE,
        (_S.COMMITTING, _E.COMMITTED): _S.PROMISED,
        (_S.COMMITTING, _E.ALREADY_OPEN): _S.BACK_IN_QUEUE,
        (_S.COMMITTING, _E.REFUSED): _S.BACK_IN_QUEUE,
        (_S.COMMITTING, _E.COMMIT_FAILED): _S.BACK_IN_QUEUE,
        (_S.COMMITTING, _E.HANG_UP): _S.COMMITTING_UNHEARD,
        (_S.COMMITTING_UNHEARD, _E.COMMITTED): _S.PROMISED,
        (_S.COMMITTING_UNHEARD, _E.ALREADY_OPEN): _S.PROMISED,
        (_S.COMMITTING_UNHEARD, _E.REFUSED): _S.GONE,
        (_S.COMMITTING_UNHEARD, _E.COMMIT_FAILED): _S.GONE,
    },
)
