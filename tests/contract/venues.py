"""The PBXs the contract is held on: the simulated one, and real Asterisks with the rendered configuration."""

import asyncio
import math
import subprocess
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace

from bench.testbed.dialplan_actors import LONGEST_S, NARROW_TRUNK, SECRET, STAGE, USER, actors_config
from bench.testbed.install import install
from bench.testbed.permits import FakePermits, two_engines
from bench.testbed.ports import free_port
from bench.testbed.raw_ami import RawAmi
from bench.testbed.server import AsteriskServer, wait_until
from contract.venue import INBOUND, PbxRecord, Venue

from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.config.render import render
from telephony.simulator.behaviour import Behaviour, CallerPlay, Reach, SimulatedAgent
from telephony.simulator.ground_truth import Fate
from telephony.simulator.server import SimulatedPbx

AGENTS = 16  # more than all scenarios together need at a time, so that nobody waits for another's call
STANDING = tuple(f"a{n}" for n in range(1, AGENTS + 1))
DEAF = "d1"
PHONE = "p1"  # whose phone rings and is picked up; logs in when a scenario wants it
OUTBOUND, LONELY = "outbound", "lonely"
#: of Asterisk's own sounds one of six seconds, as long as a centre's message is: what listens for a machine
#: until the call is over has to hear enough
INFORMATION = "vm-intro"
NORTH, SOUTH = "team_north", "team_south"
TEAMS = {NORTH: ("a1", "a3"), SOUTH: ("a2", "a3")}
# somebody else's queue: one of our agents' phones is in it by another name, and a stranger by one of ours
ELSEWHERE, STRANGER = "reception", "x1"
NAMED_THERE = {PHONE: "Front desk", STRANGER: "a2"}
WHISPER, WHISPER_S = "vm-goodbye", 0.88  # a core sound, and how long it is
# core sounds long enough to act in, each for one scenario, so that its beginning is found in the log
LEFT_IN, HUNG_UP_IN = "vm-rec-temp", "vm-rec-unv"
LONG_WHISPER_S = 5.46
RING_LIMIT_S = 1  # so long an agent's phone rings
TRANSFER_WITHIN_S = 5.0  # a bridge that is being made takes milliseconds, on a busy machine a second
LASTING_DESK = "stays"  # where a transferred call goes on until somebody hangs up
CALLER_NUMBER = "07700900123"
LINES_TOLD = 80  # of the PBX's log beside a failure: the last scenario's calls


QUEUES = "\n".join((
    "[general]", "persistentmembers = no", f"[{ELSEWHERE}]", "strategy = ringall", "timeout = 15",
    *(f"member => Local/ok{who}@test-phones/n,0,{name}" for who, name in NAMED_THERE.items()),
    "#include winback_queues.conf", "",
))  # fmt: skip


def team_queues_of(agent: str) -> tuple[str, ...]:
    """The queues of the teams that this agent is in."""
    return tuple(queue for queue, agents in TEAMS.items() if agent in agents)


def reaches_others(sent: Frame, venue: Venue) -> bool:
    """Whether this action names a queue or member of somebody else's, or reaches one by naming none."""
    if sent.action.startswith("Queue") and sent.action != "QueueStatus":
        return sent.get("Queue") in {"", ELSEWHERE} or sent.get("Interface") == venue.strangers_phone()
    return any(value in {ELSEWHERE, venue.strangers_phone()} for _, value in sent.pairs)


class _Asked:
    """What every venue does over a manager session of its own."""

    ami_port: int

    def line(self, agent: str) -> AgentLine:
        raise NotImplementedError

    def _session(self) -> RawAmi:
        return RawAmi("127.0.0.1", self.ami_port, USER, SECRET)

    def _channels(self) -> list[Frame]:
        with self._session() as ami:
            return ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")

    def _is_customer(self, channel: Frame) -> bool:
        """Whether this is a called customer's own end of the line."""
        raise NotImplementedError

    def _hang_up(self, channel: str) -> bool:
        with self._session() as ami:
            return ami.ask("Hangup", [("Channel", channel)]).response == "Success"

    async def customer_leaves(self, attempt: str) -> bool:
        """The called customer puts the phone down. False: is gone already."""

        def leave() -> bool:
            own = (each for each in self._channels() if each.get("Linkedid") == attempt)
            customer = next((each.get("Channel") for each in own if self._is_customer(each)), None)
            return customer is not None and self._hang_up(customer)

        return await asyncio.to_thread(leave)

    async def caller_leaves(self, caller: str) -> None:
        """Who rang in puts the phone down."""
        assert await asyncio.to_thread(lambda: self._hang_up(self._callers_end(caller)))

    def _callers_end(self, caller: str) -> str:
        name = next(each.get("Channel") for each in self._channels() if each.get("Uniqueid") == caller)
        return name.replace(";1", ";2")  # where there are two halves, the second is the person

    async def waiting(self, queue: str) -> frozenset[str]:
        """The channels in this queue."""

        def ask() -> frozenset[str]:
            with self._session() as ami:
                listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", queue)])
                return frozenset(each.get("Uniqueid") for each in listed if each.event == "QueueEntry")

        return await asyncio.to_thread(ask)

    async def ringing(self, agent: str, caller: str) -> bool:
        """Whether this agent's phone is being rung for this caller."""
        phone = self.line(agent).interface.removesuffix("/n")
        channels = await asyncio.to_thread(self._channels)
        return any(
            each.get("Linkedid") == caller and each.get("Channel").startswith(f"{phone}-")
            for each in channels
        )

    async def in_talk_elsewhere(self) -> frozenset[str]:
        """The callers of somebody else's queue, by the channel that is in it."""
        channels = await asyncio.to_thread(self._channels)
        return frozenset(each.get("Uniqueid") for each in channels if self._is_elsewhere(each))

    def _is_elsewhere(self, channel: Frame) -> bool:
        raise NotImplementedError

    async def living(self) -> frozenset[str]:
        """The unique ids of all channels."""
        return frozenset(each.get("Uniqueid") for each in await asyncio.to_thread(self._channels))

    async def in_talk(self, attempt: str) -> bool:
        """Whether the half of this call that rings or holds its customer is in a bridge."""
        channels = await asyncio.to_thread(self._channels)
        return any(each.get("Uniqueid") == attempt and each.get("BridgeId") for each in channels)

    async def members(self, agent: str) -> dict[str, str]:
        """The queues this agent is a member of, each with the reason of a pause."""

        def ask() -> dict[str, str]:
            with self._session() as ami:
                listed = ami.list_of("QueueStatus", "QueueStatusComplete")
                own = (each for each in listed if each.event == "QueueMember" and each.get("Name") == agent)
                return {each.get("Queue"): each.get("PausedReason") for each in own}

        return await asyncio.to_thread(ask)

    async def on_the_phone(self) -> str | None:
        """One agent whose device is in use; None: nobody."""

        def ask() -> str | None:
            with self._session() as ami:
                listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", OUTBOUND)])
                busy = (each.get("Name") for each in listed if each.get("Status") == "2")
                return next(busy, None)

        return await asyncio.to_thread(ask)

    async def hang_up_headset(self, agent: str) -> None:
        def ask() -> None:
            with self._session() as ami:
                listed = ami.list_of("Agents", "AgentsComplete")
                headset = next(each.get("Channel") for each in listed if each.get("Agent") == agent)
                assert ami.ask("Hangup", [("Channel", headset)]).response == "Success"

        await asyncio.to_thread(ask)

    async def log_off(self, agent: str) -> None:
        def ask() -> None:
            with self._session() as ami:
                assert ami.ask("AgentLogoff", [("Agent", agent)]).response == "Success"

        await asyncio.to_thread(ask)

    async def refused(self, action: str, **headers: str) -> bool:
        """Whether the manager user that Winback uses may not do this."""

        def ask() -> bool:
            with self._session() as ami:
                return ami.ask(action, headers.items()).response == "Error"

        return await asyncio.to_thread(ask)

    async def transfer(self, attempt: str) -> None:
        def ask() -> None:
            with self._session() as ami:
                listed = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
                name = next(each.get("Channel") for each in listed if each.get("Uniqueid") == attempt)
                where = [("Channel", name), ("Context", "test-desk"), ("Exten", "s"), ("Priority", "1")]
                assert ami.ask("Redirect", where).response == "Success"

        await asyncio.to_thread(ask)

    async def send_on(self, call: str, *, blind: bool) -> None:
        """Transfer whoever talks in this call to a desk where they stay.

        Blind, by the agent's end of the line as an agent's telephone does; else from outside. Who is
        refused because the two are only just being bridged presses the key again, as people do.
        """
        refused: list[str] = []

        def done() -> bool:
            with self._session() as ami:
                listed = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
                own = next(each for each in listed if each.get("Uniqueid") == call)
                bridged = (
                    each
                    for each in listed
                    if own.get("BridgeId") and each.get("BridgeId") == own.get("BridgeId")
                )
                agents = next((each for each in bridged if each.get("Uniqueid") != call), None)
                if agents is None:
                    refused.append("nobody is bridged with it")
                    return False
                name = (agents if blind else own).get("Channel")
                where = [("Channel", name), ("Context", "test-desk"), ("Exten", LASTING_DESK)]
                action = "BlindTransfer" if blind else "Redirect"
                said = ami.ask(action, where if blind else [*where, ("Priority", "1")])
                refused.append(f"{action}: {said.get('Message')}")
                return said.response == "Success"

        def ask() -> None:
            try:
                wait_until(done, TRANSFER_WITHIN_S, f"transfer of {call}")
            except TimeoutError as late:
                raise AssertionError(f"{late}; refused {len(refused)} times, last: {refused[-1:]}") from late

        await asyncio.to_thread(ask)


class SimulatedVenue(_Asked):
    """The simulated PBX in this event loop."""

    name = "simulated"

    def __init__(self, pbx: SimulatedPbx, ami_port: int, agi: FakePermits, spare: FakePermits) -> None:
        self._pbx, self.ami_port, self.agi, self.spare = pbx, ami_port, agi, spare

    def interface(self, agent: str) -> str:
        return self._pbx.exchange.queue_system.members[agent].agent.interface

    def line(self, agent: str) -> AgentLine:
        simulated = self._pbx.exchange.queue_system.members[agent].agent
        standing = simulated.reach is Reach.STANDING
        device = f"PJSIP/{agent}"
        return AgentLine(
            id=agent, name=agent, phone=None if standing else device, headset=device if standing else None,
            team_queues=team_queues_of(agent),
        )  # fmt: skip

    async def dial_code(self, agent: str, code: str) -> None:
        self._pbx.exchange.dial_code(agent, code)

    def strangers_phone(self) -> str:
        return self.interface(STRANGER)

    async def ring_in(self, queue: str = INBOUND) -> None:
        self._pbx.ring_in(
            CallerPlay(
                number=CALLER_NUMBER, patience_s=math.inf, talk_s=math.inf, presses_one_after_s=None,
                queue=queue,
            )
        )  # fmt: skip

    async def caller_presses_one(self, caller: str) -> None:
        self._pbx.exchange.callers[caller].press_one()

    async def whispering(self, attempt: str, sound: str) -> bool:  # noqa: ARG002 - one PBX knows the call, the other the sound
        call = self._pbx.exchange.calls.get(attempt)
        return call is not None and call.picked_up and call.connected_at is None

    def _is_customer(self, channel: Frame) -> bool:
        return channel.get("Context") == "from-trunk"

    def _is_elsewhere(self, channel: Frame) -> bool:
        return channel.get("Exten") == ELSEWHERE

    def told(self) -> str:
        return ""

    async def restart(self) -> None:
        self._pbx.restart()

    async def restart_in_order(self) -> None:
        await self._pbx.restart_in_order()

    async def reload_queues(self) -> None:
        self._pbx.reload_queues()

    def record(self, attempt: str) -> PbxRecord:
        truth = self._pbx.truth().attempts[attempt]
        return PbxRecord(agent=truth.agent, unserved=truth.answered and truth.agent is None)

    def booked(self) -> int:
        """How many callers were promised a call."""
        return sum(caller.fate is Fate.BOOKED for caller in self._pbx.truth().callers.values())


class AsteriskVenue(_Asked):
    """A real Asterisk with the rendered configuration and the stage."""

    def __init__(
        self, server: AsteriskServer, agi: FakePermits, spare: FakePermits, lines: dict[str, AgentLine]
    ) -> None:
        self.name = f"asterisk {server.home.major}"
        self._server, self.agi, self.spare, self.ami_port = server, agi, spare, server.ami_port
        self._lines = lines

    def interface(self, agent: str) -> str:
        return self._lines[agent].interface

    def line(self, agent: str) -> AgentLine:
        return self._lines[agent]

    async def dial_code(self, agent: str, code: str) -> None:
        """From a phone of the agent's that stays on the line as long as the dialplan wants."""

        def ask() -> None:
            with self._server.observer() as ami:
                self._dial(ami, f"{code}{self._lines[agent].code}")

        await asyncio.to_thread(ask)

    def _dial(self, ami: RawAmi, extension: str) -> None:
        """Returns when the phone is off the hook and the dialplan has the call."""
        answer = ami.ask("Originate", [
            ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
            ("Exten", extension), ("Priority", "1"),
        ])  # fmt: skip
        assert answer.response == "Success", answer.get("Message")

    async def log_in(self) -> None:
        """Standing connections for everybody, by the feature code, and wait until all are free."""
        await asyncio.to_thread(self._log_in)

    def _log_in(self) -> None:
        with self._server.observer() as ami:
            for agent in STANDING:
                self._dial(ami, f"*51{self._lines[agent].code}")

            def free() -> int:
                asked = [("Queue", OUTBOUND)]
                listed = ami.list_of("QueueStatus", "QueueStatusComplete", asked)
                return sum(each.event == "QueueMember" and each.get("Status") == "1" for each in listed)

            wait_until(lambda: free() >= len(STANDING), 60, "every agent is free")

    def strangers_phone(self) -> str:
        return f"Local/ok{STRANGER}@test-phones/n"

    async def ring_in(self, queue: str = INBOUND) -> None:
        into = [("Context", "winback-inbound"), ("Exten", INBOUND), ("Priority", "1")]
        if queue != INBOUND:
            into = [("Application", "Queue"), ("Data", queue)]

        def ask() -> None:
            with self._server.observer() as ami:
                ami.call(
                    ("Channel", f"Local/listen{LONGEST_S}@test-callers/n"), *into,
                    ("CallerID", f'"" <{CALLER_NUMBER}>'),
                )  # fmt: skip

        await asyncio.to_thread(ask)

    async def caller_presses_one(self, caller: str) -> None:
        def press() -> None:
            pressing = [("Channel", self._callers_end(caller)), ("Digit", "1")]
            with self._server.observer() as ami:
                assert ami.ask("PlayDTMF", pressing).response == "Success"

        await asyncio.to_thread(press)

    async def whispering(self, attempt: str, sound: str) -> bool:  # noqa: ARG002 - one PBX knows the call, the other the sound
        return f"Playing '{sound}." in await asyncio.to_thread(self._server.log)

    def _is_customer(self, channel: Frame) -> bool:
        name = channel.get("Channel")
        return "@test-customers-" in name and name.endswith(";2")

    def _is_elsewhere(self, channel: Frame) -> bool:
        return channel.get("Application") == "Queue" and channel.get("ApplicationData") == ELSEWHERE

    def told(self) -> str:
        lines = (line for line in self._server.log().splitlines() if "Manager '" not in line)
        told = [*deque(lines, LINES_TOLD)]
        with suppress(subprocess.SubprocessError):  # of an Asterisk that is gone the log is all there is
            told += (self._server.cli(asked) for asked in ("queue show", "agent show all"))
        return "\n".join(told)

    async def restart(self) -> None:
        await asyncio.to_thread(self._server.restart)

    async def restart_in_order(self) -> None:
        await asyncio.to_thread(self._server.cli, "core restart now")

    async def reload_queues(self) -> None:
        """After a change of the file: one that is as before is not read again."""
        await asyncio.to_thread(self._server.append, "winback_queues.conf", "[changed]")
        await asyncio.to_thread(self._server.cli, "queue reload all")

    def record(self, attempt: str) -> PbxRecord:
        agent, unserved = None, False
        for row in self._server.queue_log():
            if row[1] != attempt:
                continue
            if row[4] == "CONNECT":
                agent = row[3]
            if row[4] in {"ABANDON", "EXITWITHTIMEOUT"}:
                unserved = True
        return PbxRecord(agent=agent, unserved=unserved)


@asynccontextmanager
async def _simulated() -> AsyncIterator[Venue]:
    agents = (
        *(SimulatedAgent(id=agent) for agent in STANDING),
        SimulatedAgent(id=DEAF, reach=Reach.DEAF),
        SimulatedAgent(id=PHONE, reach=Reach.PHONE),
    )
    behaviour = Behaviour(
        agents=agents, scripted=True, callers_per_hour=0, outbound_queues=(OUTBOUND, LONELY),
        inbound_queue=INBOUND, agent_ring_limit_s=RING_LIMIT_S, agent_answers_after_s=0.3, machine_hint=True,
        sounds={WHISPER: WHISPER_S, LEFT_IN: LONG_WHISPER_S, HUNG_UP_IN: LONG_WHISPER_S},
        team_queues=TEAMS, channels={NARROW_TRUNK: 1}, elsewhere={ELSEWHERE: NAMED_THERE},
        strangers=(SimulatedAgent(id=STRANGER, reach=Reach.PHONE),),
    )  # fmt: skip
    agi, spare = await two_engines()
    pbx = SimulatedPbx(behaviour, seed=1, agi=(agi.address, spare.address), username=USER, secret=SECRET)
    port = await pbx.start()
    try:
        yield SimulatedVenue(pbx, port, agi, spare)
    finally:
        await pbx.stop()
        await agi.close()


@asynccontextmanager
async def _asterisk(suite: str) -> AsyncIterator[Venue]:
    home = await asyncio.to_thread(install, suite)
    agi, spare = await two_engines()
    port = free_port()
    config = actors_config(port, agi.address, spare.address, agents=AGENTS)
    deaf = AgentLine(id=DEAF, name="Deaf", phone=f"Local/deaf{DEAF}@test-phones/n")
    phone = AgentLine(id=PHONE, name="Phone", phone=f"Local/ok{PHONE}@test-phones/n", code="190")
    standing = tuple(
        replace(agent, headset="Local/1@test-headsets/n", team_queues=team_queues_of(agent.id))
        for agent in config.agents
    )
    config = replace(
        config, agents=(*standing, deaf, phone), outbound_queues=(OUTBOUND, LONELY), inbound_queue=INBOUND,
        agent_ring_s=RING_LIMIT_S, whisper=True, machine_hint=True, team_queues=tuple(TEAMS),
        prompts=replace(config.prompts, information=INFORMATION),
    )  # fmt: skip
    files = {**render(config, home.version), "test_extensions.conf": STAGE, "queues.conf": QUEUES}
    server = AsteriskServer(home, files, ami_port=port)
    lines = {agent.id: agent for agent in config.agents}
    try:
        await asyncio.to_thread(server.start)
        venue = AsteriskVenue(server, agi, spare, lines)
        await venue.log_in()
        yield venue
    finally:
        await asyncio.to_thread(server.__exit__)
        await agi.close()


VENUES = {
    "simulated": _simulated,
    "asterisk 22": lambda: _asterisk("sid"),
    "asterisk 16": lambda: _asterisk("bullseye"),
}


def open_venue(name: str) -> AbstractAsyncContextManager[Venue]:
    """The PBX of this name, running."""
    return VENUES[name]()
