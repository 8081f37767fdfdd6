"""Live calls are found by their channel; customers are asked how it went, by text, and answer."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CALLER = "ix_inbound_call_caller"


def upgrade() -> None:
    op.create_index(CALLER, "inbound_call", ["caller"])
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(43), nullable=True),
        sa.Column("inbound_call_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(attempt_id IS NULL) <> (inbound_call_id IS NULL)", name=op.f("ck_survey_one_talk")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_survey_attempt_id_attempt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inbound_call_id"],
            ["inbound_call.id"],
            name=op.f("fk_survey_inbound_call_id_inbound_call"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_survey_customer_id_customer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_survey_attempt_id")),
        sa.UniqueConstraint("inbound_call_id", name=op.f("uq_survey_inbound_call_id")),
    )
    op.create_index("ix_survey_customer_id", "survey", ["customer_id"])
    op.create_index("ix_survey_asked_at", "survey", ["asked_at"])


def downgrade() -> None:
    op.drop_table("survey")
    op.drop_index(CALLER, table_name="inbound_call")
