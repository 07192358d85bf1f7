"""calls to a carrier's address that were refused, and an index on the numbers with a carrier of their own.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('carriers', sa.Column('refused_calls', sa.Integer(), server_default='0', nullable=False))
    op.add_column('carriers', sa.Column('refused_since', sa.DateTime(), nullable=True))
    op.add_column('carriers', sa.Column('refused_at', sa.DateTime(), nullable=True))
    op.create_index('ix_numbers_own_carrier', 'numbers', ['organization_id', 'carrier_id'],
                    sqlite_where=sa.text('carrier_id IS NOT NULL'))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_numbers_own_carrier', 'numbers')
    for name in ('refused_at', 'refused_since', 'refused_calls'):
        op.drop_column('carriers', name)
