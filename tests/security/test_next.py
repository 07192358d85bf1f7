"""Where signing in leads to: back into this portal, nowhere else."""

import pytest

from tests import cast

SAFE = (
    "/admin/users", "/admin/users?search=Uli&texting=off", "/account#sessions", "/a%2F%2Fb", "/admin/../account",
    "/%2f%2fevil.example", "/.//evil.example", "/?next=//evil.example", "/http://evil.example", "/@evil.example",
)
ELSEWHERE = (
    "", " ", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "/\\/evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b",
    "\t//evil.example", " //evil.example", "\x00//evil.example", "/\x00/evil.example", "/\u2028evil", "/admin\\..\\x",
    "http://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://evil.example",
    "http://localhost.evil.example", "http://localhost@evil.example", "javascript:alert(1)", "data:text/html,x",
    "ftp://evil.example", "admin/users", "evil.example", "?next=/", "#", "http://[", "//[::1", "//evil.example／x",
    "／／evil.example", "\u202e/evil", "mailto:a@evil.example",
)
SIGN_IN = {"email": "uli@example.com", "password": cast.PASSWORD}


@pytest.mark.parametrize("address", SAFE)
def test_back_to_where_one_wanted_to_go(browse, address):
    """SEC-11: paths of this portal, whatever they look like."""
    assert browse("Ada").get("/sign-in", query_string={"next": address}).location == address


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nowhere_else(browse, address):
    """SEC-11: nothing that a browser could take for another host; the first page instead."""
    assert browse("Ada").get("/sign-in", query_string={"next": address}).location == "/"


def test_all_the_way(browse):
    """SEC-11: the address goes through the form, and is looked at again when it comes back."""
    nobody = browse()
    asked = nobody.get("/admin/users?search=Uli")
    assert asked.location == "/sign-in?next=/admin/users?search%3DUli"
    assert 'name="next" value="/admin/users?search=Uli"' in nobody.get(asked.location).text
    assert "evil" not in nobody.get("/sign-in?next=//evil.example").text
    assert nobody.post("/sign-in", data={**SIGN_IN, "next": "//evil.example"}).location == "/"


def test_the_form_leads_on(browse):
    """SEC-11: with the right password to the page that was asked for."""
    assert browse().post("/sign-in", data={**SIGN_IN, "next": "/notices"}).location == "/notices"


def test_a_wrong_password_keeps_the_way(browse):
    """The second try leads where the first would have."""
    answer = browse().post("/sign-in", data={"email": "uli@example.com", "password": "wrong", "next": "/notices"})
    assert answer.status_code == 422
    assert 'name="next" value="/notices"' in answer.text
