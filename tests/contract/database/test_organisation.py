"""Users, sessions and teams in the database: on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from databases.centre import Centre

from callbacks.refusals import Rule
from dialer.bootstrap import pbx_fault
from dialer.core.access.rights import UserRole
from dialer.core.agents.state import AgentState
from dialer.core.organisation.entries import CallerQueue, NumberShown, StaffAgent, StaffTeam, TrunkLine
from dialer.core.organisation.entries import Centre as CentreEntry
from dialer.db.queries import audit
from dialer.pbx_settings import AgentSettings, PbxSettings
from dialer.services.agents.agents import AgentSeen, save_agents
from dialer.services.calls.leadership import release_lease
from dialer.services.organisation.log_in import (
    LoggedIn,
    LogInFault,
    NotLetIn,
    log_in,
    log_in_known,
    log_out,
    visitor_by_session,
)
from dialer.services.organisation.organisation import (
    House,
    desired_by_settings,
    left_behind,
    read_in_force,
    take_over,
)
from dialer.services.organisation.setup import DesiredState, apply_setup, differences
from dialer.services.organisation.setup_file import SetupRefused, as_toml, read_setup_file
from dialer.services.organisation.users import (
    UserCard,
    UserFault,
    accept_invitation,
    add_user,
    change_user,
    invite,
)
from dialer.settings import Settings

ACTOR = "test"
PASSWORD = "four words are easy"  # noqa: S105 - the test's own
KNOWN = {"amira": None, "ben": None}
NORTH = StaffTeam(id="north", name='The "North"', agents=tuple(KNOWN))
GIVEN = Settings(agents=[AgentSettings(id=agent) for agent in KNOWN])


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


def desired_with(**kinds: object) -> DesiredState:
    return lambda there: there.model_copy(update=kinds)


def applied(centre: Centre, desired: DesiredState, given: Settings = GIVEN) -> list[str]:
    plan = apply_setup(centre.database, given, desired, now=centre.now, actor=ACTOR, pbx_fault=pbx_fault)
    return [change.words for change in plan.changes]


def differs(centre: Centre, desired: DesiredState, given: Settings = GIVEN) -> list[str]:
    plan = differences(centre.database, given, desired, pbx_fault=pbx_fault)
    return [change.words for change in plan.changes]


def acts(centre: Centre) -> set[str]:
    with centre.database.read() as tx:
        return {line.action for line in audit.latest(tx, 40)}


def test_a_file_is_applied_once_and_shown_again_as_it_was(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    house = read_in_force(centre.database, GIVEN).view.model_copy(update={"teams": (NORTH,)})
    file.write_text(as_toml(house))
    desired = read_setup_file(file).over

    assert ["team north is added with amira, ben"] == differs(centre, desired) == applied(centre, desired)
    assert [] == differs(centre, desired)
    assert house == read_in_force(centre.database, GIVEN).view
    assert {"organisation.taken-over", "team.added"} <= acts(centre)

    fewer = StaffTeam(id="north", name="North", agents=("ben",), weights={"ben": 3})
    assert ["team north: amira leaves, ben weighs 3, it is called North"] == applied(
        centre, desired_with(teams=(fewer,))
    )
    assert (fewer,) == read_in_force(centre.database, GIVEN).view.teams


def test_settings_hold_until_they_are_taken_over_and_not_after(centre: Centre) -> None:
    before = read_in_force(centre.database, GIVEN)
    assert (GIVEN, False) == (before.settings, before.taken_over)
    assert take_over(centre.database, Settings(), centre.now) is None  # no agents: still being set up

    said = take_over(centre.database, GIVEN, centre.now)
    assert said is not None
    assert "2 agents" in said
    assert take_over(centre.database, GIVEN, centre.now) is None
    assert left_behind(centre.database, GIVEN) is None

    other = Settings(agents=[AgentSettings(id="carla")], pause_reasons=["tea"], caller_id="+442079460001")
    found = read_in_force(centre.database, other)
    assert ["amira", "ben"] == [agent.id for agent in found.settings.agents]
    assert (GIVEN.pause_reasons, "") == (found.settings.pause_reasons, found.settings.caller_id)
    assert "winback setup diff" in str(left_behind(centre.database, other))
    assert ["agent amira is removed", "agent ben is removed", "agent carla is added"] == [
        words for words in differs(centre, desired_by_settings(other), other) if words.startswith("agent")
    ]


def test_hours_of_a_queue_are_shown_applied_and_followed(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text(
        'inbound_queues = [{ id = "support" }, '
        '{ id = "sales", hours = "Mon-Fri 09:00-17:00", holidays = [2026-12-24] }]\n'
    )

    assert applied(centre, read_setup_file(file).over) == [
        "inbound queue sales is added (hours Mon-Fri 09:00-17:00, holidays 2026-12-24)"
    ]
    view = read_in_force(centre.database, GIVEN).view
    assert 'hours = "Mon-Fri 09:00-17:00"\nholidays = [2026-12-24]' in as_toml(view)
    house = House(centre.database, GIVEN)
    house.look()
    evening = datetime(2026, 11, 23, 18, tzinfo=UTC)
    policy = centre.database.policy
    assert policy.hours_of("support").clock().refusal(evening) is None
    assert policy.hours_of("sales").clock().refusal(evening) is Rule.HOURS_CLOSED

    wrong = tmp_path / "wrong.toml"
    wrong.write_text('inbound_queues = [{ id = "sales", hours = "nine to five" }]\n')
    with pytest.raises(SetupRefused, match="write them as Mon-Fri 09:00-20:00"):
        read_setup_file(wrong)


def test_every_process_reads_a_change_again_and_its_rules_follow(centre: Centre) -> None:
    take_over(centre.database, GIVEN, centre.now)
    house = House(centre.database, GIVEN)
    assert house.look()
    assert not house.look()

    new = (TrunkLine(id="spare", channels=2), TrunkLine(id="main"))
    day = CentreEntry(hours="Mon-Fri 08:00-20:00", zone="Europe/Oslo", holidays=(date(2026, 12, 25),))
    applied(
        centre,
        desired_with(
            trunks=new,
            centre=day,
            numbers=(NumberShown(id="+4721000001", team=None), NumberShown(id="+4721000002")),
            agents=(StaffAgent(id="amira", phone="PJSIP/101", skills=("sales",)), StaffAgent(id="ben")),
        ),
    )
    assert house.look()
    assert ["spare", "main"] == [trunk.name for trunk in house.settings.trunks]
    assert ("+4721000001", "PJSIP/101") == (house.settings.caller_id, house.settings.agents[0].phone)
    assert ("sales",) == house.view.agents[0].skills
    policy = centre.database.policy
    assert ("spare", "+4721000001", "Europe/Oslo") == (
        policy.trunk,
        policy.caller_id,
        policy.rulebook.queue.zone,
    )
    clock = policy.rulebook.queue.clock()
    christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert (Rule.HOURS_CLOSED, None) == (
        clock.refusal(christmas),
        clock.refusal(christmas - timedelta(days=1)),
    )


def test_nobody_at_work_is_taken_out_and_nothing_is_that_asterisk_could_not_be_told(centre: Centre) -> None:
    take_over(centre.database, GIVEN, centre.now)
    seen = AgentSeen(
        id="amira",
        name="Amira",
        interface="PJSIP/1",
        state=AgentState.PAUSED,
        reason="lunch",
        since=centre.now,
    )
    save_agents(centre.database, "pbx", [seen], centre.now)

    with pytest.raises(SetupRefused, match="amira is at work"):
        applied(centre, desired_with(agents=(StaffAgent(id="ben"),)))
    with pytest.raises(SetupRefused, match="every queue must be there only once"):
        applied(centre, desired_with(teams=(StaffTeam(id="north", queue="support"),)))
    assert GIVEN == read_in_force(centre.database, GIVEN).settings


def test_no_team_goes_while_somebody_would_then_be_for_all(centre: Centre) -> None:
    database, now = centre.database, centre.now
    applied(centre, desired_with(teams=(NORTH,)))
    ola = add_user(database, "ola", UserRole.SUPERVISOR, now=now, actor=ACTOR, teams=["north"])
    assert isinstance(ola, UserCard)
    session = log_in_known(database, ola.id, address="", now=now, lasts=timedelta(hours=1), way=ACTOR)
    assert isinstance(session, LoggedIn)
    visitor = visitor_by_session(database, session.secret, now)

    assert visitor is not None
    assert frozenset(KNOWN) == visitor.agents
    with pytest.raises(SetupRefused, match="while users are for it: ola"):
        applied(centre, desired_with(teams=()))

    change_user(database, "ola", now=now, actor=ACTOR, role=UserRole.AGENT, agent=None, teams=())
    applied(centre, desired_with(teams=()))
    assert () == read_in_force(database, GIVEN).view.teams


def test_what_is_refused_changes_nothing(centre: Centre) -> None:
    with pytest.raises(SetupRefused, match="nobody knows the agent 'amria'"):
        applied(centre, desired_with(teams=(StaffTeam(id="north", agents=("amria",)),)))
    assert not read_in_force(centre.database, GIVEN).taken_over


def test_agents_go_over_from_a_pbx_that_nobody_leads_and_each_engine_knows_its_own(centre: Centre) -> None:
    given = GIVEN.model_copy(update={"pbx": PbxSettings(name="south")})
    take_over(centre.database, given, centre.now)
    seen = AgentSeen(
        id="amira", name="Amira", interface="PJSIP/1", state=AgentState.READY, reason="", since=centre.now
    )
    save_agents(centre.database, "north", [seen], centre.now)
    house = (StaffAgent(id="amira", pbx="north"), StaffAgent(id="ben", pbx="south"))
    applied(centre, desired_with(agents=house), given)
    engine = House(centre.database, given, own_pbx=True)
    pages = House(centre.database, given)

    assert engine.look()
    assert pages.look()
    assert (["ben"], ["amira", "ben"]) == tuple(
        [agent.id for agent in each.settings.agents] for each in (engine, pages)
    )

    assert ["agent amira: pbx north → south"] == applied(
        centre,
        desired_with(agents=tuple(agent.model_copy(update={"pbx": "south"}) for agent in house)),
        given,
    )
    assert engine.look()
    assert ["amira", "ben"] == [agent.id for agent in engine.settings.agents]


def test_promises_of_a_queue_on_another_pbx_are_kept_by_its_team_and_hours(centre: Centre) -> None:
    given = GIVEN.model_copy(update={"pbx": PbxSettings(name="south")})
    take_over(centre.database, given, centre.now)
    release_lease(centre.database, centre.leadership_of_pbx)
    queues = (
        CallerQueue(id="support", pbx="north", team="west", hours="Mon-Fri 10:00-12:00"),
        CallerQueue(id="hjelp", pbx="south"),
    )
    west = StaffTeam(id="west", agents=("ben",))
    applied(centre, desired_with(teams=(west,), inbound_queues=queues), given)
    engine = House(centre.database, given, own_pbx=True)
    engine.look()

    assert ["hjelp"] == list(engine.settings.queues.callers()), "what callers are heard of in"
    assert frozenset({"ben"}) == centre.database.policy.agents_of("support")
    assert {"support"} == set(centre.database.policy.queue_hours)


def test_a_pbx_with_an_engine_keeps_an_inbound_queue(centre: Centre) -> None:
    with pytest.raises(SetupRefused, match="no inbound queue on PBX pbx"):
        applied(centre, desired_with(inbound_queues=(CallerQueue(id="support", pbx="north"),)))


def test_nobody_at_work_goes_over_to_another_pbx(centre: Centre) -> None:
    take_over(centre.database, GIVEN, centre.now)
    seen = AgentSeen(
        id="amira", name="Amira", interface="PJSIP/1", state=AgentState.READY, reason="", since=centre.now
    )
    save_agents(centre.database, "pbx", [seen], centre.now)  # which is led

    with pytest.raises(SetupRefused, match="amira is at work"):
        applied(centre, desired_with(agents=(StaffAgent(id="amira", pbx="south"), StaffAgent(id="ben"))))
