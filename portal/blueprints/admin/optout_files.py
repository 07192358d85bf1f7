"""Carry opt-outs over from another system: check a file first, then import it."""

from flask import Response, make_response, redirect, render_template, url_for
from flask_login import current_user

from portal.services.imports import UnreadableFile, optout_files
from portal.web.optout_files import (
    OptOutCheckPage,
    OptOutFileForm,
    OptOutFilePage,
    flash_optout_import,
    optout_error_file,
)
from portal.web.reader import signed_in_user

from . import bp


def optout_file_page(form: OptOutFileForm) -> str:
    """The form for a file."""
    return render_template("shared/opt_out_file.html", page=OptOutFilePage(
        form, current_user.organization, url_for("admin.list_optouts"), url_for("admin.upload_optout_file")))


@bp.get("/opt-outs/import")
def show_optout_import() -> str:
    """Where an import of opt-outs starts."""
    return optout_file_page(OptOutFileForm(formdata=None))


@bp.post("/opt-outs/import")
def upload_optout_file() -> Response:
    """Keep a file and show what it would do; nothing is imported yet."""
    form = OptOutFileForm()
    if form.validate_on_submit():
        try:
            kept = optout_files.store_optout_file(signed_in_user(), current_user.organization, form.file.data.filename,
                                                  form.file.data.read())
            return make_response(redirect(url_for("admin.show_optout_file", ref=kept.ref), 303))
        except UnreadableFile as refused:
            form.clash("file", refused.sentence, refused.values)
    return make_response(optout_file_page(form), 422)


@bp.get("/opt-outs/import/<ref>")
def show_optout_file(ref: str) -> str:
    """What a file would do; once it was imported, what it did."""
    found = optout_files.find_optout_file(current_user.organization_id, ref)
    return render_template("shared/opt_out_check.html", page=OptOutCheckPage(
        found, optout_files.plan_optout_file(found), current_user.organization, url_for("admin.show_optout_import"),
        url_for("admin.import_optout_file", ref=ref), url_for("admin.download_optout_errors", ref=ref)))


@bp.get("/opt-outs/import/<ref>/errors")
def download_optout_errors(ref: str) -> Response:
    """The wrong rows of a file, each with what is wrong with it."""
    found = optout_files.find_optout_file(current_user.organization_id, ref)
    return optout_error_file(optout_files.plan_optout_file(found), url_for("admin.show_optout_file", ref=ref))


@bp.post("/opt-outs/import/<ref>")
def import_optout_file(ref: str) -> Response:
    """Import the good rows of a file that was checked."""
    found = optout_files.find_optout_file(current_user.organization_id, ref)
    flash_optout_import(lambda: optout_files.import_optout_file(signed_in_user(), current_user.organization, found))
    return make_response(redirect(url_for("admin.show_optout_file", ref=ref), 303))
