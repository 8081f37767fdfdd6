"""What was expected where an input is no such thing, in words for whoever typed it.

The library that checks inputs names a regular expression, or what a program could not parse; people who
write a file of settings, a setup file or a request are told what may stand there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dialer.core.sentence import Figure, Plain, Sentence

#: every shape of a text that a setup file is held to, which pages show
SETUP_SHAPES: Final[Mapping[str, str]] = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": "small letters a to z, digits, - and _, at most 40, no blanks",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$": "letters a to z, digits, ., - and _, at most 40, no blanks",
    r"^[A-Za-z0-9_.-]{1,60}$": "letters a to z, digits, ., - and _, at most 60, no blanks",
    r"^[^\W_][\w.\u2019'-]*$": "letters, digits, ., -, _ and ', at most 40, no blanks",
    r"^[^\x00-\x1f\x7f]*$": "one line of text",
    r"^web$|^[A-Za-z0-9]{2,20}/[A-Za-z0-9_@./-]{1,95}$": "a device of Asterisk, e.g. PJSIP/201, or web",
    r"^[0-9]{1,8}$": "1 to 8 digits",
}
#: the same, and those of settings and requests
SHAPES: Final[Mapping[str, str]] = {
    **SETUP_SHAPES,
    r"^[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}$": "letters a to z, digits, blanks, ., - and _, at most 60",
    r"^[A-Za-z0-9_-]{1,60}$": "letters a to z, digits, - and _, at most 60, no blanks",
    r"^[A-Za-z0-9_-]{1,79}$": "a context of Asterisk's: letters a to z, digits, - and _, at most 79",
    r"^[A-Za-z0-9_:/.-]{1,120}$": "letters a to z, digits, _, :, /, . and -, at most 120",
    r"^[A-Za-z0-9_/-]{1,120}$": "a sound by its path and without its ending, e.g. winback/whisper",
    r"^[A-Za-z][A-Za-z0-9-]{0,18}[A-Za-z0-9]$": "a letter, then letters, digits and hyphens, at most 20",
    r"^[A-Za-z][A-Za-z0-9-]{1,60}$": "the name of an HTTP header, e.g. X-Remote-User",
    r"^[a-z][a-z0-9_]{0,99}$": "a small letter, then small letters a to z, digits and _, at most 100",
    r"^[A-Za-z0-9_*#-]{1,40}@[A-Za-z0-9_-]{1,80}$": "a hint as Asterisk has it, e.g. 201@ext-local",
    r"^[*#0-9]{1,6}$": "1 to 6 keys of a phone: digits, * and #",
    r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2}$": "a language, e.g. nb or en_GB",
    r"^([A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2})?$": "a language, e.g. nb or en_GB",
    r"^([^@\s<>]+@[^@\s<>]+)?$": "an address of mail, e.g. centre@example.org",
}
A_DAY: Final = "expected: a day, written as 2026-12-24"
FIELDS: Final = 'expected: names with what they are, e.g. { id = "north" }'
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
    "date_from_datetime_inexact": A_DAY,
    "date_from_datetime_parsing": A_DAY,
    "date_parsing": A_DAY,
    "date_type": A_DAY,
    "finite_number": "expected: a number, e.g. 0.5",
    "int_parsing_size": "expected: a whole number",
    "dict_type": FIELDS,
    "model_type": FIELDS,
    "missing": "this has to be there",
    "extra_forbidden": "there is no such entry",
}
#: sentences with a bound, and by what name the library gives it
BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("expected: more than %(bound)s", "gt"),
    "greater_than_equal": ("expected: at least %(bound)s", "ge"),
    "less_than": ("expected: less than %(bound)s", "lt"),
    "less_than_equal": ("expected: at most %(bound)s", "le"),
    "string_too_long": ("expected: at most %(bound)s characters", "max_length"),
    "string_too_short": ("expected: at least %(bound)s characters", "min_length"),
}
A_SHAPE: Final = "expected: %(shape)s"
A_CHOICE: Final = "expected: one of %(choices)s"
CHOICES: Final = frozenset({"enum", "literal_error"})
OWN: Final = "Value error, "  # what the library puts before a sentence of ours


def what_was_expected(error: Mapping[str, Any]) -> str:
    """What is wrong with one input, of the library's `errors()`; its own words where these say it well."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch" and (shape := SHAPES.get(context["pattern"])) is not None:
        return Sentence(A_SHAPE, shape=Plain(shape))
    if kind in CHOICES:
        return Sentence(A_CHOICE, choices=context["expected"].replace(" or ", ", "))
    if kind in BOUNDS:
        message, name = BOUNDS[kind]
        bound = context[name]
        return Sentence(message, bound=Figure(bound) if bound == int(bound) else f"{bound:g}")
    return TYPES.get(kind) or str(error["msg"]).removeprefix(OWN)


def place_of(parts: Sequence[str | int], values: object = None) -> str:
    """Where an input stands in the values that were given.

    An entry of a list goes by its own name (`teams "north".agents`), or by its number, counted from 1, where
    it has none that is its alone (`holidays #2`).
    """
    said, here = "", values
    for part in parts:
        if isinstance(part, int) and not isinstance(here, Mapping):
            entries = here if isinstance(here, list | tuple) else ()
            said += f" {_called(entries, part)}"
            here = entries[part] if part < len(entries) else None
        else:
            said += f".{part}" if said else str(part)
            here = here.get(part) if isinstance(here, Mapping) else None
    return said


def _called(entries: Sequence[object], place: int) -> str:
    names = [
        str(entry.get("id") or entry.get("name") or "") if isinstance(entry, Mapping) else ""
        for entry in entries
    ]
    name = names[place] if place < len(names) else ""
    return f'"{name}"' if name and names.count(name) == 1 else f"#{place + 1}"


def said_on_pages() -> Iterator[str]:
    """Every message of it that the setup page may show."""
    yield from (A_SHAPE, A_CHOICE, *SETUP_SHAPES.values(), *TYPES.values())
    yield from (message for message, _ in BOUNDS.values())
