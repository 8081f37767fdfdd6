"""A guest names nothing of its host's, and takes nothing of the host's for its own (invariant 11)."""

import pytest

from telephony.asterisk.ami import actions
from telephony.asterisk.ami import events as ami
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.own_parts import NotOurs, OwnParts

ANNA = AgentLine(id="anna", name="Anna", headset="PJSIP/101")
BEN = AgentLine(id="ben", name="Ben", phone="PJSIP/102")
OWN = OwnParts((ANNA, BEN), ("support", "outbound"))
ATTEMPT = "wb-0123456789"
CALL = {
    "channel": f"Local/{ATTEMPT}@winback-permit/n",
    "context": "winback-connect",
    "exten": "outbound",
    "channel_id": ATTEMPT,
    "timeout_ms": 1000,
}
LOG_IN = {
    "channel": "PJSIP/101",
    "context": "winback-log-in",
    "exten": "anna",
    "channel_id": "log-in-anna-1",
    "timeout_ms": 1000,
}


LISTEN = {
    "channel": "PJSIP/101",
    "context": "winback-listen",
    "exten": "whisper-ben",
    "channel_id": f"winback-listen-{'0' * 32}",
    "timeout_ms": 1000,
}


def pause(queue: str | None = "support", interface: str = "PJSIP/102") -> actions.QueuePause:
    return actions.QueuePause(interface=interface, paused=True, queue=queue)


@pytest.mark.parametrize(
    "action",
    [
        pause(),
        pause("desk_ben"),
        pause("outbound", ANNA.interface),
        actions.QueueAdd(queue="support", interface="PJSIP/102", member_name="ben"),
        actions.QueueRemove(queue="desk_ben", interface="PJSIP/102"),
        actions.AgentLogoff(agent="anna"),
        actions.Originate(**CALL),
        actions.Originate(**CALL | {"exten": "desk_ben"}),
        actions.Originate(**LOG_IN),
        actions.Originate(**LISTEN),
        actions.Hangup(channel=ATTEMPT),
        actions.Hangup(channel=LISTEN["channel_id"]),
        actions.SetGlobal(variable="WINBACK_FIRST", value=1),
        actions.QueueStatus(),
        actions.CoreShowChannels(),
    ],
)
def test_what_is_ours_goes_out(action: actions.Action) -> None:
    OWN.let_out(action)


@pytest.mark.parametrize(
    "action",
    [
        pause("reception"),
        pause(None),
        pause(interface="PJSIP/999"),
        actions.QueueAdd(queue="reception", interface="PJSIP/102", member_name="ben"),
        actions.QueueAdd(queue="support", interface="PJSIP/999", member_name="ben"),
        actions.QueueRemove(queue="reception", interface="PJSIP/102"),
        actions.AgentLogoff(agent="ben2"),
        actions.Originate(**CALL | {"exten": "reception"}),
        actions.Originate(**CALL | {"context": "from-internal"}),
        actions.Originate(**CALL | {"channel": "PJSIP/07700900123@trunk"}),
        actions.Originate(**LOG_IN | {"channel": "PJSIP/999"}),
        actions.Originate(**LISTEN | {"channel": "PJSIP/999"}),  # not a phone of ours
        actions.Originate(**LISTEN | {"exten": "listen-somebody"}),  # not an agent of ours
        actions.Originate(**LISTEN | {"exten": "record-ben"}),
        actions.Originate(**LISTEN | {"channel_id": "winback-listen-1"}),
        actions.Hangup(channel=f"other-listen-{'0' * 32}"),
        actions.Originate(**LOG_IN | {"exten": "ben"}),
        actions.Hangup(channel="PJSIP/999-00000001"),
        actions.SetGlobal(variable="SITE_OPEN", value=0),
        actions.Logoff(),
    ],
)
def test_nothing_goes_out_that_reaches_what_is_the_sites(action: actions.Action) -> None:
    with pytest.raises(NotOurs):
        OWN.let_out(action)


def member(queue: str, interface: str, name: str) -> ami.QueueMemberStatus:
    return ami.QueueMemberStatus(queue=queue, interface=interface, agent=name, status=2)


def test_one_phone_is_one_agent_whatever_its_membership_is_called() -> None:
    seen = OWN.let_in(member("support", "PJSIP/102", "Ben from the shop"))
    assert isinstance(seen, ami.MemberEvent)
    assert seen.agent == "ben"


def test_neither_a_strangers_phone_nor_a_strangers_queue_makes_an_agent() -> None:
    assert OWN.let_in(member("support", "PJSIP/999", "ben")) is None
    assert OWN.let_in(member("reception", "PJSIP/102", "ben")) is None


def connect(queue: str, interface: str, name: str, caller: str = "1795316300.1") -> ami.AmiEvent | None:
    return OWN.let_in(ami.AgentConnect(queue=queue, interface=interface, agent=name, unique_id=caller))


def test_a_talk_in_a_strangers_queue_is_not_heard() -> None:
    assert connect("reception", "PJSIP/102", "ben") is None
    assert OWN.let_in(ami.QueueCallerJoin(queue="reception", unique_id="1795316300.1")) is None
    assert OWN.let_in(ami.QueueEntry(queue="reception", unique_id="1795316300.1")) is None


def test_a_strangers_talk_in_our_queue_is_never_an_agents_of_the_same_name() -> None:
    assert connect("support", "PJSIP/999", "ben") == ami.AgentConnect(
        queue="support", interface="PJSIP/999", agent="PJSIP/999", unique_id="1795316300.1"
    )
    heard = connect("support", "PJSIP/102", "Ben from the shop")
    assert isinstance(heard, ami.AgentConnect)
    assert heard.agent == "ben"


def test_a_customer_of_ours_is_followed_into_whatever_queue_they_are_sent_on_to() -> None:
    assert connect("reception", "PJSIP/999", "Front desk", ATTEMPT) is not None
