"""What a page or an act asks of a visitor, and whether this visitor has it."""

from collections.abc import Mapping
from enum import Enum

from dialer.core.access.rights import Right
from dialer.core.access.visitor import Visitor


class SpecialNeed(Enum):
    """What is asked besides a plain right; the agent is the one whom the path names."""

    ANYBODY = "anybody"
    KNOWN = "whoever is known"
    OWN_AGENT = "the agent themselves"
    SEEN_AGENT = "the agent, or who sees the floor of a team of theirs"
    DIRECTED_AGENT = "who directs a team of theirs"


Need = Right | SpecialNeed


def allows(need: Need, visitor: Visitor, path: Mapping[str, str]) -> bool:
    """Whether this visitor may; `path` is what the address names, by parameter."""
    if isinstance(need, Right):
        return visitor.may(need)
    agent = path.get("agent")
    match need:
        case SpecialNeed.ANYBODY:
            return True
        case SpecialNeed.KNOWN:
            return bool(visitor.rights)
        case SpecialNeed.OWN_AGENT:
            # an act that names its agent in the body is judged again where the body is read
            return visitor.may(Right.DESK) if agent is None else visitor.is_agent(agent)
        case SpecialNeed.SEEN_AGENT:
            return agent is not None and visitor.may_see(agent)
        case SpecialNeed.DIRECTED_AGENT:
            return agent is not None and visitor.may_direct(agent)
