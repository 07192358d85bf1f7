"""The button Undo of an answer: takes back what the answer told of, and leads to a page that is true again."""

from urllib.parse import urlsplit

from flask import Response, current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from portal.services.people import users
from portal.services.undo.results import Undone, UndoResult
from portal.services.undo.undoing import undo_change as undo_offered_change
from portal.web.htmx import find_page_behind, reload_page
from portal.web.toast import Tone, tell_next_page

from . import bp
from .sign_in_links import tell_old_address
from .undo_words import undone_in_words

# The pages that tell of changes with a button Undo.
PAGES_WITH_UNDO = frozenset({"admin.show_user", "admin.list_users", "admin.show_location", "admin.list_locations",
                             "admin.show_settings", "admin.show_overview"})
TONES = {UndoResult.DONE: Tone.DONE, UndoResult.REFUSED: Tone.REFUSED}


@bp.post("/undo/<ref>")
def undo_change(ref: str) -> Response:
    """Undo a change that was offered for it; the answer tells whether, and shows what holds now."""
    undone = undo_offered_change(current_user, ref)
    # As after the change itself, the address that a person had until now hears of it.
    told = tell_old_address(users.find_user(current_user, undone.subject.ref),
                            undone.old_address) if undone.old_address else ""
    tell_next_page(f"{undone_in_words(undone)} {told}".strip(), TONES.get(undone.result, Tone.NOTHING))
    return reload_page(find_page_with_undo() or page_of_change(undone))


def find_page_with_undo() -> str:
    """The page on which the button stood, if it is one of ours with such buttons; else ""."""
    behind, routes = find_page_behind(), current_app.create_url_adapter(request)
    try:
        endpoint, _values = routes.match(urlsplit(behind).path, "GET") if routes else ("", {})
    except HTTPException:
        return ""
    return behind if endpoint in PAGES_WITH_UNDO else ""


def page_of_change(undone: Undone) -> str:
    """The page about what was changed: of the user, of the location, of the organization, or the list of users."""
    match undone.subject.kind:
        case "user":
            return url_for("admin.show_user", ref=undone.subject.ref)
        case "location":
            return url_for("admin.show_location", ref=undone.subject.ref)
    return url_for("admin.list_users" if undone.kind == "many" else "admin.show_settings")
