"""What `winback lab callbacks` says: a run over loads, beside the same callers without callbacks.

Without callbacks there are two queues: one that says nothing of the wait, as most do, and one that tells it
and offers nothing. In the second, whoever would not hold so long hangs up at once.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from callbacks.ledger import LedgerAudit, audit_ledger
from callbacks.lifecycle import PromiseState
from callbacks.queue_position import find_overtaken
from callbacks.quotes import Quote, QuoteScore, score_quotes
from callbacks.wait_history import WaitMethod
from dialer.lab.callback_centre import CallbackCentre
from dialer.lab.callback_records import CallbackTally, HeldPromise, moment
from dialer.lab.callback_scenario import DAY_S, CallbackScenario
from dialer.lab.window_oracle import GuessedWait, oracle_width_min

LOADS: Final = (0.7, 0.8, 0.9, 1.0, 1.1)
#: the same callers in a queue with callbacks, a silent one, one that tells: whether each offers, and tells
QUEUES: Final = ((True, True), (False, False), (False, True))
ONE_LOOK: Final = timedelta(seconds=30)  # as the engine's own watch counts
SHARES: Final = 1000.0  # shares are rounded to a tenth of a per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRun:
    """One load: the centre with callbacks, and the same callers without, `told` the wait or not."""

    load: float
    days: int
    tally: CallbackTally
    without: CallbackTally
    told: CallbackTally


def run_callbacks(
    *, days: int, seed: int, loads: Sequence[float] = LOADS, workers: int = 1, ask_key: bool = True
) -> dict[str, Any]:
    """Run so many days in all, an equal part at each load; every figure, and one row a load.

    `ask_key`: customers who are called back press a key before there is an agent. With more `workers` as
    many of a load's three runs go side by side, which changes nothing but the time it takes.
    """
    parts = [days // len(loads) + (at < days % len(loads)) for at in range(len(loads))]
    asked = [
        (CallbackScenario(load=load, ask_key=ask_key), part, seed, queue)
        for load, part in zip(loads, parts, strict=True)
        if part
        for queue in QUEUES
    ]
    if workers > 1:
        with ProcessPoolExecutor(min(workers, len(asked))) as processes:
            tallies = list(processes.map(_run_days, *zip(*asked, strict=True)))
    else:
        tallies = [_run_days(*each) for each in asked]
    kinds = len(QUEUES)
    runs = [
        CallbackRun(load=scenario.load, days=part, tally=tally, without=without, told=told)
        for (scenario, part, *_), tally, without, told in zip(
            asked[::kinds], tallies[::kinds], tallies[1::kinds], tallies[2::kinds], strict=True
        )
    ]
    return {"days": sum(run.days for run in runs), "seed": seed, **figures(runs), "loads": rows(runs)}


def rows(runs: Iterable[CallbackRun]) -> list[dict[str, Any]]:
    """One row a load."""
    return [{"load": run.load, "days": run.days, **figures([run])} for run in runs]


def _run_days(scenario: CallbackScenario, days: int, seed: int, queue: tuple[bool, bool]) -> CallbackTally:
    callbacks, tells = queue
    return CallbackCentre(scenario, seed, callbacks=callbacks, tells=tells).run(days)


def figures(runs: Sequence[CallbackRun]) -> dict[str, Any]:
    """What the runs come to together."""
    tallies = [run.tally for run in runs]
    made = [held for tally in tallies for held in tally.promises]
    score = _score(runs)
    waits = [
        ((held.called_at - held.asked_at).total_seconds(), held.middle_s)
        for held in made
        if held.called_at is not None and held.middle_s is not None
    ]
    waited_s = sum(wait for wait, _ in waits)
    reachable = [
        held
        for held in made
        if held.reachable and held.ended_at is not None and held.state is not PromiseState.CANCELLED
    ]
    ends = {state: sum(held.state is state for held in made) for state in PromiseState}
    with_s, without_s, told_s = (
        sum(tally.holding_s for tally in many)
        for many in (tallies, [run.without for run in runs], [run.told for run in runs])
    )
    return {
        "callers": sum(tally.callers for tally in tallies),
        "promises_made": len(made),
        "promises_kept": ends[PromiseState.KEPT],
        "promises_settled": ends[PromiseState.SETTLED],
        "promises_cancelled": ends[PromiseState.CANCELLED],
        "promises_closed": ends[PromiseState.CLOSED],
        "promises_open": sum(held.ended_at is None for held in made),
        "reached_of_reachable": _share(
            sum(held.state in {PromiseState.KEPT, PromiseState.SETTLED} for held in reachable), len(reachable)
        ),
        "conservation_error": sum(
            _unaccounted(audit_ledger(map(HeldPromise.record, tally.promises), "UTC")) for tally in tallies
        ),
        "double_calls": sum(tally.double_calls for tally in tallies),
        "overtakes": sum(
            len(find_overtaken([held.wait() for held in tally.promises], ONE_LOOK)) for tally in tallies
        ),
        "calls_outside_hours": sum(tally.outside_hours for tally in tallies),
        "rung_while_on_line": sum(tally.rung_while_on_line for tally in tallies),
        "kept_in_window": _share(score.within, score.known),
        "talked_in_window": _share(score.kept, score.known),
        "early": _share(score.early, score.known),
        "late": _share(score.late, score.known),
        "window_over_oracle": _over_oracle(runs),
        "window_min": round(_mean([_width_min(held.quote) for held in made if held.quote is not None]), 1),
        "wait_min": round(waited_s / len(waits) / 60.0, 1) if waits else 0.0,
        "quote_bias": round((sum(told for _, told in waits) - waited_s) / waited_s, 3) if waited_s else 0.0,
        "after_answer_wait_p95_s": round(_p95([s for tally in tallies for s in tally.after_answer_s]), 2),
        "holding_s_saved_share": _share(without_s - with_s, without_s),
        "line_s_saved_share": _share(without_s - with_s - sum(tally.words_s for tally in tallies), without_s),
        "holding_s_saved_share_of_told": _share(told_s - with_s, told_s),
        "occupancy": _occupancy(tallies),
        "agents_kept": _share(
            sum(tally.kept_s for tally in tallies), sum(tally.logged_in_s for tally in tallies)
        ),
        "rung_ahead": _share(
            sum(tally.rung_ahead for tally in tallies), sum(len(held.rung_at) for held in made)
        ),
        "occupancy_without": _occupancy([run.without for run in runs]),
        "served": sum(tally.served for tally in tallies),
        "served_without": sum(run.without.served for run in runs),
        "gave_up": sum(tally.gave_up for tally in tallies),
        "gave_up_without": sum(run.without.gave_up for run in runs),
    }


def _score(runs: Sequence[CallbackRun]) -> QuoteScore:
    quotes = []
    for run in runs:
        for held in run.tally.promises:
            if held.quote is None:
                continue
            kept_at = held.kept_at if held.state is PromiseState.KEPT else None
            quotes.append(
                replace(held.quote, called_at=held.called_at, kept_at=kept_at, ended_at=held.ended_at)
            )
    return score_quotes(quotes, moment(max((run.days for run in runs), default=0) * DAY_S))


def _over_oracle(runs: Sequence[CallbackRun]) -> float:
    """The width of what was said over the oracle's, whose windows hold as many; each load for itself."""
    said_min = oracle_min = 0.0
    for run in runs:
        called = [
            (held, (held.called_at - held.asked_at).total_seconds())
            for held in run.tally.promises
            if held.quote is not None and held.called_at is not None
        ]
        held_share = _score([run]).share or 0.0
        widths = [
            oracle_width_min(
                [
                    GuessedWait(guess_s=held.guesses[method], wait_s=wait_s)
                    for held, wait_s in called
                    if method in held.guesses
                ],
                held_share,
            )
            for method in WaitMethod
        ]
        said_min += sum(_width_min(held.quote) for held, _ in called if held.quote is not None)
        oracle_min += min(filter(None, widths), default=0.0) * len(called)
    return round(said_min / oracle_min, 2) if oracle_min else 0.0


def _unaccounted(audit: LedgerAudit) -> int:
    return audit.error + len(audit.faults)


def _occupancy(tallies: Iterable[CallbackTally]) -> float:
    many = list(tallies)
    return _share(sum(tally.busy_s for tally in many), sum(tally.logged_in_s for tally in many))


def _width_min(quote: Quote) -> float:
    return (quote.said_until - quote.said_from).total_seconds() / 60.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else 0.0


def _share(part: float, whole: float) -> float:
    return round(SHARES * part / whole) / SHARES if whole else 0.0
