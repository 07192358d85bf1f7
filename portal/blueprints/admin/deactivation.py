"""Deactivating a person: what it does, who answers their open conversations, and what people who write hear."""

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import current_user
from wtforms import StringField

from portal import lengths
from portal.models import User
from portal.services.people import users
from portal.services.refusals import Clash
from portal.services.texting import stand_ins
from portal.web.forms import EMAIL_LOOKS, Form, limit_length, tidy_email
from portal.web.reader import signed_in_user
from portal.web.toast import tell_next_page

from . import bp


class DeactivationForm(Form):
    """Who answers the conversations of a person who leaves; empty for nobody."""

    answers = StringField(
        lazy_gettext("Email address of the member who answers"), [limit_length(lengths.EMAIL_ADDRESS)],
        filters=[tidy_email], render_kw={"autocomplete": "off", "list": "members", **EMAIL_LOOKS})


def deactivation_page(user: User, form: DeactivationForm, code: int = 200) -> Response:
    """The page that asks before an account is closed; for a closed one it only asks who answers."""
    return make_response(render_template(
        "admin/deactivation.html", user=user, form=form, errors=code != 200,
        work=stand_ins.count_open_work(user), answering=stand_ins.find_stand_in(user),
        members=stand_ins.list_offered_members(user), organization=current_user.organization), code)


@bp.get("/users/<ref>/deactivate")
def show_deactivation(ref: str) -> Response:
    """How many conversations are open, and who could answer them."""
    return deactivation_page(users.find_user(current_user, ref), DeactivationForm(formdata=None))


@bp.post("/users/<ref>/deactivate")
def deactivate_with_answer(ref: str) -> Response:
    """Close the account and hand over its conversations; what was typed stays if that cannot be done."""
    user, form = users.find_user(current_user, ref), DeactivationForm()
    return close_with_answer(user, form) if form.validate_on_submit() else deactivation_page(user, form, 422)


def close_with_answer(user: User, form: DeactivationForm) -> Response:
    """Do what the form asks for."""
    ref = user.ref
    try:
        done = stand_ins.deactivate_with_stand_in(signed_in_user(), user, form.answers.data or "")
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return deactivation_page(users.find_user(current_user, ref), form, 422)
    tell_next_page(gettext("%(name)s is deactivated and signed out.", name=user.name), undo=done.undo)
    if done.handed_over:
        tell_next_page(ngettext("%(num)s conversation is handed over.", "%(num)s conversations are handed over.",
                                done.handed_over))
    return make_response(redirect(url_for("admin.show_user", ref=ref), 303))
