"""What the engine of one PBX knows of a house that has several."""

from pathlib import Path

import pytest
import typer

from dialer.cli.serve import refuse_pbx
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


@pytest.mark.parametrize(
    ("named", "trunk", "said"),
    [
        ("nroth", None, "There are: north, south."),
        ("north", "south", "no trunk leads out of this PBX"),
        ("north", "north", ""),
        ("north", None, ""),
    ],
)
def test_an_engine_is_started_for_no_pbx_that_is_not_there_or_has_no_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str, trunk: str | None, said: str
) -> None:
    settings = house(named).model_copy(
        update={"data_dir": tmp_path, "trunks": [TrunkSettings(name="out", pbx=trunk)]}
    )

    if said:
        with pytest.raises(typer.Exit):
            refuse_pbx(settings)
    else:
        refuse_pbx(settings)

    assert said in capsys.readouterr().err


def test_in_a_house_of_one_pbx_any_name_will_do(tmp_path: Path) -> None:
    refuse_pbx(Settings(data_dir=tmp_path, pbx=PbxSettings(name="main"), agents=[AgentSettings(id="amira")]))
