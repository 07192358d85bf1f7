"""Every form with every kind of body that no page of ours sends: no answer is an error of ours, nothing half is kept.

The forms are those of tests/security/table.py, which has to name every route, so a new form is tried by itself.
"""

import io
from urllib.parse import quote, urlencode

import pytest
from gunicorn.http.errors import InvalidChunkSize

from tests.products import WHOLE
from tests.security.maple import settle, tables, undone
from tests.security.table import FORMS

# Below the limit of a form, and the slowest text to fold: marks in the wrong order.
MARKS = "a" + "\u0301" * 15_000 + "\u0316" * 15_000
LONG = "x" * 200_000
# Tries are counted, also those that are refused, and a text that is refused stays as a draft.
COUNTED = {"buckets", "drafts"}


def as_text(value):
    return value if isinstance(value, str) else str(value)


def encoded(form, name, raw):
    """The form as browsers send it, with these very bytes (percent-encoded) as one of the fields."""
    others = {key: as_text(value) for key, value in form.items() if key != name and not isinstance(value, tuple)}
    return {"data": f"{urlencode(others)}&{quote(name)}={raw}", "content_type": "application/x-www-form-urlencoded"}


def chunked(form, name):
    """More than is allowed, by a client that does not say how much is coming."""
    body = encoded(form, name, LONG)["data"].encode()
    return {"input_stream": io.BytesIO(body), "content_type": "application/x-www-form-urlencoded",
            "environ_overrides": {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}}


class NoChunks(io.BytesIO):
    """What gunicorn hands over of a body that is not in chunks as it says."""

    def read(self, *_given):
        raise InvalidChunkSize(b"0x5")


def no_chunks(form, name):
    return chunked(form, name) | {"input_stream": NoChunks()}


def broken(form, name):
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nhe'
    return {"input_stream": io.BytesIO(part.encode()), "content_type": "multipart/form-data; boundary=x"}


# Kind of body: what to post, given the form as it should be and the field to spoil.
BODIES = {
    "marks": lambda form, name: {"data": form | {name: MARKS}},
    "a file where a text belongs": lambda form, name: {"data": form | {name: (io.BytesIO(b"MZ\0" * 99), "x\".exe")}},
    "a text where a file belongs": lambda form, name: {"data": form | {name: "plain"}},
    "too long, its length unsaid": chunked,
    "no chunks": no_chunks,
    "too long": lambda form, name: {"data": form | {name: LONG}},
    "a value that is not offered": lambda form, name: {"data": form | {name: "no-such-value"}},
    "a number without end": lambda form, name: {"data": form | {name: "9" * 5_000}},
    "a number below all": lambda form, name: {"data": form | {name: "-9223372036854775809"}},
    "missing": lambda form, name: {"data": {key: value for key, value in form.items() if key != name}},
    "empty": lambda form, name: {"data": form | {name: ""}},
    "NUL": lambda form, name: {"data": form | {name: "a\0b"}},
    "a lone surrogate": lambda form, name: encoded(form, name, "a%ED%A0%80b"),
    "no UTF-8": lambda form, name: encoded(form, name, "%FF%FE%C3"),
    "twice": lambda form, name: {"data": form | {name: ["no-such-value", as_text(form.get(name, ""))]}},
    "direction and tags": lambda form, name: {"data": form | {name: "\u202e<script>\u2066\U0001f600{{7*7}}%s'\""}},
    "lines": lambda form, name: {"data": form | {name: "a\r\nSet-Cookie: x=1\r\n\r\nb\u2028c\x1b[31m"}},
    "nothing at all": lambda form, name: {"data": b"", "content_type": "application/x-www-form-urlencoded"},
    "broken parts": broken,
    "JSON": lambda form, name: {"data": b"[" * 5_000, "content_type": "application/json"},
    "two thousand fields": lambda form, name: {"data": form | {f"{name}{n}": "x" for n in range(2_000)}},
}
KINDS = list(BODIES)


def tries(row, form):
    """(kind, field): every kind at every field, or at each form some kinds, another for each of its fields."""
    names = [name for name in form if name != "csrf_token"] or ["nothing"]
    if WHOLE:
        return [(kind, name) for kind in KINDS for name in names]
    at = FORMS.index(row)
    return [(KINDS[(3 * at + turn) % len(KINDS)], names[(at + turn) % len(names)]) for turn in range(3)]


def spoiled(browser, form, kind, name):
    given = BODIES[kind]({"csrf_token": browser.token(), **form}, name)
    return {"token": False, "buffered": True, **given}


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_no_body_breaks_a_form(app, browse, row):
    held, who = settle(app), (row.passing or row.refused)[0]
    wrong = []
    for kind, name in tries(row, held.form(row.rule)):
        with undone(app):
            browser, before = browse(who), tables(app)
            answer = browser.post(held.address(row.rule), **spoiled(browser, held.form(row.rule), kind, name))
            left = {table for table, rows in tables(app).items() if rows != before[table]} - COUNTED
            if answer.status_code >= 500 or (answer.status_code >= 400 and left):
                wrong.append((kind, name, answer.status_code, sorted(left)))
    assert wrong == []


def test_every_kind_of_body_meets_a_form():
    met = {kind for row in FORMS for kind, _ in tries(row, {"one": "", "two": ""})}
    assert met == set(KINDS)


@pytest.mark.parametrize("row", [row for row in FORMS if row.refused], ids=str)
def test_whoever_may_not_is_told_so_whatever_they_send(app, browse, row):
    """Nobody learns from a broken body what a form would have done with it."""
    held, who = settle(app), row.refused[0]
    kind, name = tries(row, held.form(row.rule))[0]
    browser, before = browse(who), tables(app)
    answer = browser.post(held.address(row.rule), **spoiled(browser, held.form(row.rule), kind, name))
    assert 300 <= answer.status_code < 500
    assert {table for table, rows in tables(app).items() if rows != before[table]} <= COUNTED


@pytest.mark.parametrize("body", [b"[" * 5_000, b"{", b"null", b'{"sender": "+14165550101", "body": "You won!"}'])
def test_json_is_no_form(app, browse, body):
    """Where no token guards the form either."""
    settle(app)
    before = tables(app)
    answer = browse().post("/report-spam", token=False, data=body, content_type="application/json")
    assert answer.status_code == 422
    assert tables(app) == before
