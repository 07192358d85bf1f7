"""Carry the opt-outs of an organization over from another system, before its first text: check a file, import it."""

from flask import Response, make_response, redirect, render_template, url_for

from portal.models import Organization
from portal.services.imports import UnreadableFile, optout_files
from portal.services.people import organizations
from portal.web.optout_files import (
    OptOutCheckPage,
    OptOutFileForm,
    OptOutFilePage,
    flash_optout_import,
    optout_error_file,
)
from portal.web.reader import signed_in_user

from . import bp


def operator_file_page(found: Organization, form: OptOutFileForm) -> str:
    """The form for a file of one organization."""
    return render_template("shared/opt_out_file.html", page=OptOutFilePage(
        form, found, url_for("operator.show_organization", ref=found.ref),
        url_for("operator.upload_optout_file", ref=found.ref)))


@bp.get("/organizations/<ref>/opt-outs")
def show_optout_import(ref: str) -> str:
    """Where an import of opt-outs starts."""
    return operator_file_page(organizations.find_organization_for_operator(ref), OptOutFileForm(formdata=None))


@bp.post("/organizations/<ref>/opt-outs")
def upload_optout_file(ref: str) -> Response:
    """Keep a file and show what it would do; nothing is imported yet."""
    found, form = organizations.find_organization_for_operator(ref), OptOutFileForm()
    if form.validate_on_submit():
        try:
            kept = optout_files.store_optout_file(signed_in_user(), found, form.file.data.filename,
                                                  form.file.data.read())
            return make_response(redirect(url_for("operator.show_optout_file", ref=ref, upload=kept.ref), 303))
        except UnreadableFile as refused:
            form.clash("file", refused.sentence, refused.values)
    return make_response(operator_file_page(found, form), 422)


@bp.get("/organizations/<ref>/opt-outs/<upload>")
def show_optout_file(ref: str, upload: str) -> str:
    """What a file would do; once it was imported, what it did."""
    found = organizations.find_organization_for_operator(ref)
    kept = optout_files.find_optout_file(found.id, upload)
    return render_template("shared/opt_out_check.html", page=OptOutCheckPage(
        kept, optout_files.plan_optout_file(kept), found, url_for("operator.show_optout_import", ref=ref),
        url_for("operator.import_optout_file", ref=ref, upload=upload),
        url_for("operator.download_optout_errors", ref=ref, upload=upload)))


@bp.get("/organizations/<ref>/opt-outs/<upload>/errors")
def download_optout_errors(ref: str, upload: str) -> Response:
    """The wrong rows of a file, each with what is wrong with it."""
    found = organizations.find_organization_for_operator(ref)
    kept = optout_files.find_optout_file(found.id, upload)
    return optout_error_file(optout_files.plan_optout_file(kept),
                             url_for("operator.show_optout_file", ref=ref, upload=upload))


@bp.post("/organizations/<ref>/opt-outs/<upload>")
def import_optout_file(ref: str, upload: str) -> Response:
    """Import the good rows of a file that was checked."""
    found = organizations.find_organization_for_operator(ref)
    kept = optout_files.find_optout_file(found.id, upload)
    flash_optout_import(lambda: optout_files.import_optout_file(signed_in_user(), found, kept))
    return make_response(redirect(url_for("operator.show_optout_file", ref=ref, upload=upload), 303))
