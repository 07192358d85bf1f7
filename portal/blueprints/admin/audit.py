"""The audit log: sentences by day, one event by its own address, export."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from portal.marks import N_
from portal.models import AuditEvent, User
from portal.services import audit, csv_cells
from portal.services.audit_sentences import EVENT_SENTENCES, OF_NO_ORGANIZATION
from portal.services.people import users
from portal.web.downloads import csv_stream
from portal.web.reader import zone_of_reader
from portal.wording import log
from portal.wording.stored import stored_in_words

from . import bp
from .audit_filters import AuditFilters, day_heading, list_day_chips
from .shown import FilterChip

PAGE = 50
CSV_HEAD = (N_("Time (UTC)"), N_("Who"), N_("Sentence"), N_("Reference"))
# Where a subject has a page of its own, by its kind.
SUBJECT_PAGES: Mapping[str, Callable[[str], str]] = {
    "user": lambda ref: url_for("admin.show_user", ref=ref),
    "location": lambda ref: url_for("admin.show_location", ref=ref),
    "organization": lambda _ref: url_for("admin.show_own_organization"),
}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One event: when, its sentence with links, its own address, and the address of all about the same subject."""

    at: datetime
    sentence: Markup
    address: str
    about: str
    subject: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Events by day, and the filters: what is chosen, what is offered, and where the pages around this one are.

    `chosen` is what an address holds, `about` the name of the subject if the log is about one.
    """

    days: Sequence[tuple[str, Sequence[AuditLine]]]
    chosen: Mapping[str, str]
    problems: Mapping[str, str]
    chips: Sequence[FilterChip]
    actions: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    about: str
    everything: str
    newest: str
    older: str


@bp.get("/audit")
def list_audit_events() -> str:
    """Events, newest first, 50 a page; the address holds the filters."""
    return render_template("admin/audit.html", page=read_audit_page(AuditFilters.read(request.args)))


def read_audit_page(filters: AuditFilters) -> AuditPage:
    """One page of the log. Asks the database twice, and once more where the address names an event."""
    before = read_audit_position()
    events = filters.list_events(before, PAGE + 1)
    people = list_people(events, filters)
    older = filters.address(before=events[PAGE - 1].ref) if len(events) > PAGE else ""
    return AuditPage(
        list_audit_days(events[:PAGE], filters, people), filters.said(), filters.problems(), list_day_chips(filters),
        list_action_choices(), list_people_choices(people, filters), name_of_subject(events, filters, people),
        filters.address(about=""), filters.address() if before is not None else "", older)


def read_audit_position() -> int | None:
    """The event before the page, by its ref in the address; 404 for an event of another organization."""
    ref = request.args.get("before", "")
    return find_own_event(ref).id if ref else None


def find_own_event(ref: str) -> AuditEvent:
    """An event of the signed-in person's organization, else 404."""
    return audit.find_event(current_user.organization_id, ref) or abort(404)


def list_people(events: Sequence[AuditEvent], filters: AuditFilters) -> Sequence[User]:
    """Who acted in these events or can be chosen, and the person whom the filter About names."""
    refs = [ref for ref in (filters.who, filters.subject_ref) if ref]
    return users.list_actors(current_user.organization_id, {one.actor_id for one in events if one.actor_id}, refs)


def list_audit_days(events: Sequence[AuditEvent], filters: AuditFilters,
                    people: Sequence[User]) -> list[tuple[str, list[AuditLine]]]:
    """The events under the day of the reader's calendar on which they happened."""
    refs, zone = {one.id: one.ref for one in people}, zone_of_reader()
    days = groupby(events, lambda event: event.at.astimezone(zone).date())
    return [(day_heading(day), [audit_line(event, filters, refs) for event in found]) for day, found in days]


def audit_line(event: AuditEvent, filters: AuditFilters, refs: Mapping[int, str]) -> AuditLine:
    """One event as the log shows it; `refs` are those of the organization's people by id."""
    about = filters.address(about=f"{event.subject}-{event.subject_ref}") if event.subject_ref else ""
    return AuditLine(event.at, audit_event_with_links(event, refs), url_for("admin.show_audit_event", ref=event.ref),
                     about, event.subject_name)


def audit_event_with_links(event: AuditEvent, refs: Mapping[int, str]) -> Markup:
    """An event in the reader's language; the names of the organization's people and places lead to their pages."""
    actor = refs.get(event.actor_id or 0)
    links = {"actor": SUBJECT_PAGES["user"](actor) if actor else "",
             "subject": SUBJECT_PAGES[event.subject](event.subject_ref) if event.subject_ref else ""}
    return log.event_as_markup(*audit.event_sentence(event), links)


def audit_event_in_words(event: AuditEvent) -> str:
    """An event in the reader's language, without links."""
    return log.event_in_words(*audit.event_sentence(event))


def audit_actor_in_words(event: AuditEvent) -> str:
    """Who did it: a person's name, or words in the reader's language for an actor who was not signed in."""
    return event.actor_name if event.actor_id is not None else stored_in_words(audit.event_actor_name(event))


def list_action_choices() -> list[tuple[str, str]]:
    """What the filter by kind of change offers."""
    return [(action, log.action_in_words(action)) for action in EVENT_SENTENCES
            if not action.endswith("-reason") and action not in OF_NO_ORGANIZATION]


def list_people_choices(people: Sequence[User], filters: AuditFilters) -> list[tuple[str, str]]:
    """What the filter by person offers: administrators and auditors, and whoever is chosen."""
    own = [(one.ref, one.name) for one in people if one.admin or one.auditor or one.ref == filters.who]
    known = {"", audit.NOT_SIGNED_IN, *(ref for ref, _name in own)}
    other = [] if filters.who in known else [(filters.who, gettext("the person you chose"))]
    return [*own, *other, (audit.NOT_SIGNED_IN, gettext("People who were not signed in"))]


def name_of_subject(events: Sequence[AuditEvent], filters: AuditFilters, people: Sequence[User]) -> str:
    """Whom or what the log is about, by the newest event or the list of people; "" if it is about everything."""
    names = [*(event.subject_name for event in events[:1]),
             *(one.name for one in people if one.ref == filters.subject_ref), gettext("what you chose")]
    return names[0] if filters.about else ""


@bp.get("/audit/<ref>")
def show_audit_event(ref: str) -> str:
    """One event, at an address that stays."""
    event = find_own_event(ref)
    actors = users.list_actors(current_user.organization_id, [event.actor_id] if event.actor_id else [], [])
    refs = {one.id: one.ref for one in actors}
    filters = AuditFilters(who=refs.get(event.actor_id or 0, audit.NOT_SIGNED_IN if event.actor_id is None else ""))
    return render_template(
        "admin/audit_event.html", event=event, line=audit_line(event, AuditFilters(), refs),
        who=audit_actor_in_words(event), by=filters.address() if filters.who else "")


@bp.get("/audit/export")
def export_audit_log() -> Response:
    """All events on this filter as CSV, oldest last."""
    return csv_stream(audit_csv_lines(AuditFilters.read(request.args)), "audit-log.csv")


def audit_csv_lines(filters: AuditFilters) -> Iterator[str]:
    """The file, in batches, so that a long log needs no more memory than a short one."""
    batches = audit.write_events(filters.list_events, _write_csv_lines)
    yield csv_cells.csv_line([gettext(one) for one in CSV_HEAD]) + next(batches, "")
    yield from batches


def _write_csv_lines(events: Sequence[AuditEvent]) -> str:
    return "".join(csv_cells.csv_line([
        event.at.isoformat(), audit_actor_in_words(event), audit_event_in_words(event), event.ref]) for event in events)
