"""keys of addresses and names, and the size of uploads.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
Addresses were compared without accents and with hidden characters; now it is the other way round. Where that
makes two accounts one address, the one that can sign in keeps it; the other keeps its sessions and links and is
written down in the audit log, so that somebody gives it an address of its own.
"""

import re
import secrets
import unicodedata
from datetime import UTC, datetime

import idna
import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

HIDDEN = re.compile(
    '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164'
    '\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a'
    '\U000e0000-\U000e0fff]')
WIDE = re.compile('[\uff01-\uff5e\u3002\uff0e\uff61]')
LETTERS = str.maketrans({'ł': 'l', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i'})
LONGEST = 254

users = sa.table('users', sa.column('id'), sa.column('ref'), sa.column('organization_id'), sa.column('name'),
                 sa.column('name_key'), sa.column('email'), sa.column('email_key'), sa.column('account'),
                 sa.column('operator', sa.Boolean()), sa.column('password_hash'))
locations = sa.table('locations', sa.column('id'), sa.column('organization_id'), sa.column('name'),
                     sa.column('name_key'))
organizations = sa.table('organizations', sa.column('id'), sa.column('name'), sa.column('name_key'))
refused = sa.table('refused_addresses', sa.column('id'), sa.column('email'), sa.column('email_key'))
uploads = sa.table('uploads', sa.column('size'), sa.column('content', sa.LargeBinary()))
events = sa.table('audit_events', sa.column('ref'), sa.column('organization_id'), sa.column('at', sa.DateTime()),
                  sa.column('actor_name'), sa.column('action'), sa.column('subject'), sa.column('subject_ref'),
                  sa.column('subject_name'), sa.column('details', sa.JSON()))


def upgrade() -> None:
    """Make it so."""
    op.add_column('uploads', sa.Column('size', sa.Integer(), server_default='0', nullable=False))
    op.execute(sa.update(uploads).where(uploads.c.content.is_not(None)).values(size=sa.func.length(uploads.c.content)))
    _rename_people()
    _rename(locations, lambda row: row.organization_id)
    _rename(organizations, lambda row: row.id)
    _set(refused, 'email_key', {row.id: address_key(row.email) for row in _all(refused)
                                if row.email_key != address_key(row.email)})


def _all(table: sa.TableClause) -> list[sa.Row]:
    return list(op.get_bind().execute(sa.select(table).order_by(table.c.id)))


def _set(table: sa.TableClause, column: str, values: dict[int, str]) -> None:
    if values:
        op.get_bind().execute(sa.update(table).where(table.c.id == sa.bindparam('row')).values(
            {column: sa.bindparam('key')}), [{'row': row, 'key': key} for row, key in values.items()])


def _rename_people() -> None:
    rows = _all(users)
    _set(users, 'name_key', {row.id: key_of(row.name) for row in rows if row.name_key != key_of(row.name)})
    taken: set[str] = set()
    keys, twins = {}, []
    for row in sorted(rows, key=_rank):
        key = address_key(row.email)
        if key in taken:
            # No address has a blank in it, so nobody signs in with this one.
            key = f'{key[:LONGEST - 1 - len(row.ref)]} {row.ref}'
            twins.append(row)
        taken.add(key)
        if key != row.email_key:
            keys[row.id] = key
    # In two steps, because one row may get the key that another one gives up.
    _set(users, 'email_key', {row: f' {row}' for row in keys})
    _set(users, 'email_key', keys)
    _tell(twins)


def _rank(row: sa.Row) -> tuple[bool, bool, bool, int]:
    """Who keeps an address: whoever can sign in, then operators, then whoever has it without hidden characters."""
    in_use = bool(row.password_hash) and row.account != 'deactivated'
    return not in_use, not row.operator, bool(HIDDEN.search(row.email)), row.id


def _tell(twins: list[sa.Row]) -> None:
    if twins:
        op.get_bind().execute(sa.insert(events), [{
            'ref': secrets.token_hex(8), 'organization_id': row.organization_id,
            'at': datetime.now(UTC).replace(tzinfo=None), 'actor_name': 'The command line',
            'action': 'address-shared', 'subject': 'user', 'subject_ref': row.ref, 'subject_name': row.name,
            'details': {}} for row in twins])


def _rename(table: sa.TableClause, owner) -> None:
    """New keys of names; a name that would be another one's by now keeps its old key."""
    rows = _all(table)
    kept = {(owner(row), row.name_key) for row in rows}
    keys = {}
    for row in rows:
        key = key_of(row.name)
        if key != row.name_key and (owner(row), key) not in kept:
            kept.add((owner(row), key))
            keys[row.id] = key
    _set(table, 'name_key', keys)


def shown(typed: str) -> str:
    """A text without what nobody sees."""
    return ''.join(char for char in HIDDEN.sub('', typed) if unicodedata.category(char) != 'Cf')


def key_of(typed: str) -> str:
    """How names are compared."""
    return folded_key(shown(typed))


def folded_key(typed: str) -> str:
    """How names were compared before, and addresses with them."""
    plain = unicodedata.normalize('NFKD', typed)
    folded = unicodedata.normalize('NFKD', plain.casefold())
    return ''.join(char for char in folded if not unicodedata.combining(char)).translate(LETTERS).strip()


def address_key(typed: str) -> str:
    """How addresses are compared: accents count, the domain has its own letters."""
    narrow = WIDE.sub(lambda found: '.' if found[0] in '\u3002\uff61' else unicodedata.normalize('NFKC', found[0]),
                      shown(typed))
    local, at, domain = unicodedata.normalize('NFC', narrow).strip().rpartition('@')
    domain = '.'.join(map(label_key, domain.split('.')))
    try:
        domain = domain if domain.isascii() else idna.uts46_remap(domain, std3_rules=False)
    except idna.IDNAError:
        pass
    small = unicodedata.normalize('NFC', local.lower().replace('ς', 'σ'))
    return small + at + unicodedata.normalize('NFC', domain.lower())


def label_key(label: str) -> str:
    """A label of a domain with its own letters."""
    if not label.lower().startswith('xn--') or len(label) > 63:
        return label
    try:
        read = idna.ulabel(label.lower())
        return read if idna.alabel(read).decode() == label.lower() else label
    except (idna.IDNAError, UnicodeError):
        return label


def downgrade() -> None:
    """Make it as it was, but for addresses that only accents keep apart: one of them keeps its own key."""
    op.drop_column('uploads', 'size')
    rows = _all(users)
    kept = {row.email_key for row in rows}
    keys = {}
    for row in rows:
        key = folded_key(row.email)
        if key != row.email_key and key not in kept:
            kept.add(key)
            keys[row.id] = key
    _set(users, 'email_key', keys)
