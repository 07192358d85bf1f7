"""when words were said, by the carrier's clock.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Opt-outs from before know no such time: START lifts them in the order of arrival, as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('opt_outs', sa.Column('carrier_at', sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table('opt_outs', schema=None) as batch_op:
        batch_op.drop_column('carrier_at')
