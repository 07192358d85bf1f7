"""blocks of carriers, and when people texted START.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Of those who may be texted again, whoever said so by a text did it by START at that time.
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

BEFORE = ('stop', 'wording', 'manual', 'web')


def _sources(*words: str) -> sa.Enum:
    return sa.Enum(*words, name='optoutsource', native_enum=False, create_constraint=True, length=24)


def _change_sources(was: tuple[str, ...], now: tuple[str, ...]) -> None:
    with op.batch_alter_table('opt_outs', schema=None, recreate='always') as batch_op:
        batch_op.alter_column('source', existing_type=_sources(*was), type_=_sources(*now), existing_nullable=False)


def upgrade() -> None:
    """Make it so."""
    op.create_table('carrier_blocks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('number_id', sa.Integer(), nullable=False),
    sa.Column('theirs', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['number_id'], ['numbers.id'], name=op.f('fk_carrier_blocks_number_id')),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_carrier_blocks_organization_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carrier_blocks')),
    sa.UniqueConstraint('organization_id', 'theirs', 'number_id', name=op.f('uq_carrier_blocks_organization_id_theirs_number_id'))
    )
    op.add_column('opt_outs', sa.Column('started_at', sa.DateTime(), nullable=True))
    op.execute("UPDATE opt_outs SET started_at = said_at WHERE consent = 'in-again' AND source = 'stop' AND said <> ''")
    _change_sources(BEFORE, (*BEFORE, 'carrier'))


def downgrade() -> None:
    """Undo it. What a carrier told becomes a STOP, which it was."""
    op.execute("UPDATE opt_outs SET source = 'stop' WHERE source = 'carrier'")
    _change_sources((*BEFORE, 'carrier'), BEFORE)
    with op.batch_alter_table('opt_outs', schema=None) as batch_op:
        batch_op.drop_column('started_at')
    op.drop_table('carrier_blocks')
