"""A PostgreSQL server of the tests' own: Debian's package, a temporary folder, a Unix socket, no TCP."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

START_S = 60.0  # seconds until a fresh server must answer on a busy machine
STOP_S = 30.0
#: what a server says that was begun while processes of a killed one are still ending: begun again, it serves
STILL_ENDING = b"pre-existing shared memory block"


def find_binaries() -> Path | None:
    """Where Debian keeps the newest server's programs, or None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    return found[-1].parent if found else None


class PostgresServer:
    """One running server; `url(name)` names a database on it."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self.home = Path(tempfile.mkdtemp(prefix="wbpg-", dir="/tmp"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            user = _unprivileged()
            os.chown(self.home, user.pw_uid, user.pw_gid)
            self._as_user = [
                "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--",
            ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make a cluster and serve it; raises RuntimeError with the server's own words."""
        data = self.home / "data"
        self._run("initdb", "-D", str(data), "-U", "winback", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.serve()

    def serve(self) -> None:
        """Serve the cluster, after `kill` again; raises RuntimeError with the server's own words."""
        log = self.home / "log"
        deadline = time.monotonic() + START_S
        process, said_before = self._begin(log)
        while time.monotonic() < deadline:
            if process.poll() is not None:
                if STILL_ENDING not in log.read_bytes()[said_before:]:
                    break
                process, said_before = self._begin(log)
            ready = subprocess.run(
                [str(self._binaries / "pg_isready"), "-h", str(self.home)], capture_output=True, check=False
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(log.read_text(errors="replace"))

    def _begin(self, log: Path) -> tuple[subprocess.Popen[bytes], int]:
        """The server's process, and how much its log held before."""
        with log.open("ab") as output:
            self._process = process = subprocess.Popen(
                [
                    *self._as_user, str(self._binaries / "postgres"), "-D", str(self.home / "data"),
                    "-k", str(self.home), "-c", "listen_addresses=", "-c", "fsync=off",
                    "-c", "max_connections=60",
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.home,
            )  # fmt: skip
            return process, output.tell()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://winback@/{name}?host={self.home}"

    @property
    def pid(self) -> int:
        """The process that starts one for each connection."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would; what it had written to its log is there when it serves again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_S)

    def stop(self) -> None:
        """End exactly this server, and take its folder away."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown: drop the clients, then stop
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_S)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(self._binaries / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the block runs; raises LookupError where PostgreSQL is not installed."""
    binaries = find_binaries()
    if binaries is None:
        raise LookupError("PostgreSQL is not installed: apt-get install postgresql")
    with PostgresServer(binaries) as server:
        yield server
