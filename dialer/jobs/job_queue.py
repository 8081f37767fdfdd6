"""The one job queue: what is put on it, under which name, and what became of it.

A job's name says what it is about, so that asking for the same work twice while the first has not
ended gives one job. Arguments and results are JSON.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import redis
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.results import Result
from rq.serializers import JSONSerializer

QUEUE: Final = "winback"
LONGEST_S: Final = 6 * 3600  # training on ten million rows takes about an hour on one core
KEPT_S: Final = 7 * 24 * 3600  # results and failures can be looked at for a week
LOST: Final = (
    "lost"  # its worker was killed in the middle: nothing will come of it unless it is asked for again
)
OVER: Final = frozenset({"finished", "failed", "stopped", "canceled", LOST})
SILENT_FOR: Final = timedelta(seconds=100)  # a worker speaks every 30 s and is given up by rq after 90


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """One job as a person is shown it."""

    id: str
    task: str
    status: str
    stage: str
    share: float  # done, 0 to 1
    result: dict[str, Any] | None
    error: str


def open_queue(connection: redis.Redis) -> Queue:
    """The queue that workers listen on."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=LONGEST_S)


def ask_for(connection: redis.Redis, task: str, job_id: str, arguments: Mapping[str, Any]) -> str:
    """Put a task on the queue; returns the job's id.

    `task` is a function of `dialer.jobs.tasks`, or of another module of this room: `schedule.look`.
    While a job of this id waits or runs, nothing is added. One that has ended makes room.
    """
    queue = open_queue(connection)
    index = task if "." in task else f"tasks.{task}"
    for _ in range(2):
        try:
            job = queue.enqueue_call(
                f"dialer.jobs.{index}",
                kwargs=dict(arguments),
                job_id=job_id,
                unique=True,
                result_ttl=KEPT_S,
                failure_ttl=KEPT_S,
                description=task,
            )
        except DuplicateJobError:
            if not _make_room(connection, job_id):
                return job_id
        else:
            return str(job.id)
    return job_id


def _make_room(connection: redis.Redis, job_id: str) -> bool:
    """Remove a job that is over; False where it still waits or runs."""
    try:
        job = Job.fetch(job_id, connection=connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return True
    if _status(connection, job) not in OVER:
        return False
    job.delete()
    return True


def look_at(connection: redis.Redis, job_id: str) -> JobCard | None:
    """What became of a job, or None where nobody asked for it within the last week."""
    try:
        job = Job.fetch(job_id, connection=connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    status = _status(connection, job)
    latest = job.latest_result() if status in OVER else None
    meta = job.get_meta()
    return JobCard(
        id=job_id,
        task=str(job.func_name).rpartition(".")[2],
        status=status,
        stage=str(meta.get("stage", "")),
        share=float(meta.get("share", 0.0)),
        result=latest.return_value if latest is not None else None,
        error="the worker was killed; ask again" if status == LOST else _error_of(latest),
    )


def _status(connection: redis.Redis, job: Job) -> str:
    """The job's status by rq, or `LOST` where it runs in a worker that has fallen silent."""
    status = str(job.get_status().value)
    if status != "started" or job.last_heartbeat is None:
        return status
    seconds, micros = connection.time()
    silent = datetime.fromtimestamp(seconds + micros / 1e6, UTC) - job.last_heartbeat
    return LOST if silent > SILENT_FOR else status


def _error_of(latest: Result | None) -> str:
    """The exception's own words: what a person needs of a traceback."""
    trace = latest.exc_string if latest is not None else None
    lines = [line for line in (trace or "").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def follow(connection: redis.Redis, job_id: str, every_s: float = 0.2) -> Iterator[JobCard]:
    """What becomes of a job, again and again until it is over; the last card is its end.

    Raises `LookupError` for a job nobody asked for.
    """
    while True:
        card = look_at(connection, job_id)
        if card is None:
            raise LookupError(f"there is no job {job_id}")
        yield card
        if card.status in OVER:
            return
        time.sleep(every_s)


def count_workers(connection: redis.Redis) -> int:
    """How many workers listen at this moment, on any machine."""
    return int(Worker.count(connection=connection))
