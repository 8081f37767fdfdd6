"""Takes an erased person's numbers out of the files beside the database."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ENDINGS: Final = (".jsonl", ".log", ".csv", ".txt")  # files of words; models and compressed traces have none
BLANK: Final = b"0"


def blank_files(folder: Path, numbers: Sequence[str]) -> list[Path]:
    """Overwrite these numbers with zeros wherever a text file of the folder has them; which files those were.

    Each byte is written in its place, so that a process that goes on adding to the file loses nothing.
    """
    words = [number.removeprefix("+").encode() for number in numbers]
    changed = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in ENDINGS and path.is_file() and words:
            places = list(_places(path.read_bytes(), words))
            if places:
                with path.open("r+b") as file:
                    for at, length in places:
                        file.seek(at)
                        file.write(BLANK * length)
                changed.append(path)
    return changed


def _places(content: bytes, words: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for word in words:
        at = content.find(word)
        while at >= 0:
            yield at, len(word)
            at = content.find(word, at + 1)
