"""What a centre declares of itself in a file: read, compared with what there is, and applied as one."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dialer.core.organisation.declared_teams import (
    DeclaredTeam,
    TeamAct,
    TeamChange,
    team_changes,
    unknown_agents,
)
from dialer.db.queries import audit, teams
from dialer.db.session import Database, Transaction

FileId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
FileLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=120)]


class SetupRefused(Exception):
    """What is declared cannot be; the message says why, and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _FileTeam(_Strict):
    """A team in the file."""

    id: FileId
    name: FileLine = ""
    agents: list[str] = Field(default_factory=list)


class _SetupFile(_Strict):
    """The file."""

    teams: list[_FileTeam]


def read_setup_file(path: Path) -> tuple[DeclaredTeam, ...]:
    """The teams that a file declares; raises `SetupRefused` for what cannot be read."""
    try:
        found = _SetupFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SetupRefused(f"{path} cannot be read: {fault}") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SetupRefused(f"{path}: {where}: {first['msg']}") from None
    declared = tuple(
        DeclaredTeam(id=team.id, name=team.name, agents=frozenset(team.agents)) for team in found.teams
    )
    if len({team.id for team in declared}) != len(declared):
        raise SetupRefused(f"{path}: a team stands in it twice")
    return declared


def there_is(database: Database) -> tuple[DeclaredTeam, ...]:
    """The teams there are."""
    with database.read() as tx:
        return teams.all_teams(tx)


def differences(
    database: Database, wanted: Sequence[DeclaredTeam], known: Mapping[str, object]
) -> tuple[TeamChange, ...]:
    """What `apply_setup` would do; raises `SetupRefused` where it would not do it."""
    with database.read() as tx:
        return _judged(tx, wanted, known)


def apply_setup(
    database: Database,
    wanted: Sequence[DeclaredTeam],
    known: Mapping[str, object],
    *,
    now: datetime,
    actor: str,
) -> tuple[TeamChange, ...]:
    """Make what is declared so, all of it or nothing, audited; what was done.

    `known` are the agents there are, by id. Holds from the next request and the next decision on. Raises
    `SetupRefused` where it cannot be.
    """
    with database.write() as tx:
        changes = _judged(tx, wanted, known)
        for change in changes:
            if change.act is TeamAct.REMOVED:
                teams.remove(tx, change.team.id)
            else:
                teams.keep(tx, change.team)
            details = {"agents": sorted(change.team.agents), "name": change.team.name}
            audit.add(tx, now, actor, f"team.{change.act.value}", change.team.id, details)
        return changes


def _judged(
    tx: Transaction, wanted: Sequence[DeclaredTeam], known: Mapping[str, object]
) -> tuple[TeamChange, ...]:
    strange = unknown_agents(wanted, known)
    if strange:
        raise SetupRefused(f"nobody knows the agent {strange[0]!r}: not in [[agents]], and never seen")
    changes = team_changes(teams.all_teams(tx), wanted)
    for change in changes:
        # somebody who is for no team is for all of them: that must not come by itself
        left = teams.users_for(tx, change.team.id) if change.act is TeamAct.REMOVED else ()
        if left:
            raise SetupRefused(
                f"team {change.team.id} cannot be removed while users are for it: {', '.join(left)}; "
                "give them another team first (`winback users role`)"
            )
    return changes


HEAD: Final = "# Winback's organisation. `winback setup diff FILE` says what it would change.\n"


def as_toml(declared: Sequence[DeclaredTeam]) -> str:
    """The same as a file, to be changed and applied."""
    parts = [HEAD, "" if declared else "teams = []\n"]
    for team in declared:
        agents = ", ".join(_quoted(agent) for agent in sorted(team.agents))
        parts.append(
            f"\n[[teams]]\nid = {_quoted(team.id)}\nname = {_quoted(team.name)}\nagents = [{agents}]\n"
        )
    return "".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
