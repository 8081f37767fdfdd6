"""What a cell says against calls in its own words, whatever its column asks: `Vil ikke ringes`, `Verstorben`.

Most people refuse nothing, so the first who does may stand anywhere in a file: whether a column has such
cells is told from all of them. One that says when (`Ring ikke før kl. 16`), or of what was done (`not called
yet`), refuses nothing.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from churnmodel.data.text_blocks import as_written
from churnmodel.data.words import MONTHS, REFUSING_WORDS, folded
from dialer.core.importing.heading_phrases import (
    BY_PHONE,
    CALLING,
    DENYING,
    DIED,
    DYING,
    FILLING,
    ORDERS,
    SELLING,
    begins,
    denies,
    listed,
    words_in,
)
from dialer.core.importing.prohibition_columns import is_flag
from dialer.core.importing.rows import Prohibited, ProhibitionKind

REFUSALS_SHOWN: Final = "answers that refuse calls, or tell of a death, put the person off"


WISHING: Final = listed(
    "want wants wish wishes please asked asks onsk vill vil villigt bett haluaa halua toivo pyyt mochte"
    " moechte wunsch wuensch bitte souhaite veut desire wil wenst graag skal ska soll should must ma may to"
    " frabed undanbe darf far"
)
"""How words begin by which somebody asks for something, or says what is to be."""
STOPPING: Final = frozenset(
    listed("stop stopp stopper stoppt stoppen slutt sluta lopeta lopettakaa cessez arretez arreter")
)
"""Words by which somebody asks for an end of calls: `STOP APPELS`, `Slutt å ringe`."""
LINKING: Final = frozenset(
    listed("a att at med mit met de d m me meg mig mich sie die den der the all alle any my")
)
"""Words between those and the calls; without one, `Vil slutte, ring kunden` asks for a call."""
AGAIN: Final = frozenset(listed("again igjen igen wieder erneut uudelleen taas encore opnieuw weer"))
"""Words that make a refusal one for ever, where it is said at once; elsewhere they ask for another call."""
CONDITIONS: Final = frozenset(
    listed(
        "before after until till yet back today tomorrow between during unless only except if when"
        " for etter til enda enna tilbake idag imorgen morgen morgenen mellom bare hvis nar did efter indtil"
        " endnu tilbage mellem kun fore innan forran annu tillbaka mellan endast om medan kvallen kvelden"
        " aftenen"
        " ennen jalkeen asti viela takaisin huomenna vain jos kun vor nach bis noch zuruck zurueck heute"
        " zwischen nur wenn falls avant apres jusqua demain seulement sauf si voor na tot nog"
        " terug tussen alleen tenzij als indien"
    )
)
"""Words that make a refusal one of some hours, or tell of a call that was not made."""
MOST_REFUSING: Final = 10  # words; a longer text tells a story
NOTES: Final = listed(
    "note notes notat notiz notizen notering notis remark remarks comment comments kommentar kommentarer"
    " kommentti bemerk bemaerk bemerkung anmark anmerkung merknad huomautus huomio huom lisatieto lisatietoja"
    " opmerking opmerkingen remarque commentaire observation"
)
"""How words begin that name a column of remarks."""
CHANNELS: Final = listed(
    "prefer preferred preference channel channels kanal kanava canal canaux kanaal solicit kontakt contact"
    " yhteydenotto voorkeur"
)
"""How words begin that name a column of the ways somebody wants to be written to, or called."""
ESTATE: Final = (
    "(?i)†|✝|^the late |^(?:the )?estate of |^exec(?:utor)?s? of |"
    r"^boet (?:etter|efter) |^succession d|^erven |^hoirs "
    r"|\b(?:dødsbo|dødsboet|dödsbo|dödsboet|kuolinpesä|nachlass|erbengemeinschaft)\b"
    r"|\((?:deceased|died|dead|avdød|død|avliden|afdød|verstorben|gestorben|kuollut|vainaja|décédée?|overleden)\)"
)
"""What a name has in it that is of somebody who has died, as of an estate that is settled."""
WHO: Final = frozenset(
    listed(
        "he she they him her han hun hon hen er sie il elle hij zij mr mrs ms herr frau fru hr kunden kunde"
        " customer asiakas client cliente klant die in im en au i de the was has have had been is are er"
        " ist war blev ble blivit on sadly"
    )
)
"""Words around one for a death that leave it the customer's own; `ihr Mann`, `her husband` are another's."""

NO_PHONE: Final = 2  # words: one that denies, and one for the telephone
DO_NOT_CALL: Final = frozenset({"dnc", "dncl"})
"""Words that are in no name and say in it that its bearer is not to be called."""
#: names that need a look: one of the words is in them by which calls are refused
SUSPECT_NAME: Final = (
    r"(?i)(?:^|[^\p{L}])(?:"
    + "|".join(sorted(DENYING | STOPPING | DO_NOT_CALL)).replace("a", "[aä]")
    + r")(?:$|[^\p{L}])|n['’]t\b"  # noqa: RUF001 - an apostrophe as people write it
)

#: a cell without any of these says nothing in words; to look for them in a whole column is cheap
SPEAKING: Final = r"[\p{L}†✝]"

_ESTATE: Final = re.compile(ESTATE)
_DIGIT: Final = re.compile(r"\d")
#: a day with its year, by which remarks are dated, with an hour or without
_DAY: Final = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?:[ T]+\d{1,2}[:.]\d\d)?"
)
#: a number of somebody's, so many digits that they are no hour and no day
_NUMBER: Final = re.compile(r"[+(]?\d(?:[ .()/-]*\d){5,}")
#: between two sentences, or two answers of a list to tick
_APART: Final = re.compile(r"(?<=[.!?])\s+(?=[^\W\d])|[;|\r\n]+")
#: between the answers of a list to tick
_CHOICES: Final = re.compile(r"[;,|/+\r\n]")
#: around what is written beside a name
_BESIDE: Final = re.compile(r"[()\[\]{}*!:|;/]+|\s[-–—]+\s")  # noqa: RUF001 - dashes of any length


def refuses(cell: str) -> bool:
    """Whether a cell, or a sentence of it, refuses calls by its own words, whatever it was asked."""
    return any(map(_refuses, _APART.split(_DAY.sub(" ", cell))))


def _refuses(sentence: str) -> bool:
    if folded(sentence) in REFUSING_WORDS:
        return True
    words = words_in(sentence)
    if len(words) > MOST_REFUSING or not CONDITIONS.isdisjoint(words) or _DIGIT.search(sentence) is not None:
        return False
    if any(word in STOPPING and _are_calls(words[place + 1 :]) for place, word in enumerate(words)):
        return True
    asking = [_asks(word) for word in words]
    if not any(asking) or not denies(words):
        return False
    return AGAIN.isdisjoint(words) or _is_said_at_once([word for word in words if word not in AGAIN])


def _asks(word: str) -> bool:
    return begins(word, WISHING) or word in ORDERS - {"kontakt", "contact"}


def _is_said_at_once(words: Sequence[str]) -> bool:
    """Whether what denies stands right beside what is denied: `do not call`, and not `not reached, call`."""
    return any(
        (one in DENYING and _asks(other)) or (other in DENYING and _asks(one))
        for one, other in pairwise(words)
    )


def _are_calls(words: Sequence[str]) -> bool:
    """Whether words begin with calls, and are no order to call somebody."""
    linked = next((place for place, word in enumerate(words) if word not in LINKING), len(words))
    word = words[linked] if linked < len(words) else ""
    calls = word.startswith(CALLING) and not word.startswith(SELLING)
    return calls and (linked > 0 or word not in ORDERS or word == "ringa")


def died(cell: str) -> bool:
    """Whether a cell tells of its customer's death, or of when it was."""
    words = words_in(cell)
    told = [word for word in words if word not in FILLING and word not in WHO and word not in MONTHS]
    if not DENYING.isdisjoint(words):
        return False
    return "".join(told) in DIED or (bool(told) and all(word in DYING for word in told))


def holds_notes(heading: str) -> bool:
    """Whether a column is one of remarks, whose cells say something of their own."""
    return any(begins(word, NOTES) for word in words_in(heading))


def said_against(column: str, cell: str) -> Prohibited | None:
    """What a cell says in words against calls to the person, whatever its column asks."""
    written = as_written(cell).strip()
    # as the only ones to say it, these words are no answer anywhere else: `kein Telefon` has none
    no_phone = _asks_for_channels(column) and _refuses_the_telephone(written)
    return _prohibited(column, written, says=written, refused=no_phone)


def said_beside_number(column: str, cell: str) -> Prohibited | None:
    """The same of a cell for a number, whose digits are no hour: `0664 1234577 (nicht anrufen)`."""
    return _prohibited(column, cell, says=_NUMBER.sub(" ", cell))


def said_beside_name(column: str, name: str) -> Prohibited | None:
    """The same of a name, or of what is written beside it: `DO NOT CALL - Ada Byron`, `Ada Byron (DNC)`.

    A name of one word may be any word: `Robinson` refuses nothing.
    """
    if _ESTATE.search(name):
        return Prohibited(ProhibitionKind.DECEASED, column, name)
    parts = (part for part in _BESIDE.split(name) if len(words_in(part)) > 1)
    is_refused = any(map(refuses, parts)) or not DO_NOT_CALL.isdisjoint(words_in(name))
    return Prohibited(ProhibitionKind.OBJECTION, column, name) if is_refused else None


def _prohibited(column: str, cell: str, *, says: str, refused: bool = False) -> Prohibited | None:
    if died(says) or _ESTATE.search(cell):
        return Prohibited(ProhibitionKind.DECEASED, column, cell)
    return Prohibited(ProhibitionKind.OBJECTION, column, cell) if refused or refuses(says) else None


def _asks_for_channels(heading: str) -> bool:
    return any(begins(word, CHANNELS) for word in words_in(heading))


def _refuses_the_telephone(cell: str) -> bool:
    """Whether one of several answers is that there be no telephone: `Email; No Phone`, `kein Telefon`."""
    parts = (words_in(part) for part in _CHOICES.split(cell))
    return any(
        len(words) == NO_PHONE and words[0] in DENYING and words[1].startswith(BY_PHONE) for words in parts
    )


class SpokenRefusals:
    """Finds the columns in which somebody refuses calls, or is said to have died, in their own words.

    Asked are columns of remarks, and those with few different answers: among many different words any may
    stand for something else, as `Tod` among first names.
    """

    def __init__(
        self, columns: Sequence[str], asked: Collection[str], sample: Sequence[Mapping[str, str]]
    ) -> None:
        """`columns` are all of the file, and `sample` its first rows."""
        self._asked = {
            column: place
            for place, column in enumerate(columns)
            if column in asked
            and (holds_notes(column) or is_flag([text for row in sample if (text := row[column].strip())]))
        }
        self._found: set[str] = set()

    def look(self, frame: pl.DataFrame) -> None:
        """Look at some rows of the file."""
        for column, place in self._asked.items():
            if column in self._found:
                continue
            cells = frame.to_series(place)
            told = cells.filter(cells.str.contains(SPEAKING)).unique()
            if any(said_against(column, cell) for cell in told):
                self._found.add(column)

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that were found so far, in the file's order."""
        return tuple(column for column in self._asked if column in self._found)
