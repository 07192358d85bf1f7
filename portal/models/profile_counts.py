"""How many users of a location have the same facts, counted by the database itself with whatever is written.

Triggers on users keep the counts, in the same transaction and whoever writes. They know nothing of rules, and take the
facts from the user's row, where other triggers keep them (see `user_facts`). A trigger runs after its row was written;
it takes the user away from the facts of before and adds them to those of now.
"""

from collections.abc import Iterator

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths

from . import Model
from .people import User
from .triggers import install_triggers


class ProfileCount(Model):
    """So many users of a location have these facts, as the rows of the users say. Facts that nobody has have no row.

    Users without a location are not counted.
    """

    __tablename__ = "profile_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    location_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facts: Mapped[str] = mapped_column(String(lengths.PROFILE_FACTS), primary_key=True)
    many: Mapped[int]


# Of a new user the facts are still to be written, and are counted then.
_COUNT = """INSERT INTO profile_counts (organization_id, location_id, facts, many)
SELECT {row}.organization_id, {row}.location_id, {row}.facts, {sign}1
WHERE {row}.organization_id IS NOT NULL AND {row}.location_id IS NOT NULL AND {row}.facts <> ''
ON CONFLICT (organization_id, location_id, facts) DO UPDATE SET many = profile_counts.many + excluded.many"""
_CHANGED = " WHEN " + " OR ".join(
    f'OLD."{name}" IS NOT NEW."{name}"' for name in ("organization_id", "location_id", "facts"))


def _triggers() -> Iterator[tuple[str, str]]:
    """Table and text of each trigger. What is added stands before what is taken away, so that no row comes and goes."""
    verbs = {"INSERT": [("NEW", "")], "DELETE": [("OLD", "-")], "UPDATE": [("NEW", ""), ("OLD", "-")]}
    for verb, rows in verbs.items():
        steps = ";\n".join(_COUNT.format(row=row, sign=sign) for row, sign in rows)
        yield "users", (f"CREATE TRIGGER profile_counts_users_{verb.lower()} AFTER {verb} ON users"
                        f"{_CHANGED if verb == 'UPDATE' else ''}\nBEGIN\n{steps};\nEND")
    yield "profile_counts", ("CREATE TRIGGER profile_counts_nobody AFTER UPDATE ON profile_counts WHEN NEW.many = 0\n"
                             "BEGIN DELETE FROM profile_counts WHERE organization_id = NEW.organization_id AND"
                             " location_id = NEW.location_id AND facts = NEW.facts; END")


COUNTING = tuple(_triggers())
install_triggers((User, ProfileCount), COUNTING)
