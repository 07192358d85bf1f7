"""proof of reports.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A table that is made anew (batch) loses its triggers: make them again.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('web_asks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_web_asks_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_asks')),
    sa.UniqueConstraint('organization_id', 'theirs', name=op.f('uq_web_asks_organization_id_theirs'))
    )
    with op.batch_alter_table('web_asks', schema=None) as batch_op:
        batch_op.create_index('ix_web_asks_at', ['at'], unique=False)

    op.add_column('reports', sa.Column('place', sa.String(length=64), server_default='', nullable=False))
    # Where earlier reports came from is all that is known of their places.
    op.execute("UPDATE reports SET place = source")

    op.add_column('restrictions', sa.Column('deciders', sa.JSON(), server_default='[]', nullable=False))
    # Who extended earlier ones is not known by restriction; who made them is.
    op.execute("UPDATE restrictions SET deciders = '[' || made_by_id || ']' WHERE made_by_id IS NOT NULL")


def downgrade() -> None:
    """Make it as it was."""
    # Not by batches: a table that is made anew would write the defaults of its other columns in another way.
    op.drop_column('restrictions', 'deciders')
    op.drop_column('reports', 'place')
    with op.batch_alter_table('web_asks', schema=None) as batch_op:
        batch_op.drop_index('ix_web_asks_at')

    op.drop_table('web_asks')
