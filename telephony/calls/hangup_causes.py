"""What the end of a call says, by phase: hang-up causes first, then dial status, then originate reason.

One table, `ENDINGS`, says what each cause means before the customer's phone rang, while it rang, and in a
talk. Whether it rang is what tells a trunk that is down from a line that fails on the customer's side (180,
then 503), a busy line from a call that was pressed away, and an unknown number from one that exists.

Measured on Asterisk 22: a rejected call (cause 21) and an unallocated number (cause 1) both end with
DialStatus NOANSWER and OriginateResponse Reason 0, so only the union of the Q.850 causes over every
leg of the call tells them apart. A busy line leaves cause 17 on one leg and 0 on the other.

Sources: ITU-T Q.850 table 1; include/asterisk/causes.h; include/asterisk/frame.h for the reasons.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from telephony.calls.events import Outcome


class Ending(NamedTuple):
    """What a hang-up cause says, by how far the call had come when it was heard."""

    words: str
    before: Outcome  # nobody's phone had rung
    ringing: Outcome  # the customer's phone rang: the trunk and the number are good
    cut_off: bool = False  # a talk was lost by it, not ended by anybody


_O = Outcome
#: Q.850 cause to what it says. Causes that say nothing by themselves (0 none, 16 normal clearing,
#: 26 answered elsewhere, 31 normal unspecified) are left out on purpose. No route to destination (3) is
#: what Asterisk says of its own missing trunk: taking it for the number's fault would write every customer
#: off on the day a trunk is misnamed. A talk is cut off by a cause of a failing line on any leg of it;
#: everything else (a normal end above all, however early it comes, and 127, where the far network did not
#: say) is no proof that somebody is owed another call.
ENDINGS: Final[Mapping[int, Ending]] = MappingProxyType(
    {
        1: Ending("unallocated number (SIP 404)", _O.BAD_NUMBER, _O.BROKEN_OFF),
        2: Ending("no route to transit network", _O.CONGESTION, _O.BROKEN_OFF),
        3: Ending("no route to destination", _O.CONGESTION, _O.BROKEN_OFF),
        5: Ending("misdialled trunk prefix", _O.BAD_NUMBER, _O.BROKEN_OFF),
        17: Ending("busy (SIP 486, 600)", _O.BUSY, _O.REJECTED),
        18: Ending("no user responding (SIP 408)", _O.NO_ANSWER, _O.NO_ANSWER),
        19: Ending("alerting, no answer (SIP 480)", _O.NO_ANSWER, _O.NO_ANSWER),
        20: Ending("subscriber absent: switched off", _O.NO_ANSWER, _O.NO_ANSWER),
        21: Ending("rejected (SIP 603)", _O.REJECTED, _O.REJECTED),
        22: Ending("number changed (SIP 410)", _O.BAD_NUMBER, _O.BROKEN_OFF),
        23: Ending("redirected to a new destination", _O.CONGESTION, _O.BROKEN_OFF),
        25: Ending("exchange routing error", _O.CONGESTION, _O.BROKEN_OFF),
        27: Ending("destination out of order (SIP 502)", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        28: Ending("invalid number format (SIP 484)", _O.BAD_NUMBER, _O.BROKEN_OFF),
        29: Ending("facility rejected", _O.CONGESTION, _O.BROKEN_OFF),
        34: Ending("no circuit (SIP 503)", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        38: Ending("network out of order (SIP 500)", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        41: Ending("temporary failure", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        42: Ending("switching equipment congestion", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        43: Ending("access information discarded", _O.CONGESTION, _O.BROKEN_OFF),
        44: Ending("channel not available; RTP timed out", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        47: Ending("resource unavailable", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        50: Ending("facility not subscribed", _O.CONGESTION, _O.BROKEN_OFF),
        52: Ending("outgoing calls barred", _O.CONGESTION, _O.BROKEN_OFF),
        54: Ending("incoming calls barred", _O.REJECTED, _O.REJECTED),
        57: Ending("bearer capability not authorised", _O.CONGESTION, _O.BROKEN_OFF),
        58: Ending("no codec in common (SIP 488)", _O.CONGESTION, _O.BROKEN_OFF),
        65: Ending("bearer capability not implemented", _O.FAILED, _O.BROKEN_OFF),
        66: Ending("channel type not implemented", _O.FAILED, _O.BROKEN_OFF),
        69: Ending("facility not implemented", _O.FAILED, _O.BROKEN_OFF),
        81: Ending("invalid call reference", _O.FAILED, _O.BROKEN_OFF),
        88: Ending("incompatible destination", _O.FAILED, _O.BROKEN_OFF),
        95: Ending("invalid message", _O.FAILED, _O.BROKEN_OFF),
        96: Ending("mandatory element missing", _O.FAILED, _O.BROKEN_OFF),
        97: Ending("message type not implemented", _O.FAILED, _O.BROKEN_OFF),
        98: Ending("wrong message", _O.FAILED, _O.BROKEN_OFF),
        99: Ending("element not implemented", _O.FAILED, _O.BROKEN_OFF),
        100: Ending("invalid element contents", _O.FAILED, _O.BROKEN_OFF),
        101: Ending("wrong call state", _O.FAILED, _O.BROKEN_OFF),
        102: Ending("recovery on timer expiry (SIP 504)", _O.CONGESTION, _O.BROKEN_OFF, cut_off=True),
        103: Ending("mandatory element length", _O.FAILED, _O.BROKEN_OFF),
        111: Ending("protocol error", _O.FAILED, _O.BROKEN_OFF),
        127: Ending("interworking: nothing said", _O.CONGESTION, _O.BROKEN_OFF),
    }
)
#: causes by which a line that carried a talk says that it was lost
LOST_IN_TALK: Final = frozenset(cause for cause, ending in ENDINGS.items() if ending.cut_off)

#: what the weaker signs of the next two tables come to where the phone rang
RANG: Final[Mapping[Outcome, Outcome]] = MappingProxyType(
    {_O.BUSY: _O.REJECTED, _O.CONGESTION: _O.BROKEN_OFF, _O.FAILED: _O.BROKEN_OFF}
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
    Outcome.BROKEN_OFF,
    Outcome.CONGESTION,
    Outcome.FAILED,
)


def outcome_of(
    causes: Iterable[int] = (),
    statuses: Iterable[str] = (),
    reason: int | None = None,
    *,
    rang: bool = False,
) -> Outcome:
    """The outcome of a call nobody answered; UNKNOWN when nothing heard tells.

    Args:
        causes: Q.850 causes of every leg.
        statuses: DialStatus of every leg.
        reason: OriginateResponse Reason, matched by ActionID.
        rang: whether the customer's phone rang.
    """
    endings = [ENDINGS[cause] for cause in causes if cause in ENDINGS]
    weaker = (
        {DIAL_STATUSES[status] for status in statuses if status in DIAL_STATUSES},
        {REASONS[each] for each in (reason,) if each is not None and each in REASONS},
    )
    for heard in (
        {ending.ringing if rang else ending.before for ending in endings},
        *({RANG.get(each, each) if rang else each for each in signs} for signs in weaker),
    ):
        for outcome in PRECEDENCE:
            if outcome in heard:
                return outcome
    return Outcome.UNKNOWN
