"""the facts about a user stand in the user's row, kept by triggers; counts and indexes follow them.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
A later revision that makes users, numbers, claims or words anew takes the triggers off first and puts them back.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

OF_USER = ('organization_id', 'location_id', 'account', 'app_version')
HOLDERS = {
    'users': ('user', '{}.id', ('account', 'app_version')),
    'numbers': ('number', '{}.user_id', ('user_id', 'kind', 'source', 'from_on', 'until_on')),
    'claims': ('claim', '{}.user_id', ('user_id', 'kind', 'source')),
    'words': ('setting', "CASE {0}.level WHEN 'user' THEN {0}.unit_id END", ('level', 'unit_id', 'on')),
}
OTHER_THAN_NEW = """ WHEN NEW.facts <> NEW.account || '|||||||' || NEW.app_version
OR EXISTS (SELECT 1 FROM words WHERE words.level = 'user' AND words.unit_id = NEW.id)"""
VERBS = {'INSERT': [('NEW', '')], 'DELETE': [('OLD', '-')], 'UPDATE': [('NEW', ''), ('OLD', '-')]}
JOINED = """LEFT JOIN numbers ON numbers.user_id = {id} LEFT JOIN claims ON claims.user_id = {id}
LEFT JOIN words ON words.level = 'user' AND words.unit_id = {id}"""
AGAIN = """
ON CONFLICT (organization_id, location_id, facts) DO UPDATE SET many = profile_counts.many + excluded.many"""
INTO = 'INSERT INTO profile_counts (organization_id, location_id, facts, many)\n'
COUNT = INTO + """SELECT {row}.organization_id, {row}.location_id, {row}.facts, {sign}1
WHERE {row}.organization_id IS NOT NULL AND {row}.location_id IS NOT NULL AND {row}.facts <> ''""" + AGAIN
COUNT_BEFORE = INTO + """SELECT {user}.organization_id, {user}.location_id, {facts}, {sign}1
FROM {of} """ + JOINED + """
WHERE {whom}{user}.organization_id IS NOT NULL AND {user}.location_id IS NOT NULL""" + AGAIN

WRITTEN = re.compile(r'CREATE TRIGGER (\w+) (\w+ \w+) ON (\w+)(?: WHEN (.+?))?\s+BEGIN\s+(.+);\s+END', re.DOTALL)
FUNCTION = """CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body};
RETURN NULL;
END $$"""


def upgrade() -> None:
    """Make it so."""
    for name in ('users', 'numbers', 'claims', 'words'):
        drop_triggers('profile_counts', name)
    op.drop_index('ix_users_profile', 'users')
    op.drop_index('ix_users_location_id', 'users')
    op.add_column('users', sa.Column('facts', sa.String(length=135), server_default='', nullable=False))
    run(facts_anew())
    op.create_index('ix_users_facts', 'users', ['location_id', 'facts'], unique=False)
    op.create_index('ix_users_location', 'users', ['location_id', 'name_key', 'id'], unique=False)
    for statement in (*fact_triggers(), *count_triggers()):
        create_trigger(statement)


def downgrade() -> None:
    """Undo it."""
    drop_triggers('profile_counts', 'users')
    for name in HOLDERS:
        drop_triggers('user_facts', name)
    op.drop_index('ix_users_facts', 'users')
    op.drop_index('ix_users_location', 'users')
    op.drop_column('users', 'facts')
    op.create_index('ix_users_profile', 'users', ['organization_id', 'location_id', 'account', 'app_version', 'id'],
                    unique=False)
    op.create_index('ix_users_location_id', 'users', ['location_id'], unique=False)
    for statement in triggers_before():
        create_trigger(statement)


def run(statement):
    """Run a statement as it stands."""
    op.get_bind().exec_driver_sql(statement)


def on_server():
    """Whether this is PostgreSQL."""
    return op.get_bind().dialect.name == 'postgresql'


def drop_triggers(kind, table):
    """Drop the triggers of one kind on a table."""
    for verb in VERBS:
        name = f'{kind}_{table}_{verb.lower()}'
        run(f'DROP FUNCTION IF EXISTS {name} CASCADE' if on_server() else f'DROP TRIGGER IF EXISTS {name}')


def create_trigger(written):
    """Create a trigger that is written as SQLite has it."""
    if not on_server():
        run(written)
        return
    name, moment, table, condition, steps = WRITTEN.fullmatch(
        re.sub(r'\bIS NOT (?!NULL\b)', 'IS DISTINCT FROM ', written)).groups()
    body = f'IF ({condition}) THEN\n{steps};\nEND IF' if condition else steps
    run(FUNCTION.format(name=name, body=body))
    run(f'CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()')


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


def facts_anew():
    """What writes the facts of all users."""
    return (f'UPDATE users SET facts = (SELECT {facts_of_user()} FROM (SELECT 1) AS one\n'
            'LEFT JOIN numbers ON numbers.user_id = users.id LEFT JOIN claims ON claims.user_id = users.id\n'
            "LEFT JOIN words ON words.level = 'user' AND words.unit_id = users.id)")


def fact_triggers():
    """What keeps the facts."""
    yield trigger('user_facts', 'users', 'INSERT', [facts_anew() + ' WHERE users.id = NEW.id'], OTHER_THAN_NEW)
    for table, (_name, holder, columns) in HOLDERS.items():
        was, now = holder.format('OLD'), holder.format('NEW')
        wanted = {'UPDATE': f'IN ({was}, {now})', 'INSERT': f'= {now}', 'DELETE': f'= {was}'}
        for verb in wanted if table != 'users' else ('UPDATE',):
            yield trigger('user_facts', table, verb, [f'{facts_anew()} WHERE users.id {wanted[verb]}'],
                          changed(columns) if verb == 'UPDATE' else '')


def count_triggers():
    """What counts users by their facts."""
    for verb, rows in VERBS.items():
        yield trigger('profile_counts', 'users', verb, [COUNT.format(row=row, sign=sign) for row, sign in rows],
                      changed(('organization_id', 'location_id', 'facts')) if verb == 'UPDATE' else '')


def triggers_before():
    """What counted users by all of their rows."""
    for verb, rows in VERBS.items():
        yield trigger('profile_counts', 'users', verb, [COUNT_BEFORE.format(
            user=row, sign=sign, facts=facts_of_user(row), of='(SELECT 1) AS one', id=f'{row}.id', whom='')
            for row, sign in rows], changed(OF_USER) if verb == 'UPDATE' else '')
        for table in ('numbers', 'claims', 'words'):
            yield trigger('profile_counts', table, verb, [
                step for row, sign in rows for step in count_holder(table, row, (sign, '' if sign else '-'))],
                changed(HOLDERS[table][2]) if verb == 'UPDATE' else '')


def count_holder(table, row, signs):
    """Count the user whose row of a table this is: with it by the first sign, without it by the second."""
    name, holder, _columns = HOLDERS[table]
    return [COUNT_BEFORE.format(
        user='users', sign=sign, facts=facts_of_user(**{name: held}), of='users', id='users.id',
        whom=f'users.id = {holder.format(row)} AND ') for sign, held in zip(signs, (row, ''), strict=True)]


def changed(columns):
    """The condition of a trigger that runs where one of these columns is another."""
    return ' WHEN ' + ' OR '.join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)


def trigger(kind, table, verb, steps, when):
    """The text of one trigger, as SQLite has it."""
    return (f'CREATE TRIGGER {kind}_{table}_{verb.lower()} AFTER {verb} ON {table}{when}\nBEGIN\n'
            + ';\n'.join(steps) + ';\nEND')
