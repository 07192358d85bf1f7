"""The switch in a row of the list of users: a press changes this user alone, and the row tells what came of it."""

from urllib.parse import parse_qsl, urlsplit

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal.models import User
from portal.services.people import users
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import ChangedSetting, StaleSetting
from portal.services.toggles.user_list import find_user_row
from portal.web.htmx import find_page_behind, respond, wants_part
from portal.web.toast import Tone
from portal.wording import switches
from portal.wording.stored import stored_in_words

from . import bp
from .conflict import conflict_page
from .reasons import explain_refusal
from .toggle_forms import UserToggleForm
from .user import user_change_announcement, user_part_id
from .users import describe_user_list, read_user_filters


def list_behind() -> str:
    """The list from which a press comes, with its filters; the whole list where the browser does not say it."""
    behind, whole = find_page_behind(), url_for("admin.list_users")
    return behind if urlsplit(behind).path == whole else whole


@bp.get("/users/<ref>/row")
def reload_listed_user(ref: str) -> Response:
    """A reload after an answer leads back to the list."""
    users.find_user(current_user, ref)
    return make_response(redirect(url_for("admin.list_users"), 303))


@bp.post("/users/<ref>/row")
def change_listed_user(ref: str) -> Response:
    """Turn a user's texting on or off in the list."""
    unit, form, answer = users.find_user(current_user, ref), UserToggleForm(), None
    if form.validate_on_submit():
        try:
            answer = toggle.change_setting(current_user, unit, form.wish, form.seen)
        except StaleSetting as stale:
            return respond_with_stale_row(unit, stale)
    return respond_with_row(ref, form, answer)


def respond_with_stale_row(unit: User, stale: StaleSetting) -> Response:
    """The row as it is now and who changed it; without htmx the page with theirs and yours."""
    if not wants_part():
        return conflict_page(stale, user_part_id(unit), url_for("admin.change_user_texting", ref=unit.ref),
                             list_behind(), gettext("Users"))
    said = gettext("%(who)s has changed this for %(name)s since you opened the page. It is now: %(state)s.",
                   who=stored_in_words(stale.theirs.by), name=unit.name,
                   state=switches.override_in_brief(stale.theirs.value.on))
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    page = describe_user_list(read_user_filters(request.form), only=find_user_row(snapshot, unit.ref),
                              snapshot=snapshot)
    return respond("admin/users.html", "admin/_user_row_answer.html", {"page": page}, title=gettext("Users"), ok=False,
                   said=said, tone=Tone.NOTHING, status=409)


def respond_with_row(ref: str, form: UserToggleForm, answer: ChangedSetting | None) -> Response:
    """The row and the counts after a press; where nothing was changed, also why. Without htmx the list as it was."""
    back, ok = list_behind(), answer is not None and answer.allowed
    refused = explain_refusal(answer.decision, back) if answer and not ok else ()
    given = request.form if wants_part() else MultiDict(parse_qsl(urlsplit(back).query))
    chosen = read_user_filters(given)
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    row = find_user_row(snapshot, ref)
    said = user_change_announcement(row, form.wish, snapshot) if ok else ""
    page = describe_user_list(chosen, only=row, refused=refused, snapshot=snapshot)
    return respond("admin/users.html", "admin/_user_row_answer.html", {"page": page}, title=gettext("Users"), ok=ok,
                   rest=lambda: {"page": describe_user_list(chosen, given.get("after", ""), given.get("before", ""),
                                                            refused=refused)},
                   go=f"{back}#user-{ref}", said=said, undo=answer.undo if answer else "")
