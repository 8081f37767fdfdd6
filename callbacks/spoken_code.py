"""A call that speaks the code by which a number typed on the web is proven, as a table without any I/O.

Whoever picks up may not have asked for it, and a machine may pick up. So the code is spoken only after a key
says that a person is there who wants it: 1. With 9 they say that they did not ask, and the number is never
called again; that is written before it is confirmed (invariant 2).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from callbacks.ivr_words import (
    Ask,
    CommitFailed,
    LineGone,
    Pressed,
    Prompt,
    Say,
    SayDigits,
    Silence,
)
from telephony.state_machine import StateMachine

KEY_HEAR: Final = "1"
KEY_NOT_ASKED: Final = "9"
#: to take the telephone from the ear and find the key, and to find something to write with
CODE_KEY_TIMEOUT_S: Final = 6.0
TIMES_SAID: Final = 2  # who had no pen the first time has one now
#: how long a code is good for that had to be rung for: the call comes after those before it, and is heard out
SPOKEN_LIFE: Final = timedelta(minutes=20)
#: after a line that was busy, or a failure of ours; the code is good for no third try
RING_AGAIN: Final = timedelta(minutes=2)
MOST_RINGS: Final = 2


class ProofWay(StrEnum):
    """How the owner of a number gets the code."""

    TEXT = "text"
    CALL = "call"


class CodeState(StrEnum):
    """Where the call stands."""

    ASKED = "asked"
    ASKED_AGAIN = "asked_again"
    SPEAKING = "speaking"  # the code, and then once more on request
    REFUSING = "refusing"  # "I did not ask" is being written
    SPOKEN = "spoken"
    REFUSED = "refused"
    UNHEARD = "unheard"  # no key, or gone


class CodeEvent(StrEnum):
    """What can happen to it."""

    HEAR = "hear"
    REFUSE = "refuse"
    SLIP = "slip"  # silence, or a key that means nothing here
    HANG_UP = "hang_up"
    DONE = "done"  # said, or written
    FAIL = "fail"


_S, _E = CodeState, CodeEvent

CODE_CALL: Final[StateMachine[CodeState, CodeEvent]] = StateMachine(
    name="code call",
    start=_S.ASKED,
    ends=frozenset({_S.SPOKEN, _S.REFUSED, _S.UNHEARD}),
    table={
        (_S.ASKED, _E.HEAR): _S.SPEAKING,
        (_S.ASKED, _E.REFUSE): _S.REFUSING,
        (_S.ASKED, _E.SLIP): _S.ASKED_AGAIN,
        (_S.ASKED, _E.HANG_UP): _S.UNHEARD,
        (_S.ASKED_AGAIN, _E.HEAR): _S.SPEAKING,
        (_S.ASKED_AGAIN, _E.REFUSE): _S.REFUSING,
        (_S.ASKED_AGAIN, _E.SLIP): _S.UNHEARD,
        (_S.ASKED_AGAIN, _E.HANG_UP): _S.UNHEARD,
        (_S.SPEAKING, _E.DONE): _S.SPOKEN,
        (_S.SPEAKING, _E.FAIL): _S.UNHEARD,
        (_S.REFUSING, _E.DONE): _S.REFUSED,
        (_S.REFUSING, _E.FAIL): _S.UNHEARD,
    },
)


@dataclass(frozen=True, slots=True)
class NoteHeard:
    """Write that the code is being heard, before it is; feed back `Written` or `CommitFailed`."""


@dataclass(frozen=True, slots=True)
class NoteRefused:
    """Write that nobody there asked for it; feed back `Written` or `CommitFailed`."""


@dataclass(frozen=True, slots=True)
class Written:
    """It is in the database."""


CodeEffect = Say | SayDigits | Ask | NoteHeard | NoteRefused
CodeInput = Pressed | Silence | LineGone | Written | CommitFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStep:
    """Where the call stands after one input, and what is to be done now, in order."""

    state: CodeState
    effects: tuple[CodeEffect, ...]

    @property
    def ended(self) -> bool:
        """Nothing follows."""
        return self.state in CODE_CALL.ends


def open_code_call() -> CodeStep:
    """Say who is calling, and ask for a key."""
    return CodeStep(state=CODE_CALL.start, effects=(_ask(Prompt.CODE_CALL),))


def follow_code_call(state: CodeState, heard: CodeInput, code: str) -> CodeStep:
    """The next step. Raises `IllegalTransition` for an input that cannot happen in this state."""
    event = _understand(heard)
    after = CODE_CALL.after(state, event)
    return CodeStep(state=after, effects=_effects(after, event, code))


def _understand(heard: CodeInput) -> CodeEvent:
    match heard:
        case Pressed(digits=digits) if digits == KEY_HEAR:
            return _E.HEAR
        case Pressed(digits=digits) if digits == KEY_NOT_ASKED:
            return _E.REFUSE
        case Pressed() | Silence():
            return _E.SLIP
        case LineGone():
            return _E.HANG_UP
        case Written():
            return _E.DONE
        case CommitFailed():
            return _E.FAIL


def _effects(state: CodeState, event: CodeEvent, code: str) -> tuple[CodeEffect, ...]:
    match state, event:
        case _S.ASKED_AGAIN, _:
            return (_ask(Prompt.CODE_KEYS),)
        case _S.SPEAKING, _:
            return (NoteHeard(),)
        case _S.REFUSING, _:
            return (NoteRefused(),)
        case _S.SPOKEN, _E.DONE:
            said = (Say(Prompt.YOUR_CODE), SayDigits(code))
            return (*said * TIMES_SAID, Say(Prompt.GOODBYE))
        case _S.REFUSED, _:
            return (Say(Prompt.NEVER_AGAIN), Say(Prompt.GOODBYE))
        case _S.UNHEARD, _E.FAIL:
            return (Say(Prompt.NOT_NOTED), Say(Prompt.GOODBYE))
        case _:
            return ()


def _ask(prompt: Prompt) -> Ask:
    return Ask(prompt, most=1, timeout_s=CODE_KEY_TIMEOUT_S)
