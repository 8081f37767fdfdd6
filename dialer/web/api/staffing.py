"""A coming day's callers and agents as JSON."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from dialer.web.dependencies import AtFront
from dialer.web.pages.staffing import plan_of
from dialer.web.routers import api_router
from dialer.web.schemas import StaffingInput

router = api_router(tag="plan", prefix="/plan/staffing")


class QuarterAnswer(BaseModel):
    """A quarter of an hour; `usual` is null where no such weekday is known yet."""

    start: datetime
    callers: float
    promised: float
    booked: int
    needed: int
    usual: int | None


class MethodAnswer(BaseModel):
    """A way of telling, judged on days known afterwards: errors over the people who came, and its bias."""

    method: str
    error: float
    bias: float
    days: int


class StaffingAnswer(BaseModel):
    """A day; `method` tells the callers, null before there is any history."""

    day: date
    zone: str
    method: str | None
    methods: list[MethodAnswer]
    days: int
    patience_s: float
    patience_known: bool
    call_s: float
    within_s: float
    share: float
    quarters: list[QuarterAnswer]


@router.get("")
def show_staffing(form: Annotated[StaffingInput, Query()], deps: AtFront) -> StaffingAnswer:
    """Say who is expected by quarters of an hour, what agents they take, and how many are usually there."""
    plan = plan_of(deps, form)
    return StaffingAnswer(
        day=plan.day,
        zone=plan.zone,
        method=plan.callers.method.value if plan.callers.method is not None else None,
        methods=[
            MethodAnswer(method=each.method.value, error=each.error, bias=each.bias, days=each.days)
            for each in plan.callers.scores
        ],
        days=plan.callers.days,
        patience_s=plan.patience_s,
        patience_known=plan.patience_known,
        call_s=plan.call_s,
        within_s=plan.goal.within_s,
        share=plan.goal.share,
        quarters=[
            QuarterAnswer(
                start=each.start,
                callers=round(each.callers, 2),
                promised=round(each.promised, 2),
                booked=each.booked,
                needed=each.needed,
                usual=each.usual,
            )
            for each in plan.quarters
        ],
    )
