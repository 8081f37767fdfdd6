"""A customer's attributes as the text (JSON) that a database keeps, read where somebody asks for one."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


class WrittenAttributes(Mapping[str, Any]):
    """The attributes of one customer, read from their text when they are asked for."""

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        """The value of one attribute."""
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        """Their names, in the file's order."""
        return iter(self._table())

    def __len__(self) -> int:
        """How many the customer has."""
        return len(self._table())

    def _table(self) -> dict[str, Any]:
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read
