"""Every state machine of the centre: closed ends, no dead state, nothing changed by an illegal step."""

from collections import deque
from typing import Any

import pytest

from callbacks.lifecycle import PROMISE
from callbacks.spoken_code import CODE_CALL
from dialer.core.agents.state import AGENT
from dialer.core.calling.attempt import ATTEMPT
from dialer.core.calling.campaign import CAMPAIGN, LEAD, LeadState
from dialer.core.importing.received_file import RECEIVED_FILE
from dialer.core.outbox.message import MESSAGE
from dialer.core.retention.given_offer import GIVEN_OFFER
from telephony.state_machine import IllegalTransition, StateMachine

MACHINES = [ATTEMPT, PROMISE, CAMPAIGN, LEAD, AGENT, RECEIVED_FILE, MESSAGE, CODE_CALL, GIVEN_OFFER]
#: a held-out lead is written as such when the list is made; no event leads there
BORN = {"lead": {LeadState.HELD_OUT}}

each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def states_of(machine: StateMachine[Any, Any]) -> type[Any]:
    return type(machine.start)


def events_of(machine: StateMachine[Any, Any]) -> type[Any]:
    return type(next(iter(machine.table))[1])


@each_machine
def test_every_state_can_be_reached_from_the_start(machine: StateMachine[Any, Any]) -> None:
    reached, ahead = {machine.start}, deque([machine.start])
    while ahead:
        state = ahead.popleft()
        for (before, _event), after in machine.table.items():
            if before is state and after not in reached:
                reached.add(after)
                ahead.append(after)

    assert set(states_of(machine)) - BORN.get(machine.name, set()) == reached


@each_machine
def test_an_end_is_never_left_and_everything_else_can_be(machine: StateMachine[Any, Any]) -> None:
    left = {before for before, _event in machine.table}

    assert set() == left & machine.ends
    assert set(states_of(machine)) - machine.ends == left


@each_machine
def test_every_event_happens_somewhere(machine: StateMachine[Any, Any]) -> None:
    assert set(events_of(machine)) == {event for _state, event in machine.table}


@each_machine
def test_an_illegal_pair_says_so_by_name(machine: StateMachine[Any, Any]) -> None:
    for state in states_of(machine):
        for event in events_of(machine):
            if machine.allows(state, event):
                assert machine.table[state, event] is machine.after(state, event)
                continue
            with pytest.raises(IllegalTransition) as raised:
                machine.after(state, event)
            assert (machine.name, state, event) == (
                raised.value.machine, raised.value.state, raised.value.event,
            )  # fmt: skip


def test_from_every_open_state_of_a_promise_some_end_can_be_reached() -> None:
    alive = set(PROMISE.ends)
    while True:
        more = {before for (before, _), after in PROMISE.table.items() if after in alive} - alive
        if not more:
            break
        alive |= more

    assert set(states_of(PROMISE)) == alive
