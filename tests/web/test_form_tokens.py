"""Tokens of forms: another one in every answer, the same under the mask."""

import re

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from portal.extensions import db
from portal.models import Report
from portal.rules.cases import Lane
from portal.web import form_tokens
from tests.security.maple import walk
from tests.security.table import GETS

TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
PLAIN = "IjQwYWIi.abcDEF.-_0123456789"


def tokens_on(answer):
    return set(TOKEN.findall(answer.text))


def test_a_mask_hides_and_gives_back(monkeypatch):
    """Another one every time, and each gives the same token."""
    masked = {form_tokens.mask_token(PLAIN) for _ in range(50)}
    assert len(masked) == 50
    assert {form_tokens.unmask_token(one) for one in masked} == {PLAIN}
    assert all(re.fullmatch(r"[\w-]+", one) for one in masked)
    monkeypatch.setattr(form_tokens.secrets, "token_bytes", bytes)
    assert "IjQwYWIi" not in form_tokens.mask_token(PLAIN)[:len(PLAIN)]


def test_every_byte_of_the_mask_is_by_chance(monkeypatch):
    """As many random bytes as the token has, so that nothing of it is the same in two answers."""
    drawn = []
    monkeypatch.setattr(form_tokens.secrets, "token_bytes", lambda count: drawn.append(count) or b"\xff" * count)
    assert form_tokens.unmask_token(form_tokens.mask_token(PLAIN)) == PLAIN
    assert drawn == [len(PLAIN)]


@pytest.mark.parametrize("given", [
    PLAIN, "", "a", "ab", "abc", "====", "é", "\x00", "made-up", "_" * 400, "/" * 40, "a b", "\ud800", "abcd.efgh",
])
def test_what_is_no_masked_token_is_refused_quietly(given):
    """A plain token stays as it is; anything else becomes nothing that a signature would fit."""
    told = form_tokens.unmask_token(given)
    assert isinstance(told, str)
    assert told == given or "." not in told


def test_one_token_in_all_forms_of_an_answer_and_another_in_the_next(browse):
    """What repeats within a page costs nothing, what repeats between pages could be guessed."""
    ada = browse("Ada")
    first, second = tokens_on(ada.get("/admin/users")), tokens_on(ada.get("/admin/users"))
    part = tokens_on(ada.get("/admin/users", part=True))
    assert len(first) == len(second) == len(part) == 1
    assert len(first | second | part) == 3


def test_under_the_mask_is_the_token_of_the_session(app, browse):
    """The one that Flask-WTF signs."""
    ada = browse("Ada")
    (token,) = tokens_on(ada.get("/account"))
    with ada.session_transaction() as held:
        secret = held["csrf_token"]
    signer = URLSafeTimedSerializer(app.config["WTF_CSRF_SECRET_KEY"], salt="wtf-csrf-token")
    assert signer.loads(form_tokens.unmask_token(token)) == secret


@pytest.mark.parametrize("who", ["Ada", "Uli", "Olga", "Nobody"])
def test_no_page_holds_a_plain_token(app, browse, who):
    """Every token on every page is masked: a plain one has dots."""
    pages = walk(app, browse, who)
    assert pages.keys() == {row.rule for row in GETS}
    found = {rule: tokens_on(answer) for rule, answer in pages.items() if answer.mimetype == "text/html"}
    assert sum(map(len, found.values())) >= (3 if who == "Nobody" else 10)
    for rule, tokens in found.items():
        assert not [one for one in tokens if "." in one or len(one) < 200], rule


@pytest.mark.parametrize("place", ["field", "prefixed", "header", "htmx"])
@pytest.mark.parametrize("mask", [form_tokens.mask_token, str], ids=["masked", "plain"])
def test_both_kinds_are_taken(browse, place, mask):
    """In the field, in one with a prefix and in the header; a page from before an upgrade has a plain one."""
    ada = browse("Ada")
    token, data = mask(ada.token()), {"language": "", "time_zone": ""}
    if place in ("field", "htmx"):
        data["csrf_token"] = token
    elif place == "prefixed":
        data["any-csrf_token"] = token
    headers = {"X-CSRFToken": token} if place == "header" else {}
    answer = ada.post("/account", data=data, headers=headers, token=False, part=place == "htmx")
    assert answer.status_code == 303


@pytest.mark.parametrize("spoil", [
    lambda token: token[:-4], lambda token: "AAAA" + token[4:], lambda token: token[::-1], lambda token: token * 2,
])
def test_a_spoiled_one_is_refused(browse, spoil):
    """Whatever was changed, the signature does not fit."""
    ada = browse("Ada")
    given = spoil(form_tokens.mask_token(ada.token()))
    answer = ada.post("/account", data={"csrf_token": given, "language": "", "time_zone": ""}, token=False)
    assert answer.status_code == 400


def test_the_form_on_the_page_can_be_sent(browse):
    """What a page shows is what it takes, also after another page was opened."""
    ada = browse("Ada")
    (token,) = tokens_on(ada.get("/account"))
    ada.get("/admin/users")
    for _ in range(2):
        sent = {"csrf_token": token, "language": "", "time_zone": ""}
        assert ada.post("/account", data=sent, token=False).status_code == 303


@pytest.mark.parametrize(("whose", "lane"), [("own", Lane.NORMAL), ("other", Lane.SLOW)])
def test_a_report_with_a_masked_token(browse, inside, clock, whose, lane):
    """The report form looks at it by itself: with its own session's token it is read in turn."""
    nobody = browse()
    page = nobody.get("/report-spam").text
    (token,) = TOKEN.findall(page if whose == "own" else browse("Mia").get("/report-spam").text.split("<main")[1])
    made = re.search(r'name="made"[^>]*value="([^"]+)"', page)
    typed = {"sender": "416 555 0101", "body": "You won!", "csrf_token": token, "made": made[1] if made else ""}
    clock.forward(seconds=90)
    assert nobody.post("/report-spam", data=typed, token=False).status_code == 303
    with inside():
        assert db.session.scalars(select(Report.lane)).one() is lane
