"""Inventories on pages: an operator uploads a file, sees what it would do, and carries it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired

from portal import wording
from portal.models import Inventory
from portal.services.imports import AlreadyDone, UnreadableFile, inventories
from portal.services.imports.inventories import InventoryPlan
from portal.services.refusals import Changed
from portal.web.forms import Form
from portal.web.reader import signed_in_user

from . import bp

PROBLEMS_SHOWN = 200


class InventoryUploadForm(Form):
    """A file to look at; nothing is carried out yet."""

    file = FileField(lazy_gettext("CSV file"), [FileRequired(lazy_gettext("Choose a file."))])


@dataclass(frozen=True, slots=True)
class InventoryStartPage:
    """The form for a file, and the files from before, each with the name of who uploaded it."""

    form: InventoryUploadForm
    recent: Sequence[tuple[Inventory, str]]

    @property
    def errors(self) -> bool:
        """Whether the file was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """One file: what it would do (`would`), or what it did.

    `wrong` counts the rows to correct; `problems` are pairs of line and sentence, at most PROBLEMS_SHOWN.
    """

    inventory: Inventory
    plan: InventoryPlan | None
    would: dict[str, int]
    wrong: int
    problems: Sequence[tuple[int, str]]


@bp.get("/inventory")
def list_inventories() -> str:
    """A form for a file, and recent ones."""
    return inventory_start_page(InventoryUploadForm(formdata=None))


def inventory_start_page(form: InventoryUploadForm) -> str:
    """Where an inventory starts."""
    return render_template("operator/inventory.html",
                           page=InventoryStartPage(form, inventories.list_recent_inventories()))


@bp.post("/inventory")
def upload_inventory() -> Response:
    """Keep a file and show what it would do."""
    form = InventoryUploadForm()
    if form.validate_on_submit():
        try:
            kept = inventories.store_inventory(signed_in_user(), form.file.data.filename, form.file.data.read())
            return make_response(redirect(url_for("operator.show_inventory", ref=kept.ref), 303))
        except UnreadableFile as refused:
            form.clash("file", refused.sentence, refused.values)
    return make_response(inventory_start_page(form), 422)


@bp.get("/inventory/<ref>")
def show_inventory(ref: str) -> str:
    """What a file would do; once it was carried out, what it did."""
    kept = inventories.find_inventory_for_operator(ref)
    plan = inventories.plan_inventory(kept) if kept.done_at is None else None
    problems = [(row.line, " ".join(wording.translate_sentence(one.sentence, one.values) for one in row.problems))
                for row in (plan.wrong if plan else ())]
    return render_template("operator/inventory_check.html", page=InventoryPage(
        kept, plan, plan.counts if plan else {}, len(problems), problems[:PROBLEMS_SHOWN]))


@bp.post("/inventory/<ref>")
def carry_out_inventory(ref: str) -> Response:
    """Carry a file out that was checked."""
    kept = inventories.find_inventory_for_operator(ref)
    try:
        done = inventories.carry_out_inventory(signed_in_user(), kept, request.form.get("seen", ""))
        flash(gettext("Done (claims confirmed: %(confirmed)s, numbers added: %(added)s, dates changed: %(dated)s).",
                      **{name: wording.value_in_words(many) for name, many in done.items()}))
    except AlreadyDone:
        flash(gettext("This was carried out already. Nothing was changed."))
    except Changed:
        flash(gettext("Nothing was changed, because the file would do something else by now. Look at it again here."))
    return make_response(redirect(url_for("operator.show_inventory", ref=ref), 303))
