"""What stands around every page is kept, and always what would be written now."""

import re

from flask import render_template_string
from flask_babel import force_locale, gettext

from portal.extensions import db, writing
from portal.models import Organization, User
from portal.web import kept_parts, navigation
from portal.web.counts import COUNTED, COUNTED_BELOW
from portal.web.kept_parts import fill_part, mark_place
from portal.wording.languages import LANGUAGES
from tests import cast
from tests.products import WHOLE
from tests.security.maple import settle
from tests.security.table import GETS, WHO
from tests.talks import hold, text_in

TOKEN = re.compile(r'(name="csrf_token" value=")[^"]+')

ONE_TEXT = re.compile(r'id="count-messaging-show_inbox(-below)?"> <span class="badge info" aria-hidden="true">1<')


def frame_of(answer):
    """The page without its content, and without what differs in every answer."""
    front, _main, rest = answer.text.partition("<main")
    return TOKEN.sub(r"\1", front + rest.rpartition("</main>")[2])


def addresses_for(held, name):
    """The pages that open for a person, each in every language; else one in three, and the next in another language."""
    rules = [row.rule for row in GETS if row.codes[name] == "200" and "export" not in row.rule and "." not in row.rule]
    rules = rules if WHOLE else rules[WHO.index(name) % 3::3]
    for place, rule in enumerate(rules):
        languages = list(LANGUAGES)
        for language in languages if WHOLE else [languages[place % len(languages)]]:
            yield f"{held.address(rule)}?lang={language}"


def test_it_is_what_would_be_written_now(app, browse):
    """For pages of every role: with what was kept for all who came before, and with nothing kept."""
    held = settle(app)
    browsers = {name: browse(name) for name in WHO}
    pages = [(name, address) for name in WHO for address in addresses_for(held, name)]
    kept = {page: frame_of(browsers[page[0]].get(page[1])) for page in pages}
    anew = {}
    for name, address in pages:
        kept_parts.forget_parts()
        anew[name, address] = frame_of(browsers[name].get(address))
    assert [page for page in pages if kept[page] != anew[page]] == []
    assert len(set(kept.values())) > len(pages) / 4, "it has told them apart"
    cast.Browser.pages.clear()


def test_what_is_a_readers_own_is_not_kept(browse, people, inside):
    """Name, organization, counts, language and the token of the forms."""
    ben, uli = browse("Ben"), browse("Uli")
    assert len(ONE_TEXT.findall(uli.get("/account").text)) == 0
    assert ">Ben Okafor</span>" in ben.get("/account").text
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).name = "U<li"
        session.get_one(Organization, session.get_one(User, people["Uli"].id).organization_id).name = "Maple & Co"
    with inside():
        hold(people["Uli"].id, text_in())
    page = uli.get("/account").text
    assert ">U&lt;li</span>" in page
    assert "<span>Maple &amp; Co</span>" in page
    assert len(ONE_TEXT.findall(page)) == 2
    assert not ONE_TEXT.search(ben.get("/account").text)
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).language = "de"
    assert "Abmelden" in uli.get("/account").text
    assert "Sign out" in ben.get("/account").text
    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', uli.get("/account").text)) for _ in range(2)]
    assert [len(one) for one in tokens] == [1, 1]
    assert tokens[0] != tokens[1]


def test_places_are_filled_in_as_text(app):
    """A value is escaped, and no places are looked for in it."""
    def write(word):
        return render_template_string('<b title="{{ own }}">{{ word }}</b>', own=mark_place("own"), word=word)

    with app.test_request_context():
        assert fill_part(write, "<", own={"own": f'"{mark_place("own")}'}) == (
            '<b title="&#34;\x1fown\x1f">&lt;</b>')
        assert fill_part(write, "a", own={"own": "b"}) == '<b title="b">a</b>'
        assert kept_parts._write_once.cache_info().currsize == 2
        db.session.remove()


def test_what_is_counted_below_the_page(app):
    assert {view for view, _label in navigation.BELOW} & set(COUNTED) == set(COUNTED_BELOW)


def test_a_part_is_kept_for_the_language_in_which_it_was_written(app):
    """Also where something is written in the language of another person than the reader, such as a letter."""
    def write():
        return gettext("Messages")

    with app.test_request_context("/?lang=pl"):
        with force_locale("de"):
            assert fill_part(write) == "Nachrichten"
        assert fill_part(write) == gettext("Messages") != "Nachrichten"
