"""Views of the front door."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import abort, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from portal import lengths, logs
from portal.extensions import now
from portal.models import User
from portal.services.accounts import demo_people, links, password_rules, passwords, sessions
from portal.services.people import organizations
from portal.services.people.users import known_language_of_user
from portal.services.refusals import Clash
from portal.web import device, reader
from portal.web.compression import shows_secret
from portal.web.htmx import path_on_this_site
from portal.web.kept_forms import go_on_after_sign_in, note_ended_session
from portal.wording.languages import LANGUAGES
from portal.wording.moments import format_wait

from . import bp
from .demo_people import find_demo_person_here, list_demo_buttons
from .forms import ChangePasswordForm, PasswordForm, PreferencesForm, SignInForm, ZonesForm, ZonesPage
from .language import set_reader_language


@bp.get("/")
def show_home() -> str | Response:
    """The three ways on for strangers; for everybody else the page of their strongest need."""
    if current_user.is_authenticated:
        return redirect(first_page_address(current_user), 303)
    return render_template("auth/home.html", empty=not passwords.any_account_exists())


def first_page_address(user: User) -> str:
    """Where a person wants to go first."""
    if user.operator:
        begun = organizations.any_organization_exists()
        return url_for("operator.organizations" if begun else "operator.add_organization")
    if user.organization_id is not None and (user.admin or user.auditor):
        return url_for("admin.show_overview")
    return url_for("notices.show_notices" if user.organization_id is None else "messaging.show_inbox")


def describe_browser() -> str:
    """The browser's own words about itself, shortened to what tells two of them apart."""
    agent = request.user_agent.string
    names = ("Edg", "Firefox", "Chrome", "Safari")
    systems = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")
    found = [next((one for one in kind if one in agent), "") for kind in (names, systems)]
    return ", ".join(one.replace("Edg", "Edge") for one in found if one) or agent[:lengths.BROWSER_NAME]


def open_browser_session(user: User, key: str) -> None:
    """Begin the session in this browser; an older one ends, and nothing of it stays but for its own person."""
    if "_user_id" in session and not current_user.is_authenticated:
        note_ended_session()
    if older := session.get("_user_id"):
        sessions.end_session_by_key(older)
    device.remember_sign_in(user)
    before = dict(session)
    session.clear()
    user.session_key = key
    session["used"] = now().replace(microsecond=0)
    session.permanent = True
    login_user(user)
    if user.language in LANGUAGES:
        reader.keep_language_here(user.language)
    go_on_after_sign_in(before, user)


@bp.get("/sign-in")
def sign_in() -> Response:
    """The form to sign in."""
    back = path_on_this_site(request.args.get("next", ""))
    if current_user.is_authenticated:
        return redirect(back or url_for("auth.show_home"), 303)
    if "_user_id" in session:
        note_ended_session()
    return sign_in_page(SignInForm(), back)


def sign_in_page(form: SignInForm, back: str, code: int = 200) -> Response:
    """The form to sign in, and why the person is here: their session ended, or a page asked who they are."""
    return make_response(render_template(
        "auth/sign_in.html", form=form, next=back, errors=code != 200, ended="ended" in session,
        kept="kept" in session, demo=list_demo_buttons()), code)


@bp.post("/sign-in")
def submit_sign_in() -> Response:
    """Sign in, and go on to where the person wanted to go."""
    form, back = SignInForm(), path_on_this_site(request.form.get("next", ""))
    if form.validate_on_submit() and (found := authenticate_sign_in(form)):
        open_browser_session(*found)
        logs.log_security_event("authn_login_success")
        return redirect(back or url_for("auth.show_home"), 303)
    return sign_in_page(form, back, 429 if form.too_many else 422)


@bp.post("/sign-in/demo")
def sign_in_as_demo_person() -> Response:
    """Sign in as a person of the demo; 404 for everybody who is not on offer, and where nobody is."""
    user = find_demo_person_here(request.form.get("person", "")) or abort(404)
    back = path_on_this_site(request.form.get("next", ""))
    open_browser_session(user, demo_people.begin_demo_session(user, describe_browser()))
    logs.log_security_event("authn_login_success")
    return redirect(back or url_for("auth.show_home"), 303)


def authenticate_sign_in(form: SignInForm) -> tuple[User, str] | None:
    """The person and the key of their session, or None with the reason in the form."""
    typed = form.email.data or "", form.password.data or ""
    try:
        found = passwords.sign_in_with_password(*typed, request.remote_addr or "", describe_browser(),
                                                device.read_device_cookie())
    except passwords.TooManyTries as many:
        add_too_many_tries_error(form, many, "sign-in",
                                 passwords.describe_failed_sign_in(typed[0], request.remote_addr or ""))
        form.form_errors.append(gettext("A browser that you have signed in with before is not held up by the tries of"
                                        " others. A sign-in link from your administrator works at once."))
        return None
    if found is None:
        logs.log_security_event("authn_login_fail",
                                **passwords.describe_failed_sign_in(typed[0], request.remote_addr or ""))
        form.form_errors.append(gettext("Wrong email address or password. Try again, or ask your administrator for a"
                                        " sign-in link."))
    return found


def add_too_many_tries_error(form: SignInForm | ChangePasswordForm, many: passwords.TooManyTries, about: str,
                             trace: Mapping[str, int | str | None] = MappingProxyType({})) -> None:
    """Say in the form how long to wait, and in the log who it was about as far as `trace` tells."""
    logs.log_security_event("excess_rate_limit_exceeded", about=about, **trace)
    form.too_many = True
    form.form_errors.append(gettext("There were too many tries. Try again %(wait)s.",
                                    wait=format_wait(many.wait)))


@bp.post("/sign-out")
def sign_out() -> Response:
    """End this session, here and in the database."""
    sessions.end_session_by_key(current_user.session_key)
    session.clear()
    answer = make_response(redirect(url_for("auth.show_home"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/welcome/<token>")
@shows_secret
def show_welcome(token: str) -> tuple[str, int]:
    """The form behind a one-time link. Looking at it does not use it up."""
    user = links.link_holder(token)
    if user is None:
        return render_template("auth/used_up.html", errors=True), 410
    reader.offer_language(known_language_of_user(user))
    return render_template("auth/welcome.html", form=PasswordForm(), user=user), 200


@bp.post("/welcome/<token>")
@shows_secret
def choose_password(token: str) -> Response:
    """Use the link up: set the password and sign in."""
    user, form = links.link_holder(token), PasswordForm()
    if user is None:
        return make_response(render_template("auth/used_up.html", errors=True), 410)
    reader.offer_language(known_language_of_user(user))
    if form.validate_on_submit() and (key := set_password_from_form(user, form, token)):
        open_browser_session(user, key)
        flash(gettext("Your password is set and you are signed in."))
        return redirect(url_for("auth.show_home"), 303)
    say_weak_password(user, form)
    return make_response(render_template("auth/welcome.html", form=form, user=user, errors=True), 422)


def set_password_from_form(user: User, form: PasswordForm, token: str = "") -> str | None:
    """The key of the new session, or None with the reason in the form."""
    try:
        key = passwords.set_new_password(user, form.password.data or "", describe_browser(), token)
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return None
    if key is None:
        form.form_errors.append(gettext("This link has just been used. Ask your administrator for a new one."))
    return key


def say_weak_password(user: User, form: PasswordForm) -> None:
    """Say in a refused form what is wrong with the new password itself, beside all else that is."""
    try:
        if form.password.data and not form.password.errors:
            password_rules.refuse_weak_password(user, form.password.data)
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)


def account_page(preferences: PreferencesForm, password: ChangePasswordForm) -> str:
    """The page of the reader's own account. A form with an error takes the place of the empty one."""
    mine = sessions.list_open_sessions(current_user)
    return render_template(
        "auth/account.html", preferences=preferences, password=password, errors=preferences.errors or password.errors,
        sessions=[(one, sessions.is_current_session(one, current_user.session_key)) for one in mine],
        links=links.list_links_used_by_others(current_user) if current_user.link_used_at else [])


@bp.get("/account")
def show_account() -> str:
    """One's own account."""
    return account_page(PreferencesForm(obj=current_user, formdata=None), ChangePasswordForm(formdata=None))


@bp.post("/account")
def change_preferences() -> Response:
    """Set language and time zone."""
    form = PreferencesForm()
    if not form.validate_on_submit():
        return make_response(account_page(form, ChangePasswordForm(formdata=None)), 422)
    set_reader_language(form.language.data, form.time_zone.data)
    flash(gettext("Your settings are saved."))
    return redirect(url_for("auth.show_account"), 303)


@bp.get("/account/time-zones")
def show_zones() -> str:
    """The list of time zones for the country that was chosen in a form; a part of that form."""
    form = ZonesForm.of(request.args.get("country", ""), request.args.get("time_zone", ""))
    return render_template("shared/_zone_field.html", page=ZonesPage(form))


@bp.post("/account/password")
def change_password() -> Response:
    """Change the password; every other session of this person ends."""
    form, user = ChangePasswordForm(), current_user._get_current_object()
    if form.validate_on_submit() and check_present_password(form, user) and (key := set_password_from_form(user, form)):
        open_browser_session(user, key)
        flash(gettext("Password changed. Your other sessions have ended."))
        return redirect(url_for("auth.show_account"), 303)
    say_weak_password(user, form)
    page = account_page(PreferencesForm(obj=user, formdata=None), form)
    return make_response(page, 429 if form.too_many else 422)


def check_present_password(form: ChangePasswordForm, user: User) -> bool:
    """Whether the present password is right; if not, the reason is in the form."""
    try:
        right = passwords.check_password(user, form.current_password.data or "")
    except passwords.TooManyTries as many:
        add_too_many_tries_error(form, many, "password")
        return False
    if not right:
        form.current_password.errors = [gettext("This is not your present password.")]
    return right


@bp.get("/account/password")
def reload_password_form() -> Response:
    """A reload after an error leads back to the page with the form."""
    return redirect(url_for("auth.show_account"), 303)


@bp.post("/account/sessions/<ref>")
def end_session(ref: str) -> Response:
    """End one of one's own sessions."""
    if not sessions.end_session_by_ref(current_user, ref):
        abort(404)
    flash(gettext("Session ended."))
    return redirect(url_for("auth.show_account"), 303)


@bp.post("/account/links")
def mark_links_read() -> Response:
    """Note that the signed-in person has read, in this browser, who used links to their account."""
    device.note_links_read(current_user)
    return redirect(path_on_this_site(request.form.get("next", "")) or url_for("auth.show_home"), 303)


@bp.get("/account/links")
def reload_links() -> Response:
    """A reload leads to the page on which the links stay listed."""
    return redirect(url_for("auth.show_account", _anchor="links"), 303)
