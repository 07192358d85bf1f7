"""The demo is believable, obeys the portal's own rules, and says how to get in."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import flask_migrate
import pytest
from sqlalchemy import func, select

from portal import demo
from portal.app import create_app
from portal.demo import cast, montreal, paperwork, story
from portal.extensions import db, now
from portal.models import (
    AuditEvent,
    CallReason,
    Case,
    ConsentRecord,
    Conversation,
    Direction,
    Inventory,
    Message,
    Number,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    PortalMark,
    Report,
    Upload,
    User,
    WebAsk,
)
from portal.models import TextState as MessageState
from portal.rules import BY_ID, UserState, encoding
from portal.rules.cases import OPEN_CASE_STATES, CaseState, Match
from portal.rules.facts import Category, ConsentKind, Restraint
from portal.rules.opening_hours import read_opening_hours
from portal.rules.switches import Level
from portal.rules.terms import AnswerLanguage
from portal.services import audit, waiting
from portal.services.accounts import demo_people, password_rules, passwords
from portal.services.imports import inventories
from portal.services.names import key_of_name
from portal.services.people import number_days
from portal.services.people.number_days import NumberPhase
from portal.services.records import holds, requests, transcripts
from portal.services.spam import appeals, cases, matching, restrictions
from portal.services.texting import conversations, stand_ins
from portal.services.toggles import eligibility, toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue
from portal.services.upkeep import housekeeping
from portal.wording.log import event_in_words as in_words

PASSWORD = "a demo for everybody"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The demo, made once: the application, what was printed, and the hashes of passwords before anybody signs in.

    On a machine so slow that a look at reports ends with the first one.
    """
    app = create_app({"DEMO_PASSWORD": PASSWORD}, tmp_path_factory.mktemp("demo"))
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "LONGEST_MATCHING", 0)
        flask_migrate.upgrade()
        printed = demo.build_demo(app.config["SETTINGS"])
        hashes = Counter(db.session.scalars(select(User.password_hash)))
        db.session.remove()
        db.engine.dispose()
    yield SimpleNamespace(app=app, printed=printed, hashes=hashes)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def open_demo(built):
    with built.app.app_context():
        yield


def organization(name):
    return db.session.scalars(select(Organization).where(Organization.name == name)).one()


def user(email):
    return db.session.scalars(select(User).where(User.email == email)).one()


def standings(name):
    """(state, ids of the rules in the way) of every user, counted."""
    snapshot = OrganizationSnapshot.read(organization(name).id)
    counted = Counter()
    for profile, user_id, many, _place_ids in snapshot.groups():
        held = snapshot.standing(profile, user_id)
        counted[held.state, frozenset(reason.id for reason in held.decision.blocking)] += many
    return counted


# --- who is there --------------------------------------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_everybody_has_the_one_password_or_has_still_to_choose(built):
    assert len(built.hashes) == 2
    assert built.hashes[""] == 5
    assert all(passwords.check_password(user(one.address), PASSWORD) for one, _role in cast.DEMO_SIGN_INS)


@pytest.mark.usefixtures("strong_hashes")
def test_the_cast_can_sign_in(built):
    for address in ("ada", "olga"):
        browser = built.app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)', browser.get("/sign-in").text).group(1)
        data = {"csrf_token": token, "email": f"{address}@example.com", "password": PASSWORD}
        assert browser.post("/sign-in", data=data).status_code == 303


@pytest.mark.usefixtures("open_demo")
def test_roles_are_as_told():
    roles = {person.name: (person.admin, person.auditor, person.operator)
             for person in db.session.scalars(select(User)) if person.has_role}
    assert roles == {
        "Ada Keller": (True, False, False), "Otto Lang": (True, False, False), "Tess Lindgren": (True, False, False),
        "Rita Sandoval": (False, True, False),
        "Olga Weiss": (False, False, True), "Oskar Lind": (False, False, True),
    }


@pytest.mark.usefixtures("open_demo")
def test_numbers_are_none_that_anybody_has():
    numbers = list(db.session.scalars(select(Number.e164)))
    assert {"+14165550101", "+14165550102"} == {user("uli@example.com").number.e164,
                                                user("ben@example.com").number.e164}
    # 0110 to 0159 answer by script.
    assert all(re.fullmatch(r"\+1\d{3}5550(10\d|1[6-9]\d)", number) for number in numbers)


# --- how they stand ------------------------------------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_at_maple_clinic_most_can_text_and_there_is_every_other_case():
    counted = standings("Maple Clinic")
    states = Counter()
    for (state, _why), many in counted.items():
        states[state] += many
    assert sum(states.values()) == 40
    assert states[UserState.CAN_TEXT] > 20
    assert min(states[state] for state in UserState) >= 3
    reasons = frozenset().union(*(why for _state, why in counted))
    assert reasons == {"location-pstn", "number-source", "primary-number", "account-inactive", "texting-off",
                       "app-version", "blocked", "number-unconfirmed"}


@pytest.mark.usefixtures("open_demo")
def test_every_level_has_words_and_somebody_is_slowed():
    snapshot = OrganizationSnapshot.read(organization("Maple Clinic").id)
    effective = [snapshot.effective(profile) for profile, _id, _many, _place_ids in snapshot.groups()]
    found = {(setting.level, setting.on) for setting in effective}
    assert found == {(Level.ORGANIZATION, True), (Level.LOCATION, True), (Level.LOCATION, False), (Level.USER, True),
                     (Level.USER, False)}
    assert any(word.locked and word.reason for word in snapshot.units.settings.values())
    assert sum(snapshot.standing(one.profile, one.user_id).slowed for one in snapshot.groups()) == 3


@pytest.mark.usefixtures("open_demo")
def test_only_the_notice_keeps_harbor_health_from_texting():
    harbor = organization("Harbor Health")
    assert standings("Harbor Health") == {(UserState.OFF, frozenset({"texting-off"})): 5}
    decision = toggle.judge_change(user("otto@example.com"), harbor, SettingValue(on=True))
    assert [reason.id for reason in decision.blocking] == ["hipaa-unacknowledged"]


@pytest.mark.usefixtures("open_demo")
def test_only_its_type_keeps_the_trial_from_texting():
    assert standings("Birch & Lane Books") == {(UserState.NOT_AVAILABLE, frozenset({"customer-type"})): 4}


# --- what has happened ---------------------------------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_the_log_tells_it_in_order_and_in_sentences():
    for name in ("Maple Clinic", "Harbor Health", "Birch & Lane Books"):
        events = audit.list_events(organization(name).id, most=500)
        moments = [event.at for event in events]
        assert moments == sorted(moments, reverse=True)
        assert moments[0] < now()
    assert (now() - events[0].at).days < 7


def test_every_event_has_its_words(built):
    with built.app.test_request_context():
        told = [in_words(*audit.event_sentence(event)) for event in db.session.scalars(select(AuditEvent))]
    assert "Ada Keller turned texting on for Maple Clinic (was: default setting)." in told
    assert not any("%(" in sentence for sentence in told)


@pytest.mark.usefixtures("open_demo")
def test_dates_are_told_only_while_the_demo_is_made():
    with demo.Diary(now()) as diary:
        assert diary.moment < now()
    toggle.change_setting(user("ada@example.com"), user("uli@example.com"), SettingValue(on=True), 0)
    assert (now() - audit.list_events_about(user("uli@example.com"))[0].at).seconds < 60


# --- what was written ----------------------------------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_there_are_texts_in_every_state_and_notes():
    assert set(db.session.scalars(select(Message.state))) == set(MessageState)
    assert set(db.session.scalars(select(Message.direction))) == set(Direction)
    assert {OptOutState.OUT, OptOutState.LIKELY_OUT} <= set(db.session.scalars(select(OptOut.state)))
    assert {OptOutSource.STOP, OptOutSource.MANUAL} <= set(db.session.scalars(select(OptOut.source)))


@pytest.mark.usefixtures("open_demo")
def test_conversations_are_with_numbers_that_nobody_has():
    theirs = set(db.session.scalars(select(Conversation.theirs)))
    assert all(re.fullmatch(r"\+1\d{3}55501[1-5]\d|\d{5}", number) for number in theirs)
    assert sum(db.session.scalars(select(Conversation.unread))) >= 3
    assert sum(db.session.scalars(select(Conversation.blocked))) == 1


@pytest.mark.usefixtures("open_demo")
def test_what_was_written_is_as_the_portal_would_have_stored_it():
    for one in db.session.scalars(select(Message).where(Message.direction == Direction.OUT)):
        assert one.segments == encoding.pack_text(one.body).segments
        assert one.automatic == (one.submission_key is None)
        assert one.at < now()
        assert all(rule in BY_ID for rule in one.why)
    for one in db.session.scalars(select(Conversation)):
        assert one.last_id == db.session.scalar(select(func.max(Message.id)).where(Message.conversation_id == one.id))
        assert one.name_key == key_of_name(one.name)
        lines = db.session.scalars(select(Message).where(Message.conversation_id == one.id)).all()
        # What only a call makes read counts all the same.
        waits = sum(line.id > one.read_up_to and line.direction is Direction.IN for line in lines)
        assert one.unread == (waits if one.call_at else sum(conversations.is_line_unread(one, line) for line in lines))


@pytest.mark.usefixtures("strong_hashes")
def test_every_page_of_the_conversations_can_be_read(built):
    """No text that came in breaks a page."""
    with built.app.app_context():
        uli = user("uli@example.com")
        refs = list(db.session.scalars(select(Conversation.ref).where(Conversation.user_id == uli.id)))
    browser = built.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)', browser.get("/sign-in").text).group(1)
    browser.post("/sign-in", data={"csrf_token": token, "email": "uli@example.com", "password": PASSWORD})
    assert len(refs) > 10
    for address in ("/messages/", "/messages/new", *(f"/messages/{ref}" for ref in refs)):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "\u202e" not in answer.text


# --- what an administrator and an operator find --------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_one_number_comes_one_leaves_and_one_has_left():
    maple, today = organization("Maple Clinic"), number_days.current_day("America/Toronto")
    phases = {number.e164: number_days.phase_of_number(number, today) for number in db.session.scalars(
        select(Number).where(Number.organization_id == maple.id)) if number.from_on or number.until_on}
    assert phases == {"+14165550178": NumberPhase.COMING, "+14165550162": NumberPhase.OURS,
                      "+16175550167": NumberPhase.GONE}
    leaving = eligibility.standing_of_user(user("omar.haddad@example.com"))
    assert [reason.id for reason in leaving.decision.reasons if reason.id == "number-leaving"]


@pytest.mark.usefixtures("open_demo")
def test_the_opt_outs_of_an_earlier_system_are_there_and_a_bad_row_was_handed_back():
    kept = db.session.scalars(select(Upload).where(Upload.opt_outs)).one()
    assert {name: kept.done[name] for name in ("created", "wrong")} == {"created": 4, "wrong": 1}
    assert kept.uploaded_at <= kept.imported_at < now()
    sources = Counter(db.session.scalars(select(OptOut.source).where(OptOut.theirs.like("+1617555012_"))))
    assert sources == {OptOutSource.STOP: 2, OptOutSource.CARRIER: 1, OptOutSource.MANUAL: 1}


@pytest.mark.usefixtures("open_demo")
def test_an_inventory_waits_that_would_confirm_a_claim():
    plan = inventories.plan_inventory(db.session.scalars(select(Inventory)).one())
    assert plan.counts == {"confirmed": 1, "added": 10, "dated": 0}
    assert not plan.wrong


@pytest.mark.usefixtures("open_demo")
def test_records_are_released_asked_for_and_held():
    ada = user("ada@example.com")
    rows, _more = requests.list_request_rows(ada)
    assert [(row.request.theirs, row.request.released) for row in rows] == [
        ("+16475550123", None), ("+14165550153", True)]
    assert rows[1].request.ends_at - rows[1].request.decided_at == requests.RELEASED_FOR
    assert requests.may_decide_request(user("rita@example.com"), rows[0].request)
    assert len(transcripts.read_transcript(ada, rows[1])) > 3
    assert [row.request.theirs for row in requests.list_releases_about(user("uli@example.com"))] == ["+14165550153"]
    assert [row.hold.theirs for row in holds.list_hold_rows(ada)[0]] == ["+16475550110"]


@pytest.mark.usefixtures("open_demo")
def test_ben_answers_for_frank_who_left():
    ben, frank = user("ben@example.com"), user("frank.doyle@example.com")
    assert stand_ins.find_stand_in(frank).name == "Ben Okafor"
    assert waiting.count_for_overview(ben.organization_id, ben.id).unanswered == 0
    handed = db.session.scalars(select(Conversation).where(
        Conversation.user_id == ben.id, Conversation.theirs == paperwork.FRANKS.theirs)).one()
    assert (handed.name, handed.unread) == ("Paula Reyes", 1)
    assert (now() - handed.last_at).days > 5
    inbox = db.session.scalars(select(Conversation).where(Conversation.user_id == ben.id).order_by(
        Conversation.last_id.desc())).all()
    assert [one.last_at for one in inbox] == sorted((one.last_at for one in inbox), reverse=True)


@pytest.mark.usefixtures("open_demo")
def test_requests_on_the_web_warn_and_one_waits():
    asked = Counter(db.session.scalars(select(WebAsk.waits)))
    assert asked == {False: 5, True: 1}


@pytest.mark.usefixtures("open_demo")
def test_consents_are_of_every_kind_and_people_are_to_be_called():
    assert set(db.session.scalars(select(ConsentRecord.kind))) == set(ConsentKind)
    assert {CallReason.AFTER_STOP, CallReason.CANCELED} <= set(db.session.scalars(select(Conversation.call_reason)))


@pytest.mark.usefixtures("open_demo")
def test_montreal_has_opening_hours_and_answers_in_both_languages():
    chloe = user("chloe@example.com")
    assert chloe.location.answer_language is AnswerLanguage.BOTH
    assert read_opening_hours(chloe.location.opening_hours) == cast.WEEKDAYS
    told = list(db.session.scalars(select(Message.body).where(Message.user_id == chloe.id, Message.automatic)))
    assert sorted(told) == [
        ("Maple Clinic : fermé/closed. Lu/read: lundi/Monday 08:00. Pressant/urgent? +1 416 555 0100."
        " Urgence/emergency: 911."),
        ("Maple Clinic : vous ne recevrez plus nos textos / no more texts from us. Pour reprendre, textez START / text"
        " START to resume.")]


@pytest.mark.parametrize("days", range(8))
@pytest.mark.parametrize("hour", [0, 3, 15, 23])
def test_the_evening_in_montreal_is_one_on_which_the_clinic_is_closed(days, hour):
    moment = datetime(2025, 3, 5, hour, 30, tzinfo=UTC) + timedelta(days=days)
    evening = montreal.latest_closed_evening(moment)
    assert (evening.weekday(), evening.hour) == (6, 20)
    assert timedelta(days=1) <= moment - evening <= timedelta(days=8)
    assert cast.WEEKDAYS.opens_after(evening, montreal.ZONE)


# --- what was reported ---------------------------------------------------------------------------


@pytest.mark.usefixtures("open_demo")
def test_there_are_cases_of_every_kind():
    held = {db.session.get(User, one.user_id).name: one for one in db.session.scalars(select(Case))}
    assert {name: (one.state, one.verified, one.known) for name, one in held.items()} == {
        "Mateo Silva": (CaseState.OPEN, 3, 1), "Liam Tremblay": (CaseState.OPEN, 2, 0),
        "Chloe Gagnon": (CaseState.OPEN, 0, 1), "Emily Carter": (CaseState.ASSIGNED, 1, 0),
        "Noah Fraser": (CaseState.NOT_UPHELD, 1, 0), "Grace Kim": (CaseState.UPHELD, 2, 0),
    }
    first = cases.list_case_rows(cases.CaseFilters(), user("olga@example.com"))[0][0]
    assert (first.user, first.case.category) == ("Mateo Silva", Category.SCAM)
    matched = Counter(db.session.scalars(select(Report.matched)))
    assert matched == {Match.VERIFIED: 9, Match.KNOWN: 2, Match.UNMATCHED: 2}
    assert any("<script>" in body and "\u202e" in body for body in db.session.scalars(
        select(Report.body).where(Report.case_id.is_not(None))))


@pytest.mark.usefixtures("open_demo")
def test_somebody_is_slowed_by_reports_and_an_appeal_waits():
    rows, more = restrictions.list_restriction_rows(ended=False)
    assert [(row.user or row.number, row.by) for row in rows] == [
        ("Mateo Silva", ""), ("Grace Kim", "Olga Weiss"), ("+14165550171", "Olga Weiss"),
        ("Zoé Lefèvre", "Olga Weiss")]
    assert not more
    assert all(row.restriction.note and row.restriction.until > now() for row in rows)
    (waiting,) = appeals.list_waiting_appeals()
    assert (waiting.by, waiting.restriction.restraint) == ("Grace Kim", Restraint.THROTTLE)
    assert appeals.obstacle_to_decision(user("oskar@example.com"), waiting) == ""
    assert appeals.obstacle_to_decision(user("olga@example.com"), waiting)


@pytest.mark.usefixtures("open_demo")
def test_what_happened_to_a_case_is_told_in_order():
    for one in db.session.scalars(select(Case)):
        moments = [entry.at for entry, _who in cases.history_of_case(one)][::-1]
        assert moments == sorted(moments)
        assert one.opened_at <= moments[0] < now()
        assert one.target_at > one.opened_at
        assert (one.closed_at is None) == (one.state in OPEN_CASE_STATES)


# --- getting in ----------------------------------------------------------------------------------


def test_accounts_and_password_are_printed(built):
    assert f"Password of all demo accounts: {PASSWORD}" in built.printed
    for one, role in cast.DEMO_SIGN_INS:
        assert re.search(rf"{one.address} +{one.name} +{role}", built.printed)


def test_a_password_that_nobody_chose_can_be_typed():
    made = {demo.make_memorable_password() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"([a-z]+-){3}[a-z]+", one) and len(one) >= password_rules.SHORTEST_PASSWORD
               for one in made)


@pytest.mark.usefixtures("open_demo")
@pytest.mark.parametrize(("chosen", "hint"), [
    (PASSWORD, "the one in DEMO_PASSWORD"),
    ("another one", "printed when the demo was made"),
    ("", "set DEMO_PASSWORD before the first start to choose it"),
])
def test_a_demo_greets_with_its_accounts(capsys, chosen, hint):
    demo.print_welcome(SimpleNamespace(demo_password=chosen))
    printed = capsys.readouterr().out
    assert "ada@example.com" in printed
    assert hint in printed
    assert not chosen or chosen not in printed


def test_a_portal_without_accounts_says_how_to_make_one(tmp_path, capsys):
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade()
        capsys.readouterr()
        demo.print_welcome(app.config["SETTINGS"])
        assert ".venv/bin/flask --app wsgi admin create you@example.com" in capsys.readouterr().out
        db.engine.dispose()


def test_a_portal_in_use_greets_nobody(app, inside, capsys):
    with inside():
        demo.print_welcome(app.config["SETTINGS"])
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("open_demo")
def test_the_database_is_marked_and_says_whom_the_sign_in_page_offers():
    assert housekeeping.is_demo_database()
    assert [one.email for one in demo_people.list_demo_people()] == [one.address for one, _role in cast.DEMO_SIGN_INS]


def test_the_mark_comes_first(tmp_path, monkeypatch):
    """A demo that broke off half-way has its known password too."""
    app = create_app({}, tmp_path)
    monkeypatch.setattr(story, "tell_story", lambda *_: 1 / 0)
    with app.app_context():
        flask_migrate.upgrade()
        with pytest.raises(ZeroDivisionError):
            demo.build_demo(app.config["SETTINGS"])
        assert db.session.scalars(select(PortalMark.name)).all() == ["demo"]
        db.engine.dispose()
