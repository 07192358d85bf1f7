"""The audit log: one sentence for every change, written in the change's own transaction."""

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, insert, select

from portal.extensions import db, make_ref
from portal.marks import N_, StoredWords
from portal.models import AuditEvent, Location, Organization, User

AuditSubject = Organization | Location | User

EVENT_SENTENCES: Mapping[str, str] = {
    "texting": N_("%(actor)s turned texting %(now)s for %(subject)s (was: %(was)s)."),
    "texting-reason": N_("%(actor)s turned texting %(now)s for %(subject)s (was: %(was)s). Reason: %(reason)s"),
    "organization-added": N_("%(actor)s added the organization %(subject)s."),
    "organization-changed": N_("%(actor)s changed the organization %(subject)s. %(changes)s"),
    "location-added": N_("%(actor)s added the location %(subject)s."),
    "location-changed": N_("%(actor)s changed the location %(subject)s. %(changes)s"),
    "user-added": N_("%(actor)s added the user %(subject)s."),
    "user-changed": N_("%(actor)s changed details of %(subject)s. %(changes)s"),
    "address-shared": N_("The address of %(subject)s turned out to be another person's, so it opens no account. Enter"
                         " an address of their own."),
    "role-changed": N_("%(actor)s changed the roles of %(subject)s. %(changes)s"),
    "number-assigned": N_("%(actor)s assigned a number to %(subject)s: %(number)s."),
    "addresses-let-in": N_("%(actor)s looked at addresses of other people that were entered at %(subject)s, and let new"
                          " addresses in again."),
    "number-claimed": N_("%(actor)s entered a number for %(subject)s that the provider has to confirm: %(number)s."),
    "number-confirmed": N_("%(actor)s confirmed the number of %(subject)s: %(number)s."),
    "number-rejected": N_("%(actor)s did not confirm the number of %(subject)s: %(number)s. Reason: %(reason)s"),
    "number-removed": N_("%(actor)s removed the number of %(subject)s: %(number)s."),
    "number-added": N_("%(actor)s added a number to %(subject)s: %(number)s."),
    "inventory-taken": N_("%(actor)s uploaded an inventory of numbers for %(subject)s (claims confirmed:"
                          " %(confirmed)s, numbers added: %(added)s, dates changed: %(dated)s)."),
    "number-dated": N_("%(actor)s changed the dates of a number of %(subject)s: %(number)s. %(changes)s"),
    "number-marked": N_("%(actor)s marked a number of %(subject)s: %(number)s. %(changes)s"),
    "deactivated": N_("%(actor)s deactivated %(subject)s."),
    "reactivated": N_("%(actor)s reactivated %(subject)s."),
    "link-made": N_("%(actor)s made a sign-in link for %(subject)s."),
    "link-shown": N_("%(actor)s looked at the sign-in link of %(subject)s. Reason: %(reason)s"),
    "links-mailed": N_("%(actor)s sent sign-in links to imported users by mail. Links: %(links)s."),
    "password-chosen": N_("%(subject)s chose a password."),
    "password-by-link": N_("A password was chosen for %(subject)s with a sign-in link that %(maker)s made."),
    "signed-in": N_("%(subject)s signed in."),
    "acknowledged": N_("%(actor)s confirmed the notice %(notice)s in version %(version)s."),
    "imported": N_("%(actor)s imported users into %(subject)s from a file (%(created)s created, %(changed)s"
                   " changed)."),
    "opt-outs-imported": N_("%(actor)s imported opt-outs into %(subject)s from a file (%(created)s new, %(changed)s"
                            " changed, %(unchanged)s there already)."),
    "links-downloaded": N_("%(actor)s downloaded the sign-in links of imported users. Links: %(links)s."),
    "opt-out-added": N_("%(actor)s added an opt-out of %(number)s to %(subject)s. How it was said: %(reason)s"),
    "opt-out-withdrawn": N_("%(actor)s withdrew the opt-out of %(number)s from %(subject)s. Reason: %(reason)s"),
    "opt-out-decided": N_("%(actor)s answered “%(decided)s” to whether %(number)s meant to opt out of %(subject)s."),
    "opt-out-decided-reason": N_("%(actor)s decided that %(number)s did not mean to opt out of %(subject)s. Reason:"
                                 " %(because)s."),
    "opt-out-undone": N_("%(actor)s undid the answer “%(decided)s” to whether %(number)s meant to opt out of"
                         " %(subject)s, so it waits again."),
    "opt-out-read": N_("%(actor)s read the words of a likely opt-out of %(number)s from %(subject)s."),
    "opt-out-listed": N_("A likely opt-out of %(number)s from %(subject)s is listed as an opt-out now, because"
                         " nobody decided in time."),
    "opt-out-web": N_("A person on the web asked %(subject)s to stop texting their number: %(number)s. Not verified."),
    "opt-out-web-decided": N_("%(actor)s answered “%(decided)s” to the request on the web that %(subject)s stop"
                              " texting %(number)s."),
    "opt-out-web-overdue": N_("A request on the web that %(subject)s stop texting %(number)s became an opt-out,"
                              " because nobody decided in %(days)s days."),
    "opt-out-web-many": N_("More than ten people asked %(subject)s on the web within an hour to stop texting them, so"
                           " this one waits for a decision: %(number)s."),
    "consent-added": N_("%(actor)s wrote down for %(subject)s that %(number)s consents, because %(consent)s. Proof:"
                        " %(reason)s"),
    "consent-withdrawn": N_("%(actor)s withdrew the consent of %(number)s for %(subject)s. Reason: %(reason)s"),
    "consent-corrected": N_("%(actor)s corrected the consent of %(number)s for %(subject)s. Reason: %(reason)s"),
    "opt-out-carrier": N_("The carrier blocks texts of %(subject)s to a number because it got a STOP, so the number"
                          " counts as opted out: %(number)s."),
    "called-back": N_("%(actor)s noted a call to a person who cannot be texted any more."),
    "restricted": N_("%(actor)s restricted %(subject)s (%(restraint)s until %(until)s, because of %(cause)s)."
                     " %(note)s"),
    "restricted-by-reports": N_("Verified reports of spam restricted %(subject)s (%(restraint)s until %(until)s,"
                                " because of %(cause)s). %(note)s"),
    "restriction-extended": N_("%(actor)s extended a restriction of %(subject)s until %(until)s. %(note)s"),
    "restriction-lifted": N_("%(actor)s lifted a restriction of %(subject)s: %(restraint)s. %(note)s"),
    "appealed": N_("%(actor)s appealed against a restriction of %(subject)s."),
    "appeal-kept": N_("%(actor)s kept a restriction of %(subject)s after an appeal. %(note)s"),
    "conversations-handed-over": N_("%(actor)s handed open conversations of %(subject)s to %(member)s: %(many)s."),
    "number-hold-set": N_("%(actor)s set a hold on the texts with %(number)s, to review on %(until)s. Reason:"
                          " %(reason)s"),
    "number-hold-renewed": N_("%(actor)s renewed the hold on the texts with %(number)s, to review on %(until)s."
                              " Reason: %(reason)s"),
    "number-hold-ended": N_("%(actor)s ended the hold on the texts with a number: %(number)s."),
    "user-hold-set": N_("%(actor)s set a hold on the texts of %(subject)s, to review on %(until)s. Reason: %(reason)s"),
    "user-hold-renewed": N_("%(actor)s renewed the hold on the texts of %(subject)s, to review on %(until)s. Reason:"
                            " %(reason)s"),
    "user-hold-ended": N_("%(actor)s ended the hold on the texts of %(subject)s."),
    "records-requested": N_("%(actor)s asked for all texts with a number: %(number)s. Reason: %(reason)s"),
    "records-released": N_("%(actor)s released all texts with a number that %(asker)s asked for: %(number)s."
                           " %(answer)s"),
    "records-refused": N_("%(actor)s refused the texts with a number that %(asker)s asked for: %(number)s. Reason:"
                          " %(answer)s"),
    "records-read": N_("%(actor)s read the released texts with a number: %(number)s."),
    "records-downloaded": N_("%(actor)s downloaded the released texts with a number: %(number)s. SHA-256 of the file:"
                             " %(hash)s"),
    "records-hashes": N_("%(actor)s downloaded the hashes of the released texts with a number: %(number)s."),
    "opt-out-erased": N_("%(actor)s erased the number of an opt-out of %(subject)s on request. The opt-out goes on."),
    "opt-out-overdue": N_("A likely opt-out of %(number)s from %(subject)s became one, because nobody decided in two"
                          " days."),
}
# What is said instead where texting is not just turned on or off, by what it is now and by the action.
TEXTING_SENTENCES: Mapping[tuple[str, str], str] = {
    ("inherit", "texting"): N_("%(actor)s gave %(subject)s the default setting of texting again (was: %(was)s)."),
    ("inherit", "texting-reason"): N_("%(actor)s gave %(subject)s the default setting of texting again (was:"
                                      " %(was)s). Reason: %(reason)s"),
    ("on-locked", "texting"): N_("%(actor)s turned texting on for %(subject)s and locked it (was: %(was)s)."),
    ("on-locked", "texting-reason"): N_("%(actor)s turned texting on for %(subject)s and locked it (was: %(was)s)."
                                        " Reason: %(reason)s"),
    ("off-locked", "texting"): N_("%(actor)s turned texting off for %(subject)s and locked it (was: %(was)s)."),
    ("off-locked", "texting-reason"): N_("%(actor)s turned texting off for %(subject)s and locked it (was: %(was)s)."
                                         " Reason: %(reason)s"),
}
# The filter by who for everybody who was not signed in.
NOT_SIGNED_IN = "not-signed-in"
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
    events = [_columns(actor, *one) for one in to_record]
    if events:
        db.session.execute(insert(AuditEvent), events)
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
