"""How many texts were stopped by a change: undoing it sends none of them."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal.extensions import db
from portal.models import Direction, Message, TextState, User


def count_stopped_texts(organization_id: int, users: ColumnElement[bool], since: datetime) -> int:
    """How many texts of these users were refused when they were to leave, at `since` or later."""
    found = select(func.count(Message.id)).join(User, User.id == Message.user_id).where(
        User.organization_id == organization_id, users, Message.direction == Direction.OUT,
        Message.state == TextState.REFUSED, Message.changed_at >= since)
    return db.session.scalar(found) or 0
