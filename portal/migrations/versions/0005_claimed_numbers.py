"""claimed numbers, and addresses of people elsewhere.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Numbers that exist stay what they are. Those that an administrator brought, as the audit log tells, are marked
for an operator to look at.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('claims',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('e164', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.Enum('emergency', 'crisis-line', 'service-code', 'short-code', 'unreadable', 'toll-free', 'premium', 'personal', 'other-special', 'abroad', 'territory', 'plain', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('source', sa.Enum('calling-plan', 'other', name='numbersource', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_claims_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_claims_organization_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_claims_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
    sa.UniqueConstraint('organization_id', 'e164', name=op.f('uq_claims_organization_id_e164')),
    sa.UniqueConstraint('ref', name=op.f('uq_claims_ref')),
    sa.UniqueConstraint('user_id', name=op.f('uq_claims_user_id'))
    )
    with op.batch_alter_table('claims', schema=None) as batch_op:
        batch_op.create_index('ix_claims_list', ['e164', 'id'], unique=False)

    op.create_table('refused_addresses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('upload_id', sa.Integer(), nullable=True),
    sa.Column('looked_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_refused_addresses_by_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_refused_addresses_organization_id')),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_refused_addresses_upload_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refused_addresses')),
    sa.UniqueConstraint('ref', name=op.f('uq_refused_addresses_ref'))
    )
    with op.batch_alter_table('refused_addresses', schema=None) as batch_op:
        batch_op.create_index('ix_refused_addresses_counted', ['organization_id', 'at'], unique=False)

    with op.batch_alter_table('numbers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('review', sa.Boolean(), server_default=sa.false(), nullable=False))
    _mark_those_of_administrators()


def _mark_those_of_administrators() -> None:
    """A number that somebody who is no operator assigned and that no operator had added."""
    events = sa.table('audit_events', sa.column('organization_id'), sa.column('actor_id'), sa.column('action'),
                      sa.column('details', sa.JSON()))
    users = sa.table('users', sa.column('id'), sa.column('operator', sa.Boolean()))
    numbers = sa.table('numbers', sa.column('organization_id'), sa.column('e164'), sa.column('review', sa.Boolean()))
    bind = op.get_bind()
    operators = set(bind.scalars(sa.select(users.c.id).where(users.c.operator)))
    told = bind.execute(sa.select(events).where(events.c.action.in_(('number-added', 'number-assigned')))).all()
    added = {(one.organization_id, one.details.get('number')) for one in told if one.action == 'number-added'}
    brought = {(one.organization_id, one.details.get('number')) for one in told
               if one.action == 'number-assigned' and one.actor_id is not None and one.actor_id not in operators}
    if marked := [{'mine': mine, 'number': number} for mine, number in brought - added if number]:
        bind.execute(sa.update(numbers).where(
            numbers.c.organization_id == sa.bindparam('mine'), numbers.c.e164 == sa.bindparam('number'),
        ).values(review=sa.true()), marked)


def downgrade() -> None:
    """Make it as it was; what was only claimed is lost."""
    with op.batch_alter_table('numbers', schema=None) as batch_op:
        batch_op.drop_column('review')

    with op.batch_alter_table('refused_addresses', schema=None) as batch_op:
        batch_op.drop_index('ix_refused_addresses_counted')

    op.drop_table('refused_addresses')
    with op.batch_alter_table('claims', schema=None) as batch_op:
        batch_op.drop_index('ix_claims_list')

    op.drop_table('claims')
