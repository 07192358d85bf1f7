"""requests on the web that wait for a person.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Requests from before only warn; none of them waits. Those that waited as likely opt-outs go on waiting as such.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column('web_asks', sa.Column('ref', sa.String(length=16), nullable=True))
    op.add_column('web_asks', sa.Column('waits', sa.Boolean(), server_default=sa.text('0'), nullable=False))
    op.create_index('ix_web_asks_ref', 'web_asks', ['ref'], unique=True)


def downgrade() -> None:
    """Undo it: what waits only warns."""
    op.drop_index('ix_web_asks_ref', 'web_asks')
    op.drop_column('web_asks', 'waits')
    op.drop_column('web_asks', 'ref')
