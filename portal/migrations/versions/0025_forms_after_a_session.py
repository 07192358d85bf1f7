"""what people post after their session has ended.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('kept_forms',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('page', sa.String(length=200), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_kept_forms_session_id')),
    sa.PrimaryKeyConstraint('session_id', 'page', name=op.f('pk_kept_forms'))
    )
    with op.batch_alter_table('kept_forms', schema=None) as batch_op:
        batch_op.create_index('ix_kept_forms_at', ['at'], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table('kept_forms')
