"""What is wrong with a text that is to be TOML, in words for whoever wrote it: the slip, its line and column.

The library names the rule of the grammar that was broken, in English. Here that rule's kind is a sentence of
ours, which a page says in its reader's language; the library's words follow it.
"""

import re
from typing import Final

from dialer.core.sentence import Sentence

PLACE: Final = re.compile(
    r"(?P<why>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)
#: how the library's words begin, and what slip people make there; the first that fits counts
SLIPS: Final = (
    ("Invalid value", "a value that is neither a number nor true or false (a text needs quotation marks)"),
    ("Expected '=' after a key", "a name without = behind it"),
    ("Unclosed array", "a list without its closing ]"),
    ("Unclosed inline table", "fields without their closing }"),
    ("Unterminated string", "a text without its closing quotation mark"),
    ("Illegal character '\\n'", "a text without its closing quotation mark"),
    ("Found invalid character '\\n'", "a text without its closing quotation mark"),
    ("Expected ']", "a heading without its closing bracket"),
    ("Expected newline or end of document", "more on a line than one entry"),
    ("Expected ", "a text without its closing quotation mark"),
    ("Invalid statement", "a line that begins with no name"),
    ("Invalid initial character for a key part", "a name with signs that need quotation marks"),
    ("Unescaped '\\' in a string", "a \\ in a text: write it twice, or the text in single quotes"),
    ("Invalid hex value", "a \\ in a text: write it twice, or the text in single quotes"),
    ("Escaped character", "a \\ in a text: write it twice, or the text in single quotes"),
    ("Invalid date or datetime", "a day or time that does not exist"),
    ("Cannot ", "something that is there already"),
    ("Duplicate inline table key", "something that is there already"),
)
OTHERWISE: Final = "signs that cannot stand there"


def toml_slip(fault: ValueError, text: str) -> Sentence:
    """Where the library stopped reading this text, and over what; `fault` is its `TOMLDecodeError`."""
    found = PLACE.fullmatch(str(fault))
    why = found["why"] if found is not None else str(fault)
    slip = next((slip for begins, slip in SLIPS if why.startswith(begins)), OTHERWISE)
    lines = text.split("\n")
    line, column = len(lines), len(lines[-1]) + 1  # the end, where the library names no place
    if found is not None and found["line"]:
        line, column = int(found["line"]), int(found["column"])
    return Sentence(
        "line %(line)s, column %(column)s: %(slip)s (%(why)s)",
        line=line,
        column=column,
        slip=Sentence(slip),
        why=why,
    )
