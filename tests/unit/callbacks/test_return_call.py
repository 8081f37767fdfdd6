"""Who is called back hears who calls and nothing private, and meets an agent only by the key for one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Prompt, Say, SayNumber, Silence
from callbacks.return_call import (
    RETURN_CALL,
    AnswerWritten,
    ReturnAnswer,
    ReturnEffect,
    ReturnInput,
    ReturnQuestion,
    ReturnState,
    WriteAnswer,
    follow_answer,
    open_question,
)
from telephony.state_machine import IllegalTransition

LATER = timedelta(minutes=30)


def converse(*inputs: ReturnInput) -> tuple[ReturnQuestion, list[tuple[ReturnEffect, ...]]]:
    step = open_question(LATER)
    heard = [step.effects]
    for each in inputs:
        step = follow_answer(step.question, each)
        heard.append(step.effects)
    return step.question, heard


def test_the_first_words_say_who_calls_and_ask_for_a_key_in_one_sound() -> None:
    _, heard = converse()

    (ask,) = heard[0]
    assert isinstance(ask, Ask)
    assert (ask.prompt, ask.most) == (Prompt.RETURN_CALL, 1)


def test_one_leads_to_the_agent_at_once_and_nothing_more_is_said() -> None:
    question, heard = converse(Pressed("1"))

    assert question.state is ReturnState.AGREED
    assert heard[-1] == ()


@pytest.mark.parametrize(
    ("key", "answer", "said"),
    [
        ("2", ReturnAnswer.LATER, [Say(Prompt.LATER), SayNumber(30), Say(Prompt.MINUTES)]),
        ("3", ReturnAnswer.CANCEL, [Say(Prompt.NO_LONGER)]),
        ("9", ReturnAnswer.NOT_ASKED, [Say(Prompt.NEVER_AGAIN)]),
    ],
)
def test_another_key_is_written_before_it_is_confirmed(
    key: str, answer: ReturnAnswer, said: list[ReturnEffect]
) -> None:
    question, heard = converse(Pressed(key), AnswerWritten())

    assert heard[1] == (WriteAnswer(answer),), "first the database"
    assert list(heard[2]) == [*said, Say(Prompt.GOODBYE)]
    assert question.state is ReturnState.DECLINED


def test_what_could_not_be_written_is_not_confirmed() -> None:
    question, heard = converse(Pressed("9"), CommitFailed())

    assert question.state is ReturnState.NO_KEY
    assert heard[-1] == (Say(Prompt.NOT_NOTED), Say(Prompt.GOODBYE))


@pytest.mark.parametrize("slip", [Silence(), Pressed("5"), Pressed("")])
def test_silence_or_a_wrong_key_is_asked_about_once_more_and_then_the_call_ends(slip: ReturnInput) -> None:
    once, heard = converse(slip)
    twice, _ = converse(slip, slip)
    saved, _ = converse(slip, Pressed("1"))

    assert [effect.prompt for effect in heard[-1] if isinstance(effect, Ask)] == [Prompt.RETURN_KEYS]
    assert (once.ended, twice.state, saved.state) == (False, ReturnState.NO_KEY, ReturnState.AGREED)


def test_whoever_hangs_up_without_a_key_wants_no_agent() -> None:
    assert converse(LineGone())[0].state is ReturnState.NO_KEY
    assert converse(Silence(), LineGone())[0].state is ReturnState.NO_KEY


INPUTS = st.one_of(
    st.sampled_from("0123456789*#").map(Pressed), st.just(Silence()), st.just(LineGone()),
    st.just(AnswerWritten()), st.just(CommitFailed()),
)  # fmt: skip


@given(st.lists(INPUTS, max_size=6))
def test_only_the_key_for_one_leads_to_an_agent_and_only_a_written_wish_is_confirmed(
    inputs: list[ReturnInput],
) -> None:
    step = open_question(LATER)
    taken: list[ReturnInput] = []
    for each in inputs:
        try:
            step = follow_answer(step.question, each)
        except IllegalTransition:
            continue
        taken.append(each)
        confirms = any(
            isinstance(effect, Say) and effect.prompt in {Prompt.LATER, Prompt.NO_LONGER, Prompt.NEVER_AGAIN}
            for effect in step.effects
        )
        assert not confirms or each == AnswerWritten()
    if step.question.state is ReturnState.AGREED:
        assert taken[-1] == Pressed("1")


def test_the_table_has_no_cycle() -> None:
    """So the question ends, whoever is on the line."""
    steps = {(before, after) for (before, _), after in RETURN_CALL.table.items()}
    left = set(ReturnState) - RETURN_CALL.ends
    for _ in ReturnState:
        left = {before for before, after in steps if before in left and after in left}

    assert left == set()
