"""Actions refuse what a PBX would misread; events are read from what versions really send."""

import pytest

from telephony.asterisk.ami import actions
from telephony.asterisk.ami.actions import checked_attempt
from telephony.asterisk.ami.events import (
    DECODERS,
    QueueCallerAbandon,
    QueueMember,
    QueueMemberStatus,
    decode,
    plain,
)
from telephony.asterisk.ami.wire import ACTION_LIMITS, Frame, FrameReader, encode_action
from telephony.errors import HeaderError

HUSH = "hush"
ATTEMPT = "wb-" + "a" * 26

EVERY_ACTION = [
    actions.Challenge(),
    actions.Login(username="winback", secret=HUSH),
    actions.Login(username="winback", key="0" * 32),
    actions.Logoff(),
    actions.Ping(),
    actions.Originate(
        channel=f"Local/{ATTEMPT}@winback-permit/n",
        context="winback-connect",
        exten="outbound",
        channel_id=ATTEMPT,
        timeout_ms=40_000,
    ),
    actions.Hangup(channel=ATTEMPT),
    actions.Hangup(channel="PJSIP/trunk-1", cause=16),
    actions.QueuePause(interface="PJSIP/7", paused=True, reason="wrapping up"),
    actions.QueuePause(interface="PJSIP/7", paused=False, queue="support"),
    actions.QueueAdd(
        queue="support", interface="Local/7@winback-agents/n", member_name="7", state_interface="Agent:7"
    ),
    actions.QueueRemove(queue="support", interface="PJSIP/7"),
    actions.AgentLogoff(agent="7"),
    actions.CoreStatus(),
    actions.CoreSettings(),
    actions.CoreShowChannels(),
    actions.QueueStatus(),
    actions.QueueStatus(queue="support"),
    actions.Agents(),
    actions.ShowDialplan(context="winback-permit"),
]


@pytest.mark.parametrize("action", EVERY_ACTION, ids=lambda action: action.name)
def test_every_action_travels_as_one_frame(action: actions.Action) -> None:
    frames = list(FrameReader(ACTION_LIMITS).receive(encode_action(action.name, action.pairs())))

    assert [frame.action for frame in frames] == [action.name]
    assert frames[0].pairs[1:] == tuple(action.pairs())


def test_an_originate_names_the_attempt_and_never_waits() -> None:
    pairs = dict(EVERY_ACTION[5].pairs())

    assert pairs["ChannelId"] == ATTEMPT
    assert pairs["Async"] == "true"
    assert "Variable" not in pairs
    assert "CallerID" not in pairs


def test_a_secret_does_not_show() -> None:
    assert "hush" not in repr(actions.Login(username="winback", secret=HUSH, key=HUSH))


@pytest.mark.parametrize("exten", ["", "a,b", "a&b", "a@b", "a/b", "a|b", "a b", "ä", "x" * 81])
def test_a_name_that_is_a_dial_string_is_refused(exten: str) -> None:
    with pytest.raises(HeaderError):
        actions.Originate(channel="Local/x", context="c", exten=exten, channel_id="x", timeout_ms=1)


def test_only_attempt_ids_pass_for_attempt_ids() -> None:
    assert checked_attempt(ATTEMPT) == ATTEMPT
    for text in ("wb-short", "wb-AAAAAAAAAA", ATTEMPT + "\n", "+442079460123", "wb-" + "a" * 41):
        with pytest.raises(HeaderError):
            checked_attempt(text)


def test_a_pattern_of_channels_is_refused() -> None:
    with pytest.raises(HeaderError):
        actions.Hangup(channel="/.*/")


def test_a_listed_member_and_a_changed_member_read_alike() -> None:
    rest = {"Queue": "support", "Status": "6", "Paused": "1", "PausedReason": "lunch", "InCall": "0"}
    listed = Frame([("Event", "QueueMember"), ("Name", "7"), ("Location", "PJSIP/7"), *rest.items()])
    changed = Frame(
        [("Event", "QueueMemberStatus"), ("MemberName", "7"), ("Interface", "PJSIP/7"), *rest.items()]
    )

    member = {
        "queue": "support",
        "agent": "7",
        "interface": "PJSIP/7",
        "status": 6,
        "paused": True,
        "reason": "lunch",
    }
    assert decode(listed) == QueueMember(**member)
    assert decode(changed) == QueueMemberStatus(**member)


def test_missing_and_unreadable_headers_become_defaults() -> None:
    frame = Frame([("Event", "QueueCallerAbandon"), ("HoldTime", "soon"), ("QUEUE", "support")])

    assert decode(frame) == QueueCallerAbandon(queue="support", position=0, hold_s=None)


def test_events_nobody_here_knows_and_responses_decode_to_nothing() -> None:
    assert decode(Frame([("Event", "VarSet")])) is None
    assert decode(Frame([("Response", "Success")])) is None


def test_every_event_decodes_from_its_name_alone() -> None:
    for name in DECODERS:
        event = decode(Frame([("Event", name)]))
        assert event is not None
        assert event.name == name


def test_asterisks_words_for_nothing_are_nothing() -> None:
    assert [plain(text) for text in ("", "<unknown>", "+442079460123")] == [None, None, "+442079460123"]
