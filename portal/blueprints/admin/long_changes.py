"""A change of so many users that it takes steps: how far it is, what came of it, and Undo."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.models import LongChange
from portal.rules import BY_ID
from portal.services.toggles import long_changes
from portal.services.toggles.long_changes import ChangeUnderWay
from portal.services.toggles.user_list import UserChoice
from portal.services.undo.stopped_texts import count_texts_stopped_by
from portal.web.htmx import reload_page, wants_part
from portal.web.toast import Tone, tell_next_page
from portal.wording.lists import join_names

from . import bp
from .bulk_words import CHANGE_LABELS, LEFT_ALONE, USERS_CHANGED
from .undo_words import stopped_texts_in_words
from .users import user_list_address


@dataclass(frozen=True, slots=True)
class LongChangePage:
    """How far a change of many users is: `working` with `done` of `total`, or over; `told` says what came of it.

    `asked` is what the users get, `back` the address of their list, `problem` why it has ended early, or "".
    """

    change: LongChange
    asked: str
    working: bool
    done: int
    total: int
    told: list[str]
    problem: str
    can_undo: bool
    back: str


@bp.get("/changes/<ref>")
def show_long_change(ref: str) -> str:
    """How far a change of many users is, with a bar that moves; what came of it once it is over."""
    return render_template("admin/long_change.html", page=describe_long_change(_find(ref)))


@bp.get("/changes/<ref>/progress")
def show_long_change_progress(ref: str) -> Response:
    """The bar alone, for the page that shows it; that page is loaded again once the change is over."""
    page = describe_long_change(_find(ref))
    if not (page.working and wants_part()):
        return reload_page(url_for("admin.show_long_change", ref=ref))
    return make_response(render_template("admin/_long_change_progress.html", page=page))


@bp.post("/changes/<ref>/undo")
def undo_long_change(ref: str) -> Response:
    """Give everybody their earlier setting again, in steps; the page shows how far it is."""
    try:
        if not long_changes.undo_long_change(current_user, ref):
            tell_next_page(gettext("Nothing was undone: this can be undone once, within ten minutes."), Tone.NOTHING)
    except ChangeUnderWay:
        tell_next_page(change_under_way(), Tone.NOTHING)
    return make_response(redirect(url_for("admin.show_long_change", ref=ref), 303))


def change_under_way() -> str:
    """Why a second change of many users has to wait."""
    return str(gettext("Nothing was done: another change of many users is under way. Try again when it has ended."))


def _find(ref: str) -> LongChange:
    return long_changes.find_long_change(current_user.organization_id, ref)


def describe_long_change(change: LongChange) -> LongChangePage:
    """The page of one change."""
    done, total = ((change.undone + change.not_undone, change.changed) if change.undoes
                   else (change.changed + change.left, change.total))
    return LongChangePage(
        change, str(gettext(CHANGE_LABELS[change.on])), change.ended_at is None, done, total,
        list(_tell_undone(change) if change.undoes else _tell_changed(change)), _problem(change, total - done),
        current_user.admin and long_changes.is_undo_offered(change), user_list_address(UserChoice(**change.filters)))


def _tell_changed(change: LongChange) -> Iterator[str]:
    yield wording.translate_sentence(USERS_CHANGED, {"count": change.changed})
    if left := change.left + change.left_before:
        yield wording.translate_sentence(LEFT_ALONE, {"count": left})


def _tell_undone(change: LongChange) -> Iterator[str]:
    yield ngettext("Undone. %(num)s user has their earlier setting again.",
                   "Undone. %(num)s users have their earlier settings again.", change.undone)
    if change.not_undone:
        yield ngettext("%(num)s user stays as another person has set them since.",
                       "%(num)s users stay as other people have set them since.", change.not_undone)
    if told := stopped_texts_in_words(count_texts_stopped_by(change)):
        yield told


def _problem(change: LongChange, not_reached: int) -> str:
    if not change.forbidden:
        return ""
    rules = join_names([gettext(BY_ID[one].title) for one in change.forbidden])
    why = gettext("This has ended early, because a rule forbids the rest: %(rules)s.", rules=rules)
    stay = ngettext("%(num)s user was not reached.", "%(num)s users were not reached.", not_reached)
    return f"{why} {stay}"
