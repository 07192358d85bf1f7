"""Spam cases: the queue, a case with everything that helps to decide it, and the decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.extensions import now
from portal.rules import BY_ID
from portal.rules.cases import CLOSED, CaseState
from portal.rules.facts import Category, Cause, Restraint
from portal.services.refusals import Clash
from portal.services.spam import cases, decisions, evidence, reports, restrictions
from portal.wording import cases as words
from portal.wording.spam import ENTRIES, EXPLAINED, MATCHES

from . import bp
from .case_forms import DecideForm, NoteForm, ReopenForm

if TYPE_CHECKING:
    from portal.models import Case, CaseEntry, User

# More than anybody reads; the file holds all of them.
REPORTS = 50


def me() -> "User":
    """The signed-in person themselves, for services."""
    actor: User = current_user._get_current_object()
    return actor


# --- the queue -----------------------------------------------------------------------------------


def wanted() -> tuple[cases.Filters, dict[str, Any]]:
    """What the address or the form asks the queue for, and the same as values for addresses."""
    given = {name: request.values.get(name, "") for name in ("category", "whose", "state")}
    category = given["category"] if given["category"] in set(Category) else ""
    whose, closed = given["whose"] if given["whose"] in words.WHOSE else "", given["state"] == "decided"
    kept = {"category": category, "whose": whose, "state": "decided" if closed else ""}
    return cases.Filters(Category(category) if category else None, whose, closed), {
        name: value for name, value in kept.items() if value}


def queue(problem: str = "") -> str:
    """The queue as the address asks for it; `problem` is what was missing when a button was pressed."""
    filters, kept = wanted()
    after, moment = request.values.get("after", ""), now()
    rows, more = cases.page(filters, me(), after)
    return render_template(
        "operator/cases.html", filters=filters, kept=kept, after=after, problem=problem, errors=bool(problem),
        rows=[(row, cases.is_about(row.case, me()), left(row.case, moment)) for row in rows],
        last=rows[-1].case.ref if more else "", several=cases.across_organizations(), categories=list(Category),
        unmatched=cases.unmatched(),
        whose=[(key, gettext(label)) for key, label in words.WHOSE.items()])


def left(case: "Case", moment: datetime) -> tuple[str, bool]:
    """The time left to decide a case, in words; True when it is late."""
    return words.remaining(case.target_at - moment), case.target_at < moment


@bp.get("/cases", endpoint="cases")
def list_cases() -> str:
    """The cases that wait, the most urgent first, or the decided ones."""
    return queue()


@bp.post("/cases", endpoint="clear_cases")
def clear_cases() -> Response:
    """Decide the ticked cases: did not break the rules."""
    refs = [ref for ref in request.form.getlist("case") if ref]
    if not refs:
        return make_response(queue(gettext("Tick at least one case in the list.")), 422)
    done = decisions.clear(me(), refs)
    flash(ngettext("%(count)s case decided: did not break the rules.",
                   "%(count)s cases decided: did not break the rules.", done, count=done))
    if done < len(set(refs)):
        flash(gettext("The others had been decided meanwhile. Nothing was changed there."))
    return make_response(redirect(url_for("operator.cases", **wanted()[1]), 303))


# --- a case --------------------------------------------------------------------------------------


def open_to_me(ref: str) -> "Case":
    """A case that this operator may handle; about oneself there is one sentence and nothing else."""
    found = cases.find(ref)
    if cases.is_about(found, me()):
        page = render_template("operator/case_own.html", ref=found.ref)
        abort(make_response(page, 200 if request.method == "GET" else 422))
    return found


@bp.get("/cases/<ref>", endpoint="case")
def open_case(ref: str) -> Response:
    """A case. That an operator has read it is written into its history."""
    found = open_to_me(ref)
    decisions.see(me(), found)
    return show(found)


@bp.post("/cases/<ref>")
def decide_case(ref: str) -> Response:
    """Decide it, unless something is missing or somebody was faster."""
    found = open_to_me(ref)
    form = decide_form(found)
    if form.validate_on_submit():
        try:
            decisions.decide(me(), found, form.verdict)
            return go_on(found)
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return show(found, 409 if found.closed_at else 422, decide=form)


def decide_form(case: "Case", **named: Any) -> DecideForm:
    """The form about a case."""
    return DecideForm(user=case.user_id is not None, **named)


def go_on(case: "Case") -> Response:
    """After a decision: to the case, or to the next one, or to the queue when there is none."""
    flash(gettext("Case %(ref)s is decided.", ref=case.ref))
    if request.form.get("do") != "next":
        return make_response(redirect(url_for("operator.case", ref=case.ref), 303))
    following = cases.following(case, me())
    if following is not None:
        return make_response(redirect(url_for("operator.case", ref=following.ref, _anchor="case"), 303))
    flash(gettext("The cases that are left are about you: another operator handles them.") if cases.open_cases()
          else gettext("All cases are decided."))
    return make_response(redirect(url_for("operator.cases"), 303))


@bp.post("/cases/<ref>/preview")
def preview_case(ref: str) -> str:
    """What reporter and sender will read, for what stands in the form at this moment."""
    form = decide_form(open_to_me(ref))
    return render_template("operator/_case_preview.html", preview=preview(form))


@bp.post("/cases/<ref>/assign")
def assign_case(ref: str) -> Response:
    """Take a case."""
    found = open_to_me(ref)
    try:
        decisions.assign(me(), found)
    except Clash:
        return show(found, 409)
    return back(found, gettext("The case is yours."))


@bp.post("/cases/<ref>/note")
def note_case(ref: str) -> Response:
    """Keep a note that only operators read."""
    found, form = open_to_me(ref), NoteForm(prefix="add")
    if not form.validate_on_submit():
        return show(found, 422, note=form)
    decisions.add_note(me(), found, form.note.data or "")
    return back(found, gettext("The note is added."))


@bp.post("/cases/<ref>/reopen")
def reopen_case(ref: str) -> Response:
    """Open a decided case again."""
    found, form = open_to_me(ref), ReopenForm(prefix="again")
    if form.validate_on_submit():
        try:
            decisions.reopen(me(), found, form.note.data or "")
            return back(found, gettext("The case is open again."))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return show(found, 422 if found.closed_at else 409, again=form)


@bp.get("/cases/<ref>/assign")
@bp.get("/cases/<ref>/note")
@bp.get("/cases/<ref>/preview")
@bp.get("/cases/<ref>/reopen")
def whole_case(ref: str) -> Response:
    """A reload after an error leads back to the case."""
    return make_response(redirect(url_for("operator.case", ref=cases.find(ref).ref), 303))


def back(case: "Case", said: str) -> Response:
    """To the page of the case again."""
    flash(said)
    return make_response(redirect(url_for("operator.case", ref=case.ref), 303))


def show(case: "Case", code: int = 200, **said: Any) -> Response:
    """The page of a case, around whichever form has something to say. 409: somebody else was faster."""
    forms = {"decide": decide_form(case, formdata=None), "note": NoteForm(prefix="add", formdata=None),
             "again": ReopenForm(prefix="again", formdata=None), **said}
    history = cases.history(case)
    return make_response(render_template(
        "operator/case.html", code=code, errors=code != 200, case=case, row=cases.row(case), history=history,
        entries=ENTRIES, preview=preview(forms["decide"]), decided=decision(case, history),
        can_reopen=decisions.can_reopen(case), original=cases.original(case), left=left(case, now()),
        several=cases.across_organizations(), **found_about(case), **forms), code)


def found_about(case: "Case") -> dict[str, Any]:
    """What the sent log, the reports and earlier decisions say."""
    line = evidence.line(case)
    reports, (similar, compared) = cases.reports(case, REPORTS + 1), evidence.compare(case)
    return {
        "line": words.evidence(line.texts, line.recipients, line.hours, line.stopped, line.reported),
        "reports": [(one, gettext(MATCHES[one.matched])) for one in reports[:REPORTS]],
        "more": len(reports) > REPORTS, "texts": cases.evidence(case),
        "similar": [(one, gettext(words.LIKENESS[one.likeness])) for one in similar],
        "compared": compared,
        "restrictions": restrictions.of_case(case), "moment": now(),
        "others": [one for one in cases.of_sender(case) if not cases.is_about(one, me())],
    }


def decision(case: "Case", history: Sequence[tuple["CaseEntry", str]]) -> tuple["CaseEntry", str] | None:
    """The line of the history that decided a case, and by whom; None while it is open."""
    found = (one for one in history if one[0].what in set(CLOSED))
    return next(found, None) if case.closed_at else None


# --- what they will read -------------------------------------------------------------------------


def preview(form: DecideForm) -> dict[str, Any]:
    """What the reporter and the sender will read: by what is chosen, or for every choice."""
    chosen = form.finding.data
    findings = [chosen] if chosen in words.FINDINGS else list(words.FINDINGS)
    return {"chosen": chosen in words.FINDINGS,
            "reporter": [(gettext(words.FINDINGS[one]), reporter_reads(one)) for one in findings],
            "sender": sender_reads(form), "note": (form.note.data or "") if form.measure.data else ""}


def reporter_reads(finding: CaseState) -> str:
    """The sentence on the page that a reporter follows."""
    if finding is CaseState.DUPLICATE:
        return str(gettext("What is decided about the other case."))
    return str(gettext(EXPLAINED[reports.PROGRESS[finding]]))


def sender_reads(form: DecideForm) -> str:
    """The sentence of the restriction; without one the sender hears nothing."""
    if form.finding.data is CaseState.NOT_UPHELD:
        return str(gettext("Nothing about the case. What reports had brought about by themselves ends."))
    if not form.measure.data:
        return str(gettext("Nothing: the sender is not told about the case."))
    restraint = form.measure.data
    known, open_yet = form.cause.data in set(Cause), gettext("not chosen yet")
    values: Mapping[str, Any] = {
        "subject": form.whom.data, "per_minute": form.per_minute.data or 1, "until": form.ends or open_yet,
        "cause": Cause(form.cause.data) if known else open_yet}
    sentence = wording.say(words.SLOWED if restraint == Restraint.THROTTLE else BY_ID["blocked"].notice, values)
    appeal = gettext("They can appeal once, within %(days)s days.", days=restrictions.APPEAL_WITHIN.days)
    return f"{sentence} {appeal}"
