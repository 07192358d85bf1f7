"""decisions about likely opt-outs, and what happens while nobody decides.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Every likely opt-out that waits is looked at in the next hourly run.
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table('opt_out_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('opt_out_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('meant', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Enum('other-thing', 'other-person', 'joke', 'asked-them', name='notmeantreason', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['opt_out_id'], ['opt_outs.id'], name=op.f('fk_opt_out_decisions_opt_out_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_opt_out_decisions_organization_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_opt_out_decisions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opt_out_decisions'))
    )
    with op.batch_alter_table('opt_out_decisions', schema=None) as batch_op:
        batch_op.create_index('ix_opt_out_decisions_counted', ['organization_id', 'at'], unique=False)
        batch_op.create_index('ix_opt_out_decisions_opt_out', ['opt_out_id', 'id'], unique=False)

    op.add_column('opt_outs', sa.Column('told_at', sa.DateTime(), nullable=True))
    op.add_column('opt_outs', sa.Column('step', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('opt_outs', sa.Column('due_at', sa.DateTime(), nullable=True))
    op.create_index('ix_opt_outs_due', 'opt_outs', ['due_at'], unique=False,
                    sqlite_where=sa.text("consent = 'likely-out'"))
    op.execute("UPDATE opt_outs SET due_at = said_at WHERE consent = 'likely-out'")


def downgrade() -> None:
    """Undo it. Who decided is lost; the audit log keeps it."""
    op.drop_index('ix_opt_outs_due', 'opt_outs')
    with op.batch_alter_table('opt_outs', schema=None) as batch_op:
        batch_op.drop_column('due_at')
        batch_op.drop_column('step')
        batch_op.drop_column('told_at')

    op.drop_table('opt_out_decisions')
