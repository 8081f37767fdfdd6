"""Laws that hold whatever breaks: engine killed, link cut, PBX restarted."""

import signal
from collections.abc import Callable
from datetime import timedelta

from acceptance.laws import assert_committed_first, assert_laws, assert_never_twice
from acceptance.stage import Stage, busy_world

from dialer.services.promises import promise_ledger
from telephony.simulator.truth import AttemptTruth

OpenStage = Callable[..., Stage]

LONG_TALK_S = 16.0  # longer than a lease, so that talks live through a gap
CUT_S = 10.0
IN_THE_PIPE = timedelta(seconds=0.5)  # what was read from the engine just before the cut


def test_an_attempt_is_in_the_book_before_the_pbx_hears_of_it(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(40)
    stage.staff()
    stage.start_engine()

    stage.wait(lambda: len(stage.sent) >= 20, "twenty calls are placed")

    assert_committed_first(stage)
    assert_never_twice(stage)


def test_an_engine_killed_in_mid_campaign_rings_nobody_twice_and_loses_no_promise(
    open_stage: OpenStage,
) -> None:
    stage = in_mid_campaign(open_stage)
    before = alive(stage)

    stage.engines[0].signal(signal.SIGKILL)
    again = stage.start_engine(again=0)
    stage.wait_leading(again)

    carries_on(stage, before)


def test_a_link_cut_for_ten_seconds_sends_nothing_again_and_loses_no_promise(open_stage: OpenStage) -> None:
    stage = in_mid_campaign(open_stage)
    before = alive(stage)

    line, cut_at = stage.ami[0], stage.clock()
    stage.loop.run(line.cut())
    stage.wait(lambda: stage.engines[0].said("link_lost"), "the engine notices")
    stage.wait(lambda: (stage.clock() - cut_at).total_seconds() >= CUT_S, "ten seconds pass")
    assert all(sent.at <= cut_at + IN_THE_PIPE for sent in stage.sent)
    stage.loop.run(line.mend())
    stage.wait(lambda: line.connections >= 2 and stage.view()["ready"], "the link is up again")

    carries_on(stage, before)
    assert stage.engines[0].exit_code is None


def test_a_pbx_restarted_in_mid_campaign_sends_nothing_again_and_loses_no_promise(
    open_stage: OpenStage,
) -> None:
    stage = in_mid_campaign(open_stage)
    before = alive(stage)

    stage.loop.call(stage.pbx.restart)
    stage.wait(lambda: stage.ami[0].connections >= 2 and stage.view()["ready"], "the link is up again")

    carries_on(stage, before)
    rows = stage.attempts("ended_at IS NOT NULL")
    ended = {row["id"]: row["outcome"] for row in rows}
    talked = {attempt for attempt, real in before.items() if real.agent is not None}
    assert {ended[attempt] for attempt in talked} == {"connected"}
    assert {ended[attempt] for attempt in before.keys() - talked} <= {"unknown", "failed"}
    assert stage.engines[0].exit_code is None


def in_mid_campaign(open_stage: OpenStage) -> Stage:
    """Five agents with their hands full, calls being placed, promises open."""
    stage = open_stage(busy_world(talk_s=LONG_TALK_S))
    stage.campaign(150)
    stage.staff()
    stage.wait_leading(stage.start_engine())
    stage.wait(lambda: len(talking(stage)) >= 4, "four customers talk")
    for place in range(4):
        stage.ring_in(place)
    stage.wait(lambda: promise_ledger(stage.book).made >= 2, "two callers are promised a call")
    stage.wait(
        lambda: len(talking(stage)) >= 4 and len(alive(stage)) > len(talking(stage)), "calls in the air"
    )
    return stage


def carries_on(stage: Stage, before: dict[str, AttemptTruth]) -> None:
    """After the gap: what lived is adopted, new calls are placed, and every law held."""
    then = stage.truth().attempts
    lived = {attempt for attempt in before if not then[attempt].over}
    sent = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= sent + 5, "the campaign goes on")
    stage.wait(lambda: promise_ledger(stage.book).kept >= 1, "a promise is kept")
    stage.pause_campaign()
    stage.wait(lambda: all(stage.truth().attempts[each].over for each in lived), "what lived ends")
    stage.wait_quiet()
    for attempt in lived:
        row = stage.attempts("id = ?", attempt)[0]
        real = stage.truth().attempts[attempt]
        if real.agent is not None:
            assert row["outcome"] == "connected", (row, real)
            assert abs(row["talk_s"] - real.talk_s) <= 1.5, (row, real)
        else:
            assert row["outcome"] not in {None, "unknown", "connected"}, (row, real)
    assert_laws(stage)


def alive(stage: Stage) -> dict[str, AttemptTruth]:
    """Attempts in the air or talking."""
    return {key: each for key, each in stage.truth().attempts.items() if not each.over}


def talking(stage: Stage) -> dict[str, AttemptTruth]:
    """Attempts whose customer talks with an agent."""
    return {key: each for key, each in alive(stage).items() if each.agent is not None}
