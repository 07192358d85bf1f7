"""the state before a change, so that it can be undone for some minutes.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

KINDS = ('texting', 'many', 'number', 'role', 'account', 'details')


def upgrade() -> None:
    """Make it so."""
    op.create_table('undo_offers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum(*KINDS, name='undokind', native_enum=False, create_constraint=True, length=24),
              nullable=False),
    sa.Column('level', sa.Enum('organization', 'location', 'user', name='level', native_enum=False,
                               create_constraint=True, length=24), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('until', sa.DateTime(), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.Column('done_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['audit_events.id'], name=op.f('fk_undo_offers_event_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_undo_offers_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_undo_offers')),
    sa.UniqueConstraint('ref', name=op.f('uq_undo_offers_ref'))
    )
    with op.batch_alter_table('undo_offers', schema=None) as batch_op:
        batch_op.create_index('ix_undo_offers_until', ['until'], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table('undo_offers')
