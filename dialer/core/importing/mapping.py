"""Which column of a customer file is what: guessed from names and values, overruled by flags.

A name alone is not enough: `PhoneService` holds yes and no, not numbers. So a guess holds only where
a sample of the values bears it out; what a person says by a flag is taken as said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final
from zoneinfo import available_timezones

from churnmodel.data.words import (
    CELL_LABELS,
    CELL_REMARKS,
    HEADINGS,
    NOT_PHONE,
    folded,
    folded_heading,
    reads_as_yes,
)
from dialer.core.importing.addresses import is_state, looks_like_postcode, read_country
from dialer.core.importing.heading_phrases import without_filling, words_in
from dialer.core.importing.headings import as_written, has_system_mark, is_nameless, without_group
from dialer.core.importing.number_parts import (
    NumberParts,
    guess_codes,
    is_area_code,
    parts_of,
    rest_of_numbers,
)
from dialer.core.importing.phone_cells import looks_like_numbers, read_phone_cell
from dialer.core.importing.prohibition_columns import bears, prohibitions, says_who_may_be_called
from dialer.core.importing.readings import Reading
from dialer.core.importing.rows import MOST_LANGUAGE

SAMPLE_ROWS: Final = 200  # enough to tell numbers from words; a few milliseconds
# of an identifier's values: rows written twice must not hide it, a key of groups must not pass for it
DISTINCT_SHARE: Final = 0.75
NOTHING: Final = "none"  # a flag's word for: no column of the file is this

ID_NAME: Final = re.compile(
    r"(customer|cust|client|account|acct|subscriber|member|user|contract|policy|debtor|kunden?s?|kd|abonnenten?"
    r"|abonnements?|medlems?|avtale|avtals?|aftale|polise|konto|asiakkaan|asiakas|jasen|tilaaja|sopimus"
    r"|mitglieds?|vertrags?|debitoren?|policen|constituent|donor|supporter|patient|student|employee|staff|spender|mitarbeiter|personal"
    r"|pasient|giver|givar|ansatt|anstallnings|medarbejder|medarbetar|lahjoittajan?|tyontekijan?|donateurs?"
    r"|medewerkers?|salarie)"
    r"(id|no|nr|num|number|nummer|numero|nro|ref|reference|referanse|referens|key|code|kode|kod|koodi|tunnus"
    r"|kennung|kennzeichen)"
)
"""Names of identifiers that the dictionary does not have one by one: whose it is, and that it is a number."""

BARE_ID: Final = frozenset({"nr", "no", "nro", "nummer", "numero", "num", "knr", "lopenr", "lopnr"})
"""Headings of identifiers that may as well count the lines, or the houses of a street: values must tell."""
ADDRESS: Final = re.compile(
    r"street|strasse|^str$|road|address|adress|gate|gata|gatu|vei$|vej|vag$|katu|osoite|rue$|straat"
)
"""What the heading before a number of a house has in it."""

#: as Dynamics has for a key; a check sum, which it writes beside it, is none
GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

WHOSE_ADDRESS: Final = re.compile(
    r"^(?:mailing|billing|shipping|home|primary|main|postal|address1?|person|contact|customer|residence|privat"
    r"|rechnungs?|liefer|faktura|fakturerings?|bostads?|besoks?|postadress[e]?|adress[e]?)"
)
"""What a heading begins with that says whose address, or which, its country, state or postcode is of."""

PHONE_WORDS: Final = re.compile(
    r"phone|telefoon|mobil|mobiel|msisdn|e164|^tel|tel$|^cell|landline|contactnumber|telefon|tlf|puhelin|puhnro|rufnummer|handy"
    r"|festnetz|kannykka"
)
"""What a column's name has in it that may hold numbers; its values must bear it out."""

WHICH_NUMBER: Final = re.compile(
    r"(?:work|home|office|day|daytime|evening|business|direct|main|alt|alternate|primary|secondary|other)"
    r"(?:number|num|no)\d?"
)
"""Headings of numbers that say only which: `Work #`; their values must bear it out too."""
NO_TELEPHONE: Final = frozenset({"number", "contactnumber"})
"""Headings of numbers that need not be a telephone's beside other words: `Personal number`."""


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
    calling_codes: tuple[str, ...] = ()  # these two go before the numbers in columns behind them
    area_codes: tuple[str, ...] = ()
    zone: str | None = None
    state: str | None = None  # these three are attributes too; they tell where the person lives
    postcode: str | None = None
    country: str | None = None
    language: str | None = None
    household: str | None = None
    label: str | None = None
    do_not_call: tuple[str, ...] = ()  # a cell that does not say no, or nothing, puts the person off
    deceased: tuple[str, ...] = ()
    may_call: tuple[str, ...] = ()  # attributes too; a plain no puts the person off
    ignored: tuple[str, ...] = ()

    def attributes(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns that are kept as attributes, in the file's order."""
        taken = {self.id, *self.name, *self.phones, self.zone, self.language, self.household}
        taken |= {*self.calling_codes, *self.area_codes, *self.do_not_call, *self.deceased, *self.ignored}
        return tuple(column for column in columns if column not in taken)

    def number_parts(self, columns: Sequence[str]) -> dict[str, NumberParts]:
        """The columns that go before each column of numbers."""
        return parts_of(columns, self.phones, self.calling_codes, self.area_codes)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the database and for a job's arguments."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
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
    calling_codes: tuple[str, ...] | None = None
    area_codes: tuple[str, ...] | None = None
    zone: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    language: str | None = None
    household: str | None = None
    label: str | None = None
    do_not_call: tuple[str, ...] | None = None  # beside those that are found: a prohibition is not overruled
    deceased: tuple[str, ...] | None = None
    may_call: tuple[str, ...] | None = None
    ignored: tuple[str, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)  # of columns that may be read in two ways
    region: str | None = None  # ISO 3166, of numbers without a country's code; None: the house's own


def infer_mapping(
    columns: Sequence[str],
    sample: Sequence[Mapping[str, str]],
    given: Given,
    region: str,
    *,
    undecided: bool = False,
) -> ColumnMapping:
    """The mapping of a file with these columns and these first rows.

    `region` (ISO 3166) is the country of numbers written without a country code. `undecided`: a person will
    say which column tells customers apart where none is found; `id` is empty then.

    Raises:
        MappingRefused: two columns of one name, a flag that names no column, or no column that tells
            customers apart.
    """
    _check_columns(columns, given)
    ignored = _left_out(columns, given)
    free = [column for column in columns if column not in ignored]

    def values(column: str) -> list[str]:
        return [text for row in sample if (text := row[column].strip())]

    def guess(names: Sequence[str], fits: Callable[[str], bool] | None = None) -> str | None:
        return next(
            (column for column in _named(free, names) if fits is None or bears(values(column), fits)), None
        )

    def settle(said: str | None, guessed: str | None) -> str | None:
        chosen = guessed if said is None else None if said == NOTHING else said
        if chosen in free:
            free.remove(chosen)
        return chosen

    spoken_for = {given.label, given.id, given.zone, given.language, given.household}
    spoken_for |= {given.state, given.postcode, given.country}
    spoken_for |= {*(given.name or ()), *(given.phones or ())}
    spoken_for |= {*(given.calling_codes or ()), *(given.area_codes or ())}
    unsaid = [column for column in free if column not in spoken_for]
    deceased = _put_off_by(given.deceased, prohibitions(unsaid, values, "deceased"))
    unsaid = [column for column in unsaid if column not in deceased]
    do_not_call = _put_off_by(given.do_not_call, prohibitions(unsaid, values, "do_not_call"))
    free = [column for column in free if column not in {*do_not_call, *deceased}]
    label = settle(given.label, guess(HEADINGS["label"]) or _guess_label(free, values))
    identity = settle(given.id, _guess_id(free, values))
    if identity is None and any(map(looks_like_numbers, columns)):
        raise MappingRefused(
            f"the first line holds a customer, not the names of columns ({', '.join(columns)}): "
            "write a line above it that names them"
        )
    if identity is None and not undecided:
        raise without_id(columns, free)
    zone = settle(given.zone, guess(HEADINGS["zone"], lambda text: text in available_timezones()))
    country = settle(given.country, guess(HEADINGS["country"], lambda text: read_country(text) is not None))
    state = settle(given.state, guess(HEADINGS["state"], is_state))
    postcode = settle(given.postcode, guess(HEADINGS["postcode"], looks_like_postcode))
    language = settle(given.language, guess(HEADINGS["language"], lambda text: len(text) <= MOST_LANGUAGE))
    household = settle(given.household, guess(HEADINGS["household"]))
    name = _without_nothing(given.name)
    if name is None:
        name = _guess_name(guess, sample)
    free = [column for column in free if column not in name]
    phones = _without_nothing(given.phones)
    if phones is None:
        by_place = rest_of_numbers(columns, values)
        phones = tuple(
            column
            for column in free
            if (column in by_place and bears(values(column), looks_like_numbers))
            or (_sounds_like_numbers(column) and _holds_numbers(column, values(column), region))
        )
    calling_codes, area_codes = _settle_codes(given, free, phones, sample)
    taken = {*name, *phones, *calling_codes, *area_codes, label, zone, language, household}
    may_call = _without_nothing(given.may_call)
    if may_call is None:
        left = [column for column in free if column not in taken]
        may_call = tuple(column for column in left if says_who_may_be_called(column, values(column)))
    return ColumnMapping(
        id=identity or "",
        name=name,
        phones=phones,
        calling_codes=calling_codes,
        area_codes=area_codes,
        zone=zone,
        state=state,
        postcode=postcode,
        country=country,
        language=language,
        household=household,
        label=label,
        do_not_call=do_not_call,
        deceased=deceased,
        may_call=may_call,
        ignored=ignored,
    )


def without_id(columns: Sequence[str], free: Sequence[str]) -> MappingRefused:
    """What is said where none of the free columns tells customers apart."""
    twice = next(iter(named_like_ids(free)), None)
    why = "" if twice is None else f" {twice!r} is named so, but often has the same value twice."
    number = next(filter(_sounds_like_numbers, free), None)
    if number is not None:
        why += f" Where the number does, say --id {number!r} --phone {number!r}."
    return MappingRefused(
        f"no column tells customers apart.{why} Name one with --id COLUMN; the file has: {', '.join(columns)}"
    )


def _settle_codes(
    given: Given, free: Sequence[str], phones: Sequence[str], sample: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of calling codes and of area codes: as they are said to be, or guessed."""
    calling, areas = _without_nothing(given.calling_codes), _without_nothing(given.area_codes)
    left = [column for column in free if column not in phones]
    guessed = guess_codes(left, phones, sample)
    if not phones and (calling or areas):
        raise MappingRefused(
            f"{(calling or areas or ('',))[0]!r} goes before a number, and no column holds numbers: name it "
            "with --phone COLUMN"
        )
    return (guessed[0] if calling is None else calling), (guessed[1] if areas is None else areas)


def with_prohibitions(given: Given, columns: Sequence[str], sample: Sequence[Mapping[str, str]]) -> Given:
    """What was said of a file before, and what these new columns of it say of who is not to be called."""

    def values(column: str) -> list[str]:
        return [text for row in sample if (text := row[column].strip())]

    deceased = prohibitions(columns, values, "deceased")
    others = [column for column in columns if column not in deceased]
    found = prohibitions(others, values, "do_not_call")
    left = [column for column in others if column not in found]
    permitting = tuple(column for column in left if says_who_may_be_called(column, values(column)))
    return replace(
        given,
        do_not_call=_added(given.do_not_call, found),
        deceased=_added(given.deceased, deceased),
        may_call=_added(given.may_call, permitting),
    )


def _added(said: tuple[str, ...] | None, found: tuple[str, ...]) -> tuple[str, ...] | None:
    return (*(column for column in said or () if column != NOTHING), *found) if found else said


def _put_off_by(said: tuple[str, ...] | None, found: tuple[str, ...]) -> tuple[str, ...]:
    """What a person says and what was found; `none` says that neither is there."""
    if said is not None and NOTHING in said:
        return ()
    return tuple(dict.fromkeys((*(said or ()), *found)))


def _guess_name(guess: Callable[..., str | None], sample: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """The whole name's column, or those of its parts; `Name` beside `Vorname` is the last name."""
    whole = guess(HEADINGS["name"])
    first, middle, last = (guess(HEADINGS[part]) for part in ("first_name", "middle_name", "last_name"))
    if (
        whole
        and first
        and not last
        and not bears(sample, lambda row: bool(row[first]) and row[first] in row[whole])
    ):
        last = whole
    if whole and not (first and last):
        return (whole,)
    if not (first or last):  # `Kund` is a name where it holds no number and another column is the id
        named = guess(HEADINGS["id"], lambda cell: " " in cell and not any(map(str.isdecimal, cell)))
        return (named,) if named else ()
    return tuple(part for part in (first, middle, last) if part)


def _guess_label(columns: Sequence[str], values: Callable[[str], list[str]]) -> str | None:
    """A column that tells the outcome in more words, such as `Has churned?`; its cells must say so."""
    return next(
        (
            column
            for column in columns
            if without_filling(column) in HEADINGS["label"]
            and bears(values(column), lambda cell: reads_as_yes(cell) is not None)
        ),
        None,
    )


def _left_out(columns: Sequence[str], given: Given) -> tuple[str, ...]:
    """What is ignored: what is said to be, and columns without a name while something is left to guess."""
    if None not in {given.id, given.name, given.phones}:
        return given.ignored
    spoken_for = {given.id, *(given.name or ()), *(given.phones or ()), *given.ignored}
    nameless = (column for column in columns if is_nameless(column) and column not in spoken_for)
    return (*given.ignored, *nameless)


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
        "--calling-code": given.calling_codes or (),
        "--area-code": given.area_codes or (),
        "--zone": (given.zone,),
        "--state": (given.state,),
        "--postcode": (given.postcode,),
        "--country": (given.country,),
        "--language": (given.language,),
        "--household": (given.household,),
        "--label": (given.label,),
        "--do-not-call": given.do_not_call or (),
        "deceased": given.deceased or (),  # these two are said on a page, or of the source's file before
        "may be called": given.may_call or (),
        "--notation": tuple(given.readings),
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
    for column in named_like_ids(columns):
        if _tells_apart(values(column)):
            return column
    for column in filter(has_system_mark, columns):
        seen = values(column)
        if _tells_apart(seen) and all(map(GUID.fullmatch, seen)):
            return column
    for before, column in zip(("", *columns), columns, strict=False):
        is_rest = ADDRESS.search(folded(before)) is not None or is_area_code(before)
        is_bare = folded(as_written(column)) in BARE_ID and not is_rest
        if is_bare and _tells_apart(seen := values(column)) and not _counts_lines(seen):
            return column
    return None


def _tells_apart(cells: Sequence[str]) -> bool:
    return bool(cells) and len(set(cells)) >= DISTINCT_SHARE * len(cells)


def _counts_lines(cells: Sequence[str]) -> bool:
    """Whether cells count from one: in the next file the same numbers are other persons."""
    return list(cells) == [str(place) for place in range(1, len(cells) + 1)]


def named_like_ids(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are named like identifiers of customers, the most telling name first."""
    built = [
        column
        for column in columns
        if ID_NAME.fullmatch(folded_heading(as_written(column).replace("#", "number")))
    ]
    return (*_named(columns, HEADINGS["id"]), *built)


def _named(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Columns with one of these names, the most telling name first."""
    plain = {
        column: folded_heading(without_group(as_written(column)))
        for column in columns
        if not has_system_mark(column)
    }
    found = [column for name in names for column in columns if plain.get(column) == name]
    if found or names not in (HEADINGS["country"], HEADINGS["state"], HEADINGS["postcode"]):
        return found
    bare = {column: WHOSE_ADDRESS.sub("", name) for column, name in plain.items()}
    return [column for name in names for column in columns if bare.get(column) == name]


def is_number_name(column: str) -> bool:
    """Whether a column's name says that it holds numbers: `Telefon`, `Mobil 2`, `Tel. (privat)`."""
    known = {*HEADINGS["phone"], *HEADINGS["mobile"]}
    words = words_in(column)
    if not known.isdisjoint({folded(column), "".join(words)}):
        return True
    return not known.difference(NO_TELEPHONE).isdisjoint(words) and all(
        word in CELL_LABELS or word in CELL_REMARKS for word in words
    )


def _sounds_like_numbers(column: str) -> bool:
    """Whether a column is named like one of telephone numbers, and not like a fact about a line."""
    name = folded(column)
    if is_number_name(column):
        return True
    bare = "".join(words_in(column))
    about = bare in HEADINGS["fax"] or bare.startswith("fax") or bare.endswith(NOT_PHONE)
    is_named = PHONE_WORDS.search(name) or WHICH_NUMBER.fullmatch(folded(column.replace("#", "number")))
    return bool(is_named) and not about


def _holds_numbers(column: str, cells: Sequence[str], region: str) -> bool:
    """Whether a column named like one of numbers is one; what nobody can read is still no attribute."""
    read = {cell: read_phone_cell(cell, region) for cell in cells}
    said = [cell for cell in cells if not read[cell].is_empty]
    if is_number_name(column):
        return not said or bears(said, looks_like_numbers)
    return bears(said, lambda cell: bool(read[cell].numbers))


def _without_nothing(named: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if named is None else tuple(column for column in named if column != NOTHING)
