"""The ten things that people come to the portal for, as they do them, on any portal with a user who can text.

`MAIN_TASKS` runs over a portal that was just made, upgraded, restored or moved: whatever happens to the data, these
go on.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.extensions import db, make_ref
from portal.models import Case, OptOutState, Organization, User
from portal.services.texting import optouts, outbox
from portal.services.upkeep import backups
from tests import cast
from tests.blueprints.reader import Seen, look, press
from tests.blueprints.reader import turn as ask
from tests.data.files import EMAIL, user_csv
from tests.reports import sent, settle
from tests.services.carrier import Scripted
from tests.talks import come, key

THEIRS = "+16475557310"
WORDS = "Parcel fee of 2.99 is due at parcel-fees.example today"


@dataclass(frozen=True)
class House:
    """A portal in which `admin` administers the organization of `member`, who can text, and `operator` decides."""

    app: Flask
    carrier: Scripted
    admin: cast.Known
    member: cast.Known
    operator: cast.Known
    place: cast.Known
    password: str

    def browse(self, who: cast.Known | None = None) -> cast.Browser:
        """A browser in which one person is signed in, or nobody."""
        browser = self.app.test_client()
        assert isinstance(browser, cast.Browser)
        return browser.sign_in(who.id) if who else browser


def house_of(app: Flask, carrier: Scripted, admin: str, member: str, operator: str, password: str) -> House:
    """The house with these people, by their addresses."""
    with app.app_context():
        found = {user.email: user for user in db.session.scalars(select(User).where(
            User.email.in_((admin, member, operator))))}
        known = {email: cast.Known(user.id, user.ref, user.name, email, user.number.e164 if user.number else "")
                 for email, user in found.items()}
        location = found[member].location
        place = cast.Known(location.id, location.ref, location.name)
    return House(app, carrier, known[admin], known[member], known[operator], place, password)


def form_to(seen: Seen, address: str) -> dict[str, list[str]]:
    """What the form holds that goes to this address."""
    forms = [form for form in seen.all("form") if form.get("action") == address]
    assert forms, f"no form to {address}"
    names: dict[str, list[str]] = {}
    for field in forms[0].iter("input"):
        if field.get("name") and field.get("type") not in ("radio", "checkbox"):
            names.setdefault(field.get("name", ""), []).append(field.get("value", ""))
    return names


def turn(browser: cast.Browser, page: str, word: str, **more: str) -> Any:
    """Switch the texting of what has this page."""
    address = f"{page}/texting"
    answer = browser.post(address, data={**form_to(look(browser, page), address), "word": word, **more})
    assert answer.status_code == 303, answer.text
    return answer


def state_of(house: House, who: cast.Known) -> str:
    """What the list says about a user."""
    rows = look(house.browse(house.admin), f"/admin/users?search={who.email}").rows
    return next(" ".join(row) for row in rows if who.name in " ".join(row))


def organization_of(who: cast.Known) -> Organization:
    """The organization of a user. Needs an open application context."""
    return db.session.get_one(Organization, db.session.get_one(User, who.id).organization_id or 0)


# --- the ten --------------------------------------------------------------------------------------------


def sign_in(house: House) -> None:
    """With a password, and out again."""
    browser = house.browse()
    for who in (house.admin, house.member, house.operator):
        answer = browser.post("/sign-in", data={"email": who.email, "password": house.password})
        assert answer.status_code == 303, answer.text
        assert who.name in browser.get("/account").text
        browser.post("/sign-out")
        assert browser.get("/account").status_code == 303


def find_and_switch_a_user(house: House) -> None:
    """Off and on again, through the list."""
    admin = house.browse(house.admin)
    page = look(admin, f"/admin/users?search={house.member.email}").links[house.member.name]
    turn(admin, page, "off")
    assert "Off" in state_of(house, house.member)
    turn(admin, page, "on")
    assert "Can text" in state_of(house, house.member)


def switch_a_location(house: House) -> None:
    """On for everybody there, and back to what the organization says."""
    admin, page = house.browse(house.admin), f"/admin/locations/{house.place.ref}"
    turn(admin, page, "on", step="confirm")
    assert "On" in look(admin, page).words
    turn(admin, page, "inherit", step="confirm")
    assert house.place.name in look(admin, "/admin/locations").words


def switch_the_organization(house: House) -> None:
    """With the effect in numbers before anything is written."""
    admin, page = house.browse(house.admin), "/admin/settings"
    seen = ask(admin, look(admin, page), "off")
    assert "Nothing has changed yet." in seen.words
    (button,) = [one for one in seen.buttons if one.startswith("Turn off")]
    assert "Texting is off" in press(admin, seen, button).said
    seen = ask(admin, look(admin, page), "on")
    assert "Texting is on" in press(admin, seen, next(one for one in seen.buttons if one.startswith("Turn on"))).said
    assert "Can text" in state_of(house, house.member)


def import_users(house: House) -> None:
    """Check a file, look at what it would do, do it."""
    admin, new = house.browse(house.admin), f"{make_ref().lower()}@example.com"
    file = user_csv({EMAIL: new, "Display Name": "Nia Newcomer", "Location": house.place.name},
                 {EMAIL: house.member.email, "App Version": "99.1"})
    answer = admin.post("/admin/import", data={"file": (io.BytesIO(file), "users.csv")})
    assert answer.status_code == 303, answer.text
    page = admin.get(answer.location)
    assert "App Version" in page.text
    seal = re.search(r'name="seen" value="([^"]*)"', page.text)[1]
    done = admin.post(answer.location, data={"seen": seal}, follow_redirects=True)
    assert "Imported: 1 new, 1 changed" in done.text
    assert "Nia Newcomer" in look(admin, f"/admin/users?search={new}").words


def send_a_text_and_read_the_answer(house: House) -> None:
    """The text leaves, and what comes back stands in the conversation."""
    member = house.browse(house.member)
    page, body = member.get("/messages/new"), f"See you at nine, {make_ref()}"
    answer = member.post("/messages/new", data={"number": THEIRS, "body": body, "key": key(page)})
    assert answer.status_code == 303, answer.text
    with house.app.app_context():
        outbox.OutboxWorker("main tasks").step()
        assert body in house.carrier.bodies
        come("Nine is fine", house.member.number, THEIRS)
    assert "Nine is fine" in member.get(answer.location).text
    assert body in member.get(answer.location).text


def decide_an_opt_out(house: House) -> None:
    """Wording that may mean STOP blocks until an administrator decides, and then for good."""
    theirs = "+16475557311"
    with house.app.app_context():
        come("please remove me from your list", house.member.number, theirs)
        row = optouts.optout_of_number(organization_of(house.member).id, theirs)
        assert row.state is OptOutState.LIKELY_OUT
        ref = row.ref
    admin = house.browse(house.admin)
    assert "+1 647 555 7311" in admin.get("/admin/opt-outs").text
    assert admin.post(f"/admin/opt-outs/{ref}/decide", data={"meant": "yes"}).status_code == 303
    member = house.browse(house.member)
    form = {"number": theirs, "body": "Hello", "key": key(member.get("/messages/new"))}
    refused = member.post("/messages/new", data=form)
    assert refused.status_code == 422
    assert "opted out" in refused.text


def report_spam_and_decide_the_case(house: House) -> None:
    """A stranger reports a text, and an operator decides about it."""
    theirs, stranger = "+16475557312", house.browse()
    with house.app.app_context():
        before = set(db.session.scalars(select(Case.id)))
        sent(house.member.id, theirs, WORDS)
    seen = press(stranger, look(stranger, "/report-spam"), "Send report", {
        "Number that sent the text": house.member.number, "What did the text say?": WORDS,
        "Your number that received it": theirs, "Scam or phishing": True})
    assert seen.status == 200, seen.words
    with house.app.app_context():
        settle()
        (case,) = (one for one in db.session.scalars(select(Case)) if one.id not in before)
        page = f"/operator/cases/{case.ref}"
    operator = house.browse(house.operator)
    assert WORDS in look(operator, page).words
    press(operator, look(operator, page), "Decide", {"Did not break the rules": True})
    assert look(operator, page).region("Decided")


def read_the_audit_log(house: House) -> None:
    """A change stands in it, and it can be taken away as a file."""
    admin, name = house.browse(house.admin), f"Name {make_ref()}"
    page = look(admin, "/admin/organization")
    assert press(admin, page, "Save", {"Name": name}).said == "Saved."
    assert name in look(admin, "/admin/audit").words
    assert name in admin.get("/admin/audit/export").text


def back_up_and_restore(house: House) -> None:
    """What was there at the backup is there again, and everybody signs in anew."""
    settings = house.app.config["SETTINGS"]
    copy = settings.database.with_name(f"{make_ref()}.copy")
    member = house.browse(house.member)
    backups.copy_database_file(settings.database, copy)
    turn(house.browse(house.admin), f"/admin/users/{house.member.ref}", "off")
    with house.app.app_context():
        db.engine.dispose()
    backups.restore_database_file(copy, settings.database)
    assert "Can text" in state_of(house, house.member)
    assert member.get("/messages/").status_code == 303
    sign_in(house)


MAIN_TASKS: tuple[Callable[[House], None], ...] = (
    sign_in, find_and_switch_a_user, switch_a_location, switch_the_organization, import_users,
    send_a_text_and_read_the_answer, decide_an_opt_out, report_spam_and_decide_the_case, read_the_audit_log,
    back_up_and_restore,
)
