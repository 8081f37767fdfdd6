"""The organisation's rows: read as one, and changed entry by entry."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select, update

from dialer.core.calling.campaign import CampaignState
from dialer.core.organisation.entries import (
    KINDS,
    CallerQueue,
    Centre,
    DispositionWord,
    NamedPart,
    NumberShown,
    Organisation,
    PauseReason,
    StaffAgent,
    StaffTeam,
    TrunkLine,
)
from dialer.core.organisation.house_words import USUAL_WORDS
from dialer.db.base import Base
from dialer.db.models import (
    Campaign,
    CentreRow,
    DispositionWordRow,
    InboundQueueRow,
    NumberShownRow,
    PauseReasonRow,
    StaffAgentRow,
    Team,
    TeamAgent,
    TrunkRow,
    UserAccount,
    UserTeam,
)
from dialer.db.session import Transaction

THE_ONE: Final = 1  # the id of the centre's row
#: kinds whose rows have the columns that their entries have; teams are two tables
ROWS: Final[dict[str, tuple[type[Base], type[NamedPart]]]] = {
    "agents": (StaffAgentRow, StaffAgent),
    "inbound_queues": (InboundQueueRow, CallerQueue),
    "pause_reasons": (PauseReasonRow, PauseReason),
    "dispositions": (DispositionWordRow, DispositionWord),
    "trunks": (TrunkRow, TrunkLine),
    "numbers": (NumberShownRow, NumberShown),
}


_VERSION: Final = select(CentreRow.version).where(CentreRow.id == THE_ONE)
#: the same as a column of another question; NULL before there is an organisation
VERSION: Final = _VERSION.scalar_subquery()


def version(tx: Transaction) -> int:
    """How often the organisation has changed; one small row."""
    return tx.scalar(_VERSION) or 0


def is_taken_over(tx: Transaction) -> bool:
    """Whether these tables hold, and no longer the settings."""
    chosen = select(CentreRow.taken_over_at).where(CentreRow.id == THE_ONE)
    return tx.scalar(chosen) is not None


def lock(tx: Transaction) -> None:
    """Have whoever else changes the organisation wait for this transaction."""
    row = update(CentreRow).where(CentreRow.id == THE_ONE).values(version=CentreRow.version)
    if tx.scalar(row.returning(CentreRow.id)) is None:
        tx.add(CentreRow(id=THE_ONE))
        tx.flush()


def changed(tx: Transaction, *, taken_over_at: datetime | None = None) -> None:
    """Let every process know that it is to be read anew; with a moment, that the tables hold from it on."""
    values: dict[str, Any] = {"version": CentreRow.version + 1}
    if taken_over_at is not None:
        values["taken_over_at"] = taken_over_at
    tx.execute(update(CentreRow).where(CentreRow.id == THE_ONE).values(**values))


def read(tx: Transaction) -> Organisation:
    """All of it, as the tables have it."""
    row = tx.get(CentreRow, THE_ONE, populate_existing=True)
    centre = (
        Centre(
            outbound_queue=row.outbound_queue,
            hours=row.hours,
            zone=row.zone,
            holidays=tuple(date.fromisoformat(day) for day in row.holidays),
        )
        if row is not None and row.taken_over_at is not None
        else Centre()
    )
    kinds = {kind: _entries(tx, table, entry) for kind, (table, entry) in ROWS.items()}
    return Organisation(centre=centre, teams=teams(tx), **kinds)


def house_words(tx: Transaction) -> tuple[DispositionWord, ...]:
    """The house's words for what came of a call; the usual ones until it has any."""
    return _entries(tx, DispositionWordRow, DispositionWord) or USUAL_WORDS


def _entries(tx: Transaction, table: type[Base], entry: type[NamedPart]) -> tuple[Any, ...]:
    rows = tx.scalars(select(table).order_by(table.position, table.id))  # type: ignore[attr-defined]
    return tuple(entry(**{field: _bare(getattr(row, field)) for field in entry.model_fields}) for row in rows)


def _bare(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def teams(tx: Transaction) -> tuple[StaffTeam, ...]:
    """Every team with its agents, by id."""
    agents: dict[str, dict[str, float]] = {}
    for team, agent, weight in tx.execute(select(TeamAgent.team_id, TeamAgent.agent_id, TeamAgent.weight)):
        agents.setdefault(team, {})[agent] = weight
    return tuple(
        StaffTeam(
            id=team.id,
            name=team.name,
            queue=team.queue,
            agents=tuple(agents.get(team.id, ())),
            weights=agents.get(team.id, {}),
        )
        for team in tx.scalars(select(Team).order_by(Team.id))
    )


def keep_centre(tx: Transaction, centre: Centre) -> None:
    """Make the house what this says."""
    tx.execute(
        update(CentreRow)
        .where(CentreRow.id == THE_ONE)
        .values(
            outbound_queue=centre.outbound_queue,
            hours=centre.hours,
            zone=centre.zone,
            holidays=[day.isoformat() for day in centre.holidays],
        )
    )


def keep_kind(tx: Transaction, kind: str, before: Sequence[NamedPart], wanted: Sequence[NamedPart]) -> None:
    """Make all entries of one kind what these are, in this order; `before` are those that are there.

    Teams come first of all where they are new, and go last.
    """
    if kind == "teams":
        for team in wanted:
            if isinstance(team, StaffTeam) and team not in before:
                _keep_team(tx, team)
        return
    table, _ = ROWS[kind]
    there = {entry.id: (position, entry) for position, entry in enumerate(before)}
    then = {entry.id for entry in wanted}
    tx.execute(delete(table).where(table.id.in_(there.keys() - then)))  # type: ignore[attr-defined]
    for position, entry in enumerate(wanted):
        values = {**entry.model_dump(), "position": position}
        if entry.id not in there:
            tx.add(table(**{name: _listed(value) for name, value in values.items()}))
        elif there[entry.id] != (position, entry):
            row = tx.get_one(table, entry.id)
            for name, value in values.items():
                setattr(row, name, _listed(value))
    tx.flush()


def _listed(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [each.isoformat() if isinstance(each, date) else each for each in value]


def _keep_team(tx: Transaction, team: StaffTeam) -> None:
    row = tx.get(Team, team.id)
    if row is None:
        row = Team(id=team.id)
        tx.add(row)
    row.name, row.queue = team.name, team.queue
    tx.flush()
    tx.execute(delete(TeamAgent).where(TeamAgent.team_id == team.id))
    tx.add_all(
        TeamAgent(team_id=team.id, agent_id=agent, weight=team.weight_of(agent)) for agent in team.agents
    )
    tx.flush()


def campaigns_of(tx: Transaction, team: str) -> tuple[str, ...]:
    """The campaigns of a team that are not finished, by name."""
    going = Campaign.state != CampaignState.FINISHED
    return tuple(
        tx.scalars(select(Campaign.name).where(Campaign.team_id == team, going).order_by(Campaign.name))
    )


def remove_team(tx: Transaction, team: str) -> None:
    """Take a team out, with who was in it; its finished campaigns are nobody's then."""
    tx.execute(update(Campaign).where(Campaign.team_id == team).values(team_id=None))
    tx.execute(delete(TeamAgent).where(TeamAgent.team_id == team))
    tx.execute(delete(Team).where(Team.id == team))


def users_for(tx: Transaction, team: str) -> tuple[str, ...]:
    """The users who are for a team, by log-in name."""
    chosen = (
        select(UserAccount.name)
        .join(UserTeam, UserTeam.user_id == UserAccount.id)
        .where(UserTeam.team_id == team)
        .order_by(UserAccount.name)
    )
    return tuple(tx.scalars(chosen))


assert {*ROWS, "teams"} == KINDS.keys()  # noqa: S101 - every kind has its rows
