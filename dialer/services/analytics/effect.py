"""What calling changed: a campaign's leads as chance assigned them, against what became of them.

Everyone on the list counts as assigned, reached or not. A campaign that is proven to drive customers away is
paused by the look that shows it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from churnmodel.array_types import Bools, Floats
from churnmodel.effect import Effect, Outcomes, measure, unmeasured
from churnmodel.holdout import Arm
from churnmodel.value import Price, cost_of
from dialer.core.calling.campaign import CAMPAIGN, CampaignEvent, CampaignState
from dialer.db.models import Campaign
from dialer.db.queries import assignments, audit, campaigns, learning
from dialer.db.queries.assignments import Assigned, Said
from dialer.db.queries.learning import Spent
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.analytics.fates import HORIZON, Known, known_fates
from dialer.services.analytics.overlapping_campaigns import Together, among_others, home_of, watched_for_harm
from dialer.services.campaigns.campaigns import find_campaign

MOST_LEVELS: Final = 12  # values of an attribute that are judged as segments, the most frequent ones
THIRDS: Final = ("low risk", "middle risk", "high risk")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEffect:
    """A campaign's effect, and what it could not be told of."""

    campaign: str
    state: CampaignState
    paused: bool  # by this look, because calling did harm
    began_at: datetime
    horizon_days: float  # 0: whatever is known so far
    over_at: datetime  # when the horizon is over
    listed: int
    held_out: int  # of the list, not called: by the control that all campaigns share, or by the coin
    by_coin: int  # of the list, called or not by the coin
    left_before: int  # had left before the campaign began; of no use
    undated: int  # of the list, left without a date and told after the horizon: before its end or later
    known_called: int
    known_held_out: int
    shared: int  # of those known, whom another campaign with the same control may have called too
    effect: Effect | None  # of this campaign, beyond the others; None until the horizon is over
    by_all: (
        Effect | None
    )  # of all campaigns that may have called these customers; None where it is the only one
    beyond: Effect | None  # of calling those whom the list left out, from the coin alone


def measure_campaign(
    database: Database,
    name_or_id: str | int,
    now: datetime,
    *,
    price: Price,
    horizon: timedelta = HORIZON,
    by: Sequence[str] = (),
    stop: bool = True,
    actor: str = "effect",
) -> CampaignEffect:
    """Measure what calling changed so far, and pause the campaign if that is harm.

    Args:
        database: where it is read and kept.
        name_or_id: the campaign.
        now: the moment of the look.
        price: what a customer is worth and a call costs.
        horizon: whether a customer left is asked this long after the campaign began; zero: as known so far.
        by: attributes whose values are judged as segments beside thirds of risk and languages.
        stop: whether to pause a running campaign on proven harm.
        actor: who looked, for the audit.

    Raises:
        UnknownCampaign: there is none of this name.
    """
    with database.read() as tx:
        look = _look(tx, find_campaign(tx, name_or_id), now, horizon, attributes=bool(by))
    found = _measure(look, price, by, horizon) if now >= look.over else _Measured()
    effect = found.effect
    harm = effect is not None and effect.stop is not None and not effect.stop.segment
    paused = stop and harm and _pause(database, look.campaign, effect, now, actor)
    people = look.listed
    known = [one for one in look.known.people if one.listed]
    return CampaignEffect(
        campaign=look.campaign.name,
        state=CampaignState.PAUSED if paused else look.campaign.state,
        paused=paused,
        began_at=look.began,
        horizon_days=horizon / timedelta(days=1),
        over_at=look.over,
        listed=len(people),
        held_out=sum(not one.call for one in people),
        by_coin=sum(one.arm is Arm.EXPLORE for one in people),
        left_before=sum(one.customer in look.gone for one in people),
        undated=look.undated_listed,
        known_called=sum(one.call for one in known),
        known_held_out=sum(not one.call for one in known),
        shared=sum(look.together.shared(one) for one in known),
        effect=effect,
        by_all=found.by_all,
        beyond=found.beyond,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the database knows of a campaign's people at one moment."""

    campaign: Campaign
    began: datetime
    over: datetime  # from then on it is asked who left
    everyone: Sequence[Assigned]
    known: Known
    gone: Collection[int]  # customers who had left before the campaign began
    told: Sequence[Said]
    spent: Mapping[int, Spent]
    dialled: bool
    together: Together

    @property
    def listed(self) -> list[Assigned]:
        """Those on the list."""
        return [one for one in self.everyone if one.listed]

    @property
    def undated_listed(self) -> int:
        """Customers on the list who left nobody knows when."""
        return sum(one.customer in self.known.undated for one in self.listed)

    def outcomes(self, people: Sequence[Assigned], price: Price) -> Outcomes:
        """What is measured of these of them."""
        left = [self.known.fates[one.customer] for one in people]
        return outcomes_of(people, left, price, together=self.together, spent=self.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """The effect on the list; of all campaigns together on it; and on those beyond the list."""

    effect: Effect | None = None
    by_all: Effect | None = None
    beyond: Effect | None = None


def _look(
    tx: Transaction, campaign: Campaign, now: datetime, horizon: timedelta, *, attributes: bool
) -> _Look:
    began = campaign.started_at or campaign.created_at
    over = began + horizon
    everyone = assignments.assigned(tx, campaign.id, attributes=attributes)
    return _Look(
        campaign=campaign,
        began=began,
        over=over,
        everyone=everyone,
        known=known_fates(tx, campaign.id, everyone, began, horizon),
        gone=assignments.left_before(tx, campaign.id, began),
        told=assignments.outcomes_of_campaign(tx, campaign.id, began),
        spent=learning.spent_by_lead(tx, campaign.id),
        dialled=assignments.dialled(tx, campaign.id),
        together=among_others(tx, campaign, over if horizon else now),
    )


def _measure(look: _Look, price: Price, by: Sequence[str], horizon: timedelta) -> _Measured:
    """Measure at the horizon's end; what cannot be told is said as such, and never a number."""
    known = [one for one in look.known.people if one.listed]
    outcomes = look.outcomes(known, price)
    until = look.began + (horizon or HORIZON)
    watched = watched_for_harm(look.listed, look.told, look.together, look.gone, until)
    effect = measure(outcomes, segments=_segments(known, outcomes.score, by), watched=watched)
    by_all = beyond = None
    if look.undated_listed:
        effect = replace(unmeasured(outcomes, "effect.undated"), stop=effect.stop)
    elif any(look.together.shared(one) for one in known):
        by_all = replace(measure(by_any_campaign(outcomes)), stop=None)
    if not look.dialled:  # whoever left, it was not for a call
        effect = replace(effect, stop=None)
    if not look.known.undated:
        beyond = measure(look.outcomes([one for one in look.known.people if not one.listed], price))
    return _Measured(effect=effect, by_all=by_all, beyond=beyond)


def outcomes_of(
    known: Sequence[Assigned],
    left: Sequence[float],
    price: Price,
    *,
    together: Together,
    spent: Mapping[int, Spent] | None = None,
) -> Outcomes:
    """What is measured of these customers, and of who left: what was spent by lead, values in money."""

    def each(values: Sequence[float]) -> Floats:
        return np.array(values, dtype=np.float64)

    nothing = Spent()
    on = [(spent or {}).get(one.lead or 0, nothing) for one in known]
    risks = [one.risk for one in known if one.risk is not None]
    usual = float(np.mean(risks)) if risks else 0.0
    names = [home_of(one.household, one.customer) for one in known]
    homes = {name: index for index, name in enumerate(sorted(set(names)))}
    chances = [together.chance(one) for one in known]
    by_any = [together.by_any(one) for one in known]
    return Outcomes(
        churned=each(left),
        called=each([float(one.call) for one in known]),
        propensity=each([chance.call for chance in chances]),
        standing=each([chance.standing for chance in chances]),
        by_any=each([float(called) for called, _ in by_any]),
        chance_by_any=each([1 - uncalled for _, uncalled in by_any]),
        reached=each([float(one.answered > 0) for one in on]),
        score=each([usual if one.risk is None else one.risk for one in known]),
        value=each([price.flat_value if one.value is None else one.value for one in known]),
        cost=each([cost_of(price, **one._asdict()) for one in on]),
        household=np.array([homes[name] for name in names], dtype=np.int64),
    )


def by_any_campaign(outcomes: Outcomes) -> Outcomes:
    """The same customers, compared by whether any campaign was to call them."""
    called, chance = outcomes.by_any, outcomes.chance_by_any
    if called is None or chance is None:
        return outcomes
    return replace(outcomes, called=called, propensity=chance, standing=None)


def _segments(known: Sequence[Assigned], score: Floats, by: Sequence[str]) -> dict[str, Bools]:
    found: dict[str, Bools] = {}
    if len(known) and float(score.std()) > 0:
        cuts = np.quantile(score, [1 / 3, 2 / 3])
        third = np.searchsorted(cuts, score, side="right")
        found |= {name: third == index for index, name in enumerate(THIRDS)}
    found |= _levels("language", [one.language for one in known])
    for name in by:
        found |= _levels(name, [str(one.attributes.get(name, "not known")) for one in known])
    return found


def _levels(name: str, values: Sequence[str]) -> dict[str, Bools]:
    """A mask for each of the most frequent values; none where all are alike."""
    column = np.array(values, dtype=object)
    levels, counts = np.unique(column.astype(str), return_counts=True)
    if len(levels) < 2:  # noqa: PLR2004 - one value is no segment
        return {}
    frequent = levels[np.argsort(-counts, kind="stable")][:MOST_LEVELS]
    return {f"{name} {level}": np.asarray(column.astype(str) == level) for level in frequent}


def _pause(database: Database, campaign: Campaign, effect: Effect | None, now: datetime, actor: str) -> bool:
    """Pause a running campaign for the harm it does; whether it was running."""
    if effect is None or effect.stop is None:
        return False
    with database.write() as tx:
        locked = campaigns.lock(tx, campaign.id)
        if locked is None or locked.state is not CampaignState.RUNNING:
            return False
        move(tx, locked, CAMPAIGN.after(locked.state, CampaignEvent.PAUSE))
        details = {
            "rule": effect.stop.rule,
            "why": effect.stop.why,
            **({} if effect.refused else {"kept": effect.kept.estimate}),
            **({} if effect.refused else {"low": effect.kept.low, "high": effect.kept.high}),
        }
        audit.add(tx, now, actor, "campaign.stopped", locked.name, details)
    return True
