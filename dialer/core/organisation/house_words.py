"""The house's words for what came of a call: chosen on buttons, read back on cards and reports. Pure.

What a word leads to is its meaning's alone; the word itself is what people press and read.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.entries import DispositionWord

#: what the words are called until the house says otherwise, in the order in which calls mostly end
USUAL_WORDS: Final = tuple(
    DispositionWord(id=meaning.value, label=label, meaning=meaning)
    for meaning, label in (
        (Disposition.SAVED, "Saved"),
        (Disposition.OFFER_MADE, "Offer made"),
        (Disposition.LOST, "Lost"),
        (Disposition.CALL_AGAIN, "Call again"),
        (Disposition.SERVED, "Served"),
        (Disposition.OPT_OUT, "Never call"),
        (Disposition.WRONG_NUMBER, "Wrong number"),
        (Disposition.CUT_OFF, "Cut off"),
        (Disposition.NOT_ASKED, "Did not ask"),
    )
)
#: meanings that shut a customer out: their words take a second press
HEAVY: Final = frozenset({Disposition.OPT_OUT, Disposition.WRONG_NUMBER, Disposition.NOT_ASKED})
KEYS: Final = "1234567890"  # of the first ten words; a word after them is pressed by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class WordButton:
    """A word as an agent's page has it; without a `key` it is pressed by hand."""

    id: str
    label: str
    meaning: Disposition
    key: str
    heavy: bool


def word_buttons(
    words: Sequence[DispositionWord], meanings: Collection[Disposition] = frozenset(Disposition)
) -> tuple[WordButton, ...]:
    """The words in use that mean one of `meanings`, in the house's order; their keys are by the whole."""
    used = [word for word in words if word.used]
    keys = [*KEYS, *([""] * len(used))]
    return tuple(
        WordButton(id=word.id, label=word.label, meaning=word.meaning, key=key, heavy=word.meaning in HEAVY)
        for word, key in zip(used, keys, strict=False)
        if word.meaning in meanings
    )


def word_named(words: Sequence[DispositionWord], given: str) -> DispositionWord | None:
    """The word in use of this id, else the first in use that means it; None where there is neither."""
    used = [word for word in words if word.used]
    by_id = next((word for word in used if word.id == given), None)
    return by_id or next((word for word in used if word.meaning.value == given), None)


def counted_words(
    words: Sequence[DispositionWord], said: Iterable[tuple[Disposition, str, int]]
) -> tuple[tuple[str, int], ...]:
    """How often each word was said, by its label and in the house's order; `said`: meaning, word, count."""
    counts: Counter[str] = Counter()
    for meaning, word, count in said:
        counts[label_of(words, meaning, word)] += count
    places = {word.label: place for place, word in enumerate(words)}
    return tuple(sorted(counts.items(), key=lambda each: places.get(each[0], len(places))))


def label_of(words: Sequence[DispositionWord], meaning: Disposition, word: str = "") -> str:
    """What the house calls this word, in use or not; where it is unknown, what it calls the meaning."""
    known = next((each for each in words if each.id == word), None) or word_named(words, meaning.value)
    return known.label if known is not None else meaning.value.replace("_", " ")
