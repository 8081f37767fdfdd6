"""The process that reads one file for the pages: told what to do on its standard input, as JSON.

Pages load no library that reads tables; whoever hands them a file waits for this process instead.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from dialer.bootstrap import read_words
from dialer.db.session import Database
from dialer.services.customers.file_reading import read_received
from dialer.settings import Settings


def main(order: dict[str, Any]) -> None:
    """Read the file that the order names, in the database that it names."""
    began, now = time.monotonic(), datetime.fromisoformat(order["now"])
    if order["words"] is not None:
        read_words(Settings(words=order["words"]))
    database = Database(order["database"])
    try:
        read_received(
            database,
            int(order["file"]),
            lambda: now + timedelta(seconds=time.monotonic() - began),
            region=order["region"],
        )
    finally:
        database.close()


if __name__ == "__main__":
    main(json.load(sys.stdin))
