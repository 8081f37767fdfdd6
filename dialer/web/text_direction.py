"""Words of a right-to-left script among ours: set apart, so that a number beside a name stays where it is.

Unicode's bidirectional algorithm (UAX #9) moves a number that follows Arabic or Hebrew to the left of it.
Marked as an isolate, a name is shown in its own direction and moves nothing. Templates do it by `<bdi>`; the
facts of a sentence, which may stand in a title or a label too, by the two characters that mean the same.
"""

import unicodedata
from typing import Final

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
QUOTES: Final = "'\""  # as names are written in sentences
RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})  # Hebrew and its like; Arabic and its like


def set_apart(fact: object) -> object:
    """The same fact, as an isolate where it has a character that is written from right to left.

    Marks of quotation around it are the sentence's, and stay where the sentence has them.
    """
    if not isinstance(fact, str) or fact.isascii():
        return fact
    if not any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in fact):
        return fact
    if fact[0] == fact[-1] and fact[0] in QUOTES:
        return fact[:1] + FIRST_STRONG_ISOLATE + fact[1:-1] + POP_ISOLATE + fact[-1:]
    return FIRST_STRONG_ISOLATE + fact + POP_ISOLATE  # what is escaped already stays so
