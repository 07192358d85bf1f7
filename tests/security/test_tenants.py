"""Two organizations in one portal: nothing of one is ever seen by people of the other."""

import io
import re
from html import unescape
from urllib.parse import quote_plus, urljoin, urlsplit

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import Location, Number, Organization, Upload, User
from tests.security.maple import settle
from tests.security.table import GETS

LINK = re.compile(r'(?:href|hx-get)="([^"#]*)')
# So many addresses has the portal for one person of the cast, most of them filters of users and of the log; more would
# mean that the crawl goes round in circles.
MOST = 600
FILE = "User ID/Email (Required),Display Name,Location,Phone Number\n{}"


@pytest.fixture
def secrets_of(app, inside):
    """`secrets_of("Maple")`: names, addresses, numbers and refs of an organization, as one pattern."""
    settle(app)

    def collect(name):
        with inside():
            home = db.session.scalars(select(Organization).where(Organization.name.startswith(name))).one()
            users = db.session.scalars(select(User).where(User.organization_id == home.id)).all()
            held = db.session.scalars(select(Number.e164).where(Number.organization_id == home.id)).all()
            refs = [row.ref for kind in (Location, Upload) for row in db.session.scalars(
                select(kind).where(kind.organization_id == home.id))]
            names = [home.name, *(user.name for user in users)]
            places = db.session.scalars(select(Location.name).where(Location.organization_id == home.id)).all()
            last = [rf"\b{user.name.split()[1]}\b" for user in users]
            shown = [rf"{e164[-10:-7]}\W*{e164[-7:-4]}\W*{e164[-4:]}" for e164 in held]
            plain = [*names, *(user.email for user in users), *(user.ref for user in users), home.ref, *refs]
            # A time zone may be called like a place: America/Toronto, Eastern (Toronto).
            towns = [rf"(?<![/(]){re.escape(place)}" for place in places]
            return re.compile("|".join([*map(re.escape, plain), *last, *shown, *towns]))

    return collect


@pytest.fixture
def crawl(app, browse):
    """`crawl("Ada")`: (address, text) of every page that links lead to; done once, the database being the same."""
    def pages(who):
        settle(app)
        if who not in _crawled:
            _crawled[who] = list(follow(browse(who)))
        return _crawled[who]

    return pages


_crawled = {}


def follow(browser):
    """Every page, from the first one on. A link leads to a page."""
    waiting, seen = ["/"], set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = browser.get(address, buffered=True)
        assert answer.status_code < 400, address
        if answer.location:
            found = [answer.location]
        else:
            yield address, unescape(answer.text)
            found = LINK.findall(answer.text) if answer.mimetype == "text/html" else []
        own = {urljoin(address, unescape(link)) for link in found if not urlsplit(link).netloc}
        fresh = {link for link in own if link.startswith("/") and not link.startswith("/static/")}
        waiting += sorted(fresh - seen - set(waiting))
        assert len(seen) < MOST


@pytest.mark.parametrize(("who", "other", "least"), [
    ("Otto", "Maple", 25), ("Mia", "Maple", 5), ("Nobody", "Maple", 4), ("Nobody", "Harbor", 4),
    ("Uli", "Harbor", 5), ("Rita", "Harbor", 25), ("Ada", "Harbor", 25),
])
def test_no_page_shows_the_other_organization(crawl, secrets_of, who, other, least):
    """SEC-22: on every page that links lead to, and in every file that can be fetched there."""
    forbidden, pages = secrets_of(other), crawl(who)
    assert [(address, found.group()) for address, text in pages if (found := forbidden.search(text))] == []
    assert len(pages) >= least


@pytest.mark.parametrize(("who", "other"), [
    ("Otto", "Maple"), ("Mia", "Maple"), ("Nobody", "Harbor"), ("Ada", "Harbor"), ("Uli", "Harbor"), ("Rita", "Harbor"),
])
def test_no_route_shows_the_other_organization(app, browse, secrets_of, who, other):
    """SEC-22: at every route of the table, so at every new one, about the records of Maple Clinic; with its headers."""
    held, forbidden, browser = settle(app), secrets_of(other), browse(who)
    shown = []
    for row in GETS:
        address = held.address(row.rule)
        answer = browser.get(address, buffered=True)
        said = f"{answer.headers}{unescape(answer.text)}".replace(address, "")
        shown += [(row.rule, found.group()) for found in forbidden.finditer(said)]
    # Whoever has one of these secrets may read what it is about: their own report, or whose sign-in link it is.
    # What an organization says about itself stands on its public page, for everybody who has the address.
    assert [(rule, found) for rule, found in shown if not rule.endswith("/<token>") and rule != "/who/<ref>"] == []


def test_the_crawl_would_see_it(crawl, secrets_of):
    """SEC-22: the same search finds the organization at home, so it would abroad."""
    mine = secrets_of("Maple")
    assert {address for address, text in crawl("Ada") if mine.search(text)} >= {
        "/admin/", "/admin/users", "/admin/users/export", "/admin/audit"}


TAKEN = {
    "address": {"name": "New Person", "email": "uli@example.com", "number": ""},
    "address in capitals": {"name": "New Person", "email": "ULI@Example.com", "number": ""},
    "number": {"name": "New Person", "email": "new@example.com", "number": "+1 416 555 0101"},
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_taken_elsewhere_tells_nothing(browse, secrets_of, locations, what):
    """SEC-22: an address of another organization is refused without a word about whose it is; a number waits, as one
    does that nobody holds."""
    answer = browse("Otto").post("/admin/users/new", data={**TAKEN[what], "location": locations["Seattle"].ref})
    assert answer.status_code == (200 if what == "number" else 422)
    page = unescape(answer.text)
    for typed in TAKEN[what].values():
        page = page.replace(typed, "") if typed else page
    assert not secrets_of("Maple").search(page)


@pytest.mark.parametrize("typed", ["+1 416 555 0101", "uli@example.com", "Uli Brandt", "555 0101"])
def test_nobody_elsewhere_is_found(browse, secrets_of, typed):
    """SEC-22: neither by a search nor by a check, by name, address or number."""
    otto, forbidden = browse("Otto"), secrets_of("Maple")
    for answer in (otto.get("/admin/users", query_string={"search": typed}),
                   otto.post("/admin/check", data={"user": typed, "number": ""})):
        said = unescape(answer.text)
        for echo in (typed, quote_plus(typed)):
            said = said.replace(echo, "")
        assert not forbidden.search(said)
        assert answer.status_code in (200, 422)


def test_an_import_tells_nothing(browse, secrets_of):
    """SEC-22: rows with another organization's address, number or location are wrong, and say no more."""
    otto = browse("Otto")
    rows = ("uli@example.com,A B,Seattle,\n", "a@example.com,C D,Seattle,+14165550101\n",
            "b@example.com,E F,Halifax,\n")
    sent = {"file": (io.BytesIO(FILE.format("".join(rows)).encode()), "users.csv")}
    page = otto.post("/admin/import", data=sent).location
    for address in (page, f"{page}/errors"):
        text = unescape(otto.get(address).text)
        for typed in ("uli@example.com", "+14165550101", "Halifax", "(416) 555-0101", "+1 416-555-0101",
                      "+1 416 555 0101"):
            text = text.replace(typed, "")
        assert not secrets_of("Maple").search(text), address


def test_an_operator_sees_organizations_and_no_users(crawl, people):
    """Operators set up organizations; who works there, but for the first administrator, is not theirs to see."""
    pages = dict(crawl("Olga"))
    assert "/operator/" in pages
    hidden = [person.email for name, person in people.items() if name in ("Uli", "Ben", "Rita", "Mia")]
    assert [(address, email) for address, text in pages.items() for email in hidden if email in text] == []
