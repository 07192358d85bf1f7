"""A user's account: details, number, role, sign-in link, deactivated or not."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import User
from portal.rules.numbers import format_number
from portal.services.people import locations, numbers, users
from portal.services.refusals import Changed, Clash
from portal.web.forms import Form
from portal.web.toast import tell_next_page

from . import bp
from .conflict import add_conflict_error
from .forms import AccountStateForm, UserDetailsForm, UserNumberForm, UserRoleForm
from .sign_in_links import tell_old_address
from .user import user_page


class FormAnswer(NamedTuple):
    """200, or 422 when it cannot be done, or 409 when the form is stale; and by which ref it can be undone, or ""."""

    code: int
    undo: str = ""


WRONG = FormAnswer(422)


def redirect_to_user(user: User, said: str, undo: str = "") -> Response:
    """To the user's page, with a word about what was done and, with the ref of an offer, the button Undo."""
    tell_next_page(said, undo=undo)
    return make_response(redirect(url_for("admin.show_user", ref=user.ref), 303))


def try_form_action(form: Form, act: Callable[[], str]) -> FormAnswer:
    """Do what a form asks for; `act` returns the ref of an offer to undo it. The form says why it cannot be done."""
    try:
        return FormAnswer(200, act())
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return FormAnswer(422)
    except Changed:
        return FormAnswer(409)


@bp.post("/users/<ref>/details")
def change_user_details(ref: str) -> Response:
    """Change name, address and location."""
    unit, places = users.find_user(current_user, ref), locations.locations_of_actor(current_user)
    form, was = UserDetailsForm(places, prefix="details"), unit.email
    answer = try_form_action(form, lambda: save_details_form(unit, form)) if form.validate_on_submit() else WRONG
    if answer.code == 409:
        add_conflict_error(form, UserDetailsForm.of(unit, places))
    if answer.code == 200:
        said = f"{gettext('The details are saved.')} {tell_old_address(unit, was)}".strip()
        return redirect_to_user(unit, said, answer.undo)
    return user_page(unit, answer.code, details=form)


def save_details_form(unit: User, form: UserDetailsForm) -> str:
    """Store the details of a form; the ref of the offer to undo it, or ""."""
    location = locations.find_location(current_user.organization_id, form.location.data)
    return users.save_user_details(current_user, unit, form.version.data or 0, form.name.data or "",
                                   form.email.data or "", location)


@bp.post("/users/<ref>/number")
def assign_number(ref: str) -> Response:
    """Assign a primary number."""
    unit, form = users.find_user(current_user, ref), UserNumberForm(prefix="number")
    answer = try_form_action(form, lambda: assign_typed_number(unit, form)) if form.validate_on_submit() else WRONG
    if answer.code == 409:
        add_number_conflict_error(form, unit)
    if answer.code == 200:
        return redirect_to_user(unit, assigned_number_sentence(unit), answer.undo)
    return user_page(unit, answer.code, number=form)


def assign_typed_number(unit: User, form: UserNumberForm) -> str:
    """Assign the number of a form; the ref of the offer to undo it, or ""."""
    typed, shown_number = form.number.data or "", form.held.data or ""
    return numbers.assign_primary_number(current_user, unit, typed, shown_number).undo


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
    answer = try_form_action(form, lambda: numbers.remove_primary_number(current_user, unit, shown_number))
    if answer.code == 200:
        return redirect_to_user(unit, gettext("The number is removed.") if claimed else gettext(
            "The number is removed. It stays with your organization."), answer.undo)
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
    answer = try_form_action(
        form, lambda: users.set_roles(current_user, unit, *wanted)) if form.validate_on_submit() else WRONG
    if answer.code == 200:
        return redirect_to_user(unit, changed_role_sentence(unit, answer.undo), answer.undo)
    if answer.code == 409:
        add_conflict_error(form, UserRoleForm.of(unit))
    return user_page(unit, answer.code, role=form)


def changed_role_sentence(unit: User, changed: str) -> str:
    """What a change of the role did; without a change nobody is signed out."""
    if not changed:
        return str(gettext("%(name)s has this role already.", name=unit.name))
    return str(gettext("The role is changed. %(name)s has to sign in again.", name=unit.name))


@bp.post("/users/<ref>/account")
def change_account_state(ref: str) -> Response:
    """Reactivate an account, or ask on a page of its own before deactivating it; the button says which."""
    unit, form = users.find_user(current_user, ref), AccountStateForm(prefix="account")
    if form.to.data not in ("active", "deactivated"):
        form.form_errors.append(gettext("The form was not complete. Open the page again."))
        return user_page(unit, 422, access=form)
    if form.to.data == "active":
        return reactivate_account(unit, form)
    if unit.active:
        return make_response(redirect(url_for("admin.show_deactivation", ref=ref), 303))
    return redirect_to_user(unit, gettext("%(name)s is deactivated already.", name=unit.name))


def reactivate_account(unit: User, form: AccountStateForm) -> Response:
    """Open a deactivated account again. Pressing the button twice does the same."""
    answer = try_form_action(form, lambda: users.reactivate_user(current_user, unit))
    if answer.code != 200:
        return user_page(unit, 422, access=form)
    return redirect_to_user(unit, gettext("%(name)s is active again.", name=unit.name), answer.undo)
