"""What the engine of one PBX knows of a house that has several."""

from dialer.pbx_settings import AgentSettings, PbxSettings, TeamSettings, TrunkSettings
from dialer.settings import Settings


def house(pbx: str) -> Settings:
    return Settings(
        pbx=PbxSettings(name=pbx),
        agents=[
            AgentSettings(id="amira", pbx="north"),
            AgentSettings(id="ben", pbx="south"),
            AgentSettings(id="cleo"),
        ],
        teams=[TeamSettings(id="retention", agents=["amira", "ben"], weights={"amira": 2.0, "ben": 3.0})],
        trunks=[TrunkSettings(name="north-out", pbx="north"), TrunkSettings(name="everywhere")],
    )


def known(settings: Settings) -> tuple[list[str], list[str]]:
    return [agent.id for agent in settings.agents], [trunk.name for trunk in settings.trunks]


def test_agents_and_trunks_of_other_pbxs_are_not_known() -> None:
    assert (["amira", "cleo"], ["north-out", "everywhere"]) == known(house("north").of_own_pbx())
    assert (["ben", "cleo"], ["everywhere"]) == known(house("south").of_own_pbx())


def test_a_team_over_several_pbxs_has_on_each_those_of_its_agents_who_are_there() -> None:
    (team,) = house("north").of_own_pbx().teams

    assert (["amira"], {"amira": 2.0}) == (team.agents, team.weights)


def test_in_a_house_of_one_pbx_nothing_is_left_out() -> None:
    alone = Settings(agents=[AgentSettings(id="amira")], trunks=[TrunkSettings(name="main")])

    assert known(alone) == known(alone.of_own_pbx())
