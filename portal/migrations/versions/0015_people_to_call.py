"""people to call, because they cannot be texted.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Nobody is to be called about texts from before.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table('conversations', schema=None, recreate='always') as batch_op:
        batch_op.add_column(sa.Column('call_reason', sa.Enum(
            'canceled', 'after-stop', 'after-opt-out', name='callreason', native_enum=False, create_constraint=True,
            length=24), nullable=True))
        batch_op.add_column(sa.Column('call_at', sa.DateTime(), nullable=True))
    op.create_index('ix_conversations_calls', 'conversations', ['user_id', 'call_at'], unique=False,
                    sqlite_where=sa.text('call_at IS NOT NULL'))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_conversations_calls', 'conversations')
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_constraint('callreason', type_='check')
        batch_op.drop_column('call_at')
        batch_op.drop_column('call_reason')
