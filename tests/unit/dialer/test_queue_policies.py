"""Each inbound queue may say for itself what it offers; what it does not say is as for all."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from callbacks.offer_policy import FirstLeg, OfferBy, OfferPolicy
from dialer.bootstrap import agent_lines, inbound_queues, link_parts, make_pbx_config
from dialer.core.agents.floor import FloorState
from dialer.core.calling.policy import policy_from
from dialer.engine.roster import Roster
from dialer.inbound_settings import InboundSettings
from dialer.pbx_settings import AgentSettings, QueueSettings, TeamSettings
from dialer.settings import Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render
from telephony.calls.events import Device, MemberSeen

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

TWO_QUEUES = """
[pbx]
secret = "a-secret-for-a-loopback-port"
[[agents]]
id = "amira"
[[agents]]
id = "ben"
[[teams]]
id = "sellers"
agents = ["ben"]
[queues]
hours = "Mon-Fri 08:00-20:00"
zone = "Europe/Oslo"
holidays = [2026-12-25]
[[queues.policies]]
queue = "sales"
team = "sellers"
hours = "Mon-Sat 09:00-17:00"
holidays = [2026-11-24]
"""


def written(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a file."""
    (folder / "winback.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return Settings()


def test_one_queue_without_a_policy_is_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = written(tmp_path, "[callbacks]\nshort_wait_s = 90\ntell_from_s = 0\n", monkeypatch)
    policy = policy_from(settings)

    assert list(policy.inbound) == ["support"]
    assert policy.offer_policy("support") == OfferPolicy(short_wait_s=90.0, tell_from_s=0)
    assert [(queue.name, queue.asks, queue.offers) for queue in inbound_queues(settings)] == [
        ("support", False, True)
    ]


def test_queues_differ_only_in_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
[pbx]
prefix = "north"
[callbacks]
short_wait_s = 90
[[queues.policies]]
offer = "default"
default_from_s = 120
[[queues.policies]]
queue = "sales"
offer = "never"
return_call = "agent-first"
language = "nb"
"""
    settings = written(tmp_path, text, monkeypatch)
    policy = policy_from(settings)
    first, sales = inbound_queues(settings)

    assert policy.offer_policy("north_support").by is OfferBy.DEFAULT
    assert policy.offer_policy("north_support").default_from_s == 120
    assert policy.offer_policy("north_support").short_wait_s == 90.0
    assert policy.offer_policy("sales").first_leg is FirstLeg.AGENT
    assert (first.name, first.asks, first.offers) == ("north_support", True, True)
    assert (sales.name, sales.asks, sales.offers, sales.language) == ("sales", False, False, "nb")


@pytest.mark.parametrize(
    ("at", "support", "sales"),
    [
        ("2026-11-23 12:00", True, True),  # a Monday; Oslo is an hour ahead
        ("2026-11-23 17:00", True, False),
        ("2026-11-28 12:00", False, True),  # a Saturday
        ("2026-11-24 12:00", True, False),
        ("2026-12-25 12:00", False, False),  # the centre's holiday is everybody's
    ],
)
def test_a_queue_is_answered_in_its_own_hours_and_closed_on_the_centres_holidays_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, *, support: bool, sales: bool
) -> None:
    policy = policy_from(written(tmp_path, TWO_QUEUES, monkeypatch))
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)

    opened = [policy.hours_of(queue).clock().refusal(moment) is None for queue in ("support", "sales")]
    assert opened == [support, sales]


def test_a_teams_queue_has_its_agents_alone_as_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = written(tmp_path, TWO_QUEUES, monkeypatch)
    config, policy = make_pbx_config(settings), policy_from(settings)
    amira, ben = agent_lines(settings)

    assert config.queues_of(amira) == ("support", "outbound", amira.own_queue)
    assert config.queues_of(ben) == ("support", "outbound", "team_sellers", "sales", ben.own_queue)
    assert (policy.agents_of("support"), policy.agents_of("sales")) == (None, frozenset({"ben"}))

    sales = render(config, AsteriskVersion.V22)["winback_queues.conf"].split("[sales]")[1].split("[")[0]
    assert [
        line.partition("Local/")[2].partition("@")[0] for line in sales.splitlines() if "member =>" in line
    ] == ["ben"]
    own = link_parts(settings)
    assert "sales" in own.queues_of(ben.interface)
    assert "sales" not in own.queues_of(amira.interface)


@pytest.mark.parametrize(
    ("queues", "said"),
    [
        ({"policies": [{"queue": "sales"}, {"queue": "sales"}]}, "sales is a queue already"),
        ({"policies": [{}, {"queue": "support"}]}, "support is a queue already"),
        ({"policies": [{"queue": "outbound"}]}, "outbound is a queue already"),
        ({"adopt": True, "policies": [{"offer": "default"}]}, "calls are offered by key alone"),
    ],
)
def test_what_no_queue_could_do_is_refused_in_one_sentence(queues: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        QueueSettings.model_validate(queues)


@pytest.mark.parametrize(
    ("team", "left_out"),
    [("sellers", {"amira"}), ("nobody", {"amira", "ben"}), (None, set())],
)
def test_agents_follow_the_team_of_a_queue_while_they_work(team: str | None, left_out: set[str]) -> None:
    """A queue that was the sellers' goes on as theirs, goes to a team of nobody, or becomes everybody's."""
    teams = [TeamSettings(id="sellers", agents=["ben"]), TeamSettings(id="nobody")]
    agents = [AgentSettings(id=agent) for agent in ("amira", "ben")]
    before, after = (
        Settings(
            agents=agents,
            teams=teams,
            queues=QueueSettings(policies=[InboundSettings(queue="sales", team=each)]),
        )
        for each in ("sellers", team)
    )
    floor, taken_out = FloorState(inbound="support", further=["sales"]), []
    for line in agent_lines(before):
        floor.see(
            MemberSeen(
                at=NOW, queue="sales", agent=line.id, interface=line.interface,
                device=Device.FREE, paused=False, reason="", in_call=False,
            )
        )  # fmt: skip

    class Pbx:
        async def remove_member(self, queue: str, interface: str) -> None:
            taken_out.append((queue, interface))

    app: Any = SimpleNamespace(settings=after, clock=lambda: NOW)
    pbx, pacers = cast("Any", Pbx()), cast("Any", None)
    roster = Roster(app, pbx, floor, pacers, {line.id: line for line in agent_lines(before)})
    new = {line.id: line for line in agent_lines(after)}
    asyncio.run(roster.seat(new, joining=False))

    assert taken_out == [("sales", new[agent].interface) for agent in sorted(left_out)]
