"""One user: the choice about texting, why they can or cannot text, and their account."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.htmx import respond
from portal.models import User
from portal.rules import State
from portal.rules.switches import Level, resolve
from portal.services import accounts, audit, organizations, people, toggles
from portal.services.people import Changed, Clash
from portal.services.standing import Roll, profile_of
from portal.services.toggles import Stale

from . import bp
from .conflict import conflict
from .forms import DetailsForm, NumberForm, RoleForm, UserToggleForm
from .reasons import explained
from .users import link_page


def part_id(user: User) -> str:
    """The id of the part with the user's texting."""
    return f"user-{user.ref}-texting"


def form_of(user: User) -> UserToggleForm:
    """The choice as things stand."""
    held = toggles.held(user)
    word = {None: "inherit", True: "on", False: "off"}[held.wish.on]
    return UserToggleForm(formdata=None, data={"word": word, "version": held.version})


def context(user: User, form: UserToggleForm, roll: Roll) -> dict[str, Any]:
    """What the part shows: state, who decided, the choice, and every reason."""
    profile = profile_of(user)
    held = roll.standing(profile, user.id, user.number.e164 if user.number else "")
    inherited = resolve({level: said for level, said in roll.said(profile).items() if level is not Level.USER})
    reasons = {reason.id: reason for reason in (*held.use.reasons, *held.send.reasons)}
    return {
        "user": user, "form": form, "part_id": part_id(user), "state": wording.state(held),
        "decided": wording.decided(roll.effective(profile)), "why": explained(user, reasons.values()),
        "gives": gettext("gives: %(state)s, %(decided)s", state=gettext("on") if inherited.on else gettext("off"),
                         decided=wording.decided(inherited)),
        "lock": toggles.lock_over(user, roll), "held": toggles.held(user),
    }


def spoken(user: User, context: dict[str, Any]) -> str:
    """What is announced after a change."""
    state: wording.Label = context["state"]
    if state.key == State.CAN_TEXT.value:
        return str(gettext("Saved. %(name)s can now send and receive texts.", name=user.name))
    first = next((one.sentence for one in context["why"] if one.effect == "block"), "")
    return str(gettext("Saved. %(name)s cannot send texts. %(why)s", name=user.name, why=first))


def details_of(user: User) -> DetailsForm:
    """The user's details as they stand."""
    return DetailsForm(people.locations_of(current_user), formdata=None, prefix="details", data={
        "name": user.name, "email": user.email, "version": user.version,
        "location": user.location.ref if user.location else ""})


def rest(user: User, **forms: Any) -> dict[str, Any]:
    """What the page shows besides the part."""
    return {
        "details": details_of(user), "number": NumberForm(formdata=None, prefix="number"),
        "role": RoleForm(formdata=None, prefix="role", obj=user), "free": people.free_numbers(current_user),
        "history": [(event, wording.event(*audit.told(event))) for event in audit.history(user)], **forms,
    }


def page(user: User, code: int = 200, **forms: Any) -> Response:
    """The user's page, around whichever form has something to say."""
    shown = context(user, form_of(user), Roll.of(user.organization_id or 0))
    return make_response(render_template("admin/user.html", errors=code == 422, **shown, **rest(user, **forms)), code)


def back(user: User, said: str) -> Response:
    """To the user's page, with a word about what was done."""
    flash(said)
    return make_response(redirect(url_for("admin.user", ref=user.ref), 303))


@bp.get("/users/<ref>")
def user(ref: str) -> Response:
    """One user."""
    return page(people.find(current_user, ref))


@bp.get("/users/<ref>/<any(texting, details, number, role, link, account):_part>")
def user_part(ref: str, _part: str) -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.user", ref=people.find(current_user, ref).ref), 303))


@bp.post("/users/<ref>/texting")
def turn_user(ref: str) -> Response:
    """Say, or take back, the user's own word."""
    unit, form, decided = people.find(current_user, ref), UserToggleForm(), None
    if form.validate_on_submit():
        try:
            decided = toggles.turn(current_user._get_current_object(), unit, form.wish, form.seen)
            form.explain(decided)
        except Stale as stale:
            here, there = url_for("admin.turn_user", ref=ref), url_for("admin.user", ref=ref)
            return conflict(stale, part_id(unit), here, there, unit.name)
    return show(unit, form, decided is not None and decided.allowed)


def show(unit: User, form: UserToggleForm, ok: bool) -> Response:
    """The user's part or page after a change."""
    shown = context(unit, form_of(unit) if ok else form, Roll.of(unit.organization_id or 0))
    return respond("admin/user.html", "admin/_user_texting.html", shown, title=unit.name, ok=ok,
                   rest=lambda: rest(unit), go=url_for("admin.user", ref=unit.ref), said=spoken(unit, shown) if ok else "")


@bp.post("/users/<ref>/details")
def update_details(ref: str) -> Response:
    """Change name, address and location."""
    unit = people.find(current_user, ref)
    form = DetailsForm(people.locations_of(current_user), prefix="details")
    if not form.validate_on_submit():
        return page(unit, 422, details=form)
    location = organizations.find_location(current_user.organization_id, form.location.data)
    try:
        people.update(current_user._get_current_object(), unit, form.version.data or 0, form.name.data or "",
                      form.email.data or "", location)
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return page(unit, 422, details=form)
    except Changed:
        return stale_details(unit, form)
    return back(unit, gettext("The details are saved."))


def stale_details(unit: User, form: DetailsForm) -> Response:
    """Somebody else saved first: theirs stands in the page, yours in the form, with the new version."""
    form.form_errors.append(gettext(
        "Somebody else has changed these details meanwhile. Theirs: %(name)s, %(email)s. Yours is below; choose Update"
        " details again to replace theirs.", name=unit.name, email=unit.email))
    form.version.raw_data, form.version.data = None, unit.version
    return page(unit, 409, details=form)


@bp.post("/users/<ref>/number")
def assign_number(ref: str) -> Response:
    """Assign a primary number."""
    unit, form = people.find(current_user, ref), NumberForm(prefix="number")
    if form.validate_on_submit():
        try:
            people.assign_number(current_user._get_current_object(), unit, form.number.data or "")
            return back(unit, gettext("The number is assigned."))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return page(unit, 422, number=form)


@bp.post("/users/<ref>/number/remove")
def remove_number(ref: str) -> Response:
    """Take the primary number away; it stays with the organization."""
    unit = people.find(current_user, ref)
    people.remove_number(current_user._get_current_object(), unit)
    return back(unit, gettext("The number is removed. It stays with your organization."))


@bp.post("/users/<ref>/role")
def change_role(ref: str) -> Response:
    """Make somebody administrator or auditor, or neither."""
    unit, form = people.find(current_user, ref), RoleForm(prefix="role")
    if form.validate_on_submit():
        try:
            people.set_roles(current_user._get_current_object(), unit, form.admin.data, form.auditor.data)
            return back(unit, gettext("The role is changed. %(name)s has to sign in again.", name=unit.name))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return page(unit, 422, role=form)


@bp.post("/users/<ref>/link")
def create_link(ref: str) -> Response:
    """Make a sign-in link and show it once."""
    unit = people.find(current_user, ref)
    return link_page(unit, accounts.make_link(current_user._get_current_object(), unit))


@bp.post("/users/<ref>/account")
def change_account(ref: str) -> Response:
    """Deactivate an account, or open it again."""
    unit, actor = people.find(current_user, ref), current_user._get_current_object()
    if not unit.active:
        people.reactivate(actor, unit)
        return back(unit, gettext("%(name)s is active again.", name=unit.name))
    try:
        people.deactivate(actor, unit)
    except Clash as clash:
        form = RoleForm(formdata=None, prefix="role", obj=unit)
        form.clash("", clash.sentence, clash.values)
        return page(unit, 422, role=form)
    return back(unit, gettext("%(name)s is deactivated and signed out.", name=unit.name))
