"""The automatic answers of one location: their language, its opening hours, and what people get to read."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import Location
from portal.rules.keywords import Language
from portal.rules.terms import AnswerLanguage
from portal.services.people import locations
from portal.services.refusals import Changed
from portal.services.texting import answers
from portal.services.texting.answer_table import AnswerKind

from . import bp
from .conflict import add_conflict_error
from .location_forms import LocationAnswersForm
from .shown import AnswerExample, LocationAnswersPage


def example_answers(location: Location) -> list[AnswerExample]:
    """What people get to read from this location, by what they did."""
    said = {AnswerKind.STOP: gettext("They text STOP"), AnswerKind.HELP: gettext("They text HELP")}
    if current_user.organization.answers_unread_texts:
        said |= {AnswerKind.NOBODY_READS: gettext("Nobody reads their text"),
                 AnswerKind.CLOSED: gettext("The location is closed")}
    # Both languages in one text begin with the French.
    spoken = answers.SPOKEN if location.answer_language is AnswerLanguage.KEYWORD else (Language.FRENCH,)
    opens = ("Monday 8:30 AM", "lundi 8 h 30", "lundi/Monday 08:30")
    return [AnswerExample(when, [(one.value, answers.word_answer(current_user.organization, kind, one,
                                                                 location.answer_language, opens)) for one in spoken])
            for kind, when in said.items()]


def location_answers_page(location: Location, form: LocationAnswersForm, code: int = 200) -> Response:
    """The page around a form."""
    page = LocationAnswersPage(form, location, example_answers(location), code != 200)
    return make_response(render_template("admin/location_answers.html", page=page), code)


@bp.get("/locations/<ref>/answers")
def show_location_answers(ref: str) -> Response:
    """The form, and what people get to read."""
    location = locations.find_location(current_user.organization_id, ref)
    return location_answers_page(location, LocationAnswersForm.of(location))


@bp.post("/locations/<ref>/answers")
def change_location_answers(ref: str) -> Response:
    """Change language and opening hours."""
    location, form = locations.find_location(current_user.organization_id, ref), LocationAnswersForm()
    if not form.validate_on_submit():
        return location_answers_page(location, form, 422)
    try:
        locations.save_location_answers(current_user, location, form.version.data or 0, form.language.data, form.hours)
    except Changed:
        add_conflict_error(form, LocationAnswersForm.of(location))
        return location_answers_page(location, form, 409)
    flash(gettext("Saved."))
    return make_response(redirect(url_for("admin.show_location_answers", ref=ref), 303))
