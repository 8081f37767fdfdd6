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
from types import MappingProxyType
from typing import Final

import polars as pl

from churnmodel.data.text_blocks import BLANKS, as_written
from churnmodel.data.words import MISSING_WORDS, folded
from dialer.core.importing.dates import CENTURY, DatesUnclear, dates_in_style, day_readings, read_in_style
from dialer.core.importing.picked_readings import NotationUnclear
from dialer.core.importing.readings import OpenColumn, Reading

READABLE_SHARE: Final = 0.98  # of the values, as for a model's columns: typing errors do not make a category
DAYS_LOOKED_AT: Final = 500  # different days of a column, to tell which of day and month its file has first
NOTHING_SAID: Final[Mapping[str, Reading]] = MappingProxyType({})
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
#: how programs write that there is no day, where they write days with marks
NOUGHTS: Final = re.compile(r"0{1,4}[./-]00?[./-]0{1,4}(?:[ T]00:00(?::00)?)?")
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
#: what a column's name has in it that holds days of birth
BIRTH_WORDS: Final = re.compile(
    r"birth|^dob|geb(?:urt|oren|dat|tag|$)|fods|fodel|fodt|fodd|^synt|naissance|geboorte"
)
LATEST_BIRTH: Final = 2010  # of somebody who has a contract; `58` is 1958, and `09` may be 2009
#: what Excel counts days from
SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar, of no zone
COMPACT_SHOWN: Final = "days (20261128), kept as 2026-11-28"
SERIALS_SHOWN: Final = "days as a spreadsheet counts them (46354 is 2026-11-28), kept as 2026-11-28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How one column is written, and what each of its values is in the plain way: `1234.5`, `2026-11-28`."""

    shown: str  # in words, for whoever checks it
    comma: bool | None = None  # the decimal mark of numbers; None: dates
    style: str = ""  # of dates that are not ISO 8601
    days: Mapping[str, datetime | None] = field(default_factory=dict)
    of_births: bool = False  # days with years of two figures are of persons who can be customers by now
    serial: bool = False  # days as a spreadsheet counts them, alone or beside days as people write them

    def plain(self, text: str) -> str:
        """The value as everybody reads it; as it stands where it is none of the column's kind."""
        if self.serial and SERIAL.fullmatch(text):
            counted = SERIAL_ZERO + timedelta(days=float(text.replace(",", ".")))
            midnight = counted.replace(microsecond=0, second=0, minute=0, hour=0)
            return midnight.date().isoformat() if counted == midnight else counted.isoformat(" ", "seconds")
        if self.style == COMPACT_STYLE:
            return _from_compact(text) if COMPACT.fullmatch(text) else text
        if self.comma is None and NOUGHTS.fullmatch(text):
            return ""
        if self.comma is None:
            moment = self.days.get(text)
            if moment is None and self.style:  # of more days than are kept
                moment = read_in_style(text, self.style)
            if moment is None or _is_iso(text):
                return text
            if self.of_births and moment.year > LATEST_BIRTH:
                moment = moment.replace(year=moment.year - CENTURY)
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
        if folded(text) in MISSING_WORDS or NOUGHTS.fullmatch(text):
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
    columns: Sequence[str], wanted: Sequence[str], frames: Iterable[pl.DataFrame], of_days: str | None = None
) -> dict[str, ColumnEvidence]:
    """What each wanted column's values allow, over all rows of the file's width.

    `of_days`: a column that somebody says holds days, whatever its name.
    """
    found = {column: ColumnEvidence() for column in wanted}
    places = [(columns.index(column), evidence) for column, evidence in found.items()]
    dated = {
        place for place, _ in places if columns[place] == of_days or DAY_WORDS.search(folded(columns[place]))
    }
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


@dataclass(frozen=True, slots=True)
class SettledNotations:
    """How a file's columns are written."""

    notations: Mapping[str, Notation]  # of columns that are not written plainly throughout
    #: columns whose own values leave two readings, also where the file's others, or a person, settle them
    open: Mapping[str, OpenColumn]
    unclear: Sequence[OpenColumn]  # of them, those that nothing settles

    def or_refuse(self) -> Mapping[str, Notation]:
        """The notations; raises `NotationUnclear` where one is not settled."""
        if self.unclear:
            raise NotationUnclear(self.unclear)
        return self.notations


def settle_notations(
    evidence: Mapping[str, ColumnEvidence],
    said: Mapping[str, Reading] = NOTHING_SAID,
    *,
    points_are_decimal: bool = False,
) -> SettledNotations:
    """How each column is written, and which may be read in two ways.

    `said`: what a person says of columns, which holds against the file's others and not against a column's
    own values. `points_are_decimal`: the file's commas part its cells, or its cells are numbers already.
    """
    clear = [
        one for one in evidence.values() if one.holds_numbers and not (one.only_point and one.only_comma)
    ]
    others = Others(
        commas=any(one.only_comma for one in clear),
        points=any(one.only_point for one in clear),
        points_are_decimal=points_are_decimal,
    )
    found = {column: _settled(column, one, others, said.get(column)) for column, one in evidence.items()}
    of_two = {
        column: _day_notation(column, evidence[column], None)
        for column, reading in said.items()
        if column in evidence and reading in {Reading.DAY_FIRST, Reading.MONTH_FIRST}
    }
    days = [
        column
        for column, one in found.items()
        if isinstance(one, OpenColumn) and one.is_of_days and one.said is None
    ]
    of_two |= {column: found[column] for column in days}
    order = _order_of(evidence.values()) if days else None
    if order is not None:
        found |= {column: _in_order(column, evidence[column], order, found[column]) for column in days}
    left_open = {column: one for column, one in found.items() if isinstance(one, OpenColumn)}
    return SettledNotations(
        notations={column: one for column, one in found.items() if isinstance(one, Notation)},
        open={
            column: either
            for column, one in evidence.items()
            if isinstance(
                either := left_open.get(column) or of_two.get(column) or _left_open(column, one), OpenColumn
            )
        },
        unclear=tuple(left_open.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What the columns of a file tell of one of numbers that leaves two readings."""

    commas: bool  # some column has decimal commas
    points: bool
    points_are_decimal: bool


Settled = Notation | OpenColumn | None


def _settled(column: str, one: ColumnEvidence, others: Others, said: Reading | None) -> Settled:
    if one.holds_numbers and one.serials >= READABLE_SHARE * one.present:
        return Notation(shown=SERIALS_SHOWN, serial=True)
    if one.holds_numbers and one.compact >= READABLE_SHARE * one.present:
        return Notation(shown=COMPACT_SHOWN, style=COMPACT_STYLE)
    if one.holds_numbers:
        return _number_notation(column, one, others, said)
    return _day_notation(column, one, said) if one.dates and one.present else None


def _number_notation(column: str, one: ColumnEvidence, others: Others, said: Reading | None) -> Settled:
    """With a comma or a point; None where the column is plain or has no one notation."""
    if one.only_comma and one.only_point:
        return None
    against = {Reading.COMMA: one.only_point, Reading.POINT: one.only_comma}.get(said) if said else ""
    if against:
        return OpenColumn(column=column, example=against, readings=_number_readings(against), said=said)
    if said in {Reading.COMMA, Reading.POINT} and one.either:
        comma = said is Reading.COMMA
    elif one.only_comma or not one.either:
        comma = bool(one.only_comma)
    elif one.only_point:
        comma = False
    elif others.commas != others.points:
        comma = others.commas
    elif others.points_are_decimal and "." in one.either:
        comma = False
    else:
        return _left_open(column, one)
    if not comma and not one.marked and (others.points_are_decimal or not one.either):
        return None
    return Notation(shown=f"numbers with a {Reading.COMMA if comma else Reading.POINT}", comma=comma)


def _left_open(column: str, one: ColumnEvidence) -> OpenColumn | None:
    """The two readings of a column of numbers, where its own values have both."""
    if not one.holds_numbers or not one.either or one.only_comma or one.only_point:
        return None
    return OpenColumn(column=column, example=one.either, readings=_number_readings(one.either))


def _number_readings(text: str) -> dict[Reading, str]:
    """What a cell is with either mark, the larger number first; empty where it is none."""
    read = {
        mark: Notation(shown="", comma=mark is Reading.COMMA).plain(text)
        for mark, pattern in ((Reading.COMMA, COMMA), (Reading.POINT, POINT))
        if pattern.fullmatch(_bare(text))
    }
    read |= {mark: "" for mark in (Reading.COMMA, Reading.POINT) if mark not in read}
    return dict(sorted(read.items(), key=lambda item: "." in item[1]))


def _day_notation(column: str, one: ColumnEvidence, said: Reading | None) -> Settled:
    order = said if said in {Reading.DAY_FIRST, Reading.MONTH_FIRST} else None
    try:
        days, style = dates_in_style(one.dates, order)
    except DatesUnclear as unclear:
        return OpenColumn(column=column, example=unclear.text, readings=unclear.readings)
    if order is not None:
        unread = (text for text in sorted(one.dates) if text not in days)
        against = next((text for text in unread if any(day_readings(text).values())), "")
        if against:
            return OpenColumn(column=column, example=against, readings=day_readings(against), said=order)
    if one.serials:
        return Notation(shown=SERIALS_SHOWN, style=style, days=days, serial=True)
    # the share is of different values, which is all that is kept of dates
    if len(days) < READABLE_SHARE * len(one.dates) or all(map(_is_iso, days)):
        return None
    of_births = "%y" in style and BIRTH_WORDS.search(folded(column)) is not None
    return Notation(shown="days, kept as 2026-11-28", style=style, days=days, of_births=of_births)


def _in_order(column: str, one: ColumnEvidence, order: Reading, before: Settled) -> Settled:
    """A column of days in the order that its file has; as it was where not all of them can be read so."""
    settled = _day_notation(column, one, order)
    return settled if isinstance(settled, Notation) else before


def _order_of(columns: Iterable[ColumnEvidence]) -> Reading | None:
    """The order of day and month that columns have of which just one order reads every day."""
    orders = set()
    for one in columns:
        readings = [day_readings(text) for text in islice(sorted(one.dates), DAYS_LOOKED_AT)]
        whole = [
            order
            for order in (Reading.DAY_FIRST, Reading.MONTH_FIRST)
            if readings and all(each[order] for each in readings)
        ]
        orders |= set(whole) if len(whole) == 1 else set()
    return orders.pop() if len(orders) == 1 else None


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
