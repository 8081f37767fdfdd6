"""A promise: written before it is spoken, kept in turn, with an agent whom no live caller takes."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from acceptance.invariants import assert_invariants, assert_promises_conserved
from acceptance.stage import SECRET, Stage, busy_world

from dialer.pbx_settings import QueueSettings
from dialer.services.promises.promises import open_promises, promise_ledger
from telephony.asterisk.agi.wire import encode_reply, encode_request
from telephony.asterisk.config.fastagi_secret import channel_proof, fastagi_secret
from telephony.simulator.behaviour import Behaviour
from telephony.simulator.ground_truth import Fate

OpenStage = Callable[..., Stage]

PROMISED = "winback/promised"


def one_agent(*, agents: int = 1) -> Behaviour:
    """Whoever expects a call takes it, after ringing for a while."""
    return busy_world(
        agents=agents, talk_s=2.0, expecting_answer_probability=1.0, least_ring_s=12.0, longest_ring_s=14.0
    )


def test_a_promise_is_in_the_database_before_the_caller_hears_of_it(open_stage: OpenStage) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    caller = stage.ring_in(1)
    stage.wait(lambda: fate(stage, caller) is Fate.BOOKED, "the caller asked to be called back")

    lines = [spoken.line for spoken in stage.spoken]
    assert any(PROMISED in line for line in lines), lines
    for index, spoken in enumerate(stage.spoken):
        if PROMISED in spoken.line or "CB_OK" in spoken.line:
            assert spoken.promises == 1, f"{spoken.line} before the promise was committed"
        elif "winback/" in spoken.line:
            assert spoken.promises == int(index > first(lines, "CB_OK")), spoken
    assert first(lines, "CB_OK") < first(lines, PROMISED)


def test_the_wait_is_said_before_the_number_and_stands_with_the_promise(open_stage: OpenStage) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    waiting = stage.ring_in(2, presses_one_after_s=None)
    caller = stage.ring_in(1)
    stage.wait(lambda: fate(stage, caller) is Fate.BOOKED, "the caller asked to be called back")

    lines = [spoken.line for spoken in stage.spoken]
    assert (
        first(lines, "winback/wait-less")
        < first(lines, "winback/we-call-on")
        < first(lines, "winback/within")
    )
    assert fate(stage, waiting) is Fate.WAITING
    card = open_promises(stage.database)[0]
    assert card.said_from == card.made_at
    assert card.said_until is not None
    minutes = (card.said_until - card.made_at).total_seconds() / 60
    assert minutes == 15, "second in turn, one agent, four minutes a call: four in five within a quarter"


def test_a_centre_that_is_closed_says_so_and_the_caller_keeps_the_queue_position(
    open_stage: OpenStage,
) -> None:
    closed = QueueSettings(hours="Mon-Sun 00:00-00:01")
    stage = with_a_busy_agent(open_stage, one_agent(), queues=closed)
    asked = stage.ring_in(1)
    behind = stage.ring_in(2, presses_one_after_s=None)
    stage.wait(lambda: stage.engines[0].said("offer_refused"), "the call is refused")
    stage.wait(lambda: place(stage, asked) == 1, "the caller is back in the queue, in front")

    lines = [spoken.line for spoken in stage.spoken]
    assert first(lines, "winback/closed") < first(lines, "winback/place-kept")
    assert place(stage, behind) == 2
    assert promise_ledger(stage.database).made == 0
    assert [row["rule"] for row in stage.rows("SELECT rule FROM refusal")] == ["offer.closed"]


def test_an_engine_that_stands_by_promises_a_call_to_whom_it_saw_waiting_and_the_leader_keeps_it(
    open_stage: OpenStage,
) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    other = stage.start_engine()
    stage.wait(lambda: other.said("engine_stands_by"), "it watches the PBX")
    stage.ask_engines_themselves(1)

    caller = stage.ring_in(1)
    stage.wait(lambda: fate(stage, caller) is Fate.BOOKED, "the caller asked to be called back")
    assert other.said("promise_made")
    assert stage.engines[0].said("promise_made") == []
    stage.hang_up_talks()
    stage.wait(lambda: promise_ledger(stage.database).kept == 1, "the promise is kept")
    assert_invariants(stage)


def test_whoever_reaches_the_port_is_promised_nothing_for_a_caller_the_pbx_did_not_show(
    open_stage: OpenStage,
) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    waiting = stage.ring_in(1, presses_one_after_s=None)
    stage.wait(lambda: place(stage, waiting) == 1, "a caller waits")
    secret, invented = fastagi_secret(SECRET), "02079460555"

    async def ask(channel: str, proof: str) -> list[str]:
        """What a process that plays the dialplan is told; it presses 1 to everything."""
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.permits.port)
        fields = {"network_script": "capture", "uniqueid": channel, "callerid": invented, "arg_1": proof}
        writer.write(encode_request(fields.items()))
        told = []
        with suppress(ConnectionError):
            while line := (await reader.readline()).decode():
                told.append(line)
                # what is played ends without a key, and every question is answered with one
                writer.write(encode_reply("0" if line.startswith(("STREAM", "SAY")) else "1"))
        writer.close()
        return told

    assert stage.loop.run(ask(waiting, "")) == []
    assert stage.loop.run(ask(waiting, secret)) == []
    unknown = stage.loop.run(ask("wb-1700000000.1", channel_proof(secret, "wb-1700000000.1")))
    assert unknown == ["SET VARIABLE CB_RULE caller.unknown\n"]
    assert promise_ledger(stage.database).made == 0

    told = stage.loop.run(ask(waiting, channel_proof(secret, waiting)))
    assert any("CB_OK" in line for line in told), told
    (made,) = stage.rows("SELECT e164 FROM promise")
    assert made["e164"] == f"+{number_of(stage, waiting)}", "the PBX's number, not the invented one"
    refused = stage.engines[0].said("agi_refused")
    assert [each["rule"] for each in refused] == ["fastagi.proof"], "one line for both"


def test_a_promise_is_kept_with_an_agent_whom_no_live_caller_takes(open_stage: OpenStage) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    asked = stage.ring_in(1)
    stage.wait(lambda: fate(stage, asked) is Fate.BOOKED, "a promise is made")
    wait_at_home(stage)
    later = stage.ring_in(2, presses_one_after_s=None)

    stage.hang_up_talks()
    ringing = stage.wait(lambda: stage.attempts("promise_id IS NOT NULL"), "the promised call is made")
    attempt = ringing[0]["id"]
    stage.wait(lambda: real(stage, attempt).agent, "the customer has an agent")

    assert fate(stage, later) is Fate.WAITING, "whoever joined later waits while the customer's phone rings"
    assert ringing[0]["reserved_agent"] == real(stage, attempt).agent == "a1"
    assert real(stage, attempt).number == number_of(stage, asked)
    stage.wait(lambda: promise_ledger(stage.database).kept == 1, "the promise is kept")
    stage.wait(lambda: fate(stage, later) is Fate.CONNECTED, "then the one who waited is served")
    assert_invariants(stage)


def test_a_talk_that_ends_while_the_link_is_cut_keeps_its_promise_and_nobody_is_rung_again(
    open_stage: OpenStage,
) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    asked = stage.ring_in(1)
    stage.wait(lambda: fate(stage, asked) is Fate.BOOKED, "a promise is made")
    stage.hang_up_talks()
    made = stage.wait(
        lambda: stage.attempts("promise_id IS NOT NULL AND connected_at IS NOT NULL"), "they talk"
    )
    stage.loop.run(stage.ami[0].cut())
    stage.wait(lambda: stage.engines[0].said("link_lost"), "the engine notices")
    talking_at = stage.clock()

    def is_over() -> bool:
        nonlocal talking_at
        looked_at = stage.clock()
        if real(stage, made[0]["id"]).over:
            return True
        talking_at = looked_at
        return False

    stage.wait(is_over, "the customer has said everything")
    stage.loop.run(stage.ami[0].mend())

    stage.wait(lambda: promise_ledger(stage.database).kept == 1, "the promise is kept")
    row = stage.attempts("promise_id IS NOT NULL")[0]
    # not its length, which begins when the engine heard of it: that may be late, and the end is to a second
    connected_at = datetime.fromisoformat(row["connected_at"]).replace(tzinfo=UTC)
    assert connected_at + timedelta(seconds=row["talk_s"]) >= talking_at, "a talk lasts while they talk"
    assert len(stage.attempts("promise_id IS NOT NULL")) == 1
    assert_invariants(stage)


def test_nobody_is_rung_while_still_on_the_line_to_hear_that_the_call_is_booked(
    open_stage: OpenStage,
) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    asked = stage.ring_in(1)
    stage.wait(lambda: any(PROMISED in spoken.line for spoken in stage.spoken), "the caller hears of it")
    assert fate(stage, asked) is Fate.WAITING
    stage.hang_up_talks()
    stage.wait(lambda: fate(stage, asked) is not Fate.WAITING or stage.attempts(), "the caller hangs up")

    assert stage.attempts() == []
    stage.wait(lambda: promise_ledger(stage.database).kept == 1, "the promise is kept")
    (promise,) = stage.rows("SELECT made_at, rung_from FROM promise")
    (attempt,) = stage.attempts()
    assert promise["made_at"] < promise["rung_from"] <= attempt["created_at"]
    assert_invariants(stage)


def test_promises_are_kept_in_the_order_in_which_their_callers_joined(open_stage: OpenStage) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    slow = stage.ring_in(1, presses_one_after_s=2.0)
    quick = stage.ring_in(2, presses_one_after_s=0.1)
    stage.wait(lambda: fate(stage, quick) is Fate.BOOKED, "the later caller asks first")
    assert fate(stage, slow) is Fate.WAITING
    stage.wait(lambda: fate(stage, slow) is Fate.BOOKED, "the earlier caller asks second")
    wait_at_home(stage)

    stage.hang_up_talks()
    stage.wait(lambda: promise_ledger(stage.database).kept == 2, "both are called")

    made = stage.attempts("promise_id IS NOT NULL")
    first_rung = dict.fromkeys(row["e164"].removeprefix("+") for row in made)
    assert list(first_rung) == [number_of(stage, slow), number_of(stage, quick)]
    # a machine too busy for its own people lets a customer wait in vain, who is rung again: nobody else is
    talked = Counter(row["e164"] for row in made if real(stage, row["id"]).agent is not None)
    assert set(talked.values()) == {1}, "nobody who had an agent is rung again"
    assert [row["outcome"] for row in made].count("connected") == len(talked) == len(first_rung)
    assert_invariants(stage)


def test_a_promise_that_cannot_be_written_leaves_the_caller_at_the_kept_queue_position(
    open_stage: OpenStage,
) -> None:
    stage = with_a_busy_agent(open_stage, one_agent())
    with no_promise_can_be_written(stage):
        asked = stage.ring_in(1)
        behind = stage.ring_in(2, presses_one_after_s=None)
        stage.wait(lambda: stage.engines[0].said("promise_not_committed"), "the database refuses")
        stage.wait(lambda: place(stage, asked) == 1, "the caller is back in the queue, in front")

    assert place(stage, behind) == 2
    assert promise_ledger(stage.database).made == 0
    assert open_promises(stage.database) == ()
    assert not [spoken for spoken in stage.spoken if PROMISED in spoken.line or "CB_OK" in spoken.line]
    stage.hang_up_talks()
    stage.wait(lambda: fate(stage, asked) is Fate.CONNECTED, "the caller is served in turn")
    assert fate(stage, behind) is Fate.WAITING
    assert_promises_conserved(stage)
    assert stage.engines[0].exit_code is None


def with_a_busy_agent(open_stage: OpenStage, behaviour: Behaviour, **own: Any) -> Stage:
    """A centre whose only agent talks with a caller until told to hang up."""
    stage = open_stage(behaviour, **own)
    stage.staff()
    stage.wait_leading(stage.start_engine())
    first_caller = stage.ring_in(0, presses_one_after_s=None, talk_s=600.0)
    stage.wait(lambda: fate(stage, first_caller) is Fate.CONNECTED, "the agent is busy")
    return stage


@contextmanager
def no_promise_can_be_written(stage: Stage) -> Iterator[None]:
    """The disk is full, as far as promises go."""
    database = sqlite3.connect(stage.folder / "app" / "winback.db", timeout=10.0, isolation_level=None)
    try:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON promise BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        yield
        database.execute("DROP TRIGGER full")
    finally:
        database.close()


def wait_at_home(stage: Stage) -> None:
    """Until whoever was promised a call has hung up and may be rung."""

    def due() -> bool:
        cards = open_promises(stage.database)
        return all(card.next_action_at and card.next_action_at <= stage.clock() for card in cards)

    stage.wait(due, "everybody promised a call is at home")


def fate(stage: Stage, caller: str) -> Fate:
    return stage.truth().callers[caller].fate


def real(stage: Stage, attempt: str):
    return stage.truth().attempt(attempt)


def number_of(stage: Stage, caller: str) -> str:
    """A caller's number as the trunk would dial it."""
    return stage.truth().callers[caller].number.replace("0", "44", 1)


def place(stage: Stage, caller: str) -> int:
    """A caller's place in the queue as the PBX counts it; 0 outside."""

    def look() -> int:
        guest = stage.pbx.exchange.callers.get(caller)
        return stage.pbx.exchange.queue_system.position(guest) if guest is not None else 0

    return stage.loop.call(look)


def first(lines: list[str], word: str) -> int:
    return next(index for index, line in enumerate(lines) if word in line)
