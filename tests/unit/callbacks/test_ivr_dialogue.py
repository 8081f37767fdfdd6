"""The caller hears "we will call you" only after the promise is in the database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.ivr_dialogue import (
    LONGEST,
    WHY_NOT,
    CallerInput,
    Commit,
    CommitRefused,
    Committed,
    Dialogue,
    DialogueEffect,
    FindTimes,
    RecordReason,
    TimesFound,
    Withdraw,
    Withdrawn,
    answer,
    start,
    start_booked,
    tell_wait,
)
from callbacks.ivr_table import DIALOGUE, DialogueState
from callbacks.ivr_words import (
    Ask,
    CommitFailed,
    LineGone,
    Pressed,
    Prompt,
    Say,
    SayDigits,
    SayNumber,
    Silence,
)
from callbacks.limits import CallbackLimits, read_typed
from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from callbacks.spoken_times import SpokenTime
from callbacks.wait_estimate import WaitWindow
from telephony.numbers import E164
from telephony.state_machine import IllegalTransition

LONDON = E164.parse("+442079460123")
FOUR = datetime(2026, 11, 27, 16, tzinfo=UTC)
NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
MADE = Committed(queue_position=7, reference="418")
STANDS = CommitRefused(Rule.PROMISE_ALREADY_OPEN)
WINDOW = WaitWindow(from_min=20, to_min=30)
OFFER = Offer(queue_position=7, window=WINDOW)
SILENT = Offer(queue_position=7, window=None)
NEARLY = Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=5), nearly=True)


def read(digits: str) -> E164 | Refusal:
    return read_typed(digits, "GB", CallbackLimits())


def converse(
    shown: E164 | None, *inputs: CallerInput, decided: Offer | Refusal | None = SILENT
) -> tuple[Dialogue, list[tuple[DialogueEffect, ...]]]:
    step = start(shown, "GB", decided)
    heard = [step.effects]
    for each in inputs:
        step = answer(step.dialogue, each, read)
        heard.append(step.effects)
    return step.dialogue, heard


def test_on_the_way_in_the_wait_is_said_and_then_the_key() -> None:
    assert tell_wait(OFFER) == (
        Say(Prompt.WAIT_BETWEEN), SayNumber(20), Say(Prompt.AND), SayNumber(30), Say(Prompt.MINUTES),
        Say(Prompt.PRESS_WHILE_WAITING),
    )  # fmt: skip


def said(effects: tuple[DialogueEffect, ...]) -> list[DialogueEffect]:
    """All that is said and done, in order."""
    return [part for each in effects for part in (*getattr(each, "before", ()), each)]


def prompts(effects: tuple[DialogueEffect, ...]) -> list[Prompt]:
    return [each.prompt for each in said(effects) if isinstance(each, Say | Ask)]


def test_the_shown_number_is_read_back_as_it_is_dialled_at_home() -> None:
    _, (first, *_) = converse(LONDON)

    assert prompts(first) == [Prompt.WE_CALL_ON, Prompt.RIGHT_OR_OTHER]
    assert SayDigits("02079460123") in said(first)


def test_a_key_is_a_yes_while_the_number_is_read_and_not_before() -> None:
    """Whoever presses 1 twice to leave the queue has not heard a number yet."""
    _, (first, *_) = converse(LONDON, decided=OFFER)

    *unheard, ask = first
    assert isinstance(ask, Ask)
    assert ask.before == (SayDigits("02079460123"),)
    assert Say(Prompt.WE_CALL_ON) in unheard


def test_a_foreign_number_is_read_back_with_its_country_code() -> None:
    _, (first, *_) = converse(E164.parse("+4930231251234"))

    assert SayDigits("004930231251234") in said(first)


def test_one_key_and_one_commit_make_a_promise() -> None:
    dialogue, heard = converse(LONDON, Pressed("1"), MADE, decided=OFFER)

    assert dialogue.promised
    assert (Commit(LONDON, WINDOW),) == heard[1]
    assert {SayNumber(7), SayNumber(20), SayNumber(30), SayDigits("418")} <= set(heard[2])
    assert prompts(heard[2])[0] is Prompt.PROMISED


def test_the_wait_is_said_before_the_caller_decides() -> None:
    _, (first, *_) = converse(LONDON, decided=OFFER)
    _, (hidden, *_) = converse(None, decided=OFFER)
    said = (
        Say(Prompt.WAIT_BETWEEN), SayNumber(20), Say(Prompt.AND), SayNumber(30), Say(Prompt.MINUTES),
    )  # fmt: skip

    assert first[:5] == hidden[:5] == said


def test_a_window_that_begins_now_is_said_by_its_end_alone() -> None:
    soon = Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=10))
    _, heard = converse(LONDON, Pressed("1"), MADE, decided=soon)

    assert heard[0][:3] == (Say(Prompt.WAIT_LESS), SayNumber(10), Say(Prompt.MINUTES))
    assert Prompt.WITHIN in prompts(heard[2])
    assert SayNumber(0) not in (*heard[0], *heard[2])


def test_whose_turn_is_near_hears_so_and_stays_by_doing_nothing() -> None:
    dialogue, heard = converse(LONDON, Silence(), decided=NEARLY)

    assert prompts(heard[0]) == [Prompt.NEARLY, Prompt.WAIT_LESS, Prompt.MINUTES, Prompt.STAY_OR_CALL]
    assert SayNumber(5) in said(heard[0])
    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[1]) == [Prompt.PLACE_KEPT]


def test_whose_turn_is_near_may_be_called_back_all_the_same() -> None:
    shown, heard = converse(LONDON, Pressed("1"), Pressed("1"), MADE, decided=NEARLY)
    hidden, asked = converse(None, Pressed("1"), decided=NEARLY)

    assert shown.promised
    assert prompts(heard[1]) == [Prompt.WE_CALL_ON, Prompt.RIGHT_OR_OTHER]
    assert hidden.state is DialogueState.ENTER
    assert prompts(asked[1]) == [Prompt.TYPE_NUMBER]


@pytest.mark.parametrize("rule", sorted(WHY_NOT))
def test_a_refusal_is_one_sentence_and_the_caller_is_back_in_the_queue(rule: Rule) -> None:
    dialogue, heard = converse(LONDON, decided=Refusal(rule=rule))

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[0]) == [WHY_NOT[rule], Prompt.PLACE_KEPT]


def test_where_nothing_can_be_decided_nothing_is_promised() -> None:
    dialogue, heard = converse(LONDON, decided=None)

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[0]) == [Prompt.NOT_BOOKED, Prompt.PLACE_KEPT]


def test_a_reference_with_letters_is_not_said() -> None:
    _, heard = converse(LONDON, Pressed("1"), Committed(queue_position=1, reference="K7F"))

    assert Prompt.REFERENCE not in prompts(heard[2])
    assert Prompt.BETWEEN not in prompts(heard[2])


def test_a_failed_commit_sends_the_caller_back_with_an_apology() -> None:
    dialogue, heard = converse(LONDON, Pressed("1"), CommitFailed())

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == [Prompt.NOT_BOOKED, Prompt.PLACE_KEPT]


def test_any_other_rule_against_it_sends_the_caller_back() -> None:
    dialogue, heard = converse(LONDON, Pressed("1"), CommitRefused(Rule.PROMISE_TOO_MANY))

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == [Prompt.NUMBER_NOT_CALLED, Prompt.PLACE_KEPT]


def test_a_number_that_would_be_called_in_the_night_is_told_so_and_the_place_is_kept() -> None:
    _, heard = converse(LONDON, Pressed("1"), CommitRefused(Rule.HOURS_NIGHT))

    assert prompts(heard[-1]) == [Prompt.NIGHT, Prompt.PLACE_KEPT]


def test_two_silences_send_the_caller_back() -> None:
    dialogue, heard = converse(LONDON, Silence(), Pressed("5"))

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == [Prompt.PLACE_KEPT]


def test_another_number_is_typed_read_back_and_promised() -> None:
    dialogue, heard = converse(LONDON, Pressed("2"), Pressed("01134960123"), Pressed("1"), MADE)

    assert SayDigits("01134960123") in said(heard[2])
    assert (Commit(E164.parse("+441134960123")),) == heard[3]
    assert dialogue.promised


def test_a_hidden_number_is_asked_for() -> None:
    _, (first, *_) = converse(None)

    assert prompts(first) == [Prompt.TYPE_NUMBER]


def test_a_number_that_is_not_called_may_be_replaced_once() -> None:
    once, heard = converse(None, Pressed("09098790123"))
    twice, _ = converse(None, Pressed("09098790123"), Pressed("999"))

    assert once.state is DialogueState.ENTER_AGAIN
    assert prompts(heard[-1]) == [Prompt.NUMBER_NOT_CALLED, Prompt.TYPE_NUMBER]
    assert twice.state is DialogueState.BACK_IN_QUEUE


def test_a_caller_who_said_yes_and_hung_up_is_promised_all_the_same() -> None:
    dialogue, heard = converse(LONDON, Pressed("1"), LineGone(), MADE)

    assert dialogue.promised
    assert heard[2:] == [(), ()]


def test_a_caller_who_hung_up_before_saying_yes_is_promised_nothing() -> None:
    dialogue, _ = converse(LONDON, LineGone())

    assert dialogue.state is DialogueState.GONE


def test_a_commit_nobody_asked_for_is_an_error_and_changes_nothing() -> None:
    step = start(LONDON, "GB", SILENT)

    with pytest.raises(IllegalTransition):
        answer(step.dialogue, MADE, read)
    assert step.dialogue.state is DialogueState.READ_BACK


def test_every_state_but_the_ends_leads_somewhere_and_no_end_does() -> None:
    leaving = {state for state, _ in DIALOGUE.table}

    assert set(DialogueState) - DIALOGUE.ends == leaving


def test_no_conversation_can_go_round_in_circles() -> None:
    def longest(state: DialogueState, way: tuple[DialogueState, ...]) -> int:
        assert state not in way, f"{way} leads back to {state}"
        following = {after for (before, _), after in DIALOGUE.table.items() if before is state}
        return max((1 + longest(after, (*way, state)) for after in following), default=0)

    assert max(longest(start, ()) for start in (DialogueState.NEARLY, DialogueState.BOOKING)) == LONGEST


TODAY_AT_FOUR = SpokenTime(
    slot=Slot(start=FOUR, end=FOUR + timedelta(hours=1), quarter=FOUR + timedelta(minutes=15), room=3),
    day=Prompt.TODAY,
    from_hour=16,
    to_hour=17,
)
MONDAY_AT_NINE = SpokenTime(
    slot=Slot(start=NINE, end=NINE + timedelta(hours=1), quarter=NINE, room=3),
    day=Prompt.MONDAY,
    from_hour=9,
    to_hour=10,
)
FREE = TimesFound((TODAY_AT_FOUR, MONDAY_AT_NINE))


def choosing(
    *inputs: CallerInput,
) -> tuple[Dialogue, list[tuple[DialogueEffect, ...]]]:
    """A conversation in a queue that lets its callers choose a time, from their number on."""
    step = start(LONDON, "GB", OFFER, choose_time=True)
    heard = [step.effects]
    for each in inputs:
        step = answer(step.dialogue, each, read)
        heard.append(step.effects)
    return step.dialogue, heard


def test_who_keeps_their_place_is_asked_nothing_further() -> None:
    dialogue, heard = choosing(Pressed("1"), Pressed("1"), MADE)

    assert prompts(heard[1]) == [Prompt.PLACE_OR_TIME]
    assert heard[2] == (Commit(LONDON, WINDOW),)
    assert dialogue.promised


def test_free_hours_are_read_out_with_their_keys_and_the_chosen_one_is_committed_before_it_is_said() -> None:
    dialogue, heard = choosing(Pressed("1"), Pressed("2"), FREE, Pressed("2"), MADE)
    (ask,) = heard[3]

    assert heard[2] == (FindTimes(LONDON),)
    assert isinstance(ask, Ask)
    assert ask.before == (
        Say(Prompt.TODAY), Say(Prompt.HOUR_FROM), SayNumber(16), Say(Prompt.HOUR_TO), SayNumber(17),
        Say(Prompt.HOUR_PRESS), SayNumber(1),
        Say(Prompt.MONDAY), Say(Prompt.HOUR_FROM), SayNumber(9), Say(Prompt.HOUR_TO), SayNumber(10),
        Say(Prompt.HOUR_PRESS), SayNumber(2),
    )  # fmt: skip
    assert heard[4] == (Commit(LONDON, None, MONDAY_AT_NINE.slot),)
    assert prompts(heard[5])[:4] == [Prompt.PROMISED, Prompt.AT_TIME, Prompt.MONDAY, Prompt.HOUR_FROM]
    assert Prompt.PLACE not in prompts(heard[5]), "a chosen time has no place in the queue"
    assert dialogue.promised


@pytest.mark.parametrize(
    "inputs",
    [
        (Pressed("1"), LineGone()),
        (Pressed("1"), Pressed("2"), FREE, LineGone()),
        (Pressed("1"), Pressed("2"), FREE, Silence(), LineGone()),
    ],
)
def test_who_hangs_up_after_saying_yes_to_the_number_is_called_in_turn(
    inputs: tuple[CallerInput, ...],
) -> None:
    _, heard = choosing(*inputs)
    dialogue, _ = choosing(*inputs, MADE)

    assert heard[-1] == (Commit(LONDON, WINDOW),)
    assert dialogue.promised


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ((Pressed("1"), Silence()), []),
        ((Pressed("1"), Pressed("2"), TimesFound(())), [Prompt.NO_TIMES]),
        ((Pressed("1"), Pressed("2"), FREE, Silence(), Pressed("7")), []),
        (
            (Pressed("1"), Pressed("2"), FREE, Pressed("1"), CommitRefused(Rule.SLOT_TAKEN)),
            [Prompt.TIME_TAKEN],
        ),
    ],
)
def test_who_gets_no_time_is_called_in_turn(inputs: tuple[CallerInput, ...], said: list[Prompt]) -> None:
    _, heard = choosing(*inputs)
    dialogue, confirmed = choosing(*inputs, MADE)

    assert prompts(heard[-1]) == said
    assert heard[-1][-1] == Commit(LONDON, WINDOW)
    assert dialogue.promised
    assert Prompt.PLACE in prompts(confirmed[-1])


def booked(*inputs: CallerInput) -> tuple[Dialogue, list[tuple[DialogueEffect, ...]]]:
    """A conversation in a queue where a call back is the default."""
    step = start_booked(LONDON, "GB", OFFER)
    heard = [step.effects]
    for each in inputs:
        step = answer(step.dialogue, each, read)
        heard.append(step.effects)
    return step.dialogue, heard


def test_a_call_by_default_is_committed_before_it_is_said_and_silence_agrees() -> None:
    dialogue, heard = booked(MADE, Silence())

    assert prompts(heard[0]) == [Prompt.WAIT_BETWEEN, Prompt.AND, Prompt.MINUTES]
    assert heard[0][-1] == Commit(LONDON, WINDOW)
    assert prompts(heard[1]) == [Prompt.BOOKED, Prompt.BOOKED_OR_STAY]
    assert prompts(heard[2]) == [Prompt.PLACE, Prompt.REFERENCE, Prompt.GOODBYE]
    assert dialogue.promised


def test_who_presses_two_stays_and_no_promise_is_left() -> None:
    asked, heard = booked(MADE, Pressed("2"))
    stays, told = booked(MADE, Pressed("2"), Withdrawn(done=True))
    held, kept = booked(MADE, Pressed("2"), Withdrawn(done=False))

    assert heard[-1] == (Withdraw(),)
    assert not asked.ended
    assert (stays.state, prompts(told[-1])) == (DialogueState.BACK_IN_QUEUE, [Prompt.PLACE_KEPT])
    assert (held.state, prompts(kept[-1])) == (DialogueState.BACK_IN_QUEUE, [Prompt.ALREADY_OPEN])


def test_who_hangs_up_before_it_is_said_is_promised_nothing_and_afterwards_a_call() -> None:
    before, _ = booked(LineGone())
    after, heard = booked(MADE, LineGone())

    assert before.state is DialogueState.GONE
    assert after.promised
    assert heard[-1] == ()


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (CommitFailed(), []),
        (CommitRefused(Rule.PROMISE_TOO_MANY), []),
    ],
)
def test_who_asked_for_nothing_hears_of_no_refusal_and_waits(
    refused: CallerInput, said: list[Prompt]
) -> None:
    dialogue, heard = booked(refused)

    assert dialogue.state is DialogueState.BACK_IN_QUEUE
    assert prompts(heard[-1]) == said


def test_a_reason_is_recorded_only_where_the_queue_says_so_and_only_after_the_promise() -> None:
    step = start(LONDON, "GB", OFFER, record_reason=True)
    step = answer(step.dialogue, Pressed("1"), read)
    step = answer(step.dialogue, MADE, read)
    _, heard = converse(LONDON, Pressed("1"), MADE, decided=OFFER)

    assert step.dialogue.promised
    assert step.effects[-3:] == (Say(Prompt.SAY_REASON), RecordReason(MADE.reference), Say(Prompt.GOODBYE))
    assert Prompt.SAY_REASON not in prompts(heard[-1])


callers = st.one_of(
    st.builds(Pressed, st.sampled_from(["1", "2", "3", "", "*", "02079460123", "09098790123", "999"])),
    st.just(Silence()),
    st.just(LineGone()),
)
#: what may be said only while a promise stands in the database
SAYS_PROMISED = {Prompt.PROMISED, Prompt.ALREADY_OPEN, Prompt.BOOKED}
books = st.one_of(
    st.just(MADE),
    st.just(CommitFailed()),
    st.builds(
        CommitRefused, st.sampled_from([Rule.PROMISE_ALREADY_OPEN, Rule.PROMISE_TOO_MANY, Rule.NUMBER_OWN])
    ),
)


decisions = st.sampled_from([OFFER, SILENT, NEARLY, Refusal(rule=Rule.OFFER_CLOSING), None])
taken = st.just(CommitRefused(Rule.SLOT_TAKEN))


def inputs_in(state: DialogueState) -> st.SearchStrategy[CallerInput]:
    """Whatever can happen in this state."""
    if state in {DialogueState.COMMITTING_UNHEARD, DialogueState.BOOKING}:
        return books
    if state is DialogueState.COMMITTING:
        return books | st.just(LineGone())
    if state is DialogueState.COMMITTING_TIME:
        return books | taken
    if state is DialogueState.MOVING:
        return taken | st.sampled_from([MADE, CommitFailed(), CommitRefused(Rule.PROMISE_NOT_OPEN)])
    if state in {DialogueState.FINDING_TIMES, DialogueState.FINDING_OTHER_TIMES}:
        return st.sampled_from([FREE, TimesFound(()), LineGone()])
    withdraws = state in {DialogueState.WITHDRAWING, DialogueState.CANCELLING}
    return st.builds(Withdrawn, done=st.booleans()) if withdraws else callers


@given(shown=st.sampled_from([None, LONDON]), decided=decisions, choose=st.booleans(), data=st.data())
def test_every_conversation_ends_and_promises_only_what_is_committed(
    shown: E164 | None, decided: Offer | Refusal | None, *, choose: bool, data: st.DataObject
) -> None:
    step, answers = start(shown, "GB", decided, choose_time=choose), 0
    made = stood = False  # a promise of this conversation, or one from before
    if shown is not None and decided is OFFER and data.draw(st.booleans()):
        step = start_booked(shown, "GB", decided, choose_time=choose)
    while not step.dialogue.ended:
        assert made or stood or not set(prompts(step.effects)) & SAYS_PROMISED
        heard = data.draw(inputs_in(step.dialogue.state))
        made = made or isinstance(heard, Committed)
        stood = stood or heard == STANDS
        if isinstance(heard, Withdrawn):
            made, stood = False, not heard.done
        step = answer(step.dialogue, heard, read)
        answers += 1

    assert answers <= LONGEST
    assert step.dialogue.promised >= made
    assert made or stood or not step.dialogue.promised
    assert made or stood or not set(prompts(step.effects)) & SAYS_PROMISED
    assert step.dialogue.state in DIALOGUE.ends
