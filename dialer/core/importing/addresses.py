"""Where the cells of an address say that somebody lives: their state, their postcode and their country.

Each cell is read by itself, and what they say is held together: a Californian with a postcode of Nevada may
be in either. A cell that cannot be read says nothing, and then every zone of the number's country counts.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

import phonenumbers
from babel import Locale
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from churnmodel.data.words import folded
from dialer.core.compliance.residence import country_of, known_states

#: countries are named in
LANGUAGES: Final = ("en", "nb", "nn", "sv", "da", "fi", "de", "es", "fr", "pt", "nl", "it")
#: what people write besides, as `folded` gives it, and the letters that cars carry (UN list, Vienna 1968)
ALSO: Final[Mapping[str, str]] = {
    "US": "usa america unitedstatesofamerica vereinigtestaaten forentastaterna estadosunidosdeamerica eeuu",
    "GB": "uk gbr greatbritain britain england scotland wales northernireland storbritannien grossbritannien",
    "CA": "can",
    "AU": "aus",
    "BR": "bra",
    "NZ": "nzl",
    "IE": "irl eire",
    "NO": "nor noreg n",
    "SE": "swe s",
    "DK": "dnk",
    "FI": "fin",
    "DE": "deu d",
    "AT": "aut a",
    "CH": "che",
    "NL": "nld holland",
    "BE": "bel b",
    "FR": "fra f",
    "ES": "esp e",
    "IT": "ita i",
    "PL": "pol",
}
#: digits of a whole postcode, of which a spreadsheet may have dropped zeros in front
DIGITS: Final[Mapping[str, int]] = {"US": 5, "AU": 4, "BR": 8}
CANADIAN: Final = re.compile(r"[A-Z]\d[A-Z](\d[A-Z]\d)?")
WHOLE: Final = re.compile(r"(\d+)(?:\.0)?|(\d{5})-\d{4}|(\d{5})-(\d{3})|(\d{2})\.(\d{3})-(\d{3})")
LONGEST_CODE: Final = 3  # digits of a country calling code
#: where states are known by their names and postcodes: countries that share a calling code look at each other
KIN: Final[Mapping[str, tuple[str, ...]]] = {"US": ("US", "CA"), "CA": ("CA", "US")}


def read_country(cell: str) -> str | None:
    """The country (ISO 3166) a cell names, by its code or its name in some language, or None."""
    word = folded(cell)
    return _countries().get(word.upper(), _country_names().get(word))


def is_state(cell: str) -> bool:
    """Whether a cell names a part of a country whose parts are known."""
    return folded(cell.rpartition("-")[2]) in _state_names() or folded(cell) in _state_names()


def looks_like_postcode(cell: str) -> bool:
    """Whether a cell could be a postcode of any country."""
    bare = cell.replace(" ", "").replace("-", "").removesuffix(".0")
    return bare.isalnum() and 3 <= len(bare) <= 10 and any(map(str.isdigit, bare))  # noqa: PLR2004 - characters


@lru_cache(maxsize=65_536)
def read_residence(state: str, postcode: str, country: str, number: str, region: str) -> str | None:
    """The codes of a residence, parted by blanks, by cells as they stand; None where they tell nothing.

    Without a country that can be read it is that of the number (E.164), and without one `region`.
    """
    named = read_country(country)
    homes = (named,) if named is not None else _homes(number, region)
    by_state = _by_state(state, homes)
    found = {*by_state, *_by_postcode(postcode, tuple(map(country_of, by_state)) or homes)}
    if named is not None and named not in map(country_of, found):
        found.add(named)
    return " ".join(sorted(found)) or None


def _homes(number: str, region: str) -> tuple[str, ...]:
    """The countries in which an address without one is looked for, the likeliest first."""
    digits = number.removeprefix("+")
    for length in range(1, LONGEST_CODE + 1):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0), ())
        if region in regions:
            return KIN.get(region, (region,))
        if regions:
            return KIN.get(regions[0], (regions[0],))
    return KIN.get(region, (region,))


def _by_state(cell: str, homes: Iterable[str]) -> tuple[str, ...]:
    """The part of a country a cell names, there; a whole name that only another country has is that one's."""
    word = folded(cell)
    found = _state_names().get(word) or _state_names().get(folded(cell.rpartition("-")[2]), ())
    for home in homes:
        here = tuple(code for code in found if country_of(code) == home)
        if here:
            return here
    return tuple(found) if len(found) == 1 and len(word) > LONGEST_CODE else ()


def _by_postcode(cell: str, homes: Iterable[str]) -> tuple[str, ...]:
    written = cell.strip().upper().replace(" ", "")
    bare = written.replace("-", "")
    whole = WHOLE.fullmatch(written)
    for home in homes:
        if home == "CA" and CANADIAN.fullmatch(bare):
            return _longest(home, bare)
        if home in DIGITS and whole is not None:
            digits = "".join(part for part in whole.groups() if part)
            most = DIGITS[home]
            if home == "US" and len(digits) in {8, 9} and "-" not in written:  # ZIP+4 as one number
                digits = digits.zfill(9)[:most]
            if most - 2 <= len(digits) <= most:
                return _longest(home, digits.zfill(most))
    return ()


def _longest(country: str, postcode: str) -> tuple[str, ...]:
    starts = _postcodes()[country]
    found = (starts.get(postcode[:length]) for length in range(len(postcode), 0, -1))
    return next((codes for codes in found if codes), ())


@lru_cache
def _named_countries() -> Mapping[str, Mapping[str, str]]:
    """What phonenumbers calls each country, by language.

    This file of it alone: its package loads a hundred megabytes of towns and their prefixes first, which no
    process has to carry that reads an address.
    """
    name = "phonenumbers.geodata.locale"
    path = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"phonenumbers has no names of countries at {path}", name=name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return found


@lru_cache
def _countries() -> Mapping[str, str]:
    return {region: region for region in _named_countries() if len(region) == 2}  # noqa: PLR2004 - ISO 3166


def _territories(language: str) -> Mapping[str, str]:
    """What Unicode's CLDR calls each country in a language; phonenumbers has not all names of all."""
    found: Mapping[str, str] = Locale.parse(language).territories
    return found


@lru_cache
def _country_names() -> Mapping[str, str]:
    """Countries by their names, as `folded` gives them."""
    found: dict[str, str] = {}
    for region, names in _named_countries().items():
        for language in LANGUAGES:
            if region in (known := _territories(language)):
                found.setdefault(folded(known[region]), region)
            if (name := names.get(language)) is not None:
                # a language that calls it as another does points to that one
                found.setdefault(folded(names[name[1:]] if name.startswith("*") else name), region)
    return found | {word: region for region, words in ALSO.items() for word in words.split()}


@lru_cache
def _state_names() -> Mapping[str, tuple[str, ...]]:
    """The codes of states by their names and by what stands behind the country in a code."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, state in known_states().items():
        for name in {folded(code.partition("-")[2]), *map(folded, state.names)}:
            found[name].append(code)
    return {name: tuple(codes) for name, codes in found.items()}


@lru_cache
def _postcodes() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """By country: the codes of states by how their postcodes begin."""
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for code, state in known_states().items():
        for start in state.postcodes:
            found[country_of(code)][start].append(code)
    return {
        country: {start: tuple(codes) for start, codes in starts.items()} for country, starts in found.items()
    }
