"""Promises under random walks through the real services: whatever happens, none is lost or told twice.

The rules are what the world can do, in any order: callers ask, engines open attempts and die, the compliance
check is asked by anybody any number of times, facts come twice, late or never, staff cancel, agents say what
came of it. After every step the ledger is in balance and every open promise has a future.
"""

import shutil
import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from databases.centre import Centre, number
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event, select

from callbacks.lifecycle import PROMISE, PromiseState
from dialer.core.calling.attempt import ATTEMPT, AttemptState
from dialer.core.calling.disposition import Disposition
from dialer.db.migrations.upgrade import upgrade
from dialer.db.models import Attempt, Promise, PromiseStep
from dialer.db.session import Database
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.attempts import DialPermit, consume_attempt
from dialer.services.calls.call_events import fail_attempt, lose_attempt, record_fact
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import (
    PromiseRequest,
    cancel_promise,
    make_promise,
    promise_ledger,
    settle_promise,
)
from telephony.calls.events import (
    Abandoned,
    Answered,
    CallFact,
    Connected,
    Finished,
    OriginateFailed,
    Outcome,
)

FOLDER = Path(tempfile.mkdtemp(prefix="wb-walk-"))
TEMPLATE = FOLDER / "template.db"
CALLERS = 4
#: the first six are a call's usual way
DEEDS = ["permit", "answer", "bridge", "end", "say", "abandon", "fail", "lose", "originate"]
WORDS = [Disposition.SERVED, Disposition.CALL_AGAIN, Disposition.WRONG_NUMBER, Disposition.OPT_OUT]
talks = st.sampled_from([0.0, 3.0, 61.0, 62.0, 65.0, 120.0])
outcomes = st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.REFUSED])


def teardown_module() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


class Walk(RuleBasedStateMachine):
    """One database, four callers, one engine, and everything that can go wrong."""

    @initialize()
    def open_database(self) -> None:
        if not TEMPLATE.exists():
            upgrade(f"sqlite:///{TEMPLATE}")
        self.path = FOLDER / "walk.db"
        for old in FOLDER.glob("walk.db*"):
            old.unlink()
        shutil.copyfile(TEMPLATE, self.path)
        self.database = Database(f"sqlite:///{self.path}")
        event.listen(self.database.engine, "connect", _no_sync)
        self.centre = Centre(self.database)
        self.attempts: list[str] = []
        self.permits: dict[str, int] = {}
        self.calls = 0
        self.ended: dict[int, PromiseState] = {}

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    @rule(caller=st.integers(0, CALLERS - 1), minutes=st.integers(0, 30))
    def ask(self, caller: int, minutes: int) -> None:
        self.calls += 1
        joined = self.centre.now - timedelta(minutes=minutes)
        request = PromiseRequest(
            e164=number(caller), queue="support", source_call=f"{self.calls}", virtual_join=joined
        )
        make_promise(self.database, request, self.centre.now)

    @rule()
    def open_first(self) -> None:
        promises, _ = self.centre.work()
        if promises:
            order = self.centre.try_open(promises[0])
            if isinstance(order, AttemptOrder):
                self.attempts.append(order.attempt)

    @precondition(lambda self: self.attempts)
    @rule(
        which=st.integers(1, 3),
        does=st.lists(st.sampled_from(DEEDS), min_size=1, max_size=3),
        outcome=outcomes,
        talk_s=talks,
    )
    def meddle(self, which: int, does: list[str], outcome: Outcome, talk_s: float) -> None:
        """Anything, to one of the last attempts, at any time."""
        attempt = self.attempts[-min(which, len(self.attempts))]
        for deed in does:
            self.do(deed, attempt, outcome, talk_s)

    @rule(
        caller=st.integers(0, CALLERS - 1),
        left_out=st.sets(st.sampled_from(DEEDS[:6]), max_size=2),
        between=st.dictionaries(st.integers(0, 6), st.sampled_from(DEEDS), max_size=2),
        outcome=outcomes,
        talk_s=talks,
    )
    def call(
        self,
        caller: int,
        left_out: set[str],
        between: dict[int, str],
        outcome: Outcome,
        talk_s: float,
    ) -> None:
        """A call's usual way, with gaps and with things in between that come at the wrong time."""
        self.ask(caller, 0)
        before = len(self.attempts)
        self.open_first()
        if len(self.attempts) == before:
            return
        for index, deed in enumerate(DEEDS[:6]):
            if index in between:
                self.do(between[index], self.attempts[-1], outcome, talk_s)
            if deed not in left_out:
                self.do(deed, self.attempts[-1], outcome, talk_s)

    def do(self, deed: str, attempt: str, outcome: Outcome, talk_s: float) -> None:
        now, database = self.centre.now, self.database
        if deed == "permit":
            if isinstance(consume_attempt(database, attempt, now), DialPermit):
                self.permits[attempt] = self.permits.get(attempt, 0) + 1
        elif deed == "fail":
            fail_attempt(database, attempt, "no trace", now)
        elif deed == "lose":
            lose_attempt(database, attempt, now)
        elif deed == "say":
            word = WORDS[int(talk_s) % len(WORDS)]
            at = now + timedelta(hours=1) if word is Disposition.CALL_AGAIN else None
            record_disposition(database, "anna", attempt, word, "", at, now)
        else:
            fact: CallFact = {
                "answer": Answered(attempt=attempt, at=now),
                "bridge": Connected(attempt=attempt, at=now, agent="anna", waited_s=0.3),
                "abandon": Abandoned(attempt=attempt, at=now, waited_s=2.0),
                "end": Finished(attempt=attempt, at=now, outcome=outcome, talk_s=talk_s),
                "originate": OriginateFailed(attempt=attempt, at=now, reason=0),
            }[deed]
            record_fact(database, fact, now)

    @rule(promise=st.integers(1, 12), how=st.sampled_from(["cancel", "settle"]))
    def staff(self, promise: int, how: str) -> None:
        act = cancel_promise if how == "cancel" else settle_promise
        act(self.database, promise, "staff said so", self.centre.now)

    @rule(minutes=st.sampled_from([1, 4, 15, 60, 600]))
    def wait(self, minutes: int) -> None:
        self.centre.later(minutes=minutes)

    @invariant()
    def the_database_holds_its_word(self) -> None:
        """One look at everything that must always be so."""
        ledger = promise_ledger(self.database)
        assert 0 == ledger.error, ledger
        assert () == promise_faults(self.database, self.centre.now).stuck
        assert all(1 == times for times in self.permits.values())
        with self.database.read() as tx:
            attempts = list(tx.scalars(select(Attempt)))
            promises = list(tx.scalars(select(Promise)))
            steps = list(tx.scalars(select(PromiseStep).order_by(PromiseStep.id)))
        on_the_way = [attempt.e164 for attempt in attempts if attempt.ended_at is None]
        assert len(set(on_the_way)) == len(on_the_way)
        for attempt in attempts:
            assert (attempt.ended_at is not None) == (attempt.state in ATTEMPT.ends)
            if attempt.state in (AttemptState.FAILED, AttemptState.REFUSED):
                assert not attempt.counted
                assert attempt.consumed_at is None
        for promise in promises:
            self.look_at(promise, [step for step in steps if step.promise_id == promise.id])

    def look_at(self, promise: Promise, steps: list[PromiseStep]) -> None:
        """An end is never left and has a reason; every step of the history is legal."""
        assert promise.state is self.ended.get(promise.id, promise.state)
        if promise.state in PROMISE.ends:
            self.ended[promise.id] = promise.state
            assert promise.end_reason
            assert promise.ended_at is not None
            assert promise.next_action_at is None
        assert steps[0].event is None
        assert promise.state is steps[-1].state
        for before, step in pairwise(steps):
            assert step.event is not None
            assert step.state is PROMISE.after(before.state, step.event)


def _no_sync(connection, _record) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # the walk does not survive a power cut, and need not


Walk.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestPromisesUnderRandomWalks = Walk.TestCase
