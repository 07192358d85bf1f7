"""What the page about one uploaded file shows, by how far the file is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, pgettext

from portal.models import Upload
from portal.services.imports import RowOutcome, UploadState, can_be_undone, results
from portal.services.imports.kept_files import is_file_erased, is_file_kept

from . import import_words as words

ROWS_PER_OUTCOME = 10  # rows of each kind that the page shows
ROWS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A file with what it would do, does or did.

    `is_kept`: the content is still there and can be read. `undoable`: Undo is offered. `unconfirmed` counts users who
    have, or will have, a number that waits for an operator. `wrong`, `changed`, `created` and `kept` are the first rows
    of each kind (`kept`: left by Undo), `leavers` the first people whom the file calls inactive and who are active
    here.
    """

    upload: Upload
    is_kept: bool
    undoable: bool
    unconfirmed: int
    wrong: list[words.RowText]
    changed: list[words.RowText]
    created: list[words.RowText]
    kept: list[words.RowText]
    leavers: list[words.RowText]

    @property
    def heading(self) -> str:
        """What the page is about."""
        if self.upload.imported_at:
            return str(gettext("What was imported"))
        ordered = self.upload.state is UploadState.IMPORTING
        return str(gettext("What this file does") if ordered else gettext("What this file would do"))

    @property
    def working(self) -> bool:
        """Whether the background process works on it now, or will within half a minute."""
        return self.being_checked or self.upload.state in (UploadState.IMPORTING, UploadState.UNDOING)

    @property
    def is_damaged(self) -> bool:
        """Whether its content is still there, and could not be read when it was checked again."""
        return not (self.is_kept or is_file_erased(self.upload))

    @property
    def being_checked(self) -> bool:
        """Whether the work is its check."""
        return self.upload.state is UploadState.CHECKING and self.is_kept

    @property
    def checked(self) -> bool:
        """Whether it waits for the order to import it."""
        return self.upload.state is UploadState.CHECKED and self.is_kept

    @property
    def imported(self) -> bool:
        """Whether it was imported, and perhaps undone since."""
        return self.upload.imported_at is not None and not self.working

    @property
    def counted(self) -> dict[str, int]:
        """How many rows would do, or did, what."""
        return words.count_rows_by_outcome(self.upload)

    @property
    def useful(self) -> int:
        """How many rows change something."""
        return self.counted[RowOutcome.CREATED] + self.counted[RowOutcome.CHANGED]

    @property
    def left_out_count(self) -> int:
        """How many rows are, or were, left out."""
        return sum(self.counted[outcome] for outcome in results.LEFT_OUT)

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """How many rows would do what, each with the way to them."""
        return words.list_outcome_tiles(self.upload)

    @property
    def counts(self) -> list[tuple[str, str]]:
        """How many rows did what."""
        return words.list_import_counts(self.upload)

    @property
    def result(self) -> str:
        """What became of the file, in one line."""
        return words.import_result_sentence(self.upload)

    @property
    def read_as(self) -> list[tuple[str, str]]:
        """How the file was read."""
        return words.describe_file_format(self.upload.checked)

    @property
    def notes(self) -> list[str]:
        """Values that were left out of good rows."""
        return words.list_skipped_values(self.upload)

    @property
    def ignored(self) -> Sequence[str]:
        """The columns that were not read."""
        return words.list_ignored_columns(self.upload)


def make_import_page(upload: Upload) -> ImportPage:
    """The page about a file; while it is in work, without rows."""
    kept = is_file_kept(upload)
    shown = {
        UploadState.CHECKED: ("wrong", "changed", "created"), UploadState.IMPORTED: ("wrong",),
        UploadState.UNDONE: ("wrong", "kept"),
    }.get(upload.state, ()) if kept or upload.imported_at else ()
    rows = {kind: list_rows_of_kind(upload, kind, 0, ROWS_PER_OUTCOME) if kind in shown else [] for kind in KINDS}
    return ImportPage(
        upload, kept, can_be_undone(upload),
        results.count_unconfirmed(upload) if upload.imported_at else int(upload.checked.get("unconfirmed", 0)),
        leavers=words.list_row_texts(results.list_leavers(upload, ROWS_PER_OUTCOME)) if shown else [], **rows)


# The kinds of rows that have pages: their outcomes, none for those that Undo left.
KINDS: dict[str, tuple[RowOutcome, ...]] = {
    "wrong": results.LEFT_OUT, "changed": (RowOutcome.CHANGED,), "created": (RowOutcome.CREATED,), "kept": ()}


def list_rows_of_kind(upload: Upload, kind: str, after: int, most: int) -> list[words.RowText]:
    """Rows of a kind behind a line, in the order of the file."""
    if KINDS[kind]:
        return words.list_row_texts(results.list_import_rows(upload, *KINDS[kind], after=after, most=most))
    return words.list_row_texts(results.list_kept_rows(upload, after=after, most=most))


@dataclass(frozen=True, slots=True)
class ImportRowsPage:
    """One page of the rows of a kind, behind the line `after`; `last` is the line behind which the next one begins."""

    upload: Upload
    kind: str
    after: int
    rows: list[words.RowText]
    last: int

    @property
    def heading(self) -> str:
        """What kind of rows they are."""
        left_out = gettext("Left out") if self.upload.imported_at else gettext("Wrong")
        return str({"wrong": left_out, "changed": gettext("Changed"), "created": pgettext("rows", "New"),
                    "kept": gettext("Left as others changed it")}[self.kind])

    @property
    def what(self) -> str:
        """What is said about each row."""
        return str({"wrong": gettext("Why"), "changed": gettext("What changes"), "created": gettext("Begins with"),
                    "kept": gettext("What the import had changed")}[self.kind])


def make_rows_page(upload: Upload, kind: str, after: int) -> ImportRowsPage:
    """The rows of a kind behind a line."""
    found = list_rows_of_kind(upload, kind, after, ROWS_PER_PAGE + 1)
    rows = found[:ROWS_PER_PAGE]
    return ImportRowsPage(upload, kind, after, rows, rows[-1].line if len(found) > ROWS_PER_PAGE else 0)
