"""English texts found again as the messages they were made of, with the facts that stand in them.

Rooms that know of no catalogue say plain text, and some of it is stored before a page shows it. The page
knows the messages, so it finds the one that a text was made of: the one that says most of it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

FACT: Final = re.compile(r"%\((\w+)\)s")
FIGURE: Final = re.compile(r"(?P<sign>[+-]?)(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?(?P<share>%?)")
SURE: Final = 9  # characters of a message, blanks apart, that no other text has in this order
FEWEST: Final = 4  # with fewer any text might be taken for it, but where all of its facts are figures
SHORT_FACT: Final = 3  # words of a fact of a message that is not sure
NEXT_SENTENCE: Final = re.compile(r"(?<=[.]) (?=\S)")


class FoundMessage(NamedTuple):
    """The message that a text was made of, and its facts as they stand in the text."""

    message: str
    facts: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether no fact of it holds the end of a sentence, so that nothing else was taken into it."""
        return not any(NEXT_SENTENCE.search(fact) for fact in self.facts.values())


def read_back(text: str, messages: Iterable[str]) -> FoundMessage | None:
    """Which of `messages`, each with facts as `%(name)s`, the whole text was made of; None for no one."""
    best, most = None, 0
    for message in messages:
        pieces = FACT.split(message)
        said = [piece.replace("%%", "%") for piece in pieces[::2]]
        letters = len("".join("".join(said).split()))
        if letters < most or not (text.startswith(said[0]) and text.endswith(said[-1])):
            continue
        facts = _facts(text, said, pieces[1::2])
        if facts is not None and _is_likely(letters, facts.values()):
            best, most = FoundMessage(message, facts), letters + 1
    return best


def _facts(text: str, said: list[str], names: list[str]) -> dict[str, str] | None:
    if any(piece not in text for piece in said):
        return None
    pattern, seen = re.escape(said[0]), set[str]()
    for name, piece in zip(names, said[1:], strict=True):
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
        pattern += re.escape(piece)
        seen.add(name)
    found = re.fullmatch(pattern, text, re.DOTALL)
    return found.groupdict() if found is not None else None


def _is_likely(letters: int, facts: Iterable[str]) -> bool:
    given = list(facts)
    if letters >= SURE or all(FIGURE.fullmatch(fact) for fact in given):
        return True
    return letters >= FEWEST and all(len(fact.split()) <= SHORT_FACT for fact in given)
