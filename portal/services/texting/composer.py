"""The preview of a text while a member writes it: the decision, the segments and the recipient's local time."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import lengths
from portal.extensions import db, now
from portal.models import AccountState, Conversation, Message, User
from portal.rules import Act, Decision, Facts, decide, encoding
from portal.rules.encoding import PackedText
from portal.rules.number_zones import zones_of_number
from portal.rules.numbers import NumberKind, NumberReading

from . import send_facts
from .send_facts import Draft
from .sender_facts import KnownSender

HAS_ZONES = (NumberKind.PLAIN, NumberKind.TERRITORY)


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """What the portal tells a member about a draft.

    `packed` is None while the draft is empty. `plainer` is the draft in plain characters, or "" where they would save
    nothing. `there` holds the recipient's local times, one per zone that the number may be in, earliest first.
    """

    decision: Decision
    reading: NumberReading
    packed: PackedText | None = None
    plainer: str = ""
    there: tuple[datetime, ...] = ()


def gather_draft_facts(sender: User, drafted: Draft, typed: str, moment: datetime,
                       known: KnownSender | None = None) -> Facts:
    """The facts about a draft. A field that is still empty brings no facts, so no rule complains about it.

    `known` is what was read about the sender at this moment.
    """
    gathered = send_facts.gather_send_facts(sender, drafted, moment, known)
    gathered = gathered if typed.strip() else replace(gathered, recipient=None, contact=None)
    return gathered if drafted.body.strip() else replace(gathered, text=None)


def preview_draft(sender: User, typed: str, body: str, known: KnownSender | None = None) -> DraftPreview:
    """Decide about a draft and count its segments, without storing or reserving anything.

    `known` is what was read about the sender just now.
    """
    moment = now()
    drafted = send_facts.read_draft(sender, typed, body, country=known.country if known else "")
    decision = decide(Act.SEND, gather_draft_facts(sender, drafted, typed, moment, known))
    there = _there(drafted, moment)
    if not drafted.body.strip() or len(drafted.body) > lengths.PACKED_BODY:
        return DraftPreview(decision, drafted.recipient, there=there)
    plain = suggest_plain_text(drafted.body)
    return DraftPreview(decision, drafted.recipient, encoding.pack_text(drafted.body),
                        plain if plain != drafted.body else "", there)


def suggest_plain_text(body: str) -> str:
    """A text with costly characters replaced by plain ones. A text over the length limit comes back unchanged."""
    return body if len(body) > lengths.TEXT_BODY else encoding.replace_costly_characters(body)


def add_line(body: str, line: str) -> str:
    """A text with one more line at its end, unless it has that line already."""
    return body if line in body else f"{body.rstrip()}\n{line}".lstrip("\n")


def _there(drafted: Draft, moment: datetime) -> tuple[datetime, ...]:
    if drafted.recipient.kind not in HAS_ZONES:
        return ()
    return local_times_of_number(drafted.recipient.e164, moment)


def local_times_of_number(e164: str, moment: datetime) -> tuple[datetime, ...]:
    """A moment by the clocks of every zone that a number may be in, earliest first; () where no zone is known."""
    local = (moment.astimezone(ZoneInfo(zone)) for zone in zones_of_number(e164))
    return tuple(sorted(local, key=lambda at: at.replace(tzinfo=None)))


def read_own_text(user: User, conversation: Conversation, ref: str) -> str:
    """The body of a text that the member sent in this conversation, to start a new one from; "" if there is none."""
    if not ref:
        return ""
    found = select(Message.body).where(Message.ref == ref, Message.conversation_id == conversation.id,
                                       Message.user_id == user.id, Message.submission_key.is_not(None))
    return db.session.scalar(found) or ""


def list_admin_names(user: User) -> list[str]:
    """The names of the admins of the member's organization, sorted, at most five."""
    found = select(User.name).where(User.organization_id == user.organization_id, User.has_role, User.admin,
                                    User.account != AccountState.DEACTIVATED)
    return list(db.session.scalars(found.order_by(User.name_key).limit(5)))
