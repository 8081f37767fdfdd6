"""Customers found by the words of their name, the same on both databases."""

from functools import partial

from databases.centre import Centre, number
from databases.plans import plans
from sqlalchemy import text

from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.persons import MOST_FOUND, find_named

#: they do not lie in the order of their ids, as no customers do that were changed since
CROWD = """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 20000)
    SELECT n + 100, 'x' || n, 'Anna Hansen ' || n, 'en', '{}', imported_at
    FROM made, customer WHERE id = 1 ORDER BY n % 89
"""
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
        "Solberg, Anna": ["Anna Solberg"],
        "anna  sol": ["Anna Solberg"],
        " , ": [],
        "olberg": [],
        "%": [],
        "''": [],
        "x' | y:*": [],
        "\\": [],
    }

    assert {who: [each.name for each in find_named(centre.database, who)] for who in asked} == asked


def test_whose_name_begins_so_stands_first_and_a_page_is_enough_of_the_others(centre: Centre) -> None:
    names = ["Li", "liv Aas", *(f"Per {index:02} Lind" for index in range(60))]
    rows = [
        CustomerRow(external_id=f"c{index}", name=name, numbers=(number(index),))
        for index, name in enumerate(names)
    ]
    store_customers(centre.database, rows, centre.now)

    found = [each.name for each in find_named(centre.database, "li")]

    assert found[:2] == ["Li", "liv Aas"]
    assert len(set(found)) == MOST_FOUND
    assert found[2:] == sorted(found[2:])
    assert [each.name for each in find_named(centre.database, "lind 07")] == ["Per 07 Lind"]
    assert all(each.numbers for each in find_named(centre.database, "Per"))


def test_a_name_is_looked_for_by_its_rarest_word_and_by_indexes_alone(centre: Centre) -> None:
    centre.customers(1)
    with centre.database.write() as tx:
        tx.execute(text(CROWD))
    if centre.database.engine.dialect.name == "postgresql":
        with centre.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE customer"))

    for who, most in (("Anna", 50), ("Hansen", 50), ("hansen 777", 11), ("Zoe", 0)):
        found = plans(centre.database, partial(find_named, centre.database, who), "FROM customer")
        assert len(find_named(centre.database, who)) == most, who
        assert "ix_customer_name_" in found, found
        assert "Seq Scan on customer " not in found, found
        assert all("USING COVERING INDEX" in line for line in found.splitlines() if "SCAN customer " in line)
