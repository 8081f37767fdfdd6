"""The manager actions the simulated PBX knows, each as on Asterisk: frames in answer to a frame."""

from collections.abc import Callable
from datetime import UTC, datetime

from telephony.asterisk.ami.wire import Frame
from telephony.simulator.behaviour import Reach
from telephony.simulator.channels import clock
from telephony.simulator.effects import Pairs
from telephony.simulator.pbx import Exchange
from telephony.simulator.queue_entry import Member

Frames = list[Pairs]
_DEFAULT_TIMEOUT_MS = 30000
LASTING_DESK = "stays"  # an extension where a transferred call goes on until somebody hangs up
_LONGEST_CHANNEL_ID = 149
LOG_IN_CONTEXT = "winback-log-in"
LISTEN_CONTEXT = "winback-listen"
CONTEXTS = (
    "winback-permit", "winback-connect", "winback-desk", "winback-brief", "winback-inbound", "winback-offer",
    "winback-agents", LOG_IN_CONTEXT, LISTEN_CONTEXT, "winback-heard",
)  # fmt: skip


def success(message: str, *more: tuple[str, str]) -> Pairs:
    """A good answer."""
    return (("Response", "Success"), *more, ("Message", message))


def refusal(message: str) -> Pairs:
    """A bad one."""
    return (("Response", "Error"), ("Message", message))


def _originate(exchange: Exchange, frame: Frame) -> Frames:
    channel = frame.get("Channel")
    technology, _, rest = channel.partition("/")
    exten, _, context = rest.removesuffix("/n").partition("@")
    if frame.get("Context") == LOG_IN_CONTEXT:
        if exchange.ring_headset(frame.get("Exten")):
            return [success("Originate successfully queued")]
        return [refusal("Extension does not exist.")]
    if frame.get("Context") == LISTEN_CONTEXT:
        # nobody hears anything here: that the phone is rung is all there is of it
        known = frame.get("Exten").partition("-")[2] in exchange.queue_system.members
        return [success("Originate successfully queued") if known else refusal("Extension does not exist.")]
    attempt = frame.get("ChannelId") or exten
    desk = context == "winback-desk" and frame.get("Context") == "winback-brief"
    if technology != "Local" or not (desk or context == "winback-permit") or not exten:
        return [refusal("Extension does not exist.")]
    if len(attempt) > _LONGEST_CHANNEL_ID:
        return [refusal("Uniqueid length exceeds maximum of 149")]
    inbound = exchange.behaviour.inbound_queue
    known = frame.get("Exten") in exchange.queue_system.queues and frame.get("Exten") != inbound
    if not desk and (frame.get("Context") != "winback-connect" or not known):
        return [refusal("Extension does not exist.")]
    timeout_ms = float(frame.get("Timeout") or _DEFAULT_TIMEOUT_MS)
    exchange.originate(
        attempt=attempt, queue=frame.get("Exten"), timeout_s=timeout_ms / 1000, agent_first=desk
    )
    return [success("Originate successfully queued")]


def _hangup(exchange: Exchange, frame: Frame) -> Frames:
    if exchange.hang_up(frame.get("Channel")):
        return [success("Channel Hungup")]
    return [refusal("No such channel")]


def _ping(exchange: Exchange, frame: Frame) -> Frames:
    del frame
    return [(("Response", "Success"), ("Ping", "Pong"), ("Timestamp", f"{exchange.kernel.unix_now:.6f}"))]


def _redirect(exchange: Exchange, frame: Frame) -> Frames:
    for guest in (*exchange.calls.values(), *exchange.callers.values()):
        if frame.get("Channel") in {guest.channel.name, guest.channel.unique_id}:
            if frame.get("Exten") == LASTING_DESK:
                guest.transfer(LASTING_DESK)
            else:
                guest.hang_up("transfer")
            return [success("Redirect successful")]
    return [refusal("Channel does not exist")]


def _blind_transfer(exchange: Exchange, frame: Frame) -> Frames:
    """By the agent's leg, as the REFER of an agent's telephone."""
    for guest in (*exchange.calls.values(), *exchange.callers.values()):
        leg = next((leg for leg in guest.agent_legs if leg.name == frame.get("Channel")), None)
        if leg is not None:
            exchange.kernel.emit(
                "BlindTransfer", leg.pairs("Transferer"), (("Extension", frame.get("Exten")),)
            )
            guest.transfer(frame.get("Exten"))
            return [success("Transfer succeeded")]
    return [refusal("Channel specified does not exist")]


def _queue_pause(exchange: Exchange, frame: Frame) -> Frames:
    member = exchange.member(frame.get("Interface"))
    named = frame.get("Queue")
    if member is None or (named and named not in exchange.queue_system.queues):
        return [refusal("Interface not found")]
    paused = frame.get("Paused").lower() in {"1", "true", "yes", "on"}
    queues = (named,) if named else tuple(member.paused)
    if not set(queues) & member.paused.keys():
        return [refusal("Interface not found")]
    exchange.queue_system.pause(member, queues, frame.get("Reason") if paused else None)
    return [success("Interface paused successfully" if paused else "Interface unpaused successfully")]


def _queue_add(exchange: Exchange, frame: Frame) -> Frames:
    member, queue = exchange.member(frame.get("Interface")), frame.get("Queue")
    if member is None or queue not in exchange.queue_system.queues:
        return [refusal("Unable to add interface to queue: No such queue")]
    paused = frame.get("Paused").lower() in {"1", "true", "yes", "on"}
    if not exchange.queue_system.add(member, queue, paused=paused):
        return [refusal("Unable to add interface: Already there")]
    return [success("Added interface to queue")]


def _queue_remove(exchange: Exchange, frame: Frame) -> Frames:
    member, queue = exchange.member(frame.get("Interface")), frame.get("Queue")
    if queue not in exchange.queue_system.queues:
        return [refusal("Unable to remove interface from queue: No such queue")]
    if member is not None and member.agent.reach is Reach.STANDING:
        return [refusal("Member not dynamic")]
    if member is None or not exchange.queue_system.remove(member, queue):
        return [refusal("Unable to remove interface: Not there")]
    return [success("Removed interface from queue")]


def _queue_status(exchange: Exchange, frame: Frame) -> Frames:
    wanted_queue, wanted_member = frame.get("Queue"), frame.get("Member")
    listed: Frames = []
    queue_system = exchange.queue_system
    for queue, waiting in queue_system.queues.items():
        if wanted_queue and queue != wanted_queue:
            continue
        listed.append(_queue_params(queue, len(waiting)))
        listed += [
            (("Event", "QueueMember"), *_listed_member(exchange, member, queue))
            for member in queue_system.members.values()
            if queue in member.paused and (not wanted_member or member.agent.interface == wanted_member)
        ]
        listed += [
            (
                ("Event", "QueueEntry"),
                ("Queue", queue),
                ("Position", str(index)),
                ("Channel", guest.channel.name),
                ("Uniqueid", guest.channel.unique_id),
                ("CallerIDNum", guest.channel.caller or "unknown"),
                ("CallerIDName", "unknown"),
                ("ConnectedLineNum", "unknown"),
                ("ConnectedLineName", "unknown"),
                ("Wait", str(int(exchange.kernel.now - guest.joined_at))),
                ("Priority", "0"),
            )
            for index, guest in enumerate(waiting, 1)
        ]
    return _as_list("Queue status will follow", "QueueStatusComplete", listed)


def _queue_params(queue: str, calls: int) -> Pairs:
    return (
        ("Event", "QueueParams"),
        ("Queue", queue),
        ("Max", "0"),
        ("Strategy", "leastrecent"),
        ("Calls", str(calls)),
        ("Holdtime", "0"),
        ("TalkTime", "0"),
        ("Completed", "0"),
        ("Abandoned", "0"),
        ("ServiceLevel", "0"),
        ("ServicelevelPerf", "0.0"),
        ("ServicelevelPerf2", "0.0"),
        ("Weight", "0"),
    )


def _listed_member(exchange: Exchange, member: Member, queue: str) -> Pairs:
    pairs = exchange.queue_system.member_pairs(member, queue)
    # the list says Name and Location where the event says MemberName and Interface
    names = {"MemberName": "Name", "Interface": "Location"}
    return tuple((names.get(name, name), value) for name, value in pairs)


def _channels(exchange: Exchange, _: Frame) -> Frames:
    now = exchange.kernel.now
    listed: Frames = [
        (
            ("Event", "CoreShowChannel"),
            *channel.pairs(),
            ("Application", channel.application),
            ("ApplicationData", channel.application_data),
            ("Duration", clock(now - channel.since)),
            ("BridgeId", channel.bridge),
        )
        for channel in exchange.kernel.channels.values()
    ]
    return _as_list("Channels will follow", "CoreShowChannelsComplete", listed)


def _core_status(exchange: Exchange, _: Frame) -> Frames:
    booted = datetime.fromtimestamp(int(exchange.kernel.booted_at), tz=UTC)
    day, hour = booted.strftime("%Y-%m-%d"), booted.strftime("%H:%M:%S")
    current = len(exchange.calls) + len(exchange.callers)
    return [
        (
            ("Response", "Success"),
            ("CoreStartupDate", day),
            ("CoreStartupTime", hour),
            ("CoreReloadDate", day),
            ("CoreReloadTime", hour),
            ("CoreCurrentCalls", str(current)),
        )
    ]


def _core_settings(_: Exchange, __: Frame) -> Frames:
    return [
        (
            ("Response", "Success"),
            ("AMIversion", "9.0.0"),
            ("AsteriskVersion", "22.0.0-simulated"),
            ("SystemName", ""),
            ("CoreMaxCalls", "0"),
        )
    ]


def _agents(exchange: Exchange, _: Frame) -> Frames:
    words = {1: "AGENT_IDLE", 2: "AGENT_ONCALL"}
    listed: Frames = [
        (
            ("Event", "Agents"),
            ("Agent", member.agent.id),
            ("Name", member.agent.id),
            ("Status", words.get(member.status, "AGENT_LOGGEDOFF")),
            *(member.headset.pairs() if member.headset is not None else ()),
        )
        for member in exchange.queue_system.members.values()
        if member.agent.reach is Reach.STANDING
    ]
    return _as_list("Agents will follow", "AgentsComplete", listed)


def _agent_logoff(exchange: Exchange, frame: Frame) -> Frames:
    member = exchange.queue_system.members.get(frame.get("Agent"))
    if member is None or member.agent.reach is not Reach.STANDING:
        return [refusal("No such agent")]
    soft = frame.get("Soft").lower() in {"1", "true", "yes", "on"}
    if member.headset is not None and soft:
        exchange.queue_system.log_off_softly(member)
    elif member.headset is not None:
        exchange.queue_system.log_off(member)
    return [success("Agent logged out")]


def _show_dialplan(_: Exchange, frame: Frame) -> Frames:
    context = frame.get("Context")
    if context and context not in CONTEXTS and not context.startswith("winback-trunk-"):
        return [refusal("Did not find context")]
    listed: Frames = [
        (("Event", "ListDialplan"), ("Context", name), ("Extension", "_X."), ("Priority", "1"))
        for name in ([context] if context else CONTEXTS)
    ]
    return _as_list("DialPlan list will follow", "ShowDialPlanComplete", listed)


def _getvar(_: Exchange, frame: Frame) -> Frames:
    return [(("Response", "Success"), ("Variable", frame.get("Variable")), ("Value", "NOT_INUSE"))]


def _extension_state(_: Exchange, frame: Frame) -> Frames:
    return [(("Response", "Success"), ("Exten", frame.get("Exten")), ("Status", "0"))]


def _setvar(exchange: Exchange, frame: Frame) -> Frames:
    if frame.get("Channel"):
        return [refusal("No such channel")]
    exchange.variables[frame.get("Variable")] = frame.get("Value")
    return [success("Variable Set")]


def _user_event(exchange: Exchange, frame: Frame) -> Frames:
    more = tuple(pair for pair in frame.pairs if pair[0].lower() not in {"action", "actionid", "userevent"})
    exchange.kernel.emit("UserEvent", (("UserEvent", frame.get("UserEvent")), *more))
    return [success("Event Sent")]


def _as_list(message: str, done: str, listed: Frames) -> Frames:
    return [
        (("Response", "Success"), ("EventList", "start"), ("Message", message)),
        *listed,
        (("Event", done), ("EventList", "Complete"), ("ListItems", str(len(listed)))),
    ]


ACTIONS: dict[str, Callable[[Exchange, Frame], Frames]] = {
    "originate": _originate,
    "hangup": _hangup,
    "ping": _ping,
    "redirect": _redirect,
    "blindtransfer": _blind_transfer,
    "queuepause": _queue_pause,
    "queueadd": _queue_add,
    "queueremove": _queue_remove,
    "queuestatus": _queue_status,
    "coreshowchannels": _channels,
    "corestatus": _core_status,
    "coresettings": _core_settings,
    "agents": _agents,
    "agentlogoff": _agent_logoff,
    "showdialplan": _show_dialplan,
    "getvar": _getvar,
    "extensionstate": _extension_state,
    "setvar": _setvar,
    "userevent": _user_event,
}


def answer(exchange: Exchange, frame: Frame) -> Frames:
    """What this action is answered with; an unknown one is refused as Asterisk does."""
    known = ACTIONS.get(frame.action.lower())
    return known(exchange, frame) if known is not None else [refusal("Invalid/unknown command")]
