"""What an agent may send about the person in a call of theirs, and a supervisor about an agent; bounded."""

from typing import Annotated

from pydantic import Field

from dialer.core.retention.contact_reason import ContactReason
from dialer.web.errors import RequestError
from dialer.web.schemas import AttemptId, ChannelId, Input, Line, Words


class CallInput(Input):
    """One call: an attempt, or a live caller's channel."""

    attempt: AttemptId | None = None
    caller: ChannelId | None = None

    def call(self) -> tuple[str, bool]:
        """The call's id, and whether the customer rang in. Raises `RequestError` unless one is named."""
        if (self.attempt is None) == (self.caller is None):
            raise RequestError("call.unnamed", "Name one call: an attempt, or a caller.")
        return self.attempt or self.caller or "", self.caller is not None


class RememberInput(CallInput):
    """A line to remember about the customer; an empty one is none."""

    words: Annotated[Line, Field(max_length=300)] = ""


class ReasonInput(CallInput):
    """Why the call came about."""

    reason: ContactReason


class CoachNoteInput(Input):
    """What a supervisor writes to an agent."""

    words: Annotated[Words, Field(min_length=3, max_length=1000)]


class ReadNoteInput(Input):
    """Which note the agent has read."""

    note: Annotated[int, Field(ge=1, le=2**31 - 1)]
