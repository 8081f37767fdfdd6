"""Puts real Asterisk servers into a cache folder, each in a small Debian of its own.

    python -m bench.testbed.install sid bullseye

`sid` brings Asterisk 22, `bullseye` Asterisk 16. Safe to run again and safe to interrupt: a suite is
built under a temporary name and renamed when it is complete. Needs root, Debian's `debootstrap` and
the archive keyring; the mirror is the one this machine's apt already uses.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from telephony.asterisk.config.model import AsteriskVersion

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Sounds are a package of their own; without one every Playback() in a test would end at once.
PACKAGES = ("asterisk", "asterisk-core-sounds-en-gsm")
KNOWN_SUITES = {"sid": 22, "bullseye": 16}
MARK = ".complete"


class CannotInstall(Exception):
    """What is missing, and what to do about it, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One Debian root with an Asterisk in it."""

    suite: str
    root: Path

    @property
    def complete(self) -> bool:
        """Whether it was built to the end."""
        return (self.root / MARK).is_file()

    @property
    def major(self) -> int:
        """The major version of its Asterisk, as it says itself."""
        asked = subprocess.run(
            ["chroot", str(self.root), "/usr/sbin/asterisk", "-V"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return int(asked.stdout.split()[1].split(".")[0])

    @property
    def version(self) -> AsteriskVersion:
        """The release that configuration is to be rendered for."""
        return max((each for each in AsteriskVersion if each <= self.major), default=AsteriskVersion.V16)


def cache_folder() -> Path:
    """Where the servers are kept between runs: `WINBACK_ASTERISK_CACHE` or the user's cache folder."""
    stated = os.environ.get("WINBACK_ASTERISK_CACHE")
    return Path(stated) if stated else Path.home() / ".cache" / "winback" / "asterisk"


def installation(suite: str) -> Installation:
    """Where `suite` is, or would be."""
    return Installation(suite=suite, root=cache_folder() / suite)


def find(where: str) -> Installation:
    """The Asterisk of a suite in the cache, or in a Debian root of one's own (`/` is this machine's).

    Raises `CannotInstall` where there is none, with what to do about it. Installs nothing.
    """
    if os.geteuid() != 0:
        raise CannotInstall("an Asterisk is started in a root folder of its own, which takes root")
    if where in KNOWN_SUITES:
        found = installation(where)
        if not found.complete:
            how = f"`{sys.executable} -m bench.testbed.install {where}` installs it"
            raise CannotInstall(
                f"no Asterisk in {found.root}: {how} in two minutes ({why_not() or 'as root'})"
            )
        return found
    root = Path(where).resolve()
    if not (root / "usr/sbin/asterisk").exists():
        known = ", ".join(KNOWN_SUITES)
        raise CannotInstall(f"no usr/sbin/asterisk in {root}: name {known}, or a Debian root that has one")
    return Installation(suite=root.name, root=root)


def why_not() -> str | None:
    """One line saying why a real Asterisk cannot be installed on this machine; None if it can."""
    if sys.platform != "linux" or not Path("/etc/debian_version").exists():
        return "a real Asterisk is installed from Debian's archive, and this machine is not Debian"
    if os.geteuid() != 0:
        return "debootstrap and chroot need root"
    if shutil.which("debootstrap") is None:
        return "the package debootstrap is not installed (apt-get install debootstrap)"
    if not KEYRING.exists():
        return "the package debian-archive-keyring is not installed"
    return None


def mirror() -> str:
    """The address of the Debian archive in this machine's own apt configuration."""
    release = _os_release("VERSION_CODENAME")
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for line in listed.splitlines():
        name, _, uri = line.partition(" ")
        if name == release and "security" not in uri:
            return uri
    raise CannotInstall(f"apt's configuration names no archive for {release}")


def install(suite: str) -> Installation:
    """Build `suite` unless it is there. Two processes asking at once build it once."""
    if suite not in KNOWN_SUITES:
        raise CannotInstall(f"unknown suite {suite}; known: {', '.join(KNOWN_SUITES)}")
    target = installation(suite)
    target.root.parent.mkdir(parents=True, exist_ok=True)
    with (target.root.parent / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.complete:
            return target
        reason = why_not()
        if reason:
            raise CannotInstall(reason)
        _build(target)
    return target


def _build(target: Installation) -> None:
    draft = target.root.with_name(f"{target.suite}.draft")
    log = target.root.with_name(f"{target.suite}.log")
    for leftover in (draft, target.root):
        if leftover.exists():
            shutil.rmtree(leftover)
    command = [
        "debootstrap", "--variant=minbase", f"--keyring={KEYRING}", "--force-check-gpg",
        f"--include={','.join(PACKAGES)}", target.suite, str(draft), mirror(),
    ]  # fmt: skip
    with log.open("w") as out:
        done = subprocess.run(command, check=False, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode != 0 or not (draft / "usr/sbin/asterisk").exists():
        tail = log.read_text(errors="replace").splitlines()[-5:]
        raise CannotInstall(f"debootstrap {target.suite} failed, see {log}: {' | '.join(tail)}")
    for archive in (draft / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    (draft / MARK).touch()
    draft.rename(target.root)


def _os_release(key: str) -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        name, _, value = line.partition("=")
        if name == key:
            return value.strip('"')
    raise CannotInstall(f"/etc/os-release does not say {key}")


def main(suites: list[str]) -> int:
    """Install every named suite; say what was done."""
    for suite in suites or list(KNOWN_SUITES):
        began = time.monotonic()
        try:
            there = installation(suite).complete
            done = install(suite)
        except CannotInstall as failure:
            print(f"asterisk {suite}: {failure}", file=sys.stderr)  # noqa: T201 - a script speaks
            return 1
        took = "already there" if there else f"installed in {time.monotonic() - began:.0f} s"
        print(f"asterisk {suite}: {took} ({done.root})")  # noqa: T201 - a script speaks
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
