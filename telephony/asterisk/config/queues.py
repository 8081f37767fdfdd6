"""Queues and the agent pool.

Every agent is a member of every queue with the same device, so that one state decides for all; a team's
outbound queue has that team's agents alone. Agents
with a standing connection are written here: the connection says whether they are logged in. Agents with
a ringing phone are not, since a written member is unpaused and rung after a restart of Asterisk whether
or not anybody is there; logging in makes them members, logging out ends that.
Wrap-up is Winback's business (the agent is paused until the disposition), hence `wrapuptime = 0`.
"""

from telephony.asterisk.config.model import AgentLine, AsteriskVersion, InboundQueue, PbxConfig

_COMMON = (
    "strategy = leastrecent",
    "ringinuse = no",
    "autofill = yes",
    "joinempty = yes",
    "leavewhenempty = no",
    "wrapuptime = 0",
    "memberdelay = 0",
    # one second is the shortest pause app_queue knows between two tries
    "retry = 1",
    "autopause = no",
    "setinterfacevar = no",
    "timeoutrestart = no",
)


def queue_lines(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    """`<prefix>_queues.conf`, to be included at the end of `queues.conf`."""
    standing = [agent for agent in config.agents if agent.phone is None]
    members = [_member(agent) for agent in standing]
    lines: list[str] = []
    for inbound in () if config.adopt else config.callers_queues:
        theirs = [_member(agent) for agent in standing if inbound.name in config.queues_of(agent)]
        lines += [*_inbound(config, inbound, version), *theirs, ""]
    for queue in config.outbound_queues:
        lines += [f"[{queue}]", *_COMMON, f"timeout = {config.connect_within_s}"]
        lines += [*_by_the_site(config, "outbound"), *members, ""]
    for queue in config.team_queues:
        lines += [f"[{queue}]", *_COMMON, f"timeout = {config.connect_within_s}"]
        theirs = [_member(agent) for agent in standing if queue in agent.team_queues]
        lines += [*_by_the_site(config, "outbound"), *theirs, ""]
    for agent in config.agents:
        own = [_member(agent)] if agent.phone is None else []
        # the call says how long: two seconds for a customer who is called, one ring for one who rings in
        lines += [f"[{agent.own_queue}]", *_COMMON, f"timeout = {config.agent_ring_s}"]
        lines += [*_music(config), *own, ""]
    return lines


def adopting_line(config: PbxConfig, queue: str) -> str:
    """The one line with which a queue of the site's leads key 1 to the callback offer."""
    return f"context = {config.offer_context(queue)}"


def _inbound(config: PbxConfig, queue: InboundQueue, version: AsteriskVersion) -> list[str]:
    inbound = [
        f"[{queue.name}]",
        *_COMMON,
        f"timeout = {config.agent_ring_s}",
        *([adopting_line(config, queue.name)] if queue.offers else []),
        f"announce-position = {'yes' if config.announce_every_s else 'no'}",
        f"announce-frequency = {config.announce_every_s}",
    ]
    if config.prompts.offer is not None and queue.offers:
        inbound += [
            f"periodic-announce = {config.prompts.offer}",
            f"periodic-announce-frequency = {queue.offer_every_s}",
        ]
        if queue.first_offer_s is not None and version is not AsteriskVersion.V16:
            inbound.append(f"periodic-announce-startdelay = {queue.first_offer_s}")
    return [*inbound, *_by_the_site(config, "inbound")]


def _by_the_site(config: PbxConfig, kind: str) -> list[str]:
    """The site's music, and a file of its own that is read where it is there and never written."""
    return [*_music(config), f"#tryinclude {config.names.file(f'{kind}_extra')}"]


def _music(config: PbxConfig) -> list[str]:
    return [] if config.music is None else [f"musicclass = {config.music}"]


def _member(agent: AgentLine) -> str:
    return f"member => {agent.interface},0,{agent.called},{agent.state_interface}"


def agent_lines(config: PbxConfig) -> list[str]:
    """`<prefix>_agents.conf`, to be included at the end of `agents.conf`."""
    lines: list[str] = []
    for agent in config.agents:
        if agent.phone is None:
            lines += [f"[{agent.pool_id}]", f"fullname = {agent.name}", "ackcall = no", "wrapuptime = 0"]
            if config.whisper:
                # the whisper says it better than the pool's beep, which takes 0.4 s of the customer's time
                lines.append("custom_beep =")
            lines.append("")
    return lines
