"""What calling changed, in sentences: for the command and the page alike."""

from churnmodel.effect import Interval
from dialer.core.sentence import Figure, Plain, Sentence
from dialer.services.analytics.effect import CampaignEffect


def in_words(found: CampaignEffect) -> list[str]:
    """The effect in sentences, also where there is nothing to say yet."""
    called = found.listed - found.held_out
    said: list[str] = [
        Sentence(
            "%(campaign)s: %(customers)s to call, %(held_out)s held out by chance (%(coin)s of both by the "
            "coin); the outcome is known of %(known)s and %(known_held_out)s.",
            campaign=repr(found.campaign),
            customers=_customers(called),
            held_out=Figure(found.held_out),
            coin=Figure(found.by_coin),
            known=Figure(found.known_called),
            known_held_out=Figure(found.known_held_out),
        )
    ]
    if found.left_before:
        before = Figure(found.left_before)
        said.append(Sentence("%(customers)s had left before it began and are not counted.", customers=before))
    measured = found.effect
    why = why_not(found)
    if measured is None or why:
        return [*said, why, *all_calling(found), *harm(found)]
    unsure = measured.kept.low <= 0 <= measured.kept.high
    said.append(
        Sentence(
            "Calling kept %(share)s of those assigned to be called%(alone)s%(unsure)s.",
            share=share(measured.kept),
            alone=Sentence(", beyond what the other campaigns changed") if found.shared else "",
            unsure=Sentence(" (not told apart from nothing)") if unsure else "",
        )
    )
    said += all_calling(found)
    if measured.kept_by_contact is None:
        said.append(Sentence("Too few were reached to say what one conversation changes."))
    else:
        said.append(Sentence("For each customer reached: %(share)s.", share=share(measured.kept_by_contact)))
    money = measured.money
    said.append(
        Sentence(
            "In money, value kept less cost: %(each)s for each customer assigned (%(low)s to %(high)s); for "
            "all %(called)s to call %(all)s (%(all_low)s to %(all_high)s).",
            each=_money(money.estimate),
            low=_money(money.low),
            high=_money(money.high),
            called=Figure(called),
            all=_money(called * money.estimate, 0),
            all_low=_money(called * money.low, 0),
            all_high=_money(called * money.high, 0),
        )
    )
    beyond = found.beyond
    if beyond is not None and not beyond.refused and beyond.kept.low < beyond.kept.high:
        said.append(
            Sentence(
                "Of those whom the list left out, the coin had %(called)s called: it kept %(share)s.",
                called=Figure(beyond.called),
                share=share(beyond.kept),
            )
        )
    said.append(
        Sentence(
            "The intervals hold at every look, 95 %% of all looks together; scores took out %(variance)s of "
            "the variance.",
            variance=Figure(measured.variance_saved, share=True),
        )
    )
    return said + harm(found)


def why_not(found: CampaignEffect) -> str:
    """Why nothing can be said of a campaign's effect; empty where something can."""
    measured = found.effect
    if measured is None:
        return Sentence(
            "There is nothing to say yet: %(days)s days after the start are over on %(day)s.",
            days=f"{found.horizon_days:g}",
            day=f"{found.over_at:%Y-%m-%d}",
        )
    if found.undated:
        return Sentence(
            "Dates are needed: %(customers)s of the list are told to have left, and nobody knows whether "
            "before the horizon was over, on %(day)s, or later [%(rule)s]. Tell when with `winback label "
            "FILE --at COLUMN`, also of customers who are known to have left.",
            customers=Figure(found.undated),
            day=f"{found.over_at:%Y-%m-%d}",
            rule=measured.refused,
        )
    if measured.refused:
        coin = Sentence("; customers of other campaigns count only where the coin decided")
        return Sentence(
            "There is not enough yet: at least 30 customers with a known outcome are needed on each side, "
            "and 10 each of those who left and who stayed [%(rule)s]%(coin)s. Tell outcomes with `winback "
            "label FILE`, also who stayed: --rest-stayed or --left COLUMN.",
            rule=measured.refused,
            coin=coin if found.shared else "",
        )
    return ""


def all_calling(found: CampaignEffect) -> list[str]:
    """What all campaigns together changed for this one's customers, where it is not the only one."""
    if not found.shared:
        return []
    shared = Figure(found.shared)
    measured = found.by_all
    if measured is None or measured.refused:
        return [
            Sentence(
                "Other campaigns may have called %(shared)s of them too, and hold out the same customers; "
                "what all of their calls changed cannot be said yet.",
                shared=shared,
            )
        ]
    return [
        Sentence(
            "Other campaigns may have called %(shared)s of them too, and hold out the same customers. All "
            "calling together kept %(share)s of those whom any campaign was to call.",
            shared=shared,
            share=share(measured.kept),
        )
    ]


def harm(found: CampaignEffect) -> list[str]:
    """What is said of harm, and of the pause for it."""
    stop = found.effect.stop if found.effect else None
    said: list[str] = []
    if stop is not None:
        where = Sentence(" in the segment %(segment)s", segment=repr(stop.segment))
        said.append(
            Sentence(
                "HARM%(where)s: %(why)s [%(rule)s].",
                where=where if stop.segment else "",
                why=Plain(stop.why),
                rule=stop.rule,
            )
        )
    if found.paused:
        said.append(
            Sentence(
                "The campaign was running and is paused. Nobody is called until somebody starts it again."
            )
        )
    return said


def share(interval: Interval) -> Sentence:
    """An effect in percentage points."""
    return Sentence(
        "%(estimate)s (%(low)s to %(high)s)",
        estimate=Figure(interval.estimate, 2, share=True, signed=True),
        low=Figure(interval.low, 2, share=True, signed=True),
        high=Figure(interval.high, 2, share=True, signed=True),
    )


def _money(amount: float, digits: int = 2) -> Figure:
    return Figure(amount, digits, signed=True)


def _customers(count: int) -> Sentence:
    if count == 1:
        return Sentence("1 customer")
    return Sentence("%(customers)s customers", customers=Figure(count))
