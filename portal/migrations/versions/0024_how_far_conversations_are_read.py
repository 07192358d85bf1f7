"""how far conversations are read, and indexes for what waits.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A conversation without unread texts is read to its end, others up to the text before the first unread one.
"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

READ_TO_THE_END = "UPDATE conversations SET read_up_to = last_id WHERE unread = 0"
# In one pass: texts in, numbered from the newest, so that the one before the first unread text is known.
READ_IN_PART = """
UPDATE conversations SET read_up_to = placed.id FROM (
    SELECT messages.id AS id, messages.conversation_id AS conversation_id,
        row_number() OVER (PARTITION BY messages.conversation_id ORDER BY messages.id DESC) AS place
    FROM conversations JOIN messages ON messages.conversation_id = conversations.id
    WHERE conversations.unread > 0 AND messages.direction = 'in') AS placed
WHERE placed.conversation_id = conversations.id AND placed.place = conversations.unread + 1
"""


def upgrade() -> None:
    """Make it so."""
    op.add_column('conversations', sa.Column('read_up_to', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.execute(READ_TO_THE_END)
    op.execute(READ_IN_PART)
    op.create_index('ix_conversations_unread', 'conversations', ['user_id', 'unread'], unique=False,
                    sqlite_where=sa.text('unread > 0'))
    op.create_index('ix_appeals_waiting', 'appeals', ['restriction_id'], unique=False,
                    sqlite_where=sa.text('decided_at IS NULL'))
    op.create_index('ix_web_asks_waiting', 'web_asks', ['organization_id'], unique=False, sqlite_where=sa.text('waits'))


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_web_asks_waiting', 'web_asks')
    op.drop_index('ix_appeals_waiting', 'appeals')
    op.drop_index('ix_conversations_unread', 'conversations')
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_column('read_up_to')
