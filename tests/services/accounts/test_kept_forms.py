"""What comes after a session has ended: one row for each page, for one person, for an hour."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import KeptForm, SignInSession
from portal.services.accounts import kept_forms, sessions
from portal.services.upkeep import housekeeping, retention
from tests.stores import WRITES

PAGE, FIELDS = "/messages/new", [["body", "Dear"], ["number", ""]]


@pytest.fixture
def ended(uli):
    """The ref of a session of Uli's that has ended."""
    with writing():
        key = sessions.begin_session(uli, "Browser")
    sessions.end_session_by_key(key)
    return kept_forms.ref_of_session(key)


def kept():
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(select(KeptForm.page, KeptForm.fields).order_by(KeptForm.page))]


def test_a_key_that_nobody_knows_has_no_session(uli):
    assert kept_forms.ref_of_session("made-up") == ""
    assert not kept_forms.keep_form("", PAGE, FIELDS)
    assert kept_forms.pages_to_return("", uli) is None


def test_it_comes_back_to_its_person_from_its_page(uli, row, ended):
    assert kept_forms.keep_form(ended, PAGE, FIELDS)
    assert kept_forms.pages_to_return(ended, uli) == [PAGE]
    assert kept_forms.find_kept_form(ended, PAGE, uli) == FIELDS
    assert kept_forms.find_kept_form(ended, "/account", uli) == []
    assert kept_forms.find_kept_form(ended, PAGE, row("Ben")) == []


def test_the_last_one_of_a_page_counts(uli, ended):
    for body in ("Dear", "Dear Jane"):
        assert kept_forms.keep_form(ended, PAGE, [("body", body)])
    assert kept() == [(PAGE, [["body", "Dear Jane"]])]


def test_another_person_erases_it_by_signing_in(uli, row, ended):
    kept_forms.keep_form(ended, PAGE, FIELDS)
    assert kept_forms.pages_to_return(ended, row("Ben")) is None
    assert kept() == []
    assert kept_forms.pages_to_return(ended, uli) == []


def test_of_one_session_five_pages_are_kept(ended):
    assert [kept_forms.keep_form(ended, f"/{page}", FIELDS) for page in range(6)] == [True] * 5 + [False]
    assert kept_forms.keep_form(ended, "/0", FIELDS), "one of them again"
    assert not kept_forms.keep_form(ended, "/" + "x" * 200, FIELDS)


def test_it_goes_after_an_hour_and_nothing_is_written_before(uli, ended, clock, begun):
    kept_forms.keep_form(ended, PAGE, FIELDS)
    clock.forward(minutes=59)
    begun.clear()
    assert kept_forms.erase_old_forms() == 0
    assert WRITES not in begun
    clock.forward(minutes=2)
    assert kept_forms.find_kept_form(ended, PAGE, uli) == []
    assert kept_forms.erase_old_forms() == 1
    assert kept() == []


def test_it_goes_before_its_session_does(ended, clock):
    kept_forms.keep_form(ended, PAGE, FIELDS)
    clock.forward(days=2)
    assert retention.check_erasure().drafts == 1, "nobody has erased it for a day"
    clock.forward(days=30)
    housekeeping.erase_outdated_records()
    assert (kept(), db.session.scalars(select(SignInSession)).all()) == ([], [])


def test_the_moment_is_that_of_the_last_post(ended, clock):
    kept_forms.keep_form(ended, PAGE, FIELDS)
    clock.forward(minutes=40)
    kept_forms.keep_form(ended, PAGE, FIELDS)
    assert now() - db.session.scalars(select(KeptForm.at)).one() < timedelta(minutes=1)
