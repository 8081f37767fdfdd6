"""Names of attempts and promises."""

import re
import secrets

import pytest

from dialer.core.calling.ids import attempt_id, promise_reference
from telephony.calls.attempt_id import ATTEMPT_ID, is_from, mark_of


def test_an_attempt_id_is_wb_and_26_lower_case_characters() -> None:
    for _ in range(100):
        assert re.fullmatch(r"wb-[a-z2-7]{26}", attempt_id(secrets.token_bytes(16)))


def test_different_bytes_make_different_ids() -> None:
    drawn = [index.to_bytes(16, "big") for index in range(2000)]

    assert 2000 == len({attempt_id(entropy) for entropy in drawn})


def test_the_same_bytes_make_the_same_id() -> None:
    assert "wb-aaaqeayeaudaocajbifqydiob4" == attempt_id(bytes(range(16)))


@pytest.mark.parametrize("length", [0, 15, 17])
def test_an_id_of_too_little_chance_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        attempt_id(bytes(length))


def test_a_reference_is_eight_digits() -> None:
    for _ in range(100):
        assert re.fullmatch(r"\d{8}", promise_reference(secrets.token_bytes(8)))
    with pytest.raises(ValueError, match="8 bytes"):
        promise_reference(b"")


def test_a_second_winback_on_a_pbx_knows_its_attempts_from_the_firsts():
    usual, other = attempt_id(bytes(16)), attempt_id(bytes(16), mark_of("north-2"))
    assert ATTEMPT_ID.fullmatch(other)
    assert is_from(usual, "winback")
    assert is_from(other, "north-2")
    assert not is_from(other, "winback")
    assert not is_from(usual, "north-2")
    assert not is_from(other, "south")
