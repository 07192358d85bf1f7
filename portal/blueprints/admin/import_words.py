"""An import in the reader's language: what a file would do, what it did, what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_decimal, gettext, ngettext

from portal import wording
from portal.marks import N_, NP_
from portal.models import Upload
from portal.rules.numbers import format_number
from portal.services.imports import (
    MOST_COLUMNS,
    MOST_ROWS,
    ImportColumn,
    RowChange,
    RowOutcome,
    RowProblem,
    UploadState,
)
from portal.services.imports.decoding import Encoding
from portal.services.imports.reading import Separator
from portal.services.imports.results import ImportedRow
from portal.services.imports.stored_rows import read_changes, read_problems

ENCODINGS = {
    Encoding.UTF_8: N_("UTF-8"), Encoding.UTF_8_MARKED: N_("UTF-8 with a byte order mark"),
    Encoding.UTF_16: N_("UTF-16"), Encoding.WINDOWS_1252: N_("Windows-1252"),
}
SEPARATORS = {Separator.COMMA: N_("comma"), Separator.SEMICOLON: N_("semicolon"), Separator.TAB: N_("tab")}
# Outcomes in the order of the page: their words, and the state whose shape and color they share.
TILES = (
    (RowOutcome.CREATED, NP_("rows", "New"), "can-text"),
    (RowOutcome.CHANGED, N_("Changed"), "receive-only"),
    (RowOutcome.UNCHANGED, N_("Unchanged"), "off"),
    (RowOutcome.WRONG, N_("Wrong"), "not-available"),
    (RowOutcome.CONFLICT, N_("Changed by others"), "not-available"),
)
CONFLICT = RowProblem(
    N_("Another person changed this record after the check, so the row was left out."), {},
    N_("Upload the file again to see what it would do now."))
# What stands beside the row of a new user already.
OBVIOUS = (ImportColumn.EMAIL, ImportColumn.DISPLAY_NAME)
# What each column is for, with an example.
COLUMN_PURPOSES = (
    (ImportColumn.EMAIL, N_("Says which user the row is about. It must be there."), "johndoe@example.com"),
    (ImportColumn.DISPLAY_NAME, N_("The name. Without it, first and last name are used."), "John Doe"),
    (ImportColumn.LOCATION, N_("The name of a location that exists. Another one moves the user."), "HQ"),
    (ImportColumn.NUMBER, N_("The primary number. REMOVE| before it takes it away."), "+14165550160"),
    (ImportColumn.STATUS, N_("With Active or Verified the account is active. With Inactive a new user is added with"
                             " a closed account. With anything else the user is invited."), "Active"),
    (ImportColumn.LANGUAGE, N_("The language of the portal for this user."), "en_US"),
    (ImportColumn.TIME_ZONE, N_("The time zone of this user, if it is not the location's."), "America/Toronto"),
    (ImportColumn.TEXTING, N_("The user's own setting: INHERIT, ON or OFF."), "INHERIT"),
    (ImportColumn.APP_VERSION, N_("The last version of the app that was seen."), "43.2"),
    (ImportColumn.SOURCE, N_("Where the number comes from. It counts only when an operator imports."), "CALLING_PLAN"),
)


@dataclass(frozen=True, slots=True)
class RowText:
    """One row of a file as the page shows it: its line, whom it is about, and what there is to say."""

    line: int
    name: str
    email: str
    address: str
    said: tuple[str, ...]


def row_problem_in_words(found: RowProblem) -> str:
    """A problem with what to do about it."""
    wrong = wording.translate_sentence(found.sentence, found.values)
    return f"{wrong} {wording.translate_sentence(found.remedy)}".strip()


def row_change_in_words(made: RowChange) -> str:
    """A change from what to what; of something new only what it will be."""
    was, now = ((format_number(value) if made.column is ImportColumn.NUMBER else value)
                for value in (made.was, made.now))
    return f"{made.column}: {was} → {now or '–'}" if was else f"{made.column}: {now}"


def list_row_texts(rows: Iterable[ImportedRow]) -> list[RowText]:
    """Rows with what there is to say about each."""
    return [_row_text(one) for one in rows]


def _row_text(one: ImportedRow) -> RowText:
    about = one.user or one.row
    return RowText(one.row.line, about.name, about.email,
                   url_for("admin.show_user", ref=one.user.ref) if one.user else "", tuple(row_in_words(one)))


def row_in_words(imported: ImportedRow) -> list[str]:
    """What there is to say about a row: why it is left out, or what it changes."""
    row = imported.row
    if row.outcome is RowOutcome.CONFLICT:
        return [row_problem_in_words(CONFLICT)]
    if row.outcome is RowOutcome.WRONG:
        return list(map(row_problem_in_words, read_problems(row.said)))
    changes = [one for one in read_changes(row.said) if row.outcome is RowOutcome.CHANGED or one.column not in OBVIOUS]
    said = list(map(row_change_in_words, changes))
    return said if row.outcome is RowOutcome.CHANGED else [" · ".join(said)]


def list_skipped_values(upload: Upload) -> list[str]:
    """Values that were left out of rows that are good without them, each once."""
    return [f"{column}: {value} ({ngettext('%(num)s row', '%(num)s rows', many)})"
            for column, value, many in upload.checked.get("notes", ())]


def count_rows_by_outcome(upload: Upload) -> dict[str, int]:
    """How many rows would do what; once the file was imported, how many did."""
    counts = upload.done if upload.imported_at else upload.checked.get("counts", {})
    return {outcome.value: counts.get(outcome.value, 0) for outcome in RowOutcome}


def list_outcome_tiles(upload: Upload) -> list[dict[str, Any]]:
    """How many rows do what now, each with the way to them."""
    counts = count_rows_by_outcome(upload)
    return [{"key": key, "label": gettext(label), "count": counts[outcome], "address": f"#{outcome.value}"}
            for outcome, label, key in TILES if outcome is not RowOutcome.CONFLICT]


def list_import_counts(upload: Upload) -> list[tuple[str, str]]:
    """How many rows did what, once the file was imported."""
    return [(str(gettext(label)), format_decimal(upload.done[outcome])) for outcome, label, _key in TILES
            if upload.done and (upload.done[outcome] or outcome is not RowOutcome.CONFLICT)]


def describe_file_format(checked: dict[str, Any]) -> list[tuple[str, str]]:
    """How the file was read."""
    if not checked:
        return []
    kind = gettext("The portal's own template") if checked["ours"] else gettext("User export of Control Hub")
    return [
        (gettext("Kind of file"), kind),
        (gettext("Rows"), format_decimal(checked["rows"])),
        (gettext("Encoding"), gettext(ENCODINGS[Encoding(checked["encoding"])])),
        (gettext("Separator"), gettext(SEPARATORS[Separator(checked["separator"])])),
    ]


def list_ignored_columns(upload: Upload) -> Sequence[str]:
    """The columns that are not read: unknown ones, and those that only an operator may set."""
    ignored = upload.checked.get("ignored", [])
    if not upload.checked.get("sources") or upload.as_operator:
        return list(ignored)
    return [*ignored, gettext("%(column)s (only the provider sets it)", column=ImportColumn.SOURCE)]


def import_result_sentence(upload: Upload) -> str:
    """What became of an upload, in one line."""
    if upload.state is UploadState.IMPORTED:
        return str(gettext("%(created)s new, %(changed)s changed, %(left)s left out",
                           **format_import_counts(upload.done)))
    if upload.state is UploadState.UNDONE:
        return str(gettext("Undone: %(restored)s restored, %(left)s left as others changed them.",
                           **format_undo_counts(upload.done)))
    said = {UploadState.CHECKING: N_("Not checked to the end. Rows: %(done)s of %(total)s."),
            UploadState.CHECKED: N_("Checked, not imported"),
            UploadState.IMPORTING: N_("Being imported. Rows: %(done)s of %(total)s."),
            UploadState.UNDOING: N_("Being undone. Rows: %(done)s of %(total)s.")}
    return str(gettext(said[upload.state], done=upload.cursor, total=upload.total))


def format_undo_counts(done: dict[str, Any]) -> dict[str, str]:
    """The counts of Undo as its sentences print them."""
    return {"restored": format_decimal(done["restored"] + done["closed"]), "left": format_decimal(done["left"])}


def format_import_counts(done: dict[str, Any]) -> dict[str, str]:
    """The counts of an import as its sentences print them."""
    left = done[RowOutcome.WRONG] + done[RowOutcome.CONFLICT]
    return {"created": format_decimal(done[RowOutcome.CREATED]), "changed": format_decimal(done[RowOutcome.CHANGED]),
            "left": format_decimal(left)}


def list_column_purposes() -> list[tuple[str, str, str]]:
    """Name, purpose and example of each column."""
    return [(str(column), str(gettext(purpose)), example) for column, purpose, example in COLUMN_PURPOSES]


def file_limits_sentence() -> str:
    """What a file may hold."""
    return str(gettext("At most %(most)s rows, %(columns)s columns and 10 MB.", most=format_decimal(MOST_ROWS),
                       columns=format_decimal(MOST_COLUMNS)))
