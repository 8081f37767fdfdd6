"""Users, sessions and teams in the database: on SQLite and on PostgreSQL."""

from datetime import timedelta
from pathlib import Path

import pytest
from databases.centre import Centre

from dialer.core.access.rights import UserRole
from dialer.core.organisation.declared_teams import DeclaredTeam
from dialer.db.queries import audit
from dialer.services.organisation.log_in import (
    LoggedIn,
    LogInFault,
    NotLetIn,
    log_in,
    log_in_known,
    log_out,
    visitor_by_session,
)
from dialer.services.organisation.setup import (
    SetupRefused,
    apply_setup,
    as_toml,
    differences,
    read_setup_file,
    there_is,
)
from dialer.services.organisation.users import (
    UserCard,
    UserFault,
    accept_invitation,
    add_user,
    change_user,
    invite,
)

ACTOR = "test"
PASSWORD = "four words are easy"  # noqa: S105 - the test's own
KNOWN = {"amira": None, "ben": None}
NORTH = DeclaredTeam(id="north", name='The "North"', agents=frozenset(KNOWN))


def test_somebody_is_invited_comes_in_and_goes(centre: Centre) -> None:
    database, now = centre.database, centre.now
    add_user(database, "maria", UserRole.AGENT, now=now, actor=ACTOR, agent="amira")
    link = str(invite(database, "maria", now=now, actor=ACTOR))
    accepted = accept_invitation(database, link, PASSWORD, "Maria", now=now)
    again = accept_invitation(database, link, PASSWORD, "Maria", now=now)

    def enter(password: str) -> LoggedIn | NotLetIn:
        lasts = timedelta(hours=1)
        return log_in(database, "maria", password, "", address="", clock=lambda: now, lasts=lasts)

    session, wrong = enter(PASSWORD), enter("not the password")
    assert isinstance(accepted, UserCard)
    assert again is UserFault.LINK_OVER
    assert isinstance(wrong, NotLetIn)
    assert wrong.fault is LogInFault.WRONG
    assert isinstance(session, LoggedIn)
    visitor = visitor_by_session(database, session.secret, now)
    assert visitor is not None
    assert ("maria", "amira", None) == (visitor.name, visitor.agent, visitor.agents)

    log_out(database, session.secret, name="maria", now=now)
    assert visitor_by_session(database, session.secret, now) is None
    with database.read() as tx:
        acts = {line.action for line in audit.latest(tx, 20)}
    assert {"user.added", "user.invited", "user.password-set", "user.logged-in", "user.logged-out"} <= acts


def test_a_file_of_teams_is_applied_once_and_shown_again_as_it_was(centre: Centre, tmp_path: Path) -> None:
    database, now = centre.database, centre.now
    file = tmp_path / "house.toml"
    file.write_text(as_toml([NORTH]))
    wanted = read_setup_file(file)

    assert (NORTH,) == wanted
    assert ["team north is added with amira, ben"] == [
        change.words for change in apply_setup(database, wanted, KNOWN, now=now, actor=ACTOR)
    ]
    assert ((NORTH,), ()) == (there_is(database), differences(database, wanted, KNOWN))

    fewer = [DeclaredTeam(id="north", name="North", agents=frozenset({"ben"}))]
    assert ["team north: amira leaves, it is called North"] == [
        change.words for change in apply_setup(database, fewer, KNOWN, now=now, actor=ACTOR)
    ]


def test_no_team_goes_while_somebody_would_then_be_for_all(centre: Centre) -> None:
    database, now = centre.database, centre.now
    apply_setup(database, [NORTH], KNOWN, now=now, actor=ACTOR)
    ola = add_user(database, "ola", UserRole.SUPERVISOR, now=now, actor=ACTOR, teams=["north"])
    assert isinstance(ola, UserCard)
    session = log_in_known(database, ola.id, address="", now=now, lasts=timedelta(hours=1), way=ACTOR)
    assert isinstance(session, LoggedIn)
    visitor = visitor_by_session(database, session.secret, now)

    assert visitor is not None
    assert frozenset(KNOWN) == visitor.agents
    with pytest.raises(SetupRefused, match="while users are for it: ola"):
        apply_setup(database, [], KNOWN, now=now, actor=ACTOR)

    change_user(database, "ola", now=now, actor=ACTOR, role=UserRole.AGENT, agent=None, teams=())
    apply_setup(database, [], KNOWN, now=now, actor=ACTOR)
    assert () == there_is(database)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[teams]]\nid = 'north'\nagents = ['amria']", "nobody knows the agent 'amria'"),
        ("[[teams]]\nid = 'north'\n[[teams]]\nid = 'north'", "twice"),
        ("[[teams]]\nid = 'No name'", "teams.0.id"),
        ("[[team]]\nid = 'north'", "teams"),
        ("[[teams]", "cannot be read"),
    ],
)
def test_a_file_with_a_slip_changes_nothing_and_says_where(
    centre: Centre, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "house.toml"
    file.write_text(text)

    with pytest.raises(SetupRefused, match=said):
        apply_setup(centre.database, read_setup_file(file), KNOWN, now=centre.now, actor=ACTOR)
    assert () == there_is(centre.database)
