"""What a request may claim, and how large it may be."""

import io

import pytest

from portal.services.accounts import attempts

EVIL = ("evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example", "127.0.0.1.evil.example")
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
             "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9;host=evil.example"}


@pytest.mark.parametrize("host", EVIL)
def test_another_name_is_not_served(browse, host):
    """SEC-15: no address can be built from a name that is not ours; the answer is plain and names nothing."""
    ada = browse("Ada")
    for address in ("/", "/admin/", "/static/portal.css", "/health/lively", "/nowhere"):
        answer = ada.get(address, headers={"Host": host})
        assert (answer.status_code, answer.mimetype) == (400, "text/plain")
        assert answer.text == "This address is not served here.\n"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:5000"])
def test_our_own_names_are_served(browse, host):
    """SEC-15: on this machine only, under the names of this machine."""
    assert browse().get("/health/live", headers={"Host": host}).status_code == 200


def test_what_a_visitor_says_about_proxies_is_not_believed(app, another, browse, inside):
    """SEC-15: the throttle counts the real source; behind a declared proxy it counts whom that names."""
    spent = [(attempts.SIGN_IN_SOURCE, attempts.network_of_address("127.0.0.1"))] * 20
    with inside():
        assert all(attempts.take_tokens(one) is None for one in spent)
    sent = {"data": {"email": "a@example.com", "password": "x"}, "headers": FORWARDED}
    assert browse().post("/sign-in", **sent).status_code == 429
    behind = {**sent, "headers": {"X-Forwarded-For": "203.0.113.9"}}
    assert browse(which=another(PROXY_HOPS="1")).post("/sign-in", **behind).status_code == 422


def test_forwarded_names_change_no_address(browse):
    """SEC-15: neither the host nor the scheme of links comes from the visitor."""
    answer = browse("Ada").get("/", headers=FORWARDED)
    assert answer.location == "/admin/"
    assert "evil.example" not in browse("Ada").get("/admin/", headers=FORWARDED).text


@pytest.mark.parametrize(("size", "code"), [(64 * 1024, 422), (64 * 1024 + 1, 413)])
def test_forms_have_a_size(browse, size, code):
    """SEC-15: 64 kB and not a byte more."""
    nobody = browse()
    token = f"csrf_token={nobody.token()}&email="
    body = token + "x" * (size - len(token))
    answer = nobody.post("/sign-in", data=body, token=False, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == code


@pytest.mark.parametrize("address", ["/sign-in", "/account", "/admin/import"])
def test_forms_have_so_many_parts(browse, address):
    """SEC-15: a thousand parts, not one more, for uploads too."""
    sent = {f"field-{number}": "x" for number in range(1000)}
    answer = browse("Ada").post(address, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_only_the_upload_takes_more(browse):
    """SEC-15: ten megabytes there, 64 kB everywhere else, a file or not."""
    ada, file = browse("Ada"), b"x" * 100_000
    assert ada.post("/admin/import", data={"file": (io.BytesIO(file), "a.csv")}).status_code == 422
    assert ada.post("/admin/organization", data={"file": (io.BytesIO(file), "a.csv")}).status_code == 413
    large = ada.post("/admin/import", data=file * 105, token=False, content_type="multipart/form-data; boundary=x")
    assert large.status_code == 413


ODD = (
    "search=%00", "search=%ff%fe", "after=99999999999999999999999-x", "before=99999999999999999999999-x", "after=x",
    "after=-", "location=%27", "texting=%00", "rule=x", "level=user&word=x&outcome=turn-on", "user=%27", "before=-1",
    "before=99999999999999999999999", "word=x&locked=x", "search=" + "x" * 4000,
)


@pytest.mark.parametrize(("who", "pages"), [
    ("Ada", ("/admin/users", "/admin/audit", "/admin/check", "/admin/audit/export")), ("Olga", ("/operator/",)),
])
def test_no_address_breaks_a_page(browse, who, pages):
    """SEC-15: whatever stands behind the question mark, the portal answers as itself and never with a fault."""
    browser, asked = browse(who), [f"{page}?{query}" for page in pages for query in ODD]
    codes = {address: browser.get(address, buffered=True).status_code for address in asked}
    assert {address: code for address, code in codes.items() if code not in (200, 404)} == {}
