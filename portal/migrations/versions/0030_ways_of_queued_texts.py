"""by which carrier a queued text leaves, so that each carrier finds its own texts; those that wait are looked at then.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('messages', sa.Column('wanted', sa.String(20), nullable=True))
    op.create_index('ix_messages_wanted', 'messages', ['wanted', 'due_at'], sqlite_where=sa.text("state = 'queued'"))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_messages_wanted', 'messages')
    op.drop_column('messages', 'wanted')
