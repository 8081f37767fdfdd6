"""What is said of a file in the words of whoever hands it in: a command's options are no page's fields.

Files are read by one machinery for the command, the page, a program and a watched folder, which names the
command's options. Here each of them is the field of the page, or of the API, that gives the same answer; what
a page says is in its reader's language.
"""

import re
from typing import Final

from dialer.web.languages import say, to_say, translate, translate_plain

#: what the command says, and what the page says for it; the first that fits is taken
_ON_THE_PAGE: Final = (
    (r"Say how it is meant with --notation 'COLUMN=READING', or leave it out with --ignore",
     "Pick one under “Written as”, or make the column “ignored”"),
    (r"[Ss]ay which with --encoding (\S+), --encoding (\S+) or --encoding (\S+?)(?=\.|$)",
     r"Say which under “Encoding”: \1, \2 or \3"),
    (r"say --id ('[^']*'|\"[^\"]*\") --phone \1", r"make \1 “id and phone”"),
    (r"Name one with --id COLUMN", "Make one of them the “id”"),
    (r"name it with --phone COLUMN", "make one of them “phone”"),
    (r"name its encoding with --encoding", "name it under “Encoding”"),
    (r"leave it out with --ignore", "make it “ignored”"),
    (r"[Nn]ame the country with --country", "Name the country under “Country”"),
    (r"say where the numbers stand with --at", "say where the numbers stand under “Characters”, as in"),
    (r"Say --dated if the file is newer than that", "Say under “Taken on” if the file is newer than that"),
    (r"with --yes, or by the tick beside the file", "by the tick beside the file"),
    (r"\(--sheet\)", "(field “Sheet”)"),
    (r"--encoding", "“Encoding”"),
    (r"--sheet", "“Sheet”"),
    (r"--region", "“Country of numbers”"),
    (r"--calling-code", "“country calling code”"),
    (r"--area-code", "“area code”"),
    (r"--do-not-call", "“do not call”"),
    (r"--notation", "“Written as”"),
    (r"--ignore", "“ignored”"),
    (r"--at", "“Characters”"),
    (r"--(id|name|phone|zone|state|postcode|country|language|household|label)\b", r"“\1”"),
)  # fmt: skip
#: and what the API says: names of its fields
_IN_THE_API: Final = (
    (r"Say how it is meant with --notation 'COLUMN=READING', or leave it out with --ignore",
     "Send `notation` of the column to `corrections`, or its `role` as `ignored`"),
    (r"[Ss]ay which with --encoding (\S+), --encoding (\S+) or --encoding (\S+?)(?=\.|$)",
     r"Send `encoding`: \1, \2 or \3"),
    (r"say --id ('[^']*'|\"[^\"]*\") --phone \1", r"send \1 as `id and phone` to `corrections`"),
    (r"Name one with --id COLUMN", "Send the `role` of one as `id` to `corrections`"),
    (r"name it with --phone COLUMN", "send the `role` of one as `phone` to `corrections`"),
    (r"name its encoding with --encoding", "name it as `encoding`"),
    (r"leave it out with --ignore", "send its `role` as `ignored` to `corrections`"),
    (r"--do-not-call", "`do not call`"),
    (r"--calling-code", "`country calling code`"),
    (r"--area-code", "`area code`"),
    (r"--([a-z-]+)", r"`\1`"),
)  # fmt: skip
#: and what a page says for an option that a translated sentence still names
FIELDS: Final = {
    "(--sheet)": to_say("(field Sheet)"),
    "--encoding": to_say("Encoding"),
    "--sheet": to_say("Sheet"),
    "--ignore": to_say("the choice “ignored”"),
    "--notation": to_say("Written as"),
    "--region": to_say("Country of numbers"),
}


def on_the_page(said: str) -> str:
    """What the command says of a file, by the names of the page's fields."""
    return _in_words(said, _ON_THE_PAGE)


def in_the_api(said: str) -> str:
    """What the command says of a file, by the names of the API's fields."""
    return _in_words(said, _IN_THE_API)


def _in_words(said: str, words: tuple[tuple[str, str], ...]) -> str:
    for option, field in words:
        said = re.sub(option, field, said)
    return said


def write_finding(found: str) -> str:
    """A sentence on a whole file, or on how it was read."""
    said = translate_plain(found)
    if said == found:
        return on_the_page(found)
    for option, field in FIELDS.items():
        said = said.replace(option, translate(field))
    return said


def write_broken_rule(said: str) -> str:
    """Why a line was not taken: the rule in words, with its id."""
    reason, bracket, rule = said.rpartition(" [")
    return f"{translate(reason)} [{rule}" if bracket else said


def write_lost_cell(what: str) -> str:
    """One kind of cells that were lost: their column, and the rule in words with its id."""
    column, colon, rest = what.rpartition(": ")
    reason, bracket, rule = rest.rpartition(" [")
    if not colon or not bracket:
        return what
    return say("%(column)s: %(reason)s [%(rule)s]", column=column, reason=translate(reason), rule=rule[:-1])
