"""A campaign may be a team's: its calls go to that team's queue, and to its agents alone."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign") as campaign:
        campaign.add_column(sa.Column("team_id", sa.String(60), nullable=True))
        campaign.create_foreign_key(op.f("fk_campaign_team_id_team"), "team", ["team_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("campaign") as campaign:
        campaign.drop_constraint(op.f("fk_campaign_team_id_team"), type_="foreignkey")
        campaign.drop_column("team_id")
