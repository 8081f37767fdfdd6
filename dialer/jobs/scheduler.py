"""The clock beside rq: every worker ticks once a minute, and what is due in the database goes on the queue.

Redis only wakes people up. A tick is a job that reads the database; whoever runs a scheduled job takes its
row in the database before doing anything. Losing Redis, two ticks at once or the same job queued twice cost
nothing but a look. The ticking thread touches Redis alone: a database that is open while rq forks would be
open in both processes, which SQLite does not survive.
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

from churnmodel.array_types import Progress
from dialer.bootstrap import App, open_app
from dialer.core.schedule import ScheduledJob
from dialer.jobs.job_queue import ask_for
from dialer.jobs.progress import teller
from dialer.services.schedule.schedule import End, due_jobs, end_job, hold_job, take_job
from dialer.settings import Settings

log = structlog.get_logger()

TICK_EVERY_S: Final = 60.0  # nobody minds whether a night's work begins a minute later
TICKED: Final = "winback:ticked"  # so that many workers tick as often as one
HOLD_EVERY_S: Final = 60.0
LOOK: Final = "scheduler.look"
DO: Final = "scheduler.do"
WATCH: Final = "folders.watch"


@contextmanager
def ticking(connection: redis.Redis) -> Iterator[None]:
    """Tick at once and then every minute, beside whatever the caller does."""
    over = threading.Event()

    def tick() -> None:
        while True:
            try:
                if connection.set(TICKED, "1", nx=True, px=int(TICK_EVERY_S * 900)):
                    ask_for(connection, LOOK, "schedule-look", {})
            except redis.RedisError as fault:
                log.warning("schedule_not_ticked", error=str(fault))  # the next tick may get through
            if over.wait(TICK_EVERY_S):
                return

    thread = threading.Thread(target=tick, name="schedule", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(TICK_EVERY_S)


def look() -> dict[str, Any]:
    """Put the scheduled jobs that are due, and a look into the watched folders, on the queue.

    One that waits or is being done is left as it is.
    """
    job = get_current_job()
    with open_app(Settings(), upgraded=True) as app:
        due = due_jobs(app.database, app.settings, app.clock())
        folders = bool(app.settings.imports.folders)
    if job is not None:
        if folders:
            ask_for(job.connection, WATCH, "watched-folders", {})
        for scheduled_job in due:
            ask_for(
                job.connection, DO, f"scheduled-{scheduled_job.value}", {"scheduled_job": scheduled_job.value}
            )
    return {"due": [scheduled_job.value for scheduled_job in due]}


def do(scheduled_job: str) -> dict[str, Any]:
    """Do one scheduled job, if it is still due and nobody else is at it."""
    with open_app(Settings()) as app:
        came = perform(app, ScheduledJob(scheduled_job), teller())
    return {"done": False} if came is None else {"done": True, **came}


def perform(
    app: App, scheduled_job: ScheduledJob, progress: Progress, *, due_only: bool = True
) -> dict[str, Any] | None:
    """Take a scheduled job, do it while holding on to it, and write down what came of it.

    None where somebody else has it or has done it. What it raises is written down, and raised.
    """
    database, settings, clock = app.database, app.settings, app.clock
    holder = f"{socket.gethostname()}-{os.getpid()}"
    if not take_job(database, settings, scheduled_job, holder, clock(), due_only=due_only):
        return None
    from dialer.services.schedule.jobs import do_work  # noqa: PLC0415 - the model's libraries take seconds to load

    with _holding(app, scheduled_job, holder):
        try:
            came = do_work(database, settings, scheduled_job, clock, progress)
        except Exception as fault:
            said = f"{type(fault).__name__}: {fault}"
            end_job(database, settings, scheduled_job, holder, clock(), End.FAILED, said, {})
            raise
    if not end_job(database, settings, scheduled_job, holder, clock(), came.end, came.said, came.figures):
        log.warning("job_taken_over", scheduled_job=scheduled_job.value, holder=holder)
    return asdict(came)


@contextmanager
def _holding(app: App, scheduled_job: ScheduledJob, holder: str) -> Iterator[None]:
    """Say every minute that the holder still lives."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(HOLD_EVERY_S):
            if not hold_job(app.database, scheduled_job, holder, app.clock()):
                return

    thread = threading.Thread(target=hold, name=f"hold-{scheduled_job.value}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(HOLD_EVERY_S)
