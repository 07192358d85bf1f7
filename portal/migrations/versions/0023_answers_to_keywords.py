"""answers to keywords that wait because our number has no user.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('unread_answers', sa.Column('keyword', sa.Boolean(), server_default=sa.text('0'), nullable=False))


def downgrade() -> None:
    """Undo it."""
    op.drop_column('unread_answers', 'keyword')
