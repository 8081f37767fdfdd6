"""Why so many calls: the sentences of the dashboard, and the bound that stands beside them."""

import math

from dialer.core.pacing.facts import PacingFacts
from dialer.core.pacing.progressive import Supply, explain
from dialer.core.sentence import Figure, Sentence

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
) -> Sentence:
    """Why so many (one for each of `risks`) and not one more; a second sentence on who comes and goes."""
    placed = len(risks)
    if silent_calls:
        why = Sentence(
            "Hardly anybody picks up (%(calls)s calls): one call per free agent until they do.",
            calls=silent_calls,
        )
        return Sentence.joined([why, explain(supply, facts, placed=placed, wanted=placed)])
    if price <= 0.0 or len(facts.candidates) <= placed:
        return explain(supply, facts, placed=placed, wanted=placed)
    free, ringing = supply.free, supply.leads_in_air
    if placed and risks[-1] > 0.0:
        why = Sentence(
            "%(free)s free, %(ringing)s ringing: %(placed)s more; an answer too many has a chance of "
            "%(risk)s, the budget allows %(price)s.",
            free=free,
            ringing=ringing,
            placed=placed,
            risk=_share(risks[-1]),
            price=_share(price),
        )
    elif placed:
        why = Sentence(
            "%(free)s free, %(ringing)s ringing: %(placed)s more, an agent is there for each.",
            free=free,
            ringing=ringing,
            placed=placed,
        )
    else:
        why = Sentence(
            "%(free)s free, %(ringing)s ringing: an answer to one more call would find no agent with a "
            "chance of %(risk)s, the budget allows %(price)s.",
            free=free,
            ringing=ringing,
            risk=_share(next_risk),
            price=_share(price),
        )
    words = [why]
    if closing:
        words.append(Sentence("Agents who say that they are nearly done: %(agents)s.", agents=closing))
    if coming_back >= WORTH_SAYING:
        back = Figure(coming_back, 1)
        words.append(Sentence("Expected back from a pause in time: %(agents)s.", agents=back))
    return Sentence.joined([*words, supply.leaving_words])


def _share(share: float) -> Figure:
    return Figure(share, 1, share=True)


def upper_share(hits: int, count: int) -> float:
    """Upper end of the one-sided 95 % Wilson interval of hits / count; 1 where nothing is known."""
    if count <= 0:
        return 1.0
    share, square = min(1.0, hits / count), NORMAL_95**2
    spread = math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    return min(1.0, (share + square / (2.0 * count) + NORMAL_95 * spread) / (1.0 + square / count))
