"""Faults between the simulated PBX and its clients: by chance from a seed, or on demand."""

from dataclasses import dataclass, field
from random import Random

from telephony.simulator.effects import Emit


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRates:
    """Shares of events, of originates, and seconds. All zero: a perfect network."""

    lose: float = 0.0
    repeat: float = 0.0
    swap: float = 0.0  # with the event that follows
    delay: float = 0.0
    delay_s: float = 0.5
    refuse_originate: float = 0.0
    stuck: float = 0.0  # share of calls whose last Hangup never comes
    disconnect_every_s: float = 0.0  # on average, every manager connection; 0: never
    restart_every_s: float = 0.0  # on average, the whole PBX; 0: never


@dataclass(slots=True)
class Faults:
    """Applies the rates to a stream of events. One seed, one history."""

    rates: FaultRates
    rng: Random
    refuse_next: int = 0  # on demand: so many Originates are refused
    _held: Emit | None = field(default=None)

    def pass_on(self, event: Emit) -> list[tuple[float, Emit]]:
        """What reaches the clients for this event: pairs of seconds to wait and event."""
        rates, rng = self.rates, self.rng
        if not self._worth_it():
            return [(0.0, event)]
        out: list[tuple[float, Emit]] = []
        if rng.random() >= rates.lose:
            wait_s = rates.delay_s * rng.random() if rng.random() < rates.delay else 0.0
            out.append((wait_s, event))
            if rng.random() < rates.repeat:
                out.append((wait_s, event))
        if self._held is not None:
            out.append((0.0, self._held))
            self._held = None
        elif len(out) == 1 and rng.random() < rates.swap:
            self._held = event
            return []
        return out

    def let_go(self) -> list[Emit]:
        """An event held back for swapping that nothing followed."""
        held, self._held = self._held, None
        return [held] if held is not None else []

    def refuses_originate(self) -> bool:
        """Whether this Originate is answered with an error."""
        if self.refuse_next > 0:
            self.refuse_next -= 1
            return True
        return self.rates.refuse_originate > 0 and self.rng.random() < self.rates.refuse_originate

    def _worth_it(self) -> bool:
        rates = self.rates
        return bool(rates.lose or rates.repeat or rates.swap or rates.delay or self._held)
