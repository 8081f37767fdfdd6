"""What an unanswered call came to: hang-up causes first, then dial status, then originate reason.

Measured on Asterisk 22: a rejected call (cause 21) and an unallocated number (cause 1) both end with
DialStatus NOANSWER and OriginateResponse Reason 0, so only the union of the Q.850 causes over every
leg of the call tells them apart. A busy line leaves cause 17 on one leg and 0 on the other.

Sources: ITU-T Q.850 table 1; include/asterisk/causes.h; include/asterisk/frame.h for the reasons.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from telephony.calls.events import Outcome

#: Q.850 cause to outcome. Causes that say nothing by themselves (0 none, 16 normal clearing,
#: 26 answered elsewhere, 31 normal unspecified) are left out on purpose.
CAUSES: Final[Mapping[int, Outcome]] = MappingProxyType(
    {
        1: Outcome.BAD_NUMBER,  # unallocated
        2: Outcome.CONGESTION,  # no route to transit network
        # no route to destination: Asterisk says it of its own missing trunk, and taking it for the
        # number's fault would write every customer off on the day a trunk is misnamed
        3: Outcome.CONGESTION,
        5: Outcome.BAD_NUMBER,  # misdialled trunk prefix
        17: Outcome.BUSY,
        18: Outcome.NO_ANSWER,  # no user responding
        19: Outcome.NO_ANSWER,  # alerting, no answer
        20: Outcome.NO_ANSWER,  # subscriber absent: a mobile phone switched off
        21: Outcome.REJECTED,
        22: Outcome.BAD_NUMBER,  # number changed
        23: Outcome.CONGESTION,  # redirected to a new destination
        25: Outcome.CONGESTION,  # exchange routing error
        27: Outcome.CONGESTION,  # destination out of order
        28: Outcome.BAD_NUMBER,  # invalid number format
        29: Outcome.CONGESTION,  # facility rejected
        34: Outcome.CONGESTION,  # no circuit
        38: Outcome.CONGESTION,  # network out of order
        41: Outcome.CONGESTION,  # temporary failure
        42: Outcome.CONGESTION,  # switching equipment congestion
        43: Outcome.CONGESTION,  # access information discarded
        44: Outcome.CONGESTION,  # requested channel not available
        47: Outcome.CONGESTION,  # resource unavailable
        50: Outcome.CONGESTION,  # facility not subscribed
        52: Outcome.CONGESTION,  # outgoing calls barred
        54: Outcome.REJECTED,  # incoming calls barred
        57: Outcome.CONGESTION,  # bearer capability not authorised
        58: Outcome.CONGESTION,  # bearer capability not available: no codec in common (SIP 488)
        65: Outcome.FAILED,  # bearer capability not implemented
        66: Outcome.FAILED,  # channel type not implemented
        69: Outcome.FAILED,  # facility not implemented
        81: Outcome.FAILED,  # invalid call reference
        88: Outcome.FAILED,  # incompatible destination
        95: Outcome.FAILED,  # invalid message
        96: Outcome.FAILED,  # mandatory element missing
        97: Outcome.FAILED,  # message type not implemented
        98: Outcome.FAILED,  # wrong message
        99: Outcome.FAILED,  # element not implemented
        100: Outcome.FAILED,  # invalid element contents
        101: Outcome.FAILED,  # wrong call state
        102: Outcome.CONGESTION,  # recovery on timer expiry (SIP 504)
        103: Outcome.FAILED,  # mandatory element length
        111: Outcome.FAILED,  # protocol error
        127: Outcome.CONGESTION,  # interworking: the far network did not say
    }
)

#: causes by which a line that carried a talk says that it was lost, on any leg of it. Everything else (a
#: normal end above all, however early it comes, and 127, where the far network did not say) is no proof
#: that somebody is owed another call.
LOST_IN_TALK: Final = frozenset(
    {
        27,  # destination out of order
        34,  # no circuit
        38,  # network out of order
        41,  # temporary failure
        42,  # switching equipment congestion
        44,  # requested channel not available: Asterisk's word for an RTP time-out too
        47,  # resource unavailable
        102,  # recovery on timer expiry
    }
)

#: DialStatus of app_dial to outcome; ANSWER decides nothing here
DIAL_STATUSES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "BUSY": Outcome.BUSY,
        "NOANSWER": Outcome.NO_ANSWER,
        "CANCEL": Outcome.NO_ANSWER,  # we gave up ringing
        "CONGESTION": Outcome.CONGESTION,
        "CHANUNAVAIL": Outcome.CONGESTION,
        "DONTCALL": Outcome.REJECTED,
        "TORTURE": Outcome.REJECTED,
        "INVALIDARGS": Outcome.FAILED,
    }
)

#: OriginateResponse Reason (an AST_CONTROL_ number) to outcome; 4 is an answer
REASONS: Final[Mapping[int, Outcome]] = MappingProxyType(
    {
        0: Outcome.FAILED,  # nothing was placed
        1: Outcome.NO_ANSWER,  # hung up before an answer
        3: Outcome.NO_ANSWER,  # still ringing at the end of Timeout
        5: Outcome.BUSY,
        8: Outcome.CONGESTION,
    }
)

#: Where legs disagree (a second trunk was tried), what was heard from the customer's own line beats
#: what was heard on the way there: first in this list wins.
PRECEDENCE: Final = (
    Outcome.BUSY,
    Outcome.REJECTED,
    Outcome.NO_ANSWER,
    Outcome.BAD_NUMBER,
    Outcome.CONGESTION,
    Outcome.FAILED,
)


def outcome_of(
    causes: Iterable[int] = (), statuses: Iterable[str] = (), reason: int | None = None
) -> Outcome:
    """The outcome of a call nobody answered; UNKNOWN when nothing heard tells.

    Args:
        causes: Q.850 causes of every leg.
        statuses: DialStatus of every leg.
        reason: OriginateResponse Reason, matched by ActionID.
    """
    for heard in (
        {CAUSES[cause] for cause in causes if cause in CAUSES},
        {DIAL_STATUSES[status] for status in statuses if status in DIAL_STATUSES},
        {REASONS[each] for each in (reason,) if each is not None and each in REASONS},
    ):
        for outcome in PRECEDENCE:
            if outcome in heard:
                return outcome
    return Outcome.UNKNOWN
