"""What is too long for its field is refused before anything folds, reads, remembers or counts it."""

import io
import unicodedata

import pytest
from sqlalchemy import func, select

from portal import lengths
from portal.extensions import db
from portal.models import Message, Report, TokenBucket
from portal.rules import encoding, numbers
from portal.services.accounts import passwords
from tests.products import WHOLE
from tests.security.maple import settle
from tests.security.table import FORMS

# 62 kB; to sort so many marks takes the library seconds.
MARKS = "a" + "\u0301\u0316" * 7_750
MULTIPART = {"content_type": "multipart/form-data"}
FEW = 40
# Forms that at least one of the people of the table may send.
SENT = [row for row in FORMS if row.passing]
# Where people search: by a form that is posted, or by an address.
SEARCHES = [
    ("Uli", "POST", "/messages/", "search"), ("Ada", "POST", "/admin/opt-outs/search", "search"),
    ("Ada", "POST", "/admin/consents/search", "search"),
    ("Ada", "GET", "/admin/users", "search"), ("Ada", "GET", "/admin/audit", "who"),
    ("Ada", "POST", "/admin/users", "search"), ("Olga", "GET", "/operator/", "search"),
]
NUMBERS = [
    ("Nobody", "/report-spam", "theirs"), ("Nobody", "/report-spam", "sender"), ("Ada", "/admin/check", "number"),
    ("Uli", "/messages/new", "number"), ("Ada", "/admin/opt-outs", "number"), ("Ada", "/admin/users/new", "number"),
    ("Ada", "/admin/consents", "number"),
]


@pytest.fixture
def piles(monkeypatch):
    """The longest run of marks that was given to the library to sort."""
    real, longest = unicodedata.normalize, [0]

    def watched(form, text):
        run = 0
        for char in text if len(text) > FEW else "":
            run = run + 1 if unicodedata.combining(char) else 0
            longest[0] = max(longest[0], run)
        # What should not have come is not sorted: the test is about what is asked, not about how long it takes.
        return real(form, text[:200] if longest[0] > FEW else text)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    return lambda: longest[0]


# With more of them the test's own client keeps the body in a file, and nobody closes that.
TOGETHER = 6


def spoilt(form):
    """The fields to spoil at a time: each alone, or some together and one alone (tests/products.py)."""
    names = list(form)
    return [[name] for name in names] if WHOLE else [
        *(names[at:at + TOGETHER] for at in range(0, len(names), TOGETHER)), names[:1]]


@pytest.mark.parametrize("row", SENT, ids=str)
def test_no_field_of_any_form_makes_the_portal_sort_marks(app, browse, row, piles):
    """H1: every field of every form that changes something, by somebody who may send it."""
    held = settle(app)
    browser = browse(row.passing[0])
    form = held.form(row.rule)
    for names in spoilt(form):
        answer = browser.post(held.address(row.rule), data=form | dict.fromkeys(names, MARKS), **MULTIPART)
        assert answer.status_code < 500, names
    assert piles() <= FEW


@pytest.mark.parametrize(("who", "method", "address", "name"), SEARCHES)
@pytest.mark.parametrize("typed", [MARKS, "x" * 60_000, "4" * 60_000])
def test_a_search_that_is_too_long_finds_nothing(browse, piles, who, method, address, name, typed):
    """H1: neither folded nor given to the database, which answers 503 to patterns that are too long."""
    browser = browse(who)
    sent = {"data": {name: typed}, **MULTIPART} if method == "POST" else {"query_string": {name: typed}}
    answer = getattr(browser, method.lower())(address, **sent)
    assert answer.status_code in (200, 303)
    assert piles() <= FEW


@pytest.mark.parametrize(("who", "address", "name"), NUMBERS)
@pytest.mark.parametrize("typed", ["4" * 61, "\U0001f600" + "-" * 60_000, "+1 416 555 0112" + "()" * 30])
def test_long_numbers_are_refused_and_not_remembered(browse, who, address, name, typed):
    """M4: in every field for numbers, with what is wrong at the field."""
    browser, kept = browse(who), []
    for one in (typed, typed[:-1] + "5", typed[:-1] + "6"):
        form = {"sender": "+14165550101", "user": "Uli Brandt", "text": "Hello", "source": "phone", "body": "Hello",
                "name": "Nora", "email": "nora@example.com", name: one}
        answer = browser.post(address, data=form, **MULTIPART)
        assert answer.status_code == 422
        kept.append(numbers.read_number.cache_info().currsize)
        assert one[:50] in answer.text
    # The first may remember the other numbers of its form.
    assert len(set(kept)) == 1


def test_a_look_at_a_long_number_remembers_nothing(browse):
    before = numbers.read_number.cache_info().currsize
    assert browse("Uli").post("/messages/consider", data={"number": "-" * 60_000, "body": "x"}).status_code == 200
    assert numbers.read_number.cache_info().currsize == before


def test_a_long_text_is_refused_with_all_its_segments(browse, inside):
    """What is counted is the whole text; what was typed stays."""
    answer = browse("Uli").post("/messages/new", data={"number": "+14165550112", "body": "word " * 1000})
    assert answer.status_code == 422
    assert "33" in answer.text
    assert "word " * 999 in answer.text
    with inside():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_text_that_is_far_too_long_is_not_packed(browse, monkeypatch):
    """Packing 62 kB takes longer than all the rest of the answer."""
    real, packed = encoding.pack_text, []
    monkeypatch.setattr(encoding, "pack_text", lambda body: packed.append(len(body)) or real(body))
    uli = browse("Uli")
    for address in ("/messages/new", "/messages/consider"):
        answer = uli.post(address, data={"number": "+14165550112", "body": MARKS}, **MULTIPART)
        assert "at most 10" in answer.text
    assert max(packed, default=0) <= lengths.PACKED_BODY


@pytest.mark.parametrize("name", ["email", "password"])
def test_signing_in_with_too_much(browse, inside, name, monkeypatch):
    """Refused before the account is looked for: no hash is made, no try is counted."""
    monkeypatch.setattr(passwords, "sign_in_with_password", lambda *_given: pytest.fail("it was looked for"))
    sent = {"email": "ada@example.com", "password": "x", name: "x" * 255}
    assert "Use at most" in browse().post("/sign-in", data=sent).text
    with inside():
        assert db.session.scalar(select(func.count()).select_from(TokenBucket)) == 0


# --- line breaks and files -----------------------------------------------------------------------


@pytest.mark.parametrize(("body", "code"), [
    ("\r\n".join(["x" * 20] * 190) , 303), (("x" * 19 + "\r\n") * 200, 303), (("x" * 19 + "\r\n") * 200 + "x", 422),
])
def test_a_line_break_counts_once_in_reports(browse, inside, body, code):
    """F16: browsers send two characters for it."""
    answer = browse().post("/report-spam", data={"sender": "+14165550101", "body": body})
    assert answer.status_code == code
    if code == 303:
        with inside():
            assert "\r" not in db.session.scalars(select(Report.body)).one()


@pytest.mark.parametrize("row", SENT, ids=str)
def test_a_file_in_the_place_of_a_text(app, browse, row):
    """F15: no browser sends it; whoever does hears that the field is empty."""
    held = settle(app)
    browser = browse(row.passing[0])
    form = held.form(row.rule)
    for names in spoilt(form):
        sent = form | {name: (io.BytesIO(b"x"), "x.txt") for name in names}
        assert browser.post(held.address(row.rule), data=sent, **MULTIPART).status_code < 500, names


@pytest.mark.parametrize(("address", "who", "sent"), [
    ("/sign-in", "Nobody", {"password": "x", "email": None}), ("/report-spam", "Nobody", {"body": "x", "sender": None}),
    ("/sign-in", "Nobody", {"email": "a@b.example", "password": None}),
    ("/admin/users/new", "Ada", {"email": "a@b.example", "name": None}),
])
def test_a_file_counts_as_nothing(browse, address, who, sent):
    data = {name: (io.BytesIO(b"x"), "x.txt") if value is None else value for name, value in sent.items()}
    assert browse(who).post(address, data=data, **MULTIPART).status_code == 422


def test_the_lengths_that_are_promised():
    assert (lengths.EMAIL_ADDRESS, lengths.SEARCH_WORDS) == (254, 200)
    assert (lengths.TEXT_BODY, lengths.TYPED_NUMBER) == (1600, 60)
