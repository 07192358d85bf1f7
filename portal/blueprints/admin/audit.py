"""The audit log: sentences, filters, one event by its own address, export."""

from collections.abc import Iterator
from typing import Any

from flask import Response, abort, make_response, render_template, request, stream_with_context, url_for
from flask_login import current_user

from portal import wording
from portal.services import audit, sheets

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
    older = address(events[49].id) if len(events) > 50 else ""
    return render_template("admin/audit.html", chosen=chosen(), older=older, newest=before is None,
                           events=[(event, sentence(event)) for event in events[:50]], actions=actions())


def place() -> int | None:
    """The event that stands before the page, by what the address says; the database counts to 18 digits."""
    said = request.args.get("before", "")
    return int(said) if said.isdecimal() and len(said) <= 18 else None


def address(before: int) -> str:
    """Where the log goes on after an event."""
    said = chosen()
    return url_for("admin.audit_log", before=before, actor=said["actor"], action=said["action"])


def sentence(event: Any) -> str:
    """An event in the reader's language."""
    return wording.event(*audit.told(event))


def actions() -> list[tuple[str, str]]:
    """What the filter by kind of change offers."""
    return [(action, wording.action(action)) for action in audit.ACTIONS if not action.endswith("-reason")]


@bp.get("/audit/<ref>")
def audit_event(ref: str) -> str:
    """One event, at an address that stays."""
    event = audit.find(current_user.organization_id, ref)
    if event is None:
        abort(404)
    return render_template("admin/audit_event.html", event=event, sentence=sentence(event))


@bp.get("/audit/export")
def export_audit() -> Response:
    """All events on this filter as CSV, oldest last."""
    answer = make_response(Response(stream_with_context(lines()), mimetype="text/csv"))
    answer.headers["Content-Disposition"] = "attachment; filename=audit-log.csv"
    return answer


def lines() -> Iterator[str]:
    """The file, in batches, so that a long log needs no more memory than a short one."""
    organization_id, said, before = current_user.organization_id, chosen(), None
    yield sheets.line(["Time (UTC)", "Who", "Sentence", "Reference"])
    while events := audit.page(organization_id, **said, before=before, most=500):
        for event in events:
            yield sheets.line([event.at.isoformat(), event.actor_name, sentence(event), event.ref])
        before = events[-1].id
