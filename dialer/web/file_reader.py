"""Files that were handed in are read one after the other, each by a process of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from dialer.db.session import Database
from dialer.services.customers.received_files import keep_alive, refuse_file
from dialer.settings import Settings
from dialer.web.languages import to_say

log = structlog.get_logger()

READER: Final = "dialer.jobs.read_received"
GONE: Final = to_say(
    "What reads the file ended in the middle (%(why)s). What was stored stays; hand it in again."
)
LAST_WORDS: Final = 300  # characters of what the process said
ALIVE_EVERY_S: Final = 20.0  # files that wait or are read are known to be so for two minutes


class FileReader:
    """Has files read for the pages and the API, and says so in the database where a reader dies."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._waiting: list[int] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, file: int) -> None:
        """Have a file read as its state asks; returns at once."""
        with self._changed:
            self._waiting.append(file)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._read_all, name="file-reader", daemon=True)
                self._thread.start()

    def _read_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                file = self._waiting[0]
            try:
                self._read(file)
            except Exception as fault:  # noqa: BLE001 - the next file has to be read all the same
                log.warning("file_not_read", file=file, error=repr(fault))
            with self._changed:
                self._waiting.remove(file)

    def _read(self, file: int) -> None:
        settings = self._settings
        order = {
            "database": self._database.url,
            "file": file,
            "region": settings.calling.default_region,
            "words": str(settings.words.resolve()) if settings.words is not None else None,
            "now": self._clock().isoformat(),
        }
        reader = subprocess.Popen(  # noqa: S603 - our own module, told by its input alone
            [sys.executable, "-m", READER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        told: str | None = json.dumps(order)
        while True:
            try:
                _, said = reader.communicate(told, timeout=ALIVE_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                told = None
                keep_alive(self._database, tuple(self._waiting), self._clock())
        if reader.returncode != 0:
            log.warning("file_reader_ended", file=file, code=reader.returncode, error=said[-2000:])
            why = (said.strip().splitlines() or [f"exit code {reader.returncode}"])[-1][:LAST_WORDS]
            refuse_file(self._database, file, GONE % {"why": why}, self._clock())
