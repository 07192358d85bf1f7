"""The facts about users and the counts that triggers keep: whether they are right, and all of it anew.

See `models.user_facts`, `profile_counts` and `quarter_counts`. They are wrong only after somebody changed the tables
past the triggers, by hand.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    type_coerce,
)

from portal.dialects import QuarterOf
from portal.extensions import db, writing
from portal.models import (
    FACTS_ANEW,
    Claim,
    Message,
    Moment,
    Number,
    ProfileCount,
    QuarterCount,
    Setting,
    User,
    facts_of_user,
)
from portal.models.quarter_counts import count_of_text
from portal.rules.switches import Level

_FACTS: ColumnElement[str] = literal_column(facts_of_user(), String)


def _of_users(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(User).outerjoin(Number, Number.user_id == User.id).outerjoin(
        Claim, Claim.user_id == User.id).outerjoin(
        Setting, (Setting.level == Level.USER) & (Setting.unit_id == User.id))


def _users_anew() -> Select[Any]:
    place: Any = (User.organization_id, User.location_id, _FACTS.label("facts"))
    return _of_users(*place, func.count()).where(
        User.organization_id.is_not(None), User.location_id.is_not(None)).group_by(*place)


def _texts_anew() -> Select[Any]:
    place: Any = (Message.organization_id, type_coerce(QuarterOf(Message.at), Moment).label("quarter"))
    counts: dict[str, Any] = {name: func.sum(literal_column(sql)) for name, sql in count_of_text().items()}
    return select(*place, *counts.values()).group_by(*place).having(counts["sent"] + counts["received"] > 0)


_ANEW: Mapping[Any, Select[Any]] = {ProfileCount.__table__: _users_anew(), QuarterCount.__table__: _texts_anew()}


def find_wrong_counts() -> int:
    """How many counts and facts are kept that are not true, or are missing; reads all users and texts."""
    spoiled = db.session.scalar(_of_users(func.count()).where(User.facts != _FACTS)) or 0
    return int(spoiled) + sum(len(_rows(select(table)) ^ _rows(anew)) for table, anew in _ANEW.items())


def _rows(found: Select[Any]) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.session.execute(found)}


def count_anew() -> None:
    """Write the facts about all users anew, and count them and all texts, in one commit."""
    with writing() as session:
        session.execute(text(FACTS_ANEW))
        for table, anew in _ANEW.items():
            session.execute(delete(table))
            session.execute(insert(table).from_select(table.columns, anew))
