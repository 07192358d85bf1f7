"""A case as a file: what was reported, what was sent, and who did what. Nothing in it tells who reported."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response
from flask_babel import gettext

from portal import wording
from portal.marks import N_
from portal.services import csv_cells
from portal.services.spam import cases, decisions
from portal.web.downloads import csv_download
from portal.web.reader import signed_in_user
from portal.wording.spam import ENTRIES, MATCHES
from portal.wording.stored import stored_in_words

from . import bp
from .cases import find_case_to_handle

if TYPE_CHECKING:
    from portal.models import Case

HEAD = (N_("Entry"), N_("When (UTC)"), N_("Kind"), N_("Remark"), N_("Text"), N_("Who"))


@bp.get("/cases/<ref>.csv")
def export_case(ref: str) -> Response:
    """The case as CSV, for an authority or a carrier; that it left the portal is written into its history."""
    found = find_case_to_handle(ref)
    decisions.note_case_export(signed_in_user(), found)
    return csv_download("".join(case_csv_lines(found)), f"case-{found.ref}.csv")


def case_csv_lines(case: "Case") -> Iterator[str]:
    """The file, line by line."""
    row = cases.read_case_row(case)
    yield csv_cells.csv_line([gettext(one) for one in HEAD])
    yield csv_cells.csv_line([gettext("case"), case.opened_at.isoformat(), wording.enum_in_words(case.category),
                              wording.enum_in_words(case.state), case.ref,
                              f"{row.sender} {row.user} {row.organization}"])
    for one in cases.each_case_report(case):
        kind = wording.enum_in_words(one.category) if one.category else ""
        yield csv_cells.csv_line([gettext("report"), one.at.isoformat(), kind, gettext(MATCHES[one.matched]),
                                  one.body, ""])
    for text in cases.evidence_of_case(case):
        yield csv_cells.csv_line([gettext("text sent"), text.at.isoformat(), "", "", text.body, row.sender])
    for entry, who in reversed(cases.history_of_case(case)):
        yield csv_cells.csv_line([gettext("history"), entry.at.isoformat(), "", gettext(ENTRIES[entry.what]),
                                  stored_in_words(entry.note), who])
