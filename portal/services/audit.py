"""The audit log: one sentence for every change, written in the change's own transaction."""

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from portal.extensions import db, make_ref, now
from portal.marks import StoredWords
from portal.models import AuditEvent, Location, Organization, User

from .audit_sentences import EVENT_SENTENCES, TEXTING_SENTENCES
from .many_rows import insert_rows

AuditSubject = Organization | Location | User

# The filter by who for everybody who was not signed in.
NOT_SIGNED_IN = "not-signed-in"
# So many events are read and written at once where all of them are.
BATCH = 500
# Who acts when the actor is not signed in, by action; for every other action it is the command line.
UNNAMED: Mapping[str, str] = {
    "password-by-link": StoredWords.LINK_HOLDER,
    "opt-out-web": StoredWords.WEB_VISITOR, "opt-out-web-many": StoredWords.WEB_VISITOR,
    "opt-out-overdue": StoredWords.PORTAL_ITSELF, "opt-out-web-overdue": StoredWords.PORTAL_ITSELF,
    "opt-out-listed": StoredWords.PORTAL_ITSELF, "opt-out-carrier": StoredWords.PORTAL_ITSELF,
    "restricted-by-reports": StoredWords.REPORTS,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an event, as the log keeps it; the command line has no id."""

    id: int | None
    name: str


def kind_of_subject(subject: AuditSubject) -> str:
    """The kind of a subject, as the log writes it: organization, location or user."""
    return type(subject).__name__.lower()


class EventSubject(NamedTuple):
    """What an event is about, as the log keeps it: a kind ("organization", "location" or "user"), ref and name."""

    kind: str
    organization_id: int | None
    ref: str
    name: str

    @classmethod
    def of(cls, subject: AuditSubject) -> "EventSubject":
        """The subject as it is now."""
        organization_id = subject.id if isinstance(subject, Organization) else subject.organization_id
        return cls(kind_of_subject(subject), organization_id, subject.ref, subject.name)


# The events that are being undone, by the ref of their subjects.
_undone: ContextVar[Mapping[str, str]] = ContextVar("undone", default={})  # noqa: B039 - nobody changes it


@contextmanager
def mark_undone(events: Mapping[str, str]) -> Iterator[None]:
    """Events recorded inside name the event that they undo: `events` has its ref, by the ref of the subject.

    They keep it among their details, as `undid`.
    """
    token = _undone.set(events)
    try:
        yield
    finally:
        _undone.reset(token)


# An event before it is stored: its action, its subject and its details.
EventToRecord = tuple[str, AuditSubject | EventSubject, Mapping[str, Any]]


def record_event(actor: User | None, action: str, subject: AuditSubject, **details: Any) -> AuditEvent:
    """Add one event to the open write transaction and give it its id.

    `actor` None: the actor is not signed in, mostly the command line. `details` are the JSON values that the action's
    sentence prints.
    Raises KeyError for an action without a sentence.
    """
    event = AuditEvent(**_columns(actor, action, subject, details))
    db.session.add(event)
    db.session.flush()
    return event


def record_events(actor: User | None, to_record: Iterable[EventToRecord]) -> list[dict[str, Any]]:
    """Add many events to the open write transaction, in their order, with one statement.

    Returns the columns of each, `ref` and `actor_name` among them; only the database knows the ids.
    Raises KeyError for an action without a sentence.
    """
    moment = now()
    events = [{**_columns(actor, *one), "at": moment} for one in to_record]
    insert_rows(AuditEvent, events)
    return events


def _columns(actor: User | None, action: str, subject: AuditSubject | EventSubject,
             details: Mapping[str, Any]) -> dict[str, Any]:
    EVENT_SENTENCES[action]
    about = subject if isinstance(subject, EventSubject) else EventSubject.of(subject)
    undid = _undone.get().get(about.ref)
    return {
        "ref": make_ref(), "organization_id": about.organization_id, "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else UNNAMED.get(action, StoredWords.COMMAND_LINE), "action": action,
        "subject": about.kind, "subject_ref": about.ref, "subject_name": about.name,
        "details": {**details, "undid": undid} if undid else dict(details),
    }


def event_actor_name(event: AuditEvent) -> str:
    """The actor of an event: a person's name, or a key that `wording.stored` has words for if the actor had no account.

    Old events name the command line for everybody who was not signed in; the log is never rewritten.
    """
    return event.actor_name if event.actor_id is not None else UNNAMED.get(event.action, event.actor_name)


def event_sentence(event: AuditEvent) -> tuple[str, Mapping[str, Any], frozenset[str]]:
    """The sentence of an event, the values that it prints, and which of them are words of the portal's own."""
    values = {**event.details, "actor": event_actor_name(event), "subject": event.subject_name}
    sentence = TEXTING_SENTENCES.get((str(event.details.get("now")), event.action), EVENT_SENTENCES[event.action])
    return sentence, values, frozenset({"actor"} if event.actor_id is None else ())


def list_events(organization_id: int | None, *, who: str = "", subject: str = "", ref: str = "", action: str = "",
                without: str = "", since: datetime | None = None, until: datetime | None = None,
                before: int | None = None, most: int = 50) -> Sequence[AuditEvent]:
    """Events of one organization, newest first, at most `most` older than the event id `before`.

    `who` filters by the ref of the person who acted (`NOT_SIGNED_IN`: nobody who was), `action` by the kind of change,
    `subject` with `ref` by what was changed; `without` leaves one kind out. `since` and `until` are moments (UTC); an
    event at `until` is left out.
    """
    found = select(AuditEvent).where(AuditEvent.organization_id == organization_id)
    if who:
        found = found.where(_is_by(who))
    if action:
        found = found.where(AuditEvent.action.in_((action, f"{action}-reason")))
    if without:
        found = found.where(AuditEvent.action != without)
    if subject:
        found = found.where(AuditEvent.subject == subject, AuditEvent.subject_ref == ref)
    bounds = ((AuditEvent.at, operator.ge, since), (AuditEvent.at, operator.lt, until),
              (AuditEvent.id, operator.lt, before))
    found = found.where(*(compare(column, bound) for column, compare, bound in bounds if bound is not None))
    return db.session.scalars(found.order_by(AuditEvent.id.desc()).limit(most)).all()


def write_events(find: Callable[[int | None, int], Sequence[AuditEvent]],
                 write: Callable[[Sequence[AuditEvent]], str]) -> Iterator[str]:
    """What `write` makes of all events that `find` gives (older than an id, at most so many), in batches.

    No event ever changes, so each batch may be of a moment of its own. Between two of them the database holds none,
    however long it takes until somebody asks for the next.
    """
    before: int | None = None
    db.session.rollback()
    while events := find(before, BATCH):
        before, written = events[-1].id, write(events)
        db.session.rollback()
        yield written


def _is_by(who: str) -> ColumnElement[bool]:
    if who == NOT_SIGNED_IN:
        return AuditEvent.actor_id.is_(None)
    return AuditEvent.actor_id == select(User.id).where(User.ref == who).scalar_subquery()


def list_events_about(subject: AuditSubject, most: int = 20) -> Sequence[AuditEvent]:
    """The newest events about one user, location or organization."""
    organization_id = subject.id if isinstance(subject, Organization) else subject.organization_id
    return list_events(organization_id, subject=kind_of_subject(subject), ref=subject.ref, most=most)


def newest_event_of(subject: AuditSubject, actions: Collection[str]) -> AuditEvent | None:
    """The newest event about one user, location or organization among these actions, or None."""
    organization_id = subject.id if isinstance(subject, Organization) else subject.organization_id
    found = select(AuditEvent).where(
        AuditEvent.organization_id == organization_id, AuditEvent.subject == kind_of_subject(subject),
        AuditEvent.subject_ref == subject.ref, AuditEvent.action.in_(actions))
    return db.session.scalars(found.order_by(AuditEvent.id.desc()).limit(1)).first()


def find_event(organization_id: int | None, ref: str) -> AuditEvent | None:
    """One event of one organization, or None."""
    found = select(AuditEvent).where(AuditEvent.organization_id == organization_id, AuditEvent.ref == ref)
    return db.session.scalars(found).first()


def newest_event_id(organization_id: int | None) -> int:
    """The id of the newest event of an organization, 0 when there is none."""
    found = select(AuditEvent.id).where(AuditEvent.organization_id == organization_id)
    return db.session.scalar(found.order_by(AuditEvent.id.desc()).limit(1)) or 0


def list_changes(record: Any, wanted: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, now] for every value that differs, as the audit log keeps them."""
    return [[name, str(getattr(record, name)), str(value)] for name, value in wanted.items()
            if getattr(record, name) != value]
