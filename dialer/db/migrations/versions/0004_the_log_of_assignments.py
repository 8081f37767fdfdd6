"""The log of assignments: who was considered for a list, and how chance placed them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "campaign", sa.Column("explore_share", sa.Double(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "campaign", sa.Column("salt", sa.String(length=40), nullable=False, server_default=sa.text("''"))
    )
    op.create_table(
        "assignment",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("household", sa.String(length=120), nullable=True),
        sa.Column("arm", sa.String(length=24), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("call", sa.Boolean(), nullable=False),
        sa.Column("propensity", sa.Double(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("gain", sa.Double(), nullable=True),
        sa.Column("uplift", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_assignment_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_assignment_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "customer_id", name=op.f("pk_assignment")),
        sqlite_with_rowid=False,
    )
    op.execute(
        """
        INSERT INTO assignment
               (campaign_id, customer_id, household, arm, listed, call, propensity, risk, gain)
        SELECT lead.campaign_id, lead.customer_id, customer.household,
               CASE WHEN lead.state = 'held_out' THEN 'control' ELSE 'list' END,
               TRUE, lead.state <> 'held_out', lead.propensity, lead.risk, lead.gain
        FROM lead JOIN customer ON customer.id = lead.customer_id
        """
    )
    op.drop_column("lead", "propensity")


def downgrade() -> None:
    op.add_column("lead", sa.Column("propensity", sa.Double(), nullable=False, server_default=sa.text("1")))
    op.execute(
        """
        UPDATE lead SET propensity = assignment.propensity
        FROM assignment
        WHERE assignment.campaign_id = lead.campaign_id AND assignment.customer_id = lead.customer_id
        """
    )
    op.drop_table("assignment")
    op.drop_column("campaign", "salt")
    op.drop_column("campaign", "explore_share")
