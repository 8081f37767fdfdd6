"""Holds dialling where the database is older than what was dialled, until a person has seen it."""

from datetime import datetime, timedelta
from typing import Final

import redis
import structlog

from dialer.bootstrap import App
from dialer.core.sentence import Sentence
from dialer.db.session import Database
from dialer.services.calls.attempt_journal import newest_dialled
from dialer.services.calls.restore_gap import unseen_gap

log = structlog.get_logger()

ANSWER_WITHIN_S: Final = 0.5  # a slow Redis must not hold up what is shown
SILENT_FOR: Final = timedelta(seconds=30)  # after a failure: the file holds the mark all the same


class RestoreHold:
    """Whether calls were made that the database does not know; open until it was looked for.

    The marks are the file of what this machine dialled, and the newest call in Redis for any machine.
    """

    def __init__(self, app: App) -> None:
        url, settings = app.redis_url, app.settings
        self._data_dir = settings.data_dir
        self._key = f"winback:dialled:{settings.pbx.name}"
        self._redis = (
            redis.Redis.from_url(
                url,
                socket_timeout=ANSWER_WITHIN_S,
                socket_connect_timeout=ANSWER_WITHIN_S,
                decode_responses=True,
            )
            if url is not None
            else None
        )
        self._silent_until: datetime | None = None
        self._marked: str | None = None
        self._missing: frozenset[str] = frozenset()
        self.open = True
        self.sentence = Sentence("The engine is looking whether the database knows what was dialled.")

    def look(self, database: Database) -> None:
        """Compare the marks with the database."""
        known = {*newest_dialled(self._data_dir), *self.newest_anywhere()}
        missing = unseen_gap(database, known)
        if missing and missing != self._missing:
            log.error("database_is_older_than_what_was_dialled", calls=len(missing))
        self.open, self._missing = bool(missing), missing
        self.sentence = Sentence(
            "Nobody is called: the database is older than what was dialled and does not know %(calls)s calls "
            "or more. `winback restore` takes in what is known of them; `winback restore --go-on` says that "
            "you have seen it.",
            calls=len(missing),
        )

    def mark(self, attempt: str | None, now: datetime) -> None:
        """Keep the newest call where any machine finds it."""
        if self._redis is None or attempt is None or attempt == self._marked:
            return
        if self._silent_until is not None and now < self._silent_until:
            return
        try:
            self._redis.set(self._key, attempt)
            self._marked = attempt
        except redis.RedisError as error:
            log.info("mark_not_kept", error=type(error).__name__)
            self._silent_until = now + SILENT_FOR

    def close(self) -> None:
        """Give the connection back."""
        if self._redis is not None:
            self._redis.close()

    def newest_anywhere(self) -> list[str]:
        """The newest call in Redis, whichever machine placed it."""
        if self._redis is None:
            return []
        try:
            newest = self._redis.get(self._key)
        except redis.RedisError as error:
            log.info("mark_not_read", error=type(error).__name__)
            return []
        return [str(newest)] if newest else []
