"""The audit log: sentences, filters, one event by its own address, export."""

from collections.abc import Iterator

from flask import Response, abort, make_response, render_template, request, stream_with_context, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import AuditEvent
from portal.services import audit, csv_cells
from portal.wording import log

from . import bp

FILTERS = ("actor", "action")


def chosen() -> dict[str, str]:
    """The filters in the address."""
    return {name: request.args.get(name, "") for name in FILTERS}


@bp.get("/audit")
def audit_log() -> str:
    """Events, newest first, 50 a page."""
    before = place()
    events = audit.page(current_user.organization_id, **chosen(), before=before, most=51)
    older = address(events[49].ref) if len(events) > 50 else ""
    return render_template("admin/audit.html", chosen=chosen(), older=older, newest=before is None,
                           events=[(event, sentence(event)) for event in events[:50]], actions=actions())


def place() -> int | None:
    """The event that stands before the page, by its ref in the address; 404 for somebody else's."""
    ref = request.args.get("before", "")
    return found(ref).id if ref else None


def found(ref: str) -> AuditEvent:
    """An event of the signed-in person's organization, else 404."""
    return audit.find(current_user.organization_id, ref) or abort(404)


def address(before: str) -> str:
    """Where the log goes on after an event."""
    said = chosen()
    return url_for("admin.audit_log", before=before, actor=said["actor"] or None, action=said["action"] or None)


def sentence(event: AuditEvent) -> str:
    """An event in the reader's language."""
    return log.event(*audit.told(event))


def who(event: AuditEvent) -> str:
    """Who did it: a person's name, or words in the reader's language for whoever was not signed in."""
    return event.actor_name if event.actor_id is not None else str(gettext(audit.who(event)))


def actions() -> list[tuple[str, str]]:
    """What the filter by kind of change offers."""
    return [(action, log.action(action)) for action in audit.ACTIONS if not action.endswith("-reason")]


@bp.get("/audit/<ref>")
def audit_event(ref: str) -> str:
    """One event, at an address that stays."""
    event = found(ref)
    return render_template("admin/audit_event.html", event=event, sentence=sentence(event), who=who(event))


@bp.get("/audit/export")
def export_audit() -> Response:
    """All events on this filter as CSV, oldest last."""
    answer = make_response(Response(stream_with_context(lines()), mimetype="text/csv"))
    answer.headers["Content-Disposition"] = "attachment; filename=audit-log.csv"
    return answer


def lines() -> Iterator[str]:
    """The file, in batches, so that a long log needs no more memory than a short one."""
    organization_id, said, before = current_user.organization_id, chosen(), None
    yield csv_cells.line(["Time (UTC)", "Who", "Sentence", "Reference"])
    while events := audit.page(organization_id, **said, before=before, most=500):
        for event in events:
            yield csv_cells.line([event.at.isoformat(), who(event), sentence(event), event.ref])
        before = events[-1].id
