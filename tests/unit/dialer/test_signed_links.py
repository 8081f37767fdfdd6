"""A link names one row, for one purpose and for a while; nobody can make up another."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.outbox.signed_links import LinkPurpose, is_code, proof_code, read_link, sign_link

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
KEY = b"a key of some length"


@given(row=st.integers(1, 2**31 - 1), purpose=st.sampled_from(LinkPurpose))
def test_a_link_gives_its_row_until_it_is_over(row: int, purpose: LinkPurpose) -> None:
    token = sign_link(purpose, row, LATER, KEY)

    assert read_link(purpose, token, KEY, NOW) == row
    assert read_link(purpose, token, KEY, LATER) is None
    assert read_link(purpose, token, b"another key", NOW) is None


@given(place=st.integers(0, 26), letter=st.sampled_from("ABCxyz019-_"))
def test_a_link_that_was_changed_anywhere_is_refused(place: int, letter: str) -> None:
    token = sign_link(LinkPurpose.PROMISE, 7, LATER, KEY)
    changed = token[:place] + letter + token[place + 1 :]

    # the last letter has two bits that mean nothing: another letter there is the same link
    assert read_link(LinkPurpose.PROMISE, changed, KEY, NOW) in ({7} if changed == token else {None, 7})
    if place < 26:
        assert read_link(LinkPurpose.PROMISE, changed, KEY, NOW) == (7 if changed == token else None)


@given(st.text(max_size=60))
def test_whatever_else_is_refused(token: str) -> None:
    assert read_link(LinkPurpose.PROMISE, token, KEY, NOW) is None


def test_what_was_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    token = sign_link(LinkPurpose.REQUEST, 7, LATER, KEY)

    assert read_link(LinkPurpose.PROMISE, token, KEY, NOW) is None


def test_a_code_is_of_one_request_and_one_number() -> None:
    code = proof_code(7, "+447700900123", KEY)

    assert is_code(code, 7, "+447700900123", KEY)
    assert len(code) == 6
    others = {proof_code(8, "+447700900123", KEY), proof_code(7, "+447700900124", KEY)}
    assert code not in others
    assert not is_code("", 7, "+447700900123", KEY)
    assert not is_code("\N{ARABIC-INDIC DIGIT ONE}" * 6, 7, "+447700900123", KEY)
