"""Every address and every form of the portal, about the records of Maple Clinic."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Engine, event, select

from portal.extensions import db, now, writing
from portal.models import (
    AuditEvent,
    CarrierRecord,
    Case,
    ChangeStage,
    Claim,
    ConsentRecord,
    Conversation,
    Location,
    LongChange,
    OptOut,
    OptOutSource,
    OptOutState,
    Restriction,
    SignInSession,
    TextState,
    Upload,
    UploadContent,
    User,
    WebAsk,
)
from portal.rules.facts import Cause, ConsentKind, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.services.accounts import links
from portal.services.carriers import carrier_secrets
from portal.services.imports import ImportTerms, check_upload, inventories
from portal.services.records import holds, requests
from portal.services.spam import appeals, decisions, reports, restrictions
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests import cast
from tests.security.table import GETS
from tests.stores import store_of
from tests.talks import hold, read_all, ref_of, text_in, text_out

INVENTORY = b"Number,Organization\n416 555 0180,Maple Clinic\n"
FILE = (b"User ID/Email (Required),Display Name,Location,Phone Number,Texting\n"
        b"lea@example.com,Lea Marsh,Toronto,+14165550177,ON\n")
FACTS = {"customer_type": "enterprise", "calling_plan": "y", "add_on": "y", "healthcare": "y", "campaign": "active",
         "brand_tier": "10000", "same_text_most": "40",
         "registration": "all", "quiet_rule": "hold", "keyword_blocks": "y"}
CHOSEN = {"password": "a new pass phrase", "again": "a new pass phrase"}


OPTOUTS = b"Number,When,How\n+16475550113,2026-03-01,STOP\n"


# Not within CARRIER_NETWORKS: a look at it ends at once, and nothing leaves the machine.
NOWHERE = "https://127.0.0.1:9"
_TWILIO = {"setting-address": "https://api.twilio.com", "setting-account": "AC1", "setting-signing": "signature"}


class Records(NamedTuple):
    """What stands in addresses and forms: Uli, Toronto, a file that was checked, a session of Ada's, what Uli wrote
    and got, a stranger's report.

    `hidden` are the fields that forms carry along, by the address that they are sent to.
    """

    user: str
    location: str
    organization: str
    event: str
    upload: str
    session: str
    token: str
    conversation: str
    text: str
    received: str
    opt_out: str
    consent: str
    report: str
    case: str
    restriction: str
    appeal: str
    claim: str
    hold: str
    asked: str
    released: str
    inventory: str
    undo: str
    carrier: str
    change: str
    hidden: dict[str, dict[str, str]]

    def address(self, rule: str) -> str:
        """The address of a route with these records in it."""
        before = {
            "/account/sessions/": self.session, "/admin/audit/": self.event, "/admin/users/": self.user,
            "/admin/locations/": self.location, "/admin/import/": self.upload, "/static/": "portal.css",
            "/operator/organizations/": self.organization, "/welcome/": self.token,
            "/messages/": self.conversation, "/who/": self.organization,
            "/admin/opt-outs/": self.opt_out, "/admin/consents/": self.consent,
            "/admin/opt-outs/requests/": self.opt_out, "/admin/opt-outs/import/": self.opt_out, "/hooks/": "nobody",
            "/report-spam/thanks/": self.report, "/report-spam/status/": self.report,
            "/operator/cases/": self.case, "/operator/restrictions/": self.restriction,
            "/restrictions/": self.restriction, "/operator/appeals/": self.appeal, "/operator/claims/": self.claim,
            "/admin/records/holds/": self.hold, "/admin/records/": self.asked, "/operator/records/": self.asked,
            "/admin/records/released/": self.released,
            "/operator/carriers/": self.carrier, "/operator/carriers/new/": "twilio",
            "/operator/inventory/": self.inventory, "/admin/undo/": self.undo,
            "/admin/changes/": self.change,
        }
        other = {"<place>": self.location, "<kind>": "created", "<upload>": self.opt_out, "<_part>": "details",
                 "<text>": self.received if rule.endswith("/report") else self.text}
        return re.sub("<[^>]+>", lambda found: before.get(rule[:found.start()]) or other[found.group()], rule)

    def form(self, rule: str) -> dict[str, Any]:
        """What the form at this address sends when everything in it is in order."""
        return {**self.hidden.get(self.address(rule), {}), **self._typed().get(rule, {})}

    def _typed(self) -> dict[str, dict[str, Any]]:
        return {
            "/account": {"language": "", "time_zone": "Europe/Berlin"},
            "/account/language": {"language": "de"},
            "/account/password": {"current_password": cast.PASSWORD, **CHOSEN},
            "/admin/consents": {"number": "647 555 0199", **self._agreed()},
            "/admin/consents/<ref>": {"withdraw-reason": "They changed their mind"},
            "/admin/consents/<ref>/correct": {
                "correct-reason": "Another day",
                **{f"correct-{name}": value for name, value in self._agreed().items()}},
            "/admin/consents/search": {"search": "0199"},
            "/messages/<ref>/consent": self._agreed(),
            "/admin/check": {"user": "uli@example.com", "number": "416 555 0199"},
            "/admin/import": {"file": (io.BytesIO(FILE), "users.csv")},
            "/admin/locations/<ref>/answers": {"language": "both", "weekdays_from": "08:30", "weekdays_to": "17:00",
                                               "closed": "2026-12-25"},
            "/admin/locations/<ref>/texting": {"word": "off", "reason": "", "step": "confirm"},
            "/admin/locations/new": {"name": "Ottawa", "country": "CA", "time_zone": "America/Toronto"},
            "/admin/opt-outs": {"number": "647 555 0199", "source": "by phone"},
            "/admin/opt-outs/<ref>": {"reason": "it was another number"},
            "/admin/opt-outs/<ref>/decide": {"meant": "yes"},
            "/admin/opt-outs/import": {"file": (io.BytesIO(OPTOUTS), "opt-outs.csv")},
            "/operator/organizations/<ref>/opt-outs": {"file": (io.BytesIO(OPTOUTS), "opt-outs.csv")},
            "/admin/opt-outs/requests/<ref>": {"meant": "yes"},
            "/admin/opt-outs/search": {"search": "0199"},
            "/admin/organization": {"name": "Maple Group", "reply_name": "Maple", "help_contact": "911",
                                    "mailing_address": "1 Main St, Toronto", "telephone": "+1 416 555 0100",
                                    "privacy_contact": "privacy@example.com",
                                    "answers_unread": "y"},
            "/admin/records": {"number": "647 555 0110", "since": "2026-01-01", "until": "2026-01-31",
                               "reason": "She asked"},
            "/admin/records/<ref>": {"do": "release", "answer": ""},
            "/admin/records/holds": {"held": "647 555 0199", "reason": "A court", "review": next_month()},
            "/admin/records/holds/<ref>": {"do": "renew", "reason": "A court", "review": next_month()},
            "/admin/records/released/<ref>": {"do": "csv"},
            "/operator/records/<ref>": {"do": "refuse", "answer": "Ask again"},
            "/admin/settings": {"word": "off", "step": "confirm", "reason": ""},
            "/admin/users": {"user": self.user, "bulk": "off", "step": "confirm", "seen": 9999, "shown": 1},
            "/admin/users/<ref>/deactivate": {"answers": ""},
            "/admin/users/<ref>/details": {"details-name": "Uli B.", "details-email": "uli.b@example.com",
                                           "details-location": self.location},
            "/admin/users/<ref>/number": {"number-number": "416 555 0178"},
            "/admin/users/<ref>/role": {"role-auditor": "y"},
            "/admin/users/<ref>/texting": {"word": "off"},
            "/admin/users/<ref>/row": {"word": "off"},
            "/admin/users/new": {"name": "Nia Cole", "email": "nia@example.com", "location": self.location,
                                 "number": "416 555 0179"},
            "/messages/": {"search": "Jane"},
            "/search": {"search": "Jane"},
            "/messages/<ref>": {"body": "Hello"},
            "/messages/<ref>/block": {"on": "y"},
            "/messages/<ref>/called": {"asked": ""},
            "/messages/<ref>/name": {"name": "Jane Roe"},
            "/messages/<ref>/opt-out": {"meant": "yes"},
            "/messages/consider": {"number": "647 555 0110", "body": "Hello"},
            "/messages/new": {"number": "647 555 0110", "body": "Hello"},
            "/notices": {"notice": "hipaa", "version": "1"},
            "/operator/addresses": {"organization": self.organization},
            "/operator/claims": {"do": "all"}, "/operator/claims/earlier": {"do": "all"},
            "/operator/carriers/new/<kind>": {"name": "Second", "secret-secret": "a token", **_TWILIO},
            "/operator/carriers/<ref>": {"name": "First", "pace": "20", **_TWILIO},
            "/operator/carriers/<ref>/use": {"do": "off"},
            "/operator/organizations/<ref>/carrier": {"carrier": self.carrier},
            "/operator/organizations/<ref>/numbers/carrier": {"numbers": "+14165550101",
                                                              "number_carrier": self.carrier},
            "/operator/cases": {"case": self.case},
            "/operator/cases/<ref>": self._verdict(), "/operator/cases/<ref>/preview": self._verdict(),
            "/operator/appeals/<ref>": {"reason": "It will not happen again", "do": "lift"},
            "/operator/restrictions/<ref>/extend": {
                "extend-until": f"{now() + timedelta(days=9):%Y-%m-%dT%H:00}", "extend-reason": "It went on"},
            "/operator/restrictions/<ref>/lift": {"lift-reason": "It was a mistake"},
            "/restrictions/<ref>/appeal": {"words": "It was a mistake"},
            "/operator/cases/<ref>/note": {"add-note": "Asked the carrier"},
            "/operator/cases/<ref>/reopen": {"again-note": "There is more"},
            "/operator/organizations/<ref>": FACTS,
            "/operator/organizations/<ref>/locations/<place>": {f"at-{self.location}-pstn": "local-gateway"},
            "/operator/organizations/<ref>/numbers": {"number": "416 555 0180"},
            "/operator/inventory": {"file": (io.BytesIO(INVENTORY), "numbers.csv")},
            "/operator/organizations/<ref>/sign-in-link/show": {"reason": "Gets no mail"},
            "/admin/users/<ref>/link/show": {"reason": "Gets no mail"},
            "/operator/organizations/<ref>/numbers/dates": {
                "numbers": "+14165550101", "from_on": "", "until_on": "2100-01-01"},
            "/operator/organizations/<ref>/numbers/marks": {"numbers": "+14165550101", "source": "other"},
            "/operator/organizations/new": {
                "name": "New Clinic", "location_name": "Main", "country": "CA", "time_zone": "America/Toronto",
                "pstn": "provider", "admin_name": "Nia Cole", "admin_email": "nia@example.com", **FACTS},
            "/report-spam": {"sender": "+1 416 555 0101", "body": "You won!", "theirs": "647 555 0110",
                             "category": "scam", "got_at": "2026-01-02", "email": ""},
            "/sign-in": {"email": "uli@example.com", "password": cast.PASSWORD},
            "/welcome/<token>": CHOSEN,
        }

    @staticmethod
    def _agreed() -> dict[str, str]:
        """Two days ago is over in every time zone."""
        return {"consent_kind": "purchase", "consent_day": f"{now() - timedelta(days=2):%Y-%m-%d}",
                "consent_proof": "Receipt 12"}

    @staticmethod
    def _verdict() -> dict[str, str]:
        return {"choice": "throttle", "whom": "user", "per_minute": "2",
                "cause": "spam", "note": "Ask before you advertise",
                "until": f"{now() + timedelta(days=2):%Y-%m-%dT%H:00}"}


def next_month() -> str:
    """A day for the next look at a hold, as a form sends it."""
    return f"{now() + timedelta(days=30):%Y-%m-%d}"


def settle(app: Flask) -> Records:
    """Add what the cast does not have, an upload and a sign-in link of Ben's, and name everything."""
    if app in _settled:
        store_of(app).put_back("maple")
    else:
        _settled[app] = _settle(app)
        store_of(app).keep("maple")
    return _settled[app]


# Settled once for each application; every test starts from a copy.
_settled: dict[Flask, Records] = {}


def _settle(app: Flask) -> Records:
    with app.app_context():
        uli, ada, ben = (_first(User, email=f"{name}@example.com") for name in ("uli", "ada", "ben"))
        refs = uli.ref, _first(Location, name="Toronto").ref, uli.organization.ref, _first(AuditEvent).ref
        with writing() as session:
            upload = Upload(organization_id=ada.organization_id, user_id=ada.id, file_name="users.csv")
            session.add(upload)
            token = links.add_link(None, ben)
            opt_out = OptOut(organization_id=ada.organization_id, theirs="+16475550111", state=OptOutState.OUT,
                             source=OptOutSource.MANUAL, note="by phone")
            consent = ConsentRecord(organization_id=ada.organization_id, theirs="+16475550115", given_at=now(),
                                    kind=ConsentKind.EXPRESS, proof="by phone", by_id=ada.id)
            session.add_all((opt_out, consent))
            session.flush()
            # A file of opt-outs that was checked, and a request on the web that waits; they have the same ref.
            optouts = Upload(ref=opt_out.ref, organization_id=ada.organization_id, user_id=ada.id,
                             file_name="opt-outs.csv", opt_outs=True)
            session.add(optouts)
            session.flush()
            session.add_all((UploadContent(upload_id=upload.id, content=FILE),
                             UploadContent(upload_id=optouts.id, content=OPTOUTS)))
            session.add(WebAsk(ref=opt_out.ref, organization_id=ada.organization_id, theirs="+16475550112", waits=True))
        check_upload(upload, ImportTerms(ada.organization_id or 0, True, False, ("en",), frozenset()))
        talk = hold(uli.id, text_out("Hello Jane"), text_in("Who is this?"),
                    text_out("Still there?", TextState.UNKNOWN),
                    name="Jane Doe")
        read_all(_first(Conversation, ref=talk))
        filed = reports.file_report(reports.ReportInput("+1 416 555 0101", "You won!"), "somewhere")
        with writing() as session:
            case = Case(organization_id=ada.organization_id, number_id=uli.number.id, user_id=uli.id, target_at=now())
            session.add(case)
        # An operator who opens or downloads it has done so before: the log notes that once an hour.
        decisions.note_case_view(_first(User, email="olga@example.com"), case)
        decisions.note_case_export(_first(User, email="olga@example.com"), case)
        said = (talk, ref_of("Still there?"), ref_of("Who is this?"), opt_out.ref, consent.ref, filed.token, case.ref,
                _slow(uli).ref, appeals.file_appeal(ben, _slow(ben), "It was a mistake").ref,
                _claim(_first(User, email="rita@example.com")), *_keep(ada, _first(User, email="rita@example.com")),
                inventories.store_inventory(_first(User, email="olga@example.com"), "numbers.csv", INVENTORY).ref,
                _offer(ada), _carrier(ada), _change(ada))
        ids, file = {"Ada": ada.id, "Olga": _first(User, email="olga@example.com").id}, upload.ref
    found = Records(*refs, file, "", token, *said, {})
    for who, rules in PAGES.items():
        browser = app.test_client().sign_in(ids[who])
        for rule in rules:
            found.hidden.update(Carried(browser.get(found.address(rule)).text).found)
    with app.app_context():
        return found._replace(session=_first(SignInSession).ref)


def _carrier(ada: User) -> str:
    """A carrier that takes no texts yet."""
    with writing() as session:
        record = CarrierRecord(
            kind="twilio", name="First", settings={"address": NOWHERE, "account": "AC1", "signing": "signature"},
            secrets=carrier_secrets.encrypt_secrets({"secret": "a token"}), secrets_at=now(), secrets_by=ada.name)
        session.add(record)
        session.flush()
        return record.ref


def _offer(ada: User) -> str:
    """A change of Ada's own setting that can be undone."""
    return toggle.change_setting(ada, ada, SettingValue(False), 0).undo


def _change(ada: User) -> str:
    """A change of many users by Ada that has ended and can be undone."""
    with writing() as session:
        made = LongChange(organization_id=ada.organization_id, user_id=ada.id, on=True, total=2, changed=2,
                          stage=ChangeStage.CHANGED, ended_at=now())
        session.add(made)
        session.flush()
        return made.ref


def _claim(user: User) -> str:
    """A number that waits for an operator."""
    with writing() as session:
        session.add(Claim(organization_id=user.organization_id or 0, user_id=user.id, e164="+14165550188",
                          kind=NumberKind.PLAIN))
    return _first(Claim).ref


def _keep(ada: User, rita: User) -> tuple[str, str, str]:
    """A hold, a request that waits, and one whose texts Rita has released to Ada."""
    held = holds.set_hold(ada, "+16475550110", "A court asks", now() + timedelta(days=30))
    waits, goes = (requests.ask_for_records(ada, "+16475550110", now() - timedelta(days=9), now() + timedelta(days=1),
                                            "She asked") for _ in range(2))
    requests.decide_records_request(rita, goes, released=True, answer="")
    return held.ref, waits.ref, goes.ref


def _slow(user: User) -> Restriction:
    """A restriction that lets through every text that the tests send."""
    with writing():
        terms = restrictions.RestrictionTerms(Restraint.THROTTLE, Cause.SPAM, "Ask first", now() + timedelta(days=3),
                                              60)
        return restrictions.add_restriction(_first(User, email="oskar@example.com"), terms,
                                            restrictions.RestrictionScope(
            Subject.USER, user.organization_id or 0, user_id=user.id), now())


# Where the forms stand that carry something along.
PAGES = {
    "Ada": ("/admin/import/<ref>", "/admin/locations/<ref>", "/admin/locations/<ref>/answers",
            "/admin/organization", "/admin/settings", "/admin/users",
            "/admin/users/<ref>"),
    "Olga": ("/operator/organizations/<ref>", "/operator/carriers/<ref>"),
}


class Carried(HTMLParser):
    """The hidden fields of the forms of a page, by the address of the form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._address = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag after the other: a form, then what stands in it."""
        said = dict(attrs)
        if tag == "form":
            self._address = said.get("action") or ""
        if tag == "input" and said.get("type") == "hidden" and said["name"] != "csrf_token":
            self.found.setdefault(self._address, {})[str(said["name"])] = said.get("value") or ""


def _first(kind: type[Any], **by: Any) -> Any:
    return db.session.scalars(select(kind).filter_by(**by).order_by(kind.id)).first()


@contextmanager
def reading_only(app: Flask) -> Iterator[None]:
    """No connection writes, even if the portal asks for it."""
    stop = store_of(app).read_only
    event.listen(Engine, "begin", stop)
    try:
        yield
    finally:
        event.remove(Engine, "begin", stop)


def walk(app: Flask, browse: Any, who: str) -> dict[str, Any]:
    """The answer to a visitor at every route with GET, by rule. Nothing can be written while they visit."""
    held = settle(app)
    if (app, who) not in _walked:
        browser, before = browse(who), tables(app)
        with reading_only(app):
            _walked[app, who] = {row.rule: browser.get(held.address(row.rule), buffered=True) for row in GETS}
        assert tables(app) == before, "a page that is looked at writes nothing"
    return _walked[app, who]


# The database is the same at the beginning of every test, so each walk is done once.
_walked: dict[tuple[Flask, str], dict[str, Any]] = {}


def tables(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, by table."""
    return store_of(app).rows()


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """After the block the database is as before it."""
    store_of(app).keep("undone")
    try:
        yield
    finally:
        store_of(app).put_back("undone")
