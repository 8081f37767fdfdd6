"""The conversation in which a caller asks to be called back, as a table without any I/O.

Whoever holds the line plays the effects of a step, feeds back what happened, and goes on until
`ended`. The caller hears "we will call you" only as an effect of `Committed`: there is no other way
into `PROMISED` (invariant 2). The table has no cycles, so every conversation ends, after at most
`LONGEST` inputs, in exactly one of promised, back in the queue, or gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from telephony.numbers import E164
from telephony.state_machine import IllegalTransition, StateMachine

KEY_RIGHT: Final = "1"
KEY_OTHER: Final = "2"
KEY_TIMEOUT_S: Final = 6.0  # long enough to find the keypad on a mobile phone held to the ear
NUMBER_TIMEOUT_S: Final = 10.0  # from one digit to the next, while somebody reads a number off a card
MOST_TYPED: Final = 17  # 15 digits of E.164 and 00 in front
STAY_TIMEOUT_S: Final = 3.0  # whoever would rather stay does nothing, and their turn comes soon
LONGEST: Final = 9  # inputs from the first question to the end, the commit among them


class DialogueState(StrEnum):
    """Where the conversation stands. `AGAIN`: one silence or slip is used up, the next one ends it."""

    NEARLY = "nearly"  # "it is nearly your turn": the caller stays, or is called back all the same
    READ_BACK = "read_back"  # "we will call you on …": the number the caller shows
    READ_BACK_AGAIN = "read_back_again"
    ENTER = "enter"  # "type the number"
    ENTER_AGAIN = "enter_again"
    CHECK = "check"  # the typed number read back
    CHECK_AGAIN = "check_again"
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
    HANG_UP = "hang_up"
    COMMITTED = "committed"
    ALREADY_OPEN = "already_open"
    REFUSED = "refused"
    COMMIT_FAILED = "commit_failed"


_S, _E = DialogueState, DialogueEvent

DIALOGUE: Final[StateMachine[DialogueState, DialogueEvent]] = StateMachine(
    name="callback dialogue",
    # or READ_BACK, where the wait is long; ENTER, without a number that can be called; BACK_IN_QUEUE at once
    start=_S.NEARLY,
    ends=frozenset({_S.PROMISED, _S.BACK_IN_QUEUE, _S.GONE}),
    table={
        (_S.NEARLY, _E.RIGHT): _S.READ_BACK,
        (_S.NEARLY, _E.OTHER): _S.ENTER,
        (_S.NEARLY, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.NEARLY, _E.HANG_UP): _S.GONE,
        (_S.READ_BACK, _E.RIGHT): _S.COMMITTING,
        (_S.READ_BACK, _E.OTHER): _S.ENTER,
        (_S.READ_BACK, _E.SLIP): _S.READ_BACK_AGAIN,
        (_S.READ_BACK, _E.HANG_UP): _S.GONE,
        (_S.READ_BACK_AGAIN, _E.RIGHT): _S.COMMITTING,
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
        (_S.CHECK, _E.OTHER): _S.ENTER_AGAIN,
        (_S.CHECK, _E.SLIP): _S.CHECK_AGAIN,
        (_S.CHECK, _E.HANG_UP): _S.GONE,
        (_S.CHECK_AGAIN, _E.RIGHT): _S.COMMITTING,
        (_S.CHECK_AGAIN, _E.OTHER): _S.BACK_IN_QUEUE,
        (_S.CHECK_AGAIN, _E.SLIP): _S.BACK_IN_QUEUE,
        (_S.CHECK_AGAIN, _E.HANG_UP): _S.GONE,
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


WHY_NOT: Final[dict[Rule, Prompt]] = {
    Rule.OFFER_CLOSED: Prompt.CLOSED,
    Rule.OFFER_NO_AGENTS: Prompt.NO_AGENTS,
    Rule.OFFER_FULL: Prompt.FULL,
    Rule.OFFER_CLOSING: Prompt.CLOSING,
    Rule.HOURS_NIGHT: Prompt.NIGHT,
}


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
    """Play a prompt and take up to `most` digits (hash ends them); feed back `Pressed` or `Silence`."""

    prompt: Prompt
    most: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Commit:
    """Write the promise to `number` into the database now, with what was said of the wait.

    Feed back what became of it.
    """

    number: E164
    window: WaitWindow | None = None


DialogueEffect = Say | SayDigits | SayNumber | Ask | Commit


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The promise is in the database: what may now be said of it."""

    queue_position: int
    reference: str


@dataclass(frozen=True, slots=True)
class CommitRefused:
    """A rule was against it; with `promise.already-open` a promise stands, and the caller may stay."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The database could not be written."""


CallerInput = Pressed | Silence | LineGone | Committed | CommitRefused | CommitFailed
ReadTyped = Callable[[str], E164 | Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One conversation: its state, the number the caller would be called on, and the window they heard."""

    state: DialogueState
    number: E164 | None
    home: str  # ISO 3166, the country whose numbers are said without a country code
    window: WaitWindow | None = None

    @property
    def ended(self) -> bool:
        """Nothing follows."""
        return self.state in DIALOGUE.ends

    @property
    def promised(self) -> bool:
        """The row is committed: the dialplan may let the caller go."""
        return self.state is DialogueState.PROMISED


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueStep:
    """The conversation after one input, and what is to be done now, in order."""

    dialogue: Dialogue
    effects: tuple[DialogueEffect, ...]


def start(shown: E164 | None, home: str, decided: Offer | Refusal | None) -> DialogueStep:
    """Open the conversation with the number the caller shows, or None for a hidden or useless one.

    `decided` is what `offers.decide_offer` said; None where nothing could be decided. Without an offer the
    conversation is over at once, with one sentence that says why.
    """
    if not isinstance(decided, Offer):
        why = WHY_NOT.get(decided.rule, Prompt.NOT_BOOKED) if decided is not None else Prompt.NOT_BOOKED
        back = Dialogue(state=_S.BACK_IN_QUEUE, number=shown, home=home)
        return DialogueStep(dialogue=back, effects=(Say(why), Say(Prompt.PLACE_KEPT)))
    window = decided.window
    if decided.nearly:
        nearly = Dialogue(state=_S.NEARLY, number=shown, home=home, window=window)
        ask = Ask(Prompt.STAY_OR_CALL, most=1, timeout_s=STAY_TIMEOUT_S)
        return DialogueStep(dialogue=nearly, effects=(Say(Prompt.NEARLY), *_wait(window), ask))
    if shown is None:
        enter = Dialogue(state=_S.ENTER, number=None, home=home, window=window)
        return DialogueStep(dialogue=enter, effects=(*_wait(window), _ask_number()))
    dialogue = Dialogue(state=_S.READ_BACK, number=shown, home=home, window=window)
    return DialogueStep(dialogue=dialogue, effects=(*_wait(window), *_read_back(dialogue)))


def tell_wait(offer: Offer, *, from_min: float) -> tuple[Say | SayNumber, ...]:
    """What a caller hears on the way into the queue; nothing where the wait is shorter, or no time is said.

    The key works as soon as they wait: what can be promised is decided when it is pressed.
    """
    if offer.nearly or offer.window is None or offer.window.to_min < from_min:
        return ()
    return (*_wait(offer.window), Say(Prompt.PRESS_WHILE_WAITING))


def answer(dialogue: Dialogue, heard: CallerInput, read_typed: ReadTyped) -> DialogueStep:
    """The next step; `read_typed` decides which typed numbers may be called back.

    Raises `IllegalTransition` for an input that cannot happen in this state (a commit nobody asked
    for, anything after the end) and changes nothing.
    """
    event, number = _understand(dialogue, heard, read_typed)
    state = DIALOGUE.after(dialogue.state, event)
    following = replace(dialogue, state=state, number=number)
    return DialogueStep(dialogue=following, effects=_effects(dialogue.state, following, event, heard))


def _understand(
    dialogue: Dialogue, heard: CallerInput, read_typed: ReadTyped
) -> tuple[DialogueEvent, E164 | None]:
    """The table's word for an input, and the number it leaves standing."""
    number = dialogue.number
    if isinstance(heard, LineGone):
        return _E.HANG_UP, number
    if isinstance(heard, Committed):
        return _E.COMMITTED, number
    if isinstance(heard, CommitFailed):
        return _E.COMMIT_FAILED, number
    if isinstance(heard, CommitRefused):
        return (_E.ALREADY_OPEN if heard.rule is Rule.PROMISE_ALREADY_OPEN else _E.REFUSED), number
    if isinstance(heard, Silence) or not heard.digits:
        return _E.SLIP, number
    if dialogue.state in {_S.ENTER, _S.ENTER_AGAIN}:
        typed = read_typed(heard.digits)
        return (_E.NUMBER, typed) if isinstance(typed, E164) else (_E.BAD_NUMBER, None)
    if dialogue.state is _S.NEARLY:
        wants = _E.RIGHT if number is not None else _E.OTHER
        return (wants if heard.digits == KEY_RIGHT else _E.SLIP), number
    keys = {KEY_RIGHT: _E.RIGHT, KEY_OTHER: _E.OTHER}
    return keys.get(heard.digits, _E.SLIP), number


def _effects(
    before: DialogueState, after: Dialogue, event: DialogueEvent, heard: CallerInput
) -> tuple[DialogueEffect, ...]:
    """What to do on the way into the state that follows."""
    if after.state is _S.GONE or before is _S.COMMITTING_UNHEARD or event is _E.HANG_UP:
        return ()  # nobody is there to hear it
    if after.state is _S.PROMISED:
        if isinstance(heard, Committed):
            return _confirmation(heard, after.window)
        return ()
    if after.state is _S.BACK_IN_QUEUE:
        if event is _E.ALREADY_OPEN:  # whoever hangs up on it is called, whoever stays is served
            return (Say(Prompt.ALREADY_OPEN),)
        return (*_apology(event, heard), Say(Prompt.PLACE_KEPT))
    if after.state in {_S.ENTER, _S.ENTER_AGAIN}:
        return (*_apology(event, heard), _ask_number())
    if after.number is None:  # only ENTER may lack a number
        raise IllegalTransition(DIALOGUE.name, before, event)
    return (Commit(after.number, after.window),) if after.state is _S.COMMITTING else _read_back(after)


def _apology(event: DialogueEvent, heard: CallerInput) -> tuple[Say, ...]:
    if isinstance(heard, CommitRefused) and heard.rule in WHY_NOT:
        return (Say(WHY_NOT[heard.rule]),)
    if event in {_E.REFUSED, _E.BAD_NUMBER}:
        return (Say(Prompt.NUMBER_NOT_CALLED),)
    return (Say(Prompt.NOT_BOOKED),) if event is _E.COMMIT_FAILED else ()


def _confirmation(made: Committed, window: WaitWindow | None) -> tuple[DialogueEffect, ...]:
    effects: list[DialogueEffect] = [Say(Prompt.PROMISED), Say(Prompt.PLACE), SayNumber(made.queue_position)]
    effects += _minutes(window, below=Prompt.WITHIN, between=Prompt.BETWEEN)
    if made.reference.isascii() and made.reference.isdigit():
        effects += [Say(Prompt.REFERENCE), SayDigits(made.reference)]
    return (*effects, Say(Prompt.GOODBYE))


def _wait(window: WaitWindow | None) -> tuple[Say | SayNumber, ...]:
    """How long it takes, before anybody decides."""
    return _minutes(window, below=Prompt.WAIT_LESS, between=Prompt.WAIT_BETWEEN)


def _minutes(window: WaitWindow | None, *, below: Prompt, between: Prompt) -> tuple[Say | SayNumber, ...]:
    """A window as people say it; nothing where no time may be said."""
    if window is None:
        return ()
    latest = (SayNumber(window.to_min), Say(Prompt.MINUTES))
    if window.from_min == 0:
        return (Say(below), *latest)
    return (Say(between), SayNumber(window.from_min), Say(Prompt.AND), *latest)


def _read_back(dialogue: Dialogue) -> tuple[DialogueEffect, ...]:
    return (
        Say(Prompt.WE_CALL_ON),
        SayDigits(_as_dialled(dialogue)),
        Ask(Prompt.RIGHT_OR_OTHER, most=1, timeout_s=KEY_TIMEOUT_S),
    )


def _ask_number() -> Ask:
    return Ask(Prompt.TYPE_NUMBER, most=MOST_TYPED, timeout_s=NUMBER_TIMEOUT_S)


def _as_dialled(dialogue: Dialogue) -> str:
    """The digits people know the number by: the national ones at home, with 00 from abroad."""
    number = dialogue.number
    if number is None:
        return ""
    if number.region == dialogue.home:
        return "".join(character for character in number.national if character.isdigit())
    return "00" + number.digits
