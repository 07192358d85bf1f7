"""Pages that are the same for every stranger: made once, and never one reader's page for another."""

import gzip
import re
from dataclasses import replace

import pytest
from flask import session

from portal import rules
from portal.services.spam import reports
from portal.web import form_tokens, public_pages

KEPT = ("/accessibility", "/help", "/limitations", "/limitations/hours", "/limitations/rules.json", "/privacy")
WANTED = {"Accept-Encoding": "gzip"}
TOKEN = re.compile(r'name="(?:csrf_token|made)"[^>]* value="([^"]+)"')


@pytest.fixture
def made(monkeypatch):
    """The pages that were made, by the names of what made them."""
    names, noted_by = [], {}
    kept = public_pages.keep_words

    def watch(make, *told):
        def noted(*given):
            names.append(make.__name__)
            return make(*given)

        noted.__name__ = make.__name__
        return kept(noted_by.setdefault(make, noted), *told)

    monkeypatch.setattr(public_pages, "keep_words", watch)
    return names


@pytest.mark.parametrize("address", KEPT)
def test_a_second_stranger_gets_what_was_made_for_the_first(browse, made, address):
    first, second = browse().get(address), browse().get(address)
    assert second.data == first.data
    assert len(made) == 1


@pytest.mark.parametrize("address", KEPT)
def test_it_is_what_would_be_made_now(browse, address):
    """The page that was kept is the page that a reader gets for whom nothing is kept."""
    kept = [browse().get(address) for _ in range(2)][1]
    public_pages.forget_pages()
    assert browse().get(address).data == kept.data
    unkept = browse().get(f"{address}?of=all")
    assert unkept.text.replace("of=all&amp;", "").replace("?of=all", "") == kept.text
    assert "ETag" not in unkept.headers


@pytest.mark.parametrize("address", KEPT)
@pytest.mark.parametrize("takes", ["gzip", "br", ""])
def test_who_has_it_gets_it_once(browse, address, takes):
    """A browser asks each time, and is told in a few bytes that nothing changed."""
    first = browse().get(address, headers={"Accept-Encoding": takes})
    assert first.headers["Cache-Control"] == "no-cache"
    assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(first.headers["Vary"].split(", "))
    assert ("Content-Encoding" in first.headers) == bool(takes)
    again = browse().get(address, headers={"Accept-Encoding": takes, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Vary"] == first.headers["Vary"]
    other = browse().get(address, headers={"Accept-Language": "de", "If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("address", KEPT)
def test_each_language_has_its_own(browse, address):
    """By what the browser says, what the address asks for, and what was chosen before."""
    pages = {code: browse().get(address, headers={"Accept-Language": code}).text for code in ("en", "de", "pl", "fr")}
    assert len(set(pages.values())) == 4
    for code, page in pages.items():
        asked = browse()
        assert asked.get(f"{address}?lang={code}").text == page
        assert asked.get(address, headers={"Accept-Language": "pl"}).text == page
        packed = browse().get(address, headers={"Accept-Language": code, **WANTED})
        assert gzip.decompress(packed.data).decode() == page


@pytest.mark.parametrize("address", KEPT)
def test_nobody_gets_the_page_of_another(browse, address):
    """Two people and a stranger, in every order; who is signed in is never told to keep what they have."""
    for order in (("Nobody", "Ada", "Uli", "Nobody"), ("Uli", "Nobody", "Ada"), ("Ada", "Uli", "Nobody")):
        public_pages.forget_pages()
        for who in order:
            stranger = browse().get(address, headers={"Accept-Encoding": ""})
            answer = browse(who).get(address, headers={"If-None-Match": stranger.headers["ETag"]})
            named = {name for name in ("Ada Keller", "Uli Brandt", "Maple Clinic") if name in answer.text}
            if who == "Nobody":
                assert (answer.status_code, named) == (304, set())
                continue
            own = "Ada Keller" if who == "Ada" else "Uli Brandt"
            assert answer.status_code == 200
            assert "json" in address or {own, "Maple Clinic"} <= named <= {"Ada Keller", "Maple Clinic", own}
            assert answer.headers["Cache-Control"] == "no-store"
            assert "ETag" not in answer.headers


def test_what_applies_to_one_reader_is_not_kept_for_the_next(browse):
    """Ada has no number of her own and reads so at that rule; Uli has one."""
    applies = "This applies to you now:"
    assert applies not in browse("Uli").get("/limitations").text
    assert applies in browse("Ada").get("/limitations").text
    assert applies not in browse("Uli").get("/limitations").text
    assert applies not in browse().get("/limitations").text


def test_the_rules_are_written_once_for_all_who_are_signed_in(browse, monkeypatch):
    """Navigation and counts are each reader's own; what stands within is the same."""
    from portal.blueprints.notices import limitations_page

    described = []
    describe = limitations_page.describe_rule
    monkeypatch.setattr(limitations_page, "describe_rule", lambda *given: described.append(1) or describe(*given))
    pages = [browse(who).get("/limitations").text for who in ("Uli", "Ben", "Olga")]
    assert len(described) == len(rules.RULES)
    assert [name in page for page, name in zip(pages, ("Uli Brandt", "Ben Okafor", "Olga Weiss"), strict=True)] == [
        True] * 3


def test_another_edition_is_another_page(browse, monkeypatch):
    """The rules change with their edition, and the page with it."""
    before = browse().get("/limitations")
    last = rules.EDITIONS[-1]
    monkeypatch.setattr(rules, "EDITIONS", (*rules.EDITIONS, replace(last, number=last.number + 1)))
    after = browse().get("/limitations", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert f"Edition {last.number + 1} of " in after.text
    assert f"Edition {last.number + 1} of " in browse("Uli").get("/limitations").text


def test_other_settings_make_other_pages(another, browse):
    """Two applications in one process, such as those of the tests, share none."""
    assert "Example Telecom" not in browse().get("/privacy").text
    assert "Example Telecom" in another(OPERATOR="Example Telecom").test_client().get("/privacy").text
    assert "Example Telecom" not in browse().get("/privacy").text


@pytest.mark.parametrize("held", [{"_flashes": [("message", "You are signed out.")]}, {"ended": "x"}])
def test_who_is_to_be_told_something_gets_a_page_of_their_own(browse, held):
    """And the next stranger is told nothing."""
    told = browse()
    with told.session_transaction() as kept:
        kept.update(held)
    answer = told.get("/limitations")
    assert "ETag" not in answer.headers
    assert ("You are signed out." in answer.text) == ("_flashes" in held)
    assert "You are signed out." not in browse().get("/limitations").text


def test_a_head_tells_what_a_get_would(browse):
    got, told = browse().get("/help"), browse().head("/help")
    assert (told.data, told.content_length) == (b"", len(got.data))
    assert told.headers["ETag"] == got.headers["ETag"]


def test_a_choice_of_language_is_kept_by_nobody_between(browse):
    answer = browse().get("/help?lang=de")
    assert "language=de" in answer.headers["Set-Cookie"]
    assert set(answer.headers["Cache-Control"].split(", ")) == {"no-cache", "private"}


# --- the report form -----------------------------------------------------------------------------


def test_the_form_is_made_once_and_signed_for_each(browse, made):
    """Each reader has a token of their own session, which is masked anew, and a stamp; no other page keeps them."""
    one, other = browse(), browse()
    pages = [one.get("/report-spam"), one.get("/report-spam"), other.get("/report-spam")]
    assert made == ["unsigned_report_page"]
    signed = [TOKEN.findall(page.text) for page in pages]
    assert [len(found) for found in signed] == [2, 2, 2]
    tokens = [form_tokens.unmask_token(found[0]) for found in signed]
    assert len({found[0] for found in signed}) == 3
    assert tokens[0].partition(".")[0] == tokens[1].partition(".")[0] != tokens[2].partition(".")[0]
    assert len({TOKEN.sub("", page.text) for page in pages}) == 1
    assert all(page.headers["Cache-Control"] == "no-store" and "ETag" not in page.headers for page in pages)


def test_the_form_of_many_is_the_form_of_one(browse):
    """The same as one that is written for its reader alone."""
    kept, own = browse().get("/report-spam").text, browse().get("/report-spam?own=y").text
    assert TOKEN.sub("", own.replace("own=y&amp;", "")) == TOKEN.sub("", kept)


def test_the_form_follows_what_was_decided(browse, monkeypatch):
    """How long reports take is asked each time."""
    assert "Half of all reports" not in browse().get("/report-spam").text
    monkeypatch.setattr(reports, "days_to_outcome", lambda: 3)
    assert "within 3 days" in browse().get("/report-spam").text


def test_a_sender_in_the_address_stays_with_its_reader(browse):
    assert "+14165550101" in browse().get("/report-spam?from=%2B14165550101").text
    assert "+14165550101" not in browse().get("/report-spam").text


def test_a_form_is_without_token_only_while_it_is_made_for_many(app):
    with app.test_request_context():
        with form_tokens.without_token() as nothing:
            assert form_tokens.make_form_token() == nothing
        assert form_tokens.make_form_token() != nothing
        assert "csrf_token" in session
