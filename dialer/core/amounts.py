"""How many of something, in words: `1 row`, `1,204 rows`."""


def amount_of(count: int, one: str, many: str | None = None) -> str:
    """The count with its noun; `many` where the plural is not the singular with an s behind it.

    What is said of them may stand with the noun: `amount_of(n, "customer has", "customers have")`.
    """
    return f"{count:,} {one if count == 1 else many if many is not None else f'{one}s'}"
