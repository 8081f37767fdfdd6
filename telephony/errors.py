"""What can go wrong between Winback and a PBX, one class an idea.

`HeaderError` is our own bug or untrusted text; `PeerViolation` is a fact about the other side that
has to be survived. `LinkDown` promises that nothing was sent; `OutcomeUnknown` promises nothing:
the truth has to be read from the PBX before anything else is done.
"""


class TelephonyError(Exception):
    """The PBX could not be told or asked something."""


class HeaderError(TelephonyError, ValueError):
    """This value must not travel in an AMI header or an AGI command."""


class PeerViolation(TelephonyError):
    """The peer sent something the protocol does not allow."""


class LinkDown(TelephonyError):
    """There is no working link to the PBX; the action was not sent."""


class OutcomeUnknown(TelephonyError):
    """The action was sent and never answered; it may or may not have happened."""


class ActionRefused(TelephonyError):
    """The PBX answered the action with an error."""


class LoginRefused(TelephonyError):
    """The PBX does not accept this user name and secret; trying again will not help."""


class HungUp(TelephonyError):
    """The caller left while the dialogue was running."""
