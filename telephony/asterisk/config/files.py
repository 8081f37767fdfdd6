"""Rendered files to and from a folder. Only our own are ever written.

Asterisk runs as a user of its own and does not start where an included file cannot be read. So each of our
files belongs to whom the file that includes it belongs to, and all of them come into the folder together or
not at all: written beside their places first, read back and looked over, then moved.
"""

import difflib
import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from telephony.asterisk.config.fastagi_secret import hide_secrets
from telephony.asterisk.config.file_access import FileAccess
from telephony.asterisk.config.names import USUAL
from telephony.asterisk.config.syntax import faults

Homes = Mapping[str, str]  # our files, and the one of Asterisk's in which each is included
HOMES: Final = USUAL.homes
_MODE: Final = (
    0o640  # where nothing includes the file yet; the manager secret is in one of them, FastAGI's in another
)
_OTHERS: Final = 0o007  # of a mode: what everybody else may do


def write_config(files: Mapping[str, str], folder: Path, homes: Homes = HOMES) -> tuple[Path, ...]:
    """Write what differs, all of it or nothing; returns what was written.

    Each file gets the owner, group and mode of the file that includes it, else the folder's owner and
    group. Raises `ValueError` for a name that is not ours or a line that Asterisk would not take, and
    `OSError` where the folder cannot be written, or what is written could not be read by Asterisk: the files
    there are then as they were.
    """
    _check(files, homes)
    folder.mkdir(parents=True, exist_ok=True)
    drafts: dict[Path, Path] = {}
    try:
        for name, text in files.items():
            path, access = folder / name, _access_for(folder, homes[name])
            if _is_there(path, text) and FileAccess.of(path).lets_in_whom(access):
                continue
            drafts[path] = _draft(path, text, access, folder / homes[name])
        _move_in(drafts)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return tuple(drafts)


def differences(files: Mapping[str, str], folder: Path, homes: Homes = HOMES) -> str:
    """A unified diff from what is in the folder to what would be written, to be shown; empty if nothing."""
    _check(files, homes)
    return "".join(
        _diff(folder / name, _read(folder / name) if (folder / name).exists() else "", text, "rendered")
        for name, text in files.items()
    )


def missing_includes(folder: Path, homes: Homes = HOMES) -> tuple[str, ...]:
    """What is left for a person to add: one sentence for each include line that is not there."""
    return tuple(
        f'{folder / home} has no line "#include {name}": add it at the end'
        for name, home in homes.items()
        if not _include_of(name).search(_read(folder / home) if (folder / home).exists() else "")
    )


def add_includes(folder: Path, homes: Homes) -> tuple[Path, ...]:
    """Put missing include lines at the end of files made for such lines; returns which were changed.

    Everything else in them stays. Raises `OSError` where the folder cannot be written.
    """
    changed = []
    for name, home_name in homes.items():
        home = folder / home_name
        before = home.read_bytes().decode(errors="surrogateescape") if home.exists() else ""
        if _include_of(name).search(before):
            continue
        gap = "" if not before or before.endswith("\n") else "\n"
        access = FileAccess.of(home) if home.exists() else _access_for(folder, home_name)
        draft = _draft(home, f"{before}{gap}#include {name}\n", access, home)
        os.replace(draft, home)  # noqa: PTH105 - says in one word that it is atomic
        changed.append(home)
    return tuple(changed)


def unreadable(folder: Path, homes: Homes = HOMES) -> tuple[str, ...]:
    """A sentence for each of our files that Asterisk cannot read, or misses though it is included."""
    return tuple(_unreadable(folder, homes))


def _unreadable(folder: Path, homes: Homes) -> Iterator[str]:
    for name, home_name in homes.items():
        path, home = folder / name, folder / home_name
        if not home.exists():
            continue
        if not path.exists():
            if _include_of(name).search(_read(home)):
                yield f"Asterisk cannot read {path}: {home} includes it, and it is not there"
            continue
        ours, theirs = FileAccess.of(path), FileAccess.of(home)
        if not ours.lets_in_whom(theirs):
            yield (
                f"Asterisk cannot read {path}: it is {ours}, and {home} is {theirs}. As root: "
                f"chown --reference={home} {path} && chmod --reference={home} {path}"
            )


def remove_config(folder: Path, homes: Homes = HOMES) -> str:
    """Take our include lines out, then our files; returns what was taken, as a diff. Nothing else changes.

    Raises `OSError` where a file cannot be written: what was not taken yet is still there and works.
    """
    taken = []
    for name, home_name in homes.items():
        home = folder / home_name
        if not home.exists():
            continue
        before = home.read_bytes().decode(errors="surrogateescape")
        after = _include_of(name).sub("", before)
        if after != before:
            taken.append(_diff(home, before, after, "without Winback"))
            # includes first: a file that is included and not there keeps Asterisk from starting
            draft = _draft(home, after, FileAccess.of(home), home)
            os.replace(draft, home)  # noqa: PTH105 - says in one word that it is atomic
    for name in homes:
        path = folder / name
        if path.exists():
            taken.append(_diff(path, _read(path), "", "removed"))
            path.unlink()
    return "".join(taken)


def _check(files: Mapping[str, str], homes: Homes) -> None:
    for name, text in files.items():
        if name not in homes:
            raise ValueError(f"{name} is not one of Winback's own files")
        for fault in faults(name, text):
            raise ValueError(f"Asterisk would not take {fault}")


def _access_for(folder: Path, home_name: str) -> FileAccess:
    """As of the file that includes ours, but for others where that one is Asterisk's own user's."""
    home = folder / home_name
    if not home.exists():
        owner = FileAccess.of(folder)
        return FileAccess(uid=owner.uid, gid=owner.gid, mode=_MODE)
    found = FileAccess.of(home)
    closed = FileAccess(uid=found.uid, gid=found.gid, mode=found.mode & ~_OTHERS)
    return closed if found.uid != 0 else found


def _draft(path: Path, text: str, access: FileAccess, home: Path, end: str = "draft") -> Path:
    """The text beside its place, with its access and on the disk; raises `OSError`.

    Asterisk reads `home`, so it has to be able to read this too; where it could not, nothing is left.
    """
    draft = path.with_name(f".{path.name}.{end}")
    draft.unlink(missing_ok=True)
    data = text.encode(errors="surrogateescape")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(data)
        file.flush()
        try:
            os.fchown(file.fileno(), access.uid, access.gid)
        except (
            PermissionError
        ):  # not root: the group may be one of ours; `unreadable` says what is left to do
            with suppress(PermissionError):
                os.fchown(file.fileno(), -1, access.gid)
        os.fchmod(file.fileno(), access.mode)
        os.fsync(file.fileno())
    if draft.read_bytes() != data:
        raise OSError(f"{path} does not read back as it was written")
    if home.exists() and not FileAccess.of(draft).lets_in_whom(FileAccess.of(home)):
        found = f"it would be {FileAccess.of(draft)}, and {home} is {FileAccess.of(home)}"
        draft.unlink()
        raise PermissionError(errno.EACCES, f"Asterisk could not read {path.name}: {found}")
    return draft


def _former(path: Path) -> Path | None:
    """What is at a place now, kept beside it; None where nothing is."""
    before = path.with_name(f".{path.name}.before")
    before.unlink(missing_ok=True)
    if not path.exists():
        return None
    try:
        os.link(path, before)
    except PermissionError:  # another user's file may not be linked to; its text may be kept
        return _draft(
            path, path.read_bytes().decode(errors="surrogateescape"), FileAccess.of(path), path, "before"
        )
    return before


def _move_in(drafts: Mapping[Path, Path]) -> None:
    """Put all drafts in place; where one cannot be, those before it are taken back."""
    moved: list[tuple[Path, Path | None]] = []
    try:
        for path, draft in drafts.items():
            moved.append((path, _former(path)))
            os.replace(draft, path)  # noqa: PTH105 - says in one word that it is atomic
    except OSError:
        for path, former in moved:
            if former is not None:
                os.replace(former, path)  # noqa: PTH105 - as above
            else:
                path.unlink(missing_ok=True)
        raise
    finally:
        for _, former in moved:
            if former is not None:
                former.unlink(missing_ok=True)


def _include_of(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t]*#(try)?include[ \t]+[\"<]?(\S*/)?{re.escape(name)}[\">]?[ \t]*(;[^\n]*)?(\n|\Z)",
        re.MULTILINE,
    )


def _is_there(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _diff(path: Path, before: str, after: str, what: str) -> str:
    then, now = (text.splitlines(keepends=True) for text in (before, after))
    return hide_secrets("".join(difflib.unified_diff(then, now, f"{path}", f"{path} ({what})")))
