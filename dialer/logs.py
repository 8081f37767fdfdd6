"""The log: one event a line, and of what goes wrong again and again one line a minute."""

import logging
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog

from dialer.db.database_faults import DatabaseUnavailable

AGAIN_S: Final = 60.0  # a fault that goes on is told this often, with how many lines were left out
MOST_KINDS: Final = 500  # kinds of fault remembered; whoever makes up more of them gets no more memory
KIND_LENGTH: Final = 80  # characters of an error that tell its kind; numbers and names come later
FAULTS: Final = frozenset({"warning", "error", "critical"})
#: libraries that tell of each connection that fails; their lines go the same way as ours
OTHERS: Final = ("asyncio", "uvicorn")

Event = MutableMapping[str, Any]


@dataclass(slots=True)
class _Told:
    at: float
    left_out: int = 0


class OncePerMinute:
    """A processor that lets one line a minute pass for each kind of fault, and counts the others.

    A kind is an event with the kind of its error. Lines without an error always pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: OrderedDict[tuple[str, str], _Told] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, _logger: Any, method: str, event: Event) -> Event:
        """Pass the line, with how many were left out before it; raises `DropEvent` for those."""
        kind = kind_of(method, event)
        if kind is None:
            return event
        with self._lock:
            now, told = self._clock(), self._told.get(kind)
            if told is not None and now - told.at < AGAIN_S:
                told.left_out += 1
                raise structlog.DropEvent
            self._told[kind] = _Told(at=now)
            self._told.move_to_end(kind)
            if len(self._told) > MOST_KINDS:
                self._told.popitem(last=False)
        if told is not None and told.left_out:
            event["left_out"] = told.left_out
        return event


def kind_of(method: str, event: Event) -> tuple[str, str] | None:
    """What makes two faults the same; None for what is no fault."""
    name = "error" if method == "exception" else method
    if name not in FAULTS:
        return None
    raised = raised_in(event)
    error = type(raised).__name__ if raised is not None else event.get("error") or event.get("errors")
    if error is None:
        return None
    fault = f"{error}:{raised.fault}" if isinstance(raised, DatabaseUnavailable) else str(error)
    return str(event.get("event")), fault[:KIND_LENGTH]


def name_database_fault(_logger: Any, _method: str, event: Event) -> Event:
    """A processor: for a database that is locked, full, read-only or away one sentence and no traceback."""
    raised = raised_in(event)
    if isinstance(raised, DatabaseUnavailable):
        del event["exc_info"]
        event.update(fault=raised.fault.value, error=str(raised))
        event.pop("errors", None)
    return event


def raised_in(event: Event) -> BaseException | None:
    """The exception that a line tells of; of a group, its first one."""
    info = event.get("exc_info")
    if info is True:
        info = sys.exc_info()
    raised = info[1] if isinstance(info, tuple) else info
    return next(_leaves(raised), None) if isinstance(raised, BaseException) else None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


class ToOurLog(logging.Handler):
    """Hands a library's line on, in our shape and under our limit."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it; its first line says all, the rest are addresses of sockets."""
        said = record.getMessage().partition("\n")[0]
        level = "error" if record.levelno >= logging.ERROR else "warning"
        error = {} if record.exc_info else {"error": str(record.msg)}
        getattr(structlog.get_logger(), level)(record.name, said=said, exc_info=record.exc_info, **error)


class StandardError:
    """Loses what cannot be written: a full disk must stop a line of the log, and no call."""

    def write(self, text: str) -> None:
        """Write, if it can be."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Bring it out, if it can be."""
        with suppress(OSError):
            sys.stderr.flush()


STANDARD_ERROR: Final = StandardError()


def set_up_logs(level: str) -> None:
    """One line an event, to standard error: for people on a terminal, JSON elsewhere."""
    levels = {"debug": 10, "info": 20, "warning": 30, "error": 40}
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            OncePerMinute(),
            name_database_fault,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(levels[level]),
        logger_factory=structlog.PrintLoggerFactory(STANDARD_ERROR),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    for name in OTHERS:
        library = logging.getLogger(name)
        library.handlers = [ToOurLog(level=max(logging.WARNING, levels[level]))]
