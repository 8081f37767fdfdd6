"""The figures behind an expected gain, as the settings give them."""

from churnmodel.value import Price
from dialer.settings import Settings


def price_from(settings: Settings) -> Price:
    """What a saved customer is worth and a call costs, by the settings `model.*`."""
    model = settings.model
    return Price(
        flat_value=model.margin_per_month * model.horizon_months,
        margin=model.margin,
        horizon_months=model.horizon_months,
        call_cost=model.call_cost,
        try_cost=model.try_cost,
        offer_cost=model.offer_cost,
        offer_acceptance=model.offer_acceptance,
        call_minutes=model.call_minutes,
        save_rate=model.save_rate,
    )
