"""Rendered files to and from a folder. Only files named winback_*.conf are ever touched."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from telephony.asterisk.config.fastagi_secret import hide_secrets
from telephony.asterisk.config.render import INCLUDED_IN

_OURS = re.compile(r"winback_[a-z]+\.conf", re.ASCII)
# The manager secret is in one of them, FastAGI's in another.
_MODE = 0o640


def write_config(files: Mapping[str, str], folder: Path) -> tuple[Path, ...]:
    """Write what differs, each file in one step; returns what was written.

    Raises `ValueError` for a name that is not ours, before anything is written.
    """
    _check_names(files)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        draft = folder / f".{name}.draft"
        draft.touch(mode=_MODE)
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)  # noqa: PTH105 - says in one word that it is atomic
        written.append(path)
    return tuple(written)


def differences(files: Mapping[str, str], folder: Path) -> str:
    """A unified diff from what is in the folder to what would be written, to be shown; empty if nothing."""
    _check_names(files)
    parts: list[str] = []
    for name, text in files.items():
        path = folder / name
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        parts += difflib.unified_diff(
            there.splitlines(keepends=True), text.splitlines(keepends=True), f"{path}", f"{path} (rendered)"
        )
    return hide_secrets("".join(parts))


def missing_includes(folder: Path) -> tuple[str, ...]:
    """What is left for a person to add: one sentence for each include line that is not there."""
    sentences = []
    for name, home in INCLUDED_IN.items():
        path = folder / home
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        if not re.search(
            rf"^\s*#(try)?include\s+[\"<]?(\S*/)?{re.escape(name)}[\">]?\s*$", text, re.MULTILINE
        ):
            sentences.append(f'{path} has no line "#include {name}": add it at the end')
    return tuple(sentences)


def _check_names(files: Mapping[str, str]) -> None:
    for name in files:
        if not _OURS.fullmatch(name):
            raise ValueError(f"{name} is not one of Winback's own files")
