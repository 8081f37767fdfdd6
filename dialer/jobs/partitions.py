"""Large Parquet files scored by as many workers as there are: one job a part, each safe to run twice.

A part that is done says so beside its target, so asking again after a crash does only what is missing.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import redis

from churnmodel.scoring.partitions import Partition
from churnmodel.value import Price
from dialer.jobs.job_queue import LOST, OVER, ask_for, look_at

POLL_S: Final = 0.5  # a part takes seconds
TASK: Final = "score_part"
TRIES: Final = 3  # a part that kills three workers kills the fourth

Asked = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionsDone:
    """How far the parts are; `errors` are the last words of those that failed."""

    done: int
    total: int
    rows: int
    errors: tuple[str, ...]


def ask_for_partitions(
    connection: redis.Redis,
    model_folder: str,
    parts: Sequence[Partition],
    price: Price,
    *,
    language: str = "en",
) -> dict[str, Asked]:
    """Put every part on the queue under a name of its own; returns what was asked for by name.

    One that waits already is left so.
    """
    asked = {}
    for part in parts:
        arguments = {
            "model_folder": model_folder,
            "part": part.as_dict(),
            "price": asdict(price),
            "language": language,
        }
        digest = hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()
        asked[ask_for(connection, TASK, f"part-{digest[:24]}", arguments)] = arguments
    return asked


def follow_partitions(connection: redis.Redis, asked: Mapping[str, Asked]) -> Iterator[PartitionsDone]:
    """How far the parts are, again and again until every one is over.

    A part whose worker was killed is asked for again, so that another one does it, up to `TRIES` times.
    """
    rows: dict[str, int] = {}
    errors: dict[str, str] = {}
    tries = dict.fromkeys(asked, 1)
    while True:
        for name, arguments in asked.items():
            if name in rows or name in errors:
                continue
            card = look_at(connection, name)
            if card is None:
                errors[name] = f"job {name} is gone"
            elif card.status == "finished" and card.result is not None:
                rows[name] = int(card.result["rows"])
            elif card.status == LOST and tries[name] < TRIES:
                tries[name] += 1
                ask_for(connection, TASK, name, arguments)
            elif card.status in OVER:
                errors[name] = card.error or card.status
        yield PartitionsDone(
            done=len(rows) + len(errors),
            total=len(asked),
            rows=sum(rows.values()),
            errors=tuple(errors.values()),
        )
        if len(rows) + len(errors) == len(asked):
            return
        time.sleep(POLL_S)
