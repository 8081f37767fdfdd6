"""After a gap, every call of the ledger is ruled on, and nothing is guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls.events import LiveChannel, Outcome, PbxSnapshot
from telephony.calls.lifecycle import CallState
from telephony.calls.reconcile import (
    ON_ITS_WAY,
    KnownAttempt,
    LinkGap,
    Ruling,
    gap_between,
    reconcile,
    talk_ended_at,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=5)
JUST_NOW = NOW - timedelta(seconds=1)
BOOT = NOW - timedelta(days=3)
A, B = "wb-" + "a" * 10, "wb-" + "b" * 10


def snapshot(*ids: str, booted_at: datetime | None = BOOT) -> PbxSnapshot:
    channels = (
        LiveChannel(
            unique_id=f"{each};2", linked_id=each, name="x", state="Up", bridged=False, duration_s=1.0
        )
        for each in ids
    )
    return PbxSnapshot(taken_at=NOW, booted_at=booted_at, channels=tuple(channels))


@pytest.mark.parametrize(
    ("entry", "ruling", "outcome", "why"),
    [
        pytest.param(KnownAttempt(attempt=A, state=None, sent_at=None), Ruling.RELEASE, None, "never-sent"),
        pytest.param(KnownAttempt(attempt=A, state=None, sent_at=JUST_NOW), Ruling.WAIT, None, "on-its-way"),
        pytest.param(
            KnownAttempt(attempt=A, state=None, sent_at=LONG_AGO, consumed=False),
            Ruling.RELEASE,
            None,
            "permit-not-asked",
        ),
        pytest.param(
            KnownAttempt(attempt=A, state=None, sent_at=LONG_AGO, consumed=True),
            Ruling.CLOSE,
            Outcome.UNKNOWN,
            "gone",
        ),
        pytest.param(
            KnownAttempt(attempt=A, state=None, sent_at=LONG_AGO, consumed=None),
            Ruling.CLOSE,
            Outcome.UNKNOWN,
            "gone",
        ),
        pytest.param(
            KnownAttempt(attempt=A, state=CallState.RINGING, sent_at=LONG_AGO),
            Ruling.CLOSE,
            Outcome.UNKNOWN,
            "gone",
        ),
        pytest.param(
            KnownAttempt(attempt=A, state=CallState.TALKING, sent_at=LONG_AGO),
            Ruling.CLOSE,
            Outcome.CONNECTED,
            "ended-unseen",
        ),
        pytest.param(
            KnownAttempt(attempt=A, state=CallState.LEFT, sent_at=LONG_AGO, abandoned=True),
            Ruling.CLOSE,
            Outcome.ABANDONED,
            "ended-unseen",
        ),
    ],
)
def test_what_is_gone_keeps_the_best_that_was_known(
    entry: KnownAttempt, ruling: Ruling, outcome: Outcome | None, why: str
) -> None:
    settled = reconcile([entry], snapshot(), booted_before=BOOT).settlements[0]

    assert (settled.ruling, settled.outcome, settled.why) == (ruling, outcome, why)


def test_what_lives_is_adopted_by_any_of_its_legs_and_strangers_are_named() -> None:
    found = reconcile([KnownAttempt(attempt=A, state=None, sent_at=LONG_AGO)], snapshot(A, B, "1.1"))

    assert [each.ruling for each in found.settlements] == [Ruling.ADOPT]
    assert found.strangers == (B,)


def test_a_restart_is_told_from_a_lost_link() -> None:
    worked_out = BOOT + timedelta(microseconds=1)
    assert gap_between(BOOT, BOOT) is LinkGap.LINK_LOST
    assert gap_between(BOOT, BOOT + timedelta(seconds=1)) is LinkGap.RESTARTED
    assert gap_between(BOOT, worked_out + timedelta(seconds=1)) is LinkGap.LINK_LOST
    assert gap_between(worked_out, worked_out - timedelta(seconds=1)) is LinkGap.LINK_LOST
    assert gap_between(BOOT, NOW) is LinkGap.RESTARTED
    assert gap_between(None, NOW) is gap_between(NOW, None) is LinkGap.UNKNOWN


def test_nothing_sent_before_a_restart_is_on_its_way() -> None:
    entry = KnownAttempt(attempt=A, state=None, sent_at=JUST_NOW, consumed=True)
    booted = snapshot(booted_at=NOW - timedelta(milliseconds=500))
    settled = reconcile([entry], booted, booted_before=BOOT)

    assert settled.gap is LinkGap.RESTARTED
    assert (settled.settlements[0].ruling, settled.settlements[0].why) == (Ruling.CLOSE, "pbx-restarted")


ENTRIES = st.builds(
    KnownAttempt,
    attempt=st.sampled_from([A, B, "wb-" + "c" * 10]),
    state=st.one_of(st.none(), st.sampled_from(CallState)),
    sent_at=st.one_of(st.none(), st.timedeltas(timedelta(0), 3 * ON_ITS_WAY).map(lambda ago: NOW - ago)),
    consumed=st.one_of(st.none(), st.booleans()),
    abandoned=st.booleans(),
)


@given(
    st.lists(ENTRIES, max_size=5, unique_by=lambda entry: entry.attempt),
    st.sets(st.sampled_from([A, B, "1.1"])),
)
def test_every_entry_is_ruled_on_once_and_a_live_or_rung_call_is_never_released(
    ledger: list[KnownAttempt], living: set[str]
) -> None:
    found = reconcile(ledger, snapshot(*living), booted_before=BOOT)

    assert [each.attempt for each in found.settlements] == [entry.attempt for entry in ledger]
    for entry, settled in zip(ledger, found.settlements, strict=True):
        assert (settled.ruling is Ruling.ADOPT) == (entry.attempt in living)
        assert (settled.outcome is not None) == (settled.ruling is Ruling.CLOSE)
        if settled.ruling is Ruling.RELEASE:
            assert entry.consumed is not True or entry.sent_at is None
            assert entry.state in (None, CallState.PLACED)


@pytest.mark.parametrize(
    ("ended_s", "over_s"),
    [(60, 60), (None, 900), (-5, 900), (1000, 900)],
    ids=["as the PBX has it", "the PBX does not know", "the call before", "after now"],
)
def test_a_talk_that_ended_unseen_is_as_long_as_the_pbx_says_or_until_now(
    ended_s: int | None, over_s: int
) -> None:
    began = datetime(2026, 11, 20, 12, tzinfo=UTC)
    now = began + timedelta(seconds=900)
    ended = {} if ended_s is None else {"anna": began + timedelta(seconds=ended_s)}
    seen = PbxSnapshot(taken_at=now, booted_at=None, last_calls=ended)

    assert talk_ended_at("anna", began, seen, now) == began + timedelta(seconds=over_s)
    assert talk_ended_at("ben", began, seen, now) == now
