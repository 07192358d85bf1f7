"""the numbers of an organization in their order, and those that operators look at again, by indexes.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_index('ix_numbers_list', 'numbers', ['organization_id', 'e164'], unique=False)
    op.create_index('ix_numbers_review', 'numbers', ['e164'], unique=False,
                    sqlite_where=sa.text('review = 1'), postgresql_where=sa.text('review'))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_numbers_review', 'numbers')
    op.drop_index('ix_numbers_list', 'numbers')
