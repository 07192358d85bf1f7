"""What the portal keeps for itself are keys; they and their earlier English read the same, in every language."""

import pytest
from sqlalchemy import insert

from portal.extensions import db, now, writing
from portal.marks import StoredWords
from portal.models import AuditEvent, Restriction, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services import audit
from portal.services.spam import automatic, restrictions
from portal.wording import log, stored, translate_sentence
from tests.blueprints.reader import look

EARLIER = {key: english for english, key in stored.KEYS_OF_EARLIER_ENGLISH.items()}


@pytest.fixture
def elsewhere(monkeypatch):
    """Another language, in which every sentence stands in brackets."""
    for module in (stored, log):
        monkeypatch.setattr(module, "gettext", lambda text, **values: f"[{text}]" % values)


@pytest.mark.parametrize("key", StoredWords)
def test_a_key_and_its_earlier_english_read_the_same(app, key):
    with app.test_request_context():
        assert stored.stored_in_words(key.value) == stored.stored_in_words(EARLIER[key]) == stored.STORED_SENTENCES[key]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("key", StoredWords)
def test_another_language_translates_both(key):
    expected = f"[{stored.STORED_SENTENCES[key]}]"
    assert stored.stored_in_words(key.value) == stored.stored_in_words(EARLIER[key]) == expected


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("typed", ["", "They had agreed", "portal", "portal:", "the command line", "Verified reports!"])
def test_what_people_typed_stays_as_they_typed_it(typed):
    assert stored.stored_in_words(typed) == typed


def test_the_services_keep_keys_and_no_sentences():
    assert set(map(type, [*audit.UNNAMED.values(), *automatic.RESTRICTION_NOTES.values()])) == {StoredWords}


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("said", [str, EARLIER.get])
def test_an_event_of_the_audit_log_translates_its_note(inside, people, said):
    values = {"restraint": "throttle", "note": said(StoredWords.CASE_CLEARED)}
    with inside(), writing() as session:
        event = audit.record_event(None, "restriction-lifted", session.get_one(User, people["Uli"].id), **values)
        words = log.event_in_words(*audit.event_sentence(event))
    assert f"[{EARLIER[StoredWords.CASE_CLEARED]}]" in words


def test_who_locked_a_setting_is_worded(app):
    with app.test_request_context():
        assert translate_sentence("By: %(who)s", {"who": StoredWords.COMMAND_LINE.value}) == "By: The command line"
        assert translate_sentence("By: %(who)s", {"who": "Ada Keller"}) == "By: Ada Keller"


# --- the pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [str, EARLIER.get])
def test_pages_show_the_words_of_a_restriction_by_reports(browse, inside, people, said):
    """The person restricted and the operator read them, before and after it is lifted."""
    note, lifted = said(StoredWords.REPORTED_BY_SEVERAL), said(StoredWords.CASE_CLEARED)
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        terms = restrictions.RestrictionTerms(Restraint.THROTTLE, Cause.SPAM, note, now() + automatic.DAY, 2)
        made = restrictions.add_restriction(
            None, terms, restrictions.RestrictionScope(Subject.USER, uli.organization_id, uli.id), now())
        ref, made_id = made.ref, made.id
    pages = ((browse("Uli"), "/notices"), (browse("Uli"), f"/restrictions/{ref}/appeal"),
             (browse("Olga"), f"/operator/restrictions/{ref}"), (browse("Ada"), "/admin/audit"))
    for browser, address in pages:
        assert EARLIER[StoredWords.REPORTED_BY_SEVERAL] in look(browser, address).words
    with inside():
        olga, one = (db.session.get_one(*which) for which in ((User, people["Olga"].id), (Restriction, made_id)))
        restrictions.end_restriction(olga, one, lifted)
    for browser, address in pages[2:]:
        assert EARLIER[StoredWords.CASE_CLEARED] in look(browser, address).words


@pytest.mark.parametrize("earlier", [False, True])
def test_the_filter_finds_who_was_not_signed_in(browse, inside, people, earlier):
    """Also in events from before the keys."""
    with inside(), writing() as session:
        event = audit.record_event(None, "user-added", session.get_one(User, people["Uli"].id))
        ref = event.ref
        if earlier:
            values = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
            ref, name = "earlier", EARLIER[StoredWords.COMMAND_LINE]
            session.execute(insert(AuditEvent), [{**values, "id": None, "ref": ref, "actor_name": name}])
    ada = browse("Ada")
    assert f"/admin/audit/{ref}" in ada.get("/admin/audit?who=not-signed-in").text
    assert f"/admin/audit/{ref}" not in ada.get(f"/admin/audit?who={people['Ada'].ref}").text
