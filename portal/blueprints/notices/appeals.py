"""Restrictions as the people read them whom they concern, and the one appeal against each."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.extensions import now
from portal.models import Appeal, Restriction
from portal.rules.facts import Restraint, Subject
from portal.rules.numbers import format_number
from portal.services.refusals import Clash
from portal.services.spam import appeals, restrictions
from portal.services.spam.restrictions import RestrictionRow
from portal.web.reader import signed_in_user

from . import bp
from .forms import AppealForm


def name_of_restricted_party(row: RestrictionRow) -> str:
    """On whom a restriction is, as its reader knows them; "" for the reader themselves."""
    one = row.restriction
    if one.subject is Subject.ORGANIZATION:
        return str(gettext("your whole organization"))
    number = current_user.number
    if one.user_id == current_user.id or (one.number_id and number is not None and one.number_id == number.id):
        return ""
    return row.user or format_number(row.number)


def describe_restriction_effect(one: Restriction) -> str:
    """What a restriction does, in a sentence."""
    if one.restraint is Restraint.BLOCK:
        return str(gettext("No texts can be sent. Texts still come in, and STOP still counts."))
    return str(ngettext("Texts go out one by one, at most %(num)s a minute.",
                        "Texts go out one by one, at most %(num)s a minute.", one.per_minute or 1))


def describe_appeal_state(appeal: Appeal | None) -> str:
    """Where an appeal stands, in a sentence; "" without one."""
    if appeal is None:
        return ""
    if appeal.decided_at is None:
        return str(gettext("You or your organization appealed. An operator decides it."))
    return str(gettext("After the appeal it was kept.") if appeal.kept else gettext("After the appeal it was lifted."))


def restriction_context(row: RestrictionRow) -> Mapping[str, Any]:
    """What the page says about one restriction."""
    one = row.restriction
    may = bool(current_user.admin or not name_of_restricted_party(row))
    return {
        "row": row, "one": one, "whom": name_of_restricted_party(row), "meaning": describe_restriction_effect(one),
        "appeal": describe_appeal_state(row.appeal),
        "answer": row.appeal.answer if row.appeal else "", "may": may,
        "can_appeal": may and appeals.can_appeal_restriction(one, row.appeal),
        "ended": restrictions.has_restriction_ended(one, now()),
    }


def reader_restrictions_context() -> Mapping[str, Any]:
    """The restrictions in force for the notices page, one's own first, and the ended ones."""
    in_force = [restriction_context(row) for row in appeals.list_restrictions_for_user(signed_in_user(), ended=False)]
    return {"mine": [one for one in in_force if not one["whom"] or one["one"].subject is Subject.ORGANIZATION],
            "others": [one for one in in_force if one["whom"] and one["one"].subject is not Subject.ORGANIZATION],
            "over": [restriction_context(row)
                     for row in appeals.list_restrictions_for_user(signed_in_user(), ended=True)]}


def own_appeal_page(one: Restriction, sent: Appeal | None, form: AppealForm) -> Response:
    """The page of an appeal: the form, or what was sent and what was answered."""
    row = restrictions.read_restriction_row(one)
    return make_response(render_template(
        "notices/appeal.html", **{**restriction_context(row), "appeal": sent}, form=form, errors=bool(form.errors),
        state=describe_appeal_state(sent), by=appeals.sender_of_appeal(sent) if sent else "",
        days=restrictions.APPEAL_WITHIN.days,
    ), 422 if form.errors else 200)


@bp.get("/restrictions/<ref>/appeal")
def show_own_appeal(ref: str) -> Response:
    """Why, until when, and what can be said against it."""
    return own_appeal_page(*appeals.find_restriction(signed_in_user(), ref), AppealForm(formdata=None))


@bp.post("/restrictions/<ref>/appeal")
def send_appeal(ref: str) -> Response:
    """Appeal once."""
    one, form = appeals.find_restriction(signed_in_user(), ref)[0], AppealForm()
    if form.validate_on_submit():
        try:
            appeals.file_appeal(signed_in_user(), one, form.words.data or "")
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
        else:
            flash(gettext("Appeal sent. You will read the answer here and in your notices."))
            return make_response(redirect(url_for("notices.show_own_appeal", ref=ref), 303))
    return own_appeal_page(*appeals.find_restriction(signed_in_user(), ref), form)
