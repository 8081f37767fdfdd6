"""Which of the house's words was said of a call; the usual ones are called as agents' buttons had them."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

TABLES = ("disposition", "inbound_call")
#: labels that nobody had changed, and what stood on the buttons all along
LABELS = (("opt_out", "Opt out", "Never call"), ("not_asked", "Not asked", "Did not ask"))
WORDS = sa.table("disposition_word", sa.column("id"), sa.column("label"), sa.column("position"))
#: by position: the order in which nobody had put them, and that of the buttons
ENUMERATED, ON_BUTTONS = {"not_asked": 7, "cut_off": 8}, {"cut_off": 7, "not_asked": 8}


def put(before: dict[str, int], after: dict[str, int]) -> None:
    """Place the last two words, where nobody has placed them otherwise."""
    rows = op.get_bind().execute(sa.select(WORDS.c.id, WORDS.c.position).where(WORDS.c.id.in_(before)))
    if {row.id: row.position for row in rows} == before:
        for word, position in after.items():
            op.execute(WORDS.update().where(WORDS.c.id == word).values(position=position))


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("said_as", sa.String(40), server_default="", nullable=False))
    for word, before, after in LABELS:
        op.execute(WORDS.update().where(WORDS.c.id == word, WORDS.c.label == before).values(label=after))
    put(ENUMERATED, ON_BUTTONS)


def downgrade() -> None:
    put(ON_BUTTONS, ENUMERATED)
    for word, before, after in LABELS:
        op.execute(WORDS.update().where(WORDS.c.id == word, WORDS.c.label == after).values(label=before))
    for table in TABLES:
        op.drop_column(table, "said_as")
