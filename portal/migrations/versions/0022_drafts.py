"""what people are writing and have not sent.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Integer(), nullable=True),
    sa.Column('typed', sa.String(length=60), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('body', sa.String(length=6400), nullable=False),
    sa.Column('submission_key', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_drafts_conversation_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_drafts_organization_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_drafts_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts'))
    )
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.create_index('ix_drafts_at', ['at'], unique=False)
        batch_op.create_index('ix_drafts_key', ['user_id', 'submission_key'], unique=False)
        batch_op.create_index('ix_drafts_theirs', ['organization_id', 'theirs'], unique=False)
        batch_op.create_index('uq_drafts_conversation', ['conversation_id'], unique=True,
                              sqlite_where=sa.text('conversation_id IS NOT NULL'))
        batch_op.create_index('uq_drafts_new_message', ['user_id'], unique=True,
                              sqlite_where=sa.text('conversation_id IS NULL'))


def downgrade() -> None:
    """Undo it."""
    op.drop_table('drafts')
