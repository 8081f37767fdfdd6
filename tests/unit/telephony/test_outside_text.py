"""Texts from outside fit the columns they go into; a name that is too long is nobody's, never another's."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import InstrumentedAttribute

from dialer.db.models import Agent, Attempt, Promise
from telephony.asterisk.agi.wire import Request
from telephony.asterisk.ami.events import QueueMember, QueueMemberStatus, decode
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.tracking.inbound_callers import is_agents
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls import outside_text as limits
from telephony.calls.events import Abandoned, Connected, Fact, Finished, MemberSeen

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
ATTEMPT = "wb-" + "a" * 10
LONG = "n" * 73
FITS = "n" * limits.MOST_AGENT


def hear(tracker: Tracker, event: str, **headers: str) -> list[Fact]:
    """What one event of these headers makes true."""
    decoded = decode(Frame([("Event", event), *headers.items()]))
    assert decoded is not None
    return tracker.fold(decoded, NOW)


def member(
    name: str = "7", *, queue: str = "support", interface: str = "PJSIP/7", reason: str = ""
) -> list[Fact]:
    """What a member's status makes true."""
    return hear(
        Tracker(),
        "QueueMemberStatus",
        Queue=queue,
        MemberName=name,
        Interface=interface,
        Status="1",
        PausedReason=reason,
    )


@pytest.mark.parametrize(
    ("column", "most"),
    [
        (Agent.id, limits.MOST_AGENT),
        (Attempt.agent, limits.MOST_AGENT),
        (Agent.interface, limits.MOST_INTERFACE),
        (Agent.reason, limits.MOST_REASON),
        (Attempt.queue, limits.MOST_QUEUE),
        (Promise.source_call, limits.MOST_CHANNEL_ID),
        (Promise.language, limits.MOST_LANGUAGE),
    ],
)
def test_the_limits_are_the_widths_of_the_columns(column: InstrumentedAttribute[str], most: int) -> None:
    assert column.type.length == most  # type: ignore[attr-defined]


def test_a_member_whose_name_fits_is_an_agent() -> None:
    (seen,) = member(FITS)
    assert isinstance(seen, MemberSeen)
    assert seen.agent == FITS


@pytest.mark.parametrize(
    "ignored",
    [
        lambda: member(LONG),
        lambda: member("a\0b"),
        lambda: member(interface="PJSIP/" + "7" * limits.MOST_INTERFACE),
        lambda: member(queue="q" * (limits.MOST_QUEUE + 1)),
    ],
)
def test_a_member_whose_names_cannot_be_ours_is_no_agent(ignored: Callable[[], list[Fact]]) -> None:
    assert ignored() == []


def test_a_listed_member_whose_name_cannot_be_ours_is_no_agent_either() -> None:
    headers = [("Event", "QueueMember"), ("Queue", "support"), ("Location", "PJSIP/7")]
    found = [decode(Frame([*headers, ("Name", name)])) for name in (LONG, FITS)]

    assert [False, True] == [isinstance(each, QueueMember) and is_agents(each) for each in found]


def test_a_call_that_such_a_member_takes_is_followed_to_its_end_and_is_nobody_elses() -> None:
    tracker = Tracker()
    channel = {"Uniqueid": ATTEMPT, "Linkedid": ATTEMPT, "Channel": f"Local/{ATTEMPT}@wb;1"}
    hear(tracker, "Newchannel", **channel)

    taken = hear(tracker, "AgentConnect", **channel, Queue="outbound", MemberName=LONG, Interface="PJSIP/7")
    ended = hear(tracker, "Hangup", **channel, Cause="16")

    assert [""] == [fact.agent for fact in taken if isinstance(fact, Connected)]
    assert [True] == [isinstance(fact, Finished) and not fact.agent for fact in ended]


def test_a_reason_of_a_pause_is_cut_to_what_fits() -> None:
    (seen,) = member(reason="lunch\0" + "!" * 100)
    assert isinstance(seen, MemberSeen)
    assert seen.reason == "lunch" + "!" * (limits.MOST_REASON - len("lunch"))


def test_a_number_of_seconds_that_leads_before_all_time_is_not_read() -> None:
    tracker = Tracker()
    channel = {"Uniqueid": ATTEMPT, "Linkedid": ATTEMPT, "Channel": f"Local/{ATTEMPT}@wb;1"}
    hear(tracker, "Newchannel", **channel)
    hear(tracker, "QueueCallerJoin", **channel, Queue="outbound")

    found = hear(tracker, "QueueCallerAbandon", **channel, Queue="outbound", HoldTime="9" * 18)

    assert all(fact.waited_s < 1e9 for fact in found if isinstance(fact, Abandoned))


def test_what_the_dialplan_says_of_a_caller_is_bounded_too() -> None:
    asked = Request(fields={"uniqueid": "1" * 151, "callerid": "4" * 61})

    assert ("", None) == (asked.unique_id, asked.caller)


def test_the_header_of_a_status_and_of_a_list_are_read_alike() -> None:
    changed = decode(Frame([("Event", "QueueMemberStatus"), ("MemberName", LONG)]))

    assert isinstance(changed, QueueMemberStatus)
    assert changed.agent == ""


@pytest.mark.parametrize("said", ["sv", "en_GB", "de-AT", "zh_Hans_CN"])
def test_a_language_is_a_name_of_a_folder_of_sounds(said: str) -> None:
    assert Request(fields={"language": said}).language == said


@pytest.mark.parametrize("said", ["", "s", "../en", "sv,x", "${X}", "sv\n", "en_" + "G" * 14, "svenska"])
def test_what_is_no_language_is_the_pbxs_own(said: str) -> None:
    assert Request(fields={"language": said}).language == ""
