"""Spam cases: the queue, a case with everything that helps to decide it, and the decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from portal import wording
from portal.extensions import now
from portal.rules import BY_ID
from portal.rules.cases import CLOSED_CASE_STATES, CaseState
from portal.rules.facts import Category, Cause, Restraint
from portal.services.refusals import Clash
from portal.services.spam import cases, decisions, evidence, reports, restrictions, wordings
from portal.web.reader import signed_in_user
from portal.wording import cases as words
from portal.wording.spam import ENTRIES, EXPLAINED, MATCHES

from . import bp
from .case_forms import CaseDecisionForm, CaseNoteForm, ReopenCaseForm

if TYPE_CHECKING:
    from portal.models import Case, CaseEntry

# An operator reads no more than this on the page; the file holds every report.
REPORTS = 50


# --- the queue -----------------------------------------------------------------------------------


def read_case_filters() -> tuple[cases.CaseFilters, dict[str, Any]]:
    """What the address or the form asks the queue for, and the same as values for addresses."""
    given = {name: request.values.get(name, "") for name in ("category", "whose", "state")}
    category = given["category"] if given["category"] in set(Category) else ""
    whose, closed = given["whose"] if given["whose"] in words.WHOSE else "", given["state"] == "decided"
    kept = {"category": category, "whose": whose, "state": "decided" if closed else ""}
    return cases.CaseFilters(Category(category) if category else None, whose, closed), {
        name: value for name, value in kept.items() if value}


def case_queue_page(problem: str = "") -> str:
    """The queue as the address asks for it; `problem` is what was missing when a button was pressed."""
    filters, kept = read_case_filters()
    after, moment = request.values.get("after", ""), now()
    rows, more = cases.list_case_rows(filters, signed_in_user(), after)
    return render_template(
        "operator/cases.html", filters=filters, kept=kept, after=after, problem=problem, errors=bool(problem),
        rows=[(row, cases.is_case_about(row.case, signed_in_user()), time_left_of_case(row.case, moment))
              for row in rows],
        last=rows[-1].case.ref if more else "", several=cases.has_several_organizations(), categories=list(Category),
        unmatched=cases.count_unmatched_reports(),
        whose=[(key, gettext(label)) for key, label in words.WHOSE.items()])


def time_left_of_case(case: "Case", moment: datetime) -> tuple[str, bool]:
    """The time left to decide a case, in words; True when it is late."""
    return words.time_left_in_words(case.target_at - moment), case.target_at < moment


@bp.get("/cases", endpoint="cases")
def list_cases() -> str:
    """The cases that wait, the most urgent first, or the decided ones."""
    return case_queue_page()


@bp.post("/cases", endpoint="clear_cases")
def clear_cases() -> Response:
    """Decide the ticked cases: did not break the rules."""
    refs = [ref for ref in request.form.getlist("case") if ref]
    if not refs:
        return make_response(case_queue_page(gettext("Tick at least one case in the list.")), 422)
    done = decisions.clear_open_cases(signed_in_user(), refs)
    flash(ngettext("%(count)s case decided: did not break the rules.",
                   "%(count)s cases decided: did not break the rules.", done, count=done))
    if done < len(set(refs)):
        flash(gettext("The others had been decided already. Nothing was changed there."))
    return make_response(redirect(url_for("operator.cases", **read_case_filters()[1]), 303))


# --- a case --------------------------------------------------------------------------------------


def find_case_to_handle(ref: str) -> "Case":
    """A case that this operator may handle; about oneself there is one sentence and nothing else."""
    found = cases.find_case_for_operator(ref)
    if cases.is_case_about(found, signed_in_user()):
        page = render_template("operator/case_own.html", ref=found.ref)
        abort(make_response(page, 200 if request.method == "GET" else 422))
    return found


@bp.get("/cases/<ref>", endpoint="case")
def show_case(ref: str) -> Response:
    """A case. That an operator has read it is written into its history."""
    found = find_case_to_handle(ref)
    decisions.note_case_view(signed_in_user(), found)
    return case_page(found)


@bp.post("/cases/<ref>")
def submit_case_decision(ref: str) -> Response:
    """Decide it, unless something is missing or another operator was faster."""
    found = find_case_to_handle(ref)
    form = decision_form_of_case(found)
    if form.validate_on_submit():
        try:
            decisions.decide_case(signed_in_user(), found, form.verdict)
            return redirect_after_decision(found)
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return case_page(found, 409 if found.closed_at else 422, decide=form)


def decision_form_of_case(case: "Case", **named: Any) -> CaseDecisionForm:
    """The form about a case."""
    return CaseDecisionForm(user=case.user_id is not None, **named)


def redirect_after_decision(case: "Case") -> Response:
    """After a decision: to the case, or to the next one, or to the queue when there is none."""
    flash(gettext("Case %(ref)s is decided.", ref=case.ref))
    if request.form.get("do") != "next":
        return make_response(redirect(url_for("operator.case", ref=case.ref), 303))
    following = cases.find_next_case(case, signed_in_user())
    if following is not None:
        return make_response(redirect(url_for("operator.case", ref=following.ref, _anchor="case"), 303))
    flash(gettext("The cases that are left are about you: another operator handles them.") if cases.count_open_cases()
          else gettext("All cases are decided."))
    return make_response(redirect(url_for("operator.cases"), 303))


@bp.post("/cases/<ref>/preview")
def preview_case_decision(ref: str) -> str:
    """What reporter and sender will read, for what stands in the form at this moment."""
    form = decision_form_of_case(find_case_to_handle(ref))
    act = words.act_in_words(form.choice.data, form.ends)
    return render_template("operator/case_preview.html", preview=decision_preview_context(form), act=act)


@bp.post("/cases/<ref>/assign")
def assign_case(ref: str) -> Response:
    """Take a case."""
    found = find_case_to_handle(ref)
    try:
        decisions.take_case(signed_in_user(), found)
    except Clash:
        return case_page(found, 409)
    return redirect_to_case(found, gettext("The case is yours."))


@bp.post("/cases/<ref>/note")
def note_case(ref: str) -> Response:
    """Keep a note that only operators read."""
    found, form = find_case_to_handle(ref), CaseNoteForm(prefix="add")
    if not form.validate_on_submit():
        return case_page(found, 422, note=form)
    decisions.add_case_note(signed_in_user(), found, form.note.data or "")
    return redirect_to_case(found, gettext("The note is added."))


@bp.post("/cases/<ref>/reopen")
def reopen_case(ref: str) -> Response:
    """Open a decided case again."""
    found, form = find_case_to_handle(ref), ReopenCaseForm(prefix="again")
    if form.validate_on_submit():
        try:
            decisions.reopen_decided_case(signed_in_user(), found, form.note.data or "")
            return redirect_to_case(found, gettext("The case is open again."))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return case_page(found, 422 if found.closed_at else 409, again=form)


@bp.get("/cases/<ref>/assign")
@bp.get("/cases/<ref>/note")
@bp.get("/cases/<ref>/preview")
@bp.get("/cases/<ref>/reopen")
def reload_case(ref: str) -> Response:
    """A reload after an error leads back to the case."""
    return make_response(redirect(url_for("operator.case", ref=cases.find_case_for_operator(ref).ref), 303))


def redirect_to_case(case: "Case", said: str) -> Response:
    """To the page of the case again."""
    flash(said)
    return make_response(redirect(url_for("operator.case", ref=case.ref), 303))


def case_page(case: "Case", code: int = 200, **said: Any) -> Response:
    """The page of a case; `said` holds the form with an error. 409: another operator was faster."""
    forms = {"decide": decision_form_of_case(case, formdata=None), "note": CaseNoteForm(prefix="add", formdata=None),
             "again": ReopenCaseForm(prefix="again", formdata=None), **said}
    history, row, several = cases.history_of_case(case), cases.read_case_row(case), cases.has_several_organizations()
    return make_response(render_template(
        "operator/case.html", code=code, errors=code != 200, case=case, row=row, history=history,
        name=name_of_case(row, several),
        entries=ENTRIES, preview=decision_preview_context(forms["decide"]),
        act=words.act_in_words(forms["decide"].choice.data, forms["decide"].ends),
        decided=decision_entry_of_case(case, history),
        can_reopen=decisions.can_reopen_case(case), original=cases.original_of_duplicate(case),
        left=time_left_of_case(case, now()),
        several=several, **case_findings_context(case), **forms), code)


def case_findings_context(case: "Case") -> dict[str, Any]:
    """What the sent log, the reports and earlier decisions say."""
    kept, moment = cases.evidence_of_case(case), now()
    line = evidence.summarize_sent_texts(case, kept)
    reports, (similar, compared) = cases.list_case_reports(case, REPORTS + 1), evidence.compare_wordings(case)
    limits = restrictions.restrictions_of_case(case)
    return {
        "line": words.evidence_in_words(line.texts, line.recipients, line.hours, line.stopped, line.reported),
        "wordings": wordings.list_wordings(kept, reports[:REPORTS], evidence.count_sent_by_wording(case, kept)),
        "counted": words.wording_counts_in_words, "matches": MATCHES, "more": len(reports) > REPORTS,
        "shown": min(len(reports), REPORTS),
        "similar": [(one, gettext(words.LIKENESS[one.likeness])) for one in similar], "compared": compared,
        "restrictions": limits, "moment": moment,
        "in_force": [one.restriction for one in limits
                     if not restrictions.has_restriction_ended(one.restriction, moment)],
        "others": [one for one in cases.other_cases_of_sender(case) if not cases.is_case_about(one, signed_in_user())],
    }


def name_of_case(row: cases.CaseRow, several: bool) -> str:
    """What an operator would call a case: what was reported, and of whom; never a number."""
    whom = row.user or gettext("a number that nobody has")
    said = {"category": wording.enum_in_words(row.case.category), "whom": whom, "organization": row.organization}
    return str(gettext("%(category)s: %(whom)s, %(organization)s", **said) if several
               else gettext("%(category)s: %(whom)s", **said))


def decision_entry_of_case(case: "Case", history: Sequence[tuple["CaseEntry", str]]) -> tuple["CaseEntry", str] | None:
    """The line of the history that decided a case, and by whom; None while it is open."""
    found = (one for one in history if one[0].what in set(CLOSED_CASE_STATES))
    return next(found, None) if case.closed_at else None


# --- what they will read -------------------------------------------------------------------------


def decision_preview_context(form: CaseDecisionForm) -> dict[str, Any]:
    """What the reporter and the sender will read: by what is chosen, or for every choice."""
    chosen = form.finding
    findings = [chosen] if chosen else list(words.FINDINGS)
    return {"chosen": chosen is not None,
            "reporter": [(gettext(words.FINDINGS[one]), sentence_for_reporter(one)) for one in findings],
            "sender": sentence_for_sender(form), "note": (form.note.data or "") if form.measure else ""}


def sentence_for_reporter(finding: CaseState) -> str:
    """The sentence on the page that a reporter follows."""
    if finding is CaseState.DUPLICATE:
        return str(gettext("What is decided about the other case."))
    return str(gettext(EXPLAINED[reports.PROGRESS_OF_CASE_STATE[finding]]))


def sentence_for_sender(form: CaseDecisionForm) -> str:
    """The sentence of the restriction; without one the sender hears nothing."""
    if form.finding is CaseState.NOT_UPHELD:
        return str(gettext("They hear nothing about the case. A slow-down or block that the reports caused ends now."))
    if not form.measure:
        return str(gettext("Nothing: the sender is not told about the case."))
    restraint = form.measure
    known, open_yet = form.cause.data in set(Cause), gettext("not chosen yet")
    values: Mapping[str, Any] = {
        "subject": form.whom.data, "per_minute": form.per_minute.data or 1, "until": form.ends or open_yet,
        "cause": Cause(form.cause.data) if known else open_yet}
    sentence = wording.translate_sentence(words.SENDER_SLOWED if restraint == Restraint.THROTTLE
                                          else BY_ID["blocked"].notice, values)
    appeal = gettext("They can appeal once, within %(days)s days.", days=restrictions.APPEAL_WITHIN.days)
    return f"{sentence} {appeal}"
