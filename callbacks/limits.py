"""Numbers that are never promised a call, and limits on how many promises one number gets.

The danger is toll fraud (a caller who types a number that earns money by being called) and bombing
(promising calls to somebody who never asked). The compliance check refuses the same numbers again at the
moment of dialling, because a block list read only at the request is out of date by then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.refusals import Refusal, Rule, refuse_kind
from telephony.numbers import E164, RUNG, NumberError

FEWEST_DIGITS: Final = 7  # below: internal extensions, short codes, emergency and feature numbers
MOST_DIGITS: Final = 15  # E.164
PROMISE_WINDOW: Final = timedelta(hours=24)

HOUR: Final = timedelta(hours=1)
MOST_SOURCE: Final = 16  # characters of a calling number, as the promise keeps it
HIDDEN: Final = ""  # the source of a caller who shows no number; the caps of one number do not hold for it


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackLimits:
    """What one number may ask for. `own` are the centre's numbers, E.164 with the plus."""

    own: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()  # said "I did not ask for this", or put here by staff
    restricted: frozenset[str] = frozenset()  # of persons whose data are only kept until that is lifted
    regions: frozenset[str] = frozenset()  # countries that are called back, ISO codes; empty: all
    promises_a_day: int = 3  # to one number
    source_an_hour: int = 3  # asked for by one calling number, to whatever numbers
    source_a_day: int = 6
    all_an_hour: int = 200  # to anybody: what a flood may cost before a person looks
    all_a_day: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHistory:
    """What the database knows of one number: its open promise, and when its latest promises were made."""

    open_promise: bool = False
    made: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingHistory:
    """When the last day's promises were made: those asked for by one calling number, and all of them."""

    by_source: tuple[datetime, ...] = ()
    by_all: tuple[datetime, ...] = ()


def refuse_number(number: E164, rules: CallbackLimits) -> Refusal | None:
    """Why this number is never promised a call, or None.

    Rule ids: `number.own`, `number.blocked`, `person.restricted`, `number.class.<kind>`, `number.region`.
    """
    if number.e164 in rules.own:
        return Refusal(rule=Rule.NUMBER_OWN)
    if number.e164 in rules.blocked:
        return Refusal(rule=Rule.NUMBER_BLOCKED)
    if number.e164 in rules.restricted:
        return Refusal(rule=Rule.PERSON_RESTRICTED)
    if not RUNG[number.kind]:
        return refuse_kind(number.kind)
    if rules.regions and number.region not in rules.regions:
        return Refusal(rule=Rule.NUMBER_REGION)
    return None


def refuse_asking(asked: AskingHistory, rules: CallbackLimits, now: datetime) -> Refusal | None:
    """Why nobody who calls from there is promised a call now, or None.

    Rule ids: `promise.source-hour`, `promise.source-day`, `promise.all-hour`, `promise.all-day`.
    """
    for rule, made, span, most in (
        (Rule.PROMISE_SOURCE_DAY, asked.by_source, PROMISE_WINDOW, rules.source_a_day),
        (Rule.PROMISE_SOURCE_HOUR, asked.by_source, HOUR, rules.source_an_hour),
        (Rule.PROMISE_ALL_DAY, asked.by_all, PROMISE_WINDOW, rules.all_a_day),
        (Rule.PROMISE_ALL_HOUR, asked.by_all, HOUR, rules.all_an_hour),
    ):
        recent = sorted(moment for moment in made if moment > now - span)
        if len(recent) >= most:
            return Refusal(rule=rule, until=recent[-most] + span)
    return None


def read_source(shown: str | None, region: str) -> str:
    """The number that asks, as one text whichever way it is written; `HIDDEN` where none is shown."""
    text = (shown or "").strip()
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    if not digits:
        return HIDDEN
    try:
        return E164.parse(text, region=region).e164
    except NumberError:
        return digits[:MOST_SOURCE]


def refuse_request(
    number: E164, history: NumberHistory, rules: CallbackLimits, now: datetime
) -> Refusal | None:
    """Why no further promise is made to this number, or None.

    `promise.already-open` means the caller has lost nothing: the earlier promise and its queue position
    stand. `promise.too-many` says when the day's promises no longer fill the limit.
    """
    refused = refuse_number(number, rules)
    if refused is not None:
        return refused
    if history.open_promise:
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    recent = sorted(moment for moment in history.made if moment > now - PROMISE_WINDOW)
    if len(recent) >= rules.promises_a_day:
        return Refusal(rule=Rule.PROMISE_TOO_MANY, until=recent[-rules.promises_a_day] + PROMISE_WINDOW)
    return None


def read_typed(digits: str, region: str, rules: CallbackLimits) -> E164 | Refusal:
    """The number a caller typed on the keypad, or why it is not accepted.

    People type it as they would dial it in `region` (ISO 3166), with 00 and the country code, or with
    the country code alone. The first reading that may be called back holds. 7 to 15 digits and nothing
    else: a dial string is never built from what somebody typed.
    """
    if not (digits.isascii() and digits.isdigit() and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS):
        return Refusal(rule=Rule.NUMBER_IMPOSSIBLE)
    international = "+" + digits.removeprefix("00")
    first: Refusal | None = None
    for text in (digits, international):
        try:
            number = E164.parse(text, region=region)
        except NumberError:
            continue
        refused = refuse_number(number, rules)
        if refused is None:
            return number
        first = first or refused
    return first or Refusal(rule=Rule.NUMBER_IMPOSSIBLE)


def read_shown(shown: str | None, region: str, rules: CallbackLimits) -> E164 | Refusal | None:
    """The number a caller shows, why it is not called back, or None where it is no number at all.

    Words such as "anonymous" and "unavailable" come in this field too, and so does whatever a caller's
    PBX chose to put there.
    """
    text = (shown or "").strip()
    if not text.startswith("+"):
        typed = read_typed(text, region, rules)
        return None if typed == Refusal(rule=Rule.NUMBER_IMPOSSIBLE) else typed
    try:
        number = E164.parse(text)
    except NumberError:
        return None
    return refuse_number(number, rules) or number
