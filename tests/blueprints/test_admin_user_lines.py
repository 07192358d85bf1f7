"""The rows of the list of users: kept for all of whom the same is said, and everybody's own filled in as text."""

import re

import pytest

from portal.extensions import writing
from portal.models import Location, User
from portal.web import kept_parts

HOSTILE = '<i>"\x1fref\x1f&'
SHOWN = "&lt;i&gt;&#34;\x1fref\x1f&amp;"
TOKEN = re.compile(r'(name="csrf_token" value=")[^"]+')


@pytest.fixture
def hostile(inside, people):
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).name = HOSTILE
        session.get_one(Location, session.get_one(User, people["Uli"].id).location_id).name = HOSTILE


def test_names_are_text_and_no_places_are_looked_for_in_them(browse, people, hostile):
    page, uli = browse("Ada").get("/admin/users").text, people["Uli"]
    row = page[page.index(f'<tr id="user-{uli.ref}"'):].partition("</tr>")[0]
    assert f"<bdi>{SHOWN}</bdi>" in row
    assert f'aria-label="Select {SHOWN}"' in row
    assert f'<td class="roomy">{SHOWN}</td>' in row
    assert row.count(uli.ref) == 6
    assert "<i>" not in page


def test_kept_rows_are_what_would_be_written_now(browse):
    """For who may change something and who may not, in two languages, after the other one has looked."""
    for name, language in (("Ada", "en"), ("Rita", "en"), ("Ada", "de"), ("Rita", "de")) * 2:
        address = f"/admin/users?lang={language}"
        kept = TOKEN.sub(r"\1", browse(name).get(address).text)
        kept_parts.forget_parts()
        assert TOKEN.sub(r"\1", browse(name).get(address).text) == kept
        assert ('role="switch"' in kept) is (name == "Ada")
