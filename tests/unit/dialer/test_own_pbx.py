"""What the engine of one PBX knows of a house that has several."""

from pathlib import Path

import pytest
import typer

from dialer.cli.serve import refuse_pbx
from dialer.inbound_settings import InboundSettings
from dialer.pbx_settings import AgentSettings, PbxSettings, QueueSettings, TeamSettings, TrunkSettings
from dialer.settings import Settings, SettingsUnusable


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


def test_an_inbound_queue_of_another_pbx_is_not_known_and_the_first_of_ones_own_is_usual() -> None:
    queues = QueueSettings(
        inbound="support",
        team="retention",
        policies=[
            InboundSettings(pbx="north"),
            InboundSettings(queue="hjelp", pbx="south", team="retention"),
            InboundSettings(queue="sales"),
        ],
    )

    def of(pbx: str) -> QueueSettings:
        return house(pbx).model_copy(update={"queues": queues}).of_own_pbx().queues

    assert ("support", ["support", "sales"]) == (of("north").inbound, list(of("north").callers()))
    assert ("hjelp", ["hjelp", "sales"]) == (of("south").inbound, list(of("south").callers()))
    assert {"support": "retention"} == of("north").teams()
    assert {"hjelp": "retention"} == of("south").teams()


def test_a_pbx_without_an_inbound_queue_is_refused_in_a_sentence() -> None:
    queues = QueueSettings(policies=[InboundSettings(pbx="north")])

    with pytest.raises(SettingsUnusable, match="no inbound queue on PBX south"):
        house("south").model_copy(update={"queues": queues}).of_own_pbx()
