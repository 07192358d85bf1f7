"""The audit log: sentences, filters, one event by its own address, export."""

from collections.abc import Iterator, Sequence

from flask import Response, abort, render_template, request, url_for
from flask_login import current_user

from portal.models import AuditEvent
from portal.services import audit, csv_cells
from portal.web.downloads import csv_download
from portal.wording import log
from portal.wording.stored import keys_of_words, stored_in_words

from . import bp

AUDIT_FILTERS = ("actor", "action")


def read_audit_filters() -> dict[str, str]:
    """The filters in the address."""
    return {name: request.args.get(name, "") for name in AUDIT_FILTERS}


def list_chosen_events(before: int | None, most: int) -> Sequence[AuditEvent]:
    """Events on this filter. The filter by person also finds the words for actors who were not signed in."""
    said = read_audit_filters()
    return audit.list_events(current_user.organization_id, **said, keys=keys_of_words(said["actor"]), before=before,
                             most=most)


@bp.get("/audit")
def list_audit_events() -> str:
    """Events, newest first, 50 a page."""
    before = read_audit_position()
    events = list_chosen_events(before, 51)
    older = audit_log_address(events[49].ref) if len(events) > 50 else ""
    return render_template("admin/audit.html", chosen=read_audit_filters(), older=older, newest=before is None,
                           events=[(event, audit_event_in_words(event)) for event in events[:50]],
                           actions=list_action_choices())


def read_audit_position() -> int | None:
    """The event before the page, by its ref in the address; 404 for an event of another organization."""
    ref = request.args.get("before", "")
    return find_own_event(ref).id if ref else None


def find_own_event(ref: str) -> AuditEvent:
    """An event of the signed-in person's organization, else 404."""
    return audit.find_event(current_user.organization_id, ref) or abort(404)


def audit_log_address(before: str) -> str:
    """Where the log goes on after an event."""
    said = read_audit_filters()
    return url_for("admin.list_audit_events", before=before, actor=said["actor"] or None, action=said["action"] or None)


def audit_event_in_words(event: AuditEvent) -> str:
    """An event in the reader's language."""
    return log.event_in_words(*audit.event_sentence(event))


def audit_actor_in_words(event: AuditEvent) -> str:
    """Who did it: a person's name, or words in the reader's language for an actor who was not signed in."""
    return event.actor_name if event.actor_id is not None else stored_in_words(audit.event_actor_name(event))


def list_action_choices() -> list[tuple[str, str]]:
    """What the filter by kind of change offers."""
    return [(action, log.action_in_words(action)) for action in audit.EVENT_SENTENCES if not action.endswith("-reason")]


@bp.get("/audit/<ref>")
def show_audit_event(ref: str) -> str:
    """One event, at an address that stays."""
    event = find_own_event(ref)
    return render_template("admin/audit_event.html", event=event, sentence=audit_event_in_words(event),
                           who=audit_actor_in_words(event))


@bp.get("/audit/export")
def export_audit_log() -> Response:
    """All events on this filter as CSV, oldest last."""
    return csv_download(audit_csv_lines(), "audit-log.csv")


def audit_csv_lines() -> Iterator[str]:
    """The file, in batches, so that a long log needs no more memory than a short one."""
    before = None
    yield csv_cells.csv_line(["Time (UTC)", "Who", "Sentence", "Reference"])
    while events := list_chosen_events(before, 500):
        for event in events:
            yield csv_cells.csv_line([event.at.isoformat(), audit_actor_in_words(event), audit_event_in_words(event),
                                      event.ref])
        before = events[-1].id
