"""The sign-in link of an organization's first administrator: sent by mail, and shown to an operator with a reason."""

from flask import Response, abort, make_response, redirect, render_template, url_for
from flask_login import current_user

from portal.models import Organization, User
from portal.services.accounts import account_mail, links
from portal.services.people import organizations
from portal.services.people.first_steps import OF_PROVIDER, list_first_steps, steps_left
from portal.services.people.users import language_of_letters
from portal.web import pages
from portal.web.compression import shows_secret
from portal.web.link_forms import MailedLinkPage, ShowLinkForm, hand_link
from portal.wording import accounts as letters

from . import bp
from .steps import name_steps


def admin_link_page(organization: Organization, admin: User, token: str, *, added: bool = False) -> Response:
    """A new sign-in link: on its way by mail, else shown once. It stands in no address and in no log."""
    link = pages.full_address("auth.show_welcome", token=token)
    if not account_mail.is_mail_set_up():
        return shown_admin_link_page(organization, admin, link, added=added)
    letter = letters.sign_in_letter(language_of_letters(admin), admin.name, link, links.LINK_HOURS)
    return mailed_admin_link_page(organization, admin, ShowLinkForm(formdata=None),
                                  sent=account_mail.mail_person(admin.email, *letter))


def mailed_admin_link_page(organization: Organization, admin: User, form: ShowLinkForm, code: int = 200, *,
                           sent: bool | None = None) -> Response:
    """Whether the mail server took the link (None: not asked now), and the form to have one shown."""
    ref = organization.ref
    page = MailedLinkPage(admin.name, admin.email, sent, form, url_for("operator.show_admin_link", ref=ref),
                          url_for("operator.show_organization", ref=ref), organization.name)
    return make_response(render_template("shared/link_mailed.html", page=page), code)


def shown_admin_link_page(organization: Organization, admin: User, link: str, *, added: bool = False,
                          told: bool | None = None) -> Response:
    """The link, once; `told` says whether its person hears by mail that it was shown, None without a mail server."""
    left = steps_left(list_first_steps(organizations.find_organization_row(organization))) if added else []
    handed = hand_link(admin.name, admin.email, link, links.LINK_HOURS, letters.first_admin_letter(
        language_of_letters(admin), admin.name, organization.name, link, links.LINK_HOURS))
    return make_response(render_template(
        "operator/link.html", organization=organization, admin=admin, handed=handed, added=added, told=told,
        missing=name_steps(step for step in left if step in OF_PROVIDER)))


@bp.post("/organizations/<ref>/sign-in-link")
@shows_secret
def create_admin_link(ref: str) -> Response:
    """A new sign-in link for the first admin."""
    found = organizations.find_organization_for_operator(ref)
    admin = organizations.first_admin(found) or abort(404)
    return admin_link_page(found, admin, links.make_link(current_user, admin))


@bp.post("/organizations/<ref>/sign-in-link/show")
@shows_secret
def show_admin_link(ref: str) -> Response:
    """Make a sign-in link and show it, for a reason that its person reads at once."""
    found, form = organizations.find_organization_for_operator(ref), ShowLinkForm()
    admin = organizations.first_admin(found) or abort(404)
    if not form.validate_on_submit():
        return mailed_admin_link_page(found, admin, form, 422)
    reason = form.reason.data or ""
    link = pages.full_address("auth.show_welcome", token=links.make_shown_link(current_user, admin, reason))
    letter = letters.link_shown_letter(language_of_letters(admin), admin.name, current_user.name, reason)
    told = account_mail.mail_person(admin.email, *letter) if account_mail.is_mail_set_up() else None
    return shown_admin_link_page(found, admin, link, told=told)


@bp.get("/organizations/<ref>/sign-in-link")
@bp.get("/organizations/<ref>/sign-in-link/show")
def reload_admin_link(ref: str) -> Response:
    """A reload leads back to the page of the organization."""
    return make_response(redirect(url_for("operator.show_organization", ref=ref), 303))
