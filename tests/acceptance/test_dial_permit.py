"""One permit, inside the call path: it gives a number out once, and silence means no."""

import asyncio
import shlex
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from acceptance.invariants import assert_committed_first, assert_invariants
from acceptance.stage import SECRET, Sent, Stage, busy_world
from bench.testbed.raw_ami import RawAmi

from dialer.core.calling.circuit_breaker import IN_A_ROW
from dialer.engine.dispatcher import CALLS_FAIL
from telephony.asterisk.agi.wire import encode_reply, encode_request
from telephony.asterisk.config.fastagi_secret import channel_proof, fastagi_secret

OpenStage = Callable[..., Stage]

AT_ONCE = 10


def test_ten_originates_of_one_attempt_ring_one_customer_once(open_stage: OpenStage) -> None:
    stage = open_stage()
    stage.campaign(10)
    held = hold_first_originate(stage)
    stage.start_engine()
    stage.wait(lambda: stage.sent, "an order is on the wire")
    attempt = stage.sent[0].attempt

    with ExitStack() as stack:
        address = ("127.0.0.1", stage.pbx_port, "winback", SECRET)
        links = [stack.enter_context(RawAmi(*address)) for _ in range(AT_ONCE)]
        together(
            lambda link: link.ask("Originate", originate(attempt)),
            links,
        )
        stage.wait(lambda: stage.truth().attempts[attempt].originates == AT_ONCE, "the PBX has read all ten")
    stage.wait(lambda: stage.truth().attempts[attempt].dialed, "the customer is rung")
    stage.loop.call(held.set)
    stage.wait(lambda: stage.truth().attempts[attempt].over, "the call ends")
    stage.pause_campaign()
    stage.wait_quiet()

    real = stage.truth().attempts[attempt]
    assert (real.originates, real.dialed) == (AT_ONCE + 1, 1)
    rung = [each for each in stage.truth().attempts.values() if each.number == real.number]
    assert [each.dialed for each in rung] == [1]
    assert_committed_first(stage)


def test_ten_questions_at_the_dial_permit_for_one_attempt_get_one_number(open_stage: OpenStage) -> None:
    stage = open_stage()
    stage.campaign(10)
    held = hold_first_originate(stage)
    stage.start_engine()
    stage.wait(lambda: stage.sent, "an order is on the wire")
    attempt = stage.sent[0].attempt

    async def ask_all() -> list[dict[str, str]]:
        return await asyncio.gather(*(ask_gate(stage, attempt) for _ in range(AT_ONCE)))

    answers = stage.loop.run(ask_all())
    stage.loop.call(held.set)
    stage.wait(
        lambda: stage.truth().attempts.get(attempt) and stage.truth().attempts[attempt].over, "it ends"
    )

    assert sorted(answer.get("WB_OK", "0") for answer in answers) == ["0"] * (AT_ONCE - 1) + ["1"]
    assert sum("WB_NUMBER" in answer for answer in answers) == 1
    assert {answer["WB_RULE"] for answer in answers if "WB_OK" not in answer} == {"attempt.consumed"}
    assert stage.truth().attempts[attempt].dialed == 0, "its permission was used up by the others"


def test_an_attempt_that_is_not_in_the_database_gets_no_number(open_stage: OpenStage) -> None:
    stage = open_stage()
    engine = stage.start_engine()
    stage.wait_leading(engine)

    with RawAmi("127.0.0.1", stage.pbx_port, "winback", SECRET) as link:
        link.ask("Originate", originate("wb-stranger0000000000000000000"))
    stage.wait(lambda: stage.truth().attempts["wb-stranger0000000000000000000"].over, "the call is refused")

    assert stage.truth().attempts["wb-stranger0000000000000000000"].dialed == 0
    (refused, *_) = stage.wait(lambda: engine.said("attempt_refused"), "it is written down")
    assert refused["rule"] == "attempt.unknown"


def test_without_the_dial_permit_no_call_goes_out_and_leads_come_back_uncounted(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(busy_world(talk_s=1.0))
    stage.loop.run(stage.permits.cut())
    stage.campaign(12)
    stage.staff()
    stage.start_engine()
    stage.wait(lambda: len(stage.attempts("ended_at IS NOT NULL")) >= 6, "six orders come to nothing")

    assert [each.dialed for each in stage.truth().attempts.values() if each.dialed] == []
    for row in stage.attempts("ended_at IS NOT NULL"):
        assert (row["state"], row["counted"], row["consumed_at"]) == ("failed", 0, None), row
        lead = stage.rows("SELECT * FROM lead WHERE id = ?", row["lead_id"])[0]
        assert (lead["state"], lead["attempts_made"]) in {("listed", 0), ("calling", 0)}, lead

    stage.loop.run(stage.permits.mend())
    stage.wait(
        lambda: [each for each in stage.truth().attempts.values() if each.dialed], "the dial permit is back"
    )
    stage.pause_campaign()
    stage.wait_quiet()
    assert_invariants(stage)


@pytest.mark.parametrize("held", ["question", "answer"])
def test_a_dial_permit_slower_than_the_order_rings_nobody_counts_for_nobody_and_stops_the_dialling(
    open_stage: OpenStage, held: str
) -> None:
    stage = open_stage(busy_world(talk_s=1.0))
    spoken = asyncio.Event()
    if held == "question":
        stage.hold_question = spoken.wait
    else:
        stage.hold_answer = spoken.wait
    stage.campaign(12)
    stage.staff()
    engine = stage.start_engine()
    given_up = stage.wait(lambda: at_least(stage.attempts("ended_at IS NOT NULL"), IN_A_ROW), "they end")
    stage.wait(lambda: stage.view().sentence == CALLS_FAIL, "dialling stops")

    assert [each.dialed for each in stage.truth().attempts.values() if each.dialed] == []
    for row in given_up:
        assert (row["outcome"], row["counted"]) == ("failed", 0), row
        assert (row["consumed_at"] is not None) == (held == "answer"), row
        lead = stage.rows("SELECT * FROM lead WHERE id = ?", row["lead_id"])[0]
        assert (lead["state"], lead["attempts_made"]) in {("listed", 0), ("calling", 0)}, lead

    stage.loop.call(spoken.set)
    if held == "question":
        late = {row["id"] for row in given_up}
        stage.wait(
            lambda: late <= {each["attempt_id"] for each in engine.said("attempt_refused")}, "they ask"
        )
        assert {each["rule"] for each in engine.said("attempt_refused") if each["attempt_id"] in late} == {
            "attempt.consumed"
        }
    stage.wait(
        lambda: [each for each in stage.truth().attempts.values() if each.dialed], "the dial permit is back"
    )
    stage.pause_campaign()
    stage.wait_quiet()
    for row in given_up:
        assert stage.truth().attempts[row["id"]].dialed == 0, "it was given up"
    assert_invariants(stage)


def at_least(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """These rows, as soon as there are so many."""
    return rows if len(rows) >= count else []


def hold_first_originate(stage: Stage) -> asyncio.Event:
    """Keep the engine's first order on the wire until the event is set."""
    held = asyncio.Event()

    async def hold(sent: Sent) -> None:
        if sent is stage.sent[0]:
            await held.wait()

    stage.hold_originate = hold
    return held


def originate(attempt: str) -> tuple[tuple[str, str], ...]:
    """The order exactly as the engine gives it."""
    return (
        ("ActionID", attempt),
        ("Channel", f"Local/{attempt}@winback-permit/n"),
        ("ChannelId", attempt),
        ("Context", "winback-connect"),
        ("Exten", "outbound"),
        ("Priority", "1"),
        ("Async", "true"),
        ("Timeout", "40000"),
    )


def together(act: Callable[[RawAmi], object], links: list[RawAmi]) -> None:
    """Do the same on every link at one moment."""
    gun = threading.Barrier(len(links))
    failures: list[BaseException] = []

    def run(link: RawAmi) -> None:
        try:
            gun.wait(10)
            act(link)
        except BaseException as failure:  # noqa: BLE001 - told to the test below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(link,)) for link in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []


async def ask_gate(stage: Stage, attempt: str) -> dict[str, str]:
    """Ask as the dialplan does; the variables that were set."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.permits.port)
    fields = {"network_script": "permit", "request": "agi://127.0.0.1/permit", "uniqueid": f"{attempt};2",
              "extension": attempt, "context": "winback-permit", "callerid": "unknown",
              "arg_1": channel_proof(fastagi_secret(SECRET), f"{attempt};2")}  # fmt: skip
    writer.write(encode_request(fields.items()))
    told: dict[str, str] = {}
    while line := shlex.split((await reader.readline()).decode()):
        verb, object_, *said = line
        if (verb, object_) == ("EXEC", "MSet"):
            told |= dict(pair.split("=", 1) for pair in said[0].split(","))
            writer.write(encode_reply("0"))
        else:
            told[said[0]] = "".join(said[1:])
            writer.write(encode_reply("1"))
    writer.close()
    return told
