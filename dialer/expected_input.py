"""What was expected where an input is no such thing, in words for whoever typed it.

The library that checks inputs names a regular expression, or what a program could not parse; people who
write a file of settings, a setup file or a request are told what may stand there.
"""

from collections.abc import Mapping
from typing import Any, Final

#: every shape of a text that settings, setup files and requests are held to
SHAPES: Final[Mapping[str, str]] = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": "small letters a to z, digits, - and _, at most 40, no blanks",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$": "letters a to z, digits, ., - and _, at most 40, no blanks",
    r"^[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}$": "letters a to z, digits, blanks, ., - and _, at most 60",
    r"^[A-Za-z0-9_-]{1,60}$": "letters a to z, digits, - and _, at most 60, no blanks",
    r"^[A-Za-z0-9_-]{1,79}$": "a context of Asterisk's: letters a to z, digits, - and _, at most 79",
    r"^[A-Za-z0-9_.-]{1,60}$": "letters a to z, digits, ., - and _, at most 60, no blanks",
    r"^[A-Za-z0-9_:/.-]{1,120}$": "letters a to z, digits, _, :, /, . and -, at most 120",
    r"^[A-Za-z0-9_/-]{1,120}$": "a sound by its path and without its ending, e.g. winback/whisper",
    r"^[A-Za-z][A-Za-z0-9-]{0,18}[A-Za-z0-9]$": "a letter, then letters, digits and hyphens, at most 20",
    r"^[A-Za-z][A-Za-z0-9-]{1,60}$": "the name of an HTTP header, e.g. X-Remote-User",
    r"^[a-z][a-z0-9_]{0,99}$": "a small letter, then small letters a to z, digits and _, at most 100",
    r"^[^\W_][\w.\u2019'-]*$": "letters, digits, ., -, _ and ', at most 40, no blanks",
    r"^[^\x00-\x1f\x7f]*$": "one line of text",
    r"^web$|^[A-Za-z0-9]{2,20}/[A-Za-z0-9_@./-]{1,95}$": "a device of Asterisk, e.g. PJSIP/201, or web",
    r"^[A-Za-z0-9_*#-]{1,40}@[A-Za-z0-9_-]{1,80}$": "a hint as Asterisk has it, e.g. 201@ext-local",
    r"^[0-9]{1,8}$": "1 to 8 digits",
    r"^[*#0-9]{1,6}$": "1 to 6 keys of a phone: digits, * and #",
    r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2}$": "a language, e.g. nb or en_GB",
    r"^([A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2})?$": "a language, e.g. nb or en_GB",
    r"^([^@\s<>]+@[^@\s<>]+)?$": "an address of mail, e.g. centre@example.org",
}
TYPES: Final[Mapping[str, str]] = {
    "int_parsing": "expected: a whole number",
    "int_from_float": "expected: a whole number",
    "int_type": "expected: a whole number",
    "float_parsing": "expected: a number, e.g. 0.5",
    "float_type": "expected: a number, e.g. 0.5",
    "bool_parsing": "expected: true or false",
    "bool_type": "expected: true or false",
    "string_type": "expected: a text",
    "list_type": "expected: a list",
    "tuple_type": "expected: a list",
    "missing": "this has to be there",
    "extra_forbidden": "there is no such entry",
}
OWN: Final = "Value error, "  # what the library puts before a sentence of ours


def what_was_expected(error: Mapping[str, Any]) -> str:
    """What is wrong with one input, of the library's `errors()`; its own words where these say it well."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch" and (shape := SHAPES.get(context["pattern"])) is not None:
        return f"expected: {shape}"
    if kind == "literal_error":
        return f"expected: {context['expected']}"
    return TYPES.get(kind) or str(error["msg"]).removeprefix(OWN)
