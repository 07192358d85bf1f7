"""One user: the choice about texting, and why they can or cannot text."""

from typing import Any

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import User
from portal.rules import State
from portal.rules.switches import Level, resolve
from portal.services import audit
from portal.services.people import locations, number_claims, numbers, users
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import Profile, Roll, profile_of
from portal.services.toggles.toggle import Stale
from portal.web.htmx import respond
from portal.wording import log

from . import bp
from .conflict import conflict
from .forms import AccountForm, DetailsForm, NumberForm, RoleForm
from .reasons import explained
from .toggle_forms import UserToggleForm


def part_id(user: User) -> str:
    """The id of the part with the user's texting."""
    return f"user-{user.ref}-texting"


def form_of(user: User) -> UserToggleForm:
    """The choice as things stand."""
    held = toggle.held(user)
    word = {None: "inherit", True: "on", False: "off"}[held.wish.on]
    return UserToggleForm(formdata=None, data={"word": word, "version": held.version})


def gives(user: User, profile: Profile, roll: Roll) -> str:
    """What the default settings would give to this user, and where they are set."""
    held = resolve({level: said for level, said in roll.said(profile).items() if level is not Level.USER})
    state = gettext("On") if held.on else gettext("Off")
    if held.level is Level.LOCATION and user.location:
        return str(gettext("gives: %(state)s, set at the location %(name)s", state=state, name=user.location.name))
    if held.level is Level.ORGANIZATION:
        return str(gettext("gives: %(state)s, set for the whole organization", state=state))
    return str(gettext("gives: %(state)s, as nothing is set for the location or the organization", state=state))


def context(user: User, form: UserToggleForm, roll: Roll) -> dict[str, Any]:
    """What the part shows: state, who decided, the choice, and every reason."""
    profile = profile_of(user)
    held = roll.standing(profile, user.id, user.held.e164 if user.held else "")
    return {
        "user": user, "form": form, "part_id": part_id(user), "state": wording.state(held),
        "decided": wording.decided(roll.effective(profile)), "why": explained(user, held.reasons),
        "slowed": wording.slowed(roll.restrictions_on(user.id)),
        "gives": gives(user, profile, roll), "lock": toggle.lock_over(user, roll), "held": toggle.held(user),
    }


def spoken(user: User, context: dict[str, Any]) -> str:
    """What is announced after a change."""
    state: wording.Label = context["state"]
    if state.key == State.CAN_TEXT.value:
        return str(gettext("Saved. %(name)s can now send and receive texts.", name=user.name))
    first = next((one.sentence for one in context["why"] if one.effect == "block"), "")
    return str(gettext("Saved. %(name)s cannot send texts. %(why)s", name=user.name, why=first))


def rest(user: User, **forms: Any) -> dict[str, Any]:
    """What the page shows besides the part."""
    return {
        "details": DetailsForm.of(user, locations.locations_of_actor(current_user)), "number": NumberForm.of(user),
        "disputed": number_claims.is_disputed(user.claim) if current_user.operator and user.claim else False,
        "role": RoleForm.of(user), "access": AccountForm.of(user), "free": numbers.free_numbers(current_user),
        "history": [(event, log.event(*audit.told(event))) for event in audit.history(user)], **forms,
    }


def page(user: User, code: int = 200, **forms: Any) -> Response:
    """The user's page, around whichever form has something to say."""
    shown = context(user, form_of(user), Roll.of(user.organization_id or 0))
    return make_response(render_template("admin/user.html", errors=code != 200, **shown, **rest(user, **forms)), code)


@bp.get("/users/<ref>")
def user(ref: str) -> Response:
    """One user."""
    return page(users.find(current_user, ref))


@bp.get("/users/<ref>/<any(texting, details, number, role, link, account):_part>")
@bp.get("/users/<ref>/number/remove")
def user_part(ref: str, _part: str = "") -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.user", ref=users.find(current_user, ref).ref), 303))


@bp.post("/users/<ref>/texting")
def turn_user(ref: str) -> Response:
    """Say, or take back, the user's own word."""
    unit, form, decided = users.find(current_user, ref), UserToggleForm(), None
    if form.validate_on_submit():
        try:
            decided = toggle.turn(current_user, unit, form.wish, form.seen)
            form.explain(decided)
        except Stale as stale:
            here, there = url_for("admin.turn_user", ref=ref), url_for("admin.user", ref=ref)
            return conflict(stale, part_id(unit), here, there, unit.name)
    return show(unit, form, decided is not None and decided.allowed)


def show(unit: User, form: UserToggleForm, ok: bool) -> Response:
    """The user's part or page after a change."""
    shown = context(unit, form_of(unit) if ok else form, Roll.of(unit.organization_id or 0))
    return respond("admin/user.html", "admin/_user_texting.html", shown, title=unit.name, ok=ok,
                   rest=lambda: rest(unit), go=url_for("admin.user", ref=unit.ref),
                   said=spoken(unit, shown) if ok else "")
