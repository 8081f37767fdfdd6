"""What a reader of files found, in the page's language and with its fields for the command's options."""

from typing import Final

from dialer.web.file_words import on_the_page
from dialer.web.languages import say, to_say, translate, translate_plain

#: what a page has where a command has an option, in sentences that are translated as they are
FIELDS: Final = {
    "(--sheet)": to_say("(field Sheet)"),
    "--encoding": to_say("Encoding"),
    "--sheet": to_say("Sheet"),
    "--ignore": to_say("the choice “ignored”"),
    "--notation": to_say("Written as"),
    "--region": to_say("Country of numbers"),
}


def write_finding(found: str) -> str:
    """A sentence on a whole file, or on how it was read."""
    said = translate_plain(found)
    if said == found:
        return on_the_page(found)
    for option, field in FIELDS.items():
        said = said.replace(option, translate(field))
    return said


def write_lost_cell(what: str) -> str:
    """One kind of cells that were lost: their column, and the rule in words with its id."""
    column, colon, rest = what.rpartition(": ")
    reason, bracket, rule = rest.rpartition(" [")
    if not colon or not bracket:
        return what
    return say("%(column)s: %(reason)s [%(rule)s]", column=column, reason=translate(reason), rule=rule[:-1])
