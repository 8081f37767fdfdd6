"""From what was typed to a plan: the hours' reach and the look back, for the page and the API alike."""

from dataclasses import asdict, dataclass
from typing import Any

from churnmodel.allocation import Capacity
from dialer.core.calling.list_filter import ListFilter
from dialer.services.analytics.prices import price_from
from dialer.services.campaigns.off_policy_evaluation import OffPolicyEvaluation, look_back
from dialer.services.campaigns.planning import CallPlan, plan_calls
from dialer.web.dependencies import Dependencies
from dialer.web.schemas import PlanInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """How far the hours reach down a list, and what it would have brought in past campaigns."""

    calls: CallPlan
    past: tuple[OffPolicyEvaluation, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, and each look back in a sentence."""
        past = [asdict(each) | {"sentence": each.in_words()} for each in self.past]
        return {"calls": asdict(self.calls), "past": past}


def make_plan(deps: Dependencies, form: PlanInput) -> PlanAnswer:
    """Plan with the settings' prices and this moment."""
    now, price = deps.now(), price_from(deps.settings)
    filters = ListFilter(min_risk=form.min_risk, min_gain=form.min_gain)
    return PlanAnswer(
        calls=plan_calls(
            deps.database,
            filters,
            now,
            top=form.top,
            capacity=Capacity(agents=form.agents, hours=form.hours),
            attempts=form.attempts,
            price=price,
        ),
        past=look_back(deps.database, filters, now, top=form.top, price=price),
    )
