"""A new text that is sent makes no form; what it carries is read as the form would read it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.blueprints.messaging import forms
from portal.blueprints.messaging.forms import NewTextForm, TypedText
from portal.extensions import db
from portal.models import ConsentRecord
from portal.web.consent_fields import is_consent_filled, is_consent_posted
from tests.services.toggles.houses import QUICK
from tests.talks import messages

CONSENT = ("consent_kind", "consent_day", "consent_proof")
NAMES = st.sampled_from(("number", "body", "key", "do", *CONSENT))
WORDS = st.one_of(st.sampled_from(("", " ", "\r\n", "+1 416 555 0123", "k" * 16, "k" * 90, "express", "2026-05-01")),
                  st.text(max_size=20))


@QUICK
@example(posted=[("number", " 1 "), ("body", " a\r\n"), ("key", "k" * 16 + " ")], how="form")
@example(posted=[("body", "first"), ("body", "second")], how="files")
@given(posted=st.lists(st.tuples(NAMES, WORDS), max_size=8), how=st.sampled_from(["form", "files", "json"]))
def test_what_was_typed_is_read_as_the_form_reads_it(app, posted, how):
    """Whatever is missing, empty, too long or sent twice, in each way in which it can be sent."""
    sent = {"json": dict(posted)} if how == "json" else {"data": MultiDict(posted)}
    kind = {"content_type": "multipart/form-data"} if how == "files" else {}
    with app.test_request_context("/messages/new", method="POST", **sent, **kind):
        form, typed = NewTextForm(), TypedText.read()
        assert (typed.number, typed.body) == (form.number.data or "", form.body.data or "")
        assert is_consent_posted() or not is_consent_filled(form)
        assert forms.SUBMISSION_KEY.fullmatch(typed.key)
        kept = [value for name, value in posted if name == "key" and how != "json"]
        assert typed.key == form.key.data or form.key.data not in kept, "a key that is none is drawn anew"


@pytest.fixture
def formless(monkeypatch):
    """How many forms for a new text were made."""
    made, init = [], NewTextForm.__init__
    monkeypatch.setattr(NewTextForm, "__init__", lambda self, **named: made.append(self) or init(self, **named))
    return made


def post(uli, **more):
    return uli.post("/messages/new", data={"number": "+16475550123", "body": "Hello", "key": "k" * 16, **more})


def test_a_text_that_is_sent_makes_no_form(browse, inside, formless):
    assert post(browse("Uli"), **dict.fromkeys(CONSENT, "")).status_code == 303
    assert formless == []
    with inside():
        assert [one.body for one in messages()] == ["Hello"]


def test_a_refusal_and_a_consent_make_it(browse, inside, formless):
    uli = browse("Uli")
    assert post(uli, number="911").status_code == 422
    assert len(formless) == 1
    agreed = {"consent_kind": "express", "consent_day": "2026-01-05", "consent_proof": "Paper form"}
    assert post(uli, **agreed).status_code == 303
    assert len(formless) == 2
    with inside():
        assert db.session.scalars(select(ConsentRecord.proof)).all() == ["Paper form"]


def test_as_many_statements_as_there_are_to_ask(browse, statements):
    """Who asks, what concerns them, what is known of the recipient; within the turn two more, and what is written."""
    uli = browse("Uli")
    post(uli)
    with statements() as seen:
        assert post(uli, body="Again", key="j" * 16).status_code == 303
    words = [one.partition(" ")[0] for one in seen]
    # A server tells the worker of it by a statement of its own.
    assert [word for word in words if word != "NOTIFY"] == ["SELECT"] * 5 + ["INSERT", "UPDATE"]
