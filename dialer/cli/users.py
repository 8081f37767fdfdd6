"""`winback users`: who may log in, and as what."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from dialer.cli.console_output import console, fail

if TYPE_CHECKING:
    from dialer.core.access.rights import UserRole
    from dialer.services.organisation.users import UserFault
    from dialer.settings import Settings

group = typer.Typer(name="users", help="Who may log in to the pages, and as what.", no_args_is_help=True)

ACTOR: Final = "command line"
Name = Annotated[str, typer.Argument(help="The log-in name.")]
Role = Annotated[str, typer.Option(help="agent, supervisor, manager, analyst or admin.")]
Agent = Annotated[str | None, typer.Option(help="The agent whom this person is on the floor.")]
Team = Annotated[list[str] | None, typer.Option(help="A team they are for; may be given again. None: all.")]


@group.command("list")
def list_all() -> None:
    """Everybody, what they may do, and when they were here last."""
    from rich.table import Table

    from dialer.bootstrap import open_app
    from dialer.services.organisation.users import list_users
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        found = list_users(app.database)
    if not found:
        console.print("Nobody may log in yet: `winback users invite NAME --role admin`.")
        return
    table = Table("user", "role", "agent", "teams", "last here", "second step")
    for user in found:
        state = f"{user.role.value}, disabled" if user.disabled else user.role.value
        teams = ", ".join(sorted(user.teams)) or "all"
        seen = f"{user.logged_in_at:%Y-%m-%d %H:%M} UTC" if user.logged_in_at else "never"
        table.add_row(user.name, state, user.agent or "", teams, seen, "yes" if user.second_step else "no")
    console.print(table)


@group.command()
def invite(
    name: Name,
    *,
    role: Annotated[str | None, typer.Option(help="Needed for somebody new.")] = None,
    agent: Agent = None,
    team: Team = None,
    display: Annotated[str, typer.Option(help="What they are called.")] = "",
) -> None:
    """Print a one-time link by which NAME chooses a password; adds them where they are new."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.users import UserFault, add_user, list_users
    from dialer.services.organisation.users import invite as invite_user
    from dialer.settings import Settings

    known, settings = _name(name), Settings()
    with open_app(settings) as app:
        if all(user.name != known for user in list_users(app.database)):
            if role is None:
                fail(f"{known} is new here; say as what: --role agent, for example")
            added = add_user(
                app.database,
                known,
                _role(role),
                now=app.clock(),
                actor=ACTOR,
                display=display,
                agent=agent,
                teams=team or (),
            )
            if isinstance(added, UserFault):
                _refuse(added)
        secret = invite_user(app.database, known, now=app.clock(), actor=ACTOR)
    if isinstance(secret, UserFault):
        _refuse(secret)
    console.print(f"For {known}, once, within three days:", markup=False)
    console.print(f"{pages_address(settings)}/invitation/{secret}", markup=False, soft_wrap=True)


@group.command()
def add(name: Name, *, role: Role, agent: Agent = None, team: Team = None, display: str = "") -> None:
    """Add NAME without a link: for those whom a proxy names."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.users import UserFault, add_user
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        added = add_user(
            app.database,
            _name(name),
            _role(role),
            now=app.clock(),
            actor=ACTOR,
            display=display,
            agent=agent,
            teams=team or (),
        )
    if isinstance(added, UserFault):
        _refuse(added)
    console.print(f"{added.name} is {added.role.value} here.", markup=False)


@group.command("role")
def change_role(name: Name, *, role: Role, agent: Agent = None, team: Team = None) -> None:
    """Give NAME another role, agent and teams; what is not named is taken away."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.users import UserFault, change_user
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        changed = change_user(
            app.database,
            _name(name),
            now=app.clock(),
            actor=ACTOR,
            role=_role(role),
            agent=agent,
            teams=team or (),
        )
    if isinstance(changed, UserFault):
        _refuse(changed)
    console.print(f"{changed.name} is {changed.role.value} here.", markup=False)


@group.command()
def disable(name: Name, *, undo: Annotated[bool, typer.Option(help="Let them in again.")] = False) -> None:
    """Shut NAME out at once: sessions end, tokens are revoked."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.users import disable_user
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        fault = disable_user(app.database, _name(name), now=app.clock(), actor=ACTOR, disabled=not undo)
    if fault is not None:
        _refuse(fault)
    console.print(f"{_name(name)} {'may log in again' if undo else 'is shut out'}.", markup=False)


@group.command()
def token(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    *,
    scope: Annotated[list[str], typer.Option(help="What it may; may be given again.")],
    user: Annotated[str | None, typer.Option(help="Whose it is; without, a service's.")] = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How long it holds.")] = 52,
) -> None:
    """Make a token for programs, and print it this once."""
    from dialer.bootstrap import open_app
    from dialer.core.access.rights import SCOPES, Right
    from dialer.services.organisation.access_tokens import make_token
    from dialer.services.organisation.users import UserFault, list_users
    from dialer.settings import Settings

    unknown = sorted(set(scope) - set(SCOPES))
    if unknown:
        fail(f"--scope {unknown[0]}: scopes are {', '.join(SCOPES)}")
    with open_app(Settings()) as app:
        owner = None
        if user is not None:
            owner = {each.name: each.id for each in list_users(app.database)}.get(_name(user))
            if owner is None:
                _refuse(UserFault.UNKNOWN)
        now = app.clock()
        made = make_token(
            app.database,
            name[:40],
            [Right(each) for each in scope],
            user=owner,
            now=now,
            actor=ACTOR,
            ends_at=now + timedelta(weeks=weeks),
        )
    if isinstance(made, UserFault):
        _refuse(made)
    console.print(made, markup=False, soft_wrap=True)


def pages_address(settings: "Settings") -> str:
    """Where people reach the pages, as far as the settings say it."""
    web = settings.web
    scheme = "http" if web.certificate is None else "https"
    host = f"[{web.host}]" if ":" in web.host else web.host
    return f"{scheme}://{host}:{web.port}"


def _name(text: str) -> str:
    from dialer.core.access.passwords import user_name

    name = user_name(text)
    if name is None:
        fail(f"{text!r} is no log-in name: letters a-z, digits and . _ @ + - alone, at most 60")
    return name


def _role(text: str) -> "UserRole":
    from dialer.core.access.rights import UserRole

    if text not in set(UserRole):
        fail(f"--role {text}: roles are {', '.join(UserRole)}")
    return UserRole(text)


def _refuse(fault: "UserFault") -> NoReturn:
    from dialer.services.organisation.users import USER_FAULTS

    fail(USER_FAULTS[fault], code=1)
