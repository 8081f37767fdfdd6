"""Reports that are sent again and again: to whom, how often, and the ones that are due."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dialer.core.outbox.message import MessageChannel
from dialer.core.reporting.day_report import Grouping
from dialer.core.reporting.mailing import Rhythm, period_due
from dialer.core.reporting.table_files import FileFormat
from dialer.db.models import ReportMailing
from dialer.db.queries import audit, outbox, report_days
from dialer.db.session import Database
from dialer.messaging_settings import MailSettings
from dialer.services.outbox.mails import NOT_SENT, may_mail
from dialer.services.reporting.reports import REPORTS, ReportRefused

#: what a mailing's messages have where a webhook has its name: one that fails is left alone for a round
ENDPOINT = "mail"
KIND = "report.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingDraft:
    """A report that is to be sent to an address."""

    report: str
    address: str
    rhythm: Rhythm = Rhythm.WEEKLY
    grouping: Grouping = Grouping.DAY
    format: FileFormat = FileFormat.XLSX


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingCard(MailingDraft):
    """The same as it is on the list; `sent_until` is the last day of what was sent latest."""

    id: int
    added_by: str
    sent_until: date | None


def list_mailings(database: Database) -> tuple[MailingCard, ...]:
    """Every report that is sent, oldest first."""
    with database.read() as tx:
        return tuple(_card(row) for row in report_days.mailings(tx))


def add_mailing(
    database: Database, mail: MailSettings, draft: MailingDraft, by: str, now: datetime
) -> MailingCard:
    """Have a report sent from now on; audited. Raises `ReportRefused`."""
    if draft.report not in REPORTS:
        raise ReportRefused(f"There is no report {draft.report!r}; there are {', '.join(REPORTS)}.")
    if mail.way == "none":
        raise ReportRefused(f"It would not leave: {NOT_SENT}.")
    if not may_mail(mail, draft.address):
        allowed = ", ".join(mail.domains) or "none"
        raise ReportRefused(f"Mails go to addresses of these domains alone (mail.domains): {allowed}.")
    with database.write() as tx:
        row = ReportMailing(
            report=draft.report,
            rhythm=draft.rhythm,
            grouping=draft.grouping,
            format=draft.format,
            address=draft.address,
            added_by=by[:60],
            added_at=now,
            sent_until=None,
        )
        tx.add(row)
        tx.flush()
        audit.add(
            tx, now, by, "report.mailing-added", draft.report, {"to": draft.address, "as": draft.rhythm}
        )
        return _card(row)


def remove_mailing(database: Database, mailing: int, by: str, now: datetime) -> bool:
    """Send a report no more; audited. False where there is none such."""
    with database.write() as tx:
        row = tx.get(ReportMailing, mailing)
        if row is None:
            return False
        tx.delete(row)
        audit.add(tx, now, by, "report.mailing-removed", row.report, {"to": row.address})
        return True


def send_due(database: Database, zone: str, now: datetime) -> int:
    """Put every report into the outbox whose period is over; how many. Each period is sent once."""
    today, sent = now.astimezone(ZoneInfo(zone)).date(), 0
    with database.write() as tx:
        for row in report_days.mailings(tx):
            due = period_due(row.rhythm, row.sent_until, today)
            if due is None:
                continue
            first, last = due
            said = {
                "to": row.address,
                "report": row.report,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "grouping": row.grouping.value,
                "format": row.format.value,
            }
            key = f"report-{row.id}-{last}"
            sent += outbox.add(tx, MessageChannel.MAIL, KIND, now, key=key, endpoint=ENDPOINT, data=said)
            row.sent_until = last
    return sent


def _card(row: ReportMailing) -> MailingCard:
    return MailingCard(
        id=row.id,
        report=row.report,
        address=row.address,
        rhythm=row.rhythm,
        grouping=row.grouping,
        format=row.format,
        added_by=row.added_by,
        sent_until=row.sent_until,
    )
