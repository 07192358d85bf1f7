"""An import in the reader's language: what a file would do, what it did, what is wrong with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
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
    CheckedUpload,
    ImportColumn,
    ImportTerms,
    RowChange,
    RowOutcome,
    RowPlan,
    RowProblem,
)
from portal.services.imports.decoding import Encoding
from portal.services.imports.reading import Separator, Sheet

ROWS_PER_OUTCOME = 10  # rows of each kind that the page shows
SAMPLES = 3  # names from which a reader sees whether the encoding was the right one

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
    N_("Check the file again to see what it would do now."))
FINE_NOW = RowProblem(
    N_("This row was wrong when the file was imported. It would be fine now."), {},
    N_("Check the file again to import it."))
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


def make_row_text(step: RowPlan, said: Iterable[str]) -> RowText:
    """A row with what there is to say about it."""
    user = step.user
    return RowText(step.row.line, user.name if user else step.row.name, user.email if user else step.row.email,
                   url_for("admin.show_user", ref=user.ref) if user else "", tuple(said))


def list_changed_rows(checked: CheckedUpload) -> list[RowText]:
    """The first rows that change a user, with what becomes what."""
    steps = checked.plan.of(RowOutcome.CHANGED) if checked.plan else []
    return [make_row_text(step, map(row_change_in_words, step.changes)) for step in steps[:ROWS_PER_OUTCOME]]


def list_new_rows(checked: CheckedUpload) -> list[RowText]:
    """The first rows about new users, with what they begin with; name and address stand beside it."""
    steps = checked.plan.of(RowOutcome.CREATED) if checked.plan else []
    obvious = (ImportColumn.EMAIL, ImportColumn.DISPLAY_NAME)
    return [make_row_text(step,
                          [" · ".join(row_change_in_words(one) for one in step.changes if one.column not in obvious)])
            for step in steps[:ROWS_PER_OUTCOME]]


def list_leavers(checked: CheckedUpload) -> list[RowText]:
    """The first people whom the file calls inactive and who are active here; `said` is empty."""
    return [make_row_text(step, ()) for step in checked.plan.leavers[:ROWS_PER_OUTCOME]] if checked.plan else []


def list_skipped_rows(checked: CheckedUpload) -> list[RowText]:
    """Every row that is not, or was not, imported, with why."""
    if checked.plan is None:
        return []
    lines = checked.upload.done.get("lines", {})
    if not checked.upload.imported_at:
        return [make_row_text(step, map(row_problem_in_words, step.problems))
                for step in checked.plan.of(RowOutcome.WRONG)]
    why = dict.fromkeys(lines.get(RowOutcome.WRONG, ()), FINE_NOW)
    why |= dict.fromkeys(lines.get(RowOutcome.CONFLICT, ()), CONFLICT)
    return [make_row_text(step, map(row_problem_in_words, _reasons(step, why[step.row.line])))
            for step in checked.plan.steps if step.row.line in why]


def _reasons(step: RowPlan, then: RowProblem) -> Iterable[RowProblem]:
    return step.problems if then is FINE_NOW and step.problems else (then,)


def list_skipped_values(checked: CheckedUpload) -> list[str]:
    """Values that were left out of rows that are good without them, each once."""
    steps = checked.plan.steps if checked.plan else ()
    found = Counter((note.values["column"], note.values["value"]) for step in steps if step.good
                    for note in step.row.notes)
    return [f"{column}: {value} ({ngettext('%(num)s row', '%(num)s rows', many)})"
            for (column, value), many in found.most_common(ROWS_PER_OUTCOME)]


def count_rows_by_outcome(checked: CheckedUpload) -> dict[str, int]:
    """How many rows do what now."""
    return {outcome.value: len(checked.plan.of(outcome)) if checked.plan else 0 for outcome in RowOutcome}


def list_outcome_tiles(checked: CheckedUpload) -> list[dict[str, Any]]:
    """How many rows do what now, each with the way to them."""
    counts = count_rows_by_outcome(checked)
    return [{"key": key, "label": gettext(label), "count": counts[outcome], "address": f"#{outcome.value}"}
            for outcome, label, key in TILES if outcome is not RowOutcome.CONFLICT]


def list_import_counts(upload: Upload) -> list[tuple[str, str]]:
    """How many rows did what, once the file was imported."""
    return [(str(gettext(label)), format_decimal(upload.done[outcome])) for outcome, label, _key in TILES
            if upload.done and (upload.done[outcome] or outcome is not RowOutcome.CONFLICT)]


def describe_file_format(sheet: Sheet) -> list[tuple[str, str]]:
    """How the file was read."""
    kind = gettext("The portal's own template") if sheet.ours else gettext("User export of Control Hub")
    return [
        (gettext("Kind of file"), kind),
        (gettext("Rows"), format_decimal(len(sheet.lines))),
        (gettext("Encoding"), gettext(ENCODINGS[sheet.encoding])),
        (gettext("Separator"), gettext(SEPARATORS[sheet.separator])),
    ]


def list_accented_names(checked: CheckedUpload) -> list[str]:
    """The first names with letters beyond ASCII, where the encoding was guessed: a reader sees whether it is right."""
    if checked.plan is None or checked.plan.sheet.encoding is not Encoding.WINDOWS_1252:
        return []
    names = dict.fromkeys(step.row.name for step in checked.plan.steps if not step.row.name.isascii())
    return list(islice(names, SAMPLES))


def list_ignored_columns(checked: CheckedUpload, terms: ImportTerms) -> list[str]:
    """The columns that are not read: unknown ones, and those that this reader may not set."""
    if checked.plan is None:
        return []
    sheet = checked.plan.sheet
    if ImportColumn.SOURCE not in sheet.columns or terms.operator:
        return list(sheet.ignored)
    return [*sheet.ignored, gettext("%(column)s (only the provider sets it)", column=ImportColumn.SOURCE)]


def import_result_sentence(upload: Upload) -> str:
    """What became of an upload, in one line."""
    if not upload.imported_at:
        return str(gettext("Checked, not imported"))
    return str(gettext("%(created)s new, %(changed)s changed, %(left)s left out",
                       **format_import_counts(upload.done)))


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


def import_page_context(checked: CheckedUpload, terms: ImportTerms) -> dict[str, Any]:
    """Everything that the page about one upload says."""
    return {
        "upload": checked.upload, "plan": checked.plan, "counted": count_rows_by_outcome(checked),
        "tiles": list_outcome_tiles(checked),
        "counts": list_import_counts(checked.upload), "created": list_new_rows(checked),
        "changed": list_changed_rows(checked), "leavers": list_leavers(checked),
        "left_out": list_skipped_rows(checked), "most": ROWS_PER_OUTCOME,
        "notes": list_skipped_values(checked), "ignored": list_ignored_columns(checked, terms),
        "accented": list_accented_names(checked),
        "read_as": describe_file_format(checked.plan.sheet) if checked.plan else [],
    }
