"""Released texts: a page to print, a CSV file, and the hashes by which a later copy can be compared."""

from collections.abc import Sequence

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_login import current_user

from portal.services import csv_cells
from portal.services.records import requests, transcripts
from portal.services.records.requests import RequestRow
from portal.services.records.transcripts import TranscriptLine
from portal.web.compression import shows_secret
from portal.web.downloads import csv_download, text_download
from portal.web.reader import signed_in_user
from portal.wording import texts

from . import bp
from .records_shown import ReleasedText, ReleasedTextsPage
from .records_words import transcript_words

HEAD = ("When (UTC)", "Member", "Our number", "Their number", "Direction", "State", "Text")


def make_csv_lines(row: RequestRow, lines: Sequence[TranscriptLine]) -> list[str]:
    """The file line by line, its head first; the same for every reader, or its hashes would not be."""
    theirs = row.request.theirs
    with force_locale("en"):
        return [csv_cells.csv_line(HEAD), *(csv_cells.csv_line([
            line.at.isoformat(timespec="seconds"), line.member, line.ours, theirs, line.direction.value,
            line.state.value, transcript_words(line)]) for line in lines)]


@bp.get("/records/released/<ref>")
def reload_released_texts(ref: str) -> Response:
    """A reload leads back to the request: each look is a form of its own, so that the audit log has it."""
    found = requests.find_request_row(current_user, ref)
    return make_response(redirect(url_for("admin.show_request", ref=found.request.ref), 303))


@bp.post("/records/released/<ref>")
@shows_secret
def open_released_texts(ref: str) -> Response:
    """Show or hand out what was released; the audit log says so first."""
    actor, row = signed_in_user(), requests.find_request_row(current_user, ref)
    lines = transcripts.read_transcript(actor, row)
    as_csv, name = make_csv_lines(row, lines), f"records-{ref}"
    whole, what = transcripts.hash_whole_file("".join(as_csv)), request.form.get("do")
    if what == "csv":
        transcripts.note_records_access(actor, row, "records-downloaded", hash=whole)
        return csv_download("".join(as_csv), f"{name}.csv")
    if what == "hashes":
        transcripts.note_records_access(actor, row, "records-hashes")
        return text_download(hashes_file(as_csv, whole, f"{name}.csv"), f"{name}.sha256.txt")
    return show_transcript(row, lines, whole)


def show_transcript(row: RequestRow, lines: Sequence[TranscriptLine], whole: str) -> Response:
    """The page to read and print."""
    shown = [ReleasedText(line, texts.text_state_in_words(line.state).label if line.direction.value == "out" else "",
                          transcript_words(line)) for line in lines]
    ref = row.request.ref
    transcripts.note_records_access(signed_in_user(), row, "records-read")
    return make_response(render_template("admin/released.html", page=ReleasedTextsPage(
        requests.find_request_row(current_user, ref), shown, whole)))


def hashes_file(lines: Sequence[str], whole: str, name: str) -> str:
    """The hashes as a file: first that of the whole as `sha256sum -c` reads it, then the chain, one for each line."""
    chain = transcripts.chain_line_hashes(lines)
    return "".join(f"{line}\n" for line in (f"{whole}  {name}", "", *chain))
