"""Queues and the agent pool.

Every agent is a member of every queue with the same device, so that one state decides for all.
Wrap-up is Winback's business (the agent is paused until the disposition), hence `wrapuptime = 0`.
"""

from telephony.asterisk.plan import PbxPlan

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


def queue_lines(plan: PbxPlan) -> list[str]:
    """`winback_queues.conf`, to be included at the end of `queues.conf`."""
    members = [f"member => {agent.interface},0,{agent.id},{agent.state_interface}" for agent in plan.agents]
    inbound = [
        f"[{plan.inbound_queue}]",
        *_COMMON,
        f"timeout = {plan.agent_ring_s}",
        "context = winback-offer",
        "announce-position = no",
        "announce-frequency = 0",
    ]
    if plan.prompts.offer is not None:
        inbound += [
            f"periodic-announce = {plan.prompts.offer}",
            f"periodic-announce-frequency = {plan.offer_every_s}",
        ]
    lines = [*inbound, *members]
    for queue in plan.outbound_queues:
        lines += ["", f"[{queue}]", *_COMMON, f"timeout = {plan.connect_within_s}", *members]
    return lines


def agent_lines(plan: PbxPlan) -> list[str]:
    """`winback_agents.conf`, to be included at the end of `agents.conf`."""
    lines: list[str] = []
    for agent in plan.agents:
        if agent.phone is None:
            lines += [f"[{agent.id}]", f"fullname = {agent.name}", "ackcall = no", "wrapuptime = 0", ""]
    return lines
