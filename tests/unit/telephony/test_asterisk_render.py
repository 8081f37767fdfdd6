"""Rendered configuration: bounded text, each version's argument order, least privilege, our files only."""

import re
import sys
import wave
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.dialplan import queue_application
from telephony.asterisk.config.fastagi_secret import fastagi_secret, proof_expression
from telephony.asterisk.config.files import differences, missing_includes, write_config
from telephony.asterisk.config.model import (
    AGI_CONNECT_S,
    MOST_AGI,
    AgentLine,
    AsteriskVersion,
    Endpoint,
    InboundQueue,
    PbxConfig,
    Prompts,
    Trunk,
)
from telephony.asterisk.config.names import USUAL, Names
from telephony.asterisk.config.prompts import NoSpeaker, speak, write_words
from telephony.asterisk.config.render import render

INCLUDED_IN = USUAL.homes
PLAN = PbxConfig(
    user="winback",
    secret="not-a-secret-at-all",  # noqa: S106 - an example
    ami=Endpoint(host="127.0.0.1", port=5038),
    agi=(Endpoint(host="127.0.0.1", port=4573),),
    agents=(
        AgentLine(id="a1", name="Ada Example", code="101"),
        AgentLine(id="a2", name="Bo Example", phone="PJSIP/102", code="102"),
    ),
    trunks=(Trunk(name="acme", dial="PJSIP/{number}@acme", channels=10),),
)
EVERY_VERSION = pytest.mark.parametrize("version", list(AsteriskVersion))


@EVERY_VERSION
def test_the_same_config_always_gives_the_same_files(version: AsteriskVersion) -> None:
    assert render(PLAN, version) == render(PLAN, version)
    assert set(render(PLAN, version)) == set(INCLUDED_IN)


@pytest.mark.parametrize(
    ("version", "commas"),
    [(AsteriskVersion.V16, 9), (AsteriskVersion.V18, 9), (AsteriskVersion.V20, 9), (AsteriskVersion.V22, 8)],
)
def test_the_position_is_where_this_version_reads_it(version: AsteriskVersion, commas: int) -> None:
    text = queue_application("support", version, position="${QUEUEPOSITION}")
    assert text == f"Queue(support{',' * commas}${{QUEUEPOSITION}})"


@EVERY_VERSION
def test_the_timeout_is_the_fifth_argument_everywhere(version: AsteriskVersion) -> None:
    assert queue_application("outbound", version, timeout_s=2) == "Queue(outbound,,,,2)"


@EVERY_VERSION
def test_the_manager_user_may_neither_run_commands_nor_reload(version: AsteriskVersion) -> None:
    text = render(PLAN, version)["winback_manager.conf"]
    write = next(line for line in text.splitlines() if line.startswith("write = "))
    assert set(write.removeprefix("write = ").split(",")) == {
        "originate", "call", "agent", "user", "reporting",
    }  # fmt: skip
    assert "deny = 0.0.0.0/0.0.0.0" in text


def test_the_quick_event_filter_is_used_only_where_every_release_knows_it() -> None:
    assert (
        "eventfilter(action(exclude),name(ExtensionStatus)) ="
        in render(PLAN, AsteriskVersion.V22)["winback_manager.conf"]
    )
    for version in (AsteriskVersion.V16, AsteriskVersion.V18, AsteriskVersion.V20):
        text = render(PLAN, version)["winback_manager.conf"]
        assert "eventfilter = !Event: ExtensionStatus" in text
        assert "action(exclude)" not in text


@EVERY_VERSION
def test_only_what_the_dial_permit_set_after_its_commit_decides(version: AsteriskVersion) -> None:
    text = render(PLAN, version)["winback_extensions.conf"]
    assert "AGISTATUS" not in text
    permit = text.split("[winback-permit]")[1].split("[winback-trunk")[0]
    assert (
        permit.index("Set(WB_OK=)")
        < permit.index("AGI(agi://127.0.0.1:4573/permit,")
        < permit.index("GotoIf")
    )
    offer = text.split("[winback-offer]")[1]
    assert offer.index("Set(CB_OK=)") < offer.index("/capture,") < offer.index("${CB_OK}")
    unheard = offer.index('"${CB_POSITION}" = ""]?Set(CB_POSITION=${QUEUEPOSITION})')  # where nobody answered
    assert offer.index("/capture,") < unheard < offer.index(",${CB_POSITION})")


@EVERY_VERSION
def test_engines_are_asked_in_turn_from_the_leader_on_until_one_has_answered(
    version: AsteriskVersion,
) -> None:
    proof = proof_expression(fastagi_secret(PLAN.secret))
    three = tuple(Endpoint(host=f"10.0.0.{n}", port=4573) for n in (1, 2, 3))
    text = render(replace(PLAN, agi=three), version)["winback_extensions.conf"]
    for question, answered in (("permit", "${WB_OK}${WB_RULE}"), ("capture", "${CB_OK}${CB_POSITION}")):
        steps = [line.split(",", 1)[1] for line in text.splitlines() if line.startswith((" same", "exten"))]
        first = next(n for n, step in enumerate(steps) if f"10.0.0.1:4573/{question}" in step)
        assert steps[first - 2 : first] == [
            "Set(WB_ASKED=0)",
            "Goto(ask-$[(0${WINBACK_FIRST} + ${WB_ASKED}) % 3])",
        ]
        assert steps[first : first + 5 : 2] == [f"AGI(agi://{each}/{question},{proof})" for each in three]
        assert steps[first + 5 : first + 7] == [
            "Set(WB_ASKED=$[${WB_ASKED} + 1])",
            f'GotoIf($["{answered}" = "" & ${{WB_ASKED}} < 3]?next)',
        ]
        assert '_OK}" = "1"' in steps[first + 7]


def test_the_dialplan_asks_at_least_one_engine_and_no_more_than_an_order_has_time_for() -> None:
    slack_s = LinkSettings(host="127.0.0.1", port=5038, username="winback", secret="").ring_slack_s
    assert (MOST_AGI - 1) * AGI_CONNECT_S < slack_s
    for ports in ((), (4573, 4573), range(1, MOST_AGI + 2)):
        with pytest.raises(ValueError, match="FastAGI addresses"):
            replace(PLAN, agi=tuple(Endpoint(host="127.0.0.1", port=port) for port in ports))


@EVERY_VERSION
def test_the_recorder_is_started_where_this_version_reads_it(version: AsteriskVersion) -> None:
    text = render(replace(PLAN, record=True), version)["winback_extensions.conf"]
    before = 6 if version is AsteriskVersion.V22 else 7
    assert f"Queue(outbound,,,,2{',' * (before - 4)}winback-record)" in text
    assert f"Queue(support{',' * before}winback-record)" in text


@EVERY_VERSION
def test_nothing_is_recorded_before_the_consent_prompt_was_heard(version: AsteriskVersion) -> None:
    assert "MixMonitor" not in render(PLAN, version)["winback_extensions.conf"]
    text = render(replace(PLAN, record=True), version)["winback_extensions.conf"]
    order = [
        text.index(step) for step in ("Playback(winback/consent)", 'PLAYBACKSTATUS}" = "SUCCESS', "MixM")
    ]
    assert order == sorted(order)
    assert text.count("MixMonitor") == 1


@EVERY_VERSION
def test_a_call_never_waits_for_the_machine_hint(version: AsteriskVersion) -> None:
    assert "AMD" not in render(PLAN, version)["winback_extensions.conf"]
    text = render(replace(PLAN, machine_hint=True), version)["winback_extensions.conf"]
    connect = text.split("[winback-connect]")[1].split("[winback-inbound]")[0]
    assert "AMD()" not in connect
    assert connect.index("@winback-machine/n,app,ChanSpy") < connect.index("Queue(")
    assert "AMD()" in text.split("[winback-machine]")[1]


@EVERY_VERSION
def test_a_whisper_is_the_dial_permits_choice_and_takes_the_beeps_place(
    version: AsteriskVersion,
) -> None:
    plain = render(PLAN, version)
    assert "WB_WHISPER" not in plain["winback_extensions.conf"]
    assert "custom_beep" not in plain["winback_agents.conf"]
    asked = render(replace(PLAN, whisper=True, prompts=Prompts(caller="winback/caller")), version)
    text = asked["winback_extensions.conf"]
    assert "Queue(outbound,,,${SHARED(WB_WHISPER)},2)" in text
    assert "Queue(support,,,winback/caller)" in text
    assert r"Set(SHARED(WB_WHISPER,${CUT(CHANNEL,\;,1)}\;1)=${WB_WHISPER})" in text
    assert "custom_beep =\n" in asked["winback_agents.conf"]


def test_a_trunk_knows_its_channels_and_dials_digits_only() -> None:
    text = render(PLAN, AsteriskVersion.V22)["winback_extensions.conf"]
    assert "Dial(PJSIP/${FILTER(0-9,${EXTEN})}@acme,${WB_RING},g)" in text
    assert "$[${GROUP_COUNT(acme@winback)} > 10]" in text


def test_a_standing_connection_is_a_member_of_every_queue_and_of_its_own() -> None:
    text = render(replace(PLAN, outbound_queues=("outbound", "win")), AsteriskVersion.V22)[
        "winback_queues.conf"
    ]
    assert text.count("member => Local/a1@winback-agents/n,0,a1,Agent:a1") == 4
    assert "member => Local/a1@winback-agents/n,0,a1,Agent:a1" not in text.split("[desk_a2]")[1]
    assert text.count("ringinuse = no") == 5


def test_a_ringing_phone_is_in_no_queue_until_its_agent_logs_in() -> None:
    files = render(PLAN, AsteriskVersion.V22)
    assert "PJSIP/102" not in files["winback_queues.conf"]
    log_in = files["winback_extensions.conf"].split("*51102,1")[1].split("*52102,1")[0]
    for queue in ("support", "outbound", "desk_a2"):
        assert f"AddQueueMember({queue},PJSIP/102,0,,a2,PJSIP/102)" in log_in


def test_no_queue_may_be_taken_for_an_agents_own() -> None:
    with pytest.raises(ValueError, match="agents' own"):
        replace(PLAN, outbound_queues=("desk_a1",))


def test_the_agent_pool_holds_standing_connections_only() -> None:
    text = render(PLAN, AsteriskVersion.V22)["winback_agents.conf"]
    assert "[a1]" in text
    assert "[a2]" not in text


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(PLAN, user="win back"),
        lambda: replace(PLAN, secret="short"),  # noqa: S106 - an example
        lambda: replace(PLAN, secret="a-long-one\nwrite = all"),  # noqa: S106 - an example
        lambda: replace(PLAN, inbound_queue="support]\n[x"),
        lambda: replace(PLAN, outbound_queues=("support",)),
        lambda: replace(PLAN, agents=(PLAN.agents[0], PLAN.agents[0])),
        lambda: replace(PLAN, connect_within_s=0),
        lambda: AgentLine(id="_X.", name="pattern"),
        lambda: AgentLine(id="a1", name="x; Hangup"),
        lambda: AgentLine(id="a1", name="x", phone="PJSIP/1,2"),
        lambda: AgentLine(id="a1", name="x", code="1*2"),
        lambda: Trunk(name="acme", dial="PJSIP/acme"),
        lambda: Trunk(name="acme", dial="PJSIP/{number}@{number}"),
        lambda: Trunk(name="acme", dial="PJSIP/{number},30,S(1)"),
        lambda: Trunk(name="acme", dial="PJSIP/{number}@acme", channels=0),
        lambda: Endpoint(host="127.0.0.1\n", port=1),
        lambda: Endpoint(host="127.0.0.1", port=0),
        lambda: Prompts(information="../x"),
    ],
)
def test_text_that_could_become_a_directive_is_refused(make: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make()  # type: ignore[operator]


def test_names_as_sites_have_them_are_taken() -> None:
    anna = AgentLine(id="Anna.O-Brien_2", name="Ann\u00e5 O’Brien, Sales & Service")
    plan = replace(PLAN, agents=(anna,), trunks=(Trunk(name="sip.co-1", dial="PJSIP/{number}@sip.co-1"),))
    files = render(plan, AsteriskVersion.V22)

    assert "fullname = Ann\u00e5 O’Brien, Sales & Service" in files["winback_agents.conf"]
    assert "exten => Anna.O-Brien_2,1,AgentRequest(Anna.O-Brien_2)" in files["winback_extensions.conf"]
    assert "[winback-trunk-sip.co-1]" in files["winback_extensions.conf"]


@given(st.text(max_size=40))
def test_no_agent_name_adds_a_line_or_a_comment(name: str) -> None:
    try:
        agent = AgentLine(id="a1", name=name)
    except ValueError:
        return
    plain = render(replace(PLAN, agents=(AgentLine(id="a1", name="Ada"),)), AsteriskVersion.V22)
    text = render(replace(PLAN, agents=(agent,)), AsteriskVersion.V22)
    for file, expected in plain.items():
        assert len(text[file].splitlines()) == len(expected.splitlines())
        assert text[file].count(";") == expected.count(";")
        assert text[file].count("[") == expected.count("[")


def test_only_what_differs_is_written_and_hands_off_everything_else(tmp_path: Path) -> None:
    own = tmp_path / "extensions.conf"
    own.write_text("[general]\n")
    files = render(PLAN, AsteriskVersion.V22)
    assert {path.name for path in write_config(files, tmp_path)} == set(files)
    assert write_config(files, tmp_path) == ()
    changed = render(replace(PLAN, inbound_queue="help"), AsteriskVersion.V22)
    assert "winback_queues.conf" in {path.name for path in write_config(changed, tmp_path)}
    assert own.read_text() == "[general]\n"
    with pytest.raises(ValueError, match="not one of"):
        write_config({"winback_x.conf": "", "manager.conf": ""}, tmp_path)
    assert not (tmp_path / "winback_x.conf").exists()


def test_the_secret_is_not_for_everybody_to_read(tmp_path: Path) -> None:
    write_config(render(PLAN, AsteriskVersion.V22), tmp_path)
    assert (tmp_path / "winback_manager.conf").stat().st_mode & 0o007 == 0


def test_the_difference_is_shown_before_anything_is_written(tmp_path: Path) -> None:
    files = render(PLAN, AsteriskVersion.V22)
    assert "+[support]" in differences(files, tmp_path)
    write_config(files, tmp_path)
    assert differences(files, tmp_path) == ""
    (tmp_path / "winback_queues.conf").write_text("strategy = ringall\n")
    assert "-strategy = ringall" in differences(files, tmp_path)


def test_a_missing_include_is_named(tmp_path: Path) -> None:
    assert len(missing_includes(tmp_path)) == len(INCLUDED_IN)
    for ours, home in INCLUDED_IN.items():
        (tmp_path / home).write_text(f"[general]\n#include {ours}\n")
    assert missing_includes(tmp_path) == ()
    (tmp_path / "queues.conf").write_text("; #include winback_queues.conf\n")
    assert len(missing_includes(tmp_path)) == 1


def test_the_words_to_record_are_written_down_one_a_line(tmp_path: Path) -> None:
    path = write_words({"winback/b": "Second.", "winback/a": "First."}, tmp_path)
    assert path.read_text() == "winback/a.wav: First.\nwinback/b.wav: Second.\n"


def test_without_a_speaking_program_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSpeaker, match="apt-get install"):
        speak({"winback/a": "First."}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_prompt_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = tmp_path / "espeak-ng"
    speaker.write_text(
        f"#!{sys.executable}\nimport sys, wave\nsound = wave.open(sys.argv[4], 'wb')\nsound.setnchannels(1)\n"
        "sound.setsampwidth(2)\nsound.setframerate(22050)\nsound.writeframes(bytes(44100))\nsound.close()\n"
    )
    speaker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "winback").mkdir()
    (tmp_path / "winback" / "a.wav").write_bytes(b"a person's voice")
    words = {"winback/a": "First.", "winback/b": "Second."}
    assert speak(words, tmp_path) == (tmp_path / "winback" / "b.wav",)
    assert (tmp_path / "winback" / "a.wav").read_bytes() == b"a person's voice"
    with wave.open(str(tmp_path / "winback" / "b.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (8000, 1, 8000)


def test_an_abandoned_customer_always_hears_something() -> None:
    text = render(PLAN, AsteriskVersion.V22)["winback_extensions.conf"]
    connect = text.split("[winback-connect]")[1].split("[winback-inbound]")[0]
    assert connect.index("Playback(winback/information)") < connect.index("?Playback(vm-goodbye)")
    assert connect.index("?Playback(vm-goodbye)") < connect.rindex("Hangup()")


def names_in(config: PbxConfig) -> set[str]:
    """Whatever a rendering is known by to the rest of the PBX."""
    files = render(config, AsteriskVersion.V22)
    text = "".join(files.values())
    sections = re.findall(r"^\[([^]]+)\]", text, re.MULTILINE)
    groups = re.findall(r"GROUP\(([^)]+)\)", text)
    recordings = re.findall(r"MixMonitor\(([^/]+)/", text)
    gone_to = re.findall(r"(?:Goto|Gosub)\(([^,()$]+),", text) + re.findall(r"@([a-zA-Z0-9-]+)/n", text)
    return {*files, *sections, *groups, *recordings, *gone_to, *re.findall(r"[A-Z0-9_]+_FIRST", text)}


def test_everything_carries_the_prefix_so_that_two_renderings_share_no_name() -> None:
    asked = replace(
        PLAN, agi=(PLAN.agi[0], Endpoint(host="10.0.0.2", port=1)), record=True, machine_hint=True
    )
    names = Names("north-2")
    agents = tuple(replace(agent, names=names) for agent in asked.agents)
    other = replace(
        asked, names=names, user="north-2", agents=agents, inbound_queue=names.queue("support"),
        outbound_queues=(names.queue("outbound"),), code_stem="*6",
    )  # fmt: skip
    assert not names_in(asked) & names_in(other)
    assert all(name.lower().startswith(("north-2", "north_2")) for name in names_in(other))
    assert "NORTH_2_FIRST" in names_in(other)
    extensions = render(other, AsteriskVersion.V22)["north-2_extensions.conf"]
    assert "exten => *61101,1" in extensions
    assert "exten => *51101,1" not in extensions


@pytest.mark.parametrize(
    "prefix", ["", "a", "2north", "north_2", "north]", "no rth", "north-", "n;x", "x" * 21]
)
def test_a_prefix_is_letters_digits_and_hyphens(prefix: str) -> None:
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        Names(prefix)


def test_the_pattern_of_own_queues_has_no_class_of_digits_in_it() -> None:
    assert USUAL.every_own_queue == "_desk_."
    assert Names("next").every_own_queue == "_[n]e[x]t_desk_."


def test_an_adopted_queue_is_not_rendered_and_everything_else_is() -> None:
    plan = replace(PLAN, inbound_queue="Customer-Service", adopt=True)
    files = render(plan, AsteriskVersion.V22)
    assert "[Customer-Service]" not in files["winback_queues.conf"]
    assert "[outbound]" in files["winback_queues.conf"]
    extensions = files["winback_extensions.conf"]
    assert "Queue(Customer-Service,${WB_QUEUE_OPTIONS},,,,,,,${CB_POSITION})" in extensions
    assert "AddQueueMember(Customer-Service,Local/a1@winback-agents/n,0,,a1,Agent:a1)" in extensions


def test_rendered_queues_take_music_announcements_and_a_file_of_the_sites() -> None:
    queues = render(replace(PLAN, music="bach", announce_every_s=60), AsteriskVersion.V22)[
        "winback_queues.conf"
    ]
    inbound, outbound, *_ = queues.split("[")[1:]
    assert "musicclass = bach\n#tryinclude winback_inbound_extra.conf\n" in inbound
    assert "announce-position = yes\nannounce-frequency = 60\n" in inbound
    assert "musicclass = bach\n#tryinclude winback_outbound_extra.conf\n" in outbound
    assert "musicclass" not in render(PLAN, AsteriskVersion.V22)["winback_queues.conf"]


@pytest.mark.parametrize("version", AsteriskVersion)
def test_callers_hear_the_wait_once_on_their_way_into_a_queue_of_ours(version: AsteriskVersion) -> None:
    def inbound(plan: PbxConfig) -> str:
        text = render(plan, version)["winback_extensions.conf"]
        return text.split("[winback-inbound]")[1].split("[winback-offer]")[0]

    told = inbound(replace(PLAN, tell_wait=True))

    assert told.count("/wait,") == 1
    assert told.index("Set(CB_OK=)") < told.index("/wait,") < told.index('"${CB_OK}" = "1"]?done')
    assert told.index("Answer()") < told.index("/wait,") < told.index("Queue(")
    assert "/wait," not in inbound(PLAN)


@pytest.mark.parametrize("version", AsteriskVersion)
def test_who_is_called_back_is_asked_before_the_queue_and_everybody_else_is_not(
    version: AsteriskVersion,
) -> None:
    text = render(PLAN, version)["winback_extensions.conf"]
    gate = text.split("[winback-permit]")[1].split("\n[")[0]
    connect = text.split("[winback-connect]")[1].split("[winback-inbound]")[0]

    assert gate.index("Set(WB_RETURN=)") < gate.index("/permit,"), "what decides is cleared first"
    asked = connect.split("exten =>")[1]
    assert asked.index("?:agent)") < asked.index("WinbackAsked") < asked.index("/return,")
    assert asked.index("/return,") < asked.index("n(agent),Queue(")


SALES = InboundQueue(name="sales", asks=True, first_offer_s=12, offer_every_s=45, language="sv")
TWO = replace(PLAN, inbound=(InboundQueue(name="support"), SALES))


@EVERY_VERSION
def test_each_inbound_queue_has_a_way_in_an_offer_and_members_of_its_own(version: AsteriskVersion) -> None:
    files = render(TWO, version)
    extensions, queues = files["winback_extensions.conf"], files["winback_queues.conf"]
    into = extensions.split("[winback-inbound]")[1].split("[winback-offer]")[0]
    support, sales = into.split("exten => ")[1:]
    offers = extensions.split("[winback-offer-sales]")[1].split("[winback-agents]")[0]

    assert "/wait," not in support
    assert "CHANNEL(language)=sv" in sales
    assert "/wait," in sales
    assert "Queue(sales," in sales
    assert "Queue(sales," in offers
    assert "Queue(support" not in offers
    assert "AddQueueMember(sales,PJSIP/102" in extensions
    rendered = queues.split("[sales]")[1].split("[outbound]")[0]
    assert "context = winback-offer-sales" in rendered
    assert "periodic-announce-frequency = 45" in rendered
    delayed = "periodic-announce-startdelay = 12" in rendered
    assert delayed is (version is not AsteriskVersion.V16), "16 does not know it"
    assert "member => Local/a1@winback-agents/n,0,a1,Agent:a1" in rendered


def test_a_queue_that_never_offers_leads_no_key_anywhere() -> None:
    silent = replace(PLAN, inbound=(InboundQueue(name="support", offers=False),))
    files = render(silent, AsteriskVersion.V22)

    assert "winback-offer" not in "".join(files.values())
    assert "periodic-announce" not in files["winback_queues.conf"]


@pytest.mark.parametrize(
    "inbound",
    [
        (InboundQueue(name="sales"),),
        (InboundQueue(name="support"), InboundQueue(name="outbound")),
        (InboundQueue(name="support"), InboundQueue(name="sup-port")),
        (InboundQueue(name="support"), InboundQueue(name="desk_a1")),
    ],
)
def test_inbound_queues_that_cannot_be_told_apart_are_refused(inbound: tuple[InboundQueue, ...]) -> None:
    with pytest.raises(ValueError, match="queue"):
        replace(PLAN, inbound=inbound)
