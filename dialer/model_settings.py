"""The settings of what is learned: what a saved customer is worth, and whom chance leaves uncalled."""

from pydantic import Field

from dialer.pbx_settings import Table


class ModelSettings(Table):
    """What a saved customer is worth; money in the operator's currency."""

    margin_per_month: float = Field(20.0, ge=0, description="where the data names no amount of its own")
    margin: float = Field(
        0.4,
        ge=0,
        le=1,
        description="share of what a customer pays a month, where the data says it, that is margin",
    )
    horizon_months: float = Field(12.0, gt=0, description="how long a saved customer stays, for the value")
    call_cost: float = Field(4.0, ge=0, description="cost of one call that reaches somebody")
    try_cost: float = Field(0.3, ge=0, description="cost of one call that rings and reaches nobody")
    call_minutes: float = Field(6.0, gt=0, description="agent time of one call with wrap-up, minutes")
    offer_cost: float = Field(15.0, ge=0, description="cost of an offer that is accepted")
    offer_acceptance: float = Field(
        0.25, ge=0, le=1, description="share of called customers expected to accept the offer, leavers or not"
    )
    audit: list[str] = Field(
        [],
        description="columns never learned from; the model card compares their groups, e.g. gender, age band",
    )
    save_rate: float = Field(
        0.12,
        ge=0,
        le=1,
        description="share of leavers a call keeps, as assumed; hold-outs draw it towards what they measure",
    )


class HoldoutSettings(Table):
    """Who is left uncalled by chance, so that what calling changes can be measured."""

    share: float = Field(0.10, ge=0, le=0.9, description="share of all customers no campaign ever calls")
    explore: float = Field(
        0.10, ge=0, le=1, description="share of a list called or not by a coin, to learn whom a call helps"
    )
    salt: str = Field(
        "1", min_length=1, max_length=40, description="another text holds other customers out; once a year"
    )
