"""which texts of an organization need a campaign, what quiet hours do, and which day counts a text.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
An organization whose locations are all in Canada would need a campaign for fewer texts than before, so the setting
in force at the time of the upgrade is written down for it. Older texts count for the day on which they were written.
"""

import os

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

CANADIAN = """
UPDATE organizations SET registration = 'all'
WHERE EXISTS (SELECT 1 FROM locations WHERE organization_id = organizations.id)
AND NOT EXISTS (SELECT 1 FROM locations WHERE organization_id = organizations.id AND country <> 'CA')
"""


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table('organizations', schema=None, recreate='always') as batch_op:
        batch_op.add_column(sa.Column('registration', _choice('registration', 'all', 'us-recipients', 'none'),
                                      nullable=True))
        batch_op.add_column(sa.Column('quiet_rule', _choice('quiet_rule', 'warn', 'hold'), nullable=True))
    op.add_column('messages', sa.Column('brand_day', sa.String(length=10), nullable=True))
    if (os.environ.get('REGISTRATION_REQUIRED', '').strip().lower() or 'all') == 'all':
        op.execute(CANADIAN)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_column('brand_day')
    with op.batch_alter_table('organizations', schema=None) as batch_op:
        batch_op.drop_constraint('registration', type_='check')
        batch_op.drop_constraint('quiet_rule', type_='check')
        batch_op.drop_column('quiet_rule')
        batch_op.drop_column('registration')
