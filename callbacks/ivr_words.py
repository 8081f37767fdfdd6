"""What is said in a dialogue by telephone and how an answer is taken, as values without any I/O."""

from dataclasses import dataclass
from enum import StrEnum


class Prompt(StrEnum):
    """A sound file below the PBX's `sounds/<language>/`, named for what it says."""

    WAIT_BETWEEN = "winback/wait-between"
    WAIT_LESS = "winback/wait-less"
    NEARLY = "winback/nearly"
    STAY_OR_CALL = "winback/stay-or-call"
    CLOSED = "winback/closed"
    NO_AGENTS = "winback/no-agents"
    FULL = "winback/full"
    CLOSING = "winback/closing"
    NIGHT = "winback/night"
    WE_CALL_ON = "winback/we-call-on"
    RIGHT_OR_OTHER = "winback/right-or-other"
    TYPE_NUMBER = "winback/type-number"
    NUMBER_NOT_CALLED = "winback/number-not-called"
    PROMISED = "winback/promised"
    PLACE = "winback/place"
    REFERENCE = "winback/reference"
    BETWEEN = "winback/between"
    WITHIN = "winback/within"
    AND = "winback/and"
    MINUTES = "winback/minutes"
    ALREADY_OPEN = "winback/already-open"
    TO_CANCEL = "winback/to-cancel"
    TO_CHANGE_OR_CANCEL = "winback/to-change-or-cancel"
    NOT_BOOKED = "winback/not-booked"
    PLACE_KEPT = "winback/place-kept"
    GOODBYE = "winback/goodbye"
    PRESS_WHILE_WAITING = "winback/press-while-waiting"
    RETURN_CALL = "winback/return-call"
    RETURN_KEYS = "winback/return-keys"
    LATER = "winback/later"
    NO_LONGER = "winback/no-longer"
    NEVER_AGAIN = "winback/never-again"
    NOT_NOTED = "winback/not-noted"
    CODE_CALL = "winback/code-call"
    CODE_KEYS = "winback/code-keys"
    YOUR_CODE = "winback/your-code"
    BOOKED = "winback/booked"
    BOOKED_OR_STAY = "winback/booked-or-stay"
    PLACE_OR_TIME = "winback/place-or-time"
    NO_TIMES = "winback/no-times"
    TIME_TAKEN = "winback/time-taken"
    PRESS_NOW = "winback/press-now"
    BRIEF = "winback/brief"
    SURVEY_QUESTION = "winback/survey-question"
    SURVEY_THANKS = "winback/survey-thanks"
    SAY_REASON = "winback/say-reason"
    AT_TIME = "winback/at-time"
    HOUR_FROM = "winback/hour-from"
    HOUR_TO = "winback/hour-to"
    HOUR_PRESS = "winback/hour-press"
    TODAY = "winback/today"
    TOMORROW = "winback/tomorrow"
    MONDAY = "winback/monday"
    TUESDAY = "winback/tuesday"
    WEDNESDAY = "winback/wednesday"
    THURSDAY = "winback/thursday"
    FRIDAY = "winback/friday"
    SATURDAY = "winback/saturday"
    SUNDAY = "winback/sunday"


@dataclass(frozen=True, slots=True)
class Say:
    """Play one prompt to its end."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class SayDigits:
    """Say the digits one by one."""

    digits: str


@dataclass(frozen=True, slots=True)
class SayNumber:
    """Say a whole number."""

    number: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Play a prompt and take up to `most` digits (hash ends them); feed back `Pressed` or `Silence`.

    Any key cuts short what is said `before` it, and is the answer.
    """

    prompt: Prompt
    most: int
    timeout_s: float
    before: tuple[Say | SayDigits | SayNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Pressed:
    """Digits the caller typed, without the hash."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The time was over and nothing was typed."""


@dataclass(frozen=True, slots=True)
class LineGone:
    """The caller left."""


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The database could not be written."""
