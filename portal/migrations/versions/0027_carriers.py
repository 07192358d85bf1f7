"""carriers as records, which one a text was claimed for, what decided each hand-over, parts of long texts.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Texts that a worker had claimed belong to the pretend carrier: there was no other.
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    _make_carriers()
    op.create_table('arrived_parts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.String(length=20), nullable=False),
    sa.Column('carrier_id', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=20), nullable=False),
    sa.Column('recipient', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrived_parts')),
    sa.UniqueConstraint('carrier', 'carrier_id', name=op.f('uq_arrived_parts_carrier_carrier_id')),
    )
    op.create_index('ix_arrived_parts_text', 'arrived_parts', ['carrier', 'sender', 'recipient', 'key'])
    op.create_index('ix_arrived_parts_at', 'arrived_parts', ['at'])
    op.create_table('hand_overs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('carrier', sa.String(length=20), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('why', sa.JSON(), nullable=False),
    sa.Column('result', sa.String(length=24), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_hand_overs_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_overs')),
    )
    op.create_index('ix_hand_overs_message', 'hand_overs', ['message_id'])
    for table, column in _ADDED:
        op.add_column(table, column())
    for table in ('organizations', 'numbers'):
        with op.batch_alter_table(table, schema=None, recreate='always', reflect_args=_EMPTY[table]) as batch_op:
            batch_op.add_column(sa.Column('carrier_id', sa.Integer(), nullable=True))
            batch_op.create_foreign_key(op.f(f'fk_{table}_carrier_id'), 'carriers', ['carrier_id'], ['id'])
    op.execute("UPDATE messages SET route = 'pretend' WHERE state = 'claimed'")


# A table made anew keeps these as they are: what is read from the database puts the default into brackets.
_EMPTY = {
    'organizations': [sa.Column(name, sa.String(length=length), server_default='', nullable=False)
                      for name, length in (('mailing_address', 300), ('telephone', 60), ('privacy_contact', 254))],
    'numbers': [],
}
_ADDED = (
    ('messages', lambda: sa.Column('route', sa.String(length=20), server_default='', nullable=False)),
    ('messages', lambda: sa.Column('may_be_at', sa.String(length=20), server_default='', nullable=False)),
    ('messages', lambda: sa.Column('claimed_at', sa.DateTime(), nullable=True)),
    ('receipts', lambda: sa.Column('parts', sa.Integer(), server_default='0', nullable=False)),
    ('numbers', lambda: sa.Column('free_at', sa.DateTime(), nullable=True)),
)


def _make_carriers() -> None:
    op.create_table('carriers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.LargeBinary(), nullable=True),
    sa.Column('secrets_at', sa.DateTime(), nullable=True),
    sa.Column('secrets_by', sa.String(length=120), server_default='', nullable=False),
    sa.Column('by_default', sa.Boolean(), server_default=sa.text('0'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('1'), nullable=False),
    sa.Column('pace', sa.Integer(), nullable=True),
    sa.Column('number_pace', sa.Integer(), nullable=True),
    sa.Column('at_once', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('pace_now', sa.Double(), nullable=True),
    sa.Column('slowed_at', sa.DateTime(), nullable=True),
    sa.Column('tokens', sa.Double(), server_default='0', nullable=False),
    sa.Column('tokens_at', sa.DateTime(), nullable=True),
    sa.Column('fault_code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('fault_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carriers')),
    sa.UniqueConstraint('ref', name=op.f('uq_carriers_ref')),
    )
    op.create_index('ix_carriers_default', 'carriers', ['by_default'], unique=True, sqlite_where=sa.text('by_default'))


def downgrade() -> None:
    """Undo it."""
    for table in ('organizations', 'numbers'):
        with op.batch_alter_table(table, schema=None, recreate='always', reflect_args=_EMPTY[table]) as batch_op:
            batch_op.drop_constraint(op.f(f'fk_{table}_carrier_id'), type_='foreignkey')
            batch_op.drop_column('carrier_id')
            if table == 'numbers':
                batch_op.drop_column('free_at')
    for table, name in (('messages', 'route'), ('messages', 'may_be_at'), ('messages', 'claimed_at'), ('receipts', 'parts')):
        op.drop_column(table, name)
    for table in ('hand_overs', 'arrived_parts', 'carriers'):
        op.drop_table(table)
