"""contents of uploaded files in a table of their own, and who ordered their checks.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

STATES = sa.Enum('kept', 'unreadable', 'erased', name='contentstate', native_enum=False, create_constraint=True,
                 length=24)
BEFORE = "state = 'checking' AND NOT opt_outs AND content IS NOT NULL"
AFTER = "state = 'checking' AND NOT opt_outs AND content_state = 'kept'"


def _index_unchecked(condition: str) -> None:
    op.create_index('ix_uploads_unchecked', 'uploads', ['id'], unique=False, sqlite_where=sa.text(condition),
                    postgresql_where=sa.text(condition))


def _keep_default(batch_op: Any) -> None:
    # SQLite tells of an empty text as an expression, and would be given back one.
    batch_op.alter_column('seal', existing_type=sa.String(length=64), existing_nullable=False, server_default='')


def upgrade() -> None:
    """Make it so."""
    op.create_table('upload_contents',
    sa.Column('upload_id', sa.Integer().with_variant(sa.BigInteger(), 'postgresql'), autoincrement=False,
              nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_upload_contents_upload_id')),
    sa.PrimaryKeyConstraint('upload_id', name=op.f('pk_upload_contents'))
    )
    op.execute("INSERT INTO upload_contents (upload_id, content)"
               " SELECT id, content FROM uploads WHERE content IS NOT NULL")
    op.drop_index('ix_uploads_unchecked', 'uploads')
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('content_state', STATES, server_default='kept', nullable=False))
        batch_op.drop_column('content')
        _keep_default(batch_op)
    op.execute("UPDATE uploads SET content_state = 'erased' WHERE id NOT IN (SELECT upload_id FROM upload_contents)")
    op.execute("UPDATE uploads SET begun_by_id = user_id WHERE begun_by_id IS NULL")
    _index_unchecked(AFTER)


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_uploads_unchecked', 'uploads')
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('content', sa.LargeBinary(), nullable=True))
        batch_op.drop_constraint(batch_op.f('ck_uploads_contentstate'), type_='check')
        batch_op.drop_column('content_state')
        _keep_default(batch_op)
    op.execute("UPDATE uploads SET content = (SELECT content FROM upload_contents WHERE upload_id = uploads.id)")
    _index_unchecked(BEFORE)
    op.drop_table('upload_contents')
