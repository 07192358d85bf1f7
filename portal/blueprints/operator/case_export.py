"""A case as a file: what was reported, what was sent, and who did what. Nothing in it tells who reported."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response
from flask_babel import gettext

from portal import wording
from portal.services import csv_cells
from portal.services.spam import cases, decisions
from portal.wording.spam import ENTRIES, MATCHES

from . import bp
from .cases import me, open_to_me

if TYPE_CHECKING:
    from portal.models import Case


@bp.get("/cases/<ref>.csv")
def export_case(ref: str) -> Response:
    """The case as CSV, for an authority or a carrier; that it left the portal is written into its history."""
    found = open_to_me(ref)
    decisions.note_export(me(), found)
    answer = Response("".join(lines(found)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=case-{found.ref}.csv"
    return answer


def lines(case: "Case") -> Iterator[str]:
    """The file, line by line."""
    row = cases.row(case)
    yield csv_cells.line(["What", "When (UTC)", "Kind", "Remark", "Text", "Who"])
    yield csv_cells.line(["case", case.opened_at.isoformat(), wording.label(case.category), wording.label(case.state),
                       case.ref, f"{row.sender} {row.user} {row.organization}"])
    for one in cases.each_report(case):
        kind = wording.label(one.category) if one.category else ""
        yield csv_cells.line(["report", one.at.isoformat(), kind, gettext(MATCHES[one.matched]), one.body, ""])
    for text in cases.evidence(case):
        yield csv_cells.line(["text sent", text.at.isoformat(), "", "", text.body, row.sender])
    for entry, who in reversed(cases.history(case)):
        yield csv_cells.line(["history", entry.at.isoformat(), "", gettext(ENTRIES[entry.what]), entry.note, who])
