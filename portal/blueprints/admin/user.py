"""One user: the choice about texting, and why they can or cannot text."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import AuditEvent, User
from portal.rules import UserState
from portal.rules.switches import EffectiveSetting, Level, SettingValue, resolve_settings
from portal.services import audit
from portal.services.people import locations, number_claims, numbers, users
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_of_user
from portal.services.toggles.one_user import read_one_user
from portal.services.toggles.profiles import UserProfile
from portal.services.toggles.toggle import ChangedSetting, StaleSetting
from portal.services.toggles.user_list import UserRow, find_user_row
from portal.web.forms import Form
from portal.web.htmx import respond
from portal.wording import ReasonText, log, switches
from portal.wording.brief import reason_in_brief, state_beside_switch

from . import bp
from .conflict import conflict_page
from .forms import AccountStateForm, UserDetailsForm, UserNumberForm, UserRoleForm
from .reasons import explain_reasons, explain_refusal, lock_in_parts
from .shown import UserAccount, UserAdminPage, UserTexting
from .toggle_forms import UserToggleForm


def user_part_id(user: User) -> str:
    """The id of the part with the user's texting."""
    return f"user-{user.ref}-texting"


def default_setting_of_user(profile: UserProfile, snapshot: OrganizationSnapshot) -> EffectiveSetting:
    """What the default settings would give to a user."""
    return resolve_settings({level: value for level, value in snapshot.settings_of(profile).items()
                             if level is not Level.USER})


def describe_user_texting(user: User, form: UserToggleForm | None, snapshot: OrganizationSnapshot,
                          refused: Sequence[ReasonText] = ()) -> UserTexting:
    """What the part about texting shows, by default with a form for the setting as it stands.

    `refused` says why a press did nothing.
    """
    profile, current = profile_of_user(user), toggle.current_setting(user)
    standing = snapshot.standing(profile, user.id, user.number_or_claim.e164 if user.number_or_claim else "")
    default, place = default_setting_of_user(profile, snapshot), user.location.name if user.location else ""
    own, effective = current.value.on is not None, snapshot.effective(profile)
    locked, why_locked, lock_address = lock_in_parts(toggle.lock_over_unit(user, snapshot), user.location)
    return UserTexting(
        form=form or UserToggleForm(formdata=None, data={"version": current.version}), on=effective.on,
        state=state_beside_switch(standing),
        own=switches.set_by_in_words(current.value.on, current.by, current.at) if own else "",
        default=(switches.default_in_words if own else switches.followed_in_words)(default, place),
        locked=locked, lock_reason=why_locked, lock_address=lock_address,
        reasons=explain_reasons(user, standing.reasons, effective),
        slowed=wording.slowdown_in_words(
            snapshot.restrictions_on(user.id), user.name if user.id != current_user.id else ""),
        refused=refused)


def user_change_announcement(row: UserRow, wish: SettingValue, snapshot: OrganizationSnapshot) -> str:
    """The sentence that the page announces after a change: what holds for the user now."""
    user, standing, on = row.user, row.standing, snapshot.effective(row.profile).on
    stops = next(iter(standing.decision.blocking), None)
    if stops is None:
        return str(gettext("%(name)s can now send and receive texts.", name=user.name))
    if not on:
        return str(gettext("%(name)s can no longer text.", name=user.name) if wish.on is False else
                   gettext("Texting is off for %(name)s.", name=user.name))
    why = reason_in_brief(stops)
    if standing.state is UserState.RECEIVE_ONLY:
        return str(gettext("Texting is on for %(name)s, who can receive but not send: %(why)s.", name=user.name,
                           why=why))
    return str(gettext("Texting is on for %(name)s, who still cannot text: %(why)s.", name=user.name, why=why))


def describe_user_account(user: User) -> UserAccount:
    """The account as it stands, with empty or filled forms."""
    disputed = number_claims.is_claim_disputed(user.claim) if current_user.operator and user.claim else False
    return UserAccount(
        UserDetailsForm.of(user, locations.locations_of_actor(current_user)), UserNumberForm.of(user),
        UserRoleForm.of(user), AccountStateForm.of(user), disputed, numbers.list_free_numbers(current_user))


def describe_user_texting_part(user: User, form: UserToggleForm | None, snapshot: OrganizationSnapshot,
                               refused: Sequence[ReasonText] = ()) -> UserAdminPage:
    """The page as far as the part about texting and the history need it."""
    texting = describe_user_texting(user, form, snapshot, refused)
    return UserAdminPage(user, user_part_id(user), texting, history=history_of(user))


def history_of(unit: audit.AuditSubject) -> list[tuple[AuditEvent, str]]:
    """The newest events about a user, a location or an organization, each with its sentence."""
    return [(event, log.event_in_words(*audit.event_sentence(event))) for event in audit.list_events_about(unit)]


def complete_user_page(part: UserAdminPage, *, errors: bool, **forms: Form) -> UserAdminPage:
    """The whole page around the part; `forms` replace those of the account that have something to say."""
    account: UserAccount = replace(describe_user_account(part.user), **forms)
    return replace(part, account=account, errors=errors)


def user_page(user: User, code: int = 200, **forms: Form) -> Response:
    """The user's page, around the form that has something to say."""
    part = describe_user_texting_part(user, None, read_one_user(user.id).snapshot)
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
        except StaleSetting as stale:
            here, there = url_for("admin.change_user_texting", ref=ref), url_for("admin.show_user", ref=ref)
            return conflict_page(stale, user_part_id(unit), here, there, unit.name)
    return respond_with_user(unit, form, answer)


def respond_with_user(unit: User, form: UserToggleForm, answer: ChangedSetting | None) -> Response:
    """The user's part or page after a change, or after none: then with every reason why not."""
    snapshot, address = read_one_user(unit.id).snapshot, url_for("admin.show_user", ref=unit.ref)
    ok = answer is not None and answer.allowed
    refused = explain_refusal(answer.decision, address) if answer and not ok else ()
    part = describe_user_texting_part(unit, None if answer else form, snapshot, refused)
    return respond("admin/user.html", "admin/_user_answer.html", {"page": part}, title=unit.name, ok=ok,
                   rest=lambda: {"page": complete_user_page(part, errors=not ok)}, go=address,
                   said=user_change_announcement(find_user_row(snapshot, unit.ref), form.wish, snapshot) if ok else "",
                   undo=answer.undo if answer else "")
