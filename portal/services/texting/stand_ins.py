"""Who answers the open conversations of a person who was deactivated: a stand-in, or nobody.

The stand-in gets a conversation of their own with each person, from their own number, and what people still write to
the earlier number. What was written before stays with the person who left: nobody else reads it.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.orm import aliased

from portal.dialects import Unindexed
from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import AccountState, Conversation, Direction, Message, Number, StandIn, TextState, User
from portal.rules import UserState, addresses

from .. import audit
from ..names import key_of_name
from ..people import users
from ..refusals import Clash
from ..toggles import user_list
from ..toggles.eligibility import OrganizationSnapshot, standing_of_user
from ..toggles.user_list import UserChoice
from .lines import ensure_conversation, store_line
from .outcomes import IS_WAITING

# A conversation without a line for longer than this is taken for finished.
OPEN_FOR = timedelta(days=30)
TAKEN_OVER = "taken-over"
MOST_OFFERED = 50
_MEMBER = aliased(User)


class OfferedMember(NamedTuple):
    """A member who can answer for another one."""

    name: str
    email: str


def _is_open(since: Any) -> ColumnElement[bool]:
    return and_(Conversation.last_at > since, ~Conversation.blocked)


class OpenWork(NamedTuple):
    """What a user leaves open: conversations with a line within the last 30 days, not blocked; texts that wait."""

    conversations: int
    texts: int


def count_open_work(user: User) -> OpenWork:
    """How many conversations of a user are open and how many of their texts wait to be sent; one statement."""
    talks = select(func.count(Conversation.id)).where(Conversation.user_id == user.id, _is_open(now() - OPEN_FOR))
    texts = select(func.count(Message.id)).where(Unindexed(Message.user_id) == user.id, IS_WAITING)
    return OpenWork(*db.session.execute(select(talks.scalar_subquery(), texts.scalar_subquery())).one())


def select_unanswered_conversations(organization_id: Any, since: Any) -> Select[int]:
    """The open conversations of an organization that belong to deactivated people for whom nobody answers, not asked
    yet. `since` is OPEN_FOR before now; both are values or parameters."""
    answering = select(StandIn.user_id).join(_MEMBER, _MEMBER.id == StandIn.answers_id).where(
        _MEMBER.account != AccountState.DEACTIVATED)
    return select(Conversation.id).where(
        Conversation.organization_id == organization_id, Conversation.owner_left,
        Conversation.user_id.not_in(answering), _is_open(since))


def find_stand_in(user: User) -> User | None:
    """Who answers for a deactivated user, or None."""
    return db.session.scalars(select(User).join(StandIn, StandIn.answers_id == User.id).where(
        StandIn.user_id == user.id)).first()


def list_offered_members(user: User) -> list[OfferedMember]:
    """Members of the user's organization who can text and could answer, by name, at most 50."""
    snapshot = OrganizationSnapshot.read(user.organization_id or 0)
    where = UserChoice(texting=UserState.CAN_TEXT.value).conditions(snapshot)
    rows = user_list.list_user_rows(snapshot, where, "", "").rows
    return [OfferedMember(row.user.name, row.user.email) for row in rows if row.user.id != user.id][:MOST_OFFERED]


class Deactivation(NamedTuple):
    """How many conversations were handed over, and the ref of the offer to undo the deactivation, or ""."""

    handed_over: int
    undo: str


def deactivate_with_stand_in(actor: User, user: User, typed: str) -> Deactivation:
    """Close an account and hand its open conversations to the member with this email address; "" for nobody.

    For a user who is deactivated already it only hands them over. Raises Clash if no member who can text has the
    address, or if this is the last administrator; then nothing is written.
    """
    with writing():
        member = _find_member(user, typed) if typed.strip() else None
        undo = users.offer_reopening(user, users.close_account(actor, user))
        return Deactivation(_hand_over(actor, user, member, now()) if member else 0, undo)


def _find_member(user: User, typed: str) -> User:
    member = db.session.scalars(select(User).where(
        User.organization_id == user.organization_id, User.id != user.id,
        User.email_key == addresses.key_of_address(typed))).first()
    if member is None or standing_of_user(member).state is not UserState.CAN_TEXT:
        raise Clash("answers", N_("Enter the email address of a member of your organization who can text."))
    return member


def _hand_over(actor: User, user: User, member: User, moment: datetime) -> int:
    """Note the stand-in, and start a conversation of theirs for each open one; unread, so that it is seen.

    Calls that the person was asked to make are the stand-in's from now on.
    """
    db.session.merge(StandIn(user_id=user.id, answers_id=member.id, at=moment))
    number = db.session.scalars(select(Number).where(Number.user_id == member.id)).one()
    handed = db.session.scalars(select(Conversation).where(
        Conversation.user_id == user.id, _is_open(now() - OPEN_FOR)).order_by(Conversation.last_id)).all()
    # The stand-in finds them in the order that they had.
    for one in handed:
        theirs = one.theirs
        conversation_id, _ref = ensure_conversation(one.organization_id, member.id, number.id, theirs)
        store_line(organization_id=one.organization_id, conversation_id=conversation_id, user_id=member.id,
                   number_id=number.id, theirs=theirs, direction=Direction.NOTE, state=TextState.RECEIVED,
                   body=TAKEN_OVER, at=moment)
        db.session.execute(update(Conversation).where(Conversation.id == conversation_id).values(
            unread=Conversation.unread + 1, name=func.coalesce(func.nullif(Conversation.name, ""), one.name),
            name_key=func.coalesce(func.nullif(Conversation.name_key, ""), key_of_name(one.name)),
            **({"call_reason": one.call_reason, "call_at": one.call_at} if one.call_at else {}),
        ).execution_options(synchronize_session=False))
    audit.record_event(actor, "conversations-handed-over", user, member=member.name, many=len(handed))
    return len(handed)


class NumberReader(NamedTuple):
    """In whose conversations texts to a number are shown, and by which of our numbers (ids of user and number)."""

    user_id: int
    number_id: int


def find_reader_of_number(number: Number | None) -> NumberReader | None:
    """Who reads the texts to a number; None without a number, or if nobody has it.

    It is the holder, and while the holder is deactivated the stand-in, by the stand-in's own number.
    """
    if number is None or number.user_id is None:
        return None
    found = select(_MEMBER.id, Number.id).join(Number, Number.user_id == _MEMBER.id).join(
        StandIn, StandIn.answers_id == _MEMBER.id).join(User, User.id == StandIn.user_id).where(
        StandIn.user_id == number.user_id, User.account == AccountState.DEACTIVATED,
        _MEMBER.account != AccountState.DEACTIVATED)
    row = db.session.execute(found).first()
    return NumberReader(*row) if row else NumberReader(number.user_id, number.id)
