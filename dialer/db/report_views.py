"""Views for business intelligence tools: `report_*`, which only read, and show no customer.

They are made anew whenever tables change, so that no step on a table has to know of them. Who was let read
one before (on PostgreSQL) is let read it after. A change of a view wants a step of its own, be it empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, inspect, text

PREFIX: Final = "report_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One view: what a row of it is, where it reads, and its columns as the docs list them."""

    says: str
    reads: str
    columns: Mapping[str, str]  # the column's name to what the tables call it

    def statement(self, name: str) -> str:
        """The SQL that makes it; the same on both engines."""
        columns = ", ".join(f"{source} AS {column}" for column, source in self.columns.items())
        return f"CREATE VIEW {name} AS SELECT {columns} FROM {self.reads}"  # noqa: S608 - constants of ours


def _same(table: str, *columns: str) -> dict[str, str]:
    return {column: f"{table}.{column}" for column in columns}


VIEWS: Final[Mapping[str, ReportView]] = {
    "report_campaigns": ReportView(
        says="a campaign",
        reads="campaign",
        columns=_same(
            "campaign",
            *("id", "name", "state", "purpose", "team_id", "mode", "abandon_target", "holdout_share"),
            *("created_at", "started_at"),
        ),
    ),
    "report_leads": ReportView(
        says="a customer on a campaign's list, without who they are",
        reads="lead",
        columns=_same(
            "lead",
            *("id", "campaign_id", "state", "rank", "attempts_made", "risk", "gain", "gain_low", "gain_high"),
        ),
    ),
    "report_attempts": ReportView(
        says="a call placed, with what the agent said came of it",
        reads="attempt LEFT JOIN disposition ON disposition.attempt_id = attempt.id",
        columns={
            **_same(
                "attempt", "id", "pbx", "campaign_id", "lead_id", "promise_id", "queue", "trunk", "agent"
            ),
            "placed_at": "attempt.created_at",
            **_same("attempt", "answered_at", "connected_at", "ended_at", "outcome", "reason", "abandoned"),
            **_same("attempt", "waited_s", "talk_s", "contact_reason"),
            "disposition": "disposition.disposition",
            "said_as": "disposition.said_as",
            "call_again_at": "disposition.call_again_at",
        },
    ),
    "report_callers": ReportView(
        says="a call of somebody who rang in",
        reads="inbound_call",
        columns={
            **_same("inbound_call", "id", "pbx", "queue", "joined_at", "left_at", "connected_at", "ended_at"),
            **_same(
                "inbound_call", "abandoned", "agent", "talk_s", "disposition", "said_as", "contact_reason"
            ),
            "promised": "EXISTS (SELECT 1 FROM promise WHERE promise.source_call = inbound_call.caller)",
        },
    ),
    "report_promises": ReportView(
        says="a call that was promised",
        reads="promise",
        columns=_same(
            "promise",
            *("id", "queue", "state", "made_at", "virtual_join", "said_from", "said_until", "wanted_from"),
            *("owner", "attempts_made", "ended_at", "end_reason"),
        ),
    ),
    "report_offers": ReportView(
        says="an offer in one call: given, asked for, refused or withdrawn",
        reads="given_offer JOIN retention_offer ON retention_offer.id = given_offer.offer_id",
        columns={
            "id": "given_offer.id",
            "offer": "retention_offer.name",
            **_same(
                "given_offer", "agent", "attempt_id", "reason", "state", "cost", "asked_at", "decided_at"
            ),
            "caller_id": "given_offer.inbound_call_id",
        },
    ),
}

Grants = list[tuple[str, str]]  # a view, and who may read it


def drop_views(connection: Connection) -> Grants:
    """Take the views away before tables change; gives who could read which."""
    found = [name for name in inspect(connection).get_view_names() if name.startswith(PREFIX)]
    grants: Grants = []
    if connection.dialect.name == "postgresql":
        asked = text(
            "SELECT table_name, grantee FROM information_schema.role_table_grants "
            "WHERE privilege_type = 'SELECT' AND grantee <> current_user AND table_name = ANY(:names)"
        )
        grants = [(view, role) for view, role in connection.execute(asked, {"names": found})]
    for name in found:
        connection.execute(text(f"DROP VIEW {_quoted(connection, name)}"))
    return grants


def make_views(connection: Connection, grants: Grants) -> None:
    """Make them over the tables as they are now, and let read who could before."""
    for name, view in VIEWS.items():
        connection.execute(text(view.statement(name)))
    for name, role in grants:
        if name in VIEWS:
            who = "PUBLIC" if role == "PUBLIC" else _quoted(connection, role)
            connection.execute(text(f"GRANT SELECT ON {name} TO {who}"))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
