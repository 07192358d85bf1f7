"""holds, records requests, and who answers for a person who was deactivated.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('retention_holds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('review_at', sa.DateTime(), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['ended_by_id'], ['users.id'], name=op.f('fk_retention_holds_ended_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_retention_holds_organization_id')),
    sa.ForeignKeyConstraint(['set_by_id'], ['users.id'], name=op.f('fk_retention_holds_set_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_retention_holds_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_holds')),
    sa.UniqueConstraint('ref', name=op.f('uq_retention_holds_ref')),
    )
    op.create_index('ix_retention_holds_list', 'retention_holds', ['organization_id', 'id'], unique=False)
    op.create_index('ix_retention_holds_number', 'retention_holds', ['organization_id', 'theirs'], unique=False,
                    sqlite_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_retention_holds_user', 'retention_holds', ['user_id'], unique=False,
                    sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('records_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('released', sa.Boolean(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.Column('ends_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['users.id'], name=op.f('fk_records_requests_asked_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_records_requests_decided_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_records_requests_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_requests')),
    sa.UniqueConstraint('ref', name=op.f('uq_records_requests_ref')),
    )
    op.create_index('ix_records_requests_at', 'records_requests', ['at'], unique=False)
    op.create_index('ix_records_requests_list', 'records_requests', ['organization_id', 'id'], unique=False)
    op.create_index('ix_records_requests_waiting', 'records_requests', ['id'], unique=False,
                    sqlite_where=sa.text('released IS NULL'))

    op.create_table('records_concerns',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['records_requests.id'], name=op.f('fk_records_concerns_request_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_records_concerns_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'request_id', name=op.f('pk_records_concerns')),
    )
    op.create_index('ix_records_concerns_request_id', 'records_concerns', ['request_id'], unique=False)

    op.create_table('stand_ins',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('answers_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['answers_id'], ['users.id'], name=op.f('fk_stand_ins_answers_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_stand_ins_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_stand_ins')),
    )
    op.create_index('ix_stand_ins_answers_id', 'stand_ins', ['answers_id'], unique=False)


def downgrade() -> None:
    """Undo it. Holds end without a word, so the next nightly run erases what they kept."""
    op.drop_table('stand_ins')
    op.drop_table('records_concerns')
    op.drop_table('records_requests')
    op.drop_table('retention_holds')
