"""The call that speaks a code, as a table: heard by who wants it, and by nobody else."""

import pytest

from callbacks.ivr_dialogue import Ask, CommitFailed, LineGone, Pressed, Prompt, Say, SayDigits, Silence
from callbacks.spoken_code import (
    CodeInput,
    CodeState,
    NoteHeard,
    NoteRefused,
    Written,
    follow_code_call,
    open_code_call,
)

CODE = "493027"
HEAR, REFUSE, OTHER = Pressed("1"), Pressed("9"), Pressed("5")
S = CodeState


def said(*inputs: CodeInput) -> tuple[CodeState, list[object]]:
    """Where the call stands after these, and everything that was done on the way."""
    step = open_code_call()
    effects = [*step.effects]
    for heard in inputs:
        step = follow_code_call(step.state, heard, CODE)
        effects += step.effects
    return step.state, effects


@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        ((HEAR, Written()), S.SPOKEN),
        ((Silence(), HEAR, Written()), S.SPOKEN),
        ((OTHER, HEAR, Written()), S.SPOKEN),
        ((HEAR, CommitFailed()), S.UNHEARD),
        ((REFUSE, Written()), S.REFUSED),
        ((Silence(), REFUSE, Written()), S.REFUSED),
        ((REFUSE, CommitFailed()), S.UNHEARD),
        ((Silence(), Silence()), S.UNHEARD),  # a machine
        ((OTHER, OTHER), S.UNHEARD),
        ((LineGone(),), S.UNHEARD),
        ((Silence(), LineGone()), S.UNHEARD),
    ],
)
def test_the_code_is_said_after_the_key_and_its_note_and_in_no_other_case(
    inputs: tuple[CodeInput, ...], end: CodeState
) -> None:
    state, effects = said(*inputs)

    assert end is state
    assert (SayDigits(CODE) in effects) is (end is S.SPOKEN)


def test_what_is_asked_for_is_written_before_it_is_said() -> None:
    spoken, refused = said(HEAR, Written())[1], said(REFUSE, Written())[1]

    assert spoken.index(NoteHeard()) < spoken.index(SayDigits(CODE))
    assert 2 == spoken.count(SayDigits(CODE))
    assert refused.index(NoteRefused()) < refused.index(Say(Prompt.NEVER_AGAIN))


def test_nothing_private_is_said_before_the_key() -> None:
    (asked,) = open_code_call().effects

    assert isinstance(asked, Ask)
    assert (Prompt.CODE_CALL, 1) == (asked.prompt, asked.most)
