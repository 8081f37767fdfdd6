"""What an input was to be, in a sentence for whoever typed it: by its field, else by what is wrong."""

from collections.abc import Mapping
from typing import Any, Final

from dialer.core.sentence import Sentence
from dialer.expected_input import OWN
from dialer.web.languages import to_say

#: what a field wants, for a person, by its name
WANTED: Final[Mapping[str, str]] = {
    "abandon_target": to_say("A share from 0 to 0.03."),
    "act": to_say("Choose one of the buttons."),
    "agents": to_say("A number of agents from 0.5 to 1000."),
    "attempts": to_say("A whole number from 1 to 20."),
    "attribute": to_say("The name of a column as it was imported, without quotes or backslashes."),
    "call_again_at": to_say("A day and an hour, such as 12.06.2026 11:30."),
    "caller_id": to_say("A number with + and the country's code, such as +442079460958."),
    "equals": to_say("One line of at most 200 characters."),
    "explore_share": to_say("A share from 0 to 1."),
    "holdout_share": to_say("A share from 0 to 0.9."),
    "hours": to_say("A number of hours from 0.5 to 1000."),
    "max_attempts": to_say("A whole number from 1 to 20."),
    "min_gain": to_say("A number, or nothing."),
    "min_risk": to_say("A share from 0 to 1, or nothing."),
    "name": to_say("One line of 1 to 120 characters."),
    "note": to_say("At most 2,000 characters, without control characters."),
    "number": to_say("A telephone number: digits, spaces and + ( ) . / - alone."),
    "offer": to_say("At most 1,000 characters, without control characters."),
    "queue": to_say("A queue's name: letters, digits, _ and - alone."),
    "reason": to_say("A reason in one line, of 3 characters or more."),
    "ring_s": to_say("Whole seconds from 15 to 120."),
    "save_as": to_say("One line of 1 to 120 characters."),
    "script": to_say("At most 4,000 characters, without control characters."),
    "share": to_say("A number above 0 and up to 100, or nothing."),
    "top": to_say("A whole number from 1 to 1,000,000."),
    "trunk": to_say("A trunk's name: letters, digits, _ and - alone."),
    "wanted_from": to_say("One of the hours that are offered."),
    "who": to_say("A number, the company's own id of a customer, or words of their name."),
    "why": to_say("Why, in one line of 3 to 120 characters."),
}

A_WHOLE_NUMBER: Final = to_say("A whole number.")
A_NUMBER: Final = to_say("A number.")
A_DAY: Final = to_say("A day, such as 12.06.2026.")
A_CHOICE: Final = to_say("One of the choices.")
NEEDED: Final = to_say("This is needed.")
NOT_UNDERSTOOD: Final = to_say("Not understood as it is written.")
#: what is wanted where the field alone does not say, by the kind of the library's error
BY_KIND: Final[Mapping[str, str]] = {
    "date_from_datetime_parsing": A_DAY,
    "date_parsing": A_DAY,
    "date_type": A_DAY,
    "enum": A_CHOICE,
    "float_parsing": A_NUMBER,
    "float_type": A_NUMBER,
    "int_from_float": A_WHOLE_NUMBER,
    "int_parsing": A_WHOLE_NUMBER,
    "int_type": A_WHOLE_NUMBER,
    "literal_error": A_CHOICE,
    "missing": NEEDED,
    "too_short": NEEDED,
}


def wanted_of(error: Mapping[str, Any]) -> str:
    """The sentence for one of the library's `errors()`, to be translated."""
    wanted = WANTED.get(str(error["loc"][-1])) or BY_KIND.get(error["type"])
    return wanted or _by_bound(error["type"], error.get("ctx", {})) or _own(error)


def _by_bound(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "greater_than_equal":
            return Sentence("At least %(least)s.", least=context["ge"])
        case "greater_than":
            return Sentence("More than %(least)s.", least=context["gt"])
        case "less_than_equal":
            return Sentence("At most %(most)s.", most=context["le"])
        case "string_too_long":
            return Sentence("At most %(most)s characters.", most=context["max_length"])
        case "string_too_short":
            return Sentence("At least %(least)s characters.", least=context["min_length"])
        case _:
            return ""


def _own(error: Mapping[str, Any]) -> str:
    said = str(error["msg"])
    if not said.startswith(OWN):
        return NOT_UNDERSTOOD
    said = said.removeprefix(OWN)
    return f"{said[:1].upper()}{said[1:].rstrip('.')}."
