"""The pages that carry opt-outs over from a file: the same for an administrator and for an operator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect
from flask_babel import format_decimal, gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired

from portal import wording
from portal.models import Organization, Upload
from portal.rules.numbers import format_number
from portal.services.imports import AlreadyDone, UnreadableFile, error_file
from portal.services.imports.kept_files import is_file_erased
from portal.services.imports.optout_files import OptOutOutcome, OptOutPlan, OptOutStep
from portal.services.imports.optout_rows import MOST_OPTOUTS
from portal.services.imports.rows import RowProblem
from portal.services.refusals import Changed
from portal.web.downloads import csv_download
from portal.web.forms import Form
from portal.web.uploads import UPLOADS
from portal.wording.texts import optout_source_in_words

ROWS_SHOWN = 50
# Why a file is not imported, by what the service raises.
REFUSED_OPTOUT_FILES: dict[type[Exception], Any] = {
    AlreadyDone: lazy_gettext("This file was imported already. Nothing was changed."),
    Changed: lazy_gettext("The file was erased after 7 days. Upload it again."),
    UnreadableFile: lazy_gettext("The portal can no longer read this file. Upload it again if you still need it."),
}


class OptOutFileForm(Form):
    """A file to look at; nothing is imported yet."""

    file = FileField(lazy_gettext("CSV file"), [FileRequired(lazy_gettext("Choose a file."))])


@dataclass(frozen=True, slots=True)
class OptOutFilePage:
    """The form for a file of opt-outs; `back` and `address` are where it came from and where it goes."""

    form: OptOutFileForm
    organization: Organization
    back: str
    address: str

    @property
    def errors(self) -> bool:
        """Whether something in the form is wrong."""
        return bool(self.form.errors)

    @property
    def limits(self) -> str:
        """How much a file may hold."""
        megabytes = UPLOADS["admin.upload_optout_file"] // (1024 * 1024)
        return str(gettext("At most %(rows)s rows and %(size)s MB.", rows=format_decimal(MOST_OPTOUTS),
                           size=format_decimal(megabytes)))


@dataclass(frozen=True, slots=True)
class OptOutRowText:
    """A row as the page shows it: its line, its number and what there is to say."""

    line: int
    number: str
    said: str


@dataclass(frozen=True, slots=True)
class OptOutCheckPage:
    """What a file of opt-outs would do, or did; `plan` is None once the file was erased or cannot be read any more."""

    upload: Upload
    plan: OptOutPlan | None
    organization: Organization
    back: str
    address: str
    errors_address: str
    errors: bool = False

    @property
    def heading(self) -> str:
        """What the page is about."""
        return str(gettext("What was imported") if self.upload.imported_at else gettext("What this file would do"))

    @property
    def is_damaged(self) -> bool:
        """Whether the file is still there and cannot be read any more."""
        return self.plan is None and not is_file_erased(self.upload)

    @property
    def counts(self) -> list[tuple[str, str]]:
        """How many rows do what, in words."""
        done = self.upload.done if self.upload.imported_at else (self.plan.counts if self.plan else {})
        names = ((OptOutOutcome.CREATED, gettext("New opt-outs")),
                 (OptOutOutcome.CHANGED, gettext("Changed, in force from now on or a STOP from now on")),
                 (OptOutOutcome.UNCHANGED, gettext("There already, stay as they are")),
                 (OptOutOutcome.LEFT, gettext("Not taken over")), (OptOutOutcome.WRONG, gettext("Wrong, left out")))
        return [(str(name), str(format_decimal(done.get(outcome.value, 0)))) for outcome, name in names]

    @property
    def wrong(self) -> Sequence[OptOutRowText]:
        """The first rows that are wrong, with what to do."""
        return self._shown(OptOutOutcome.WRONG)

    @property
    def wrong_many(self) -> int:
        """How many rows are wrong; the error file holds all of them."""
        return len(self.plan.of(OptOutOutcome.WRONG)) if self.plan else 0

    @property
    def left(self) -> Sequence[OptOutRowText]:
        """The first rows that change nothing, with why."""
        return self._shown(OptOutOutcome.LEFT)

    @property
    def fresh(self) -> Sequence[OptOutRowText]:
        """The first new opt-outs, with how they were said."""
        return self._shown(OptOutOutcome.CREATED)[:10]

    @property
    def good(self) -> int:
        """How many rows would change something."""
        return self.plan.counts["created"] + self.plan.counts["changed"] if self.plan else 0

    def _shown(self, outcome: OptOutOutcome) -> list[OptOutRowText]:
        return [_row_text(step) for step in self.plan.of(outcome)[:ROWS_SHOWN]] if self.plan else []


def _row_text(step: OptOutStep) -> OptOutRowText:
    said = _problem_in_words(step.problem) if step.problem else optout_source_in_words(step.row.source)
    return OptOutRowText(step.row.line, format_number(step.row.theirs) if step.row.theirs else "–", said)


def _problem_in_words(found: RowProblem) -> str:
    wrong = wording.translate_sentence(found.sentence, found.values)
    return f"{wrong} {wording.translate_sentence(found.remedy)}".strip()


def optout_error_file(plan: OptOutPlan | None, page: str) -> Response:
    """The wrong rows of a file, in their own columns and one more that says why; without any, the way to `page`."""
    reasons = {step.row.line: _problem_in_words(step.problem)
               for step in (plan.of(OptOutOutcome.WRONG) if plan else ()) if step.problem}
    if plan is None or not reasons:
        return make_response(redirect(page, 303))
    return csv_download(error_file(plan.sheet, reasons), "opt-out-errors.csv")


def flash_optout_import(do: Callable[[], dict[str, int]]) -> None:
    """Import a file of opt-outs, and say what that did or why it is refused."""
    try:
        counts = do()
    except tuple(REFUSED_OPTOUT_FILES) as refused:
        flash(str(REFUSED_OPTOUT_FILES[type(refused)]))
        return
    flash(gettext("Imported: %(created)s new, %(changed)s changed, %(unchanged)s there already.",
                  **{name: format_decimal(counts[name]) for name in ("created", "changed", "unchanged")}))
