"""The people of the tests, where they work, and the browsers they use.

Maple Clinic has confirmed the HIPAA notice and switched texting on for everybody. Uli and Ben can text; Ada
and Rita have no number. Nobody works in Halifax, which does not reach the telephone network through the
provider. Harbor Health has everything but the confirmation of the notice, and texting is off.
"""

import gzip
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import brotli
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from portal.extensions import db, listen_at, now, writing
from portal.models import AccountState, Acknowledgement, Location, Number, Organization, User
from portal.processes import tasks
from portal.rules.facts import Campaign, Pstn, Registration
from portal.rules.numbers import read_number
from portal.services.accounts import passwords, sessions
from portal.services.names import key_of_name
from portal.services.people.notices import HIPAA
from portal.services.toggles import toggle
from portal.stored_files import WORKER_SOCKET
from portal.web import public_pages
from tests.kept_databases import KeptFile, KeptRows

PASSWORD = "correct horse battery staple"
NOBODY = "Nobody"
SERVER = postgresql.dialect()
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
# A sign-in link and the two of a report: who has one gets in, or reads on.
SECRET_ADDRESS = re.compile(r"/(?:welcome|report-spam/(?:status|thanks))/\w{24}")

CUSTOMER: dict[str, Any] = {
    "calling_plan": True, "add_on": True, "healthcare": True, "campaign": Campaign.ACTIVE,
    # All of Maple Clinic is in Canada, where fewer texts would need a campaign.
    "registration": Registration.ALL,
}
# Locations: country, time zone, PSTN connection. People: where they work, their number, their roles.
MAPLE = (
    {"Toronto": ("CA", "America/Toronto", Pstn.PROVIDER),
     "Halifax": ("CA", "America/Halifax", Pstn.LOCAL_GATEWAY)},
    {"Ada Keller": ("Toronto", "", {"admin": True}),
     "Uli Brandt": ("Toronto", "+14165550101", {}),
     "Ben Okafor": ("Toronto", "+14165550102", {}),
     "Rita Sandoval": ("Toronto", "", {"auditor": True})},
)
HARBOR = (
    {"Seattle": ("US", "America/Los_Angeles", Pstn.PROVIDER)},
    {"Otto Lang": ("Seattle", "+12065550160", {"admin": True}),
     "Mia Castellano": ("Seattle", "+12065550161", {})},
)
OPERATORS = ("Olga Weiss", "Oskar Lind")


def settle() -> None:
    """Fill an empty database with the cast. For an open application context."""
    hashed = passwords.HASHER.hash(PASSWORD)
    with writing() as session:
        session.add_all(_person(name, hashed, operator=True) for name in OPERATORS)
        _found("Maple Clinic", hashed, *MAPLE)
        _found("Harbor Health", hashed, *HARBOR)
        ada = session.scalars(select(User).where(User.email == "ada@example.com")).one()
        session.add(Acknowledgement(user_id=ada.id, organization_id=ada.organization_id, as_admin=True,
                                    notice=HIPAA.id, version=HIPAA.version))
        toggle.write_setting(ada, session.get_one(Organization, ada.organization_id), toggle.SettingValue(True))


def _found(name: str, hashed: str, locations: dict[str, Any], people: dict[str, Any]) -> None:
    organization = _kept(Organization(name=name, name_key=key_of_name(name), **CUSTOMER))
    held = {
        place: _kept(Location(organization_id=organization.id, name=place, name_key=key_of_name(place),
                              country=country, time_zone=time_zone, pstn=pstn))
        for place, (country, time_zone, pstn) in locations.items()
    }
    for person, (place, number, roles) in people.items():
        at = {"organization_id": organization.id, "location_id": held[place].id}
        user = _kept(_person(person, hashed, **at, **roles))
        if number:
            _kept(Number(organization_id=organization.id, e164=number, kind=read_number(number).kind,
                         user_id=user.id))


def _person(name: str, hashed: str, **more: Any) -> User:
    address = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    return User(name=name, name_key=key_of_name(name), email=address, email_key=address, account=AccountState.ACTIVE,
                app_version="43.2", password_hash=hashed, **more)


def _kept(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


class Known(NamedTuple):
    """What a test needs to know of a person, a location or an organization."""

    id: int
    ref: str
    name: str
    email: str = ""
    number: str = ""


def people() -> dict[str, Known]:
    """The cast by first name."""
    found = db.session.execute(select(User, Number.e164).outerjoin(Number, Number.user_id == User.id))
    return {user.name.split(maxsplit=1)[0]: Known(user.id, user.ref, user.name, user.email, number or "")
            for user, number in found}


def places(kind: type[Organization | Location]) -> dict[str, Known]:
    """Organizations or locations by name; organizations also by their first word."""
    rows = [Known(row.id, row.ref, row.name) for row in db.session.scalars(select(kind))]
    return {name: row for row in rows for name in (row.name, row.name.split(maxsplit=1)[0])}


class Browser(FlaskClient):
    """A browser that looks at every answer's headers and adds the CSRF token to its forms."""

    # Every page and part that the browsers of the running test were shown.
    pages: ClassVar[list[str]] = []

    def open(self, *given: Any, part: bool = False, **named: Any) -> Any:
        """Ask for a page, or with `part` for what htmx would ask for."""
        # Flask-Login would take everybody for the first visitor, whom it remembers in the context.
        assert not has_app_context(), "close the application context before asking for a page"
        if part:
            named["headers"] = {**dict(named.get("headers") or {}), "HX-Request": "true"}
        answer = super().open(*given, **named)
        for each in chain(answer.history, [answer]):
            check(each, https=self.application.config["SETTINGS"].https)
            if each.mimetype == "text/html" and each.data:
                self.pages.append(page_text(each))
        return answer

    def post(self, *given: Any, token: bool = True, **named: Any) -> Any:
        """Send a form; `token=False` leaves its CSRF token out."""
        if token:
            named["data"] = {"csrf_token": self.token(), **(named.get("data") or {})}
        # Forms under https are refused without it.
        origin = f"{self.application.config['PREFERRED_URL_SCHEME']}://localhost/"
        named["headers"] = {"Referer": origin, **dict(named.get("headers") or {})}
        return super().post(*given, **named)

    def token(self) -> str:
        """What the hidden field of every form in this browser's session may hold."""
        with self.session_transaction() as held:
            secret = held.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(self.application.config["WTF_CSRF_SECRET_KEY"],
                                          salt="wtf-csrf-token").dumps(secret))

    def sign_in(self, user_id: int) -> "Browser":
        """Begin a session as a person does, but without the form."""
        with self.application.app_context(), writing() as session:
            key = sessions.begin_session(session.get_one(User, user_id), "Test browser")
        with self.session_transaction() as held:
            held.update(_user_id=key, _fresh=True, used=now().replace(microsecond=0))
            held.permanent = True
        return self


def check(answer: Any, *, https: bool) -> None:
    """What holds for every answer of the portal: its headers, and its cookies if it sets any."""
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.mimetype == "text/html" and SECRET_ADDRESS.search(page_text(answer)) and answer.status_code != 303:
        assert "no-transform" in answer.headers["Cache-Control"], "its view needs the mark shows_secret"
        assert "Content-Encoding" not in answer.headers
    for cookie in answer.headers.getlist("Set-Cookie"):
        name, *marks = cookie.replace("=", ";", 1).split(";")
        said = {mark.strip() for mark in marks}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= said, cookie
        assert https == ("Secure" in said) == name.startswith("__Host-"), cookie
        assert "Domain" not in cookie, cookie


def page_text(answer: Any) -> str:
    """The text of an answer, compressed or not."""
    coding = answer.headers.get("Content-Encoding")
    return UNPACK[coding](answer.data).decode() if coding else str(answer.text)


@contextmanager
def over_a_copy(app: Flask, kept: KeptFile | KeptRows) -> Iterator[Flask]:
    """The application over its database as it was kept; what is written to it is gone afterwards."""
    kept.put_back()
    tasks.attach_app(app)
    # Another application, made meanwhile, nudges its own worker.
    settings = app.config["SETTINGS"]
    listen_at(WORKER_SOCKET.beside(settings.database) if settings.embedded else None)
    # The test before may have changed what they are made of.
    public_pages.forget_pages()
    yield app
    with app.app_context():
        db.engine.dispose()
    kept.remove()


def texts_within(given: Any) -> Iterator[str]:
    """All texts among the parameters of a statement, for one row or many."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        yield from texts_within(list(given.values()))
    elif isinstance(given, list | tuple):
        for value in given:
            if isinstance(value, str | dict | list | tuple):
                yield from texts_within(value)


def texts_stored(context: Any) -> Iterator[tuple[str, int, str]]:
    """The texts that a statement stores: the name of each, how many characters its column holds, the text."""
    if context is None or not (context.isinsert or context.isupdate) or context.compiled is None:
        return
    limits = {name: length for name, bind in context.compiled.binds.items()
              if (length := getattr(bind.type.dialect_impl(SERVER), "length", None))}
    for row in context.compiled_parameters:
        for name, length in limits.items():
            if isinstance(value := row.get(name), str):
                yield name, length, value


def as_they_stand(name: str) -> User:
    """The user whose name begins like this, as they stand in the database now."""
    db.session.rollback()
    return db.session.scalars(select(User).where(User.name.startswith(name))).one()
