"""Who may read a file: what Asterisk, which runs as a user of its own, has to be let do."""

import grp
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccess:
    """Who may do what with a file."""

    uid: int
    gid: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The access of a file or folder that is there."""
        found = path.stat()
        return cls(uid=found.st_uid, gid=found.st_gid, mode=stat.S_IMODE(found.st_mode))

    def lets_in(self, uid: int, gid: int) -> bool:
        """Whether a process of this user and group can read the file; root can read everything."""
        if uid == 0:
            return True
        if uid == self.uid:
            return bool(self.mode & stat.S_IRUSR)
        return bool(self.mode & (stat.S_IRGRP if gid == self.gid else stat.S_IROTH))

    def lets_in_whom(self, other: "FileAccess") -> bool:
        """Whether whoever can read the other file can read this one."""
        if other.uid != 0:
            return self.lets_in(other.uid, other.gid)
        by_group = other.gid != 0 and other.mode & stat.S_IRGRP
        return (not by_group or bool(self.mode & stat.S_IROTH) or other.gid == self.gid) and (
            not other.mode & stat.S_IROTH or bool(self.mode & stat.S_IROTH)
        )

    def __str__(self) -> str:
        return f"{_user(self.uid)}:{_group(self.gid)} {self.mode:04o}"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
