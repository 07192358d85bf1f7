"""keys of names in which a word processor's apostrophes and hyphens are those of a keyboard.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Two locations of one organization whose names differ in nothing else stay two: the later one keeps its old key.
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

HIDDEN = re.compile(
    '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164'
    '\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a'
    '\U000e0000-\U000e0fff]')
SIGNS = {**dict.fromkeys('’‘ʼ′´', "'"), **dict.fromkeys('‐‑‒–—', '-')}
LETTERS = {'ł': 'l', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i'}
# So many rows are read and written at a time; so long is the key of a conversation at most.
BATCH, LONGEST = 1000, 80


def named(table: str, *more: sa.ColumnClause) -> sa.TableClause:
    """A table of things with names."""
    return sa.table(table, sa.column('id'), sa.column('name', sa.String()), sa.column('name_key', sa.String()), *more)


users, organizations, conversations = (named(table) for table in ('users', 'organizations', 'conversations'))
locations = named('locations', sa.column('organization_id'))


def upgrade() -> None:
    """Make it so."""
    for table in (users, organizations, conversations):
        for rows in _batches(table):
            longest = LONGEST if table is conversations else None
            _set_keys(table, {row.id: key_of(row.name)[:longest] for row in rows})
    for rows in _batches(locations):
        for row in rows:
            _rename_location(row)


def _batches(table: sa.TableClause) -> Iterator[list[sa.Row]]:
    """The rows that have such a sign in their name, or in their key, where it can come from another sign."""
    last = 0
    signs = sa.or_(*(column.contains(sign) for column in (table.c.name, table.c.name_key) for sign in SIGNS))
    while rows := list(op.get_bind().execute(
            sa.select(table).where(table.c.id > last, signs).order_by(table.c.id).limit(BATCH))):
        yield rows
        last = rows[-1].id


def _set_keys(table: sa.TableClause, keys: dict[int, str]) -> None:
    op.get_bind().execute(sa.update(table).where(table.c.id == sa.bindparam('row')).values(
        name_key=sa.bindparam('key')), [{'row': row, 'key': key} for row, key in keys.items()])


def _rename_location(row: sa.Row) -> None:
    key = key_of(row.name)
    if not op.get_bind().scalar(sa.select(locations.c.id).where(
            locations.c.organization_id == row.organization_id, locations.c.name_key == key)):
        _set_keys(locations, {row.id: key})


def key_of(typed: str) -> str:
    """How names are compared."""
    plain = str.maketrans(SIGNS | LETTERS)
    shown = ''.join(char for char in HIDDEN.sub('', typed) if unicodedata.category(char) != 'Cf')
    folded = unicodedata.normalize('NFKD', unicodedata.normalize('NFKD', shown.translate(plain)).casefold())
    return ''.join(char for char in folded if not unicodedata.combining(char)).translate(plain).strip()


def downgrade() -> None:
    """Nothing is undone: until it is saved again, a name with such a sign is found by that of a keyboard."""
