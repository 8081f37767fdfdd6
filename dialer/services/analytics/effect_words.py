"""What calling changed, in sentences: for the command and the page alike."""

from churnmodel.effect import Interval
from dialer.core.amounts import amount_of
from dialer.services.analytics.effect import CampaignEffect


def in_words(found: CampaignEffect) -> list[str]:
    """The effect in sentences, also where there is nothing to say yet."""
    called = found.listed - found.held_out
    lists = (
        f"{amount_of(called, 'customer')} to call, {found.held_out:,} held out by chance "
        f"({found.by_coin:,} of both by the coin)"
    )
    known = f"the outcome is known of {found.known_called:,} and {found.known_held_out:,}"
    said = [f"{found.campaign!r}: {lists}; {known}."]
    if found.left_before:
        said.append(f"{found.left_before:,} had left before it began and are not counted.")
    measured = found.effect
    why = why_not(found)
    if measured is None or why:
        return [*said, why, *all_calling(found), *harm(found)]
    sure = " (not told apart from nothing)" if measured.kept.low <= 0 <= measured.kept.high else ""
    alone = ", beyond what the other campaigns changed" if found.shared else ""
    said.append(f"Calling kept {share(measured.kept)} of those assigned to be called{alone}{sure}.")
    said += all_calling(found)
    if measured.kept_by_contact is None:
        said.append("Too few were reached to say what one conversation changes.")
    else:
        said.append(f"For each customer reached: {share(measured.kept_by_contact)}.")
    money = measured.money
    said.append(
        f"In money, value kept less cost: {money.estimate:+.2f} for each customer assigned "
        f"({money.low:+.2f} to {money.high:+.2f}); for all {called:,} to call "
        f"{called * money.estimate:+,.0f} ({called * money.low:+,.0f} to {called * money.high:+,.0f})."
    )
    beyond = found.beyond
    if beyond is not None and not beyond.refused and beyond.kept.low < beyond.kept.high:
        said.append(
            f"Of those whom the list left out, the coin had {beyond.called:,} called: it kept "
            f"{share(beyond.kept)}."
        )
    said.append(
        f"The intervals hold at every look, 95 % of all looks together; scores took out "
        f"{measured.variance_saved:.0%} of the variance."
    )
    return said + harm(found)


def why_not(found: CampaignEffect) -> str:
    """Why nothing can be said of a campaign's effect; empty where something can."""
    measured = found.effect
    if measured is None:
        return (
            f"There is nothing to say yet: {found.horizon_days:g} days after the start are over on "
            f"{found.over_at:%Y-%m-%d}. `--horizon 0` looks at what is known so far."
        )
    if found.undated:
        return (
            f"Dates are needed: {found.undated:,} of the list are told to have left, and nobody knows "
            f"whether before the horizon was over, on {found.over_at:%Y-%m-%d}, or later "
            f"[{measured.refused}]. Tell "
            "when with `winback label FILE --at COLUMN`, also of customers who are known to have left."
        )
    if measured.refused:
        coin = "; customers of other campaigns count only where the coin decided" if found.shared else ""
        return (
            "There is not enough yet: at least 30 customers with a known outcome are needed on each side, "
            f"and 10 each of those who left and who stayed [{measured.refused}]{coin}. Tell outcomes with "
            "`winback label FILE`, also who stayed: --rest-stayed or --left COLUMN."
        )
    return ""


def all_calling(found: CampaignEffect) -> list[str]:
    """What all campaigns together changed for this one's customers, where it is not the only one."""
    if not found.shared:
        return []
    said = f"Other campaigns may have called {found.shared:,} of them too, and hold out the same customers"
    measured = found.by_all
    if measured is None or measured.refused:
        return [f"{said}; what all of their calls changed cannot be said yet."]
    return [
        f"{said}. All calling together kept {share(measured.kept)} of those whom any campaign was to call."
    ]


def harm(found: CampaignEffect) -> list[str]:
    """What is said of harm, and of the pause for it."""
    stop = found.effect.stop if found.effect else None
    said = []
    if stop is not None:
        where = f" in the segment {stop.segment!r}" if stop.segment else ""
        said.append(f"HARM{where}: {stop.why} [{stop.rule}].")
    if found.paused:
        said.append(
            "The campaign was running and is paused. Nobody is called until somebody starts it again."
        )
    return said


def share(interval: Interval) -> str:
    """An effect in percentage points."""
    return f"{interval.estimate:+.2%} ({interval.low:+.2%} to {interval.high:+.2%})"
