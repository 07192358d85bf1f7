"""A user's account: details, number, role, sign-in link; a new user; the history tells of it."""

import re

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Number, SignInLink, User
from portal.services.people import numbers
from portal.services.people import users as service
from tests.blueprints.reader import Seen, look, press

LINK = re.compile(r"http://127\.0\.0\.1:5000(/welcome/[\w-]+)")
TAKEN = "This email address already has an account. Each person needs an address of their own."
LAST = "This is the last active administrator. Make another person administrator first."


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def address(people):
    return lambda name="Uli": f"/admin/users/{people[name].ref}"


@pytest.fixture
def stored(inside, people):
    """`stored("Uli", "email")` is one value of a user, or of their number."""

    def read(name, value):
        with inside():
            user = db.session.get_one(User, people[name].id)
            found = user
            for part in value.split("."):
                found = getattr(found, part, None)
            return found

    return read


@pytest.fixture
def change(inside, people):
    """`change("Rita", lambda rita, uli: ...)`: somebody else acts through the services."""

    def act(how, actor="Rita", user="Uli"):
        with inside():
            how(*(db.session.get_one(User, people[name].id) for name in (actor, user)))

    return act


def events(inside):
    with inside():
        return db.session.scalar(select(func.count()).select_from(AuditEvent))


def history(seen):
    """The sentences of the history, newest first, without their times."""
    return [" ".join(line.itertext()) for line in seen.region("History").all("li/span")]


# --- details -------------------------------------------------------------------------------------


def test_details_are_changed_and_the_history_says_what(ada, address, stored):
    seen = press(ada, look(ada, address()), "Update details", {
        "Name": "  Ulrike Brandt ", "Email address": "ulrike@example.com", "Location": "Halifax"})
    assert seen.said == "The details are saved."
    assert seen.heading == "Ulrike Brandt"
    (told,) = history(seen)
    assert told == ("Ada Keller changed details of Ulrike Brandt. Name: Uli Brandt → Ulrike Brandt. Email address:"
                    " uli@example.com → ulrike@example.com. Location: Toronto → Halifax.")
    assert (stored("Uli", "name_key"), stored("Uli", "email_key")) == ("ulrike brandt", "ulrike@example.com")


def test_saving_details_as_they_are_leaves_no_trace(ada, address, inside):
    before = events(inside)
    assert press(ada, look(ada, address()), "Update details").said == "The details are saved."
    assert events(inside) == before


@pytest.mark.parametrize(("label", "typed", "problem"), [
    ("Name", "", "Enter the person's name."), ("Name", "n" * 121, "Use at most 120 characters."),
    ("Email address", "", "Enter the person's email address."),
    ("Email address", "uli.example.com", "Enter an address with an @, such as name@example.com."),
    ("Email address", "u" * 250 + "@e.ca", "Use at most 254 characters."),
    ("Email address", "BEN@Example.com", TAKEN),
])
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(ada, address, stored, label, typed, problem):
    seen = press(ada, look(ada, address()), "Update details", {label: typed})
    assert (seen.status, seen.problems) == (422, [problem])
    assert seen.title.startswith("Error: ")
    assert seen.form("Update details").labelled(label).get("value") == typed
    assert (stored("Uli", "name"), stored("Uli", "email")) == ("Uli Brandt", "uli@example.com")


def test_an_address_taken_elsewhere_names_nobody(ada, address, people):
    seen = press(ada, look(ada, address()), "Update details", {"Email address": people["Otto"].email})
    assert seen.status == 422
    assert not re.search("Otto|Lang|Harbor", seen.words.replace(people["Otto"].email, ""))


def test_stale_details_keep_what_was_typed_and_tell_theirs(ada, address, change, stored):
    """REL-03"""
    early = look(ada, address())
    change(lambda rita,
           uli: service.save_user_details(rita, uli, uli.version, "Uli B. Brandt", uli.email, uli.location))
    seen = press(ada, early, "Update details", {"Name": "Ulrike", "Location": "Halifax"})
    assert (seen.status, seen.heading) == (409, "Uli B. Brandt")
    assert ("They saved this: Name: Uli B. Brandt; Email address: uli@example.com; Location: Toronto."
            in seen.problems[0])
    assert seen.form("Update details").data["details-name"] == ["Ulrike"]
    assert stored("Uli", "name") == "Uli B. Brandt"
    assert press(ada, seen, "Update details").heading == "Ulrike"
    assert stored("Uli", "location.name") == "Halifax"


def test_a_location_of_somebody_else_is_no_choice(ada, address, locations, stored):
    answer = ada.post(f"{address()}/details", data={
        "details-version": 1, "details-name": "Uli", "details-email": "uli@example.com",
        "details-location": locations["Seattle"].ref})
    assert answer.status_code == 422
    assert stored("Uli", "location.name") == "Toronto"


# --- numbers -------------------------------------------------------------------------------------


def test_a_number_is_assigned_in_place_of_the_present_one(ada, address, stored, inside, bring):
    bring("+14165550177")
    seen = press(ada, look(ada, address()), "Assign number", {"Number": "(416) 555-0177"})
    assert seen.said == "The number is assigned."
    assert stored("Uli", "number.e164") == "+14165550177"
    assert history(seen) == ["Ada Keller assigned a number to Uli Brandt: +1 416 555 0177."]
    offered = [one.get("value") for one in look(ada, address("Rita")).all("datalist/option")]
    assert offered == ["+1 416 555 0101"], "the former one stays with the organization"
    press(ada, look(ada, address("Rita")), "Assign number", {"Number": offered[0]})
    assert stored("Rita", "number.e164") == "+14165550101"
    with inside():
        assert db.session.scalar(select(func.count()).where(Number.organization_id == 1)) == 3


def test_a_number_is_removed(ada, address, stored):
    seen = press(ada, look(ada, address()), "Remove number")
    assert seen.said == "The number is removed. It stays with your organization."
    assert stored("Uli", "number") is None
    assert history(seen) == ["Ada Keller removed the number of Uli Brandt: +1 416 555 0101."]
    assert "Remove number" not in seen.buttons


@pytest.mark.parametrize(("typed", "problem"), [
    ("", "Enter a number."), ("416 555 01", "This is not a phone number that can be assigned. It is too short."),
    ("4165550199 x12", "It has an extension, which cannot be texted."),
    ("911", "Short codes and service numbers cannot be anybody's primary number."),
    ("72345", "Short codes and service numbers cannot be anybody's primary number."),
    ("+1 416 555 0102", "Ben Okafor already has this number."),
])
def test_a_number_that_cannot_be_assigned(ada, address, stored, typed, problem):
    """Only one's own people are named."""
    seen = press(ada, look(ada, address()), "Assign number", {"Number": typed})
    assert seen.status == 422
    assert problem in seen.problems[0]
    assert seen.form("Assign number").labelled("Number").get("value") == typed
    assert not re.search("Mia|Castellano|Harbor", seen.words)
    assert stored("Uli", "number.e164") == "+14165550101"


@pytest.mark.parametrize("button", ["Assign number", "Remove number"])
def test_a_number_that_somebody_else_has_changed_stays(ada, address, change, stored, bring, button):
    bring("+14165550177")
    early = look(ada, address())
    change(lambda rita, uli: numbers.assign_primary_number(rita, uli, "416 555 0177", "+14165550101"))
    seen = press(ada, early, button, {"Number": "416 555 0178"} if button == "Assign number" else {})
    assert seen.status == 409
    assert "It is now: +1 416 555 0177." in seen.problems[0]
    assert stored("Uli", "number.e164") == "+14165550177"
    typed = seen.form("Assign number").data["number-number"]
    assert typed == (["416 555 0178"] if button == "Assign number" else [""])
    assert press(ada, seen, button, {"Number": "416 555 0178"} if button == "Assign number" else {}).said


def test_the_number_that_is_held_already_changes_nothing(ada, address, inside):
    before = events(inside)
    press(ada, look(ada, address()), "Assign number", {"Number": "4165550101"})
    assert events(inside) == before


# --- roles ---------------------------------------------------------------------------------------


def test_a_role_is_given_and_every_session_ends(ada, browse, address, stored):
    uli = browse("Uli")
    assert uli.get("/notices").status_code == 200
    seen = press(ada, look(ada, address()), "Change role", {"Administrator": True, "Auditor": True})
    assert seen.said == "The role is changed. Uli Brandt has to sign in again."
    assert history(seen) == ["Ada Keller changed the roles of Uli Brandt. Administrator: no → yes. Auditor: no → yes."]
    assert uli.get("/notices").status_code == 303
    assert browse("Uli").get("/admin/").status_code == 200
    assert stored("Uli", "auditor") is True


@pytest.mark.parametrize("others", [None, AccountState.INVITED, AccountState.DEACTIVATED])
@pytest.mark.parametrize("button", ["Change role", "Deactivate"])
def test_the_last_active_admin_stays(ada, address, stored, change, others, button):
    """Somebody who never came, or is deactivated, could not open the door again."""
    if others is not None:
        change(lambda _rita, uli: make_admin(uli, others))
    typed = {"Administrator": False} if button == "Change role" else {}
    seen = press(ada, asked_first(ada, look(ada, address("Ada")), button), button, typed)
    assert (seen.status, seen.problems) == (422, [LAST])
    assert (stored("Ada", "admin"), stored("Ada", "account")) == (True, AccountState.ACTIVE)
    assert ada.get("/admin/").status_code == 200


def asked_first(ada, page, button):
    """The page on which a button does what it says: Deactivate leads to one that names what it does."""
    return press(ada, page, button) if button == "Deactivate" else page


def make_admin(user, account):
    with writing():
        user.admin, user.account = True, account


@pytest.mark.parametrize(("button", "after"), [("Change role", 403), ("Deactivate", 303)])
def test_an_admin_goes_when_another_one_is_there(ada, browse, address, change, button, after):
    change(lambda _rita, uli: make_admin(uli, AccountState.ACTIVE))
    page = asked_first(ada, look(ada, address("Ada")), button).form(button)
    page.fill({"Administrator": False} if button == "Change role" else {})
    assert ada.post(page.action, data=page.data).status_code == 303
    assert ada.get("/admin/").status_code == 303, "signed out"
    assert browse("Ada").get("/admin/").status_code == after


def test_an_admin_who_never_came_can_go_while_another_one_waits(ada, address, change, stored):
    change(lambda _rita, uli: make_admin(uli, AccountState.INVITED))
    press(ada, look(ada, address()), "Change role", {"Administrator": False})
    assert stored("Uli", "admin") is False


def test_stale_roles_are_told_and_not_undone(ada, address, change, stored):
    """REL-03: ticking one box never takes away what somebody else has given meanwhile."""
    early = look(ada, address())
    change(lambda rita, uli: service.set_roles(rita, uli, uli.version, admin=False, auditor=True))
    seen = press(ada, early, "Change role", {"Administrator": True})
    assert seen.status == 409
    assert "They saved this: Administrator: no; Auditor: yes." in seen.problems[0]
    assert (stored("Uli", "admin"), stored("Uli", "auditor")) == (False, True)
    assert press(ada, seen, "Change role", {"Auditor": True}).said.startswith("The role is changed.")
    assert (stored("Uli", "admin"), stored("Uli", "auditor")) == (True, True)


# --- the door ------------------------------------------------------------------------------------


def test_a_sign_in_link_is_shown_once_and_stands_in_no_address(app, ada, address, inside):
    answer = ada.post(look(ada, address()).form("Create sign-in link").action)
    assert (answer.status_code, Seen(answer).heading) == (200, "Sign-in link")
    (link,) = set(LINK.findall(answer.text))
    assert "no-store" in answer.headers["Cache-Control"]
    assert not LINK.findall(ada.get(address()).text)
    assert history(look(ada, address())) == ["Ada Keller made a sign-in link for Uli Brandt."]
    assert app.test_client().get(link).status_code == 200
    with inside():
        token = link.rpartition("/")[2]
        assert token not in {one.token_hash for one in db.session.scalars(select(SignInLink))}


def test_an_account_is_closed_at_once_and_opened_again(ada, browse, address, stored):
    uli = browse("Uli")
    seen = press(ada, asked_first(ada, look(ada, address()), "Deactivate"), "Deactivate")
    assert seen.said == "Uli Brandt is deactivated and signed out."
    assert uli.get("/notices").status_code == 303
    assert "Not available" in seen.region("Business Texting").words
    assert "Create sign-in link" not in seen.buttons
    seen = press(ada, seen, "Reactivate")
    assert seen.said == "Uli Brandt is active again."
    assert stored("Uli", "account") is AccountState.ACTIVE
    assert history(seen) == ["Ada Keller reactivated Uli Brandt.", "Ada Keller deactivated Uli Brandt."]


def test_a_button_does_what_it_says_however_often_it_is_pressed(ada, address, stored, inside):
    """Two admins press Deactivate: the second one does not open the account again."""
    early = look(ada, address())
    asked = asked_first(ada, early, "Deactivate")
    press(ada, asked, "Deactivate")
    before = events(inside)
    press(ada, asked, "Deactivate")
    assert press(ada, early, "Deactivate").said == "Uli Brandt is deactivated already."
    assert stored("Uli", "account") is AccountState.DEACTIVATED
    closed = look(ada, address())
    press(ada, closed, "Reactivate")
    press(ada, closed, "Reactivate")
    assert stored("Uli", "account") is AccountState.ACTIVE
    assert events(inside) == before + 1


def test_who_has_no_password_yet_is_invited_again(ada, address, change, stored):
    def forget(_rita, uli):
        with writing():
            uli.account, uli.password_hash = AccountState.INVITED, ""

    change(forget)
    press(ada, press(ada, asked_first(ada, look(ada, address()), "Deactivate"), "Deactivate"), "Reactivate")
    assert stored("Uli", "account") is AccountState.INVITED


@pytest.mark.parametrize("button", ["Create sign-in link", "Deactivate", "Update details"])
def test_the_account_of_an_operator_is_not_an_admins_to_open(ada, address, change, stored, inside, button):
    """It opens every organization: only an operator makes a link to it, closes it or gives it another address."""

    def appoint(_rita, uli):
        with writing():
            uli.operator = True

    change(appoint)
    before = events(inside)
    seen = press(ada, asked_first(ada, look(ada, address()), button), button)
    assert (seen.status, seen.problems) == (
        422, ["This person is an operator too. Only an operator can change this account."])
    assert not LINK.findall(seen.answer.text)
    assert events(inside) == before
    assert stored("Uli", "account") is AccountState.ACTIVE


# --- somebody new --------------------------------------------------------------------------------


NEW = {"Name": "Nia Cole", "Email address": "nia@example.com", "Location": "Toronto", "Number": "416 555 0177"}


def test_a_new_user_comes_with_a_link_that_is_shown_once(app, ada, bring):
    bring("+14165550177")
    seen = press(ada, look(ada, "/admin/users/new"), "Add user", NEW)
    assert (seen.status, seen.heading) == (200, "Sign-in link")
    assert "For Nia Cole, shown only now" in seen.words
    (link,) = set(LINK.findall(seen.answer.text))
    assert Seen(app.test_client().get(link)).heading == "Choose your password"
    page = look(ada, seen.links["Go to Nia Cole"])
    assert "invited, no password yet" in page.region("Account").words
    assert "Can text Use organization default settings: follows the organization" in page.words
    assert not LINK.findall(page.answer.text)
    assert history(page) == ["Ada Keller made a sign-in link for Nia Cole.",
                             "Ada Keller assigned a number to Nia Cole: +1 416 555 0177.",
                             "Ada Keller added the user Nia Cole."]


@pytest.mark.parametrize(("label", "typed", "problem"), [
    ("Name", "", "Enter the person's name."), ("Email address", "nia", "Enter an address with an @"),
    ("Email address", "otto@example.com", "This email address already has an account."),
    ("Number", "12", "It is too short."), ("Number", "4165550101", "Uli Brandt already has this number."),
])
def test_a_new_user_who_cannot_be(ada, inside, label, typed, problem):
    """All or nothing: no user without their number, no event, no link."""
    before = events(inside)
    seen = press(ada, look(ada, "/admin/users/new"), "Add user", NEW | {label: typed})
    assert seen.status == 422
    assert problem in seen.problems[0]
    form = seen.form("Add user")
    kept = [form.labelled(name).get("value") for name in ("Name", "Email address", "Number")]
    assert kept == [(NEW | {label: typed})[name] for name in ("Name", "Email address", "Number")]
    assert events(inside) == before
    with inside():
        assert db.session.scalars(select(User).where(User.email == "nia@example.com")).all() == []
        assert db.session.scalars(select(SignInLink)).all() == []


def test_a_new_user_needs_no_number(ada):
    seen = press(ada, look(ada, "/admin/users/new"), "Add user", NEW | {"Number": ""})
    assert "Not available" in look(ada, seen.links["Go to Nia Cole"]).words


def test_an_organization_without_a_location_begins_there(app, ada, inside, people):
    with inside(), writing() as session:
        user = session.get_one(User, people["Olga"].id)
        organization = type(session.get_one(User, people["Ada"].id).organization)(name="Empty", name_key="empty")
        session.add(organization)
        session.flush()
        user.organization_id, user.admin = organization.id, True
    seen = look(app.test_client().sign_in(people["Olga"].id), "/admin/users/new")
    assert "Every user belongs to a location." in seen.words
    assert seen.links["Add location"] == "/admin/locations/new"
