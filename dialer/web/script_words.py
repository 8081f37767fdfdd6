"""What the pages' own scripts say, handed to them with the page.

A script marks a message by `t("…")`, or `tn("one …", "… many", number)` where it depends on a number; facts
stand in it as `{name}`. They are found in the scripts themselves, so that no list has to be kept.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from dialer.web.languages import SOURCE, spoken, translate, translate_number
from dialer.web.said_elsewhere import sent_to_scripts

SCRIPTS: Final = Path(__file__).with_name("static")
TEXT: Final = r'"((?:[^"\\]|\\.)*)"'
MARKED: Final = re.compile(rf"\bt\({TEXT}")
COUNTED: Final = re.compile(rf"\btn\({TEXT},\s*{TEXT}")
IMPORTED: Final = re.compile(r'from "\./(\w+)\.js"')
ONE, MANY = 1, 2  # numbers of which a word is asked: each of our languages has these two forms


@cache
def script_messages(*scripts: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The messages of these scripts and those they import, and those by number; of all scripts by default."""
    text = "\n".join(_texts(scripts or tuple(file.stem for file in sorted(SCRIPTS.glob("*.js")))))
    return tuple(dict.fromkeys(MARKED.findall(text))), tuple(dict.fromkeys(COUNTED.findall(text)))


def _texts(scripts: tuple[str, ...]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(scripts)
    while waiting:
        script = waiting.pop()
        if script not in seen:
            seen.add(script)
            text = (SCRIPTS / f"{script}.js").read_text(encoding="utf-8")
            waiting += IMPORTED.findall(text)
            yield text


def script_words(*scripts: str) -> dict[str, str | list[str]]:
    """What these scripts say in the language spoken; nothing in the source's, which they have."""
    if spoken() == SOURCE:
        return {}
    single, counted = script_messages(*scripts)
    words: dict[str, str | list[str]] = {
        message: translate(message) for message in (*single, *sent_to_scripts())
    }
    for one, many in counted:
        words[one] = [translate_number(one, many, number) for number in (ONE, MANY)]
    return words
