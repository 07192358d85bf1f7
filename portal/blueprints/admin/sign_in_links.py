"""Sign-in links of users: sent to them by mail, and shown to an administrator only with a reason.

Without a mail server the link is shown once, and the administrator hands it on.
"""

from flask import Response, make_response, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import User
from portal.services.accounts import account_mail, links
from portal.services.people import users
from portal.services.people.users import language_of_letters
from portal.services.refusals import Clash
from portal.web import pages
from portal.web.compression import shows_secret
from portal.web.counts import is_pretending
from portal.web.link_forms import MailedLinkPage, ShowLinkForm, hand_link
from portal.wording import accounts as letters

from . import bp
from .forms import AccountStateForm
from .user import user_page


def user_link_page(user: User, token: str, *, added: bool = False) -> Response:
    """A new sign-in link: on its way by mail, else shown once. It stands in no address of ours. `added`: a new user."""
    link = pages.full_address("auth.show_welcome", token=token)
    if not account_mail.is_mail_set_up():
        return shown_link_page(user, link, added=added)
    letter = letters.sign_in_letter(language_of_letters(user), user.name, link, links.LINK_HOURS)
    return mailed_link_page(user, ShowLinkForm(formdata=None), sent=account_mail.mail_person(user.email, *letter))


def mailed_link_page(user: User, form: ShowLinkForm, code: int = 200, *, sent: bool | None = None) -> Response:
    """Whether the mail server took the link (None: not asked now), and the form to have one shown."""
    page = MailedLinkPage(user.name, user.email, sent, form, url_for("admin.show_user_link", ref=user.ref),
                          url_for("admin.show_user", ref=user.ref), user.name)
    return make_response(render_template("shared/link_mailed.html", page=page), code)


def shown_link_page(user: User, link: str, *, added: bool = False, told: bool | None = None) -> Response:
    """The link, once; `told` says whether its person hears by mail that it was shown, None without a mail server."""
    handed = hand_link(user.name, user.email, link, links.LINK_HOURS,
                       letters.sign_in_letter(language_of_letters(user), user.name, link, links.LINK_HOURS))
    return make_response(render_template("admin/link.html", user=user, handed=handed, added=added, told=told,
                                         tests=added and current_user.operator and is_pretending()))


@bp.post("/users/<ref>/link")
@shows_secret
def create_user_link(ref: str) -> Response:
    """Make a sign-in link and send it, or show it once."""
    unit = users.find_user(current_user, ref)
    try:
        return user_link_page(unit, links.make_link(current_user, unit))
    except Clash as clash:
        return refused_link_page(unit, clash)


def refused_link_page(unit: User, clash: Clash) -> Response:
    """The user's page with why no link is made."""
    form = AccountStateForm.of(unit)
    form.clash(clash.field, clash.sentence, clash.values)
    return user_page(unit, 422, access=form)


@bp.post("/users/<ref>/link/show")
@shows_secret
def show_user_link(ref: str) -> Response:
    """Make a sign-in link and show it, for a reason that its person reads at once."""
    unit, form = users.find_user(current_user, ref), ShowLinkForm()
    if not form.validate_on_submit():
        return mailed_link_page(unit, form, 422)
    reason = form.reason.data or ""
    try:
        token = links.make_shown_link(current_user, unit, reason)
    except Clash as clash:
        return refused_link_page(unit, clash)
    return shown_link_page(unit, pages.full_address("auth.show_welcome", token=token),
                           told=tell_link_shown(unit, reason))


def tell_link_shown(unit: User, reason: str) -> bool | None:
    """Whether the person was told by mail; None without a mail server."""
    if not account_mail.is_mail_set_up():
        return None
    return account_mail.mail_person(unit.email, *letters.link_shown_letter(
        language_of_letters(unit), unit.name, current_user.name, reason))


def tell_old_address(unit: User, was: str) -> str:
    """Tell the address that a person had until now; what the page says about that, "" if there is nothing to say."""
    if was == unit.email or not account_mail.is_mail_set_up():
        return ""
    letter = letters.address_changed_letter(language_of_letters(unit), unit.name, current_user.name)
    if account_mail.mail_person(was, *letter):
        return str(gettext("%(address)s was told by mail that it is no longer used.", address=was))
    return str(gettext("%(address)s could not be told by mail that it is no longer used. Tell %(name)s yourself.",
                       address=was, name=unit.name))
