"""Asterisk's call records (`cdr-csv/Master.csv`) as calls that were dialled."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from dialer.services.calls.attempt_journal import Dialled
from telephony.calls.events import Outcome

ATTEMPT: Final = re.compile(r"\bwb-[a-z2-7]{26}\b")
NUMBER: Final = re.compile(r"/\+?([1-9][0-9]{6,14})@")  # as a trunk is dialled: PJSIP/442079460000@trunk
#: Asterisk's order of columns (cdr_csv.c): what is read of them
START, BILLED_S, DISPOSITION = 9, 13, 14
COLUMNS: Final = 16  # of a record without unique id and user field
TALKED_S: Final = 10  # an answer this long was a talk, as far as a record can tell: not rung again


def read_cdr(path: Path, pbx: str, zone: tzinfo = UTC) -> list[Dialled]:
    """The attempts on record, each once, in the order they began; times are read in `zone`.

    An attempt leaves several records, one for each leg; the one that names a trunk tells the number.
    """
    found: dict[str, Dialled] = {}
    with path.open(newline="", encoding="utf-8", errors="replace") as stream:
        for cells in csv.reader(stream):
            for call in _calls(cells, pbx, zone):
                before = found.get(call.attempt)
                if before is None or call.talk_s > before.talk_s:
                    found[call.attempt] = call
    return sorted(found.values(), key=lambda call: call.at)


def _calls(cells: list[str], pbx: str, zone: tzinfo) -> Iterator[Dialled]:
    attempt = ATTEMPT.search(" ".join(cells))
    number = NUMBER.search(" ".join(cells))
    if len(cells) < COLUMNS or attempt is None or number is None:
        return
    try:
        at = datetime.fromisoformat(cells[START]).replace(tzinfo=zone).astimezone(UTC)
        billed_s = float(cells[BILLED_S])
    except ValueError:
        return
    talked = cells[DISPOSITION] == "ANSWERED" and billed_s >= TALKED_S
    yield Dialled(
        attempt=attempt.group(),
        at=at,
        pbx=pbx,
        e164=f"+{number.group(1)}",
        queue="",
        trunk="",
        ring_s=0,
        connected_at=at if talked else None,
        ended_at=at + timedelta(seconds=billed_s),
        outcome=Outcome.CONNECTED if talked else Outcome.UNKNOWN,
        talk_s=billed_s if talked else 0.0,
    )
