"""What each scheduled job does: one use case each, and a sentence on what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from churnmodel.array_types import Progress
from churnmodel.drift import Concern
from dialer.core.amounts import amount_of
from dialer.core.schedule import ScheduledJob
from dialer.db.queries import leads
from dialer.db.session import Database
from dialer.services.analytics.contact_learning import ENOUGH, learn_answering
from dialer.services.analytics.effect import CampaignEffect, measure_campaign
from dialer.services.analytics.fates import HORIZON
from dialer.services.analytics.model_monitoring import FEWEST_MATURED, look_for_drift
from dialer.services.analytics.prices import price_from
from dialer.services.analytics.training import (
    NoChampion,
    NothingToLearn,
    score_customers,
    train_model,
)
from dialer.services.calls.call_recount import recount_calls
from dialer.services.campaigns.list_writing import take_out_broken_off
from dialer.services.evidence.recorded_reasons import delete_reasons
from dialer.services.evidence.retention import let_go
from dialer.services.promises.ledger_audit import audit_promises, carry_forward, forget_balance
from dialer.services.recordings.recordings import delete_old, folder_of
from dialer.services.reporting.kept_days import keep_days
from dialer.services.reporting.mailings import send_due
from dialer.services.reporting.measured_saves import keep_saves
from dialer.services.schedule.schedule import ACTOR, End
from dialer.settings import Settings

WRONG_COUNTS: Final = (
    "The calls that were counted as they came differed from the calls themselves in {} quarters of an hour; "
    "they are right again. Tell us: this cannot happen."
)
NAMED: Final = 5  # columns or campaigns named in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of a scheduled job: its end, a sentence for people, figures for programs."""

    said: str
    end: End = End.DONE
    figures: Mapping[str, Any] = field(default_factory=dict)


Now = Callable[[], datetime]


def do_work(
    database: Database, settings: Settings, scheduled_job: ScheduledJob, clock: Now, progress: Progress
) -> Came:
    """Do what a scheduled job is about. What is not possible yet is a `Came` that says what is missing."""
    try:
        return WORK[scheduled_job](database, settings, clock, progress)
    except (NothingToLearn, NoChampion) as missing:
        return Came(end=End.NOTHING, said=str(missing))


def _ledger(database: Database, settings: Settings, clock: Now, _progress: Progress) -> Came:
    """Every promise there ever was, since one goes missing on any day; and what was counted of the calls."""
    wrong = recount_calls(database, clock())
    if wrong:
        return Came(end=End.FAILED, said=WRONG_COUNTS.format(wrong), figures={"wrong_counts": wrong})
    audit = audit_promises(database, settings.queues.zone)
    made = sum(line.made for line in audit.lines)
    if not audit.lines:
        return Came(end=End.NOTHING, said="No promise was made yet.")
    figures = {"made": made, "error": audit.error, "faults": [fault.promise for fault in audit.faults]}
    if audit.adds_up:
        carry_forward(database, clock())
        return Came(said=f"{made:,} promises add up, every day and queue of them.", figures=figures)
    forget_balance(database)
    named = "; ".join(f"promise {fault.promise}: {fault.what}" for fault in audit.faults[:NAMED])
    more = f"; and {len(audit.faults) - NAMED} more" if len(audit.faults) > NAMED else ""
    said = f"The promises do not add up ({audit.error} apart): {named}{more}. `winback callbacks audit`."
    return Came(end=End.FAILED, said=said, figures=figures)


def _contact(database: Database, _settings: Settings, clock: Now, _progress: Progress) -> Came:
    learned = learn_answering(database, clock())
    figures = {"attempts": learned}
    if learned < ENOUGH:
        said = f"{learned:,} finished attempts are known; {ENOUGH:,} are needed to learn who answers when."
        return Came(end=End.NOTHING, said=said, figures=figures)
    return Came(said=f"Learned who answers when from {learned:,} attempts.", figures=figures)


def _train(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    audit = settings.model.audit
    report = train_model(database, settings.data_dir, clock(), audit=audit, progress=progress)
    auc = report.figures.get("roc_auc", 0.0)
    return Came(
        said=(
            f"Model {report.model} ({report.kind}) learned from {amount_of(report.rows, 'customer')}, "
            f"ROC-AUC {auc:.3f}. "
            f"It is {'the champion' if report.role == 'champion' else 'a challenger'}: {report.why}. "
            f"{report.called}"
        ).rstrip(),
        figures={
            "model": report.model,
            "role": report.role,
            "why": report.why,
            **report.figures,
            "uplift": report.uplift,
        },
    )


def _score(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    report = score_customers(database, settings, clock(), progress=progress)
    return Came(
        said=(
            f"{amount_of(report.scored, 'customer')} scored by model {report.model}: mean risk "
            f"{report.mean_risk:.1%}; "
            f"a call is worth more than it costs for {report.worth_a_call:,}. {report.priced_by}"
        ),
        figures=report.as_dict(),
    )


def _effect(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    """Look at every running campaign; until its horizon is over, at what is known so far.

    Harm that shows early is stopped early: the test of it is exact at every look.
    """
    now, price = clock(), price_from(settings)
    with database.read() as tx:
        running = [(row.id, row.name, row.started_at or row.created_at) for row in leads.running(tx)]
    if not running:
        return Came(end=End.NOTHING, said="No campaign is running.")
    found = []
    for place, (campaign, _, began) in enumerate(running):
        horizon = HORIZON if now >= began + HORIZON else HORIZON * 0
        found.append(measure_campaign(database, campaign, now, price=price, horizon=horizon, actor=ACTOR))
        progress("effect", (place + 1) / len(running))
    stopped = [one.campaign for one in found if one.paused]
    said = "; ".join(_look(one) for one in found[:NAMED])
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return Came(
        said=f"{said}{more}.",
        figures={
            "looked": len(found),
            "stopped": stopped,
            "campaigns": {one.campaign: _figures(one) for one in found},
        },
    )


def _look(found: CampaignEffect) -> str:
    word = "paused, calling did harm" if found.paused else "kept"
    if found.effect is None or found.effect.refused:
        missing = "its leavers have no dates" if found.undated else "not enough outcomes yet"
        return f"{found.campaign}: {word if found.paused else missing}"
    kept = found.effect.kept
    return f"{found.campaign}: {word} {kept.estimate:+.1%} ({kept.low:+.1%} to {kept.high:+.1%})"


def _figures(found: CampaignEffect) -> dict[str, Any]:
    known = {
        "known_called": found.known_called,
        "known_held_out": found.known_held_out,
        "paused": found.paused,
    }
    if found.effect is None or found.effect.refused:
        return known
    kept = found.effect.kept
    return {**known, "kept": kept.estimate, "low": kept.low, "high": kept.high}


def _drift(database: Database, _settings: Settings, _clock: Now, _progress: Progress) -> Came:
    found = look_for_drift(database)
    moved = [shift for shift in found.shifts if shift.concern is Concern.ATTENTION]
    noticed = [shift for shift in found.shifts if shift.concern is Concern.NOTICE]
    level = found.level
    words = [f"{len(moved)} of {len(found.shifts)} columns of model {found.model} deserve attention"]
    if moved:
        words[0] += f": {', '.join(shift.name for shift in moved[:NAMED])}"
    if noticed:
        words.append(f"{len(noticed)} moved a little")
    if level is None:
        words.append(f"its level cannot be judged before {FEWEST_MATURED} outcomes ({found.matured:,} known)")
    else:
        words.append(f"it said {level.predicted:.1%} would leave, {level.seen:.1%} did")
    return Came(
        said=f"{'; '.join(words)}.",
        figures={
            "attention": [shift.name for shift in moved],
            "notice": [shift.name for shift in noticed],
            "level": None if level is None else level.concern.value,
            "matured": found.matured,
        },
    )


def _retention(database: Database, settings: Settings, clock: Now, _progress: Progress) -> Came:
    # before the promises themselves, which are kept until what their callers said is deleted
    reasons = delete_reasons(database, settings.sound.folder, settings.sound.reasons_d, clock())
    gone = let_go(database, settings.retention, clock()) | {"recorded reasons": reasons.deleted}
    gone["lists that broke off"] = take_out_broken_off(database)
    if reasons.left:
        folder = settings.sound.folder
        said = (
            f"{reasons.left:,} recordings of callers stay, since {folder} is not on this machine; mount it."
        )
        return Came(end=End.FAILED, said=said, figures=gone)
    folder_of_talks = folder_of(settings)
    if folder_of_talks is not None:
        gone["recordings"] = delete_old(database, folder_of_talks, settings.sound.recordings_d, clock())
    if not any(gone.values()):
        return Came(end=End.NOTHING, said="Nothing is older than it has to be kept.", figures=gone)
    return Came(
        said=f"Taken out: {', '.join(f'{n:,} {name}' for name, n in gone.items() if n)}.", figures=gone
    )


def _reports(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    zone = settings.queues.zone
    counted = keep_days(database, zone, clock())
    progress("reports", 0.5)
    measured = keep_saves(database, price_from(settings), zone, clock())
    sent = send_due(database, zone, clock())
    figures = {"days": counted, "campaigns": measured, "mails": sent}
    said = f"{counted:,} days were counted, {measured:,} campaigns measured, {sent:,} reports sent."
    return Came(said=said, figures=figures)


WORK: Final[Mapping[ScheduledJob, Callable[[Database, Settings, Now, Progress], Came]]] = {
    ScheduledJob.LEDGER: _ledger,
    ScheduledJob.CONTACT: _contact,
    ScheduledJob.TRAIN: _train,
    ScheduledJob.SCORE: _score,
    ScheduledJob.EFFECT: _effect,
    ScheduledJob.DRIFT: _drift,
    ScheduledJob.RETENTION: _retention,
    ScheduledJob.REPORTS: _reports,
}
