"""What taking back an agent's word undoes of what followed from it.

A word may be taken back, or replaced by another, by the agent who said it and until the midnight of the
centre's clock after it was written down. What followed from it is undone as far as it can be; what cannot be
is left as it is where that does no harm, and refused where it would.
"""

from collections.abc import Mapping
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from callbacks.refusals import Rule
from dialer.core.calling.campaign import LeadEvent, LeadState
from dialer.core.calling.disposition import Disposition

#: what the lead does when the word is taken back after the call; where there is no entry, it stays as it is
LEAD_BACK: Final[Mapping[tuple[Disposition, LeadState], LeadEvent | Rule]] = {
    (Disposition.CALL_AGAIN, LeadState.LISTED): LeadEvent.TAKE_BACK,
    (Disposition.CALL_AGAIN, LeadState.CALLING): Rule.CALL_AGAIN_BEGUN,
    (Disposition.CUT_OFF, LeadState.LISTED): LeadEvent.TAKE_BACK,
    (Disposition.CUT_OFF, LeadState.CALLING): Rule.CALL_AGAIN_BEGUN,
    (Disposition.OPT_OUT, LeadState.WITHDRAWN): LeadEvent.TAKE_BACK,
    (Disposition.WRONG_NUMBER, LeadState.WITHDRAWN): LeadEvent.TAKE_BACK,
    (Disposition.NOT_ASKED, LeadState.WITHDRAWN): LeadEvent.TAKE_BACK,
}

#: the same of the promise that such a word made of a callback; the promise that was called stays ended
PROMISE_BACK: Final[Mapping[PromiseState, PromiseEvent | Rule]] = {
    PromiseState.WAITING: PromiseEvent.CANCEL,
    PromiseState.CLAIMED: Rule.CALL_AGAIN_BEGUN,
    PromiseState.DIALLING: Rule.CALL_AGAIN_BEGUN,
    PromiseState.CONNECTED: Rule.CALL_AGAIN_BEGUN,
}
