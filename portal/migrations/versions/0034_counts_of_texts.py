"""how many texts an organization sent and received in each quarter of an hour, counted by triggers.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A later revision that makes messages anew takes the triggers off first and puts them back.
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

NAMES = ('sent', 'not_delivered', 'received')
LEFT = "'delivered', 'failed', 'handed-over', 'quarantined', 'sent', 'undelivered', 'unknown'"
NOT_DELIVERED = "'failed', 'undelivered'"


def upgrade() -> None:
    """Make it so."""
    op.create_table('quarter_counts',
    sa.Column('organization_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in NAMES),
    sa.PrimaryKeyConstraint('organization_id', 'at', name=op.f('pk_quarter_counts')),
    sqlite_with_rowid=False
    )
    sums = ', '.join(f'sum({sql})' for sql in count_of_text('messages'))
    run = op.get_bind().exec_driver_sql
    run(f"INSERT INTO quarter_counts (organization_id, at, {', '.join(NAMES)}) SELECT organization_id,"
        f" {quarter('messages')}, {sums} FROM messages WHERE {counts('messages')} GROUP BY 1, 2")
    for one in triggers():
        run(one)


def downgrade() -> None:
    """Undo it."""
    for verb in ('insert', 'delete', 'update'):
        op.get_bind().exec_driver_sql(f'DROP TRIGGER quarter_counts_{verb}')
    op.drop_table('quarter_counts')


def count_of_text(row):
    """What a text counts as, 1 or 0."""
    conditions = (f"{row}.direction = 'out' AND {row}.state IN ({LEFT})",
                  f"{row}.direction = 'out' AND {row}.state IN ({NOT_DELIVERED})", f"{row}.direction = 'in'")
    return [f'CASE WHEN {condition} THEN 1 ELSE 0 END' for condition in conditions]


def quarter(row):
    """The beginning of the quarter of an hour of a text."""
    minute = f"strftime('%M', {row}.at)"
    return (f"strftime('%Y-%m-%d %H:', {row}.at) || CASE WHEN {minute} < '15' THEN '00' WHEN {minute} < '30' THEN '15'"
            f" WHEN {minute} < '45' THEN '30' ELSE '45' END || ':00.000000'")


def count(row, sign):
    """Count a text, or take it away."""
    known = ', '.join(f'{sign}({one})' for one in count_of_text(row))
    added = ', '.join(f'{name} = quarter_counts.{name} + excluded.{name}' for name in NAMES)
    return (f"INSERT INTO quarter_counts (organization_id, at, {', '.join(NAMES)})\n"
            f"SELECT {row}.organization_id, {quarter(row)}, {known} WHERE {counts(row)}\n"
            f"ON CONFLICT (organization_id, at) DO UPDATE SET {added}")


def counts(row):
    """Whether a text is counted at all."""
    return f"({row}.direction = 'in' OR {row}.direction = 'out' AND {row}.state IN ({LEFT}))"


def triggers():
    """The triggers, in their order."""
    changed = ' OR '.join((
        'OLD.organization_id IS NOT NEW.organization_id', 'OLD.at IS NOT NEW.at',
        *(f'{was} IS NOT {now}' for was, now in zip(count_of_text('OLD'), count_of_text('NEW'), strict=True))))
    yield (f"CREATE TRIGGER quarter_counts_insert AFTER INSERT ON messages WHEN {counts('NEW')}\n"
           f"BEGIN {count('NEW', '+')}; END")
    yield (f"CREATE TRIGGER quarter_counts_delete AFTER DELETE ON messages WHEN {counts('OLD')}\n"
           f"BEGIN {count('OLD', '-')}; END")
    yield ('CREATE TRIGGER quarter_counts_update AFTER UPDATE OF organization_id, direction, state, at ON messages'
           f" WHEN {changed}\nBEGIN {count('NEW', '+')}; {count('OLD', '-')}; END")
    yield ('CREATE TRIGGER quarter_counts_none AFTER UPDATE ON quarter_counts WHEN NEW.sent = 0 AND NEW.received = 0\n'
           'BEGIN DELETE FROM quarter_counts WHERE organization_id = NEW.organization_id AND at = NEW.at; END')
