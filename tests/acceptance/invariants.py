"""What must hold at the end of every acceptance test, whatever was broken on the way."""

from collections import Counter

from acceptance.stage import Stage

from dialer.services.promises.promise_faults import PromiseFaults, promise_faults
from dialer.services.promises.promises import promise_ledger


def assert_never_twice(stage: Stage) -> None:
    """Nobody was rung twice for one attempt, and nothing was sent twice (invariant 3)."""
    for attempt in stage.truth().attempts.values():
        assert attempt.originates <= 1, attempt
        assert attempt.dialed <= 1, attempt
    sent = Counter(each.attempt for each in stage.sent)
    assert {attempt: count for attempt, count in sent.items() if count > 1} == {}


def assert_committed_first(stage: Stage) -> None:
    """Every Originate found its row committed, untouched by anything later (invariant 2)."""
    assert stage.sent
    for sent in stage.sent:
        assert sent.row is not None, f"{sent.attempt} was sent before it was committed"
        assert sent.row["state"] == "intent", sent
    rung = {attempt.attempt for attempt in stage.truth().attempts.values()}
    assert rung <= {sent.attempt for sent in stage.sent}


def assert_one_at_a_time(stage: Stage) -> None:
    """No lead and no promise ever had two attempts in the air, and no lead was rung again too soon."""
    for column in ("lead_id", "promise_id", "e164"):
        ends: dict[object, str] = {}
        for row in stage.attempts(f"{column} IS NOT NULL"):
            before = ends.get(row[column])
            assert before is None or before <= row["created_at"], (column, row)
            ends[row[column]] = row["ended_at"] or "9999"
    rung = Counter(
        row["lead_id"]
        for row in stage.attempts("lead_id IS NOT NULL AND consumed_at IS NOT NULL AND counted")
    )
    assert {lead: times for lead, times in rung.items() if times > 1} == {}, "spacing is four hours"


def assert_promises_conserved(stage: Stage) -> None:
    """Promised = kept + settled + cancelled + closed + open; each moves, none is overtaken (invariant 6)."""
    ledger = promise_ledger(stage.database)
    assert ledger.error == 0, ledger
    assert ledger.closed == 0, ledger
    assert ledger.made == ledger.kept + ledger.open + ledger.settled + ledger.cancelled, ledger
    assert promise_faults(stage.database, stage.clock()) == PromiseFaults()


def assert_true(stage: Stage) -> None:
    """What the database says of finished attempts is what happened; UNKNOWN is only said of what was rung."""
    truth = stage.truth().attempts
    for row in stage.attempts("ended_at IS NOT NULL"):
        real = truth.get(row["id"])
        if row["consumed_at"] is None:
            assert real is None or real.dialed == 0, (row, real)
            assert not row["counted"], row
            continue
        if real is None or real.dialed == 0 or not real.over:
            continue  # the engine or the line died between the dial permit and the PBX
        if row["outcome"] == "unknown":
            continue
        connected = real.agent is not None
        assert (row["outcome"] == "connected") == connected, (row, real)
        assert bool(row["abandoned"]) == real.abandoned, (row, real)
        if connected:
            assert row["agent"] == real.agent, (row, real)


def assert_invariants(stage: Stage) -> None:
    """All of them."""
    assert_never_twice(stage)
    assert_committed_first(stage)
    assert_one_at_a_time(stage)
    assert_promises_conserved(stage)
    assert_true(stage)
