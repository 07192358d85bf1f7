"""What a person posts after their session has ended: kept for them, shown to them again, never sent by the portal."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import g, request, session
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, RadioField, SelectMultipleField

from portal.models import User
from portal.services.accounts import kept_forms
from portal.web.forms import Form
from portal.web.htmx import find_page_to_open
from portal.web.typed_fields import is_secret_field, label_typed_fields, list_typed_fields

# Fields that a browser does not send where nothing is ticked or chosen.
SENT_SOMETIMES = (BooleanField, RadioField, FileField, SelectMultipleField)
# What pages send besides the fields of a form; a form may name more as `aside`.
ASIDE = frozenset({"csrf_token", "do", "next"})
# Forms beside the page: it opens again as it was.
BESIDE_THE_PAGE = frozenset({"auth.choose_language"})


def note_ended_session() -> None:
    """Forget the session of this browser, which has ended, but for whose it was and for the token of its pages.

    With the token the pages that are still open can say that it has ended, and go on once its person has signed in.
    """
    token, ref = session.get("csrf_token"), kept_forms.ref_of_session(session["_user_id"])
    page = kept_forms.find_newest_page(ref)
    session.clear()
    session.update(ended=ref, **({"csrf_token": token} if token else {}), **({"kept": page} if page else {}))


def keep_posted_form() -> str:
    """Keep what this request posts for the person whose session has ended; the address of its page, "" if not kept."""
    address = find_page_to_open()
    page = address.partition("?")[0]
    if not (session.get("ended") and page and list_typed_fields()):
        return ""
    fields = [pair for pair in request.form.items(multi=True) if not is_secret_field(pair[0])]
    if not kept_forms.keep_form(session["ended"], page, fields):
        return ""
    session["kept"] = page
    return address


def go_on_after_sign_in(old: Mapping[str, Any], user: User) -> None:
    """Let the person whose session had ended go on: with what they posted, and with the pages that are still open.

    `old` is what the browser's session held before it was emptied for the new one. Anybody else begins with nothing.
    """
    pages = kept_forms.pages_to_return(old.get("ended", ""), user)
    if pages is not None and "csrf_token" in old:
        session["csrf_token"] = old["csrf_token"]
    if pages:
        session["returned"] = {"of": old["ended"], "pages": {page: page for page in pages}}


def give_back_form() -> dict[str, object] | None:
    """What the reader posted from this page after their session had ended, also in the one form that it fits.

    None if there is nothing. `fields` are pairs of labels and values, `filled` says whether a form shows them.
    """
    returned = session.get("returned")
    if request.method != "GET" or not returned or request.path not in returned["pages"]:
        return None
    fields = kept_forms.find_kept_form(returned["of"], returned["pages"][request.path], current_user)
    if not fields:
        return None
    sent = MultiDict([(name, value) for name, value in fields])
    fitting = [form for form in g.get("open_forms", ()) if is_form_of(form, sent)]
    if len(fitting) == 1:
        fill_form_again(fitting[0], sent)
    return {"fields": label_typed_fields(sent.items(multi=True)), "filled": len(fitting) == 1}


def is_form_of(form: Form, sent: MultiDict[str, str]) -> bool:
    """Whether sent fields are those of a form: all that a browser always sends, and no others."""
    # A form with a prefix has names of its own in the page.
    fields = {field.name: field for name, field in form._fields.items() if name != "csrf_token"}
    always = {name for name, field in fields.items() if not isinstance(field, SENT_SOMETIMES)}
    return bool(always) and always <= sent.keys() <= fields.keys() | ASIDE | getattr(form, "aside", frozenset())


def fill_form_again(form: Form, sent: MultiDict[str, str]) -> None:
    """Show what was sent earlier, as it was, and check nothing: nobody has pressed a button now.

    A text is then a draft like any other: where it cannot be sent now, it can be read.
    """
    for name, field in form._fields.items():
        if name != "csrf_token" and not isinstance(field, FileField):
            field.process(sent, field.data)
    if hasattr(form, "from_draft"):
        form.from_draft = True


def follow_returned_form(status: int, location: str | None) -> None:
    """Once the person posts something from a page themselves, what was kept of it is not shown there again.

    Some forms go to addresses that are no pages and lead to one (`location`): there it is shown instead.
    """
    returned = session.get("returned")
    if not returned or status >= 500 or request.endpoint in BESIDE_THE_PAGE:
        return
    pages = dict(returned["pages"])
    if request.method == "POST":
        pages.pop(find_page_to_open().partition("?")[0], None)
    elif location and request.path in pages:
        pages[urlsplit(location).path] = pages.pop(request.path)
    if pages != returned["pages"]:
        session["returned"] = {**returned, "pages": pages}
