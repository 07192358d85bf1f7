"""the files of users that wait for their check, by an index: the background process looks for them every second.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

UNCHECKED = "state = 'checking' AND NOT opt_outs AND content IS NOT NULL"


def upgrade() -> None:
    """Make it so."""
    op.create_index('ix_uploads_unchecked', 'uploads', ['id'], unique=False, sqlite_where=sa.text(UNCHECKED),
                    postgresql_where=sa.text(UNCHECKED))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_uploads_unchecked', 'uploads')
