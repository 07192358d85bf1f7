"""how many users have the same facts, counted by triggers with whatever is written.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A later revision that makes users, numbers, claims or words anew takes the triggers off first and puts them back.
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

ROWS = {
    'numbers': ('number', '{}.user_id', ('user_id', 'kind', 'source', 'from_on', 'until_on')),
    'claims': ('claim', '{}.user_id', ('user_id', 'kind', 'source')),
    'words': ('setting', "CASE {0}.level WHEN 'user' THEN {0}.unit_id END", ('level', 'unit_id', 'on')),
}
OF_USER = ('organization_id', 'location_id', 'account', 'app_version')
COUNT = """INSERT INTO profile_counts (organization_id, location_id, facts, many)
SELECT {user}.organization_id, {user}.location_id, {facts}, {sign}1
FROM {of} LEFT JOIN numbers ON numbers.user_id = {id} LEFT JOIN claims ON claims.user_id = {id}
LEFT JOIN words ON words.level = 'user' AND words.unit_id = {id}
WHERE {whom}{user}.organization_id IS NOT NULL AND {user}.location_id IS NOT NULL
ON CONFLICT (organization_id, location_id, facts) DO UPDATE SET many = profile_counts.many + excluded.many"""
NOBODY = ('CREATE TRIGGER profile_counts_nobody AFTER UPDATE ON profile_counts WHEN NEW.many = 0\n'
          'BEGIN DELETE FROM profile_counts WHERE organization_id = NEW.organization_id AND'
          ' location_id = NEW.location_id AND facts = NEW.facts; END')
FILL = """INSERT INTO profile_counts (organization_id, location_id, facts, many)
SELECT users.organization_id, users.location_id, {facts}, count(*)
FROM users LEFT JOIN numbers ON numbers.user_id = users.id LEFT JOIN claims ON claims.user_id = users.id
LEFT JOIN words ON words.level = 'user' AND words.unit_id = users.id
WHERE users.organization_id IS NOT NULL AND users.location_id IS NOT NULL GROUP BY 1, 2, 3"""


def upgrade() -> None:
    """Make it so."""
    op.create_table('profile_counts',
    sa.Column('organization_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('location_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('facts', sa.String(length=135), nullable=False),
    sa.Column('many', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('organization_id', 'location_id', 'facts', name=op.f('pk_profile_counts')),
    sqlite_with_rowid=False
    )
    op.get_bind().exec_driver_sql(FILL.format(facts=facts_of_user()))
    for one in triggers():
        op.get_bind().exec_driver_sql(one)
    op.create_index('ix_users_roles', 'users', ['organization_id', 'name_key', 'id'], unique=False,
                    sqlite_where=sa.text('admin = 1 OR auditor = 1 OR operator = 1'),
                    postgresql_where=sa.text('admin OR auditor OR operator'))


def downgrade() -> None:
    """Undo it."""
    for table in ('users', *ROWS):
        for verb in ('insert', 'delete', 'update'):
            op.get_bind().exec_driver_sql(f'DROP TRIGGER profile_counts_{table}_{verb}')
    op.drop_table('profile_counts')
    op.drop_index('ix_users_roles', 'users')


def facts_of_user(user='users', number='numbers', claim='claims', setting='words'):
    """The facts about a user in one text, from rows of four tables."""
    def either(name: str) -> str:
        return f"coalesce({column(number, name)}, {column(claim, name)}, '')"

    on = column(setting, 'on')
    return " || '|' || ".join((
        column(user, 'account'), either('kind'), either('source'),
        f"CASE WHEN {on} IS NULL THEN '' WHEN {on} THEN 'on' ELSE 'off' END",
        f"CASE WHEN {column(claim, 'id')} IS NULL THEN '' ELSE 'claimed' END",
        *(f"coalesce(CAST({column(number, day)} AS VARCHAR), '')" for day in ('from_on', 'until_on')),
        column(user, 'app_version')))


def column(row, name):
    """A column of a row, or NULL without a row."""
    return f'{row}."{name}"' if row else 'NULL'


def triggers():
    """The triggers, in their order."""
    verbs = {'INSERT': [('NEW', '')], 'DELETE': [('OLD', '-')], 'UPDATE': [('NEW', ''), ('OLD', '-')]}
    for verb, rows in verbs.items():
        yield trigger('users', verb, OF_USER, [count_user(sign, row) for row, sign in rows])
        for table, (_name, _holder, columns) in ROWS.items():
            steps = [step for row, sign in rows for step in count_holder(table, row, (sign, '' if sign else '-'))]
            yield trigger(table, verb, columns, steps)
    yield NOBODY


def count_user(sign, user):
    """Count a user by their row, OLD or NEW."""
    return COUNT.format(user=user, sign=sign, facts=facts_of_user(user), of='(SELECT 1) AS one', id=f'{user}.id',
                        whom='')


def count_holder(table, row, signs):
    """Count the user whose row of a table this is: with it by the first sign, without it by the second."""
    name, holder, _columns = ROWS[table]
    return [COUNT.format(user='users', sign=sign, facts=facts_of_user(**{name: held}), of='users', id='users.id',
                         whom=f'users.id = {holder.format(row)} AND ')
            for sign, held in zip(signs, (row, ''), strict=True)]


def trigger(table, verb, columns, steps):
    """The text of one trigger."""
    changed = ' OR '.join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
    return (f'CREATE TRIGGER profile_counts_{table}_{verb.lower()} AFTER {verb} ON {table}'
            + (f' WHEN {changed}' if verb == 'UPDATE' else '') + '\nBEGIN\n' + ';\n'.join(steps) + ';\nEND')
