"""What each scheduled job does: one use case each, and a sentence on what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from churnmodel.array_types import Progress
from churnmodel.drift import Concern
from dialer.core.schedule import ScheduledJob
from dialer.core.sentence import Figure, Sentence, Several
from dialer.db.queries import leads
from dialer.db.session import Database
from dialer.services.analytics.contact_learning import ENOUGH, learn_answering
from dialer.services.analytics.effect import CampaignEffect, measure_campaign
from dialer.services.analytics.fates import HORIZON
from dialer.services.analytics.model_monitoring import FEWEST_MATURED, look_for_drift
from dialer.services.analytics.prices import price_from
from dialer.services.analytics.scoring import NoChampion, score_customers
from dialer.services.analytics.training import NothingToLearn, train_model
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

#: rows and files that are kept for so long, by the name that counts them
TAKEN_OUT: Final = {
    "notes": "notes: %(num)s",
    "wishes": "wishes: %(num)s",
    "messages": "messages: %(num)s",
    "refusals": "refusals: %(num)s",
    "attempts": "attempts: %(num)s",
    "promises": "promises: %(num)s",
    "inbound calls": "inbound calls: %(num)s",
    "audit": "entries of the audit: %(num)s",
    "recorded reasons": "recorded reasons: %(num)s",
    "lists that broke off": "lists that broke off: %(num)s",
    "recordings": "recordings: %(num)s",
}
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
        differed = Sentence(
            "The calls that were counted as they came differed from the calls themselves in %(wrong)s "
            "quarters of an hour; they are right again. Tell us: this cannot happen.",
            wrong=Figure(wrong),
        )
        return Came(end=End.FAILED, said=differed, figures={"wrong_counts": wrong})
    audit = audit_promises(database, settings.queues.zone)
    made = sum(line.made for line in audit.lines)
    if not audit.lines:
        return Came(end=End.NOTHING, said=Sentence("No promise was made yet."))
    figures = {"made": made, "error": audit.error, "faults": [fault.promise for fault in audit.faults]}
    if audit.adds_up:
        carry_forward(database, clock())
        said = Sentence("%(made)s promises add up, every day and queue of them.", made=Figure(made))
        return Came(said=said, figures=figures)
    forget_balance(database)
    apart = Sentence(
        "The promises do not add up (%(error)s apart): see `winback callbacks audit`.",
        error=Figure(audit.error),
    )
    named = [
        Sentence("Promise %(promise)s: %(what)s.", promise=fault.promise, what=fault.what)
        for fault in audit.faults[:NAMED]
    ]
    said = Sentence.joined([apart, *named, *_and_more(len(audit.faults))])
    return Came(end=End.FAILED, said=said, figures=figures)


def _contact(database: Database, _settings: Settings, clock: Now, _progress: Progress) -> Came:
    learned = learn_answering(database, clock())
    figures = {"attempts": learned}
    if learned < ENOUGH:
        said = Sentence(
            "%(learned)s finished attempts are known; %(enough)s are needed to learn who answers when.",
            learned=Figure(learned),
            enough=Figure(ENOUGH),
        )
        return Came(end=End.NOTHING, said=said, figures=figures)
    said = Sentence("Learned who answers when from %(learned)s attempts.", learned=Figure(learned))
    return Came(said=said, figures=figures)


def _train(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    audit = settings.model.audit
    report = train_model(database, settings.data_dir, clock(), audit=audit, progress=progress)
    auc = report.figures.get("roc_auc", 0.0)
    learned = Sentence(
        "Model %(model)s (%(kind)s) learned from %(customers)s customers, ROC-AUC %(auc)s.",
        model=report.model,
        kind=report.kind,
        customers=Figure(report.rows),
        auc=Figure(auc, 3),
    )
    placed = (
        Sentence("It is the champion: %(why)s.", why=report.why)
        if report.role == "champion"
        else Sentence("It is a challenger: %(why)s.", why=report.why)
    )
    return Came(
        said=Sentence.joined([learned, placed, report.called]),
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
    scored = Sentence(
        "%(customers)s customers scored by model %(model)s: mean risk %(risk)s; a call is worth more than it "
        "costs for %(worth)s.",
        customers=Figure(report.scored),
        model=report.model,
        risk=Figure(report.mean_risk, 1, share=True),
        worth=Figure(report.worth_a_call),
    )
    return Came(
        said=Sentence.joined([scored, report.priced_by]),
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
        return Came(end=End.NOTHING, said=Sentence("No campaign is running."))
    found = []
    for place, (campaign, _, began) in enumerate(running):
        horizon = HORIZON if now >= began + HORIZON else HORIZON * 0
        found.append(measure_campaign(database, campaign, now, price=price, horizon=horizon, actor=ACTOR))
        progress("effect", (place + 1) / len(running))
    stopped = [one.campaign for one in found if one.paused]
    return Came(
        said=Sentence.joined([*map(_look, found[:NAMED]), *_and_more(len(found))]),
        figures={
            "looked": len(found),
            "stopped": stopped,
            "campaigns": {one.campaign: _figures(one) for one in found},
        },
    )


def _and_more(count: int) -> list[Sentence]:
    return [Sentence("And %(num)s more.", num=Figure(count - NAMED))] if count > NAMED else []


def _look(found: CampaignEffect) -> Sentence:
    name = found.campaign
    if found.effect is None or found.effect.refused:
        if found.paused:
            return Sentence("%(campaign)s: paused, calling did harm.", campaign=name)
        if found.undated:
            return Sentence("%(campaign)s: its leavers have no dates.", campaign=name)
        return Sentence("%(campaign)s: not enough outcomes yet.", campaign=name)
    kept = {
        each: Figure(getattr(found.effect.kept, each), 1, share=True, signed=True)
        for each in ("estimate", "low", "high")
    }
    if found.paused:
        return Sentence(
            "%(campaign)s: paused, calling did harm: %(estimate)s (%(low)s to %(high)s).",
            campaign=name,
            **kept,
        )
    return Sentence("%(campaign)s: kept %(estimate)s (%(low)s to %(high)s).", campaign=name, **kept)


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
    facts = {"moved": len(moved), "columns": len(found.shifts), "model": found.model}
    words = [
        Sentence(
            "%(moved)s of %(columns)s columns of model %(model)s deserve attention: %(names)s.",
            **facts,
            names=Several(shift.name for shift in moved[:NAMED]),
        )
        if moved
        else Sentence("%(moved)s of %(columns)s columns of model %(model)s deserve attention.", **facts)
    ]
    if noticed:
        words.append(Sentence("Columns that moved a little: %(noticed)s.", noticed=len(noticed)))
    if level is None:
        words.append(
            Sentence(
                "Its level cannot be judged before %(needed)s outcomes (%(known)s known).",
                needed=FEWEST_MATURED,
                known=Figure(found.matured),
            )
        )
    else:
        words.append(
            Sentence(
                "It said %(predicted)s would leave, %(seen)s did.",
                predicted=Figure(level.predicted, 1, share=True),
                seen=Figure(level.seen, 1, share=True),
            )
        )
    return Came(
        said=Sentence.joined(words),
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
        said = Sentence(
            "%(left)s recordings of callers stay, since %(folder)s is not on this machine; mount it.",
            left=Figure(reasons.left),
            folder=folder,
        )
        return Came(end=End.FAILED, said=said, figures=gone)
    folder_of_talks = folder_of(settings)
    if folder_of_talks is not None:
        gone["recordings"] = delete_old(database, folder_of_talks, settings.sound.recordings_d, clock())
    if not any(gone.values()):
        return Came(end=End.NOTHING, said=Sentence("Nothing is older than it has to be kept."), figures=gone)
    taken = [Sentence(TAKEN_OUT[name], num=Figure(count)) for name, count in gone.items() if count]
    return Came(said=Sentence("Taken out: %(taken)s.", taken=Several(taken)), figures=gone)


def _reports(database: Database, settings: Settings, clock: Now, progress: Progress) -> Came:
    zone = settings.queues.zone
    counted = keep_days(database, zone, clock())
    progress("reports", 0.5)
    measured = keep_saves(database, price_from(settings), zone, clock())
    sent = send_due(database, zone, clock())
    figures = {"days": counted, "campaigns": measured, "mails": sent}
    said = Sentence(
        "%(days)s days were counted, %(campaigns)s campaigns measured, %(mails)s reports sent.",
        days=Figure(counted),
        campaigns=Figure(measured),
        mails=Figure(sent),
    )
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
