"""What Asterisk's own reader would stumble over, found before Asterisk reads it.

Asterisk skips a line it does not understand and says so in a log that nobody looks at, and it does not start
where an included file is missing. So each rendered file is read here by the same rules first: sections, keys
with `=` or `=>`, includes, comments from a `;` that no backslash takes back.
"""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_LINE: Final = (
    8190  # characters; Asterisk reads into 8,192 bytes and takes the rest for a line of its own
)

_SECTION = re.compile(r"\[[^\[\]]+\](?:\([^()]*\))?")
_INCLUDE = re.compile(r"#(?:try)?include\s+\S+")
_PAIR = re.compile(r"(?P<key>[^=>\s][^=>]*?)\s*=>?\s*(?P<value>.*)")
_COMMENT = re.compile(r"(?<!\\);.*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029]")
# in a step of the dialplan: priority, label, application with its arguments
_STEP = re.compile(r"(?:[^,]+,(?:\d+|n|hint)|n)(?:\([A-Za-z0-9_-]+\))?,\s*(?:\w+\(.*\)|[A-Za-z]+/\S+)")


def faults(name: str, text: str) -> tuple[str, ...]:
    """A sentence for each line that Asterisk would not take as it is meant, with file and line number."""
    return tuple(f"{name}, line {number}: {fault}" for number, fault in _faults(text))


def _faults(text: str) -> Iterator[tuple[int, str]]:
    section = False
    for number, raw in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(raw):
            yield number, "a control character"
            continue
        if len(raw.encode()) > LONGEST_LINE:
            yield number, f"longer than {LONGEST_LINE} bytes"
            continue
        line = _COMMENT.sub("", raw).strip()
        if not line or _INCLUDE.fullmatch(line):
            continue
        if _SECTION.fullmatch(line):
            section = True
            continue
        pair = _PAIR.fullmatch(line)
        if pair is None:
            yield number, f"{line!r} is neither a section nor a key with a value"
        elif not section:
            yield number, f"{pair['key']!r} stands in no section"
        elif pair["key"] in {"exten", "same"}:
            yield from ((number, fault) for fault in _step_faults(pair["value"]))


def _step_faults(step: str) -> Iterator[str]:
    if not _STEP.fullmatch(step):
        yield f"{step!r} is no step of a dialplan"
    elif step.count("(") != step.count(")") or step.count("{") != step.count("}"):
        yield f"{step!r} leaves a bracket open"
    elif step.replace(r"\"", "").count('"') % 2:
        yield f"{step!r} leaves a quotation mark open"
