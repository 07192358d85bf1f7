"""The counts of users with the same facts: whether they are right, and counting anew.

Triggers keep them; see `models.profile_counts`. They are wrong only after somebody wrote past the triggers by hand.
"""

from typing import Any

from sqlalchemy import delete, func, insert, literal_column, select

from portal.extensions import db, writing
from portal.models import Claim, Number, ProfileCount, Setting, User, facts_of_user
from portal.rules.switches import Level

_KEPT = select(ProfileCount.organization_id, ProfileCount.location_id, ProfileCount.facts, ProfileCount.many)
_PLACE: Any = (User.organization_id, User.location_id, literal_column(facts_of_user()).label("facts"))
_ANEW = select(*_PLACE, func.count()).select_from(User).outerjoin(Number, Number.user_id == User.id).outerjoin(
    Claim, Claim.user_id == User.id).outerjoin(
    Setting, (Setting.level == Level.USER) & (Setting.unit_id == User.id)).where(
    User.organization_id.is_not(None), User.location_id.is_not(None)).group_by(*_PLACE)


def find_wrong_counts() -> int:
    """How many sets of facts at a location are counted wrongly; reads all users."""
    kept, anew = ({tuple(row) for row in db.session.execute(found)} for found in (_KEPT, _ANEW))
    return len({row[:-1] for row in kept ^ anew})


def recount_profiles() -> None:
    """Count all users anew, in one commit."""
    with writing() as session:
        session.execute(delete(ProfileCount))
        session.execute(insert(ProfileCount).from_select(["organization_id", "location_id", "facts", "many"], _ANEW))
