"""Restrictions as operators see them: in force or ended, lifted or extended; and the appeals against them."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.extensions import now
from portal.models import Restriction
from portal.rules.facts import Restraint
from portal.services.refusals import Clash
from portal.services.spam import appeals, cases, evidence, restrictions
from portal.services.spam.appeals import AppealRow
from portal.services.spam.restrictions import RestrictionRow
from portal.web import reader
from portal.web.reader import signed_in_user
from portal.wording.cases import evidence_in_words

from . import bp
from .restriction_forms import AppealAnswerForm, ExtendRestrictionForm, LiftRestrictionForm


@bp.get("/restrictions", endpoint="restrictions")
def list_restrictions() -> str:
    """Those in force, or the ended ones, newest first; appeals that wait on top."""
    ended, after = request.args.get("show") == "ended", request.args.get("after", "")
    rows, more = restrictions.list_restriction_rows(
        ended=ended, before=restrictions.find_restriction_for_operator(after) if after else None)
    return render_template("operator/restrictions.html", rows=rows, ended=ended, after=after,
                           last=rows[-1].restriction.ref if more else "", several=cases.has_several_organizations(),
                           waiting=[] if ended or after else appeals.list_waiting_appeals())


@bp.get("/restrictions/<ref>")
def show_restriction(ref: str) -> Response:
    """One restriction, with the forms to lift and to extend it."""
    return restriction_page(restrictions.find_restriction_for_operator(ref))


def restriction_page(one: Restriction, code: int = 200, **said: Any) -> Response:
    """The page of a restriction. `said` holds the form with an error, in place of the empty one."""
    row = restrictions.read_restriction_row(one)
    forms = {"lift": LiftRestrictionForm(prefix="lift", formdata=None),
             "extend": ExtendRestrictionForm(prefix="extend", formdata=None, data={"until": one.until}), **said}
    return make_response(render_template(
        "operator/restriction.html", row=row, one=row.restriction, errors=code != 200, zone=reader.zone_of_reader().key,
        open=not restrictions.has_restriction_ended(row.restriction, now()),
        mine=restrictions.user_id_of_restriction(one) == current_user.id,
        **forms), code)


@bp.post("/restrictions/<ref>/lift")
def lift_restriction(ref: str) -> Response:
    """End it now."""
    one, form = restrictions.find_restriction_for_operator(ref), LiftRestrictionForm(prefix="lift")
    if form.validate_on_submit():
        try:
            done = restrictions.end_restriction(current_user, one, form.reason.data or "")
            return redirect_to_restrictions(lift_result_sentence(one) if done
                                            else gettext("It had ended already. Nothing was changed now."))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return restriction_page(one, 422, lift=form)


@bp.post("/restrictions/<ref>/extend")
def extend_restriction(ref: str) -> Response:
    """Move its end."""
    one, form = restrictions.find_restriction_for_operator(ref), ExtendRestrictionForm(prefix="extend")
    if form.validate_on_submit():
        try:
            restrictions.move_restriction_end(current_user, one, form.until.at, form.reason.data or "")
            return redirect_to_restrictions(gettext("It lasts until %(until)s now.",
                                                    until=wording.moment_in_words(form.until.at)))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return restriction_page(one, 422, extend=form)


def lift_result_sentence(one: Restriction) -> str:
    """What lifting leads to: what was blocked was refused at once and waits for nothing."""
    slowed = one.restraint is Restraint.THROTTLE
    return str(gettext("Lifted. Texts that waited because of it go out now.") if slowed else gettext("Lifted."))


def redirect_to_restrictions(said: str) -> Response:
    """To the list again, with what was done."""
    flash(said)
    return make_response(redirect(url_for("operator.restrictions"), 303))


@bp.get("/restrictions/<ref>/lift")
@bp.get("/restrictions/<ref>/extend")
def reload_restriction(ref: str) -> Response:
    """A reload after an error leads back to the page."""
    return make_response(redirect(url_for("operator.show_restriction",
                                          ref=restrictions.find_restriction_for_operator(ref).ref), 303))


@bp.get("/appeals/<ref>")
def show_appeal_to_operator(ref: str) -> Response:
    """The appeal against a restriction, and the operator's decision about it."""
    return appeal_page(appeals.find_appeal_for_operator(ref), AppealAnswerForm(formdata=None))


def appeal_page(one: AppealRow, form: AppealAnswerForm, code: int = 200) -> Response:
    """The page of an appeal; in the place of the form it says why this operator may not decide."""
    obstacle, row = appeals.obstacle_to_decision(current_user, one), restrictions.read_restriction_row(one.restriction)
    return make_response(render_template(
        "operator/appeal.html", one=one, row=row, form=form, errors=code != 200, evidence=evidence_of_appeal(row),
        obstacle=gettext(obstacle) if obstacle else "",
        alone=current_user.id in one.restriction.deciders), code)


def evidence_of_appeal(row: RestrictionRow) -> str:
    """What the sent log says about the case that led to a restriction; "" without one or about the operator."""
    case = cases.find_case_for_operator(row.case) if row.case else None
    if case is None or cases.is_case_about(case, signed_in_user()):
        return ""
    found = evidence.summarize_sent_texts(case)
    return evidence_in_words(found.texts, found.recipients, found.hours, found.stopped, found.reported)


@bp.post("/appeals/<ref>")
def submit_appeal_decision(ref: str) -> Response:
    """Lift the restriction, or keep it."""
    one, form, keep = appeals.find_appeal_for_operator(ref), AppealAnswerForm(), request.form.get("do") != "lift"
    if not form.validate_on_submit():
        return appeal_page(one, form, 422)
    try:
        appeals.decide_appeal(current_user, one, keep=keep, answer=form.reason.data or "")
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return appeal_page(one, form, 422)
    return redirect_to_restrictions(gettext("Kept. The person reads your reason.") if keep
                                    else lift_result_sentence(one.restriction))
