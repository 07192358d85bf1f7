"""Number, role, account and details go back to what they were; what was ended or given away meanwhile does not."""

from functools import partial

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import AccountState, AuditEvent, Location, Message, Number, StandIn, TextState
from portal.rules.numbers import NumberKind
from portal.services.accounts import links, sessions
from portal.services.people import numbers, users
from portal.services.texting import stand_ins
from portal.services.undo.results import UndoResult
from tests.talks import hold, text_out

pytestmark = pytest.mark.usefixtures("open_app")
ULI, BEN, FRESH, STRANGE = "+14165550101", "+14165550102", "+14165550177", "+14165550178"


@pytest.fixture
def act(row, locations, bring):
    """`act("remove")` does one of these things to Uli, by Ada or another administrator; the ref of the offer."""
    bring(FRESH)

    def save(by, name="Ulrike", email="ulrike@example.com", place="Halifax"):
        location = db.session.get_one(Location, locations[place].id)
        return users.save_user_details(by, row("Uli"), row("Uli").version, name, email, location)

    ways = {
        "remove": lambda by: numbers.remove_primary_number(by, row("Uli"), ULI),
        "assign": lambda by: numbers.assign_primary_number(by, row("Uli"), FRESH, ULI).undo,
        "claim": lambda by: numbers.assign_primary_number(by, row("Uli"), STRANGE, ULI).undo,
        "role": lambda by: users.set_roles(by, row("Uli"), row("Uli").version, admin=True, auditor=False),
        "deactivate": lambda by: users.deactivate_user(by, row("Uli")),
        "reactivate": lambda by: users.reactivate_user(by, row("Uli")),
        "details": save, "rename": partial(save, name="Ulla", email="uli@example.com", place="Toronto"),
    }
    return lambda way, by="Ada": ways[way](row(by))


@pytest.fixture
def state(row):
    """`state()` is all about Uli that Undo gives back."""

    def read():
        db.session.expire_all()
        uli = row("Uli")
        return (uli.name, uli.name_key, uli.email, uli.email_key, uli.location_id, uli.account, uli.admin, uli.auditor,
                numbers.held_number(uli), uli.number is not None)

    return read


WAYS = ["remove", "assign", "claim", "role", "deactivate", "details"]


@pytest.mark.parametrize("way", WAYS)
def test_undo_gives_back_what_was(act, undo, state, row, way):
    before = state()
    ref = act(way)
    changed = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert state() != before
    answer = undo(ref)
    assert (answer.result, answer.subject.name, state()) == (UndoResult.DONE, "Uli Brandt", before)
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.id, event.actor_name, event.details["undid"]) == (changed.id + 1, "Ada Keller", changed.ref)


SINCE = {"remove": "assign-again", "assign": "remove-again", "claim": "remove-again", "role": "rename",
         "deactivate": "reactivate", "details": "rename"}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_changed_since_stays(act, undo, everything, row, way):
    with writing():
        row("Ben").admin = True
    ref, by = act(way), row("Ben")
    match SINCE[way]:
        case "assign-again":
            numbers.assign_primary_number(by, row("Uli"), FRESH, "")
        case "remove-again":
            numbers.remove_primary_number(by, row("Uli"), numbers.held_number(row("Uli")))
        case other:
            act(other, by="Ben")
    before = everything()
    answer = undo(ref)
    assert (answer.result, answer.since.actor_name) == (UndoResult.CHANGED_SINCE, "Ben Okafor")
    assert everything() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("minutes", [0, 11])
def test_pressed_twice_or_too_late_changes_nothing(act, undo, everything, clock, way, minutes):
    ref = act(way)
    if minutes:
        clock.forward(minutes=minutes)
    else:
        undo(ref)
    before = everything()
    assert undo(ref).result is (UndoResult.TOO_LATE if minutes else UndoResult.DONE_BEFORE)
    assert everything() == before


@pytest.mark.parametrize("way", WAYS)
def test_what_holds_already_is_done_and_offers_nothing(act, row, way):
    """Also from a form that is older: nobody is signed out again, nothing is written."""
    act(way)
    uli, ada = row("Uli"), row("Ada")
    again = {
        "remove": lambda: numbers.remove_primary_number(ada, uli, ULI),
        "assign": lambda: numbers.assign_primary_number(ada, uli, FRESH, ULI).undo,
        "claim": lambda: numbers.assign_primary_number(ada, uli, STRANGE, ULI).undo,
        "role": lambda: users.set_roles(ada, uli, 1, admin=True, auditor=False),
        "deactivate": lambda: users.deactivate_user(ada, uli),
        "details": lambda: users.save_user_details(ada, uli, 1, uli.name, uli.email, uli.location),
    }
    version, event = uli.version, db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc())).first()
    assert again[way]() == ""
    assert (uli.version, db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc())).first()) == (
        version, event)


# --- numbers -------------------------------------------------------------------------------------


def test_a_number_that_another_person_got_is_not_taken_from_them(act, undo, row, everything):
    ref = act("remove")
    numbers.assign_primary_number(row("Ada"), row("Ben"), ULI, BEN)
    before = everything()
    answer = undo(ref)
    assert (answer.result, answer.clash.values) == (UndoResult.REFUSED, {"holder": "Ben Okafor"})
    assert everything() == before


def test_a_number_that_the_organization_lost_waits_again(act, undo, row):
    """It is claimed like any other number, and the answer says so."""
    ref = act("remove")
    with writing() as session:
        session.execute(update(Number).where(Number.e164 == ULI).values(e164="+14165550179"))
    answer = undo(ref)
    assert (answer.result, answer.now, answer.waits) == (UndoResult.DONE, ULI, True)
    assert row("Uli").claim.e164 == ULI


def test_no_number_comes_back_as_none(undo, row, bring):
    bring(FRESH)
    answer = undo(numbers.assign_primary_number(row("Ada"), row("Rita"), FRESH, "").undo)
    assert (answer.result, answer.now) == (UndoResult.DONE, "")
    assert numbers.held_number(row("Rita")) == ""
    assert db.session.scalars(select(Number).where(Number.e164 == FRESH)).one().kind is NumberKind.PLAIN


# --- accounts ------------------------------------------------------------------------------------


def test_no_session_link_or_text_comes_back(act, undo, row, people):
    """The answer counts the texts; the rest it says in any case."""
    with writing() as session:
        key = sessions.begin_session(session.get_one(type(row("Uli")), people["Uli"].id), "Test")
    token = links.make_link(row("Ada"), row("Uli"))
    hold(people["Uli"].id, text_out("Waits", TextState.QUEUED))
    ref = act("deactivate")
    with writing() as session:
        session.execute(update(Message).where(Message.body == "Waits").values(
            state=TextState.REFUSED, changed_at=now()))
    answer = undo(ref)
    assert (answer.result, answer.now, answer.stopped) == (UndoResult.DONE, row("Uli").account, 1)
    assert sessions.session_holder(key, now()) is None
    assert links.link_holder(token) is None
    assert db.session.scalars(select(Message.state).where(Message.body == "Waits")).one() is TextState.REFUSED


def test_an_invited_person_is_invited_again(undo, row):
    with writing():
        row("Uli").account, row("Uli").password_hash = AccountState.INVITED, ""
    answer = undo(users.deactivate_user(row("Ada"), row("Uli")))
    assert (answer.now, row("Uli").account) == ("invited", AccountState.INVITED)


def test_who_answered_does_not_any_more_and_does_again(undo, row, people):
    hold(people["Uli"].id, text_out("Hello"))
    done = stand_ins.deactivate_with_stand_in(row("Ada"), row("Uli"), "ben@example.com")
    answer = undo(done.undo)
    assert (answer.member, db.session.get(StandIn, people["Uli"].id)) == ("Ben Okafor", None)
    stand_ins.deactivate_with_stand_in(row("Ada"), row("Uli"), "ben@example.com")
    answer = undo(users.reactivate_user(row("Ada"), row("Uli")))
    assert (answer.result, answer.now, answer.member) == (UndoResult.DONE, "deactivated", "Ben Okafor")
    assert db.session.get(StandIn, people["Uli"].id).answers_id == people["Ben"].id
    assert not row("Uli").active


def test_an_opened_account_is_closed_again(act, undo, row):
    act("deactivate")
    ref = act("reactivate")
    with writing() as session:
        key = sessions.begin_session(session.get_one(type(row("Uli")), row("Uli").id), "Test")
    assert undo(ref).now == "deactivated"
    assert sessions.session_holder(key, now()) is None


def test_the_last_administrator_stays(undo, row, everything):
    """Ben was made administrator and Ada none: what made Ben one cannot be undone."""
    ref = users.set_roles(row("Ada"), row("Ben"), 1, admin=True, auditor=False)
    with writing():
        row("Ada").admin = False
    before = everything()
    answer = undo(ref, by="Ben")
    assert (answer.result, answer.clash.field) == (UndoResult.REFUSED, "admin")
    assert everything() == before


def test_an_operators_account_stays_the_operators_affair(act, undo, row, everything):
    ref = act("deactivate")
    with writing():
        row("Uli").operator = True
    before = everything()
    assert undo(ref).result is UndoResult.REFUSED
    assert everything() == before


# --- details -------------------------------------------------------------------------------------


def test_an_address_that_another_person_has_now_is_refused(act, undo, row, locations, everything):
    ref = act("details")
    toronto = db.session.get_one(Location, locations["Toronto"].id)
    users.create_user(row("Ada"), "Una", "uli@example.com", toronto)
    before = everything()
    answer = undo(ref)
    assert (answer.result, answer.clash.field) == (UndoResult.REFUSED, "email")
    assert everything() == before


def test_the_address_until_now_is_told_and_links_to_it_end(act, undo, row):
    ref = act("details")
    token = links.make_link(row("Ada"), row("Uli"))
    answer = undo(ref)
    assert answer.old_address == "ulrike@example.com"
    assert links.link_holder(token) is None
