"""Import users from a file, and export them: check first, then import, then hand out sign-in links."""


from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.models import User
from portal.services import imports as users
from portal.services.accounts import account_mail, links
from portal.services.imports import AlreadyDone, ImportTerms, MailedLinks, UnreadableFile
from portal.services.people.users import language_of_letters
from portal.services.refusals import Changed
from portal.web import pages, reader
from portal.web.compression import shows_secret
from portal.web.downloads import csv_download
from portal.web.reader import signed_in_user
from portal.wording import accounts as letters
from portal.wording.languages import LetterText
from portal.wording.lists import join_names

from . import bp
from . import import_words as words
from .import_forms import ImportUploadForm


def terms_of_import(*, administers: bool = True) -> ImportTerms:
    """Under which a file is read here. An auditor sees what an administrator's import would do."""
    return ImportTerms(current_user.organization_id, administers, current_user.operator, reader.LANGUAGES,
                       frozenset(reader.list_zone_names()))


def import_start_page(form: ImportUploadForm) -> str:
    """Where an import starts, and what was uploaded before."""
    return render_template(
        "admin/import.html", form=form, errors=bool(form.errors), columns=words.list_column_purposes(),
        limits=words.file_limits_sentence(),
        recent=[(upload, name, words.import_result_sentence(upload)) for upload,
                name in users.list_recent_uploads(current_user)])


@bp.get("/import")
def list_imports() -> str:
    """A form for a file, the template, the export, and recent uploads."""
    return import_start_page(ImportUploadForm())


@bp.post("/import")
def upload_import_file() -> Response:
    """Keep a file and show what it would do; nothing is imported yet."""
    form = ImportUploadForm()
    if form.validate_on_submit():
        try:
            kept = users.store_upload(signed_in_user(), form.file.data.filename, form.file.data.read())
            return make_response(redirect(url_for("admin.show_import", ref=kept.ref), 303))
        except UnreadableFile as refused:
            form.clash("file", refused.sentence, refused.values)
    return make_response(import_start_page(form), 422)


@bp.get("/import/<ref>")
def show_import(ref: str) -> str:
    """What a file would do; once it was imported, what it did."""
    checked = users.check_upload(users.find_upload(current_user, ref), terms_of_import())
    return render_template("admin/import_check.html", **words.import_page_context(checked, terms_of_import()))


@bp.post("/import/<ref>")
def run_import(ref: str) -> Response:
    """Import the good rows of a file that was checked."""
    uploaded = users.find_upload(current_user, ref)
    try:
        done = users.import_upload(signed_in_user(), uploaded, terms_of_import(administers=current_user.admin),
                                   request.form.get("seen", ""))
        flash(gettext("Imported: %(created)s new, %(changed)s changed, %(left)s left out.",
                      **words.format_import_counts(done)))
    except AlreadyDone:
        flash(gettext("This file was imported already. Nothing was changed."))
    except Changed:
        flash(gettext("Nothing was imported, because you had not seen this file. Look at it, then press Import."))
    return make_response(redirect(url_for("admin.show_import", ref=ref), 303))


@bp.get("/import/<ref>/errors")
def download_import_errors(ref: str) -> Response:
    """The rows that were left out, in their own columns and one more that says why."""
    checked = users.check_upload(users.find_upload(current_user, ref), terms_of_import())
    reasons = {row.line: " ".join(row.said) for row in words.list_skipped_rows(checked)}
    if checked.plan is None or not reasons:
        return make_response(redirect(url_for("admin.show_import", ref=ref), 303))
    return csv_download(users.error_file(checked.plan.sheet, reasons), "import-errors.csv")


@bp.get("/import/<ref>/links")
@bp.post("/import/<ref>/links")
@shows_secret
def download_import_links(ref: str) -> Response:
    """Make the sign-in links of new users and hand them out, once."""
    uploaded = users.find_upload(current_user, ref)
    if request.method == "POST" and account_mail.is_mail_set_up():
        flash_mailed_links(users.mail_links(signed_in_user(), uploaded, write_link_letter))
    elif request.method == "POST":
        try:
            made = [(user.name, user.email, pages.full_address("auth.show_welcome", token=token))
                    for user, token in users.give_links(signed_in_user(), uploaded)]
            return csv_download(users.link_file(made), "sign-in-links.csv")
        except AlreadyDone:
            flash(gettext("These sign-in links were handed out already. Make a new one on the user's page."))
    return make_response(redirect(url_for("admin.show_import", ref=ref), 303))


def write_link_letter(user: User, token: str) -> LetterText:
    """Subject and words of the letter that brings a new user their sign-in link."""
    link = pages.full_address("auth.show_welcome", token=token)
    return letters.sign_in_letter(language_of_letters(user), user.name, link, links.LINK_HOURS)


def flash_mailed_links(mailed: MailedLinks) -> None:
    """Say how many links are on their way, who gets no mail, and how many users wait for the next press."""
    flash(ngettext("%(num)s sign-in link is on its way by mail.", "%(num)s sign-in links are on their way by mail.",
                   mailed.sent))
    if mailed.refused:
        flash(gettext("The mail server refuses the addresses of %(names)s. Correct them on the users' pages, or have"
                      " the links shown there.", names=join_names(mailed.refused)))
    if mailed.left and not mailed.sent:
        flash(gettext("The mail server takes no mail now. Nothing is lost. Press the button again later."))


@bp.get("/users/export")
def export_users() -> Response:
    """All users as a file that can be imported again."""
    return csv_download(users.user_file(current_user.organization_id), "users.csv")


@bp.get("/import/template")
def download_import_template() -> Response:
    """An empty file with the right columns."""
    return csv_download(users.template_file(), "users-template.csv")
