"""Triggers of the tables, written once, as SQLite has them; PostgreSQL's are made from these.

Both do the same, with one difference: SQLite's run after each row, PostgreSQL's once all rows of a statement are
written. So none of them asks for other rows of the table that it watches.
"""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import DDL, event

from . import Model

# Name, when, table, condition and steps of a trigger as SQLite has it.
_WRITTEN = re.compile(
    r"CREATE TRIGGER (\w+) (\w+ (?:INSERT|UPDATE|DELETE)(?: OF [\w, ]+?)?) ON (\w+)(?: WHEN (.+?))?"
    r"\s+BEGIN\s+(.+);\s+END", re.DOTALL)
# A comparison that takes NULL for a value.
_DIFFERS = re.compile(r"\bIS NOT (?!NULL\b)")
_FUNCTION = """CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body};
RETURN NULL;
END $$"""
_TRIGGER = "CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def install_triggers(kinds: Iterable[type[Model]], triggers: Iterable[tuple[str, str]],
                     words: Mapping[str, str] | None = None) -> None:
    """Create triggers with the tables of these models: name of the table and text of each, as SQLite has it.

    `words` says how PostgreSQL writes what it writes otherwise.
    """
    by_name = {kind.__tablename__: kind for kind in kinds}
    for name, trigger in triggers:
        run_after_create(by_name[name], "sqlite", trigger)
        run_after_create(by_name[name], "postgresql", *trigger_on_server(trigger, words or {}))


def run_after_create(kind: type[Model], dialect: str, *statements: str) -> None:
    """Have one of the databases run these statements when it has created the table of a model."""
    for statement in statements:
        # For SQLAlchemy a percent sign in this text stands for something.
        wanted = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(kind.__table__, "after_create", wanted)


def trigger_on_server(trigger: str, words: Mapping[str, str]) -> tuple[str, str]:
    """PostgreSQL's function and trigger for one that is written as SQLite has it. ValueError: it is not."""
    for here, there in words.items():
        trigger = trigger.replace(here, there)
    written = _WRITTEN.fullmatch(_DIFFERS.sub("IS DISTINCT FROM ", trigger))
    if written is None:
        raise ValueError(trigger)
    name, moment, table, condition, steps = written.groups()
    # The condition stands in the function, because that of a trigger may not ask other tables.
    body = f"IF ({condition}) THEN\n{steps};\nEND IF" if condition else steps
    return _FUNCTION.format(name=name, body=body), _TRIGGER.format(name=name, moment=moment, table=table)
