"""consents.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Nobody wrote consent down before, so no consent is known; texts without consent go on being warned about, not refused.
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

KINDS = ('express', 'purchase', 'inquiry', 'wrote-first')
ENDINGS = ('opted-out', 'withdrawn', 'corrected')


def upgrade() -> None:
    """Make it so."""
    op.create_table('consent_records',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.Enum(*KINDS, name='kind', native_enum=False, create_constraint=True, length=24),
              nullable=False),
    sa.Column('given_at', sa.DateTime(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=True),
    sa.Column('proof', sa.String(length=200), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ending', sa.Enum(*ENDINGS, name='ending', native_enum=False, create_constraint=True, length=24),
              nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_consent_records_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'],
                            name=op.f('fk_consent_records_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_records')),
    sa.UniqueConstraint('ref', name=op.f('uq_consent_records_ref'))
    )
    op.create_index('ix_consent_records_list', 'consent_records', ['organization_id', 'id'], unique=False)
    op.create_index('ix_consent_records_theirs', 'consent_records', ['organization_id', 'theirs'], unique=False)
    op.add_column('organizations', sa.Column('consent_required', sa.Boolean(), server_default=sa.false(),
                                             nullable=False))
    op.add_column('organizations', sa.Column('mailing_address', sa.String(length=300), server_default='',
                                             nullable=False))
    op.add_column('organizations', sa.Column('telephone', sa.String(length=60), server_default='', nullable=False))
    op.add_column('organizations', sa.Column('privacy_contact', sa.String(length=254), server_default='',
                                             nullable=False))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table('organizations', schema=None) as batch_op:
        for name in ('privacy_contact', 'telephone', 'mailing_address', 'consent_required'):
            batch_op.drop_column(name)
    op.drop_table('consent_records')
