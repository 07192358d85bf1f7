"""How many texts an organization sent and received in each quarter of an hour, counted by the database itself.

Triggers on texts keep the counts, in the same transaction and whoever writes. Days of every time zone are made of whole
quarters. A text that is erased is counted no more.
"""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.dialects import QUARTERS

from . import Model, Moment
from .messages import Direction, Message, TextState
from .triggers import install_triggers

# A carrier took these, or may have; the second kind it did not deliver.
LEFT = frozenset({TextState.HANDED_OVER, TextState.SENT, TextState.DELIVERED, TextState.QUARANTINED, TextState.UNKNOWN})
NOT_DELIVERED = frozenset({TextState.UNDELIVERED, TextState.FAILED})
COUNTED_AS = ("sent", "not_delivered", "received")


class QuarterCount(Model):
    """Texts of an organization in the quarter of an hour that begins `at`.

    Sent: automatic answers too; how many of these were not delivered; and received. Without any there is no row.
    """

    __tablename__ = "quarter_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    sent: Mapped[int]
    not_delivered: Mapped[int]
    received: Mapped[int]


def _one_of(states: frozenset[TextState]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


def count_of_text(row: str = "messages") -> dict[str, str]:
    """SQL for what a text counts as, 1 or 0 by column, from its row by its name in a statement."""
    out, inward = (f"{row}.direction = '{direction}'" for direction in (Direction.OUT, Direction.IN))
    conditions = (f"{out} AND {row}.state IN ({_one_of(LEFT | NOT_DELIVERED)})",
                  f"{out} AND {row}.state IN ({_one_of(NOT_DELIVERED)})", inward)
    return {name: f"CASE WHEN {condition} THEN 1 ELSE 0 END"
            for name, condition in zip(COUNTED_AS, conditions, strict=True)}


def quarter_of_text(row: str = "messages") -> str:
    """SQL for the beginning of the quarter of an hour of a text, as SQLite stores moments."""
    return QUARTERS["sqlite"].format(f"{row}.at")


def quarter_on_server(row: str = "messages") -> str:
    """The same for PostgreSQL."""
    return QUARTERS["postgresql"].format(f"{row}.at")


def _count(row: str, sign: str) -> str:
    counts = count_of_text(row)
    known = ", ".join(f"{sign}({counts[name]})" for name in COUNTED_AS)
    added = ", ".join(f"{name} = quarter_counts.{name} + excluded.{name}" for name in COUNTED_AS)
    return (f"INSERT INTO quarter_counts (organization_id, at, {', '.join(COUNTED_AS)})\n"
            f"SELECT {row}.organization_id, {quarter_of_text(row)}, {known} WHERE {_counts(row)}\n"
            f"ON CONFLICT (organization_id, at) DO UPDATE SET {added}")


def _counts(row: str) -> str:
    """Whether a text is counted at all; one that waits is not."""
    return (f"({row}.direction = '{Direction.IN}' OR {row}.direction = '{Direction.OUT}' AND {row}.state IN"
            f" ({_one_of(LEFT | NOT_DELIVERED)}))")


_CHANGED = " OR ".join((
    "OLD.organization_id IS NOT NEW.organization_id", "OLD.at IS NOT NEW.at",
    *(f"{was} IS NOT {now}" for was, now in zip(count_of_text("OLD").values(), count_of_text("NEW").values(),
                                                strict=True))))
_TRIGGER = "CREATE TRIGGER quarter_counts_{name} AFTER {verb} ON {table} WHEN {when}\nBEGIN {steps}; END"
_EMPTY = "DELETE FROM quarter_counts WHERE organization_id = NEW.organization_id AND at = NEW.at"
# By table. What is added stands before what is taken away, so that no row comes and goes.
TEXT_COUNTING = tuple((table, _TRIGGER.format(name=name, verb=verb, table=table, when=when, steps=steps))
                      for name, table, verb, when, steps in (
    ("insert", "messages", "INSERT", _counts("NEW"), _count("NEW", "+")),
    ("delete", "messages", "DELETE", _counts("OLD"), _count("OLD", "-")),
    ("update", "messages", "UPDATE OF organization_id, direction, state, at", _CHANGED,
     f"{_count('NEW', '+')}; {_count('OLD', '-')}"),
    ("none", "quarter_counts", "UPDATE", "NEW.sent = 0 AND NEW.received = 0", _EMPTY),
))
install_triggers((Message, QuarterCount), TEXT_COUNTING,
                 {quarter_of_text(row): quarter_on_server(row) for row in ("NEW", "OLD")})
