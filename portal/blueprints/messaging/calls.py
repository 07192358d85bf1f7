"""People whom the member should call, because they cannot be texted any more and wrote all the same."""

from flask import Response, flash, request, url_for
from flask_babel import gettext

from portal.services.texting import call_tasks, conversations
from portal.web.reader import signed_in_user

from . import bp
from .threads import redirect_page_or_part


@bp.post("/<ref>/called")
def confirm_call_made(ref: str) -> Response:
    """The member says that they called."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    done = call_tasks.confirm_call(signed_in_user(), conversation, request.form.get("asked", ""))
    flash(gettext("The call is noted.") if done else gettext(
        "Nothing was changed. They have written again since, or you had noted it already."))
    return redirect_page_or_part(url_for("messaging.show_conversation", ref=conversation.ref))
