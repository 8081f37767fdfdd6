"""How long pages wait for a list before it is saved, where all that is asked about customers is there."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bench.lists.server_time import Measured

from dialer.cli.bench_book import quickest, told
from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.db.session import Database
from dialer.services.campaigns.lists import count_list, preview_list
from telephony.bench.figures import Bar, at_most

PAGE_MS: Final = 100.0
ASKED: Final = {
    "everybody": (),
    "one column": ("contract = monthly",),
    "four rows": (
        "contract = monthly",
        "contract_end in next 30 days",
        "@last_contact not in last 30 days",
        "@last_word = none",
    ),
}


def measure_previews(measured: Measured) -> tuple[dict[str, Any], list[Bar]]:
    """The quickest of some previews each, and one count of everybody, which no page waits for."""
    database, now = Database(measured.url), datetime.now(UTC)
    on_a_list = ListFilter(narrowed=Narrowed(not_on=(1,)))
    filters = {
        name: ListFilter(narrowed=Narrowed(where=tuple(map(read_condition, lines))))
        for name, lines in ASKED.items()
    } | {"nobody of another list": on_a_list}
    took = {
        name: quickest(partial(preview_list, database, each, now, 1000), database)
        for name, each in filters.items()
    }
    figures: dict[str, Any] = {name: told(each) for name, each in took.items()}
    for name, each in filters.items():
        began = datetime.now(UTC)
        count_list(database, each, now, 1000)
        figures[f"{name}, counted"] = {"s": round((datetime.now(UTC) - began).total_seconds(), 2)}
    database.close()
    return figures, [
        at_most(f"preview: {name}, ms", round(each.judged_ms, 1), PAGE_MS) for name, each in took.items()
    ]
