"""A supervisor on an agent's call: asked for on a page, audited, and carried out by the engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.core.agents.state import AgentState
from dialer.core.sentence import Sentence
from dialer.db.queries import agents, audit
from dialer.db.session import Database
from telephony.asterisk.config.chanspy import ListenMode, may_be_heard
from telephony.asterisk.config.model import AgentLine

SAID: Final = {
    ListenMode.LISTEN: "Your team lead listens to this call.",
    ListenMode.WHISPER: "Your team lead is on this call; only you hear them.",
    ListenMode.BARGE: "Your team lead has joined this call.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAsked:
    """Put the phone of `listener` on the call of `agent`."""

    agent: str
    listener: str
    mode: ListenMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenRefused:
    """Why nobody is put on the call: a stable code and a sentence."""

    code: str
    sentence: str


NO_CALL: Final = ListenRefused(
    code="listen.no-call", sentence=Sentence("This agent has no call to listen to.")
)
NOT_HEARD: Final = ListenRefused(
    code="listen.phone-unknown",
    sentence=Sentence(
        "This agent's phone cannot be told apart on the PBX, so their calls cannot be listened to."
    ),
)
NO_PHONE: Final = ListenRefused(
    code="listen.no-phone",
    sentence=Sentence(
        "There is no phone to ring: your user must be an agent with a phone or headset; see Users."
    ),
)
OWN_CALL: Final = ListenRefused(code="listen.own-call", sentence=Sentence("This is your own call."))


def ask_to_listen(
    database: Database,
    lines: Iterable[AgentLine],
    asked: ListenAsked,
    now: datetime,
    actor: str,
    *,
    tell: bool,
) -> ListenRefused | None:
    """Have the engine ring the listener's phone; `tell`: the agent's page says so. None: it will.

    Raises LookupError for an agent nobody knows.
    """
    by_id = {line.id: line for line in lines}
    heard, listener = by_id.get(asked.agent), by_id.get(asked.listener)
    if listener is None or not (listener.phone or listener.headset):
        return NO_PHONE
    if asked.listener == asked.agent:
        return OWN_CALL
    if heard is None or not may_be_heard(heard):
        return NOT_HEARD
    with database.write() as tx:
        row = agents.find(tx, asked.agent)
        if row is None:
            raise LookupError(asked.agent)
        if row.state is not AgentState.TALKING:
            return NO_CALL
        agents.set_listening(tx, asked.agent, asked.mode.value, asked.listener)
        if tell:
            agents.tell(tx, asked.agent, SAID[asked.mode])
        details = {"phone of": asked.listener, "call": row.attempt_id or row.caller or "", "told": tell}
        audit.add(tx, now, actor, f"agent.{asked.mode.value}", asked.agent, details)
    return None
