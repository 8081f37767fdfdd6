"""A telephone number as a value: read once, checked once, hidden from logs by default.

What `phonenumbers` knows (Google's numbering plan metadata) decides; the one exception are numbers
set aside for fiction, which are allowed so that a demonstration can never ring a real person.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.phonenumberutil import is_number_type_geographical

from telephony.errors import TelephonyError
from telephony.number_plans import PlainNumber, known_number, plain_number

#: characters; the longest written number with country code, blanks and an extension stays well below
MAX_WRITTEN: Final = 64
#: what may stand between digits. Letters may not: the library would read "030 123 Frau" as 030 123 3728,
#: which is somebody else's number
MARKS: Final = frozenset("+-()[]./")
#: digits shown at the end of a masked number: enough to tell two apart on one screen, no more
SHOWN_DIGITS: Final = 3
UNKNOWN_ZONE: Final = "Etc/Unknown"  # as CLDR has it, for numbers of no country
#: numbers; an import meets each number more than once, and phonenumbers takes 0.2 ms for one parse
CACHE_SIZE: Final = 65_536


#: countries of several clocks whose numbers do not tell landline from mobile and are kept after a move, with
#: one zone for each clock; an area code tells there where a number once began
CARRIED_ALONG: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CA": (
            "America/Atikokan",
            "America/Blanc-Sablon",
            "America/Edmonton",
            "America/Halifax",
            "America/Regina",
            "America/St_Johns",
            "America/Toronto",
            "America/Vancouver",
            "America/Whitehorse",
            "America/Winnipeg",
        ),
        "US": (
            "America/Adak",
            "America/Anchorage",
            "America/Chicago",
            "America/Denver",
            "America/Los_Angeles",
            "America/New_York",
            "America/Phoenix",
            "Pacific/Honolulu",
        ),
    }
)

#: the numbering plans' word for codes that belong to no country
NO_COUNTRY: Final = "001"


class NumberFault(StrEnum):
    """Why a text is no number that can be called, in a stable word."""

    IMPOSSIBLE = "number.impossible"
    INVALID = "number.invalid"
    UNREADABLE = "number.unreadable"
    NO_REGION = "number.no-region"
    TOO_SHORT = "number.too-short"
    TOO_LONG = "number.too-long"
    UNKNOWN_COUNTRY = "number.unknown-country"
    NO_AREA_CODE = "number.no-area-code"
    EXTENSION = "number.extension"


class NumberError(TelephonyError, ValueError):
    """This text is not a number that can be called; `rule` says why."""

    def __init__(self, rule: NumberFault) -> None:
        super().__init__(rule)
        self.rule = rule


class NumberKind(StrEnum):
    """What sort of line a number is, as its plan tells."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    COMPANY = "company"
    VOICEMAIL = "voicemail"
    GLOBAL = "global"  # of no country: satellites and the ITU's shared codes (+870, +881, +882, +883, +979 …)
    UNKNOWN = "unknown"


#: Every kind of line, and whether it is ever rung: one table for campaigns, imports and callbacks. The
#: question is who pays and who answers: what earns somebody money by being called, or is no person's
#: telephone, is never rung.
RUNG: Final[Mapping[NumberKind, bool]] = MappingProxyType(
    {
        NumberKind.FIXED: True,
        NumberKind.MOBILE: True,
        NumberKind.FIXED_OR_MOBILE: True,
        NumberKind.VOIP: True,  # a household's only line, as often as not, and priced as a landline
        NumberKind.COMPANY: True,  # British 03 and its like: priced as landlines; what small firms show
        NumberKind.TOLL_FREE: False,  # the callee pays for us, and nobody lives there
        NumberKind.PREMIUM: False,
        NumberKind.SHARED_COST: False,
        NumberKind.PERSONAL: False,  # British 070 and its like: sound like mobiles, priced like premium
        NumberKind.PAGER: False,
        NumberKind.VOICEMAIL: False,
        NumberKind.GLOBAL: False,  # priced by the minute as nothing else is
        NumberKind.UNKNOWN: False,  # a kind that nobody thought of is not rung until somebody decides
    }
)


KINDS: Final = {
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.COMPANY,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}

_IMPOSSIBLE: Final = {
    phonenumbers.ValidationResult.TOO_SHORT: NumberFault.TOO_SHORT,
    phonenumbers.ValidationResult.TOO_LONG: NumberFault.TOO_LONG,
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: NumberFault.UNKNOWN_COUNTRY,
    # a local number without its area code reaches nobody from a trunk
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NumberFault.NO_AREA_CODE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FictionRange:
    """A block of 1,000 numbers no carrier may give to anybody."""

    prefix: str  # digits with country code; three more follow
    kind: NumberKind
    zone: str = "Europe/London"
    callable: bool = True  # whether a customer could plausibly have such a number


def _geographic(prefix: str) -> FictionRange:
    return FictionRange(prefix=prefix, kind=NumberKind.FIXED)


#: Ofcom, "Telephone numbers for use in TV and radio drama programmes": 20 blocks of 1,000. The
#: order is part of the promise of `fictional_numbers`. phonenumbers 9 calls 01632, 0115 496 and
#: 07700 900 possible but not valid, and the others valid.
FICTION: Final = (
    _geographic("441632960"),  # no area: the code itself is not in use
    _geographic("442079460"),  # London
    FictionRange(prefix="447700900", kind=NumberKind.MOBILE),
    _geographic("441134960"),  # Leeds
    _geographic("441144960"),  # Sheffield
    _geographic("441154960"),  # Nottingham
    _geographic("441164960"),  # Leicester
    _geographic("441174960"),  # Bristol
    _geographic("441184960"),  # Reading
    _geographic("441214960"),  # Birmingham
    _geographic("441314960"),  # Edinburgh
    _geographic("441414960"),  # Glasgow
    _geographic("441514960"),  # Liverpool
    _geographic("441614960"),  # Manchester
    _geographic("441914980"),  # Tyneside, Durham, Sunderland
    _geographic("442896496"),  # Northern Ireland
    _geographic("442920180"),  # Cardiff
    FictionRange(prefix="443069990", kind=NumberKind.COMPANY),
    FictionRange(prefix="448081570", kind=NumberKind.TOLL_FREE, callable=False),
    FictionRange(prefix="449098790", kind=NumberKind.PREMIUM, callable=False),
)

_FICTION_BY_PREFIX: Final = {block.prefix: block for block in FICTION}
_FICTION_TAIL: Final = 3  # digits after the prefix
_FICTION_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class E164:
    """A number that can be called: digits with the country code, without the plus.

    `str()` and `repr()` give the masked form, so that a log line or a traceback never shows a
    person's number by accident; `digits` and `e164` are for those who mean it.
    """

    digits: str

    @classmethod
    def parse(cls, text: str, *, region: str | None = None) -> "E164":
        """Read a number as people write it; `region` (ISO 3166, "GB") is for those without a plus.

        Raises:
            NumberError: with `rule` one of number.unreadable, number.no-region, number.too-short,
                number.too-long, number.unknown-country, number.no-area-code, number.impossible,
                number.extension, number.invalid.
        """
        return cls(_digits_of(text, region))

    @property
    def e164(self) -> str:
        """The number as the standard writes it, with the plus."""
        return f"+{self.digits}"

    @property
    def masked(self) -> str:
        """The country code and the last three digits: +44…123."""
        return f"+{_parsed(self.digits).country_code}…{self.digits[-SHOWN_DIGITS:]}"

    @property
    def national(self) -> str:
        """The number as it is written in its own country, for people to read."""
        return phonenumbers.format_number(_parsed(self.digits), phonenumbers.PhoneNumberFormat.NATIONAL)

    @property
    def region(self) -> str:
        """ISO 3166 code of the country, "001" for numbers that belong to none."""
        known = known_number(self.digits)
        if known is not None:
            return known.region
        number = _parsed(self.digits)
        found: str | None = phonenumbers.region_code_for_number(number)
        # a number its plan does not know (fiction) belongs to the main country of its code
        return found or str(phonenumbers.region_code_for_country_code(number.country_code or 0))

    @property
    def kind(self) -> NumberKind:
        """What sort of line it is."""
        block = _block_of(self.digits)
        if block is not None:
            return block.kind
        known = known_number(self.digits)
        if known is not None:
            return KINDS.get(known.kind, NumberKind.UNKNOWN)
        if phonenumbers.region_code_for_country_code(_parsed(self.digits).country_code or 0) == NO_COUNTRY:
            return NumberKind.GLOBAL
        return KINDS.get(phonenumbers.number_type(_parsed(self.digits)), NumberKind.UNKNOWN)

    @property
    def is_rung(self) -> bool:
        """Whether this sort of line is ever rung."""
        return RUNG[self.kind]

    @property
    def time_zones(self) -> tuple[str, ...]:
        """Every IANA zone the person may live in, sorted; empty when nothing is known.

        A mobile number says its country only, so all of the country's zones are candidates. So does every
        number of a country where people take theirs along when they move (`CARRIED_ALONG`).
        """
        block = _block_of(self.digits)
        if block is not None:
            return (block.zone,)
        return CARRIED_ALONG.get(self.region) or _zones_of(self.digits)

    @property
    def is_fictional(self) -> bool:
        """Whether no real person can have this number."""
        return is_fictional(self.digits)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"E164({self.masked})"


def is_fictional(digits: str) -> bool:
    """Whether these digits (country code first, a plus allowed) are set aside for fiction.

    Sources: Ofcom's list for drama; NANPA for 555-0100 to 555-0199 under any North American area code.
    """
    bare = digits.removeprefix("+")
    if _block_of(bare) is not None:
        return True
    return len(bare) == 11 and bare.startswith("1") and bare[4:9] == "55501"  # noqa: PLR2004 - +1, area, line


def fictional_numbers(count: int, *, start: int = 0) -> tuple[E164, ...]:
    """The numbers `start` to `start + count` of a fixed order over Ofcom's drama blocks (18,000 in all).

    Neighbours come from different blocks, so that a short list already looks like a country. Raises
    ValueError when more are asked for than exist.
    """
    if count < 0 or start < 0 or start + count > FICTIONAL_COUNT:
        raise ValueError(f"there are {FICTIONAL_COUNT} fictional numbers")
    return tuple(islice(_all_fiction(), start, start + count))


#: how many `fictional_numbers` can give
FICTIONAL_COUNT: Final = 1000 * sum(block.callable for block in FICTION)


def _all_fiction() -> Iterator[E164]:
    blocks = [block for block in FICTION if block.callable]
    for line in range(1000):
        for block in blocks:
            yield E164(f"{block.prefix}{line:03d}")


def _block_of(digits: str) -> FictionRange | None:
    if len(digits) != _FICTION_DIGITS:
        return None
    return _FICTION_BY_PREFIX.get(digits[:-_FICTION_TAIL])


@lru_cache(maxsize=CACHE_SIZE)
def _digits_of(text: str, region: str | None) -> str:
    if len(text) > MAX_WRITTEN:
        raise NumberError(NumberFault.TOO_LONG)
    plain = plain_number(text, region)
    if plain is not None:
        return plain.digits
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as refusal:
        if refusal.error_type != phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise NumberError(NumberFault.UNREADABLE) from None
        has_code = unicodedata.normalize("NFKC", text.strip().removeprefix("tel:")).startswith("+")
        raise NumberError(NumberFault.UNKNOWN_COUNTRY if has_code else NumberFault.NO_REGION) from None
    if number.extension:
        raise NumberError(NumberFault.EXTENSION)
    if not _is_digits_and_marks(text.strip().removeprefix("tel:")):
        raise NumberError(NumberFault.UNREADABLE)
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    if _block_of(digits) is not None:
        return digits
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NumberError(_IMPOSSIBLE.get(verdict, NumberFault.IMPOSSIBLE))
    if not phonenumbers.is_valid_number(number):
        raise NumberError(NumberFault.INVALID)
    return digits


def _is_digits_and_marks(text: str) -> bool:
    """Whether nothing but digits, blanks and what parts them is there, in whatever script."""
    return all(
        character.isdecimal()
        or character.isspace()
        or unicodedata.normalize("NFKC", character) in MARKS
        or unicodedata.category(character) in {"Cf", "Pd"}  # marks without width; dashes of every length
        for character in text
    )


@lru_cache(maxsize=CACHE_SIZE)
def _parsed(digits: str) -> PhoneNumber:
    return phonenumbers.parse(f"+{digits}", None)


@lru_cache(maxsize=CACHE_SIZE)
def _zones_of(digits: str) -> tuple[str, ...]:
    known = known_number(digits)
    if known is not None:
        return _zones_by_prefix(digits, known)
    number = _parsed(digits)
    from phonenumbers.timezone import time_zones_for_number  # noqa: PLC0415 - as `zones_by_start`

    zones = time_zones_for_number(number)
    if UNKNOWN_ZONE in zones:
        zones = zones_by_start().get(str(number.country_code), ())
    return tuple(sorted(set(zones) - {UNKNOWN_ZONE}))


@cache
def zones_by_start() -> Mapping[str, tuple[str, ...]]:
    """Time zones by how numbers start, country code first; a megabyte, loaded when one is asked for."""
    from phonenumbers.tzdata import TIMEZONE_DATA  # noqa: PLC0415 - as just said

    return MappingProxyType(TIMEZONE_DATA)


@cache
def longest_area(code: str) -> int:
    """Digits of the longest start that tells zones of this country code apart."""
    return max((len(start) for start in zones_by_start() if start.startswith(code)), default=len(code))


def _zones_by_prefix(digits: str, known: PlainNumber) -> tuple[str, ...]:
    """The zones of a number whose plan is known: by area where its sort has one, else the whole country's."""
    start = digits if is_number_type_geographical(known.kind, int(known.code)) else known.code
    return _zones_starting(start[: longest_area(known.code)], known.code)


@lru_cache(maxsize=CACHE_SIZE)
def _zones_starting(start: str, code: str) -> tuple[str, ...]:
    by_start = zones_by_start()
    found = (by_start.get(start[:length]) for length in range(len(start), 0, -1))
    zones = next((zones for zones in found if zones is not None), ())
    if UNKNOWN_ZONE in zones or not zones:
        zones = by_start.get(code, ())
    return tuple(sorted(set(zones) - {UNKNOWN_ZONE}))
