"""Why so many calls: the sentences of the dashboard, and the bound that stands beside them."""

import math

from dialer.core.pacing.facts import PacingFacts
from dialer.core.pacing.progressive import Supply, explain

NORMAL_95 = 1.645  # one-sided
WORTH_SAYING = 0.5  # agents expected back, from which on the sentence names them


def explain_price(
    supply: Supply,
    facts: PacingFacts,
    *,
    risks: tuple[float, ...],
    next_risk: float,
    price: float,
    coming_back: float,
    closing: int = 0,
    silent_calls: int = 0,
) -> str:
    """Why so many (one for each of `risks`) and not one more; a second sentence on who comes and goes."""
    placed = len(risks)
    if silent_calls:
        why = f"Hardly anybody picks up ({silent_calls} calls): one call per free agent until they do."
        return f"{why} {explain(supply, facts, placed=placed, wanted=placed)}"
    if price <= 0.0 or len(facts.candidates) <= placed:
        return explain(supply, facts, placed=placed, wanted=placed)
    head = f"{supply.free} free, {supply.leads_in_air} ringing"
    if placed and risks[-1] > 0.0:
        words = (
            f"{head}: {placed} more; an answer too many has a chance of {risks[-1]:.1%}, "
            f"the budget allows {price:.1%}."
        )
    elif placed:
        words = f"{head}: {placed} more, an agent is there for each."
    else:
        words = (
            f"{head}: an answer to one more call would find no agent with a chance of {next_risk:.1%}, "
            f"the budget allows {price:.1%}."
        )
    if closing:
        words += f" Agents who say that they are nearly done: {closing}."
    if coming_back >= WORTH_SAYING:
        words += f" Expected back from a pause in time: {coming_back:.1f}."
    return words + supply.leaving_words


def upper_share(hits: int, count: int) -> float:
    """Upper end of the one-sided 95 % Wilson interval of hits / count; 1 where nothing is known."""
    if count <= 0:
        return 1.0
    share, square = min(1.0, hits / count), NORMAL_95**2
    spread = math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    return min(1.0, (share + square / (2.0 * count) + NORMAL_95 * spread) / (1.0 + square / count))
