"""From what was typed to a plan: the hours' reach and the look back, for the page and the API alike."""

from dataclasses import asdict, dataclass
from typing import Any

from churnmodel.policy import Capacity
from dialer.services.hindsight import Hindsight, look_back
from dialer.services.lists import ListFilter
from dialer.services.planning import CallPlan, plan_calls
from dialer.services.training import price_from
from dialer.web.front import Front
from dialer.web.inputs import PlanInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How far the hours reach down a list, and what it would have brought in past campaigns."""

    calls: CallPlan
    past: tuple[Hindsight, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, and each look back in a sentence."""
        past = [asdict(each) | {"sentence": each.in_words()} for each in self.past]
        return {"calls": asdict(self.calls), "past": past}


def make_plan(front: Front, form: PlanInput) -> Plan:
    """Plan with the settings' prices and this moment."""
    now, price = front.now(), price_from(front.settings)
    filters = ListFilter(min_risk=form.min_risk, min_gain=form.min_gain)
    return Plan(
        calls=plan_calls(
            front.book,
            filters,
            now,
            top=form.top,
            capacity=Capacity(agents=form.agents, hours=form.hours),
            attempts=form.attempts,
            price=price,
        ),
        past=look_back(front.book, filters, now, top=form.top, price=price),
    )
