"""Customers found by the words of their name, the same on both databases."""

from databases.centre import Centre, number

from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.persons import find_named

NAMES = ("Anna Solberg", "Joanna Berg", "Anna-Lena O'Neill", "Per 100% Sure_ly", "Åse Strand")


def test_words_and_their_beginnings_find_names_and_nothing_else(centre: Centre) -> None:
    rows = [
        CustomerRow(external_id=f"c{index}", name=name, numbers=(number(index),))
        for index, name in enumerate(NAMES)
    ]
    store_customers(centre.database, rows, centre.now)
    asked = {
        "anna": ["Anna Solberg", "Anna-Lena O'Neill"],
        "sol anna": ["Anna Solberg"],
        "BERG": ["Joanna Berg"],
        "lena": ["Anna-Lena O'Neill"],
        "o'neill": ["Anna-Lena O'Neill"],
        "neill": ["Anna-Lena O'Neill"],
        "Åse": ["Åse Strand"],
        "olberg": [],
        "%": [],
        "''": [],
        "x' | y:*": [],
        "\\": [],
    }

    assert {who: [each.name for each in find_named(centre.database, who)] for who in asked} == asked
