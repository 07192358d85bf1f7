"""the days on which a number comes and leaves; a number that has left may belong to another organization.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Numbers that exist have no such days: their organizations have them, as they did.
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table('numbers', schema=None, recreate='always') as batch_op:
        batch_op.add_column(sa.Column('from_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('until_on', sa.Date(), nullable=True))
        batch_op.drop_constraint(op.f('uq_numbers_e164'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_numbers_e164_organization_id'), ['e164', 'organization_id'])


def downgrade() -> None:
    """Undo it. Of a number with several rows, only that of the latest organization can stay with its number."""
    with op.batch_alter_table('numbers', schema=None, recreate='always') as batch_op:
        batch_op.drop_constraint(op.f('uq_numbers_e164_organization_id'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_numbers_e164'), ['e164'])
        batch_op.drop_column('until_on')
        batch_op.drop_column('from_on')
