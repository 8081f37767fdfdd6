"""Users may come by an OpenID provider: who they are there, since they first came."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0061"
branch_labels = None
depends_on = None

INDEX = "ix_user_account_issuer_subject"


def upgrade() -> None:
    for column in ("issuer", "subject"):
        op.add_column("user_account", sa.Column(column, sa.String(255), nullable=True))
    op.create_index(INDEX, "user_account", ["issuer", "subject"], unique=True)


def downgrade() -> None:
    op.drop_index(INDEX, "user_account")
    with op.batch_alter_table("user_account") as users:
        users.drop_column("subject")
        users.drop_column("issuer")
