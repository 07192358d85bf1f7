"""Import users from a file, and export them: check first, then import, then hand out sign-in links."""

from collections.abc import Callable, Mapping

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.marks import N_
from portal.models import Upload, User
from portal.services import imports as users
from portal.services.accounts import account_mail, links
from portal.services.imports import AlreadyDone, ImportTerms, MailedLinks, OtherWork, UnreadableFile, results
from portal.services.imports.kept_files import read_kept_sheet
from portal.services.people.users import language_of_letters
from portal.services.refusals import Changed
from portal.web import htmx, pages
from portal.web.compression import shows_secret
from portal.web.downloads import csv_download
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position
from portal.wording import accounts as letters
from portal.wording.languages import LANGUAGES, LetterText, list_zone_names
from portal.wording.lists import join_names

from . import bp
from . import import_words as words
from .import_forms import ImportUploadForm
from .import_shown import KINDS, make_import_page, make_rows_page
from .users import read_user_filters


def terms_of_import() -> ImportTerms:
    """Under which a file is read here."""
    return ImportTerms(current_user.organization_id, True, current_user.operator, LANGUAGES,
                       frozenset(list_zone_names()), current_user.id)


def import_start_page(form: ImportUploadForm, before: str = "") -> str:
    """Where an import starts, and what was uploaded before."""
    recent, more = users.list_recent_uploads(current_user, before)
    return render_template(
        "admin/import.html", form=form, errors=bool(form.errors), columns=words.list_column_purposes(),
        limits=words.file_limits_sentence(), newest=url_for("admin.list_imports") if before else "",
        older=url_for("admin.list_imports", before=recent[-1].upload.ref) if more else "",
        recent=[(one, words.import_result_sentence(one.upload)) for one in recent])


@bp.get("/import")
def list_imports() -> str:
    """A form for a file, the template, the export, and all uploads, the newest first."""
    return import_start_page(ImportUploadForm(), request.args.get("before", ""))


@bp.post("/import")
def upload_import_file() -> Response:
    """Keep a file and have it checked; nothing is imported yet."""
    form = ImportUploadForm()
    if form.validate_on_submit():
        try:
            kept = users.store_upload(signed_in_user(), terms_of_import(), form.file.data.filename,
                                      form.file.data.read())
            return make_response(redirect(url_for("admin.show_import", ref=kept.ref), 303))
        except UnreadableFile as refused:
            form.clash("file", refused.sentence, refused.values)
    return make_response(import_start_page(form), 422)


@bp.get("/import/<ref>")
def show_import(ref: str) -> str:
    """What a file would do; once it was imported, what it did."""
    upload = users.find_upload(current_user, ref)
    return render_template("admin/import_check.html", page=make_import_page(upload))


@bp.get("/import/<ref>/progress")
def show_import_progress(ref: str) -> Response:
    """How far the work on a file is, for the page that shows it; that page is loaded again once the work is done."""
    page = make_import_page(users.find_upload(current_user, ref))
    if not (page.working and htmx.wants_part()):
        return htmx.reload_page(url_for("admin.show_import", ref=ref))
    return make_response(render_template("admin/_import_progress.html", page=page))


@bp.get("/import/<ref>/rows/<kind>")
def show_import_rows(ref: str, kind: str) -> str:
    """The rows of one kind, fifty at a time."""
    upload = users.find_upload(current_user, ref)
    if kind not in KINDS:
        abort(404)
    return render_template("admin/import_rows.html",
                           page=make_rows_page(upload, kind, read_list_position("after") or 0))


# Why an order is not carried out, by what the service raises.
REFUSED_ORDERS = {
    AlreadyDone: N_("This file was imported already. Nothing was changed."),
    OtherWork: N_("Another file of your organization is in work. Wait until that is done, then press again."),
    Changed: N_("Nothing was imported, because you had not seen this file. Look at it, then press Import."),
}
REFUSED_CHECKS: dict[type[Exception], str] = {
    **REFUSED_ORDERS,
    Changed: N_("The file was erased, or it is checked in another window at this moment."),
    UnreadableFile: N_("The portal can no longer read this file. Upload it again if you still need it."),
}
REFUSED_UNDOS = {
    **REFUSED_ORDERS,
    AlreadyDone: N_("This import was undone already, or is being undone. Nothing was changed."),
    Changed: N_("This import cannot be undone any more. Nothing was changed."),
}


def carry_out_order(order: Callable[[], None], refused: Mapping[type[Exception], str], ref: str) -> Response:
    """Give an order about a file, say why if it is refused, and show the file."""
    try:
        order()
    except tuple(refused) as error:
        flash(gettext(refused[type(error)]))
    return make_response(redirect(url_for("admin.show_import", ref=ref), 303))


@bp.post("/import/<ref>/check")
def check_import(ref: str) -> Response:
    """Find out anew what a file would do."""
    uploaded = users.find_upload(current_user, ref)
    return carry_out_order(lambda: users.order_check(uploaded, terms_of_import()), REFUSED_CHECKS, ref)


@bp.post("/import/<ref>")
def run_import(ref: str) -> Response:
    """Import the good rows of a file that was checked."""
    uploaded = users.find_upload(current_user, ref)
    return carry_out_order(lambda: begin_ordered_import(uploaded), REFUSED_ORDERS, ref)


def begin_ordered_import(uploaded: Upload) -> None:
    """Begin the import, and say what it did if that is all."""
    users.order_import(signed_in_user(), uploaded, request.form.get("seen", ""))
    if uploaded.imported_at:
        flash(gettext("Imported: %(created)s new, %(changed)s changed, %(left)s left out.",
                      **words.format_import_counts(uploaded.done)))


@bp.post("/import/<ref>/undo")
def undo_import(ref: str) -> Response:
    """Give everybody back what an import has changed and nobody has changed since."""
    uploaded = users.find_upload(current_user, ref)
    return carry_out_order(lambda: begin_ordered_undo(uploaded), REFUSED_UNDOS, ref)


def begin_ordered_undo(uploaded: Upload) -> None:
    """Begin to undo the import, and say what that did if that is all."""
    users.order_undo(signed_in_user(), uploaded)
    if uploaded.undone_at:
        flash(words.import_result_sentence(uploaded))


@bp.get("/import/<ref>/errors")
def download_import_errors(ref: str) -> Response:
    """The rows that were left out, in their own columns and one more that says why."""
    upload = users.find_upload(current_user, ref)
    reasons = {one.row.line: " ".join(words.row_in_words(one)) for one in results.iterate_left_out(upload)}
    try:
        if reasons:
            return csv_download(users.error_file(read_kept_sheet(upload), reasons), "import-errors.csv")
    except tuple(REFUSED_CHECKS) as refused:
        flash(gettext(REFUSED_CHECKS[type(refused)]))
    return make_response(redirect(url_for("admin.show_import", ref=ref), 303))


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
    """The users whom the filters of the list find, or all, as a file that can be imported again."""
    chosen = read_user_filters(request.args)
    return csv_download(users.user_file(current_user.organization_id, chosen), "users.csv")


@bp.get("/import/template")
def download_import_template() -> Response:
    """An empty file with the right columns."""
    return csv_download(users.template_file(), "users-template.csv")
