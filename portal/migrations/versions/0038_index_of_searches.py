"""the index of the list of users holds all that a search compares.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.drop_index('ix_users_list', 'users')
    op.create_index('ix_users_list', 'users', ['organization_id', 'name_key', 'id', 'email_key', 'location_id'],
                    unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_users_list', 'users')
    op.create_index('ix_users_list', 'users', ['organization_id', 'name_key', 'id'], unique=False)
