"""How many users of a location have the same facts, counted by the database itself with whatever is written.

Triggers on users, numbers, claims and settings keep the counts, in the same transaction and whoever writes: services,
imports, commands. They know nothing of rules. A trigger runs after its row was written; it takes the user away from the
facts of before and adds them to those of now.
"""

from collections.abc import Iterator

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths

from . import Model
from .organizations import Claim, Number
from .people import User
from .settings import Setting
from .triggers import install_triggers


class ProfileCount(Model):
    """So many users of a location have these facts, as `facts_of_user` writes them. Facts that nobody has have no row.

    Users without a location are not counted.
    """

    __tablename__ = "profile_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    location_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facts: Mapped[str] = mapped_column(String(lengths.PROFILE_FACTS), primary_key=True)
    many: Mapped[int]


def facts_of_user(user: str = "users", number: str = "numbers", claim: str = "claims", setting: str = "words") -> str:
    """SQL for the facts about a user in one text, from rows of four tables by their names in a statement; "" for none.

    The parts stand between "|". Only the last one, the version of the app, can hold that sign itself.
    """
    def either(name: str) -> str:
        return f"coalesce({_column(number, name)}, {_column(claim, name)}, '')"

    on = _column(setting, "on")
    return " || '|' || ".join((
        _column(user, "account"), either("kind"), either("source"),
        f"CASE WHEN {on} IS NULL THEN '' WHEN {on} THEN 'on' ELSE 'off' END",
        f"CASE WHEN {_column(claim, 'id')} IS NULL THEN '' ELSE 'claimed' END",
        *(f"coalesce(CAST({_column(number, day)} AS VARCHAR), '')" for day in ("from_on", "until_on")),
        _column(user, "app_version")))


def _column(row: str, name: str) -> str:
    return f'{row}."{name}"' if row else "NULL"


# By table: the name of its row in a statement, what says whose it is, and the columns that the counts depend on.
_ROWS = {
    "numbers": ("number", "{}.user_id", ("user_id", "kind", "source", "from_on", "until_on")),
    "claims": ("claim", "{}.user_id", ("user_id", "kind", "source")),
    "words": ("setting", "CASE {0}.level WHEN 'user' THEN {0}.unit_id END", ("level", "unit_id", "on")),
}
_OF_USER = ("organization_id", "location_id", "account", "app_version")
_COUNT = """INSERT INTO profile_counts (organization_id, location_id, facts, many)
SELECT {user}.organization_id, {user}.location_id, {facts}, {sign}1
FROM {of} LEFT JOIN numbers ON numbers.user_id = {id} LEFT JOIN claims ON claims.user_id = {id}
LEFT JOIN words ON words.level = 'user' AND words.unit_id = {id}
WHERE {whom}{user}.organization_id IS NOT NULL AND {user}.location_id IS NOT NULL
ON CONFLICT (organization_id, location_id, facts) DO UPDATE SET many = profile_counts.many + excluded.many"""


def _count_user(sign: str, user: str) -> str:
    """Count a user by their row, OLD or NEW."""
    return _COUNT.format(user=user, sign=sign, facts=facts_of_user(user), of="(SELECT 1) AS one", id=f"{user}.id",
                         whom="")


def _count_holder(table: str, row: str, signs: tuple[str, str]) -> list[str]:
    """Count the user whose row of a table this is, OLD or NEW: with it by the first sign, without it by the second."""
    name, holder, _columns = _ROWS[table]
    return [_COUNT.format(user="users", sign=sign, facts=facts_of_user(**{name: held}), of="users", id="users.id",
                          whom=f"users.id = {holder.format(row)} AND ") for sign, held in zip(signs, (row, ""),
                                                                                               strict=True)]


def _triggers() -> Iterator[tuple[str, str]]:
    """Table and text of each trigger. What is added stands before what is taken away, so that no row comes and goes."""
    verbs = {"INSERT": [("NEW", "")], "DELETE": [("OLD", "-")], "UPDATE": [("NEW", ""), ("OLD", "-")]}
    for verb, rows in verbs.items():
        yield "users", _trigger("users", verb, _OF_USER, [_count_user(sign, row) for row, sign in rows])
        for table, (_name, _holder, columns) in _ROWS.items():
            steps = [step for row, sign in rows for step in _count_holder(table, row, (sign, "" if sign else "-"))]
            yield table, _trigger(table, verb, columns, steps)
    yield "profile_counts", ("CREATE TRIGGER profile_counts_nobody AFTER UPDATE ON profile_counts WHEN NEW.many = 0\n"
                             "BEGIN DELETE FROM profile_counts WHERE organization_id = NEW.organization_id AND"
                             " location_id = NEW.location_id AND facts = NEW.facts; END")


def _trigger(table: str, verb: str, columns: tuple[str, ...], steps: list[str]) -> str:
    changed = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
    return (f"CREATE TRIGGER profile_counts_{table}_{verb.lower()} AFTER {verb} ON {table}"
            + (f" WHEN {changed}" if verb == "UPDATE" else "") + "\nBEGIN\n" + ";\n".join(steps) + ";\nEND")


COUNTING = tuple(_triggers())
install_triggers((User, Number, Claim, Setting, ProfileCount), COUNTING)
