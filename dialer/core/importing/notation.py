"""How a column writes its numbers and dates: settled from all its values, never from one.

`1.234` is a thousand and more in one country and a little over one in another. A column is read as numbers
if nearly every value is one; what its own values leave open, the file's other columns settle, and if they do
not either, the file is refused with both readings. A model would otherwise learn from the wrong numbers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

import polars as pl

from churnmodel.data.text_blocks import BLANKS, as_written
from churnmodel.data.words import MISSING_WORDS, folded
from dialer.core.importing.dates import DatesUnclear, dates_in_style, read_in_style

READABLE_SHARE: Final = 0.98  # of the values, as for a model's columns: typing errors do not make a category
MOST_DATES: Final = 50_000  # different days of one column: more than a hundred years have

MARKS: Final = re.compile(
    r"^(?:kr\.?|nok|sek|dkk|eur|gbp|usd|chf|sfr\.?|fr\.|pln|isk|[$€£¥])\s*"
    r"|\s*(?:kr\.?|[.,][-–]{1,2}|nok|sek|dkk|eur|gbp|usd|chf|sfr\.?|fr\.|pln|zł|isk|[%$€£¥])$",  # noqa: RUF001 - a dash
    re.IGNORECASE,
)
"""Currency and percent signs around a number."""

#: a dash where decimals would stand: `300,-`, and in Switzerland `300.-`
NO_DECIMALS: Final = re.compile("([.,])[-–]{1,2}$")  # noqa: RUF001
MARKS_BEFORE: Final = (
    "kr",
    "nok",
    "sek",
    "dkk",
    "eur",
    "gbp",
    "usd",
    "chf",
    "sfr",
    "fr.",
    "pln",
    "isk",
    "$",
    "€",
    "£",
    "¥",
)
MARKS_AFTER: Final = (*MARKS_BEFORE, "kr.", "sfr.", "zł", "-", "–", "%")  # noqa: RUF001
"""What `MARKS` finds begins, or ends, with one of these; nearly no text does, and to look is cheaper."""

FRAMES_AT_ONCE: Final = 16  # some 100,000 rows: values that stand in many blocks are looked at once in these
FEWEST_SCREENED: Final = 100  # different values; fewer are looked at one by one as fast
WORD: Final = "^[A-Za-z][!-~]*$"
PLAIN: Final = r"^[0-9]+(?:\.[0-9]+)?$"
THOUSANDS: Final = r"^[1-9][0-9]{0,2}\.[0-9]{3}$"  # a decimal to some, and a thousand and more to others
#: what stands in no number and in no sign around one
NO_NUMBER: Final = "[^-+0-9.,eE'krnosdugbpchfKRNOSDUGBPCHF%$]"
LONG_MINUS: Final = frozenset("−–")  # noqa: RUF001 - the sign of minus, and a dash for it
MINUS_ENDS: Final = frozenset(")-")
#: what every number is made of, in any notation; words are told from numbers by it at once
NUMBERISH: Final = re.compile("[-+0-9.,eE '’\u00a0\u202f]+")  # noqa: RUF001 - as in GROUP
#: a spreadsheet's number of a day, from 1954 to 2064; of amounts and counts hardly all lie there
SERIAL: Final = re.compile(r"[2-5]\d{4}(?:[.,]\d{1,10})?|60000")
#: a day without marks, read so under the name of one
COMPACT: Final = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
COMPACT_STYLE: Final = "%Y%m%d"
#: a minus behind a sum, as SAP writes it, and sums in brackets, as bookkeepers do
MINUS_BEHIND: Final = re.compile(r"\((?P<inside>[^()]*\d[^()]*)\)|(?P<sum>[\d .,'’]*\d[.,]\d{1,2})-")  # noqa: RUF001 - GROUP
GROUP: Final = "[ \u00a0\u202f'’]"  # noqa: RUF001 - what parts thousands beside a point or a comma
POINT: Final = re.compile(rf"[+-]?(?:\d*\.\d+|\d+\.?|[1-9]\d{{0,2}}(?:(?:,|{GROUP})\d{{3}})+(?:\.\d+)?)")
COMMA: Final = re.compile(rf"[+-]?(?:\d*,\d+|\d+,?|[1-9]\d{{0,2}}(?:(?:\.|{GROUP})\d{{3}})+(?:,\d+)?)")
NOT_PLAIN: Final = re.compile(rf",|{GROUP}")
EXPONENT: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")
DATE_LIKE: Final = re.compile(
    r"\d{1,4}[./-](?:\d{1,2}|[A-Za-z]{3})[./-]\d{1,4}(?:[ T](?:klo? |kl\. )?\d.*)?"
    r"|(?:[^\W\d_]+[.,]* )*?\d{1,2}[. -]*[^\W\d_]{3,}[. ,-]*(?:\d{4}|\d\d)(?: .*)?"
)


#: what a column's name has in it that holds days; "update" and "candidate" are none
DAY_WORDS: Final = re.compile(
    r"(?<!up)(?<!candi)(?<!man)(?<!vali)(?<!accommo)date|datum|dato|pvm|paiva|vertragsende|vertragsbeginn|ablauf"
    r"|contractend|contractstart|expir|renewaldue|birthday|geburtstag|fodselsdag|seit$|siden$|sedan$|since$"
)
#: what Excel counts days from
SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar, of no zone
COMPACT_SHOWN: Final = "days (20261128), kept as 2026-11-28"
SERIALS_SHOWN: Final = "days as a spreadsheet counts them (46354 is 2026-11-28), kept as 2026-11-28"


class NotationUnclear(ValueError):
    """A column may be read in two ways; the message gives both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How one column is written, and what each of its values is in the plain way: `1234.5`, `2026-11-28`."""

    shown: str  # in words, for whoever checks it
    comma: bool | None = None  # the decimal mark of numbers; None: dates
    style: str = ""  # of dates that are not ISO 8601
    days: Mapping[str, datetime | None] = field(default_factory=dict)
    serial: bool = False  # days as a spreadsheet counts them, alone or beside days as people write them

    def plain(self, text: str) -> str:
        """The value as everybody reads it; as it stands where it is none of the column's kind."""
        if self.serial and SERIAL.fullmatch(text):
            counted = SERIAL_ZERO + timedelta(days=float(text.replace(",", ".")))
            midnight = counted.replace(microsecond=0, second=0, minute=0, hour=0)
            return midnight.date().isoformat() if counted == midnight else counted.isoformat(" ", "seconds")
        if self.style == COMPACT_STYLE:
            return _from_compact(text) if COMPACT.fullmatch(text) else text
        if self.comma is None:
            moment = self.days.get(text)
            if moment is None and self.style:  # of more days than are kept
                moment = read_in_style(text, self.style)
            if moment is None or _is_iso(text):
                return text
            at_midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
            return moment.date().isoformat() if at_midnight else moment.replace(tzinfo=None).isoformat(" ")
        bare = _bare(text)
        if not (COMMA if self.comma else POINT).fullmatch(bare):
            return text
        without = re.sub(GROUP, "", bare).replace("." if self.comma else ",", "")
        return without.replace(",", ".") if self.comma else without


@dataclass(slots=True)
class ColumnEvidence:
    """What the values of one column allow."""

    present: int = 0
    numbers: int = 0  # in either notation
    marked: bool = False  # a value is not in the plain way
    only_point: str = ""  # a value that no comma reading has, and the other way round
    only_comma: str = ""
    either: str = ""  # one that both have, with different meanings
    dates: set[str] = field(default_factory=set)
    compact: int = 0  # values that are days without marks; where the column's name is a day's
    serials: int = 0  # values that a spreadsheet may count a day by; where the column's name is a day's

    def add(self, text: str, times: int = 1) -> None:
        """Take a value into account that stands so many times in the column."""
        if text.isascii() and text.isdecimal() and text not in MISSING_WORDS:
            self.present += times
            self.numbers += times
            return
        if folded(text) in MISSING_WORDS:
            return
        self.present += times
        bare = _bare(text)
        self.marked = self.marked or bare != text or NOT_PLAIN.search(bare) is not None
        if NUMBERISH.fullmatch(bare) is None:
            self._add_date(text)
            return
        if EXPONENT.fullmatch(bare):
            self.numbers += times
            return
        point, comma = POINT.fullmatch(bare) is not None, COMMA.fullmatch(bare) is not None
        if point or comma:
            self.numbers += times
            if (end := NO_DECIMALS.search(text)) is not None:
                # what stands before it is whole, so that a mark in it parts thousands
                point = "," in bare or (end[1] == "." and "." not in bare)
                comma = not point
            if point and comma:
                if "." in bare or "," in bare:  # blanks between thousands are the same to both
                    self.either = self.either or text
            elif point:
                self.only_point = self.only_point or text
            else:
                self.only_comma = self.only_comma or text
        else:
            self._add_date(text)

    def _add_date(self, text: str) -> None:
        if len(self.dates) < MOST_DATES and DATE_LIKE.fullmatch(text):
            self.dates.add(text)

    @property
    def holds_numbers(self) -> bool:
        """Whether nearly every value is a number in some notation."""
        return bool(self.present) and self.numbers >= READABLE_SHARE * self.present


def gather_evidence(
    columns: Sequence[str], wanted: Sequence[str], frames: Iterable[pl.DataFrame]
) -> dict[str, ColumnEvidence]:
    """What each wanted column's values allow, over all rows of the file's width."""
    found = {column: ColumnEvidence() for column in wanted}
    places = [(columns.index(column), evidence) for column, evidence in found.items()]
    dated = {place for place, _ in places if DAY_WORDS.search(folded(columns[place]))}
    waiting = iter(frames)
    while some := list(islice(waiting, FRAMES_AT_ONCE)):
        frame = pl.concat(some)
        for place, evidence in places:
            # most columns have few different values, and each of them is looked at once
            cells = frame.select(text=pl.nth(place).str.strip_chars(BLANKS))
            counted = cells.group_by("text", maintain_order=True).len("times")
            if place in dated:
                like = counted["text"].str.contains(f"^(?:{SERIAL.pattern})$")
                evidence.serials += int(counted.filter(like)["times"].sum())
                like = counted["text"].str.contains(f"^(?:{COMPACT.pattern})$")
                evidence.compact += int(counted.filter(like)["times"].sum())
            for text, times in _without_plain(counted, evidence).iter_rows():
                evidence.add(as_written(text), times)
    return found


def _without_plain(counted: pl.DataFrame, evidence: ColumnEvidence) -> pl.DataFrame:
    """The values that need a look; plain numbers, and what can only be words, are counted here at once."""
    if counted.height < FEWEST_SCREENED or not "".join(MISSING_WORDS).isalpha():
        return counted
    text = counted["text"]
    numbers = text.str.contains(PLAIN)
    if numbers.any():
        numbers &= ~text.str.contains(THOUSANDS)
        plain = counted.filter(numbers)
        evidence.present += int(plain["times"].sum())
        evidence.numbers += int(plain["times"].sum())
        if not evidence.only_point:
            decimals = plain["text"].str.contains(".", literal=True).arg_true()
            evidence.only_point = plain["text"][decimals[0]] if len(decimals) else ""
        counted = counted.filter(~numbers)
        text = counted["text"]
    # words that say nothing have no digit in them
    says = text.str.contains("[0-9]") | (
        text.str.contains("^[A-Za-z]+$") & ~text.str.to_lowercase().is_in(list(MISSING_WORDS))
    )
    words = says & text.str.contains(WORD) & text.str.contains(NO_NUMBER)
    evidence.present += int(counted.filter(words)["times"].sum())
    return counted.filter(~words)


def settle_notations(
    evidence: Mapping[str, ColumnEvidence], *, points_are_decimal: bool = False
) -> dict[str, Notation]:
    """How each column is written that is not written plainly throughout.

    `points_are_decimal`: the file's commas part its cells, or its cells are numbers already.

    Raises:
        NotationUnclear: nothing in the file tells how a column is meant.
    """
    clear = [
        one for one in evidence.values() if one.holds_numbers and not (one.only_point and one.only_comma)
    ]
    commas = any(one.only_comma for one in clear)
    points = any(one.only_point for one in clear)
    settled: dict[str, Notation] = {}
    for column, one in evidence.items():
        if one.holds_numbers and one.serials >= READABLE_SHARE * one.present:
            settled[column] = Notation(shown=SERIALS_SHOWN, serial=True)
        elif one.holds_numbers and one.compact >= READABLE_SHARE * one.present:
            settled[column] = Notation(shown=COMPACT_SHOWN, style=COMPACT_STYLE)
        elif one.holds_numbers:
            comma = _decimal_comma(
                column, one, commas=commas, points=points, points_are_decimal=points_are_decimal
            )
            if comma is not None:
                mark = "a decimal comma" if comma else "a decimal point"
                settled[column] = Notation(shown=f"numbers with {mark}", comma=comma)
        elif one.dates and one.present:
            days = _days(column, one)
            if days is not None:
                settled[column] = days
    return settled


def _decimal_comma(
    column: str, one: ColumnEvidence, *, commas: bool, points: bool, points_are_decimal: bool
) -> bool | None:
    """Whether the column has decimal commas; None where it is plain or has no one notation."""
    if one.only_comma and one.only_point:
        return None
    if one.only_comma or one.only_point:
        return True if one.only_comma else False if one.marked else None
    if not one.either:
        return False if one.marked else None
    if commas != points:
        return commas
    if points_are_decimal and "." in one.either:
        return None if not one.marked else False
    text = _bare(one.either)
    first, second = text.replace(".", "").replace(",", ""), text.replace(",", ".")
    raise NotationUnclear(
        f"column {column!r}: {one.either!r} may be {first} or {second}, and nothing in the file tells which. "
        "Write the column's numbers without marks between thousands, or leave it out with --ignore."
    )


def _days(column: str, one: ColumnEvidence) -> Notation | None:
    try:
        days, style = dates_in_style(one.dates)
    except DatesUnclear as unclear:
        raise NotationUnclear(f"column {column!r}: {unclear}; or leave it out with --ignore.") from unclear
    if one.serials:
        return Notation(shown=SERIALS_SHOWN, style=style, days=days, serial=True)
    # the share is of different values, which is all that is kept of dates
    if len(days) < READABLE_SHARE * len(one.dates) or all(map(_is_iso, days)):
        return None
    return Notation(shown="days, kept as 2026-11-28", style=style, days=days)


def _from_compact(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:  # as the 30th of February
        return text


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _bare(text: str) -> str:
    if text[:1] in LONG_MINUS:
        return f"-{_bare(text[1:])}"
    behind = MINUS_BEHIND.fullmatch(text.strip()) if text[-1:] in MINUS_ENDS else None
    if behind is not None:
        return f"-{_bare(behind['inside'] or behind['sum'])}"
    small = text.casefold()
    if not small.startswith(MARKS_BEFORE) and not small.endswith(MARKS_AFTER):
        return text.strip()
    return MARKS.sub("", MARKS.sub("", text)).strip()
