"""Large Parquet files scored by as many workers as there are: one job a part, each safe to run twice.

A part that is done says so beside its target, so asking again after a crash does only what is missing.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import redis

from churnmodel.parts import Part
from churnmodel.value import Price
from dialer.jobs.queues import OVER, ask_for, look_at

POLL_S: Final = 0.5  # a part takes seconds
TASK: Final = "score_part"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsDone:
    """How far the parts are; `errors` are the last words of those that failed."""

    done: int
    total: int
    rows: int
    errors: tuple[str, ...]


def ask_for_parts(
    connection: redis.Redis, model_folder: str, parts: Sequence[Part], price: Price
) -> tuple[str, ...]:
    """Put every part on the queue under a name of its own; returns the names. One that waits is left so."""
    names = []
    for part in parts:
        arguments = {"model_folder": model_folder, "part": part.as_dict(), "price": asdict(price)}
        digest = hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()
        names.append(ask_for(connection, TASK, f"part-{digest[:24]}", arguments))
    return tuple(names)


def follow_parts(connection: redis.Redis, names: Sequence[str]) -> Iterator[PartsDone]:
    """How far the parts are, again and again until every one is over."""
    rows: dict[str, int] = {}
    errors: dict[str, str] = {}
    while True:
        for name in names:
            if name in rows or name in errors:
                continue
            card = look_at(connection, name)
            if card is None:
                errors[name] = f"job {name} is gone"
            elif card.status == "finished" and card.result is not None:
                rows[name] = int(card.result["rows"])
            elif card.status in OVER:
                errors[name] = card.error or card.status
        yield PartsDone(
            done=len(rows) + len(errors),
            total=len(names),
            rows=sum(rows.values()),
            errors=tuple(errors.values()),
        )
        if len(rows) + len(errors) == len(names):
            return
        time.sleep(POLL_S)
