"""Who rings in while a call is promised to them hears so, and keeps it, changes it or cancels it by key."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.ivr_dialogue import (
    CallerInput,
    CancelOpen,
    CommitRefused,
    Committed,
    Dialogue,
    DialogueEffect,
    DialogueStep,
    FindTimes,
    MoveOpen,
    TimesFound,
    Withdrawn,
    answer,
    start,
    start_booked,
)
from callbacks.ivr_table import DialogueState
from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Prompt, Say, Silence
from callbacks.limits import CallbackLimits, read_typed
from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from callbacks.spoken_times import SpokenTime
from telephony.numbers import E164

LONDON = E164.parse("+442079460123")
OFFER = Offer(queue_position=7, window=None)
STANDS = CommitRefused(Rule.PROMISE_ALREADY_OPEN)
MADE = Committed(queue_position=7, reference="418")
NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
MONDAY_AT_NINE = SpokenTime(
    slot=Slot(start=NINE, end=NINE + timedelta(hours=1), quarter=NINE, room=1),
    day=Prompt.MONDAY,
    from_hour=9,
    to_hour=10,
)
FREE = TimesFound((MONDAY_AT_NINE,))


def read(digits: str) -> E164 | Refusal:
    return read_typed(digits, "GB", CallbackLimits())


def converse(
    shown: E164 | None, *inputs: CallerInput, choose_time: bool = False
) -> tuple[Dialogue, list[tuple[DialogueEffect, ...]]]:
    step = start(shown, "GB", OFFER, choose_time=choose_time)
    heard = [step.effects]
    for each in inputs:
        step = answer(step.dialogue, each, read)
        heard.append(step.effects)
    return step.dialogue, heard


def said(effects: tuple[DialogueEffect, ...]) -> list[DialogueEffect]:
    """All that is said and done, in order."""
    return [part for each in effects for part in (*getattr(each, "before", ()), each)]


def prompts(effects: tuple[DialogueEffect, ...]) -> list[Prompt]:
    return [each.prompt for each in said(effects) if isinstance(each, Say | Ask)]


def test_a_promise_already_open_is_said_and_stands() -> None:
    stays, heard = converse(LONDON, Pressed("1"), STANDS, Silence())
    leaves, _ = converse(LONDON, Pressed("1"), STANDS, LineGone())

    assert stays.state is DialogueState.BACK_IN_QUEUE, "who stays is served, who hangs up is called"
    assert leaves.state is DialogueState.GONE
    assert prompts(heard[-2]) == [Prompt.ALREADY_OPEN, Prompt.TO_CANCEL]
    assert prompts(heard[-1]) == [Prompt.PLACE_KEPT]


def test_who_rings_in_cancels_the_promise_that_stands_by_key() -> None:
    asked, heard = converse(LONDON, Pressed("1"), STANDS, Pressed("3"))
    done, told = converse(LONDON, Pressed("1"), STANDS, Pressed("3"), Withdrawn(done=True))
    late, said = converse(LONDON, Pressed("1"), STANDS, Pressed("3"), Withdrawn(done=False))

    assert (asked.ended, heard[-1]) == (False, (CancelOpen(LONDON),))
    assert done.state is late.state is DialogueState.BACK_IN_QUEUE, "they are on the line all the same"
    assert prompts(told[-1]) == [Prompt.NO_LONGER, Prompt.PLACE_KEPT]
    assert prompts(said[-1]) == [Prompt.ALREADY_OPEN]


def test_a_promise_to_a_number_that_was_typed_is_nobodys_to_cancel_by_key() -> None:
    typed = Pressed("2"), Pressed("02079460124"), Pressed("1"), STANDS
    dialogue, heard = converse(LONDON, *typed)
    hidden, _ = converse(None, *typed[1:])

    assert dialogue.state is hidden.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == [Prompt.ALREADY_OPEN]


@pytest.mark.parametrize(
    ("answered", "state", "said"),
    [
        (MADE, DialogueState.PROMISED, Prompt.AT_TIME),
        (CommitRefused(Rule.SLOT_TAKEN), DialogueState.BACK_IN_QUEUE, Prompt.TIME_TAKEN),
        (CommitRefused(Rule.PROMISE_NOT_OPEN), DialogueState.BACK_IN_QUEUE, Prompt.NOT_NOTED),
        (CommitFailed(), DialogueState.BACK_IN_QUEUE, Prompt.NOT_NOTED),
    ],
)
def test_who_rings_in_moves_the_promise_that_stands_where_a_time_can_be_chosen(
    answered: CallerInput, state: DialogueState, said: Prompt
) -> None:
    keys = Pressed("1"), Pressed("1"), STANDS, Pressed("2"), FREE, Pressed("1")
    _, heard = converse(LONDON, *keys, choose_time=True)
    dialogue, told = converse(LONDON, *keys, answered, choose_time=True)

    assert prompts(heard[3]) == [Prompt.ALREADY_OPEN, Prompt.TO_CHANGE_OR_CANCEL]
    assert heard[4] == (FindTimes(LONDON),)
    assert heard[6] == (MoveOpen(LONDON, MONDAY_AT_NINE.slot),)
    assert dialogue.state is state
    assert said in prompts(told[-1])


def test_where_no_other_time_is_free_the_promise_stands_as_it_is() -> None:
    dialogue, heard = converse(
        LONDON, Pressed("1"), Pressed("1"), STANDS, Pressed("2"), TimesFound(()), choose_time=True
    )

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == [Prompt.NO_TIMES, Prompt.PLACE_KEPT]


def test_who_is_booked_by_default_and_has_a_promise_hears_so_too() -> None:
    step = answer(start_booked(LONDON, "GB", OFFER).dialogue, STANDS, read)

    assert step.dialogue.state is DialogueState.STANDING
    assert prompts(step.effects) == [Prompt.ALREADY_OPEN, Prompt.TO_CANCEL]


@pytest.mark.parametrize(
    ("begun", "heard"), [(start, (Pressed("1"), Pressed("1"), STANDS)), (start_booked, (STANDS,))]
)
def test_where_a_number_shown_is_no_proof_the_call_is_neither_moved_nor_cancelled_by_key(
    begun: Callable[..., DialogueStep], heard: tuple[CallerInput, ...]
) -> None:
    step = begun(LONDON, "GB", OFFER, choose_time=True, change_by_key=False)
    for each in heard:
        step = answer(step.dialogue, each, read)

    assert step.dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(step.effects)[0] is Prompt.ALREADY_OPEN
    assert not {Prompt.TO_CANCEL, Prompt.TO_CHANGE_OR_CANCEL} & set(prompts(step.effects))
