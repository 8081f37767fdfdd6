"""After a log-in or a gap the link reads the truth from the PBX and tells it as facts."""

import pytest
from integration.misbehaving_manager import ATTEMPT, Manager, linked, run

from telephony.asterisk.ami import actions
from telephony.asterisk.ami.wire import encode_event
from telephony.asterisk.config.model import AgentLine
from telephony.calls.events import (
    Answered,
    CallerJoined,
    Device,
    Finished,
    LinkLost,
    LinkUp,
    MemberSeen,
    Outcome,
)


def test_a_snapshot_reads_channels_members_callers_and_boot_time() -> None:
    async def scenario() -> None:
        manager = Manager(
            channels=[
                [
                    ("Channel", f"Local/{ATTEMPT}@winback-permit-1;1"),
                    ("Uniqueid", ATTEMPT),
                    ("Linkedid", ATTEMPT),
                    ("ChannelStateDesc", "Up"),
                    ("BridgeId", "b-1"),
                    ("Duration", "01:02:03"),
                    ("Application", "Queue"),
                ]
            ],
            queues=[
                ("QueueParams", [("Queue", "support"), ("Calls", "1")]),
                (
                    "QueueMember",
                    [("Queue", "support"), ("Name", "7"), ("Location", "PJSIP/7"), ("Status", "6")],
                ),
                ("QueueEntry", [("Queue", "support"), ("Position", "1"), ("Uniqueid", "9.1"), ("Wait", "4")]),
            ],
        )
        async with linked(manager) as (pbx, heard):
            up = await heard.until(LinkUp)
            joined = await heard.until(CallerJoined)
            snapshot = await pbx.snapshot()

            assert snapshot.booted_at == up.booted_at
            assert snapshot.living == {ATTEMPT}
            assert (snapshot.channels[0].duration_s, snapshot.channels[0].bridged) == (3723.0, True)
            assert [(each.agent, each.device) for each in snapshot.members] == [("7", Device.RINGING)]
            assert [(each.caller, each.waited_s) for each in snapshot.callers] == [("9.1", 4.0)]
            assert (joined.caller, joined.position) == ("9.1", 1)
            assert heard.facts.index(up) < heard.facts.index(heard.of(MemberSeen)[0])

    run(scenario)


CHANNEL = [("Channel", f"Local/{ATTEMPT}@winback-permit-1;1"), ("Uniqueid", ATTEMPT), ("Linkedid", ATTEMPT)]


@pytest.mark.parametrize("how", ["lives", "gone", "restarted"])
def test_after_a_gap_the_truth_is_read(how: str) -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, heard):
            first = await heard.until(LinkUp)
            manager.send(encode_event("Newchannel", CHANNEL))
            manager.send(encode_event("Newstate", [*CHANNEL, ("ChannelStateDesc", "Up")]))
            await heard.until(Answered)
            manager.channels = [CHANNEL] if how == "lives" else []
            manager.started = "2026-11-22 03:07:00" if how == "restarted" else manager.started
            manager.cut()
            second = await heard.until(LinkUp, 2)
            assert (first.booted_at == second.booted_at) is (how != "restarted")
            if how == "lives":
                await pbx.snapshot()
                manager.send(encode_event("Hangup", [*CHANNEL, ("Cause", "16")]))
            finished = await heard.until(Finished)

            assert finished.outcome is (Outcome.HUNG_UP_WAITING if how == "lives" else Outcome.UNKNOWN)
            assert len(heard.of(Finished)) == 1

    run(scenario)


def test_members_follow_every_link_up() -> None:
    async def scenario() -> None:
        member = ("QueueMember", [("Queue", "support"), ("Name", "7"), ("Location", "PJSIP/7")])
        manager = Manager(queues=[member])
        async with linked(manager) as (_, heard):
            await heard.until(MemberSeen)
            manager.cut()
            await heard.until(MemberSeen, 2)

            kinds = [type(fact) for fact in heard.facts]
            assert kinds == [LinkUp, MemberSeen, LinkLost, LinkUp, MemberSeen]

    run(scenario)


def test_members_can_be_added_removed_and_logged_off() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            await pbx.add_member("support", AgentLine(id="7", name="Seven"))
            await pbx.remove_member("support", "Local/7@winback-agents/n")
            await pbx.log_off("7")

        sent = [actions.QueueAdd.name, actions.QueueRemove.name, actions.AgentLogoff.name]
        assert [name for name in manager.names() if name in sent] == sent

    run(scenario)


def test_a_shutdown_is_told_as_what_it_is() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (_, heard):
            await heard.until(LinkUp)
            manager.send(encode_event("Shutdown", [("Shutdown", "Cleanly"), ("Restart", "True")]))
            for writer in manager.writers:
                writer.close()
            lost = await heard.until(LinkLost)

            assert lost.reason == "the PBX is restarting"

    run(scenario)
