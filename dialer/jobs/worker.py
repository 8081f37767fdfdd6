"""A worker: takes jobs off the queue, each in a process of its own, until it is told to stop.

Meanwhile it ticks for the schedule and has a courier hand messages over, so that an installation with a
worker does its scheduled jobs and tells its customers by itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import redis
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from dialer.jobs.couriers import delivering
from dialer.jobs.job_queue import QUEUE
from dialer.jobs.parent_death import end_with_parent
from dialer.jobs.redis import open_redis
from dialer.jobs.scheduler import ticking
from dialer.settings import Settings

# Each job is one thread: OpenMP's waiting threads made a fit forty times slower on a shared machine.
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
LEVELS: Final = {"debug": "DEBUG", "info": "WARNING", "warning": "WARNING", "error": "ERROR"}


class WinbackWorker(Worker):
    """rq's worker, which stops in order from its first moment, and whose job ends with it.

    A job left alone would be done twice once it is asked for again.
    """

    def bootstrap(self, *how: Any, **named: Any) -> None:
        """Be counted as a worker; rq heeds a signal to stop only afterwards, and would stay counted."""
        self._install_signal_handlers()  # type: ignore[no-untyped-call] # rq leaves it untyped
        super().bootstrap(*how, **named)

    def work(self, *how: Any, **named: Any) -> bool:
        """Work until told to stop, be it before anything has begun."""
        try:
            return super().work(*how, **named)
        except StopRequested:
            self.teardown()  # type: ignore[no-untyped-call] # likewise
            return False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Do one job in the process that was just forked for it."""
        end_with_parent(self.pid or os.getppid())
        super().main_work_horse(job, queue)


def run_worker(settings: Settings, *, burst: bool = False) -> None:
    """Work until SIGINT or SIGTERM (a running job is finished first); `burst`: until the queue is empty.

    Must run in the main thread of its process, which is where signals arrive. Raises `RedisMissing`.
    """
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    with open_redis(settings) as redis_server:
        connection = redis_server.connect()
        try:
            worker = WinbackWorker([QUEUE], connection=connection, serializer=JSONSerializer)
            with nullcontext() if burst else _beside(settings, connection):
                worker.work(burst=burst, logging_level=LEVELS[settings.log_level])
        finally:
            connection.close()


@contextmanager
def _beside(settings: Settings, connection: redis.Redis) -> Iterator[None]:
    """What a worker has done beside its jobs."""
    with ticking(connection), delivering(settings):
        yield
