"""How many texts were stopped by a change: undoing it sends none of them."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal.extensions import db
from portal.models import Direction, LongChange, LongChangeUser, Message, TextState, User


def count_stopped_texts(organization_id: int, users: ColumnElement[bool], since: datetime) -> int:
    """How many texts of these users were refused when they were to leave, at `since` or later."""
    found = select(func.count(Message.id)).join(User, User.id == Message.user_id).where(
        User.organization_id == organization_id, users, Message.direction == Direction.OUT,
        Message.state == TextState.REFUSED, Message.changed_at >= since)
    return db.session.scalar(found) or 0


def count_texts_stopped_by(change: LongChange) -> int:
    """How many texts of the users whom a long change has changed were refused since it began."""
    changed = select(LongChangeUser.user_id).where(LongChangeUser.change_id == change.id)
    return count_stopped_texts(change.organization_id, User.id.in_(changed), change.began_at)
