"""One user: the choice about texting, and why they can or cannot text."""

from dataclasses import replace

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import User
from portal.rules import UserState
from portal.rules.switches import Level, resolve_settings
from portal.services import audit
from portal.services.people import locations, number_claims, numbers, users
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot, UserProfile, profile_of_user
from portal.services.toggles.toggle import ChangedSetting, StaleSetting
from portal.web.forms import Form
from portal.web.htmx import respond
from portal.wording import log

from . import bp
from .conflict import conflict_page
from .forms import AccountStateForm, UserDetailsForm, UserNumberForm, UserRoleForm
from .reasons import explain_reasons
from .shown import UserAccount, UserAdminPage, UserTexting
from .toggle_forms import UserToggleForm


def user_part_id(user: User) -> str:
    """The id of the part with the user's texting."""
    return f"user-{user.ref}-texting"


def toggle_form_of_user(user: User) -> UserToggleForm:
    """The choice as things stand."""
    current = toggle.current_setting(user)
    word = {None: "inherit", True: "on", False: "off"}[current.value.on]
    return UserToggleForm(formdata=None, data={"word": word, "version": current.version})


def default_setting_in_words(user: User, profile: UserProfile, snapshot: OrganizationSnapshot) -> str:
    """What the default settings would give to this user, and where they are set."""
    default = resolve_settings({level: value for level, value in snapshot.settings_of(profile).items()
                             if level is not Level.USER})
    state = gettext("On") if default.on else gettext("Off")
    if default.level is Level.LOCATION and user.location:
        return str(gettext("gives: %(state)s, set at the location %(name)s", state=state, name=user.location.name))
    if default.level is Level.ORGANIZATION:
        return str(gettext("gives: %(state)s, set for the whole organization", state=state))
    return str(gettext("gives: %(state)s, as nothing is set for the location or the organization", state=state))


def describe_user_texting(user: User, form: UserToggleForm, snapshot: OrganizationSnapshot) -> UserTexting:
    """What the part about texting shows."""
    profile = profile_of_user(user)
    standing = snapshot.standing(profile, user.id, user.number_or_claim.e164 if user.number_or_claim else "")
    return UserTexting(
        form, wording.standing_in_words(standing),
        wording.deciding_level_in_words(snapshot.effective(profile), user.location.name if user.location else ""),
        explain_reasons(user, standing.reasons), wording.slowdown_in_words(snapshot.restrictions_on(user.id)),
        default_setting_in_words(user, profile, snapshot), toggle.lock_over_unit(user, snapshot),
        toggle.current_setting(user))


def user_change_announcement(user: User, texting: UserTexting) -> str:
    """The sentence that the page announces after a change."""
    if texting.state.key == UserState.CAN_TEXT.value:
        return str(gettext("Saved. %(name)s can now send and receive texts.", name=user.name))
    first = next((one.sentence for one in texting.reasons if one.effect == "block"), "")
    return str(gettext("Saved. %(name)s cannot send texts. %(why)s", name=user.name, why=first))


def describe_user_account(user: User) -> UserAccount:
    """The account as it stands, with empty or filled forms."""
    disputed = number_claims.is_claim_disputed(user.claim) if current_user.operator and user.claim else False
    return UserAccount(
        UserDetailsForm.of(user, locations.locations_of_actor(current_user)), UserNumberForm.of(user),
        UserRoleForm.of(user), AccountStateForm.of(user), disputed, numbers.list_free_numbers(current_user))


def describe_user_texting_part(user: User, form: UserToggleForm) -> UserAdminPage:
    """The page as far as the part about texting needs it."""
    texting = describe_user_texting(user, form, OrganizationSnapshot.read(user.organization_id or 0))
    return UserAdminPage(user, user_part_id(user), texting)


def complete_user_page(part: UserAdminPage, *, errors: bool, **forms: Form) -> UserAdminPage:
    """The whole page around the part; `forms` replace those of the account that have something to say."""
    history = [(event, log.event_in_words(*audit.event_sentence(event)))
               for event in audit.list_events_about(part.user)]
    account: UserAccount = replace(describe_user_account(part.user), **forms)
    return replace(part, account=account, history=history, errors=errors)


def user_page(user: User, code: int = 200, **forms: Form) -> Response:
    """The user's page, around the form that has something to say."""
    part = describe_user_texting_part(user, toggle_form_of_user(user))
    return make_response(render_template("admin/user.html", page=complete_user_page(part, errors=code != 200, **forms)),
                         code)


@bp.get("/users/<ref>")
def show_user(ref: str) -> Response:
    """One user."""
    return user_page(users.find_user(current_user, ref))


@bp.get("/users/<ref>/<any(texting, details, number, role, link, account):_part>")
@bp.get("/users/<ref>/number/remove")
@bp.get("/users/<ref>/link/show")
def reload_user(ref: str, _part: str = "") -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.show_user", ref=users.find_user(current_user, ref).ref), 303))


@bp.post("/users/<ref>/texting")
def change_user_texting(ref: str) -> Response:
    """Say, or take back, the user's own word."""
    unit, form, answer = users.find_user(current_user, ref), UserToggleForm(), None
    if form.validate_on_submit():
        try:
            answer = toggle.change_setting(current_user, unit, form.wish, form.seen)
            form.explain(answer.decision)
        except StaleSetting as stale:
            here, there = url_for("admin.change_user_texting", ref=ref), url_for("admin.show_user", ref=ref)
            return conflict_page(stale, user_part_id(unit), here, there, unit.name)
    return respond_with_user(unit, form, answer)


def respond_with_user(unit: User, form: UserToggleForm, answer: ChangedSetting | None) -> Response:
    """The user's part or page after a change."""
    ok = answer is not None and answer.allowed
    part = describe_user_texting_part(unit, toggle_form_of_user(unit) if ok else form)
    return respond("admin/user.html", "admin/_user_texting.html", {"page": part}, title=unit.name, ok=ok,
                   rest=lambda: {"page": complete_user_page(part, errors=not ok)},
                   go=url_for("admin.show_user", ref=unit.ref),
                   said=user_change_announcement(unit, part.texting) if ok else "", undo=answer.undo if answer else "")
