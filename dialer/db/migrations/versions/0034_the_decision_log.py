"""What was decided is kept in a chain of digests, which shows any change and outlives an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

#: all but the salt, which goes with a person who is erased
STAYING = "number, kind, source, at, campaign_id, open_part, commitment, digest"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(43), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("open_part", sa.Text(), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_source", "evidence", ["kind", "source"])
    op.create_index(op.f("ix_evidence_at"), "evidence", ["at"])
    op.create_index(op.f("ix_evidence_campaign_id"), "evidence", ["campaign_id"])
    op.create_table(
        "evidence_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("acts_before", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_head")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'evidence is only added to'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER evidence_stays BEFORE UPDATE OF {STAYING} ON evidence "
            "FOR EACH ROW EXECUTE FUNCTION evidence_stays()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER evidence_stays BEFORE UPDATE OF {STAYING} ON evidence "
            "BEGIN SELECT RAISE(ABORT, 'evidence is only added to'); END"
        )


def downgrade() -> None:
    op.drop_table("evidence_head")
    op.drop_table("evidence")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION evidence_stays()")
