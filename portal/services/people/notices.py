"""Notices that people read and confirm. Each has a version; a new version has to be confirmed again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from portal.extensions import db, writing
from portal.marks import N_
from portal.models import Acknowledgement, User

from .. import audit


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in its current version; people who confirmed an earlier version are asked again."""

    id: str
    version: int
    title: str
    paragraphs: tuple[str, ...]


HIPAA = Notice(
    "hipaa",
    1,
    N_("Texting and health information (HIPAA)"),
    (
        N_("Texting is not HIPAA-compliant. Texts are neither encrypted on their way nor kept from the carriers that"
           " pass them on."),
        N_("Never put health information into a text: no diagnoses, results, prescriptions or reasons for an"
           " appointment, and nothing that lets others guess them."),
        N_("In Canada, provincial health-privacy law applies as well."),
        N_("Before texting can be turned on for a healthcare organization, one of its administrators confirms this"
           " notice for the organization."),
    ),
)
NOTICES = {HIPAA.id: HIPAA}


def is_hipaa_acknowledged(organization_id: Any, version: Any) -> ColumnElement[bool]:
    """The condition that an administrator of an organization (id or column) has confirmed a version (number or
    parameter) of the HIPAA notice."""
    return exists().where(
        Acknowledgement.organization_id == organization_id, Acknowledgement.notice == HIPAA.id,
        Acknowledgement.version == version, Acknowledgement.as_admin)


def find_confirmation(user: User, notice: Notice) -> Acknowledgement | None:
    """This person's confirmation of the current version, or None."""
    found = select(Acknowledgement).where(
        Acknowledgement.user_id == user.id, Acknowledgement.notice == notice.id,
        Acknowledgement.version == notice.version)
    # One given as an admin counts for the organization; one given before becoming admin does not.
    as_now = found.where(Acknowledgement.as_admin) if user.admin else found
    return db.session.scalars(as_now.order_by(Acknowledgement.id).limit(1)).first()


def store_confirmation(user: User, notice: Notice, version: int) -> bool:
    """Store that this person confirms this version; False when it is not the current one any more.

    Nothing is stored about people who are not asked to confirm.
    """
    if version != notice.version:
        return False
    if not may_confirm_notice(user, notice):
        return True
    with writing() as session:
        if find_confirmation(user, notice) is None:
            session.add(Acknowledgement(user_id=user.id, organization_id=user.organization_id, as_admin=user.admin,
                                        notice=notice.id, version=notice.version))
            audit.record_event(user, "acknowledged", user, notice=notice.id, version=notice.version)
    return True


def list_notices_to_confirm(user: User) -> list[Notice]:
    """The notices that this person should have confirmed in their current version, confirmed or not."""
    return [notice for notice in notices_for_user(user) if may_confirm_notice(user, notice)]


def select_confirmed_notices(user_id: Any, *, as_admin: bool) -> Select[str]:
    """The notices that a user (id or parameter) has confirmed in their current version, each once, not asked yet.

    `as_admin`: only what was confirmed as an administrator counts.
    """
    found = select(Acknowledgement.notice).distinct().where(Acknowledgement.user_id == user_id, or_(*(
        and_(Acknowledgement.notice == notice.id, Acknowledgement.version == notice.version)
        for notice in NOTICES.values())))
    return found.where(Acknowledgement.as_admin) if as_admin else found


def may_confirm_notice(user: User, notice: Notice) -> bool:
    """Whether this person is asked to confirm the notice. An auditor reads it and confirms nothing."""
    return notice in notices_for_user(user) and (user.admin or not user.auditor)


def notices_for_user(user: User) -> list[Notice]:
    """The notices that this person is asked to read and confirm."""
    return [HIPAA] if user.organization and user.organization.healthcare else []
