"""NUL is left out of what a request carries."""

import io

import pytest
from flask import Flask, request

from portal.web import requests


@pytest.fixture
def asked():
    app = Flask(__name__)
    requests.read_storable_requests(app)
    return app.test_request_context


@pytest.mark.parametrize(("typed", "read"), [("a%00b", "ab"), ("%00", ""), ("a+b", "a b"), ("%C3%A9%00", "é")])
def test_the_query(asked, typed, read):
    with asked(f"/?search={typed}&search=2"):
        assert request.args.getlist("search") == request.values.getlist("search") == [read, "2"]


def test_a_name_in_the_query(asked):
    with asked("/?se%00en=1"):
        assert request.args.to_dict() == {"seen": "1"}


def test_a_form_and_the_names_of_its_files(asked):
    sent = {"na\0me": "Z\0oe", "file": (io.BytesIO(b"a\0b"), "us\0ers.csv"), "none": (io.BytesIO(b""), "")}
    with asked("/", method="POST", data=sent):
        assert request.form.to_dict() == {"name": "Zoe"}
        assert request.files["file"].filename == "users.csv"
        assert request.files["file"].read() == b"a\0b"
        assert request.values["name"] == "Zoe"


def test_what_carries_none_is_handed_on_as_it_is(asked):
    with asked("/?a=1", method="POST", data={"b": "2"}):
        assert (type(request.form).__name__, request.form.to_dict()) == ("ImmutableMultiDict", {"b": "2"})


@pytest.mark.parametrize(("typed", "position"), [
    ("", None), ("x", None), ("7", 7), ("-1", 0), ("9" * 20, 2**53), ("9" * 5_000, None), ("%00" + "7", 7)])
def test_a_position_is_one_that_every_database_compares_with(asked, typed, position):
    with asked(f"/?before={typed}"):
        assert requests.read_list_position("before") == position
