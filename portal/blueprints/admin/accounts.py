"""A user's account: details, number, role, sign-in link, deactivated or not."""

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import User
from portal.rules.numbers import format_number
from portal.services.people import locations, numbers, users
from portal.services.refusals import Changed, Clash
from portal.services.texting import stand_ins
from portal.web.forms import Form

from . import bp
from .conflict import add_conflict_error
from .forms import AccountStateForm, UserDetailsForm, UserNumberForm, UserRoleForm
from .sign_in_links import tell_old_address
from .user import user_page


def redirect_to_user(user: User, said: str) -> Response:
    """To the user's page, with a word about what was done."""
    flash(said)
    return make_response(redirect(url_for("admin.show_user", ref=user.ref), 303))


def try_form_action(form: Form, act: Callable[[], object]) -> int:
    """Do what a form asks for: 200, or 422 when it cannot be, which the form then says, or 409 when it is stale."""
    try:
        act()
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return 422
    except Changed:
        return 409
    return 200


@bp.post("/users/<ref>/details")
def change_user_details(ref: str) -> Response:
    """Change name, address and location."""
    unit, places = users.find_user(current_user, ref), locations.locations_of_actor(current_user)
    form, was = UserDetailsForm(places, prefix="details"), unit.email
    code = try_form_action(form, lambda: save_details_form(unit, form)) if form.validate_on_submit() else 422
    if code == 409:
        add_conflict_error(form, UserDetailsForm.of(unit, places))
    if code == 200:
        return redirect_to_user(unit, f"{gettext('The details are saved.')} {tell_old_address(unit, was)}".strip())
    return user_page(unit, code, details=form)


def save_details_form(unit: User, form: UserDetailsForm) -> None:
    """Store the details of a form."""
    location = locations.find_location(current_user.organization_id, form.location.data)
    users.save_user_details(current_user, unit, form.version.data or 0, form.name.data or "", form.email.data or "",
                            location)


@bp.post("/users/<ref>/number")
def assign_number(ref: str) -> Response:
    """Assign a primary number."""
    unit, form = users.find_user(current_user, ref), UserNumberForm(prefix="number")
    typed, shown_number = form.number.data or "", form.held.data or ""
    code = 422
    if form.validate_on_submit():
        code = try_form_action(form, lambda: numbers.assign_primary_number(current_user, unit, typed, shown_number))
    if code == 409:
        add_number_conflict_error(form, unit)
    return redirect_to_user(unit, assigned_number_sentence(unit)) if code == 200 else user_page(unit, code, number=form)


def assigned_number_sentence(unit: User) -> str:
    """The sentence about an entered number: whether it counts already. It never tells whose number it is."""
    if unit.claim is None:
        return str(gettext("The number is assigned."))
    return str(gettext("The number is noted. %(name)s can text with it once the provider has confirmed it.",
                       name=unit.name))


@bp.post("/users/<ref>/number/remove")
def remove_number(ref: str) -> Response:
    """Take the primary number away; it stays with the organization."""
    unit, form = users.find_user(current_user, ref), UserNumberForm(formdata=None, prefix="number")
    shown_number, claimed = request.form.get(form.held.name, ""), unit.claim is not None
    if try_form_action(form, lambda: numbers.remove_primary_number(current_user, unit, shown_number)) == 200:
        return redirect_to_user(unit, gettext("The number is removed.") if claimed else
                                gettext("The number is removed. It stays with your organization."))
    add_number_conflict_error(form, unit)
    return user_page(unit, 409, number=form)


def add_number_conflict_error(form: UserNumberForm, unit: User) -> None:
    """Another person gave the user another number, or took the user's number away."""
    now = unit.number_or_claim.e164 if unit.number_or_claim else ""
    form.form_errors.append(gettext(
        "Another person has changed the number since you opened the page, so nothing of yours was saved. It is now:"
        " %(number)s.", number=format_number(now) if now else gettext("none")))
    form.held.raw_data, form.held.data = None, now


@bp.post("/users/<ref>/role")
def change_user_role(ref: str) -> Response:
    """Make a person administrator or auditor, or neither."""
    unit, form = users.find_user(current_user, ref), UserRoleForm(prefix="role")
    wanted = form.version.data or 0, form.admin.data, form.auditor.data
    code = try_form_action(form,
                           lambda: users.set_roles(current_user, unit, *wanted)) if form.validate_on_submit() else 422
    if code == 200:
        return redirect_to_user(unit, gettext("The role is changed. %(name)s has to sign in again.", name=unit.name))
    if code == 409:
        add_conflict_error(form, UserRoleForm.of(unit))
    return user_page(unit, code, role=form)


@bp.post("/users/<ref>/account")
def change_account_state(ref: str) -> Response:
    """Deactivate or reactivate an account, as the button said. Pressing it twice does the same."""
    unit, form = users.find_user(current_user, ref), AccountStateForm(prefix="account")
    opens = form.to.data == "active"
    if form.to.data not in ("active", "deactivated"):
        form.form_errors.append(gettext("Open the page again: the form was not complete."))
        return user_page(unit, 422, access=form)
    if not opens and unit.active and stand_ins.count_open_conversations(unit):
        return make_response(redirect(url_for("admin.show_deactivation", ref=ref), 303))
    return switch_account(unit, form, opens=opens)


def switch_account(unit: User, form: AccountStateForm, *, opens: bool) -> Response:
    """Open or close an account that leaves nobody without an answer."""
    act = users.reactivate_user if opens else users.deactivate_user
    if try_form_action(form, lambda: act(current_user, unit)) != 200:
        return user_page(unit, 422, access=form)
    return redirect_to_user(unit, gettext("%(name)s is active again.", name=unit.name) if opens else
                            gettext("%(name)s is deactivated and signed out.", name=unit.name))
