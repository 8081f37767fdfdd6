"""The dialplan's secret: from the manager's, never shown, and good for one channel."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.config.fastagi_secret import (
    channel_proof,
    fastagi_secret,
    hide_secrets,
    proof_expression,
    proves,
)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_proof_is_good_for_its_channel_and_secret_alone(manager: str, channel: str, other: str) -> None:
    secret = fastagi_secret(manager)
    proof = channel_proof(secret, channel)
    assert proves(proof, secret, channel)
    assert proves(proof, secret, other) == (channel == other)
    assert not proves(proof, fastagi_secret(manager + "x"), channel)
    assert not proves(proof + "0", secret, channel)


def test_the_dialplan_computes_what_the_engine_expects() -> None:
    secret = fastagi_secret("a manager's secret")
    inside = proof_expression(secret).removeprefix("${SHA1(").removesuffix(")}")
    sent = hashlib.sha1(inside.replace("${UNIQUEID}", "wb-1;2").encode()).hexdigest()  # noqa: S324
    assert proves(sent, secret, "wb-1;2")


def test_what_is_shown_of_a_rendering_holds_no_secret_and_still_tells_two_apart() -> None:
    old, new = fastagi_secret("one"), fastagi_secret("two")
    diff = f"-secret = one-secret\n+secret = two-secret\n- AGI(x,{proof_expression(old)})\n"
    diff += f"+ AGI(x,{proof_expression(new)})\n"
    shown = hide_secrets(diff)
    for secret in (old, new, "one-secret", "two-secret"):
        assert secret not in shown
    assert len(set(shown.splitlines())) == 4
    assert shown.count("${UNIQUEID})}") == 2
