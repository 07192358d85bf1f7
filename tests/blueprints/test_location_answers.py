"""Answers and opening hours of a location: one form, errors at their fields, examples of what people get to read."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Location, Organization
from portal.rules.terms import AnswerLanguage
from tests.blueprints.reader import look, press

LANGUAGE = "Language of automatic answers"
WEEK = {"Monday to Friday, from": "08:30", "Monday to Friday, to": "17:00"}


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def page(locations):
    return f"/admin/locations/{locations['Toronto'].ref}/answers"


@pytest.fixture
def stored(inside, locations):
    def read():
        with inside():
            toronto = db.session.get_one(Location, locations["Toronto"].id)
            return toronto.answer_language, toronto.opening_hours

    return read


def test_hours_and_language_are_saved_and_the_log_tells(ada, page, stored, locations):
    seen = look(ada, page)
    assert seen.heading == "Answers and opening hours"
    typed = {**WEEK, "Saturday, from": "09:00", "Saturday, to": "00:00", "Closed days": "2026-12-25\n2026-01-01 "}
    seen = press(ada, seen, "Save", {**typed, "French and English": True})
    assert seen.said == "Saved."
    assert stored() == (AnswerLanguage.BOTH, "weekdays 08:30-17:00; saturday 09:00-00:00; closed 2026-01-01 2026-12-25")
    words = ("Monday to Friday 08:30 to 17:00; Saturday 09:00 to midnight; Sunday closed; closed on 1 Jan 2026, 25 Dec"
             " 2026")
    log = look(ada, "/admin/audit").words
    assert f"Opening hours: always open → {words}." in log
    assert f"{LANGUAGE}: that of the keyword → French and English." in log
    assert words in look(ada, f"/admin/locations/{locations['Toronto'].ref}").words


def test_saving_what_is_there_already_leaves_no_trace(ada, page, inside):
    for _ in range(2):
        press(ada, look(ada, page), "Save", WEEK)
    with inside():
        found = select(AuditEvent.action).where(AuditEvent.action == "location-changed")
        assert len(db.session.scalars(found).all()) == 1


def test_a_language_that_stays_is_chosen_once_somebody_saves_it(ada, page, inside, locations):
    """The overview asks until then, about one location after the other."""
    with inside(), writing() as session:
        for name in ("Toronto", "Halifax"):
            session.get_one(Location, locations[name].id).asks_language = True
    seen = look(ada, "/admin/")
    assert "2 locations may be in Quebec" in seen.words
    press(ada, look(ada, f"/admin/locations/{locations['Halifax'].ref}/answers"), "Save")
    seen = look(ada, "/admin/")
    assert "1 location may be in Quebec" in seen.words
    assert "answers of Toronto" in seen.words
    assert page in seen.links.values()
    press(ada, look(ada, page), "Save")
    assert "Quebec" not in look(ada, "/admin/").words
    assert "Language of automatic answers is still to be chosen: yes → no." in look(ada, "/admin/audit").words


def test_a_new_location_asks_nothing(ada):
    press(ada, look(ada, "/admin/locations/new"), "Add location", {
        "Name": "Gatineau", "Country": "Canada", "Time zone": "Eastern (Toronto)"})
    assert "Quebec" not in look(ada, "/admin/").words


def test_empty_means_always_open(ada, page, stored, locations):
    press(ada, look(ada, page), "Save", WEEK)
    press(ada, look(ada, page), "Save", dict.fromkeys(WEEK, ""))
    assert stored() == (AnswerLanguage.KEYWORD, "")
    assert "Opening hours always open" in look(ada, f"/admin/locations/{locations['Toronto'].ref}").words


def test_closed_days_alone(ada, page, stored, locations):
    press(ada, look(ada, page), "Save", {"Closed days": "2026-12-25"})
    assert stored()[1] == "closed 2026-12-25"
    assert "open around the clock; closed on 25 Dec 2026" in look(
        ada, f"/admin/locations/{locations['Toronto'].ref}").words


@pytest.mark.parametrize(("typed", "problem"), [
    ({"Monday to Friday, from": "08:30"}, "Enter both times, or leave both empty"),
    ({"Sunday, to": "12:00"}, "Enter both times, or leave both empty"),
    ({"Saturday, from": "12:00", "Saturday, to": "09:00"}, "The end must be later than the beginning."),
    ({"Saturday, from": "12:00", "Saturday, to": "12:00"}, "The end must be later than the beginning."),
    ({"Saturday, from": "noon", "Saturday, to": "13:00"}, "Enter a time of day, such as 08:30."),
    ({"Saturday, from": "25:00", "Saturday, to": "26:00"}, "Enter a time of day, such as 08:30."),
    ({"Closed days": "2026-12-25\n25/12/2026"}, "This is not a day: 25/12/2026."),
    ({"Closed days": "2026-02-30"}, "This is not a day: 2026-02-30."),
    ({"Closed days": "\n".join(f"2026-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 22))},
     "Enter at most 60 days."),
])
def test_what_cannot_be_is_told_and_stays(ada, page, stored, typed, problem):
    seen = press(ada, look(ada, page), "Save", typed)
    assert seen.status == 422
    assert problem in seen.problems[0]
    assert seen.title.startswith("Error: ")
    assert stored() == (AnswerLanguage.KEYWORD, "")
    again = seen.form("Save").data
    assert all(value in str(again) for value in typed.values() if "\n" not in value)


def test_a_line_that_is_no_day_is_no_markup(ada, page):
    seen = press(ada, look(ada, page), "Save", {"Closed days": "<b>never</b>"})
    assert "<b>never</b>" in seen.problems[0]


def test_stale_values_are_told_and_what_was_typed_stays(ada, page, stored):
    early = look(ada, page)
    press(ada, look(ada, page), "Save", {"French": True})
    seen = press(ada, early, "Save", WEEK)
    assert seen.status == 409
    assert stored() == (AnswerLanguage.FRENCH, "")
    assert press(ada, seen, "Save").said == "Saved."
    assert stored()[1] == "weekdays 08:30-17:00"


def test_what_people_get_to_read_stands_there(ada, page, inside, organizations):
    with inside(), writing() as session:
        session.get_one(Organization, organizations["Maple"].id).help_contact = "call +1 416 555 0100"
    seen = look(ada, page).region("What people get to read")
    assert "Maple Clinic: for help call +1 416 555 0100. Text STOP to end texts from us." in seen.words
    assert "Maple Clinic : pour de l'aide, call +1 416 555 0100." in seen.words
    press(ada, look(ada, page), "Save", {"French and English": True})
    seen = look(ada, page).region("What people get to read")
    assert "personne n'a lu ce texto/nobody has read this text. call +1 416 555 0100." in seen.words
    assert "Text STOP to end texts from us." not in seen.words


def test_an_auditor_reads_it_on_the_page_of_the_location(browse, page, locations):
    rita = browse("Rita")
    assert rita.get(page).status_code == 403
    seen = look(rita, f"/admin/locations/{locations['Toronto'].ref}")
    assert f"{LANGUAGE} that of the keyword" in seen.words
    assert "Answers and opening hours" not in seen.words


def test_another_organization_finds_nothing(browse, page):
    otto = browse("Otto")
    assert otto.get(page).status_code == 404
    assert otto.post(page, data={"language": "both", "version": "1"}).status_code == 404


@pytest.mark.parametrize(("quebec", "language"), [({"in_quebec": "y"}, AnswerLanguage.BOTH),
                                                  ({}, AnswerLanguage.KEYWORD)])
def test_a_location_in_quebec_begins_in_both_languages(ada, inside, quebec, language):
    typed = {"name": "Gatineau", "country": "CA", "time_zone": "America/Toronto", **quebec}
    assert ada.post("/admin/locations/new", data=typed).status_code == 303
    with inside():
        found = select(Location.answer_language).where(Location.name == "Gatineau")
        assert db.session.scalars(found).one() is language
