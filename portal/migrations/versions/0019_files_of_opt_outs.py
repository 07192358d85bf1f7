"""files of opt-outs.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Files from before hold users.
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('uploads', sa.Column('opt_outs', sa.Boolean(), server_default=sa.text('0'), nullable=False))


def downgrade() -> None:
    """Undo it. Files of opt-outs go, as nothing else could read them."""
    op.execute("DELETE FROM uploads WHERE opt_outs")
    op.drop_column('uploads', 'opt_outs')
