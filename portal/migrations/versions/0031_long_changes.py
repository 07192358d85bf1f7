"""changes of many users that are carried out in steps.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

STAGES = ('changing', 'changed', 'undoing', 'undone')


def upgrade() -> None:
    """Make it so."""
    op.create_table('long_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Boolean(), nullable=True),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.Column('began_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('stage', sa.Enum(*STAGES, name='changestage', native_enum=False, create_constraint=True, length=24),
              nullable=False),
    *(sa.Column(name, sa.Integer(), nullable=False)
      for name in ('cursor', 'total', 'changed', 'left', 'left_before', 'undone', 'not_undone')),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.Column('forbidden', sa.JSON(), nullable=False),
    *(sa.ForeignKeyConstraint([column], [f'{table}.id'], name=op.f(f'fk_long_changes_{column}'))
      for column, table in (('organization_id', 'organizations'), ('user_id', 'users'), ('undone_by_id', 'users'))),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_long_changes')),
    sa.UniqueConstraint('ref', name=op.f('uq_long_changes_ref'))
    )
    op.create_index('ix_long_changes_open', 'long_changes', ['organization_id'], unique=True,
                    sqlite_where=sa.text('ended_at IS NULL'))
    op.create_table('long_change_users',
    sa.Column('change_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('had', sa.Boolean(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['long_changes.id'], name=op.f('fk_long_change_users_change_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_long_change_users_user_id')),
    sa.PrimaryKeyConstraint('change_id', 'user_id', name=op.f('pk_long_change_users')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table('long_change_users')
    op.drop_table('long_changes')
