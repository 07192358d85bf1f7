"""answers to texts that nobody reads; the language of answers and the opening hours of a location.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Locations that exist answer by the keyword, as they did, and are always open.
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('unread_answers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('body', sa.String(length=160), nullable=False),
    sa.ForeignKeyConstraint(['number_id'], ['numbers.id'], name=op.f('fk_unread_answers_number_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_unread_answers_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unread_answers')),
    sa.UniqueConstraint('organization_id', 'theirs', name=op.f('uq_unread_answers_organization_id_theirs')),
    sa.UniqueConstraint('ref', name=op.f('uq_unread_answers_ref'))
    )
    with op.batch_alter_table('unread_answers', schema=None) as batch_op:
        batch_op.create_index('ix_unread_answers_waiting', ['id'], unique=False, sqlite_where=sa.text("body <> ''"))
        batch_op.create_index('ix_unread_answers_at', ['at'], unique=False)
    op.add_column('organizations', sa.Column('answers_unread', sa.Boolean(), nullable=True))
    with op.batch_alter_table('locations', schema=None, recreate='always') as batch_op:
        batch_op.add_column(sa.Column('answer_language', sa.Enum('keyword', 'french', 'both', name='answerlanguage', native_enum=False, create_constraint=True, length=24), server_default='keyword', nullable=False))
        batch_op.add_column(sa.Column('opening_hours', sa.String(length=1000), server_default='', nullable=False))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table('locations', schema=None, recreate='always') as batch_op:
        batch_op.drop_constraint(op.f('ck_locations_answerlanguage'), type_='check')
        batch_op.drop_column('opening_hours')
        batch_op.drop_column('answer_language')
    op.drop_column('organizations', 'answers_unread')
    with op.batch_alter_table('unread_answers', schema=None) as batch_op:
        batch_op.drop_index('ix_unread_answers_at')
        batch_op.drop_index('ix_unread_answers_waiting')

    op.drop_table('unread_answers')
