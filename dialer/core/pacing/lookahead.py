"""The chance that one more answer finds no agent, for each coming moment.

The question. Ten agents talk or wrap up, fourteen phones ring. If one more phone were rung now and its
customer answered eleven seconds from now, would there be an agent? And if that customer took the last
one, would somebody who answers later go without?

The method. Fix a moment t. Each ringing call is answered by then or not; each busy agent is still busy
then or not. Each of these has a chance of its own (`forecast`), and given what has been learned they do
not depend on each other. Write S(t) for the number of "answered" and "still busy" together. An answer at
t is one too many when S(t) has reached the number of agents. The harm may fall on a later caller, so what
counts is the worst moment from t on, not t itself (`worst_from`).

S(t) is a sum of independent yes-or-no variables with unequal chances (a Poisson binomial). Its tail is
computed exactly, by a discrete Fourier transform of its characteristic function, up to `EXACT_TERMS`
variables (`ExactTail`). Beyond that a normal approximation with one Edgeworth term for the skewness is as
good, and its cost does not grow with the team (`SmoothTail`).

Why not the obvious ways. A dial level (calls for each free agent) knows nothing of how long each phone has
rung, which is most of what can be known. The mean of S(t) is not enough: what is to be bounded is a tail
of one to three percent, and at ten agents the spread is most of it. A plain normal approximation is worst
just there, in the tail of few variables. Simulation would do, at a cost that no turn has.

What breaks if this is changed. Each decision adds calls one by one and asks again after each, so both
classes are built once a decision and answer for any number of added calls. The transform must be larger
than the sum of all terms that may be added (`SPARE_TERMS`); too small a one folds the tail over, and the
risk comes out small where it is greatest. The two ways must agree where they meet (a test holds them to
0.002), or teams that grow past the limit would dial differently from one call to the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from dialer.core.pacing.estimators import Array

EXACT_TERMS = 72  # more calls and agents than this together: three moments
SPARE_TERMS = 8  # calls that can be added before the transform has to be enlarged
BLOCK = 8  # transform sizes are rounded up to this, so that few tables are kept
INV_SQRT_2PI = 0.3989422804014327

Complex = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Transform:
    """Half of the unit circle (the other half is its mirror image) and what turns it into a tail."""

    turn: Complex  # exp(i w) - 1
    circle: Complex  # exp(i w)
    size: int


_TRANSFORMS: dict[int, Transform] = {}
_TAILS: dict[tuple[int, int], tuple[Array, Array]] = {}


def transform_for(terms: int) -> Transform:
    """The smallest kept transform that holds sums of `terms` variables exactly."""
    size = -(-(terms + 1) // BLOCK) * BLOCK
    kept = _TRANSFORMS.get(size)
    if kept is None:
        angles = 2.0 * np.pi * np.arange(size // 2 + 1) / size
        circle = np.exp(1j * angles)
        kept = _TRANSFORMS[size] = Transform(circle - 1.0, circle, size)
    return kept


def tail_weights(transform: Transform, least: int) -> tuple[Array, Array]:
    """Weights w, v with P(S >= least) = sum(re * w + im * v) over the half circle."""
    key = (transform.size, least)
    kept = _TAILS.get(key)
    if kept is None:
        size = transform.size
        steps = np.arange(size // 2 + 1)
        mirror = np.where((steps == 0) | (2 * steps == size), 1.0, 2.0)
        sums = np.arange(max(0, least), size)
        phases = np.exp(-2j * np.pi * np.outer(steps, sums) / size).sum(axis=1)
        kept = _TAILS[key] = (mirror * phases.real / size, -mirror * phases.imag / size)
    return kept


class ExactTail:
    """P(S(t) >= agents) for each moment t, exactly; calls can be added one at a time."""

    __slots__ = ("_product", "_rest", "_spare", "_terms", "_transform", "_weights")

    def __init__(self, terms: Array, *, agents: int, arrivals: Array | None = None) -> None:
        self._terms = terms
        self._spare = SPARE_TERMS
        self._build(agents, arrivals)
        self._rest = (agents, arrivals)

    def _build(self, agents: int, arrivals: Array | None) -> None:
        extra = 0 if arrivals is None else int(arrivals[-1] + 6.0 * np.sqrt(arrivals[-1]) + 2.0)
        self._transform = transform_for(max(agents, len(self._terms) + self._spare + extra))
        turn = self._transform.turn
        self._product = np.multiply.reduce(1.0 + self._terms[:, :, None] * turn, axis=0)
        if arrivals is not None:
            self._product = self._product * np.exp(arrivals[:, None] * turn)
        self._weights = tail_weights(self._transform, agents)

    def chances(self) -> Array:
        """P(S(t) >= agents) at each moment."""
        real, imaginary = self._weights
        return np.asarray(self._product.real @ real + self._product.imag @ imaginary)

    def add(self, placed: Array) -> None:
        """One more call, answered by each moment with these chances."""
        if self._spare == 0:
            self._spare = SPARE_TERMS
            self._terms = np.concatenate((self._terms, placed[None, :]))
            self._build(*self._rest)
            return
        self._spare -= 1
        self._terms = np.concatenate((self._terms, placed[None, :]))
        self._product = self._product * (1.0 + placed[:, None] * self._transform.turn)


class SmoothTail:
    """The same from mean, variance and skewness, for large teams."""

    __slots__ = ("_agents", "_mean", "_third", "_variance")

    def __init__(self, *, mean: Array, variance: Array, third: Array, agents: int) -> None:
        self._mean, self._variance, self._third, self._agents = mean, variance, third, agents

    def chances(self) -> Array:
        """P(S(t) >= agents) at each moment, continuity-corrected, with one Edgeworth term."""
        deviation = np.sqrt(np.maximum(1e-9, self._variance))
        x = (self._agents - 0.5 - self._mean) / deviation
        skewness = self._third / deviation**3
        density = INV_SQRT_2PI * np.exp(-0.5 * x * x)
        tail = ndtr(-x) + density * skewness / 6.0 * (x * x - 1.0)
        return np.asarray(np.minimum(1.0, np.maximum(0.0, tail)))

    def add(self, placed: Array) -> None:
        """One more call, answered by each moment with these chances."""
        spread = placed * (1.0 - placed)
        self._mean = self._mean + placed
        self._variance = self._variance + spread
        self._third = self._third + spread * (1.0 - 2.0 * placed)


def worst_from(chances: Array) -> float:
    """The mean, over equally likely answer times, of the worst chance from that time on."""
    return float(np.add.reduce(np.maximum.accumulate(chances[::-1]))) / len(chances)
