"""A Debian of its own with a network of its own, in which nothing is installed but an Asterisk.

The root is laid over the testbed's, which is only read. Whatever runs in it ends with it, and what was
mounted is gone then. Its network leads nowhere; packages come from a shelf that was filled before
(`acceptance.shelf`, the only one that fetches over this machine's network).

This machine's trusted authorities are copied, never mounted: installing `ca-certificates` in the root writes
their bundle anew, and would leave the machine without its own.
"""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.testbed.install import Installation
from bench.testbed.server import wait_until

ROOT: Final = Path(__file__).parents[2]
READY_WITHIN_S: Final = 30.0
SHELF: Final = "/var/shelf"
#: where `pip` finds everything, and asks nobody
FROM_SHELF: Final = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": f"{SHELF}/wheels"}
BUILD: Final = """set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/up,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount --rbind /dev "$2/root/dev"
cp /etc/resolv.conf "$2/root/etc/resolv.conf"
grep --files-with-matches Acquire /etc/apt/apt.conf.d/* |
    xargs --no-run-if-empty cp --target-directory "$2/root/etc/apt/apt.conf.d"
for trusted in /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates; do
    [ -e "$trusted" ] || continue
    mkdir -p "$2/root$(dirname "$trusted")"
    cp -a "$trusted" "$2/root$(dirname "$trusted")"
done
if [ -n "$3" ]; then
    mkdir -p "$2/root/var/shelf"
    mount --bind -o ro "$3" "$2/root/var/shelf"
    cp "$3"/debs/*.deb "$2/root/var/cache/apt/archives"
    cp -a "$3"/lists/. "$2/root/var/lib/apt/lists"
fi
ip link set lo up
touch "$2/ready"
sleep infinity & wait
"""
#: stands in for systemd, which runs in no such root: starts what the unit says, as whom and with what it says
SYSTEMCTL: Final = """#!/bin/sh
set -eu
unit=/etc/systemd/system/winback@.service
value() { sed -n "s/^$1=//p" "$unit"; }
running=/run/winback.pid
case "$1" in
    stop)
        kill "$(cat "$running")"
        while kill -0 "$(cat "$running")" 2>/dev/null; do sleep 0.1; done
        exit ;;
    enable) [ "$2" = "--now" ]; shift 2 ;;
    start) shift ;;
    *) exit 1 ;;
esac
install -d -o "$(value User)" -g "$(value Group)" -m "$(value StateDirectoryMode)" /var/lib/winback
set -a
for each in $(value Environment); do export "$each"; done
. "$(value EnvironmentFile)"
set +a
cd "$(value WorkingDirectory)"
setpriv --reuid "$(value User)" --regid "$(value Group)" --init-groups --no-new-privs \\
    $(value ExecStart | sed "s/%i/${1#winback@}/") >>/var/log/winback.log 2>&1 </dev/null &
echo $! >"$running"
"""


class CleanRoot:
    """The root, from entering to leaving; `shelf`: the packages that can be installed in it."""

    def __init__(self, home: Installation, folder: Path, *, shelf: Path | None = None) -> None:
        self._home, self._folder, self._shelf = home, folder, shelf
        self._holder: subprocess.Popen[bytes] | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        self._inside = 0

    def __enter__(self) -> Self:
        for part in ("up", "work", "root"):
            (self._folder / part).mkdir(parents=True)
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private",
             "sh", "-c", BUILD, "sh", str(self._home.root), str(self._folder), str(self._shelf or "")],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until((self._folder / "ready").exists, READY_WITHIN_S, "the root is mounted")
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        self._inside = int(children.read_text().split()[0])
        self.write("/usr/local/bin/systemctl", SYSTEMCTL, mode=0o755)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holder is not None:
            self._holder.kill()
            self._holder.wait(READY_WITHIN_S)
        for process in self._started:
            process.wait(READY_WITHIN_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def network(self) -> tuple[str, ...]:
        """The command that puts another into the root's network."""
        return ("nsenter", "--target", str(self._inside), "--net")

    def _enter(self, *, fetching: bool) -> tuple[str, ...]:
        net = () if fetching else ("--net",)
        namespaces = ("--mount", "--pid", *net)
        return ("nsenter", "--target", str(self._inside), *namespaces, "chroot", str(self._folder / "root"))

    def run(self, script: str, *, fetching: bool = False) -> str:
        """What a shell says that runs this to its end; raises with all of it where a command fails.

        `fetching`: on this machine's network, to fill a shelf; the root's own leads nowhere.
        """
        own = {} if self._shelf is None else FROM_SHELF
        done = subprocess.run(
            [*self._enter(fetching=fetching), "sh", "-euc", f"cd /root/winback\n{script}"],
            check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **own, "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root", "COLUMNS": "200"},
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout[-6000:]}\n{self._log()}"
        return done.stdout

    def start(self, *command: str) -> None:
        """Start a program in it that goes on."""
        self._started.append(
            subprocess.Popen(
                [*self._enter(fetching=False), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        )

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Put a file into it."""
        subprocess.run(
            [*self._enter(fetching=False), "sh", "-euc",
             'mkdir -p "$(dirname "$1")"; cat > "$1"; chmod "$2" "$1"', "sh", path, f"{mode:o}"],
            check=True, input=text.encode(),
        )  # fmt: skip

    def written(self, path: str) -> Path:
        """Where this machine finds what was written there in it."""
        return self._folder / "up" / path.lstrip("/")

    def bring_the_source(self) -> None:
        """Put into /root/winback what is in the repository, as a checkout has it."""
        named = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, cwd=ROOT,
        )  # fmt: skip
        archive = self._folder / "source.tar"
        subprocess.run(
            ["tar", "--create", "--file", str(archive),
             "--null", "--ignore-failed-read", "--files-from", "-"],
            check=True, input=named.stdout, cwd=ROOT,
        )  # fmt: skip
        unpack = "mkdir -p /root/winback; tar --extract --directory /root/winback"
        with archive.open("rb") as packed:
            subprocess.run([*self._enter(fetching=False), "sh", "-euc", unpack], check=True, stdin=packed)

    def _log(self) -> str:
        path = self.written("/var/log/winback.log")
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""
