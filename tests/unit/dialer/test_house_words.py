"""The house's own words: on buttons in its order, each with one key, and read back by their label."""

from dialer.core.calling.disposition import CONSEQUENCES, LIVE_WORDS, Disposition
from dialer.core.organisation.entries import DispositionWord
from dialer.core.organisation.house_words import (
    KEYS,
    USUAL_WORDS,
    counted_words,
    label_of,
    word_buttons,
    word_named,
)

DISCOUNT = DispositionWord(id="discount", label="Stays, with the discount", meaning=Disposition.SAVED)
FORMER = DispositionWord(id="former", label="Stayed somehow", meaning=Disposition.SAVED, used=False)
WORDS = (DISCOUNT, FORMER, *USUAL_WORDS)


def test_buttons_are_the_words_in_use_in_the_houses_order_with_a_digit_each() -> None:
    buttons = word_buttons(WORDS)

    assert ["Stays, with the discount", "Saved"] == [button.label for button in buttons[:2]]
    assert list(KEYS) == [button.key for button in buttons]
    assert FORMER.id not in {button.id for button in buttons}


def test_a_word_after_the_tenth_is_pressed_by_hand() -> None:
    more = tuple(DISCOUNT.model_copy(update={"id": f"more-{number}"}) for number in range(3))

    assert ["", "", ""] == [button.key for button in word_buttons((*WORDS, *more))[len(KEYS) :]]


def test_a_key_means_the_same_word_for_a_caller_who_rang_in() -> None:
    keys = {button.id: button.key for button in word_buttons(WORDS)}

    of_callers = word_buttons(WORDS, LIVE_WORDS)

    assert all(keys[button.id] == button.key for button in of_callers)
    assert {Disposition.WRONG_NUMBER, Disposition.NOT_ASKED}.isdisjoint(
        button.meaning for button in of_callers
    )


def test_what_shuts_a_customer_out_is_heavy_whatever_the_house_calls_it() -> None:
    own = DispositionWord(id="leave-me", label="Leave me alone", meaning=Disposition.OPT_OUT)

    assert [True] == [button.heavy for button in word_buttons((own,))]


def test_a_word_is_found_by_its_id_and_by_its_meaning_while_it_is_in_use() -> None:
    assert word_named(WORDS, "discount") is DISCOUNT
    assert word_named((DISCOUNT, FORMER), "saved") is DISCOUNT
    assert word_named(WORDS, "former") is None
    assert word_named(WORDS, "nothing") is None


def test_a_word_out_of_use_still_names_the_calls_of_before() -> None:
    assert "Stayed somehow" == label_of(WORDS, Disposition.SAVED, "former")
    assert "Saved" == label_of(WORDS, Disposition.SAVED, "gone")
    assert "cut off" == label_of((DISCOUNT,), Disposition.CUT_OFF)


def test_counts_stand_in_the_houses_order() -> None:
    said = [(Disposition.LOST, "lost", 2), (Disposition.SAVED, "", 1), (Disposition.SAVED, "saved", 3)]

    assert (("Saved", 4), ("Lost", 2)) == counted_words(WORDS, said)


def test_every_meaning_has_a_usual_word_with_a_key_of_its_own() -> None:
    buttons = word_buttons(USUAL_WORDS)

    assert set(CONSEQUENCES) == {button.meaning for button in buttons}
    assert len(buttons) == len({button.key for button in buttons} - {""})
