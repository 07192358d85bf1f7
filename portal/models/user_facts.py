"""The facts about a user that the rules use, in one text in the user's row: what lists filter by, and what is counted.

Triggers on users, numbers, claims and settings write it in the same transaction, whoever writes: services, imports,
commands. They write anew what stands in the tables by then, and know nothing of rules. On PostgreSQL that is right as
long as those who write about one user do so one after the other (`writing()` about everything).
"""

from collections.abc import Iterator

from .organizations import Claim, Number
from .people import NO_OTHER_FACTS, User
from .settings import Setting
from .triggers import install_triggers


def facts_of_user() -> str:
    """SQL for the facts about a user in one text, from rows of users, numbers, claims and settings; "" for none.

    The parts stand between "|". Only the last one, the version of the app, can hold that sign itself.
    """
    def either(name: str) -> str:
        return f'coalesce(numbers."{name}", claims."{name}", \'\')'

    return " || '|' || ".join((
        'users."account"', either("kind"), either("source"),
        "CASE WHEN words.\"on\" IS NULL THEN '' WHEN words.\"on\" THEN 'on' ELSE 'off' END",
        "CASE WHEN claims.\"id\" IS NULL THEN '' ELSE 'claimed' END",
        *(f"coalesce(CAST(numbers.\"{day}\" AS VARCHAR), '')" for day in ("from_on", "until_on")),
        'users."app_version"'))


_ANEW = """UPDATE users SET facts = (SELECT {facts} FROM (SELECT 1) AS one
LEFT JOIN numbers ON numbers.user_id = users.id LEFT JOIN claims ON claims.user_id = users.id
LEFT JOIN words ON words.level = 'user' AND words.unit_id = users.id)"""
FACTS_ANEW = _ANEW.format(facts=facts_of_user())
# Most new users come with the right facts, which `User` gives them; then their row is not written again.
_OTHER_THAN_NEW = """ WHEN NEW.facts <> NEW.account || '{between}' || NEW.app_version
OR EXISTS (SELECT 1 FROM words WHERE words.level = 'user' AND words.unit_id = NEW.id)"""
# By table: what says whose row it is, and the columns that the facts depend on.
_HOLDERS = {
    "users": ("{}.id", ("account", "app_version")),
    "numbers": ("{}.user_id", ("user_id", "kind", "source", "from_on", "until_on")),
    "claims": ("{}.user_id", ("user_id", "kind", "source")),
    "words": ("CASE {0}.level WHEN 'user' THEN {0}.unit_id END", ("level", "unit_id", "on")),
}


def _triggers() -> Iterator[tuple[str, str]]:
    """Table and text of each trigger; with a user their facts go."""
    yield "users", _trigger("users", "INSERT", _OTHER_THAN_NEW.format(between=NO_OTHER_FACTS), "= NEW.id")
    for table, (holder, columns) in _HOLDERS.items():
        was, now = holder.format("OLD"), holder.format("NEW")
        changed = " WHEN " + " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
        yield table, _trigger(table, "UPDATE", changed, f"IN ({was}, {now})")
        if table != "users":
            # The sign of equality, where there is one user, takes half the time of IN.
            yield table, _trigger(table, "INSERT", "", f"= {now}")
            yield table, _trigger(table, "DELETE", "", f"= {was}")


def _trigger(table: str, verb: str, when: str, whose: str) -> str:
    return (f"CREATE TRIGGER user_facts_{table}_{verb.lower()} AFTER {verb} ON {table}{when}\n"
            f"BEGIN\n{FACTS_ANEW} WHERE users.id {whose};\nEND")


FACT_KEEPING = tuple(_triggers())
install_triggers((User, Number, Claim, Setting), FACT_KEEPING)
