"""What the page about one uploaded file shows, by how far the file is."""

from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext, pgettext

from portal.models import RowOutcome, Upload, UploadState
from portal.services.imports import can_be_undone, results
from portal.services.imports.import_work import is_file_kept

from . import import_words as words

ROWS_PER_OUTCOME = 10  # rows of each kind that the page shows
ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class ImportPage:
    """A file with what it would do, does or did."""

    upload: Upload

    @property
    def working(self) -> bool:
        """Whether the background process works on it now."""
        return self.upload.state in (UploadState.IMPORTING, UploadState.UNDOING)

    @property
    def checked(self) -> bool:
        """Whether it waits for the order to import it."""
        return self.upload.state is UploadState.CHECKED and self.is_kept

    @property
    def imported(self) -> bool:
        """Whether it was imported, and perhaps undone since."""
        return self.upload.imported_at is not None and not self.working

    @cached_property
    def is_kept(self) -> bool:
        """Whether the content is still there."""
        return is_file_kept(self.upload)

    @cached_property
    def undoable(self) -> bool:
        """Whether Undo is offered."""
        return can_be_undone(self.upload)

    @cached_property
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

    @cached_property
    def unconfirmed(self) -> int:
        """How many users have, or will have, a number that waits for an operator."""
        if self.imported:
            return results.count_unconfirmed(self.upload)
        return int(self.upload.checked.get("unconfirmed", 0))

    def rows(self, kind: str) -> list[words.RowText]:
        """The first rows of a kind."""
        return list_rows_of_kind(self.upload, kind, 0, ROWS_PER_OUTCOME)

    @cached_property
    def leavers(self) -> list[words.RowText]:
        """The first people whom the file calls inactive and who are active here."""
        return words.list_row_texts(results.list_leavers(self.upload, ROWS_PER_OUTCOME))


# The kinds of rows that have pages: their outcomes, none for those that Undo left.
KINDS: dict[str, tuple[RowOutcome, ...]] = {
    "wrong": results.LEFT_OUT, "changed": (RowOutcome.CHANGED,), "created": (RowOutcome.CREATED,), "kept": ()}


def list_rows_of_kind(upload: Upload, kind: str, after: int, most: int) -> list[words.RowText]:
    """Rows of a kind behind a line, in the order of the file."""
    if KINDS[kind]:
        return words.list_row_texts(results.list_import_rows(upload, *KINDS[kind], after=after, most=most))
    return words.list_row_texts(results.list_kept_rows(upload, after=after, most=most))


@dataclass(frozen=True)
class ImportRowsPage:
    """One page of the rows of a kind, behind the line `after`."""

    upload: Upload
    kind: str
    after: int

    @cached_property
    def found(self) -> list[words.RowText]:
        """The rows, and one more if there are more."""
        return list_rows_of_kind(self.upload, self.kind, self.after, ROWS_PER_PAGE + 1)

    @property
    def rows(self) -> list[words.RowText]:
        """The rows of this page."""
        return self.found[:ROWS_PER_PAGE]

    @property
    def last(self) -> int:
        """The line behind which the next page begins; 0 where there is none."""
        return self.rows[-1].line if len(self.found) > ROWS_PER_PAGE else 0

    @property
    def heading(self) -> str:
        """What kind of rows they are."""
        imported = self.upload.imported_at is not None
        return str({"wrong": gettext("Left out") if imported else gettext("Wrong"), "changed": gettext("Changed"),
                "created": pgettext("rows", "New"), "kept": gettext("Left as others changed it")}[self.kind])

    @property
    def what(self) -> str:
        """What is said about each row."""
        return str({"wrong": gettext("Why"), "changed": gettext("What changes"), "created": gettext("Begins with"),
                "kept": gettext("What the import had changed")}[self.kind])
