"""The call back itself, up to its key: who is calling and nothing private, as a table without any I/O.

Whoever picks up may be anybody, or a machine. So an agent is there only once a key says that a person is: 1.
The other keys put the call off, end the promise, or say that nobody there asked for it; what they ask for is
written before it is confirmed (invariant 2). No key twice ends the call, and the promise is retried like one
that nobody answered.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Prompt, Say, SayNumber, Silence
from telephony.state_machine import StateMachine

KEY_CONNECT: Final = "1"  # the dialplan's own word for it too: with any other the call ends
#: to take the telephone from the ear and find the key; nobody is on the line meanwhile, so no longer
RETURN_KEY_TIMEOUT_S: Final = 5.0


class ReturnAnswer(StrEnum):
    """What a customer who is called back may ask for instead of an agent."""

    LATER = "later"
    CANCEL = "cancel"
    NOT_ASKED = "not_asked"  # "I did not ask for this": never called back again


DECLINING_KEYS: Final = {"2": ReturnAnswer.LATER, "3": ReturnAnswer.CANCEL, "9": ReturnAnswer.NOT_ASKED}


class ReturnState(StrEnum):
    """Where the question stands."""

    ASKED = "asked"
    ASKED_AGAIN = "asked_again"
    WRITING = "writing"
    AGREED = "agreed"  # on to the agent
    DECLINED = "declined"  # written, and may be said
    NO_KEY = "no_key"  # nobody, a machine, or somebody who hung up


class ReturnEvent(StrEnum):
    """What can happen to it."""

    AGREE = "agree"
    DECLINE = "decline"
    SLIP = "slip"  # silence, or a key that means nothing here
    HANG_UP = "hang_up"
    WRITTEN = "written"
    WRITE_FAILED = "write_failed"


_S, _E = ReturnState, ReturnEvent

RETURN_CALL: Final[StateMachine[ReturnState, ReturnEvent]] = StateMachine(
    name="return call",
    start=_S.ASKED,
    ends=frozenset({_S.AGREED, _S.DECLINED, _S.NO_KEY}),
    table={
        (_S.ASKED, _E.AGREE): _S.AGREED,
        (_S.ASKED, _E.DECLINE): _S.WRITING,
        (_S.ASKED, _E.SLIP): _S.ASKED_AGAIN,
        (_S.ASKED, _E.HANG_UP): _S.NO_KEY,
        (_S.ASKED_AGAIN, _E.AGREE): _S.AGREED,
        (_S.ASKED_AGAIN, _E.DECLINE): _S.WRITING,
        (_S.ASKED_AGAIN, _E.SLIP): _S.NO_KEY,
        (_S.ASKED_AGAIN, _E.HANG_UP): _S.NO_KEY,
        (_S.WRITING, _E.WRITTEN): _S.DECLINED,
        (_S.WRITING, _E.WRITE_FAILED): _S.NO_KEY,
    },
)


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """Write this wish into the database now; feed back `AnswerWritten` or `CommitFailed`."""

    answer: ReturnAnswer


@dataclass(frozen=True, slots=True)
class AnswerWritten:
    """The wish is in the database."""


ReturnEffect = Say | SayNumber | Ask | WriteAnswer
ReturnInput = Pressed | Silence | LineGone | AnswerWritten | CommitFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnQuestion:
    """One call back up to its key: its state, the wish that was pressed, and how much later "later" is."""

    state: ReturnState = RETURN_CALL.start
    answer: ReturnAnswer | None = None
    later: timedelta

    @property
    def ended(self) -> bool:
        """Nothing follows."""
        return self.state in RETURN_CALL.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStep:
    """The question after one input, and what is to be done now, in order."""

    question: ReturnQuestion
    effects: tuple[ReturnEffect, ...]


def open_question(later: timedelta) -> ReturnStep:
    """Say who is calling, and ask for a key."""
    return ReturnStep(question=ReturnQuestion(later=later), effects=(_ask(Prompt.RETURN_CALL),))


def follow_answer(question: ReturnQuestion, heard: ReturnInput) -> ReturnStep:
    """The next step. Raises `IllegalTransition` for an input that cannot happen in this state."""
    event, answer = _understand(heard)
    following = replace(
        question, state=RETURN_CALL.after(question.state, event), answer=answer or question.answer
    )
    return ReturnStep(question=following, effects=_effects(following, event))


def _understand(heard: ReturnInput) -> tuple[ReturnEvent, ReturnAnswer | None]:
    match heard:
        case Pressed(digits=digits) if digits == KEY_CONNECT:
            return _E.AGREE, None
        case Pressed(digits=digits) if digits in DECLINING_KEYS:
            return _E.DECLINE, DECLINING_KEYS[digits]
        case Pressed() | Silence():
            return _E.SLIP, None
        case LineGone():
            return _E.HANG_UP, None
        case AnswerWritten():
            return _E.WRITTEN, None
        case CommitFailed():
            return _E.WRITE_FAILED, None


def _effects(question: ReturnQuestion, event: ReturnEvent) -> tuple[ReturnEffect, ...]:
    if question.state is _S.ASKED_AGAIN:
        return (_ask(Prompt.RETURN_KEYS),)
    if question.state is _S.WRITING and question.answer is not None:
        return (WriteAnswer(question.answer),)
    if event is _E.WRITE_FAILED:
        return (Say(Prompt.NOT_NOTED), Say(Prompt.GOODBYE))
    if question.state is _S.DECLINED:
        return (*_confirmed(question), Say(Prompt.GOODBYE))
    return ()


def _confirmed(question: ReturnQuestion) -> tuple[ReturnEffect, ...]:
    match question.answer:
        case ReturnAnswer.LATER:
            minutes = max(1, round(question.later.total_seconds() / 60))
            return (Say(Prompt.LATER), SayNumber(minutes), Say(Prompt.MINUTES))
        case ReturnAnswer.NOT_ASKED:
            return (Say(Prompt.NEVER_AGAIN),)
        case _:
            return (Say(Prompt.NO_LONGER),)


def _ask(prompt: Prompt) -> Ask:
    return Ask(prompt, most=1, timeout_s=RETURN_KEY_TIMEOUT_S)
