"""Couriers: take messages out of the outbox, hand them over, write down what came of it.

A worker starts one in a process of its own, so that no training holds up a code that somebody waits for. It
needs no Redis: what is due stands in the database.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from dialer.bootstrap import App, open_app
from dialer.core.outbox.message import Delivery, Impossible, NotDelivered
from dialer.db.database_faults import DatabaseUnavailable
from dialer.jobs.carriers import FileTexts, HttpTexts, HttpWebhooks
from dialer.jobs.mail_carriers import FileMails, SmtpMails
from dialer.jobs.parent_death import end_with_parent
from dialer.services.outbox.delivery import (
    OutgoingText,
    TakenMessage,
    TextGateway,
    WebhookSender,
    note_delivery,
    spread_events,
    take_message,
)
from dialer.services.outbox.events import OutgoingEvent
from dialer.services.outbox.mails import NOT_SENT, MailServer, OutgoingMail
from dialer.services.surveys.surveys import ask_after_calls
from dialer.settings import Settings

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0  # somebody waits for a code; one question to an index costs nothing
STARTED_AGAIN_S: Final = 5.0  # a courier that ended unasked
GONE_WITHIN_S: Final = 35.0  # the longest that one try lasts: what is being sent is finished
TEXTS_FILE: Final = "texts.jsonl"
ASK_EVERY: Final = timedelta(minutes=1)
MAILS_FOLDER: Final = "mails"


class Courier:
    """Hands messages over, one at a time, texts first; an endpoint that fails is left alone for a round."""

    def __init__(
        self, app: App, texts: TextGateway | None, webhooks: WebhookSender, mails: MailServer | None = None
    ) -> None:
        self._app, self._texts, self._webhooks, self._mails = app, texts, webhooks, mails
        self._asked_at: datetime | None = None

    def round(self) -> int:
        """Do what is due at this moment; how many messages were tried."""
        app, tried = self._app, 0
        silent: set[str] = set()
        while True:
            while spread_events(app.database, app.settings, app.clock()):
                pass
            self._ask_after_calls()
            message = take_message(app.database, app.settings, app.clock(), but=silent)
            if message is None:
                return tried
            result = self._send(message)
            if isinstance(result, NotDelivered):
                log.warning("message_not_delivered", message=message.id, error=result.why)
                if not result.lasting:
                    silent.add(message.endpoint)
            note_delivery(app.database, message, result, app.clock())
            tried += 1

    def _ask_after_calls(self) -> None:
        """Once a minute: nobody waits for that question."""
        now = self._app.clock()
        if self._asked_at is None or now - self._asked_at >= ASK_EVERY:
            self._asked_at = now
            ask_after_calls(self._app.database, self._app.settings, now)

    def _send(self, message: TakenMessage) -> Delivery:
        match message.ready:
            case Impossible() as never:
                return never
            case OutgoingText() as text if self._texts is not None:
                return self._texts.send(text)
            case OutgoingText():
                return Impossible(why="no texts are sent (texts.way)")
            case OutgoingEvent() as event:
                return self._webhooks.post(event)
            case OutgoingMail() as mail if self._mails is not None:
                return self._mails.mail(mail)
            case OutgoingMail():
                return Impossible(why=NOT_SENT)


def text_gateway(settings: Settings) -> TextGateway | None:
    """The gateway that the settings name; None where no texts are sent."""
    match settings.texts.way:
        case "http":
            return HttpTexts(settings.texts)
        case "file":
            return FileTexts(settings.data_dir / TEXTS_FILE)
        case "none":
            return None


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server that the settings name; None where no mails are sent."""
    match settings.mail.way:
        case "smtp":
            return SmtpMails(settings.mail)
        case "file":
            return FileMails(settings.data_dir / MAILS_FOLDER)
        case "none":
            return None


def courier_for(app: App) -> Courier:
    """A courier with every way out that the settings name."""
    return Courier(app, text_gateway(app.settings), HttpWebhooks(), mail_server(app.settings))


def deliver_once(app: App) -> int:
    """Hand over what is due at this moment; how many messages were tried."""
    return courier_for(app).round()


def run_courier(settings: Settings, worker: int) -> None:
    """Hand messages over until told to stop, or until the worker that started this process is gone."""
    end_with_parent(worker)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the whole group; the worker tells us
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with open_app(settings, upgraded=True) as app:
        courier = courier_for(app)
        while not over.wait(LOOK_EVERY_S):
            try:
                courier.round()
            except DatabaseUnavailable as fault:
                log.warning("outbox_not_read", error=str(fault))  # what is due stays due


@contextmanager
def delivering(settings: Settings) -> Iterator[None]:
    """Have a courier at work beside whatever the caller does; one that ends unasked is started again."""
    spawned = multiprocessing.get_context("spawn")  # a fork would share the database's connections
    over = threading.Event()

    def keep() -> None:
        while True:
            courier = spawned.Process(target=run_courier, args=(settings, os.getpid()), name="courier")
            courier.start()
            while courier.is_alive() and not over.is_set():
                over.wait(LOOK_EVERY_S)
            if over.is_set():
                courier.terminate()
                courier.join(GONE_WITHIN_S)
                courier.kill()
                return
            log.error("courier_ended", code=courier.exitcode)
            if over.wait(STARTED_AGAIN_S):
                return

    thread = threading.Thread(target=keep, name="couriers")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
