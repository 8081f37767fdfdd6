"""The person in an agent's call, the agent's own day, and why people call, as JSON."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel

from dialer.services.agents import agents
from dialer.services.agents.call_again import JudgedTime, judged_times
from dialer.services.agents.my_day import MyDay, my_day, read_note, write_note
from dialer.services.agents.person_history import (
    PersonHistory,
    history_of_call,
    remember_person,
    set_contact_reason,
    show_number,
)
from dialer.services.analytics.contact_reasons import ReasonReported, report_reasons
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import not_found, passed
from dialer.web.person_inputs import CallInput, CoachNoteInput, ReadNoteInput, ReasonInput, RememberInput
from dialer.web.routers import api_router
from dialer.web.schemas import AgentId, ChannelId

router = api_router(tag="agents")

ACTOR = "api"
OfCall = Annotated[ChannelId, Query(description="an attempt, or a live caller's channel")]


class PersonAnswer(BaseModel):
    """What was done about the person, or the agent."""

    agent: str
    done: str


class WholeNumber(BaseModel):
    """A number as it can be dialled; empty where it was withheld."""

    number: str


@router.get("/agents/{agent}/history")
def show_history(
    agent: Annotated[AgentId, Path()], call: OfCall, deps: AtFront, *, rang_in: bool = False
) -> PersonHistory:
    """Promises, agreed calls and the line to remember of whoever this call is with."""
    found = history_of_call(deps.database, call, agent, rang_in=rang_in)
    if found is None:
        raise not_found("call")
    return found


@router.get("/agents/{agent}/times")
def show_times(
    agent: Annotated[AgentId, Path()], call: OfCall, deps: AtFront, *, rang_in: bool = False
) -> tuple[JudgedTime, ...]:
    """The usual times to call again, each judged by the compliance check."""
    return judged_times(deps.database, agent, call, deps.now(), rang_in=rang_in)


@router.post("/agents/{agent}/remember")
def remember(agent: Annotated[AgentId, Path()], form: RememberInput, deps: AtFront) -> PersonAnswer:
    """Keep a line about the customer of a call of the agent's, in place of the one before."""
    call, rang_in = form.call()
    passed(remember_person(deps.database, agent, call, form.words, deps.now(), rang_in=rang_in))
    return PersonAnswer(agent=agent, done="remembered")


@router.post("/agents/{agent}/reason")
def say_reason(agent: Annotated[AgentId, Path()], form: ReasonInput, deps: AtFront) -> PersonAnswer:
    """Say why a call of the agent's came about; another reason replaces it."""
    call, rang_in = form.call()
    passed(set_contact_reason(deps.database, agent, call, form.reason, deps.now(), rang_in=rang_in))
    return PersonAnswer(agent=agent, done=form.reason.value)


@router.post("/agents/{agent}/number")
def show_whole_number(agent: Annotated[AgentId, Path()], form: CallInput, deps: AtFront) -> WholeNumber:
    """The whole number of the person in a call of the agent's; audited."""
    call, rang_in = form.call()
    return WholeNumber(number=passed(show_number(deps.database, agent, call, deps.now(), rang_in=rang_in)))


@router.get("/agents/{agent}/day")
def show_day(agent: Annotated[AgentId, Path()], deps: AtFront) -> MyDay:
    """The agent's own day against their own past, calls agreed on, and the coach's notes."""
    if agents.agent_card(deps.database, agent) is None:
        raise not_found("agent")
    return my_day(deps.database, agent, deps.now())


@router.post("/agents/{agent}/note-read")
def mark_read(agent: Annotated[AgentId, Path()], form: ReadNoteInput, deps: AtFront) -> PersonAnswer:
    """The agent has read a note of the coach's."""
    if not read_note(deps.database, agent, form.note, deps.now()):
        raise not_found("note")
    return PersonAnswer(agent=agent, done="read")


@router.post("/agents/{agent}/note")
def write(
    agent: Annotated[AgentId, Path()], form: CoachNoteInput, deps: AtFront, visitor: Asking
) -> PersonAnswer:
    """A supervisor writes to an agent about their work; audited."""
    if not write_note(deps.database, agent, form.words, visitor.actor(ACTOR), deps.now()):
        raise not_found("agent")
    return PersonAnswer(agent=agent, done="written")


@router.get("/reasons")
def show_reasons(deps: AtFront) -> tuple[ReasonReported, ...]:
    """Why customers and the centre talked in the last thirty days, as agents said; null: not said."""
    return report_reasons(deps.database, deps.now())
