"""Which column of a customer file is what: guessed from names and values, overruled by flags.

A name alone is not enough: `PhoneService` holds yes and no, not numbers. So a guess holds only where
a sample of the values bears it out; what a person says by a flag is taken as said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final
from zoneinfo import available_timezones

from dialer.core.importing.phone_cells import looks_like_numbers, read_phone_cell

SAMPLE_ROWS: Final = 200  # enough to tell numbers from words; a few milliseconds
BEARING_SHARE: Final = 0.5  # of the sampled values that must look the part; exports hold a lot of blanks
# of an identifier's values: rows written twice must not hide it, a key of groups must not pass for it
DISTINCT_SHARE: Final = 0.75
NOTHING: Final = "none"  # a flag's word for: no column of the file is this

ID_NAMES: Final = (
    "id", "customerid", "customernumber", "customerno", "customer", "clientid", "client", "accountid",
    "accountnumber", "account", "subscriberid", "userid", "memberid", "contactid", "externalid", "custid",
    "uuid", "guid", "rowid",
)  # fmt: skip
NAME_NAMES: Final = ("name", "fullname", "customername", "displayname", "contactname", "clientname")
FIRST_NAMES: Final = ("firstname", "givenname", "forename")
LAST_NAMES: Final = ("lastname", "surname", "familyname")
ZONE_NAMES: Final = ("timezone", "zone", "tz", "timezonename", "tzname")
LANGUAGE_NAMES: Final = ("language", "lang", "locale")
HOUSEHOLD_NAMES: Final = ("household", "householdid", "householdkey", "familyid")
LABEL_NAMES: Final = (
    "churned",
    "churn",
    "exited",
    "attrition",
    "left",
    "cancelled",
    "canceled",
    "target",
    "y",
)
PHONE_WORDS: Final = re.compile(
    r"phone|mobile|msisdn|e164|^tel|tel$|^cell|landline|contactnumber|^number\d*$"
)
PHONE_NAMES: Final = re.compile(
    r"(home|work|office|mobile|cell|contact|business|primary|main)?"
    r"(phone|telephone|tel|mobile|cell|msisdn|landline)(number|no|home|work|mobile)?\d*"
)
"""Names that say nothing but: here are numbers. Whether they can be read or not."""


class MappingRefused(ValueError):
    """The file's columns cannot be made sense of; the message names the flag that helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column is what, by the file's own names. `name` may be two columns, joined by a blank.

    Every column that is none of these is an attribute, and so is the label: the model learns from them.
    """

    id: str
    name: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()  # in the order they are to be tried
    zone: str | None = None
    language: str | None = None
    household: str | None = None
    label: str | None = None
    ignored: tuple[str, ...] = ()

    def attributes(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns that are kept as attributes, in the file's order."""
        taken = {self.id, *self.name, *self.phones, self.zone, self.language, self.household, *self.ignored}
        return tuple(column for column in columns if column not in taken)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the database and for a job's arguments."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "ColumnMapping":
        """Read back what `as_dict` gave."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return ColumnMapping(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the flags say. None: guess. The word `none`: the file has no such column."""

    id: str | None = None
    name: tuple[str, ...] | None = None
    phones: tuple[str, ...] | None = None
    zone: str | None = None
    language: str | None = None
    household: str | None = None
    label: str | None = None
    ignored: tuple[str, ...] = ()


def infer_mapping(
    columns: Sequence[str], sample: Sequence[Mapping[str, str]], given: Given, region: str
) -> ColumnMapping:
    """The mapping of a file with these columns and these first rows.

    `region` (ISO 3166) is the country of numbers written without a country code.

    Raises:
        MappingRefused: two columns of one name, a flag that names no column, or no column that tells
            customers apart.
    """
    _check_columns(columns, given)
    free = [column for column in columns if column not in given.ignored]

    def values(column: str) -> list[str]:
        return [text for row in sample if (text := row.get(column, "").strip())]

    def guess(names: Sequence[str], fits: Callable[[str], bool] | None = None) -> str | None:
        return next(
            (column for column in _named(free, names) if fits is None or _bears(values(column), fits)), None
        )

    def settle(said: str | None, guessed: str | None) -> str | None:
        chosen = guessed if said is None else None if said == NOTHING else said
        if chosen in free:
            free.remove(chosen)
        return chosen

    label = settle(given.label, guess(LABEL_NAMES))
    identity = settle(given.id, _guess_id(free, values))
    if identity is None:
        raise MappingRefused(
            f"no column tells customers apart. Name one with --id COLUMN; the file has: {', '.join(columns)}"
        )
    zone = settle(given.zone, guess(ZONE_NAMES, lambda text: text in available_timezones()))
    language = settle(given.language, guess(LANGUAGE_NAMES, lambda text: len(text) <= 8))  # noqa: PLR2004 - en-GB
    household = settle(given.household, guess(HOUSEHOLD_NAMES))
    name = _without_nothing(given.name)
    if name is None:
        whole = guess(NAME_NAMES)
        parts = tuple(part for part in (guess(FIRST_NAMES), guess(LAST_NAMES)) if part)
        name = (whole,) if whole else parts
    free = [column for column in free if column not in name]
    phones = _without_nothing(given.phones)
    if phones is None:
        phones = tuple(
            column
            for column in free
            if PHONE_WORDS.search(plain_name(column)) and _holds_numbers(column, values(column), region)
        )
    return ColumnMapping(
        id=identity,
        name=name,
        phones=phones,
        zone=zone,
        language=language,
        household=household,
        label=label,
        ignored=given.ignored,
    )


def _check_columns(columns: Sequence[str], given: Given) -> None:
    doubles = sorted({column for column in columns if columns.count(column) > 1})
    if doubles:
        raise MappingRefused(f"two columns are both named {doubles[0]!r}; rename one in the file")
    if not all(column.strip() for column in columns):
        raise MappingRefused("a column has no name; the file's first line must name every column")
    flags = {
        "--id": (given.id,),
        "--name": given.name or (),
        "--phone": given.phones or (),
        "--zone": (given.zone,),
        "--language": (given.language,),
        "--household": (given.household,),
        "--label": (given.label,),
        "--ignore": given.ignored,
    }
    for flag, named in flags.items():
        for column in named:
            if column is not None and column != NOTHING and column not in columns:
                raise MappingRefused(
                    f"{flag} {column!r}: there is no such column. The file has: {', '.join(columns)}"
                )


def _guess_id(columns: Sequence[str], values: Callable[[str], list[str]]) -> str | None:
    """The likeliest identifier: named like one, and hardly ever twice the same."""
    for column in _named(columns, ID_NAMES):
        seen = values(column)
        if seen and len(set(seen)) >= DISTINCT_SHARE * len(seen):
            return column
    return None


def _named(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Columns with one of these names, the most telling name first."""
    plain = {column: plain_name(column) for column in columns}
    return [column for name in names for column in columns if plain[column] == name]


def plain_name(column: str) -> str:
    """A column's name in small letters and digits, as the lists of names above have it."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _bears(values: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return bool(values) and sum(map(fits, values)) >= BEARING_SHARE * len(values)


def _holds_numbers(column: str, cells: Sequence[str], region: str) -> bool:
    """Whether a column named like one of numbers is one; what nobody can read is still no attribute."""
    read = {cell: read_phone_cell(cell, region) for cell in cells}
    said = [cell for cell in cells if not read[cell].is_empty]
    if PHONE_NAMES.fullmatch(plain_name(column)):
        return not said or _bears(said, looks_like_numbers)
    return _bears(said, lambda cell: bool(read[cell].numbers))


def _without_nothing(named: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if named is None else tuple(column for column in named if column != NOTHING)
