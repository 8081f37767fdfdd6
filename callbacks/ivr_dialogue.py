"""The conversation in which a caller asks to be called back, as a table without any I/O.

Whoever holds the line plays the effects of a step, feeds back what happened, and goes on until
`ended`. The caller hears "we will call you" only as an effect of `Committed`: there is no other way
into `PROMISED` (invariant 2). The table has no cycles, so every conversation ends, after at most
`LONGEST` inputs, in exactly one of promised, back in the queue, or gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from callbacks.ivr_table import DIALOGUE, DialogueEvent, DialogueState
from callbacks.ivr_words import (
    Ask,
    CommitFailed,
    LineGone,
    Pressed,
    Prompt,
    Say,
    SayDigits,
    SayNumber,
    Silence,
)
from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from callbacks.spoken_times import SpokenTime, read_out, say_time
from callbacks.wait_estimate import WaitWindow
from telephony.numbers import E164
from telephony.state_machine import IllegalTransition

KEY_RIGHT: Final = "1"
KEY_OTHER: Final = "2"  # where a call back is the default: to stay on the line
KEY_CANCEL: Final = "3"  # as in the call back itself
KEY_TIMEOUT_S: Final = 6.0  # long enough to find the keypad on a mobile phone held to the ear
NUMBER_TIMEOUT_S: Final = 10.0  # from one digit to the next, while somebody reads a number off a card
MOST_TYPED: Final = 17  # 15 digits of E.164 and 00 in front
STAY_TIMEOUT_S: Final = 3.0  # whoever would rather stay does nothing, and their turn comes soon
LONGEST: Final = 17  # inputs from the first question to the end, commits and looking for times among them


_S, _E = DialogueState, DialogueEvent
_COMMITS: Final = frozenset({_S.COMMITTING, _S.COMMITTING_TIME, _S.BOOKING})
_PICKS: Final = frozenset({_S.PICK, _S.PICK_AGAIN, _S.PICK_OTHER})
_READ_BACK: Final = frozenset({_S.READ_BACK, _S.READ_BACK_AGAIN, _S.CHECK, _S.CHECK_AGAIN})
#: the number is agreed: whoever hangs up has said yes
_AGREED: Final = frozenset({_S.WHEN, _S.FINDING_TIMES, _S.PICK, _S.PICK_AGAIN})

WHY_NOT: Final[dict[Rule, Prompt]] = {
    Rule.OFFER_CLOSED: Prompt.CLOSED,
    Rule.OFFER_NO_AGENTS: Prompt.NO_AGENTS,
    Rule.OFFER_FULL: Prompt.FULL,
    Rule.OFFER_CLOSING: Prompt.CLOSING,
    Rule.HOURS_NIGHT: Prompt.NIGHT,
}


@dataclass(frozen=True, slots=True)
class Commit:
    """Write the promise to `number` into the database now, with what was said of the wait.

    `slot` is the hour that was chosen; None: in turn. Feed back what became of it.
    """

    number: E164
    window: WaitWindow | None = None
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class FindTimes:
    """Look which hours this number can be called in; feed back `TimesFound`."""

    number: E164


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End the promise made in this call: the caller stays. Feed back `Withdrawn`."""


@dataclass(frozen=True, slots=True)
class CancelOpen:
    """End the promise that is open to `number`, which the caller shows. Feed back `Withdrawn`."""

    number: E164


@dataclass(frozen=True, slots=True)
class MoveOpen:
    """Move the promise that is open to `number` to the hour of `slot`; feed back as after `Commit`."""

    number: E164
    slot: Slot


@dataclass(frozen=True, slots=True)
class RecordReason:
    """Record who calls and why, as long as they speak; nothing hangs on it."""

    reference: str  # the promise's


DialogueEffect = (
    Say | SayDigits | SayNumber | Ask | Commit | FindTimes | Withdraw | CancelOpen | MoveOpen | RecordReason
)


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
class TimesFound:
    """The hours to be read out; none where none is free."""

    times: tuple[SpokenTime, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whether the promise is ended; where it is not, it stands and keeps its place."""

    done: bool


CallerInput = Pressed | Silence | LineGone | Committed | CommitRefused | CommitFailed | TimesFound | Withdrawn
ReadTyped = Callable[[str], E164 | Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One conversation: its state, the number the caller would be called on, and the window they heard."""

    state: DialogueState
    number: E164 | None
    home: str  # ISO 3166, the country whose numbers are said without a country code
    shown: E164 | None = None  # the number the caller shows: only a promise to it is theirs to change
    window: WaitWindow | None = None
    choose_time: bool = False  # a caller of this queue may choose an hour instead of their turn
    record_reason: bool = False  # and is asked who they are and why they call, once the promise is made
    times: tuple[SpokenTime, ...] = ()  # that were read out
    picked: SpokenTime | None = None
    made: Committed | None = None  # by default, and may be said

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


def start(
    shown: E164 | None,
    home: str,
    decided: Offer | Refusal | None,
    *,
    choose_time: bool = False,
    record_reason: bool = False,
    change_by_key: bool = True,
) -> DialogueStep:
    """Open the conversation with the number the caller shows, or None for a hidden or useless one.

    `decided` is what `offers.decide_offer` said; None where nothing could be decided. Without an offer the
    conversation is over at once, with one sentence that says why. `change_by_key`: that a number is shown is
    proof enough to move or cancel the call that is promised to it.
    """
    step = _start(shown, home, decided)
    trusted = shown if change_by_key else None
    asks = replace(step.dialogue, shown=trusted, choose_time=choose_time, record_reason=record_reason)
    return replace(step, dialogue=asks)


def start_booked(
    shown: E164,
    home: str,
    offer: Offer,
    *,
    choose_time: bool = False,
    record_reason: bool = False,
    change_by_key: bool = True,
) -> DialogueStep:
    """Open it where a call back is the default: what is promised is committed before it is said."""
    booking = Dialogue(
        state=_S.BOOKING,
        number=shown,
        home=home,
        shown=shown if change_by_key else None,
        window=offer.window,
        choose_time=choose_time,
        record_reason=record_reason,
    )
    return DialogueStep(dialogue=booking, effects=(*_wait(offer.window), Commit(shown, offer.window)))


def _start(shown: E164 | None, home: str, decided: Offer | Refusal | None) -> DialogueStep:
    if not isinstance(decided, Offer):
        why = WHY_NOT.get(decided.rule, Prompt.NOT_BOOKED) if decided is not None else Prompt.NOT_BOOKED
        back = Dialogue(state=_S.BACK_IN_QUEUE, number=shown, home=home)
        return DialogueStep(dialogue=back, effects=(Say(why), Say(Prompt.PLACE_KEPT)))
    window = decided.window
    if decided.nearly:
        nearly = Dialogue(state=_S.NEARLY, number=shown, home=home, window=window)
        before = Say(Prompt.NEARLY), *_wait(window)
        ask = _ask_key(Prompt.STAY_OR_CALL, *before, timeout_s=STAY_TIMEOUT_S)
        return DialogueStep(dialogue=nearly, effects=(ask,))
    if shown is None:
        enter = Dialogue(state=_S.ENTER, number=None, home=home, window=window)
        return DialogueStep(dialogue=enter, effects=(*_wait(window), _ask_number()))
    dialogue = Dialogue(state=_S.READ_BACK, number=shown, home=home, window=window)
    return DialogueStep(dialogue=dialogue, effects=(*_wait(window), *_read_back(dialogue)))


def tell_wait(offer: Offer) -> tuple[Say | SayNumber, ...]:
    """What a caller hears on the way into the queue, where `offer_policy.way_in` says that they do.

    The key works as soon as they wait: what can be promised is decided when it is pressed.
    """
    return (*_wait(offer.window), Say(Prompt.PRESS_WHILE_WAITING))


def answer(dialogue: Dialogue, heard: CallerInput, read_typed: ReadTyped) -> DialogueStep:
    """The next step; `read_typed` decides which typed numbers may be called back.

    Raises `IllegalTransition` for an input that cannot happen in this state (a commit nobody asked
    for, anything after the end) and changes nothing.
    """
    event, number = _understand(dialogue, heard, read_typed)
    state = DIALOGUE.after(dialogue.state, event)
    following = replace(dialogue, state=state, number=number)
    match heard:
        case TimesFound(times=times):
            following = replace(following, times=times)
        case Pressed(digits=digits) if event is _E.PICKED:
            following = replace(following, picked=dialogue.times[int(digits) - 1])
        case Committed() if dialogue.state is _S.BOOKING:
            following = replace(following, made=heard)
        case CommitRefused() if event is _E.TIME_TAKEN:
            following = replace(following, picked=None)
    return DialogueStep(dialogue=following, effects=_effects(dialogue.state, following, event, heard))


def _understand(
    dialogue: Dialogue, heard: CallerInput, read_typed: ReadTyped
) -> tuple[DialogueEvent, E164 | None]:
    """The table's word for an input, and the number it leaves standing."""
    number = dialogue.number
    match heard:
        case LineGone():
            return _E.HANG_UP, number
        case Committed():
            return _E.COMMITTED, number
        case CommitFailed():
            return _E.COMMIT_FAILED, number
        case CommitRefused(rule=rule):
            return _understand_refusal(dialogue, rule), number
        case TimesFound(times=times):
            return (_E.TIMES if times else _E.NO_TIMES), number
        case Withdrawn(done=done):
            return (_E.WITHDRAWN if done else _E.NOT_WITHDRAWN), number
        case Pressed(digits=digits) if digits:
            return _understand_keys(dialogue, digits, read_typed)
    return _E.SLIP, number


def _understand_refusal(dialogue: Dialogue, rule: Rule) -> DialogueEvent:
    if rule is Rule.SLOT_TAKEN and dialogue.state in {_S.COMMITTING_TIME, _S.MOVING}:
        return _E.TIME_TAKEN
    if rule is not Rule.PROMISE_ALREADY_OPEN or dialogue.state is _S.MOVING:
        return _E.REFUSED
    own = dialogue.number is not None and dialogue.number == dialogue.shown
    return _E.OWN_OPEN if own and dialogue.state in _COMMITS else _E.ALREADY_OPEN


def _understand_keys(
    dialogue: Dialogue, digits: str, read_typed: ReadTyped
) -> tuple[DialogueEvent, E164 | None]:
    number = dialogue.number
    if dialogue.state in {_S.ENTER, _S.ENTER_AGAIN}:
        typed = read_typed(digits)
        return (_E.NUMBER, typed) if isinstance(typed, E164) else (_E.BAD_NUMBER, None)
    if dialogue.state is _S.NEARLY:
        wants = _E.RIGHT if number is not None else _E.OTHER
        return (wants if digits == KEY_RIGHT else _E.SLIP), number
    if dialogue.state is _S.STANDING:
        known = {KEY_CANCEL: _E.CANCEL, KEY_OTHER: _E.OTHER if dialogue.choose_time else _E.SLIP}
        return known.get(digits, _E.SLIP), number
    if dialogue.state in _PICKS:
        numbers = {str(key) for key in range(1, len(dialogue.times) + 1)}
        return (_E.PICKED if digits in numbers else _E.SLIP), number
    right = _E.RIGHT_AND_WHEN if dialogue.choose_time and dialogue.state in _READ_BACK else _E.RIGHT
    return {KEY_RIGHT: right, KEY_OTHER: _E.OTHER}.get(digits, _E.SLIP), number


def _effects(
    before: DialogueState, after: Dialogue, event: DialogueEvent, heard: CallerInput
) -> tuple[DialogueEffect, ...]:
    """What to do on the way into the state that follows."""
    if after.state is _S.COMMITTING_UNHEARD and before in _AGREED and after.number is not None:
        return (Commit(after.number, after.window),)
    if after.state is _S.GONE or before is _S.COMMITTING_UNHEARD or event is _E.HANG_UP:
        return ()  # nobody is there to hear it
    match after.state:
        case _S.PROMISED:
            return _confirmation(before, after, heard)
        case _S.BACK_IN_QUEUE:
            return _back(before, event, heard)
        case _S.ENTER | _S.ENTER_AGAIN:
            return (*_apology(event, heard), _ask_number())
    number = after.number
    if number is None:  # only ENTER may lack a number
        raise IllegalTransition(DIALOGUE.name, before, event)
    return _with_number(after, number, event)


def _with_number(after: Dialogue, number: E164, event: DialogueEvent) -> tuple[DialogueEffect, ...]:
    """The same where there has to be a number: what is done for the caller, or else asked of them."""
    picked = after.picked
    match after.state:
        case _S.FINDING_TIMES | _S.FINDING_OTHER_TIMES:
            return (FindTimes(number),)
        case _S.COMMITTING_TIME if picked is not None:
            return (Commit(number, None, picked.slot),)
        case _S.MOVING if picked is not None:
            return (MoveOpen(number, picked.slot),)
        case _S.COMMITTING:
            why = {_E.NO_TIMES: (Say(Prompt.NO_TIMES),), _E.TIME_TAKEN: (Say(Prompt.TIME_TAKEN),)}
            return (*why.get(event, ()), Commit(number, after.window))
        case _S.WITHDRAWING:
            return (Withdraw(),)
        case _S.CANCELLING:
            return (CancelOpen(number),)
    return _question(after)


def _question(after: Dialogue) -> tuple[DialogueEffect, ...]:
    """What a caller with a number is asked, with what is said before it."""
    match after.state:
        case _S.WHEN:
            return (_ask_key(Prompt.PLACE_OR_TIME),)
        case _S.PICK | _S.PICK_AGAIN | _S.PICK_OTHER:
            return (_ask_key(Prompt.PRESS_NOW, *read_out(after.times)),)
        case _S.BOOKED:
            number = SayDigits(_as_dialled(after))
            return (_ask_key(Prompt.BOOKED_OR_STAY, Say(Prompt.BOOKED), number),)
        case _S.STANDING:
            keys = Prompt.TO_CHANGE_OR_CANCEL if after.choose_time else Prompt.TO_CANCEL
            return (_ask_key(keys, Say(Prompt.ALREADY_OPEN), timeout_s=STAY_TIMEOUT_S),)
    return _read_back(after)


def _back(before: DialogueState, event: DialogueEvent, heard: CallerInput) -> tuple[DialogueEffect, ...]:
    """What is said to a caller who goes back into the queue."""
    if event in {_E.ALREADY_OPEN, _E.NOT_WITHDRAWN}:  # hanging up they are called, staying they are served
        return (Say(Prompt.ALREADY_OPEN),)
    match before, event:
        case _S.CANCELLING, _E.WITHDRAWN:
            return (Say(Prompt.NO_LONGER), Say(Prompt.PLACE_KEPT))
        case _S.FINDING_OTHER_TIMES, _:
            return (Say(Prompt.NO_TIMES), Say(Prompt.PLACE_KEPT))
        case _S.MOVING, _:
            return (Say(Prompt.TIME_TAKEN if event is _E.TIME_TAKEN else Prompt.NOT_NOTED),)
    if before is _S.BOOKING:
        return ()  # nothing was asked for, and nothing was said
    return (*_apology(event, heard), Say(Prompt.PLACE_KEPT))


def _apology(event: DialogueEvent, heard: CallerInput) -> tuple[Say, ...]:
    if isinstance(heard, CommitRefused) and heard.rule in WHY_NOT:
        return (Say(WHY_NOT[heard.rule]),)
    if event in {_E.REFUSED, _E.BAD_NUMBER}:
        return (Say(Prompt.NUMBER_NOT_CALLED),)
    return (Say(Prompt.NOT_BOOKED),) if event is _E.COMMIT_FAILED else ()


def _confirmation(before: DialogueState, after: Dialogue, heard: CallerInput) -> tuple[DialogueEffect, ...]:
    """The promise is in the database: everything that may be said of it."""
    booked = before is _S.BOOKED  # and was said already
    made = after.made if booked else heard
    if not isinstance(made, Committed):
        return ()
    effects: list[DialogueEffect] = [] if booked else [Say(Prompt.PROMISED)]
    if after.picked is not None:
        effects += [Say(Prompt.AT_TIME), *say_time(after.picked)]
    else:
        effects += [Say(Prompt.PLACE), SayNumber(made.queue_position)]
        effects += _minutes(after.window, below=Prompt.WITHIN, between=Prompt.BETWEEN) if not booked else ()
    if made.reference.isascii() and made.reference.isdigit():
        effects += [Say(Prompt.REFERENCE), SayDigits(made.reference)]
    if after.record_reason and before is not _S.MOVING:
        effects += [Say(Prompt.SAY_REASON), RecordReason(made.reference)]
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
    """The number, which a key cuts short; not the words before it: a key pressed twice is no yes to it."""
    return (Say(Prompt.WE_CALL_ON), _ask_key(Prompt.RIGHT_OR_OTHER, SayDigits(_as_dialled(dialogue))))


def _ask_key(question: Prompt, *before: Say | SayDigits | SayNumber, timeout_s: float = KEY_TIMEOUT_S) -> Ask:
    """A question that one key answers, from what is said before it on."""
    return Ask(question, most=1, timeout_s=timeout_s, before=before)


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
