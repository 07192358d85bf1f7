"""Holds, records requests and what was released, in words."""

from datetime import datetime

from flask_babel import get_timezone, gettext

from portal.services.records.holds import HoldRow
from portal.services.records.requests import RequestRow
from portal.services.records.transcripts import TranscriptLine
from portal.wording.moments import format_day
from portal.wording.texts import display_number, note_in_words


def local_day_in_words(at: datetime) -> str:
    """The day of a moment in the reader's zone."""
    return str(format_day(at.astimezone(get_timezone()).date(), "d MMM y"))


def hold_name(row: HoldRow) -> str:
    """Whose texts a hold keeps: a user's name, or the number."""
    return row.user or display_number(row.hold.theirs)


def hold_state_in_words(row: HoldRow, moment: datetime) -> str:
    """Whether a hold is in force, overdue or over, at this moment."""
    if row.hold.ended_at is not None:
        return str(gettext("Ended on %(day)s", day=local_day_in_words(row.hold.ended_at)))
    day = local_day_in_words(row.hold.review_at)
    if row.hold.review_at <= moment:
        return str(gettext("In force; its review was due on %(day)s", day=day))
    return str(gettext("In force; review on %(day)s", day=day))


def request_state_in_words(row: RequestRow) -> str:
    """How far a records request has come."""
    if row.request.released is None:
        return str(gettext("Waits for a second person"))
    if not row.request.released:
        return str(gettext("Refused by %(name)s", name=row.decider))
    if row.open and row.request.ends_at:
        return str(gettext("Released by %(name)s until %(day)s", name=row.decider,
                           day=local_day_in_words(row.request.ends_at)))
    return str(gettext("Released by %(name)s; the release has ended", name=row.decider))


def transcript_words(line: TranscriptLine) -> str:
    """The words of a text; of a note of the portal its sentence."""
    return line.body if line.direction.value != "note" else note_in_words(line.body, line.ours)
