"""Sentences in English that know what they were made of, so that a page can say them in another language.

A sentence is a message, written down once, and facts that stand in it by name. As text it is English: in
logs, commands, traces and the API. A page looks the message up in its catalogue, and writes the facts as its
reader writes numbers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Annotated, Any, Self

from pydantic import PlainSerializer, WrapValidator

_FIGURE, _SENTENCE, _SEVERAL, _PLAIN = (
    "figure",
    "sentence",
    "several",
    "plain",
)  # how a stored fact says what it is


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a sentence: with so many decimals, thousands set apart, or as a share in percent."""

    value: float
    digits: int = 0
    share: bool = False
    signed: bool = False  # with a plus where it is no less than nothing

    def __str__(self) -> str:
        sign = "+" if self.signed else ""
        return f"{self.value:{sign}.{self.digits}%}" if self.share else f"{self.value:{sign},.{self.digits}f}"


class Several(tuple[object, ...]):
    """Several facts in a row, with commas between them."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self))


class Plain(str):
    """A fact that a room which knows of no messages says in English; a page finds its message again."""

    __slots__ = ()


#: a message with its facts: names that stay as they are, numbers, and sentences within the sentence
Part = tuple[str, Mapping[str, object]]


class Sentence(str):
    """A message with its facts, or several of them one after the other; equal to its own English."""

    __slots__ = ("parts",)

    parts: tuple[Part, ...]

    def __new__(cls, message: str, **facts: object) -> Self:
        """`message` has its facts as `%(name)s`; without facts it is taken as it stands."""
        return cls._of(((message, facts),))

    @classmethod
    def _of(cls, parts: tuple[Part, ...]) -> Self:
        said = super().__new__(
            cls, " ".join(message % facts if facts else message for message, facts in parts)
        )
        said.parts = parts
        return said

    @classmethod
    def joined(cls, said: Iterable[str]) -> Self:
        """One after the other; of what is only text the whole is a message. What is empty is left out."""
        return cls._of(tuple(part for each in said if each for part in parts_of(each)))

    def stored(self) -> list[Any]:
        """Plain values for JSON."""
        return [
            [message, {name: _stored(fact) for name, fact in facts.items()}] for message, facts in self.parts
        ]

    @classmethod
    def read(cls, stored: object) -> Self:
        """What `stored` gave; raises ValueError for anything else."""
        try:
            return cls._of(
                tuple(
                    (str(message), {name: _read(fact) for name, fact in facts.items()})
                    for message, facts in stored  # type: ignore[attr-defined]
                )
            )
        except (TypeError, ValueError, KeyError, AttributeError) as fault:
            raise ValueError(f"no sentence: {fault}") from fault


def parts_of(said: str) -> tuple[Part, ...]:
    """The messages of a text with their facts; of one that is no sentence, itself."""
    return said.parts if isinstance(said, Sentence) else ((said, {}),)


def _stored(fact: object) -> object:
    if isinstance(fact, Figure):
        return {_FIGURE: astuple(fact)}
    if isinstance(fact, Several):
        return {_SEVERAL: [_stored(each) for each in fact]}
    if isinstance(fact, Plain):
        return {_PLAIN: str(fact)}
    return {_SENTENCE: fact.stored()} if isinstance(fact, Sentence) else fact


def _read(stored: object) -> object:
    if not isinstance(stored, dict):
        return stored
    if _SEVERAL in stored:
        return Several(_read(each) for each in stored[_SEVERAL])
    if _PLAIN in stored:
        return Plain(stored[_PLAIN])
    return Figure(*stored[_FIGURE]) if _FIGURE in stored else Sentence.read(stored[_SENTENCE])


def _keep(value: object, read: Callable[[object], str]) -> str:
    if isinstance(value, Sentence):
        return value
    return Sentence.read(value) if isinstance(value, list) else read(value)


#: a field of a value that is read out to people; as JSON it is text
Said = Annotated[str, WrapValidator(_keep)]
#: the same where its JSON is read by Winback again
StoredSaid = Annotated[
    Said, PlainSerializer(lambda said: said.stored() if isinstance(said, Sentence) else said)
]
