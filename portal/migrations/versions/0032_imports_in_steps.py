"""imports in steps: how far a file is, and its rows with what they do and what it takes to undo that.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Files of users that were imported before have no rows and cannot be undone; others are checked anew when asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

STATES = ('checking', 'checked', 'importing', 'imported', 'undoing', 'undone')
OUTCOMES = ('created', 'changed', 'unchanged', 'wrong', 'conflict')
UNDONE = ('restored', 'closed', 'left')
COLUMNS = ('state', 'checked', 'checked_at', 'seal', 'total', 'cursor', 'begun_by_id', 'as_operator', 'undone_at')


def _choice(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', _choice('uploadstate', STATES), server_default='checking',
                                      nullable=False))
        batch_op.add_column(sa.Column('checked', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('checked_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('seal', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('total', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('cursor', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('begun_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('as_operator', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('undone_at', sa.DateTime(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_uploads_begun_by_id'), 'users', ['begun_by_id'], ['id'])
        batch_op.create_index('ix_uploads_work', ['id'], unique=False,
                              sqlite_where=sa.text("state IN ('importing', 'undoing')"))
    op.execute("UPDATE uploads SET state = 'imported' WHERE imported_at IS NOT NULL")
    _create_rows()


def _create_rows() -> None:
    op.create_table('import_rows',
    sa.Column('upload_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('outcome', _choice('rowoutcome', OUTCOMES), nullable=False),
    sa.Column('together', sa.Boolean(), nullable=False),
    sa.Column('leaver', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('asked', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('undone', _choice('rowundone', UNDONE), nullable=True),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_import_rows_upload_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_import_rows_user_id')),
    sa.PrimaryKeyConstraint('upload_id', 'position', name=op.f('pk_import_rows'))
    )
    with op.batch_alter_table('import_rows', schema=None) as batch_op:
        batch_op.create_index('ix_import_rows_outcome', ['upload_id', 'outcome', 'line'], unique=False)
        batch_op.create_index('ix_import_rows_leavers', ['upload_id', 'line'], unique=False,
                              sqlite_where=sa.text('leaver'))
        batch_op.create_index('ix_import_rows_undone', ['upload_id', 'undone', 'line'], unique=False,
                              sqlite_where=sa.text('undone IS NOT NULL'))
        batch_op.create_index('ix_import_rows_closed', ['user_id'], unique=False,
                              sqlite_where=sa.text("undone = 'closed'"))


def downgrade() -> None:
    """Undo it."""
    op.drop_table('import_rows')
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.drop_index('ix_uploads_work')
        batch_op.drop_constraint(batch_op.f('fk_uploads_begun_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('ck_uploads_uploadstate'), type_='check')
        for column in reversed(COLUMNS):
            batch_op.drop_column(column)
