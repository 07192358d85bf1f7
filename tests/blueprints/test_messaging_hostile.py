"""Whatever somebody texts is shown as it is written, and does nothing."""

import html5lib
import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import Conversation
from tests.talks import IN, come, hold, messages, text_in, text_out

ULI = "+14165550101"
HTML = "{http://www.w3.org/1999/xhtml}"
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "javascript:alert(1)",
    '"><script>alert(1)</script>', "'-alert(1)-'", "</bdi></li><script>alert(1)</script>",
    "</textarea><script>alert(1)", "<b hx-get=/admin/ hx-trigger=load>x</b>",
    '<div data-hx-post="/sign-out" data-hx-trigger="load">', "<hx-partial hx-target=#said>x", "{{ 7 * 7 }}",
    "{% raw %}", "%(name)s", "&lt;b&gt; &amp;amp;", "https://evil.example/?a=1&b=2", "www.evil.example",
    "<a href=https://evil.example>tap</a>", "<style>*{display:none}</style>", "<base href=//evil.example>", "<!--",
    "]]>",
)
TRICKS = {
    "\u202egnp.exe": "right-to-left override", "a\u202db": "left-to-right override",
    "\u2066x\u2069": "pop directional isolate", "\u200fx": "right-to-left mark", "x\u200b.example": "zero width space",
    "x\u2060y": "word joiner", "\ufeffx": "zero width no-break space", "pay\u00adpal": "soft hyphen",
    "a\u0007b": "U+0007", "a\u001b[31m": "U+001B", "a\u0085b": "U+0085",
    "a\u2028b": "line separator", "\U000e0041x": "tag latin capital letter a", "a\u200db": "zero width joiner",
    "\u061cx": "arabic letter mark",
}
HARMLESS = ("👩‍👩‍👧", "नि‌मेष", "می‌خواهم", "שלום", "line\nbreak", "tab\there", "Ünïcödé", "🇨🇦")


@pytest.fixture
def shown(browse, inside, people):
    """`shown(text)`: the conversation, its list and what a poll brings, parsed, after this text came in."""
    def show(body):
        with inside():
            come(body, ULI)
            ref = db.session.scalars(select(Conversation.ref)).one()
        uli = browse("Uli")
        pages = (f"/messages/{ref}/news?after=0", "/messages/", f"/messages/{ref}")
        return [html5lib.parse(uli.get(page).text) for page in pages]
    return show


def bodies(tree):
    """What was texted, where it stands in full: the list beside a conversation repeats its beginning."""
    beside = {one for part in tree.iter(f"{HTML}section") if part.get("class") == "talking" for one in part.iter()}
    return [found for found in tree.iter(f"{HTML}bdi") if "hx-ignore" in found.attrib and found not in beside]


def said(element):
    return "".join(element.itertext())


@pytest.mark.parametrize("body", MARKUP)
def test_markup_stays_words(shown, body):
    """SEC-13"""
    news, inbox, thread = shown(body)
    assert [said(found) for found in bodies(thread)] == [body]
    assert [said(found) for found in bodies(inbox)] == [body]
    assert body in [said(found) for found in bodies(news)]
    for tree in (news, inbox, thread):
        for element in tree.iter():
            names = {str(name).lower() for name in element.attrib}
            assert not any(name.startswith("on") for name in names)
            assert "evil" not in str(element.attrib.get("href", "")) + str(element.attrib.get("action", ""))
        for found in bodies(tree):
            assert len(found) == 0, "no element inside, and no link"
        assert all(element.attrib.get("src") for element in tree.iter(f"{HTML}script"))
        assert not list(tree.iter(f"{HTML}base")) + list(tree.iter(f"{HTML}style"))


@pytest.mark.parametrize(("body", "name"), TRICKS.items(), ids=TRICKS.values())
def test_what_hides_is_named(shown, body, name):
    """SEC-30"""
    _news, inbox, thread = shown(body)
    for tree in (inbox, thread):
        found, = bodies(tree)
        # The list shows line breaks of all kinds as spaces.
        broken = tree is inbox and bool(body.splitlines()[1:])
        assert broken or name in [said(badge) for badge in found.iter(f"{HTML}span")]
        assert not set(body) - set("abxy.[31mplegnpay") & set(said(found)), "the character itself is not sent"


@pytest.mark.parametrize("body", HARMLESS)
def test_what_people_really_write_stays(shown, body):
    found, = bodies(shown(body)[2])
    assert said(found) == body.replace("\t", " ")
    assert len(found) == 0


def test_line_breaks_are_kept_and_spaces_too(shown):
    assert said(bodies(shown("one\n\n  two")[2])[0]) == "one\n\n  two"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '" onfocus=alert(1) x="', "{{ 7 * 7 }}", "%(name)s"])
def test_names_are_words_too(browse, inside, people, name):
    with inside():
        ref = hold(people["Uli"].id, text_in())
    uli = browse("Uli")
    uli.post(f"/messages/{ref}/name", data={"name": name})
    for page in ("/messages/", f"/messages/{ref}"):
        tree = html5lib.parse(uli.get(page).text)
        assert name in [said(found) for found in tree.iter(f"{HTML}bdi")]
        assert not [element for element in tree.iter() if any(str(one).startswith("on") for one in element.attrib)]
    tree = html5lib.parse(uli.get(f"/messages/{ref}").text)
    assert tree.findtext(f".//{HTML}title") == f"(1) Messages: {name} · Business Texting"
    with inside():
        come("x", ULI)
    assert name in said(html5lib.parse(uli.get(f"/messages/{ref}/news?after=0").text))


@pytest.mark.parametrize("body", MARKUP)
def test_what_one_writes_oneself_too(browse, inside, people, body):
    page = browse("Uli").post("/messages/new", data={"number": "+16475550110", "body": body, "do": "check"})
    area = html5lib.parse(page.text).find(f".//{HTML}textarea")
    assert said(area) == body
    with inside():
        ref = hold(people["Uli"].id, text_out(body))
    assert [said(found) for found in bodies(html5lib.parse(browse("Uli").get(f"/messages/{ref}").text))] == [body]


@pytest.mark.parametrize("sender", ["72726", "ACME <b>", "\u202e123", "+4930901820", "anonymous"])
def test_senders_that_are_no_numbers(browse, inside, people, sender):
    """What a carrier calls the sender is believed by nobody either."""
    with inside():
        come("Hello", ULI, theirs=sender)
        count = len(messages(IN))
        refs = db.session.scalars(select(Conversation.ref)).all()
    assert count == (0 if sender.startswith("+49") else 1)
    uli = browse("Uli")
    for page in ("/messages/", *(f"/messages/{ref}" for ref in refs)):
        answer = uli.get(page)
        assert answer.status_code == 200
        assert "\u202e" not in answer.text
        assert "<b>" not in answer.text


@pytest.mark.parametrize("name", ["hx-get", "hx-post", "hx-trigger"])
def test_texts_are_left_alone_by_htmx(browse, inside, people, name):
    """SEC-14: in version 4 the attribute that says so is hx-ignore."""
    with inside():
        ref = hold(people["Uli"].id, text_in(f"<b {name}=x>"))
    tree = html5lib.parse(browse("Uli").get(f"/messages/{ref}").text)
    assert all("hx-ignore" in found.attrib and name not in found.attrib for found in bodies(tree))
