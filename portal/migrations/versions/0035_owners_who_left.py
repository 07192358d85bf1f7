"""conversations know whether their owner has left; triggers see to it.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A later revision that makes conversations or users anew takes the triggers off first and puts them back.
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

TRIGGERS = ("""CREATE TRIGGER owner_left_account AFTER UPDATE OF account ON users WHEN (OLD.account = 'deactivated') <> (NEW.account = 'deactivated')
BEGIN UPDATE conversations SET owner_left = (NEW.account = 'deactivated') WHERE user_id = NEW.id; END""",
"""CREATE TRIGGER owner_left_begun AFTER INSERT ON conversations WHEN EXISTS (SELECT 1 FROM users WHERE users.id = NEW.user_id AND users.account = 'deactivated')
BEGIN UPDATE conversations SET owner_left = TRUE WHERE id = NEW.id; END""",
"""CREATE TRIGGER owner_left_moved AFTER UPDATE OF user_id ON conversations WHEN OLD.user_id <> NEW.user_id
BEGIN UPDATE conversations SET owner_left = EXISTS (SELECT 1 FROM users WHERE users.id = NEW.user_id AND users.account = 'deactivated') WHERE id = NEW.id; END""")


def upgrade() -> None:
    """Make it so."""
    op.add_column('conversations', sa.Column('owner_left', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE conversations SET owner_left = TRUE"
               " WHERE user_id IN (SELECT id FROM users WHERE account = 'deactivated')")
    op.create_index('ix_conversations_left', 'conversations', ['organization_id', 'last_at'], unique=False,
                    sqlite_where=sa.text('owner_left = 1'), postgresql_where=sa.text('owner_left'))
    for trigger in TRIGGERS:
        op.get_bind().exec_driver_sql(trigger)


def downgrade() -> None:
    """Undo it."""
    for name in ('account', 'begun', 'moved'):
        op.get_bind().exec_driver_sql(f'DROP TRIGGER owner_left_{name}')
    op.drop_index('ix_conversations_left', 'conversations')
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_column('owner_left')
