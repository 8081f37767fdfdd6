"""Mails: a report to somebody of the centre, made when it is sent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from dialer.core.outbox.message import Delivery, Impossible
from dialer.core.reporting.day_report import Grouping
from dialer.core.reporting.table_files import MEDIA_TYPES, FileFormat, write_file
from dialer.db.models import OutboxMessage
from dialer.db.session import Transaction
from dialer.messaging_settings import MailSettings
from dialer.services.reporting.reports import REPORTS, ReportAsked, ReportRefused, report_in
from dialer.settings import Settings

NOT_SENT = "no mails are sent (mail.way)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One mail, as a mail server is given it; `key` is the same at every try."""

    key: str
    sender: str
    to: str
    subject: str
    body: str
    attachment: Attachment


class MailServer(Protocol):
    """Takes mails to people of the centre."""

    def mail(self, mail: OutgoingMail) -> Delivery:
        """Hand one mail over; returns within seconds and raises nothing."""
        ...


def may_mail(mail: MailSettings, address: str) -> bool:
    """Whether mails go to this address at all: its domain is one of the centre's."""
    return address.rpartition("@")[2].lower() in {domain.lower() for domain in mail.domains}


def ready_mail(
    tx: Transaction, settings: Settings, row: OutboxMessage, now: datetime
) -> OutgoingMail | Impossible:
    """The report as it is now, or why it goes to nobody: what was allowed before may not be any more."""
    address = str(row.data["to"])
    if settings.mail.way == "none":
        return Impossible(why=NOT_SENT)
    if not may_mail(settings.mail, address):
        return Impossible(why="no mails go to this domain (mail.domains)")
    kind = FileFormat(row.data["format"])
    asked = ReportAsked(
        name=row.data["report"],
        first=date.fromisoformat(row.data["first"]),
        last=date.fromisoformat(row.data["last"]),
        grouping=Grouping(row.data["grouping"]),
    )
    try:
        table = report_in(
            tx, asked, settings.queues.zone, now.astimezone(ZoneInfo(settings.queues.zone)).date()
        )
    except ReportRefused as refused:
        return Impossible(why=str(refused))
    days = f"{asked.first} to {asked.last}" if asked.first != asked.last else f"{asked.first}"
    card = REPORTS[asked.name]
    return OutgoingMail(
        key=row.key,
        sender=settings.mail.sender,
        to=address,
        subject=f"{card.title}, {days}",
        body=f"{card.says}\n\n{days}, on the clock of {settings.queues.zone}: {len(table.rows)} lines, "
        f"in {asked.name}.{kind.value}.\n\nSent by Winback, which stops where this report is taken off "
        "the list on its page.\n",
        attachment=Attachment(
            name=f"{asked.name}.{kind.value}", media_type=MEDIA_TYPES[kind], content=write_file(table, kind)
        ),
    )
