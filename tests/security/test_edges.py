"""What stands between a browser and the portal: proxies, names, ports, sessions that end while somebody types."""

import hashlib
import io
import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.carriers import signing
from portal.config import Settings, read_or_make_key
from portal.extensions import db
from portal.models import AccountState, Acknowledgement, User
from portal.processes.serving import describe_startup
from portal.services.upkeep import worker_marks
from tests.stores import WRITES

PUBLIC = {"PORTAL_URL": "https://texting.example.com:8443", "PROXY_HOPS": "1"}
NAMES = {"Host": "texting.example.com", "X-Forwarded-For": "203.0.113.9"}
OURS = "https://texting.example.com:8443"
TYPED = {"language": "", "time_zone": ""}
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture
def ada(another, browse):
    """Ada behind a proxy that hands on the name of the host without its port."""
    ada = browse("Ada", another(**PUBLIC))
    ada.token()
    for cookie in list(ada._cookies.values()):
        ada.set_cookie(cookie.key, cookie.value, domain="texting.example.com", secure=True)
    return ada


def send(ada, **headers):
    given = {"Referer": "", **NAMES, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return ada.post("/account", data=TYPED, base_url="https://texting.example.com", headers=given)


@pytest.mark.parametrize("headers", [
    {"Referer": f"{OURS}/account"}, {"Origin": OURS}, {"Origin": "null", "Referer": f"{OURS}/account"},
    {"Origin": OURS, "Referer": "https://evil.example/"}, {"Origin": "https://TEXTING.example.com:8443"},
    {"Origin": OURS, "X_Forwarded_Proto": "http"},
])
def test_a_form_from_the_portals_address_passes(ada, headers):
    """F7: whatever host the proxy hands on."""
    assert send(ada, **headers).status_code == 303


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"},
    {"Origin": "http://texting.example.com:8443"},
    {"Origin": "https://evil.example", "Referer": f"{OURS}/account"}, {"Origin": "null"}, {"Origin": "https://[::1"},
    {"Referer": "https://evil.example/", "X_Forwarded_Proto": "http"}, {"X_Forwarded_Proto": "http"}, {},
    {"Origin": "https://texting.example.com"}, {"Origin": f"{OURS}.evil.example"}, {"Origin": f"{OURS}@evil.example"},
])
def test_a_form_from_elsewhere_does_not(ada, headers, log_lines):
    """F7, L18: also where a proxy hands on that it was http; one line says why and which setting to look at."""
    answer = send(ada, **headers)
    assert answer.status_code == 400
    assert ("another address" in answer.text) != ("Nothing says" in answer.text)
    line, = [json.loads(one) for one in log_lines if "csrf_refused" in one]
    assert line["setting"] == "PORTAL_URL"
    assert "rigin" in line["cause"]
    assert "evil" not in str(line)


def test_a_missing_token_is_one_line_too(browse, log_lines):
    browse("Ada").post("/account", data=TYPED, token=False)
    line, = [json.loads(one) for one in log_lines if "csrf_refused" in one]
    assert line["cause"] == "no session cookie" or line["cause"] == "no token"


def test_another_host_is_one_line(browse, log_lines):
    assert browse().get("/", headers={"Host": "evil.example"}).status_code == 400
    assert [json.loads(one)["setting"] for one in log_lines] == ["PORTAL_URL, TRUSTED_HOSTS"]


def test_a_slash_that_is_missing_leads_to_the_portals_address(ada):
    """F7: and not to the name that the proxy uses inside."""
    answer = ada.get("/admin?search=x", base_url="https://texting.example.com", headers=NAMES)
    assert (answer.status_code, answer.location) == (308, f"{OURS}/admin/?search=x")


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("host", ["10.0.3.7", "10.0.3.7:5000", "localhost", "evil.example", "[fd00::7]:80", ""])
def test_supervisors_ask_by_address(another, browse, inside, host, address):
    """F11: and nobody else does."""
    with inside():
        worker_marks.note_heartbeat()
    public = browse(which=another(HOST="0.0.0.0", **PUBLIC))
    assert public.get(address, headers={"Host": host}).status_code == 200
    assert public.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["LOCALHOST", "LocalHost:5000"])
def test_a_name_in_capitals(browse, host):
    """F21"""
    assert browse().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("address", ["/spam/", "/report-spam/", "/spam", "/report-spam/?from=%2B14165550101"])
def test_the_address_of_the_report_form_with_a_slash(browse, address):
    """F20: it is printed and read out."""
    answer = browse().get(address)
    assert answer.status_code in (303, 308)
    assert answer.location.startswith("/report-spam")
    assert browse().get(answer.location).status_code == 200
    assert answer.location.endswith("14165550101") == ("from" in address)


@pytest.mark.parametrize(("port", "said"), [("5061", True), ("6000", True), ("5000", False), ("8080", False)])
def test_a_port_that_browsers_refuse(tmp_path, port, said):
    assert ("Browsers refuse port" in describe_startup(Settings.from_environ({"PORT": port}, tmp_path))) == said


# --- bodies and errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "code"), [(60_000, 422), (70_000, 413), (5_000_000, 413)])
def test_a_body_in_chunks_has_the_same_limit(browse, size, code):
    """L12: what is too long is refused, never cut and processed."""
    nobody = browse()
    body = f"csrf_token={nobody.token()}&email={'x' * size}".encode()
    answer = nobody.post("/sign-in", data=body, token=False, content_type="application/x-www-form-urlencoded",
                         headers=CHUNKED, environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""})
    assert answer.status_code == code


@pytest.mark.parametrize("code", [400, 413])
def test_an_error_page_hands_back_so_many_fields(browse, code):
    """L7: as many as a form has."""
    many = "&".join(f"a{number}=b" for number in range(5_000 if code == 400 else 20_000))
    answer = browse().post("/sign-in", data=many, token=False, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == code
    assert 0 < answer.text.count("<textarea") <= 30
    assert len(answer.data) < 30_000


@pytest.mark.parametrize("address", ["/static/nothing.css", "/static/a/b.js", "/htmx-4.0.1.min.js", "/nothing.css"])
@pytest.mark.parametrize("who", ["Ada", "Nobody"])
def test_no_error_is_kept_by_anybody(browse, address, who):
    """L3: it carries a name and a form's token, whatever its address ends with."""
    answer = browse(who).get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize("to", [None, "", "x", "Active", "active "])
def test_an_account_without_a_word_stays_as_it_is(browse, inside, people, to):
    """L8"""
    sent = {} if to is None else {"account-to": to}
    assert browse("Ada").post(f"/admin/users/{people['Ben'].ref}/account", data=sent).status_code == 422
    with inside():
        assert db.session.get_one(User, people["Ben"].id).account is AccountState.ACTIVE


def test_strangers_take_no_lock(browse, inside, begun):
    """L15: for whoever asks from elsewhere the database is only read."""
    with inside():
        worker_marks.note_heartbeat()
    begun.clear()
    answer = browse().get("/health/ready", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.json == {"status": "ready"}
    assert WRITES not in begun
    browse().get("/health/ready")
    assert WRITES in begun


@pytest.mark.parametrize(("who", "rows"), [("Ben", 1), ("Rita", 0), ("Olga", 0)])
def test_who_is_not_asked_confirms_nothing(browse, inside, who, rows):
    """N1: an auditor reads, and an operator without an organization is asked nothing."""
    browser = browse(who)
    browser.post("/notices", data={"notice": "hipaa", "version": "1"})
    said = "Your confirmation is saved." if rows else "You need not confirm this notice, so nothing was saved."
    assert said in browser.get("/notices").text
    with inside():
        before = 1  # Ada's, from the beginning
        assert db.session.scalar(select(func.count()).select_from(Acknowledgement)) == before + rows


@pytest.mark.sqlite
def test_the_queue_is_its_owners(app):
    """N2: as the database and the keys are."""
    file = app.config["SETTINGS"].database.with_suffix(".queue.db")
    assert file.stat().st_mode & 0o077 == 0


def test_the_hooks_have_a_key_of_their_own(app, browse, another):
    """N3: what the key of the forms could make signs nothing, and another one leaves the hooks alone."""
    settings, body = app.config["SETTINGS"], b'{"kind": "weather"}'
    right = read_or_make_key(settings.database.with_suffix(".carrier") / "webhook_key").encode()
    made = hashlib.sha256(f"pretend:{settings.csrf_key}".encode()).digest()
    changed = browse(which=another(CSRF_KEY="0123456789abcdef-another-for-forms"))
    for key, code in ((right, 204), (made, 401)):
        headers = signing.sign_webhook(key, "one", datetime.now(UTC), body)
        assert changed.post("/hooks/pretend", data=None, input_stream=io.BytesIO(body), token=False, headers=headers,
                            content_length=len(body)).status_code == code


# --- sessions that end ---------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "data"), [
    ("/messages/consider", {"number": "x", "body": "Dear"}), ("/messages/new", {"number": "x", "body": "Dear"}),
    ("/admin/settings", {}),
])
@pytest.mark.parametrize("behind",
                         ["http://localhost/messages/new?to=x#newest", "https://evil.example/messages/new?to=x"])
def test_a_session_that_ended_keeps_the_page(browse, clock, address, data, behind):
    """F2: htmx swaps nothing but a notice in the live region, which leads to sign in and back."""
    ada = browse("Ada")
    clock.forward(minutes=31)
    answer = ada.post(address, data=data, part=True, headers={"HX-Current-URL": behind})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert answer.headers["HX-Reswap"] == "none"
    assert 'hx-target="#said"' in answer.text
    assert re.findall(r'href="([^"]+)"', answer.text) == ["/sign-in?next=/messages/new?to%3Dx"]
    assert "Your session has ended." in answer.text
    assert "Your session has ended." in ada.get("/sign-in?next=/messages/new").text


def test_a_second_request_of_the_same_page_says_the_same(browse, clock):
    """F2: also when the cookie is gone, and with it what the form's token is compared with."""
    uli, sent = browse("Uli"), {"data": {"number": "x", "body": "Dear"}, "part": True}
    token = uli.token()
    clock.forward(hours=13)
    for _ in range(2):
        assert "has ended" in uli.post("/messages/consider", **sent).text
    uli.delete_cookie("session")
    answer = uli.post("/messages/consider", data={**sent["data"], "csrf_token": token}, part=True, token=False)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (401, "none")


@pytest.mark.parametrize("behind", ["", "//evil.example", "http://localhost//evil.example/x", "\\\\evil",
                                    "javascript:x"])
def test_the_way_back_stays_here(browse, behind):
    answer = browse().post("/messages/consider", data={"body": "x"}, part=True, headers={"HX-Current-URL": behind})
    address, = re.findall(r'href="([^"]+)"', answer.text)
    assert "evil" not in address


def test_who_was_never_signed_in_reads_nothing_of_a_session(browse):
    assert "has ended" not in browse().get("/sign-in").text


def test_a_second_window_to_sign_in(browse):
    """F18: whoever is signed in already goes on; the old form's token does not matter."""
    ada = browse("Ada")
    sent = {"email": "ada@example.com", "password": "x", "next": "/admin/users", "csrf_token": "old"}
    answer = ada.post("/sign-in", data=sent, token=False)
    assert (answer.status_code, answer.location) == (303, "/admin/users")
    answer = ada.post("/sign-in", data={**sent, "next": "//evil.example"}, token=False)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browse().post("/sign-in", data=sent, token=False).status_code == 400
