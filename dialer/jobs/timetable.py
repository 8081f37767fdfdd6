"""The clock beside rq: every worker knocks once a minute, and what is due in the book goes on the queue.

Redis is only the bell. A knock is a job that reads the book; a duty's job takes its row in the book before
it does anything. Losing Redis, two knocks at once or the same duty queued twice cost nothing but a look.
The knocking thread touches Redis alone: a book that is open while rq forks would be open in both processes,
which SQLite does not survive.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

import redis
import structlog
from rq import get_current_job

from churnmodel.arrays import Progress
from dialer.bootstrap import House, open_house
from dialer.core.timetable import Duty
from dialer.jobs.progress import teller
from dialer.jobs.queues import ask_for
from dialer.services.timetable import End, due_duties, end_duty, hold_duty, take_duty
from dialer.settings import Settings

log = structlog.get_logger()

KNOCK_EVERY_S: Final = 60.0  # nobody minds whether a night's work begins a minute later
KNOCKED: Final = "winback:knocked"  # so that many workers knock as often as one
HOLD_EVERY_S: Final = 60.0
LOOK: Final = "timetable.look"
DO: Final = "timetable.do"


@contextmanager
def knocking(connection: redis.Redis) -> Iterator[None]:
    """Knock at once and then every minute, beside whatever the caller does."""
    over = threading.Event()

    def knock() -> None:
        while True:
            try:
                if connection.set(KNOCKED, "1", nx=True, px=int(KNOCK_EVERY_S * 900)):
                    ask_for(connection, LOOK, "timetable-look", {})
            except redis.RedisError as fault:
                log.warning("timetable_not_knocked", error=str(fault))  # the next knock may get through
            if over.wait(KNOCK_EVERY_S):
                return

    thread = threading.Thread(target=knock, name="timetable", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(KNOCK_EVERY_S)


def look() -> dict[str, Any]:
    """Put the duties that are due on the queue; one that waits or is being done is left as it is."""
    job = get_current_job()
    with open_house(Settings(), upgraded=True) as house:
        due = due_duties(house.book, house.settings, house.clock())
    if job is not None:
        for duty in due:
            ask_for(job.connection, DO, f"duty-{duty.value}", {"duty": duty.value})
    return {"due": [duty.value for duty in due]}


def do(duty: str) -> dict[str, Any]:
    """Do one duty, if it is still due and nobody else is at it."""
    with open_house(Settings()) as house:
        came = perform(house, Duty(duty), teller())
    return {"done": False} if came is None else {"done": True, **came}


def perform(house: House, duty: Duty, progress: Progress, *, due_only: bool = True) -> dict[str, Any] | None:
    """Take a duty, do it while holding on to it, and write down what came of it.

    None where somebody else has it or has done it. What it raises is written down, and raised.
    """
    book, settings, clock = house.book, house.settings, house.clock
    holder = f"{socket.gethostname()}-{os.getpid()}"
    if not take_duty(book, settings, duty, holder, clock(), due_only=due_only):
        return None
    from dialer.services.duties import do_work  # noqa: PLC0415 - the model's libraries take seconds to load

    with _holding(house, duty, holder):
        try:
            came = do_work(book, settings, duty, clock, progress)
        except Exception as fault:
            said = f"{type(fault).__name__}: {fault}"
            end_duty(book, settings, duty, holder, clock(), End.FAILED, said, {})
            raise
    if not end_duty(book, settings, duty, holder, clock(), came.end, came.said, came.figures):
        log.warning("duty_taken_over", duty=duty.value, holder=holder)
    return asdict(came)


@contextmanager
def _holding(house: House, duty: Duty, holder: str) -> Iterator[None]:
    """Say every minute that the holder still lives."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(HOLD_EVERY_S):
            if not hold_duty(house.book, duty, holder, house.clock()):
                return

    thread = threading.Thread(target=hold, name=f"hold-{duty.value}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(HOLD_EVERY_S)
