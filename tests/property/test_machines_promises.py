"""Promises under random walks through the real services: whatever happens, none is lost or told twice.

The rules are what the world can do, in any order: callers ask, engines open attempts and die, the gate is
asked by anybody any number of times, facts come twice, late or never, staff cancel, agents say what came
of it. After every step the ledger is in balance and every open promise has a future.
"""

import shutil
import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from books.world import PBX, World, number
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event, func, select

from callbacks.lifecycle import PROMISE, PromiseState
from dialer.core.attempt import ATTEMPT, AttemptState
from dialer.core.disposition import Disposition
from dialer.db.migrations.upgrade import upgrade
from dialer.db.models import Attempt, Promise
from dialer.db.session import Book
from dialer.services.attempts import (
    AttemptOrder,
    DialPermit,
    consume_attempt,
    fail_attempt,
    lose_attempt,
    mark_sent,
    record_fact,
)
from dialer.services.dispositions import record_disposition
from dialer.services.promises import (
    PromiseRequest,
    cancel_promise,
    make_promise,
    promise_history,
    promise_ledger,
    settle_promise,
    stuck_promises,
)
from telephony.calls.events import Abandoned, Answered, Connected, Finished, OriginateFailed, Outcome

FOLDER = Path(tempfile.mkdtemp(prefix="wb-walk-"))
TEMPLATE = FOLDER / "template.db"
CALLERS = 4
outcomes = st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.REFUSED])


def teardown_module() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


class Walk(RuleBasedStateMachine):
    """One book, four callers, one engine, and everything that can go wrong."""

    @initialize()
    def open_book(self) -> None:
        if not TEMPLATE.exists():
            upgrade(f"sqlite:///{TEMPLATE}")
        self.path = FOLDER / "walk.db"
        for old in FOLDER.glob("walk.db*"):
            old.unlink()
        shutil.copyfile(TEMPLATE, self.path)
        self.book = Book(f"sqlite:///{self.path}")
        event.listen(self.book.engine, "connect", _no_sync)
        self.world = World(self.book)
        self.attempts: list[str] = []
        self.permits: dict[str, int] = {}
        self.calls = 0
        self.ended: dict[int, PromiseState] = {}

    def teardown(self) -> None:
        if hasattr(self, "book"):
            self.book.close()

    @rule(caller=st.integers(0, CALLERS - 1), minutes=st.integers(0, 30))
    def ask(self, caller: int, minutes: int) -> None:
        self.calls += 1
        joined = self.world.now - timedelta(minutes=minutes)
        request = PromiseRequest(
            e164=number(caller), queue="support", source_call=f"{self.calls}", virtual_join=joined
        )
        make_promise(self.book, request, self.world.now)

    @rule(pick=st.randoms(use_true_random=False))
    def open_one(self, pick) -> None:
        promises, _ = self.world.work()
        if promises:
            order = self.world.try_open(pick.choice(promises))
            if isinstance(order, AttemptOrder):
                self.attempts.append(order.attempt)

    @precondition(lambda self: self.attempts)
    @rule(pick=st.randoms(use_true_random=False))
    def acknowledge(self, pick) -> None:
        mark_sent(self.book, pick.choice(self.attempts), self.world.now)

    @precondition(lambda self: self.attempts)
    @rule(pick=st.randoms(use_true_random=False), times=st.integers(1, 3))
    def ask_the_gate(self, pick, times: int) -> None:
        attempt = pick.choice(self.attempts[-3:])
        for _ in range(times):
            if isinstance(consume_attempt(self.book, attempt, self.world.now), DialPermit):
                self.permits[attempt] = self.permits.get(attempt, 0) + 1

    @precondition(lambda self: self.permits)
    @rule(pick=st.randoms(use_true_random=False), twice=st.booleans())
    def pick_up(self, pick, *, twice: bool) -> None:
        attempt = pick.choice(sorted(self.permits))
        for _ in range(1 + twice):
            record_fact(self.book, Answered(attempt=attempt, at=self.world.now), self.world.now)

    @precondition(lambda self: self.permits)
    @rule(pick=st.randoms(use_true_random=False))
    def bridge(self, pick) -> None:
        attempt = pick.choice(sorted(self.permits))
        fact = Connected(attempt=attempt, at=self.world.now, agent="anna", waited_s=0.3)
        record_fact(self.book, fact, self.world.now)

    @precondition(lambda self: self.permits)
    @rule(pick=st.randoms(use_true_random=False))
    def leave_alone(self, pick) -> None:
        attempt = pick.choice(sorted(self.permits))
        record_fact(self.book, Abandoned(attempt=attempt, at=self.world.now, waited_s=2.0), self.world.now)

    @precondition(lambda self: self.attempts)
    @rule(
        pick=st.randoms(use_true_random=False),
        outcome=outcomes,
        talk_s=st.sampled_from([0.0, 3.0, 60.0]),
        twice=st.booleans(),
    )
    def finish(self, pick, outcome: Outcome, talk_s: float, *, twice: bool) -> None:
        attempt = pick.choice(self.attempts[-3:])
        fact = Finished(attempt=attempt, at=self.world.now, outcome=outcome, talk_s=talk_s)
        for _ in range(1 + twice):
            record_fact(self.book, fact, self.world.now)

    @precondition(lambda self: self.attempts)
    @rule(pick=st.randoms(use_true_random=False), how=st.sampled_from(["fail", "lose", "originate"]))
    def reconcile(self, pick, how: str) -> None:
        attempt, now = pick.choice(self.attempts[-3:]), self.world.now
        if how == "fail":
            fail_attempt(self.book, attempt, "no trace", now)
        elif how == "lose":
            lose_attempt(self.book, attempt, now)
        else:
            record_fact(self.book, OriginateFailed(attempt=attempt, at=now, reason=0), now)

    @rule(promise=st.integers(1, 12), how=st.sampled_from(["cancel", "settle"]))
    def staff(self, promise: int, how: str) -> None:
        act = cancel_promise if how == "cancel" else settle_promise
        act(self.book, promise, "staff said so", self.world.now)

    @precondition(lambda self: self.permits)
    @rule(pick=st.randoms(use_true_random=False), word=st.sampled_from(list(Disposition)))
    def say(self, pick, word: Disposition) -> None:
        attempt = pick.choice(sorted(self.permits))
        at = self.world.now + timedelta(hours=1) if word is Disposition.CALL_AGAIN else None
        record_disposition(self.book, "anna", attempt, word, "", at, self.world.now)

    @rule(minutes=st.sampled_from([1, 4, 15, 60, 600]))
    def wait(self, minutes: int) -> None:
        self.world.later(minutes=minutes)

    @invariant()
    def every_promise_is_accounted_for(self) -> None:
        ledger = promise_ledger(self.book)
        assert 0 == ledger.error, ledger

    @invariant()
    def every_open_promise_has_a_future(self) -> None:
        assert () == stuck_promises(self.book, self.world.now)

    @invariant()
    def nothing_is_let_through_twice(self) -> None:
        assert all(1 == times for times in self.permits.values())

    @invariant()
    def nobody_has_two_calls_on_the_way(self) -> None:
        with self.book.read() as tx:
            most = tx.scalar(
                select(func.count())
                .where(Attempt.ended_at.is_(None))
                .group_by(Attempt.e164)
                .order_by(func.count().desc())
                .limit(1)
            )
        assert (most or 0) <= 1

    @invariant()
    def an_end_is_never_left_and_has_a_reason(self) -> None:
        with self.book.read() as tx:
            for promise in tx.scalars(select(Promise)):
                if promise.id in self.ended:
                    assert self.ended[promise.id] is promise.state
                if promise.state in PROMISE.ends:
                    self.ended[promise.id] = promise.state
                    assert promise.end_reason
                    assert promise.ended_at is not None
                    assert promise.next_action_at is None

    @invariant()
    def the_end_of_an_attempt_and_its_state_agree(self) -> None:
        with self.book.read() as tx:
            for attempt in tx.scalars(select(Attempt)):
                assert (attempt.ended_at is not None) == (attempt.state in ATTEMPT.ends)
                assert PBX == attempt.pbx
                if attempt.state in (AttemptState.FAILED, AttemptState.REFUSED):
                    assert not attempt.counted
                    assert attempt.consumed_at is None

    @invariant()
    def every_step_of_every_history_is_legal(self) -> None:
        with self.book.read() as tx:
            promises = list(tx.scalars(select(Promise.id)))
        for promise in promises[-2:]:  # the latest: older ones were looked at while they moved
            steps = promise_history(self.book, promise)
            assert steps[0].event is None
            for before, step in pairwise(steps):
                assert step.event is not None
                assert step.state is PROMISE.after(before.state, step.event)


def _no_sync(connection, _record) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # the walk does not survive a power cut, and need not


Walk.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestPromisesUnderRandomWalks = Walk.TestCase
