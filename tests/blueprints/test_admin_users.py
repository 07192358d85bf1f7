"""The list of users: search, filters, pages; the address holds all of it."""

import re

import pytest
from sqlalchemy import insert, update

from portal.extensions import make_ref, writing
from portal.models import AccountState, Location, Organization, User
from portal.services.names import key_of_name
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def crowd(inside, locations):
    """`crowd(130)` adds as many users of one name to Toronto."""

    def add(many, name="Sam Same"):
        with inside(), writing() as session:
            place = session.get_one(Location, locations["Toronto"].id)
            session.execute(insert(User), [
                {"ref": make_ref(), "organization_id": place.organization_id, "location_id": place.id, "name": name,
                 "name_key": key_of_name(name), "email": f"{key_of_name(name)}{n}@example.com",
                 "email_key": f"{key_of_name(name)}{n}@example.com",
                 "account": AccountState.ACTIVE} for n in range(many)])

    return add


@pytest.fixture
def states(inside, people):
    """Everybody stands differently: Uli off by their own word, Ben with an old app, Ada and Rita without a number."""
    with inside(), writing() as session:
        ada, uli, ben = (session.get_one(User, people[name].id) for name in ("Ada", "Uli", "Ben"))
        toggle.write_setting(ada, uli, SettingValue(False))
        ben.app_version = "41.0"


def names(seen):
    """The first names in the list."""
    cells = [[cell for cell in row if cell] for row in seen.rows]
    return [row[0].split()[0] for row in cells]


# --- what is listed ------------------------------------------------------------------------------


def test_a_row_holds_name_number_location_state_and_why(ada, states):
    rows = {row[1]: row[2:] for row in look(ada, "/admin/users").rows}
    assert rows == {
        "Ada Keller": ["none", "Toronto", "Not available", "no number", "On"],
        "Ben Okafor": ["+1 416 555 0102", "Toronto", "Receive only", "app version 41.0 is too old", "On"],
        "Rita Sandoval": ["none", "Toronto", "Not available", "no number", "On"],
        "Uli Brandt": ["+1 416 555 0101", "Toronto", "Off", "set for this user", "Off"],
    }


@pytest.mark.parametrize(("typed", "found"), [
    ("uli", ["Uli"]), ("  BRANDT ", ["Uli"]), ("ben@exam", ["Ben"]), ("0102", ["Ben"]), ("416 555", ["Ben", "Uli"]),
    ("+1 (416) 555-0102", ["Ben"]), ("a", ["Ada", "Ben", "Rita", "Uli"]), ("", ["Ada", "Ben", "Rita", "Uli"]),
    ("%", []), ("_li", []), ("\\", []), ("' OR 1=1 --", []), ("12", []), ("555-9999", []), ("Otto", []),
    ("+12065550160", []), ("u" * 3000, []),
])
def test_search_finds_names_addresses_and_digits_and_takes_the_rest_literally(ada, typed, found):
    seen = Seen(ada.get("/admin/users", query_string={"search": typed}))
    assert seen.status == 200
    assert names(seen) == found


@pytest.mark.parametrize("typed", ["zoe lukasz", "ZOÉ", "Łuk", "lukaszewicz", "strosse", "Strøßé"])
def test_search_needs_no_accents(ada, inside, people, typed):
    with inside(), writing() as session:
        rita = session.get_one(User, people["Rita"].id)
        rita.name = "Zoé Łukaszewicz-Strøße"
        rita.name_key = key_of_name(rita.name)
    assert names(Seen(ada.get("/admin/users", query_string={"search": typed}))) == ["Zoé"]


@pytest.mark.parametrize(("chosen", "found"), [
    ("texting=can-text", []), ("texting=receive-only", ["Ben"]), ("texting=off", ["Uli"]),
    ("texting=not-available", ["Ada", "Rita"]), ("texting=own-setting", ["Uli"]), ("texting=nonsense", 4),
    ("rule=primary-number", ["Ada", "Rita"]), ("rule=app-version", ["Ben"]), ("rule=texting-off", ["Uli"]),
    ("rule=add-on", []), ("rule=nonsense", 4), ("texting=not-available&search=rita", ["Rita"]),
    ("rule=primary-number&texting=off", []),
    ("level=organization&wish=off&outcome=turn-off", ["Ben"]),
    ("level=organization&wish=off&outcome=own-setting", ["Uli"]),
    ("level=organization&wish=off&outcome=not-available", ["Ada", "Rita"]),
    ("level=organization&wish=on-locked&outcome=turn-on", ["Uli"]),
    ("level=user&wish=inherit&outcome=turn-on", ["Uli"]),
    ("level=organization&wish=off&outcome=nonsense", 4), ("outcome=turn-off", 4),
])
def test_filters_list_exactly_who_they_say(ada, states, chosen, found):
    """Unknown words are as good as none."""
    listed = names(look(ada, f"/admin/users?{chosen}"))
    assert listed == found or len(listed) == found


def test_the_filter_for_a_location(ada, locations):
    seen = look(ada, f"/admin/users?location={locations['Toronto'].ref}")
    assert len(seen.rows) == 4
    assert words_of_selected(seen) == ["Toronto"]
    assert look(ada, f"/admin/users?location={locations['Halifax'].ref}").rows == []
    assert ada.get(f"/admin/users?location={locations['Seattle'].ref}").status_code == 404


def words_of_selected(seen):
    """What the select fields show."""
    chosen = [next(iter(field.findall("option[@selected]")), field[0]) for field in seen.all("select")]
    return ["".join(one.itertext()) for one in chosen]


def test_the_fields_hold_what_is_chosen(ada):
    seen = look(ada, "/admin/users?search=uli%22&texting=own-setting")
    assert seen.all("input[@id='search']")[0].get("value") == 'uli"'
    assert words_of_selected(seen) == ["All locations"]
    assert chips(seen, "[@aria-current]") == ["Own setting"]
    labels = {"".join(label.itertext()) for label in seen.all("label")}
    assert {"Search users", "Location"} <= labels


def chips(seen, path=""):
    return ["".join(one.itertext()).strip() for one in seen.all(f"nav[@aria-label='Texting']//a{path}")]


def test_chips_count_the_users_of_the_search_and_lead_to_them(ada, states):
    seen = look(ada, "/admin/users")
    assert chips(seen) == ["All 4", "Can text 0", "Receive only 1", "Off 1", "Not available 2", "Own setting"]
    assert chips(seen, "[@aria-current]") == ["All 4"]
    found = look(ada, "/admin/users?search=rita")
    assert chips(found) == ["All 1", "Can text 0", "Receive only 0", "Off 0", "Not available 1", "Own setting"]
    for label, address in seen.links.items():
        if "texting=" in address and label.split()[-1].isdigit():
            assert len(look(ada, address).rows) == int(label.split()[-1])


def test_a_search_while_typing_brings_the_list_alone(ada):
    part = Seen(ada.get("/admin/users?search=uli", part=True))
    assert names(part) == ["Uli"]
    assert part.all("header") == part.all("form[@role='search']") == []


def test_a_filter_without_a_field_is_told_in_words_with_a_way_out(ada, states):
    seen = look(ada, "/admin/users?rule=primary-number")
    assert "Only users whom this blocks: Primary number" in seen.words
    assert seen.links["Show all users"] == "/admin/users"
    seen = look(ada, "/admin/users?level=organization&wish=off&outcome=not-available")
    assert "Only users of whom the effect says: 2 people cannot text anyway." in seen.words


# --- pages ---------------------------------------------------------------------------------------


def refs(seen):
    """The addresses of the users in the list."""
    return [link.get("href") for link in seen.all("tbody//th/a")]


def turn(browser, address, link):
    """Every page from one on, always by the same link."""
    while address:
        seen = look(browser, address)
        yield seen
        address = seen.links.get(link)


def test_pages_show_everybody_once_forward_and_back(ada, crowd):
    """130 users of one name: the order is settled by more than the name."""
    crowd(130)
    ahead = list(turn(ada, "/admin/users?search=sam", "Next"))
    assert [len(seen.rows) for seen in ahead] == [50, 50, 30]
    shown = [ref for seen in ahead for ref in refs(seen)]
    assert len(set(shown)) == 130
    back = list(turn(ada, ahead[1].links["Next"], "Previous"))[::-1]
    assert [refs(seen) for seen in back] == [refs(seen) for seen in ahead]
    assert {seen.links.get("First") for seen in ahead} == {None, "/admin/users?search=sam"}
    assert "Previous" not in ahead[0].links
    assert all("130 users" in seen.words for seen in ahead)


def test_addresses_of_pages_hold_search_and_filters_and_no_numbers_of_rows(ada, crowd):
    crowd(60)
    seen = look(ada, "/admin/users?search=sam&texting=not-available")
    assert seen.links["Next"].startswith("/admin/users?search=sam&texting=not-available&after=")
    assert seen.links["Next"].rpartition("after=")[2] == refs(seen)[-1].rpartition("/")[2]


@pytest.mark.parametrize("way", ["after", "before"])
@pytest.mark.parametrize("ref", ["x", "1-uli", "9" * 40, "x%00"])
def test_a_page_after_nobody_is_not_there(ada, way, ref):
    assert ada.get(f"/admin/users?{way}={ref}").status_code == 404


def test_a_page_after_somebody_elses_user_is_not_there(ada, people):
    assert ada.get(f"/admin/users?after={people['Mia'].ref}").status_code == 404


def test_very_many_are_counted_too(ada, crowd):
    crowd(1001)
    seen = look(ada, "/admin/users?search=sam")
    assert "1,001 users" in seen.words
    assert "all 1,001 users on this filter" in seen.words


def test_the_number_of_statements_does_not_grow(ada, crowd, statements):
    counts = []
    for many in (40, 400):
        crowd(many, f"Many {many}")
        with statements() as seen:
            assert ada.get(f"/admin/users?search=many+{many}&texting=not-available").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_names_sort_without_case_and_accents(ada, crowd):
    for name in ("émile", "Eva", "ELI", "Émilie"):
        crowd(1, name)
    assert names(look(ada, "/admin/users")) == ["Ada", "Ben", "ELI", "émile", "Émilie", "Eva", "Rita", "Uli"]


# --- nothing to list, nothing to press -----------------------------------------------------------


def test_when_nobody_fits_the_page_says_how_to_see_all(ada):
    seen = look(ada, "/admin/users?search=nobody+like+this")
    assert "No user fits" in seen.words
    assert seen.links["Show all users"] == "/admin/users"
    assert "Turn on" not in seen.buttons


def test_an_organization_without_users_hears_how_to_begin(app, inside, people):
    with inside(), writing() as session:
        empty = Organization(name="Empty", name_key="empty")
        session.add(empty)
        session.flush()
        session.execute(update(User).where(User.id == people["Ben"].id).values(
            organization_id=empty.id, location_id=None, admin=True))
    ben = app.test_client().sign_in(people["Ben"].id)
    seen = look(ben, "/admin/users")
    assert "No users yet" in seen.words
    assert seen.links["Add user"] == "/admin/users/new"


def test_an_auditor_sees_the_same_and_nothing_to_press(ada, browse):
    theirs, mine = look(ada, "/admin/users"), look(browse("Rita"), "/admin/users")
    assert [row[1:-1] for row in theirs.rows] == mine.rows
    assert mine.all("main//input[@type='checkbox']") == []
    assert mine.buttons == ["Search"]
    assert "Export" in mine.links
    assert "Add user" not in mine.links


def test_users_of_others_are_never_listed(ada, browse):
    assert set(names(look(ada, "/admin/users"))) == {"Ada", "Ben", "Rita", "Uli"}
    assert set(names(look(browse("Otto"), "/admin/users"))) == {"Otto", "Mia"}


def test_the_button_exports_exactly_whom_the_list_finds(browse):
    ada = browse("Ada")
    seen = look(ada, "/admin/users?search=555&texting=can-text")
    answer = ada.get(seen.links["Export these users"])
    assert re.findall(r"\w+@example\.com", answer.text) == ["ben@example.com", "uli@example.com"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
    everybody = ada.get(look(ada, "/admin/users?sort=-name").links["Export"])
    assert len(re.findall(r"\w+@example\.com", everybody.text)) == 4


def test_after_a_search_the_button_exports_what_was_searched(browse):
    """The answer to htmx replaces the button as well."""
    text = browse("Ada").get("/admin/users?search=ben", part=True).text
    assert re.search(r'hx-target="#export".*?href="/admin/users/export\?search=ben"', text, re.DOTALL)


def test_a_location_of_others_exports_nothing(browse, locations):
    assert browse("Ada").get(f"/admin/users/export?location={locations['Seattle'].ref}").status_code == 404
